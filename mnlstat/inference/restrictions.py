"""Linear hypotheses in words: ``"car:income = bus:income, train:age = 0"`` to ``R b = r``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray, real_array
from mnlstat.errors import OptionError, RankError
from mnlstat.options import named, nearest, shown

Label = tuple[Any, str]
_NUMBER = re.compile(r"(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_WORD_GOES_ON = re.compile(r"[\w.:\[(]")


@dataclass(frozen=True)
class Restrictions:
    """``R b = r`` with R (m, p), r (m,), and the words they came from."""

    R: FloatArray
    r: FloatArray
    text: str


@dataclass(frozen=True)
class _Linear:
    """``weights'b + constant``."""

    weights: FloatArray
    constant: float

    def plus(self, other: _Linear, sign: float = 1.0) -> _Linear:
        return _Linear(self.weights + sign * other.weights, self.constant + sign * other.constant)

    def times(self, factor: float) -> _Linear:
        return _Linear(self.weights * factor, self.constant * factor)

    @property
    def is_number(self) -> bool:
        return not self.weights.any()


@dataclass(frozen=True)
class _Token:
    kind: str  # "label", "number", an operator, or "end"
    value: Any
    start: int


def parse(hypothesis: str | Iterable[str], labels: Sequence[Label]) -> Restrictions:
    """Read hypotheses about coefficients named ``outcome:term``.

    Hypotheses are separated by commas; each is one equation (or several, ``a = b = c``) of sums
    of coefficients times numbers, or a sum alone, which is set to zero.  Known names are found
    first, the longest first, so that names with blanks, commas or signs need no quotes;
    backticks may quote either part of a name.

    Raises
    ------
    OptionError
        For a name that is not there or has two readings, or an expression that is not linear.
    """
    parts = [hypothesis] if isinstance(hypothesis, str) else list(hypothesis)
    equations: list[_Linear] = []
    for part in parts:
        if not isinstance(part, str) or not part.strip():
            raise OptionError(f"A hypothesis must be text such as 'a:x = b:x', not {shown(part)}.")
        equations += _Parser(part, labels).equations()
    return Restrictions(
        np.array([equation.weights for equation in equations]),
        np.array([-equation.constant for equation in equations]),
        ", ".join(part.strip() for part in parts),
    )


def restrictions(
    hypothesis: Any, value: Any, labels: Sequence[Label], kept: BoolArray
) -> Restrictions:
    """Restrictions on the p coefficients named ``labels``, from words or from a matrix.

    Raises
    ------
    OptionError
        When they cannot be read or have the wrong shape.
    RankError
        When one concerns a coefficient that is not ``kept``: it has no estimate.
    """
    if isinstance(hypothesis, str) or _all_text(hypothesis):
        if value is not None:
            raise OptionError("value= belongs to a matrix; write the right side into the words.")
        found = parse(hypothesis, labels)
    else:
        found = _from_matrix(hypothesis, value, labels)
    lost = [labels[i] for i in np.flatnonzero(found.R.any(axis=0) & ~kept).tolist()]
    if lost:
        raise RankError(
            f"{named(lost[0][0])}:{named(lost[0][1])} is not estimated: its column is aliased.\n"
            "Test a coefficient that is, or leave the other columns out of the formula."
        )
    return found


def _all_text(hypothesis: Any) -> bool:
    listed = isinstance(hypothesis, list | tuple) and len(hypothesis) > 0
    return listed and all(isinstance(part, str) for part in hypothesis)


def _from_matrix(hypothesis: Any, value: Any, labels: Sequence[Label]) -> Restrictions:
    if isinstance(hypothesis, tuple) and len(hypothesis) == 2 and value is None:
        hypothesis, value = hypothesis
    R = np.atleast_2d(_numbers("the restriction matrix", _aligned(hypothesis, labels)))
    if R.ndim != 2 or R.shape[1] != len(labels) or len(R) == 0 or not R.any(axis=1).all():
        raise OptionError(
            f"the restriction matrix has shape {R.shape}; expected (m, {len(labels)}), a column for"
            " each coefficient\nin the order of params, at least one row and no row of zeros."
        )
    r = _numbers("value", 0.0 if value is None else value)
    if r.shape not in ((), (1,), (len(R),)):
        raise OptionError(f"value has shape {r.shape}; expected one number for each of {len(R)}.")
    return Restrictions(R, np.broadcast_to(r, (len(R),)), "R b = r")


def _aligned(matrix: Any, labels: Sequence[Label]) -> Any:
    """A frame's columns in the order of the coefficients; other matrices as they are."""
    columns = getattr(matrix, "columns", None)
    if columns is None:
        return matrix
    if set(columns) != set(labels) or len(columns) != len(labels):
        raise OptionError("the columns of the restriction frame are not the index of params.")
    return matrix[list(labels)]


def _numbers(name: str, values: Any) -> FloatArray:
    try:
        array = real_array(values)
    except ValueError as error:
        raise OptionError(
            f"{name} must be numbers; a hypothesis in words is text such as 'a:x = b:x'."
        ) from error
    if not np.isfinite(array).all():
        raise OptionError(f"{name} has infinite or missing elements.")
    return array


