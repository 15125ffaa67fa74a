"""Helpers: run code in children of a test's server, and start other processes that use it."""

import os
import subprocess
import sys
import tempfile
import textwrap

from diptych.warm import client


def run(server, code, **options):
    """Run Python ``code`` in a child; return its exit status, its output, and its errors."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        args = [textwrap.dedent(code), {}]
        fds = (0, out.fileno(), err.fileno())
        status = client.spawn("builtins:exec", args, server=server, fds=fds, **options).wait(30)
        out.seek(0)
        err.seek(0)
        return status, out.read().strip(), err.read().strip()


def start(server, code):
    """Start Python ``code`` in a child; return the child, and the first line that it prints."""
    reading, writing = os.pipe()
    with open(reading) as lines:
        child = client.spawn(
            "builtins:exec", [textwrap.dedent(code), {}], server=server, fds=(0, writing, 2)
        )
        os.close(writing)
        return child, lines.readline().strip()


WITH_A_GRANDCHILD = """
    import subprocess, time
    print(subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL).pid, flush=True)
    time.sleep(600)
"""


CLIENT = """
import os, sys
from pathlib import Path
from diptych.warm import client, identity
server = identity.Server(Path(sys.argv[1]), identity.import_environment(os.environ), ())
child = client.spawn("builtins:exec", [sys.argv[2], {}], server=server)
print(child.pid, open(f"/proc/{child.pid}/stat").read().rpartition(")")[2].split()[1], flush=True)
child.wait()
"""


class Client(subprocess.Popen):
    """Another process that uses the server; it is killed at the end of the test."""

    def __exit__(self, *error):
        self.kill()
        super().__exit__(*error)


def another_client(server, code):
    command = [sys.executable, "-c", CLIENT, str(server.path), textwrap.dedent(code)]
    return Client(command, stdout=subprocess.PIPE, text=True)
