"""Resource limits of a child: processor time, files and threads. See setrlimit(2)."""

from __future__ import annotations

import contextlib
import math
import os
import resource
from pathlib import Path

FILE = 64 << 20  # bytes of one file
OPEN = 256  # open files
# Threads beyond those that the user has already. This is the last resort: Watch measures the
# child's own threads, and allows fewer.
THREADS = 4096


def restrict(seconds: float) -> None:
    """Limit this process to ``seconds`` of processor time, and to the sizes and numbers above."""
    with contextlib.suppress(OSError):  # if memory runs out, the kernel kills this process first
        Path("/proc/self/oom_score_adj").write_text("1000")
    processor = math.ceil(seconds) + 1
    limits = {
        resource.RLIMIT_CPU: (processor, processor + 1),
        resource.RLIMIT_FSIZE: FILE,
        resource.RLIMIT_NOFILE: OPEN,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_NPROC: _threads_of_user() + THREADS,
    }
    for what, most in limits.items():
        wanted = most if isinstance(most, tuple) else (most, most)
        hard = resource.getrlimit(what)[1]
        if hard != resource.RLIM_INFINITY:
            wanted = tuple(min(each, hard) for each in wanted)
        resource.setrlimit(what, wanted)


def _threads_of_user() -> int:
    found, user = 0, os.getuid()
    for entry in os.scandir("/proc"):
        with contextlib.suppress(OSError, ValueError):
            if entry.name.isdigit() and entry.stat().st_uid == user:
                found += len(os.listdir(f"/proc/{entry.name}/task"))
    return found
