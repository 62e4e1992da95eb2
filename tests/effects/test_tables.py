"""How tables of effects print: whole tables, the words of keys, long ones, HTML."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.report.effects import Effects
from mnlstat.report.effects_cells import MOST_ROWS
from mnlstat.report.layout import WIDTH, display_width
from tests.reference import models
from tests.report import golden_text, markup


@pytest.fixture(scope="module")
def food() -> Any:
    """Food of alligators by lake and size; counts as weights."""
    table = pd.read_csv(models.HERE / "data" / "alligators.csv")
    return mn.mnlogit("foodchoice ~ lake + size", table, freq_weights="freq", base="Fish").fit()


@pytest.fixture(scope="module")
def votes() -> Any:
    return mn.mnlogit("vote ~ age + educ", mn.datasets.anes96()).fit()


def last_lines(effects: Effects) -> list[str]:
    """Names of the rows, headings and notes: what stands below the head of the numbers."""
    return str(effects).split("=" * WIDTH + "\n")[-1].splitlines()


def test_effects_in_groups(food):
    taken = {"Fish": ["Fish"], "land or air": ["Invertebrate", "Reptile", "Bird"]}
    found = food.margins("size", by=["lake", "gender"], combine=taken, alpha=0.1)
    golden_text.check("effects_in_groups", str(found))


def test_ratios_of_outcomes_with_wide_labels(food):
    wide = {
        "anything that swims or flies, or has done so before": ["Fish", "Bird"],
        "\u9c77\u9b5a\u3068\u722c\u866b\u985e": ["Reptile"],
    }
    found = food.comparisons("size", comparison="odds ratio", combine=wide, adjust="bonferroni")
    golden_text.check("effects_ratios", str(found))


def test_contrasts_of_one_outcome(food):
    means = food.marginal_means("lake", combine={"Fish": ["Fish"]})
    both = [str(means), str(means.contrasts("lake", adjust="holm"))]
    golden_text.check("effects_means", "\n".join(both))


def test_no_line_is_too_wide():
    name = "a group of " + "x" * 90
    frame = mn.datasets.anes96().assign(**{name: "g" * 99})
    fit = mn.mnlogit("vote ~ age + educ", frame).fit()
    rows = fit.margins("age", at={"educ": [1, 7]}, by=name, combine={"o" * 99: [0], "p": [1]})
    for line in str(rows).splitlines():
        assert display_width(line) <= WIDTH


def test_numbers_of_keys_have_the_digits_that_tell_them_apart(votes):
    found = votes.margins("age", at={"educ": [1 / 3, 2.0, 1e6]})
    for words in ("educ = 0.333333\n", "educ = 2\n", "educ = 1000000\n"):
        assert words in str(found)
    close = votes.margins("age", at={"educ": [0.1, 0.1 + 1e-9]})
    assert "educ = 0.1000000010" not in str(close)
    assert "educ = 0.100000001\n" in str(close)
    assert found.frame["educ"].tolist()[0] == 1 / 3


def test_empty_labels_are_seen():
    frame = mn.datasets.anes96()
    frame["place"] = np.where(frame["age"] > 40, "", " x")
    found = mn.mnlogit("vote ~ age + educ", frame).fit().margins("educ", by="place")
    assert "educ, dy/dx, place = ''" in str(found)
    assert "educ, dy/dx, place = ' x'" in str(found)


def test_long_tables_are_shown_in_part_and_say_so(votes):
    found = votes.margins("age", at="rows")
    assert len(found) > MOST_ROWS
    assert f"* The first {MOST_ROWS} of {len(found)} rows; .frame has all." in str(found)
    assert len(found.frame) == len(found)
    assert sum(line.startswith("age, dy/dx, row") for line in str(found).splitlines()) == 250
    assert f"The first {MOST_ROWS} of {len(found)} rows" in found._repr_html_()


def test_long_tables_of_one_outcome(votes):
    found = votes.margins("age", at="rows", combine={"Dole": [1]})
    assert last_lines(found)[-1] == f"* The first {MOST_ROWS} of {len(found)} rows; .frame has all."


def test_html_has_the_rows_of_the_text(food):
    found = food.comparisons("size", comparison="ratio")
    _, numbers = markup.read(found._repr_html_()).tables
    assert [cell.text for cell in numbers.head[0]][:3] == ["outcome", "ratio", "std err"]
    ((heading,), *rows) = numbers.bodies[0]
    assert (heading.text, heading.scope) == ("size, le2_3 / gt2_3", "rowgroup")
    assert [row[0].text for row in rows] == found.frame["outcome"].tolist()


def test_html_is_safe(votes):
    found = votes.average_predictions(combine={"<b>": [0], "&": [1]})
    page = markup.read(found._repr_html_())
    assert "b" not in page.seen
    assert [row[0].text for row in page.tables[1].bodies[0]] == ["<b>", "&"]


def test_small_ratios_are_not_shown_as_zero():
    x = np.linspace(-4, 4, 200)
    y = np.where(np.arange(200) % 7 < 3, "no", np.where(x > 0.3, "yes", "no"))
    fit = mn.mnlogit("y ~ x", pd.DataFrame({"y": y, "x": x})).fit()
    found = fit.comparisons({"x": (4, -4)}, comparison="odds ratio", combine={"yes": ["yes"]})
    line = next(line for line in str(found).splitlines() if line.startswith("yes"))
    assert " 0.0000" not in line
