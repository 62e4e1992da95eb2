"""Effects from data that are read in pieces are those of the same rows in memory."""

from __future__ import annotations

import itertools
import tracemalloc
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.design import pieces
from mnlstat.errors import DataError, MissingDataWarning, MnlstatError, OptionError
from mnlstat.inference.effects import gathered
from tests.streaming.data import WAYS, as_callable, as_parquet, frame
from tests.streaming.test_levels import levelled
from tests.streaming.test_passes import Counted

BY = ["region", "old"]
VERBS: dict[str, tuple[str, dict[str, Any]]] = {
    "margins": ("margins", {}),
    "by": ("margins", {"by": BY}),
    "mean": ("margins", {"at": "mean", "by": "region"}),
    "typical": ("margins", {"at": "typical", "by": "region"}),
    "median": ("margins", {"at": "median", "combine": {"wheels": ["bus", "car"]}}),
    "elasticities": ("margins", {"variables": "z", "kind": "eyex"}),
    "values": ("margins", {"variables": "x", "at": {"z": [0.5, 2]}, "others": "typical"}),
    "sd": ("comparisons", {"variables": {"x": "sd", "z": "minmax"}, "centred": True}),
    "iqr": ("comparisons", {"variables": {"z": "iqr"}, "by": "region", "comparison": "ratio"}),
    "averages": ("average_predictions", {}),
    "scenarios": ("average_predictions", {"at": {"z": [0.5, 2]}, "by": "region"}),
    "grid": ("marginal_means", {}),
    "proportional": ("marginal_means", {"weights": "proportional", "at": {"x": 0.3}}),
}
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": ("y ~ x + z + g", {}),
    "curved": ("y ~ x * g + poly(z, 2) + old + np.log(x + 9)", {"subset": "year > 1994"}),
    "sampling": ("y ~ x + I(z**2) + z + g", {"sampling_weights": "w", "offset": {"car": "lag"}}),
    "frequency": ("y ~ x + center(z) + C(g, Sum)", {"freq_weights": "f", "offset": "lag"}),
    "aliased": ("y ~ x + z + g + I(2 * x - z)", {}),
}


def rich(n: int = 12_000) -> pd.DataFrame:
    """The frame of the other tests with weights, offset and groups."""
    rng = np.random.default_rng(1)
    return frame(n).assign(
        w=rng.exponential(size=n),
        f=rng.integers(0, 4, n),
        lag=rng.normal(size=n),
        region=rng.choice(["north", "east", "south"], n),
    )


