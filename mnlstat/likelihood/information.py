"""The information of one block: products of outcome pairs and feature pairs, each pair once.

``sum_i w_ijl x_ia x_ib`` is symmetric in the outcomes (j, l) and in the features (a, b).  As a
matrix of feature pairs by outcome pairs it is one product of long rows, formed in tiles that stay
in the cache and are thrown away: half the work of forming all (q k)^2 elements.
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
    """Sums over rows for every pair of features and of outcomes.

    Parameters
    ----------
    features : (k, n_b) array
    weights : (r, n_b) array
        Of each pair of outcomes, ``r = q (q + 1) / 2``.

    Returns
    -------
    (k (k + 1) / 2, r) array
        Pairs in the order of the upper triangle, row by row.
    """
    k, n = features.shape
    tiles = _tiles(k, max(TILE // SLICE, len(weights) // 4))
    sums = np.zeros((k * (k + 1) // 2, len(weights)))
    room = np.empty((max(stop - start for _, _, start, stop in tiles), min(n, SLICE)))
    for begin in range(0, n, SLICE):
        x = features[:, begin : begin + SLICE]
        across = weights[:, begin : begin + SLICE].T
        for first, last, start, stop in tiles:
            products = room[: stop - start, : x.shape[1]]
            at = 0
            for a in range(first, last):
                np.multiply(x[a:], x[a], out=products[at : at + k - a])
                at += k - a
            sums[start:stop] += products @ across
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


def outcome_pair_weights(
    pi: FloatArray, remainders: FloatArray, mass: FloatArray, total: FloatArray
) -> FloatArray:
    """``w m pi_j (1[j=l] - pi_l)`` (r, n_b) for every pair j <= l.

    Parameters
    ----------
    pi : (q, n_b) array
        Exponentials of the outcomes that are not the base.
    remainders : (q, n_b) array
        Sums of the exponentials of all other outcomes.
    mass, total : (n_b,) arrays
        ``w m``, and the sum of the exponentials of all outcomes.
    """
    q, n = pi.shape
    weights = np.empty((q * (q + 1) // 2, n))
    scaled = pi * (mass / (total * total))
    at = 0
    for j in range(q):
        np.multiply(scaled[j], remainders[j], out=weights[at])
        if j + 1 < q:
            np.multiply(pi[j + 1 :], -scaled[j], out=weights[at + 1 : at + q - j])
        at += q - j
    return weights


def matrix_of(sums: FloatArray, k: int, q: int) -> FloatArray:
    """The (q k, q k) matrix, outcome-major, from its distinct elements."""
    positions = _kept_positions(k, q) if k * q <= SMALL else _positions(k, q)
    matrix: FloatArray = sums.ravel().take(positions)
    return matrix


def _positions(k: int, q: int) -> IntArray:
    """Where each element of the matrix stands among the distinct ones."""
    features, outcomes = _pair_numbers(k), _pair_numbers(q)
    n_pairs = q * (q + 1) // 2
    positions = features[None, :, None, :] * n_pairs + outcomes[:, None, :, None]
    return positions.reshape(q * k, q * k)


_kept_positions = functools.lru_cache(maxsize=16)(_positions)


def _pair_numbers(size: int) -> IntArray:
    """The number of each unordered pair (size, size), in the order of the upper triangle."""
    numbers = np.empty((size, size), dtype=np.intp)
    rows, columns = np.triu_indices(size)
    numbers[rows, columns] = numbers[columns, rows] = np.arange(len(rows))
    return numbers
