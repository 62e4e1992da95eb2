"""What no other software can be asked to fit, and why."""

from __future__ import annotations

from mnlstat.errors import (
    ConvergenceError,
    DataError,
    OffsetError,
    OptionError,
    SeparationError,
    WeightsError,
)
from mnlstat.report.fitted import StatusLike

REASON = "There is no maximum that a second fit could be compared at.\n"


def refuse_unfittable(
    status: StatusLike,
    *,
    weights: bool = False,
    offset: bool = False,
    penalty: bool = False,
    counts: bool = False,
    constraints: bool = False,
    covariance: str = "",
) -> None:
    """Raise the reason why a fit cannot be compared with statsmodels; return when it can.

    Parameters
    ----------
    status : StatusLike
        How our own fit ended.
    weights, offset : bool
        Whether the model has them: statsmodels' ``MNLogit`` takes neither.
    penalty : bool
        Whether a penalised likelihood was maximised.
    counts : bool
        Whether the response consists of counts or shares instead of one outcome for each row.
    constraints : bool
        Whether constraints bind the coefficients.
    covariance : str
        That of our fit, where it is not the one that a second fit would have.

    Raises
    ------
    WeightsError, OffsetError, DataError, OptionError, SeparationError, ConvergenceError
    """
    if counts:
        raise DataError(
            "compare-counts",
            "compare(): statsmodels' MNLogit takes one outcome for each row, not counts or"
            " shares.\nCounts: compare a fit to a frame with a row for each choice.",
        )
    if covariance:
        raise OptionError(
            "compare-covariance",
            f"compare(): statsmodels would be asked for the observed information, and this result"
            f" has: {covariance}.\nCompare res.with_cov('observed'), or give a fit with the same"
            " covariance.",
        )
    if weights:
        raise WeightsError(
            "compare-weights",
            "compare(): statsmodels' MNLogit has no weights, so it cannot fit this model.\n"
            "Frequency weights: compare a fit to the repeated rows.",
        )
    if offset:
        raise OffsetError(
            "compare-offset",
            "compare(): statsmodels' MNLogit has no offset, so it cannot fit this model.",
        )
    if penalty:
        raise ConvergenceError(
            "compare-penalised",
            "compare(): this fit maximises a penalised likelihood, statsmodels' MNLogit does not.\n"
            "Compare a fit without penalty.",
        )
    if constraints:
        raise OptionError(
            "compare-constraints",
            "compare(): statsmodels' MNLogit has no constraints, so it cannot fit this model.",
        )
    if status.name in ("NOT_CERTIFIED", "SEPARATED"):
        raise SeparationError(
            "separated",
            f"compare(): {status.value}.\n{REASON}"
            "Merge rare levels or leave out the terms that predict perfectly, then compare.",
        )
    if not status.ok:
        raise ConvergenceError(
            "not-converged",
            f"compare(): {status.value}.\n{REASON}See the status in the summary of the fit.",
        )
