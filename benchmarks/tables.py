"""Measurements as Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks.floor import FUSED, SCORE, information_flops
from benchmarks.goals import GOALS, Goal
from benchmarks.machine import sentence
from benchmarks.ratios import Ratios, ratios

AT_MOST, AT_LEAST = "≤", "≥"
BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"


def markdown(rows: Iterable[Sequence[str]], header: Sequence[str]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value: float | None, unit: float = 1.0) -> str:
    """Two or three significant digits; a dash for nothing."""
    if value is None or math.isnan(value):
        return "-"
    scaled = value / unit
    return f"{scaled:.0f}" if abs(scaled) >= 99.5 else f"{scaled:.2g}"


def beside(
    value: float | None, goal: float | None, sign: str, judged: bool, unit: float = 1
) -> str:
    """A number with its goal; bold where the goal is reached, when that is to be judged."""
    text = number(value, unit)
    if goal is None:
        return text
    reached = value is not None and (value <= goal if sign == AT_MOST else value >= goal)
    text = f"**{text}**" if judged and reached else text
    return f"{text} ({sign} {number(goal, unit)})"


def against_goals(run: dict[str, Any]) -> str:
    """The table of ratios, one line for each workload."""
    header = (
        "workload", "n x k, J", "formula, ms", "fit, ms", "fit, fused passes", "x statsmodels",
        "x fastest other", "fastest other", "peak memory, MB", "SE digits",
    )  # fmt: skip
    judged = not run["quick"]
    return markdown((_goal_cells(each, judged) for each in run["workloads"]), header)


def _goal_cells(workload: dict[str, Any], judged: bool) -> list[str]:
    found: Ratios = ratios(workload)
    goal = GOALS.get(workload["name"], Goal())
    p = workload["k"] * (workload["J"] - 1)
    memory = goal.memory(workload["design_bytes"], p)
    return [
        workload["name"],
        shape(workload),
        beside(found.formula_seconds, goal.formula_seconds, AT_MOST, judged, 1e-3),
        beside(found.fit_seconds, goal.fit_seconds, AT_MOST, judged, 1e-3),
        beside(found.fused_passes, goal.fused_passes, AT_MOST, judged),
        beside(found.statsmodels, goal.statsmodels, AT_LEAST, judged),
        beside(found.others, goal.others, AT_LEAST, judged),
        found.fastest_other or "-",
        beside(found.memory_bytes, memory, AT_MOST, judged, 1e6),
        beside(found.se_digits, goal.se_digits, AT_LEAST, judged),
    ]


def shape(workload: dict[str, Any]) -> str:
    """Rows, columns and outcomes."""
    return f"{workload['n']:,} x {workload['k']}, {workload['J']}"


def contenders(run: dict[str, Any]) -> str:
    """Every contender on every workload: seconds, memory, accuracy, or why not."""
    header = (
        "workload", "contender", "CPU, ms", "least", "wall, ms", "runs", "peak, MB", "peak / X",
        "relative score", "coefficient digits", "SE digits",
    )  # fmt: skip
    rows = [
        [workload["name"], *_contender_cells(each, workload["design_bytes"])]
        for workload in run["workloads"]
        for each in workload["contenders"]
        if "times" in each
    ]
    return markdown(rows, header)


def _contender_cells(each: dict[str, Any], design_bytes: int) -> list[str]:
    times, accuracy, peak = each["times"], each["accuracy"] or {}, each["peak_bytes"]
    score = accuracy.get("relative_score")
    return [
        each["name"],
        number(times["cpu_median"], 1e-3),
        number(times["cpu_min"], 1e-3),
        number(times["wall_median"], 1e-3),
        str(times["runs"]),
        number(peak, 1e6),
        number(peak and peak / design_bytes),
        "-" if score is None else f"{score:.0e}",
        number(accuracy.get("coefficient_digits")),
        number(accuracy.get("se_digits")),
    ]


def left_out(run: dict[str, Any]) -> str:
    """Who did not run on what, and why, a line for each reason."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for workload in run["workloads"]:
        for each in workload["contenders"]:
            if "reason" in each:
                reasons.setdefault((each["name"], each["reason"]), []).append(workload["name"])
    return "\n".join(
        f"- {name} on {', '.join(names)}: {reason}." for (name, reason), names in reasons.items()
    )


def floors(run: dict[str, Any]) -> str:
    """What one pass costs, and how near the fused one is to the peak of dgemm."""
    header = ("workload", "fused pass, ms", "score pass, ms", "Hessian's share of dgemm peak")
    rows = []
    for workload in run["workloads"]:
        if not workload["floor"]:
            continue
        fused, score = (workload["floor"][name]["cpu_median"] for name in (FUSED, SCORE))
        rate = information_flops(workload["n"], workload["k"], workload["J"]) / fused
        share = f"{100 * rate / run['dgemm_peak']:.0f} %"
        rows.append([workload["name"], number(fused, 1e-3), number(score, 1e-3), share])
    return markdown(rows, header)


def report(run: dict[str, Any]) -> str:
    """All of a run as Markdown."""
    size = "on smaller data (`--quick`), so no goal is judged" if run["quick"] else "at full size"
    parts = [
        f"Measured {size}, one thread, medians of CPU time: {sentence(run['machine'])}",
        against_goals(run),
        "One pass of mnlstat's own likelihood:",
        floors(run),
        "Every contender:",
        contenders(run),
    ]
    if missing := left_out(run):
        parts += ["Left out:", missing]
    return "\n\n".join(parts)


def between_markers(page: str, text: str) -> str:
    """A page with what stands between its markers replaced."""
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise ValueError(f"the page must have the lines {BEGIN} and {END} once each")
    head, rest = page.split(BEGIN)
    return f"{head}{BEGIN}\n\n{text}\n\n{END}{rest.split(END)[1]}"
