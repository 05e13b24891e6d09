"""The facades on AWS: one public URL in front of the services, by three ways."""
