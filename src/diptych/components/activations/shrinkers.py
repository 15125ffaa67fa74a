"""Shrinkers: Hard shrink, Soft shrink, Tanh shrink and Sparse plus."""

import numpy as np

from diptych.catalogue.cases import elementwise, elementwise_hidden, elementwise_visible
from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

FIXED = "the threshold is 0.5 whatever is asked for: use the argument"


def shrinker(answer, oracle, in_torch, in_keras, mistakes_made):
    """The exercise of a shrinker with a threshold; ``mistakes_made`` are its wrong answers."""
    fixed = mistakes("oracle(x, 0.5)  # FIXED", globals(), "x, threshold", oracle=oracle)
    return elementwise(
        answer,
        oracle,
        f"{in_torch}(x, threshold)",
        f"{in_keras}(x, threshold)",
        mistakes(mistakes_made, globals(), "x, threshold") + fixed,
        argument=("threshold", 1.25, 0.7, 2.5),
        numbers=(-4.0, -1.5, -0.7, 0.3, 1.6, 6.0),
        kinks=(-1.25, 0.0, 1.25),
    )


def hard_shrink(x, threshold):
    return np.where(abs(x) > threshold, x, 0)


def soft_shrink(x, threshold):
    return np.sign(x) * np.maximum(abs(x) - threshold, 0)


ONE_SIDE = "all negative numbers become 0: those below −threshold pass, too"
UNCHANGED = "small numbers come out as they are: from −threshold to threshold all become 0"

HARD_SHRINK_MISTAKES = """
soft_shrink(x, threshold)                   # what passes has lost the threshold: that is soft
                                            # shrink, here it stays
where(x > threshold, x, 0)
where(x >= threshold, x, 0)                 # ONE_SIDE
where(abs(x) >= threshold, x, 0)            # a number exactly at the threshold passes: it must
                                            # become 0, so ask for more
where(abs(x) < threshold, x, 0)
where(abs(x) <= threshold, x, 0)            # the small numbers pass and the large ones become 0:
                                            # turn it round
clip(x, -threshold, threshold)              # this clips at ±threshold: large numbers stay as they
                                            # are, small ones become 0
where(abs(x) > threshold, x, threshold)     # small numbers become the threshold: they become 0
sign(x) * maximum(abs(x), threshold)        # small numbers are pushed out to ±threshold: they
                                            # become 0
where(abs(x) > threshold, 1, 0)             # this is 1 where a number passes: the number itself
                                            # stays there
where(abs(x) > threshold, sign(x), 0)       # only the sign is left of what passes: the number
                                            # itself stays there
where(abs(x) > threshold, abs(x), 0)        # negative numbers come out positive: |x| belongs in the
                                            # comparison alone
x
where((x > threshold) | (x < threshold), x, 0)  # UNCHANGED
gradient: (upstream_gradient,)              # where the output is 0 the gradient must be 0, too:
                                            # here it passes
"""

HARD_SHRINK = component(
    "hard_shrink",
    name="Hard shrink",
    zh="硬收缩函数",
    pytorch=("torch.nn.Hardshrink", "torch.nn.functional.hardshrink"),
    keras=("keras.activations.hard_shrink",),
    behaviour={
        "hard-shrink-nan-tf": "NaN passes in torch and becomes 0 in Keras",
        "hard-shrink-integers-tf": "whole numbers are refused by both",
        "denoised-tf": "it keeps a signal's heights, which soft shrink lowers",
    },
    exercises=(
        shrinker(
            "hard_shrink",
            hard_shrink,
            "F.hardshrink",
            "keras.activations.hard_shrink",
            HARD_SHRINK_MISTAKES,
        ),
    ),
)

DIVIDED = "at 0 there is NaN: dividing by |x| is 0/0 there, in the value or in the gradient"

SOFT_SHRINK_MISTAKES = """
hard_shrink(x, threshold)                   # what passes keeps its size: that is hard shrink, here
                                            # it loses the threshold
maximum(x - threshold, 0)                   # ONE_SIDE
maximum(abs(x) - threshold, 0)              # negative numbers come out positive: give them their
                                            # sign back
where(abs(x) > threshold, x - threshold, 0)  # negative numbers move away from 0: add the threshold
                                            # to those
where(abs(x) > threshold, x + sign(x) * threshold, 0)  # numbers move away from 0: the threshold
                                            # makes them smaller, not larger
x - sign(x) * threshold                     # small numbers come out on the other side of 0: there
                                            # they must stop
x - threshold                               # every number loses the threshold: negative ones gain
                                            # it, small ones become 0
where(x > threshold, x - threshold, where(x < threshold, x + threshold, 0))
                                            # small numbers grow: only what is below −threshold
                                            # gains it, mind the minus
clip(x, -threshold, threshold)              # this is what soft shrink takes away: subtract it from
                                            # x
where(abs(x) > threshold, x - sign(x) * threshold, x)  # UNCHANGED
x                                           # nothing shrinks: numbers come out as they went in
x / abs(x) * maximum(abs(x) - threshold, 0)
gradient: (where(x == 0, nan, upstream_gradient * (abs(x) > threshold)),)  # DIVIDED
"""

