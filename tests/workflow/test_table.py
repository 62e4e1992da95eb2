"""mn.table: what it takes, and what it refuses."""

from __future__ import annotations

import pytest

import mnlstat as mn
from mnlstat.errors import OptionError
from tests.report.publish.fits import ordinary, robust


def test_names_of_models() -> None:
    res, other = ordinary(), robust()
    for table in (
        mn.table([res, other], ["A", "B"]),
        mn.table([res, other], names=("A", "B")),
        mn.table({"A": res, "B": other}),
    ):
        assert [cell.text for cell in table.heads[1]] == ["A", "B"] * 3
        assert table.statistics.index.tolist() == ["A", "B"]
    assert [cell.text for cell in mn.table([res, other]).heads[1]] == ["(1)", "(2)"] * 3
    assert [cell.text for cell in mn.table(res).heads[0]] == ["air", "bus", "train"]
    assert [cell.text for cell in mn.table({"A": res}).heads[1]] == ["A"] * 3
    assert mn.table({"A": res.margins()}).heads[0][0].text == "A"


def test_models_may_stand_above_outcomes() -> None:
    table = mn.table([ordinary(), robust()], group="model", stats="nobs")
    assert [(cell.text, cell.span) for cell in table.heads[0]] == [("(1)", 3), ("(2)", 3)]
    assert [(cell.text, cell.span) for cell in table.feet[0].cells] == [("210", 3), ("210", 3)]


def test_statistics_stand_once_for_each_model() -> None:
    table = mn.table([ordinary(), robust()], stats="nobs")
    assert [cell.text for cell in table.feet[0].cells] == ["210", "210", "", "", "", ""]
    assert any("whole models" in note for note in table.notes)


def test_options_of_the_summaries() -> None:
    res = ordinary()
    table = mn.table([res], rrr=True, alpha=0.1, method="profile", show="interval")
    wanted = res.tidy(exponentiate=True, alpha=0.1, method="profile")
    assert table.frame.equals(wanted)
    assert "Relative risk ratios, 90% intervals in brackets." in table.notes


def test_effects_side_by_side() -> None:
    res = ordinary()
    small = res.update(". ~ . - psize")
    table = mn.table([res.margins(), small.margins()], names=["large", "small"])
    assert [cell.text for cell in table.heads[-1]] == ["large", "small"]
    rows = {block.heading: block.lines for block in table.blocks}
    assert [cell.text for cell in rows["psize, dy/dx"][0].cells][1] == ""
    assert set(table.frame["model"]) == {"large", "small"}
    assert mn.table(res.get_margeff()).frame.equals(res.margins().frame)


@pytest.mark.parametrize(
    ("given", "options", "words"),
    [
        (lambda res: [], {}, "takes results of fits"),
        (lambda res: "res", {}, "takes results of fits"),
        (lambda res: [res, 3], {}, "takes results of fits, or effects, or a data frame, not 3"),
        (lambda res: [res, res.margins()], {}, "all are of one kind"),
        (lambda res: [res, res], {"names": ["a", "a"]}, "2 different texts"),
        (lambda res: [res, res], {"names": "ab"}, "2 different texts"),
        (lambda res: [res, res], {"names": ["a", " "]}, "2 different texts"),
        (lambda res: {"a": res}, {"names": ["b"]}, "and so are the keys"),
        (lambda res: {1: res}, {}, "1 different texts"),
        (lambda res: res, {"group": "model"}, "group= orders"),
        (lambda res: [res.margins()] * 2, {"group": "model"}, "group= orders"),
        (lambda res: [res, res], {"group": "model", "layout": "long"}, "group= orders"),
        (lambda res: [res, res], {"group": "term"}, "group='term' is not one of"),
        (lambda res: res.margins(), {"rrr": True}, "rrr= is no option of a table of effects"),
        (lambda res: res.margins(), {"stats": "nobs"}, "stats= is no option"),
        (lambda res: res.margins(), {"alpha": 0.1}, "effects.level(alpha)"),
        (lambda res: [res.margins(), res.margins().level(0.1)], {}, "another scale or level"),
        (lambda res: res.tidy(), {"stars": True}, "stars= is no option of a table of a data frame"),
        (lambda res: res.tidy(), {"names": ["a"]}, "names= is no option"),
        (lambda res: res.tidy()[:0], {}, "no rows, or no columns"),
        (lambda res: res.tidy(), {"digits": 40}, "15 at most"),
        (lambda res: res, {"fmt": 3}, "table() has no option 'fmt'"),
        (lambda res: res, {"rrr": 1}, "rrr=1 must be True or False"),
    ],
)
def test_what_is_refused(given, options, words) -> None:
    with pytest.raises(OptionError) as error:
        mn.table(given(ordinary()), **options)
    assert words in str(error.value)
