"""The builder's promises, and the rules that every notebook of the book keeps."""

import re

import nbformat
import pytest

from diptych.book import execution, notebooks
from diptych.catalogue.component import chapters
from diptych.catalogue.lookup import exercises
from tests import ROOT

JOBS = list(notebooks.jobs(ROOT))
BUILT = [job.target for job in JOBS]
PAGES = [path for path in BUILT if path.is_relative_to(ROOT / "chapters")]
OVERVIEWS = [path for path in PAGES if path.stem == "overview"]
GUIDES = [path for path in PAGES if path.stem.startswith("coming_from_")]
CHAPTERS = [path for path in PAGES if path not in OVERVIEWS + GUIDES]


def name(path):
    return str(path.relative_to(ROOT))


def code_cells(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def test_there_is_a_notebook_for_each_source_and_no_other():
    assert sorted(BUILT) == sorted(
        path
        for folder in ("chapters", "exercises", "solutions")
        for path in ROOT.glob(f"{folder}/*/*.ipynb")
    )


@pytest.mark.parametrize("job", JOBS, ids=lambda job: name(job.target))
def test_a_notebook_was_built_from_its_source_as_it_stands(job):
    assert notebooks.is_current(job), "run: make notebooks"


@pytest.mark.parametrize("path", BUILT, ids=name)
def test_every_code_cell_was_executed_in_order_and_none_failed(path):
    cells = code_cells(path)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert [p for cell in cells for p in execution.problems(cell)] == []


@pytest.mark.parametrize("path", BUILT, ids=name)
def test_a_notebook_is_at_most_400_kb(path):
    assert path.stat().st_size <= execution.MAX_BYTES == 400_000


@pytest.mark.parametrize("path", [p for p in BUILT if p.parts[-3] == "solutions"], ids=name)
def test_check_says_of_each_solution_that_it_is_right(path):
    cells = [cell for cell in code_cells(path) if notebooks.CHECK.match(cell.source)]
    assert cells
    assert [c.id for c in cells if "<strong>✓ " not in c.outputs[0]["data"]["text/html"]] == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_what_agree_says_is_the_first_that_its_cell_prints(path):
    """The site shows it as a verdict."""
    cells = [cell for cell in code_cells(path) if re.search(r"^ *agree\(", cell.source, re.M)]
    assert [c.id for c in cells if not c.outputs[0].get("text", "").startswith("✓")] == []


@pytest.mark.parametrize("path", BUILT, ids=name)
def test_paired_cells_have_their_pair_and_fit_a_panel(path):
    cells = nbformat.read(path, as_version=4).cells
    sides = [set(cell.metadata.get("tags", [])) & {"pytorch", "tensorflow"} for cell in cells]
    for i, cell in enumerate(cells):
        if not sides[i]:
            continue
        assert len(sides[i]) == 1, f"{cell.id} has both tags"
        # A run of paired cells reads pytorch, tensorflow, pytorch, tensorflow, …
        start = max((j for j in range(i) if not sides[j]), default=-1) + 1
        side = "pytorch" if (i - start) % 2 == 0 else "tensorflow"
        assert sides[i] == {side}, f"{cell.id} is not where its pair would be"
        if side == "pytorch":
            assert sides[i + 1] == {"tensorflow"}, f"{cell.id} has no pair"
        lines = cell.source.split("\n")
        assert max(map(len, lines)) <= 64, f"{cell.id} is wider than 64 columns"
        if path in CHAPTERS + GUIDES:
            assert len(lines) <= 15, f"{cell.id} has {len(lines)} lines"


@pytest.mark.parametrize("path", BUILT, ids=name)
def test_every_figure_says_in_words_what_it_shows(path):
    for cell in code_cells(path):
        if any("image/svg+xml" in o.get("data", {}) for o in cell.outputs):
            assert len(cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")) > 40, (
                cell.id
            )


def test_a_chapter_has_its_components_and_its_solutions_under_one_stem():
    stems = {f"{p.parent.name}/{p.stem}" for p in CHAPTERS}
    assert stems == set(chapters())
    assert stems == {f"{p.parent.name}/{p.stem}" for p in ROOT.glob("solutions/*/*.py")}


@pytest.mark.parametrize("path", OVERVIEWS, ids=name)
def test_an_overview_opens_its_family_and_leads_to_all_of_it(path):
    family, toc = path.parent.name, (ROOT / "_toc.yml").read_text()
    files = re.findall(rf"file: chapters/{family}/(\w+)$", toc, re.M)
    assert files[0] == "overview"
    text = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
    assert f"{{components}} {family}\n" in text
    assert [stem for stem in files[1:] if f"]({stem}.ipynb#" not in text] == []


@pytest.mark.parametrize("path", GUIDES, ids=name)
def test_a_guide_shows_ten_surprises_each_with_a_cell_advice_and_a_link(path):
    cells = nbformat.read(path, as_version=4).cells
    text = "".join(
        f"\n{cell.source}\n" if cell.cell_type == "markdown" else "\n%%\n" for cell in cells
    )
    sections = re.split(r"^## (\d+)\. .+$", text, flags=re.M)[1:]
    assert sections[::2] == [str(i) for i in range(1, 11)]
    for number, section in zip(sections[::2], sections[1::2], strict=True):
        section = re.split(r"^## ", section, flags=re.M)[0]
        before, advice = section.split("**Do this:**")
        assert "%%" in before and re.search(r"\]\([\w-]+\)", advice), number


def test_every_notebook_is_a_page_of_the_book():
    toc = (ROOT / "_toc.yml").read_text()
    for path in BUILT:
        assert re.search(rf"file: {re.escape(name(path.with_suffix('')))}$", toc, re.M), name(path)


def test_an_exercise_is_its_solution_without_the_answers():
    answers = 0
    for job in JOBS:
        if not job.without_answers:
            continue
        solution = notebooks.notebook(notebooks.Job(job.source, job.target)).cells
        exercise = {cell.id: cell for cell in notebooks.notebook(job).cells}
        for cell in solution:
            if "### BEGIN SOLUTION" in cell.source:
                answers += 1
                assert "raise NotImplementedError()" in exercise[cell.id].source
                assert "SOLUTION" not in exercise[cell.id].source
            elif "solution-only" in cell.metadata.get("tags", []):
                assert cell.id not in exercise
            else:
                assert exercise[cell.id].source == cell.source
    assert answers


def test_every_exercise_says_how_difficult_it_is():
    rated = [
        line
        for job in JOBS
        if job.without_answers
        for line in job.target.read_text("utf-8").splitlines()
        if '<p class=\\"difficulty\\">' in line
    ]
    assert len(rated) == len(exercises())


def test_what_is_sanitized_is_pictures_and_nothing_else():
    config = (ROOT / "tests" / "sanitize.cfg").read_text()
    assert re.findall(r"^\[(.+)\]$", config, re.M) == ["figures"]
    (pattern,) = re.findall(r"^regex: (.+)$", config, re.M)
    assert re.sub(pattern, "SVG", "loss 0.6667 <?xml a\nb</svg> loss 1") == "loss 0.6667 SVG loss 1"
