"""The pages for a student and for the class hold text, and nothing that a browser would run."""

import dataclasses
import re

from diptych.grading import pages
from diptych.grading.outcome import Grade, Outcome
from tests.grading.outcomes import GATES, everybody, graded, outcome
from tests.grading.submissions import CHAPTER

ASKED = {CHAPTER: 6.0}


def report(outcomes, asked=ASKED, strangers=(), best=False, also=()):
    those = everybody(outcomes, asked, best, also)
    return pages.class_report(outcomes, those, asked, strangers, best, "none")


def text(page):
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]*>", " ", page, flags=re.S).split())


def test_everything_on_a_page_is_escaped():
    evil = "<script>alert(1)</script>\x1b[31m\u202e"
    grade = Grade(evil, "pytorch", 0, 3, "raised", *[evil] * 4, ("values",), True, evil)
    other = dataclasses.replace(grade, exercise="another")
    ended = Outcome(evil, evil, evil, "graded", evil, (grade, other), (evil,))
    listed = Outcome(evil, evil, "", "second", evil)
    outcomes, asked = [ended, listed], {evil: 6.0}
    (total,) = everybody(outcomes, asked)
    total = dataclasses.replace(total, name=evil, page=f'"{evil}.html', missing=(evil,))
    made = pages.class_report(outcomes, [total], asked, [evil], True, evil)
    for page in (made, *(pages.feedback(total, best=best) for best in (True, False))):
        assert "<script" not in page and "\x1b" not in page and "\u202e" not in page
        assert "&lt;script&gt;" in page
        assert set(re.findall(r'href="([^"]*)"', page)) <= {
            *("#look", "#mistakes", "#exercises", "#students"),
            "feedback/%22%3Cscript%3Ealert%281%29%3C/script%3E%1B%5B31m%E2%80%AE.html",
        }


def test_the_class_report_names_the_isolation_and_who_is_missing_or_a_stranger():
    said = text(report([outcome()], strangers=["eve"], also=["late"]))
    assert "Isolation: none" in said
    assert "Nothing handed in that could be graded: late." in said
    assert "With a folder, and not on the roster: eve." in said


def test_the_roster_leads_to_everybodys_feedback_and_says_what_they_reached():
    page = report([graded("ann", [(3, 1)]), graded("李雷", [(0, 2)])], also=["late"])
    assert re.findall(r'href="(feedback/[^"]*)"', page) == [
        *("feedback/ann.html", "feedback/late.html", "feedback/%E6%9D%8E%E9%9B%B7.html"),
    ]
    students = text(page).rpartition("Students")[2]
    assert "ann 4 of 6 complete late 0 of 6 nothing activations/rectifiers" in students


def test_the_distribution_counts_everybody_who_handed_something_in():
    reached = [(3, 3), (3, 3), (3, 2), (0, 0)]
    outcomes = [graded(f"s{n}", [points]) for n, points in enumerate(reached)]
    those = everybody(outcomes, ASKED, also=["late"])
    counts = {share: (count, width) for share, count, width in pages._bars(those)}
    assert counts.pop("90–100%") == (2, 100)
    assert counts.pop("80–90%") == counts.pop("0–10%") == (1, 50)
    assert set(counts.values()) == {(0, 0)}


def test_what_did_not_go_through_stands_with_its_points():
    ended = dataclasses.replace(graded("ann", [(3, 1)]), status="timeout", reason="it is slow")
    said = text(report([ended]))
    assert f"ann {CHAPTER}.ipynb 4 of 6 timeout It is slow." in said


def test_of_many_files_that_are_only_listed_the_report_names_a_few_and_counts_the_others():
    listed = [Outcome("ann", f"{n}.ipynb", "", "unknown_chapter", "what?") for n in range(9)]
    said = text(report([graded("ann", [(3, 1)]), *listed]))
    assert "2.ipynb" in said and "3.ipynb" not in said
    assert "ann 6 files more grades.csv lists all of them." in said


def test_the_same_mistake_counts_once_a_student_and_unwritten_answers_are_none():
    def wrong(student):
        both = ("pytorch", "tensorflow")
        grades = tuple(Grade("relu", f, 0, 3, "graded", "the shape is wrong") for f in both)
        return dataclasses.replace(graded(student, [(0, 0)]), grades=grades)

    mistakes = pages._mistakes([wrong("ann"), wrong("ben"), graded("eve", [(0, 0)])])
    assert mistakes == [("relu", "The shape is wrong.", 2)]


def test_a_student_reads_which_answers_count_what_is_missing_and_what_was_not_graded():
    second = Outcome("ann", "rectifiers (1).ipynb", CHAPTER, "second", "the other one counts")
    asked = {CHAPTER: 3.0, GATES: 3.0}
    (ann,) = everybody([graded("ann", [(3, 0)]), second], asked, best=True)
    said = text(pages.feedback(ann, best=True))
    assert "3 of 6 points in all" in said and "3 of 3 points" in said
    assert "of each exercise, the better of the two answers counts" in said
    assert "TensorFlow 0 of 3 Not written yet. Your PyTorch answer counts." in said
    assert "Right. Your" not in said
    assert f"Not handed in: {GATES}." in said
    assert "rectifiers (1).ipynb : the other one counts" in said


def test_who_handed_in_nothing_has_a_page_that_says_so():
    (late,) = everybody([], ASKED, also=["late"])
    assert "Nothing was handed in." in text(pages.feedback(late))
