"""Notes which public functions, classes and modules of the frameworks are used.

A profile function sees each call, and :func:`codes` tells it whose code runs. Only frameworks that
have been imported already are searched; none is imported for this.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from types import CodeType, FrameType

# The methods of a layer, an optimizer or a metric that run when it is used.
METHODS = (
    "__call__", "forward", "call", "_merge_function", "step", "update_step", "apply", "update_state"
)  # fmt: skip


def note_calls(seen: set[str], symbols: Iterable[str]) -> Callable[..., None]:
    """A profile function (:func:`sys.setprofile`) that adds those of the ``symbols`` to ``seen``
    that are called."""
    imported = tuple(name for name in ("torch", "tensorflow", "keras") if name in sys.modules)
    names = codes(tuple(symbols), imported)

    def note(frame, event, argument):
        if event == "call" and frame.f_code in names and not is_for_a_gradient(frame):
            seen.add(names[frame.f_code])

    return note


def is_for_a_gradient(frame: FrameType | None) -> bool:
    """Whether TensorFlow itself makes the call that ``frame`` runs, to compute a gradient.

    The gradient of softplus calls sigmoid, for example, which the answer has not used.
    """
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith("tensorflow.python.ops.") and module.endswith("_grad"):
            return True
        if not module.startswith("tensorflow."):
            return False
        frame = frame.f_back
    return False


@functools.lru_cache(maxsize=64)
def codes(symbols: tuple[str, ...], imported: tuple[str, ...]) -> dict[CodeType, str]:
    """The code objects of the ``symbols``, dotted names such as ``tf.nn.gelu``: each with its name.

    A class has the code of the methods that it defines itself; a module has the code of all that is
    public in it and in its submodules. A name that no imported framework has is left out.
    ``imported`` are the frameworks imported by now: with another one, the result is another.
    """
    found: dict[CodeType, str] = {}
    for symbol in symbols:
        with contextlib.suppress(ImportError, AttributeError):
            for part in _parts(resolve(symbol)):
                # Without decorators: many functions share the code of one decorator.
                code = getattr(inspect.unwrap(part), "__code__", None)
                if code is not None:
                    found.setdefault(code, symbol)
    return found


def _parts(value: object) -> Iterator[object]:
    """The functions and methods that a function, a class or a module consists of."""
    if inspect.ismodule(value):
        # From sys.modules: torch.optim, for example, deletes the names of its submodules.
        beneath = [m for name, m in sys.modules.items() if name.startswith(f"{value.__name__}.")]
        for name, each in [pair for module in (value, *beneath) for pair in vars(module).items()]:
            its_own = (getattr(each, "__module__", None) or "").startswith(value.__name__)
            function = inspect.isfunction(each) and its_own
            if not name.startswith("_") and (inspect.isclass(each) or function):
                yield from _parts(each)
    elif inspect.isclass(value):
        own = vars(value)
        named = [name for name in METHODS if callable(own.get(name))]
        # A class that inherits all these methods, such as ReLU6, is noted when it is constructed.
        yield from (own[name] for name in named or ("__init__",) if name in own)
    else:
        yield value


def resolve(symbol: str) -> object:
    """The object with a dotted name such as ``tf.nn.gelu``.

    Raises :class:`ImportError` if its framework has not been imported, and
    :class:`AttributeError` if the framework has no such name.
    """
    root, *path = symbol.split(".")
    name = "tensorflow" if root == "tf" else root
    if name not in sys.modules:
        raise ImportError(f"{name} has not been imported")
    found = importlib.import_module(name)
    for part in path:
        found = getattr(found, part)
    return found
