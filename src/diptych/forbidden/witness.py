"""Sees which operations and functions an answer runs while it is asked.

What ran is named by *labels*: ``aten.relu`` (an operation of PyTorch), ``Relu`` (an operation of
TensorFlow), and for a function that a framework composes of others its dotted name,
``tf.nn.gelu``. A string that only names a function leaves no label.

All this runs in the answer's own process, so an answer that patches the frameworks can hide from
it. No framework is imported that this process has not imported already.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterable, Iterator

from diptych.forbidden import in_tensorflow, in_torch
from diptych.forbidden.functions import note_calls


@contextlib.contextmanager
def watching(symbols: Iterable[str] | None = None) -> Iterator[set[str]]:
    """The set of labels of what runs in the block, and in the threads that it starts.

    The set grows while the block runs. Operations are always seen. A function that is composed of
    others is seen only if ``symbols`` has its dotted name: TensorFlow's traced functions then run
    eagerly, and Python takes about twice as long.
    """
    seen: set[str] = set()
    note = None if symbols is None else note_calls(seen, symbols)

    def begin_thread(frame, event, argument):
        sys.setprofile(note)
        _listen(seen)  # until the thread ends

    before, before_in_threads = sys.getprofile(), threading.getprofile()
    with contextlib.nullcontext() if note is None else in_tensorflow.eagerly():
        ends = _listen(seen)
        threading.setprofile(begin_thread)
        if note:
            sys.setprofile(note)
        try:
            yield seen
        finally:
            sys.setprofile(before)
            threading.setprofile(before_in_threads)
            for end in reversed(ends):
                end()


def _listen(seen: set[str]) -> list[Callable[[], object]]:
    """Note the operations of this thread, until the returned functions are called, last first."""
    ends: list[Callable[[], object]] = []
    if "torch" in sys.modules:
        ends += in_torch.listen(seen)
    if "tensorflow" in sys.modules:
        ends.append(in_tensorflow.listen(seen))
    return ends
