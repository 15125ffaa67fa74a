"""Submissions that mean harm, one idea each, named by what they try.

Most hand in an honest ReLU beside the attempt: it must earn its three points, and nothing more.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.grading import submissions

HONEST = submissions.only("relu_pt")


@dataclass(frozen=True)
class Attempt:
    """What is handed in (as in :func:`submissions.write`), and what must become of it.

    ``said`` stands in the reason, the notes or a diagnosis; without it there is no note at all. It
    is a tuple of sentences where an attempt runs against time, and any of them may be its end.
    ``floor`` asks for it on the floor of the sandbox, too.
    """

    handed_in: dict | bytes | Callable
    points: float = 3
    status: str = "graded"
    said: str | tuple[str, ...] = ""
    floor: bool = False


def cell(source, said="", status="graded", points=3, **more):
    """An honest answer, and a cell before it that means harm."""
    return Attempt(submissions.notebook(HONEST, first=source), points, status, said, **more)


def answer(source, said="", status="graded", points=0, **more):
    """A wrong ReLU that would like to be right, or worse."""
    return Attempt(submissions.notebook({"relu_pt": source}), points, status, said, **more)


def corpus(floor=False) -> dict[str, Attempt]:
    """Student → attempt: all of them, or those that the ``floor`` of the sandbox has to stop."""
    from tests.grading.hostile import (
        borrowing,
        feedback,
        files,
        resources,
        structure,
        tampering,
        theft,
        values,
    )

    found = {}
    for part in (files, structure, resources, theft, tampering, values, borrowing, feedback):
        found |= part.ATTEMPTS
    return {k: a for k, a in found.items() if a.floor} | resources.ON_DISK if floor else found
