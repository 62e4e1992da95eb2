"""Certified models that need weights or offsets, through the likelihood and the optimiser."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.optimize.newton import maximise
from tests.reference import models
from tests.reference.agreement import digits, least_digits
from tests.reference.models import ReferenceModel


def by_name(which: list[ReferenceModel]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("model", which, ids=[m.id for m in which])


weighted_or_moved = by_name([m for m in models.every_model() if m.is_certified and m["weights"]])


def likelihood_of(model: ReferenceModel) -> MultinomialLikelihood:
    """The likelihood of the rows as they are in the csv, weights and offsets included."""
    return MultinomialLikelihood.from_arrays(**dataclasses.asdict(model.arrays()))


@weighted_or_moved
def test_estimates_and_standard_errors_have_twelve_digits(model: ReferenceModel) -> None:
    optimum = maximise(likelihood_of(model))
    assert optimum.status.ok
    assert least_digits(optimum.params, model.certified("coef")) >= 12
    se = np.sqrt((optimum.root**2).sum(axis=1))
    assert least_digits(se, model.certified("se")) >= 12
    assert digits(optimum.value, model.certified("loglik")) >= 14


@weighted_or_moved
def test_probabilities_at_the_stated_rows_have_twelve_digits(model: ReferenceModel) -> None:
    likelihood = likelihood_of(model)
    pi = likelihood.probabilities(maximise(likelihood).params)
    used = np.flatnonzero(model.arrays().weights > 0)
    for stated in model["predictions"]:
        exact = [stated["prob"][outcome] for outcome in model.outcomes]
        for row in np.flatnonzero(used == stated["row"] - 1):
            assert least_digits(pi[row], exact) >= 12


@weighted_or_moved
def test_the_null_model_has_the_constants_and_the_offset_alone(model: ReferenceModel) -> None:
    arrays = dataclasses.replace(model.arrays(), X=np.ones((model["n_rows"], 1)))
    null = maximise(MultinomialLikelihood.from_arrays(**dataclasses.asdict(arrays)))
    assert digits(null.value, model.certified("loglik_null")) >= 14


@by_name([m for m in models.every_model() if m["weights"] and not m["offset"]])
def test_the_null_model_without_offset_is_where_the_iteration_starts(model: ReferenceModel) -> None:
    likelihood = likelihood_of(model)
    assert digits(likelihood.loglike(likelihood.start()), model.certified("loglik_null")) >= 14


def test_scores_of_weighted_rows_make_the_certified_sandwich() -> None:
    model = models.load("apiclus2_survey")
    likelihood = likelihood_of(model)
    optimum = maximise(likelihood)
    scores = likelihood.score_obs(optimum.params) @ optimum.root @ optimum.root.T
    se = np.sqrt((scores**2).sum(axis=0))
    assert least_digits(se, model.certified("sandwich_se")) >= 12
