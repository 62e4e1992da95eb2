"""How good a fit is, numerically and statistically."""
