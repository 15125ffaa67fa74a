"""Sigmoids: Sigmoid, LogSigmoid, Hard sigmoid, Sparse sigmoid, Tanh, Hardtanh and Softsign."""

import numpy as np

from diptych.catalogue.cases import elementwise
from diptych.catalogue.notation import component, mistakes

MIRRORED = "the curve is mirrored: x gets the answer for −x; look at the sign of x"
BRACKETS = "only the 1 is divided by, as when brackets are missing: divide by the whole sum"
BRANCHES = (
    "values are right, but far from 0 the gradient is NaN, as when where() differentiates both "
    "its branches and one of them overflows: let only bounded numbers into exp"
)
UNBOUNDED = "the line goes on beyond both ends: clip it"
NO_FLOOR = "the line goes on below the lower end: clip it there, too"
NO_LID = "the line goes on above the upper end: clip it there, too"
DROPPED = "numbers above the upper end become 0: they must become 1"
CENTRED = "0 must become ½: add ½ before you clip"


def log_sigmoid(x):
    return -np.logaddexp(0, -x)


def sigmoid(x):
    return np.exp(log_sigmoid(x))


def sigmoid_slope(x):
    return sigmoid(x) * sigmoid(-x)


SIGMOID_MISTAKES = """
sigmoid(-x)
exp(-x) / (1 + exp(-x))                         # MIRRORED
for factor in (2, 4): sigmoid(factor * x)       # the curve is too steep: written with tanh, a
                                                # sigmoid is (1 + tanh(x/2))/2
for divisor in (1, 2): tanh(x / divisor)        # this goes from −1 to 1, as tanh does: a sigmoid
                                                # goes from 0 to 1
sigmoid(abs(x))                                 # x and −x give the same output: the sign is lost,
                                                # as in |x|
1 / (1 - exp(-x))                               # the divisor is 1 − exp(−x), which is 0 at 0: add
                                                # exp(−x), do not subtract it
1 + exp(-x)                                     # BRACKETS
sigmoid(log(2) * x)                             # this is 1/(1 + 2⁻ˣ), with powers of 2: take exp,
                                                # whose base is e
exp(x - logaddexp.reduce(atleast_1d(x), -1, keepdims=x.ndim))  # this is softmax, which divides by a
                                                # sum over all numbers: here each stands on its own
exp(x) / (1 + exp(x))                           # OVERFLOWING_EXP
slope: where(x < -88, nan, sigmoid_slope(x))    # values are right, but far below 0 the gradient is
                                                # NaN, as when exp(−x) is infinite and multiplied by
                                                # 0: let only bounded numbers into exp
slope: where(abs(x) > 88, nan, sigmoid_slope(x))  # BRANCHES
slope: where(x == 0, 0, sigmoid_slope(x))       # at 0 the gradient is 0, as that of |x| is: it must
                                                # be ¼ there
sigmoid_slope(x)                                # this is the derivative of the sigmoid, s(1 − s):
                                                # return the sigmoid itself
clip(x / 6 + 0.5, 0, 1)                         # this is a straight line that is clipped, as in the
                                                # hard sigmoid: the sigmoid is a curve
(x > 0) * 1.0                                   # this is a step from 0 to 1: the sigmoid is a curve
(x >= 0) * 1.0                                  # this is a step from 0 to 1: the sigmoid is a curve
tanh(x / 2) / 2 + 1                             # this goes from ½ to 1½: add ½, not 1
for end in (1, 2, 3, 4, 5, 6): sigmoid(clip(x, -end, end))
                                                # numbers beyond ±{end} are cut off, where the curve
                                                # is not flat yet: cut further out
exp(-x)                                         # this is e^(−x) alone: add 1, and divide 1 by it
"""

