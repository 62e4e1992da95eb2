"""What the shell adds: words as they are typed, a bar on a terminal, the tab key."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import mnlstat as mn
from mnlstat.cli.arguments import parser
from mnlstat.cli.completion import SHELLS
from mnlstat.cli.typed import as_typed
from mnlstat.model import watching
from tests.cli.ended import Ended, unusable

COMMANDS = ("demo", "fit", "compare", "margins", "predict", "plot", "completion")


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        ("alpha=2.0 must be", "--alpha 2.0 must be"),
        ("at='x' is none", "--at 'x' is none"),
        ('Give values, at={"age": [20, 40]}.', "Give values, --at age=20,40."),
        ('combine={"car or train": ["car", "train"]}',
         '--combine "car or train=car,train"'),
        ("a dict at={...}", "a dict --at NAME=..."),
        ("alpha= belongs to interval=True.", "--alpha belongs to --interval."),
        ("by: no column", "--by: no column"),
        ("at['age']=[1, 2] must", "--at age=[1, 2] must"),
        ("predict(at=...) stays", "predict(at=...) stays"),
        ("y ~ C(x, base=2)", "y ~ C(x, base=2)"),
        ("freq_weights='n' is", "--freq-weights 'n' is"),
        ("comparisons(by='ratio')", "--by ratio"),
    ],
)  # fmt: skip
def test_options_are_named_as_they_are_typed(said: str, typed: str) -> None:
    names = ("alpha", "at", "combine", "interval", "by", "freq_weights")
    assert as_typed(said, names) == typed


def test_formulas_in_messages_stay(run: Any, trips: str) -> None:
    line = unusable(run("fit", trips, "mode ~ bs(hinc, base=2)"))
    assert "--base" not in line


@pytest.mark.parametrize("suffix", ["tex", "md", "typ", "html"])
def test_fit_writes_tables_for_papers(run: Any, trips: str, tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"table.{suffix}"
    options = ("--rrr", "--alpha", "0.1", "--layout", "wide", "--show", "interval,p_value")
    assert run("fit", trips, "mode ~ hinc", *options, "-o", str(target)) == Ended(0, "", "")
    summary = (
        mn.mnlogit("mode ~ hinc", mn.datasets.travel_mode()).fit().summary(rrr=True, alpha=0.1)
    )
    write = {"tex": summary.to_latex, "md": summary.to_markdown, "typ": summary.to_typst,
             "html": summary.to_html}[suffix]  # fmt: skip
    expected = write(layout="wide", show=["interval", "p_value"])
    assert target.read_text().rstrip() == expected.rstrip()


@pytest.mark.parametrize("name", ["a.pdf", "a.xlsx", "a.csv.gz", "a.parquet"])
def test_names_that_promise_something_else_are_refused(
    run: Any, trips: str, tmp_path: Path, name: str
) -> None:
    target = tmp_path / name
    assert name in unusable(run("fit", trips, "mode ~ hinc", "-o", str(target)))
    assert not target.exists()


def test_a_saved_fit_is_that_of_the_library(run: Any, trips: str, saved: str) -> None:
    fit = mn.mnlogit("mode ~ hinc + psize", mn.datasets.travel_mode(), base="car").fit()
    assert mn.load(saved).params.equals(fit.params)
    assert "data" in unusable(run("fit", trips, "mode ~ hinc", "--save", trips))


class Terminal(io.StringIO):
    """A stream that somebody watches."""

    def isatty(self) -> bool:
        return True


def test_a_bar_on_a_terminal_and_none_in_a_pipe(
    run: Any, trips: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    assert run("fit", trips, "mode ~ hinc").err == ""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    for command in (("fit",), ("compare",), ("margins",), ("predict",)):
        terminal.seek(0)
        terminal.truncate()
        assert run(*command, trips, "mode ~ hinc").code == 0
        drawn = terminal.getvalue().split("\r")
        assert "100%" in drawn[-3] and drawn[-2].isspace() and drawn[-1] == ""


def test_the_bar_covers_what_it_drew_before(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    bar = watching._Drawn()
    for said in ("a long line", "short"):
        bar.set_postfix_str(said)
        bar.update(0.5)
    bar.close()
    _, first, second, empty, rest = terminal.getvalue().split("\r")
    assert len(first) == len(second) == len(empty) and rest == ""
    assert "50%" in first and "100%" in second and empty.isspace()


def test_every_command_explains_itself_by_examples_that_its_parser_reads(run: Any) -> None:
    for command in COMMANDS:
        ended = run(command, "--help")
        assert ended.code == 0
        assert max(map(len, ended.out.splitlines())) <= 100
        text = re.sub(r"\\\n\s+", "", ended.out)
        for line in re.findall(r"^  mnlstat (.*)$", text, re.MULTILINE):
            words = [word[1:-1] if word[0] == '"' else word
                     for word in re.findall(r'"[^"]*"|\S+', line.split(" > ")[0])]  # fmt: skip
            parser().parse_args(words)
        assert "examples:" in ended.out or command == "demo"


# --- the tab key --------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["ma"], ["margins"]),
        (["margins", "--ki"], ["--kind"]),
        (["margins", "--kind", "ey"], ["eyex", "eydx"]),
        (["fit", "a.csv", "y ~ x", "--format", "la"], ["latex"]),
        (["completion", ""], ["bash", "zsh"]),
        (["fit", "da"], []),
    ],
)
def test_tab_in_bash(run: Any, tmp_path: Path, words: list[str], found: list[str]) -> None:
    script = tmp_path / "completion.sh"
    script.write_text(run("completion", "bash").out)
    asked = 'source "$0"; COMP_WORDS=(mnlstat "$@"); COMP_CWORD=$#; _mnlstat; '
    done = subprocess.run(
        ["bash", "-c", asked + 'printf "%s\\n" "${COMPREPLY[@]}"', str(script), *words],
        capture_output=True, text=True, check=True, env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    assert done.stdout.split() == found
    assert done.stderr == ""


def test_completions_name_every_command(run: Any) -> None:
    for shell in SHELLS:
        text = run("completion", shell).out
        assert all(command in text for command in COMMANDS)
    assert "fish" in unusable(run("completion", "fish"))
