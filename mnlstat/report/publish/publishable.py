"""What reports share that can be set as tables for papers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mnlstat.options import check_options, named_options, options_of
from mnlstat.report.publish.table import Table


class Publishable:
    """Every format by its own method, each with the options of ``table``."""

    table: Callable[..., Table]  # subclasses name its options

    def _table(self, caller: str, options: dict[str, Any], *others: str) -> Table:
        """The table with ``options``; what is none is told of the method that was called."""
        check_options(caller, options, [*others, *options_of(self.table)])
        return self.table(**options)

    @named_options
    def to_text(self, **options: Any) -> str:
        """Plain text; ``options`` are those of :meth:`table`."""
        return self._table("to_text", options).to_text()

    @named_options
    def to_markdown(self, **options: Any) -> str:
        """Markdown with pipes; ``options`` are those of :meth:`table`."""
        return self._table("to_markdown", options).to_markdown()

    @named_options
    def to_html(self, **options: Any) -> str:
        """A fragment of HTML; ``options`` are those of :meth:`table`."""
        return self._table("to_html", options).to_html()

    @named_options
    def to_latex(self, *, label: str | None = None, **options: Any) -> str:
        r"""LaTeX with booktabs, ``label`` for ``\ref``; ``options`` are those of :meth:`table`."""
        return self._table("to_latex", options, "label").to_latex(label)

    @named_options
    def to_typst(self, *, label: str | None = None, **options: Any) -> str:
        """Typst, ``label`` for ``@``; ``options`` are those of :meth:`table`."""
        return self._table("to_typst", options, "label").to_typst(label)

    @named_options
    def to_gt(self, **options: Any) -> Any:
        """A ``great_tables.GT``; ``options`` are those of :meth:`table`."""
        return self._table("to_gt", options).to_gt()

    @named_options
    def to_docx(self, path: Any, **options: Any) -> Path:
        """A Word document; ``options`` are those of :meth:`table`."""
        return self._table("to_docx", options, "path").to_docx(path)
