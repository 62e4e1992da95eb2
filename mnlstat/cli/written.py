"""What is written in the shell, where everything is text, as what it stands for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mnlstat.design.variables import Variable
from mnlstat.errors import DataError, OptionError
from mnlstat.inference.effects.steps import NAMED
from mnlstat.inference.effects.variables import CONTRASTS
from mnlstat.options import named, nearest


def names(given: Sequence[str] | None, known: Sequence[Any] = ()) -> list[str] | None:
    """Names between commas, of an option that may be repeated; one that is known stays whole."""
    if given is None:
        return None
    return [name for text in given for name in _parted(text, known)]


def _parted(text: str, known: Sequence[Any]) -> list[str]:
    if text in known:
        return [text]
    return [part.strip() for part in text.split(",") if part.strip()]


def values_of_columns(given: Sequence[str], variables: Sequence[Variable]) -> dict[str, list[Any]]:
    """Columns and the values they are set to, from ``COLUMN=VALUE,VALUE``."""
    found: dict[str, list[Any]] = {}
    for item in given:
        name, text = _halves("--at", "at-unreadable", item, "COLUMN=VALUE,VALUE", "age=20,40")
        if name in found:
            raise OptionError(
                "at-unreadable", f"--at {item}: {name} has values already; give all of them in one."
            )
        variable = _variable(name, variables)
        levels = () if variable is None or variable.levels is None else variable.levels
        parts = _parted(text, list(map(str, levels)))
        found[name] = [_value("at-unreadable", f"--at {item}", part, variable) for part in parts]
        if not found[name]:
            raise OptionError("at-empty", f"--at {item}: {name} has no values.")
    return found


def changes_of_columns(given: Sequence[str], variables: Sequence[Variable]) -> dict[str, Any]:
    """Columns and how they change, from ``COLUMN=STEP``, ``COLUMN=sd`` or ``COLUMN=LOW:HIGH``."""
    found: dict[str, Any] = {}
    for item in given:
        name, text = _halves("--change", "change-unreadable", item, "COLUMN=CHANGE", "age=10")
        if name in found:
            raise OptionError(
                "change-unreadable", f"--change {item}: {name} has a change already; leave one out."
            )
        found[name] = _change(item, text, _variable(name, variables))
    return found


def _change(item: str, text: str, variable: Variable | None) -> Any:
    if text in (*CONTRASTS, *NAMED):
        return text
    if ":" in text:
        levels = () if variable is None or variable.levels is None else variable.levels
        first, last = _two(text, list(map(str, levels)))
        where = f"--change {item}"
        return (
            _value("change-unreadable", where, first, variable),
            _value("change-unreadable", where, last, variable),
        )
    if variable is not None and variable.role == "factor":
        raise OptionError(
            "change-unreadable",
            f"--change {item}: {variable.name} has levels; write two of them, FIRST:LAST, or one of"
            f" {', '.join(CONTRASTS)}.",
        )
    step = number(text)
    if step is None:
        raise OptionError(
            "change-unreadable",
            f"--change {item}: write a step such as 10, one of {', '.join(NAMED)}, two values"
            f" LOW:HIGH, or of a factor one of {', '.join(CONTRASTS)}.",
        )
    return step


def _two(text: str, levels: Sequence[str]) -> tuple[str, str]:
    """The halves about the colon on whose two sides there are levels; else about the first."""
    places = [at for at, letter in enumerate(text) if letter == ":"]
    halves = [(text[:at], text[at + 1 :]) for at in places]
    return next((pair for pair in halves if set(pair) <= set(levels)), halves[0])


def outcomes_together(given: Sequence[str], outcomes: Sequence[Any]) -> dict[str, list[Any]]:
    """Outcomes that count as one, from ``NAME=OUTCOME,OUTCOME``."""
    found: dict[str, list[Any]] = {}
    for item in given:
        name, text = _halves(
            "--combine", "combine-unreadable", item, "NAME=OUTCOME,OUTCOME", "public=bus,train"
        )
        if name in found:
            raise OptionError(
                "combine-unreadable", f"--combine {item}: {name} is named already; give all in one."
            )
        found[name] = [
            outcome("--combine", item, part, outcomes)
            for part in _parted(text, list(map(str, outcomes)))
        ]
    return found


def outcome(option: str, item: str, text: str, outcomes: Sequence[Any]) -> Any:
    """The outcome that is written so, within an item of an option.

    Raises
    ------
    OptionError
        For what is none.
    """
    found = written_so(text, outcomes)
    if len(found) == 1:
        return found[0]
    listed = named(", ".join(map(str, outcomes)), 200)
    raise OptionError(
        "unknown-outcome",
        f"{option} {item}: {text} is no outcome{nearest(text, outcomes)}. Outcomes: {listed}.",
    )


def label(text: str, labels: Sequence[Any]) -> Any:
    """The label that is written so; the text itself where there is none, or several."""
    found = written_so(text, labels)
    return found[0] if len(found) == 1 else text


def number(text: str) -> int | float | None:
    """The number that is written so."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return None


def _halves(option: str, code: str, item: str, form: str, example: str) -> tuple[str, str]:
    name, equals, text = item.partition("=")
    if not equals or not name.strip() or not text.strip():
        raise OptionError(code, f"{option} {item}: write {form}, such as {option} {example}.")
    return name.strip(), text.strip()


def _variable(name: str, variables: Sequence[Variable]) -> Variable | None:
    """What the formula knows of a column; what it does not read, the library refuses."""
    return next((each for each in variables if each.name == name), None)


def _value(code: str, where: str, text: str, variable: Variable | None) -> Any:
    """The level or the number that is written so."""
    if variable is not None and variable.levels is not None:
        return _level(where, text, variable.name, variable.levels)
    value = number(text)
    if value is None and variable is not None and variable.role == "number":
        raise OptionError(code, f"{where}: {variable.name} is a number, and {text} is none.")
    return text if value is None else value


def _level(where: str, text: str, name: str, levels: Sequence[Any]) -> Any:
    found = written_so(text, levels)
    if len(found) == 1:
        return found[0]
    raise DataError(
        "unknown-level",
        f"{where}: {text} is no level of {name}{nearest(text, levels)}."
        f" Levels: {named(', '.join(map(str, levels)), 200)}.",
    )


def written_so(text: str, labels: Sequence[Any]) -> list[Any]:
    """The label that ``text`` spells; else a truth in other letters, a number in other digits."""
    exact = [label for label in labels if str(label) == text]
    return exact or [label for label in labels if _stands_for(text, label)]


def _stands_for(text: str, label: Any) -> bool:
    if isinstance(label, bool):
        return text.lower() == str(label).lower()
    try:
        return isinstance(label, int | float) and float(text) == label
    except ValueError:
        return False
