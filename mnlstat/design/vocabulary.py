"""What a formula understands without the caller having to import it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from mnlstat.design.cbind import cbind
from mnlstat.design.formula import CATEGORICAL, PATSY, TREATMENT, CategoricalBox
from mnlstat.design.natural_spline import NaturalSpline
from mnlstat.design.polynomials import Poly
from mnlstat.design.transforms import UsageError


class Remembering:
    """A transform that learns from data, told by what makes a new state of it."""

    def __init__(self, maker: Callable[[], Any]) -> None:
        self.__patsy_stateful_transform__ = maker

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse a call where no state was made for it."""
        raise TypeError("this transform must be called by its own name, where its data are")


def factor(x: Any, levels: Any = None, labels: Any = None) -> Any:
    """Categories, as ``C(x)``; R's ``labels`` are refused."""
    if labels is not None:
        raise UsageError("factor() does not rename levels; rename them in the data.")
    return CATEGORICAL(x, levels=levels)


def relevel(x: Any, ref: Any) -> Any:
    """Categories with another reference level, as ``C(x, Treatment(ref))``."""
    if isinstance(x, CategoricalBox):
        if x.contrast is not None:
            raise ValueError(
                "relevel() chooses the reference of Treatment; C() has another contrast"
            )
        return CATEGORICAL(x.data, TREATMENT(ref), x.levels)
    return CATEGORICAL(x, TREATMENT(ref))


def c(*values: Any) -> list[Any]:
    """A list."""
    return [each for value in values for each in (value if isinstance(value, list) else [value])]


def log(x: Any, base: Any = None) -> Any:
    """The logarithm, natural or to a base."""
    return np.log(x) if base is None else np.log(x) / np.log(base)


def _of_one_argument(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Numpy's function without its further arguments, of which the second would be written into."""

    @functools.wraps(function)
    def of_one(x: Any) -> Any:
        return function(x)

    return of_one


FACTORS = (CATEGORICAL, factor, relevel)
"""Functions whose first argument is taken as categories."""

OWN_LEARNERS = (Poly, NaturalSpline)
NUMPY = ("log2", "log10", "log1p", "exp", "expm1", "sqrt")

VOCABULARY: dict[str, Any] = {
    **PATSY,
    **{name: _of_one_argument(getattr(np, name)) for name in NUMPY},
    "log": log,
    "cbind": cbind,
    "factor": factor,
    "relevel": relevel,
    "c": c,
    "poly": Remembering(Poly),
    "ns": Remembering(NaturalSpline),
    "TRUE": True,
    "FALSE": False,
    "NULL": None,
}
