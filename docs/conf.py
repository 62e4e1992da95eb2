"""Sphinx configuration: ``sphinx-build -W -b html docs docs/_build/html``."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from _pictures import draw

project = "mnlstat"
author = "The mnlstat developers"
copyright = "2026, The mnlstat developers"
version = release = installed_version("mnlstat")

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
]
exclude_patterns = ["_build", "_templates"]
templates_path = ["_templates"]

myst_enable_extensions = ["amsmath", "dollarmath", "deflist"]
myst_heading_anchors = 3

autosummary_generate = True
autodoc_typehints = "none"  # the docstrings say it in words
numpydoc_show_class_members = False

html_theme = "furo"
html_title = f"mnlstat {release}"


def setup(app: Any) -> None:
    """Draw the pictures of the gallery before pages are read."""
    app.connect("builder-inited", lambda app: draw(Path(app.srcdir)))
