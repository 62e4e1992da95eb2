"""Tables in from files of every kind, good and bad; text out whole or not at all."""

from __future__ import annotations

import gzip
import os
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mnlstat.cli import files
from mnlstat.errors import DataError, FileFormatError, MissingDataWarning, OptionError


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "prog": ["general", "academic", "vocation"],
            "write": [0.1, 1 / 3, 1e-17],
            "ses": [1, 2, 3],
        }
    )


def test_every_format_gives_the_same_table(frame: pd.DataFrame, tmp_path: Path) -> None:
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_csv(tmp_path / "a.csv.gz", index=False)
    frame.to_csv(tmp_path / "a.tsv", index=False, sep="\t")
    frame.to_csv(tmp_path / "bom.CSV", index=False, encoding="utf-8-sig")
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_stata(tmp_path / "a.dta", write_index=False)
    for path in sorted(tmp_path.iterdir()):
        read = files.read_table(str(path))
        assert list(read.columns) == list(frame.columns), path.name
        assert read["prog"].tolist() == frame["prog"].tolist(), path.name
        np.testing.assert_array_equal(read["write"], frame["write"], err_msg=path.name)
        np.testing.assert_array_equal(read["ses"], frame["ses"], err_msg=path.name)


def test_csv_keeps_every_digit(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    numbers = rng.standard_normal(2000) * 10.0 ** rng.integers(-20, 20, 2000)
    path = tmp_path / "digits.csv"
    path.write_text("x\n" + "\n".join(map(repr, numbers.tolist())))
    np.testing.assert_array_equal(files.read_table(str(path))["x"], numbers)


def test_stata_labels_are_used_where_they_name_every_value(tmp_path: Path) -> None:
    path = str(tmp_path / "a.dta")
    codes = pd.DataFrame({"party": [2, 1, 2, 3], "income": [10, -1, 30, 40]})
    labels: Any = {"party": {1: "left", 2: "centre", 3: "right"}, "income": {-1: "refused"}}
    codes.to_stata(path, write_index=False, value_labels=labels)
    read = files.read_table(path)
    assert read["party"].tolist() == ["centre", "left", "centre", "right"]
    assert read["party"].cat.categories.tolist() == ["left", "centre", "right"]
    assert read["income"].tolist() == [10, -1, 30, 40]


def test_only_four_spellings_are_missing(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    words = ["None", "null", "n/a", "NULL", "<NA>", "#N/A", "", "NA", "NaN", "nan"]
    path.write_text("party,x\n" + "".join(f"{word},1\n" for word in words))
    read = files.read_table(str(path))["party"]
    assert read[read.notna()].tolist() == words[:6]
    assert read.isna().sum() == 4


def test_a_dot_among_numbers_is_missing_and_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x,word,n,plain\n0.1,.,1,2\n.,a,.,3\n0.30000000000000004,b,.,4\n,.5,3,5\n")
    with pytest.warns(MissingDataWarning) as told:
        read = files.read_table(str(path))
    assert [getattr(each.message, "message", None) for each in told] == [
        "column 'x' holds numbers and '.' in 1 row, read as missing.",
        "column 'n' holds numbers and '.' in 2 rows, read as missing.",
    ]
    np.testing.assert_array_equal(read["x"], [0.1, np.nan, 0.30000000000000004, np.nan])
    np.testing.assert_array_equal(read["n"], [1, np.nan, np.nan, 3])
    assert read["word"].tolist() == [".", "a", "b", ".5"]
    assert read["plain"].tolist() == [2, 3, 4, 5]


def test_labels_of_stata_that_repeat_leave_the_other_columns_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.dta"
    codes = pd.DataFrame({"party": [2, 1, 2, 3], "odd": [1, 2, 1, 2], "x": [0.5, 1.5, 2.5, 3.5]})
    labels: Any = {"party": {1: "left", 2: "centre", 3: "right"}, "odd": {1: "same", 2: "other"}}
    codes.to_stata(path, write_index=False, value_labels=labels)
    path.write_bytes(path.read_bytes().replace(b"other\0", b"same\0\0"))
    read = files.read_table(str(path))
    assert read["party"].tolist() == ["centre", "left", "centre", "right"]
    assert read["odd"].tolist() == [1, 2, 1, 2]
    assert read["x"].tolist() == [0.5, 1.5, 2.5, 3.5]


def test_a_date_of_stata_beyond_the_calendar_stays_a_number(tmp_path: Path) -> None:
    path = tmp_path / "a.dta"
    frame = pd.DataFrame({"day": [1e15, 1e15], "party": [1, 2]})
    labels: Any = {"party": {1: "left", 2: "right"}}
    frame.to_stata(path, write_index=False, value_labels=labels)
    raw = path.read_bytes()
    assert b"%10.0g" in raw
    path.write_bytes(raw.replace(b"%10.0g", b"%td\0\0\0", 1))
    read = files.read_table(str(path))
    assert read["party"].tolist() == ["left", "right"]
    assert list(read.columns) == ["day", "party"]


def test_empty_texts_of_stata_are_missing(tmp_path: Path) -> None:
    path = str(tmp_path / "a.dta")
    frame = pd.DataFrame({"party": ["left", "", "right"], "essay": ["a" * 3000, "", "b"]})
    frame.to_stata(path, write_index=False, version=117)
    read = files.read_table(path)
    assert read["party"].isna().tolist() == [False, True, False]
    assert read["essay"].isna().tolist() == [False, True, False]


def test_a_named_index_of_parquet_is_a_column(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = str(tmp_path / "a.parquet")
    frame.set_index("prog").to_parquet(path)
    assert files.read_table(path)["prog"].tolist() == frame["prog"].tolist()
    frame.set_index(["prog", "ses"]).to_parquet(path)
    assert list(files.read_table(path).columns) == ["prog", "ses", "write"]
    frame.set_index("prog", drop=False).set_index([pd.Index([1, 2, 3])], append=True).to_parquet(
        path
    )
    assert list(files.read_table(path).columns) == ["prog", "write", "ses"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"x,y\n1,2\n3,4,5\n", "line 3 has 3 fields where 2 are expected"),
        ("a.csv", b"x,y\n1,2,3\n3,4,5\n", "more fields than its header"),
        ("a.csv", b'x,y\n1,"2\n3,4\n', "a quote that opens in line 2 is never closed"),
        ("a.csv", b'"x,y\n1,2\n', "a quote that opens in line 1 is never closed"),
        ("a.csv", b"x;y\n1,5;2\n", "save it with commas"),
        ("a.csv", b"x;y\n1;2\n", "separated by ';'"),
        ("a.csv", b"x\ty\n1\t2\n", "separated by tabs"),
        ("a.tsv", b"x,y\n1,2\n", "separated by ','"),
        ("a.csv", "x,y\nZürich,2\n".encode("latin-1"), "UTF-8"),
        ("a.csv", b"PK\x03\x04\0\0\0\0", "no text has"),
        ("a.csv.gz", gzip.compress(b"x,y\n1,2\n" * 100)[:-12], "cut short"),
        ("a.parquet", b"PAR1 and then nothing", "damaged"),
        ("a.parquet", b"x,y\n1,2\n", "damaged"),
        ("a.dta", b"x,y\n1,2\n", "damaged"),
        ("a.dta", b"", "a.dta"),
        ("a.xlsx", b"PK", ".csv, .tsv, .parquet, .dta"),
        ("a.dta.gz", b"PK", "text also in .gz"),
        ("a.gz", b"PK", "text also in .gz"),
        ("csv", b"x,y\n1,2\n", ".csv, .tsv, .parquet, .dta"),
    ],
)
def test_bad_files(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match="cannot read") as caught:
        files.read_table(str(path))
    assert name in str(caught.value)
    assert words in str(caught.value)
    for jargon in ("pandas", "index_col", "C error", "tokeniz", "parquet magic"):
        assert jargon not in str(caught.value)


@pytest.mark.parametrize("kind", ["parquet", "dta", "csv.gz"])
def test_a_file_cut_anywhere_is_refused(frame: pd.DataFrame, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    if kind == "dta":
        frame.to_stata(path, write_index=False)
    elif kind == "parquet":
        frame.to_parquet(path)
    else:
        frame.to_csv(path, index=False)
    whole = path.read_bytes()
    for length in range(0, len(whole) - 8, max(1, len(whole) // 40)):
        path.write_bytes(whole[:length])
        with pytest.raises(FileFormatError):
            files.read_table(str(path))


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="no such file"):
        files.read_table(str(tmp_path / "none.csv"))
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(FileFormatError, match="is a directory"):
        files.read_table(str(tmp_path / "folder.csv"))


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x,y,x\n1,2,3\n")
    with pytest.raises(DataError, match="'x'"):
        files.read_table(str(path))


def test_parquet_without_pyarrow_names_the_extra(
    frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.parquet"
    frame.to_parquet(path)

    def without(*args: object, **kwargs: object) -> None:
        raise ImportError("no pyarrow")

    monkeypatch.setattr(pd, "read_parquet", without)
    with pytest.raises(FileFormatError, match=r"mnlstat\[parquet\]"):
        files.read_table(str(path))


def test_write_replaces_in_one_step_and_keeps_the_mode(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    files.write_text(str(path), "first\n")
    path.chmod(0o640)
    files.write_text(str(path), "zweite ü\n")
    assert path.read_text(encoding="utf-8") == "zweite ü\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["out.txt"]


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.txt"
    path.write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OptionError, match="no space left"):
        files.write_text(str(path), "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["out.txt"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_text("old")
    link.symlink_to(real)
    files.write_text(str(link), "new")
    assert link.is_symlink()
    assert real.read_text() == "new"


def test_what_is_no_ordinary_file_is_written_directly(tmp_path: Path) -> None:
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    try:
        files.write_text(str(fifo), "through\n")
        assert os.read(reader, 100) == b"through\n"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(fifo.stat().st_mode)


def test_targets_are_checked_before_the_work(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("x\n1\n")
    with pytest.raises(OptionError, match="-o needs the name of a file"):
        files.check_target("", str(data))
    with pytest.raises(OptionError, match="folder does not exist"):
        files.check_target(str(tmp_path / "none" / "out.txt"), str(data))
    with pytest.raises(OptionError, match="it is a folder"):
        files.check_target(str(tmp_path), str(data))
    with pytest.raises(OptionError, match="file with the data"):
        files.check_target(str(tmp_path / "." / "data.csv"), str(data))
    files.check_target(str(tmp_path / "out.txt"), str(data))
