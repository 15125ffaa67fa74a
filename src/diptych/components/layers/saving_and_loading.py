"""Saving and loading: layers of one's own, their arguments and their state."""

import numpy as np

from diptych.catalogue.exercise import Case, Exercise, Misconception
from diptych.catalogue.notation import component, mistakes


def largest(x):
    """The largest absolute value of each feature, (features,)."""
    return np.abs(x).max(axis=tuple(range(x.ndim - 1)))


def layer(parts):
    """The layer with these ``parts``: the right ones, or those of a wrong answer.

    They are the output of training, that of inference, what training stores and, if there is a
    fourth, what inference stores.
    """

    def calibrated(x, start, training):
        start, seen = np.array(start), largest(x)
        trained, evaluated, stored, *kept = parts(x, start, seen, np.maximum(start, seen))
        if training:
            return trained, {"largest": stored}
        return evaluated, {"largest": (*kept, start)[0]}

    return calibrated


calibrated = layer(lambda x, start, seen, new: (x, x / start, new))

CALIBRATED_MISTAKES = """
(x, x / new, new, new)
    # inference changes the stored values, too: change them only in training
(x, x / new, new)
(x, x / seen, new)
(x, x / seen, start)
    # inference divides by values of its own batch: divide by the stored values
(x / start, x / start, new)
(x / new, x / start, new)
(x / seen, x / start, new)
    # training divides the input, too: return it unchanged in training
(x / start, x / start, start)
(x, x / start, start)
    # training does not change the stored values: store the larger of the old
    # value and the batch's
(x, x / start, seen)
    # the batch's values replace the stored ones: keep the larger of the two
(x, x / start, maximum(start, largest(maximum(x, 0))))
    # negative numbers are ignored: take absolute values first
(x, x / start, new.max())
(x, x / start, 0 * start + abs(x).max())
(x, x / start, maximum(start, abs(x).max()))
    # all features share one value of the batch: each feature has its own
(x, x * start, new)
    # inference multiplies by the stored values: divide by them
(x, x, new)
    # inference returns the input unchanged: divide it by the stored values
(x / start, x, new)
(x / new, x, new)
    # the modes are exchanged: training returns the input, inference divides
(x, x / start, minimum(start, seen))
    # the smaller value is stored: store the larger one
"""


def calibrated_cases(x, start, part="values"):
    x = np.array(x)
    return tuple(
        Case(
            (x,),
            {"start": start},
            training=training,
            initial=("largest",),
            state=("largest",),
            part=part,
        )
        for training in (True, False)
    )


def drawn_cases(rng, *shape, part="values"):
    """Some features whose stored value is larger than the batch's, and some whose is smaller."""
    x = rng.normal(0, 1, shape)
    factors = np.where(np.arange(shape[-1]) % 2, rng.uniform(1.2, 2), rng.uniform(0.4, 0.8))
    start = [round(float(number), 3) for number in largest(x) * factors]
    return calibrated_cases(x, start, part)


CALIBRATED_EXERCISE = Exercise(
    "calibrated",
    calibrated,
    visible=(
        *calibrated_cases([[1.0, -2.0], [-4.0, 0.5]], [3.0, 5.0]),
        *calibrated_cases([[0.5, 3.0, -6.0]], [2.0, 2.0, 8.0]),
        *calibrated_cases(
            [[[1.0, -2.0], [-4.0, 0.5]], [[2.0, 7.0], [0.0, -1.0]]], [3.0, 5.0], "robustness"
        ),
    ),
    hidden=lambda rng: (
        *drawn_cases(rng, 4, 3),
        *drawn_cases(rng, 1, 5),
        *drawn_cases(rng, 3, 2, 4, part="robustness"),
    ),
    initial={"largest": lambda x, start: np.array(start)},
    reference={
        "pytorch": """
class calibrated_pt(nn.Module):
    def __init__(self, start):
        super().__init__()
        self.register_buffer("largest", torch.tensor(start, dtype=torch.float32))
    def forward(self, x):
        if not self.training:
            return x / self.largest
        with torch.no_grad():
            self.largest.clamp_(min=x.abs().flatten(0, -2).amax(0))
        return x
""",
        "tensorflow": """
class calibrated_tf(keras.layers.Layer):
    def __init__(self, start):
        super().__init__()
        self.largest = keras.Variable(start, trainable=False, dtype="float32")
    def call(self, x, training=False):
        if not training:
            return x / self.largest
        rows = tf.reshape(tf.abs(x), (-1, x.shape[-1]))
        self.largest.assign(tf.reduce_max(tf.concat([self.largest[None], rows], 0), 0))
        return tf.identity(x)
""",
    },
    elementwise=False,
    misconceptions=(
        *mistakes(CALIBRATED_MISTAKES, globals(), "x, start, seen, new", through=layer),
        Misconception(
            "the stored values start at 1: they must start with the numbers of `start`",
            lambda x, start, training: calibrated(x, 0 * np.array(start) + 1, training),
            initial={"largest": lambda x, start: 0 * np.array(start) + 1},
        ),
        Misconception(
            "the stored values start at 0: they must start with the numbers of `start`",
            lambda x, start, training: calibrated(x, 0 * np.array(start), training),
            initial={"largest": lambda x, start: 0 * np.array(start)},
        ),
    ),
)

SAVING_LAYERS = component(
    "saving_layers",
    name="Saving your own layers",
    zh="自定义层的保存与加载",
    pytorch=(
        *("torch.nn.Module.state_dict", "torch.nn.Module.load_state_dict"),
        *("torch.save", "torch.load", "torch.export.export"),
    ),
    keras=(
        *("keras.Model.save", "keras.Model.export", "keras.saving.load_model"),
        "keras.saving.register_keras_serializable",
    ),
    kind="usage",
    calls="""
torch.save(net.state_dict(), "net.pt") | net.save("net.keras")
    # PyTorch saves the numbers; Keras saves the arguments of the layers as well
again.load_state_dict(torch.load("net.pt")) | again = keras.saving.load_model("net.keras",
    custom_objects={"ScaledTf": ScaledTf})
    # make the module first in PyTorch; give Keras the class
""",
    behaviour={
        "saving-forgotten-pt": "a plain attribute is not in a PyTorch `state_dict`",
        "saving-forgotten-tf": "an argument that `get_config` leaves out has its default value "
        "after loading",
        "saving-recorded": "Keras records plain arguments of a `Layer` without `get_config`, but "
        "not those of a subclass of `Dense`",
        "saving-kwargs": "a Keras constructor without `**kwargs` raises an error on loading",
        "saving-inner-tf": "a layer as an argument needs `get_config` and `from_config` in Keras",
        "saving-lambda-cell": "a `Lambda` is not loaded, unless `safe_mode=False`",
        "saving-weights-only-cell": "`torch.load` raises an error for modules and NumPy numbers",
        "saving-strict-pt": "`strict=False` ignores wrong names in PyTorch, and may load nothing",
        "saving-strict-tf": "`skip_mismatch=True` ignores wrong shapes in Keras, and warns",
        "saving-optimizer-tf": "a `.keras` file contains the state of the optimizer",
        "saving-unbuilt": "a Keras model that is not built is saved without weights",
        "saving-dynamic-pt": "`torch.export` keeps the batch size, unless `dynamic_shapes` says so",
    },
    exercises=(CALIBRATED_EXERCISE,),
)

COMPONENTS = (SAVING_LAYERS,)
