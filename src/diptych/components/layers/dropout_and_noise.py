"""Dropout and noise: layers that are random in training, and do nothing in evaluation."""

import math
from dataclasses import replace

import numpy as np
from numpy.random import default_rng

from diptych.catalogue import draws, masks, noise
from diptych.catalogue.exercise import Case, Exercise, Misconception
from diptych.catalogue.notation import component, mistakes

# Names that do the work of these layers, and are not among those of the chapter.
FORBID = (
    "keras.random.dropout",
    "torch.feature_dropout",
    "torch.native_dropout",
    "aten.native_dropout",
)
NUMBERS = np.array([[-3.0, -1.0, 0.0, 0.4], [2.0, 7.5, -0.2, 1.0]])


def many(*shape):
    """An input for judges: few values, each many times, none of which a layer maps to 0."""
    return default_rng(shape).choice((-2.5, -0.75, 0.5, 1.25), shape)


def random_layer(in_training, in_evaluation=lambda x, *arguments: x):
    """The layer that computes one function of ``x`` and its arguments in each mode."""

    def answer(x, *, training, **arguments):
        return (in_training if training else in_evaluation)(x, *arguments.values())

    return answer


def said(text, parameters="x, rate", through=lambda function: function, **names):
    return mistakes(
        text,
        vars(draws) | vars(masks) | vars(noise) | globals(),
        parameters,
        through=through,
        **names,
    )


def keeps(x, rate):
    """A mask in the shape of ``x``: True with probability ``1 - rate``, drawn anew in each call."""
    return default_rng().random(np.shape(x)) >= rate


def exactly(x, rate):
    """A mask that drops equally many numbers in each row."""
    order = np.argsort(default_rng().random(np.shape(x)), -1)
    return order >= round(rate * np.shape(x)[-1])


def masked(formula):
    """A function that makes a layer from a mask, which is a function of ``x`` and the rate."""
    return lambda mask: random_layer(lambda x, rate: formula(x, mask(x, rate), rate))


# The mask that a batch shares comes first, because it may keep or drop all of few channels by
# chance.
MASKS = """
keeps(x[:1], rate)                      # ONE_MASK
keeps(x, 1 - rate)                      # DROPS_THE_REST
x > x + 1                               # ALL_DROPPED
default_rng(0).random(x.shape) >= rate  # SAME_TWICE
exactly(x, rate)                        # EXACT_COUNT
"""
NUMBER_MASKS = """
keeps(x[..., :1], rate)
keeps(x[:, :1], rate)                   # SHARED
keeps(x, rate) | (x > 0)                # BY_VALUE
"""
CHANNEL_MASKS = "keeps(x[:, :1], rate)  # CHANNELS_TOGETHER"


def drawn(formula, draw=keeps):
    """A formula in ``x``, its draws and an argument as a function of ``x`` and the argument."""
    return lambda x, argument: formula(x, draw(x, argument), argument)


def of_drawn(formula, draw=keeps):
    """The layer that computes a formula in ``x``, its draws and an argument in training."""
    return random_layer(drawn(formula, draw))


def layers(wrong, draw=keeps):
    """Misconceptions about the layer, from misconceptions about its formula."""
    return tuple(replace(each, value=of_drawn(each.value, draw)) for each in wrong)


def evaluated(trained, text):
    """Misconceptions about evaluation of a layer that computes ``trained`` in training."""

    def through(inference):
        return random_layer(trained, lambda x, rate, *axis: inference(x, rate))

    return said(text, through=through)


def several(numbers):
    """Inputs with two, one and three axes, and a large one."""
    return numbers, numbers[0], numbers.reshape(2, 2, -1), np.array([[-1e4, 1e4]])


def images(numbers):
    """Inputs with channels along axis 1, or along the last, and a large one."""
    return numbers.reshape(1, 2, -1), numbers.reshape(2, 2, 1, -1), np.full((1, 2, 1), 1e4)


