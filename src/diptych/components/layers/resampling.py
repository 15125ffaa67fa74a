"""Resampling: upsampling and resizing."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

IMAGES = {0: "channels", "output": "channels"}
# Functions that answers may use for positions and shapes.
MOVES = ("reshape", "permute", "transpose", "repeat")
# Functions outside of this chapter that would do the work of an answer.
RESIZERS = (
    "torch.nn.functional.upsample",
    "keras.ops.image.resize",
    "keras.ops.image.scale_and_translate",
    "keras.ops.image.affine_transform",
    "keras.ops.image.map_coordinates",
)

SIZES_SWAPPED = "height and width are exchanged: the height comes first"
HEIGHT_ONLY = "only the height is changed: change the width, too"
WIDTH_ONLY = "only the width is changed: change the height, too"
CORNERS = (
    "the positions go from the first centre to the last, as with align_corners=True: use "
    "half-pixel centres, (i + ½) · n / N − ½"
)


def numbered(*shape):
    """The numbers 1, 2, 3, … in this shape, so that outputs show where each comes from."""
    return np.arange(1.0, np.prod(shape) + 1).reshape(shape)


def image_case(rng, shape, part="values", **arguments):
    return Case((rng.normal(size=shape),), arguments, part=part)


def half_pixel(n, size):
    """The centres of ``size`` cells, in units of ``n`` cells."""
    return (np.arange(size) + 0.5) * n / size - 0.5


def corners(n, size):
    return np.arange(size) * (n - 1) / max(size - 1, 1)


def left_edges(n, size):
    return np.arange(size) * n / size


def floored(positions, n):
    return np.clip(np.floor(positions).astype(int), 0, n - 1)


def taken(x, rows, columns):
    return x[..., rows[:, None], columns]


def hat(positions, n):
    """The weight of each of ``n`` places at each position: from 1 there to 0 one place away."""
    return np.maximum(0, 1 - abs(positions[..., None] - np.arange(n)))


def clamped(positions, n):
    return hat(np.clip(positions, 0, n - 1), n)


def extrapolated(positions, n, last):
    """Weights of two neighbours, with linear extrapolation outside; ``last`` is the largest
    number that the first neighbour may have."""
    first = np.clip(np.floor(positions), 0, last)
    second = np.minimum(first + 1, n - 1)
    t = (positions - first)[:, None]
    places = np.arange(n)
    return (1 - t) * (places == first[:, None]) + t * (places == second[:, None])


def wrapped(positions, n):
    """Weights of two neighbours, where −1 is the index of the last place."""
    first = np.floor(positions)
    second = np.minimum(first + 1, n - 1)
    t = (positions - first)[:, None]
    places = np.arange(n)
    return (1 - t) * (places == first[:, None] % n) + t * (places == second[:, None])


def exchanged(positions, n):
    """Weights of two neighbours, interchanged."""
    p = np.clip(positions, 0, n - 1)
    return hat(np.minimum(2 * np.floor(p) + 1 - p, n - 1), n)


def mixed(x, of_rows, of_columns):
    return np.einsum("Hh,...hw,Ww->...HW", of_rows, x, of_columns)


def nearest_upsampling(x, factors):
    return x.repeat(factors[0], 2).repeat(factors[1], 3)


def with_zeros(x, factors):
    y = np.zeros_like(nearest_upsampling(x, factors))
    y[:, :, :: factors[0], :: factors[1]] = x
    return y


def linear_upsampling(x, factors):
    h, w = x.shape[2:]
    return mixed(
        x,
        clamped(half_pixel(h, h * factors[0]), h),
        clamped(half_pixel(w, w * factors[1]), w),
    )


NEAREST_UPSAMPLING_MISTAKES = """
tile(x, (1, 1, *factors))
    # the whole image is repeated, as by tile: repeat each number next to itself
