"""Outcomes that are taken together."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.errors import OptionError
from mnlstat.options import nearest, shown


def unions_of(outcomes: Sequence[Any], combine: Any) -> tuple[list[Any], FloatArray | None]:
    """Labels of what is shown, and which outcomes each is made of."""
    if combine is None:
        return list(outcomes), None
    if not isinstance(combine, Mapping) or not combine:
        raise _unreadable(f"combine={shown(combine)}")
    unions = np.zeros((len(combine), len(outcomes)))
    for at, (label, members) in enumerate(combine.items()):
        listed_members = _members(members, outcomes)
        if not listed_members:
            raise _unreadable(f"combine: {shown(label)} holds {shown(members)}; combine")
        for member in listed_members:
            unions[at, _position(member, outcomes, label)] = 1.0
    return list(combine), unions


def _unreadable(what: str) -> OptionError:
    return OptionError(
        "combine-unreadable",
        f'{what} must name outcomes that are taken together, {{"car or train": ["car", "train"]}}.',
    )


def _members(members: Any, outcomes: Sequence[Any]) -> list[Any]:
    """Outcomes that are taken together: several, or one by its label."""
    if isinstance(members, str | tuple) and members in outcomes:
        return [members]
    if isinstance(members, str) or not isinstance(members, Iterable):
        return [members]
    return list(members)


def _position(member: Any, outcomes: Sequence[Any], label: Any) -> int:
    for at, outcome in enumerate(outcomes):
        same_type = isinstance(member, bool) == isinstance(outcome, bool)
        if same_type and isinstance(member, Hashable) and member == outcome:
            return at
    raise OptionError(
        "unknown-outcome",
        f"combine: {shown(label)} has {shown(member)}, which is no outcome"
        f"{nearest(str(member), list(map(str, outcomes)))}.\n"
        f"Outcomes: {', '.join(map(shown, outcomes))}.",
    )
