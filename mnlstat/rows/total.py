"""The one loop over rows."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Protocol, Self, TypeVar

from mnlstat.rows.rows import Block, Mapper
from mnlstat.rows.threads import one_blas_thread


class Mergeable(Protocol):
    """What a block contributes: parts merge, associatively, in the order of the rows."""

    def merge(self, other: Self) -> Self:
        """This part and the part of the rows that follow."""


class Readable(Protocol):
    """Rows in blocks that can be read again, and who computes what the blocks contribute."""

    @property
    def mapper(self) -> Mapper:
        """Runs a function over the blocks and yields the parts in order."""

    def blocks(self) -> Iterator[Block]:
        """The blocks, in order."""


M = TypeVar("M", bound=Mergeable)


def total(rows: Readable, contribution: Callable[[Block], M]) -> M:
    """Merge ``contribution(block)`` over all blocks, in the order of the rows.

    ``rows.mapper`` decides who computes the parts (``map`` itself, threads, ...), never how they
    merge: the same split gives the same bits whoever does the work.
    """
    with one_blas_thread():
        merged: M = functools.reduce(_merge, rows.mapper(contribution, rows.blocks()))
    return merged


def _merge(left: M, right: M) -> M:
    return left.merge(right)
