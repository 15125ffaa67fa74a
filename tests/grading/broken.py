"""Notebooks in which something of an answer is broken: its name, and what must be told of it."""

from __future__ import annotations

from tests.grading import submissions
from tests.grading.submissions import RIGHT, answer_id, code, only

RELU = RIGHT["relu_pt"]
SIGNATURE, BODY = "def relu_pt(x):\n", "    return torch.clamp(x, min=0)\n"
GATE = """class Gate(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clamp(min=0)
    @staticmethod
    def backward(ctx, g):
        {}
relu_pt = Gate.apply"""
GATE_TF = """@tf.custom_gradient
def relu_tf(x):
    def gradient(g):
        {}
    return tf.maximum(x, 0.0), gradient"""
FAILED = "the cell that defines {} failed: code cell 4: {}"


def failed(said, name="relu_pt"):
    return name, "cell_failed", FAILED.format(name, said)


# Of an answer: its source, and what is said of it.
ANSWERS = {
    # No Python.
    "a bracket that stays open": (
        f"{SIGNATURE}    return torch.clamp(x, min=0",
        failed("SyntaxError: '(' was never closed (line 2: return torch.clamp(x, min=0)"),
    ),
    "quotes of a word processor": (
        f"{SIGNATURE}    “the positive part”\n{BODY}",
        failed("SyntaxError: invalid character '“' (U+201C) (line 2: “the positive part”)"),
    ),
    "brackets of a Chinese keyboard": (
        f"def relu_pt（x）：\n{BODY}",
        failed("SyntaxError: invalid character '（' (U+FF08) (line 1: def relu_pt（x）：)"),
    ),
    "a comma of a Chinese keyboard": (
        f"{SIGNATURE}    return torch.clamp(x， min=0)",
        failed("SyntaxError: invalid character '，' (U+FF0C)"),
    ),
    "a merge conflict": (
        f"<<<<<<< HEAD\n{RELU}\n=======\n{RELU}\n>>>>>>> theirs",
        failed("SyntaxError: git has left a merge conflict here (line 1: <<<<<<< HEAD)"),
    ),
    "tabs among spaces": (
        f"{SIGNATURE}        y = torch.clamp(x, min=0)\n\treturn y",
        failed("TabError: inconsistent use of tabs and spaces in indentation (line 3: return y)"),
    ),
    "a return outside": (
        f"{SIGNATURE}{BODY}return 3",
        failed("SyntaxError: 'return' outside function (line 3: return 3)"),
    ),
    "a lambda that is no Python": ("relu_pt = lambda x: x.clamp(min=0", failed("SyntaxError:")),
    # Another name.
    "letters in another order": (
        RELU.replace("relu_pt", "relu_tp"),
        ("relu_pt", "misnamed", "nothing is called relu_pt: is relu_tp meant? Rename it"),
    ),
    "a capital letter": (
        RELU.replace("relu_pt", "Relu_pt"),
        ("relu_pt", "misnamed", "is Relu_pt meant?"),
    ),
    "no underscore": (RELU.replace("relu_pt", "reluPT"), ("relu_pt", "misnamed", "is reluPT")),
    # What is not there.
    "a module in the answer": (
        "import pandas as pd\ndef relu_pt(x):\n    return pd.Series(x)",
        (
            "relu_pt",
            "raised",
            "raises NameError: name 'pd' is not defined "
            "(No module named 'pandas' where notebooks are graded)",
        ),
    ),
    "a module at the answer's head": (
        f"import lightning as L\n@L.decorated\n{RELU}",
        failed("ModuleNotFoundError: No module named 'lightning' (line 1: import lightning as L)"),
    ),
    "a module of a line between": (
        f"import pandas as pd\ntable = pd.Series([0])\n{SIGNATURE}    return x.clamp(table[0])",
        ("relu_pt", "raised", "name 'table' is not defined (No module named 'pandas' where"),
    ),
    "another name in a signature": (
        "def relu_pt(x: Tensor): return x.clamp(min=0)",
        failed("NameError: name 'Tensor' is not defined (line 1: def relu_pt(x: Tensor): return"),
    ),
    # What is wrong with what comes back.
    "an error in a gradient": (
        GATE.format("return g * mask"),
        (
            "relu_pt",
            "graded",
            "computing the gradient raises NameError: name 'mask' is not defined",
            "line 7: return g * mask",
        ),
    ),
    "too many gradients": (
        GATE.format("return g, g"),
        ("relu_pt", "graded", "computing the gradient raises RuntimeError: function GateBackward"),
    ),
    "an error in a gradient of TensorFlow": (
        GATE_TF.format("return g * mask"),
        (
            "relu_tf",
            "graded",
            "computing the gradient raises NameError: name 'mask' is not defined",
            "line 4: return g * mask",
        ),
    ),
    "a weight that is a list": (
        RIGHT["prelu_pt"].replace("self.weight = ", "self.weight = [0.25] * n_channels #"),
        ("prelu_pt", "graded", ".weight is a list, not a tensor"),
    ),
    "a weight that is an array": (
        "class prelu_tf(keras.layers.Layer):\n    def __init__(self, n):\n"
        "        super().__init__()\n        import numpy as np\n"
        "        self.weight = np.full(n, 0.25)\n    def call(self, x): return x",
        ("prelu_tf", "graded", ".weight is a ndarray, not a tensor"),
    ),
    "a sparse tensor": (
        f"{SIGNATURE}    return x.clamp(min=0).to_sparse()",
        ("relu_pt", "graded", "what came back is a tensor of layout torch.sparse_coo: make it"),
    ),
    "half precision that NumPy has not": (
        f"{SIGNATURE}    return x.clamp(min=0).bfloat16()",
        ("relu_pt", "graded", "what came back is of dtype bfloat16, which is not judged"),
    ),
    "a tensor without numbers": (
        f"{SIGNATURE}    return x.clamp(min=0).to('meta')",
        ("relu_pt", "graded", 'what came back lies on the device "meta", which keeps no numbers'),
    ),
    "a sparse tensor of TensorFlow": (
        "def relu_tf(x): return tf.sparse.from_dense(tf.maximum(x, 0.0))",
        ("relu_tf", "graded", "what came back is of type SparseTensor: make it an ordinary tensor"),
    ),
    "a symbolic tensor": (
        "def relu_tf(x): return keras.Input((6,))",
        ("relu_tf", "graded", "an object of type KerasTensor came back, not a tensor"),
    ),
    "a list of numbers": (
        f"{SIGNATURE}    return x.clamp(min=0).tolist()",
        ("relu_pt", "graded", "an object of type float came back, not a tensor"),
    ),
    "an input of another shape": (
        f"{SIGNATURE}    return x.unsqueeze_(0)[0].clamp(min=0)",
        ("relu_pt", "graded", "the input has been changed in place"),
    ),
}


