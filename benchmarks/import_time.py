"""Cost of ``import mnlstat`` as a ratio to importing what it cannot do without.

    python benchmarks/import_time.py [repeats]

Both imports run in fresh interpreters, in turn, so that a busy machine slows both; the ratio of
each pair is taken, then the median over the pairs.  The target is at most 1.15.
"""

from __future__ import annotations

import statistics
import subprocess
import sys

GROUND = "import numpy, scipy.linalg, pandas, patsy"
OURS = "import mnlstat"
TARGET = 1.15


def seconds(statement: str) -> float:
    """Seconds that a statement takes in a fresh interpreter."""
    script = f"from time import perf_counter as t; a = t(); {statement}; print(t() - a)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def main(repeats: int) -> int:
    """Print the medians and their ratio; 1 when the target is missed."""
    seconds(GROUND), seconds(OURS)  # byte code and file cache
    pairs = [(seconds(GROUND), seconds(OURS)) for _ in range(repeats)]
    ground, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(b / a for a, b in pairs)
    print(f"{GROUND}: {ground:.3f} s")
    print(f"{OURS}: {ours:.3f} s")
    print(f"median ratio of {repeats} pairs: {ratio:.3f} (target {TARGET})")
    return int(ratio > TARGET)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 15))
