"""The arguments of the command line."""

from __future__ import annotations

import argparse
from importlib.metadata import version

from mnlstat.cli.completion import EPILOG as COMPLETION_EPILOG
from mnlstat.cli.completion import SHELLS
from mnlstat.cli.effect_arguments import add_margins
from mnlstat.cli.picture_arguments import add_plot
from mnlstat.cli.prediction_arguments import add_predict
from mnlstat.cli.rendering import OF_REPORTS
from mnlstat.cli.shared_arguments import (
    Parser,
    add_alpha,
    add_command,
    add_data,
    add_debug,
    add_layout,
    add_output,
    add_specification,
)

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
  mnlstat margins data.csv "prog ~ C(ses) + write" --variables write
  mnlstat plot data.csv "prog ~ C(ses) + write" -o coefficients.png
  mnlstat predict data.csv "prog ~ C(ses) + write" --data new.csv --interval

'mnlstat fit --help' says more about files, formulas and options, and each of
the others about its own.
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
  mnlstat fit data.csv "prog ~ write" --layout wide --digits 2 -o table.tex
  mnlstat fit data.csv "prog ~ write" --save prog.mnl
"""

COMPARE_EPILOG = """\
examples:
  mnlstat compare data.csv "prog ~ C(ses) + write"
  mnlstat compare data.csv "prog ~ write" --base academic --format json -o compared.json
"""


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
    add_debug(top, default=False)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo = add_command(commands, "demo", "fit a bundled data set, then compare with statsmodels")
    add_debug(demo)
    fit = add_command(commands, "fit", "fit a model to the data of a file", FIT_EPILOG)
    add_data(fit)
    add_specification(fit)
    fit.add_argument("--rrr", action="store_true", help="relative risk ratios exp(b)")
    add_alpha(fit, default=0.05)
    fit.add_argument("--save", metavar="FILE", help="keep the fit for margins, plot and predict")
    add_layout(fit)
    add_output(fit, OF_REPORTS)
    compare = add_command(
        commands, "compare", "fit a model here and in statsmodels, side by side", COMPARE_EPILOG
    )
    add_data(compare)
    add_output(compare, ("text", "json", "csv"))
    for add in (add_margins, add_predict, add_plot):
        add(commands)
    completion = add_command(
        commands, "completion", "the tab key: print completions for a shell", COMPLETION_EPILOG
    )
    completion.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))
    add_debug(completion)
    return top
