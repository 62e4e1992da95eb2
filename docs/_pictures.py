"""Draws the pictures of the gallery, from the examples that stand on the page.

Every ``figure`` on ``gallery.md`` is the axes ``ax`` that the examples above it leave.
"""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).with_name("gallery.md")
PIECE = re.compile(r"^```python\n(.*?)^```$|^```\{figure\} (\S+)$", re.MULTILINE | re.DOTALL)
DOTS_PER_INCH = 200  # the page shows them at half that, sharp on any screen


def draw(into: Path) -> list[Path]:
    """Write the pictures below a folder, and return their paths."""
    names: dict[str, Any] = {}
    written = []
    for code, picture in PIECE.findall(PAGE.read_text(encoding="utf-8")):
        for example in doctest.DocTestParser().get_examples(code):
            exec(compile(example.source, str(PAGE), "exec"), names)
        if picture:
            path = into / picture
            path.parent.mkdir(parents=True, exist_ok=True)
            names.pop("ax").figure.savefig(path, dpi=DOTS_PER_INCH)
            written.append(path)
    return written


if __name__ == "__main__":
    draw(PAGE.parent)
