"""Tables of terms: what types I, II and III test, and pairs of outcomes."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import CodingWarning, MnlstatWarning, OptionError, SeparationWarning
from tests.inference import samples

FRAME = samples.frame(240, seed=4).assign(h=np.tile(["p", "q", "r"], 80))
SUMS = "y ~ C(g, Sum) * C(h, Sum)"


def fit(right: str, data: Any = FRAME, **options: Any) -> Any:
    return mn.mnlogit(f"y ~ {right}", data, **options).fit()


def gain(larger: str, smaller: str) -> float:
    return float(2 * (fit(larger).llf - fit(smaller).llf))


def test_type_two_is_the_difference_of_fits_that_respect_marginality() -> None:
    table = fit("g * h + x").anova()
    assert list(table) == ["statistic", "df", "p_value"] and table.index.name == "term"
    expected = {
        "g": gain("g + h + x", "h + x"),
        "h": gain("g + h + x", "g + x"),
        "g:h": gain("g * h + x", "g + h + x"),
        "x": gain("g * h + x", "g * h"),
    }
    for term, statistic in expected.items():
        assert table.loc[term, "statistic"] == pytest.approx(statistic, rel=1e-9)
    assert table["df"].tolist() == [3, 6, 6, 3]
    assert table.attrs["type"] == 2 and table.attrs["kind"] == "LR"


def test_type_one_adds_terms_one_by_one() -> None:
    res = fit("g * h")
    table = res.anova(type=1)
    expected = [gain("g", "1"), gain("g + h", "g"), gain("g * h", "g + h")]
    np.testing.assert_allclose(table["statistic"], expected, rtol=1e-9)
    assert table["statistic"].sum() == pytest.approx(res.llr, rel=1e-10)


def test_tables_of_any_coding_are_the_same_but_for_type_three() -> None:
    one, other = fit("g * h"), fit("C(g, Sum) * C(h, Sum)")
    for sort, kind in itertools.product((1, 2), ("LR", "score", "Wald")):
        tables = [res.anova(type=sort, kind=kind) for res in (one, other)]
        np.testing.assert_allclose(*tables, rtol=1e-7)


def test_type_three_drops_columns_as_they_are_coded() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", CodingWarning)
        res = mn.mnlogit(SUMS, FRAME).fit()
        table = res.anova(type=3)
    X = pd.DataFrame(res.likelihood.rows.X, columns=res.spec.columns)
    for term in res.terms[1:]:
        kept = X.drop(columns=list(X.columns[term.start : term.stop]))
        expected = 2 * (res.llf - mn.MNLogit(FRAME["y"], kept).fit().llf)
        assert table.loc[term.name, "statistic"] == pytest.approx(expected, rel=1e-9)
    wald = res.anova(type=3, kind="Wald")
    pd.testing.assert_frame_equal(wald, res.wald_test_terms(), rtol=1e-12)


def test_balanced_interactions_average_over_levels() -> None:
    balanced = pd.DataFrame(itertools.product("ab", "uv", "pq", range(6)), columns=list("ygho"))
    balanced["f"] = np.tile([3.0, 1.0, 4.0, 1.0, 5.0, 9.0], 8) + np.arange(48) % 5
    full = fit("C(g, Sum) * C(h, Sum)", balanced, freq_weights="f")
    b, V = full.params["b"], full.cov_params().loc["b", "b"]
    z = b.iloc[1] ** 2 / V.iloc[1, 1]
    assert full.anova(type=3, kind="Wald").loc["C(g, Sum)", "statistic"] == pytest.approx(z)
    # the mean over h of the difference that g makes
    treated = fit("g * h", balanced, freq_weights="f")
    half = treated.test("b:g[T.v] + 0.5 * b:g[T.v]:h[T.q] = 0").statistic
    assert half == pytest.approx(z, rel=1e-9)


@pytest.mark.parametrize(
    ("right", "named"),
    [
        ("g * x", "which here tests x \\(at one level of g\\)"),
        ("g * h", "tests g \\(at one level of h\\); h \\(at one level of g\\)"),
        ("C(g, Sum) * h", "tests C\\(g, Sum\\) \\(at one level of h\\)\\."),
    ],
)
def test_type_three_says_what_the_coding_makes_of_it(right: str, named: str) -> None:
    res = fit(right)
    with pytest.warns(CodingWarning, match=named):
        res.anova(type=3, kind="Wald")


@pytest.mark.parametrize("right", ["g + x", "C(g, Sum) * x", "x * z", "C(g, Sum):x", "x:g"])
def test_type_three_is_silent_where_the_coding_does_not_matter(right: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(right).anova(type=3, kind="Wald")


def test_wald_of_type_two_is_the_joint_test_less_that_of_what_contains_the_term() -> None:
    res = fit("g * h + x").with_cov("robust")
    table = res.anova(kind="Wald")
    for term, above in {"g": ["g:h"], "h": ["g:h"], "x": []}.items():
        joint = res.test(term=[term, *above]).statistic
        rest = res.test(term=above).statistic if above else 0.0
        assert table.loc[term, "statistic"] == pytest.approx(joint - rest, rel=1e-8)


def test_by_t_tables_have_two_degrees_of_freedom() -> None:
    table = fit("g + x").with_cov("HC1", use_t=True).anova()
    assert list(table) == ["statistic", "df", "p_value", "df_denom"]
    assert (table["df_denom"] == len(FRAME) - 9).all()


def test_default_is_wald_where_there_is_no_ratio() -> None:
    res = fit("g + x")
    assert res.anova().attrs["kind"] == "LR"
    robust = res.with_cov("cluster", groups="school")
    assert robust.anova().attrs["kind"] == "Wald"
    with pytest.raises(OptionError, match="likelihood ratio does"):
        robust.anova(kind="LR")
    assert robust.anova(kind="score").attrs["kind"] == "score"


@pytest.mark.parametrize(
    "options", [{"type": 4}, {"type": "II"}, {"type": True}, {"kind": "F"}, {"kind": 2}]
)
def test_other_types_and_kinds_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(OptionError) as error:
        fit("x").anova(**options)
    assert error.value.code == "invalid-choice"


def test_constants_and_arrays() -> None:
    assert fit("1").anova().empty
    X = FRAME[["x", "z"]].assign(one=1.0)
    arrays = mn.MNLogit(FRAME["y"], X).fit().anova()
    np.testing.assert_allclose(arrays, fit("x + z").anova(), rtol=1e-9)
    assert arrays.index.tolist() == ["x", "z"]


def test_levels_in_place_of_the_constant_are_said_to_be_so() -> None:
    res = fit("0 + g + x")
    with pytest.warns(CodingWarning, match="all outcomes are equally likely"):
        table = res.anova()
    np.testing.assert_allclose(table.loc["x"], fit("g + x").anova().loc["x"], rtol=1e-9)
    assert table.loc["g", "statistic"] == pytest.approx(gain("0 + g + x", "0 + x"), rel=1e-9)


def test_tables_under_constraints() -> None:
    res = fit("x + z + g", constraints=["b:x = c:x", "d:z = 0.5"])
    with pytest.warns(MnlstatWarning) as told:
        table = res.anova()
    assert [w.message.code for w in told] == ["against-constraints"]
    bound = fit("z + g", constraints=["d:z = 0.5"])
    assert table.loc["x", "statistic"] == pytest.approx(2 * (res.llf - bound.llf), rel=1e-9)
    assert table.loc["x", "df"] == 2
    assert np.isnan(table.loc["z", "statistic"])  # the constraints contradict that it is zero
    for kind in ("score", "Wald"):
        with pytest.warns(MnlstatWarning, match="z = 0 in every equation: the constraints"):
            other = res.anova(kind=kind)
        assert other.loc["x", "df"] == 2 and other.loc["z", "df"] == 0
        assert other.loc["x", "statistic"] == pytest.approx(table.loc["x", "statistic"], rel=0.2)


KINDS = ("LR", "Wald", "score")


@pytest.mark.parametrize("kind", KINDS)
def test_constraints_count_as_they_are_in_the_models_that_are_compared(kind: str) -> None:
    # without x:z the first constraint fixes b:x, as the second does c:x and the third d:x
    words = ["b:x = b:x:z", "c:x = 0", "d:x = 0"]
    res = fit("x:z + x + z", constraints=words)
    with pytest.warns(MnlstatWarning) as told:
        tables = {sort: res.anova(type=sort, kind=kind) for sort in (1, 2, 3)}
    assert [w.message.code for w in told] == ["fixed-by-constraints"]
    assert {sort: table.loc["x", "df"] for sort, table in tables.items()} == {1: 1, 2: 0, 3: 1}
    assert np.isnan(tables[2].loc["x", ["statistic", "p_value"]].astype(float)).all()
    for sort in (1, 3):
        assert tables[sort].loc["x", "statistic"] > 0
    wald = res.wald_test_terms()
    assert wald["df"].to_dict() == tables[3]["df"].to_dict()


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_that_constraints_forbid_is_not_compared_with(kind: str) -> None:
    # type I tests g without x, x:g and z, where b:x - b:z is not 0.5 but zero
    res = fit("x * g + z", constraints=["b:x - b:z = 0.5"])
    with pytest.warns(MnlstatWarning) as told:
        first = res.anova(type=1, kind=kind)
    assert {w.message.code for w in told} == {"against-constraints"}
    assert first.loc["g", "df"] == 0 and np.isnan(first.loc["g", "statistic"])
    assert first.loc["z", "df"] == 3 and first.loc["z", "statistic"] > 0
    assert (res.anova(type=2, kind=kind)["df"] == 3).all()


# --- pairs of outcomes ---------------------------------------------------------------------


def test_merging_is_the_constrained_fit() -> None:
    res = fit("x + g", base="c")
    table = res.test_combine("b", "d")
    assert list(table) == ["outcome", "versus", "test", "statistic", "df", "p_value"]
    bound = fit("x + g", base="c", constraints=["b:x = d:x", "b:g[T.v] = d:g[T.v]"])
    rows = table.set_index("test")
    words = "b:x = d:x, b:g[T.v] = d:g[T.v]"
    for kind, name in {"wald": "Wald", "lr": "LR", "score": "score"}.items():
        found = res.test(words, kind=kind)
        assert rows.loc[name, "statistic"] == pytest.approx(found.statistic, rel=1e-8)
        assert rows.loc[name, "df"] == 2
    assert rows.loc["LR", "statistic"] == pytest.approx(2 * (res.llf - bound.llf), rel=1e-8)


def test_merging_does_not_depend_on_the_base() -> None:
    tables = [fit("x + g", base=base).test_combine() for base in "ab"]
    assert len(tables[0]) == 18
    pd.testing.assert_frame_equal(*tables, rtol=1e-7)
    one = fit("x + g").test_combine("c")
    assert one["versus"].tolist() == list("aaabbbddd")


def test_two_outcomes_merge_into_constants() -> None:
    data = FRAME.assign(y=np.where(FRAME["y"] == "a", "no", "yes"))
    res = fit("x + g", data)
    found = res.test_combine(kind="lr").iloc[0]
    assert found["statistic"] == pytest.approx(res.llr, rel=1e-12) and found["df"] == 2
    slopes = res.wald_test_slopes()
    assert res.test_combine(kind="wald")["statistic"][0] == pytest.approx(slopes.statistic)


@pytest.mark.parametrize("right", ["0 + x + z", "0 + g + x"])
def test_merging_without_an_intercept(right: str) -> None:
    res = fit(right)
    table = res.test_combine("b", "c").set_index("test")
    if right == "0 + x + z":  # no constant at all: every coefficient is the same
        assert table.loc["LR", "df"] == 2
        expected = res.test("b:x = c:x, b:z = c:z", kind="lr").statistic
    else:
        assert table.loc["LR", "df"] == 2
        expected = fit("g + x").test_combine("b", "c", kind="lr")["statistic"][0]
    assert table.loc["LR", "statistic"] == pytest.approx(expected, rel=1e-8)


def test_merging_with_offsets() -> None:
    words = "b:x = c:x"
    for offset in ({"b": "z", "c": "z"}, {"b": "z"}, {"d": "z"}):
        res = fit("x", offset=offset)
        table = res.test_combine("b", "c").set_index("test")
        for kind, name in {"wald": "Wald", "lr": "LR", "score": "score"}.items():
            assert table.loc[name, "statistic"] == pytest.approx(
                res.test(words, kind=kind).statistic, rel=1e-8
            )


def test_merging_counts_weights_and_constrained_fits() -> None:
    rows = FRAME.loc[FRAME.index.repeat(FRAME["f"])].reset_index(drop=True)
    expected = fit("x + g", rows).test_combine()
    counts = FRAME.assign(**{j: FRAME["f"] * (FRAME["y"] == j) for j in samples.OUTCOMES})
    table = mn.mnlogit("cbind(a, b, c, d) ~ x + g", counts).fit().test_combine()
    pd.testing.assert_frame_equal(table, expected, rtol=1e-8)
    weighted = fit("x + g", freq_weights="f").test_combine()
    pd.testing.assert_frame_equal(weighted, expected, rtol=1e-8)
    bound = fit("x + g", constraints="b:x = c:x").test_combine("b", "c")
    assert (bound["df"] == 1).all() and bound["statistic"].notna().all()


def test_merging_separated_outcomes() -> None:
    toy = mn.datasets.separated_toy()
    with pytest.warns(SeparationWarning):
        res = mn.mnlogit("y ~ x + z", toy).fit()
    table = res.test_combine().set_index(["outcome", "versus", "test"])
    assert table["df"].eq(2).all()
    lr = table.xs("LR", level="test")["statistic"]
    assert lr.notna().all()
    merged = toy.assign(y=toy["y"].replace("C", "B"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SeparationWarning)
        other = mn.mnlogit("y ~ x + z", merged).fit()
    N = toy["y"].value_counts()[["B", "C"]].to_numpy(dtype=float)
    expected = 2 * (res.llf - other.llf - (N * np.log(N / N.sum())).sum())
    assert lr["B", "C"] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("e",), "unknown-outcome"),
        (("a", "e"), "unknown-outcome"),
        (("a", "a"), "one-outcome-twice"),
        (([], "a"), "unknown-outcome"),
    ],
)
def test_pairs_that_are_none(asked: Any, code: str) -> None:
    with pytest.raises(OptionError) as error:
        fit("x").test_combine(*asked)
    assert error.value.code == code
