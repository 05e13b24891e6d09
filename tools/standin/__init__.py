"""A stand-in for AWS, to run the real Pulumi engine against. See README.md."""
