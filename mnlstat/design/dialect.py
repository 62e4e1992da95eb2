"""R's notation as Python's: carets, backticks, names with dots, ``%in%``.

Only signs are exchanged; what they mean is found where the formula is parsed.  What Python reads by
itself stays as it was written.
"""

from __future__ import annotations

import ast
import keyword
import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import Any

from mnlstat.design.hints import conversion
from mnlstat.design.sides import on_one_line
from mnlstat.design.underline import pointed
from mnlstat.errors import FormulaError
from mnlstat.options import shown

TOKENS = re.compile(
    r"""
    (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |`(?P<ticked>[^`]+)`
    |(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
    |(?P<name>\.?[^\W\d](?:[\w.]|[\u0300-\u036f])*)
    |(?P<sign>%in%|%%|%/%|\^|\*\*|&&?|\|\|?|!=|!|~)
    |(?P<open>[(\[{])
    |(?P<close>[)\]}])
    """,
    re.VERBOSE,
)
WORDS = frozenset(keyword.kwlist) - {"True", "False", "None"}
# Functions and arguments of R whose names have dots.
CALLED = {"as.factor": "factor", "is.na": "isna"}
CONTRASTS = {
    "contr.treatment": "Treatment", "contr.sum": "Sum", "contr.helmert": "Helmert",
    "contr.poly": "Poly",
}  # fmt: skip
ARGUMENTS = {"Boundary.knots": "boundary_knots"}
IN_CODE = {"^": "**", "%%": "%", "%/%": "//"}
IN_TERMS = {"%in%": ":", "^": "**"}
# Characters that are looked at before and after a name.
NEAR = 80
# What stands to the right of %in%, and the signs that would take part of a %in% b.
OPERAND = re.compile(r"""\s*(?:'[^']*'|"[^"]*"|[\w.`]*(?:\([^()]*\)|\[[^\[\]]*\])?)""")
BINDS_BEFORE = re.compile(r"(?:[-+*/%^<>]|[=!<>]=)$")
BINDS_AFTER = re.compile(r"[-+*/%^<>]|[=!]=")
# A column as Q() names it.
QUOTED = re.compile(r"""\bQ\(('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\)""")
MODULO = ("%%", "%/%")
POWERS = ("^", "**")
LOGIC = {"&": "and", "&&": "and", "|": "or", "||": "or", "!": "not"}


def in_python(text: Any, columns: Iterable[Any], *, logical: bool = False) -> Any:
    """Return a formula, or a condition, with R's notation exchanged for Python's.

    ``a^b`` becomes ``a**b``, a name in backticks ``Q('name')``, as does the name of a column that
    Python could not read: with dots, a word of the language, letters that it would exchange.
    ``a %in% b`` is ``a:b`` between terms, ``a in b`` within a call.

    Parameters
    ----------
    text : str
        Anything else is returned as it is.
    columns : names of the data
    logical : bool
        Whether it is a condition, in which ``&``, ``|`` and ``!`` bind as in R.

    Raises
    ------
    FormulaError
        For the power of a single variable between terms: ``x^2`` is x there, not its square.

    Examples
    --------
    >>> from mnlstat.design.dialect import in_python
    >>> in_python("y ~ (a + Sepal.Length)^2", ["y", "a", "Sepal.Length"])
    "y ~ (a + Q('Sepal.Length'))**2"
    """
    if not isinstance(text, str):
        return text
    known = frozenset(name for name in columns if isinstance(name, str))
    return _Reader(on_one_line(text), known, logical).translated()


def quoted(name: str) -> str:
    """Return how a formula names a column."""
    return name if _plain(name) else f"Q({name!r})"


def as_named(name: str, columns: Iterable[Any]) -> str:
    """Return the name of a term as formulas give it: ``Q('a b')`` for `` `a b` ``.

    Examples
    --------
    >>> from mnlstat.design.dialect import as_named
    >>> as_named("log(`a b`)", ["y", "a b"])
    "log(Q('a b'))"
    """
    try:
        return str(in_python(name, columns))
    except FormulaError:  # no name of a term, as whoever looks it up will say
        return name


