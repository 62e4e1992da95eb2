"""What is said of separated data: each separation has a sentence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import SeparationWarning


def sentences(formula: str, frame: pd.DataFrame, **options: object) -> tuple[str, ...]:
    with pytest.warns((SeparationWarning, mn.errors.AliasedWarning)):
        res = mn.mnlogit(formula, frame, **options).fit()  # type: ignore[arg-type]
    assert res.separation()
    return res.separation().sentences


def test_a_combination_of_columns_is_named_with_pair_and_rows() -> None:
    frame = mn.datasets.travel_mode()
    found = sentences("mode ~ bs(psize, df=8)", frame)
    larger = (frame["mode"] == "car") & (frame["psize"] >= 4)  # there are no such buses
    of = frame["mode"].isin(["bus", "car"]).sum()
    said = f"bus and car are told apart by bs(psize, df=8) in {larger.sum()} of {of} rows."
    assert found[0] == said
    rows = [int(each.split(" in ")[1].split(" of ")[0]) for each in found]
    assert rows == sorted(rows, reverse=True)


def test_numbers_of_rows_are_those_of_the_data_and_the_base_is_no_matter() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"x": rng.normal(size=60), "z": rng.normal(size=60)})
    frame["y"] = rng.choice(list("abc"), 60)
    frame["far"] = np.where(frame["x"] > 0.5, frame["x"], 0.5)
    frame.loc[frame["x"] > 0.5, "y"] = "c"
    plain = sentences("y ~ far + z", frame)
    for base in "abc":
        assert sentences("y ~ far + z", frame, base=base) == plain
    assert sentences("y ~ far + z", frame, freq_weights=np.ones(60)) == plain
    with_words = sentences("y ~ far + z", frame, sampling_weights=np.ones(60))
    assert with_words and "of 60" not in " ".join(with_words)


@pytest.mark.parametrize("seed", range(8))
def test_each_separated_fit_has_a_sentence(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(30, 3)), columns=["u", "v", "w"])
    frame["y"] = np.where(frame.u + frame.v > 0.3 * frame.w, "b", rng.choice(list("ac"), 30))
    found = sentences("y ~ u + v + w", frame)
    assert found and all("told apart" in each for each in found)
