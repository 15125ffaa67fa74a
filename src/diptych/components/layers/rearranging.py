"""Rearranging: pixel shuffle and its inverse, channel shuffle, and grid sampling."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes
from diptych.components.layers import resampling
from diptych.components.layers.resampling import IMAGES, MOVES, hat, image_case, numbered

# Functions of Keras outside of this chapter that would do the work of an answer.
RESIZERS = ("keras.ops.image.affine_transform", "keras.ops.image.map_coordinates")


def rearranged(x, r, split, order):
    """``x`` with its channels split into the axes of ``split``, and made larger.

    C are the channels of the output, i the row and j the column in a block of r × r.
    """
    b, c, h, w = x.shape
    sizes = {"C": c // r**2, "i": r, "j": r, "h": h, "w": w}
    axes = [*split, "h", "w"]
    y = x.reshape(b, *(sizes[axis] for axis in axes))
    y = y.transpose(0, *(1 + axes.index(axis) for axis in order))
    return y.reshape(b, sizes["C"], h * r, w * r)


def pixel_shuffle(x, r):
    return rearranged(x, r, "Cij", "Chiwj")


TF_ORDER = (
    "the channels are read in TensorFlow's order, (i · r + j) · C + c: here channel number "
    "c · r² + i · r + j belongs to row i and column j of the block"
)
IJ_SWAPPED = (
    "row and column of a block are exchanged: channel c · r² + i · r + j belongs to row i, column j"
)

PIXEL_SHUFFLE_MISTAKES = """
rearranged(x, r, "ijC", "Chiwj")      # TF_ORDER
rearranged(x, r, "Cij", "Chjwi")      # IJ_SWAPPED
rearranged(x, r, "jiC", "Chiwj")
    # the channels are read as (j · r + i) · C + c: channel c · r² + i · r + j belongs to row i and
    # column j of the block
rearranged(x, r, "iCj", "Chiwj")
    # the channels are split as (r, C, r): split them as (C, r, r)
rearranged(x, r, "Cij", "Cihjw")
    # the channels lie side by side as whole images: put the r axes behind height and width,
    # (C, h, r, w, r)
rearranged(x, r, "Cij", "Cijhw")
    # the numbers are reshaped without a transpose: first bring the axes into the order
    # (C, h, r, w, r)
