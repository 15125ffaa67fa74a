"""``diptych course``: an assignment of chosen chapters, and the file by which it is graded.

What students get lies in one place, and ``grading.toml``, with the secret seed, in another.
``diptych grade --course`` reads that file; it goes by the command line where both say something.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from diptych.catalogue.component import FRAMEWORKS
from diptych.grading import files, options

HEAD = """\
# How this assignment is graded: diptych grade SUBMITTED --course {name} --out grades
# Keep this file secret: whoever knows the seed knows the hidden inputs.
"""
TIME = "a time such as 2026-12-01T18:00"


class CourseError(ValueError):
    """The file, or the place for a new assignment, cannot be used; the message says why."""


@dataclass(frozen=True)
class Course:
    """What ``grading.toml`` says; what it does not say is empty. ``frameworks`` may be "best"
    alone."""

    chapters: tuple[str, ...] = ()
    frameworks: tuple[str, ...] = ()
    seed: str = ""
    deadline: datetime | None = None


def read(path: Path) -> Course:
    """The settings in the file; raises :class:`CourseError` where one is unknown or cannot be used,
    and ``OSError`` where the file cannot be read."""
    try:
        settings = tomllib.loads(path.read_bytes().decode())
    except ValueError as error:
        raise CourseError(f"{path} is no TOML file: {error}") from None
    known = Course.__dataclass_fields__
    if unknown := sorted(settings.keys() - known.keys()):
        raise CourseError(f"{path}: unknown: {', '.join(unknown)}; known: {', '.join(known)}")
    kinds = {"chapters": options.some_chapters, "frameworks": options.some_frameworks}
    try:
        for name, kind in kinds.items():
            if name in settings:
                settings[name] = kind(",".join(_texts(settings[name])))
        if "seed" in settings:
            settings["seed"] = options.seed(*_texts([settings["seed"]]))
    except argparse.ArgumentTypeError as error:
        raise CourseError(f"{path}: {error}") from None
    if not isinstance(settings.get("deadline"), datetime | None):
        raise CourseError(f"{path}: the deadline is {TIME}, without quotation marks")
    return Course(**settings)


def _texts(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise argparse.ArgumentTypeError(f"{value!a} should be text in quotation marks, or a list")
    return value


def complete(args: argparse.Namespace) -> None:
    """Set the options of ``diptych grade`` that were not given to what the course says, or else to
    their defaults."""
    course = read(args.course) if args.course else Course()
    args.chapters = args.chapters or course.chapters
    args.frameworks = args.frameworks or course.frameworks or FRAMEWORKS
    args.seed = args.seed or course.seed or None
    args.deadline = course.deadline


def write(course: Course, out: Path) -> tuple[Path, Path]:
    """Write an assignment; returns where the students' part is, and the file for grading.

    An ``out`` that ends in ``.zip`` is the students' archive, and the file for grading lies beside
    it; another one is a new folder with both. Raises :class:`CourseError` where something is there
    already, :class:`diptych.grading.handout.NoHandout`, and ``OSError``.
    """
    from diptych.grading import handout

    packed = out.suffix.lower() == ".zip"
    students = out if packed else out / "students"
    grading = out.with_suffix(".grading.toml") if packed else out / "grading.toml"
    for path in (out, grading):
        if path.exists() or path.is_symlink():
            raise CourseError(f"{path} is there already: choose another --out, or move it away")
    when = f"{course.deadline:%Y-%m-%d %H:%M %Z}".strip() if course.deadline else ""
    made = handout.files(course.chapters, course.frameworks, when)
    out.parent.mkdir(parents=True, exist_ok=True)
    if packed:
        content = handout.packed({f"{out.stem}/{name}": data for name, data in made.items()})
        students.write_bytes(content)
    else:
        for name, data in made.items():
            path = students / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    files.replace(grading, _toml(course, grading.name))
    return students, grading


def _toml(course: Course, name: str) -> str:
    # TOML writes texts and lists of texts as JSON does.
    settings = {each: json.dumps(getattr(course, each)) for each in ("chapters", "frameworks")}
    settings["seed"] = json.dumps(course.seed)
    if course.deadline:
        settings["deadline"] = course.deadline.isoformat()
    lines = "".join(f"{key} = {value}\n" for key, value in settings.items())
    return HEAD.format(name=name) + lines


def run(args: argparse.Namespace) -> int:
    """Write the assignment, and say what is where; returns the exit code."""
    from diptych.grading.handout import NoHandout

    seed = args.seed or secrets.token_hex(16)
    course = Course(args.chapters, args.frameworks, seed, args.deadline)
    try:
        students, grading = write(course, args.out)
    except (CourseError, NoHandout, OSError) as error:
        print(f"diptych course: {error}", file=sys.stderr)
        return 2
    print(f"for your students: {students}")
    print(f"for you: {grading}, which holds the secret seed. Grade with")
    print(f"  diptych grade SUBMITTED --course {grading} --out grades")
    return 0


def _deadline(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:40]!a} is not {TIME}") from None


def register(commands) -> None:
    """Add the command ``course`` to the ``commands`` of the command line (its subparsers)."""
    command = commands.add_parser(
        "course",
        help="make an assignment of chosen chapters",
        description="Write the notebooks of some chapters, and what students need to run them, "
        "into a folder or a ZIP file for the students. Write the settings for diptych grade, with "
        "a secret seed, into grading.toml beside it. Nothing that is there is overwritten.",
        epilog="Exit code: 0, or 2 if the assignment could not be written.",
    )
    options.add_assignment(command)
    add = command.add_argument
    add(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="a new folder, or a new file whose name ends in .zip",
    )
    add("--seed", type=options.seed, metavar="S", help="of the hidden inputs (default: drawn)")
    add(
        "--deadline",
        type=_deadline,
        metavar="TIME",
        help="such as 2026-12-01T18:00; students are told, and --late-csv takes it for due",
    )
    command.set_defaults(run=run)
