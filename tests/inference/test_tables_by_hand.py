"""Every row of every table of tests and intervals, from ``params`` and ``cov_params`` alone."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import mnlstat as mn
from mnlstat.inference.degrees import Fixed
from tests.inference import samples

FRAME = samples.frame(240, seed=7).assign(h=lambda f: np.tile(["p", "q", "r"], 80))
FORMULA = "y ~ x * h + z"
LEVELS = ("p", "q", "r")
KINDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("observed", {}),
    ("robust", {}),
    ("HC1", {"use_t": True, "df": 40}),
)
NUMBERS = ["estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]


@pytest.fixture(scope="module", params=KINDS, ids=samples.name)
def res(request: Any) -> Any:
    kind, options = request.param
    found = mn.mnlogit(FORMULA, FRAME, base="c").fit().rebase("b")
    return found if kind == "observed" else found.with_cov(kind, **options)


class Hand:
    """The numbers of a result and nothing else of it."""

    def __init__(self, res: Any) -> None:
        self.index, self.base, self.outcomes = list(res.index), res.base, list(res.outcomes)
        self.b, self.V = res.params.to_numpy(), res.cov_params().to_numpy()
        degrees = res.estimates.covariance.degrees
        assert degrees is None or isinstance(degrees, Fixed)
        self.df = np.inf if degrees is None else degrees.df

    def weights(self, outcome: Any, term: str, weight: float = 1.0) -> Any:
        """c (p,) with ``c'b`` a weight times one coefficient; zero of the base."""
        c = np.zeros(len(self.b))
        if outcome != self.base:
            c[self.index.index((outcome, term))] = weight
        return c

    def numbers(self, c: Any, alpha: float = 0.05, r: float = 0.0, ratio: bool = False) -> Any:
        """Estimate to interval of ``c'b - r``, in the order of the tables."""
        estimate, error = float(c @ self.b) - r, float(np.sqrt(c @ self.V @ c))
        z, reach = estimate / error, stats.t.isf(alpha / 2, self.df) * error
        p = 2 * stats.t.sf(abs(z), self.df)
        row = [estimate, error, z, p, estimate - reach, estimate + reach]
        if ratio:
            row[1] *= np.exp(estimate)
            row[0], row[4], row[5] = np.exp([row[0], row[4], row[5]])
        return row

    def wald(self, R: Any) -> tuple[float, int, float]:
        """Statistic, degrees of freedom and p of ``R b = 0``."""
        R = np.atleast_2d(R)
        m, W = len(R), float(R @ self.b @ np.linalg.solve(R @ self.V @ R.T, R @ self.b))
        if np.isinf(self.df):
            return W, m, float(stats.chi2.sf(W, m))
        return W / m, m, float(stats.f.sf(W / m, m, self.df))

    def of_terms(self, *names: str) -> Any:
        """Rows of R that are one coefficient each, of these columns in every equation."""
        at = [i for i, (_, term) in enumerate(self.index) if term in names]
        return np.eye(len(self.b))[at]


def check(rows: pd.DataFrame, expected: list[Any]) -> None:
    assert len(rows) == len(expected)
    np.testing.assert_allclose(rows[NUMBERS].to_numpy(float), expected, rtol=1e-9, atol=1e-12)


def test_coefficients(res: Any) -> None:
    hand = Hand(res)
    for ratio in (False, True):
        table = res.tidy(exponentiate=ratio, alpha=0.1)
        expected = [
            hand.numbers(hand.weights(row.outcome, row.term), 0.1, ratio=ratio)
            for row in table.itertuples()
        ]
        check(table, expected)
        check(res.summary(rrr=ratio, alpha=0.1).coefficients, expected)
    ends = res.conf_int(0.1).to_numpy()
    np.testing.assert_allclose(ends, [hand.numbers(c, 0.1)[4:] for c in np.eye(len(hand.b))])


def test_linear_combinations(res: Any) -> None:
    hand = Hand(res)
    words = ["2*a:x - d:z", "c:x + c:z = 0.25", "a:x:h[T.q]"]
    c = [
        hand.weights("a", "x", 2.0) - hand.weights("d", "z"),
        hand.weights("c", "x") + hand.weights("c", "z"),
        hand.weights("a", "x:h[T.q]"),
    ]
    for ratio in (False, True):
        expected = [
            hand.numbers(each, r=r, ratio=ratio)
            for each, r in zip(c, (0.0, 0.25, 0.0), strict=True)
        ]
        check(res.lincom(words, exponentiate=ratio), expected)


@pytest.mark.parametrize("scale", [None, "sd"])
@pytest.mark.parametrize("form", ["plain", "exponentiate", "percent"])
def test_contrasts_of_outcomes(res: Any, scale: Any, form: str) -> None:
    hand = Hand(res)
    options = {} if form == "plain" else {form: True}
    table = res.contrasts(["x", "z"], scale=scale, **options)
    pairs = list(itertools.combinations(hand.outcomes, 2))
    assert len(table) == 2 * len(pairs)
    rows = []
    for row in table.itertuples():
        size = 1.0 if scale is None else FRAME[row.term].std()
        c = hand.weights(row.outcome, row.term, size) - hand.weights(row.versus, row.term, size)
        numbers = hand.numbers(c, ratio=form != "plain")
        if form == "percent":
            for at in (0, 4, 5):
                numbers[at] = 100 * (numbers[at] - 1)
            numbers[1] *= 100
        rows.append(numbers)
    check(table, rows)


