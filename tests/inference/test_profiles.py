"""Profile likelihood and score intervals: certified limits, definitions, separation, refusals."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.stats import chi2

import mnlstat as mn
from mnlstat.errors import ConvergenceError, DataError, OptionError, RankError
from mnlstat.inference.profiled import Profiled
from tests.inference.samples import frame
from tests.reference import models
from tests.reference.agreement import as_exact, least_digits
from tests.reference.models import ReferenceModel

DIGITS = 8.0
CUT = chi2.ppf(0.95, 1)
ENDS = ("conf_low", "conf_high")
CONTRAST = "b:x - c:x"
METHODS = ("profile", "score")


@functools.cache
def res() -> Any:
    return mn.mnlogit("y ~ x + z + g", frame()).fit()


def profiled(found: Any) -> Profiled:
    return Profiled(found.likelihood, found.estimates, found.llf, found.penalty is not None)


@pytest.mark.parametrize("model", models.profiled_models(), ids=lambda m: m.id)
def test_limits_have_the_digits_asked_for(model: ReferenceModel) -> None:
    found = mn.mnlogit(model.formula, model.frame(), base=model["base"]).fit()
    ends = found.conf_int(method="profile").loc[model.index]
    for side, column in zip(("lower", "upper"), ENDS, strict=True):
        exact = [as_exact(model["profile_ci95"][side][j][t]) for j, t in model.index]
        assert least_digits(ends[column], exact) >= DIGITS


# --- from the definitions ------------------------------------------------------------------


@pytest.mark.parametrize("alpha", [0.5, 0.05, 0.001])
def test_the_fit_constrained_to_a_limit_loses_half_a_quantile(alpha: float) -> None:
    profile = res().profile(CONTRAST, alpha=alpha)
    for end in profile.conf_int():
        bound = mn.mnlogit("y ~ x + z + g", frame(), constraints=f"{CONTRAST} = {end!r}").fit()
        loss = 2 * (res().llf - bound.llf)
        assert loss == pytest.approx(chi2.ppf(1 - alpha, 1), rel=1e-9)


@pytest.mark.parametrize("alpha", [0.5, 0.05])
def test_the_score_statistic_at_a_limit_is_the_quantile(alpha: float) -> None:
    ends = res().conf_int(alpha, "score", "b:x").to_numpy()[0]
    for end in ends:
        bound = mn.mnlogit("y ~ x + z + g", frame(), constraints=f"b:x = {float(end)!r}").fit()
        assert bound.constraints_test().statistic == pytest.approx(chi2.ppf(1 - alpha, 1), rel=1e-8)


def test_the_multiplier_is_the_derivative_of_the_profile() -> None:
    problem = profiled(res()).problem(np.eye(len(res().params))[1])
    at, step = problem.estimate + 0.3, 1e-4
    left, here, right = (problem.line.stop(at + h, problem.start) for h in (-step, 0.0, step))
    assert (right.value - left.value) / (2 * step) == pytest.approx(here.slope, rel=1e-6)
    tangent = (right.theta - left.theta) / (2 * step)
    np.testing.assert_allclose(tangent, here.tangent, rtol=1e-5, atol=1e-7)
    second = (right.slope - left.slope) / (2 * step)
    assert second == pytest.approx(-1 / here.spread, rel=1e-6)


def test_the_derivative_of_the_signed_root() -> None:
    problem = profiled(res()).problem(np.eye(len(res().params))[1])
    at, step = problem.estimate - 0.4, 1e-5
    left, here, right = (
        problem.root(problem.line.stop(at + h, problem.start)) for h in (-step, 0.0, step)
    )
    assert (right.value - left.value) / (2 * step) == pytest.approx(here.slope, rel=1e-6)


def test_the_curve_holds_the_profile() -> None:
    profile = res().profile("b:x")
    curve = profile.curve
    assert list(curve.columns) == ["value", "log_likelihood", "signed_root"]
    assert curve["value"].iloc[0] < profile.low < profile.high < curve["value"].iloc[-1]
    assert curve["signed_root"].is_monotonic_increasing
    side = np.sign(curve["value"] - profile.estimate)
    fall = side * np.sqrt(2 * (profile.log_likelihood - curve["log_likelihood"]))
    far = (curve["value"] - profile.estimate).abs() > 1e-3
    np.testing.assert_allclose(curve["signed_root"][far], fall[far], rtol=1e-9)
    at = float(curve["value"].iloc[3])
    bound = mn.mnlogit("y ~ x + z + g", frame(), constraints=f"b:x = {at!r}").fit()
    assert curve["log_likelihood"].iloc[3] == pytest.approx(bound.llf, rel=1e-12)


def test_words_weights_and_series_are_the_same_combination() -> None:
    weights = pd.Series(0.0, index=res().index)
    weights["b", "x"], weights["c", "x"] = 3.0, -3.0
    words = res().profile("3*b:x - 3*c:x").conf_int()
    assert res().profile(weights).conf_int() == pytest.approx(words, rel=1e-12)
    assert res().profile(weights.to_numpy()).conf_int() == pytest.approx(words, rel=1e-12)
    moved = res().profile("3*b:x - 3*c:x + 2").conf_int()
    assert np.array(moved) - 2 == pytest.approx(np.array(words), rel=1e-12)


# --- invariances ---------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_another_base_has_the_same_interval_of_a_contrast(method: str) -> None:
    again = res().rebase("c")
    own = again.conf_int(method=method, which="b:x").to_numpy()[0]
    if method == "profile":
        assert res().profile(CONTRAST).conf_int() == pytest.approx(own, rel=1e-10)
    other = mn.mnlogit("y ~ x + z + g", frame(), base="c").fit()
    assert other.conf_int(method=method, which="b:x").to_numpy()[0] == pytest.approx(own, rel=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_units_of_a_column_change_nothing_else(method: str) -> None:
    other = mn.mnlogit("y ~ x + z + g", frame().assign(x=frame()["x"] * 1e-5 + 3.0)).fit()
    wanted, ends = res().conf_int(method=method), other.conf_int(method=method)
    scale = np.where(ends.index.get_level_values("term") == "x", 1e-5, 1.0)[:, None]
    free = ends.index.get_level_values("term") != "Intercept"
    np.testing.assert_allclose((ends * scale)[free], wanted[free], rtol=1e-7)


@pytest.mark.parametrize("method", METHODS)
def test_frequency_weights_are_repeated_rows(method: str) -> None:
    data = frame().assign(f=np.arange(len(frame())) % 4 + 1)
    repeated = data.loc[data.index.repeat(data["f"])]
    weighted = mn.mnlogit("y ~ x + z + g", data, freq_weights="f").fit()
    wanted = mn.mnlogit("y ~ x + z + g", repeated).fit().conf_int(method=method)
    np.testing.assert_allclose(weighted.conf_int(method=method), wanted, rtol=1e-9)


def test_data_in_pieces_have_the_same_intervals() -> None:
    data = frame()
    pieces = mn.mnlogit("y ~ x + z + g", lambda: iter([data[:70], data[70:]])).fit()
    ends = pieces.conf_int(method="profile", which="b:x")
    np.testing.assert_allclose(ends, res().conf_int(method="profile", which="b:x"), rtol=1e-10)


def test_two_outcomes_and_offsets() -> None:
    data = frame().query("y in ['a', 'b']").assign(o=lambda d: 0.1 * d["z"])
    two = mn.mnlogit("y ~ x + g", data, offset="o").fit()
    low, high = two.conf_int(method="profile", which="b:x").to_numpy()[0]
    assert low < two.params["b", "x"] < high
    assert two.profile("b:x").conf_int() == pytest.approx((low, high))


# --- which ---------------------------------------------------------------------------------


def test_only_the_coefficients_asked_for() -> None:
    whole = res().conf_int(method="profile")
    some = res().conf_int(method="profile", which=["c:z", ("b", "x")])
    pd.testing.assert_frame_equal(some, whole.loc[[("b", "x"), ("c", "z")]])
    wald = res().conf_int(which="b:x")
    pd.testing.assert_frame_equal(wald, res().conf_int().loc[[("b", "x")]])
    for wrong in ("b:nothing", "b:x - c:x", 5, [None], "2*b:x"):
        with pytest.raises(OptionError):
            res().conf_int(which=wrong)


def test_tidy_takes_the_method() -> None:
    ends = np.exp(res().conf_int(0.1, "profile"))
    table = res().tidy(exponentiate=True, alpha=0.1, method="profile")
    np.testing.assert_array_equal(table[list(ENDS)], ends)


def test_aliased_columns_have_none() -> None:
    with pytest.warns(mn.errors.AliasedWarning):
        found = mn.mnlogit("y ~ x + z + I(x + z)", frame()).fit()
    ends = found.conf_int(method="profile")
    assert ends.loc[("b", "I(x + z)")].isna().all()
    assert ends.loc[("b", "x")].notna().all()
    with pytest.raises(RankError):
        found.profile("b:I(x + z)")


# --- constraints ---------------------------------------------------------------------------


def test_within_constraints() -> None:
    bound = mn.mnlogit("y ~ x + z + g", frame(), constraints=["b:x = c:x", "d:z = 0.5"]).fit()
    ends = bound.conf_int(method="profile")
    assert ends.loc[("b", "x")].to_numpy() == pytest.approx(ends.loc[("c", "x")].to_numpy())
    assert (ends.loc[("d", "z")] == 0.5).all()
    for end in ends.loc[("b", "x")]:
        both = ["b:x = c:x", "d:z = 0.5", f"b:x = {float(end)!r}"]
        further = mn.mnlogit("y ~ x + z + g", frame(), constraints=both).fit()
        assert 2 * (bound.llf - further.llf) == pytest.approx(CUT, rel=1e-9)
    other = bound.rebase("b")
    assert other.profile("a:x").conf_int() == pytest.approx(
        tuple(-ends.loc[("b", "x")].to_numpy()[::-1]), rel=1e-9
    )
    with pytest.raises(OptionError) as caught:
        bound.profile("b:x - c:x")
    assert caught.value.code == "fixed-by-constraints"


# --- separation ----------------------------------------------------------------------------


@functools.cache
def separated(dimensions: int) -> Any:
    """Levels v (and w) of a factor never have outcome c; w never has b either."""
    rng = np.random.default_rng(5)
    n = 90
    g = rng.choice(["u", "v", "w"] if dimensions > 1 else ["u", "v"], n)
    y = rng.choice(["a", "b", "c"], n)
    y[(g == "v") & (y == "c")] = "a"
    y[(g == "w") & (y != "b")] = "a"
    data = pd.DataFrame({"y": y, "x": rng.normal(size=n), "g": g})
    return mn.mnlogit("y ~ x + g", data).fit(separation="ignore")


def supremum(found: Any, c: Any, value: float) -> float:
    """The largest log-likelihood under ``c'b = value``, from a ridge too small to matter."""
    likelihood, c = found.likelihood, np.asarray(c, dtype=float)
    free = np.linalg.svd(c[None])[2][1:].T
    origin = c * value / (c @ c)

    def loss(phi: Any) -> Any:
        b = origin + free @ phi
        at = likelihood.evaluate(b, 1)
        return -at.value + 5e-9 * phi @ phi, -(free.T @ at.score) + 1e-8 * phi

    best = minimize(loss, np.zeros(free.shape[1]), jac=True, method="BFGS", options={"gtol": 1e-8})
    return float(likelihood.loglike(origin + free @ best.x))