SIGMOID = component(
    "sigmoid",
    name="Sigmoid",
    zh="S 型函数",
    pytorch=("torch.nn.Sigmoid", "torch.nn.functional.sigmoid"),
    keras=("keras.activations.sigmoid",),
    tensorflow=("tf.nn.sigmoid",),
    calls="""
torch.sigmoid(x) | tf.nn.sigmoid(x)
    # `keras.activations.sigmoid` also stores `x` on its output, for Keras's losses
nn.Sequential(nn.Linear(3, 2), nn.Sigmoid()) | keras.layers.Dense(2, activation="sigmoid")
nn.Sigmoid() | keras.layers.Activation("sigmoid")
""",
    behaviour={
        "sigmoid-integers-tf": "PyTorch converts integers to floats; `tf.nn.sigmoid` raises an "
        "error",
        "sigmoid-memory-tf": "Keras's sigmoid stores the logit on its output, and Keras's loss "
        "uses it",
        "vanishing": "after ten sigmoid layers, less than a millionth of the gradient is left",
    },
    exercises=(
        elementwise(
            "sigmoid",
            sigmoid,
            "torch.sigmoid(x)",
            "tf.nn.sigmoid(x)",
            mistakes(SIGMOID_MISTAKES, globals()),
            allow=("tanh", "Tanh"),
        ),
    ),
)

BENDS = "at 0 the gradient is not ½, as with min(0, x) and |x|, which have kinks there"
ADDED = (
    "far below 0 the answer stops falling, as when a small number is added before the log: it must "
    "go on like x"
)
TINY = (1e-5, 1e-6, 2**-23, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)
STOPPED = "far below 0 the answer stops falling, as when the input is bounded: it must go on like x"

LOG_SIGMOID_MISTAKES = """
log(1 / (1 + exp(-x)))                          # far below 0 the answer is −∞, as when the sigmoid
                                                # is 0 or e^(−x) is infinite in float32: simplify
                                                # the formula before you write it
-log_sigmoid(x)                                 # the sign is wrong: the log of a probability is
                                                # negative
log_sigmoid(-x)
-log(1 + exp(x))                                # MIRRORED
logaddexp(0, x)                                 # this is softplus(x): the log-sigmoid is
                                                # −softplus(−x), with both signs
slope: where(x < -88, nan, sigmoid(-x))         # BRANCHES
for end in (15, 20, 30, 50, 80, 87, 88): log_sigmoid(maximum(x, -end))
                                                # STOPPED
for at_zero in (0, 1): slope: where(x == 0, at_zero, sigmoid(-x))  # BENDS
sigmoid(x)                                      # this is the sigmoid itself: the log is missing
for tiny in TINY: log(sigmoid(x) + tiny)        # ADDED
log_sigmoid(x) / log(10)                        # the logarithm is that of base 10: take the natural
                                                # one
"""

LOG_SIGMOID = component(
    "log_sigmoid",
    name="Log-sigmoid",
    zh="对数 S 型函数",
    pytorch=("torch.nn.LogSigmoid", "torch.nn.functional.logsigmoid"),
    keras=("keras.activations.log_sigmoid",),
    tensorflow=("tf.math.log_sigmoid",),
    calls="""
F.logsigmoid(x) | tf.math.log_sigmoid(x)  # it is in `tf.math`, not in `tf.nn`
nn.LogSigmoid() | keras.layers.Activation("log_sigmoid")
""",
    behaviour={
        "underflow-tf": "below about −89, `log(sigmoid(x))` is −∞, and log-sigmoid is right",
        "underflow-gradient-tf": "for −120 the gradient of `log(sigmoid(x))` is NaN; it should be "
        "1",
        "log-sigmoid-at-zero-tf": "with a minimum, the gradient at 0 is ½ in PyTorch, 1 in "
        "TensorFlow",
    },
    exercises=(
        elementwise(
            "log_sigmoid",
            log_sigmoid,
            "F.logsigmoid(x)",
            "tf.math.log_sigmoid(x)",
            mistakes(LOG_SIGMOID_MISTAKES, globals()),
            allow=("sigmoid", "Sigmoid"),
            forbid=(
                "torch.nn.functional.binary_cross_entropy_with_logits",
                "aten.binary_cross_entropy_with_logits",
                "tf.nn.sigmoid_cross_entropy_with_logits",
            ),
        ),
    ),
)


