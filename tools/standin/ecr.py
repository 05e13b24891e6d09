"""Image repositories: full ones don't go, lifecycle rules make sense."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final, cast

from tools.standin.cloud import AwsError, Cloud, Object
from tools.standin.iam import policy_problems
from tools.standin.kinds import AutoName, Call, Kind, Problem, Ref, refuse
from tools.standin.values import Props, rows, table, texts

REPOSITORY: Final = "aws:ecr/repository:Repository"
LIFECYCLE: Final = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
POLICY: Final = "aws:ecr/repositoryPolicy:RepositoryPolicy"
_EXCLUSIONS: Final = "imageTagMutabilityExclusionFilters"
_CFN_EXCLUSIONS: Final = "ImageTagMutabilityExclusionFilters"


def registry(cloud: Cloud, region: str | None = None) -> str:
    """The account's registry host."""
    return cloud.registry or f"{cloud.account}.dkr.ecr.{region or cloud.region}.amazonaws.com"


def push(cloud: Cloud, url: str, digest: str) -> None:
    """Put an image into the repository with this URL, as a push does."""
    repository = cloud.snapshot.one(REPOSITORY, repositoryUrl=url)
    if repository is None:
        raise AwsError(
            "name unknown", f"the repository with URL '{url}' does not exist in the registry {cloud.account}"
        )
    images: list[str] = list(repository.hidden.get("images", []))
    if digest not in images:
        cloud.change(repository, images=[*images, digest])


def has_image(cloud_repository: Object | None, digest: str) -> bool:
    return cloud_repository is not None and digest in cloud_repository.hidden.get("images", [])


def _repository_verify_delete(call: Call) -> None:
    assert call.before is not None
    refuse(
        call.before.hidden.get("images") and not call.before["forceDelete"],
        "RepositoryNotEmptyException",
        f"the repository with name '{call.before.id}' in registry with id '{call.cloud.account}' cannot be deleted "
        "because it still contains images",
    )


def _lifecycle_problems(inputs: Props) -> Iterator[Problem]:
    text = inputs.get("policy")
    if not isinstance(text, str):
        return
    try:
        rules = cast("list[Props]", json.loads(text)["rules"])
    except (ValueError, KeyError, TypeError):
        yield "policy", "is not JSON with a list of rules"
        return
    priorities = [rule.get("rulePriority") for rule in rules]
    if len(set(priorities)) < len(priorities):
        yield "policy", "has the same rulePriority twice"
    for index, rule in enumerate(rules):
        yield from _lifecycle_rule_problems(f"policy.rules[{index}]", rule, priorities)


def _lifecycle_rule_problems(path: str, rule: Props, priorities: list[Any]) -> Iterator[Problem]:
    selection = table(rule.get("selection"))
    status, count_type = selection.get("tagStatus"), selection.get("countType")
    if not isinstance(rule.get("rulePriority"), int) or rule["rulePriority"] < 1:
        yield f"{path}.rulePriority", "a number from 1 is required"
    if rule.get("action", {}).get("type") not in ("expire", "transition"):
        yield f"{path}.action.type", f"is {rule.get('action', {}).get('type')!r}; accepted: expire"
    if status not in ("tagged", "untagged", "any"):
        yield f"{path}.selection.tagStatus", f"is {status!r}; accepted: tagged, untagged, any"
    if status == "any" and rule.get("rulePriority") != max(
        priority for priority in priorities if isinstance(priority, int)
    ):
        yield f"{path}.rulePriority", "a rule for any image has the highest number"
    if status == "tagged" and not (selection.get("tagPrefixList") or selection.get("tagPatternList")):
        yield f"{path}.selection", "a rule for tagged images needs tagPrefixList or tagPatternList"
    if count_type not in ("imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned"):
        yield f"{path}.selection.countType", f"is {count_type!r}; accepted: imageCountMoreThan, sinceImagePushed"
    if count_type == "sinceImagePushed" and selection.get("countUnit") != "days":
        yield f"{path}.selection.countUnit", "is 'days' with sinceImagePushed"
    if not isinstance(selection.get("countNumber"), int) or selection["countNumber"] < 1:
        yield f"{path}.selection.countNumber", "a number from 1 is required"


