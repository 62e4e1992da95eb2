"""Values as a document in JSON, with arrays beside it, and back: nothing in it is run.

A number, text, truth value, None or list stands for itself.  Anything else is an object of two
entries, ``{"is": name, "of": content}``, and each name is that of a :class:`Form`.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any

import numpy as np

from mnlstat.options import shown

DOCUMENT = "document.json"
# Of all members of a file: the same result gives the same bytes.
MOMENT = (1980, 1, 1, 0, 0, 0)
# Kinds of arrays that are objects, text of any length, or records.
NO_ARRAYS = "OTV"


class UnsaveableError(TypeError):
    """A value that no form knows."""


class DocumentError(ValueError):
    """A document that does not say what it should."""


@dataclass(frozen=True)
class Form:
    """How values of one type are written.

    Attributes
    ----------
    name : in the document
    kind : the type, exactly
    write : from a value and the writer to content
    read : from content and the reader to the value
    """

    name: str
    kind: type
    write: Callable[[Any, Writer], Any]
    read: Callable[[Any, Reader], Any]


class Writer:
    """Writes values, and collects their arrays."""

    def __init__(self, forms: Iterable[Form]) -> None:
        self._forms = {form.kind: form for form in forms}
        self.arrays: list[Any] = []

    def write(self, value: Any) -> Any:
        """The value as JSON.

        Raises
        ------
        UnsaveableError
            For a value of a type without a form.
        """
        kind = type(value)
        if value is None or kind in (bool, int, str) or (kind is float and math.isfinite(value)):
            return value
        if kind is list:
            return [self.write(each) for each in value]
        if isinstance(value, np.generic):
            return {"is": "scalar", "of": self._array(np.asarray(value))}
        form = self._forms.get(kind)
        if form is None:
            raise UnsaveableError(f"{shown(value)}, an object of type {kind.__name__}")
        return {"is": form.name, "of": form.write(value, self)}

    def write_array(self, array: Any) -> Any:
        """An array: a member of the file, or a list where it holds objects."""
        if array.dtype.kind == "O":
            flat = [self.write(each) for each in array.ravel().tolist()]
            return {"shape": list(array.shape), "objects": flat}
        return self._array(array)

    def _array(self, array: Any) -> int:
        if array.dtype.kind in NO_ARRAYS:
            raise UnsaveableError(f"an array of type {array.dtype}")
        self.arrays.append(array)
        return len(self.arrays) - 1


class Reader:
    """Reads values that were written."""

    def __init__(self, forms: Iterable[Form], arrays: Mapping[int, Any]) -> None:
        self._forms = {form.name: form for form in forms}
        self._arrays = arrays

    def read(self, node: Any) -> Any:
        """The value.

        Raises
        ------
        DocumentError
            For a form that is not known.
        """
        if isinstance(node, list):
            return [self.read(each) for each in node]
        if not isinstance(node, dict):
            return node
        if node["is"] == "scalar":
            return self._arrays[node["of"]][()]
        form = self._forms.get(node["is"])
        if form is None:
            raise DocumentError(f"it holds {node['is']!r}, which this version does not know")
        return form.read(node["of"], self)

    def read_array(self, content: Any) -> Any:
        """An array that can be written to."""
        if not isinstance(content, dict):
            return self._arrays[content]
        array = np.empty(len(content["objects"]), dtype=object)
        array[:] = [self.read(each) for each in content["objects"]]
        return array.reshape(content["shape"])


def record(kind: Any) -> Form:
    """The form of a dataclass: its fields by name."""
    names = {each.name for each in fields(kind)}

    def write(value: Any, writer: Writer) -> Any:
        return {name: writer.write(getattr(value, name)) for name in sorted(names)}

    def read(content: Any, reader: Reader) -> Any:
        if unknown := sorted(set(content) - names):
            raise DocumentError(f"{kind.__name__} has no {unknown[0]!r} in this version")
        return kind(**{name: reader.read(each) for name, each in content.items()})

    return Form(kind.__name__, kind, write, read)


def member(kind: type[Enum]) -> Form:
    """The form of an enumeration: the names of its members."""
    return Form(kind.__name__, kind, lambda value, _: value.name, lambda name, _: kind[name])


def packed(value: Any, forms: Iterable[Form]) -> bytes:
    """A value as a zip file: a document in JSON, and its arrays as .npy."""
    writer = Writer(forms)
    document = json.dumps(writer.write(value), allow_nan=False).encode("ascii")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(DOCUMENT, MOMENT), document)
        for at, array in enumerate(writer.arrays):
            npy = io.BytesIO()
            np.lib.format.write_array(npy, np.asarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{at}.npy", MOMENT), npy.getvalue())
    return content.getvalue()


def unpacked(payload: bytes, forms: Iterable[Form]) -> Any:
    """The value in a zip file.

    Raises
    ------
    DocumentError
        When it holds something else.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            document = json.loads(archive.read(DOCUMENT))
            arrays = {
                int(name.removesuffix(".npy")): _array(archive.read(name))
                for name in archive.namelist()
                if name != DOCUMENT
            }
        return Reader(forms, arrays).read(document)
    except DocumentError:
        raise
    except (
        ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError,
        zipfile.BadZipFile,
    ) as error:  # fmt: skip
        raise DocumentError("its contents are not those of a result") from error


def _array(content: bytes) -> Any:
    return np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
