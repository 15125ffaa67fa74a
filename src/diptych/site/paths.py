"""Shows the lists of ``learning/path_list.py`` on a page: ``{path} keras``."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from diptych.learning import path_list, paths


class PathList(SphinxDirective):
    """The steps of one path, without those whose pages this site does not have."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        if name not in paths.PATHS:
            raise self.error(f"no path is called {name!r}; there are: {', '.join(paths.PATHS)}")
        for module in (paths, path_list):
            self.env.note_dependency(module.__file__)
        steps = [step for step in paths.PATHS[name].steps if self.is_here(step)]
        for step in steps:
            self.env.note_dependency(self.env.doc2path(f"chapters/{step.chapter}"))
        return self.parse_text_to_nodes(path_list.markdown(steps, Path(self.env.srcdir)))

    def is_here(self, step: paths.Step) -> bool:
        pages = {f"{folder}/{step.chapter}" for folder in ("chapters", "exercises")}
        return pages <= self.env.found_docs


def setup(app: Sphinx) -> None:
    app.add_directive("path", PathList)
