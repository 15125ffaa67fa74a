"""Pooling to a fixed size: adaptive, global and fractional, of maxima and averages."""

from itertools import pairwise
from math import ceil, floor

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes
from diptych.components.layers.pooling import CHANNELS, few, normal


def bins(n, o, start=floor, end=ceil):
    return [(start(i * n / o), end((i + 1) * n / o)) for i in range(o)]


def highest(part, axis):
    return part.max(axis, initial=-np.inf)


def averaged(part, axis):
    with np.errstate(invalid="ignore"):
        return part.sum(axis) / part.shape[axis]


def over(x, axis, pairs, reduce=highest):
    """``reduce`` over each pair of start and end on an axis; an empty pair gives −∞ or NaN."""
    if any(not 0 <= a <= b for a, b in pairs):
        raise ValueError("no such bin")
    parts = [x[(slice(None),) * axis + (slice(a, b),)] for a, b in pairs]
    return np.stack([reduce(part, axis) for part in parts], axis)


def adaptive_max_pooling(x, n_bins):
    return over(x, 2, bins(x.shape[2], n_bins))


def equal(n, o):
    """Bins of one size; numbers that remain at the end are left out."""
    return [(i * (n // o), (i + 1) * (n // o)) for i in range(o)]


def strided(n, o):
    """Windows with a fixed size and stride, of which the last one ends with the input."""
    stride = n // o
    return [(i * stride, i * stride + n - (o - 1) * stride) for i in range(o)]


def floored(n, o):
    """Ends rounded down, except for bins that would be empty."""
    return [(a, max(b, a + 1)) for a, b in bins(n, o, end=floor)]


def rounded(v):
    return floor(v + 0.5)


def up_to_the_end(n, o):
    return [*equal(n, o)[:-1], ((o - 1) * (n // o), n)]


ADAPTIVE_MAX_MISTAKES = """
over(x, 2, bins(x.shape[2], n_bins, end=floor))
over(x, 2, floored(x.shape[2], n_bins))
    # the end of a bin is rounded down: round it up, so that neighbours overlap
over(x, 2, bins(x.shape[2], n_bins, start=ceil))
    # the start of a bin is rounded up: round it down
over(x, 2, bins(x.shape[2], n_bins, rounded, rounded))
    # both ends of a bin are rounded to the nearest number: the start goes down, the end goes up
over(x, 2, equal(x.shape[2], n_bins))
    # all bins have the same size, and the rest is left out: the bins must reach the end
over(x, 2, up_to_the_end(x.shape[2], n_bins))
    # the last bin takes all of the rest: compute start and end of each bin from i · n / o
over(x, 2, strided(x.shape[2], n_bins))
    # all windows have one size and one stride: the sizes of bins can differ
over(x, 2, [(a, b + 1) for a, b in bins(x.shape[2], n_bins)])
    # each bin is one number too long: the end is not in the bin
over(x, 2, [(a, a + n_bins) for a in range(0, x.shape[2] - n_bins + 1, n_bins)])
    # n_bins is used as the size of a window: it is the number of bins
over(x, 2, bins(x.shape[2], n_bins), averaged)     # this is the average: take the maximum
over(abs(x), 2, bins(x.shape[2], n_bins))
    # the numbers have lost their signs: compare them with signs
-adaptive_max_pooling(-x, n_bins)                 # this is the smallest number: take the largest
"""


def into(x, n_bins, **fields):
    return Case((x,), {"n_bins": n_bins}, **fields)


ADAPTIVE_MAX_EXERCISE = Exercise(
    "adaptive_max_pooling",
    adaptive_max_pooling,
    visible=(
        into(np.array([[[1.0, 2, 3, 9, 5, 0, -1]]]), 3),
        into(normal(default_rng(1), 2, 3, 8), 5),
        into(normal(default_rng(2), 1, 4, 10), 4),
        into(normal(default_rng(3), 2, 3, 7), 1, part="robustness"),
        into(normal(default_rng(4), 2, 2, 4), 6, part="robustness"),
    ),
    hidden=lambda rng: (
        into(normal(rng, 2, 3, 11), 4),
        into(normal(rng, 1, 2, 7), 5),
        into(normal(rng, 3, 2, 9), 4),
        into(normal(rng, 2, 4, 6), 3, part="robustness"),
        into(normal(rng, 1, 2, 5), 8, part="robustness"),
    ),
    reference={
        "pytorch": "adaptive_max_pooling_pt = F.adaptive_max_pool1d",
        "tensorflow": """
def adaptive_max_pooling_tf(x, n_bins):
    if n_bins == 1:
        return keras.layers.GlobalMaxPooling1D(keepdims=True)(x)
    return keras.layers.AdaptiveMaxPooling1D(n_bins)(x)
""",
    },
    misconceptions=mistakes(ADAPTIVE_MAX_MISTAKES, globals(), "x, n_bins"),
    layouts=CHANNELS,
    elementwise=False,
)

ADAPTIVE_MAX_POOLING = component(
    "adaptive_max_pooling",
    name="Adaptive max pooling",
    zh="二维自适应最大池化",
    pytorch=(
        "torch.nn.AdaptiveMaxPool1d",
        "torch.nn.AdaptiveMaxPool2d",
        "torch.nn.AdaptiveMaxPool3d",
        "torch.nn.functional.adaptive_max_pool1d",
        "torch.nn.functional.adaptive_max_pool2d",
        "torch.nn.functional.adaptive_max_pool3d",
        "torch.nn.functional.adaptive_max_pool1d_with_indices",
        "torch.nn.functional.adaptive_max_pool2d_with_indices",
        "torch.nn.functional.adaptive_max_pool3d_with_indices",
    ),
    keras=(
        "keras.layers.AdaptiveMaxPooling1D",
        "keras.layers.AdaptiveMaxPooling2D",
        "keras.layers.AdaptiveMaxPooling3D",
    ),
    calls="""
nn.AdaptiveMaxPool2d((2, 3)) | keras.layers.AdaptiveMaxPooling2D((2, 3))
nn.AdaptiveMaxPool2d(1) | keras.layers.GlobalMaxPooling2D(keepdims=True)
    # do not use `AdaptiveMaxPooling2D` with one bin: its gradient is wrong, and `predict` raises
""",
    behaviour={
        "adaptive-one-tf": "one bin: `predict` of Keras's adaptive layers raises an error",
        "adaptive-one-gradient": "one bin: the gradient of Keras's adaptive maximum is wrong",
        "adaptive-crash": "one bin: with oneDNN on, Keras's adaptive layers end the process",
    },
    exercises=(ADAPTIVE_MAX_EXERCISE,),
)


def summed(part, axis):
    return part.sum(axis)


def mean_over(x, rows, columns):
    return over(over(x, 2, rows, averaged), 3, columns, averaged)


def adaptive_average_pooling(x, rows, columns):
    return mean_over(x, bins(x.shape[2], rows), bins(x.shape[3], columns))


def by_area(x, axis, o):
    """Bins that do not overlap: a number in two bins counts in each by its part."""
    n = x.shape[axis]
    share = np.array(
        [
            [max(0, min(j + 1, (i + 1) * n / o) - max(j, i * n / o)) * o / n for j in range(n)]
            for i in range(o)
        ]
    )
    return np.moveaxis(np.tensordot(share, x, (1, axis)), 0, axis)


ADAPTIVE_AVERAGE_MISTAKES = """
mean_over(x, bins(x.shape[2], rows, end=floor), bins(x.shape[3], columns, end=floor))
mean_over(x, floored(x.shape[2], rows), floored(x.shape[3], columns))
    # the end of a bin is rounded down: round it up, so that neighbours overlap
mean_over(x, bins(x.shape[2], rows, start=ceil), bins(x.shape[3], columns, start=ceil))
    # the start of a bin is rounded up: round it down
mean_over(x, equal(x.shape[2], rows), equal(x.shape[3], columns))
    # all bins have the same size, and the rest is left out: the bins must reach the end
mean_over(x, up_to_the_end(x.shape[2], rows), up_to_the_end(x.shape[3], columns))
    # the last bin takes all of the rest: compute start and end of each bin from i · n / o
mean_over(x, strided(x.shape[2], rows), strided(x.shape[3], columns))
    # all windows have one size and one stride: the sizes of bins can differ
by_area(by_area(x, 2, rows), 3, columns)
    # a pixel in two bins counts in each by its part: it counts whole in both
mean_over(x, bins(x.shape[2], columns), bins(x.shape[3], rows))
    # rows and columns are exchanged
mean_over(x, bins(x.shape[2], rows), bins(x.shape[3], rows))
    # rows is used for both axes
mean_over(x, bins(x.shape[2], columns), bins(x.shape[3], columns))
    # columns is used for both axes
over(over(x, 2, bins(x.shape[2], rows)), 3, bins(x.shape[3], columns))
    # this is the maximum: take the average
over(over(x, 2, bins(x.shape[2], rows), summed), 3, bins(x.shape[3], columns), summed)
    # the sum comes back: divide it by the number of pixels in the bin
over(over(x, 2, bins(x.shape[2], rows), summed), 3, bins(x.shape[3], columns), summed
    ) * rows * columns / x.shape[2] / x.shape[3]
    # each sum is divided by the same number: divide it by the number of pixels in its bin
"""


def gridded(x, rows, columns, **fields):
    return Case((x,), {"rows": rows, "columns": columns}, **fields)


ADAPTIVE_AVERAGE_EXERCISE = Exercise(
    "adaptive_average_pooling",
    adaptive_average_pooling,
    visible=(
        gridded(np.arange(15.0).reshape(1, 1, 3, 5), 2, 3),
        gridded(normal(default_rng(1), 2, 3, 8, 7), 5, 4),
        gridded(normal(default_rng(2), 1, 2, 7, 9), 3, 1, part="robustness"),
        gridded(normal(default_rng(3), 2, 1, 4, 6), 2, 3, part="robustness"),
    ),
    hidden=lambda rng: (
        gridded(normal(rng, 2, 3, 7, 5), 4, 3),
        gridded(normal(rng, 1, 4, 8, 11), 3, 4),
        gridded(normal(rng, 2, 3, 5, 8), 3, 5),
        gridded(normal(rng, 1, 2, 3, 5), 5, 4, part="robustness"),
    ),
    reference={
        "pytorch": """
def adaptive_average_pooling_pt(x, rows, columns):
    return F.adaptive_avg_pool2d(x, (rows, columns))
""",
        "tensorflow": """
def adaptive_average_pooling_tf(x, rows, columns):
    if columns == 1:
        x, columns = tf.reduce_mean(x, 2, keepdims=True) + tf.zeros((1, 1, 2, 1)), 2
        return keras.layers.AdaptiveAveragePooling2D((rows, columns))(x)[:, :, :1]
    return keras.layers.AdaptiveAveragePooling2D((rows, columns))(x)
""",
    },
    misconceptions=mistakes(ADAPTIVE_AVERAGE_MISTAKES, globals(), "x, rows, columns"),
    layouts=CHANNELS,
    elementwise=False,
)

ADAPTIVE_AVERAGE_POOLING = component(
    "adaptive_average_pooling",
    name="Adaptive average pooling",
    zh="二维自适应平均池化",
    pytorch=(
        "torch.nn.AdaptiveAvgPool1d",
        "torch.nn.AdaptiveAvgPool2d",
        "torch.nn.AdaptiveAvgPool3d",
        "torch.nn.functional.adaptive_avg_pool1d",
        "torch.nn.functional.adaptive_avg_pool2d",
        "torch.nn.functional.adaptive_avg_pool3d",
    ),
    keras=(
        "keras.layers.AdaptiveAveragePooling1D",
        "keras.layers.AdaptiveAveragePooling2D",
        "keras.layers.AdaptiveAveragePooling3D",
    ),
    calls="""
nn.AdaptiveAvgPool2d((2, 3)) | keras.layers.AdaptiveAveragePooling2D((2, 3))
nn.AdaptiveAvgPool2d(1) | keras.layers.GlobalAveragePooling2D(keepdims=True)
    # do not use `AdaptiveAveragePooling2D` with one bin: `predict` and `fit` raise an error
""",
    behaviour={
        "adaptive-none-tf": "`None` keeps an axis in PyTorch, and is an error in Keras",
        "adaptive-divisible": "a window of fixed size gives the same for some sizes only",
    },
    exercises=(ADAPTIVE_AVERAGE_EXERCISE,),
)


def global_max_pooling(x):
    return x.max((2, 3))


def top(x):
    return x == x.max((2, 3), keepdims=True)


def shared(upstream_gradient, x):
    """The gradient that the statement fixes: equal maxima share it equally."""
    won = top(x)
    return (upstream_gradient[:, :, None, None] * won / won.sum((2, 3), keepdims=True),)


def chosen(upstream_gradient, x, last=False):
    """The whole gradient goes to one of the equal maxima."""
    flat = top(x).reshape(*x.shape[:2], -1)
    at = flat.shape[-1] - 1 - flat[..., ::-1].argmax(-1) if last else flat.argmax(-1)
    one = np.arange(flat.shape[-1]) == at[..., None]
    return (upstream_gradient[:, :, None, None] * one.reshape(x.shape),)


def axis_by_axis(upstream_gradient, x, first, second):
    """A maximum along one axis, then along the other, each with equal shares."""
    inner = x.max(first, keepdims=True)
    a = inner == inner.max(second, keepdims=True)
    b = x == inner
    a, b = a / a.sum(second, keepdims=True), b / b.sum(first, keepdims=True)
    return (upstream_gradient[:, :, None, None] * a * b,)


GLOBAL_MAX_MISTAKES = """
gradient: chosen(upstream_gradient, x)
    # at a tie the first number gets all of the gradient: divide it equally
gradient: chosen(upstream_gradient, x, True)
    # at a tie the last number gets all of the gradient: divide it equally
gradient: (upstream_gradient[:, :, None, None] * top(x),)
    # at a tie each number gets all of the gradient: divide it by their number
gradient: axis_by_axis(upstream_gradient, x, 2, 3)
gradient: axis_by_axis(upstream_gradient, x, 3, 2)
    # at a tie the shares are unequal, as from one axis after the other: take the maximum over both
    # axes in one step
gradient: (upstream_gradient[:, :, None, None] * top(x) * (top(x).sum((2, 3), keepdims=True) == 1),)
    # at a tie all gradients are 0: divide the gradient equally
x.max((2, 3), keepdims=True)     # height and width are still there, with the size 1: remove them
x.max((1, 2, 3))                 # the maximum is over the channels, too: each channel has its own
x.max(2)                         # the maximum is over the height only: take it over both axes
x.max(3)                         # the maximum is over the width only: take it over both axes
x.max((0, 2, 3))                 # the maximum is over the examples, too: each has its own
x.mean((2, 3))                   # this is the average: take the maximum
abs(x).max((2, 3))               # the numbers have lost their signs: compare them with signs
x.min((2, 3))                    # this is the smallest number: take the largest
"""

GLOBAL_MAX_EXERCISE = Exercise(
    "global_max_pooling",
    global_max_pooling,
    visible=(
        Case((np.array([[[[1.0, 5, 5], [5, 2, -9]]]]),)),
        Case((normal(default_rng(1), 2, 3, 4, 5) - 2,)),
        Case((few(default_rng(3), 2, 3, 3, 2),), part="robustness"),
    ),
    hidden=lambda rng: (
        Case((normal(rng, 2, 4, 3, 5),)),
        Case((few(rng, 3, 4, 2, 3),)),
        Case((few(rng, 1, 6, 4, 2),), part="robustness"),
        Case((normal(rng, 3, 2, 1, 5),), part="robustness"),
    ),
    gradient=shared,
    reference={
        "pytorch": "global_max_pooling_pt = lambda x: x.amax((2, 3))",
        "tensorflow": "global_max_pooling_tf = lambda x: keras.layers.GlobalMaxPooling2D()(x)",
    },
    misconceptions=mistakes(GLOBAL_MAX_MISTAKES, globals(), "x"),
    layouts={0: "channels"},
    elementwise=False,
)

GLOBAL_MAX_POOLING = component(
    "global_max_pooling",
    name="Global max pooling",
    zh="全局最大池化层",
    keras=(
        "keras.layers.GlobalMaxPooling1D",
        "keras.layers.GlobalMaxPooling2D",
        "keras.layers.GlobalMaxPooling3D",
    ),
    aliases=(
        "keras.layers.GlobalMaxPool1D",
        "keras.layers.GlobalMaxPool2D",
        "keras.layers.GlobalMaxPool3D",
    ),
    calls="""
x.amax((2, 3)) | keras.layers.GlobalMaxPooling2D()(x)
    # at a tie both divide the gradient equally; `nn.AdaptiveMaxPool2d(1)` gives all of it to the
    # first pixel
""",
    behaviour={
        "global-tie-tf": "a tie: `amax` and `GlobalMaxPooling2D` share the gradient equally",
    },
    exercises=(GLOBAL_MAX_EXERCISE,),
)


def counts(mask):
    return np.maximum(mask.sum(1), 1)[:, None]


def kept(x, mask):
    return (x * mask[:, None]).sum(2)


def global_average_pooling(x, mask):
    return kept(x, mask) / counts(mask)


GLOBAL_AVERAGE_MISTAKES = """
x.mean(2)
    # the mask is ignored: leave out the steps where it is False
kept(x, mask) / x.shape[2]
    # the sum is divided by all steps: divide it by the number of steps that the mask keeps
kept(x, mask)                             # the sum comes back: divide it by the number of steps
kept(x, ~mask) / counts(~mask)            # the mask has the opposite meaning: True keeps a step
kept(x, mask) / mask.sum(1)[:, None]
    # an example without a step is 0 / 0, which is NaN: divide by at least 1
kept(x, mask) / (mask.sum(1)[:, None] + 1)
    # each sum is divided by one step too many
kept(x, mask) / mask.sum()
kept(x, mask) / mask.sum() * len(mask)
    # all examples are divided by the same number: each has its own number of steps
kept(x, mask) / counts(mask) / x.shape[1]
kept(x, mask).mean(1)
    # the average is over the channels, too: each channel has its own
where(mask.any(1)[:, None], where(mask[:, None], x, -inf).max(2), 0.0)
    # this is the maximum: take the average
(kept(x, mask) / counts(mask))[:, :, None]
    # the time is still there, with the size 1: remove it
where(mask.any(1)[:, None], kept(x, mask) / counts(mask), x.mean(2))
    # an example without a step gets the average of all its steps: it gets 0
"""


def masked(rng, batch, channels, time, empty=False, **fields):
    mask = rng.uniform(size=(batch, time)) < 0.6
    mask[:, 0] = True
    mask[:, -1] = False
    if empty:
        mask[-1] = False
    return Case((normal(rng, batch, channels, time) + 1, mask), **fields)


GLOBAL_AVERAGE_EXERCISE = Exercise(
    "global_average_pooling",
    global_average_pooling,
    visible=(
        Case((np.array([[[1.0, 3, 8], [5, 7, 9]]]), np.array([[True, True, False]]))),
        masked(default_rng(1), 2, 3, 5),
        masked(default_rng(2), 3, 2, 7),
        masked(default_rng(4), 2, 4, 4),  # a confused layout raises no error here
        masked(default_rng(3), 2, 3, 4, empty=True, part="robustness"),
    ),
    hidden=lambda rng: (
        masked(rng, 4, 3, 6),
        masked(rng, 1, 4, 5),
        masked(rng, 3, 4, 7, empty=True, part="robustness"),
    ),
    reference={
        "pytorch": """
def global_average_pooling_pt(x, mask):
    return (x * mask[:, None]).sum(2) / mask.sum(1).clamp(min=1)[:, None]
""",
        "tensorflow": """
def global_average_pooling_tf(x, mask):
    some = tf.reduce_any(mask, 1)[:, None]
    y = keras.layers.GlobalAveragePooling1D()(x, mask=mask | ~some)
    return tf.where(some, y, 0.0)
""",
    },
    misconceptions=mistakes(GLOBAL_AVERAGE_MISTAKES, globals(), "x, mask"),
    layouts={0: "channels"},
    targets=(1,),
    elementwise=False,
)

GLOBAL_AVERAGE_POOLING = component(
    "global_average_pooling",
    name="Global average pooling",
    zh="全局平均池化层",
    keras=(
        "keras.layers.GlobalAveragePooling1D",
        "keras.layers.GlobalAveragePooling2D",
        "keras.layers.GlobalAveragePooling3D",
    ),
    aliases=(
        "keras.layers.GlobalAvgPool1D",
        "keras.layers.GlobalAvgPool2D",
        "keras.layers.GlobalAvgPool3D",
    ),
    calls="""
x.mean((2, 3)) | keras.layers.GlobalAveragePooling2D()(x)
(x * m).sum(2) / m.sum(2) | keras.layers.GlobalAveragePooling1D()(x, mask=mask)
    # if a mask keeps no step, both divide 0 by 0
""",
    behaviour={
        "mask-tf": "`GlobalAveragePooling1D` takes a mask, and `GlobalMaxPooling1D` does not",
        "mask-nothing": "an example without a step is NaN",
    },
    exercises=(GLOBAL_AVERAGE_EXERCISE,),
)


def starts(n, size, o, u):
    """The starts of the windows, by PyTorch's formula."""
    step = (n - size) / (o - 1)
    return [floor((i + u) * step) - floor(u * step) for i in range(o)]


def at_starts(x, size, rows, columns, reduce=highest):
    rows, columns = ([(a, a + size) for a in starts] for starts in (rows, columns))
    return over(over(x, 2, rows, reduce), 3, columns, reduce)


def by_starts(x, size, rows, columns, begin, reduce=highest):
    """Pooling with windows that start at ``begin(length, number of windows)`` on each axis."""
    return at_starts(x, size, begin(x.shape[2], rows), begin(x.shape[3], columns), reduce)


def fractional_max_pooling(x, size, rows, columns, u):
    return by_starts(x, size, rows, columns, lambda n, o: starts(n, size, o, u))


def up_to_the_next(begins, n):
    return list(zip(begins, [*begins[1:], n], strict=True))


FRACTIONAL_MAX_MISTAKES = """
by_starts(x, size, rows, columns, lambda n, o: starts(n, size, o, 0.0))
    # u is ignored: the windows always begin at ⌊i α⌋
by_starts(x, size, rows, columns, lambda n, o:
    [floor((i + u) * (n - size) / (o - 1)) for i in range(o)])
by_starts(x, size, rows, columns, lambda n, o:
    [minimum(floor((i + u) * (n - size) / (o - 1)), n - size) for i in range(o)])
    # ⌊u α⌋ is not subtracted: the first window must begin at 0
by_starts(x, size, rows, columns, lambda n, o:
    [*(floor((i + u) * n / o) - floor(u * n / o) for i in range(o - 1)), n - size])
    # α is n / o: it is (n − size) / (o − 1)
by_starts(x, size, rows, columns, lambda n, o:
    [floor((i + u) * (n - size) / o) - floor(u * (n - size) / o) for i in range(o)])
    # the step is divided by o: between o windows there are o − 1 steps
by_starts(x, size, rows, columns, lambda n, o:
    [rounded(i * (n - size) / (o - 1)) for i in range(o)])
    # the starts are rounded, and u is ignored: round (i + u) α down, and subtract ⌊u α⌋
by_starts(x, size, rows, columns, lambda n, o:
    [minimum(n - size, i * floor((n - size) / (o - 1))) for i in range(o)])
    # α is rounded before it is multiplied: round the product
by_starts(x, size, rows, columns, lambda n, o: starts(n, size, o, u), averaged)
    # this is the average: take the maximum
by_starts(x, 1, rows, columns, lambda n, o: starts(n, size, o, u))
    # one number comes back for each window, its first: take the maximum
over(over(x, 2, up_to_the_next(starts(x.shape[2], size, rows, u), x.shape[2])), 3,
    up_to_the_next(starts(x.shape[3], size, columns, u), x.shape[3]))
    # a window ends where the next begins: each has the same size
by_starts(x, size, columns, rows, lambda n, o: starts(n, size, o, u))
    # rows and columns are exchanged
-fractional_max_pooling(-x, size, rows, columns, u)
    # this is the smallest number: take the largest
fractional_max_pooling(abs(x), size, rows, columns, u)
    # the numbers have lost their signs: compare them with signs
"""


def is_clear(n, size, o, u):
    """Whether no start depends on the last digits of a number."""
    step = (n - size) / (o - 1)
    parts = [(i + u) * step % 1 for i in range(o)]
    return min(parts) > 0.02 and max(parts) < 0.98


def sampled(rng, shape, size, rows, columns, **fields):
    clear = [
        u
        for u in (k / 32 for k in range(5, 32))
        if is_clear(shape[2], size, rows, u) and is_clear(shape[3], size, columns, u)
    ]
    arguments = {"size": size, "rows": rows, "columns": columns, "u": float(rng.choice(clear))}
    return Case((normal(rng, *shape),), arguments, **fields)


FRACTIONAL_MAX_EXERCISE = Exercise(
    "fractional_max_pooling",
    fractional_max_pooling,
    visible=(
        Case(
            (np.arange(35.0).reshape(1, 1, 5, 7) % 11,),
            {"size": 2, "rows": 3, "columns": 3, "u": 0.5},
        ),
        sampled(default_rng(1), (2, 3, 9, 8), 2, 6, 5),
        sampled(default_rng(2), (1, 2, 7, 10), 3, 4, 6),
        sampled(default_rng(3), (2, 1, 6, 9), 2, 4, 6, part="robustness"),
    ),
    hidden=lambda rng: (
        sampled(rng, (2, 3, 10, 7), 2, 6, 4),
        sampled(rng, (1, 4, 8, 9), 3, 5, 4),
        sampled(rng, (2, 2, 7, 11), 2, 5, 7, part="robustness"),
    ),
    reference={
        "pytorch": """
def fractional_max_pooling_pt(x, size, rows, columns, u):
    samples = torch.full((x.shape[0], x.shape[1], 2), u)
    return F.fractional_max_pool2d(x, size, (rows, columns), _random_samples=samples)
""",
        "tensorflow": """
def fractional_max_pooling_tf(x, size, rows, columns, u):
    def starts(n, o):
        step = (n - size) / (o - 1)
        return [int((i + u) * step) - int(u * step) for i in range(o)]

    return tf.stack([tf.stack([
        tf.reduce_max(x[:, a:a + size, b:b + size], (1, 2)) for b in starts(x.shape[2], columns)
    ], 1) for a in starts(x.shape[1], rows)], 1)
""",
    },
    misconceptions=mistakes(FRACTIONAL_MAX_MISTAKES, globals(), "x, size, rows, columns, u"),
    layouts=CHANNELS,
    elementwise=False,
)

FRACTIONAL_MAX_POOLING = component(
    "fractional_max_pooling",
    name="Fractional max pooling",
    zh="二维分数最大池化",
    pytorch=(
        "torch.nn.FractionalMaxPool2d",
        "torch.nn.FractionalMaxPool3d",
        "torch.nn.functional.fractional_max_pool2d",
        "torch.nn.functional.fractional_max_pool3d",
        "torch.nn.functional.fractional_max_pool2d_with_indices",
        "torch.nn.functional.fractional_max_pool3d_with_indices",
    ),
    tensorflow=("tf.nn.fractional_max_pool",),
    calls="""
at_edges(torch.amax, x, rows, columns) | tf.nn.fractional_max_pool(x, ratio, seed=1)
    # the draws of the two frameworks never agree: use the edges that TensorFlow returns
""",
    behaviour={
        "fractional-draws-pt": "windows: one size in PyTorch; in TensorFlow from edge to edge",
        "fractional-eval-tf": "both draw new windows in inference mode, too",
    },
    exercises=(FRACTIONAL_MAX_EXERCISE,),
)


def cells(edges, before=0, after=0):
    return [(max(0, a - before), b + after) for a, b in pairwise(edges)]


def fractional_average_pooling(x, rows, columns, overlapping):
    return mean_over(x, cells(rows, 0, overlapping), cells(columns, 0, overlapping))


def sum_over(x, rows, columns):
    return over(over(x, 2, rows, summed), 3, columns, summed)


def sizes(edges, overlapping):
    return np.array([b - a + overlapping for a, b in pairwise(edges)])


FRACTIONAL_AVERAGE_MISTAKES = """
mean_over(x, cells(rows), cells(columns))
    # no window overlaps: with `overlapping`, the number at the next edge belongs to both windows
mean_over(x, cells(rows, 0, 1), cells(columns, 0, 1))
    # the windows always overlap: without `overlapping`, the end is not in the window
mean_over(x, cells(rows, 0, not overlapping), cells(columns, 0, not overlapping))
    # `overlapping` has the opposite meaning
mean_over(x, cells(rows, overlapping), cells(columns, overlapping))
    # a window begins one number before its edge: it ends one number later
mean_over(x, cells(rows, overlapping, overlapping), cells(columns, overlapping, overlapping))
    # a window overlaps at both ends: it begins at its edge
sum_over(x, cells(rows, 0, overlapping), cells(columns, 0, overlapping))
    # the sum comes back: divide it by the number of pixels
sum_over(x, cells(rows, 0, overlapping), cells(columns, 0, overlapping)
    ) / sizes(rows, overlapping)[:, None] / sizes(columns, overlapping)
    # the last windows are divided by pixels that are not there: the image ends at the last edge
sum_over(x, cells(rows, 0, overlapping), cells(columns, 0, overlapping)
    ) / sizes(rows, 0)[:, None] / sizes(columns, 0)
    # the shared pixels are not counted: divide by the number of pixels in the window
over(over(x, 2, cells(rows, 0, overlapping)), 3, cells(columns, 0, overlapping))
    # this is the maximum: take the average
mean_over(x, cells(columns, 0, overlapping), cells(rows, 0, overlapping))
    # rows and columns are exchanged
mean_over(x, cells(rows, 0, overlapping), cells(rows, 0, overlapping))
    # the edges of the rows are used for both axes
fractional_average_pooling(x, rows, columns, overlapping).mean(1, keepdims=True)
    # the average is over the channels, too: each channel has its own
"""


def edged(rng, batch, channels, rows, columns, overlapping, **fields):
    """An image whose size is that of the last edges."""
    arguments = {"rows": rows, "columns": columns, "overlapping": overlapping}
    return Case((normal(rng, batch, channels, rows[-1], columns[-1]),), arguments, **fields)


def drawn_edges(rng, n):
    """Edges from 0 on, in random steps of 1 and 2."""
    return tuple(int(v) for v in np.concatenate([[0], np.cumsum(rng.permutation([1, 2] * n))]))


FRACTIONAL_AVERAGE_EXERCISE = Exercise(
    "fractional_average_pooling",
    fractional_average_pooling,
    visible=(
        Case(
            (np.arange(20.0).reshape(1, 1, 4, 5) % 7,),
            {"rows": (0, 1, 3, 4), "columns": (0, 2, 3, 5), "overlapping": True},
        ),
        edged(default_rng(1), 2, 3, (0, 2, 3, 5), (0, 1, 3, 4, 6), False),
        edged(default_rng(2), 1, 2, (0, 1, 3, 5, 6), (0, 2, 4, 5), True),
        # A confused layout raises no error here.
        edged(default_rng(4), 2, 6, (0, 2, 3, 5), (0, 1, 3, 4), True),
        edged(default_rng(3), 2, 1, (0, 2, 4), (0, 1, 3), True, part="robustness"),
    ),
    hidden=lambda rng: (
        edged(rng, 2, 3, drawn_edges(rng, 2), drawn_edges(rng, 1), True),
        edged(rng, 1, 4, drawn_edges(rng, 1), drawn_edges(rng, 2), False),
        edged(rng, 2, 2, (0, 1, 2, 4), (0, 2, 3, 4, 5), True, part="robustness"),
    ),
    reference={
        "pytorch": """
def fractional_average_pooling_pt(x, rows, columns, overlapping):
    return torch.stack([torch.stack([
        x[:, :, a:b + overlapping, c:d + overlapping].mean((2, 3))
        for c, d in zip(columns, columns[1:])
    ], 2) for a, b in zip(rows, rows[1:])], 2)
""",
        "tensorflow": """
def fractional_average_pooling_tf(x, rows, columns, overlapping):
    return tf.stack([tf.stack([
        tf.reduce_mean(x[:, a:b + overlapping, c:d + overlapping], (1, 2))
        for c, d in zip(columns, columns[1:])
    ], 1) for a, b in zip(rows, rows[1:])], 1)
""",
    },
    misconceptions=mistakes(
        FRACTIONAL_AVERAGE_MISTAKES, globals(), "x, rows, columns, overlapping"
    ),
    layouts=CHANNELS,
    elementwise=False,
)

FRACTIONAL_AVERAGE_POOLING = component(
    "fractional_average_pooling",
    name="Fractional average pooling",
    zh="分数平均池化",
    tensorflow=("tf.nn.fractional_avg_pool",),
    calls="""
at_edges(torch.mean, x, rows, columns) | tf.nn.fractional_avg_pool(x, ratio, seed=1)
    # PyTorch has no such layer: `at_edges` is the function of this chapter
""",
    behaviour={
        "fractional-overlap-agree": "`overlapping=True`: a window includes its end",
    },
    exercises=(FRACTIONAL_AVERAGE_EXERCISE,),
)

COMPONENTS = (
    ADAPTIVE_MAX_POOLING,
    ADAPTIVE_AVERAGE_POOLING,
    GLOBAL_MAX_POOLING,
    GLOBAL_AVERAGE_POOLING,
    FRACTIONAL_MAX_POOLING,
    FRACTIONAL_AVERAGE_POOLING,
)
