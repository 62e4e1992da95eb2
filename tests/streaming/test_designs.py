"""Surveys and clusters of data in pieces: subpopulations, forms of rows, passes, refusals."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mnlstat as mn
from mnlstat.errors import DataError, FormulaError, OptionError, RankError
from mnlstat.rows.streamed import Streamed
from mnlstat.rows.streamed_levels import StreamedLevels
from tests.streaming.data import as_callable, as_csv, as_parquet
from tests.streaming.test_inference import DESIGN, data
from tests.streaming.test_passes import Counted

pytestmark = pytest.mark.filterwarnings("ignore::mnlstat.errors.ClusterWarning")


def equal(found: Any, memory: Any) -> None:
    assert found.cov_type == memory.cov_type and found.cov_notes == memory.cov_notes
    np.testing.assert_allclose(found.bse, memory.bse, rtol=1e-12)


@pytest.mark.parametrize(
    ("subset", "subpop"),
    [
        (None, None),
        (None, True),
        (None, False),
        ("old", "old"),
        ("old", True),
        ("old", False),
        ("region != 'east'", "region != 'east'"),
        ("year < 2005 & region == 'north'", "year < 2005 & region == 'north'"),
    ],
)
@pytest.mark.parametrize("psu", ["village", None])
def test_subpopulations(subset: Any, subpop: Any, psu: Any, tmp_path: Path) -> None:
    given = data()
    fits = [
        mn.mnlogit("y ~ x + z", each, subset=subset, sampling_weights="weight").fit()
        for each in (given, as_parquet(given, tmp_path))
    ]
    design = {"strata": "region", "psu": psu, "fpc": "population", "subpop": subpop}
    memory, found = (res.with_cov("survey", **design) for res in fits)
    equal(found, memory)
    memory, found = (res.test(term="x", kind="score") for res in (memory, found))
    assert found.statistic == pytest.approx(memory.statistic, rel=1e-11)


@pytest.mark.parametrize("formula", ["y ~ g + old", "y ~ x + I(2 * x) + z", "y ~ x + many"])
@pytest.mark.parametrize("way", [as_parquet, as_csv, as_callable])
@pytest.mark.filterwarnings("ignore::mnlstat.errors.AliasedWarning")
def test_every_form_of_rows(formula: str, way: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    given = data().assign(many=lambda d: rng.integers(10, 95, len(d)).astype(str))
    given["many"] = "l" + given["many"] if way is as_csv else given["many"]
    memory, found = (mn.mnlogit(formula, each).fit() for each in (given, way(given, tmp_path)))
    for kind, options in (
        ("survey", DESIGN),
        ("survey", {"strata": "region"}),
        ("CR2", {"groups": "firm"}),
        ("CR3", {"groups": "firm"}),
        ("jackknife", {"groups": "firm"}),
    ):
        equal(found.with_cov(kind, **options), memory.with_cov(kind, **options))
    memory, found = (res.with_cov("survey", psu="firm") for res in (memory, found))
    term = "old" if "old" in formula else "x"
    for kind in ("wald", "score"):
        tests = [res.test(term=term, kind=kind).statistic for res in (memory, found)]
        assert tests[1] == pytest.approx(tests[0], rel=1e-10)


def test_terms_of_many_levels_are_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnlstat.rows.streamed.KEPT_ELEMENTS", 2**12)
    rng = np.random.default_rng(1)
    given = data().assign(many=lambda d: rng.integers(10, 95, len(d)).astype(str))
    fits = [mn.mnlogit("y ~ x + many", each).fit() for each in (given, as_parquet(given, tmp_path))]
    assert isinstance(fits[1].likelihood.rows, StreamedLevels)
    for kind in ("lr", "score"):
        memory, found = (res.anova(1, kind=kind) for res in fits)
        np.testing.assert_allclose(found, memory, rtol=1e-10)


def test_frequency_weights_of_clusters(tmp_path: Path) -> None:
    given = data().assign(times=lambda d: 1 + d.index % 3)
    memory, found = (
        mn.mnlogit("y ~ x + z", each, freq_weights="times").fit()
        for each in (given, as_parquet(given, tmp_path))
    )
    for kind in ("CR2", "CR3", "jackknife"):
        equal(found.with_cov(kind, groups="firm"), memory.with_cov(kind, groups="firm"))
    with pytest.raises(OptionError, match="frequency weights repeat rows"):
        found.with_cov("survey", **DESIGN)


@pytest.mark.parametrize(
    ("design", "error", "said"),
    [
        ({"strata": "regoin"}, DataError, "strata: the data have no column 'regoin'"),
        ({"psu": np.arange(5)}, DataError, "psu: values cannot be lined up"),
        ({"psu": ["village", "firm"]}, OptionError, "one column is wanted, of the first stage"),
        ({"strata": "holes"}, DataError, "strata: 'holes' is missing"),
        ({"strata": "region", "fpc": "g"}, DataError, "fpc: 'g' holds no numbers"),
        ({"strata": "region", "fpc": "z"}, DataError, "fpc: stratum '[a-z]*' has"),
        ({"fpc": "one"}, DataError, "every stratum was taken whole"),
        ({"strata": "lonely", "psu": "lone"}, DataError, "stratum 'island' of lonely has one PSU"),
        (
            {"strata": "region", "psu": "village", "nest": False},
            DataError,
            "is in the strata 'north' and 'south' of region|is in the strata",
        ),
        ({"strata": "region", "subpop": "old"}, OptionError, "used rows outside of it"),
        ({"strata": "region", "subpop": "holes > 1"}, DataError, "subpop: it is missing"),
        ({"strata": "region", "subpop": "old >"}, FormulaError, "subpop"),
        ({"strata": "region", "subpop": np.ones(5)}, DataError, "truth values cannot be lined up"),
        ({"strata": "village", "psu": "village"}, DataError, "one PSU only"),
        ({"psu": "one"}, DataError, "the sample has one PSU only"),
        (
            {"psu": "one", "lonely": "remove"},
            RankError,
            "1 PSUs in 1 strata leave no degrees of freedom",
        ),
    ],
)
def test_designs_that_cannot_be(design: Any, error: Any, said: str, tmp_path: Path) -> None:
    given = data().assign(one=1, holes=lambda d: d["x"].where(d.index != 2500))
    res = mn.mnlogit("y ~ z", as_parquet(given, tmp_path)).fit()
    with pytest.raises(error, match=said):
        res.with_cov("survey", **design)


def test_rows_left_out_on_purpose_are_asked_about(tmp_path: Path) -> None:
    res = mn.mnlogit("y ~ z", as_parquet(data(), tmp_path), subset="old").fit()
    with pytest.raises(OptionError, match="say whether they belong to the design"):
        res.with_cov("survey", **DESIGN)


def test_what_does_not_fit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnlstat.rows.streamed.KEPT_ELEMENTS", 2**10)
    res = mn.mnlogit("y ~ z", as_parquet(data(), tmp_path)).fit()
    assert isinstance(res.likelihood.rows, Streamed)
    monkeypatch.setattr("mnlstat.memory.SMALL", 1)
    monkeypatch.setattr("mnlstat.memory.free_bytes", lambda: 1000.0)
    for kind, options, said in (
        ("survey", DESIGN, "the scores of PSUs"),
        ("survey", {"strata": "firm"}, "the products of scores of strata"),
        ("cluster", {"groups": "firm"}, "the scores of clusters"),
        ("CR2", {"groups": "firm"}, "the leverages of clusters"),
    ):
        with pytest.raises(DataError, match=f"{said}.* needs .* of memory"):
            res.with_cov(kind, **options)


def test_labels_and_ways_that_leverages_cannot_have(tmp_path: Path) -> None:
    given = data().assign(flat=1, lists=[[1]] * 5000)
    given["name"] = given["firm"].astype(str)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        res = mn.mnlogit("y ~ z", as_callable(given, tmp_path)).fit()
    with pytest.raises(OptionError, match="'CR2' takes one way of clustering, not 2"):
        res.with_cov("CR2", groups=["firm", "name"])
    with pytest.raises(DataError, match="'lists' holds values that cannot be labels"):
        res.with_cov("CR3", groups="lists")
    with pytest.raises(DataError, match="has one group only"):
        res.with_cov("CR3", groups="flat")


def test_passes_of_covariances_and_tests() -> None:
    counted, complete = Counted(20), [0]

    def given() -> Any:
        for at, frame in enumerate(counted()):
            c = np.arange(len(frame)) % 9
            yield frame.assign(h=at % 4, c=c, d=10 * (at % 4) + c)
        complete[0] += 1

    res = mn.mnlogit("y ~ a + b + c", given).fit()
    before = complete[0]

    def passes() -> int:
        nonlocal before
        taken, before = complete[0] - before, complete[0]
        return taken

    survey = res.with_cov("survey", strata="h", psu="d")
    assert passes() == 1
    by_row = res.with_cov("survey", strata="h")
    assert passes() == 1
    small = res.with_cov("CR2", groups="d")
    assert passes() == 1
    for each in (res, survey, by_row, small):
        each.test(term="a")
        each.anova(2, kind="Wald")
        each.test_combine(kind="wald")
        each.contrasts()
        each.nlcom("exp(1:a)")
        each.conf_int()
    assert passes() == 0
    res.test(term="a", kind="lr")
    fit = passes()
    res.test(term="a", kind="score")
    plain = passes()
    assert plain == fit + 1
    survey.test(term="a", kind="score")
    assert passes() == plain + 1
    res.test(term="a", kind="all")
    assert passes() == plain
