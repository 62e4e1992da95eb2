"""The verb ``explain``: which coefficients compare two things, and with what spread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from mnlstat.design.aliasing import Aliasing
from mnlstat.design.level_coding import level_coding
from mnlstat.design.plan import Term
from mnlstat.design.spec import DesignSpec
from mnlstat.options import check_alpha, named_options
from mnlstat.report.explained import Explanation
from mnlstat.report.explaining import explained
from mnlstat.report.fitted import Fitted
from mnlstat.report.plain_sizes import Contrast
from mnlstat.results.sample import Sample
from mnlstat.rows.moments import moments


class Explainable(Fitted, Protocol):
    """A fit, its design, and its rows where it has them."""

    @property
    def spec(self) -> DesignSpec:
        """What the formula learned."""

    @property
    def aliasing(self) -> Aliasing:
        """Which columns are estimated."""

    @property
    def sample(self) -> Sample | None:
        """The rows."""


class Explained:
    """Results that can be told in plain sentences."""

    @named_options
    def explain(self: Explainable, alpha: float = 0.05) -> Explanation:
        """The fit in plain sentences, each with the values that it is made of.

        Who is compared with whom; which rows and columns were left out; odds ratios ``exp(b)``
        per unit, per level and, the strongest, per standard deviation; which intervals hold 1,
        and the Wald test of each term; what the fit does not support.  Of a fit that has not
        ended in a maximum only that is said.

        Parameters
        ----------
        alpha : float
            One minus the level of the intervals, which are Wald's.

        Returns
        -------
        Explanation
            It prints; ``sentences`` holds each with its ``text``, ``values`` and ``about``.
            Standard deviations need a pass over the rows; a result that was loaded without its
            rows does without.

        Raises
        ------
        OptionError
            ``alpha`` is not between 0 and 1.

        Examples
        --------
        >>> import mnlstat as mn
        >>> data = mn.datasets.program_choice()
        >>> told = mn.mnlogit("prog ~ write", data, base="academic").fit().explain()
        >>> round(told.sentences[4].values["ratio"], 2)
        0.94
        """
        level = check_alpha(alpha)
        contrasts, others = _columns(self)
        return explained(self, contrasts, others, level)


def _columns(fit: Explainable) -> tuple[list[Contrast], list[str]]:
    """Columns whose coefficients compare two things, and the terms that have none."""
    spec, deviations = fit.spec, _deviations(fit)
    read = _read(spec)
    tested = set(fit.wald_test_terms().index)
    times = Counter(name for names in read.values() for name in names)
    if spec.offset is not None:
        times.update(spec.offset.names)
    contrasts, others = list[Contrast](), list[str]()
    for term in spec.terms:
        own = spec.columns[term.start : term.stop]
        if term.name not in tested or all(name in fit.aliased for name in own):
            continue
        alone = len(term.factors) == 1 and all(times[name] == 1 for name in read[term.name])
        found = _of_term(spec, term, fit.aliased, deviations) if alone else []
        contrasts += found
        if not found:
            others.append(term.name)
    return contrasts, others


def _of_term(
    spec: DesignSpec, term: Term, aliased: Mapping[str, str], deviations: Mapping[str, float]
) -> list[Contrast]:
    """The columns of a term that shares its variables with no other; empty for curves."""
    own, (name,) = spec.columns[term.start : term.stop], term.factors
    factor = next((each for each in spec.factors if each.name == name), None)
    if factor is None:
        return [Contrast(own[0], deviations.get(own[0]))] if len(own) == 1 else []
    coded = level_coding(spec, name)
    at_zero = np.flatnonzero(~coded.coding.any(axis=1))
    if len(at_zero) != 1 or any(column in aliased for column in own):
        return []
    levels = [at for at in range(len(coded.levels)) if at != at_zero[0]]
    if not np.array_equal(coded.coding[levels], np.eye(len(own))):
        return []
    reference = coded.levels[int(at_zero[0])]
    return [
        Contrast(column, factor=name, level=coded.levels[at], reference=reference)
        for column, at in zip(own, levels, strict=True)
    ]


def _read(spec: DesignSpec) -> dict[str, set[str]]:
    """For each term the data columns that it reads."""
    reads = {
        factor.expression.text.name: {read.column for read in factor.expression.reads}
        for factor in spec.learned_factors
    }
    return {
        term.name: set().union(*(reads.get(name, {name}) for name in term.factors))
        for term in spec.terms
    }


def _deviations(fit: Any) -> dict[str, float]:
    """Standard deviations of the estimated columns; empty without rows."""
    if fit.sample is None:
        return {}
    found = moments(fit.sample.likelihood.rows).deviations(float(fit.nobs))
    return dict(zip(fit.aliasing.names, found.tolist(), strict=True))
