"""Checks that every public function makes of its options, each with one wording."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from numbers import Integral, Real
from typing import ParamSpec, TypeVar

import numpy as np

from mnlstat.errors import OptionError, UnknownOptionError

P = ParamSpec("P")
R = TypeVar("R")


LONGEST = 60


def shown(value: object) -> str:
    """``repr(value)`` on one line of at most 60 characters, for messages."""
    return _short(repr, value, LONGEST)


def named(label: object, longest: int = LONGEST) -> str:
    """``str(label)`` on one line of at most ``longest`` characters, for messages."""
    return _short(str, label, longest)


def _short(spell: Callable[[object], str], value: object, longest: int) -> str:
    try:
        text = spell(value)
    except Exception:  # a repr that fails must not hide the message it is wanted for
        text = f"<{type(value).__name__}>"
    if len(text.splitlines()) > 1:
        text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def nearest(wanted: object, known: Iterable[object]) -> str:
    """`` (did you mean 'x'?)`` for the known name closest to ``wanted``, else an empty string."""
    names = {str(name).lower(): str(name) for name in known}
    close = difflib.get_close_matches(named(wanted).lower(), names, n=1, cutoff=0.6)
    return f" (did you mean {shown(names[close[0]])}?)" if close else ""


def named_options(function: Callable[P, R]) -> Callable[P, R]:
    """Refuse too many arguments of ``function``, and unknown ones with the nearest one named."""
    caller = function.__qualname__.removesuffix(".__init__").rpartition(".")[2]
    options = options_of(function)
    places = _places(function)

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        if len(args) > len(places):
            _refuse_places(caller, places, options)
        check_options(caller, kwargs, options)
        return function(*args, **kwargs)

    return checked


def _places(function: Callable[..., object]) -> list[str]:
    """Names of the arguments that can be given by place, ``self`` included."""
    parameters = inspect.signature(function).parameters.values()
    by_place = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in parameters if p.kind in by_place]


def _refuse_places(caller: str, places: Sequence[str], options: Sequence[str]) -> None:
    by_place = [name for name in places if name != "self"]
    takes = f"only {', '.join(by_place)}" if by_place else "nothing"
    named_only = [name for name in options if name not in by_place]
    example = f", for example {named_only[0]}=" if named_only else ""
    raise UnknownOptionError(
        "options-by-name",
        f"{caller}() takes {takes} by place; write the others by name{example}.",
    )


def options_of(function: Callable[..., object]) -> list[str]:
    """Names of the arguments that can be given to ``function`` by name."""
    parameters = inspect.signature(function).parameters.values()
    known = [p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [name for name in known if name != "self"]


def check_options(caller: str, given: Iterable[str], known: Sequence[str]) -> None:
    """Raise UnknownOptionError for a name that is not ``known``; ``caller`` is what was called."""
    for name in given:
        if name not in known:
            raise UnknownOptionError(
                "unknown-option",
                f"{caller}() has no option {shown(name)}{nearest(name, known)}.\n"
                f"Known: {', '.join(known)}.",
            )


def check_choice(option: str, value: object, allowed: Iterable[str]) -> str:
    """Return ``value`` if it is one of ``allowed``, else raise OptionError."""
    allowed = tuple(allowed)
    if not isinstance(value, str) or value not in allowed:
        listed = ", ".join(map(repr, allowed))
        raise OptionError(
            "invalid-choice",
            f"{option}={shown(value)} is not one of {listed}{nearest(value, allowed)}.",
        )
    return value


def check_alpha(alpha: object) -> float:
    """Return ``alpha`` as a float if it lies strictly between 0 and 1, else raise OptionError."""
    number = _as_float(alpha)
    if not 0.0 < number < 1.0:
        raise OptionError(
            "invalid-alpha",
            f"alpha={shown(alpha)} must be a number between 0 and 1, both excluded"
            " (0.05 gives 95% intervals).",
        )
    return number


def check_flag(option: str, value: object) -> bool:
    """Return ``value`` if it is True or False, else raise OptionError."""
    if not isinstance(value, bool | np.bool_):
        raise OptionError("not-true-or-false", f"{option}={shown(value)} must be True or False.")
    return bool(value)


def check_count(option: str, value: object, least: int = 0) -> int:
    """Return ``value`` as an int if it is a whole number of at least ``least``."""
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < least:
        raise OptionError(
            "not-a-count", f"{option}={shown(value)} must be a whole number of at least {least}."
        )
    return int(value)


def check_positive(option: str, value: object) -> float:
    """Return ``value`` as a float if it is a finite number above zero, else raise OptionError."""
    number = _as_float(value)
    if not 0.0 < number < float("inf"):
        raise OptionError(
            "not-positive", f"{option}={shown(value)} must be a finite number above zero."
        )
    return number


def _as_float(value: object) -> float:
    """The number as a float; NaN for what is none."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return float("nan")
    try:
        return float(value)
    except OverflowError:
        return float("inf")
