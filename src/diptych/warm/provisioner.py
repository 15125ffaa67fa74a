"""Jupyter kernels from the warm server: ready in a fraction of a second.

Choose it with ``JUPYTER_DEFAULT_PROVISIONER_NAME=diptych-warm``. A kernel that the warm server
cannot start (another language, another environment, another system than Linux) starts as an
ordinary kernel, and the log says why.
"""

from __future__ import annotations

import asyncio
import atexit
import functools
import importlib.util
import logging
import os
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import LocalProvisioner

LAUNCHER = "ipykernel_launcher"
INLINE = "module://matplotlib_inline.backend_inline"  # ipykernel's default for MPLBACKEND


class WarmProvisioner(LocalProvisioner):
    """Starts a kernel as a fork of the warm server; manages it like any other local kernel."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict[str, Any]:
        """Start the kernel with the command ``cmd``; ``kwargs`` are those of ``Popen``.

        Returns the kernel's connection info. Raises what ``LocalProvisioner`` raises.
        """
        options = self._scrub_kwargs(kwargs)
        reason = _why_cold(cmd, options)
        if reason is None:
            try:
                # In a thread: the first start waits for the server's imports.
                self.process = await asyncio.to_thread(_fork, cmd, options)
            except OSError as error:
                reason = str(error)
        if reason is not None:
            _say_once(f"This kernel starts without the warm server, which takes seconds: {reason}.")
            return await super().launch_kernel(cmd, **kwargs)
        self.pid = self.pgid = self.process.pid
        self.cwd = kwargs.get("cwd") or Path.cwd()
        return self.connection_info


@functools.cache
def _say_once(message: str) -> None:
    logging.getLogger(__name__).warning(message)


def _why_cold(cmd: list[str], options: dict[str, Any]) -> str | None:
    """Why this kernel cannot be a fork of the server; ``None`` if it can."""
    if sys.platform != "linux":
        return f"the warm server needs Linux, and this system is {sys.platform}"
    if cmd[1:3] != ["-m", LAUNCHER]:
        return f"it is not an ordinary Python kernel: {' '.join(cmd[:4])}"
    python, ours = Path(cmd[0]), Path(sys.executable)
    # The folders are compared, too: several environments link to the same interpreter.
    if python.parent != ours.parent or not python.samefile(ours):
        return f"it runs another Python: {python}"
    unknown = options.keys() - {"env", "cwd", "stdin", "stdout", "stderr"}
    if unknown or subprocess.PIPE in options.values():
        return f"the warm server cannot give it {', '.join(sorted(unknown)) or 'pipes'}"
    return None


def _fork(cmd: list[str], options: dict[str, Any]) -> Any:
    from diptych.warm import client  # imported late: it cannot be imported outside Linux

    env = {**(options.get("env") or os.environ), "JPY_PARENT_PID": str(os.getpid())}
    entry = f"{__name__}:run_kernel"
    listening, kernel_listens = os.pipe()
    with open(os.devnull, "r+b") as null, open(listening, "rb") as listening:
        with open(kernel_listens, "wb") as kernel_listens:
            fds = [
                _descriptor(options.get(stream), default, null.fileno())
                for stream, default in (("stdin", null.fileno()), ("stdout", 1), ("stderr", 2))
            ]
            if options.get("stderr") == subprocess.STDOUT:
                fds[2] = fds[1]
            fds.append(kernel_listens.fileno())
            kernel = client.spawn(entry, cmd[3:], cwd=options.get("cwd"), env=env, fds=fds)
        # Wait until the kernel listens: a client that connects earlier loses a tenth of a second.
        select.select([listening], [], [], 1)
        return kernel


def _descriptor(stream: Any, default: int, null: int) -> int:
    """The file descriptor that ``Popen`` would use for ``stream``."""
    if stream is None or stream == subprocess.STDOUT:
        return default
    if stream == subprocess.DEVNULL:
        return null
    return stream if isinstance(stream, int) else stream.fileno()


def run_kernel(*arguments: Any) -> None:
    """Do what ``python -m ipykernel_launcher`` does, in a process that has imported everything.

    The last of the ``arguments`` is a file descriptor, which is closed when the kernel listens.
    """
    import matplotlib
    from ipykernel.kernelapp import IPKernelApp

    *arguments, kernel_listens = arguments
    launcher = importlib.util.find_spec(LAUNCHER).origin
    sys.argv = [launcher, *arguments]
    sys.orig_argv[:] = [sys.executable, "-m", LAUNCHER, *arguments]
    # A kernel chooses this backend when it imports matplotlib, which is imported already.
    matplotlib.rcParams["backend"] = os.environ.get("MPLBACKEND") or INLINE
    # The kernel's parent is the server. ipykernel has read another number when it was imported.
    app = IPKernelApp.instance(parent_handle=os.getppid())
    app.initialize()
    os.close(kernel_listens)
    app.start()
    atexit._run_exitfuncs()
