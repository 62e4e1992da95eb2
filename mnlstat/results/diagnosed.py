"""What a result says of itself: how the fit ended, and whether its Wald tests can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from mnlstat.diagnostics.convergence import convergence
from mnlstat.diagnostics.hauck_donner import hauck_donner, turned_back
from mnlstat.errors import DataError
from mnlstat.options import named_options
from mnlstat.report.convergence import ConvergenceReport
from mnlstat.results.fit import Fit
from mnlstat.results.sample import Sample

CURE = (
    "Fit the model again, or save it with include_data=True. Wald tests, contrasts, rebase() and"
    " predict(data) do without rows."
)


@dataclass(frozen=True, eq=False)
class Diagnosed(Fit):
    """A fit that can be looked at: each verb is one call into diagnostics."""

    def _rows(self, purpose: str, cure: str = CURE) -> Sample:
        if self.sample is None:
            raise DataError(
                "data-not-kept",
                f"{purpose} needs the rows of the fit; this result was loaded without its data.\n"
                f"{cure}",
            )
        return self.sample

    @named_options
    def convergence(self) -> ConvergenceReport:
        """How the fit ended: status, score, decrement, correct digits, conditions, trace.

        Takes a pass over the rows, for the Newton step that is left at the estimate; a result that
        was loaded without them says what it still knows.
        """
        likelihood = None if self.sample is None else self.sample.likelihood
        return ConvergenceReport(convergence(self, likelihood), self.formula, self.base)

    @named_options
    def hauck_donner(self) -> pd.DataFrame:
        """Whether Wald statistics have turned back: they fall while the coefficient grows.

        For ``W_j = b_j / se_j``, with the standard error by the information at ``b``, the exact
        derivative ``dW_j/db_j``, the other coefficients held fixed.  Where it is negative, W falls
        as the coefficient grows, and the Wald test says less than there is: test by likelihood
        ratio.  Where a column is far from zero that derivative says more of the origin of the
        column than of the test; the second one does not depend on it.

        Returns
        -------
        DataFrame
            A row for each coefficient, index (outcome, term); columns derivative; flag, whether it
            is negative; and profile_derivative, the same where the other coefficients follow so
            that the likelihood stays as large as it can.

        Raises
        ------
        SeparationError, ConvergenceError, DataError
            When there are no Wald tests, or not by the information; without the rows of the fit.

        References
        ----------
        Hauck, W. W. & Donner, A. (1977). Wald's test as applied to hypotheses in logit analysis.
        *Journal of the American Statistical Association* 72, 851-853.
        Yee, T. W. (2022). On the Hauck-Donner effect in Wald tests: detection, tipping points, and
        parameter space characterization. *Journal of the American Statistical Association* 117,
        1763-1774.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("vote ~ selfLR + age", mn.datasets.anes96()).fit()
        >>> bool(res.hauck_donner()["flag"].any())
        False
        """
        return hauck_donner(self, self._rows("hauck_donner()").likelihood)

    @cached_property
    def turned_back(self) -> tuple[tuple[Any, str], ...]:
        """Coefficients (outcome, term) whose Wald test has turned back; the summary marks them.

        By both derivatives of ``hauck_donner()``.  Looked for where ``|b_j| max_i |x_ij|`` is at
        least two (below that it cannot be) and where that is cheap.
        """
        if self.known_turned_back is not None:
            return self.known_turned_back
        return turned_back(self, None if self.sample is None else self.sample.likelihood)
