"""Clocks, one thread, and runs in alternation, so that a busy machine slows all alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from threadpoolctl import threadpool_limits

MOST_RUNS = 25


@dataclass(frozen=True)
class Spent:
    """Seconds of one run, over all threads and on the wall clock."""

    cpu: float
    wall: float


@dataclass
class Times:
    """Every run of one thing."""

    runs: list[Spent] = field(default_factory=list)

    @property
    def cpu(self) -> float:
        """Median CPU seconds, what ratios are made of."""
        return statistics.median(run.cpu for run in self.runs)

    def facts(self) -> dict[str, float]:
        """Median and least seconds of both clocks."""
        facts: dict[str, float] = {"runs": len(self.runs)}
        for clock in ("cpu", "wall"):
            seconds = [getattr(run, clock) for run in self.runs]
            facts[f"{clock}_median"] = statistics.median(seconds)
            facts[f"{clock}_min"] = min(seconds)
        return facts


def spent(action: Callable[[], Any]) -> tuple[Any, Spent]:
    """What an action returns, and the seconds it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    done = action()
    return done, Spent(time.process_time() - cpu, time.perf_counter() - wall)


@contextmanager
def one_thread() -> Iterator[None]:
    """BLAS and OpenMP of every library loaded so far with one thread."""
    with threadpool_limits(1):
        yield


def repeats(first: float, budget: float) -> int:
    """How many runs fit into a budget of seconds, from the duration of the first; at least one."""
    return max(1, min(MOST_RUNS, int(budget / max(first, 1e-9))))


def schedule(wanted: Mapping[str, int]) -> Iterator[str]:
    """Names in the order they run: in turn, the rarer ones spread over the rounds."""
    rounds = max(wanted.values(), default=0)
    for turn in range(rounds):
        for name, times in wanted.items():
            if (turn + 1) * times // rounds > turn * times // rounds:
                yield name


def alternate(
    actions: Mapping[str, Callable[[int], Any]],
    firsts: Mapping[str, float],
    budget: float,
    clock: Callable[[str, Any], Spent | None] = lambda name, done: None,
) -> dict[str, Times]:
    """Run the actions in turn, each as often as its first duration lets it.

    Parameters
    ----------
    actions : name -> function of the number of the run
    firsts : name -> seconds of a first run
    budget : seconds for each action
    clock : takes the time from what was returned, where another process took it
    """
    times = {name: Times() for name in actions}
    with one_thread(), without_collection():
        for name in schedule({name: repeats(firsts[name], budget) for name in actions}):
            number = len(times[name].runs) + 1
            done, own = spent(lambda name=name, number=number: actions[name](number))
            times[name].runs.append(clock(name, done) or own)
            del done
            gc.collect()
    return times


def settle() -> None:
    """Have the collector of garbage pass over all that is loaded by now."""
    gc.collect()
    gc.freeze()


@contextmanager
def without_collection() -> Iterator[None]:
    """No collection of garbage amid a run."""
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
