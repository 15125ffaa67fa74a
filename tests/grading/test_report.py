"""The table is safe to open in a spreadsheet, and each student has a page of their own."""

import csv
import io
import os

import pytest

from diptych.grading import report
from tests.grading.outcomes import outcome


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_cell_of_the_table_is_never_a_formula(start):
    text = report.csv_text([outcome(student=start + "1+1")])
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == list(report.COLUMNS)
    assert rows[1][0] == "'" + start + "1+1"
    assert text.count('"') == 2 * 2 * len(report.COLUMNS)


STUDENTS = ["ann", "Zoë Ünal", "a" * 255, "名" * 84, "..", ".x", "a\nb", "=1", "%"]


@pytest.mark.parametrize("student", STUDENTS)
def test_a_page_has_a_name_that_a_file_may_have(student, tmp_path):
    name = report.page_name(student)
    assert os.sep not in name and not name.startswith(".") and "\n" not in name
    (tmp_path / f"{name}.draft").touch()


def test_two_students_never_share_a_page():
    assert len({report.page_name(s) for s in ("a/b", "a?b", "a_b", "a\nb")}) == 4
    # Nor with somebody who has called themselves what another's page is called.
    for student in ("a?b", "x" * 150):
        another = report.page_name(student).removesuffix(".html")
        assert report.page_name(another) != report.page_name(student)
