"""Conditions: dates, remainders, and what is said of those that cannot be read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mnlstat as mn
from mnlstat.errors import FormulaError, MnlstatError

N = 150


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    made = pd.DataFrame({"y": rng.choice(list("abc"), N), "x": rng.normal(size=N)})
    made["i"], made["g"] = rng.integers(0, 5, N), rng.choice(list("pqr"), N)
    days = pd.to_timedelta(rng.integers(0, 500, N), "D")
    return made.assign(day=pd.Timestamp("2020-01-01") + days)


def kept(frame: Any, condition: str) -> int:
    return int(mn.mnlogit("y ~ x", frame, subset=condition).fit().nobs)


@pytest.mark.parametrize(
    ("condition", "right"),
    [
        ("day > '2020-06-01'", lambda d: d > pd.Timestamp("2020-06-01")),
        ("'2020-06-01' >= day", lambda d: d <= pd.Timestamp("2020-06-01")),
        ("'2020-02-01' < day < '2021'", lambda d: d.between("2020-02-02", "2020-12-31")),
        ("day != '2020-03-01'", lambda d: d != pd.Timestamp("2020-03-01")),
        ("day > pd.Timestamp('2020-06-01')", lambda d: d > pd.Timestamp("2020-06-01")),
        ("!(day %in% c('2020-03-01', '2020-03-02'))", lambda d: ~d.isin(
            [pd.Timestamp("2020-03-01"), pd.Timestamp("2020-03-02")])),
        ("!isna(day)", lambda d: d.notna()),
        ("day.dt.month == 3", lambda d: d.dt.month == 3),
    ],
)  # fmt: skip
def test_dates_are_compared(condition: str, right: Any, frame: pd.DataFrame) -> None:
    n = int(right(frame["day"]).sum())
    assert kept(frame, condition) == n
    if "Timestamp" not in condition:  # which has no time zone
        assert kept(frame.assign(day=frame["day"].dt.tz_localize("UTC")), condition) == n
    if "dt." not in condition:
        assert kept(frame.assign(day=frame["day"].dt.date), condition) == n
    frame.loc[frame.index[0], "day"] = pd.NaT
    res = mn.mnlogit("y ~ x", frame, subset=condition).fit()
    assert res.nobs + res.dropped.total == N
    assert res.dropped.of_unknown_subset == ("isna" not in condition)


@pytest.mark.parametrize("kind", [pl.from_pandas, pa.Table.from_pandas])
def test_dates_of_any_frame_and_in_pieces(kind: Any, frame: pd.DataFrame) -> None:
    condition = "day > '2020-06-01'"
    n = kept(frame, condition)
    assert kept(kind(frame), condition) == n
    assert kept(lambda: iter([frame.iloc[:60], frame.iloc[60:]]), condition) == n
    assert kept(frame.assign(day=frame["day"].dt.date), condition) == n


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("day > 5", "dates are compared with dates"),
        ("day == i", "dates are compared with dates"),
        ("day == 'tomorrow week'", "'tomorrow week' is no date"),
        ("day %in% c(1, 2)", "dates are compared with dates"),
        ("day", "compare it"),
        ("x = 1", "write == for"),
        ("g = 'a==b' & x > 0", "write == for"),
        ("x => 1", "write >="),
        ("x <> 1", "write !="),
        ("i in 1:3", "write c(1, 2, 3)"),
        ("x is None", "write isna(x)"),
        ("x is not None", "write isna(x)"),
        ("x == NULL", "write isna(x)"),
        ("(x > 0) is True", "instead of 'is'"),
        ("i == c(1, 2)", "%in%"),
        ("i != [1, 2]", "%in%"),
        ("c(1, 2) == i", "%in%"),
        ("x > 0, i > 1", "joined by & or |"),
        ("i * 2 %% 3 == 0", "brackets around a %% b"),
        ("i / 2 %/% 3 == 0", "brackets around a %/% b"),
    ],
)
def test_what_is_meant_is_said(condition: str, says: str, frame: pd.DataFrame) -> None:
    with pytest.raises(FormulaError) as caught:
        mn.mnlogit("y ~ x", frame, subset=condition)
    assert says in caught.value.message
    assert "KeyError" not in caught.value.message


def test_a_date_with_a_time_zone_is_not_compared_with_one_without(frame: pd.DataFrame) -> None:
    frame["day"] = frame["day"].dt.tz_localize("UTC")
    with pytest.raises(FormulaError):
        mn.mnlogit("y ~ x", frame, subset="day > pd.Timestamp('2020-06-01')")


@pytest.mark.parametrize("term", ["day", "C(day)", "day > '2020-06-01'"])
def test_terms_cannot_use_dates(term: str, frame: pd.DataFrame) -> None:
    with pytest.raises(MnlstatError, match="of type datetime64"):
        mn.mnlogit(f"y ~ x + {term}", frame)


def test_remainders_are_those_of_r(frame: pd.DataFrame) -> None:
    i = frame["i"]
    assert kept(frame, "i %% 2 == 0") == (i % 2 == 0).sum()
    assert kept(frame, "i %/% 2 == 1 & 5 %% 3 == 2") == (i // 2 == 1).sum()
    assert kept(frame, "-i %% 3 == 1") == ((-i) % 3 == 1).sum()
    assert kept(frame, "i ^ 2 %% 3 == 1 | i + 1 %% 2 == 3") == ((i**2 % 3 == 1) | (i == 2)).sum()
    assert kept(frame, "(i * 2) %% 3 == 1") == (i * 2 % 3 == 1).sum()
    model = mn.mnlogit("y ~ I(i %% 2) + x", frame)
    same = mn.mnlogit("y ~ I(i % 2) + x", frame)
    np.testing.assert_array_equal(model.fit().params, same.fit().params)
