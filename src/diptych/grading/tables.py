"""Tables: reads those of an instructor, whatever program has saved them, and writes ours."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

BOM = "\ufeff"  # the byte order mark, by which spreadsheets recognise UTF-8


class TableError(ValueError):
    """A table that cannot be used; the message says why, in one line."""


def read(
    path: Path, columns: Mapping[str, Sequence[str]], needed: Sequence[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """The number of each row that is not empty, and its cells in the ``columns``, by name.

    ``columns`` maps a name to the headings that the column may have, in lower case. If the table
    has no such column, its cells are ""; other columns are ignored. The first line has the
    headings. Separators are commas, semicolons or tabs; a byte order mark may come first. Raises
    :class:`TableError` if one of the ``needed`` columns is missing, and ``OSError`` if the file
    cannot be read.
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
    """A table as CSV, for spreadsheets: UTF-8 with a byte order mark, and no formulas."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return BOM + file.getvalue()


def harmless(cell: str) -> str:
    """The cell with an apostrophe if a spreadsheet would read it as a formula: ``=1+1``."""
    # NFKC turns wide forms such as ＝ into the narrow ones: some spreadsheets do so, too.
    start = unicodedata.normalize("NFKC", cell[:1])
    return "'" + cell if start in tuple("=+-@\t\r\n") else cell
