"""The jackknife by refits against a loop of fits, one step, and closed forms."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import DataError, OptionError, RankError, ReplicateWarning, WeightsError
from tests.inference.samples import frame

FORMULA = "y ~ x + z"


@functools.cache
def data() -> pd.DataFrame:
    return frame(90, seed=2).assign(o=lambda d: 0.2 * d["z"])


def variance(left_out: Any, times: Any = None) -> np.ndarray:
    """``(n - 1)/n`` times the sum of squares about the mean of estimates (D, p)."""
    b = np.array([np.asarray(each) for each in left_out])
    counts = np.ones(len(b)) if times is None else np.asarray(times, dtype=float)
    n = counts.sum()
    centred = b - counts @ b / n
    return np.asarray((n - 1) / n * (centred * counts[:, None]).T @ centred)


def assert_close(found: Any, wanted: np.ndarray, tolerance: float = 1e-9) -> None:
    se = np.sqrt(np.diag(wanted))
    error = np.abs(found.cov_params().to_numpy() - wanted) / np.outer(se, se)
    assert error.max() < tolerance


def without_rows(rows: pd.DataFrame, formula: str = FORMULA, **options: Any) -> list[Any]:
    return [mn.mnlogit(formula, rows.drop(index=i), **options).fit().params for i in rows.index]


# --- against a loop of fits ----------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [{}, {"sampling_weights": "w"}, {"offset": "o"}, {"base": "c"}],
    ids=["plain", "sampling", "offset", "base"],
)
def test_it_is_that_of_separate_fits(options: dict[str, Any]) -> None:
    res = mn.mnlogit(FORMULA, data(), **options).fit()
    found = res.with_cov("jackknife", refit=True)
    assert_close(found, variance(without_rows(data(), **options)))
    assert found.cov_type == "jackknife, refits without each row (90)"
    assert found.cov_type in str(found.summary())
    assert found.params.equals(res.params)


@pytest.mark.parametrize("weights", [{}, {"sampling_weights": "w"}, {"freq_weights": "f"}])
def test_clusters_are_left_out_whole(weights: dict[str, Any]) -> None:
    res = mn.mnlogit(FORMULA, data(), **weights).fit()
    found = res.with_cov("jackknife", groups="school", refit=True)
    schools = data()["school"].unique()
    left = [
        mn.mnlogit(FORMULA, data()[data()["school"] != school], **weights).fit().params
        for school in schools
    ]
    assert_close(found, variance(left))
    assert found.cov_type == f"jackknife, refits without each cluster of school ({len(schools)})"


def test_a_frequency_weight_is_so_many_rows() -> None:
    repeated = data().loc[data().index.repeat(data()["f"])].reset_index(drop=True)
    weighted = mn.mnlogit(FORMULA, data(), freq_weights="f").fit()
    alone = mn.mnlogit(FORMULA, repeated).fit().with_cov("jackknife", refit=True)
    assert_close(weighted.with_cov("jackknife", refit=True), alone.cov_params().to_numpy(), 1e-10)


def test_equal_rows_are_left_out_once_and_counted() -> None:
    rng = np.random.default_rng(4)
    table = pd.DataFrame({"g": rng.choice(list("uvw"), 300), "y": rng.choice(list("abc"), 300)})
    res = mn.mnlogit("y ~ g", table).fit()
    found = res.with_cov("jackknife", refit=True)
    cells = table.groupby(["g", "y"]).size()
    firsts = [table[(table["g"] == g) & (table["y"] == y)].index[0] for g, y in cells.index]
    left = [mn.mnlogit("y ~ g", table.drop(index=i)).fit().params for i in firsts]
    assert_close(found, variance(left, cells))
    assert found.cov_type.endswith("each row (300)")


def test_counts_are_one_unit_or_each_choice_is() -> None:
    rng = np.random.default_rng(8)
    table = pd.DataFrame({"x": rng.normal(size=20)})
    table[["a", "b", "c"]] = rng.multinomial(6, [0.3, 0.3, 0.4], size=20)
    formula = "cbind(a, b, c) ~ x"
    res = mn.mnlogit(formula, table).fit()
    assert_close(res.with_cov("jackknife", refit=True), variance(without_rows(table, formula)))
    left, times = [], []
    for i in table.index:
        for outcome in "abc":
            if table.loc[i, outcome]:
                other = table.copy()
                other.loc[i, outcome] -= 1
                left.append(mn.mnlogit(formula, other).fit().params)
                times.append(table.loc[i, outcome])
    found = res.with_cov("jackknife", unit="trial", refit=True)
    assert_close(found, variance(left, times))
    assert found.cov_type == "jackknife, refits without each choice (120)"


def test_constraints_bind_each_fit() -> None:
    bound = {"constraints": ["b:x = c:x", "d:z = 0.2"]}
    res = mn.mnlogit(FORMULA, data(), **bound).fit()
    found = res.with_cov("jackknife", refit=True)
    wanted = variance(without_rows(data(), **bound))
    free = np.diag(wanted) > 1e-20
    V = found.cov_params().to_numpy()
    se = np.sqrt(np.diag(wanted)[free])
    assert (np.abs(V - wanted)[np.ix_(free, free)] / np.outer(se, se)).max() < 1e-9
    assert found.bse["d", "z"] == 0.0
    assert found.bse["b", "x"] == pytest.approx(found.bse["c", "x"], rel=1e-14)


def test_bias_reduced_fits_are_repeated_as_they_were() -> None:
    rows = data()[:40]
    left = [
        mn.mnlogit("y ~ x", rows.drop(index=i)).fit(penalty="jeffreys").params for i in rows.index
    ]
    res = mn.mnlogit("y ~ x", rows).fit(penalty="jeffreys")
    assert_close(res.with_cov("jackknife", refit=True), variance(left), 1e-7)
    with pytest.raises(OptionError, match="refit=True") as caught:
        res.with_cov("jackknife")
    assert caught.value.code == "covariance-penalised"
    asked = mn.mnlogit("y ~ x", rows).fit(penalty="jeffreys", cov_type="jackknife", refit=True)
    np.testing.assert_allclose(asked.bse, np.sqrt(np.diag(variance(left))), rtol=1e-7)
    with pytest.raises(OptionError):
        mn.mnlogit("y ~ x", rows).fit(penalty=mn.Ridge(1.0), cov_type="jackknife", refit=True)


# --- mathematics ---------------------------------------------------------------------------


def test_the_log_odds_of_two_counts_have_a_closed_form() -> None:
    a, b = 17, 25
    table = pd.DataFrame({"y": ["a"] * a + ["b"] * b})
    found = mn.mnlogit("y ~ 1", table).fit().with_cov("jackknife", refit=True)
    left = np.log([b / (a - 1), (b - 1) / a])
    mean = (a * left[0] + b * left[1]) / (a + b)
    square = a * (left[0] - mean) ** 2 + b * (left[1] - mean) ** 2
    wanted = np.sqrt((a + b - 1) / (a + b) * square)
    assert found.bse.iloc[0] == pytest.approx(wanted, rel=1e-12)


def test_one_step_differs_by_less_than_one_over_n() -> None:
    apart = []
    for n in (150, 600):
        res = mn.mnlogit(FORMULA, frame(n, seed=5)).fit()
        ratio = res.with_cov("jackknife", refit=True).bse / res.with_cov("jackknife").bse
        apart.append(float((ratio - 1).abs().max()))
    assert apart[1] < apart[0] / 2.5
    assert apart[0] < 15 / 150


def test_another_base_is_the_same_jackknife() -> None:
    found = mn.mnlogit(FORMULA, data()).fit().with_cov("jackknife", refit=True).rebase("c")
    own = mn.mnlogit(FORMULA, data(), base="c").fit().with_cov("jackknife", refit=True)
    np.testing.assert_allclose(found.bse, own.bse, rtol=1e-10)


def test_scales_and_threads_change_nothing() -> None:
    res = mn.mnlogit(FORMULA, data(), n_threads=1).fit().with_cov("jackknife", refit=True)
    threads = mn.mnlogit(FORMULA, data(), n_threads=3).fit().with_cov("jackknife", refit=True)
    assert threads.cov_params().equals(res.cov_params())
    scaled = data().assign(x=data()["x"] * 1e9, z=data()["z"] * 1e-9 + 5.0)
    found = mn.mnlogit(FORMULA, scaled).fit().with_cov("jackknife", refit=True)
    np.testing.assert_allclose(found.bse.loc[:, "x"] * 1e9, res.bse.loc[:, "x"], rtol=1e-6)


# --- what follows from it ------------------------------------------------------------------


def test_fit_and_update_ask_for_it_too() -> None:
    res = mn.mnlogit(FORMULA, data()).fit(cov_type="jackknife", refit=True)
    assert res.bse.equals(mn.mnlogit(FORMULA, data()).fit().with_cov("jackknife", refit=True).bse)
    smaller = res.update(". ~ . - z")
    own = mn.mnlogit("y ~ x", data()).fit().with_cov("jackknife", refit=True)
    np.testing.assert_allclose(smaller.bse, own.bse, rtol=1e-10)
    assert np.isnan(res.llr_pvalue)
    with pytest.raises(OptionError) as caught:
        res.test("b:x", kind="score")
    assert caught.value.code == "score-of-bootstrap"
    assert res.with_cov("jackknife", refit=True, use_t=True).df_t.iloc[0] == 90 - 9
    clustered = res.with_cov("jackknife", refit=True, groups="school", use_t=True)
    assert clustered.df_t.iloc[0] == data()["school"].nunique() - 1


def test_refit_false_is_one_step() -> None:
    res = mn.mnlogit(FORMULA, data()).fit()
    assert res.with_cov("jackknife", refit=False).bse.equals(res.with_cov("jackknife").bse)


# --- deletions without estimates -----------------------------------------------------------


def alone() -> pd.DataFrame:
    """Rows of which the first alone keeps the others from being separated."""
    rng = np.random.default_rng(2)
    x = np.linspace(-2, 2, 40)
    table = pd.DataFrame({"x": x, "z": rng.normal(size=40), "y": np.where(x > 0, "b", "a")})
    table.loc[5, "y"] = "b"
    table.index = [f"r{i}" for i in range(40)]
    return table


def test_separated_deletions_are_named_and_left_out() -> None:
    res = mn.mnlogit("y ~ x", alone()).fit()
    with pytest.warns(ReplicateWarning, match="r5") as caught:
        found = res.with_cov("jackknife", refit=True)
    assert [each.message.code for each in caught] == ["deletions-without-estimate"]
    assert "1 of 40 deletions have no finite estimates (1 separated; row 'r5')" in str(
        caught[0].message
    )
    assert "1 of 40 deletions" in found.cov_notes[0]
    assert "left out" in " ".join(str(found.summary()).split())
    others = alone().drop(index="r5").index
    left = [mn.mnlogit("y ~ x", alone().drop(index=i)).fit().params for i in others]
    assert_close(found, variance(left))


def test_of_equal_rows_the_first_is_named() -> None:
    table = pd.DataFrame({"g": ["u"] * 40 + ["w"] * 20, "y": (["a", "b"] * 20) + ["b"] * 20})
    table.loc[52, "y"] = "a"
    res = mn.mnlogit("y ~ g", table).fit()
    with pytest.warns(ReplicateWarning, match="1 of 60 .*1 separated; row 52"):
        res.with_cov("jackknife", refit=True)


def test_a_row_that_alone_tells_a_column_fails() -> None:
    table = data().assign(only=lambda d: (d.index == 7).astype(float))
    table = pd.concat([table, table.loc[[7]].assign(y="b"), table.loc[[7]].assign(y="c")])
    table = pd.concat([table, table.iloc[[-1]].assign(y="d"), table.iloc[[-1]].assign(y="a")])
    table = table.assign(own=np.arange(len(table))).reset_index(drop=True)
    table.loc[table["only"] == 1, "school"] = 99
    res = mn.mnlogit("y ~ x + only", table).fit(separation="ignore")
    assert res.converged
    with pytest.warns(ReplicateWarning, match="1 failed; school = 99"):
        found = res.with_cov("jackknife", groups="school", refit=True)
    assert found.bse.notna().all()


def test_hardly_any_deletion_is_refused() -> None:
    table = pd.DataFrame({"g": list("uuvvww"), "y": list("ababab")})
    res = mn.mnlogit("y ~ g", table).fit()
    with pytest.raises(RankError) as caught:
        res.with_cov("jackknife", refit=True)
    assert caught.value.code == "jackknife-without-estimates"


# --- what is refused -----------------------------------------------------------------------


def test_refit_is_of_the_jackknife_alone() -> None:
    res = mn.mnlogit(FORMULA, data()).fit()
    for kind, options in (("HC3", {}), ("observed", {}), ("cluster", {"groups": "school"})):
        with pytest.raises(OptionError, match="refit=True"):
            res.with_cov(kind, refit=True, **options)
    with pytest.raises(OptionError):
        res.with_cov("jackknife", refit="yes")
    with pytest.raises(OptionError):
        mn.mnlogit(FORMULA, data()).fit(refit=True)
    with pytest.raises(OptionError, match="one way"):
        res.with_cov("jackknife", refit=True, groups=["school", "year"])


def test_rows_of_which_none_can_be_taken_are_refused() -> None:
    pieces = mn.mnlogit("y ~ x", lambda: iter([data()[:40], data()[40:]])).fit()
    with pytest.raises(DataError) as caught:
        pieces.with_cov("jackknife", refit=True)
    assert caught.value.code == "read-in-pieces"
    with pytest.raises(WeightsError) as refused:
        mn.mnlogit("y ~ x", data(), freq_weights="w").fit().with_cov("jackknife", refit=True)
    assert refused.value.code == "weights-count-nothing"
