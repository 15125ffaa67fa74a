"""Public functions are found by name in the frameworks that have been imported."""

import sys

import tensorflow as tf

from tests.forbidden.labels import labels


def test_a_name_that_no_framework_has_is_not_looked_for():
    assert labels(lambda: None, ["torch.no.such", "nowhere.relu", "tf.nn.no_such"]) == set()


def test_a_framework_that_is_imported_later_is_looked_at_then(monkeypatch):
    with monkeypatch.context() as patch:
        patch.delitem(sys.modules, "tensorflow")
        labels(lambda: None, ["tf.nn.selu", "tf.nn.gelu"])
    assert "tf.nn.gelu" in labels(lambda: tf.nn.gelu(tf.ones(2)), ["tf.nn.selu", "tf.nn.gelu"])
