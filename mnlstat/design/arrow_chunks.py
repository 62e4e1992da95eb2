"""Parquet files and pyarrow datasets, read in pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mnlstat.design.pieces import check_names, reason, rows_at_once
from mnlstat.errors import DataError, FileFormatError

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
            'reading and writing parquet needs pyarrow: pip install "mnlstat[parquet]"'
        ) from error
    return pyarrow


def dataset_of(source: Any, said: str) -> Any:
    """The dataset of some parquet files or a folder of them, named in errors as ``said``."""
    pa = arrow()
    try:
        found = pa.dataset.dataset(source, format="parquet", partitioning="hive")
    except (pa.ArrowException, OSError) as error:
        raise FileFormatError(f"cannot read {said}: {reason(error)}.") from error
    if not found.schema.names:
        raise FileFormatError(f"cannot read {said}: the folder holds no parquet files.")
    return found


@dataclass(frozen=True)
class ArrowChunks:
    """A pyarrow dataset: its fragments in order, each decoded piece by piece."""

    dataset: Any

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return check_names(self.dataset.schema.names)

    def as_text(self, name: str) -> None:
        """Nothing: types are those of the file."""
        return None

    def read(self, names: Sequence[str]) -> Iterator[Any]:
        """Yield frames of these columns."""
        pa, start = arrow(), 0
        schema = pa.schema([self.dataset.schema.field(name) for name in names])
        try:
            for batch in self._batches(pa, list(names)):
                if batch.num_rows:
                    columns = [_cast(batch.column(name), schema.field(name).type) for name in names]
                    yield _frame(pa.Table.from_arrays(columns, schema=schema), start)
                    start += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise FileFormatError(f"the data cannot be read: {reason(error)}.") from error

    def _batches(self, pa: Any, names: list[str]) -> Iterator[Any]:
        """Batches of at most 65,536 rows, with as little read ahead as pyarrow allows."""
        plain = not getattr(self.dataset, "_scan_options", None)
        try:
            fragments = list(self.dataset.get_fragments())
        except ValueError as error:  # of a dataset with a filter only all batches can be had
            raise DataError(
                "a pyarrow dataset with a filter cannot be read in pieces.\n"
                "Give the dataset without it, or a callable that returns an iterator over frames."
            ) from error
        for fragment in fragments:
            if plain and isinstance(fragment, pa.dataset.ParquetFileFragment):
                yield from _parquet(pa, fragment, names)
                continue
            yield from fragment.to_batches(
                schema=self.dataset.schema,
                columns=names,
                filter=(getattr(self.dataset, "_scan_options", None) or {}).get("filter"),
                batch_size=rows_at_once(names),
                batch_readahead=1,
                use_threads=False,
            )


def _parquet(pa: Any, fragment: Any, names: list[str]) -> Iterator[Any]:
    """One parquet file; columns told by its folder are put beside those it holds."""
    told = pa.dataset.get_partition_keys(fragment.partition_expression)
    with fragment.open() as handle:
        file = pa.parquet.ParquetFile(handle, pre_buffer=False, buffer_size=BUFFER)
        held = [name for name in names if name not in told and name in file.schema_arrow.names]
        groups = [group.id for group in fragment.row_groups]
        for batch in file.iter_batches(
            batch_size=rows_at_once(names), row_groups=groups, columns=held, use_threads=False
        ):
            columns = {name: batch.column(name) for name in held}
            for name in names:
                if name not in held:
                    value = pa.scalar(told.get(name))
                    columns[name] = pa.repeat(value, batch.num_rows)
            yield pa.RecordBatch.from_arrays([columns[name] for name in names], names)


def _cast(column: Any, kind: Any) -> Any:
    return column if column.type == kind else column.cast(kind)


def _frame(table: Any, start: int) -> Any:
    made = table.to_pandas(integer_object_nulls=True, ignore_metadata=True)
    return made.set_axis(pd.RangeIndex(start, start + len(made)), axis=0)
