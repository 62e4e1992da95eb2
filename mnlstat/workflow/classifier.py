"""The model as an estimator of scikit-learn: the one module that is loaded with scikit-learn."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.design.dialect import quoted
from mnlstat.design.frames import as_frame, is_table
from mnlstat.errors import DataError, OptionError, SeparationError
from mnlstat.model import MNLogit, mnlogit
from mnlstat.options import check_choice, check_flag, shown
from mnlstat.results import MNLogitResults

try:
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import (
        _check_sample_weight,
        check_consistent_length,
        check_is_fitted,
        column_or_1d,
        validate_data,
    )
except ImportError as missing:
    raise OptionError(
        "needs-sklearn",
        "MNLClassifier needs scikit-learn 1.6 or newer, which is not installed:"
        " pip install mnlstat[sklearn].\nWithout it mnlogit(formula, data).fit() fits the same"
        " model.",
    ) from missing

SAMPLING, FREQUENCY = "sampling", "freq"
CONSTANT = "Intercept"


class MNLClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """The multinomial logit as a classifier of scikit-learn, its inference in ``results_``.

    What is fitted is :func:`mnlstat.mnlogit`: by default unpenalised maximum likelihood, certified
    to be finite.

    Parameters
    ----------
    formula : str, optional
        The right side, ``"C(ses) + write"``: X is then a data frame, and what the formula learns of
        it (levels, knots, means) it learns in ``fit``.  By default all columns of X, as numbers.
    base : label, optional
        The outcome that coefficients are against; by default the first of ``classes_``.
    penalty : {None, "jeffreys"} or Ridge
        As for :meth:`MNLogit.fit`.
    fit_intercept : bool
        Whether there is a constant where no formula is given, which says so itself.
    weights : {"sampling", "freq"}
        What a ``sample_weight`` is: how many units a row stands for, with a robust covariance; or
        how often it repeats.  The estimates are the same.
    maxiter : int
        As for :meth:`MNLogit.fit`.

    Attributes
    ----------
    classes_ : (J,) array
        The outcomes, sorted.
    results_ : MNLogitResults
        The fit: summary, tests, intervals, margins.
    coef_ : (J, k) array, (1, k) for two classes
        Coefficients of the k columns but a constant, a row for each of ``classes_``: zero for the
        base, NaN for aliased columns; for two classes those of the second against the first.
    intercept_ : (J,) array, (1,) for two classes
        Constants; zero without one.
    terms_ : (k,) array of str
        What the columns of ``coef_`` are called.
    n_features_in_ : int
    feature_names_in_ : array of str
        Where the columns of X have names.
    n_iter_ : int
        Steps of the optimiser.

    Raises
    ------
    OptionError
        For options that cannot be honoured; when the module is loaded without scikit-learn.
    ValueError
        What scikit-learn raises for X and y that it refuses: missing values, other columns than in
        ``fit``.
    DataError, FormulaError, RankError, WeightsError
        As :func:`mnlstat.mnlogit`.
    SeparationError
        When probabilities are asked for of rows for which separated data leave them open.

    Warns
    -----
    SeparationWarning, ConvergenceWarning, AliasedWarning

    Notes
    -----
    Checked with ``sklearn.utils.estimator_checks.check_estimator``.

    References
    ----------
    Pedregosa, F. et al. (2011). Scikit-learn: machine learning in Python. *Journal of Machine
    Learning Research* 12, 2825-2830.

    Examples
    --------
    >>> import mnlstat as mn
    >>> from sklearn.model_selection import cross_val_score
    >>> trips = mn.datasets.travel_mode()
    >>> classifier = mn.MNLClassifier("hinc + psize")
    >>> classifier.fit(trips, trips["mode"]).classes_.tolist()
    ['air', 'bus', 'car', 'train']
    >>> len(cross_val_score(classifier, trips, trips["mode"], cv=3))
    3
    """

    results_: MNLogitResults
    classes_: Any

    def __init__(
        self,
        formula: str | None = None,
        *,
        base: Any = None,
        penalty: Any = None,
        fit_intercept: bool = True,
        weights: str = SAMPLING,
        maxiter: int = 100,
    ) -> None:
        self.formula = formula
        self.base = base
        self.penalty = penalty
        self.fit_intercept = fit_intercept
        self.weights = weights
        self.maxiter = maxiter

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit the model.

        Parameters
        ----------
        X : (n, k) array or data frame
        y : (n,) outcomes
        sample_weight : (n,) array, optional
            Weights of the kind that ``weights`` says.
        """
        check_choice("weights", self.weights, (SAMPLING, FREQUENCY))
        check_flag("fit_intercept", self.fit_intercept)
        name = getattr(y, "name", None)
        table, outcomes = self._both(X, y)
        options: dict[str, Any] = {"base": getattr(self.base, "item", lambda: self.base)()}
        if sample_weight is not None:
            numbers = _check_sample_weight(sample_weight, outcomes, dtype=np.float64)
            some = numbers != 0  # a row of weight zero is as if it were not there
            table, outcomes = table[some], outcomes[some]
            options[f"{self.weights}_weights"] = numbers[some]
        self.classes_, codes = np.unique(outcomes, return_inverse=True)
        if len(self.classes_) < 2:
            raise DataError(
                "one-outcome", f"y has {len(self.classes_)} class; two classes at least are needed."
            )
        labels = pd.Categorical.from_codes(codes, categories=pd.Index(self.classes_))
        model = self._model(table, labels, name, options)
        self.results_ = model.fit(penalty=self.penalty, maxiter=self.maxiter)
        self._tell()
        return self

    def predict_proba(self, X: Any) -> FloatArray:
        """Probabilities (n, J) of the classes, in the order of ``classes_``."""
        return self._probabilities(X, "predict_proba()")

    def predict_log_proba(self, X: Any) -> FloatArray:
        """Their logarithms (n, J)."""
        with np.errstate(divide="ignore"):
            logarithms: FloatArray = np.log(self._probabilities(X, "predict_log_proba()"))
        return logarithms

    def predict(self, X: Any) -> Any:
        """The most probable class of each row (n,)."""
        best = self._probabilities(X, "predict()").argmax(axis=1)
        return self.classes_[best]

    def _probabilities(self, X: Any, caller: str) -> FloatArray:
        check_is_fitted(self)
        table = self._table(X)
        read = table[[name for name in self.results_.spec.variables if name in table.columns]]
        missing = np.flatnonzero(read.isna().any(axis=1).to_numpy())
        if missing.size:
            raise DataError(
                "missing-values",
                f"{caller}: {missing.size} row{'s' * (missing.size > 1)} of X miss a value that the"
                f" formula reads, the first at position {missing[0]}.\nImpute it before, or leave"
                " these rows out.",
            )
        found: FloatArray = self.results_.predict(table).to_numpy(dtype=float)
        unknown = np.flatnonzero(np.isnan(found).any(axis=1))
        if unknown.size and self.results_.separated is None:
            raise DataError(
                "missing-values",
                f"{caller}: a term has no value in {unknown.size} rows of X, the first at position"
                f" {unknown[0]}.\nLeave these rows out, or change the formula.",
            )
        if unknown.size:
            raise SeparationError(
                "separated",
                f"{caller}: separated data leave the probabilities of {unknown.size} rows open, the"
                f" first at position {unknown[0]}.\nFit with penalty='jeffreys', which keeps"
                " estimates finite.",
            )
        return found

    def _both(self, X: Any, y: Any) -> tuple[Any, Any]:
        """X as the model takes it and y (n,), checked as scikit-learn does, for a fit."""
        _check_distinct(X)
        if self.formula is None:
            values, outcomes = validate_data(self, X, y, dtype=np.float64)
            table = self._framed(values)
        else:
            self._check_formula(X)
            validate_data(self, X, y, skip_check_array=True)
            table, outcomes = as_frame(X), column_or_1d(y, warn=True)
            check_consistent_length(table, outcomes)
            if pd.isna(outcomes).any():
                raise DataError(
                    "missing-values",
                    f"y misses {int(pd.isna(outcomes).sum())} of {len(outcomes)} outcomes.\n"
                    "Leave these rows out of X and y.",
                )
        check_classification_targets(outcomes)
        return table, outcomes

    def _table(self, X: Any) -> Any:
        """X as the model takes it, checked against that of the fit."""
        _check_distinct(X)
        if self.formula is None:
            return self._framed(validate_data(self, X, reset=False, dtype=np.float64))
        self._check_formula(X)
        validate_data(self, X, reset=False, skip_check_array=True)
        return as_frame(X)

    def _framed(self, values: FloatArray) -> pd.DataFrame:
        """Columns of numbers under their names."""
        return pd.DataFrame(values, columns=self._names())

    def _check_formula(self, X: Any) -> None:
        """Refuse what is no right side, and data that it cannot read."""
        if not isinstance(self.formula, str) or "~" in self.formula.strip().removeprefix("~"):
            raise OptionError(
                "formula-has-left-side",
                f"formula={shown(self.formula)} must be the right side alone, such as"
                " 'C(ses) + write': the outcome is y.",
            )
        if not is_table(X):
            raise OptionError(
                "formula-needs-names",
                f"formula={shown(self.formula)} reads columns by name; X is {type(X).__name__},"
                " without names.\nGive a data frame, or leave formula= out.",
            )
        if self.fit_intercept is not True:
            raise OptionError(
                "formula-has-constant",
                "fit_intercept=False is of no use beside a formula, which says itself whether there"
                " is a constant: write formula='0 + ...'.",
            )

    def _names(self) -> list[str]:
        known = getattr(self, "feature_names_in_", None)
        return [f"x{at}" for at in range(self.n_features_in_)] if known is None else list(known)

    def _model(self, table: Any, y: Any, name: Any, options: dict[str, Any]) -> MNLogit:
        """The model of checked data."""
        called = str(name) if isinstance(name, str) and name not in table.columns else "y"
        while called in table.columns:
            called += "_"
        outcome = pd.Series(y, index=table.index, name=called)
        right = self._columns() if self.formula is None else self.formula.strip().removeprefix("~")
        data = pd.concat([outcome, table], axis=1)
        return mnlogit(f"{quoted(called)} ~ {right}", data, missing="error", **options)

    def _columns(self) -> str:
        """All columns of X as the right side of a formula, which makes the constant."""
        return " + ".join(["1" if self.fit_intercept else "0", *map(quoted, self._names())])

    def _tell(self) -> None:
        """Set what scikit-learn calls the coefficients."""
        res = self.results_
        self.n_iter_ = res.iterations
        two = len(res.outcomes) == 2
        whole = (res.rebase(res.outcomes[0]) if two else res).params
        columns = list(whole.index.get_level_values("term").unique())
        matrix = whole.unstack("outcome").reindex(index=columns)
        labels = list(res.outcomes[1:]) if two else list(res.outcomes)
        matrix = matrix.reindex(columns=labels)
        if not two:
            matrix[res.base] = 0.0
        is_constant = np.array([name == CONSTANT for name in columns])
        terms = np.array(columns, dtype=object)[~is_constant]
        self.terms_ = terms if self.formula is not None else np.array(self._names(), dtype=object)
        values = matrix.to_numpy(dtype=float).T
        self.coef_ = values[:, ~is_constant]
        self.intercept_ = values[:, is_constant].sum(axis=1)


def _check_distinct(X: Any) -> None:
    """Refuse columns of one name: which of them a name means could not be told."""
    names = list(getattr(X, "columns", ()))
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if twice is not None:
        raise DataError(
            "duplicate-column", f"X has several columns named {shown(twice)}; rename or drop them."
        )
