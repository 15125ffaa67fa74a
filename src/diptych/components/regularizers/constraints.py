"""Constraints on weights: MaxNorm, UnitNorm, MinMaxNorm, NonNeg, and one of your own."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes


def norms(w, axis):
    return np.sqrt((w**2).sum(axis, keepdims=True))


def other(w, axis):
    """The axes that are left out of ``axis``."""
    taken = np.atleast_1d(axis) % w.ndim
    return tuple(n for n in range(w.ndim) if n not in taken)


def scaled(w, n, desired):
    """Vectors of the norms ``n`` with the norms ``desired``; a zero vector has no direction."""
    return w * np.divide(desired, n, out=np.zeros(n.shape), where=n > 0)


def max_norm(w, max_value, axis):
    n = norms(w, axis)
    return scaled(w, n, np.minimum(n, max_value))


# A wrong axis is often the default one, which is right in some cases.
MAX_NORM_MISTAKES = """
scaled(w, norms(w, 0), minimum(norms(w, 0), max_value))  # FIRST_AXIS
scaled(w, norms(w, -1), minimum(norms(w, -1), max_value))  # LAST_AXIS
scaled(w, norms(w, other(w, axis)), minimum(norms(w, other(w, axis)), max_value))
    # the squares are summed over the other axes: sum them over `axis`
scaled(w, norms(w, None), minimum(norms(w, None), max_value))
    # one norm is taken of the whole array: each vector along `axis` has its own
clip(w, -max_value, max_value)
minimum(w, max_value)
    # each number is limited, which changes the direction: scale whole vectors
max_value * w / norms(w, axis)
scaled(w, norms(w, axis), max_value)
    # short vectors are made longer: only vectors with a norm above the bound change
w * minimum(1, max_value / abs(w).sum(axis, keepdims=True))
scaled(w, abs(w).sum(axis, keepdims=True), minimum(abs(w).sum(axis, keepdims=True), max_value))
    # the norm is the sum of |w|: it is the root of the sum of the squares
w * minimum(1, max_value / norms(w, axis) ** 2)
scaled(w, norms(w, axis) ** 2, minimum(norms(w, axis) ** 2, max_value))
    # the root is missing: a norm is the root of the sum of the squares
w * minimum(1, max_value / sqrt((w**2).mean(axis, keepdims=True)))
scaled(w, norms(w, axis), minimum(norms(w, axis), max_value * sqrt(w.size / norms(w, axis).size)))
    # the squares are averaged: a norm is the root of their sum
w * minimum(norms(w, axis), max_value) / norms(w, axis)
    # a vector of zeros becomes NaN, because 0 is divided by 0: it must stay 0
where(norms(w, axis) > max_value, w / norms(w, axis), w)
    # long vectors get the norm 1: give them the norm `max_value`
where(norms(w, axis) > max_value, 0, w)  # long vectors become 0: scale them to the bound
where(norms(w, axis) > max_value, max_value * w, w)
    # long vectors are multiplied by the bound: divide them by their norm, too
w * minimum(1, norms(w, axis) / max_value)
    # the factor is norm / bound: long vectors get bound / norm
scaled(w, abs(w).max(axis, keepdims=True), minimum(abs(w).max(axis, keepdims=True), max_value))
    # the largest |w| is limited: limit the root of the sum of the squares
w                                        # the weights come back as they were: scale long vectors
scaled(w, norms(w, axis), maximum(norms(w, axis), max_value))
w * maximum(1, max_value / norms(w, axis))
    # short vectors become longer and long ones stay: the bound is the largest norm that is allowed,
    # so use the minimum
