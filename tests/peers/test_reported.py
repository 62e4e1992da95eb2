"""Fits that other programs report, printed, in tables or as estimators, are lined up with ours."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import ConvergenceError, DataError, OptionError
from mnlstat.peers.naming import columns_of, normal, outcomes_of
from mnlstat.peers.nnet_text import read_nnet
from mnlstat.peers.reported import Number
from mnlstat.peers.sas_text import read_sas
from mnlstat.peers.stata_text import _term, read_stata
from mnlstat.peers.tables import read_csv, read_frame

# As printed for program choice by ses and write (UCLA's data hsbdemo; n = 200).
NNET = """\
Call:
multinom(formula = prog2 ~ ses + write, data = ml)

Coefficients:
         (Intercept)  sesmiddle    seshigh      write
general     2.852198 -0.5332810 -1.1628226 -0.0579287
vocation    5.218260  0.2913859 -0.9826649 -0.1136037

Std. Errors:
         (Intercept) sesmiddle   seshigh      write
general     1.166441 0.4437323 0.5142196 0.02141097
vocation    1.163552 0.4763739 0.5955665 0.02221996

Residual Deviance: 359.9635
AIC: 375.9635
"""
STATA = """\
Multinomial logistic regression                 Number of obs     =        200
                                                LR chi2(6)        =      48.23
                                                Prob > chi2       =     0.0000
Log likelihood = -179.98173                     Pseudo R2         =     0.1182

------------------------------------------------------------------------------
        prog |      Coef.   Std. Err.      z    P>|z|     [95% Conf. Interval]
-------------+----------------------------------------------------------------
general      |
         ses |
     middle  |   -.533291   .4437321    -1.20   0.229     -1.40299     .336408
       high  |  -1.162832   .5142195    -2.26   0.024    -2.170684   -.1549804
             |
       write |  -.0579284   .0214109    -2.71   0.007    -.0998931   -.0159637
       _cons |   2.852186   1.166439     2.45   0.014     .5660075    5.138365
-------------+----------------------------------------------------------------
academic     |  (base outcome)
-------------+----------------------------------------------------------------
vocation     |
         ses |
     middle  |   .2913931   .4763737     0.61   0.541    -.6422821    1.225068
       high  |  -.9826703   .5955669    -1.65   0.099     -2.14996    .1846195
             |
       write |  -.1136026   .0222199    -5.11   0.000    -.1571528   -.0700524
       _cons |    5.21820   1.163549     4.48   0.000     2.937691    7.498719
------------------------------------------------------------------------------
"""
SAS = """\
             Number of Observations Used        200
       Logits modeled use prog='academic' as the reference category.
                                   Intercept and
             Criterion     Only       Covariates
             -2 Log L    408.193         359.963
             Analysis of Maximum Likelihood Estimates
                                            Standard        Wald
  Parameter   prog       DF    Estimate       Error  Chi-Square    Pr > ChiSq
  Intercept   general     1      2.8522      1.1664      5.9790        0.0145
  Intercept   vocation    1      5.2182      1.1635     20.1128        <.0001
  ses  middle general     1     -0.5333      0.4437      1.4444        0.2294
  ses  middle vocation    1      0.2914      0.4764      0.3742        0.5407
  ses  high   general     1     -1.1628      0.5142      5.1137        0.0237
  ses  high   vocation    1     -0.9827      0.5956      2.7224        0.0989
  write       general     1     -0.0579      0.0214      7.3200        0.0068
  write       vocation    1     -0.1136      0.0222     26.1392        <.0001
                               Odds Ratio Estimates
  write       general    0.944  0.905  0.984
