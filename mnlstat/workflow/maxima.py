"""Whether a fit is the maximum of a likelihood, as criteria and likelihood ratios need it."""

from __future__ import annotations

import numpy as np

from mnlstat.errors import ConvergenceError, OptionError
from mnlstat.results import MNLogitResults


def check_likelihood(caller: str, res: MNLogitResults) -> None:
    """Refuse what has no maximum of a likelihood."""
    if res.pseudo:
        raise OptionError(
            "lr-of-pseudo-likelihood",
            f"{caller}(): {res.formula!r} has sampling weights or shares: it maximises a"
            " pseudo-likelihood, of which there is no likelihood ratio, AIC or BIC.\n"
            "Use res.test(), kind='wald' or 'Rao-Scott'; of drop1() and add1() test='Wald' or"
            " 'Rao-Scott' with criterion=None.",
        )
    if res.penalty is not None:
        instead = "Compare fits without a penalty."
        if isinstance(res.penalty, str):
            instead = "res.anova() tests its terms, all with the penalty of the whole model."
        raise OptionError(
            "lr-of-penalised",
            f"{caller}(): {res.formula!r} maximises a penalised likelihood.\n{instead}",
        )
    if not (res.converged or res.at_supremum):
        raise ConvergenceError(
            "not-a-maximum",
            f"{caller}(): {res.formula!r} did not reach its maximum: {res.status}.",
        )
    if not np.isfinite(res.llf):
        raise ConvergenceError("not-a-maximum", f"{caller}(): {res.formula!r} has no likelihood.")


def check_ratio(caller: str, res: MNLogitResults) -> None:
    """Refuse a likelihood ratio under a covariance that does not rely on the likelihood."""
    if res.robust:
        raise OptionError(
            "lr-of-robust",
            f"{caller}(): {res.formula!r} has a covariance that does not rely on the likelihood"
            f" ({res.cov_type}), and a likelihood ratio does.\nUse res.test(), kind='wald' or"
            " 'Rao-Scott'; or res.with_cov('observed').",
        )
