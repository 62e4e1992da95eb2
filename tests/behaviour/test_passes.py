"""What a fit tells of its passes over rows, and who computes them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import OptionError


def large(n: int = 30_000) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"x": rng.normal(size=n), "z": rng.exponential(size=n)})
    eta = np.column_stack([np.zeros(n), 0.5 * frame["x"] - 1, frame["z"] - 1.5])
    return frame.assign(y=np.array(["a", "b", "c"])[(eta + rng.gumbel(size=eta.shape)).argmax(1)])


def test_any_number_of_threads_gives_the_same_bits() -> None:
    data = large()
    fits = [mn.mnlogit("y ~ x + z", data, n_threads=n).fit() for n in (1, 2, 5)]
    for other in fits[1:]:
        assert other.llf == fits[0].llf
        pd.testing.assert_series_equal(other.params, fits[0].params, rtol=0, atol=0)
        pd.testing.assert_frame_equal(other.cov_params(), fits[0].cov_params(), rtol=0, atol=0)


def test_numbers_of_threads_hold_for_arrays_too() -> None:
    data = large(5000)
    model = mn.MNLogit(data["y"], data[["x", "z"]], n_threads=3)
    assert model.likelihood.rows.mapper.n_threads == 3  # type: ignore[attr-defined]


@pytest.mark.parametrize("value", [0, -1, 1.5, "two", True])
def test_an_impossible_number_of_threads_is_refused(value: Any) -> None:
    with pytest.raises(OptionError, match="n_threads"):
        mn.mnlogit("y ~ x", large(100), n_threads=value)


def test_the_trace_tells_each_pass() -> None:
    data = large()
    res = mn.mnlogit("y ~ x + z", data).fit()
    trace = res.trace
    assert list(trace) == ["plan", "rows", "log_likelihood", "error", "step", "seconds", "kernel"]
    assert trace["plan"].iloc[0] == "Newton on a spread of rows"
    assert trace["plan"].iloc[-1] == "Newton" and trace["rows"].iloc[-1] == len(data)
    assert trace["log_likelihood"].iloc[-1] == pytest.approx(res.llf, rel=1e-14)
    assert trace["error"].iloc[-1] < 1e-10
    assert (trace["kernel"] == res.kernel).all() and res.kernel in ("compiled", "numpy")
    assert trace["seconds"].is_monotonic_increasing
    assert res.iterations == len(trace) - 1
    assert res.method in str(res.summary()).replace("\n                  ", "")


def test_nothing_is_printed_unless_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    model = mn.mnlogit("y ~ x", large(500))
    model.fit()
    assert capsys.readouterr() == ("", "")
    res = model.fit(verbose=True)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(res.trace)
    assert all("log-likelihood" in line and "se" in line for line in lines)


def test_progress_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    model = mn.mnlogit("y ~ x", large(500))
    model.fit(progress=True)
    told = capsys.readouterr()
    assert told.out == "" and "Newton" in told.err


@pytest.mark.parametrize("option", ["verbose", "progress"])
def test_flags_are_true_or_false(option: str) -> None:
    with pytest.raises(OptionError, match=option):
        mn.mnlogit("y ~ x", large(100)).fit(**{option: "yes"})
