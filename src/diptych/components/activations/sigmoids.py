"""Sigmoids: Sigmoid, LogSigmoid, Hard sigmoid, Sparse sigmoid, Tanh, Hardtanh and Softsign."""

import numpy as np

from diptych.catalogue.cases import elementwise
from diptych.catalogue.component import Behaviour, Component

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


SIGMOID = Component(
    id="sigmoid",
    name="Sigmoid",
    zh="S 型函数",
    kind="activation",
    status="paired",
    pytorch=("torch.nn.Sigmoid", "torch.nn.functional.sigmoid"),
    keras=("keras.activations.sigmoid",),
    tensorflow=("tf.nn.sigmoid",),
    behaviour=(
        Behaviour("torch converts whole numbers; TensorFlow refuses them", "sigmoid-integers-tf"),
        Behaviour("keras's remembers its input, and the loss uses it", "sigmoid-memory-tf"),
        Behaviour("ten layers leave nearly nothing of a gradient", "vanishing"),
    ),
    exercises=(
        elementwise(
            "sigmoid",
            sigmoid,
            "torch.sigmoid(x)",
            "tf.nn.sigmoid(x)",
            (
                ("mirrored", MIRRORED, lambda x: sigmoid(-x)),
                ("mirrored_ratio", MIRRORED, lambda x: np.exp(-x) / (1 + np.exp(-x))),
                *(
                    (
                        f"{factor}_times_as_steep",
                        "it is too steep: a sigmoid is (1 + tanh(x/2))/2, with half of x",
                        lambda x, factor=factor: sigmoid(factor * x),
                    )
                    for factor in (2, 4)
                ),
                *(
                    (
                        f"tanh_of_x_over_{divisor}",
                        "this goes from −1 to 1, as tanh does: a sigmoid goes from 0 to 1",
                        lambda x, divisor=divisor: np.tanh(x / divisor),
                    )
                    for divisor in (1, 2)
                ),
                (
                    "sign_forgotten",
                    "x and −x come out alike: |x| forgets the sign",
                    lambda x: sigmoid(abs(x)),
                ),
                (
                    "minus",
                    "the divisor is 1 − exp(−x), which is 0 at 0: its sign is plus",
                    lambda x: 1 / (1 - np.exp(-x)),
                ),
                ("no_brackets", BRACKETS, lambda x: 1 + np.exp(-x)),
                (
                    "other_base",
                    "the power is one of 2: take exp, whose base is e",
                    lambda x: sigmoid(np.log(2) * x),
                ),
                (
                    "softmax",
                    "this is a softmax, which compares the numbers: here each stands on its own",
                    lambda x: np.exp(
                        x - np.logaddexp.reduce(np.atleast_1d(x), -1, keepdims=x.ndim)
                    ),
                ),
                ("infinite_ratio", OVERFLOW, lambda x: np.exp(x) / (1 + np.exp(x))),
                (
                    "infinite_gradient",
                    "values are right, but far below 0 the gradient is NaN: exp(−x) is infinite "
                    "there, and ∞ times 0 is no number; let only bounded numbers into exp",
                    None,
                    lambda c, x: (c * np.where(x < -88, np.nan, sigmoid_slope(x)),),
                ),
                (
                    "both_branches",
                    BRANCHES,
                    None,
                    lambda c, x: (c * np.where(abs(x) > 88, np.nan, sigmoid_slope(x)),),
                ),
                (
                    "flat_at_zero",
                    "at 0 the gradient is 0, where a sigmoid is steepest: |x| has no slope there",
                    None,
                    lambda c, x: (c * np.where(x == 0, 0, sigmoid_slope(x)),),
                ),
            ),
            allow=("tanh", "Tanh"),
            forbid=("expit", "sigmoid_"),
        ),
    ),
)

BENDS = "at 0 the gradient is not ½: min(0, x) and |x| bend there, and what they make of it adds up"
ADDED = "a small number keeps the log finite: far below 0 the answer stops there, not at x"
STOPPED = "the input is bounded, and so is the answer: far below 0 it must go on, as x does"

