"""Several fits under one covariance: against single fits, and a stack made by hand."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import mnlstat as mn
from mnlstat.errors import (
    ConvergenceError,
    ConvergenceWarning,
    DataError,
    OptionError,
    RankError,
    SeparationError,
)
from tests.behaviour.data import good_frame
from tests.inference.samples import Exact, frame

FRAME = frame(220, 6).assign(
    v=lambda d: np.where(d["x"] + np.random.default_rng(2).normal(size=220) > 0, "yes", "no")
)
WEIGHTS: tuple[dict[str, Any], ...] = ({}, {"sampling_weights": "w"}, {"freq_weights": "f"})


def fit(formula: str, data: Any = FRAME, **options: Any) -> Any:
    return mn.mnlogit(formula, data, **options).fit()


def three(**options: Any) -> list[Any]:
    """Two models of one outcome, against two bases, and one of another outcome."""
    return [
        fit("y ~ x + z", **options),
        fit("y ~ x + z + g", base="c", **options),
        fit("v ~ z", **options),
    ]


@pytest.mark.parametrize("weights", WEIGHTS, ids=["none", "sampling", "frequency"])
@pytest.mark.parametrize("groups", [None, "school"])
def test_blocks_are_the_robust_covariances_of_each_fit(weights: Any, groups: Any) -> None:
    fits = three(**weights)
    joint = mn.suest(fits, groups=groups)
    V = joint.cov_params()
    for name, res in zip(joint.models, fits, strict=True):
        single = res.with_cov("cluster", groups=groups) if groups else res.with_cov("robust")
        np.testing.assert_allclose(V.loc[name, name], single.cov_params(), rtol=1e-9, atol=1e-14)
        np.testing.assert_array_equal(joint.params[name], res.params)
        np.testing.assert_allclose(joint.bse[name], single.bse, rtol=1e-10)


@pytest.mark.parametrize("weights", WEIGHTS, ids=["none", "sampling", "frequency"])
@pytest.mark.parametrize("groups", [None, "school"])
def test_the_stack_by_hand(weights: Any, groups: Any) -> None:
    fits = three(**weights)
    joint = mn.suest(fits, groups=groups)
    parts = [Exact.of(res) for res in fits]
    influence = np.column_stack([each.scores @ each.inverse for each in parts])
    if groups is not None:
        summed = pd.DataFrame(influence).groupby(FRAME[groups].to_numpy()).sum().to_numpy()
        V = summed.T @ summed * 20 / 19
    elif "freq_weights" in weights:  # the scores above have their weights in them
        f = FRAME["f"].to_numpy()
        V = (influence / f[:, None]).T @ influence * f.sum() / (f.sum() - 1)
    else:
        V = influence.T @ influence * 220 / 219
    np.testing.assert_allclose(joint.cov_params(), V, rtol=1e-8, atol=1e-13)
    b = joint.params.to_numpy()
    words = "m1/b:x = m2/b:x, m1/d:z - m3/yes:z = 0.5"
    labels = list(joint.index)
    R = np.zeros((2, len(b)))
    R[0, labels.index(("m1", "b", "x"))] = R[1, labels.index(("m1", "d", "z"))] = 1
    R[0, labels.index(("m2", "b", "x"))] = R[1, labels.index(("m3", "yes", "z"))] = -1
    gap = R @ b - [0, 0.5]
    W = gap @ np.linalg.solve(R @ V @ R.T, gap)
    for test in (
        joint.test(words),
        joint.test(words.split(", ")),
        joint.test(R, [0, 0.5]),
        joint.test((R, [0, 0.5])),
        joint.test(pd.DataFrame(R, columns=joint.index)[joint.index[::-1]], [0, 0.5]),
    ):
        assert test.statistic == pytest.approx(W, rel=1e-7)
        assert test.pvalue == pytest.approx(stats.chi2.sf(W, 2), rel=1e-6)
        assert test.df == 2


def test_names_tables_and_text() -> None:
    small, large = fit("y ~ x"), fit("y ~ x + z")
    joint = mn.suest({"small": small, "large": large})
    assert joint.models == ("small", "large")
    assert joint.index.names == ["model", "outcome", "term"]
    table = joint.tidy()
    assert table.columns.tolist() == [
        "model", "outcome", "term", "estimate", "std_error", "statistic", "p_value", "conf_low",
        "conf_high",
    ]  # fmt: skip
    np.testing.assert_allclose(table["std_error"] ** 2, np.diag(joint.cov_params()), rtol=1e-12)
    np.testing.assert_allclose(table["statistic"], table["estimate"] / table["std_error"])
    np.testing.assert_allclose(table["p_value"], 2 * stats.norm.sf(table["statistic"].abs()))
    np.testing.assert_allclose(
        table["conf_high"], table["estimate"] + stats.norm.ppf(0.975) * table["std_error"]
    )
    assert "small: y ~ x (base a)" in str(joint)
    assert "times n/(n-1)" in joint.cov_type
    assert mn.suest([small, large], names=("a/b", "c d")).test("a/b/b:x = c d/b:x").df == 1
    with pytest.raises(OptionError, match="is no coefficient"):
        joint.test("small/b:z = large/b:z")


def test_change_of_base_and_order_of_rows() -> None:
    one = mn.suest(three()).test("m1/b:x = m2/b:x - m2/a:x")
    again = [res.rebase(res.outcomes[-1]) for res in three()]
    other = mn.suest(again).test("m1/b:x - m1/a:x = m2/b:x - m2/a:x")
    assert other.statistic == pytest.approx(one.statistic, rel=1e-8)
    mixed = FRAME.sample(frac=1.0, random_state=0)
    fits = [fit("y ~ x + z", mixed), fit("y ~ x + z + g", mixed, base="c")]
    assert mn.suest(fits).test("m1/b:x = m2/b:x - m2/a:x").statistic == pytest.approx(
        one.statistic, rel=1e-8
    )


def test_sums_of_equal_models_and_unrelated_ones() -> None:
    same = mn.suest([fit("y ~ x"), fit("y ~ x")])
    for words in ("m1/b:x = m2/b:x", "m1/b:x = m2/b:x, m1/c:x = 0"):
        with pytest.raises(RankError, match="Fits that say the same") as caught:
            same.test(words)
        assert caught.value.code == "singular-covariance"
    near = FRAME.assign(tiny=FRAME["z"] * 1e-9)
    almost = mn.suest([fit("y ~ x + z", near), fit("y ~ x + tiny", near)])
    with pytest.raises(RankError):
        almost.test("m1/b:x = m2/b:x")
    assert same.test("m1/b:x = 0").df == 1
    with pytest.raises(RankError, match="not independent"):
        same.test("m1/b:x = 0, 2*m1/b:x = 0")


def test_rows_must_be_the_same() -> None:
    base = fit("y ~ x")
    holes = FRAME.assign(z=FRAME["z"].where(FRAME.index > 4))
    moved = FRAME.assign(x=FRAME["x"].where(FRAME.index != 3, 9.0))
    cases = [
        (fit("y ~ z", holes), "uses 215 rows, not 220"),
        (fit("y ~ x + z", moved), "is of other data"),
        (fit("y ~ x", FRAME.set_index(FRAME.index + 1)), "uses other rows"),
        (fit("y ~ x", sampling_weights="w"), "has other weights"),
        (fit("y ~ x", pd.DataFrame({"y": FRAME["y"], "x": FRAME["x"][::-1].to_numpy()})), "other"),
    ]
    for other, match in cases:
        with pytest.raises(DataError, match=match) as caught:
            mn.suest([base, other])
        assert caught.value.code == "different-rows"
    with pytest.raises(DataError, match="other rows"):
        mn.suest([fit("y ~ x", subset="w < 2"), fit("y ~ x", subset="w >= 2").update("y ~ z")])
    with pytest.raises(DataError, match="other weights"):
        mn.suest([fit("y ~ x", sampling_weights="f"), fit("y ~ x", freq_weights="f")])
    more = FRAME.assign(late=FRAME["x"] ** 2)
    assert mn.suest([base, fit("y ~ late", more)]).models == ("m1", "m2")


def test_fits_without_a_robust_covariance(tmp_path: Any) -> None:
    res = fit("y ~ x")
    for penalty in ("jeffreys", mn.Ridge(1.0)):
        with pytest.raises(OptionError, match="m2 is penalised"):
            mn.suest([res, mn.mnlogit("y ~ x", FRAME).fit(penalty=penalty)])
    toy = mn.datasets.separated_toy()
    separated = mn.mnlogit("y ~ x + z", toy).fit(separation="ignore")
    with pytest.raises(SeparationError):
        mn.suest([separated, separated])
    with pytest.warns(ConvergenceWarning):
        stopped = mn.mnlogit("y ~ x", FRAME).fit(maxiter=1)
    with pytest.raises(ConvergenceError):
        mn.suest([res, stopped])
    with pytest.raises(DataError, match="without its data"):
        mn.suest([res, pickle.loads(pickle.dumps(res))])
    res.save(tmp_path / "res", include_data=True)
    with pytest.raises(DataError, match="holds the design only"):
        mn.suest([res, mn.load(tmp_path / "res")])
    streamed = mn.mnlogit("y ~ x", lambda: iter([FRAME.iloc[:100], FRAME.iloc[100:]])).fit()
    with pytest.raises(DataError, match="read in pieces"):
        mn.suest([res, streamed])


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda r: mn.suest([r]), "2 models at least, not 1"),
        (lambda r: mn.suest(r), "2 models at least, not 1"),
        (lambda r: mn.suest([r, "y ~ x"]), "takes fitted models"),
        (lambda r: mn.suest([r, r], names=["a"]), "2 different ones"),
        (lambda r: mn.suest([r, r], names=["a", "a"]), "2 different ones"),
        (lambda r: mn.suest([r, r], names=["a", 1]), "must be text"),
        (lambda r: mn.suest({"a": r, "b": r}, names=["a", "b"]), "so are the keys"),
        (lambda r: mn.suest([r, r], groups=["school", "year"]), "of one way"),
        (lambda r: mn.suest([r, r], cluster="school"), "cluster"),
    ],
)
def test_options_that_cannot_be_honoured(call: Any, match: str) -> None:
    with pytest.raises(OptionError, match=match):
        call(fit("y ~ x"))


def test_aliased_constrained_shares_and_counts() -> None:
    with pytest.warns(mn.errors.AliasedWarning):
        aliased = fit("y ~ x + I(2 * x)")
    bound = fit("y ~ x + z", parallel="z")
    joint = mn.suest([aliased, bound])
    assert joint.bse["m1"].isna().sum() == 3
    with pytest.raises(RankError, match="aliased"):
        joint.test("m1/b:I(2 * x) = 0")
    robust = bound.with_cov("robust")
    np.testing.assert_allclose(joint.bse["m2"], robust.bse, rtol=1e-10)
    assert joint.test("m2/b:z = m1/b:x").df == 1
    assert joint.test("m2/b:z = 0").statistic == pytest.approx(
        robust.test("b:z = 0").statistic, rel=1e-9
    )
    wide = FRAME.groupby(["school", "g", "y"]).size().unstack(fill_value=0).reset_index()
    counts = [mn.mnlogit(f"cbind(a, b, c, d) ~ {x}", wide).fit() for x in ("g", "school")]
    both = mn.suest(counts)
    np.testing.assert_allclose(both.bse["m1"], counts[0].with_cov("robust").bse, rtol=1e-10)
    pair = FRAME.groupby(["g", "y"]).size().unstack(fill_value=0).reset_index()
    exact = [mn.mnlogit(f"cbind(a, b, c, d) ~ {x}", pair).fit() for x in ("1", "g")]
    with pytest.raises(RankError, match="m2 fits each row exactly"):
        mn.suest(exact)


def test_covariances_that_a_joint_one_would_not_keep_are_refused() -> None:
    frame = good_frame().assign(c=np.arange(120) % 30)
    fits = [mn.mnlogit(f"y ~ {right}", frame).fit() for right in ("x", "x + z")]
    assert mn.suest(fits, groups="c").cov_type != mn.suest(fits).cov_type
    mn.suest([res.with_cov("robust") for res in fits])
    for kind, options in (("cluster", {"groups": "c"}), ("HC3", {}), ("HAC", {})):
        with pytest.raises(OptionError, match="would not keep"):
            mn.suest([res.with_cov(kind, **options) for res in fits])
    for bad in (None, 3, [None]):
        with pytest.raises(OptionError):
            mn.suest(bad)  # type: ignore[arg-type]
    for names in (3, True, "ab"):
        with pytest.raises(OptionError):
            mn.suest(fits, names=names)  # type: ignore[arg-type]
