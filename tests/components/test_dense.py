"""What the chapter on dense layers says of layers that Keras 3 has removed is true of Keras 2."""

import keras
import nbformat
import numpy as np

from diptych.components.layers.dense import dense_features
from tests import ROOT

AGE, CITY, NAMES = [17.0, 18.0, 30.0, 64.0], ["Ulm", "Bonn", "Rom", "Bonn"], ["Bonn", "Köln", "Ulm"]
EDGES = [18.0, 30.0, 50.0]


# What tf_keras 2.21, the legacy Keras 2, returned for these columns. It is recorded, because that
# package installs another build of TensorFlow over the CPU build. Columns were sorted by name.
REMOVED = np.array(
    [
        [-2.299999952316284, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0],
        [-2.200000047683716, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
        [-1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0],
        [2.4000000953674316, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0],
    ]
)


def test_keras_3_has_no_dense_features():
    assert not hasattr(keras.layers, "DenseFeatures")


def test_the_oracle_is_what_dense_features_returned():
    index = np.array([NAMES.index(name) if name in NAMES else -1 for name in CITY])
    ours = dense_features(np.array(AGE), index, 40.0, 10.0, EDGES, len(NAMES))
    np.testing.assert_allclose(ours, REMOVED, atol=1e-4)


def test_the_chapters_rows_are_those_of_dense_features():
    cells = nbformat.read(ROOT / "chapters/layers/dense.ipynb", as_version=4).cells
    for id in ("features-today-pt", "features-today-tf"):
        (cell,) = [cell for cell in cells if cell.id == id]
        numbers = [line.strip("[ ]").split() for line in cell.outputs[0].text.splitlines()]
        np.testing.assert_allclose(np.array(numbers, float), REMOVED, atol=0.05)