"""


def weights(rng, shape, axis, *arguments, zero=False, scale=1.5, **fields):
    """Vectors along ``axis``, half of them shorter; with ``zero`` the first one is 0."""
    w = rng.normal(0, scale, shape)
    size = norms(w, axis)
    half = np.arange(size.size).reshape(size.shape) % 2
    w = w * np.where(half, 0.2, 1)
    if zero:
        w = w * (np.arange(size.size).reshape(size.shape) > 0)
    return Case((w,), dict(arguments) | {"axis": axis}, gradients=False, **fields)


def bounded(rng, shape, axis, max_value, **fields):
    return weights(rng, shape, axis, ("max_value", max_value), **fields)


def some(rng, low, high):
    return round(float(rng.uniform(low, high)), 3)


MAX_NORM_EXERCISE = Exercise(
    "max_norm",
    max_norm,
    visible=(
        Case((np.array([[3.0, 0.3], [4.0, 0.4]]),), {"max_value": 2.0, "axis": 0}, gradients=False),
        bounded(default_rng(1), (3, 4), 1, 0.7),
        bounded(default_rng(2), (3, 2, 2, 4), (0, 1, 2), 3.0, part="robustness"),
        Case(
            (np.array([[0.0, 3e3, 0.01], [0.0, -4e3, 0.02]]),),
            {"max_value": 50.0, "axis": 0},
            gradients=False,
            part="robustness",
        ),
        bounded(default_rng(3), (4, 2, 3), 2, 1.5, part="robustness"),
    ),
    hidden=lambda rng: (
        bounded(rng, (4, 5), 0, some(rng, 0.5, 3)),
        bounded(rng, (5, 3), 1, some(rng, 0.5, 3)),
        bounded(rng, (2, 3, 3, 4), (0, 1, 2), some(rng, 2, 5), part="robustness"),
        bounded(rng, (4, 3, 2, 2), (1, 2, 3), some(rng, 1, 3), part="robustness"),
        bounded(rng, (3, 4), 0, some(rng, 0.5, 2), zero=True, part="robustness"),
        bounded(rng, (6, 1), 0, some(rng, 0.5, 2), part="robustness"),
    ),
    reference={
        "pytorch": """
def max_norm_pt(w, max_value, axis):
    n = torch.linalg.vector_norm(w, dim=axis, keepdim=True)
    return w * (max_value / n).clamp(max=1)
""",
        "tensorflow": """
def max_norm_tf(w, max_value, axis):
    return keras.constraints.MaxNorm(max_value, axis)(w)
""",
    },
    misconceptions=mistakes(MAX_NORM_MISTAKES, globals(), "w, max_value, axis"),
    forbid=("tf.clip_by_norm",),
    elementwise=False,
)

MAX_NORM = component(
    "max_norm",
    name="Maximum norm",
    zh="权重约束 MaxNorm",
    pytorch=("torch.renorm",),
    keras=("keras.constraints.MaxNorm",),
    aliases=("keras.constraints.max_norm",),
    defaults="keras.constraints.MaxNorm(max_value=2, axis=0)",
    calls="""
w.copy_(torch.renorm(w, 2, 0, 2.0)) | keras.layers.Dense(2, use_bias=False,
    kernel_constraint=keras.constraints.MaxNorm(2.0))
    # run PyTorch's call after each step, under `torch.no_grad()`; Keras does it itself
torch.renorm(w, 2, 0, 1.5) | keras.constraints.MaxNorm(1.5, axis=[0, 1, 2])(w)
    # a unit is a row (axis 0) in PyTorch; in Keras, `axis` names all axes except the unit's
""",
    behaviour={
        "max-first-tf": "Keras applies a constraint after a step: the initial kernel may break it",
        "max-skipped-tf": "without Keras's own variables, the constraint is skipped",
        "max-axis-tf": "the default axis 0 is right for Dense, and wrong for Conv2D",
        "max-idle-tf": "`MaxNorm` also shrinks vectors inside the bound, by 1e-7 in each step",
        "embedding-tf": "`nn.Embedding(max_norm=)` scales the rows it looks up, Keras all rows",
    },
    exercises=(MAX_NORM_EXERCISE,),
)


def unit_norm_constraint(w, axis):
    return w / (norms(w, axis) + 1e-7)


UNIT_NORM_MISTAKES = """
w / (norms(w, 0) + 1e-7)                # FIRST_AXIS
w / (norms(w, -1) + 1e-7)               # LAST_AXIS
w / (norms(w, other(w, axis)) + 1e-7)
    # the squares are summed over the other axes: sum them over `axis`
