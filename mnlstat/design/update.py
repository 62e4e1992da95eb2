"""Change a formula: ``.`` stands for the old side."""

from __future__ import annotations

import io
import tokenize

from mnlstat.design.formula import parse_right, simplified
from mnlstat.design.sides import on_one_line, split_formula, top_level
from mnlstat.design.underline import pointed
from mnlstat.errors import FormulaError
from mnlstat.options import shown

CLOSERS = (")", "]", "}")


def expand_update(old_formula: str, new_formula: str) -> str:
    """Return ``new_formula`` with each lone dot replaced by that side of ``old_formula``.

    An empty left side keeps the response.  Additions and removals are carried out.

    Raises
    ------
    FormulaError
        When the new formula cannot be read, or removes a term that is not there.

    Examples
    --------
    >>> from mnlstat.design.update import expand_update
    >>> expand_update("prog ~ C(ses) + write", ". ~ . - write")
    'prog ~ C(ses)'
    """
    old = split_formula(old_formula)
    if isinstance(new_formula, str) and new_formula.strip().startswith("~"):
        new_formula = f". {new_formula.strip()}"
    given = _readable(new_formula)
    tilde = top_level(given, "~")
    if len(tilde) != 1:
        split_formula(given)  # says what is wrong with it
    left, right = given[: tilde[0]].strip(), given[tilde[0] + 1 :].strip()
    left = with_dots_filled(left, old.left)
    if not lone_dots(right):
        return split_formula(f"{left} ~ {right}").formula
    full = with_dots_filled(right, f"({old.right})")
    formula = split_formula(f"{left} ~ {full}")
    parse_right(formula.formula, formula.right_start)
    _check_removals(given, tilde[0] + 1, old.right)
    return f"{left} ~ {simplified(full)}"


def _readable(formula: object) -> str:
    """Return a formula on one line, or refuse what is none."""
    if not isinstance(formula, str) or not formula.strip():
        split_formula(formula)
    return on_one_line(str(formula))


def lone_dots(text: str) -> list[int]:
    """Return where a dot stands by itself, not in a number or between a module and a name."""
    found, before = [], ""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.string == "." and not (before.isidentifier() or before.endswith(CLOSERS)):
                found.append(token.start[1])
            before = token.string
    except tokenize.TokenError:
        pass
    return found


def with_dots_filled(text: str, old: str) -> str:
    """Return a side of a formula with ``old`` in place of each lone dot."""
    for at in reversed(lone_dots(text)):
        text = f"{text[:at]}{old}{text[at + 1 :]}"
    return text


def _check_removals(given: str, start: int, old_right: str) -> None:
    """Refuse the removal of a term that the formula does not have."""
    added, removed = list[tuple[str, int]](), list[tuple[str, int]]()
    cuts = sorted((at, sign) for sign in "+-" for at in top_level(given[start:], sign))
    ends = [at for at, _ in cuts] + [len(given) - start]
    pieces = [("+", 0, ends[0])]
    pieces += [(sign, at + 1, end) for (at, sign), end in zip(cuts, ends[1:], strict=True)]
    for sign, begin, end in pieces:
        text = given[start + begin : start + end]
        if text.strip():
            (added if sign == "+" else removed).append((text, start + begin))
    present = set[frozenset[str]]()
    for text, _ in added:
        present |= _terms(with_dots_filled(text, f"({old_right})"))
    for text, begin in removed:
        if text.strip() not in ("0", "1") and not _terms(text) & present:
            lead = len(text) - len(text.lstrip())
            said = f"there is no term {shown(text.strip())} to remove from {shown(old_right)}."
            raise FormulaError(
                "no-such-term", pointed(said, given, begin + lead, begin + len(text.rstrip()))
            )


def _terms(right: str) -> set[frozenset[str]]:
    parsed = parse_right(right, 0)
    return {frozenset(parsed.factors[at].name for at in term) for term in parsed.terms if term}
