"""The door by formula."""

from __future__ import annotations

from typing import Any

from mnlstat.model.choices import Choices
from mnlstat.model.model import MNLogit
from mnlstat.options import named_options


@named_options
def mnlogit(
    formula: str,
    data: Any,
    *,
    base: Any = None,
    missing: str = "drop",
    rank: str = "drop",
    rank_tol: float = 1e-9,
    n_threads: int | None = None,
    freq_weights: Any = None,
    sampling_weights: Any = None,
    offset: Any = None,
    subset: Any = None,
    constraints: Any = None,
    parallel: Any = None,
) -> MNLogit:
    """Specify a multinomial logit model by a formula and data.

    Parameters
    ----------
    formula : str
        ``"outcome ~ predictors"`` in R's notation, ``.`` standing for all other columns; the left
        side is the outcome: text, categories, booleans or whole numbers.
    data : DataFrame or the like
        pandas, polars (also lazy), Arrow, duckdb, a dict of arrays, or what else narwhals or
        pyarrow can read.  Or what is read in pieces, again for each pass, so that memory does not
        grow with the number of rows: the path of a .parquet or .csv file, of a folder of parquet
        files, or a glob; a pyarrow dataset; a callable that returns a new iterator of frames each
        time it is called.
    base : label, optional
        The outcome that the others are compared with; by default the first, in the order of the
        categories or sorted.
    missing : {"drop", "error"}
        Drop rows in which a value that the formula reads is missing, or refuse them.
    rank : {"drop", "error"}
        Leave out columns that are combinations of others, or refuse them.
    rank_tol : float
        How near to a combination of others, relative to its spread, a column counts as one.
    n_threads : int, optional
        Threads that work on blocks of rows; by default as many as BLAS may use.  The number
        changes no bit of any result.
    freq_weights : str, (rows,) array or Series, optional
        How often each row repeats: a column, or numbers for all rows of the data.  Everything is
        as if the rows were repeated, ``nobs`` the sum of the weights.
    sampling_weights : str, (rows,) array or Series, optional
        How many units each row stands for.  The estimates maximise a pseudo-likelihood; their
        covariance is the sandwich ``c I^-1 (sum w_i^2 s_i s_i') I^-1`` of the row scores ``s_i``
        with ``c = n / (n - 1)`` (Binder 1983, International Statistical Review 51, 279-292); there
        are no likelihood-ratio tests, AIC or BIC.  Rows of weight zero are left out.
    offset : str, mapping, or (rows, J) array or table, optional
        Added to linear predictors with a coefficient of one: ``{outcome: column}``; the name of a
        column, for all outcomes but the base; or numbers for all rows of the data and all outcomes.
        The null model has it, too.  Terms ``offset(z)`` of the formula are added.
    subset : str, or (rows,) bool array or Series, optional
        Use only the rows for which this is true: a condition in the language of the formula,
        ``"age > 30 & region == 'north'"`` (``&``, ``|``, ``!`` or ``and``, ``or``, ``not``, ``in``,
        ``isna(x)``), or a truth value for each row, a Series being aligned by its index.  Rows for
        which it is missing are left out, too; ``res.dropped`` counts both.
    constraints : str or sequence of str, optional
        Linear equations between coefficients named ``outcome:term``, such as
        ``["car:income = bus:income", "train:age = 0"]``, that the estimates fulfil.
    parallel : str or sequence of str, optional
        Terms, or columns, that have one coefficient for all outcomes but the base.

    Returns
    -------
    MNLogit
        Call its ``fit()``.

    Raises
    ------
    FormulaError
        With the guilty part of the formula underlined.
    DataError
        Naming column, rows and reason.
    OptionError
        For an option or a value that does not exist; for constraints that contradict each other,
        follow from each other, or name what is not there.
    OffsetError
        For an offset that is infinite, text, of another shape, or of what is no outcome.
    RankError
        For more columns than rows, and for dependent columns with ``rank="error"``.
    WeightsError
        For weights that are negative, infinite, text, all zero, of another length or index; both
        kinds at once; for numbers instead of the name of a column where data are read in pieces.
    FileFormatError
        For a file that cannot be read, and for parquet without pyarrow.

    Warns
    -----
    AliasedWarning, ConditionWarning, MissingDataWarning, WholeColumnWarning

    Examples
    --------
    >>> import mnlstat as mn
    >>> model = mn.mnlogit("PID ~ educ + income", mn.datasets.anes96(), base="p3")
    >>> model.fit().converged
    True
    """
    choices = Choices.checked(
        missing,
        rank,
        rank_tol,
        n_threads,
        freq_weights,
        sampling_weights,
        offset,
        subset,
        constraints,
        parallel,
    )
    return MNLogit.specified(formula, data, base, choices)
