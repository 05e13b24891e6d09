"""What the program registers, as requests to AWS, checked against the models that AWS publishes of its interfaces."""
