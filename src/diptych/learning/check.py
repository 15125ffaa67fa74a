"""``check(leaky_relu_pt)``: the judge's verdict and, for a right answer, why and what is next."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import sys
from pathlib import Path

from diptych.catalogue.component import FRAMEWORK_NAMES
from diptych.catalogue.statements import Statement, statements
from diptych.judging import check as judging
from diptych.judging.points import Points
from diptych.learning import course, state

SITE = "Documentation"  # the label of the site's address in the package's metadata


def check(answer: object) -> Points:
    """Judge one answer, a function or class; its name says which exercise and framework.

    Returns the points as a float, and never raises. In a notebook, make it the last line of the
    cell: the cell shows the mistake, where it is, and the expected result. The points are kept in
    the learner's progress.
    """
    result = judging.check(answer)
    if result.answer:
        _keep(result)
    if "ipykernel" not in sys.modules:
        print("\n".join(result.lines))
    return result


def _keep(result: Points) -> None:
    """Record the points and, if the answer is right, add to the verdict what is next."""
    try:
        root = state.root()
        if root is None:
            return
        state.record(result.answer, result, result.max_points)
        if result == result.max_points:
            _add_what_is_next(result, root)
    except Exception as error:  # the verdict is shown even if the points cannot be kept
        if said := _once(f"Your progress is not kept: {error}."):
            result.lines += (said,)


def _add_what_is_next(result: Points, root: Path) -> None:
    said = statements().get(result.answer[:-3])
    if said is None:  # the statements of its chapter have not been built
        return
    section, link = course.section(said), address(said, root)
    result.links = {section: link} if link else {}
    result.lines += (f"Why: {said.why}", f"Read more: {section}.", how_far(result.answer, root))


def how_far(answer: str, root: Path) -> str:
    """How many answers of the chapter are solved, in the framework of ``answer``, and what to write
    next."""
    solved, framework = state.solved(root), course.framework_of(answer)
    chapter = statements()[answer[:-3]].chapter
    asked = course.answers(framework, chapter)
    done = sum(each in solved for each in asked)
    name = f"{course.title(chapter)} in {FRAMEWORK_NAMES[framework]}"
    whole = ", the whole chapter" if done == len(asked) else ""
    following = course.next_answer(course.order(framework), solved, answer)
    return f"{name}: {done} of {len(asked)}{whole}. {next_line(following, chapter)}"


def next_line(answer: str, chapter: str = "") -> str:
    """``Next: relu_pt (ReLU).``, with its notebook if that is not the one of ``chapter``."""
    if not answer:
        return "Everything is solved."
    said = statements()[answer[:-3]]
    where = "" if said.chapter == chapter else f", in {course.notebook(said.chapter)}"
    return f"Next: {answer} ({said.title}){where}."


def address(said: Statement, root: Path) -> str:
    """The address of an exercise's section: on the site, if its address is known, or else in the
    learner's copy; "" if it is in neither."""
    page, anchor = f"chapters/{said.chapter}", course.component(said).anchor
    if site := _site():
        return f"{site}/{page}.html#{anchor}"
    copy = root / f"{page}.ipynb"
    return f"{os.path.relpath(copy, Path.cwd().resolve())}#{anchor}" if copy.is_file() else ""


@functools.cache
def _site() -> str:
    urls = importlib.metadata.metadata("diptych").get_all("Project-URL") or []
    found = dict(url.split(", ", 1) for url in urls)
    return found.get(SITE, "").rstrip("/")


_messages: set[str] = set()


def _once(message: str) -> str:
    """The message the first time, then ""."""
    if _messages:
        return ""
    _messages.add(message)
    return message
