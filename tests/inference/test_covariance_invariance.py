"""What must not change a covariance: base, weights' scale, repeated rows, order, where rows are."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.design import pieces
from mnlstat.errors import DataError
from mnlstat.rows import streamed
from tests.inference.samples import FORMULA, KINDS, PSEUDO, fitted, frame, name

every = pytest.mark.parametrize("kind", KINDS, ids=name)
pseudo = pytest.mark.parametrize("kind", PSEUDO, ids=name)
WITHOUT_GROUPS = tuple(each for each in KINDS if "groups" not in each[1])


def under(res: Any, kind: tuple[str, dict[str, Any]], **more: Any) -> Any:
    """A result under a kind of covariance."""
    return res.with_cov(kind[0], **kind[1], **more)


def assert_same(found: Any, wanted: Any, rtol: float = 1e-10) -> None:
    """Two covariance matrices agree, relative to the standard errors."""
    V, W = found.cov_params().to_numpy(), wanted.cov_params().to_numpy()
    se = np.sqrt(np.diag(W))
    assert (np.abs(V - W) / np.outer(se, se)).max() < rtol
    df, other = found.df_t, wanted.df_t
    assert (df is None) == (other is None)
    if df is not None:
        np.testing.assert_allclose(df.to_numpy(), other.to_numpy(), rtol=1e-8)


@every
def test_change_of_base_and_of_covariance_commute(kind: Any) -> None:
    res = fitted(frame())
    assert_same(under(res, kind).rebase("c"), under(res.rebase("c"), kind))
    other = mn.mnlogit(FORMULA, frame(), base="c").fit()
    assert_same(under(res, kind).rebase("c"), under(other, kind), rtol=1e-8)


@every
def test_tests_do_not_depend_on_the_base(kind: Any) -> None:
    res = under(fitted(frame()), kind, use_t=True)
    there = res.rebase("d")
    for first, second in (
        (res.test("b:x = c:x"), there.test("b:x = c:x")),
        (res.wald_test_slopes(), there.wald_test_slopes()),
    ):
        assert first.distribution == second.distribution == "F"
        assert second.statistic == pytest.approx(first.statistic, rel=1e-8)
        assert second.df_denom == pytest.approx(first.df_denom, rel=1e-8)
        assert second.pvalue == pytest.approx(first.pvalue, rel=1e-7)


@pseudo
def test_the_scale_of_sampling_weights_does_not_matter(kind: Any) -> None:
    data = frame()
    res = under(fitted(data, sampling_weights="w"), kind)
    for scale in (3.0, 1e-150, 1e150):
        other = fitted(data.assign(w=data["w"] * scale), sampling_weights="w")
        assert_same(under(other, kind), res, rtol=1e-9)


@every
def test_frequency_weights_are_repeated_rows(kind: Any) -> None:
    data = frame(100)
    repeated = data.loc[data.index.repeat(data["f"])].reset_index(drop=True)
    assert_same(under(fitted(data, freq_weights="f"), kind), under(fitted(repeated), kind))


@every
def test_the_order_of_rows_does_not_matter(kind: Any) -> None:
    data = frame().assign(time=np.arange(160))
    more = {"time": "time"} if kind[0] == "HAC" else {}
    shuffled = data.sample(frac=1.0, random_state=5)
    assert_same(under(fitted(shuffled), kind, **more), under(fitted(data), kind, **more))


@every
def test_threads_and_forms_of_the_design_do_not_matter(kind: Any) -> None:
    data = frame(400).assign(x=lambda d: d["x"].round(0), z=lambda d: d["z"].round(0))
    few = under(mn.mnlogit(FORMULA, data, n_threads=1).fit(), kind)
    more = under(mn.mnlogit(FORMULA, data, n_threads=2).fit(), kind)
    assert few.cov_params().equals(more.cov_params())
    X = pd.DataFrame(few.likelihood.rows.X, columns=list(few.spec.columns))
    dense = mn.MNLogit(data["y"], X).fit()
    options = {
        key: data[value] if isinstance(value, str) else data[["school", "year"]]
        for key, value in kind[1].items()
        if key == "groups"
    }
    assert_same(dense.with_cov(kind[0], **(kind[1] | options)), few)


WEIGHTS: tuple[dict[str, Any], ...] = ({}, {"freq_weights": "f"}, {"sampling_weights": "w"})


def of_weights(kinds: Any) -> Any:
    """Kinds with the weights that they go with."""
    pairs = [(k, w) for k in kinds for w in WEIGHTS if "sampling_weights" not in w or k in PSEUDO]
    return pytest.mark.parametrize(("kind", "weights"), pairs)


@of_weights(WITHOUT_GROUPS)
def test_data_in_pieces_give_what_memory_gives(
    kind: Any, weights: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(pieces, "CHUNK_ROWS", 64)
    monkeypatch.setattr(streamed, "KEPT_ELEMENTS", 2**9)
    monkeypatch.setattr(streamed, "KEPT_PER_PARAMETER", 0)
    path = tmp_path / "rows.csv"
    frame(500).to_csv(path, index=False)
    in_pieces = mn.mnlogit(FORMULA, str(path), **weights).fit()
    assert in_pieces.likelihood.reads_anew
    memory = fitted(pd.read_csv(path), **weights)
    if kind[0] == "HAC" and "freq_weights" in weights:
        with pytest.raises(DataError, match="order"):
            under(in_pieces, kind)
        return
    assert_same(under(in_pieces, kind), under(memory, kind), rtol=1e-11)


@of_weights(WITHOUT_GROUPS)
def test_few_patterns_in_pieces_give_what_memory_gives(
    kind: Any, weights: Any, tmp_path: Any
) -> None:
    data = frame(3000).assign(x=lambda d: d["x"].round(0), z=lambda d: (d["z"] > 0) * 1.0)
    path = tmp_path / "rows.csv"
    data.to_csv(path, index=False)
    counted = mn.mnlogit(FORMULA, str(path), **weights).fit()
    assert counted.likelihood.rows.response.ndim == 2
    lacking = ("HC2", "HC3", "jackknife") if "sampling_weights" in weights else ()
    if kind[0] in ("HAC", *lacking):
        with pytest.raises(DataError, match=r"order|the weight of each row"):
            under(counted, kind)
        return
    memory = fitted(pd.read_csv(path), **weights)
    assert_same(under(counted, kind), under(memory, kind), rtol=1e-11)


IN_PIECES = tuple(each for each in KINDS if each[0] == "cluster")


@of_weights(IN_PIECES)
@pytest.mark.parametrize("few", [False, True])
def test_clusters_of_data_in_pieces(
    kind: Any, weights: Any, few: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(pieces, "CHUNK_ROWS", 640)
    monkeypatch.setattr(streamed, "KEPT_ELEMENTS", 2**9)
    monkeypatch.setattr(streamed, "KEPT_PER_PARAMETER", 0)
    data = frame(3000).assign(name=lambda d: "s" + d["school"].map(str))
    if few:
        data = data.assign(x=data["x"].round(0), z=(data["z"] > 0) * 1.0)
    data["twice"] = 2 * data["x"]
    data.loc[[3, 700], "x"] = np.nan
    path = tmp_path / "rows.csv"
    data.to_csv(path, index=False)
    in_pieces = mn.mnlogit(FORMULA, str(path), **weights).fit()
    assert in_pieces.likelihood.reads_anew != few
    memory = fitted(pd.read_csv(path), **weights)
    found = under(in_pieces, kind, use_t=True)
    wanted = under(memory, kind, use_t=True)
    assert_same(found, wanted, rtol=1e-11)
    assert found.cov_type == wanted.cov_type and (found.df_t == wanted.df_t).all()
    by_name = in_pieces.with_cov("cluster", groups="name")
    assert_same(by_name, memory.with_cov("cluster", groups="name"), rtol=1e-11)
    assert_same(found.update(". ~ . - z"), wanted.update(". ~ . - z"), rtol=1e-10)
    with pytest.warns(mn.errors.AliasedWarning):
        aliased = mn.mnlogit(FORMULA + " + twice", str(path), **weights).fit()
    kept = aliased.params.notna()
    ours = under(aliased, kind).bse[kept]
    np.testing.assert_allclose(ours, under(memory, kind).bse, rtol=1e-9)


def test_clusters_of_data_in_pieces_that_cannot_be_used(tmp_path: Any) -> None:
    data = frame(300).assign(one=1, holes=lambda d: d["school"].where(d.index != 250))
    path = tmp_path / "rows.csv"
    data.to_csv(path, index=False)
    res = mn.mnlogit(FORMULA, str(path)).fit()
    for given, match in (
        ("scool", "no column 'scool'"),
        (np.arange(300), "cannot be lined up"),
        ("one", "'one' has one group only"),
        ("holes", "'holes' is missing"),
    ):
        with pytest.raises(DataError, match=match):
            res.with_cov("cluster", groups=given)
    with pytest.raises(DataError, match="time= needs the rows in memory"):
        res.with_cov("HAC", time="school")


@every
def test_pickled_and_saved_results_keep_it(kind: Any, tmp_path: Any) -> None:
    res = under(fitted(frame()), kind, use_t=True)
    for again in (pickle.loads(pickle.dumps(res)), mn.load(res.save(tmp_path / "r.fit"))):
        assert again.cov_params().equals(res.cov_params()) and again.cov_type == res.cov_type
        assert again.pvalues.equals(res.pvalues) and str(again.summary()) == str(res.summary())
        with pytest.raises(DataError, match=r"with_cov\(\) needs the rows"):
            again.with_cov("robust")


def test_a_result_saved_with_its_rows_has_every_covariance(tmp_path: Any) -> None:
    data = frame()
    res = fitted(data, sampling_weights="w")
    again = mn.load(res.save(tmp_path / "r.fit", include_data=True))
    for kind in PSEUDO:
        if "groups" not in kind[1]:
            assert_same(under(again, kind), under(res, kind))
    assert_same(again.with_cov("CR2", groups=data["year"]), res.with_cov("CR2", groups="year"))
    with pytest.raises(DataError, match="design only"):
        again.with_cov("cluster", groups="school")
