"""Why two fits differ, where their numbers tell."""

from __future__ import annotations

import numpy as np

from mnlstat.peers.naming import CONSTANT, normal
from mnlstat.report.agreement import Distances, values
from mnlstat.report.facts import FitFacts

# As near as numbers of a few printed digits can be.
NEAR = 1e-3


def reasons(ours: FitFacts, theirs: FitFacts) -> tuple[str, ...]:
    """What is to be said of the difference; nothing where the fits agree."""
    if Distances.between(ours, theirs).within(NEAR):
        return ()
    a, b = values(ours.params), values(theirs.params)
    se, se_b = values(ours.bse), values(theirs.bse)
    scale = np.fmax(np.abs(a), se)
    constant = np.array([normal(term) == CONSTANT for _, term in ours.params.index])
    found: list[str] = []
    if _near(a, -b, scale):
        found.append(
            "all its signs are opposite: its coefficients are of the base against the others, or"
            " of another order of the outcomes."
        )
    elif _near(a[~constant], b[~constant], scale[~constant]) and constant.any():
        found.append(
            "its slopes are the same and its constants are not: columns are centred, or coded, in"
            " another way."
        )
    elif _proportional(ours, theirs):
        found.append(
            "its coefficients are ours times a number that is the same in every equation: columns"
            " are in other units, or standardised."
        )
    if _near(a, b, scale) and np.isfinite(se_b).all():
        ratio = se_b / se
        if np.ptp(ratio) < NEAR * ratio.mean():
            found.append(
                f"its standard errors are ours times {ratio.mean():.6g}: another scale of the"
                " covariance."
            )
        else:
            found.append("its standard errors are of another kind of covariance.")
    return tuple(found)


def _near(a: np.ndarray, b: np.ndarray, scale: np.ndarray) -> bool:
    return bool(np.all(np.abs(a - b) <= NEAR * scale))


def _proportional(ours: FitFacts, theirs: FitFacts) -> bool:
    """Whether each slope is the same multiple of ours in all equations, two at least."""
    table = ours.params.unstack("term"), theirs.params.unstack("term")
    if len(table[0]) < 2:
        return False
    slopes = [term for term in table[0] if normal(term) != CONSTANT]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (table[1][slopes] / table[0][slopes]).to_numpy(dtype=float)
    spread, size = np.ptp(ratio, axis=0), np.abs(ratio.mean(axis=0))
    return bool(slopes and np.isfinite(ratio).all() and (spread <= NEAR * size).all())
