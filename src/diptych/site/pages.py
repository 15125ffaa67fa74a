"""Changes pages for the site: adds classes for styles, and gives solutions their titles."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.transforms import SphinxTransform

from diptych.book.errors import fill

ERROR = re.compile(r"^(?=\w+(?:Error|Exception|Disagreement): )", re.M)


class MarkNames(SphinxTransform):
    """Give the tables of a section's head a class, so that narrow windows show names as a list."""

    default_priority = 400

    def apply(self, **kwargs: object) -> None:
        for head in self.document.findall(nodes.thead):
            table, titles = head.parent.parent, " ".join(head.astext().split())
            if titles == "PyTorch Keras TensorFlow 中文":
                table["classes"] += ["names", "defaults"] if "(" in table.astext() else ["names"]
            elif titles == "Weights in PyTorch in Keras":
                table["classes"].append("weights")


class MarkProse(SphinxTransform):
    """Give the output of ``agree`` and ``show_error`` a class, so that it wraps like prose.

    ``show_error`` breaks an error into lines of a panel's width. Here they are joined again.
    """

    default_priority = 400

    def apply(self, **kwargs: object) -> None:
        for block in self.document.findall(nodes.literal_block):
            text = block.astext()
            if text.startswith("✓"):
                block["classes"].append("verdict")
            elif errors := unfilled(text):
                block["classes"].append("error")
                block.rawsource, block[:] = errors, [nodes.Text(errors)]


def unfilled(text: str) -> str:
    """The errors in ``text``, one line for each; "" if the text contains anything else."""
    found = [" ".join(part.split()) for part in ERROR.split(text) if part]
    filled = "\n".join(map(fill, found))
    return "\n".join(found) if ERROR.match(text) and filled == text.rstrip("\n") else ""


class NameSolutions(SphinxTransform):
    """Give a page of solutions its title: its notebook has that of the exercises."""

    default_priority = 400

    def apply(self, **kwargs: object) -> None:
        title = next(iter(self.document.findall(nodes.title)), None)
        if title is not None and self.env.docname.startswith("solutions/"):
            text = title.astext().replace("Exercises:", "Solutions:", 1)
            title[:] = [nodes.Text(text)]
