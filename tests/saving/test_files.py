"""Files are whole or not there, and nothing in them is run."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mnlstat as mn
from mnlstat.errors import FileFormatError, OptionError
from mnlstat.results.saving import MAGIC
from mnlstat.saving.files import whole_file, write_sealed
from mnlstat.saving.values import DOCUMENT
from tests.saving.results import of_formula

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    saved: Path = of_formula("x + np.log(z)").save(tmp_path / "one.fit")
    return saved


def refused(path: Path, code: str, *names: str) -> None:
    with pytest.raises(FileFormatError) as caught:
        mn.load(path)
    assert caught.value.code == code, caught.value
    assert len(str(caught.value).splitlines()) <= 3
    for name in (path.name, *names):
        assert name in str(caught.value)


def test_every_bit_counts(path: Path) -> None:
    content = path.read_bytes()
    step = max(len(content) // 60, 1)
    for at in [*range(120), *range(120, len(content), step)]:
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with pytest.raises(FileFormatError, match=r"one\.fit"):
            mn.load(path)
    for length in [0, 5, len(MAGIC), len(MAGIC) + 64, *range(100, len(content), step)]:
        path.write_bytes(content[:length])
        with pytest.raises(FileFormatError, match=r"one\.fit"):
            mn.load(path)
    path.write_bytes(content + b"\n")
    refused(path, "damaged-file", "checksum")


def test_foreign_and_missing_files(path: Path, tmp_path: Path) -> None:
    path.write_text("a,b\n1,2\n")
    refused(path, "not-a-result", "not a result")
    path.write_bytes(b"mnlstat checkpoint 1\n" + b"0" * 200)
    refused(path, "not-a-result")
    refused(tmp_path / "gone.fit", "no-such-file", "no file of that name")
    refused(tmp_path, "unreadable-file", "directory")


def test_a_newer_file(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(MAGIC, b"mnlstat result 12\n", 1))
    refused(path, "newer-file", "newer version", "format 12")


def rewritten(path: Path, change: Any) -> None:
    """The same file with another document, and a checksum that is right."""
    payload = path.read_bytes()[len(MAGIC) + 65 :]
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(payload)) as old, zipfile.ZipFile(content, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == DOCUMENT:
                part = json.dumps(change(json.loads(part))).encode()
            new.writestr(name, part)
    payload = content.getvalue()
    path.write_bytes(MAGIC + hashlib.sha256(payload).hexdigest().encode() + b"\n" + payload)


def outside(document: Any) -> Any:
    """The names from outside that the formula uses."""
    fit = dict(document["of"])["fit"]
    spec = dict(fit["of"])["spec"]
    factors = spec["of"]["learned_factors"]["of"]
    return next(each for f in factors for each in f["of"]["expression"]["of"]["outside"]["of"])[
        "of"
    ]


@pytest.mark.parametrize(
    "content",
    [
        ["np", "module", "os"],
        ["np", "module", "subprocess"],
        ["np", "module", "mnlstat.__main__"],
        ["np", "function", "os", "system"],
        ["np", "function", "numpy", "os.system"],
        ["np", "function", "numpy.ctypeslib", "_ctypeslib.os.system"],
        ["np", "function", "numpy", "no_such_function"],
        ["np", "module", "numpy.no_such_module"],
    ],
)
def test_names_that_a_file_may_not_use(path: Path, content: list[str]) -> None:
    def change(document: Any) -> Any:
        outside(document)[:] = content
        return document

    rewritten(path, change)
    refused(path, "unreadable-file")


def drop_a_field(document: Any) -> Any:
    del dict(document["of"])["fit"]["of"][0]
    return document


def add_a_field(document: Any) -> Any:
    spec = dict(dict(document["of"])["fit"]["of"])["spec"]
    spec["of"]["novelty"] = 1
    return document


def another_form(document: Any) -> Any:
    dict(document["of"])["fit"]["is"] = "builtins.eval"
    return document


@pytest.mark.parametrize(
    "change",
    [lambda _: {}, lambda _: [], lambda _: 3, lambda _: {"is": "dict", "of": [["fit", 1]]},
     drop_a_field, add_a_field, another_form],
)  # fmt: skip
def test_documents_that_say_something_else(path: Path, change: Any) -> None:
    rewritten(path, change)
    refused(path, "unreadable-file")


def test_an_array_of_objects_is_never_unpickled(path: Path) -> None:
    payload = io.BytesIO()
    hostile = io.BytesIO()
    np.save(hostile, np.array([Path], dtype=object), allow_pickle=True)
    with zipfile.ZipFile(payload, "w") as archive:
        archive.writestr(DOCUMENT, json.dumps({"is": "array", "of": 0}))
        archive.writestr("0.npy", hostile.getvalue())
    write_sealed("path", path, MAGIC, payload.getvalue())
    refused(path, "unreadable-file")


KILLED = """
import os, signal, sys
import mnlstat as mn
res = mn.mnlogit("vote ~ selfLR + age", mn.datasets.anes96()).fit()
path = sys.argv[1]
if sys.argv[2] == "before the rename":
    os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    res.save(path, include_data=True)
print("ready", flush=True)
while True:
    res.save(path, include_data=True)
"""


def test_killed_before_the_rename(path: Path) -> None:
    before = path.read_bytes()
    command = [sys.executable, "-c", KILLED, str(path), "before the rename"]
    done = subprocess.run(command, capture_output=True, cwd=ROOT)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert path.read_bytes() == before
    assert mn.load(path).formula == "y ~ x + np.log(z)"


def test_killed_at_any_moment(path: Path) -> None:
    rng = np.random.default_rng(3)
    for _ in range(4):
        command = [sys.executable, "-c", KILLED, str(path), "at any moment"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
            assert process.stdout is not None and process.stdout.readline() == b"ready\n"
            time.sleep(rng.uniform(0.0, 0.05))
            process.kill()
        assert mn.load(path).converged


def test_a_disk_that_is_full(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OptionError, match="No space left"):
        of_formula("x").save(path)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["one.fit"]


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.fit"
    link.symlink_to(path)
    of_formula("z").save(link)
    assert link.is_symlink() and mn.load(path).formula == "y ~ z"


def test_a_block_that_fails_leaves_the_old_file(path: Path) -> None:
    before = path.read_bytes()

    def fail() -> None:
        with whole_file(path) as temporary:
            temporary.write_bytes(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert path.read_bytes() == before and len(list(path.parent.iterdir())) == 1


FRESH = """
import sys
import mnlstat as mn
assert not {"statsmodels", "pickle5"} & set(sys.modules)
res = mn.load(sys.argv[1])
print(res.params.to_numpy().tobytes().hex())
"""


def test_a_fresh_process_loads_the_same_bits(path: Path) -> None:
    command = [sys.executable, "-c", FRESH, str(path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert said.strip() == mn.load(path).params.to_numpy().tobytes().hex()