def cases(judge, trained, inputs, exact=(), **arguments):
    """Evaluation, of the first input for the values; ``exact`` arguments, with which training does
    nothing random; and training as ``judge`` sees it, last, where the functions are watched."""
    return (
        Case((inputs[0],), arguments, training=False),
        *(Case((x,), arguments, training=False, part="robustness") for x in inputs[1:]),
        *(Case((inputs[0],), each, training=True, part="robustness") for each in exact),
        *(Case((x,), each, training=True, judge=judge) for x, each in trained),
    )


def dropped_out(x, mask, rate):
    return x * mask / (1 - rate) if rate < 1 else 0 * x


DROPOUT_WRONG = said(
    """
x * mask                           # numbers that are kept stay as they are: divide by 1 − rate
x * mask * (1 - rate)              # numbers that are kept are multiplied by 1 − rate: divide by it
x * mask / where(rate, rate, 1)    # numbers that are kept are divided by rate: divide by 1 − rate,
                                   # the share that is kept
x * (1 - mask) / where(rate, rate, 1)
                                   # rate is taken for the probability to keep: it is the
                                   # probability to drop
""",
    "x, mask, rate",
)
DROPOUT_EVALUATION = """
x * (1 - rate)  # evaluation multiplies by 1 − rate: training divides by it, so evaluation does
                # nothing
x / (1 - rate)  # evaluation divides by 1 − rate: it does nothing
0 * x           # everything is dropped in evaluation: it does nothing
"""
EDGES = """
dropped_out(x, keeps(x, rate), rate) + x * 0 / np.float64(1 - rate)
                # at a rate of 1 the factor is 1/0: everything is dropped there, so the output is 0
"""

judge_dropout = masks.judge_masks(dropped_out, DROPOUT_WRONG)


def dropout_cases(numbers, low, high):
    trained = [(many(300, 30), {"rate": low}), (many(40, 9, 16), {"rate": high})]
    edges = {"rate": 0.0}, {"rate": 1.0}
    return cases(judge_dropout, trained, several(numbers), edges, rate=low)


def drawn_rates(of_numbers):
    """Hidden cases, from numbers and two rates: far from ½, so that swapping them shows."""

    def hidden(rng):
        low, high = rng.uniform(0.1, 0.35), rng.uniform(0.65, 0.9)
        return of_numbers(rng.normal(0, 3, (2, 4)), round(low, 3), round(high, 3))

    return hidden


def fresh_mask(upstream_gradient, x, rate):
    return (upstream_gradient * dropped_out(1, keeps(x, rate), rate),)


DROPOUT_EXERCISE = Exercise(
    "dropout",
    of_drawn(dropped_out),
    visible=dropout_cases(NUMBERS, 0.25, 0.8),
    hidden=drawn_rates(dropout_cases),
    reference={
        "pytorch": "dropout_pt = nn.Dropout",
        "tensorflow": "dropout_tf = keras.layers.Dropout",
    },
    forbid=FORBID,
    misconceptions=(
        *layers(DROPOUT_WRONG),
        *said(MASKS + NUMBER_MASKS, through=masked(dropped_out)),
        *said("x  # NOTHING_DROPPED", through=random_layer),
        *said(EDGES, through=random_layer),
        *evaluated(drawn(dropped_out), DROPOUT_EVALUATION),
        Misconception(masks.FRESH_MASK, gradient=fresh_mask),
    ),
)


def dropout_by_hand(x, u, upstream_gradient, rate):
    return dropped_out(x, u >= rate, rate), dropped_out(upstream_gradient, u >= rate, rate)


def by_hand_case(x, u, rate, **fields):
    g = default_rng(x.size).uniform(0.5, 2, x.shape)
    return Case((x, np.reshape(u, x.shape), g), {"rate": rate}, gradients=False, **fields)


def hidden_by_hand(rng):
    shapes = {(7,): "values", (3, 4): "robustness", (2, 1, 5): "robustness", (): "robustness"}
    return tuple(
        by_hand_case(
            rng.normal(0, 3, shape), rng.random(shape), round(rng.uniform(0.2, 0.8), 3), part=part
        )
        for shape, part in shapes.items()
    )


# Formulas in the kept part of x, that of the upstream gradient g, the factor c, and both masks.
BY_HAND_MISTAKES = """
(c * x * m, g * m)                # the gradient is not divided by 1 − rate, as the output is
(x * m, g * m)                    # nothing is divided by 1 − rate
(c * x * m, c * g)                # the gradient has no mask: it is 0 where x was dropped
(c * x * m, g)                    # the gradient is passed on as it came: mask it, and divide it
(c * x * m, c * m * ones_like(g)) # the gradient from above is missing: multiply by it
(c * x * m, c * g * m * x)        # the gradient is multiplied by x: the derivative of c · x is c
(c * x * m, c * g * m * (x != 0)) # where x is 0 the gradient is lost, as when the mask is read off
                                  # the output: read it off u
(c * x * m, c * g * (1 - m))      # the gradient goes where x was dropped: it goes where x was kept
(c * x * m, c * c * g * m)        # the gradient is divided by 1 − rate twice
(c * x * (1 - m), c * g * (1 - m))    # numbers with u below rate are kept: these are dropped
(c * x * strictly, c * g * strictly)  # where u is equal to rate, x is dropped: keep u ≥ rate
"""


def by_hand(formula):
    def answer(x, u, upstream_gradient, rate):
        return formula(x, upstream_gradient, 1 / (1 - rate), 1 * (u >= rate), 1 * (u > rate))

    return answer


BY_HAND_EXERCISE = Exercise(
    "dropout_by_hand",
    dropout_by_hand,
    visible=(
        by_hand_case(NUMBERS[0], [0.9, 0.1, 0.7, 0.3], 0.25),
        by_hand_case(NUMBERS[1], [0.5, 0.2, 0.6, 0.4], 0.5),
        by_hand_case(NUMBERS, default_rng(0).random(8), 0.4, part="robustness"),
        by_hand_case(np.array([-1e4, 1e4]), [0.4, 0.8], 0.25, part="robustness"),
    ),
    hidden=hidden_by_hand,
    reference={
        "pytorch": "def dropout_by_hand_pt(x, u, g, rate):\n"
        "    kept = (u >= rate) / (1 - rate)\n    return x * kept, g * kept",
        "tensorflow": "def dropout_by_hand_tf(x, u, g, rate):\n"
        "    kept = tf.where(u >= rate, 1 / (1 - rate), 0.0)\n    return x * kept, g * kept",
    },
    misconceptions=said(BY_HAND_MISTAKES, "x, g, c, m, strictly", through=by_hand),
    difficulty=3,
)


DROPOUT = component(
    "dropout",
    name="Dropout",
    zh="随机置零层",
    pytorch=("torch.nn.Dropout", "torch.nn.functional.dropout"),
    keras=("keras.layers.Dropout",),
    tensorflow=(
        "tf.nn.dropout",
        "tf.nn.experimental.stateless_dropout",
        "tf.nn.experimental.general_dropout",
    ),
    defaults="""
torch.nn.Dropout(p=0.5)
torch.nn.functional.dropout(p=0.5, training=True)
""",
    calls="""
nn.Dropout(0.25) | keras.layers.Dropout(0.25)
    # a new PyTorch module is in training mode; a Keras layer drops only with `training=True`
F.dropout(x, 0.25) | tf.nn.dropout(x, 0.25)  # both functions also drop in inference mode
x * F.dropout(torch.ones(2, 1, 5), 0.5) | keras.layers.Dropout(0.5, noise_shape=(None, 1, 5))
    # `noise_shape` is the shape of the mask; PyTorch has no such argument
""",
    behaviour={
        "own-draws": "the same seed gives different masks in the two frameworks",
        "fresh-tf": "a new PyTorch module drops numbers, a new Keras layer returns its input",
        "not-off-pt": "`eval()` does not switch `F.dropout` off: pass `training=self.training`",
        "not-off-tf": "`trainable=False` does not switch a Keras `Dropout` off",
        "noise-shape-tf": "Keras's `noise_shape` uses one draw for a whole axis; PyTorch has none",
        "seeds-tf": "two Keras layers with the same seed drop the same numbers",
        "rate-one-pt": "a dropped NaN stays NaN in PyTorch, and becomes 0 in Keras",
        "rate-one-tf": "rate 1 gives zeros in both frameworks, and an error in `tf.nn.dropout`",
        "ensemble": "the output in inference mode is the mean over all masks for a linear layer, "
        "and not after a ReLU",
    },
    exercises=(DROPOUT_EXERCISE, BY_HAND_EXERCISE),
)


