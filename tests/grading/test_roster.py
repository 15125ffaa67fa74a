"""The roster adds who has no folder, whatever program has saved it."""

import unicodedata

import pytest

from diptych.grading import roster
from diptych.grading.tables import TableError

PEOPLE = {"s1": "李雷", "s2": "Zoë Ünal"}


@pytest.mark.parametrize(
    "text",
    [
        "student,name\ns1,李雷\ns2,Zoë Ünal\n",
        "\ufeffID;Group;Name\r\ns1;A;李雷\r\n\r\n s2 ;B; Zoë Ünal\r\n",
        'name\tStudent\n李雷\ts1\n"Zoë Ünal"\ts2',
    ],
    ids=["commas", "semicolons and a byte order mark", "tabs"],
)
def test_a_roster_is_read_as_spreadsheets_write_it(text, tmp_path):
    (tmp_path / "r.csv").write_text(text, encoding="utf-8", newline="")
    assert roster.read(tmp_path / "r.csv") == PEOPLE


def test_names_are_optional(tmp_path):
    (tmp_path / "r.csv").write_text("student\ns1\n")
    assert roster.read(tmp_path / "r.csv") == {"s1": ""}


@pytest.mark.parametrize(("separator", "mark"), [(",", ""), (";", "\ufeff")])
def test_a_gradebook_of_canvas_is_a_roster(separator, mark, tmp_path):
    rows = [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Rectifiers (301234)"],
        ["", "", "", "", "", "Manual Posting"],
        ["    Points Possible", "", "", "", "", "57.00"],
        ['"学生, 五"', "9005", "S9005", "learner9005", "Section A", "EX"],
        ["=HYPERLINK(1)", "9001", "S9001", "learner9001", "Section A", ""],
    ]
    text = mark + "".join(separator.join(row) + "\n" for row in rows)
    (tmp_path / "r.csv").write_text(text, encoding="utf-8")
    assert roster.read(tmp_path / "r.csv") == {"9005": "学生, 五", "9001": "=HYPERLINK(1)"}


BROKEN = {
    "no column that is called student or id": b"email,name\na,b\n",
    "is not UTF-8": "student,name\ns1,Zoë\n".encode("latin-1"),
    "row 3: 's1' is listed twice": b"student\ns1\ns1\n",
    "row 2: no student is named": b"name,student\nann,\n",
    "more than one column": b"student,id\na,b\n",
    "names nobody": b"student\n",
    "no column": b"",
    "is not CSV": b'student\n"s1\n',
}


@pytest.mark.parametrize("said", BROKEN)
def test_a_roster_that_cannot_be_used_is_refused_in_one_line(said, tmp_path):
    (tmp_path / "r.csv").write_bytes(BROKEN[said])
    with pytest.raises(TableError, match=said) as error:
        roster.read(tmp_path / "r.csv")
    assert "\n" not in str(error.value)


def test_everybody_is_there_once_with_a_folder_or_on_the_roster():
    decomposed = unicodedata.normalize("NFD", "Zoë")
    listed = {"Zoë": "Zoë Ünal", "late": "Lena Spät"}
    everybody = roster.together([decomposed, "stranger"], listed)
    assert everybody == {decomposed: "Zoë Ünal", "late": "Lena Spät", "stranger": ""}
    assert roster.strangers(everybody, listed) == ["stranger"]
    assert roster.strangers(everybody, {}) == []
