"""The variance of averages over rows that are a sample themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.inference.cov_options import CovarianceOptions
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.effects.functions import Functions
from mnlstat.inference.effects.influence import InfluenceUnits, Looks
from mnlstat.inference.recovered import Estimated
from mnlstat.likelihood.units import Units
from mnlstat.memory import check_room
from mnlstat.rows.rows import Rows

# Square matrices of the functions that are held at once.
MATRICES = 4


@dataclass(frozen=True, eq=False, kw_only=True)
class Influenced(Estimated):
    """Functions of means in place of coefficients; ``root`` (M, d) is theirs."""

    of: Estimated
    functions: Functions
    looks: Looks

    def units(self, options: CovarianceOptions) -> Units:
        """The independent units, whose scores are what they add to the functions."""
        inner = self.of.units(options)
        mass = _unit_mass(self.of, trials=inner.places is not None)
        return InfluenceUnits.of_functions(inner, self.functions, self.looks, mass)


def _unit_mass(estimated: Estimated, *, trials: bool) -> FloatArray:
    """What one unit of each row weighs in means: its sampling weight, times its trials."""
    rows = estimated.likelihood.rows
    assert isinstance(rows, Rows)
    mass = np.ones(len(rows))
    if estimated.sampling and rows.weights is not None:
        mass = mass * rows.weights
    if rows.response.ndim == 2 and not trials:
        mass = mass * rows.response.sum(axis=1)
    return mass


@dataclass(frozen=True, eq=False)
class Unconditional:
    """How the covariance of functions of means is made, with the rows as a sample.

    Attributes
    ----------
    estimated : the coefficients and their rows
    made : the covariance of estimates, as it was asked for
    said : what is said of it
    """

    estimated: Estimated
    made: Callable[[Estimated], Covariance]
    said: str

    def of(self, functions: Functions, looks: Looks) -> Covariance:
        """``c sum phi phi'`` over units, clusters or PSUs; NaN where a function has no value.

        References
        ----------
        Graubard, B. I. & Korn, E. L. (1999). Predictive margins with survey data. *Biometrics* 55,
        652-659.
        """
        M = len(functions.values)
        check_room(
            8.0 * MATRICES * M**2, f"the covariance of {M} averages", "Ask for fewer at a time."
        )
        own = self.estimated
        found = self.made(
            Influenced(
                **vars(own) | {"root": functions.slopes @ own.root},
                of=own,
                functions=functions,
                looks=looks,
            )
        )
        return replace(found, root=np.where(functions.whole[:, None], found.root, np.nan))