def over_channels(formula, mask=keeps):
    """The ``formula`` with a mask of the shape (batch, channels), which drops whole channels."""

    def layer(x, rate, axis=1):
        rest = tuple(i for i in range(1, x.ndim) if i != axis % x.ndim)
        return formula(x, np.expand_dims(mask(x.mean(rest), rate), rest), rate)

    return layer


def channel_mistakes(formula, wrong):
    """Misconceptions about a layer that drops whole channels: wrong formulas and wrong masks."""

    def through(mask):
        return random_layer(over_channels(formula, mask))

    return (
        *(replace(each, value=random_layer(over_channels(each.value))) for each in wrong),
        *said(MASKS + CHANNEL_MASKS, through=through),
        *said("x  # NOTHING_DROPPED", "x, rate, axis=1", through=random_layer),
    )


WRONG_AXIS = "whole parts along another axis are dropped: the channels are the axis number `axis`"

judge_spatial = masks.judge_masks(
    dropped_out, DROPOUT_WRONG, lambda case: case.arguments["axis"], WRONG_AXIS
)


def spatial_cases(numbers, rates):
    shapes = ((300, 30, 3), 1), ((300, 4, 16), -1), ((300, 11, 2, 3), 1), ((200, 2, 3, 2, 13), -1)
    trained = [
        (many(*shape), {"rate": rate, "axis": axis})
        for (shape, axis), rate in zip(shapes, rates, strict=True)
    ]
    edges = {"rate": 0.0, "axis": 1}, {"rate": 1.0, "axis": -1}
    return cases(judge_spatial, trained, images(numbers), edges, rate=rates[0], axis=1)


def hidden_spatial(rng):
    rates = [round(r, 3) for r in (*rng.uniform(0.1, 0.35, 2), *rng.uniform(0.65, 0.9, 2))]
    return spatial_cases(rng.normal(0, 3, 8), rates)


SPATIAL_MISTAKES = """
dropped_out(x, keeps(x, rate), rate)          # CHANNELS_APART
over_channels(dropped_out)(x, rate, 1)        # WRONG_AXIS
over_channels(dropped_out)(x, rate, -1)       # WRONG_AXIS
over_channels(dropped_out)(x, rate, 3 - axis) # WRONG_AXIS
"""

SPATIAL_PT = """
class spatial_dropout_pt(nn.Module):
    def __init__(self, rate, axis):
        super().__init__()
        self.drop, self.axis = nn.Dropout1d(rate), axis
    def forward(self, x):
        y = x.movedim(self.axis, 1)
        return self.drop(y.flatten(2)).reshape(y.shape).movedim(1, self.axis)
"""
SPATIAL_TF = """
class spatial_dropout_tf(keras.layers.Layer):
    def __init__(self, rate, axis):
        super().__init__()
        self.drop, self.axis = keras.layers.SpatialDropout1D(rate), axis
    def call(self, x, training=False):
        y = keras.ops.moveaxis(x, self.axis, -1)
        flat = keras.ops.reshape(y, (y.shape[0], -1, y.shape[-1]))
        y = keras.ops.reshape(self.drop(flat, training=training), y.shape)
        return keras.ops.moveaxis(y, -1, self.axis)
"""

SPATIAL_EXERCISE = Exercise(
    "spatial_dropout",
    random_layer(over_channels(dropped_out)),
    visible=spatial_cases(NUMBERS, (0.25, 0.2, 0.8, 0.3)),
    hidden=hidden_spatial,
    reference={"pytorch": SPATIAL_PT, "tensorflow": SPATIAL_TF},
    forbid=FORBID,
    misconceptions=(
        *channel_mistakes(dropped_out, DROPOUT_WRONG),
        *said(SPATIAL_MISTAKES, "x, rate, axis", through=random_layer),
        *evaluated(over_channels(dropped_out), DROPOUT_EVALUATION),
    ),
)

