"""Multinomial (baseline-category) logistic regression with full inference."""

from mnlstat import datasets, errors
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.model import MNLogit, mnlogit
from mnlstat.results import MNLogitResults
from mnlstat.workflow.compare import compare

__version__ = "0.1.0"

__all__ = [
    "MNLogit",
    "MNLogitResults",
    "MultinomialLikelihood",
    "__version__",
    "compare",
    "datasets",
    "errors",
    "mnlogit",
]
