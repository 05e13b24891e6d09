"""The components for programs of one's own."""
