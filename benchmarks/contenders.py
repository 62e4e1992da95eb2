"""The programs that are compared, each with what it is handed and how its numbers are read.

``prepare`` puts the data into the form the program likes best and is not timed; ``run`` is timed
and ends when estimates and, where the program has them, standard errors are there; ``read`` lines
them up and is not timed.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

import mnlstat as mn
from benchmarks.workloads import Workload

DENSE_AT_MOST = 2**31  # bytes of a design that is still handed over as a dense array


@dataclass(frozen=True)
class Solution:
    """Coefficients and standard errors (q, k), in the order of the workload's columns.

    ``seconds`` (CPU, wall) stands where another process took the time.
    """

    params: np.ndarray
    bse: np.ndarray | None = None
    seconds: tuple[float, float] | None = None


class Contender(Protocol):
    """A program that fits."""

    name: str
    software: str

    def obstacle(self, workload: Workload | None = None) -> str:
        """Why it cannot run here, or not on this workload; empty when it can."""

    def prepare(self, workload: Workload) -> Callable[[int], Any]:
        """What is timed, as a function of the number of the run."""

    def read(self, raw: Any, workload: Workload) -> Solution:
        """The numbers of a run."""


def too_wide(workload: Workload | None) -> str:
    """Why no dense design is made of this workload; empty when one is."""
    if workload is None or workload.design_bytes <= DENSE_AT_MOST:
        return ""
    return f"takes a dense design only, here {workload.design_bytes / 1e9:.1f} GB"


@dataclass(frozen=True)
class Ours:
    """mnlstat, from the formula ("formula"), from arrays ("arrays"), or ``fit()`` alone ("fit")."""

    start: str
    software: str = "mnlstat"

    @property
    def name(self) -> str:
        return f"mnlstat {self.start}"

    def obstacle(self, workload: Workload | None = None) -> str:
        return too_wide(workload) if self.start == "arrays" else ""

    def prepare(self, workload: Workload) -> Callable[[int], Any]:
        _load()
        if self.start == "formula":
            return lambda run: _fit(_specified(workload, workload.formula_in_order(run)))
        if self.start == "arrays":
            X, y = workload.X, workload.y
            return lambda _: _fit(mn.MNLogit(y, X, n_threads=1))
        model = _specified(workload, workload.formula)
        return lambda _: _fit(model)

    def read(self, raw: Any, workload: Workload) -> Solution:
        shape = (workload.J - 1, workload.k)
        if self.start == "arrays":
            return Solution(*(raw_part.to_numpy().reshape(shape) for raw_part in raw))
        order = [(outcome, c) for outcome in workload.outcomes[1:] for c in workload.columns]
        return Solution(*(raw_part.reindex(order).to_numpy().reshape(shape) for raw_part in raw))


def _load() -> None:
    """Import what is imported when first used: it is no memory that the data ask for."""
    _fit(mn.mnlogit("PID ~ C(vote) + age", mn.datasets.anes96()))


def _specified(workload: Workload, formula: str) -> mn.MNLogit:
    """The model, to be fitted in one thread."""
    return mn.mnlogit(formula, workload.frame, n_threads=1)


def _fit(model: Any) -> tuple[Any, Any]:
    """Coefficients and standard errors."""
    result = model.fit()
    return result.params, result.bse


@dataclass(frozen=True)
class Statsmodels:
    """``MNLogit`` on arrays, at its defaults."""

    name: str = "statsmodels"
    software: str = "statsmodels"

    def obstacle(self, workload: Workload | None = None) -> str:
        return _missing("statsmodels") or too_wide(workload)

    def prepare(self, workload: Workload) -> Callable[[int], Any]:
        from statsmodels.discrete.discrete_model import MNLogit

        X, y = workload.X, workload.y

        def run(_: int) -> Any:
            result = MNLogit(y, X).fit(disp=0)
            return result.params, result.bse

        return _in_silence(run)

    def read(self, raw: Any, workload: Workload) -> Solution:
        return Solution(*(np.asarray(part, dtype=float).T for part in raw))


@dataclass(frozen=True)
class Sklearn:
    """``LogisticRegression`` without penalty, on a sparse design where a dense one is too wide.

    Its tolerance is on the largest element of the mean score; over the square root of n that is
    the same number of standard errors for any n.
    """

    solver: str
    software: str = "scikit-learn"

    @property
    def name(self) -> str:
        return f"sklearn {self.solver}"

    def obstacle(self, workload: Workload | None = None) -> str:
        return _missing("sklearn", "scikit-learn")

    def prepare(self, workload: Workload) -> Callable[[int], Any]:
        from sklearn.linear_model import LogisticRegression

        X = workload.sparse() if too_wide(workload) else workload.X[:, 1:].copy()
        y, tol = workload.y, 1e-6 / np.sqrt(workload.n)

        def run(_: int) -> Any:
            model = LogisticRegression(C=np.inf, solver=self.solver, tol=tol, max_iter=10_000)
            return model.fit(X, y)

        return _in_silence(run)

    def read(self, raw: Any, workload: Workload) -> Solution:
        params = np.column_stack([raw.intercept_, raw.coef_])
        return Solution(params[1:] - params[0])


def _missing(module: str, package: str = "") -> str:
    found = importlib.util.find_spec(module) is not None
    return "" if found else f"{package or module} is not installed"


def _in_silence(run: Callable[[int], Any]) -> Callable[[int], Any]:
    """The same without warnings: what a solution is worth is judged by its score."""

    def quiet(number: int) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return run(number)

    return quiet


CONTENDERS: tuple[Contender, ...] = (
    Ours("formula"),
    Ours("arrays"),
    Ours("fit"),
    Statsmodels(),
    Sklearn("newton-cholesky"),
    Sklearn("newton-cg"),
    Sklearn("lbfgs"),
)
