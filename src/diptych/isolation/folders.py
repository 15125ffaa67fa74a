"""The folders in which children work: each child gets its own, which is removed afterwards."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def own_folder(folder: Path) -> Iterator[str]:
    """A new folder in ``folder`` for one child, removed at the end with all that is in it."""
    home = tempfile.mkdtemp(dir=folder)
    try:
        yield home
    finally:
        remove(home)


def remove(folder: str | os.PathLike) -> None:
    """Remove a folder and all that is in it. No error is raised: what cannot be removed stays.

    :func:`shutil.rmtree` is not enough: a submission can nest folders deeper than the longest path
    and than Python's recursion limit, and can make folders that nobody may list.
    """
    folder, moved = os.fspath(folder), 0
    with contextlib.suppress(OSError):
        while entries := _opened(folder):
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    os.unlink(entry.path)
                    continue
                for inner in _opened(entry.path):
                    if inner.is_dir(follow_symlinks=False):
                        os.chmod(inner.path, 0o700)
                        moved += 1  # move it up, beside its parent, so that no path gets longer
                        os.rename(inner.path, f"{folder}/{moved}.{time.monotonic_ns()}")
                    else:
                        os.unlink(inner.path)
                os.rmdir(entry.path)
        os.rmdir(folder)


def _opened(folder: str) -> list[os.DirEntry]:
    os.chmod(folder, 0o700)
    with os.scandir(folder) as entries:
        return list(entries)
