"""Coefficients whose scores sum to zero in every cluster have no variance between clusters."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import ClusterWarning, MnlstatWarning
from mnlstat.inference.no_variance import without_variance
from tests.inference.samples import frame

DATA = frame(600, 5)
DATA = DATA.assign(firm=np.array(list("pqrst"))[DATA["school"] % 5], size=DATA["school"] % 5 * 2.0)
CODE = "no-variance-of-clusters"


def said(formula: str, kind: str = "cluster", data: Any = DATA, **options: Any) -> list[str]:
    """Messages of the code, of a fit under a covariance."""
    res = mn.mnlogit(formula, data).fit()
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        res.with_cov(kind, **options)
    found = [each.message for each in seen if isinstance(each.message, MnlstatWarning)]
    return [each.message for each in found if each.code == CODE]


@pytest.mark.parametrize("coding", ["C(firm)", "C(firm, Sum)", "0 + C(firm)"])
@pytest.mark.parametrize("scale", [1.0, 1e-9, 1e9])
def test_indicators_of_the_clusters(coding: str, scale: float) -> None:
    data = DATA.assign(x=scale * DATA["x"])
    for options in ({"groups": "firm"}, {"kind": "survey", "psu": "firm"}):
        (message,) = said(f"y ~ {coding} + x", data=data, **options)
        assert "firm" in message.partition("the scores of ")[2]
        # 5 of 6 coefficients of each of 3 equations; five are named
        assert "and 10 more sum to zero in every" in message
        assert ":x" not in message


def test_the_scores_by_hand() -> None:
    res = mn.mnlogit("y ~ C(firm) + x", DATA).fit()
    with pytest.warns(ClusterWarning):
        found = res.with_cov("cluster", groups="firm")
    scores = res.likelihood.score_obs(res.params.to_numpy())
    sums = pd.DataFrame(scores).groupby(DATA["firm"].to_numpy()).sum()
    none = without_variance(res.estimates.information_root, found.estimates.covariance.root)
    np.testing.assert_array_equal(none, np.abs(sums).max() < 1e-8)
    assert none.tolist() == ([True] * 5 + [False]) * 3


@pytest.mark.parametrize(
    ("formula", "options"),
    [
        ("y ~ x + z", {"groups": "firm"}),
        ("y ~ x + size", {"groups": "firm"}),
        ("y ~ x + C(firm)", {"groups": "school"}),
        ("y ~ x + C(firm)", {"kind": "survey", "strata": "firm"}),
        ("y ~ x + C(firm)", {"kind": "robust"}),
        ("y ~ x", {"groups": "school", "data": DATA.assign(x=1e3 + 1e-3 * DATA["x"])}),
    ],
)
def test_others_are_not_warned_of(formula: str, options: Any) -> None:
    assert said(formula, **options) == []


def test_weights_and_fits_say_so_too() -> None:
    weighty = DATA.assign(w=1e6 * DATA["w"])
    model = mn.mnlogit("y ~ C(firm) + x", weighty, sampling_weights="w")
    with pytest.warns(ClusterWarning) as seen:
        model.fit(cov_type="cluster", groups="firm")
    assert [each.message.code for each in seen] == ["few-clusters", CODE]
