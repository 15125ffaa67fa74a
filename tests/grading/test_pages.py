"""The pages for a student and for the class hold text, and nothing that a browser would run."""

import dataclasses
import re
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from diptych.grading import pages, summary
from diptych.grading.outcome import Grade, Outcome
from diptych.judging import curve
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
            *("#hand", "#look", "#mistakes", "#exercises", "#students"),
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
    counts = dict(summary.distribution(those))
    assert (counts.pop("90–100"), counts.pop("80–90"), counts.pop("0–10")) == (2, 1, 1)
    assert set(counts.values()) == {0} and len(counts) == 7
    page = pages.class_report(outcomes, those, ASKED, (), False, "none")
    assert "0–10: 1. 80–90: 1. 90–100: 2. " in page


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

    eve = dataclasses.replace(outcome("eve"), grades=(Grade("relu", "pytorch", 3, 3, "graded"),))
    outcomes = [wrong("ann"), wrong("ben"), eve, graded("zoe", [(0, 0)])]
    assert summary.mistakes(outcomes, misconceptions=False) == [
        ("relu", "the shape is wrong", "2 of 3")
    ]
    assert summary.mistakes(outcomes, misconceptions=True) == []


def test_misconceptions_stand_apart_from_other_mistakes_the_most_frequent_first():
    def wrong(student, *said):
        grades = (
            Grade(f"e{n}", "pytorch", 0, 3, "graded", each, misconception=each != "the shape")
            for n, each in enumerate(said)
        )
        return dataclasses.replace(outcome(student), grades=tuple(grades))

    outcomes = [wrong("ann", "no leak", "the shape"), wrong("ben", "no leak", "the sign")]
    assert summary.mistakes(outcomes, misconceptions=True) == [
        ("e0", "no leak", "2 of 2"),
        ("e1", "the sign", "1 of 2"),
    ]
    assert summary.mistakes(outcomes, misconceptions=False) == [("e1", "the shape", "1 of 2")]
    said = text(report(outcomes))
    assert said.index("No leak.") < said.index("Other mistakes") < said.index("The shape.")


def test_what_was_reached_counts_the_answers_that_were_begun():
    outcomes = [graded("ann", [(3, 0)]), graded("ben", [(1, 0)]), graded("eve", [(0, 0)], GATES)]
    assert summary.reached(outcomes) == {
        CHAPTER: [
            ("e0", "PyTorch", "2 of 2", 1, "2.00 of 3", pytest.approx(200 / 3)),
            ("e0", "TensorFlow", "0 of 2", 0, "", None),
        ],
        GATES: [("e0", f, "0 of 1", 0, "", None) for f in ("PyTorch", "TensorFlow")],
    }
    page = report(outcomes)
    assert page.count('alt="The mean of each exercise') == 1  # none of a chapter nobody began


@pytest.mark.parametrize(
    ("points", "statuses", "listed"),
    [
        ((0, 1, 3), ("graded",) * 3, True),
        ((0, 2, 3), ("graded",) * 3, False),  # more than half
        ((0, 0), ("graded",) * 2, False),  # too few answers
        ((0, 0, 0), ("graded", "raised", "graded"), True),
        ((0, 0, 0), ("graded", "forbidden", "timeout"), False),
        ((3, 0, 0), ("graded", "not_written", "no_answer"), False),
    ],
)
def test_who_needs_a_hand_goes_by_what_was_begun_and_ran(points, statuses, listed):
    grades = tuple(
        Grade(f"e{n}", "pytorch", each, 3, status)
        for n, (each, status) in enumerate(zip(points, statuses, strict=True))
    )
    ann = dataclasses.replace(outcome(), grades=grades)
    those = everybody([ann], ASKED)
    found = [(total.student, lost) for total, *_, lost in summary.need_a_hand(those, False)]
    lost = ", ".join(f"e{n}" for n, each in enumerate(points) if not each)
    assert found == ([("ann", lost)] if listed else [])


def test_a_wrong_curve_is_drawn_and_the_section_named_or_linked():
    wrong = Grade("relu", "pytorch", 0, 3, "graded", "x", "", "it leaks", lost=("values",))
    drawn = dataclasses.replace(wrong, curve=(*curve.X[:-1], None))
    right = Grade("relu6", "pytorch", 3, 3, "graded")
    (total,) = everybody([dataclasses.replace(outcome(), grades=(drawn, right))], ASKED)
    page = pages.feedback(total)
    assert page.count("<img ") == 1 and "Section: ReLU" in text(page) and "<a " not in page
    (address,) = re.findall(r'<img src="data:image/svg\+xml,([^"]*)"', page)
    svg = ElementTree.fromstring(unquote(address))
    assert "yours, over relu (grey)" in "".join(svg.itertext())
    linked = pages.feedback(total, book="https://book.example/")
    assert 'href="https://book.example/chapters/activations/rectifiers.html#relu"' in linked
    (total,) = everybody([dataclasses.replace(outcome(), grades=(wrong, right))], ASKED)
    assert "<img " not in pages.feedback(total)


@pytest.mark.parametrize("width", [390, 1440])
def test_in_a_browser_the_figures_are_seen_and_nothing_is_wider_than_the_page(
    chromium, width, tmp_path
):
    y = tuple(curve.X)
    grade = Grade("leaky_relu", "pytorch", 0, 3, "graded", "x", "", "m " * 200, "e" * 300, curve=y)
    one = dataclasses.replace(outcome(), grades=(grade,))
    (total,) = everybody([one], ASKED)
    page = chromium.new_page(viewport={"width": width, "height": 900})
    for made, images in ((pages.feedback(total), 1), (report([one]), 2)):
        (tmp_path / "page.html").write_text(made, encoding="utf-8")
        page.goto((tmp_path / "page.html").as_uri())
        widths = "[...document.images].map(image => image.naturalWidth)"
        seen = page.evaluate(widths)
        assert len(seen) == images and all(seen)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_a_student_reads_which_parts_of_an_answer_are_right():
    grade = Grade("relu", "pytorch", 2, 3, "graded", "x", "", "cut", lost=("gradients",))
    (total,) = everybody([dataclasses.replace(outcome(), grades=(grade,))], ASKED)
    said = text(pages.feedback(total))
    assert "2 of 3 points (1 right in part)" in said
    assert "It costs the points for gradients; you keep those for values and robustness." in said


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