w / (norms(w, None) + 1e-7)
    # one norm is taken of the whole array: each vector along `axis` has its own
w / (abs(w).sum(axis, keepdims=True) + 1e-7)
    # the norm is the sum of |w|: it is the root of the sum of the squares
w / (abs(w).max(axis, keepdims=True) + 1e-7)
    # this divides by the largest |w|: divide by the norm
w / (norms(w, axis) ** 2 + 1e-7)        # the root is missing: divide by the norm, not its square
w / (sqrt((w**2).mean(axis, keepdims=True)) + 1e-7)
    # the squares are averaged: a norm is the root of their sum
w / maximum(norms(w, axis), 1)
    # short vectors keep their norm, as with MaxNorm: every vector gets the norm 1
w / norms(w, axis)                      # 1e-7 is missing: a vector of zeros becomes NaN
w / maximum(norms(w, axis), 1e-7)
    # 1e-7 is a lower limit of the norm here: add it to the norm
w / sqrt(norms(w, axis) ** 2 + 1e-7)
w / sqrt(maximum(norms(w, axis) ** 2, 1e-7))
    # 1e-7 stands under the root, where it means a norm of 3e-4: add it to the norm, after the root
w / sqrt(maximum(norms(w, axis) ** 2, 1e-12))
    # the norm has the lower limit 1e-6, as in `tf.math.l2_normalize`: add 1e-7 to it
w * (norms(w, axis) + 1e-7)             # w is multiplied by the norm: divide by it
w / (sqrt(norms(w, axis)) + 1e-7)       # the root is taken twice: divide by the norm
w / maximum(norms(w, axis), 1e-12)
    # 1e-7 is missing: vectors as short as 1e-7 become shorter than 1, as in Keras
w                                       # the weights come back as they were: divide them
w / (sum(w, axis, keepdims=True) + 1e-7)
    # this divides by the sum: the norm is the root of the sum of the squares
"""

TINY = np.array([[0.0, 3e-8, 6.0], [0.0, -4e-8, 8.0]])

UNIT_NORM_EXERCISE = Exercise(
    "unit_norm_constraint",
    unit_norm_constraint,
    visible=(
        Case((np.array([[3.0, 0.3], [4.0, 0.4]]),), {"axis": 0}, gradients=False),
        weights(default_rng(1), (3, 4), 1),
        weights(default_rng(2), (3, 2, 2, 4), (0, 1, 2), part="robustness"),
        Case((TINY,), {"axis": 0}, gradients=False, part="robustness"),
        weights(default_rng(3), (4, 2, 3), 2, part="robustness"),
    ),
    hidden=lambda rng: (
        weights(rng, (4, 5), 0),
        weights(rng, (5, 3), 1),
        weights(rng, (2, 3, 3, 4), (0, 1, 2), part="robustness"),
        weights(rng, (4, 3, 2, 2), (1, 2, 3), part="robustness"),
        weights(rng, (3, 4), 0, zero=True, part="robustness"),
        weights(rng, (3, 5), 1, scale=1e-7, part="robustness"),
    ),
    reference={
        "pytorch": """
def unit_norm_constraint_pt(w, axis):
    return w / (torch.linalg.vector_norm(w, dim=axis, keepdim=True) + 1e-7)
""",
        "tensorflow": """
def unit_norm_constraint_tf(w, axis):
    return keras.constraints.UnitNorm(axis)(w)
""",
    },
    misconceptions=mistakes(UNIT_NORM_MISTAKES, globals(), "w, axis"),
    elementwise=False,
)

UNIT_NORM_CONSTRAINT = component(
    "unit_norm_constraint",
    name="Unit norm",
    zh="单位范数约束",
    keras=("keras.constraints.UnitNorm",),
    aliases=("keras.constraints.unit_norm",),
    defaults="keras.constraints.UnitNorm(axis=0)",
    calls="""
