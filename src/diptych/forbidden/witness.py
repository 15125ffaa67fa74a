"""Sees which operations an answer computes with, while it is asked.

What ran is named by *labels*: ``aten.relu`` (an operation of PyTorch), ``Relu`` (an operation of
TensorFlow) and, for functions that a framework composes of others, the function's own dotted name,
``tf.nn.gelu``. A text that only names a function leaves no label.

Everything here runs in the process of the answer, so whoever patches the frameworks can hide from
it. It imports each framework only if the answer's process has done so already.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import CodeType, FrameType

# What runs of a layer, an optimizer or a metric.
METHODS = (
    "__call__", "forward", "call", "_merge_function", "step", "update_step", "apply", "update_state"
)  # fmt: skip


@contextlib.contextmanager
def watching(symbols: Iterable[str] | None = None) -> Iterator[set[str]]:
    """The set of labels of what runs inside, filled as it runs, in threads that start inside, too.

    Operations are always seen. Functions that are composed of others are seen where ``symbols``
    gives their dotted names; TensorFlow's traced functions then run eagerly, so that they are seen,
    too. Watching for functions slows Python down about twice.
    """
    seen: set[str] = set()
    note = None if symbols is None else _note_calls(seen, _codes(tuple(symbols), _imported()))

    def begin_thread(frame, event, argument):
        sys.setprofile(note)
        _listen(seen)  # to its end

    before, before_in_threads = sys.getprofile(), threading.getprofile()
    with contextlib.nullcontext() if note is None else _eagerly():
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


def _imported() -> tuple[str, ...]:
    return tuple(name for name in ("torch", "tensorflow", "keras") if name in sys.modules)


def _listen(seen: set[str]) -> list[Callable[[], object]]:
    """Note the operations that this thread runs, until the functions that come back are called."""
    ends: list[Callable[[], object]] = []
    if "torch" in sys.modules:
        for mode in (mode(seen) for mode in _mode_classes()):
            mode.__enter__()
            ends.append(functools.partial(mode.__exit__, None, None, None))
    if "tensorflow" in sys.modules:
        ends.append(_call_back(seen))
    return ends


@functools.cache
def _mode_classes() -> tuple[type, type]:
    """What PyTorch computes: the functions made of several operations, and its operations."""
    from torch.overrides import TorchFunctionMode
    from torch.utils._python_dispatch import TorchDispatchMode

    class Functions(TorchFunctionMode):
        def __init__(self, seen: set[str]) -> None:
            super().__init__()
            self.seen = seen

        def __torch_function__(self, function, types, args=(), kwargs=None):
            name = getattr(function, "__name__", "")
            if "." not in name:  # an operation, which the other mode sees
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
            # True would import torch._dynamo at the first operation: a second and a half.
            return False

    return Functions, Operations


def _call_back(seen: set[str]) -> Callable[[], None]:
    """What TensorFlow computes: the operations that run, and those in functions traced before."""
    from tensorflow.python.framework import op_callbacks

    def note(operation, inputs, attributes, outputs, op_name=None, graph=None):
        if _is_of_a_gradient(sys._getframe(1)):
            return
        name = operation.decode() if isinstance(operation, bytes) else operation
        seen.update(_traced(name) if name.startswith("__") else (name,))

    def end() -> None:
        with contextlib.suppress(KeyError):  # the answer may have removed it
            op_callbacks.remove_op_callback(note)

    op_callbacks.add_op_callback(note)
    return end


@functools.lru_cache(maxsize=1000)
def _traced(name: str) -> frozenset[str]:
    """The operations in a traced function, and in those that it calls."""
    from tensorflow.python.eager import context

    found, todo, known = set(), [name], set()
    while todo:
        each = todo.pop()
        known.add(each)
        with contextlib.suppress(Exception):  # it may be gone
            for node in context.context().get_function_def(each).node_def:
                found.add(node.op)
                called = [f.name for a in node.attr.values() for f in (a.func, *a.list.func)]
                called = [name for name in called if name]
                todo += {node.op, *called} - known if node.op.startswith("__") or called else ()
    return frozenset(found)


def _note_calls(seen: set[str], codes: Mapping[CodeType, str]) -> Callable[..., None]:
    """A profile function that notes which of the functions with these ``codes`` are called."""

    def note(frame, event, argument):
        if event == "call" and frame.f_code in codes and not _is_of_a_gradient(frame):
            seen.add(codes[frame.f_code])

    return note


def _is_of_a_gradient(frame: FrameType | None) -> bool:
    """Whether TensorFlow itself calls, to differentiate: softplus's gradient is made of sigmoid."""
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith("tensorflow.python.ops.") and module.endswith("_grad"):
            return True
        if not module.startswith("tensorflow."):
            return False
        frame = frame.f_back
    return False


@contextlib.contextmanager
def _eagerly() -> Iterator[None]:
    config = sys.modules["tensorflow"].config if "tensorflow" in sys.modules else None
    before = config and config.functions_run_eagerly()
    if config:
        config.run_functions_eagerly(True)
    try:
        yield
    finally:
        if config:
            config.run_functions_eagerly(before)


@functools.lru_cache(maxsize=64)
def _codes(symbols: tuple[str, ...], imported: tuple[str, ...]) -> dict[CodeType, str]:
    """The code of each function, of each method that a class defines itself, and of all that is
    public in a module and beneath it, in the frameworks that are ``imported`` now."""
    found: dict[CodeType, str] = {}
    for symbol in symbols:
        with contextlib.suppress(ImportError, AttributeError):
            for part in _parts(resolve(symbol)):
                # Under decorators, whose own code many functions share.
                code = getattr(inspect.unwrap(part), "__code__", None)
                if code is not None:
                    found.setdefault(code, symbol)
    return found


def _parts(value: object) -> Iterator[object]:
    if inspect.ismodule(value):
        # By name, because a package may have deleted its submodules' names: torch.optim has.
        beneath = [m for name, m in sys.modules.items() if name.startswith(f"{value.__name__}.")]
        for name, each in [pair for module in (value, *beneath) for pair in vars(module).items()]:
            its_own = (getattr(each, "__module__", None) or "").startswith(value.__name__)
            function = inspect.isfunction(each) and its_own
            if not name.startswith("_") and (inspect.isclass(each) or function):
                yield from _parts(each)
    elif inspect.isclass(value):
        own = vars(value)
        named = [name for name in METHODS if callable(own.get(name))]
        # A class with another's methods, such as ReLU6, is known by being made.
        yield from (own[name] for name in named or ("__init__",) if name in own)
    else:
        yield value


def resolve(symbol: str) -> object:
    """The object behind a dotted name such as ``tf.nn.gelu``, in frameworks imported already."""
    root, *path = symbol.split(".")
    name = "tensorflow" if root == "tf" else root
    if name not in sys.modules:
        raise ImportError(f"{name} has not been imported")
    found = importlib.import_module(name)
    for part in path:
        found = getattr(found, part)
    return found