LOG_SIGMOID = Component(
    id="log_sigmoid",
    name="Log-sigmoid",
    zh="对数 S 型函数",
    kind="activation",
    status="paired",
    pytorch=("torch.nn.LogSigmoid", "torch.nn.functional.logsigmoid"),
    keras=("keras.activations.log_sigmoid",),
    tensorflow=("tf.math.log_sigmoid",),
    behaviour=(
        Behaviour("written as log(sigmoid(x)) it is −∞ from about −90 on", "underflow-tf"),
        Behaviour("and its gradient there is NaN, where 1 is right", "underflow-gradient-tf"),
        Behaviour("by hand, gradient at 0: ½ in torch, 1 in TensorFlow", "log-sigmoid-at-zero-tf"),
    ),
    exercises=(
        elementwise(
            "log_sigmoid",
            log_sigmoid,
            "F.logsigmoid(x)",
            "tf.math.log_sigmoid(x)",
            (
                (
                    "in_two_steps",
                    "far below 0 exp(−x) is infinite in float32, the sigmoid 0, and its log −∞: "
                    "work the formula out before you write it",
                    lambda x: np.log(1 / (1 + np.exp(-x))),
                ),
                (
                    "positive",
                    "the sign is wrong: the log of a probability is negative",
                    lambda x: -log_sigmoid(x),
                ),
                ("mirrored", MIRRORED, lambda x: log_sigmoid(-x)),
                ("mirrored_in_two_steps", MIRRORED, lambda x: -np.log(1 + np.exp(x))),
                (
                    "softplus",
                    "this is softplus(x): the log-sigmoid is −softplus(−x), with both signs",
                    lambda x: np.logaddexp(0, x),
                ),
                (
                    "both_branches",
                    BRANCHES,
                    None,
                    lambda c, x: (c * np.where(x < -88, np.nan, sigmoid(-x)),),
                ),
                *(
                    (f"stopped_at_{end}", STOPPED, lambda x, e=end: log_sigmoid(np.maximum(x, -e)))
                    for end in (15, 20, 30, 50, 80, 87, 88)
                ),
                *(
                    (
                        f"slope_{at_zero}_at_zero",
                        BENDS,
                        None,
                        lambda c, x, g=at_zero: (c * np.where(x == 0, g, sigmoid(-x)),),
                    )
                    for at_zero in (0, 1)
                ),
                ("no_log", "this is the sigmoid itself: the log is missing", sigmoid),
                *(
                    (f"added_{tiny}", ADDED, lambda x, tiny=tiny: np.log(sigmoid(x) + tiny))
                    for tiny in (1e-5, 1e-6, 2**-23, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)
                ),
            ),
            allow=("sigmoid", "Sigmoid"),
        ),
    ),
)


def hard_sigmoid(x):
    return np.clip(x / 6 + 0.5, 0, 1)


def sparse_sigmoid(x):
    return np.clip((x + 1) / 2, 0, 1)


HARD_SIGMOID = Component(
    id="hard_sigmoid",
    name="Hard sigmoid",
    zh="硬 S 型函数",
    kind="activation",
    status="paired",
    pytorch=("torch.nn.Hardsigmoid", "torch.nn.functional.hardsigmoid"),
    keras=("keras.activations.hard_sigmoid",),
    behaviour=(Behaviour("a gate that opens wholly forgets nothing", "open-gate"),),
    exercises=(
        elementwise(
            "hard_sigmoid",
            hard_sigmoid,
            "F.hardsigmoid(x)",
            "keras.activations.hard_sigmoid(x)",
            (
                (
                    "old_slope",
                    "the slope is 0.2, as in Keras before version 3: it is 1/6 today",
                    lambda x: np.clip(0.2 * x + 0.5, 0, 1),
                ),
                ("sparse", "the slope is ½: that is the sparse sigmoid's", sparse_sigmoid),
                ("not_shifted", CENTRED, lambda x: np.clip(x, 0, 6) / 6),
                ("centred", CENTRED, lambda x: np.clip(x, -3, 3) / 6),
                ("shifted_late", CENTRED, lambda x: np.clip(x / 6, 0, 1) + 0.5),
                (
                    "slope_one",
                    "the slope is 1: divide x by 6, not the 3 alone",
                    lambda x: np.clip(x + 0.5, 0, 1),
                ),
                (
                    "slope_of_sigmoid",
                    "the slope is ¼, which a sigmoid has at 0: here it is 1/6",
                    lambda x: np.clip(x / 4 + 0.5, 0, 1),
                ),
                ("dropped", DROPPED, lambda x: np.where(abs(x) < 3, x / 6 + 0.5, 0)),
                (
                    "not_divided",
                    "this goes from 0 to 6: divide by 6",
                    lambda x: np.clip(x + 3, 0, 6),
                ),
                (
                    "floor_below_zero",
                    "negative numbers come out, down to −1: the lower end is 0",
                    lambda x: np.clip(x / 6 + 0.5, -1, 1),
                ),
                ("no_floor", NO_FLOOR, lambda x: np.minimum(x / 6 + 0.5, 1)),
                ("no_lid", NO_LID, lambda x: np.maximum(x / 6 + 0.5, 0)),
                ("unbounded", UNBOUNDED, lambda x: x / 6 + 0.5),
            ),
            kinks=(-3.0, 0.0, 3.0),
        ),
    ),
)

