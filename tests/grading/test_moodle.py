"""Moodle's worksheet gets grades and comments, and nothing else in it is changed."""

import csv
import io
import zipfile

import pytest

from diptych.grading import exports, moodle
from tests.grading.outcomes import CLASS

DATE = "Friday, 2 October 2026, 11:58 PM"


def worksheet(separator=",", comma=False, comments=True, blind=False, ending="\n"):
    most = "57,00" if comma else "57.00"
    head = ["Identifier", "Full name", "Status", "Grade", "Maximum grade", "Changed", "When"]
    rows = [
        [f"Participant {n}", f"N {n}", "Submitted", given, most, DATE, "-"]
        for n, given in ((70011, ""), (70012, "3"), (70013, ""), (70099, ""))
    ]
    table = [[*head, "Feedback"], *([*row, ""] for row in rows)] if comments else [head, *rows]
    if blind:
        table = [row[:1] + row[2:] for row in table]
    file = io.StringIO()
    csv.writer(file, delimiter=separator, lineterminator=ending).writerows(table)
    return file.getvalue()


@pytest.mark.parametrize("blind", [False, True])
@pytest.mark.parametrize("comments", [False, True])
@pytest.mark.parametrize(
    ("separator", "comma", "ending", "mark", "grades"),
    [
        (",", False, "\n", "", ["28.5", "54.29"]),
        (";", True, "\r\n", "\ufeff", ["28,5", "54,29"]),
    ],
)
def test_a_worksheet_of_moodle_is_filled_in_and_nothing_else_is_changed(
    separator, comma, ending, mark, grades, comments, blind
):
    given = mark + worksheet(separator, comma, comments, blind, ending)
    filled = moodle.worksheet(CLASS, given)
    assert filled.startswith(mark) and filled.count(ending) == given.count(ending)
    before, after = (
        list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
        for text in (given, filled)
    )
    at = before[0].index("Grade")
    assert [row[at] for row in after[1:]] == [*grades, "", ""]
    if comments:
        assert ["21 of 42 points" in row[-1] for row in after[1:]] == [True, False, False, False]
    changed = {at, len(before[0]) - 1} if comments else {at}
    for row, was in zip(after, before, strict=True):
        assert all(row[i] == was[i] for i in range(len(was)) if i not in changed)
    assert after[0] == before[0] and after[3:] == before[3:]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a,b,c\n1,2,x\n", "no column"),
        ("Identifier,Grade,Grade,Maximum\nParticipant 5,,,57\n", "none of the students"),
    ],
)
def test_what_is_no_worksheet_of_this_class_is_refused(text, why):
    with pytest.raises(exports.ExportError, match=why):
        moodle.worksheet(CLASS, text)


def test_moodles_feedback_has_a_page_for_each_participant_with_a_grade():
    data = moodle.feedback_zip(CLASS, lambda total: f"page of {total.student}")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {name: archive.read(name).decode() for name in archive.namelist()} == {
            f"Participant_{n}_assignfeedback_file/feedback.html": f"page of {n}"
            for n in (70011, 70012)
        }