SPATIAL_DROPOUT = component(
    "spatial_dropout",
    name="Spatial dropout",
    zh="二维空间随机置零层；三维空间随机置零层",
    pytorch=(
        "torch.nn.Dropout1d",
        "torch.nn.Dropout2d",
        "torch.nn.Dropout3d",
        "torch.nn.functional.dropout1d",
        "torch.nn.functional.dropout2d",
        "torch.nn.functional.dropout3d",
    ),
    keras=(
        "keras.layers.SpatialDropout1D",
        "keras.layers.SpatialDropout2D",
        "keras.layers.SpatialDropout3D",
    ),
    calls="""
nn.Dropout2d(0.5) | keras.layers.SpatialDropout2D(0.5)
    # channels are axis 1 in PyTorch, the last axis in Keras
nn.Dropout1d(0.5) | keras.layers.SpatialDropout1D(0.5)
    # on (batch, time, features) PyTorch drops time steps: swap the axes before and after
""",
    behaviour={
        "wrong-axis-pt": "on (batch, time, features) `nn.Dropout1d` drops whole time steps",
        "dimensions-pt": "with a wrong number of axes, PyTorch warns",
        "dimensions-tf": "with a wrong number of axes, Keras raises an error",
    },
    exercises=(SPATIAL_EXERCISE,),
)

ALPHA = -1.7580993408473766  # the limit of SELU far below 0: minus its scale times its alpha


def affine(rate, alpha=ALPHA):
    """Factor and shift that restore mean 0 and variance 1 if a share ``rate`` is ``alpha``."""
    a = 1 / math.sqrt((1 - rate) * (1 + rate * alpha**2))
    return a, -a * rate * alpha


def alpha_dropped(x, mask, rate, alpha=ALPHA):
    a, b = affine(rate, alpha)
    return a * np.where(mask, x, alpha) + b


# Formulas in x, x with alpha where it is dropped (d), the mask, factor a, shift b, and the rate.
ALPHA_MISTAKES = """
x * mask / (1 - rate)           # this is plain dropout: what is dropped becomes 0, not α′
x * mask                        # what is dropped becomes 0, and nothing is corrected: it becomes
                                # α′, and all numbers go through a and b
a * x * mask + b                # what is dropped becomes 0: it becomes α′ = −1.7581
d                               # the correction is missing: multiply by a and add b
a * d                           # b is missing: the mean is not 0
d + b                           # a is missing: the variance is not 1
d - rate * ALPHA                # only the mean is corrected: the variance is not 1
a * (d + b)                     # b is multiplied by a: add it last
a * d - b                       # b is subtracted: add it
a**2 * d + a * b                # a is squared, as when its root is missing: take 1 over the root
d / a - rate * ALPHA / a        # a is turned upside down: it is 1 over the root
where(mask, a * x + b, ALPHA)   # the correction leaves out what is dropped: it is for all numbers
swap * d - swap * (1 - rate) * ALPHA
                                # 1 − rate and rate are swapped in a and b
alpha_dropped(x, mask, rate, -ALPHA)         # α′ is positive: it is −1.7581
alpha_dropped(x, mask, rate, ALPHA / SCALE)  # α′ is −1.6733, SELU's α alone: multiply by its scale
alpha_dropped(x, mask, rate, -1)             # α′ is −1: it is −1.7581
"""
SCALE = 1.0507009873554805


def of_alpha(formula):
    def layer(x, mask, rate):
        a, b = affine(rate)
        swap = affine(1 - rate)[0] if rate else 1
        return formula(x, np.where(mask, x, ALPHA), mask, a, b, swap, rate)

    return layer


ALPHA_WRONG = said(ALPHA_MISTAKES, "x, d, mask, a, b, swap, rate", through=of_alpha)
ALPHA_EVALUATION = """
affine(rate)[0] * x + affine(rate)[1]  # evaluation goes through a and b: it does nothing
x * (1 - rate)                         # evaluation multiplies by 1 − rate: it does nothing
"""

judge_alpha = masks.judge_masks(alpha_dropped, ALPHA_WRONG)
judge_feature_alpha = masks.judge_masks(
    alpha_dropped,
    ALPHA_WRONG,
    lambda case: 1,
    "what is dropped are whole parts along another axis: the channels are axis 1",
)


