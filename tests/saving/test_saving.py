"""A saved result is the same in every bit, and a file that is none is refused."""

from __future__ import annotations

import dataclasses
import pickle
import typing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.design.formula import VOCABULARY
from mnlstat.errors import DataError, FormulaError, OptionError, SeparationError
from mnlstat.results.fit import Fit
from mnlstat.results.saving import FORMS
from tests.saving.results import KINDS, RIGHT_SIDES, frame, of_formula, quietly, separated

FRAMES = ("tidy", "glance", "cov_params", "conf_int", "wald_test_terms")


@pytest.fixture(params=KINDS)
def res(request: pytest.FixtureRequest) -> Any:
    return KINDS[request.param]()


def round_trip(res: Any, folder: Path, **options: Any) -> Any:
    return mn.load(res.save(folder / "one.fit", **options))


def bits(value: Any) -> Any:
    """What must be equal: the pickled numbers of a Series or frame with its labels."""
    if isinstance(value, pd.Series | pd.DataFrame):
        return value.to_numpy().astype(float).tobytes(), list(value.index), value.index.names
    return np.float64(value).tobytes()


def test_every_number_is_the_same(res: Any, tmp_path: Path) -> None:
    twin = round_trip(res, tmp_path)
    assert twin.outcomes == res.outcomes and twin.base == res.base
    assert [type(label) for label in twin.outcomes] == [type(label) for label in res.outcomes]
    assert str(twin.summary()) == str(res.summary())
    assert str(twin.summary(rrr=True)) == str(res.summary(rrr=True))
    assert str(twin.separation() if res.separated else "") == str(res.separated or "")
    for name in FRAMES:
        mine, other = getattr(res, name)(), getattr(twin, name)()
        pd.testing.assert_frame_equal(mine, other, rtol=0, atol=0, check_exact=True)
    for name in ("params", "bse", "pvalues"):
        assert bits(getattr(twin, name)) == bits(getattr(res, name))
    for name in ("llf", "llnull", "llr", "bic", "decrement", "condition_number", "penalised_llf"):
        mine, other = getattr(res, name), getattr(twin, name)
        assert mine is other is None or bits(mine) == bits(other)
    assert twin.estimates.covariance.root.tobytes("A") == res.estimates.covariance.root.tobytes("A")
    pd.testing.assert_frame_equal(twin.trace, res.trace, rtol=0, atol=0)
    assert (twin.nobs, twin.aliased, twin.seconds, twin.notes, twin.status) == (
        res.nobs, res.aliased, res.seconds, res.notes, res.status,
    )  # fmt: skip


def test_what_is_made_of_it_is_the_same(res: Any, tmp_path: Path) -> None:
    twin = round_trip(res, tmp_path)
    slopes = res.wald_test_slopes()
    assert repr(twin.wald_test_slopes()) == repr(slopes)
    for base in res.outcomes:
        assert bits(twin.rebase(base).params) == bits(res.rebase(base).params)
        assert bits(twin.rebase(base).bse) == bits(res.rebase(base).bse)
    R = np.zeros(len(res.params))
    R[1] = 1.0
    assert outcome_of(lambda: twin.test(R)) == outcome_of(lambda: res.test(R))


def outcome_of(test: Any) -> str:
    """What a test says, or why it refuses."""
    try:
        return repr(test())
    except SeparationError as error:
        return str(error)


@pytest.mark.parametrize("right", RIGHT_SIDES)
def test_predictions_for_new_data(right: str, tmp_path: Path) -> None:
    res = of_formula(right)
    twin = round_trip(res, tmp_path)
    for data in (frame(), frame().iloc[:9], frame().drop(columns=["y"])):
        pd.testing.assert_frame_equal(twin.predict(data), res.predict(data), check_exact=True)
    again = round_trip(twin, tmp_path)
    pd.testing.assert_frame_equal(again.predict(frame()), res.predict(frame()), check_exact=True)


@pytest.mark.parametrize("kind", ["base", "offset", "penalised", "aliased", "separated"])
def test_predictions_of_other_kinds(kind: str, tmp_path: Path) -> None:
    res = KINDS[kind]()
    twin = round_trip(res, tmp_path)
    data = mn.datasets.separated_toy() if kind == "separated" else frame()
    pd.testing.assert_frame_equal(
        quietly(lambda: twin.predict(data)), quietly(lambda: res.predict(data)), check_exact=True
    )


def test_arrays_predict_arrays(tmp_path: Path) -> None:
    data = frame().dropna()
    res = mn.MNLogit(data["y"], data[["x", "z"]].to_numpy()).fit()
    twin = round_trip(res, tmp_path)
    X = np.random.default_rng(1).normal(size=(5, 2))
    pd.testing.assert_frame_equal(twin.predict(X), res.predict(X), check_exact=True)


def test_without_data_what_needs_rows_says_so(tmp_path: Path) -> None:
    twin = round_trip(of_formula("x + g"), tmp_path)
    for name in ("fittedvalues", "likelihood", "score_norm"):
        with pytest.raises(DataError, match="without its data"):
            getattr(twin, name)
    with pytest.raises(DataError, match="without its data"):
        twin.update(". ~ x")
    with pytest.raises(DataError, match=r"include_data.*without its data"):
        twin.save(tmp_path / "two.fit", include_data=True)


