"""A LogisticRegression of scikit-learn is set against our base, or refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mnlstat as mn
from tests.peers.test_reported import code_of, trips

sklearn = pytest.importorskip("sklearn.linear_model", reason="scikit-learn is an optional extra")


def fitted(X: Any, y: Any, **options: Any) -> Any:
    given = {"C": np.inf, "tol": 1e-12, "max_iter": 3000, "solver": "newton-cholesky"} | options
    return sklearn.LogisticRegression(**given).fit(X, y)


def test_scikit_learn_is_set_against_our_base() -> None:
    frame = trips()
    X = frame[["psize", "hinc"]]
    for base in ("air", "train"):
        res = mn.mnlogit("mode ~ hinc + psize", frame, base=base).fit()
        found = res.compare(fitted(X, frame["mode"]))
        assert found.agrees(1e-6) and found.theirs.base == base
        assert "no standard errors to compare" in found.verdict
    swapped = fitted(X[["hinc", "psize"]].to_numpy(), frame["mode"].map(
        {"air": 0, "bus": 1, "car": 2, "train": 3}))  # fmt: skip
    found = res.compare(swapped)
    assert found.agrees(1e-6)
    assert "taken in our order: 0 = air" in " ".join(found.theirs.remarks)
    constant = X.assign(const=1.0)
    assert (
        mn.MNLogit(frame["mode"], constant)
        .fit()
        .compare(fitted(constant, frame["mode"], fit_intercept=False))
        .agrees(1e-6)
    )


def test_scikit_learn_of_two_classes() -> None:
    anes = mn.datasets.anes96()
    res = mn.mnlogit("vote ~ age + educ", anes).fit()
    for each in (res, res.rebase(1)):
        assert each.compare(fitted(anes[["age", "educ"]], anes["vote"])).agrees(1e-6)


def test_regularisation_is_found() -> None:
    frame = trips()
    res = mn.mnlogit("mode ~ hinc + psize", frame).fit()
    found = res.compare(fitted(frame[["hinc", "psize"]], frame["mode"], C=0.01))
    assert not found.agrees(1e-6)
    assert "C = 0.01" in str(found) and "mnlstat is nearer the maximum" in found.verdict


def test_other_estimators_are_refused() -> None:
    frame = trips()
    X, y = frame[["hinc", "psize"]], frame["mode"]
    res = mn.mnlogit("mode ~ hinc + psize", frame).fit()
    assert code_of(sklearn.Ridge(), res) == "compare-with-what"
    assert code_of(sklearn.LogisticRegression(), res) == "compare-with-what"
    assert code_of(mn.MNLClassifier().fit(X, y), res) == "compare-with-what"
    assert code_of(fitted(X, y, class_weight="balanced"), res) == "compare-weights"
    assert code_of(fitted(X[["hinc"]], y), res) == "compare-terms"
    assert code_of(fitted(X.to_numpy()[:, :1], y), res) == "compare-terms"
    assert code_of(fitted(X, y, fit_intercept=False), res) == "compare-terms"
    assert code_of(fitted(X, y.str.upper() + "!?x"), res) == "compare-outcomes"