F.normalize(w, dim=1) | keras.constraints.UnitNorm()(w)
    # a unit is a row in PyTorch and a column in Keras: so the axes differ
""",
    behaviour={
        "unit-tiny-tf": "a vector of norm 5e-8: `F.normalize` returns norm 1, `UnitNorm` norm ⅓",
        "unit-two-ways-agree": "projection and parametrization find the same direction",
    },
    exercises=(UNIT_NORM_EXERCISE,),
)


def min_max_norm(w, min_value, max_value, rate, axis):
    n = norms(w, axis)
    return scaled(w, n, rate * np.clip(n, min_value, max_value) + (1 - rate) * n)


MIN_MAX_MISTAKES = """
min_max_norm(w, min_value, max_value, rate, 0)   # FIRST_AXIS
min_max_norm(w, min_value, max_value, rate, -1)  # LAST_AXIS
min_max_norm(w, min_value, max_value, rate, other(w, axis))
    # the squares are summed over the other axes: sum them over `axis`
min_max_norm(w, min_value, max_value, rate, None)
    # one norm is taken of the whole array: each vector along `axis` has its own
min_max_norm(w, min_value, max_value, 1, axis)
    # `rate` is left out: the new norm is `rate` parts the clipped norm and 1 − `rate` parts the old
min_max_norm(w, min_value, max_value, 1 - rate, axis)
    # `rate` and 1 − `rate` have changed places: `rate` multiplies the clipped norm
scaled(w, norms(w, axis), rate * clip(norms(w, axis), min_value, max_value))
    # the part of the old norm is missing: add (1 − `rate`) times it
min_max_norm(w, 0, max_value, rate, axis)
    # the lower bound is left out: short vectors become longer
min_max_norm(w, min_value, inf, rate, axis)
    # the upper bound is left out: long vectors become shorter
clip(w, min_value, max_value)
rate * clip(w, min_value, max_value) + (1 - rate) * w
rate * sign(w) * clip(abs(w), min_value, max_value) + (1 - rate) * w
    # the numbers are clipped: clip the norms, and scale whole vectors
w * (rate * clip(norms(w, axis), min_value, max_value)
    + (1 - rate) * norms(w, axis)) / norms(w, axis)
w * (rate * clip(norms(w, axis), min_value, max_value) / norms(w, axis) + 1 - rate)
    # a vector of zeros becomes NaN, because 0 is divided by 0: it must stay 0
scaled(w, abs(w).sum(axis, keepdims=True),
    rate * clip(abs(w).sum(axis, keepdims=True), min_value, max_value)
    + (1 - rate) * abs(w).sum(axis, keepdims=True))
    # the norm is the sum of |w|: it is the root of the sum of the squares
scaled(w, norms(w, axis) ** 2,
    rate * clip(norms(w, axis) ** 2, min_value, max_value) + (1 - rate) * norms(w, axis) ** 2)
    # the root is missing: a norm is the root of the sum of the squares
w * (rate * clip(norms(w, axis), min_value, max_value) + (1 - rate) * norms(w, axis))
    # w is multiplied by the new norm: divide by the old norm, too
scaled(w, norms(w, axis), rate * clip(norms(w, axis), min_value, max_value)) + w * (
    1 - rate) * norms(w, axis)
    # 1 − `rate` is multiplied by the norm: w itself gets the factor 1 − `rate`
scaled(w, norms(w, axis), rate * clip(norms(w, axis), min_value, max_value) + norms(w, axis))
    # the whole old norm is added: add (1 − `rate`) times it
scaled(w, norms(w, axis), clip(rate * norms(w, axis), min_value, max_value))
    # `rate` stands inside the clip: multiply the clipped norm by it
