"""Factors within one another stay codes, and what is left out is what is left out of an array."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import AliasedWarning, NearAliasedWarning, RankError
from mnlstat.rows.grouped import Grouped
from mnlstat.rows.matrix import Dense
from tests.properties.frames import close
from tests.properties.test_compact import written_out

TOWNS, FIRMS = 90, 60


def data(n: int = 6000) -> pd.DataFrame:
    rng = np.random.default_rng(41)
    town, firm = rng.integers(0, TOWNS, n), rng.integers(0, FIRMS, n)
    firm = firm // 2 * 2 + town % 2  # towns of odd number have firms of odd number only
    x = rng.normal(size=n)
    frame = pd.DataFrame(
        {
            "x": x,
            "z": rng.exponential(size=n) * 1000 + 5000,
            "u": rng.choice(["p", "q", "r"], n),
            "size": town % 7 + 1.5,
            "age": rng.normal(size=FIRMS)[firm] * 10 + 40,
            "none": np.zeros(n),
            "town": labels("town", town, TOWNS),
            "same": labels("same", (town * 7) % TOWNS, TOWNS),
            "county": labels("county", town % 30, 30),
            "region": labels("region", town % 6, 6),
            "land": labels("land", town % 2, 2),
            "firm": labels("firm", firm, FIRMS),
        }
    )
    frame["both"] = frame["x"] + frame["size"]
    frame["nearly"] = frame["size"] + 1e-11 * rng.normal(size=n)
    effects = rng.normal(size=(TOWNS, 3)) / 3
    eta = effects[town] + np.column_stack([np.zeros(n), x, -0.5 * x])
    frame["y"] = np.array(["a", "b", "c"])[(eta + rng.gumbel(size=(n, 3))).argmax(axis=1)]
    return frame


def labels(name: str, codes: np.ndarray, levels: int) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, [f"{name} {i}" for i in range(levels)])


FORMULAS = (
    "y ~ x + town + county",
    "y ~ x + county + town",
    "y ~ x + town + region",
    "y ~ x + region + town",
    "y ~ 0 + x + town + county",
    "y ~ 0 + county + town + x",
    "y ~ x + land + region + county + town",
    "y ~ x + region + town + county + z",
    "y ~ x + town + same",
    "y ~ x + same + town",
    "y ~ town + size + x",
    "y ~ town + both + x + size",
    "y ~ town + x + both + z",
    "y ~ town + x + none",
    "y ~ x + town + firm",
    "y ~ x + firm + town",
    "y ~ firm + town + age + z",
    "y ~ x + town + firm + county + age + size",
    "y ~ C(region, Sum) + town + x",
    "y ~ C(region, Poly) + county + town + x",
    "y ~ u + region + u:region + town + x",
    "y ~ region:land + town + x",
)


def fitted(formula: str, frame: pd.DataFrame, form: type) -> tuple[mn.MNLogit, object, list[str]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = mn.mnlogit(formula, frame, base="b")
    assert isinstance(model.likelihood.rows.matrix, form)
    assert caught and all(issubclass(each.category, AliasedWarning) for each in caught)
    return model, model.fit(), [str(each.message) for each in caught]


def agree(formula: str, frame: pd.DataFrame) -> None:
    model, one, said = fitted(formula, frame, Grouped)
    with written_out():
        plain, other, meant = fitted(formula, frame, Dense)
    assert said == meant
    assert model.aliasing.sentences == plain.aliasing.sentences
    assert one.converged and other.converged
    np.testing.assert_array_equal(one.params.isna(), other.params.isna())
    close(one.params.dropna(), other.params.dropna(), 1e-12)
    close(one.bse.dropna(), other.bse.dropna(), 1e-12)
    kept = one.params.notna().to_numpy()
    covariances = [each.cov_params().to_numpy()[np.ix_(kept, kept)] for each in (one, other)]
    close(*covariances, 1e-12)
    for name in ("llf", "llnull", "aic", "bic", "nobs", "df_model", "df_resid"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-13)
    close(one.fittedvalues, other.fittedvalues, 1e-12)
    close(one.predict(frame.head(50)), other.predict(frame.head(50)), 1e-12)
    close(one.rebase("c").params.dropna(), other.rebase("c").params.dropna(), 1e-12)


@pytest.mark.parametrize("formula", FORMULAS)
def test_what_is_left_out_and_the_fit_are_those_of_the_design_written_out(formula: str) -> None:
    agree(formula, data())


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_public_likelihood_of_the_kept_columns_is_the_same(formula: str) -> None:
    model, _, _ = fitted(formula, data(), Grouped)
    with written_out():
        plain, _, _ = fitted(formula, data(), Dense)
    one, other = model.likelihood, plain.likelihood
    X = other.rows.X
    np.testing.assert_allclose(one.rows.X, X, rtol=0, atol=1e-13 * np.abs(X).max())
    matrix = one.rows.matrix
    np.testing.assert_array_equal(
        np.column_stack([matrix.column(j) for j in range(matrix.n_columns)]), matrix.dense()
    )
    np.testing.assert_allclose(X @ one.geometry.constant, 1.0, atol=1e-12)
    params = np.random.default_rng(3).normal(size=one.n_parameters) / 4
    params[np.tile(np.abs(X).max(axis=0) > 5, 2)] = 1e-5
    assert one.loglike(params) == pytest.approx(other.loglike(params), rel=1e-13)
    size = np.abs(other.score_obs(params)).sum(axis=0)
    assert (np.abs(one.score(params) - other.score(params)) <= 1e-13 * size + 1e-12).all()
    hessian = other.hessian(params)
    np.testing.assert_allclose(one.hessian(params), hessian, rtol=1e-10, atol=1e-8)


@pytest.mark.parametrize("empty", [0, 5, TOWNS - 1])
def test_levels_without_rows_are_left_out(empty: int) -> None:
    frame = data()
    frame = frame[frame["town"] != f"town {empty}"]
    levels = frame["town"].cat.categories.tolist()
    for formula in ("y ~ x + {}", "y ~ 0 + {} + x", "y ~ x + county + {}", "y ~ x + {} + firm"):
        agree(formula.format(f"C(town, levels={levels})"), frame)


def test_a_column_that_nearly_is_a_combination_is_judged_in_the_design_written_out() -> None:
    frame = data()
    with pytest.warns(NearAliasedWarning, match="nearly") as caught:
        one = mn.mnlogit("y ~ town + x + nearly", frame)
    with written_out(), pytest.warns(NearAliasedWarning) as meant:
        mn.mnlogit("y ~ town + x + nearly", frame)
    assert isinstance(one.likelihood.rows.matrix, Dense)
    assert [str(each.message) for each in caught] == [str(each.message) for each in meant]


@pytest.mark.parametrize("scale", [1e200, 1e-200, 1e-310])
def test_columns_of_any_size_are_kept(scale: float) -> None:
    frame = data()
    frame["scaled"] = frame["x"] * scale
    with pytest.warns(AliasedWarning) as caught:
        one = mn.mnlogit("y ~ town + county + scaled", frame)
    with written_out(), pytest.warns(AliasedWarning) as meant:
        other = mn.mnlogit("y ~ town + county + scaled", frame)
    assert one.aliasing.names == other.aliasing.names and "scaled" in one.aliasing.names
    assert [str(each.message) for each in caught] == [str(each.message) for each in meant]


def test_rounding_hides_no_dependent_column() -> None:
    """Products of columns tell half of the digits: some dependent ones looked independent."""
    for seed in range(60):
        rng = np.random.default_rng(seed)
        town, x = rng.integers(0, 40, 5000), rng.normal(size=5000)
        twice = 2 * x + rng.normal(size=40)[town]
        frame = pd.DataFrame({"town": labels("town", town, 40), "x": x, "twice": twice})
        frame["y"] = rng.choice(["a", "b", "c"], 5000)
        with pytest.warns(AliasedWarning):
            model = mn.mnlogit("y ~ town + twice + x", frame)
        assert list(model.aliasing.sentences) == ["x"]


def test_dependent_columns_are_refused_where_asked_for() -> None:
    with pytest.raises(RankError, match="county"):
        mn.mnlogit("y ~ x + town + county", data(), rank="error")


def test_a_third_factor_that_the_other_two_do_not_span_stays() -> None:
    frame = data()
    town = frame["town"].cat.codes.to_numpy()
    frame["third"] = labels("third", (town + frame["firm"].cat.codes.to_numpy()) % 26, 26)
    agree("y ~ x + third + firm + town", frame)
