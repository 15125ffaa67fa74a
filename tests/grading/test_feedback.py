"""A student reads what is right, what is wrong, and what counts."""

import dataclasses
import re
from urllib.parse import unquote
from xml.etree import ElementTree

from diptych.grading import feedback
from diptych.grading.outcome import Grade, Outcome
from diptych.judging import curve
from tests.grading.outcomes import ASKED, GATES, everybody, graded, outcome, text
from tests.grading.submissions import CHAPTER


def test_a_wrong_curve_is_drawn_and_the_section_named_or_linked():
    wrong = Grade("relu", "pytorch", 0, 3, "graded", "x", "", "it leaks", lost=("values",))
    drawn = dataclasses.replace(wrong, curve=(*curve.X[:-1], None))
    right = Grade("relu6", "pytorch", 3, 3, "graded")
    (total,) = everybody([dataclasses.replace(outcome(), grades=(drawn, right))], ASKED)
    page = feedback.page(total)
    assert page.count("<img ") == 1 and "Section: ReLU" in text(page) and "<a " not in page
    (address,) = re.findall(r'<img src="data:image/svg\+xml,([^"]*)"', page)
    svg = ElementTree.fromstring(unquote(address))
    assert "yours, over relu (grey)" in "".join(svg.itertext())
    linked = feedback.page(total, book="https://book.example/")
    assert 'href="https://book.example/chapters/activations/rectifiers.html#relu"' in linked
    (total,) = everybody([dataclasses.replace(outcome(), grades=(wrong, right))], ASKED)
    assert "<img " not in feedback.page(total)


def test_a_student_reads_which_parts_of_an_answer_are_right():
    grade = Grade("relu", "pytorch", 2, 3, "graded", "x", "", "cut", lost=("gradients",))
    (total,) = everybody([dataclasses.replace(outcome(), grades=(grade,))], ASKED)
    said = text(feedback.page(total))
    assert "2 of 3 points (1 right in part)" in said
    assert "It costs the points for gradients; you keep those for values and robustness." in said


def test_a_student_reads_which_answers_count_what_is_missing_and_what_was_not_graded():
    second = Outcome("ann", "rectifiers (1).ipynb", CHAPTER, "second", "the other one counts")
    asked = {CHAPTER: 3.0, GATES: 3.0}
    (ann,) = everybody([graded("ann", [(3, 0)]), second], asked, best=True)
    said = text(feedback.page(ann, best=True))
    assert "3 of 6 points in all" in said and "3 of 3 points" in said
    assert "of each exercise, the better of the two answers counts" in said
    assert "TensorFlow 0 of 3 Not written yet. Your PyTorch answer counts." in said
    assert "Right. Your" not in said
    assert f"Not handed in: {GATES}." in said
    assert "rectifiers (1).ipynb : the other one counts" in said


def test_who_handed_in_nothing_has_a_page_that_says_so():
    (late,) = everybody([], ASKED, also=["late"])
    assert "Nothing was handed in." in text(feedback.page(late))
