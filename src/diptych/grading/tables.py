"""Tables: those that an instructor hands over, whatever program has saved them, and our own."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

BOM = "\ufeff"  # by which a spreadsheet knows that the names are in UTF-8


class TableError(ValueError):
    """A table that cannot be used; the message says why, in one line."""


def read(
    path: Path, columns: Mapping[str, Sequence[str]], needed: Sequence[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """The number of each row that is not empty, and what it has in the ``columns``.

    ``columns`` maps what a column is to the headings that it may have; a row has "" where the table
    has no such column. Other columns are passed over. The first line has the headings; separators
    are commas, semicolons or tabs; a byte order mark may come first. Raises :class:`TableError`
    where one of the ``needed`` columns is missing, and ``OSError`` where the file cannot be read.
    """
    heads, rows = _read(path)
    places = {name: _column(path, heads, known) for name, known in columns.items()}
    for name in needed:
        if places[name] is None:
            raise TableError(f"{path} has no column that is called {' or '.join(columns[name])}")
    for number, row in enumerate(rows, 2):
        if any(cell.strip() for cell in row):
            yield number, {name: _cell(row, place) for name, place in places.items()}


def heads(path: Path) -> list[str]:
    """The headings of a table, in lower case; raises what :func:`read` does."""
    return _read(path)[0]


def _read(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise TableError(f"{path} is not UTF-8: save it as CSV UTF-8") from None
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise TableError(f"{path} is not CSV: {error}") from None
    return [head.strip().casefold() for head in rows[0]] if rows else [], rows[1:]


def _cell(row: list[str], place: int | None) -> str:
    return row[place].strip() if place is not None and place < len(row) else ""


def _column(path: Path, heads: list[str], known: Sequence[str]) -> int | None:
    found = [number for number, head in enumerate(heads) if head in known]
    if len(found) > 1:
        raise TableError(f"{path} has more than one column for {known[0]}")
    return found[0] if found else None


def text(head: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """A table as CSV that a spreadsheet opens safely."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return BOM + file.getvalue()


def harmless(cell: str) -> str:
    """``cell`` as text for a spreadsheet, which would take ``=1+1`` for a formula."""
    # The wide forms, too: some take them for the narrow ones.
    start = unicodedata.normalize("NFKC", cell[:1])
    return "'" + cell if start in tuple("=+-@\t\r\n") else cell
