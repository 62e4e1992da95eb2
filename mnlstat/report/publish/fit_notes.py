"""Notes of a table of fits: what its numbers are of, and what a reader should know of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mnlstat.report import numbers
from mnlstat.report.layout import label
from mnlstat.report.publish.labels import Labels
from mnlstat.report.publish.published import Published

# What the head of a summary says that belongs to the numbers.
SAID = (
    "Response",
    "Reference levels",
    "Estimation",
    "Constraints",
    "Offset",
    "Weights",
    "Covariance",
    "Intervals",
)


def notes_of(fits: Sequence[Published], names: Sequence[str], labels: Labels) -> tuple[str, ...]:
    """All notes: which model is which, then what is to be said of them."""
    several = zip(names, fits, strict=True) if len(fits) > 1 else ()
    return (
        *(f"{name}: {fit.title.partition(': ')[2]}" for name, fit in several),
        *merged([list(_notes(fit, labels)) for fit in fits], names),
    )


def merged(notes: Sequence[Sequence[str]], names: Sequence[str]) -> tuple[str, ...]:
    """The notes of several models; those that are not of all begin with whose they are."""
    found: dict[str, list[str]] = {}
    for each, name in zip(notes, names, strict=True):
        for note in dict.fromkeys(each):
            found.setdefault(note, []).append(name)
    return tuple(
        note if len(of) == len(names) else f"{', '.join(of)}: {note}" for note, of in found.items()
    )


def _notes(fit: Published, labels: Labels) -> Iterator[str]:
    yield " ".join(f"{name}: {text}." for name, text in _origin(fit, labels))
    yield from fit.notes


def _origin(fit: Published, labels: Labels) -> Iterator[tuple[str, str]]:
    """Base, number of rows, and what else the numbers rest on."""
    said = dict(fit.header)
    count = said["Base outcome"].removeprefix(label(fit.base))
    yield "Base outcome", labels.of("outcome", fit.base) + count
    yield "N", numbers.count(float(fit.glance["nobs"].iloc[0]))
    yield from ((name, said[name]) for name in SAID if name in said)
