"""How estimates are shown: what stands with them and where, digits, stars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mnlstat.errors import OptionError
from mnlstat.options import check_choice, check_count, shown
from mnlstat.report import numbers

LONG, WIDE = "long", "wide"
BELOW, BESIDE = "below", "beside"
STD_ERROR, STATISTIC, P_VALUE, INTERVAL = "std_error", "statistic", "p_value", "interval"
SHOWN = (STD_ERROR, STATISTIC, P_VALUE, INTERVAL)
TESTED = (STATISTIC, P_VALUE)
NOTHING = "none"
STAR_LEVELS = (0.05, 0.01, 0.001)
MOST_DIGITS = 15


@dataclass(frozen=True)
class Style:
    """Checked options.

    Attributes
    ----------
    show : tuple of str
        What stands with an estimate.
    beside : bool
        In columns of its own; else in lines of its own below.
    digits : int or None
        Decimals; as many as the printed reports show where None.
    stars : tuple of float
        Levels, falling; none where there are no stars.
    """

    show: tuple[str, ...]
    beside: bool
    digits: int | None
    stars: tuple[float, ...]

    @property
    def starred(self) -> str:
        """What stars mean."""
        return ", ".join(f"{'*' * (n + 1)} p < {level:g}" for n, level in enumerate(self.stars))


def style_of(
    show: Any, place: Any, digits: Any, stars: Any, *, usual: Sequence[str], side: str, tested: bool
) -> Style:
    """Check the options of a table.

    Parameters
    ----------
    show : str, sequence of str or None
    place : {"below", "beside"} or None
    digits : int or None
    stars : bool, or levels
    usual, side : what ``show`` and ``place`` are where they are None
    tested : whether the estimates have statistics and p-values

    Raises
    ------
    OptionError
    """
    chosen = tuple(usual) if show is None else _shown(show)
    levels = _levels(stars)
    lacking = [name for name in chosen if name in TESTED]
    if not tested and (lacking or levels):
        option = f"show={shown(show)}" if lacking else f"stars={shown(stars)}"
        raise OptionError("nothing-tested", f"{option}: these estimates have no p-values.")
    if place is not None:
        check_choice("place", place, (BELOW, BESIDE))
        if not chosen:
            raise OptionError(
                "option-without-use",
                "place= says where to put what show= names, which is nothing.\n"
                "Leave it out, or change the other.",
            )
    if digits is not None and check_count("digits", digits) > MOST_DIGITS:
        raise OptionError("too-many-digits", f"digits={digits} must be {MOST_DIGITS} at most.")
    return Style(chosen, bool(chosen) and (place or side) == BESIDE, digits, levels)


def _shown(show: Any) -> tuple[str, ...]:
    if isinstance(show, str) or not isinstance(show, Sequence):
        name = check_choice("show", show, (*SHOWN, NOTHING))
        return () if name == NOTHING else (name,)
    return tuple(dict.fromkeys(check_choice("show", each, SHOWN) for each in show))


def _levels(stars: Any) -> tuple[float, ...]:
    if stars is None or stars is False:
        return ()
    if stars is True:
        return STAR_LEVELS
    levels = tuple(stars) if isinstance(stars, Sequence) and not isinstance(stars, str) else ()
    falling = all(isinstance(each, float) and 0 < each < 1 for each in levels)
    if not levels or not falling or list(levels) != sorted(set(levels), reverse=True):
        raise OptionError(
            "star-levels",
            f"stars={shown(stars)} must be True, False or levels between 0 and 1 that fall, such as"
            " (0.1, 0.05, 0.01).",
        )
    return levels


def heads(style: Style, alpha: float, letter: str) -> tuple[str, ...]:
    """Headings of what stands beside an estimate."""
    names = {
        STD_ERROR: "std err",
        STATISTIC: letter,
        P_VALUE: f"P>|{letter}|",
        INTERVAL: f"{numbers.level(alpha)}% interval",
    }
    return tuple(names[name] for name in style.show)


def told(style: Style, kind: str, alpha: float, letter: str) -> tuple[str, ...]:
    """Notes of what stands in the cells, where no heading says it, and of stars."""
    names = {
        STD_ERROR: "standard errors in parentheses",
        STATISTIC: f"{letter} statistics",
        P_VALUE: "p-values",
        INTERVAL: f"{numbers.level(alpha)}% intervals in brackets",
    }
    cells = ", ".join([kind, *(names[name] for name in style.show)])
    notes = ("" if style.beside else f"{cells}.", f"{style.starred}." if style.stars else "")
    return tuple(note for note in notes if note)