def test_levels_of_a_factor() -> None:
    res = mn.mnlogit("y ~ x + h", FRAME).fit().with_cov("robust")
    hand, table = Hand(res), res.pairwise("h", exponentiate=True)
    assert len(table) == 3 * 3
    rows = []
    for row in table.itertuples():
        parts = {
            level: 0.0 if level == "p" else hand.weights(row.outcome, f"h[T.{level}]")
            for level in LEVELS
        }
        rows.append(hand.numbers(parts[row.level] - parts[row.versus], ratio=True))
    check(table, rows)


def test_functions_of_coefficients(res: Any) -> None:
    hand = Hand(res)
    at = [hand.index.index(label) for label in (("a", "x"), ("c", "z"), ("d", "x"))]
    table = res.nlcom("exp(a:x) / c:z, sqrt(d:x**2 + 1) * a:x")
    a, c, d = hand.b[at]
    gradients = np.zeros((2, len(hand.b)))
    gradients[0, at[:2]] = np.exp(a) / c, -np.exp(a) / c**2
    gradients[1, [at[0], at[2]]] = np.sqrt(d**2 + 1), a * d / np.sqrt(d**2 + 1)
    values = [np.exp(a) / c, np.sqrt(d**2 + 1) * a]
    rows = [
        hand.numbers(g, r=float(g @ hand.b) - v) for g, v in zip(gradients, values, strict=True)
    ]
    check(table, rows)
    together = res.test_nonlinear("exp(a:x) / c:z, sqrt(d:x**2 + 1) * a:x")
    expected = values @ np.linalg.solve(gradients @ hand.V @ gradients.T, values)
    expected /= 1 if np.isinf(hand.df) else 2
    assert together.statistic == pytest.approx(expected, rel=1e-9)


TERMS = {
    "h": ["h[T.q]", "h[T.r]"],
    "x": ["x"],
    "x:h": ["x:h[T.q]", "x:h[T.r]"],
    "z": ["z"],
}


@pytest.mark.parametrize("sort", [1, 2, 3])
@pytest.mark.filterwarnings("ignore::mnlstat.errors.CodingWarning")
def test_tables_of_terms(res: Any, sort: int) -> None:
    """W of term and what is left out of both models, less W of the latter."""
    hand, table = Hand(res), res.anova(type=sort, kind="Wald")
    assert list(table.index) == list(TERMS)
    later = {
        1: {"h": ["x", "x:h", "z"], "x": ["x:h", "z"], "x:h": ["z"], "z": []},
        2: {"h": ["x:h"], "x": ["x:h"], "x:h": [], "z": []},
        3: {term: [] for term in TERMS},
    }[sort]
    for term, columns in TERMS.items():
        left = [column for other in later[term] for column in TERMS[other]]
        m = 3 * len(columns)
        scale = 1.0 if np.isinf(hand.df) else float(m)
        joint, n, _ = hand.wald(hand.of_terms(*columns, *left))
        joint *= 1.0 if np.isinf(hand.df) else n
        if left:
            part, n, _ = hand.wald(hand.of_terms(*left))
            joint -= part * (1.0 if np.isinf(hand.df) else n)
        found = table.loc[term]
        assert found["df"] == m
        assert found["statistic"] == pytest.approx(joint / scale, rel=1e-7)
        p = stats.chi2.sf(joint, m)
        if np.isfinite(hand.df):
            assert found["df_denom"] == hand.df
            p = stats.f.sf(joint / m, m, hand.df)
        assert found["p_value"] == pytest.approx(p, rel=1e-6)
    if sort == 3:
        by_terms = res.wald_test_terms()
        np.testing.assert_allclose(by_terms, table, rtol=1e-9)
        np.testing.assert_allclose(res.summary().terms, table, rtol=1e-9)


def test_pairs_of_outcomes(res: Any) -> None:
    hand = Hand(res)
    table = res.test_combine(kind="wald")
    pairs = list(itertools.combinations(hand.outcomes, 2))
    assert list(zip(table["outcome"], table["versus"], strict=True)) == pairs
    slopes = [column for columns in TERMS.values() for column in columns]
    for row, (one, other) in zip(table.itertuples(), pairs, strict=True):
        R = [hand.weights(one, term) - hand.weights(other, term) for term in slopes]
        expected = hand.wald(np.array(R))
        assert row.df == expected[1]
        assert (row.statistic, row.p_value) == pytest.approx(expected[::2], rel=1e-8)


def test_hypotheses(res: Any) -> None:
    hand = Hand(res)
    asked = {
        ("term", "h"): hand.of_terms(*TERMS["h"]),
        ("outcome", "d"): [
            hand.weights("d", column) for columns in TERMS.values() for column in columns
        ],
        ("hypothesis", "a:x = c:x, d:z"): [
            hand.weights("a", "x") - hand.weights("c", "x"),
            hand.weights("d", "z"),
        ],
    }
    for (option, value), R in asked.items():
        found = res.test(**{option: value})
        expected = hand.wald(np.array(R))
        assert (found.statistic, found.df, found.pvalue) == pytest.approx(expected, rel=1e-8)
    slopes = hand.of_terms(*(column for columns in TERMS.values() for column in columns))
    overall = res.wald_test_slopes()
    assert (overall.statistic, overall.df, overall.pvalue) == pytest.approx(
        hand.wald(slopes), rel=1e-8
    )
