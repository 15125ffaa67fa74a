"""JupyterLab as a learner starts it, on loopback, at a port that is free."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys

from diptych.book.lab import ENVIRONMENT
from tests import ROOT
from tests.processes import wait_for

TOKEN = "secret"
FOLDERS = ("runtime", "config", "data")  # of Jupyter, in the folder of the book
OPTIONS = (
    "--ip=127.0.0.1",
    "--no-browser",
    "--allow-root",
    "--ServerApp.port=0",
    f"--IdentityProvider.token={TOKEN}",
    "--LabApp.news_url=None",  # no test asks other hosts
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
)


@contextlib.contextmanager
def running(book, *options):
    """``diptych lab`` in the folder ``book``: its process and its port. It ends with the block."""
    folders = {f"JUPYTER_{each.upper()}_DIR": str(book / each) for each in FOLDERS}
    # What pytest has set (see conftest.py), the command has to set itself.
    inherited = {name: value for name, value in os.environ.items() if name not in ENVIRONMENT}
    path = os.pathsep.join([str(ROOT / "src"), inherited.get("PYTHONPATH", "")])
    with (book / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "diptych.cli", "lab", "--", *OPTIONS, *options],
            env={**inherited, **folders, "PYTHONPATH": path.rstrip(os.pathsep)},
            **{"cwd": book, "stdout": log, "stderr": log},
        )

    def listening():
        assert process.poll() is None, (book / "log").read_text()
        for info in (book / "runtime").glob("jpserver-*.json"):
            # It is there a moment before the server answers, and empty at first.
            with contextlib.suppress(json.JSONDecodeError, ConnectionRefusedError):
                port = json.loads(info.read_text())["port"]
                socket.create_connection(("127.0.0.1", port)).close()
                return port
        return None

    try:
        yield process, wait_for(listening, seconds=60)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
