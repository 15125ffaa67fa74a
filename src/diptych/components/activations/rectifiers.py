"""Rectifiers: ReLU, ReLU6, Leaky ReLU, PReLU, RReLU and Threshold."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.cases import elementwise, elementwise_hidden
from diptych.catalogue.exercise import Case, Exercise, Misconception
from diptych.catalogue.notation import component, mistakes

NUMBERS = (-3.0, -1.0, -0.2, 0.4, 2.0, 7.5)
WITH_RELU = {"numbers": NUMBERS, "allow": ("relu", "ReLU")}
# Visible slopes, and ranges of hidden ones, below and above 1: up to 1, max(x, slope · x) is right.
SLOPES = ((0.02, 0.6), (1.2, 3.0), (-0.8, -0.1))
SLOPE = ("negative_slope", (0.1, 1.5, -0.5), SLOPES)


def relu(x):
    return np.maximum(0, x)


RELU_MISTAKES = """
abs(x)                 # negative numbers come out positive: that is |x|, ReLU makes them 0
minimum(0, x)          # this keeps the negative half: take the larger of 0 and x, not the smaller
(x > 0).astype(float)  # this is 1 where x is positive: ReLU keeps the number itself there
x                      # negative numbers come out as they are: ReLU makes them 0
for a in (1, 6): clip(x, 0, a)  # numbers above {a} become {a}: ReLU has no upper limit
for a in (0.01, 0.1, 0.2, 0.3): where(x > 0, x, a * x)
                       # negative numbers leak: that is Leaky ReLU, here they become 0
where(x > 1, x, 0)     # numbers from 0 to 1 become 0, too: compare with 0
rint(maximum(0, x))    # the numbers are rounded: keep them as they are
x**2                   # this is the square: keep positive numbers as they are
logaddexp(0, x)        # this is softplus, which is positive everywhere: ReLU is 0 below 0
x / (1 + exp(-x))      # this is SiLU, which dips below 0: ReLU makes negative numbers 0
maximum(0, tanh(x))    # positive numbers go through tanh: keep them as they are
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
    calls="""
F.relu(x) | tf.nn.relu(x)
    # `inplace=True` overwrites `x` in PyTorch; `keras.activations.relu` has other arguments
nn.ReLU() | keras.layers.ReLU()
nn.Sequential(nn.Linear(2, 2), nn.ReLU()) | keras.layers.Dense(2, activation="relu")
""",
    behaviour={
        "relu-arguments-pt": "`F.relu` can overwrite its input; a TensorFlow tensor never changes",
        "relu-arguments-tf": "`keras.activations.relu` also has a slope, an upper limit and a "
        "threshold",
        "dying": "a ReLU that receives only negative numbers has no gradient, and its unit never "
        "learns",
        "kink-maximum-pt": "as a maximum, ReLU has the gradient ½ at 0 in PyTorch, and 1 in "
        "TensorFlow",
        "kinks-tf": "Keras's layer has the gradient 0 at 0 if it has a slope and a limit, and 1 "
        "at a limit of 4",
    },
    exercises=(RELU_EXERCISE,),
)


def relu6(x):
    return np.minimum(np.maximum(0, x), 6)


RELU6_MISTAKES = """
maximum(0, x)                   # numbers above 6 stay as they are: that is ReLU, here they become 6
minimum(x, 6)                   # negative numbers stay as they are: they become 0
clip(x, -6, 6)                  # the lower limit is −6: it should be 0, only the upper one is 6
where((x > 0) & (x < 6), x, 0)  # numbers above 6 become 0: they should become 6
clip(x, 0, 6) / 6               # the result is divided by 6: ReLU6 leaves numbers from 0 to 6 alone
minimum(abs(x), 6)              # negative numbers come out positive: they become 0
maximum(minimum(x, 0), 6)       # every number becomes 6: maximum and minimum have changed places
6 * maximum(0, x)               # positive numbers are multiplied by 6: 6 is their upper limit
maximum(0, x - 6)               # 6 is subtracted: it is an upper limit
clip(x, 1, 6)                   # numbers below 1 become 1: the lower limit is 0
for a in (1, 2, 5, 7): clip(x, 0, a)  # the upper limit is {a}: it should be 6
where(x > 6, 0, maximum(0, x))  # numbers above 6 become 0: they should become 6
"""

