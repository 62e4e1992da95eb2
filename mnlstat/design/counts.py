"""A response in several columns: how often each outcome was chosen, or its share, row by row."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray, IntArray
from mnlstat.design.expression import Expression
from mnlstat.design.levels import check_distinct
from mnlstat.design.response import CHOICE, COUNTS, SHARES, Response
from mnlstat.design.scope import warn
from mnlstat.design.words import count, where
from mnlstat.errors import DataError, DataWarning, FormulaError
from mnlstat.options import shown

CBIND = "cbind"
# How far from one the shares of a row may add up: what is written with six digits does.
SUM_TOLERANCE = 1e-6
# Rows that all have as many trials as this are perhaps percentages.
HUNDRED = 100
SEVERAL = 3


def outcomes_bound(left: Expression) -> tuple[str, ...] | None:
    """The outcomes that ``cbind(low, mid, many=x + y)`` names; None for any other left side.

    Raises
    ------
    FormulaError
        When it has fewer than two columns.
    """
    tree = ast.parse(left.text.text.strip(), mode="eval").body
    if not (isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name)):
        return None
    if tree.func.id != CBIND or any(out.name == CBIND for out in left.outside):
        return None
    labels = [*map(_label, tree.args), *(str(keyword.arg) for keyword in tree.keywords)]
    if len(labels) < 2:
        said = "cbind() on the left side takes a column for each outcome, two at least."
        raise FormulaError("counts-one-column", left.text.pointed(said))
    return tuple(labels)


def _label(node: ast.expr) -> str:
    """What a column is called: its name, or the expression."""
    match node:
        case ast.Call(func=ast.Name(id="Q"), args=[ast.Constant(value=name)]):
            return str(name)
    return ast.unparse(node)


@dataclass(frozen=True, eq=False)
class Counted:
    """How often each outcome was chosen in each row, or which share it had.

    Attributes
    ----------
    name : what the response is called
    labels : of the columns
    values : (n, J), NaN where missing
    index : labels of the rows
    """

    name: str
    labels: tuple[Any, ...]
    values: FloatArray
    index: Any

    @property
    def missing(self) -> BoolArray | None:
        """Rows without a value."""
        gone: BoolArray = np.asarray(np.isnan(self.values).any(axis=1))
        return gone if gone.any() else None

    @property
    def untried(self) -> BoolArray | None:
        """Rows in which nothing was chosen."""
        untried: BoolArray = np.asarray((self.values == 0).all(axis=1))
        return untried if untried.any() else None

    def of_rows(self, rows: BoolArray) -> Counted:
        """Some of the rows."""
        return replace(self, values=self.values[rows], index=self.index[rows])

    def checked(self) -> Counted:
        """The same, or an error.

        Raises
        ------
        DataError
            For negative and infinite values, and for labels that look alike.
        """
        check_distinct(self.labels, f"response {shown(self.name)}")
        if twice := [label for at, label in enumerate(self.labels) if label in self.labels[:at]]:
            raise DataError(
                "duplicate-column", f"response {shown(self.name)} has {shown(twice[0])} twice."
            )
        self._refuse("response-negative", "negative", self.values < 0)
        self._refuse("infinite-values", "infinite", np.isinf(self.values))
        return self

    def _refuse(self, code: str, what: str, cells: BoolArray) -> None:
        if cells.any():
            at = int(cells.any(axis=0).argmax())
            raise DataError(
                code,
                f"response {shown(self.name)}: {shown(self.labels[at])} is {what}"
                f" ({where(cells[:, at], self.index)}).\nCounts are whole numbers from zero;"
                " shares add up to one.",
            )

    def learned(self, *, base: object, n_dropped: int) -> tuple[Response, IntArray | FloatArray]:
        """The outcomes that occur; the code of each row, or how often each was chosen (n, J).

        Raises
        ------
        DataError
            When fewer than two outcomes occur, and for numbers that are neither counts nor shares.
        OptionError
            When ``base`` is not one of them.
        """
        seen: BoolArray = (self.values != 0).any(axis=0)
        labels = tuple(label for label, there in zip(self.labels, seen, strict=True) if there)
        if len(labels) < 2:
            only = shown(labels[0]) if labels else "none"
            dropped = f" ({count(n_dropped)} dropped)" if n_dropped else ""
            raise DataError(
                "one-outcome",
                f"response {shown(self.name)} has one outcome only, {only}, in"
                f" {count(len(self.values))} used{dropped}; two at least are needed.",
            )
        unseen = tuple(label for label in self.labels if label not in labels)
        kind = self._kind()
        response = Response(self.name, labels, 0, unseen, kind=kind, n_columns=len(self.labels))
        response = response if base is None else response.with_base(base)
        values = self.values[:, seen]
        if kind == CHOICE:
            return response, values.argmax(axis=1)
        return response, np.ascontiguousarray(values)

    def _kind(self) -> str:
        """Whether rows hold one choice, several, or shares."""
        sums = self.values.sum(axis=1)
        if np.array_equal(self.values, np.floor(self.values)):
            if (sums == 1).all():
                return CHOICE
            if len(sums) >= SEVERAL and (sums == HUNDRED).all():
                warn(
                    DataWarning(
                        "counts-or-percentages",
                        f"response {shown(self.name)}: every row adds up to {HUNDRED}; it is taken"
                        f" as counts of {HUNDRED} trials each.\nIf these are percentages, divide"
                        f" them by {HUNDRED}: standard errors are then those of shares.",
                    )
                )
            return COUNTS
        off = np.abs(sums - 1.0) > SUM_TOLERANCE
        if not off.any():
            return SHARES
        first = int(off.argmax())
        raise DataError(
            "counts-or-shares",
            f"response {shown(self.name)} holds neither whole numbers (counts) nor shares that add"
            f" up to one: the sum is {sums[first]:.6g} in the first such row"
            f" ({where(off, self.index)}).\nRound counts, or divide each row by its sum.",
        )
