"""The notebook on which JupyterLab opens leads to files that the learner's copy has."""

import re

import nbformat
import pytest

from diptych.learning import start_page
from diptych.learning.paths import PATHS
from tests import ROOT


def read(book):
    notebook = nbformat.reads(start_page.notebook(book).decode(), as_version=4)
    nbformat.validate(notebook)
    return notebook


def links(notebook):
    return re.findall(r"\]\((.+?)\)", "\n".join(cell.source for cell in notebook.cells))


def test_it_leads_to_the_first_exercise_and_to_every_step_of_the_paths():
    found = links(read(ROOT))
    assert found[0] == "exercises/activations/rectifiers.ipynb"
    assert [link for link in found if not (ROOT / link).is_file()] == []
    steps = [step.chapter for path in PATHS.values() for step in path.steps]
    assert found[2:] == [
        f"{folder}/{chapter}.ipynb" for chapter in steps for folder in ("chapters", "exercises")
    ]


def test_each_path_has_its_title_and_the_code_cell_asks_for_progress():
    cells = read(ROOT).cells
    titles = [cell.source.splitlines()[0] for cell in cells if cell.id.startswith("path-")]
    assert titles == [f"### {path.title}" for path in PATHS.values()]
    (code,) = (cell for cell in cells if cell.cell_type == "code")
    assert code.source.endswith("\nprogress()") and code.outputs == []


def test_two_copies_are_the_same_so_that_an_unchanged_one_is_not_updated():
    assert start_page.notebook(ROOT) == start_page.notebook(ROOT)


@pytest.mark.parametrize("left", [(), ("losses/binary",)])
def test_a_course_that_leaves_chapters_out_has_no_links_to_them(tmp_path, left):
    for folder in ("chapters", "exercises"):
        for chapter in left:
            place = tmp_path / folder / f"{chapter}.ipynb"
            place.parent.mkdir(parents=True)
            place.write_bytes((ROOT / folder / f"{chapter}.ipynb").read_bytes())
    cells = [cell for cell in read(tmp_path).cells if cell.id.startswith("path-")]
    assert {link for cell in cells for link in re.findall(r"\]\((.+?)\)", cell.source)} == {
        f"{folder}/{chapter}.ipynb" for folder in ("chapters", "exercises") for chapter in left
    }
    assert len(cells) == 2 * len(left)  # two of the paths have it