nearest_upsampling(x, factors[::-1])  # SIZES_SWAPPED
x.repeat(factors[0], 2)               # HEIGHT_ONLY
x.repeat(factors[1], 3)               # WIDTH_ONLY
nearest_upsampling(x, (factors[0], factors[0]))
nearest_upsampling(x, (factors[1], factors[1]))
    # both axes have the same factor: each axis has its own
with_zeros(x, factors)                # the new places are 0: repeat the number there
nearest_upsampling(x, factors) / (factors[0] * factors[1])
    # the numbers are divided by how often they are repeated: keep them as they are
linear_upsampling(x, factors)
    # the numbers are interpolated: repeat them as they are
"""


def upsampling_hidden(rng):
    return (
        image_case(rng, (2, 3, 4, 5), factors=(2, 3)),
        image_case(rng, (1, 2, 5, 3), factors=(3, 2)),
        image_case(rng, (1, 4, 2, 3), "robustness", factors=(1, 3)),
        image_case(rng, (3, 1, 1, 2), "robustness", factors=(4, 1)),
    )


NEAREST_UPSAMPLING = Exercise(
    "nearest_upsampling",
    nearest_upsampling,
    visible=(
        Case((numbered(1, 1, 2, 3),), {"factors": (2, 2)}),
        image_case(default_rng(1), (2, 3, 2, 4), factors=(2, 3)),
        image_case(default_rng(2), (1, 2, 3, 2), "robustness", factors=(3, 1)),
    ),
    hidden=upsampling_hidden,
    reference={
        "pytorch": "nearest_upsampling_pt = lambda x, factors: "
        "nn.Upsample(scale_factor=factors)(x)",
        "tensorflow": "nearest_upsampling_tf = lambda x, factors: "
        "keras.layers.UpSampling2D(factors)(x)",
    },
    misconceptions=mistakes(NEAREST_UPSAMPLING_MISTAKES, globals(), "x, factors"),
    allow=MOVES,
    forbid=RESIZERS,
    layouts=IMAGES,
    elementwise=False,
)


def blocks(y, factors):
    """The block of each input, on the axes 3 and 5."""
    a, b = factors
    return y.reshape(*y.shape[:2], y.shape[2] // a, a, y.shape[3] // b, b)


def strewn(y, factors):
    """Like ``blocks``, but of numbers that are far apart."""
    a, b = factors
    return y.reshape(*y.shape[:2], a, y.shape[2] // a, b, y.shape[3] // b)


def nearest_upsampling_gradient(upstream, factors):
    return blocks(upstream, factors).sum((3, 5))


NEAREST_GRADIENT_MISTAKES = """
blocks(upstream, factors).mean((3, 5))
    # the gradient is the mean of a block: each of its numbers is a copy of the input, so add them
blocks(upstream, factors).max((3, 5))
    # the gradient is the maximum of a block: add all gradients of the block
upstream[:, :, :: factors[0], :: factors[1]]
    # only one gradient of each block is used: add all of them
strewn(upstream, factors).sum((2, 4))
    # numbers that lie far apart are added, because the axis of size (rows · factor) is split as
    # (factor, rows): split it as (rows, factor)
blocks(upstream, factors[::-1]).sum((3, 5))
    # SIZES_SWAPPED
blocks(upstream, factors).sum(3)[..., 0]
    # only the rows of a block are added: add its columns, too
blocks(upstream, factors).sum(5)[:, :, :, 0]
    # only the columns of a block are added: add its rows, too
nearest_upsampling(upstream, factors)
    # the gradient is made larger: it must have the shape of the input
"""


def gradient_hidden(rng):
    return (
        image_case(rng, (2, 3, 6, 6), factors=(2, 3)),
        image_case(rng, (1, 2, 6, 12), factors=(3, 2)),
        image_case(rng, (1, 4, 3, 6), "robustness", factors=(1, 3)),
        image_case(rng, (3, 1, 4, 2), "robustness", factors=(4, 1)),
    )


NEAREST_UPSAMPLING_GRADIENT = Exercise(
    "nearest_upsampling_gradient",
    nearest_upsampling_gradient,
    visible=(
        Case((numbered(1, 1, 2, 4),), {"factors": (2, 2)}),
        image_case(default_rng(1), (2, 3, 6, 12), factors=(2, 3)),
        image_case(default_rng(2), (1, 2, 3, 4), "robustness", factors=(3, 1)),
    ),
    hidden=gradient_hidden,
    reference={
        "pytorch": """
