"""Covariances, tests and intervals from parameters and a covariance, whatever was fitted."""
