"""Each error and warning has a short code, and the manual tells cause and cure of each code.

The package is read, not run: a code is a literal where the error is made, or where the helper that
makes it is called, or it is the code of the error that is being answered.
"""

from __future__ import annotations

import ast
import copy
import inspect
import pickle
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from mnlstat import errors

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "mnlstat"
SHAPE = re.compile(r"[a-z]+(-[a-z]+){0,4}")
SECTION = re.compile(r"^\(([^)]*)\)=\n## (.*)\n\n(.*)$", re.MULTILINE)
LINK = re.compile(r"\[([a-z-]+)\]\(#([a-z-]+)\)")
MOST_LINES = 3

OURS = {
    name: kind
    for name, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.Coded) and kind is not errors.Coded
}

# Foreign exceptions that are raised, each caught before it reaches a user or asked for by Python.
FOREIGN = {
    ("__init__", "AttributeError"),  # what a module raises for a name that it lacks
    ("arrays", "TypeError"),
    ("arrays", "ValueError"),  # every caller of real_array names the argument
    ("design/evaluate", "_Unfinished"),
    ("design/failures", "InfiniteArgumentError"),  # told as the failure of the term
    ("design/formula", "PatsyError"),
    ("design/forward", "UnknownDerivativeError"),  # told as the term without a derivative
    ("design/moments", "TypeError"),  # told as the failure of the condition
    ("design/moving", "UnknownDerivativeError"),
    ("design/natural_spline", "UsageError"),  # told as the failure of the term
    ("design/natural_spline", "ValueError"),  # told as the failure of the term
    ("design/operations", "TypeError"),
    ("design/polynomials", "ValueError"),
    ("design/saving", "DocumentError"),
    ("design/saving", "UnsaveableError"),
    ("design/survey", "Conflict"),
    ("design/transforms", "OutsideKnotsError"),
    ("design/transforms", "UsageError"),
    ("design/transforms", "ValueError"),  # told as the failure of the term
    ("design/vocabulary", "UsageError"),
    ("design/vocabulary", "TypeError"),
    ("design/vocabulary", "ValueError"),
    ("inference/dual", "UndefinedError"),  # told by the parser, which points at the place
    ("likelihood/ridge", "AttributeError"),  # what an object raises for a name that it lacks
    ("optimize/recession", "UnverifiedError"),
    ("optimize/separation", "UnverifiedError"),
    ("saving/forms", "UnsaveableError"),
    ("saving/values", "DocumentError"),  # told by load(), which names the file
    ("saving/values", "UnsaveableError"),  # told by save(), which names what it concerns
    ("rows/rest", "IndexError"),  # a position beyond the columns: sequences end so
}


@dataclass(frozen=True)
class Site:
    """A place where an error is made, or a helper that makes it is called."""

    where: str
    call: ast.Call
    code: ast.expr | None
    inside: ast.AST
    classes: tuple[str, ...]
    helper: ast.AST | None = None

    @property
    def literal(self) -> str | None:
        """The code, where it is written out."""
        text = self.code.value if isinstance(self.code, ast.Constant) else None
        return text if isinstance(text, str) else None

    @property
    def passed_on(self) -> bool:
        """Whether the code is that of the helper's caller, or of the error that is answered."""
        if isinstance(self.code, ast.Attribute):
            return self.code.attr == "code" and isinstance(self.code.value, ast.Name)
        return (
            isinstance(self.code, ast.Name)
            and self.code.id == "code"
            and "code" in _arguments(self.inside)
        )


def _name(node: ast.AST | None) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def _arguments(function: ast.AST) -> list[str]:
    if not isinstance(function, ast.FunctionDef):
        return []
    return [arg.arg for arg in function.args.args if arg.arg != "self"]


