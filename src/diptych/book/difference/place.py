"""The first pair of layers that differs, with what is around it: :class:`Place`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diptych.book.difference.layouts import at_steps, close, fit, turned
from diptych.book.difference.recording import Record


@dataclass
class Place:
    """A pair of layers that differs, and the layers that each model ran since the pair before."""

    record: Record
    keras: Record
    skipped_torch: list[Record]
    skipped_keras: list[Record]
    before: Record | None  # the PyTorch layer of the pair before
    training: bool
    rtol: float
    atol: float

    @property
    def there(self) -> np.ndarray | None:
        """The input of the Keras layer."""
        return at_steps(self.record, self.keras.input)

    def same(self, a: np.ndarray | None, b: np.ndarray | None) -> bool:
        """Whether an array of PyTorch agrees with one of Keras, in Keras's layout."""
        if a is None or b is None:
            return False
        a = turned(a, b)
        return a is not None and close(a, b, self.rtol, self.atol)

    def agrees(self, changed: Record) -> bool:
        """Whether a changed copy of the PyTorch layer returned the Keras layer's output."""
        view = fit(changed, self.keras)
        if view is None:
            return False
        number, turn = view
        there = at_steps(changed, self.keras.outputs[0])
        return close(turn(changed.outputs[number]), there, self.rtol, self.atol)
