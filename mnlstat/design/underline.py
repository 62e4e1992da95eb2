"""Show the guilty part of a formula."""

from __future__ import annotations

from mnlstat.options import named

LONGEST = 200


def pointed(message: str, formula: str, start: int, stop: int) -> str:
    """Return ``message``, the formula, and a line of ``^`` under ``formula[start:stop]``."""
    width = max(1, min(stop, len(formula) + 1) - start)
    return f"{message}\n    {formula}\n    {' ' * start}{'^' * width}"


def first_line(error: BaseException, after: str | None = None) -> str:
    """Return the class and the first line of what a foreign exception says, shortened.

    What it says up to the last ``after`` is left out.
    """
    try:
        whole = str(error) if after is None else str(error).rpartition(after)[2]
        said = whole.strip().splitlines()
    except Exception:  # an exception of the user's own that cannot even be printed
        said = []
    kind = type(error).__name__
    return f"{kind}: {named(said[0], LONGEST)}" if said else kind
