"""What a penalty or constraints add to a fit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pandas as pd

from mnlstat.arrays import FloatArray
from mnlstat.errors import ConvergenceError, OptionError
from mnlstat.inference.constraint_tests import constraint_test
from mnlstat.inference.hypotheses import TestResult
from mnlstat.inference.spaces import Maximum
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.options import check_choice, named_options
from mnlstat.results.tested import WithTests


@dataclass(frozen=True, eq=False)
class Bound(WithTests):
    """A fit whose coefficients may be shrunk by a ridge, or bound by linear constraints."""

    # --- ridge -----------------------------------------------------------------------------

    @named_options
    def penalised_cov(self) -> pd.DataFrame:
        """Inverse of the information plus that of the ridge, ``(I + Lambda)^-1``.

        The covariance of the normal approximation to the posterior, where the ridge is read as the
        log density of a normal prior.  It is no sampling covariance: it leaves out that estimates
        are shrunk, so no test or interval is made of it.

        Raises
        ------
        OptionError
            For a fit without a ridge.
        """
        if self.shrinkage is None:
            raise OptionError(
                "no-ridge",
                "penalised_cov() is that of a fit with penalty=Ridge(...); this one has"
                " cov_params().",
            )
        return replace(self.estimates, covariance=self.shrinkage.covariance).cov_params()

    @property
    def effective_df(self) -> float:
        """Effective degrees of freedom: ``tr(I (I + Lambda)^-1)`` of a ridge, else ``p``."""
        shrinkage = self.shrinkage
        return float(self.statistics.p) if shrinkage is None else shrinkage.effective_df

    # --- constraints -----------------------------------------------------------------------

    @property
    def constraints(self) -> tuple[str, ...]:
        """What binds the coefficients, in words; empty without constraints.

        The words speak of coefficients against ``constraints_base``, whatever the base of this
        result.
        """
        return () if self.constrained is None else self.constrained.texts

    @property
    def constraints_base(self) -> Any:
        """The base outcome of the model that the constraints were given to."""
        return self.base if self.constrained is None else self.outcomes[self.constrained.base]

    @named_options
    def constraints_test(self, kind: str = "score") -> TestResult:
        """Test the constraints of the model against the model without them.

        Parameters
        ----------
        kind : {"score", "lr", "wald"}
            The score (Lagrange multiplier) test needs this fit alone; the others fit the model
            without constraints.  Score and Wald tests are by the covariance of this result, made
            anew; with a robust one, with sampling weights and of shares there is no
            likelihood-ratio test.

        Returns
        -------
        TestResult
            Chi-squared with as many degrees of freedom as there are constraints.

        Raises
        ------
        OptionError
            For a model without constraints; for what cannot be honoured.
        ConvergenceError, SeparationError
            Where a fit that the test needs has not ended in a maximum.
        """
        check_choice("kind", kind, ("score", "lr", "wald"))
        if self.constrained is None:
            raise OptionError(
                "no-constraints",
                "constraints_test() is that of a model with constraints= or parallel=.\n"
                "test() tests a hypothesis of this one.",
            )
        if not (self.converged or (kind == "lr" and self.at_supremum)):
            raise ConvergenceError(
                "constrained-fit",
                f"constraints_test(): the fit under the constraints ended so: {self.status}.",
            )
        refused = self._no_ratio("constraints_test()")
        if kind == "lr" and refused is not None:
            raise refused
        likelihood, values = self._at_fit("constraints_test()")
        return constraint_test(
            kind,
            self.constrained,
            likelihood,
            Maximum(values, self.llf),
            partial(self._covariance_at, "constraints_test()"),
        )

    def _at_fit(self, purpose: str) -> tuple[MultinomialLikelihood, FloatArray]:
        """Likelihood and estimates (p,) against the base that constraints speak of."""
        likelihood = self._rows(purpose).likelihood
        if self.constrained is None or self.constrained.base == likelihood.base:
            return likelihood, self.estimates.values
        estimates = self.estimates.rebased(len(self.aliasing.names), self.constrained.base)
        return replace(likelihood, base=self.constrained.base), estimates.values
