"""Factors of many levels in data that are read in pieces stay codes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.rows.grouped import Grouped
from mnlstat.rows.streamed_columns import StreamedColumns
from mnlstat.rows.streamed_levels import StreamedLevels
from tests.streaming.data import WAYS, as_callable, as_csv, as_parquet, frame, whole_rows
from tests.streaming.test_equality import same

N = 12_000
LEVELS = 60


def levelled(n: int = N, seed: int = 5, skewed: bool = False) -> pd.DataFrame:
    """The frame of the other tests with factors of 60 and 25 levels that matter."""
    rng = np.random.default_rng(seed)
    data = frame(n, seed)
    share = np.arange(1, LEVELS + 1) ** -0.5 if skewed else np.ones(LEVELS)
    town = rng.choice(LEVELS, n, p=share / share.sum())
    shop = rng.integers(0, 25, n)
    effects = rng.normal(size=(LEVELS, 3)) * 0.7
    eta = effects[town] + np.column_stack([np.zeros(n), data["x"].fillna(0), shop / 25.0])
    data["y"] = np.array(["car", "bus", "walk"])[(eta + rng.gumbel(size=eta.shape)).argmax(axis=1)]
    return data.assign(
        town=np.array([f"town {i:02}" for i in range(LEVELS)])[town],
        shop=np.array([f"no. {i:02}" for i in range(25)])[shop],
        year=data["year"] + 0.0,
    )


FORMULAS = [
    "y ~ C(town) + x",
    "y ~ C(town) + x + z + year",
    "y ~ 0 + C(town) + z",
    "y ~ C(town) + x * old",
    "y ~ C(town) + C(shop) + x",
    "y ~ C(town) + C(shop) + year + z",
    "y ~ C(town, Treatment('town 17')) + standardize(year)",
]


@pytest.mark.parametrize("skewed", [False, True])
@pytest.mark.parametrize("formula", FORMULAS)
def test_the_same_as_in_memory(formula: str, skewed: bool, tmp_path: Path) -> None:
    data = levelled(skewed=skewed).dropna()
    model = mn.mnlogit(formula, as_parquet(data, tmp_path))
    assert isinstance(model.likelihood.rows, StreamedLevels)
    assert all(isinstance(block.matrix, Grouped) for block in model.likelihood.rows.blocks())
    res, memory = model.fit(), mn.mnlogit(formula, data).fit()
    same(res, memory)
    np.testing.assert_allclose(res.bse, memory.bse, rtol=1e-12)
    gap = (res.params - memory.params) / memory.bse
    assert np.abs(gap).max() < 1e-12 * max(1.0, memory.condition_number)
    theta = memory.params.to_numpy() * 0.9
    for ours, theirs in (
        (model.likelihood.loglike(theta), memory.likelihood.loglike(theta)),
        (model.likelihood.score(theta), memory.likelihood.score(theta)),
        (model.likelihood.hessian(theta), memory.likelihood.hessian(theta)),
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-8)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_give_data(way: str, tmp_path: Path) -> None:
    data = levelled()
    model = mn.mnlogit("y ~ town + x + g", WAYS[way](data, tmp_path))
    assert isinstance(model.likelihood.rows, StreamedLevels)
    same(model.fit(), mn.mnlogit("y ~ town + x + g", data).fit())


@pytest.mark.parametrize("skewed", [False, True])
def test_four_passes_of_fitting(
    skewed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnlstat.rows.streamed.KEPT_ELEMENTS", 2**16)
    data = levelled(50_000, skewed=skewed).dropna()
    passes, frames = [0], as_callable(data, tmp_path)

    def counted():
        passes[0] += 1
        return frames()

    model = mn.mnlogit("y ~ C(town) + x + z", counted)
    assert isinstance(model.likelihood.rows, StreamedLevels)
    assert passes[0] == 4  # names, survey, values of C(town), sums and sample
    res = model.fit()
    assert res.converged and whole_rows(res) == passes[0] - 4 <= 4


def test_neither_pieces_nor_threads_change_a_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = as_parquet(levelled(), tmp_path)
    fits = []
    for rows, threads in ((1000, 1), (1000, 3), (2**16, 2), (333, 2)):
        monkeypatch.setattr("mnlstat.design.pieces.CHUNK_ROWS", rows)
        fits.append(mn.mnlogit("y ~ town + C(shop) + year", path, n_threads=threads).fit())
    for other in fits[1:]:
        pd.testing.assert_series_equal(other.params, fits[0].params, rtol=0, atol=0)
        pd.testing.assert_frame_equal(other.cov_params(), fits[0].cov_params(), rtol=0, atol=0)


def test_levels_of_which_the_sample_has_none(tmp_path: Path) -> None:
    data = levelled().dropna()
    data.loc[data.index[700:712], "town"] = "elsewhere"
    data.loc[data.index[700:712], "y"] = ["car", "bus", "walk"] * 4
    model = mn.mnlogit("y ~ town + x", as_parquet(data, tmp_path))
    sample = model.likelihood.rows.sample
    level = model.spec.learned_factors[0].levels.index("elsewhere")
    assert ((sample.matrix.codes == level) & (sample.weights == 1)).sum() == 0
    res = model.fit()
    same(res, mn.mnlogit("y ~ town + x", data).fit())
    assert whole_rows(res) <= 6


@pytest.mark.filterwarnings("ignore::mnlstat.errors.SeparationWarning")
def test_a_level_with_one_outcome_only(tmp_path: Path) -> None:
    data = levelled().dropna()
    data.loc[data["town"] == "town 09", "y"] = "bus"
    data.loc[(data["town"] == "town 10") & (data["y"] == "walk"), "y"] = "car"
    res = mn.mnlogit("y ~ town + x", as_parquet(data, tmp_path)).fit()
    memory = mn.mnlogit("y ~ town + x", data).fit()
    assert not res.converged and not memory.converged
    assert res.llf == pytest.approx(memory.llf, rel=1e-6)


@pytest.mark.filterwarnings("ignore::mnlstat.errors.AliasedWarning")
@pytest.mark.parametrize("term", ["I(2 * x)", "of_town", "county"])
def test_dependent_columns(term: str, tmp_path: Path) -> None:
    data = levelled().dropna()
    number = data["town"].str[-2:].astype(int)
    data = data.assign(of_town=number * 1.5, county=(number % 26).astype(str))
    formula = f"y ~ town + x + {term}"
    model = mn.mnlogit(formula, as_parquet(data, tmp_path))
    assert isinstance(model.likelihood.rows, StreamedColumns)
    res, memory = model.fit(), mn.mnlogit(formula, data).fit()
    assert list(res.aliased) == list(memory.aliased)
    np.testing.assert_allclose(res.params, memory.params, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(res.bse, memory.bse, rtol=1e-10)


def test_predictions_updates_and_checkpoints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = levelled()
    path = as_csv(data, tmp_path)
    model = mn.mnlogit("y ~ town + x", path)
    res, memory = model.fit(), mn.mnlogit("y ~ town + x", data).fit()
    res.predict(to=tmp_path / "pi.csv")
    found = pd.read_csv(tmp_path / "pi.csv")
    np.testing.assert_allclose(
        found.to_numpy()[:, -3:], memory.predict(data).to_numpy(), rtol=1e-10
    )
    ours, theirs = (each.update(". ~ . + C(shop)") for each in (res, memory))
    np.testing.assert_allclose(ours.params, theirs.params, rtol=1e-9, atol=1e-10)

    original, made = mn.MultinomialLikelihood.evaluate, []

    def evaluate(self, *args):
        if len(self.rows) == res.nobs:
            made.append(1)
            if len(made) == 3:
                raise KeyboardInterrupt
        return original(self, *args)

    kept = tmp_path / "fit.ckpt"
    with monkeypatch.context() as patch:
        patch.setattr(mn.MultinomialLikelihood, "evaluate", evaluate)
        with pytest.raises(KeyboardInterrupt):
            model.fit(checkpoint=kept)
    assert kept.exists()
    again = mn.mnlogit("y ~ town + x", path).fit(checkpoint=kept)
    pd.testing.assert_series_equal(again.params, res.params, rtol=0, atol=0)
    with pytest.raises(mn.errors.DataError, match="never in memory"):
        res.likelihood.rows.X  # noqa: B018


def test_a_change_of_levels_between_passes_is_noticed() -> None:
    data = levelled().dropna()
    other = data.assign(town=np.roll(data["town"].to_numpy(), 1))
    calls = [0]

    def frames():
        calls[0] += 1
        yield data if calls[0] < 5 else other

    with pytest.raises(mn.errors.DataError, match="changed between passes"):
        mn.mnlogit("y ~ town + x", frames).fit()
    assert calls[0] >= 5
