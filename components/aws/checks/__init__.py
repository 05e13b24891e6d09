"""What AWS would refuse, or never bring up, told before anything is made. Pure."""
