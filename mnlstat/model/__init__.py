"""Specification to likelihood to fit."""

from mnlstat.model.model import MNLogit, mnlogit

__all__ = ["MNLogit", "mnlogit"]
