"""A path as a list says how long its steps take."""

from diptych.learning import path_list
from diptych.learning.paths import Step


def test_the_minutes_are_counted(tmp_path):
    (tmp_path / "chapters/a").mkdir(parents=True)
    code = '{"cell_type": "code", "metadata": %s, "source": ["x = 1\\n", "y = 2"]}'
    text = '{"cell_type": "markdown", "metadata": {}, "source": ["# Title\\n", "%s"]}'
    cells = [
        text % ("word " * 2000),
        *[code % "{}"] * 150,
        *[code % '{"tags": ["hide-input"]}'] * 9,
    ]
    (tmp_path / "chapters/a/b.ipynb").write_text(f'{{"cells": [{", ".join(cells)}]}}')
    # 2000 words, 300 lines, 2 exercises: 10 + 10 + 16, rounded.
    step = Step("a/b", ("one", "two"), "Why.")
    assert path_list.minutes(step, tmp_path) == 35
    assert path_list.markdown([step], tmp_path).splitlines() == [
        "1 chapter, 2 exercises, about 1 hour:",
        "",
        "1. [Title](chapters/a/b.ipynb), 35 minutes. Why.",
        "   [Exercises](exercises/a/b.ipynb): `one`, `two`.",
    ]
