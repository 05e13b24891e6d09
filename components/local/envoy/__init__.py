"""The proxy of the local facade: its configuration and state as data, and its admin interface. No Pulumi."""
