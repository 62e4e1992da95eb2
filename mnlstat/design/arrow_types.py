"""What the files of a dataset hold under a name, and whether it goes together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mnlstat.design.pieces import not_in_file, reason
from mnlstat.errors import DataError, FileFormatError
from mnlstat.options import shown


@dataclass(frozen=True)
class Held:
    """One file: the columns in it, and those that the name of its folder tells."""

    file: str
    schema: Any
    told: frozenset[str] = frozenset()

    def type(self, name: str) -> Any:
        """The type of a column in the file; None where it is not there."""
        at = self.schema.get_all_field_indices(name)
        if len(at) > 1:
            raise DataError(
                "duplicate-column",
                f"two columns are named {shown(name)} in {self.file!r}: rename one of them.",
            )
        return self.schema.field(at[0]).type if at else None


def held(pa: Any, fragments: Iterable[Any]) -> tuple[Held, ...]:
    """What each fragment holds that is a file."""
    found = []
    for fragment in fragments:
        if not isinstance(fragment, pa.dataset.FileFragment):
            continue
        try:
            schema = fragment.physical_schema
        except (pa.ArrowException, OSError) as error:
            raise unreadable(fragment.path, error) from error
        told = pa.dataset.get_partition_keys(fragment.partition_expression)
        found.append(Held(fragment.path, schema, frozenset(told)))
    return tuple(found)


def held_filtered(pa: Any, dataset: Any) -> tuple[Held, ...]:
    """What the files of a dataset hold whose fragments cannot be had, as it has a filter."""
    if hasattr(dataset, "children"):  # of a union, which have no filter themselves
        return tuple(each for child in dataset.children for each in held(pa, child.get_fragments()))
    told = getattr(getattr(dataset, "partitioning", None), "schema", None)
    found = []
    for file in getattr(dataset, "files", ()):
        try:
            schema = dataset.format.inspect(file, dataset.filesystem)
        except (pa.ArrowException, OSError) as error:
            raise unreadable(file, error) from error
        found.append(Held(file, schema, frozenset([] if told is None else told.names)))
    return tuple(found)


def check_together(
    pa: Any, files: Sequence[Held], names: Sequence[str], schema: Any
) -> dict[str, Any]:
    """Types to which columns are to be made, because whoever made the dataset said so.

    The others stay as each file has them: numbers of any width are numbers, and text is text
    whether it is held as codes or not.

    Raises
    ------
    DataError
        Where a column is not in all files, or is of types that do not go together.
    """
    said = {}
    for name in names:
        types = [(each.file, each.type(name)) for each in files if name not in each.told]
        _check_there(name, types)
        filled = [(file, kind) for file, kind in types if not pa.types.is_null(kind)]
        kept = schema.field(name).type if name in schema.names else pa.null()
        # pyarrow takes the types of the first file unless it is told others
        if not pa.types.is_null(kept) and (not filled or kept != filled[0][1]):
            said[name] = kept
        else:
            _check_kinds(pa, name, filled)
    return said


def _check_there(name: str, types: Sequence[tuple[str, Any]]) -> None:
    without = next((file for file, kind in types if kind is None), None)
    if without is not None:
        raise not_in_file(name, without)


def _check_kinds(pa: Any, name: str, types: Sequence[tuple[str, Any]]) -> None:
    for file, kind in types[1:]:
        first, other = _kind(pa, types[0][1]), _kind(pa, kind)
        if first != other:
            raise DataError(
                "types-differ",
                f"column {shown(name)} holds {_both(first, types[0][1])} in {types[0][0]!r} and"
                f" {_both(other, kind)} in {file!r}.\nMake it one type in all files.",
            )


def _both(words: str, kind: Any) -> str:
    return words if words == str(kind) else f"{words} ({kind})"


def widened(pa: Any, files: Sequence[Held], names: Sequence[str], said: dict[str, Any]) -> Any:
    """A schema that holds the values of all files, for files that pyarrow has to convert."""
    fields = []
    for name in names:
        kinds = [each.type(name) for each in files if name not in each.told]
        found = [pa.schema([pa.field(name, kind)]) for kind in kinds or [pa.null()]]
        if name in said:
            fields.append(pa.field(name, said[name]))
            continue
        try:
            fields += pa.unify_schemas(found, promote_options="permissive")
        except pa.ArrowException:  # codes of text and text: pyarrow casts the one to the other
            fields += found[0]
    return pa.schema(fields)


def check_scanned(pa: Any, files: Sequence[Held], names: Sequence[str], schema: Any) -> None:
    """Refuse files that pyarrow would have to change to types that may not hold their values."""
    said = check_together(pa, files, names, schema)
    for name in names:
        if name in said:  # it was chosen, and what cannot be cast is an error of pyarrow
            continue
        kept = schema.field(name).type
        for each in files:
            found = each.type(name)
            if found is None or pa.types.is_null(found) or _fits(pa, found, kept):
                continue
            raise DataError(
                "types-differ",
                f"column {shown(name)} is {found} in {each.file!r}, and {kept} in the filtered"
                " dataset.\nGive pyarrow.dataset.dataset() a schema that can hold both before the"
                " filter.",
            )


def _fits(pa: Any, found: Any, kept: Any) -> bool:
    """Whether values keep what they are, or pyarrow says that they do not."""
    if found == kept or _kind(pa, found) == _kind(pa, kept) == "text":
        return True
    if pa.types.is_integer(found) and pa.types.is_integer(kept):
        return True
    return pa.types.is_float64(kept) and _kind(pa, found) == "numbers"


def _kind(pa: Any, kind: Any) -> str:
    """What values of a type are to a formula."""
    types = pa.types
    if types.is_dictionary(kind):
        inner = _kind(pa, kind.value_type)
        return inner if inner == "text" else f"categories of {inner}"
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        return "numbers"
    if types.is_boolean(kind):
        return "True and False"
    if types.is_string(kind) or types.is_large_string(kind) or str(kind) == "string_view":
        return "text"
    return str(kind)


def unreadable(file: str, error: Exception) -> FileFormatError:
    """A file that pyarrow cannot read; before the reason pyarrow, too, names the file."""
    said = reason(error, after=f"{file}': ")
    return FileFormatError("unreadable-file", f"cannot read {file!r}: {said}.")
