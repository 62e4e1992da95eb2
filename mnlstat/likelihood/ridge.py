r"""The ridge: a quadratic penalty of the coefficients that does not depend on the base outcome."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.arrow import written_out
from mnlstat.errors import OptionError
from mnlstat.likelihood.evaluation import Evaluation
from mnlstat.linalg import Factor, factorise, triangular
from mnlstat.options import named_options, shown


@dataclass(frozen=True, init=False)
class Ridge:
    r"""Penalty ``fit(penalty=Ridge(lambda_))``: estimates shrunk towards even odds.

    Maximises

    .. math::

       \ell(B) - \frac{\lambda}{2} \sum_t s_t^2 \, b_t' (I_q - \tfrac1J 1 1') b_t,

    :math:`b_t` the q coefficients of column t and :math:`s_t` its standard deviation (one with
    ``scale=False``).  The quadratic form is the sum of squares of the J coefficients that sum to
    zero over the outcomes, so the fit is the same whatever the base.  Constants are free.

    Parameters
    ----------
    lambda_ : float
        Above zero.  It multiplies a sum over columns, and the log-likelihood is a sum over rows:
        with twice the rows the same ``lambda_`` shrinks less.
    terms : sequence of str, optional
        Terms of the formula, or columns, that are penalised; by default all but constants.
    scale : bool
        Penalise coefficients as of columns of standard deviation one (the square root of the
        mean squared deviation over the rows used, rows counted by frequency weights and trials).

    Raises
    ------
    OptionError
        For a value that cannot be honoured.

    References
    ----------
    Hoerl, A. E. & Kennard, R. W. (1970). Technometrics 12, 55-67.
    le Cessie, S. & van Houwelingen, J. C. (1992). Applied Statistics 41, 191-201.

    Examples
    --------
    >>> import mnlstat as mn
    >>> model = mn.mnlogit("vote ~ selfLR + age", mn.datasets.anes96())
    >>> res = model.fit(penalty=mn.Ridge(10))
    >>> bool(abs(res.params[1, "selfLR"]) < abs(model.fit().params[1, "selfLR"]))
    True
    """

    lambda_: float
    terms: tuple[str, ...] | None
    scale: bool

    @named_options
    def __init__(self, lambda_: float, terms: Any = None, scale: bool = True) -> None:
        number = float(lambda_) if _is_number(lambda_) else math.nan
        if not 0.0 < number < math.inf:
            raise OptionError(
                "not-positive",
                f"Ridge: lambda_={shown(lambda_)} must be a finite number above zero.\n"
                "For a fit without a penalty leave penalty= out.",
            )
        if not isinstance(scale, bool | np.bool_):
            raise OptionError(
                "not-true-or-false", f"Ridge: scale={shown(scale)} must be True or False."
            )
        object.__setattr__(self, "lambda_", number)
        object.__setattr__(self, "terms", _names(terms))
        object.__setattr__(self, "scale", bool(scale))

    def __str__(self) -> str:
        which = "all but constants" if self.terms is None else ", ".join(self.terms)
        scaled = "scaled to SD 1" if self.scale else "as they are"
        return f"ridge, lambda = {self.lambda_:g}, columns {scaled} ({which})"


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _names(terms: Any) -> tuple[str, ...] | None:
    if terms is None:
        return None
    listed = (terms,) if isinstance(terms, str) else terms
    if isinstance(listed, list | tuple) and listed and all(isinstance(t, str) for t in listed):
        return tuple(dict.fromkeys(listed))
    raise OptionError(
        "ridge-terms",
        f"Ridge: terms={shown(terms)} must be a list of at least one term or column, by name.",
    )


def symmetric_root(q: int) -> FloatArray:
    """Symmetric root (q, q) of ``Id - 11'/J``, ``J = q + 1``."""
    return np.eye(q) - (1.0 - math.sqrt(1.0 / (q + 1))) / q


