"""One workload measured: every contender, the passes, and what follows as plain numbers."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import mnlstat as mn
from benchmarks import floor
from benchmarks.accuracy import Referee
from benchmarks.contenders import DENSE_AT_MOST, Contender, Solution
from benchmarks.extended import extended, is_feasible
from benchmarks.first_run import FirstRun, first_run
from benchmarks.measure import Spent, Times, alternate, one_thread, settle, spent
from benchmarks.workloads import Workload


@dataclass(frozen=True)
class Limits:
    """Seconds: of a first run at most, and of the repeated runs of each contender together."""

    first: float
    budget: float


def measure(workload: Workload, contenders: Sequence[Contender], limits: Limits) -> dict[str, Any]:
    """First runs, then all in alternation, then the accuracy; as numbers for json."""
    if workload.design_bytes <= DENSE_AT_MOST:
        _ = workload.X  # made once, here, so that it is data to every first run
    _ = workload.y
    firsts = {}
    for contender in contenders:
        firsts[contender.name] = first_run(contender, workload, limits.first)
        _note(workload, contender, firsts[contender.name])
    able = [contender for contender in contenders if not firsts[contender.name].reason]
    reference = _reference(firsts)
    passes = {}
    if reference is not None and workload.design_bytes <= DENSE_AT_MOST:
        likelihood = mn.MultinomialLikelihood.from_arrays(workload.X, workload.y)
        passes = floor.passes(likelihood, reference.params.ravel())
    times = _timed(workload, able, firsts, passes, limits)
    if passes:
        with one_thread():
            referee = Referee(likelihood)
            reference, precision = tightest(workload, referee, reference.params)
            accuracies = _accuracies(referee, firsts, reference)
    else:
        accuracies, precision = {}, None
    return {
        "name": workload.name,
        "n": workload.n,
        "k": workload.k,
        "J": workload.J,
        "design_bytes": workload.design_bytes,
        "reference": precision,
        "floor": {name: times[name].facts() for name in passes},
        "contenders": [
            _facts(contender, firsts[contender.name], times, accuracies) for contender in contenders
        ],
    }


def _note(workload: Workload, contender: Contender, first: FirstRun) -> None:
    told = first.reason or f"{first.spent.cpu:.3g} s"
    print(f"{workload.name} {contender.name}: {told}", file=sys.stderr, flush=True)


def _reference(firsts: dict[str, FirstRun]) -> Solution | None:
    """The solution to begin from: mnlstat's."""
    ours = [run.solution for name, run in firsts.items() if name.startswith("mnlstat")]
    return next((solution for solution in ours if solution is not None), None)


def _timed(
    workload: Workload,
    able: Sequence[Contender],
    firsts: dict[str, FirstRun],
    passes: dict[str, Any],
    limits: Limits,
) -> dict[str, Times]:
    """All in alternation; the duration of the first run decides how often."""
    by_name = {contender.name: contender for contender in able}
    actions: dict[str, Any] = {}
    seconds: dict[str, float] = {}
    for name, contender in by_name.items():
        took = firsts[name].spent
        if took.cpu > limits.budget:
            continue  # the first run stands for itself
        actions[name], seconds[name] = contender.prepare(workload), took.cpu
    with one_thread():
        for name, action in passes.items():
            actions[name], seconds[name] = action, spent(lambda action=action: action(0))[1].cpu

    def clock(name: str, done: Any) -> Spent | None:
        if name not in by_name or by_name[name].software != "R":
            return None
        return Spent(*by_name[name].read(done, workload).seconds)

    times = alternate(actions, seconds, limits.budget, clock)
    for name in by_name:
        if name not in times:
            times[name] = Times([firsts[name].spent])
    return times


def tightest(workload: Workload, referee: Referee, params: Any) -> tuple[Solution, str]:
    """The solution that others are compared with, and its precision."""
    found = referee.tightest(params)
    if is_feasible(workload.n, workload.k, workload.J):
        return extended(workload.X, workload.y, found), "extended"
    return found, "double"


def _accuracies(
    referee: Referee, firsts: dict[str, FirstRun], reference: Solution
) -> dict[str, dict[str, Any]]:
    found = {
        name: referee.judge(run.solution, reference)
        for name, run in firsts.items()
        if run.solution is not None
    }
    return {name: asdict(accuracy) | {"equal": accuracy.equal} for name, accuracy in found.items()}


def _facts(
    contender: Contender,
    first: FirstRun,
    times: dict[str, Times],
    accuracies: dict[str, dict[str, Any]],
) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": contender.name, "software": contender.software}
    if first.reason:
        return facts | {"reason": first.reason}
    return facts | {
        "first_cpu": first.spent.cpu,
        "peak_bytes": first.peak or None,
        "times": times[contender.name].facts(),
        "accuracy": accuracies.get(contender.name),
    }


def warm_up(workload: Workload, contenders: Sequence[Contender]) -> None:
    """Load every library and let it build what it builds once, on a few rows."""
    few = replace(workload, frame=workload.frame.iloc[: min(workload.n, 1000)])
    for contender in contenders:
        if contender.software != "R" and not contender.obstacle(few):
            contender.prepare(few)(0)
    settle()
