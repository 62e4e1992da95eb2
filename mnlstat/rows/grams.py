"""Weighted products of columns, for many weights at once: each pair of columns once.

``sum_i w_ir x_ia x_ib`` is symmetric in the columns a and b.  As a matrix of pairs of columns by
weights it is one product of long rows, formed in tiles that stay in the cache and are thrown away:
half the work of forming all elements, or a quarter where the weights are those of pairs, too.
"""

from __future__ import annotations

import functools

import numpy as np

from mnlstat.arrays import FloatArray, IntArray

# Rows of the block and elements of feature pairs that are formed at once.
SLICE = 1024
TILE = 2**16
# Up to this many parameters the places of the elements are kept from one pass to the next.
SMALL = 256


def pair_sums(features: FloatArray, weights: FloatArray) -> FloatArray:
    """Sums over rows for every pair of columns and every weight.

    Parameters
    ----------
    features : (k, n) array
        The columns.
    weights : (r, n) array

    Returns
    -------
    (r, k (k + 1) / 2) array
        Pairs in the order of the upper triangle, row by row.
    """
    k, n = features.shape
    tiles = _tiles(k, max(TILE // SLICE, len(weights) // 4))
    sums = np.zeros((len(weights), k * (k + 1) // 2))
    room = np.empty((max((stop - start for *_, start, stop in tiles), default=0), min(n, SLICE)))
    for begin in range(0, n, SLICE):
        x = features[:, begin : begin + SLICE]
        across = weights[:, begin : begin + SLICE]
        for first, last, start, stop in tiles:
            products = room[: stop - start, : x.shape[1]]
            at = 0
            for a in range(first, last):
                np.multiply(x[a:], x[a], out=products[at : at + k - a])
                at += k - a
            sums[:, start:stop] += across @ products.T
    return sums


def _tiles(k: int, enough: int) -> list[tuple[int, int, int, int]]:
    """Features first to last whose pairs are formed together, and where these pairs stand."""
    tiles, first, start, stop = [], 0, 0, 0
    for a in range(k):
        stop += k - a
        if stop - start >= enough or a == k - 1:
            tiles.append((first, a + 1, start, stop))
            first, start = a + 1, stop
    return tiles


def matrix_of(sums: FloatArray, k: int, q: int) -> FloatArray:
    """The (q k, q k) matrix, outcome-major, from its distinct elements (q(q+1)/2, k(k+1)/2)."""
    if k == 0:
        return np.zeros((0, 0))
    positions = _kept_positions(k, q) if k * q <= SMALL else _positions(k, q)
    matrix: FloatArray = sums.ravel().take(positions)
    return matrix


def _positions(k: int, q: int) -> IntArray:
    """Where each element of the matrix stands among the distinct ones."""
    features, outcomes = _pair_numbers(k), _pair_numbers(q)
    n_pairs = k * (k + 1) // 2
    positions = features[None, :, None, :] + outcomes[:, None, :, None] * n_pairs
    return positions.reshape(q * k, q * k)


_kept_positions = functools.lru_cache(maxsize=16)(_positions)


def _pair_numbers(size: int) -> IntArray:
    """The number of each unordered pair (size, size), in the order of the upper triangle."""
    numbers = np.empty((size, size), dtype=np.intp)
    rows, columns = np.triu_indices(size)
    numbers[rows, columns] = numbers[columns, rows] = np.arange(len(rows))
    return numbers
