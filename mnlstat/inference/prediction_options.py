"""What is asked of predictions, checked: kind, interval, base, outcomes combined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnlstat.arrays import IntArray
from mnlstat.errors import OptionError
from mnlstat.inference.asked import outcome_position
from mnlstat.options import check_alpha, check_choice, check_flag, shown

PROBABILITY, LINK, CLASS = "probability", "link", "class"
KINDS = (PROBABILITY, LINK, CLASS)
LOGIT = "logit"
WIDE, LONG = "wide", "long"
OUTCOMES, ALL, GRID = "outcomes", "all", "grid"
FIRST, ERROR, MISSING = "first", "error", "missing"
TIES = (FIRST, ERROR, MISSING)
LEVEL = 0.05


@dataclass(frozen=True, eq=False)
class Asked:
    """What is predicted.

    Attributes
    ----------
    kind : "probability", "link" or "class"
    labels : of the G outcomes, combined ones among them
    groups : the outcomes of the model that each consists of, by position
    against : position among the G of the base of a link
    interval : whether standard errors and intervals are wanted
    alpha : one minus the level
    scale : on which an interval of a probability is symmetric
    simultaneous : which intervals hold together: None, "outcomes" or "all"
    shape : "wide" or "long"
    ties : which class where several are equally good
    """

    kind: str
    labels: tuple[Any, ...]
    groups: tuple[IntArray, ...]
    against: int = 0
    interval: bool = False
    alpha: float = LEVEL
    scale: str = LOGIT
    simultaneous: str | None = None
    shape: str = WIDE
    ties: str = FIRST

    @property
    def collapses(self) -> bool:
        """Whether some outcomes are combined."""
        return any(len(group) > 1 for group in self.groups)

    @property
    def plain(self) -> bool:
        """Whether it is the frame of the probabilities of the outcomes, and nothing else."""
        wide = self.kind == PROBABILITY and not self.interval and self.shape == WIDE
        return wide and not self.collapses

    @property
    def predicted(self) -> tuple[Any, ...]:
        """Outcomes that have a prediction: of a link all but the base."""
        if self.kind != LINK:
            return self.labels
        return self.labels[: self.against] + self.labels[self.against + 1 :]


def asked_of(outcomes: Sequence[Any], base: Any, given: Mapping[str, Any]) -> Asked:
    """Check the options of ``predict`` against each other: none is taken that has no effect.

    Parameters
    ----------
    outcomes : labels of all outcomes, in order
    base : the outcome that coefficients are against
    given : kind, interval, alpha, base, scale, shape, combine, simultaneous, costs, ties

    Raises
    ------
    OptionError
    """
    _check_values(given)
    _check_use(given)
    labels, groups = combined(given["combine"], outcomes)
    against = base if given["base"] is None else given["base"]
    interval, together = bool(given["interval"]), given["simultaneous"]
    return Asked(
        given["kind"],
        labels,
        groups,
        _base_among(labels, groups, outcomes, against),
        interval,
        float(given["alpha"]),
        given["scale"],
        ALL if together == GRID else together,
        given["shape"] or (LONG if interval else WIDE),
        given["ties"] or FIRST,
    )


def _check_values(given: Mapping[str, Any]) -> None:
    """Each option by itself."""
    check_flag("interval", given["interval"])
    check_alpha(given["alpha"])
    choices = {
        "kind": KINDS,
        "scale": (LOGIT, PROBABILITY),
        "simultaneous": (OUTCOMES, ALL, GRID),
        "shape": (WIDE, LONG),
        "ties": TIES,
    }
    for name, allowed in choices.items():
        if given[name] is not None or name in ("kind", "scale"):
            check_choice(name, given[name], allowed)


def _check_use(given: Mapping[str, Any]) -> None:
    """Options of one kind of prediction are not for another."""
    kind, interval = given["kind"], given["interval"]
    of_intervals = {
        "alpha": float(given["alpha"]) != LEVEL,
        "scale": given["scale"] != LOGIT,
        "simultaneous": given["simultaneous"] is not None,
    }
    for name, there in of_intervals.items():
        if there and not interval:
            raise _no_use(name, "belongs to interval=True")
    if kind == CLASS and (interval or given["shape"] is not None):
        raise _no_use("interval" if interval else "shape", "is not for kind='class'")
    for name in ("costs", "ties"):
        if kind != CLASS and given[name] is not None:
            raise _no_use(name, "belongs to kind='class'")
    if kind != LINK and given["base"] is not None:
        raise _no_use("base", "belongs to kind='link'; probabilities have no base")
    if kind == LINK and given["scale"] != LOGIT:
        raise _no_use("scale", "belongs to kind='probability'")


def _no_use(name: str, why: str) -> OptionError:
    return OptionError("option-without-use", f"{name}= {why}.\nLeave it out, or change the other.")


def _base_among(
    labels: tuple[Any, ...], groups: tuple[IntArray, ...], outcomes: Sequence[Any], base: Any
) -> int:
    """The position of the base among combined outcomes: by label, else by what it is part of."""
    if labels == tuple(outcomes):
        return outcome_position("base", base, labels)
    known = [at for at, label in enumerate(labels) if type(label) is type(base) and label == base]
    if known:
        return known[0]
    position = outcome_position("base", base, outcomes)
    return next(at for at, group in enumerate(groups) if position in group)


def combined(combine: Any, outcomes: Sequence[Any]) -> tuple[tuple[Any, ...], tuple[IntArray, ...]]:
    """Outcomes of which some are combined: labels, and positions of the members of each.

    A combination stands where the first of its members stood.

    Raises
    ------
    OptionError
        For what is no mapping, for unknown outcomes, and for one that is in two combinations.
    """
    if combine is None:
        return tuple(outcomes), tuple(np.array([at]) for at in range(len(outcomes)))
    if not isinstance(combine, Mapping) or not combine:
        raise _combine(f"combine={shown(combine)} must be {{label: [outcome, outcome]}}")
    of_member: dict[int, Any] = {}
    sets: dict[Any, list[int]] = {}
    for label, members in combine.items():
        if isinstance(members, str) or not isinstance(members, list | tuple | set | frozenset):
            raise _combine(f"combine: {shown(label)} must be a list of outcomes")
        found = sorted({outcome_position("combine", member, outcomes) for member in members})
        if not 2 <= len(found) < len(outcomes):
            raise _combine(f"combine: {shown(label)} must have two outcomes at least, and not all")
        for position in found:
            if position in of_member:
                twice = f"{shown(of_member[position])} and in {shown(label)}"
                raise _combine(f"combine: {shown(outcomes[position])} is in {twice}")
            of_member[position] = label
        sets[label] = found
    return _partition(sets, of_member, outcomes)


def _partition(
    sets: Mapping[Any, list[int]], of_member: Mapping[int, Any], outcomes: Sequence[Any]
) -> tuple[tuple[Any, ...], tuple[IntArray, ...]]:
    labels: list[Any] = []
    groups: list[IntArray] = []
    for position, outcome in enumerate(outcomes):
        if position not in of_member:
            labels.append(outcome)
            groups.append(np.array([position]))
        elif sets[of_member[position]][0] == position:
            labels.append(of_member[position])
            groups.append(np.array(sets[of_member[position]]))
    twice = next((label for at, label in enumerate(labels) if label in labels[:at]), None)
    if twice is not None:
        raise _combine(f"combine: {shown(twice)} is the label of an outcome that is left")
    if len(labels) < 2:
        raise _combine("combine leaves one outcome only")
    return tuple(labels), tuple(groups)


def _combine(said: str) -> OptionError:
    return OptionError(
        "combined-outcomes",
        f"{said}.\nEach outcome belongs to one combination at most; for others predict again.",
    )
