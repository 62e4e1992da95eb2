"""Bad and extreme inputs, each with the answer that the package owes it."""
