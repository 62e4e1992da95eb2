"""The record of a fit as JSON: all its numbers come back, and the hash tells rows apart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import OptionError

TRIPS = mn.datasets.travel_mode()


def record(fit: mn.MNLogitResults) -> Any:
    text = fit.to_json()
    assert isinstance(text, str)
    return json.loads(text, parse_constant=pytest.fail)


def digest(fit: mn.MNLogitResults) -> str:
    found = record(fit)["data"]["hash"]["value"]
    assert isinstance(found, str)
    return found


@pytest.fixture(scope="module")
def res() -> mn.MNLogitResults:
    return mn.mnlogit("mode ~ hinc + psize", TRIPS, base="car").fit()


def test_every_number_comes_back(res: mn.MNLogitResults) -> None:
    found = record(res)
    table = pd.DataFrame(found["estimates"])
    np.testing.assert_array_equal(table["estimate"], res.params)
    np.testing.assert_array_equal(table["std_error"], res.bse)
    np.testing.assert_array_equal(table[["conf_low", "conf_high"]], res.conf_int())
    np.testing.assert_array_equal(found["covariance"]["matrix"], res.cov_params())
    assert found["covariance"]["order"] == [list(pair) for pair in res.index]
    assert found["statistics"]["log_likelihood"] == res.llf
    assert (found["formula"], found["base"], found["outcomes"]) == (
        res.formula, res.base, list(res.outcomes),
    )  # fmt: skip
    assert found["outcome_counts"][0] == {"outcome": "air", "count": 58}
    assert found["status_name"] == "CONVERGED"
    assert found["versions"]["numpy"] == np.__version__
    assert found["data"]["rows"] == found["data"]["used"] == 210
    assert len(found["trace"]) == res.iterations + 1


def test_levels_options_and_lost_rows_are_told() -> None:
    programs = mn.datasets.program_choice()
    fit = mn.mnlogit("prog ~ ses + write", programs, subset="math > 40").fit(
        cov_type="robust", use_t=True
    )
    found = record(fit)
    assert found["factors"][0]["levels"] == list(fit.factors[0].levels)
    assert found["factors"][0]["reference"] == fit.factors[0].reference
    assert found["data"]["subset"] == "math > 40"
    assert found["data"]["dropped"]["not_in_subset"] == fit.dropped.not_in_subset
    assert found["options"]["covariance"]["kind"] == "robust"
    assert found["options"]["covariance"]["use_t"] is True
    assert found["covariance"]["degrees_of_freedom"][0] == fit.df_t.iloc[0]


def test_values_of_rows_are_no_options() -> None:
    groups = np.arange(len(TRIPS)) // 3
    fit = mn.mnlogit("mode ~ hinc", TRIPS).fit(cov_type="cluster", groups=groups)
    assert record(fit)["options"]["covariance"]["groups"] == "<list of values>"


def test_what_is_no_finite_number_is_text_that_float_reads() -> None:
    with pytest.warns(mn.errors.SeparationWarning):
        fit = mn.mnlogit("y ~ x + z", mn.datasets.separated_toy()).fit()
    found = record(fit)
    read = [float(row["estimate"]) for row in found["estimates"]]
    np.testing.assert_array_equal(read, fit.params)
    assert [row["limit"] for row in found["estimates"]].count("-Inf") == 1
    matrix = np.array(found["covariance"]["matrix"], dtype=float)
    np.testing.assert_array_equal(matrix, fit.cov_params())


def test_the_hash_is_of_the_rows_and_nothing_else(res: mn.MNLogitResults) -> None:
    own = digest(res)
    assert own == digest(mn.mnlogit("mode ~ hinc + psize", TRIPS.copy(), base="air").fit())
    assert own == digest(res.rebase("bus")) == digest(res.with_cov("HC1"))
    changed = TRIPS.assign(hinc=TRIPS["hinc"].astype(float))
    assert own == digest(mn.mnlogit("mode ~ hinc + psize", changed).fit())
    changed.loc[changed.index[7], "hinc"] += 1e-9
    assert own != digest(mn.mnlogit("mode ~ hinc + psize", changed).fit())
    assert own != digest(mn.mnlogit("mode ~ hinc + psize", TRIPS.iloc[::-1]).fit())
    assert own != digest(mn.mnlogit("mode ~ hinc", TRIPS).fit())
    ones = np.full(len(TRIPS), 2)
    assert own != digest(mn.mnlogit("mode ~ hinc + psize", TRIPS, freq_weights=ones).fit())
    offset = {"air": "psize"}
    assert own != digest(mn.mnlogit("mode ~ hinc + psize", TRIPS, offset=offset).fit())


def test_data_in_pieces_have_the_hash_of_the_same_rows_in_memory() -> None:
    def pieces() -> object:
        return iter([TRIPS.iloc[:57], TRIPS.iloc[57:]])

    streamed = mn.mnlogit("mode ~ hinc + psize", pieces).fit()
    assert record(streamed)["data"]["read_in_pieces"] is True
    assert digest(streamed) == digest(mn.mnlogit("mode ~ hinc + psize", TRIPS).fit())


def test_a_loaded_result_says_why_there_is_no_hash(res: mn.MNLogitResults, tmp_path: Path) -> None:
    found = record(mn.load(res.save(tmp_path / "a.fit")))
    assert found["data"]["hash"]["value"] is None
    assert "without its rows" in found["data"]["hash"]["not_known"]
    with_rows = mn.load(res.save(tmp_path / "b.fit", include_data=True))
    assert digest(with_rows) == digest(res)


def test_labels_of_other_types_are_text() -> None:
    data = TRIPS.assign(band=pd.cut(TRIPS["hinc"], [0, 20, 50, 100]))
    fit = mn.mnlogit("band ~ psize", data).fit()
    found = record(fit)
    assert found["outcomes"] == [str(label) for label in fit.outcomes]
    assert found["base"] == "(0, 20]"
    assert found["covariance"]["order"][0] == ["(20, 50]", "Intercept"]


def test_bootstraps_tell_where_the_seed_is(res: mn.MNLogitResults) -> None:
    drawn = res.with_cov(res.bootstrap(20, seed=3))
    assert "replicates" in record(drawn)["seed"]["not_known"]
    assert record(res)["seed"]["not_known"] is None


def test_files_are_written_whole(res: mn.MNLogitResults, tmp_path: Path) -> None:
    path = res.to_json(tmp_path / "fit.json")
    assert path == tmp_path / "fit.json"
    assert Path(path).read_text(encoding="utf-8") == res.to_json()
    assert [each.name for each in tmp_path.iterdir()] == ["fit.json"]
    with pytest.raises(OptionError) as caught:
        res.to_json(tmp_path / "no" / "fit.json")
    assert caught.value.code == "cannot-write"
