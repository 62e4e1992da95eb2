"""The import direction of the package, read from the source.

A module may import modules of earlier layers and of its own layer, at the top of the file only.
Outside packages may be imported late, inside functions.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "mnlstat"

# From the ground up; the members of one line do not know one another.
LAYERS = (
    ("errors", "arrays"),
    ("options", "memory", "filters"),
    ("linalg", "datasets", "saving"),
    ("arrow",),
    ("rows",),
    ("likelihood", "design"),
    ("optimize",),
    ("inference",),
    ("diagnostics",),
    ("report",),
    ("peers",),
    ("results",),
    ("model",),
    ("workflow",),
    ("cli",),
    ("__init__", "__main__"),
)
LEVEL = {member: level for level, members in enumerate(LAYERS) for member in members}

# Parts that may use less of the package than all that stands below them.
ONLY = {"datasets": {"errors"}}

# Part of the package -> outside packages that it must not know.
NUMBERS_ONLY = {"pandas", "patsy", "statsmodels"}
FORBIDDEN = dict.fromkeys(("linalg", "arrow", "rows", "likelihood", "optimize"), NUMBERS_ONLY)

# Outside package -> the one module that may import it.
SOLE_IMPORTER = {"patsy": "mnlstat.design.formula", "statsmodels": "mnlstat.peers.statsmodels"}

# Outside packages that must not be imported when a module is loaded.
LAZY = {"statsmodels", "matplotlib", "narwhals", "pyarrow", "dask", "sklearn", "polars"}
LAZY |= {"docx", "great_tables"}

# Modules that stand for an optional package, and that only the public name in them loads.
ADAPTERS = {"mnlstat.workflow.classifier": "sklearn"}

SOURCES = sorted(PACKAGE.rglob("*.py"))


def module_name(path: Path) -> str:
    """The dotted name of a source file: ``mnlstat.design.spec``."""
    parts = ("mnlstat", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 2 else parts)


def part_of(module: str) -> str:
    """The layer member a module belongs to: ``design`` for ``mnlstat.design.spec``."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imported(node: ast.AST) -> list[str]:
    """The absolute module names that an import statement asks for."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if base == "mnlstat":  # "from mnlstat import errors" names submodules
            return [f"mnlstat.{alias.name}" for alias in node.names]
        return [base]
    return []


def outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    """Every node that runs when the module is loaded."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from outside_functions(child)


def breaches(module: str, source: str) -> list[str]:
    """Sentences for everything the imports of one module do wrong."""
    tree = ast.parse(source)
    at_load = set(outside_functions(tree))
    found = []
    for node in ast.walk(tree):
        if "TYPE_CHECKING" in (getattr(node, "id", None), getattr(node, "attr", None)):
            found.append(f"line {node.lineno}: TYPE_CHECKING hides a circle; use a Protocol")
        if isinstance(node, ast.ImportFrom) and node.level:
            found.append(f"line {node.lineno}: relative import")
        for target in imported(node):
            judge = _judge_own if target.split(".")[0] == "mnlstat" else _judge_outside
            faults = judge(module, target, node in at_load)
            found += [f"line {node.lineno}: {fault}" for fault in faults]
    return found


def _judge_own(module: str, target: str, at_load: bool) -> Iterator[str]:
    here, there = part_of(module), part_of(target)
    if not at_load:
        yield f"imports {target} inside a function"
    if there not in LEVEL:
        yield f"imports {target}, which no layer names"
    elif target in ADAPTERS:
        yield f"imports {target}, which needs {ADAPTERS[target]}"
    elif here == there:
        return
    elif LEVEL[there] >= LEVEL[here] or there not in ONLY.get(here, {there}):
        yield f"{here} must not import {there} ({target})"


def _judge_outside(module: str, target: str, at_load: bool) -> Iterator[str]:
    here, package = part_of(module), target.split(".")[0]
    if package in FORBIDDEN.get(here, set()):
        yield f"{here} must not know {package}"
    if module != SOLE_IMPORTER.get(package, module):
        yield f"only {SOLE_IMPORTER[package]} imports {package}"
    if at_load and package in LAZY and ADAPTERS.get(module) != package:
        yield f"{package} must be imported inside the function that needs it"


def test_every_module_is_named_in_a_layer() -> None:
    unknown = {module_name(path) for path in SOURCES if part_of(module_name(path)) not in LEVEL}
    assert not unknown, f"name these in LAYERS: {sorted(unknown)}"


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_imports_go_downwards(path: Path) -> None:
    assert breaches(module_name(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source", "word"),
    [
        ("mnlstat.linalg", "from mnlstat.rows import total", "must not import rows"),
        ("mnlstat.design.spec", "from mnlstat.likelihood import x", "must not import likelihood"),
        ("mnlstat.likelihood.x", "import mnlstat.design", "must not import design"),
        ("mnlstat.rows.rows", "import pandas as pd", "must not know pandas"),
        ("mnlstat.design.spec", "import patsy", "only mnlstat.design.formula"),
        ("mnlstat.results", "def f():\n    import statsmodels", "only mnlstat.peers.statsmodels"),
        ("mnlstat.peers.statsmodels", "import statsmodels.api", "inside the function"),
        ("mnlstat.cli", "def f():\n    from mnlstat.model import mnlogit", "inside a function"),
        ("mnlstat.model", "from typing import TYPE_CHECKING\nif TYPE_CHECKING: pass", "Protocol"),
        ("mnlstat.model", "from . import results", "relative import"),
        ("mnlstat.model", "from mnlstat.plotting import x", "no layer names"),
        ("mnlstat.model", "import mnlstat", "must not import __init__"),
        ("mnlstat.datasets", "from mnlstat.linalg import x", "must not import linalg"),
        ("mnlstat.workflow.x", "import sklearn", "inside the function"),
        ("mnlstat.workflow.x", "import mnlstat.workflow.classifier", "needs sklearn"),
    ],
)
def test_a_breach_is_seen(module: str, source: str, word: str) -> None:
    found = breaches(module, source)
    assert len(found) == 1
    assert word in found[0]


def test_what_is_allowed_passes() -> None:
    assert breaches("mnlstat.results", "from mnlstat.inference import tests, intervals") == []
    assert breaches("mnlstat.design.formula", "import patsy") == []
    assert breaches("mnlstat.peers.statsmodels", "def f():\n    import statsmodels.api") == []
    assert breaches("mnlstat.design.spec", "from mnlstat.design.source import Source") == []
