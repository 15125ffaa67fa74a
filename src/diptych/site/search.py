"""Makes the index of the search, with every section and every name, for ``search.js``.

Sphinx's own search finds pages, which are 25 screens long here. It also stems names, and does not
split Chinese into words. This search finds sections. The index is a script, not JSON, because a
page that was opened from ``file://`` can load nothing else.
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
from diptych.catalogue.query import fold
from diptych.site.sections import Collect, Section, kept, shorten

# Pages that come after the chapters in the results, in this order.
RANKS = {"atlas": 1, "exercises": 2, "solutions": 3}
# How often a word counts if it is in a section's heading, or in a heading above it.
HEADING, ABOVE = 6, 2
MOST = 15  # the largest count in the index: four bits beside the number of the section
# Words that the search ignores.
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
    """The words of ``text``, folded, not stemmed; ``find.words`` in find.js does the same.

    Chinese has no spaces, so each pair of neighbouring Chinese characters counts as a word.
    """
    found = []
    for run in WORD.findall(fold(text)):
        chinese = "\u3400" <= run[0] <= "\u9fff" and len(run) > 1
        found += [run[i : i + 2] for i in range(len(run) - 1)] if chinese else [run]
    return found


def index(env: BuildEnvironment) -> dict:
    """The index as plain data.

    - ``pages`` are ``[address, title, rank]``.
    - ``sections`` are ``[number of the page, anchor, headings, lead, how many words]``.
    - ``words``, without those in ``passed_over``, have one number for each section that contains
      the word: 16 times the distance to the previous such section, plus the word's count there.
    - ``names`` are those of :func:`names`.
    """
    pages, found, postings, last = [], [], {}, {}
    for docname in env.collect_relations():  # in the order of the table of contents
        if docname not in kept(env):
            continue
        for section in (*kept(env)[docname], *differences(docname), *reasons(docname)):
            *above, heading = section.headings
            if docname.startswith("solutions/"):  # the exercises have the same text
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
    """One section for each difference in the catalogue; it leads to the cell that shows it."""
    for found in catalogue():
        if docname == f"chapters/{found.chapter}":
            for cell, text in found.behaviour.items():
                plain = text.replace("`", "")
                yield Section(f"cell-{cell}", ("", found.name, plain), lead="", text=cell)


def reasons(docname: str) -> Iterator[Section]:
    """One section for each reason to leave symbols out; it leads to the row in the atlas."""
    if docname == "atlas":
        for number, group in enumerate(ledger.read().left_out):
            called = ", ".join(symbol.split(".")[-1] for symbol in group.symbols)
            lead = shorten(group.reason)
            yield Section(f"left-out-{number}", ("", f"Left out: {called}"), lead, group.reason)


def names(env: BuildEnvironment) -> Iterator[list]:
    """``[name, Chinese term, where, address, dotted names]`` for each row of the atlas.

    The address is that of the component's section, or of its row in the atlas if this site has no
    such section. The dotted names are one list for each framework that has any.
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
    """Turn off Sphinx's own search index and page."""
    app.builder.search = False


def pages(app: Sphinx) -> Iterator[tuple[str, dict, str]]:
    """Write the index, and return the search page."""
    text = json.dumps(index(app.env), ensure_ascii=False, separators=(",", ":"))
    (app.outdir / "searchindex.js").write_text(f"const searchIndex = {text};\n", encoding="utf-8")
    yield "search", {}, "search.html"


def setup(app: Sphinx) -> None:
    app.add_env_collector(Collect)
    app.connect("builder-inited", replace_search)
    app.connect("html-collect-pages", pages)