"""


@cache
def trips() -> pd.DataFrame:
    frame = mn.datasets.travel_mode()
    return frame.assign(inc=np.where(frame["hinc"] > 35, "high", "low"))


@cache
def ours(base: str = "car") -> Any:
    return mn.mnlogit("mode ~ C(inc) + psize", trips(), base=base).fit()


def printed(res: Any, form: str = "{:.7g}") -> pd.DataFrame:
    frame = res.tidy()[["outcome", "term", "estimate", "std_error"]]
    numbers = {name: frame[name].map(form.format) for name in ("estimate", "std_error")}
    return frame.assign(**numbers)


def stata(res: Any, ratios: bool = False) -> str:
    lines = [
        f"Multinomial logistic regression   Number of obs = {res.nobs}",
        f"Log likelihood = {res.llf:.5f}",
        f"   mode | {'RRR' if ratios else 'Coefficient'}  Std. err.   z   P>|z|",
    ]
    for outcome in res.outcomes:
        if outcome == res.base:
            lines.append(f"{outcome}  | (base outcome)")
            continue
        table = res.tidy(exponentiate=ratios).set_index(["outcome", "term"])
        say = {t: "{:.7g} {:.7g} 0 0".format(*table.loc[(outcome, t)].iloc[:2])
               for t in ("C(inc)[T.low]", "psize", "Intercept")}  # fmt: skip
        lines += [
            f"{outcome}     |", "    inc |", "    high | 0 (base)",
            f"    low | {say['C(inc)[T.low]']}", "        |",
            f"  psize | {say['psize']}", f"  _cons | {say['Intercept']}", "----+----",
        ]  # fmt: skip
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("read", "text", "digits"), [(read_nnet, NNET, 7), (read_stata, STATA, 5), (read_sas, SAS, 4)]
)
def test_the_same_analysis_is_read_alike(read: Any, text: str, digits: int) -> None:
    found = read(text)
    assert {row[0] for row in found.rows} == {"general", "vocation"}
    cells = {(row[0], normal(row[1])): row[2:] for row in found.rows}
    assert len(cells) == 8
    wanted = {
        ("general", "(constant)"): (2.85219, 1.16644),
        ("general", "sesmiddle"): (-0.53329, 0.44373),
        ("vocation", "seshigh"): (-0.98267, 0.59557),
        ("vocation", "write"): (-0.11360, 0.02222),
    }
    for place, numbers in wanted.items():
        for number, value in zip(cells[place], numbers, strict=True):
            assert number.value == pytest.approx(value, abs=number.half + 2e-5)
    assert found.llf.value == pytest.approx(-179.98175, abs=3e-4)
    assert found.base_of(["academic", "general", "vocation"]) == 0
    assert found.nobs in (200, None)


def test_what_was_printed_tells_the_digits() -> None:
    assert Number.read("-.0579284") == Number(-0.0579284, 0.5e-7)
    assert Number.read("12") == Number(12.0, 0.5)
    assert Number.read("1.50e-05").half == pytest.approx(0.5e-7)


@pytest.mark.parametrize("base", ["car", "train"])
def test_stata_is_matched_to_every_digit_and_base(base: str) -> None:
    found = ours().compare(stata(ours(base)))
    assert found.agrees(1e-10)
    assert "coefficients to every digit printed" in found.verdict
    assert found.ours.base == found.theirs.base == base
    assert ("re-based" in str(found)) == (base != "car")
    assert found.theirs.nobs == 210
    ratios = ours().compare(stata(ours(base), ratios=True))
    assert ratios.agrees(1e-10) and "relative risk ratios" in str(ratios)


def stored(res: Any) -> str:
    lines = ["    Variable |     m1     ", "-------------+------------"]
    for outcome in res.outcomes:
        lines.append(f"{outcome:13}|")
        for term in ("C(inc)[T.low]", "psize", "Intercept"):
            lines += ["         inc |"] if "inc" in term else ["             |"]
            name = {"C(inc)[T.low]": "low ", "Intercept": "_cons"}.get(term, term)
            if outcome == res.base:
                lines.append(f"{name:>12} |  (omitted)  ")
                continue
            lines.append(f"{name:>12} | {res.params[outcome, term]:.7g}")
            lines.append(f"             | {res.bse[outcome, term]:.7g}")
        lines.append("-------------+------------")
    return "\n".join([*lines, "Statistics   |", "           N |        210", "Legend: b/se"])


def test_stored_estimates_of_stata() -> None:
    found = ours().compare(stored(ours("train")))
    assert found.agrees(1e-9) and found.theirs.base == "train" and found.theirs.nobs == 210
    with pytest.raises(DataError, match="b/se"):
        ours().compare(stored(ours()).replace("b/se", "b/t"))
    several = stored(ours()).replace("| -", "| 1 -")
    with pytest.raises(DataError, match="cannot be read"):
        ours().compare(several)


def test_nnet_with_wrapped_columns_and_with_two_outcomes() -> None:
    table = ours().params.unstack("term")
    errors = ours().bse.unstack("term")
    blocks = [["Intercept", "C(inc)[T.low]"], ["psize"]]
    called = {"Intercept": "(Intercept)", "C(inc)[T.low]": "inclow"}

    def text(frame: pd.DataFrame) -> str:
        return "\n".join(
            frame[names].rename(columns=called).rename_axis(index=None, columns=None)
            .to_string(float_format="{:.6f}".format)
            for names in blocks
        )  # fmt: skip

    summary = (
        f"Coefficients:\n{text(table)}\n\nStd. Errors:\n{text(errors)}\n\n"
        f"Residual Deviance: {-2 * ours().llf:.4f} \nAIC: 1\n"
    )
    assert ours().compare(summary).agrees(1e-9)
    head, _, rest = summary.partition("Std. Errors:")
    without = head + rest[rest.index("Residual Deviance") :]
    assert "no standard errors to compare" in ours().compare(without).verdict
    anes = mn.datasets.anes96()
    two = mn.mnlogit("vote ~ age", anes).fit()
    rows = "\n".join(
        f"{'(Intercept)' if t == 'Intercept' else t} {two.params[1, t]:.7f} {two.bse[1, t]:.7f}"
        for t in ("Intercept", "age")
    )
    said = f"Coefficients:\n    Values  Std. Err.\n{rows}\n\nResidual Deviance: {-2 * two.llf:.3f}"
    assert two.compare(said).agrees(1e-9)
    assert two.rebase(1).compare(said).agrees(1e-9)


def test_tables_and_files(tmp_path: Path) -> None:
    table = printed(ours())
    broom = table.set_axis(["y.level", "term", "estimate", "std.error"], axis=1)
    path = tmp_path / "fit.csv"
    broom.to_csv(path, index=False)
    for other in (table, broom, path, str(path), broom.to_csv(index=False, sep=";"),
                  printed(ours("air"))):  # fmt: skip
        found = ours().compare(other)
        assert found.agrees(1e-9) and "every digit printed" in found.verdict
    exact = ours().compare(ours().tidy())
    assert exact.agrees(1e-14) and "to 15 digits" in exact.verdict
    (tmp_path / "stata.log").write_text(stata(ours()))
    assert ours().compare(tmp_path / "stata.log").agrees(1e-9)
    assert mn.compare("mode ~ C(inc) + psize", trips(), other=table).agrees(1e-9)


def test_a_digit_beyond_what_was_printed_is_a_difference() -> None:
    table = ours().tidy()
    table["estimate"] = [f"{v + 3e-4:.4f}" for v in table["estimate"]]
    found = ours().compare(table)
    assert not found.agrees(1e-6)
    assert "mnlstat is nearer the maximum" in found.verdict


def test_reasons_are_told() -> None:
    def remark(change: Any) -> str:
        frame = ours().tidy()[["outcome", "term", "estimate", "std_error"]]
        change(frame)
        found = ours().compare(frame)
        assert not found.agrees(1e-6)
        return " ".join(str(found).split())

    constant = ours().tidy()["term"] == "Intercept"
    assert "signs are opposite" in remark(lambda f: f.update(-f[["estimate"]]))
    assert "constants are not" in remark(
        lambda f: f.update((f["estimate"] + constant).rename("estimate"))
    )
    assert "a number that is the same in every equation" in remark(
        lambda f: f.update(f["estimate"] * np.where(f["term"] == "psize", 10.0, 1.0))
    )
    assert "ours times 1.5" in remark(lambda f: f.update(f["std_error"] * 1.5))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C(ses)[T.middle]", "ses middle"),
        ("C(ses, Treatment('low'))[T.middle]", "sesmiddle"),
        ("C(ses)[T.2]", "2.ses"),
        ("x:C(ses)[T.2]", "2.ses#c.x"),
        ("ses[T.middle]:write", "write:sesmiddle"),
        ("Q('house hold')", "household"),
        ("const", "_cons"),
    ],
)
def test_notations_of_terms(one: str, other: str) -> None:
    assert normal(one) == normal(other)
    assert normal(one) != normal(other + "x")


def test_products_of_factors_in_stata() -> None:
    assert normal(_term("ses#c.write", "middle")) == normal("C(ses)[T.middle]:write")
    assert normal(_term("ses#sex", "middle#male")) == normal("C(sex)[T.male]:C(ses)[T.middle]")
    assert normal(_term("c.x#c.z", "x")) != normal("x:z")


def test_names_that_read_alike_are_not_guessed() -> None:
    assert columns_of(["a_b", "ab"], ["ab", "a_b"], "x") == {"a_b": 1, "ab": 0}
    with pytest.raises(DataError, match="terms differ"):
        columns_of(["a.b", "c"], ["ab", "a_b"], "x")
    assert outcomes_of(["A+", "A-"], ["A-", "A+"], "x") == {"A+": 1, "A-": 0}
    with pytest.raises(DataError, match="outcomes differ"):
        outcomes_of(["a+"], ["A-", "A+"], "x")
    assert outcomes_of(["1", "2"], [1, 2, 3], "x") == {"1": 0, "2": 1}


def code_of(other: Any, res: Any = None) -> str:
    with pytest.raises(mn.errors.MnlstatError) as caught:
        (res or ours()).compare(other)
    return caught.value.code


def test_what_cannot_be_lined_up_is_named(tmp_path: Path) -> None:
    table = printed(ours())
    assert code_of(NNET) == "compare-outcomes"
    assert code_of(table[table["outcome"] != "air"]) == "compare-outcomes"
    assert code_of(table.replace({"psize": "size"})) == "compare-terms"
    assert code_of(table.iloc[1:]) == code_of(pd.concat([table, table])) == "compare-terms"
    assert code_of(table.drop(columns="term")) == code_of(table.iloc[:0]) == "compare-unreadable"
    assert code_of(table.assign(estimate="much")) == "compare-unreadable"
    assert code_of("no file of this name") == code_of("two\nlines") == "compare-unreadable"
    assert code_of(tmp_path) == "compare-unreadable"
    assert code_of("outcome,term,estimate\na,b\n") == "compare-unreadable"
    assert code_of(stata(ours()).replace("psize | ", "psize | x")) == "compare-unreadable"
    firth = mn.mnlogit("mode ~ C(inc) + psize", trips()).fit(penalty="jeffreys")
    with pytest.raises(ConvergenceError, match="penalised"):
        firth.compare(table)
    bound = mn.mnlogit("mode ~ C(inc) + psize", trips(), parallel="psize").fit()
    with pytest.raises(OptionError, match="constraints"):
        bound.compare(table)


def test_weighted_fits_can_be_compared_with_printed_ones() -> None:
    w = np.arange(len(trips())) % 3
    res = mn.mnlogit("mode ~ psize", trips(), freq_weights=w).fit()
    assert res.compare(printed(res)).agrees(1e-9)


@pytest.mark.parametrize("read", [read_csv, read_frame])
def test_readers_take_a_base(read: Any) -> None:
    frame = printed(ours()).assign(base="car")
    found = read(frame.to_csv(index=False) if read is read_csv else frame)
    assert found.base == "car"
