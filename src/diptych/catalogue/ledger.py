"""The ledger: every public symbol of both frameworks is taught, or left out with the reason.

``ledger.toml`` beside this module lists what is left out, and components that an author is about to
write; what is taught stands in the catalogue. :func:`problems` says where these and the installed
frameworks disagree. Reading needs neither framework; what compares with live symbols imports both.
"""

from __future__ import annotations

import importlib
import inspect
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import ModuleType

from diptych.catalogue.component import KINDS, STATUSES, Component

NAMESPACES = (
    "torch.nn",
    "torch.nn.functional",
    "keras.layers",
    "keras.activations",
    "keras.losses",
    "keras.regularizers",
    "keras.constraints",
    "tf.nn",
    "tf.nn.experimental",
)
# Where TensorFlow keeps names that Keras itself has dropped, such as tf.keras.losses.mse.
LEGACY = tuple(f"tf.{name}" for name in NAMESPACES if name.startswith("keras."))
LEDGER = files("diptych.catalogue") / "ledger.toml"
# The component's field for each framework, and how its dotted names begin.
ROOTS = {"pytorch": "torch", "keras": "keras", "tensorflow": "tf"}


def framework(symbol: str) -> str:
    """The key of :data:`ROOTS` for a dotted name; ``tf.keras`` is Keras."""
    root = "keras" if symbol.startswith("tf.keras.") else symbol.split(".")[0]
    return next(field for field, known in ROOTS.items() if known == root)


@dataclass(frozen=True)
class LeftOut:
    """Symbols without a section, and the reason."""

    reason: str
    symbols: tuple[str, ...]


@dataclass(frozen=True)
class Ledger:
    """``ledger.toml``; ``chapters`` are the stems (``family/stem``) of the book in its order."""

    chapters: tuple[str, ...]
    shared: tuple[str, ...]
    planned: tuple[Component, ...]
    left_out: tuple[LeftOut, ...]


