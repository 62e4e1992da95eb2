"""Steps by the information of all rows, and by how that changes in a sample of them.

Newton's step takes the log-likelihood for a parabola.  A sample, which costs no reading, shows how
far it is none: with score and information of all rows at one point, and everything of higher order
from the sample, a pass leads further (Jordan, Lee & Yang 2019, Journal of the American Statistical
Association 114, 668-681, who take the information from the sample, too).
"""

from __future__ import annotations

import math

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.arrow import times
from mnlstat.optimize.point import Point
from mnlstat.optimize.protocol import Conditioned

# Refinements at most, and the share of Newton's error that ends them: the sample knows no better.
REFINEMENTS = 6
ENOUGH = 0.03


def surrogate_step(here: Point, sample: Conditioned, share: float) -> FloatArray:
    """The step to where the score vanishes, its curvature seen in a sample of a share of the rows.

    It is refined with the information of all rows as the metric, as long as that helps; Newton's
    step is the first.
    """
    step, factor = here.step, here.factor
    known = sample.evaluate(here.theta, 2)
    if factor is None or known.score is None or known.information is None:
        return step
    best, least, enough = step, math.inf, 0.0
    for _ in range(REFINEMENTS):
        with np.errstate(over="ignore", invalid="ignore"):
            score = sample.evaluate(here.theta + step, 1).score
            assert score is not None
            curved = (score - known.score + times(known.information, step)) / share
            further = factor.solve(here.score + curved) - step
            error = _length(here, further)
        if not error < least:
            break
        enough = enough or ENOUGH * error
        best, least, step = step, error, step + further
        if error <= enough:
            break
    return best


def _length(here: Point, step: FloatArray) -> float:
    """The length of a step in standard errors."""
    return math.sqrt(max(float(step @ times(here.information, step)), 0.0))
