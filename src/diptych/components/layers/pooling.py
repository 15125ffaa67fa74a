"""Pooling over sliding windows: maximum, unpooling, average, and power average."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

CHANNELS = {0: "channels", "output": "channels"}


def normal(rng, *shape):
    return rng.normal(0, 1, shape)


def few(rng, *shape):
    """Few different whole numbers, so that most windows have a tie."""
    return rng.integers(-2, 2, shape).astype(float)


def with_zeros(x, size):
    """The first channel of ``x`` begins with zeros, in a window of this size."""
    x = np.array(x)
    x[:, 0, :size, :size] = 0
    return x


def bordered(x, before, after, value):
    return np.pad(x, [(0, 0), (0, 0), (before, after), (before, after)], constant_values=value)


def windows(x, size, stride, padding=0, value=0.0):
    """(batch, channels, rows, columns, size, size)."""
    if min(size, stride) < 1:
        raise ValueError("no such window")
    view = sliding_window_view(bordered(x, padding, padding, value), (size, size), (2, 3))
    return view[:, :, ::stride, ::stride]


def biggest(x, size, stride, padding=0, value=-np.inf):
    return windows(x, size, stride, padding, value).max((4, 5))


def means(x, size, stride, padding=0):
    return windows(x, size, stride, padding).mean((4, 5))


def one_sided(x, size, stride, before, after, value=-np.inf):
    return windows(bordered(x, before, after, value), size, stride)


def ceiled(x, size, stride, padding, value=-np.inf):
    """Square windows, with those that begin inside and end outside, as with ceil_mode."""
    return one_sided(x, size, stride, padding, padding + stride - 1, value)


def max_pooling(x, size, stride, padding):
    return biggest(x, size, stride, padding)


MAX_POOLING_MISTAKES = """
biggest(x, size, stride, padding, 0.0)
    # the border is 0, and wins where all numbers are negative: pad with −∞
biggest(x, size, size, padding)         # the windows move by their size: move them by the stride
biggest(x, size, 1, padding)            # the windows move by 1: move them by the stride
biggest(x, size, stride, 0)             # there is no padding
one_sided(x, size, stride, padding, 0).max((4, 5))
    # only top and left are padded: pad bottom and right, too
one_sided(x, size, stride, 0, padding).max((4, 5))
    # only bottom and right are padded: pad top and left, too
one_sided(x, size, stride, 0, 2 * padding).max((4, 5))
    # all of the padding is at the bottom and on the right: divide it between both ends
one_sided(x, size, stride, 2 * padding, 2 * padding).max((4, 5))
    # each end has twice the padding
ceiled(x, size, stride, padding).max((4, 5))
    # windows that end outside the padded image are kept: drop them
windows(x, size, stride, padding, -inf).mean((4, 5))
means(x, size, stride, padding)         # this is the average: take the largest number
-biggest(-x, size, stride, padding)     # this is the smallest number: take the largest
biggest(abs(x), size, stride, padding)  # the numbers have lost their signs: compare them with signs
biggest(x, size, stride, padding).max(1, keepdims=True)
    # the maximum is over the channels, too: each channel has its own
biggest(x, stride, size, padding)       # size and stride are exchanged
biggest(x, size, stride, padding).swapaxes(2, 3)
    # rows and columns of the output are exchanged
maximum(0, biggest(x, size, stride, padding))
    # negative numbers become 0: the largest number can be negative
