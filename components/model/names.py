"""Names that fit where AWS and Docker limit their length. Pure."""

import re
from hashlib import sha256

NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?")
"""What a service or an environment can be called."""

NAME_RULE = "use up to 40 lower-case letters, digits and -, starting with a letter"


def short_hash(text: str, length: int = 8) -> str:
    """The first hex digits of a text's SHA-256."""
    return sha256(text.encode()).hexdigest()[:length]


def fit(name: str, limit: int) -> str:
    """The name itself if it fits; else its beginning and a hash of the whole, so that two long names that begin alike
    stay two names (a bare cut is complaint 8 of docs/decisions.md)."""
    if len(name) <= limit:
        return name
    return f"{name[: limit - 9].rstrip('-')}-{short_hash(name)}"


def slug(name: str) -> str:
    """A name of lower-case letters, digits and single hyphens, as registries and DNS take them; a hash keeps two names
    apart that differ in what is left out."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return plain if plain == name else f"{plain or 'x'}-{short_hash(name)}"


def domain(environment: str, stack: str, project: str) -> str:
    """The domain in which the services of an environment find each other. A label has 63 characters (RFC 1035)."""
    return f"{environment}.{fit(slug(stack), 63)}.{fit(slug(project), 63)}.local"


def internal_domain(environment: str, stack: str, project: str) -> str:
    """The domain in which the backends of an environment have names that lead to their internal load balancer."""
    return domain(environment, stack, project).removesuffix("local") + "internal"
