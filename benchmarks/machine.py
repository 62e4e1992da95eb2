"""The machine and the versions that a measurement belongs to."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_info

PACKAGES = ("mnlstat", "numpy", "scipy", "pandas", "patsy", "statsmodels", "scikit-learn")


def machine() -> dict[str, Any]:
    """Processor, cores, load, BLAS, versions and date."""
    return {
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "blas": sorted({_blas(lib) for lib in threadpool_info() if lib["user_api"] == "blas"}),
        "versions": {name: version(name) for name in PACKAGES},
        "date": datetime.now(UTC).date().isoformat(),
    }


def cpu_model() -> str:
    """The processor's name as Linux gives it, else what Python knows."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


def version(package: str) -> str | None:
    """The installed version, None where there is none."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _blas(library: dict[str, Any]) -> str:
    parts = (library.get("internal_api"), library.get("version"), library.get("architecture"))
    return " ".join(str(part) for part in parts if part)


def sentence(facts: dict[str, Any]) -> str:
    """The machine in one line."""
    versions = ", ".join(
        f"{name} {number}" for name, number in facts["versions"].items() if number is not None
    )
    return (
        f"{facts['cpu']}, {facts['cores']} cores (load {facts['load']} at the start),"
        f" {facts['system']}, Python {facts['python']}, {versions}, {'; '.join(facts['blas'])};"
        f" {facts['date']}."
    )
