"""What an answer must not run: the operations of its chapter's components, except allowed ones.

``operations.json`` says which operations belong to which public name:
:mod:`diptych.forbidden.record` has run every public name of every component once, and a test
records them again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from diptych.catalogue.component import Component, load
from diptych.catalogue.exercise import Exercise
from diptych.catalogue.lookup import chapter_of

# Prefixes and suffixes of variants: relu_, _softmax, ResourceApplyAdam, _prelu_kernel.
AFFIXES = re.compile(
    r"\A_*((special|foreach|fused|safe|masked|native)_+|(Resource)?Apply(?=[A-Z]))?"
    r"|(_forward|_kernel|_with_noise|Native)?_*\Z"
)
# Public module → the internal module that has the same functions again.
ELSEWHERE = {
    "keras.activations.": "keras.src.backend.tensorflow.nn.",
    "torch.nn.functional.": "torch._refs.nn.functional.",
}


def plain(name: str) -> str:
    """The same name for all variants: ``LeakyRelu``, ``leaky_relu_`` and ``aten.leaky_relu`` all
    give ``leakyrelu``."""
    return AFFIXES.sub("", name.rpartition(".")[2]).replace("_", "").lower()


@cache
def table() -> dict[str, list[str]]:
    """For each public name of a component, the labels of the operations that belong to it alone."""
    return json.loads((files("diptych.forbidden") / "operations.json").read_text("utf-8"))


@cache
def forbidden(exercise: Exercise) -> dict[str, str]:
    """The labels of what an answer must not run, each with the name that readers know.

    All components of the chapter are forbidden, because one can often replace another; components
    of the kind "usage" are not, because answers need what these show. An allowed function is taken
    out with its own operations only: an allowed ReLU called with a slope runs ``LeakyRelu``, and
    is still seen.
    """
    allowed = {plain(name) for name in exercise.allow}
    labels: dict[str, str] = {}
    for symbol in (*exercise.forbid, *symbols(exercise)):
        # Outside the chapter, the last part alone would say little: torch.optim, not optim.
        name = symbol if symbol in exercise.forbid else symbol.rpartition(".")[2].rstrip("_")
        for label in (symbol, *table().get(symbol, ())):
            labels.setdefault(label, name)
    for symbol, own in table().items():
        if plain(symbol) in allowed:
            for label in (symbol, *own):
                labels.pop(label, None)
    return labels


def symbols(exercise: Exercise) -> tuple[str, ...]:
    """The dotted names of the forbidden functions, classes and modules, functions first."""
    allowed = {plain(name) for name in exercise.allow}
    every = (s for c in siblings(exercise) for s in (*c.symbols, *c.aliases))
    found = [s for s in every if plain(s) not in allowed]
    found += [name for name in exercise.forbid if "." in name]
    found += [
        symbol.replace(public, other, 1)
        for symbol in found
        for public, other in ELSEWHERE.items()
        if symbol.startswith(public)
    ]
    return tuple(sorted(found, key=lambda symbol: not symbol.rpartition(".")[2].islower()))


@cache
def siblings(exercise: Exercise) -> tuple[Component, ...]:
    """The components of the exercise's chapter, except those of the kind "usage"."""
    return tuple(c for c in load(chapter_of(exercise.answer)) if c.kind != "usage")


def seen(ran: Iterable[str], exercise: Exercise) -> list[str]:
    """The names of the forbidden functions among the labels of what ``ran``, each name once."""
    unwanted = forbidden(exercise)
    # PyTorch's in-place variants end in an underscore: relu_ is relu.
    named = (unwanted.get(label) or unwanted.get(label.rstrip("_")) for label in sorted(ran))
    return list(dict.fromkeys(filter(None, named)))


def names(exercise: Exercise) -> frozenset[str]:
    """The names to look for in the source, as :func:`plain` returns them."""
    return frozenset(map(plain, (*symbols(exercise), *exercise.forbid)))
