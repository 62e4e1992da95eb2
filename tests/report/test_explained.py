"""Fits in plain sentences: the values of each are those of the result."""

from __future__ import annotations

import pickle
import re

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import ConvergenceWarning, OptionError, SeparationWarning
from mnlstat.report import explained as words
from mnlstat.report.explained import Explanation, Sentence, said
from mnlstat.report.plain_sizes import decimals

CAUSAL = re.compile(r"\b(causes?|caused|effects?|leads? to|increases?|decreases?|impacts?)\b", re.I)


@pytest.fixture(scope="module")
def data():
    found = mn.datasets.program_choice()
    w = np.arange(len(found)) % 3 + 1
    return found.assign(w=w, e=np.log(w), both=found["write"] + found["math"])


def model(formula, data, **options):
    return mn.mnlogit(formula, data, base="academic", **options)


def about(told: Explanation, heading: str) -> list[Sentence]:
    return [each for each in told.sentences if each.about == heading]


def of(told: Explanation, *names: str) -> list[Sentence]:
    return [each for each in told.sentences if set(names) <= set(each.values)]


def texts(told: Explanation) -> str:
    return " ".join(each.text for each in told.sentences)


@pytest.fixture(scope="module")
def fitted(data):
    return model("prog ~ C(ses) + write", data).fit()


def test_who_is_compared_with_whom(fitted):
    first, levels = about(fitted.explain(), words.COMPARED)
    counts = fitted.outcome_counts
    assert first.values["base"] == "academic"
    assert first.values["n"] == counts["academic"]
    assert first.values["others"] == counts.drop("academic").to_dict()
    assert first.text == "general (45) and vocation (50) are each compared with academic (105)."
    assert (levels.values["factor"], levels.values["reference"]) == ("C(ses)", "low")


@pytest.mark.parametrize("alpha", [0.05, 0.1])
def test_ratios_and_intervals_are_those_of_tidy(fitted, alpha):
    table = fitted.tidy(exponentiate=True, alpha=alpha).set_index(["outcome", "term"])
    told = of(fitted.explain(alpha=alpha), "ratio", "low", "high")
    assert len(told) == 6
    for each in told:
        row = table.loc[(each.values["outcome"], each.values["column"])]
        wanted = row[["estimate", "conf_low", "conf_high"]].to_numpy(dtype=float)
        found = [each.values[name] for name in ("ratio", "low", "high")]
        np.testing.assert_allclose(found, wanted, rtol=1e-13)
        assert f"({100 * (1 - alpha):g}% interval" in each.text


def test_sentence_of_a_unit_and_of_a_level(fitted):
    told = texts(fitted.explain())
    assert (
        "Compared with academic, the odds of general are multiplied by 0.94 for each unit of write"
        " (95% interval 0.90 to 0.98)."
    ) in told
    assert (
        "Compared with academic, the odds of general where C(ses) is high are 0.31 times those"
        " where it is low (95% interval 0.11 to 0.86)."
    ) in told


def test_strongest_per_standard_deviation_is_that_of_contrasts(data):
    res = model("prog ~ write + math", data, freq_weights="w").fit()
    table = res.contrasts(scale="sd", exponentiate=True)
    table = table[table["versus"] == "academic"]
    told = of(res.explain(), "deviation")
    assert [each.values["outcome"] for each in told] == ["general", "vocation"]
    for each in told:
        rows = table[table["outcome"] == each.values["outcome"]]
        most = rows.loc[np.log(rows["estimate"]).abs().idxmax()]
        assert each.values["column"] == most["term"]
        assert each.values["columns"] == 2
        np.testing.assert_allclose(each.values["ratio"], most["estimate"], rtol=1e-12)
    repeated = data.loc[data.index.repeat(data["w"]), "math"]
    np.testing.assert_allclose(told[0].values["deviation"], repeated.std(), rtol=1e-12)


