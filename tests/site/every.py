"""Parametrizes tests by the pages of the site."""

from collections.abc import Iterable

import pytest
import yaml

from tests import ROOT

FOLDERS = ("chapters", "exercises", "solutions")


def pages() -> list[str]:
    """The pages in the table of contents, and those that Sphinx adds."""

    def files(node):
        if isinstance(node, dict):
            yield from (node[key] for key in ("root", "file") if key in node)
            node = list(node.values())
        if isinstance(node, list):
            for child in node:
                yield from files(child)

    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    return [name.removesuffix(".md") + ".html" for name in (*files(toc), "search", "genindex")]


# pytest runs all tests of one page after another, so that they share the opened page.
def every(names: Iterable[str]):
    return pytest.mark.parametrize("name", list(names), scope="module")


def samples() -> list[str]:
    """The last page of each folder."""
    return list({name.rpartition("/")[0]: name for name in pages()}.values())


def looked_at() -> list[str]:
    """All pages, but only samples of the exercises, which are solutions without the answers."""
    return [n for n in pages() if not n.startswith("exercises/") or n in samples()]


every_page = every(pages())
every_look = every(looked_at())  # for tests that need a browser
every_notebook = every(page for page in pages() if page.split("/")[0] in FOLDERS)
every_chapter = every(page for page in pages() if page.startswith("chapters/"))
