"""The bootstrap beside single fits: ``python -m benchmarks.bootstrap``.

1,000 replicates at n = 1,000, k = 8, J = 4, in single calls of ``mnlogit(...).fit()`` on the same
prepared data; medians of processor time, taken in turns.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import numpy as np
import pandas as pd

import mnlstat as mn

ROWS, COLUMNS, OUTCOMES, REPLICATES = 1_000, 8, 4, 1_000
ROUNDS, FITS = 9, 40


def seconds(work: Callable[[], object]) -> float:
    """Processor time of one call."""
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    """Print the time of a fit, of the replicates, and their ratio."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(ROWS, COLUMNS - 1))
    eta = np.column_stack([np.ones(ROWS), X]) @ rng.normal(size=(COLUMNS, OUTCOMES)) / 2
    names = [f"x{j}" for j in range(COLUMNS - 1)]
    frame = pd.DataFrame(X, columns=names)
    frame["y"] = (eta + rng.gumbel(size=eta.shape)).argmax(axis=1)
    formula = f"y ~ {' + '.join(names)}"
    model = mn.mnlogit(formula, frame, n_threads=1)
    res = model.fit()
    res.bootstrap(20, seed=0)  # imports
    fit, call, boot = [], [], []
    for _ in range(ROUNDS):
        fit.append(seconds(lambda: [model.fit() for _ in range(FITS)]) / FITS)
        both = seconds(lambda: [mn.mnlogit(formula, frame, n_threads=1).fit() for _ in range(FITS)])
        call.append(both / FITS)
        boot.append(seconds(lambda: res.bootstrap(REPLICATES, seed=1)))
    print(f"model.fit()                  {1e3 * median(fit):8.2f} ms")
    print(f"mnlogit(...).fit()           {1e3 * median(call):8.2f} ms")
    print(f"bootstrap({REPLICATES})              {1e3 * median(boot):8.2f} ms")
    print(f"in fits of a prepared model  {median(boot) / median(fit):8.0f}")
    print(f"in whole calls               {median(boot) / median(call):8.0f}")


if __name__ == "__main__":
    main()