"""


def slid(x, size, stride, padding, **fields):
    return Case((x,), {"size": size, "stride": stride, "padding": padding}, **fields)


MAX_POOLING_EXERCISE = Exercise(
    "max_pooling",
    max_pooling,
    visible=(
        slid(np.array([[[[1.0, 2, -3, 0], [4, -5, -1, -2], [3, 0, -6, -4]]]]), 2, 1, 0),
        slid(normal(default_rng(1), 2, 3, 5, 7) - 2, 3, 2, 1),
        slid(normal(default_rng(2), 1, 2, 4, 6), 2, 2, 0, part="robustness"),
        slid(normal(default_rng(3), 2, 1, 6, 5) - 2, 2, 3, 1, part="robustness"),
    ),
    hidden=lambda rng: (
        slid(normal(rng, 2, 3, 6, 5) - 2, 3, 1, 1),
        slid(normal(rng, 1, 4, 7, 5), 2, 3, 0),
        slid(normal(rng, 2, 3, 4, 7) - 2, 2, 2, 1),
        slid(normal(rng, 1, 2, 8, 5) - 2, 4, 3, 2, part="robustness"),
    ),
    reference={
        "pytorch": "max_pooling_pt = F.max_pool2d",
        "tensorflow": """
def max_pooling_tf(x, size, stride, padding):
    pairs = [[0, 0], [padding, padding], [padding, padding], [0, 0]]
    return tf.nn.max_pool2d(x, size, stride, pairs)
""",
    },
    misconceptions=mistakes(MAX_POOLING_MISTAKES, globals(), "x, size, stride, padding"),
    layouts=CHANNELS,
    elementwise=False,
)


def within(x, size, stride, last=False):
    """The largest number of each window, and its row and its column in the window."""
    view = windows(x, size, stride)
    flat = view.reshape(*view.shape[:4], -1)
    place = flat.shape[-1] - 1 - flat[..., ::-1].argmax(-1) if last else flat.argmax(-1)
    return flat.max(-1), place // size, place % size


def placed(x, size, stride, index, last=False):
    """Maxima, and an ``index`` of batch, channel, row, column and place in the window."""
    y, row, column = within(x, size, stride, last)
    b, c, i, j = np.indices(y.shape)
    return y, np.asarray(index(b, c, i * stride + row, j * stride + column, row, column)).astype(
        np.int64
    )


def max_indices(x, size, stride):
    return placed(x, size, stride, lambda b, c, i, j, *_: i * x.shape[3] + j)


MAX_INDICES_MISTAKES = """
placed(x, size, stride, lambda b, c, i, j, r, s: r * size + s)
    # the index counts within the window: add the row and the column at which the window begins
placed(x, size, stride, lambda b, c, i, j, *_: j * x.shape[2] + i)
    # the index counts down the columns: it is row · width + column
placed(x, size, stride, lambda b, c, i, j, *_: i * x.shape[2] + j)
    # the row is multiplied by the height: multiply it by the width
placed(x, size, stride, lambda b, c, i, j, *_: i * max_indices(x, size, stride)[0].shape[3] + j)
    # the row is multiplied by the width of the output: multiply it by the width of the input
placed(x, size, stride, lambda b, c, i, j, *_: (i * x.shape[3] + j) * x.shape[1] + c)
    # the index counts the channels, too, as TensorFlow's does: divide it by their number
placed(x, size, stride, lambda b, c, i, j, *_: (c * x.shape[2] + i) * x.shape[3] + j)
    # the index goes on from channel to channel: begin at 0 in each channel
placed(x, size, stride, lambda b, c, i, j, *_: i * x.shape[3] + j + 1)
    # the index begins at 1: begin at 0
placed(x, size, stride, lambda b, c, i, j, *_: i * x.shape[3] + j, True)
    # at a tie the last place comes back: take the first
placed(x, size, stride, lambda b, c, i, j, *_: i)  # the row comes back: add the column
placed(x, size, stride, lambda b, c, i, j, r, s: (i - r) * x.shape[3] + j - s)
    # the index is that of the first number of the window: take that of the largest
