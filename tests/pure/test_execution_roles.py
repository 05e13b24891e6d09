"""With which role tasks are started, as their secrets change."""

from collections.abc import Sequence

from components.aws.plan.execution_roles import Outputs, StackAccount, place_of, version_of
from components.aws.plan.iam_policies import ROLE, read_secrets, secret_arn
from components.manifest.variables import Secret

HERE = StackAccount("aws", "eu-west-1", "123456789012")


def some(count: int, release: str = "first") -> list[Secret]:
    return [Secret("ssm", f"/board/{release}/secret-{number}") for number in range(count)]


def policies(**held: Sequence[Secret]) -> Outputs:
    """The state's, by what their names end with: `first`, or a version."""
    texts = {
        name: read_secrets(secret_arn(one, HERE.partition, HERE.region, HERE.account) for one in secrets)
        for name, secrets in held.items()
    }
    return {f"users-secrets{'' if name == 'first' else name}": {"policy": text} for name, text in texts.items()}


def version(secrets: Sequence[Secret], known: Outputs, place: StackAccount | None = HERE) -> str:
    return version_of("users", secrets, place, known)


def test_few_secrets_have_room_beside_those_of_the_release_before() -> None:
    known = policies(first=some(15))
    assert version(some(15), known) == ""
    assert version(some(15, "second"), known) == ""
    assert version([], known) == ""
    assert version(some(40), {}) == ""
    assert version(some(40), {}, None) == ""


def test_many_that_change_belong_to_a_role_of_their_own_and_turn_back_to_the_first() -> None:
    first, second, third = some(40), some(40, "second"), some(40, "third")
    assert version(first, policies(first=first)) == ""
    own = version(second, policies(first=first))
    assert own.startswith("-V")
    assert len(own) == 6
    both = policies(**{"first": first, own: second})
    assert version(second, both) == own, "an `up` that failed goes on"
    assert version(first, both) == "", "or is taken back"
    assert version(third, both) not in ("", own), "tasks of the first run yet"
    alone = policies(**{own: second})
    assert version(second, alone) == own
    assert version(third, alone) == "", "that place is free"


def test_a_large_policy_leaves_little_room_for_a_small_one() -> None:
    large = some(60)
    assert len(policies(first=large)["users-secrets"]["policy"]) < ROLE
    assert version(some(1, "second"), policies(first=large)) == ""
    assert version(some(9, "second"), policies(first=large)) != ""


def test_those_of_other_services_mean_nothing() -> None:
    known = {f"users-secrets-of-posts{name}": {"policy": "x" * 9_000} for name in ("", "-secrets")}
    assert version(some(40), known) == ""


def test_where_a_stack_is_its_clusters_say() -> None:
    assert place_of({}) is None
    assert place_of({"shared": {"arn": "arn:aws:ecs:eu-west-1:123456789012:cluster/shared-1"}}) == HERE
