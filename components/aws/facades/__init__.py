"""The facades on AWS: one public URL in front of the services. Each has a module."""
