"""From a formula and data of any kind to what a likelihood is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mnlstat.design.chunks import chunks_of
from mnlstat.design.prepare import prepare
from mnlstat.design.prepared import Prepared
from mnlstat.design.stream import PreparedStream, prepare_stream
from mnlstat.model.choices import Choices


def specified(
    formula: str, data: Any, base: Any, choices: Choices, scope: Mapping[str, Any]
) -> Prepared | PreparedStream:
    """Prepare data in memory, or data that are read in pieces."""
    chunks = chunks_of(data)
    if chunks is None:
        return prepare(
            formula,
            data,
            base=base,
            missing=choices.missing,
            scope=scope,
            weighting=choices.weighting,
            offset=choices.offset,
            subset=choices.subset,
        )
    return prepare_stream(
        formula,
        chunks,
        base=base,
        missing=choices.missing,
        scope=scope,
        weighting=choices.weighting,
        offset=choices.offset,
        subset=choices.subset,
    )