@pytest.mark.parametrize("dimensions", [1, 2])
def test_separated_coefficients_have_one_end(dimensions: int) -> None:
    found = separated(dimensions)
    assert not found.converged
    ends = found.conf_int(method="profile")
    for at, label in enumerate(found.index):
        c = np.eye(len(found.index))[at]
        infinite = found.params[label]
        for column, end in ends.loc[label].items():
            side = -np.inf if column == "conf_low" else np.inf
            if infinite == side:
                assert end == side
                continue
            loss = 2 * (found.llf - supremum(found, c, end))
            assert loss == pytest.approx(CUT, abs=2e-4), label


def test_undetermined_contrasts_have_none() -> None:
    found = separated(2)
    infinite = found.params[np.isinf(found.params)].index
    assert len(infinite) >= 2
    signs = found.params[infinite]
    assert (signs < 0).all()
    (j, t), (m, s) = infinite[0], infinite[-1]
    profile = found.profile(f"{j}:{t} - {m}:{s}")
    assert profile.conf_int() == (-np.inf, np.inf)
    assert profile.curve.empty
    assert "flat" in str(profile)
    with pytest.raises(OptionError) as caught:
        profile.plot()
    assert caught.value.code == "nothing-to-plot"


@pytest.mark.parametrize("dimensions", [1, 2])
def test_score_intervals_of_separated_data_have_the_same_infinite_ends(dimensions: int) -> None:
    found = separated(dimensions)
    profile, score = (found.conf_int(method=method) for method in METHODS)
    np.testing.assert_array_equal(np.isinf(profile), np.isinf(score))


