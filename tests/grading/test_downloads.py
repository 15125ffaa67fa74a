"""The names of files tell the course's site."""

import pytest

from diptych.grading import downloads
from tests.grading.packed import ATTEMPT, ONE_READING


@pytest.mark.parametrize(
    ("names", "site"),
    [
        ([ONE_READING, "x.ipynb", "b_1_2_c.ipynb"], "Canvas"),
        (["rectifiers.ipynb", "week_2/gates.ipynb"], ""),
        (["ann_1/homework_2_3.ipynb"], ""),
        ([ATTEMPT.format(who="ann", day=1) + "_1_2_a.ipynb"], "Blackboard"),
    ],
)
def test_a_site_is_known_by_most_of_the_names(names, site):
    assert downloads.site(names) == site