def test_what_is_uncertain(fitted):
    told = fitted.explain()
    (held,) = of(told, "open")
    ends = fitted.conf_int().drop(index="Intercept", level="term")
    inside = ends[(ends["conf_low"] <= 0) & (ends["conf_high"] >= 0)].index
    assert held.values["which"] == tuple(f"{outcome}:{term}" for outcome, term in inside)
    assert (held.values["open"], held.values["judged"]) == (len(inside), len(ends))
    tests = fitted.wald_test_terms()
    found = of(told, "term", "statistic", "df", "p_value")
    assert {each.values["term"] for each in found} == set(tests.index)
    for each in found:
        row = tests.loc[each.values["term"]]
        assert [each.values[name] for name in row.index] == row.tolist()
    (whole,) = [each for each in of(told, "statistic") if "term" not in each.values]
    assert whole.values["statistic"] == fitted.llr
    assert (whole.values["df"], whole.values["p_value"]) == (fitted.df_model, fitted.llr_pvalue)


def test_base_does_not_change_the_tests_of_terms(fitted):
    one, other = fitted.explain(), fitted.rebase("general").explain()
    for a, b in zip(of(one, "term", "p_value"), of(other, "term", "p_value"), strict=True):
        np.testing.assert_allclose(a.values["statistic"], b.values["statistic"], rtol=1e-9)


def test_rows_and_columns_left_out(data):
    holes = data.assign(write=data["write"].where(np.arange(len(data)) % 20 > 0))
    holes["both"] = holes["write"] + holes["math"]
    with pytest.warns(mn.errors.MnlstatWarning):
        res = model("prog ~ write + math + both", holes, subset="math > 40").fit()
    told = res.explain()
    rows, aliased = about(told, words.LEFT_OUT)
    assert rows.values["used"] == res.dropped.used == res.nobs
    assert rows.values["dropped"] == res.dropped.total
    assert rows.values["why"]["not in the subset math > 40"] == res.dropped.not_in_subset
    for name, n in res.dropped.by_column.items():
        assert rows.values["why"][f"missing values in {name}"] == n
    assert aliased.values == {"column": "both", "equals": res.aliased["both"]}
    assert all(each.values["column"] != "both" for each in of(told, "ratio"))
    (untested,) = of(told, "terms")
    assert untested.values["terms"] == ("both",)


def test_separated_data():
    with pytest.warns(SeparationWarning):
        res = mn.mnlogit("y ~ x + z", mn.datasets.separated_toy()).fit()
    told = res.explain()
    (infinite,) = of(told, "limit")
    limits = res.separated.table["limit"]
    names = tuple(f"{a}:{b}" for a, b in limits.index[limits == "-inf"])
    assert infinite.values["coefficients"] == names == ("C:x[T.yes]",)
    assert "C is never seen where x[T.yes] = 1" in texts(told)
    assert ("C", "x[T.yes]") not in {
        (each.values["outcome"], each.values["column"]) for each in of(told, "ratio")
    }
    assert [each.values["terms"] for each in of(told, "terms")] == [("x",)]
    assert told.alert.startswith("WARNING: separated")


def test_of_a_fit_that_has_not_converged_nothing_else_is_said(data):
    with pytest.warns(ConvergenceWarning):
        res = model("prog ~ write", data).fit(maxiter=1)
    told = res.explain()
    assert not of(told, "ratio")
    assert not of(told, "statistic")
    (last,) = about(told, words.UNSUPPORTED)
    assert last.values == {"iterations": res.iterations, "status": res.status.value}
    assert "Nothing else can be said" in last.text
    assert told.alert in str(told).replace("\n  ", " ")


