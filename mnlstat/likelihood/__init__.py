"""Log-likelihoods with exact derivatives, as sums over rows."""
