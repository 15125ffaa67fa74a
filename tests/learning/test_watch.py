"""`watch` checks a file once each time that its code has changed, and only when it is whole."""

import json
import signal

from diptych.learning.watch import look, watch
from tests.learning.conftest import RIGHT
from tests.learning.terminal import terminal

CODE = "def relu_pt(x):\n    return {}\n"


class Enough(Exception):
    """The last look has been taken."""


def checked(folder, *changes):
    """The names of the files that are checked while the changes are made, one a pause."""
    todo, found = list(changes), []

    def pause():
        if not todo:
            raise Enough
        todo.pop(0)()

    try:
        watch(folder, look(folder, {}), lambda file: found.append(file.name), pause)
    except Enough:
        return found


def nothing():
    pass


def test_a_change_is_checked_once_when_two_looks_agree(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(CODE.format("x"))
    write = lambda text: lambda: file.write_text(text)  # noqa: E731
    assert checked(tmp_path, nothing, nothing) == []
    one, two = write(CODE.format("2 * x")), write(CODE.format("30 * x"))
    assert checked(tmp_path, one, nothing, nothing) == ["mine.py"]
    assert checked(tmp_path, two, one, nothing, nothing) == []
    three = write(CODE.format("400 * x"))
    assert checked(tmp_path, two, three, nothing, nothing) == ["mine.py"]


def test_new_files_are_checked_and_those_without_answers_or_hidden_are_not(tmp_path):
    def write():
        for name in ("new.py", ".hidden.py", "mine.backup.py", "text.txt"):
            (tmp_path / name).write_text(CODE.format("x"))
        (tmp_path / "other.py").write_text("y = 1\n")
        (tmp_path / "half.ipynb").write_text('{"cells": [')
        (tmp_path / ".ipynb_checkpoints").mkdir()
        (tmp_path / ".ipynb_checkpoints/new.py").write_text(CODE.format("x"))

    assert checked(tmp_path, write, nothing, nothing) == ["new.py"]


def test_outputs_that_change_are_no_news(tmp_path):
    def save(text, outputs=()):
        cell = {"cell_type": "code", "source": [text], "outputs": list(outputs)}
        (tmp_path / "a.ipynb").write_text(json.dumps({"cells": [cell]}))

    save(CODE.format("x"))
    assert checked(tmp_path, lambda: save(CODE.format("x"), ["…"]), nothing, nothing) == []
    assert checked(tmp_path, lambda: save(CODE.format("-x")), nothing, nothing) == ["a.ipynb"]


def test_watch_checks_what_is_saved_until_ctrl_c(copy):
    file = copy / "mine.py"
    file.write_text("def relu_pt(x):\n    return x\n")
    with terminal(copy, "watch", "mine.py") as running:
        running.until("Watching mine.py")
        file.write_text(RIGHT)
        assert "✗" not in running.until("1 of 1 right, 0 not written yet.")
        running.process.send_signal(signal.SIGINT)
        assert running.end() == 0
    assert running.seen.endswith("No longer watching.\n")
