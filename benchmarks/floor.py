"""What nothing can undercut: passes of mnlstat's own likelihood, and dgemm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.measure import Spent, spent

GEMM_SIZE = 1000

FUSED = "fused pass"
SCORE = "score pass"


def passes(likelihood: Any, params: np.ndarray) -> dict[str, Callable[[int], Any]]:
    """One pass for value, score and information; one for value and score."""
    return {
        FUSED: lambda _: likelihood.evaluate(params, 2),
        SCORE: lambda _: likelihood.evaluate(params, 1),
    }


def information_flops(n: int, k: int, J: int) -> float:
    """Floating-point operations of one exact Hessian: 2 n times distinct pairs times pairs."""
    q = J - 1
    return 2.0 * n * (q * (q + 1) // 2) * (k * (k + 1) // 2)


def dgemm_peak(repeats: int = 5) -> float:
    """Operations per CPU second of a product of square matrices."""
    A = np.ones((GEMM_SIZE, GEMM_SIZE))
    A @ A
    fastest: Spent = min((spent(lambda: A @ A)[1] for _ in range(repeats)), key=lambda s: s.cpu)
    return 2.0 * GEMM_SIZE**3 / fastest.cpu
