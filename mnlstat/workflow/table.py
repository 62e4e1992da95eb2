"""One table for a paper: fits side by side, effects, predictions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from mnlstat.errors import OptionError
from mnlstat.options import listed_names, named_options, options_of, shown
from mnlstat.report.effects import Effects
from mnlstat.report.margeff import Margeff
from mnlstat.report.publish.effects import effects_table
from mnlstat.report.publish.fits import fits_table
from mnlstat.report.publish.frames import frame_table
from mnlstat.report.publish.table import Table
from mnlstat.results import MNLogitResults

_KINDS = (MNLogitResults, Effects, Margeff)


@named_options
def table(
    models: Any,
    names: Sequence[str] | None = None,
    *,
    layout: str | None = None,
    group: str | None = None,
    show: Any = None,
    place: str | None = None,
    digits: int | None = None,
    stars: Any = None,
    labels: Mapping[Any, Any] | None = None,
    stats: Any = None,
    rrr: bool | None = None,
    alpha: float | None = None,
    method: str | None = None,
    title: str | None = None,
) -> Table:
    """Lay out fits, effects or a frame of predictions as a table for a paper.

    Parameters
    ----------
    models : sequence, or mapping from names
        Results of fits; or what ``margins()`` and its like return; or one of either; or a data
        frame, such as predictions, ``tidy()`` and ``anova()`` give.
    names : sequence of str, optional
        What the models are called; several are (1), (2), ... by default.
    layout : {"wide", "long"}, optional
        Outcomes side by side, or a block of rows for each outcome with the models side by side;
        "wide" for fits, "long" for effects by default.
    group : {"outcome", "model"}, optional
        What stands above in wide tables of several models: outcomes, and under each of them the
        models, or models.
    show, place, digits, stars, labels, stats, title
        As :meth:`mnlstat.report.summary.Summary.table` takes them.
    rrr, alpha, method
        As :meth:`MNLogitResults.summary` takes them: relative risk ratios, level and method of the
        intervals.

    Returns
    -------
    Table
        With ``to_text``, ``to_latex``, ``to_markdown``, ``to_typst``, ``to_html``, ``to_gt``,
        ``to_docx``; ``frame`` and ``statistics`` hold the numbers.

    Raises
    ------
    OptionError
        For what is none of these; for an option that what is given does not have.

    Notes
    -----
    Coefficients against different bases never share a column. The models need not have the same
    rows: the number of rows stands below.

    Examples
    --------
    >>> import mnlstat as mn
    >>> anes = mn.datasets.anes96()
    >>> large = mn.mnlogit("vote ~ age + educ", anes).fit()
    >>> small = large.update(". ~ . - educ")
    >>> print(mn.table([small, large], digits=2, show="none", stats="nobs"))
    Multinomial logistic regressions
    =======================
                     1
                 (1)    (2)
    -----------------------
    Intercept  -0.65  -1.31
    age         0.01   0.01
    educ               0.12
    -----------------------
    N            944    944
    =======================
    Coefficients.
    (1): vote ~ age
    (2): vote ~ age + educ
    Base outcome: 0 (n = 551). N: 944. Covariance: observed information.
    """
    options = _given(
        layout=layout,
        group=group,
        show=show,
        place=place,
        digits=digits,
        stars=stars,
        labels=labels,
        stats=stats,
        title=title,
    )
    summary = _given(rrr=rrr, alpha=alpha, method=method)
    if isinstance(models, pd.DataFrame | pd.Series):
        _refuse_others("a data frame", _given(names=names) | options | summary, frame_table)
        frame = models if isinstance(models, pd.DataFrame) else models.to_frame()
        return frame_table(frame, **options)
    words, each = _named(models, names)
    if group is not None:
        _check_group(layout or ("long" if isinstance(each[0], Effects) else "wide"), len(each))
    if isinstance(each[0], Effects):
        _refuse_others("effects", options | summary, effects_table)
        return effects_table(each, words, **options)
    reports = [one.summary(**summary) for one in each]
    return fits_table(reports, words, **{"layout": "wide"} | options)


def _given(**options: Any) -> dict[str, Any]:
    """The options that were given."""
    return {name: value for name, value in options.items() if value is not None}


def _named(models: Any, names: Any) -> tuple[list[str], list[Any]]:
    """The models and what they are called."""
    if isinstance(models, Mapping):
        if names is not None:
            raise OptionError("names-of-models", "table(): names= are given, and so are the keys.")
        names, models = list(models), list(models.values())
    each = [models] if isinstance(models, _KINDS) else models
    if not isinstance(each, Sequence) or isinstance(each, str) or not each:
        raise _no_models(models)
    each = [one.effects if isinstance(one, Margeff) else one for one in each]
    kind = Effects if isinstance(each[0], Effects) else MNLogitResults
    other = next((one for one in each if not isinstance(one, kind)), None)
    if other is not None:
        raise _no_models(other)
    if names is None and len(each) == 1:
        return [""], each
    if names is None:
        return [f"({at + 1})" for at in range(len(each))], each
    words = listed_names(names)
    if len(set(words)) != len(each) or len(words) != len(each) or not all(map(str.strip, words)):
        raise OptionError(
            "names-of-models",
            f"table(): names={shown(names)} must be {len(each)} different texts, one a model.",
        )
    return words, each


def _check_group(layout: str, n: int) -> None:
    """Refuse ``group`` where it orders nothing."""
    if n == 1 or layout == "long":
        raise OptionError(
            "option-without-use",
            "group= orders outcomes and models that stand side by side: there is one model, or"
            " layout is 'long'.\nLeave it out, or change the other.",
        )


def _no_models(given: Any) -> OptionError:
    return OptionError(
        "not-results",
        f"table() takes results of fits, or effects, or a data frame, not {shown(given)}.\n"
        "Several stand in a list, or in a dict with their names; all are of one kind.",
    )


def _refuse_others(kind: str, given: Mapping[str, Any], function: Callable[..., Table]) -> None:
    """Refuse options that ``function`` does not have."""
    other = next((name for name in given if name not in options_of(function)), None)
    if other is not None:
        why = " (their level: effects.level(alpha))" if other == "alpha" else ""
        raise OptionError(
            "option-without-use",
            f"{other}= is no option of a table of {kind}{why}.\nLeave it out.",
        )