def nearest_upsampling_gradient_pt(upstream, factors):
    return F.avg_pool2d(upstream, factors) * (factors[0] * factors[1])
""",
        "tensorflow": """
def nearest_upsampling_gradient_tf(upstream, factors):
    return keras.layers.AveragePooling2D(factors)(upstream) * (factors[0] * factors[1])
""",
    },
    misconceptions=mistakes(NEAREST_GRADIENT_MISTAKES, globals(), "upstream, factors"),
    allow=MOVES,
    forbid=RESIZERS,
    layouts=IMAGES,
    elementwise=False,
)

UPSAMPLING = component(
    "upsampling",
    name="Upsampling",
    zh="上采样层",
    pytorch=(
        "torch.nn.Upsample",
        "torch.nn.UpsamplingNearest2d",
        "torch.nn.UpsamplingBilinear2d",
        "torch.nn.functional.interpolate",
    ),
    keras=("keras.layers.UpSampling1D", "keras.layers.UpSampling2D", "keras.layers.UpSampling3D"),
    defaults="""
torch.nn.Upsample(scale_factor=None)
keras.layers.UpSampling1D(size=2)
keras.layers.UpSampling2D(size=(2, 2))
keras.layers.UpSampling3D(size=(2, 2, 2))
""",
    calls="""
nn.Upsample(scale_factor=2) | keras.layers.UpSampling2D(2)
    # without a number, Keras doubles the size, and PyTorch raises an error
nn.Upsample(scale_factor=2, mode="bilinear") | keras.layers.UpSampling2D(
    2, interpolation="bilinear")
    # `nn.UpsamplingBilinear2d` is another interpolation, with `align_corners=True`
""",
    behaviour={
        "upsampling-whole-tf": "factors such as 1.5: allowed in PyTorch, an error in Keras",
        "upsampling-whole-pt": "without a factor: an error in PyTorch, twice the size in Keras",
        "upsampling-linear-tf": "`UpSampling1D` and `UpSampling3D` only repeat numbers; "
        "`nn.Upsample` also interpolates in 1 and 3 dimensions",
        "upsampling-corners-pt": "`nn.UpsamplingBilinear2d` uses `align_corners=True`, "
        '`mode="bilinear"` does not',
        "align-corners-tf": "`align_corners=True` exists only in PyTorch: two small matrices "
        "compute it in TensorFlow",
    },
    exercises=(NEAREST_UPSAMPLING, NEAREST_UPSAMPLING_GRADIENT),
)


def nearest_places(n, size):
    return floored(half_pixel(n, size) + 0.5, n)


def nearest_resize(x, height, width):
    h, w = x.shape[2:]
    return taken(x, nearest_places(h, height), nearest_places(w, width))


def each_axis(places):
    """The numbers of ``x`` at ``places(n, size)`` of both axes."""
    return lambda x, height, width: taken(x, places(x.shape[2], height), places(x.shape[3], width))


def rounded(positions):
    """Whole places by ``round`` of NumPy, PyTorch and TensorFlow, which rounds ½ to even."""
    return lambda n, size: np.clip(np.rint(positions(n, size)).astype(int), 0, n - 1)


def floor_of(positions):
    return lambda n, size: floored(positions(n, size), n)


def ceiled(n, size):
    return np.clip(np.ceil(half_pixel(n, size)).astype(int), 0, n - 1)


NEAREST_RESIZE_MISTAKES = """
each_axis(floor_of(left_edges))(x, height, width)
    # the place is ⌊i · n / N⌋, as with mode="nearest" in PyTorch: measure from the centre of the
    # cell, ⌊(i + ½) · n / N⌋
