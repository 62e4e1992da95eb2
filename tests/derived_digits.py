"""How many digits of tests, intervals and effects the package reaches, certified model by model.

Everything here is derived from a fit.  A number is compared with its exact value of 22 digits,
a certified zero is left out, and so is a p-value that no double can hold.
"""

from __future__ import annotations

import functools
import sys
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import mnlstat as mn
from mnlstat.errors import MnlstatWarning
from tests.reference import models
from tests.reference.agreement import digits
from tests.reference.models import ReferenceModel

# Block of certified marginal effects: where they are looked at, what 0/1 numbers are.
EFFECTS = {
    "ame": ("overall", "derivative"),
    "ame_binary_difference": ("overall", "difference"),
    "mem_typical": ("typical", "derivative"),
    "mem_column_means": ("mean", "derivative"),
}
# Certified standard errors, and the covariance that has them.
SANDWICHES: Mapping[str, tuple[str, str | None]] = {
    "hc0_se": ("HC0", None),
    "stata_robust_se": ("robust", None),
    "opg_se": ("opg", None),
    "cluster_se_unadjusted": ("cluster", "none"),
    "cluster_se_stata": ("cluster", "stata"),
}
TABLES = {"lr_type2": (2, "LR"), "lr_type3": (3, "LR"), "score": (3, "score")}


@dataclass(frozen=True)
class Found:
    """Digits of one number."""

    quantity: str
    model: str
    digits: float


@functools.cache
def fit(name: str) -> Any:
    """The fit of a model, made once; rows that stand for several by their weights."""
    model = models.load(name)
    kind = {"frequency": "freq_weights", "sampling": "sampling_weights"}.get(model["weights_kind"])
    weights = {} if kind is None or model["weights"] is None else {kind: model["weights"]}
    return mn.mnlogit(
        model.formula, model.rows(), base=model["base"], offset=model["offset"], **weights
    ).fit()


def every() -> list[Found]:
    """All of them, the warnings of the fits aside."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MnlstatWarning)
        return [
            Found(quantity, model.id, digits(float(ours), exact))
            for which, read in SOURCES
            for model in which()
            for quantity, ours, exact in read(model)
            if abs(float(exact)) > sys.float_info.min
        ]


Numbers = Iterator[tuple[str, Any, str]]


def _effects(model: ReferenceModel) -> Numbers:
    for block, (at, binary) in EFFECTS.items():
        if not model["margins"].get(block):
            continue
        frame = fit(model.id).margins(at=at, binary=binary).frame
        for key, outcomes in model["margins"][block].items():
            name, _, contrast = key.partition(": ")
            rows = frame[frame["variable"] == name]
            rows = rows[rows["contrast"] == contrast] if contrast else rows
            for outcome, exact in outcomes.items():
                row = rows[rows["outcome"].astype(str) == outcome].iloc[0]
                yield "marginal effects", row["estimate"], exact["estimate"]
                yield "marginal effects, SE", row["std_error"], exact["se"]


def _means(model: ReferenceModel) -> Numbers:
    for factor, levels in model["emmeans"].items():
        frame = fit(model.id).marginal_means(factor).frame
        for level, outcomes in levels.items():
            rows = frame[frame[factor].astype(str) == level].set_index("outcome")
            for outcome, exact in outcomes.items():
                yield "marginal means", rows.loc[outcome, "estimate"], exact["prob"]
                yield "marginal means, SE", rows.loc[outcome, "std_error"], exact["se"]


def _sandwiches(model: ReferenceModel) -> Numbers:
    for block, (kind, correction) in SANDWICHES.items():
        if block not in model["robust"]:
            continue
        options: dict[str, Any] = {}
        if kind == "cluster":
            options = {"groups": model["robust"]["cluster"], "correction": correction}
        # Frequencies repeat a row, clusters stand in the rows themselves.
        found = _repeated(model.id).with_cov(kind, **options).bse
        for outcome, term in model.index:
            exact = model["robust"][block][outcome][term]
            yield f"{kind if kind != 'opg' else 'OPG'} SE", found[outcome, term], exact


@functools.cache
def _repeated(name: str) -> Any:
    model = models.load(name)
    return mn.mnlogit(model.formula, model.frame(), base=model["base"]).fit()


def _profiles(model: ReferenceModel) -> Numbers:
    ends = _repeated(model.id).conf_int(method="profile")
    for side, column in (("lower", "conf_low"), ("upper", "conf_high")):
        for outcome, term in model.index:
            exact = model["profile_ci95"][side][outcome][term]
            yield "profile likelihood limits", ends.loc[(outcome, term), column], exact


def _tests(model: ReferenceModel) -> Numbers:
    res = fit(model.id)
    terms = {t: b for t, b in model["term_tests"].items() if not t.startswith("_")}
    for block, (sort, kind) in TABLES.items():
        table = res.anova(type=sort, kind=kind)
        for term, blocks in terms.items():
            yield f"{kind} tests", table.loc[term, "statistic"], blocks[block]["statistic"]
            yield f"{kind} tests, p", table.loc[term, "p_value"], blocks[block]["pvalue"]


SOURCES = (
    (models.tested_models, _tests),
    (models.robust_models, _sandwiches),
    (models.profiled_models, _profiles),
    (models.effect_models, _effects),
    (models.mean_models, _means),
)
