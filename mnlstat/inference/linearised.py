"""Covariance of a survey's estimates by Taylor linearisation."""

from __future__ import annotations

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.design.groups import OPTIONS
from mnlstat.design.sampled import Drawn, Sampled
from mnlstat.errors import DataError, RankError
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.degrees import Fixed
from mnlstat.inference.sandwich import sandwich
from mnlstat.inference.survey_options import ADJUST, AVERAGE, ERROR, REMOVE, SurveyDesign
from mnlstat.likelihood.clustered import KnownGroups, cluster_scores
from mnlstat.likelihood.units import Units
from mnlstat.memory import check_room

NAMED = 3
LONELY = {
    REMOVE: "adds nothing to the variance",
    ADJUST: "is taken about the mean of all PSUs",
    AVERAGE: "adds the average of the other strata",
}


def linearised(design: SurveyDesign, sample: Sampled, units: Units) -> Covariance:
    r"""``I^-1 M I^-1`` with the variance of the total of scores under the design.

    :math:`M = \sum_h (1 - f_h) n_h/(n_h - 1) \sum_c (z_{hc} - \bar z_h)(z_{hc} - \bar z_h)'`, with
    :math:`z_{hc}` the sum of weighted scores of a PSU.  ``vadjust`` multiplies it by
    ``(n - 1)/(n - p)``, n being the rows of the design: of a subpopulation also those outside of
    it, whose weights are zero.

    Raises
    ------
    DataError
        For strata of one PSU, unless the design says what to do with them.
    RankError
        When there are no degrees of freedom.

    References
    ----------
    Binder, D. A. (1983). International Statistical Review 51, 279-292.
    """
    check_drawn(design, sample)
    scores = _totals(sample, units)
    return of_middle(
        design, sample, units, middle_of(design.lonely, sample, sample.stratum, scores)
    )


def check_drawn(design: SurveyDesign, sample: Drawn) -> None:
    """Refuse what tells nothing of the variance.

    Raises
    ------
    DataError, RankError
        As :func:`linearised`.
    """
    _check_lonely(design, sample)
    if sample.df < 1:
        raise RankError(
            "no-residual-df",
            f"survey: {sample.psus} PSUs in {len(sample.labels)} strata leave no degrees of"
            f" freedom.\n{_no_second(sample)}",
        )


def of_middle(design: SurveyDesign, sample: Drawn, units: Units, middle: FloatArray) -> Covariance:
    """``F B F'`` for the variance B (d, d) of the total of scores."""
    n, p = sample.rows, units.free
    factor = 1.0
    if design.vadjust:
        if not n > p:
            raise RankError(
                "no-residual-df",
                f"vadjust: (n-1)/(n-p) has no value for {n} rows, {p} coefficients.",
            )
        factor = (n - 1.0) / (n - p)
    said = f"survey, linearised, {_design(sample)}{', times (n-1)/(n-p)' * design.vadjust}"
    V = sandwich(units.root, middle, factor, said)
    return Covariance(V.root, said, Fixed(float(sample.df), adjusted=True), _notes(design, sample))


def middle_of(lonely: str, sample: Drawn, stratum: IntArray, scores: FloatArray) -> FloatArray:
    """B (d, d) of the totals of scores of PSUs (P, d) in strata (P,)."""
    sizes = sample.sizes
    totals = np.empty((len(sizes), scores.shape[1]))
    for at, column in enumerate(scores.T):
        totals[:, at] = np.bincount(stratum, column, len(sizes))
    about = scores - (totals / sizes[:, None])[stratum]
    weighted = about * factors(sample)[stratum][:, None]
    of_strata: FloatArray = weighted.T @ about
    return of_strata + of_lonely(lonely, sample, totals, of_strata)


def factors(sample: Drawn) -> FloatArray:
    """``(1 - f_h) n_h/(n_h - 1)`` (H,)."""
    found: FloatArray = (1.0 - sample.fraction) * sample.sizes / np.maximum(sample.sizes - 1, 1)
    return found


