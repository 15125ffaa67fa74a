"""Archives as courses' sites hand them out, and clones of repositories, made here."""

import io
import json
import shutil
import subprocess
import zipfile

from diptych.grading import unpack
from tests.grading.submissions import RIGHT, notebook

ONE_READING = "a_9001_500101_rectifiers.ipynb"
TWO_READINGS = "seven_77_9007_500107_my_homework.ipynb"
SOLVED = "{solved}"  # what a file holds where nothing else is said


def packed(files, *, to=None, flag=True):
    """A ZIP archive of ``files``, a mapping of names to contents; without ``flag`` no name says
    that it is UTF-8."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    data = made.getvalue() if flag else without_flag(made.getvalue())
    if to is not None:
        to.write_bytes(data)
    return data


def without_flag(data):
    """The same archive, in whose names the flag for UTF-8 is not set."""
    data = bytearray(data)
    for mark, place in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        at = data.find(mark)
        while at >= 0:
            data[at + place] &= ~0x08
            at = data.find(mark, at + 4)
    return bytes(data)


ATTEMPT = "Rectifiers_{who}_attempt_2026-10-0{day}-23-58-01"
EXCHANGE = "course101/inbound/{who}+activations+2026-10-0{day} 23:58:11.123456 UTC+c0ffee/"
METADATA = """---
submission_800:
  :submitters:
  - :name: One Learner
    :sid: S9001
    :email: learner9001@example.invalid
  :created_at: 2026-10-02 23:58:11.000000000 Z
submission_801:
  :submitters:
  - :name: Two Learner
    :email: learner9002@example.invalid
  - :name: Three Learner
    :sid: S9003
  :created_at: 2026-10-02 23:58:11.000000000 Z
"""

# What each site hands out, and which student has which files of it: key, name, file, late.
SITES = {
    "Canvas": (
        {
            "learnerone_9001_500101_rectifiers.ipynb": SOLVED,
            "learnerfour_LATE_9004_500104_rectifiers-1.ipynb": SOLVED,
            "学生_9005_500105_my_77_homework.ipynb": SOLVED,
            "learnerone_9008_500108_rectifiers (2).ipynb": SOLVED,
            "panel1_9011_500111_rectifiers.ipynb": SOLVED,  # a group
        },
        [
            ("9001", "learnerone", "rectifiers.ipynb", "no"),
            ("9004", "learnerfour", "rectifiers-1.ipynb", "yes"),
            ("9005", "学生", "my_77_homework.ipynb", "no"),
            ("9008", "learnerone", "rectifiers (2).ipynb", "no"),
            ("9011", "panel1", "rectifiers.ipynb", "no"),
        ],
    ),
    "Canvas, anonymous": (
        {
            "anon_ax0Yz_500101_rectifiers.ipynb": SOLVED,
            "LATE_anon_dx3Yz_500104_my_77_homework.ipynb": SOLVED,
        },
        [
            ("ax0Yz", "", "rectifiers.ipynb", "no"),
            ("dx3Yz", "", "my_77_homework.ipynb", "yes"),
        ],
    ),
    "Moodle, in folders": (
        {
            "One Learner_70011_assignsubmission_file/activations/rectifiers.ipynb": SOLVED,
            "Seven 77 Learner_70017_assignsubmission_file_/my_77_homework.ipynb": SOLVED,
            "Participant_70019_assignsubmission_file/rectifiers.ipynb": SOLVED,  # blind
            "Panel 1_31_assignsubmission_file/rectifiers.ipynb": SOLVED,  # a group
            "Default group_assignsubmission_file/rectifiers.ipynb": SOLVED,
        },
        [
            ("70011", "One Learner", "activations/rectifiers.ipynb", ""),
            ("70017", "Seven 77 Learner", "my_77_homework.ipynb", ""),
            ("70019", "Participant", "rectifiers.ipynb", ""),
            ("31", "Panel 1", "rectifiers.ipynb", ""),
            ("Default group", "Default group", "rectifiers.ipynb", ""),
        ],
    ),
    "Moodle, flat": (
        {
            "Participant_70011_assignsubmission_file_rectifiers.ipynb": SOLVED,
            "五 学生_70015_assignsubmission_file_my_77_homework.ipynb": SOLVED,
        },
        [
            ("70011", "Participant", "rectifiers.ipynb", ""),
            ("70015", "五 学生", "my_77_homework.ipynb", ""),
        ],
    ),
    "Blackboard": (
        {
            ATTEMPT.format(who="ann", day=1) + ".txt": "Name: Ann Low (ann)\n",
            ATTEMPT.format(who="ann", day=1) + "_rectifiers.ipynb": "{older}",
            ATTEMPT.format(who="ann", day=2) + ".txt": "Name: Ann Low (ann)\n",
            ATTEMPT.format(who="ann", day=2) + "_rectifiers.ipynb": SOLVED,
            ATTEMPT.format(who="b_c", day=2) + ".txt": "Name: Bo Cee (b_c)\n",
            ATTEMPT.format(who="b_c", day=2) + "_my_work.ipynb": SOLVED,
        },
        [("ann", "Ann Low", "rectifiers.ipynb", ""), ("b_c", "Bo Cee", "my_work.ipynb", "")],
    ),
    "Brightspace": (
        {
            "9001-40000 - One Learner - Oct 2, 2026 1155 PM/rectifiers.ipynb": SOLVED,
            "9002-40001 - Two - Learner - Oct 2, 2026 1156 PM/rectifiers-1.ipynb": SOLVED,
            "index.html": "<html>",
        },
        [
            ("9001", "One Learner", "rectifiers.ipynb", ""),
            ("9002", "Two - Learner", "rectifiers-1.ipynb", ""),
        ],
    ),
    "Gradescope": (
        {
            "assignment_9100_export/submission_800/rectifiers.ipynb": SOLVED,
            "assignment_9100_export/submission_801/rectifiers.ipynb": SOLVED,
            "assignment_9100_export/submission_metadata.yml": METADATA,
        },
        [
            ("S9001", "One Learner", "rectifiers.ipynb", ""),
            (
                "learner9002@example.invalid",
                "Two Learner, Three Learner",
                "rectifiers.ipynb",
                "",
            ),
        ],
    ),
    "nbgrader": (
        {
            EXCHANGE.format(who="ann", day=1) + "rectifiers.ipynb": "{older}",
            EXCHANGE.format(who="ann", day=2) + "rectifiers.ipynb": SOLVED,
            EXCHANGE.format(who="ann", day=2) + "timestamp.txt": "2026-10-02 23:58:11 UTC",
        },
        [("ann", "", "rectifiers.ipynb", "")],
    ),
    "none": (
        {"ann/activations/rectifiers.ipynb": SOLVED, "李雷/rectifiers.ipynb": SOLVED},
        [("ann", "", "activations/rectifiers.ipynb", ""), ("李雷", "", "rectifiers.ipynb", "")],
    ),
    "none, in a folder": (
        {"class/ann/activations/rectifiers.ipynb": SOLVED, "class/bob/rectifiers.ipynb": SOLVED},
        [("ann", "", "activations/rectifiers.ipynb", ""), ("bob", "", "rectifiers.ipynb", "")],
    ),
}


def opened(path, tmp_path, ids=()):
    """The files of a download, as (student, name, file, late), and those that are listed."""
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
