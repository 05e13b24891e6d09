"""Rules that hold for everything that a stack on AWS registers."""

from pathlib import Path

import pytest

from components.model.facades import FACADES
from tests.components.recorder import Record
from tests.components.system import deployed, resources
from tests.projects import board

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
    for resource in stack.all:
        above = resource.parent.rpartition("::")[0].rpartition("$")[2].rpartition("::")[2]
        if resource.type == "strangler:index:Strangler":
            assert above == "pulumi:pulumi:Stack"
        else:
            assert above.startswith(("strangler:index:", "aws:")), resource.urn


def test_everything_that_takes_tags_says_whose_it_is(stack: Record) -> None:
    for resource in stack.all:
        if resource.type.startswith("aws:") and resource.type.rpartition(":")[2] not in UNTAGGED:
            tags: dict[str, str] = resource.inputs.get("tags") or {}
            assert tags.get("application") == "strangler", resource.urn
            assert tags.get("stack") == "dev", resource.urn
            if "Facade" not in resource.parent:
                assert tags.get("environment"), resource.urn
            if "LoadBalancedWebService" in resource.parent:
                assert tags.get("service"), resource.urn
    for vpc in stack.of("awsx:ec2:Vpc"):
        assert vpc.inputs["tags"] == {"application": "strangler", "stack": "dev", "environment": vpc.name}


def test_every_component_tells_what_it_made(stack: Record) -> None:
    components = [resource for resource in stack.all if resource.type.startswith("strangler:index:")]
    assert components
    for component in components:
        outputs = stack.outputs[component.urn]
        assert outputs, component.urn
        assert all(value is not None for key, value in outputs.items() if key != "domain_target"), component.urn


def test_components_look_nothing_up(stack: Record) -> None:
    assert set(stack.calls) <= LOOK_UPS
    assert len(stack.calls) == len(set(stack.calls))


def test_the_same_input_registers_the_same(tmp_path: Path) -> None:
    first, second = (deployed(tmp_path / name) for name in ("1", "2"))
    assert resources(first) == resources(second)
    for one, other in zip(
        sorted(first.all, key=lambda resource: resource.urn),
        sorted(second.all, key=lambda resource: resource.urn),
        strict=True,
    ):
        assert one.inputs == other.inputs, one.urn


def test_a_plan_registers_what_an_up_registers(tmp_path: Path) -> None:
    planned = deployed(tmp_path / "1", preview=True)
    assert resources(planned) == resources(deployed(tmp_path / "2"))


def test_a_further_environment_changes_nothing_in_the_others(tmp_path: Path) -> None:
    some = board()
    del some["users"]
    before, after = deployed(tmp_path / "1", some), deployed(tmp_path / "2", board())
    own = {resource.urn: resource.inputs for resource in after.all}
    for resource in before.all:
        if resource.type != "strangler:index:Strangler":
            assert own[resource.urn] == resource.inputs, resource.urn
