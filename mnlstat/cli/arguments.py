"""The arguments of the command line."""

from __future__ import annotations

import argparse
from importlib.metadata import version
from typing import NoReturn

from mnlstat.errors import OptionError

DESCRIPTION = "Multinomial logistic regression with full inference."

EPILOG = """\
exit code:
  0  fine
  1  the input or the command cannot be used; one line on standard error says why
  2  not converged, or no finite maximum exists; the output is written all the same

examples:
  mnlstat demo
  mnlstat fit data.csv "prog ~ C(ses) + write" --base academic
  mnlstat fit data.dta "vote ~ age + educ" --rrr --format json -o vote.json
  mnlstat compare data.parquet "prog ~ C(ses) + write"

'mnlstat fit --help' says more about files, formulas and options.
"""

FIT_EPILOG = """\
files:
  .csv .tsv      UTF-8 text with a header line, also gzipped (.csv.gz); missing are
                 empty fields, NA, NaN, nan, and . in a column of numbers
  .parquet       needs pyarrow: pip install "mnlstat[parquet]"
  .dta           Stata; value labels are used where they name every value of a column

formulas:
  "prog ~ C(ses) + write"        C() treats a column of numbers as categories
  "prog ~ center(age) * female"  * stands for both terms and their interaction
  "prog ~ bs(age, df=4)"         a spline; np.log(x), x**2 as I(x**2)

examples:
  mnlstat fit data.csv "prog ~ C(ses) + write" --base academic
  mnlstat fit data.csv.gz "prog ~ write" --rrr --alpha 0.1
  mnlstat fit data.csv "prog ~ write" --format csv -o coefficients.csv
  mnlstat fit table.csv "food ~ size" --freq-weights count
"""

COMPARE_EPILOG = """\
examples:
  mnlstat compare data.csv "prog ~ C(ses) + write"
  mnlstat compare data.csv "prog ~ write" --base academic --format json -o compared.json
"""


class Parser(argparse.ArgumentParser):
    """A parser that answers a wrong command with one line and exit code 1."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and stop."""
        line = " ".join(message.split())
        said = OptionError("command-line", f"{line} (see '{self.prog} --help')")
        self.exit(1, f"error: {said}\n")


def parser() -> Parser:
    """The parser of the whole command line."""
    top = Parser(
        prog="mnlstat",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"mnlstat {version('mnlstat')}")
    _add_debug(top, default=False)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo = _command(commands, "demo", "fit a bundled data set, then compare with statsmodels")
    _add_debug(demo)
    fit = _command(commands, "fit", "fit a model to the data of a file", FIT_EPILOG)
    _add_data(fit)
    _add_specification(fit)
    fit.add_argument("--rrr", action="store_true", help="relative risk ratios exp(b)")
    fit.add_argument(
        "--alpha", type=float, default=0.05, help="0.05 (the default) gives 95%% intervals"
    )
    _add_output(fit)
    compare = _command(
        commands, "compare", "fit a model here and in statsmodels, side by side", COMPARE_EPILOG
    )
    _add_data(compare)
    _add_output(compare)
    return top


def _command(
    commands: argparse._SubParsersAction[Parser], name: str, about: str, epilog: str | None = None
) -> Parser:
    return commands.add_parser(
        name,
        help=about,
        description=f"{about[0].upper()}{about[1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def _add_data(command: Parser) -> None:
    command.add_argument("data", metavar="FILE", help=".csv, .csv.gz, .tsv, .parquet or .dta")
    command.add_argument("formula", metavar="FORMULA", help='such as "prog ~ C(ses) + write"')
    command.add_argument(
        "--base", metavar="LABEL", help="base outcome (default: the first in order)"
    )
    command.add_argument(
        "--missing",
        choices=("drop", "error"),
        default="drop",
        help="what to do with rows that have missing values (default: drop and count them)",
    )
    command.add_argument(
        "--subset", metavar="CONDITION", help='use these rows only, such as "age > 30"'
    )


def _add_specification(command: Parser) -> None:
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


def _add_output(command: Parser) -> None:
    command.add_argument(
        "--format",
        choices=("text", "json", "csv"),
        default="text",
        help="a report (the default), everything as JSON, or the table as CSV",
    )
    command.add_argument("-o", "--output", metavar="FILE", help="write here, whole or not at all")
    _add_debug(command)


def _add_debug(command: Parser, default: object = argparse.SUPPRESS) -> None:
    command.add_argument(
        "--debug", action="store_true", default=default, help="show the traceback of an error"
    )
