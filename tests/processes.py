"""Processes, as tests on Linux see them in ``/proc``."""

import contextlib
import time
from pathlib import Path


def stat(pid):
    """State and parent of a process."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]


def parent(pid):
    return int(stat(pid)[1])


def alive(pid):
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return stat(pid)[0] not in "ZX"
    return False


def wait_for(what, seconds=30):
    """What the function ``what`` returns, once that is true."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, f"still waiting after {seconds} seconds"
        time.sleep(0.02)
    return found
