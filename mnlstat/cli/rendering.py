"""Reports in the format that ``--format`` names, or that the name of the file ends in."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mnlstat.cli.written import names
from mnlstat.errors import OptionError
from mnlstat.report.effects import Effects
from mnlstat.report.summary import Summary

TEXT, CSV, JSON, DOCX, PARQUET = "text", "csv", "json", "docx", "parquet"
PUBLISHED = ("latex", "markdown", "typst", "html", DOCX)
OF_REPORTS = (TEXT, JSON, CSV, *PUBLISHED)
OF_ROWS = (TEXT, CSV, JSON, PARQUET)
SUFFIXES = {
    ".txt": TEXT,
    ".json": JSON,
    ".csv": CSV,
    ".tex": "latex",
    ".md": "markdown",
    ".typ": "typst",
    ".html": "html",
    ".docx": DOCX,
    ".parquet": PARQUET,
}
# Names that would promise what text is not.
NOT_TEXT = (".pdf", ".png", ".svg", ".doc", ".xls", ".xlsx", ".dta", ".tsv", ".gz", ".zip")
# Options of tables for papers.
OF_TABLES = ("layout", "show", "digits", "stars", "title")


def chosen_format(args: Namespace, allowed: tuple[str, ...]) -> str:
    """The format that is asked for; by the name of the file where it is not; else text.

    Raises
    ------
    OptionError
        For a format that needs the name of a file, and is to go to standard output; for options of
        tables where the format has none.
    """
    suffix = Path(args.output or "").suffix.lower()
    found = args.format or SUFFIXES.get(suffix, TEXT)
    if args.format is None and suffix in NOT_TEXT:
        raise OptionError(
            "file-type",
            f"-o {args.output}: {args.command} writes no {suffix}; end the name in one of"
            f" {', '.join(end for end, form in SUFFIXES.items() if form in allowed)}, or name the"
            " format by --format.",
        )
    if found not in allowed:
        raise OptionError(
            "file-type",
            f"-o {args.output}: {args.command} writes no {found}; it writes {', '.join(allowed)}.",
        )
    if found in (DOCX, PARQUET) and args.output is None:
        raise OptionError("file-name", f"--format {found} needs -o and the name of a file.")
    if found in (CSV, JSON) and (given := _table_options(args)):
        raise OptionError(
            "option-without-use",
            f"--{next(iter(given))} is for tables, and {found} has every digit and no layout."
            f" Leave it out, or take --format {TEXT} or one of {', '.join(PUBLISHED)}.",
        )
    return found


def published(report: Summary | Effects, args: Namespace, form: str) -> str | None:
    """A report as a table for a paper, or as it prints; None where it is in its file already."""
    options = _table_options(args)
    if form == TEXT:
        return f"{report.to_text(**options) if options else report}\n"
    if form == DOCX:
        report.to_docx(args.output, **options)
        return None
    write: Callable[..., str] = getattr(report, f"to_{form}")
    return f"{write(**options).rstrip()}\n"


def _table_options(args: Namespace) -> dict[str, Any]:
    given = {name: getattr(args, name, None) for name in OF_TABLES}
    given["show"] = names(given["show"])
    return {name: value for name, value in given.items() if value is not None}
