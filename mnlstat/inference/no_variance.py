"""Coefficients of whose errors clusters say nothing: their scores sum to zero in each cluster."""

from __future__ import annotations

import numpy as np
from scipy.linalg import LinAlgError, solve

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.linalg import row_norms

# A standard deviation of sums of scores this small, beside that of independent units, is rounding.
NOTHING = 1e-7


def without_variance(root: FloatArray, sandwich: FloatArray, weight: float) -> BoolArray:
    """Which coefficients (p,) have scores that sum to zero in every cluster.

    With ``V = I^-1 M I^-1 = S S'`` and ``I^-1 = F F'`` the variance of the sum of the scores of
    coefficient j is ``M_jj``, the squared length of row j of ``I S``; of independent units it
    would be about ``I_jj`` times their mean weight.  So it is with indicators of the clusters, and
    with what is constant within each beside them: the equations of the estimate make the sums zero.
    What variance such a coefficient has comes from the others alone, and is none of its own.

    Parameters
    ----------
    root : (p, d) array
        F, of the free directions alone where constraints bind the estimates.
    sandwich : (p, e) array
        S.
    weight : mean weight of a unit
    """
    usual = row_norms(root)
    free = usual > 0
    none: BoolArray = np.zeros(len(root), dtype=bool)
    if not (np.isfinite(root).all() and np.isfinite(sandwich).all()):
        return none
    small = NOTHING * np.sqrt(weight)
    none[free] = row_norms(sandwich[free]) <= small * usual[free]
    if root.shape[0] != root.shape[1]:
        return none  # the scores of bound coefficients need not sum to zero over all rows
    F, S = root / usual[:, None], sandwich / usual[:, None]
    try:
        inverse = solve(F, np.eye(len(F)), check_finite=False)
    except LinAlgError:
        return none
    # F^-T F^-1 S: I S in units of the standard errors
    none |= row_norms(inverse.T @ (inverse @ S)) <= small * row_norms(inverse.T)
    return none
