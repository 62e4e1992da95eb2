"""Telling a user who asked how a fit goes."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mnlstat.optimize.trace import Iteration

# The bar is full when the error is this many standard errors.
DONE = 1e-12


@contextmanager
def watching(verbose: bool, progress: bool) -> Iterator[Callable[[Iteration], None] | None]:
    """What is to be told of each pass: lines on standard output, a bar on standard error."""
    if progress:
        with _bar() as advance:
            yield _both(_write if verbose else None, advance)
    else:
        yield _write if verbose else None


def _write(taken: Iteration) -> None:
    sys.stdout.write(f"{taken}\n")
    sys.stdout.flush()


def _both(
    first: Callable[[Iteration], None] | None, second: Callable[[Iteration], None] | None
) -> Callable[[Iteration], None] | None:
    if first is None or second is None:
        return first or second

    def tell(taken: Iteration) -> None:
        first(taken)
        second(taken)

    return tell


@contextmanager
def _bar() -> Iterator[Callable[[Iteration], None]]:
    """A tqdm bar over the orders of magnitude of the error.

    Where tqdm is missing, a plain one on a terminal, lines elsewhere.
    """
    try:
        from tqdm import tqdm
    except ImportError:
        if not sys.stderr.isatty():
            yield lambda taken: print(taken, file=sys.stderr)  # noqa: T201
            return
        drawn = _Drawn()
        try:
            yield _Advance(drawn)
        finally:
            drawn.close()
        return
    with tqdm(total=1.0, bar_format="{l_bar}{bar}| {elapsed}{postfix}", leave=False) as bar:
        yield _Advance(bar)


class _Drawn:
    """A bar on a terminal in plain letters, which is gone at the end."""

    WIDTH = 30

    def __init__(self) -> None:
        self.n = 0.0
        self._said, self._longest = "", 0

    def set_postfix_str(self, said: str) -> None:
        """What stands behind the bar from the next update on."""
        self._said = said

    def update(self, share: float) -> None:
        """Go on by a share of the way, and draw."""
        self.n += share
        full = round(self.WIDTH * self.n)
        line = f"[{'#' * full}{'.' * (self.WIDTH - full)}] {self.n:4.0%}  {self._said}"
        self._longest = max(self._longest, len(line))
        sys.stderr.write(f"\r{line:<{self._longest}}")
        sys.stderr.flush()

    def close(self) -> None:
        """Leave an empty line."""
        sys.stderr.write(f"\r{'':<{self._longest}}\r" if self._longest else "")
        sys.stderr.flush()


class _Advance:
    """Moves a bar to the share of the way, on a logarithmic scale, that the error has gone."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar
        self._first = 0.0

    def __call__(self, taken: Iteration) -> None:
        error = max(taken.decrement, DONE)
        self._first = max(self._first, error)
        share = math.log(self._first / error) / math.log(max(self._first / DONE, math.e))
        self._bar.set_postfix_str(f"{taken.plan}, error {taken.decrement:.1e} se")
        self._bar.update(max(share - self._bar.n, 0.0))
