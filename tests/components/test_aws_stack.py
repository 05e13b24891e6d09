"""Rules that hold for everything that a stack on AWS registers."""

from pathlib import Path

import pytest

from tests.components.recorder import Record
from tests.components.system import deployed, resources
from tests.projects import board

FACADES = ("refactor-spaces", "api-gateway", "alb")

UNTAGGED = (
    *("ClusterCapacityProviders", "LifecyclePolicy", "RolePolicy", "RolePolicyAttachment", "Vpc", "Policy"),
    *("aws-native:refactorspaces:Route", "Integration", "Route"),
)
"""Types that AWS gives no tags, or that hand theirs on."""

LOOK_UPS = {
    "pulumi:pulumi:readStackResourceOutputs",
    "aws:index/getRegion:getRegion",
    "aws:index/getCallerIdentity:getCallerIdentity",
    "aws:index/getPartition:getPartition",
    "aws:ecr/getAuthorizationToken:getAuthorizationToken",
}


@pytest.fixture(scope="module", params=FACADES)
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Record:
    """The message board behind each facade, with a route switched."""
    facade = str(request.param)
    return deployed(tmp_path_factory.mktemp(facade), board(), {"facade": facade, "routes": {"users": True}})


def test_everything_is_below_a_component(stack: Record) -> None:
    for each in stack.all:
        above = each.parent.rpartition("::")[0].rpartition("$")[2].rpartition("::")[2]
        if each.type == "strangler:index:Strangler":
            assert above == "pulumi:pulumi:Stack"
        else:
            assert above.startswith(("strangler:index:", "aws:")), each.urn


def test_everything_that_takes_tags_says_whose_it_is(stack: Record) -> None:
    for each in stack.all:
        if each.type.startswith("aws:") and each.type.rpartition(":")[2] not in UNTAGGED:
            tags: dict[str, str] = each.inputs.get("tags") or {}
            assert tags.get("application") == "strangler", each.urn
            assert tags.get("stack") == "dev", each.urn
            if "Facade" not in each.parent:
                assert tags.get("environment"), each.urn
            if "LoadBalancedWebService" in each.parent:
                assert tags.get("service"), each.urn
    for vpc in stack.of("awsx:ec2:Vpc"):
        assert vpc.inputs["tags"] == {"application": "strangler", "stack": "dev", "environment": vpc.name}


def test_every_component_tells_what_it_made(stack: Record) -> None:
    components = [each for each in stack.all if each.type.startswith("strangler:index:")]
    assert components
    for each in components:
        told = stack.outputs[each.urn]
        assert told, each.urn
        assert all(value is not None for key, value in told.items() if key != "domain_target"), each.urn


def test_components_look_nothing_up(stack: Record) -> None:
    assert set(stack.calls) <= LOOK_UPS
    assert len(stack.calls) == len(set(stack.calls))


def test_the_same_input_registers_the_same(tmp_path: Path) -> None:
    first, second = (deployed(tmp_path / name) for name in ("1", "2"))
    assert resources(first) == resources(second)
    for one, other in zip(
        sorted(first.all, key=lambda each: each.urn), sorted(second.all, key=lambda each: each.urn), strict=True
    ):
        assert one.inputs == other.inputs, one.urn


def test_a_plan_registers_what_an_up_registers(tmp_path: Path) -> None:
    planned = deployed(tmp_path / "1", preview=True)
    assert resources(planned) == resources(deployed(tmp_path / "2"))


def test_a_further_environment_changes_nothing_in_the_others(tmp_path: Path) -> None:
    some = board()
    del some["users"]
    before, after = deployed(tmp_path / "1", some), deployed(tmp_path / "2", board())
    own = {each.urn: each.inputs for each in after.all}
    for each in before.all:
        if each.type != "strangler:index:Strangler":
            assert own[each.urn] == each.inputs, each.urn
