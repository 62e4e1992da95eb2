"""Refuses options of effects that nothing asked for makes use of."""

from __future__ import annotations

from collections.abc import Sequence

from mnlstat.design.variables import Variable
from mnlstat.errors import OptionError
from mnlstat.inference.effects.asks import DYDX, Moved
from mnlstat.inference.effects.functions import DIFFERENCE
from mnlstat.inference.effects.variables import REFERENCE, Effect
from mnlstat.options import shown


def check_margins(variables: Sequence[Variable], contrast: str, binary: str) -> None:
    """Refuse contrasts without a factor, and differences where no number is 0 or 1.

    Parameters
    ----------
    variables : asked for; with ``binary`` as they are in the rows looked at

    Raises
    ------
    OptionError
    """
    if contrast != REFERENCE and all(each.role == "number" for each in variables):
        raise _unused(
            f"contrast={contrast!r} tells which levels of factors are compared, and"
            f" {_none_of(variables, 'has levels', 'has no levels')}"
        )
    if binary == DIFFERENCE and not any(each.binary for each in variables):
        raise _unused(
            f"binary={binary!r} is for numbers that are 0 or 1, both of them, and"
            f" {_none_of(variables, 'is one', 'is none')} in the rows that are looked at"
        )


def check_centred(effects: Sequence[Effect], centred: bool) -> None:
    """Refuse to centre where no number goes a step.

    Raises
    ------
    OptionError
    """
    steps = any(isinstance(change, Moved) for each in effects for change in each.compared)
    if centred and not steps:
        told = ", ".join(dict.fromkeys(f"{each.variable} {each.contrast}" for each in effects))
        raise _unused(
            f"centred=True is for steps of numbers, 1 or 'sd', and what is compared has fixed ends:"
            f" {told}"
        )


def check_discrete(method: str, dummy: bool, count: bool) -> None:
    """Refuse elasticities of differences.

    Raises
    ------
    OptionError
    """
    if method == DYDX:
        return
    for option, given in (("dummy", dummy), ("count", count)):
        if given:
            raise OptionError(
                "elasticity-of-difference",
                f"method={method!r} is that of a derivative, and {option}=True asks for"
                " differences.\nLeave one of them out.",
            )


def _none_of(variables: Sequence[Variable], has: str, lacks: str) -> str:
    """That the variables, one or several, are not so."""
    names = [shown(each.name) for each in variables]
    return f"{names[0]} {lacks}" if len(names) == 1 else f"none of {', '.join(names)} {has}"


def _unused(what: str) -> OptionError:
    return OptionError("option-without-use", f"{what}.\nLeave it out.")
