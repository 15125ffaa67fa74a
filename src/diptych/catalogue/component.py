"""The catalogue: what is true of each component, read without either framework.

For each chapter ``family/stem`` the module ``family/stem.py`` of :mod:`diptych.components` holds
``COMPONENTS``, a tuple of :class:`Component`. The atlas, the tables of the site and the judgement
of exercises are made from these.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from diptych.catalogue.exercise import Exercise
from diptych.catalogue.weights import Weights

COMPONENTS = "diptych.components"  # imported by name, because its modules import this one
# The kind of a component follows from its family. Only a usage, which shows how other components
# are used, may stand in any family.
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
    """A default on which the frameworks disagree; a test compares it with the live signature.

    ``symbol`` is the dotted name of a function or class, ``parameter`` the name in its signature,
    ``value`` the default that the installed version has.
    """

    symbol: str
    parameter: str
    value: object


@dataclass(frozen=True)
class Call:
    """Two equivalent calls, as the chapter writes them, and the one thing to watch.

    In ``watch``, code stands in backticks, as in Markdown.
    """

    pytorch: str
    tensorflow: str
    watch: str = ""


@dataclass(frozen=True)
class Component:
    """One activation, layer, loss, regularizer or usage.

    - ``pytorch``, ``keras`` and ``tensorflow`` are the dotted names of its functions and classes.
    - ``status`` is ``paired`` (both frameworks ship it), ``bridged`` (one does not, and the chapter
      builds it there) or ``removed`` (it existed once, and the chapter shows today's way). If it is
      not given, it is derived: ``bridged`` if only one framework has names, else ``paired``.
    - ``kind`` follows from the family of the chapter; only a usage outside ``start`` gives it.
    - ``aliases`` are second dotted names of the same objects, so that a search finds them.
    - ``calls`` are pairs of equivalent calls: the *In short* of the section.
    - ``weights`` say which array of the PyTorch layer is which array of the Keras layer.
    - ``behaviour`` maps the id of a cell of the chapter to the difference that the cell shows;
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
    """The stems (``family/stem``) of the chapters with components, in the order of families."""
    return [f"{family}/{stem}" for family in FAMILIES for stem in _stems(family)]


def _stems(family: str) -> list[str]:
    if importlib.util.find_spec(f"{COMPONENTS}.{family}") is None:
        return []
    package = importlib.import_module(f"{COMPONENTS}.{family}")
    return [module.name for module in pkgutil.iter_modules(package.__path__)]


def load(chapter: str) -> tuple[Component, ...]:
    """The components of one chapter, in the chapter's order."""
    module = importlib.import_module(f"{COMPONENTS}.{chapter.replace('/', '.')}")
    return tuple(replace(component, chapter=chapter) for component in module.COMPONENTS)


@cache
def catalogue() -> tuple[Component, ...]:
    """Every component of the book."""
    return tuple(component for chapter in chapters() for component in load(chapter))


def find(id: str) -> Component:
    """The component with this ``id``; raises ``KeyError``, which lists the known ids."""
    for found in catalogue():
        if found.id == id:
            return found
    known = ", ".join(sorted(c.id for c in catalogue()))
    raise KeyError(f"no component is called {id!r}; there are: {known}")