RELU6_EXERCISE = elementwise(
    "relu6",
    relu6,
    "F.relu6(x)",
    "tf.nn.relu6(x)",
    mistakes(RELU6_MISTAKES, globals()),
    kinks=(0.0, 6.0),
    hidden=elementwise_hidden(spread=6.0),
    forbid=("torch.nn.functional.hardtanh", "keras.activations.hard_tanh"),
    **WITH_RELU,
)

RELU6 = component(
    "relu6",
    name="ReLU6",
    zh="上限为6的修正线性单元",
    pytorch=("torch.nn.ReLU6", "torch.nn.functional.relu6"),
    keras=("keras.activations.relu6",),
    tensorflow=("tf.nn.relu6",),
    calls="""
F.relu6(x) | tf.nn.relu6(x)
nn.ReLU6() | keras.layers.Activation("relu6")
nn.Hardtanh(0.0, 4.0) | keras.layers.ReLU(max_value=4.0)  # for an upper limit other than 6
""",
    exercises=(RELU6_EXERCISE,),
)


def leaky_relu(x, negative_slope):
    return np.where(x > 0, x, negative_slope * x)


LEAKY_RELU_MISTAKES = """
maximum(0, x)                         # negative numbers become 0: that is ReLU, here they leak
where(x > 0, x, 0.1 * x)              # the slope is 0.1 whatever is asked for: use negative_slope
negative_slope * x                    # positive numbers are multiplied, too: keep them as they are
x                                     # negative numbers are kept: multiply them by the slope
where(x > 0, x, x / negative_slope)   # negative numbers are divided by the slope: multiply
for a in (0.01, 0.2, 0.3): where(x > 0, x, a * x)
                                      # the slope is {a} whatever is asked for: use negative_slope
where(x > 0, negative_slope * x, x)   # the slope is on the wrong side: multiply negative numbers
maximum(x, -negative_slope * x)
where(x > 0, x, -negative_slope * x)  # negative numbers come out with the other sign: multiply by
                                      # +slope
where(x > 0, x, -negative_slope)      # negative numbers become −slope: multiply them by the slope
for s in (-1, 1): where(x > 0, x, x + s * negative_slope)
                                      # the slope is added or subtracted: multiply the number by it
maximum(0, x) + negative_slope * x    # positive numbers get slope · x added: leak min(0, x) only
maximum(x, negative_slope * x)        # this is the larger of x and slope · x, which is slope · x
                                      # for positive numbers and a slope above 1: choose by the
                                      # sign of x
minimum(x, negative_slope * x)        # this is the smaller of x and slope · x: choose by the sign
                                      # of x
maximum(0, x) - negative_slope * x    # slope · x is subtracted everywhere: add slope · min(0, x)
(1 - negative_slope) * maximum(0, x)  # positive numbers lose slope · x, and negative ones become 0:
                                      # it is the other side that leaks
where(x > 0, x, negative_slope)       # negative numbers become the slope: multiply them by it
maximum(x, negative_slope)            # the slope is taken for a lower limit: multiply negative
                                      # numbers by it
negative_slope * maximum(0, x)        # positive numbers are multiplied by the slope, and negative
                                      # ones become 0: multiply negative numbers
where(x > 0, x, negative_slope * exp(x))  # negative numbers go through exp: multiply them by the
                                      # slope
where(x > 0, x, negative_slope * x**2)  # negative numbers are squared, too: multiply them by the
                                      # slope
"""

