"""The parts of which generated tables are made, as docutils nodes."""

from __future__ import annotations

from collections.abc import Iterable

from docutils import nodes

from diptych.catalogue import atlas
from diptych.catalogue.component import Call

NAMES = {"pytorch": "PyTorch", "keras": "Keras", "tensorflow": "TensorFlow"}


def in_short(call: Call) -> nodes.paragraph:
    """Two calls that replace each other, and what to watch, as at the head of a section."""
    made = paragraph(kind="call")
    for code in filter(None, (call.pytorch, call.tensorflow)):
        made += [nodes.Text(" ↔ ")] if len(made) else []
        made += nodes.literal("", code)
    made += prose(f": {call.watch}" if call.watch else "")
    return made


def prose(text: str) -> list[nodes.Node]:
    """A sentence of the catalogue, whose code stands in backticks."""
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
    # The texts quote code: approximate='none' keeps its quotes.
    return nodes.paragraph("", "", *content, classes=kind.split(), support_smartquotes=False)


def row(*cells: list[nodes.Node]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", *cell) for cell in cells))


def table(kind: str, header: Iterable[str], rows: Iterable[nodes.row]) -> nodes.container:
    """A table in a container of the class ``kind``."""
    head = row(*([paragraph(nodes.Text(title))] for title in header))
    group = nodes.tgroup("", cols=len(head))
    group += [nodes.colspec(colwidth=1) for _ in head]
    group += [nodes.thead("", head), nodes.tbody("", *rows)]
    return nodes.container("", nodes.table("", group, classes=["colwidths-auto"]), classes=[kind])
