"""Weights and offsets of data in pieces: the numbers of the same rows in memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.cli import main
from mnlstat.errors import FormulaError, MissingDataWarning, OffsetError, WeightsError
from mnlstat.rows.rows import Rows
from mnlstat.rows.streamed import Streamed
from mnlstat.rows.streamed_levels import StreamedLevels
from tests.streaming.data import WAYS, as_callable, as_csv, as_parquet, frame

LEVELS = "y ~ x + C(many) + z"
FORMULAS = ["y ~ x + g + old", "y ~ g + old", "y ~ 1", "y ~ x + few + g", LEVELS]
KINDS = ["freq_weights", "sampling_weights"]


def weighted(n: int = 12_000) -> pd.DataFrame:
    """Whole and other weights, zero and missing ones among them; offsets; many levels."""
    rng = np.random.default_rng(8)
    data = frame(n)
    data["f"] = rng.integers(0, 4, n)
    data["w"] = rng.exponential(size=n)
    data.loc[5:500:45, "w"] = np.nan
    data.loc[9:700:50, "w"] = 0.0
    data["o"], data["o2"] = rng.normal(size=n), rng.normal(size=n)
    data.loc[31:900:100, "o"] = np.nan
    data["few"] = rng.integers(0, 4, n) / 2
    data["many"] = rng.integers(0, 120, n)
    return data


def same(streamed: Any, memory: Any) -> None:
    assert streamed.converged and memory.converged
    np.testing.assert_allclose(streamed.params, memory.params, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(streamed.bse, memory.bse, rtol=1e-12)
    assert streamed.llf == pytest.approx(memory.llf, rel=1e-13)
    assert streamed.llnull == pytest.approx(memory.llnull, rel=1e-13)
    for name in ("nobs", "aic", "bic", "prsquared", "df_resid"):
        one, other = getattr(streamed, name), getattr(memory, name)
        assert one == pytest.approx(other, rel=1e-12, nan_ok=True), name
    assert streamed.dropped == memory.dropped and streamed.n_dropped == memory.n_dropped
    assert streamed.outcome_counts.tolist() == pytest.approx(memory.outcome_counts.tolist())
    assert streamed.notes == memory.notes and streamed.factors == memory.factors
    assert str(streamed.weights) == str(memory.weights)


def both(formula: str, data: Any, given: Any, **options: Any) -> tuple[Any, Any]:
    return mn.mnlogit(formula, given, **options).fit(), mn.mnlogit(formula, data, **options).fit()


@pytest.mark.parametrize("column", ["f", "w"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("formula", FORMULAS)
def test_weights_by_name(formula: str, kind: str, column: str, tmp_path: Path) -> None:
    data = weighted()
    streamed, memory = both(formula, data, as_parquet(data, tmp_path), **{kind: column})
    same(streamed, memory)
    assert streamed.weights == memory.weights
    assert streamed.dropped.of_no_weight > 0


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_give_data(way: str, tmp_path: Path) -> None:
    data = weighted()
    given = WAYS[way](data, tmp_path)
    model = mn.mnlogit("y ~ x + g", given, sampling_weights="w", offset={"car": "o"})
    assert isinstance(model.likelihood.rows, Streamed)
    same(
        model.fit(),
        mn.mnlogit("y ~ x + g", data, sampling_weights="w", offset={"car": "o"}).fit(),
    )


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("offset", ["o", {"car": "o", "walk": "o2"}, {"bus": "o2"}])
def test_offsets_by_name(formula: str, offset: Any, tmp_path: Path) -> None:
    data = weighted()
    streamed, memory = both(formula, data, as_parquet(data, tmp_path), offset=offset)
    same(streamed, memory)
    assert streamed.spec.offset == memory.spec.offset
    new = data.head(200)
    np.testing.assert_allclose(streamed.predict(new), memory.predict(new), rtol=1e-11)
    written = streamed.predict(to=tmp_path / "p.parquet")
    table = pd.read_parquet(written)
    np.testing.assert_allclose(table, memory.predict(data)[list(table)], rtol=1e-11)


def test_forms_in_which_rows_are_held(tmp_path: Path) -> None:
    path = as_parquet(weighted(), tmp_path)

    def rows(formula: str, **options: Any) -> Any:
        return mn.mnlogit(formula, path, **options).likelihood.rows

    assert isinstance(rows("y ~ g + old", freq_weights="w"), Rows)
    assert isinstance(rows("y ~ few", sampling_weights="w"), Rows)
    assert isinstance(rows("y ~ g", offset="o"), Streamed)
    assert isinstance(rows(LEVELS, sampling_weights="w"), StreamedLevels)


@pytest.mark.parametrize("term", ["center(x)", "standardize(z) + g", "scale(year)", "poly"])
def test_transforms_learn_from_rows_that_repeat(term: str, tmp_path: Path) -> None:
    term = "bs(z, knots=[0.5, 1])" if term == "poly" else term
    data = weighted().dropna()
    streamed, memory = both(f"y ~ {term}", data, as_parquet(data, tmp_path), freq_weights="f")
    same(streamed, memory)
    again = data.loc[data.index.repeat(data["f"])].reset_index(drop=True)
    plain = mn.mnlogit(f"y ~ {term}", as_callable(again, tmp_path)).fit()
    np.testing.assert_allclose(streamed.params, plain.params, rtol=1e-11, atol=1e-12)
    with pytest.raises(WeightsError, match="learns from the rows"):
        mn.mnlogit(f"y ~ center(x) + {term}", as_csv(data, tmp_path), freq_weights="w")


def test_a_response_learns_from_rows_that_repeat(tmp_path: Path) -> None:
    data = weighted().dropna()
    formula = "pd.cut(center(x), [-99, -1, 1, 99]) ~ z"
    streamed, memory = both(formula, data, as_parquet(data, tmp_path), freq_weights="f")
    same(streamed, memory)
    again = data.loc[data.index.repeat(data["f"])].reset_index(drop=True)
    assert (
        memory.outcome_counts.tolist() == mn.mnlogit(formula, again).fit().outcome_counts.tolist()
    )
    with pytest.raises(WeightsError, match="depends on all rows"):
        mn.mnlogit("I(x > x.mean()) ~ z", data, freq_weights="f")


@pytest.mark.parametrize("formula", FORMULAS)
def test_sums_of_score_products(formula: str, tmp_path: Path) -> None:
    data = weighted()
    path = as_parquet(data, tmp_path)
    models = [mn.mnlogit(formula, given, freq_weights="w") for given in (path, data)]
    params = models[1].fit().params.to_numpy()
    for repeated in (True, False):
        one, other = (m.likelihood.score_products(params, repeated=repeated) for m in models)
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-9)
    plain = [mn.mnlogit(formula, given) for given in (path, data)]
    params = plain[1].fit().params.to_numpy()
    one, other = (m.likelihood.score_products(params) for m in plain)
    np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-9)


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("factor", [1e-9, 0.3, 1e12])
def test_sampling_weights_have_no_unit(formula: str, factor: float, tmp_path: Path) -> None:
    data = weighted()
    one = mn.mnlogit(formula, as_parquet(data, tmp_path), sampling_weights="w").fit()
    data["w"] *= factor
    other = mn.mnlogit(formula, as_parquet(data, tmp_path), sampling_weights="w").fit()
    np.testing.assert_allclose(one.params, other.params, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(one.bse, other.bse, rtol=1e-11)


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("factor", [1e-200, 1e200])
def test_weights_of_any_size(formula: str, kind: str, factor: float, tmp_path: Path) -> None:
    data = weighted()
    data["w"] *= factor
    streamed, memory = both(formula, data, as_parquet(data, tmp_path), **{kind: "w"})
    same(streamed, memory)


@pytest.mark.parametrize("formula", ["y ~ g + old", "y ~ few"])
def test_bias_reduction_of_weighted_patterns(formula: str, tmp_path: Path) -> None:
    data = weighted()
    models = [mn.mnlogit(formula, d, freq_weights="w") for d in (as_parquet(data, tmp_path), data)]
    one, other = (model.fit(penalty="jeffreys") for model in models)
    np.testing.assert_allclose(one.params, other.params, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_weights_of_one_are_none(kind: str, tmp_path: Path) -> None:
    data = weighted().assign(one=1)
    streamed, memory = both("y ~ g + old", data, as_parquet(data, tmp_path), **{kind: "one"})
    same(streamed, memory)


def test_another_formula_on_the_same_rows(tmp_path: Path) -> None:
    data = weighted()
    options: dict[str, Any] = {"freq_weights": "w", "offset": {"walk": "o"}}
    streamed, memory = both("y ~ x + g", data, as_parquet(data, tmp_path), **options)
    same(streamed.update(". ~ . - g"), memory.update(". ~ . - g"))
    pd.testing.assert_frame_equal(
        streamed.rebase("walk").tidy(), memory.rebase("walk").tidy(), rtol=1e-10
    )


def bad(column: str, value: Any) -> Callable[[], pd.DataFrame]:
    def made() -> pd.DataFrame:
        data = weighted()
        data[column] = data[column].astype(object if isinstance(value, str) else float)
        data.loc[[2600, 9000], column] = value
        return data

    return made


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("value", "said"),
    [
        (-1.0, r"column 'w' has negative values \(2 rows, first row 2600\)"),
        (np.inf, r"column 'w' has infinite values \(2 rows, first row 2600\)"),
        ("many", r"column 'w' holds text \(2 rows, first row 2600\)"),
    ],
)
def test_weights_that_are_none(kind: str, value: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=said):
        mn.mnlogit("y ~ x", as_csv(bad("w", value)(), tmp_path), **{kind: "w"})


def test_what_else_is_refused(tmp_path: Path) -> None:
    data = weighted()
    path = as_parquet(data.assign(zero=0.0, none=np.nan), tmp_path)
    weights: list[tuple[Any, str]] = [
        ("ff", "no column 'ff'"),
        ("g", "holds text"),
        ("zero", "all weights are zero or missing"),
        ("none", "nothing but missing values|all weights are zero or missing"),
        (np.ones(len(data)), "read in pieces"),
        (data["f"], "read in pieces"),
    ]
    for given, said in weights:
        for kind in KINDS:
            with pytest.raises(WeightsError, match=said):
                mn.mnlogit("y ~ x", path, **{kind: given})
    offsets: list[tuple[Any, str]] = [
        ("oo", "no column 'oo'"),
        ("g", "holds no numbers"),
        ({"car": "oo"}, "no column"),
        ({"plane": "o"}, "is not an outcome"),
        (np.zeros((len(data), 3)), "read in pieces"),
    ]
    for given, said in offsets:
        with pytest.raises(OffsetError, match=said):
            mn.mnlogit("y ~ x", path, offset=given)
    with pytest.raises(OffsetError, match=r"infinite values \(2 rows, first row 2600\)"):
        mn.mnlogit("y ~ x", as_csv(bad("o", np.inf)(), tmp_path), offset="o")
    with pytest.raises(mn.errors.DataError, match=r"'w' \(\d+ rows\)"):
        mn.mnlogit("y ~ x", as_parquet(data[["x", "y", "w"]], tmp_path),
                   freq_weights="w", missing="error")  # fmt: skip


def test_rows_that_a_term_loses(tmp_path: Path) -> None:
    data = weighted()
    with pytest.warns(MissingDataWarning):
        streamed, memory = both(
            "y ~ x + np.log(z - 0.3)", data, as_csv(data, tmp_path), freq_weights="w", offset="o"
        )
    same(streamed, memory)


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = weighted()
    path = as_csv(data, tmp_path)
    memory = mn.mnlogit("y ~ x", data, sampling_weights="w", offset={"car": "o"}).fit()
    words = ["--sampling-weights", "w", "--offset", "car=o", "--format", "json"]
    assert main(["fit", path, "y ~ x", *words]) == 0
    said = json.loads(capsys.readouterr().out)
    assert memory.nobs in _numbers(said) and memory.bse.iloc[0] in _numbers(said)


def _numbers(said: Any) -> set[float]:
    if isinstance(said, dict | list):
        parts = said.values() if isinstance(said, dict) else said
        return set().union(*map(_numbers, parts)) if parts else set()
    return {float(said)} if isinstance(said, int | float) else set()


@pytest.mark.filterwarnings("ignore::mnlstat.errors.MissingDataWarning")
@pytest.mark.parametrize(
    "term",
    ["offset(o)", "offset(o / 2) + offset(o2)", "offset(center(o))", "offset(np.log(z - 0.3))"],
)
def test_offsets_of_the_formula(term: str, tmp_path: Path) -> None:
    data = weighted()
    for options in ({}, {"offset": {"car": "o2"}, "sampling_weights": "w"}):
        streamed, memory = both(f"y ~ x + {term}", data, as_parquet(data, tmp_path), **options)
        same(streamed, memory)
        assert streamed.offset == memory.offset
        new = data.head(200)
        np.testing.assert_allclose(streamed.predict(new), memory.predict(new), rtol=1e-11)
        again = streamed.update(". ~ . - x")
        same(again, memory.update(". ~ . - x"))


def test_offsets_of_the_formula_that_pieces_cannot_have(tmp_path: Path) -> None:
    path = as_parquet(weighted(), tmp_path)
    with pytest.raises(FormulaError, match="other rows"):
        mn.mnlogit("y ~ x + offset(o - np.mean(o))", path)
    with pytest.raises(WeightsError, match=r"offset\(center\(o\)\)"):
        mn.mnlogit("y ~ x + offset(center(o))", path, freq_weights="f")
    with pytest.raises(OffsetError, match="categories"):
        mn.mnlogit("y ~ x + offset(g)", path)
