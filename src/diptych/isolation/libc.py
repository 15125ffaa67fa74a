"""Calls functions of the C library that Python does not have."""

from __future__ import annotations

import ctypes
import os


def call(name: str, *arguments: object) -> None:
    """Call ``name``, which returns 0 if all went well; else raises :class:`OSError`."""
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments):
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")
