from __future__ import annotations

import numpy as np
import pytest

from mnlstat.report import numbers

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1.000"),
        (0.0015, "0.002"),
        (0.001, "0.001"),
        (0.00099999, "<0.001"),
        (1e-300, "<0.001"),
        (0.0, "<0.001"),
        (NAN, "nan"),
    ],
)
def test_p_values_are_never_printed_as_zero(value, text):
    assert numbers.p_value(value) == text


@pytest.mark.parametrize(
    ("value", "decimals", "scale", "text"),
    [
        (0.5, 4, 0.1, "0.5000"),
        (1.234e-12, 4, 1e-13, "1.234e-12"),
        (0.00003, 4, 0.5, "0.0000"),
        (-0.00003, 4, 0.5, "0.0000"),
        (0.0, 4, 0.0, "0.0000"),
        (4e9, 4, 1.0, "4.000e+09"),
        (-1e300, 4, 1.0, "-1.000e+300"),
        (NAN, 4, 0.1, "nan"),
        (INF, 4, NAN, "+Inf"),
        (-INF, 4, NAN, "-Inf"),
        (0.5, 4, NAN, "0.5000"),
    ],
)
def test_fixed_keeps_digits_that_mean_something(value, decimals, scale, text):
    assert numbers.fixed(value, decimals, scale) == text


@pytest.mark.parametrize(
    ("estimates", "std_errors", "decimals"),
    [
        ([0.5, -1.2], [0.1, 0.2], 4),
        ([0.5, -12.1], [0.0065, 0.2], 5),
        ([0.5, -12.1], [0.00012, 0.2], 6),
        ([0.5, -12.1], [1e-12, 0.2], 4),
        ([6251.5, -3958.7], [1336.0, 1367.0], 1),
        ([625.5, 395.7], [13.0, 15.0], 3),
        ([1234567.0], [0.01], 3),
        ([NAN], [NAN], 4),
        ([1.0], [0.0], 4),
        ([INF], [NAN], 4),
    ],
)
def test_decimals_follow_the_smallest_standard_error(estimates, std_errors, decimals):
    assert numbers.decimals_for(np.array(estimates), np.array(std_errors)) == decimals


def test_fit_statistics_keep_their_digits_at_any_size():
    assert numbers.plain(-1461.922747) == "-1461.9227"
    assert numbers.plain(-1234567.891) == "-1234567.89"
    assert numbers.plain(-3.25e12) == "-3.2500e+12"
    assert numbers.plain(1e-7) == "1.0000e-07"
    assert numbers.plain(-0.0) == "0.0000"
    assert numbers.statistic(1e7) == "1.000e+07"
    assert numbers.statistic(-0.0001) == "0.000"
    assert numbers.statistic(NAN) == "nan"


@pytest.mark.parametrize(
    ("alpha", "level", "ends"),
    [
        (0.05, "95", ("0.025", "0.975")),
        (0.1 + 0.2, "70", ("0.15", "0.85")),
        (1e-6, "99.9999", ("5e-07", "0.9999995")),
        (1e-9, "99.9999999", ("5e-10", "0.9999999995")),
        (1e-12, "99.9999999999", ("5e-13", "0.9999999999995")),
        (1e-15, "100-1e-13", ("5e-16", "1-5e-16")),
        (1e-300, "100-1e-298", ("5e-301", "1-5e-301")),
        (0.99999999, "1e-06", ("0.499999995", "0.500000005")),
    ],
)
def test_levels_and_ends_are_never_rounded_to_the_whole(alpha, level, ends):
    assert numbers.level(alpha) == level
    assert numbers.interval_ends(alpha) == ends


@pytest.mark.parametrize("alpha", [5e-324, 1e-17, 1e-12, 3e-12, 0.5, 0.7, 1 - 1e-12, 1 - 2**-53])
def test_ends_differ_whatever_the_level(alpha):
    low, high = numbers.interval_ends(alpha)
    assert low != high and high != "1"
    assert numbers.level(alpha) != "100"


def test_a_ratio_is_never_zero():
    assert numbers.ratio(0.0, 4) == "<1e-300"
    assert numbers.ratio(3e-310, 4) == "<1e-300"
    assert numbers.ratio(0.25, 4, 0.1) == "0.2500"
    assert numbers.ratio(INF, 4) == "+Inf"
    assert numbers.ratio(NAN, 4) == "nan"


def test_small_things():
    assert numbers.difference(0.0) == "0"
    assert numbers.difference(-1.26e-13) == "-1.3e-13"
    assert numbers.difference(INF) == "+Inf"
    assert numbers.count(6.0) == "6"
    assert numbers.count(2.5) == "2.50"
    assert numbers.seconds(NAN) == "-"