def spellings(term: str) -> tuple[str, ...]:
    """Return how the name of a term may be written: also with backticks, or as the bare column.

    Examples
    --------
    >>> from mnlstat.design.dialect import spellings
    >>> spellings("Q('a.b'):x")
    ("Q('a.b'):x", '`a.b`:x', 'a.b:x')
    """
    found = [str(ast.literal_eval(text)) for text in QUOTED.findall(term)]
    if not found or any("`" in name for name in found):
        return (term,)
    ticked = QUOTED.sub(lambda match: f"`{ast.literal_eval(match[1])}`", term)
    bare = ticked.replace("`", "")
    dotted = all(re.fullmatch(r"[\w.]+", name) for name in found)
    return (term, ticked, bare) if dotted else (term, ticked)


def meant(name: Any, known: Iterable[str]) -> Any:
    """Return the one known name of a term that is written so; else the name as it is.

    Examples
    --------
    >>> from mnlstat.design.dialect import meant
    >>> meant("`a b`", ["x", "Q('a b')"]), meant("a b", ["x", "Q('a b')"]), meant("y", ["x"])
    ("Q('a b')", "Q('a b')", 'y')
    """
    known = list(dict.fromkeys(known))
    if not isinstance(name, str) or name in known:
        return name
    found = [
        each
        for each in known
        if any(name in (form, form.replace("`", "")) for form in spellings(each)[1:])
    ]
    return found[0] if len(found) == 1 else name


def ticked(name: str) -> str:
    """Return the name of a term as R writes it: with backticks in place of ``Q()``.

    Examples
    --------
    >>> from mnlstat.design.dialect import ticked
    >>> ticked("log(Q('a b'))"), ticked("x")
    ('log(`a b`)', 'x')
    """
    return spellings(name)[:2][-1]


def _plain(name: str) -> bool:
    """Whether Python reads the name as it stands."""
    same = unicodedata.normalize("NFKC", name) == name
    number = name.lower() in ("nan", "inf", "infinity")  # to patsy
    return name.isidentifier() and not keyword.iskeyword(name) and same and not number