def test_cluster_covariance_changes_intervals_and_tests(data):
    groups = data.assign(g=np.arange(len(data)) % 40)
    res = model("prog ~ write", groups).fit().with_cov("cluster", groups="g", use_t=True)
    told = res.explain()
    (covariance,) = of(told, "covariance")
    assert covariance.values["covariance"] == res.cov_type
    for each in of(told, "ratio", "low"):
        ends = res.conf_int().loc[(each.values["outcome"], "write")]
        np.testing.assert_allclose(
            [each.values["low"], each.values["high"]], np.exp(ends), rtol=1e-13
        )
    (test,) = of(told, "term", "p_value")
    assert test.values["df_denom"] == res.wald_test_terms().loc["write", "df_denom"]
    assert "F(2, " in test.text
    assert "There is no likelihood-ratio test" in texts(told)


def test_notes_of_few_clusters_are_told(data):
    with pytest.warns(mn.errors.MnlstatWarning):
        res = model("prog ~ write + math", data).fit().with_cov("cluster", groups="ses")
    assert {each.values["note"] for each in of(res.explain(), "note")} >= set(res.cov_notes)


def test_weights_and_offset(data):
    res = model("prog ~ write", data, sampling_weights="w", offset="e").fit()
    told = res.explain()
    assert of(told, "weights")[0].values["weights"] == res.weights
    assert of(told, "offset")[0].values["offset"] == res.offset
    assert "and in the offset" in texts(told)
    assert of(told, "why")[-1].values["why"] == "the likelihood is a pseudo-likelihood"


def test_a_variable_that_the_offset_reads_is_not_read_alone(data):
    res = model("prog ~ write + e", data, offset="e").fit()
    told = res.explain()
    assert {each.values["column"] for each in of(told, "ratio")} == {"write"}
    assert [each.values["terms"] for each in of(told, "terms")] == [("e",)]


def test_ridge_has_sizes_and_no_tests(data):
    res = model("prog ~ write + math", data).fit(penalty=mn.Ridge(10))
    told = res.explain()
    assert not about(told, words.UNCERTAIN)
    for each in of(told, "ratio", "low"):
        b = res.params[each.values["outcome"], each.values["column"]]
        np.testing.assert_allclose(each.values["ratio"], np.exp(b), rtol=1e-14)
        assert np.isnan(each.values["low"])
        assert "(shrunken; no interval)" in each.text
    assert of(told, "penalty", "df")[0].values["df"] == res.effective_df
    assert "no standard error, interval or test" in texts(told)


def test_constraints(data):
    res = model(
        "prog ~ write + math", data, constraints="general:write = vocation:write, vocation:math = 0"
    ).fit()
    told = res.explain()
    (bound,) = of(told, "constraints")
    assert bound.values["constraints"] == res.constraints
    fixed = [each for each in of(told, "ratio", "low") if "fixed by the constraints" in each.text]
    assert [(e.values["outcome"], e.values["column"], e.values["ratio"]) for e in fixed] == [
        ("vocation", "math", 1.0)
    ]
    assert of(told, "judged")[0].values["judged"] == 3


def test_counts(data):
    cells = pd.crosstab([data["ses"], data["female"]], data["prog"]).reset_index()
    rows = mn.mnlogit("cbind(academic, general, vocation) ~ C(ses)", cells).fit()
    singles = mn.mnlogit("prog ~ C(ses)", data).fit()
    told, wanted = rows.explain(), singles.explain()
    assert of(told, "response")[0].values["response"] == rows.response
    for a, b in zip(of(told, "ratio"), of(wanted, "ratio"), strict=True):
        np.testing.assert_allclose(a.values["ratio"], b.values["ratio"], rtol=1e-9)


@pytest.mark.parametrize(
    ("formula", "others"),
    [
        ("prog ~ C(ses)*write", ("C(ses)", "write", "C(ses):write")),
        ("prog ~ write + I(write**2)", ("write", "I(write ** 2)")),
        ("prog ~ math + bs(write, 4)", ("bs(write, 4)",)),
        ("prog ~ math + C(ses, Sum)", ("C(ses, Sum)",)),
        ("prog ~ 0 + ses", ("ses",)),
    ],
)
def test_what_cannot_be_read_alone_has_no_ratio(data, formula, others):
    told = model(formula, data).fit().explain()
    assert [each.values["terms"] for each in of(told, "terms")] == [others]
    assert {each.values["column"] for each in of(told, "ratio")} <= {"math"}