def test_the_curve_of_a_separated_coefficient_flattens() -> None:
    found = separated(1)
    (label,) = found.params[np.isinf(found.params)].index
    profile = found.profile(":".join(label))
    assert profile.estimate == -np.inf
    assert profile.low == -np.inf
    curve = profile.curve
    assert curve["log_likelihood"].is_monotonic_decreasing
    assert curve["log_likelihood"].max() <= found.llf
    assert found.llf - curve["log_likelihood"].max() < 0.02
    assert curve["value"].max() > profile.high
    assert "one side" in str(profile)


# --- bias-reduced fits ---------------------------------------------------------------------


def test_penalised_profile_holds_the_information_of_the_full_design() -> None:
    toy = mn.datasets.separated_toy()
    found = mn.mnlogit("y ~ x + z", toy).fit(penalty="jeffreys")
    likelihood = found.likelihood

    def penalised(b: Any) -> float:
        sign, logdet = np.linalg.slogdet(likelihood.information(b))
        assert sign > 0
        return float(likelihood.loglike(b) + logdet / 2)

    top = penalised(found.estimates.values)
    assert top == pytest.approx(found.penalised_llf, rel=1e-10)
    ends = found.conf_int(method="profile")
    assert np.isfinite(ends).all(axis=None)
    for label in (("C", "x[T.yes]"), ("B", "z")):
        at = list(found.index).index(label)
        for end in ends.loc[label]:
            others = np.delete(np.arange(len(found.index)), at)

            def loss(phi: Any, at: int = at, others: Any = others, end: float = end) -> float:
                b = np.empty(len(others) + 1)
                b[at], b[others] = end, phi
                return -penalised(b)

            best = minimize(loss, found.estimates.values[others], method="BFGS")
            assert 2 * (top + best.fun) == pytest.approx(CUT, abs=1e-5)


