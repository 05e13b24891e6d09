"""What only the account knows, by CloudFormation's names for it. Pure."""

from collections.abc import Sequence

PSEUDO_PARAMETERS = ("AWS::Partition", "AWS::Region", "AWS::AccountId")
"""Until they are known, a text has a placeholder for each: `<AWS::Region>`."""


def placeholder(name: str) -> str:
    """What stands for one of them."""
    return f"<{name}>"


def unknown_in(text: str) -> list[str]:
    """The names of those that a text waits for."""
    return [name for name in PSEUDO_PARAMETERS if placeholder(name) in text]


def filled(text: str, values: Sequence[str]) -> str:
    """A text with these values, in the order of `PSEUDO_PARAMETERS`, where it waits for them."""
    for name, value in zip(PSEUDO_PARAMETERS, values, strict=True):
        text = text.replace(placeholder(name), value)
    return text
