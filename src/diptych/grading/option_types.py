"""What each option of the grading commands accepts: functions for ``type=`` of ``argparse``.

Each returns the value of the option, or raises ``argparse.ArgumentTypeError`` with a message that
says what the option accepts.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable

from diptych.catalogue.component import FRAMEWORKS, catalogue
from diptych.catalogue.component import chapters as book
from diptych.grading import lateness
from diptych.grading.shards import Shard

BEST = ("best",)  # the value of --frameworks if the better of two answers counts
NUMBERS = {int: "whole number", float: "number"}


def frameworks(text: str) -> tuple[str, ...]:
    """Frameworks, separated by commas, or :data:`BEST`."""
    if text in BEST:
        return BEST
    chosen = set(text.split(","))
    if not chosen <= set(FRAMEWORKS):
        raise argparse.ArgumentTypeError(f"choose best, or from {','.join(FRAMEWORKS)}")
    return tuple(framework for framework in FRAMEWORKS if framework in chosen)


def chapters(text: str) -> tuple[str, ...]:
    """Chapters (``family/stem``), separated by commas."""
    chosen = tuple(dict.fromkeys(text.split(",")))
    if unknown := [chapter for chapter in chosen if chapter not in book()]:
        raise argparse.ArgumentTypeError(
            f"there is no chapter {unknown[0]!a}; one is called {book()[-1]}"
        )
    return chosen


def student_and_chapter(text: str) -> tuple[str, str]:
    """A student and the chapter of an exercise, from ``STUDENT,EXERCISE``; the chapter is "" if
    ``text`` is a student alone."""
    student, comma, exercise = text.rpartition(",")
    chapter_of = {e.answer: c.chapter for c in catalogue() for e in c.exercises}
    if comma and exercise not in chapter_of:
        raise argparse.ArgumentTypeError(f"there is no exercise {exercise!a}")
    return (student, chapter_of[exercise]) if comma else (exercise, "")


def shard(text: str) -> Shard:
    """A part of the class: ``K/N``."""
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    chosen = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= chosen[0] <= chosen[1]:
        raise argparse.ArgumentTypeError("a part of the class is 1/8, 2/8, … 8/8")
    return chosen


def scheduler(text: str) -> str:
    """The address of a Dask scheduler."""
    if not re.fullmatch(r"(tcp|tls|wss?)://.+:\d{1,5}", text):
        raise argparse.ArgumentTypeError("the address of a scheduler is tcp://host:8786")
    return text


def late_rule(text: str) -> lateness.Rule:
    """What late work costs (:func:`diptych.grading.lateness.rule`)."""
    try:
        return lateness.rule(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def seed(text: str) -> str:
    """The seed of the hidden cases."""
    if not text or not text.isprintable():
        raise argparse.ArgumentTypeError("a seed is a text of printable characters")
    return text


def web_address(text: str) -> str:
    """An address that begins with ``http://`` or ``https://``."""
    if not re.match(r"https?://", text):
        raise argparse.ArgumentTypeError(f"{text[:40]!a} is no address that begins with https://")
    return text


def number(kind: type, least: float, most: float) -> Callable[[str], float]:
    """A function that accepts an ``int`` or ``float`` (the ``kind``) from ``least`` to ``most``."""

    def parsed(text: str) -> float:
        try:
            given = kind(text)
        except ValueError:
            given = None
        if given is None or not least <= given <= most:  # NaN fails this comparison
            raise argparse.ArgumentTypeError(
                f"{text[:40]!a} is no {NUMBERS[kind]} from {least:,} to {most:,}"
            )
        return given

    return parsed
