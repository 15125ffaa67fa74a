"""What the site changes on pages: classes for its styles, and the titles of the solutions."""

from __future__ import annotations

from docutils import nodes
from sphinx.transforms import SphinxTransform


class MarkNames(SphinxTransform):
    """Give the tables of a section's head a class: narrow windows show the names as a list."""

    default_priority = 400

    def apply(self, **kwargs: object) -> None:
        for head in self.document.findall(nodes.thead):
            table, titles = head.parent.parent, " ".join(head.astext().split())
            if titles == "PyTorch Keras TensorFlow 中文":
                table["classes"] += ["names", "defaults"] if "(" in table.astext() else ["names"]
            elif titles == "Weights in PyTorch in Keras":
                table["classes"].append("weights")


class MarkVerdicts(SphinxTransform):
    """Give what ``agree`` says a class: it is prose, and wraps where columns scroll."""

    default_priority = 400

    def apply(self, **kwargs: object) -> None:
        for block in self.document.findall(nodes.literal_block):
            if block.astext().startswith("✓"):
                block["classes"].append("verdict")


class NameSolutions(SphinxTransform):
    """Call a page of solutions what it is: its notebook carries the exercises' title."""

    default_priority = 400

    def apply(self, **kwargs: object) -> None:
        title = next(iter(self.document.findall(nodes.title)), None)
        if title is not None and self.env.docname.startswith("solutions/"):
            text = title.astext().replace("Exercises:", "Solutions:", 1)
            title[:] = [nodes.Text(text)]
