"""Copilot's manifests: one concept a module, each with its reader. Pure."""
