"""A Python language host for the Pulumi engine, for machines that have the CLI without its language hosts.

README.md lists what it has in common with Pulumi's own, and what it lacks.
"""