def alpha_cases(numbers, low, high):
    trained = [(many(300, 30), {"rate": low}), (many(40, 9, 16), {"rate": high})]
    return cases(judge_alpha, trained, several(numbers), ({"rate": 0.0},), rate=low)


def feature_alpha_cases(numbers, low, high):
    trained = [
        (many(300, 30), {"rate": low}),
        (many(400, 9, 5), {"rate": high}),
        (many(300, 7, 3, 2), {"rate": low}),
    ]
    return cases(judge_feature_alpha, trained, images(numbers), ({"rate": 0.0},), rate=low)


ALPHA_EXERCISE = Exercise(
    "alpha_dropout",
    of_drawn(alpha_dropped),
    visible=alpha_cases(NUMBERS, 0.2, 0.7),
    hidden=drawn_rates(alpha_cases),
    reference={
        "pytorch": "alpha_dropout_pt = nn.AlphaDropout",
        "tensorflow": "alpha_dropout_tf = keras.layers.AlphaDropout",
    },
    forbid=FORBID,
    misconceptions=(
        *layers(ALPHA_WRONG),
        *said(MASKS + NUMBER_MASKS, through=masked(alpha_dropped)),
        *said("x  # NOTHING_DROPPED", through=random_layer),
        *evaluated(drawn(alpha_dropped), ALPHA_EVALUATION),
    ),
)

ALPHA_DROPOUT = component(
    "alpha_dropout",
    name="Alpha dropout",
    zh="Alpha 随机置零层",
    pytorch=("torch.nn.AlphaDropout", "torch.nn.functional.alpha_dropout"),
    keras=("keras.layers.AlphaDropout",),
    defaults="""
torch.nn.AlphaDropout(p=0.5)
torch.nn.functional.alpha_dropout(p=0.5, training=False)
""",
    calls="""
nn.AlphaDropout(0.3) | keras.layers.AlphaDropout(0.3)
    # `F.alpha_dropout` has `training=False` by default, `F.dropout` has True
""",
    behaviour={
        "function-defaults-pt": "`F.alpha_dropout` returns its input without `training=True`",
        "alpha-rate-one-tf": "rate 1 gives zeros in PyTorch, and an error in Keras's training mode",
    },
    exercises=(ALPHA_EXERCISE,),
)

FEATURE_ALPHA_TF = """
class feature_alpha_dropout_tf(keras.layers.Layer):
    def __init__(self, rate):
        super().__init__()
        self.drop = keras.layers.AlphaDropout(rate)
    def call(self, x, training=False):
        self.drop.noise_shape = tuple(x.shape[:2]) + (1,) * (len(x.shape) - 2)
        return self.drop(x, training=training)
"""
FEATURE_ALPHA_MISTAKES = """
alpha_dropped(x, keeps(x, rate), rate)     # CHANNELS_APART
over_channels(alpha_dropped)(x, rate, -1)
    # what is dropped are whole parts along another axis: the channels are axis 1
"""

FEATURE_ALPHA_EXERCISE = Exercise(
    "feature_alpha_dropout",
    random_layer(over_channels(alpha_dropped)),
    visible=feature_alpha_cases(NUMBERS, 0.2, 0.7),
    hidden=drawn_rates(feature_alpha_cases),
    reference={
        "pytorch": "feature_alpha_dropout_pt = nn.FeatureAlphaDropout",
        "tensorflow": FEATURE_ALPHA_TF,
    },
    forbid=FORBID,
    misconceptions=(
        *channel_mistakes(alpha_dropped, ALPHA_WRONG),
        *said(FEATURE_ALPHA_MISTAKES, through=random_layer),
        *evaluated(over_channels(alpha_dropped), ALPHA_EVALUATION),
    ),
)

FEATURE_ALPHA_DROPOUT = component(
    "feature_alpha_dropout",
    name="Feature alpha dropout",
    zh="特征 Alpha 随机置零层",
    pytorch=("torch.nn.FeatureAlphaDropout", "torch.nn.functional.feature_alpha_dropout"),
    defaults="""
torch.nn.FeatureAlphaDropout(p=0.5)
torch.nn.functional.feature_alpha_dropout(p=0.5, training=False)
""",
    calls="""
nn.FeatureAlphaDropout(0.3) | keras.layers.AlphaDropout(0.3, noise_shape=(None, 1, 1, 3))
    # Keras has no such layer: with this `noise_shape` it drops whole channels
""",
    behaviour={
        "feature-alpha-tf": "Keras has no such layer: use `AlphaDropout` with a `noise_shape`"
    },
    exercises=(FEATURE_ALPHA_EXERCISE,),
)


