"""What a model is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.design.missing import Dropped
from mnlstat.design.source import Source
from mnlstat.design.spec import DesignSpec
from mnlstat.design.weights import Weights
from mnlstat.rows.matrix import Matrix


@dataclass(frozen=True, eq=False)
class Prepared:
    """Numbers ready to fit, and what they mean.

    Attributes
    ----------
    spec : DesignSpec
        The learned design.
    matrix : Matrix
        Design of the used rows, in the form that costs least.
    codes : (n,) integers of any width, or (n, J)
        Position of each row's outcome in ``spec.response.labels``; for a response of counts or
        shares these.
    source : Source
        The data by reference, and the used rows.
    dropped : Dropped
        Rows not used, and why.
    notes : tuple of str
        Sentences for the summary.
    weights : Weights, optional
        Of the used rows.
    offset : (n, J) array, optional
        Added to the linear predictors of the used rows.
    """

    spec: DesignSpec
    matrix: Matrix
    codes: IntArray | FloatArray
    source: Source
    dropped: Dropped
    notes: tuple[str, ...]
    weights: Weights | None = None
    offset: FloatArray | None = None

    @property
    def columns(self) -> tuple[Any, ...]:
        """Names of the columns of the data."""
        return tuple(self.source.frame.columns)

    @property
    def X(self) -> FloatArray:
        """Design (n, k) of the used rows, written out."""
        return self.matrix.dense()

    @property
    def rows_of_outcomes(self) -> FloatArray:
        """How often each outcome was seen (J,), whatever the rows weigh."""
        if self.codes.ndim == 2:
            return np.asarray(self.codes.sum(axis=0), dtype=float)
        counts = np.bincount(self.codes, minlength=len(self.spec.response.labels))
        return counts.astype(float)
