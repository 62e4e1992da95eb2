"""Estimates laid out in rows and columns."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from mnlstat.report.publish.estimates import ESTIMATE, below
from mnlstat.report.publish.model import Block, Cell, Line
from mnlstat.report.publish.style import Style

Path = tuple[Hashable, ...]


@dataclass(frozen=True)
class Entry:
    """An estimate and where it stands.

    Block, row and column are told apart by their keys; the texts are what a reader sees.

    Attributes
    ----------
    block, row : key
    heading, name : str
        Of the block and of the row.
    column : tuple of keys
        From the uppermost row of headings down; all entries have as many.
    heads : tuple of str
    texts : mapping
        The estimate and what may stand with it.
    letter : str
        Of its statistic: z or t.
    """

    block: Hashable
    heading: str
    row: Hashable
    name: str
    column: Path
    heads: tuple[str, ...]
    texts: Mapping[str, str]
    letter: str = "z"


@dataclass(frozen=True)
class Grid:
    """Entries in order: blocks and rows as they first come, columns grouped from above."""

    entries: Sequence[Entry]
    style: Style

    @property
    def columns(self) -> list[Path]:
        """Keys of the columns."""
        ranks: list[dict[Hashable, int]] = []
        paths = dict.fromkeys(entry.column for entry in self.entries)
        for parts in zip(*paths, strict=True):
            ranks.append({key: at for at, key in enumerate(dict.fromkeys(parts))})
        return sorted(paths, key=lambda path: [r[k] for r, k in zip(ranks, path, strict=True)])

    @property
    def each(self) -> int:
        """Columns of cells that one column of estimates takes."""
        return 1 + len(self.style.show) if self.style.beside else 1

    def heads(self, first: str, others: Sequence[str]) -> tuple[tuple[Cell, ...], ...]:
        """Rows of headings.

        ``first`` and ``others`` head the estimate and what stands beside it; where nothing does,
        and something stands above, it needs no heading.
        """
        columns = self.columns
        texts = {entry.column: entry.heads for entry in self.entries}
        depth = len(columns[0])
        rows = []
        for level in range(depth):
            row: list[Cell] = []
            before: Path | None = None
            for path in columns:
                if path[: level + 1] == before:
                    row[-1] = Cell(row[-1].text, row[-1].span + self.each, number=False)
                else:
                    row.append(Cell(texts[path][level], self.each, number=False))
                before = path[: level + 1]
            rows.append(tuple(row))
        if self.each > 1 or not depth:
            names = (first, *others) if self.style.beside else (first,)
            rows.append(tuple(Cell(name, number=False) for _ in columns for name in names))
        return tuple(rows)

    def blocks(self) -> tuple[Block, ...]:
        """Rows of cells under their headings."""
        found = dict[Hashable, dict[Hashable, dict[Path, Entry]]]()
        for entry in self.entries:
            rows = found.setdefault(entry.block, {})
            key = entry.row
            while entry.column in rows.get(key, ()):  # of two estimates of one place none is lost
                key = (key, "again")
            rows.setdefault(key, {})[entry.column] = entry
        headings = {entry.block: entry.heading for entry in self.entries}
        columns = self.columns
        return tuple(
            Block(
                headings[key],
                tuple(line for row in rows.values() for line in self._lines(row, columns)),
            )
            for key, rows in found.items()
        )

    def _lines(self, row: Mapping[Path, Entry], columns: Sequence[Path]) -> list[Line]:
        name = next(iter(row.values())).name
        here = [row.get(path) for path in columns]
        if self.style.beside:
            wanted = (ESTIMATE, *self.style.show)
            cells = [
                Cell("" if entry is None else entry.texts.get(each, ""))
                for entry in here
                for each in wanted
            ]
            return [Line(name, tuple(cells))]
        lines = [Line(name, tuple(Cell("" if e is None else e.texts[ESTIMATE]) for e in here))]
        for each in self.style.show:
            under = ("" if e is None else below(each, e.texts, e.letter) for e in here)
            lines.append(Line("", tuple(map(Cell, under))))
        return lines
