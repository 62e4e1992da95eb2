"""The commands; each returns its text, unless that is written already, and whether all is fine."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from mnlstat.cli import effects, files, output, picturing, predicting
from mnlstat.cli.arguments import parser
from mnlstat.cli.completion import script
from mnlstat.cli.models import fit_of, fitted, new_rows, on_terminal, rows_of_saved, specified
from mnlstat.cli.rendering import CSV, JSON, OF_REPORTS, OF_ROWS, PARQUET, chosen_format, published
from mnlstat.datasets import anes96
from mnlstat.model import mnlogit
from mnlstat.options import check_alpha

DEMO_FORMULA = "PID ~ logpopul + selfLR + age + educ + income"
DEMO_INTRODUCTION = """\
Party identification of 944 American voters, 1996 (mnlstat.datasets.anes96):
p0 strong Democrat, p1 weak Democrat, p2 leaning Democrat, p3 independent,
p4 leaning Republican, p5 weak Republican, p6 strong Republican.
"""


def demo(args: Namespace, warned: Sequence[str]) -> tuple[str | None, bool]:
    """Fit the bundled data, then compare with statsmodels."""
    results = mnlogit(DEMO_FORMULA, anes96()).fit()
    text = f"{DEMO_INTRODUCTION}\n{results.summary()}\n\n{results.compare()}\n"
    return text, results.converged


def fit(args: Namespace, warned: Sequence[str]) -> tuple[str | None, bool]:
    """Fit one model to a file."""
    alpha = check_alpha(args.alpha)
    form = chosen_format(args, OF_REPORTS)
    _check_targets(args, args.save, args.output)
    results = fit_of(args)
    if args.save is not None:
        results.save(args.save)
    if form == JSON:
        text: str | None = output.fit_json(results, alpha, args.rrr, args.data, warned)
    elif form == CSV:
        text = output.fit_csv(results, alpha, args.rrr)
    else:
        text = published(results.summary(rrr=args.rrr, alpha=alpha), args, form)
    return text, results.converged


def compare(args: Namespace, warned: Sequence[str]) -> tuple[str | None, bool]:
    """Fit one model to a file here and in statsmodels."""
    form = chosen_format(args, ("text", JSON, CSV))
    _check_targets(args, args.output)
    results = specified(args).fit(progress=on_terminal())
    comparison = results.compare()
    if form == JSON:
        text = output.compare_json(comparison, args.data, warned)
    elif form == CSV:
        text = output.compare_csv(comparison)
    else:
        text = output.compare_text(comparison)
    return text, results.converged


def margins(args: Namespace, warned: Sequence[str]) -> tuple[str | None, bool]:
    """Effects of variables on probabilities, average predictions, marginal means."""
    form = chosen_format(args, OF_REPORTS)
    _check_targets(args, args.output)
    results, rows = fitted(args), new_rows(args)
    with rows_of_saved(args):
        found = effects.ask(args, results, rows)
    if form == JSON:
        text: str | None = output.effects_json(found, results, args.data, args.new, warned)
    elif form == CSV:
        text = output.csv_of(found.frame)
    else:
        text = published(found, args, form)
    return text, results.converged


def predict(args: Namespace, warned: Sequence[str]) -> tuple[str | None, bool]:
    """Predictions for the rows of a file, or of the fit."""
    form = chosen_format(args, OF_ROWS)
    _check_targets(args, args.output)
    results, rows = fitted(args), new_rows(args)
    with rows_of_saved(args):
        frame = predicting.ask(args, results, rows)
    if form == PARQUET:
        files.write_parquet(args.output, frame)
        return None, results.converged
    if form == JSON:
        text = output.predictions_json(frame, results, args.data, args.new, warned)
    elif form == CSV:
        text = output.csv_of(frame)
    else:
        text = f"{frame.to_string(index=False)}\n"
    return text, results.converged


def plot(args: Namespace, warned: Sequence[str]) -> tuple[str | None, bool]:
    """A picture of the fit, in a file."""
    picturing.check_picture(args.output)
    _check_targets(args, args.output)
    results, rows = fitted(args), new_rows(args)
    with rows_of_saved(args):
        picturing.write_picture(args.output, picturing.draw(args, results, rows))
    return None, results.converged


def completion(args: Namespace, warned: Sequence[str]) -> tuple[str | None, bool]:
    """What a shell needs to complete commands and options."""
    return script(args.shell, parser()), True


COMMANDS = {
    "demo": demo,
    "fit": fit,
    "compare": compare,
    "margins": margins,
    "predict": predict,
    "plot": plot,
    "completion": completion,
}


def _check_targets(args: Namespace, *targets: str | None) -> None:
    """Refuse, before any work is done, what cannot be written or would replace what is read."""
    for target in targets:
        for source in (args.data, getattr(args, "new", None)):
            if target is not None:
                files.check_target(target, source)
