"""`diptych reset` puts the original of an answer back, and keeps a backup."""

import json

from diptych import cli
from diptych.learning import state
from tests import ROOT
from tests.learning.conftest import NOTEBOOK
from tests.learning.terminal import terminal


def cells(file):
    return {cell["id"]: cell for cell in json.loads(file.read_text())["cells"]}


def solve(file):
    """Write an answer into the notebook, and the outputs that it has had, as Jupyter would."""
    notebook = json.loads(file.read_text())
    for cell in notebook["cells"]:
        if cell["id"] == "relu-pt":
            cell["source"] = ["def relu_pt(x):\n", "    return torch.clamp(x, min=0)"]
        elif cell["id"] == "check-relu-pt":
            cell["outputs"], cell["execution_count"] = [], 99
        elif cell["id"] == "relu6-pt":
            cell["source"] = "def relu6_pt(x):\n    return mine"
    notebook["metadata"]["mine"] = "é"
    file.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")


def test_reset_asks_first_and_puts_one_answer_back(copy):
    file = copy / NOTEBOOK
    solve(file)
    before, had = cells(file), file.read_bytes()
    state.record("relu_pt", 3.0, 3.0)
    state.append(copy, hint="relu")
    for typed, code in (("n\n", 1), ("y\n", 0)):
        assert file.read_bytes() == had
        with terminal(copy, "reset", "relu") as running:
            running.until("[y/N] ")
            running.type(typed)
            assert running.end() == code
    after, original = cells(file), cells(ROOT / NOTEBOOK)
    for id in ("relu-pt", "check-relu-pt"):
        assert after.pop(id) == original[id]
        del before[id]
    assert after == before
    assert json.loads(file.read_text())["metadata"]["mine"] == "é"
    backup = file.with_suffix(".backup.ipynb")
    assert f"What you had is kept in {backup.relative_to(copy)}." in running.seen
    assert backup.read_bytes() == had
    assert "No longer counted as solved: relu_pt.\n" in running.seen
    assert (state.solved(copy), state.hints_shown(copy, "relu")) == ([], 0)


def test_reset_all_puts_back_every_answer_and_no_backup_is_lost(copy, capsys):
    file = copy / NOTEBOOK
    for number in ("", "2"):
        solve(file)
        had = file.read_bytes()
        assert cli.main(["reset", "--all", "--yes"]) == 0
        assert file.with_suffix(f".backup{number}.ipynb").read_bytes() == had
        assert cells(file) == cells(ROOT / NOTEBOOK)
    assert "relu_pt, relu6_pt as at first." in capsys.readouterr().out
    assert cli.main(["reset", "--all", "--yes"]) == 0
    assert capsys.readouterr().out == "The notebook has the original already.\n"
    assert len([*file.parent.iterdir()]) == 3


def test_reset_leaves_a_cell_that_has_another_answer_too(copy, capsys):
    file = copy / NOTEBOOK
    notebook = json.loads(file.read_text())
    (cell,) = [each for each in notebook["cells"] if each["id"] == "relu-pt"]
    cell["source"] = "def relu_pt(x):\n    return x\n\ndef relu6_pt(x):\n    return x"
    file.write_text(json.dumps(notebook))
    had = file.read_bytes()
    assert cli.main(["reset", "relu_pt", "--yes"]) == 0
    assert "the cell of relu_pt stays: it has another answer" in capsys.readouterr().out
    assert file.read_bytes() == had
