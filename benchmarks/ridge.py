"""The ridge beside scikit-learn's ``LogisticRegression``, which has the same penalty.

Its J coefficients of a column sum to zero at the maximum, where the sum of their squares is the
quadratic form of ``Ridge``; ``C`` is ``1 / lambda``.  Run: ``python -m benchmarks.ridge``.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

import mnlstat as mn

ROWS, COLUMNS, OUTCOMES = 20_000, 8, 4
PENALTIES = (0.1, 10.0, 1000.0)


def main() -> None:
    """Print, for each lambda, differences of probabilities, value and time."""
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    X = rng.normal(size=(ROWS, COLUMNS))
    eta = X @ rng.normal(size=(COLUMNS, OUTCOMES))
    y = (eta + rng.gumbel(size=(ROWS, OUTCOMES))).argmax(axis=1)
    frame = pd.DataFrame(X).add_prefix("x")
    model = mn.MNLogit(y, frame.assign(const=1.0))
    print("lambda  largest difference of pi  sklearn: value below ours  seconds (ours, sklearn)")
    for lambda_ in PENALTIES:
        began = time.perf_counter()
        ours = model.fit(penalty=mn.Ridge(lambda_, scale=False))
        between = time.perf_counter()
        theirs = LogisticRegression(C=1 / lambda_, tol=1e-12, max_iter=10_000, solver="newton-cg")
        theirs.fit(X, y)
        ended = time.perf_counter()
        gap = np.abs(theirs.predict_proba(X) - ours.fittedvalues.to_numpy()).max()
        pi = theirs.predict_proba(X)[np.arange(ROWS), y]
        value = np.log(pi).sum() - lambda_ / 2 * np.square(theirs.coef_).sum()
        below, seconds = ours.penalised_llf - value, (between - began, ended - between)
        print(f"{lambda_:6g}  {gap:.1e}  {below:.1e}  {seconds[0]:.2f}, {seconds[1]:.2f}")


if __name__ == "__main__":
    main()
