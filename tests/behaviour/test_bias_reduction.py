"""Bias reduction by Jeffreys prior: certified values, its gradient, change of base, refusals."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import ConvergenceError, ConvergenceWarning, OptionError
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.likelihood.penalty import Jeffreys
from tests.reference import models
from tests.reference.agreement import digits

REDUCED = [m for m in models.every_model() if "bias_reduced" in m.content and m.is_public]


def fitted(model: models.ReferenceModel, base: str | None = None) -> Any:
    options = {"freq_weights": model["weights"]} if model["weights_kind"] == "frequency" else {}
    rows = model.rows()
    return mn.mnlogit(model.formula, rows, base=base or model["base"], **options).fit(
        penalty="jeffreys"
    )


@pytest.mark.parametrize("model", REDUCED, ids=[m.id for m in REDUCED])
def test_certified_values(model: models.ReferenceModel) -> None:
    res, exact = fitted(model), model["bias_reduced"]
    assert res.converged and res.status.name == "PENALISED"
    for outcome, term in res.index:
        assert digits(res.params[outcome, term], exact["coef"][outcome][term]) >= 10
        assert digits(res.bse[outcome, term], exact["se"][outcome][term]) >= 10
    assert digits(res.llf, exact["loglik"]) >= 12
    assert digits(res.penalised_llf, exact["penalised_loglik"]) >= 12


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("counts", [False, True])
def test_the_gradient_is_that_of_the_penalised_value(counts: bool, weighted: bool) -> None:
    rng = np.random.default_rng(3)
    X = np.column_stack([np.ones(40), rng.normal(size=(40, 2))])
    y = rng.integers(0, 4, (40, 3)) + 1 if counts else rng.integers(0, 3, 40)
    weights = rng.exponential(size=40) if weighted else None
    likelihood = MultinomialLikelihood.from_arrays(X, y, 3, base=1, weights=weights)
    for unit in (1.0, 4.0):
        penalised = Jeffreys(likelihood, unit)
        theta = 0.3 * rng.normal(size=6)
        found, h = penalised.evaluate(theta), 1e-5
        for j, step in enumerate(h * np.eye(6)):
            ahead, behind = (penalised.evaluate(theta + s * step).value for s in (1, -1))
            assert found.score[j] == pytest.approx((ahead - behind) / (2 * h), rel=1e-6, abs=1e-6)


def test_another_base_and_repeated_rows_are_the_same_fit() -> None:
    model = models.load("toy_masked_base_A")
    one = fitted(model)
    assert np.isfinite(one.params).all() and np.isfinite(one.bse).all()
    for base in "BC":
        other = fitted(model, base)
        pd.testing.assert_series_equal(one.rebase(base).params, other.params, rtol=1e-9, atol=1e-10)
        pd.testing.assert_series_equal(one.rebase(base).bse, other.bse, rtol=1e-9)
    counts = models.load("housing_main")
    by_rows = mn.mnlogit(counts.formula, counts.frame()).fit(penalty="jeffreys")
    pd.testing.assert_series_equal(fitted(counts).params, by_rows.params, rtol=1e-9)


def test_estimates_are_pulled_towards_even_odds() -> None:
    model = models.load("alligators_full")
    options = {"base": model["base"], "freq_weights": model["weights"]}
    plain = mn.mnlogit(model.formula, model.rows(), **options).fit()
    res = fitted(model)
    assert np.abs(res.params).sum() < np.abs(plain.params).sum()
    assert res.llf < plain.llf


def test_the_report_says_what_was_estimated() -> None:
    res = fitted(models.load("toy_masked_base_A"))
    text = " ".join(str(res.summary()).split())
    assert "bias-reduced (Jeffreys prior)" in text and "half the log determinant" in text
    assert np.isnan(res.llr) and "LR chi2" not in text
    with pytest.raises(ConvergenceError, match="penalised"):
        res.compare()
    assert res.update(". ~ . - z").penalty == "jeffreys"


def test_what_cannot_be_honoured_is_refused() -> None:
    anes = mn.datasets.anes96()
    model = mn.mnlogit("vote ~ age", anes)
    with pytest.raises(OptionError, match="jeffreys"):
        model.fit(penalty="firth")
    with pytest.raises(OptionError, match="checkpoint"):
        model.fit(penalty="jeffreys", checkpoint="x.ckpt")
    with pytest.raises(OptionError, match="tol"):
        model.fit(penalty="jeffreys", tol=1e-6)
    with pytest.raises(OptionError, match="pseudo"):
        mn.mnlogit("vote ~ age", anes, sampling_weights="income").fit(penalty="jeffreys")
    with pytest.warns(ConvergenceWarning):
        assert not model.fit(penalty="jeffreys", maxiter=1).converged
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert model.fit(penalty="jeffreys", start_params=[1.0, -0.1]).converged


def test_factors_in_codes_are_written_out_where_they_are_small() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"y": rng.choice(list("abc"), 6000), "s": rng.integers(0, 60, 6000)})
    coded = mn.mnlogit("y ~ C(s)", frame)
    X = pd.get_dummies(frame["s"], prefix="s", drop_first=True, dtype=float).assign(const=1.0)
    plain = mn.MNLogit(frame["y"], X).fit(penalty="jeffreys")
    res = coded.fit(penalty="jeffreys")
    assert res.converged and res.penalised_llf == pytest.approx(plain.penalised_llf, rel=1e-12)


def test_offsets_of_any_size_are_no_obstacle() -> None:
    rng = np.random.default_rng(4)
    z = rng.normal(size=300)
    frame = pd.DataFrame({"x": rng.normal(size=300), "y": rng.choice(list("ABC"), 300)})
    frame["b"] = np.where(z > 0, 100.0, -100.0)
    res = mn.mnlogit("y ~ x", frame, offset={"B": "b"}).fit(penalty="jeffreys")
    assert res.converged
