"""What fits models and does more with them than one fit."""
