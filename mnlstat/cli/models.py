"""The model or the fit that a command is about."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from mnlstat.cli import files
from mnlstat.cli.uses import flag
from mnlstat.cli.written import written_so
from mnlstat.errors import DataError, FileFormatError, OptionError
from mnlstat.model import MNLogit, mnlogit
from mnlstat.results import MNLogitResults
from mnlstat.results.loading import load
from mnlstat.results.saving import NAME

# What says how to fit, and is no use where a fit is read from a file.
OF_FITTING = ("base", "missing", "subset", "freq_weights", "sampling_weights", "offset", "penalty")


def fitted(args: Namespace) -> MNLogitResults:
    """The fit of a model to FILE; or the one that FILE holds, written by ``fit --save``."""
    if not _is_saved(args.data):
        if args.formula is None and not os.path.exists(args.data):
            raise FileFormatError(
                "no-such-file", f"cannot read {args.data}: no such file or folder"
            )
        if args.formula is None:
            raise OptionError(
                "command-line",
                f'{args.command} {args.data}: needs a FORMULA, such as "prog ~ C(ses) + write",'
                " unless FILE is a fit that 'mnlstat fit --save' wrote",
            )
        return fit_of(args)
    said = None if args.formula is None else "FORMULA"
    for name in OF_FITTING:
        if getattr(args, name) is not None:
            said = flag(name)
    if said is not None:
        raise OptionError(
            "option-without-use",
            f"{said}: {args.data} is a saved fit, and nothing is fitted anew. Leave it out, or"
            " give the data in place of the fit.",
        )
    return load(args.data)


def fit_of(args: Namespace) -> MNLogitResults:
    """The fit of a model to FILE, with a bar on a terminal while it runs."""
    weights = {"freq_weights": args.freq_weights, "sampling_weights": args.sampling_weights}
    model = specified(args, offset=args.offset, **weights)
    return model.fit(penalty=args.penalty, progress=on_terminal())


def on_terminal() -> bool:
    """Whether somebody watches standard error."""
    return sys.stderr is not None and sys.stderr.isatty()


@contextmanager
def rows_of_saved(args: Namespace) -> Iterator[None]:
    """Say in the words of the shell that a saved fit holds no rows."""
    try:
        yield
    except DataError as error:
        if error.code != "data-not-kept":
            raise
        raise DataError(
            "data-not-kept",
            f"{args.command} {args.data}: this needs rows, and a saved fit holds none. Name their"
            " file by --data, where that is an option here, or give the data and FORMULA in place"
            " of the fit.",
        ) from error


def new_rows(args: Namespace) -> Any:
    """The rows of the file that ``--data`` names; None for those of the fit."""
    return None if args.new is None else files.read_table(args.new)


def _is_saved(path: str) -> bool:
    if not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as file:
            return file.read(len(NAME)) == NAME
    except OSError:  # the reader of tables says why
        return False


def specified(args: Namespace, *, offset: Sequence[str] | None = None, **options: Any) -> MNLogit:
    """The model that FILE, FORMULA and the options say."""
    data = files.read_table(args.data)
    options |= {"missing": args.missing or "drop", "subset": args.subset}
    if offset:
        options["offset"] = _offset(offset, mnlogit(args.formula, data, **options).outcomes)
    try:
        return mnlogit(args.formula, data, base=args.base, **options)
    except OptionError:
        # In the shell every label is text: find the outcome that is written that way.
        model = mnlogit(args.formula, data, **options)
        written = written_so(str(args.base), model.outcomes)
        if len(written) != 1:
            raise
        return mnlogit(args.formula, data, base=written[0], **options)


def _offset(given: Sequence[str], outcomes: Sequence[Any]) -> dict[Any, str]:
    """Columns by outcome from ``OUTCOME=COLUMN``."""
    columns: dict[Any, str] = {}
    for item in given:
        outcome, equals, column = item.partition("=")
        if not equals or not column:
            raise OptionError(
                "offset-syntax", f"--offset {item}: write OUTCOME=COLUMN, such as car=log_time."
            )
        written = written_so(outcome, outcomes)
        meant = written[0] if len(written) == 1 else outcome
        if meant in columns:
            raise OptionError(
                "offset-syntax",
                f"--offset {item}: outcome {outcome} has the column {columns[meant]} already; add"
                " both up in one column.",
            )
        columns[meant] = column
    return columns
