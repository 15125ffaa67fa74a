"""What course sites hand out: whose file is which, by the names that each of them gives.

A student is a key: Canvas's user id, Moodle's number, a user name. Names are for reading, and two
may be equal. Where each pattern comes from, and who may meet which, the instructor's guide says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Handed:
    """Whose a file is. ``file`` is its path in the student's own folder, ``late`` "yes", "no" or ""
    where nobody knows; of two files of one chapter that of the higher ``order`` is newer."""

    student: str
    file: str
    name: str = ""
    late: str = ""
    order: float = 0.0
    attempt: tuple[str, str] = ("", "")  # the assignment, and when: only the last one counts


Reading = Callable[[str], list[Handed]]

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


def _moodle(path: str) -> list[Handed]:
    if not (match := MOODLE.fullmatch(path)):
        return []
    # Who is in no group has no number: then the group's name is all there is.
    student, name = match["id"] or match["name"], match["name"]
    return [Handed(student, match["file"], name)]


def _blackboard(path: str) -> list[Handed]:
    if not (match := BLACKBOARD.fullmatch(path)):
        return []
    order = datetime.strptime(match["time"], "%Y-%m-%d-%H-%M-%S").timestamp()
    return [Handed(match["id"], match["file"] or "", "", "", order, ("", match["time"]))]


def _brightspace(path: str) -> list[Handed]:
    if not (match := BRIGHTSPACE.fullmatch(path)):
        return []
    order = datetime.strptime(match["time"], "%b %d, %Y %I%M %p").timestamp()
    return [Handed(match["id"].split("-")[0], match["file"], match["name"], "", order)]


def _exchange(path: str) -> list[Handed]:
    if not (match := EXCHANGE.fullmatch(path)):
        return []
    time = match["time"].removesuffix(" UTC")
    attempt = match["assignment"], time
    order = datetime.fromisoformat(time).timestamp()
    return [Handed(match["id"], match["file"], "", "", order, attempt)]


def _gradescope(path: str) -> list[Handed]:
    match = GRADESCOPE.fullmatch(path)
    return [Handed(match["id"], match["file"])] if match else []


def _canvas(path: str) -> list[Handed]:
    """Every reading: a name may end in digits, and so may a file's name begin."""
    if match := ANONYMOUS.fullmatch(path):
        late = "yes" if match["late"] else "no"
        return [Handed(match["id"], match["file"], "", late, float(match["order"]))]
    if match := CANVAS_TEXT.fullmatch(path):
        late = "yes" if match["late"] else "no"
        return [Handed(match["id"], match["file"], match["name"], late)]
    first, slash, rest = path.partition("/")
    parts, readings = first.split("_"), []
    for i in range(1, len(parts) - 2):
        if parts[i].isdecimal() and parts[i + 1].isdecimal():
            late = parts[i - 1] == "LATE" and i > 1
            name = "_".join(parts[: i - late])
            file = "_".join(parts[i + 2 :]) + slash + rest
            marked = "yes" if late else "no"
            readings.append(Handed(parts[i], file, name, marked, float(parts[i + 1])))
    return readings


# The most telling names first: Canvas's, in which any word may stand, come last.
SYSTEMS: dict[str, Reading] = {
    "Moodle": _moodle,
    "nbgrader": _exchange,
    "Blackboard": _blackboard,
    "Brightspace": _brightspace,
    "Gradescope": _gradescope,
    "Canvas": _canvas,
}


def system(names: Collection[str]) -> str:
    """The course site that gave these names, or "" where most are those of nobody's."""
    for known, read in SYSTEMS.items():
        if 2 * sum(bool(read(name)) for name in names) > len(names):
            return known
    return ""


def handed(known: str, path: str, ids: Collection[str] = ()) -> Handed | None:
    """Whose a file is by the names of the system ``known``, or ``None`` where that cannot be told.

    Where a name can be read in two ways, the student's id must be one of ``ids``, those of the
    roster.
    """
    readings = SYSTEMS[known](path)
    if len(readings) > 1:
        readings = [reading for reading in readings if reading.student in ids]
    return readings[0] if len(readings) == 1 else None


def newest(found: Iterable[Handed]) -> Iterator[Handed]:
    """Those of each student's last attempt, where the system tells attempts apart."""
    found = list(found)
    last: dict[tuple[str, str], str] = {}
    for each in found:
        assignment, time = each.attempt
        of = each.student, assignment
        last[of] = max(last.get(of, ""), time)
    return (e for e in found if e.attempt[1] == last[e.student, e.attempt[0]])