def assert_same(found: Any, expected: Any) -> None:
    """The same table to 1e-12."""
    one, other = found.frame, expected.frame
    keys = [name for name in other if other[name].dtype.kind != "f"]
    pd.testing.assert_frame_equal(one[keys], other[keys])
    numbers = [name for name in other if name not in keys]
    np.testing.assert_allclose(one[numbers], other[numbers], rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(found.cov, expected.cov, rtol=1e-11, atol=1e-16)
    assert str(found) == str(expected)


@pytest.fixture(scope="module", params=MODELS)
def both(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[tuple[Any, Any]]:
    """A fit of a file read in small pieces, and of the same rows in memory."""
    formula, options = MODELS[request.param]
    data = rich()
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore", mn.errors.AliasedWarning)
        patch.setattr(pieces, "CHUNK_ROWS", 1000)
        path = as_parquet(data, tmp_path_factory.mktemp(request.param))
        res = mn.mnlogit(formula, path, **options).fit()
        yield res, mn.mnlogit(formula, data, **options).fit()


@pytest.mark.filterwarnings("ignore::mnlstat.errors.AliasedWarning")
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_as_in_memory(both: tuple[Any, Any], verb: str) -> None:
    res, memory = both
    name, options = VERBS[verb]
    if "iqr" in verb and "C(g, Sum)" in res.formula:
        options = {**options, "comparison": "difference"}
    assert_same(getattr(res, name)(**options), getattr(memory, name)(**options))


@pytest.mark.filterwarnings("ignore::mnlstat.errors.AliasedWarning")
def test_the_door_of_statsmodels(both: tuple[Any, Any]) -> None:
    res, memory = both
    for options in ({}, {"at": "mean"}, {"dummy": True, "count": True}):
        found, expected = res.get_margeff(**options), memory.get_margeff(**options)
        np.testing.assert_allclose(found.margeff, expected.margeff, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(found.margeff_se, expected.margeff_se, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("formula", ["y ~ C(town) + C(shop) + x", "y ~ 0 + C(town) + z", "y ~ g"])
def test_factors_that_stay_codes_and_few_patterns(formula: str, tmp_path: Path) -> None:
    data = levelled().dropna()
    res = mn.mnlogit(formula, as_parquet(data, tmp_path)).fit()
    memory = mn.mnlogit(formula, data).fit()
    name = formula.split()[-1]
    for fit in (res, memory):  # sums over rows against averages of predictions
        average = fit.average_predictions(by="old").frame["estimate"].to_numpy()
        expected = memory.predict(data).groupby(data["old"].to_numpy()).mean()
        np.testing.assert_allclose(average, expected.to_numpy().ravel(), rtol=1e-10)
    # estimates of the two differ by what their sums round
    for asked in ({"variables": name}, {"variables": name, "by": "old"}):
        one, other = res.margins(**asked).frame, memory.margins(**asked).frame
        gap = (one["estimate"] - other["estimate"]) / other["std_error"]
        assert float(np.abs(gap).max()) < 1e-7
        np.testing.assert_allclose(one["std_error"], other["std_error"], rtol=1e-9)


@pytest.mark.parametrize("way", WAYS)
def test_new_data_in_pieces(way: str, tmp_path: Path) -> None:
    data = rich(6000)
    memory = mn.mnlogit("y ~ x + g + z", data, offset="lag").fit()
    new = data.assign(lag=data["lag"].where(data.index % 50 != 3))
    source = WAYS[way](new, tmp_path)
    with pytest.warns(MissingDataWarning, match="rows miss something") as told:
        found = memory.margins(data=source, by="region")
    assert len(told) == 1
    with pytest.warns(MissingDataWarning, match="rows miss something"):
        expected = memory.margins(data=new, by="region")
    assert_same(found, expected)
    assert not found.frame["estimate"].isna().any()


def test_a_loaded_result_and_a_frame_for_a_fit_in_pieces(tmp_path: Path) -> None:
    data = rich(6000).dropna()
    path = as_parquet(data, tmp_path)
    res = mn.mnlogit("y ~ x + g", path).fit()
    res.save(tmp_path / "res.mnl")
    loaded = mn.load(tmp_path / "res.mnl")
    expected = res.margins(data=data)
    assert_same(loaded.margins(data=path), expected)
    assert_same(res.margins(data=path), expected)
    np.testing.assert_allclose(res.margins().frame["estimate"], expected.frame["estimate"])


def test_types_that_differ_between_pieces() -> None:
    data = rich(4000).dropna().reset_index(drop=True)
    levels = sorted(set(data["g"]))
    data["year"] = np.where(data.index < 1500, data["year"], data["year"] + 0.5)

    def frames() -> Iterator[pd.DataFrame]:
        for start in range(0, len(data), 700):
            part = data.iloc[start : start + 700]
            named = levels if start == 0 else sorted(set(part["g"]))
            part = part.assign(g=pd.Categorical(part["g"], named))
            yield part.astype({"year": "int64"}) if start + 700 < 1500 else part

    res = mn.mnlogit("y ~ x + g + center(year)", frames).fit()
    declared = data.assign(g=pd.Categorical(data["g"], levels))
    memory = mn.mnlogit("y ~ x + g + center(year)", declared).fit()
    assert_same(res.margins(by="g"), memory.margins(by="g"))
    assert_same(res.margins(at="typical"), memory.margins(at="typical"))


def test_pieces_of_any_size_give_the_same_bits() -> None:
    data = rich(9000).dropna()
    sizes = [[9000], [1] * 50 + [8950], [3000] * 3, [611] * 15]

    def cut(lengths: list[int]) -> Any:
        ends = np.cumsum([0, *lengths])
        return lambda: (data.iloc[a:b] for a, b in itertools.pairwise(ends))

    found = []
    for lengths in sizes:
        res = mn.mnlogit("y ~ x * g + z", data, sampling_weights="w").fit()
        found.append(res.margins(data=cut(lengths), by="region").frame["std_error"].to_numpy())
    for other in found[1:]:
        np.testing.assert_array_equal(found[0], other)


def test_numbers_that_are_0_or_1_are_found_in_pieces(tmp_path: Path) -> None:
    data = rich(6000).assign(half=lambda d: (d["z"] > 1).astype(int))
    memory = mn.mnlogit("y ~ x + half", data).fit()
    pieces = mn.mnlogit("y ~ x + half", as_parquet(data, tmp_path)).fit()
    found = pieces.margins(binary="difference", by="region")
    assert_same(found, memory.margins(binary="difference", by="region"))
    assert "1 - 0" in set(found.frame["contrast"])


def test_passes_are_counted() -> None:
    data = Counted(40)
    res = mn.mnlogit("y ~ a + b + np.exp(c)", data).fit()

    def passes(work: Any) -> int:
        before = data.passes
        work()
        return data.passes - before

    columns = 1  # where groups are named, the callable is asked for its columns
    assert passes(res.margins) == 1
    assert passes(res.average_predictions) == 1
    assert passes(lambda: res.margins(by="y")) == 2 + columns
    assert passes(lambda: res.margins(at="mean")) == 1
    assert passes(lambda: res.margins(at="typical")) == 1
    with pytest.raises(OptionError, match="none of 'a', 'b', 'c' is one"):
        res.margins(binary="difference")
    assert passes(lambda: res.comparisons({"a": "sd", "b": "minmax", "c": 1})) == 2
    assert passes(lambda: res.comparisons({"a": "iqr", "b": "iqr"})) == 3
    assert passes(lambda: res.margins(data=data)) == 1 + columns


def test_memory_does_not_grow_with_the_rows() -> None:
    peaks, most = [], []
    for count in (20, 100):
        data = Counted(count)
        res = mn.mnlogit("y ~ a + b * c", data).fit()
        data.most = 0
        tracemalloc.start()
        res.margins()
        res.comparisons({"a": "sd"}, by="y")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        most.append(data.most)
    assert peaks[1] < 1.1 * peaks[0]
    assert max(most) <= 12  # a block and what it is made of


def test_data_that_change_are_refused() -> None:
    data = rich(5000).dropna()
    given = [data]

    def frames() -> Iterator[pd.DataFrame]:
        yield given[0]

    for formula in ("y ~ x + z", "y ~ g"):  # rows, and patterns
        given[0] = data
        res = mn.mnlogit(formula, frames, sampling_weights="w").fit()
        res.margins(by="region")
        for changed in (
            data.iloc[:-5],
            data.assign(x=data["x"] + 1e-9, g=data["g"].to_numpy()[::-1]),
            data.assign(w=data["w"].to_numpy()[::-1]),
        ):
            given[0] = changed
            with pytest.raises(DataError, match="changed between passes"):
                res.margins(by="region")


def test_pieces_whose_size_depends_on_the_columns_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = rich(5000).dropna()
    given = [data]

    def frames() -> Iterator[pd.DataFrame]:
        yield given[0]

    monkeypatch.setattr(pieces, "CHUNK_ROWS", 10**9)
    monkeypatch.setattr(pieces, "CHUNK_VALUES", 4000)
    monkeypatch.setattr(pieces, "LEAST_ROWS", 1)
    res = mn.mnlogit("y ~ x + z", frames).fit()
    memory = mn.mnlogit("y ~ x + z", data).fit()
    assert_same(res.margins(by="region"), memory.margins(by="region"))
    one, other = (each.with_cov("cluster", groups="year").bse for each in (res, memory))
    np.testing.assert_allclose(one, other, rtol=1e-10)
    given[0] = data.assign(x=data["x"] + 1e-9)
    with pytest.raises(DataError, match="changed between passes"):
        res.margins(by="region")


def test_refusals_say_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = rich(5000)
    gaps = data.assign(region=data["region"].where(data.index % 9 != 2))
    res = mn.mnlogit("y ~ x + z", as_callable(gaps, tmp_path)).fit()
    whole = as_parquet(data, tmp_path)
    memory = mn.mnlogit("y ~ x + I(z - z.mean())", data).fit()
    monkeypatch.setattr(gathered, "MOST_VALUES", 100)
    cases: list[tuple[Any, dict[str, Any], str]] = [
        (res, {"at": "rows"}, "for each row of the data, and these are"),
        (res, {"by": "regoin"}, "no column 'regoin'"),
        (res, {"by": []}, "has no columns"),
        (res, {"by": np.zeros(5000)}, "cannot be lined up"),
        (res, {"by": "region"}, "by: 'region' is missing"),
        (res, {"at": "median"}, "'x' has more than 100 different values"),
        (res, {"data": as_callable(data[["x"]], tmp_path)}, "no column 'z'"),
        (res, {"data": as_callable(data.assign(x=np.nan), tmp_path)}, "no row of the data"),
        (memory, {"data": whole}, "a row's value depends on the other rows"),
    ]
    for fit, options, said in cases:
        with pytest.raises(MnlstatError, match=said) as raised:
            fit.margins(**options)
        assert isinstance(raised.value, DataError)
    with pytest.raises(DataError, match="'z' has more than 100"):
        res.comparisons({"z": "iqr"})


def test_a_constant_alone_has_rows(tmp_path: Path) -> None:
    data = rich(3000)
    path = as_parquet(data, tmp_path)
    memory = mn.mnlogit("y ~ 1", data).fit()
    for fit in (memory, mn.mnlogit("y ~ 1", path).fit()):
        assert_same(fit.average_predictions(data=path), fit.average_predictions(data=data))
        assert_same(fit.average_predictions(by="region"), memory.average_predictions(by="region"))
        assert len(pd.read_csv(fit.predict(path, to=tmp_path / "pi.csv"))) == len(data)


def test_few_patterns_are_compared_once() -> None:
    data, passes = rich(3000).dropna(), [0]

    def frames() -> Iterator[pd.DataFrame]:
        passes[0] += 1
        yield data

    res = mn.mnlogit("y ~ g + old", frames).fit()
    counts = []
    for _ in range(2):
        before = passes[0]
        res.margins()
        counts.append(passes[0] - before)
    assert counts == [2, 1]  # the fit has no checksum of rows, but one of patterns
