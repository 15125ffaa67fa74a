"""Shows that PyTorch and TensorFlow agree: :func:`show` prints numbers, :func:`agree` compares."""

from __future__ import annotations

import ast
import linecache
import sys
from functools import cache
from pathlib import Path
from types import FrameType

import numpy as np


class Disagreement(AssertionError):
    """The two frameworks' numbers differ by more than the tolerance."""


def framework_of(value: object) -> str | None:
    """``"pytorch"`` or ``"tensorflow"`` for a tensor, variable or parameter, else ``None``.

    It reads the modules of the value's classes, so it imports neither framework.
    """
    roots = {cls.__module__.split(".")[0] for cls in type(value).__mro__}
    if "torch" in roots:
        return "pytorch"
    if roots & {"tensorflow", "keras"}:
        return "tensorflow"
    return None


def to_numpy(value: object) -> np.ndarray:
    """The numbers of a tensor, variable or parameter of either framework, as an array of its shape.

    Raises ``TypeError`` if the value does not hold plain numbers.
    """
    if framework_of(value) == "pytorch":
        value = value.detach().cpu()
        # NumPy has no bfloat16.
        return (value.float() if str(value.dtype) == "torch.bfloat16" else value).numpy()
    array = np.asarray(value.numpy() if hasattr(value, "numpy") else value)
    if array.dtype == object:
        raise TypeError(f"a {type(value).__name__} does not hold plain numbers")
    return array


def show(*, digits: int = 4, **values: object) -> None:
    """Print numbers with four decimals in aligned columns, as ``name  number number …``.

    Each keyword is a label. Its value is a number, an array or a tensor of either framework, of any
    shape. Each row has one line, and the first line has the label. All calls in one cell share
    their columns. Pass fewer ``digits`` after training, because the last ones differ between
    processors.

    >>> show(x=[-1.0, 2.0], y=[-0.01, 2.0])
    x  -1.0000   2.0000
    y  -0.0100   2.0000
    """
    width = max(map(len, {*values, *_labels_in_cell(sys._getframe(1))}))
    for name, value in values.items():
        array = to_numpy(value)
        rows = array.reshape(-1, array.shape[-1]) if array.ndim else array.reshape(1, 1)
        for label, row in zip([name] + [""] * (len(rows) - 1), rows, strict=True):
            print(f"{label:{width}}" + "".join(f" {_digits(number, digits)}" for number in row))


def _labels_in_cell(frame: FrameType) -> set[str]:
    """The labels of all calls of ``show`` in the notebook cell that is running."""
    file = frame.f_code.co_filename
    if frame.f_globals.get("__name__") != "__main__" or Path(file).exists():
        return set()  # in a script or a module, calls do not share columns
    return _labels("".join(linecache.getlines(file)))


@cache
def _labels(source: str) -> set[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError:  # magics and shell escapes
        return set()
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    shows = (call for call in calls if getattr(call.func, "id", "") == "show")
    labels = {keyword.arg for call in shows for keyword in call.keywords if keyword.arg}
    return labels - {"digits"}


def _digits(number: np.generic, digits: int) -> str:
    if np.issubdtype(type(number), np.integer) or np.issubdtype(type(number), np.bool_):
        return f"{int(number):8d}"
    text = f"{float(number):8.{digits}f}"
    return text.replace("-", " ") if float(text) == 0 else text


def agree(torch_values, tf_values, *, gradients=None, rtol=1e-5, atol=1e-6) -> None:
    """Print one line if the frameworks' numbers agree, raise :class:`Disagreement` if not.

    ``torch_values`` and ``tf_values`` are one tensor each, or lists or tuples of the same length.
    ``gradients`` is a pair of the same kind, PyTorch's first. Shapes must be equal: nothing is
    broadcast. Two numbers agree if ``|a - b| <= atol + rtol * max(|a|, |b|)``. Equal infinities
    agree; NaN agrees with nothing.

    Raises ``TypeError`` unless the first side comes from PyTorch and the second from TensorFlow,
    ``ValueError`` if there is nothing to compare, and :class:`Disagreement` with the place of the
    largest difference if numbers differ.
    """
    pairs = {"values": (torch_values, tf_values)}
    if gradients is not None:
        pairs["gradients"] = gradients
    for what, (left, right) in pairs.items():
        lefts, rights = _listed(left), _listed(right)
        if len(lefts) != len(rights):
            raise Disagreement(f"{what}: {len(lefts)} from PyTorch, {len(rights)} from TensorFlow")
        if not lefts:
            raise ValueError(f"{what}: there is nothing to compare")
        for a, b in zip(lefts, rights, strict=True):
            _compare(what, a, b, rtol, atol)
    print(f"✓ {' and '.join(pairs)} agree: |difference| ≤ {atol:g} + {rtol:g}·|value|")


def _listed(values) -> list:
    return list(values) if isinstance(values, list | tuple) else [values]


def _compare(what: str, a, b, rtol: float, atol: float) -> None:
    for side, value, wanted in (("first", a, "pytorch"), ("second", b, "tensorflow")):
        if framework_of(value) != wanted:
            raise TypeError(
                f"{what}: the {side} side must come from {wanted}, but is a "
                f"{type(value).__module__}.{type(value).__name__}; pass what the framework returned"
            )
    a, b = to_numpy(a), to_numpy(b)
    if a.shape != b.shape:
        raise Disagreement(f"{what}: shape {a.shape} from PyTorch, {b.shape} from TensorFlow")
    if a.size == 0:
        raise ValueError(f"{what}: there is nothing to compare, the shape is {a.shape}")
    a, b = (side.astype(np.result_type(side.dtype, np.float64)) for side in (a, b))
    with np.errstate(invalid="ignore"):
        difference = np.where(a == b, 0.0, np.abs(a - b))
        excess = difference - (atol + rtol * np.maximum(np.abs(a), np.abs(b)))
    wrong = ~(excess <= 0) & ~(a == b)
    if wrong.any():
        # If there is a NaN, argmax returns its place: the reader should look there first.
        worst = np.unravel_index(np.argmax(np.where(wrong, difference, -1.0)), a.shape)
        raise Disagreement(
            f"{what} differ in {wrong.sum()} of {a.size} places, most at "
            f"{tuple(map(int, worst))}: {a[worst]:g} from PyTorch, {b[worst]:g} from TensorFlow, "
            f"difference {difference[worst]:.3g}, allowed {atol:g} + {rtol:g}·|value|"
        )
