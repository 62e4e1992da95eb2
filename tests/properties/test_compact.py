"""A design that is not written out gives what the same design gives when it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.design import compact
from mnlstat.errors import AliasedWarning, DataError
from mnlstat.rows.grouped import Grouped
from mnlstat.rows.matrix import Dense, Patterns
from tests.properties.frames import close


def data(n: int = 6000, levels: int = 40) -> pd.DataFrame:
    rng = np.random.default_rng([n, levels])
    frame = pd.DataFrame(
        {
            "x": rng.normal(size=n),
            "z": rng.exponential(size=n) * 1000 + 5000,
            "u": rng.choice(["p", "q", "r"], n),
            "v": rng.choice(["no", "yes"], n),
            "k": rng.integers(0, 4, n),
            "h": pd.Categorical.from_codes(
                rng.integers(0, 30, n), [f"town {i}" for i in range(30)]
            ),
            "g": pd.Categorical.from_codes(
                rng.integers(0, levels, n), [f"firm {i}" for i in range(levels)]
            ),
        }
    )
    effects = rng.normal(size=(levels, 3)) / 2
    eta = effects[frame["g"].cat.codes] + np.column_stack(
        [np.zeros(n), frame["x"], 0.5 * frame["k"] - 1]
    )
    frame["y"] = np.array(["a", "b", "c"])[(eta + rng.gumbel(size=(n, 3))).argmax(axis=1)]
    return frame


@contextmanager
def written_out() -> Iterator[None]:
    """Let every design be written out."""
    with (
        mock.patch.object(compact, "_patterns", return_value=None),
        mock.patch.object(compact, "grouped", return_value=None),
    ):
        yield


def both(formula: str, frame: pd.DataFrame, form: type, base: str = "a") -> tuple[object, object]:
    model = mn.mnlogit(formula, frame, base=base)
    assert isinstance(model.likelihood.rows.matrix, form)
    with written_out():
        plain = mn.mnlogit(formula, frame, base=base)
    assert isinstance(plain.likelihood.rows.matrix, Dense)
    np.testing.assert_array_equal(model.likelihood.rows.X, plain.likelihood.rows.X)
    return model, plain


FORMULAS = {
    "y ~ g + x": Grouped,
    "y ~ x + C(g) + u + z": Grouped,
    "y ~ 0 + g + x": Grouped,
    "y ~ 0 + x:z + g": Grouped,
    "y ~ x + g + h": Grouped,
    "y ~ 0 + h + u + g + z": Grouped,
    "y ~ g + h": Grouped,
    "y ~ x * g": Grouped,
    "y ~ x * g + h": Grouped,
    "y ~ u * v": Patterns,
    "y ~ u + k + I(k ** 2)": Patterns,
    "y ~ C(k, Sum) * u": Patterns,
    "y ~ g": Patterns,
    "y ~ 1": Patterns,
}


@pytest.mark.parametrize("formula", FORMULAS)
def test_estimates_errors_and_fit_are_the_same(formula: str) -> None:
    frame = data()
    model, plain = both(formula, frame, FORMULAS[formula], base="b")
    one, other = model.fit(), plain.fit()
    assert one.converged and other.converged
    close(one.params, other.params, 1e-10)
    close(one.bse, other.bse, 1e-10)
    close(one.cov_params(), other.cov_params(), 1e-9)
    for name in ("llf", "llnull", "aic", "bic", "nobs", "df_model", "df_resid"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-13)
    close(one.fittedvalues, other.fittedvalues, 1e-10)
    close(one.predict(frame.head(50)), other.predict(frame.head(50)), 1e-10)
    close(one.rebase("c").params, other.rebase("c").params, 1e-9)
    pd.testing.assert_frame_equal(
        one.wald_test_terms(), other.wald_test_terms(), rtol=1e-8, check_dtype=False
    )


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_public_likelihood_is_the_same(formula: str) -> None:
    model, plain = both(formula, data(), FORMULAS[formula])
    one, other = model.likelihood, plain.likelihood
    params = np.random.default_rng(3).normal(size=one.n_parameters) / 4
    params[np.tile(np.abs(one.rows.X).max(axis=0) > 100, 2)] = 1e-5
    assert one.loglike(params) == pytest.approx(other.loglike(params), rel=1e-13)
    size = np.abs(other.score_obs(params)).sum(axis=0)
    assert (np.abs(one.score(params) - other.score(params)) <= 1e-13 * size + 1e-12).all()
    np.testing.assert_allclose(one.hessian(params), other.hessian(params), rtol=1e-10, atol=1e-8)
    np.testing.assert_allclose(one.probabilities(params), other.probabilities(params), rtol=1e-12)
    np.testing.assert_allclose(one.score_obs(params)[:7], other.score_obs(params)[:7], atol=1e-9)


@pytest.mark.parametrize(
    ("formula", "coded"),
    [
        ("y ~ x * g", 0),
        ("y ~ g + h + x", 1),
        ("y ~ x * g + h", 0),  # tables with the slopes would cost more than the columns of h
        ("y ~ x * z * h + g", None),  # and more than all columns, where most have to be written
    ],
)
def test_factors_are_codes_where_that_costs_least(formula: str, coded: int | None) -> None:
    matrix = mn.mnlogit(formula, data()).likelihood.rows.matrix
    assert (len(matrix.rest.coded) if isinstance(matrix, Grouped) else None) == coded


def test_what_is_constant_within_the_levels_is_aliased() -> None:
    frame = data()
    frame["size"] = frame["g"].cat.codes.to_numpy() % 7 + 1.0
    with pytest.warns(AliasedWarning, match="size"):
        one = mn.mnlogit("y ~ g + x + size", frame).fit()
    with written_out(), pytest.warns(AliasedWarning, match="size"):
        other = mn.mnlogit("y ~ g + x + size", frame).fit()
    assert one.params["b"].isna().tolist() == other.params["b"].isna().tolist()
    close(one.params.dropna(), other.params.dropna(), 1e-10)


def test_factors_within_one_another_are_aliased() -> None:
    frame = data()
    frame["part"] = pd.Categorical(frame["g"].cat.codes.to_numpy() // 1 % 27)
    formula = "y ~ g + x + part"
    with pytest.warns(AliasedWarning, match="part"):
        one = mn.mnlogit(formula, frame).fit()
    with written_out(), pytest.warns(AliasedWarning, match="part"):
        other = mn.mnlogit(formula, frame).fit()
    close(one.params.dropna(), other.params.dropna(), 1e-9)


def test_a_level_without_an_outcome_is_separated_in_every_form() -> None:
    frame = data()
    frame.loc[(frame["g"] == "firm 3") & (frame["y"] == "c"), "y"] = "b"
    model, plain = both("y ~ g + x", frame, Grouped)
    for each in (model, plain):
        with pytest.warns(mn.errors.SeparationWarning):
            assert not each.fit().converged


def test_update_and_compare_work_on_what_is_not_written_out() -> None:
    frame = data()
    res = mn.mnlogit("y ~ g + x + u", frame).fit()
    close(res.update(". ~ . - u").params, mn.mnlogit("y ~ g + x", frame).fit().params, 1e-10)
    assert res.compare().agrees(rtol=1e-6)
    frame.loc[5, "x"] = 77.0
    with pytest.raises(DataError, match="changed"):
        res.update(". ~ . - u")


def test_missing_rows_are_left_out_before_patterns_are_sought() -> None:
    frame = data()
    frame.loc[frame.index % 9 == 0, "u"] = None
    model, plain = both("y ~ u * v", frame, Patterns)
    assert model.fit().nobs == plain.fit().nobs == int(frame["u"].notna().sum())


def test_patterns_beyond_a_table_are_looked_up() -> None:
    rng = np.random.default_rng(8)
    n = 40_000
    sets = pd.DataFrame(rng.integers(0, 1000, size=(60, 4)), columns=list("abcd"))
    frame = sets.iloc[rng.integers(0, 60, n)].reset_index(drop=True).astype(float)
    frame["y"] = rng.choice(["m", "n", "o"], n)
    model, plain = both("y ~ a + b + c + d", frame, Patterns, base="m")
    assert len(model.likelihood.rows.matrix.distinct) == 60
    close(model.fit().params, plain.fit().params, 1e-9)
