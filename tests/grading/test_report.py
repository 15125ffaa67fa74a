"""The tables are safe to open in a spreadsheet, whole, and private."""

import csv
import io
import stat

import pytest

from diptych.grading import report
from tests.grading.outcomes import GATES, everybody, graded, outcome
from tests.grading.submissions import CHAPTER

ASKED = {CHAPTER: 6.0, GATES: 6.0}


def rows(text):
    assert text.startswith("\ufeff")  # or a spreadsheet garbles names
    return list(csv.reader(io.StringIO(text[1:], newline="")))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_cell_of_a_table_is_never_a_formula(start):
    one = outcome(student=start + "1+1")
    answers = report.answers_csv([one])
    students = report.students_csv(everybody([one], ASKED), ASKED)
    for text in (answers, students):
        head, row = rows(text)
        assert row[0] == "'" + start + "1+1"
        assert len(row) == len(head) and text.count('"') == 2 * 2 * len(head)
    assert rows(answers)[0] == list(report.ANSWERS)


def test_the_table_of_students_has_a_row_for_everybody_and_a_column_for_each_chapter():
    outcomes = [graded("ann", [(3, 1)]), graded("ann", [(0, 2)], GATES), graded("李雷", [(0, 0)])]
    table = rows(report.students_csv(everybody(outcomes, ASKED, also=["late"]), ASKED))
    assert table == [
        [*report.STUDENTS, CHAPTER, GATES],
        ["ann", "", "6", "12", "complete", "", "", "", "", "4", "2"],
        ["late", "", "0", "12", "nothing", f"{CHAPTER} {GATES}", "", "", "", "", ""],
        ["李雷", "", "0", "12", "missing", GATES, "", "", "", "0", ""],
    ]


def test_the_table_of_answers_says_which_count_and_they_add_up_to_the_total():
    outcomes, asked = [graded("ann", [(3, 0), (0, 2), (1, 1)])], {CHAPTER: 9.0}
    head, *answers = rows(report.answers_csv(outcomes, best=True))
    (total,) = everybody(outcomes, asked, best=True)
    counting = [
        row
        for row in (dict(zip(head, row, strict=True)) for row in answers)
        if row["counts"] == "yes"
    ]
    assert sum(float(row["points"]) for row in counting) == total.points == 6
    assert sum(float(row["max_points"]) for row in counting) == total.max_points == 9
    assert len(answers) == 6


def test_all_that_is_written_is_private(tmp_path):
    report.write(tmp_path, [outcome()], {"ann": "", "late": ""}, ASKED, isolation="none")
    made = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(path.name for path in made) == [
        *("ann.html", "changes.csv", "grades.csv", "late.html", "report.html", "students.csv")
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o600}
    assert stat.S_IMODE((tmp_path / "feedback").stat().st_mode) == 0o700
