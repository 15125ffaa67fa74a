"""Makes the parts of generated tables, as docutils nodes."""

from __future__ import annotations

from collections.abc import Iterable

from docutils import nodes

from diptych.catalogue import atlas
from diptych.catalogue.component import Call

NAMES = {"pytorch": "PyTorch", "keras": "Keras", "tensorflow": "TensorFlow"}


def in_short(call: Call) -> nodes.paragraph:
    """Two equivalent calls, and what to watch, as in the head of a section."""
    made = paragraph(kind="call")
    for code in filter(None, (call.pytorch, call.tensorflow)):
        made += [nodes.Text(" ↔ ")] if len(made) else []
        made += nodes.literal("", code)
    made += prose(f": {call.watch}" if call.watch else "")
    return made


def prose(text: str) -> list[nodes.Node]:
    """A sentence of the catalogue, with its code in backticks, as nodes."""
    parts = enumerate(text.split("`"))
    return [code(part) if number % 2 else nodes.Text(part) for number, part in parts if part]


def written(call: str) -> nodes.paragraph:
    return paragraph(nodes.literal("", call) if call else nodes.Text("—"))


def chinese(text: str) -> nodes.inline:
    return nodes.inline("", text, classes=["zh"])


def names(row: dict) -> list[list[nodes.Node]]:
    """The cells with a component's names in PyTorch, Keras and TensorFlow."""
    return [[codes(atlas.names(row, field))] for field in NAMES]


def codes(symbols: Iterable[str]) -> nodes.paragraph:
    return paragraph(*[code(symbol) for symbol in symbols] or [nodes.Text("—")])


def code(symbol: str) -> nodes.literal:
    return nodes.literal("", symbol)


def paragraph(*content: nodes.Node, kind: str = "") -> nodes.paragraph:
    # No typographic quotes, because texts contain code such as approximate='none'.
    return nodes.paragraph("", "", *content, classes=kind.split(), support_smartquotes=False)


def row(*cells: list[nodes.Node]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", *cell) for cell in cells))


def table(kind: str, header: Iterable[str], rows: Iterable[nodes.row]) -> nodes.container:
    """A table in a container with the class ``kind``."""
    head = row(*([paragraph(nodes.Text(title))] for title in header))
    group = nodes.tgroup("", cols=len(head))
    group += [nodes.colspec(colwidth=1) for _ in head]
    group += [nodes.thead("", head), nodes.tbody("", *rows)]
    return nodes.container("", nodes.table("", group, classes=["colwidths-auto"]), classes=[kind])
