"""The package: what is in the wheel, and programs that have nothing else of ours."""
