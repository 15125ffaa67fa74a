"""Honest notebooks that must lose no point, by what is unusual about them.

``FIRST`` runs before the answers, in a cell behind the imports; ``IMPORTS`` stands in place of the
notebook's own imports; ``ANSWERS`` are answers in an unusual form; ``LAST`` stands behind all else;
``WHOLE`` are functions of a notebook with all solutions. Cells of ``SLOW`` take longer than they
may.
"""

from __future__ import annotations

import json
import re

from tests.grading import submissions
from tests.grading.submissions import RIGHT, answer_id, code, only

SOME = ("relu_pt", "relu_tf", "prelu_pt", "prelu_tf")
ALL_IMPORTS = "import torch\nimport torch.nn as nn\nimport keras\nimport tensorflow as tf"

FIRST = {
    # Habits of Colab, Kaggle, VS Code and Databricks.
    "shell pip": "!pip install -q torchinfo",
    "magic pip": "%pip install --upgrade torchinfo",
    "conda": "!conda install -y pandas\n%conda list",
    "an old magic of Colab": "%tensorflow_version 2.x",
    "inline figures": "%matplotlib inline\n%config InlineBackend.figure_format = 'retina'",
    "reloads modules": "%load_ext autoreload\n%autoreload 2",
    "tensorboard": "%load_ext tensorboard\n%tensorboard --logdir logs",
    "changes folder": "%cd /content/drive/MyDrive\n!ls",
    "mounts a drive": "from google.colab import drive\ndrive.mount('/content/drive')",
    "uploads a file": "from google.colab import files\nfor name in files.upload(): print(name)",
    "is it Colab": "import sys\nif 'google.colab' in sys.modules:\n    import google.colab",
    "tries Colab": "try:\n    import google.colab\nexcept ImportError:\n    IN_COLAB = False",
    "a form of Colab": "name = 'ann' #@param {type:'string'}\nassert name == 'ann'",
    "secrets of Kaggle": "from kaggle_secrets import UserSecretsClient\nUserSecretsClient()",
    "walks through Kaggle's input": (
        "import os\nfor folder, _, names in os.walk('/kaggle/input'): print(folder)"
    ),
    "widgets of Databricks": "dbutils.widgets.text('seed', '1')\ndbutils.library.restartPython()",
    "a table of Databricks": "displayHTML('<b>x</b>')",
    "cell markers of VS Code": "# %%\nx = 1\n# %% [markdown]\n# a text",
    "asks for the shell": "shell = get_ipython()\nshell.run_line_magic('matplotlib', 'inline')",
    "asks for the shell's settings": "assert 'IPKernelApp' not in get_ipython().config",
    "asks for the shell's class": "print(get_ipython().__class__.__name__)",
    "displays": "from IPython.display import Markdown, clear_output\ndisplay(Markdown('# x'))\n"
    "clear_output()",
    "a progress bar": "from tqdm.auto import tqdm\nfor i in tqdm(range(3), desc='x'): pass\n"
    "assert i == 2",
    "a progress bar of its own": "from tqdm import trange\nwith trange(3) as bar:\n"
    "    for i in bar: bar.set_description('x')",
    "a slider": "import ipywidgets as widgets\nwidgets.interact(lambda a: a, a=(0, 1))",
    "times a line": "%time three = 1 + 2\nassert three == 3",
    "times many": "%timeit sum(range(3))",
    "a cell in HTML": "%%html\n<b>x</b>",
    "a cell that is captured": "%%capture out\nprint('x')",
    "help": "?torch.clamp\ntorch.clamp?",
    "sets the environment": "%env CUDA_VISIBLE_DEVICES=0",
    # What the switches of the frameworks do to all that follows.
    "a device that is not there": "torch.set_default_device('cuda')",
    "a device without numbers": "torch.set_default_device('meta')",
    "double precision in PyTorch": "torch.set_default_dtype(torch.float64)",
    "no gradients": "torch.set_grad_enabled(False)",
    "anomalies": "torch.autograd.set_detect_anomaly(True)",
    "determinism": "torch.use_deterministic_algorithms(True)\n"
    "tf.config.experimental.enable_op_determinism()",
    "graphs": "tf.compat.v1.disable_eager_execution()",
    "the old behaviour": "tf.compat.v1.disable_v2_behavior()",
    "functions run eagerly": "tf.config.run_functions_eagerly(True)",
    "a compiler for all": "tf.config.optimizer.set_jit(True)",
    "double precision in Keras": "keras.config.set_floatx('float64')",
    "mixed precision": "keras.mixed_precision.set_global_policy('mixed_float16')",
    "a policy": "keras.config.set_dtype_policy('bfloat16')",
    "another backend": "import os\nos.environ['KERAS_BACKEND'] = 'torch'\nimport keras",
    "another backend by Keras": "keras.config.set_backend('torch')",
    "a session cleared": "keras.backend.clear_session()",
    "warnings are errors": "import warnings, numpy as np\nwarnings.simplefilter('error')\n"
    "np.seterr(all='raise')",
    # Cells that fail.
    "an error": "raise ValueError('x')",
    "an assertion that fails": "assert check(None) == 3 and 1 == 2",
    "no Python at all": "To do: write the answers below",
    "leaves": "import sys\nsys.exit()",
    "waits for an answer": "name = input('Your name? ')",
    "a file in Latin-1": "open('x.txt', 'w', encoding='latin-1').write('é')\n"
    "open('x.txt', encoding='utf-8').read()",
    "a coding line": "# -*- coding: latin-1 -*-\nname = 'é'",
    "much is printed": "print('x' * 30_000_000)",
    "a figure": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "random numbers": "import random, numpy as np\nrandom.seed(1); np.random.seed(1)\n"
    "torch.manual_seed(1); tf.random.set_seed(1)",
    "annotations": "from __future__ import annotations",
    "waits": "import asyncio\nawait asyncio.sleep(0)",
    "asks what check says": "assert check(relu) == 3",
    "asks how far it is": "from diptych import check, progress\nprogress()",
}
IMPORTS = {
    "pandas first": f"import pandas as pd\n{ALL_IMPORTS}\nfrom diptych import check",
    "pandas between": "import pandas, torch, seaborn\nimport torch.nn as nn\nimport keras\n"
    "import tensorflow as tf\nfrom diptych import check",
    "Colab first": "from google.colab import drive\ndrive.mount('/content/drive')\n"
    f"root = drive.x\nprint(root)\n{ALL_IMPORTS}\nfrom diptych import check",
    "torchvision and a device": f"{ALL_IMPORTS}\nimport torchvision\n"
    "from torchvision import transforms\nshow = transforms.ToTensor()\n"
    "device = 'cuda' if torch.cuda.is_available() else 'cpu'\nfrom diptych import check",
    "one line": "import torch, keras; import pandas; import torch.nn as nn\n"
    "import tensorflow as tf; from diptych import check",
    "a name that is not there": "from torch import nothing, nn\nimport torch, keras\n"
    "import tensorflow as tf\nfrom diptych import check",
    "a star": "from torch import *\nfrom torch.nn import functional as F\n"
    f"{ALL_IMPORTS}\nfrom diptych import check",
}
FORWARD = """class Gate(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)
    @staticmethod
    def backward(ctx, g):
        return g * (ctx.saved_tensors[0] > 0)
relu_pt = Gate.apply"""
ANSWERS = {
    "TorchScript": {
        "relu_pt": "@torch.jit.script\ndef relu_pt(x: torch.Tensor) -> torch.Tensor:\n"
        "    return torch.clamp(x, min=0)"
    },
    "TorchScript with an argument": {
        "leaky_relu_pt": "@torch.jit.script\ndef leaky_relu_pt(x: torch.Tensor, a: float):\n"
        "    return torch.where(x > 0, x, a * x)"
    },
    "compiled by PyTorch": {"relu_pt": f"@torch.compile\n{RIGHT['relu_pt']}"},
    "compiled by PyTorch, in one graph": {
        "relu_pt": f"@torch.compile(fullgraph=True, dynamic=True)\n{RIGHT['relu_pt']}"
    },
    "traced": {"relu_tf": f"@tf.function\n{RIGHT['relu_tf']}"},
    "compiled by XLA": {"relu_tf": f"@tf.function(jit_compile=True)\n{RIGHT['relu_tf']}"},
    "its own gradient": {"relu_pt": FORWARD},
    "its own gradient in TensorFlow": {
        "relu_tf": "@tf.custom_gradient\ndef relu_tf(x):\n"
        "    return tf.maximum(x, 0.0), lambda g: g * tf.cast(x > 0, g.dtype)"
    },
    "a progress bar in it": {
        "relu_pt": "from tqdm import tqdm\ndef relu_pt(x):\n"
        "    for i in tqdm(range(2)): y = x.clamp(min=0)\n    return y"
    },
    "a failing import above": {"relu_pt": f"import seaborn as sns\n{RIGHT['relu_pt']}"},
    "an error above": {"relu_pt": f"print(unknown)\n{RIGHT['relu_pt']}"},
    "a failing check above": {"relu_pt": f"assert 1 == 2\n{RIGHT['relu_pt']}"},
    "an error below": {"relu_pt": f"{RIGHT['relu_pt']}\nrelu_pt(None)"},
    "timed": {"relu_pt": f"%%time\n{RIGHT['relu_pt']}"},
    "a magic above": {"relu_pt": f"%matplotlib inline\n{RIGHT['relu_pt']}\n!ls"},
    "windows' ends of lines": {"relu_pt": RIGHT["relu_pt"].replace("\n", "\r\n")},
    "an annotation that is a text later": {
        "relu_pt": "from __future__ import annotations\n"
        "def relu_pt(x: Later) -> Later: return x.clamp(min=0)\nclass Later: pass",
        "relu_tf": "def relu_tf(x: Never) -> Never: return tf.maximum(x, 0.0)",
    },
    "a script's guard": {
        "relu_pt": f"{RIGHT['relu_pt']}\nif __name__ == '__main__': print(relu_pt(torch.ones(2)))"
    },
}
LAST = {
    "an exact check": "assert check(relu_pt) == 3\nassert check(relu_pt) != 0",
    "the sum of checks": "assert check(relu_pt) + check(relu_tf) == 6",
    "a check with a bound": "assert check(relu_pt) >= 3 and not check(relu_pt) < 3",
    "lines of a check": "print(check(relu_pt).lines[0], check(relu_pt).picture)",
    "a check that is printed": "print(check(relu_pt))\nfloat(check(relu_pt)).is_integer()",
    "a check that is formatted": "print(f'{check(relu_pt):.1f}')",
    "threads": "import threading\nt = threading.Thread(target=print)\nt.start()\nt.join()",
    "a class in a cell": "class Net(nn.Module):\n    def __init__(self): super().__init__()",
    "ends Python": "import os\nos._exit(0)",
    "takes its own standard error": "import sys\nsys.stderr = None\nsys.stdout = open('x', 'w')",
}


