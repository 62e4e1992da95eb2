"""How often intervals hold the truth, in samples of a known model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mnlstat as mn

TRUTH = np.array([0.3, -0.7, -0.2, 0.5])
SAMPLES, ALPHA = 400, 0.1
ERROR = np.sqrt(ALPHA * (1 - ALPHA) / SAMPLES)


def outcomes(x: Any, rng: Any) -> Any:
    utility = np.column_stack([np.zeros(len(x)), TRUTH[0] + TRUTH[1] * x, TRUTH[2] + TRUTH[3] * x])
    return np.array(list("abc"))[(utility + rng.gumbel(size=utility.shape)).argmax(axis=1)]


def held(ends: Any) -> Any:
    low, high = np.asarray(ends, dtype=float).T
    return (low <= TRUTH) & (high >= TRUTH)


@pytest.mark.slow
def test_robust_and_clustered_intervals_by_t() -> None:
    """Rows that come three times each: only clusters know it; leverages and t make up for n."""
    rng, hits = np.random.default_rng(11), np.zeros((3, 4))
    for _ in range(SAMPLES):
        x = rng.normal(size=60)
        frame = {"x": np.repeat(x, 3), "y": np.repeat(outcomes(x, rng), 3)}
        frame["g"] = np.repeat(np.arange(60), 3)
        res = mn.mnlogit("y ~ x", frame).fit()
        found = (
            res.with_cov("CR2", groups="g"),
            res.with_cov("cluster", groups="g", use_t=True),
            res,
        )
        hits += [held(each.conf_int(ALPHA)) for each in found]
    shares = hits / SAMPLES
    assert np.abs(shares[:2] - (1 - ALPHA)).max() < 4 * ERROR + 0.02
    assert shares[2].max() < 0.75  # as if there were three times as many


@pytest.mark.slow
def test_penalised_profiles_of_small_samples() -> None:
    """Also where the data are separated; the test of the truth has the same level."""
    rng, hits, separated = np.random.default_rng(12), np.zeros(4), 0
    for _ in range(SAMPLES):
        x = rng.normal(size=25)
        model = mn.mnlogit("y ~ x", {"x": x, "y": outcomes(x, rng)})
        res = model.fit(penalty="jeffreys")
        separated += model.separation().kind != "none"
        inside = held(res.conf_int(ALPHA, "profile"))
        hits += inside
        assert inside[1] == (res.test("b:x = -0.7", kind="lr").pvalue >= ALPHA)
    assert np.abs(hits / SAMPLES - (1 - ALPHA)).max() < 4 * ERROR
    assert separated


@pytest.mark.slow
def test_families_hold_together() -> None:
    """All six contrasts at once: by max-t as often as said, by Bonferroni at least so."""
    rng, samples = np.random.default_rng(13), 100
    error = 4 * np.sqrt(ALPHA * (1 - ALPHA) / samples)
    words = "b:x, c:x, b:x - c:x, b:Intercept, c:Intercept, b:Intercept - c:Intercept"
    truth = np.array([-0.7, 0.5, -1.2, 0.3, -0.2, 0.5])
    together = dict.fromkeys(("none", "bonferroni", "max-t"), 0)
    for _ in range(samples):
        x = rng.normal(size=200)
        res = mn.mnlogit("y ~ x", {"x": x, "y": outcomes(x, rng)}).fit()
        for adjust in together:
            table = res.lincom(words, alpha=ALPHA, adjust=adjust)
            inside = (table["conf_low"] <= truth) & (truth <= table["conf_high"])
            together[adjust] += bool(inside.all())
    shares = {adjust: count / samples for adjust, count in together.items()}
    assert abs(shares["max-t"] - (1 - ALPHA)) < error
    assert shares["bonferroni"] >= shares["max-t"] and shares["none"] < 1 - ALPHA - error


@pytest.mark.slow
def test_functions_by_the_delta_method() -> None:
    rng, hits = np.random.default_rng(14), np.zeros(2)
    truth = np.array([np.exp(-0.7), 0.5 / -0.7])
    for _ in range(SAMPLES):
        x = rng.normal(size=600)
        res = mn.mnlogit("y ~ x", {"x": x, "y": outcomes(x, rng)}).fit()
        table = res.nlcom("exp(b:x), c:x / b:x", alpha=ALPHA)
        hits += (table["conf_low"] <= truth) & (truth <= table["conf_high"])
    assert np.abs(hits / SAMPLES - (1 - ALPHA)).max() < 4 * ERROR + 0.01
