"""Responses in several columns: counts, one choice written in columns, shares."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import (
    DataError,
    DataWarning,
    FormulaError,
    OptionError,
    RankError,
    SeparationWarning,
)

NAMES = ["low", "mid", "high"]
FORMULA = "cbind(low, mid, high) ~ x + g"


def counts(n: int = 60, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"x": rng.normal(size=n), "g": rng.choice(list("ab"), n)})
    for name, mean in zip(NAMES, [3, 2, 4], strict=True):
        frame[name] = rng.poisson(mean * np.exp(0.1 * frame["x"]), n)
    return frame


def one_by_one(frame: pd.DataFrame, more: list[str] | None = None) -> pd.DataFrame:
    """A row for each choice."""
    long = frame.melt(
        id_vars=["x", "g", *(more or [])], value_vars=NAMES, var_name="y", value_name="times"
    )
    long["y"] = pd.Categorical(long["y"], NAMES)
    return long.loc[long.index.repeat(long["times"])].reset_index(drop=True)


def shares(n: int = 80, seed: int = 5) -> pd.DataFrame:
    frame = counts(n, seed)
    frame[NAMES] = (frame[NAMES] + 0.5).div((frame[NAMES] + 0.5).sum(axis="columns"), axis="index")
    return frame


def same(one: Any, other: Any) -> None:
    pd.testing.assert_series_equal(one.params, other.params, rtol=1e-11, atol=1e-13)
    pd.testing.assert_series_equal(one.bse, other.bse, rtol=1e-11)
    for name in ("llf", "llnull", "aic", "bic", "prsquared", "nobs", "df_resid", "df_model"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-12), name
    assert one.outcome_counts.tolist() == other.outcome_counts.tolist()


def test_counts_are_as_many_rows_with_one_choice() -> None:
    frame = counts()
    res = mn.mnlogit(FORMULA, frame).fit()
    same(res, mn.mnlogit("y ~ x + g", one_by_one(frame)).fit())
    assert res.outcomes == tuple(NAMES)
    assert res.response == f"counts: {frame[NAMES].to_numpy().sum()} choices in 60 rows"
    same(mn.mnlogit("cbind(low, mid, high) ~ g", frame).fit(),  # rows alike are counted once
         mn.mnlogit("y ~ g", one_by_one(frame)).fit())  # fmt: skip


@pytest.mark.parametrize("base", NAMES)
def test_any_column_can_be_the_base(base: str) -> None:
    frame = counts()
    res = mn.mnlogit(FORMULA, frame, base=base).fit()
    pd.testing.assert_series_equal(
        res.params, mn.mnlogit(FORMULA, frame).fit().rebase(base).params, rtol=1e-11
    )
    with pytest.raises(OptionError, match=r"base='hihg'.*did you mean 'high'"):
        mn.mnlogit(FORMULA, frame, base="hihg")


def test_few_distinct_rows_are_summed() -> None:
    frame = counts(4000)[["g", *NAMES]].assign(x=0.0)
    frame["x"] = np.tile([0.0, 1.0, 2.0, 3.0], 1000)
    res = mn.mnlogit(FORMULA, frame, freq_weights=np.tile([1, 2], 2000)).fit()
    twice = pd.concat([frame, frame.iloc[1::2]])
    same(res, mn.mnlogit("y ~ x + g", one_by_one(twice)).fit())


def test_frequency_weights_multiply_counts() -> None:
    frame = counts().assign(f=lambda d: np.arange(len(d)) % 3)
    res = mn.mnlogit(FORMULA, frame, freq_weights="f").fit()
    same(res, mn.mnlogit("y ~ x + g", one_by_one(frame.loc[frame.index.repeat(frame["f"])])).fit())


def test_rows_of_counts_are_the_units_of_sampling_weights() -> None:
    frame = counts().assign(w=lambda d: np.exp(d["x"]))
    res = mn.mnlogit(FORMULA, frame, sampling_weights="w").fit()
    scaled = mn.mnlogit(FORMULA, frame.assign(w=7.0 * frame["w"]), sampling_weights="w").fit()
    pd.testing.assert_series_equal(res.bse, scaled.bse, rtol=1e-11)
    scores = res.likelihood.score_obs(res.params.to_numpy())
    bread = np.linalg.inv(res.likelihood.information(res.params.to_numpy()))
    expected = 60 / 59 * bread @ (scores.T @ scores) @ bread
    np.testing.assert_allclose(res.cov_params(), expected, rtol=1e-9, atol=1e-12)
    assert res.nobs == 60
    assert res.cov_type.startswith("robust")


def test_an_offset_stays_with_its_outcome() -> None:
    frame = counts().assign(z=lambda d: 0.3 * d["x"] ** 2)
    res = mn.mnlogit(FORMULA, frame, offset={"mid": "z"}).fit()
    long = one_by_one(frame).assign(z=lambda d: 0.3 * d["x"] ** 2)
    same(res, mn.mnlogit("y ~ x + g", long, offset={"mid": "z"}).fit())


def test_columns_may_be_expressions_and_have_names() -> None:
    frame = counts().assign(n=lambda d: d[NAMES].sum(axis="columns"))
    res = mn.mnlogit("cbind(dead=low, lived=n - low) ~ x", frame).fit()
    assert res.outcomes == ("dead", "lived")
    plain = mn.mnlogit("cbind(low, n - low) ~ x + n", frame).fit()  # totals may be a predictor
    assert plain.outcomes == ("low", "n - low")
    odd = frame.rename(columns={"low": "very low"})
    assert mn.mnlogit("cbind(Q('very low'), mid) ~ x", odd).fit().outcomes == ("very low", "mid")


def test_predictions_have_a_row_for_each_row() -> None:
    frame = counts()
    res = mn.mnlogit(FORMULA, frame).fit()
    pd.testing.assert_frame_equal(res.predict(frame), res.fittedvalues)
    assert res.fittedvalues.columns.tolist() == NAMES
    assert res.update(". ~ . - g").formula == "cbind(low, mid, high) ~ x"


def test_missing_and_empty_rows_are_dropped_and_counted() -> None:
    frame = counts()
    frame.loc[3, NAMES] = 0
    frame["mid"] = frame["mid"].astype("Int64")
    frame.loc[5, "mid"] = pd.NA
    res = mn.mnlogit(FORMULA, frame).fit()
    assert (res.dropped.by_column, res.dropped.untried, res.n_dropped) == ({"mid": 1}, 1, 2)
    said = " ".join(str(res.summary()).split())
    assert "missing values in mid (1); counts all zero (1)" in said
    same(res, mn.mnlogit(FORMULA, counts().drop([3, 5])).fit())


def test_an_outcome_never_chosen_is_left_out_and_said() -> None:
    res = mn.mnlogit(FORMULA, counts().assign(mid=0)).fit()
    assert res.outcomes == ("low", "high")
    assert any("'mid' occurs in no row" in note for note in res.notes)


@pytest.mark.parametrize("kind", [int, bool, float, "Int64", "boolean"])
def test_columns_of_ones_and_zeros_are_one_choice(kind: Any) -> None:
    long = one_by_one(counts())
    columns = pd.get_dummies(long["y"]).astype(kind).assign(x=long["x"], g=long["g"])
    res = mn.mnlogit(FORMULA, columns).fit()
    same(res, mn.mnlogit("y ~ x + g", long).fit())
    assert res.response == "3 columns, one chosen in each row"
    assert res.compare().ours.nobs == 507


def test_arrays_take_a_column_for_each_outcome() -> None:
    frame = counts()
    X = frame[["x"]].assign(const=1.0)
    by_name = mn.MNLogit(frame[NAMES], X).fit()
    assert by_name.outcomes == tuple(NAMES)
    plain = mn.mnlogit("cbind(low, mid, high) ~ 0 + x + const", frame.assign(const=1.0)).fit()
    np.testing.assert_array_equal(by_name.params, plain.params)
    by_place = mn.MNLogit(frame[NAMES].to_numpy(), X.to_numpy()).fit()
    assert by_place.outcomes == (0, 1, 2)
    np.testing.assert_array_equal(by_place.params, plain.params)
    with pytest.raises(DataError, match="y has 59 rows, X has 60"):
        mn.MNLogit(frame[NAMES].iloc[1:], X.to_numpy())


def test_bias_reduction_of_counts_is_that_of_the_choices() -> None:
    frame = counts(12)
    res = mn.mnlogit("cbind(low, mid, high) ~ x", frame).fit(penalty="jeffreys")
    other = mn.mnlogit("y ~ x", one_by_one(frame)).fit(penalty="jeffreys")
    pd.testing.assert_series_equal(res.params, other.params, rtol=1e-9)


def test_separated_counts_are_found() -> None:
    frame = pd.DataFrame(
        {"g": list("ab"), "low": [5, 3], "mid": [2, 4], "high": [0, 6]}, index=["r", "s"]
    )
    with pytest.warns(SeparationWarning, match="high"):
        res = mn.mnlogit("cbind(low, mid, high) ~ g", frame).fit()
    assert res.params.loc[("high", "Intercept")] == -np.inf
    table = frame[NAMES].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = table * np.log(table / table.sum(axis=1, keepdims=True))
    assert res.llf == pytest.approx(np.nansum(terms), rel=1e-12)


def test_shares_have_a_robust_covariance_and_no_likelihood_ratio() -> None:
    frame = shares()
    res = mn.mnlogit(FORMULA, frame).fit()
    params = res.params.to_numpy()
    np.testing.assert_allclose(res.likelihood.score(params), 0.0, atol=1e-9)
    scores = res.likelihood.score_obs(params)
    bread = np.linalg.inv(res.likelihood.information(params))
    expected = 80 / 79 * bread @ (scores.T @ scores) @ bread
    np.testing.assert_allclose(res.cov_params(), expected, rtol=1e-9, atol=1e-14)
    assert res.pseudo
    assert (res.nobs, res.response_kind) == (80, "shares")
    assert np.isnan([res.aic, res.bic, res.llr]).all()
    said = " ".join(str(res.summary()).split())
    assert "Shares, not counts" in said
    assert "Log pseudo-likelihood" in said
    assert "low vs" not in said
    assert "share 0." in said


def test_shares_repeat_by_frequency_weights() -> None:
    frame = shares().assign(f=lambda d: np.arange(len(d)) % 3)
    res = mn.mnlogit(FORMULA, frame, freq_weights="f").fit()
    other = mn.mnlogit(FORMULA, frame.loc[frame.index.repeat(frame["f"])]).fit()
    pd.testing.assert_series_equal(res.params, other.params, rtol=1e-11)
    pd.testing.assert_series_equal(res.bse, other.bse, rtol=1e-11)
    assert res.nobs == other.nobs


def test_shares_of_zero_and_one_only_give_the_estimates_of_choices() -> None:
    long = one_by_one(counts())
    columns = pd.get_dummies(long["y"]).astype(float).assign(x=long["x"], g=long["g"])
    half = pd.concat([columns, columns])
    half.iloc[:2, :2] = 0.5  # two rows that are not quite sure
    half.iloc[:2, 2] = 0.0
    res = mn.mnlogit(FORMULA, half).fit()
    assert res.response_kind == "shares"


def test_penalised_shares_are_refused() -> None:
    with pytest.raises(OptionError, match="shares"):
        mn.mnlogit(FORMULA, shares()).fit(penalty="jeffreys")


def test_percentages_are_asked_about() -> None:
    frame = counts()
    frame[NAMES] = [[20, 30, 50], [10, 40, 50], [60, 20, 20]] * 20
    with pytest.warns(DataWarning, match="divide them by 100"):
        assert mn.mnlogit(FORMULA, frame).fit().nobs == 6000
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert mn.mnlogit(FORMULA, frame.assign(**frame[NAMES] / 100)).fit().nobs == 60


REFUSED: dict[str, tuple[str, Any, type[Exception], str]] = {
    "one column": ("cbind(low) ~ x", {}, FormulaError, "two at least"),
    "no column": ("cbind() ~ x", {}, FormulaError, "no column"),
    "text": ("cbind(low, g) ~ x", {}, DataError, "'g'"),
    "twice": ("cbind(low, low) ~ x", {}, DataError, "'low' twice"),
    "negative": (FORMULA, {"mid": -1}, DataError, "'mid' is negative .60 rows, first row 0"),
    "infinite": (FORMULA, {"mid": np.inf}, DataError, "'mid'"),
    "neither": (FORMULA, {"mid": 0.5}, DataError, "neither whole numbers .* nor shares"),
    "all zero": (FORMULA, dict.fromkeys(NAMES, 0), DataError, "zero in all"),
    "one outcome": (FORMULA, {"low": 0, "mid": 0}, DataError, "one outcome only, 'high'"),
    "predictor": ("cbind(low, mid) ~ x + low", {}, FormulaError, "'low' is a column of the resp"),
    "unknown": ("cbind(low, midd) ~ x", {}, FormulaError, "midd"),
    "a sum": ("low + mid ~ x", {}, FormulaError, "cbind"),
    "a list": ("[low, mid] ~ x", {}, FormulaError, "cbind"),
}


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_what_is_no_table_of_counts_is_refused(case: str) -> None:
    formula, changes, error, words = REFUSED[case]
    with pytest.raises(error, match=words):
        mn.mnlogit(formula, counts().assign(**changes))


def test_data_in_pieces_have_one_choice_in_a_row() -> None:
    with pytest.raises(FormulaError, match="in pieces"):
        mn.mnlogit(FORMULA, lambda: iter([counts()]))


def test_statsmodels_has_no_counts() -> None:
    with pytest.raises(DataError, match="one outcome for each row"):
        mn.mnlogit(FORMULA, counts()).fit().compare()


def test_ordered_categories_are_said_to_be_taken_as_unordered() -> None:
    long = one_by_one(counts())
    long["y"] = long["y"].cat.as_ordered()
    res = mn.mnlogit("y ~ x", long).fit()
    assert any("unordered" in note for note in res.notes)
    assert res.outcomes == tuple(NAMES)


def lakes() -> pd.DataFrame:
    return pd.DataFrame({"size": ["small", "large"], "low": [49, 45], "mid": [14, 16],
                         "high": [41, 34], "w": [1.0, 3.0]})  # fmt: skip


@pytest.mark.parametrize("what", ["sampling weights", "shares", "separated shares"])
def test_a_saturated_model_has_no_sandwich(what: str) -> None:
    frame, options = lakes(), {"sampling_weights": "w"}
    if what != "sampling weights":
        frame.loc[0, "mid"] = 0 if what == "separated shares" else 14
        frame[NAMES] = frame[NAMES].div(frame[NAMES].sum(axis="columns"), axis="index")
        options = {}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        res = mn.mnlogit("cbind(low, mid, high) ~ size", frame, **options).fit()
    assert "no-residual-variation" in [w.message.code for w in caught]  # type: ignore[union-attr]
    assert res.bse.isna().all() and res.pvalues.isna().all()
    said = " ".join(str(res.summary()).split())
    assert "Each row is fitted exactly" in said
    assert res.wald_test_terms()["statistic"].isna().all()


def test_a_saturated_table_has_a_covariance_of_its_trials() -> None:
    res = mn.mnlogit("cbind(low, mid, high) ~ size", lakes()).fit()
    for kind in ("robust", "HC0"):
        with pytest.raises(RankError, match="fitted exactly"):
            res.with_cov(kind)
    with pytest.raises(RankError, match="in each cluster the scores sum to zero"):
        res.with_cov("cluster", groups="size")
    trial = res.with_cov("HC0", unit="trial")
    long = mn.mnlogit("y ~ size", one_by_one(lakes().assign(x=0, g="a"), ["size"])).fit()
    pd.testing.assert_series_equal(trial.bse, long.with_cov("HC0").bse, rtol=1e-10)
