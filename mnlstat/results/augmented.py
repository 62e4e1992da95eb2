"""Rows with what a fit says of each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.design.opened import opened
from mnlstat.design.response import CHOICE
from mnlstat.design.source import DesignOnly
from mnlstat.errors import DataError, OptionError
from mnlstat.inference.decisions import decided
from mnlstat.inference.prediction_options import FIRST
from mnlstat.options import shown
from mnlstat.report.tables import with_origin
from mnlstat.results.observed import new_weights, observed_codes, refuse_counts, refuse_pieces
from mnlstat.results.predicting import Predicting
from mnlstat.results.prediction_frames import of_classes
from mnlstat.rows.rows import Rows

PURPOSE = "augment()"
CURE = "Give the data: augment(data)."


class Augmenting(Predicting):
    """Results that write on rows what they say of them."""

    def _augmented(self, data: Any, observed: Any, weights: Any) -> pd.DataFrame:
        if data is None:
            return self._own_rows(observed, weights)
        refuse_pieces(data, PURPOSE)
        if observed is not None:
            refuse_counts(self.spec.response, f"{PURPOSE}, observed=")
        frame = pd.DataFrame(data) if isinstance(data, np.ndarray) else opened(data).whole()
        design = self.spec.design(data)
        piece = self._piece(design)
        pi = self._limits(piece.X, piece.offset)
        codes = self._codes_beside(data, design.index, observed)
        if weights is not None and codes is None:
            raise OptionError(
                "option-without-use",
                f"{PURPOSE}: weights= are those of residuals, and these rows have none.\nLeave it"
                " out, or give the outcomes: observed=.",
            )
        w = None if weights is None else new_weights(data, weights, design.index)
        return self._beside(frame.set_axis(design.index, axis=0), pi, codes, w)

    def _own_rows(self, observed: Any, weights: Any) -> pd.DataFrame:
        """The rows used, with the outcomes and weights of the fit."""
        for name, value in (("observed", observed), ("weights", weights)):
            if value is not None:
                raise OptionError(
                    "option-without-use",
                    f"{name}= belongs to new data; the rows of the fit have their own.\nLeave it"
                    " out, or give data.",
                )
        sample = self._rows(PURPOSE)
        given, source = sample.in_memory(PURPOSE, "Give a frame with a part of the rows.")
        DesignOnly.refuse(source, PURPOSE, CURE)
        codes = given.astype(np.intp) if self.spec.response.kind == CHOICE else None
        frame = source.used().set_axis(source.index, axis=0)
        pi = self._fitted(PURPOSE).to_numpy()
        rows = sample.likelihood.rows
        assert isinstance(rows, Rows)
        return self._beside(frame, pi, codes, rows.weights)

    def _codes_beside(self, data: Any, index: Any, observed: Any) -> IntArray | None:
        """The outcome that came in each row of new data; None where nothing tells."""
        if self.spec.response.kind != CHOICE:
            return None
        try:
            return observed_codes(self.spec.response, data, index, observed, PURPOSE)
        except DataError as error:
            if error.code != "outcomes-not-there":
                raise
            return None

    def _beside(
        self, frame: pd.DataFrame, pi: FloatArray, codes: IntArray | None, weights: Any
    ) -> pd.DataFrame:
        """The frame with probabilities (n, J), classes and residuals in new columns."""
        classes, _ = decided(pi, None, FIRST)
        new: dict[str, Any] = {}
        for j, label in enumerate(self.outcomes):
            new[_free(new, f".fitted_{label}")] = pi[:, j]
        new[_free(new, ".fitted_class")] = of_classes(classes, frame.index, self.outcomes).array
        if codes is not None:
            new[".resid"] = deviance_residuals(pi, codes, weights)
        for name in new:
            _free(frame.columns, name)
        return with_origin(frame.assign(**new), self)


def _free(taken: Any, name: str) -> str:
    """The name of a column that is to be new; DataError for one that is there."""
    if name in taken:
        raise DataError(
            "column-taken",
            f"{PURPOSE} writes a column {shown(name)}, and there is one already.\n"
            "Rename the column of the data, or the outcome.",
        )
    return name


def deviance_residuals(pi: FloatArray, codes: IntArray, weights: Any) -> FloatArray:
    """``sqrt(-2 w_i log pi_{i,y_i})`` (n,); NaN where the outcome, code -1, is missing.

    The residual of a single choice, whose saturated log-likelihood is zero; it is never negative.
    """
    came = pi[np.arange(len(pi)), np.maximum(codes, 0)]
    with np.errstate(divide="ignore"):
        squares = -2.0 * np.log(came)
    if weights is not None:
        with np.errstate(invalid="ignore"):
            squares = np.where(np.asarray(weights) == 0, 0.0 * came, squares * weights)
    residuals: FloatArray = np.sqrt(np.maximum(squares, 0.0))
    residuals[codes < 0] = np.nan
    return residuals
