"""Threads over blocks, each with one BLAS thread.

Several BLAS threads on thin products cost more than they give, and their number changes the last
bits of a sum; a pool over blocks does neither.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

from threadpoolctl import ThreadpoolController


@functools.cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


def one_blas_thread() -> AbstractContextManager[Any]:
    """A context in which BLAS uses one thread; the former number is put back afterwards."""
    limited: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return limited


def thread_map(n_threads: int) -> Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]:
    """A ``map`` that runs ``n_threads`` blocks at a time and yields their parts in order."""

    def mapped(function: Callable[[Any], Any], blocks: Iterable[Any]) -> Iterable[Any]:
        with ThreadPoolExecutor(n_threads) as pool:
            yield from pool.map(function, blocks)

    return mapped
