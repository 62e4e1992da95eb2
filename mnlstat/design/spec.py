"""What the data taught: enough to make the same design of any new data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.design import words
from mnlstat.design.derivative import DesignDerivative, tell
from mnlstat.design.effect_rows import DesignChange, derivative_of, varied
from mnlstat.design.frames import as_array, as_frame, is_table, with_text_names
from mnlstat.design.new_rows import NewRows, read_rows
from mnlstat.design.offsets import LearnedOffset
from mnlstat.design.opened import opened
from mnlstat.design.plan import Plan, Term
from mnlstat.design.predictors import (
    Factor,
    LearnedFactor,
)
from mnlstat.design.response import Response
from mnlstat.design.scope import Outside, warn
from mnlstat.design.used import LearnedColumn, check_there
from mnlstat.design.variables import Variable, variable_of
from mnlstat.design.written import written
from mnlstat.errors import DataError, MissingDataWarning

__all__ = ["Design", "DesignSpec", "Factor", "Term"]


@dataclass(frozen=True, eq=False)
class Design:
    """Design rows of new data.

    Attributes
    ----------
    X : (n, k) float64, Fortran order
        One row for each row of the data; NaN where the row is not complete.
    index : Index
        Row labels of the data.
    complete : (n,) bool
        False where something the formula reads is missing.
    offset : (n, J) array, optional
        Of the rows; NaN where a column of it is missing.
    """

    X: FloatArray
    index: Any
    complete: BoolArray
    offset: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class DesignSpec:
    """The learned design: frozen, picklable, without the data.

    Attributes
    ----------
    formula : str
        On one line.
    right_side : str
        The predictors as written.
    response : Response
        Outcomes in order, base.
    columns : tuple of str
        Names of the k design columns.
    terms : tuple of Term
        Terms and their columns.
    factors : tuple of Factor
        Categorical factors with levels and reference.
    variables : tuple of str
        Data columns that the right side reads.
    """

    formula: str
    right_side: str
    response: Response
    columns: tuple[str, ...]
    terms: tuple[Term, ...]
    factors: tuple[Factor, ...]
    variables: tuple[str, ...]
    learned_columns: tuple[LearnedColumn, ...]
    learned_factors: tuple[LearnedFactor, ...]
    plan: Plan
    takes_arrays: bool = False
    offset: LearnedOffset | None = None

    @property
    def outside(self) -> tuple[Outside, ...]:
        """What the formula uses of the caller's names."""
        expressions = [factor.expression for factor in self.learned_factors]
        if self.offset is not None and self.offset.terms is not None:
            expressions += self.offset.terms.expressions
        return tuple(each for expression in expressions for each in expression.outside)

    def with_base(self, label: object) -> DesignSpec:
        """Return the same design with another base outcome."""
        return replace(self, response=self.response.with_base(label))

    def design(self, data: Any, lost: dict[str, int] | None = None) -> Design:
        """Return the design of new data, one row for each row of the data.

        Parameters
        ----------
        data : table
            Anything :func:`~mnlstat.design.opened.opened` takes; further columns, another
            order of columns, text for categories are all the same.  A model of arrays also takes
            a 2-D array with its number of columns.
        lost : dict, optional
            Where to count, by term, rows that a term made missing, instead of warning of them.

        Returns
        -------
        Design
            Rows with a missing value are NaN and not ``complete``.

        Raises
        ------
        DataError
            A missing column, an unseen level, a wrong type or an infinite value.
        """
        rows = self.rows(data)
        n_outcomes = len(self.response.labels)
        offset = None if self.offset is None else self.offset.of(rows.frame, n_outcomes)
        counts = dict[str, int]() if lost is None else lost
        X = written(self.plan, self.learned_factors, rows, counts)
        if lost is None:
            for name, n in counts.items():
                warn(MissingDataWarning("made-missing", words.made_missing(name, n)))
        return Design(X, rows.index, rows.complete & ~np.isnan(X[:, 0]), offset)

    def rows(self, data: Any) -> NewRows:
        """Return the columns of new data that are read, checked.

        :meth:`design`, :meth:`derivative` and :meth:`vary` take them for the data.
        """
        if isinstance(data, NewRows):
            return data
        return read_rows(self._frame(data), self.variables, self.learned_columns)

    def matrix(self, rows: NewRows) -> FloatArray:
        """Return the design (n, k) of rows, NaN in those that are not complete."""
        return written(self.plan, self.learned_factors, rows, {})

    def variable(self, name: str, data: Any = None) -> Variable:
        """Return how the formula reads a data column.

        Parameters
        ----------
        name : str
        data : table, optional
            Whether numbers are 0 and 1 only is told of these rows; without them it is not known.

        Raises
        ------
        OptionError
            When no predictor reads the column.
        """
        found = variable_of(self, name)
        return found if data is None else found.seen_in(self.rows(data))

    @property
    def predictors(self) -> tuple[Variable, ...]:
        """How the formula reads each of its data columns, in the order of the formula."""
        return tuple(map(self.variable, self.variables))

    def derivative(
        self, data: Any, name: str, *, offset: bool = False, quiet: bool = False
    ) -> DesignDerivative:
        """Return the derivative of design rows in a data column, through the formula.

        Interactions, powers, logarithms, polynomials and splines are functions of the column, and
        the derivative of a product is ``d(ab) = da b + a db``.  Known functions are
        differentiated by rules, other code by differences (:mod:`mnlstat.design.differences`).

        Parameters
        ----------
        data : table, or what :meth:`rows` gave
        name : str
            A column of numbers.
        offset : bool
            Whether the caller takes account of the derivative of the offset; otherwise a column
            that the offset reads is refused.
        quiet : bool
            Whether to leave warnings of steps, kinks and accuracy to the caller, who finds them
            in what is returned.

        Raises
        ------
        OptionError
            For a column that no predictor reads, or reads as categories or in a way that has no
            derivative.
        DataError
            As :meth:`design`, and where the derivative is infinite.

        References
        ----------
        Griewank, A. & Walther, A. (2008). *Evaluating Derivatives*, 2nd ed., SIAM, chapter 3.

        Examples
        --------
        >>> from mnlstat.design.prepare import prepare
        >>> data = {"y": list("abba"), "x": [1.0, 2.0, 3.0, 5.0], "z": [0.0, 1.0, 5.0, 2.0]}
        >>> spec = prepare("y ~ x * z", data, scope={}).spec
        >>> found = spec.derivative(data, "x")
        >>> found.columns, found.X[2]
        (array([1, 3]), array([1., 5.]))
        """
        found = derivative_of(self, self.rows(data), name, offset)
        if not quiet:
            tell(found, name)
        return found

    def vary(self, data: Any, values: Mapping[str, Any], *, offset: bool = False) -> DesignChange:
        """Return design rows of data in which columns are replaced.

        Parameters
        ----------
        data : table, or what :meth:`rows` gave
        values : mapping of a column to its new value, or to one value for each row
        offset : bool
            Whether the caller takes account of the new offset; otherwise a column that the offset
            reads is refused.

        Raises
        ------
        OptionError
            For a column that no predictor reads.
        DataError
            For what new data may not hold: an unseen level, text for numbers, infinite values.

        Examples
        --------
        >>> from mnlstat.design.prepare import prepare
        >>> data = {"y": list("abba"), "x": [1.0, 2.0, 3.0, 5.0], "g": list("uvuv")}
        >>> spec = prepare("y ~ x + g", data, scope={}).spec
        >>> found = spec.vary(data, {"g": "v"})
        >>> found.columns, found.X.T
        (array([1]), array([[1., 1., 1., 1.]]))
        """
        return varied(self, self.rows(data), values, offset)

    def _opened_frame(self, data: Any) -> Any:
        """Return a frame of the columns that are read, and perhaps others."""
        table = opened(data)
        for name in self.variables:
            check_there(name, table.columns)
        return table.frame(self.read_names)

    @property
    def read_names(self) -> tuple[str, ...]:
        """Columns that new data must have: those of the predictors and of the offset."""
        offset = () if self.offset is None else self.offset.names
        return tuple(dict.fromkeys([*self.variables, *offset]))

    def _frame(self, data: Any) -> Any:
        """Return new data as a frame; arrays get the names of the columns."""
        if not self.takes_arrays:
            return self._opened_frame(data)
        if is_table(data):
            return with_text_names(as_frame(data))
        values = as_array("the new data", data)
        if values.ndim != 2 or values.shape[1] != len(self.variables):
            raise DataError(
                "columns-differ",
                f"new data must have {len(self.variables)} columns, as X had; their shape is"
                f" {values.shape}.",
            )
        return pd.DataFrame(values, columns=list(self.variables))
