"""The folders in which children work: made for one, and removed, whatever it has left there."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def own_folder(folder: Path) -> Iterator[str]:
    """A folder for one child, removed with whatever the child has made of it."""
    home = tempfile.mkdtemp(dir=folder)
    try:
        yield home
    finally:
        remove(home)


def remove(folder: str | os.PathLike) -> None:
    """Remove a folder and what is in it; what cannot be removed stays, and nobody is told.

    Not :func:`shutil.rmtree`: a submission can make folders that are deeper than paths are long
    and than Python calls itself, and such that cannot be listed.
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
                        moved += 1  # up, next to its parent: no path becomes longer than this
                        os.rename(inner.path, f"{folder}/{moved}.{time.monotonic_ns()}")
                    else:
                        os.unlink(inner.path)
                os.rmdir(entry.path)
        os.rmdir(folder)


def _opened(folder: str) -> list[os.DirEntry]:
    os.chmod(folder, 0o700)
    with os.scandir(folder) as entries:
        return list(entries)
