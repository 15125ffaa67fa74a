"""What a course's site hands out becomes a folder for each student, packed or unpacked."""

import csv
import json
import zipfile

import pytest

from diptych import cli
from diptych.grading import archive, unpack
from diptych.grading.batch import grade
from tests.grading.packed import ONE_READING, SOLVED, cloned, opened, packed
from tests.grading.submissions import CHAPTER, RIGHT, notebook, only


def test_a_folder_of_students_is_taken_as_it_is(tmp_path):
    (tmp_path / "class/ann").mkdir(parents=True)
    with unpack.opened(tmp_path / "class", tmp_path / "out") as download:
        assert download.folder == tmp_path / "class"
    assert not (tmp_path / "out").exists()


def test_texts_and_links_are_listed_and_whoever_wrote_them_has_a_folder(tmp_path):
    files = {ONE_READING: SOLVED, "eleven_9012_text.html": "hi", "twelve_LATE_9013_link.html": "hi"}
    packed(files, to=tmp_path / "c.zip")
    _, listed = opened(tmp_path / "c.zip", tmp_path)
    assert {(student, status) for student, _, status in listed} == {
        ("9012", "no_notebook"),
        ("9013", "no_notebook"),
    }


def test_what_is_refused_costs_its_student_and_no_other(tmp_path):
    nine = "nine_9009_500109_work.zip"
    files = {ONE_READING: SOLVED, nine: b"PK no archive", "../b_9010_500110_c.ipynb": SOLVED}
    packed(files, to=tmp_path / "c.zip")
    found, listed = opened(tmp_path / "c.zip", tmp_path)
    assert [student for student, *_ in found] == ["9001"]
    assert ("9009", nine, "refused") in listed and len(listed) == 2


def test_what_is_refused_is_told_with_its_student(tmp_path):
    packed({ONE_READING: b"0" * (archive.ENTRY + 1)}, to=tmp_path / "c.zip")
    assert opened(tmp_path / "c.zip", tmp_path) == ([], [("9001", ONE_READING, "refused")])


def test_a_student_who_packed_the_work_is_read(tmp_path):
    inner = packed({"activations/rectifiers.ipynb": SOLVED})
    packed({"nine_9009_500109_work.zip": inner, ONE_READING: SOLVED}, to=tmp_path / "c.zip")
    found, _ = opened(tmp_path / "c.zip", tmp_path)
    assert ("9009", "nine", "work.zip/activations/rectifiers.ipynb", "no") in found


def test_two_files_of_one_name_are_no_guess(tmp_path):
    who = "Ann_7_assignsubmission_file"
    packed({f"{who}_a.ipynb": SOLVED, f"{who}/a.ipynb": "{other}"}, to=tmp_path / "m.zip")
    _, listed = opened(tmp_path / "m.zip", tmp_path)
    assert [status for *_, status in listed] == ["refused"]


def test_no_file_leaves_the_students_folder(tmp_path):
    packed({"..\\..\\a_1_2_b.ipynb": SOLVED, ".._3_4_b.ipynb": SOLVED, ONE_READING: SOLVED},
           to=tmp_path / "c.zip")  # fmt: skip
    opened(tmp_path / "c.zip", tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.zip", "out"]


def test_what_a_killed_grader_has_unpacked_is_removed(tmp_path):
    packed({ONE_READING: SOLVED}, to=tmp_path / "c.zip")
    left = tmp_path / "out" / f"{unpack.UNPACKED}left"
    left.mkdir(parents=True)
    with unpack.opened(tmp_path / "c.zip", tmp_path / "out") as download:
        unpack.clear(tmp_path / "out", download)
        assert not left.exists() and download.folder.exists()


@pytest.mark.usefixtures("one_server")
def test_a_download_of_canvas_is_graded_by_key_with_names_and_lateness(tmp_path):
    solved, one = json.dumps(notebook(RIGHT)), json.dumps(notebook(only("relu_pt")))
    files = {
        "low_9001_500101_rectifiers.ipynb": one,
        "low_9001_500999_rectifiers-1.ipynb": solved,  # handed in again
        "low_LATE_9008_500108_homework.ipynb": solved,
    }
    packed(files, to=tmp_path / "c.zip")
    out = tmp_path / "out"
    grade(tmp_path / "c.zip", out)

    def rows(name):
        return list(csv.DictReader((out / name).read_text("utf-8-sig").splitlines()))

    (first, second) = rows("students.csv")
    assert (first["student"], first["name"], first["late"]) == ("9001", "low", "no")
    assert (second["student"], second["late"]) == ("9008", "yes")
    assert first["points"] == first["max_points"] == second["points"]
    listed = [row for row in rows("grades.csv") if row["status"] == "second"]
    assert [row["student"] for row in listed] == ["9001"]
    assert {row["late"] for row in rows("grades.csv") if row["student"] == "9008"} == {"yes"}
    assert CHAPTER.split("/")[1] in {row["chapter"] for row in rows("grades.csv")}


@pytest.mark.usefixtures("one_server")
def test_a_download_of_moodle_is_graded_into_its_worksheet_and_feedback(tmp_path, capsys):
    made = {f"One_{n}_assignsubmission_file/a.ipynb": json.dumps(notebook(RIGHT)) for n in (7, 8)}
    packed(made, to=tmp_path / "m.zip")
    sheet = "ID;Status;Bewertung;Bestwertung;Wann\nTeilnehmer/in 7;da;;100,00;-\n"
    (tmp_path / "sheet.csv").write_text(sheet)
    options = ("--out", tmp_path / "out", "--moodle", tmp_path / "sheet.csv")
    status = cli.main(["grade", str(tmp_path / "m.zip"), *map(str, options)])
    assert status == 0, capsys.readouterr().err
    assert (tmp_path / "out/moodle.csv").read_text() == sheet.replace(";;", ";100;")
    with zipfile.ZipFile(tmp_path / "out/moodle_feedback.zip") as archive:
        assert "Participant_8_assignfeedback_file/feedback.html" in archive.namelist()
    status = cli.main(["grade", str(tmp_path / "m.zip"), *map(str, options[:2]), "--canvas", "x"])
    assert status == 2 and "no heading of Canvas" in capsys.readouterr().err


@pytest.mark.usefixtures("one_server")
def test_clones_are_graded_and_nothing_of_git_is_read(tmp_path, capsys):
    cloned(tmp_path / "c", "hw-1-ann", "hw-1-bob")
    (tmp_path / "roster.csv").write_text("student,name\nann,Ann Lee\n")
    (tmp_path / "late.csv").write_text("student,seconds\nann,60\n")
    options = [f"--{name}={tmp_path}/{name}.csv" for name in ("roster", "late-csv")]
    options = [option.replace("late-csv.csv", "late.csv") for option in options]
    assert cli.main(["grade", f"{tmp_path}/c", f"--out={tmp_path}/out", *options]) == 0
    rows = csv.DictReader((tmp_path / "out/students.csv").read_text("utf-8-sig").splitlines())
    assert [(row["student"], row["name"], row["late"], row["look_at"]) for row in rows] == [
        ("ann", "Ann Lee", "60", ""),
        ("hw-1-bob", "", "", ""),
    ]
    assert "a.ipynb" not in (tmp_path / "out/grades.csv").read_text("utf-8-sig")
