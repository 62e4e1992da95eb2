"""Why a file cannot be read."""

from __future__ import annotations

import struct
import zlib

import pandas as pd

from mnlstat.errors import FileFormatError


class UnreadableError(FileFormatError):
    """The reason in words for the user, without the name of the file."""


# What the readers raise on damaged or foreign bytes.
UNREADABLE = (
    ArithmeticError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


def reason(error: Exception) -> str:
    """What is wrong with a file, in words that need no knowledge of its reader."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8 text; save it as UTF-8"
    if isinstance(error, pd.errors.EmptyDataError):
        return "it is empty"
    if isinstance(error, EOFError):
        return "it is cut short"
    return "it is damaged, cut short or of another format"
