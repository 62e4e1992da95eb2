"""The first run of a contender, in a forked child: duration, peak memory, solution, or why not.

The child begins with the data in place and shares them, so what its resident memory rises by is
what the contender takes above the data.  It ends after the time limit, and asking for more memory
than the machine has free fails in the child alone.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import pickle
import resource
import signal
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from scipy.linalg import cho_factor

from benchmarks.contenders import Contender, Solution
from benchmarks.measure import Spent, one_thread, spent
from benchmarks.workloads import Workload

MEMORY_SHARE = 0.75
SHORT = 0.1
PATIENCE = 3  # on a busy machine the wall clock may run so many times as fast as the CPU clock


@dataclass(frozen=True)
class FirstRun:
    """What the first run told; ``reason`` says why there is nothing to tell."""

    spent: Spent | None = None
    peak: int = 0
    solution: Solution | None = None
    reason: str = ""


def first_run(contender: Contender, workload: Workload, limit: float) -> FirstRun:
    """Run a contender once, within ``limit`` seconds."""
    reason = contender.obstacle(workload)
    if reason:
        return FirstRun(reason=reason)
    with tempfile.TemporaryFile() as answer:
        status = _forked(lambda: _child(contender, workload, limit, answer))
        answer.seek(0)
        if os.WIFSIGNALED(status):
            return FirstRun(reason=_signalled(os.WTERMSIG(status), limit))
        if os.WEXITSTATUS(status):
            return FirstRun(reason="ended without an answer")
        told: FirstRun = pickle.load(answer)  # our own child wrote it
        return told


def _forked(task: Callable[[], None]) -> int:
    """Wait for a forked child that does a task; how it ended."""
    _trim()
    sys.stdout.flush()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer Pythons warn of forks in general
        child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        code = 1
        try:
            task()
            code = 0
        finally:
            os._exit(code)
    try:
        status = os.waitpid(child, 0)[1]
    except BaseException:
        _end(child)
        raise
    if os.WIFSIGNALED(status):
        _end(child)
    return status


def _end(group: int) -> None:
    """End what is left of a child and the programs it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _child(contender: Contender, workload: Workload, limit: float, answer: IO[bytes]) -> None:
    try:
        told = _measured(contender, workload, limit)
    except MemoryError:
        told = FirstRun(reason="needs more memory than is free")
    except Exception as error:  # whatever a program raises is its result
        last = " ".join(str(error).split())[:200]
        told = FirstRun(reason=f"{type(error).__name__}: {last}")
        if contender.software == "mnlstat":
            traceback.print_exc()
    pickle.dump(told, answer)
    answer.flush()


def _measured(contender: Contender, workload: Workload, limit: float) -> FirstRun:
    _hold_memory()
    with one_thread():
        run = contender.prepare(workload)
        _touch_blas()
        _trim()
        before = status_bytes("VmRSS")
        _reset_peak()
        with _limited(limit):
            raw, took = spent(lambda: run(0))
            peak = max(0, peak_bytes() - before) if before else 0
            if took.cpu < SHORT:  # a run of this length mostly tells what waking up costs
                took = spent(lambda: run(0))[1]
    solution = contender.read(raw, workload)
    if solution.seconds:
        return FirstRun(Spent(*solution.seconds), 0, solution)
    return FirstRun(took, peak, solution)


@contextlib.contextmanager
def _limited(limit: float) -> Iterator[None]:
    """End this process, also amid compiled code, when its CPU or its wall clock runs out."""
    for timer, number, seconds in (
        (signal.ITIMER_PROF, signal.SIGPROF, limit),
        (signal.ITIMER_REAL, signal.SIGALRM, PATIENCE * limit),
    ):
        signal.signal(number, signal.SIG_DFL)
        signal.setitimer(timer, seconds)
    yield
    for timer in (signal.ITIMER_PROF, signal.ITIMER_REAL):
        signal.setitimer(timer, 0)


def _signalled(number: int, limit: float) -> str:
    if number == signal.SIGPROF:
        return f"not done after {limit:g} s of CPU time"
    if number == signal.SIGALRM:
        return f"not done after {PATIENCE * limit:g} s"
    return f"ended by {signal.Signals(number).name}"


def status_bytes(key: str) -> int:
    """A line of Linux' status of this process, in bytes; 0 elsewhere."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(key)), 0)


def peak_bytes() -> int:
    """The most that was resident."""
    return status_bytes("VmHWM") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _reset_peak() -> None:
    """Begin the peak anew at what is resident now, where the system allows it."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _trim() -> None:
    """Give freed memory back, so that using it again counts."""
    gc.collect()
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


def _touch_blas() -> None:
    """Let BLAS take its buffers, which a fork had given back: they are nobody's in particular."""
    A = np.eye(500)
    cho_factor(A @ A)


def _hold_memory() -> None:
    """Let a request for more than what is free fail instead of ending other processes."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return
    free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    most = status_bytes("VmSize") + int(MEMORY_SHARE * free)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
