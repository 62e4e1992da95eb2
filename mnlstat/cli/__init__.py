"""The command line: ``mnlstat fit``, ``compare``, ``margins``, ``predict``, ``plot``, ``demo``."""

from __future__ import annotations

from mnlstat.cli.app import main

__all__ = ["main"]
