"""Marginal effects beside one pass with score and Hessian: ``python -m benchmarks.effects``.

Average marginal effects of all variables with standard errors; medians of processor time, taken in
turns, and the largest memory that Python held above the data.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

import mnlstat as mn

COLUMNS, OUTCOMES, ROUNDS = 15, 6, 9
SIZES = (20_000, 1_000_000)
# Right sides: plain columns; an interaction, a spline and a factor among them.
PLAIN = " + ".join(f"x{j}" for j in range(COLUMNS))
MIXED = "x0*x1 + poly(x2, 3) + bs(x3, df=4) + g + np.log(z) + x4 + x5"


def seconds(work: Callable[[], object]) -> float:
    """Processor time of one call."""
    began = time.process_time()
    work()
    return time.process_time() - began


def sample(n: int) -> pd.DataFrame:
    """Random rows with outcomes that depend on them."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, COLUMNS))
    B = 0.3 * rng.normal(size=(COLUMNS, OUTCOMES))
    frame = pd.DataFrame(X, columns=[f"x{j}" for j in range(COLUMNS)])
    frame["y"] = (X @ B + rng.gumbel(size=(n, OUTCOMES))).argmax(axis=1)
    frame["g"] = rng.choice(list("abcd"), n)
    return frame.assign(z=np.exp(rng.normal(size=n)))


def measured(frame: pd.DataFrame, right: str) -> tuple[float, float, float]:
    """Seconds of a pass, seconds of the effects, and megabytes that the effects took."""
    res = mn.mnlogit(f"y ~ {right}", frame, n_threads=1).fit()
    likelihood, params = res.likelihood, res.params.to_numpy()
    passes, effects = [], []
    for _ in range(ROUNDS):
        passes.append(seconds(lambda: likelihood.evaluate(params, order=2)))
        effects.append(seconds(res.margins))
    tracemalloc.start()
    res.margins()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return median(passes), median(effects), peak


def statsmodels_seconds(frame: pd.DataFrame) -> tuple[float, float]:
    """Seconds and megabytes of the same effects by statsmodels."""
    from statsmodels.api import MNLogit, add_constant

    X = add_constant(frame[[f"x{j}" for j in range(COLUMNS)]])
    fitted: Any = MNLogit(frame["y"], X).fit(disp=0)
    tracemalloc.start()
    took = seconds(fitted.get_margeff)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return took, peak


def main() -> None:
    """Print a row for each size and right side."""
    print(f"{'rows':>10} {'formula':<8} {'pass':>9} {'effects':>9} {'ratio':>6} {'MB':>6}")
    for n in SIZES:
        frame = sample(n)
        for name, right in (("plain", PLAIN), ("mixed", MIXED)):
            one, all_of_them, peak = measured(frame, right)
            ratio = all_of_them / one
            print(
                f"{n:>10} {name:<8} {1e3 * one:7.2f}ms {1e3 * all_of_them:7.2f}ms"
                f" {ratio:6.1f} {peak:6.0f}"
            )
    if "statsmodels" in sys.argv:
        took, peak = statsmodels_seconds(sample(SIZES[0]))
        print(f"{SIZES[0]:>10} statsmodels, plain: {took:.2f} s, {peak:.0f} MB")


if __name__ == "__main__":
    main()
