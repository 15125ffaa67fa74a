"""Writes the students' answers as Python files, for any program that looks for copies."""

from __future__ import annotations

import contextlib
import hashlib
import io
import keyword
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from diptych.catalogue.component import load
from diptych.grading import files, read, tables
from diptych.grading.find import Submission
from diptych.judging.worker import SUFFIXES

LEAST = 25  # tokens: shorter answers are often equal, because there are few ways to write them
LAYOUT = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)


def names(chapter: str) -> list[str]:
    """The names of a chapter's answers, in the order of the chapter."""
    return [e.answer + end for c in load(chapter) for e in c.exercises for end in SUFFIXES]


def answers(chapter: str, cells: Iterable[str]) -> dict[str, str]:
    """The source of each answer of the chapter that the code ``cells`` define; the last counts.

    The source is cut out by lines, and not parsed, because it need not be valid Python.
    """
    wanted = "|".join(map(re.escape, names(chapter)))
    begins = re.compile(rf"(?:async\s+)?(?:def|class)\s+({wanted})\b|({wanted})\s*[:=]")
    found: dict[str, str] = {}
    for cell in cells:
        lines = cell.splitlines()
        for number, line in enumerate(lines):
            if match := begins.match(line):
                first = number
                while first and lines[first - 1].startswith("@"):
                    first -= 1
                found[match[1] or match[2]] = "\n".join(_block(lines, first, number)) + "\n"
    return found


def _block(lines: Sequence[str], first: int, number: int) -> Iterator[str]:
    """The lines of a statement: up to the next one that begins at the margin."""
    yield from lines[first : number + 1]
    rest = lines[number + 1 :]
    end = next((n for n, each in enumerate(rest) if re.match(r"[^\s#)\]}]", each)), len(rest))
    yield from "\n".join(rest[:end]).rstrip().splitlines()


def shape(source: str) -> str:
    """An answer without its own names, comments, docstrings and layout, for comparison; "" if it
    is shorter than ``LEAST`` tokens, or not Python."""
    kept, own = [], {}
    before = ""
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            text = token.string
            docstring = token.type == tokenize.STRING and before in (":", "")
            if token.type in LAYOUT or docstring:
                continue
            if token.type == tokenize.NAME and not keyword.iskeyword(text) and before != ".":
                text = own.setdefault(text, f"_{len(own)}")
            kept.append(text)
            before = token.string
    except (tokenize.TokenError, SyntaxError):
        return ""
    return " ".join(kept) if len(kept) >= LEAST else ""


def written(found: Iterable[Submission]) -> dict[tuple[str, str], dict[str, str]]:
    """The sources of all answers, by student and chapter. Unreadable notebooks are left out."""
    sources = {}
    for each in (submission for submission in found if not submission.status):
        with contextlib.suppress(read.Unreadable):
            cells = read.code_cells(read.notebook(read.content(each.path)))
            sources[each.student, each.chapter] = answers(each.chapter, cells)
    return sources


def write(out: Path, written: Mapping[tuple[str, str], Mapping[str, str]]) -> int:
    """Write each answer of ``{(student, chapter): answers}`` as a Python file; returns the number
    of groups of equal answers.

    The files are ``out/<chapter>/<answer>/<student>.py``. ``out/equal.csv`` lists answers that are
    equal, or equal after names have been changed.
    """
    pages = files.page_names({student for student, _ in written})
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (student, chapter), each in written.items():
        for name, source in each.items():
            folder = out / chapter / name
            files.folder(folder)
            files.replace(folder / f"{pages[student].removesuffix('.html')}.py", source)
            # Stubs are equal, because everybody got the same.
            if "NotImplementedError" not in source and (told := shape(source)):
                alike[name, hashlib.sha256(told.encode()).hexdigest()].append(student)
    equal = [(name, those) for (name, _), those in alike.items() if len(those) > 1]
    rows = sorted((name, str(len(those)), " ".join(sorted(those))) for name, those in equal)
    files.replace(out / "equal.csv", tables.text(("answer", "students", "who"), rows))
    return len(equal)
