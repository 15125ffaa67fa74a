"""Shrinkers: Hard shrink, Soft shrink, Tanh shrink and Sparse plus."""

import numpy as np

from diptych.catalogue.cases import elementwise, elementwise_hidden, elementwise_visible
from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

FIXED = "the threshold is always 0.5: use the argument"


def shrinker(answer, oracle, in_torch, in_keras, mistakes_made):
    """The exercise of a shrinker with a threshold; ``mistakes_made`` are its wrong answers."""
    fixed = mistakes("oracle(x, 0.5)  # FIXED", globals(), "x, threshold", oracle=oracle)
    return elementwise(
        answer,
        oracle,
        f"{in_torch}(x, threshold)",
        f"{in_keras}(x, threshold)",
        mistakes(mistakes_made, globals(), "x, threshold") + fixed,
        argument=("threshold", (1.25, 0.4), ((1.1, 2.5), (0.1, 0.45))),
        numbers=(-4.0, -1.5, -0.7, 0.3, 1.6, 6.0),
        kinks=(-1.25, 0.0, 1.25),
    )


def hard_shrink(x, threshold):
    return np.where(abs(x) > threshold, x, 0)


def soft_shrink(x, threshold):
    return np.sign(x) * np.maximum(abs(x) - threshold, 0)


ONE_SIDE = "all negative numbers become 0: those below −threshold must not"
UNCHANGED = "small numbers come out as they are: from −threshold to threshold all must become 0"

HARD_SHRINK_MISTAKES = """
soft_shrink(x, threshold)                    # numbers that pass lose the threshold, as in soft
                                             # shrink: they must stay as they are
where(x > threshold, x, 0)
where(x >= threshold, x, 0)                  # ONE_SIDE
where(abs(x) >= threshold, x, 0)             # a number exactly at the threshold passes: it must
                                             # become 0, so compare with >
where(abs(x) < threshold, x, 0)
where(abs(x) <= threshold, x, 0)             # small numbers pass and large ones become 0: swap the
                                             # two
clip(x, -threshold, threshold)               # this clips at ±threshold: small numbers must become
                                             # 0, and large ones stay as they are
where(abs(x) > threshold, x, threshold)      # small numbers become the threshold: they must become
                                             # 0
sign(x) * maximum(abs(x), threshold)         # small numbers move out to ±threshold: they must
                                             # become 0
where(abs(x) > threshold, 1, 0)              # numbers that pass become 1: they must stay as they
                                             # are
where(abs(x) > threshold, sign(x), 0)        # numbers that pass become 1 or −1, their sign: they
                                             # must stay as they are
where(abs(x) > threshold, abs(x), 0)         # negative numbers come out positive: use |x| in the
                                             # comparison only
x
where((x > threshold) | (x < threshold), x, 0)  # UNCHANGED
gradient: (upstream_gradient,)               # where the output is 0 the gradient is not: it must be
                                             # 0, too
where(x > -threshold, x, 0)                  # numbers below −threshold become 0, and small ones
                                             # stay: compare |x|
where(x < threshold, x, 0)                   # numbers above the threshold become 0: compare |x|
"""

