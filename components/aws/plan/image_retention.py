"""Which images a repository keeps: its lifecycle policy, as a canonical JSON text. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_WITHOUT_TAG: Mapping[str, object] = {
    "tagStatus": "untagged",
    "countType": "sinceImagePushed",
    "countUnit": "days",
    "countNumber": 1,
}
"""What has no tag goes after a day."""


def keep_images(running: str, releases: int) -> str:
    """The image that runs is kept, and the last releases, so that there is something to go back to.

    running: the tag of the image that runs. ECR counts pushes, and a release that failed was pushed, too; but "an image
    that matches the tagging requirements of a rule cannot be expired by a rule with a lower priority" (ECR user guide,
    "Lifecycle policies"), and of one tag there is one image, which is not more than one.
    """
    return _policy(_newest(running, 1), _newest("*", releases), _WITHOUT_TAG)


@dataclass(frozen=True)
class Pushed:
    """What a repository had when the stack was last changed."""

    tag: str
    """Of the image that was pushed last."""
    policy: str
    """Its lifecycle policy."""


Outputs = Mapping[str, Mapping[str, Any]]
"""Of resources that the stack has, by logical name."""


def pushed(images: Outputs, policies: Outputs) -> Iterator[tuple[str, Pushed]]:
    """What the repositories had, by the logical name that an image shares with its policy."""
    for name, image in images.items():
        policy = policies.get(name)
        if policy is not None:
            yield name, Pushed(str(image.get("imageName")).rpartition(":")[2], str(policy.get("policy")))


def policy(running: str, releases: int, before: Pushed | None) -> str:
    """The policy for an image that runs. before: what its repository had; None: nothing.

    The policy of an earlier version, which did not name what runs, stays until the next image: an `up` that changes
    nothing else is to change nothing.
    """
    earlier = _policy(_newest("*", releases), _WITHOUT_TAG)
    return earlier if before == Pushed(running, earlier) else keep_images(running, releases)


def _newest(tag: str, count: int) -> dict[str, object]:
    """tag: a pattern. count: how many images are not expired."""
    return {"tagStatus": "tagged", "tagPatternList": [tag], "countType": "imageCountMoreThan", "countNumber": count}


def _policy(*selections: Mapping[str, object]) -> str:
    """Rules in the order of their priority."""
    rules = [
        {"rulePriority": number, "selection": selection, "action": {"type": "expire"}}
        for number, selection in enumerate(selections, start=1)
    ]
    return json.dumps({"rules": rules}, sort_keys=True, separators=(",", ":"))
