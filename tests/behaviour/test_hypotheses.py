"""Hypotheses in words and in matrices: what is read, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mnlstat.errors import AliasedWarning, OptionError, RankError
from tests.behaviour.data import fit, good_frame, refused, with_column

N = len(good_frame())
RESULT = fit(good_frame(), "y ~ x * g + z")


def unit(res: Any, outcome: Any, term: str) -> np.ndarray:
    """The row of a restriction matrix that picks one coefficient."""
    return np.eye(len(res.params))[res.params.index.get_loc((outcome, term))]


def check(res: Any, words: Any, R: list[np.ndarray], r: list[float]) -> None:
    """The words mean ``R b = r``."""
    said, meant = res.test(words), res.wald_test(np.array(R), np.array(r))
    assert said.df == len(R)
    np.testing.assert_allclose(said.statistic, meant.statistic, rtol=1e-12)


READ = {
    "b:x = 0": ([("b", "x", 1)], 0),
    "b:x": ([("b", "x", 1)], 0),
    "b:x = c:x": ([("b", "x", 1), ("c", "x", -1)], 0),
    "0 = b:x": ([("b", "x", 1)], 0),
    "b:x = 1e-1": ([("b", "x", 1)], 0.1),
    "b:x = -.5": ([("b", "x", 1)], -0.5),
    "2*b:x - c:x = 1": ([("b", "x", 2), ("c", "x", -1)], 1),
    "b:x + 1 = c:z": ([("b", "x", 1), ("c", "z", -1)], -1),
    "b:x/2 = c:z": ([("b", "x", 0.5), ("c", "z", -1)], 0),
    "b:x * 3 = 6": ([("b", "x", 3)], 6),
    "-b:x = c:x": ([("b", "x", -1), ("c", "x", -1)], 0),
    "  b:x   =   c:x ": ([("b", "x", 1), ("c", "x", -1)], 0),
    "(b:x + c:x)/2 = 0": ([("b", "x", 0.5), ("c", "x", 0.5)], 0),
    "b:x:g[T.mid] = c:x:g[T.mid]": ([("b", "x:g[T.mid]", 1), ("c", "x:g[T.mid]", -1)], 0),
    "b:g[T.mid] = b:g[T.top]": ([("b", "g[T.mid]", 1), ("b", "g[T.top]", -1)], 0),
    "b:Intercept = 0": ([("b", "Intercept", 1)], 0),
    "`b`:`x` = 0": ([("b", "x", 1)], 0),
}


@pytest.mark.parametrize("words", READ)
def test_words_mean_one_row_of_a_matrix(words: str) -> None:
    parts, right = READ[words]
    row = sum(weight * unit(RESULT, outcome, term) for outcome, term, weight in parts)
    check(RESULT, words, [row], [right])


def test_commas_and_lists_join_hypotheses() -> None:
    rows = [unit(RESULT, "b", "x") - unit(RESULT, "c", "x"), unit(RESULT, "b", "z")]
    check(RESULT, "b:x = c:x, b:z = 0.5", rows, [0.0, 0.5])
    check(RESULT, ["b:x = c:x", "b:z = 0.5"], rows, [0.0, 0.5])


def test_a_chain_of_equals_is_as_many_restrictions_as_signs() -> None:
    rows = [unit(RESULT, "b", "x"), unit(RESULT, "c", "x")]
    check(RESULT, "b:x = c:x = 0", rows, [0.0, 0.0])


ODD_LABELS = {
    "numbers": [1, 2, 3],
    "blanks and signs": ["a", "b = 2, x", "not-working: at all"],
    "bools": [False, True, True],
    "prefix of another": ["a", "b", "b:x"],
    "blank in front": [" b", "a", "b"],
    "sign in front": [1, 2, -2],
    "empty": ["", "a", "b "],
}


def odd(kind: str) -> Any:
    labels = ODD_LABELS[kind]
    values = np.array(labels, dtype=object)[np.arange(N) % 3]
    return fit(with_column("y", pd.Series(values, index=good_frame().index).infer_objects()),
               "y ~ x + z")  # fmt: skip


def test_outcomes_that_are_numbers_are_named_as_they_print() -> None:
    res = odd("numbers")
    check(res, "2:x = 3:x", [unit(res, 2, "x") - unit(res, 3, "x")], [0.0])
    check(res, "2:x = 3", [unit(res, 2, "x")], [3.0])
    check(res, "2*2:x = 3*3:x", [2 * unit(res, 2, "x") - 3 * unit(res, 3, "x")], [0.0])


def test_outcomes_with_blanks_and_signs_are_found_whole() -> None:
    res = odd("blanks and signs")
    first, second = "b = 2, x", "not-working: at all"
    rows = [unit(res, first, "x") - unit(res, second, "x")]
    check(res, f"{first}:x = {second}:x", rows, [0.0])
    check(res, f"`{first}`:x = `{second}`:x", rows, [0.0])


def test_blanks_at_the_ends_of_a_name_belong_to_it() -> None:
    res = odd("blank in front").rebase("a")
    row = [unit(res, " b", "x")]
    check(res, "` b`:x = 0", row, [0.0])
    check(res, "0 = ` b`:x", row, [0.0])
    check(res, "`b`:x = 0", [unit(res, "b", "x")], [0.0])
    check(res, "b:x = 0", [unit(res, "b", "x")], [0.0])
    check(res, "-` b`:x=-b:x", [unit(res, "b", "x") - unit(res, " b", "x")], [0.0])
    with refused(OptionError, "two readings", "backticks"):
        res.test("0 = b:x")
    res = odd("empty").rebase("a")
    check(res, "b :x = ``:x", [unit(res, "b ", "x") - unit(res, "", "x")], [0.0])
    only = odd("blank in front").rebase("b")
    check(only, " b:x = 0", [unit(only, " b", "x")], [0.0])
    check(only, "a:x = b:x", [unit(only, "a", "x") - unit(only, " b", "x")], [0.0])


def test_a_number_with_its_sign_is_taken_for_the_outcome() -> None:
    res = odd("sign in front")
    res = res.rebase(2)
    check(res, "1:x - -2:x = 0", [unit(res, 1, "x") - unit(res, -2, "x")], [0.0])
    with refused(OptionError, "`-2`:`x`", "sign or a comma is missing"):
        res.test("1:x -2:x = 0")


def test_true_is_an_outcome() -> None:
    res = odd("bools")
    check(res, "True:x = 0", [unit(res, True, "x")], [0.0])


UNREAD = {
    "unknown outcome": ("d:x = 0", "d:x"),
    "base outcome": ("a:x = 0", "a"),
    "unknown term": ("b:w = 0", "b:w"),
    "term alone": ("x = 0", "x"),
    "product of coefficients": ("b:x * c:x = 0", "linear"),
    "quotient by a coefficient": ("1 / b:x = 0", "linear"),
    "numbers alone": ("1 = 2", "coefficient"),
    "unfinished": ("b:x = ", "b:x"),
    "open bracket": ("(b:x = 0", "("),
    "inequality": ("b:x > 0", ">"),
    "power": ("b:x ** 2 = 0", "*"),
    "empty": ("", ""),
    "comma at the end": ("b:x = 0,", ""),
    "division by zero": ("b:x/0 = 1", "divides by zero"),
    "number that is no outcome": ("17:x -2:x", "\n^ is no coefficient"),
    "no sign between": ("b:x c:x = 0", "sign or a comma is missing"),
    "infinite number": ("1e400*b:x = 0", "range"),
    "infinite product": ("1e300*1e300*b:x = 0", "range"),
    "infinite quotient": ("b:x/1e-320 = 0", "range"),
    "infinite right side": ("b:x = 1e400", "range"),
    "difference of infinite numbers": ("b:x + 1e400 - 1e400 = 0", "range"),
    "infinite ratio": ("1e-200*b:x = 1e200", "range"),
}


@pytest.mark.parametrize("case", UNREAD)
def test_words_that_mean_nothing_are_refused(case: str) -> None:
    words, named = UNREAD[case]
    with refused(OptionError, named):
        RESULT.test(words)


def test_a_misspelt_coefficient_is_answered_with_the_nearest() -> None:
    data = good_frame().rename(columns={"x": "income"})
    res = fit(data, "y ~ income + z")
    with refused(OptionError, "did you mean 'b:income'"):
        res.test("b:incme = 0")


MATRICES = {
    "too narrow": np.eye(3),
    "three dimensions": np.zeros((1, 1, len(RESULT.params))),
    "row of zeros": np.zeros((1, len(RESULT.params))),
    "not finite": np.full((1, len(RESULT.params)), np.nan),
    "text": [["a"] * len(RESULT.params)],
    "empty": np.zeros((0, len(RESULT.params))),
}


@pytest.mark.parametrize("case", MATRICES)
def test_matrices_of_the_wrong_shape_or_content_are_refused(case: str) -> None:
    with refused(OptionError):
        RESULT.wald_test(MATRICES[case])


def test_restrictions_that_depend_on_each_other_are_refused() -> None:
    with refused(RankError):
        RESULT.test("b:x = c:x, c:x = b:x")
    with refused(RankError):
        RESULT.wald_test(np.vstack([unit(RESULT, "b", "x")] * 2))


def test_labelled_matrices_are_lined_up_by_their_labels() -> None:
    row = pd.DataFrame([unit(RESULT, "b", "x")], columns=RESULT.params.index)
    shuffled = row.sample(frac=1.0, axis=1, random_state=1)
    expected = RESULT.test("b:x = 0").statistic
    assert RESULT.wald_test(row).statistic == pytest.approx(expected, rel=1e-13)
    assert RESULT.wald_test(shuffled).statistic == pytest.approx(expected, rel=1e-13)


def test_a_labelled_row_is_lined_up_by_its_labels() -> None:
    row = pd.Series(unit(RESULT, "b", "x"), index=RESULT.params.index)
    other = pd.Series(unit(RESULT, "c", "z"), index=RESULT.params.index)
    shuffled = row.sample(frac=1.0, random_state=1)
    assert not shuffled.equals(row)
    one, two = RESULT.test("b:x = 0.5"), RESULT.test("b:x = 0, c:z = 0")
    assert RESULT.test(shuffled, 0.5).statistic == pytest.approx(one.statistic, rel=1e-13)
    assert RESULT.test((shuffled, 0.5)).statistic == pytest.approx(one.statistic, rel=1e-13)
    assert RESULT.test([shuffled, other]).statistic == pytest.approx(two.statistic, rel=1e-13)
    assert RESULT.test(row.tolist(), 0.5).statistic == pytest.approx(one.statistic, rel=1e-13)


def test_a_row_with_other_labels_is_refused() -> None:
    row = pd.Series(unit(RESULT, "b", "x"), index=RESULT.params.index)
    for wrong in (row.reset_index(drop=True), row.iloc[1:], row.rename({"b": "d"})):
        with refused(OptionError, "index of params"):
            RESULT.test(wrong)


@pytest.mark.parametrize("size", [1e-310, 1e-300, 1e300, 1e308])
def test_the_unit_of_a_restriction_does_not_matter(size: float) -> None:
    expected = RESULT.test("b:x + c:x + b:z = 0").statistic
    said = RESULT.test(f"{size}*b:x + {size}*c:x + {size}*b:z = 0").statistic
    assert said == pytest.approx(expected, rel=1e-9)


def test_what_is_infinitely_improbable_has_an_infinite_statistic() -> None:
    test = RESULT.test("b:x = 1e300")
    assert test.statistic == np.inf and test.pvalue == 0


def test_aliased_coefficients_cannot_be_tested() -> None:
    with pytest.warns(AliasedWarning):
        res = fit(good_frame(), "y ~ x + z + I(x + z)")
    with refused(RankError, "b:I(x + z)", "aliased"):
        res.test("b:I(x + z) = 0")
    plain = fit(good_frame(), "y ~ x + z")
    expected = plain.test("b:x = c:z").statistic
    assert res.test("b:x = c:z").statistic == pytest.approx(expected, rel=1e-11)
    np.testing.assert_allclose(
        res.wald_test_slopes().statistic, plain.wald_test_slopes().statistic, rtol=1e-11
    )


def test_a_test_knows_its_distribution_and_prints_it() -> None:
    test = RESULT.test("b:x = c:x, b:z = 0")
    assert (test.df, test.distribution) == (2, "chi2")
    assert "b:x" in test.hypothesis and 0 <= test.pvalue <= 1
    assert test.pvalue == pytest.approx(np.exp(-test.statistic / 2), rel=1e-12)
    assert "chi2" in str(test) and f"{test.statistic:.3f}"[:4] in str(test)
