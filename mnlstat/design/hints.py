"""What someone who wrote an unknown name or odd syntax probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Container, Iterable

from mnlstat.options import nearest, shown

FROM_R = {
    "factor": "C(x)",
    "ordered": "C(x, Poly)",
    "relevel": "C(x, Treatment(reference='level'))",
    "ns": "cr(x, df=...)",
    "s": "cr(x, df=...) or bs(x, df=...)",
    "poly": "x + I(x**2) + ...",
    "ifelse": "np.where(condition, a, b)",
    "cut": "pd.cut(x, edges)",
}
OURS = ("C", "Q", "I", "bs", "cr", "cc", "te", "center", "standardize", "scale")
NUMPY = (
    "abs", "exp", "expm1", "log", "log10", "log1p", "log2", "maximum", "minimum", "sqrt", "where",
    "sin", "cos", "tan", "arcsin", "arctan", "floor", "ceil", "round", "clip", "sign", "power",
)  # fmt: skip


def unknown_name(name: str, columns: Iterable[str], called: bool = False) -> str:
    """Return the message for a name that is neither a column nor known to the caller."""
    if not called:
        hint = nearest(name, columns)
        return f"there is no column or variable named {shown(name)}{hint}."
    said = f"there is no function named {shown(name)}"
    if name in FROM_R:
        return f"{said}; write {FROM_R[name]}."
    if name in NUMPY:
        return f"{said}; write np.{name}."
    close = difflib.get_close_matches(name, [*OURS, *NUMPY], n=1, cutoff=0.5)
    if not close:
        return f"{said}."
    return f"{said} (did you mean {'np.' * (close[0] in NUMPY)}{close[0]}?)."


def unreadable(code: str, error: Exception, columns: Container[str]) -> str:
    """Return the message for a piece of formula that is no expression."""
    if code.strip() in columns:
        return f"a name with blanks or signs is written in quotes: Q({shown(code.strip())})."
    if code.strip() == ".":
        return "'.' stands for the old side of the formula, in update() only."
    return f"the formula cannot be read: {getattr(error, 'msg', error)}."


def power_hint(code: str) -> str:
    """Return what to write instead of R's caret."""
    return "; powers are written **, as in I(x**2)" if "^" in code else ""
