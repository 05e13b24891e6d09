"""An environment on AWS: its network, load balancers, TLS, file system and logs."""
