"""Layer 1: what is decided without Pulumi."""
