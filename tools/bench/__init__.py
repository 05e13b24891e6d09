"""Measures what the project promises of time, and writes docs/benchmarks.md: `make bench`."""
