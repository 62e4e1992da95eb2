"""statsmodels' MNLogit on the same numbers: the only importer of statsmodels.

What to know of ``MNLogit`` (statsmodels 0.14 and 0.15): ``params`` is a (k, q) matrix, a column
for each outcome but the first in sorted order, while ``cov_params`` is outcome-major; ``llnull``
is a second optimisation; it may call itself converged with NaN coefficients, and it may raise.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.filters import filtered
from mnlstat.peers.matching import Peer, matched
from mnlstat.report.facts import NAN, FitFacts, Judge, judge

T = TypeVar("T")

NAME = "statsmodels"
KINDS = {"nonrobust": "observed information"}


def version() -> str:
    """The installed version."""
    import statsmodels

    return str(statsmodels.__version__)


def fit_statsmodels(
    codes: IntArray,
    X: FloatArray,
    labels: Sequence[Any],
    columns: Sequence[str],
    base: int,
    likelihood: Judge,
) -> FitFacts:
    """Fit the model with statsmodels, at its default settings.

    statsmodels is handed integer codes with the base as 0, so that it can fit outcomes of any
    type, and the design as it stands.

    Parameters
    ----------
    codes : (n,) int array
        Outcome of each row, as a position in ``labels``.
    X : (n, k) array
        Design without aliased columns.
    labels : sequence of J labels
        The outcomes in order.
    columns : sequence of k str
        Names of the columns of ``X``.
    base : int
        Position of the base outcome.
    likelihood : Judge
        mnlstat's likelihood of the same rows with the same base.

    Returns
    -------
    FitFacts
        With ``failure`` set and NaN numbers where statsmodels raised.
    """
    from statsmodels.discrete.discrete_model import MNLogit

    order = [base, *(j for j in range(len(labels)) if j != base)]
    recoded = np.argsort(order)[codes]
    told: list[str] = []
    index = _index(labels, order[1:], columns)
    try:
        model = _listening(told, lambda: MNLogit(recoded, X))
        results, fit_seconds = _timed(lambda: _listening(told, lambda: model.fit(disp=0)))
        numbers, inference_seconds = _timed(
            lambda: _listening(told, lambda: _numbers(results, told))
        )
    except Exception as error:  # whatever the peer raises is what the comparison has to say
        return _failed(error, tuple(labels), labels[base], len(codes), index, told)
    seconds = {"fit": fit_seconds, "inference": inference_seconds}
    return _facts(
        results, numbers, _outcome_by_outcome, base, labels, index, likelihood, seconds, told
    )


def facts_of(
    results: Any,
    codes: IntArray,
    X: FloatArray,
    labels: Sequence[Any],
    columns: Sequence[str],
    likelihood: Judge,
) -> FitFacts:
    """Describe a model that the user fitted with statsmodels, in the order of ours.

    Parameters
    ----------
    results : statsmodels MultinomialResults, or its wrapper
        From arrays or from a formula; its base is its first outcome.
    codes, X, labels, columns
        Our rows, as for :func:`fit_statsmodels`.
    likelihood : Judge
        mnlstat's likelihood with the base of ``results``; see :func:`base_of`.

    Raises
    ------
    DataError
        When it is not a multinomial result or has other rows, outcomes or terms than ours.
    """
    peer = Peer.of(results)
    match = matched(peer, codes, X, labels, columns)
    told: list[str] = []
    numbers = _listening(told, lambda: _numbers(results, told))
    index = _index(labels, match.others, columns)
    facts = _facts(results, numbers, match.arrange, match.base, labels, index, likelihood, {}, told)
    return replace(facts, remarks=(match.remark, *facts.remarks)) if match.remark else facts


def base_of(results: Any, labels: Sequence[Any], codes: IntArray) -> int:
    """Position in ``labels`` of the outcome that a statsmodels result takes as base.

    Raises
    ------
    DataError
        When it is not a multinomial result or its outcomes are not ours.
    """
    return Peer.of(results).positions(labels, codes)[0]


def _index(labels: Sequence[Any], others: Sequence[int], columns: Sequence[str]) -> pd.MultiIndex:
    outcomes = [labels[j] for j in others]
    return pd.MultiIndex.from_product([outcomes, list(columns)], names=["outcome", "term"])


def _numbers(results: Any, told: list[str]) -> dict[str, Any]:
    """Everything that is compared; statsmodels computes most of it when it is first asked.

    NaN for what it cannot compute, such as standard errors without an invertible Hessian.
    """
    numbers: dict[str, Any] = {"params": np.asarray(results.params, dtype=float)}
    for name in ("bse", "llf", "llnull", "aic", "bic"):
        try:
            numbers[name] = getattr(results, name)
        except Exception as error:
            told.append(f"no {name}, {_named(error)}")
            numbers[name] = np.full_like(numbers["params"], NAN) if name == "bse" else NAN
    return numbers


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def _outcome_by_outcome(matrix: FloatArray) -> FloatArray:
    """A (k, q) matrix as a vector, all terms of the first outcome first."""
    return np.asarray(matrix, dtype=float).ravel(order="F")


def _facts(
    results: Any,
    numbers: dict[str, Any],
    arrange: Callable[[FloatArray], FloatArray],
    base: int,
    labels: Sequence[Any],
    index: pd.MultiIndex,
    likelihood: Judge,
    seconds: dict[str, float],
    told: list[str],
) -> FitFacts:
    params = arrange(np.asarray(numbers["params"]))
    kind = str(getattr(results, "cov_type", "nonrobust"))
    report = getattr(results, "mle_retvals", None) or {}
    return FitFacts(
        name=NAME,
        version=version(),
        base=labels[base],
        outcomes=tuple(labels),
        nobs=int(results.nobs),
        params=pd.Series(params, index=index),
        bse=pd.Series(arrange(np.asarray(numbers["bse"])), index=index),
        llf=float(numbers["llf"]),
        llnull=float(numbers["llnull"]),
        aic=float(numbers["aic"]),
        bic=float(numbers["bic"]),
        converged=bool(report.get("converged", False)),
        cov_type=KINDS.get(kind, kind),
        judgement=judge(likelihood, params),
        seconds=seconds,
        remarks=_remarks(told, measured=bool(seconds)),
    )


def _timed(action: Callable[[], T]) -> tuple[T, float]:
    start = time.perf_counter()
    done = action()
    return done, time.perf_counter() - start


def _listening(told: list[str], action: Callable[[], T]) -> T:
    """Run ``action``; its warnings are kept in ``told`` instead of reaching the user."""
    with filtered("always") as caught:
        try:
            return action()
        finally:
            for warning in caught:
                text = " ".join(str(warning.message).split())
                if text not in told:
                    told.append(text)


def _remarks(told: list[str], measured: bool) -> tuple[str, ...]:
    times = (
        "the time of its fit includes the covariance, that of its inference a second optimisation"
        " for the null log-likelihood."
        if measured
        else "fitted beforehand, so no times were taken."
    )
    return (*(f"warned: {text}" for text in told), times)


def _failed(
    error: Exception,
    outcomes: tuple[Any, ...],
    base: Any,
    nobs: int,
    index: pd.MultiIndex,
    told: list[str],
) -> FitFacts:
    nothing = pd.Series(np.full(len(index), NAN), index=index)
    return FitFacts(
        name=NAME,
        version=version(),
        base=base,
        outcomes=outcomes,
        nobs=nobs,
        params=nothing,
        bse=nothing,
        remarks=tuple(f"warned: {text}" for text in told),
        failure=_named(error),
    )