SOFT_SHRINK = component(
    "soft_shrink",
    name="Soft shrink",
    zh="软收缩函数",
    pytorch=("torch.nn.Softshrink", "torch.nn.functional.softshrink"),
    keras=("keras.activations.soft_shrink",),
    behaviour={
        "soft-shrink-layer-tf": "a module takes the threshold; Keras has no such layer",
        "soft-shrink-negative-tf": "a negative threshold: torch refuses, Keras computes",
        "soft-shrink-learned-pt": "torch takes no threshold that is learned; Keras does",
        "ista": "two products and a soft shrink a round find a sparse vector",
        "kinks-pt": "written as x minus its clip: gradient 1 or 0 at the threshold",
    },
    exercises=(
        shrinker(
            "soft_shrink",
            soft_shrink,
            "F.softshrink",
            "keras.activations.soft_shrink",
            SOFT_SHRINK_MISTAKES,
        ),
    ),
)


def tanh_shrink(x):
    return x - np.tanh(x)


OVERFLOW = "e to the power of a large number is infinite, and ∞/∞ is NaN: take the framework's tanh"

LOST = (
    "near 0 the value is wrong: x and tanh(x) have nearly all digits in common, and float32 has "
    "only seven; subtract in float64, or take the series, x³/3 and so on"
)
FLAT = (
    "values are right, but near 0 the gradient is not tanh(x)², about x²: 1 − (1 − tanh(x)²) in "
    "float32 loses it, also where x is converted twice, so that two gradients meet in float32"
)
SERIES = "the series x³/3 holds near 0 only: further out it is x − tanh(x)"


def judge_small(case, first, second, derivative):
    """Judge small inputs relatively, to 1 % and a little: a tolerance for all sizes would not."""
    x = np.float32(case.inputs[0]).astype(float)
    wrong = ~np.isclose(first, tanh_shrink(x), rtol=0.012, atol=0)
    if wrong.any():
        return LOST if wrong[abs(x) < 0.05].any() else SERIES
    if derivative is None or not np.allclose(derivative, np.tanh(x) ** 2, rtol=0.012, atol=0):
        return "gradients", FLAT
    return None


def with_small(cases, sizes):
    small = np.outer([-1, 1], sizes).ravel()
    return (*cases, Case((small,), judge=judge_small))


SMALL_MISTAKES = """
x - float32(tanh(x))
where(abs(x) < 0.01, 0, tanh_shrink(x))
where(abs(x) < 0.1, x**3 / 6, tanh_shrink(x))  # LOST
x**3 / 3                                       # SERIES
slope: where(abs(x) < 0.002, 0, tanh(x) ** 2)  # FLAT
"""

SMALL_EXERCISE = Exercise(
    answer="tanh_shrink_small",
    oracle=tanh_shrink,
    visible=with_small(
        elementwise_visible((-4.0, -1.5, -0.4, 0.3, 1.6, 6.0)), [1e-4, 1e-3, 0.01, 0.1, 0.2]
    ),
    hidden=lambda rng: with_small(
        elementwise_hidden()(rng), rng.uniform(1, 2, 4) * [1e-5, 1e-4, 5e-4, 0.02]
    ),
    # The frameworks' own functions lose the digits that the exercise asks for.
    reference={},
    misconceptions=mistakes(SMALL_MISTAKES, globals()),
)

INFINITE_GRADIENT = (
    "values are right, but far from 0 the gradient is NaN: e to the power of a large number is "
    "infinite there; take the framework's tanh"
)
TANH_SHRINK_MISTAKES = """
tanh(x) - x                                  # every sign is wrong: it is x minus tanh(x), not
                                             # tanh(x) minus x
tanh(x)                                      # this is tanh: subtract it from x
x + tanh(x)                                  # tanh(x) is added: subtract it
x * tanh(x)                                  # this multiplies by tanh(x), and no output is
                                             # negative: subtract it
x - 1 / (1 + exp(-maximum(x, -500)))         # 0 does not stay 0: a sigmoid is subtracted, where
                                             # tanh belongs
x - (exp(x) - exp(-x)) / (exp(x) + exp(-x))
x - (exp(2 * x) - 1) / (exp(2 * x) + 1)
x - (1 - exp(-2 * x)) / (1 + exp(-2 * x))    # OVERFLOW
for side in (-1, 1): slope: where(side * x > 44, nan, tanh(x) ** 2)  # INFINITE_GRADIENT
gradient: (upstream_gradient,)               # the gradient is 1 everywhere: tanh(x) has been cut
                                             # out of the graph
"""

