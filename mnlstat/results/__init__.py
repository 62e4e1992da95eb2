"""The result of a fit: data plus functions of it, with the names that users know."""

from mnlstat.results.results import MNLogitResults
from mnlstat.results.sample import Sample

__all__ = ["MNLogitResults", "Sample"]
