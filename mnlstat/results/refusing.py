"""Why a result has no test of some kind, and which it has in place of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mnlstat.errors import (
    ConvergenceError,
    OptionError,
    SeparationError,
)
from mnlstat.inference.degrees import Fixed
from mnlstat.inference.spaces import is_supremum
from mnlstat.inference.trinity import reason_of
from mnlstat.results.remade import Remade

# Reasons against a likelihood ratio that do not hold for the scaled one.
SCALABLE = ("lr-of-pseudo-likelihood", "lr-of-robust")
SCALES = "test(..., kind='Rao-Scott') scales the ratio by design effects"


def penalised(caller: str, *, ratio: bool = True) -> OptionError:
    """Why a penalised fit has no test scaled by design effects; ``ratio`` whether it has one."""
    others = "kind='lr' or kind='wald'" if ratio else "kind='wald'"
    return OptionError(
        "lr-of-penalised",
        f"{caller}: the scores of the rows do not sum to zero at penalised estimates, so that there"
        f" are no design effects.\nAsk for {others}, or fit without penalty=.",
    )


class Refusing(Remade):
    """Results that know which tests they have."""

    @property
    def at_supremum(self) -> bool:
        """Whether there is no finite maximum, and ``llf`` is the supremum of the log-likelihood."""
        return self.separated is not None or is_supremum(self.optimum)

    def _check_scaled(self, caller: str) -> None:
        """Refuse a fit whose likelihood ratio has no scale."""
        if self.penalty is not None:
            raise penalised(caller, ratio=not self.robust)
        if self.at_supremum:
            raise SeparationError(
                "separated",
                f"{caller}: the data are separated; at infinity there are no design effects.\n"
                "Fit with penalty='jeffreys' and ask for kind='wald'.",
            )
        if not self.converged:
            raise ConvergenceError(
                "not-a-maximum", f"{caller}: the fit did not reach its maximum: {self.status}."
            )

    def _no_ratio(self, caller: str) -> OptionError | ConvergenceError | None:
        """Why there is no likelihood-ratio test of this result."""
        if self.pseudo:
            sampling = self.weights is not None and self.weights.startswith("sampling")
            why = "sampling weights" if sampling else "shares"
            return OptionError(
                "lr-of-pseudo-likelihood",
                f"{caller}: {why} make a pseudo-likelihood, whose ratio is no test.{self._cure}",
            )
        if self.robust:
            return OptionError(
                "lr-of-robust",
                f"{caller}: the covariance ({self.cov_type}) does not rely on the likelihood, and a"
                f" likelihood ratio does.{self._cure}",
            )
        if not (self.converged or self.at_supremum) or not np.isfinite(self.llf):
            return ConvergenceError(
                "not-a-maximum",
                f"{caller}: the fit did not reach its maximum: {self.status}.",
            )
        return None

    def _refused(self, caller: str) -> dict[str, str]:
        """Why there is no test of some kinds, whatever the hypothesis."""
        found = {}
        if (refused := self._no_ratio(caller)) is not None:
            found["lr"] = reason_of(refused, caller)
            if refused.code in SCALABLE and self._scalable:
                found["lr"] += " kind='Rao-Scott' scales it."
        try:
            self._check_errors(caller)
        except SeparationError as error:
            found["wald"] = reason_of(error, caller)
        return found

    def _check_errors(self, caller: str) -> None:
        """Refuse a Wald test of separated data that have no standard errors.

        Where a fit has not ended, or is exact, a warning has said that tests are NaN.
        """
        covariance = self.estimates.covariance
        if self.separated is not None and not covariance.known:
            raise SeparationError(
                "separated",
                f"{caller}: the data are separated, and there are no standard errors"
                f" ({covariance.kind}).\nThose of the limit are those of a fit without cov_type=.",
            )

    @property
    def _cure(self) -> str:
        """What to ask for in place of a likelihood ratio, as the last line of a message."""
        found = list(self._instead())
        if not found:
            return "\nFit the model again for another covariance."
        asked = " or ".join(each for each in found if each != SCALES)
        return f"\nAsk for {asked}{f'; {SCALES}' if SCALES in found else ''}."

    def _instead(self) -> Iterator[str]:
        """Tests that this result has where it has no likelihood ratio."""
        kinds = []
        if self.estimates.covariance.known:
            kinds.append("kind='wald'")
        if self._remade:
            kinds.append("kind='score'")
        yield from kinds
        if not self.pseudo and self.sample is not None and self._has_information:
            yield "res.with_cov('observed') for it"
        if self._scalable:
            yield SCALES

    @property
    def _has_information(self) -> bool:
        return self.status.ok or self.separated is not None or self.penalty is not None

    @property
    def _remade(self) -> bool:
        """Whether its covariance can be made under a hypothesis, as a score test needs."""
        if self.sample is None or self.penalty is not None:
            return False
        options = self.sample.covariance
        if options is not None:
            return not options.replicated
        return self._has_own_covariance

    @property
    def _scalable(self) -> bool:
        """Whether its likelihood ratio has design effects."""
        covariance = self.estimates.covariance
        by_contrast = not (covariance.degrees is None or isinstance(covariance.degrees, Fixed))
        if self.sample is None or by_contrast or not covariance.known:
            return False
        try:
            self._check_scaled("test()")
        except (ConvergenceError, OptionError, SeparationError):
            return False
        return True
