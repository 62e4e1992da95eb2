"""The summary report: its frames, computed once; text and HTML lay them out."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mnlstat.options import check_alpha, check_flag, named_options
from mnlstat.report import contents, html, text
from mnlstat.report.fitted import Fitted
from mnlstat.report.publish.fits import fits_table
from mnlstat.report.publish.publishable import Publishable
from mnlstat.report.publish.table import Table
from mnlstat.report.tables import glance, tidy, with_origin


class Summary(Publishable):
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
    glance : DataFrame
        Statistics of the fit, unrounded, one row as :func:`mnlstat.report.tables.glance` gives it.
    base : label
        The outcome that coefficients are against.
    pseudo, no_slopes : bool
        Whether a pseudo-likelihood was maximised; whether there is nothing but constants.

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
        self.glance: pd.DataFrame = glance(fitted)
        self.base = fitted.base
        self.pseudo = contents.is_pseudo(fitted)
        self.no_slopes = contents.no_slopes(fitted)
        self._text = text.render(self)

    @named_options
    def as_text(self) -> str:
        """The report in at most 80 columns."""
        return self._text

    @named_options
    def as_html(self) -> str:
        """The report as a fragment of HTML: one table per subject, each with a caption."""
        return html.render(self)

    @named_options
    def table(
        self,
        *,
        layout: str = "long",
        show: Any = None,
        place: str | None = None,
        digits: int | None = None,
        stars: Any = False,
        labels: Any = None,
        stats: Any = None,
        title: str | None = None,
    ) -> Table:
        """The coefficients as a table for a paper, which prints in every format.

        Parameters
        ----------
        layout : {"long", "wide"}
            A block of rows for each outcome, or outcomes side by side.
        show : {"std_error", "statistic", "p_value", "interval", "none"} or several, optional
            What stands with each coefficient; all four, wide the standard error, by default.
        place : {"below", "beside"}, optional
            Where; beside, wide below, by default.
        digits : int, optional
            Decimals of coefficients, standard errors, intervals and fit statistics; as many as the
            printed summary has by default.
        stars : bool or sequence of float
            Mark p-values below 0.05, 0.01 and 0.001, or below these levels, which fall.
        labels : dict, optional
            Other words for terms and outcomes, ``{"age": "Age in years"}``; for a name that is both
            ``{"term": {...}, "outcome": {...}}``.
        stats : "none", str or sequence of str, optional
            Statistics below: columns of :meth:`glance` such as nobs, log_likelihood, mcfadden_r2,
            aic, bic; these by default.
        title : str, optional

        Returns
        -------
        Table

        Raises
        ------
        OptionError
            For what is none of these.

        Examples
        --------
        >>> import mnlstat as mn
        >>> res = mn.mnlogit("PID ~ age", mn.datasets.anes96()).fit()
        >>> table = res.summary(rrr=True).table(layout="wide", labels={"age": "Age"}, digits=2)
        >>> len(table.heads[0])
        6
        """
        return fits_table(
            [self],
            [""],
            layout=layout,
            show=show,
            place=place,
            digits=digits,
            stars=stars,
            labels=labels,
            stats=stats,
            title=title,
        )

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.as_html()
