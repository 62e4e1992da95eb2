"""The examples of README, documentation and docstrings run and give what they say."""

from __future__ import annotations

import contextlib
import doctest
import importlib
import io
import pkgutil
import re
import textwrap
from pathlib import Path

import pytest

import mnlstat

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
FENCE = re.compile(r"^( *)```python\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")


def module_names() -> list[str]:
    """Every module of the package but the one that runs on import."""
    found = pkgutil.walk_packages(mnlstat.__path__, "mnlstat.")
    return ["mnlstat", *(module.name for module in found if module.name != "mnlstat.__main__")]


def examples(page: Path) -> str:
    """The Python examples of a page, one after the other; they share their names."""
    found = FENCE.findall(page.read_text(encoding="utf-8"))
    blocks = [textwrap.dedent(block) for _, block in found if ">>>" in block]
    return "\n\n".join(blocks)


def run(test: doctest.DocTest) -> None:
    """Run one collection of examples; fail with doctest's report."""
    runner = doctest.DocTestRunner(optionflags=OPTIONS, verbose=False)
    report = io.StringIO()
    assert runner.run(test, out=report.write).failed == 0, report.getvalue()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_examples(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = examples(page)
    run(doctest.DocTestParser().get_doctest(source, {}, page.name, str(page), 0))


@pytest.mark.parametrize("name", module_names())
def test_docstring_examples(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module, name, globs={}):
        if test.examples:
            run(test)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_repository_lead_somewhere(page: Path) -> None:
    targets = [
        target for target in LINK.findall(page.read_text(encoding="utf-8")) if ":" not in target
    ]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_ci_runs_the_commands_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    commands = re.findall(r"^python3 -m venv .*$", readme, flags=re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        assert command in script


def test_version_is_said_once_and_the_same() -> None:
    metadata = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (declared,) = re.findall(r'^version = "(.+)"$', metadata, flags=re.MULTILINE)
    with contextlib.suppress(AttributeError):
        assert mnlstat.__version__ == declared
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{declared}]" in changelog or "## [Unreleased]" in changelog
