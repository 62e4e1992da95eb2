"""Intervals of a result: Wald, profile likelihood, score."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.errors import ConvergenceError, OptionError
from mnlstat.inference.distributions import normal_quantile
from mnlstat.inference.likelihood_intervals import PROFILE, SCORE, WALD, Problem
from mnlstat.inference.profiled import Profiled, refuse_fixed
from mnlstat.inference.restrictions import Restrictions, parse, restrictions
from mnlstat.likelihood.ridge import Ridge
from mnlstat.options import check_alpha, check_choice, named, named_options, shown
from mnlstat.report.profile import Profile
from mnlstat.results.covaried import Covaried
from mnlstat.rows.threads import one_blas_thread

METHODS = (WALD, PROFILE, SCORE)


class Profiling(Covaried):
    """Results that have intervals by the likelihood, too."""

    @named_options
    def conf_int(self, alpha: float = 0.05, method: str = WALD, which: Any = None) -> pd.DataFrame:
        """Intervals of the coefficients.

        Parameters
        ----------
        alpha : float
            One minus the level.
        method : {"wald", "profile", "score"}
            ``b -+ z(1 - alpha/2) se`` (a quantile of t in place of z where the covariance has
            degrees of freedom); ``{t : 2 (l - l_p(t)) <= chi2(1, 1 - alpha)}`` with
            ``l_p(t) = max {l : b_j = t}``; ``{t : S(t) <= chi2(1, 1 - alpha)}`` with the score
            statistic S of ``b_j = t``.
        which : str, (outcome, term), or a list of them, optional
            Only some coefficients: ``"outcome:term"``.

        Returns
        -------
        DataFrame
            Columns conf_low, conf_high.  Where the data are separated, profile and score intervals
            have an infinite end, or two; those of a coefficient that constraints fix are that
            value.  NaN where a column is aliased.

        Raises
        ------
        OptionError
            For a method that is not defined for this fit, and for coefficients that are not there.
        ConvergenceError
            Where the fit, or the way to a limit, has not ended in a maximum.
        DataError
            Without the rows of the fit, for all but Wald intervals.

        References
        ----------
        Venzon, D. J. & Moolgavkar, S. H. (1988). A method for computing profile-likelihood-based
        confidence intervals. *Applied Statistics* 37, 87-94.
        Cox, D. R. & Hinkley, D. V. (1974). *Theoretical Statistics*, section 9.3.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("vote ~ selfLR + age", mn.datasets.anes96()).fit()
        >>> res.conf_int(method="profile", which="1:selfLR").round(3)
                        conf_low  conf_high
        outcome term
        1       selfLR     1.038      1.343
        """
        return self._intervals("conf_int", alpha, method, which)

    def _intervals(self, caller: str, alpha: float, method: str, which: Any = None) -> pd.DataFrame:
        """What :meth:`conf_int` gives; messages name the method that was called."""
        level, method = check_alpha(alpha), check_choice("method", method, METHODS)
        chosen = self._chosen(which)
        if method == WALD:
            return self.estimates.conf_int(level).iloc[chosen]
        profiled = self._profiled(f"{caller}(method={method!r})", method)
        place = np.cumsum(self.estimates.kept) - 1
        ends = np.full((len(self.index), 2), np.nan)
        identity = np.eye(len(self.estimates.values))
        with one_blas_thread():
            for at in chosen[self.estimates.kept[chosen]].tolist():
                words = ":".join(map(named, self.index[at]))
                ends[at] = _ends(profiled, identity[place[at]], level, method, words)
        frame = pd.DataFrame(ends, index=self.index, columns=["conf_low", "conf_high"])
        return frame.iloc[chosen]

    def _ends_of(
        self, R: FloatArray, names: Sequence[str], alpha: float, method: str
    ) -> FloatArray:
        """Profile or score intervals (m, 2) of the combinations ``R b`` of the p estimates."""
        profiled = self._profiled(f"method={method!r}", method)
        with one_blas_thread():
            found = [
                _ends(profiled, c, alpha, method, words) if c.any() else (0.0, 0.0)
                for c, words in zip(R, names, strict=True)
            ]
        return np.array(found).reshape(len(R), 2)

    @named_options
    def profile(self, combination: Any, *, alpha: float = 0.05) -> Profile:
        """The profile likelihood of a coefficient, or of a linear combination of several.

        Parameters
        ----------
        combination : str, or (p,) array or Series
            In words, ``"car:income"``, ``"car:income - bus:income"``, ``"2*car:age + 1"``, with
            coefficients named ``outcome:term``; or weights in the order of ``params``.
        alpha : float
            One minus the level of the interval.

        Returns
        -------
        Profile
            Estimate, the ends ``low`` and ``high``, the ``curve`` as a DataFrame, ``plot()``.

        Raises
        ------
        OptionError
            For a combination that cannot be read, or that constraints fix; where there is no
            profile likelihood: robust covariances, sampling weights, shares, a ridge.
        RankError
            For an aliased coefficient.
        ConvergenceError
            Where the fit, or the way along the profile, has not ended in a maximum.
        DataError
            Without the rows of the fit.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("PID ~ educ", mn.datasets.anes96(), base="p3").fit()
        >>> print(res.profile("p6:educ - p0:educ"))
        Profile likelihood of p6:educ - p0:educ, base p3
        estimate                  0.227768
        95% interval, profile     [0.0991607, 0.35806]
        95% interval, Wald        [0.0984383, 0.357099]
        """
        level = check_alpha(alpha)
        c, shift, words = self._function(combination)
        profiled = self._profiled("profile()", PROFILE)
        with one_blas_thread():
            problem = profiled.problem(c)
            if not isinstance(problem, Problem):
                raise refuse_fixed(words)
            low, high = (problem.end(side, level, PROFILE, words) for side in (-1.0, 1.0))
            curve = problem.curve(low, high, level)
        curve["value"] += shift
        wald = self._wald(c, level)
        return Profile(
            words,
            self.base,
            problem.estimate + shift,
            low + shift,
            high + shift,
            wald[0] + shift,
            wald[1] + shift,
            level,
            problem.top,
            curve,
            self.penalty is not None,
        )

    def _wald(self, c: FloatArray, alpha: float) -> tuple[float, float]:
        """The Wald interval of ``c'b``; NaN where that is infinite."""
        infinity = self.estimates.infinity
        if infinity is not None and infinity.signs(c[None])[0] != 0:
            return float("nan"), float("nan")
        value = float(c @ self.estimates.values)
        error = float(self.estimates.covariance.of(c[None]).standard_errors()[0])
        reach = normal_quantile(alpha) * error
        return value - reach, value + reach

    def _function(self, combination: Any) -> tuple[FloatArray, float, str]:
        """Weights (p,) of the estimated coefficients, what is added, and words."""
        labels, kept = list(self.index), self.estimates.kept
        found = restrictions(combination, None, labels, kept, scaled=False)
        if len(found.R) != 1:
            raise OptionError(
                "one-combination",
                f"profile() takes one combination of coefficients, not {len(found.R)}.",
            )
        words = found.text if isinstance(combination, str) else _in_words(found.R[0], labels)
        return found.R[0, kept], -float(found.r[0]), words

    def _chosen(self, which: Any) -> IntArray:
        """Positions of the coefficients that were asked for, in the order of the index."""
        labels = list(self.index)
        if which is None:
            return np.arange(len(labels))
        listed = [which] if isinstance(which, str | tuple) else which
        if not isinstance(listed, Iterable):
            raise _no_coefficient(which, labels)
        found = [self._position(each, labels) for each in listed]
        return np.unique(np.array(found, dtype=np.intp))

    def _position(self, which: Any, labels: list[Any]) -> int:
        """The position of one coefficient."""
        if isinstance(which, tuple) and which in labels:
            return labels.index(which)
        if isinstance(which, str):
            found: Restrictions = parse(which, labels)
            one = found.R.shape[0] == 1 and np.count_nonzero(found.R) == 1
            if one and found.R.sum() == 1.0 and not found.r.any():
                return int(found.R[0].argmax())
        raise _no_coefficient(which, labels)

    def _profiled(self, caller: str, method: str) -> Profiled:
        """The likelihood with what is needed to follow it."""
        self._check_profile(caller, method)
        likelihood = self._rows(caller).likelihood
        return Profiled(
            likelihood,
            self.estimates,
            self.llf,
            self.penalty is not None,
            self.constrained,
        )

    def _check_profile(self, caller: str, method: str) -> None:
        """Refuse where the likelihood tells nothing of intervals."""
        if isinstance(self.penalty, Ridge):
            raise OptionError(
                "no-profile-of-ridge",
                f"{caller}: estimates of a ridge are shrunk on purpose, so that no interval of"
                " their likelihood has its level.\nProfile a fit without penalty.",
            )
        if self.penalty is not None and method == SCORE:
            raise OptionError(
                "no-score-of-penalised",
                f"{caller}: the score statistic of a penalised likelihood has no known"
                " distribution.\nAsk for method='profile'.",
            )
        if self.robust:
            other = "" if self.pseudo else ", or bootstrap()"
            raise OptionError(
                "profile-needs-likelihood",
                f"{caller}: the covariance of this result ({self.cov_type}) does not trust the"
                " likelihood, and an interval of its profile would.\n"
                f"Ask for method='wald'{other}.",
            )
        if self.df_t is not None:
            raise OptionError(
                "profile-needs-likelihood",
                f"{caller}: the profile likelihood is referred to chi-squared; this result was"
                " asked for t and F.\nAsk for method='wald', or leave use_t out.",
            )
        if not self.status.ok and self.separated is None:
            raise ConvergenceError(
                "not-converged", f"{caller}: {self.status.value}; there is no interval around it."
            )


