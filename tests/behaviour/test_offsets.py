"""Offsets: certified values, invariances, predictions, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import DataError, OffsetError
from tests.reference import models
from tests.reference.agreement import digits

FORMULA = "y ~ x + g"
OFFSET = {"b": "z", "c": "u"}


def data(n: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    return pd.DataFrame(
        {
            "x": rng.normal(size=n),
            "z": rng.normal(size=n),
            "u": rng.uniform(size=n),
            "g": rng.choice(list("pqr"), n),
            "y": rng.choice(["a", "b", "c"], n),
        }
    )


def numbers(frame: pd.DataFrame) -> Any:
    return np.column_stack([np.zeros(len(frame)), frame["z"], frame["u"]])


@pytest.mark.parametrize("name", ["pneumo_offset", "pneumo_offset_one"])
def test_certified_values(name: str) -> None:
    model = models.load(name)
    options = {"offset": model["offset"], "freq_weights": model["weights"]}
    res = mn.mnlogit(model.formula, model.rows(), base=model["base"], **options).fit()
    for (outcome, term), exact in model.certified("coef").items():
        assert digits(res.params[outcome, term], exact) >= 12
    for (outcome, term), exact in model.certified("se").items():
        assert digits(res.bse[outcome, term], exact) >= 12
    assert digits(res.llf, model.certified("loglik")) >= 14


def test_every_way_of_giving_an_offset_is_the_same() -> None:
    frame = data()
    one = mn.mnlogit(FORMULA, frame, offset=OFFSET).fit()
    table = pd.DataFrame({"c": frame["u"], "b": frame["z"]})
    for given in (numbers(frame), table, table.assign(a=0.0), table[::-1]):
        other = mn.mnlogit(FORMULA, frame, offset=given).fit()
        pd.testing.assert_series_equal(one.params, other.params, rtol=1e-12)
        assert one.llf == pytest.approx(other.llf, rel=1e-14)
        assert one.llnull == pytest.approx(other.llnull, rel=1e-14)
    X = pd.get_dummies(frame[["x", "g"]], drop_first=True, dtype=float).assign(const=1.0)
    arrays = mn.MNLogit(frame["y"], X, offset=numbers(frame)).fit()
    assert arrays.llf == pytest.approx(one.llf, rel=1e-14)
    both = mn.mnlogit(FORMULA, frame, offset="z").fit()
    named = mn.mnlogit(FORMULA, frame, offset={"b": "z", "c": "z"}).fit()
    pd.testing.assert_series_equal(both.params, named.params, rtol=1e-13)


def test_an_offset_that_is_a_combination_of_columns_moves_coefficients_by_it() -> None:
    frame = data().assign(o=lambda d: 2.0 + 0.7 * d["x"])
    plain = mn.mnlogit(FORMULA, frame).fit()
    moved = mn.mnlogit(FORMULA, frame, offset={"b": "o"}).fit()
    shift = plain.params - moved.params
    np.testing.assert_allclose(shift["b"][["Intercept", "x"]], [2.0, 0.7], rtol=1e-9)
    np.testing.assert_allclose(shift["c"], 0.0, atol=1e-10)
    pd.testing.assert_series_equal(plain.bse, moved.bse, rtol=1e-9)
    pd.testing.assert_frame_equal(plain.fittedvalues, moved.fittedvalues, rtol=1e-9)
    assert moved.llf == pytest.approx(plain.llf, rel=1e-13) and moved.llnull != plain.llnull


def test_the_null_model_has_the_offset() -> None:
    frame = data()
    res = mn.mnlogit(FORMULA, frame, offset=OFFSET).fit()
    null = mn.mnlogit("y ~ 1", frame, offset=OFFSET).fit()
    assert res.llnull == pytest.approx(null.llf, rel=1e-14)
    assert null.llr == pytest.approx(0.0, abs=1e-9)


def test_predictions_and_another_base_keep_the_offset() -> None:
    frame = data()
    res = mn.mnlogit(FORMULA, frame, offset=OFFSET).fit()
    pd.testing.assert_frame_equal(res.predict(frame), res.fittedvalues, rtol=1e-12)
    other = mn.mnlogit(FORMULA, frame, offset=OFFSET, base="b").fit()
    pd.testing.assert_series_equal(res.rebase("b").params, other.params, rtol=1e-9, atol=1e-11)
    pd.testing.assert_frame_equal(res.rebase("b").predict(frame), res.fittedvalues, rtol=1e-10)
    holes = frame.assign(z=frame["z"].where(frame.index != 3))
    predicted = res.predict(holes)
    assert predicted.loc[3].isna().all() and predicted.drop(3).notna().all(axis=None)
    with pytest.raises(OffsetError, match="'z'"):
        res.predict(frame.drop(columns="z"))
    by_numbers = mn.mnlogit(FORMULA, frame, offset=numbers(frame)).fit()
    with pytest.raises(OffsetError, match="given as an array"):
        by_numbers.predict(frame)
    updated = res.update(". ~ . - g")
    again = mn.mnlogit("y ~ x", frame, offset=OFFSET).fit()
    pd.testing.assert_series_equal(updated.params, again.params, rtol=1e-12)
    assert "b: z, c: u" in str(res.summary())


def test_missing_offsets_are_dropped_and_counted() -> None:
    frame = data()
    frame.loc[[3, 7], "z"] = np.nan
    res = mn.mnlogit(FORMULA, frame, offset=OFFSET).fit()
    assert res.nobs == 198 and res.dropped.by_column == {"z": 2}
    with pytest.raises(DataError, match="z"):
        mn.mnlogit(FORMULA, frame, offset=OFFSET, missing="error")


def test_equal_rows_with_other_offsets_stay_apart() -> None:
    frame = pd.concat([data()] * 20, ignore_index=True)
    frame["z"] = np.random.default_rng(0).normal(size=len(frame))
    res = mn.mnlogit("y ~ g", frame, offset={"b": "z"}).fit()
    dense = pd.get_dummies(frame["g"], drop_first=True, dtype=float).assign(const=1.0)
    offset = np.column_stack([np.zeros(len(frame)), frame["z"], np.zeros(len(frame))])
    other = mn.MNLogit(frame["y"], dense, offset=offset).fit()
    assert res.llf == pytest.approx(other.llf, rel=1e-13)


BAD: dict[str, tuple[Any, str]] = {
    "unknown column": (lambda d: {"b": "zz"}, "did you mean 'z'"),
    "unknown outcome": (lambda d: {"B": "z"}, "not an outcome"),
    "text": (lambda d: {"b": "g"}, "no numbers"),
    "numbers in a mapping": (lambda d: {"b": d["z"]}, "must name a column"),
    "nothing": (lambda d: {}, "names no outcome"),
    "one column of numbers": (lambda d: d["z"].to_numpy(), "has shape"),
    "too few columns": (lambda d: numbers(d)[:, :2], "has shape"),
    "too few rows": (lambda d: numbers(d)[:-1], "has shape"),
    "missing": (lambda d: np.where(d.index.to_numpy()[:, None] == 5, np.nan, numbers(d)), "row 5"),
    "infinite": (
        lambda d: np.where(d.index.to_numpy()[:, None] == 5, np.inf, numbers(d)),
        "infinite",
    ),
    "other index": (lambda d: d[["z"]].rename(columns={"z": "b"}).set_axis(d.index + 1), "index"),
    "names in a list": (lambda d: ["z", "u"], "column for each outcome"),
    "table of others": (lambda d: d[["z"]], "not an outcome"),
}


@pytest.mark.parametrize("case", BAD)
def test_offsets_that_cannot_be_used_are_refused(case: str) -> None:
    frame = data()
    make, said = BAD[case]
    with pytest.raises(OffsetError, match="(?i)" + said) as caught:
        mn.mnlogit(FORMULA, frame, offset=make(frame))
    assert str(caught.value).count("\n") <= 2


def test_what_cannot_be_honoured_is_refused(tmp_path: Any) -> None:
    frame = data()
    infinite = frame.assign(z=frame["z"].where(frame.index != 5, np.inf))
    with pytest.raises(OffsetError, match="infinite"):
        mn.mnlogit(FORMULA, infinite, offset=OFFSET)
    frame.to_csv(tmp_path / "d.csv", index=False)
    with pytest.raises(OffsetError, match="in pieces"):
        mn.mnlogit(FORMULA, str(tmp_path / "d.csv"), offset=np.zeros((len(frame), 3)))
    with pytest.raises(OffsetError, match="no offset"):
        mn.mnlogit(FORMULA, frame, offset=OFFSET).fit().compare()
    with pytest.raises(OffsetError, match="takes the numbers"):
        mn.MNLogit(frame["y"], frame[["x"]], offset={"b": "x"})


def test_predictions_for_a_file_read_the_offset_too(tmp_path: Any) -> None:
    frame = data()
    res = mn.mnlogit(FORMULA, frame, offset=OFFSET).fit()
    frame.to_csv(tmp_path / "d.csv", index=False)
    for given in (str(tmp_path / "d.csv"), frame, None):
        written = pd.read_csv(res.predict(given, to=tmp_path / "p.csv"))
        np.testing.assert_allclose(written, res.fittedvalues, rtol=1e-10)


@pytest.mark.parametrize("how", ["offset=", "offset()"])
def test_update_after_another_base_keeps_the_offset_where_it_was(how: str) -> None:
    frame = data()
    formula = "y ~ x" if how == "offset=" else "y ~ x + offset(z)"
    options = {"offset": "z"} if how == "offset=" else {}
    res = mn.mnlogit(formula, frame, **options).fit()
    for base in res.outcomes:
        again = res.rebase(base).update(". ~ .")
        assert again.base == base
        assert again.llf == pytest.approx(res.llf, rel=1e-13)
        pd.testing.assert_series_equal(again.params, res.rebase(base).params, rtol=1e-9)
