"""The passes of a fit in a file, from which a fit that was cut off goes on.

The file holds numbers and a header in JSON, with a version and a checksum; nothing in it is run.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

import numpy as np

from mnlstat.arrays import FloatArray
from mnlstat.arrow import Arrow
from mnlstat.errors import DataError, FileFormatError
from mnlstat.likelihood.evaluation import Evaluation
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.optimize.protocol import Evaluated
from mnlstat.options import shown
from mnlstat.rows.streamed import Streamed
from mnlstat.saving.files import checked_path, unsealed, write_sealed

MAGIC = b"mnlstat checkpoint 1\n"


class Checkpoint:
    """A file that is written anew, in one step, after each pass over all rows.

    Parameters
    ----------
    path : str or Path
        The file; a fit goes on from it where it exists.
    fingerprint : str
        Of model and data.

    Raises
    ------
    DataError
        When the file belongs to another model or other data.
    FileFormatError
        When it is no checkpoint, or damaged.
    OptionError
        When it cannot be written.
    """

    def __init__(self, path: Any, fingerprint: str) -> None:
        self.path = checked_path("checkpoint", path)
        self._fingerprint = fingerprint
        self._passes: list[dict[str, Any]] = []
        self._next = 0
        if self.path.exists():
            self._passes = self._read()

    def recall(self, theta: FloatArray, order: int) -> Evaluated | None:
        """The next result in the file, if it is that of this pass."""
        if self._next >= len(self._passes):
            return None
        kept = self._passes[self._next]
        if int(kept["order"]) != order or kept["theta"].tobytes() != theta.tobytes():
            self._passes = self._passes[: self._next]
            return None
        self._next += 1
        information: Any = kept.get("information")
        if "blocks" in kept:
            information = Arrow(kept["blocks"], kept["cross"], kept["corner"])
        return Evaluation(float(kept["value"]), kept.get("score"), information)

    def keep(self, theta: FloatArray, order: int, found: Evaluated) -> None:
        """Write the file with one pass more."""
        kept: dict[str, Any] = {
            "order": np.int64(order),
            "theta": theta,
            "value": np.float64(found.value),
        }
        if found.score is not None:
            kept["score"] = found.score
        if isinstance(found.information, Arrow):
            kept |= vars(found.information)
        elif found.information is not None:
            kept["information"] = found.information
        self._passes.append(kept)
        self._next = len(self._passes)
        self._write()

    def finish(self) -> None:
        """Remove the file: the fit is done."""
        self.path.unlink(missing_ok=True)

    def _write(self) -> None:
        arrays = {
            f"{at}.{name}": value
            for at, kept in enumerate(self._passes)
            for name, value in kept.items()
        }
        header = {"fingerprint": self._fingerprint, "passes": len(self._passes)}
        arrays["header"] = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
        content = io.BytesIO()
        np.savez(content, **arrays)
        write_sealed("checkpoint", self.path, MAGIC, content.getvalue())

    def _read(self) -> list[dict[str, Any]]:
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise FileFormatError(
                "unreadable-file", f"cannot read {self.path}: {error.strerror}."
            ) from error
        if not content.startswith(MAGIC):
            raise FileFormatError(
                "not-a-checkpoint",
                f"{shown(str(self.path))} is no checkpoint of this version of mnlstat.\n"
                "Name another file, or remove this one to begin anew.",
            )
        payload = unsealed(content, MAGIC)
        if payload is None:
            raise self._damaged()
        try:
            with np.load(io.BytesIO(payload), allow_pickle=False) as arrays:
                header = json.loads(arrays["header"].tobytes())
                passes: list[dict[str, Any]] = [{} for _ in range(int(header["passes"]))]
                for name in arrays.files:
                    at, _, item = name.partition(".")
                    if item:
                        passes[int(at)][item] = arrays[name]
        except (ValueError, KeyError, IndexError, zipfile.BadZipFile) as error:
            raise self._damaged() from error
        if header["fingerprint"] != self._fingerprint:
            raise DataError(
                "other-checkpoint",
                f"{shown(str(self.path))} is the checkpoint of another model, start, or data.\n"
                "Name another file, or remove this one to begin anew.",
            )
        return passes

    def _damaged(self) -> FileFormatError:
        return FileFormatError(
            "damaged-checkpoint",
            f"{shown(str(self.path))} is a damaged checkpoint.\nRemove it to begin anew.",
        )


def fingerprint(said: Any, likelihood: MultinomialLikelihood, start: FloatArray | None) -> str:
    """A hash of what was specified (in JSON), of all rows, and of where the fit starts."""
    found = hashlib.sha256(json.dumps(said, default=str).encode())
    rows = likelihood.rows
    if isinstance(rows, Streamed):
        for array in rows.described():
            found.update(array.tobytes())
        found.update(str(rows.reader.checksum).encode())
    else:
        for block in rows.blocks():
            for part in (block.X, block.response, block.weights, block.offset):
                found.update(b"" if part is None else part.tobytes())
    found.update(b"" if start is None else start.tobytes())
    return found.hexdigest()
