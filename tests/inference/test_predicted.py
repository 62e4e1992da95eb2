"""Standard errors and intervals of predictions: certified, by definition, by simulation."""

from __future__ import annotations

import warnings
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import mnlstat as mn
from mnlstat.arrays import FloatArray
from mnlstat.inference.predictions import probabilities
from tests.inference.samples import FORMULA, KINDS, fitted, frame, name
from tests.inference.test_survey import survey
from tests.reference import models
from tests.reference.agreement import as_exact, digits
from tests.reference.models import ReferenceModel
from tests.test_certified import fit

with_covariance = [
    m for m in models.every_model() if m.is_public and "cov" in m.content.get("certified", ())
]
NEW = pd.DataFrame({"x": [0.3, -1.7, 4.0], "z": [1.1, 0.2, -3.0], "g": ["u", "v", "v"]})


@pytest.fixture(scope="module")
def res() -> Any:
    return fitted(frame())


def of(found: pd.DataFrame, column: str) -> FloatArray:
    """A column of a long frame as an array, a row for each row."""
    values = found[column].to_numpy(dtype=float)
    return values.reshape(-1, found["outcome"].nunique())


# --- certified -----------------------------------------------------------------------------


def exact_error(model: ReferenceModel, prob: dict[str, Fraction], x: Any, outcome: str) -> Fraction:
    """The standard error of a probability from certified values, to 30 digits."""
    block = model["certified"]["cov"]
    order = [tuple(each.split(":", 1)) for each in block["order"]]
    gradient = [
        prob[outcome] * ((other == outcome) - prob[other]) * Fraction(float(x[column]))
        for other, column in order
    ]
    variance = Fraction(0)
    for i, row in enumerate(block["lower"]):
        for j, value in enumerate(row):
            variance += (1 + (i != j)) * gradient[i] * gradient[j] * as_exact(value)
    with localcontext() as context:
        context.prec = 40
        return Fraction((Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt())


def check_certified(model: ReferenceModel, result: Any, stated: pd.DataFrame) -> None:
    """Probabilities, and their errors where the covariance is certified, have 11 digits."""
    found = result.predict(stated, interval=True)
    design = result.spec.design(stated).X
    for at, row in enumerate(model["predictions"]):
        prob = {outcome: as_exact(text) for outcome, text in row["prob"].items()}
        x = dict(zip(result.spec.columns, design[at], strict=True))
        own = found.loc[[at]].set_index("outcome")
        for outcome, exact in prob.items():
            assert digits(own.loc[outcome, "estimate"], exact) >= 11
            if "cov" in model["certified"]:
                error = exact_error(model, prob, x, outcome)
                assert digits(own.loc[outcome, "std_error"], error) >= 11


@pytest.mark.parametrize("model", with_covariance, ids=[m.id for m in with_covariance])
def test_standard_errors_of_certified_probabilities_have_11_digits(model: ReferenceModel) -> None:
    rows = model["predictions"]
    stated = pd.DataFrame([row["values"] for row in rows], index=range(len(rows)))
    check_certified(model, fit(model), stated)


@pytest.mark.parametrize("name", ["pneumo_offset", "pneumo_offset_one", "apiclus2_survey"])
def test_so_have_those_of_offsets_and_of_weights(name: str) -> None:
    model = models.load(name)
    kind = "freq_weights" if model["weights_kind"] == "frequency" else "sampling_weights"
    options = {kind: model["weights"], "offset": model["offset"]}
    result = mn.mnlogit(model.formula, model.rows(), base=model["base"], **options).fit()
    at = [row["row"] - 1 for row in model["predictions"]]
    check_certified(model, result, model.rows().iloc[at].reset_index(drop=True))


# --- by definition -------------------------------------------------------------------------


def by_differences(res: Any, new: pd.DataFrame, function: Any) -> FloatArray:
    """Standard errors of ``function(pi (n, J))`` with central differences of probabilities."""
    X, b = res.spec.design(new).X, res.params.to_numpy()
    base, q = res.outcomes.index(res.base), len(res.outcomes) - 1

    def value(at: FloatArray) -> FloatArray:
        return np.asarray(function(probabilities(X, at.reshape(q, -1), base)))

    steps = 1e-5 * np.eye(len(b))
    D = np.stack([(value(b + h) - value(b - h)) / 2e-5 for h in steps], axis=-1)
    V = res.cov_params().to_numpy()
    return np.asarray(np.sqrt(np.einsum("...i,ij,...j->...", D, V, D)))


def test_errors_are_those_of_numerical_derivatives(res: Any) -> None:
    found = res.predict(NEW, interval=True)
    np.testing.assert_allclose(
        of(found, "std_error"), by_differences(res, NEW, lambda pi: pi), 1e-7
    )
    np.testing.assert_array_equal(found["outcome"], list(res.outcomes) * 3)
    np.testing.assert_array_equal(found.index, np.repeat([0, 1, 2], 4))
    np.testing.assert_allclose(of(found, "estimate"), res.predict(NEW), rtol=1e-14)


def test_combined_outcomes_are_sums(res: Any) -> None:
    both = {"b or d": ["b", "d"]}
    found = res.predict(NEW, interval=True, combine=both)
    assert list(found["outcome"][:3]) == ["a", "b or d", "c"]
    pi = res.predict(NEW)
    np.testing.assert_allclose(of(found, "estimate")[:, 1], pi["b"] + pi["d"], rtol=1e-14)
    expected = by_differences(res, NEW, lambda p: p[:, [0, 1, 2]] + p[:, [3]] * [0, 1, 0])
    np.testing.assert_allclose(of(found, "std_error"), expected, rtol=1e-7)
    wide = res.predict(NEW, combine=both)
    np.testing.assert_allclose(wide, of(found, "estimate"), rtol=1e-14)
    odds = res.predict(NEW, kind="link", base="b or d", combine=both, interval=True)
    assert list(odds["outcome"][:2]) == ["a", "c"] and set(odds["base"]) == {"b or d"}
    part = lambda p: np.log(p[:, [0, 2]] / (p[:, [1]] + p[:, [3]]))  # noqa: E731
    np.testing.assert_allclose(of(odds, "estimate"), part(pi.to_numpy()), rtol=1e-12)
    np.testing.assert_allclose(of(odds, "std_error"), by_differences(res, NEW, part), rtol=1e-6)
    member = res.predict(NEW, kind="link", base="d", combine=both)  # what d has become part of
    np.testing.assert_array_equal(
        member, res.predict(NEW, kind="link", base="b or d", combine=both)
    )


@pytest.mark.parametrize("kind", KINDS, ids=name)
def test_any_covariance_flows_through(res: Any, kind: tuple[str, dict[str, Any]]) -> None:
    own = res.with_cov(kind[0], **kind[1])
    found = own.predict(NEW, interval=True)
    np.testing.assert_allclose(
        of(found, "std_error"), by_differences(own, NEW, lambda pi: pi), rtol=1e-7
    )
    assert found.attrs["cov_type"] == own.cov_type


@pytest.mark.parametrize("base", ["a", "b", "c", "d"])
def test_nothing_depends_on_the_base(res: Any, base: str) -> None:
    other = res.rebase(base)
    pd.testing.assert_frame_equal(
        other.predict(NEW, interval=True), res.predict(NEW, interval=True), rtol=1e-11
    )
    pd.testing.assert_frame_equal(
        other.predict(NEW, kind="link", interval=True),
        res.predict(NEW, kind="link", base=base, interval=True),
        rtol=1e-10,
    )


def test_links_at_unit_rows_are_coefficients() -> None:
    data = frame()
    X = pd.DataFrame({"one": 1.0, "x": data["x"], "z": data["z"]})
    res = mn.MNLogit(data["y"], X).fit()
    units = pd.DataFrame(np.eye(3), columns=X.columns)
    for base in res.outcomes:
        found = res.predict(units, kind="link", base=base, interval=True, alpha=0.1)
        other = res.rebase(base)
        ends = other.conf_int(0.1)
        for column, series in (
            ("estimate", other.params),
            ("std_error", other.bse),
            ("conf_low", ends["conf_low"]),
            ("conf_high", ends["conf_high"]),
        ):
            np.testing.assert_allclose(of(found, column).T.ravel(), series, rtol=1e-10)


def test_two_outcomes_are_as_statsmodels_has_them() -> None:
    import statsmodels.api as sm

    data = frame().assign(y=lambda d: np.where(d["y"] == "a", "a", "b"))
    res = mn.mnlogit("y ~ x + z", data).fit()
    theirs = sm.Logit((data["y"] == "b") * 1.0, sm.add_constant(data[["x", "z"]])).fit(
        disp=0, tol=1e-12
    )
    table = theirs.get_prediction(sm.add_constant(NEW[["x", "z"]])).summary_frame()
    ours = res.predict(NEW, interval=True).query("outcome == 'b'")
    np.testing.assert_allclose(ours["estimate"], table["predicted"], rtol=1e-8)
    np.testing.assert_allclose(ours["std_error"], table["se"], rtol=1e-7)
    np.testing.assert_allclose(ours["conf_low"], table["ci_lower"], rtol=1e-7)
    np.testing.assert_allclose(ours["conf_high"], table["ci_upper"], rtol=1e-7)


def test_errors_are_those_of_draws_from_the_asymptotic_distribution() -> None:
    res = fitted(frame(5000))
    rng = np.random.default_rng(11)
    draws = rng.multivariate_normal(res.params, res.cov_params(), size=40_000)
    X = res.spec.design(NEW).X
    pi = np.stack([probabilities(X, b.reshape(3, -1), 0) for b in draws])
    found = res.predict(NEW, interval=True)
    # curvature adds to what simulation adds: 40,000 draws give a deviation to 0.4 per cent
    np.testing.assert_allclose(of(found, "std_error"), pi.std(axis=0), rtol=0.04)
    low, high = np.quantile(pi, [0.025, 0.975], axis=0)
    np.testing.assert_allclose(of(found, "conf_low"), low, rtol=0.03)
    np.testing.assert_allclose(of(found, "conf_high"), high, rtol=0.03)


# --- intervals -----------------------------------------------------------------------------


def test_intervals_stay_within_bounds_or_are_symmetric(res: Any) -> None:
    far = NEW.assign(x=[40.0, -900.0, 0.0])
    found = res.predict(far, interval=True)
    low, high = of(found, "conf_low"), of(found, "conf_high")
    assert ((low >= 0) & (low <= high) & (high <= 1)).all()
    assert (of(found, "std_error") >= 0).all()
    plain = res.predict(NEW, interval=True, scale="probability", alpha=0.1)
    reach = stats.norm.ppf(0.95) * plain["std_error"]
    np.testing.assert_allclose(plain["conf_high"], plain["estimate"] + reach, rtol=1e-12)
    np.testing.assert_allclose(plain["conf_low"], plain["estimate"] - reach, rtol=1e-9)
    logit = res.predict(NEW, interval=True, alpha=0.1)
    pi, se = logit["estimate"], logit["std_error"]
    reach = stats.norm.ppf(0.95) * se / (pi * (1 - pi))
    for sign, column in ((-1, "conf_low"), (1, "conf_high")):
        ends = 1 / (1 + np.exp(-(np.log(pi / (1 - pi)) + sign * reach)))
        np.testing.assert_allclose(logit[column], ends, rtol=1e-11)


def test_errors_of_probabilities_near_one_keep_their_digits() -> None:
    data = pd.DataFrame({"y": list("ab") * 20, "x": np.tile([0.0, 0.0, 1.0, 1.0], 10)})
    data.loc[[0, 3], "y"] = ["b", "a"]
    res = mn.mnlogit("y ~ x", data).fit()
    for x in (30.0, 300.0):
        found = res.predict({"x": [x]}, interval=True).set_index("outcome")
        link = res.predict({"x": [x]}, kind="link", interval=True)
        eta, se = link["estimate"].item(), link["std_error"].item()
        small = np.exp(-abs(eta)) / (1 + np.exp(-abs(eta)))
        expected = small / (1 + np.exp(-abs(eta))) * se
        np.testing.assert_allclose(found["std_error"], [expected] * 2, rtol=1e-10)


def test_degrees_of_freedom_are_those_of_the_gradient(res: Any) -> None:
    own = res.with_cov("CR2", groups="school")
    found = own.predict(NEW, kind="link", interval=True).reset_index(drop=True)
    X = own.spec.design(NEW).X
    for at, row in found.iterrows():
        words = " + ".join(
            f"{x!r} * {row['outcome']}:{term}"
            for x, term in zip(X[at // 3].tolist(), own.spec.columns, strict=True)
        )
        one = own.lincom(words.replace("+ -", "- "))
        for column in ("estimate", "std_error", "conf_low", "conf_high"):
            np.testing.assert_allclose(row[column], one[column].item(), rtol=1e-9)
    pi = own.predict(NEW, interval=True)
    assert np.isfinite(pi["conf_low"]).all()
    fixed = res.with_cov("CR2", groups="school", df=7.5).predict(NEW, interval=True)
    np.testing.assert_array_equal(fixed["std_error"], pi["std_error"])


def test_surveys_have_quantiles_of_t() -> None:
    own = fitted(survey(), sampling_weights="w").with_cov("survey", strata="stratum", psu="psu")
    found = own.predict(NEW, interval=True, scale="probability")
    (df,) = set(own.df_t)
    reach = stats.t.ppf(0.975, df) * found["std_error"]
    np.testing.assert_allclose(found["conf_high"], found["estimate"] + reach, rtol=1e-12)


def test_what_constraints_fix_has_no_error() -> None:
    data = frame()
    fixed = ["b:Intercept = 0", "b:x = 0", "b:z = 0", "b:g[T.v] = 0"]
    res = fitted(data, constraints=fixed)
    found = res.predict(NEW, kind="link", interval=True)
    assert (found.query("outcome == 'b'")[["estimate", "std_error"]] == 0).all(axis=None)
    assert (found.query("outcome == 'c'")["std_error"] > 0).all()
    free = fitted(data, constraints=["b:x = c:x"])
    np.testing.assert_allclose(
        of(free.predict(NEW, interval=True), "std_error"),
        by_differences(free, NEW, lambda pi: pi),
        rtol=1e-7,
    )


def test_aliased_columns_offsets_and_jeffreys() -> None:
    data = frame().assign(double=lambda d: 2 * d["x"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mn.errors.AliasedWarning)
        aliased = mn.mnlogit("y ~ x + double + z + g", data).fit()
    new = NEW.assign(double=2 * NEW["x"], w=[1.0, 2.0, 3.0])
    plain = fitted(data).predict(NEW, interval=True)
    pd.testing.assert_frame_equal(aliased.predict(new, interval=True), plain, rtol=1e-9)
    moved = mn.mnlogit(FORMULA, data, offset={"c": "w"}).fit()
    X = moved.spec.design(new)
    assert X.offset is not None
    pi = moved.predict(new, interval=True)
    D = moved.predict(new).to_numpy()
    V = moved.cov_params().to_numpy()
    for row in range(3):
        for j in range(4):
            g = np.concatenate([D[row, j] * ((m == j) - D[row, m]) * X.X[row] for m in (1, 2, 3)])
            np.testing.assert_allclose(of(pi, "std_error")[row, j], np.sqrt(g @ V @ g), rtol=1e-10)
    reduced = mn.mnlogit(FORMULA, data).fit(penalty="jeffreys")
    np.testing.assert_allclose(
        of(reduced.predict(NEW, interval=True), "std_error"),
        by_differences(reduced, NEW, lambda pi: pi),
        rtol=1e-7,
    )


# --- intervals that hold together ----------------------------------------------------------


def test_bands_hold_together(res: Any) -> None:
    rng = np.random.default_rng(4)
    draws = rng.multivariate_normal(np.zeros(len(res.params)), res.cov_params(), size=20_000)
    new = pd.DataFrame({"x": np.linspace(-2, 2, 7), "z": 0.0, "g": "u"})
    X = res.spec.design(new).X
    pi = res.predict(new).to_numpy()
    # the linearised probabilities, in units of their standard errors
    moved = np.einsum("nk,sqk->snq", X, draws.reshape(len(draws), 3, -1))
    moved = np.concatenate([np.zeros((len(draws), len(X), 1)), moved], axis=2)
    moved = pi * (moved - (pi * moved).sum(axis=2, keepdims=True))
    se = of(res.predict(new, interval=True), "std_error")
    largest = np.abs(moved / se)
    expected = {
        "outcomes": np.quantile(largest.max(axis=2), 0.9, axis=0),
        "all": np.full(7, np.quantile(largest.max(axis=(1, 2)), 0.9)),
    }
    for family, quantile in expected.items():
        found = res.predict(new, interval=True, simultaneous=family, alpha=0.1, scale="probability")
        reach = (of(found, "conf_high") - of(found, "estimate")) / se
        np.testing.assert_allclose(reach, np.repeat(quantile[:, None], 4, axis=1), rtol=0.02)
    pd.testing.assert_frame_equal(
        res.predict(new, interval=True, simultaneous="grid"),
        res.predict(new, interval=True, simultaneous="all"),
    )


def test_a_band_of_one_odds_is_an_interval() -> None:
    data = frame().assign(y=lambda d: np.where(d["y"] == "a", "a", "b"))
    res = mn.mnlogit("y ~ x + z", data).fit()
    pd.testing.assert_frame_equal(
        res.predict(NEW, interval=True, simultaneous="outcomes"),
        res.predict(NEW, interval=True),
        rtol=1e-8,
    )


# --- separation ----------------------------------------------------------------------------


def test_separated_data_have_the_errors_of_the_limit() -> None:
    toy = mn.datasets.separated_toy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mn.errors.SeparationWarning)
        res = mn.mnlogit("y ~ x + z", toy).fit()
    found = res.predict(toy, interval=True)
    near = res.estimates.values.copy()
    place = [t for t in range(len(near)) if not res.estimates.infinity.finite[t]]
    near[place] = -25.0
    V = np.linalg.inv(res.likelihood.information(near))
    pi = res.likelihood.probabilities(near)
    X = res.likelihood.rows.X
    errors = np.empty(pi.shape)
    for row in range(len(X)):
        for j in range(3):
            g = np.concatenate([pi[row, j] * ((m == j) - pi[row, m]) * X[row] for m in (1, 2)])
            errors[row, j] = np.sqrt(g @ V @ g)
    limit = of(found, "estimate")
    inside = (limit > 0) & (limit < 1)
    assert inside.sum() > 80 and (~inside).any()
    np.testing.assert_allclose(limit, pi, atol=1e-9)
    np.testing.assert_allclose(of(found, "std_error")[inside], errors[inside], rtol=1e-5)
    assert np.isnan(of(found, "std_error")[~inside]).all()
    assert np.isnan(of(found, "conf_low")[~inside]).all()


def test_log_odds_of_separated_data_are_infinite_or_finite() -> None:
    toy = mn.datasets.separated_toy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mn.errors.SeparationWarning)
        res = mn.mnlogit("y ~ x + z", toy).fit()
    for base in res.outcomes:
        found = res.predict(toy, kind="link", base=base, interval=True)
        with np.errstate(divide="ignore"):
            logs = np.log(res.predict(toy))
        others = [label for label in res.outcomes if label != base]
        expected = logs[others].sub(logs[base], axis=0).to_numpy()
        np.testing.assert_allclose(of(found, "estimate"), expected, rtol=1e-9, atol=1e-9)
        finite = np.isfinite(expected)
        assert np.isfinite(of(found, "std_error")[finite]).all()
        assert np.isnan(of(found, "std_error")[~finite]).all()
        other = res.rebase(base).predict(toy, kind="link", interval=True)
        pd.testing.assert_frame_equal(other, found, rtol=1e-8, atol=1e-10)
    merged = res.predict(toy, kind="link", combine={"B or C": ["B", "C"]}, interval=True)
    assert np.isfinite(merged["estimate"]).all() and (merged["std_error"] > 0).all()


def test_a_fit_that_did_not_converge_has_no_errors() -> None:
    data = frame()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mn.errors.ConvergenceWarning)
        res = mn.mnlogit(FORMULA, data).fit(maxiter=1)
    found = res.predict(NEW, interval=True)
    assert found["estimate"].notna().all() and found["std_error"].isna().all()
    assert found[["conf_low", "conf_high"]].isna().all(axis=None)
