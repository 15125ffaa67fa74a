"""The hostile among the honest: nothing is stolen, nothing stops, nobody else's grade changes."""

import contextlib
import csv
import dataclasses
import os
import re

import pytest

from diptych.grading import files, tables, threads
from diptych.grading.batch import grade
from tests.grading import hostile, submissions
from tests.grading.hostile import theft

OPTIONS = {"seed": "seventeen", "timeout": 12, "memory": 300, "frameworks": ("pytorch",)}
HONEST = {
    "honest": submissions.notebook(submissions.RIGHT),
    "honest too": submissions.notebook(submissions.only("relu_pt", "threshold_pt")),
    "honest, and wrong": submissions.notebook({"leaky_relu_pt": submissions.NO_LEAK}),
    "honest, and untouched": submissions.notebook(),
}


class Graded:
    """Attempts among the honest, graded."""

    def __init__(self, folder, attempts, located):
        handed_in = {name: located(attempt.handed_in) for name, attempt in attempts.items()}
        submissions.write(folder / "submitted", handed_in | HONEST)
        self.all = grade(folder / "submitted", folder / "out", workers=2, **OPTIONS).outcomes
        self.attempts, self.out = attempts, folder / "out"
        self.outcomes = {outcome.student: outcome for outcome in reversed(self.all)}

    def honest_lines(self):
        lines = (self.out / "grades.csv").read_bytes().split(b"\n")
        return [line for line in lines if line.startswith(b'"honest')]


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    with contextlib.closing(theft.Scratch(tmp_path_factory.mktemp("h"))) as made:
        yield made


@pytest.fixture(scope="module")
def graded(one_server, scratch):
    """The whole corpus, in the best sandbox that the machine has."""
    return Graded(scratch.folder, hostile.corpus(), scratch.located)


@pytest.fixture(scope="module")
def on_the_floor(one_server, scratch, tmp_path_factory):
    """What the walls behind the walls could hide, without them."""
    rules = dataclasses.replace(one_server.rules, namespaces=False)
    floor = dataclasses.replace(one_server, rules=rules)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threads, "place", lambda *args, **rules: contextlib.nullcontext(floor))
        folder = tmp_path_factory.mktemp("floor")
        return Graded(folder, hostile.corpus(floor=True), scratch.located)


def comes_to_its_end(name, graded):
    attempt, outcome = graded.attempts[name], graded.outcomes[files.as_text(name)]
    points = sum(grade.points for grade in outcome.grades)
    assert (points, outcome.status) == (attempt.points, attempt.status), outcome
    said = [outcome.reason, *outcome.notes]
    if attempt.said:
        said += [f"{grade.diagnosis} {grade.evidence}" for grade in outcome.grades]
        ends = [attempt.said] if isinstance(attempt.said, str) else attempt.said
        assert any(end in each for end in ends for each in said), said
    else:
        assert not any(said)


@pytest.mark.parametrize("name", hostile.corpus())
def test_an_attempt_earns_nothing_and_ends_by_name(name, graded):
    comes_to_its_end(name, graded)


@pytest.mark.parametrize("name", hostile.corpus(floor=True))
def test_the_floor_holds_without_namespaces(name, on_the_floor):
    comes_to_its_end(name, on_the_floor)


@pytest.mark.parametrize("level", ["graded", "on_the_floor"])
def test_the_honest_are_graded_as_if_there_were_nobody_else(level, request, tmp_path):
    among = request.getfixturevalue(level)
    alone = Graded(tmp_path, {}, None)
    assert len(alone.honest_lines()) == len(HONEST) * 7
    assert among.honest_lines() == alone.honest_lines()


@pytest.mark.parametrize("level", ["graded", "on_the_floor"])
def test_nobody_is_left_out_and_nobody_is_mistaken_for_another(level, request):
    level = request.getfixturevalue(level)
    assert set(level.outcomes) == {files.as_text(name) for name in level.attempts | HONEST}
    assert len(level.all) == len(level.outcomes) + ("two-notebooks" in level.attempts)
    with open(level.out / "grades.csv", newline="", encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))
    assert all(len(row) == len(rows[0]) for row in rows)
    assert {row[0] for row in rows[1:]} == {tables.harmless(name) for name in level.outcomes}
    assert not any(cell.startswith(tuple("=+-@\t\r\n")) for row in rows for cell in row)


def test_a_second_notebook_of_the_same_chapter_counts_nothing(graded):
    other = next(o for o in graded.all if o.place == "rectifiers.ipynb")
    assert (other.student, other.status, other.grades) == ("two-notebooks", "second", ())


def pages(out):
    return [out / "report.html", *(out / "feedback").iterdir()]


def test_no_page_holds_more_than_text(graded):
    assert len(pages(graded.out)) == 1 + len(graded.outcomes)
    for path in pages(graded.out):
        page = path.read_text("utf-8")
        tags = set(re.findall(r"<(/?[!\w]+)", page))
        assert tags <= {t for name in TAGS.split() for t in (name, f"/{name}")}, path
        assert all(c.isprintable() or c == "\n" for c in page), path


TAGS = (
    "!doctype html meta title style h1 h2 h3 p a strong br code ul li "
    "table thead tbody tr th td span img details summary"
)


def test_feedback_keeps_hidden_inputs_from_the_student(graded):
    leaks = [name for name in graded.attempts if name.startswith("leaks-by")]
    assert len(leaks) == 6
    for name in leaks:
        page = (graded.out / f"feedback/{name}.html").read_text("utf-8")
        for told in ("secret [", "(7,", "77.77", "37 outputs", "int16"):
            assert told not in page


def test_nothing_is_left_behind(graded, on_the_floor, one_server, scratch):
    assert list(one_server.folder.iterdir()) == []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            assert not os.readlink(f"/proc/{pid}/cwd").startswith(str(one_server.folder))
    with pytest.raises(BlockingIOError):
        scratch.log.recv(1)
