"""Show the guilty part of a formula."""

from __future__ import annotations


def pointed(message: str, formula: str, start: int, stop: int) -> str:
    """Return ``message``, the formula, and a line of ``^`` under ``formula[start:stop]``."""
    width = max(1, min(stop, len(formula) + 1) - start)
    return f"{message}\n    {formula}\n    {' ' * start}{'^' * width}"


def first_line(error: BaseException) -> str:
    """Return the class and the first line of what a foreign exception says."""
    said = str(error).strip().splitlines()
    return f"{type(error).__name__}: {said[0]}" if said else type(error).__name__
