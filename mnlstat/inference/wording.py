"""Linear hypotheses in words, ``"car:income = bus:income, train:age = 0"``, as equations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.design.dialect import spellings
from mnlstat.errors import OptionError
from mnlstat.options import named, nearest, shown

Label = tuple[Any, str]
DEEPEST = 100
_NUMBER = re.compile(r"(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?(?![\w.]|\s*:)")
_WORD_GOES_ON = re.compile(r"[\w.:\[(]")
_CALL = re.compile(r"[A-Za-z_][\w.]*\s*\(")
_BLANKS = re.compile(r"\s*")


@dataclass(frozen=True)
class Linear:
    """``weights'b + constant``."""

    weights: FloatArray
    constant: float

    def plus(self, other: Linear, sign: float = 1.0) -> Linear:
        """The sum, or the difference for ``sign`` -1."""
        return Linear(self.weights + sign * other.weights, self.constant + sign * other.constant)

    def times(self, factor: float) -> Linear:
        """The multiple."""
        return Linear(self.weights * factor, self.constant * factor)

    @property
    def is_number(self) -> bool:
        """Whether no coefficient is in it."""
        return not self.weights.any()

    @property
    def finite(self) -> bool:
        """Whether every number in it is."""
        return bool(np.isfinite(self.constant) and np.isfinite(self.weights).all())


@dataclass(frozen=True)
class Token:
    """A piece of a text: kind "label", "number", "function", an operator, or "end"."""

    kind: str
    value: Any
    start: int


