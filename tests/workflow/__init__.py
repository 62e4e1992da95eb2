"""Several fitted models."""
