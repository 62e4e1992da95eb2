"""The workloads W1 to W8: seeded data frames with a formula, and the same as arrays.

Numeric predictors are equicorrelated normals (0.3), the last quarter of them binary.  ``quick``
makes the same shapes with fewer rows, and fewer columns and outcomes where those are many.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

import mnlstat as mn

SLICE = 50_000
Column = Callable[[pd.DataFrame], np.ndarray]


@dataclass(frozen=True, eq=False)
class Workload:
    """One problem.

    Attributes
    ----------
    name : W1 to W8
    response : the column with the outcome, a categorical
    terms : the right side of the formula, factors first, as patsy orders their columns
    frame : the data
    computed : how to get the terms that are not columns of the frame
    """

    name: str
    response: str
    terms: tuple[str, ...]
    frame: pd.DataFrame
    computed: Mapping[str, Column] = field(default_factory=dict)

    @property
    def formula(self) -> str:
        """Outcome and predictors in R's notation."""
        return f"{self.response} ~ {' + '.join(self.terms)}"

    def formula_in_order(self, seed: int) -> str:
        """The same model in an order of its terms that no cache has seen."""
        order = np.random.default_rng(seed).permutation(len(self.terms))
        return f"{self.response} ~ {' + '.join(self.terms[i] for i in order)}"

    @property
    def outcomes(self) -> list[Any]:
        """Labels, the base first."""
        return list(self.frame[self.response].cat.categories)

    @cached_property
    def y(self) -> np.ndarray:
        """Outcome codes (n,), 0 for the base."""
        return self.frame[self.response].cat.codes.to_numpy().astype(np.intp)

    @cached_property
    def columns(self) -> list[str]:
        """Names of the design columns, as patsy gives them."""
        names = ["Intercept"]
        for term in self.terms:
            names += [f"{term}[T.{level}]" for level in self._levels(term)[1:]] or [term]
        return names

    @cached_property
    def X(self) -> np.ndarray:
        """Dense design (n, k), the constant first."""
        X = np.empty(self.shape)
        X[:, 0] = 1.0
        last = 1
        for term in self.terms:
            if levels := self._levels(term):
                codes = self.frame[term].cat.codes.to_numpy()
                for level in range(1, len(levels)):
                    X[:, last] = codes == level
                    last += 1
            else:
                X[:, last] = self._numeric(term)
                last += 1
        return X

    def sparse(self) -> Any:
        """The design without its constant, (n, k - 1), as a sparse matrix."""
        from scipy import sparse

        parts = []
        for term in self.terms:
            if levels := self._levels(term):
                codes = self.frame[term].cat.codes.to_numpy()
                rows = np.flatnonzero(codes)
                entries = (np.ones(len(rows)), (rows, codes[rows] - 1))
                parts.append(sparse.csr_matrix(entries, shape=(self.n, len(levels) - 1)))
            else:
                parts.append(sparse.csr_matrix(self._numeric(term)[:, None]))
        return sparse.hstack(parts, format="csr")

    def _levels(self, term: str) -> list[Any]:
        if term in self.computed or self.frame[term].dtype != "category":
            return []
        return list(self.frame[term].cat.categories)

    def _numeric(self, term: str) -> np.ndarray:
        if term in self.computed:
            return self.computed[term](self.frame)
        return self.frame[term].to_numpy(dtype=float)

    @property
    def shape(self) -> tuple[int, int]:
        """(n, k)."""
        return self.n, len(self.columns)

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.frame)

    @property
    def k(self) -> int:
        """Design columns, the constant included."""
        return len(self.columns)

    @property
    def J(self) -> int:
        """Outcomes."""
        return len(self.outcomes)

    @property
    def design_bytes(self) -> int:
        """Size of the dense design, whether or not it is ever made."""
        return 8 * self.n * self.k


def drawn(rng: np.random.Generator, eta: Callable[[slice], np.ndarray], n: int, J: int) -> Any:
    """Outcomes from the softmax of ``eta`` (rows, J), by the largest of eta plus Gumbel noise."""
    codes = np.empty(n, np.int8)
    for first in range(0, n, SLICE):
        part = slice(first, min(first + SLICE, n))
        codes[part] = np.argmax(eta(part) + rng.gumbel(size=(part.stop - first, J)), axis=1)
    return pd.Categorical.from_codes(codes, [f"c{j:02d}" for j in range(J)])


def numeric(name: str, n: int, k: int, J: int, seed: int) -> Workload:
    """A constant, ``k - 1`` numeric columns, J outcomes."""
    rng = np.random.default_rng(seed)
    common = np.sqrt(0.3) * rng.standard_normal(n)
    columns = []
    for j in range(k - 1):
        column = np.sqrt(0.7) * rng.standard_normal(n) + common
        is_binary = j >= (k - 1) - (k - 1) // 4
        columns.append((column > 0.3).astype(float) if is_binary else column)
    B = np.zeros((k, J))
    B[1:, 1:] = rng.standard_normal((k - 1, J - 1)) / np.sqrt(k - 1)
    B[0, 1:] = 0.5 * rng.standard_normal(J - 1)

    def eta(rows: slice) -> np.ndarray:
        return B[0] + np.column_stack([column[rows] for column in columns]) @ B[1:]

    names = [f"x{j}" for j in range(k - 1)]
    y = drawn(rng, eta, n, J)
    return Workload(name, "y", tuple(names), _frame(y, names, columns))


