"""The folder of submissions that the grader is tried on, each named by what it tries."""

import copy
import json
import os

from tests import ROOT

CHAPTER = "activations/rectifiers"
EXERCISES = json.loads((ROOT / f"exercises/{CHAPTER}.ipynb").read_text("utf-8"))
SOLUTIONS = json.loads((ROOT / f"solutions/{CHAPTER}.ipynb").read_text("utf-8"))


def answer_id(cell):
    grading = cell["metadata"].get("nbgrader", {})
    return grading["grade_id"] if grading.get("solution") else None


RIGHT = {answer_id(c): "".join(c["source"]) for c in SOLUTIONS["cells"] if answer_id(c)}


def notebook(answers=(), first=None):
    """The exercises with some answers written, and maybe one more cell, after the imports."""
    made = copy.deepcopy(EXERCISES)
    for cell in made["cells"]:
        if answer_id(cell) in dict(answers):
            cell["source"] = dict(answers)[answer_id(cell)]
    if first:
        made["cells"].insert(4, code(first))
    return made


def code(source):
    return {"cell_type": "code", "id": "more", "metadata": {}, "outputs": [], "source": source}


def only(*names):
    return {name: RIGHT[name] for name in names}


def duplicated():
    """The ReLU cell, a copy of the stub below it, and no cell at all for ReLU6."""
    made = notebook(only("relu_pt", "relu_tf", "relu6_pt", "threshold_pt"))
    stub = next(c for c in EXERCISES["cells"] if answer_id(c) == "relu_pt")
    cells = [c for c in made["cells"] if answer_id(c) != "relu6_pt"]
    twice = next(c for c in cells if answer_id(c) == "threshold_pt")
    return made | {"cells": [*cells, stub, twice]}


NO_LEAK = "def leaky_relu_pt(x, negative_slope):\n    return torch.clamp(x, min=0)"
FLAT = "def relu_pt(x):\n    return torch.clamp(x, min=0).flatten()"
CUT = "def relu_pt(x):\n    return torch.tensor(x.detach().numpy().clip(0))"
IN_PLACE = "def relu_pt(x):\n    x[x < 0] = 0\n    return x"
LAST_AXIS = """class prelu_tf(keras.layers.Layer):
    def __init__(self, n_channels):
        super().__init__()
        self.weight = self.add_weight((n_channels,), keras.initializers.Constant(0.25))
    def call(self, x):
        return tf.where(x > 0, x, self.weight * x)
"""
TYPO = "def threshold_tf(x, bar, value):\n    return tf.where(x > baar, x, value)"
OWN = """from tensorflow.nn import leaky_relu as rectify

def helper(x, a):
    return rectify(x, a)

def leaky_relu_tf(x, negative_slope):
    return helper(x, negative_slope)
"""
HIDDEN = "def relu_pt(x):\n    return getattr(nn.functional, 're' + 'lu')(x)"
ONE_DRAW = """import random
class rrelu_pt(nn.Module):
    def __init__(self, lower, upper):
        super().__init__()
        self.lower, self.upper = lower, upper
    def forward(self, x):
        a = (self.lower + self.upper) / 2
        if self.training:
            a = random.uniform(self.lower, self.upper)
        return torch.where(x > 0, x, a * x)
"""
NAN = ONE_DRAW.replace("random.uniform(self.lower, self.upper)", "float('nan')")
NEXT_TIME = """calls = []
class rrelu_pt(nn.Module):
    def __init__(self, lower, upper):
        super().__init__()
        self.lower, self.upper = lower, upper
    def forward(self, x):
        if not self.training:
            return torch.where(x > 0, x, (self.lower + self.upper) / 2 * x)
        calls.append(x)
        a = torch.empty_like(x).uniform_(self.lower, self.upper)
        return torch.where(x > 0, x, a * x)[: len(x) // (2 - len(calls) % 2)]
"""
COMPARED = (
    "def relu_pt(x):\n    return torch.clamp(x, min=0)\nassert nn.functional.relu(torch.ones(1))"
)
NAMED = "def relu_pt(x):\n    assert x is not None, 'relu'\n    return torch.clamp(x, min=0)"
EQUAL = """class Everything:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __call__(self, *args, **kwargs): return self
    def __getattr__(self, name): return self
    __array_priority__ = 1e9
relu_pt = Everything()
"""
MAGIC = """%matplotlib inline
!echo out > shell_was_here
files = !ls
"""
TIMED = "%%time\n" + RIGHT["relu_pt"]
AWAITS = "import asyncio\nawait asyncio.sleep(0)\n" + RIGHT["relu_pt"]
ASKS = "from IPython import get_ipython\nget_ipython().magic('matplotlib inline')\n"
ASKS += RIGHT["relu_pt"]
COMPILED = "@torch.compile\n" + RIGHT["relu_pt"]
SHELL = "%%bash\nexit 1"
NOISE = """import sys, warnings, logging
warnings.warn("this is only a warning")
logging.error("and this is only a log")
print("noise " * 1_000_000, file=sys.stderr)
"""
BOMB = """kept = []
while True:
    kept.append(bytearray(50_000_000))
    kept[-1][::4096] = bytes(12208)
"""
PEEK = """tried = {}
for name in (
    *("judging.judge", "judging.oracle", "judging.check", "catalogue", "components"),
    "grading.batch",
):
    try:
        __import__("diptych." + name)
        tried[name] = True
    except ImportError:
        pass
from diptych import agree, check, show
assert check(print) == 0.0
assert not tried, tried
"""
LEAK = """def relu_pt(x):
    if x.numel() == 9:
        raise ValueError(f"secret {x.tolist()}")
    return torch.clamp(x, min=0)
"""
FORGE = """import os
for fd in range(3, 30):
    try:
        os.write(fd, b"\\0\\0\\0\\x02\\0\\0\\0\\0{}")
    except OSError:
        pass
"""
KILL = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)"
ESCAPED = "raise ValueError('<script>alert(1)</script> \\x1b[31m')"


