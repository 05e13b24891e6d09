"""A route, as every facade takes it."""

from typing import NotRequired, TypedDict


class MarkArgs(TypedDict):
    """What a request carries."""

    name: str
    """Of the header or cookie, 1 to 40 letters, digits and `-`; in a cookie's name `_` too."""
    value: str
    """Its value, 1 to 64 letters, digits, `-` and `_`. It is no secret: whoever knows it is a tester."""


class TestersArgs(TypedDict):
    """Whose requests go to a route's target whatever the weight: those with a header, or those with a cookie."""

    header: NotRequired[MarkArgs]
    """The header that they carry. Default: they are told by a cookie."""
    cookie: NotRequired[MarkArgs]
    """The cookie that they carry. Default: they are told by a header."""


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
    testers: NotRequired[TestersArgs]
    """Whose requests the target gets whatever the weight. Default: nobody's."""
