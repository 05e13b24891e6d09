"""Which load balancers an environment has, and how a service is attached to each."""

import pytest

from components.aws.plan.load_balancers import (
    AttachmentPlan,
    attachments,
    only_attached,
    scheme_of,
    schemes,
)
from components.aws.plan.ports import FIRST_PORT, own_ports
from components.model.facades import ALB, API_GATEWAY, FACADES, REFACTOR_SPACES, Scheme

APART = {name: name for name in ("monolith", "posts", "users")}
SHARED = dict.fromkeys(APART, "shared")
PUBLIC, INTERNAL = Scheme.PUBLIC, Scheme.INTERNAL


@pytest.mark.parametrize(
    ("facades", "found"),
    [
        (("refactor-spaces",), (PUBLIC,)),
        (("alb",), (PUBLIC,)),
        (("api-gateway",), (INTERNAL,)),
        (("api-gateway", "refactor-spaces"), (PUBLIC, INTERNAL)),
        (("refactor-spaces", "api-gateway"), (PUBLIC, INTERNAL)),
        (("api-gateway", "alb"), (PUBLIC, INTERNAL)),
    ],
)
def test_an_environment_has_the_load_balancers_of_its_facades_the_public_one_first(
    facades: tuple[str, ...], found: tuple[Scheme, ...]
) -> None:
    assert schemes([FACADES[name] for name in facades], None) == found


def test_the_settings_of_an_environment_choose_one_for_all() -> None:
    assert schemes((REFACTOR_SPACES, API_GATEWAY), wanted=PUBLIC) == (PUBLIC,)
    assert scheme_of(API_GATEWAY, (PUBLIC,)) is PUBLIC
    assert scheme_of(API_GATEWAY, (PUBLIC, INTERNAL)) is INTERNAL


def test_who_is_alone_in_an_environment_or_gave_it_its_name_has_port_80() -> None:
    assert own_ports(APART, (API_GATEWAY,)) == {}
    assert own_ports({"users": "apart"}, (API_GATEWAY,)) == {}
    assert set(own_ports({**APART, "posts": "users"}, (API_GATEWAY,))) == {"posts"}


def test_others_have_ports_of_their_own_that_stay_as_services_come_and_go() -> None:
    three = own_ports(SHARED, (API_GATEWAY,))
    assert len(set(three.values())) == 3
    assert min(three.values()) >= FIRST_PORT
    four = own_ports({**SHARED, "threads": "shared"}, (API_GATEWAY,))
    assert {name: four[name] for name in three} == three
    assert own_ports(SHARED, (API_GATEWAY, ALB)) == three


def test_beside_alb_no_service_has_port_80() -> None:
    assert set(own_ports({"users": "users"}, (API_GATEWAY, ALB))) == {"users"}


def test_a_service_is_attached_to_each_load_balancer() -> None:
    both = (PUBLIC, INTERNAL)
    assert attachments((REFACTOR_SPACES,), (PUBLIC,), None) == (AttachmentPlan(PUBLIC),)
    assert attachments((REFACTOR_SPACES, API_GATEWAY), both, None) == (AttachmentPlan(PUBLIC), AttachmentPlan(INTERNAL))


def test_beside_alb_a_rule_attaches_it_to_one_and_a_port_leads_to_it_on_the_other() -> None:
    assert attachments((API_GATEWAY, ALB), (PUBLIC, INTERNAL), 12_345) == (
        AttachmentPlan(PUBLIC),
        AttachmentPlan(INTERNAL, rule=False, port=12_345),
    )
    assert attachments((API_GATEWAY, ALB), (PUBLIC,), 12_345) == (AttachmentPlan(PUBLIC, rule=True, port=12_345),)


def test_a_plan_says_what_new_rules_with_the_path_of_everything_are_for() -> None:
    said = only_attached(["users", "posts", "monolith"], {"users": {}, "monolith-internal": {}})
    assert said
    assert said.startswith(
        "listener rules with the path /* (posts) come after all of the facade's and match no requests"
    )
    assert only_attached(["users"], {"users": {}}) is None
