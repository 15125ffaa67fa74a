"""What a fork of the warm server does: it becomes the process that a client has asked for."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import random
import selectors
import signal
import sys
import tempfile
import time
import traceback
import types
from typing import Any, NoReturn

import numpy as np


def run(
    request: dict[str, Any], fds: list[int], selector: selectors.BaseSelector, server: int
) -> NoReturn:
    """Call the function of the ``request``, and end the process with its exit status.

    ``fds`` are the descriptors that the client has sent; the ``selector`` has those of the server,
    which are closed. ``server`` is the server's process id.
    """
    status = 1
    try:
        _detach(fds, selector, server)
        _look_cold(request["env"], request["cwd"])
        module, _, function = request["entry"].partition(":")
        entry = getattr(importlib.import_module(module), function)
        status = int(entry(*request["args"], *fds[3:]) or 0)
    except SystemExit as end:
        status = end.code or 0
        if not isinstance(status, int):
            print(status, file=sys.stderr)
            status = 1
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
            with contextlib.suppress(Exception):
                stream.flush()
        os._exit(status & 0xFF)


def _detach(fds: list[int], selector: selectors.BaseSelector, server: int) -> None:
    """Give up everything of the server's; only, the child is killed when the server ends."""
    os.setsid()
    parent_death_signal = 1  # PR_SET_PDEATHSIG, prctl(2)
    ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGKILL)
    if os.getppid() != server:  # the server ended before prctl
        os._exit(1)
    for key in list(selector.get_map().values()):
        os.close(key.fd) if isinstance(key.fileobj, int) else key.fileobj.close()
    selector.close()
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        if callable(signal.getsignal(number)) or number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number, fd in enumerate(fds[:3]):
        os.dup2(fd, number)
        os.close(fd)
    for fd in fds[3:]:
        os.set_inheritable(fd, False)


def _look_cold(env: dict[str, str], cwd: str) -> None:
    """Make the process look like a fresh interpreter with this environment, except its modules."""
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    time.tzset()
    tempfile.tempdir = None
    random.seed()
    np.random.seed()
    if "torch" in sys.modules:
        sys.modules["torch"].default_generator.seed()
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    sys.modules["__main__"] = types.ModuleType("__main__")
