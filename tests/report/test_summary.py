from __future__ import annotations

import copy
import pickle
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import OptionError
from mnlstat.report.layout import WIDTH, display_width
from mnlstat.report.summary import Summary
from tests.report import fakes, golden_text, markup

CASES = {
    "ordinary": fakes.by_hand,
    "aliased": fakes.aliased,
    "not_converged": fakes.not_converged,
    "two_outcomes": fakes.two_outcomes,
    "awkward": fakes.awkward,
}


@pytest.mark.parametrize("name", CASES)
def test_golden_text(name):
    golden_text.check(name, str(Summary(CASES[name]())))


def test_golden_text_of_relative_risk_ratios():
    golden_text.check("rrr", str(Summary(fakes.by_hand(), rrr=True, alpha=0.1)))


@pytest.mark.parametrize("rrr", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_every_line_fits_and_p_is_never_zero(name, rrr):
    text = Summary(CASES[name](), rrr=rrr).as_text()
    assert max(display_width(line) for line in text.splitlines()) <= WIDTH
    assert " 0.000\n" not in text
    assert "-0.0000 " not in text


def test_text_besides_labels_is_ascii():
    assert str(Summary(fakes.aliased(), rrr=True)).isascii()


def test_nothing_of_a_long_label_is_lost():
    text = str(Summary(fakes.awkward()))
    squeezed = "".join(text.split())
    assert "".join(fakes.LONG.split()) in squeezed
    assert fakes.MARKUP in text
    assert "naïve\\ncafé vs" in text


def test_a_bad_status_stands_in_the_first_lines():
    lines = str(Summary(fakes.not_converged())).splitlines()
    assert lines[2] == "WARNING: not converged: the iteration limit was reached"


def test_what_is_said_in_the_header():
    text = " ".join(str(Summary(fakes.aliased())).split())
    for part in (
        "prog ~ write + I(2 * write)",
        "academic (n = 105)",
        "200 used of 206, 6 dropped",
        "prog (2), write (3)",
        "np.log(read) (1)",
        "C(ses): low",
        "Newton, 6 iterations",
        "observed information",
        "general vs academic (n = 45)",
        "= 2 * write",
        "Outcome 'none' never occurs",
    ):
        assert part in text


def test_few_events_are_named():
    notes = Summary(fakes.two_outcomes()).notes
    assert any("True (14)" in note and "Fewer than 10 events" in note for note in notes)
    assert not any("events" in note for note in Summary(fakes.by_hand()).notes)


def test_without_a_constant_the_slopes_are_tested():
    summary = Summary(fakes.by_hand(constant=False))
    text = str(summary)
    assert "LR chi2" not in text
    assert "Wald chi2(4)" in text
    assert any("no constant" in note for note in summary.notes)


def test_poor_conditioning_is_noted():
    assert any("3.0e+09" in note for note in Summary(fakes.by_hand(condition_number=3e9)).notes)
    assert not any("collinear" in note for note in Summary(fakes.by_hand()).notes)


def test_what_is_no_number_says_so_in_every_cell():
    inf, nan = float("inf"), float("nan")
    fitted = fakes.by_hand(estimates=(inf, -inf, 5.2, -0.1), std_errors=(nan, nan, 1.16, 0.02))
    lines = [line.split() for line in str(Summary(fitted)).splitlines()]
    assert ["Intercept", "+Inf", *["nan"] * 5] in lines
    assert ["write", "-Inf", *["nan"] * 5] in lines


def test_ratios_that_underflow_are_not_zero():
    fitted = fakes.by_hand(estimates=(-900.0, 1.0, 2.0, 0.5))
    lines = str(Summary(fitted, rrr=True)).splitlines()
    row = next(line for line in lines if line.startswith("Intercept"))
    assert row.split()[1:3] == ["<1e-300", "<1e-300"]
    assert row.count("<1e-300") == 4
    assert "0.0000" not in row


def test_labels_whose_ends_cannot_be_seen_are_quoted():
    fitted = fakes.by_hand(
        outcomes=(" a", "", "b "),
        terms=("Intercept", " x"),
        counts=(105, 9, 50),
        factors=(fakes.Factor("g", ("", "u"), ""),),
    )
    summary = Summary(fitted)
    text = str(summary)
    for part in (
        "' a' (n = 105)",
        "'' vs ' a' (n = 9)",
        "'b ' vs ' a'",
        "g: ''",
        "' x' ",
        "'' (9)",
    ):
        assert part in text
    assert "base ' a', n = 164" in text
    assert [body[0][0].text for body in markup.read(summary.as_html()).tables[1].bodies] == [
        "'' vs ' a' (n = 9)",
        "'b ' vs ' a' (n = 50)",
    ]


@pytest.mark.parametrize("name", CASES)
def test_no_line_ends_with_a_blank(name):
    for fitted in (CASES[name](), fakes.by_hand(formula=f"y ~ {'x + ' * 30}x ", aliased={})):
        assert not any(line.endswith(" ") for line in str(Summary(fitted)).splitlines())


def test_no_terms_no_table_of_terms():
    fitted = fakes.by_hand(
        terms=("Intercept",), estimates=(1.0, 2.0), std_errors=(0.1, 0.2), formula="prog ~ 1"
    )
    assert "Wald" not in str(Summary(fitted))


def test_html_is_well_formed_and_accessible():
    page = markup.read(Summary(fakes.aliased())._repr_html_())
    facts, coefficients, terms = page.tables
    assert all(table.caption for table in page.tables)
    assert "base academic, n = 200, observed information" in coefficients.caption
    assert len(coefficients.bodies) == 2
    first = coefficients.bodies[0]
    assert first[0][0].scope == "rowgroup"
    assert first[0][0].text == "general vs academic (n = 45)"
    assert [row[0].text for row in first[1:]] == ["Intercept", "write", "I(2 * write)"]
    assert {row[0].scope for row in first[1:]} == {"row"}
    assert {cell.scope for cell in coefficients.head[0]} == {"col"}
    assert {len(row) for row in first[1:]} == {7}
    assert facts.bodies[0][0][0].scope == "row"
    assert len(terms.bodies[0]) == 2


def test_html_escapes_labels():
    html = Summary(fakes.awkward()).as_html()
    page = markup.read(html)
    assert "script" not in page.seen
    assert fakes.MARKUP in "".join(row[0].text for body in page.tables[1].bodies for row in body)


def test_frames_are_kept_and_the_fit_is_not():
    summary = Summary(fakes.by_hand())
    assert summary.coefficients.shape == (4, 8)
    assert summary.terms.loc["write", "df"] == 2
    copied = pickle.loads(pickle.dumps(summary))
    assert str(copied) == str(copy.deepcopy(summary)) == str(summary)
    assert not any(isinstance(value, fakes.Fake) for value in vars(summary).values())


@pytest.mark.parametrize("options", [{"alpha": 2}, {"rrr": "yes"}])
def test_options_are_checked(options):
    with pytest.raises(OptionError, match=next(iter(options))):
        Summary(fakes.by_hand(), **options)


def test_printing_dozens_of_outcomes_takes_no_time():
    outcomes = tuple(f"outcome {j}" for j in range(60))
    terms = ("Intercept", *(f"x{i}" for i in range(19)))
    size = 59 * 20
    rng = np.random.default_rng(0)
    fitted = fakes.by_hand(
        outcomes=outcomes,
        terms=terms,
        estimates=tuple(rng.normal(size=size)),
        std_errors=tuple(rng.uniform(0.1, 1, size)),
        counts=(100,) * 60,
    )
    summary = Summary(fitted)
    start = time.perf_counter()
    text = str(summary)
    assert time.perf_counter() - start < 0.010
    assert text.count("vs outcome 0") == 59


def test_labels_of_any_type_head_their_blocks():
    fitted = fakes.by_hand(outcomes=(0, 1, 2))
    counts = pd.Series([105, 45, 50], index=pd.Index([0, 1, 2]))
    summary = Summary(replace(fitted, outcome_counts=counts))
    assert list(summary.headings.values()) == ["1 vs 0 (n = 45)", "2 vs 0 (n = 50)"]


def test_intervals_by_another_method_are_said_to_be_so() -> None:
    res = mn.mnlogit("vote ~ selfLR + age", mn.datasets.anes96()).fit()
    for method, words in {"profile": "profile likelihood", "score": "score"}.items():
        summary = res.summary(method=method, alpha=0.1)
        assert dict(summary.header)["Intervals"] == words
        assert f"90% {words} intervals" in str(summary) and words in summary.as_html()
        assert any("may disagree" in note for note in summary.notes)
        expected = res.conf_int(0.1, method)
        ends = summary.coefficients[["conf_low", "conf_high"]]
        np.testing.assert_array_equal(ends, expected)
        ratios = res.summary(method=method, alpha=0.1, rrr=True).coefficients
        np.testing.assert_allclose(ratios[["conf_low", "conf_high"]], np.exp(expected))
    assert "Intervals" not in dict(res.summary().header)
    with pytest.raises(OptionError, match="method='walt' is not one of"):
        res.summary(method="walt")


def test_an_infinite_coefficient_shows_the_end_that_it_has() -> None:
    toy = mn.datasets.separated_toy()
    apart = mn.mnlogit("y ~ x + z", toy).fit(separation="ignore")
    rows = [line.split() for line in str(apart.summary(method="profile")).splitlines()]
    assert ["x[T.yes]", "-Inf", "-Inf", "-1.3107"] in rows
    rows = [line.split() for line in str(apart.summary(method="profile", rrr=True)).splitlines()]
    assert ["x[T.yes]", "0", "0", "0.2696"] in rows
    assert ["x[T.yes]", "-Inf"] in [x.split() for x in str(apart.summary()).splitlines()]
    reduced = mn.mnlogit("y ~ x + z", toy).fit(penalty="jeffreys").summary(method="profile")
    assert dict(reduced.header)["Intervals"] == "profile likelihood, penalised"
