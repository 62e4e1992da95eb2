"""``subset=``: the rows that a model is about."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import DataError, FormulaError, OptionError


def data(n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(8)
    frame = pd.DataFrame(
        {
            "y": rng.choice(["a", "b", "c"], n),
            "x": rng.normal(size=n),
            "age": rng.integers(10, 60, n).astype(float),
            "k": rng.integers(0, 9, n),
            "region": rng.choice(["north", "south", "west"], n),
            "b": rng.random(n) > 0.4,
            "two.words": rng.normal(size=n),
        }
    )
    frame.loc[:9, "age"] = np.nan
    frame.loc[5:20, "region"] = None
    frame["maybe"] = frame["b"].astype("boolean").where(frame["k"] > 0)
    frame["whole"] = frame["k"].astype("Int64").where(frame["k"] != 3)
    return frame


FRAME = data()
AGE, REGION, K, B = FRAME["age"], FRAME["region"], FRAME["k"], FRAME["b"]
NO_AGE, NO_REGION = AGE.isna(), REGION.isna()
NEVER = pd.Series(False, FRAME.index)
# condition: rows in which it is true, rows in which it is missing
CONDITIONS = {
    "age > 30": (AGE > 30, NO_AGE),
    "age > 30 & region == 'north'": (
        (AGE > 30) & (REGION == "north"),
        (NO_AGE & (NO_REGION | (REGION == "north"))) | (NO_REGION & (AGE > 30)),
    ),
    "age > 30 | region == 'north'": (
        (AGE > 30) | (REGION == "north"),
        (NO_AGE & (REGION != "north")) | (NO_REGION & ~(AGE > 30)),
    ),
    "(age > 30) and not (region == 'north')": (
        (AGE > 30) & (REGION != "north") & ~NO_REGION,
        (NO_AGE & (REGION != "north")) | (NO_REGION & (NO_AGE | (AGE > 30))),
    ),
    "!(age > 30)": (AGE <= 30, NO_AGE),
    "20 < age <= 40": ((AGE > 20) & (AGE <= 40), NO_AGE),
    "k in [1, 2]": (K.isin([1, 2]), NEVER),
    "k in {1, 2}": (K.isin([1, 2]), NEVER),
    "k not in {1, 2}": (~K.isin([1, 2]), NEVER),
    "k %in% c(1, 2) || b": (K.isin([1, 2]) | B, NEVER),
    "isin(region, ['north', 'west'])": (REGION.isin(["north", "west"]), NO_REGION),
    "region.isin(places)": (REGION.isin(["south"]), NO_REGION),
    "region not in ['north']": (REGION.isin(["south", "west"]), NO_REGION),
    "b": (B, NEVER),
    "~b": (~B, NEVER),
    "maybe": (B & (K > 0), K == 0),
    "maybe | k == 0": (B | (K == 0), NEVER),
    "whole == 2 | whole > 4": ((K == 2) | (K > 4), K == 3),
    "isna(age)": (NO_AGE, NEVER),
    "!is.na(age) & b": (~NO_AGE & B, NEVER),
    "two.words^2 > 1 & `k` >= limit": ((FRAME["two.words"] ** 2 > 1) & (K >= 2), NEVER),
    "k * 4611686018427387904 > 0": (K > 0, NEVER),
    "x > x.mean()": (FRAME["x"] > FRAME["x"].mean(), NEVER),
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_rows_are_those_for_which_it_is_true(condition: str) -> None:
    true, missing = (np.asarray(rows, dtype=bool) for rows in CONDITIONS[condition])
    limit, places = 2, ["south"]
    model = mn.mnlogit("y ~ x", FRAME, subset=condition)
    assert (limit, places) == (2, ["south"])
    np.testing.assert_array_equal(model._prepared.source.kept, true)
    dropped = model._prepared.dropped
    assert dropped.of_unknown_subset == missing.sum()
    assert dropped.not_in_subset == len(FRAME) - true.sum() - missing.sum()
    assert (dropped.rows, dropped.used) == (len(FRAME), true.sum())


def test_the_fit_is_that_of_the_rows_alone() -> None:
    condition = "age > 25 & region != 'south'"
    result = mn.mnlogit("y ~ center(x) + region + age", FRAME, subset=condition).fit()
    alone = FRAME[(AGE > 25) & ~REGION.isin(["south"]) & ~NO_REGION]
    other = mn.mnlogit("y ~ center(x) + region + age", alone).fit()
    np.testing.assert_array_equal(result.params, other.params)
    assert result.predict().index.equals(alone.index)
    text = str(result.summary())
    text = " ".join(text.split())
    assert f"not in the subset {condition!r} ({result.dropped.not_in_subset})" in text
    assert f"missing ({result.dropped.of_unknown_subset})" in text


@pytest.mark.parametrize("given", [B, B.to_numpy(), list(B), B.iloc[::-1], B.astype("boolean")])
def test_truth_values_for_each_row(given) -> None:
    result = mn.mnlogit("y ~ x", FRAME, subset=given).fit()
    other = mn.mnlogit("y ~ x", FRAME, subset="b").fit()
    np.testing.assert_array_equal(result.params, other.params)
    assert result.dropped == other.dropped


def test_missing_truth_values_are_counted() -> None:
    result = mn.mnlogit("y ~ x", FRAME, subset=FRAME["maybe"]).fit()
    assert result.dropped.of_unknown_subset == (K == 0).sum()


def test_update_keeps_the_rows_and_weights_go_with_them() -> None:
    result = mn.mnlogit("y ~ x", FRAME, subset="age > 30", freq_weights="k").fit()
    wanted = mn.mnlogit("y ~ x + b", FRAME[AGE > 30], freq_weights="k").fit()
    np.testing.assert_array_equal(result.update(". ~ . + b").params, wanted.params)
    assert result.dropped.of_no_weight == ((AGE > 30) & (K == 0)).sum()


def test_update_remembers_the_rows_that_were_left_out_before() -> None:
    result = mn.mnlogit("y ~ x + age", FRAME, subset="k > 4").fit()
    again = result.update(". ~ . - age")
    assert again.dropped.subset == "k > 4"
    assert again.dropped == result.dropped
    assert "not in the subset" in str(again.summary())
    assert again.update(". ~ . + b").n_dropped == result.n_dropped


def test_missing_values_count_within_the_subset_only() -> None:
    result = mn.mnlogit("y ~ age", FRAME, subset="k > 4").fit()
    assert result.dropped.by_column == {"age": int(((K > 4) & NO_AGE).sum())}
    with pytest.raises(DataError, match="subset"):
        mn.mnlogit("y ~ x", FRAME, subset="age > 30", missing="error")


REFUSED = {
    "k == '1'": (FormulaError, "numbers are compared with text"),
    "k in ['1', '2']": (FormulaError, "numbers are compared with text"),
    "region != 1": (FormulaError, "numbers are compared with text"),
    "k": (FormulaError, "true or false is wanted"),
    "b & k": (FormulaError, "true or false is wanted"),
    "region": (FormulaError, "true or false is wanted"),
    "whole": (FormulaError, "true or false is wanted"),
    "age >": (FormulaError, "subset: the formula cannot be read"),
    "agee > 3": (FormulaError, "did you mean 'age'"),
    "region == north": (FormulaError, "'north'"),
    "center(x) > 0": (FormulaError, "cannot learn"),
    "x.mean() > 0": (FormulaError, "a single value"),
    "True": (FormulaError, "reads no column"),
    "isin(k)": (FormulaError, "write isin"),
    "": (FormulaError, "empty"),
    "region == 'north pole'": (DataError, "true in none of the 300 rows"),
    "age > 'x'": (FormulaError, "cannot be used"),
}


@pytest.mark.parametrize("condition", REFUSED)
def test_what_is_no_condition(condition: str) -> None:
    error, said = REFUSED[condition]
    with pytest.raises(error, match=said) as caught:
        mn.mnlogit("y ~ x", FRAME, subset=condition)
    assert "subset" in str(caught.value)


@pytest.mark.parametrize(
    "given", [B[:5], B.to_numpy()[:5], K, 3, [["b"]], B.set_axis(range(5, 305)), {"b": B}, object()]
)
def test_truth_values_that_do_not_fit(given) -> None:
    if isinstance(given, dict):
        assert mn.mnlogit("y ~ x", FRAME, subset=given).fit().nobs == B.sum()
        return
    with pytest.raises(OptionError, match="subset") as caught:
        mn.mnlogit("y ~ x", FRAME, subset=given)
    assert caught.value.code == "subset-values"


def test_data_in_pieces(tmp_path) -> None:
    FRAME.drop(columns=["maybe", "whole"]).to_csv(tmp_path / "d.csv", index=False)
    condition = "age > 30 & region == 'north' | k %in% c(1, 2)"
    wanted = mn.mnlogit("y ~ x + age", FRAME, subset=condition).fit()
    result = mn.mnlogit("y ~ x + age", tmp_path / "d.csv", subset=condition).fit()
    np.testing.assert_allclose(result.params, wanted.params, rtol=1e-10)
    assert result.dropped == wanted.dropped
    assert result.dropped.subset == condition
    again = result.update(". ~ . - age")
    assert again.nobs == result.nobs
    for given, error, said in (
        ("x > x.mean()", FormulaError, "depends on other rows"),
        ("region == 'nowhere'", DataError, "true in none"),
        (B, OptionError, "as text"),
    ):
        with pytest.raises(error, match=said):
            mn.mnlogit("y ~ x", tmp_path / "d.csv", subset=given)


def test_the_summary_shows_a_condition_that_leaves_nothing_out() -> None:
    result = mn.mnlogit("y ~ x", FRAME, subset="x > -1e9").fit()
    text = " ".join(str(result.summary()).split())
    assert "all in the subset 'x > -1e9'" in text or "not in the subset 'x > -1e9'" in text
    assert mn.mnlogit("y ~ x", FRAME).fit().dropped.subset is None


def test_the_condition_is_saved(tmp_path) -> None:
    result = mn.mnlogit("y ~ x", FRAME, subset="x > 0").fit()
    path = result.save(tmp_path / "one.fit")
    assert mn.load(path).dropped == result.dropped
    assert mn.load(path).dropped.subset == "x > 0"