def normal(x, argument):
    return default_rng().normal(size=np.shape(x))


def truncated(x):
    z = default_rng().normal(size=(20, *np.shape(x)))
    return np.take_along_axis(z, np.argmax(np.abs(z) < 2, 0)[None], 0)[0]


NOISE_DRAWS = """
normal(x[:1, :1], 0) if x.ndim == 2 else normal(x[:1, :1, :1], 0)
                                     # ONE_NOISE
normal(x[:1], 0)                     # ONE_MASK
normal(x[..., :1], 0)
normal(x[:, :1], 0)                  # SHARED
default_rng(0).normal(size=x.shape)  # SAME_TWICE
0                                    # NO_NOISE
default_rng().uniform(-sqrt(3), sqrt(3), x.shape)
default_rng().choice([-1, 1], x.shape)
                                     # NOT_NORMAL
truncated(x)                         # CUT_OFF
"""


def noisy(x, z, rate):
    return x * (1 + z * math.sqrt(rate / (1 - rate)))


GAUSSIAN_WRONG = said(
    """
x * (1 + z * rate / (1 - rate))  # rate / (1 − rate) is the variance: its root is the standard
                                 # deviation
x * (1 + z * rate)               # the standard deviation is rate: it is √(rate / (1 − rate))
x * (1 + z * sqrt(rate))         # the standard deviation is √rate: it is √(rate / (1 − rate))
x * (1 + z * sqrt(rate * (1 - rate)))
                                 # the standard deviation is that of a mask that is not divided by
                                 # 1 − rate: it is √(rate / (1 − rate))
x * (1 + z * sqrt((1 - rate) / float64(rate)))
                                 # rate and 1 − rate are swapped: the standard deviation is
                                 # √(rate / (1 − rate))
x + z * sqrt(rate / (1 - rate))  # the noise is added: multiply by 1 plus the noise
x * z * sqrt(rate / (1 - rate))  # the factor has mean 0, which loses the input: its mean is 1
x * (1 + z * sqrt(rate / (1 - rate))) / (1 - rate)
                                 # the result is divided by 1 − rate: the factor has mean 1 already
""",
    "x, z, rate",
)
NOISE_EVALUATION = "0 * x  # evaluation returns zeros: it does nothing"
GAUSSIAN_EVALUATION = """
x * (1 - rate)  # evaluation multiplies by 1 − rate: the factor has mean 1, so it does nothing
0 * x           # evaluation returns zeros: it does nothing
"""

judge_gaussian = noise.judge_noise(noisy, GAUSSIAN_WRONG)


def gaussian_cases(numbers, low, high):
    trained = [(many(600, 21), {"rate": low}), (many(60, 9, 23), {"rate": high})]
    return cases(judge_gaussian, trained, several(numbers), ({"rate": 0.0},), rate=low)


def hidden_gaussian(rng):
    low, high = rng.uniform(0.18, 0.28), rng.uniform(0.6, 0.8)
    return gaussian_cases(rng.normal(0, 3, (2, 4)), round(low, 3), round(high, 3))


GAUSSIAN_PT = """
class gaussian_dropout_pt(nn.Module):
    def __init__(self, rate):
        super().__init__()
        self.sd = (rate / (1 - rate)) ** 0.5
    def forward(self, x):
        return x * (1 + self.sd * torch.randn_like(x)) if self.training else x
"""

GAUSSIAN_EXERCISE = Exercise(
    "gaussian_dropout",
    of_drawn(noisy, normal),
    visible=gaussian_cases(NUMBERS, 0.2, 0.75),
    hidden=hidden_gaussian,
    reference={
        "pytorch": GAUSSIAN_PT,
        "tensorflow": "gaussian_dropout_tf = keras.layers.GaussianDropout",
    },
    misconceptions=(
        *layers(GAUSSIAN_WRONG, normal),
        *said(NOISE_DRAWS, through=masked(noisy)),
        *evaluated(drawn(noisy, normal), GAUSSIAN_EVALUATION),
    ),
)

