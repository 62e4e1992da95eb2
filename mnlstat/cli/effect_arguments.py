"""The arguments of ``mnlstat margins``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from mnlstat.cli.rendering import OF_REPORTS
from mnlstat.cli.shared_arguments import (
    Parser,
    add_alpha,
    add_combine,
    add_command,
    add_fit_or_data,
    add_layout,
    add_new,
    add_output,
)
from mnlstat.inference.effects.asks import SLOPES
from mnlstat.inference.effects.variables import BINARY, CONTRASTS
from mnlstat.inference.multiplicity import ADJUSTMENTS
from mnlstat.results.marginal_means import WEIGHTS
from mnlstat.results.scenarios import PLACES, ROWS

EPILOG = """\
what is asked for:
  marginal effects      derivatives in numbers, differences between levels of factors,
                        averaged over the rows (no option)
  discrete changes      what a step or a range does: --change, --comparison
  average predictions   shares if all rows had these values: --predictions --at
  marginal means        averaged over a grid of the levels of factors: --means

examples:
  mnlstat margins data.csv "prog ~ C(ses) + write"
  mnlstat margins data.csv "prog ~ C(ses) + write" --variables write --by female
  mnlstat margins data.csv "prog ~ C(ses) + write" --at write=40,60 --at ses=1
  mnlstat margins data.csv "prog ~ C(ses) + write" --change write=10
  mnlstat margins data.csv "prog ~ C(ses) + write" --change write=40:60 --comparison ratio
  mnlstat margins data.csv "prog ~ C(ses) + write" --predictions --at write=40,60
  mnlstat margins data.csv "prog ~ C(ses) + write" --means --variables ses -o means.tex
  mnlstat margins prog.mnl --data data.csv --kind eyex
"""


def add_margins(commands: argparse._SubParsersAction[Parser]) -> Parser:
    """The command and its arguments."""
    margins = add_command(
        commands, "margins", "effects of variables on the probabilities of outcomes", EPILOG
    )
    add_fit_or_data(margins)
    add_new(margins, "average over the rows of this file")
    _add_verbs(margins)
    add_places(margins, (*PLACES, ROWS))
    margins.add_argument("--kind", choices=SLOPES, help="elasticities: eyex, dyex, eydx")
    margins.add_argument(
        "--contrast", choices=CONTRASTS, help="which levels of factors are compared"
    )
    margins.add_argument(
        "--binary", choices=BINARY, help="what the effect of a number is that is 0 or 1"
    )
    add_combine(margins)
    _add_inference(margins)
    add_layout(margins)
    add_output(margins, OF_REPORTS)
    return margins


def _add_verbs(margins: Parser) -> None:
    margins.add_argument(
        "--variables",
        metavar="COLUMN,...",
        action="append",
        help="whose effects (default: of all); with --means the factors",
    )
    verb = margins.add_mutually_exclusive_group()
    verb.add_argument(
        "--predictions", action="store_true", help="average probabilities in place of effects"
    )
    verb.add_argument("--means", action="store_true", help="marginal means in place of effects")
    margins.add_argument(
        "--change",
        metavar="COLUMN=CHANGE",
        action="append",
        help="discrete change: a step such as age=10, age=sd, age=iqr, age=minmax, two values"
        " age=20:40 or levels; may be repeated",
    )
    margins.add_argument(
        "--comparison",
        choices=("difference", "ratio", "odds-ratio"),
        help="of discrete changes: what is made of the two probabilities",
    )
    margins.add_argument(
        "--centred",
        action="store_const",
        const=True,
        help="steps go half down and half up from where a row is",
    )
    margins.add_argument(
        "--grid-weights", choices=WEIGHTS, help="of --means: what levels of other factors count"
    )


def add_places(command: Parser, places: Sequence[str]) -> None:
    """Where effects and predictions are looked at."""
    command.add_argument(
        "--at",
        metavar="PLACE|COLUMN=VALUE,...",
        action="append",
        help=f"{', '.join(places)}; or values such as age=20,40, which may be repeated",
    )
    command.add_argument(
        "--others", metavar="PLACE", help="where the columns are that --at does not name"
    )
    command.add_argument(
        "--by", metavar="COLUMN,...", action="append", help="groups of rows to average over"
    )


def _add_inference(margins: Parser) -> None:
    margins.add_argument(
        "--scale",
        choices=("logit", "probability"),
        help="of probabilities: where intervals are symmetric",
    )
    margins.add_argument(
        "--variance",
        choices=("conditional", "unconditional"),
        help="whether the rows are given, or a sample themselves",
    )
    margins.add_argument(
        "--adjust", choices=ADJUSTMENTS, help="p-values and intervals for several at once"
    )
    add_alpha(margins)
