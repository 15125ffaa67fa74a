"""Sigmoids: Sigmoid, LogSigmoid, Hard sigmoid, Sparse sigmoid, Tanh, Hardtanh and Softsign."""

import numpy as np

from diptych.catalogue.cases import elementwise
from diptych.catalogue.notation import component, mistakes

OVERFLOW = "exp of a large number is infinite, and ∞/∞ is NaN: let only bounded numbers into exp"
MIRRORED = "left and right are mirrored: look at the sign of x in exp"
BRACKETS = "brackets are missing: what follows the 1 belongs to the divisor, too"
BRANCHES = (
    "values are right, but far from 0 the gradient is NaN: where differentiates both branches, "
    "also the one that overflows and is not taken"
)
UNBOUNDED = "nothing stops at the ends: clip the line"
NO_FLOOR = "nothing stops at the lower end: clip there, too"
NO_LID = "nothing stops at the upper end: clip there, too"
DROPPED = "numbers beyond the upper end become 0: they become 1"
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
for factor in (2, 4): sigmoid(factor * x)       # it is too steep: a sigmoid is (1 + tanh(x/2))/2,
                                                # with half of x
for divisor in (1, 2): tanh(x / divisor)        # this goes from −1 to 1, as tanh does: a sigmoid
                                                # goes from 0 to 1
sigmoid(abs(x))                                 # x and −x come out alike: |x| forgets the sign
1 / (1 - exp(-x))                               # the divisor is 1 − exp(−x), which is 0 at 0: its
                                                # sign is plus
1 + exp(-x)                                     # BRACKETS
sigmoid(log(2) * x)                             # the power is one of 2: take exp, whose base is e
exp(x - logaddexp.reduce(atleast_1d(x), -1, keepdims=x.ndim))  # this is a softmax, which compares
                                                # the numbers: here each stands on its own
exp(x) / (1 + exp(x))                           # OVERFLOW
slope: where(x < -88, nan, sigmoid_slope(x))    # values are right, but far below 0 the gradient is
                                                # NaN: exp(−x) is infinite there, and ∞ times 0 is
                                                # no number; let only bounded numbers into exp
slope: where(abs(x) > 88, nan, sigmoid_slope(x))  # BRANCHES
slope: where(x == 0, 0, sigmoid_slope(x))       # at 0 the gradient is 0, where a sigmoid is
                                                # steepest: |x| has no slope there
"""

SIGMOID = component(
    "sigmoid",
    name="Sigmoid",
    zh="S 型函数",
    pytorch=("torch.nn.Sigmoid", "torch.nn.functional.sigmoid"),
    keras=("keras.activations.sigmoid",),
    tensorflow=("tf.nn.sigmoid",),
    behaviour={
        "sigmoid-integers-tf": "torch converts whole numbers; TensorFlow refuses them",
        "sigmoid-memory-tf": "keras's remembers its input, and the loss uses it",
        "vanishing": "ten layers leave nearly nothing of a gradient",
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

BENDS = "at 0 the gradient is not ½: min(0, x) and |x| bend there, and what they make of it adds up"
ADDED = "a small number keeps the log finite: far below 0 the answer stops there, not at x"
TINY = (1e-5, 1e-6, 2**-23, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)
STOPPED = "the input is bounded, and so is the answer: far below 0 it must go on, as x does"

LOG_SIGMOID_MISTAKES = """
log(1 / (1 + exp(-x)))                          # far below 0 exp(−x) is infinite in float32, the
                                                # sigmoid 0, and its log −∞: work the formula out
                                                # before you write it
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
"""

LOG_SIGMOID = component(
    "log_sigmoid",
    name="Log-sigmoid",
    zh="对数 S 型函数",
    pytorch=("torch.nn.LogSigmoid", "torch.nn.functional.logsigmoid"),
    keras=("keras.activations.log_sigmoid",),
    tensorflow=("tf.math.log_sigmoid",),
    behaviour={
        "underflow-tf": "written as log(sigmoid(x)) it is −∞ from about −90 on",
        "underflow-gradient-tf": "and its gradient there is NaN, where 1 is right",
        "log-sigmoid-at-zero-tf": "by hand, gradient at 0: ½ in torch, 1 in TensorFlow",
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
clip(0.2 * x + 0.5, 0, 1)          # the slope is 0.2, as in Keras before version 3: it is 1/6 today
sparse_sigmoid(x)                  # the slope is ½: that is the sparse sigmoid's
clip(x, 0, 6) / 6
clip(x, -3, 3) / 6
clip(x / 6, 0, 1) + 0.5            # CENTRED
clip(x + 0.5, 0, 1)                # the slope is 1: divide x by 6, not the 3 alone
clip(x / 4 + 0.5, 0, 1)            # the slope is ¼, which a sigmoid has at 0: here it is 1/6
where(abs(x) < 3, x / 6 + 0.5, 0)  # DROPPED
clip(x + 3, 0, 6)                  # this goes from 0 to 6: divide by 6
clip(x / 6 + 0.5, -1, 1)           # negative numbers come out, down to −1: the lower end is 0
minimum(x / 6 + 0.5, 1)            # NO_FLOOR
maximum(x / 6 + 0.5, 0)            # NO_LID
x / 6 + 0.5                        # UNBOUNDED
"""

