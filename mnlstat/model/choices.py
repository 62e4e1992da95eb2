"""What a model is told besides formula and data, checked once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mnlstat.design.weights import Weighting
from mnlstat.inference.constraints import names_of
from mnlstat.options import check_choice, check_count, check_positive
from mnlstat.rows.threads import usable_threads

# Options that specify a model besides formula, data and base.
CHOICES = (
    "missing", "rank", "rank_tol", "n_threads", "freq_weights", "sampling_weights", "offset",
    "subset", "constraints", "parallel",
)  # fmt: skip


@dataclass(frozen=True)
class Choices:
    """How to specify a model.

    Attributes
    ----------
    missing : "drop" or "error"
    rank : "drop" or "error"
    rank_tol : float
    n_threads : int
    weighting : Weighting or None
    offset, subset : what the user gave
    constraints, parallel : linear constraints in words; terms or columns of one coefficient
    """

    missing: str
    rank: str
    rank_tol: float
    n_threads: int
    weighting: Weighting | None = None
    offset: Any = None
    subset: Any = None
    constraints: tuple[str, ...] = ()
    parallel: tuple[str, ...] = ()

    @property
    def binds(self) -> bool:
        """Whether constraints bind the coefficients."""
        return bool(self.constraints or self.parallel)

    @classmethod
    def checked(
        cls,
        missing: object = "drop",
        rank: object = "drop",
        rank_tol: object = 1e-9,
        n_threads: object = None,
        freq_weights: object = None,
        sampling_weights: object = None,
        offset: object = None,
        subset: object = None,
        constraints: object = None,
        parallel: object = None,
    ) -> Choices:
        """The choices, or OptionError for the first that cannot be honoured."""
        return cls(
            check_choice("missing", missing, ("drop", "error")),
            check_choice("rank", rank, ("drop", "error")),
            check_positive("rank_tol", rank_tol),
            usable_threads() if n_threads is None else check_count("n_threads", n_threads, 1),
            Weighting.of(freq_weights, sampling_weights),
            offset,
            subset,
            names_of("constraints", constraints),
            names_of("parallel", parallel),
        )
