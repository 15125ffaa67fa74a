"""Finds the builtins that a syntax tree names, given the names that an answer must not use.

It knows no exercise, because the grader's child, which holds no answers, searches with it.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

# Functions whose second argument is the axis.
AXIS_SECOND = ("softmax", "log_softmax", "softmin")
AFFIXES = re.compile(
    r"\A_*((special|foreach|fused|safe|masked)_|(Resource)?Apply(?=[A-Z]))?"
    r"|(_forward|_kernel|_with_noise)?_*\Z"
)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
NAME = 100  # characters: no framework has longer names, and to read one of megabytes takes hours
OTHERS = ("matplotlib", "numpy", "pylab", "scipy")  # their names, as Python's own, are no builtins
SEPARATOR = re.compile(r"[.:>/]+")  # in texts that name a function: functional.relu, aten::relu


@dataclass(frozen=True)
class Rule:
    """The names that an answer must not use, and those of them that are free on the input alone."""

    forbidden: frozenset[str]
    allow: frozenset[str]

    @classmethod
    def of(cls, forbidden: Iterable[str], allow: Iterable[str]) -> Rule:
        return cls(frozenset(forbidden), frozenset(allow))

    def may_hold(self, mentions: Iterable[str]) -> bool:
        """Whether a builtin is among what :func:`mentioned` has found."""
        return any(is_builtin(name, self.forbidden) for name in mentions)

    def plain(self) -> dict[str, list[str]]:
        """As JSON can hold it."""
        return {"forbidden": sorted(self.forbidden), "allow": sorted(self.allow)}


# A statement, with all the nodes in it.
Part = tuple[ast.stmt, Sequence[ast.AST]]


def named(parts: Sequence[Part], rule: Rule, answer: str = "") -> dict[int, str]:
    """The builtin that each node names which counts as its use, by the node's id.

    Attributes, imported names (under any alias, or all at once) and strings, as in
    ``getattr(F, "relu")`` or ``activation="relu"``, all count. An allowed builtin is free when
    it gets the input and nothing else but an axis: ``relu(x)``, ``softmax(x, dim=0)``, ``x.relu()``
    and, as a layer, ``ReLU()(x)`` are; ``relu(x, 0.1)`` and ``ReLU(6.0)(x)`` are not. To import
    it as the ``answer`` is a use, too.
    """
    nodes, forbidden = [node for _, inside in parts for node in inside], rule.forbidden
    free = (
        _read_by_people(nodes)
        | _of_own_classes(nodes)
        | {
            id(call.func)
            for call in nodes
            if isinstance(call, ast.Call)
            and (name := _last_name(call.func)) in rule.allow
            and _on_the_input_alone(call, name)
        }
    )
    aliases = [a for node in nodes if isinstance(node, ast.ImportFrom) for a in node.names]
    imported = {a.asname or a.name for a in aliases if is_builtin(a.name, forbidden)}
    if stars := [n for n, (_, inside) in enumerate(parts) if any(map(_is_star, inside))]:
        free |= _of_the_notebook(parts, forbidden - imported, stars[-1])
        imported |= forbidden
    found = {id(a): a.name for a in aliases if a.asname == answer and a.name != "*"}
    return {n: name for n, name in found.items() if is_builtin(name, forbidden)} | {
        id(node): name
        for node in nodes
        if id(node) not in free
        for name in _names_used(node, imported)
        if name in imported or is_builtin(name, forbidden)
    }


def _read_by_people(nodes: list[ast.AST]) -> set[int]:
    """Texts that name nothing: they stand alone, as docstrings do, are raised or printed, or are
    what a layer is called. Unless something asks for what such a text is."""
    asked = {getattr(n, "attr", None) for n in nodes}
    asked |= {n.value for n in nodes if isinstance(n, ast.Constant)}
    caught = any(isinstance(n, ast.ExceptHandler) and n.name for n in nodes)
    texts: list[ast.AST | None] = []
    for node in nodes:
        if isinstance(node, ast.Expr) and "__doc__" not in asked:
            texts += [node.value]
        elif isinstance(node, ast.Raise) and not caught:
            texts += getattr(node.exc, "args", [])
        elif isinstance(node, ast.Call) and _last_name(node.func) == "print":
            texts += node.args
        elif isinstance(node, ast.Call) and _last_name(node.func) == "__init__":
            texts += [k.value for k in node.keywords if k.arg == "name" and "name" not in asked]
        elif isinstance(node, ast.FunctionDef) and node.name == "__init__" and "name" not in asked:
            given = [*node.args.posonlyargs, *node.args.args][::-1]
            given = [*zip(given, node.args.defaults[::-1], strict=False)]
            given += [*zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)]
            texts += [t for argument, t in given if argument.arg == "name"]
    plain = [text for text in texts if isinstance(text, ast.Constant | ast.JoinedStr)]
    return {id(part) for text in plain for part in (text, *getattr(text, "values", ()))}


def _of_own_classes(nodes: list[ast.AST]) -> set[int]:
    """Attributes that are the notebook's own: what its classes define, and what their methods store
    in the object; and whatever is stored, because that is not yet used."""
    attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
    own = {id(a) for a in attributes if not isinstance(a.ctx, ast.Load)}
    bound = Counter(
        node.id
        for node in nodes
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    )
    bound += Counter(
        getattr(node, "asname", None) or node.name
        for node in nodes
        if isinstance(node, ast.alias | ast.ClassDef | ast.FunctionDef)
    )
    bound += Counter(node.arg for node in nodes if isinstance(node, ast.arg))
    members: dict[str, set[str]] = {}
    for made in nodes:
        if isinstance(made, ast.ClassDef):
            methods = [part for part in made.body if isinstance(part, ast.FunctionDef)]
            members[made.name] = {method.name for method in methods}
            of_object = [n for method in methods for n in _on_first_parameter(method)]
            mine = members[made.name] | {n.attr for n in of_object if id(n) in own}
            own |= {id(n) for n in of_object if n.attr in mine}
    for a in attributes:
        root = getattr(a.value, "id", None)
        if bound[root] == 1 and a.attr in members.get(root, ()):
            own.add(id(a))
    return own


def _on_first_parameter(method: ast.FunctionDef) -> list[ast.Attribute]:
    """``self.f``, whatever it is called."""
    first = [a.arg for a in (*method.args.posonlyargs, *method.args.args)][:1]
    return [
        n
        for n in ast.walk(method)
        if isinstance(n, ast.Attribute) and [getattr(n.value, "id", None)] == first
    ]


def _is_star(node: ast.AST) -> bool:
    """Whether this imports all names of a module that may hold a builtin."""
    if not isinstance(node, ast.ImportFrom) or node.names[0].name != "*":
        return False
    return (node.module or "").partition(".")[0] not in {*sys.stdlib_module_names, *OTHERS}


def _of_the_notebook(parts: Sequence[Part], names: Iterable[str], star: int) -> set[int]:
    """Where one of the ``names`` is certainly the notebook's own, though all are imported by the
    statement number ``star``: bound by the function around it, or defined further down, and used
    below that."""
    nodes = [node for _, inside in parts for node in inside]
    shared = {
        n for node in nodes if isinstance(node, ast.Global | ast.Nonlocal) for n in node.names
    }
    defined: dict[str, int] = {}
    for number, (part, _) in enumerate(parts):
        if isinstance(part, ast.FunctionDef | ast.ClassDef) and number > star:
            defined.setdefault(part.name, number)
    own = set()
    for number, (part, _) in enumerate(parts):
        below = {name for name, first in defined.items() if first < number}
        todo = [(part, frozenset(below & set(names)))]
        while todo:
            node, known = todo.pop()
            if isinstance(node, ast.Name) and node.id in known:
                own.add(id(node))
            inside: list[ast.AST] = []
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                inside = node.body
            around = known | (_bound(node, inside) & (set(names) - shared)) if inside else known
            held = set(map(id, inside))
            todo += [(n, around if id(n) in held else known) for n in ast.iter_child_nodes(node)]
    return own


def _bound(function: ast.FunctionDef | ast.AsyncFunctionDef, body: list[ast.AST]) -> set[str]:
    """The names that are certainly a function's own."""
    bound, todo = parameters(function.args), list(body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif not isinstance(node, (ast.Lambda, *COMPREHENSIONS)):
            todo += ast.iter_child_nodes(node)
    return bound


def parameters(arguments: ast.arguments) -> set[str]:
    """The names of a function's own parameters, not those of functions that are their defaults."""
    own = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return {a.arg for a in (*own, arguments.vararg, arguments.kwarg) if a}


def mentioned(nodes: Iterable[ast.AST], aliases: dict[str, str]) -> set[str]:
    """Every name in some nodes that may be a builtin's, be it used or not. ``aliases`` holds what
    names stand for that have been imported so far, and takes what is imported here."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            aliases |= {alias.asname or alias.name: alias.name for alias in node.names}
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Name):
            found.add(aliases.get(node.id, node.id))
        else:
            found.update(_names_used(node, set()))
    return found


@lru_cache(maxsize=1 << 16)
def is_builtin(name: str, forbidden: frozenset[str]) -> bool:
    """Whether a name is one of those, or one that frameworks give the same elsewhere: ``relu_`` in
    place, ``LeakyRelu`` among TensorFlow's raw operations, ``_prelu_kernel`` among PyTorch's."""
    if len(name) > NAME:
        return False
    plain = AFFIXES.sub("", name)
    if name in forbidden or plain in forbidden:
        return True
    operation = name[:1].isupper() or plain != name.strip("_")
    return operation and plain.lower() in {n.replace("_", "").lower() for n in forbidden}


def _on_the_input_alone(call: ast.Call, name: str) -> bool:
    """Whether a builtin gets the input, an axis where it wants one, and nothing else."""
    axes = [keyword for keyword in call.keywords if keyword.arg in ("dim", "axis")]
    if name in AXIS_SECOND:
        axes += [a for a in call.args[1:2] if isinstance(a, ast.Constant | ast.UnaryOp)]
    others = len(call.args) + len(call.keywords) - len(axes)
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return False  # nobody knows how many these are
    return others <= name.islower()  # layers, ReLU, take the input later


def _names_used(node: ast.AST, imported: set[str]) -> list[str]:
    if isinstance(node, ast.Attribute):
        return [node.attr]
    if isinstance(node, ast.MatchClass):
        return node.kwd_attrs  # case object(relu=f)
    if isinstance(node, ast.Name) and node.id in imported and isinstance(node.ctx, ast.Load):
        return [node.id]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return SEPARATOR.split(node.value)[-1:] if node.value.split() == [node.value] else []
    return []


def _last_name(node: ast.AST) -> str | None:
    return getattr(node, "attr", None) or getattr(node, "id", None)
