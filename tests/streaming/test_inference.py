"""Every verb of a fit to data in pieces gives what it gives in memory, or refuses."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.design import pieces
from mnlstat.errors import DataError, MnlstatError, OptionError
from mnlstat.rows import streamed
from mnlstat.rows.streamed import Streamed
from tests.streaming.data import as_parquet, frame

DESIGN = {"strata": "region", "psu": "village"}
COVARIANCES: dict[str, dict[str, Any]] = {
    **{kind: {} for kind in ("observed", "opg", "robust", "HC0", "HC1", "HC2", "HC3", "HAC")},
    "jackknife": {},
    "cluster": {"groups": "firm"},
    "cluster, two ways": {"groups": ["firm", "year"]},
    "CR2": {"groups": "firm"},
    "CR3": {"groups": "firm"},
    "jackknife, clusters": {"groups": "firm"},
    "survey": DESIGN,
    "survey, fpc": {**DESIGN, "fpc": "drawn"},
    "survey, vadjust": {**DESIGN, "vadjust": True},
    "survey, one stratum": {"psu": "firm"},
    "survey, rows": {},
    "survey, rows in strata": {"strata": "region", "fpc": "population"},
    "survey, named once": {"strata": "region", "psu": "place", "nest": False},
    **{
        f"survey, {psu or 'rows'} lonely {lonely}": {
            "strata": "lonely", "psu": psu, "lonely": lonely, "fpc": "drawn few",
        }
        for lonely in ("remove", "adjust", "average")
        for psu in ("lone", None)
    },
}  # fmt: skip
PLAIN, WEIGHTED = "plain", "weighted"
HELD = [
    *((PLAIN, name) for name in ("observed", "cluster", "CR2", "survey")),
    *((WEIGHTED, name) for name in ("robust", "survey, rows in strata")),
]
VERBS: dict[str, Callable[[Any], Any]] = {
    "summary": lambda r: r.tidy(),
    "conf_int": lambda r: r.conf_int(),
    "nlcom": lambda r: r.nlcom("exp(bus:x) / walk:z"),
    "test_nonlinear": lambda r: r.test_nonlinear("bus:x * walk:z = 1"),
    "lincom": lambda r: r.lincom("bus:x - walk:x"),
    "contrasts": lambda r: r.contrasts(),
    "pairwise": lambda r: r.pairwise("g"),
    **{
        f"test {kind}, {name}": lambda r, kind=kind, given=given: r.test(**given, kind=kind)
        for kind in ("wald", "lr", "score", "all")
        for name, given in {
            "words": {"hypothesis": "bus:x = walk:x, bus:z = 0.1"},
            "term": {"term": "g"},
            "outcome": {"outcome": "walk"},
        }.items()
    },
    **{
        f"test_combine {kind}": lambda r, kind=kind: r.test_combine(kind=kind)
        for kind in ("wald", "lr", "score", "all")
    },
    **{
        f"anova {sort} {kind}": lambda r, sort=sort, kind=kind: r.anova(sort, kind=kind)
        for sort in (1, 2, 3)
        for kind in ("wald", "lr", "score")
    },
    **{
        f"conf_int {method}": lambda r, method=method: r.conf_int(method=method, which="bus:x")
        for method in ("profile", "score")
    },
    "drop1": mn.drop1,
    "add1": lambda r: mn.add1(r, "old"),
    "rebase": lambda r: r.rebase("walk").tidy(),
    "update": lambda r: r.update(". ~ . - z").tidy(),
}
OTHER: dict[str, Callable[[Any], Any]] = {
    "anova of models": lambda r: mn.anova(r.update(". ~ . - x"), r),
    "information_criteria": lambda r: mn.information_criteria(r.update(". ~ . - x"), r),
    "step": lambda r: mn.step(r).result.tidy(),
    "separation": lambda r: bool(r.separation()),
}
REFUSED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "HAC by time": (lambda r: r.with_cov("HAC", time="x"), "Sort the data by time"),
    "replicates": (
        lambda r: r.with_cov("survey", replicates=["z", "weight"], method="BRR"),
        "replicate weights take a fit for each of them",
    ),
    "bootstrap": (lambda r: r.bootstrap(), r"bootstrap\(\) draws rows in memory"),
    "cross_validate": (mn.cross_validate, r"cross_validate\(\) needs all rows in memory"),
    "suest": (lambda r: mn.suest([r, r]), r"suest\(\) needs all rows in memory"),
    "vuong": (
        lambda r: mn.vuong(r, r.update(". ~ . - x + old")),
        r"vuong\(\) needs all rows in memory",
    ),
    "another span": (
        lambda r: mn.anova(r.update(". ~ g + I(2 * z)"), r),
        "whether .* is nested cannot be told",
    ),
    "fittedvalues": (lambda r: r.fittedvalues, "fittedvalues needs all rows in memory"),
    "compare": (lambda r: r.compare(), r"compare\(\) needs all rows in memory"),
}


def data() -> pd.DataFrame:
    """Rows with clusters, strata and weights; some are missing, and the last are not used."""
    rng = np.random.default_rng(7)
    found = frame(5000)
    n = len(found)
    found["region"] = np.array(["north", "south", "east"])[rng.integers(0, 3, n)]
    found["village"] = rng.integers(0, 15, n)
    found["place"] = found["region"] + found["village"].astype(str)
    found["drawn"] = found["region"].map({"north": 0.1, "south": 0.2, "east": 0.05})
    found["population"] = found["region"].map({"north": 9000, "south": 8000, "east": 7000})
    found["firm"] = rng.integers(0, 40, n)
    found["lonely"] = found["region"].where(found.index != 30, "island")
    found["lone"] = found["village"].where(found.index != 30, 99)
    found["drawn few"] = found["lonely"].map(
        {"north": 0.1, "south": 0.2, "east": 0.05, "island": 0.3}
    )
    found["weight"] = rng.uniform(0.5, 2.0, n)
    found.loc[n - 50 :, "y"] = None
    return found


@pytest.fixture(scope="module")
def small() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "CHUNK_ROWS", 1000)
        patch.setattr(streamed, "KEPT_ELEMENTS", 2**13)
        patch.setattr(streamed, "KEPT_PER_PARAMETER", 0)
        yield


@pytest.fixture(scope="module")
def pairs(small: None, tmp_path_factory: Any) -> dict[str, tuple[Any, Any]]:
    """The same fits to a frame and to a file."""
    given = data()
    path = as_parquet(given, tmp_path_factory.mktemp("rows"))
    found = {}
    for name, options in ((PLAIN, {}), (WEIGHTED, {"sampling_weights": "weight"})):
        fits = [
            mn.mnlogit("y ~ x + z + g", each, base="car", **options).fit() for each in (given, path)
        ]
        assert isinstance(fits[1].likelihood.rows, Streamed)
        found[name] = fits[0], fits[1]
    return found


def under(res: Any, name: str) -> Any:
    """The fit under a covariance of the table."""
    return res.with_cov(name.split(",")[0].split()[0], **COVARIANCES[name])


def numbers(found: Any) -> Any:
    """What a verb gives, as numbers."""
    if isinstance(found, bool):
        return np.array([found], dtype=float)
    if hasattr(found, "to_frame"):
        found = found.to_frame()
    if not isinstance(found, pd.DataFrame):
        found = pd.DataFrame({"a": [found.statistic, found.df, found.pvalue]})
    return found.select_dtypes("number").to_numpy(dtype=float, na_value=np.nan)


def answer(act: Callable[[], Any]) -> Any:
    """Numbers, or our own error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mn.errors.MnlstatWarning)
        try:
            return numbers(act())
        except MnlstatError as error:
            return error


