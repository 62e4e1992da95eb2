"""K-fold cross-validation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.design.groups import Groups, groups_of, used_values
from mnlstat.design.response import CHOICE
from mnlstat.design.scope import warn
from mnlstat.errors import ClusterWarning, ConvergenceError, OptionError
from mnlstat.inference.refitted import with_rows
from mnlstat.inference.survey_options import SurveyDesign
from mnlstat.model.model import MNLogit
from mnlstat.options import check_count, check_flag, named_options
from mnlstat.results import MNLogitResults
from mnlstat.rows.rows import Rows
from mnlstat.rows.threads import one_blas_thread
from mnlstat.workflow.folds import folds_of_groups, folds_of_rows
from mnlstat.workflow.same_rows import check_results
from mnlstat.workflow.scores import SCORES, Weighed, scores, table
from mnlstat.workflow.trained import trainer
from mnlstat.workflow.with_rows import check_rows

# How a covariance names a design without PSUs.
ROWS = "PSUs (rows)"


@dataclass(frozen=True, eq=False)
class CrossValidation:
    """How well held-out rows are predicted.

    Attributes
    ----------
    table : DataFrame
        Averages over choices; index score: log_score (mean log probability of the outcome),
        accuracy (share in which the most probable outcome came), brier (mean sum over outcomes of
        squared differences, 0 to 2); columns estimate, std_error.
    folds : DataFrame
        The same for each fold; columns n_test, n_train (rows), log_score, accuracy, brier.
    fold : Series
        The fold, 0 to k - 1, in which each row was held out.
    probabilities : DataFrame
        Predicted for each row by the fit without its fold.
    formula, description : what was validated, and how
    """

    table: pd.DataFrame
    folds: pd.DataFrame
    fold: pd.Series
    probabilities: pd.DataFrame
    formula: str
    description: str

    @property
    def log_score(self) -> float:
        """Mean log probability of the outcome; the larger, the better."""
        return float(self.table.loc["log_score", "estimate"])

    @property
    def log_score_se(self) -> float:
        """Its standard error."""
        return float(self.table.loc["log_score", "std_error"])

    def __str__(self) -> str:
        return f"{self.description}: {self.formula}\n{self.table.round(5).to_string()}"


@named_options
def cross_validate(
    model: MNLogit | MNLogitResults,
    k: int = 10,
    *,
    seed: int = 0,
    groups: Any = None,
    strata: bool | None = None,
) -> CrossValidation:
    """K-fold cross-validation: log score, accuracy and Brier score of rows that were held out.

    The design is that of all rows: levels, knots and means of transforms are learned from the
    predictors of all of them, coefficients from those of the other folds.

    Parameters
    ----------
    model : MNLogit or MNLogitResults
        Of a result the penalty and constraints of its fit are kept, and each fold starts at its
        estimates.
    k : int
        Folds; as many as rows leave out one at a time.
    seed : int
        Of the generator that deals rows; the same seed, rows and k give the same folds whatever
        the model is, so that models can be compared.
    groups : str, (rows,) array or Series, optional
        Rows that stay together, as ``with_cov`` takes them.
    strata : bool, optional
        Whether each outcome is dealt evenly; by default without groups, of one choice in each row.

    Returns
    -------
    CrossValidation

    Notes
    -----
    A standard error is that of an average of independent rows (groups), ratios linearised; it does
    not know that folds share rows of training (Bengio & Grandvalet 2004).  Frequency weights repeat
    a row, all of it in one fold; sampling weights weigh the scores.

    Raises
    ------
    OptionError
        For options that cannot be honoured.
    DataError
        When the rows without a fold lack an outcome or do not tell all columns apart (a level that
        is in one fold alone); when rows are read in pieces or are not there.
    SeparationError, ConvergenceError
        When there is no finite maximum without a fold.

    Warns
    -----
    ClusterWarning
        Of a fit under a covariance of clusters or of a survey with PSUs, without ``groups``.

    References
    ----------
    Stone, M. (1974). Journal of the Royal Statistical Society B 36, 111-147.
    Bengio, Y. & Grandvalet, Y. (2004). Journal of Machine Learning Research 5, 1089-1105.

    Examples
    --------
    >>> import mnlstat as mn
    >>> res = mn.mnlogit("vote ~ selfLR + age", mn.datasets.anes96()).fit()
    >>> found = mn.cross_validate(res, k=5)
    >>> round(found.log_score, 2)
    -0.48
    """
    k, seed = check_count("k", k, 2), check_count("seed", seed)
    res = model.fit() if isinstance(model, MNLogit) else model
    check_results("cross_validate", [res], 1)
    if not res.converged:
        raise ConvergenceError(
            "not-a-maximum",
            f"cross_validate(): {res.formula!r} did not reach its maximum: {res.status}.",
        )
    if res.constrained is not None:  # they speak of coefficients against their own base
        res = res.rebase(res.constraints_base)
    rows, together, index = _rows(res, groups)
    if together is None:
        _warn_of_clusters(res)
    fold = _folds(res, rows, together, k, seed, strata)
    logs, probabilities = _predicted(res, rows, fold, k)
    each = scores(logs, probabilities, rows.response)
    m = np.ones(len(rows)) if rows.response.ndim == 1 else rows.response.sum(axis=1)
    sampling = res.sample is not None and res.sample.sampling
    codes = None if together is None else together.codes
    weighed = Weighed(np.asarray(m, dtype=float), rows.weights, sampling, codes)
    how = "" if together is None else f", {together.named('groups')} together"
    return CrossValidation(
        table(weighed.averages(each), weighed.errors(each)),
        _by_fold(weighed, each, fold, k),
        pd.Series(fold, index=index, name="fold"),
        pd.DataFrame(probabilities, index=index, columns=res.outcome_counts.index),
        res.formula,
        f"{k}-fold cross-validation, {len(rows)} rows{how}, seed {seed}",
    )


def _rows(res: MNLogitResults, groups: Any) -> tuple[Rows, Groups | None, Any]:
    """Rows in memory, which of them stay together, and their labels."""
    check_rows("cross_validate", res)
    rows = res.likelihood.rows
    assert res.sample is not None
    _, source = res.sample.in_memory("cross_validate()", "Fit the model to a frame.")
    assert isinstance(rows, Rows)
    if groups is None:
        return rows, None, source.index
    found = groups_of(groups, source)
    if len(found) > 1:
        raise OptionError(
            "folds", f"cross_validate(): groups= are of one way, not {len(found)}; join columns."
        )
    return rows, found[0], source.index


def _warn_of_clusters(res: MNLogitResults) -> None:
    """Say that folds are of rows, where the covariance of the fit says that rows come together."""
    said = res.cov_type
    survey = said.startswith("survey")
    if ROWS in said if survey else "cluster" not in said:
        return
    units = "PSU" if survey else "cluster"
    warn(
        ClusterWarning(
            "folds-split-clusters",
            f"cross_validate(): the covariance of the fit ({said}) says that rows of a {units} are"
            " alike, and folds take rows as units: scores are of new rows of the same"
            f" {units}s,\nand their standard errors of independent rows."
            f" Give {_column(res)}, to hold out whole {units}s.",
        )
    )


def _column(res: MNLogitResults) -> str:
    """The option that keeps rows of a cluster, or of a PSU of the design, together."""
    options = None if res.sample is None else res.sample.covariance
    design = options and options.survey
    given = options and (design.psu if design else options.groups)
    if isinstance(given, list) and len(given) == 1:
        given = given[0]
    if design and _names_recur(design, res):
        both = design.strata, given
        if all(isinstance(each, str) for each in both):
            joined = " + ' ' + ".join(f"data[{each!r}].astype(str)" for each in both)
            return f"groups={joined} (PSUs of several strata have one name)"
        return "groups= a label of stratum and PSU (PSUs of several strata have one name)"
    return f"groups={given!r}" if isinstance(given, str) else "groups="


def _names_recur(design: SurveyDesign, res: MNLogitResults) -> bool:
    """Whether PSUs are named within strata, and some of several strata are named alike."""
    if not design.nest or design.strata is None or design.psu is None:
        return False
    assert res.sample is not None
    _, source = res.sample.in_memory("cross_validate()", "Fit the model to a frame.")
    strata = Groups.of(*used_values("strata", design.strata, source))
    psu = Groups.of(*used_values("psu", design.psu, source))
    return len(strata.with_(psu)) > len(psu)


def _folds(
    res: MNLogitResults, rows: Rows, groups: Groups | None, k: int, seed: int, strata: object
) -> IntArray:
    choices = res.response_kind == CHOICE and rows.response.ndim == 1
    wanted = groups is None and choices if strata is None else check_flag("strata", strata)
    if wanted and not (groups is None and choices):
        why = "rows of counts or shares" if groups is None else "groups"
        raise OptionError(
            "folds", f"strata=True: {why} hold several outcomes, and cannot be dealt by them."
        )
    if groups is not None:
        return folds_of_groups(groups, k, seed)
    return folds_of_rows(len(rows), np.asarray(rows.response) if wanted else None, k, seed)


@one_blas_thread()
def _predicted(
    res: MNLogitResults, rows: Rows, fold: IntArray, k: int
) -> tuple[FloatArray, FloatArray]:
    """Log-likelihoods (n,), without weights, and probabilities (n, J) of held-out rows."""
    trained = trainer(res)
    logs, probabilities = np.empty(len(rows)), np.empty((len(rows), rows.n_outcomes))
    for at in range(k):
        held = np.flatnonzero(fold == at)
        name = f"cross_validate(): without fold {at} the sample"
        params = trained(rows.subset(fold != at), name)
        own = rows.subset(held)
        test = with_rows(res.likelihood, own)
        logs[held] = test.loglike_obs(params)
        if own.weights is not None:
            logs[held] /= own.weights
        probabilities[held] = test.probabilities(params)
    return logs, probabilities


def _by_fold(weighed: Weighed, each: FloatArray, fold: IntArray, k: int) -> pd.DataFrame:
    held = [np.flatnonzero(fold == at) for at in range(k)]
    means = np.array([weighed.averages(each, rows) for rows in held])
    sizes = np.array([len(rows) for rows in held])
    frame = pd.DataFrame(means, columns=list(SCORES), index=pd.RangeIndex(k, name="fold"))
    frame.insert(0, "n_test", sizes)
    frame.insert(1, "n_train", len(fold) - sizes)
    return frame
