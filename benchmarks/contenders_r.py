"""R's nnet and VGAM by way of Rscript: R reads the arrays, fits, and says how long that took."""

from __future__ import annotations

import functools
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.contenders import Contender, Solution, too_wide
from benchmarks.workloads import Workload

SCRIPT = Path(__file__).with_name("peers.R")


@functools.cache
def has_package(package: str) -> bool:
    """Whether R finds a package."""
    question = f'quit(status = !requireNamespace("{package}", quietly = TRUE))'
    return subprocess.run(["Rscript", "-e", question], capture_output=True).returncode == 0


@dataclass(frozen=True)
class RPackage:
    """One fitting function of R, with standard errors; R's own clock counts."""

    package: str
    software: str = "R"

    @property
    def name(self) -> str:
        return f"R {self.package}"

    def obstacle(self, workload: Workload | None = None) -> str:
        if shutil.which("Rscript") is None:
            return "Rscript is not installed"
        if not has_package(self.package):
            return f"R has no package {self.package}"
        return too_wide(workload)

    def prepare(self, workload: Workload) -> Callable[[int], Any]:
        folder = tempfile.TemporaryDirectory(prefix="mnlstat-benchmark-")
        root = Path(folder.name)
        np.asfortranarray(workload.X).T.tofile(root / "X.bin")
        workload.y.astype("<i4").tofile(root / "y.bin")
        sizes = [str(size) for size in (*workload.shape, workload.J)]
        command = ["Rscript", str(SCRIPT), self.package, folder.name, *sizes]

        def run(_: int, keep: Any = folder) -> Any:
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise RuntimeError(f"R said: {done.stderr.strip().splitlines()[-1:]}")
            return np.fromfile(root / "out.bin")

        return run

    def read(self, raw: Any, workload: Workload) -> Solution:
        return solution_of(raw, workload.J - 1, workload.k)


def solution_of(numbers: np.ndarray, q: int, k: int) -> Solution:
    """CPU and wall seconds, then coefficients and standard errors, outcome by outcome."""
    params, bse = numbers[2:].reshape(2, q, k)
    return Solution(params, bse, (float(numbers[0]), float(numbers[1])))


R_CONTENDERS: tuple[Contender, ...] = (RPackage("nnet"), RPackage("VGAM"))