def hard_sigmoid(x):
    return np.clip(x / 6 + 0.5, 0, 1)


def sparse_sigmoid(x):
    return np.clip((x + 1) / 2, 0, 1)


HARD_SIGMOID_MISTAKES = """
clip(0.2 * x + 0.5, 0, 1)          # the slope is 0.2, as in Keras before version 3: it must be 1/6
sparse_sigmoid(x)                  # the slope is ½: that is the sparse sigmoid's; here it is 1/6
clip(x, 0, 6) / 6
clip(x, -3, 3) / 6
clip(x / 6, 0, 1) + 0.5            # CENTRED
clip(x + 0.5, 0, 1)                # the slope is 1: divide x by 6, too, not the 3 alone
clip(x / 4 + 0.5, 0, 1)            # the slope is ¼, which the smooth sigmoid has at 0: it must be
                                   # 1/6
where(abs(x) < 3, x / 6 + 0.5, 0)  # DROPPED
clip(x + 3, 0, 6)                  # this goes from 0 to 6: divide by 6
clip(x / 6 + 0.5, -1, 1)           # negative numbers come out, down to −1: the lower end is 0
minimum(x / 6 + 0.5, 1)            # NO_FLOOR
maximum(x / 6 + 0.5, 0)            # NO_LID
x / 6 + 0.5                        # UNBOUNDED
clip(x + 0.5 / 6, 0, 1)            # only ½ is divided by 6: divide x by 6, and add ½
clip(x / 3 + 0.5, 0, 1)            # the slope is 1/3: it must be 1/6
sigmoid(x)                         # this is the smooth sigmoid: here it is a straight line
clip(x / 6 + 1, 0, 1)              # 0 must become ½: 1 is added, add ½
clip(6 * x + 0.5, 0, 1)            # x is multiplied by 6: divide it
"""

HARD_SIGMOID = component(
    "hard_sigmoid",
    name="Hard sigmoid",
    zh="硬 S 型函数",
    pytorch=("torch.nn.Hardsigmoid", "torch.nn.functional.hardsigmoid"),
    keras=("keras.activations.hard_sigmoid",),
    calls="""
F.hardsigmoid(x) | keras.activations.hard_sigmoid(x)
    # the slope is 1/6; before Keras 3 it was 0.2
nn.Hardsigmoid() | keras.layers.Activation("hard_sigmoid")
""",
    behaviour={"open-gate": "from 3 on the gate is exactly 1: nothing is lost in 100 steps"},
    exercises=(
        elementwise(
            "hard_sigmoid",
            hard_sigmoid,
            "F.hardsigmoid(x)",
            "keras.activations.hard_sigmoid(x)",
            mistakes(HARD_SIGMOID_MISTAKES, globals()),
            allow=("hardtanh", "Hardtanh", "hard_tanh"),
            kinks=(-3.0, 0.0, 3.0),
        ),
    ),
)

SLOPE_ONE = "the slope is 1: it must be ½, so that the line goes from 0 at −1 to 1 at 1"

SPARSE_SIGMOID_MISTAKES = """
hard_sigmoid(x)                    # the slope is 1/6: that is the hard sigmoid's, here it is ½
clip(x, -1, 1)                     # this goes from −1 to 1: add 1 and halve the sum
clip(x + 0.5, 0, 1)
clip(x + 1, 0, 1)
clip(x, 0, 1)                      # SLOPE_ONE
clip(x / 2, 0, 1)
clip(x, -1, 1) / 2                 # CENTRED
clip(x + 1, 0, 2)                  # this goes from 0 to 2: halve it
where(abs(x) < 1, (x + 1) / 2, 0)  # DROPPED
clip((x + 1) / 2, -1, 1)           # negative numbers come out, down to −1: the lower end is 0
minimum((x + 1) / 2, 1)            # NO_FLOOR
maximum((x + 1) / 2, 0)            # NO_LID
(x + 1) / 2                        # UNBOUNDED
clip(x, -1, 1) + 0.5               # only the 1 is halved, as when brackets are missing: halve the
                                   # sum
clip(x / 2 + 1, 0, 1)              # 0 must become ½: 1 is added, add ½
clip((x - 1) / 2, 0, 1)            # 1 is subtracted: add it
sigmoid(x)                         # this is the smooth sigmoid: here it is a straight line
"""

