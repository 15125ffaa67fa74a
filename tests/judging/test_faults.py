"""What an answer raises is told by the learner's own line, without noise."""

import tensorflow as tf

from diptych import check
from tests.judging.answers import said


def relu_pt(x):
    y = x + 1
    return y.no_such_method()


def test_what_raises_is_shown_by_the_learners_own_line(monkeypatch):
    monkeypatch.setitem(globals(), "__name__", "__main__")  # as in a notebook
    assert "return y.no_such_method()" in said(check(relu_pt))
    assert "Traceback" not in said(check(relu_pt))


def test_what_tensorflow_raises_is_told_without_its_addresses():
    def relu_tf(x):
        return x + tf.ones([7, 5, 3])

    told = said(check(relu_tf))
    assert "Incompatible shapes: [" in told
    assert "function_node" not in told and "name: " not in told
