"""Files that are written whole or not at all, and values as JSON and arrays."""
