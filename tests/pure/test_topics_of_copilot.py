"""A worker of a Copilot workspace whose publisher isn't in the stack: what becomes of its subscription."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from components.input.diagnostics import InputError
from components.local.broker.topology import topology_of
from components.manifest.exports import AddonsStack, LookUpError
from components.settings import Settings
from tests.projects import Tree, environment, read_project, without_numbers, write_workspace
from tests.pure.bad_workers import worker

PLACE = "copilot/worker/manifest.yml: subscribe.topics[0].service: no service 'shop' in this stack (known: worker); "
AWS: Tree = {"platform": "aws"}


class Account:
    """An account with these topics; None: it is not to be asked before `up`."""

    def __init__(self, *topics: str | None) -> None:
        self.topics, self.asked = topics, list[str]()

    def export(self, name: str) -> str:
        raise LookUpError(f"no export {name!r}", "look at its stack")

    def addons(self, place: AddonsStack) -> Mapping[str, str] | None:
        del place

    def has_topic(self, name: str) -> bool | None:
        self.asked.append(name)
        return None if None in self.topics else name in self.topics


class Closed(Account):
    """An account that may not be asked."""

    def has_topic(self, name: str) -> bool | None:
        raise LookUpError(f"the topic {name} can't be read: AccessDenied", "get permission for it")


def read(folder: Path, config: Tree, account: Account | None = None, **queue: object) -> Settings:
    """A worker that subscribes to a topic of shop, which another workspace has."""
    topic: Tree = {"name": "orders", "service": "shop", **queue}
    own = worker(subscribe={"topics": [topic]}, image={"build": "worker/Dockerfile"})
    write_workspace(folder, {"worker": own}, {"test": environment("test")}, application="store")
    config = {**config, "copilot": "copilot", "copilotEnvironment": "test"}
    return read_project(folder, config, "dev", look_ups=account)


def warnings_of(settings: Settings) -> list[str]:
    return [line for line in without_numbers(settings.warnings) if "subscribe" in line]


def test_a_topic_that_is_there_is_subscribed_to_and_its_stack_has_to_stay(tmp_path: Path) -> None:
    account = Account("store-test-shop-orders")
    assert warnings_of(read(tmp_path, AWS, account)) == [
        f"{PLACE}Copilot's topic store-test-shop-orders is subscribed to: its stack has to stay"
    ]
    assert account.asked == ["store-test-shop-orders"]


def test_a_topic_that_is_not_there_is_one_line_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        read(tmp_path, AWS, Account("store-prod-shop-orders"))
    assert without_numbers(refused.value.problems) == [
        f"{PLACE}Copilot has no topic store-test-shop-orders either: deploy shop first, here or with Copilot, or leave"
        " the subscriptions out by strangler:services.worker.ignore: subscribe.topics"
    ]
    left_out = {**AWS, "services": {"worker": {"ignore": "subscribe.topics"}}}
    assert warnings_of(read(tmp_path, left_out, Account())) == [
        "copilot/worker/manifest.yml: subscribe.topics: ignored, as Pulumi.dev.yaml: strangler:services.worker.ignore"
        " says; Copilot still uses it"
    ]


@pytest.mark.parametrize(
    ("queue", "there", "remedy"),
    [
        ({}, "orders.fifo", "write queue: {fifo: true}"),
        ({"queue": {"fifo": True}}, "orders", "write queue: true"),
    ],
)
def test_a_topic_of_the_other_order_is_named(tmp_path: Path, queue: Tree, there: str, remedy: str) -> None:
    wanted = "orders" if there.endswith(".fifo") else "orders.fifo"
    with pytest.raises(InputError) as refused:
        read(tmp_path, AWS, Account(f"store-test-shop-{there}"), **queue)
    assert without_numbers(refused.value.problems) == [
        f"{PLACE}Copilot has no topic store-test-shop-{wanted}, but store-test-shop-{there}: {remedy}"
    ]


@pytest.mark.parametrize("account", [None, Account(None)])
def test_a_plan_without_an_account_says_that_it_is_known_at_up(tmp_path: Path, account: Account | None) -> None:
    assert warnings_of(read(tmp_path, AWS, account)) == [
        f"{PLACE}Copilot's topic store-test-shop-orders is subscribed to, and has to be there: known at up"
    ]


def test_an_account_that_may_not_be_asked_hinders_nobody(tmp_path: Path) -> None:
    assert warnings_of(read(tmp_path, AWS, Closed())) == [
        f"{PLACE}Copilot's topic store-test-shop-orders is subscribed to, and has to be there; the topic"
        " store-test-shop-orders can't be read: AccessDenied; get permission for it"
    ]


@pytest.mark.parametrize(("queue", "end"), [({}, ""), ({"queue": {"fifo": True}}, ".fifo")])
def test_on_this_machine_a_topic_stands_for_it(tmp_path: Path, queue: Tree, end: str) -> None:
    account = Account()
    settings = read(tmp_path, {}, account, **queue)
    assert warnings_of(settings) == [
        f"{PLACE}a local topic store-test-shop-orders{end} replaces it, and gets only what you send to it"
    ]
    assert account.asked == []
    held = topology_of(settings.services)
    assert [topic.name for topic in held.topics] == [f"store-test-shop-orders{end}"]
    (made,) = held.subscriptions
    assert made.topic == f"store-test-shop-orders{end}"
    assert made.queue in {queue.name for queue in held.queues}
