"""Sandwich standard errors against certified values, to 11 digits."""

from __future__ import annotations

import functools
import warnings
from typing import Any

import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import ClusterWarning
from tests.reference import models
from tests.reference.agreement import as_exact, least_digits
from tests.reference.models import ReferenceModel

DIGITS = 11.0

every = pytest.mark.parametrize("model", models.robust_models(), ids=lambda m: m.id)
clustered = pytest.mark.parametrize(
    "model", [m for m in models.robust_models() if "cluster" in m["robust"]], ids=lambda m: m.id
)


@functools.cache
def fit(name: str) -> Any:
    """The fit of a model, made once."""
    model = models.load(name)
    return mn.mnlogit(model.formula, model.frame(), base=model["base"]).fit()


def exact(model: ReferenceModel, name: str) -> pd.Series:
    """A certified block in the order of the coefficients."""
    block = model["robust"][name]
    values = [as_exact(block[j][t]) for j, t in model.index]
    return pd.Series(values, index=model.index, dtype=object)


def agreement(model: ReferenceModel, name: str, kind: str, **options: Any) -> float:
    """Digits of the standard errors of a covariance."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ClusterWarning)
        found = fit(model.id).with_cov(kind, **options)
    return least_digits(found.bse.loc[model.index], exact(model, name))


@every
def test_hc0_has_the_digits_asked_for(model: ReferenceModel) -> None:
    assert agreement(model, "hc0_se", "HC0") >= DIGITS
    assert agreement(model, "hc0_se", "robust", correction="none") >= DIGITS


@every
def test_robust_is_that_of_stata_by_default(model: ReferenceModel) -> None:
    assert agreement(model, "stata_robust_se", "robust") >= DIGITS


@every
def test_outer_products_have_the_digits_asked_for(model: ReferenceModel) -> None:
    assert agreement(model, "opg_se", "opg") >= DIGITS


@clustered
def test_clusters_are_those_of_stata_by_default(model: ReferenceModel) -> None:
    by = model["robust"]["cluster"]
    assert agreement(model, "cluster_se_stata", "cluster", groups=by) >= DIGITS
    plain = agreement(model, "cluster_se_unadjusted", "cluster", groups=by, correction="none")
    assert plain >= DIGITS