HARD_SIGMOID = component(
    "hard_sigmoid",
    name="Hard sigmoid",
    zh="硬 S 型函数",
    pytorch=("torch.nn.Hardsigmoid", "torch.nn.functional.hardsigmoid"),
    keras=("keras.activations.hard_sigmoid",),
    behaviour={
        "open-gate": "a gate that opens wholly forgets nothing",
    },
    exercises=(
        elementwise(
            "hard_sigmoid",
            hard_sigmoid,
            "F.hardsigmoid(x)",
            "keras.activations.hard_sigmoid(x)",
            mistakes(
                HARD_SIGMOID_MISTAKES,
                globals(),
            ),
            kinks=(-3.0, 0.0, 3.0),
        ),
    ),
)

SLOPE_ONE = "the slope is 1: the line climbs from 0 at −1 to 1 at 1, a slope of ½"

SPARSE_SIGMOID_MISTAKES = """
hard_sigmoid(x)                    # the slope is 1/6: that is the hard sigmoid's, here it is ½
clip(x, -1, 1)                     # this goes from −1 to 1: shift it and halve it, so that it goes
                                   # from 0 to 1
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
"""

SPARSE_SIGMOID = component(
    "sparse_sigmoid",
    name="Sparse sigmoid",
    zh="稀疏 S 型函数",
    keras=("keras.activations.sparse_sigmoid",),
    behaviour={
        "sparse-bridge-pt": "torch has none: the chapter builds one",
    },
    exercises=(
        elementwise(
            "sparse_sigmoid",
            sparse_sigmoid,
            "(1 + F.hardtanh(x)) / 2",
            "keras.activations.sparse_sigmoid(x)",
            mistakes(
                SPARSE_SIGMOID_MISTAKES,
                globals(),
            ),
            kinks=(-1.0, 0.0, 1.0),
        ),
    ),
)


def tanh_slope(x):
    return 1 - np.tanh(x) ** 2


TANH_MISTAKES = """
tanh(x / 2)                                    # it is half as steep: tanh(x) is 2σ(2x) − 1, with
                                               # twice x
tanh(x) + 1                                    # this goes from 0 to 2: subtract 1
for factor in (1, 2): sigmoid(factor * x)      # this goes from 0 to 1, as a sigmoid does: tanh(x)
                                               # is 2σ(2x) − 1
clip(x, -1, 1)                                 # this is a straight line that is clipped, Hardtanh:
                                               # tanh is a curve
(exp(x) + exp(-x)) / (exp(x) - exp(-x))        # the quotient is upside down: the difference is
                                               # divided by the sum
(exp(x) - exp(-x)) / (exp(x) + exp(-x))
(exp(2 * x) - 1) / (exp(2 * x) + 1)
(1 - exp(-2 * x)) / (1 + exp(-2 * x))          # OVERFLOW
slope: where(x < -44, nan, tanh_slope(x))
slope: where(x > 44, nan, tanh_slope(x))
slope: where(abs(x) > 44, nan, tanh_slope(x))  # values are right, but far from 0 the gradient is
                                               # NaN: exp is infinite there, and ∞ times 0 is no
                                               # number; let only bounded numbers into exp
slope: where(x == 0, 0, tanh_slope(x))         # at 0 the gradient is 0, where tanh is steepest, 1:
                                               # |x| and sign(x) have no slope there
"""