GAUSSIAN_DROPOUT = component(
    "gaussian_dropout",
    name="Gaussian dropout",
    zh="高斯随机置零层",
    keras=("keras.layers.GaussianDropout",),
    calls="""
GaussianDropout(0.3) | keras.layers.GaussianDropout(0.3)
    # PyTorch has no such layer, the chapter defines it; the standard deviation is
    # √(rate / (1 − rate))
""",
    behaviour={
        "gaussian-bridge-pt": "PyTorch has no such layer: the chapter defines it",
        "gaussian-rate-one-tf": "Keras accepts a rate of 1, and raises an error in training mode",
    },
    exercises=(GAUSSIAN_EXERCISE,),
)


def with_noise(x, z, stddev):
    return x + stddev * z


NOISE_WRONG = said(
    """
x + stddev**2 * z    # stddev is squared: it is the standard deviation, not its root
x + sqrt(stddev) * z # the variance is stddev: stddev is the standard deviation, so take no root
x + z                # the standard deviation is 1: it is stddev
x + stddev + z       # stddev is taken for the mean: the noise has mean 0, and stddev is its spread
x * (1 + stddev * z) # the noise is multiplied: add it
x * stddev * z       # the noise is multiplied: add it
stddev * z           # this is the noise alone: add it to the input
x + 2 * stddev * z   # the noise is twice as large as it should be
""",
    "x, z, stddev",
)

judge_gaussian_noise = noise.judge_noise(with_noise, NOISE_WRONG)


def noise_cases(numbers, low, high):
    trained = [(many(600, 21), {"stddev": low}), (many(60, 9, 23), {"stddev": high})]
    edges = ({"stddev": 0.0},)
    return cases(judge_gaussian_noise, trained, several(numbers), edges, stddev=low)


def hidden_noise(rng):
    # Not 0.25: twice that number is its root, so two mistakes would give the same numbers.
    low, high = rng.uniform(0.3, 0.4), rng.uniform(0.5, 0.8)
    return noise_cases(rng.normal(0, 3, (2, 4)), round(low, 3), round(high, 3))


NOISE_PT = """
class gaussian_noise_pt(nn.Module):
    def __init__(self, stddev):
        super().__init__()
        self.stddev = stddev
    def forward(self, x):
        return x + self.stddev * torch.randn_like(x) if self.training else x
"""

NOISE_EXERCISE = Exercise(
    "gaussian_noise",
    of_drawn(with_noise, normal),
    visible=noise_cases(NUMBERS, 0.3, 0.7),
    hidden=hidden_noise,
    reference={
        "pytorch": NOISE_PT,
        "tensorflow": "gaussian_noise_tf = keras.layers.GaussianNoise",
    },
    misconceptions=(
        *layers(NOISE_WRONG, normal),
        *said(NOISE_DRAWS, "x, stddev", through=masked(with_noise)),
        *evaluated(drawn(with_noise, normal), NOISE_EVALUATION),
    ),
)

GAUSSIAN_NOISE = component(
    "gaussian_noise",
    name="Gaussian noise",
    zh="高斯噪声层",
    keras=("keras.layers.GaussianNoise",),
    calls="""
GaussianNoise(0.1) | keras.layers.GaussianNoise(0.1)
    # PyTorch has no such layer, the chapter defines it; Keras accepts a standard deviation of at
    # most 1
""",
    behaviour={
        "noise-bridge-pt": "PyTorch has no such layer: the chapter defines it",
        "noise-above-one-tf": "a standard deviation above 1 is an error in Keras",
        "noise-l2": "for a linear model, noise on the inputs is an L2 penalty on the weights",
    },
    exercises=(NOISE_EXERCISE,),
)

COMPONENTS = (
    DROPOUT,
    SPATIAL_DROPOUT,
    ALPHA_DROPOUT,
    FEATURE_ALPHA_DROPOUT,
    GAUSSIAN_DROPOUT,
    GAUSSIAN_NOISE,
)
