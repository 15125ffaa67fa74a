"""What a child takes of the machine, seen from outside: memory, threads, files."""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
from pathlib import Path

from diptych import sandbox

THREADS = 500
DISK = sandbox.FOLDER >> 20  # MB


def excess(pid: int, home: str, most: int) -> str | None:
    """The status of a child that has too much: memory beyond ``most`` bytes, threads, files."""
    if resident(pid) > most:
        return "out_of_memory"
    if len(_listed(f"/proc/{pid}/task")) > THREADS:
        return "too_many_threads"
    return "disk_full" if _written(home) > DISK << 20 else None


def resident(pid: int) -> int:
    """The bytes that a process and its descendants hold in memory; those that are gone, none."""
    held = 0
    with contextlib.suppress(OSError):
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
        held = int(pages) * os.sysconf("SC_PAGE_SIZE")
        for thread in _listed(f"/proc/{pid}/task"):
            held += sum(resident(int(child)) for child in _children(f"{thread.path}/children"))
    return held


def _children(path: str) -> list[str]:
    with contextlib.suppress(OSError):
        return Path(path).read_text().split()
    return []


def _written(folder: str) -> int:
    """The bytes in a folder; as good as infinite where there are too many entries to count."""
    total, entries, folders = 0, 0, [folder]
    while folders:
        for entry in _listed(folders.pop()):
            entries += 1
            with contextlib.suppress(OSError):
                total += entry.stat(follow_symlinks=False).st_blocks * 512
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
        if entries > sandbox.ENTRIES:
            return sys.maxsize
    return total


def _listed(folder: str) -> list[os.DirEntry]:
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        return list(itertools.islice(entries, sandbox.ENTRIES + 1))
    return []
