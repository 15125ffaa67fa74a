"""What a framework or an older cell has made is not judged."""

import nbformat

from diptych.book import execution

NOT_YOURS = [
    "class prelu_pt(nn.PReLU): pass",
    "class rrelu_pt(nn.Module):\n"
    "    def __init__(self, lower, upper):\n"
    "        super().__init__(); self.lower, self.upper = lower, upper\n"
    "    def forward(self, x):\n"
    "        return nn.functional.rrelu(x, self.lower, self.upper, self.training)",
    "relu_pt = nn.ReLU()",
    "relu_pt = torch.relu",
    "relu_pt = functools.partial(nn.functional.relu)",
    "def relu6_pt(x):\n    return nn.functional.hardtanh(x, 0, 6)",
]


def test_what_is_ready_made_earns_nothing_in_a_kernel_either(tmp_path):
    """In a kernel, Python finds no source of a class, only of its methods."""
    cells = ["import functools, torch\nfrom torch import nn\nfrom diptych import check"]
    for source in NOT_YOURS:
        name = next(n for n in ("prelu_pt", "rrelu_pt", "relu6_pt", "relu_pt") if n in source)
        cells += [source, f"check({name})"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    execution.execute(notebook, tmp_path)
    for source, cell in zip(NOT_YOURS, notebook.cells[2::2], strict=True):
        shown = cell.outputs[0]["data"]
        assert shown["text/plain"] == "0.0", source
        assert "rite it yourself" in shown["text/html"], source


def test_an_older_answer_is_not_judged_behind_a_cell_that_did_not_define_it(tmp_path):
    cells = (
        "import torch\nfrom diptych import check",
        "def relu_pt(x):\n    return x.clamp(min=0)",
        "def relu_pt(x):\n    return x.clamp(min=0",
        "check(relu_pt)",
        "relu6_pt = lambda x：x",  # another answer
        "%%time\ndef relu_pt(x):\n    return x.clamp(min=0)",
        "check(relu_pt)",
        "def relu_pt(x):\n    return x.clamp(min=0)",
        "1 / 0\n\ndef relu_pt(x):\n    return x.clamp(min=0.0)",
        "check(relu_pt)",
        "def helper(x):\n    return x.clamp(min=0)",
        "relu_pt = helper",
        "check(relu_pt)",
        "@torch.no_grad()\ndef relu_pt(x):\n    return x.clamp(min=0)\n\n1 / 0",
        "check(relu_pt)",
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    for number in (2, 4, 8, 13):
        notebook.cells[number].metadata.tags = ["raises-exception"]
    execution.execute(notebook, tmp_path)
    numbers = (3, 6, 9, 12, 14)
    before, after, raised, other, behind = (notebook.cells[n].outputs[-1]["data"] for n in numbers)
    assert before["text/plain"] == "0.0"
    assert (
        "the cell that defines it is not valid Python: &#x27;(&#x27; was never closed"
        in (before["text/html"])
    )
    assert "line 2: return x.clamp(min=0" in before["text/html"]
    assert after["text/plain"] == "3.0"
    assert "the cell that defines it stopped at an error above it" in raised["text/html"]
    assert raised["text/plain"] == "0.0"
    assert other["text/plain"] == "3.0"
    # An error below the definition does not matter.
    assert "no gradient reaches the input" in behind["text/html"]
