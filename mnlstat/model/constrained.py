"""Fits under linear equality constraints: what they refuse, and how they end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.design.aliasing import Aliasing
from mnlstat.design.named_columns import columns_named
from mnlstat.design.spec import DesignSpec
from mnlstat.errors import OptionError
from mnlstat.inference.constraints import Constraints, constraints_of
from mnlstat.inference.estimates import ParameterLabels
from mnlstat.likelihood.constraints import Constrained
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.model.choices import Choices
from mnlstat.optimize.newton import maximise
from mnlstat.optimize.optimum import Optimum
from mnlstat.optimize.trace import Iteration


def learned_constraints(
    choices: Choices, spec: DesignSpec, labels: ParameterLabels, aliasing: Aliasing
) -> Constraints | None:
    """The constraints of a model, None without any; errors as :func:`constraints_of`."""
    named = columns_named("parallel", choices.parallel, spec)
    seen: set[int] = set()
    parallel = {}
    for name, columns in named.items():
        parallel[name] = np.array([c for c in columns.tolist() if c not in seen], dtype=np.intp)
        seen.update(columns.tolist())
    parallel = {name: columns for name, columns in parallel.items() if len(columns)}
    kept = np.tile(aliasing.kept, len(spec.response.labels) - 1)
    return constraints_of(choices.constraints, parallel, labels, kept)


def check_constrained(penalty: Any, checkpoint: Any) -> None:
    """Refuse what a constrained fit would ignore."""
    for option, given in (("penalty", penalty), ("checkpoint", checkpoint)):
        if given is not None:
            raise OptionError(
                "not-with-constraints",
                f"{option}= is not there for models with constraints= or parallel=.\n"
                "Leave out the one or the other.",
            )


def constrained_optimum(
    likelihood: MultinomialLikelihood,
    constraints: Constraints,
    start: FloatArray | None,
    maxiter: int,
    tol: float,
    watch: Callable[[Iteration], None] | None,
) -> Optimum:
    """The maximum under the constraints, with ``root`` (p, d) of rank d, the free parameters."""
    elimination = constraints.elimination
    origin = elimination.origin
    constrained = Constrained(likelihood, elimination)
    first = None if start is None else start - origin
    optimum = maximise(constrained, start=first, maxiter=maxiter, tol=tol, watch=watch)
    return replace(optimum, params=origin + optimum.params)
