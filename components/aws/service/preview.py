"""What a plan shows of a value that is known only once something else is made."""

import pulumi


def shown(output: pulumi.Output[str], placeholder: str) -> pulumi.Output[str]:
    """The value; in a preview, where it isn't known yet, a text that says so. What is built around it can be read in
    the plan then, instead of being unknown as a whole."""
    if not pulumi.runtime.is_dry_run():
        return output

    async def known() -> str:
        value = await output.future()  # None where it isn't known
        return placeholder if value is None else value

    return pulumi.Output.from_input(known())