def with_imports(source):
    made = submissions.notebook(only(*SOME))
    kept = [c for c in made["cells"] if not is_import(c)]
    return made | {"cells": [code(source), *kept]}


def is_import(cell):
    lines = "".join(cell["source"]).split("\n")
    return cell["cell_type"] == "code" and all(re.match("import |from ", line) for line in lines)


def outputs_of_megabytes(made):
    output = {"output_type": "stream", "name": "stdout", "text": ["x" * 99 + "\n"] * 200_000}
    made["cells"][1]["outputs"] = [output]
    return json.dumps(made).encode()


def in_latin_1(made):
    made["cells"].insert(4, code("name = 'é'  # Größe"))
    return json.dumps(made, ensure_ascii=False).encode("latin-1", "replace")


def in_gb18030(made):
    made["cells"].insert(4, code("# 誠實的答案 許功蓋"))
    return json.dumps(made, ensure_ascii=False).encode("gb18030")


def in_utf_16(made):
    return json.dumps(made).encode("utf-16")


def with_a_mark(made):
    return b"\xef\xbb\xbf" + json.dumps(made).encode()


def without_ids(made):
    for cell in made["cells"]:
        cell.pop("id", None)
        cell["metadata"] = {}
    return json.dumps(made).encode()


def with_demonstrations(made):
    """Below each answer, in its cell, an example that is wrong."""
    for cell in made["cells"]:
        if answer_id(cell):
            cell["source"] = "".join(cell["source"]) + f"\n{answer_id(cell)}('not a tensor')"
    return made


