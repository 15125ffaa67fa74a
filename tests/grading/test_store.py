"""What the store keeps comes back, and only one grader has it."""

import pytest

from diptych.grading import store
from tests.grading.outcomes import outcome
from tests.grading.submissions import CHAPTER


def test_what_is_kept_comes_back_as_it_was(tmp_path):
    with store.opened(tmp_path / "s") as db:
        store.save(db, "old", outcome())
        store.save(db, "new", outcome())
    with store.opened(tmp_path / "s") as db:
        assert list(store.outcomes(db)) == [outcome()]
        assert store.fingerprints(db) == {("ann", f"{CHAPTER}.ipynb"): "new"}


def test_a_second_grader_is_told_so(tmp_path):
    first = store.opened(tmp_path / "s")
    with first, pytest.raises(store.Busy, match="another"), store.opened(tmp_path / "s"):
        pass
    with store.opened(tmp_path / "s"):
        pass


def test_a_seed_is_drawn_once_and_kept(tmp_path):
    with store.opened(tmp_path / "s") as db:
        drawn = store.seed(db, None)
        assert len(drawn) == 32 and store.seed(db, None) == drawn
        assert store.seed(db, "mine") == "mine" == store.seed(db, None)
