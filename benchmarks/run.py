"""mnlstat beside other programs on the workloads W1 to W8.

    python -m benchmarks.run [--quick] [W2 W3 ...] [--json out.json] [--markdown docs/benchmarks.md]

Every contender runs first in a child process, within a time limit, which tells its duration and
peak memory; then all run in alternation in this process, each as often as its duration lets it.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.comparison import Limits, measure, warm_up
from benchmarks.contenders import CONTENDERS
from benchmarks.contenders_r import R_CONTENDERS
from benchmarks.floor import dgemm_peak
from benchmarks.machine import machine
from benchmarks.measure import one_thread
from benchmarks.tables import between_markers, report
from benchmarks.workloads import MAKERS, make

QUICK = Limits(first=1.5, budget=0.2)
FULL = Limits(first=180.0, budget=10.0)


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("workloads", nargs="*", metavar="W", help="W1 to W8; all when left out")
    parser.add_argument("--quick", action="store_true", help="fewer rows, under a minute")
    parser.add_argument("--limit", type=float, help="CPU seconds that a first run may take")
    parser.add_argument("--budget", type=float, help="seconds of repeated runs, each contender")
    parser.add_argument("--json", type=Path, help="file to write all numbers to")
    parser.add_argument("--markdown", type=Path, help="page whose marked part is rewritten")
    parsed = parser.parse_args(words)
    if unknown := sorted(set(parsed.workloads) - set(MAKERS)):
        parser.error(f"no workload {', '.join(unknown)}; there are {', '.join(MAKERS)}")
    return parsed


def main(words: list[str] | None = None) -> int:
    """Measure, print, write."""
    asked = arguments(words)
    usual = QUICK if asked.quick else FULL
    limits = Limits(asked.limit or usual.first, asked.budget or usual.budget)
    contenders = (*CONTENDERS, *R_CONTENDERS)
    run: dict[str, Any] = {"quick": asked.quick, "machine": machine(), "workloads": []}
    warm_up(make("W1"), contenders)
    with one_thread():
        run["dgemm_peak"] = dgemm_peak()
    for name in asked.workloads or MAKERS:
        run["workloads"].append(measure(make(name, asked.quick), contenders, limits))
        if asked.json:
            asked.json.write_text(json.dumps(run, indent=1))
    text = report(run)
    print(text)
    if asked.markdown:
        page = asked.markdown.read_text(encoding="utf-8")
        asked.markdown.write_text(between_markers(page, text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
