"""The covariance of a survey, from its definition, the certified values, and refits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import mnlstat as mn
from mnlstat.arrays import FloatArray
from tests.inference.samples import Exact, fitted, frame
from tests.reference.models import load


def survey(n: int = 240, seed: int = 3) -> pd.DataFrame:
    """Four strata of unequal numbers of PSUs, that are named anew in each."""
    rng = np.random.default_rng(seed)
    rows = frame(n, seed)
    stratum = rng.choice(["n", "s", "e", "w"], n, p=[0.4, 0.3, 0.2, 0.1])
    most = pd.Series({"n": 9, "s": 7, "e": 5, "w": 3})
    psu = (rng.random(n) * most[stratum].to_numpy()).astype(int)
    fraction = pd.Series({"n": 0.1, "s": 0.2, "e": 0.05, "w": 0.5})[stratum].to_numpy()
    population = most[stratum].to_numpy() / fraction
    return rows.assign(stratum=stratum, psu=psu, fraction=fraction, population=population)


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return survey()


@pytest.fixture(scope="module")
def res(data: pd.DataFrame) -> Any:
    return fitted(data, sampling_weights="w")


def by_hand(
    scores: FloatArray, stratum: Any, psu: Any, fraction: Any = None, lonely: str = "error"
) -> FloatArray:
    """``M`` in loops; PSUs are named within strata."""
    p = scores.shape[1]
    everyone = [
        scores[(stratum == h) & (psu == c)].sum(axis=0)
        for h in np.unique(stratum)
        for c in np.unique(psu[stratum == h])
    ]
    mean, parts, alone = np.mean(everyone, axis=0), [], 0
    for h in np.unique(stratum):
        inside = stratum == h
        left = 1.0 if fraction is None else 1.0 - fraction[inside][0]
        z = np.array([scores[inside & (psu == c)].sum(axis=0) for c in np.unique(psu[inside])])
        m = len(z)
        if m > 1:
            about = z - z.mean(axis=0)
            parts.append(left * m / (m - 1) * about.T @ about)
        elif left > 0:
            alone += 1
            if lonely == "adjust":
                parts.append(left * np.outer(z[0] - mean, z[0] - mean))
    M = np.sum(parts, axis=0) if parts else np.zeros((p, p))
    return M * (1 + alone / len(parts)) if lonely == "average" else M


def bread(res: Any, M: FloatArray) -> FloatArray:
    inverse = Exact.of(res).inverse
    return np.asarray(inverse @ M @ inverse)


def test_certified_standard_errors_of_a_cluster_sample() -> None:
    model = load("apiclus2_survey")
    res = mn.mnlogit(model.formula, model.rows(), sampling_weights=model["weights"]).fit()
    found = res.with_cov("survey", psu="dnum")
    wanted = [float(model["survey"]["se_linearised"][j][t]) for j, t in model.index]
    np.testing.assert_allclose(found.bse, wanted, rtol=1e-12)
    assert set(found.df_t) == {model["survey"]["design_df"]}
    assert "40 PSUs (dnum) in 1 stratum" in found.cov_type


@pytest.mark.parametrize("correction", [None, "fraction", "population"])
def test_strata_and_psus_from_the_definition(
    res: Any, data: pd.DataFrame, correction: str | None
) -> None:
    stratum, psu = data["stratum"].to_numpy(), data["psu"].to_numpy()
    assert data.groupby("stratum")["psu"].nunique().to_dict() == {"n": 9, "s": 7, "e": 5, "w": 3}
    fraction = None if correction is None else data["fraction"].to_numpy()
    M = by_hand(Exact.of(res).scores, stratum, psu, fraction)
    found = res.with_cov("survey", strata="stratum", psu="psu", fpc=correction)
    np.testing.assert_allclose(found.cov_params(), bread(res, M), rtol=1e-9)
    assert set(found.df_t) == {24 - 4}
    read = {None: "no finite", "fraction": "sampling fractions", "population": "population sizes"}
    assert read[correction] in found.cov_notes[0]


def test_psus_alone_are_clusters_and_rows_alone_are_robust(res: Any) -> None:
    pairs = [
        (res.with_cov("survey", psu="school"), res.with_cov("cluster", groups="school")),
        (res.with_cov("survey"), res.with_cov("robust")),
    ]
    for survey_cov, sandwich in pairs:
        np.testing.assert_allclose(survey_cov.cov_params(), sandwich.cov_params(), rtol=1e-9)


def test_strata_of_rows(res: Any, data: pd.DataFrame) -> None:
    M = by_hand(Exact.of(res).scores, data["stratum"].to_numpy(), np.arange(len(data)))
    found = res.with_cov("survey", strata="stratum")
    np.testing.assert_allclose(found.cov_params(), bread(res, M), rtol=1e-9)
    assert set(found.df_t) == {len(data) - 4}


def test_names_within_strata_and_over_all(res: Any, data: pd.DataFrame) -> None:
    alone = data["stratum"] + data["psu"].astype(str)
    wanted = res.with_cov("survey", strata="stratum", psu="psu").cov_params()
    for nest in (None, True, False):
        found = res.with_cov("survey", strata="stratum", psu=alone, nest=nest)
        np.testing.assert_allclose(found.cov_params(), wanted, rtol=1e-12)


@pytest.mark.parametrize("lonely", ["remove", "adjust", "average"])
def test_strata_of_one_psu(lonely: str) -> None:
    data = survey()
    data.loc[data["stratum"] == "w", "psu"] = 0
    res = fitted(data, sampling_weights="w")
    stratum, psu = data["stratum"].to_numpy(), data["psu"].to_numpy()
    found = res.with_cov("survey", strata="stratum", psu="psu", lonely=lonely, fpc="fraction")
    fraction = data["fraction"].to_numpy()
    M = by_hand(Exact.of(res).scores, stratum, psu, fraction, lonely)
    np.testing.assert_allclose(found.cov_params(), bread(res, M), rtol=1e-9)
    assert "'w' of stratum has one PSU" in found.cov_notes[1]
    assert set(found.df_t) == {22 - 4}


def test_a_stratum_taken_whole_needs_no_second_psu() -> None:
    data = survey()
    data.loc[data["stratum"] == "w", ["psu", "fraction"]] = [0, 1.0]
    res = fitted(data, sampling_weights="w")
    found = res.with_cov("survey", strata="stratum", psu="psu", fpc="fraction")
    removed = res.with_cov("survey", strata="stratum", psu="psu", fpc="fraction", lonely="remove")
    np.testing.assert_array_equal(found.cov_params(), removed.cov_params())


def test_the_adjusted_wald_f_by_hand(res: Any) -> None:
    found = res.with_cov("survey", strata="stratum", psu="psu")
    b, V, d = found.params.to_numpy(), found.cov_params().to_numpy(), 20
    for m in (1, 3):
        W = b[:m] @ np.linalg.solve(V[:m, :m], b[:m])
        test = found.test(np.eye(len(b))[:m])
        F = W * (d - m + 1) / (m * d)
        assert test.statistic == pytest.approx(F, rel=1e-9)
        assert (test.df, test.df_denom, test.distribution) == (m, d - m + 1, "F")
        assert test.pvalue == pytest.approx(stats.f.sf(F, m, d - m + 1), rel=1e-9)
    np.testing.assert_allclose(found.pvalues, 2 * stats.t.sf(np.abs(found.tvalues), d), rtol=1e-9)
    half = stats.t.ppf(0.975, d) * found.bse
    np.testing.assert_allclose(found.conf_int()["conf_high"], found.params + half, rtol=1e-12)


def test_degrees_of_freedom_that_are_given(res: Any) -> None:
    options = {"strata": "stratum", "psu": "psu"}
    normal = res.with_cov("survey", **options, use_t=False)
    assert normal.df_t is None
    assert not any("adjusted" in note for note in normal.cov_notes)
    own = res.with_cov("survey", **options, df=11)
    assert set(own.df_t) == {11.0}
    assert own.test(np.eye(12)[:2]).df_denom == 10


def test_the_factor_of_sas(res: Any) -> None:
    plain = res.with_cov("survey", strata="stratum", psu="psu").cov_params()
    found = res.with_cov("survey", strata="stratum", psu="psu", vadjust=True)
    np.testing.assert_allclose(found.cov_params(), plain * 239 / (240 - 12), rtol=1e-12)
    assert "times (n-1)/(n-p)" in found.cov_type


def test_the_factor_of_sas_counts_the_rows_of_the_design(data: pd.DataFrame) -> None:
    """A domain is the whole sample with weights of zero outside of it."""
    res = mn.mnlogit("y ~ x", data, sampling_weights="w", subset="g == 'u'").fit()
    design = {"strata": "stratum", "psu": "psu", "subpop": "g == 'u'"}
    plain, found = (res.with_cov("survey", **design, vadjust=flag) for flag in (False, True))
    np.testing.assert_allclose(found.cov_params(), plain.cov_params() * 239 / 234, rtol=1e-12)
    assert "240 rows of the design; n of (n-1)/(n-p) are all of them" in found.cov_notes[1]


def test_a_fit_takes_the_design_at_once(data: pd.DataFrame) -> None:
    model = mn.mnlogit("y ~ x + z", data, sampling_weights="w")
    weights = replicate_columns(data, "school")[0]
    for options in (
        {"strata": "stratum", "psu": "psu", "fpc": "fraction", "lonely": "adjust", "nest": True},
        {"strata": "stratum", "vadjust": True, "subpop": True, "df": 7},
        {"replicates": weights, "method": "JK1", "mse": True, "scale": 0.5},
        {"replicates": weights, "method": "JKn", "rscales": np.full(weights.shape[1], 0.9)},
        {"replicates": weights, "method": "Fay", "rho": 0.3},
    ):
        at_once = model.fit(cov_type="survey", **options)
        after = model.fit().with_cov("survey", **options)
        np.testing.assert_array_equal(at_once.cov_params(), after.cov_params())
        assert (at_once.cov_type, at_once.cov_notes) == (after.cov_type, after.cov_notes)
        assert at_once.update(". ~ . - z").cov_type == after.cov_type


@pytest.mark.parametrize("form", ["text", "mask", "series", True])
def test_rows_outside_a_subpopulation_stay_in_the_design(data: pd.DataFrame, form: Any) -> None:
    inside = (data["g"] == "u") & ~((data["stratum"] == "n") & (data["psu"] < 3))
    part = data.assign(inside=inside)
    res = mn.mnlogit("y ~ x + z", part, sampling_weights="w", subset="inside").fit()
    subpop = {"text": "inside", "mask": inside.to_numpy(), "series": inside.sample(frac=1.0)}
    found = res.with_cov("survey", strata="stratum", psu="psu", subpop=subpop.get(form, form))
    scores = np.zeros((len(data), len(res.params)))
    scores[inside] = res.likelihood.score_obs(res.params.to_numpy())
    M = by_hand(scores, data["stratum"].to_numpy(), data["psu"].to_numpy())
    inverse = np.linalg.inv(res.likelihood.information(res.params.to_numpy()))
    np.testing.assert_allclose(found.cov_params(), inverse @ M @ inverse, rtol=1e-9)
    assert set(found.df_t) == {20}
    used_only = res.with_cov("survey", strata="stratum", psu="psu", subpop=False)
    assert set(used_only.df_t) == {17}


def test_strata_without_a_row_of_the_subpopulation_are_left_out(data: pd.DataFrame) -> None:
    res = mn.mnlogit("y ~ x + z", data, sampling_weights="w", subset="stratum != 'w'").fit()
    found = res.with_cov("survey", strata="stratum", psu="psu", subpop="stratum != 'w'")
    assert set(found.df_t) == {21 - 3}
    assert "1 stratum without any is left out" in found.cov_notes[1]


def replicate_columns(data: pd.DataFrame, psu: str) -> tuple[FloatArray, list[Any]]:
    """JK1: each PSU left out once."""
    labels = sorted(data[psu].unique())
    G = len(labels)
    w, codes = data["w"].to_numpy(), data[psu].to_numpy()
    return np.column_stack([w * (codes != g) * G / (G - 1) for g in labels]), labels


@pytest.mark.parametrize("mse", [False, True])
def test_jackknife_replicates_are_refits(res: Any, data: pd.DataFrame, mse: bool) -> None:
    weights, labels = replicate_columns(data, "school")
    found = res.with_cov("survey", replicates=weights, method="JK1", mse=mse)
    each = np.array(
        [fitted(data[data["school"] != g], sampling_weights="w").params for g in labels]
    )
    G = len(labels)
    about = each - (res.params.to_numpy() if mse else each.mean(axis=0))
    np.testing.assert_allclose(found.cov_params(), (G - 1) / G * about.T @ about, rtol=1e-7)
    assert set(found.df_t) == {G - 1}


def test_replicates_in_every_form_are_the_same(data: pd.DataFrame) -> None:
    weights, labels = replicate_columns(data, "school")
    names = [f"rep{g}" for g in labels]
    with_columns = pd.concat([data, pd.DataFrame(weights, columns=names)], axis=1)
    res = fitted(with_columns, sampling_weights="w")
    wanted = res.with_cov("survey", replicates=weights, method="JK1").cov_params()
    for given in (names, with_columns[names], [with_columns[name] for name in names]):
        found = res.with_cov("survey", replicates=given, method="JK1")
        np.testing.assert_array_equal(found.cov_params(), wanted)
    R = len(names)
    as_jkn = res.with_cov("survey", replicates=names, method="JKn", rscales=np.full(R, (R - 1) / R))
    np.testing.assert_allclose(as_jkn.cov_params(), wanted, rtol=1e-12)


def weighted(data: pd.DataFrame) -> Any:
    """A fit of few coefficients."""
    return mn.mnlogit("y ~ x + z", data, sampling_weights="w").fit()


def test_balanced_replicates_and_those_of_fay() -> None:
    data = survey().assign(stratum=lambda d: d["school"] // 2, half=lambda d: d["school"] % 2)
    res = weighted(data)
    H = np.array([[1]])
    while len(H) < 16:
        H = np.block([[H, H], [H, -H]])
    sign = H[:, 1 + data["stratum"].to_numpy()].T * np.where(data["half"] == 0, 1, -1)[:, None]
    w = data["w"].to_numpy()[:, None]
    brr = res.with_cov("survey", replicates=w * (1 + sign), method="BRR", mse=True)
    fay = res.with_cov("survey", replicates=w * (1 + 0.1 * sign), method="Fay", rho=0.9, mse=True)
    linear = res.with_cov("survey", strata="stratum", psu="half")
    assert set(linear.df_t) == {10}
    assert set(brr.df_t) == {10}
    # small changes of weights tell the linear part alone
    np.testing.assert_allclose(fay.bse, linear.bse, rtol=0.05)
    each = [weighted(data.assign(w=w[:, 0] * (1 + sign[:, r]))).params for r in range(16)]
    about = np.array(each) - res.params.to_numpy()
    np.testing.assert_allclose(brr.cov_params(), about.T @ about / 16, rtol=1e-7)


def test_change_of_base_and_update_keep_the_design(res: Any, data: pd.DataFrame) -> None:
    for options in (
        {"strata": data["stratum"].to_numpy(), "psu": "psu", "fpc": "fraction"},
        {"replicates": replicate_columns(data, "school")[0], "method": "JK1"},
    ):
        found = res.with_cov("survey", **options)
        again = res.rebase("c").with_cov("survey", **options)
        np.testing.assert_allclose(found.rebase("c").bse, again.bse, rtol=1e-7)
        smaller = found.update(". ~ . - z")
        direct = mn.mnlogit("y ~ x + g", data, sampling_weights="w").fit()
        direct = direct.with_cov("survey", **options)
        np.testing.assert_allclose(smaller.bse, direct.bse, rtol=1e-7)
        assert smaller.cov_type == direct.cov_type


def test_order_of_rows_does_not_matter(res: Any, data: pd.DataFrame) -> None:
    mixed = data.sample(frac=1.0, random_state=1)
    options = {"strata": "stratum", "psu": "psu", "fpc": "fraction"}
    found = fitted(mixed, sampling_weights="w").with_cov("survey", **options)
    np.testing.assert_allclose(found.bse, res.with_cov("survey", **options).bse, rtol=1e-9)