SPARSE_SIGMOID = component(
    "sparse_sigmoid",
    name="Sparse sigmoid",
    zh="稀疏 S 型函数",
    keras=("keras.activations.sparse_sigmoid",),
    calls="""
(F.hardtanh(x) + 1) / 2 | keras.activations.sparse_sigmoid(x)  # PyTorch has no sparse sigmoid
""",
    behaviour={"sparse-bridge-pt": "PyTorch has no sparse sigmoid: the chapter defines it"},
    exercises=(
        elementwise(
            "sparse_sigmoid",
            sparse_sigmoid,
            "(1 + F.hardtanh(x)) / 2",
            "keras.activations.sparse_sigmoid(x)",
            mistakes(SPARSE_SIGMOID_MISTAKES, globals()),
            allow=("hardtanh", "Hardtanh", "hard_tanh"),
            kinks=(-1.0, 0.0, 1.0),
        ),
    ),
)


def tanh_slope(x):
    return 1 - np.tanh(x) ** 2


TANH_MISTAKES = """
tanh(x / 2)                                    # the curve is half as steep as it must be: tanh(x)
                                               # is 2σ(2x) − 1, with twice x
tanh(x) + 1                                    # this goes from 0 to 2: subtract 1
for factor in (1, 2): sigmoid(factor * x)      # this goes from 0 to 1, as a sigmoid does: tanh(x)
                                               # is 2σ(2x) − 1
clip(x, -1, 1)                                 # this is a straight line that is clipped, as in
                                               # Hardtanh: tanh is a curve
(exp(x) + exp(-x)) / (exp(x) - exp(-x))        # the fraction is upside down: divide the difference
                                               # by the sum
(exp(x) - exp(-x)) / (exp(x) + exp(-x))
(exp(2 * x) - 1) / (exp(2 * x) + 1)
(1 - exp(-2 * x)) / (1 + exp(-2 * x))          # OVERFLOWING_EXP
slope: where(x < -44, nan, tanh_slope(x))
slope: where(x > 44, nan, tanh_slope(x))
slope: where(abs(x) > 44, nan, tanh_slope(x))  # values are right, but far from 0 the gradient is
                                               # NaN, as when exp is infinite and multiplied by 0:
                                               # let only bounded numbers into exp
slope: where(x == 0, 0, tanh_slope(x))         # at 0 the gradient is 0, as those of |x| and sign(x)
                                               # are: it must be 1 there
sigmoid(-2 * x)                                # this goes from 1 to 0: tanh(x) is 2σ(2x) − 1
tanh_slope(x)                                  # this is the derivative of tanh, 1 − tanh²: return
                                               # tanh itself
for end in (10, 15, 20, 40, inf): sinh(clip(x, -end, end))
                                               # this is sinh: divide it by cosh, e^x + e^(−x) over
                                               # 2
for end in (10, 15, 20, 40): (1 / tanh(clip(x, -end, end)))
                                               # the fraction is upside down: divide the difference
                                               # by the sum
-tanh(x)                                       # every sign is wrong: e^(−x) is subtracted from e^x
for end in (0.9, 0.99, 0.999): clip(tanh(x), -end, end)
                                               # the output is cut off at ±{end}: let it reach ±1
tan(x)                                         # this is the tangent of an angle: take the
                                               # hyperbolic one
"""

