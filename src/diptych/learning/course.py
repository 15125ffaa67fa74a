"""The exercises in the order of the book, with their files and names."""

from __future__ import annotations

import difflib
import importlib.util
from collections.abc import Iterable, Sequence
from functools import cache

from diptych.catalogue import ledger
from diptych.catalogue.component import FRAMEWORK_MODULES, Component, load
from diptych.catalogue.statements import Statement, read, statements
from diptych.judging.worker import SUFFIXES

ENDS = {framework: suffix for suffix, framework in SUFFIXES.items()}


class Unknown(LookupError):
    """The book does not have this name; the message suggests similar ones."""


@cache
def chapters() -> tuple[str, ...]:
    """The chapters with exercises (``family/stem``), in the order of the book."""
    return tuple(chapter for chapter in ledger.read().chapters if read(chapter))


def frameworks() -> list[str]:
    """The installed frameworks, in which answers are asked for; both if neither is installed."""
    found = [name for name, module in FRAMEWORK_MODULES.items() if importlib.util.find_spec(module)]
    return found or list(FRAMEWORK_MODULES)


def exercises(chapter: str) -> list[str]:
    """The exercises of a chapter, in the order in which they are suggested."""
    return [each.answer for each in read(chapter)]


def answers(framework: str, chapter: str) -> list[str]:
    """The answers (``leaky_relu_pt``) that a chapter asks for in one framework."""
    return [name + ENDS[framework] for name in exercises(chapter)]


def framework_of(answer: str) -> str:
    """The framework of an answer, by the end of its name."""
    return SUFFIXES[answer[-3:]]


def order(framework: str) -> list[tuple[str, str]]:
    """Every answer of the book in one framework, each with its chapter."""
    return [(answer, chapter) for chapter in chapters() for answer in answers(framework, chapter)]


def next_answer(order: Sequence[tuple[str, str]], solved: Sequence[str], after: str = "") -> str:
    """The first answer in the ``order`` that is not solved; "" if everything is solved.

    The search begins behind the answer ``after``, and looks into its chapter before all others.
    """
    names = [answer for answer, _ in order]
    if after in names:
        last = names.index(after)
        mine = order[last][1]
        order = sorted([*order[last:], *order[:last]], key=lambda each: each[1] != mine)
    return next((answer for answer, _ in order if answer not in solved), "")


def find(id: str) -> tuple[Statement, list[str]]:
    """An exercise and its answers, by ``leaky_relu`` (both frameworks) or ``leaky_relu_pt``.

    Raises :class:`Unknown`.
    """
    name = id.strip().replace("-", "_")
    bare = name[:-3] if name[-3:] in SUFFIXES else name
    if bare not in statements():
        raise Unknown(_message("exercise", id, _near(bare, statements())))
    return statements()[bare], [bare + end for end in SUFFIXES if name in (bare, bare + end)]


def find_chapter(id: str) -> str:
    """The chapter called ``activations/rectifiers`` or ``rectifiers``; raises :class:`Unknown`."""
    name = id.strip().strip("/").removeprefix("exercises/").removesuffix(".ipynb")
    found = [chapter for chapter in chapters() if name in (chapter, chapter.split("/")[1])]
    if len(found) == 1:
        return found[0]
    near = {chapter.split("/")[1]: chapter for chapter in chapters()}
    stems = _near(name.split("/")[-1], near)
    raise Unknown(_message("chapter", id, found or [near[stem] for stem in stems]))


def notebook(chapter: str) -> str:
    """The path of a chapter's exercises in the learner's copy."""
    return f"exercises/{chapter}.ipynb"


def title(chapter: str) -> str:
    """``rectifiers``; with the family if two chapters have the same stem."""
    stem = chapter.split("/")[1]
    alone = sum(each.endswith(f"/{stem}") for each in chapters()) == 1
    return (stem if alone else f"{chapter.split('/')[0]}: {stem}").replace("_", " ")


def section(said: Statement) -> str:
    """The section that an exercise belongs to, in words."""
    return f"{component(said).name}, in the chapter on {title(said.chapter)}"


def component(said: Statement) -> Component:
    """The component that an exercise is about."""
    return next(
        each
        for each in load(said.chapter)
        if said.answer in {exercise.answer for exercise in each.exercises}
    )


def _near(name: str, known: Iterable[str]) -> list[str]:
    known = list(known)
    inside = [each for each in known if name and name in each]
    return [*dict.fromkeys([*difflib.get_close_matches(name, known, 3), *inside])][:3]


def _message(kind: str, id: str, near: Sequence[str]) -> str:
    such = {"exercise": "leaky_relu", "chapter": "activations/rectifiers"}[kind]
    hint = f"the names are in the notebooks, such as {such}"
    if near:
        hint = f"did you mean {' or '.join(near)}?"
    return f"there is no {kind} {id!r}; {hint}"
