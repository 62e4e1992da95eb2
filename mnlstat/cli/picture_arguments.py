"""The arguments of ``mnlstat plot``."""

from __future__ import annotations

import argparse

from mnlstat.cli.effect_arguments import add_places
from mnlstat.cli.picturing import OPTIONS
from mnlstat.cli.shared_arguments import (
    Parser,
    add_alpha,
    add_combine,
    add_command,
    add_debug,
    add_fit_or_data,
    add_new,
)
from mnlstat.inference.effects.asks import SLOPES
from mnlstat.inference.effects.variables import CONTRASTS

EPILOG = """\
pictures:
  coefficients    with intervals, log odds or with --rrr ratios
  odds-ratios     all pairs of outcomes, joined where they do not differ
  probabilities   over a variable, others held where typical or as --at says
  effects         marginal effects with intervals
  calibration     shares observed against probabilities predicted
  ternary         rows in the triangle of three outcomes

examples:
  mnlstat plot data.csv "prog ~ C(ses) + write" -o coefficients.png
  mnlstat plot data.csv "prog ~ C(ses) + write" --picture probabilities \\
      --variables write --at ses=1 -o write.svg
  mnlstat plot data.csv "prog ~ C(ses) + write" --picture effects -o effects.pdf
  mnlstat plot prog.mnl --picture odds-ratios --terms write -o odds.png
"""


def add_plot(commands: argparse._SubParsersAction[Parser]) -> Parser:
    """The command and its arguments."""
    plot = add_command(commands, "plot", "draw a fit: coefficients, probabilities, effects", EPILOG)
    add_fit_or_data(plot)
    add_new(plot, "draw the rows of this file")
    plot.add_argument(
        "--picture", choices=tuple(OPTIONS), default="coefficients", help="default: coefficients"
    )
    plot.add_argument(
        "--variables",
        metavar="COLUMN,...",
        action="append",
        help="whose effects; over which one probabilities are drawn",
    )
    add_places(plot, ("typical", "observed", "of effects as margins has them"))
    plot.add_argument("--kind", choices=SLOPES, help="of effects: elasticities")
    plot.add_argument("--contrast", choices=CONTRASTS, help="which levels of factors are compared")
    add_combine(plot)
    plot.add_argument(
        "--outcomes", metavar="LABEL,...", action="append", help="which to draw (default: all)"
    )
    plot.add_argument(
        "--terms", metavar="TERM,...", action="append", help="which coefficients (default: all)"
    )
    plot.add_argument("--rrr", action="store_const", const=True, help="relative risk ratios exp(b)")
    plot.add_argument("--per", choices=("sd",), help="of odds-ratios: per standard deviation")
    plot.add_argument(
        "--style", choices=("lines", "area", "points", "bars"), help="of probabilities"
    )
    plot.add_argument(
        "--no-interval", action="store_const", const=True, help="probabilities without intervals"
    )
    plot.add_argument("--bins", type=int, metavar="N", help="of calibration: classes (10)")
    add_alpha(plot)
    plot.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        required=True,
        help="the picture: .png, .svg or .pdf, whole or not at all",
    )
    add_debug(plot)
    return plot
