"""A command of the learner's in a pseudo-terminal, as it is typed."""

import contextlib
import os
import pty
import select
import subprocess
import sys
import time

from tests import ROOT


class Terminal:
    """A running command; ``seen`` is all that it has shown so far."""

    def __init__(self, folder, *arguments):
        self.screen, inside = pty.openpty()
        path = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
        environment = {**os.environ, "PYTHONPATH": path.rstrip(os.pathsep), "COLUMNS": "100"}
        # Cold kernels start without a warm server, which would import both frameworks first.
        environment["JUPYTER_DEFAULT_PROVISIONER_NAME"] = "local-provisioner"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "diptych.cli", *arguments],
            **{"cwd": folder, "env": environment, "start_new_session": True},
            **dict.fromkeys(("stdin", "stdout", "stderr"), inside),
        )
        os.close(inside)
        self.seen = ""

    def until(self, text, seconds=120):
        """Wait until it shows ``text``; ``None`` is for its end. Returns all that it has shown."""
        end = time.monotonic() + seconds
        while text is None or text not in self.seen:
            assert time.monotonic() < end, self.seen
            if select.select([self.screen], [], [], 1)[0]:
                try:
                    more = os.read(self.screen, 65536)
                except OSError:  # how Linux says that nobody has the terminal open any more
                    more = b""
                if not more:
                    assert text is None, self.seen
                    break
                self.seen += more.decode(errors="replace").replace("\r\n", "\n")
        return self.seen

    def type(self, text):
        os.write(self.screen, text.encode())

    def end(self):
        """Wait until it ends by itself; returns its exit code."""
        self.until(None)
        return self.process.wait(30)


@contextlib.contextmanager
def terminal(folder, *arguments):
    """A :class:`Terminal` with ``diptych`` and these arguments; what still runs is ended."""
    running = Terminal(folder, *arguments)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.wait(30)
        os.close(running.screen)
