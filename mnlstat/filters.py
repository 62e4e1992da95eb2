"""Filters of warnings, which belong to the whole process, changed by one thread at a time.

Another package that changes them in another thread meanwhile (pandas does) is not kept from it.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal


class _Turn:
    """Whose turn it is: filters put back out of order would stay changed."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.lock = threading.RLock()


_TURN = _Turn()
if hasattr(os, "register_at_fork"):  # a forked child has none of the threads that hold the lock
    os.register_at_fork(after_in_child=_TURN.reset)


@contextmanager
def filtered(
    action: Literal["error", "always", "ignore"], category: type[Warning] = Warning
) -> Iterator[list[warnings.WarningMessage]]:
    """A block with another filter, alone among those of this package; "always" records."""
    with _TURN.lock, warnings.catch_warnings(record=action == "always") as caught:
        warnings.simplefilter(action, category)
        yield [] if caught is None else caught
