"""The learned design in the form of a file: plain data, and functions by their names."""

from __future__ import annotations

import importlib
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

import numpy as np

from mnlstat.design.aliasing import Aliasing
from mnlstat.design.expression import Expression, Read
from mnlstat.design.formula import LEARNERS, FactorText
from mnlstat.design.missing import Dropped
from mnlstat.design.offsets import LearnedOffset
from mnlstat.design.plan import Plan, Subterm, Term
from mnlstat.design.predictors import Factor, LearnedFactor
from mnlstat.design.response import Response
from mnlstat.design.scope import Outside, described, found_by_name
from mnlstat.design.spec import DesignSpec
from mnlstat.design.used import LearnedColumn
from mnlstat.errors import FormulaError
from mnlstat.options import shown
from mnlstat.saving.values import DocumentError, Form, Reader, UnsaveableError, Writer, record

# A file may name functions of these packages, and of no others.
PACKAGES = ("numpy", "scipy", "pandas", "patsy", "mnlstat", "math")
CURE = (
    "Compute it beforehand, as a column of the data; or pickle the result, if it can be imported."
)


def _write_factor(factor: Any, writer: Writer) -> Any:
    content = dict(vars(factor))
    states = content.pop("states")
    try:
        written = [writer.write(state) for state in states]
    except UnsaveableError as error:
        raise FormulaError(
            "cannot-be-saved",
            f"{factor.expression.text.name} cannot be saved: what it learned is {error}.\n{CURE}",
        ) from error
    return {name: writer.write(each) for name, each in content.items()} | {"states": written}


def _read_factor(content: Any, reader: Reader) -> Any:
    read = {name: reader.read(each) for name, each in content.items()}
    return LearnedFactor(**(read | {"states": tuple(read["states"])}))


def _write_expression(expression: Any, writer: Writer) -> Any:
    names = ("text", "source", "reads", "outside")
    return {name: writer.write(getattr(expression, name)) for name in names}


def _read_expression(content: Any, reader: Reader) -> Any:
    """An expression that can be evaluated; to learn anew it would be read from the formula."""
    read = {name: reader.read(each) for name, each in content.items()}
    return Expression(**read, transforms=())


def _write_outside(outside: Any, writer: Writer) -> Any:
    """A value as it is; a module, function or class by its name."""
    value, name = outside.value, outside.name
    if isinstance(value, ModuleType):
        return [name, "module", _allowed(value.__name__, "", outside)]
    if isinstance(value, FunctionType | BuiltinFunctionType | type | np.ufunc):
        home = _home(value)
        if home is None:
            raise _refused(name, described(value))
        return [name, "function", _allowed(*home, outside), home[1]]
    try:
        return [name, "value", writer.write(value)]
    except UnsaveableError as error:
        raise _refused(name, str(error)) from error


def _home(value: Any) -> tuple[str, str] | None:
    """Module and name under which a function is found, None where there are none."""
    name = getattr(value, "__qualname__", getattr(value, "__name__", ""))
    modules = [getattr(value, "__module__", None)]
    if isinstance(value, np.ufunc):
        modules += ["numpy", "scipy.special"]
    return next(((m, name) for m in modules if m and found_by_name(m, name) is value), None)


def _allowed(module: str, function: str, outside: Outside) -> str:
    parts = module.split(".")
    if parts[0] not in PACKAGES:
        what = f"{module}.{function}" if function else f"the module {module}"
        listed = ", ".join(PACKAGES)
        raise _refused(outside.name, f"{what}, which is not of {listed}")
    return module


def _refused(name: str, what: str) -> FormulaError:
    return FormulaError(
        "cannot-be-saved",
        f"the result cannot be saved: {shown(name)} in the formula is {what}.\n{CURE}",
    )


def _read_outside(content: Any, reader: Reader) -> Any:
    name, kind, *rest = content
    if kind == "value":
        return Outside(name, reader.read(rest[0]))
    module = rest[0]
    parts = module.split(".")
    if parts[0] not in PACKAGES or any(part.startswith("__") for part in parts):
        raise DocumentError(f"it names the module {module!r}, which a file may not")
    try:
        found = importlib.import_module(module)
    except ImportError as error:
        raise DocumentError(f"its formula uses {name!r}, but there is no {module}") from error
    if kind == "function":
        found = found_by_name(module, rest[1])
        # numpy has a module that has os: only what calls itself by this name is meant
        if found is None or isinstance(found, ModuleType) or _home(found) != (module, rest[1]):
            raise DocumentError(f"its formula uses {name!r}, but {module} has no {rest[1]}")
    return Outside(name, found)


def _learner(kind: type) -> Form:
    """The form of what a transform or a contrast holds: its attributes."""

    def write(value: Any, writer: Writer) -> Any:
        state = value.__getstate__() or {}
        return {name: writer.write(each) for name, each in state.items()}

    def read(content: Any, reader: Reader) -> Any:
        made: Any = object.__new__(kind)
        state = {name: reader.read(each) for name, each in content.items()}
        restore = getattr(made, "__setstate__", vars(made).update)
        restore(state)
        return made

    return Form(_class_name(kind), kind, write, read)


def _class_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _write_class(value: Any, writer: Writer) -> Any:
    if value not in LEARNERS:
        raise UnsaveableError(f"the class {value.__name__}")
    return _class_name(value)


def _read_class(name: Any, reader: Reader) -> Any:
    return {_class_name(kind): kind for kind in LEARNERS}[name]


FORMS: tuple[Form, ...] = (
    *map(
        record,
        (
            Aliasing, DesignSpec, Dropped, Factor, FactorText, LearnedColumn, LearnedOffset, Plan,
            Read, Response, Subterm, Term,
        ),
    ),
    Form("LearnedFactor", LearnedFactor, _write_factor, _read_factor),
    Form("Expression", Expression, _write_expression, _read_expression),
    Form("Outside", Outside, _write_outside, _read_outside),
    Form("class", type, _write_class, _read_class),
    *map(_learner, LEARNERS),
)  # fmt: skip
