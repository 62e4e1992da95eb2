"""The report on pooled estimates, as text and as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from mnlstat.options import named_options
from mnlstat.report import cells, html, numbers
from mnlstat.report.cells import Row
from mnlstat.report.layout import WIDTH, Columns, clean, label, labelled, page, rule, wrap

LABEL_WIDTH = 19


@dataclass(frozen=True)
class PooledSummary:
    """Pooled coefficients, ready to print.

    Attributes
    ----------
    title : str
    header : tuple of (label, text)
    coefficients : DataFrame
        One row per coefficient: outcome, term, estimate, std_error, statistic, p_value, conf_low,
        conf_high, df, fmi, riv.
    base : label
    alpha : float
    rrr : bool
        Whether the estimates are relative risk ratios.
    notes : tuple of str
    """

    title: str
    header: tuple[tuple[str, str], ...]
    coefficients: pd.DataFrame = field(repr=False)
    base: object
    alpha: float
    rrr: bool
    notes: tuple[str, ...]

    @property
    def heads(self) -> tuple[str, ...]:
        """Headings of the columns of numbers."""
        low, high = numbers.interval_ends(self.alpha)
        first = "RRR" if self.rrr else "coef"
        return (first, "std err", "t", "P>|t|", f"[{low}", f"{high}]", "df", "FMI")

    @property
    def blocks(self) -> dict[str, list[Row]]:
        """For the heading of each outcome its rows."""
        frame = self.coefficients
        decimals = numbers.decimals_for(
            frame["estimate"].to_numpy(dtype=float), frame["std_error"].to_numpy(dtype=float)
        )
        found: dict[str, list[Row]] = {}
        columns = (frame[name].tolist() for name in frame.columns)
        for outcome, term, *values, df, missing, _ in zip(*columns, strict=True):
            texts = cells.coefficient_cells(values, decimals, self.rrr)
            heading = f"{label(outcome)} vs {label(self.base)}"
            added = (_df(df), numbers.statistic(missing))
            found.setdefault(heading, []).append((label(term), (*texts, *added)))
        return found

    @named_options
    def as_text(self) -> str:
        """The report in at most 80 columns."""
        lines = [rule("="), *wrap(clean(self.title), WIDTH, indent="  "), rule("=")]
        for name, sentence in self.header:
            lines += labelled(name, clean(sentence), LABEL_WIDTH)
        lines.append(rule("="))
        lines += _table(self.heads, self.blocks)
        for note in self.notes:
            lines += wrap(f"* {clean(note)}", WIDTH, indent="  ")
        return page(lines)

    @named_options
    def as_html(self) -> str:
        """The report as a fragment of HTML."""
        caption = f"Pooled coefficients (base {label(self.base)})"
        items = "".join(f"<li>{html.safe(note)}</li>" for note in self.notes)
        parts = [
            f"<p><strong>{html.safe(self.title)}</strong></p>",
            html.pairs_table("Models", self.header),
            html.table(caption, ("term", *self.heads), self.blocks),
        ]
        return f'<div class="mnlstat">{"".join(parts)}<ul>{items}</ul></div>'

    def __str__(self) -> str:
        return self.as_text()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.as_html()


def _df(value: float) -> str:
    return numbers.not_finite(value) if not abs(value) < float("inf") else f"{value:.1f}"


def _table(heads: Sequence[str], blocks: dict[str, list[Row]]) -> list[str]:
    columns = Columns.fitting(heads, [row for rows in blocks.values() for row in rows])
    lines: list[str] = []
    for heading, rows in blocks.items():
        lines += [*wrap(clean(heading), WIDTH, indent="  "), columns.head(), rule()]
        for name, texts in rows:
            lines += columns.row(name, texts)
        lines.append(rule("="))
    return lines
