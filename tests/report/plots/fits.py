"""Fits that are drawn, each made once."""

from __future__ import annotations

import warnings
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

import mnlstat as mn

DATA = Path(__file__).parents[2] / "reference" / "data"


@cache
def anes() -> Any:
    """Seven outcomes, numbers and a factor."""
    formula = "PID ~ selfLR + educ + income + C(vote)"
    return mn.mnlogit(formula, mn.datasets.anes96(), base="p3").fit()


@cache
def travel() -> Any:
    """Four outcomes, two numbers."""
    return mn.mnlogit("mode ~ hinc + psize", mn.datasets.travel_mode(), base="car").fit()


def hsb() -> pd.DataFrame:
    """The rows of :func:`programme`."""
    return pd.read_csv(DATA / "hsbdemo.csv")


@cache
def programme() -> Any:
    """Three outcomes, a factor and a number."""
    return mn.mnlogit("prog ~ C(ses) + write", hsb(), base="academic").fit()


@cache
def separated() -> Any:
    """One coefficient is infinite, one column is aliased."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mn.errors.MnlstatWarning)
        return mn.mnlogit("y ~ x + z + I(2 * z)", mn.datasets.separated_toy()).fit()


def marks(ax: Any) -> set[tuple[float, float]]:
    """Where marks stand that are placed by data, rounded."""
    found = set()
    for line in ax.get_lines():
        if line.get_marker() not in ("None", None, "") and line.get_transform() == ax.transData:
            x, y = line.get_xdata(), line.get_ydata()
            found |= {(round(float(a), 9), round(float(b), 9)) for a, b in zip(x, y, strict=True)}
    return found


def pairs(x: Any, y: Any) -> set[tuple[float, float]]:
    """Pairs of numbers, rounded as those of :func:`marks`."""
    return {(round(float(a), 9), round(float(b), 9)) for a, b in zip(x, y, strict=True)}
