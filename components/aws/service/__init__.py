"""A service on AWS: image, roles, task definition, ECS service and what leads to it."""