w   # the weights come back as they were: scale the vectors whose norms are outside the bounds
"""


def between(rng, shape, axis, low, high, rate, **fields):
    more = ("min_value", low), ("max_value", high), ("rate", rate)
    return weights(rng, shape, axis, *more, **fields)


def min_max_case(w, axis, low, high, rate, **fields):
    arguments = {"min_value": low, "max_value": high, "rate": rate, "axis": axis}
    return Case((np.array(w),), arguments, gradients=False, **fields)


MIN_MAX_NORM_EXERCISE = Exercise(
    "min_max_norm",
    min_max_norm,
    visible=(
        min_max_case([[3.0, 0.3], [4.0, 0.4]], 0, 1.0, 2.0, 0.5),
        between(default_rng(1), (3, 6), 0, 0.8, 1.5, 1.0),
        between(default_rng(2), (5, 3), 1, 0.9, 1.2, 0.3),
        between(default_rng(3), (3, 2, 2, 4), (0, 1, 2), 1.5, 3.0, 0.8, part="robustness"),
        min_max_case([[0.0, 3e3, 0.01], [0.0, -4e3, 0.02]], 0, 0.5, 1.0, 0.25, part="robustness"),
        between(default_rng(4), (4, 2, 3), 2, 0.5, 1.5, 0.6, part="robustness"),
    ),
    hidden=lambda rng: (
        between(rng, (4, 6), 0, some(rng, 0.8, 1.2), some(rng, 1.5, 2), some(rng, 0.1, 0.4)),
        between(rng, (6, 3), 1, some(rng, 0.8, 1.2), some(rng, 1.5, 2), some(rng, 0.6, 0.9)),
        between(
            rng, (2, 3, 3, 4), (0, 1, 2), some(rng, 2, 3), some(rng, 4, 5), 1.0, part="robustness"
        ),
        between(rng, (3, 4), 0, 0.5, 1.0, some(rng, 0.2, 0.9), zero=True, part="robustness"),
        between(rng, (6, 1), 0, 0.5, 1.0, 0.5, part="robustness"),
    ),
    reference={
        "pytorch": """
def min_max_norm_pt(w, min_value, max_value, rate, axis):
    n = torch.linalg.vector_norm(w, dim=axis, keepdim=True)
    desired = rate * n.clamp(min_value, max_value) + (1 - rate) * n
    return w * desired / (n + 1e-7)
""",
        "tensorflow": """
def min_max_norm_tf(w, min_value, max_value, rate, axis):
    return keras.constraints.MinMaxNorm(min_value, max_value, rate, axis)(w)
""",
    },
    misconceptions=mistakes(MIN_MAX_MISTAKES, globals(), "w, min_value, max_value, rate, axis"),
    elementwise=False,
)

MIN_MAX_NORM = component(
    "min_max_norm",
    name="Minimum and maximum norm",
    zh="最小最大范数约束",
    keras=("keras.constraints.MinMaxNorm",),
    aliases=("keras.constraints.min_max_norm",),
    defaults="keras.constraints.MinMaxNorm(min_value=0.0, max_value=1.0, rate=1.0, axis=0)",
    calls="""
w * (0.5 + 0.5 * n.clamp(1.0, 2.0) / n) | keras.constraints.MinMaxNorm(1.0, 2.0, rate=0.5)(w)
    # `n` is the norm of each row; `rate` is ½ here, and 1 by default
""",
    behaviour={
        "min-max-zero-tf": "a zero vector stays 0, whatever the lower bound is",
        "min-max-tf": "with `rate` ½, the norm moves halfway to the bound",
    },
    exercises=(MIN_MAX_NORM_EXERCISE,),
)


def softplus(x):
    return np.logaddexp(0, x)


def non_negative_step(w, gradient, lr):
    return np.maximum(0, w - lr * gradient)


STEP_MISTAKES = """
w - lr * gradient                    # negative weights stay negative: set them to 0 after the step
abs(w - lr * gradient)               # negative weights change their sign: set them to 0
softplus(w - lr * gradient)          # softplus changes every weight: change only the negative ones
maximum(0, w) - lr * gradient
    # the weights are limited before the step: do it after the step
