"""Numbers in rows, without labels: blocks that can be read again, and the one loop over them."""