LEAKY_RELU_EXERCISE = elementwise(
    "leaky_relu",
    leaky_relu,
    "F.leaky_relu(x, negative_slope)",
    "tf.nn.leaky_relu(x, negative_slope)",
    mistakes(LEAKY_RELU_MISTAKES, globals(), "x, negative_slope"),
    argument=SLOPE,
    **WITH_RELU,
)


def leaky_relu_slope(upstream_gradient, x, negative_slope):
    """The gradient that the statement fixes: at 0 a quarter of the way from the slope to 1."""
    at_zero = (1 + 3 * negative_slope) / 4
    return (upstream_gradient * np.where(x > 0, 1, np.where(x < 0, negative_slope, at_zero)),)


BY_HAND_MISTAKES = """
gradient: leaky_relu_slope(1, x, negative_slope)
                                            # the gradient from above is missing: multiply by it
slope: where(x > 0, 1, negative_slope)      # at 0 the gradient is the slope: take (1 + 3 slope) / 4
slope: where(x > 0, 1, where(x < 0, negative_slope, (1 + negative_slope) / 2))
                                            # at 0 the gradient is halfway: take (1 + 3 slope) / 4
slope: where(x >= 0, 1, negative_slope)     # at 0 the gradient is 1: take (1 + 3 slope) / 4
slope: where(x > 0, x, negative_slope * x)  # the gradient is multiplied by x: a·x has derivative a
slope: x > 0                                # below 0 the gradient is 0: it should be the slope
gradient: (upstream_gradient + leaky_relu_slope(1, x, negative_slope)[0],)
                                            # the gradient from above is added: multiply by it
slope: where(x > 0, 1, where(x < 0, negative_slope, (3 + negative_slope) / 4))
                                            # at 0 the gradient is three quarters of the way: take
                                            # (1 + 3 slope) / 4
for a in (0, 0.25, 0.5): slope: where(x > 0, 1, where(x < 0, negative_slope, a))
                                            # at 0 the gradient is {a}: take (1 + 3 slope) / 4
slope: where(x > 0, 1, where(x < 0, -negative_slope, (1 + 3 * negative_slope) / 4))
                                            # below 0 the gradient is −slope: it should be the slope
slope: where(x > 0, x, where(x < 0, negative_slope * x, (1 + 3 * negative_slope) / 4))
                                            # the gradient is multiplied by x: a·x has derivative a
"""

BY_HAND_EXERCISE = elementwise(
    "leaky_relu_by_hand",
    leaky_relu,
    # At 0 the first term's gradient is three quarters of the slope, that of x is a quarter.
    "(3 * F.leaky_relu(x, negative_slope) + x + (1 - negative_slope) * F.relu(-x)) / 4",
    "(3 * tf.nn.leaky_relu(x, negative_slope) + x + (1 - negative_slope) * tf.nn.relu(-x)) / 4",
    mistakes(BY_HAND_MISTAKES, globals(), "x, negative_slope"),
    argument=SLOPE,
    gradient=leaky_relu_slope,
    kinks=(-1.0, 0.0, 1.0),
    curve=None,
    **WITH_RELU,
    difficulty=3,
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
    calls="""
F.leaky_relu(x, 0.1) | tf.nn.leaky_relu(x, 0.1)
    # always write the slope, because the default is 0.01 in PyTorch, and 0.2 in `tf.nn`
nn.LeakyReLU(0.3) | keras.layers.LeakyReLU()     # the layer's default slope is 0.3
nn.LeakyReLU() | keras.layers.LeakyReLU(0.01)
""",
    behaviour={
        "leaky-defaults-tf": "the default slope is 0.01 in PyTorch, 0.2 in Keras's function, 0.3 "
        "in its layer",
        "leaky-integers-pt": "integers raise an error in PyTorch; TensorFlow converts them to "
        "floats",
        "leaky-negative-tf": "Keras's layer raises an error for a negative slope",
    },
    exercises=(LEAKY_RELU_EXERCISE, BY_HAND_EXERCISE),
)


