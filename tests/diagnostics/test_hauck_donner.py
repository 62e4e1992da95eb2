"""Derivatives of Wald statistics are those of differences; the summary's screen misses none."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.diagnostics.hauck_donner import BOUND, suspects
from mnlstat.errors import ConvergenceError, DataError, SeparationError
from tests.saving.results import KINDS, frame, of_formula, quietly


def wald(likelihood: Any, params: Any, j: int) -> float:
    """``b_j / se_j`` with the standard error by the information at ``b``."""
    covariance = np.linalg.inv(likelihood.information(params))
    return float(params[j] / np.sqrt(covariance[j, j]))


def differences(res: Any, profile: bool) -> Any:
    """Derivatives by Richardson's extrapolation of central differences."""
    b, likelihood = res.estimates.values, res.likelihood
    covariance, X = np.linalg.inv(likelihood.information(b)), likelihood.rows.X
    found = []
    for j in range(len(b)):
        v = covariance[j] / covariance[j, j] if profile else np.eye(len(b))[j]
        h = 2e-3 / np.abs(X @ v.reshape(-1, X.shape[1]).T).max()

        def slope(step: float, j: int = j, v: Any = v) -> float:
            up, down = (wald(likelihood, b + sign * step * v, j) for sign in (1, -1))
            return (up - down) / (2 * step)

        found.append((4 * slope(h) - slope(2 * h)) / 3)
    return np.array(found)


def extreme(n: int = 300, effect: int = 2) -> pd.DataFrame:
    """Outcome b is seen nearly always where g is 1: its coefficient is large."""
    rng = np.random.default_rng(2)
    data = pd.DataFrame({"g": np.arange(n) % 2, "x": rng.normal(size=n)})
    y = np.where(data["g"] == 1, "b", rng.choice(list("abc"), n))
    y[[1, 3, 5][:effect]] = ["a", "c", "a"][:effect]
    return data.assign(y=y)


MODELS = {
    **{
        kind: KINDS[kind]
        for kind in (
            "formula",
            "rebased",
            "frequency weights",
            "offset",
            "penalised",
            "aliased",
            "counts",
        )
    },
    "extreme": lambda: mn.mnlogit("y ~ g + x", extreme(effect=3)).fit(),
    "shifted": lambda: mn.mnlogit("y ~ x + t", frame().assign(t=lambda d: 20 + 0.5 * d["z"])).fit(),
    "levels": lambda: mn.mnlogit(
        "y ~ x + h", frame(4000).assign(h=lambda d: (np.arange(len(d)) % 40).astype(str))
    ).fit(),
}


@pytest.mark.parametrize("name", MODELS)
def test_derivatives_are_those_of_differences(name: str) -> None:
    res = MODELS[name]()
    table = res.hauck_donner()
    kept = res.estimates.kept
    assert table.index.equals(res.index) and table["derivative"].notna().tolist() == kept.tolist()
    if name != "levels":
        for column in ("derivative", "profile_derivative"):
            expected = differences(res, profile=column != "derivative")
            scale = np.abs(expected) + 1 / res.bse[kept].to_numpy()
            assert (np.abs(table[column][kept] - expected) <= 1e-6 * scale).all()
    assert table["flag"].tolist() == (table["derivative"] < 0).tolist()


def test_factors_held_as_codes_are_the_same_as_columns() -> None:
    res = MODELS["levels"]()
    written = mn.MNLogit(
        frame(4000)["y"].to_numpy()[res.sample.source.kept], res.likelihood.rows.X
    ).fit()
    for column in ("derivative", "profile_derivative"):
        np.testing.assert_allclose(
            res.hauck_donner()[column], written.hauck_donner()[column], rtol=1e-8, atol=1e-9
        )


