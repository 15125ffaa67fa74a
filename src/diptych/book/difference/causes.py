"""Finds out why a layer differs in two models, and how sure that is: :func:`causes`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from diptych.book.difference.attributes import attributes
from diptych.book.difference.between import between, called
from diptych.book.difference.copies import Copy
from diptych.book.difference.layouts import first_axis
from diptych.book.difference.other_form import other_form
from diptych.book.difference.place import Place
from diptych.book.difference.trials import tried

TESTED, READ, LIKELY = "tested", "read off the layers", "likely"


@dataclass(frozen=True)
class Cause:
    """A sentence, and how it is known.

    ``how`` is "tested" where the outputs agree with this one change, "read off the layers" where
    their attributes say so, and else "likely".
    """

    sentence: str
    how: str

    def __str__(self) -> str:
        return f"likely: {self.sentence}" if self.how == LIKELY else f"{self.sentence} ({self.how})"


def causes(place: Place) -> list[Cause]:
    """The causes that were tested; else those read off attributes; else those that are likely."""
    lies_before = list(between(place))
    if lies_before and (place.record.layer is None or _right_on_the_other_input(place)):
        return [Cause(said, TESTED) for said in lies_before]
    for found, how in (
        (_tried(place), TESTED),
        (other_form(place), TESTED),
        (attributes(place.record.layer, place.keras.layer), READ),
        (lies_before, LIKELY),
    ):
        if said := [Cause(sentence, how) for sentence in found]:
            return said
    return [Cause(_guess(place), LIKELY)]


def _right_on_the_other_input(place: Place) -> bool:
    """Whether the PyTorch layer returns Keras's output if it gets Keras's input."""
    import torch

    there = place.there
    for array in (there, first_axis(there)) if there.ndim > 2 else (there,):
        try:
            changed = Copy.of(place.record, place.keras, place.training)
            changed.inputs[0] = torch.tensor(array, dtype=changed.inputs[0].dtype)
            if place.agrees(changed.run()):
                return True
        except (RuntimeError, ValueError, TypeError, IndexError, AttributeError):
            continue
    return False


def _tried(place: Place) -> Iterator[str]:
    import torch

    if isinstance(place.record.layer, torch.nn.Module):
        yield from tried(place.record, place.keras, place.training, place.agrees)


def _guess(place: Place) -> str:
    x, there = place.record.input, place.there
    if x is not None and there is not None and not place.same(x, there):
        has = ""
        for framework, skipped in (
            ("Keras", place.skipped_keras),
            ("PyTorch", place.skipped_torch),
        ):
            names = ", ".join(f'"{record.name}"{called(record)}' for record in skipped)
            has += f"; {framework} has {names} there" if names else ""
        return f"what is computed between the pair before and this layer: its inputs differ{has}"
    layer = place.record.layer
    if hasattr(layer, "parameters") and any(True for _ in layer.parameters()):
        return "the weights, or an argument of the layer: the inputs agree"
    return "an argument of the layer: the inputs agree"