@dataclass(frozen=True)
class RidgeLikelihood:
    """A likelihood less a ridge, in the coordinates of the model.

    Attributes
    ----------
    inner : MultinomialLikelihood
    sizes : (k,) by which the coefficients of each column count: ``sqrt(lambda) s_t``, or zero
    """

    inner: Any
    sizes: FloatArray

    @property
    def unit(self) -> float:
        """That of the likelihood."""
        unit: float = self.inner.unit
        return unit

    def root(self, change: Any = None) -> FloatArray:
        """``L`` (p, p) with ``L'L`` the negative Hessian of the penalty; of other coordinates."""
        columns = np.diag(self.sizes)
        if change is not None:
            columns = self.sizes[:, None] * change.to_original(np.eye(len(self.sizes)))
        q = self.inner.n_parameters // len(self.sizes)
        root: FloatArray = np.kron(symmetric_root(q), columns).astype(float)
        return root

    def penalty(self, params: FloatArray) -> float:
        """What is taken off the log-likelihood."""
        weighted = params.reshape(-1, len(self.sizes)) * self.sizes
        return 0.5 * float(np.square(symmetric_root(len(weighted)) @ weighted).sum())

    def standardised(self) -> tuple[Penalised, Any]:
        """The same, divided by ``unit``, in coordinates fit to compute with."""
        conditioned, change = self.inner.standardised()
        root = self.root(change) / math.sqrt(self.unit)
        return Penalised(conditioned, root, root.T @ root), change


@dataclass(frozen=True)
class Penalised:
    """``l(theta) - |L theta|^2 / 2`` as the optimiser asks for it.

    The third derivative is that of the likelihood, the second at least as large: a radius of the
    likelihood, measured by the inverse of ``I + L'L``, holds for both, and so does the certificate.

    Attributes
    ----------
    inner : the likelihood in good coordinates
    L : (p, p)
    added : (p, p) ``L'L``
    """

    inner: Any
    L: FloatArray
    added: FloatArray

    def evaluate(self, theta: FloatArray, order: int = 2) -> Evaluation:
        """Penalised value, its gradient and its negative Hessian."""
        plain = self.inner.evaluate(theta, order)
        moved = self.L @ theta
        value = plain.value - 0.5 * float(moved @ moved)
        score = None if plain.score is None else plain.score - self.L.T @ moved
        if plain.information is None:
            return Evaluation(value, score)
        return Evaluation(value, score, written_out(plain.information) + self.added, plain.scale)

    def start(self) -> FloatArray:
        """That of the likelihood."""
        start: FloatArray = self.inner.start()
        return start

    def null_value(self) -> float:
        """The penalised value there."""
        moved = self.L @ self.start()
        value: float = self.inner.null_value() - 0.5 * float(moved @ moved)
        return value

    def preconditioner(self) -> Factor:
        """That of the likelihood plus ``L'L``."""
        factor = factorise(self.inner.preconditioner().matrix() + self.added)
        assert factor is not None, "the null model has a definite information"
        return factor

    def spread(self, n_rows: int) -> Penalised:
        """Some of the rows, with the same share of the penalty."""
        inner = self.inner.spread(n_rows)
        share = inner.n_rows / self.inner.n_rows
        return Penalised(inner, math.sqrt(share) * self.L, share * self.added)

    def information_root(self, theta: FloatArray) -> FloatArray:
        """Triangle whose square is the negative Hessian."""
        return triangular(np.vstack([self.inner.information_root(theta), self.L]))

    def reach(self, step: FloatArray) -> float:
        """That of the likelihood."""
        reach: float = self.inner.reach(step)
        return reach

    def curvature_bound(self, root: FloatArray) -> float:
        """That of the likelihood."""
        bound: float = self.inner.curvature_bound(root)
        return bound

    def curvature_radius(self, root: FloatArray, exact: bool = False) -> float:
        """That of the likelihood."""
        radius: float = self.inner.curvature_radius(root, exact)
        return radius

    def __getattr__(self, name: str) -> Any:
        # what the shape of the rows decides is that of the likelihood
        if name in SHAPE:
            return getattr(self.inner, name)
        raise AttributeError(name)


SHAPE = frozenset(
    {
        "n_rows", "n_parameters", "information_cost", "well_preconditioned", "rarest",
        "sample_rows", "reads_anew",
    }
)  # fmt: skip
