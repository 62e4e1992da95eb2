"""What a user reads: tables first, then their layout as text and HTML."""
