"""The command line: ``mnlstat demo``, ``mnlstat fit``, ``mnlstat compare``."""

from __future__ import annotations

from mnlstat.cli.app import main

__all__ = ["main"]
