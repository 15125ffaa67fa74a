"""`diptych lab` gives learners a copy of their own, never takes it from them, and opens it."""

import argparse
import json
import os
import signal
import subprocess
import sys
import urllib.request

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jupyter_client import BlockingKernelClient

from diptych.book import lab
from tests import ROOT
from tests.processes import alive, wait_for

PLACE = "exercises/activations/rectifiers.ipynb"
NEW, NEW2 = (PLACE.replace(".ipynb", f".{new}.ipynb") for new in ("new", "new2"))
ENVIRONMENT = tuple(lab.ENVIRONMENT)
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
    publish(tmp_path, "version 1")
    return tmp_path


def publish(book, text):
    (book / PLACE).parent.mkdir(parents=True, exist_ok=True)
    (book / PLACE).write_text(text)


def copy(book):
    return lab.copy_book(book, book / "work")


def work(book):
    """What the learner has: the text of each notebook by its place."""
    folder = book / "work"
    return {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*.ipynb")}


def write(book, text, place=PLACE):
    (book / "work" / place).write_text(text)


def test_a_missing_notebook_is_added_and_the_next_time_there_is_nothing_to_do(book):
    assert copy(book) == [("added", PLACE)]
    assert copy(book) == []
    assert work(book) == {PLACE: "version 1"}


def test_what_the_learner_wrote_stays_and_a_newer_version_is_put_beside(book):
    copy(book)
    write(book, "mine")
    assert copy(book) == []
    publish(book, "version 2")
    assert copy(book) == [("beside", NEW)]
    assert copy(book) == []
    assert work(book) == {PLACE: "mine", NEW: "version 2"}


def test_an_unchanged_copy_is_brought_up_to_date(book):
    copy(book)
    publish(book, "version 2")
    assert copy(book) == [("updated", PLACE)]
    assert work(book) == {PLACE: "version 2"}


def test_work_in_the_version_beside_stays_as_well(book):
    copy(book)
    write(book, "mine")
    publish(book, "version 2")
    copy(book)
    write(book, "mine, too", NEW)
    publish(book, "version 3")
    assert copy(book) == [("beside", NEW2)]
    assert work(book) == {PLACE: "mine", NEW: "mine, too", NEW2: "version 3"}


def test_a_newer_version_that_was_put_away_does_not_come_back(book):
    copy(book)
    write(book, "mine")
    publish(book, "version 2")
    copy(book)
    (book / "work" / NEW).unlink()
    assert copy(book) == []


def test_a_newer_version_can_take_the_place_of_the_older(book):
    copy(book)
    write(book, "mine")
    publish(book, "version 2")
    copy(book)
    (book / "work" / NEW).replace(book / "work" / PLACE)
    assert copy(book) == []
    assert work(book) == {PLACE: "version 2"}


def test_whoever_deletes_a_notebook_starts_it_afresh(book):
    copy(book)
    write(book, "mine")
    (book / "work" / PLACE).unlink()
    assert copy(book) == [("added", PLACE)]


@pytest.mark.parametrize(("text", "done"), [("mine", [("beside", NEW)]), ("version 1", [])])
def test_a_copy_of_which_nothing_is_known_is_taken_for_the_learners(book, text, done):
    copy(book)
    (book / "work" / lab.RECORD).unlink()
    write(book, text)
    assert copy(book) == done
    assert work(book)[PLACE] == text


@settings(deadline=None)  # other tests share the disk
@given(st.lists(st.sampled_from(["publish", "write", "write beside", "delete"]), max_size=12))
def test_nothing_that_a_learner_wrote_is_ever_lost(tmp_path_factory, actions):
    book = tmp_path_factory.mktemp("book")
    publish(book, "version 0")
    copy(book)
    written = {}
    for number, action in enumerate(actions):
        place = max(work(book), default=PLACE) if action == "write beside" else PLACE
        if action == "publish":
            publish(book, f"version {number}")
        elif action == "delete":
            (book / "work" / place).unlink(missing_ok=True)
            written.pop(place, None)
        else:
            written[place] = f"mine {number}"
            write(book, written[place], place)
        copy(book)
        assert work(book).items() >= written.items()
        assert copy(book) == []


def command(*options):
    parser = argparse.ArgumentParser()
    lab.register(parser.add_subparsers())
    args = parser.parse_args(["lab", *options])
    return args.run(args)


def test_it_says_what_it_copied(book, capsys, monkeypatch):
    monkeypatch.chdir(book)
    for text in ("version 1", "version 2"):
        publish(book, text)
        assert command("--no-start") == 0
        write(book, f"mine, from {text}")
    assert capsys.readouterr().out.splitlines() == [
        f"added work/{PLACE}",
        f"put a newer version beside yours: work/{NEW}",
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
    assert started == [[f"--ServerApp.root_dir={book}/work", "--no-browser"]]
    assert [os.environ[name] for name in ENVIRONMENT] == ["diptych-warm", "3", "0"]


@pytest.fixture
def server(book, monkeypatch):
    """JupyterLab as a learner starts it: its process, and a function that asks its API."""
    runtime = book / "runtime"
    for name in ("RUNTIME", "CONFIG", "DATA"):
        monkeypatch.setenv(f"JUPYTER_{name}_DIR", str(book / name.lower()))
    # What pytest has set (see conftest.py), the command has to set itself.
    for name in ENVIRONMENT:
        monkeypatch.delenv(name)
    (book / PLACE).write_bytes((ROOT / PLACE).read_bytes())
    options = [
        "--ip=127.0.0.1",
        "--no-browser",
        "--allow-root",
        "--ServerApp.port=0",
        "--IdentityProvider.token=secret",
    ]
    with (book / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "diptych.cli", "lab", "--", *options],
            cwd=book,
            stdout=log,
            stderr=log,
        )

    def address():
        assert process.poll() is None, (book / "log").read_text()
        written = [info.read_text() for info in runtime.glob("jpserver-*.json")]
        return [json.loads(text) for text in written if text]

    def ask(path, data=None):
        url = f"http://127.0.0.1:{port}/api/{path}"
        headers = {"Authorization": "token secret"}
        body = json.dumps(data).encode() if data else None
        request = urllib.request.Request(url, body, headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    try:
        port = wait_for(address, seconds=60)[0]["port"]
        yield process, ask
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_jupyterlab_opens_the_copy_with_a_warm_kernel(server, book):
    process, ask = server
    listed = ask("contents/exercises/activations")
    assert [item["path"] for item in listed["content"]] == [PLACE]

    notebook = {"path": PLACE, "name": "", "type": "notebook", "kernel": {"name": "python3"}}
    kernel = ask("sessions", notebook)["kernel"]["id"]
    client = BlockingKernelClient(connection_file=str(book / "runtime" / f"kernel-{kernel}.json"))
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
    assert {path.name for path in (book / "work").iterdir()} == {lab.RECORD, "exercises"}
