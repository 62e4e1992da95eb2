"""What a model is made from."""

from __future__ import annotations

from dataclasses import dataclass

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.design.missing import Dropped
from mnlstat.design.source import Source
from mnlstat.design.spec import DesignSpec


@dataclass(frozen=True, eq=False)
class Prepared:
    """Numbers ready to fit, and what they mean.

    Attributes
    ----------
    spec : DesignSpec
        The learned design.
    X : (n, k) float64, Fortran order
        Design of the used rows.
    codes : (n,) intp
        Position of each row's outcome in ``spec.response.labels``.
    source : Source
        The data by reference, and the used rows.
    dropped : Dropped
        Rows not used, and why.
    notes : tuple of str
        Sentences for the summary.
    """

    spec: DesignSpec
    X: FloatArray
    codes: IntArray
    source: Source
    dropped: Dropped
    notes: tuple[str, ...]
