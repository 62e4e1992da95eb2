"""Tables for papers: one small model of a table, and a renderer for each format."""
