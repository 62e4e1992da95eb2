"""Formulas and frames on the way in: what the data taught, as plain frozen data."""
