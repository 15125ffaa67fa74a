"""What the chapter on dense layers says of what Keras 3 has removed, held against Keras 2."""

import logging

import keras
import nbformat
import numpy as np
import pytest
import tensorflow as tf

from diptych.components.layers.dense import dense_features
from tests import ROOT

AGE, CITY, NAMES = [17.0, 18.0, 30.0, 64.0], ["Ulm", "Bonn", "Rom", "Bonn"], ["Bonn", "Köln", "Ulm"]
EDGES = [18.0, 30.0, 50.0]


@pytest.fixture(scope="module")
def removed():
    """The output of the removed layer, and the names of its columns in the order of the output."""
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # feature columns are deprecated
    from tf_keras import layers  # the test extra installs it

    column = tf.feature_column
    city = column.categorical_column_with_vocabulary_list("city", NAMES)
    layer = layers.DenseFeatures(
        [
            column.indicator_column(city),
            column.bucketized_column(column.numeric_column("age"), EDGES),
            column.numeric_column("age", normalizer_fn=lambda age: (age - 40) / 10),
        ]
    )
    table = {"age": tf.constant(AGE)[:, None], "city": tf.constant(CITY)[:, None]}
    return layer(table).numpy(), [each.name for each in layer._feature_columns]


def test_keras_3_has_no_dense_features():
    assert not hasattr(keras.layers, "DenseFeatures")


def test_the_oracle_is_what_dense_features_returned(removed):
    index = np.array([NAMES.index(name) if name in NAMES else -1 for name in CITY])
    ours = dense_features(np.array(AGE), index, 40.0, 10.0, EDGES, len(NAMES))
    np.testing.assert_allclose(ours, removed[0], rtol=1e-6)


def test_dense_features_sorted_its_columns_by_name(removed):
    assert removed[1] == ["age", "age_bucketized", "city_indicator"]


def test_the_chapters_rows_are_those_of_dense_features(removed):
    cells = nbformat.read(ROOT / "chapters/layers/dense.ipynb", as_version=4).cells
    for id in ("features-today-pt", "features-today-tf"):
        (cell,) = [cell for cell in cells if cell.id == id]
        numbers = [line[6:].split() for line in cell.outputs[0].text.splitlines()]
        np.testing.assert_allclose(np.array(numbers, float).T, removed[0], atol=0.05)