def slopes(x, weight):
    """``weight``: (channels,), shaped to go with ``x``: (batch, channels, …)."""
    return weight.reshape(-1, *[1] * (x.ndim - 2))


def prelu(x, n_channels, weight):
    return np.where(x > 0, x, slopes(x, weight) * x)


def prelu_case(x, weight, **fields):
    x, weight = np.array(x), np.array(weight)
    return Case((x,), {"n_channels": len(weight)}, {"weight": weight}, **fields)


def drawn_slopes(rng, n):
    """One slope from each of the ranges, and more of them, in random order."""
    return rng.permutation([rng.uniform(*SLOPES[i % len(SLOPES)]) for i in range(n)])


def hidden_prelu(rng):
    return tuple(
        prelu_case(rng.normal(0, 3, shape), drawn_slopes(rng, shape[1]), part=part)
        for shape, part in {(3, 4): "values", (2, 3): "values", (2, 3, 4, 5): "robustness"}.items()
    )


PRELU_MISTAKES = """
where(x > 0, slopes(x, weight) * x, x)   # the slope is on the wrong side: multiply negative numbers
where(x > 0, x, weight[0] * x)           # all channels use the first slope: give each its own
where(x > 0, x, weight * x)              # the slopes go along the last axis: channels are axis 1
where(x > 0, x, -slopes(x, weight) * x)  # negative numbers come out with the other sign: multiply
                                         # by +slope
where(x > 0, x, 0.25 * x)                # the slope is 0.25 whatever weight holds: use the weight
where(x > 0, x, weight.mean() * x)       # all channels use the mean of the slopes: give each its
                                         # own
where(x > 0, x, 0)                       # negative numbers become 0: multiply them by the slope
maximum(x, slopes(x, weight) * x)        # this is the larger of x and slope · x: choose by the sign
                                         # of x
"""
FROM_ZERO = "the slopes start at 0, as Keras's do: the statement asks for 0.25"
ONE_SLOPE = "there is a single slope: the statement asks for one per channel"

# Keras's layer has a slope for each entry of the last axis: move the channels there and back.
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
        prelu_case([[-3.0, -1.0, -0.2], [0.4, 2.0, -7.5]], [0.5, 1.5, -0.2], initial=("weight",)),
        prelu_case([[[-3.0, 1.0], [-2.0, -1.0]]], [0.5, 0.1], part="robustness"),
        prelu_case([[-1e4, 1e4]], [1.5, 0.1], part="robustness"),
        prelu_case([[0.0, 0.0]], [0.5, 1.5], part="robustness"),
    ),
    hidden=hidden_prelu,
    initial={"weight": lambda x, n_channels: np.full(n_channels, 0.25)},
    reference={"pytorch": "prelu_pt = nn.PReLU", "tensorflow": PRELU_TF},
    allow=("relu", "ReLU"),
    misconceptions=(
        *mistakes(PRELU_MISTAKES, globals(), "x, n_channels, weight"),
        Misconception(FROM_ZERO, initial={"weight": lambda x, n_channels: np.zeros(n_channels)}),
        Misconception(ONE_SLOPE, initial={"weight": lambda x, n_channels: np.full(1, 0.25)}),
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
    calls="""
nn.PReLU(init=0.1) | keras.layers.PReLU(keras.initializers.Constant(0.1), shared_axes=[1])
    # always write the initial slope, because the default is 0.25 in PyTorch, and 0 in Keras
nn.PReLU(num_parameters=3) | keras.layers.PReLU(shared_axes=[1, 2])
    # one slope for each channel; channels are axis 1 in PyTorch, and the last axis in Keras
""",
    weights="""
torch.nn.PReLU(3) | keras.layers.PReLU()                    # (2, 3)
torch.nn.PReLU(3) | keras.layers.PReLU(shared_axes=[1, 2])  # (2, 3, 5, 7) | (2, 5, 7, 3)
weight = reshape(alpha, shape) | alpha = reshape(weight, shape)
    # Keras keeps an axis of size 1 for each shared axis
""",
    behaviour={
        "prelu-slopes-tf": "by default PyTorch has one slope, 0.25; Keras has one for each "
        "element, 0",
        "prelu-axis-tf": "slopes belong to axis 1 in PyTorch, to all axes that are not shared in "
        "Keras",
        "prelu-port": "the slopes of three channels have shape (3,) in PyTorch, (1, 1, 3) in Keras",
        "kinks-tf": "at 0 the gradient is the slope in PyTorch, and 0 in Keras",
    },
    exercises=(PRELU_EXERCISE,),
)

