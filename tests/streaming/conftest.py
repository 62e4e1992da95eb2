"""Small pieces and a small sample, so that small data are read as large ones are."""

from __future__ import annotations

import pytest

from mnlstat.design import pieces
from mnlstat.rows import streamed


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "CHUNK_ROWS", 1000)
    monkeypatch.setattr(streamed, "KEPT_ELEMENTS", 2**14)
    monkeypatch.setattr(streamed, "KEPT_PER_PARAMETER", 0)
