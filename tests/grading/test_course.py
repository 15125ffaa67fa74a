"""`grading.toml` is read as it was written, and a bad one is refused."""

from datetime import datetime

import pytest

from diptych import cli
from diptych.grading import course
from diptych.grading.course import Course, CourseError
from diptych.grading.option_types import BEST
from tests.grading.courses import CHAPTERS

BAD = {
    "chapter = ['activations/gates']\nseeds = 1": "unknown: chapter, seeds; known: chapters, fram",
    "chapters = ['activations/rectifier']": "there is no chapter 'activations/rectifier'",
    "chapters = 'activations/gates'": "should be text in quotation marks, or a list",
    "frameworks = ['jax']": "choose best, or from pytorch,tensorflow",
    "frameworks = [1]": "should be text in quotation marks, or a list",
    "seed = 17": "should be text in quotation marks, or a list",
    "seed = ''": "a seed is a text",
    "deadline = '2026-12-01'": "the deadline is a time",
    "chapters = [": "is no TOML file",
    "\udcff": "is no TOML file",
}


@pytest.mark.parametrize("text", BAD)
def test_a_bad_course_is_refused_in_one_line_that_says_what_is_wrong(text, tmp_path, capsys):
    path = tmp_path / "grading.toml"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(CourseError):
        course.read(path)
    assert cli.main(["grade", f"{tmp_path}", "--out=x", f"--course={path}"]) == 2
    errors = capsys.readouterr().err
    assert BAD[text] in errors and str(path) in errors and errors.count("\n") == 1


def test_a_course_that_is_not_there_is_refused(tmp_path, capsys):
    assert cli.main(["grade", f"{tmp_path}", "--out=x", "--course=/none"]) == 2
    assert "No such file" in capsys.readouterr().err


def test_the_settings_are_written_as_toml_reads_them(tmp_path):
    wanted = Course(CHAPTERS, BEST, 'a "seed" with \\ 学生', datetime(2026, 12, 1, 18))
    path = tmp_path / "grading.toml"
    path.write_text(course.toml(wanted, path.name), encoding="utf-8")
    assert course.read(path) == wanted
