"""The atlas: all components and all symbols that are left out, as a table or as JSON.

The command is ``diptych atlas``. It needs neither framework.
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from dataclasses import asdict
from itertools import chain, groupby

from rich.cells import cell_len

from diptych.catalogue import ledger
from diptych.catalogue.component import FAMILIES, Component, catalogue
from diptych.catalogue.query import fold, typed

NAMES = tuple(ledger.ROOTS)


def rows() -> list[dict]:
    """One dictionary for each component, and one for each symbol that is left out.

    Every row has ``id``, ``name``, ``zh``, ``kind``, ``family``, ``chapter``, ``status``,
    ``exercise`` (whether there is one), the lists ``pytorch``, ``keras``, ``tensorflow`` and
    ``aliases``, ``calls`` (a list of the equivalent calls) and ``differs`` (each difference, by the
    id of the cell that shows it). The row of a symbol that is left out has the dotted name as
    ``id``, the ``reason``, and no chapter. Components come in the order of the book, then the
    symbols that are left out.
    """
    book = ledger.read()
    taught = sorted(catalogue(), key=lambda component: book.chapters.index(component.chapter))
    return [_row(component) for component in taught] + [
        _row_left_out(symbol, group.reason) for group in book.left_out for symbol in group.symbols
    ]


def _row(component: Component) -> dict:
    texts = ("id", "name", "zh", "kind", "family", "chapter", "status")
    return {
        **{field: getattr(component, field) for field in texts},
        **{field: list(getattr(component, field)) for field in (*NAMES, "aliases")},
        "exercise": bool(component.exercises),
        "calls": [asdict(call) for call in component.calls],
        "differs": dict(component.behaviour),
    }


def _row_left_out(symbol: str, reason: str) -> dict:
    names = {ledger.framework(symbol): (symbol,)}
    row = _row(Component(symbol, symbol.split(".")[-1], zh="", **names))
    return row | {"status": "", "reason": reason}


def names(row: dict, field: str) -> list[str]:
    """All names of a row in one framework (a key of ``ledger.ROOTS``), with the aliases last."""
    return row[field] + [name for name in row["aliases"] if ledger.framework(name) == field]


def find(rows: list[dict], query: str) -> list[dict]:
    """The rows that contain every word of ``query``: in a name, a Chinese term or a sentence."""
    words = typed(query)
    return [row for row in rows if all(word in _searchable(row) for word in words)]


def _searchable(row: dict) -> str:
    lists = (row[field] for field in (*NAMES, "aliases"))
    texts = (row[field] for field in ("name", "zh", "status", "chapter"))
    reason = row.get("reason", "")
    calls = (call.values() for call in row["calls"])
    return fold("\n".join(chain(*lists, *calls, texts, [reason], row["differs"].values())))


def table(rows: list[dict], query: str = "") -> str:
    """The rows as text for a terminal, by chapter.

    Of each framework one name is printed, one that ``query`` asks for if there is one; ``+n`` says
    how many more there are.
    """
    lines = []
    for chapter, group in groupby((row for row in rows if "reason" not in row), _chapter):
        lines += [chapter, *_aligned([_cells(row, typed(query)) for row in group]), ""]
    left_out = [row for row in rows if "reason" in row]
    for reason, group in groupby(left_out, lambda row: row["reason"]):
        symbols = ", ".join(row["id"] for row in group)
        lines += [*_wrapped(f"left out: {reason}", ""), *_wrapped(symbols, "  "), ""]
    lines.append(f"{len(rows) - len(left_out)} components; {len(left_out)} symbols left out")
    return "\n".join(lines)


def _chapter(row: dict) -> str:
    return row["chapter"]


def _cells(row: dict, words: list[str]) -> list[str]:
    state = "exercise" if row["exercise"] else ""
    called = [_first(names(row, field), words) for field in NAMES]
    return ["", row["name"], row["zh"], row["status"], state, *called]


def _first(names: list[str], words: list[str]) -> str:
    if not names:
        return "-"
    asked = (name for name in names if any(word in fold(name) for word in words))
    more = f" +{len(names) - 1}" if len(names) > 1 else ""
    return next(asked, names[0]) + more


def _aligned(cells: list[list[str]]) -> list[str]:
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(map(_padded, line, widths)).rstrip() for line in cells]


def _padded(text: str, columns: int) -> str:
    return text + " " * (columns - cell_len(text))


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, 100, initial_indent=indent, subsequent_indent="  ")


def run(args: argparse.Namespace) -> int:
    """Print the atlas; returns the exit code."""
    query = " ".join(args.words)
    chosen = [row for row in find(rows(), query) if args.family in (None, row["family"])]
    # The default encoding may lack Chinese characters, as in a pipe on Windows.
    sys.stdout.reconfigure(encoding="utf-8")
    if args.format == "json":
        print(json.dumps(chosen, ensure_ascii=False, indent=2))
    elif chosen:
        print(table(chosen, query))
    else:
        print(f"diptych atlas: no entry contains all of: {query}", file=sys.stderr)
    return 0 if chosen else 1


def register(commands) -> None:
    """Add the command ``atlas`` to the ``commands`` of the command line (its subparsers)."""
    command = commands.add_parser("atlas", help="print components, and symbols that are left out")
    command.add_argument("words", nargs="*", metavar="WORD", help="only entries with all of these")
    command.add_argument("--format", choices=("table", "json"), default="table")
    command.add_argument("--family", choices=FAMILIES, help="only the chapters of this family")
    command.set_defaults(run=run)
