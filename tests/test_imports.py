"""What ``import mnlstat`` brings along, seen in a fresh interpreter."""

from __future__ import annotations

import json
import subprocess
import sys

# Heavy packages that only some users need.
UNWANTED = {
    "dask",
    "matplotlib",
    "narwhals",
    "polars",
    "scipy.optimize",
    "scipy.stats",
    "sklearn",
    "statsmodels",
}


def modules_after(statement: str) -> set[str]:
    """The modules loaded after running a statement in a fresh interpreter."""
    script = f"{statement}; import sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout))


def test_import_brings_numpy_scipy_pandas_patsy_and_little_more() -> None:
    usual = modules_after("import numpy, scipy.linalg, scipy.special, pandas, patsy")
    new = modules_after("import mnlstat") - usual
    assert not new & UNWANTED
    # pandas may load pyarrow on its own account; we do not.
    assert "pyarrow" not in new
    outside = {name.split(".")[0] for name in new} - set(sys.stdlib_module_names)
    assert outside <= {"mnlstat", "numpy", "pandas", "patsy", "scipy", "threadpoolctl"}


def test_nothing_is_printed_on_import() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import mnlstat"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == done.stderr == ""