maximum(0, w) - maximum(0, lr * gradient)
    # weights and steps are limited separately: limit the result of the step
w - lr * maximum(0, gradient)        # the gradient is limited: limit the weights
maximum(0, w - lr * maximum(0, gradient))
    # negative gradients are left out: they make weights larger
where(w > 0, maximum(0, w - lr * gradient), maximum(w, 0))
    # weights that are 0 stay 0, as under a ReLU: a negative gradient makes them positive again
maximum(0, w + lr * gradient)        # the step is added: subtract it
maximum(0, w - gradient)             # the learning rate is left out
maximum(0, w)                        # the step is left out: subtract lr times the gradient
minimum(0, w - lr * gradient)        # positive weights become 0: negative weights do
where(w - lr * gradient < 0, w, w - lr * gradient)
    # a step below 0 is left out: the weight becomes 0
(w - lr * gradient) ** 2             # the result is squared: set negative weights to 0
where(w < 0, 0, w - lr * gradient)
    # the sign of the weight before the step decides: the sign after it does
abs(w) - lr * gradient               # the sign is taken away before the step: limit its result
maximum(0, w * (1 - lr * gradient))  # the step is multiplied by the weight: subtract lr · gradient
where(w - lr * gradient < 0, 0.2 * (w - lr * gradient), w - lr * gradient)
where(w - lr * gradient < 0, 0.01 * (w - lr * gradient), w - lr * gradient)
    # negative weights become smaller, as in a leaky ReLU: set them to 0
"""


def step_case(rng, shape, lr, **fields):
    w = np.maximum(0, rng.normal(0, 1, shape))  # some are 0, as after an earlier step
    return Case((w, rng.normal(0, 1, shape)), {"lr": lr}, gradients=False, **fields)


NON_NEGATIVE_EXERCISE = Exercise(
    "non_negative_step",
    non_negative_step,
    visible=(
        Case(
            (np.array([0.5, 0.5, 0.0, -3.0]), np.array([1.0, 8.0, -2.0, 0.0])),
            {"lr": 0.1},
            gradients=False,
        ),
        step_case(default_rng(1), (3, 4), 0.5),
        Case((np.array([-2.0, 0.5]), np.array([3.0, -3.0])), {"lr": 0.0}, gradients=False),
        step_case(default_rng(2), (2, 3, 4), 1.5, part="robustness"),
        Case(
            (np.array([1e4, -1e4]), np.array([-1e6, 1e6])),
            {"lr": 0.01},
            gradients=False,
            part="robustness",
        ),
    ),
    hidden=lambda rng: (
        step_case(rng, (12,), some(rng, 0.1, 1)),
        step_case(rng, (4, 5), some(rng, 0.1, 1)),
        Case(
            (rng.normal(0, 1, 9), rng.normal(0, 1, 9)), {"lr": some(rng, 0.1, 2)}, gradients=False
        ),
        step_case(rng, (3, 2, 2, 3), some(rng, 0.1, 1), part="robustness"),
    ),
    reference={
        "pytorch": """
def non_negative_step_pt(w, gradient, lr):
    return (w - lr * gradient).clamp(min=0)
""",
        "tensorflow": """
def non_negative_step_tf(w, gradient, lr):
    return keras.constraints.NonNeg()(w - lr * gradient)
""",
    },
    misconceptions=mistakes(STEP_MISTAKES, globals(), "w, gradient, lr"),
    elementwise=False,
)


def inverse_softplus(w):
    return w + np.log(-np.expm1(-w))


INVERSE_MISTAKES = """
log(exp(w) - 1)
log(expm1(w))
    # exp overflows for large weights: write the inverse as w + log(1 − exp(−w))
