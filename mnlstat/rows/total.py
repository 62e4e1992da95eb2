"""The one loop over rows."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any, Protocol, Self, TypeVar

from mnlstat.rows.threads import one_blas_thread


class Mergeable(Protocol):
    """What a block contributes: parts merge, associatively, in the order of the rows."""

    def merge(self, other: Self) -> Self:
        """This part and the part of the rows that follow."""


M = TypeVar("M", bound=Mergeable)
B = TypeVar("B")
B_co = TypeVar("B_co", covariant=True)


class Readable(Protocol[B_co]):
    """Rows in blocks that can be read again, and who computes what the blocks contribute."""

    @property
    def mapper(self) -> Any:
        """Runs a function over the blocks and yields the parts in order."""

    def blocks(self) -> Iterator[B_co]:
        """The blocks, in order."""


def total(rows: Readable[B], contribution: Callable[[B], M]) -> M:
    """Merge ``contribution(block)`` over all blocks, in the order of the rows.

    ``rows.mapper`` decides who computes the parts (``map`` itself, threads, ...), never how they
    merge: the same split gives the same bits whoever does the work.
    """
    with one_blas_thread():
        merged: M = functools.reduce(_merge, rows.mapper(contribution, rows.blocks()))
    return merged


def _merge(left: M, right: M) -> M:
    return left.merge(right)