ONE_DRAW = "all negative numbers share one slope: draw one for each of them"
SHARED = "some negative numbers share a slope: draw one for each of them"
MIDDLE_ALWAYS = "nothing is random in training: the middle of the range is for evaluation only"
SAME_TWICE = "two calls draw the same slopes: draw anew in each call"
OUT_OF_RANGE = "some slopes lie outside of [lower, upper]"
NOT_UNIFORM = "the slopes are not uniform between lower and upper"
NOT_POSITIVE = "positive numbers must stay as they are"
NOT_ONE = "where numbers stay as they are, the gradient is 1"


def rrelu(x, lower, upper, training):
    """In evaluation; what is random is judged by :func:`judge_rrelu`."""
    return np.where(x > 0, x, (lower + upper) / 2 * x)


def judge_rrelu(case, first, second, derivative):
    """Judge two draws of 4,000 slopes; a right answer fails less than once in a million."""
    x, (lower, upper) = case.inputs[0], (case.arguments["lower"], case.arguments["upper"])
    if not all(np.allclose(y[x > 0], x[x > 0], rtol=1e-5) for y in (first, second)):
        return NOT_POSITIVE
    draws = [np.float64(y[x < 0]) / x[x < 0] for y in (first, second)]
    if max(map(np.ptp, draws)) < 1e-4:
        middle = np.allclose(draws, (lower + upper) / 2, rtol=0, atol=1e-4)
        return MIDDLE_ALWAYS if middle else ONE_DRAW
    if np.allclose(*draws, rtol=1e-4):
        return SAME_TWICE
    for slopes in draws:
        if said := unlike_drawn(slopes, len(x), lower, upper):
            return said
    if derivative is None:
        return "gradients", "no gradient reaches the input in training"
    if not np.allclose(derivative[x < 0], draws[1], rtol=1e-3):
        return "gradients", "the gradient uses other slopes than the output: draw once for both"
    if not np.allclose(derivative[x > 0], 1, rtol=1e-3):
        return "gradients", NOT_ONE
    return None


def unlike_drawn(slopes, n_rows, lower, upper):
    """A sentence on why the slopes of one call are not drawn as the statement asks, or ``None``."""
    if np.ptp(slopes) < 1e-4:
        return ONE_DRAW
    rows = slopes.reshape(n_rows, -1)
    if any(np.ptp(rows, axis).max() < 1e-4 for axis in (0, 1)):
        return SHARED
    if slopes.min() < lower - 1e-4 or slopes.max() > upper + 1e-4:
        return OUT_OF_RANGE
    # Kolmogorov and Smirnov: sqrt(n) D exceeds 3.1 with probability 2 exp(-2 * 3.1²) = 9e-9.
    n = slopes.size
    uniform = np.sort((slopes - lower) / (upper - lower))
    if np.sqrt(n) * np.max(np.abs(uniform - (np.arange(n) + 0.5) / n)) > 3.1:
        return NOT_UNIFORM
    return None


def slope_drawn(rng, x, lower, upper):
    return rng.uniform(lower, upper, x.shape)


