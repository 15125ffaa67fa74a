"""Notes which operations of PyTorch run in this thread; imports PyTorch only when it is called."""

from __future__ import annotations

import functools
from collections.abc import Callable


def listen(seen: set[str]) -> list[Callable[[], object]]:
    """Add the names of what runs to ``seen``: operations (``aten.add``) and functions that are
    composed of several (``torch.gelu``). Ends when the returned functions are called, last first.
    """
    ends: list[Callable[[], object]] = []
    for mode in (mode(seen) for mode in _modes()):
        mode.__enter__()
        ends.append(functools.partial(mode.__exit__, None, None, None))
    return ends


@functools.cache
def _modes() -> tuple[type, type]:
    from torch.overrides import TorchFunctionMode
    from torch.utils._python_dispatch import TorchDispatchMode

    class Functions(TorchFunctionMode):
        def __init__(self, seen: set[str]) -> None:
            super().__init__()
            self.seen = seen

        def __torch_function__(self, function, types, args=(), kwargs=None):
            name = getattr(function, "__name__", "")
            if "." not in name:  # names with a dot are operations, which the other mode sees
                self.seen.add(f"torch.{name}")
            return function(*args, **kwargs or {})

    class Operations(TorchDispatchMode):
        def __init__(self, seen: set[str]) -> None:
            super().__init__()
            self.seen = seen

        def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
            self.seen.add(str(operation).rpartition(".")[0])  # aten.add, without its overload
            return operation(*args, **kwargs or {})

        @classmethod
        def _should_skip_dynamo(cls):
            # True would import torch._dynamo at the first operation, which takes 1.5 seconds.
            return False

    return Functions, Operations
