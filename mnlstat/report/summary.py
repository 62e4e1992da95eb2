"""The summary report: its frames, computed once; text and HTML lay them out."""

from __future__ import annotations

import pandas as pd

from mnlstat.options import check_alpha, check_flag, named_options
from mnlstat.report import contents, html, text
from mnlstat.report.fitted import Fitted
from mnlstat.report.tables import tidy, with_origin


class Summary:
    """The report on one fit, ready to print.

    Everything is computed when the summary is made; it keeps frames and sentences, never the
    model or its data, so it can be pickled and printed at any time.

    Parameters
    ----------
    fitted : Fitted
        A fitted multinomial logit.
    alpha : float
        One minus the level of the intervals.
    rrr : bool
        Print relative risk ratios exp(b) instead of coefficients b.
    method : {"wald", "profile", "score"}
        What the intervals are.
    interval : DataFrame, optional
        Those of the coefficients by another method than Wald's, columns conf_low and conf_high.

    Attributes
    ----------
    title, alert : str
        The first lines; ``alert`` is empty unless the fit has a status other than ok.
    header, statistics : tuple of (str, str)
        What was fitted and how; log-likelihood, tests and criteria as text.
    coefficients : DataFrame
        One row per coefficient, as :func:`mnlstat.report.tables.tidy` gives it.
    limits : tuple of str
        For each coefficient its limit where that is not finite: +Inf, -Inf, undet.; else empty.
    turned_back : tuple of (outcome, term)
        Coefficients marked because their Wald test has turned back (Hauck-Donner).
    headings : dict
        For each outcome but the base the heading of its block.
    terms : DataFrame
        Wald test of each term over all equations: columns statistic, df, p_value; df_denom of F.
    notes : tuple of str
        Aliased columns, few events, levels dropped, conditioning.
    by_t : bool
        Whether statistics are t and F in place of z and chi-squared.
    origin : str
        Base, covariance and number of rows, for the caption of any table taken from here.

    Raises
    ------
    OptionError
        ``alpha`` is not between 0 and 1, or ``rrr`` is not True or False.

    Examples
    --------
    >>> import mnlstat as mn
    >>> anes = mn.datasets.anes96()
    >>> summary = mn.mnlogit("vote ~ selfLR + age", anes).fit().summary()
    >>> summary.headings
    {1: '1 vs 0 (n = 393)'}
    """

    def __init__(
        self,
        fitted: Fitted,
        *,
        alpha: float = 0.05,
        rrr: bool = False,
        method: str = contents.WALD,
        interval: pd.DataFrame | None = None,
    ) -> None:
        self.alpha = check_alpha(alpha)
        self.rrr = check_flag("rrr", rrr)
        self.method = method
        self.title = contents.title(fitted)
        self.alert = contents.alert(fitted)
        self.header = contents.header(fitted, method)
        self.statistics = contents.statistics(fitted)
        self.coefficients: pd.DataFrame = tidy(
            fitted, alpha=self.alpha, exponentiate=self.rrr, interval=interval
        )
        self.limits = contents.limits(fitted)
        self.turned_back = fitted.turned_back
        self.headings = {
            outcome: contents.block_heading(fitted, outcome)
            for outcome in fitted.outcomes
            if outcome != fitted.base
        }
        terms = fitted.wald_test_terms()
        if contents.is_ridge(fitted):
            terms = terms[:0]
        self.terms: pd.DataFrame = with_origin(terms.copy(), fitted)
        self.notes = contents.notes(fitted, rrr=self.rrr, method=method)
        self.origin = contents.origin(fitted)
        self.by_t = fitted.df_t is not None
        self._text = text.render(self)

    @named_options
    def as_text(self) -> str:
        """The report in at most 80 columns."""
        return self._text

    @named_options
    def as_html(self) -> str:
        """The report as a fragment of HTML: one table per subject, each with a caption."""
        return html.render(self)

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.as_html()
