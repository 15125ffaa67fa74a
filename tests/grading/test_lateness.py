"""Late work costs what a stated rule says, and nothing without one."""

from datetime import datetime
from pathlib import Path

import pytest

from diptych.grading import exports, feedback, lateness, report
from diptych.grading.find import Submission
from diptych.grading.tables import TableError
from tests.grading.outcomes import GATES, everybody, graded
from tests.grading.submissions import CHAPTER

HOUR, DAY = 3600, 86_400


@pytest.mark.parametrize(
    ("text", "late", "lost"),
    [
        ("10%", "yes", 1),
        ("10%", str(9 * DAY), 1),
        ("10%", "no", 0),
        ("10%", "", 0),
        ("2.5%", "1", 0.25),
        ("10%/day", "1", 1),
        ("10%/day", str(DAY), 1),
        ("10%/day", str(DAY + 1), 2),
        ("10%/day", str(20 * DAY), 10),
        ("10%/day,50%", str(20 * DAY), 5),
        ("1%/hour", str(3 * HOUR), 0.3),
        ("100%", "yes", 10),
    ],
)
def test_a_rule_costs_a_share_of_the_points(text, late, lost):
    assert lateness.rule(text).costs(late, 10.0) == pytest.approx(lost)


@pytest.mark.parametrize("text", ["", "10", "110%", "10%/week", "10%/day,150%", "-1%", "10%,50%"])
def test_what_is_no_rule_is_told_what_rules_are(text):
    with pytest.raises(ValueError, match="a rule is 10%"):
        lateness.rule(text)


def test_a_rule_by_the_day_is_refused_where_only_a_mark_is_known():
    with pytest.raises(lateness.LateError, match="--late-csv"):
        lateness.rule("10%/day").costs("yes", 10)
    assert lateness.rule("10%/day").costs("no", 10) == 0


def test_points_are_deducted_by_chapter_and_told_and_raw_for_canvas():
    asked = {CHAPTER: 6.0, GATES: 6.0}
    outcomes = [graded("1", [(3, 1)], late=str(DAY)), graded("1", [(3, 3)], GATES, late="no")]
    students, files = {"1": ""}, {"1": "1.html"}
    (total,) = report.totals.totals(
        outcomes, students, files, asked, False, lateness.rule("25%/day")
    )
    assert (total.points, total.raw, total.deducted) == (9, 10, {CHAPTER: 1.0})
    assert total.late == str(DAY)
    assert f"{CHAPTER} was late: this costs 1 of 4 points." in feedback.page(total)
    heading = "Rectifiers (3)"
    assert exports.canvas([total], heading).endswith("1,1,,10\n")
    assert exports.canvas([total], heading, late=True).endswith("1,1,,9\n")
    assert exports.brightspace([total], "R Points Grade").endswith("#1,9,#\n")
    (without,) = everybody(outcomes, asked)
    assert (without.points, without.deducted) == (10, {})


def read(tmp_path, text):
    (tmp_path / "late.csv").write_text(text)
    return lateness.read(tmp_path / "late.csv")


def test_times_are_read_as_seconds_or_as_two_times(tmp_path):
    assert read(tmp_path, f"student;chapter;seconds\nann;{CHAPTER};90.5\nben;;-3\n") == {
        ("ann", CHAPTER): "91",
        ("ben", ""): "no",
    }
    times = "student,submitted,due\nann,2026-11-29T18:01,2026-11-29T18:00\n"
    assert read(tmp_path, times) == {("ann", ""): "60"}


def test_what_is_known_of_a_chapter_goes_before_what_is_known_of_all_and_of_the_site():
    times = {("ann", CHAPTER): "60", ("ann", ""): "no"}
    ann, gates, ben = (
        Submission(student, Path("x"), "x", chapter)
        for student, chapter in (("ann", CHAPTER), ("ann", GATES), ("ben", GATES))
    )
    assert [lateness.of(each, times, "yes") for each in (ann, gates, ben)] == ["60", "no", "yes"]


@pytest.mark.parametrize(
    ("text", "said"),
    {
        "seconds\n1\n": "no column that is called student",
        "student,seconds\nann,soon\n": "give seconds, or submitted and due",
        "student,seconds\nann,inf\n": "give seconds",
        "student,seconds\nann,nan\n": "give seconds",
        "student\nann\n": "give seconds",
        "student,submitted,due\nann,2026-11-29T18:00,2026-11-29T18:00Z\n": "give seconds",
        "student,chapter,seconds\nann,gates,1\n": "there is no chapter 'gates'",
        "student,seconds\nann,1\nann,2\n": "row 3: 'ann' is listed twice",
    }.items(),
)
def test_a_row_that_tells_no_time_is_named(tmp_path, text, said):
    with pytest.raises(TableError, match=said):
        read(tmp_path, text)


def test_work_is_due_at_the_deadline_where_the_table_says_nothing_else(tmp_path):
    table = tmp_path / "late.csv"
    table.write_text(
        "student,submitted,due\n"
        "ann,2026-12-01T18:01,\nbob,2026-12-01T17:59,\neve,2026-12-01T18:01,2026-12-02T00:00\n"
    )
    late = lateness.read(table, datetime(2026, 12, 1, 18))
    assert late == {("ann", ""): "60", ("bob", ""): "no", ("eve", ""): "no"}
