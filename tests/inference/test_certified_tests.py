"""Likelihood-ratio, score and Wald tests against certified values: 10 digits, p-values 8."""

from __future__ import annotations

import functools
import sys
import warnings
from collections.abc import Mapping
from typing import Any

import pytest

import mnlstat as mn
from mnlstat.errors import CodingWarning, ConditionWarning
from tests.reference import models
from tests.reference.agreement import digits
from tests.reference.models import ReferenceModel

STATISTIC, PVALUE = 10.0, 8.0

of_terms = pytest.mark.parametrize("model", models.tested_models(), ids=lambda m: m.id)
of_pairs = pytest.mark.parametrize("model", models.combined_models(), ids=lambda m: m.id)


@functools.cache
def fit(name: str) -> Any:
    """The fit of a model, made once."""
    model = models.load(name)
    offset = model["offset"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConditionWarning)
        made = mn.mnlogit(model.formula, model.frame(), base=model["base"], offset=offset)
        return made.fit()


def assert_certified(row: Any, block: Mapping[str, Any]) -> None:
    """The digits of a row of a table."""
    assert row["df"] == block["df"]
    assert digits(float(row["statistic"]), block["statistic"]) >= STATISTIC
    if float(block["pvalue"]) < sys.float_info.min:  # no double has so many digits there
        assert row["p_value"] < sys.float_info.min
    else:
        assert digits(float(row["p_value"]), block["pvalue"]) >= PVALUE


def terms_of(model: ReferenceModel) -> dict[str, Any]:
    return {name: b for name, b in model["term_tests"].items() if not name.startswith("_")}


@of_terms
@pytest.mark.parametrize(
    ("name", "sort", "kind"), [("lr_type2", 2, "LR"), ("lr_type3", 3, "LR"), ("score", 3, "score")]
)
def test_tables_of_terms(model: ReferenceModel, name: str, sort: int, kind: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CodingWarning)
        table = fit(model.id).anova(type=sort, kind=kind)
    assert list(table.index) == list(terms_of(model))
    for term, blocks in terms_of(model).items():
        assert_certified(table.loc[term], blocks[name])


@of_terms
def test_sequential_tables(model: ReferenceModel) -> None:
    table = fit(model.id).anova(type=1)
    for term, block in model["term_tests"]["_sequential"].items():
        assert_certified(table.loc[term], block)


@of_terms
def test_terms_by_name_are_those_of_the_table(model: ReferenceModel) -> None:
    for term, blocks in terms_of(model).items():
        found = fit(model.id).test(term=term, kind="all").to_frame()
        assert_certified(found.loc["LR"], blocks["lr_type3"])
        assert_certified(found.loc["score"], blocks["score"])


@of_terms
def test_score_of_all_slopes(model: ReferenceModel) -> None:
    block = model["term_tests"].get("_all_slopes", {}).get("score")
    if block is None:  # not certified where there are offsets
        assert model["offset"]
        return
    found = fit(model.id).test(term=list(terms_of(model)), kind="score")
    row = {"df": found.df, "statistic": found.statistic, "p_value": found.pvalue}
    assert_certified(row, block)


@of_pairs
def test_combinations_of_outcomes(model: ReferenceModel) -> None:
    table = fit(model.id).test_combine()
    assert len(table) == 3 * len(model["combine"])
    for block in model["combine"]:
        a, b = block["outcomes"]
        rows = table[(table["outcome"] == a) & (table["versus"] == b)].set_index("test")
        assert_certified(rows.loc["Wald"], block["wald"])
        assert_certified(rows.loc["LR"], block["lr"])
