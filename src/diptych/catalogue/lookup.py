"""Finds exercises by the names of their answers, and the chapter that asks for each."""

from __future__ import annotations

from diptych.catalogue.component import catalogue, load
from diptych.catalogue.difficulty import KINDS
from diptych.catalogue.exercise import Exercise
from diptych.catalogue.statements import statements


def exercises() -> dict[str, Exercise]:
    """Every exercise of the book, by the name of its answers without ``_pt`` and ``_tf``."""
    return {e.answer: e for component in catalogue() for e in component.exercises}


def exercise(answer: str) -> Exercise:
    """The exercise whose answers are ``<answer>_pt`` and ``<answer>_tf``; raises ``KeyError``."""
    return _exercises_of(chapter_of(answer))[answer]


def chapter_of(answer: str) -> str:
    """The chapter that asks for an answer, without ``_pt`` or ``_tf``; raises ``KeyError``.

    If the page of the exercise has been built, only this chapter's components are loaded.
    """
    statement = statements().get(answer)
    if statement and answer in _exercises_of(statement.chapter):
        return statement.chapter
    return {e.answer: c.chapter for c in catalogue() for e in c.exercises}[answer]


def _exercises_of(chapter: str) -> dict[str, Exercise]:
    return {e.answer: e for component in load(chapter) for e in component.exercises}


def in_order(chapter: str) -> tuple[Exercise, ...]:
    """The exercises of a chapter (``family/stem``), the easier ones first.

    Exercises of equal difficulty follow the order of :data:`~diptych.catalogue.difficulty.KINDS`,
    those of one kind the order of the catalogue.
    """
    found = [e for component in load(chapter) for e in component.exercises]
    return tuple(sorted(found, key=lambda e: (e.difficulty, KINDS.index(e.kind))))
