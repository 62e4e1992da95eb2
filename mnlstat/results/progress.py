"""How far the replicates of a bootstrap are, on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def replicates_bar(n: int, progress: bool) -> Iterator[Callable[[], object]]:
    """What is told of each replicate: a bar of tqdm, or tenths where that is missing."""
    if not progress:
        yield lambda: None
        return
    try:
        from tqdm import tqdm
    except ImportError:
        yield _Tenths(n)
        return
    with tqdm(total=n, leave=False, unit="replicate") as bar:
        yield lambda: bar.update(1)


class _Tenths:
    """Writes how far it is, ten times."""

    def __init__(self, n: int) -> None:
        self._n, self._done = n, 0

    def __call__(self) -> None:
        self._done += 1
        if 10 * self._done // self._n > 10 * (self._done - 1) // self._n:
            sys.stderr.write(f"bootstrap: {self._done} of {self._n} replicates\n")
