"""Probabilities as functions of the data: their averages, and what changes them."""
