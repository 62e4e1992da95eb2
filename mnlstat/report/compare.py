"""Two finished fits of one model, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from mnlstat.options import check_positive, named_options
from mnlstat.report import compare_html, compare_text
from mnlstat.report.agreement import Distances, other_rows, values, verdict
from mnlstat.report.facts import NAN, FitFacts

FRAME_COLUMNS = (
    "quantity",
    "outcome",
    "term",
    "ours",
    "theirs",
    "difference",
    "difference_in_se",
)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two fits of the same model, by different software, laid side by side.

    Attributes
    ----------
    ours, theirs : FitFacts
        The two fits, with the same base and the same index (outcome, term).

    Notes
    -----
    Coefficients are compared relative to themselves or to their standard error, whichever is
    larger. Score and log-likelihood of both solutions come from one function, mnlstat's, so that
    they say which solution is right when the two differ.

    Examples
    --------
    >>> import mnlstat as mn
    >>> anes = mn.datasets.anes96()
    >>> comparison = mn.mnlogit("vote ~ selfLR + age", anes).fit().compare()
    >>> comparison.agrees(rtol=1e-6)
    True
    """

    ours: FitFacts
    theirs: FitFacts

    @property
    def formula(self) -> str:
        """The model, as the first fit knows it."""
        return self.ours.formula

    @cached_property
    def distances(self) -> Distances:
        """Relative distances between the fits."""
        return Distances.between(self.ours, self.theirs)

    @property
    def verdict(self) -> str:
        """Whether the fits agree and, where not, which one is nearer the maximum."""
        return verdict(self.ours, self.theirs, self.distances)

    @property
    def max_probability_difference(self) -> float:
        """Largest absolute difference between fitted probabilities."""
        return self.distances.probabilities

    @named_options
    def agrees(self, rtol: float = 1e-6) -> bool:
        """Whether coefficients, standard errors and log-likelihood agree.

        Parameters
        ----------
        rtol : float
            Relative tolerance. A coefficient may differ by ``rtol`` times itself or its standard
            error, whichever is larger.

        Returns
        -------
        bool
            False whenever a number of either fit is NaN or the fits use different rows.  What the
            other software does not report at all is left out, as ``verdict`` says; digits that it
            does not print are no difference.

        Raises
        ------
        OptionError
            ``rtol`` is not a finite number above zero.
        """
        tolerance = check_positive("rtol", rtol)
        return not other_rows(self.ours, self.theirs) and self.distances.within(tolerance)

    @cached_property
    def coefficients(self) -> pd.DataFrame:
        """One row per coefficient: both estimates, both standard errors, the differences."""
        a, b = values(self.ours.params), values(self.theirs.params)
        se_a, se_b = values(self.ours.bse), values(self.theirs.bse)
        with np.errstate(divide="ignore", invalid="ignore"):
            columns = {
                "estimate_ours": a,
                "estimate_theirs": b,
                "difference": b - a,
                "difference_in_se": (b - a) / se_a,
                "std_error_ours": se_a,
                "std_error_theirs": se_b,
                "std_error_difference": se_b - se_a,
            }
        return pd.DataFrame(columns, index=self.ours.params.index)

    @cached_property
    def statistics(self) -> pd.DataFrame:
        """One row per number of the fit as a whole; columns ours, theirs, difference."""
        rows = [
            _both("nobs", self.ours.nobs, self.theirs.nobs),
            _both("log_likelihood", self.ours.llf, self.theirs.llf),
            _both("log_likelihood_null", self.ours.llnull, self.theirs.llnull),
            _both("aic", self.ours.aic, self.theirs.aic),
            _both("bic", self.ours.bic, self.theirs.bic),
            _both(
                "log_likelihood_by_mnlstat",
                self.ours.judgement.loglike,
                self.theirs.judgement.loglike,
            ),
            ("max_probability_difference", NAN, NAN, self.max_probability_difference),
            _both("score_norm", self.ours.score_norm, self.theirs.score_norm),
            _both("score_in_se", self.ours.decrement, self.theirs.decrement),
            *(
                _both(
                    f"seconds_{part}",
                    self.ours.seconds.get(part, NAN),
                    self.theirs.seconds.get(part, NAN),
                )
                for part in ("fit", "inference")
            ),
        ]
        names = ("quantity", "ours", "theirs", "difference")
        return pd.DataFrame(rows, columns=list(names)).set_index("quantity")

    @named_options
    def to_frame(self) -> pd.DataFrame:
        """Everything compared, one row per number.

        Returns
        -------
        DataFrame
            Columns quantity, outcome, term, ours, theirs, difference (theirs minus ours),
            difference_in_se (estimates only). Quantity is ``estimate``, ``std_error`` or the name
            of a number of the whole fit, which has neither outcome nor term.
        """
        table = self.coefficients
        labels = table.index.to_frame(index=False)
        estimates = labels.assign(
            quantity="estimate",
            ours=table["estimate_ours"].to_numpy(),
            theirs=table["estimate_theirs"].to_numpy(),
            difference=table["difference"].to_numpy(),
            difference_in_se=table["difference_in_se"].to_numpy(),
        )
        std_errors = labels.assign(
            quantity="std_error",
            ours=table["std_error_ours"].to_numpy(),
            theirs=table["std_error_theirs"].to_numpy(),
            difference=table["std_error_difference"].to_numpy(),
            difference_in_se=NAN,
        )
        whole = self.statistics.reset_index().assign(outcome=None, term=None, difference_in_se=NAN)
        parts = [
            part[list(FRAME_COLUMNS)].astype({"outcome": object, "term": object})
            for part in (estimates, std_errors, whole)
        ]
        return pd.concat(parts, ignore_index=True)

    @named_options
    def as_text(self) -> str:
        """The comparison in at most 80 columns."""
        return compare_text.render(self)

    @named_options
    def as_html(self) -> str:
        """The comparison as a fragment of HTML."""
        return compare_html.render(self)

    def __str__(self) -> str:
        return self.as_text()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.as_html()


def _both(name: str, ours: float, theirs: float) -> tuple[str, float, float, float]:
    return name, float(ours), float(theirs), float(theirs) - float(ours)
