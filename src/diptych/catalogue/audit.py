"""Compares the ledger and the components with the installed frameworks, and reports differences.

:func:`problems` checks that every public symbol is taught or left out, exactly once;
:func:`wrong_defaults` checks the defaults that components declare.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from diptych.catalogue.component import KINDS, STATUSES, Component
from diptych.catalogue.ledger import ROOTS, Ledger
from diptych.catalogue.symbols import exists, legacy, resolve


def problems(
    components: Iterable[Component], ledger: Ledger, symbols: Mapping[str, object]
) -> list[str]:
    """What is wrong in ``components`` and ``ledger``, one sentence for each problem.

    ``symbols`` are the public symbols of the frameworks (:func:`diptych.catalogue.symbols.live`).
    """
    entries = (*components, *ledger.planned)
    typed = {**symbols, **legacy(symbols)}
    return [
        *_malformed(entries, ledger),
        *_listed_twice(entries, ledger),
        *_gone(entries, ledger),
        *_wrong_aliases(entries, typed),
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
                    yield f"{entry.id}: {symbol} stands under {field}: use a name of {root}"
        sides = bool(entry.pytorch) + bool(entry.keras or entry.tensorflow)
        wanted = {"paired": 2, "bridged": 1}.get(entry.status, sides)
        if entry.kind != "usage" and sides != wanted:
            yield f"{entry.id}: paired names both frameworks, bridged only the one that ships it"


def _listed_twice(entries: Iterable[Component], ledger: Ledger) -> Iterator[str]:
    for id, times in Counter(entry.id for entry in entries).items():
        if times > 1:
            yield f"{id}: {times} entries have this id; is it written, and planned still?"
    named = Counter(s for entry in entries for s in (*entry.symbols, *entry.aliases))
    # A usage shows symbols that belong to other components.
    owned = Counter(s for entry in entries if entry.kind != "usage" for s in entry.symbols)
    left_out = Counter(symbol for group in ledger.left_out for symbol in group.symbols)
    for symbol, times in owned.items():
        if times > 1 and symbol not in ledger.shared:
            owners = ", ".join(entry.id for entry in entries if symbol in entry.symbols)
            yield f"{symbol}: named {times} times ({owners}); if this is intended, add it to shared"
    for symbol in (alias for entry in entries for alias in entry.aliases):
        if named[symbol] > 1:
            yield f"{symbol}: an alias here, and also a name or an alias elsewhere"
    for symbol, times in left_out.items():
        if times > 1 or symbol in named:
            yield f"{symbol}: left out, and also named or left out elsewhere"
    for symbol in ledger.shared:
        if owned[symbol] < 2:
            yield f"{symbol}: in shared, but no two components name it"


def _gone(entries: Iterable[Component], ledger: Ledger) -> Iterator[str]:
    for entry in entries:
        missing = [symbol for symbol in entry.symbols if not exists(symbol)]
        if entry.status == "removed" and not missing:
            yield f"{entry.id}: its status is removed, but the frameworks have all its names"
        elif entry.status != "removed":
            yield from (f"{entry.id}: no installed framework has {name}" for name in missing)
    for group in ledger.left_out:
        missing = [symbol for symbol in group.symbols if not exists(symbol)]
        yield from (f"{name}: left out, but no installed framework has it" for name in missing)


def _wrong_aliases(entries: Iterable[Component], typed: Mapping[str, object]) -> Iterator[str]:
    for entry in entries:
        objects = [resolve(symbol) for symbol in entry.symbols if exists(symbol)]
        for alias in entry.aliases:
            if not any(typed.get(alias) is known for known in objects):
                yield f"{alias}: no public second name of a symbol of {entry.id}"


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
    """Declared defaults that differ from the live signatures, one sentence for each."""
    for component in components:
        for default in component.defaults:
            where = f"{component.id}: {default.symbol}({default.parameter}=…)"
            try:
                found = inspect.signature(resolve(default.symbol)).parameters[default.parameter]
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                # ValueError: many functions that are written in C++ have no signature to read.
                yield f"{where} cannot be read: {error!r}"
            else:
                # 1, 1.0 and True are equal, but they are different defaults.
                if repr(found.default) != repr(default.value):
                    yield f"{where} is {found.default!r} here, declared {default.value!r}"