SLOPE_ONE = "the slope is 1: the line climbs from 0 at −1 to 1 at 1, a slope of ½"

SPARSE_SIGMOID = Component(
    id="sparse_sigmoid",
    name="Sparse sigmoid",
    zh="稀疏 S 型函数",
    kind="activation",
    status="bridged",
    keras=("keras.activations.sparse_sigmoid",),
    behaviour=(Behaviour("torch has none: the chapter builds one", "sparse-bridge-pt"),),
    exercises=(
        elementwise(
            "sparse_sigmoid",
            sparse_sigmoid,
            "(1 + F.hardtanh(x)) / 2",
            "keras.activations.sparse_sigmoid(x)",
            (
                (
                    "hard",
                    "the slope is 1/6: that is the hard sigmoid's, here it is ½",
                    hard_sigmoid,
                ),
                (
                    "hard_tanh",
                    "this goes from −1 to 1: shift it and halve it, so that it goes from 0 to 1",
                    lambda x: np.clip(x, -1, 1),
                ),
                (
                    "slope_one",
                    SLOPE_ONE,
                    lambda x: np.clip(x + 0.5, 0, 1),
                ),
                ("slope_one_from_minus_one", SLOPE_ONE, lambda x: np.clip(x + 1, 0, 1)),
                ("slope_one_from_zero", SLOPE_ONE, lambda x: np.clip(x, 0, 1)),
                ("not_shifted", CENTRED, lambda x: np.clip(x / 2, 0, 1)),
                ("centred", CENTRED, lambda x: np.clip(x, -1, 1) / 2),
                (
                    "not_halved",
                    "this goes from 0 to 2: halve it",
                    lambda x: np.clip(x + 1, 0, 2),
                ),
                ("dropped", DROPPED, lambda x: np.where(abs(x) < 1, (x + 1) / 2, 0)),
                (
                    "floor_below_zero",
                    "negative numbers come out, down to −1: the lower end is 0",
                    lambda x: np.clip((x + 1) / 2, -1, 1),
                ),
                ("no_floor", NO_FLOOR, lambda x: np.minimum((x + 1) / 2, 1)),
                ("no_lid", NO_LID, lambda x: np.maximum((x + 1) / 2, 0)),
                ("unbounded", UNBOUNDED, lambda x: (x + 1) / 2),
            ),
            kinks=(-1.0, 0.0, 1.0),
        ),
    ),
)


def tanh_slope(x):
    return 1 - np.tanh(x) ** 2


