"""What a child takes of the machine, seen from outside: memory, threads, files."""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from diptych.isolation import sandbox

THREADS = 500
DISK = sandbox.FOLDER >> 20  # MB
PATH = 2000  # characters: longer ones could soon not be opened
PAUSE = 0.5  # seconds between searches for files without a name, which take a while
HELD = ("VmRSS:", "VmSwap:", "VmPTE:")  # resident, swapped, page tables


@dataclass
class Watch:
    """Looks at one child, whose folder is ``home`` and may hold ``most`` bytes of memory.

    ``in_memory`` says that the folder is a file system of its own, which has an end.
    """

    pid: int
    home: str
    most: int
    in_memory: bool
    searched: float = 0.0

    def excess(self) -> str | None:
        """The status of a child that has too much: memory, threads, files."""
        if resident(self.pid) > self.most:
            return "out_of_memory"
        if len(_threads(self.pid)) > THREADS:
            return "too_many_threads"
        if self.in_memory:
            return None
        written = _written(self.home)
        if time.monotonic() - self.searched > PAUSE:
            written += _nameless(self.pid, self.home)
            self.searched = time.monotonic()
        return "disk_full" if written > DISK << 20 else None


def resident(pid: int) -> int:
    """The bytes that a process and its descendants hold in memory; those that are gone, none."""
    held, threads = 0, _threads(pid)
    for thread in threads:
        lines = _lines(f"{thread}/status")
        # They share what they hold. One that has ended tells nothing, be it the first of them.
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
    """Lines as the kernel ends them: a name may hold whatever else is taken for an end."""
    return _read(path).split("\n")


def _written(folder: str) -> int:
    """The bytes in a folder; as good as infinite where they cannot be counted."""
    total, entries, folders = 0, 0, [folder]
    while folders:
        for entry in _listed(folders.pop()):
            entries += 1
            # The folder may be gone by now, or a file have taken its place.
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                total += entry.stat(follow_symlinks=False).st_blocks * 512
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
            # Too many, too deep, or made so that they cannot be listed.
            if entries > sandbox.ENTRIES or len(entry.path) > PATH or _is_shut(entry):
                return sys.maxsize
    return total


def _listed(folder: str) -> list[os.DirEntry]:
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        return list(itertools.islice(entries, sandbox.ENTRIES + 1))
    return []


def _is_shut(entry: os.DirEntry) -> bool:
    with contextlib.suppress(OSError):
        mode = entry.stat(follow_symlinks=False).st_mode
        return stat.S_ISDIR(mode) and mode & 0o700 != 0o700
    return False


def _nameless(pid: int, folder: str) -> int:
    """The bytes of files that have been removed, and are still open or mapped into memory.

    Of a mapped one only the part that is mapped is known, so it counts as much as a file can have;
    and only what lay in the ``folder``: nothing else can be written to.
    """
    sizes: dict[tuple[int, int], int] = {}
    # Threads share these, and the first may have ended: the last one lives.
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
                sizes.setdefault((os.makedev(major, minor), int(inode)), sandbox.FILE)
    return sum(sizes.values())
