"""Names in a template that its context does not have, also in branches that are never taken.

Walks the Jinja syntax tree along the dataclass types of the context and refuses what it cannot follow: templates are
text with a few conditions, not programs.
"""

import types
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

from jinja2 import nodes

from onboarding.languages.language import Language

Unknown = tuple[int, str]
"""Line of the template and the dotted name."""

_SAME = frozenset({"list", "sort", "reverse", "selectattr", "rejectattr", "unique"})
_ITEM = frozenset({"first", "last"})
_REFUSED = (
    nodes.Include,
    nodes.Import,
    nodes.FromImport,
    nodes.Extends,
    nodes.Block,
    nodes.Macro,
    nodes.CallBlock,
)


class _Loop:
    """The attributes of ``loop`` inside a for."""

    index: int
    first: bool
    last: bool
    length: int


def unknown_names(tree: nodes.Template, context: type) -> tuple[Unknown, ...]:
    """Return every name or attribute in the template that the context type does not have, with its line."""
    found: list[Unknown] = []
    _Walker(found).walk_all(tree.body, dict(get_type_hints(context)))
    return tuple(sorted(set(found)))


def known_names(context: type, prefix: str = "") -> Iterator[str]:
    """Yield all dotted names that a template may use, items of a list as ``name[]``."""
    for name, hint in get_type_hints(context).items():
        inner = _item_of(hint)
        full = f"{prefix}{name}" + ("[]" if inner is not None else "")
        if hint is Language:
            yield f"{full}.tag"
            continue
        below = inner if inner is not None else hint
        if is_dataclass(below) and isinstance(below, type):
            yield from known_names(below, f"{full}.")
        else:
            yield full


class _Walker:
    def __init__(self, found: list[Unknown]) -> None:
        self._found = found

    def walk_all(self, body: list[nodes.Node], scope: dict[str, Any]) -> None:
        for node in body:
            self._walk(node, scope)

    def _walk(self, node: nodes.Node, scope: dict[str, Any]) -> None:
        if isinstance(node, _REFUSED):
            self._found.append((node.lineno, f"({type(node).__name__.lower()})"))
        elif isinstance(node, nodes.For):
            self._for(node, scope)
        elif isinstance(node, nodes.Assign):
            scope[getattr(node.target, "name", "")] = self._type(node.node, scope)
        elif isinstance(node, nodes.If):
            self._type(node.test, scope)
            for branch in (node.body, node.elif_, node.else_):
                self.walk_all(list(branch), dict(scope))
        elif isinstance(node, nodes.Expr):
            self._shown(node, scope)
        else:
            self.walk_all(list(node.iter_child_nodes()), scope)

    def _shown(self, node: nodes.Expr, scope: dict[str, Any]) -> None:
        """Record a printed expression that is not a text or a number but a whole part or list."""
        hint = self._type(node, scope)
        if _item_of(hint) is not None or (isinstance(hint, type) and is_dataclass(hint)):
            self._found.append((node.lineno, f"{_spelt(node)} as a whole"))

    def _for(self, node: nodes.For, scope: dict[str, Any]) -> None:
        item = _item_of(self._type(node.iter, scope))
        if item is None:
            self._found.append((node.lineno, f"{_spelt(node.iter)} (no list)"))
        inner = {**scope, getattr(node.target, "name", ""): item or object, "loop": _Loop}
        if node.test is not None:
            self._type(node.test, inner)
        self.walk_all(node.body, inner)
        self.walk_all(node.else_, dict(scope))

    def _type(self, node: nodes.Node, scope: dict[str, Any]) -> Any:
        """Return the type of an expression; ``object`` if it is already recorded as wrong."""
        root = _root(node)
        if root is not None and root.name not in scope:
            self._found.append((node.lineno, _spelt(node)))
            return object
        if isinstance(node, nodes.Name):
            return scope[node.name]
        if isinstance(node, nodes.Getattr):
            return self._attribute(node, node.attr, self._type(node.node, scope))
        if isinstance(node, nodes.Getitem):
            return self._item(node, scope)
        if isinstance(node, nodes.Const):
            return type(node.value)
        if isinstance(node, nodes.Call):
            self._found.append((node.lineno, f"{_spelt(node.node)}()"))
            return object
        inner = [self._type(child, scope) for child in node.iter_child_nodes()]
        if isinstance(node, nodes.Filter) and inner and node.name in _SAME | _ITEM:
            return inner[0] if node.name in _SAME else _item_of(inner[0]) or object
        if isinstance(node, nodes.CondExpr):
            return inner[1]
        return str

    def _item(self, node: nodes.Getitem, scope: dict[str, Any]) -> Any:
        owner = self._type(node.node, scope)
        if isinstance(node.arg, nodes.Slice):
            return owner
        key = node.arg.value if isinstance(node.arg, nodes.Const) else None
        if isinstance(key, str):
            return self._attribute(node, key, owner)
        return _item_of(owner) or object

    def _attribute(self, node: nodes.Getattr | nodes.Getitem, name: str, owner: Any) -> Any:
        if owner is object:
            return object
        known: Mapping[str, Any] = _attributes(owner)
        if name not in known:
            self._found.append((node.lineno, f"{_spelt(node.node)}.{name}"))
        return known.get(name, object)


def _attributes(owner: Any) -> Mapping[str, Any]:
    if owner is _Loop:
        return get_type_hints(_Loop)
    if isinstance(owner, type) and is_dataclass(owner):
        hints = get_type_hints(owner)
        return {part.name: hints[part.name] for part in fields(owner)} | dict(_properties(owner))
    return {}


def _properties(owner: type) -> Iterator[tuple[str, Any]]:
    for name, value in vars(owner).items():
        if isinstance(value, property) and value.fget is not None:
            yield name, get_type_hints(value.fget).get("return", object)


def _item_of(hint: Any) -> Any | None:
    origin = get_origin(hint)
    if origin in (tuple, list):
        return get_args(hint)[0]
    if origin in (Union, types.UnionType):
        return next((item for part in get_args(hint) if (item := _item_of(part)) is not None), None)
    return None


def _root(node: nodes.Node) -> nodes.Name | None:
    """Return the first name of a dotted name."""
    while isinstance(node, nodes.Getattr | nodes.Getitem):
        node = node.node
    return node if isinstance(node, nodes.Name) else None


def _spelt(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_spelt(node.node)}.{node.attr}"
    if isinstance(node, nodes.Getitem):
        return f"{_spelt(node.node)}[]"
    if isinstance(node, nodes.Filter) and node.node is not None:
        return f"{_spelt(node.node)}|{node.name}"
    return type(node).__name__.lower()
