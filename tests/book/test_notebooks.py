"""Cells have stable ids and names of their own, and a notebook knows whether it is up to date."""

import nbformat
import pytest

from diptych.book import execution, notebooks
from diptych.book.cell import BuildError
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
    execution.build(job)
    built_from(tmp_path, "# %%\n1 + 2\n")
    assert not notebooks.is_current(job)
    assert notebooks.stale(tmp_path) == [job]


def test_two_cells_may_not_share_a_name(tmp_path):
    with pytest.raises(BuildError, match="share the name twice"):
        notebooks.notebook(built_from(tmp_path, "# %% twice\n1\n\n# %% twice\n2\n"))
