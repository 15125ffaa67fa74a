"""Sixty students, from the file that a course's site hands out to the file that it takes back."""

import csv
import io
import json
import re
import shutil
import zipfile

import pytest

from diptych import cli
from tests.grading.packed import packed
from tests.grading.sixty import CHAPTERS, RECTIFIERS, SIZE, most, sixty

HEADING = "Five chapters (301234)"
SHEET = (
    *("ID", "Vollständiger Name", "Status", "Bewertung", "Bestwertung"),
    *("Bewertung kann geändert werden", "Zuletzt geändert (Abgabe)"),
    *("Zuletzt geändert (Bewertung)", "Feedback als Kommentar"),
)
ABSENT = 8999


def key(student):
    return str(9000 + student.number)


def canvas():
    """A ZIP file as Canvas hands it out: late work is marked, and names say little."""
    return {
        f"{re.sub(' ', '', each.name.lower())}_{'LATE_' * each.is_late}{key(each)}_"
        f"{500_000 + n}_{chapter.partition('/')[2]}.ipynb": made
        for each in sixty()
        for n, (chapter, made) in enumerate(each.notebooks.items(), 10 * each.number)
    }


def moodle():
    return {
        f"{each.name}_{key(each)}_assignsubmission_file/{chapter.partition('/')[2]}.ipynb": made
        for each in sixty()
        for chapter, made in each.notebooks.items()
    }


def worksheet():
    """As Moodle writes it in German: semicolons, decimal commas, and words of that language."""
    when = "Freitag, 2. Oktober 2026, 23:58"
    rows = [
        [f"Teilnehmer/in {number}", name, status, "", "100,00", "Ja", when, "-", ""]
        for number, name, status in [
            *((key(s), s.name, "Zur Bewertung abgegeben") for s in sixty()),
            (ABSENT, "Ten, Learner", "Keine Abgabe; verspätet"),
        ]
    ]
    file = io.StringIO()
    csv.writer(file, delimiter=";", lineterminator="\r\n").writerows([SHEET, *rows])
    return "\ufeff" + file.getvalue()


def table(path, **more):
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline=""), **more))


@pytest.fixture(scope="module")
def from_canvas(one_server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("canvas")
    packed(canvas(), to=folder / "canvas.zip")
    out = ["--out", str(folder / "grades"), "--canvas", HEADING, "--seed", "sixty"]
    assert cli.main(["grade", str(folder / "canvas.zip"), *out]) == 0
    return folder / "grades"


@pytest.fixture(scope="module")
def from_moodle(from_canvas, tmp_path_factory):
    """The same notebooks, of the same keys: their grades are in the store that is copied."""
    folder = tmp_path_factory.mktemp("moodle")
    packed(moodle(), to=folder / "moodle.zip")
    (folder / "sheet.csv").write_bytes(worksheet().encode())
    (folder / "grades").mkdir()
    shutil.copy(from_canvas / "grades.sqlite", folder / "grades")
    out = ["--out", str(folder / "grades"), "--moodle", str(folder / "sheet.csv")]
    assert cli.main(["grade", str(folder / "moodle.zip"), *out]) == 0
    return folder / "grades"


def test_each_gets_what_their_notebooks_deserve_and_what_is_hostile_costs_nobody_else(from_canvas):
    rows = {row["student"]: row for row in table(from_canvas / "students.csv")}
    assert {n: float(row["points"]) for n, row in rows.items()} == {
        key(each): each.points for each in sixty()
    }
    assert {float(row["max_points"]) for row in rows.values()} == {most()}
    assert {n for n, row in rows.items() if row["late"] == "yes"} == {
        key(each) for each in sixty() if each.is_late
    }
    assert {*rows["9030"]} > {*CHAPTERS}


def test_canvas_takes_back_a_row_for_each_user(from_canvas):
    rows = table(from_canvas / "canvas.csv")
    assert [*rows[0]] == ["Student", "ID", "Section", HEADING]
    assert {row["ID"]: float(row[HEADING]) for row in rows} == {
        key(each): each.points for each in sixty()
    }


def test_a_worksheet_in_german_is_filled_in_and_otherwise_unchanged(from_moodle):
    given, filled = (
        list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";"))
        for text in (worksheet(), (from_moodle / "moodle.csv").read_bytes().decode())
    )
    grade, comment = SHEET.index("Bewertung"), len(SHEET) - 1
    deserved = {f"Teilnehmer/in {key(s)}": 100 * s.points / most() for s in sixty()}
    assert len(filled) == len(given) == SIZE + 2
    for before, after in zip(given[1:-1], filled[1:-1], strict=True):
        assert re.fullmatch(r"\d+(,\d+)?", after[grade])
        assert float(after[grade].replace(",", ".")) == pytest.approx(deserved[after[0]], abs=0.01)
        assert f" of {most():g} points" in after[comment]
        unchanged = [i for i in range(len(before)) if i not in (grade, comment)]
        assert [after[i] for i in unchanged] == [before[i] for i in unchanged]
    assert filled[0] == given[0] and filled[-1] == given[-1]  # who is absent gets no grade


def test_moodle_gets_everybodys_page_and_nothing_is_graded_again(from_canvas, from_moodle):
    with zipfile.ZipFile(from_moodle / "moodle_feedback.zip") as archive:
        made = {name: archive.read(name).decode() for name in archive.namelist()}
    assert made == {
        f"Participant_{key(each)}_assignfeedback_file/feedback.html": (
            from_moodle / f"feedback/{key(each)}.html"
        ).read_text("utf-8")
        for each in sixty()
    }
    grades = [(out / "grades.csv").read_text("utf-8-sig") for out in (from_canvas, from_moodle)]
    without_late = [re.sub(r'"(yes|no|)"$', "", text, flags=re.M) for text in grades]
    assert without_late[0] == without_late[1]
    assert table(from_moodle / "changes.csv") == []


def test_the_report_names_what_the_class_misunderstands_and_who_needs_a_hand(from_canvas):
    report = (from_canvas / "report.html").read_text("utf-8")
    sharing = [s for s in sixty() if s.said]
    row = next(r for r in report.split("<tr>") if "leaky_relu" in r and "Misconception" in r)
    assert re.search(r"(\d+) of \d+", row) and int(re.search(r"(\d+) of", row)[1]) >= len(sharing)
    for chapter in CHAPTERS:
        assert f"<h3>{chapter}</h3>" in report
    assert report.count("<img ") == 1 + len(CHAPTERS)
    assert RECTIFIERS in report and json.dumps(HEADING) not in report
