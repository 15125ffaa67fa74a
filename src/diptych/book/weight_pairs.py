"""Finds which weights of a PyTorch layer and of a Keras layer belong together."""

from __future__ import annotations

from diptych.catalogue import symbols
from diptych.catalogue.component import catalogue
from diptych.catalogue.weights import Pair, Weights


def pair_of(pytorch: object, keras: object) -> tuple[Weights, Pair] | None:
    """The weights of two layers, and the pair of classes in the book that is closest to theirs.

    ``None`` if the book does not pair these layers.
    """
    found = []
    for weights in (each for component in catalogue() for each in component.weights):
        for pair in weights.pairs:
            ranks = [
                _rank(layer, symbols.resolve(pair.symbol(side)))
                for side, layer in (("pytorch", pytorch), ("keras", keras))
            ]
            if None not in ranks:
                found.append((sum(ranks), weights, pair))
    return min(found, key=lambda each: each[0])[1:] if found else None


def _rank(layer: object, cls: type) -> int | None:
    """How far ``cls`` is from the layer's class in its MRO; ``None`` if it is no ancestor."""
    ancestors = type(layer).__mro__
    return ancestors.index(cls) if cls in ancestors else None


def weights_of(pytorch: object, keras: object) -> Weights:
    """The weights of two layers; raises ``ValueError`` if the book does not pair the layers."""
    if found := pair_of(pytorch, keras):
        return found[0]
    partners = {
        pair.symbol("keras")
        for component in catalogue()
        for weights in component.weights
        for pair in weights.pairs
        if _rank(pytorch, symbols.resolve(pair.symbol("pytorch"))) is not None
    }
    goes = " or ".join(sorted(partners))
    inside = [f"`{name}`" for name, part in pytorch.named_modules() if pair_of(part, keras)]
    raise ValueError(
        f"the weights of {type(pytorch).__name__} do not belong to {type(keras).__name__}: "
        + (f"it goes with {goes}" if goes else _instead(inside, pytorch, keras))
    )


def _instead(inside: list[str], pytorch: object, keras: object) -> str:
    """What to do with a module that the book does not know: pass a part, or assign its arrays."""
    if inside:
        return f"pass its part {' or '.join(inside)} instead"
    here = [f"{name} {tuple(array.shape)}" for name, array in pytorch.state_dict().items()]
    there = [f"{array.name} {tuple(array.shape)}" for array in keras.weights]
    return (
        "the book pairs it with no layer. Assign the arrays yourself: PyTorch has "
        f"{', '.join(here) or 'none'}; Keras has {', '.join(there) or 'none'}"
    )
