"""`diptych lab` opens JupyterLab on the page *Start here* of the learner's own copy."""

import argparse
import json
import os
import signal
import sys
import urllib.request

import pytest
from jupyter_client import BlockingKernelClient

from diptych.book.lab import ENVIRONMENT, RECORD, START
from diptych.learning import opening
from tests import ROOT
from tests.jupyterlab import TOKEN, running
from tests.processes import alive, wait_for

PLACE = "exercises/activations/rectifiers.ipynb"
IN_THE_KERNEL = """
import json, os, sys
print(json.dumps({
    "pid": os.getpid(),
    "folder": os.getcwd(),
    "warm": "tensorflow" in sys.modules,
}))
"""


@pytest.fixture
def book(tmp_path):
    (tmp_path / PLACE).parent.mkdir(parents=True)
    (tmp_path / PLACE).write_bytes((ROOT / PLACE).read_bytes())
    return tmp_path


def command(*options):
    parser = argparse.ArgumentParser()
    opening.register(parser.add_subparsers())
    args = parser.parse_args(["lab", *options])
    return args.run(args)


def test_it_says_what_it_copied(book, capsys, monkeypatch):
    monkeypatch.chdir(book)
    assert command("--no-start") == 0
    (book / "work" / PLACE).write_text("mine")
    (book / PLACE).write_text("version 2")
    assert command("--no-start") == 0
    assert capsys.readouterr().out.splitlines() == [
        f"added work/{PLACE}",
        "added work/start_here.ipynb",
        "put a newer version beside yours: work/exercises/activations/rectifiers.new.ipynb",
    ]


def test_elsewhere_than_in_the_book_it_says_so(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert command("--no-start") == 2
    assert "are no exercises in" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_tensorflow_is_quiet_in_kernels_that_start_cold_too(book, monkeypatch):
    started = []
    monkeypatch.setattr("jupyterlab.labapp.LabApp.launch_instance", started.append)
    monkeypatch.chdir(book)
    for name in ENVIRONMENT:
        monkeypatch.delenv(name)
    assert command("--", "--no-browser") == 0
    opened = "--LabApp.default_url=/lab/tree/start_here.ipynb"
    assert started == [[f"--ServerApp.root_dir={book}/work", opened, "--no-browser"]]
    assert [os.environ[name] for name in ENVIRONMENT] == ["diptych-warm", "3", "0"]


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_jupyterlab_opens_the_copy_with_a_warm_kernel(book):
    with running(book) as (process, port):

        def ask(path, data=None):
            url = f"http://127.0.0.1:{port}/api/{path}"
            headers = {"Authorization": f"token {TOKEN}"}
            body = json.dumps(data).encode() if data else None
            request = urllib.request.Request(url, body, headers)
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)

        listed = ask("contents/exercises/activations")
        assert [item["path"] for item in listed["content"]] == [PLACE]

        notebook = {"path": PLACE, "name": "", "type": "notebook", "kernel": {"name": "python3"}}
        kernel = ask("sessions", notebook)["kernel"]["id"]
        file = book / "runtime" / f"kernel-{kernel}.json"
        client = BlockingKernelClient(connection_file=str(file))
        client.load_connection_file()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        printed = []
        client.execute_interactive(IN_THE_KERNEL, timeout=60, output_hook=printed.append)
        client.stop_channels()
        (text,) = (m["content"]["text"] for m in printed if m["msg_type"] == "stream")
        found = json.loads(text)
        assert found["folder"] == str((book / "work" / PLACE).parent)
        assert found["warm"]
        assert alive(found["pid"])

        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        wait_for(lambda: not alive(found["pid"]), seconds=10)
    assert {path.name for path in (book / "work").iterdir()} == {RECORD, START, "exercises"}