each_axis(rounded(half_pixel))(x, height, width)
    # round takes ½ to the even neighbour, so 0.5 becomes 0, and 1.5 becomes 2: use
    # ⌊(i + ½) · n / N⌋
each_axis(floor_of(half_pixel))(x, height, width)
    # after the ½ is subtracted, the floor is half a cell too low: remove − ½, or add ½ before the
    # floor
each_axis(ceiled)(x, height, width)
    # at whole positions the place is one too low, because the position is rounded up after ½ is
    # subtracted: use ⌊(i + ½) · n / N⌋
each_axis(rounded(corners))(x, height, width)
each_axis(floor_of(corners))(x, height, width)
    # CORNERS
each_axis(rounded(left_edges))(x, height, width)
    # i · n / N is rounded, without the half of the cell: use ⌊(i + ½) · n / N⌋
each_axis(lambda n, size: floored(arange(size) * (n // size or 1), n))(x, height, width)
    # the factor n / N is rounded to a whole number: divide after the multiplication
nearest_resize(x, width, height)
    # SIZES_SWAPPED
taken(x, nearest_places(x.shape[2], height), arange(x.shape[3]))  # HEIGHT_ONLY
taken(x, arange(x.shape[2]), nearest_places(x.shape[3], width))  # WIDTH_ONLY
"""

# Sizes for which positions that are whole numbers are exact in floats: an odd size, or a
# power of two as the new size.
NEAREST_RESIZE = Exercise(
    "nearest_resize",
    nearest_resize,
    visible=(
        Case((numbered(1, 1, 1, 5),), {"height": 1, "width": 3}),
        image_case(default_rng(1), (2, 3, 8, 5), height=4, width=7),
        image_case(default_rng(2), (1, 2, 5, 7), height=9, width=3),
        image_case(default_rng(3), (1, 2, 3, 4), "robustness", height=3, width=2),
    ),
    hidden=lambda rng: (
        image_case(rng, (2, 3, 7, 5), height=4, width=8),
        image_case(rng, (1, 2, 8, 9), height=4, width=5),
        image_case(rng, (2, 1, 5, 3), height=2, width=7),
        image_case(rng, (1, 4, 1, 3), "robustness", height=3, width=1),
        image_case(rng, (3, 1, 5, 4), "robustness", height=5, width=2),
    ),
    reference={
        "pytorch": """
def nearest_resize_pt(x, height, width):
    return F.interpolate(x, size=(height, width), mode="nearest-exact")
""",
        "tensorflow": """
def nearest_resize_tf(x, height, width):
    return keras.ops.image.resize(x, (height, width), interpolation="nearest")
""",
    },
    misconceptions=mistakes(NEAREST_RESIZE_MISTAKES, globals(), "x, height, width"),
    allow=MOVES,
    forbid=RESIZERS,
    layouts=IMAGES,
    elementwise=False,
)


def linear(positions, weights=clamped):
    """An image of another size, by the ``weights`` of places at ``positions(n, size)``."""
    return lambda x, height, width: mixed(
        x,
        weights(positions(x.shape[2], height), x.shape[2]),
        weights(positions(x.shape[3], width), x.shape[3]),
    )


bilinear_resize = linear(half_pixel)
bilinear_align_corners = linear(corners)


def antialias(n, size):
    """The weights of ``n`` numbers in each of ``size`` outputs: a triangle as wide as the step."""
    step = max(n / size, 1)
    centres = (np.arange(size) + 0.5) * n / size
    weights = np.maximum(0, 1 - abs(centres[:, None] - np.arange(n) - 0.5) / step)
    return weights / weights.sum(1, keepdims=True)


BILINEAR_RESIZE_MISTAKES = """
linear(corners)(x, height, width)     # CORNERS
linear(left_edges)(x, height, width)
    # the position is i · n / N, which measures from the edges of the cells: use half-pixel centres,
    # (i + ½) · n / N − ½
linear(half_pixel, hat)(x, height, width)
    # what lies outside of the image counts as 0, so the border is too small: move positions below 0
    # to 0, and those above n − 1 to n − 1
linear(half_pixel, lambda p, n: extrapolated(p, n, n - 1))(x, height, width)
linear(half_pixel, lambda p, n: extrapolated(p, n, max(n - 2, 0)))(x, height, width)
    # positions outside of the image are extrapolated: move those below 0 to 0, and those above
    # n − 1 to n − 1
linear(half_pixel, wrapped)(x, height, width)
    # at positions below 0 the index −1 reads the last number: move these positions to 0
linear(lambda n, size: half_pixel(n, size) + 0.5)(x, height, width)
    # the position lies half a cell too far: subtract ½ after the multiplication
each_axis(nearest_places)(x, height, width)
    # each number is that of the nearest cell: mix the two neighbours by their distance
mixed(x, antialias(x.shape[2], height), antialias(x.shape[3], width))
    # this is antialiased: mix two neighbours only, also where the image becomes smaller
bilinear_resize(x, width, height)
    # SIZES_SWAPPED
mixed(x, clamped(half_pixel(x.shape[2], height), x.shape[2]), eye(x.shape[3]))  # HEIGHT_ONLY
mixed(x, eye(x.shape[2]), clamped(half_pixel(x.shape[3], width), x.shape[3]))  # WIDTH_ONLY
linear(half_pixel, exchanged)(x, height, width)
    # the two weights are exchanged: the nearer neighbour has the larger weight
"""

BILINEAR_RESIZE = Exercise(
    "bilinear_resize",
    bilinear_resize,
    visible=(
        Case((numbered(1, 1, 1, 2),), {"height": 1, "width": 4}),
        image_case(default_rng(1), (2, 3, 4, 5), height=6, width=3),
        image_case(default_rng(2), (1, 2, 7, 3), height=2, width=5),
        image_case(default_rng(3), (1, 2, 1, 4), "robustness", height=3, width=4),
    ),
    hidden=lambda rng: (
        image_case(rng, (2, 3, 3, 4), height=5, width=7),
        image_case(rng, (1, 2, 6, 5), height=4, width=2),
        image_case(rng, (2, 1, 3, 7), height=8, width=3),
        image_case(rng, (1, 3, 4, 1), "robustness", height=1, width=3),
        image_case(rng, (3, 1, 3, 2), "robustness", height=3, width=5),
    ),
    reference={
        "pytorch": """
def bilinear_resize_pt(x, height, width):
    return F.interpolate(x, size=(height, width), mode="bilinear")
""",
        "tensorflow": "bilinear_resize_tf = lambda x, height, width: "
        "keras.layers.Resizing(height, width)(x)",
    },
    misconceptions=mistakes(BILINEAR_RESIZE_MISTAKES, globals(), "x, height, width"),
    allow=MOVES,
    forbid=RESIZERS,
    layouts=IMAGES,
    elementwise=False,
)


def undivided(n, size):
    """Positions that are NaN if ``size`` is 1, because they are divided by 0."""
    return np.arange(size) * np.divide(n - 1, size - 1)


ALIGN_CORNERS_MISTAKES = """
linear(half_pixel)(x, height, width)
    # the positions are half-pixel centres: with align_corners the first position is 0, and the last
    # is n − 1
linear(left_edges)(x, height, width)
    # the position is i · n / N: use i · (n − 1) / (N − 1), so that the last position is n − 1
linear(lambda n, size: arange(size) * (n - 1) / size)(x, height, width)
    # the last position is not n − 1: divide by N − 1
linear(undivided)(x, height, width)
    # a single output is NaN, because N − 1 is 0: its position is 0
linear(lambda n, size: corners(n, size) if size > 1 else array([(n - 1) / 2]))(x, height, width)
    # a single output is read in the middle: its position is 0
linear(lambda n, size: corners(n, size) if size > 1 else array([n - 1.0]))(x, height, width)
    # a single output is read at the end: its position is 0
each_axis(rounded(corners))(x, height, width)
each_axis(floor_of(corners))(x, height, width)
    # each number is that of one cell: mix the two neighbours by their distance
linear(corners)(x, width, height)
    # SIZES_SWAPPED
mixed(x, clamped(corners(x.shape[2], height), x.shape[2]), eye(x.shape[3]))  # HEIGHT_ONLY
mixed(x, eye(x.shape[2]), clamped(corners(x.shape[3], width), x.shape[3]))  # WIDTH_ONLY
"""

BILINEAR_ALIGN_CORNERS = Exercise(
    "bilinear_align_corners",
    bilinear_align_corners,
    visible=(
        Case((numbered(1, 1, 1, 3),), {"height": 1, "width": 5}),
        image_case(default_rng(1), (2, 3, 4, 5), height=6, width=3),
        image_case(default_rng(2), (1, 2, 3, 6), height=5, width=4),
        image_case(default_rng(3), (1, 2, 4, 3), "robustness", height=1, width=2),
    ),
    hidden=lambda rng: (
        image_case(rng, (2, 3, 3, 4), height=5, width=7),
        image_case(rng, (1, 2, 6, 5), height=4, width=2),
        image_case(rng, (1, 3, 4, 3), "robustness", height=3, width=1),
        image_case(rng, (3, 1, 1, 2), "robustness", height=3, width=5),
    ),
    reference={
        "pytorch": """
def bilinear_align_corners_pt(x, height, width):
    return F.interpolate(x, size=(height, width), mode="bilinear", align_corners=True)
""",
        "tensorflow": """
def bilinear_align_corners_tf(x, height, width):
    def weights(n, size):
        p = tf.range(size, dtype="float32") * ((n - 1) / max(size - 1, 1))
        return tf.maximum(0.0, 1 - abs(p[:, None] - tf.range(n, dtype="float32")))

    of_rows, of_columns = weights(x.shape[1], height), weights(x.shape[2], width)
    return tf.einsum("Hh,bhwc,Ww->bHWc", of_rows, x, of_columns)
""",
    },
    misconceptions=mistakes(ALIGN_CORNERS_MISTAKES, globals(), "x, height, width"),
    allow=MOVES,
    forbid=RESIZERS,
    layouts=IMAGES,
    elementwise=False,
)


def triangle(n, size, *, step=None, shift=0.5, normalized=True):
    """The weights of ``antialias``, with one step replaced."""
    step = max(n / size, 1) if step is None else step
    centres = (np.arange(size) + shift) * n / size
    weights = np.maximum(0, 1 - abs(centres[:, None] - np.arange(n) - shift) / step)
    return weights / (weights.sum(1, keepdims=True) if normalized else step)


def box(n, size):
    step = max(n / size, 1)
    centres = (np.arange(size) + 0.5) * n / size
    weights = 1.0 * (abs(centres[:, None] - np.arange(n) - 0.5) < step / 2)
    return weights / weights.sum(1, keepdims=True)


def antialiased_resize(x, size):
    return x @ antialias(x.shape[-1], size).T


ANTIALIASED_RESIZE_MISTAKES = """
x @ clamped(half_pixel(x.shape[-1], size), x.shape[-1]).T
x @ triangle(x.shape[-1], size, step=1).T
    # the triangle is always one cell wide on each side, so numbers between two positions are left
    # out: if the sequence becomes shorter, it is n / N cells wide
x @ triangle(x.shape[-1], size, normalized=False).T
    # the weights are divided by the width of the triangle: divide them by their sum, which is
    # smaller at the ends
x @ (triangle(x.shape[-1], size, normalized=False) * maximum(x.shape[-1] / size, 1)).T
    # the weights are not divided by their sum
x @ triangle(x.shape[-1], size, step=x.shape[-1] / size).T
    # if the sequence becomes longer, the triangle is narrower than a cell: it is max(n / N, 1) wide
x @ box(x.shape[-1], size).T
    # all numbers of a window have the same weight: the weight falls with the distance, as a
    # triangle
x @ triangle(x.shape[-1], size, shift=0).T
    # the position is i · n / N: use half-pixel centres, (i + ½) · n / N − ½
x @ triangle(x.shape[-1], size, step=maximum(x.shape[-1] / size, 1) / 2).T
    # the triangle is half as wide as it must be: it reaches n / N cells to each side
"""


def signal_case(rng, shape, size, part="values"):
    return image_case(rng, shape, part, size=size)


ANTIALIASED_RESIZE = Exercise(
    "antialiased_resize",
    antialiased_resize,
    visible=(
        Case((numbered(1, 1, 6),), {"size": 2}),
        signal_case(default_rng(1), (2, 3, 7), 3),
        signal_case(default_rng(2), (1, 2, 8), 5),
        signal_case(default_rng(3), (2, 2, 3), 7, "robustness"),
    ),
    hidden=lambda rng: (
        signal_case(rng, (2, 3, 9), 4),
        signal_case(rng, (1, 2, 10), 3),
        signal_case(rng, (3, 1, 5), 1, "robustness"),
        signal_case(rng, (1, 4, 3), 5, "robustness"),
    ),
    reference={
        "pytorch": """
def antialiased_resize_pt(x, size):
    y = F.interpolate(x[:, :, None], size=(1, size), mode="bilinear", antialias=True)
    return y[:, :, 0]
""",
        "tensorflow": """
def antialiased_resize_tf(x, size):
    return keras.ops.image.resize(x[:, None], (1, size), antialias=True)[:, 0]
""",
    },
    misconceptions=mistakes(ANTIALIASED_RESIZE_MISTAKES, globals(), "x, size"),
    allow=MOVES,
    forbid=RESIZERS,
    layouts=IMAGES,
    elementwise=False,
    difficulty=3,
)

RESIZING = component(
    "resizing",
    name="Resizing",
    zh="尺寸调整层",
    pytorch=("torch.nn.functional.interpolate",),
    keras=("keras.layers.Resizing", "keras.ops.image.resize"),
    tensorflow=("tf.image.resize",),
    defaults="""
torch.nn.functional.interpolate(mode="nearest")
keras.layers.Resizing(interpolation="bilinear")
keras.ops.image.resize(interpolation="bilinear")
tf.image.resize(method="bilinear")
""",
    calls="""
F.interpolate(x, size=(8, 6), mode="bilinear") | keras.layers.Resizing(8, 6)(x)
    # without a mode, PyTorch repeats numbers, and Keras interpolates
F.interpolate(x, size=(3, 9), mode="nearest-exact") | tf.image.resize(x, (3, 9), method="nearest")
    # `mode="nearest"` takes other numbers, unless the factors are whole
F.interpolate(x, size=(8, 3), mode="bicubic", antialias=True) | tf.image.resize(
    x, (8, 3), method="bicubic", antialias=True)
    # without `antialias=True` the two are different functions
""",
    behaviour={
        "nearest-tf": '`mode="nearest"` in PyTorch measures from edges, TensorFlow from centres, '
        'as `mode="nearest-exact"`',
        "antialias-tf": "without `antialias=True`, a smaller image leaves pixels out, in both",
        "bicubic-plain": "plain bicubic differs, also at whole factors",
        "bicubic-bridge": "two small matrices compute PyTorch's plain bicubic in TensorFlow",
        "scale-factor-pt": "`scale_factor=0.6` reads other positions than the `size` that it "
        "leads to",
        "area-tf": '`"area"` agrees only if the sizes divide',
        "uint8-tf": "`uint8` images: the results differ by 1 in places",
        "drift": 'an image that is resized eight times moves by 3.8 pixels with `mode="nearest"`',
        "aspect-tf": "`crop_to_aspect_ratio=True` exists only in Keras",
    },
    exercises=(NEAREST_RESIZE, BILINEAR_RESIZE, BILINEAR_ALIGN_CORNERS, ANTIALIASED_RESIZE),
)


COMPONENTS = (UPSAMPLING, RESIZING)
