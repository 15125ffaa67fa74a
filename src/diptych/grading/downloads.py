"""Whose file is which, by the names that each course's site gives to the files of a download.

A student is identified by a key: Canvas's user id, Moodle's number, or a user name. Names of people
are only shown, because two students can have the same name. ``grading.md`` lists the sites.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Upload:
    """A file that a student handed in, as far as its name in the download tells.

    ``file`` is its path in the student's own folder, and ``name`` the student's name. ``late`` is
    "yes", "no", or "" if the site does not tell. Of two files for one chapter, the one with the
    higher ``order`` is newer. ``attempt`` is the assignment and the time of an attempt, if the site
    keeps several attempts of a student.
    """

    student: str
    file: str
    name: str = ""
    late: str = ""
    order: float = 0.0
    attempt: tuple[str, str] = ("", "")


Reading = Callable[[str], list[Upload]]  # the ways in which a file's name can be read

MOODLE = re.compile(
    r"(?P<name>[^/]*?)(?:_(?P<id>\d+))?_assignsubmission_(?:file|onlinetext)_?[/_]?(?P<file>.*)"
)
BLACKBOARD = re.compile(
    r"(?P<column>[^/]+?)_(?P<id>[^_/]+)_[^\W\d_]+_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.txt)"
)
BRIGHTSPACE = re.compile(
    r"(?:[^/]+/)?(?P<id>\d+-\d+) - (?P<name>[^/]+?) - (?P<time>\w{3} \d{1,2}, \d{4} \d{3,4} [AP]M)"
    r"(?:/| - )(?P<file>.+)"
)
EXCHANGE = re.compile(
    r"(?:.*/)?(?P<id>[^/+]+)\+(?P<assignment>[^/+]+)\+(?P<time>\d{4}-[^/+]+)\+[^/+]+/(?P<file>.+)"
)
GRADESCOPE = re.compile(r"(?:.*/)?(?P<id>submission_\d+)/(?P<file>.+)")
ANONYMOUS = re.compile(r"(?P<late>LATE_)?anon_(?P<id>[^_/]+)_(?P<order>\d+)_(?P<file>[^/].*)")
CANVAS_TEXT = re.compile(
    r"(?P<name>[^/]+?)_(?P<late>LATE_)?(?P<id>\d+)_(?P<file>(?:text|link)\.html)"
)


def _moodle(path: str) -> list[Upload]:
    if not (match := MOODLE.fullmatch(path)):
        return []
    # Moodle's group of all who are in no group has no number: its name identifies it.
    student, name = match["id"] or match["name"], match["name"]
    return [Upload(student, match["file"], name)]


def _blackboard(path: str) -> list[Upload]:
    if not (match := BLACKBOARD.fullmatch(path)):
        return []
    order = datetime.strptime(match["time"], "%Y-%m-%d-%H-%M-%S").timestamp()
    return [Upload(match["id"], match["file"] or "", "", "", order, ("", match["time"]))]


def _brightspace(path: str) -> list[Upload]:
    if not (match := BRIGHTSPACE.fullmatch(path)):
        return []
    order = datetime.strptime(match["time"], "%b %d, %Y %I%M %p").timestamp()
    return [Upload(match["id"].split("-")[0], match["file"], match["name"], "", order)]


def _exchange(path: str) -> list[Upload]:
    if not (match := EXCHANGE.fullmatch(path)):
        return []
    time = match["time"].removesuffix(" UTC")
    attempt = match["assignment"], time
    order = datetime.fromisoformat(time).timestamp()
    return [Upload(match["id"], match["file"], "", "", order, attempt)]


def _gradescope(path: str) -> list[Upload]:
    match = GRADESCOPE.fullmatch(path)
    return [Upload(match["id"], match["file"])] if match else []


def _canvas(path: str) -> list[Upload]:
    """All readings: the name of a student can end in digits, and that of a file can begin with
    them."""
    if match := ANONYMOUS.fullmatch(path):
        late = "yes" if match["late"] else "no"
        return [Upload(match["id"], match["file"], "", late, float(match["order"]))]
    if match := CANVAS_TEXT.fullmatch(path):
        late = "yes" if match["late"] else "no"
        return [Upload(match["id"], match["file"], match["name"], late)]
    first, slash, rest = path.partition("/")
    parts, readings = first.split("_"), []
    for i in range(1, len(parts) - 2):
        if parts[i].isdecimal() and parts[i + 1].isdecimal():
            late = parts[i - 1] == "LATE" and i > 1
            name = "_".join(parts[: i - late])
            file = "_".join(parts[i + 2 :]) + slash + rest
            marked = "yes" if late else "no"
            readings.append(Upload(parts[i], file, name, marked, float(parts[i + 1])))
    return readings


# Sites with unmistakable names come first. Names of Canvas begin with any word: it comes last.
SITES: dict[str, Reading] = {
    "Moodle": _moodle,
    "nbgrader": _exchange,
    "Blackboard": _blackboard,
    "Brightspace": _brightspace,
    "Gradescope": _gradescope,
    "Canvas": _canvas,
}


def site(names: Collection[str]) -> str:
    """The course's site that gave more than half of the ``names``; "" if there is none."""
    for known, read in SITES.items():
        if 2 * sum(bool(read(name)) for name in names) > len(names):
            return known
    return ""


def upload(site: str, path: str, ids: Collection[str] = ()) -> Upload | None:
    """The upload that a ``path`` in a download of the ``site`` describes, or ``None``.

    If the path can be read in several ways, the student must be one of the ``ids``, those of the
    roster.
    """
    readings = SITES[site](path)
    if len(readings) > 1:
        readings = [reading for reading in readings if reading.student in ids]
    return readings[0] if len(readings) == 1 else None


def newest(found: Iterable[Upload]) -> Iterator[Upload]:
    """The uploads of each student's last attempt, for each assignment. Without attempts, all."""
    found = list(found)
    last: dict[tuple[str, str], str] = {}
    for each in found:
        assignment, time = each.attempt
        of = each.student, assignment
        last[of] = max(last.get(of, ""), time)
    return (e for e in found if e.attempt[1] == last[e.student, e.attempt[0]])
