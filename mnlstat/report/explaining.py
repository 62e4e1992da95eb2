"""Puts the plain sentences of a fit together."""

from __future__ import annotations

from collections.abc import Sequence

from mnlstat.report import plain_facts as facts
from mnlstat.report import plain_sizes as sizes
from mnlstat.report.contents import alert
from mnlstat.report.explained import HEADINGS, UNSUPPORTED, Explanation, Sentence, said
from mnlstat.report.fitted import Fitted


def explained(
    fitted: Fitted, contrasts: Sequence[sizes.Contrast], others: Sequence[str], alpha: float
) -> Explanation:
    """The sentences of a fit.

    Parameters
    ----------
    fitted : Fitted
    contrasts : columns whose coefficients compare two things
    others : terms whose coefficients do not
    alpha : one minus the level of the intervals
    """
    sentences = [*facts.compared(fitted), *facts.left_out(fitted)]
    if not fitted.status.ok and fitted.status.name != "SEPARATED":
        sentences.append(_nothing(fitted))
        return Explanation(fitted.formula, alert(fitted), tuple(sentences))
    found = sizes.ratios(fitted, contrasts, alpha)
    sentences += facts.estimated(fitted)
    sentences += sizes.large(fitted, found, alpha)
    sentences += facts.overall(fitted)
    sentences += sizes.uncertain(fitted, found, alpha)
    sentences += sizes.infinite(fitted)
    sentences += sizes.without_ratio(others)
    sentences += facts.unsupported(fitted)
    sentences.sort(key=lambda each: HEADINGS.index(each.about))
    return Explanation(fitted.formula, alert(fitted), tuple(sentences))


def _nothing(fitted: Fitted) -> Sentence:
    return said(
        UNSUPPORTED,
        "The fit ended so: {status:text} (iterations: {iterations:n}). Nothing else can be said of"
        " it: its coefficients are where the search stopped.",
        iterations=fitted.iterations,
        status=str(fitted.status.value),
    )
