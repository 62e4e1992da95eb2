"""Columns, names and order are those of patsy's own matrix."""

from __future__ import annotations

import numpy as np
import pandas as pd
import patsy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnlstat.design.prepare import prepare

RIGHT_SIDES = """
1
x
x + z
x - 1
0 + x
g
0 + g
g - 1
g + h
g*h
g:h
g:h - 1
0 + g:h
x*g
x:g
0 + x:g
x:z
x:z:g
g:h:x
x/g
g/x
(x + z + g)**2
(g + h + x)**3
(x + g):h
flag
flag:x
flag*g
cat
cat*x
C(i)
0 + C(i)
C(i)*x
C(i):C(g) - 1
C(i) + i
C(C(g), Sum)
C(g, Sum)
C(g, Sum):x
0 + C(g, Sum)
C(g, Helmert)
C(g, Poly)
C(i, Poly):x
C(g, Diff)
C(g, Diff)*h
C(g, Treatment)
C(g, Treatment('v'))
C(g, Treatment(reference='w'))*x
C(i, Treatment(3))
C(g, Treatment(0))
C(g, levels=['w', 'v', 'u'])
C(g, Sum, levels=['w', 'v', 'u'])
C(g, Sum(omit='u'))
C(g, contrast=np.array([[0, 1], [1, 0], [2, 3]]))
C(i, Poly(scores=[1, 2, 4, 8]))
I(x**2)
I(x + z)
I(x > 0)
np.log(z)
np.log(z):g
np.where(x > 0, 1, 2)
np.column_stack([x, z]):g
Q('two words')
Q("two words"):g
center(x)
center(np.log(z))
center(x):standardize(z)
standardize(x)
scale(x, ddof=1)
standardize(x, rescale=False)
standardize(bs(x, df=4))
bs(x, df=4)
bs(x, df=5, degree=2, include_intercept=True) - 1
bs(x, knots=[-0.5, 0.5])
bs(x, df=4):g
bs(x, df=4):bs(z, df=4)
cr(x, df=4)
cr(x, df=4, constraints='center')
cc(x, df=4)
te(cr(x, df=3), cc(z, df=3))
te(cr(x, df=3), cr(z, df=3), constraints='center')
pd.cut(x, [-9, -0.5, 0.5, 9])
pd.cut(x, [-9, 0, 9], labels=['low', 'high']):z
i + I(i**2)
x.clip(lower=0)
x + x
g:h + g + h
x:g + x:h
g:x + h:z + g:h
""".strip().splitlines()


def assert_like_patsy(right: str, frame: pd.DataFrame) -> None:
    made = prepare(f"y ~ {right}", frame, scope={"np": np, "pd": pd})
    wanted = patsy.dmatrix(right, frame)
    info = wanted.design_info
    assert list(made.spec.columns) == info.column_names
    assert [term.name for term in made.spec.terms] == info.term_names
    slices = [slice(term.start, term.stop) for term in made.spec.terms]
    assert slices == list(info.term_name_slices.values())
    np.testing.assert_allclose(made.X, np.asarray(wanted), rtol=1e-12, atol=1e-13)
    assert made.X.flags.f_contiguous and made.X.dtype == np.float64


@pytest.mark.parametrize("right", RIGHT_SIDES)
def test_columns_are_those_of_patsy(right: str, frame: pd.DataFrame) -> None:
    assert_like_patsy(right, frame)


ATOMS = ["x", "z", "g", "h", "C(i)", "flag", "cat", "C(g, Sum)", "center(x)", "bs(z, df=3)", "i"]
TERMS = st.lists(st.sampled_from(ATOMS), min_size=1, max_size=3, unique=True).map(":".join)


@given(terms=st.lists(TERMS, min_size=1, max_size=4), constant=st.sampled_from(["", "0 + "]))
@settings(max_examples=60, deadline=None)
def test_sums_of_interactions_are_those_of_patsy(terms, constant, frame) -> None:
    assert_like_patsy(constant + " + ".join(terms), frame)


def test_terms_and_factors_describe_the_columns(frame) -> None:
    spec = prepare("y ~ C(g) * x + C(i, Sum) + flag", frame, scope={}).spec
    assert [term.factors for term in spec.terms if "C(g)" in term.factors] == [
        ("C(g)",),
        ("C(g)", "x"),
    ]
    facts = {factor.name: (factor.levels, factor.reference) for factor in spec.factors}
    assert facts == {
        "C(g)": (("u", "v", "w"), "u"),
        "C(i, Sum)": ((1, 2, 3, 4), None),
        "flag": ((False, True), False),
    }
    assert spec.variables == ("g", "x", "i", "flag")
    full = prepare("y ~ 0 + g", frame, scope={}).spec
    assert full.factors[0].reference is None
    chosen = prepare("y ~ C(g, Treatment('v'))", frame, scope={}).spec
    assert chosen.factors[0].reference == "v"


def test_one_level_factor_has_a_column_to_name(frame) -> None:
    made = prepare("y ~ g * x", frame.assign(g="only"), scope={})
    assert made.spec.columns == ("Intercept", "g[only]", "x", "g[only]:x")
    np.testing.assert_array_equal(made.X[:, 1], 1.0)


def test_column_called_intercept_is_not_the_constant(frame) -> None:
    made = prepare("y ~ Intercept + Intercept:x", frame.assign(Intercept=frame["z"]), scope={})
    names = ("Intercept", "Q('Intercept')", "Q('Intercept'):x")
    assert made.spec.columns == names
    assert tuple(term.name for term in made.spec.terms) == names
    np.testing.assert_array_equal(made.X[:, 1], frame["z"])


def test_integers_are_computed_in_float64_but_keep_their_names(frame) -> None:
    small = frame.assign(i=(frame["i"] * 30).astype("int8"))
    made = prepare("y ~ C(i) + I(i**20) + I(i * i)", small, scope={})
    assert made.spec.columns[:4] == ("Intercept", "C(i)[T.60]", "C(i)[T.90]", "C(i)[T.120]")
    np.testing.assert_array_equal(made.X[:, 4], small["i"].astype(float) ** 20)
    np.testing.assert_array_equal(made.X[:, 5], small["i"].astype(float) ** 2)


def test_whole_floats_name_their_levels_as_integers(frame) -> None:
    holed = frame.assign(i=frame["i"].where(frame["x"] < 1.5))
    made = prepare("y ~ C(i)", holed, scope={})
    assert made.spec.columns == ("Intercept", "C(i)[T.2]", "C(i)[T.3]", "C(i)[T.4]")


def test_unused_category_is_left_out_with_a_note(frame) -> None:
    wider = frame.assign(cat=frame["cat"].cat.set_categories(["none", "w", "u", "v"]))
    made = prepare("y ~ cat", wider, scope={})
    assert made.spec.columns == ("Intercept", "cat[T.u]", "cat[T.v]")
    assert made.notes == ("cat: level 'none' occurs in no row used and is left out",)


def test_function_shadowed_by_a_column_is_still_the_function(frame) -> None:
    made = prepare("y ~ C(i) + I(x)", frame.assign(C=1.0, I=2.0), scope={"C": 3})
    assert made.spec.columns[1] == "C(i)[T.2]"
