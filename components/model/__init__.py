"""What the system is made of, as data: routes, environments, names. Imports nothing else of ours. Pure."""
