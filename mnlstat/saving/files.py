"""Files that are written whole or not at all, sealed with a checksum."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mnlstat.errors import OptionError
from mnlstat.options import shown

DIGEST = 64


def checked_path(option: str, path: Any) -> Path:
    """The name of a file that can be written, as a Path.

    Raises
    ------
    OptionError
        For what is no name, a folder, or a file in a folder that is not there.
    """
    if not isinstance(path, str | Path) or not str(path):
        raise OptionError("file-name", f"{option}={shown(path)} must be the name of a file.")
    target = Path(path)
    if target.is_dir() or not target.absolute().parent.is_dir():
        raise OptionError(
            "cannot-write",
            f"{option}={str(path)!r} cannot be written: it is a folder, or in one that is not.",
        )
    return target


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary file in the same folder that takes the name in one step, once it is complete.

    Whatever happens before, the process being killed included, the old file stays as it was.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, target)
        _sync_folder(target.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make the new name last, too, where the system knows how."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_sealed(option: str, path: Path, magic: bytes, payload: bytes) -> None:
    """Write a first line, a checksum and the payload.

    Raises
    ------
    OptionError
        When the file cannot be written.
    """
    digest = hashlib.sha256(payload).hexdigest().encode()
    try:
        with whole_file(path) as temporary, open(temporary, "xb") as file:
            file.write(magic + digest + b"\n" + payload)
    except OSError as error:
        raise OptionError(
            "cannot-write",
            f"{option}={str(path)!r} cannot be written: {error.strerror}.",
        ) from error


def unsealed(content: bytes, magic: bytes) -> bytes | None:
    """The payload of a file that begins with ``magic``; None where it is damaged."""
    start = len(magic) + DIGEST + 1
    digest, payload = content[len(magic) : start - 1], content[start:]
    if content[start - 1 : start] != b"\n":
        return None
    return payload if hashlib.sha256(payload).hexdigest().encode() == digest else None
