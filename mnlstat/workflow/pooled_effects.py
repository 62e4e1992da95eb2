"""Effects of several imputations of the same data, pooled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from mnlstat.errors import ConvergenceError, DataError
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.effects.estimands import Estimands
from mnlstat.inference.hypotheses import TestResult
from mnlstat.inference.pooled_tests import D1, D2, d1, d2
from mnlstat.inference.rubin import Imputations
from mnlstat.options import check_choice, named_options
from mnlstat.report.effects import Effects


@dataclass(frozen=True, eq=False)
class PooledEffects(Effects):
    """Effects pooled over imputations by Rubin's rules: a table like that of a single fit.

    Ratios are pooled as logarithms; probabilities as they are, with intervals that are symmetric in
    the logit.
    """

    @property
    def imputed(self) -> Imputations:
        """The estimates of each imputation."""
        degrees = self.estimands.covariance.degrees
        assert isinstance(degrees, Imputations)
        return degrees

    @named_options
    def test(self, kind: str = D1) -> TestResult:
        """Test that all effects are zero (all ratios one), jointly.

        ``kind`` is "D1", from the pooled estimates, or "D2", from the Wald statistics of the
        imputations alone; see :meth:`PooledResults.test`.
        """
        check_choice("kind", kind, (D1, D2))
        at = Estimands(self.imputed.mean, self._within).independent()
        chosen = self.imputed.of(np.eye(len(self))[at])
        return (d1 if kind == D1 else d2)(chosen, f"{len(self)} rows of: {self.title}")

    @property
    def _within(self) -> Covariance:
        return replace(self.estimands.covariance, root=self.imputed.within)


def pool_effects(effects: Sequence[Effects], complete: float) -> PooledEffects:
    """Pool tables of effects that are of the same."""
    first = effects[0]
    for at, other in enumerate(effects, start=1):
        _check_alike(first, other, at)
        if not (np.isfinite(other.estimands.values).all() and other.estimands.covariance.known):
            raise ConvergenceError(
                "imputation-without-errors",
                f"pool(): effects of imputation {at} have no value or no standard errors.\n"
                "See the status of its fit; a separated one has them with penalty='jeffreys'.",
            )
    imputed = Imputations(
        np.array([each.estimands.values for each in effects]),
        tuple(each.estimands.covariance.root for each in effects),
        complete,
    )
    covariance = imputed.covariance()
    said = f"{covariance.kind}, of {first.estimands.covariance.kind}; complete-data df {complete:g}"
    kept = {item.name: getattr(first, item.name) for item in fields(Effects)}
    kept["facts"] = tuple(
        (name, said if name == COVARIANCE else text) for name, text in first.facts
    )
    kept["estimands"] = Estimands(imputed.mean, covariance)
    kept["title"] = f"{first.title}, pooled over {len(effects)} imputations"
    return PooledEffects(**kept)


COVARIANCE = "Covariance"


def complete_of(effects: Sequence[Effects]) -> float:
    """Degrees of freedom that these effects have if nothing is missing."""
    known = [each.estimands.covariance.df for each in effects]
    numbers = [df for df in known if df is not None]
    return float(min((float(np.min(df)) for df in numbers), default=math.inf))


def _check_alike(first: Effects, other: Effects, at: int) -> None:
    what = ""
    if other.title != first.title:
        what = f"are {other.title!r}, those of the first {first.title!r}"
    elif list(other.keys.columns) != list(first.keys.columns) or len(other) != len(first):
        what = f"have {len(other)} rows of other keys than the first, which have {len(first)}"
    elif not other.keys.reset_index(drop=True).equals(first.keys.reset_index(drop=True)):
        differs = (other.keys.to_numpy() != first.keys.to_numpy()).any(axis=1)
        row = int(np.flatnonzero(differs)[0]) if differs.any() else 0
        listed = [", ".join(map(str, each.keys.iloc[row])) for each in (other, first)]
        what = f"are of ({listed[0]}) in row {row}, those of the first of ({listed[1]})"
    elif (other.scale, other.alpha, other.adjust) != (first.scale, first.alpha, first.adjust):
        what = "have another scale, alpha or adjustment than the first"
    elif other.estimands.covariance.kind != first.estimands.covariance.kind:
        kinds = [each.estimands.covariance.kind for each in (other, first)]
        what = f"have the covariance {kinds[0]!r}, those of the first {kinds[1]!r}"
    if what:
        raise DataError(
            "imputations-differ",
            f"pool(): effects of imputation {at} {what}.\nAsk for the same of every fit, at values"
            " that do not depend on what was imputed.",
        )