TANH_SHRINK = component(
    "tanh_shrink",
    name="Tanh shrink",
    zh="双曲正切收缩函数",
    pytorch=("torch.nn.Tanhshrink", "torch.nn.functional.tanhshrink"),
    keras=("keras.activations.tanh_shrink",),
    behaviour={
        "tanh-shrink-integers-tf": "torch converts whole numbers; Keras refuses them",
        "tanh-shrink-digits-tf": "from 0.001 down float32 is more than 1 % off",
        "tanh-shrink-flat-tf": "and at 0.0001 the gradient is exactly 0",
    },
    exercises=(
        elementwise(
            "tanh_shrink",
            tanh_shrink,
            "F.tanhshrink(x)",
            "keras.activations.tanh_shrink(x)",
            mistakes(TANH_SHRINK_MISTAKES, globals()),
        ),
        SMALL_EXERCISE,
    ),
)


def sparse_plus(x):
    return np.where(x <= -1, 0, np.where(x < 1, (x + 1) ** 2 / 4, x))


def sparse_plus_slope(x):
    return np.clip((x + 1) / 2, 0, 1)


SEAM = (
    "values are right, but at exactly 1 the gradient is not 1: the pieces meet there, and what "
    "each makes of its end adds up; choose between them with where, or add relu(x − 1) to the "
    "parabola of a clamped x"
)

SPARSE_PLUS_MISTAKES = """
maximum(0, x)                                    # this is ReLU: between −1 and 1 a parabola rounds
                                                 # the corner
logaddexp(0, x)                                  # this is softplus, which is never 0: the parabola
                                                 # is exactly 0 from −1 down
sparse_plus_slope(x)                             # this is the sparse sigmoid, the slope of what is
                                                 # asked for
where(x <= -1, 0, where(x < 1, (x + 1) ** 2, x))  # the curve jumps at 1: the parabola is divided by
                                                 # 4
where(x <= -1, 0, where(x < 1, (x + 1) ** 2 / 2, x))  # the curve jumps at 1: the parabola is
                                                 # divided by 4, not by 2
maximum(0, x + 1) ** 2 / 4                       # the parabola goes on above 1: from there on it is
                                                 # x itself
where(x < 1, (x + 1) ** 2 / 4, x)                # the parabola comes up again below −1: there it is
                                                 # 0
(x + 1) ** 2 / 4                                 # this is the parabola alone: below −1 it is 0,
                                                 # above 1 it is x itself
where(x <= -1, 0, where(x < 1, x**2 / 4, x))     # the parabola starts at 0: it starts at −1, so add
                                                 # 1 before you square
where(x <= 0, 0, sparse_plus(x))                 # numbers from −1 to 0 become 0: the parabola
                                                 # starts at −1
where(x <= -1, 0, where(x < 1, (x + 1) / 2, x))  # between −1 and 1 this is a straight line: square
                                                 # (x + 1)/2
sparse_plus(minimum(x, 1))                       # above 1 it stays at 1: from there on it is x
                                                 # itself
for at_one in (0, 0.5, 1.5, 2): slope: where(x == 1, at_one, sparse_plus_slope(x))  # SEAM
"""

SPARSE_PLUS = component(
    "sparse_plus",
    name="Sparse plus",
    zh="稀疏软加函数",
    keras=("keras.activations.sparse_plus",),
    behaviour={
        "sparse-plus-bridge-pt": "torch has none: the chapter builds one",
        "sparse-plus-infinity-tf": "gradient at infinity: NaN in Keras, 1 in the bridge",
        "sparse-plus-integral": "its gradient is the sparse sigmoid",
        "let-go-tf": "as a loss it lets go of examples that are right by far",
    },
    exercises=(
        elementwise(
            "sparse_plus",
            sparse_plus,
            "torch.where(x <= -1, 0.0, torch.where(x < 1, (x + 1) ** 2 / 4, x))",
            "keras.activations.sparse_plus(x)",
            mistakes(SPARSE_PLUS_MISTAKES, globals()),
            kinks=(-1.0, 0.0, 1.0),
        ),
    ),
)

COMPONENTS = (HARD_SHRINK, SOFT_SHRINK, TANH_SHRINK, SPARSE_PLUS)
