"""Lines that tell how far the measuring is."""


def say(text: str) -> None:
    """Prints one line at once."""
    print(f"bench: {text}", flush=True)
