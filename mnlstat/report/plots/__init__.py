"""Pictures of a fitted model: one module for each, on what they share (axes, style, subject)."""