def read(path: Traversable = LEDGER) -> Ledger:
    """The ledger as it stands; raises ``TypeError`` for a row with an unknown or missing key."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    chapters = data["chapters"].items()
    return Ledger(
        chapters=tuple(f"{family}/{stem}" for family, stems in chapters for stem in stems),
        shared=tuple(data["shared"]),
        planned=tuple(Component(**_frozen(row)) for row in data.get("planned", ())),
        left_out=tuple(LeftOut(**_frozen(row)) for row in data["left_out"]),
    )


def _frozen(row: dict) -> dict:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}


def resolve(symbol: str) -> object:
    """The object behind a dotted name such as ``tf.nn.relu``; raises ``AttributeError``."""
    root, *path = symbol.split(".")
    found = importlib.import_module("tensorflow" if root == "tf" else root)
    for name in path:
        found = getattr(found, name)
    return found


def exists(symbol: str) -> bool:
    """Whether the installed framework has this dotted name."""
    try:
        resolve(symbol)
    except AttributeError:
        return False
    return True


def public(namespace: str) -> dict[str, object]:
    """The public symbols of a namespace, by dotted name.

    Public is a class, a function or a submodule whose name has no leading underscore, and
    that does not come from Python's own library (``torch.nn.functional.Optional``). Helpers of
    the frameworks that leak into a namespace count: the ledger lists and explains them. A
    submodule counts as one symbol, unless it is walked itself: ``torch.nn.utils`` is left out
    as a whole, and components may still name what is in it.
    """
    module = resolve(namespace)
    found = {f"{namespace}.{name}": getattr(module, name) for name in dir(module)}
    return {symbol: value for symbol, value in found.items() if _is_public(symbol, value)}


def _is_public(symbol: str, value: object) -> bool:
    *_, parent, name = symbol.split(".")
    if name.startswith("_"):
        return False
    if isinstance(value, ModuleType):
        # Not what a namespace merely imports: torch.nn.functional.grad is torch.nn.grad.
        return value.__name__.endswith(f"{parent}.{name}") and symbol not in NAMESPACES
    origin = getattr(value, "__module__", None) or ""
    return callable(value) and origin.split(".")[0] not in sys.stdlib_module_names


def live() -> dict[str, object]:
    """The public symbols of all :data:`NAMESPACES`, by dotted name."""
    return {symbol: value for name in NAMESPACES for symbol, value in public(name).items()}


def legacy(symbols: Mapping[str, object]) -> dict[str, object]:
    """The public symbols of :data:`LEGACY` that ``symbols`` lack under the name without ``tf.``."""
    found = {symbol: value for name in LEGACY for symbol, value in public(name).items()}
    return {s: value for s, value in found.items() if s.removeprefix("tf.") not in symbols}


def problems(
    components: Iterable[Component], ledger: Ledger, symbols: Mapping[str, object]
) -> list[str]:
    """What is wrong, a sentence each: ``components`` and ``ledger`` against live ``symbols``."""
    entries = (*components, *ledger.planned)
    typed = {**symbols, **legacy(symbols)}
    return [
        *_malformed(entries, ledger),
        *_listed_twice(entries, ledger),
        *_gone(entries, ledger),
        *_no_alias(entries, typed),
        *_unplaced(entries, ledger, symbols, typed),
    ]


def _malformed(entries: Iterable[Component], ledger: Ledger) -> Iterator[str]:
    for entry in entries:
        if entry.chapter not in ledger.chapters:
            yield f"{entry.id}: the book has no chapter {entry.chapter!r}"
        if entry.kind not in KINDS.values() or entry.status not in STATUSES:
            yield f"{entry.id}: unknown kind or status ({entry.kind}, {entry.status})"
        if not (entry.id.isidentifier() and entry.name and entry.zh):
            yield f"{entry.id}: id, name and Chinese term are needed"
        for field, root in ROOTS.items():
            for symbol in getattr(entry, field):
                if not symbol.startswith(f"{root}."):
                    yield f"{entry.id}: {symbol} stands under {field}, so it begins with {root}."
        sides = bool(entry.pytorch) + bool(entry.keras or entry.tensorflow)
        wanted = {"paired": 2, "bridged": 1}.get(entry.status, sides)
        if entry.kind != "usage" and sides != wanted:
            yield f"{entry.id}: paired names both frameworks, bridged the one that ships it"


def _listed_twice(entries: Iterable[Component], ledger: Ledger) -> Iterator[str]:
    for id, times in Counter(entry.id for entry in entries).items():
        if times > 1:
            yield f"{id}: {times} entries have this id; is it written, and planned still?"
    named = Counter(s for entry in entries for s in (*entry.symbols, *entry.aliases))
    # A usage shows how to use symbols that belong to others.
    owned = Counter(s for entry in entries if entry.kind != "usage" for s in entry.symbols)
    left_out = Counter(symbol for group in ledger.left_out for symbol in group.symbols)
    for symbol, times in owned.items():
        if times > 1 and symbol not in ledger.shared:
            owners = ", ".join(entry.id for entry in entries if symbol in entry.symbols)
            yield f"{symbol}: named {times} times ({owners}); if that is meant, add it to shared"
    for symbol in (alias for entry in entries for alias in entry.aliases):
        if named[symbol] > 1:
            yield f"{symbol}: an alias, and named or an alias elsewhere too"
    for symbol, times in left_out.items():
        if times > 1 or symbol in named:
            yield f"{symbol}: left out, and named or left out elsewhere too"
    for symbol in ledger.shared:
        if owned[symbol] < 2:
            yield f"{symbol}: in shared, but no two components name it"


def _gone(entries: Iterable[Component], ledger: Ledger) -> Iterator[str]:
    for entry in entries:
        missing = [symbol for symbol in entry.symbols if not exists(symbol)]
        if entry.status == "removed" and not missing:
            yield f"{entry.id}: is said to be removed, but the frameworks have all its names"
        elif entry.status != "removed":
            yield from (f"{entry.id}: no framework installed has {name}" for name in missing)
    for group in ledger.left_out:
        missing = [symbol for symbol in group.symbols if not exists(symbol)]
        yield from (f"{name}: left out, but no framework installed has it" for name in missing)


def _no_alias(entries: Iterable[Component], typed: Mapping[str, object]) -> Iterator[str]:
    for entry in entries:
        objects = [resolve(symbol) for symbol in entry.symbols if exists(symbol)]
        for alias in entry.aliases:
            if not any(typed.get(alias) is known for known in objects):
                yield f"{alias}: no public second name of what {entry.id} names"


def _unplaced(
    entries: Iterable[Component],
    ledger: Ledger,
    symbols: Mapping[str, object],
    typed: Mapping[str, object],
) -> Iterator[str]:
    listed = {s for entry in entries for s in (*entry.symbols, *entry.aliases)}
    listed |= {symbol for group in ledger.left_out for symbol in group.symbols}
    known = {id(resolve(symbol)): symbol for symbol in listed if exists(symbol)}
    for symbol in sorted(typed.keys() - listed):
        if name := known.get(id(typed[symbol])):
            yield f"{symbol}: a second name of {name}; list it among the aliases there"
        elif symbol in symbols:
            yield (
                f"{symbol}: not in the book; name it in a component, or in ledger.toml"
                " plan it ([[planned]]) or leave it out with the reason ([[left_out]])"
            )


def wrong_defaults(components: Iterable[Component]) -> Iterator[str]:
    """Declared defaults that the live signatures do not have, a sentence each."""
    for component in components:
        for default in component.defaults:
            where = f"{component.id}: {default.symbol}({default.parameter}=…)"
            try:
                found = inspect.signature(resolve(default.symbol)).parameters[default.parameter]
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                # ValueError: functions that are written in C++ often tell no signature.
                yield f"{where} cannot be read: {error!r}"
            else:
                # 1, 1.0 and True are equal, and not the same default.
                if repr(found.default) != repr(default.value):
                    yield f"{where} is {found.default!r} here, declared {default.value!r}"
