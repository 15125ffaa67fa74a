"""Namespaces for a child: an empty network, and a folder in memory. See namespaces(7)."""

from __future__ import annotations

import os
from pathlib import Path

from diptych.isolation import libc

FOLDER = 256 << 20  # bytes that the folder can hold
ENTRIES = 5000  # files and folders that it can hold

# unshare(2)
CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS = 0x00020000, 0x02000000, 0x04000000
CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWNET = 0x08000000, 0x10000000, 0x40000000
NEW_NAMESPACES = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS
NEW_NAMESPACES |= CLONE_NEWIPC | CLONE_NEWNET
# mount(2)
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 2, 4, 8, 1 << 14, 1 << 18


def separate(folder: Path) -> None:
    """Move this process into namespaces of its own, where ``folder`` is an empty one in memory.

    The folder's content is lost when the process ends. Raises :class:`OSError` if the kernel does
    not allow it.
    """
    user, group = os.getuid(), os.getgid()
    libc.call("unshare", NEW_NAMESPACES)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    libc.call("mount", b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    options = f"size={FOLDER},nr_inodes={ENTRIES},mode=700".encode()
    flags = MS_NOSUID | MS_NODEV | MS_NOEXEC
    libc.call("mount", b"tmpfs", os.fsencode(folder), b"tmpfs", flags, options)
    os.chdir(folder)
