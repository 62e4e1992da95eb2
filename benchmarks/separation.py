"""Cost of looking for separation: ``python -m benchmarks.separation [--rows 10000] [--budget 3]``.

Medians of ``model.separation()`` and ``fit()`` at k = 20, J = 4, of data that no, some or all
predictors tell apart.  The target is a second each with ten thousand rows.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial

import numpy as np

import mnlstat as mn
from benchmarks.machine import machine, sentence
from benchmarks.measure import Times, alternate, one_thread, spent
from benchmarks.tables import markdown, number
from mnlstat.arrays import FloatArray, IntArray

K, J, SEED = 20, 4, 0
KINDS = ("none", "one level", "one column", "combination", "complete")


def data(kind: str, n: int) -> tuple[IntArray, FloatArray]:
    """Outcomes and a design, told apart in one of the ways."""
    rng = np.random.default_rng(SEED)
    X = np.column_stack([np.ones(n), rng.normal(size=(n, K - 1))])
    eta = X @ rng.normal(size=(K, J)) / 2
    y = (eta if kind == "complete" else eta + rng.gumbel(size=eta.shape)).argmax(axis=1)
    side = np.where(y == 2, 1.0, -1.0) * np.abs(X[:, -1])
    if kind == "one level":
        X[:, -1] = rng.random(n) < 0.05
        y[(X[:, -1] == 1) & (y == 2)] = 0
    elif kind == "one column":
        X[:, -1] = side
    elif kind == "combination":
        X[:, -1] = X[:, 1] - X[:, 2] + side
    return y, X


def times(kind: str, n: int, budget: float) -> dict[str, Times]:
    """Times of both, in turn."""
    y, X = data(kind, n)
    actions = {
        "separation()": lambda _: mn.MNLogit(y, X, n_threads=1).separation(),
        "fit()": lambda _: mn.MNLogit(y, X, n_threads=1).fit(separation="ignore"),
    }
    with one_thread():
        firsts = {name: spent(partial(one, 0))[1].wall for name, one in actions.items()}
        return alternate(actions, firsts, budget)


def main(arguments: list[str]) -> int:
    """Print a table; 1 when the target is missed at ten thousand rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--budget", type=float, default=3.0, help="seconds for each")
    options = parser.parse_args(arguments)
    mn.MNLogit(*data("complete", 200)).separation()  # imports
    rows, worst = [], 0.0
    for kind in KINDS:
        measured = times(kind, options.rows, options.budget)
        cpu = [each.cpu for each in measured.values()]
        worst = max(worst, *cpu)
        rows.append([kind, *(number(each) for each in cpu)])
    print(sentence(machine()))
    print(markdown(rows, ["separation", "separation(), s", "fit(), s"]))
    return int(options.rows <= 10_000 and worst > 1.0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