def of_lonely(lonely: str, sample: Drawn, totals: FloatArray, of_strata: FloatArray) -> FloatArray:
    """What strata of one PSU add to B, from the totals of the strata (H, d)."""
    alone, sizes = sample.lonely, sample.sizes
    if lonely == AVERAGE:
        return np.asarray(of_strata * (alone.sum() / (sizes > 1).sum()), dtype=float)
    if lonely != ADJUST:
        return np.zeros_like(of_strata)
    about = totals[alone] - totals.sum(axis=0) / sizes.sum()
    return np.asarray((about * (1.0 - sample.fraction[alone])[:, None]).T @ about, dtype=float)


def _totals(sample: Sampled, units: Units) -> FloatArray:
    """Sums of scores over PSUs (P, d), zero of those without a row."""
    P = len(sample.stratum)
    check_room(
        8.0 * P * units.dimension,
        f"the scores of {P} PSUs and {units.dimension} coefficients",
        "Leave terms out of the formula.",
    )
    codes = sample.psu if units.places is None else sample.psu[units.places]
    sums = cluster_scores(KnownGroups(units, codes[None, :]))[0]
    scores = np.zeros((P, units.dimension))
    scores[: len(sums)] = sums[:P]
    return scores


def _check_lonely(design: SurveyDesign, sample: Drawn) -> None:
    if design.lonely != ERROR or not sample.lonely.any():
        return
    cure = (
        "Merge strata, or say what to do: lonely='remove' (certainty unit), 'adjust' (about the"
        " mean of all PSUs), 'average' (of the other strata)."
    )
    raise DataError(
        "lonely-psu",
        f"survey: {_lonely(sample)} one PSU only, which tells nothing of the variance within.\n"
        + (cure if sample.df else _no_second(sample)),
    )


def _no_second(sample: Drawn) -> str:
    """What to do where no stratum has a second PSU, so that no choice of ``lonely`` helps."""
    if len(sample.labels) > 1:
        return "No stratum has a second one: merge strata that are alike, or leave strata= out."
    return "Give PSUs of which there are several, or leave psu= out."


def _lonely(sample: Drawn) -> str:
    """``strata 'a', 'b' and 3 more of region have``."""
    at = np.flatnonzero(sample.lonely).tolist()
    if sample.names[1] is None:
        return "the sample has"
    more = f" and {len(at) - NAMED} more" if len(at) > NAMED else ""
    listed = ", ".join(sample.labels[each] for each in at[:NAMED])
    kind, verb = ("stratum", "has") if len(at) == 1 else ("strata", "have")
    column = "" if sample.names[1] in OPTIONS else f" of {sample.names[1]}"
    return f"{kind} {listed}{more}{column} {verb}"


def _design(sample: Drawn) -> str:
    """``183 PSUs dnum in 3 strata stype``."""
    psu, strata = sample.names
    units = f"{sample.psus} PSUs ({'rows' if psu is None else psu})"
    H = len(sample.labels)
    within = "1 stratum" if strata is None else f"{H} strat{'um' if H == 1 else 'a'} ({strata})"
    return f"{units} in {within}"


def _notes(design: SurveyDesign, sample: Drawn) -> tuple[str, ...]:
    psus, strata = sample.psus, len(sample.labels)
    found = [
        f"Design: {sample.df} degrees of freedom, {psus} PSUs less {strata}"
        f" strat{'um' if strata == 1 else 'a'};"
        + (
            f" finite population correction by {sample.correction} of PSUs."
            if sample.correction
            else " no finite population correction."
        )
    ]
    if design.lonely != ERROR and sample.lonely.any():
        said = _lonely(sample)
        found.append(
            f"{said[0].upper()}{said[1:]} one PSU, which {LONELY[design.lonely]}"
            f" (lonely={design.lonely!r})."
        )
    if sample.rows > sample.used:
        left_out = "stratum without any is" if sample.omitted == 1 else "strata without any are"
        omitted = f"; {sample.omitted} {left_out} left out" if sample.omitted else ""
        counted = "; n of (n-1)/(n-p) are all of them" if design.vadjust else ""
        found.append(
            f"Subpopulation: {sample.used} of {sample.rows} rows of the design{counted}{omitted}."
        )
    return tuple(found)