@cache
def modules() -> dict[str, ast.Module]:
    """The parsed modules of the package by their path without suffix."""
    return {
        path.relative_to(PACKAGE).with_suffix("").as_posix(): ast.parse(path.read_text("utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


@cache
def kinds() -> dict[str, str]:
    """Names of our classes, those derived elsewhere in the package included, and what they are."""
    found = {name: name for name in OURS}
    for tree in modules().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name not in found:
                base = next((found[_name(base)] for base in node.bases if _name(base) in found), "")
                found |= {node.name: base} if base else {}
    return found


def _calls(tree: ast.AST, inside: ast.AST) -> Iterator[tuple[ast.Call, ast.AST]]:
    """Each call, and the function around it."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Call):
            yield node, inside
        yield from _calls(node, node if isinstance(node, ast.FunctionDef) else inside)


def _class_arguments(function: ast.AST) -> set[str]:
    """Arguments that are classes of errors: ``error: type[MnlstatError]``."""
    if not isinstance(function, ast.FunctionDef):
        return set()
    given = [arg for arg in function.args.args if arg.annotation is not None]
    return {arg.arg for arg in given if ast.unparse(arg.annotation or arg).startswith("type[")}


def _made_by(function: ast.AST, known: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The classes that a helper makes, itself or by another helper."""
    called = [_name(node) for node in ast.walk(function) if isinstance(node, ast.Call)]
    direct = [kinds()[name] for name in called if name in kinds()]
    return tuple(direct + [each for name in called for each in known.get(name, ())])


def _helpers(tree: ast.AST) -> tuple[dict[str, ast.AST], dict[str, tuple[str, ...]]]:
    """Functions with an argument ``code`` that make errors, and the classes of these."""
    taking = {
        node.name: node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and "code" in _arguments(node)
    }
    made: dict[str, tuple[str, ...]] = {}
    for _ in range(3):  # a helper of a helper of a helper
        made = {name: _made_by(node, made) for name, node in taking.items()}
    return {name: node for name, node in taking.items() if made[name]}, made


def _imported(tree: ast.AST) -> set[str]:
    """Names that come from elsewhere in the package."""
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    ours = [node for node in froms if (node.module or "").startswith("mnlstat")]
    return {alias.name for node in ours for alias in node.names}


@cache
def sites() -> tuple[Site, ...]:
    """Every place where one of our classes, or a helper with an argument ``code``, is called."""
    found = []
    shared = [_helpers(tree) for tree in modules().values()]
    for where, tree in modules().items():
        helpers, made = _helpers(tree)
        imported = _imported(tree)
        for others, theirs in shared:
            helpers |= {name: others[name] for name in others.keys() & imported}
            made |= {name: theirs[name] for name in others.keys() & imported}
        for call, inside in _calls(tree, tree):
            name = _name(call)
            place, classes = 0, (kinds().get(name, ""),)
            helper: ast.AST | None = None
            if name in helpers:
                helper, classes = helpers[name], made[name]
                place = _arguments(helper).index("code")
            elif name not in kinds() and name not in _class_arguments(inside):
                continue
            code = call.args[place] if len(call.args) > place else None
            found.append(Site(f"{where}:{call.lineno}", call, code, inside, classes, helper))
    return tuple(found)


def classes_by_code() -> dict[str, set[str]]:
    """The codes in use, and the classes that they are seen with."""
    found: dict[str, set[str]] = {}
    for site in sites():
        if site.literal is not None:
            found.setdefault(site.literal, set()).update(name for name in site.classes if name)
    return found


def page() -> str:
    """The catalogue."""
    return (ROOT / "docs" / "errors.md").read_text("utf-8")


def test_every_error_and_warning_has_a_literal_code() -> None:
    assert len(sites()) > 200
    for site in sites():
        assert site.passed_on or site.literal is not None, site.where
        assert site.passed_on or SHAPE.fullmatch(site.literal or ""), site.where


def test_every_code_has_its_section_and_every_section_is_of_a_code() -> None:
    sections = [anchor for anchor, _, _ in SECTION.findall(page())]
    assert all(anchor == heading for anchor, heading, _ in SECTION.findall(page()))
    assert sections == sorted(set(sections))
    assert set(sections) == set(classes_by_code())
    assert len(sections) == page().count("\n## ") == page().count(")=\n")


def test_every_code_stands_once_in_the_table_of_contents() -> None:
    links = LINK.findall(page().partition(")=\n")[0])
    assert all(text == target for text, target in links)
    assert sorted(text for text, _ in links) == sorted(classes_by_code())


def test_every_section_names_the_classes_and_a_cure() -> None:
    parts = re.split(r"^\(.*\)=\n## ", page(), flags=re.MULTILINE)[1:]
    for part in parts:
        code, _, text = part.partition("\n")
        named = set(re.findall(r"`(\w+)`", text.strip().partition(". ")[0]))
        assert classes_by_code()[code] <= named <= set(OURS), code
        assert named and "*Cure:*" in text, code


def test_every_warning_is_made_before_it_is_given() -> None:
    given = [
        (where, call)
        for where, tree in modules().items()
        for call, _ in _calls(tree, tree)
        if _name(call) == "warn" and where != "design/scope"
    ]
    assert len(given) > 10
    for where, call in given:
        assert _name(call.args[0]) in OURS and len(call.args) == 1, f"{where}:{call.lineno}"


def test_no_foreign_exception_is_raised_at_a_user() -> None:
    raised = {
        (where, _name(node.exc))
        for where, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise) and node.exc is not None
    }
    foreign = {(where, name) for where, name in raised if name.endswith("Error")} - FOREIGN
    assert {name for _, name in foreign if name not in kinds() and name != "_error"} == set()
    assert raised >= FOREIGN, "an entry of the list is not needed any more"


def _breaks(node: ast.AST, inside: ast.AST, seen: frozenset[str] = frozenset()) -> int:
    """How many line breaks a message has, as far as its text can be seen."""
    if isinstance(node, ast.Constant):
        return node.value.count("\n") if isinstance(node.value, str) else 0
    if isinstance(node, ast.IfExp):
        return max(_breaks(node.body, inside, seen), _breaks(node.orelse, inside, seen))
    if isinstance(node, ast.Name):
        values = [
            each.value
            for each in ast.walk(inside)
            if isinstance(each, ast.Assign) and [_name(t) for t in each.targets] == [node.id]
        ]
        more = seen | {node.id}
        return max(
            (_breaks(each, inside, more) for each in values if node.id not in seen), default=0
        )
    own = 2 if isinstance(node, ast.Call) and _name(node).startswith("pointed") else 0
    return own + sum(_breaks(each, inside, seen) for each in ast.iter_child_nodes(node))


def test_no_message_has_more_than_three_lines() -> None:
    for site in sites():
        breaks = sum(_breaks(each, site.inside) for each in site.call.args)
        around = [
            sum(_breaks(each, other.inside) for each in other.call.args)
            for other in sites()
            if site.helper is not None and other.inside is site.helper
        ]
        assert breaks + max(around, default=0) < MOST_LINES, site.where


@pytest.mark.parametrize("name", OURS)
def test_an_error_keeps_its_code_and_message(name: str) -> None:
    error = OURS[name]("one-outcome", "what is wrong.\nwhat to do.")
    error.add_note("a note")
    for same in (error, pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(same) is type(error)
        assert (same.code, same.message) == ("one-outcome", "what is wrong.\nwhat to do.")
        assert str(same) == "what is wrong.\nwhat to do. [one-outcome]"
        assert same.__notes__ == ["a note"]
    assert getattr(error, "errno", None) is None
    again = OURS[name](str(error))  # from its text alone, as test runners give warnings again
    assert (again.code, again.message) == (error.code, error.message)
