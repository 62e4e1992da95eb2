"""Dollars in names are dollars: matplotlib takes what is between two of them as mathematics."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.cbook import is_math_text
from matplotlib.text import Text

import mnlstat as mn

LOW, MIDDLE, HIGH = "$0 - $10k", "$10k - $20k", r"$\foo$"
NUMBER = "in $ or $"
MODEL = r"$\bar$ and $x$"


@cache
def incomes() -> Any:
    """Outcomes, levels and a column, all with dollars."""
    rng = np.random.default_rng(8)
    data = pd.DataFrame(
        {
            NUMBER: rng.normal(size=300),
            "place": rng.choice(["$a$", r"$\b$", "c"], 300),
            "pay": rng.choice([LOW, MIDDLE, HIGH], 300),
        }
    )
    return mn.mnlogit("pay ~ Q('in $ or $') + place", data, base=LOW).fit()


PLOTS: dict[str, Callable[[], Any]] = {
    "coefficients": lambda: incomes().plot.coefficients(),
    "coefficients by term": lambda: incomes().plot.coefficients("term"),
    "models": lambda: incomes().plot.coefficients(models={MODEL: incomes()}, name="$1 $2"),
    "odds ratios": lambda: incomes().plot.odds_ratios(),
    "ternary": lambda: incomes().plot.ternary(),
    "profile": lambda: incomes().plot.profile(f"{HIGH}:place[T.$a$]"),
    "calibration": lambda: incomes().plot.calibration(),
    "lines": lambda: incomes().plot.probabilities(NUMBER, by="place"),
    "area": lambda: incomes().plot.probabilities(NUMBER, style="area"),
    "points": lambda: incomes().plot.probabilities("place"),
    "bars": lambda: incomes().plot.probabilities("place", style="bars"),
    "effects": lambda: incomes().plot.effects(),
    "effects by outcome": lambda: incomes().plot.effects(arrange="outcome"),
    "over a number": lambda: incomes().plot.effect_over("place", NUMBER),
    "over a factor": lambda: incomes().plot.effect_over(NUMBER, "place"),
    "means": lambda: incomes().marginal_means("place").plot(),
}


@pytest.mark.parametrize("name", PLOTS)
def test_dollars_are_drawn_as_they_are(name: str) -> None:
    ax = PLOTS[name]()
    ax._repr_png_()
    written = [text.get_text() for text in ax.figure.findobj(Text)]
    dollars = [each for each in written if "$" in each]
    assert dollars
    for each in dollars:
        assert not is_math_text(each)
        assert each.count("$") == each.count(r"\$")


def test_the_numbers_keep_the_names() -> None:
    found = incomes().plot.coefficients(models={MODEL: incomes()}).data
    assert set(found["outcome"]) == {MIDDLE, HIGH}
    assert MODEL in set(found["model"])
