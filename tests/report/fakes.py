"""A fit by statsmodels that offers what reports read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import special

from tests.report.plain import Likelihood


class Status(Enum):
    CONVERGED = "converged; the finite maximum is certified"
    MAXITER = "not converged: the iteration limit was reached"
    NOT_CERTIFIED = "no finite maximum certified: the data may be separated"

    @property
    def ok(self) -> bool:
        return self is Status.CONVERGED


@dataclass(frozen=True)
class Dropped:
    rows: int
    used: int
    by_column: dict[str, int] = field(default_factory=dict)
    by_term: dict[str, int] = field(default_factory=dict)
    of_no_weight: int = 0
    untried: int = 0
    not_in_subset: int = 0
    of_unknown_subset: int = 0
    subset: str | None = None

    @property
    def total(self) -> int:
        return self.rows - self.used


@dataclass(frozen=True)
class Factor:
    name: str
    levels: tuple[Any, ...]
    reference: Any


@dataclass(frozen=True)
class Test:
    __test__ = False
    statistic: float
    df: int
    pvalue: float
    df_denom: float | None = None


@dataclass(frozen=True)
class Fake:
    """Satisfies ``mnlstat.report.fitted.Fitted``."""

    formula: str
    outcomes: tuple[Any, ...]
    base: Any
    outcome_counts: pd.Series
    params: pd.Series
    bse: pd.Series
    terms: pd.DataFrame
    llf: float
    llnull: float
    nobs: int
    p: int
    dropped: Dropped
    factors: tuple[Factor, ...] = ()
    notes: tuple[str, ...] = ()
    aliased: dict[str, str] = field(default_factory=dict)
    condition_number: float = 30.0
    constant: bool = True
    spanning_term: str | None = None
    separated: Any = None
    weights: str | None = None
    penalty: str | None = None
    constraints: tuple[str, ...] = ()
    constraints_base: Any = None
    penalised_llf: float | None = None
    turned_back: tuple[tuple[object, str], ...] = ()
    robust: bool = False
    df_t: pd.Series | None = None
    cov_notes: tuple[str, ...] = ()
    offset: str | None = None
    response: str | None = None
    response_kind: str = "choice"
    pseudo: bool = False
    status: Status = Status.CONVERGED
    method: str = "Newton"
    iterations: int = 6
    cov_type: str = "observed information"
    seconds: dict[str, float] = field(default_factory=lambda: {"fit": 0.01, "inference": 0.001})

    @property
    def converged(self) -> bool:
        return self.status.ok

    @property
    def n_parameters(self) -> int:
        return self.p

    @property
    def effective_df(self) -> float:
        return float(self.p)

    @property
    def df_resid(self) -> int:
        return self.nobs - self.p

    @property
    def df_model(self) -> int:
        return self.p - len(self.outcomes) + 1

    @property
    def tvalues(self) -> pd.Series:
        return self.params / self.bse

    @property
    def pvalues(self) -> pd.Series:
        return 2 * special.ndtr(-self.tvalues.abs())

    def conf_int(self, alpha: float = 0.05) -> pd.DataFrame:
        half = -special.ndtri(alpha / 2) * self.bse
        return pd.DataFrame({"conf_low": self.params - half, "conf_high": self.params + half})

    @property
    def llr(self) -> float:
        return 2 * (self.llf - self.llnull) if self.constant else float("nan")

    @property
    def llr_pvalue(self) -> float:
        return float(special.chdtrc(self.df_model, self.llr))

    @property
    def prsquared(self) -> float:
        return 1 - self.llf / self.llnull

    @property
    def aic(self) -> float:
        return 2 * self.p - 2 * self.llf

    @property
    def bic(self) -> float:
        return self.p * np.log(self.nobs) - 2 * self.llf

    def wald_test_terms(self) -> pd.DataFrame:
        return self.terms

    def wald_test_slopes(self) -> Test:
        return Test(123.456, self.p, 1e-20)


@dataclass(frozen=True)
class Problem:
    """A fake fit with the numbers behind it."""

    fitted: Fake
    codes: np.ndarray
    X: np.ndarray
    columns: tuple[str, ...]
    results: Any

    @property
    def likelihood(self) -> Likelihood:
        outcomes = self.fitted.outcomes
        return Likelihood(self.X, self.codes, len(outcomes), outcomes.index(self.fitted.base))

    def with_fit(self, **changes: Any) -> Problem:
        return replace(self, fitted=replace(self.fitted, **changes))


def problem(
    codes: np.ndarray,
    X: pd.DataFrame,
    outcomes: tuple[Any, ...],
    formula: str,
    **facts: Any,
) -> Problem:
    """Fit with statsmodels (first outcome the base) and dress the result up as ours."""
    results = sm.MNLogit(codes, X.to_numpy(dtype=float)).fit(disp=0, maxiter=60, tol=1e-12)
    columns = tuple(X.columns)
    index = pd.MultiIndex.from_product([outcomes[1:], columns], names=["outcome", "term"])
    params = pd.Series(np.asarray(results.params).ravel(order="F"), index=index)
    bse = pd.Series(np.asarray(results.bse).ravel(order="F"), index=index)
    fitted = Fake(
        formula=formula,
        outcomes=outcomes,
        base=outcomes[0],
        outcome_counts=pd.Series(np.bincount(codes), index=list(outcomes)),
        params=params,
        bse=bse,
        terms=_wald(results, columns, len(outcomes) - 1),
        llf=float(results.llf),
        llnull=float(results.llnull),
        nobs=len(codes),
        p=len(params),
        dropped=Dropped(len(codes), len(codes)),
    )
    return Problem(replace(fitted, **facts), codes, X.to_numpy(dtype=float), columns, results)


def _wald(results: Any, columns: tuple[str, ...], q: int) -> pd.DataFrame:
    params = np.asarray(results.params).ravel(order="F")
    cov = np.asarray(results.cov_params())
    k = len(columns)
    statistics = []
    for i in range(k):
        at = np.arange(q) * k + i
        statistics.append(params[at] @ np.linalg.solve(cov[np.ix_(at, at)], params[at]))
    frame = pd.DataFrame({"statistic": statistics, "df": q}, index=pd.Index(columns, name="term"))
    frame["p_value"] = special.chdtrc(q, frame["statistic"])
    return frame


def anes96() -> Problem:
    data = sm.datasets.anes96.load_pandas().data
    X = sm.add_constant(data[["logpopul", "selfLR", "age", "educ", "income"]])
    X = X.rename(columns={"const": "Intercept"})
    return problem(
        data["PID"].to_numpy(dtype=int),
        X,
        tuple(range(7)),
        "PID ~ logpopul + selfLR + age + educ + income",
    )


def simulated(n: int, k: int, n_outcomes: int, seed: int = 0, **facts: Any) -> Problem:
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, k - 1)), columns=[f"x{i}" for i in range(1, k)])
    X.insert(0, "Intercept", 1.0)
    B = rng.normal(scale=0.4, size=(k, n_outcomes))
    utility = X.to_numpy() @ B + rng.gumbel(size=(n, n_outcomes))
    outcomes = facts.pop("outcomes", tuple(f"outcome {j}" for j in range(n_outcomes)))
    return problem(utility.argmax(axis=1), X, outcomes, facts.pop("formula", "y ~ x"), **facts)


def by_hand(
    outcomes: tuple[Any, ...] = ("academic", "general", "vocation"),
    terms: tuple[str, ...] = ("Intercept", "write"),
    estimates: tuple[float, ...] = (2.852198, -0.0579284, 5.21826, -0.1136037),
    std_errors: tuple[float, ...] = (1.16644, 0.0214109, 1.163552, 0.0222199),
    counts: tuple[int, ...] = (105, 45, 50),
    formula: str = "prog ~ write",
    **facts: Any,
) -> Fake:
    """A fit with the numbers given: the same text on every machine."""
    index = pd.MultiIndex.from_product([outcomes[1:], terms], names=["outcome", "term"])
    slopes = terms[1:] if terms[0] == "Intercept" else terms
    tests = pd.DataFrame(
        {"statistic": 10.5, "df": len(outcomes) - 1, "p_value": 0.0052},
        index=pd.Index(slopes, name="term"),
    )
    n, p = sum(counts), int(np.isfinite(estimates).sum())
    fitted = Fake(
        formula=formula,
        outcomes=outcomes,
        base=outcomes[0],
        outcome_counts=pd.Series(counts, index=list(outcomes)),
        params=pd.Series(estimates, index=index),
        bse=pd.Series(std_errors, index=index),
        terms=tests,
        llf=-179.98173,
        llnull=-204.09667,
        nobs=n,
        p=p,
        dropped=Dropped(n, n),
    )
    return replace(fitted, **facts)


def not_converged() -> Fake:
    fitted = by_hand(status=Status.MAXITER, iterations=100)
    nowhere = fitted.terms.assign(statistic=float("nan"), p_value=float("nan"))
    return replace(fitted, bse=fitted.bse * float("nan"), terms=nowhere)


def aliased() -> Fake:
    nan = float("nan")
    return by_hand(
        terms=("Intercept", "write", "I(2 * write)"),
        estimates=(2.852198, -0.0579284, nan, 5.21826, -0.1136037, nan),
        std_errors=(1.16644, 0.0214109, nan, 1.163552, 0.0222199, nan),
        formula="prog ~ write + I(2 * write)",
        aliased={"I(2 * write)": "= 2 * write"},
        dropped=Dropped(206, 200, {"prog": 2, "write": 3}, {"np.log(read)": 1}),
        factors=(Factor("C(ses)", ("low", "high"), "low"),),
        notes=("Outcome 'none' never occurs and was dropped.",),
    )


def two_outcomes() -> Fake:
    return by_hand(
        outcomes=(False, True),
        terms=("Intercept", "x"),
        estimates=(-12.105751, 1.234e-12),
        std_errors=(1.05996, 4.321e-13),
        counts=(60, 14),
        formula="y ~ x",
    )


LONG = "strongly agrees with the whole of the statement as it was read out in the interview"
MARKUP = "<script>alert('&')</script>"
JAPANESE = "年齢:C(日本語)[T.とても長いラベルですね本当に長いラベルですね]"


def awkward() -> Fake:
    return by_hand(
        outcomes=(LONG, "naïve\ncafé", MARKUP),
        terms=("Intercept", f"C({LONG.replace(' ', '_')})[T.{LONG}]", JAPANESE),
        estimates=(1e-300, 4e9, 0.5, -0.25, 123456.789, -3.2e-7),
        std_errors=(1e-301, 1e8, 0.25, 1e-9, 9.5, 1e-8),
        formula=f"{LONG.replace(' ', '_')} ~ {' + '.join(f'np.log(col{i})' for i in range(30))}",
    )
