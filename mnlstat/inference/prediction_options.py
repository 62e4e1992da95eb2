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
    own : whether the outcomes are those of the model, by their own names
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
    own: bool = True

    @property
    def collapses(self) -> bool:
        """Whether the groups are other than each outcome by itself, in order."""
        return [group.tolist() for group in self.groups] != [[at] for at in range(len(self.groups))]

    @property
    def overlaps(self) -> bool:
        """Whether the groups are no partition: they overlap, or one of them holds all."""
        members = [int(at) for group in self.groups for at in group]
        return len(set(members)) < len(members) or len(self.groups) == 1

    @property
    def plain(self) -> bool:
        """Whether it is the frame of the probabilities of the outcomes, and nothing else."""
        wide = self.kind == PROBABILITY and not self.interval and self.shape == WIDE
        return wide and self.own

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
    labels, groups = combined(given["combine"], outcomes, given["kind"] == PROBABILITY)
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
        given["combine"] is None,
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


def combined(
    combine: Any, outcomes: Sequence[Any], overlapping: bool
) -> tuple[tuple[Any, ...], tuple[IntArray, ...]]:
    """Outcomes of which some are combined: labels, and positions of the members of each.

    A combination stands where the first of its members stood; of one outcome it is another name.

    Parameters
    ----------
    combine : mapping of labels to outcomes, or None
    outcomes : of the model
    overlapping : whether combinations may share outcomes, or hold all, as those of probabilities
        may; classes and odds are of outcomes that exclude one another

    Raises
    ------
    OptionError
        For what is no mapping, for unknown outcomes, and for what must not overlap.
    """
    if combine is None:
        return tuple(outcomes), tuple(np.array([at]) for at in range(len(outcomes)))
    if not isinstance(combine, Mapping) or not combine:
        raise _combine(f"combine={shown(combine)} must be {{label: [outcome, outcome]}}")
    sets: dict[Any, list[int]] = {}
    for label, members in combine.items():
        if isinstance(members, str) or not isinstance(members, list | tuple | set | frozenset):
            raise _combine(f"combine: {shown(label)} must be a list of outcomes")
        sets[label] = sorted({outcome_position("combine", each, outcomes) for each in members})
        if not sets[label]:
            raise _combine(f"combine: {shown(label)} has no outcome")
    if not overlapping:
        _check_apart(sets, outcomes)
    return _in_order(sets, outcomes)


def _check_apart(sets: Mapping[Any, list[int]], outcomes: Sequence[Any]) -> None:
    """Refuse combinations that share an outcome, or hold all."""
    of_member: dict[int, Any] = {}
    for label, found in sets.items():
        if len(found) == len(outcomes):
            raise _combine(f"combine: {shown(label)} must not have all outcomes")
        for position in found:
            if position in of_member:
                twice = f"{shown(of_member[position])} and in {shown(label)}"
                raise _combine(f"combine: {shown(outcomes[position])} is in {twice}")
            of_member[position] = label


def _in_order(
    sets: Mapping[Any, list[int]], outcomes: Sequence[Any]
) -> tuple[tuple[Any, ...], tuple[IntArray, ...]]:
    labels: list[Any] = []
    groups: list[IntArray] = []
    taken = {position for found in sets.values() for position in found}
    for position, outcome in enumerate(outcomes):
        here = {label: found for label, found in sets.items() if found[0] == position}
        if position not in taken:
            here = {outcome: [position]}
        labels += here
        groups += [np.array(found) for found in here.values()]
    twice = next((label for at, label in enumerate(labels) if label in labels[:at]), None)
    if twice is not None:
        raise _combine(f"combine: {shown(twice)} is the label of an outcome that is left")
    return tuple(labels), tuple(groups)


def _combine(said: str) -> OptionError:
    return OptionError(
        "combined-outcomes",
        f"{said}.\nOutcomes are combined by name, {{label: [outcome, outcome]}}; for classes and"
        " odds each belongs to one combination at most.",
    )
