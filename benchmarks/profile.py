"""Where the time of a whole formula call goes: ``python -m benchmarks.profile [W1 W3] [--quick]``.

Every formula is new, its terms in an order not seen before, so that nothing is remembered.  A
timer interrupts the call; the CPU time since the last interruption goes to the innermost module
of mnlstat on the stack, and to the library that it had called.  Unlike a tracer, this does not
make code of many small calls look dearer than it is.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import mnlstat as mn
from benchmarks.contenders import Ours
from benchmarks.measure import one_thread, settle, spent, without_collection
from benchmarks.tables import markdown, number
from benchmarks.workloads import MAKERS, Workload, make

INTERVAL = 1e-3
LEAST = 0.01  # of the whole, for a line of its own
PACKAGE = "mnlstat"
ELSEWHERE = "outside"


@dataclass
class Sampler:
    """CPU seconds by (module of mnlstat, library), while it is entered."""

    seconds: Counter[tuple[str, str]] = field(default_factory=Counter)
    last: float = 0.0
    before: Any = None

    def __enter__(self) -> Sampler:
        self.before = signal.signal(signal.SIGALRM, self._sample)
        self.last = time.process_time()
        signal.setitimer(signal.ITIMER_REAL, INTERVAL, INTERVAL)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self.before)

    def _sample(self, _: int, frame: FrameType | None) -> None:
        now = time.process_time()
        self.seconds[place(module_names(frame))] += now - self.last
        self.last = time.process_time()  # what sampling itself takes counts for nobody


def module_names(frame: FrameType | None) -> list[str]:
    """Names of the modules on the stack, the innermost first."""
    names = []
    while frame is not None:
        names.append(str(frame.f_globals.get("__name__", "")))
        frame = frame.f_back
    return names


def place(names: list[str]) -> tuple[str, str]:
    """The innermost module of mnlstat, and the library that it had called, itself if none."""
    callee = PACKAGE
    for name in names:
        if name.split(".")[0] == PACKAGE:
            return name.removeprefix(f"{PACKAGE}."), callee
        callee = name.split(".")[0]
    return ELSEWHERE, ELSEWHERE


def stages(seconds: Counter[tuple[str, str]], calls: int) -> list[list[str]]:
    """Cells of the table: modules by their time, the libraries they spent it in."""
    total = sum(seconds.values())
    by_module: Counter[str] = Counter()
    for (module, _), spent_there in seconds.items():
        by_module[module] += spent_there
    rows, small = [], 0.0
    for module, spent_there in by_module.most_common():
        if spent_there < LEAST * total:
            small += spent_there
            continue
        libraries = Counter({lib: s for (where, lib), s in seconds.items() if where == module})
        told = [
            f"{lib} {100 * s / spent_there:.0f} %"
            for lib, s in libraries.most_common(3)
            if s > 0.1 * spent_there
        ]
        rows.append([*_cells(module, spent_there, calls, total), ", ".join(told)])
    return [*rows, [*_cells("all others", small, calls, total), ""]] if small else rows


def _cells(module: str, seconds: float, calls: int, total: float) -> list[str]:
    return [module, number(seconds / calls, 1e-3), f"{100 * seconds / total:.1f} %"]


def parts(workload: Workload) -> dict[str, Callable[[int], Any]]:
    """The formula step alone and the whole call, each with new formulas."""
    specify = lambda run: mn.mnlogit(workload.formula_in_order(run), workload.frame)  # noqa: E731
    return {"formula to model": specify, "whole call": Ours("formula").prepare(workload)}


def profile(workload: Workload, budget: float) -> str:
    """The two tables of a workload."""
    text = [f"## {workload.name}: {workload.n:,} x {workload.k}, {workload.J} outcomes"]
    with one_thread():
        for name, action in parts(workload).items():
            action(0)
            first = spent(lambda action=action: action(1))[1].cpu
            calls = max(1, int(budget / first))
            with without_collection(), Sampler() as sampler:
                for run in range(calls):
                    action(run + 2)
            rows = stages(sampler.seconds, calls)
            each = sum(sampler.seconds.values()) / calls
            text.append(f"{name}: {number(each, 1e-3)} ms of CPU time, mean of {calls} calls")
            text.append(markdown(rows, ("module", "ms", "share", "spent in")))
    return "\n\n".join(text)


def main(words: list[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description=__doc__)
    parser.add_argument("workloads", nargs="*", metavar="W", help="W1 to W8")
    parser.add_argument("--quick", action="store_true", help="fewer rows")
    parser.add_argument("--budget", type=float, default=10.0, help="seconds for each table")
    asked = parser.parse_args(words)
    if unknown := sorted(set(asked.workloads) - set(MAKERS)):
        parser.error(f"no workload {', '.join(unknown)}; there are {', '.join(MAKERS)}")
    settle()
    for name in asked.workloads or ("W1", "W3"):
        print(profile(make(name, asked.quick), asked.budget), end="\n\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
