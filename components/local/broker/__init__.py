"""The broker of messages on this machine: what it holds, as data, and the running one. No Pulumi."""
