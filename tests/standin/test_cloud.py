"""The account: history, failures on demand, patience, saving."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from tests.standin import sample
from tests.standin.driver import Driver
from tools.standin import ec2, ecs
from tools.standin.cloud import AwsError, Cloud, Operation
from tools.standin.kinds import IncompleteError


def test_every_operation_leaves_a_snapshot_that_later_ones_do_not_change() -> None:
    driver = Driver()
    vpc = driver.create(ec2.VPC, "a", cidrBlock="10.0.0.0/16")
    after_creation = driver.cloud.history[-1].snapshot
    driver.update(vpc, enableDnsHostnames=True)
    driver.delete(vpc)
    assert [event.kind for event in driver.cloud.history] == ["create", "update", "delete"]
    assert [len(event.snapshot) for event in driver.cloud.history] == [1, 1, 0]
    assert after_creation.of(ec2.VPC)[0]["enableDnsHostnames"] is False
    assert driver.cloud.history[1].before is after_creation.of(ec2.VPC)[0]
    assert driver.cloud.history[1].snapshot.of(ec2.VPC)[0]["enableDnsHostnames"] is True


def test_a_slow_operation_shows_its_object_while_it_is_under_way() -> None:
    driver = Driver()
    front = sample.front(driver, sample.network(driver))
    driver.cloud.history.clear()
    service = sample.web(driver, front, "web", 1, "/*")
    phases = [(event.phase, event.after) for event in driver.cloud.history if event.type == ecs.SERVICE]
    assert [phase for phase, _ in phases] == ["begin", "end"]
    assert [item.hidden["tasks"]["healthy"] for _, item in phases if item] == [0, 1]
    assert driver.latest(service).hidden["tasks"]["healthy"] == 1


def test_a_watcher_sees_every_step_and_its_error_is_raised_at_the_end() -> None:
    driver = Driver()
    seen: list[str] = []

    def check(operation: Operation) -> None:
        seen.append(operation.name)
        if operation.name == "b":
            raise AssertionError("b must not be")

    def run() -> None:
        with driver.cloud.watching(check):
            for name, number in (("a", 1), ("b", 2), ("c", 3)):
                driver.create(ec2.VPC, name, cidrBlock=f"10.{number}.0.0/16")

    with pytest.raises(AssertionError, match="b must not be"):
        run()
    assert seen == ["a", "b", "c"]
    assert driver.cloud.on_operation is None


def test_a_planned_failure_hits_one_operation_before_it_happens() -> None:
    driver = Driver()
    driver.cloud.fail_next(ec2.VPC, "create", "no luck")
    with pytest.raises(AwsError, match="no luck"):
        driver.create(ec2.VPC, "a", cidrBlock="10.0.0.0/16")
    assert len(driver.cloud.snapshot) == 0
    assert driver.create(ec2.VPC, "a", cidrBlock="10.0.0.0/16").name == "a"


def test_a_planned_failure_after_the_fact_leaves_the_object() -> None:
    driver = Driver()
    driver.cloud.fail_next("::a", after=True, message="too late")
    with pytest.raises(IncompleteError, match="too late") as caught:
        driver.create(ec2.VPC, "a", cidrBlock="10.0.0.0/16")
    assert driver.cloud.of(ec2.VPC)[0].id == caught.value.current.id


def test_a_failure_waits_for_the_operation_that_it_is_meant_for() -> None:
    driver = Driver()
    driver.cloud.fail_next("::b", "delete", "not now")
    kept = driver.create(ec2.VPC, "b", cidrBlock="10.0.0.0/16")
    driver.delete(driver.create(ec2.VPC, "c", cidrBlock="10.1.0.0/16"))
    with pytest.raises(AwsError, match="not now"):
        driver.delete(kept)
    assert [resource.name for resource in driver.cloud.snapshot] == ["b"]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_nth_operation_can_be_made_to_fail(number: int) -> None:
    driver = Driver()
    driver.cloud.fail_at(number)
    made: list[int] = []
    for index in (1, 2, 3):
        try:
            driver.create(ec2.VPC, str(index), cidrBlock=f"10.{index}.0.0/16")
            made.append(index)
        except AwsError:
            pass
    assert made == [item for item in (1, 2, 3) if item != number]
    assert driver.cloud.attempts == 3


def test_durations_are_slept_times_the_scale() -> None:
    driver = Driver(Cloud(durations={f"{ec2.VPC}:create": 20.0}, time_scale=0.005, patience=0))
    started = time.monotonic()
    driver.create(ec2.VPC, "a", cidrBlock="10.0.0.0/16")
    assert time.monotonic() - started >= 0.1
    assert [event.phase for event in driver.cloud.history] == ["begin", "end"]


def test_what_pulumi_aws_waits_out_succeeds_as_soon_as_the_way_is_free() -> None:
    driver = Driver(Cloud(patience=60))
    vpc = driver.create(ec2.VPC, "a", cidrBlock="10.0.0.0/16")
    subnet = driver.create(ec2.SUBNET, "a", vpcId=vpc.id, cidrBlock="10.0.0.0/24")
    deletion = threading.Thread(target=driver.delete, args=(vpc,))
    deletion.start()
    driver.delete(subnet)
    deletion.join(timeout=60)
    assert [event.type for event in driver.cloud.history if event.kind == "delete"] == [ec2.SUBNET, ec2.VPC]


def test_a_saved_account_is_the_same_when_loaded(tmp_path: Path) -> None:
    driver = Driver()
    sample.web(driver, sample.front(driver, sample.network(driver)), "web", 1, "/*")
    driver.cloud.save(tmp_path / "cloud.json")
    loaded = Cloud.load(tmp_path / "cloud.json")
    assert {key: dict(resource.attributes) for key, resource in loaded.snapshot.objects.items()} == {
        key: dict(resource.attributes) for key, resource in driver.cloud.snapshot.objects.items()
    }
    assert loaded.named(ecs.SERVICE, "web").hidden == driver.cloud.named(ecs.SERVICE, "web").hidden
    assert loaded.new_id("vpc-") == driver.cloud.new_id("vpc-")


def test_a_missing_name_is_answered_with_the_names_that_there_are() -> None:
    driver = Driver()
    driver.create(ec2.VPC, "a", cidrBlock="10.0.0.0/16")
    with pytest.raises(LookupError, match="0 objects named b; there are: a"):
        driver.cloud.named(ec2.VPC, "b")


def test_a_setting_changed_outside_of_pulumi_is_part_of_the_history() -> None:
    driver = Driver()
    vpc = driver.create(ec2.VPC, "a", cidrBlock="10.0.0.0/16")
    changed = driver.cloud.drift(vpc, enableDnsSupport=False)
    assert changed.inputs["enableDnsSupport"] is False
    assert driver.cloud.history[-1].phase == "event"
    driver.cloud.forget(changed)
    assert len(driver.cloud.snapshot) == 0
