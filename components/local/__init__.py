"""The platform `local`: Docker on this machine."""
