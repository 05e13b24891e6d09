"""Where it all runs. Pure."""

AWS, LOCAL = "aws", "local"
"""Amazon's, and Docker on this machine."""

PLATFORMS = (AWS, LOCAL)
"""All of them, as the config names them."""