TANH = component(
    "tanh",
    name="Tanh",
    zh="双曲正切",
    pytorch=("torch.nn.Tanh", "torch.nn.functional.tanh"),
    keras=("keras.activations.tanh",),
    tensorflow=("tf.nn.tanh",),
    calls="""
torch.tanh(x) | tf.nn.tanh(x)
    # for integers, PyTorch returns floats, and `tf.nn.tanh` raises an error
nn.Sequential(nn.Linear(3, 2), nn.Tanh()) | keras.layers.Dense(2, activation="tanh")
nn.Tanh() | keras.layers.Activation("tanh")
""",
    behaviour={
        "tanh-integers-tf": "PyTorch and Keras convert integers to floats; `tf.nn.tanh` raises an "
        "error",
        "ten-layers": "Tanh's slope is 1 at 0, so the gradient is not lost in ten layers",
    },
    exercises=(
        elementwise(
            "tanh",
            np.tanh,
            "torch.tanh(x)",
            "tf.nn.tanh(x)",
            mistakes(TANH_MISTAKES, globals()),
            allow=("sigmoid", "Sigmoid"),
        ),
    ),
)


def hard_tanh(x):
    return np.clip(x, -1, 1)


SIGN = "only the sign is left: numbers between −1 and 1 must stay as they are"

HARD_TANH_MISTAKES = """
clip(x, 0, 1)                                   # negative numbers become 0: the lower end is −1
where(abs(x) <= 1, x, 0)                        # numbers beyond ±1 become 0: they must stop at −1
                                                # and at 1
sign(x)
where(x > 0, 1, -1.0)                           # SIGN
minimum(x, 1)                                   # NO_FLOOR
maximum(x, -1)                                  # NO_LID
where(abs(x) > 1, 1, x)                         # numbers below −1 become 1: they must stop at −1
abs(hard_tanh(x))                               # negative numbers come out positive: they must keep
                                                # their sign
sparse_sigmoid(x)                               # this goes from 0 to 1, as the sparse sigmoid does:
                                                # Hardtanh starts at −1
for at_ends in (0, 0.5, 1): slope: where(x == 0, 0, where(abs(x) == 1, at_ends, abs(x) < 1))
                                                # at 0 the gradient is 0, as those of |x| and
                                                # sign(x) are: it must be 1 there
gradient: (upstream_gradient,)                  # beyond ±1 the gradient passes: the output is flat
                                                # there, so its gradient must be 0
tanh(x)                                         # this is the smooth tanh: here it is a straight
                                                # line
for a in (2, 3, 6): clip(x, -a, a)              # the ends are ±{a}: they are ±1
maximum(1, minimum(x, -1))                      # every number becomes 1: the two ends have changed
                                                # places
minimum(-1, maximum(x, 1))                      # every number becomes −1: the two ends have changed
                                                # places
clip(x, -0.5, 0.5)                              # the ends are ±0.5: they are ±1
"""

HARD_TANH = component(
    "hard_tanh",
    name="Hard tanh",
    zh="硬双曲正切",
    pytorch=(
        "torch.nn.Hardtanh",
        "torch.nn.functional.hardtanh",
        "torch.nn.functional.hardtanh_",
    ),
    keras=("keras.activations.hard_tanh",),
    calls="""
F.hardtanh(x) | keras.activations.hard_tanh(x)  # the gradient at ±1 is 0 in PyTorch, 1 in Keras
F.hardtanh(x, -2.0, 3.0) | keras.ops.clip(x, -2.0, 3.0)
    # `keras.activations.hard_tanh` has no arguments for other bounds
nn.Hardtanh() | keras.layers.Activation("hard_tanh")
""",
    behaviour={
        "hard-tanh-bounds-pt": "`F.hardtanh` accepts other bounds, and integers",
        "hard-tanh-bounds-tf": "Keras's `hard_tanh` has fixed bounds, and integers raise an error",
        "kinks-tf": "Hardtanh's gradient at ±1 is 0 in PyTorch, and 1 in Keras",
        "weight-at-one-pt": "a weight at exactly 1 never moves in PyTorch, and learns in Keras",
    },
    exercises=(
        elementwise(
            "hard_tanh",
            hard_tanh,
            "F.hardtanh(x)",
            "keras.activations.hard_tanh(x)",
            mistakes(HARD_TANH_MISTAKES, globals()),
            kinks=(-1.0, 0.0, 1.0),
        ),
    ),
)


