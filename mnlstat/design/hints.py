"""What someone who wrote an unknown name or odd syntax probably meant."""

from __future__ import annotations

import difflib
import keyword
import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import Any

import numpy as np

from mnlstat.options import nearest, shown

# A name as R has them, which Python takes for a name and an attribute of it, or cannot read.
DOTTED = re.compile(r"[^\W\d]\w*(\.\w+)+")
FROM_R = {
    "isna": "pd.isna(x)",
    "ln": "log(x)",
    "pmax": "np.maximum(a, b)",
    "pmin": "np.minimum(a, b)",
    "ordered": "C(x, Poly)",
    "s": "ns(x, df=...), cr(x, df=...) or bs(x, df=...)",
    "ifelse": "np.where(condition, a, b)",
    "cut": "pd.cut(x, edges)",
    "offset": "offset(z) as a term by itself",
}
CONTRASTS = ("Treatment", "Sum", "Poly", "Helmert", "Diff")
OURS = (
    "C", "Q", "I", "bs", "ns", "cr", "cc", "te", "poly", "center", "standardize", "scale", "factor",
    "relevel", "exp", "expm1", "log", "log10", "log1p", "log2", "sqrt",
)  # fmt: skip
NUMPY = (
    "maximum", "minimum", "where", "sin", "cos", "tan", "arcsin", "arctan", "floor", "ceil",
    "round", "clip", "sign", "power",
)  # fmt: skip


def unknown_name(name: str, columns: Iterable[str], called: bool = False) -> str:
    """Return the message for a name that is neither a column nor known to the caller."""
    if not called and name.startswith("contr."):
        return f"there is no contrast named {shown(name)}; there are {', '.join(CONTRASTS)}."
    if not called:
        twin = next((each for each in columns if unicodedata.normalize("NFKC", each) == name), None)
        hint = nearest(name, columns) if twin is None else f"; write Q({twin!r})"
        return f"there is no column or variable named {shown(name)}{hint}."
    said = f"there is no function named {shown(name)}"
    if name in FROM_R:
        return f"{said}; write {FROM_R[name]}."
    if name in NUMPY:
        return f"{said}; write np.{name}."
    close = [each for each in OURS if sorted(each) == sorted(name)]
    close = close or difflib.get_close_matches(name, OURS, n=1, cutoff=0.75)
    close = close or difflib.get_close_matches(name, NUMPY, n=1, cutoff=0.8)
    if not close:
        return f"{said}."
    return f"{said} (did you mean {'np.' * (close[0] in NUMPY)}{close[0]}?)."


def conversion(name: str) -> str:
    """Return the message for R's ``as.numeric()`` and the like."""
    return (
        f"there is no function named {shown(name)}; convert the column in the data, or write C(x)"
        " for categories."
    )


def several_variables(name: str) -> str:
    """Return the message for a second variable of a transform of one."""
    cure = ", for their product poly(a, 2):poly(b, 2)" if name == "poly" else ""
    return f"{name}() takes one variable; write a term for each{cure}."


def unreadable(code: str, error: Exception, columns: Collection[str]) -> str:
    """Return the message for a piece of formula that is no expression."""
    if code.strip() in columns and keyword.iskeyword(code.strip()):
        return f"{shown(code.strip())} is a word of Python's own; write Q({shown(code.strip())})."
    if code.strip() in columns:
        return f"a name with blanks or signs is written in quotes: Q({shown(code.strip())})."
    if DOTTED.fullmatch(code.strip()):
        return unknown_name(code.strip(), columns)
    if code.strip() == ".":
        return "'.' stands for the other columns of the data, on the right side only."
    return f"the formula cannot be read: {getattr(error, 'msg', error)}."


def no_contrast(contrast: Any) -> str | None:
    """Return why the second argument of C() is no contrast, None when it may be one."""
    said = "the second argument of C() is a contrast"
    if isinstance(contrast, str) and contrast in CONTRASTS:
        return f"{said}; write {contrast} without quotes"
    if isinstance(contrast, str):
        return f"{said}; for a reference level write Treatment({shown(contrast)})"
    coded = ("code_with_intercept", "column_suffixes")
    if contrast is None or callable(contrast) or any(hasattr(contrast, name) for name in coded):
        return None
    try:
        matrix = np.asarray(contrast)
        suits = matrix.ndim == 2 and matrix.dtype.kind in "fiub"
    except Exception:  # a ragged list
        suits = False
    return None if suits else f"{said}, such as Sum or a matrix; levels are given as levels=[...]"
