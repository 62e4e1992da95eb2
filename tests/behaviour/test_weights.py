"""Weights: frequency weights repeat rows, sampling weights make a pseudo-likelihood."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import DataError, OptionError, SeparationWarning, WeightsError
from tests.reference import models
from tests.reference.agreement import digits

FORMULA = "y ~ x + g"


def data(n: int = 200, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "x": rng.normal(size=n),
            "g": rng.choice(list("pqr"), n),
            "y": rng.choice(["a", "b", "c"], n),
            "f": rng.integers(0, 5, n),
            "w": rng.exponential(size=n),
        }
    )
    return frame


def repeated(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.loc[frame.index.repeat(frame["f"])].reset_index(drop=True)


def same(one: Any, other: Any, rtol: float = 1e-12) -> None:
    pd.testing.assert_series_equal(one.params, other.params, rtol=rtol, atol=1e-13)
    pd.testing.assert_series_equal(one.bse, other.bse, rtol=rtol)
    for name in ("llf", "llnull", "aic", "bic", "prsquared", "llr", "nobs", "df_resid"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-13), name


@pytest.mark.parametrize(
    "formula",
    [FORMULA, "y ~ g", "y ~ center(x) + g", "y ~ bs(x, df=4)", "y ~ standardize(x) * g"],
)
def test_frequency_weights_are_rows_that_repeat(formula: str) -> None:
    frame = data()
    plain = mn.mnlogit(formula, repeated(frame)).fit()
    weighted = mn.mnlogit(formula, frame, freq_weights="f").fit()
    same(weighted, plain, 1e-11)
    assert weighted.outcome_counts.tolist() == plain.outcome_counts.tolist()
    assert weighted.notes == plain.notes
    assert weighted.dropped.of_no_weight == (frame["f"] == 0).sum()


def test_a_term_that_learns_from_repeated_rows_depends_on_no_other_row() -> None:
    frame = data().assign(f=lambda d: d["f"] + 1)
    frame.loc[7, "x"] = np.nan
    res = mn.mnlogit("y ~ center(x) + g", frame, freq_weights="f").fit()
    assert res.notes == mn.mnlogit("y ~ x + g", frame, freq_weights="f").fit().notes
    same(res, mn.mnlogit("y ~ center(x) + g", repeated(frame)).fit())


def test_every_way_of_giving_weights_is_the_same() -> None:
    frame = data()
    table = frame[["f"]].sample(frac=1.0, random_state=0)
    by_label = mn.mnlogit(FORMULA, frame, freq_weights=table).fit()
    same(by_label, mn.mnlogit(FORMULA, frame, freq_weights="f").fit())
    by_name = mn.mnlogit(FORMULA, frame, freq_weights="f").fit()
    mixed = frame["f"].sample(frac=1.0, random_state=0)
    for given in (frame["f"], frame["f"].to_numpy(), frame["f"].tolist(), mixed,
                  frame["f"].astype("Int64"), frame["f"].astype(float)):  # fmt: skip
        same(mn.mnlogit(FORMULA, frame, freq_weights=given).fit(), by_name, 0)
    X = pd.get_dummies(frame[["x", "g"]], drop_first=True, dtype=float).assign(const=1.0)
    arrays = mn.MNLogit(frame["y"], X, freq_weights=frame["f"]).fit()
    assert arrays.llf == pytest.approx(by_name.llf, rel=1e-14)


WEIGHTED = [m for m in models.every_model() if m["weights_kind"] == "frequency" and m.is_public]


@pytest.mark.parametrize("model", WEIGHTED, ids=[m.id for m in WEIGHTED])
def test_certified_values_of_tables_of_counts(model: models.ReferenceModel) -> None:
    fitted = mn.mnlogit(model.formula, model.rows(), base=model["base"],
                        freq_weights=model["weights"]).fit()  # fmt: skip
    for (outcome, term), exact in model.certified("coef").items():
        assert digits(fitted.params[outcome, term], exact) >= 12
    for (outcome, term), exact in model.certified("se").items():
        assert digits(fitted.bse[outcome, term], exact) >= 12
    assert digits(fitted.llf, model.certified("loglik")) >= 14
    assert fitted.nobs == model["n_weighted"]


def test_certified_robust_errors_of_sampling_weights() -> None:
    model = models.load("apiclus2_survey")
    fitted = mn.mnlogit(model.formula, model.frame(), base=model["base"],
                        sampling_weights=model["weights"]).fit()  # fmt: skip
    certified = model["survey"]["se_pweight_robust_stata"]
    for outcome, term in fitted.index:
        assert digits(fitted.bse[outcome, term], certified[outcome][term]) >= 11
        assert digits(fitted.params[outcome, term], model["certified"]["coef"][outcome][term]) >= 12
    assert fitted.nobs == 126 and "robust" in fitted.cov_type
    text = str(fitted.summary())
    assert "pseudo-likelihood" in text and "sampling, pw, sum 5128.675" in text
    assert "AIC" not in text.split("Sampling weights:")[0]
    assert np.isnan([fitted.llr, fitted.aic, fitted.bic]).all()


def test_sampling_weights_do_not_depend_on_their_scale() -> None:
    frame = data()
    one = mn.mnlogit(FORMULA, frame, sampling_weights="w").fit()
    for factor in (1e-6, 1e12, 1e155, 1e-200):
        other = mn.mnlogit(FORMULA, frame, sampling_weights=factor * frame["w"]).fit()
        pd.testing.assert_series_equal(one.params, other.params, rtol=1e-10)
        pd.testing.assert_series_equal(one.bse, other.bse, rtol=1e-10)
    equal = mn.mnlogit(FORMULA, frame, sampling_weights=np.full(len(frame), 3.0)).fit()
    plain = mn.mnlogit(FORMULA, frame).fit()
    pd.testing.assert_series_equal(equal.params, plain.params, rtol=1e-10)
    scores = plain.likelihood.score_obs(plain.params)
    inverse, n = plain.cov_params().to_numpy(), len(frame)
    by_hand = n / (n - 1) * inverse @ scores.T @ scores @ inverse
    np.testing.assert_allclose(equal.cov_params(), by_hand, rtol=1e-9)


def test_robust_errors_keep_their_digits_where_columns_are_far_from_zero() -> None:
    """Of a condition number of 1e6 there are nine digits to be had."""
    plain, slopes = data(), ["x", "g[T.q]", "g[T.r]"]
    for shift in (1e3, 1e6):
        moved = plain.assign(x=plain["x"] + shift)
        one, two = (
            mn.mnlogit(FORMULA, rows, sampling_weights="w").fit().bse.unstack()[slopes]
            for rows in (plain, moved)
        )
        np.testing.assert_allclose(two, one, rtol=1e-9)
        res = mn.mnlogit(FORMULA, moved, sampling_weights="w").fit()
        np.testing.assert_allclose(res.bse, res.with_cov("robust").bse, rtol=1e-13)


def test_zero_weights_are_left_out_and_missing_ones_counted() -> None:
    frame = data().assign(f=lambda d: d["f"].astype(float))
    frame.loc[3, "f"] = np.nan
    weighted = mn.mnlogit(FORMULA, frame, freq_weights="f").fit()
    same(weighted, mn.mnlogit(FORMULA, repeated(frame.dropna().astype({"f": int}))).fit())
    assert weighted.dropped.by_column == {"f": 1}
    assert f"weight zero ({(frame['f'] == 0).sum()})" in " ".join(str(weighted.summary()).split())
    with pytest.raises(DataError, match="f"):
        mn.mnlogit(FORMULA, frame, freq_weights="f", missing="error")


def test_separation_that_a_row_of_no_weight_hides_is_found() -> None:
    frame = pd.DataFrame({"x": [0.0, 1, 2, 3, 4, 5, 0], "y": list("aaabbbb"), "f": [1] * 6 + [0]})
    with pytest.warns(SeparationWarning, match="[Cc]omplete"):
        assert not mn.mnlogit("y ~ x", frame, freq_weights="f").fit().converged


@pytest.mark.parametrize("size", [1e12, 1e-300, 0.37])
def test_weights_of_any_size_are_taken(size: float) -> None:
    frame = data()
    plain = mn.mnlogit(FORMULA, frame).fit()
    scaled = mn.mnlogit(FORMULA, frame, freq_weights=np.full(len(frame), size)).fit()
    assert scaled.converged
    pd.testing.assert_series_equal(scaled.params, plain.params, rtol=1e-9)
    pd.testing.assert_series_equal(scaled.bse, plain.bse / np.sqrt(size), rtol=1e-9)
    assert scaled.nobs == pytest.approx(size * len(frame))


BAD: dict[str, tuple[Any, str]] = {
    "negative": (lambda d: -d["f"], "negative values"),
    "one negative": (lambda d: d["f"].where(d.index != 7, -1), "row 7"),
    "infinite": (lambda d: d["f"].astype(float).where(d.index != 7, np.inf), "infinite"),
    "missing": (lambda d: d["f"].where(d.index != 7).to_numpy(), "missing values"),
    "all zero": (lambda d: 0 * d["f"], "all weights are zero"),
    "too short": (lambda d: d["f"].to_numpy()[:-1], "199 values for 200 rows"),
    "text": (lambda d: "g", "text"),
    "unknown": (lambda d: "ff", "did you mean 'f'"),
    "a number": (lambda d: 3.0, "one number for each"),
    "two columns": (lambda d: d[["f", "w"]].to_numpy(), "one number for each"),
    "other index": (lambda d: d["f"].set_axis(d.index + 1), "index is not that of the data"),
    "masked": (lambda d: np.ma.masked_array(np.ones(200), mask=d.index == 9), "missing"),
    "categories": (lambda d: d["f"].astype(str).astype("category"), "categories"),
    "dates": (lambda d: pd.date_range("2020", periods=len(d)), "freq_weights"),
}


@pytest.mark.parametrize("case", BAD)
def test_weights_that_cannot_be_used_are_refused(case: str) -> None:
    frame = data()
    make, said = BAD[case]
    with pytest.raises(WeightsError, match="(?i)" + said) as caught:
        mn.mnlogit(FORMULA, frame, freq_weights=make(frame))
    assert "freq_weights" in str(caught.value) and str(caught.value).count("\n") <= 2


def test_what_cannot_be_honoured_is_refused(tmp_path: Any) -> None:
    frame = data()
    with pytest.raises(WeightsError, match="one kind"):
        mn.mnlogit(FORMULA, frame, freq_weights="f", sampling_weights="w")
    with pytest.raises(WeightsError, match="learns from the rows"):
        mn.mnlogit("y ~ center(x)", frame, freq_weights="w")
    frame.to_csv(tmp_path / "d.csv", index=False)
    with pytest.raises(WeightsError, match="in pieces"):
        mn.mnlogit(FORMULA, str(tmp_path / "d.csv"), freq_weights=frame["f"])
    with pytest.raises(WeightsError, match="no weights"):
        mn.mnlogit(FORMULA, frame, freq_weights="f").fit().compare()
    with pytest.raises(OptionError):
        mn.mnlogit(FORMULA, frame, freqweights="f")


def test_another_formula_and_another_base_keep_the_weights() -> None:
    frame = data()
    res = mn.mnlogit(FORMULA, frame, freq_weights="f").fit()
    same(res.update(". ~ . - g"), mn.mnlogit("y ~ x", repeated(frame)).fit())
    same(res.rebase("b"), mn.mnlogit(FORMULA, repeated(frame), base="b").fit(), 1e-11)
    survey = mn.mnlogit(FORMULA, frame, sampling_weights="w").fit()
    other = mn.mnlogit(FORMULA, frame, sampling_weights="w", base="c").fit()
    pd.testing.assert_series_equal(survey.rebase("c").bse, other.bse, rtol=1e-9)
    frame.loc[frame["f"].idxmax(), "f"] += 1
    with pytest.raises(DataError, match="changed"):
        res.update(". ~ . - g")


def test_a_column_of_the_design_is_not_taken_for_weights() -> None:
    X = data()[["x", "f"]].assign(const=1.0)
    with pytest.raises(WeightsError, match="all columns of X are predictors"):
        mn.MNLogit(data()["y"], X, freq_weights="f")
