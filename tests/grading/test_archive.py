"""An archive is read as far as it can be trusted, and each file that is not says why."""

import io
import stat
import zipfile

import pytest

from diptych.grading import archive
from tests.grading.packed import packed, without_flag


def read(data):
    return list(archive.entries(io.BytesIO(data), lambda name: name.endswith(".ipynb")))


def told(data):
    return {entry.name: entry.refused for entry in read(data)}


def with_info(change, name="bad.ipynb", content=b"{}"):
    """An archive of one good file and one whose description is changed."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as z:
        z.writestr("good.ipynb", "{}")
        info = zipfile.ZipInfo(name)
        change(info)
        z.writestr(info, content)
    return made.getvalue()


def test_files_come_with_their_contents_and_others_are_passed_over():
    data = packed(
        {"a/b.ipynb": "{1}", "notes.md": "no", "__MACOSX/a/._b.ipynb": "", ".x.ipynb": ""}
    )
    assert read(data) == [archive.Entry("a/b.ipynb", b"{1}")]


@pytest.mark.parametrize(
    "name", ["../out.ipynb", "a/../../out.ipynb", "/tmp/out.ipynb", "C:/out.ipynb", "..\\out.ipynb"]
)
def test_a_name_that_leads_outside_is_refused_and_the_others_are_read(name):
    said = told(packed({"good.ipynb": "{}", name: "{}"}))
    assert said["good.ipynb"] == "" and said[name]


def test_a_nul_in_a_name_does_not_end_it():
    data = packed({"good.ipynb": "{}", "bad.ipynb?.txt": "{}"}).replace(
        b"bad.ipynb?", b"bad.ipynb\0"
    )
    assert told(data)["bad.ipynb\0.txt"]


def test_links_and_what_is_encrypted_are_refused():
    def link(info):
        info.external_attr = (stat.S_IFLNK | 0o777) << 16

    assert "link" in told(with_info(link))["bad.ipynb"]
    encrypted = bytearray(packed({"bad.ipynb": "{}"}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        encrypted[encrypted.find(mark) + place] |= 1
    assert told(bytes(encrypted))["bad.ipynb"] == "it is encrypted"


def test_equal_names_are_refused_both():
    with pytest.warns(UserWarning, match="Duplicate name"):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as z:
            for content in ("{1}", "{2}"):
                z.writestr("bad.ipynb", content)
    assert [entry.refused for entry in read(made.getvalue())] == [archive.SAME_NAME] * 2


def test_a_large_file_is_refused_whatever_its_header_says():
    large = b"0" * (archive.ENTRY + 1)
    data = packed({"good.ipynb": "{}", "bad.ipynb": large})
    assert "10 MB" in told(data)["bad.ipynb"]
    # The same, with a header that tells of two bytes.
    size, small = len(large).to_bytes(4, "little"), (2).to_bytes(4, "little")
    assert told(data.replace(size, small))["bad.ipynb"]
    assert told(data)["good.ipynb"] == ""


def test_an_archive_of_too_many_files_or_bytes_is_refused_whole(monkeypatch):
    monkeypatch.setattr(archive, "ENTRIES", 3)
    with pytest.raises(archive.Refused, match="more than 3 files"):
        read(packed({f"{n}.ipynb": "{}" for n in range(4)}))
    monkeypatch.setattr(archive, "ALL", 5)
    with pytest.raises(archive.Refused, match="GB"):
        read(packed({"a.ipynb": "123", "b.ipynb": "456"}))


def test_what_is_no_archive_is_refused():
    for data in (b"", b"no archive", packed({"a.ipynb": "{}"})[:-30]):
        with pytest.raises(archive.Refused):
            read(data)


def test_a_damaged_file_costs_only_itself():
    data = packed({"good.ipynb": "{}", "bad.ipynb": "x" * 100})
    at = data.find(b"bad.ipynb") + len("bad.ipynb")
    damaged = data[:at] + b"\xff\xff" + data[at + 2 :]
    assert told(damaged)["good.ipynb"] == "" and "damaged" in told(damaged)["bad.ipynb"]


def test_an_archive_in_the_archive_is_read_one_level_deep():
    inner = packed({"work/a.ipynb": "{1}", "deep.zip": packed({"b.ipynb": "{2}"})})
    data = packed({"ann.zip": inner, "broken.zip": b"PK no"})
    assert {e.name: (e.content, bool(e.refused)) for e in read(data)} == {
        "ann.zip/work/a.ipynb": (b"{1}", False),
        "broken.zip": (b"", True),
    }


def test_names_are_read_whether_or_not_they_say_that_they_are_utf_8():
    plain = packed({"学生.ipynb": "{}", "é.ipynb": "{}"})
    assert set(told(without_flag(plain))) == set(told(plain)) == {"学生.ipynb", "é.ipynb"}
    old = packed({"\u00e9.ipynb": "{}"}, flag=True)
    assert set(told(old)) == {"é.ipynb"}
