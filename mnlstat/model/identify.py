"""From prepared numbers to a likelihood of the columns that the data identify."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mnlstat.design.aliasing import Aliasing
from mnlstat.design.prepared import Prepared
from mnlstat.design.scope import warn
from mnlstat.design.stream import PreparedStream
from mnlstat.errors import (
    AliasedWarning,
    ConditionWarning,
    DataError,
    NearAliasedWarning,
    RankError,
)
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.memory import check_room
from mnlstat.options import named
from mnlstat.rows.dependence import dependence_by_level
from mnlstat.rows.geometry import Aliases, Geometry
from mnlstat.rows.level_geometry import LevelGeometry, geometry_of
from mnlstat.rows.matrix import Dense
from mnlstat.rows.rows import Rows, block_rows
from mnlstat.rows.streamed import Streamed
from mnlstat.rows.streamed_columns import streamed_columns
from mnlstat.rows.streamed_levels import StreamedLevels, streamed_levels
from mnlstat.rows.threads import ThreadMap

# Above this condition of the (centred, scaled) design the user is told which columns cause it.
ILL_CONDITIONED = 1e8
# Matrices of the size of the covariance that a fit has in memory at a time.
COVARIANCES = 5


def identified(
    prepared: Prepared | PreparedStream, rank: str, rank_tol: float, n_threads: int
) -> tuple[MultinomialLikelihood, Aliasing]:
    """Likelihood of the independent columns, and what the others equal.

    Raises
    ------
    RankError
        For more columns than rows; for dependent columns when ``rank`` is "error".
    DataError
        When no column is left: all are zero.
    """
    spec, n, k = prepared.spec, prepared.dropped.used, len(prepared.spec.columns)
    if k > n:
        raise RankError(
            "more-columns-than-rows",
            f"the design has {k} columns but only {n} rows are used.\n"
            "Give it more data, or leave terms out of the formula.",
        )
    p = k * (len(spec.response.labels) - 1)
    check_room(
        8.0 * COVARIANCES * p**2,
        f"the covariance of {p} coefficients ({k} columns, {p // k} equations)",
        "Merge levels of the largest factor, or outcomes, or leave terms out of the formula.",
    )
    rows, geometry, aliases = _understood(_rows(prepared, ThreadMap(n_threads)), rank_tol)
    sizes = np.maximum(np.abs(geometry.sums.low), np.abs(geometry.sums.high))
    aliasing = Aliasing.of(spec.columns, aliases, sizes)
    if not aliases.kept.any():
        raise DataError(
            "zero-design",
            f"every design column is zero: {', '.join(map(named, spec.columns[:10]))}.",
        )
    kept = None
    if not aliases.kept.all():
        _tell(aliasing, rank, rank_tol)
        kept = aliases.kept
        rows = rows.columns(kept)
    known = geometry if kept is None and isinstance(rows, Streamed) else None
    likelihood = MultinomialLikelihood(rows, spec.response.base, kept, known)
    _warn_of_condition(likelihood.geometry, aliasing.names)
    return likelihood, aliasing


def _rows(prepared: Prepared | PreparedStream, mapper: ThreadMap) -> Rows | Streamed:
    """The rows in memory; those that come in pieces as few patterns, or to be read again."""
    J, k = len(prepared.spec.response.labels), len(prepared.spec.columns)
    size = block_rows(k * (J - 1))
    if isinstance(prepared, Prepared):
        weights = None if prepared.weights is None else prepared.weights.values
        if weights is not None and (weights == 1).all():
            weights = None
        return Rows(prepared.matrix, prepared.codes, J, weights, prepared.offset, size, mapper)
    check_room(
        16.0 * (k * (J - 1)) ** 2,
        f"the information matrix of {k * (J - 1)} parameters",
        "Leave out terms of many columns, or fit a part of the rows with a frame.",
    )
    found = prepared.source.patterns()
    if found is not None:
        whole, squares = Dense(found.X), found.squares
        return Rows(whole, found.counts, J, block_rows=size, mapper=mapper, squares=squares)
    read = streamed_columns if prepared.source.coding is None else streamed_levels
    return read(prepared.source, J, size, mapper)


def _understood(
    rows: Rows | Streamed, rank_tol: float
) -> tuple[Rows | Streamed, Geometry | LevelGeometry, Aliases]:
    """The rows, what their columns look like, and which are combinations of others.

    Columns in codes are written out where only that tells them apart.
    """
    geometry = geometry_of(rows.collapsed())
    if isinstance(rows, StreamedLevels) and isinstance(geometry, LevelGeometry):
        if not geometry.independent(rank_tol):
            rows = streamed_columns(
                rows.reader.written_out(),
                rows.n_outcomes,
                rows.block_rows,
                rows.mapper,
            )
            geometry = geometry_of(rows)
    elif isinstance(rows, Rows) and isinstance(geometry, LevelGeometry):
        aliases = _dependence_by_level(rows, geometry, rank_tol)
        if aliases is not None:
            return rows, geometry, aliases
        n, k = len(rows), rows.n_columns
        check_room(
            8.0 * n * k,
            f"the design of {n} rows and {k} columns, some of them nearly combinations of others,",
            "Leave out the columns that are nearly constant within the levels of the largest"
            " factor.",
        )
        rows = replace(rows, matrix=Dense(rows.X))
        geometry = geometry_of(rows)
    return rows, geometry, geometry.dependence(rank_tol)


def _dependence_by_level(rows: Rows, geometry: LevelGeometry, rank_tol: float) -> Aliases | None:
    """Which columns are combinations of others, if that is clear and the others can stay codes."""
    if geometry.independent(rank_tol):
        return geometry.dependence(rank_tol)
    aliases = dependence_by_level(geometry, rank_tol)
    if aliases is None or not geometry.matrix.stays_grouped(aliases.kept):
        return None
    left = geometry_of(rows.columns(aliases.kept))
    return aliases if isinstance(left, LevelGeometry) and left.independent(rank_tol) else None


def _tell(aliasing: Aliasing, rank: str, rank_tol: float) -> None:
    """Name the aliased columns in a warning, or in an error when ``rank`` is "error"."""
    sentences = [named(f"{name} {what}", 200) for name, what in aliasing.sentences.items()]
    many = len(sentences) > 5
    listed = "; ".join(sentences[:5]) + (f"; and {len(sentences) - 5} more" if many else "")
    if rank == "error":
        raise RankError(
            "aliased",
            f"design columns are combinations of others: {listed}.\n"
            "Leave them out of the formula, or let rank='drop' do so.",
        )
    plain = [c for c, what in aliasing.sentences.items() if not what.startswith("~")]
    if plain:
        warn(
            AliasedWarning(
                "aliased",
                f"aliased design columns, left out (coefficients NaN): {listed}.\n"
                "All other estimates are unaffected; the fit is that of the kept columns.",
            )
        )
    for j in np.flatnonzero(aliasing.near).tolist():
        name = aliasing.columns[j]
        partner = next(
            (other for other in aliasing.partners(j) if other != "Intercept"), "Intercept"
        )
        condition = 1.0 / max(aliasing.distance[j], np.finfo(float).tiny)
        warn(
            NearAliasedWarning(
                "nearly-aliased",
                f"column {named(name)} is nearly collinear with {named(partner)} (condition number"
                f" about {condition:.1e}) and left out:\nits distance from"
                f" {named(f'{name} {aliasing.sentences[name]}', 200)} is below"
                f" rank_tol={rank_tol:g}.\nLower rank_tol to estimate it all the same.",
            )
        )


def _warn_of_condition(geometry: Geometry | LevelGeometry, names: tuple[str, ...]) -> None:
    if geometry.plain or geometry.centred_condition_number <= ILL_CONDITIONED:
        return
    first, second = geometry.weakest_pair
    warn(
        ConditionWarning(
            "nearly-collinear",
            f"columns {named(names[first])} and {named(names[second])} are nearly collinear:"
            f" condition number of the scaled design {geometry.condition_number:.1e}.\nAbout"
            f" {max(0.0, 15 - np.log10(geometry.centred_condition_number)):.0f} digits of their"
            " coefficients are right; centre them, or leave one out.",
        )
    )