def test_more_than_twelve_ratios(data):
    rng = np.random.default_rng(1)
    wide = data.assign(**{f"x{j}": rng.normal(size=len(data)) * 10.0**j for j in range(8)})
    res = model("prog ~ " + " + ".join(f"x{j}" for j in range(8)), wide).fit()
    told = res.explain()
    (cut,) = of(told, "told")
    assert (cut.values["told"], cut.values["all"]) == (12, 16)
    sizes = res.contrasts(scale="sd")
    sizes = sizes[sizes["versus"] == "academic"]
    order = sizes.loc[sizes["estimate"].abs().sort_values(ascending=False).index[:12]]
    assert {(e.values["outcome"], e.values["column"]) for e in of(told, "ratio", "low")} == set(
        zip(order["outcome"], order["term"], strict=True)
    )


def test_without_rows_there_are_no_standard_deviations(fitted):
    bare = pickle.loads(pickle.dumps(fitted))
    told = bare.explain()
    assert not of(told, "deviation")
    assert "loaded without its rows" in texts(told)
    assert [e.text for e in of(told, "low")] == [e.text for e in of(fitted.explain(), "low")]


@pytest.mark.parametrize(
    "formula", ["prog ~ C(ses) + write", "prog ~ 1", "prog ~ C(ses)*write", "prog ~ 0 + ses"]
)
def test_nothing_is_said_of_causes_and_nothing_is_called_significant(data, formula):
    told = texts(model(formula, data).fit().explain())
    assert not CAUSAL.search(told)
    assert "significant" not in told


def test_it_prints_in_80_columns_and_as_html(fitted):
    told = fitted.explain()
    assert max(map(len, str(told).splitlines())) <= 80
    assert repr(told) == str(told)
    html = told._repr_html_()
    assert html.count("<li>") == len(told.sentences)
    assert "P &lt; 0.001" in html


def test_it_is_frozen_and_pickles(fitted):
    told = fitted.explain()
    with pytest.raises(AttributeError):
        told.sentences = ()
    with pytest.raises(TypeError):
        told.sentences[0].values["n"] = 1
    assert pickle.loads(pickle.dumps(told)) == told


def test_labels_with_braces_and_markup_are_only_labels():
    each = said(words.COMPARED, "{others:list} and {base}.", others=("{n}", "<b>"), base=" x")
    assert each.text == "{n} and <b> and ' x'."
    assert "&lt;b&gt;" in Explanation("y ~ x", "", (each,))._repr_html_()


def test_digits_tell_ends_apart_and_from_one():
    assert decimals([0.944, 0.903, 0.985]) == 2
    assert decimals([0.998, 0.96, 1.04]) == 3
    assert decimals([0.55, 0.0834, 3.65]) == 3
    assert words.ratio(float("inf"), 2) == ">1e308"


def test_alpha_is_checked(fitted):
    with pytest.raises(OptionError):
        fitted.explain(alpha=5)
    with pytest.raises(TypeError):
        fitted.explain(level=0.9)


def test_shares_are_not_counted(data):
    by = [data["ses"], data["female"]]
    cells = pd.crosstab(by, data["prog"], normalize="index").reset_index()
    res = mn.mnlogit("cbind(academic, general, vocation) ~ C(ses)", cells).fit()
    first = res.explain().sentences[0]
    assert res.response_kind == "shares"
    assert first.text == "Shares of general and vocation are each compared with those of academic."
    assert first.values == {"others": ("general", "vocation"), "base": "academic"}


def test_two_outcomes_and_one_column():
    told = mn.mnlogit("vote ~ age", mn.datasets.anes96()).fit().explain()
    assert told.sentences[0].text == "1 (393) is compared with 0 (551)."
    assert "rows that differ in age, and are alike" in texts(told)
    assert not of(told, "J")
