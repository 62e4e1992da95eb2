"""How many digits of each certified model the package reaches: ``python -m tests.digits``.

One line for each model with a finite maximum, the worst number of each kind.  Digits are
``-log10`` of the relative error against 22-digit values; 17.0 means equal to the last bit.
"""

from __future__ import annotations

import sys
import warnings
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

import mnlstat as mn
from mnlstat.errors import AliasedWarning
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.optimize.newton import maximise
from tests.reference import models
from tests.reference.agreement import digits, least_digits
from tests.reference.models import ReferenceModel


@dataclass(frozen=True)
class Line:
    """One model; None where the reference has no such value or the interface cannot fit it."""

    model: str
    n: int
    k: int
    J: int
    condition: float
    coef: float
    se: float
    loglik: float
    null: float | None = None
    aic: float | None = None
    bic: float | None = None
    z: float | None = None
    prob: float | None = None

    def cells(self) -> list[str]:
        """The line as text."""
        return [_cell(value) for value in asdict(self).values()]


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.3g}" if value > 100 else f"{value:.1f}"
    return str(value)


def measure(model: ReferenceModel) -> Line:
    """Fit a model and count."""
    return _measure_fit(model) if model.is_public else _measure_likelihood(model)


def _line(model: ReferenceModel, **reached: Any) -> Line:
    n = model["certified"].get("nobs_for_bic", model["n_used"])
    k, J = len(model.kept_columns), len(model.outcomes)
    return Line(model.id, int(n), k, J, model.condition, **reached)


def _measure_fit(model: ReferenceModel) -> Line:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AliasedWarning)
        res = mn.mnlogit(model.formula, model.frame(), base=model["base"]).fit()

    def worst(ours: pd.Series, name: str) -> float:
        return least_digits(ours.loc[model.index], model.certified(name))

    stated = pd.DataFrame(
        [row["values"] for row in model["predictions"]], index=range(len(model["predictions"]))
    )
    exact = [row["prob"][outcome] for row in model["predictions"] for outcome in model.outcomes]
    return _line(
        model,
        coef=worst(res.params, "coef"),
        se=worst(res.bse, "se"),
        loglik=digits(res.llf, model.certified("loglik")),
        null=digits(res.llnull, model.certified("loglik_null")),
        aic=digits(res.aic, model.certified("aic")),
        bic=digits(res.bic, model.certified("bic")),
        z=worst(res.tvalues, "z"),
        prob=least_digits(res.predict(stated).to_numpy().ravel(), exact),
    )


def _measure_likelihood(model: ReferenceModel) -> Line:
    optimum = maximise(MultinomialLikelihood.from_arrays(**asdict(model.arrays())))
    se = np.sqrt((optimum.root**2).sum(axis=1))
    return _line(
        model,
        coef=least_digits(optimum.params, model.certified("coef")),
        se=least_digits(se, model.certified("se")),
        loglik=digits(optimum.value, model.certified("loglik")),
    )


def table() -> str:
    """All models, aligned."""
    lines = [measure(model) for model in models.every_model() if model.is_certified]
    rows = [list(asdict(lines[0])), *(line.cells() for line in lines)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
