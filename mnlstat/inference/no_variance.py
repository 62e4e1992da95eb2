"""Coefficients of whose errors clusters say nothing: their scores sum to zero in each cluster."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.linalg import LinAlgError, solve

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.errors import RankError
from mnlstat.inference.covariance import ROUNDED, Covariance
from mnlstat.linalg import row_norms
from mnlstat.rows.threads import one_blas_thread

# A standard deviation of sums of scores, or of estimates, this small beside that of independent
# units, relative to the largest such ratio, is rounding.
NOTHING = 1e-7
# Coefficients that a message names.
NAMED = 5


def without_variance(root: FloatArray, sandwich: FloatArray) -> BoolArray:
    """Which coefficients (p,) have scores that sum to zero in every cluster.

    With ``V = I^-1 M I^-1 = S S'`` and ``I^-1 = F F'`` the variance of the sum of the scores of
    coefficient j is ``M_jj``, the squared length of row j of ``I S``; of independent units it
    would be about ``I_jj`` times their mean weight, the same for all coefficients.  Beside that it
    is zero with indicators of the clusters, and with what is constant within each beside them: the
    equations of the estimate make the sums zero.  What variance such a coefficient has comes from
    the others alone, and is none of its own.

    Parameters
    ----------
    root : (p, d) array
        F, of the free directions alone where constraints bind the estimates.
    sandwich : (p, e) array
        S.
    """
    usual = row_norms(root)
    free = usual > 0
    none: BoolArray = np.zeros(len(root), dtype=bool)
    if not (np.isfinite(root).all() and np.isfinite(sandwich).all()):
        return none
    ratios = row_norms(sandwich[free]) / usual[free]
    scale = float(ratios.max(initial=0.0))
    F = root / np.where(free, usual, 1.0)[:, None]
    inverse = _inverse(F)
    if inverse is None:  # the scores of bound coefficients need not sum to zero over all rows
        none[free] = ratios <= NOTHING * scale
        return none
    # F^-T F^-1 S: I S in units of the standard errors
    of_scores = row_norms(inverse.T @ (inverse @ (sandwich / usual[:, None])))
    of_scores /= row_norms(inverse.T)
    scale = max(scale, float(of_scores.max(initial=0.0)))
    return (ratios <= NOTHING * scale) | (of_scores <= NOTHING * scale)


def _inverse(F: FloatArray) -> FloatArray | None:
    """That of a square matrix that has one."""
    if F.shape[0] != F.shape[1] or not row_norms(F).all():
        return None
    try:
        return np.asarray(solve(F, np.eye(len(F)), check_finite=False))
    except LinAlgError:
        return None


def least_root(root: FloatArray, sandwich: FloatArray) -> FloatArray:
    """A multiple of F (p, d): what has a smaller standard error by S than by it has rounding.

    The errors of other coefficients are more: there is a column for each cluster and no constant,
    say.
    """
    usual = row_norms(root)
    free = usual > 0
    return root * (NOTHING * float((row_norms(sandwich[free]) / usual[free]).max(initial=0.0)))


def rounding(R: FloatArray | None, root: FloatArray, sandwich: FloatArray) -> BoolArray:
    """Of which combinations ``R b``, R (m, p), the standard error is rounding (m,).

    R None is each coefficient.
    """
    if not (np.isfinite(root).all() and np.isfinite(sandwich).all()):
        return np.zeros(len(root if R is None else R), dtype=bool)
    least = least_root(root, sandwich)
    reach = row_norms(least) if R is None else np.abs(R) @ row_norms(least)
    with one_blas_thread():
        F, S = (least, sandwich) if R is None else (R @ least, R @ sandwich)
    own = row_norms(F)
    # what constraints fix has no error at all
    return np.asarray((row_norms(S) <= own) & (own > ROUNDED * reach))


def alike(found: Covariance, root: FloatArray, weight: float) -> BoolArray:
    """Which estimates (p,) have errors that are rounding, beside those of ``F`` (p, d)."""
    usual = row_norms(root) * np.sqrt(weight)
    return np.asarray((found.standard_errors() <= NOTHING * usual) & (usual > 0))


def listed(names: Sequence[str], at: IntArray) -> str:
    """The first of the names at some places, and how many more there are."""
    more = f" and {len(at) - NAMED} more" if len(at) > NAMED else ""
    return ", ".join(names[each] for each in at[:NAMED].tolist()) + more


def check_differing(
    found: Covariance, root: FloatArray, weight: float, names: Sequence[str], caller: str
) -> None:
    """Refuse the covariance of replicates of which some estimates do not differ but by rounding.

    Parameters
    ----------
    found : of the p estimates
    root : (p, d) array
        F, with ``F F'`` the inverse information.
    weight : mean weight of a unit
    names : of the p estimates

    Raises
    ------
    RankError
    """
    same = np.flatnonzero(alike(found, root, weight))
    if not same.size:
        return
    raise RankError(
        "replicates-alike",
        f"{caller}: the replicates of {listed(names, same)} are all the same, and say nothing"
        f" of the errors: {found.kind}.\nDraw, weigh or leave out what differs; merge rare levels"
        " or outcomes; or take another covariance, such as 'robust'.",
    )


def check_spoken_of(
    R: FloatArray, root: FloatArray, sandwich: FloatArray, kind: str, hypothesis: str
) -> None:
    """Refuse a test of ``R b = r``, R (m, p), of coefficients of whose errors clusters say nothing.

    Raises
    ------
    RankError
    """
    if (np.abs(R) @ without_variance(root, sandwich)).any():
        raise RankError(
            "no-variance-of-clusters",
            f"{hypothesis}: the covariance, {kind}, says nothing of the errors of what is tested:"
            " scores sum to zero in every cluster, or unit.\nLeave indicators of clusters out of"
            " the formula, or take another covariance.",
        )