def anes() -> Workload:
    """W1: party identification of 944 voters by seven of their answers."""
    terms = ("logpopul", "TVnews", "selfLR", "age", "educ", "income", "vote")
    frame = mn.datasets.anes96()[["PID", *terms]]
    return Workload("W1", "PID", terms, frame.assign(PID=frame["PID"].astype("category")))


def factors(n: int) -> Workload:
    """W5: five factors of 2 to 6 levels, so 720 patterns."""
    rng = np.random.default_rng(5)
    J, levels = 4, (2, 3, 4, 5, 6)
    codes, effects = [], []
    for L in levels:
        codes.append(rng.choice(L, size=n, p=rng.dirichlet(np.full(L, 5.0))).astype(np.int8))
        effect = np.zeros((L, J))
        effect[1:, 1:] = 0.4 * rng.standard_normal((L - 1, J - 1))
        effects.append(effect)

    def eta(rows: slice) -> np.ndarray:
        return sum(effect[code[rows]] for effect, code in zip(effects, codes, strict=True))

    names = [f"f{i}" for i in range(len(levels))]
    y = drawn(rng, eta, n, J)
    return Workload("W5", "y", tuple(names), _frame(y, names, map(_factor, codes, levels)))


def many_levels(n: int, levels: int) -> Workload:
    """W6: one factor of many levels and five numeric columns."""
    rng = np.random.default_rng(6)
    J, q = 3, 5
    code = rng.choice(levels, size=n, p=rng.dirichlet(np.full(levels, 3.0))).astype(np.int16)
    columns = [rng.standard_normal(n) for _ in range(q)]
    A, B = np.zeros((levels, J)), np.zeros((q, J))
    A[:, 1:] = 0.5 * rng.standard_normal((levels, J - 1))
    B[:, 1:] = 0.4 * rng.standard_normal((q, J - 1))

    def eta(rows: slice) -> np.ndarray:
        return A[code[rows]] + np.column_stack([column[rows] for column in columns]) @ B

    names = ["g", *(f"x{j}" for j in range(q))]
    y = drawn(rng, eta, n, J)
    return Workload("W6", "y", tuple(names), _frame(y, names, [_factor(code, levels), *columns]))


def unscaled(n: int) -> Workload:
    """W8: columns as people have them: years, dollars, a cube, a product."""
    rng = np.random.default_rng(8)
    J = 4
    data = {
        "year": rng.integers(1990, 2025, n).astype(float),
        "income": np.round(np.exp(rng.normal(10.8, 0.6, n)), 2),
        "age": rng.integers(18, 90, n).astype(float),
    }
    computed: dict[str, Column] = {
        "I(age ** 2)": lambda frame: frame["age"].to_numpy() ** 2,
        "I(age ** 3)": lambda frame: frame["age"].to_numpy() ** 3,
        "year:income": lambda frame: frame["year"].to_numpy() * frame["income"].to_numpy(),
    }
    frame = pd.DataFrame(data)
    Z = np.column_stack([*data.values(), *(column(frame) for column in computed.values())])
    Z = (Z - Z.mean(axis=0)) / Z.std(axis=0)
    B = np.zeros((1 + Z.shape[1], J))
    B[:, 1:] = 0.4 * rng.standard_normal((len(B), J - 1))
    y = drawn(rng, lambda rows: B[0] + Z[rows] @ B[1:], n, J)
    return Workload("W8", "y", (*data, *computed), frame.assign(y=y), computed)


def _factor(codes: np.ndarray, levels: int) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, [f"L{level}" for level in range(levels)])


def _frame(y: Any, names: Sequence[str], columns: Any) -> pd.DataFrame:
    """A frame with every column in a block of its own, as from a file of columns."""
    return pd.DataFrame({"y": y, **dict(zip(names, columns, strict=True))}, copy=False)


# name -> (at full size, for a quick look)
MAKERS: dict[str, tuple[Callable[[], Workload], Callable[[], Workload]]] = {
    "W1": (anes, anes),
    "W2": (lambda: numeric("W2", 100_000, 21, 4, 2), lambda: numeric("W2", 10_000, 21, 4, 2)),
    "W3": (lambda: numeric("W3", 1_000_000, 31, 5, 3), lambda: numeric("W3", 20_000, 31, 5, 3)),
    "W4": (lambda: numeric("W4", 50_000, 201, 10, 4), lambda: numeric("W4", 5_000, 61, 5, 4)),
    "W5": (lambda: factors(2_000_000), lambda: factors(50_000)),
    "W6": (lambda: many_levels(1_000_000, 1000), lambda: many_levels(10_000, 40)),
    "W7": (lambda: numeric("W7", 100_000, 21, 50, 7), lambda: numeric("W7", 10_000, 11, 15, 7)),
    "W8": (lambda: unscaled(50_000), lambda: unscaled(5_000)),
}


def make(name: str, quick: bool = False) -> Workload:
    """Generate a workload; the same bits each time."""
    return MAKERS[name][quick]()
