"""The public symbols of the installed frameworks, by dotted name.

Resolving a name imports the framework that it belongs to.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from types import ModuleType

NAMESPACES = (
    "torch.nn",
    "torch.nn.functional",
    "keras.layers",
    "keras.activations",
    "keras.losses",
    "keras.regularizers",
    "keras.constraints",
    "tf.nn",
    "tf.nn.experimental",
)
# TensorFlow keeps names here that Keras itself has dropped, such as tf.keras.losses.mse.
LEGACY = tuple(f"tf.{name}" for name in NAMESPACES if name.startswith("keras."))


def resolve(symbol: str) -> object:
    """The object behind a dotted name such as ``tf.nn.relu``; raises ``AttributeError``."""
    root, *path = symbol.split(".")
    found = importlib.import_module("tensorflow" if root == "tf" else root)
    for name in path:
        found = getattr(found, name)
    return found


def exists(symbol: str) -> bool:
    """Whether the installed framework has this dotted name."""
    try:
        resolve(symbol)
    except AttributeError:
        return False
    return True


def public(namespace: str) -> dict[str, object]:
    """The public symbols of a namespace, by dotted name.

    A symbol is public if it is a class, a function or a submodule, its name has no leading
    underscore, and it does not come from Python's standard library, as
    ``torch.nn.functional.Optional`` does. Helpers of the frameworks that leak into a namespace are
    public too: the ledger lists and explains them. A submodule counts as one symbol unless it is
    itself in :data:`NAMESPACES`. So the ledger can leave out ``torch.nn.utils`` as a whole, and
    components can still name symbols in it.
    """
    module = resolve(namespace)
    found = {f"{namespace}.{name}": getattr(module, name) for name in dir(module)}
    return {symbol: value for symbol, value in found.items() if _is_public(symbol, value)}


def _is_public(symbol: str, value: object) -> bool:
    *_, parent, name = symbol.split(".")
    if name.startswith("_"):
        return False
    if isinstance(value, ModuleType):
        # Modules that the namespace only imports do not count: torch.nn.functional.grad is the
        # module torch.nn.grad.
        return value.__name__.endswith(f"{parent}.{name}") and symbol not in NAMESPACES
    origin = getattr(value, "__module__", None) or ""
    return callable(value) and origin.split(".")[0] not in sys.stdlib_module_names


def live() -> dict[str, object]:
    """The public symbols of all :data:`NAMESPACES`, by dotted name."""
    return {symbol: value for name in NAMESPACES for symbol, value in public(name).items()}


def legacy(symbols: Mapping[str, object]) -> dict[str, object]:
    """The public symbols of :data:`LEGACY` whose names without ``tf.`` are not in ``symbols``."""
    found = {symbol: value for name in LEGACY for symbol, value in public(name).items()}
    return {s: value for s, value in found.items() if s.removeprefix("tf.") not in symbols}
