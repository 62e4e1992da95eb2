"""One call from a formula to the comparison with another program."""

from __future__ import annotations

from typing import Any

from mnlstat.model import mnlogit
from mnlstat.options import check_options, named_options, options_of
from mnlstat.report.compare import Comparison


@named_options
def compare(formula: str, data: Any, *, other: Any = None, **options: Any) -> Comparison:
    """Fit a model, and lay the fit beside that of statsmodels or of another program.

    Parameters
    ----------
    formula : str
        As for :func:`mnlstat.mnlogit`.
    data : data frame or mapping of columns
        As for :func:`mnlstat.mnlogit`.
    other : optional
        A fitted statsmodels ``MNLogit`` or scikit-learn ``LogisticRegression`` of the same model,
        what nnet, Stata or SAS printed of it, or a table, as :meth:`MNLogitResults.compare` takes
        them; without it statsmodels is run here, on integer codes and on the same design.
    **options
        Options of :func:`mnlstat.mnlogit`, such as ``base`` and ``missing``.

    Returns
    -------
    Comparison
        Prints the two fits side by side; ``agrees(rtol=)``, ``to_frame()``.

    Raises
    ------
    MnlstatError
        What :func:`mnlstat.mnlogit` raises, and the reason where there is nothing to compare.

    Examples
    --------
    >>> import mnlstat as mn
    >>> comparison = mn.compare("vote ~ selfLR + age", mn.datasets.anes96())
    >>> comparison.agrees(rtol=1e-6)
    True
    """
    check_options("compare", options, [*options_of(compare), *options_of(mnlogit)[2:]])
    return mnlogit(formula, data, **options).fit().compare(other)
