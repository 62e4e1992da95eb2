"""Everything the package raises or warns with.

A message says what is wrong (the column, level, row or option as the user wrote it), where, why,
and what to do, in at most three lines; it ends with its short code, under which the manual tells
cause and cure.  Each error also derives from the builtin that a caller would expect, so ``except
ValueError`` keeps working.
"""

from __future__ import annotations

from typing import Any


class Coded(Exception):
    """A message with a short code.

    Parameters
    ----------
    code : a few words joined by hyphens, an anchor of the page ``errors`` in the manual
    message : what the user reads
    """

    def __init__(self, code: str, message: str | None = None) -> None:
        if message is None:  # who gives a warning again, as test runners do, has its text only
            message, _, code = code.removesuffix("]").rpartition(" [")
        super().__init__(message)  # of two arguments OSError would take the first for its errno
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.code, self.message), self.__dict__

    def __str__(self) -> str:
        return f"{self.message} [{self.code}]"


class MnlstatError(Coded):
    """Base of every error raised on purpose by mnlstat."""


class FormulaError(MnlstatError, ValueError):
    """The formula cannot be read, or names something that is not there."""


class DataError(MnlstatError, ValueError):
    """The data cannot be used as the formula or the model asks."""


class WeightsError(MnlstatError, ValueError):
    """The weights are not usable weights."""


class OffsetError(MnlstatError, ValueError):
    """The offset is infinite, missing or of the wrong shape."""


class OptionError(MnlstatError, ValueError):
    """An option has a value that cannot be honoured."""


class MissingArgumentError(OptionError, TypeError):
    """An argument is missing that a function needs."""


class UnknownOptionError(OptionError, TypeError):
    """An option has a name that does not exist."""


class UnknownOutcomeError(OptionError, KeyError):
    """There is no equation of this outcome."""


class RankError(MnlstatError, ValueError):
    """The design has fewer independent columns or rows than the request needs."""


class SeparationError(MnlstatError):
    """The data are separated: no finite maximum-likelihood estimate exists."""


class ConvergenceError(MnlstatError, RuntimeError):
    """An iteration could not be carried to its end."""


class FileFormatError(MnlstatError, OSError):
    """A file is not what its name or its first bytes promise."""


class MnlstatWarning(Coded, UserWarning):
    """Base of every warning given by mnlstat."""


class SeparationWarning(MnlstatWarning):
    """No finite maximum of the likelihood could be certified."""


class AliasedWarning(MnlstatWarning):
    """Design columns are linear combinations of others; their coefficients are NaN."""


class ConvergenceWarning(MnlstatWarning):
    """The iteration stopped before its stopping rules held."""


class ConditionWarning(MnlstatWarning):
    """The design is so nearly collinear that digits are lost."""


class NearAliasedWarning(AliasedWarning, ConditionWarning):
    """A column is within ``rank_tol`` of being a combination of others; its coefficient is NaN."""


class ClusterWarning(MnlstatWarning):
    """There are too few clusters for the covariance asked for."""


class CodingWarning(MnlstatWarning):
    """A test depends on how a factor is coded."""


class ReplicateWarning(MnlstatWarning):
    """Some bootstrap replicates have no finite estimates."""


class MissingDataWarning(MnlstatWarning):
    """Rows were lost because a term of the formula made missing values out of present ones."""


class DataWarning(MnlstatWarning):
    """The data can be read in two ways; the message says which one was taken."""


class WholeColumnWarning(MnlstatWarning):
    """A transform of data that are read in pieces keeps a whole column while it learns."""
