"""A stand-in for the Pulumi plugin `docker` 4.11.2, for machines that cannot download it.

It works on the real Docker engine and follows the real plugin, so that one program runs on both. Nothing in
`components/` knows of it. Where it differs on purpose, the module concerned says so.
"""
