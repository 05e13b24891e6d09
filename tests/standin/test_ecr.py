"""ECR: what a lifecycle policy deletes."""

import json

from tools.standin.ecr import Image, expired

OLD, NEW, LOOSE = Image(("a-1", "prod"), 9), Image(("b-1",), 1), Image((), 3)


def gone(*rules: dict[str, object]) -> set[Image]:
    """By rules in the order of their priority."""
    numbered = [{"rulePriority": number, "selection": rule} for number, rule in enumerate(rules, start=1)]
    return expired(json.dumps({"rules": numbered[::-1]}), [OLD, NEW, LOOSE])


def newest(number: int, **selection: object) -> dict[str, object]:
    return {"tagStatus": "tagged", "countType": "imageCountMoreThan", "countNumber": number, **selection}


def test_the_images_that_were_pushed_first_go() -> None:
    assert gone(newest(1, tagPatternList=["*"])) == {OLD}
    assert gone(newest(2, tagPatternList=["*"])) == set()
    assert gone(newest(1, tagStatus="any")) == {OLD, LOOSE}


def test_what_one_rule_matches_no_later_one_deletes() -> None:
    assert gone(newest(1, tagPatternList=["prod"]), newest(1, tagPatternList=["*"])) == set()
    assert gone(newest(1, tagPatternList=["other"]), newest(1, tagPatternList=["*"])) == {OLD}


def test_several_patterns_must_all_fit() -> None:
    assert gone(newest(1, tagPatternList=["*"]), newest(1, tagStatus="any")) == {OLD, LOOSE}
    assert gone(newest(1, tagPatternList=["a-*", "b-*"]), newest(1, tagPrefixList=["a-", "b-"])) == set()


def test_what_has_no_tag_goes_by_its_age() -> None:
    by_age = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days"}
    assert gone({**by_age, "countNumber": 2}) == {LOOSE}
    assert gone({**by_age, "countNumber": 4}) == set()