def agree(memory: Any, streamed: Any) -> None:
    """Whether both give the same numbers, or the same reason."""
    if isinstance(memory, MnlstatError):
        assert type(streamed) is type(memory), streamed
        assert streamed.code == memory.code and streamed.message == memory.message
        return
    assert not isinstance(streamed, MnlstatError), streamed
    np.testing.assert_allclose(streamed, memory, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", COVARIANCES)
@pytest.mark.parametrize("weights", [PLAIN, WEIGHTED])
def test_every_covariance(pairs: Any, weights: str, name: str) -> None:
    pair = pairs[weights]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mn.errors.ClusterWarning)
        if pair[0].pseudo and name in ("observed", "opg"):
            for res in pair:
                with pytest.raises(OptionError, match="pseudo-likelihood"):
                    under(res, name)
            return
        memory, found = (under(res, name) for res in pair)
    assert found.cov_type == memory.cov_type and found.cov_notes == memory.cov_notes
    np.testing.assert_allclose(found.bse, memory.bse, rtol=1e-12)
    scale = np.outer(memory.bse, memory.bse)
    gap = (found.cov_params().to_numpy() - memory.cov_params().to_numpy()) / scale
    assert np.abs(gap).max() < 1e-12
    if memory.df_t is not None:
        np.testing.assert_allclose(found.df_t, memory.df_t, rtol=1e-11)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(("weights", "name"), HELD)
def test_every_verb(pairs: Any, weights: str, name: str, verb: str) -> None:
    act = VERBS[verb]
    memory, found = (answer(lambda res=res: act(under(res, name))) for res in pairs[weights])
    assert name != "observed" or not isinstance(memory, MnlstatError), memory
    agree(memory, found)


@pytest.mark.parametrize("verb", OTHER)
@pytest.mark.parametrize("weights", [PLAIN, WEIGHTED])
def test_every_comparison(pairs: Any, weights: str, verb: str) -> None:
    agree(*(answer(lambda res=res: OTHER[verb](res)) for res in pairs[weights]))


@pytest.mark.parametrize("verb", REFUSED)
def test_what_is_refused_says_why(pairs: Any, verb: str) -> None:
    act, said = REFUSED[verb]
    with pytest.raises(DataError, match=said):
        act(pairs[PLAIN][1])
