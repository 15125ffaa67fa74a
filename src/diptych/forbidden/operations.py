"""What an answer must not run: the operations of its chapter's components, but for those allowed.

``operations.json`` says which operations are whose: :mod:`diptych.forbidden.record` has run every
public name of every component once, and a test records them again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from diptych.catalogue.component import Component, chapter_of, load
from diptych.catalogue.exercise import Exercise

# What frameworks put around a name elsewhere: relu_, _softmax, ResourceApplyAdam, _prelu_kernel.
AFFIXES = re.compile(
    r"\A_*((special|foreach|fused|safe|masked|native)_+|(Resource)?Apply(?=[A-Z]))?"
    r"|(_forward|_kernel|_with_noise|Native)?_*\Z"
)
# Where a framework has the functions of a public module once more: in what it is made of.
ELSEWHERE = {
    "keras.activations.": "keras.src.backend.tensorflow.nn.",
    "torch.nn.functional.": "torch._refs.nn.functional.",
}


def plain(name: str) -> str:
    """A name as every framework has it: ``LeakyRelu``, ``leaky_relu_`` and ``aten.leaky_relu``
    are all ``leakyrelu``."""
    return AFFIXES.sub("", name.rpartition(".")[2]).replace("_", "").lower()


@cache
def table() -> dict[str, list[str]]:
    """For each public name of a component the labels of the operations that are its own."""
    return json.loads((files("diptych.forbidden") / "operations.json").read_text("utf-8"))


@cache
def forbidden(exercise: Exercise) -> dict[str, str]:
    """The labels that an answer must not leave, each with the name by which readers know it.

    Siblings count, because one often does the other's work. Usages do not: they show what answers
    are made of. What the exercise allows is taken out, and with it the operations that are its own,
    so that an allowed ReLU with a slope is still seen, as ``LeakyRelu``.
    """
    allowed = {plain(name) for name in exercise.allow}
    labels: dict[str, str] = {}
    for symbol in (*exercise.forbid, *symbols(exercise)):
        # Of what is no sibling the last part says little: torch.optim, not optim.
        name = symbol if symbol in exercise.forbid else symbol.rpartition(".")[2].rstrip("_")
        for label in (symbol, *table().get(symbol, ())):
            labels.setdefault(label, name)
    for symbol, own in table().items():
        if plain(symbol) in allowed:
            for label in (symbol, *own):
                labels.pop(label, None)
    return labels


def symbols(exercise: Exercise) -> tuple[str, ...]:
    """The dotted names of the functions, classes and modules to look for, functions first."""
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
    """The components of the exercise's chapter, usages aside."""
    return tuple(c for c in load(chapter_of(exercise.answer)) if c.kind != "usage")


def seen(ran: Iterable[str], exercise: Exercise) -> list[str]:
    """The forbidden functions among the labels of what ``ran``, by name, without repetition."""
    unwanted = forbidden(exercise)
    # What PyTorch does in place is the same operation.
    named = (unwanted.get(label) or unwanted.get(label.rstrip("_")) for label in sorted(ran))
    return list(dict.fromkeys(filter(None, named)))


def names(exercise: Exercise) -> frozenset[str]:
    """The plain names that a reader of the source should look for."""
    return frozenset(map(plain, (*symbols(exercise), *exercise.forbid)))
