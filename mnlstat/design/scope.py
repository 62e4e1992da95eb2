"""What a formula may use besides the data: the names of the code that called the package."""

from __future__ import annotations

import copy
import importlib
import pickle
import sys
import warnings
from dataclasses import dataclass
from types import BuiltinFunctionType, FrameType, FunctionType, ModuleType
from typing import Any

from mnlstat.errors import FormulaError, MnlstatWarning
from mnlstat.options import shown

PACKAGE = __name__.partition(".")[0]
COMPREHENSIONS = frozenset({"<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"})


def caller_scope() -> dict[str, Any]:
    """Return the names visible to the code outside this package that is calling it.

    Globals overlaid by locals; a comprehension sees the function around it, too.
    """
    frame = _outside_frame(sys._getframe(1))[0]
    layers: list[dict[str, Any]] = []
    while frame is not None:
        layers.append(dict(frame.f_locals))
        if frame.f_code.co_name not in COMPREHENSIONS:
            layers.append(frame.f_globals)
            break
        frame = frame.f_back
    return {name: value for layer in reversed(layers) for name, value in layer.items()}


def warn(warning: MnlstatWarning) -> None:
    """Warn at the line outside this package that asked for the work."""
    depth = _outside_frame(sys._getframe(1))[1]
    warnings.warn(warning, stacklevel=depth + 2)


def _outside_frame(frame: FrameType | None) -> tuple[FrameType | None, int]:
    """Return the first frame from ``frame`` upwards that is not ours, and how far up it is."""
    steps = 0
    while frame is not None and _is_ours(frame):
        frame, steps = frame.f_back, steps + 1
    return frame, steps


def _is_ours(frame: FrameType) -> bool:
    """Whether a frame is of this package, or of what wraps its functions."""
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] in (PACKAGE, "contextlib")


@dataclass(frozen=True, eq=False)
class Outside:
    """A name of the caller's scope that a formula uses.

    Modules, functions and classes are pickled by name, everything else by value.
    """

    name: str
    value: Any

    @classmethod
    def capture(cls, name: str, value: Any) -> Outside:
        """Keep ``value``; a copy of it where it could be changed later."""
        if callable(value) or isinstance(value, ModuleType):
            return cls(name, value)
        try:
            return cls(name, copy.deepcopy(value))
        except Exception:
            return cls(name, value)

    def __deepcopy__(self, memo: dict[int, Any]) -> Outside:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        value = self.value
        if isinstance(value, ModuleType):
            return _module, (self.name, value.__name__)
        if isinstance(value, FunctionType | BuiltinFunctionType | type):
            home = (self.name, value.__module__, value.__qualname__)
            if found_by_name(home[1], home[2]) is value:
                return _function, home
        try:
            pickle.dumps(value)
        except Exception as error:
            raise FormulaError(
                "cannot-pickle",
                f"the design cannot be pickled: {shown(self.name)} in the formula is"
                f" {described(value)}, which cannot be imported by name.\n"
                "Define it at the top level of a module.",
            ) from error
        return Outside, (self.name, value)


def described(value: object) -> str:
    """What a value of the caller is, in words."""
    if isinstance(value, FunctionType):
        return "a lambda" if value.__name__ == "<lambda>" else "a local function"
    return f"an object of type {type(value).__name__}"


def found_by_name(module: str | None, qualname: str) -> Any:
    """Return what ``module.qualname`` is in the modules already imported, or None."""
    found: Any = sys.modules.get(module or "")
    for part in qualname.split("."):
        found = getattr(found, part, None)
    return found


def _module(name: str, module: str) -> Outside:
    try:
        return Outside(name, importlib.import_module(module))
    except ImportError as error:
        raise FormulaError(
            "name-not-importable",
            f"the saved design uses {shown(name)} in its formula: module {shown(module)} cannot be"
            " imported.",
        ) from error


def _function(name: str, module: str, qualname: str) -> Outside:
    importable = _module(name, module).value
    for part in qualname.split("."):
        importable = getattr(importable, part, None)
    if importable is None:
        raise FormulaError(
            "name-not-importable",
            f"the saved design uses {shown(name)} in its formula: module {shown(module)} has no"
            f" {shown(qualname)}.",
        )
    return Outside(name, importable)
