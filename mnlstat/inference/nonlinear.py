"""Functions of coefficients in words, ``"exp(car:income) / bus:income"``, with their gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.errors import OptionError
from mnlstat.inference.dual import FUNCTIONS, Dual, UndefinedError, coefficient, constant
from mnlstat.inference.wording import Cursor, Label, Token, refused
from mnlstat.options import shown

BEYOND = "is beyond the range of floating point"


@dataclass(frozen=True, eq=False)
class Functions:
    """Functions of the coefficients at the estimates.

    Attributes
    ----------
    texts : (m,) as they were written
    values : (m,)
    gradients : (m, p)
    """

    texts: tuple[str, ...]
    values: FloatArray
    gradients: FloatArray


def functions_of(
    given: object,
    labels: Sequence[Label],
    values: FloatArray,
    check: Callable[[int], None],
    *,
    equations: bool,
) -> Functions:
    """Read functions separated by commas; with ``equations`` also ``f = g``, as ``f - g``.

    Numbers, coefficients as in linear hypotheses, ``+ - * / **``, ``exp``, ``log``, ``sqrt``,
    ``abs`` and parentheses; nothing else, and no code is run.

    Parameters
    ----------
    given : str or sequence of str
    labels : of all coefficients
    values : (p,) their estimates
    check : raises for the position of a coefficient without an estimate

    Raises
    ------
    OptionError
        For what cannot be read, or has no value or no derivative at the estimates.
    """
    parts = [given] if isinstance(given, str) else given
    if not isinstance(parts, list | tuple) or not parts or not all(map(_is_text, parts)):
        raise OptionError(
            "hypothesis-not-text",
            f"A function of coefficients must be text such as 'exp(a:x)', not {shown(given)}.",
        )
    found: list[tuple[str, Dual]] = []
    with np.errstate(over="ignore", invalid="ignore"):
        for part in parts:
            found += _Parser(part, labels, values, check, equations).functions()
    return Functions(
        tuple(text for text, _ in found),
        np.array([dual.value for _, dual in found]),
        np.array([dual.gradient for _, dual in found]),
    )


def _is_text(part: object) -> bool:
    return isinstance(part, str) and bool(part.strip())


class _Parser(Cursor):
    """Recursive descent, computing as it goes."""

    def __init__(
        self,
        text: str,
        labels: Sequence[Label],
        values: FloatArray,
        check: Callable[[int], None],
        equations: bool,
    ) -> None:
        super().__init__(text, labels, tuple(FUNCTIONS))
        self.values, self.check, self.equations = values, check, equations

    def functions(self) -> list[tuple[str, Dual]]:
        found = self.one()
        while self.taken(","):
            found += self.one()
        if self.token.kind == "=":
            self.ended("cannot go on here: this is no equation; test_nonlinear() tests one")
        self.ended()
        return found

    def one(self) -> list[tuple[str, Dual]]:
        first = self.at
        sides = [self.sum()]
        while self.equations and self.taken("="):
            sides.append(self.sum())
        start = self.tokens[first]
        if not any(token.kind == "label" for token in self.tokens[first : self.at]):
            raise refused("no-coefficient", self.text, start.start, "holds no coefficient")
        zero = constant(0.0, len(self.values))
        pairs = zip(sides, sides[1:] or [zero], strict=False)
        results = [left.plus(right, -1.0) for left, right in pairs]
        for result in results:
            if not (np.isfinite(result.value) and np.isfinite(result.gradient).all()):
                raise refused("function-undefined", self.text, start.start, BEYOND)
        text = self.text[start.start : self.token.start].strip()
        return [(text, result) for result in results]

    def sum(self) -> Dual:
        total = self.product()
        while self.token.kind in ("+", "-"):
            sign = 1.0 if self.next().kind == "+" else -1.0
            total = total.plus(self.product(), sign)
        return total

    def product(self) -> Dual:
        result = self.signed()
        while self.token.kind in ("*", "/"):
            operator = self.next()
            function = result.times if operator.kind == "*" else result.over
            result = self.computed(operator, function, self.signed())
        return result

    def signed(self) -> Dual:
        if self.taken("-"):
            return self.signed().negative()
        if self.taken("+"):
            return self.signed()
        base = self.atom()
        if self.token.kind != "**":
            return base
        operator = self.next()
        return self.computed(operator, base.power, self.signed())

    def atom(self) -> Dual:
        token = self.next()
        if token.kind == "label":
            self.check(token.value)
            return coefficient(self.values, token.value)
        if token.kind == "number":
            return constant(token.value, len(self.values))
        if token.kind == "function":
            self.next()
            return self.computed(token, FUNCTIONS[token.value], self.enclosed())
        if token.kind == "(":
            return self.enclosed()
        raise refused(
            "hypothesis-syntax", self.text, token.start, "lacks a coefficient or a number"
        )

    def enclosed(self) -> Dual:
        inner = self.sum()
        if not self.taken(")"):
            raise refused(
                "hypothesis-syntax", self.text, self.token.start, "lacks a closing parenthesis"
            )
        return inner

    def computed(self, token: Token, function: Callable[[Dual], Dual], argument: Dual) -> Dual:
        try:
            return function(argument)
        except UndefinedError as error:
            why = f"{error} at the estimates"
            raise refused("function-undefined", self.text, token.start, why) from error
        except OverflowError as error:
            raise refused("function-undefined", self.text, token.start, BEYOND) from error
