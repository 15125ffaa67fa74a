"""``grading.toml``: how the notebooks of an assignment are graded, with the secret seed.

``diptych course`` writes this file, and ``diptych grade --course`` reads it. Options on the command
line win over the file.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from diptych.catalogue.component import FRAMEWORKS
from diptych.grading import option_types

HEAD = """\
# How this assignment is graded: diptych grade SUBMITTED --course {name} --out grades
# Keep this file secret: whoever knows the seed knows the hidden inputs.
"""
TIME = "a time such as 2026-12-01T18:00"


class CourseError(ValueError):
    """The file, or the place for a new assignment, cannot be used; the message says why."""


@dataclass(frozen=True)
class Course:
    """The settings in ``grading.toml``. A setting that the file does not have is empty.

    ``frameworks`` may be ("best",).
    """

    chapters: tuple[str, ...] = ()
    frameworks: tuple[str, ...] = ()
    seed: str = ""
    deadline: datetime | None = None


def read(path: Path) -> Course:
    """The settings in the file; raises :class:`CourseError` if one is unknown or cannot be used,
    and ``OSError`` if the file cannot be read."""
    try:
        settings = tomllib.loads(path.read_bytes().decode())
    except ValueError as error:
        raise CourseError(f"{path} is no TOML file: {error}") from None
    known = Course.__dataclass_fields__
    if unknown := sorted(settings.keys() - known.keys()):
        raise CourseError(f"{path}: unknown: {', '.join(unknown)}; known: {', '.join(known)}")
    lists = {"chapters": option_types.chapters, "frameworks": option_types.frameworks}
    try:
        for name, parse in lists.items():
            if name in settings:
                settings[name] = parse(",".join(_texts(settings[name])))
        if "seed" in settings:
            settings["seed"] = option_types.seed(*_texts([settings["seed"]]))
    except argparse.ArgumentTypeError as error:
        raise CourseError(f"{path}: {error}") from None
    if not isinstance(settings.get("deadline"), datetime | None):
        raise CourseError(f"{path}: the deadline is {TIME}, without quotation marks")
    return Course(**settings)


def _texts(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise argparse.ArgumentTypeError(f"{value!a} should be text in quotation marks, or a list")
    return value


def toml(course: Course, name: str) -> str:
    """The text of a file called ``name``, from which :func:`read` makes the same ``course``."""
    # TOML writes texts and lists of texts as JSON does.
    settings = {each: json.dumps(getattr(course, each)) for each in ("chapters", "frameworks")}
    settings["seed"] = json.dumps(course.seed)
    if course.deadline:
        settings["deadline"] = course.deadline.isoformat()
    lines = "".join(f"{key} = {value}\n" for key, value in settings.items())
    return HEAD.format(name=name) + lines


def complete(args: argparse.Namespace) -> None:
    """Set the options of ``diptych grade`` that were not given to the values of the course, or
    else to their defaults. Raises what :func:`read` does."""
    course = read(args.course) if args.course else Course()
    args.chapters = args.chapters or course.chapters
    args.frameworks = args.frameworks or course.frameworks or FRAMEWORKS
    args.seed = args.seed or course.seed or None
    args.deadline = course.deadline