def turned_into(kind):
    made = submissions.notebook(only("relu_tf") | {"relu_pt": RELU})
    for cell in made["cells"]:
        if answer_id(cell) == "relu_pt":
            cell["cell_type"] = kind
    return made


def behind(source):
    """A cell behind the answer's."""
    made = submissions.notebook(only("relu_tf") | {"relu_pt": f"{SIGNATURE}    return x"})
    made["cells"].append(code(source))
    return made


def stub_and(source):
    made = submissions.notebook(only("relu_tf"))
    made["cells"].append(code(source))
    return made


CELLS = {
    "a cell that is Markdown": (
        turned_into("markdown"),
        ("relu_pt", "not_code", "relu_pt is defined in a Markdown cell: turn it into a code cell"),
    ),
    "a raw cell": (turned_into("raw"), ("relu_pt", "not_code", "is defined in a raw cell")),
    "a later version that is no Python": (
        behind(f"{SIGNATURE}    return torch.clamp(x, min=0"),
        ("relu_pt", "graded", "; a later version failed: code cell 32: SyntaxError: "),
    ),
    "an answer below the stub that is no Python": (
        stub_and(f"{SIGNATURE}    return torch.clamp(x, min=0"),
        (
            "relu_pt",
            "cell_failed",
            "the cell that defines relu_pt failed: code cell 32: SyntaxError",
        ),
    ),
    "a cell that ends Python in front of its answer": (
        submissions.notebook(
            only("relu_tf") | {"relu_pt": f"import os\nn = os._exit(0)\n{RELU}\nx = n"}
        ),
        (),
    ),
    "an answer that is made by what ends Python": (
        submissions.notebook(only("relu_tf") | {"relu_pt": "import os\nrelu_pt = os._exit(0)"}),
        ("relu_pt", "crashed", FAILED.format("relu_pt", "it ended Python itself")),
    ),
}


def corpus():
    """Name → notebook, and the answer with its status and what is said of it: diagnosis and
    evidence. Nothing where it is right."""
    found = dict(CELLS)
    for name, (source, said) in ANSWERS.items():
        given = {"relu_pt": RELU} | only("relu_tf") | {said[0]: source}
        found[name] = submissions.notebook(given), said
    return found
