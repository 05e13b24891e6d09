"""What a program in another language is told by the plugin: `[[component, inputs], …]` on standard input, as JSON, and
on standard output for each the mistakes as Pulumi has them. A process of its own, as the plugin brings a copy of
Google's message types along."""

import json
import sys

from pulumi.errors import InputPropertiesError, InputPropertyErrorDetails

from components.public.hosted import provider


def main() -> None:
    """For all of them."""
    plugin = provider("strangler", "0.0.0")

    def told(component: str, inputs: dict[str, object]) -> list[InputPropertyErrorDetails]:
        try:
            plugin.construct("x", f"strangler:index:{component}", inputs)
        except InputPropertiesError as refused:
            return refused.errors or []
        raise AssertionError(f"{component} was made of {inputs}")

    json.dump([told(component, inputs) for component, inputs in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main()
