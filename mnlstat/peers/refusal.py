"""What no other software can be asked to fit, and why."""

from __future__ import annotations

from mnlstat.errors import ConvergenceError, OffsetError, SeparationError, WeightsError
from mnlstat.report.fitted import StatusLike

REASON = "There is no maximum that a second fit could be compared at.\n"


def refuse_unfittable(status: StatusLike, *, weights: bool = False, offset: bool = False) -> None:
    """Raise the reason why a fit cannot be compared with statsmodels; return when it can.

    Parameters
    ----------
    status : StatusLike
        How our own fit ended.
    weights, offset : bool
        Whether the model has them: statsmodels' ``MNLogit`` takes neither.

    Raises
    ------
    WeightsError, OffsetError, SeparationError, ConvergenceError
    """
    if weights:
        raise WeightsError(
            "compare(): statsmodels' MNLogit has no weights, so it cannot fit this model.\n"
            "Frequency weights: compare a fit to the repeated rows."
        )
    if offset:
        raise OffsetError(
            "compare(): statsmodels' MNLogit has no offset, so it cannot fit this model."
        )
    if status.name in ("NOT_CERTIFIED", "SEPARATED"):
        raise SeparationError(
            f"compare(): {status.value}.\n{REASON}"
            "Merge rare levels or leave out the terms that predict perfectly, then compare."
        )
    if not status.ok:
        raise ConvergenceError(
            f"compare(): {status.value}.\n{REASON}See the status in the summary of the fit."
        )
