"""Degrees of freedom of CR2: those of a scaled chi-squared with the same mean and variance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mnlstat.arrays import FloatArray, IntArray, freeze
from mnlstat.linalg import row_norms

# Contrasts that are worked on at once.
AT_ONCE = 16
# Elements of vectors that are kept while pairs of contrasts are gone through.
KEPT = 2**25


@dataclass(frozen=True, eq=False)
class Satterthwaite:
    """Of contrasts of the estimates, when the model itself generates the scores.

    The scores of clusters g and h then have covariance ``[g = h] I_g - I_g I^-1 I_h``, as they sum
    to zero.  With ``H_g = F'I_g F``, ``y = F'c`` and ``u_g = H_g (Id - H_g)^-1/2 y`` the variance
    of ``c'b`` is estimated by a sum of squares of normals with covariance
    ``P_gh = [g = h] a_g - u_g'u_h``, ``a_g = y'(Id - H_g)^-1/2 u_g``: its degrees of freedom are
    ``(tr P)^2 / tr P^2``.  Those of several contrasts are of the Wishart distribution with the same
    total variance of its elements (the test HTZ).

    Attributes
    ----------
    contrasts : (m, d) ``C F``
    basis, values : (r, d), (r,) ``B_g`` and the diagonal of ``B_g B_g'``, ``H_g = B_g'B_g``
    starts : (G,) the first row of the basis of each cluster

    References
    ----------
    Bell, R. M. & McCaffrey, D. F. (2002). Survey Methodology 28, 169-181.
    Pustejovsky, J. E. & Tipton, E. (2018). Journal of Business & Economic Statistics 36, 672-683.
    """

    contrasts: FloatArray
    basis: FloatArray
    values: FloatArray
    starts: IntArray

    def __post_init__(self) -> None:
        freeze(self)

    def of(self, R: FloatArray) -> Satterthwaite:
        """Those of ``R b``, R (l, m)."""
        return replace(self, contrasts=R @ self.contrasts)

    def single(self, m: int) -> FloatArray:
        """Degrees of freedom of t for each of the m contrasts."""
        return self._single

    @cached_property
    def _single(self) -> FloatArray:
        lengths = row_norms(self.contrasts)
        units = self.contrasts / np.where(lengths > 0, lengths, 1.0)[:, None]
        found = np.full(len(units), np.nan)
        for start in range(0, len(units), AT_ONCE):
            arms = self._arms(units[start : start + AT_ONCE])
            for at in range(arms.shape[1]):
                found[start + at] = self._of_one(arms[:, at])
        return np.where(lengths > 0, found, np.nan)

    def _arms(self, contrasts: FloatArray) -> FloatArray:
        """``B_g (Id - H_g)^-1/2 y`` of some contrasts, one column for each (r, c)."""
        product: FloatArray = self.basis @ contrasts.T
        return product / np.sqrt(1.0 - self.values)[:, None]

    def _of_one(self, arm: FloatArray) -> float:
        a, u = self._products(arm, arm), self._vectors(arm)
        lengths = np.square(u).sum(axis=1)
        squares = np.square(a).sum() - 2 * (a * lengths).sum() + np.square(u.T @ u).sum()
        return float((a - lengths).sum() ** 2 / squares) if squares > 0 else float("nan")

    def joint(self, m: int) -> tuple[float, float]:
        """Factor and denominator degrees of freedom of F, of all m contrasts together."""
        if np.linalg.matrix_rank(self.contrasts) < m:
            return float("nan"), float("nan")
        arms = self._arms(np.linalg.qr(self.contrasts.T)[0].T).T
        few = m * len(self.starts) * self.basis.shape[1] <= KEPT
        kept = [self._vectors(arm) for arm in arms] if few else []
        spread = 0.0
        for s in range(m):
            u = kept[s] if few else self._vectors(arms[s])
            for t in range(s, m):
                v = kept[t] if few else self._vectors(arms[t])
                variance = self._variance(arms[s], arms[t], u, v)
                spread += variance if s == t else 2.0 * variance
        eta = m * (m + 1) / spread if spread > 0 else float("nan")
        left = eta - m + 1
        return left / (eta * m), left

    def _variance(self, x: FloatArray, w: FloatArray, u: FloatArray, v: FloatArray) -> float:
        """Of ``sum_g x_g w_g`` for two contrasts: ``tr P_xx P_ww + tr P_xw^2``."""
        a_x, a_w, a_xw = self._products(x, x), self._products(w, w), self._products(x, w)
        across = u.T @ v
        own = (a_x * a_w).sum() - (a_x * np.square(v).sum(axis=1)).sum()
        own += np.square(across).sum() - (a_w * np.square(u).sum(axis=1)).sum()
        both = np.square(a_xw).sum() - 2 * (a_xw * (u * v).sum(axis=1)).sum()
        return float(own + both + (across * across.T).sum())

    def _products(self, x: FloatArray, w: FloatArray) -> FloatArray:
        """``a_g`` (G,) of two contrasts."""
        return np.asarray(np.add.reduceat(x * w, self.starts))

    def _vectors(self, arm: FloatArray) -> FloatArray:
        """``u_g`` (G, d)."""
        from scipy.sparse import csr_array

        r = len(arm)
        sums = csr_array((arm, np.arange(r), np.append(self.starts, r)), (len(self.starts), r))
        return np.asarray(sums @ self.basis)
