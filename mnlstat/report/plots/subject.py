"""What the pictures read of a fitted model, as a protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
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
    def shrinkage(self) -> Any:
        """Of a ridge; None of a fit that has standard errors."""

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

    def _rows(self, purpose: str, cure: str = ..., /) -> Any:
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

    @property
    def average_predictions(self) -> Callable[..., Any]:
        """Probabilities averaged over rows."""

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
    several = isinstance(outcomes, Iterable) and not isinstance(outcomes, str | bytes)
    if several and _place(outcomes, known) is None and getattr(outcomes, "ndim", 1) == 1:
        wanted = list(outcomes)
    else:
        wanted = [outcomes]
    if not wanted:
        raise OptionError("unknown-outcome", f"outcomes={shown(outcomes)} names no outcome.")
    places = [_place(outcome, known) for outcome in wanted]
    if None in places:
        lost = wanted[places.index(None)]
        raise OptionError(
            "unknown-outcome",
            f"outcomes={shown(lost)} is no outcome of {shown(subject.response_name)}"
            f"{nearest(lost, known)}.\nOutcomes: {', '.join(map(shown, known))}.",
        )
    return sorted({place for place in places if place is not None})


def _place(outcome: Any, known: Sequence[Any]) -> int | None:
    """The place of an outcome of the same type: True is not 1."""
    if isinstance(outcome, np.generic):
        outcome = outcome.item()
    return next(
        (at for at, each in enumerate(known) if type(each) is type(outcome) and each == outcome),
        None,
    )
