"""A copy of a PyTorch layer that can be changed and run again: :class:`Copy`."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from dataclasses import dataclass

from diptych.book.difference.recording import Record, opened, tensors_in


@dataclass
class Copy:
    """A copy of a PyTorch layer, its inputs, and the Keras layer; ``after`` changes the output."""

    layer: object
    inputs: list
    options: dict
    record: Record
    keras: Record
    training: bool
    after: Callable | None = None

    @classmethod
    def of(cls, record: Record, keras: Record, training: bool) -> Copy:
        layer = copy.deepcopy(record.layer)
        return cls(layer, list(record.arguments), dict(record.options), record, keras, training)

    def run(self) -> Record:
        """A record of the copy's outputs."""
        import torch

        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            inputs = [x.clone() if isinstance(x, torch.Tensor) else x for x in self.inputs]
            output = self.layer(*inputs, **self.options)
            result, steps = opened(self.after(output) if self.after else output)
        return Record(self.record.name, self.layer, (), {}, tensors_in(result), steps=steps)


def of_keras(layer: object, name: str) -> object:
    """An attribute of a Keras layer, or the default of a function's argument; else ``None``."""
    if inspect.isfunction(layer):
        parameter = inspect.signature(layer).parameters.get(name)
        return parameter.default if parameter else None
    return getattr(layer, name, None)