TANH = component(
    "tanh",
    name="Tanh",
    zh="双曲正切",
    pytorch=("torch.nn.Tanh", "torch.nn.functional.tanh"),
    keras=("keras.activations.tanh",),
    tensorflow=("tf.nn.tanh",),
    behaviour={
        "tanh-integers-tf": "torch and keras convert whole numbers; tf.nn refuses them",
        "ten-layers": "its slope of 1 at 0 carries a gradient through ten layers",
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


SIGN = "only the sign is left: between −1 and 1 numbers stay"

HARD_TANH_MISTAKES = """
clip(x, 0, 1)                                   # negative numbers become 0: the lower end is −1
where(abs(x) <= 1, x, 0)                        # numbers beyond ±1 become 0: they stop at the end
                                                # that they passed
sign(x)
where(x > 0, 1, -1.0)                           # SIGN
minimum(x, 1)                                   # NO_FLOOR
maximum(x, -1)                                  # NO_LID
where(abs(x) > 1, 1, x)                         # numbers below −1 become 1: they stop at −1
abs(hard_tanh(x))                               # negative numbers come out positive: they keep
                                                # their sign
sparse_sigmoid(x)                               # this goes from 0 to 1, as the sparse sigmoid does:
                                                # Hardtanh starts at −1
for at_ends in (0, 0.5, 1): slope: where(x == 0, 0, where(abs(x) == 1, at_ends, abs(x) < 1))
                                                # at 0 the gradient is 0, where it must be 1: |x|
                                                # and sign(x) have no slope there
gradient: (upstream_gradient,)                  # beyond ±1 the output is flat, so its gradient is
                                                # 0: here it passes
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
    behaviour={
        "hard-tanh-bounds-pt": "torch takes other bounds and keeps whole numbers",
        "hard-tanh-bounds-tf": "keras's bounds are fixed, whole numbers refused",
        "kinks-tf": "gradient at ±1: 0 in torch, 1 in Keras",
        "weight-at-one-pt": "a weight at 1 never moves in torch, and learns in Keras",
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


NO_ONE = "only the sign is left: the divisor is 1 + |x|, not |x|"

SOFTSIGN_MISTAKES = """
x / (1 + x)                                     # the divisor is 1 + x, which is 0 at −1: take the
                                                # absolute value
x / (1 + x ** 2)                                # x is squared in the divisor, so that large numbers
                                                # go to 0: take |x|
x / sqrt(1 + x ** 2)                            # the divisor is √(1 + x²), whose tails are shorter:
                                                # take 1 + |x|
x + abs(x)                                      # BRACKETS
1 / (1 + abs(x))                                # 1 is divided: x belongs above
x / (1 - abs(x))                                # the divisor is 1 − |x|, which is 0 at ±1: its sign
                                                # is plus
x / abs(x)
sign(x)                                         # NO_ONE
for norm in (1, 2, inf): x / (1 + linalg.norm(ravel(x), norm))  # the divisor holds the size of all
                                                # numbers: each is divided by its own
slope: where(x == 0, 0, 1 / (1 + abs(x)) ** 2)  # at 0 the gradient is 0, where softsign is
                                                # steepest, 1: |x| and sign(x) have no slope there,
                                                # so x itself must stand above
slope: where(x == 0, nan, 1 / (1 + abs(x)) ** 2)  # at 0 the gradient is NaN: a root is infinitely
                                                # steep there; take |x| from abs
gradient: (upstream_gradient / (1 + abs(x)),)   # no gradient comes through the divisor: it depends
                                                # on x, too
abs(softsign(x))                                # negative numbers come out positive: the absolute
                                                # value belongs below only
"""

SOFTSIGN = component(
    "softsign",
    name="Softsign",
    zh="软符号函数",
    pytorch=("torch.nn.Softsign", "torch.nn.functional.softsign"),
    keras=("keras.activations.softsign",),
    tensorflow=("tf.nn.softsign",),
    behaviour={
        "softsign-infinity-tf": "gradient at infinity: NaN in torch, 0 in TensorFlow",
        "way-back": "from −10 it comes back, where tanh stays for ever",
    },
    exercises=(
        elementwise(
            "softsign",
            softsign,
            "F.softsign(x)",
            "tf.nn.softsign(x)",
            mistakes(SOFTSIGN_MISTAKES, globals()),
        ),
    ),
)

COMPONENTS = (SIGMOID, LOG_SIGMOID, HARD_SIGMOID, SPARSE_SIGMOID, TANH, HARD_TANH, SOFTSIGN)
