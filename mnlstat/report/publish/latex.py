"""A table as LaTeX, with the rules of the package booktabs."""

from __future__ import annotations

import re

from mnlstat.report.layout import clean
from mnlstat.report.publish.model import Cell, Line, Sheet

SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "%": r"\%",
        "_": r"\_",
        "~": r"$\sim$",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': r"\char34{}",
        "`": "{`}",
        "'": "{'}",
    }
)
STARS = re.compile(r"\*+$")


def render(sheet: Sheet, label: str | None = None) -> str:
    r"""A ``table`` environment; the preamble needs ``\usepackage{booktabs}``."""
    title = [rf"\caption{{{escaped(sheet.title)}}}"] if sheet.title else []
    title += [rf"\label{{{label}}}"] if label else []
    title += [r"\smallskip"] if title else []
    lines = [
        r"% \usepackage{booktabs}",
        r"\begin{table}",
        r"\centering",
        *title,
        rf"\begin{{tabular}}{{l{'r' * sheet.width}}}",
        r"\toprule",
        *_heads(sheet),
        *_bodies(sheet),
        r"\bottomrule",
        r"\end{tabular}",
        *_notes(sheet),
        r"\end{table}",
    ]
    return "\n".join(lines)


def escaped(text: str) -> str:
    """A label or sentence, no character of which is a command, or joins with the next to a dash."""
    return re.sub("-(?=-)", "-{}", clean(text).translate(SPECIAL))


def number(text: str) -> str:
    """A cell of numbers: minus and less-than as in mathematics, stars raised."""
    stars = STARS.search(text)
    plain = escaped(text[: stars.start()] if stars else text)
    plain = plain.replace("-", "$-$").replace(r"\textless{}", "$<$")
    return plain + (f"$^{{{stars[0]}}}$" if stars else "")


def _first(text: str) -> str:
    r"""A text at the beginning of a line, where ``[`` and ``*`` would belong to ``\\`` before."""
    return f"{{}}{text}" if text.startswith(("[", "*")) else text


def _cell(cell: Cell) -> str:
    text = number(cell.text) if cell.number else escaped(cell.text)
    return rf"\multicolumn{{{cell.span}}}{{c}}{{{text}}}" if cell.span > 1 else text


def _row(line: Line) -> str:
    return " & ".join([_first(escaped(line.name)), *map(_cell, line.cells)]) + r" \\"


def _heads(sheet: Sheet) -> list[str]:
    lines: list[str] = []
    last = len(sheet.heads) - 1
    for at, row in enumerate(sheet.heads):
        lines.append(_row(Line(sheet.stub if at == last else "", row)))
        rules, column = [], 2
        for cell in row:
            if cell.span > 1:
                rules.append(rf"\cmidrule(lr){{{column}-{column + cell.span - 1}}}")
            column += cell.span
        lines += [" ".join(rules)] if rules else []
    return lines


def _bodies(sheet: Sheet) -> list[str]:
    lines: list[str] = []
    for block in sheet.blocks:
        lines.append(r"\midrule")
        if block.heading:
            heading = rf"\textit{{{escaped(block.heading)}}}"
            lines.append(rf"\multicolumn{{{sheet.width + 1}}}{{l}}{{{heading}}} \\")
        lines += map(_row, block.lines)
    if sheet.feet:
        lines += [r"\midrule", *map(_row, sheet.feet)]
    return lines


def _notes(sheet: Sheet) -> list[str]:
    if not sheet.notes:
        return []
    text = (r"\\" + "\n").join(_first(escaped(note)) for note in sheet.notes)
    return ["", r"\medskip", rf"\parbox{{\linewidth}}{{\footnotesize {text}}}"]
