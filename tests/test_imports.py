"""What ``import mnlstat`` brings along, seen in a fresh interpreter."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import mnlstat

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


# Names that are loaded with an optional package, and not by ``import *``.
OPTIONAL = {"MNLClassifier"}
EVERYTHING = "from mnlstat import *; mnlogit"


@pytest.mark.parametrize("statement", ["import mnlstat", EVERYTHING])
def test_import_brings_numpy_scipy_pandas_patsy_and_little_more(statement: str) -> None:
    usual = modules_after("import numpy, scipy.linalg, scipy.special, pandas, patsy")
    new = modules_after(statement) - usual
    assert not new & UNWANTED
    # pandas may load pyarrow on its own account; we do not.
    assert "pyarrow" not in new
    outside = {name.split(".")[0] for name in new} - set(sys.stdlib_module_names)
    assert outside <= {"mnlstat", "numpy", "pandas", "patsy", "scipy", "threadpoolctl"}


def test_every_public_name_is_there_and_told_to_type_checkers() -> None:
    assert {*mnlstat.__all__, *OPTIONAL} == set(dir(mnlstat))
    for name in mnlstat.__all__:
        assert getattr(mnlstat, name) is not None
    stub = (Path(mnlstat.__file__).with_suffix(".pyi")).read_text(encoding="utf-8")
    for name in dir(mnlstat):
        assert f"as {name}\n" in stub or f"{name}: " in stub
    with pytest.raises(AttributeError, match="no attribute 'mnlogistic'"):
        mnlstat.mnlogistic  # noqa: B018


def test_nothing_is_printed_on_import() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import mnlstat"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == done.stderr == ""
