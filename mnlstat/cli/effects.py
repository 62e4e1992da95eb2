"""``mnlstat margins``: which of the verbs on effects is meant, and with which options."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable
from typing import Any

from mnlstat.cli.uses import given_options
from mnlstat.cli.written import changes_of_columns, names, outcomes_together, values_of_columns
from mnlstat.design.variables import not_read
from mnlstat.errors import OptionError
from mnlstat.report.effects import Effects
from mnlstat.results import MNLogitResults

MARGINS, COMPARISONS, PREDICTIONS, MEANS = (
    "margins",
    "comparisons",
    "average_predictions",
    "marginal_means",
)
# What is asked for in words, and the options that it has.
WORDS = {
    MARGINS: "marginal effects",
    COMPARISONS: "discrete changes (--change, --comparison)",
    PREDICTIONS: "average predictions (--predictions)",
    MEANS: "marginal means (--means)",
}
_ROWS = ("at", "others", "by", "combine", "new", "variance", "alpha", "adjust")
OPTIONS = {
    MARGINS: ("variables", "kind", "contrast", "binary", *_ROWS),
    COMPARISONS: ("variables", "change", "comparison", "centred", *_ROWS),
    PREDICTIONS: ("scale", *_ROWS),
    MEANS: ("variables", "grid_weights", "at", "combine", "scale", "alpha", "adjust"),
}
# Options whose names in the library are others.
LIBRARY = {"new": "data", "grid_weights": "weights"}


def ask(args: Namespace, results: MNLogitResults, rows: Any) -> Effects:
    """The table of effects that the options ask for; ``rows`` are those of ``--data``."""
    verb = _verb(args)
    given = given_options(args, verb, OPTIONS, WORDS)
    options = _read(given, results)
    if rows is not None:
        options["data"] = rows
    changes = options.pop("change", None)
    variables = options.pop("variables", None)
    if changes is not None:
        variables = dict.fromkeys(variables or ()) | changes
    if verb == MEANS:
        return results.marginal_means(variables, **options)
    if verb == PREDICTIONS:
        return results.average_predictions(**options)
    if verb == COMPARISONS:
        return results.comparisons(variables, **options)
    return results.margins(variables, **options)


def _verb(args: Namespace) -> str:
    if args.means:
        return MEANS
    if args.predictions:
        return PREDICTIONS
    return COMPARISONS if args.change or args.comparison or args.centred else MARGINS


def _read(given: dict[str, Any], results: MNLogitResults) -> dict[str, Any]:
    """Options as the library takes them."""
    options = {LIBRARY.get(name, name): value for name, value in given.items() if name != "new"}
    variables = results.spec.predictors
    columns = [each.name for each in variables]
    for name in ("variables", "by"):
        if name in options:
            options[name] = names(options[name], columns)
    check_predictors(results, "--variables", options.get("variables"))
    if "at" in options:
        options["at"] = places(options["at"], results)
    if "change" in options:
        options["change"] = changes_of_columns(options["change"], variables)
        check_predictors(results, "--change", options["change"])
    if "combine" in options:
        options["combine"] = outcomes_together(options["combine"], results.outcomes)
    if "comparison" in options:
        options["comparison"] = options["comparison"].replace("-", " ")
    return options


def places(given: list[str], results: MNLogitResults) -> Any:
    """What ``--at`` says: the name of a place, or columns and their values."""
    if len(given) == 1 and "=" not in given[0]:
        return given[0]
    found = values_of_columns(given, results.spec.predictors)
    check_predictors(results, "--at", found)
    return found


def check_predictors(results: MNLogitResults, option: str, given: Iterable[str] | None) -> None:
    """Refuse, naming the option, a column that the formula does not read.

    Raises
    ------
    OptionError
        For such a column.
    """
    known = [each.name for each in results.spec.predictors]
    for name in given or ():
        if name not in known:
            said = not_read(results.spec, name).message
            raise OptionError("not-a-predictor", f"{option} {name}: {said}")
