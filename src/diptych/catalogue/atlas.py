"""The atlas: everything in the book at a glance, as a table or as JSON (``diptych atlas``).

It reads the catalogue and the ledger, and needs neither framework.
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from itertools import groupby
from unicodedata import east_asian_width

from diptych.catalogue import ledger
from diptych.catalogue.component import FAMILIES, Component, catalogue

NAMES = tuple(ledger.ROOTS)


def rows() -> list[dict]:
    """A dictionary for each component, planned ones included, and each symbol that is left out.

    Every row has ``id``, ``name``, ``zh``, ``kind``, ``family``, ``chapter``, ``status``,
    ``exercise`` and the lists ``pytorch``, ``keras``, ``tensorflow``. What has no section has
    ``planned`` (true) or ``reason`` as well; what is left out has its dotted name as ``id``,
    and no chapter. The order is the book's, with what is left out at the end.
    """
    book = ledger.read()
    written = [_row(component) for component in catalogue()]
    planned = [_row(component) | {"planned": True} for component in book.planned]
    taught = sorted([*written, *planned], key=lambda row: book.chapters.index(row["chapter"]))
    return taught + [
        _row_left_out(symbol, group.reason) for group in book.left_out for symbol in group.symbols
    ]


def _row(component: Component) -> dict:
    texts = ("id", "name", "zh", "kind", "family", "chapter", "status")
    return {
        **{field: getattr(component, field) for field in texts},
        **{field: list(getattr(component, field)) for field in NAMES},
        "exercise": bool(component.exercises),
    }


def _row_left_out(symbol: str, reason: str) -> dict:
    root = symbol.split(".")[0]
    names = {field: (symbol,) for field in NAMES if ledger.ROOTS[field] == root}
    row = _row(Component(symbol, symbol.split(".")[-1], zh="", **names))
    return row | {"status": "", "reason": reason}


def table(rows: list[dict]) -> str:
    """The rows as text for a terminal, by chapter; ``+n`` are further names of a framework."""
    lines = []
    for chapter, group in groupby((row for row in rows if "reason" not in row), _chapter):
        lines += [chapter, *_aligned([_cells(row) for row in group]), ""]
    left_out = [row for row in rows if "reason" in row]
    for reason, group in groupby(left_out, lambda row: row["reason"]):
        symbols = ", ".join(row["id"] for row in group)
        lines += [*_wrapped(f"left out: {reason}", ""), *_wrapped(symbols, "  "), ""]
    planned = sum(1 for row in rows if "planned" in row)
    written = len(rows) - planned - len(left_out)
    lines.append(f"{written} components, {planned} planned; {len(left_out)} symbols left out")
    return "\n".join(lines)


def _chapter(row: dict) -> str:
    return row["chapter"]


def _cells(row: dict) -> list[str]:
    state = "planned" if "planned" in row else "exercise" if row["exercise"] else ""
    names = [_first(row[field]) for field in NAMES]
    return ["", row["name"], row["zh"], row["status"], state, *names]


def _first(names: list[str]) -> str:
    more = f" +{len(names) - 1}" if len(names) > 1 else ""
    return names[0] + more if names else "-"


def _aligned(cells: list[list[str]]) -> list[str]:
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(map(_padded, line, widths)).rstrip() for line in cells]


def _padded(text: str, columns: int) -> str:
    return text + " " * (columns - width(text))


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, 100, initial_indent=indent, subsequent_indent="  ")


def width(text: str) -> int:
    """The columns that ``text`` takes in a terminal, where a Chinese character takes two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def run(args: argparse.Namespace) -> int:
    """Print the atlas; returns the exit code."""
    chosen = [row for row in rows() if args.family in (None, row["family"])]
    as_json = args.format == "json"
    text = json.dumps(chosen, ensure_ascii=False, indent=2) if as_json else table(chosen)
    # The terminal's own encoding may lack Chinese, as in a pipe on Windows.
    sys.stdout.reconfigure(encoding="utf-8")
    print(text)
    return 0


def register(commands) -> None:
    """Add the command ``atlas`` to the ``commands`` of the command line (its subparsers)."""
    command = commands.add_parser("atlas", help="print every component, planned or left out")
    command.add_argument("--format", choices=("table", "json"), default="table")
    command.add_argument("--family", choices=FAMILIES, help="only the chapters of this family")
    command.set_defaults(run=run)
