"""What the pictures read of a fitted model, as a protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import pandas as pd

from mnlstat.errors import OptionError
from mnlstat.options import nearest, shown


class Subject(Protocol):
    """A fitted model that can be drawn."""

    @property
    def outcomes(self) -> tuple[Any, ...]:
        """Labels of the outcomes, in order."""

    @property
    def base(self) -> Any:
        """The outcome that coefficients are against."""

    @property
    def response_name(self) -> str:
        """The left side of the formula."""

    @property
    def cov_type(self) -> str:
        """The kind of covariance."""

    @property
    def aliased(self) -> Mapping[str, str]:
        """Columns without estimates, and the combination each equals."""

    @property
    def spec(self) -> Any:
        """What the formula learned from the data."""

    @property
    def _constants(self) -> tuple[str, ...]:
        """Names of the columns that are constant."""

    @property
    def fittedvalues(self) -> pd.DataFrame:
        """Probabilities of the rows used."""

    def _rows(self, purpose: str) -> Any:
        """The rows of the fit, or the error that tells why there are none."""

    def _columns(self, terms: Any) -> list[int]:
        """Positions of the estimated columns of terms."""

    def tidy(self, exponentiate: bool, alpha: float, method: str) -> pd.DataFrame:
        """One row per coefficient."""

    def contrasts(self, terms: Any, *, scale: str | None, alpha: float) -> pd.DataFrame:
        """Coefficients of every outcome against every other one."""

    @property
    def predict(self) -> Callable[..., Any]:
        """Probabilities, with intervals where asked."""

    def rebase(self, base: Any) -> Any:
        """The same fit against another outcome."""


def positions(subject: Subject, outcomes: Any) -> list[int]:
    """Places of the outcomes asked for, in their own order; all of them for None.

    Raises
    ------
    OptionError
        For what is no outcome.
    """
    known = subject.outcomes
    if outcomes is None:
        return list(range(len(known)))
    alone = isinstance(outcomes, str) or not isinstance(outcomes, Sequence)
    wanted = [outcomes] if alone or outcomes in known else list(outcomes)
    for outcome in wanted:
        if not any(outcome is each or outcome == each for each in known):
            raise OptionError(
                "unknown-outcome",
                f"outcomes={shown(outcome)} is no outcome of {shown(subject.response_name)}"
                f"{nearest(outcome, known)}.\nOutcomes: {', '.join(map(shown, known))}.",
            )
    if not wanted:
        raise OptionError("unknown-outcome", f"outcomes={shown(outcomes)} names no outcome.")
    return sorted({known.index(outcome) for outcome in wanted})
