"""Likelihood-ratio tests of pseudo-likelihoods, scaled by what the design does to them."""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_triangular

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.errors import OptionError
from mnlstat.inference.degrees import Fixed
from mnlstat.inference.distributions import chi2_p, f_p
from mnlstat.inference.estimates import Estimates


def design_effects(information: FloatArray, design: FloatArray) -> FloatArray:
    """Eigenvalues (m,) of ``(A A')^-1 B B'``: generalised design effects.

    Parameters
    ----------
    information : (m, d) array
        ``A``, with ``A A'`` the inverse information of the m estimates that are tested.
    design : (m, e) array
        ``B``, with ``B B'`` their covariance under the design.
    """
    triangle = np.linalg.qr(information.T, mode="r")
    relative = solve_triangular(triangle, design, trans="T", check_finite=False)
    effects: FloatArray = np.linalg.svd(relative, compute_uv=False) ** 2
    return np.append(effects, np.zeros(len(information) - len(effects)))


def rao_scott(statistic: float, positions: IntArray, estimates: Estimates) -> dict[str, float]:
    r"""Scale the likelihood-ratio statistic of m estimates being zero.

    With :math:`\bar\delta` the mean of the m design effects and a their coefficient of variation,
    ``X / (mean (1 + a^2))`` is chi-squared with ``m / (1 + a^2)`` degrees of freedom; where the
    covariance has d degrees of freedom, ``X / (m mean)`` is F on ``m / (1 + a^2)`` and d times as
    many.

    Parameters
    ----------
    statistic : twice the difference of the log pseudo-likelihoods
    positions : (m,) of the estimates tested, among the p of the larger model
    estimates : of that model

    Returns
    -------
    dict
        statistic, df, p_value; df_denom of F.

    Raises
    ------
    OptionError
        Under a covariance whose degrees of freedom are those of single contrasts.

    References
    ----------
    Rao, J. N. K. & Scott, A. J. (1984). Annals of Statistics 12, 46-60.
    Thomas, D. R. & Rao, J. N. K. (1987). Journal of the American Statistical Association 82,
    630-636.
    """
    root, covariance = estimates.information_root, estimates.covariance
    assert root is not None
    effects = design_effects(root[positions], covariance.root[positions])
    m, mean = len(effects), float(effects.mean())
    spread = float(((effects / mean - 1.0) ** 2).mean()) if mean > 0 else float("nan")
    df = m / (1.0 + spread)
    if covariance.degrees is None:
        scaled = statistic / (mean * (1.0 + spread))
        return {"statistic": scaled, "df": df, "p_value": chi2_p(scaled, df)}
    if not isinstance(covariance.degrees, Fixed):
        raise OptionError(
            "covariance-option",
            f"Rao-Scott: the covariance, {covariance.kind}, has other degrees of freedom for each"
            " contrast.\nAsk for test='Wald', or for another covariance.",
        )
    value, denominator = statistic / (m * mean), df * covariance.degrees.df
    p = f_p(value, df, denominator)
    return {"statistic": value, "df": df, "p_value": p, "df_denom": denominator}
