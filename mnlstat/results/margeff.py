"""The arguments of statsmodels' ``get_margeff``, and what they ask for here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mnlstat.design.variables import Variable
from mnlstat.errors import OptionError
from mnlstat.inference.effects.asks import Set
from mnlstat.inference.effects.functions import DIFFERENCE
from mnlstat.inference.effects.typical import MEAN, MEDIAN
from mnlstat.inference.effects.variables import DERIVATIVE, REFERENCE, Effect, compared, margins_of
from mnlstat.options import check_choice, shown
from mnlstat.results.looked_at import seen, spread_of
from mnlstat.results.populations import Asked
from mnlstat.results.scenarios import OVERALL, ROWS, Where

ZERO, ALL = "zero", "all"
PLACES = (OVERALL, MEAN, MEDIAN, ZERO, ALL)


def where_of(fit: Asked, at: str, atexog: Any) -> Where:
    """Where effects are looked at."""
    check_choice("at", at, PLACES)
    if atexog is not None and not isinstance(atexog, Mapping):
        raise OptionError(
            "at-unreadable", f"atexog={shown(atexog)} must be a dict of columns and values."
        )
    fixed = dict(atexog or {})
    for name in fixed:
        if not isinstance(name, str):
            raise OptionError(
                "at-unreadable",
                f"atexog: {shown(name)} is a position; give the name of a column of the data.",
            )
    caller = "get_margeff()"
    if at == ALL:
        if fixed:
            raise OptionError("at-unreadable", "atexog= sets what at='all' leaves as it is.")
        return Where.asked(fit.spec, ROWS, OVERALL, None, None, caller)
    if at == ZERO:
        known = fit.spec.predictors
        fixed = {each.name: 0.0 if _is_number(each) else each.reference for each in known} | fixed
        return Where.asked(fit.spec, fixed, OVERALL, None, None, caller)
    if fixed:
        return Where.asked(fit.spec, fixed, at, None, None, caller)
    return Where.asked(fit.spec, at, OVERALL, None, None, caller)


def effects_of(
    fit: Asked, variables: Sequence[Variable], where: Where, method: str, dummy: bool, count: bool
) -> list[Effect]:
    """Derivatives, or differences of levels, of 0/1 numbers and of counts where asked for."""
    found, spread = list[Effect](), spread_of(fit, where)
    for variable in seen(fit, variables, where) if dummy or count else variables:
        if count and _is_number(variable) and not variable.binary:
            own = spread(variable.name)
            if own().whole:
                found += compared(variable, 1.0, DIFFERENCE, False, own)
                continue
        found += margins_of(variable, method, REFERENCE, DIFFERENCE if dummy else DERIVATIVE)
    return [each for each in found if not _fixed(each, where)]


def _fixed(effect: Effect, where: Where) -> bool:
    """Whether the levels that are compared are set: no effect is left then."""
    levels = any(isinstance(change, Set) for change in effect.compared)
    return levels and effect.variable in where.set_columns


def _is_number(variable: Variable) -> bool:
    return variable.role == "number"