class _Reader:
    """Goes through a text once, and knows whether it is within a call."""

    def __init__(self, text: str, columns: Collection[Any], logical: bool) -> None:
        self._text, self._columns, self._logical = text, columns, logical
        self._left = not logical and "~" in text
        self._within: list[bool] = []
        self._begun: list[int | None] = []
        self._operand: tuple[int, int] | None = None
        self._opened: list[int] = []
        self._group = 0

    @property
    def _code(self) -> bool:
        """Whether signs are Python's here, not those between terms."""
        return self._logical or self._left or (bool(self._within) and self._within[-1])

    def translated(self) -> str:
        return TOKENS.sub(self._token, self._text)

    def _token(self, found: re.Match[str]) -> str:
        kind, text = str(found.lastgroup), found[0]
        if kind in ("ticked", "name"):
            self._operand = found.span()
        if kind == "ticked":
            return quoted(found["ticked"])
        if kind == "name":
            return self._name(text, found.start(), found.end())
        if kind == "sign":
            return self._sign(text, found)
        if kind == "open":
            before = self._text[max(found.start() - NEAR, 0) : found.start()].rstrip()[-1:]
            called = before.isalnum() or before in ("_", ")", "]", "`")
            self._within.append(self._code or text != "(" or called)
            self._begun.append(self._operand[0] if called and self._operand else None)
            self._opened.append(found.start())
        elif kind == "close" and self._within:
            self._within.pop()
            start, self._group = self._begun.pop(), self._opened.pop()
            self._operand = None if start is None else (start, found.end())
        return text

    def _sign(self, sign: str, found: re.Match[str]) -> str:
        if sign == "~" and not self._within:
            self._left = False
        if self._logical and sign in LOGIC:
            return self._word(LOGIC[sign], found)
        if sign == "%in%" and self._code:
            self._check_alone(found)
            return self._word("in", found)
        if sign in MODULO and self._code:
            self._check_no_product(found)
        if sign in POWERS and not self._code:
            self._check_power(found)
        return (IN_CODE if self._code else IN_TERMS).get(sign, sign)

    def _check_no_product(self, found: re.Match[str]) -> None:
        """Refuse ``a * b %% c``, in which R binds ``%%`` first and Python the product."""
        depth = 0
        for at in range(found.start() - 1, -1, -1):
            letter = self._text[at]
            depth += (letter in ")]") - (letter in "([")
            if depth < 0 or (depth == 0 and letter in ",<>=!&|+-~"):
                return
            power = "**" in self._text[max(at - 1, 0) : at + 2]
            if depth == 0 and letter in "*/%" and not power:
                said = f"write brackets around a {found[0]} b where another sign stands before it."
                where = pointed(said, self._text, *found.span())
                raise FormulaError("formula-syntax", where)

    def _check_alone(self, found: re.Match[str]) -> None:
        """Refuse ``%in%`` beside another sign, to which R and Python bind differently."""
        start = self._group if self._operand is None else self._operand[0]
        before = self._text[:start].rstrip()
        right = OPERAND.match(self._text, found.end())
        after = "" if right is None else self._text[right.end() :].lstrip()
        if BINDS_BEFORE.search(before) or BINDS_AFTER.match(after):
            said = "write brackets around a %in% b where another sign stands beside it."
            where = pointed(said, self._text, found.start(), found.end())
            raise FormulaError("formula-syntax", where)

    def _check_power(self, found: re.Match[str]) -> None:
        """Refuse the power of one variable, which between terms is the variable itself."""
        if self._operand is None or self._text[self._operand[1] : found.start()].strip():
            return
        start, stop = self._operand
        term = self._text[start:stop]
        exponent = re.match(r"\s*\w*", self._text[found.end() :])
        end = found.end() + (exponent.end() if exponent else 0)
        power = self._text[found.end() : end].strip() or "2"
        said = (
            f"between terms, a power of {shown(term)} alone is {term} itself; for its power write"
            f" I({term}**{power}) or poly()."
        )
        raise FormulaError("power-of-term", pointed(said, self._text, start, end))

    def _word(self, word: str, found: re.Match[str]) -> str:
        """Return a word with the blanks that it needs and the sign did not."""
        start, stop = found.span()
        before, after = self._text[max(start - 1, 0) : start], self._text[stop : stop + 1]
        lead = "" if before in ("", "(", *LOGIC) or before.isspace() else " "
        return f"{lead}{word}{'' if after.isspace() else ' '}"

    def _name(self, name: str, start: int, stop: int) -> str:
        after = self._text[stop : stop + NEAR].lstrip()
        called = after.startswith("(")
        if called and name in CALLED:
            return CALLED[name]
        if called and name.startswith("as.") and name not in self._columns:
            where = pointed(conversion(name), self._text, start, stop)
            raise FormulaError("unknown-function", where)
        if not called and name in CONTRASTS and name not in self._columns:
            return CONTRASTS[name]
        if name in ARGUMENTS and after.startswith("=") and not after.startswith("=="):
            return ARGUMENTS[name]
        if name in self._columns:
            as_it_is = _plain(name) or called or (name in WORDS and not self._alone(start, after))
            return name if as_it_is else f"Q({name!r})"
        for at in range(len(name) - 1, 0, -1):
            head = name[:at]
            if name[at] == "." and "." in head and head in self._columns:
                return f"Q({head!r}){name[at:]}"
        return name

    def _alone(self, start: int, after: str) -> bool:
        """Whether a word of Python's stands where only a name can."""
        before = self._text[max(start - NEAR, 0) : start].rstrip()
        ends = not after or after[0] in "+-*/:^),~%=<>!&|]"
        return ends and (not before or before[-1] in "+-*/:^(,~%=<>!&|[")
