"""`diptych start` makes a copy of a chapter, and leaves what is there."""

from diptych import cli
from diptych.learning import state
from tests import ROOT
from tests.learning.conftest import NOTEBOOK
from tests.learning.terminal import terminal


def test_start_makes_a_copy_of_a_chapter_and_says_what_is_first(tmp_path):
    with terminal(tmp_path, "start", "rectifiers") as running:
        assert running.end() == 0
    assert running.seen.splitlines()[:3] == [
        f"added work/{NOTEBOOK}",
        f"Open work/{NOTEBOOK} in JupyterLab, or in an editor for notebooks.",
        "In PyTorch: begin with relu_pt, 7 of 7 to do.",
    ]
    copied = tmp_path / "work" / NOTEBOOK
    assert copied.read_bytes() == (ROOT / NOTEBOOK).read_bytes()
    assert [p.name for p in copied.parent.iterdir()] == ["rectifiers.ipynb"]


def test_start_leaves_what_is_there_and_goes_on_from_it(copy, capsys):
    (copy / NOTEBOOK).write_text("mine")
    state.record("relu_pt", 3.0, 3.0)
    assert cli.main(["start", "activations/rectifiers"]) == 0
    assert "In PyTorch: begin with relu6_pt, 6 of 7 to do." in capsys.readouterr().out
    assert (copy / NOTEBOOK).read_text() == "mine"
