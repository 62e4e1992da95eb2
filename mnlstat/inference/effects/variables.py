"""Which effects are asked for: variables, and what is compared with what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mnlstat.design.spec import DesignSpec
from mnlstat.design.variables import Variable, not_read
from mnlstat.errors import OptionError
from mnlstat.inference.effects.asks import DYDX, Change, Changes, Level, Moved, Rate, Set
from mnlstat.inference.effects.functions import DIFFERENCE, LEVEL, Item
from mnlstat.inference.effects.steps import Spread, step_of
from mnlstat.options import check_choice, shown

WRITTEN = {"dydx": "dy/dx", "eyex": "ey/ex", "dyex": "dy/ex", "eydx": "ey/dx"}
REFERENCE, PAIRWISE, SEQUENTIAL = "reference", "pairwise", "sequential"
CONTRASTS = (REFERENCE, PAIRWISE, SEQUENTIAL)
DERIVATIVE = "derivative"
BINARY = (DERIVATIVE, DIFFERENCE)


@dataclass(frozen=True, eq=False)
class Effect:
    """What is asked of one variable, wherever it is looked at.

    Attributes
    ----------
    variable : its name
    contrast : what is compared, in words
    compared : the changes that are compared, the second one subtracted; none for a derivative
    kind : of the derivative
    """

    variable: str
    contrast: str
    compared: tuple[Change, ...] = ()
    kind: str = DYDX
    by: str = DIFFERENCE

    def item(self, changes: Changes) -> Item:
        """The function of means, where other columns are changed."""
        if not self.compared:
            return Item(LEVEL, (Rate(self.variable, self.kind, changes),))
        own = tuple(each for each in changes if each[0] != self.variable)
        asks = tuple(
            Level((*(changes if isinstance(change, Moved) else own), *_step(self.variable, change)))
            for change in self.compared
        )
        return Item(self.by, asks)


def _step(name: str, change: Change) -> Changes:
    """A change of one column; none where it moves by nothing."""
    if isinstance(change, Moved) and change.by == 0.0:
        return ()
    return ((name, change),)


def wanted(spec: DesignSpec, names: Any) -> tuple[Variable, ...]:
    """The variables that are named; all by default."""
    known = {variable.name: variable for variable in spec.predictors}
    if names is None:
        if not known:
            raise OptionError(
                "no-variables", "the formula has no variables: there is no effect of anything."
            )
        varying = [each for each in known.values() if each.levels is None or len(each.levels) > 1]
        if not varying:
            raise OptionError(
                "nothing-to-compare",
                f"{', '.join(map(shown, known))}: one level each, and nothing to compare.",
            )
        return tuple(varying)
    try:
        listed = [names] if isinstance(names, str) else list(names)
    except TypeError as error:
        raise not_read(spec, names) from error
    found = []
    for name in listed:
        if not isinstance(name, str) or name not in known:
            raise not_read(spec, name)
        found.append(known[name])
    if not found:
        raise OptionError("no-variables", f"{shown(names)} names no column.")
    return tuple(dict.fromkeys(found))


def margins_of(variable: Variable, kind: str, contrast: str, binary: str) -> list[Effect]:
    """The effects of a variable: its derivative, or differences between levels."""
    if binary == DIFFERENCE and kind != DYDX:
        raise OptionError(
            "elasticity-of-difference",
            f"kind={kind!r} is that of a derivative, and binary='difference' takes none.\n"
            "Leave one of them out.",
        )
    if variable.role == "mixed":
        raise OptionError(
            "mixed-variable",
            f"the formula reads {shown(variable.name)} both as a number and as categories: it has"
            " no derivative, and is no factor.\nAsk for comparisons() of two of its values.",
        )
    if variable.role == "number":
        if variable.binary and binary == DIFFERENCE:
            return [Effect(variable.name, "1 - 0", (Set(1.0), Set(0.0)))]
        return [Effect(variable.name, WRITTEN[kind], kind=kind)]
    if kind != DYDX:
        raise OptionError(
            "elasticity-of-factor",
            f"kind={kind!r}: {shown(variable.name)} has levels, and no proportional change.\n"
            "Leave it out of variables=, or ask for comparisons(comparison='ratio').",
        )
    return between(variable, contrast)


def between(variable: Variable, contrast: str, by: str = DIFFERENCE) -> list[Effect]:
    """Comparisons of the levels of a factor."""
    if variable.levels is None:
        raise OptionError(
            "levels-unknown",
            f"{shown(variable.name)} is read by code alone, and its levels were not kept.\n"
            "Ask for comparisons() of two of its values.",
        )
    if len(variable.levels) == 1:
        raise OptionError(
            "nothing-to-compare",
            f"{shown(variable.name)} has one level only, {shown(variable.levels[0])}, and nothing"
            " to compare it with.",
        )
    sign = "-" if by == DIFFERENCE else "/"
    return [
        Effect(variable.name, f"{last} {sign} {first}", (Set(last), Set(first)), by=by)
        for last, first in pairs_of(variable.levels, variable.reference, contrast)
    ]


def compared(
    variable: Variable,
    change: Any,
    by: str,
    centred: bool,
    spread: Callable[[], Spread],
) -> list[Effect]:
    """Comparisons of the levels of a factor, or of two values of a number.

    Parameters
    ----------
    variable : the column
    change : "reference", "pairwise", "sequential" or two levels, of a factor; of a number as for
        :func:`~mnlstat.inference.effects.steps.step_of`; None for the usual
    by : "difference", "ratio" or "odds ratio"
    centred : whether a step of a number goes half down and half up
    spread : tells how the column is spread over the rows
    """
    name = variable.name
    if variable.role == "factor" or (isinstance(change, str) and change in CONTRASTS):
        if change is None or isinstance(change, str):
            chosen = REFERENCE if change is None else change
            return between(variable, check_choice(f"change[{name!r}]", chosen, CONTRASTS), by)
        first, last = _two_levels(variable, change)
        words = f"{last} {'-' if by == DIFFERENCE else '/'} {first}"
        return [Effect(name, words, (Set(last), Set(first)), by=by)]
    words, changes = step_of(name, 1.0 if change is None else change, centred, spread)
    if by != DIFFERENCE:
        words = words.replace(" - ", " / ")
    return [Effect(name, words, changes, by=by)]


def _two_levels(variable: Variable, change: Any) -> tuple[Any, Any]:
    two = list(change) if isinstance(change, tuple | list) else []
    single = all(isinstance(each, str) or not isinstance(each, Iterable) for each in two)
    if len(two) != 2 or not single or two[0] == two[1] or any(each != each for each in two):
        raise OptionError(
            "change-unreadable",
            f"change of {shown(variable.name)}, which has levels: {shown(change)} is none of"
            f" {', '.join(map(repr, CONTRASTS))}, and no pair of different levels.",
        )
    return two[0], two[1]


def pairs_of(levels: Sequence[Any], reference: Any, contrast: str) -> list[tuple[Any, Any]]:
    """Levels that are compared, the second one subtracted."""
    if contrast == SEQUENTIAL:
        return list(zip(levels[1:], levels[:-1], strict=True))
    if contrast == PAIRWISE:
        return [(b, a) for at, a in enumerate(levels) for b in levels[at + 1 :]]
    return [(level, reference) for level in levels if level != reference]
