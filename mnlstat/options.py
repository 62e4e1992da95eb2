"""Checks that every public function makes of its options, each with one wording."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import ParamSpec, TypeVar

import numpy as np

from mnlstat.errors import MissingArgumentError, OptionError, UnknownOptionError

P = ParamSpec("P")
R = TypeVar("R")


LONGEST = 60
# What stands first in methods and is no argument of the caller's.
OBJECTS = ("self", "cls")


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
    names = {str(name).lower(): name for name in known}
    close = difflib.get_close_matches(named(wanted).lower(), names, n=1, cutoff=0.6)
    return f" (did you mean {shown(names[close[0]])}?)" if close else ""


def named_options(function: Callable[P, R]) -> Callable[P, R]:
    """Refuse arguments of ``function`` that are missing, too many, unknown, or given twice.

    Python's own TypeError would name the innermost function, and suggest nothing.
    """
    takes = _Arguments.of(function)

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        takes.check(len(args), kwargs)
        return function(*args, **kwargs)

    return checked


@dataclass(frozen=True)
class _Arguments:
    """What a function takes: names by place, those of them that it needs, names of options."""

    caller: str
    places: tuple[str, ...]
    needed: tuple[str, ...]
    needed_by_name: tuple[str, ...]
    options: tuple[str, ...]
    endless: bool
    any_name: bool

    @classmethod
    def of(cls, function: Callable[..., object]) -> _Arguments:
        parameters = inspect.signature(function).parameters.values()
        by_place = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        return cls(
            function.__qualname__.removesuffix(".__init__").rpartition(".")[2],
            tuple(p.name for p in parameters if p.kind in by_place),
            tuple(p.name for p in parameters if p.kind in by_place and p.default is p.empty),
            tuple(p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty),
            tuple(options_of(function)),
            any(p.kind is p.VAR_POSITIONAL for p in parameters),
            any(p.kind is p.VAR_KEYWORD for p in parameters),
        )

    def check(self, n: int, given: Mapping[str, object]) -> None:
        """Refuse ``n`` arguments by place and those ``given`` by name."""
        if n > len(self.places) and not self.endless:
            self._refuse_places()
        if given and not self.any_name:
            check_options(self.caller, given, self.options)
        twice = next((name for name in self.places[:n] if name in given), None)
        if twice is not None:
            raise UnknownOptionError(
                "options-by-name", f"{self.caller}() is given {twice} twice, by place and by name."
            )
        by_name = [name for name in self.needed_by_name if name not in given]
        lacking = [*(name for name in self.needed[n:] if name not in given), *by_name]
        if lacking:
            call = [*self._own(self.needed), *(f"{name}=..." for name in self.needed_by_name)]
            raise MissingArgumentError(
                "missing-argument",
                f"{self.caller}() needs {' and '.join(lacking)}: write"
                f" {self.caller}({', '.join(call)}).",
            )

    def _refuse_places(self) -> None:
        by_place = self._own(self.places)
        if not self.options:
            raise UnknownOptionError("options-by-name", f"{self.caller}() takes no arguments.")
        takes = f"only {', '.join(by_place)}" if by_place else "nothing"
        named_only = [name for name in self.options if name not in by_place]
        others = f"; write the others by name, for example {named_only[0]}=" if named_only else ""
        raise UnknownOptionError(
            "options-by-name", f"{self.caller}() takes {takes} by place{others}."
        )

    @staticmethod
    def _own(names: Iterable[str]) -> list[str]:
        return [name for name in names if name not in OBJECTS]


def options_of(function: Callable[..., object]) -> list[str]:
    """Names of the arguments that can be given to ``function`` by name."""
    parameters = inspect.signature(function).parameters.values()
    known = [p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [name for name in known if name not in OBJECTS]


def check_options(caller: str, given: Iterable[str], known: Sequence[str]) -> None:
    """Raise UnknownOptionError for a name that is not ``known``; ``caller`` is what was called."""
    for name in given:
        if name not in known:
            listed = f"Known: {', '.join(known)}." if known else "It takes none."
            raise UnknownOptionError(
                "unknown-option",
                f"{caller}() has no option {shown(name)}{nearest(name, known)}.\n{listed}",
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
    number = as_float(alpha)
    if not 0.0 < number < 1.0:
        raise OptionError(
            "invalid-alpha",
            f"alpha={shown(alpha)} must be a number between 0 and 1, both excluded"
            " (0.05 gives 95% intervals).",
        )
    return number


def listed_names(given: object) -> list[str]:
    """Names given as one text or as several; none for what holds anything else."""
    if isinstance(given, str):
        return [given]
    if not isinstance(given, Iterable) or getattr(given, "ndim", 1) != 1:
        return []
    names = list(given)
    return names if all(isinstance(name, str) for name in names) else []


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
    number = as_float(value)
    if not 0.0 < number < float("inf"):
        raise OptionError(
            "not-positive", f"{option}={shown(value)} must be a finite number above zero."
        )
    return number


def as_float(value: object) -> float:
    """The number as a float; NaN for what is none."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return float("nan")
    try:
        return float(value)
    except OverflowError:
        return float("inf")
