"""Averages over rows of other data, and over rows of a fit, whatever form their design has."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import MissingDataWarning
from mnlstat.rows.grouped import Grouped
from mnlstat.rows.matrix import Dense, Patterns

N = 9000  # more than one block


def sample(n: int = N) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"x": np.sort(rng.normal(size=n)) + 3, "z": rng.normal(size=n)})
    eta = np.column_stack([np.zeros(n), 0.8 * data["x"] - 2, 0.5 * data["z"]])
    return data.assign(
        y=np.array(["a", "b", "c"])[(eta + rng.gumbel(size=eta.shape)).argmax(axis=1)],
        g=rng.choice(["u", "v", "w"], n),
        town=[f"town {at:03}" for at in rng.integers(0, 200, n)],
        f=rng.integers(0, 3, n),
        half=rng.choice(["first", "second"], n),
        lag=rng.normal(size=n),
    )


@pytest.mark.filterwarnings("ignore::mnlstat.errors.MnlstatWarning")
def test_terms_that_depend_on_other_rows_see_all_of_them() -> None:
    data = sample()
    res = mn.mnlogit("y ~ I(x - x.mean()) + z", data).fit()
    averages = res.average_predictions(data=data, by="half").frame["estimate"]
    expected = res.predict(data).groupby(data["half"]).mean().to_numpy().ravel()
    np.testing.assert_allclose(averages, expected, rtol=1e-12)


def test_rows_without_an_offset_are_left_out() -> None:
    data = sample(600)
    res = mn.mnlogit("y ~ x", data, offset={"b": "lag"}).fit()
    gaps = data.assign(lag=data["lag"].where(data.index % 7 != 1))
    with pytest.warns(MissingDataWarning, match="86 of 600 rows miss something"):
        found = res.margins(data=gaps)
    pd.testing.assert_frame_equal(found.frame, res.margins(data=gaps.dropna()).frame)


@pytest.mark.parametrize("weights", [{}, {"freq_weights": "f"}])
@pytest.mark.parametrize(
    ("formula", "form"),
    [
        ("y ~ g * half", Patterns),
        ("y ~ C(town) + x + g", Grouped),
        ("y ~ x + z + I(2 * x - z)", Dense),
    ],
)
@pytest.mark.filterwarnings("ignore::mnlstat.errors.AliasedWarning")
def test_rows_of_a_fit_are_those_of_the_data(
    formula: str, form: type, weights: dict[str, str]
) -> None:
    data = sample().sample(frac=1.0, random_state=1)
    res = mn.mnlogit(formula, data, **weights).fit()
    assert isinstance(res.sample.likelihood.rows.matrix, form)
    own = data["f"] if weights else pd.Series(1, index=data.index)
    weighted = res.predict(data).mul(own, axis=0).groupby(data["half"]).sum()
    expected = weighted.div(own.groupby(data["half"]).sum(), axis=0).to_numpy().ravel()
    averages = res.average_predictions(by="half").frame["estimate"]
    np.testing.assert_allclose(averages, expected, rtol=1e-12)
