"""Watching PyTorch's operations costs no import of its compiler."""

import subprocess
import sys


def test_watching_does_not_load_pytorch_s_compiler_a_second_of_waiting():
    code = (
        "import sys, torch\nfrom diptych.forbidden import witness\n"
        "with witness.watching() as seen: torch.ones(2).relu()\n"
        "assert 'aten.relu' in seen and 'torch._dynamo' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
