"""Marginal effects and marginal means against certified values: 10 digits."""

from __future__ import annotations

import functools
import warnings
from typing import Any

import pytest

import mnlstat as mn
from mnlstat.errors import ConditionWarning
from tests.reference import models
from tests.reference.agreement import EXACT, digits
from tests.reference.models import ReferenceModel

DIGITS = 10.0
# Block of the certified values: where the effects are looked at, what 0/1 numbers are.
BLOCKS = {
    "ame": ("overall", "derivative"),
    "ame_binary_difference": ("overall", "difference"),
    "mem_typical": ("typical", "derivative"),
    "mem_column_means": ("mean", "derivative"),
}
CASES = [
    pytest.param(model, block, id=f"{model.id}-{block}")
    for model in models.effect_models()
    for block in BLOCKS
    if model["margins"].get(block)
]
with_means = pytest.mark.parametrize("model", models.mean_models(), ids=lambda m: m.id)


@functools.cache
def fit(name: str) -> Any:
    """The fit of a model, made once; rows that stand for several by their weights."""
    model = models.load(name)
    kind = {"frequency": "freq_weights", "sampling": "sampling_weights"}.get(model["weights_kind"])
    weights = {} if kind is None or model["weights"] is None else {kind: model["weights"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConditionWarning)
        made = mn.mnlogit(
            model.formula, model.rows(), base=model["base"], offset=model["offset"], **weights
        )
        return made.fit()


def assert_digits(value: float, exact: str, size: float) -> None:
    """Ten digits; of an exact zero an error that is none beside the others."""
    if float(exact) == 0.0:
        assert abs(value) < 1e-14 * size
    else:
        assert digits(value, exact) >= DIGITS


@pytest.mark.parametrize(("model", "block"), CASES)
def test_marginal_effects(model: ReferenceModel, block: str) -> None:
    at, binary = BLOCKS[block]
    frame = fit(model.id).margins(at=at, binary=binary).frame
    for key, outcomes in model["margins"][block].items():
        name, _, contrast = key.partition(": ")
        rows = frame[frame["variable"] == name]
        if contrast:
            rows = rows[rows["contrast"] == contrast]
        assert len(rows) == len(outcomes)
        for outcome, exact in outcomes.items():
            row = rows[rows["outcome"].astype(str) == outcome].iloc[0]
            assert_digits(row["estimate"], exact["estimate"], float(exact["se"]))
            assert digits(row["std_error"], exact["se"]) >= DIGITS


@with_means
def test_marginal_means(model: ReferenceModel) -> None:
    for factor, levels in model["emmeans"].items():
        frame = fit(model.id).marginal_means(factor).frame
        assert len(frame) == len(levels) * len(model.outcomes)
        for level, outcomes in levels.items():
            for outcome, exact in outcomes.items():
                chosen = (frame[factor].astype(str) == level) & (frame["outcome"] == outcome)
                row = frame[chosen].iloc[0]
                assert digits(row["estimate"], exact["prob"]) >= DIGITS
                assert digits(row["std_error"], exact["se"]) >= DIGITS


def test_effects_on_average_probabilities_are_certified_too() -> None:
    model = models.load("hsbdemo_ses_write")
    frame = fit(model.id).average_predictions().frame
    for outcome, exact in model["margins"]["average_probability"].items():
        row = frame[frame["outcome"] == outcome].iloc[0]
        assert digits(row["estimate"], exact["estimate"]) >= DIGITS
        assert digits(row["std_error"], exact["se"]) >= min(DIGITS, EXACT)
