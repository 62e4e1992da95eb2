"""The three commands; each returns its output and whether the fit can be used."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from mnlstat.cli import files, output
from mnlstat.datasets import anes96
from mnlstat.errors import OptionError
from mnlstat.model import MNLogit, mnlogit
from mnlstat.options import check_alpha

DEMO_FORMULA = "PID ~ logpopul + selfLR + age + educ + income"
DEMO_INTRODUCTION = """\
Party identification of 944 American voters, 1996 (mnlstat.datasets.anes96):
p0 strong Democrat, p1 weak Democrat, p2 leaning Democrat, p3 independent,
p4 leaning Republican, p5 weak Republican, p6 strong Republican.
"""


def demo(args: Namespace, warned: Sequence[str]) -> tuple[str, bool]:
    """Fit the bundled data, then compare with statsmodels."""
    results = mnlogit(DEMO_FORMULA, anes96()).fit()
    text = f"{DEMO_INTRODUCTION}\n{results.summary()}\n\n{results.compare()}\n"
    return text, results.converged


def fit(args: Namespace, warned: Sequence[str]) -> tuple[str, bool]:
    """Fit one model to a file."""
    alpha = check_alpha(args.alpha)
    weights = {"freq_weights": args.freq_weights, "sampling_weights": args.sampling_weights}
    results = _model(args, offset=args.offset, **weights).fit(penalty=args.penalty)
    if args.format == "json":
        text = output.fit_json(results, alpha, args.rrr, args.data, warned)
    elif args.format == "csv":
        text = output.fit_csv(results, alpha, args.rrr)
    else:
        text = output.fit_text(results, alpha, args.rrr)
    return text, results.converged


def compare(args: Namespace, warned: Sequence[str]) -> tuple[str, bool]:
    """Fit one model to a file here and in statsmodels."""
    results = _model(args).fit()
    comparison = results.compare()
    if args.format == "json":
        text = output.compare_json(comparison, args.data, warned)
    elif args.format == "csv":
        text = output.compare_csv(comparison)
    else:
        text = output.compare_text(comparison)
    return text, results.converged


COMMANDS = {"demo": demo, "fit": fit, "compare": compare}


def _model(args: Namespace, *, offset: Sequence[str] | None = None, **options: Any) -> MNLogit:
    if args.output is not None:
        files.check_target(args.output, args.data)
    data = files.read_table(args.data)
    options |= {"missing": args.missing, "subset": args.subset}
    if offset:
        options["offset"] = _offset(offset, mnlogit(args.formula, data, **options).outcomes)
    try:
        return mnlogit(args.formula, data, base=args.base, **options)
    except OptionError:
        # In the shell every label is text: find the outcome that is written that way.
        model = mnlogit(args.formula, data, **options)
        written = _written_so(str(args.base), model.outcomes)
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
        written = _written_so(outcome, outcomes)
        meant = written[0] if len(written) == 1 else outcome
        if meant in columns:
            raise OptionError(
                "offset-syntax",
                f"--offset {item}: outcome {outcome} has the column {columns[meant]} already; add"
                " both up in one column.",
            )
        columns[meant] = column
    return columns


def _written_so(text: str, labels: Sequence[Any]) -> list[Any]:
    """The label that ``text`` spells; else a truth in other letters, a number in other digits."""
    exact = [label for label in labels if str(label) == text]
    return exact or [label for label in labels if _stands_for(text, label)]


def _stands_for(text: str, label: Any) -> bool:
    if isinstance(label, bool):
        return text.lower() == str(label).lower()
    try:
        return isinstance(label, int | float) and float(text) == label
    except ValueError:
        return False
