"""An option that nothing asked for makes use of is refused by its name."""

from __future__ import annotations

from typing import Any

import pytest

from mnlstat.errors import OptionError
from tests.effects.problems import fit


@pytest.mark.parametrize(
    ("ask", "code", "option"),
    [
        (lambda r: r.comparisons({"x": (0, 1)}, centred=True), "option-without-use", "centred"),
        (lambda r: r.comparisons("g", centred=True), "option-without-use", "centred"),
        (lambda r: r.comparisons({"x": "iqr"}, centred=True), "option-without-use", "centred"),
        (lambda r: r.comparisons({"x": "minmax"}, centred=True), "option-without-use", "centred"),
        (lambda r: r.margins("x", contrast="pairwise"), "option-without-use", "contrast"),
        (lambda r: r.margins("x", contrast="sequential"), "option-without-use", "contrast"),
        (lambda r: r.margins("x", binary="difference"), "option-without-use", "binary"),
        (lambda r: r.margins("g", binary="difference"), "option-without-use", "binary"),
        (lambda r: r.plot.effects("x", contrast="pairwise"), "option-without-use", "contrast"),
        (lambda r: r.plot.coefficients(name="x"), "option-without-use", "name"),
        (lambda r: r.get_margeff(method="eyex", count=True), "elasticity-of-difference", "count"),
        (lambda r: r.get_margeff(method="eydx", dummy=True), "elasticity-of-difference", "dummy"),
    ],
)
def test_options_without_use_are_refused(ask: Any, code: str, option: str) -> None:
    with pytest.raises(OptionError, match=f"{option}=") as caught:
        ask(fit("y ~ x + g"))
    assert caught.value.code == code


def test_an_option_that_one_of_several_variables_uses_is_taken() -> None:
    res = fit("y ~ x + g")
    assert set(res.margins(contrast="pairwise").keys["variable"]) == {"x", "g"}
    found = res.comparisons({"x": 1, "g": "pairwise"}, centred=True)
    assert "+1 (centred)" in set(found.keys["contrast"])


def test_differences_are_of_the_number_that_is_0_and_1() -> None:
    contrasts = fit("y ~ x + c").margins(binary="difference").keys.groupby("variable")["contrast"]
    assert contrasts.first().to_dict() == {"x": "dy/dx", "c": "1 - 0"}
