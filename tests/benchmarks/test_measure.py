"""Schedules, limits, and what a first run in a child tells; no time is asserted."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from benchmarks.contenders import Solution
from benchmarks.first_run import first_run
from benchmarks.measure import MOST_RUNS, Spent, Times, alternate, repeats, schedule
from benchmarks.profile import place, stages
from benchmarks.scaling import exponent, sizes
from benchmarks.workloads import Workload, factors

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_repeats_follow_from_the_first_run() -> None:
    assert repeats(1.0, 10.0) == 10
    assert repeats(60.0, 10.0) == 1
    assert repeats(1e-6, 10.0) == MOST_RUNS
    assert repeats(0.0, 10.0) == MOST_RUNS


def test_runs_alternate_and_rarer_ones_are_spread() -> None:
    assert list(schedule({"a": 3, "b": 3})) == ["a", "b"] * 3
    order = list(schedule({"a": 6, "b": 2, "c": 1}))
    assert Counter(order) == {"a": 6, "b": 2, "c": 1}
    places = [i for i, name in enumerate(order) if name == "b"]
    assert order[places[0] : places[1]].count("a") == 3
    assert list(schedule({})) == []


def test_alternate_numbers_the_runs_and_takes_another_clock() -> None:
    seen: list[int] = []
    times = alternate(
        {"a": seen.append}, {"a": 1.0}, 3.0, clock=lambda name, done: Spent(len(seen), 0.5)
    )
    assert seen == [1, 2, 3]
    assert times["a"].runs == [Spent(1, 0.5), Spent(2, 0.5), Spent(3, 0.5)]
    assert times["a"].facts() == {
        "runs": 3, "cpu_median": 2, "cpu_min": 1, "wall_median": 0.5, "wall_min": 0.5,
    }  # fmt: skip
    assert Times([Spent(1, 9), Spent(5, 9)]).cpu == 3


@dataclass
class Fake:
    """A contender that does what it is told."""

    action: Callable[[int], Any]
    name: str = "fake"
    software: str = "fake"
    why: str = ""

    def obstacle(self, workload: Workload | None = None) -> str:
        return self.why

    def prepare(self, workload: Workload) -> Callable[[int], Any]:
        return self.action

    def read(self, raw: Any, workload: Workload) -> Solution:
        return Solution(np.full((2, 2), float(raw)))


def refuse(_: int) -> Any:
    raise ValueError("no\n   way")


@linux
def test_a_first_run_tells_solution_and_memory() -> None:
    run = first_run(Fake(lambda _: np.ones(5_000_000).sum()), factors(50), 30)
    assert run.reason == ""
    np.testing.assert_array_equal(run.solution.params, np.full((2, 2), 5e6))
    assert run.peak == pytest.approx(40e6, rel=0.2)


@linux
@pytest.mark.parametrize(
    ("fake", "limit", "reason"),
    [
        (Fake(refuse), 30, "ValueError: no way"),
        (Fake(lambda _: np.ones(10**14)), 30, "needs more memory than is free"),
        (Fake(lambda _: time.sleep(60)), 0.05, "not done after 0.15 s"),
        (Fake(refuse, why="not installed"), 30, "not installed"),
    ],
)
def test_a_first_run_tells_why_not(fake: Fake, limit: float, reason: str) -> None:
    run = first_run(fake, factors(50), limit)
    assert run.reason == reason
    assert run.solution is None


@linux
def test_a_first_run_ends_after_its_processor_time(monkeypatch: pytest.MonkeyPatch) -> None:
    # however long that takes where others use the processor, too
    monkeypatch.setattr("benchmarks.first_run.PATIENCE", 10_000)
    run = first_run(Fake(lambda _: sum(range(10**12))), factors(50), 0.05)
    assert run.reason == "not done after 0.05 s of CPU time"


def test_exponents_and_sizes() -> None:
    assert sizes(1e4, 1e6) == [10_000, 31_623, 100_000, 316_228, 1_000_000]
    assert exponent([1, 10, 100], [3.0, 30.0, 300.0]) == pytest.approx(1.0)
    assert exponent([1, 10, 100], [3.0, 3.0, 3.0]) == pytest.approx(0.0, abs=1e-12)


def test_a_sample_belongs_to_the_innermost_module_of_mnlstat() -> None:
    assert place(["numpy.linalg", "mnlstat.linalg", "mnlstat.model.model", "benchmarks.run"]) == (
        "linalg",
        "numpy",
    )
    assert place(["mnlstat.options", "mnlstat.model.model"]) == ("options", "mnlstat")
    assert place(["numpy", "benchmarks.run"]) == ("outside", "outside")


def test_stages_are_sorted_and_shared_out() -> None:
    seconds = {("a", "numpy"): 0.3, ("a", "mnlstat"): 0.1, ("b", "patsy"): 0.6}
    rows = stages(Counter(seconds), 10)
    assert rows == [
        ["b", "60", "60.0 %", "patsy 100 %"],
        ["a", "40", "40.0 %", "numpy 75 %, mnlstat 25 %"],
    ]
    assert stages(Counter(seconds | {("c", "numpy"): 0.001}), 10)[2:] == [
        ["all others", "0.1", "0.1 %", ""]
    ]
