"""New data go through the learned design; the output has their rows and index."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pyarrow
import pytest

from mnlstat.design.prepare import prepare
from mnlstat.errors import DataError, FormulaError, MissingDataWarning, MnlstatWarning

SCOPE = {"np": np, "pd": pd}
FORMULA = "y ~ x + C(i) + g*z + cat + flag + np.log(z) + center(x) + bs(x, df=3) + I(h == 'p')"
ROW = {"x": 0.1, "i": 2, "g": "v", "cat": "w", "flag": True, "z": 1.5, "h": "p"}


@pytest.fixture(scope="module")
def spec(frame):
    return prepare(FORMULA, frame, scope=SCOPE).spec


def test_data_of_the_fit_give_the_design_of_the_fit(spec, frame) -> None:
    made = spec.design(frame)
    np.testing.assert_array_equal(made.X, prepare(FORMULA, frame, scope=SCOPE).X)
    assert made.complete.all() and made.X.flags.f_contiguous
    assert made.index is frame.index


def test_blocks_of_rows_give_blocks_of_the_design(spec, frame) -> None:
    whole = spec.design(frame).X
    for rows in (slice(0, 1), slice(10, 50), slice(119, 120)):
        np.testing.assert_allclose(spec.design(frame[rows]).X, whole[rows], rtol=1e-13)


def tables() -> dict:
    lists = {name: [value] for name, value in ROW.items()}
    frame = pd.DataFrame(lists)
    return {
        "scalars": ROW,
        "lists": lists,
        "arrays": {name: np.array(values) for name, values in lists.items()},
        "rows": [ROW],
        "records": frame.to_records(),
        "arrow": pyarrow.table(lists),
        "arrow dtypes": pd.DataFrame(lists).convert_dtypes(dtype_backend="pyarrow"),
        "nullable": pd.DataFrame(lists).convert_dtypes(),
        "extra and other order": frame[frame.columns[::-1]].assign(more=1, y="unknown"),
        "categories": frame.assign(g=pd.Categorical(["v"], ["v"])),
        "text for categories": frame.assign(cat="w"),
        "other categories": frame.assign(cat=pd.Categorical(["w"], ["q", "v", "w"])),
        "whole floats": frame.assign(i=2.0),
        "category of numbers": frame.assign(i=pd.Categorical([2]), x=pd.Categorical([0.1])),
        "0 and 1 for bool": frame.assign(flag=1),
        "objects": frame.astype(object),
    }


@pytest.mark.parametrize("kind", tables())
def test_the_same_row_in_any_table(kind, spec) -> None:
    made = spec.design(tables()[kind])
    np.testing.assert_array_equal(made.X, spec.design(pd.DataFrame([ROW])).X)
    assert made.complete.tolist() == [True]


@pytest.mark.parametrize("lazy", [False, True])
def test_the_same_row_in_polars(lazy, spec) -> None:
    polars = pytest.importorskip("polars")
    table = (polars.LazyFrame if lazy else polars.DataFrame)([ROW])
    np.testing.assert_array_equal(spec.design(table).X, spec.design(ROW).X)


@pytest.mark.parametrize("column", ROW)
@pytest.mark.parametrize("hole", [None, np.nan, pd.NA], ids=["None", "nan", "NA"])
def test_a_missing_value_empties_its_row_only(column, hole, spec) -> None:
    rows = pd.DataFrame([ROW] * 3, index=[5, 5, 9]).astype(object)
    rows[column] = pd.Series([rows[column].iloc[0], hole, rows[column].iloc[0]], index=rows.index)
    made = spec.design(rows)
    assert made.complete.tolist() == [True, False, True]
    assert np.isnan(made.X[1]).all() and np.isfinite(made.X[[0, 2]]).all()
    assert made.index.equals(rows.index)
    alone = spec.design(rows.iloc[1:2])
    assert not alone.complete.any() and np.isnan(alone.X).all()


BAD = {
    "unseen level": ({"g": "new"}, r"column 'g' has the level 'new'.*\(1 row, first row 0\)"),
    "known levels": ({"g": "new"}, "Known levels: 'u', 'v', 'w'"),
    "unseen category": ({"cat": "new"}, "column 'cat' has the level 'new'"),
    "unseen number": ({"i": 9}, "column 'i' has the level 9"),
    "text for number": ({"x": "a"}, "column 'x' must hold numbers.*holds text"),
    "text for levels of numbers": ({"i": "1"}, "column 'i' must hold numbers"),
    "number for text": ({"g": 1}, "column 'g' must hold text.*holds numbers"),
    "number for bool": ({"flag": 2}, "column 'flag' must hold True and False"),
    "text for bool": ({"flag": "yes"}, "column 'flag' must hold True and False"),
    "date": ({"x": pd.Timestamp("2020")}, "datetime64"),
    "infinite": ({"x": -np.inf}, r"column 'x' has infinite values \(1 row, first row 0\)"),
    "infinite term": ({"z": 0.0}, r"np.log\(z\) is infinite"),
    "outside of knots": ({"x": 99.0}, r"bs\(x, df=3\): values lie outside"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_new_data_are_refused(kind, spec) -> None:
    change, said = BAD[kind]
    with pytest.raises(DataError, match="(?s)" + said) as caught:
        spec.design({**ROW, **change})
    assert len(str(caught.value).split("\n")) <= 3


@pytest.mark.parametrize(("column", "known"), [("g", "u"), ("cat", "u"), ("i", 1)])
def test_the_rows_of_an_unseen_level_are_counted_by_themselves(column, known, spec) -> None:
    values = [known, 8, 9, 8] if column == "i" else [known, "new", "other", "new"]
    rows = pd.DataFrame([ROW] * 4).assign(**{column: values})
    with pytest.raises(DataError, match=rf"'{column}'.*\(2 rows, first row 1\)"):
        spec.design(rows)


def test_a_missing_column_is_named(spec) -> None:
    without = {name: value for name, value in ROW.items() if name != "g"}
    with pytest.raises(DataError, match="no column 'g'"):
        spec.design(without)
    with pytest.raises(DataError, match="no column 'cat' \\(did you mean 'Cat'\\?\\)"):
        spec.design({**{k: v for k, v in ROW.items() if k != "cat"}, "Cat": "w"})


def test_empty_frame(spec, frame) -> None:
    made = spec.design(frame.iloc[:0])
    assert made.X.shape == (0, len(spec.columns)) and made.complete.shape == (0,)
    with pytest.raises(DataError, match="no column 'x'"):
        spec.design(pd.DataFrame())


@pytest.mark.parametrize("data", [None, 3, "text", np.ones((2, 2)), [1, 2], pd.Series([1.0])])
def test_what_is_no_table_is_refused(data, spec) -> None:
    with pytest.raises(DataError, match="Give a pandas DataFrame"):
        spec.design(data)


def test_missing_made_by_a_term_in_new_data(spec) -> None:
    rows = pd.DataFrame([ROW, {**ROW, "z": -1.0}], index=["a", "b"])
    with pytest.warns(MissingDataWarning, match=r"np.log\(z\) makes missing values.* 1 row\."):
        made = spec.design(rows)
    assert made.complete.tolist() == [True, False]
    assert np.isnan(made.X[1]).all() and np.isfinite(made.X[0]).all()


@pytest.mark.parametrize("index", ["duplicates", "multi", "dates"])
def test_any_index_is_kept(index, spec, frame) -> None:
    data = frame.copy()
    data.index = {
        "duplicates": pd.Index([0] * 120),
        "multi": pd.MultiIndex.from_arrays([range(120), ["a"] * 120]),
        "dates": pd.date_range("2020", periods=120),
    }[index]
    data.iloc[3, data.columns.get_loc("x")] = np.nan
    made = spec.design(data)
    assert made.index.equals(data.index) and made.complete.sum() == 119
    fitted = prepare(FORMULA, data, scope=SCOPE)
    assert fitted.source.index.equals(data.index[made.complete])


def test_terms_that_mix_rows_are_noted_and_warned_about(frame) -> None:
    mixing = "I(x - x.mean())"
    made = prepare(f"y ~ {mixing} + np.exp(x) + C(i % 2)", frame, scope=SCOPE)
    assert len(made.notes) == 1 and made.notes[0].startswith(f"{mixing}: a row's value depends")
    with pytest.warns(MnlstatWarning, match="depends on the other rows"):
        made.spec.design(frame.iloc[:3])
    for term in ("x / x.max()", "pd.cut(x, 3)", "x.rank()", "x.shift(1).fillna(0)"):
        assert prepare(f"y ~ I({term})", frame, scope=SCOPE).notes


@pytest.mark.parametrize(
    "term",
    [
        "g.astype('category').cat.codes",
        "i - i.min()",
        "i > i.median()",
        "i / i.max()",
        "pd.cut(i, 2, labels=False)",
        "pd.factorize(g, sort=True)[0]",
        "i.rank(method='dense')",
    ],
)
@pytest.mark.parametrize("order", ["shuffled", "sorted", "periodic"])
def test_terms_that_mix_rows_of_few_values_are_noted(term, order) -> None:
    n = 3000
    i = {"shuffled": np.random.default_rng(2).integers(0, 4, n), "sorted": np.arange(n) * 4 // n}
    i = i.get(order, np.arange(n) % 4)
    data = pd.DataFrame(
        {"y": np.where(np.arange(n) % 3, "a", "b"), "i": i, "g": list("pqrs") * 750}
    )
    assert "depends on the other rows" in prepare(f"y ~ I({term})", data, scope=SCOPE).notes[0]


def test_rowwise_terms_are_not_suspected(frame) -> None:
    terms = ["te(cr(x, df=3), cc(z, df=3))", "standardize(x)", "np.where(x > 0, g, h)", "g.str[0]"]
    terms += [
        "I(i % 3)",
        "i.astype(str)",
        "C(i // 2)",
        "g.astype('category')",
        "pd.cut(i, [0, 2, 5])",
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = prepare("y ~ " + " + ".join(terms), frame, scope=SCOPE)
        made.spec.design(frame.iloc[:5])
    assert made.notes == ()


def test_a_function_that_changes_its_mind_is_an_error(frame) -> None:
    width = [2]
    spec = prepare(
        "y ~ wide(x)", frame, scope={"wide": lambda v: np.ones((len(v), width[0])) * v.mean()}
    ).spec
    width[0] = 3
    with pytest.raises(DataError, match="gives 3 columns"):
        spec.design(frame)
    spec = prepare("y ~ f(x)", frame, scope={"f": lambda v: v if width[0] == 3 else v / 0}).spec
    width[0] = 4
    with pytest.raises(DataError, match="infinite"):
        spec.design(frame)


def test_new_data_errors_underline_the_formula(frame) -> None:
    spec = prepare("y ~ g.str.len() + np.exp(x)", frame, scope=SCOPE).spec
    del frame
    broken = prepare(
        "y ~ f(x)",
        pd.DataFrame({"x": [1.0, 2, 3], "y": ["a", "b", "a"]}),
        scope={"f": lambda v: v if v.iloc[0] < 9 else 1 / 0},
    ).spec
    with pytest.raises(FormulaError, match=r"(?s)ZeroDivisionError.*\^\^\^\^"):
        broken.design({"x": 10.0})
    assert spec.design({"g": "u", "x": 0.0}).X.tolist() == [[1.0, 1.0, 1.0]]
