"""Effects of fits that are no ordinary maximum, and of data in every form."""

from __future__ import annotations

import itertools
import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import (
    AliasedWarning,
    DataError,
    MissingDataWarning,
    MnlstatWarning,
    OptionError,
)
from tests.effects.problems import fit, frame, mean_of, wide


def quietly(formula: str, rows: Any, how: Any = None, **options: Any) -> Any:
    """A fit whose warnings are of no interest."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MnlstatWarning)
        return mn.mnlogit(formula, rows, **options).fit(**(how or {}))


@pytest.fixture(scope="module")
def separated() -> Any:
    """Who has h = q goes by car: the coefficient is infinite."""
    rng, rows = np.random.default_rng(4), frame().copy()
    rows["h"] = np.where(rows["y"] == "car", rng.choice(["p", "q"], len(rows)), "p")
    return quietly("y ~ x + h", rows), rows


def test_effects_of_separated_data_are_those_of_limits(separated: Any) -> None:
    res, rows = separated
    found = wide(res.average_predictions(at={"h": ["p", "q"]})).to_numpy()
    np.testing.assert_array_equal(found[1], [0.0, 1.0, 0.0])
    # the others are those of the rows that are not separated
    rest = rows[rows["h"] == "p"]
    plain = mn.mnlogit("y ~ x", rest).fit()
    np.testing.assert_allclose(found[0], mean_of(plain, rows), rtol=1e-7)
    errors = wide(res.average_predictions(at={"h": ["p", "q"]}), "std_error").to_numpy()
    assert np.isnan(errors[1]).all()
    exact = wide(plain.average_predictions(data=rows), "std_error").to_numpy()[0]
    np.testing.assert_allclose(errors[0], exact, rtol=1e-6)
    effect = res.margins("h").frame
    np.testing.assert_allclose(effect["estimate"], found[1] - found[0], rtol=1e-12)
    assert effect["std_error"].isna().all()
    assert res.margins("x").frame["std_error"].notna().all()
    assert "separated" in str(res.margins("x"))


def test_near_the_limit_effects_are_near_the_limits(separated: Any) -> None:
    """A huge finite coefficient in place of the infinite one."""
    res, rows = separated
    found = wide(res.margins("x")).to_numpy()[0]
    h = 1e-5
    exact = (mean_of(res, rows.assign(x=rows.x + h)) - mean_of(res, rows.assign(x=rows.x - h))) / (
        2 * h
    )
    np.testing.assert_allclose(found, exact, rtol=1e-7)


def test_an_infinite_slope_is_not_a_number() -> None:
    """Quasi-complete separation in a number: at zero the outcomes overlap, and jump apart."""
    rng, rows = np.random.default_rng(1), frame().copy()
    rows["s"] = np.where(rows["y"] == "car", 1.0, -1.0) * rng.uniform(0.5, 1.0, len(rows))
    rows.loc[rows.index[:30], "s"] = 0.0
    res = quietly("y ~ x + s", rows)
    frame_of = res.margins(at="rows").frame
    slopes = frame_of[frame_of["variable"] == "s"].reset_index(drop=True)
    overlap = rows["s"].to_numpy().repeat(3) == 0.0
    assert slopes["estimate"].isna().to_numpy()[overlap].all()
    assert slopes["estimate"].notna().to_numpy()[~overlap].all()
    assert res.margins("s").frame["estimate"].isna().all()
    assert res.margins("x").frame["estimate"].notna().all()
    logs = res.margins("s", kind="eydx", at="rows").frame
    assert logs["estimate"].isna().all()  # a probability that vanishes does so exponentially


def test_a_fit_that_did_not_converge_has_no_standard_errors() -> None:
    res = quietly("y ~ x + g", frame(), {"maxiter": 1})
    for effects in (res.margins(), res.margins(adjust="max-t"), res.comparisons()):
        assert effects.frame["estimate"].notna().all()
        columns = ["std_error", "statistic", "p_value", "conf_low", "conf_high"]
        assert effects.frame[columns].isna().all().all()
        assert "not converged" in str(effects)
        assert np.isnan(effects.test().pvalue)
    found = res.average_predictions().frame
    assert found[["std_error", "conf_low", "conf_high"]].isna().all().all()
    assert res.margins().contrasts("outcome").frame["estimate"].notna().all()


def test_a_ridge_has_effects_and_no_standard_errors() -> None:
    res = quietly("y ~ x + g", frame(), {"penalty": mn.Ridge(2.0)})
    found = res.comparisons("x")
    exact = mean_of(res, frame().assign(x=frame().x + 1.0)) - mean_of(res, frame())
    np.testing.assert_allclose(found.estimates, exact, rtol=1e-12)
    assert found.frame["std_error"].isna().all()
    assert "ridge" in str(found)
    for table in (found, found.contrasts("outcome"), res.margins("g")):
        with pytest.raises(OptionError, match="shrunk") as caught:
            table.test()
        assert caught.value.code == "no-test-of-ridge"


def test_effects_of_jeffreys_and_constrained_fits_are_those_of_their_coefficients() -> None:
    rows = frame()
    jeffreys = quietly("y ~ x + g", rows, {"penalty": "jeffreys"})
    bound = quietly("y ~ x + z", rows, constraints=["car:x = 0", "train:x = 0"])
    for res in (jeffreys, bound):
        found = res.comparisons("x")
        exact = mean_of(res, rows.assign(x=rows.x + 1.0)) - mean_of(res, rows)
        np.testing.assert_allclose(found.estimates, exact, rtol=1e-12, atol=1e-15)
    fixed = bound.margins("x").frame
    assert (fixed["estimate"] == 0).all()
    assert (fixed["std_error"] == 0).all()
    assert fixed["statistic"].isna().all()
    assert bound.margins().test().df == 2
    nothing = bound.margins("x").test()
    assert nothing.df == 0 and np.isnan(nothing.pvalue)


def test_what_empty_cells_leave_open_is_not_estimated() -> None:
    rows = frame()
    rows = rows[~((rows["g"] == "u") & (rows["c"] == 1))]
    res = quietly("y ~ x + C(g) * C(c)", rows)
    with pytest.warns(AliasedWarning, match=r"C\(g\)\[T.w\]:C\(c\)\[T.1\]"):
        found = res.comparisons("c", at={"g": ["u", "v", "w"]}, adjust="max-t")
    table = found.frame
    numbers = table.columns[-6:]
    assert table[table["g"] == "u"][numbers].isna().all().all()
    assert table[table["g"] != "u"][numbers].notna().all().all()
    assert "Not estimable" in str(found)
    assert found.test().df == 4
    second = found.contrasts("g").frame
    assert second["estimate"].isna().sum() == 6
    # the cells that are there: a factor of their combinations says the same
    cells = rows.assign(cell=rows["g"] + rows["c"].astype(str))
    other = quietly("y ~ x + cell", cells)
    exact = other.comparisons({"cell": ("v0", "v1")}, data=cells).frame
    own = res.comparisons({"c": (0, 1)}, at={"g": ["v"]}, data=rows).frame
    for column in ("estimate", "std_error"):
        np.testing.assert_allclose(own[column], exact[column], rtol=1e-8)


@pytest.mark.parametrize("size", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("term", ["x", "I(x**2) + x"])
def test_a_slope_along_one_of_two_aliased_columns_is_not_estimated(size: float, term: str) -> None:
    """Whatever the size of the columns: that of x where w = 2 x stays is not known."""
    rows = frame().assign(x=frame()["x"] * size)
    rows["w"] = 2.0 * rows["x"]
    res = quietly(f"y ~ {term} + z + w", rows)
    with pytest.warns(AliasedWarning, match="w"):
        found = res.margins("x")
    assert found.frame["estimate"].isna().all()
    plain = quietly(f"y ~ {term} + z", rows)
    exact = plain.margins("z").estimates
    np.testing.assert_allclose(res.margins("z").estimates, exact, rtol=1e-8)


def test_a_constant_column_is_no_matter_to_the_slopes_of_others() -> None:
    rows = frame().assign(one=1.0, sum=frame()["x"] * 1e6 + frame()["z"])
    exact = fit("y ~ x + z").margins("x").estimates
    res = quietly("y ~ x + z + one", rows)
    np.testing.assert_allclose(res.margins("x").estimates, exact, rtol=1e-9)
    within = quietly("y ~ x + z + I(x * 1e6 + z)", rows)
    np.testing.assert_allclose(within.margins("x").estimates, exact, rtol=1e-8)


def test_values_of_which_the_formula_makes_none_are_told() -> None:
    res = fit("y ~ np.log(z)")
    with pytest.warns(MissingDataWarning, match="240 rows"):
        found = res.comparisons({"z": -5.0})
    assert found.frame["estimate"].isna().all()
    assert "no number" in str(found)


def test_rows_that_miss_something_are_left_out_and_told() -> None:
    res, rows = fit("y ~ x + g"), frame().copy()
    rows.loc[rows.index[:7], "x"] = np.nan
    with pytest.warns(MissingDataWarning, match="7 of 240"):
        found = res.margins("x", data=rows)
    exact = res.margins("x", data=rows.iloc[7:])
    np.testing.assert_array_equal(found.estimates, exact.estimates)


@pytest.mark.parametrize(
    "ask",
    [
        lambda res: res.margins("x"),
        lambda res: res.margins("x", kind="eyex"),
        lambda res: res.margins("z", kind="eyex"),
        lambda res: res.comparisons({"x": "sd"}),
        lambda res: res.margins("z", at="typical"),
        lambda res: res.average_predictions(at={"x": 1.0}),
        lambda res: res.marginal_means("z"),
    ],
)
@pytest.mark.parametrize("change", ["values", "rows", "order"])
def test_data_that_changed_since_the_fit_are_refused(ask: Any, change: str) -> None:
    rows = frame().copy()
    res = quietly("y ~ x + I(x**2) + z", rows)
    if change == "values":
        rows["x"] = rows["x"] + 1.0
    elif change == "rows":
        rows.loc[1000] = rows.loc[0]
    else:
        rows.index = rows.index[::-1]
    with pytest.raises(DataError, match="changed since"):
        ask(res)


def test_what_needs_no_columns_does_without_them() -> None:
    """A variable that enters as it is: the design of the fit is enough."""
    rows = frame().copy()
    res = quietly("y ~ x + z", rows)
    exact = res.margins("x").estimates
    rows["x"] = 0.0
    np.testing.assert_array_equal(res.margins("x").estimates, exact)


def test_loaded_results(tmp_path: Path) -> None:
    res, rows = quietly("y ~ x + g", frame()), frame()
    exact = res.margins().estimates
    res.save(tmp_path / "with.mnl", include_data=True)
    res.save(tmp_path / "without.mnl", include_data=False)
    loaded = mn.load(tmp_path / "with.mnl")
    np.testing.assert_array_equal(loaded.margins("x").estimates, exact[:3])
    with pytest.raises(DataError, match="design only"):
        loaded.margins("g")
    with pytest.raises(DataError, match="design only"):
        loaded.margins("x", by="g")
    bare = mn.load(tmp_path / "without.mnl")
    with pytest.raises(DataError, match="without its data"):
        bare.margins("x")
    for each, verb in itertools.product((loaded, bare), ("margins", "comparisons")):
        with pytest.raises(DataError, match=rf"{verb}\(\) needs(.|\n)*Give rows, data=") as caught:
            getattr(each, verb)("g")
        assert "include_data" not in str(caught.value)
    for each, verb in itertools.product((loaded, bare), ("marginal_means", "get_margeff")):
        with pytest.raises(
            DataError, match=rf"{verb}\(\) needs(.|\n)*Fit the model again"
        ) as caught:
            getattr(each, verb)()
        assert "data=" not in str(caught.value)
    for each, draw in itertools.product((loaded, bare), ("probabilities", "effect_over")):
        with pytest.raises(DataError, match=rf"{draw}\(\) (.|\n)*Give rows in a frame, data="):
            getattr(each.plot, draw)("x")
        assert len(getattr(each.plot, draw)("x", data=rows).data)
    for each in (loaded, bare, pickle.loads(pickle.dumps(res))):
        np.testing.assert_allclose(each.margins(data=rows).estimates, exact, rtol=1e-13)


def test_tables_can_be_pickled() -> None:
    found = fit("y ~ x + g").margins()
    again = pickle.loads(pickle.dumps(found))
    pd.testing.assert_frame_equal(again.frame, found.frame)
    assert str(again) == str(found)


def test_models_of_arrays() -> None:
    rows = frame()
    X = rows[["x", "z"]].assign(one=1.0)
    exact = fit("y ~ x + z").margins()
    named = mn.MNLogit(rows["y"], X).fit()
    plain = mn.MNLogit(rows["y"].to_numpy(), X.to_numpy()).fit()
    for res, data in ((named, X), (plain, X.to_numpy())):
        for effects in (res.margins(), res.margins(data=data)):
            own = effects.frame[effects.frame["variable"].isin(["x", "z", "x1", "x2"])]
            np.testing.assert_allclose(own["estimate"], exact.estimates, rtol=1e-8)
    assert list(dict.fromkeys(named.margins(["x", "z"]).keys["variable"])) == ["x", "z"]


def test_tables_of_other_libraries() -> None:
    polars, pyarrow = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    rows, formula = frame(), "y ~ x + g + b + C(k)"
    exact = fit(formula).margins(by="c")
    for table in (
        polars.from_pandas(rows),
        pyarrow.Table.from_pandas(rows),
        rows.convert_dtypes(),
        rows.convert_dtypes(dtype_backend="pyarrow"),
        rows.astype({"g": "category", "y": "category"}),
        {name: rows[name].to_numpy() for name in rows},
    ):
        res = mn.mnlogit(formula, table).fit()
        for found in (res.margins(by="c"), res.margins(by="c", data=table)):
            np.testing.assert_allclose(found.frame["estimate"], exact.frame["estimate"], rtol=1e-9)
            assert list(found.keys["outcome"]) == list(exact.keys["outcome"])


LABELLED = [
    {"bus": 1, "car": 2, "train": 3},
    {"bus": 1.5, "car": "two", "train": ("a", 3)},
    {"bus": ("a", 1), "car": ("a", 2), "train": ("b", 1)},
    {"bus": "estimate", "car": "outcome", "train": ""},
]


@pytest.mark.parametrize("labels", LABELLED[:1] + LABELLED[2:])
def test_labels_of_outcomes_of_any_kind(labels: dict[str, Any]) -> None:
    rows = frame().assign(y=[labels[y] for y in frame()["y"]])
    res = mn.mnlogit("y ~ x + g", rows).fit()
    found, exact = res.margins("x"), fit("y ~ x + g").margins("x").frame
    for name, label in labels.items():
        own = found.frame[[each == label for each in found.keys["outcome"]]]
        expected = exact[exact["outcome"] == name]["estimate"].to_numpy()
        np.testing.assert_allclose(own["estimate"], expected, rtol=1e-8)
    first, last = labels["bus"], labels["train"]
    union = res.margins("x", combine={"both": [first, last], "one": [labels["car"]]})
    assert abs(union.estimates.sum()) < 1e-15
    assert union.cov.shape == (2, 2)
    assert len(found.contrasts("outcome")) == 3
    str(found), str(res.get_margeff()), res.get_margeff().summary_frame(), found._repr_html_()


@pytest.mark.parametrize(
    "name", ["outcome", "variable", "contrast", "row", "estimate", "std_error", "p_value"]
)
def test_columns_that_are_called_as_those_of_the_table(name: str) -> None:
    rows = frame().rename(columns={"c": name})
    res, exact = mn.mnlogit(f"y ~ x + {name}", rows).fit(), fit("y ~ x + c")
    for ask in (
        lambda res, name: res.margins("x", by=name),
        lambda res, name: res.average_predictions(at={name: [0, 1]}),
        lambda res, name: res.margins("x", at={name: [0, 1]}).contrasts(
            name if name == "c" else f"{name} (column)"
        ),
        lambda res, name: res.marginal_means(name, at={name: [0, 1]}),
    ):
        found, other = ask(res, name).frame, ask(exact, "c").frame
        assert found.columns.is_unique
        assert f"{name} (column)" in found.columns
        np.testing.assert_allclose(found["estimate"], other["estimate"], rtol=1e-9)
    assert set(res.margins(name).keys["variable"]) == {name}