TANH = Component(
    id="tanh",
    name="Tanh",
    zh="双曲正切",
    kind="activation",
    status="paired",
    pytorch=("torch.nn.Tanh", "torch.nn.functional.tanh"),
    keras=("keras.activations.tanh",),
    tensorflow=("tf.nn.tanh",),
    behaviour=(
        Behaviour("torch and keras convert whole numbers; tf.nn refuses them", "tanh-integers-tf"),
        Behaviour("its slope of 1 at 0 carries a gradient through ten layers", "ten-layers"),
    ),
    exercises=(
        elementwise(
            "tanh",
            np.tanh,
            "torch.tanh(x)",
            "tf.nn.tanh(x)",
            (
                (
                    "half_as_steep",
                    "it is half as steep: tanh(x) is 2σ(2x) − 1, with twice x",
                    lambda x: np.tanh(x / 2),
                ),
                (
                    "not_shifted",
                    "this goes from 0 to 2: subtract 1",
                    lambda x: np.tanh(x) + 1,
                ),
                *(
                    (
                        f"sigmoid_of_{factor}_x",
                        "this goes from 0 to 1, as a sigmoid does: tanh(x) is 2σ(2x) − 1",
                        lambda x, factor=factor: sigmoid(factor * x),
                    )
                    for factor in (1, 2)
                ),
                (
                    "straight",
                    "this is a straight line that is clipped, Hardtanh: tanh is a curve",
                    lambda x: np.clip(x, -1, 1),
                ),
                (
                    "upside_down",
                    "the quotient is upside down: the difference is divided by the sum",
                    lambda x: (np.exp(x) + np.exp(-x)) / (np.exp(x) - np.exp(-x)),
                ),
                (
                    "infinite_sum",
                    OVERFLOW,
                    lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
                ),
                (
                    "infinite_above",
                    OVERFLOW,
                    lambda x: (np.exp(2 * x) - 1) / (np.exp(2 * x) + 1),
                ),
                (
                    "infinite_below",
                    OVERFLOW,
                    lambda x: (1 - np.exp(-2 * x)) / (1 + np.exp(-2 * x)),
                ),
                *(
                    (
                        f"infinite_gradient_{where}",
                        "values are right, but far from 0 the gradient is NaN: exp is infinite "
                        "there, and ∞ times 0 is no number; let only bounded numbers into exp",
                        None,
                        lambda c, x, far=far: (c * np.where(far(x), np.nan, tanh_slope(x)),),
                    )
                    for where, far in {
                        "below": lambda x: x < -44,
                        "above": lambda x: x > 44,
                        "both": lambda x: abs(x) > 44,
                    }.items()
                ),
                (
                    "flat_at_zero",
                    "at 0 the gradient is 0, where tanh is steepest, 1: |x| and sign(x) have no "
                    "slope there",
                    None,
                    lambda c, x: (c * np.where(x == 0, 0, tanh_slope(x)),),
                ),
            ),
            allow=("sigmoid", "Sigmoid"),
            forbid=("tanh_",),
        ),
    ),
)


def hard_tanh(x):
    return np.clip(x, -1, 1)


SIGN = "only the sign is left: between −1 and 1 numbers stay"

HARD_TANH = Component(
    id="hard_tanh",
    name="Hard tanh",
    zh="硬双曲正切",
    kind="activation",
    status="paired",
    pytorch=(
        "torch.nn.Hardtanh",
        "torch.nn.functional.hardtanh",
        "torch.nn.functional.hardtanh_",
    ),
    keras=("keras.activations.hard_tanh",),
    behaviour=(
        Behaviour("torch takes other bounds and keeps whole numbers", "hard-tanh-bounds-pt"),
        Behaviour("keras's bounds are fixed, whole numbers refused", "hard-tanh-bounds-tf"),
        Behaviour("gradient at ±1: 0 in torch, 1 in Keras", "kinks-tf"),
        Behaviour("a weight at 1 never moves in torch, and learns in Keras", "weight-at-one-pt"),
    ),
    exercises=(
        elementwise(
            "hard_tanh",
            hard_tanh,
            "F.hardtanh(x)",
            "keras.activations.hard_tanh(x)",
            (
                (
                    "zero_to_one",
                    "negative numbers become 0: the lower end is −1",
                    lambda x: np.clip(x, 0, 1),
                ),
                (
                    "dropped",
                    "numbers beyond ±1 become 0: they stop at the end that they passed",
                    lambda x: np.where(abs(x) <= 1, x, 0),
                ),
                ("sign", SIGN, np.sign),
                ("sign_without_zero", SIGN, lambda x: np.where(x > 0, 1, -1.0)),
                ("no_floor", NO_FLOOR, lambda x: np.minimum(x, 1)),
                ("no_lid", NO_LID, lambda x: np.maximum(x, -1)),
                (
                    "one_end",
                    "numbers below −1 become 1: they stop at −1",
                    lambda x: np.where(abs(x) > 1, 1, x),
                ),
                (
                    "absolute",
                    "negative numbers come out positive: they keep their sign",
                    lambda x: abs(hard_tanh(x)),
                ),
                (
                    "sparse",
                    "this goes from 0 to 1, as the sparse sigmoid does: Hardtanh starts at −1",
                    sparse_sigmoid,
                ),
                *(
                    (
                        f"flat_at_zero_{at_ends}_at_the_ends",
                        "at 0 the gradient is 0, where it must be 1: |x| and sign(x) have no slope "
                        "there",
                        None,
                        lambda c, x, g=at_ends: (
                            c * np.where(x == 0, 0, np.where(abs(x) == 1, g, abs(x) < 1)),
                        ),
                    )
                    for at_ends in (0, 0.5, 1)
                ),
                (
                    "straight_through",
                    "beyond ±1 the output is flat, so its gradient is 0: here it passes",
                    None,
                    lambda c, x: (c,),
                ),
            ),
            kinks=(-1.0, 0.0, 1.0),
        ),
    ),
)


