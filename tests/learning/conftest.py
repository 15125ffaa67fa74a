"""What the tests of the learner's side share: a copy of one chapter's exercises."""

import pytest

from diptych.book import lab
from tests import ROOT

EXERCISES = "exercises/activations/rectifiers"
NOTEBOOK = f"{EXERCISES}.ipynb"
RIGHT = "import torch\ndef relu_pt(x):\n    return torch.clamp(x, min=0)\n"


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """The folder of a learner's copy with one chapter; it is the current one."""
    folder = tmp_path / "work"
    lab.copy_book(ROOT, folder, notebooks=EXERCISES)
    monkeypatch.chdir(folder)
    return folder
