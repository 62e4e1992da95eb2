"""What each kind of formula gets: the place of an error is underlined."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mnlstat as mn
from mnlstat.errors import FormulaError
from tests.behaviour.data import fit, good_frame, refused

N = len(good_frame())


def fails(x: Any) -> Any:
    """A function of the caller that raises."""
    raise ZeroDivisionError(f"cannot bear {len(x)} values")


def half(x: Any) -> Any:
    """An importable function of the caller."""
    return x / 2


WRONG = {
    "unknown variable": ("y ~ x + wages", "wages", "wages"),
    "misspelt variable": ("y ~ x + zz", "zz", "zz"),
    "unknown function": ("y ~ quux(x)", "quux", "quux"),
    "function of R": ("y ~ x + cut(z)", "pd.cut", "cut"),
    "numpy's name alone": ("y ~ sin(x)", "np.sin", "sin"),
    "unknown attribute": ("y ~ np.sqroot(x)", "sqroot", "np.sqroot(x)"),
    "unbalanced bracket": ("y ~ x + (z", "", "("),
    "two operators": ("y ~ x + * z", "", None),
    "trailing operator": ("y ~ x +", "", None),
    "caret": ("y ~ x + z^2", "**", None),
    "code that raises": ("y ~ fails(x) + z", "ZeroDivisionError", "fails(x)"),
    "unknown response": ("choice ~ x", "choice", "choice"),
    "unknown function on the left": ("quux(y) ~ x", "quux", "quux"),
}


def underlined(message: str) -> str:
    """The part of the formula above the carets."""
    lines = message.splitlines()
    marks = lines[-1]
    assert set(marks) == {" ", "^"} or set(marks) == {"^"}, message
    return lines[-2][marks.index("^") : marks.rindex("^") + 1]


@pytest.mark.parametrize("case", WRONG)
def test_the_guilty_part_is_named_and_underlined(case: str) -> None:
    formula, named, guilty = WRONG[case]
    with pytest.raises(FormulaError) as caught:
        mn.mnlogit(formula, good_frame())
    message = caught.value.message
    assert len(message.splitlines()) <= 3 and named in message and formula in message
    part = underlined(message)
    if guilty is not None:
        assert guilty in part and len(part) <= len(guilty) + 3


def test_the_cause_of_code_that_raises_is_chained() -> None:
    with pytest.raises(FormulaError) as caught:
        mn.mnlogit("y ~ fails(x)", good_frame())
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert "cannot bear" in str(caught.value)


def test_a_misspelt_name_is_answered_with_the_nearest() -> None:
    data = good_frame().rename(columns={"x": "income"})
    with refused(FormulaError, "incom", "did you mean 'income'"):
        mn.mnlogit("y ~ incom + z", data)


SIDES = {
    "no response": ("~ x", ("left",)),
    "no tilde": ("x + z", ("~",)),
    "empty right side": ("y ~ ", ("right",)),
    "blank right side": ("y ~    ", ("right",)),
    "no columns": ("y ~ 0", ("right",)),
    "two tildes": ("y ~ x ~ z", ("~",)),
    "response on the right": ("y ~ x + y", ("'y'", "right")),
    "function of the response on the right": ("y ~ x + C(y)", ("'y'", "right")),
    "empty": ("", ("formula",)),
    "blank": ("   ", ("formula",)),
}


@pytest.mark.parametrize("case", SIDES)
def test_sides_that_are_missing_or_mixed_up_are_refused(case: str) -> None:
    formula, names = SIDES[case]
    with refused(FormulaError, *names):
        mn.mnlogit(formula, good_frame())


@pytest.mark.parametrize("left", ["y + g", "y, g", "[y, g]"])
def test_two_responses_are_refused(left: str) -> None:
    with refused(FormulaError, "y"):
        mn.mnlogit(f"{left} ~ x", good_frame())


@pytest.mark.parametrize("formula", [None, 3, ["y", "x"], b"y ~ x", object()])
def test_what_is_no_text_is_no_formula(formula: Any) -> None:
    with refused(FormulaError, "formula"):
        mn.mnlogit(formula, good_frame())


def test_a_local_array_does_not_stand_in_for_a_column() -> None:
    outside = np.arange(N) * 1.0
    assert len(outside) == N
    with refused(FormulaError, "outside"):
        mn.mnlogit("y ~ x + outside", good_frame())
    with refused(FormulaError, "outside"):
        mn.mnlogit("y ~ x + np.log1p(outside)", good_frame())


def test_a_column_is_preferred_to_a_local_of_the_same_name() -> None:
    x = np.zeros(N)
    ours = mn.mnlogit("y ~ x + z", good_frame()).fit()
    assert not x.any()
    np.testing.assert_array_equal(ours.params, fit(good_frame(), "y ~ x + z").params)


def test_knots_of_the_caller_are_allowed_and_kept_by_value() -> None:
    knots = [-0.5, 0.0, 0.5]
    res = mn.mnlogit("y ~ bs(x, knots=knots, degree=3)", good_frame()).fit()
    before = res.predict(good_frame())
    knots[:] = [5.0, 6.0, 7.0]
    np.testing.assert_array_equal(res.predict(good_frame()), before)


def test_functions_and_numbers_of_the_caller_are_allowed() -> None:
    power = 2
    res = mn.mnlogit("y ~ half(x) + I(z ** power)", good_frame()).fit()
    assert power == 2
    direct = mn.mnlogit("y ~ I(x / 2) + I(z ** 2)", good_frame()).fit()
    np.testing.assert_array_equal(res.params, direct.params)


def test_names_with_blanks_are_quoted() -> None:
    data = good_frame().rename(columns={"x": "net income", "y": "my choice"})
    res = mn.mnlogit("Q('my choice') ~ Q('net income') + z", data).fit()
    np.testing.assert_array_equal(res.params, fit(good_frame(), "y ~ x + z").params)


DESIGNS = [
    "y ~ bs(x, df=4) + C(g)",
    "y ~ center(x) * g + standardize(z)",
    "y ~ np.exp(x) + C(g, Sum) + half(z)",
    "y ~ C(g, Treatment('mid')):z + cr(x, df=3) - 1",
]


@pytest.mark.parametrize("formula", DESIGNS)
def test_a_learned_design_is_the_same_after_copy_and_pickle(formula: str) -> None:
    spec = mn.mnlogit(formula, good_frame()).spec
    new = good_frame().head(9)
    for twin in (copy.deepcopy(spec), pickle.loads(pickle.dumps(spec))):
        np.testing.assert_array_equal(twin.design(new).X, spec.design(new).X)


@pytest.mark.parametrize("formula", DESIGNS)
def test_learned_numbers_come_from_the_training_data(formula: str) -> None:
    spec = mn.mnlogit(formula, good_frame()).spec
    all_rows = spec.design(good_frame()).X
    for rows in (slice(0, 1), slice(40, 50)):
        np.testing.assert_allclose(spec.design(good_frame()[rows]).X, all_rows[rows], rtol=1e-14)


def test_results_load_in_a_fresh_process(tmp_path: Path) -> None:
    res = mn.mnlogit(DESIGNS[2], good_frame()).fit()
    file = tmp_path / "result.pickle"
    file.write_bytes(pickle.dumps(res))
    code = (
        "import pickle, pathlib\n"
        "from tests.behaviour.data import good_frame\n"
        f"res = pickle.loads(pathlib.Path({str(file)!r}).read_bytes())\n"
        "print(res.predict(good_frame()).to_numpy().tobytes().hex())\n"
        "print(res.params.to_numpy().tobytes().hex())\n"
    )
    root = Path(__file__).parents[2]
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    ).stdout.split()
    expected = [res.predict(good_frame()).to_numpy(), res.params.to_numpy()]
    assert said == [numbers.tobytes().hex() for numbers in expected]


def test_a_design_with_a_function_that_cannot_be_imported_says_so_when_pickled() -> None:
    def local(x: Any) -> Any:
        return x / 2

    unnamed = lambda x: x / 2  # noqa: E731
    assert local(2) == unnamed(2)
    for name in ("local", "unnamed"):
        res = mn.mnlogit(f"y ~ {name}(x) + z", good_frame()).fit()
        assert res.predict(good_frame()).shape == (N, 3)
        with refused(FormulaError, name):
            pickle.dumps(res)


SAME_SPACE = [
    ("y ~ x * g", "y ~ x + g + x:g"),
    ("y ~ (x + z) ** 2", "y ~ x + z + x:z"),
    ("y ~ x + z - 1 + 1", "y ~ x + z"),
    ("y~x+z", "y ~ x + z"),
    ("y ~ x + z + x", "y ~ x + z"),
    ("y ~ x +\n z", "y ~ x + z"),
    ("y ~ x:g + g", "y ~ g + g:x"),
]


@pytest.mark.parametrize(("formula", "same"), SAME_SPACE)
def test_formulas_that_mean_the_same_give_the_same_fit(formula: str, same: str) -> None:
    one, other = fit(good_frame(), formula), fit(good_frame(), same)
    assert one.llf == pytest.approx(other.llf, rel=1e-14)
    np.testing.assert_allclose(one.fittedvalues, other.fittedvalues, rtol=1e-11)


def test_without_a_constant_the_likelihood_ratio_is_not_a_number_and_said_so() -> None:
    res = fit(good_frame(), "y ~ x + z - 1")
    assert not res.constant
    assert np.isnan(res.llr) and np.isnan(res.llr_pvalue) and np.isfinite(res.prsquared)
    assert np.isfinite(res.wald_test_slopes().statistic)
