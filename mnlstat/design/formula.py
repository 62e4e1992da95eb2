"""Read formulas and code their terms.  The only module that imports patsy.

patsy parses the right side, decides which factors are coded in full and which by contrasts, and
names the columns.  It never sees the data: it is handed the kind and the levels of each factor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import patsy
from patsy import builtins as patsy_builtins
from patsy import mgcv_cubic_splines, splines, state
from patsy.contrasts import ContrastMatrix, Treatment, code_contrast_matrix

from mnlstat.arrays import FloatArray
from mnlstat.design.cbind import cbind
from mnlstat.design.hints import no_contrast
from mnlstat.design.plan import Plan, Subterm, Term
from mnlstat.design.transforms import Center, CompleteRows, Standardize
from mnlstat.design.underline import first_line, pointed
from mnlstat.design.words import listed
from mnlstat.errors import FormulaError

VOCABULARY: dict[str, Any] = {
    **{name: getattr(patsy_builtins, name) for name in patsy_builtins.__all__},
    "cbind": cbind,
}
"""What a formula understands without the caller having to import it."""

QUOTE = VOCABULARY["Q"]
CATEGORICAL = VOCABULARY["C"]
NAN_SAFE: dict[Any, Callable[[], Any]] = {
    state.Center: Center,
    state.Standardize: Standardize,
    splines.BS: CompleteRows.of(splines.BS),
    mgcv_cubic_splines.CR: CompleteRows.of(mgcv_cubic_splines.CR),
    mgcv_cubic_splines.CC: CompleteRows.of(mgcv_cubic_splines.CC),
    mgcv_cubic_splines.TE: CompleteRows.of(mgcv_cubic_splines.TE, every_argument=True),
}


def _learners() -> tuple[type, ...]:
    """Every class whose objects hold what a formula learned, or how it codes a factor."""
    found: list[Any] = [value for value in VOCABULARY.values() if isinstance(value, type)]
    for function in VOCABULARY.values():
        maker = getattr(function, "__patsy_stateful_transform__", None)
        if maker is not None:
            found += [maker, getattr(NAN_SAFE.get(maker), "func", NAN_SAFE.get(maker, maker))]
    return tuple(dict.fromkeys(found))


LEARNERS = _learners()

# How an error of patsy begins -> what it means.
IN_PLAIN_WORDS = {
    "expected a noun, but instead the expression ended": "a term is missing after this",
    "expected a noun": "a term is missing before this",
    "expected an operator": "a sign such as + is missing before this",
    "unmatched close bracket": "this bracket closes none",
    "missing '('": "this bracket closes none",
    "Unmatched '('": "this bracket is not closed",
    "unclosed bracket": "a bracket is not closed",
    "error tokenizing": "this sign has no meaning here, or a quote is not closed",
    "intercept term cannot interact": "the constant can be multiplied with nothing",
    "Unary minus": "a minus in front can only take out 1 or 0",
}


@dataclass(frozen=True)
class FactorText:
    """A factor as written: its name, and where it stands in the formula."""

    name: str
    formula: str
    start: int
    stop: int

    @property
    def text(self) -> str:
        """The factor exactly as the user wrote it."""
        return self.formula[self.start : self.stop]

    def pointed(self, message: str) -> str:
        """Return ``message`` with the factor underlined in the formula."""
        return pointed(message, self.formula, self.start, self.stop)


@dataclass(frozen=True)
class RightSide:
    """Factors in order of appearance, and the terms as positions of factors."""

    factors: tuple[FactorText, ...]
    terms: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class FactorKind:
    """What coding needs to know of a factor: a number of columns, or levels and a contrast."""

    width: int = 1
    levels: tuple[Any, ...] | None = None
    contrast: Any = None


def stateful(function: object) -> Callable[[], Any] | None:
    """Return what makes a new state of a stateful transform, or None for other functions."""
    maker = getattr(function, "__patsy_stateful_transform__", None)
    return None if maker is None else NAN_SAFE.get(maker, maker)


def parse_right(formula: str, start: int) -> RightSide:
    """Parse ``formula[start:]`` into factors and terms.

    Raises
    ------
    FormulaError
        When it cannot be read; the guilty part is underlined.
    """
    text = formula[start:]
    offset = start + len(text) - len(text.lstrip())
    try:
        parsed = patsy.ModelDesc.from_formula(text)
    except patsy.PatsyError as error:
        origin = error.origin
        span = (origin.start + offset, origin.end + offset) if origin else (offset, len(formula))
        raise FormulaError(
            "formula-syntax",
            pointed(f"the formula cannot be read: {_message(error)}", formula, *span),
        ) from error
    except Exception as error:
        said = "the formula cannot be read: a sign or a bracket stands where none can"
        raise FormulaError(
            "formula-syntax", pointed(said, formula, offset, len(formula))
        ) from error
    places: dict[Any, int] = {}
    terms = tuple(
        tuple(places.setdefault(factor, len(places)) for factor in term.factors)
        for term in parsed.rhs_termlist
    )
    factors = tuple(_factor_text(factor, formula, offset) for factor in places)
    return RightSide(factors, terms)


def _message(error: patsy.PatsyError) -> str:
    """Return what patsy means, without the formula that it underlines below."""
    said = " ".join(str(error.message).split())
    return next((plain for start, plain in IN_PLAIN_WORDS.items() if said.startswith(start)), said)


def _factor_text(factor: Any, formula: str, offset: int) -> FactorText:
    """Name a factor; a column called Intercept must not look like the constant."""
    name = "Q('Intercept')" if factor.code == "Intercept" else str(factor.code)
    origin = factor.origin
    return FactorText(name, formula, origin.start + offset, origin.end + offset)


def simplified(right: str) -> str:
    """Return a right side with its additions and removals carried out: ``a + b - b`` is ``a``."""
    parse_right(f"~ {right}", 1)
    described = patsy.ModelDesc.from_formula(right).describe()
    return str(described).partition("~")[2].strip()


class _Coded:
    """A factor as patsy wants to see one, without data."""

    def __init__(self, name: str, kind: FactorKind) -> None:
        self._name = name
        self._kind = kind
        self.origin = None

    def name(self) -> str:
        return self._name

    def memorize_passes_needed(self, state: dict[str, Any], eval_env: object) -> int:
        return 0

    def eval(self, state: dict[str, Any], data: object) -> Any:
        if self._kind.levels is None:
            return np.zeros((1, self._kind.width))
        return CATEGORICAL([], contrast=self._kind.contrast, levels=self._kind.levels)


class _OneLevel:
    """A factor with one level is a column of ones, so that it has a name to report."""

    def __init__(self, level: object) -> None:
        self._coding = ContrastMatrix(np.ones((1, 1)), [f"[{level}]"])

    def code_with_intercept(self, levels: object) -> Any:
        return self._coding

    code_without_intercept = code_with_intercept


def code_terms(right: RightSide, kinds: Sequence[FactorKind]) -> Plan:
    """Choose contrasts, name the columns and return them as a plan.

    Raises
    ------
    FormulaError
        When a contrast does not suit the levels; the factor is underlined.
    """
    kinds = [_checked(kind, text) for kind, text in zip(kinds, right.factors, strict=True)]
    coded = [_Coded(text.name, kind) for text, kind in zip(right.factors, kinds, strict=True)]
    places = {factor: at for at, factor in enumerate(coded)}
    wanted = [patsy.Term([coded[at] for at in term]) for term in right.terms]
    nowhere = patsy.EvalEnvironment([{}])
    try:
        info = patsy.design_matrix_builders([wanted], lambda: iter([{}]), nowhere)[0]
    except Exception as error:
        first, last = right.factors[0], right.factors[-1]
        said = f"the terms cannot be coded together: {first_line(error)}."
        raise FormulaError(
            "terms-not-codable", pointed(said, first.formula, first.start, last.stop)
        ) from error
    terms, subterms, start = [], [], 0
    for term, parts in info.term_codings.items():
        stop = start + sum(part.num_columns for part in parts)
        names = tuple(factor.name() for factor in term.factors)
        terms.append(Term(":".join(names) or "Intercept", start, stop, names))
        subterms += [_subterm(part, places, kinds) for part in parts]
        start = stop
    return Plan(tuple(info.column_names), tuple(terms), tuple(subterms))


def _subterm(part: Any, places: Mapping[Any, int], kinds: Sequence[FactorKind]) -> Subterm:
    at = tuple(places[factor] for factor in part.factors)
    contrasts = tuple(
        np.asarray(part.contrast_matrices[factor].matrix, dtype=np.float64)
        if factor in part.contrast_matrices
        else None
        for factor in part.factors
    )
    widths = tuple(
        kinds[place].width if contrast is None else contrast.shape[1]
        for place, contrast in zip(at, contrasts, strict=True)
    )
    return Subterm(at, contrasts, widths)


def _checked(kind: FactorKind, text: FactorText) -> FactorKind:
    """Return the kind with a contrast that works for its levels."""
    if kind.levels is None:
        return kind
    if len(kind.levels) == 1:
        return FactorKind(1, kind.levels, _OneLevel(kind.levels[0]))
    if wrong := no_contrast(kind.contrast):
        raise FormulaError("unusable-contrast", text.pointed(f"{text.name}: {wrong}."))
    try:
        for full in (True, False):
            coding = code_contrast_matrix(full, kind.levels, kind.contrast, default=Treatment)
            _check_coding(coding, len(kind.levels))
    except Exception as error:
        said = _message(error) if isinstance(error, patsy.PatsyError) else first_line(error)
        known = listed(kind.levels)
        raise FormulaError(
            "unusable-contrast", text.pointed(f"{text.name}: {said} (levels: {known})")
        ) from error
    return kind


def _check_coding(coding: ContrastMatrix, n_levels: int) -> None:
    """Refuse a contrast that cannot be the coding of a factor."""
    matrix, names = np.asarray(coding.matrix, dtype=np.float64), coding.column_suffixes
    if matrix.shape[0] != n_levels:
        raise patsy.PatsyError(f"the contrast has {matrix.shape[0]} rows for {n_levels} levels")
    if not np.isfinite(matrix).all():
        raise patsy.PatsyError("the contrast has missing or infinite values")
    if len(set(names)) < len(names):
        raise patsy.PatsyError("the contrast has two columns of one name")


def reference_level(levels: Sequence[Any], contrasts: Sequence[FloatArray]) -> Any | None:
    """Return the level whose columns are all zero while each other level has its own one."""
    for contrast in contrasts:
        zero = ~contrast.any(axis=1)
        others = contrast[~zero]
        if zero.sum() == 1 and np.array_equal(others, np.eye(len(others), contrast.shape[1])):
            return levels[int(zero.argmax())]
    return None
