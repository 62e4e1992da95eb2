"""Degrees of freedom of CR2: those of a scaled chi-squared with the same mean and variance."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mnlstat.arrays import FloatArray, IntArray
from mnlstat.linalg import row_norms


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
    cluster : (r,) the cluster of each row of the basis
    n_clusters : G

    References
    ----------
    Bell, R. M. & McCaffrey, D. F. (2002). Survey Methodology 28, 169-181.
    Pustejovsky, J. E. & Tipton, E. (2018). Journal of Business & Economic Statistics 36, 672-683.
    """

    contrasts: FloatArray
    basis: FloatArray
    values: FloatArray
    cluster: IntArray
    n_clusters: int

    def of(self, R: FloatArray) -> Satterthwaite:
        """Those of ``R b``, R (l, m)."""
        return replace(self, contrasts=R @ self.contrasts)

    def single(self, m: int) -> FloatArray:
        """Degrees of freedom of t for each of the m contrasts."""
        lengths = row_norms(self.contrasts)
        units = self.contrasts / np.where(lengths > 0, lengths, 1.0)[:, None]
        found = np.array([self._of_one(y) for y in units])
        return np.where(lengths > 0, found, np.nan)

    def _of_one(self, y: FloatArray) -> float:
        a, u = self._diagonal(y, y), self._vectors(y)
        lengths = np.square(u).sum(axis=1)
        squares = np.square(a).sum() - 2 * (a * lengths).sum() + np.square(u.T @ u).sum()
        return float((a - lengths).sum() ** 2 / squares) if squares > 0 else float("nan")

    def joint(self, m: int) -> tuple[float, float]:
        """Factor and denominator degrees of freedom of F, of all m contrasts together."""
        if np.linalg.matrix_rank(self.contrasts) < m:
            return float("nan"), float("nan")
        Z = np.linalg.qr(self.contrasts.T)[0].T
        vectors = [self._vectors(z) for z in Z]
        spread = 0.0
        for s in range(m):
            for t in range(s, m):
                variance = self._variance(Z[s], Z[t], vectors[s], vectors[t])
                spread += variance if s == t else 2.0 * variance
        eta = m * (m + 1) / spread if spread > 0 else float("nan")
        left = eta - m + 1
        return left / (eta * m), left

    def _variance(self, y: FloatArray, z: FloatArray, u: FloatArray, v: FloatArray) -> float:
        """Of ``sum_g x_g w_g``, x and w of the contrasts y and z: ``tr P_yy P_zz + tr P_yz^2``."""
        a_y, a_z, a_yz = self._diagonal(y, y), self._diagonal(z, z), self._diagonal(y, z)
        across = u.T @ v
        own = (a_y * a_z).sum() - (a_y * np.square(v).sum(axis=1)).sum()
        own += np.square(across).sum() - (a_z * np.square(u).sum(axis=1)).sum()
        both = np.square(a_yz).sum() - 2 * (a_yz * (u * v).sum(axis=1)).sum()
        return float(own + both + (across * across.T).sum())

    def _diagonal(self, y: FloatArray, z: FloatArray) -> FloatArray:
        """``a_g`` (G,) of two contrasts."""
        inner = (self.basis @ y) * (self.basis @ z) / (1.0 - self.values)
        return np.bincount(self.cluster, inner, self.n_clusters).astype(float)

    def _vectors(self, y: FloatArray) -> FloatArray:
        """``u_g`` (G, d)."""
        inner = (self.basis @ y) / np.sqrt(1.0 - self.values)
        vectors = np.zeros((self.n_clusters, self.basis.shape[1]))
        np.add.at(vectors, self.cluster, self.basis * inner[:, None])
        return vectors
