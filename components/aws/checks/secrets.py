"""Secrets that Secrets Manager would not find, or that a role can't be let read. Pure."""

import re
from collections.abc import Iterator

from components.aws.plan.iam_policies import ROLE, longest_read
from components.manifest.manifest import Manifest
from components.manifest.variables import Secret
from components.settings.stack import Stack

_SUFFIXED = re.compile(r".*-[A-Za-z0-9]{6}")


def check(stack: Stack) -> None:
    """Notes what AWS would not take, and warns of what it may not find."""
    for service in stack.services.values():
        characters = longest_read(service.manifest.all_secrets) if service.manifest.all_secrets else 0
        if characters > ROLE:
            found = (
                f"{len(set(service.manifest.all_secrets))} secrets, whose policy needs up to {characters:,} characters"
            )
            remedy = f"a role allows {ROLE:,}: combine values in one Secrets Manager secret, as keys of its JSON"
            stack.problems.add(service.where("secrets"), found, remedy)
    _check_names(stack)


def _check_names(stack: Stack) -> None:
    """Warns of names that end as an ARN does. A name becomes an ARN without its last six characters, which only AWS
    knows; such a one looks whole (Secrets Manager user guide, "Troubleshoot AWS Secrets Manager": "can't find my secret
    from a partial ARN")."""
    for service in stack.services.values():
        for place, secret in _secrets(service.manifest):
            name = secret.name.partition(":")[0]
            by_name = secret.source == "secretsmanager" and not secret.name.startswith("arn:")
            if by_name and _SUFFIXED.fullmatch(name):
                found = f"{name!r} ends with a hyphen and six characters, as a secret's ARN does"
                remedy = (
                    "give the complete ARN, with the suffix after the name: "
                    f"arn:aws:secretsmanager:…:secret:{name}-??????"
                )
                stack.problems.warn(service.where(place), found, remedy)


def _secrets(manifest: Manifest) -> Iterator[tuple[str, Secret]]:
    parts = [("secrets", manifest.secrets)]
    parts += [(f"sidecars.{sidecar.name}.secrets", sidecar.secrets) for sidecar in manifest.sidecars]
    if manifest.router:
        parts.append(("logging.secretOptions", manifest.router.secret_options))
        parts.append(("logging.secrets", manifest.router.container.secrets))
    for place, secrets in parts:
        for name, secret in secrets:
            yield f"{place}.{name}", secret
