"""What a bootstrap is asked for, checked: options that mean nothing together are refused."""

from __future__ import annotations

from typing import Any

import numpy as np

from mnlstat.errors import OptionError
from mnlstat.memory import check_room
from mnlstat.options import check_count, shown
from mnlstat.report.bootstrap import BAYESIAN

PAIRS, CLUSTER, STRATIFIED = "pairs", "cluster", "stratified"
KINDS = (PAIRS, CLUSTER, STRATIFIED, BAYESIAN)


def check_drawn(kind: str, groups: Any, strata: Any) -> None:
    """Refuse groups or strata that would be ignored, or are missing."""
    for option, given, of in (("groups", groups, CLUSTER), ("strata", strata, STRATIFIED)):
        if (given is not None) != (kind == of):
            what = f"needs {option}=" if kind == of else f"takes no {option}="
            raise OptionError(
                "bootstrap-option",
                f"bootstrap(kind={kind!r}) {what}; that is for kind={of!r}.",
            )


def check_replicates(n: int, p: int, *, studentised: bool) -> None:
    """Refuse more replicates of p coefficients than fit into memory."""
    check_room(
        16.0 * n * (2 * p if studentised else p),
        f"bootstrap(): n={n} replicates of {p} coefficients",
        "Ask for fewer: thousands do.",
    )


def checked_seed(seed: Any) -> int:
    """A whole number that the random numbers begin with."""
    if seed is None:
        return int(np.random.SeedSequence().generate_state(1, np.uint64)[0])
    try:
        return check_count("seed", seed)
    except OptionError as error:
        raise OptionError(
            "not-a-count", f"seed={shown(seed)} must be a whole number, or left out."
        ) from error


def check_studentised(kind: str, *, penalised: bool) -> None:
    """Refuse standard errors of replicates that have none."""
    if kind == BAYESIAN:
        raise OptionError(
            "no-replicate-errors",
            "bootstrap(kind='bayesian') takes no studentised=: its replicates are draws from a"
            " posterior distribution.\nAsk for kind='pairs', or for percentiles.",
        )
    if penalised:
        raise OptionError(
            "no-replicate-errors",
            "bootstrap(studentised=True): the scores of the rows do not sum to zero at penalised"
            " estimates, so that replicates have no sandwich.\n"
            "Fit without penalty=; of a bias-reduced fit conf_int(method='bca') is offered.",
        )
