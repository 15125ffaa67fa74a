"""Learners get their own copy, and no update loses what they wrote."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.book import lab

PLACE = "exercises/activations/rectifiers.ipynb"
NEW, NEW2 = (PLACE.replace(".ipynb", f".{new}.ipynb") for new in ("new", "new2"))


@pytest.fixture
def book(tmp_path):
    publish(tmp_path, "version 1")
    return tmp_path


def publish(book, text):
    (book / PLACE).parent.mkdir(parents=True, exist_ok=True)
    (book / PLACE).write_text(text)


def copy(book):
    return lab.copy_book(book, book / "work")


def work(book):
    """The learner's notebooks: their texts by their places."""
    folder = book / "work"
    return {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*.ipynb")}


def write(book, text, place=PLACE):
    (book / "work" / place).write_text(text)


def test_a_missing_notebook_is_added_and_the_next_time_there_is_nothing_to_do(book):
    assert copy(book) == [("added", PLACE)]
    assert copy(book) == []
    assert work(book) == {PLACE: "version 1"}


def test_what_the_learner_wrote_stays_and_a_newer_version_is_put_beside(book):
    copy(book)
    write(book, "mine")
    assert copy(book) == []
    publish(book, "version 2")
    assert copy(book) == [("beside", NEW)]
    assert copy(book) == []
    assert work(book) == {PLACE: "mine", NEW: "version 2"}


def test_an_unchanged_copy_is_brought_up_to_date(book):
    copy(book)
    publish(book, "version 2")
    assert copy(book) == [("updated", PLACE)]
    assert work(book) == {PLACE: "version 2"}


def test_work_in_the_version_beside_stays_as_well(book):
    copy(book)
    write(book, "mine")
    publish(book, "version 2")
    copy(book)
    write(book, "mine, too", NEW)
    publish(book, "version 3")
    assert copy(book) == [("beside", NEW2)]
    assert work(book) == {PLACE: "mine", NEW: "mine, too", NEW2: "version 3"}


def test_a_newer_version_that_was_put_away_does_not_come_back(book):
    copy(book)
    write(book, "mine")
    publish(book, "version 2")
    copy(book)
    (book / "work" / NEW).unlink()
    assert copy(book) == []


def test_a_newer_version_can_take_the_place_of_the_older(book):
    copy(book)
    write(book, "mine")
    publish(book, "version 2")
    copy(book)
    (book / "work" / NEW).replace(book / "work" / PLACE)
    assert copy(book) == []
    assert work(book) == {PLACE: "version 2"}


def test_whoever_deletes_a_notebook_starts_it_afresh(book):
    copy(book)
    write(book, "mine")
    (book / "work" / PLACE).unlink()
    assert copy(book) == [("added", PLACE)]


@pytest.mark.parametrize(("text", "done"), [("mine", [("beside", NEW)]), ("version 1", [])])
def test_a_copy_of_which_nothing_is_known_is_taken_for_the_learners(book, text, done):
    copy(book)
    (book / "work" / lab.RECORD).unlink()
    write(book, text)
    assert copy(book) == done
    assert work(book)[PLACE] == text


@settings(deadline=None)  # other tests share the disk
@given(st.lists(st.sampled_from(["publish", "write", "write beside", "delete"]), max_size=12))
def test_nothing_that_a_learner_wrote_is_ever_lost(tmp_path_factory, actions):
    book = tmp_path_factory.mktemp("book")
    publish(book, "version 0")
    copy(book)
    written = {}
    for number, action in enumerate(actions):
        place = max(work(book), default=PLACE) if action == "write beside" else PLACE
        if action == "publish":
            publish(book, f"version {number}")
        elif action == "delete":
            (book / "work" / place).unlink(missing_ok=True)
            written.pop(place, None)
        else:
            written[place] = f"mine {number}"
            write(book, written[place], place)
        copy(book)
        assert work(book).items() >= written.items()
        assert copy(book) == []


def test_a_start_page_is_copied_as_the_notebooks_are(book):
    folder = book / "work"
    assert lab.copy_book(book, folder, start_page=b"1") == [("added", PLACE), ("added", lab.START)]
    assert lab.copy_book(book, folder, start_page=b"1") == []
    assert lab.copy_book(book, folder, start_page=b"2") == [("updated", lab.START)]
    write(book, "mine, with outputs", lab.START)
    assert lab.copy_book(book, folder, start_page=b"3") == [("beside", "start_here.new.ipynb")]
    assert work(book) == {
        PLACE: "version 1",
        "start_here.ipynb": "mine, with outputs",
        "start_here.new.ipynb": "3",
    }
