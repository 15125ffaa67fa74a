"""Students get the notebooks of their frameworks, without outputs."""

import nbformat
import pytest

from diptych.catalogue.component import FRAMEWORK_NAMES, FRAMEWORKS, chapters
from diptych.grading import handout
from diptych.grading.option_types import BEST
from tests import ROOT


def graded_cells(notebook):
    cells = (cell for cell in notebook.cells if "nbgrader" in cell.metadata)
    return [(cell.id, cell.source, cell.metadata) for cell in cells]


@pytest.mark.parametrize("frameworks", [("pytorch",), ("tensorflow",), FRAMEWORKS, BEST], ids=str)
def test_a_notebook_has_the_cells_of_its_frameworks_and_speaks_of_no_other(frameworks):
    for chapter in chapters():
        whole = nbformat.read(ROOT / f"exercises/{chapter}.ipynb", as_version=4)
        notebook = handout.notebook(chapter, frameworks)
        nbformat.validate(notebook)
        assert notebook.metadata == whole.metadata
        suffixes = {"pytorch": ("_pt",), "tensorflow": ("_tf",)}.get(frameworks[0], ("_pt", "_tf"))
        suffixes = suffixes if len(frameworks) == 1 else ("_pt", "_tf")
        wanted = [c for c in graded_cells(whole) if c[2].nbgrader.grade_id.endswith(suffixes)]
        assert graded_cells(notebook) == wanted and wanted
        text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
        assert "](../" not in text
        assert ("One framework is enough" in text) == (frameworks == BEST)
        assert ("or in both" in " ".join(text.split())) == (frameworks == BEST)
        if len(frameworks) == 1 and frameworks != BEST:
            assert f"in {FRAMEWORK_NAMES[frameworks[0]]}" in text
        assert not [c for c in notebook.cells if c.cell_type == "code" and c.outputs]
