"""The builder's promises."""

import subprocess
import sys

import nbformat
import pytest

from diptych.book import notebooks
from tests import ROOT


def built_from(folder, source):
    """The job that builds ``source``, the text of a chapter, in a temporary folder."""
    path = folder / "chapters" / "family" / "stem.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
    (job,) = notebooks.jobs(folder)
    return job


FIGURE = """\
# %% [markdown]
# (a-section)=
# # A title

# %% named
# alt: A line from the origin up to the right.
import matplotlib.pyplot as plt
from diptych.book import plots
plots.use_style()
plt.plot([0, 1])
plt.show()

# %%
print("one"); print("two")
{"b", "a"} and 3
"""


def test_two_builds_of_a_source_are_byte_identical(tmp_path):
    job = built_from(tmp_path, FIGURE)
    notebooks.build(job)
    first = job.target.read_bytes()
    job.target.unlink()
    notebooks.build(job)
    assert job.target.read_bytes() == first
    assert notebooks.is_current(job)


def test_a_cell_keeps_its_id_when_another_is_put_before_it(tmp_path):
    before = notebooks.notebook(built_from(tmp_path, FIGURE)).cells
    after = notebooks.notebook(built_from(tmp_path, FIGURE + "\n# %%\n1 + 1\n")).cells
    assert [c.id for c in before] == [c.id for c in after][:-1]
    assert before[1].id == "named"


HANDED_IN = [job for job in notebooks.jobs(ROOT) if job.target.parents[1].name != "chapters"]


@pytest.mark.parametrize("job", HANDED_IN, ids=lambda job: str(job.target.relative_to(ROOT)))
def test_a_notebook_with_answers_says_which_chapter_it_belongs_to(job):
    chapter = f"{job.target.parent.name}/{job.target.stem}"
    assert nbformat.read(job.target, as_version=4).metadata["diptych"] == {"chapter": chapter}


def test_a_changed_source_makes_its_notebook_out_of_date(tmp_path):
    job = built_from(tmp_path, "# %%\n1 + 1\n")
    notebooks.build(job)
    built_from(tmp_path, "# %%\n1 + 2\n")
    assert not notebooks.is_current(job)
    assert notebooks.stale(tmp_path) == [job]


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import sys; print('careful', file=sys.stderr)", "wrote to stderr: careful"),
        ("import warnings; warnings.warn('old')", "wrote to stderr"),
        ("print(hex(2**40))", "memory address"),
        ("print('0123456789\\n' * 50_000)", "above 400,000"),
    ],
)
def test_a_cell_that_may_not_be_published_stops_the_build_and_keeps_the_old_notebook(
    tmp_path, cell, problem
):
    job = built_from(tmp_path, "# %%\n1 + 1\n")
    job.target.write_text("the old one")
    built_from(tmp_path, f"# %%\n{cell}\n")
    with pytest.raises(notebooks.BuildError, match=problem):
        notebooks.build(job)
    assert job.target.read_text() == "the old one"


def test_two_cells_may_not_share_a_name(tmp_path):
    with pytest.raises(notebooks.BuildError, match="share the name twice"):
        notebooks.notebook(built_from(tmp_path, "# %% twice\n1\n\n# %% twice\n2\n"))


def run_nbval(notebook):
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        ROOT / "pyproject.toml",
    ]
    return subprocess.run([*command, notebook], cwd=ROOT, capture_output=True, text=True)


def test_nbval_fails_when_one_printed_digit_is_another(tmp_path):
    job = built_from(tmp_path, "# %%\nprint(f'loss {2 / 3:.4f}')\n")
    notebooks.build(job)
    assert run_nbval(job.target).returncode == 0
    text = job.target.read_text()
    assert "loss 0.6667" in text
    job.target.write_text(text.replace("0.6667", "0.6668"))
    run = run_nbval(job.target)
    assert run.returncode == 1
    assert "0.6668" in run.stdout
