"""``diptych course``: writes an assignment of chosen chapters.

The students' files and ``grading.toml``, which contains the secret seed, go to different places.
"""

from __future__ import annotations

import argparse
import secrets
import sys
from datetime import datetime
from pathlib import Path

from diptych.grading import course, files, option_types, options
from diptych.grading.course import TIME, Course, CourseError


def write(settings: Course, out: Path) -> tuple[Path, Path]:
    """Write an assignment; returns the path of the students' part, and of the file for grading.

    If ``out`` ends in ``.zip``, it becomes the students' archive, and the file for grading is
    written beside it. Otherwise ``out`` becomes a new folder with both. Raises
    :class:`diptych.grading.course.CourseError` if one of the paths exists already,
    :class:`diptych.grading.requirements.NoHandout`, and ``OSError``.
    """
    from diptych.grading import handout, requirements

    packed = out.suffix.lower() == ".zip"
    students = out if packed else out / "students"
    grading = out.with_suffix(".grading.toml") if packed else out / "grading.toml"
    for path in (out, grading):
        if path.exists() or path.is_symlink():
            raise CourseError(f"{path} is there already: choose another --out, or move it away")
    deadline = settings.deadline
    when = f"{deadline:%Y-%m-%d %H:%M %Z}".strip() if deadline else ""
    made = handout.files(settings.chapters, settings.frameworks, when)
    out.parent.mkdir(parents=True, exist_ok=True)
    if packed:
        content = requirements.packed({f"{out.stem}/{name}": data for name, data in made.items()})
        students.write_bytes(content)
    else:
        for name, data in made.items():
            path = students / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    files.replace(grading, course.toml(settings, grading.name))
    return students, grading


def run(args: argparse.Namespace) -> int:
    """Write the assignment, and print where it is; returns the exit code."""
    from diptych.grading.requirements import NoHandout

    seed = args.seed or secrets.token_hex(16)
    settings = Course(args.chapters, args.frameworks, seed, args.deadline)
    try:
        students, grading = write(settings, args.out)
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
    add(
        "--seed", type=option_types.seed, metavar="S", help="of the hidden inputs (default: random)"
    )
    add(
        "--deadline",
        type=_deadline,
        metavar="TIME",
        help="such as 2026-12-01T18:00; students are told, and --late-csv takes it for due",
    )
    command.set_defaults(run=run)
