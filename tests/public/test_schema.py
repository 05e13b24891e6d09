"""What Pulumi's analyzer makes of the public components, and the pages that are written from it."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

import components
from components.manifest.count import COOLDOWN_IN, COOLDOWN_OUT
from components.manifest.http import DEREGISTRATION_DELAY, GRACE_PERIOD
from components.manifest.subscribe import RETENTION, TRIES, VISIBILITY
from components.public.hosted import hosted
from components.settings.facades import ANSWER, STICKINESS
from components.settings.service import STEADY_STATE
from tests.repository import ROOT
from tools.components_pages import PAGES, page


@cache
def schema() -> dict[str, Any]:
    """Of the package."""
    command = [sys.executable, "-m", "tools.components_pages", "schema"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def properties() -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Each property that can be given: its place, what the schema says of it, and whether it must be given."""
    found = schema()
    for token, resource in found["resources"].items():
        for name, about in resource["inputProperties"].items():
            yield f"{token}.{name}", about, name in resource["requiredInputs"]
    for token, kind in found["types"].items():
        for name, about in kind["properties"].items():
            yield f"{token}.{name}", about, name in kind.get("required", ())


def test_the_analyzer_accepts_every_public_component() -> None:
    names = [component.__name__ for component in hosted()]
    assert names == [
        "AlbFacade",
        "Environment",
        "FargateWebService",
        "FargateWorker",
        "HttpApiFacade",
        "RefactorSpacesFacade",
        "ScheduledJob",
    ]
    assert [*schema()["resources"]] == [f"strangler:index:{name}" for name in names]


def test_everything_in_it_is_described_with_its_default() -> None:
    given = list(properties())
    assert len(given) > 10
    assert [place for place, about, _ in given if not about.get("description")] == []
    assert [place for place, about, needed in given if not needed and "Default" not in about["description"]] == []
    found = schema()
    described = [*found["resources"].values(), *found["types"].values()]
    assert [kind for kind in described if not kind.get("description")] == []
    outputs = [about for resource in found["resources"].values() for about in resource["properties"].values()]
    assert [about for about in outputs if not about.get("description")] == []


WORKLOADS = ("FargateWebService", "FargateWorker", "ScheduledJob")
OWN_TEXTS = {"variables"}
"""What these say each in its own words: which variables their containers get besides."""


def test_what_workloads_have_in_common_is_said_in_the_same_words() -> None:
    """Pulumi's analyzer reads texts from the source of a class alone: what would be inherited is written again."""
    texts: dict[str, set[str]] = {}
    for workload in WORKLOADS:
        resource = schema()["resources"][f"strangler:index:{workload}"]
        for part in ("inputProperties", "properties"):
            for name, about in resource[part].items():
                texts.setdefault(f"{part} {name}", set()).add(" ".join(about["description"].split()))
    differing = {place.partition(" ")[2] for place, found in texts.items() if len(found) > 1}
    assert differing == OWN_TEXTS


def test_what_comes_of_other_resources_may_be_an_output_and_what_decides_is_plain() -> None:
    plain = {place for place, about, _ in properties() if about.get("plain")}
    inputs = {place.rpartition(":")[2] for place, _, _ in properties() if place not in plain}
    assert inputs == {
        "AlbFacade.listenerArn",
        "AlbTargetArgs.targetGroupArn",
        "Environment.certificateArn",
        "ExistingListenerArgs.arn",
        "ExistingListenerArgs.dnsName",
        "ExistingVpcArgs.id",
        "ExistingVpcArgs.privateSubnets",
        "ExistingVpcArgs.publicSubnets",
        "FargateWebService.environment",
        "FargateWebService.image",
        "FargateWorker.environment",
        "FargateWorker.image",
        "HttpTargetArgs.functionArn",
        "HttpTargetArgs.listenerArn",
        "HttpTargetArgs.url",
        "RefactorSpacesFacade.environmentId",
        "RefactorSpacesFacade.vpcId",
        "RefactorSpacesTargetArgs.functionArn",
        "RefactorSpacesTargetArgs.url",
        "ScheduledJob.environment",
        "ScheduledJob.image",
        "SidecarArgs.image",
        "VpcLinkArgs.loadBalancerSecurityGroupId",
        "VpcLinkArgs.subnetIds",
        "VpcLinkArgs.vpcId",
    }


BOUNDS = {
    "deregistrationDelaySeconds": DEREGISTRATION_DELAY,
    "gracePeriodSeconds": GRACE_PERIOD,
    "HttpApiFacade.timeoutSeconds": ANSWER,
    "messageRetentionSeconds": RETENTION,
    "scaleInCooldownSeconds": COOLDOWN_IN,
    "scaleOutCooldownSeconds": COOLDOWN_OUT,
    "steadyStateSeconds": STEADY_STATE,
    "stickinessSeconds": STICKINESS,
    "tries": TRIES,
    "visibilityTimeoutSeconds": VISIBILITY,
}
"""What readers of manifests and config take for the same things, by the end of a property's place."""


@pytest.mark.parametrize("name", BOUNDS)
def test_a_text_says_the_bounds_that_are_read(name: str) -> None:
    default, least, most = BOUNDS[name]
    places = [about["description"] for place, about, _ in properties() if place.endswith((f".{name}", f":{name}"))]
    assert places
    for text in (" ".join(place.split()) for place in places):
        assert f"{least} to {most}" in text or (least == 0 and f"up to {most}" in text)
        assert default is None or re.search(rf"Default: (\S+, )?{default}\.", text)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_the_one_that_the_schema_makes(name: str) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == page(name, schema()), (
        "run python -m tools.components_pages"
    )


def test_every_component_and_every_type_is_on_a_page() -> None:
    assert sorted(name for names in PAGES.values() for name in names) == [one.__name__ for one in hosted()]
    text = "".join(page(name, schema()) for name in PAGES)
    types = [token.rpartition(":")[2] for token in schema()["types"]]
    assert [name for name in types if text.count(f"\n### {name}\n") != 1] == []


def test_every_public_name_is_loaded_when_it_is_asked_for() -> None:
    assert sorted(components.__all__) == sorted(set(components.__all__))
    for name in components.__all__:
        assert getattr(components, name).__name__ == name
