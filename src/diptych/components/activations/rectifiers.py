"""Rectifiers: ReLU, ReLU6, Leaky ReLU, PReLU, RReLU and Threshold."""

import numpy as np

from diptych.catalogue.cases import elementwise_hidden, elementwise_visible
from diptych.catalogue.exercise import Case, Exercise, Misconception
from diptych.catalogue.notation import component, mistakes

VISIBLE = (-3.0, -1.0, -0.2, 0.4, 2.0, 7.5)


def relu(x):
    return np.maximum(0, x)


RELU_EXERCISE = Exercise(
    answer="relu",
    oracle=relu,
    visible=elementwise_visible(VISIBLE),
    hidden=elementwise_hidden(),
    reference={"pytorch": "relu_pt = lambda x: F.relu(x)", "tensorflow": "relu_tf = tf.nn.relu"},
    curve={},
    misconceptions=(
        *mistakes(
            """
abs(x)                 # negative numbers come out positive: that is |x|, ReLU makes them 0
minimum(0, x)          # this keeps the negative half: take the larger of 0 and x, not the smaller
(x > 0).astype(float)  # this is 1 where x is positive: ReLU keeps the number itself there
x                      # negative numbers come out as they are: ReLU makes them 0
clip(x, 0, 6)          # large numbers are cut off: ReLU has no lid
""",
            globals(),
        ),
        *(
            Misconception(
                "negative numbers leak: that is Leaky ReLU, here they become 0",
                lambda x, slope=slope: np.where(x > 0, x, slope * x),
            )
            for slope in (0.01, 0.1, 0.2, 0.3)
        ),
    ),
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


RELU6_EXERCISE = Exercise(
    answer="relu6",
    oracle=relu6,
    visible=elementwise_visible(VISIBLE, kinks=(0.0, 6.0)),
    hidden=elementwise_hidden(spread=6.0),
    reference={
        "pytorch": "relu6_pt = lambda x: F.relu6(x)",
        "tensorflow": "relu6_tf = tf.nn.relu6",
    },
    allow=("relu", "ReLU"),
    forbid=("hardtanh", "hardtanh_", "Hardtanh", "hard_tanh"),
    curve={},
    misconceptions=mistakes(
        """
maximum(0, x)                   # nothing stops at 6: that is ReLU
minimum(x, 6)                   # negative numbers come out as they are: the floor at 0 is missing
clip(x, 0, 1)                   # the lid is at 1: it belongs at 6
clip(x, -6, 6)                  # negative numbers get through down to −6: the floor is 0, only the
                                # lid is 6
where((x > 0) & (x < 6), x, 0)  # numbers above 6 become 0: they stop at 6
clip(x, 0, 6) / 6               # this divides by 6, as hard sigmoids do: ReLU6 leaves numbers from
                                # 0 to 6 alone
""",
        globals(),
    ),
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


LEAKY_RELU_EXERCISE = Exercise(
    answer="leaky_relu",
    oracle=leaky_relu,
    visible=elementwise_visible(VISIBLE, {"negative_slope": 0.1}),
    hidden=elementwise_hidden(lambda rng: {"negative_slope": round(rng.uniform(0.02, 0.6), 3)}),
    reference={
        "pytorch": "leaky_relu_pt = lambda x, negative_slope: F.leaky_relu(x, negative_slope)",
        "tensorflow": "leaky_relu_tf = lambda x, negative_slope: "
        "tf.nn.leaky_relu(x, negative_slope)",
    },
    allow=("relu", "ReLU"),
    curve={"negative_slope": 0.1},
    misconceptions=(
        *mistakes(
            """
maximum(0, x)                         # negative numbers become 0: that is ReLU, they should be
                                      # multiplied by the slope
where(x > 0, x, 0.1 * x)              # the slope is 0.1 whatever is asked for: use negative_slope
negative_slope * x                    # positive numbers are multiplied by the slope, too: they stay
                                      # as they are
x                                     # negative numbers come out as they are: multiply them by the
                                      # slope
where(x > 0, x, x / negative_slope)   # negative numbers are divided by the slope: multiply
where(x > 0, x, 0.01 * x)             # the slope is 0.01 whatever is asked for: use negative_slope
where(x > 0, x, 0.2 * x)              # the slope is 0.2 whatever is asked for: use negative_slope
where(x > 0, x, 0.3 * x)              # the slope is 0.3 whatever is asked for: use negative_slope
where(x > 0, negative_slope * x, x)   # the slope is on the wrong side: positive numbers stay,
                                      # negative ones shrink
where(x > 0, x, -negative_slope * x)  # negative numbers come out positive: the slope is multiplied
                                      # on, its sign is plus
where(x > 0, x, -negative_slope)      # every negative number becomes minus the slope: multiply the
                                      # number by it
""",
            globals(),
            "x, negative_slope",
        ),
        *(
            Misconception(
                "the slope is added or subtracted: multiply the number by it",
                lambda x, negative_slope, sign=sign: np.where(x > 0, x, x + sign * negative_slope),
            )
            for name, sign in (("subtracted", -1), ("added", 1))
        ),
        *mistakes(
            """
maximum(0, x) + negative_slope * x  # positive numbers are too large: the leak max(0, x) + slope · x
                                    # must take min(0, x)
""",
            globals(),
            "x, negative_slope",
        ),
    ),
)


def leaky_relu_slope(cotangent, x, negative_slope):
    """The gradient that the statement fixes: at 0 a quarter of the way from the slope to 1."""
    at_zero = (1 + 3 * negative_slope) / 4
    return (cotangent * np.where(x > 0, 1, np.where(x < 0, negative_slope, at_zero)),)


BY_HAND_EXERCISE = Exercise(
    answer="leaky_relu_by_hand",
    oracle=leaky_relu,
    gradient=leaky_relu_slope,
    visible=elementwise_visible(VISIBLE, {"negative_slope": 0.1}, kinks=(-1.0, 0.0, 1.0)),
    hidden=elementwise_hidden(lambda rng: {"negative_slope": round(rng.uniform(0.02, 0.6), 3)}),
    # No builtin has this gradient at 0: a correct answer stands here, made of the frameworks'.
    reference={},
    allow=("relu", "ReLU"),
    misconceptions=mistakes(
        """
gradient: leaky_relu_slope(ones_like(upstream_gradient), x, negative_slope)
      # the gradient that comes from above is missing: multiply the slope by it
slope: where(x > 0, 1, negative_slope)      # at 0 the gradient is the slope: the statement asks for
                                            # a quarter of the way to 1
slope: where(x > 0, 1, where(x < 0, negative_slope, (1 + negative_slope) / 2))
      # at 0 the gradient is the mean of both sides, which a formula without a gradient of your
      # own gives, too: the statement asks for a quarter of the way
slope: where(x >= 0, 1, negative_slope)     # at 0 the gradient is 1: the statement asks for a
                                            # quarter of the way from the slope
slope: where(x > 0, x, negative_slope * x)  # the gradient is multiplied by the input: the
                                            # derivative of a·x is a
slope: x > 0                                # the gradient is 0 on the left: that is ReLU's
""",
        globals(),
        "x, negative_slope",
    ),
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


def hidden_prelu(rng):
    return tuple(
        Case(
            (rng.normal(0, 3, shape),),
            {"n_channels": shape[1]},
            {"weight": rng.uniform(0.02, 0.6, shape[1])},
            part=part,
        )
        for shape, part in {(3, 4): "values", (2, 3): "values", (2, 3, 4): "robustness"}.items()
    )


PRELU_EXERCISE = Exercise(
    answer="prelu",
    oracle=prelu,
    visible=(
        Case(
            (np.array([[-3.0, -1.0, -0.2], [0.4, 2.0, -7.5]]),),
            {"n_channels": 3},
            {"weight": np.array([0.5, 0.1, 0.2])},
            initial=("weight",),
        ),
        Case(
            (np.array([[[-3.0, 1.0], [-2.0, -1.0]]]),),
            {"n_channels": 2},
            {"weight": np.array([0.5, 0.1])},
            part="robustness",
        ),
        Case(
            (np.array([[-1e4, 1e4]]),),
            {"n_channels": 2},
            {"weight": np.array([0.5, 0.1])},
            part="robustness",
        ),
    ),
    hidden=hidden_prelu,
    initial={"weight": lambda x, n_channels: np.full(n_channels, 0.25)},
    reference={
        "pytorch": """
class prelu_pt(nn.PReLU):
    def __init__(self, n_channels):
        super().__init__(num_parameters=n_channels)
""",
        # Keras wants the channels last; there it has one slope for each.
        "tensorflow": """
class prelu_tf(keras.layers.Layer):
    def __init__(self, n_channels):
        super().__init__()
        self.inner = keras.layers.PReLU(keras.initializers.Constant(0.25))
        self.inner.build((None, n_channels))
        self.weight = self.inner.alpha
    def call(self, x):
        last = keras.ops.moveaxis(x, 1, -1)
        flat = keras.ops.reshape(last, (-1, last.shape[-1]))
        return keras.ops.moveaxis(keras.ops.reshape(self.inner(flat), last.shape), -1, 1)
""",
    },
    allow=("relu", "ReLU"),
    misconceptions=(
        *mistakes(
            """
where(x > 0, per_channel(x, weight) * x, x)   # the slope is on the wrong side: it multiplies
                                              # negative numbers only
where(x > 0, x, weight[0] * x)                # all channels use the first slope: there is one for
                                              # each channel
where(x > 0, x, weight * x)                   # the slopes go along the last axis: the channels are
                                              # axis 1
where(x > 0, x, -per_channel(x, weight) * x)  # negative numbers come out positive: the slope's sign
                                              # is plus
""",
            globals(),
            "x, n_channels, weight",
        ),
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
        a = slope(np.random.default_rng(), x, lower, upper) if training else (lower + upper) / 2
        return np.where(x > 0, x, a * x)

    return wrong


def rrelu_with(x, lower, upper, training, in_evaluation):
    """Right in training, and in evaluation with another slope than the middle."""
    a = np.random.default_rng().uniform(lower, upper, x.shape) if training else in_evaluation
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


RRELU_EXERCISE = Exercise(
    answer="rrelu",
    oracle=rrelu,
    visible=rrelu_cases(VISIBLE, 0.125, 0.375),
    hidden=lambda rng: rrelu_cases(
        rng.normal(0, 3, 8), round(rng.uniform(0.05, 0.2), 3), round(rng.uniform(0.3, 0.6), 3)
    ),
    reference={
        "pytorch": "rrelu_pt = nn.RReLU",
        # Keras has none: this is the chapter's.
        "tensorflow": """
class rrelu_tf(keras.layers.Layer):
    def __init__(self, lower, upper):
        super().__init__()
        self.lower, self.upper = lower, upper
    def call(self, x, training=False):
        a = (self.lower + self.upper) / 2
        if training:
            a = keras.random.uniform(keras.ops.shape(x), self.lower, self.upper)
        return keras.ops.where(x > 0, x, a * x)
""",
    },
    allow=("relu", "ReLU"),
    misconceptions=(
        Misconception(ONE_DRAW, draws(lambda rng, x, low, high: rng.uniform(low, high))),
        Misconception(MIDDLE_ALWAYS, draws(lambda rng, x, low, high: (low + high) / 2)),
        Misconception(
            SAME_TWICE,
            draws(lambda rng, x, low, high: np.random.default_rng(0).uniform(low, high, x.shape)),
        ),
        Misconception(
            OUT_OF_RANGE,
            draws(
                lambda rng, x, low, high: rng.normal((low + high) / 2, (high - low) / 3.46, x.shape)
            ),
        ),
        Misconception(
            SHARED, draws(lambda rng, x, low, high: rng.uniform(low, high, x.shape[-1:]))
        ),
        Misconception(
            SHARED, draws(lambda rng, x, low, high: rng.uniform(low, high, [*x.shape[:-1], 1]))
        ),
        Misconception(
            NOT_UNIFORM, draws(lambda rng, x, low, high: rng.choice([low, high], x.shape))
        ),
        *mistakes(
            """
(lower + upper) / 2 * x                       # NOT_POSITIVE
rrelu_with(x, lower, upper, training, lower + upper)  # evaluation uses lower + upper: the middle is
                                                      # half of that
rrelu_with(x, lower, upper, training, lower)  # evaluation uses the lower slope: use the middle,
                                              # (lower + upper) / 2
""",
            globals(),
            "x, lower, upper, training",
        ),
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


THRESHOLD_EXERCISE = Exercise(
    answer="threshold",
    oracle=threshold,
    visible=elementwise_visible(VISIBLE, {"bar": 0.5, "value": -2.0}, kinks=(0.5,)),
    hidden=elementwise_hidden(
        lambda rng: {"bar": round(rng.normal(), 3), "value": round(rng.uniform(3, 9), 3)}
    ),
    reference={
        "pytorch": "threshold_pt = lambda x, bar, value: F.threshold(x, bar, value)",
        "tensorflow": "threshold_tf = lambda x, bar, value: "
        "keras.activations.threshold(x, bar, value)",
    },
    allow=("relu", "ReLU"),
    curve={"bar": 0.5, "value": -2.0},
    misconceptions=mistakes(
        """
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
""",
        globals(),
        "x, bar, value",
    ),
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
    kind="usage",
    name="Function, module, argument, layer",
    zh="激活函数: 函数与模块",
    pytorch=("torch.nn.functional.leaky_relu", "torch.nn.ReLU"),
    keras=("keras.layers.Activation", "keras.layers.ReLU"),
    behaviour={
        "four-ways-tf": "a function or an argument leaves no trace in the printed network",
        "string-means-function": "a string means the function, whose default is not the layer's",
    },
)

COMPONENTS = (RELU, RELU6, LEAKY_RELU, PRELU, RRELU, THRESHOLD, ACTIVATION_FORMS)
