"""Rows dealt into folds."""

from __future__ import annotations

import numpy as np

from mnlstat.arrays import IntArray
from mnlstat.design.groups import Groups
from mnlstat.errors import OptionError


def folds_of_rows(n: int, strata: IntArray | None, k: int, seed: int) -> IntArray:
    """The fold of each of n rows: as many in each, but for one, also within strata.

    Raises
    ------
    OptionError
        For more folds than rows.
    """
    _check_enough(k, n, "rows")
    rng = np.random.default_rng(seed)
    order = rng.permutation(n)
    if strata is not None:  # shuffled within strata, and dealt through all of them
        order = order[np.argsort(strata[order], kind="stable")]
    folds = np.empty(n, dtype=np.intp)
    folds[order] = rng.permutation(k)[np.arange(n) % k]
    return folds


def folds_of_groups(groups: Groups, k: int, seed: int) -> IntArray:
    """The fold of each row, groups kept together: the largest first, each to the emptiest fold.

    Raises
    ------
    OptionError
        For more folds than groups.
    """
    _check_enough(k, len(groups), groups.named("groups"))
    rng = np.random.default_rng(seed)
    sizes = np.bincount(groups.codes, minlength=len(groups))
    order = rng.permutation(len(groups))
    order = order[np.argsort(-sizes[order], kind="stable")]
    filled, fold = np.zeros(k, dtype=np.intp), np.empty(len(groups), dtype=np.intp)
    for group in order.tolist():
        at = int(filled.argmin())
        fold[group] = at
        filled[at] += sizes[group]
    return fold[groups.codes]


def _check_enough(k: int, n: int, what: str) -> None:
    if k > n:
        raise OptionError("folds", f"k={k} folds of {n} {what}: at most {n} can be made.")
