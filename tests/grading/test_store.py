"""What the store keeps comes back, and only one grader has it; a damaged row is as if not there."""

import json
import sqlite3

import pytest

from diptych.grading import store
from diptych.judging.curve import X
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
    with first, pytest.raises(store.StoreInUse, match="another"), store.opened(tmp_path / "s"):
        pass
    with store.opened(tmp_path / "s"):
        pass


def test_a_seed_is_drawn_once_and_kept(tmp_path):
    with store.opened(tmp_path / "s") as db:
        drawn = store.seed(db, None)
        assert len(drawn) == 32 and store.seed(db, None) == drawn
        assert store.seed(db, "mine") == "mine" == store.seed(db, None)
        db.execute("UPDATE batch SET seed = x'00'")
        assert len(store.seed(db, None)) == 32


PLAIN = outcome().plain()
GRADE = PLAIN["grades"][0]
DAMAGED = {
    "cut off": json.dumps(PLAIN)[:50],
    "empty": "",
    "no text": b"\xff\xfe",
    "a number": "7",
    "nested": "[" * 100_000,
    "another's": json.dumps(PLAIN | {"student": "ben"}),
    "a field less": json.dumps({k: v for k, v in PLAIN.items() if k != "grades"}),
    "a field more": json.dumps(PLAIN | {"more": 3}),
    "a grade with a field less": json.dumps(
        PLAIN | {"grades": [{k: v for k, v in GRADE.items() if k != "lost"}]}
    ),
    "a grade with a field more": json.dumps(PLAIN | {"grades": [GRADE | {"more": 3}]}),
    "points that are text": json.dumps(PLAIN | {"grades": [GRADE | {"points": "3"}]}),
    "a curve that is cut off": json.dumps(PLAIN | {"grades": [GRADE | {"curve": [1.0]}]}),
    "a curve of text": json.dumps(PLAIN | {"grades": [GRADE | {"curve": ["1"] * len(X)}]}),
    "notes that are numbers": json.dumps(PLAIN | {"notes": [1]}),
    "no grades": json.dumps(PLAIN | {"grades": None}),
}


@pytest.mark.parametrize("row", DAMAGED)
def test_a_row_that_cannot_be_read_is_as_if_it_were_not_there(row, tmp_path):
    other = outcome("zoe")
    with store.opened(tmp_path / "s") as db:
        store.save(db, "one", outcome())
        store.save(db, "two", other)
        db.execute(
            "UPDATE submission SET outcome = CAST(? AS TEXT) WHERE student = 'ann'", (DAMAGED[row],)
        )
        assert list(store.outcomes(db)) == [other]
        assert list(store.fingerprints(db)) == [("zoe", other.place)]
        store.save(db, "one", outcome())
        assert len(list(store.outcomes(db))) == 2


def test_a_file_that_is_no_store_of_the_grader_is_refused_in_one_line(tmp_path):
    (tmp_path / "s").write_bytes(b"x" * 5000)
    with sqlite3.connect(tmp_path / "t") as db:
        db.execute("CREATE TABLE submission (id INTEGER)")
    db.close()
    for path in (tmp_path / "s", tmp_path / "t"):
        before = path.read_bytes()
        refused = pytest.raises(store.StoreError, match="no store of this grader")
        with refused as error, store.opened(path):
            pass
        assert "move it away" in str(error.value) and "\n" not in str(error.value)
        assert path.read_bytes() == before
