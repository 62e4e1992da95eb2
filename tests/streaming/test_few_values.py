"""Rows in pieces of which few are distinct are counted once, numbers and factors alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.rows.streamed import Streamed
from tests.streaming.data import WAYS, as_callable, as_parquet, frame, whole_rows
from tests.streaming.test_equality import same


def rounded() -> pd.DataFrame:
    """Numbers of few distinct values, so that some hundred rows are distinct."""
    data = frame()
    return data.assign(
        x=data["x"].round(), z=np.minimum(data["z"].round(), 3), year=data["year"] // 5
    )


@pytest.fixture(autouse=True)
def pieces_of_some_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnlstat.design.pieces.CHUNK_ROWS", 4000)


@pytest.mark.parametrize(
    "formula", ["y ~ x + z", "y ~ x * g + old", "y ~ bs(z, knots=[1]) + I(x**2)"]
)
@pytest.mark.filterwarnings("ignore::mnlstat.errors.AliasedWarning")
def test_the_same_as_in_memory(formula: str, tmp_path: Path) -> None:
    data = rounded()
    res = mn.mnlogit(formula, as_parquet(data, tmp_path)).fit()
    same(res, mn.mnlogit(formula, data).fit())
    assert whole_rows(res) == 0 and len(res.likelihood.rows) < 200


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_give_data(way: str, tmp_path: Path) -> None:
    data = rounded()
    res = mn.mnlogit("y ~ x + g", WAYS[way](data, tmp_path)).fit()
    same(res, mn.mnlogit("y ~ x + g", data).fit())
    assert whole_rows(res) == 0


def test_pieces_change_no_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, fits = as_parquet(rounded(), tmp_path), []
    for rows in (333, 4000, 2**16):
        monkeypatch.setattr("mnlstat.design.pieces.CHUNK_ROWS", rows)
        fits.append(mn.mnlogit("y ~ x + z", path).fit())
    for other in fits[1:]:
        pd.testing.assert_series_equal(other.params, fits[0].params, rtol=0, atol=0)


def test_values_that_are_many_only_late(tmp_path: Path) -> None:
    data = rounded().dropna()
    rng = np.random.default_rng(1)
    late = data.index[len(data) // 2 :]
    data.loc[late, "x"] += rng.normal(size=len(late))
    model = mn.mnlogit("y ~ x + z", as_callable(data, tmp_path))
    assert isinstance(model.likelihood.rows, Streamed)
    same(model.fit(), mn.mnlogit("y ~ x + z", data).fit())


def test_counting_needs_no_pass_more_where_values_are_many(tmp_path: Path) -> None:
    data, calls = frame(), [0]

    def frames():
        calls[0] += 1
        yield data

    assert isinstance(mn.mnlogit("y ~ x + g", frames).likelihood.rows, Streamed)
    assert calls[0] == 3  # names, survey, sums and sample


@pytest.mark.parametrize("formula", ["y ~ x + z", "y ~ g + old"])
def test_data_that_change_before_an_update_are_refused(formula: str) -> None:
    data = rounded().dropna()
    other = data.assign(x=data["x"] + (np.arange(len(data)) == 5), old=~data["old"])
    given = [data]
    res = mn.mnlogit(formula, lambda: iter(given)).fit()
    np.testing.assert_allclose(
        res.update(". ~ . + year").bse, mn.mnlogit(f"{formula} + year", data).fit().bse, rtol=1e-12
    )
    given[:] = [other]
    with pytest.raises(mn.errors.DataError, match="changed between passes"):
        res.update(". ~ . + year")


def test_products_that_overflow_are_named(tmp_path: Path) -> None:
    data = rounded().dropna()
    data["x"] = np.where(data["x"] > 1, 1e200, data["x"])
    with pytest.raises(mn.errors.DataError, match="x:x2 is infinite"):
        mn.mnlogit("y ~ x:x2", as_callable(data.assign(x2=data["x"]), tmp_path))
