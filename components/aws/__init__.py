"""The platform `aws`: everything on Fargate, behind the facade that the settings name."""
