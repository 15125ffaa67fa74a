"""The search: an index of every section and every name, and the page that asks it (search.js).

Sphinx's own search leads to pages, which are 25 screens long here, stems what is no English word,
and cuts no Chinese. This one leads to sections. The index is a script and not JSON, because a page
that was opened from ``file://`` may load nothing else.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from diptych.catalogue import atlas, ledger
from diptych.catalogue.component import catalogue
from diptych.site.sections import Collect, Section, kept, shorten

# What stands after the chapters: first what has no section, exercises, solutions last.
RANKS = {"atlas": 1, "exercises": 2, "solutions": 3}
# How often a word counts that stands in a section's heading, or in a heading above it.
HEADING, ABOVE = 6, 2
MOST = 15  # a word's count in the index, so that it fits beside the section's number
# Words that say nothing of what is looked for.
PASSED_OVER = frozenset(
    re.findall(
        r"\w+",
        """
        a an and are as at be by do does for has how i if in is it its my of or so that the to was
        what which with you your
        """,
    )
)
WORD = re.compile(r"[\u3400-\u9fff]+|[^\W\u3400-\u9fff]+")


def words(text: str) -> list[str]:
    """The words of ``text``, folded, and not stemmed; ``words`` of find.js does the same.

    Chinese has no spaces: of a run of its characters each neighbouring pair is a word.
    """
    found = []
    for run in WORD.findall(atlas.fold(text)):
        chinese = "\u3400" <= run[0] <= "\u9fff" and len(run) > 1
        found += [run[i : i + 2] for i in range(len(run) - 1)] if chinese else [run]
    return found


def index(env: BuildEnvironment) -> dict:
    """The index as plain data.

    - ``pages`` are ``[address, title, rank]``.
    - ``sections`` are ``[number of the page, anchor, headings, lead, how many words]``.
    - ``words``, without those that are ``passed_over``, lead to a number for each section that has
      the word: 16 times how many sections further it is than the one before, plus how often it has
      the word.
    - ``names`` are those of :func:`names`.
    """
    pages, found, postings, last = [], [], {}, {}
    for docname in env.collect_relations():  # in the order of the table of contents
        if docname not in kept(env):
            continue
        for section in (*kept(env)[docname], *differences(docname), *reasons(docname)):
            *above, heading = section.headings
            if docname.startswith("solutions/"):  # the exercise has the same text, and stands first
                section = replace(section, text="", lead="")
            counts = Counter(words(section.text))
            length = counts.total()
            counts.update(words(heading) * HEADING)
            counts.update(words(" ".join(above)) * ABOVE)
            for word, count in counts.items():
                if not word.isdigit() and word not in PASSED_OVER:
                    beyond = len(found) - last.get(word, 0)
                    postings.setdefault(word, []).append(16 * beyond + min(count, MOST))
                    last[word] = len(found)
            path = section.headings[1:]
            found.append([len(pages), section.anchor, path, section.lead, length])
        title = env.titles[docname].astext()
        pages.append([f"{docname}.html", title, RANKS.get(docname.split("/")[0], 0)])
    made = {"pages": pages, "sections": found, "words": postings, "names": list(names(env))}
    return made | {"passed_over": sorted(PASSED_OVER)}


def differences(docname: str) -> Iterator[Section]:
    """What differs, as the catalogue says it: each leads to the cell that shows it."""
    for found in catalogue():
        if docname == f"chapters/{found.chapter}":
            for cell, text in found.behaviour.items():
                plain = text.replace("`", "")
                yield Section(f"cell-{cell}", ("", found.name, plain), lead="", text=cell)


def reasons(docname: str) -> Iterator[Section]:
    """What the ledger leaves out, and why: each leads to its row of the atlas."""
    if docname == "atlas":
        for number, group in enumerate(ledger.read().left_out):
            called = ", ".join(symbol.split(".")[-1] for symbol in group.symbols)
            lead = shorten(group.reason)
            yield Section(f"left-out-{number}", ("", f"Left out: {called}"), lead, group.reason)


def names(env: BuildEnvironment) -> Iterator[list]:
    """``[name, Chinese term, where, address, dotted names]`` of all that the atlas has.

    The address is a component's section, or its row in the atlas where it has none; the dotted
    names are a list for each framework that has some.
    """
    for row in atlas.rows():
        docname, anchor = f"chapters/{row['chapter']}", row["id"].replace("_", "-")
        if "reason" in row:
            where, address = "left out", f"atlas.html?q={row['id']}"
        elif docname in env.titles:
            where, address = env.titles[docname].astext(), f"{docname}.html#{anchor}"
        else:
            where, address = "not on this site", f"atlas.html#{anchor}"
        if not address.startswith("atlas") or "atlas" in env.titles:
            symbols = (atlas.names(row, field) for field in atlas.NAMES)
            yield [row["name"], row["zh"], where, address, [*filter(None, symbols)]]


def replace_search(app: Sphinx) -> None:
    """Leave Sphinx's own index and page out."""
    app.builder.search = False


def pages(app: Sphinx) -> Iterator[tuple[str, dict, str]]:
    """The search page, and its index beside it."""
    text = json.dumps(index(app.env), ensure_ascii=False, separators=(",", ":"))
    (app.outdir / "searchindex.js").write_text(f"const searchIndex = {text};\n", encoding="utf-8")
    yield "search", {}, "search.html"


def setup(app: Sphinx) -> None:
    app.add_env_collector(Collect)
    app.connect("builder-inited", replace_search)
    app.connect("html-collect-pages", pages)
