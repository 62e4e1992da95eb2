"""The arguments that several commands have."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from mnlstat.errors import OptionError
from mnlstat.options import check_alpha


class Parser(argparse.ArgumentParser):
    """A parser that answers a wrong command with one line and exit code 1."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and stop."""
        line = " ".join(message.split())
        said = OptionError("command-line", f"{line} (see '{self.prog} --help')")
        self.exit(1, f"error: {said}\n")


def add_command(
    commands: argparse._SubParsersAction[Parser], name: str, about: str, epilog: str | None = None
) -> Parser:
    """A command with its help."""
    return commands.add_parser(
        name,
        help=about,
        description=f"{about[0].upper()}{about[1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def add_data(command: Parser) -> None:
    """FILE and FORMULA, and which rows and base."""
    command.add_argument("data", metavar="FILE", help=".csv, .csv.gz, .tsv, .parquet or .dta")
    command.add_argument("formula", metavar="FORMULA", help='such as "prog ~ C(ses) + write"')
    _add_rows(command)


def _add_rows(command: Parser) -> None:
    command.add_argument(
        "--base", metavar="LABEL", help="base outcome (default: the first in order)"
    )
    command.add_argument(
        "--missing",
        choices=("drop", "error"),
        help="what to do with rows that have missing values (default: drop and count them)",
    )
    command.add_argument(
        "--subset", metavar="CONDITION", help='use these rows only, such as "age > 30"'
    )


def add_specification(command: Parser) -> None:
    """Weights, offsets and penalty."""
    command.add_argument(
        "--freq-weights", metavar="COLUMN", help="how often each row repeats, such as a count"
    )
    command.add_argument(
        "--sampling-weights",
        metavar="COLUMN",
        help="how many units each row stands for; robust standard errors",
    )
    command.add_argument(
        "--offset",
        metavar="OUTCOME=COLUMN",
        action="append",
        help="add a column to the linear predictor of an outcome; may be repeated",
    )
    command.add_argument(
        "--penalty", choices=("jeffreys",), help="reduce the bias of the estimates (Firth 1993)"
    )


def add_fit_or_data(command: Parser) -> None:
    """FILE with FORMULA, or FILE with a fit; and rows of another file."""
    command.add_argument(
        "data", metavar="FILE", help="data, or a fit that 'mnlstat fit --save' wrote"
    )
    command.add_argument(
        "formula", metavar="FORMULA", nargs="?", help="of a model that is fitted first"
    )
    _add_rows(command)
    add_specification(command)


def add_new(command: Parser, purpose: str) -> None:
    """Rows of another file."""
    command.add_argument("--data", metavar="FILE", dest="new", help=purpose)


def add_alpha(command: Parser, default: float | None = None) -> None:
    """``--alpha``."""
    command.add_argument(
        "--alpha",
        action=_Alpha,
        default=default,
        metavar="ALPHA",
        help="0.05 (the default) gives 95%% intervals",
    )


class _Alpha(argparse.Action):
    """Stores the number; one that is not allowed is told as it was written."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        try:
            setattr(namespace, self.dest, check_alpha(float(values)))
        except ValueError:
            parser.error(
                f"argument --alpha: {values} must be a number between 0 and 1, both excluded"
                " (0.05 gives 95% intervals)"
            )


def add_combine(command: Parser) -> None:
    """Outcomes that count as one."""
    command.add_argument(
        "--combine",
        metavar="NAME=OUTCOME,...",
        action="append",
        help="outcomes that count as one, such as public=bus,train; may be repeated",
    )


def add_layout(command: Parser) -> None:
    """What tables for papers look like."""
    table = command.add_argument_group("tables (text, latex, markdown, typst, html, docx)")
    table.add_argument(
        "--layout", choices=("long", "wide"), help="outcomes below each other, or side by side"
    )
    table.add_argument(
        "--show",
        metavar="WHAT,...",
        action="append",
        help="std_error, statistic, p_value, interval, or none",
    )
    table.add_argument("--digits", type=int, metavar="N", help="decimals")
    table.add_argument(
        "--stars", action="store_const", const=True, help="mark p-values below 0.05, 0.01, 0.001"
    )
    table.add_argument("--title", metavar="TEXT", help="in place of the usual one")


def add_output(command: Parser, formats: Sequence[str]) -> None:
    """``--format`` and ``-o``."""
    command.add_argument(
        "--format",
        choices=formats,
        help="by default what the name of FILE in -o ends in, else text, for reading",
    )
    command.add_argument("-o", "--output", metavar="FILE", help="write here, whole or not at all")
    add_debug(command)


def add_debug(command: Parser, default: object = argparse.SUPPRESS) -> None:
    """``--debug``, before the command and after it."""
    command.add_argument(
        "--debug", action="store_true", default=default, help="show the traceback of an error"
    )
