"""Options of tables: each does what it says, or is refused."""

from __future__ import annotations

import sys

import pytest

import mnlstat as mn
from mnlstat.errors import OptionError
from tests.report.publish import reading
from tests.report.publish.fits import aliased, ordinary, separated, weighted


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"layout": "broad"}, "layout='broad' is not one of 'long', 'wide'"),
        ({"show": "se"}, "show='se' is not one of"),
        ({"show": ["std_error", "none"]}, "show='none' is not one of"),
        ({"show": 3}, "show=3 is not one of"),
        ({"place": "under"}, "place='under' is not one of 'below', 'beside'"),
        ({"show": "none", "place": "below"}, "place= says where"),
        ({"digits": -1}, "digits=-1 must be a whole number"),
        ({"digits": 2.5}, "digits=2.5 must be a whole number"),
        ({"digits": 99}, "digits=99 must be 15 at most"),
        ({"stars": "yes"}, "stars='yes' must be True"),
        ({"stars": (0.01, 0.05)}, "levels between 0 and 1 that fall"),
        ({"stars": (5.0,)}, "levels between 0 and 1"),
        ({"stars": ()}, "levels between 0 and 1"),
        ({"labels": "age"}, "must be a dict"),
        ({"labels": {"hink": "Income"}}, "'hink' is not in the table (did you mean 'hinc'?)"),
        ({"labels": {"hinc": 3}}, "labels['hinc']=3 must be text"),
        ({"labels": {"hinc": " "}}, "must be text"),
        ({"labels": {"terms": {"hinc": "Income"}}}, "'terms' is no kind of name here"),
        ({"labels": {"outcome": {"hinc": "Income"}}}, "'hinc' is not in the table"),
        ({"stats": "r2"}, "stats='r2' is not one of"),
        ({"stats": []}, "stats=[] must be names"),
        ({"style": "apa"}, "to_latex() has no option 'style'"),
    ],
)
def test_wrong_options_are_refused(options, words) -> None:
    with pytest.raises(OptionError) as error:
        ordinary().summary().to_latex(**options)
    assert words in str(error.value)


def test_labels_stand_wherever_the_names_would() -> None:
    words = {"hinc": "Household income", "car": "Car", "train": "Rail"}
    long = ordinary().summary().table(labels=words)
    assert [row[0] for row in reading.expected(long)][:3] == [
        "air vs Car (n = 58)",
        "Intercept",
        "Household income",
    ]
    assert "Rail vs Car (n = 63)" in long.to_text()
    assert any(note.startswith("Base outcome: Car (n = 59).") for note in long.notes)
    wide = ordinary().summary().table(labels=words, layout="wide")
    assert [cell.text for cell in wide.heads[0]] == ["air", "bus", "Rail"]


def test_a_name_of_two_kinds_needs_its_kind() -> None:
    modes = mn.datasets.travel_mode().assign(car=lambda frame: frame["hinc"])
    res = mn.mnlogit("mode ~ car", modes, base="car").fit()
    with pytest.raises(OptionError, match="'car' is term and outcome here"):
        res.summary().table(labels={"car": "Cars owned"})
    words = {"term": {"car": "Cars owned"}, "outcome": {"car": "By car"}}
    table = res.summary().table(labels=words)
    assert [row[0] for row in reading.expected(table)][2] == "Cars owned"
    assert "air vs By car" in table.to_text()


def test_two_terms_of_the_same_words_stay_two_rows() -> None:
    table = ordinary().summary().table(labels={"hinc": "x", "psize": "x"}, show="none")
    names = [row[0] for row in reading.expected(table)]
    assert names[:4] == ["air vs car (n = 58)", "Intercept", "x", "x"]


def test_labels_that_are_numbers() -> None:
    res = mn.mnlogit("vote ~ age", mn.datasets.anes96()).fit()
    table = res.summary().table(labels={0: "Clinton", 1: "Dole"})
    assert "Dole vs Clinton (n = 393)" in table.to_markdown().replace("\\", "")


