"""A report is text, and has nothing that a browser would run."""

import dataclasses
import re

import pytest

from diptych.grading import class_report, feedback
from diptych.grading.outcome import Grade, Outcome
from diptych.judging import curve
from tests.grading.outcomes import ASKED, everybody, outcome, report


def test_everything_on_a_page_is_escaped():
    evil = "<script>alert(1)</script>\x1b[31m\u202e"
    grade = Grade(evil, "pytorch", 0, 3, "raised", *[evil] * 4, ("values",), True, evil)
    other = dataclasses.replace(grade, exercise="another")
    ended = Outcome(evil, evil, evil, "graded", evil, (grade, other), (evil,))
    listed = Outcome(evil, evil, "", "second", evil)
    outcomes, asked = [ended, listed], {evil: 6.0}
    (total,) = everybody(outcomes, asked)
    total = dataclasses.replace(total, name=evil, page=f'"{evil}.html', missing=(evil,))
    made = class_report.page(outcomes, [total], asked, [evil], True, evil)
    for page in (made, *(feedback.page(total, best=best) for best in (True, False))):
        assert "<script" not in page and "\x1b" not in page and "\u202e" not in page
        assert "&lt;script&gt;" in page
        assert set(re.findall(r'href="([^"]*)"', page)) <= {
            *("#hand", "#look", "#mistakes", "#exercises", "#students"),
            "feedback/%22%3Cscript%3Ealert%281%29%3C/script%3E%1B%5B31m%E2%80%AE.html",
        }


@pytest.mark.parametrize("width", [390, 1440])
def test_in_a_browser_the_figures_are_seen_and_nothing_is_wider_than_the_page(
    chromium, width, tmp_path
):
    y = tuple(curve.X)
    grade = Grade("leaky_relu", "pytorch", 0, 3, "graded", "x", "", "m " * 200, "e" * 300, curve=y)
    one = dataclasses.replace(outcome(), grades=(grade,))
    (total,) = everybody([one], ASKED)
    page = chromium.new_page(viewport={"width": width, "height": 900})
    for made, images in ((feedback.page(total), 1), (report([one]), 2)):
        (tmp_path / "page.html").write_text(made, encoding="utf-8")
        page.goto((tmp_path / "page.html").as_uri())
        widths = "[...document.images].map(image => image.naturalWidth)"
        seen = page.evaluate(widths)
        assert len(seen) == images and all(seen)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()
