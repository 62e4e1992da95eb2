"""Functions of coefficients: the delta method."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mnlstat.errors import OptionError, RankError, SeparationError
from mnlstat.inference.distributions import normal_quantile, t_quantile, two_sided_p
from mnlstat.inference.hypotheses import TestResult
from mnlstat.inference.nonlinear import Functions, functions_of
from mnlstat.inference.restrictions import Restrictions
from mnlstat.options import check_alpha, named, named_options
from mnlstat.report.tables import with_origin
from mnlstat.results.analysed import Analysed
from mnlstat.results.tested import NO_TEST


class Functional(Analysed):
    """Results of whose coefficients functions can be taken."""

    @named_options
    def nlcom(self, expression: Any, *, alpha: float = 0.05) -> pd.DataFrame:
        """Functions of coefficients with standard errors, by the delta method.

        ``g(b)`` has the variance ``G V G'`` with ``G = dg/db'``, which is computed along with ``g``
        (forward-mode differentiation): exact, but for rounding.

        Parameters
        ----------
        expression : str or sequence of str
            ``"exp(car:income) / bus:income"``; several with commas.  Coefficients are named as in
            :meth:`test`; there are numbers, ``+ - * / **``, exp, log, sqrt, abs and parentheses.
        alpha : float
            One minus the level of the intervals.

        Returns
        -------
        DataFrame
            A row for each; columns expression, estimate, std_error, statistic (estimate over
            standard error), p_value, conf_low, conf_high.

        Raises
        ------
        OptionError
            For what cannot be read, for other functions, and where one has no value or no
            derivative at the estimates.
        RankError, SeparationError
            For coefficients that are aliased or infinite.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("vote ~ age + educ", mn.datasets.anes96()).fit()
        >>> res.nlcom("exp(10 * 1:educ)")[["estimate", "std_error"]].round(3)
           estimate  std_error
        0     3.432      1.447
        """
        level = check_alpha(alpha)
        found = self._functions("nlcom()", expression, equations=False)
        covariance = self.estimates.covariance.of(found.gradients)
        errors, df = covariance.standard_errors(), covariance.df
        errors = np.where(self.estimates.rounding(found.gradients), np.nan, errors)
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = np.where(errors > 0, found.values / errors, np.nan)
        reach = (normal_quantile(level) if df is None else t_quantile(level, df)) * errors
        frame = pd.DataFrame(
            {
                "expression": found.texts,
                "estimate": found.values,
                "std_error": errors,
                "statistic": statistic,
                "p_value": two_sided_p(statistic, df),
                "conf_low": found.values - reach,
                "conf_high": found.values + reach,
            }
        )
        return with_origin(frame, self)

    @named_options
    def test_nonlinear(self, hypothesis: Any) -> TestResult:
        """Wald test of ``g(b) = 0``, with derivatives as in :meth:`nlcom`.

        It depends on how the hypothesis is written (Gregory & Veall 1985): ``a / b = 1`` and
        ``a = b`` have different statistics.

        Parameters
        ----------
        hypothesis : str or sequence of str
            Equations of functions, ``"car:income / bus:income = 2"``; a function alone is set to
            zero.  Several, with commas, are tested together.

        Returns
        -------
        TestResult
            ``g'(G V G')^-1 g``, chi-squared, or the F made of it where the covariance has degrees
            of freedom.

        Raises
        ------
        OptionError, RankError, SeparationError
            As :meth:`nlcom` and :meth:`test`.

        References
        ----------
        Gregory, A. W. & Veall, M. R. (1985). Formulating Wald tests of nonlinear restrictions.
        *Econometrica* 53, 1465-1468.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("vote ~ age + educ", mn.datasets.anes96()).fit()
        >>> print(res.test_nonlinear("exp(1:educ) = 1"))
        Wald test of exp(1:educ) = 1
        chi2(1) = 7.5683, P = 0.006
        """
        found = self._functions("test_nonlinear()", hypothesis, equations=True)
        text = ", ".join(dict.fromkeys(found.texts))
        G = found.gradients
        return self.estimates.test_estimated(
            Restrictions(G, G @ self.estimates.values - found.values, text)
        )

    def _functions(self, caller: str, given: Any, *, equations: bool) -> Functions:
        """Functions of the p estimated coefficients."""
        if self.shrinkage is not None:
            raise OptionError("no-test-of-ridge", f"{caller}: {NO_TEST}")
        estimates, labels = self.estimates, list(self.index)
        full = np.zeros(len(labels))
        full[estimates.kept] = estimates.values
        infinity = estimates.infinity
        finite = np.ones(len(labels), dtype=bool)
        if infinity is not None:
            finite[estimates.kept] = infinity.finite

        def check(at: int) -> None:
            name = f"{named(labels[at][0])}:{named(labels[at][1])}"
            if not estimates.kept[at]:
                raise RankError(
                    "aliased-restriction",
                    f"{caller}: {name} is not estimated: its column is aliased.",
                )
            if not finite[at]:
                raise SeparationError(
                    "infinite-restriction",
                    f"{caller}: {name} is infinite, because the data are separated.\n"
                    "Ask for functions of finite coefficients, or fit(penalty='jeffreys').",
                )

        found = functions_of(given, labels, full, check, equations=equations)
        return Functions(found.texts, found.values, found.gradients[:, estimates.kept])
