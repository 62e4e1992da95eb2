"""Terms that can leave or join a model with the principle of marginality."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mnlstat.design.dialect import in_python
from mnlstat.design.formula import parse_right
from mnlstat.design.offset_terms import is_offset
from mnlstat.design.sides import split_formula
from mnlstat.design.update import expand_update
from mnlstat.errors import AliasedWarning, DataError, MissingDataWarning, OptionError
from mnlstat.filters import filtered
from mnlstat.options import nearest, shown
from mnlstat.results import MNLogitResults

Factors = frozenset[str]


@dataclass(frozen=True)
class Move:
    """A term that leaves (``sign`` "-") or joins ("+") a model."""

    sign: str
    term: str

    def __str__(self) -> str:
        return f"{self.sign} {self.term}"


def terms_of(res: MNLogitResults) -> dict[str, Factors]:
    """Names of the terms of a model but the constant, and the factors that each multiplies."""
    return {term.name: frozenset(term.factors) for term in res.terms if term.factors}


def scope_terms(caller: str, scope: Any, res: MNLogitResults) -> dict[str, Factors]:
    """The terms of a scope: the right side of a formula, ``.`` standing for that of the model.

    Raises
    ------
    OptionError
        When it is no text, or has another response.
    FormulaError
        When it cannot be read.
    """
    if not isinstance(scope, str) or not scope.strip():
        raise OptionError(
            "selection-scope",
            f"{caller}(): scope={shown(scope)} must be the right side of a formula, such as"
            " '~ . + x + x:z'.",
        )
    left, tilde, right = scope.partition("~")
    if tilde and left.strip() not in ("", "."):
        raise OptionError(
            "selection-scope",
            f"{caller}(): scope={shown(scope)} names a response; the models compared have one, that"
            " of the fit.\nWrite the right side only, '~ ...'.",
        )
    text = in_python(f". ~ {right if tilde else scope}", _columns(res))
    sides = split_formula(expand_update(res.formula, text))
    parsed = parse_right(sides.formula, sides.right_start)
    found = {}
    for places in parsed.terms:
        names = [parsed.factors[at].name for at in places]
        if names and not any(is_offset(parsed.factors[at].text) for at in places):
            found[":".join(names)] = frozenset(names)
    return found


def _columns(res: MNLogitResults) -> list[Any]:
    """Names of the columns of the data, where they are known."""
    source = None if res.sample is None else res.sample.source
    columns = getattr(getattr(source, "data", None), "columns", None)
    return list(res.spec.variables) if columns is None else list(columns)


def droppable(res: MNLogitResults, needed: Iterable[Factors] = ()) -> list[str]:
    """Terms that are part of no other term of the model, and none of those ``needed``."""
    terms, stay = terms_of(res), set(needed)
    if len(terms) == 1 and len(res.terms) == 1:
        return []  # without it the formula would be empty
    return [
        name
        for name, own in terms.items()
        if own not in stay and not any(own < other for other in terms.values())
    ]


def addable(res: MNLogitResults, scope: dict[str, Factors]) -> list[str]:
    """Terms of a scope that the model lacks, and all of whose parts in the scope it has."""
    present = set(terms_of(res).values())
    return [
        name
        for name, own in scope.items()
        if own not in present and all(part in present for part in scope.values() if part < own)
    ]


def chosen(caller: str, scope: Any, res: MNLogitResults) -> list[str]:
    """Terms to drop, one at a time: all that can be, or those of a scope.

    Raises
    ------
    OptionError
        For a term that the model does not have, or that another contains.
    """
    possible = droppable(res)
    if scope is None:
        return possible
    terms = terms_of(res)
    names = {own: name for name, own in terms.items()}
    wanted = []
    for name, own in scope_terms(caller, scope, res).items():
        if own not in names:
            raise OptionError(
                "selection-scope",
                f"{caller}(): {res.formula!r} has no term {shown(name)}{nearest(name, terms)}.",
            )
        if names[own] not in possible:
            raise OptionError(
                "selection-scope",
                f"{caller}(): {shown(name)} cannot be dropped alone: it is part of another term, or"
                " the only one.\nDrop the interaction first.",
            )
        wanted.append(names[own])
    return wanted


def moved(caller: str, res: MNLogitResults, move: Move) -> MNLogitResults:
    """The fit with a term less, or one more, to the same rows.

    Raises
    ------
    DataError
        When the term misses values in rows of the fit.
    """
    # a column aliased in the model is so in each of the models beside it
    with filtered("ignore", AliasedWarning), filtered("ignore", MissingDataWarning):
        found = res.update(f". ~ . {move}")
    if found.dropped.used != res.dropped.used:
        lost = res.dropped.used - found.dropped.used
        by = {**found.dropped.by_column, **found.dropped.by_term}
        listed = ", ".join(f"{name} ({count})" for name, count in by.items())
        raise DataError(
            "different-rows",
            f"{caller}(): {shown(str(move))}: {lost} of the {res.dropped.used} rows of the fit miss"
            f" {listed}.\nLog-likelihoods of different rows cannot be compared: fit the model to"
            " the rows that have all, by subset='!isna(...)'.",
        )
    return found
