"""Rectifiers: ReLU, ReLU6, Leaky ReLU, PReLU, RReLU and Threshold."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.cases import elementwise, elementwise_hidden
from diptych.catalogue.exercise import Case, Exercise, Misconception
from diptych.catalogue.notation import component, mistakes

NUMBERS = (-3.0, -1.0, -0.2, 0.4, 2.0, 7.5)
SLOPE = ("negative_slope", 0.1, 0.02, 0.6)


def relu(x):
    return np.maximum(0, x)


RELU_MISTAKES = """
abs(x)                 # negative numbers come out positive: that is |x|, ReLU makes them 0
minimum(0, x)          # this keeps the negative half: take the larger of 0 and x, not the smaller
(x > 0).astype(float)  # this is 1 where x is positive: ReLU keeps the number itself there
x                      # negative numbers come out as they are: ReLU makes them 0
clip(x, 0, 6)          # large numbers are cut off: ReLU has no lid
for a in (0.01, 0.1, 0.2, 0.3): where(x > 0, x, a * x)  # negative numbers leak: that is Leaky ReLU,
                                                        # here they become 0
"""

RELU_EXERCISE = elementwise(
    "relu", relu, "F.relu(x)", "tf.nn.relu(x)", mistakes(RELU_MISTAKES, globals()), numbers=NUMBERS
)

RELU = component(
    "relu",
    name="ReLU",
    zh="修正线性单元",
    pytorch=("torch.nn.ReLU", "torch.nn.functional.relu", "torch.nn.functional.relu_"),
    keras=("keras.layers.ReLU", "keras.activations.relu"),
    tensorflow=("tf.nn.relu",),
    behaviour={
        "relu-arguments-pt": "torch can overwrite its input; a TensorFlow tensor never changes",
        "relu-arguments-tf": "keras's function also leaks, caps and shifts",
        "dying": "a unit that only sees negative numbers never learns again",
        "kink-maximum-pt": "written as a maximum: ½ against 1 at the tie",
        "kinks-tf": "keras with a leak and a lid: gradient 0 at 0, 1 at a lid of 4",
    },
    exercises=(RELU_EXERCISE,),
)


def relu6(x):
    return np.minimum(np.maximum(0, x), 6)


RELU6_MISTAKES = """
maximum(0, x)                   # nothing stops at 6: that is ReLU
minimum(x, 6)                   # negative numbers come out as they are: the floor at 0 is missing
clip(x, 0, 1)                   # the lid is at 1: it belongs at 6
clip(x, -6, 6)                  # negative numbers get through down to −6: the floor is 0, only the
                                # lid is 6
where((x > 0) & (x < 6), x, 0)  # numbers above 6 become 0: they stop at 6
clip(x, 0, 6) / 6               # this divides by 6, as hard sigmoids do: ReLU6 leaves numbers from
                                # 0 to 6 alone
"""

RELU6_EXERCISE = elementwise(
    "relu6",
    relu6,
    "F.relu6(x)",
    "tf.nn.relu6(x)",
    mistakes(RELU6_MISTAKES, globals()),
    numbers=NUMBERS,
    kinks=(0.0, 6.0),
    hidden=elementwise_hidden(spread=6.0),
    allow=("relu", "ReLU"),
    forbid=("hardtanh", "hardtanh_", "Hardtanh", "hard_tanh"),
)

RELU6 = component(
    "relu6",
    name="ReLU6",
    zh="上限为6的修正线性单元",
    pytorch=("torch.nn.ReLU6", "torch.nn.functional.relu6"),
    keras=("keras.activations.relu6",),
    tensorflow=("tf.nn.relu6",),
    exercises=(RELU6_EXERCISE,),
)


def leaky_relu(x, negative_slope):
    return np.where(x > 0, x, negative_slope * x)


LEAKY_RELU_MISTAKES = """
maximum(0, x)                         # negative numbers become 0: that is ReLU, they should be
                                      # multiplied by the slope
where(x > 0, x, 0.1 * x)              # the slope is 0.1 whatever is asked for: use negative_slope
negative_slope * x                    # positive numbers are multiplied by the slope, too: they stay
                                      # as they are
x                                     # negative numbers come out as they are: multiply them by the
                                      # slope
where(x > 0, x, x / negative_slope)   # negative numbers are divided by the slope: multiply
for a in (0.01, 0.2, 0.3): where(x > 0, x, a * x)
                                      # the slope is {a} whatever is asked for: use negative_slope
