"""Says what to do about errors of common mistakes, if the error itself does not say it."""

from __future__ import annotations

import re
from collections.abc import Mapping

STUB = "Keep the arguments that the stub has"
# Advice, by a pattern that occurs in the text of the error.
KNOWN = {
    r"(Boolean value of Tensor|truth value of an array) with more than one": (
        "`if`, `and` and Python's `max` need one truth value, and here are many: choose number by "
        "number, with `where`"
    ),
    r"does not require grad and does not have a grad_fn": (
        "PyTorch records what is computed from tensors with `requires_grad` only, such as "
        "`w.clone().requires_grad_()`"
    ),
    r"leaf Variable that requires grad .* in-place": (
        "Change what you train below `with torch.no_grad():`"
    ),
    r"unsupported operand.*'NoneType'": (
        "One of the two is None, as what a function without `return` gives, or a gradient that was "
        "not recorded: a tape sees `tf.Variable`, and what `tape.watch` names"
    ),
    r"EagerTensor' object has no attribute": (
        "Tensors of TensorFlow have few methods: look for a function, such as `tf.reduce_mean(x)`"
    ),
    r"In\[\d\] ndims must be >= 2|has different ndims: .*\[\d+\]": (
        "In TensorFlow, `@` needs two matrices: with a vector, use `tf.linalg.matvec`"
    ),
    r"must have the same dtype, got|was expected to be an? \w+ tensor but is an? \w+ tensor": (
        "TensorFlow does not convert dtypes by itself: use `tf.cast`"
    ),
    r"\Aname '\w+' is not defined\Z": ("Import or define it in a cell above, and run that cell"),
}


def advice(fault: Mapping[str, str]) -> str:
    """What to do about the ``fault`` of an answer that raised an error; "" if nothing is known."""
    message = fault["message"]
    # No line of the learner's code is in the traceback: the call itself failed.
    if fault["type"] == "TypeError" and not fault["line"] and "argument" in message:
        return STUB
    return next((said for text, said in KNOWN.items() if re.search(text, message, re.S)), "")