@dataclass(frozen=True)
class Image:
    """An image in a repository, as a lifecycle policy sees it."""

    tags: tuple[str, ...]
    age: float
    """Days since it was pushed."""


def expired(policy: str, images: Collection[Image]) -> set[Image]:
    """What ECR deletes by a policy (ECR user guide, "Lifecycle policies": rules go by priority, and "an image that
    matches the tagging requirements of a rule cannot be expired by a rule with a lower priority")."""
    gone, claimed = set[Image](), set[Image]()
    for rule in sorted(rows(json.loads(policy)["rules"]), key=lambda rule: int(rule["rulePriority"])):
        selection = table(rule["selection"])
        found = sorted((image for image in images if _selects(selection, image)), key=lambda image: image.age)
        number = int(selection["countNumber"])
        by_count = selection["countType"] == "imageCountMoreThan"
        gone.update({*(found[number:] if by_count else [image for image in found if image.age > number])} - claimed)
        claimed.update(found)
    return gone


def _selects(selection: Props, image: Image) -> bool:
    """Whether the tagging requirements fit: of several patterns, each one."""
    if selection["tagStatus"] != "tagged":
        return selection["tagStatus"] == "any" or not image.tags
    patterns = [
        *texts(selection.get("tagPatternList")),
        *(f"{prefix}*" for prefix in texts(selection.get("tagPrefixList"))),
    ]
    return bool(image.tags) and all(any(fnmatchcase(tag, pattern) for tag in image.tags) for pattern in patterns)


def _policy_problems(inputs: Props) -> Iterator[Problem]:
    for path, text in policy_problems("policy", inputs.get("policy")):
        if not path.endswith((".Principal", ".Resource")):
            yield path, text


def _repository_outputs(call: Call, identifier: str) -> Props:
    return {
        "arn": call.cloud.arn("ecr", f"repository/{identifier}"),
        "registryId": call.cloud.account,
        "repositoryUrl": f"{registry(call.cloud, call.settings.region)}/{identifier}",
    }


_REF: Final = Ref("repository", REPOSITORY, ("id", "name"), blocks=False, code="RepositoryNotFoundException")

KINDS: Final = (
    Kind(
        REPOSITORY,
        lambda call: str(call.inputs["name"]),
        cfn="AWS::ECR::Repository",
        names={
            "name": "RepositoryName",
            f"{_EXCLUSIONS}.filter": f"{_CFN_EXCLUSIONS}.ImageTagMutabilityExclusionFilterValue",
            f"{_EXCLUSIONS}.filterType": f"{_CFN_EXCLUSIONS}.ImageTagMutabilityExclusionFilterType",
        },
        autoname=AutoName(lower=True),
        defaults={"imageTagMutability": "MUTABLE"},
        unique=("name",),
        unique_code="RepositoryAlreadyExistsException",
        replace=frozenset({"encryptionConfigurations"}),
        verify_delete=_repository_verify_delete,
        outputs=_repository_outputs,
    ),
    Kind(
        LIFECYCLE,
        lambda call: str(call.inputs["repository"]),
        replace=frozenset({"repository"}),
        json_texts=frozenset({"policy"}),
        refs=(_REF,),
        problems=_lifecycle_problems,
        outputs=lambda call, _identifier: {"registryId": call.cloud.account},
    ),
    Kind(
        POLICY,
        lambda call: str(call.inputs["repository"]),
        replace=frozenset({"repository"}),
        json_texts=frozenset({"policy"}),
        refs=(_REF,),
        problems=_policy_problems,
        outputs=lambda call, _identifier: {"registryId": call.cloud.account},
    ),
)
