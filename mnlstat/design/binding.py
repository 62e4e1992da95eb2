"""Names that a piece of code binds itself, each only where it is bound."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any


class Binding(ast.NodeTransformer):
    """Visits code and keeps in ``bound`` the names that lambdas and comprehensions give here."""

    def __init__(self) -> None:
        self.bound: frozenset[str] = frozenset()

    def visit_Lambda(self, node: ast.Lambda) -> Any:
        """Visit the defaults outside, the body inside."""
        given = node.args
        given.defaults = [self.visit(each) for each in given.defaults]
        given.kw_defaults = [each and self.visit(each) for each in given.kw_defaults]
        outside = self.bound
        self.bound |= {each.arg for each in ast.walk(given) if isinstance(each, ast.arg)}
        node.body = self.visit(node.body)
        self.bound = outside
        return node

    def _comprehension(self, node: Any) -> Any:
        """Visit the first iterable outside, all else inside."""
        first = node.generators[0]
        first.iter = self.visit(first.iter)
        outside = self.bound
        self.bound |= stored(each.target for each in node.generators)
        for each in node.generators:
            if each is not first:
                each.iter = self.visit(each.iter)
            each.ifs = [self.visit(condition) for condition in each.ifs]
        for part in ("elt", "key", "value"):
            if hasattr(node, part):
                setattr(node, part, self.visit(getattr(node, part)))
        self.bound = outside
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension


def stored(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """Return the names that are written to."""
    names = (each for node in nodes for each in ast.walk(node) if isinstance(each, ast.Name))
    return frozenset(name.id for name in names if isinstance(name.ctx, ast.Store))


def assigned(body: ast.AST) -> frozenset[str]:
    """Return the names bound by ``:=``, which reach beyond comprehensions."""
    walrus = (each for each in ast.walk(body) if isinstance(each, ast.NamedExpr))
    return stored(each.target for each in walrus)
