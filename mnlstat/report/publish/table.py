"""A table that is ready to be printed in any format."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from mnlstat.errors import OptionError
from mnlstat.options import named_options, shown
from mnlstat.report.publish import docx, gt, html, latex, markdown, text, typst
from mnlstat.report.publish.model import Sheet

LABEL = re.compile(r"[A-Za-z][A-Za-z0-9:._-]*")


@dataclass(frozen=True, eq=False)
class Table(Sheet):
    r"""A table for a paper: print it as text, LaTeX, Markdown, Typst, HTML, or in Word.

    Made by :func:`mnlstat.table`, and by ``table()`` of summaries and effects. All formats show the
    same texts, made once; every label is escaped, so that it is read as it stands.

    Attributes
    ----------
    title : str
    heads, blocks, feet, notes, stub
        What stands in it, as text.
    frame : DataFrame
        The numbers that the cells show, unrounded, a row for each estimate.
    statistics : DataFrame
        The numbers below the estimates, unrounded, a row for each model.

    Examples
    --------
    >>> import mnlstat as mn
    >>> res = mn.mnlogit("vote ~ age", mn.datasets.anes96()).fit()
    >>> print(res.summary().table(digits=2, show="interval").to_markdown().splitlines()[2])
    | | coef | 95% interval |
    """

    frame: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    statistics: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)

    @named_options
    def to_text(self) -> str:
        """Plain text, as wide as the columns take."""
        return text.render(self)

    @named_options
    def to_markdown(self) -> str:
        """Markdown with pipes, as GitHub, Quarto and pandoc read it.

        It has one row of headings: what stands over several columns is said in each of them.
        """
        return markdown.render(self)

    @named_options
    def to_html(self) -> str:
        """A fragment of HTML."""
        return html.render(self)

    @named_options
    def to_latex(self, label: str | None = None) -> str:
        r"""A ``table`` of LaTeX; the preamble needs ``\usepackage{booktabs}``.

        Parameters
        ----------
        label : str, optional
            For ``\ref``, such as ``"tab:votes"``.

        Raises
        ------
        OptionError
            For a label that is none.

        Notes
        -----
        Letters beyond those of European languages need LuaLaTeX or XeLaTeX with a font that has
        them; pdfLaTeX stops at them.
        """
        return latex.render(self, _checked(label))

    @named_options
    def to_typst(self, label: str | None = None) -> str:
        """A ``figure`` of Typst.

        Parameters
        ----------
        label : str, optional
            For ``@``, such as ``"tab:votes"``.

        Raises
        ------
        OptionError
            For a label that is none.
        """
        return typst.render(self, _checked(label))

    @named_options
    def to_gt(self) -> Any:
        """A ``great_tables.GT``, to style further; ``pip install mnlstat[publish]``."""
        return gt.made(self)

    @named_options
    def to_docx(self, path: Any) -> Path:
        """Write a Word document that holds the table; ``pip install mnlstat[publish]``.

        Raises
        ------
        OptionError
            Without python-docx; when the file cannot be written.
        """
        return docx.write(self, path)

    def __str__(self) -> str:
        return text.render(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html.render(self)


def _checked(label: str | None) -> str | None:
    if label is not None and not (isinstance(label, str) and LABEL.fullmatch(label)):
        raise OptionError(
            "label-of-table",
            f"label={shown(label)} must be a letter, then letters, digits and any of :._- .",
        )
    return label