where(x > 0, negative_slope * x, x)   # the slope is on the wrong side: positive numbers stay,
                                      # negative ones shrink
where(x > 0, x, -negative_slope * x)  # negative numbers come out positive: the slope is multiplied
                                      # on, its sign is plus
where(x > 0, x, -negative_slope)      # every negative number becomes minus the slope: multiply the
                                      # number by it
for s in (-1, 1): where(x > 0, x, x + s * negative_slope)
                                      # the slope is added or subtracted: multiply the number by it
maximum(0, x) + negative_slope * x    # positive numbers are too large: the leak
                                      # max(0, x) + slope · x must take min(0, x)
"""

LEAKY_RELU_EXERCISE = elementwise(
    "leaky_relu",
    leaky_relu,
    "F.leaky_relu(x, negative_slope)",
    "tf.nn.leaky_relu(x, negative_slope)",
    mistakes(LEAKY_RELU_MISTAKES, globals(), "x, negative_slope"),
    argument=SLOPE,
    numbers=NUMBERS,
    allow=("relu", "ReLU"),
)


def leaky_relu_slope(upstream_gradient, x, negative_slope):
    """The gradient that the statement fixes: at 0 a quarter of the way from the slope to 1."""
    at_zero = (1 + 3 * negative_slope) / 4
    return (upstream_gradient * np.where(x > 0, 1, np.where(x < 0, negative_slope, at_zero)),)


BY_HAND_MISTAKES = """
gradient: leaky_relu_slope(1, x, negative_slope)
                                            # the gradient that comes from above is missing:
                                            # multiply the slope by it
slope: where(x > 0, 1, negative_slope)      # at 0 the gradient is the slope: the statement asks for
                                            # a quarter of the way to 1
slope: where(x > 0, 1, where(x < 0, negative_slope, (1 + negative_slope) / 2))
                                            # at 0 the gradient is the mean of both sides, which a
                                            # formula without a gradient of your own gives, too: the
                                            # statement asks for a quarter of the way
slope: where(x >= 0, 1, negative_slope)     # at 0 the gradient is 1: the statement asks for a
                                            # quarter of the way from the slope
slope: where(x > 0, x, negative_slope * x)  # the gradient is multiplied by the input: the
                                            # derivative of a·x is a
slope: x > 0                                # the gradient is 0 on the left: that is ReLU's
"""

# A ReLU has gradient 0 at 0 in both frameworks: what remains there is the first term's.
OF_RELUS = (
    "((1 + 3 * negative_slope) * x + (1 - negative_slope) * (3 * {relu}(x) + {relu}(-x))) / 4"
)
BY_HAND_EXERCISE = elementwise(
    "leaky_relu_by_hand",
    leaky_relu,
    OF_RELUS.format(relu="F.relu"),
    OF_RELUS.format(relu="tf.nn.relu"),
    mistakes(BY_HAND_MISTAKES, globals(), "x, negative_slope"),
    gradient=leaky_relu_slope,
    argument=SLOPE,
    numbers=NUMBERS,
    kinks=(-1.0, 0.0, 1.0),
    allow=("relu", "ReLU"),
    curve=None,
)


LEAKY_RELU = component(
    "leaky_relu",
    name="Leaky ReLU",
    zh="带泄漏修正线性单元",
    pytorch=(
        "torch.nn.LeakyReLU",
        "torch.nn.functional.leaky_relu",
        "torch.nn.functional.leaky_relu_",
    ),
    keras=("keras.layers.LeakyReLU", "keras.activations.leaky_relu"),
    tensorflow=("tf.nn.leaky_relu",),
    defaults="""
