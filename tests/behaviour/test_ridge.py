"""The ridge: its definition, derivatives, change of base, limits, weights, refusals."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import OptionError
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.likelihood.ridge import RidgeLikelihood

FORMULA = "PID ~ educ + income + C(vote)"


@pytest.fixture(scope="module")
def anes() -> pd.DataFrame:
    return mn.datasets.anes96()


def penalty_matrix(q: int, lambda_: float, sizes: Any) -> Any:
    """``lambda (Id - 11'/J) (x) diag(s^2)``, written down anew."""
    centre = np.eye(q) - np.ones((q, q)) / (q + 1)
    return lambda_ * np.kron(centre, np.diag(np.square(sizes)))


@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize("terms", [None, ["income", "C(vote)"]])
def test_the_estimate_solves_the_equations_of_the_definition(
    anes: pd.DataFrame, scale: bool, terms: Any
) -> None:
    res = mn.mnlogit(FORMULA, anes).fit(penalty=mn.Ridge(7.0, terms=terms, scale=scale))
    assert res.converged and res.status.name == "PENALISED"
    X = res.likelihood.rows.X
    sizes = X.std(axis=0) if scale else np.ones(X.shape[1])
    free = np.array(
        [n == "Intercept" or (n == "educ" and terms is not None) for n in res.spec.columns]
    )
    matrix = penalty_matrix(6, 7.0, np.where(free, 0.0, sizes))
    b = res.params.to_numpy()
    information = res.likelihood.information(b)
    gap = res.likelihood.score(b) - matrix @ b
    assert np.sqrt(gap @ np.linalg.solve(information, gap)) < 1e-11
    assert res.llf == pytest.approx(res.likelihood.loglike(b), rel=1e-14)
    assert res.penalised_llf == pytest.approx(res.llf - b @ matrix @ b / 2, rel=1e-14)
    inverse = np.linalg.inv(information + matrix)
    np.testing.assert_allclose(res.penalised_cov(), inverse, rtol=1e-8, atol=1e-14)
    assert res.effective_df == pytest.approx(np.trace(information @ inverse), rel=1e-11)
    assert res.aic == pytest.approx(-2 * res.llf + 2 * res.effective_df, rel=1e-14)


@pytest.mark.parametrize("counts", [False, True])
def test_derivatives_are_those_of_the_penalised_value(counts: bool) -> None:
    rng = np.random.default_rng(3)
    X = np.column_stack([np.ones(40), 1e3 + rng.normal(size=40), rng.normal(size=40)])
    y = rng.integers(0, 4, (40, 3)) + 1 if counts else rng.integers(0, 3, 40)
    likelihood = MultinomialLikelihood.from_arrays(X, y, 3, base=1)
    ridge = RidgeLikelihood(likelihood, np.array([0.0, 1.3, 2.0]))
    inner, change = ridge.standardised()
    theta = 0.3 * rng.normal(size=6)
    found, h = inner.evaluate(theta), 1e-5
    original = theta if change is None else change.to_original(theta)
    plain = likelihood.loglike(original) - ridge.penalty(original)
    assert found.value == pytest.approx(plain, rel=1e-12)
    for j, step in enumerate(h * np.eye(6)):
        ahead, behind = inner.evaluate(theta + step), inner.evaluate(theta - step)
        slope = (ahead.value - behind.value) / (2 * h)
        assert found.score[j] == pytest.approx(slope, rel=1e-6, abs=1e-6)
        curvature = (behind.score - ahead.score) / (2 * h)
        np.testing.assert_allclose(found.information[j], curvature, rtol=1e-6, atol=1e-6)
    root = inner.information_root(theta)
    np.testing.assert_allclose(root.T @ root, found.information, rtol=1e-10, atol=1e-9)


@pytest.mark.parametrize("lambda_", [1e-2, 5.0, 1e4])
def test_the_fit_does_not_depend_on_the_base(anes: pd.DataFrame, lambda_: float) -> None:
    one = mn.mnlogit(FORMULA, anes).fit(penalty=mn.Ridge(lambda_))
    for base in one.outcomes[1:]:
        other = mn.mnlogit(FORMULA, anes, base=base).fit(penalty=mn.Ridge(lambda_))
        np.testing.assert_allclose(other.fittedvalues, one.fittedvalues, rtol=0, atol=1e-12)
        moved = one.rebase(base)
        np.testing.assert_allclose(moved.params, other.params, rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(
            moved.penalised_cov(), other.penalised_cov(), rtol=1e-8, atol=1e-12
        )
        assert other.penalised_llf == pytest.approx(one.penalised_llf, rel=1e-13)
        assert moved.effective_df == one.effective_df


def test_limits_are_the_maximum_likelihood_and_the_null_model(anes: pd.DataFrame) -> None:
    model = mn.mnlogit(FORMULA, anes)
    plain = model.fit()
    small = model.fit(penalty=mn.Ridge(1e-9))
    np.testing.assert_allclose(small.params, plain.params, rtol=1e-8, atol=1e-9)
    assert small.effective_df == pytest.approx(plain.n_parameters, abs=1e-8)
    np.testing.assert_allclose(small.penalised_cov(), plain.cov_params(), rtol=1e-7, atol=1e-12)
    large = model.fit(penalty=mn.Ridge(1e12))
    slopes = large.params[large.params.index.get_level_values("term") != "Intercept"]
    assert large.converged and np.abs(slopes).max() < 1e-9
    assert large.llf == pytest.approx(plain.llnull, rel=1e-9)
    assert large.effective_df == pytest.approx(6.0, abs=1e-7)


def test_more_penalty_is_less_likelihood_and_fewer_degrees_of_freedom(anes: pd.DataFrame) -> None:
    model = mn.mnlogit(FORMULA, anes)
    path = [model.fit(penalty=mn.Ridge(10.0**power)) for power in range(-2, 5)]
    assert np.all(np.diff([res.llf for res in path]) < 0)
    assert np.all(np.diff([res.effective_df for res in path]) < 0)


def test_units_of_columns_do_not_matter_when_scaled(anes: pd.DataFrame) -> None:
    one = mn.mnlogit("PID ~ educ + income", anes).fit(penalty=mn.Ridge(5))
    moved = anes.assign(educ=1e9 * anes["educ"] + 3e9, income=anes["income"] * 1e-9)
    other = mn.mnlogit("PID ~ educ + income", moved).fit(penalty=mn.Ridge(5))
    np.testing.assert_allclose(other.fittedvalues, one.fittedvalues, rtol=0, atol=1e-12)
    plain = mn.mnlogit("PID ~ educ + income", moved).fit(penalty=mn.Ridge(5, scale=False))
    assert np.abs(plain.fittedvalues - one.fittedvalues).max().max() > 1e-3


def test_repeated_rows_are_frequency_weights(anes: pd.DataFrame) -> None:
    times = np.arange(len(anes)) % 4
    weighted = mn.mnlogit(FORMULA, anes.assign(n=times), freq_weights="n")
    repeated = mn.mnlogit(FORMULA, anes.loc[anes.index.repeat(times)])
    one, other = (model.fit(penalty=mn.Ridge(3)) for model in (weighted, repeated))
    np.testing.assert_allclose(one.params, other.params, rtol=1e-9, atol=1e-11)
    assert one.effective_df == pytest.approx(other.effective_df, rel=1e-11)


def test_offsets_are_kept_out_of_the_penalty(anes: pd.DataFrame) -> None:
    frame = anes.assign(z=np.linspace(-1, 1, len(anes)))
    res = mn.mnlogit("vote ~ educ", frame, offset={1: "z"}).fit(penalty=mn.Ridge(1e10))
    free = mn.mnlogit("vote ~ 1", frame, offset={1: "z"}).fit()
    assert res.params[1, "Intercept"] == pytest.approx(free.params[1, "Intercept"], abs=1e-6)


def test_separated_data_have_finite_estimates_and_no_warning() -> None:
    toy = mn.datasets.separated_toy()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        res = mn.mnlogit("y ~ x + z", toy).fit(penalty=mn.Ridge(1.0))
    assert res.converged and np.isfinite(res.params).all()
    assert res.separation().kind != "none"
    other = mn.mnlogit("y ~ x + z", toy, base="C").fit(penalty=mn.Ridge(1.0))
    np.testing.assert_allclose(other.fittedvalues, res.fittedvalues, atol=1e-12)


def test_rows_read_in_pieces_and_levels_in_codes(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    n = 20_000
    frame = pd.DataFrame({"x": rng.normal(size=n), "s": rng.integers(0, 60, n)})
    frame["y"] = np.where(rng.random(n) < 0.5, "a", rng.choice(list("bc"), n))
    coded = mn.mnlogit("y ~ x + C(s)", frame).fit(penalty=mn.Ridge(4.0))
    X = pd.get_dummies(frame["s"], prefix="s", drop_first=True, dtype=float)
    dense = mn.MNLogit(frame["y"], X.assign(x=frame["x"], const=1.0)).fit(penalty=mn.Ridge(4.0))
    assert coded.converged and dense.converged
    assert coded.penalised_llf == pytest.approx(dense.penalised_llf, rel=1e-12)
    np.testing.assert_allclose(coded.fittedvalues, dense.fittedvalues, atol=1e-10)
    frame.to_csv(tmp_path / "rows.csv", index=False)
    pieces = mn.mnlogit("y ~ x + C(s)", tmp_path / "rows.csv").fit(penalty=mn.Ridge(4.0))
    np.testing.assert_allclose(pieces.params, coded.params, rtol=1e-8, atol=1e-10)
    assert pieces.effective_df == pytest.approx(coded.effective_df, rel=1e-9)


def test_aliased_columns_stay_out(anes: pd.DataFrame) -> None:
    with pytest.warns(mn.errors.AliasedWarning):
        model = mn.mnlogit("vote ~ educ + I(2 * educ)", anes)
    res = model.fit(penalty=mn.Ridge(2))
    plain = mn.mnlogit("vote ~ educ", anes).fit(penalty=mn.Ridge(2))
    assert np.isnan(res.params[1, "I(2 * educ)"])
    assert res.params[1, "educ"] == pytest.approx(plain.params[1, "educ"], rel=1e-12)
    with pytest.raises(OptionError, match="only aliased"):
        model.fit(penalty=mn.Ridge(2, terms=["I(2 * educ)"]))


def test_no_test_is_made_of_shrunk_estimates(anes: pd.DataFrame) -> None:
    res = mn.mnlogit("vote ~ educ + age", anes).fit(penalty=mn.Ridge(3))
    for numbers in (res.bse, res.tvalues, res.pvalues, res.conf_int(), res.cov_params()):
        assert np.isnan(np.asarray(numbers)).all()
    assert np.isnan(res.llr)
    with pytest.raises(OptionError, match="ridge") as caught:
        res.test("1:educ = 0")
    assert caught.value.code == "no-test-of-ridge"
    text = " ".join(str(res.summary()).split())
    assert "ridge, lambda = 3" in text and "Effective df" in text and "shrunk" in text
    assert "Wald" not in text and "LR chi2" not in text
    updated = res.update(". ~ . - age")
    assert updated.penalty == mn.Ridge(3) and np.isnan(updated.bse).all()
    again = pickle.loads(pickle.dumps(res))
    assert again.penalty == res.penalty and again.effective_df == res.effective_df


def test_what_cannot_be_honoured_is_refused(anes: pd.DataFrame) -> None:
    model = mn.mnlogit("vote ~ educ + age", anes)
    for wrong in (0, -1.0, np.nan, np.inf, "1", None, True):
        with pytest.raises(OptionError, match="lambda_"):
            mn.Ridge(wrong)  # type: ignore[arg-type]
    for terms in ([], [1], 3):
        with pytest.raises(OptionError, match="terms"):
            mn.Ridge(1.0, terms=terms)
    with pytest.raises(OptionError, match="scale"):
        mn.Ridge(1.0, scale="yes")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="did you mean 'lambda_'"):
        mn.Ridge(lamda=1.0)  # type: ignore[call-arg]
    with pytest.raises(OptionError, match="did you mean 'educ'"):
        model.fit(penalty=mn.Ridge(1.0, terms=["edu"]))
    with pytest.raises(OptionError, match="constant"):
        model.fit(penalty=mn.Ridge(1.0, terms=["Intercept"]))
    with pytest.raises(OptionError, match="no column to penalise"):
        mn.mnlogit("vote ~ 1", anes).fit(penalty=mn.Ridge(1.0))
    with pytest.raises(OptionError, match="checkpoint"):
        model.fit(penalty=mn.Ridge(1.0), checkpoint="x.ckpt")
    with pytest.raises(OptionError, match="sampling weights"):
        mn.mnlogit("vote ~ age", anes, sampling_weights="income").fit(penalty=mn.Ridge(1.0))
    with pytest.raises(OptionError, match="neither"):
        model.fit(penalty=2.0)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="no-ridge"):
        model.fit().penalised_cov()


def test_counts_are_rows_and_shares_are_refused(anes: pd.DataFrame) -> None:
    table = pd.crosstab(anes["educ"], anes["PID"].astype(str)).reset_index()
    names = [str(name) for name in table.columns[1:]]
    left = f"cbind({', '.join(names)}) ~ educ"
    counts = mn.mnlogit(left, table).fit(penalty=mn.Ridge(5))
    rows = mn.mnlogit("PID ~ educ", anes).fit(penalty=mn.Ridge(5))
    np.testing.assert_allclose(counts.params, rows.params, rtol=1e-9)
    assert counts.effective_df == pytest.approx(rows.effective_df, rel=1e-11)
    shares = table.assign(**(table[names].T / table[names].sum(axis=1)).T)
    with pytest.raises(OptionError, match="penalty-needs-likelihood"):
        mn.mnlogit(left, shares).fit(penalty=mn.Ridge(5))


def test_a_saved_result_keeps_the_ridge(anes: pd.DataFrame, tmp_path: Path) -> None:
    res = mn.mnlogit("vote ~ educ + age", anes).fit(penalty=mn.Ridge(3, terms=["age"]))
    again = mn.load(res.save(tmp_path / "fit.mnl"))
    assert again.penalty == res.penalty and str(again.summary()) == str(res.summary())
    pd.testing.assert_frame_equal(again.penalised_cov(), res.penalised_cov(), check_exact=True)
    assert str(res.convergence()) and res.turned_back == ()
