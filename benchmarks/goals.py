"""What is to be reached, at full size, in one thread and at equal accuracy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """The goals of one workload; None where none is set.

    Attributes
    ----------
    formula_seconds, fit_seconds : at most this for the whole formula call, for ``fit()``
    fused_passes : at most this many fused passes for ``fit()``
    statsmodels, others : at least so many times as fast as statsmodels, as the fastest other
    memory_designs, memory_hessians : peak above the data at most so many designs plus Hessians
    memory_bytes : the same as a number
    se_digits : at least so many digits of every standard error
    """

    formula_seconds: float | None = None
    fit_seconds: float | None = None
    fused_passes: float | None = None
    statsmodels: float | None = None
    others: float | None = None
    memory_designs: float | None = None
    memory_hessians: float = 0.0
    memory_bytes: float | None = None
    se_digits: float | None = None

    def memory(self, design_bytes: int, p: int) -> float | None:
        """Bytes above the data that a problem of this size may take."""
        if self.memory_designs is None:
            return self.memory_bytes
        return self.memory_designs * design_bytes + self.memory_hessians * 8 * p**2


GOALS = {
    "W1": Goal(formula_seconds=4e-3, fit_seconds=1.5e-3, statsmodels=5, others=5),
    "W2": Goal(fused_passes=4, statsmodels=8, others=5, memory_designs=1.3),
    "W3": Goal(fused_passes=3, statsmodels=16, others=10, memory_designs=1.1),
    "W4": Goal(fused_passes=1.4, statsmodels=20, others=3, memory_designs=1, memory_hessians=4),
    "W5": Goal(formula_seconds=0.1, statsmodels=1000, others=1000, memory_bytes=20e6),
    "W6": Goal(formula_seconds=0.6, others=60, memory_bytes=100e6),
    "W7": Goal(fused_passes=1.6, statsmodels=50, others=5, memory_designs=1, memory_hessians=4),
    "W8": Goal(fused_passes=5, statsmodels=9, others=9, se_digits=13),
}

# Where equal rows or many levels are to be seen in the formula, the whole formula call competes.
FROM_FORMULA = {"W5", "W6"}
