"""What the builder writes can be published and repeated."""

import subprocess
import sys

import pytest

from diptych.book import execution, notebooks
from diptych.book.cell import BuildError
from tests import ROOT
from tests.book.test_notebooks import FIGURE, built_from


def test_two_builds_of_a_source_are_byte_identical(tmp_path):
    job = built_from(tmp_path, FIGURE)
    execution.build(job)
    first = job.target.read_bytes()
    job.target.unlink()
    execution.build(job)
    assert job.target.read_bytes() == first
    assert notebooks.is_current(job)


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
    with pytest.raises(BuildError, match=problem):
        execution.build(job)
    assert job.target.read_text() == "the old one"


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
    execution.build(job)
    assert run_nbval(job.target).returncode == 0
    text = job.target.read_text()
    assert "loss 0.6667" in text
    job.target.write_text(text.replace("0.6667", "0.6668"))
    run = run_nbval(job.target)
    assert run.returncode == 1
    assert "0.6668" in run.stdout
