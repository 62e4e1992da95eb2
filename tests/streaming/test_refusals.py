"""What data in pieces cannot give, and wrong ones: each with its message."""

from __future__ import annotations

import builtins
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import DataError, FileFormatError, FormulaError, MissingDataWarning, OptionError
from tests.streaming.data import as_callable, as_csv, as_parquet, frame


@pytest.mark.parametrize("term", ["I(x - x.mean())", "I(z / z.max())", "pd.qcut(z, 3)"])
def test_terms_that_mix_rows(term: str, tmp_path: Path) -> None:
    with pytest.raises(FormulaError, match="depends on the other rows"):
        mn.mnlogit(f"y ~ {term}", as_parquet(frame().dropna(), tmp_path))


@pytest.mark.parametrize("response", ["I(x > x.mean())", "pd.qcut(z, 3)"])
def test_responses_that_mix_rows(response: str, tmp_path: Path) -> None:
    with pytest.raises(FormulaError, match="depends on the other rows"):
        mn.mnlogit(f"{response} ~ year", as_parquet(frame().dropna(), tmp_path))


def test_the_messages_of_frames_stay(tmp_path: Path) -> None:
    data = frame()
    path = as_callable(data.assign(id=[f"n{i}" for i in range(len(data))]), tmp_path)
    infinite = data.assign(x=np.where(data.index == 9000, np.inf, data["x"]))
    cases: list[tuple[str, Any, type[Exception], str]] = [
        ("y ~ xx", path, FormulaError, "did you mean"),
        ("y ~ id", path, DataError, "name or identifier"),
        ("z ~ x", path, DataError, "not whole"),
        ("y ~ y", path, FormulaError, "stands on the right side"),
        ("y ~ I(1 / (year - 2000))", path, DataError, "is infinite, though the data are finite"),
        ("y ~ x", as_callable(infinite, tmp_path), DataError, "first row 9000"),
        ("y ~ x", as_callable(data.assign(x=np.nan), tmp_path), DataError, "no rows are left"),
        ("y ~ x", as_callable(data.assign(y="car"), tmp_path), DataError, "one outcome only"),
        ("y ~ np.log(-z)", path, DataError, "makes missing values in all of them"),
        ("y ~ x", lambda: iter([]), DataError, "no rows"),
        ("y ~ x", lambda: data, DataError, "iterator of frames"),
        ("y ~ x", lambda: 1 / 0, DataError, "ZeroDivisionError"),
    ]
    for formula, given, kind, said in cases:
        with pytest.raises(kind, match=said), pytest.MonkeyPatch.context():
            _quiet(formula, given)
    with pytest.raises(DataError, match="'x' \\(31 rows\\)"):
        mn.mnlogit("y ~ x", path, missing="error")
    with pytest.raises(OptionError, match="is not an outcome"):
        mn.mnlogit("y ~ x", path, base="plane")


@pytest.mark.filterwarnings("ignore::mnlstat.errors.MissingDataWarning")
def _quiet(formula: str, given: Any) -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MissingDataWarning)
        mn.mnlogit(formula, given)


def test_pieces_of_two_types(tmp_path: Path) -> None:
    data = frame()
    later = data.assign(x=data["x"].astype(str))
    with pytest.raises(DataError, match="numbers in some rows and text in others"):
        mn.mnlogit("y ~ x", lambda: iter([data, later]))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="no such file"):
        mn.mnlogit("y ~ x", tmp_path / "none.parquet")
    other = tmp_path / "data.xlsx"
    other.write_text("x")
    with pytest.raises(FileFormatError, match=r"names must end in \.parquet"):
        mn.mnlogit("y ~ x", other)
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 this is none")
    with pytest.raises(FileFormatError, match="cannot read"):
        mn.mnlogit("y ~ x", broken)
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileFormatError, match="no parquet files"):
        mn.mnlogit("y ~ x", tmp_path / "empty")
    ragged = tmp_path / "ragged.csv"
    ragged.write_text("y,x\n" + "a,1\n" * 2000 + "b,2,3\n")
    with pytest.raises(FileFormatError, match="cannot read"):
        mn.mnlogit("y ~ x", ragged)


def test_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = as_parquet(frame(), tmp_path)
    real = builtins.__import__

    def missing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(FileFormatError, match=r"pip install .mnlstat\[parquet\]"):
        mn.mnlogit("y ~ x", path)


