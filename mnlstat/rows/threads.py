"""Threads over blocks, each with one BLAS thread.

Several BLAS threads on thin products cost more than they give, and their number changes the last
bits of a sum; a pool over blocks does neither.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from threadpoolctl import OpenBLASController, ThreadpoolController


@functools.cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


class _OneThread:
    """Holds BLAS at one thread while anybody needs it: the first in sets, the last out resets."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.lock = threading.Lock()
        self.inside = 0
        self.limit: Any = None

    def enter(self) -> None:
        with self.lock:
            if self.inside == 0:
                self.limit = _controller().limit(limits=1, user_api="blas")
                _disown()
            self.inside += 1

    def leave(self) -> None:
        with self.lock:
            self.inside -= 1
            if self.inside == 0:
                self.limit.restore_original_limits()
                _disown()


def _disown() -> None:
    """Let another thread reset what this one has set: newer threadpoolctl asks for that."""
    disown = getattr(OpenBLASController, "clear_controlling_thread", None)
    if disown is not None:
        disown()


_ONE_THREAD = _OneThread()
if hasattr(os, "register_at_fork"):  # a forked child has none of the threads that were inside
    os.register_at_fork(after_in_child=_ONE_THREAD.reset)


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """A context in which BLAS uses one thread; the former number is put back afterwards."""
    _ONE_THREAD.enter()
    try:
        yield
    finally:
        _ONE_THREAD.leave()


def thread_map(n_threads: int) -> Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]:
    """A ``map`` that runs ``n_threads`` blocks at a time and yields their parts in order."""

    def mapped(function: Callable[[Any], Any], blocks: Iterable[Any]) -> Iterable[Any]:
        with ThreadPoolExecutor(n_threads) as pool:
            yield from pool.map(function, blocks)

    return mapped
