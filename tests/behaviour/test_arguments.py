"""Arguments that are missing, too many, unknown or given twice: errors of ours, by every method."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import mnlstat as mn
from mnlstat.errors import MissingArgumentError, OptionError, UnknownOptionError

FRAME = mn.datasets.travel_mode()
MODEL = mn.mnlogit("mode ~ hinc", FRAME)
RESULT = MODEL.fit()
OBJECTS = {
    "result": RESULT,
    "model": MODEL,
    "likelihood": MODEL.likelihood,
    "summary": RESULT.summary(),
    "comparison": RESULT.compare(),
    "mnlstat": mn,
}
# Methods for the package itself, which no page of the manual names.
INSIDE = {
    "fitted_with", "specified", "block_terms", "cases", "coefficients", "conditional",
    "curvature_bound", "curvature_radius", "evaluate", "information_root", "limiting",
    "null_value", "preconditioner", "reach", "recoordinate", "score_products", "spread",
    "standardised", "start", "subsample",
}  # fmt: skip
CLASSES = {"MNLogitResults", "MultinomialLikelihood", "Summary", "Comparison"}


def public() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public function and method."""
    for whose, each in OBJECTS.items():
        for name in getattr(each, "__all__", dir(each)):
            kind = inspect.getattr_static(type(each), name, None)
            if name.startswith("_") or name in INSIDE | CLASSES or isinstance(kind, property):
                continue
            function = getattr(each, name)
            if callable(function):
                yield f"{whose}.{name}", function


FUNCTIONS = dict(public())
ENDLESS = ("mnlstat.anova", "mnlstat.information_criteria")


def needed(function: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.POSITIONAL_ONLY)
    return [p.name for p in parameters if p.kind in named and p.default is p.empty]


def test_there_are_many() -> None:
    assert len(FUNCTIONS) > 40


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_arguments_that_do_not_fit(name: str) -> None:
    function, called = FUNCTIONS[name], name.partition(".")[2]
    with pytest.raises(OptionError, match=rf"{called}\(") as caught:
        function(*range(20))
    assert isinstance(caught.value, UnknownOptionError) or name in ENDLESS
    with pytest.raises(UnknownOptionError, match=rf"{called}\(\) has no option 'nonsense'"):
        function(*needed(function), nonsense=1)
    if needed(function):
        with pytest.raises(MissingArgumentError, match=needed(function)[0]) as missing:
            function()
        assert isinstance(missing.value, TypeError) and f"{called}(" in missing.value.message


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: mn.mnlogit(), "mnlogit() needs formula and data: write mnlogit(formula, data)."),
        (lambda: mn.mnlogit("y ~ x"), "mnlogit() needs data:"),
        (lambda: mn.Ridge(), "Ridge() needs lambda_:"),
        (lambda: mn.MNLogit([1, 2]), "MNLogit() needs X: write MNLogit(y, X)."),
        (lambda: RESULT.cov_params("x"), "cov_params() takes no arguments."),
        (lambda: RESULT.convergence(3), "convergence() takes no arguments."),
        (lambda: RESULT.glance(x=3), "glance() has no option 'x'.\nIt takes none."),
        (lambda: RESULT.test("car:hinc = 0", hypothesis="x"), "is given hypothesis twice"),
        (lambda: RESULT.update(), "update() needs formula:"),
        (lambda: RESULT.test("a", 0, 1), "test() takes only hypothesis, value by place"),
        (lambda: mn.MNLogit.from_formula("y ~ x"), "from_formula() needs data:"),
    ],
)
def test_what_is_said(call: Callable[[], Any], says: str) -> None:
    with pytest.raises(OptionError) as caught:
        call()
    assert says in caught.value.message
    assert isinstance(caught.value, TypeError)