def equations(text: str, labels: Sequence[Label]) -> list[Linear]:
    """Sums that the text says are zero.

    Equations are separated by commas; each is one (or several, ``a = b = c``) of sums of
    coefficients times numbers, or a sum alone, which is set to zero.  Known names are found
    first, the longest first, so that names with blanks, commas or signs need no quotes;
    backticks may quote either part of a name, and in a term its columns, as in formulas.

    Raises
    ------
    OptionError
        For a name that is not there or has two readings, for an expression that is not linear,
        and for numbers beyond the range of floating point.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return _Parser(text, labels).equations()


class Cursor:
    """A place among the tokens of one text."""

    def __init__(self, text: str, labels: Sequence[Label], functions: Sequence[str] = ()) -> None:
        self.text = text
        self.labels = labels
        self.tokens = list(_tokens(text, labels, functions))
        self.at = 0
        _check_depth(text, self.tokens)

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.at]

    def next(self) -> Token:
        """Take it."""
        token = self.token
        self.at += token.kind != "end"
        return token

    def taken(self, kind: str) -> bool:
        """Take it if it is of this kind."""
        if self.token.kind == kind:
            self.at += 1
            return True
        return False

    def ended(self, why: str = "cannot go on here") -> None:
        """Refuse what is left."""
        if self.token.kind == "label":
            name = _quoted(self.labels[self.token.value])
            raise self.pointing(
                "hypothesis-syntax",
                self.token,
                f"is read as the coefficient {name}; a sign or a comma is missing",
            )
        if self.token.kind != "end":
            raise self.pointing("hypothesis-syntax", self.token, why)

    def pointing(self, code: str, token: Token, why: str) -> OptionError:
        """The error that points at a token."""
        return refused(code, self.text, token.start, why)


class _Parser(Cursor):
    """Recursive descent over the tokens of one text."""

    def equations(self) -> list[Linear]:
        found = self.equation()
        while self.taken(","):
            found += self.equation()
        self.ended()
        return found

    def equation(self) -> list[Linear]:
        start = self.token
        sides = [self.sum()]
        while self.taken("="):
            sides.append(self.sum())
        zero = Linear(np.zeros(len(self.labels)), 0.0)
        pairs = zip(sides, sides[1:] or [zero], strict=False)
        found = [left.plus(right, -1.0) for left, right in pairs]
        if not all(equation.finite for equation in found):
            raise self.pointing(
                "restriction-overflow", start, "has numbers beyond the range of floating point"
            )
        if any(equation.is_number for equation in found):
            raise self.pointing(
                "no-coefficient", start, "holds no coefficient, or only one against itself"
            )
        return found

    def sum(self) -> Linear:
        total = self.product()
        while self.token.kind in ("+", "-"):
            sign = 1.0 if self.next().kind == "+" else -1.0
            total = total.plus(self.product(), sign)
        return total

    def product(self) -> Linear:
        result = self.signed()
        while self.token.kind in ("*", "/"):
            operator = self.next()
            other = self.signed()
            if operator.kind == "/" and other.is_number:
                if other.constant == 0:
                    raise self.pointing("hypothesis-not-linear", operator, "divides by zero")
                result = result.times(1.0 / other.constant)
            elif operator.kind == "*" and other.is_number:
                result = result.times(other.constant)
            elif operator.kind == "*" and result.is_number:
                result = other.times(result.constant)
            else:
                raise self.pointing(
                    "hypothesis-not-linear", operator, "is not linear in the coefficients"
                )
        return result

    def signed(self) -> Linear:
        if self.taken("-"):
            return self.signed().times(-1.0)
        if self.taken("+"):
            return self.signed()
        token = self.next()
        if token.kind == "label":
            weights = np.zeros(len(self.labels))
            weights[token.value] = 1.0
            return Linear(weights, 0.0)
        if token.kind == "number":
            return Linear(np.zeros(len(self.labels)), token.value)
        if token.kind == "(":
            inner = self.sum()
            if not self.taken(")"):
                raise self.pointing("hypothesis-syntax", self.token, "lacks a closing parenthesis")
            return inner
        raise self.pointing("hypothesis-syntax", token, "lacks a coefficient or a number")


def _tokens(text: str, labels: Sequence[Label], functions: Sequence[str]) -> Iterator[Token]:
    """Pieces of a text; with ``functions`` also their names and powers."""
    forms = _forms(labels)
    called = re.compile(rf"({'|'.join(functions)})(?=\s*\()") if functions else None
    at = 0
    while at < len(text):
        blanks = _BLANKS.match(text, at)
        word = blanks.end() if blanks else at
        end, position = _label_from(text, range(at, word + 1), forms, labels)
        if end:
            yield Token("label", position, word)
            at = end
        elif word == len(text):
            break
        elif number := _NUMBER.match(text, word):
            yield Token("number", float(number.group()), word)
            at = number.end()
        elif called is not None and (name := called.match(text, word)):
            yield Token("function", name.group(), word)
            at = name.end()
        elif called is not None and text.startswith("**", word):
            yield Token("**", None, word)
            at = word + 2
        elif called is not None and _CALL.match(text, word):
            listed = ", ".join(functions)
            why = f"is no function that can be differentiated here; there are {listed}"
            raise refused("function-not-known", text, word, why)
        elif text[word] in "+-*/(),=":
            yield Token(text[word], None, word)
            at = word + 1
        else:
            raise _unknown(text, word, labels)
    yield Token("end", None, len(text))


def _check_depth(text: str, tokens: Sequence[Token]) -> None:
    """Refuse what is nested, or signed, more often than anybody means."""
    depth = signs = 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token.kind, 0)
        signs = signs + 1 if token.kind in ("+", "-") else 0
        if max(depth, signs) > DEEPEST:
            raise OptionError(
                "hypothesis-syntax",
                f"{shown(text)} has more than {DEEPEST} brackets within each other, or signs in a"
                " row.",
            )


def _forms(labels: Sequence[Label]) -> list[tuple[re.Pattern[str], int]]:
    """A pattern for each coefficient: either part may be quoted, blanks may surround the colon."""
    return [
        (re.compile(rf"{_quotable(str(outcome))}\s*:\s*{_quotable(*spellings(term))}"), position)
        for position, (outcome, term) in enumerate(labels)
    ]


def _quotable(*names: str) -> str:
    plain = "|".join(map(re.escape, names))
    return f"(?:`(?:{plain})`|(?:{plain}))"


def _label_from(
    text: str,
    starts: range,
    forms: list[tuple[re.Pattern[str], int]],
    labels: Sequence[Label],
) -> tuple[int, int]:
    """End and position of the longest name from one of ``starts``: blanks may belong to a name."""
    matches = [
        (match.end(), position)
        for start in starts
        for pattern, position in forms
        if (match := pattern.match(text, start)) and not _WORD_GOES_ON.match(text, match.end())
    ]
    furthest = max((end for end, _ in matches), default=0)
    readings = sorted({position for end, position in matches if end == furthest})
    if len(readings) > 1:
        listed = " or ".join(_quoted(labels[i]) for i in readings)
        raise refused(
            "ambiguous-coefficient", text, starts[-1], f"has two readings, {listed}: use backticks"
        )
    return furthest, readings[0] if readings else -1


def _quoted(label: Label) -> str:
    return ":".join(f"`{named(str(part))}`" for part in label)


def _unknown(text: str, at: int, labels: Sequence[Label]) -> OptionError:
    word = re.split(r"[=,]", text[at:])[0].strip()
    known = [f"{outcome}:{term}" for outcome, term in labels]
    listed = ", ".join(map(named, known[:6])) + (", ..." if len(known) > 6 else "")
    return refused(
        "unknown-coefficient",
        text,
        at,
        f"is no coefficient{nearest(word, known)}; they are {listed}",
    )


def refused(code: str, text: str, at: int, why: str) -> OptionError:
    """The error that points at a place in a text."""
    line = "".join(" " if letter.splitlines() == [""] else letter for letter in text)
    return OptionError(code, f"{line}\n{' ' * at}^ {why}.")
