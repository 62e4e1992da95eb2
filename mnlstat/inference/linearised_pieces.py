"""Covariance of a survey's estimates by Taylor linearisation, of rows that are read in pieces."""

from __future__ import annotations

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.design.stream_sampled import StreamDesign
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.in_pieces import grouped_units
from mnlstat.inference.linearised import check_drawn, factors, middle_of, of_lonely, of_middle
from mnlstat.inference.survey_options import SurveyDesign
from mnlstat.likelihood.by_cluster import ELEMENTS
from mnlstat.likelihood.cluster_sums import n_sums, score_products
from mnlstat.likelihood.clustered import cluster_scores
from mnlstat.likelihood.units import Units

ADVICE = "Leave terms out of the formula, or fit a frame."


def linearised_in_pieces(design: SurveyDesign, source: StreamDesign, units: Units) -> Covariance:
    """What :func:`~mnlstat.inference.linearised.linearised` gives, from one pass.

    Sums of scores of each PSU are kept; where rows are the PSUs, of each stratum the sums and
    products.

    Raises
    ------
    DataError, RankError
        As there; for more PSUs than memory holds.
    """
    middle = _of_rows if source.by_row else _of_psus
    return middle(design, source, units)


def _of_psus(design: SurveyDesign, source: StreamDesign, units: Units) -> Covariance:
    d = units.dimension
    grouped = grouped_units(units, source, d, "the scores of PSUs", ADVICE)
    sums = cluster_scores(grouped)[0]
    drawn, _, of_psu = source.drawn()
    check_drawn(design, drawn)
    inside = of_psu >= 0
    scores = np.zeros((len(of_psu), d))  # zero of PSUs without a row of the fit
    n = min(len(sums), len(of_psu))
    scores[:n] = sums[:n]
    middle = middle_of(design.lonely, drawn, of_psu[inside], scores[inside])
    return of_middle(design, drawn, units, middle)


def _of_rows(design: SurveyDesign, source: StreamDesign, units: Units) -> Covariance:
    d = units.dimension
    what = "the products of scores of strata"
    sums = score_products(grouped_units(units, source, n_sums(d), what, ADVICE))
    drawn, strata, _ = source.drawn()
    check_drawn(design, drawn)
    totals, factor = sums.scores[strata], factors(drawn)
    of_strata = -(totals * (factor / drawn.sizes)[:, None]).T @ totals
    at_once = max(ELEMENTS // max(d * d, 1), 1)
    every = np.zeros(len(sums.rows))
    every[strata] = factor
    for start in range(0, len(every), at_once):
        some = slice(start, start + at_once)
        of_strata += np.einsum("h,hde->de", every[some], sums.products(some))
    middle: FloatArray = of_strata + of_lonely(design.lonely, drawn, totals, of_strata)
    return of_middle(design, drawn, units, middle)