HARD_SHRINK = component(
    "hard_shrink",
    name="Hard shrink",
    zh="硬收缩函数",
    pytorch=("torch.nn.Hardshrink", "torch.nn.functional.hardshrink"),
    keras=("keras.activations.hard_shrink",),
    calls="""
F.hardshrink(x, lambd=0.5) | keras.activations.hard_shrink(x, threshold=0.5)
    # NaN stays NaN in PyTorch, and becomes 0 in Keras
nn.Sequential(nn.Linear(3, 2), nn.Hardshrink()) | keras.layers.Dense(2, activation="hard_shrink")
nn.Hardshrink() | keras.layers.Activation("hard_shrink")
""",
    behaviour={
        "hard-shrink-nan-tf": "NaN stays NaN in PyTorch, and becomes 0 in Keras",
        "hard-shrink-integers-tf": "integer tensors raise an error in both frameworks",
        "denoised-tf": "hard shrink keeps the height of a step; soft shrink makes it smaller",
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

DIVIDED = "at 0 the value or the gradient is NaN, as when x is divided by |x|: take the sign of x"

SOFT_SHRINK_MISTAKES = """
hard_shrink(x, threshold)                    # numbers that pass keep their size, as in hard shrink:
                                             # they must lose the threshold
maximum(x - threshold, 0)                    # ONE_SIDE
maximum(abs(x) - threshold, 0)               # negative numbers come out positive: multiply by the
                                             # sign of x
where(abs(x) > threshold, x - threshold, 0)  # negative numbers move away from 0: add the threshold
                                             # to them
where(abs(x) > threshold, x + sign(x) * threshold, 0)  # numbers move away from 0: the threshold
                                             # must make them smaller, not larger
x - sign(x) * threshold                      # small numbers come out on the other side of 0: they
                                             # must stop at 0
x - threshold                                # the threshold is subtracted from every number: add it
                                             # to negative ones, and stop both at 0
where(x > threshold, x - threshold, where(x < threshold, x + threshold, 0))
                                             # the threshold is added to small numbers: add it only
                                             # to those below −threshold
clip(x, -threshold, threshold)               # this is what soft shrink subtracts: subtract it from
                                             # x
where(abs(x) > threshold, x - sign(x) * threshold, x)  # UNCHANGED
x                                            # nothing shrinks: all numbers come out as they are
x / abs(x) * maximum(abs(x) - threshold, 0)
gradient: (where(x == 0, nan, upstream_gradient * (abs(x) > threshold)),)
                                             # DIVIDED
where(x > threshold, x - threshold, x + threshold)
                                             # the threshold is added to small numbers: add it only
                                             # to those below −threshold
x * maximum(abs(x) - threshold, 0)           # what is left is multiplied by x: multiply it by the
                                             # sign of x
"""

SOFT_SHRINK = component(
    "soft_shrink",
    name="Soft shrink",
    zh="软收缩函数",
    pytorch=("torch.nn.Softshrink", "torch.nn.functional.softshrink"),
    keras=("keras.activations.soft_shrink",),
    calls="""
F.softshrink(x, lambd=0.5) | keras.activations.soft_shrink(x, threshold=0.5)
    # NaN stays NaN in PyTorch, and becomes 0 in Keras
nn.Sequential(nn.Linear(3, 2), nn.Softshrink()) | keras.layers.Dense(2, activation="soft_shrink")
    # the string means the threshold 0.5; for another threshold, pass a function to Keras
F.relu(x - theta) - F.relu(-x - theta) | keras.activations.soft_shrink(x, theta)
    # this is for a trainable threshold, because `F.softshrink` accepts only a number
""",
    behaviour={
        "soft-shrink-layer-tf": "PyTorch's module has an argument for the threshold; Keras has no "
        "layer",
        "soft-shrink-negative-tf": "a negative threshold is an error in PyTorch; in Keras numbers "
        "grow",
        "soft-shrink-learned-pt": "a trainable threshold is an error in PyTorch; Keras accepts it",
        "ista": "gradient steps and soft shrink find which unknowns are not 0",
        "kinks-pt": "written with Hardtanh, its gradient at the threshold is 1 in PyTorch",
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


OVERFLOW = "large numbers become NaN, as when exp overflows: take the framework's tanh"

LOST = (
    "near 0 the value is more than 1 % off, as when float32 loses the digits that x and tanh(x) "
    "share: subtract in float64, or take the series there, x³/3 − 2x⁵/15"
)
FLAT = (
    "values are right, but near 0 the gradient is not tanh(x)², as when 1 − (1 − tanh(x)²) is "
    "computed in float32, or x is converted twice, so that two gradients are added in float32"
)
SERIES = "further from 0 the value is wrong, as when x³/3 is taken there: take x − tanh(x)"


def judge_small(case, first, second, derivative):
    """Judge small inputs by relative error: one absolute tolerance would accept 0 for them."""
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
    "values are right, but far from 0 the gradient is NaN, as when exp overflows: take the "
    "framework's tanh"
)
TANH_SHRINK_MISTAKES = """
tanh(x) - x                                  # every sign is wrong: subtract tanh(x) from x, not x
                                             # from tanh(x)
tanh(x)                                      # this is tanh: subtract it from x
x + tanh(x)                                  # tanh(x) is added: subtract it
x * tanh(x)                                  # x is multiplied by tanh(x): subtract tanh(x) from x
x - 1 / (1 + exp(-maximum(x, -500)))         # 0 becomes −½, because the sigmoid is subtracted:
                                             # subtract tanh(x)
x - (exp(x) - exp(-x)) / (exp(x) + exp(-x))
x - (exp(2 * x) - 1) / (exp(2 * x) + 1)
x - (1 - exp(-2 * x)) / (1 + exp(-2 * x))    # OVERFLOW
for side in (-1, 1): slope: where(side * x > 44, nan, tanh(x) ** 2)  # INFINITE_GRADIENT
gradient: (upstream_gradient,)               # the gradient is 1 everywhere: it must also come
                                             # through tanh(x), which depends on x
x - arctan(x)                                # the arc tangent is subtracted: take tanh
x - sinh(x)                                  # sinh is subtracted: take tanh
x - tan(x)                                   # the tangent of an angle is subtracted: take tanh
1 - tanh(x)                                  # tanh(x) is subtracted from 1: subtract it from x
"""

TANH_SHRINK = component(
    "tanh_shrink",
    name="Tanh shrink",
    zh="双曲正切收缩函数",
    pytorch=("torch.nn.Tanhshrink", "torch.nn.functional.tanhshrink"),
    keras=("keras.activations.tanh_shrink",),
    calls="""
F.tanhshrink(x) | keras.activations.tanh_shrink(x)
    # for inputs of 0.001 and less, both are more than 1 % wrong in float32
nn.Sequential(nn.Linear(3, 2), nn.Tanhshrink()) | keras.layers.Dense(2, activation="tanh_shrink")
nn.Tanhshrink() | keras.layers.Activation("tanh_shrink")
""",
    behaviour={
        "tanh-shrink-integers-tf": "PyTorch converts integers to float32; Keras raises an error",
        "tanh-shrink-digits-tf": "for inputs of 0.001 and less, float32 is more than 1 % wrong",
        "tanh-shrink-flat-tf": "for the input 0.0001 the gradient is exactly 0 in float32",
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
    "values are right, but at exactly 1 the gradient is not 1, as when two pieces meet there and "
    "their gradients are added: choose between them with where, or add relu(x − 1) to the parabola "
    "of a clamped x"
)

SPARSE_PLUS_MISTAKES = """
maximum(0, x)                                # this is ReLU: between −1 and 1 a parabola must round
                                             # the corner
logaddexp(0, x)                              # this is softplus, which is never 0: from −1 down the
                                             # output must be exactly 0
sparse_plus_slope(x)                         # this is the sparse sigmoid, the slope of sparse plus:
                                             # return the value
where(x <= -1, 0, where(x < 1, (x + 1) ** 2, x))  # the curve jumps at 1: divide the parabola by 4
where(x <= -1, 0, where(x < 1, (x + 1) ** 2 / 2, x))  # the curve jumps at 1: divide the parabola by
                                             # 4, not by 2
maximum(0, x + 1) ** 2 / 4                   # the parabola goes on above 1: from 1 on the output
                                             # must be x
where(x < 1, (x + 1) ** 2 / 4, x)            # the parabola rises again below −1: there the output
                                             # must be 0
(x + 1) ** 2 / 4                             # this is the parabola alone: below −1 the output must
                                             # be 0, above 1 it must be x
where(x <= -1, 0, where(x < 1, x**2 / 4, x))  # the parabola touches 0 at 0, not at −1: add 1 to x
                                             # before you square
where(x <= 0, 0, sparse_plus(x))             # numbers from −1 to 0 become 0: the parabola must
                                             # start at −1
where(x <= -1, 0, where(x < 1, (x + 1) / 2, x))  # between −1 and 1 this is a straight line: square
                                             # (x + 1)/2
sparse_plus(minimum(x, 1))                   # above 1 the output stays at 1: it must be x
for at_one in (0, 0.5, 1.5, 2): slope: where(x == 1, at_one, sparse_plus_slope(x))
                                             # SEAM
where(x <= -1, 0, where(x <= 1, (x + 1) ** 2 / 8, x))  # the curve jumps at 1: divide the parabola
                                             # by 4, not by 8
where(x <= -1, 0, where(x < 1, (x - 1) ** 2 / 4, x))  # the parabola falls where it must rise: add 1
                                             # to x before you square
"""

SPARSE_PLUS = component(
    "sparse_plus",
    name="Sparse plus",
    zh="稀疏软加函数",
    keras=("keras.activations.sparse_plus",),
    calls="""
sparse_plus(x) | keras.activations.sparse_plus(x)
    # PyTorch has no sparse plus, this chapter defines it
nn.Sequential(nn.Linear(3, 2), SparsePlus()) | keras.layers.Dense(2, activation="sparse_plus")
""",
    behaviour={
        "sparse-plus-bridge-pt": "PyTorch has no sparse plus: the chapter defines it",
        "sparse-plus-infinity-tf": "at infinity the gradient is NaN in Keras, and 1 in this "
        "chapter's function",
        "sparse-plus-integral": "the gradient of sparse plus is the sparse sigmoid",
        "let-go-tf": "as a loss, sparse plus ignores points with a margin of 1 or more",
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
