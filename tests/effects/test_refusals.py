"""What is asked of effects and cannot be: beside the catalogue of bad input, what must go."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import MnlstatError, OptionError
from tests.effects.problems import fit, frame, wide

NASTY: list[Any] = [
    None,
    "",
    "x",
    0,
    -1,
    1.5,
    np.nan,
    np.inf,
    True,
    [],
    (),
    {},
    {"x": None},
    {"g": "u"},
    {"x": {}},
    {1: 2},
    {"bus": 3},
    {"q": [None]},
    ["x", 3],
    [["x"]],
    object(),
    np.arange(3),
    np.array(2.0),
    pd.Series(["x"]),
    frame().iloc[:1],
    lambda: None,
    "é",
    b"x",
    range(2),
    {"x": np.array([[1.0]])},
    {"x": "sd", "g": "pairwise"},
    {"g": [("u",), ("v",)]},
    {"x": pd.Timestamp("2020-01-01")},
    {"x": 1j},
]
ARGUMENTS = {
    "margins": ["variables", "at", "others", "by", "kind", "contrast", "binary", "combine", "data"],
    "comparisons": ["variables", "comparison", "centred", "at", "by", "combine", "data"],
    "average_predictions": ["at", "others", "by", "combine", "data", "scale", "alpha", "adjust"],
    "marginal_means": ["factors", "at", "weights", "combine", "scale", "alpha", "adjust"],
    "get_margeff": ["at", "method", "atexog", "dummy", "count"],
}


@pytest.mark.filterwarnings("ignore::mnlstat.errors.MnlstatWarning")
@pytest.mark.parametrize(
    ("verb", "name"), [(v, n) for v, names in ARGUMENTS.items() for n in names]
)
def test_nothing_but_tables_and_errors_of_ours(verb: str, name: str) -> None:
    res = fit("y ~ x + g")
    for value in NASTY:
        try:
            found = getattr(res, verb)(**{name: value})
        except MnlstatError as error:
            message = str(error)
        else:
            message = str(found)
        assert message


@pytest.mark.parametrize("value", NASTY)
def test_the_table_refuses_what_it_cannot_do(value: Any) -> None:
    found = fit("y ~ x + g").margins()
    for ask in (
        lambda: found.contrasts(value),
        lambda: found.contrasts("outcome", method=value),
        lambda: found.contrasts("outcome", adjust=value),
        lambda: found.adjusted(value),
    ):
        with pytest.raises(OptionError):
            ask()
    with pytest.raises(OptionError):
        found.level(value)


def test_one_level_has_no_effect() -> None:
    rows = frame().assign(one="a")
    with pytest.warns(mn.errors.AliasedWarning):
        res = mn.mnlogit("y ~ x + one", rows).fit()
    assert set(res.margins().keys["variable"]) == {"x"}
    with pytest.raises(OptionError, match="'one' has one level only"):
        res.margins("one")


def test_outcomes_may_belong_to_several_unions() -> None:
    res = fit("y ~ x + g")
    found = wide(res.margins("x", combine={"a": ["bus", "car"], "b": ["car", "train"]}))
    alone = wide(res.margins("x"))
    np.testing.assert_allclose(found["a"], -alone["train"], rtol=1e-12)
    np.testing.assert_allclose(found["b"], -alone["bus"], rtol=1e-12)


def test_unconditional_variances_of_unions_and_groups() -> None:
    """Blocks go by the order of the rows there, and unions of one outcome are that outcome."""
    res = fit("y ~ x * z + offset(np.log(z))")
    for kind in ("dydx", "eydx"):
        how = {"kind": kind, "by": "g", "variance": "unconditional"}
        single = {label: [label] for label in res.outcomes}
        found = res.margins("z", combine=single, **how).frame
        exact = res.margins("z", **how).frame
        for column in ("estimate", "std_error"):
            np.testing.assert_allclose(found[column], exact[column], rtol=1e-10)
    level = frame()["g"] == "v"
    part = res.margins("z", by="g", variance="unconditional").frame
    own = part[part["g"] == "v"]["std_error"].to_numpy()
    phi = _influence(res, level.to_numpy())
    np.testing.assert_allclose(own, np.sqrt((phi**2).sum(axis=0) * 240 / 239), rtol=1e-6)


def _influence(res: Any, own: np.ndarray) -> np.ndarray:
    """``(g_i - gbar) / n + D I^-1 s_i`` of the average effects of z in some rows, by hand."""
    rows = frame()
    each = wide(res.margins("z", at="rows")).to_numpy()
    average = res.margins("z", data=rows[own])
    V = res.cov_params().to_numpy()
    pi = res.predict(rows).to_numpy()
    seen = (rows["y"].to_numpy()[:, None] == np.array(res.outcomes)).astype(float)
    X = np.column_stack([np.ones(len(rows)), rows["x"], rows["z"], rows["x"] * rows["z"]])
    scores = ((seen - pi)[:, 1:, None] * X[:, None, :]).reshape(len(rows), -1)
    from tests.effects.test_standard_errors import gradients

    D = gradients(res, lambda res: res.margins("z", data=rows[own]))
    phi = scores @ V @ D.T
    phi[own] += (each[own] - average.estimates) / own.sum()
    return np.asarray(phi)


def test_all_outcomes_together_have_one_probability_and_one_end() -> None:
    every = {"any": ["bus", "car", "train"]}
    row = fit("y ~ x + g").average_predictions(combine=every).frame.iloc[0]
    assert row[["estimate", "std_error", "conf_low", "conf_high"]].tolist() == [1.0, 0.0, 1.0, 1.0]