resampling.nearest_upsampling(x[:, :: r**2], (r, r))
resampling.nearest_upsampling(x[:, : x.shape[1] // r**2], (r, r))
    # a channel is repeated r × r times: each number of a block comes from a channel of its own
resampling.nearest_upsampling(x.reshape(len(x), -1, r**2, *x.shape[2:]).mean(2), (r, r))
    # the channels are averaged: each number of a block comes from a channel of its own
"""


def shuffle_case(rng, shape, r, part="values"):
    return image_case(rng, shape, part, r=r)


PIXEL_SHUFFLE_EXERCISE = Exercise(
    "pixel_shuffle",
    pixel_shuffle,
    visible=(
        Case((numbered(1, 4, 1, 2),), {"r": 2}),
        shuffle_case(default_rng(1), (2, 8, 4, 8), 2),
        shuffle_case(default_rng(2), (1, 18, 1, 2), 3),
        shuffle_case(default_rng(3), (2, 3, 2, 4), 1, "robustness"),
    ),
    hidden=lambda rng: (
        shuffle_case(rng, (2, 8, 3, 2), 2),
        shuffle_case(rng, (1, 27, 2, 1), 3),
        shuffle_case(rng, (1, 12, 1, 5), 2, "robustness"),
        shuffle_case(rng, (3, 4, 3, 1), 2, "robustness"),
    ),
    reference={
        "pytorch": "pixel_shuffle_pt = lambda x, r: F.pixel_shuffle(x, r)",
        "tensorflow": """
def pixel_shuffle_tf(x, r):
    order = np.arange(x.shape[-1]).reshape(-1, r, r).transpose(1, 2, 0).ravel()
    x = tf.gather(x, order, axis=-1)
    return tf.nn.depth_to_space(x, r) if r > 1 else x
""",
    },
    misconceptions=mistakes(PIXEL_SHUFFLE_MISTAKES, globals(), "x, r"),
    allow=MOVES,
    layouts=IMAGES,
    elementwise=False,
)


def of_blocks(n, r):
    """For each channel of `depth_to_space`, the number of the channel of pixel shuffle."""
    return np.arange(n).reshape(-1, r, r).transpose(1, 2, 0).ravel()


def depth_to_space_kernel(kernel, r):
    return kernel[of_blocks(len(kernel), r)]


DEPTH_TO_SPACE_KERNEL_MISTAKES = """
kernel
    # the kernel is as it was: its output channels need the order of depth_to_space
kernel[argsort(of_blocks(len(kernel), r))]
    # this is the inverse order, from depth_to_space to pixel shuffle
kernel[:, of_blocks(kernel.shape[1], r)]
    # the input channels are reordered: reorder the output channels
kernel[arange(len(kernel)).reshape(-1, r, r).transpose(2, 1, 0).ravel()]
    # row and column of a block are exchanged: the new order is (i, j, c)
kernel[::-1]
    # the channels are reversed: the new order is (i, j, c)
kernel[arange(len(kernel)).reshape(-1, r, r).transpose(1, 0, 2).ravel()]
    # the new order is (i, c, j): it must be (i, j, c)
"""


def kernel_case(rng, shape, r, part="values"):
    return Case((rng.normal(size=shape),), {"r": r}, part=part)


DEPTH_TO_SPACE_KERNEL = Exercise(
    "depth_to_space_kernel",
    depth_to_space_kernel,
    visible=(
        Case((numbered(8, 1, 1, 1),), {"r": 2}),
        kernel_case(default_rng(1), (12, 2, 3, 2), 2),
        kernel_case(default_rng(2), (18, 18, 1, 1), 3),
        kernel_case(default_rng(3), (4, 3, 1, 2), 2, "robustness"),
    ),
    hidden=lambda rng: (
        kernel_case(rng, (8, 3, 2, 1), 2),
        kernel_case(rng, (27, 2, 1, 2), 3),
        kernel_case(rng, (12, 12, 2, 1), 2, "robustness"),
        kernel_case(rng, (9, 1, 1, 3), 3, "robustness"),
    ),
    reference={
        "pytorch": """
def depth_to_space_kernel_pt(kernel, r):
    return kernel.unflatten(0, (-1, r, r)).permute(1, 2, 0, 3, 4, 5).flatten(0, 2)
""",
        "tensorflow": """
def depth_to_space_kernel_tf(kernel, r):
    order = np.arange(kernel.shape[-1]).reshape(-1, r, r).transpose(1, 2, 0).ravel()
    return tf.gather(kernel, order, axis=-1)
""",
    },
    misconceptions=mistakes(DEPTH_TO_SPACE_KERNEL_MISTAKES, globals(), "kernel, r"),
    allow=MOVES,
    layouts={0: "kernel", "output": "kernel"},
    elementwise=False,
    kind="repair",
)

PIXEL_SHUFFLE = component(
    "pixel_shuffle",
    name="Pixel shuffle (depth to space)",
    zh="像素重排",
    pytorch=("torch.nn.PixelShuffle", "torch.nn.functional.pixel_shuffle"),
    keras=("keras.ops.depth_to_space",),
    tensorflow=("tf.nn.depth_to_space",),
    calls="""
nn.PixelShuffle(2)(x) | tf.nn.depth_to_space(tf.gather(x, order, axis=-1), 2)
    # the channels have another order: `order` is
    # `np.arange(n).reshape(-1, r, r).transpose(1, 2, 0).ravel()` for `n` channels and `r` = 2
""",
    behaviour={
        "shuffle-order-tf": "a block of 2 × 2 pixels comes from channels 0, 1, 2, 3 in PyTorch, "
        "and from every C-th channel in TensorFlow",
        "shuffle-kernel": "with reordered output channels, a convolution needs no `tf.gather` "
        "behind it",
    },
    exercises=(PIXEL_SHUFFLE_EXERCISE, DEPTH_TO_SPACE_KERNEL),
)


def gathered(x, r, split, order):
    """``x`` made smaller: its axes split into those of ``split``, in the new ``order``."""
    b, c, height, width = x.shape
    sizes = {"C": c, "i": r, "j": r, "h": height // r, "w": width // r}
    y = x.reshape(b, *(sizes[axis] for axis in split))
    y = y.transpose(0, *(1 + split.index(axis) for axis in order))
    return y.reshape(b, c * r**2, height // r, width // r)


def pixel_unshuffle(x, r):
    return gathered(x, r, "Chiwj", "Cijhw")


PIXEL_UNSHUFFLE_MISTAKES = """
gathered(x, r, "Chiwj", "ijChw")
    # the channels have TensorFlow's order, (i · r + j) · C + c: row i and column j of the block of
    # channel c belong into channel c · r² + i · r + j
gathered(x, r, "Chiwj", "Cjihw")
    # row and column of a block are exchanged: they belong into channel c · r² + i · r + j
gathered(x, r, "Chiwj", "jiChw")
gathered(x, r, "Chiwj", "iCjhw")
    # the order of the new channels is not (c, i, j)
gathered(x, r, "Cihjw", "Cijhw")
    # the image is cut into r × r large tiles: an output channel has every r-th pixel, so split the
    # height as (h / r, r)
x.reshape(len(x), -1, x.shape[2] // r, x.shape[3] // r)
    # the numbers are reshaped without a transpose: split height and width, then bring the axes into
    # the order (C, i, j, h, w)
pixel_shuffle(x, r)
    # this is pixel shuffle, which makes the image larger: do the opposite
resampling.blocks(x, (r, r)).mean((3, 5)).repeat(r**2, 1)
    # the block is averaged: each of its pixels gets a channel of its own
"""

PIXEL_UNSHUFFLE_EXERCISE = Exercise(
    "pixel_unshuffle",
    pixel_unshuffle,
    visible=(
        Case((numbered(1, 1, 2, 4),), {"r": 2}),
        shuffle_case(default_rng(1), (2, 3, 4, 6), 2),
        shuffle_case(default_rng(4), (1, 4, 2, 4), 2),
        shuffle_case(default_rng(2), (1, 2, 3, 6), 3),
        shuffle_case(default_rng(3), (2, 3, 2, 4), 1, "robustness"),
    ),
    hidden=lambda rng: (
        shuffle_case(rng, (2, 2, 6, 4), 2),
        shuffle_case(rng, (1, 3, 6, 3), 3),
        shuffle_case(rng, (1, 3, 2, 8), 2, "robustness"),
        shuffle_case(rng, (3, 1, 6, 2), 2, "robustness"),
    ),
    reference={
        "pytorch": "pixel_unshuffle_pt = lambda x, r: F.pixel_unshuffle(x, r)",
        "tensorflow": """
def pixel_unshuffle_tf(x, r):
    if r == 1:
        return x
    n = x.shape[-1] * r * r
    order = np.arange(n).reshape(r, r, -1).transpose(2, 0, 1).ravel()
    return tf.gather(tf.nn.space_to_depth(x, r), order, axis=-1)
""",
    },
    misconceptions=mistakes(PIXEL_UNSHUFFLE_MISTAKES, globals(), "x, r"),
    allow=MOVES,
    layouts=IMAGES,
    elementwise=False,
)

PIXEL_UNSHUFFLE = component(
    "pixel_unshuffle",
    name="Pixel unshuffle (space to depth)",
    zh="逆像素重排",
    pytorch=("torch.nn.PixelUnshuffle", "torch.nn.functional.pixel_unshuffle"),
    keras=("keras.ops.space_to_depth",),
    tensorflow=("tf.nn.space_to_depth",),
    calls="""
nn.PixelUnshuffle(2)(x) | tf.gather(tf.nn.space_to_depth(x, 2), back, axis=-1)
    # the channels have another order: `back` is
    # `np.arange(n).reshape(r, r, -1).transpose(2, 0, 1).ravel()` for `n` output channels
""",
    behaviour={
        "unshuffle-patches": "the order of the channels is that of a convolution's kernel, in both",
        "unshuffle-divide-tf": "sizes that do not divide are an error in both",
    },
    exercises=(PIXEL_UNSHUFFLE_EXERCISE,),
)


def channel_shuffle(x, groups):
    split = x.reshape(len(x), groups, -1, *x.shape[2:])
    return split.swapaxes(1, 2).reshape(x.shape)


CHANNEL_SHUFFLE_MISTAKES = """
channel_shuffle(x, x.shape[1] // groups)
    # this is the inverse: split the channels as (groups, channels / groups) before you exchange the
    # two axes
x
    # the channels are as they were: exchange the axes (groups, channels / groups) before you join
    # them again
x.reshape(len(x), groups, -1, *x.shape[2:])[:, ::-1].reshape(x.shape)
    # the groups are reversed: exchange the axes (groups, channels / groups)
x[:, ::-1]
    # the channels are reversed: exchange the axes (groups, channels / groups)
x.reshape(len(x), groups, -1, *x.shape[2:])[:, :, ::-1].reshape(x.shape)
    # the channels are reversed in each group: exchange the axes (groups, channels / groups)
roll(x, groups, 1)
roll(x, -groups, 1)
    # the channels are moved along: exchange the axes (groups, channels / groups)
"""


def groups_case(rng, shape, groups, part="values"):
    return image_case(rng, shape, part, groups=groups)


CHANNEL_SHUFFLE_EXERCISE = Exercise(
    "channel_shuffle",
    channel_shuffle,
    visible=(
        Case((numbered(1, 6, 1, 1),), {"groups": 2}),
        groups_case(default_rng(1), (2, 12, 3, 6), 3),
        groups_case(default_rng(2), (1, 10, 3, 2), 5),
        groups_case(default_rng(3), (2, 6, 4), 3, "robustness"),
    ),
    hidden=lambda rng: (
        groups_case(rng, (2, 12, 3, 2), 2),
        groups_case(rng, (1, 8, 1, 3), 4),
        groups_case(rng, (3, 15, 2, 1), 5),
        groups_case(rng, (2, 6, 5), 2, "robustness"),
        groups_case(rng, (1, 4, 2, 3), 1, "robustness"),
    ),
    reference={
        "pytorch": "channel_shuffle_pt = lambda x, groups: "
        "x.unflatten(1, (groups, -1)).transpose(1, 2).flatten(1, 2)",
        "tensorflow": """
def channel_shuffle_tf(x, groups):
    split = tf.reshape(x, (*x.shape[:-1], groups, -1))
    return tf.reshape(tf.linalg.matrix_transpose(split), x.shape)
""",
    },
    misconceptions=mistakes(CHANNEL_SHUFFLE_MISTAKES, globals(), "x, groups"),
    allow=MOVES,
    layouts=IMAGES,
    elementwise=False,
)

CHANNEL_SHUFFLE = component(
    "channel_shuffle",
    name="Channel shuffle",
    zh="通道混洗",
    pytorch=("torch.nn.ChannelShuffle", "torch.nn.functional.channel_shuffle"),
    calls="""
nn.ChannelShuffle(3)(x) | channel_shuffle(x, 3)
    # Keras and TensorFlow have no such layer: this section builds it
""",
    behaviour={
        "channel-shuffle-inverse-tf": "the inverse of `ChannelShuffle(g)` is "
        "`ChannelShuffle(C // g)`",
        "channel-shuffle-paths": "without a shuffle, two grouped convolutions never mix groups",
    },
    exercises=(CHANNEL_SHUFFLE_EXERCISE,),
)


def in_pixels(grid, n):
    return ((grid + 1) * n - 1) / 2


def in_corners(grid, n):
    return (grid + 1) / 2 * (n - 1)


def read(image, columns, rows):
    """The numbers of the image at each pair of positions, in cells; outside there are zeros."""
    of_rows, of_columns = hat(rows, image.shape[2]), hat(columns, image.shape[3])
    return np.einsum("bijh,bijw,bchw->bcij", of_rows, of_columns, image)


def positions(image, grid, place=in_pixels):
    h, w = image.shape[2:]
    return place(grid[..., 0], w), place(grid[..., 1], h)


def inside(places, image):
    """The positions, with those outside moved to the border of the image."""
    h, w = image.shape[2:]
    return np.clip(places[0], 0, w - 1), np.clip(places[1], 0, h - 1)


def grid_sample(image, grid):
    return read(image, *positions(image, grid))


GRID_SAMPLE_MISTAKES = """
read(image, *positions(image, grid, in_corners))
    # −1 and 1 are the centres of the first and the last pixel, as with align_corners=True: here
    # they
    # are the edges of the image, so the position is ((g + 1) · n − 1) / 2
read(image, *positions(image, grid[..., ::-1]))
    # the two numbers of a position are exchanged: the first is x, along the width, the second is y
read(image, *positions(image, grid, lambda g, n: (g + 1) / 2 * n))
    # the position is half a pixel too far: subtract ½, because the centre of pixel 0 lies half a
    # pixel from the edge
read(image, *inside(positions(image, grid), image))
    # outside of the image, the number of the border is read: here it is 0 there
read(image, *map(rint, positions(image, grid)))
    # the number of the nearest pixel is read: mix the four neighbours by their distance
read(image, *map(floor, positions(image, grid)))
    # the position is rounded down: mix the four neighbours by their distance
read(image, grid[..., 0], grid[..., 1])
    # the positions are used as pixels: −1 and 1 are the edges of the image
grid_sample(image, grid) * (
    (abs(grid[..., 0]) <= 1) & (abs(grid[..., 1]) <= 1))[:, None]
    # everything outside of −1 to 1 is 0: half a pixel beyond the edge, the number of the border
    # still has a part
read(image, *positions(image, grid)) / where(
    read(ones_like(image), *positions(image, grid)) > 0,
    read(ones_like(image), *positions(image, grid)), 1)
    # near the border, the weights of the pixels inside are divided by their sum: pixels outside
    # count as 0, with their weight
"""


def grid_case(rng, image, size, part="values"):
    """Positions inside, and some outside, none at a kink."""
    grid = rng.uniform(-1.8, 1.8, (image[0], *size, 2))
    return Case((rng.normal(size=image), grid), part=part)


GRID_SAMPLE_EXERCISE = Exercise(
    "grid_sample",
    grid_sample,
    visible=(
        Case((numbered(1, 1, 2, 2), np.array([[[[-0.25, 0.25], [0.75, 0.25]]]]))),
        grid_case(default_rng(1), (2, 3, 4, 5), (2, 4)),
        grid_case(default_rng(2), (1, 2, 3, 7), (3, 2)),
        grid_case(default_rng(3), (2, 1, 5, 4), (1, 6), "robustness"),
    ),
    hidden=lambda rng: (
        grid_case(rng, (2, 3, 5, 4), (3, 4)),
        grid_case(rng, (1, 2, 2, 6), (4, 3)),
        grid_case(rng, (1, 4, 3, 2), (2, 5), "robustness"),
        grid_case(rng, (3, 2, 1, 4), (1, 3), "robustness"),
    ),
    reference={
        "pytorch": "grid_sample_pt = lambda image, grid: "
        "F.grid_sample(image, grid, align_corners=False)",
        "tensorflow": """
def grid_sample_tf(image, grid):
    h, w = image.shape[1:3]
    x, y = ((grid[..., 0] + 1) * w - 1) / 2, ((grid[..., 1] + 1) * h - 1) / 2

    def weights(p, n):
        return tf.maximum(0.0, 1 - abs(p[..., None] - tf.range(n, dtype="float32")))

    return tf.einsum("bijh,bijw,bhwc->bijc", weights(y, h), weights(x, w), image)
""",
    },
    misconceptions=mistakes(GRID_SAMPLE_MISTAKES, globals(), "image, grid"),
    allow=MOVES,
    forbid=RESIZERS,
    layouts=IMAGES,
    elementwise=False,
    rtol=1e-3,
)


def spread(n):
    """The centres of n pixels, where −1 and 1 are the edges."""
    return (2 * np.arange(n) + 1) / n - 1


def of_centres(theta, x, y):
    x, y = np.meshgrid(x, y)
    return np.einsum("bkl,ijl->bijk", theta, np.stack([x, y, np.ones_like(x)], -1))


def affine_grid(theta, height, width):
    return of_centres(theta, spread(width), spread(height))


AFFINE_GRID_MISTAKES = """
of_centres(theta, linspace(-1, 1, width), linspace(-1, 1, height))
    # the positions go from −1 to 1, as with align_corners=True: here −1 and 1 are the edges, so the
    # centre of pixel j is (2j + 1) / n − 1
of_centres(theta, linspace(-1, 1, width, endpoint=False), linspace(-1, 1, height, endpoint=False))
    # the positions are the left edges of the pixels: use their centres, (2j + 1) / n − 1
of_centres(theta, arange(width), arange(height))
    # the positions are counted in pixels: −1 and 1 are the edges of the image
affine_grid(theta, height, width)[..., ::-1]
    # the two numbers of a position are exchanged: x, along the width, comes first
of_centres(theta[:, :, [1, 0, 2]], spread(width), spread(height))
    # x and y are exchanged before the product: the vector is (x, y, 1)
affine_grid(theta, width, height)
    # SIZES_SWAPPED
affine_grid(theta * [1, 1, 0], height, width)
    # the last column of theta is left out: it is added
affine_grid(theta[:, :, [2, 0, 1]], height, width)
    # the vector is (1, x, y): it must be (x, y, 1)
affine_grid(concatenate([swapaxes(theta[:, :, :2], 1, 2), theta[:, :, 2:]], 2), height, width)
    # theta is transposed: each row of theta gives one number of the position
"""


def theta_case(rng, batch, height, width, part="values"):
    arguments = {"height": height, "width": width}
    return Case((rng.normal(size=(batch, 2, 3)),), arguments, part=part)


AFFINE_GRID_EXERCISE = Exercise(
    "affine_grid",
    affine_grid,
    visible=(
        Case((np.array([[[1.0, 0, 0], [0, 1, 0]]]),), {"height": 2, "width": 4}),
        theta_case(default_rng(1), 2, 3, 5),
        theta_case(default_rng(2), 1, 4, 2, "robustness"),
    ),
    hidden=lambda rng: (
        theta_case(rng, 2, 4, 3),
        theta_case(rng, 3, 2, 5),
        theta_case(rng, 1, 1, 4, "robustness"),
    ),
    reference={
        "pytorch": """
def affine_grid_pt(theta, height, width):
    return F.affine_grid(theta, (len(theta), 1, height, width), align_corners=False)
""",
        "tensorflow": """
def affine_grid_tf(theta, height, width):
    x = (2 * tf.range(width, dtype="float32") + 1) / width - 1
    y = (2 * tf.range(height, dtype="float32") + 1) / height - 1
    x, y = tf.meshgrid(x, y)
    return tf.einsum("bkl,ijl->bijk", theta, tf.stack([x, y, tf.ones_like(x)], -1))
""",
    },
    misconceptions=mistakes(
        AFFINE_GRID_MISTAKES,
        globals(),
        "theta, height, width",
        SIZES_SWAPPED=resampling.SIZES_SWAPPED,
    ),
    allow=MOVES,
    elementwise=False,
    rtol=1e-3,
)

GRID_SAMPLE = component(
    "grid_sample",
    name="Grid sampling",
    zh="网格采样",
    pytorch=("torch.nn.functional.grid_sample", "torch.nn.functional.affine_grid"),
    calls="""
F.grid_sample(image, grid, align_corners=False) | grid_sample(image, grid)
    # TensorFlow and Keras have no such function: this section builds it
F.affine_grid(theta, (1, 2, 3, 4), align_corners=False) | affine_grid(theta, 3, 4)
    # always pass `align_corners`
""",
    behaviour={
        "grid-order": "a position is (x, y) in PyTorch, and (row, column) in Keras's "
        "`map_coordinates`",
        "affine-keras-tf": "`keras.ops.image.affine_transform` counts in pixels, `F.affine_grid` "
        "from −1 to 1",
        "grid-padding-pt": "outside of the image `F.grid_sample` reads zeros, unless "
        "`padding_mode` says otherwise",
        "grid-kink-tf": "at the centre of a pixel the gradient of the position is the slope to the "
        "right in PyTorch; a formula with `abs` has 0 there",
        "grid-learns": "gradients with respect to the positions let a network learn a shift",
    },
    exercises=(GRID_SAMPLE_EXERCISE, AFFINE_GRID_EXERCISE),
)

COMPONENTS = (PIXEL_SHUFFLE, PIXEL_UNSHUFFLE, CHANNEL_SHUFFLE, GRID_SAMPLE)
