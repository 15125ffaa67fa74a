"""Imports modules in the warm server as a notebook would import them."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any


class LateStream:
    """Replaces ``sys.stdout`` or ``sys.stderr`` while modules are imported.

    A log handler keeps the stream that it finds on import. With this one it writes to whatever
    ``sys.stdout`` or ``sys.stderr`` is when it writes: in a kernel, to the notebook.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        stream = getattr(sys, self._name)
        stream = getattr(sys, f"__{self._name}__") if stream is self else stream
        return getattr(stream, attribute)

    def close(self) -> None:
        """Do nothing: a log handler may close its stream, but this one is not the handler's."""


def import_all(modules: Sequence[str]) -> dict[str, str]:
    """Import those of the ``modules`` that are installed; return the environment variables that
    these imports set."""
    before = set(os.environ)
    sys.stdout, sys.stderr = LateStream("stdout"), LateStream("stderr")
    # Each child imports this package anew, so that a kernel has its current version. The package's
    # modules are forgotten here, once: a child that removed them itself would copy the memory pages
    # of all modules.
    for name in [name for name in sys.modules if name.partition(".")[0] == "diptych"]:
        del sys.modules[name]
    sys.ps1 = "In : "  # TensorFlow logs to stdout only if it is imported interactively
    for module in modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    del sys.ps1
    return {name: os.environ[name] for name in os.environ.keys() - before}