torch.nn.LeakyReLU(negative_slope=0.01)
torch.nn.functional.leaky_relu(negative_slope=0.01)
keras.layers.LeakyReLU(negative_slope=0.3)
keras.activations.leaky_relu(negative_slope=0.2)
tf.nn.leaky_relu(alpha=0.2)
""",
    behaviour={
        "leaky-defaults-tf": "three defaults for one slope: 0.01, 0.2, 0.3",
        "leaky-integers-pt": "torch refuses whole numbers; TensorFlow converts them",
        "leaky-negative-tf": "keras's layer refuses a slope below 0",
    },
    exercises=(LEAKY_RELU_EXERCISE, BY_HAND_EXERCISE),
)


def per_channel(x, weight):
    """``weight``: (channels,), shaped to go with ``x``: (batch, channels, …)."""
    return weight.reshape(-1, *[1] * (x.ndim - 2))


def prelu(x, n_channels, weight):
    return np.where(x > 0, x, per_channel(x, weight) * x)


def prelu_case(x, weight, **fields):
    x, weight = np.array(x), np.array(weight)
    return Case((x,), {"n_channels": len(weight)}, {"weight": weight}, **fields)


def hidden_prelu(rng):
    return tuple(
        prelu_case(rng.normal(0, 3, shape), rng.uniform(0.02, 0.6, shape[1]), part=part)
        for shape, part in {(3, 4): "values", (2, 3): "values", (2, 3, 4): "robustness"}.items()
    )


PRELU_MISTAKES = """
where(x > 0, per_channel(x, weight) * x, x)   # the slope is on the wrong side: it multiplies
                                              # negative numbers only
where(x > 0, x, weight[0] * x)                # all channels use the first slope: there is one for
                                              # each channel
where(x > 0, x, weight * x)                   # the slopes go along the last axis: the channels are
                                              # axis 1
where(x > 0, x, -per_channel(x, weight) * x)  # negative numbers come out positive: the slope's sign
                                              # is plus
"""

# Keras's has a slope for each entry of the last axis: the channels go there and back.
PRELU_TF = """
class prelu_tf(keras.layers.PReLU):
    def __init__(self, n_channels):
        super().__init__(keras.initializers.Constant(0.25))
        self.build((None, n_channels))
        self.weight, self.input_spec = self.alpha, None
    def call(self, x):
        return keras.ops.moveaxis(super().call(keras.ops.moveaxis(x, 1, -1)), -1, 1)
"""

PRELU_EXERCISE = Exercise(
    "prelu",
    prelu,
    visible=(
        prelu_case([[-3.0, -1.0, -0.2], [0.4, 2.0, -7.5]], [0.5, 0.1, 0.2], initial=("weight",)),
        prelu_case([[[-3.0, 1.0], [-2.0, -1.0]]], [0.5, 0.1], part="robustness"),
        prelu_case([[-1e4, 1e4]], [0.5, 0.1], part="robustness"),
    ),
    hidden=hidden_prelu,
    initial={"weight": lambda x, n_channels: np.full(n_channels, 0.25)},
    reference={"pytorch": "prelu_pt = nn.PReLU", "tensorflow": PRELU_TF},
    allow=("relu", "ReLU"),
    misconceptions=(
        *mistakes(PRELU_MISTAKES, globals(), "x, n_channels, weight"),
        Misconception(
            "the slopes start at 0, as Keras's do: the statement asks for 0.25",
            initial={"weight": lambda x, n_channels: np.zeros(n_channels)},
        ),
        Misconception(
            "there is a single slope: the statement asks for one a channel",
            initial={"weight": lambda x, n_channels: np.full(1, 0.25)},
        ),
    ),
)

PRELU = component(
    "prelu",
    name="PReLU",
    zh="参数化修正线性单元",
    pytorch=("torch.nn.PReLU", "torch.nn.functional.prelu"),
    keras=("keras.layers.PReLU",),
    defaults="""