def softsign(x):
    return x / (1 + abs(x))


NO_ONE = "only the sign is left: the divisor is 1 + |x|, not |x|"

SOFTSIGN = Component(
    id="softsign",
    name="Softsign",
    zh="软符号函数",
    kind="activation",
    status="paired",
    pytorch=("torch.nn.Softsign", "torch.nn.functional.softsign"),
    keras=("keras.activations.softsign",),
    tensorflow=("tf.nn.softsign",),
    behaviour=(
        Behaviour("gradient at infinity: NaN in torch, 0 in TensorFlow", "softsign-infinity-tf"),
        Behaviour("from −10 it comes back, where tanh stays for ever", "way-back"),
    ),
    exercises=(
        elementwise(
            "softsign",
            softsign,
            "F.softsign(x)",
            "tf.nn.softsign(x)",
            (
                (
                    "no_absolute",
                    "the divisor is 1 + x, which is 0 at −1: take the absolute value",
                    lambda x: x / (1 + x),
                ),
                (
                    "squared",
                    "x is squared in the divisor, so that large numbers go to 0: take |x|",
                    lambda x: x / (1 + x**2),
                ),
                (
                    "root",
                    "the divisor is √(1 + x²), whose tails are shorter: take 1 + |x|",
                    lambda x: x / np.sqrt(1 + x**2),
                ),
                ("no_brackets", BRACKETS, lambda x: x + abs(x)),
                (
                    "one_above",
                    "1 is divided: x belongs above",
                    lambda x: 1 / (1 + abs(x)),
                ),
                (
                    "minus",
                    "the divisor is 1 − |x|, which is 0 at ±1: its sign is plus",
                    lambda x: x / (1 - abs(x)),
                ),
                ("no_one", NO_ONE, lambda x: x / abs(x)),
                ("sign", NO_ONE, np.sign),
                *(
                    (
                        f"size_of_all_{norm}",
                        "the divisor holds the size of all numbers: each is divided by its own",
                        lambda x, norm=norm: x / (1 + np.linalg.norm(np.ravel(x), norm)),
                    )
                    for norm in (1, 2, np.inf)
                ),
                (
                    "flat_at_zero",
                    "at 0 the gradient is 0, where softsign is steepest, 1: |x| and sign(x) have "
                    "no slope there, so x itself must stand above",
                    None,
                    lambda c, x: (c * np.where(x == 0, 0, 1 / (1 + abs(x)) ** 2),),
                ),
                (
                    "root_of_square",
                    "at 0 the gradient is NaN: a root is infinitely steep there; take |x| from abs",
                    None,
                    lambda c, x: (c * np.where(x == 0, np.nan, 1 / (1 + abs(x)) ** 2),),
                ),
                (
                    "divisor_held",
                    "no gradient comes through the divisor: it depends on x, too",
                    None,
                    lambda c, x: (c / (1 + abs(x)),),
                ),
                (
                    "even",
                    "negative numbers come out positive: the absolute value belongs below only",
                    lambda x: abs(softsign(x)),
                ),
            ),
        ),
    ),
)

COMPONENTS = (SIGMOID, LOG_SIGMOID, HARD_SIGMOID, SPARSE_SIGMOID, TANH, HARD_TANH, SOFTSIGN)