def leaks(in_training=slope_drawn, in_evaluation=lambda rng, x, lower, upper: (lower + upper) / 2):
    """An answer that has these slopes, each a function of ``rng, x, lower, upper``."""

    def answer(x, lower, upper, training):
        slope = in_training if training else in_evaluation
        return np.where(x > 0, x, slope(default_rng(), x, lower, upper) * x)

    return answer


def rrelu_cases(numbers, lower, upper):
    """Evaluation and training, the latter judged by its distribution, and other shapes."""
    arguments = {"lower": lower, "upper": upper}
    return (
        Case((np.array(numbers, float),), arguments, training=False),
        Case((np.tile([-2.0, -0.5, 1.5], (2000, 1)),), arguments, training=True, judge=judge_rrelu),
        Case((np.reshape(numbers, (2, -1)),), arguments, training=False, part="robustness"),
        Case((np.array([-1e4, 1e4]),), arguments, training=False, part="robustness"),
    )


def hidden_rrelu(rng):
    """Slopes below 1, as is usual, and around 1."""
    lower, upper = round(rng.uniform(0.05, 0.2), 3), round(rng.uniform(0.3, 0.6), 3)
    around = round(rng.uniform(0.4, 0.8), 3), round(rng.uniform(1.6, 2.5), 3)
    return (
        *rrelu_cases(rng.normal(0, 3, 8), lower, upper),
        *rrelu_cases(rng.normal(0, 3, 6), *around)[:2],
    )


IN_TRAINING = """
rng.uniform(lower, upper)                                         # ONE_DRAW
(lower + upper) / 2                                               # MIDDLE_ALWAYS
default_rng(0).uniform(lower, upper, x.shape)                     # SAME_TWICE
rng.normal((lower + upper) / 2, (upper - lower) / 3.46, x.shape)  # OUT_OF_RANGE
rng.uniform(lower, upper, x.shape[-1:])
rng.uniform(lower, upper, [*x.shape[:-1], 1])                     # SHARED
rng.choice([lower, upper], x.shape)                               # NOT_UNIFORM
"""
IN_EVALUATION = """
lower + upper  # evaluation uses lower + upper: the middle is half of that
lower          # evaluation uses the lower slope: use the middle, (lower + upper) / 2
upper          # evaluation uses the upper slope: use the middle, (lower + upper) / 2
(upper - lower) / 2  # evaluation uses half the width of the range: use the middle, (lower + upper)
                     # / 2
for a in (0.01, 0.1, 0.25): a  # evaluation uses a slope of {a} whatever is asked for: use the
                               # middle
0              # negative numbers become 0 in evaluation: use the middle, (lower + upper) / 2
"""
DRAWN = "rng, x, lower, upper"

RRELU_TF = """
class rrelu_tf(keras.layers.Layer):
    def __init__(self, lower, upper):
        super().__init__()
        self.range = lower, upper
    def call(self, x, training=False):
        drawn = keras.random.uniform(keras.ops.shape(x), *self.range)
        return keras.ops.where(x > 0, x, (drawn if training else sum(self.range) / 2) * x)
"""

RRELU_EXERCISE = Exercise(
    "rrelu",
    rrelu,
    visible=(
        *rrelu_cases(NUMBERS, 0.125, 0.375),
        Case((np.array(NUMBERS),), {"lower": 0.5, "upper": 2.0}, training=False),
    ),
    hidden=hidden_rrelu,
    reference={"pytorch": "rrelu_pt = nn.RReLU", "tensorflow": RRELU_TF},
    allow=("relu", "ReLU"),
    misconceptions=(
        *mistakes(IN_TRAINING, globals(), DRAWN, through=lambda a: leaks(in_training=a)),
        Misconception(NOT_POSITIVE, lambda x, lower, upper, training: (lower + upper) / 2 * x),
        *mistakes(IN_EVALUATION, globals(), DRAWN, through=lambda a: leaks(in_evaluation=a)),
    ),
)

