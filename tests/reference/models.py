"""The certified models, typed: one object per file of ``models/``."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import patsy

from mnlstat.arrays import FloatArray, IntArray
from tests.reference.agreement import as_exact

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Arrays:
    """What the likelihood takes: design, codes, weights, offset."""

    X: FloatArray
    y: IntArray
    weights: FloatArray
    offset: FloatArray | None


@dataclass(frozen=True)
class ReferenceModel:
    """One model file.  Numbers of the blocks stay 22-digit strings until asked for."""

    id: str
    content: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.content[key]

    @property
    def formula(self) -> str:
        """The formula as a user would write it."""
        return str(self["formula"])

    @property
    def outcomes(self) -> list[str]:
        """Outcome labels in order, the base first."""
        return list(self["outcomes"])

    @property
    def condition(self) -> float:
        """Condition number of the design as it is, unscaled."""
        return float(self["condition_number_of_design"])

    @property
    def aliased(self) -> list[str]:
        """Columns that the rest of the design already spans."""
        return list(self.content.get("aliased_columns", ()))

    @property
    def is_certified(self) -> bool:
        """Whether a finite maximum exists, so that there are certified values."""
        return "certified" in self.content

    @property
    def is_public(self) -> bool:
        """Whether it is a fit of plain rows, without sampling weights or offset."""
        return self["offset"] is None and self["weights_kind"] != "sampling"

    @property
    def kept_columns(self) -> list[str]:
        """Design columns that are estimated."""
        return [name for name in self["design_columns"] if name not in self.aliased]

    @property
    def index(self) -> pd.MultiIndex:
        """The (outcome, term) index of everything shaped like the estimated coefficients."""
        pairs = [(j, t) for j in self.outcomes[1:] for t in self.kept_columns]
        return pd.MultiIndex.from_tuples(pairs, names=["outcome", "term"])

    def certified(self, name: str) -> Any:
        """A certified number as a Fraction, or a Series of them on :attr:`index`."""
        value = self["certified"][name]
        if isinstance(value, Mapping):
            exact = [as_exact(value[j][t]) for j, t in self.index]
            return pd.Series(exact, index=self.index, dtype=object)
        return as_exact(value)

    def certified_float(self, name: str) -> Any:
        """The same, rounded to the nearest double."""
        value = self.certified(name)
        return value.astype(float) if isinstance(value, pd.Series) else float(value)

    def covariance(self) -> pd.DataFrame:
        """The certified covariance matrix, as doubles."""
        block = self["certified"]["cov"]
        order = [tuple(name.split(":", 1)) for name in block["order"]]
        lower = np.zeros((len(order), len(order)))
        for i, row in enumerate(block["lower"]):
            lower[i, : i + 1] = [float(x) for x in row]
        full = lower + np.tril(lower, -1).T
        labels = pd.MultiIndex.from_tuples(order, names=["outcome", "term"])
        return pd.DataFrame(full, labels, labels).loc[self.index, self.index]

    def rows(self) -> pd.DataFrame:
        """The rows of the csv after ``subset``, with the order of labels the model asks for."""
        frame = read_data(self["data"], self["response"])
        if self["subset"]:
            frame = frame.query(self["subset"]).reset_index(drop=True)
        levels = {self["response"]: self.outcomes, **self["factors"]}
        return frame.assign(
            **{name: pd.Categorical(frame[name], labels) for name, labels in levels.items()}
        )

    def frame(self) -> pd.DataFrame:
        """What a user would fit: :meth:`rows`, each repeated as its frequency says."""
        rows = self.rows()
        if self["weights_kind"] != "frequency":
            return rows
        return rows.loc[rows.index.repeat(rows[self["weights"]].astype(int))].reset_index(drop=True)

    def arrays(self) -> Arrays:
        """Design, codes, weights and offset of the complete rows, for the likelihood alone."""
        rows = self.rows()
        right_side = self.formula.split("~", 1)[1]
        design = patsy.dmatrix(right_side, rows, return_type="dataframe", NA_action="raise")
        offset = np.zeros((len(rows), len(self.outcomes)))
        for outcome, column in (self["offset"] or {}).items():
            offset[:, self.outcomes.index(outcome)] = rows[column]
        return Arrays(
            X=design[self["design_columns"]].to_numpy(),
            y=rows[self["response"]].cat.codes.to_numpy(),
            weights=rows[self["weights"]].to_numpy(float),
            offset=offset if self["offset"] else None,
        )


def read_data(name: str, response: str | None = None) -> pd.DataFrame:
    """A csv, every number the double nearest to what is printed; the response is text."""
    text = pd.read_csv(HERE / "data" / name, dtype=object)
    return text.apply(lambda column: column if column.name == response else _numbers(column))


def _numbers(column: pd.Series) -> pd.Series:
    try:
        return pd.Series([float(v) for v in column], column.index, dtype=float)
    except ValueError:
        return column


@functools.cache
def load(name: str) -> ReferenceModel:
    """The model called ``name``."""
    return ReferenceModel(name, json.loads((HERE / "models" / f"{name}.json").read_text()))


@functools.cache
def every_model() -> tuple[ReferenceModel, ...]:
    """All models, by name."""
    return tuple(load(path.stem) for path in sorted((HERE / "models").glob("*.json")))


def full_rank_models() -> list[ReferenceModel]:
    """Finite maximum, independent columns, within reach of the public interface."""
    return [m for m in every_model() if m.is_certified and m.is_public and not m.aliased]


def robust_models() -> list[ReferenceModel]:
    """Models with certified standard errors of sandwiches."""
    return [m for m in every_model() if "robust" in m.content]


def tested_models() -> list[ReferenceModel]:
    """Models with certified likelihood-ratio and score tests of terms."""
    return [m for m in every_model() if m.content.get("term_tests")]


def combined_models() -> list[ReferenceModel]:
    """Models with certified tests of merging outcomes."""
    return [m for m in every_model() if "combine" in m.content]


def profiled_models() -> list[ReferenceModel]:
    """Models with certified limits of profile likelihoods."""
    return [m for m in every_model() if "profile_ci95" in m.content]


def effect_models() -> list[ReferenceModel]:
    """Models with certified marginal effects."""
    return [m for m in every_model() if "margins" in m.content]


def mean_models() -> list[ReferenceModel]:
    """Models with certified marginal means."""
    return [m for m in every_model() if "emmeans" in m.content]


def aliased_models() -> list[ReferenceModel]:
    """Finite maximum, dependent columns."""
    return [m for m in every_model() if m.is_certified and m.aliased]


def likelihood_models() -> list[ReferenceModel]:
    """Finite maximum, but with offsets or sampling weights."""
    return [m for m in every_model() if m.is_certified and not m.is_public]


def separated_models() -> list[ReferenceModel]:
    """No finite maximum."""
    return [m for m in every_model() if not m.is_certified]
