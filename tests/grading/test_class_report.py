"""The report on the class says what happened, and who needs a hand."""

import dataclasses
import re

from diptych.grading.outcome import Outcome
from tests.grading.outcomes import graded, outcome, report, text
from tests.grading.submissions import CHAPTER


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


def test_what_did_not_go_through_stands_with_its_points():
    ended = dataclasses.replace(graded("ann", [(3, 1)]), status="timeout", reason="it is slow")
    said = text(report([ended]))
    assert f"ann {CHAPTER}.ipynb 4 of 6 timeout It is slow." in said


def test_of_many_files_that_are_only_listed_the_report_names_a_few_and_counts_the_others():
    listed = [Outcome("ann", f"{n}.ipynb", "", "unknown_chapter", "what?") for n in range(9)]
    said = text(report([graded("ann", [(3, 1)]), *listed]))
    assert "2.ipynb" in said and "3.ipynb" not in said
    assert "ann 6 more files grades.csv lists all of them." in said
