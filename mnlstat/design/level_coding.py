"""What the design columns of a factor are at each of its levels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.design.dialect import meant, ticked
from mnlstat.design.spec import DesignSpec
from mnlstat.errors import OptionError
from mnlstat.options import nearest, shown


@dataclass(frozen=True, eq=False)
class LevelCoding:
    """A factor that stands by itself in the formula.

    Attributes
    ----------
    name : of the factor
    levels : in the order of coding
    columns : positions of its design columns
    coding : (levels, columns)
    """

    name: str
    levels: tuple[Any, ...]
    columns: tuple[int, ...]
    coding: FloatArray


def level_coding(spec: DesignSpec, wanted: object) -> LevelCoding:
    """The coding of the factor called ``wanted``, ``C(wanted)`` or made of that column alone.

    Raises
    ------
    OptionError
        When there is none, or when it is multiplied with something: the difference of two levels
        then depends on that.
    """
    position = _position(spec, wanted)
    factor = spec.learned_factors[position]
    name = factor.expression.text.name
    products = [each.name for each in spec.terms if name in each.factors and len(each.factors) > 1]
    if products:
        raise OptionError(
            "factor-in-product",
            f"pairwise({shown(wanted)}): {name} is multiplied in {', '.join(products)}, so that a"
            " difference of its levels depends on the other factors there.\n"
            "Write the combination you mean: res.lincom(...).",
        )
    start = 0
    for subterm in spec.plan.subterms:
        width = int(np.prod(subterm.widths))
        if subterm.factors == (position,):
            coding = subterm.contrasts[0]
            assert coding is not None
            assert factor.levels is not None
            return LevelCoding(name, factor.levels, tuple(range(start, start + width)), coding)
        start += width
    raise OptionError("unknown-factor", f"{name} has no columns of its own in the design.")


def _position(spec: DesignSpec, wanted: object) -> int:
    factors = spec.learned_factors
    levelled = [at for at, each in enumerate(factors) if each.levels is not None]
    for at in levelled:
        text = factors[at].expression.text.name
        column = factors[at].expression.column
        if wanted in (column, f"`{column}`") or meant(wanted, [text]) == text:
            return at
    known = [ticked(factors[at].expression.text.name) for at in levelled]
    listed = f"Factors: {', '.join(known)}." if known else "The model has no factor."
    raise OptionError(
        "unknown-factor",
        f"{shown(wanted)} is not a factor of the model{nearest(wanted, known)}.\n{listed}",
    )
