"""A forked child of the warm server, seen from the process that asked for it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess

from diptych.warm.identity import START, Server
from diptych.warm.sockets import kill_group, receive


class Child:
    """A forked child, with the interface of :class:`subprocess.Popen`.

    ``returncode`` is ``None`` while the child runs, then its exit status, or minus the
    number of the signal that ended it. If the server ends, its children are killed: the
    code is then −9, and ``lost`` is true.

    Raises :class:`ConnectionError` if the server cannot fork, or ends before it answers.
    """

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket, server: Server) -> None:
        self.returncode: int | None = None
        self.lost = False
        self._connection = connection
        connection.settimeout(START)
        reply = receive(connection)
        if "pid" not in reply:
            ended = f"the warm server ended before it answered: {server.path}.log says why"
            raise ConnectionError(reply.get("error", ended))
        self.pid: int = reply["pid"]

    def wait(self, timeout: float | None = None) -> int:
        """The return code, once the child has ended.

        Raises :class:`subprocess.TimeoutExpired` after ``timeout`` seconds.
        """
        if self.returncode is None:
            self._connection.settimeout(timeout)
            try:
                reply = receive(self._connection)
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0) from None
            if "status" not in reply:
                self.lost = True
                kill_group(self.pid)  # the server can no longer kill what the child has started
            self.returncode = reply.get("status", -signal.SIGKILL)
            self._connection.close()
        return self.returncode

    def poll(self) -> int | None:
        """The return code, or ``None`` while the child runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)