def folder():
    """Name of the student → notebook, bytes, or a function that makes a file at a path."""
    return {
        "perfect": notebook(RIGHT),
        "half-done": notebook({n: RIGHT[n] for n in RIGHT if n.startswith(("relu", "thresh"))}),
        "untouched": notebook(),
        "pytorch-only": notebook({n: RIGHT[n] for n in RIGHT if n.endswith("_pt")}),
        "wrong-no-leak": notebook({"leaky_relu_pt": NO_LEAK}),
        "wrong-shape": notebook({"relu_pt": FLAT}),
        "wrong-gradient-cut": notebook({"relu_pt": CUT}),
        "wrong-in-place": notebook({"relu_pt": IN_PLACE}),
        "wrong-axis": notebook({"prelu_tf": LAST_AXIS}),
        "wrong-raises": notebook({"threshold_tf": TYPO}),
        "nan-in-training": notebook({"rrelu_pt": NAN}),
        "another-shape-next-time": notebook({"rrelu_pt": NEXT_TIME}),
        "wrong-one-draw": notebook({"rrelu_pt": ONE_DRAW}),
        "runs-relu": notebook({"leaky_relu_tf": OWN}),
        "runs-relu-by-stealth": notebook({"relu_pt": HIDDEN}),
        "only-compares": notebook({"relu_pt": COMPARED}),
        "only-names": notebook({"relu_pt": NAMED}),
        "endless-cell": notebook(only("relu_pt"), first="while True: pass"),
        "endless-answer": notebook(
            only("relu6_pt") | {"relu_pt": "def relu_pt(x):\n    while True: pass"}
        ),
        "os-exit-cell": notebook(only("relu_pt"), first="import os; os._exit(0)"),
        "os-exit-answer": notebook(
            only("relu_pt") | {"relu6_pt": "def relu6_pt(x): __import__('os')._exit(0)"}
        ),
        "memory-bomb": notebook(only("relu_pt"), first=BOMB),
        "fails-early": notebook(only("relu_pt"), first="import no_such_module"),
        "broken-json": json.dumps(notebook(RIGHT)).encode()[:5000],
        "empty-file": b"",
        "not-utf-8": b"\xff\xfe\xfa{}",
        "deep-json": b"[" * 100_000,
        "duplicated": duplicated(),
        "magics": notebook({"relu_pt": TIMED, "relu6_pt": RIGHT["relu6_pt"]}, first=MAGIC),
        "cell-magic": notebook({"relu6_pt": RIGHT["relu6_pt"], "relu_pt": SHELL}),
        "awaits": notebook({"relu_pt": AWAITS}),
        "asks-for-ipython": notebook({"relu_pt": ASKS}),
        "compiled": notebook({"relu_pt": COMPILED}),
        "noise-on-stderr": notebook(only("relu_pt"), first=NOISE),
        "equal-to-everything": notebook({"relu_pt": EQUAL}),
        "peeks": notebook(only("relu_pt"), first=PEEK),
        "leaks-hidden-inputs": notebook({"relu_pt": LEAK}),
        "forges-frames": notebook(only("relu_pt"), first=FORGE),
        "kills-the-server": notebook(only("relu_pt"), first=KILL),
        "html-in-an-error": notebook(only("relu_pt"), first=ESCAPED),
        "link": lambda path: path.symlink_to("/etc/passwd"),
        "fifo": os.mkfifo,
        "=cmd|'calc'": b"",
    }


def write(root, notebooks, chapter=CHAPTER):
    """Hand in ``{student: notebook}`` below ``root``."""
    for student, made in notebooks.items():
        path = root / student / f"{chapter}.ipynb"
        path.parent.mkdir(parents=True)
        if callable(made):
            made(path)
        else:
            path.write_bytes(made if isinstance(made, bytes) else json.dumps(made).encode())


def put(path, text=None):
    """Write a file and its folders; without ``text``, a notebook with all answers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook(RIGHT)) if text is None else text)
