"""What someone who wrote a condition that cannot be read probably meant."""

from __future__ import annotations

import re

STRING = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`")
SIGNS = (
    (re.compile(r"=>|=<"), "write >= or <=, the sign of equality last"),
    (re.compile(r"<>"), "write != for 'is not equal to'"),
    (re.compile(r"(?<![=!<>:])=(?!=)"), "write == for 'is equal to'"),
    (re.compile(r"\d\s*:\s*\d"), "write c(1, 2, 3) for 1:3"),
)
IS_MISSING = "nothing is equal to a missing value: write isna(x) or !isna(x)"
IS = "write == or != instead of 'is' and 'is not'"


def unreadable_condition(text: str) -> str | None:
    """Return what to write instead, None where nothing comes to mind."""
    bare = STRING.sub("''", text)
    return next((said for pattern, said in SIGNS if pattern.search(bare)), None)
