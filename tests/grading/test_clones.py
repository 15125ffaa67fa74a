"""Which student a clone of a repository belongs to."""

from diptych.grading import folders, unpack
from tests.grading.packed import cloned


def whose(folder, tmp_path, *roster):
    with unpack.opened(folder, tmp_path / "out", roster) as download:
        return {name: download.student_of(name) for name in folders.students(download.folder)}


def test_a_clone_is_of_the_student_on_the_roster_with_whose_name_it_ends(tmp_path):
    cloned(tmp_path / "c", "hw-1-ann", "hw-1-Zoë-b", "hw-1-b", "ann-lee", "hw-1-eve", "hw-2-eve")
    (tmp_path / "c/hw-1-max").mkdir()  # no clone
    names = whose(tmp_path / "c", tmp_path)
    assert names == {name: name for name in names} and len(names) == 7  # nobody knows
    assert whose(tmp_path / "c", tmp_path, "Ann", "zoë-B", "ann-lee", "lee", "eve", "max") == {
        **names,
        "hw-1-ann": "Ann",
        "hw-1-Zoë-b": "zoë-B",
    }
    # "ann-lee" is on the roster as it is. The next one ends in two names of the roster
    two = whose(tmp_path / "c", tmp_path, "b", "zoë-b")
    assert two["hw-1-Zoë-b"] == "hw-1-Zoë-b" and two["hw-1-b"] == "b"
    (tmp_path / "c/ann").mkdir()
    assert whose(tmp_path / "c", tmp_path, "ann")["hw-1-ann"] == "hw-1-ann"
