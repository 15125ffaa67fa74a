"""Building a book in a test."""

import os
import subprocess
import sys
from pathlib import Path

from tests import ROOT


def jupyter_book(book: Path, out: Path) -> subprocess.CompletedProcess:
    """Build ``book`` below ``out`` with warnings as errors, where no framework can be imported."""
    out.mkdir(parents=True, exist_ok=True)
    block = "import sys; sys.modules.update(dict.fromkeys(['torch', 'tensorflow', 'keras']))"
    (out / "sitecustomize.py").write_text(block)
    command = Path(sys.executable).with_name("jupyter-book")
    return subprocess.run(
        [command, "build", "-W", "-n", "--keep-going", "--path-output", out, book],
        # This checkout's package, wherever the environment's own was installed from.
        env={**os.environ, "PYTHONPATH": f"{out}{os.pathsep}{ROOT / 'src'}", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )
