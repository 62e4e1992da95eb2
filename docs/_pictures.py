"""Draws the pictures of the gallery and of the README, from the examples that stand there.

Every ``figure`` on ``gallery.md``, and every PNG of the README, is the axes ``ax`` that the
examples above it leave.  The site draws those of the gallery when it is built;
``python docs/_pictures.py`` draws all, and the one of the README is committed: GitHub shows it.
"""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).with_name("gallery.md")
README = PAGE.parents[1] / "README.md"
PIECE = re.compile(
    r"^```python\n(.*?)^```$|^```\{figure\} (\S+)$|^!\[[^]]*\]\((\S+\.png)\)$",
    re.MULTILINE | re.DOTALL,
)
DOTS_PER_INCH = 200  # the page shows them at half that, sharp on any screen


def draw(into: Path, page: Path = PAGE, dots_per_inch: int = DOTS_PER_INCH) -> list[Path]:
    """Write the pictures of a page below a folder, and return their paths."""
    names: dict[str, Any] = {}
    written = []
    pieces = PIECE.findall(page.read_text(encoding="utf-8"))
    while pieces and not any(pieces[-1][1:]):  # what no picture follows
        pieces.pop()
    for code, *pictures in pieces:
        for example in doctest.DocTestParser().get_examples(code):
            exec(compile(example.source, str(page), "exec"), names)
        if picture := "".join(pictures):
            path = into / picture
            path.parent.mkdir(parents=True, exist_ok=True)
            names.pop("ax").figure.savefig(path, dpi=dots_per_inch)
            written.append(path)
    return written


if __name__ == "__main__":
    draw(PAGE.parent)
    draw(README.parent, README, dots_per_inch=110)  # shown as it is, and kept in the repository
