"""A fitted LogisticRegression of scikit-learn, its coefficients against a base.

With three classes or more its coefficients ``c_j`` are symmetric: one row for each class, of which
only differences count; ``b_j = c_j - c_base``.  With two there is one row, of the second class.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.errors import DataError
from mnlstat.options import named, shown
from mnlstat.peers.naming import CONSTANT, normal, outcomes_of
from mnlstat.peers.reported import NOTHING, Number, Reported

NAME = "scikit-learn"
KINDS = ("LogisticRegression", "LogisticRegressionCV")


def is_sklearn(other: object) -> bool:
    """Whether this is something of scikit-learn, and not our own."""
    homes = [kind.__module__.partition(".")[0] for kind in type(other).__mro__]
    return homes[0] != "mnlstat" and "sklearn" in homes


def read_sklearn(other: Any, labels: Sequence[Any], base: int, columns: Sequence[str]) -> Reported:
    """Read a fitted estimator.

    Parameters
    ----------
    other : LogisticRegression or LogisticRegressionCV
    labels, base : our outcomes, and the position of our base among them
    columns : our columns

    Raises
    ------
    DataError
        When it is no fitted multinomial logit, or outcomes or columns differ.
    """
    _check(other)
    places, remarks = _classes(list(other.classes_), labels)
    W = np.column_stack([np.asarray(other.intercept_, dtype=float), other.coef_])
    if len(W) == 1:
        W = np.vstack([np.zeros_like(W), W])
    W = W[np.argsort(places)]
    names, used, said = _names(other, columns)
    B: FloatArray = (W - W[base])[:, used]
    rows = tuple(
        (labels[j], name, Number(float(value)), NOTHING)
        for j in range(len(labels))
        if j != base
        for name, value in zip(names, B[j], strict=True)
    )
    told = [*remarks, *said, *_penalised(other), KEPT]
    version = getattr(sys.modules.get("sklearn"), "__version__", "")
    return Reported(NAME, rows, labels[base], version=str(version), remarks=tuple(told))


KEPT = (
    "keeps no rows and no log-likelihood, and computes no standard errors: whether it was fitted to"
    " the same rows can be told by its score alone."
)


def _check(other: Any) -> None:
    name = type(other).__name__
    if name not in KINDS:
        raise DataError(
            "compare-with-what",
            f"compare(): {name} of scikit-learn is no multinomial logit: give a fitted"
            " LogisticRegression, of a pipeline its last step.",
        )
    if not hasattr(other, "coef_"):
        raise DataError(
            "compare-with-what", f"compare(): the {name} is not fitted: give what fit() returns."
        )
    separate = getattr(other, "multi_class", None) == "ovr" or other.solver == "liblinear"
    if len(other.classes_) > 2 and separate:
        raise DataError(
            "compare-with-what",
            f"compare(): the {name} fits a binary logit for each class (one against the rest),"
            " which is another model.\nFit it with solver='lbfgs'.",
        )
    if other.class_weight is not None:
        raise DataError(
            "compare-weights",
            f"compare(): the {name} weighs classes, class_weight={shown(other.class_weight)}; it"
            " fits other data.\nFit it with class_weight=None.",
        )


def _classes(classes: list[Any], labels: Sequence[Any]) -> tuple[list[int], list[str]]:
    """The position of our outcome for each class."""
    known = [each.item() if isinstance(each, np.generic) else each for each in classes]
    try:
        return list(outcomes_of(known, labels, NAME).values()), []
    except DataError:
        if known != list(range(len(labels))):
            raise
        listed = ", ".join(f"{at} = {named(label)}" for at, label in enumerate(labels))
        return known, [f"its classes are numbers, which are taken in our order: {listed}."]


def _names(other: Any, columns: Sequence[str]) -> tuple[list[str], list[int], list[str]]:
    """Names of its coefficients, their places after the constant, and what is to be said."""
    features = getattr(other, "feature_names_in_", None)
    own = [column for column in columns if normal(column) == CONSTANT]
    slopes = [column for column in columns if column not in own] if other.fit_intercept else columns
    said: list[str] = []
    if features is None:
        if other.n_features_in_ != len(slopes):
            raise DataError(
                "compare-terms",
                f"compare(): the model has {len(slopes)} columns besides what the estimator adds,"
                f" and it was given {other.n_features_in_}.\nmnlstat: {named(', '.join(columns))}.",
            )
        features = slopes
        said = [f"its columns have no names; they are taken in our order: {', '.join(slopes)}."]
    names, used = list(map(str, features)), list(range(1, 1 + other.n_features_in_))
    if other.fit_intercept:
        return [own[0] if own else "Intercept", *names], [0, *used], said
    return names, used, said


def _penalised(other: Any) -> list[str]:
    """What is to be said of a penalty."""
    C = np.max(getattr(other, "C_", [other.C]))
    kind = other.get_params().get("penalty", "l2")
    if kind in (None, "none") or math.isinf(C):
        return []
    kind = kind if kind in ("l1", "l2", "elasticnet") else "l2"
    size = {"l1": "|b|_1 / C", "l2": "|b|^2 / (2C)"}.get(kind, "a penalty")
    return [
        f"is regularised: C = {C:g}, so that it maximises l - {size} over symmetric coefficients,"
        " constants left free, and shrinks them; C=np.inf fits the model itself."
    ]
