"""Columns of factors that are combinations of others are found without writing the factors out."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import AliasedWarning, NearAliasedWarning, RankError
from mnlstat.rows.grouped import Grouped
from mnlstat.rows.matrix import Dense
from tests.properties.frames import close
from tests.properties.test_compact import written_out

SCHOOLS = 60


def frame(n: int = 6000) -> pd.DataFrame:
    """Pupils of schools in regions, and what is constant within one or the other."""
    rng = np.random.default_rng(n)
    school, year = rng.integers(0, SCHOOLS, n), rng.integers(0, 26, n)
    region, size = rng.permutation(SCHOOLS) % 26, rng.normal(size=SCHOOLS) * 100 + 2000
    x = rng.normal(size=n)
    effects = rng.normal(size=(SCHOOLS, 3)) / 3
    eta = effects[school] + np.outer(x, [0.0, 0.5, -0.5])
    return pd.DataFrame(
        {
            "school": school,
            "same": np.char.add("s", rng.permutation(SCHOOLS).astype(str))[school],
            "region": region[school],
            "state": region[school] % 3,
            "size": size[school],
            "budget": 3 * size[school] + 7 * region[school],
            "half": np.where(school < 30, year, 26 + year),  # a graph of two parts
            "year": year,
            "x": x,
            "z": 2 * x + region[school],
            "w": rng.exponential(size=n) + 1e5,
            "u": rng.choice(["p", "q"], n),
            "y": np.array(["a", "b", "c"])[(eta + rng.gumbel(size=(n, 3))).argmax(axis=1)],
        }
    )


FORMULAS = {
    "y ~ x + C(school) + C(region)": 25,
    "y ~ x + C(region) + C(school)": 25,
    "y ~ x + C(state) + C(region) + C(school) + w": 27,
    "y ~ x + C(school) + C(same)": SCHOOLS - 1,
    "y ~ C(same) + x + C(school) + C(region)": SCHOOLS - 1 + 25,
    "y ~ x + C(school) + size": 1,
    "y ~ size + C(region) + x + budget + C(school)": 27,
    "y ~ size + x + C(school):size + C(school)": 60,
    "y ~ C(school) + C(half)": 1,
    "y ~ C(half) + C(school) + C(year) + x": 26,
    "y ~ 0 + C(school) + C(region) + x": 25,
    "y ~ 0 + C(school) + size + w": 1,
    "y ~ C(school) + x + z": 1,
    "y ~ C(school) + I(1e6 + x) + I(1e6 + x + region / 3)": 1,
    "y ~ C(school) + z + I(2 * x) + x + C(region)": 27,
    "y ~ C(school) + w + I(w - 1e5)": 1,
    "y ~ C(school) + x + u + I(x * 0)": 1,
    "y ~ C(school, levels=[*range(60), 77]) + x": 1,
    "y ~ C(school, levels=[77, *range(60)]) + x": 1,
    "y ~ 0 + C(school, levels=[*range(30), 77, *range(30, 60)]) + x": 1,
}


def specified(formula: str, data: pd.DataFrame) -> tuple[Any, list[str]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = mn.mnlogit(formula, data, base="a")
    return model, [str(each.message) for each in caught]


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_same_columns_are_left_out_as_when_all_are_written_out(formula: str) -> None:
    data = frame()
    model, said = specified(formula, data)
    with written_out():
        plain, expected = specified(formula, data)
    assert isinstance(model.likelihood.rows.matrix, Grouped)
    assert isinstance(plain.likelihood.rows.matrix, Dense)
    assert (~model.aliasing.kept).sum() == FORMULAS[formula]
    assert said == expected and len(said) == 1
    assert model.aliasing.sentences == plain.aliasing.sentences
    np.testing.assert_array_equal(model.aliasing.kept, plain.aliasing.kept)
    np.testing.assert_array_equal(model.aliasing.near, plain.aliasing.near)
    np.testing.assert_array_equal(model.likelihood.rows.X, plain.likelihood.rows.X)
    parts, others = (
        each.aliasing.sizes[:, None] * each.aliasing.weights[:, ~each.aliasing.kept]
        for each in (model, plain)
    )
    assert (np.abs(parts - others).max(axis=0) <= 1e-9 * np.abs(others).max(axis=0)).all()


@pytest.mark.parametrize("formula", FORMULAS)
def test_estimates_errors_and_fit_are_those_of_the_columns_written_out(formula: str) -> None:
    data = frame()
    model, _ = specified(formula, data)
    with written_out():
        plain, _ = specified(formula, data)
    one, other = model.fit(), plain.fit()
    assert one.converged and other.converged
    np.testing.assert_array_equal(one.params.isna(), other.params.isna())
    close(one.params.dropna(), other.params.dropna(), 1e-12)
    close(one.bse.dropna(), other.bse.dropna(), 1e-12)
    for name in ("llf", "llnull", "aic", "df_model", "df_resid"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-13)
    new = data.head(40)
    close(one.predict(new), other.predict(new), 1e-10)
    pd.testing.assert_frame_equal(
        one.wald_test_terms(), other.wald_test_terms(), rtol=1e-8, check_dtype=False
    )


def test_what_depends_on_all_levels_of_a_factor_is_refused_when_dependence_is() -> None:
    with pytest.raises(RankError, match="region"):
        mn.mnlogit("y ~ x + C(school) + C(region)", frame(), rank="error")


def test_a_column_nearly_constant_within_levels_is_named_as_such() -> None:
    data = frame()
    data["near"] = data["size"] + 1e-8 * np.random.default_rng(5).normal(size=len(data))
    with pytest.warns(NearAliasedWarning, match="near"):
        one = mn.mnlogit("y ~ C(school) + x + near", data, base="a")
    with written_out(), pytest.warns(NearAliasedWarning, match="near"):
        other = mn.mnlogit("y ~ C(school) + x + near", data, base="a")
    assert one.aliasing.sentences == other.aliasing.sentences


def test_a_region_that_a_school_was_never_in_is_noticed_in_new_data() -> None:
    data = frame()
    with pytest.warns(AliasedWarning):
        res = mn.mnlogit("y ~ x + C(school) + C(region)", data).fit()
    moved = data.head(5).assign(region=(data["region"].head(5) + 1) % 26)
    with pytest.warns(mn.errors.MnlstatWarning, match="region"):
        res.predict(moved)
