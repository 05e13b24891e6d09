"""A stack that is up under another name is told, with the way back."""

from components.aws.plan import renamed

UP = {"shared": {"tags": {"application": "strangler", "stack": "dev"}}}


def test_a_stack_that_is_up_keeps_its_name() -> None:
    assert list(renamed.mistakes("strangler", "dev", UP)) == []
    assert list(renamed.mistakes("strangler", "dev", {})) == []
    assert list(renamed.mistakes("strangler", "dev", {"shared": {}})) == []
    (line,) = renamed.mistakes("strangler", "prod", {**UP, "other": UP["shared"]})
    assert line == (
        "the stack: found strangler/prod, but it was deployed as strangler/dev, which names on AWS contain: rename "
        "it back, by `pulumi stack rename dev -s prod`, or destroy it first"
    )
    (line,) = renamed.mistakes("board", "dev", UP)
    assert "by restoring the name strangler in Pulumi.yaml, and the stack's name," in line
