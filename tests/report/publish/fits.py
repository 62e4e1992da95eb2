"""The fits whose tables are kept: small, and of every kind that a table has to tell about."""

from __future__ import annotations

import warnings
from functools import cache

import numpy as np

import mnlstat as mn


@cache
def ordinary() -> mn.MNLogitResults:
    return mn.mnlogit("mode ~ hinc + psize", mn.datasets.travel_mode(), base="car").fit()


@cache
def aliased() -> mn.MNLogitResults:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mn.errors.AliasedWarning)
        return mn.mnlogit("mode ~ hinc + I(2 * hinc)", mn.datasets.travel_mode()).fit()


@cache
def separated() -> mn.MNLogitResults:
    return mn.mnlogit("y ~ x + z", mn.datasets.separated_toy()).fit(separation="ignore")


@cache
def robust() -> mn.MNLogitResults:
    return ordinary().with_cov("HC1")


@cache
def weighted() -> mn.MNLogitResults:
    modes = mn.datasets.travel_mode()
    modes["w"] = 0.5 + np.arange(len(modes)) % 3
    return mn.mnlogit("mode ~ hinc", modes, sampling_weights="w").fit()


FITS = {each.__name__: each for each in (ordinary, aliased, separated, robust, weighted)}
