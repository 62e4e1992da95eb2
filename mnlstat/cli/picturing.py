"""``mnlstat plot``: pictures of a fit in a file."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from mnlstat.cli.effects import check_predictors, places
from mnlstat.cli.uses import given_options
from mnlstat.cli.written import names, outcome, outcomes_together
from mnlstat.errors import OptionError
from mnlstat.results import MNLogitResults
from mnlstat.saving.files import whole_file

SUFFIXES = (".png", ".svg", ".pdf")
DOTS_PER_INCH = 200
OPTIONS = {
    "coefficients": ("rrr", "terms", "alpha"),
    "odds-ratios": ("terms", "per", "alpha"),
    "probabilities": (
        "variables", "by", "at", "others", "style", "outcomes", "no_interval", "new", "alpha",
    ),
    "effects": (
        "variables", "by", "at", "others", "kind", "contrast", "combine", "outcomes", "new",
        "alpha",
    ),
    "calibration": ("bins", "outcomes", "new", "alpha"),
    "ternary": ("new",),
}  # fmt: skip
# Options whose names in the library are others.
LIBRARY = {"new": "data", "per": "scale"}


def check_picture(path: str) -> None:
    """Refuse a name that does not say what kind of picture it is.

    Raises
    ------
    OptionError
        For another suffix.
    """
    if Path(path).suffix.lower() not in SUFFIXES:
        raise OptionError(
            "file-type", f"-o {path}: the name of a picture must end in {', '.join(SUFFIXES)}."
        )


def draw(args: Namespace, results: MNLogitResults, rows: Any) -> Any:
    """The axes of the picture that the options ask for."""
    words = {each: f"the picture {each}" for each in OPTIONS}
    given = given_options(args, args.picture, OPTIONS, words)
    options = _read(given, results)
    if rows is not None:
        options["data"] = rows
    first = []
    if args.picture == "probabilities":
        first = [_one("--variables", "the variable to draw over", options.pop("variables", None))]
        if "by" in options:
            options["by"] = _one("--by", "one column", options["by"])
        if isinstance(options.get("at"), dict):
            options["at"] = {
                name: values[0] if len(values) == 1 else values
                for name, values in options["at"].items()
            }
    return getattr(results.plot, args.picture.replace("-", "_"))(*first, **options)


def write_picture(path: str, axes: Any) -> None:
    """Write the figure of some axes, whole or not at all.

    Raises
    ------
    OptionError
        The file cannot be written.
    """
    form = Path(path).suffix.lower().removeprefix(".")
    try:
        with whole_file(Path(path)) as temporary:
            axes.figure.savefig(temporary, format=form, dpi=DOTS_PER_INCH)
    except OSError as error:
        raise OptionError(
            "cannot-write", f"cannot write {path}: {(error.strerror or str(error)).lower()}"
        ) from error


def _one(option: str, what: str, given: list[str] | None) -> str:
    if given is None or len(given) != 1:
        said = "is missing" if given is None else f"{','.join(given)} names {len(given)}"
        raise OptionError("command-line", f"{option} {said}: this picture needs {what}")
    return given[0]


def _read(given: dict[str, Any], results: MNLogitResults) -> dict[str, Any]:
    """Options as the library takes them."""
    options = {LIBRARY.get(name, name): value for name, value in given.items() if name != "new"}
    columns = [each.name for each in results.spec.predictors]
    for name, known in (("variables", columns), ("by", columns), ("terms", _terms(results))):
        if name in options:
            options[name] = names(options[name], known)
    check_predictors(results, "--variables", options.get("variables"))
    if "at" in options:
        options["at"] = places(options["at"], results)
    if "combine" in options:
        options["combine"] = outcomes_together(options["combine"], results.outcomes)
    if "outcomes" in options:
        named = names(options["outcomes"], list(map(str, results.outcomes))) or []
        options["outcomes"] = [
            outcome("--outcomes", name, name, results.outcomes) for name in named
        ]
    if options.pop("no_interval", None):
        options["interval"] = False
    return options


def _terms(results: MNLogitResults) -> list[str]:
    """Terms and columns, whose names may hold commas: ``bs(age, df=4)``."""
    return [*(term.name for term in results.spec.terms), *results.spec.columns]
