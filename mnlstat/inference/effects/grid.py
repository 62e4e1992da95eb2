"""A reference grid: every combination of the levels of factors, numbers at their means."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.design.given_values import series_of
from mnlstat.design.variables import Variable
from mnlstat.memory import check_room


@dataclass(frozen=True, eq=False)
class Grid:
    """Rows of a grid and what each of them weighs.

    References
    ----------
    Searle, S. R., Speed, F. M. & Milliken, G. A. (1980). Population marginal means in the linear
    model. *The American Statistician* 34, 216-221.
    """

    frame: pd.DataFrame
    weights: FloatArray

    @classmethod
    def of(
        cls,
        variables: Sequence[Variable],
        values: Mapping[str, Sequence[Any]],
        shares: Mapping[str, FloatArray] | None,
    ) -> Grid:
        """The grid of the values of each variable.

        Parameters
        ----------
        variables : in the order in which they vary, the last one fastest
        values : of each
        shares : of the values, whose product is the weight of a row; None for equal weights
        """
        sizes = [len(values[each.name]) for each in variables]
        n = int(np.prod(sizes, dtype=float)) if sizes else 1
        check_room(16.0 * n * max(len(sizes), 1), f"a grid of {n} rows", "Set values in at=.")
        rows = itertools.product(*(range(size) for size in sizes))
        places = np.array(list(rows), dtype=np.intp).reshape(n, len(sizes))
        frame = pd.DataFrame(
            {
                each.name: series_of(list(values[each.name])).take(places[:, at]).array
                for at, each in enumerate(variables)
            }
        )
        weights = np.ones(n)
        for at, each in enumerate(variables):
            if shares is not None and each.name in shares:
                weights = weights * shares[each.name][places[:, at]]
        return cls(frame, weights)
