"""``offset(z)`` in a formula does what ``offset="z"`` does."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import (
    DataError,
    FormulaError,
    MissingDataWarning,
    MnlstatWarning,
    OffsetError,
    WeightsError,
)
from tests.behaviour.test_offsets import data


def fitted(formula: str, frame: pd.DataFrame | None = None, **options):
    return mn.mnlogit(formula, data() if frame is None else frame, **options).fit()


PAIRS = {
    "y ~ x + g + offset(z)": ("y ~ x + g", "z"),
    "y ~ offset(z) + x + g": ("y ~ x + g", "z"),
    "y ~ 1 + offset(u)": ("y ~ 1", "u"),
    "y ~ x + offset(log(u))": ("y ~ x", "log_u"),
    "y ~ x + offset(u) + offset(2*z)": ("y ~ x", "u_2z"),
    "y ~ x + offset(center(z))": ("y ~ x", "centred"),
    "y ~ x + offset(positive)": ("y ~ x", "positive"),
}


def frame_of_all() -> pd.DataFrame:
    frame = data()
    return frame.assign(
        log_u=np.log(frame["u"]),
        u_2z=frame["u"] + 2 * frame["z"],
        centred=frame["z"] - frame["z"].mean(),
        positive=frame["z"] > 0,
    )


@pytest.mark.parametrize("formula", PAIRS)
@pytest.mark.parametrize("base", [None, "b"])
def test_the_same_fit_as_by_the_option(formula: str, base) -> None:
    frame = frame_of_all()
    plain, column = PAIRS[formula]
    one, other = fitted(formula, frame, base=base), fitted(plain, frame, base=base, offset=column)
    np.testing.assert_allclose(one.params, other.params, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(one.bse, other.bse, rtol=1e-10)
    assert one.llnull == pytest.approx(other.llnull, rel=1e-13)
    some = frame.iloc[[5, 2, 100]]
    np.testing.assert_allclose(one.predict(some), other.predict(some), rtol=1e-10)
    np.testing.assert_allclose(one.predict(some), one.predict().loc[some.index], rtol=1e-13)
    turned = one.rebase("c"), other.rebase("c")
    np.testing.assert_allclose(turned[0].params, turned[1].params, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(turned[0].predict(some), one.predict(some), rtol=1e-12)


def test_it_is_added_to_the_option() -> None:
    frame = data()
    one = fitted("y ~ x + offset(u)", frame, offset={"b": "z"})
    numbers = np.column_stack([0 * frame["u"], frame["u"] + frame["z"], frame["u"]])
    other = fitted("y ~ x", frame, offset=numbers)
    np.testing.assert_allclose(one.params, other.params, rtol=1e-10)
    both = fitted("y ~ x + offset(u)", frame, offset=numbers - numbers[:, [2]] * [0, 1, 1])
    np.testing.assert_allclose(both.params, other.params, rtol=1e-10)
    with pytest.raises(OffsetError, match="given as an array"):
        both.predict(frame)
    assert one.offset == "b: z, b: u, c: u"


def test_the_offset_of_new_data_is_needed_and_learned() -> None:
    frame = data()
    result = fitted("y ~ x + offset(standardize(z))", frame)
    some = frame.iloc[:5]
    np.testing.assert_allclose(result.predict(some), result.predict().iloc[:5], rtol=1e-13)
    with pytest.raises(OffsetError, match="offset: the data have no column 'z'"):
        result.predict(frame[["x"]])
    gap = some.assign(z=[np.nan, *some["z"].iloc[1:]])
    assert result.predict(gap).isna().all(axis=1).tolist() == [True] + [False] * 4


def test_update_takes_it_out_and_puts_it_in() -> None:
    frame = data()
    result = fitted("y ~ x + offset(z)", frame)
    assert result.update(". ~ . - offset(z)").offset is None
    assert result.update(". ~ . + g").offset == "b: z, c: z"
    again = result.update(". ~ . - offset(z) + offset(u)")
    np.testing.assert_allclose(again.params, fitted("y ~ x", frame, offset="u").params, rtol=1e-10)


def test_missing_values_in_it_drop_rows() -> None:
    frame = data()
    frame.loc[[3, 8], "z"] = np.nan
    result = fitted("y ~ x + offset(z)", frame)
    assert result.nobs == 198 and result.dropped.by_column == {"z": 2}
    negative = data().assign(t=lambda frame: frame["u"] - 0.1)
    n = int((negative["t"] < 0).sum())
    with pytest.warns(MissingDataWarning, match="log.t"):
        result = fitted("y ~ x + offset(log(t))", negative)
    assert result.dropped.by_term == {"offset(log(t))": n} and result.nobs == 200 - n
    with pytest.raises(DataError, match="missing="):
        fitted("y ~ x + offset(log(t))", negative, missing="error")


@pytest.mark.parametrize(
    ("formula", "error", "said"),
    [
        ("y ~ x + offset(g)", OffsetError, "gives categories"),
        ("y ~ x + offset(poly(z, 2))", OffsetError, "gives 2 columns"),
        ("y ~ x + offset(log(zero))", OffsetError, "infinite"),
        ("y ~ x * offset(z)", FormulaError, "multiplied with nothing"),
        ("y ~ x + offset()", FormulaError, "one argument"),
        ("offset(z) ~ x", FormulaError, "right side"),
    ],
)
def test_what_is_no_offset(formula: str, error, said: str) -> None:
    with pytest.raises(error, match=said):
        fitted(formula, data().assign(zero=0.0))


def test_one_that_depends_on_other_rows_is_noted_and_warned_of() -> None:
    frame = data()
    result = fitted("y ~ x + offset(z - np.mean(z))", frame)
    assert any("depends on the other rows" in note for note in result.notes)
    with pytest.warns(MnlstatWarning, match="depends on the new rows"):
        result.predict(frame.iloc[:5])
    with pytest.raises(WeightsError, match="learns from the rows"):
        fitted("y ~ x + offset(z - np.mean(z))", frame.assign(w=2), freq_weights="w")


def test_rows_that_repeat_cannot_teach_it() -> None:
    frame = data().assign(w=2)
    with pytest.raises(WeightsError, match="learns from the rows"):
        fitted("y ~ x + offset(center(z))", frame, freq_weights="w")
    one = fitted("y ~ x + offset(z)", frame, freq_weights="w")
    other = fitted("y ~ x + offset(z)", pd.concat([frame, frame], ignore_index=True))
    np.testing.assert_allclose(one.params, other.params, rtol=1e-9)
