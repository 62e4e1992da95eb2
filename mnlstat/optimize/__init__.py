"""Maximisation of any likelihood that speaks the protocol, and whether a maximum exists."""
