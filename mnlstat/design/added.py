"""What is added to the linear predictors of the rows used, by ``offset=`` or in the formula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.design.column import EVERY, Column
from mnlstat.design.evaluate import Block
from mnlstat.design.missing import labels_of
from mnlstat.design.offset_terms import OffsetTerms, learn_terms
from mnlstat.design.offsets import LearnedOffset, given_numbers, learn_offset, others_than_base
from mnlstat.design.parsed import Parsed
from mnlstat.design.predictors import ALL_ROWS
from mnlstat.design.spec import DesignSpec
from mnlstat.design.weights import Weights
from mnlstat.errors import OffsetError, WeightsError


def with_offsets(
    given: Any,
    parsed: Parsed,
    spec: DesignSpec,
    columns: Mapping[str, Column],
    frame: Any,
    used: BoolArray,
    weights: Weights | None,
) -> tuple[DesignSpec, FloatArray | None]:
    """Return the design with what it learned of offsets, and offsets (n, J) of the used rows.

    Raises
    ------
    OffsetError, WeightsError
        For an offset that cannot be used; for one that learns from rows which repeat.
    """
    if given is None and not parsed.offsets:
        return spec, None
    response = spec.response
    learned, values = LearnedOffset(()), np.zeros((int(used.sum()), len(response.labels)))
    if given is not None:
        learned = learn_offset(given, response)
        if learned.columns is None:
            values = given_numbers(given, frame.index, used, response).copy()
        else:
            values = learned.of(frame, len(response.labels), used)[used]
    if parsed.offsets:
        outcomes = others_than_base(response)
        block = Block(columns, EVERY if used.all() else used, labels_of(frame.index, used))
        terms, total = learn_terms(parsed.offsets, columns, outcomes, block)
        _check_repeated(terms, weights)
        if np.isnan(total).any():
            raise OffsetError(
                "offset-term",
                f"{terms.written} makes new missing values when it is learned from the rows left.\n"
                "Make a column of it.",
            )
        values[:, outcomes] += total[:, None]
        learned = replace(learned, terms=terms)
    return replace(spec, offset=learned), values


def notes_of(spec: DesignSpec) -> tuple[str, ...]:
    """Sentences for the summary about offsets of the formula."""
    terms = None if spec.offset is None else spec.offset.terms
    return () if terms is None else tuple(ALL_ROWS.format(name) for name in terms.mixing)


def _check_repeated(terms: OffsetTerms, weights: Weights | None) -> None:
    """Refuse an offset that learns from rows which repeat, or depends on them."""
    taught = [
        each.text.name
        for each, states in zip(terms.expressions, terms.states, strict=True)
        if states or each.text.name in terms.mixing
    ]
    if taught and weights is not None and weights.is_frequency:
        raise WeightsError(
            "weights-and-transform",
            f"freq_weights: {taught[0]} learns from the rows as they stand, not as often as they"
            " repeat.\nCompute the offset beforehand, as a column of the data.",
        )
