"""What a course's site hands out becomes a folder for each student, packed or unpacked."""

import csv
import json
import shutil
import subprocess
import zipfile

import pytest

from diptych import cli
from diptych.grading import archive, downloads, find, unpack
from diptych.grading.batch import grade
from tests.grading.packed import ATTEMPT, SITES, SOLVED, packed
from tests.grading.submissions import CHAPTER, RIGHT, notebook, only

ONE_READING = "a_9001_500101_rectifiers.ipynb"
TWO_READINGS = "seven_77_9007_500107_my_homework.ipynb"


def opened(path, tmp_path, ids=()):
    with unpack.opened(path, tmp_path / "out", ids) as download:
        found = [
            (
                student,
                download.names[student],
                file.relative_to(download.folder / student).as_posix(),
                download.late[file],
            )
            for student in sorted(p.name for p in download.folder.iterdir())
            for file in sorted((download.folder / student).rglob("*"))
            if file.is_file() and file.read_text() == SOLVED
        ]
        listed = [(s.student, s.place, s.status) for s in download.listed]
    assert not list((tmp_path / "out").iterdir())  # nothing is left
    return found, listed


@pytest.mark.parametrize("unpacked", [False, True], ids=["packed", "unpacked"])
@pytest.mark.parametrize("site", [site for site in SITES if not site.startswith("none")])
def test_each_file_is_found_with_its_student(site, unpacked, tmp_path):
    files, whose = SITES[site]
    path = tmp_path / "download.zip"
    packed(files, to=path)
    if unpacked:
        path = tmp_path / "download"
        with zipfile.ZipFile(tmp_path / "download.zip") as archive:
            archive.extractall(path)
    found, listed = opened(path, tmp_path)
    assert found == sorted(whose)
    assert all(status == "older_attempt" for _, _, status in listed)


@pytest.mark.parametrize("site", ["none", "none, in a folder"])
def test_a_packed_class_folder_is_read_like_one(site, tmp_path):
    files, whose = SITES[site]
    packed(files, to=tmp_path / "class.zip")
    assert opened(tmp_path / "class.zip", tmp_path) == (sorted(whose), [])


def test_a_folder_of_students_is_taken_as_it_is(tmp_path):
    (tmp_path / "class/ann").mkdir(parents=True)
    with unpack.opened(tmp_path / "class", tmp_path / "out") as download:
        assert download.folder == tmp_path / "class"
    assert not (tmp_path / "out").exists()


# Clones of repositories


def cloned(folder, *names):
    """Repositories with a notebook, cloned into ``folder``."""
    origin = folder.with_name("origin")
    origin.mkdir()
    (origin / "homework.ipynb").write_text(json.dumps(notebook(RIGHT)))
    git = ["git", "-C", origin, "-c", "user.name=n", "-c", "user.email=e@example.invalid"]
    for call in (["init", "-q"], ["add", "."], ["commit", "-qm", "done"], ["branch", "a.ipynb"]):
        subprocess.run([*git, *call], check=True)
    for name in names:
        subprocess.run(["git", "clone", "-q", origin, folder / name], check=True)
        shutil.copy(origin / ".git/refs/heads/a.ipynb", folder / name / ".git/a.ipynb")


def whose(folder, tmp_path, *roster):
    with unpack.opened(folder, tmp_path / "out", roster) as download:
        return {name: download.whose(name) for name in find.students(download.folder)}


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


def test_a_name_that_can_be_read_in_two_ways_is_read_by_the_roster_or_listed(tmp_path):
    packed({ONE_READING: SOLVED, TWO_READINGS: SOLVED}, to=tmp_path / "c.zip")
    found, listed = opened(tmp_path / "c.zip", tmp_path)
    assert [student for student, *_ in found] == ["9001"]
    assert listed == [("", TWO_READINGS, "two_readings")]
    found, listed = opened(tmp_path / "c.zip", tmp_path, {"9001", "9007"})
    assert ("9007", "seven_77", "my_homework.ipynb", "no") in found and not listed


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


def test_links_in_a_download_that_was_unpacked_are_listed(tmp_path):
    folder = tmp_path / "c"
    folder.mkdir()
    for name in (ONE_READING, "b_9002_500102_rectifiers.ipynb"):
        (folder / name).write_text(SOLVED)
    (folder / "c_9003_500103_rectifiers.ipynb").symlink_to(ONE_READING)
    (folder / "d_9004_500104_work").symlink_to(tmp_path)
    found, listed = opened(folder, tmp_path)
    assert [student for student, *_ in found] == ["9001", "9002"]
    assert {(student, status) for student, _, status in listed} == {
        ("9003", "refused"),
        ("9004", "refused"),
    }


def test_a_download_with_too_many_files_is_refused_and_a_class_folder_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "ENTRIES", 2)
    for name in ("a_1_2_b.ipynb", "c_3_4_d.ipynb", "e_5_6_f.ipynb"):
        (tmp_path / "c").mkdir(exist_ok=True)
        (tmp_path / "c" / name).write_text(SOLVED)
        (tmp_path / "class" / name[0]).mkdir(parents=True)
        (tmp_path / "class" / name[0] / "rectifiers.ipynb").write_text(SOLVED)
    with pytest.raises(find.Nothing, match="more than 2 files"):
        opened(tmp_path / "c", tmp_path)
    with unpack.opened(tmp_path / "class", tmp_path / "out") as download:
        assert download.folder == tmp_path / "class"


def test_what_a_killed_grader_has_unpacked_is_removed(tmp_path):
    packed({ONE_READING: SOLVED}, to=tmp_path / "c.zip")
    left = tmp_path / "out" / f"{unpack.UNPACKED}left"
    left.mkdir(parents=True)
    with unpack.opened(tmp_path / "c.zip", tmp_path / "out") as download:
        unpack.clear(tmp_path / "out", download)
        assert not left.exists() and download.folder.exists()


def test_what_cannot_be_read_at_all_says_so(tmp_path):
    (tmp_path / "c.zip").write_bytes(b"no archive")
    with pytest.raises(find.Nothing, match="no ZIP archive"):
        opened(tmp_path / "c.zip", tmp_path)


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
    assert downloads.system(names) == site


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
