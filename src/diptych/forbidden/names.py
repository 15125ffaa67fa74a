"""What a statement defines and uses: global names, and attributes and texts that stand for one."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from diptych.forbidden.search import COMPREHENSIONS, parameters

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
# What changes, or reads, a name that stands in a text.
NAMESPACES = ("globals", "locals", "vars", "setattr", "getattr")
DICTIONARIES = ("__dict__", "__globals__", "__builtins__", "__setattr__")
TYPES = ("list", "dict", "set", "type", "object")  # list.append(kept, …) is kept.append(…)
MAIN = "__main__"  # whose attributes are the notebook's names

# The names of the functions around a place, from the innermost on, and whether they are their own
# or declared to be global: what is in none is global.
Scope = tuple[Mapping[str, bool], "Scope"] | None


def names(statement: ast.stmt) -> tuple[frozenset[str], ...]:
    """What a statement defines, uses, changes, imports and makes."""
    defines, uses, changes, imports, makes = set(), set(), set(), set(), set()
    todo: list[tuple[ast.AST, Scope]] = [(statement, None)]
    while todo:
        node, scope = todo.pop()
        loads = isinstance(getattr(node, "ctx", None), ast.Load)
        bound = [name for name in _binds(node) if not _is_local(name, scope)]
        (imports if isinstance(node, ast.alias) else makes).update(bound)
        if isinstance(node, ast.Name) and loads and not _is_local(node.id, scope):
            uses.add(node.id)
        elif isinstance(node, ast.Attribute) and loads:
            uses.add(f".{node.attr}")
        elif isinstance(node, ast.Subscript) and loads:
            texts = _texts([node.slice])
            uses |= texts if _is_namespace(node.value) else set()
            imports |= texts & {MAIN}
        elif isinstance(node, ast.Attribute | ast.Subscript):
            defines |= _stored(node, scope)
        elif isinstance(node, ast.Call):
            defines |= _written(node)
            uses |= _texts(node.args) if _is_namespace(node.func) else set()
            changes |= _changed(node, scope)
        elif isinstance(node, ast.alias):
            imports |= {node.name} & {MAIN}
        todo += _children(node, scope)
    defines |= makes
    return tuple(map(frozenset, (defines | imports, uses, changes, imports - defines, makes)))


def _binds(node: ast.AST) -> Iterator[str]:
    """The names that one node, not those below it, gives to something."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        yield node.name
    elif isinstance(node, ast.alias):
        yield (node.asname or node.name).partition(".")[0]
    elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest


def _stored(node: ast.Attribute | ast.Subscript, scope: Scope) -> set[str]:
    """What becomes another where something is stored: ``tools.f = …`` makes tools what it is."""
    if isinstance(node.ctx, ast.Load):
        return set()
    root = _root(node)
    texts = _texts([node.slice]) if isinstance(node, ast.Subscript) else set()
    if isinstance(root, ast.Name):
        texts = texts if _is_namespace(node.value) else set()
        if _is_local(root.id, scope):
            return texts
        attribute = {node.attr, f".{node.attr}"} if isinstance(node, ast.Attribute) else set()
        return {root.id} | attribute | texts
    return texts if isinstance(node, ast.Subscript) else {f".{node.attr}"}


def _written(call: ast.Call) -> set[str]:
    """The names that stand in a text: ``setattr(tools, "f", …)``, ``globals().update(f=…)``."""
    if _is_namespace(call.func) and getattr(call.func, "id", None) != "getattr":
        objects = {a.id for a in call.args[:1] if isinstance(a, ast.Name)}
        keys = {k.arg for k in call.keywords if k.arg}
        return objects | keys | {f".{key}" for key in keys} | _texts(call.args)
    return set()


def _is_namespace(node: ast.expr) -> bool:
    """Whether names are texts there: ``globals()``, ``setattr``, ``builtins.__dict__.update``."""
    root = node
    while isinstance(root, ast.Attribute | ast.Subscript):
        if getattr(root, "attr", None) in DICTIONARIES:
            return True
        root = root.value
    root = root.func if isinstance(root, ast.Call) else root
    return isinstance(root, ast.Name) and root.id in NAMESPACES


def _changed(call: ast.Call, scope: Scope) -> set[str]:
    """What a call may change: that whose method it is, and what holds that."""
    if not isinstance(call.func, ast.Attribute | ast.Subscript):
        return set()
    changed = call.func.value
    if isinstance(changed, ast.Name) and changed.id in TYPES and call.args:
        changed = call.args[0]
    root = _root(changed)
    if not isinstance(root, ast.Name) or _is_local(root.id, scope):
        return set()
    return {root.id} | ({f".{changed.attr}"} if isinstance(changed, ast.Attribute) else set())


def _texts(nodes: Iterable[ast.expr]) -> set[str]:
    found = {
        part.value
        for node in nodes
        for part in (node, *(node.keys if isinstance(node, ast.Dict) else ()))
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }
    return found | {f".{text}" for text in found}


def _root(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node


def _is_local(name: str, scope: Scope) -> bool:
    while scope:
        if name in scope[0]:
            return scope[0][name]
        scope = scope[1]
    return False


def _children(node: ast.AST, scope: Scope) -> Iterator[tuple[ast.AST, Scope]]:
    """The nodes below one, each with the names around it."""
    inside, outside = [], ast.iter_child_nodes(node)
    if isinstance(node, FUNCTIONS):
        inside = node.body if isinstance(node.body, list) else [node.body]
        own = dict.fromkeys(parameters(node.args), True) | _bound(inside)
    elif isinstance(node, ast.ClassDef):
        inside = node.body
        own = {name: False for name, is_own in _bound(inside).items() if not is_own}
    elif isinstance(node, COMPREHENSIONS):
        first = node.generators[0].iter  # is evaluated around it
        targets = [generator.target for generator in node.generators]
        own = _bound(targets)
        inside = [n for g in node.generators for n in (g.target, *g.ifs, g.iter) if n is not first]
        inside += [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        outside = [first]
    if inside:
        around = (own, scope)
        yield from ((each, around) for each in inside)
    kept = set(map(id, inside))
    yield from ((each, scope) for each in outside if id(each) not in kept)


def _bound(body: list) -> dict[str, bool]:
    """The names that are certainly a function's own, if this is its body, or certainly not."""
    bound, elsewhere, everybodys, todo = set(), set(), set(), list(body)
    while todo:
        node = todo.pop()
        bound.update(_binds(node))
        if isinstance(node, ast.Global | ast.Nonlocal):
            elsewhere.update(node.names)
            everybodys.update(node.names if isinstance(node, ast.Global) else ())
        if not isinstance(node, (*FUNCTIONS, *COMPREHENSIONS, ast.ClassDef)):
            todo += ast.iter_child_nodes(node)
    return dict.fromkeys(bound - elsewhere, True) | dict.fromkeys(everybodys, False)