# --- what is refused -----------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_what_does_not_trust_the_likelihood_is_refused(method: str) -> None:
    for other in (
        res().with_cov("robust"),
        res().with_cov("cluster", groups="school"),
        res().with_cov("observed", use_t=True),
        mn.mnlogit("y ~ x", frame(), sampling_weights="w").fit(),
    ):
        with pytest.raises(OptionError) as caught:
            other.conf_int(method=method)
        assert caught.value.code == "profile-needs-likelihood"
    ridge = mn.mnlogit("y ~ x", frame()).fit(penalty=mn.Ridge(1.0))
    with pytest.raises(OptionError) as caught:
        ridge.conf_int(method=method)
    assert caught.value.code == "no-profile-of-ridge"


def test_the_score_of_a_penalised_fit_is_refused() -> None:
    found = mn.mnlogit("y ~ x", frame()).fit(penalty="jeffreys")
    with pytest.raises(OptionError) as caught:
        found.conf_int(method="score")
    assert caught.value.code == "no-score-of-penalised"


def test_a_fit_that_did_not_converge_has_none() -> None:
    with pytest.warns(mn.errors.ConvergenceWarning):
        found = mn.mnlogit("y ~ x", frame()).fit(maxiter=1)
    with pytest.raises(ConvergenceError):
        found.conf_int(method="profile")
    with pytest.raises(ConvergenceError):
        found.profile("b:x")


def test_rows_are_needed(tmp_path: Any) -> None:
    found = mn.load(res().save(tmp_path / "fit.mnl"))
    assert found.conf_int().equals(res().conf_int())
    with pytest.raises(DataError):
        found.conf_int(method="profile")
    with pytest.raises(DataError):
        found.profile("b:x")


def test_one_combination_at_a_time() -> None:
    with pytest.raises(OptionError) as caught:
        res().profile("b:x, c:x")
    assert caught.value.code == "one-combination"


def test_a_plot_needs_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    with pytest.raises(OptionError) as caught:
        res().profile("b:x").plot()
    assert caught.value.code == "needs-matplotlib"


def test_a_plot_draws_curve_and_limits() -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is an optional extra")
    profile = res().profile("b:x")
    axes = profile.plot()
    drawn = axes.get_lines()[0].get_xdata()
    np.testing.assert_array_equal(drawn, profile.curve["value"])
    assert profile.plot(axes) is axes
