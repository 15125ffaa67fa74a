"""The statements that an answer depends on are found, in cells of any size."""

import time
import tracemalloc

import pytest

from tests.forbidden.searches import found_in, named_in


@pytest.mark.parametrize(
    ("cells", "defined"),
    [
        (["def leaky_relu_tf(x, a): return x"], [1]),
        (["x = 1", "leaky_relu_tf = lambda x, a: x", "class leaky_relu_tf: pass"], [2, 3]),
        (["import leaky_relu_tf"], [1]),
        (["from m import f as leaky_relu_tf"], [1]),
        (["if True:\n    def leaky_relu_tf(x, a): return x"], [1]),
        (["try:\n    leaky_relu_tf = 1\nfinally: pass"], [1]),
        (["for leaky_relu_tf in [1]: pass"], [1]),
        (["match 1:\n    case leaky_relu_tf: pass"], [1]),
        (["def f():\n    global leaky_relu_tf\n    leaky_relu_tf = 1"], [1]),
        (["%%time\ndef leaky_relu_tf(x, a): return x"], [1]),
        (["leaky_relu_tf(1)", "def f():\n    leaky_relu_tf = 1", "x.leaky_relu_tf = 1"], []),
        (["this is ( no Python", "def leaky_relu_tf(x, a): return x"], [2]),
        (["x = 1; leaky_relu_tf = 2"], [1]),
    ],
)
def test_the_cells_that_define_an_answer_are_found(cells, defined):
    assert found_in(*cells)["cells"] == defined


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n", "\n\x0c"])
def test_lines_are_counted_as_python_counts_them(end):
    lines = ["def leaky_relu_tf(x, a):", "    y = 'a\x0bb\u2028c'", "    return leaky_relu(x, a)"]
    python = end.join(lines[:2]) + "\n" + lines[2] if end == "\n\x0c" else end.join(lines)
    assert named_in(python)[1:] == [3, "leaky_relu", "return leaky_relu(x, a)"]


def test_a_very_long_chain_of_conditions_is_read():
    chain = "if x: y = 1\n" + "elif x: y = 2\n" * 900
    assert named_in(chain + "relu_pt = torch.relu", answer="relu_pt")[1] == 902


def test_a_long_chain_of_names_is_followed_once():
    chain = "\n".join(f"v{i} = v{i + 1}" for i in range(20_000))
    start = time.process_time()
    assert named_in(chain + "\ndef leaky_relu_tf(x, a): return v0") is None
    assert time.process_time() - start < 20


def test_a_line_of_many_statements_is_not_read_once_a_statement():
    line = ";".join(["leaky_relu_tf = 0"] * 20_000)
    tracemalloc.start()
    assert named_in(line) is None
    assert tracemalloc.get_traced_memory()[1] < 200e6
    tracemalloc.stop()
