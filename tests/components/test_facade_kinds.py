"""Every facade of the registry is whole: it has a component, and its column in the documentation. What each holds and
registers, and what a change to it or from it does, is seen by the tests that go through `FACADES`."""

from components.aws.facades.kinds import MAKE
from components.model.facades import FACADES, KINDS
from tests.repository import ROOT


def test_every_facade_can_be_made() -> None:
    assert set(MAKE) == set(KINDS)


def test_every_facade_has_its_column_beside_the_others() -> None:
    text = (ROOT / "docs/facades.md").read_text(encoding="utf-8")
    header = text.partition("## Side by side")[2].strip().splitlines()[0]
    assert [name for name in FACADES if f"`{name}`" not in header] == []
