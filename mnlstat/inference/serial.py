"""The covariance of scores that are correlated in time."""

from __future__ import annotations

import math

import numpy as np

from mnlstat.arrays import IntArray
from mnlstat.errors import DataError, OptionError
from mnlstat.inference.cov_options import CovarianceOptions
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.sandwich import sandwich
from mnlstat.likelihood.serial import lagged_products
from mnlstat.likelihood.units import Units
from mnlstat.rows.rows import Rows


def hac(options: CovarianceOptions, units: Units, order: IntArray | None) -> Covariance:
    """Heteroskedasticity and autocorrelation consistent: Bartlett weights, L lags.

    ``L = floor(4 (n / 100)^(2/9))`` unless given.  ``order`` (n,) are the rows in time; None where
    they are in order.

    References
    ----------
    Newey, W. K. & West, K. D. (1987). Econometrica 55, 703-708; (1994). Review of Economic Studies
    61, 631-653.
    """
    if units.places is not None:
        raise DataError(
            "read-in-pieces",
            "the covariance 'HAC' needs rows in order; of these data, which are read in pieces,"
            " equal rows were counted.\nFit a frame.",
        )
    units = one_by_one(units)
    if order is not None:
        units = units.chosen(order)
    n = int(units.count)
    lags = math.floor(4.0 * (n / 100.0) ** (2.0 / 9.0)) if options.lags is None else options.lags
    if lags >= n:
        raise OptionError(
            "covariance-option", f"lags={lags}: {n} rows are at most {n - 1} places apart."
        )
    said = f"HAC, Bartlett weights, {lags} lag{'' if lags == 1 else 's'}"
    return sandwich(units.root, lagged_products(units, lags), 1.0, said)


def one_by_one(units: Units) -> Units:
    """Rows that repeat written out, one after the other; OptionError where they cannot be."""
    rows = units.rows
    if units.sampling or rows.largest_weight() is None:
        return units
    if not isinstance(rows, Rows):
        raise DataError(
            "read-in-pieces",
            "the covariance 'HAC' needs rows in order, and frequency weights of data that are read"
            " in pieces stand for rows that are not written out.\nFit a frame.",
        )
    times = rows.weights
    assert times is not None
    if not np.array_equal(times, np.floor(times)):
        raise OptionError(
            "covariance-option",
            "the covariance 'HAC' needs rows in order; frequency weights that are not whole numbers"
            " give none.",
        )
    repeated = units.chosen(np.repeat(np.arange(len(rows)), times.astype(np.intp)))
    return repeated.without_weights()
