"""A result from a file that was written by ``save``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mnlstat.design.source import DesignOnly
from mnlstat.errors import DataError, FileFormatError, OptionError
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.options import named_options, shown
from mnlstat.results import MNLogitResults
from mnlstat.results.sample import Sample
from mnlstat.results.saving import FORMS, MAGIC, NAME, VERSION
from mnlstat.rows.matrix import Dense
from mnlstat.rows.rows import Rows
from mnlstat.rows.threads import ThreadMap, usable_threads
from mnlstat.saving.files import unsealed
from mnlstat.saving.values import DocumentError, unpacked

NEWER = "it was written by a newer version of mnlstat"


@named_options
def load(path: Any) -> MNLogitResults:
    """Read a result that :meth:`MNLogitResults.save` wrote.

    Nothing in the file is run.  Its formula is text: as any formula it is evaluated when the result
    predicts, so look at ``res.formula`` first where a file comes from a stranger.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    MNLogitResults
        Equal to the one saved in every bit.  What needs rows says so, unless the file has them.

    Raises
    ------
    FileFormatError
        Naming the file, when it is not there, is no result, is truncated or damaged, or was written
        by a newer version.
    OptionError
        When ``path`` is no name of a file.

    Examples
    --------
    >>> import mnlstat as mn
    >>> res = mn.mnlogit("vote ~ selfLR + age", mn.datasets.anes96()).fit()
    >>> path = res.save("vote.fit")
    >>> mn.load("vote.fit").llf == res.llf
    True
    """
    if not isinstance(path, str | Path) or not str(path):
        raise OptionError("file-name", f"path={shown(path)} must be the name of a file.")
    payload = _payload(Path(path))
    try:
        content = unpacked(payload, FORMS)
        result = MNLogitResults(**content["fit"])
        rows = content["rows"]
        if rows is None:
            return result
        return _with_rows(result, rows)
    except (DocumentError, TypeError, LookupError, AttributeError, ValueError) as error:
        said = str(error) if isinstance(error, DocumentError) else "its contents do not fit"
        raise FileFormatError("unreadable-file", f"cannot load {str(path)!r}: {said}.") from error


def _payload(path: Path) -> bytes:
    """What a sealed file of this version holds."""
    name = repr(str(path))
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise FileFormatError(
            "no-such-file", f"cannot load {name}: there is no file of that name."
        ) from error
    except OSError as error:
        raise FileFormatError(
            "unreadable-file", f"cannot load {name}: {error.strerror or error}."
        ) from error
    first = content[: len(NAME) + 20].partition(b"\n")[0]
    number = first.removeprefix(NAME)
    if not content.startswith(NAME) or not number.isdigit():
        raise FileFormatError(
            "not-a-result",
            f"cannot load {name}: it is not a result that mnlstat saved (it does not begin with"
            f" {NAME.decode()!r}).",
        )
    if int(number) > VERSION:
        raise FileFormatError(
            "newer-file",
            f"cannot load {name}: {NEWER} (format {int(number)}; this one reads up to"
            f" {VERSION}).\nUpdate mnlstat.",
        )
    payload = unsealed(content, MAGIC) if content.startswith(MAGIC) else None
    if payload is None:
        raise FileFormatError(
            "damaged-file",
            f"cannot load {name}: it is damaged or cut off (its checksum is wrong).\n"
            "Save the result again.",
        )
    return payload


def _with_rows(result: MNLogitResults, found: dict[str, Any]) -> MNLogitResults:
    codes = found["codes"]
    rows = Rows(
        Dense(np.asfortranarray(found["X"])),
        found["response"],
        found["n_outcomes"],
        found["weights"],
        found["offset"],
        found["block_rows"],
        ThreadMap(usable_threads()),
    )
    likelihood = MultinomialLikelihood(rows, result.spec.response.base, found["kept"])
    source = DesignOnly.of_rows(found["index"])
    sample = Sample(likelihood, codes, source, no_refit, found["sampling"])
    return replace(result, sample=sample)


def no_refit(*_: Any, **__: Any) -> Any:
    """What a result says that knows design rows, and not the columns they were made of."""
    raise DataError(
        "data-not-kept",
        "update() needs the columns of the data; the file of this result holds the design only.\n"
        "Specify the new model by mnlogit(formula, data).",
    )
