"""Finds or makes what a machine needs to run the project: `python3 -m tools.setup help`.

Only the standard library is imported here: it runs before the virtual environment exists.
"""
