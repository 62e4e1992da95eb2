"""update() keeps the options of a model, and says so where they do not fit the new formula."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import FormulaError, MnlstatError, OffsetError, OptionError

N = 120


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    made = pd.DataFrame({"y": rng.choice(list("abc"), N), "v": rng.choice(list("pqr"), N)})
    return made.assign(**{name: rng.normal(size=N) for name in ("x", "z", "o", "a b", "d.t")})


@pytest.mark.parametrize(
    ("options", "penalty", "formula", "kind", "option"),
    [
        ({"constraints": "b:x = c:x"}, None, ". ~ . - x", OptionError, "constraints="),
        ({"constraints": "b:x = 0"}, None, "v ~ .", OptionError, "constraints="),
        ({"parallel": "x"}, None, ". ~ . - x", OptionError, "parallel="),
        ({"offset": {"b": "o"}}, None, "v ~ .", OffsetError, "offset="),
        ({"offset": np.zeros((N, 3))}, None, "I(x > 0) ~ z", OffsetError, "offset="),
        ({}, mn.Ridge(1, terms="x"), ". ~ . - x", OptionError, "penalty="),
    ],
)
def test_what_is_kept_and_does_not_fit_is_told(
    options: dict[str, Any],
    penalty: Any,
    formula: str,
    kind: type[MnlstatError],
    option: str,
    frame: pd.DataFrame,
) -> None:
    res = mn.mnlogit("y ~ x + z", frame, **options).fit(penalty=penalty)
    with pytest.raises(kind, match="update\\(\\) keeps") as caught:
        res.update(formula)
    last = caught.value.message.splitlines()[-1]
    assert option in last and "write mnlogit(formula, data, ...)" in last
    assert len(caught.value.message.splitlines()) <= 3
    with pytest.raises(FormulaError) as other:
        res.update(". ~ . + nowhere")
    assert "keeps" not in other.value.message


@pytest.mark.parametrize(
    ("words", "same"),
    [
        ("b:`a b` = 0", "b:Q('a b') = 0"),
        ("b:d.t = c:`d.t`", "b:Q('d.t') = c:Q('d.t')"),
        ("`b`:`x` = 0", "b:x = 0"),
        ("b:`a b`:x = 0", "b:Q('a b'):x = 0"),
        ("b:log(`d.t` ** 2) = 1", "b:log(Q('d.t') ** 2) = 1"),
    ],
)
def test_backticks_in_hypotheses(words: str, same: str, frame: pd.DataFrame) -> None:
    formula = "y ~ `a b` * x + d.t + log(d.t^2)"
    res = mn.mnlogit(formula, frame).fit()
    assert res.test(words).statistic == res.test(same).statistic
    one = mn.mnlogit(formula, frame, constraints=words).fit()
    assert one.llf == mn.mnlogit(formula, frame, constraints=same).fit().llf < res.llf


@pytest.mark.parametrize("name", ["`a b`", "d.t", "`d.t`", "`x`", "x:`a b`"])
def test_backticks_in_names_of_terms(name: str, frame: pd.DataFrame) -> None:
    formula = "y ~ x * `a b` + d.t" if name != "x:`a b`" else "y ~ `a b` + x:`a b`"
    model = mn.mnlogit(formula, frame)
    column = {"`a b`": "Q('a b')", "`x`": "x"}.get(name, "Q('d.t')")
    column = "x:Q('a b')" if ":" in name else column
    column = column if column in model.spec.columns else "Q('a b'):x"
    parallel = mn.mnlogit(formula, frame, parallel=name).fit().params
    assert parallel["b", column] == pytest.approx(parallel["c", column], rel=1e-9)
    shrunk = model.fit(penalty=mn.Ridge(1e6, terms=name)).params
    assert abs(shrunk["b", column]) < 1e-3 < abs(model.fit().params["b", column])


def test_restrictions_that_contradict_each_other(frame: pd.DataFrame) -> None:
    res = mn.mnlogit("y ~ x + z", frame).fit()
    for words in ("b:x = 0, b:x = 1", "b:x = 1, c:x = 1, b:x + c:x = 3"):
        with pytest.raises(mn.errors.RankError, match="contradict each other"):
            res.test(words)
        with pytest.raises(mn.errors.RankError, match="contradict each other"):
            res.test(words, kind="lr")
    for words in ("b:x = 1, b:x = 1", "b:x = 1, c:x = 1, b:x + c:x = 2"):
        with pytest.raises(mn.errors.RankError, match="follow from the others"):
            res.test(words)
    assert res.test("b:x = 0, c:x = 1").df == 2


@pytest.mark.parametrize("penalty", ["firth", "ridge", 3])
def test_both_penalties_are_named(penalty: Any, frame: pd.DataFrame) -> None:
    with pytest.raises(OptionError, match=r"'jeffreys'.* nor a Ridge\(lambda_\)"):
        mn.mnlogit("y ~ x", frame).fit(penalty=penalty)


@pytest.mark.parametrize("name", ["inf", "nan", "Infinity"])
def test_columns_with_the_names_of_numbers(name: str, frame: pd.DataFrame) -> None:
    frame[name] = frame["z"]
    right = mn.mnlogit("y ~ z + x", frame).fit()
    res = mn.mnlogit(f"y ~ `{name}` + x", frame, subset=f"`{name}` > -9").fit()
    np.testing.assert_array_equal(res.params, right.params)
    assert res.test(f"b:`{name}` = 0").statistic == right.test("b:z = 0").statistic


def test_a_subset_that_depends_on_rows_does_not_go_with_rows_that_repeat(
    frame: pd.DataFrame,
) -> None:
    frame["w"] = np.arange(N) % 3 + 1
    with pytest.raises(mn.errors.WeightsError, match="depends on all rows") as caught:
        mn.mnlogit("y ~ x", frame, freq_weights="w", subset="x > x.mean()")
    assert caught.value.code == "weights-and-transform" and "subset=" in caught.value.message
    assert mn.mnlogit("y ~ x", frame, freq_weights="w", subset="x > 0")
    assert mn.mnlogit("y ~ x", frame, sampling_weights="w", subset="x > x.mean()")
    assert mn.mnlogit("y ~ x", frame, freq_weights=np.ones(N), subset="x > x.mean()")
