"""How much memory, how many threads and how many bytes of files a child has, seen from outside."""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from diptych.isolation import namespaces, rlimits

THREADS = 500
DISK = namespaces.FOLDER >> 20  # MB
PATH = 2000  # characters: the kernel opens no path of 4096 or more
PAUSE = 0.5  # seconds between searches for deleted files, which are slow
HELD = ("VmRSS:", "VmSwap:", "VmPTE:")  # resident, swapped, page tables


@dataclass
class Watch:
    """Measures the child ``pid``, which works in the folder ``home``.

    The child and its descendants may hold ``most`` bytes of memory. If the folder is ``in_memory``,
    the kernel limits its size, and files are not measured.
    """

    pid: int
    home: str
    most: int
    in_memory: bool
    searched: float = 0.0

    def excess(self) -> str | None:
        """A status that says of what the child has too much; ``None`` if it keeps all limits."""
        if resident(self.pid) > self.most:
            return "out_of_memory"
        if len(_threads(self.pid)) > THREADS:
            return "too_many_threads"
        if self.in_memory:
            return None
        written = _written(self.home)
        if time.monotonic() - self.searched > PAUSE:
            written += _deleted(self.pid, self.home)
            self.searched = time.monotonic()
        return "disk_full" if written > DISK << 20 else None


def resident(pid: int) -> int:
    """The bytes of memory that a process and its descendants hold; 0 for those that have ended."""
    held, threads = 0, _threads(pid)
    for thread in threads:
        lines = _lines(f"{thread}/status")
        # Threads share their memory, so one is enough. The first may have ended: it reports 0.
        if held := 1024 * sum(int(line.split()[1]) for line in lines if line.startswith(HELD)):
            break
    for thread in threads:
        held += sum(resident(int(child)) for child in _read(f"{thread}/children").split())
    return held


def _threads(pid: int) -> list[str]:
    with contextlib.suppress(OSError):
        return [entry.path for entry in os.scandir(f"/proc/{pid}/task")]
    return []


def _read(path: str) -> str:
    with contextlib.suppress(OSError):
        return Path(path).read_bytes().decode("utf-8", "replace")
    return ""


def _lines(path: str) -> list[str]:
    """The lines of a file. Only newlines end a line: names may contain other line separators."""
    return _read(path).split("\n")


def _written(folder: str) -> int:
    """The bytes of all files in a folder; ``sys.maxsize`` if they cannot be counted."""
    total, entries, folders = 0, 0, [folder]
    while folders:
        for entry in _listed(folders.pop()):
            entries += 1
            # The child may have removed it by now, or replaced a folder by a file.
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                total += entry.stat(follow_symlinks=False).st_blocks * 512
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
            too_many = entries > namespaces.ENTRIES
            if too_many or len(entry.path) > PATH or _cannot_be_listed(entry):
                return sys.maxsize
    return total


def _listed(folder: str) -> list[os.DirEntry]:
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        return list(itertools.islice(entries, namespaces.ENTRIES + 1))
    return []


def _cannot_be_listed(entry: os.DirEntry) -> bool:
    with contextlib.suppress(OSError):
        mode = entry.stat(follow_symlinks=False).st_mode
        return stat.S_ISDIR(mode) and mode & 0o700 != 0o700
    return False


def _deleted(pid: int, folder: str) -> int:
    """The bytes of deleted files that the process still holds open or mapped into memory.

    The size of a mapped file is unknown, so it counts as the largest size that a file can have.
    Only files from the ``folder`` count: the child can write to no others.
    """
    sizes: dict[tuple[int, int], int] = {}
    # All threads share their files. The first may have ended, so the last one is read.
    thread = _threads(pid)[-1:]
    for entry in _listed(f"{thread[0]}/fd") if thread else ():
        with contextlib.suppress(OSError):
            file = entry.stat()
            if stat.S_ISREG(file.st_mode) and file.st_nlink == 0:
                sizes[file.st_dev, file.st_ino] = file.st_blocks * 512
    inside = os.path.realpath(folder) + os.sep
    for line in _lines(f"{thread[0]}/maps") if thread else ():
        if line.endswith("(deleted)"):
            _, _, _, device, inode, path = line.split(maxsplit=5)
            major, minor = (int(number, 16) for number in device.split(":"))
            if path.startswith(inside):
                sizes.setdefault((os.makedev(major, minor), int(inode)), rlimits.FILE)
    return sum(sizes.values())