def test_what_needs_rows_in_memory(tmp_path: Path) -> None:
    res = mn.mnlogit("y ~ x", as_csv(frame(), tmp_path)).fit()
    for act, said in (
        (lambda: res.fittedvalues, "fittedvalues needs all rows in memory"),
        (lambda: res.predict(), "predict\\(to="),
        (lambda: res.compare(), r"compare\(\) needs all rows in memory"),
        (lambda: res.likelihood.rows.X, "never in memory"),
        (lambda: res.likelihood.subsample([0]), "cannot be chosen"),
    ):
        with pytest.raises(DataError, match=said):
            act()
    assert "x" in str(res.summary()) and res.score_norm < 1e-6
    again = pickle.loads(pickle.dumps(res))
    pd.testing.assert_series_equal(again.params, res.params)
    with pytest.raises(DataError, match="without its data"):
        again.update(". ~ 1")
    memory = mn.mnlogit("y ~ x", frame()).fit()
    with pytest.raises(DataError, match=r"a result of mnlstat\.\nGive what"):
        memory.compare(res)


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    text = tmp_path / "twice.csv"
    text.write_text("y,x,x\na,1,2\nb,2,3\n")
    with pytest.raises(DataError, match="two columns are named 'x'"):
        mn.mnlogit("y ~ x", text)
    import pyarrow as pa
    import pyarrow.parquet

    table = pa.table([["a", "b"], [1, 2], [2, 3]], names=["y", "x", "x"])
    pa.parquet.write_table(table, tmp_path / "twice.parquet")
    with pytest.raises(FileFormatError, match="duplicate field names"):
        mn.mnlogit("y ~ x", tmp_path / "twice.parquet")
    text.write_text(",y,x\n" + "0,a,1\n1,b,2\n2,a,4\n3,b,3\n" * 9)
    assert mn.mnlogit("y ~ x", text).spec.columns == ("Intercept", "x")
    (tmp_path / "none.csv").write_text("")
    with pytest.raises(FileFormatError, match="cannot read"):
        mn.mnlogit("y ~ x", tmp_path / "none.csv")


def test_one_changed_number_is_noticed() -> None:
    rng = np.random.default_rng(3)
    n = 200_000
    data = pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(size=n)})
    data["y"] = rng.choice(["a", "b", "c"], n)
    other = data.copy()
    other.loc[77_777, "x"] = 9.0
    calls = []

    def source():
        calls.append(1)
        given = other if len(calls) >= 5 else data
        for start in range(0, n, 50_000):
            yield given.iloc[start : start + 50_000]

    with pytest.raises(DataError, match="changed"):
        mn.mnlogit("y ~ x + np.exp(z)", source).fit()
    assert len(calls) >= 5


def test_a_name_that_is_empty() -> None:
    with pytest.raises(FileFormatError, match=r"the name of the file is empty\.\nGive a file"):
        mn.mnlogit("y ~ x", "")


def test_what_a_callable_raises_is_told_once() -> None:
    def fails() -> Any:
        raise LookupError("no such table")

    with pytest.raises(DataError) as caught:
        mn.mnlogit("y ~ x", fails)
    assert caught.value.message == "the callable given as data failed: LookupError: no such table."


def test_what_is_wrong_with_a_file_is_told_to_its_end(tmp_path: Path) -> None:
    folder = tmp_path / ("a-long-name-" * 12)
    folder.mkdir()
    whole = as_parquet(frame(), folder).read_bytes()
    broken = folder / "data.parquet"
    broken.write_bytes(whole[: len(whole) // 2])
    for given in (broken, folder):
        with pytest.raises(FileFormatError) as caught:
            mn.mnlogit("y ~ x", given)
        assert caught.value.message == (
            f"cannot read {str(broken)!r}: ArrowInvalid: Parquet magic bytes not found in footer."
            " Either the file is corrupted or this is not a parquet file."
        )


def test_a_whole_column_is_told_once_for_a_term(tmp_path: Path) -> None:
    with pytest.warns(mn.errors.WholeColumnWarning) as told:
        mn.mnlogit("y ~ te(cr(x, df=3), cr(z, df=4)) - 1", as_parquet(frame(), tmp_path))
    mine = [str(each.message) for each in told if each.category is mn.errors.WholeColumnWarning]
    assert len(mine) == 1 and mine[0].startswith("te(cr(x, df=3), cr(z, df=4)) needs exact")


def test_a_fit_is_shown_in_a_line(tmp_path: Path) -> None:
    data = frame().assign(g=[f"level {i % 150}" for i in range(len(frame()))])
    res = mn.mnlogit("y ~ x + g", as_parquet(data, tmp_path)).fit()
    for part in (res.sample, res.sample.source, res.likelihood.rows):
        assert len(repr(part)) < 100 and str(res.nobs) in repr(part)
