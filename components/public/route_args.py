"""A route, as every facade takes it."""

from typing import NotRequired, TypedDict


class RouteArgs(TypedDict):
    """A path that a target may take over. Plain values: they decide which rules there are."""

    path: str
    """Path prefix, such as `/api/users`; a segment in braces, `{id}`, takes any one segment. Begins with `/`, and has
    no slash at its end. `/api/users` takes `/api/users`, `/api/users/` and all below it, and never `/api/usersx`."""
    target: str
    """Key of `targets`: who gets the requests."""
    methods: NotRequired[list[str]]
    """HTTP methods, in capitals. Default: all."""
    include_children: NotRequired[bool]
    """Whether it takes what is below the path too. Default: true."""
    weight: NotRequired[int]
    """Percent of matching requests that the target gets, 0 to 100; the others go where they would without this route.
    Default: 0, inactive."""
