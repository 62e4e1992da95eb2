"""Cost against the number of rows: ``python -m benchmarks.scaling [--most 1e7] [--threads]``.

The whole formula call and ``fit()`` at k = 6, J = 3, with the exponent of n that fits; and the
cost of printing, ``tidy()`` and ``conf_int()``, which must not depend on n.  With ``--threads``
also ``fit()`` of W3 with one and with two threads, on the wall clock.
"""

from __future__ import annotations

import argparse
import copy
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import mnlstat as mn
from benchmarks.machine import machine, sentence
from benchmarks.measure import Times, alternate, one_thread, settle, spent
from benchmarks.tables import markdown, number
from benchmarks.workloads import make, numeric

K, J, SEED = 6, 3, 9
STEP = 10**0.5
FITTED, REPORTED = ("formula call", "fit"), ("summary", "tidy", "conf_int")


def sizes(least: float, most: float) -> list[int]:
    """Numbers of rows, two to a power of ten."""
    count = round(np.log(most / least) / np.log(STEP)) + 1
    return [round(least * STEP**i) for i in range(count)]


def exponent(ns: Sequence[float], seconds: Sequence[float]) -> float:
    """The slope of log seconds on log n: 1 when cost grows in proportion."""
    return float(np.polyfit(np.log(ns), np.log(seconds), 1)[0])


def at(n: int, budget: float) -> dict[str, Times]:
    """Times of fitting and of reporting with n rows."""
    workload = numeric("scaling", n, K, J, SEED)
    model = mn.mnlogit(workload.formula, workload.frame, n_threads=1)
    result = model.fit()

    def report(action: Callable[[Any], Any]) -> Callable[[int], Any]:
        return lambda _: action(copy.deepcopy(result))  # a copy has nothing computed yet

    def whole(run: int) -> Any:
        formula = workload.formula_in_order(run)
        return mn.mnlogit(formula, workload.frame, n_threads=1).fit()

    actions = {
        "formula call": whole,
        "fit": lambda _: model.fit(),
        "summary": report(lambda res: str(res.summary())),
        "tidy": report(lambda res: res.tidy()),
        "conf_int": report(lambda res: res.conf_int()),
    }
    with one_thread():
        firsts = {name: spent(lambda a=action: a(0))[1].cpu for name, action in actions.items()}
    return alternate(actions, firsts, budget)


def two_threads(quick: bool, budget: float) -> str:
    """How much faster ``fit()`` of W3 is with two threads, on the wall clock."""
    workload = make("W3", quick)
    models = {
        f"{count}": mn.mnlogit(workload.formula, workload.frame, n_threads=count)
        for count in (1, 2)
    }
    actions = {count: lambda _, model=model: model.fit() for count, model in models.items()}
    firsts = {name: spent(lambda a=action: a(0))[1].wall for name, action in actions.items()}
    wall = {name: t.facts()["wall_min"] for name, t in alternate(actions, firsts, budget).items()}
    return f"W3, fit() with two threads: {wall['1'] / wall['2']:.2f} x as fast as with one."


def main(words: list[str] | None = None) -> int:
    """Print the table and the exponents."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("--least", type=float, default=1e4, help="fewest rows")
    parser.add_argument("--most", type=float, default=1e7, help="most rows")
    parser.add_argument("--budget", type=float, default=3.0, help="seconds for each number")
    parser.add_argument("--threads", action="store_true", help="also W3 with two threads")
    parser.add_argument("--quick", action="store_true", help="W3 with fewer rows")
    asked = parser.parse_args(words)
    print(sentence(machine()), end="\n\n")
    settle()
    ns = sizes(asked.least, asked.most)
    names = (*FITTED, *REPORTED)
    seconds = []
    for n in ns:
        times = at(n, asked.budget)
        seconds.append([times[name].cpu for name in names])
        print(f"n = {n:,} measured", file=sys.stderr, flush=True)
    rows = [
        [f"{n:,}", *(number(s, 1e-3) for s in line)] for n, line in zip(ns, seconds, strict=True)
    ]
    if len(ns) > 1:
        columns = zip(*seconds, strict=True)
        rows.append(["exponent of n", *(f"{exponent(ns, column):.2f}" for column in columns)])
    print(f"k = {K}, J = {J}, one thread, medians of CPU time in ms", end="\n\n")
    print(markdown(rows, ("n", *names)))
    if asked.threads:
        print(two_threads(asked.quick, asked.budget))
    return 0


if __name__ == "__main__":
    sys.exit(main())
