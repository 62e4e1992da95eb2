"""The rows of a fit, apart from what was found in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mnlstat.arrays import FloatArray, IntArray, freeze
from mnlstat.design.source import Source
from mnlstat.design.stream import Stream
from mnlstat.errors import DataError
from mnlstat.inference.cov_options import CovarianceOptions
from mnlstat.likelihood.multinomial import MultinomialLikelihood


@dataclass(frozen=True, eq=False)
class Sample:
    """The rows of a fit: what a result needs only when it looks at rows again.

    Attributes
    ----------
    likelihood : of the kept columns, with the base of the result
    codes : (n,) position of each row's outcome, or (n, J) counts; None for data that are read in
        pieces
    source : the user's data
    refit : fits another formula to the same rows: ``refit(formula, scope, base)``
    sampling : whether weights are sampling weights
    covariance : options of the covariance of the result; None for that which a fit has by itself
    """

    likelihood: MultinomialLikelihood
    codes: IntArray | FloatArray | None
    source: Source | Stream
    refit: Callable[..., Any]
    sampling: bool = False
    covariance: CovarianceOptions | None = None

    def __post_init__(self) -> None:
        freeze(self, self.likelihood, self.likelihood.rows, self.likelihood.rows.matrix)

    def __repr__(self) -> str:
        return f"<Sample of a fit, {len(self.likelihood.rows)} rows>"

    def in_memory(self, purpose: str, instead: str) -> tuple[IntArray | FloatArray, Source]:
        """Outcome codes and data of rows that are in memory; DataError where they never are."""
        if self.codes is None or isinstance(self.source, Stream):
            raise DataError(
                "read-in-pieces",
                f"{purpose} needs all rows in memory, and this model was fitted to data that are"
                f" read in pieces.\n{instead}",
            )
        return self.codes, self.source
