"""The IAM policies of the two roles of continuous integration, made from what the program makes."""
