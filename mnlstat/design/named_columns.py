"""Design columns by the name of their term or their own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mnlstat.arrays import IntArray
from mnlstat.design.dialect import as_named
from mnlstat.design.spec import DesignSpec
from mnlstat.errors import OptionError
from mnlstat.options import named, nearest, shown


def columns_named(option: str, names: Sequence[str], spec: DesignSpec) -> dict[str, IntArray]:
    """Positions of the design columns that each name stands for: a term, else a column.

    Backticks are understood as in formulas.

    Raises
    ------
    OptionError
        For a name that is neither.
    """
    terms = {term.name: np.arange(term.start, term.stop) for term in spec.terms}
    columns = {name: np.array([at]) for at, name in enumerate(spec.columns)}
    known = columns | terms
    meant = {name: name if name in known else as_named(name, spec.variables) for name in names}
    for name in meant.values():
        if name not in known:
            listed = ", ".join(map(named, list(terms)[:6])) + (", ..." if len(terms) > 6 else "")
            raise OptionError(
                "unknown-term",
                f"{option}: {shown(name)} is no term or column of the model"
                f"{nearest(name, known)}; its terms are {listed}.",
            )
    return {name: known[name] for name in meant.values()}
