"""The stand-in for AWS has rules of its own: here they are broken, one by one."""