torch.nn.PReLU(num_parameters=1, init=0.25)
keras.layers.PReLU(alpha_initializer='Zeros', shared_axes=None)
""",
    behaviour={
        "prelu-slopes-tf": "one slope at 0.25 against one an element at 0",
        "prelu-axis-tf": "channels: axis 1 against all that is not shared",
        "prelu-port": "slopes are ported by their shape: (3,) to (1, 1, 3)",
        "kinks-tf": "gradient at 0: the slope against 0",
    },
    exercises=(PRELU_EXERCISE,),
)

ONE_DRAW = "all negative numbers share one slope: each draws its own"
SHARED = "some negative numbers share a slope: each draws its own"
MIDDLE_ALWAYS = "nothing is random in training: the middle of the range is for evaluation"
SAME_TWICE = "two calls draw the same slopes: draw anew in each call"
OUT_OF_RANGE = "some slopes lie outside of [lower, upper]"
NOT_UNIFORM = "the slopes are not uniform between lower and upper"
NO_GRADIENT = "no gradient reaches the input in training"
TWO_DRAWS = "the gradient uses other slopes than the values: one draw serves both directions"
NOT_POSITIVE = "positive numbers must stay as they are"
NOT_ONE = "where numbers stay as they are, the gradient is 1"


def rrelu(x, lower, upper, training):
    """In evaluation; what is random is judged by :func:`judge_rrelu`."""
    return np.where(x > 0, x, (lower + upper) / 2 * x)


def judge_rrelu(case, first, second, derivative):
    """Judge 4,000 slopes, drawn twice; a right answer fails less than once in a million."""
    x, (lower, upper) = case.inputs[0], (case.arguments["lower"], case.arguments["upper"])
    if not np.allclose(first[x > 0], x[x > 0], rtol=1e-5):
        return NOT_POSITIVE
    slopes = np.float64(first[x < 0]) / x[x < 0]
    again = np.float64(second[x < 0]) / x[x < 0]
    if np.ptp(slopes) < 1e-4:
        middle = abs(slopes[0] - (lower + upper) / 2) < 1e-4 and np.ptp(again) < 1e-4
        return MIDDLE_ALWAYS if middle and abs(again[0] - slopes[0]) < 1e-4 else ONE_DRAW
    rows = slopes.reshape(len(x), -1)
    if any(np.ptp(rows, axis).max() < 1e-4 for axis in (0, 1)):
        return SHARED
    if np.allclose(slopes, again, rtol=1e-4):
        return SAME_TWICE
    if slopes.min() < lower - 1e-4 or slopes.max() > upper + 1e-4:
        return OUT_OF_RANGE
    # Kolmogorov and Smirnov: sqrt(n) D exceeds 2.8 with probability 2 exp(-2 * 2.8²) = 3e-7.
    n = slopes.size
    uniform = np.sort((slopes - lower) / (upper - lower))
    if np.sqrt(n) * np.max(np.abs(uniform - (np.arange(n) + 0.5) / n)) > 2.8:
        return NOT_UNIFORM
    if derivative is None:
        return "gradients", NO_GRADIENT
    if not np.allclose(derivative[x < 0], again, rtol=1e-3):
        return "gradients", TWO_DRAWS
    if not np.allclose(derivative[x > 0], 1, rtol=1e-3):
        return "gradients", NOT_ONE
    return None


def draws(slope):
    """A wrong answer that draws ``slope(rng, x, lower, upper)`` in training."""

    def wrong(x, lower, upper, training):
        a = slope(default_rng(), x, lower, upper) if training else (lower + upper) / 2
        return np.where(x > 0, x, a * x)

    return wrong


def evaluated_with(slope, x, lower, upper, training):
    """Right in training, and in evaluation with this slope in place of the middle."""
    a = default_rng().uniform(lower, upper, x.shape) if training else slope
    return np.where(x > 0, x, a * x)


def rrelu_cases(numbers, lower, upper):
    arguments = {"lower": lower, "upper": upper}
    many = np.tile([-2.0, -0.5, 1.5], (2000, 1))
    return (
        Case((np.array(numbers, float),), arguments, training=False),
        Case((many,), arguments, training=True, judge=judge_rrelu),
        Case((np.reshape(numbers, (2, -1)),), arguments, training=False, part="robustness"),
        Case((np.array([-1e4, 1e4]),), arguments, training=False, part="robustness"),
    )


RRELU_DRAWS = """
rng.uniform(lower, upper)                                         # ONE_DRAW
(lower + upper) / 2                                               # MIDDLE_ALWAYS
default_rng(0).uniform(lower, upper, x.shape)                     # SAME_TWICE
rng.normal((lower + upper) / 2, (upper - lower) / 3.46, x.shape)  # OUT_OF_RANGE
rng.uniform(lower, upper, x.shape[-1:])
rng.uniform(lower, upper, [*x.shape[:-1], 1])                     # SHARED
rng.choice([lower, upper], x.shape)                               # NOT_UNIFORM
"""

RRELU_MISTAKES = """
(lower + upper) / 2 * x                       # NOT_POSITIVE
evaluated_with(lower + upper, x, lower, upper, training)
                                              # evaluation uses lower + upper: the middle is half of
                                              # that
evaluated_with(lower, x, lower, upper, training)
                                              # evaluation uses the lower slope: use the middle,
                                              # (lower + upper) / 2
