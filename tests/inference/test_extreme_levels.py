"""Ends of intervals at levels next to zero and next to one."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
from scipy.special import log_ndtr, ndtr

import mnlstat as mn
from mnlstat.errors import OptionError
from mnlstat.inference.distributions import normal_quantile, t_quantile
from tests.inference.samples import frame

METHODS = ("wald", "profile", "score")
NEAR_ONE = (0.999, 1 - 1e-6, 0.9999999999, 1 - 2.0**-53)


@functools.cache
def res() -> Any:
    return mn.mnlogit("y ~ x + z + g", frame()).fit()


@functools.cache
def reduced() -> Any:
    return mn.mnlogit("y ~ x + z", mn.datasets.separated_toy()).fit(penalty="jeffreys")


@pytest.mark.parametrize("alpha", NEAR_ONE)
@pytest.mark.parametrize("method", METHODS)
def test_next_to_one_the_ends_are_those_of_a_parabola(alpha: float, method: str) -> None:
    for found in (res(), reduced()):
        if found is reduced() and method == "score":
            continue
        ends = found.conf_int(alpha, method)
        low, high = (ends[side] - found.params for side in ("conf_low", "conf_high"))
        assert (low <= 0).all() and (high >= 0).all()
        reach = normal_quantile(alpha) * found.bse
        rounding = 4e-16 * found.params.abs().max()
        # the curvature of a penalised likelihood is not that of the likelihood
        rel = 0.2 if found is reduced() else 1e-2
        for each in (-low, high):
            np.testing.assert_allclose(each, reach, rtol=rel, atol=rounding)


@pytest.mark.parametrize("method", ["profile", "score"])
def test_both_ways_to_an_end_meet(method: str) -> None:
    c = "b:x"
    ends = []
    for size in (0.999e-3, 1.001e-3):
        found = res().conf_int(2 * ndtr(-size), method, which=c).iloc[0]
        ends.append((found.to_numpy() - res().params["b", "x"]) / size)
    np.testing.assert_allclose(*ends, rtol=1e-6)
    if method == "profile":  # the profile of a penalised likelihood, too
        pair = [
            (reduced().conf_int(2 * ndtr(-size), method, which="C:z").iloc[0].to_numpy() - at)
            / size
            for size in (0.999e-3, 1.001e-3)
            for at in [reduced().params["C", "z"]]
        ]
        np.testing.assert_allclose(*pair, rtol=1e-5)


@pytest.mark.parametrize("alpha", [1e-12, 1e-100, 1e-300])
@pytest.mark.parametrize(("method", "kind"), [("profile", "lr"), ("score", "score")])
def test_next_to_zero_the_ends_are_on_the_edge_of_the_test(
    alpha: float, method: str, kind: str
) -> None:
    wide = mn.mnlogit("vote ~ selfLR + age", mn.datasets.anes96()).fit()
    for end in wide.conf_int(alpha, method, which="1:selfLR").iloc[0]:
        assert np.isfinite(end)
        found = wide.test(f"1:selfLR = {end!r}", kind=kind)
        assert np.log(found.pvalue) == pytest.approx(np.log(alpha), rel=1e-9)


def test_the_smallest_number_has_a_quantile() -> None:
    tail = log_ndtr(-normal_quantile(5e-324))
    assert tail == pytest.approx(np.log(5e-324) - np.log(2), rel=1e-12)
    assert normal_quantile(1e-300) < normal_quantile(9e-301) < normal_quantile(5e-324)
    assert (t_quantile(5e-324, np.array([3.0, 50.0, 1e6])) > 38).all()
    low, high = res().with_cov("robust", use_t=True, df=3).conf_int(1e-310).to_numpy().T
    assert (low < res().params).all() and (high > res().params).all()
    assert np.isfinite(res().conf_int(5e-324)).all(axis=None)


@pytest.mark.parametrize("method", ["profile", "score"])
def test_ends_of_what_is_infinite_that_rounding_hides_are_refused(method: str) -> None:
    apart = mn.mnlogit("y ~ x + z", mn.datasets.separated_toy()).fit(separation="ignore")
    ends = apart.conf_int(0.99, method, which="C:x[T.yes]").iloc[0]
    assert ends["conf_low"] == -np.inf and np.isfinite(ends["conf_high"])
    with pytest.raises(OptionError) as error:
        apart.conf_int(1 - 1e-10, method, which="C:x[T.yes]")
    assert error.value.code == "alpha-near-one"
    finite = apart.conf_int(1 - 1e-10, method, which="B:z").iloc[0]
    assert finite["conf_low"] <= apart.params["B", "z"] <= finite["conf_high"]
