"""`variables` and `secrets` of a manifest: what a container's environment holds. Pure."""

import re
from dataclasses import dataclass

from components.input.value import Value
from components.manifest.exports import is_pending
from components.manifest.support import BUILT, Field, Group, State

_ARN = r"arn:aws[a-z-]*:{service}:[a-z0-9-]+:[0-9]{{12}}:"

# Systems Manager, PutParameter: Name.
_PARAMETER = re.compile(r"[A-Za-z0-9_./-]{1,1011}")
_PARAMETER_ARN = re.compile(_ARN.format(service="ssm") + r"parameter/[A-Za-z0-9_./-]{1,1011}")

# Secrets Manager, CreateSecret: Name, and the ! in those that AWS's services manage (rds!cluster-…).
_NAMED = r"[A-Za-z0-9/_+=.@!-]{1,512}"

# Amazon ECS developer guide, "Pass Secrets Manager secrets": a key of the secret's JSON, a version's stage and its id
# may follow, each after a colon. With a registry's credentials, nothing may ("Private registry authentication").
_SECRET = _NAMED + "(?::[^:]*:[^:]*:[^:]*)?"
_SECRET_NAME = re.compile(_SECRET)
_SECRET_ARN = re.compile(_ARN.format(service="secretsmanager") + "secret:" + _SECRET)
_CREDENTIALS_NAME = re.compile(_NAMED)
_CREDENTIALS_ARN = re.compile(_ARN.format(service="secretsmanager") + "secret:" + _NAMED)


_SECRET_FIELD = Field(
    State.LEFT_OUT,
    State.BUILT,
    "if the service needs them, set variables with these names for this stack, under environments",
    reported=False,  # in one line for all services: components.local.checks
)
VARIABLES = Group(any_key=Group({"from_cfn": BUILT}, short=BUILT))
"""The fields of `variables`."""

SECRETS = Group(
    any_key=Group(
        {"secretsmanager": _SECRET_FIELD, "from_cfn": _SECRET_FIELD},
        short=_SECRET_FIELD,
        forms=(("secretsmanager",), ("from_cfn",)),
    )
)
"""The fields of `secrets`."""


@dataclass(frozen=True)
class Secret:
    """Where a secret is kept."""

    source: str
    """`ssm` (Systems Manager's Parameter Store) or `secretsmanager`."""
    name: str
    """The parameter's or the secret's name or ARN."""


def read_variables(at: Value) -> tuple[tuple[str, str], ...]:
    """The variables of a container, sorted. No value is an empty text."""
    return tuple(sorted(at.mapped(_variable).items()))


def read_secrets(at: Value) -> tuple[tuple[str, Secret], ...]:
    """The secrets of a container, sorted."""
    return tuple(sorted(at.mapped(_secret).items()))


def is_secret(text: str) -> bool:
    """Whether this is the name or the ARN of a whole secret in Secrets Manager."""
    return bool((_CREDENTIALS_ARN if text.startswith("arn:") else _CREDENTIALS_NAME).fullmatch(text))


def secret_of(address: str) -> Secret:
    """A secret by its ARN, or a parameter by its name or ARN."""
    return Secret("secretsmanager" if ":secretsmanager:" in address else "ssm", address)


def _variable(at: Value) -> str:
    return at.text("", "give a text")


def _secret(at: Value) -> Secret:
    if at.is_map():
        remedy = "give the secret's name, or an SSM parameter's name instead of the map"
        inner = at.required("secretsmanager", remedy)
        return _secrets_manager(inner) if inner else Secret("secretsmanager", "")
    text = _unquoted(at.text("", _ACCEPTED))
    if is_pending(text):
        return Secret("ssm", text)
    if ":secretsmanager:" in text:
        return _secrets_manager(at)
    if not (_PARAMETER_ARN if text.startswith("arn:") else _PARAMETER).fullmatch(text):
        at.fail(_ACCEPTED)
    return Secret("ssm", text)


_ACCEPTED = "give an SSM parameter's name, arn:aws:ssm:<region>:<account>:parameter/<name>, or secretsmanager: <name>"

_SECRET_ACCEPTED = (
    "give a secret's name or arn:aws:secretsmanager:<region>:<account>:secret:<name>, "
    "optionally followed by three fields, such as <name>:<key>::"
)


def _unquoted(text: str) -> str:
    """Without second quotes, as Copilot's documentation has them around an ARN (developing/secrets): they end up in its
    template as they are, where they quote once more. No name has one in it."""
    return text[1:-1] if len(text) > 2 and text[0] == text[-1] and text[0] in "'\"" else text


def _secrets_manager(at: Value) -> Secret:
    text = _unquoted(at.text("", _SECRET_ACCEPTED))
    if not (_SECRET_ARN if text.startswith("arn:") else _SECRET_NAME).fullmatch(text):
        at.fail(_SECRET_ACCEPTED)
    return Secret("secretsmanager", text)
