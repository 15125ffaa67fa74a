"""The list of modules in ARCHITECTURE.md, made from their docstrings.

``python -m tests.repository.modules`` writes it anew.
"""

import ast
import re

from tests import ROOT

PACKAGE = ROOT / "src" / "diptych"
FILE = ROOT / "ARCHITECTURE.md"
# In the order in which ARCHITECTURE.md speaks of them. Components are data, one module a chapter.
ROOMS = (
    *("catalogue", "forbidden", "judging", "learning", "warm", "isolation", "grading", "book"),
    *("book/difference", "site"),
)
BEGIN, END = "<!-- modules: made from the docstrings -->\n", "<!-- end of modules -->\n"
ROLE = re.compile(r":\w+:`~?(?:[\w.]+ <)?([\w.]+)>?`")


def summary(path):
    """The first paragraph of a module's docstring, as Markdown."""
    first, _, _ = ast.get_docstring(ast.parse(path.read_text("utf-8"))).partition("\n\n")
    return ROLE.sub(r"`\1`", " ".join(first.split())).replace("``", "`")


def listed():
    """The modules of each room, as Markdown."""
    parts = []
    for room in ROOMS:
        paths = [p for p in sorted((PACKAGE / room).glob("*.py")) if p.stem != "__init__"]
        rows = [f"- `{path.stem}`: {summary(path)}" for path in paths]
        parts.append("\n".join([f"### {room}", "", *rows, ""]))
    return "\n".join(parts)


def written(text):
    """``text`` with the modules as they are now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{listed()}\n{END}{after}"


if __name__ == "__main__":
    FILE.write_text(written(FILE.read_text("utf-8")), "utf-8")
