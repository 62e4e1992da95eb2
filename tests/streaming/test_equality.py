"""Data in pieces give what the same rows give in memory."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.rows.streamed import Streamed
from tests.streaming.data import WAYS, as_callable, as_csv, as_parquet, frame, whole_rows

FORMULAS = [
    "y ~ x + z",
    "y ~ x + g + old",
    "y ~ x * g + year",
    "y ~ C(year > 2005) + x",
    "y ~ C(g, Sum) + C(year % 3) + z",
    "y ~ center(x) + standardize(z) + scale(year)",
    "y ~ center(standardize(x)) + I(center(x) + center(z))",
    "y ~ bs(z, knots=[0.5, 1], degree=2) + x",
    "y ~ np.log(z) + I(x**2) + I(year**2)",
    "y ~ poly(x, 3) + poly(log(z), 2) + relevel(g, ref='green')",
    "y ~ ns(z, knots=c(0.5, 1)) + I(x^2) + factor(year % 3)",
    "y ~ 0 + g + x",
    "y ~ x + I(2 * x) + z",
    "C(y, levels=['walk', 'bus', 'car']) ~ x",
    "old ~ x + z",
    "I(year % 3) ~ x",
]


def same(streamed: mn.MNLogitResults, memory: mn.MNLogitResults) -> None:
    """The same estimates, standard errors, counts and learned design."""
    assert streamed.converged and memory.converged
    error = memory.bse.to_numpy()
    gap = np.abs(streamed.params.to_numpy() - memory.params.to_numpy())
    assert np.nanmax(gap / error) < 1e-10
    np.testing.assert_allclose(streamed.params, memory.params, rtol=1e-10, atol=1e-11)
    np.testing.assert_allclose(streamed.bse, memory.bse, rtol=1e-12)
    assert streamed.llf == pytest.approx(memory.llf, rel=1e-13)
    assert streamed.index.equals(memory.index)
    assert streamed.nobs == memory.nobs and streamed.n_dropped == memory.n_dropped
    assert streamed.dropped.by_column == memory.dropped.by_column
    assert streamed.dropped.by_term == memory.dropped.by_term
    assert streamed.notes == memory.notes and streamed.aliased == memory.aliased
    assert streamed.factors == memory.factors and streamed.terms == memory.terms
    assert streamed.spec.response == memory.spec.response
    assert streamed.spec.learned_columns == memory.spec.learned_columns
    assert streamed.condition_number == pytest.approx(memory.condition_number, rel=1e-8)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_give_data(way: str, tmp_path: Path) -> None:
    data = frame()
    model = mn.mnlogit("y ~ x + g + year", WAYS[way](data, tmp_path))
    assert isinstance(model.likelihood.rows, Streamed)
    same(model.fit(), mn.mnlogit("y ~ x + g + year", data).fit())


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.filterwarnings("ignore::mnlstat.errors.AliasedWarning")
def test_every_kind_of_term(formula: str, tmp_path: Path) -> None:
    data = frame().dropna(subset=["g"] if "year % 3" in formula else None)
    path = as_parquet(data, tmp_path)
    res, memory = mn.mnlogit(formula, path).fit(), mn.mnlogit(formula, data).fit()
    same(res, memory)
    new = data.head(30)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.testing.assert_allclose(res.predict(new), memory.predict(new), rtol=1e-11)


@pytest.mark.parametrize("formula", ["y ~ x + np.log(z - 0.3)", "y ~ center(x) + np.log(z - 0.3)"])
def test_rows_that_a_term_loses(formula: str, tmp_path: Path) -> None:
    data = frame()
    with pytest.warns(mn.errors.MissingDataWarning, match="makes missing values"):
        memory = mn.mnlogit(formula, data).fit()
    with pytest.warns(mn.errors.MissingDataWarning, match="makes missing values") as told:
        res = mn.mnlogit(formula, as_csv(data, tmp_path)).fit()
    assert len(told) == 1
    same(res, memory)
    with pytest.raises(mn.errors.DataError, match="made of present ones"):
        mn.mnlogit(formula, as_csv(data.dropna(), tmp_path), missing="error")


def test_a_response_that_loses_rows(tmp_path: Path) -> None:
    data = frame().dropna()
    formula = "pd.cut(z, [0, 0.5, 1, 2]) ~ x + g"
    with pytest.warns(mn.errors.MissingDataWarning):
        memory = mn.mnlogit(formula, data).fit()
    with pytest.warns(mn.errors.MissingDataWarning):
        res = mn.mnlogit(formula, as_parquet(data, tmp_path)).fit()
    same(res, memory)


@pytest.mark.parametrize("term", ["bs(z, df=5)", "cr(z, df=4)", "cc(z, df=4)"])
@pytest.mark.filterwarnings("ignore::mnlstat.errors.AliasedWarning")
def test_exact_quantiles_are_said_beforehand(term: str, tmp_path: Path) -> None:
    data = frame().dropna()
    path = as_parquet(data, tmp_path)
    with pytest.warns(mn.errors.WholeColumnWarning, match="exact quantiles"):
        res = mn.mnlogit(f"y ~ {term}", path).fit()
    same(res, mn.mnlogit(f"y ~ {term}", data).fit())


def test_means_to_13_digits(tmp_path: Path) -> None:
    data = frame().dropna()
    specs = [
        mn.mnlogit("y ~ standardize(year)", d).spec for d in (data, as_parquet(data, tmp_path))
    ]
    one, other = (spec.learned_factors[0].states[0] for spec in specs)
    np.testing.assert_allclose(one.mean, other.mean, rtol=1e-13)
    np.testing.assert_allclose(one.squares, other.squares, rtol=1e-12)


@pytest.mark.parametrize("kind", ["category", "Int64", "string", "float32", "bool"])
def test_types_of_columns(kind: str, tmp_path: Path) -> None:
    data = frame().dropna()
    column = {"category": "g", "string": "g", "bool": "old"}.get(kind, "year")
    data[column] = data[column].astype(kind)
    if kind == "category":
        data[column] = data[column].cat.set_categories(["red", "none", "green", "blue", "amber"])
    if kind == "Int64":
        data.loc[data.index[5:900:7], column] = pd.NA
    formula = f"y ~ {column} + x"
    for path in (as_parquet(data, tmp_path), as_callable(data, tmp_path)):
        same(mn.mnlogit(formula, path).fit(), mn.mnlogit(formula, data).fit())


def test_codes_that_are_text_only_late(tmp_path: Path) -> None:
    data = frame().dropna()
    data["code"] = (np.arange(len(data)) % 4).astype(str)
    data.loc[data.index[-2000::5], "code"] = "x9"
    res = mn.mnlogit("y ~ code + x", as_csv(data, tmp_path)).fit()
    same(res, mn.mnlogit("y ~ code + x", data).fit())
    assert res.factors[0].levels == ("0", "1", "2", "3", "x9")


def test_factors_alone_are_counted_once(tmp_path: Path) -> None:
    data = frame()
    res = mn.mnlogit("y ~ g * old", as_parquet(data, tmp_path)).fit()
    same(res, mn.mnlogit("y ~ g * old", data).fit())
    assert whole_rows(res) == 0 and len(res.likelihood.rows) == 8
    same(mn.mnlogit("y ~ 1", as_csv(data, tmp_path)).fit(), mn.mnlogit("y ~ 1", data).fit())


def test_folders_that_tell_a_column(tmp_path: Path) -> None:
    data = frame().dropna().sort_values("g")
    for level, part in data.groupby("g"):
        (tmp_path / f"g={level}").mkdir()
        part.drop(columns="g").to_parquet(tmp_path / f"g={level}" / "rows.parquet")
    same(mn.mnlogit("y ~ g + x", tmp_path).fit(), mn.mnlogit("y ~ g + x", data).fit())


def test_small_data_are_kept_and_give_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnlstat.rows.streamed.KEPT_ELEMENTS", 2**21)
    data = frame()
    res = mn.mnlogit("y ~ x + z", as_parquet(data, tmp_path)).fit()
    memory = mn.mnlogit("y ~ x + z", data).fit()
    pd.testing.assert_series_equal(res.params, memory.params, rtol=0, atol=0)


def test_neither_pieces_nor_threads_change_a_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = as_parquet(frame(), tmp_path)
    fits: list[Any] = []
    for rows, threads in ((1000, 1), (1000, 3), (2**16, 2), (333, 2)):
        monkeypatch.setattr("mnlstat.design.pieces.CHUNK_ROWS", rows)
        fits.append(mn.mnlogit("y ~ x + g + year", path, n_threads=threads).fit())
    for other in fits[1:]:
        pd.testing.assert_series_equal(other.params, fits[0].params, rtol=0, atol=0)
        pd.testing.assert_frame_equal(other.cov_params(), fits[0].cov_params(), rtol=0, atol=0)
