"""Rows that are read again for each pass, a factor of many levels as codes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mnlstat.arrays import BoolArray, FloatArray
from mnlstat.rows.grouped import Grouped, LevelMeans
from mnlstat.rows.joining import arrays_of, joined, with_arrays
from mnlstat.rows.level_survey import LevelSurvey
from mnlstat.rows.part import Part
from mnlstat.rows.rows import Block, Mapper, Rows
from mnlstat.rows.streamed import Reader, Sampling, Streamed, Tally, blocks_of, rows_kept
from mnlstat.rows.streamed_columns import streamed_columns
from mnlstat.rows.threads import one_blas_thread


@dataclass(frozen=True, kw_only=True, repr=False)
class StreamedLevels(Streamed):
    """Rows whose blocks are grouped: codes of one or several factors, and other columns.

    In other coordinates the rows of each block are sorted by level.

    Attributes
    ----------
    survey : of the columns as they are read
    coordinates : of the blocks; None for the columns as they are read
    """

    survey: LevelSurvey
    coordinates: LevelMeans | None = None

    @property
    def n_columns(self) -> int:
        """k."""
        return self.matrix.n_columns

    @property
    def matrix(self) -> Grouped:
        """The design of the sample: that of all rows has the same form."""
        matrix = self.sample.matrix
        assert isinstance(matrix, Grouped)
        return matrix

    def _formed(self, part: Part) -> Part:
        if self.coordinates is None:
            return part
        assert isinstance(part.matrix, Grouped)
        return part.in_form(*part.matrix.sorted_in_coordinates(self.coordinates))

    def with_unit(self, unit: float) -> StreamedLevels:
        """The same rows with their weights divided by ``unit``."""
        outcomes = self.survey.outcomes / unit
        return replace(super().with_unit(unit), survey=replace(self.survey, outcomes=outcomes))

    def columns(self, kept: BoolArray) -> Streamed:
        """The same rows with the kept columns, which are written out; it takes a pass."""
        if kept.all():
            return self
        assert self.coordinates is None, "columns are chosen before coordinates"
        reader = self.reader.written_out()
        rows = streamed_columns(reader, self.n_outcomes, self.block_rows, self.mapper)
        assert isinstance(rows, Streamed)  # the sample of wider rows is smaller still
        return rows.with_unit(self.unit).columns(kept)

    def in_coordinates(self, coordinates: Any) -> StreamedLevels:
        """The same rows with a column for each level, and the others orthonormal within levels."""
        sample = self.sample.in_coordinates(coordinates)
        return replace(self, coordinates=coordinates, sample=sample)

    def reach_of(self, step: FloatArray) -> float:
        """A bound on the range of ``x_i'd_j`` over outcomes j, from the ranges of the columns."""
        layout, rest = self.matrix.layout, self.matrix.rest
        if self.coordinates is not None:
            layout = self.coordinates.layout
            step = self.coordinates.to_original(step.ravel()).reshape(len(step), -1)
        every = np.vstack([step, np.zeros(step.shape[1])])
        first, second = np.triu_indices(len(every), 1)
        effects, others = layout.split(every[first] - every[second])
        low, high = self.survey.low, self.survey.high
        numbers = others[:, rest.pieces[0]]
        about = effects + (numbers @ (low / 2 + high / 2))[:, None]
        reach = np.abs(about).max(axis=1) + np.abs(numbers) @ (high / 2 - low / 2)
        for piece in rest.pieces[1:]:
            reach += np.abs(others[:, piece]).max(axis=1)
        return float(reach.max())

    def described(self) -> list[Any]:
        """Arrays that tell these rows from others."""
        survey, sample = self.survey, self.sample
        sums = [survey.counts, survey.sums, survey.within, survey.outcomes, *survey.further]
        return [*sums, *arrays_of(sample.matrix), sample.response, self.outcome_totals()]


def streamed_levels(
    reader: Reader, n_outcomes: int, block_rows: int, mapper: Mapper
) -> Rows | StreamedLevels:
    """Read all rows once: sums by level, and a sample; all rows where that holds them."""
    sampling = Sampling(reader.n_rows, rows_kept(reader, n_outcomes), n_outcomes)
    if sampling.everything:
        return sampling.all_of(reader).rows(block_rows, mapper)

    def sampled() -> Iterator[Block]:
        for part in blocks_of(reader, block_rows):
            sampling.add(part)
            yield part.block(n_outcomes)

    survey: LevelSurvey | None = None
    with one_blas_thread():
        for part in mapper(LevelSurvey.of, sampled()):
            survey = part if survey is None else survey.merge(part)
    assert survey is not None
    return StreamedLevels(
        reader=reader,
        n_outcomes=n_outcomes,
        tally=sampling.tally,
        block_rows=block_rows,
        mapper=mapper,
        sample=anchored(sampling.rows(block_rows, mapper), survey, sampling.tally),
        survey=survey,
    )


def anchored(sample: Rows, survey: LevelSurvey, tally: Tally) -> Rows:
    """A sample with one row more for each level, at its means, with its shares of the outcomes.

    Levels of few rows, or of a rare outcome, may have none in the sample; the effect of each then
    is finite there all the same.
    """
    matrix = sample.matrix
    assert isinstance(matrix, Grouped)
    shares = survey.outcomes / np.maximum(survey.counts, 1.0)
    outcome, level = np.nonzero(shares)
    references = [int(np.argmin(each.own)) for each in matrix.rest.coded]
    codes = [np.full(len(level), at) for at in references]
    more = with_arrays(matrix, [np.asfortranarray(survey.means[level]), level, *codes])
    own = np.ones(len(sample)) if sample.weights is None else sample.weights
    weights = np.concatenate([own, shares[outcome, level]])
    response = np.concatenate([sample.response, outcome])
    offset = sample.offset
    if offset is not None:
        offset = np.concatenate([offset, np.tile(tally.mean_offset, (len(level), 1))])
    whole = joined([matrix, more])
    return replace(sample, matrix=whole, response=response, weights=weights, offset=offset)
