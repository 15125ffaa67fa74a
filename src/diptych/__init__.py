"""Deep learning in two panels: what the chapters and exercises of the book call."""

import importlib

from diptych.book.compare import Disagreement, agree, show
from diptych.book.errors import show_error
from diptych.book.gradients import value_and_grad

__all__ = [
    "Disagreement",
    "agree",
    "check",
    "copy_weights",
    "first_difference",
    "plots",
    "progress",
    "show",
    "show_error",
    "value_and_grad",
]

# Imported when asked for: drawing takes matplotlib; checking, counting and moving weights import
# the components, which the warm server's children must never hold.
_LATE = {
    "check": "diptych.learning.check",
    "copy_weights": "diptych.book.weights",
    "first_difference": "diptych.book.difference",
    "plots": "diptych.book.plots",
    "progress": "diptych.learning.progress",
}


def __getattr__(name: str):
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(_LATE[name])
    return getattr(module, name, module)