def test_with_design_rows(res: Any, tmp_path: Path) -> None:
    twin = round_trip(res, tmp_path, include_data=True)
    fitted = twin.fittedvalues
    pd.testing.assert_frame_equal(fitted, res.fittedvalues, check_exact=True)
    assert fitted.index.equals(res.fittedvalues.index)
    assert twin.likelihood.loglike(twin.estimates.values) == res.likelihood.loglike(
        res.estimates.values
    )
    base = res.outcomes[-1]
    if res.separated is None:
        assert twin.rebase(base).score_norm == res.rebase(base).score_norm
    again = round_trip(twin, tmp_path, include_data=True)
    pd.testing.assert_frame_equal(again.fittedvalues, fitted, check_exact=True)


def test_design_rows_are_no_columns(tmp_path: Path) -> None:
    twin = round_trip(of_formula("x + g"), tmp_path, include_data=True)
    with pytest.raises(DataError, match=r"update\(\) needs the columns"):
        twin.update(". ~ x")
    with pytest.raises(DataError, match="design only"):
        twin.predict(to=tmp_path / "pi.csv")


def test_a_fit_of_a_file_is_saved_without_its_rows(tmp_path: Path) -> None:
    frame().reset_index(drop=True).to_csv(tmp_path / "data.csv", index=False)
    res = mn.mnlogit("y ~ x + center(z) + g", tmp_path / "data.csv").fit()
    twin = round_trip(res, tmp_path)
    pd.testing.assert_frame_equal(twin.predict(frame()), res.predict(frame()), check_exact=True)
    with pytest.raises(DataError, match="include_data"):
        res.save(tmp_path / "two.fit", include_data=True)


@pytest.mark.parametrize(
    "kind", ["lambda", "local function", "own function", "own object", "own module"]
)
def test_what_a_file_cannot_hold_is_named(kind: str, tmp_path: Path) -> None:
    class Doubled:
        def __call__(self, v: Any) -> Any:
            return 2 * v

    def local(v: Any) -> Any:
        return 2 * v

    twice: Any = {
        "lambda": lambda v: 2 * v,
        "local function": local,
        "own function": bits_of_two,
        "own object": Doubled(),
        "own module": pytest,
    }[kind]
    right = "I(x * (twice is not None))" if kind == "own module" else "twice(x)"
    assert twice
    res = mn.mnlogit(f"y ~ {right}", frame()).fit()
    with pytest.raises(FormulaError, match=r"'twice' in the formula is") as caught:
        res.save(tmp_path / "one.fit")
    assert caught.value.code == "cannot-be-saved"
    assert not list(tmp_path.iterdir())


def bits_of_two(v: Any) -> Any:
    return 2 * v


class Marker:
    """A label that only Python knows."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"Marker({self.name})"


def test_labels_that_a_file_cannot_hold_are_named(tmp_path: Path) -> None:
    one, two = Marker("one"), Marker("two")
    data = frame().assign(y=[one if row % 2 else two for row in range(240)])
    res = mn.mnlogit("y ~ x", data).fit()
    with pytest.raises(DataError, match=r"Marker\((one|two)\), an object of type Marker"):
        res.save(tmp_path / "one.fit")


@pytest.mark.parametrize("path", [3, None, "", b"x"])
def test_a_name_that_is_none(path: Any, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="must be the name of a file"):
        separated().save(path)
    with pytest.raises(OptionError, match="must be the name of a file"):
        mn.load(path)


def test_where_no_file_can_be_written(tmp_path: Path) -> None:
    res = of_formula("x")
    for path in (tmp_path, tmp_path / "nowhere" / "one.fit"):
        with pytest.raises(OptionError, match="cannot be written"):
            res.save(path)
    with pytest.raises(OptionError, match="include_data"):
        res.save(tmp_path / "one.fit", include_data="yes")


def test_the_same_result_gives_the_same_bytes(tmp_path: Path) -> None:
    res = of_formula("bs(x, df=4) + g")
    one = res.save(tmp_path / "one.fit").read_bytes()
    assert res.save(str(tmp_path / "two.fit")).read_bytes() == one
    assert mn.load(tmp_path / "one.fit").save(tmp_path / "two.fit").read_bytes() == one


def test_results_may_be_pickled_after_they_were_loaded(tmp_path: Path) -> None:
    twin = round_trip(of_formula("center(x) + np.log(z)"), tmp_path)
    again = pickle.loads(pickle.dumps(twin))
    pd.testing.assert_frame_equal(again.predict(frame()), twin.predict(frame()), check_exact=True)


def records_of(kind: Any) -> set[type]:
    """The dataclasses that the annotations of a dataclass lead to."""
    found: set[type] = set()
    waiting = list(typing.get_type_hints(kind).values())
    while waiting:
        each = waiting.pop()
        waiting += typing.get_args(each)
        if dataclasses.is_dataclass(each) and isinstance(each, type) and each not in found:
            found.add(each)
            waiting += typing.get_type_hints(each).values()
    return found


def test_every_part_of_a_result_has_a_form() -> None:
    known = {form.kind for form in FORMS}
    parts = set()
    for name, hint in typing.get_type_hints(Fit).items():
        if name != "sample":
            parts |= records_of(dataclasses.make_dataclass("One", [("part", hint)]))
    assert parts - known == set()
    assert len({form.name for form in FORMS}) == len(FORMS)


def test_every_transform_of_the_vocabulary_can_be_saved() -> None:
    known = {form.kind for form in FORMS}
    for function in VOCABULARY.values():
        maker = getattr(function, "__patsy_stateful_transform__", None)
        assert maker is None or maker in known