"""

# Keras has none: this is the chapter's.
RRELU_TF = """
class rrelu_tf(keras.layers.Layer):
    def __init__(self, lower, upper):
        super().__init__()
        self.lower, self.upper = lower, upper
    def call(self, x, training=False):
        a = (self.lower + self.upper) / 2
        if training:
            a = keras.random.uniform(keras.ops.shape(x), self.lower, self.upper)
        return keras.ops.where(x > 0, x, a * x)
"""

RRELU_EXERCISE = Exercise(
    "rrelu",
    rrelu,
    visible=rrelu_cases(NUMBERS, 0.125, 0.375),
    hidden=lambda rng: rrelu_cases(
        rng.normal(0, 3, 8), round(rng.uniform(0.05, 0.2), 3), round(rng.uniform(0.3, 0.6), 3)
    ),
    reference={"pytorch": "rrelu_pt = nn.RReLU", "tensorflow": RRELU_TF},
    allow=("relu", "ReLU"),
    misconceptions=(
        *mistakes(RRELU_DRAWS, globals(), "rng, x, lower, upper", through=draws),
        *mistakes(RRELU_MISTAKES, globals(), "x, lower, upper, training"),
    ),
)

RRELU = component(
    "rrelu",
    name="RReLU",
    zh="随机修正线性单元",
    pytorch=("torch.nn.RReLU", "torch.nn.functional.rrelu", "torch.nn.functional.rrelu_"),
    defaults="""
torch.nn.RReLU(lower=1 / 8, upper=1 / 3)
""",
    behaviour={
        "rrelu-bridge-tf": "Keras has none: the chapter builds one",
        "rrelu-mode-pt": "a module starts in training, a layer in evaluation",
    },
    exercises=(RRELU_EXERCISE,),
)


def threshold(x, bar, value):
    return np.where(x > bar, x, value)


THRESHOLD_MISTAKES = """
maximum(x, bar)                 # this is a clamp: numbers below the bar become the value, not the
                                # bar
where(x > bar, x - bar, value)  # the bar is subtracted from what passes: numbers above it stay as
                                # they are
where(x > bar, 1, value)        # this is 1 above the bar: the number itself stays there
maximum(x, value)               # this is a clamp at the value: compare with the bar, then replace
where(x >= bar, x, value)       # a number exactly at the bar stays: it must be replaced, too, so
                                # keep x > bar
where(x > bar, x, 0)            # numbers below the bar become 0: they become the value
where(x > bar, value, x)        # the numbers above the bar are replaced: replace the others
where(x > value, x, bar)        # bar and value have changed places
"""

THRESHOLD_EXERCISE = elementwise(
    "threshold",
    threshold,
    "F.threshold(x, bar, value)",
    "keras.activations.threshold(x, bar, value)",
    mistakes(THRESHOLD_MISTAKES, globals(), "x, bar, value"),
    argument=(("bar", 0.5, -2, 2), ("value", -2.0, 3, 9)),
    numbers=NUMBERS,
    kinks=(0.5,),
    hidden=elementwise_hidden(
        lambda rng: {"bar": round(rng.normal(), 3), "value": round(rng.uniform(3, 9), 3)}
    ),
    allow=("relu", "ReLU"),
)

THRESHOLD = component(
    "threshold",
    name="Threshold",
    zh="阈值函数；限幅层",
    pytorch=(
        "torch.nn.Threshold",
        "torch.nn.functional.threshold",
        "torch.nn.functional.threshold_",
    ),
    keras=("keras.activations.threshold",),
    behaviour={
        "threshold-clamp-pt": "not a clamp: what is below the bar is replaced",
        "threshold-nan-tf": "NaN passes in torch and is replaced in Keras",
    },
    exercises=(THRESHOLD_EXERCISE,),
)

ACTIVATION_FORMS = component(
    "activation_forms",
    name="Function, module, argument, layer",
    kind="usage",
    zh="激活函数: 函数与模块",
    pytorch=("torch.nn.functional.leaky_relu", "torch.nn.ReLU"),
    keras=("keras.layers.Activation", "keras.layers.ReLU"),
    behaviour={
        "four-ways-tf": "a function or an argument leaves no trace in the printed network",
        "string-means-function": "a string means the function, whose default is not the layer's",
    },
)

COMPONENTS = (RELU, RELU6, LEAKY_RELU, PRELU, RRELU, THRESHOLD, ACTIVATION_FORMS)
