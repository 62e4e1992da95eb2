"""Multinomial (baseline-category) logistic regression with full inference."""

from importlib import import_module

from mnlstat import datasets, errors

__version__ = "0.1.0"

# Everything else is imported when it is first asked for, so that ``import mnlstat`` costs next to
# nothing beside what it stands on; ``__init__.pyi`` tells type checkers the same.
_HOMES = {
    "MNLogit": "mnlstat.model",
    "MNLogitResults": "mnlstat.results",
    "MultinomialLikelihood": "mnlstat.likelihood.multinomial",
    "anova": "mnlstat.workflow.models",
    "compare": "mnlstat.workflow.compare",
    "information_criteria": "mnlstat.workflow.models",
    "Ridge": "mnlstat.likelihood.ridge",
    "load": "mnlstat.results.loading",
    "mnlogit": "mnlstat.model",
    "pool": "mnlstat.workflow.pool",
    "suest": "mnlstat.workflow.suest",
    "table": "mnlstat.workflow.table",
    "cross_validate": "mnlstat.workflow.validation",
    "step": "mnlstat.workflow.stepwise",
    "drop1": "mnlstat.workflow.selection",
    "add1": "mnlstat.workflow.selection",
    "vuong": "mnlstat.workflow.models",
}
# What is loaded with an optional package, and is therefore not among what ``import *`` loads.
_OPTIONAL = {"MNLClassifier": "mnlstat.workflow.classifier"}

__all__ = [
    "MNLogit",
    "MNLogitResults",
    "MultinomialLikelihood",
    "Ridge",
    "__version__",
    "add1",
    "anova",
    "compare",
    "cross_validate",
    "datasets",
    "drop1",
    "errors",
    "information_criteria",
    "load",
    "mnlogit",
    "pool",
    "step",
    "suest",
    "table",
    "vuong",
]


def __getattr__(name: str) -> object:
    home = (_HOMES | _OPTIONAL).get(name)
    if home is None:
        raise AttributeError(f"module 'mnlstat' has no attribute {name!r}")
    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, *_OPTIONAL]