WHOLE = {
    f.__name__.replace("_", " "): f
    for f in (
        *(outputs_of_megabytes, in_latin_1, in_gb18030, in_utf_16, with_a_mark, without_ids),
        with_demonstrations,
    )
}
SLEEP = "import time; time.sleep(9)"
SLOW = {
    "four slow cells first": lambda: between([SLEEP] * 4),
    "cells that are slow together": lambda: between(["import time; time.sleep(0.9)"] * 5),
    "an endless cell and three that crash": lambda: between(
        ["while True: pass", *["import os; os._exit(1)"] * 3]
    ),
    "an endless line above an answer": lambda: submissions.notebook(
        only(*SOME) | {"relu_pt": f"while True: pass\n{RIGHT['relu_pt']}"}
    ),
    "a slow line below each answer": lambda: submissions.notebook(
        {name: f"{RIGHT[name]}\n{SLEEP}" for name in SOME}
    ),
}


def between(sources):
    made = submissions.notebook(only(*SOME))
    made["cells"][4:4] = map(code, sources)
    return made


def corpus():
    """Name → notebook or bytes, points that it earns, seconds that it may take."""
    some = only(*SOME)
    found = {name: submissions.notebook(some, first=source) for name, source in FIRST.items()}
    found |= {name: with_imports(source) for name, source in IMPORTS.items()}
    found |= {name: submissions.notebook(some | answers) for name, answers in ANSWERS.items()}
    for name, source in LAST.items():
        found[name] = submissions.notebook(some)
        found[name]["cells"].append(code(source))
    return found | {name: change(submissions.notebook(some)) for name, change in WHOLE.items()}
