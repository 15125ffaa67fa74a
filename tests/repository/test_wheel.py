"""The package works from its wheel alone: one framework, a downloaded notebook, no repository."""

import os
import re
import subprocess
import sys
import venv
from importlib.metadata import distribution
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from packaging.requirements import Requirement

from diptych.site.running import build_wheel
from tests import ROOT

KERNEL = (
    '{{"argv": ["{python}", "-m", "ipykernel", "-f", "{{connection_file}}"], "display_name": ""}}'
)
RIGHT = "    return torch.where(x > 0, x, negative_slope * x)"
WRONG = "    return torch.where(x > 0, negative_slope * x, x)"
IN_TENSORFLOW = "def leaky_relu_tf(x, negative_slope):\n    return x\n\ncheck(leaky_relu_tf)"


def needed(names, found):
    """All distributions that those of ``names`` need, as they stand in this environment."""
    for name in names:
        if name not in found:
            found[name] = distribution(name)
            requirements = map(Requirement, found[name].requires or ())
            needed([r.name for r in requirements if not r.marker or r.marker.evaluate()], found)
    return found.values()


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A folder with an environment ``venv``: the wheel, PyTorch and what they need, no TensorFlow.

    What they need is linked from this environment, so nothing is downloaded; pip, which may ask no
    index, refuses to install a wheel whose requirements are not all there.
    """
    folder = tmp_path_factory.mktemp("alone")
    wheel = build_wheel(folder)
    venv.create(folder / "venv", symlinks=True)
    python = folder / "venv/bin/python"
    (place,) = (folder / "venv/lib").glob("python*/site-packages")
    text = (ROOT / "pyproject.toml").read_text()
    listed = re.search(r"^dependencies = \[(.*?)\]", text, re.M | re.S)[1]
    for each in needed(["torch", *re.findall(r'"([\w-]+)"', listed)], {}):
        for top in {file.parts[0] for file in each.files} - {"..", "__pycache__"}:
            link = place / top
            if not link.exists():
                link.symlink_to(each.locate_file(top))
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--no-index", "--quiet"]
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [*pip, "-c", ROOT / "constraints.txt", f"{wheel.name}[torch]"],
        **{"cwd": folder, "env": environment, "capture_output": True, "text": True},
    )
    assert done.returncode == 0, done.stderr
    return folder, python


def test_a_downloaded_notebook_runs_with_the_wheel_and_one_framework(alone, monkeypatch):
    folder, python = alone
    for name in [name for name in os.environ if name.startswith(("PYTHON", "JUPYTER"))]:
        monkeypatch.delenv(name)
    spec = folder / "kernels/alone/kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(KERNEL.format(python=python))
    monkeypatch.setenv("JUPYTER_PATH", str(folder))

    source = Path("exercises/activations/rectifiers.ipynb")
    notebook = nbformat.read(ROOT / source, as_version=4)
    cells = {cell.id: cell for cell in notebook.cells if cell.cell_type == "code"}
    stub = "    # YOUR CODE HERE\n    raise NotImplementedError()"
    answer, checked = cells["leaky-relu-pt"], cells["check-leaky-relu-pt"]
    wrong = nbformat.v4.new_code_cell(answer.source.replace(stub, WRONG))
    answer.source = answer.source.replace(stub, RIGHT)
    tried = nbformat.v4.new_code_cell(checked.source)
    in_tensorflow = nbformat.v4.new_code_cell(IN_TENSORFLOW)
    place = nbformat.v4.new_code_cell("import diptych, sys; print(diptych.__file__, *sys.path)")
    place_of = notebook.cells.index
    notebook.cells[place_of(answer) : place_of(answer)] = [place, wrong, tried]
    notebook.cells.append(in_tensorflow)
    NotebookClient(
        notebook,
        **{"kernel_name": "alone", "allow_errors": True, "timeout": 60},
        resources={"metadata": {"path": str(folder)}},
    ).execute()

    def said(cell):
        return cell.outputs[-1]["data"]["text/html"]

    assert str(ROOT) not in place.outputs[0]["text"]
    assert "✗ leaky_relu_pt: " in said(tried) and "0 of 3 points" in said(tried)
    assert "✓ leaky_relu_pt: right. 3 of 3 points" in said(checked)
    assert "leaky_relu_tf: TensorFlow is not installed here." in said(in_tensorflow)
    assert cells["imports-tf"].outputs[0]["ename"] == "ModuleNotFoundError"
