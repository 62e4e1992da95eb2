"""A fit beside what another program reported of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from mnlstat.errors import ConvergenceError, OptionError
from mnlstat.peers import opened, refusal
from mnlstat.peers.reasons import reasons
from mnlstat.report.compare import Comparison
from mnlstat.report.facts import describe
from mnlstat.report.fitted import Fitted


class Comparable(Fitted, Protocol):
    """A result that can change its base."""

    @property
    def likelihood(self) -> Any:
        """Of the kept columns, with the base of this result."""

    def rebase(self, base: Any) -> Any:
        """The same against another base."""


def beside_reported(res: Comparable, other: Any, columns: Sequence[str]) -> Comparison:
    """Lay a fit beside printed numbers, a table, or an estimator of scikit-learn.

    ``columns`` are those that are not aliased.
    """
    if res.penalty is not None:
        raise ConvergenceError(
            "compare-penalised",
            "compare(): this fit maximises a penalised likelihood, and other programs' numbers are"
            " judged by the likelihood.\nCompare a fit without penalty.",
        )
    if res.constraints:
        raise OptionError(
            "compare-constraints",
            "compare(): this fit has constraints, and other programs' numbers are judged by the"
            " likelihood without them.\nCompare a fit without constraints.",
        )
    refusal.refuse_unfittable(res.status)
    labels = list(res.outcomes)
    reported = opened.read(other, labels, labels.index(res.base), columns)
    ours = res.rebase(labels[reported.base_of(labels)])
    theirs = reported.facts(labels, columns, ours.likelihood)
    facts = describe(ours, ours.likelihood)
    moved: tuple[str, ...] = ()
    if ours.base != res.base:
        moved = (f"counts from {ours.base}: ours, from {res.base}, is re-based to match.",)
    told = (*moved, *theirs.remarks, *reasons(facts, theirs))
    return Comparison(facts, replace(theirs, remarks=told))
