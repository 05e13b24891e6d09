"""The machine: its pure parts, and its steps with small scripts in the place of the programs that they call."""
