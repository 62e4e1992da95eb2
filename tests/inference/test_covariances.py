"""Covariances against their definitions, written out with matrices of all coefficients."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mnlstat.likelihood.evaluation import BlockTerms
from mnlstat.likelihood.leverage import HALF, adjusted_residuals
from mnlstat.likelihood.serial import lagged_products
from mnlstat.likelihood.units import Units
from tests.inference.samples import Exact, fitted, frame

RTOL = 1e-10


@cache
def sample() -> tuple[pd.DataFrame, Any, Exact]:
    """Rows, their fit, and what definitions are made of."""
    data = frame()
    res = fitted(data)
    return data, res, Exact.of(res)


@cache
def weighted() -> tuple[pd.DataFrame, Any, Exact]:
    """The same with sampling weights."""
    data = frame()
    res = fitted(data, sampling_weights="w")
    return data, res, Exact.of(res)


both = pytest.mark.parametrize("case", [sample, weighted], ids=["plain", "sampling"])


def assert_close(found: Any, wanted: Any) -> None:
    """Covariances agree, relative to the standard errors."""
    se = np.sqrt(np.diag(wanted))
    error = np.abs(found.cov_params().to_numpy() - wanted) / np.outer(se, se)
    assert error.max() < RTOL


def factors(n: int, p: int) -> dict[str, float]:
    """Factors of the sandwiches of rows."""
    return {"HC0": 1.0, "HC1": n / (n - p), "robust": n / (n - 1)}


@both
@pytest.mark.parametrize("kind", ["HC0", "HC1", "robust"])
def test_sandwiches_of_rows(case: Any, kind: str) -> None:
    _, res, exact = case()
    c = factors(*exact.scores.shape)[kind]
    assert_close(res.with_cov(kind), c * exact.sandwich(exact.scores))


@both
@pytest.mark.parametrize(("kind", "power"), [("HC2", 0.5), ("HC3", 1.0)])
def test_leverages_of_rows(case: Any, kind: str, power: float) -> None:
    _, res, exact = case()
    assert_close(res.with_cov(kind), exact.sandwich(exact.adjusted(power)))


@both
@pytest.mark.parametrize(("kind", "power"), [("CR2", 0.5), ("CR3", 1.0)])
@pytest.mark.parametrize("groups", ["school", "year", "tens"])
def test_leverages_of_clusters(case: Any, kind: str, power: float, groups: str) -> None:
    data, res, exact = case()
    codes = data[groups] if groups in data else np.arange(len(data)) // 10
    clusters = exact.summed(np.asarray(codes))
    found = res.with_cov(kind, groups=np.asarray(codes))
    assert_close(found, exact.sandwich(clusters.adjusted(power)))


@both
def test_outer_products_and_information(case: Any) -> None:
    _, res, exact = case()
    if res.pseudo:
        return
    assert_close(res.with_cov("opg"), np.linalg.inv(exact.scores.T @ exact.scores))
    assert_close(res.with_cov("observed"), exact.inverse)
    assert res.with_cov("nonrobust").cov_type == res.with_cov("oim").cov_type == res.cov_type


@both
@pytest.mark.parametrize(
    ("correction", "factor"),
    [
        ("stata", lambda G, n, p: G / (G - 1)),
        ("sandwich", lambda G, n, p: G / (G - 1)),
        ("statsmodels", lambda G, n, p: G / (G - 1) * (n - 1) / (n - p)),
        ("none", lambda G, n, p: 1.0),
    ],
)
def test_clusters_with_each_correction(case: Any, correction: str, factor: Any) -> None:
    data, res, exact = case()
    clusters = exact.summed(data["school"].to_numpy())
    c = factor(len(clusters.scores), *exact.scores.shape)
    found = res.with_cov("cluster", groups="school", correction=correction)
    assert_close(found, c * exact.sandwich(clusters.scores))


def test_two_ways_of_clustering_add_and_subtract() -> None:
    data, res, exact = sample()
    ways = [data["school"], data["year"], data["school"] * 10_000 + data["year"]]
    middle: Any = 0.0
    for sign, codes in zip((1, 1, -1), ways, strict=True):
        clusters = exact.summed(codes.to_numpy())
        G = len(clusters.scores)
        middle = middle + sign * G / (G - 1) * clusters.scores.T @ clusters.scores
    found = res.with_cov("cluster", groups=["school", "year"])
    root = np.linalg.cholesky(exact.inverse)
    values, vectors = np.linalg.eigh(root.T @ middle @ root)
    half = root @ vectors * np.sqrt(np.maximum(values, 0.0))
    assert_close(found, half @ half.T)
    assert bool(found.cov_notes) == bool((values < -1e-12).any())
    assert found.cov_type.startswith("clustered by school (20) and year (12)")


def test_negative_eigenvalues_are_cut_and_said() -> None:
    data = frame(60, seed=4)
    res = fitted(data)
    found = res.with_cov("cluster", groups=["school", "year"], correction="none")
    assert "cut to zero" in found.cov_notes[0]
    assert "negative eigenvalues, cut" in str(found.summary())
    assert np.linalg.eigvalsh(found.cov_params()).min() > -1e-12


@both
def test_hc3_is_the_sum_over_rows_that_are_really_deleted(case: Any) -> None:
    res = case()[1]
    b, likelihood = res.params.to_numpy(), res.likelihood
    products: Any = 0.0
    for i in range(likelihood.n_rows):
        others = likelihood.rows.subset(np.arange(likelihood.n_rows) != i)
        rest = type(likelihood)(others, likelihood.base)
        change = np.linalg.solve(rest.information(b), rest.score(b))
        products = products + np.outer(change, change)
    assert_close(res.with_cov("HC3"), products)


@both
def test_the_jackknife_is_about_the_mean_of_the_deletions(case: Any) -> None:
    data, res, exact = case()
    changes = exact.adjusted(1.0) @ exact.inverse
    n = len(changes)
    centred = changes - changes.mean(axis=0)
    assert_close(res.with_cov("jackknife"), (n - 1) / n * centred.T @ centred)
    changes = exact.summed(data["school"].to_numpy()).adjusted(1.0) @ exact.inverse
    G = len(changes)
    centred = changes - changes.mean(axis=0)
    found = res.with_cov("jackknife", groups="school")
    assert_close(found, (G - 1) / G * centred.T @ centred)
    assert "one-step" in found.cov_type


def test_hc2_has_no_bias_where_the_model_holds() -> None:
    """Residuals with covariance ``V - V K V``, as fitted ones have, get that of errors, V."""
    data, res, _ = sample()
    likelihood, root = res.likelihood, res.estimates.information_root
    units = Units.of(likelihood, res.params.to_numpy(), root, n=160, sampling=False, trials=False)
    piece = next(iter(units.blocks())).some(slice(0, 30))
    terms, T = units.terms(piece), units.directions(piece)
    V, K = terms.variance, np.einsum("jdn,ldn->njl", T, T)
    shapes = np.linalg.cholesky(V - V @ K @ V)
    expected: Any = 0.0
    for column in range(V.shape[1]):
        given = BlockTerms(terms.eta, terms.pi, shapes[:, :, column], V)
        found = adjusted_residuals(given, T, piece, HALF)[0]
        expected = expected + found[:, :, None] * found[:, None, :]
    np.testing.assert_allclose(expected, V, atol=1e-13)
    assert len(data) == likelihood.n_rows


@both
def test_clusters_of_one_row_are_rows(case: Any) -> None:
    data, res, _ = case()
    rows, n = np.arange(len(data)), len(data)
    pairs = [
        (res.with_cov("cluster", groups=rows), res.with_cov("HC0"), n / (n - 1)),
        (res.with_cov("cluster", groups=rows), res.with_cov("robust"), 1.0),
        (res.with_cov("cluster", groups=rows, correction="none"), res.with_cov("HC0"), 1.0),
        (
            res.with_cov("cluster", groups=rows, correction="statsmodels"),
            res.with_cov("HC1"),
            1.0,
        ),
        (res.with_cov("CR2", groups=rows), res.with_cov("HC2"), 1.0),
        (res.with_cov("CR3", groups=rows), res.with_cov("HC3"), 1.0),
        (res.with_cov("jackknife", groups=rows), res.with_cov("jackknife"), 1.0),
    ]
    for clustered, single, factor in pairs:
        c = 1.0
        assert_close(clustered, c * factor * single.cov_params().to_numpy())


@both
@pytest.mark.parametrize("lags", [0, 1, 5, None])
def test_autocovariances(case: Any, lags: int | None) -> None:
    data, res, exact = case()
    order = np.random.default_rng(3).permutation(len(data))
    for time, scores in ((None, exact.scores), (np.argsort(order), exact.scores[order])):
        L = 4 if lags is None else lags  # floor(4 * 1.6^(2/9)) = 4
        middle = scores.T @ scores
        for lag in range(1, L + 1):
            apart = scores[lag:].T @ scores[:-lag]
            middle = middle + (1 - lag / (L + 1)) * (apart + apart.T)
        found = res.with_cov("HAC", lags=lags, time=time)
        assert_close(found, exact.inverse @ middle @ exact.inverse)
        assert found.cov_type.startswith(f"HAC, Bartlett weights, {L} lag")


@pytest.mark.parametrize("lags", [1, 4, 30])
def test_autocovariances_do_not_depend_on_blocks(lags: int) -> None:
    _, res, _ = sample()
    whole = res.likelihood
    found = []
    for size in (7, 31, 4096):
        rows = replace(whole.rows, block_rows=size)
        likelihood = replace(whole, rows=rows, known=None)
        b, root = res.params.to_numpy(), res.estimates.information_root
        units = Units.of(likelihood, b, root, n=160, sampling=False, trials=False)
        found.append(lagged_products(units, lags))
    np.testing.assert_allclose(found[0], found[2], atol=1e-12)
    np.testing.assert_allclose(found[1], found[2], atol=1e-12)
