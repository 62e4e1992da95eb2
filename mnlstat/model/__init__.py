"""Specification to likelihood to fit."""

from mnlstat.model.by_formula import mnlogit
from mnlstat.model.model import MNLogit

__all__ = ["MNLogit", "mnlogit"]
