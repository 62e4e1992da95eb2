"""What each kind of response gets."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import DataError
from tests.behaviour.data import fit, good_frame, refused, spoilt, with_column

N = len(good_frame())
CODES = np.arange(N) % 3


def test_a_response_with_one_outcome_is_refused() -> None:
    with refused(DataError, "'y'", "'a'", "two"):
        fit(with_column("y", "a"))


def test_a_response_left_with_one_outcome_names_the_rows_dropped() -> None:
    data = good_frame()
    data.loc[data["y"] != "a", "x"] = np.nan
    with refused(DataError, "'y'", "'a'", "two", (data["y"] != "a").sum()):
        fit(data)


@pytest.mark.parametrize("values", [np.arange(N) / 7, CODES + 0.5], ids=["measured", "halves"])
def test_numbers_that_are_not_whole_are_no_outcomes(values: Any) -> None:
    with refused(DataError, "'y'", len(np.unique(values))):
        fit(with_column("y", values))


@pytest.mark.parametrize("values", [np.arange(N), np.arange(N) * 1.0, np.arange(N) // 1.9 // 1])
def test_numbers_with_nearly_as_many_values_as_rows_are_no_outcomes(values: Any) -> None:
    with refused(DataError, "'y'", len(np.unique(values))):
        fit(with_column("y", values))


def test_many_outcomes_that_rows_share_are_allowed() -> None:
    model = mn.mnlogit("y ~ x", with_column("y", np.arange(N) % 30))
    assert len(model.outcomes) == 30


LABELS = {
    "int": (CODES + 1, (1, 2, 3)),
    "whole floats": (CODES + 1.0, (1, 2, 3)),
    "bool": (CODES == 1, (False, True)),
    "text": (np.array(["10", "9", "2"])[CODES], ("10", "2", "9")),
    "object": (np.array(["b", "a", "c"], dtype=object)[CODES], ("a", "b", "c")),
    "int8": ((CODES - 1).astype("int8"), (-1, 0, 1)),
    "nullable int": (pd.array(CODES, dtype="Int64"), (0, 1, 2)),
    "nullable bool": (pd.array(CODES == 0, dtype="boolean"), (False, True)),
    "nullable float": (pd.array(CODES * 1.0, dtype="Float64"), (0, 1, 2)),
    "string": (pd.array(np.array(["u", "v", "w"])[CODES], dtype="string"), ("u", "v", "w")),
    "arrow text": (
        pd.array(np.array(["u", "v", "w"])[CODES], dtype="string[pyarrow]"),
        ("u", "v", "w"),
    ),
    "categorical": (
        pd.Categorical(np.array(["u", "v", "w"])[CODES], ["w", "u", "v"]),
        tuple("wuv"),
    ),
    "ordered": (
        pd.Categorical(np.array(["u", "v", "w"])[CODES], ["v", "w", "u"], ordered=True),
        tuple("vwu"),
    ),
    "categorical numbers": (pd.Categorical(CODES, [2, 0, 1]), (2, 0, 1)),
    "beyond floats": (CODES + 10**17, (10**17, 10**17 + 1, 10**17 + 2)),
    "uint64": (CODES.astype("uint64") + np.uint64(2**63), (2**63, 2**63 + 1, 2**63 + 2)),
    "huge": ([2**70 + int(code) for code in CODES], (2**70, 2**70 + 1, 2**70 + 2)),
    "tuples": (
        pd.array(pd.MultiIndex.from_arrays([CODES // 2, CODES]).to_numpy(), dtype=object),
        ((0, 0), (0, 1), (1, 2)),
    ),
}


@pytest.mark.parametrize("kind", LABELS)
def test_labels_are_kept_as_given_and_in_order(kind: str) -> None:
    values, labels = LABELS[kind]
    res = fit(with_column("y", values))
    assert res.outcomes == labels
    assert [type(label) for label in res.outcomes] == [type(label) for label in labels]
    assert res.base == labels[0]
    assert list(res.predict().columns) == list(labels)
    assert list(dict.fromkeys(res.params.index.get_level_values("outcome"))) == list(labels[1:])
    assert str(labels[-1]) in str(res.summary())


@pytest.mark.parametrize("kind", LABELS)
def test_any_label_may_be_the_base(kind: str) -> None:
    values, labels = LABELS[kind]
    res = fit(with_column("y", values), base=labels[-1])
    assert res.base == labels[-1] and res.outcomes == labels
    assert res.rebase(labels[0]).base == labels[0]


def test_whole_numbers_with_a_missing_one_keep_whole_labels() -> None:
    res = fit(with_column("y", np.where(np.arange(N) == 5, np.nan, CODES)))
    assert res.outcomes == (0, 1, 2)
    assert [str(label) for label in res.outcomes] == ["0", "1", "2"]


def test_all_codings_of_a_response_are_the_same_fit() -> None:
    expected = fit(good_frame()).params.to_numpy()
    for values, labels in LABELS.values():
        if len(labels) == 3 and sorted(labels, key=list(labels).index) == sorted(labels):
            ours = fit(with_column("y", values)).params.to_numpy()
            if np.array_equal(pd.Categorical(values, labels).codes, CODES):
                np.testing.assert_array_equal(ours, expected)


def test_a_category_never_seen_is_left_out_and_noted() -> None:
    res = fit(with_column("y", pd.Categorical(good_frame()["y"], ["z", "a", "b", "never", "c"])))
    assert res.outcomes == ("a", "b", "c") and res.base == "a"
    assert any("never" in note for note in res.notes)
    assert "never" in str(res.summary())


@pytest.mark.parametrize("gap", [None, np.nan, pd.NA], ids=["None", "nan", "NA"])
def test_rows_with_a_missing_outcome_are_dropped_and_counted(gap: Any) -> None:
    res = fit(spoilt("y", 4, gap))
    assert res.nobs == N - 1 and res.dropped.total == 1
    assert res.dropped.by_column == {"y": 1}
    assert f"{N - 1}" in str(res.summary())


def test_infinite_outcomes_are_refused() -> None:
    with refused(DataError, "'y'", "infinite", "1", "r7"):
        fit(spoilt("y", 7, np.inf).assign(y=np.where(np.arange(N) == 7, np.inf, CODES)))


def test_a_number_and_its_text_are_not_one_set_of_outcomes() -> None:
    mixed = pd.Series([1, "1", 2] * (N // 3), index=good_frame().index, dtype=object)
    with refused(DataError, "'y'", "int", "str"):
        fit(with_column("y", mixed))


STRANGE = {
    "complex": CODES + 1j,
    "datetime": pd.date_range("2020-01-01", periods=N),
    "timedelta": pd.to_timedelta(CODES, unit="D"),
    "date objects": [datetime.date(2020, 1, 1 + int(c)) for c in CODES],
}


@pytest.mark.parametrize("kind", ["complex", "datetime", "timedelta"])
def test_values_that_are_no_labels_are_refused_by_type(kind: str) -> None:
    with refused(DataError, "'y'", kind):
        fit(with_column("y", STRANGE[kind]))


def test_text_with_nearly_as_many_outcomes_as_rows_is_refused() -> None:
    with refused(DataError, "'y'", N, "text"):
        fit(with_column("y", [f"id {i}" for i in range(N)]))


def test_objects_that_are_all_numbers_are_numbers() -> None:
    res = fit(with_column("y", CODES.astype(object)))
    assert res.outcomes == (0, 1, 2)


def test_an_expression_may_make_the_response() -> None:
    res = fit(good_frame(), "(y == 'b') ~ x")
    assert res.outcomes == (False, True) and res.outcome_counts.to_dict() == {False: 80, True: 40}
