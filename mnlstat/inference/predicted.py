"""Predictions with standard errors and intervals, block by block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.linalg

from mnlstat.arrays import FloatArray
from mnlstat.errors import OptionError
from mnlstat.inference.covariance import Covariance
from mnlstat.inference.degrees import Fixed
from mnlstat.inference.distributions import normal_quantile, t_quantile
from mnlstat.inference.infinity import Infinity
from mnlstat.inference.linear_predictors import Estimands, LinearPredictors
from mnlstat.inference.multiplicity import MaxT
from mnlstat.inference.prediction_options import ALL, LINK, OUTCOMES, PROBABILITY, Asked
from mnlstat.inference.predictions import probabilities
from mnlstat.rows.threads import one_blas_thread

# Elements of the gradients that are held at once; rows of a block at least and at most.
ELEMENTS, LEAST_ROWS, MOST_ROWS = 2**18, 64, 4096
# Bands that hold together: rows whose bands are sought one by one, and predictions of one band.
MOST_BANDS, MOST_TOGETHER = 1000, 10_000

Numbers = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


@dataclass(frozen=True, eq=False)
class Piece:
    """Rows of the estimated columns (n, k), with their offsets (n, J) if there are any."""

    X: FloatArray
    offset: FloatArray | None

    def parts(self, rows: int) -> Iterator[Piece]:
        """Some rows at a time."""
        for start in range(0, len(self.X), rows):
            part = slice(start, start + rows)
            yield Piece(self.X[part], None if self.offset is None else self.offset[part])


@dataclass(frozen=True, eq=False)
class Predictor:
    """What is predicted of any rows by a fit.

    Attributes
    ----------
    B : (q, k) coefficients; where they are infinite, their finite parts
    base : position of the base outcome of the coefficients
    covariance : of the coefficients
    infinity : which of them are infinite
    asked : what is wanted
    least : root of a covariance; standard errors below those by it are rounding, and NaN
    """

    B: FloatArray
    base: int
    covariance: Covariance
    infinity: Infinity | None
    asked: Asked
    least: FloatArray | None = None

    # --- without errors --------------------------------------------------------------------

    def points(self, pieces: Iterable[Piece]) -> Iterator[FloatArray]:
        """Predictions (n, G) of the rows of each piece."""
        for piece in pieces:
            if self.asked.kind == LINK:
                nothing = np.zeros((self.B.size, 0))
                yield self._link(piece, nothing).values
            else:
                yield self._probabilities(piece)

    def _probabilities(self, piece: Piece) -> FloatArray:
        pi = probabilities(piece.X, self.B, self.base, self._shifts(piece))
        if not self.asked.collapses:
            return pi
        sums = np.stack([pi[:, group].sum(axis=1) for group in self.asked.groups], axis=1)
        # rounding must not look like more than certain
        return np.asarray(np.minimum(sums, 1.0))

    def _shifts(self, piece: Piece) -> FloatArray | None:
        if self.infinity is None:
            return piece.offset
        return self.infinity.shifts(piece.X, len(self.B), self.base, piece.offset)

    # --- with errors -----------------------------------------------------------------------

    def intervals(self, pieces: Iterable[Piece]) -> Iterator[Numbers]:
        """Estimates, standard errors and both ends (n, G) of the rows of blocks.

        Delta method: the variance of ``g(b)`` is ``D V D'``, as ``|D F|^2`` of the root of V.
        """
        parts = (part for piece in pieces for part in piece.parts(self._rows_at_once))
        if self.asked.simultaneous == ALL:
            held = list(parts)
            critical = self._together(held)
            yield from (self._interval(part, critical) for part in held)
            return
        for part in parts:
            yield self._interval(part)

    def check_bands(self, n: int) -> None:
        """Refuse bands of more rows than a grid has, before time is spent on them.

        Raises
        ------
        OptionError
        """
        family, together = self.asked.simultaneous, n * len(self.asked.predicted)
        if family == OUTCOMES and n > MOST_BANDS:
            raise _too_many(f"{n} rows, each with a band of its own; at most {MOST_BANDS}")
        if family == ALL and together > MOST_TOGETHER:
            raise _too_many(f"{together} predictions in one band; at most {MOST_TOGETHER}")

    @cached_property
    def _root(self) -> FloatArray:
        """The root of the covariance with no more columns than rows (p, d)."""
        root = self.covariance.root
        if root.shape[1] <= root.shape[0] or not self.covariance.known:
            return root
        reduced: FloatArray = scipy.linalg.qr(root.T, mode="r")[0][: len(root)].T
        return reduced

    @cached_property
    def _errors(self) -> FloatArray:
        return self.covariance.standard_errors()

    @property
    def _rows_at_once(self) -> int:
        degrees = self.covariance.degrees
        widest = self._root.shape[1] if degrees is None else self.B.size
        return int(np.clip(ELEMENTS // ((len(self.B) + 1) * max(widest, 1)), LEAST_ROWS, MOST_ROWS))

    def _estimands(self, piece: Piece, T: FloatArray) -> Estimands:
        """Linearised on the scale on which intervals are symmetric up to a factor."""
        if self.asked.kind == LINK:
            return self._link(piece, T)
        if self.asked.overlaps:
            return self._each_against_the_rest(piece, T)
        return self._linear(piece, T, self._shifts(piece)).logits()

    def _each_against_the_rest(self, piece: Piece, T: FloatArray) -> Estimands:
        """Logits of groups that are no partition: of each and the outcomes that it lacks."""
        found = self._outcomes(piece, T, self._shifts(piece))
        J, parts = len(self.B) + 1, list[Estimands]()
        for group in self.asked.groups:
            rest = np.setdiff1d(np.arange(J), group)
            if not len(rest):
                parts.append(_certain(found))
                continue
            logits = found.combined((group, rest)).logits()
            parts.append(Estimands(logits.values[:, :1], logits.roots[:, :1], logits.sizes[:, :1]))
        columns = [(each.values, each.roots, each.sizes) for each in parts]
        return Estimands(*(np.concatenate(each, axis=1) for each in zip(*columns, strict=True)))

    def _linear(self, piece: Piece, T: FloatArray, shifts: FloatArray | None) -> LinearPredictors:
        return self._outcomes(piece, T, shifts).combined(self.asked.groups)

    def _outcomes(self, piece: Piece, T: FloatArray, shifts: FloatArray | None) -> LinearPredictors:
        return LinearPredictors.of(piece.X, self.B, self.base, T, self._errors, shifts)

    def _link(self, piece: Piece, T: FloatArray) -> Estimands:
        against, groups = self.asked.against, self.asked.groups
        if self.infinity is None:
            return self._linear(piece, T, piece.offset).against(against)
        if self.asked.collapses:
            return self._linear(piece, T, self._shifts(piece)).against(against)
        found = self._linear(piece, T, piece.offset).against(against)
        others = np.delete(np.arange(len(groups)), against)
        for at, outcome in enumerate(others):
            signs = self.infinity.log_odds(
                piece.X, len(self.B), self.base, int(outcome), int(groups[against][0])
            )
            infinite = signs != 0
            ends = np.where(signs > 0, np.inf, np.where(signs < 0, -np.inf, np.nan))
            found.values[infinite, at] = ends[infinite]
            found.roots[infinite, at] = np.nan
        return found

    def _told(self, piece: Piece, found: Estimands) -> FloatArray:
        """Standard errors (n, G), NaN where they are rounding."""
        errors = found.standard_errors()
        if self.least is None:
            return errors
        least = self._estimands(piece, self.least).standard_errors()
        return np.where((errors <= least) & (least > 0), np.nan, errors)

    @one_blas_thread()
    def _interval(self, piece: Piece, critical: float | None = None) -> Numbers:
        asked = self.asked
        found = self._estimands(piece, self._root)
        errors = self._told(piece, found)
        quantiles = self._quantiles(piece, found, errors) if critical is None else critical
        with np.errstate(all="ignore"):
            reach = np.where(errors > 0, quantiles * errors, errors)
            if asked.kind == LINK:
                return found.values, errors, found.values - reach, found.values + reach
            estimates = self._probabilities(piece)
            scale = _expit(found.values) * _expit(-found.values)
            if asked.scale == PROBABILITY:
                low, high = estimates - scale * reach, estimates + scale * reach
            else:
                low, high = _expit(found.values - reach), _expit(found.values + reach)
            return estimates, scale * errors, low, high

    # --- quantiles -------------------------------------------------------------------------

    def _quantiles(self, piece: Piece, found: Estimands, errors: FloatArray) -> FloatArray | float:
        df = self._df(piece, found.values.shape)
        if self.asked.simultaneous == OUTCOMES:
            bands = np.full(len(errors), np.nan)
            for row in np.flatnonzero(np.isfinite(errors).any(axis=1)):
                own = None if df is None else df[row]
                bands[row] = _band(found.roots[row], errors[row], own, self.asked.alpha)
            return bands[:, None]
        if df is None:
            return normal_quantile(self.asked.alpha)
        return t_quantile(self.asked.alpha, df)

    def _df(self, piece: Piece, shape: tuple[int, ...]) -> FloatArray | None:
        """Degrees of freedom of each prediction (n, G); None where they are normal."""
        degrees = self.covariance.degrees
        if degrees is None:
            return None
        if isinstance(degrees, Fixed):
            return np.full(shape, degrees.df)
        gradients = self._estimands(piece, np.eye(self.B.size)).roots.reshape(-1, self.B.size)
        df = np.full(len(gradients), np.nan)
        known = np.isfinite(gradients).all(axis=1)
        df[known] = degrees.of(gradients[known]).single(int(known.sum()))
        return df.reshape(shape)

    @one_blas_thread()
    def _together(self, pieces: list[Piece]) -> float:
        """The quantile of one band of all predictions."""
        if not pieces:
            return float("nan")
        found = [self._estimands(piece, self._root) for piece in pieces]
        roots = np.concatenate([each.roots.reshape(-1, each.roots.shape[2]) for each in found])
        told = [self._told(piece, each) for piece, each in zip(pieces, found, strict=True)]
        errors = np.concatenate([each.ravel() for each in told])
        df = [self._df(piece, each.values.shape) for piece, each in zip(pieces, found, strict=True)]
        known = [each.ravel() for each in df if each is not None]
        joined = np.concatenate(known) if known else None
        return _band(roots, errors, joined, self.asked.alpha)


def _certain(found: LinearPredictors) -> Estimands:
    """The logit of all outcomes together, whose probability is one without an error."""
    n, _, m = found.roots.shape
    values = found.values.sum(axis=1, keepdims=True)
    values = np.where(np.isnan(values), np.nan, np.inf)
    return Estimands(values, np.zeros((n, 1, m)), np.zeros((n, 1)))


def _band(roots: FloatArray, errors: FloatArray, df: FloatArray | None, alpha: float) -> float:
    """The quantile of the largest of several |t|; of the smallest degrees of freedom."""
    there = np.isfinite(errors) & (errors > 0)
    if not there.any():
        return float("nan")
    least = None if df is None else float(np.nanmin(df[there]))
    return MaxT(roots[there], least).quantile(alpha)


def _too_many(what: str) -> OptionError:
    return OptionError(
        "too-many-bands",
        f"simultaneous: {what}.\nPredict for a grid of fewer rows, or without simultaneous=.",
    )


def _expit(values: FloatArray) -> FloatArray:
    return np.asarray(1.0 / (1.0 + np.exp(-values)))
