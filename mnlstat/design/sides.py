"""Cut a formula at its tilde."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from dataclasses import dataclass

from mnlstat.design.underline import pointed
from mnlstat.errors import FormulaError
from mnlstat.options import shown

EXAMPLE = "Write for example 'choice ~ age + C(sex)'."
BACKTICKS = re.compile(r"""^(?:[^`'"]|'[^']*'|"[^"]*")*(?P<ticks>`(?P<name>[^`]*)`?)""")
ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)


@dataclass(frozen=True)
class Sides:
    """A formula on one line, and where its two sides begin and end."""

    formula: str
    tilde: int

    @property
    def left(self) -> str:
        """The response as written."""
        return self.formula[: self.tilde].strip()

    @property
    def right(self) -> str:
        """The predictors as written."""
        return self.formula[self.tilde + 1 :].strip()

    @property
    def right_start(self) -> int:
        """Position after the tilde."""
        return self.tilde + 1

    def pointed_left(self, message: str) -> str:
        """Return ``message`` with the left side underlined."""
        return pointed(message, self.formula, 0, max(1, len(self.left)))


def split_formula(formula: object) -> Sides:
    """Cut a formula into response and predictors.

    Raises
    ------
    FormulaError
        For None, an empty or non-string formula, no or two tildes, an empty side, two responses.
    """
    if not isinstance(formula, str):
        raise FormulaError(
            "formula-not-text",
            f"the formula must be a string, not {shown(formula)} ({type(formula).__name__}).\n"
            f"{EXAMPLE}",
        )
    line = on_one_line(formula)
    if not line:
        raise FormulaError("empty-formula", f"the formula is empty. {EXAMPLE}")
    if quoted := BACKTICKS.search(line):
        said = "this backtick begins no name; a name with blanks stands between two: `a name`."
        raise FormulaError("backticks", pointed(said, line, *quoted.span("ticks")))
    tildes = top_level(line, "~")
    if not tildes:
        said = "the formula has no '~' with the response on its left"
        raise FormulaError("no-tilde", pointed(f"{said}. {EXAMPLE}", line, 0, len(line)))
    if len(tildes) > 1:
        said = "the formula has two '~'; one separates the response from the predictors"
        raise FormulaError("two-tildes", pointed(f"{said}.", line, tildes[1], tildes[1] + 1))
    sides = Sides(line, tildes[0])
    _check_sides(sides)
    return sides


def on_one_line(formula: str) -> str:
    """Return a formula without line breaks; blanks within a line may belong to a name in Q()."""
    return " ".join(line.strip() for line in formula.splitlines()).strip()


def _check_sides(sides: Sides) -> None:
    if not sides.left:
        said = f"the left side of the formula is empty: it has no response. {EXAMPLE}"
        raise FormulaError(
            "no-response", pointed(said, sides.formula, sides.tilde, sides.tilde + 1)
        )
    if not sides.right:
        end = len(sides.formula)
        said = "the right side of the formula is empty; write '~ 1' for a model of constants only."
        raise FormulaError("no-predictors", pointed(said, sides.formula, end, end + 1))
    try:
        tree = ast.parse(sides.left, mode="eval").body
    except SyntaxError:
        return  # who resolves the names says what is wrong
    sums = isinstance(tree, ast.BinOp) and isinstance(tree.op, ARITHMETIC)
    if sums or isinstance(tree, ast.Tuple | ast.List):
        said = (
            "the left side of the formula has two responses; wrap arithmetic in I(...), or write"
            " cbind(a, b) for a column of counts for each outcome"
        )
        raise FormulaError("two-responses", sides.pointed_left(f"{said}."))


def top_level(text: str, operator: str) -> list[int]:
    """Return where ``operator`` stands outside of brackets and strings."""
    found, depth = [], 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.string in ("(", "[", "{"):
                depth += 1
            elif token.string in (")", "]", "}"):
                depth -= 1
            elif token.string == operator and depth == 0:
                found.append(token.start[1])
    except (tokenize.TokenError, IndentationError):
        pass  # an open bracket or string: who parses the side says where
    return found
