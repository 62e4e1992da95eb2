"""How factors are coded where they multiply others: what a test of columns as coded means."""

from __future__ import annotations

import math

import numpy as np

from mnlstat.design.spec import DesignSpec

# Sums of contrasts below this, relative to their largest element, are rounding.
SUMS_TO_ZERO = 1e-9


def tested_at_a_level(spec: DesignSpec) -> dict[str, tuple[str, ...]]:
    """Terms whose columns say what the term does at one level of other factors, and which.

    The term is contained in a product with these factors, and their contrasts there do not sum to
    zero over the levels: coefficients of the term alone are then those at the reference level, not
    an average over levels.
    """
    names = [factor.expression.text.name for factor in spec.learned_factors]
    uncentred: dict[str, set[str]] = {term.name: set() for term in spec.terms}
    start = 0
    for subterm in spec.plan.subterms:
        owner = next((t.name for t in spec.terms if t.start <= start < t.stop), None)
        start += math.prod(subterm.widths)
        if owner is None:
            continue
        for at, contrast in zip(subterm.factors, subterm.contrasts, strict=True):
            if contrast is not None and not _sums_to_zero(contrast):
                uncentred[owner].add(names[at])
    found = {}
    for term in spec.terms:
        larger = [t for t in spec.terms if set(term.factors) < set(t.factors)]
        factors = {f for t in larger for f in uncentred[t.name] if f not in term.factors}
        if term.factors and factors:
            found[term.name] = tuple(sorted(factors))
    return found


def _sums_to_zero(contrast: np.ndarray) -> bool:
    sums = np.abs(np.asarray(contrast, dtype=float).sum(axis=0))
    return bool((sums <= SUMS_TO_ZERO * np.abs(contrast).max(axis=0)).all())
