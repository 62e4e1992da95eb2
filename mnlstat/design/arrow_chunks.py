"""Parquet files and pyarrow datasets, read in pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mnlstat.design.arrow_types import (
    check_scanned,
    check_together,
    held,
    held_filtered,
    unreadable,
    widened,
)
from mnlstat.design.pieces import check_names, reason, rows_at_once
from mnlstat.design.survey import changed
from mnlstat.errors import FileFormatError

# What is read from a parquet file ahead of its decoding.
BUFFER = 2**18


def arrow() -> Any:
    """pyarrow with its parts for files, or the error that tells how to get it."""
    try:
        import pyarrow
        import pyarrow.dataset
        import pyarrow.parquet
    except ImportError as error:
        raise FileFormatError(
            "needs-pyarrow",
            'reading and writing parquet needs pyarrow: pip install "mnlstat[parquet]"',
        ) from error
    return pyarrow


def dataset_of(source: Any, said: str) -> Any:
    """The dataset of some parquet files or a folder of them, named in errors as ``said``."""
    pa = arrow()
    try:
        found = pa.dataset.dataset(source, format="parquet", partitioning="hive")
    except (pa.ArrowException, OSError) as error:
        _look_at_each(pa, source)
        raise FileFormatError("unreadable-file", f"cannot read {said}: {reason(error)}.") from error
    if not found.schema.names:
        raise FileFormatError(
            "no-such-file", f"cannot read {said}: the folder holds no parquet files."
        )
    return found


def _look_at_each(pa: Any, source: Any) -> None:
    """Raise for the first file that cannot be read, if it is one of them that is broken."""
    with suppress(pa.ArrowException, FileNotFoundError):
        # pyarrow opens no file of a dataset whose schema it is given
        found = pa.dataset.dataset(source, format="parquet", schema=pa.schema([]))
        held(pa, found.get_fragments())


@dataclass(frozen=True)
class ArrowChunks:
    """A pyarrow dataset: its fragments in order, each decoded piece by piece."""

    dataset: Any

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, those that are not in all files included."""
        pa, names = arrow(), dict.fromkeys(check_names(self.dataset.schema.names))
        for each in held(pa, self._fragments() or []):
            names |= dict.fromkeys(each.schema.names)
        return tuple(names)

    def as_text(self, name: str) -> None:
        """Nothing: types are those of the file."""
        return None

    def read(self, names: Sequence[str]) -> Iterator[Any]:
        """Yield frames of these columns."""
        pa, start = arrow(), 0
        try:
            for batch in self._batches(pa, list(names)):
                if batch.num_rows:
                    yield _frame(pa.Table.from_batches([batch]), start)
                    start += batch.num_rows
        except FileFormatError:
            raise
        except (pa.ArrowException, OSError) as error:
            raise FileFormatError(
                "unreadable-file", f"the data cannot be read: {reason(error)}."
            ) from error

    def _fragments(self) -> list[Any] | None:
        """The parts of the dataset; None where pyarrow refuses them, as it does with a filter."""
        try:
            return list(self.dataset.get_fragments())
        except ValueError:
            return None

    def _batches(self, pa: Any, names: list[str]) -> Iterator[Any]:
        """Batches of at most 65,536 rows, with as little read ahead as pyarrow allows."""
        schema, fragments = self.dataset.schema, self._fragments()
        if fragments is None:
            check_scanned(pa, held_filtered(pa, self.dataset), names, schema)
            yield from _scanned(pa, self.dataset, names)
            return
        files = held(pa, fragments)
        said = check_together(pa, files, names, schema)
        for fragment in fragments:
            if isinstance(fragment, pa.dataset.ParquetFileFragment):
                yield from _parquet(pa, fragment, names, said)
                continue
            yield from fragment.to_batches(
                schema=widened(pa, files, names, said),
                columns=names,
                batch_size=rows_at_once(names),
                batch_readahead=1,
                use_threads=False,
            )


def _scanned(pa: Any, dataset: Any, names: list[str]) -> Iterator[Any]:
    """Batches of a dataset with a filter: pyarrow applies it, also to whole row groups."""
    options = {}
    if isinstance(getattr(dataset, "format", None), pa.dataset.ParquetFileFormat):
        # buffered ahead, whole files would be in memory
        options["fragment_scan_options"] = pa.dataset.ParquetFragmentScanOptions(
            use_buffered_stream=True, buffer_size=BUFFER, pre_buffer=False
        )
    yield from dataset.scanner(
        columns=names,
        batch_size=rows_at_once(names),
        batch_readahead=1,
        fragment_readahead=1,
        use_threads=False,
        **options,
    ).to_batches()


def _parquet(pa: Any, fragment: Any, names: list[str], said: dict[str, Any]) -> Iterator[Any]:
    """One parquet file; columns told by its folder are put beside those it holds."""
    told = pa.dataset.get_partition_keys(fragment.partition_expression)
    inside = [name for name in names if name not in told]
    try:
        with fragment.open() as handle:
            file = pa.parquet.ParquetFile(handle, pre_buffer=False, buffer_size=BUFFER)
            if not set(inside) <= set(file.schema_arrow.names):
                raise changed()
            groups = [group.id for group in fragment.row_groups]
            for batch in file.iter_batches(
                batch_size=rows_at_once(names), row_groups=groups, columns=inside, use_threads=False
            ):
                columns = []
                for name in names:
                    column = batch.column(name) if name in inside else None
                    if column is None:
                        column = pa.repeat(pa.scalar(told[name]), batch.num_rows)
                    columns.append(_cast(column, said.get(name)))
                yield pa.RecordBatch.from_arrays(columns, names)
    except (pa.ArrowException, OSError) as error:
        raise unreadable(fragment.path, error) from error


def _cast(column: Any, kind: Any) -> Any:
    return column if kind is None or column.type == kind else column.cast(kind)


def _frame(table: Any, start: int) -> Any:
    made = table.to_pandas(integer_object_nulls=True, ignore_metadata=True)
    return made.set_axis(pd.RangeIndex(start, start + len(made)), axis=0)
