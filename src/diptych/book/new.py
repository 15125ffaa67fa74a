"""``diptych new``: writes the stubs of a planned component into the files of its chapter.

Names and Chinese term come from the row in the ledger, which is then removed. A mark shows where
the author must write; ``diptych doctor`` lists the marks that are left.
"""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from diptych.catalogue import ledger
from diptych.catalogue.component import Component

MARK = "WRITE:"  # in a stub, where its author must write
LEDGER = "src/diptych/catalogue/ledger.toml"
STUBS = files("diptych.book") / "stubs"


class NewError(ValueError):
    """The stubs of a component cannot be written; the message says why."""


def new(root: Path, chapter: str, id: str) -> list[Path]:
    """Write the stubs of a planned component; returns the files that were written.

    Raises :class:`NewError`, and writes nothing, if the ledger does not plan it for this chapter.
    """
    planned = {row.id: row for row in ledger.read(root / LEDGER).planned}
    if id not in planned:
        near = ", ".join(row.id for row in planned.values() if row.chapter == chapter)
        raise NewError(f"the ledger plans no {id!r}; for {chapter} it plans: {near or 'nothing'}")
    if planned[id].chapter != chapter:
        raise NewError(f"the ledger plans {id} for {planned[id].chapter}, not for {chapter}")
    row, words = planned[id], _words(planned[id])
    module = root / f"src/diptych/components/{chapter}.py"
    page, solutions = root / f"chapters/{chapter}.py", root / f"solutions/{chapter}.py"
    texts = {
        module: _with_entry(_existing_or_stub(module, "module", words), words),
        page: _with_section(_existing_or_stub(page, "chapter", words), words),
        solutions: _existing_or_stub(solutions, "solutions", words) + _stub("exercise", words),
        root / LEDGER: _without_row((root / LEDGER).read_text("utf-8"), id),
    }
    if not page.exists():
        toc = root / "_toc.yml"
        texts[toc] = _with_chapter(toc.read_text("utf-8"), row.chapter, words["lower"])
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch() if path == module else None
        path.write_text(text, encoding="utf-8")
    return list(texts)


def _words(row: Component) -> dict[str, str]:
    title = row.chapter.split("/")[1].replace("_", " ")
    names = {side: getattr(row, side) for side in (*ledger.ROOTS, "aliases")}
    lines = [f"    {side}={_tuple(symbols)},\n" for side, symbols in names.items() if symbols]
    derived = replace(row, kind="", status="")
    for field in ("kind", "status"):
        if (value := getattr(row, field)) != getattr(derived, field):
            lines.append(f'    {field}="{value}",\n')
    return {
        "id": row.id,
        "name": row.name,
        "zh": row.zh,
        "anchor": row.anchor,
        "chapter": row.chapter,
        "CONSTANT": row.id.upper(),
        "title": title.capitalize(),
        "lower": title,
        "names": "".join(lines),
    }


def _tuple(symbols: tuple[str, ...]) -> str:
    quoted = [f'"{symbol}"' for symbol in symbols]
    return f"({quoted[0]},)" if len(quoted) == 1 else f"({', '.join(quoted)})"


def _stub(name: str, words: dict[str, str]) -> str:
    return (STUBS / f"{name}.txt").read_text("utf-8").format(**words)


def _existing_or_stub(path: Path, skeleton: str, words: dict[str, str]) -> str:
    return path.read_text("utf-8") if path.exists() else _stub(skeleton, words)


def _with_entry(module: str, words: dict[str, str]) -> str:
    before, listed = module.split("COMPONENTS = (")
    known = [name.strip() for name in listed.split(")")[0].split(",") if name.strip()]
    names = ", ".join([*known, words["CONSTANT"]]) + ("," if not known else "")
    return f"{before.rstrip()}\n\n\n{_stub('entry', words)}COMPONENTS = ({names})\n"


def _with_section(page: str, words: dict[str, str]) -> str:
    """The page with the new section, before the sections that all chapters end with."""
    end = re.search(
        r"^# %% \[markdown\]\n(?:# .*\n)?# ## (At the kink|Which one to choose)$", page, re.M
    )
    place = end.start() if end else len(page)
    return page[:place] + _stub("section", words) + page[place:]


def _without_row(ledger_text: str, id: str) -> str:
    blocks = re.split(r"(?=^\[\[)", ledger_text, flags=re.M)
    return "".join(block for block in blocks if f'\nid = "{id}"\n' not in block)


def _with_chapter(toc: str, chapter: str, title: str) -> str:
    """The contents with the chapter and its exercises last in its family, its solutions last."""
    family = chapter.split("/")[0]
    entry = (
        f"      - file: chapters/{chapter}\n        sections:\n"
        f"          - file: exercises/{chapter}\n"
        f'            title: "Exercises: {title}"\n'
    )
    part = f"  - caption: {family.capitalize()}\n    chapters:\n"
    if part not in toc:
        toc = toc.replace("  - caption: Reference\n", f"{part}  - caption: Reference\n")
    head, tail = toc.split(part)
    end = re.search(r"^  - caption: ", tail, re.M)
    place = end.start() if end else len(tail)
    toc = head + part + tail[:place] + entry + tail[place:]
    return toc.rstrip("\n") + (
        f'\n          - file: solutions/{chapter}\n            title: "Solutions: {title}"\n'
    )


def run(args: argparse.Namespace) -> int:
    """Write the stubs and say where; returns the exit code."""
    root = Path.cwd()
    try:
        written = new(root, args.chapter, args.id)
    except (NewError, OSError) as error:
        print(f"diptych new: {error}", file=sys.stderr)
        return 2
    for path in written:
        print(f"wrote {path.relative_to(root)}")
    print(f"now write what is marked {MARK}; see what is left with: diptych doctor {args.chapter}")
    return 0


def register(commands) -> None:
    """Add the command ``new`` to the ``commands`` of the command line (its subparsers)."""
    command = commands.add_parser("new", help="write the stubs of a planned component")
    command.add_argument("chapter", metavar="FAMILY/STEM", help="such as activations/gates")
    command.add_argument("id", help="the id of the component in the ledger")
    command.set_defaults(run=run)
