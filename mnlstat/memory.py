"""Whether a large array will fit, asked before it is made."""

from __future__ import annotations

import os

from mnlstat.errors import DataError

# Arrays smaller than this are made without asking.
SMALL = 2**28
# The share of the free memory that one array may take.
SHARE = 0.8


def check_room(n_bytes: float, what: str, advice: str) -> None:
    """Refuse what will not fit into memory.

    Raises
    ------
    DataError
        Saying what needs how much, how much there is, and what to do.
    """
    if n_bytes < SMALL:
        return
    free = free_bytes()
    if free is not None and n_bytes > SHARE * free:
        raise DataError(
            "too-large",
            f"{what} needs {_gigabytes(n_bytes)} of memory; {_gigabytes(free)} are free.\n{advice}",
        )


def free_bytes() -> float | None:
    """Memory that can be had without swapping, in bytes; None where it cannot be told."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            for line in file:
                if line.startswith("MemAvailable:"):
                    return 1024.0 * int(line.split()[1])
    except (OSError, ValueError, IndexError):
        pass
    try:
        return float(os.sysconf("SC_PAGE_SIZE")) * os.sysconf("SC_AVPHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None


def _gigabytes(n_bytes: float) -> str:
    return f"{n_bytes / 1e9:.3g} GB"
