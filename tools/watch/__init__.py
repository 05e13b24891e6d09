"""`make watch`: who serves what, how much, how well, and what a cut-over does, while it happens."""
