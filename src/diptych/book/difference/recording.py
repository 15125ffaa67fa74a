"""What each layer of a model gets and returns in one run: :class:`Record`, :class:`Run`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from diptych.book.compare import to_numpy


@dataclass(eq=False)
class Record:
    """One call of ``layer``, which is a module, a Keras layer, or the activation inside one.

    ``arguments`` and ``options`` are what it got, as tensors of its framework. ``tensors`` is a
    flat list of all that it returned, and ``outputs`` their numbers. ``gradients`` are those of the
    weighted sum of the model's output, ``None`` if there is none. ``is_leaf`` is false for a model
    inside a model. ``steps``, of shape (batch, time), is true at the steps of a packed sequence.
    """

    name: str
    layer: object
    arguments: tuple
    options: dict
    tensors: list
    is_leaf: bool = True
    steps: np.ndarray | None = None
    outputs: list[np.ndarray] = field(default_factory=list)
    gradients: list[np.ndarray | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.outputs = [np.array(to_numpy(tensor)) for tensor in self.tensors]
        self.gradients = [None] * len(self.outputs)

    @property
    def input(self) -> np.ndarray | None:
        """The numbers of the first input."""
        found = tensors_in(opened(self.arguments)[0])
        return to_numpy(found[0]) if found else None


@dataclass(eq=False)
class Run:
    """One run of a model: records in the order of calls, and the output.

    ``differentiate`` takes the upstream gradient of the output, and sets the records' gradients.
    """

    records: list[Record]
    output: np.ndarray
    differentiate: Callable[[np.ndarray], None]


def tensors_in(value: object) -> list:
    """A flat list of the tensors in nested tuples, lists and dictionaries."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [tensor for each in value for tensor in tensors_in(each)]
    return [value] if hasattr(value, "shape") and hasattr(value, "dtype") else []


def opened(result: object) -> tuple[object, np.ndarray | None]:
    """What a layer gets or returns, with a padded tensor (batch, time, …) for a packed sequence.

    The second value is the mask of its steps, (batch, time); ``None`` without a packed sequence.
    """
    first, *others = result if type(result) is tuple and result else (result,)
    if not hasattr(first, "batch_sizes"):
        return result, None
    import torch

    y, lengths = torch.nn.utils.rnn.pad_packed_sequence(first, batch_first=True)
    return (y, *others), np.arange(y.shape[1]) < lengths.numpy()[:, None]


def numbered(name: str, records: Sequence[Record]) -> str:
    """The name of a layer, with the number of the call if it is not the first."""
    again = sum(record.name.split(" (call ")[0] == name for record in records)
    return f"{name} (call {again + 1})" if again else name


def failed(framework: str, records: list[Record], error: Exception) -> ValueError:
    """The error of a model that cannot run: it names the last layer that ran."""
    last = f'behind "{records[-1].name}"' if records else "before the first layer"
    said = " ".join(str(error).split())
    return ValueError(
        f"the {framework} model cannot run on these inputs, it stops {last}: "
        f"{type(error).__name__}: {said[:300]}"
    )
