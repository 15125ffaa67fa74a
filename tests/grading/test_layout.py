"""The grader's pages in a browser: nothing scrolls sideways on a phone, light or dark."""

import dataclasses

import pytest

from diptych.grading import class_report, feedback
from diptych.grading.outcome import Grade
from tests.grading.outcomes import GATES, everybody, graded
from tests.grading.submissions import CHAPTER

LONG = "x" * 255
ASKED = {CHAPTER: 6.0, GATES: 6.0}


def made():
    """A feedback page and a report, with names and messages that have no place to break."""
    wrong = Grade(LONG, "pytorch", 0, 3, "raised", *[LONG] * 4, ("values", "gradients"), True, LONG)
    grades = (wrong, dataclasses.replace(wrong, exercise="e"))
    ended = dataclasses.replace(graded("李雷", [(3, 0)]), grades=grades, notes=(LONG,))
    listed = dataclasses.replace(ended, place=LONG, status="second", reason=LONG, grades=())
    outcomes = [ended, listed, graded(LONG, [(3, 1)], GATES), graded("ann", [(0, 0)])]
    those = everybody(outcomes, ASKED, best=True)
    yield class_report.page(outcomes, those, ASKED, [LONG], True, "none")
    for total in those:
        yield feedback.page(dataclasses.replace(total, name=LONG), best=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_scrolls_sideways_or_is_refused_its_style(width, scheme, chromium, tmp_path):
    page = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    said = []
    page.on("console", lambda message: said.append(message.text))
    for number, text in enumerate(made()):
        (tmp_path / f"{number}.html").write_text(text, encoding="utf-8")
        page.goto(f"file://{tmp_path}/{number}.html")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        light = page.evaluate("getComputedStyle(document.querySelector('h1')).color")
        assert light == ("rgb(0, 0, 0)" if scheme == "light" else "rgb(255, 255, 255)")
    page.close()
    assert said == []
