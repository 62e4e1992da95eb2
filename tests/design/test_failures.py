"""Terms that cannot be evaluated: the message names what in the data, or in the call, is guilty."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import DataError, FormulaError, MnlstatError


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    n = 120
    made = pd.DataFrame({"y": rng.choice(list("abc"), n), "x": rng.normal(size=n)})
    made["z"], made["i"], made["k"] = rng.normal(size=n), rng.integers(0, 5, n), 1.1
    made["g"] = rng.choice(list("pqr"), n)
    return made.assign(h=made["g"].astype("category"), o=made["x"])


def refused(formula: str, frame: pd.DataFrame) -> str:
    with pytest.raises(MnlstatError) as caught:
        mn.mnlogit(formula, frame)
    return caught.value.message


@pytest.mark.parametrize(
    "term",
    ["center(log(i))", "scale(log(i))", "poly(log(i), 2)", "ns(log(i), df=3)", "bs(log(i), df=4)",
     "cr(log(i), df=3)", "center(x=log(i))", "te(cr(log(i), df=3), cr(x, df=3))"],
)  # fmt: skip
def test_what_is_infinite_within_a_transform_is_named_with_its_rows(
    term: str, frame: pd.DataFrame
) -> None:
    zeros = frame["i"] == 0
    said = refused(f"y ~ {term}", frame)
    assert said.startswith(f"log(i) in {term} is infinite, though the data are finite")
    assert f"({zeros.sum()} rows, first row {zeros.idxmax()})" in said


def test_new_data_that_are_infinite_within_a_transform_are_refused(frame: pd.DataFrame) -> None:
    frame["i"] += 1
    res = mn.mnlogit("y ~ ns(log(i), df=2)", frame).fit()
    with pytest.raises(DataError, match=r"log\(i\) in ns\(log\(i\), df=2\) is infinite.*1 row"):
        res.predict(frame.assign(i=np.arange(len(frame))))


def test_data_in_pieces_say_the_same(frame: pd.DataFrame) -> None:
    def pieces() -> object:
        return iter([frame.iloc[:50], frame.iloc[50:]])

    with pytest.raises(DataError, match=r"log\(i\) in poly.* is infinite.*\(at least"):
        mn.mnlogit("y ~ poly(log(i), 2)", pieces)


@pytest.mark.parametrize("column", ["g", "h"])
@pytest.mark.parametrize(
    "term", ["poly({}, 2)", "scale({})", "center({})", "bs({}, df=4)", "ns({}, df=3)", "log({})",
             "cr({}, df=4)", "sqrt({})", "np.log({})", "I({} ** 2)"]
)  # fmt: skip
def test_text_where_numbers_are_wanted_is_named(
    term: str, column: str, frame: pd.DataFrame
) -> None:
    said = refused(f"y ~ x + {term.format(column)}", frame)
    assert f"cannot be evaluated: column '{column}' is text" in said


def test_an_error_that_is_not_of_text_is_told_as_it_is(frame: pd.DataFrame) -> None:
    assert "ZeroDivisionError" in refused("y ~ I((g == 'p') * (1 / (len(x) - 120)))", frame)


@pytest.mark.parametrize("term", ["scale(k)", "standardize(k + 2)", "scale(x * 0 - 0.3)"])
def test_a_constant_cannot_be_scaled(term: str, frame: pd.DataFrame) -> None:
    said = refused(f"y ~ z + {term}", frame)
    assert said.startswith(term) and "no standard deviation" in said


def test_what_hardly_varies_is_scaled_and_a_constant_is_centred(frame: pd.DataFrame) -> None:
    frame["near"] = 1e6 + frame["x"]
    assert mn.mnlogit("y ~ scale(near) + scale(x, rescale=False)", frame.assign(x=frame.z)).fit()
    with pytest.warns(mn.errors.AliasedWarning):
        mn.mnlogit("y ~ z + scale(k, rescale=False)", frame)


def test_ties_that_leave_no_knots_are_told(frame: pd.DataFrame) -> None:
    said = refused("y ~ ns(i, df=6)", frame)
    assert "tied values" in said and "smaller df" in said
    assert "tied" not in refused("y ~ ns(x, knots=[99])", frame)


@pytest.mark.parametrize(
    "call", ["poly(x, z, degree=2)", "center(x, z)", "scale(x, z)", "bs(x, z)"]
)
def test_a_second_variable_of_a_transform_of_one_is_refused(call: str, frame: pd.DataFrame) -> None:
    with pytest.raises(FormulaError, match="takes one variable") as caught:
        mn.mnlogit(f"y ~ {call}", frame)
    assert caught.value.code == "transform-of-one"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("Sum", "contr.sum"), ("Treatment", "contr.treatment"), ("Helmert", "contr.helmert"),
     ("Poly", "contr.poly")],
)  # fmt: skip
def test_contrasts_of_r_are_understood(ours: str, theirs: str, frame: pd.DataFrame) -> None:
    model = mn.mnlogit(f"y ~ C(g, {theirs}) + x", frame)
    same = mn.mnlogit(f"y ~ C(g, {ours}) + x", frame)
    assert model.spec.columns == same.spec.columns
    frame[theirs] = frame["z"]
    with pytest.raises(FormulaError):
        mn.mnlogit(f"y ~ C(g, {theirs})", frame)  # a column of that name is the column


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        ("y ~ C(g, contr.foo)", "no contrast named 'contr.foo'; there are Treatment"),
        ("y ~ as.numeric(g)", "no function named 'as.numeric'; convert the column"),
        ("y ~ factor(g, labels=c('a', 'b', 'c'))", "does not rename levels"),
        ("y ~ is.na(x)", "write pd.isna(x)"),
        ("y ~ pmax(x, 0)", "write np.maximum(a, b)"),
        ("y ~ ln(x)", "write log(x)"),
        ("y ~ x + sqr(z)", "did you mean sqrt?"),
        ("y ~ centre(x)", "did you mean center?"),
    ],
)
def test_words_of_r_that_are_not_understood_have_a_hint(
    formula: str, says: str, frame: pd.DataFrame
) -> None:
    assert says in refused(formula, frame)


@pytest.mark.parametrize(
    "term",
    ["nchar(g)", "rank(x)", "foo(x)", "C(g, Foo)", "paste(g)", "nlevels(g)", "strata(g)", "lag(x)",
     "rcs(x, 3)", "tolower(g)"],
)  # fmt: skip
def test_names_that_are_like_nothing_known_are_taken_for_nothing(
    term: str, frame: pd.DataFrame
) -> None:
    assert "did you mean" not in refused(f"y ~ {term}", frame)
