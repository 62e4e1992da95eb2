"""From arguments to exit code; everything that is no output goes to standard error."""

from __future__ import annotations

import io
import os
import sys
import warnings
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from mnlstat.cli.arguments import parser
from mnlstat.cli.commands import COMMANDS
from mnlstat.cli.files import write_text
from mnlstat.cli.typed import as_typed
from mnlstat.errors import (
    Coded,
    ConvergenceError,
    DataError,
    MnlstatError,
    MnlstatWarning,
    OptionError,
    SeparationError,
)

# Arguments that are names of files, which keep the bytes that the system gave them.
FILES = ("data", "new", "output", "save")
FINE, UNUSABLE, UNCERTAIN, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments; those of the process by default.

    Returns
    -------
    int
        0 fine; 1 the input or the command cannot be used; 2 not converged or separated.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # letters that a terminal lacks are escaped
            stream.reconfigure(errors="backslashreplace")
    args = parser().parse_args(argv)
    for name, given in vars(args).items():
        if isinstance(given, str) and name not in FILES:
            setattr(args, name, _in_utf8(given))
        elif isinstance(given, list):
            setattr(args, name, [_in_utf8(text) for text in given])
    try:
        return _run(args)
    except BrokenPipeError:  # the reader has seen enough
        return FINE
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if args.debug:
            raise
        sys.stderr.write(f"error: {_told(error, vars(args))}\n")
        return UNCERTAIN if isinstance(error, SeparationError | ConvergenceError) else UNUSABLE


def _run(args: Namespace) -> int:
    with _warnings_as_lines() as warned:
        text, usable = COMMANDS[args.command](args, warned)
    target = getattr(args, "output", None)
    if text is None:  # the command has written its file
        return FINE if usable else UNCERTAIN
    if target is None:
        _print(text)
    else:
        write_text(target, text)
    return FINE if usable else UNCERTAIN


def _print(text: str) -> None:
    """Write to standard output; what is left there after a failure must not fail again at exit."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise
        said = (error.strerror or str(error)).lower()
        raise OptionError("cannot-write", f"cannot write to standard output: {said}") from error


def _in_utf8(argument: str) -> str:
    """An argument whose letters the locale does not know, read as UTF-8."""
    if argument.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in argument):
        return argument
    return os.fsencode(argument).decode("utf-8", errors="backslashreplace")


@contextmanager
def _warnings_as_lines() -> Iterator[list[str]]:
    """Write each warning of ours once, as one line; the list grows as they come."""
    told: list[str] = []

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        text = _in_line(message) if isinstance(message, Coded) else one_line(str(message))
        if text not in told:
            told.append(text)
            sys.stderr.write(f"warning: {text}\n")

    with warnings.catch_warnings():
        warnings.simplefilter("always", MnlstatWarning)
        replaced: Any = show
        warnings.showwarning = replaced
        yield told


def _told(error: Exception, options: Iterable[str]) -> str:
    if isinstance(error, OptionError | DataError):
        return as_typed(_in_line(error), options)
    if isinstance(error, MnlstatError):
        return _in_line(error)
    if isinstance(error, UnicodeEncodeError):
        letters = error.object[error.start : error.end]
        said = f"the locale has no letters {letters!r}; set LC_ALL to one of UTF-8, such as C.UTF-8"
        return str(OptionError("locale", said))
    kind = type(error).__name__
    return one_line(f"{kind}: {error} (unexpected: --debug shows where it comes from)")


def _in_line(said: Coded) -> str:
    return f"{one_line(said.message)} [{said.code}]"


def one_line(message: str) -> str:
    """A message of several lines as one; what a line of ``^`` points at is quoted."""
    parts: list[str] = []
    lines = message.splitlines()
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if _is_pointer(below):
            said = parts.pop().removesuffix(".") + " " if parts else ""
            parts.append(f"{said}({_place(line, below)}).")
        elif line.strip() and not _is_pointer(line):
            parts.append(line.strip())
    return " ".join(parts)


def _place(line: str, pointer: str) -> str:
    """Where a line of ``^`` points: ``at 'part' in 'whole'``."""
    part = line[pointer.index("^") : pointer.rindex("^") + 1].strip()
    return f"at {part or 'the end'!r} in {line.strip()!r}"


def _is_pointer(line: str) -> bool:
    return bool(line.strip()) and not line.strip().strip("^")
