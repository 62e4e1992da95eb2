"""The arguments of ``mnlstat predict``."""

from __future__ import annotations

import argparse

from mnlstat.cli.rendering import OF_ROWS
from mnlstat.cli.shared_arguments import (
    Parser,
    add_alpha,
    add_combine,
    add_command,
    add_fit_or_data,
    add_new,
    add_output,
)
from mnlstat.inference.prediction_options import KINDS, TIES

EPILOG = """\
output:
  the column 'row' counts the rows of the file from 0; then a column for each outcome,
  with --interval (or --shape long) a row for each outcome of each row

examples:
  mnlstat predict data.csv "prog ~ C(ses) + write" --data new.csv
  mnlstat predict data.csv "prog ~ C(ses) + write" --data new.csv --interval -o new_p.csv
  mnlstat predict data.csv "prog ~ C(ses) + write" --kind class -o classes.parquet
  mnlstat predict prog.mnl --data new.parquet --kind link --against general
"""


def add_predict(commands: argparse._SubParsersAction[Parser]) -> Parser:
    """The command and its arguments."""
    predict = add_command(
        commands, "predict", "probabilities of the outcomes, log odds or classes by row", EPILOG
    )
    add_fit_or_data(predict)
    add_new(predict, "the rows to predict (default: those of the fit)")
    predict.add_argument("--kind", choices=KINDS, help="default: probability")
    predict.add_argument(
        "--interval",
        action="store_const",
        const=True,
        help="standard errors and confidence intervals, too",
    )
    add_alpha(predict)
    predict.add_argument(
        "--against", metavar="LABEL", help="of --kind link: the outcome that log odds are against"
    )
    predict.add_argument(
        "--scale", choices=("logit", "probability"), help="where intervals are symmetric"
    )
    predict.add_argument(
        "--shape", choices=("wide", "long"), help="a column, or a row, for each outcome"
    )
    predict.add_argument(
        "--ties", choices=TIES, help="of --kind class: where several are equally probable"
    )
    add_combine(predict)
    add_output(predict, OF_ROWS)
    return predict
