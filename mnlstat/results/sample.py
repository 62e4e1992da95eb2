"""The rows of a fit, apart from what was found in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mnlstat.arrays import IntArray, freeze
from mnlstat.design.source import Source
from mnlstat.likelihood.multinomial import MultinomialLikelihood


@dataclass(frozen=True, eq=False)
class Sample:
    """The rows of a fit: what a result needs only when it looks at rows again.

    Attributes
    ----------
    likelihood : of the kept columns, with the base of the result
    codes : (n,) position of each row's outcome
    source : the user's data
    refit : fits another formula to the same rows: ``refit(formula, scope, base)``
    """

    likelihood: MultinomialLikelihood
    codes: IntArray
    source: Source
    refit: Callable[..., Any]

    def __post_init__(self) -> None:
        freeze(self, self.likelihood, self.likelihood.rows, self.likelihood.rows.matrix)
