"""Untyped input (YAML, JSON) read into located, typed values, with every mistake collected. Pure."""
