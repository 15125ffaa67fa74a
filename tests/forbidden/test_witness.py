"""The witness sees what runs while a question is asked, and leaves nothing behind."""

import subprocess
import sys
import threading

import pytest
import tensorflow as tf
import torch
from tensorflow.python.eager import context
from torch.nn import functional as F

from diptych.forbidden import witness
from tests.forbidden.labels import labels


def test_operations_of_both_frameworks_are_seen_by_their_own_names():
    assert "aten.relu" in labels(lambda: F.relu(torch.ones(2)))
    assert "torch.softsign" in labels(lambda: F.softsign(torch.ones(2)))
    assert "Relu" in labels(lambda: tf.nn.relu(tf.ones(2)))


def test_a_name_leaves_no_label():
    assert not any(
        "relu" in label.lower() for label in labels(lambda: [F.relu, "relu", tf.nn.relu])
    )


def test_a_composed_function_is_seen_where_it_is_looked_for():
    x = tf.ones(2)
    assert "tf.nn.gelu" in labels(lambda: tf.nn.gelu(x), ["tf.nn.gelu"])
    assert "tf.nn.gelu" not in labels(lambda: tf.nn.gelu(x))
    assert "tf.nn.gelu" not in labels(lambda: tf.nn.silu(x), ["tf.nn.gelu", "tf.nn.silu"])


def state():
    return (
        sys.getprofile(),
        threading.getprofile(),
        tf.config.functions_run_eagerly(),
        len(context.context().op_callbacks),
        torch._C._len_torch_dispatch_stack(),
        torch._C._len_torch_function_stack(),
    )


@pytest.mark.parametrize("symbols", [None, ["tf.nn.gelu"]])
def test_nothing_is_left_behind_also_where_the_answer_raises(symbols):
    before = state()
    labels(lambda: None, symbols)
    assert state() == before
    with pytest.raises(ZeroDivisionError), witness.watching(symbols):
        1 / 0  # noqa: B018
    assert state() == before


def test_a_profile_function_of_the_answers_own_does_not_stay():
    before = state()
    labels(lambda: sys.setprofile(lambda *event: None), ["tf.nn.gelu"])
    labels(lambda: threading.setprofile(lambda *event: None))
    assert state() == before


def test_a_profile_function_of_the_notebooks_comes_back():
    def own(*event):
        pass

    sys.setprofile(own)
    try:
        labels(lambda: None, ["tf.nn.gelu"])
        assert sys.getprofile() is own
    finally:
        sys.setprofile(None)


def test_an_answer_that_removes_the_witness_of_tensorflow_stops_nothing():
    from tensorflow.python.framework import op_callbacks

    before = state()
    labels(op_callbacks.clear_op_callbacks)
    assert state() == before


def in_a_thread(call):
    thread = threading.Thread(target=call)
    thread.start()
    thread.join()


def test_a_thread_is_watched_as_well():
    x, y = torch.ones(2), tf.ones(2)
    assert "aten.relu" in labels(lambda: in_a_thread(lambda: F.relu(x)))
    assert "Relu" in labels(lambda: in_a_thread(lambda: tf.nn.relu(y)))
    assert "tf.nn.gelu" in labels(lambda: in_a_thread(lambda: tf.nn.gelu(y)), ["tf.nn.gelu"])


def test_a_witness_within_a_witness_sees_what_the_other_sees():
    with witness.watching() as outer, witness.watching() as inner:
        F.relu(torch.ones(2))
        tf.nn.relu(tf.ones(2))
    assert {"aten.relu", "Relu"} <= outer & inner


def test_no_framework_is_imported_for_it():
    code = (
        "import sys\nfrom diptych.forbidden import witness\n"
        "with witness.watching(['torch.relu', 'tf.nn.gelu']): pass\n"
        "assert not {'torch', 'tensorflow', 'keras'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
