"""Separated data have the covariance of the limit by itself or by its name, and no other."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import (
    OptionError,
    SeparationError,
    SeparationWarning,
)

TOY = mn.datasets.separated_toy()
WEIGHTED = TOY.assign(w=np.linspace(1, 2, len(TOY)))


def fit(weights: str | None = None, **options: Any) -> Any:
    model = mn.mnlogit("y ~ x + z", WEIGHTED, sampling_weights=weights)
    return model.fit(separation="ignore", **options)


@pytest.mark.parametrize(("weights", "kind"), [(None, "observed"), (None, "oim"), ("w", "robust")])
def test_the_default_is_the_same_by_its_name(weights: str | None, kind: str) -> None:
    own, by_name = fit(weights), fit(weights, cov_type=kind)
    assert own.bse.notna().sum() == 5
    for each in (by_name, own.with_cov(kind)):
        pd.testing.assert_frame_equal(each.cov_params(), own.cov_params())
        assert each.test("C:z = 0") == own.test("C:z = 0")


def test_t_of_the_limit() -> None:
    res = fit(cov_type="observed", use_t=True)
    pd.testing.assert_series_equal(res.bse, fit().bse)
    assert res.test("C:z = 0").df_denom == len(TOY) - 6 + 1


@pytest.mark.parametrize("kind", ["robust", "HC3", "opg"])
def test_another_is_said_to_be_missing(kind: str) -> None:
    model = mn.mnlogit("y ~ x + z", TOY)
    with pytest.warns(SeparationWarning) as seen:
        res = model.fit(cov_type=kind)
    assert any(f"cov_type='{kind}': the data are separated" in str(each.message) for each in seen)
    assert res.bse.isna().all()
    with pytest.raises(SeparationError, match="no standard errors"):
        res.test("C:z = 0")
    with pytest.raises(SeparationError, match="no standard errors"):
        res.test_combine(kind="wald")
    tests = res.test("C:z = 0", kind="all")
    assert tests["wald"] is None
    assert "no standard errors" in tests.notes["wald"]
    notes = res.test_combine("A", "C").attrs["notes"]
    assert "no standard errors" in notes["wald"]
    pd.testing.assert_series_equal(res.with_cov("observed").bse, fit().bse)
    with pytest.raises(SeparationError):
        fit().with_cov(kind)


def test_separation_that_is_ignored_is_not_said() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fit(cov_type="HC1").bse.isna().all()


def test_what_a_ratio_is_refused_for_is_there() -> None:
    res = fit(cov_type="robust")
    with pytest.raises(OptionError, match="Ask for kind='score' or res") as refused:
        res.test("C:z = 0", kind="lr")
    assert "Rao-Scott" not in str(refused.value)
    assert res.with_cov("observed").test("C:z = 0", kind="lr") == fit().test("C:z = 0", kind="lr")
