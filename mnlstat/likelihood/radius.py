"""How fast the curvature of the log-likelihood can change: the radius of self-concordance.

Along any direction the third derivative of the multinomial log-likelihood is at most ``R`` times
the second, where ``R`` is the largest I^-1 norm of a difference ``(e_j - e_l) (x) x_i`` over rows
and pairs of outcomes (the range of the linear predictors along the direction; Bach 2010,
Electronic Journal of Statistics 4, 384-414, for the binary case).
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_triangular

from mnlstat.arrays import FloatArray
from mnlstat.linalg import Factor, column_parts, factorise
from mnlstat.rows.geometry import Peak
from mnlstat.rows.rows import Block, Rows
from mnlstat.rows.streamed import Streamed
from mnlstat.rows.total import total


def reach(rows: Rows | Streamed, step: FloatArray) -> float:
    """Largest range of ``x_i'd_j`` over outcomes j, zero for the base; steps ``d`` (q, k).

    A bound on it where a pass over the rows would be dear.
    """
    if isinstance(rows, Streamed):
        return rows.reach_of(step)

    def of(block: Block) -> Peak:
        moved = block.matrix.matvec(step)
        ranges = np.maximum(moved.max(axis=0), 0.0) - np.minimum(moved.min(axis=0), 0.0)
        return Peak(float(ranges.max()))

    return total(rows, of).value


def curvature_radius(
    rows: Rows | Streamed, gram: FloatArray, root: FloatArray, exact: bool
) -> float:
    """``R``, or (``exact=False``) a bound on it at a fraction of the cost.

    The bound is ``max_i x_i'G^-1 x_i`` times the largest eigenvalue of ``L'C L`` over pairs, with
    ``G = X'X = L L'`` and ``C`` the covariance of the difference of two equations.  ``root``
    (p, d) is ``F`` with ``I^-1 = F F'``.  A diagonal ``G``, given as a vector, makes the bound
    hold for any ``G``, and is what is left where ``R`` itself would take columns written out.
    """
    root = root.reshape(-1, rows.n_columns, root.shape[1])
    if gram.ndim == 1:
        own = total(rows, lambda block: Peak(float(block.matrix.leverages(gram).max())))
        return float(np.sqrt(own.value * max(_pair_eigenvalues(np.sqrt(gram)[:, None] * root))))
    if exact:
        return float(np.sqrt(total(rows, lambda block: Peak(_largest_pair(block, root))).value))
    design = factorise(gram)
    if design is None:
        return float("inf")
    spread = design.upper * design.scale
    leverage = total(rows, lambda block: Peak(_leverage(block, design)))
    largest = max(_pair_eigenvalues(spread @ root))
    return float(np.sqrt(leverage.value * largest))


def curvature_bound(gram: FloatArray, root: FloatArray) -> float:
    """A bound on ``R`` from the Gram matrix ``G`` alone: ``x_i'G^-1 x_i`` is at most one.

    The largest eigenvalue of ``L'C L`` is at most its trace.
    """
    root = root.reshape(-1, len(gram), root.shape[1])
    triangle = None
    if gram.ndim == 2:
        design = factorise(gram)
        if design is None:
            return float("inf")
        triangle = design.upper * design.scale
    products = np.zeros((len(root), len(root)))
    for part in column_parts(root.shape[2]):
        columns = root[:, :, part]
        spread = np.sqrt(gram)[:, None] * columns if triangle is None else triangle @ columns
        flat = spread.reshape(len(spread), -1)
        products += flat @ flat.T
    own = np.diag(products)
    pairs = own[:, None] + own - 2 * products
    return float(np.sqrt(max(own.max(), pairs.max())))


def _leverage(block: Block, design: Factor) -> float:
    scaled = block.X.T / design.scale[:, None]
    solved = solve_triangular(design.upper, scaled, trans="T", check_finite=False)
    return float(np.einsum("ij,ij->j", solved, solved).max())


def _pair_eigenvalues(spread: FloatArray) -> list[float]:
    """Largest eigenvalue of ``D D'`` for each difference ``D`` of two equations (base: zero)."""
    q = len(spread)
    products = np.einsum("jap,lbp->jlab", spread, spread, optimize=True)
    own = products[np.arange(q), np.arange(q)]
    largest = [float(np.linalg.eigvalsh(own)[:, -1].max())]
    for j in range(q - 1):
        cross = products[j, j + 1 :]
        differences = own[j] + own[j + 1 :] - cross - cross.transpose(0, 2, 1)
        largest.append(float(np.linalg.eigvalsh(differences)[:, -1].max()))
    return largest


def _largest_pair(block: Block, root: FloatArray) -> float:
    rows = np.einsum("ia,qap->iqp", block.X, root, optimize=True)
    products = rows @ rows.transpose(0, 2, 1)
    own = np.diagonal(products, axis1=1, axis2=2)
    pairs = own[:, :, None] + own[:, None, :] - 2 * products
    return float(max(own.max(), pairs.max()))
