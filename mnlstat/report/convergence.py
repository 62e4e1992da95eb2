"""The report on how a fit ended: its frames, and their text and HTML."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd

from mnlstat.diagnostics.convergence import Convergence
from mnlstat.report import numbers
from mnlstat.report.cells import Row
from mnlstat.report.html import pairs_table, safe, table
from mnlstat.report.layout import (
    WIDTH,
    Columns,
    clean,
    label,
    labelled,
    page,
    pairs_in_columns,
    rule,
    wrap,
)

HEADS = ("coef", "std err", "Newton step", "digits", "in s.e.")
TRACE_HEADS = ("rows", "log-likelihood", "error", "step")
LABEL_WIDTH = 19


class ConvergenceReport:
    """How a fit ended: status, score, decrement, correct digits, conditions, trace.

    Attributes
    ----------
    status : str
        The sentence that the summary prints.
    converged : bool
        Whether estimates and standard errors may be used.
    facts : dict
        iterations, log_likelihood, score (largest element at the estimate), relative_score
        (``max_j |g_j| / sqrt(I_jj)``), decrement (``sqrt(g'I^-1 g)``: standard errors from the
        maximum), condition_design (columns of unit length), condition_information (unit
        diagonal), digits (fewest of any coefficient).
    table : DataFrame
        A row for each coefficient, index (outcome, term): estimate, std_error, step (the Newton
        step that is left), digits (about how many significant ones of the coefficient are
        correct), digits_se (the same of its distance in standard errors).
    trace : DataFrame
        Every pass over rows.
    notes : tuple of str
        What does not apply to this fit.

    Examples
    --------
    >>> import mnlstat as mn
    >>> report = mn.mnlogit("vote ~ selfLR + age", mn.datasets.anes96()).fit().convergence()
    >>> report.converged, report.facts["digits"] > 10
    (True, True)
    """

    def __init__(self, found: Convergence, formula: str, base: Any) -> None:
        self.formula, self.base = formula, base
        self.status, self.converged, self.method = found.status, found.converged, found.method
        self.facts = dict(found.facts)
        self.table: pd.DataFrame = found.table
        self.trace: pd.DataFrame = found.trace
        self.notes = found.notes

    def __str__(self) -> str:
        lines = [rule("="), *wrap(clean(f"Convergence: {self.formula}"), WIDTH, indent="  ")]
        lines.append(rule("="))
        for name, sentence in self._header():
            lines += labelled(name, clean(sentence), LABEL_WIDTH)
        lines += [rule(), *pairs_in_columns(self._pairs()), rule("=")]
        blocks = self._blocks()
        columns = Columns.fitting(HEADS, [row for rows in blocks.values() for row in rows])
        for heading, rows in blocks.items():
            lines += [*wrap(clean(heading), WIDTH, indent="  "), columns.head(), rule()]
            for name, cells in rows:
                lines += columns.row(name, cells)
            lines.append(rule("="))
        passes = self._passes()
        columns = Columns.fitting(TRACE_HEADS, passes)
        lines += ["Passes over rows", columns.head(), rule()]
        for name, cells in passes:
            lines += columns.row(name, cells)
        lines.append(rule("="))
        for note in self.notes:
            lines += wrap(f"* {clean(note)}", WIDTH, indent="  ")
        return page(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        parts = [f"<p><strong>{safe(f'Convergence: {self.formula}')}</strong></p>"]
        if not self.converged:
            parts.append(f'<p role="alert"><strong>{safe(self.status)}</strong></p>')
        parts.append(pairs_table("Convergence", [*self._header(), *self._pairs()]))
        parts.append(table("Correct digits of the coefficients", ("term", *HEADS), self._blocks()))
        parts.append(table("Passes over rows", ("pass", *TRACE_HEADS), {"": self._passes()}))
        if self.notes:
            parts.append(f"<ul>{''.join(f'<li>{escape(note)}</li>' for note in self.notes)}</ul>")
        return f'<div class="mnlstat">{"".join(parts)}</div>'

    def _header(self) -> list[tuple[str, str]]:
        turns = int(self.facts["iterations"])
        steps = f"{turns} iteration{'' if turns == 1 else 's'}"
        return [("Status", self.status), ("Method", f"{self.method}, {steps}")]

    def _pairs(self) -> list[tuple[str, str]]:
        facts = self.facts
        return [
            ("Log-likelihood", numbers.plain(facts["log_likelihood"])),
            ("Largest score", numbers.difference(facts["score"])),
            ("Relative score", numbers.difference(facts["relative_score"])),
            ("Decrement (std errors)", numbers.difference(facts["decrement"])),
            ("Condition of the design", f"{facts['condition_design']:.3g}"),
            ("Condition of information", f"{facts['condition_information']:.3g}"),
            ("Fewest digits", _digits(facts["digits"])),
        ]

    def _blocks(self) -> dict[str, list[Row]]:
        """Rows of the table for each outcome."""
        estimates, errors = self.table["estimate"], self.table["std_error"]
        decimals = numbers.decimals_for(
            estimates.to_numpy(dtype=float), errors.to_numpy(dtype=float)
        )
        blocks: dict[str, list[Row]] = {}
        columns = (self.table[name].tolist() for name in self.table.columns)
        for (outcome, term), b, se, step, digits, of_se in zip(
            self.table.index, *columns, strict=True
        ):
            cells = (
                numbers.fixed(b, decimals, se),
                numbers.fixed(se, decimals),
                numbers.difference(step),
                _digits(digits),
                _digits(of_se),
            )
            heading = f"{label(outcome)} vs {label(self.base)}"
            blocks.setdefault(heading, []).append((label(term), cells))
        return blocks

    def _passes(self) -> list[Row]:
        names = ("plan", "rows", "log_likelihood", "error", "step")
        columns = (self.trace[name].tolist() for name in names)
        return [
            (f"{at} {plan}", (f"{rows}", f"{value:.10g}", numbers.difference(error), f"{step:g}"))
            for at, (plan, rows, value, error, step) in enumerate(zip(*columns, strict=True))
        ]


def _digits(value: float) -> str:
    return "nan" if value != value else f"{value:.1f}"