class _Parser:
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str, labels: Sequence[Label]) -> None:
        self.text = text
        self.size = len(labels)
        self.tokens = list(_tokens(text, labels))
        self.at = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    def equations(self) -> list[_Linear]:
        found = self.equation()
        while self.taken(","):
            found += self.equation()
        if self.token.kind != "end":
            raise _refused(self.text, self.token.start, "cannot go on here")
        return found

    def equation(self) -> list[_Linear]:
        start = self.token.start
        sides = [self.sum()]
        while self.taken("="):
            sides.append(self.sum())
        zero = _Linear(np.zeros(self.size), 0.0)
        pairs = zip(sides, sides[1:] or [zero], strict=False)
        found = [left.plus(right, -1.0) for left, right in pairs]
        if any(equation.is_number for equation in found):
            raise _refused(self.text, start, "holds no coefficient, or only one against itself")
        return found

    def sum(self) -> _Linear:
        total = self.product()
        while self.token.kind in ("+", "-"):
            sign = 1.0 if self.next().kind == "+" else -1.0
            total = total.plus(self.product(), sign)
        return total

    def product(self) -> _Linear:
        result = self.signed()
        while self.token.kind in ("*", "/"):
            operator = self.next()
            other = self.signed()
            if operator.kind == "/" and other.is_number and other.constant != 0:
                result = result.times(1.0 / other.constant)
            elif operator.kind == "*" and other.is_number:
                result = result.times(other.constant)
            elif operator.kind == "*" and result.is_number:
                result = other.times(result.constant)
            else:
                raise _refused(self.text, operator.start, "is not linear; see nonlinear tests")
        return result

    def signed(self) -> _Linear:
        if self.taken("-"):
            return self.signed().times(-1.0)
        if self.taken("+"):
            return self.signed()
        token = self.next()
        if token.kind == "label":
            weights = np.zeros(self.size)
            weights[token.value] = 1.0
            return _Linear(weights, 0.0)
        if token.kind == "number":
            return _Linear(np.zeros(self.size), token.value)
        if token.kind == "(":
            inner = self.sum()
            if not self.taken(")"):
                raise _refused(self.text, self.token.start, "lacks a closing parenthesis")
            return inner
        raise _refused(self.text, token.start, "lacks a coefficient or a number")

    def next(self) -> _Token:
        token = self.token
        self.at += token.kind != "end"
        return token

    def taken(self, kind: str) -> bool:
        if self.token.kind == kind:
            self.at += 1
            return True
        return False


def _tokens(text: str, labels: Sequence[Label]) -> Iterable[_Token]:
    forms = _forms(labels)
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        length, value = _label_at(text, at, forms, labels)
        if length:
            yield _Token("label", value, at)
            at += length
        elif number := _NUMBER.match(text, at):
            yield _Token("number", float(number.group()), at)
            at = number.end()
        elif text[at] in "+-*/(),=":
            yield _Token(text[at], None, at)
            at += 1
        else:
            raise _unknown(text, at, labels)
    yield _Token("end", None, len(text))


def _forms(labels: Sequence[Label]) -> list[tuple[re.Pattern[str], int]]:
    """A pattern for each coefficient: either part may be quoted, blanks may surround the colon."""
    return [
        (re.compile(rf"{_quotable(str(outcome))}\s*:\s*{_quotable(term)}"), position)
        for position, (outcome, term) in enumerate(labels)
    ]


def _quotable(name: str) -> str:
    plain = re.escape(name)
    return f"(?:`{plain}`|{plain})"


def _label_at(
    text: str, at: int, forms: list[tuple[re.Pattern[str], int]], labels: Sequence[Label]
) -> tuple[int, int]:
    matches = [
        (len(match.group()), position)
        for pattern, position in forms
        if (match := pattern.match(text, at)) and not _WORD_GOES_ON.match(text, match.end())
    ]
    longest = max((length for length, _ in matches), default=0)
    readings = [position for length, position in matches if length == longest]
    if len(readings) > 1:
        listed = " or ".join(f"`{named(labels[i][0])}`:`{named(labels[i][1])}`" for i in readings)
        raise _refused(text, at, f"has two readings, {listed}: use backticks")
    return longest, readings[0] if readings else -1


def _unknown(text: str, at: int, labels: Sequence[Label]) -> OptionError:
    word = re.split(r"[=,]", text[at:])[0].strip()
    known = [f"{outcome}:{term}" for outcome, term in labels]
    listed = ", ".join(map(named, known[:6])) + (", ..." if len(known) > 6 else "")
    return _refused(text, at, f"is no coefficient{nearest(word, known)}; they are {listed}")


def _refused(text: str, at: int, why: str) -> OptionError:
    line = "".join(" " if letter.splitlines() == [""] else letter for letter in text)
    return OptionError(f"{line}\n{' ' * at}^ {why}.")
