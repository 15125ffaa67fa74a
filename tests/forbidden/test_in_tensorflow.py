"""Operations in a function that TensorFlow traced before are seen."""

import tensorflow as tf

from diptych.forbidden import in_tensorflow
from tests.forbidden.labels import labels


def test_a_function_that_was_traced_before_is_looked_into_once():
    traced = tf.function(lambda x: tf.nn.relu(x))
    traced(tf.ones(2))
    in_tensorflow._traced.cache_clear()
    for _ in range(3):
        assert "Relu" in labels(lambda: traced(tf.ones(2)))
    assert in_tensorflow._traced.cache_info().misses == 1