def test_two_by_two_tables_have_a_closed_form() -> None:
    """``se^2 = 1/(n0 p0 q0) + 1/(n1 p1 q1)``, and only p1 depends on the slope."""
    for n1, hits in ((50, 30), (50, 45), (50, 49), (400, 399)):
        data = pd.DataFrame({"x": [0] * 40 + [1] * n1})
        data["y"] = [1] * 20 + [0] * 20 + [1] * hits + [0] * (n1 - hits)
        res = mn.mnlogit("y ~ x", data).fit()
        p1, slope = hits / n1, res.params[(1, "x")]
        v1 = n1 * p1 * (1 - p1)
        se = np.sqrt(1 / 10 + 1 / v1)
        expected = 1 / se + slope / (2 * se**3) * (1 - 2 * p1) / v1
        found = res.hauck_donner().loc[(1, "x")]
        assert found["derivative"] == pytest.approx(expected, rel=1e-9)
        assert found["flag"] == (expected < 0)


def test_the_screen_misses_none() -> None:
    """``W'`` is at least ``(1 - |b_j| max_i |x_ij| / 2) / se_j``."""
    for make in MODELS.values():
        res = make()
        kept = res.estimates.kept
        slopes = res.hauck_donner()["derivative"][kept].to_numpy()
        sizes = np.abs(res.likelihood.rows.X).max(axis=0)
        reach = np.abs(res.estimates.values.reshape(-1, len(sizes)) * sizes).ravel()
        se = res.bse[kept].to_numpy()
        assert (slopes * se >= 1 - reach / BOUND - 1e-9).all()
        assert set(np.flatnonzero(slopes < 0)) <= set(suspects(res))


def test_the_summary_marks_what_has_turned_back(tmp_path: Path) -> None:
    res = mn.mnlogit("y ~ g + x", extreme()).fit()
    flagged = res.hauck_donner().query("flag and profile_derivative < 0").index.tolist()
    assert flagged == [("b", "g")] and res.turned_back == tuple(flagged)
    text = str(res.summary())
    assert "g ^" in text and "Hauck-Donner" in text and "likelihood ratio" in text
    assert f"{flagged[0][0]}:{flagged[0][1]}" in text
    assert "g ^" in res.summary()._repr_html_()
    for twin in (mn.load(res.save(tmp_path / "one.fit")), pickle.loads(pickle.dumps(res))):
        assert twin.turned_back == res.turned_back and str(twin.summary()) == text
    plain = of_formula("x + g")
    assert plain.turned_back == () and "^" not in str(plain.summary())


def test_the_origin_of_a_column_does_not_matter_along_the_profile() -> None:
    data = extreme()
    one = mn.mnlogit("y ~ g + x", data).fit().hauck_donner()
    two = mn.mnlogit("y ~ g + x", data.assign(x=lambda d: d["x"] + 50)).fit().hauck_donner()
    slopes = one.index.get_level_values("term") != "Intercept"
    np.testing.assert_allclose(
        one["profile_derivative"][slopes], two["profile_derivative"][slopes], rtol=1e-8
    )


def test_another_base_has_marks_of_its_own() -> None:
    res = mn.mnlogit("y ~ g + x", extreme()).fit()
    for base in res.outcomes:
        other = res.rebase(base)
        assert other.turned_back == tuple(
            other.hauck_donner().query("flag and profile_derivative < 0").index
        )


def test_where_there_is_no_wald_test(tmp_path: Path) -> None:
    with pytest.raises(SeparationError, match="likelihood ratio"):
        KINDS["separated"]().hauck_donner()
    with pytest.raises(ConvergenceError, match="did not converge"):
        KINDS["not converged"]().hauck_donner()
    with pytest.raises(DataError, match="observed information; these"):
        KINDS["sampling weights"]().hauck_donner()
    twin = mn.load(of_formula("x").save(tmp_path / "one.fit"))
    with pytest.raises(DataError, match="without its data"):
        twin.hauck_donner()
    for kind in ("separated", "not converged", "sampling weights"):
        assert KINDS[kind]().turned_back == ()
    assert quietly(lambda: of_formula("x + z + I(x - 2 * z)")).turned_back == ()
