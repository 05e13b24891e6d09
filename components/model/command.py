"""A command in a container of its own."""

LIKE = "strangler.like"
"""The label of a main container on this machine that says how another task of its kind is made."""


class CommandError(Exception):
    """The command can't be run. Its text is one line."""
