"""Messages of the library in the words of the shell."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

# Options that say "yes" and take no value.
FLAG = "True"


def as_typed(said: str, options: Iterable[str]) -> str:
    """A message of the library with its options as the shell has them: ``--alpha 2``.

    What stands within a call, ``predict(to=...)``, or a formula, ``C(x, base=2)``, stays.
    """
    known = "|".join(map(re.escape, options))
    said = re.sub(rf"\w+\(({known})='(\w+)'\)", r"--\1 \2", said)
    said = re.sub(rf"\b({known})\['([^']+)'\]=", _item, said)
    said = re.sub(rf"^({known})(?=: )", _flagged, said)
    said = re.sub(rf"(?<![\w(.])({known})=(\{{[^}}]*\}})", _dict_as_typed, said)
    return re.sub(rf"(?<![\w(.-])({known})=(?=({FLAG}\b|[^\s,.;:)])?)", _valued, said).replace(
        _MARK + FLAG, ""
    )


_MARK = "\0"


def _flagged(match: re.Match[str]) -> str:
    return f"--{match.group(1).replace('_', '-')}"


def _item(match: re.Match[str]) -> str:
    """``change['age']=`` as ``--change age=``."""
    return f"{_flagged(match)} {match.group(2)}="


def _valued(match: re.Match[str]) -> str:
    """``alpha=`` as ``--alpha``, with a blank before the value where there is one."""
    value = match.group(2)
    if value == FLAG:
        return _flagged(match) + _MARK
    return f"{_flagged(match)} " if value else _flagged(match)


def _dict_as_typed(match: re.Match[str]) -> str:
    """``at={"age": [20, 40]}`` as ``--at age=20,40``."""
    try:
        given = ast.literal_eval(match.group(2))
    except (SyntaxError, ValueError):
        return match.group()
    if not isinstance(given, dict):
        return f"{_flagged(match)} NAME=..."
    parts = []
    for name, value in given.items():
        item = f"{name}={','.join(map(str, value if isinstance(value, list) else [value]))}"
        parts.append(f'{_flagged(match)} "{item}"' if " " in item else f"{_flagged(match)} {item}")
    return " ".join(parts)
