"""t and F: degrees of freedom of covariances, and of CR2 by their definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.linalg import sqrtm

import mnlstat as mn
from mnlstat.arrays import FloatArray
from mnlstat.errors import OptionError
from tests.inference.samples import Exact, fitted, frame


def working(res: Any, codes: Any) -> tuple[FloatArray, list[FloatArray], FloatArray]:
    """Covariance of the scores of clusters as one matrix, their adjustments, ``I^-1``."""
    exact = Exact.of(res).summed(codes)
    own, inverse = exact.information, exact.inverse
    G, p = len(own), len(inverse)
    joint = np.zeros((G, p, G, p))
    for g in range(G):
        for h in range(G):
            joint[g, :, h] = (own[g] if g == h else 0.0) - own[g] @ inverse @ own[h]
    roots = [np.linalg.inv(sqrtm(np.eye(p) - each @ inverse).real) for each in own]
    return joint, roots, inverse


def wishart(res: Any, codes: Any, R: FloatArray) -> float:
    """Degrees of freedom of ``R V R'`` from the variances of its elements, element by element."""
    joint, roots, inverse = working(res, codes)
    V = R @ inverse @ R.T
    white = np.linalg.inv(np.linalg.cholesky(V)) @ R @ inverse
    arms = np.array([white @ root for root in roots])  # (G, m, p)
    P = np.einsum("gsa,gahb,htb->sgth", arms, joint, arms)
    m, total = len(R), 0.0
    for s in range(m):
        for t in range(m):
            total += (P[s, :, s] * P[t, :, t]).sum() + (P[s, :, t] * P[t, :, s]).sum()
    return m * (m + 1) / total


def test_cr2_has_the_degrees_of_freedom_of_each_contrast() -> None:
    data = frame(90, seed=2)
    res = fitted(data)
    found = res.with_cov("CR2", groups="school")
    codes = data["school"].to_numpy()
    for at in (0, 5, 11):
        R = np.eye(12)[[at]]
        assert found.df_t.iloc[at] == pytest.approx(wishart(res, codes, R), rel=1e-8)
    R = np.zeros((2, 12))
    R[0, 1], R[0, 5], R[1, 2] = 1.0, -1.0, 2.0
    test, eta = found.test(R), wishart(res, codes, R)
    assert test.df == 2 and test.df_denom == pytest.approx(eta - 1, rel=1e-8)
    V = R @ found.cov_params().to_numpy() @ R.T
    gap = R @ found.params.to_numpy()
    statistic = gap @ np.linalg.solve(V, gap) * (eta - 1) / (eta * 2)
    assert test.statistic == pytest.approx(statistic, rel=1e-8)
    assert test.pvalue == pytest.approx(stats.f.sf(statistic, 2, eta - 1), rel=1e-7)


def test_cr2_has_no_bias_where_the_model_holds() -> None:
    data = frame(90, seed=2)
    res = fitted(data)
    joint, roots, inverse = working(res, data["school"].to_numpy())
    middle = sum(root @ joint[g, :, g] @ root.T for g, root in enumerate(roots))
    np.testing.assert_allclose(inverse @ middle @ inverse, inverse, rtol=1e-8, atol=1e-10)


def test_balanced_clusters_of_constants_have_one_degree_less_than_clusters() -> None:
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"y": rng.choice(["a", "b", "c"], 90), "g": np.repeat(np.arange(9), 10)})
    res = mn.mnlogit("y ~ 1", data).fit().with_cov("CR2", groups="g")
    np.testing.assert_allclose(res.df_t, 8.0, rtol=1e-10)
    slopes = res.test("b:Intercept = 0, c:Intercept = 0")
    assert slopes.df_denom == pytest.approx(8.0 - 1.0, rel=1e-10)


def test_t_and_f_take_the_place_of_normal_and_chi_squared() -> None:
    res = fitted(frame())
    plain, by_t = res.with_cov("HC1"), res.with_cov("HC1", use_t=True)
    df = 160 - 12
    np.testing.assert_allclose(by_t.df_t, df)
    assert plain.df_t is None and by_t.bse.equals(plain.bse)
    z = by_t.tvalues.to_numpy()
    np.testing.assert_allclose(by_t.pvalues, 2 * stats.t.sf(np.abs(z), df), rtol=1e-12)
    reach = stats.t.ppf(0.95, df) * by_t.bse
    limits = by_t.conf_int(alpha=0.1)
    np.testing.assert_allclose(limits["conf_high"], by_t.params + reach, rtol=1e-12)
    chi2, F = plain.test("b:x = c:x, b:z = 0"), by_t.test("b:x = c:x, b:z = 0")
    assert pytest.approx(chi2.statistic / 2) == F.statistic and F.df_denom == df
    assert F.pvalue == pytest.approx(stats.f.sf(F.statistic, 2, df), rel=1e-10)
    assert str(F).endswith(f"F(2, 148) = {F.statistic:.4f}, P = {F.pvalue:.3f}")
    table = by_t.wald_test_terms()
    assert list(table.columns) == ["statistic", "df", "p_value", "df_denom"]
    text = str(by_t.summary())
    assert "P>|t|" in text and "P>F" in text and "t has 148 degrees of freedom" in text
    assert "chi2" not in text and "LR" not in text
    ratios = " ".join(str(by_t.summary(rrr=True)).split())
    assert "t and P>|t| test coef = 0" in ratios
    assert list(by_t.tidy()["p_value"]) == list(by_t.pvalues)


def test_degrees_of_freedom_can_be_given_or_turned_off() -> None:
    res = fitted(frame())
    assert (res.with_cov("cluster", groups="school", use_t=True).df_t == 19).all()
    ways = res.with_cov("cluster", groups=["school", "year"], use_t=True)
    assert (ways.df_t == 11).all()
    assert (res.with_cov("HC3", df=7).df_t == 7).all()
    assert (res.with_cov("CR2", groups="school", df=7.5).df_t == 7.5).all()
    assert res.with_cov("CR2", groups="school", use_t=False).df_t is None
    with pytest.raises(OptionError, match="use_t=False turns off"):
        res.with_cov("HC3", df=7, use_t=False)
    for bad in (0, -1, float("nan"), "many"):
        with pytest.raises(OptionError, match="df="):
            res.with_cov("HC3", df=bad)
