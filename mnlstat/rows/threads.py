"""Threads over blocks, each with one BLAS thread.

Several BLAS threads on thin products cost more than they give, and their number changes the last
bits of a sum; a pool over blocks does neither.
"""

from __future__ import annotations

import functools
import itertools
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
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


def usable_threads() -> int:
    """Threads to use when nobody says how many: those that BLAS may use, as its settings tell."""
    allowed = [int(library.num_threads) for library in _controller().lib_controllers]
    return max(1, min([usable_cores(), *allowed]))


def usable_cores() -> int:
    """Processor cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Pools:
    """One pool for each number of threads, kept: to start threads takes longer than a small fit."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.lock = threading.Lock()
        self.pools: dict[int, ThreadPoolExecutor] = {}

    def of(self, n_threads: int) -> ThreadPoolExecutor:
        with self.lock:
            if n_threads not in self.pools:
                self.pools[n_threads] = ThreadPoolExecutor(n_threads, "mnlstat")
            return self.pools[n_threads]


_POOLS = _Pools()
if hasattr(os, "register_at_fork"):  # a forked child has none of the threads of its parent
    os.register_at_fork(after_in_child=_POOLS.reset)


@dataclass(frozen=True)
class ThreadMap:
    """A ``map`` that runs ``n_threads`` blocks at a time and yields their parts in order."""

    n_threads: int

    def __call__(self, function: Callable[[Any], Any], blocks: Iterable[Any]) -> Iterator[Any]:
        """Parts of the blocks; never more than two blocks for each thread are read ahead."""
        source = iter(blocks)
        first = list(itertools.islice(source, 2))
        if self.n_threads == 1 or len(first) < 2:
            yield from map(function, itertools.chain(first, source))
            return
        pool = _POOLS.of(self.n_threads)
        waiting = deque(pool.submit(function, block) for block in first)
        try:
            for block in source:
                waiting.append(pool.submit(function, block))
                if len(waiting) >= 2 * self.n_threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for part in waiting:
                part.cancel()
