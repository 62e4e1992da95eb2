"""Other software run on the same numbers."""
