"""Notes which operations of TensorFlow run in this thread; imports it only when it is called."""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable, Iterator

from diptych.forbidden.functions import is_for_a_gradient


def listen(seen: set[str]) -> Callable[[], None]:
    """Add the names of the operations that run to ``seen``, those in traced functions included.

    Ends when the returned function is called.
    """
    from tensorflow.python.framework import op_callbacks

    def note(operation, inputs, attributes, outputs, op_name=None, graph=None):
        if is_for_a_gradient(sys._getframe(1)):
            return
        name = operation.decode() if isinstance(operation, bytes) else operation
        seen.update(_traced(name) if name.startswith("__") else (name,))

    def end() -> None:
        with contextlib.suppress(KeyError):  # the answer may have removed the callback
            op_callbacks.remove_op_callback(note)

    op_callbacks.add_op_callback(note)
    return end


@functools.lru_cache(maxsize=1000)
def _traced(name: str) -> frozenset[str]:
    """The operations in a traced function, and in the functions that it calls."""
    from tensorflow.python.eager import context

    found, todo, known = set(), [name], set()
    while todo:
        each = todo.pop()
        known.add(each)
        with contextlib.suppress(Exception):  # TensorFlow may have deleted the function
            for node in context.context().get_function_def(each).node_def:
                found.add(node.op)
                called = [f.name for a in node.attr.values() for f in (a.func, *a.list.func)]
                called = [name for name in called if name]
                todo += {node.op, *called} - known if node.op.startswith("__") or called else ()
    return frozenset(found)


@contextlib.contextmanager
def eagerly() -> Iterator[None]:
    """Run traced functions eagerly, so that a profile function sees the functions they call.

    Does nothing if TensorFlow has not been imported.
    """
    config = sys.modules["tensorflow"].config if "tensorflow" in sys.modules else None
    before = config and config.functions_run_eagerly()
    if config:
        config.run_functions_eagerly(True)
    try:
        yield
    finally:
        if config:
            config.run_functions_eagerly(before)