placed(x, size, stride, lambda b, c, i, j, r, s:
    ((i - r) // stride * size + r) * x.shape[3] + (j - s) // stride * size + s)
    # the index is counted as if windows moved by their size: they move by the stride
placed(x, size, size, lambda b, c, i, j, *_: i * x.shape[3] + j)
    # the windows move by their size: move them by the stride
(-max_indices(-x, size, stride)[0], max_indices(-x, size, stride)[1])
    # this is the smallest number: take the largest
"""


def indexed(x, size, stride, **fields):
    return Case((x,), {"size": size, "stride": stride}, gradients=False, **fields)


MAX_INDICES_EXERCISE = Exercise(
    "max_indices",
    max_indices,
    visible=(
        indexed(np.array([[[[5.0, 1, 2, 2, 0], [3, 4, 0, 2, 7]]]]), 2, 2),
        indexed(few(default_rng(2), 2, 3, 6, 7), 3, 2),
        indexed(normal(default_rng(2), 2, 2, 5, 4), 2, 1, part="robustness"),
    ),
    hidden=lambda rng: (
        indexed(normal(rng, 2, 3, 7, 5), 2, 3),
        indexed(few(rng, 1, 4, 5, 8), 3, 2),
        indexed(few(rng, 2, 3, 6, 4), 2, 2, part="robustness"),
    ),
    reference={
        "pytorch": """
def max_indices_pt(x, size, stride):
    return F.max_pool2d(x, size, stride, return_indices=True)
""",
        "tensorflow": """
def max_indices_tf(x, size, stride):
    y, index = tf.nn.max_pool_with_argmax(x, size, stride, "VALID")
    return y, index // x.shape[-1]
""",
    },
    misconceptions=mistakes(MAX_INDICES_MISTAKES, globals(), "x, size, stride"),
    layouts=CHANNELS | {"output 1": "channels"},
    elementwise=False,
)

MAX_POOLING = component(
    "max_pooling",
    name="Max pooling",
    zh="一维最大池化；二维最大池化；三维最大池化",
    pytorch=(
        "torch.nn.MaxPool1d",
        "torch.nn.MaxPool2d",
        "torch.nn.MaxPool3d",
        "torch.nn.functional.max_pool1d",
        "torch.nn.functional.max_pool2d",
        "torch.nn.functional.max_pool3d",
        "torch.nn.functional.max_pool1d_with_indices",
        "torch.nn.functional.max_pool2d_with_indices",
        "torch.nn.functional.max_pool3d_with_indices",
    ),
    keras=("keras.layers.MaxPooling1D", "keras.layers.MaxPooling2D", "keras.layers.MaxPooling3D"),
    tensorflow=(
        "tf.nn.max_pool",
        "tf.nn.max_pool1d",
        "tf.nn.max_pool2d",
        "tf.nn.max_pool3d",
        "tf.nn.max_pool_with_argmax",
        "tf.nn.pool",
    ),
    aliases=("keras.layers.MaxPool1D", "keras.layers.MaxPool2D", "keras.layers.MaxPool3D"),
    calls="""
nn.MaxPool2d(2) | keras.layers.MaxPooling2D(2)
    # `MaxPooling2D()` has 2 × 2 windows; `MaxPool2d` needs a size
nn.MaxPool2d(3, 2, padding=1) | tf.nn.max_pool2d(x, 3, 2, [[0, 0], [1, 1], [1, 1], [0, 0]])
    # both pad with −∞; `ZeroPadding2D` pads with 0, which is larger than a negative number
""",
    behaviour={
        "max-same-agree": '`padding="same"` ignores the border; PyTorch has no such option',
        "max-zeros-tf": "a border of zeros replaces negative maxima: pad with −∞",
        "max-nan-tf": "NaN stays in PyTorch, and `MaxPooling2D` drops it",
        "max-tie-tf": "at a tie the first number of a window gets the gradient, in both",
    },
    exercises=(MAX_POOLING_EXERCISE, MAX_INDICES_EXERCISE),
)


def scattered(y, places, shape, add=False):
    """``y`` written, or added, at flat ``places`` of each channel of a tensor of this shape."""
    b, c = y.shape[:2]
    flat = np.zeros((b, c, shape[0] * shape[1]))
    at = (*np.ogrid[:b, :c], 0)[:2]
    at = (at[0].reshape(b, 1, 1), at[1].reshape(1, c, 1), places.reshape(b, c, -1))
    if places.min() < 0:
        raise IndexError("outside")
    if add:
        np.add.at(flat, at, y.reshape(b, c, -1))
    else:
        flat[at] = y.reshape(b, c, -1)
    return flat.reshape(b, c, *shape)


def max_unpooling(y, index, height, width):
    return scattered(y, index, (height, width))


MAX_UNPOOLING_MISTAKES = """
scattered(y, index, (height, width), add=True)
    # a number that two windows share is added twice: write it once
scattered(y, index // height * width + index % height, (height, width))
    # the index is divided by the height: divide it by the width
scattered(y, index % width * height + index // width, (width, height)).swapaxes(2, 3)[:, :, ::-1]
    # the rows are in the opposite order: index 0 is the first row
scattered(y, index, (width, height))   # height and width are exchanged
scattered(ones_like(y), index, (height, width))
    # ones are written: write the numbers of y
scattered(index, index, (height, width))  # the indices are written: write the numbers of y
scattered(y, 0 * index + index[:, :1], (height, width))
    # the index of the first channel is used for every channel: each channel has its own
scattered(y, 0 * index + index[:1], (height, width))
    # the index of the first example is used for every example: each example has its own
scattered(y, maximum(0, index - 1), (height, width))
    # the index begins at 1: it begins at 0
scattered(abs(y), index, (height, width))
    # negative numbers have lost their sign
scattered(maximum(0, y), index, (height, width))
    # negative numbers become 0: write them as they are
"""


def unpooled(x, size, stride, **fields):
    y, index = max_indices(x, size, stride)
    return Case((y, index), {"height": x.shape[2], "width": x.shape[3]}, **fields)


MAX_UNPOOLING_EXERCISE = Exercise(
    "max_unpooling",
    max_unpooling,
    visible=(
        unpooled(np.array([[[[5.0, 1, 2, -3, 0], [3, 4, 0, -2, 7]]]]), 2, 2),
        unpooled(normal(default_rng(1), 2, 3, 4, 7) - 1, 2, 2),
        # Windows that overlap: numbers that they share are written twice, or added.
        unpooled(normal(default_rng(2), 2, 3, 5, 6), 3, 1, gradients=False, part="robustness"),
    ),
    hidden=lambda rng: (
        unpooled(normal(rng, 2, 3, 7, 5), 2, 2),
        unpooled(normal(rng, 1, 4, 6, 9) - 1, 3, 3),
        unpooled(normal(rng, 2, 2, 6, 5), 3, 1, gradients=False, part="robustness"),
    ),
    reference={
        "pytorch": """
def max_unpooling_pt(y, index, height, width):
    z = torch.zeros(*y.shape[:2], height * width)
    return z.scatter(2, index.flatten(2), y.flatten(2)).unflatten(2, (height, width))
""",
        "tensorflow": """
def max_unpooling_tf(y, index, height, width):
    b, rows, columns, c = y.shape
    example = tf.range(b, dtype=tf.int64)[:, None, None, None]
    channel = tf.range(c, dtype=tf.int64)
    flat = (example * height * width + index) * c + channel
    z = tf.zeros(b * height * width * c)
    z = tf.tensor_scatter_nd_update(z, tf.reshape(flat, (-1, 1)), tf.reshape(y, (-1,)))
    return tf.reshape(z, (b, height, width, c))
""",
    },
    misconceptions=mistakes(MAX_UNPOOLING_MISTAKES, globals(), "y, index, height, width"),
    layouts=CHANNELS | {1: "channels"},
    targets=(1,),
    elementwise=False,
)

MAX_UNPOOLING = component(
    "max_unpooling",
    name="Max unpooling",
    zh="最大反池化",
    pytorch=(
        "torch.nn.MaxUnpool1d",
        "torch.nn.MaxUnpool2d",
        "torch.nn.MaxUnpool3d",
        "torch.nn.functional.max_unpool1d",
        "torch.nn.functional.max_unpool2d",
        "torch.nn.functional.max_unpool3d",
    ),
    calls="""
nn.MaxUnpool2d(2)(y, index) | max_unpool(y, index, x.shape)
    # TensorFlow has no such layer: `max_unpool` is the function of this chapter
F.max_pool2d(x, 2, return_indices=True) | tf.nn.max_pool_with_argmax(x, 2, 2, "VALID")
    # TensorFlow's index counts the channels, too: index = argmax // channels
""",
    behaviour={
        "unpool-index": "index: row · width + column in PyTorch; TensorFlow counts the channels",
        "unpool-overlap-tf": "windows that overlap: `tf.scatter_nd` adds numbers up",
    },
    exercises=(MAX_UNPOOLING_EXERCISE,),
)


def inside(x, size, stride, padding):
    """The number of cells of each window that are not padding."""
    return windows(np.ones_like(x), size, stride, padding).sum((4, 5))


def totals(x, size, stride, padding):
    return windows(x, size, stride, padding).sum((4, 5))


def average_pooling(x, size, stride, padding, include):
    n = size**2 if include else inside(x, size, stride, padding)
    return totals(x, size, stride, padding) / n


AVERAGE_POOLING_MISTAKES = """
average_pooling(x, size, stride, padding, True)
    # every window is divided by size²: without `include`, divide by the cells inside the image
average_pooling(x, size, stride, padding, False)
    # no window counts its padding: with `include`, divide by size²
average_pooling(x, size, stride, padding, not include)
    # `include` has the opposite meaning: if it is true, the padding counts
totals(x, size, stride, padding) / (
    size**2 if include else totals(x != 0, size, stride, padding))
    # pixels that are 0 do not count: without `include`, divide by all pixels inside the image
totals(x, size, stride, padding)             # the sum comes back: divide it
totals(x, size, stride, padding) / size      # the sum is divided by size: a window has size² cells
average_pooling(x, size, stride, 0, True)    # there is no padding
average_pooling(x, size, size, padding, include)
    # the windows move by their size: move them by the stride
average_pooling(x, size, 1, padding, include)
    # the windows move by 1: move them by the stride
average_pooling(x, stride, size, padding, include)  # size and stride are exchanged
biggest(x, size, stride, padding)            # this is the maximum: take the average
one_sided(x, size, stride, 0, 2 * padding, 0.0).mean((4, 5))
one_sided(x, size, stride, 2 * padding, 0, 0.0).mean((4, 5))
    # all of the padding is at one end of each axis: divide it between both ends
windows(np.pad(x, [(0, 0), (0, 0), (padding,) * 2, (padding,) * 2], "edge"), size, stride
    ).mean((4, 5))                           # the border repeats the edge: it is 0
average_pooling(x, size, stride, padding, include).mean(1, keepdims=True)
    # the average is over the channels, too: each channel has its own
average_pooling(x, size, stride, padding, include).swapaxes(2, 3)
    # rows and columns of the output are exchanged
"""


def counted(x, size, stride, padding, include, **fields):
    arguments = {"size": size, "stride": stride, "padding": padding, "include": include}
    return Case((x,), arguments, **fields)


AVERAGE_POOLING_EXERCISE = Exercise(
    "average_pooling",
    average_pooling,
    visible=(
        counted(np.full((1, 1, 3, 4), 36.0), 3, 2, 1, True),
        counted(np.full((1, 1, 3, 4), 36.0), 3, 2, 1, False),
        counted(with_zeros(normal(default_rng(1), 2, 3, 5, 7), 1), 3, 2, 1, False),
        counted(normal(default_rng(2), 2, 3, 4, 6), 2, 1, 1, True),
        counted(normal(default_rng(3), 1, 2, 6, 5), 2, 2, 0, False, part="robustness"),
    ),
    hidden=lambda rng: (
        counted(normal(rng, 2, 3, 6, 5), 3, 1, 1, True),
        counted(normal(rng, 1, 4, 7, 5), 2, 3, 1, False),
        counted(normal(rng, 2, 3, 4, 7), 3, 2, 0, True),
        counted(with_zeros(normal(rng, 1, 2, 8, 5), 1), 4, 3, 2, False, part="robustness"),
    ),
    reference={
        "pytorch": """
def average_pooling_pt(x, size, stride, padding, include):
    return F.avg_pool2d(x, size, stride, padding, count_include_pad=include)
""",
        "tensorflow": """
def average_pooling_tf(x, size, stride, padding, include):
    pad, pool = keras.layers.ZeroPadding2D(padding), keras.layers.AveragePooling2D(size, stride)
    y = pool(pad(x))
    return y if include else y / pool(pad(tf.ones_like(x)))
""",
    },
    misconceptions=mistakes(
        AVERAGE_POOLING_MISTAKES, globals(), "x, size, stride, padding, include"
    ),
    layouts=CHANNELS,
    elementwise=False,
)

AVERAGE_POOLING = component(
    "average_pooling",
    name="Average pooling",
    zh="二维平均池化层",
    pytorch=(
        "torch.nn.AvgPool1d",
        "torch.nn.AvgPool2d",
        "torch.nn.AvgPool3d",
        "torch.nn.functional.avg_pool1d",
        "torch.nn.functional.avg_pool2d",
        "torch.nn.functional.avg_pool3d",
    ),
    keras=(
        "keras.layers.AveragePooling1D",
        "keras.layers.AveragePooling2D",
        "keras.layers.AveragePooling3D",
    ),
    tensorflow=(
        "tf.nn.avg_pool",
        "tf.nn.avg_pool1d",
        "tf.nn.avg_pool2d",
        "tf.nn.avg_pool3d",
        "tf.nn.pool",
    ),
    aliases=("keras.layers.AvgPool1D", "keras.layers.AvgPool2D", "keras.layers.AvgPool3D"),
    calls="""
nn.AvgPool2d(2) | keras.layers.AveragePooling2D(2)
nn.AvgPool2d(3, 2, padding=1) | pool(keras.layers.ZeroPadding2D(1)(x))
    # PyTorch counts the zeros of the border, and Keras's `padding="same"` does not
""",
    behaviour={
        "average-count-tf": "PyTorch counts padded zeros by default, and Keras never",
        "average-same-sizes": '`count_include_pad=False` is not `"same"` at an even size',
        "average-ceil-agree": "`ceil_mode=True`: Keras has no such option, pad on the right",
    },
    exercises=(AVERAGE_POOLING_EXERCISE,),
)


def powers(x, p, size):
    return windows(abs(x) ** p, size, size).sum((4, 5))


def lp_pooling(x, p, size):
    return powers(x, p, size) ** (1 / p)


def naive_slope(upstream_gradient, x, p, size):
    """The gradient by the chain rule, which is 0 times infinity in a window of zeros."""
    s = powers(x, p, size)
    outer = upstream_gradient * s ** (1 / p - 1)
    gradient = np.zeros(x.shape)
    for i in range(s.shape[2] * size):
        for j in range(s.shape[3] * size):
            v = x[:, :, i, j]
            gradient[:, :, i, j] = (
                outer[:, :, i // size, j // size] * abs(v) ** (p - 1) * np.sign(v)
            )
    return (gradient,)


LP_POOLING_MISTAKES = """
windows(x**p, size, size).sum((4, 5)) ** (1 / p)
    # the numbers keep their signs, so that a sum can be negative, and its root NaN: use magnitudes
abs(windows(x**p, size, size).sum((4, 5))) ** (1 / p)
    # the magnitude is taken of the sum: take it of each number
powers(x, p, size)                    # the root is missing: raise the sum to the power 1 / p
powers(x, p, size) ** p               # the sum is raised to the power p: raise it to 1 / p
(powers(x, p, size) / size**2) ** (1 / p)
    # the sum is divided by the number of cells: take the root of the sum
powers(x, p, size) ** (1 / p) / size**2
    # the root is divided by the number of cells: it is not divided
sqrt(powers(x, p, size))              # this is the square root: take the root for p
sqrt(powers(x, 2, size))              # p is 2 whatever is asked for
powers(x, 1, size)                    # the power p is missing
biggest(abs(x), size, size)           # this is the maximum: it is the limit for large p
biggest(x, size, size)                # this is max pooling: sum powers
windows(abs(x) ** p, size, 1).sum((4, 5)) ** (1 / p)
    # the windows overlap: move them by their size
gradient: naive_slope(upstream_gradient, x, p, size)
    # the gradient is NaN in a window of zeros, because the slope of the root is infinite there: let
    # another number into the root where the sum is 0
"""


def powered(x, p, size, **fields):
    return Case((x,), {"p": p, "size": size}, **fields)


LP_POOLING_EXERCISE = Exercise(
    "lp_pooling",
    lp_pooling,
    visible=(
        powered(np.array([[[[3.0, 0, -1], [0, -4, 2]]]]), 2.0, 2),
        powered(normal(default_rng(1), 2, 3, 4, 7) - 1, 3.0, 2),
        powered(normal(default_rng(2), 1, 2, 7, 6), 1.5, 3),
        powered(with_zeros(normal(default_rng(3), 2, 2, 4, 6), 2), 2.0, 2, part="robustness"),
    ),
    hidden=lambda rng: (
        powered(normal(rng, 2, 3, 6, 4) - 1, 3.0, 2),
        powered(normal(rng, 1, 2, 5, 7), round(rng.uniform(1.2, 4), 2), 2),
        powered(with_zeros(normal(rng, 2, 3, 6, 7), 3), 2.0, 3, part="robustness"),
    ),
    reference={
        # PyTorch's own layer does not take absolute values.
        "pytorch": """
def lp_pooling_pt(x, p, size):
    s = F.avg_pool2d(x.abs() ** p, size) * size**2
    return torch.where(s > 0, torch.where(s > 0, s, 1.0) ** (1 / p), 0.0)
""",
        "tensorflow": """
def lp_pooling_tf(x, p, size):
    s = keras.layers.AveragePooling2D(size)(tf.abs(x) ** p) * size**2
    return tf.where(s > 0, tf.where(s > 0, s, 1.0) ** (1 / p), 0.0)
""",
    },
    misconceptions=mistakes(LP_POOLING_MISTAKES, globals(), "x, p, size"),
    layouts=CHANNELS,
    elementwise=False,
)

LP_POOLING = component(
    "lp_pooling",
    name="Power-average pooling",
    zh="幂平均池化",
    pytorch=(
        "torch.nn.LPPool1d",
        "torch.nn.LPPool2d",
        "torch.nn.LPPool3d",
        "torch.nn.functional.lp_pool1d",
        "torch.nn.functional.lp_pool2d",
        "torch.nn.functional.lp_pool3d",
    ),
    calls="""
nn.LPPool2d(2, 2) | tf.sqrt(4 * pool(x**2))
    # `pool` is `AveragePooling2D(2)`; a window of zeros has the gradient NaN in TensorFlow
""",
    behaviour={
        "lp-odd-pt": "`nn.LPPool2d` does not take magnitudes: NaN for an odd power",
        "lp-zero-tf": "a window of zeros: the gradient is 0 in PyTorch, and NaN in TensorFlow",
    },
    exercises=(LP_POOLING_EXERCISE,),
)

COMPONENTS = (MAX_POOLING, MAX_UNPOOLING, AVERAGE_POOLING, LP_POOLING)
