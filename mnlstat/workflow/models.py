"""Several fitted models side by side: likelihood-ratio tests, criteria, Vuong's test."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pandas as pd

from mnlstat.errors import DataError
from mnlstat.inference.comparison import VuongResult, aicc, akaike_weights
from mnlstat.inference.comparison import vuong as vuong_of
from mnlstat.inference.distributions import chi2_p
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.options import check_choice, named_options
from mnlstat.results import MNLogitResults
from mnlstat.rows.rows import Rows
from mnlstat.workflow.maxima import check_likelihood, check_ratio
from mnlstat.workflow.same_rows import check_results, check_same_rows, nested
from mnlstat.workflow.with_rows import check_rows


@named_options
def anova(*results: MNLogitResults) -> pd.DataFrame:
    """Likelihood-ratio tests of nested models, each against the next smaller one.

    ``2 (l1 - l0)``, chi-squared with the difference of the numbers of parameters.

    Parameters
    ----------
    *results : MNLogitResults
        Fits to the same rows, in any order.  A model under constraints is nested in that without
        them, and in one whose constraints follow from its own.

    Returns
    -------
    DataFrame
        A row for each model, the smallest first; index model, the place in which it was given;
        columns formula, n_parameters, log_likelihood, statistic, df, p_value, aic, bic; and
        constraints, where a model has some.

    Raises
    ------
    OptionError
        For fewer than two models, for penalised ones, and for pseudo-likelihoods (sampling weights,
        shares) and robust covariances, under which there is no likelihood-ratio test.
    DataError
        When the rows differ, or a model is not nested in the next.
    ConvergenceError
        When a fit did not reach its maximum.

    Examples
    --------
    >>> import mnlstat as mn
    >>> anes = mn.datasets.anes96()
    >>> large = mn.mnlogit("vote ~ age + educ", anes).fit()
    >>> table = mn.anova(large.update(". ~ . - educ"), large)
    >>> table["df"].tolist()[1]
    1.0
    """
    check_results("anova", results)
    check_same_rows("anova", results)
    for res in results:
        check_likelihood("anova", res)
        check_ratio("anova", res)
    order = sorted(range(len(results)), key=lambda at: results[at].n_parameters)
    rows = [_facts(results[at]) for at in order]
    for below, above in pairwise(order):
        small, large = results[below], results[above]
        if small.n_parameters == large.n_parameters or not nested(small, large):
            raise DataError(
                "not-nested",
                f"anova(): {small.formula!r} is not nested in {large.formula!r}.\n"
                "Compare them by information_criteria(), or by vuong().",
            )
        df = large.n_parameters - small.n_parameters
        statistic = 2.0 * (large.llf - small.llf)
        test = {"statistic": statistic, "df": df, "p_value": chi2_p(statistic, df)}
        rows[order.index(above)] |= test
    frame = pd.DataFrame(rows, index=pd.Index([at + 1 for at in order], name="model"))
    columns = ["formula", "n_parameters", "log_likelihood", "statistic", "df", "p_value", "aic"]
    frame = frame.reindex(columns=[*columns, "bic"])
    if any(res.constraints for res in results):
        bound = [", ".join(results[at].constraints) for at in order]
        frame.insert(1, "constraints", bound)
    return frame


@named_options
def information_criteria(*results: MNLogitResults) -> pd.DataFrame:
    """AIC, AICc and BIC of models of the same rows, with Akaike weights.

    Parameters
    ----------
    *results : MNLogitResults
        They need not be nested.

    Returns
    -------
    DataFrame
        In the order given; index model; columns formula, n_parameters, log_likelihood, aic,
        aicc, bic, delta_aic (from the least), weight (Akaike weight, of AIC).

    Raises
    ------
    OptionError, DataError, ConvergenceError
        As for :func:`anova`, but that models need not be nested.

    References
    ----------
    Burnham, K. P. & Anderson, D. R. (2002). Model Selection and Multimodel Inference, 2nd ed.

    Examples
    --------
    >>> import mnlstat as mn
    >>> anes = mn.datasets.anes96()
    >>> one, other = (mn.mnlogit(f"vote ~ {x}", anes).fit() for x in ("age", "educ"))
    >>> mn.information_criteria(one, other)["delta_aic"].round(1).tolist()
    [4.2, 0.0]
    """
    check_results("information_criteria", results)
    check_same_rows("information_criteria", results)
    for res in results:
        check_likelihood("information_criteria", res)
    frame = pd.DataFrame(
        [_facts(res) for res in results],
        index=pd.Index(range(1, len(results) + 1), name="model"),
    )
    pairs = [aicc(res.llf, res.n_parameters, res.nobs) for res in results]
    frame.insert(frame.columns.get_loc("aic") + 1, "aicc", pairs)
    frame["delta_aic"] = frame["aic"] - frame["aic"].min()
    frame["weight"] = akaike_weights(frame["aic"].to_numpy(dtype=float))
    return frame


@named_options
def vuong(
    first: MNLogitResults, second: MNLogitResults, *, correction: str = "none"
) -> VuongResult:
    """Vuong's test of two models that are not nested, of the same rows.

    ``z = (sum d - c) / (sqrt(n) s)``, with d the differences of the rows' log-likelihoods and s
    their standard deviation; standard normal when both are equally near to the truth.

    Parameters
    ----------
    first, second : MNLogitResults
    correction : {"none", "aic", "bic"}
        What is taken off for parameters: nothing, ``p1 - p2``, or ``(p1 - p2) log(n) / 2``.

    Raises
    ------
    DataError
        When the models are nested (use :func:`anova`), or the rows differ or are not in memory.
    OptionError, ConvergenceError
        As for :func:`anova`.

    References
    ----------
    Vuong, Q. H. (1989). Econometrica 57, 307-333.

    Examples
    --------
    >>> import mnlstat as mn
    >>> anes = mn.datasets.anes96()
    >>> one, other = (mn.mnlogit(f"vote ~ {x}", anes).fit() for x in ("age", "educ"))
    >>> round(mn.vuong(one, other).statistic, 3)
    -0.649
    """
    check_results("vuong", (first, second))
    check_choice("correction", correction, ("none", "aic", "bic"))
    check_same_rows("vuong", (first, second))
    for res in (first, second):
        check_likelihood("vuong", res)
        check_rows("vuong", res)
        _in_memory(res)
    if nested(first, second) or nested(second, first):
        raise DataError(
            "models-nested",
            f"vuong(): one of {first.formula!r} and {second.formula!r} is nested in the other.\n"
            "Compare them by anova().",
        )
    rows = first.likelihood.rows
    times = rows.weights if isinstance(rows, Rows) else None
    parts = [_in_memory(res).loglike_obs(res.estimates.values) for res in (first, second)]
    if times is not None:
        parts = [part / times for part in parts]
    parameters = (first.n_parameters, second.n_parameters)
    names = (first.formula, second.formula)
    return vuong_of(parts[0], parts[1], times, parameters, correction, names)


def _in_memory(res: MNLogitResults) -> MultinomialLikelihood:
    """The likelihood of rows that are all in memory."""
    likelihood = res.likelihood
    if res.sample is not None:
        res.sample.in_memory("vuong()", "Fit the models to a frame.")
    return likelihood


def _facts(res: MNLogitResults) -> dict[str, Any]:
    return {
        "formula": res.formula,
        "n_parameters": res.n_parameters,
        "log_likelihood": res.llf,
        "aic": res.aic,
        "bic": res.bic,
    }