def test_stars_are_off_and_say_what_they_mean() -> None:
    summary = ordinary().summary()
    assert "*" not in summary.to_text() and not any("p <" in n for n in summary.table().notes)
    table = summary.table(stars=(0.1, 0.05), show="p_value")
    assert "* p < 0.1, ** p < 0.05." in table.notes
    for row in reading.expected(table):
        if len(row) > 1 and row[2]:
            p = float(row[2].replace("<", ""))
            assert row[1].count("*") == (p < 0.1) + (p < 0.05)
    assert "$^{***}$" in summary.to_latex(stars=True)


def test_notes_name_base_covariance_n_and_weights() -> None:
    (note,) = [n for n in weighted().summary().table().notes if n.startswith("Base outcome")]
    for part in ("air (n = 58)", "N: 210", "sampling, w, sum 315", "Covariance: robust sandwich"):
        assert part in note
    notes = " ".join(mn.table([ordinary(), weighted()]).notes)
    assert "(1): mode ~ hinc + psize" in notes and "(2): mode ~ hinc" in notes
    assert "(2): Base outcome: air" in notes


def test_what_is_wrong_with_a_fit_is_told_first() -> None:
    table = separated().summary().table()
    assert table.notes[0].startswith("WARNING: separated")
    assert mn.table([ordinary(), separated()]).notes[0].startswith("(2): WARNING: separated")
    assert any("is aliased (= 2*hinc)" in note for note in aliased().summary().table().notes)


def test_no_criteria_of_a_pseudo_likelihood() -> None:
    names = [row[0] for row in reading.expected(weighted().summary().table())][-3:]
    assert names == ["N", "Log pseudo-likelihood", "McFadden R2"]
    rows = {row[0]: row[1:] for row in reading.expected(mn.table([weighted(), ordinary()]))}
    assert [text for text in rows["AIC"] if text] == ["524.6817"]


def test_intervals_by_another_method_are_said_to_be_so() -> None:
    table = ordinary().summary(method="profile", alpha=0.1).table(layout="wide", show="interval")
    assert "Coefficients, 90% intervals in brackets." in table.notes
    assert any("Intervals: profile likelihood." in note for note in table.notes)


def test_effects_refuse_what_they_do_not_have() -> None:
    effects = ordinary().average_predictions()
    with pytest.raises(OptionError, match="no p-values"):
        effects.table(stars=True)
    with pytest.raises(OptionError, match="no p-values"):
        effects.table(show="statistic")
    with pytest.raises(OptionError, match="outcomes side by side"):
        effects.table(layout="wide")
    with pytest.raises(OptionError, match=r"to_markdown\(\) has no option 'stats'"):
        effects.to_markdown(stats="nobs")
    margins = ordinary().margins()
    table = margins.table(layout="wide", labels={"hinc": "Income", "air": "Plane"})
    assert table.heads[0][0].text == "Plane"
    assert reading.expected(table)[0][0] == "Income, dy/dx"
    assert any("Covariance" in note for note in table.notes)


@pytest.mark.parametrize(
    ("module", "call", "code"),
    [
        ("great_tables", lambda table, path: table.to_gt(), "needs-great-tables"),
        ("docx", lambda table, path: table.to_docx(path), "needs-docx"),
    ],
)
def test_missing_libraries_are_named(monkeypatch, tmp_path, module, call, code) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(OptionError, match=r"pip install mnlstat\[publish\]") as error:
        call(ordinary().summary().table(), tmp_path / "t.docx")
    assert error.value.code == code
    assert not list(tmp_path.iterdir())


def test_great_tables_that_would_read_labels_as_html_are_refused(monkeypatch) -> None:
    library = pytest.importorskip("great_tables", reason="great_tables makes these objects")
    monkeypatch.setattr(library, "__version__", "0.20.0")
    with pytest.raises(OptionError, match=r"1\.0 or newer"):
        ordinary().summary().to_gt()


def test_a_document_is_written_to_a_file_that_can_be(tmp_path) -> None:
    pytest.importorskip("docx", reason="python-docx writes Word documents")
    with pytest.raises(OptionError, match="cannot be written"):
        ordinary().summary().to_docx(tmp_path)
    path = ordinary().summary().to_docx(tmp_path / "t.docx", layout="wide")
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
