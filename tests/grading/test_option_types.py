"""A bad option is refused in one line that says what the option accepts."""

import pytest

from tests.grading import submissions
from tests.grading.calls import called, says_so_in_one_line

BAD = {
    "--seed=": "a seed is a text",
    "--seed=\udcff": "a seed is a text",
    "--seed=a\nb": "a seed is a text",
    "--timeout=0": "no number from 0.1",
    "--timeout=nan": "no number from 0.1",
    "--timeout=inf": "no number from 0.1",
    "--timeout=-1": "no number from 0.1",
    "--timeout=1e300": "no number from 0.1",
    "--memory=0": "no whole number from 1",
    "--memory=0.5": "no whole number from 1",
    "--workers=0": "no whole number from 1",
    "--frameworks=jax": "choose best, or from pytorch,tensorflow",
    "--frameworks=": "choose best",
    "--frameworks=best,pytorch": "choose best",
    "--forbidden=maybe": "invalid choice",
    "--isolation=little": "invalid choice",
    "--chapters=activations": "there is no chapter",
    "--roster=/dev/null": "no column that is called student or id",
    "--roster=/none": "No such file",
    "--roster=/": "Is a directory",
}


@pytest.mark.parametrize("option", BAD)
def test_a_bad_option_is_refused_in_one_line(option, tmp_path, capsys):
    submissions.write(tmp_path / "in", {"ann": submissions.notebook()})
    said = called(capsys, tmp_path / "in", "--out", tmp_path / "out", option)
    says_so_in_one_line(*said, BAD[option])
    assert not (tmp_path / "out").exists()