def softsign(x):
    return x / (1 + abs(x))


NO_ONE = "only the sign is left, as in x/|x|: the divisor is 1 + |x|"

SOFTSIGN_MISTAKES = """
x / (1 + x)                                     # the divisor is 1 + x, which is 0 at −1: take the
                                                # absolute value
x / (1 + x ** 2)                                # the divisor is 1 + x², so large numbers go to 0:
                                                # take 1 + |x|
x / sqrt(1 + x ** 2)                            # the divisor is √(1 + x²), which reaches the ends
                                                # sooner: take 1 + |x|
x + abs(x)                                      # BRACKETS
1 / (1 + abs(x))                                # 1 is divided: divide x
x / (1 - abs(x))                                # the divisor is 1 − |x|, which is 0 at ±1: add |x|,
                                                # do not subtract it
x / abs(x)
sign(x)                                         # NO_ONE
for norm in (1, 2, inf): x / (1 + linalg.norm(ravel(x), norm))  # the divisor is made of all numbers
                                                # together: divide each number by 1 plus its own |x|
slope: where(x == 0, 0, 1 / (1 + abs(x)) ** 2)  # at 0 the gradient is 0, as those of |x| and
                                                # sign(x) are: divide x itself, so that it is 1
slope: where(x == 0, nan, 1 / (1 + abs(x)) ** 2)  # at 0 the gradient is NaN, as when |x| is written
                                                # as √(x²), whose slope is infinite there: use abs
gradient: (upstream_gradient / (1 + abs(x)),)   # no gradient comes through the divisor: it depends
                                                # on x, too
abs(softsign(x))                                # negative numbers come out positive: take the
                                                # absolute value in the divisor only
1 / (1 + abs(x)) ** 2                           # this is the derivative of softsign: return x
                                                # divided by 1 + |x|
x / (2 + abs(x))                                # the divisor is 2 + |x|: take 1 + |x|
x / (1 + maximum(0, x))                         # negative numbers are divided by 1: take |x| in the
                                                # divisor, not ReLU
x / (1 + exp(x))                                # the divisor is 1 + e^x: take 1 + |x|
for end in (-1, 1): slope: where(x == end, nan, 1 / (1 + abs(x)) ** 2)
                                                # at ±1 the gradient is NaN, as when where chooses
                                                # between x/(1 + x) and x/(1 − x), one of which is
                                                # divided by 0 there: take |x|
slope: where(abs(x) == 1, nan, 1 / (1 + abs(x)) ** 2)
                                                # at ±1 the gradient is NaN, as when where chooses
                                                # between x/(1 + x) and x/(1 − x), one of which is
                                                # divided by 0 there: take |x|
"""

SOFTSIGN = component(
    "softsign",
    name="Softsign",
    zh="软符号函数",
    pytorch=("torch.nn.Softsign", "torch.nn.functional.softsign"),
    keras=("keras.activations.softsign",),
    tensorflow=("tf.nn.softsign",),
    calls="""
F.softsign(x) | tf.nn.softsign(x)
nn.Sequential(nn.Linear(3, 2), nn.Softsign()) | keras.layers.Dense(2, activation="softsign")
nn.Softsign() | keras.layers.Activation("softsign")
""",
    behaviour={
        "softsign-infinity-tf": "at infinity Softsign's gradient is NaN in PyTorch, and 0 in "
        "TensorFlow",
        "way-back": "a weight at −10 reaches its target with Softsign, and never moves with Tanh",
    },
    exercises=(
        elementwise(
            "softsign",
            softsign,
            "F.softsign(x)",
            "tf.nn.softsign(x)",
            mistakes(SOFTSIGN_MISTAKES, globals()),
            kinks=(-1.0, 0.0, 1.0),
        ),
    ),
)

COMPONENTS = (SIGMOID, LOG_SIGMOID, HARD_SIGMOID, SPARSE_SIGMOID, TANH, HARD_TANH, SOFTSIGN)