log(1 - exp(-w))        # w is missing in front: the inverse is w + log(1 − exp(−w))
w + log(1 + exp(-w))
logaddexp(0, w)
log(exp(w) + 1)
    # this is softplus itself: its inverse is w + log(1 − exp(−w)), with a minus under the logarithm
w - log(-expm1(-w))     # the logarithm is subtracted: add it
log(w)                  # this is the inverse of exp: the inverse of softplus is asked for
exp(w) - 1              # the logarithm is missing: return log(exp(w) − 1)
log(exp(w) + 1) - w     # this is softplus of −w: return the number whose softplus is w
w                       # the weights come back as they were: their softplus must be w
sqrt(w)                 # this is the inverse of the square: the inverse of softplus is asked for
w - log(1 + exp(-w))    # two signs are wrong: the inverse is w + log(1 − exp(−w))
log(expm1(minimum(w, 80)))
log(expm1(minimum(w, 50)))
log(expm1(minimum(w, 20)))
    # large weights are limited: for them the inverse is w itself
exp(w) / (1 + exp(w))
1 / (1 + exp(-w))       # this is the slope of softplus: return its inverse
"""

INVERSE_SOFTPLUS_EXERCISE = Exercise(
    "inverse_softplus",
    inverse_softplus,
    visible=(
        Case((np.array([0.5, 1.0, 2.0, 0.01]),), gradients=False),
        Case((np.array([[0.1, 6.0], [3.0, 12.0]]),), gradients=False),
        Case((np.array([1e3, 1e4, 1e-3]),), gradients=False, part="robustness"),
        Case((np.array([[[0.3, 25.0]]]),), gradients=False, part="robustness"),
    ),
    hidden=lambda rng: (
        Case((rng.uniform(0.05, 5, 8),), gradients=False),
        Case((rng.uniform(0.01, 15, (2, 4)),), gradients=False),
        Case((rng.uniform(1e3, 1e4, 3),), gradients=False, part="robustness"),
        Case((rng.uniform(0.1, 5, (2, 1, 3)),), gradients=False, part="robustness"),
    ),
    reference={
        "pytorch": "inverse_softplus_pt = lambda w: w + torch.log(-torch.expm1(-w))",
        "tensorflow": "inverse_softplus_tf = lambda w: w + tf.math.log(-tf.math.expm1(-w))",
    },
    misconceptions=mistakes(INVERSE_MISTAKES, globals(), "w"),
)

NON_NEGATIVE = component(
    "non_negative",
    name="Non-negative weights",
    zh="非负约束",
    keras=("keras.constraints.NonNeg",),
    aliases=("keras.constraints.non_neg",),
    calls="""
w.clamp(min=0) | keras.constraints.NonNeg()(w)
    # the string is `"non_neg"`; `"nonneg"` raises an error
""",
    behaviour={
        "names": '`"maxnorm"` and `"nonneg"` raise an error',
        "four-ways": "a ReLU parametrization never leaves 0; clamp, softplus and square do",
    },
    exercises=(NON_NEGATIVE_EXERCISE, INVERSE_SOFTPLUS_EXERCISE),
)


def max_spectral_norm(w, max_value):
    u, s, vt = np.linalg.svd(w, full_matrices=False)
    return (u * np.minimum(s, max_value)) @ vt


def svd(w):
    return np.linalg.svd(w, full_matrices=False)


SPECTRAL_MISTAKES = """
w * minimum(1, max_value / maximum(svd(w)[1][0], 1e-30))
    # the whole matrix is scaled by one factor: only singular values above the bound change
max_value * w / svd(w)[1][0]
w / svd(w)[1][0]
    # the matrix is always divided by its largest singular value: change only singular values above
    # the bound
clip(w, -max_value, max_value)
minimum(w, max_value)
    # the numbers of the matrix are limited: limit its singular values
w * minimum(1, max_value / maximum(norms(w, None), 1e-30))
    # the root of the sum of all squares is limited: limit each singular value
max_norm(w, max_value, 0)
max_norm(w, max_value, 1)
    # the norms of columns or rows are limited, as with MaxNorm: limit the singular values