RRELU = component(
    "rrelu",
    name="RReLU",
    zh="随机修正线性单元",
    pytorch=("torch.nn.RReLU", "torch.nn.functional.rrelu", "torch.nn.functional.rrelu_"),
    defaults="torch.nn.RReLU(lower=1 / 8, upper=1 / 3)",
    calls="""
nn.RReLU() | RReLU()
    # Keras has none, this chapter defines it; a new module is in training mode, and a Keras layer
    # runs in inference mode by default
""",
    behaviour={
        "rrelu-bridge-tf": "Keras has no RReLU: the chapter defines a layer",
        "rrelu-mode-pt": "a new module is in training mode; a Keras layer is in inference mode by "
        "default",
    },
    exercises=(RRELU_EXERCISE,),
)


def threshold(x, bar, value):
    return np.where(x > bar, x, value)


THRESHOLD_MISTAKES = """
maximum(x, bar)                 # numbers below the bar become the bar: they become the value
where(x > bar, x - bar, value)  # the bar is subtracted from the numbers above it: keep them
where(x > bar, 1, value)        # numbers above the bar become 1: keep them as they are
maximum(x, value)               # this is the larger of x and the value: compare with the bar
where(x >= bar, x, value)       # a number equal to the bar is kept: replace it, too (keep x > bar)
where(x > bar, x, 0)            # numbers below the bar become 0: they become the value
where(x > bar, value, x)        # the numbers above the bar are replaced: replace the others
where(x > value, x, bar)        # bar and value are swapped: compare with the bar
where(x >= bar, value, x)       # the numbers above the bar are replaced: replace the others
where(abs(x) > bar, x, value)   # the size of x is compared with the bar: compare x itself
where(x > 0, x, value)          # numbers are compared with 0: compare them with the bar
maximum(0, x - bar) + value     # the bar is subtracted and the value added: choose between x and
                                # the value
"""

THRESHOLD_EXERCISE = elementwise(
    "threshold",
    threshold,
    "F.threshold(x, bar, value)",
    "keras.activations.threshold(x, bar, value)",
    mistakes(THRESHOLD_MISTAKES, globals(), "x, bar, value"),
    argument=(
        ("bar", (0.5, -1.25, 0.5), ((0.2, 2), (-2, -0.2), (0.2, 2))),
        ("value", (-2.0, -3.0, 4.0), ((-9, -3), (-9, -3), (3, 9))),
    ),
    kinks=(0.5,),
    **WITH_RELU,
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
    calls="""
F.threshold(x, 0.75, -2.0) | keras.activations.threshold(x, 0.75, -2.0)
    # NaN stays NaN in PyTorch; Keras replaces it
nn.Threshold(0.75, 0.0) | keras.layers.ReLU(threshold=0.75)
""",
    behaviour={
        "threshold-clamp-pt": "Threshold is not a clamp: its output may jump at the threshold",
        "threshold-nan-tf": "NaN stays NaN in PyTorch; Keras replaces it",
    },
    exercises=(THRESHOLD_EXERCISE,),
)

ACTIVATION_FORMS = component(
    "activation_forms",
    kind="usage",
    name="Function, module, argument, layer",
    zh="激活函数: 函数与模块",
    pytorch=("torch.nn.functional.leaky_relu", "torch.nn.ReLU"),
    keras=("keras.layers.Activation", "keras.layers.ReLU"),
    calls="""
nn.LeakyReLU(0.2) | keras.layers.Activation("leaky_relu")
    # the string means the function, which has the slope 0.2; the layer has the slope 0.3
nn.Sequential(nn.Linear(2, 2), nn.ReLU()) | keras.layers.Dense(2, activation="relu")
    # the printed Keras model does not show the argument
""",
    behaviour={
        "four-ways-tf": "the printed network does not show a function or an argument",
        "string-means-function": "a string means the function, which has another default slope "
        "than the layer",
    },
)

COMPONENTS = (RELU, RELU6, LEAKY_RELU, PRELU, RRELU, THRESHOLD, ACTIVATION_FORMS)
