"""Which of our outcomes and columns another program means by its names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from mnlstat.errors import DataError
from mnlstat.options import named
from mnlstat.peers.matching import spellings

CONSTANT = "(constant)"
# The constant as formulas, R, Stata, SAS, SPSS and arrays call it.
CONSTANTS = {"intercept", "const", "cons", "constant"}
CODED = re.compile(r"\bC\(([^(),]+)(?:[^()]|\([^()]*\))*\)|\bQ\((['\"])(.+?)\2\)")
LEVEL = re.compile(r"\[(?:[TSDHP]\.)?([^\[\]]*)\]")
# Stata: 2.ses, 2b.ses, c.write; a level stands before its variable.
STATA_LEVEL = re.compile(r"^(\d+)[bno]*\.(\w+)$")
STATA_KIND = re.compile(r"^[ci]b?\d*\.")


def normal(term: str) -> str:
    """A term as every program's name of it reads: ``ses``, ``middle`` for ``C(ses)[T.middle]``.

    Examples
    --------
    >>> from mnlstat.peers.naming import normal
    >>> normal("C(ses)[T.middle]") == normal("sesmiddle") == normal("ses middle")
    True
    >>> normal("_cons") == normal("(Intercept)")
    True
    """
    text = CODED.sub(lambda found: found[1] or found[3], term.strip())
    text = LEVEL.sub(r" \1", text)
    parts = sorted(_part(part) for part in re.split(r"\s*[:#*]\s*", text) if part)
    if len(parts) == 1 and parts[0] in CONSTANTS:
        return CONSTANT
    return ":".join(parts)


def _part(text: str) -> str:
    """One factor of a term: letters and digits alone."""
    text = text.strip()
    if (found := STATA_LEVEL.match(text)) is not None:
        text = found[2] + found[1]
    text = STATA_KIND.sub("", text)
    return re.sub(r"[^\w.]|_", "", text.casefold())


def columns_of(theirs: Iterable[str], columns: Sequence[str], software: str) -> dict[str, int]:
    """The position of our column for each of their terms.

    Raises
    ------
    DataError
        When the terms differ, or two read the same.
    """
    wanted = list(dict.fromkeys(theirs))
    found = _one_to_one(wanted, columns, str.strip) or _one_to_one(wanted, columns, normal)
    if found is None:
        raise DataError(
            "compare-terms",
            f"compare(): the terms differ, or their names do.\nmnlstat: {_listed(columns)}.\n"
            f"{software}: {_listed(wanted)}.",
        )
    return found


def _one_to_one(theirs: Sequence[str], ours: Sequence[str], read: Any) -> dict[str, int] | None:
    """Positions by what names read as; None unless that is one-to-one and onto."""
    known = {read(name): at for at, name in enumerate(ours)}
    read_so = [read(name) for name in theirs]
    if len(known) < len(ours) or len(set(read_so)) < len(theirs) or set(read_so) != set(known):
        return None
    return {name: known[text] for name, text in zip(theirs, read_so, strict=True)}


def outcomes_of(theirs: Sequence[Any], labels: Sequence[Any], software: str) -> dict[Any, int]:
    """The position of our outcome for each of theirs, which need not be all.

    Raises
    ------
    DataError
        For one that is none of ours.
    """
    for read in (str.strip, _part):
        known: dict[str, int] = {}
        for at, label in enumerate(labels):
            for text in spellings(label):  # what reads like two of ours is neither
                known[read(text)] = at if known.get(read(text), at) == at else -1
        found = {name: next((known[read(s)] for s in spellings(name) if read(s) in known), -1)
                 for name in theirs}  # fmt: skip
        if min(found.values(), default=0) >= 0 and len(set(found.values())) == len(found):
            return found
    raise DataError(
        "compare-outcomes",
        f"compare(): the outcomes differ.\nmnlstat: {_listed(labels)}.\n"
        f"{software}: {_listed(theirs)}.",
    )


def _listed(names: Iterable[Any]) -> str:
    return named(", ".join(map(str, names)), 200)
