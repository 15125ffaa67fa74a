"""The pages for a student and for the class hold text, and nothing that a browser would run."""

from diptych.grading import pages
from diptych.grading.marking import Grade, Outcome
from tests.grading.outcomes import outcome


def test_everything_on_a_page_is_escaped():
    evil = "<script>alert(1)</script>\x1b[31m\u202e"
    grade = Grade(evil, "pytorch", 0, 3, "graded", *[evil] * 4, ("values",), evil)
    ended = Outcome(evil, evil, evil, "graded", evil, (grade,), (evil,))
    for page in (pages.feedback(evil, [ended]), pages.class_report([ended], [evil], "none")):
        assert "<script" not in page and "\x1b" not in page and "\u202e" not in page
        assert "&lt;script&gt;" in page


def test_the_class_report_names_the_isolation_and_who_is_missing():
    page = pages.class_report([outcome()], ["late"], "none")
    assert "isolation: none" in page and "late" in page
