"""The estimator of scikit-learn: its own checks, and that its numbers are those of the model."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import DataError, OptionError, SeparationError, SeparationWarning, WeightsError

base = pytest.importorskip("sklearn.base", reason="scikit-learn is an optional extra")
pytest.importorskip("sklearn", minversion="1.6", reason="older ones have no validate_data")

from sklearn.model_selection import GridSearchCV, cross_val_score  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

TRIPS = mn.datasets.travel_mode()
X, y = TRIPS[["hinc", "psize"]], TRIPS["mode"]


def expected(estimator: object) -> dict[str, str]:
    return {
        "check_sample_weight_equivalence_on_dense_data": (
            "asks for a fit of 30 columns to 15 rows, which is an error (more-columns-than-rows)"
        )
    }


# Blobs are separated, pure noise columns are aliased: the checks are of what is then returned.
@pytest.mark.filterwarnings("ignore::mnlstat.errors.MnlstatWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@parametrize_with_checks(
    [mn.MNLClassifier(), mn.MNLClassifier(fit_intercept=False, weights="freq")],
    expected_failed_checks=expected,
)
def test_checks_of_scikit_learn(estimator: object, check: object) -> None:
    check(estimator)


def test_the_numbers_are_those_of_the_model() -> None:
    ours = mn.mnlogit("mode ~ hinc + psize", TRIPS, base="car").fit()
    found = mn.MNLClassifier(base="car").fit(X, y)
    assert found.classes_.tolist() == list(ours.outcomes)
    pd.testing.assert_frame_equal(found.results_.cov_params(), ours.cov_params(), rtol=1e-10)
    np.testing.assert_allclose(found.predict_proba(X), ours.predict(TRIPS), rtol=1e-12)
    assert (found.predict(X) == ours.predict(TRIPS, kind="class")).all()
    eta = X.to_numpy() @ found.coef_.T + found.intercept_
    odds = np.exp(eta) / np.exp(eta).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(odds, found.predict_proba(X), rtol=1e-12)
    assert found.terms_.tolist() == ["hinc", "psize"]
    assert found.coef_[2].tolist() == [0.0, 0.0]
    assert found.feature_names_in_.tolist() == ["hinc", "psize"]


@pytest.mark.parametrize("intercept", [True, False])
def test_results_are_those_of_a_formula(intercept: bool) -> None:
    names = {"hinc": "h. inc", "psize": "Intercept"}
    found = mn.MNLClassifier(fit_intercept=intercept).fit(X.rename(columns=names), y)
    assert found.terms_.tolist() == list(names.values())
    plain = mn.MNLClassifier(fit_intercept=intercept).fit(X, y)
    np.testing.assert_allclose(found.coef_, plain.coef_, rtol=1e-9)
    np.testing.assert_allclose(found.predict_proba(X.rename(columns=names)), plain.predict_proba(X))
    whole = mn.mnlogit(f"mode ~ {int(intercept)} + hinc + psize", TRIPS).fit()
    for ask in (lambda res: res.margins(), lambda res: res.comparisons()):
        pd.testing.assert_frame_equal(ask(plain.results_).frame, ask(whole).frame, rtol=1e-7)
    assert found.results_.margins().keys["variable"].unique().tolist() == list(names.values())
    assert plain.results_.spec.columns == whole.spec.columns
    np.testing.assert_allclose(plain.results_.predict(X), plain.predict_proba(X), rtol=1e-12)


def test_two_classes_are_the_second_against_the_first_whatever_the_base() -> None:
    anes = mn.datasets.anes96()
    pair = [mn.MNLClassifier(base=b).fit(anes[["age", "educ"]], anes["vote"]) for b in (0, 1)]
    assert pair[0].coef_.shape == (1, 2)
    np.testing.assert_allclose(pair[0].coef_, pair[1].coef_, rtol=1e-8)
    assert pair[1].results_.base == 1


def test_a_formula_reads_a_frame_and_learns_in_fit() -> None:
    formula = "center(hinc) + C(psize > 1)"
    ours = mn.mnlogit(f"mode ~ {formula}", TRIPS).fit()
    found = mn.MNLClassifier(formula).fit(TRIPS.drop(columns="mode"), y)
    pd.testing.assert_series_equal(found.results_.params, ours.params)
    part = TRIPS.drop(columns="mode").iloc[:7]
    np.testing.assert_allclose(found.predict_proba(part), ours.predict(part), rtol=1e-12)
    assert found.results_.formula.startswith("mode ~ ")
    again = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(again.predict_proba(part), found.predict_proba(part))


def test_pipelines_searches_and_validation() -> None:
    steps = make_pipeline(StandardScaler(), mn.MNLClassifier())
    assert cross_val_score(steps, X, y, cv=3, scoring="neg_log_loss").shape == (3,)
    grid = {"mnlclassifier__penalty": [None, mn.Ridge(1.0), "jeffreys"]}
    search = GridSearchCV(steps, grid, cv=3, scoring="neg_log_loss").fit(X, y)
    assert search.best_estimator_[-1].results_.converged
    formula = mn.MNLClassifier("hinc + psize")
    assert cross_val_score(formula, TRIPS, y, cv=3).shape == (3,)


def test_weights_are_of_the_kind_that_is_said() -> None:
    w = np.arange(len(y)) % 3
    sampling = mn.MNLClassifier().fit(X, y, sample_weight=w).results_
    repeated = mn.MNLClassifier(weights="freq").fit(X, y, sample_weight=w).results_
    whole = mn.mnlogit("mode ~ hinc + psize", TRIPS.loc[TRIPS.index.repeat(w)]).fit()
    np.testing.assert_allclose(repeated.params, whole.params, rtol=1e-8)
    np.testing.assert_allclose(sampling.params, whole.params, rtol=1e-8)
    np.testing.assert_allclose(repeated.bse, whole.bse, rtol=1e-8)
    assert repeated.nobs == w.sum() and sampling.robust
    with pytest.raises(WeightsError):
        mn.MNLClassifier().fit(X, y, sample_weight=-1.0 - w)


def test_rows_without_a_value_are_named_where_a_formula_reads_them() -> None:
    found = mn.MNLClassifier("np.log(hinc + 1) + psize").fit(TRIPS, y)
    holes = TRIPS.assign(hinc=TRIPS["hinc"].astype(float).where(TRIPS.index != 4))
    with pytest.raises(DataError, match="position 4"):
        found.predict(holes)
    with pytest.warns(mn.errors.MissingDataWarning), pytest.raises(DataError, match="position 3"):
        found.predict(TRIPS.assign(hinc=TRIPS["hinc"].where(TRIPS.index != 3, -5)))
    with pytest.raises(DataError):
        mn.MNLClassifier("hinc").fit(holes, y)


def test_other_frames() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.from_pandas(TRIPS)
    found = mn.MNLClassifier("hinc + psize").fit(frame, y)
    np.testing.assert_allclose(found.coef_, mn.MNLClassifier().fit(X, y).coef_, rtol=1e-8)
    assert found.n_features_in_ == TRIPS.shape[1]
    with pytest.raises(ValueError, match="feature names"):
        found.predict(TRIPS[["psize", "hinc"]])


def test_rows_that_separation_leaves_open_are_named() -> None:
    toy = pd.DataFrame({"x": [0.0, 1, 2, 5, 6, 7], "y": list("aaabbb")})
    with pytest.warns(SeparationWarning):
        found = mn.MNLClassifier().fit(toy[["x"]], toy["y"])
    assert found.predict(toy[["x"]]).tolist() == list("aaabbb")
    with pytest.raises(SeparationError, match="position 1"):
        found.predict(pd.DataFrame({"x": [0.0, 3.5]}))
    firth = mn.MNLClassifier(penalty="jeffreys").fit(toy[["x"]], toy["y"])
    assert firth.predict(pd.DataFrame({"x": [0.0, 6.5]})).tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"formula": "mode ~ hinc"}, "formula-has-left-side"),
        ({"formula": 3}, "formula-has-left-side"),
        ({"formula": "hinc", "fit_intercept": False}, "formula-has-constant"),
        ({"weights": "importance"}, "invalid-choice"),
        ({"fit_intercept": "yes"}, "not-true-or-false"),
    ],
)
def test_options_that_cannot_be_honoured(options: dict[str, object], code: str) -> None:
    with pytest.raises(OptionError) as caught:
        mn.MNLClassifier(**options).fit(TRIPS, y)
    assert caught.value.code == code


def test_a_formula_needs_names_and_outcomes() -> None:
    with pytest.raises(OptionError, match="without names"):
        mn.MNLClassifier("hinc").fit(X.to_numpy(), y)
    with pytest.raises(DataError, match="misses 1 of"):
        mn.MNLClassifier("hinc").fit(X, y.astype(object).where(y.index != 3, None))
    with pytest.raises(DataError, match="class"):
        mn.MNLClassifier("hinc").fit(X, np.zeros(len(X)))


def test_without_scikit_learn_the_extra_is_named() -> None:
    script = (
        "import sys; sys.modules['sklearn'] = None; import mnlstat as mn\n"
        "from mnlstat import *\n"
        "try: mn.MNLClassifier\n"
        "except mn.errors.OptionError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "pip install mnlstat[sklearn]" in done.stdout, done.stderr


def test_columns_of_one_name_are_refused() -> None:
    twice = X.set_axis(["a", "a"], axis=1)
    for formula in (None, "a"):
        with pytest.raises(DataError, match="several columns named 'a'") as caught:
            mn.MNLClassifier(formula).fit(twice, y)
        assert caught.value.code == "duplicate-column"
    with pytest.raises(DataError, match="several columns named 'a'"):
        mn.MNLClassifier().fit(X, y).predict(twice)
