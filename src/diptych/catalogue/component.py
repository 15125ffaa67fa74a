"""The catalogue: what is true of each component, read without either framework.

A module of :mod:`diptych.components` holds ``COMPONENTS``, a tuple of
:class:`Component`, for one chapter; its path below ``components`` is the
chapter's stem. Everything that can be derived from it (the atlas, the tables of
the site, the exercises' grades) is derived.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from diptych.catalogue.difficulty import KINDS as EXERCISE_KINDS
from diptych.catalogue.exercise import Exercise
from diptych.catalogue.statements import statements
from diptych.catalogue.weights import Weights

COMPONENTS = "diptych.components"  # by name, because they import this module
# The kind of a component follows from its family, unless it is a usage, which shows others at work.
KINDS = {
    "start": "usage",
    "activations": "activation",
    "layers": "layer",
    "losses": "loss",
    "regularizers": "regularizer",
}
FAMILIES = tuple(KINDS)
STATUSES = ("paired", "bridged", "removed")
FRAMEWORKS = ("pytorch", "tensorflow")
FRAMEWORK_NAMES = {"pytorch": "PyTorch", "tensorflow": "TensorFlow"}
FRAMEWORK_MODULES = {"pytorch": "torch", "tensorflow": "tensorflow"}


@dataclass(frozen=True)
class Default:
    """A default on which the frameworks disagree, held against the live signature.

    ``symbol`` is the dotted name of a function or class, ``parameter`` the name
    in its signature, ``value`` the default that the installed version has.
    """

    symbol: str
    parameter: str
    value: object


@dataclass(frozen=True)
class Call:
    """Two calls that replace each other, as the chapter writes them, and the one thing to watch.

    In ``watch`` code stands in backticks, as in Markdown.
    """

    pytorch: str
    tensorflow: str
    watch: str = ""


@dataclass(frozen=True)
class Component:
    """One activation, layer, loss, regularizer or usage.

    - ``status`` is ``paired`` (both frameworks ship it), ``bridged`` (one does not, and the chapter
      builds it there) or ``removed`` (it was there once, and the chapter shows today's way). It
      follows from the names, and is given only where it does not.
    - ``kind`` follows from the family of the chapter; only a usage outside ``start`` gives it.
    - ``aliases`` are further dotted names of the same objects: a reader may type them.
    - ``calls`` are those that replace each other: the *In short* of the section.
    - ``weights`` say which array of the one layer is which of the other's.
    - ``behaviour`` maps the id of a cell of the chapter to the difference which that cell shows;
      code in it stands in backticks.
    - ``chapter`` is ``family/stem``; :func:`load` sets it.

    :func:`diptych.catalogue.notation.component` is the short way to write one.
    """

    id: str
    name: str
    zh: str
    pytorch: tuple[str, ...] = ()
    keras: tuple[str, ...] = ()
    tensorflow: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    defaults: tuple[Default, ...] = ()
    weights: tuple[Weights, ...] = ()
    behaviour: Mapping[str, str] = field(default_factory=dict)
    exercises: tuple[Exercise, ...] = ()
    kind: str = ""
    status: str = ""
    chapter: str = ""

    def __post_init__(self) -> None:
        one_side = bool(self.pytorch) != bool(self.keras or self.tensorflow)
        derived = {
            "status": "bridged" if one_side else "paired",
            "kind": KINDS.get(self.family, ""),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, getattr(self, name) or value)

    @property
    def family(self) -> str:
        return self.chapter.split("/")[0]

    @property
    def anchor(self) -> str:
        """The anchor of the component's section on the page of its chapter."""
        return self.id.replace("_", "-")

    @property
    def symbols(self) -> tuple[str, ...]:
        return self.pytorch + self.keras + self.tensorflow


def chapters() -> list[str]:
    """The stems (``family/stem``) of the chapters that have components, by family."""
    return [f"{family}/{stem}" for family in FAMILIES for stem in _stems(family)]


def _stems(family: str) -> list[str]:
    if importlib.util.find_spec(f"{COMPONENTS}.{family}") is None:
        return []
    package = importlib.import_module(f"{COMPONENTS}.{family}")
    return [module.name for module in pkgutil.iter_modules(package.__path__)]


def load(chapter: str) -> tuple[Component, ...]:
    """The components of one chapter, in the order in which the chapter has them."""
    module = importlib.import_module(f"{COMPONENTS}.{chapter.replace('/', '.')}")
    return tuple(replace(component, chapter=chapter) for component in module.COMPONENTS)


@cache
def catalogue() -> tuple[Component, ...]:
    """Every component of the book."""
    return tuple(component for chapter in chapters() for component in load(chapter))


def find(id: str) -> Component:
    """The component with this ``id``; raises ``KeyError`` with the known ones otherwise."""
    for found in catalogue():
        if found.id == id:
            return found
    known = ", ".join(sorted(c.id for c in catalogue()))
    raise KeyError(f"no component is called {id!r}; there are: {known}")


def exercises() -> dict[str, Exercise]:
    """Every exercise of the book, by the name of its answers without ``_pt`` and ``_tf``."""
    return {e.answer: e for component in catalogue() for e in component.exercises}


def exercise(answer: str) -> Exercise:
    """The exercise whose answers are ``<answer>_pt`` and ``<answer>_tf``; raises ``KeyError``."""
    return _exercises_of(chapter_of(answer))[answer]


def chapter_of(answer: str) -> str:
    """The chapter that asks for an answer, without ``_pt`` or ``_tf``; raises ``KeyError``.

    Where its page has been built, no other chapter's components are loaded.
    """
    said = statements().get(answer)
    if said and answer in _exercises_of(said.chapter):
        return said.chapter
    return {e.answer: c.chapter for c in catalogue() for e in c.exercises}[answer]


def _exercises_of(chapter: str) -> dict[str, Exercise]:
    return {e.answer: e for component in load(chapter) for e in component.exercises}


def in_order(chapter: str) -> tuple[Exercise, ...]:
    """The exercises of a chapter (``family/stem``) in the order to suggest: the easier first.

    Those of equal difficulty come in the order of their kinds, and of one kind in that of the
    catalogue.
    """
    found = [e for component in load(chapter) for e in component.exercises]
    return tuple(sorted(found, key=lambda e: (e.difficulty, EXERCISE_KINDS.index(e.kind))))
