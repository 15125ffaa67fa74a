"""Pages have names that can be recognised and never meet; nobody else may read what is written."""

import os
import stat
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.grading import files
from tests.mutations import QUICK


@pytest.mark.parametrize(
    "student", ["ann", "李雷", "Zoë Ünal", "O'Brien, Pat (2)", "a.b@c.org", "ngọc", "Ольга"]
)
def test_a_name_that_a_file_may_have_is_the_name_of_the_page(student):
    assert files.page_names([student]) == {student: f"{student}.html"}


STUDENTS = [
    "a" * 255,
    "名" * 84,
    "..",
    ".x",
    "a\nb",
    "=1",
    "%",
    "a/b",
    "a:b",
    "con",
    "NUL.x",
    "-rf",
]
STUDENTS += ["x ", "", "\u202etxt.exe", "a\\\\b"]


@pytest.mark.parametrize("student", STUDENTS)
def test_any_other_name_becomes_one_that_every_file_system_takes(student, tmp_path):
    (name,) = files.page_names([student]).values()
    assert not set(name) & set('<>:"/\\|?*') and name.isprintable()
    assert name[0] not in ".-~ " and not files.DEVICE.match(name)
    (tmp_path / f"{name}.draft").touch()


ALIKE = [
    ("ann", "Ann", "ANN"),
    ("Zoë", unicodedata.normalize("NFD", "Zoë")),
    ("a?b", "a_b", "a:b", "a*b"),
    ("x" * 200, "x" * 201, "x" * 150),
    ("ﬁ", "fi"),
    ("straße", "STRASSE"),
    ("ann.", "ann"),
]


@pytest.mark.parametrize("students", ALIKE, ids=lambda students: students[0][:8])
def test_students_who_are_called_alike_do_not_meet_on_one_page(students):
    never_meet(students)


def never_meet(students):
    """Nor do they where a file system takes two names for one."""
    names = files.page_names(students)
    folded = {unicodedata.normalize("NFKC", name.casefold()) for name in names.values()}
    assert len(folded) == len(set(students))
    return names


@QUICK
@given(st.lists(st.text("aAäÄ.~_/?ﬁf\u0308 ", max_size=4), unique=True, max_size=8))
def test_no_class_is_such_that_two_students_meet(students):
    names = never_meet(students)
    # Nor with somebody who has called themselves what another's page is called.
    taken = [name.removesuffix(".html") for name in names.values()]
    never_meet({*students, *taken})


def test_no_two_names_of_folders_become_the_same_text():
    names = [b"\xff", b"\\xff", b"\\\\xff", b"\\", b"\\\\", "ÿ".encode()]
    assert len({files.as_text(os.fsdecode(name)) for name in names}) == len(names)


@pytest.fixture(params=[0o000, 0o022, 0o777], ids="{:03o}".format)
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_written_is_its_users_alone_whatever_the_umask(tmp_path, umask):
    files.folder(tmp_path / "a/b")
    files.replace(tmp_path / "a/b/page", "new")
    files.touch(tmp_path / "a/b/store")
    assert mode(tmp_path / "a") == mode(tmp_path / "a/b") == 0o700
    assert mode(tmp_path / "a/b/page") == mode(tmp_path / "a/b/store") == 0o600
    assert (tmp_path / "a/b/page").read_text() == "new"


def test_a_file_that_others_could_read_becomes_private_and_a_folder_stays_as_it_was(tmp_path):
    (tmp_path / "open").mkdir()
    os.chmod(tmp_path / "open", 0o755)
    for name in ("page", "store"):
        (tmp_path / name).write_text("old")
        os.chmod(tmp_path / name, 0o644)
    files.folder(tmp_path / "open")
    files.replace(tmp_path / "page", "new")
    files.touch(tmp_path / "store")
    assert mode(tmp_path / "open") == 0o755
    assert mode(tmp_path / "page") == mode(tmp_path / "store") == 0o600
    assert (tmp_path / "store").read_text() == "old"


def test_a_draft_that_is_a_link_is_not_followed(tmp_path):
    (tmp_path / "other").write_text("old")
    (tmp_path / "page.draft").symlink_to("other")
    files.replace(tmp_path / "page", "new")
    assert (tmp_path / "other").read_text() == "old"
    assert not (tmp_path / "page").is_symlink()