def _ends(
    profiled: Profiled, c: FloatArray, alpha: float, method: str, words: str
) -> tuple[float, float]:
    unit = _unit(profiled, c)
    problem = profiled.problem(c / unit)
    if not isinstance(problem, Problem):
        return unit * problem, unit * problem
    low, high = (problem.end(side, alpha, method, words) for side in (-1.0, 1.0))
    return unit * low, unit * high


def _unit(profiled: Profiled, c: FloatArray) -> float:
    """The power of two next to the standard error of ``c'b``: its square may leave the range."""
    error = float(profiled.estimates.covariance.of(c[None]).standard_errors()[0])
    return float(2.0 ** np.round(np.log2(error))) if 0 < error < np.inf else 1.0


def _no_coefficient(which: Any, labels: list[Any]) -> OptionError:
    return OptionError(
        "unknown-coefficient",
        f"which={shown(which)} is no coefficient, as {':'.join(map(named, labels[-1]))!r} is.\n"
        "profile() takes combinations of several.",
    )


def _in_words(weights: FloatArray, labels: list[Any]) -> str:
    """A combination as a user would write it."""
    parts = [
        f"{weight:+g}*{named(labels[at][0])}:{named(labels[at][1])}"
        for at, weight in enumerate(weights.tolist())
        if weight
    ]
    return " ".join(parts)
