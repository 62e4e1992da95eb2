"""What a model is told besides formula and data, checked once."""

from __future__ import annotations

from dataclasses import dataclass

from mnlstat.options import check_choice, check_count, check_positive
from mnlstat.rows.threads import usable_threads


@dataclass(frozen=True)
class Choices:
    """How to specify a model.

    Attributes
    ----------
    missing : "drop" or "error"
    rank : "drop" or "error"
    rank_tol : float
    n_threads : int
    """

    missing: str
    rank: str
    rank_tol: float
    n_threads: int

    @classmethod
    def checked(cls, missing: object, rank: object, rank_tol: object, n_threads: object) -> Choices:
        """The choices, or OptionError for the first that cannot be honoured."""
        return cls(
            check_choice("missing", missing, ("drop", "error")),
            check_choice("rank", rank, ("drop", "error")),
            check_positive("rank_tol", rank_tol),
            usable_threads() if n_threads is None else check_count("n_threads", n_threads, 1),
        )