max_value * svd(w)[0] @ svd(w)[2]
svd(w)[0] @ svd(w)[2]
    # all singular values become equal: those below the bound stay as they are
(svd(w)[0] * maximum(svd(w)[1], max_value)) @ svd(w)[2]
    # small singular values become larger: the bound is the largest value, so use the minimum
(svd(w)[0] * minimum(svd(w)[1] ** 2, max_value)) @ svd(w)[2]
    # the singular values are squared: limit them as they are
(svd(w)[0] * where(svd(w)[1] > max_value, 0, svd(w)[1])) @ svd(w)[2]
    # singular values above the bound become 0: set them to the bound
(svd(w)[0] * minimum(1, max_value / maximum(svd(w)[1], 1e-30))) @ svd(w)[2]
    # bound / value is a factor: multiply the singular value by it
(svd(w)[0] * (svd(w)[1] - max_value)) @ svd(w)[2]
    # the bound is subtracted: take the minimum of value and bound
(svd(w)[0] * where(arange(len(svd(w)[1])) == 0, minimum(svd(w)[1], max_value), svd(w)[1])
    ) @ svd(w)[2]
    # only the largest singular value is limited: limit all of them
w   # the weights come back as they were: limit the singular values
"""


def matrix(rng, shape, max_value, **fields):
    return Case((rng.normal(0, 1, shape),), {"max_value": max_value}, gradients=False, **fields)


SPECTRAL_EXERCISE = Exercise(
    "max_spectral_norm",
    max_spectral_norm,
    visible=(
        Case((np.array([[3.0, 0.0], [0.0, 0.5]]),), {"max_value": 1.0}, gradients=False),
        matrix(default_rng(1), (3, 4), 1.5),
        matrix(default_rng(2), (4, 2), 1.8),
        Case((np.zeros((2, 3)),), {"max_value": 1.0}, gradients=False, part="robustness"),
        Case(
            (np.array([[3e3, -1e3], [2e3, 5e3]]),),
            {"max_value": 4.0},
            gradients=False,
            part="robustness",
        ),
    ),
    hidden=lambda rng: (
        matrix(rng, (4, 4), some(rng, 1, 1.5)),
        matrix(rng, (3, 5), some(rng, 1, 1.5)),
        matrix(rng, (5, 2), some(rng, 1.2, 1.5)),
        matrix(rng, (1, 4), some(rng, 0.5, 1), part="robustness"),
    ),
    reference={
        "pytorch": """
def max_spectral_norm_pt(w, max_value):
    u, s, vt = torch.linalg.svd(w, full_matrices=False)
    return (u * s.clamp(max=max_value)) @ vt
""",
        "tensorflow": """
def max_spectral_norm_tf(w, max_value):
    s, u, v = tf.linalg.svd(w)
    return u * tf.minimum(s, max_value) @ tf.transpose(v)
""",
    },
    misconceptions=mistakes(SPECTRAL_MISTAKES, globals(), "w, max_value"),
    elementwise=False,
    rtol=1e-3,
    atol=1e-4,
)

CUSTOM_CONSTRAINT = component(
    "custom_constraint",
    name="Writing a constraint",
    zh="自定义约束",
    kind="usage",
    keras=("keras.constraints.Constraint",),
    calls="""
w.copy_(max_spectral_norm(w, 1.0)) | MaxSpectralNorm(1.0)(w)
    # in PyTorch write a function of the weight, in Keras a subclass of `Constraint`
""",
    behaviour={
        "custom-config": "without `get_config`, a saved constraint loads with its default bound",
        "custom-lost-pt": "a new `Parameter` in place of `copy_` is lost to PyTorch's optimizer",
    },
    exercises=(SPECTRAL_EXERCISE,),
)

COMPONENTS = (MAX_NORM, UNIT_NORM_CONSTRAINT, MIN_MAX_NORM, NON_NEGATIVE, CUSTOM_CONSTRAINT)
