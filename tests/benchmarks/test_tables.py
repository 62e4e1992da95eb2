"""From measured numbers to ratios, and from ratios to a page."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.goals import GOALS
from benchmarks.ratios import ratios
from benchmarks.run import arguments
from benchmarks.tables import (
    AT_LEAST,
    AT_MOST,
    BEGIN,
    END,
    against_goals,
    beside,
    between_markers,
    markdown,
    number,
    report,
)


def times(cpu: float) -> dict[str, float]:
    return {"runs": 3, "cpu_median": cpu, "cpu_min": cpu, "wall_median": cpu, "wall_min": cpu}


def contender(name: str, cpu: float, score: float = 1e-9, se: float | None = 14.0) -> Any:
    accuracy = {
        "relative_score": score,
        "coefficient_digits": 12.0,
        "se_digits": se,
        "equal": score <= 1e-4,
    }
    return {
        "name": name,
        "software": name.split()[0],
        "first_cpu": cpu,
        "peak_bytes": int(20e6),
        "times": times(cpu),
        "accuracy": accuracy,
    }


@pytest.fixture
def run() -> dict[str, Any]:
    return {
        "quick": False,
        "dgemm_peak": 5e10,
        "machine": {
            "cpu": "a processor",
            "cores": 2,
            "load": 0.1,
            "system": "Linux x86_64",
            "python": "3.11",
            "blas": ["openblas"],
            "versions": {"mnlstat": "0.1.0", "scikit-learn": None},
            "date": "2026-01-01",
        },
        "workloads": [
            {
                "name": "W2",
                "n": 100_000,
                "k": 21,
                "J": 4,
                "design_bytes": 16_800_000,
                "floor": {"fused pass": times(0.03), "score pass": times(0.01)},
                "contenders": [
                    contender("mnlstat formula", 0.20),
                    contender("mnlstat arrays", 0.10) | {"peak_bytes": int(50e6)},
                    contender("mnlstat fit", 0.09),
                    contender("statsmodels", 0.95),
                    contender("sklearn newton-cg", 0.60, se=None),
                    contender("sklearn lbfgs", 0.05, score=0.1, se=None),
                    {"name": "R nnet", "software": "R", "reason": "Rscript is not installed"},
                ],
            }
        ],
    }


def test_ratios(run: dict[str, Any]) -> None:
    found = ratios(run["workloads"][0])
    assert found.formula_seconds == 0.20
    assert found.fit_seconds == 0.09
    assert found.fused_passes == pytest.approx(3.0)
    assert found.statsmodels == pytest.approx(9.5)
    assert found.others == pytest.approx(6.0)  # lbfgs is faster, and far from the maximum
    assert found.fastest_other == "sklearn newton-cg"
    assert found.memory_bytes == 20e6
    assert found.se_digits == 14.0


def test_the_formula_call_competes_where_factors_are_to_be_seen(run: dict[str, Any]) -> None:
    workload = run["workloads"][0] | {"name": "W5"}
    assert ratios(workload).statsmodels == pytest.approx(4.75)


def test_what_was_not_measured_has_no_ratio(run: dict[str, Any]) -> None:
    workload = run["workloads"][0]
    nothing = {"name": "mnlstat fit", "software": "mnlstat", "reason": "not done after 1 s"}
    found = ratios(workload | {"floor": {}, "contenders": [nothing]})
    assert found.fused_passes is found.statsmodels is found.others is found.memory_bytes is None
    assert found.fastest_other == ""


def test_a_reached_goal_is_bold_and_a_missed_one_is_not(run: dict[str, Any]) -> None:
    line = against_goals(run).splitlines()[2]
    assert line == (
        "| W2 | 100,000 x 21, 4 | 200 | 90 | **3** (≤ 4) | **9.5** (≥ 8) | **6** (≥ 5)"
        " | sklearn newton-cg | **20** (≤ 22) | 14 |"
    )
    run["quick"] = True
    assert "**" not in against_goals(run)


@pytest.mark.parametrize(
    ("value", "goal", "sign", "text"),
    [
        (3.0, 4.0, AT_MOST, "**3** (≤ 4)"),
        (5.0, 4.0, AT_MOST, "5 (≤ 4)"),
        (3.0, 4.0, AT_LEAST, "3 (≥ 4)"),
        (None, 4.0, AT_LEAST, "- (≥ 4)"),
        (float("nan"), 4.0, AT_MOST, "- (≤ 4)"),
        (3.0, None, AT_MOST, "3"),
    ],
)
def test_beside(value: float | None, goal: float | None, sign: str, text: str) -> None:
    assert beside(value, goal, sign, judged=True) == text


def test_numbers_have_two_or_three_digits() -> None:
    said = [number(v) for v in (0.01234, 1.26, 99.4, 99.6, 123.4, 12345.0, 0.0)]
    assert said == ["0.012", "1.3", "99", "100", "123", "12345", "0"]
    assert number(0.0123, 1e-3) == "12"


def test_the_report_says_all(run: dict[str, Any]) -> None:
    text = report(run)
    assert "mnlstat 0.1.0, openblas" in text
    assert "- R nnet on W2: Rscript is not installed." in text
    flops = 2 * 100_000 * 6 * 231
    assert f"| W2 | 30 | 10 | {100 * flops / 0.03 / 5e10:.0f} % |" in text
    assert "| W2 | sklearn lbfgs | 50 | 50 | 50 | 3 | 20 | 1.2 | 1e-01 | 12 | - |" in text


def test_markdown() -> None:
    assert markdown([["1", "2"]], ("a", "b")) == "| a | b |\n| --- | --- |\n| 1 | 2 |"


def test_only_what_stands_between_the_markers_changes() -> None:
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    once = between_markers(page, "new")
    assert once == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    assert between_markers(once, "new") == once
    with pytest.raises(ValueError, match="once each"):
        between_markers("no markers", "new")


def test_memory_goals_are_bytes() -> None:
    assert GOALS["W4"].memory(80_400_000, 1809) == 80_400_000 + 4 * 8 * 1809**2
    assert GOALS["W5"].memory(1, 1) == 20e6
    assert GOALS["W1"].memory(1, 1) is None


def test_an_unknown_workload_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments(["W9"])
    assert "no workload W9" in capsys.readouterr().err
    assert arguments(["--quick", "W2"]).workloads == ["W2"]
