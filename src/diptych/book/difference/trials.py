"""Finds out by trials on a copy why a PyTorch layer differs from its Keras layer: :func:`tried`.

Each trial changes one thing in the copy, and returns a sentence on that difference. If the copy
then returns the Keras layer's output, this difference is the cause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from diptych.book.difference import arguments, arrays
from diptych.book.difference.copies import Copy
from diptych.book.difference.recording import Record

TRIALS = (
    *(arguments.mode, arguments.epsilon, arguments.numbers, arguments.approximation),
    *(arguments.padding, arguments.cropping, arguments.count_padding, arguments.interpolation),
    arguments.time_first,
    *(arrays.bias, arrays.gates, arrays.biases, arrays.order, arrays.weights),
)


def tried(
    record: Record, keras: Record, training: bool, agrees: Callable[[Record], bool]
) -> Iterator[str]:
    """The sentence of one change that makes the outputs agree, or of as few changes as possible.

    ``agrees`` says whether a record of the changed copy has the Keras layer's output.
    """
    for trial in TRIALS:
        if said := _run([trial], record, keras, training, agrees):
            yield from said
            return
    needed = list(TRIALS)
    if not _run(needed, record, keras, training, agrees):
        needed.remove(arrays.gates)  # it also changes weights that are right
        if not _run(needed, record, keras, training, agrees):
            return
    for trial in TRIALS:
        fewer = [each for each in needed if each is not trial]
        if _run(fewer, record, keras, training, agrees):
            needed = fewer
    yield from _run(needed, record, keras, training, agrees)


def _run(
    trials: list, record: Record, keras: Record, training: bool, agrees: Callable
) -> list[str]:
    """The sentences of the trials if the outputs agree with all their changes; else empty."""
    try:
        changed = Copy.of(record, keras, training)
        said = [sentence for trial in trials if (sentence := trial(changed))]
        return said if said and agrees(changed.run()) else []
    except (RuntimeError, ValueError, TypeError, AttributeError, NotImplementedError):
        return []  # this change does not fit this layer
