"""The errors that a user of the plugin sees."""

from tools.offline.docker_plugin.values import Values


class PluginError(Exception):
    """A request that failed; the message is what the user reads."""


class UnfinishedError(PluginError):
    """A creation that failed after the object came to be.

    The engine keeps such an object in the state, by `object_id` and `outputs`, so that the next `up` replaces it.
    """

    def __init__(self, message: str, object_id: str, outputs: Values) -> None:
        super().__init__(message)
        self.object_id = object_id
        self.outputs = outputs
