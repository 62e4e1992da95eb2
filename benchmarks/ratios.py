"""From the measured seconds and bytes of a workload to the ratios that the goals are about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchmarks.floor import FUSED
from benchmarks.goals import FROM_FORMULA


@dataclass(frozen=True)
class Ratios:
    """None where something was not measured or is not comparable.

    Attributes
    ----------
    formula_seconds, fit_seconds : median CPU seconds
    fused_passes : seconds of ``fit()`` over those of one fused pass
    statsmodels, others : their seconds over ours, from the same arrays
    fastest_other : the program that ``others`` is about
    memory_bytes : peak above the data of the whole formula call
    se_digits : fewest digits of a standard error
    """

    formula_seconds: float | None = None
    fit_seconds: float | None = None
    fused_passes: float | None = None
    statsmodels: float | None = None
    others: float | None = None
    fastest_other: str = ""
    memory_bytes: float | None = None
    se_digits: float | None = None


def ratios(workload: dict[str, Any]) -> Ratios:
    """The ratios of what ``benchmarks.comparison.measure`` returned.

    What competes is mnlstat from arrays, as the others are given arrays, or from the formula for
    the workloads of ``FROM_FORMULA``.  Of the others, only those at equal accuracy count.
    """
    measured = {each["name"]: each for each in workload["contenders"] if "times" in each}
    ours = measured.get(f"mnlstat {'formula' if workload['name'] in FROM_FORMULA else 'arrays'}")
    others = [each for each in measured.values() if is_comparable(each)]
    fastest = min(others, key=_seconds, default=None)
    statsmodels = next((each for each in others if each["name"] == "statsmodels"), None)
    formula, fit = measured.get("mnlstat formula"), measured.get("mnlstat fit")
    fused = workload["floor"].get(FUSED)
    return Ratios(
        formula_seconds=_seconds(formula),
        fit_seconds=_seconds(fit),
        fused_passes=_over(_seconds(fit), fused and fused["cpu_median"]),
        statsmodels=_over(_seconds(statsmodels), _seconds(ours)),
        others=_over(_seconds(fastest), _seconds(ours)),
        fastest_other=fastest["name"] if fastest else "",
        memory_bytes=formula and formula["peak_bytes"],
        se_digits=((ours or {}).get("accuracy") or {}).get("se_digits"),
    )


def is_comparable(contender: dict[str, Any]) -> bool:
    """Another program, as near to the maximum as is asked for; where nobody could judge, any."""
    accuracy = contender.get("accuracy")
    return contender["software"] != "mnlstat" and (accuracy is None or accuracy["equal"])


def _seconds(contender: dict[str, Any] | None) -> float | None:
    return contender["times"]["cpu_median"] if contender else None


def _over(numerator: float | None, denominator: float | None) -> float | None:
    return None if numerator is None or not denominator else numerator / denominator
