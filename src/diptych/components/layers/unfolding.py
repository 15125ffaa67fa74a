"""Unfolding: unfold, fold, locally connected layers, and the dilation and erosion of images."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

# Functions that the later exercises may use.
UNFOLDING = ("unfold", "fold", "extract_patches")
CKK, KKC, CK_EXCHANGED = "cuvij", "uvcij", "cvuij"
COLUMN_ORDER = (
    "the positions are counted column by column: they go along a row first, so that row i and "
    "column j are position i · columns + j"
)
FLIPPED = "the numbers of a patch are in reverse order"
PLACES_EXCHANGED = (
    "the row and the column inside a patch are exchanged: the number of row u and column v is at "
    "the place u · kw + v"
)


def normal(rng, *shapes):
    return tuple(rng.normal(0, 1, shape) for shape in shapes)


def numbered(*shape):
    """The numbers 1, 2, 3, … in this shape, so that outputs show where each comes from."""
    return np.arange(1.0, np.prod(shape) + 1).reshape(shape)


def windows(x, kh, kw, stride=1):
    """The patches (batch, channels, kh, kw, rows, columns), in formulas b, c, u, v, i, j."""
    view = sliding_window_view(x, (kh, kw), (2, 3))[:, :, ::stride, ::stride]
    return view.transpose(0, 1, 4, 5, 2, 3)


def joined(view, order=CKK):
    """The patches as (batch, numbers of a patch, positions), with the axes in this order."""
    view = np.einsum(f"bcuvij->b{order}", view)
    n = np.prod(view.shape[1:4])
    return view.reshape(len(view), n, -1)


def unfold(x, kh, kw, stride):
    return joined(windows(x, kh, kw, stride))


def apart(x, kh, kw):
    """The patches that do not overlap."""
    return windows(x, kh, kw)[..., ::kh, ::kw]


def rounded_up(x, kh, kw, stride):
    missing = [-(n - k) % stride for n, k in zip(x.shape[2:], (kh, kw), strict=True)]
    return np.pad(x, [(0, 0), (0, 0), *((0, n) for n in missing)])


W = "windows(x, kh, kw, stride)"
UNFOLD_MISTAKES = f"""
joined({W}, KKC)
    # inside a patch the order is (row, column, channel), as in `tf.image.extract_patches`: here
    # it is (channel, row, column)
joined({W}, CK_EXCHANGED)                 # PLACES_EXCHANGED
joined({W}, "cuvji")                      # COLUMN_ORDER
joined({W}[:, :, ::-1, ::-1])             # FLIPPED
joined(windows(x, kh, kw))                # the windows move by 1: move them by the stride
joined(apart(x, kh, kw))
    # the windows move by their own size, so they do not overlap: move them by the stride
joined(windows(x, kh, kw)[..., ::stride, :])  # only the rows have the stride
joined(windows(x, kh, kw)[..., ::stride])     # only the columns have the stride
joined(windows(x, kw, kh, stride))        # kh and kw are exchanged: kh is the height of a window
joined({W}).swapaxes(1, 2)
    # positions and the numbers of a patch are exchanged: the positions are the last axis
{W}.transpose(0, 1, 4, 5, 2, 3).reshape(len(x), x.shape[1] * kh * kw, -1)
    # a reshape alone puts the numbers in the wrong places: first move the rows and columns of the
    # positions behind those of the window
joined({W}[..., :-1, :-1])
    # the last row and column of positions are missing: an axis has (n − k) // stride + 1 positions
joined(windows(x[:, :, :-1, :-1], kh, kw, stride))
    # the positions end one too early: the last window may begin at n − k, so the range ends behind
    # it, at n − k + 1
joined(windows(rounded_up(x, kh, kw, stride), kh, kw, stride))
    # the number of positions is rounded up, with zeros behind the image: round it down
{W}.reshape(len(x), x.shape[1] * kh * kw, {W}.shape[4], -1)
    # rows and columns of the positions are still two axes: join them into one
{W}.reshape(len(x), x.shape[1], kh * kw, -1)
    # the channels are still an axis of their own: join them with the places of a window
joined({W}).mean(1, keepdims=True)        # the patches are averaged: keep all their numbers
"""


def unfold_case(x, kh, kw, stride, **fields):
    return Case((x,), {"kh": kh, "kw": kw, "stride": stride}, **fields)


def unfold_drawn(rng, shape, *arguments, **fields):
    return unfold_case(*normal(rng, shape), *arguments, **fields)


UNFOLD_EXERCISE = Exercise(
    "unfold",
    unfold,
    visible=(
        unfold_case(numbered(1, 1, 3, 3), 2, 2, 1),
        unfold_case(numbered(1, 2, 2, 3), 2, 2, 1),
        unfold_drawn(default_rng(1), (2, 3, 4, 6), 2, 3, 2),
        unfold_drawn(default_rng(2), (2, 2, 3, 2), 3, 2, 1, part="robustness"),
        unfold_drawn(default_rng(3), (1, 3, 5, 4), 1, 2, 3, part="robustness"),
    ),
    hidden=lambda rng: (
        unfold_drawn(rng, (2, 3, 5, 4), 3, 2, 1),
        unfold_drawn(rng, (2, 2, 7, 6), 2, 3, 2),
        unfold_drawn(rng, (1, 4, 5, 5), 3, 3, 1),
        unfold_drawn(rng, (3, 1, 5, 8), 2, 2, 3, part="robustness"),
        unfold_drawn(rng, (1, 3, 2, 4), 2, 4, 1, part="robustness"),
    ),
    reference={
        "pytorch": "unfold_pt = lambda x, kh, kw, stride: F.unfold(x, (kh, kw), stride=stride)",
        "tensorflow": "unfold_tf = lambda x, kh, kw, stride: "
        "keras.ops.unfold(x, (kh, kw), stride=stride)",
    },
    misconceptions=mistakes(UNFOLD_MISTAKES, globals(), "x, kh, kw, stride"),
    elementwise=False,
)


def spread(patches, height, width, kh, kw, stride=1, order=CKK):
    """Patches (batch, c · kh · kw, positions) as (batch, c, kh, kw, rows, columns)."""
    rows, columns = (height - kh) // stride + 1, (width - kw) // stride + 1
    if patches.shape[1] % (kh * kw) or patches.shape[2] != rows * columns:
        raise ValueError("the patches do not fit")
    sizes = {"c": patches.shape[1] // (kh * kw), "u": kh, "v": kw, "i": rows, "j": columns}
    view = patches.reshape(len(patches), *(sizes[axis] for axis in order))
    return np.einsum(f"b{order}->bcuvij", view)


def added(view, height, width, stride=1, overwrite=False):
    """Each window added at its place in an image of zeros."""
    b, c, kh, kw, rows, columns = view.shape
    y = np.zeros((b, c, height, width), view.dtype)
    for i, j in np.ndindex(rows, columns):
        at = ..., slice(i * stride, i * stride + kh), slice(j * stride, j * stride + kw)
        y[at] = view[..., i, j] + (0 if overwrite else y[at])
    return y


def fold(patches, height, width, kh, kw, stride):
    return added(spread(patches, height, width, kh, kw, stride), height, width, stride)


def counts(like, kh, kw, stride=1):
    """The number of windows that contain each number, 1 if there is none."""
    n = added(np.ones(windows(like, kh, kw, stride).shape), *like.shape[2:], stride)
    return np.maximum(n, 1)


def averaged(patches, height, width, kh, kw, stride):
    y = fold(patches, height, width, kh, kw, stride)
    return y / counts(y, kh, kw, stride)


FOLDED = "height, width, kh, kw, stride"
SPREAD = f"spread(patches, {FOLDED})"
FOLD_MISTAKES = f"""
averaged(patches, {FOLDED})
    # where windows overlap, their numbers are averaged: fold adds them
added({SPREAD}, height, width, stride, True)
    # where windows overlap, the last one overwrites the others: add them
added(spread(patches, {FOLDED}, KKC), height, width, stride)
    # the numbers of a patch are read in the order (row, column, channel): here they are in the
    # order (channel, row, column)
added(spread(patches, {FOLDED}, CK_EXCHANGED), height, width, stride)  # PLACES_EXCHANGED
added(spread(patches, {FOLDED}, "cuvji"), height, width, stride)  # COLUMN_ORDER
added({SPREAD}[:, :, ::-1, ::-1], height, width, stride)  # FLIPPED
added({SPREAD}, height, width)
    # position p is put at p, as with a stride of 1: its window begins at p · stride
added({SPREAD}.sum(1, keepdims=True), height, width, stride)
    # the channels are added: each channel of the image comes from its own part of the patch
added({SPREAD}, height, width, stride).swapaxes(2, 3)  # height and width are exchanged
added({SPREAD}, height, width, stride).transpose(0, 2, 3, 1)
    # the channels are on the last axis: here the image is (batch, channels, height, width)
added({SPREAD}, height, width, stride)[:, :, :({SPREAD}.shape[4] - 1) * stride + kh,
    :({SPREAD}.shape[5] - 1) * stride + kw]
    # the rows and columns that no window reaches are missing: they are 0
added({SPREAD}, height, width, stride) / (kh * kw)
    # divided by the size of the window: fold adds, and does not average
"""


def fold_case(rng, batch, channels, height, width, kh, kw, stride, **fields):
    positions = ((height - kh) // stride + 1) * ((width - kw) // stride + 1)
    patches = normal(rng, (batch, channels * kh * kw, positions))
    sizes = {"height": height, "width": width, "kh": kh, "kw": kw, "stride": stride}
    return Case(patches, sizes, **fields)


FOLD_EXERCISE = Exercise(
    "fold",
    fold,
    visible=(
        Case(
            (numbered(1, 4, 2),),
            {"height": 2, "width": 3, "kh": 2, "kw": 2, "stride": 1},
        ),
        fold_case(default_rng(1), 2, 3, 4, 5, 2, 3, 1),
        fold_case(default_rng(2), 1, 2, 6, 7, 3, 2, 2),
        fold_case(default_rng(3), 2, 1, 5, 5, 2, 2, 3, part="robustness"),
        fold_case(default_rng(4), 1, 2, 2, 3, 2, 3, 1, part="robustness"),
    ),
    hidden=lambda rng: (
        fold_case(rng, 2, 2, 5, 4, 3, 2, 1),
        fold_case(rng, 1, 3, 5, 5, 3, 3, 1),
        fold_case(rng, 2, 2, 7, 6, 3, 2, 2),
        fold_case(rng, 1, 2, 6, 6, 1, 2, 3, part="robustness"),
        fold_case(rng, 3, 4, 3, 4, 3, 4, 1, part="robustness"),
    ),
    reference={
        "pytorch": """
def fold_pt(patches, height, width, kh, kw, stride):
    return F.fold(patches, (height, width), (kh, kw), stride=stride)
""",
        "tensorflow": """
def fold_tf(patches, height, width, kh, kw, stride):
    b, n, positions = patches.shape
    one = tf.reshape(patches, (1, b * n, positions))  # a larger batch prints a warning
    y = keras.ops.fold(one, (height, width), (kh, kw), stride=stride)
    return tf.reshape(y, (b, -1, height, width))
""",
    },
    misconceptions=mistakes(FOLD_MISTAKES, globals(), "patches, height, width, kh, kw, stride"),
    elementwise=False,
)


def product(x, kernel):
    """(batch, out, rows, columns) of an image and a kernel (out, in, kh, kw)."""
    if x.shape[1] != kernel.shape[1]:
        raise ValueError("image and kernel have different channels")
    return np.einsum("bcuvij,ocuv->boij", windows(x, *kernel.shape[2:]), kernel)


def matrices(x, kernel, order, kernel_order):
    """The same by a matrix product; the order of axes in patch and kernel may differ."""
    patches = joined(windows(x, *kernel.shape[2:]), order)
    rows = np.einsum(f"ocuv->o{kernel_order}", kernel).reshape(len(kernel), -1)
    return (rows @ patches).reshape(product(x, kernel).shape)


def as_rows(y):
    """Positions and output channels in the other order, and reshaped as if they were not."""
    b, o, rows, columns = y.shape
    return y.reshape(b, o, -1).swapaxes(1, 2).reshape(b, o, rows, columns)


def as_columns(y):
    """The same with the channels on the last axis."""
    b, o, rows, columns = y.shape
    return y.reshape(b, rows, columns, o).transpose(0, 3, 1, 2)


def back(x, kernel, upstream):
    """Each gradient of an output, times the kernel: (batch, in, kh, kw, rows, columns)."""
    return np.einsum("boij,ocuv->bcuvij", upstream, kernel)


def image_gradient(x, kernel, upstream):
    return added(back(x, kernel, upstream), *x.shape[2:])


def kernel_gradient(x, upstream, kernel):
    return np.einsum("bcuvij,boij->ocuv", windows(x, *kernel.shape[2:]), upstream)


def convolution_by_unfold(x, kernel, upstream):
    return (
        product(x, kernel),
        image_gradient(x, kernel, upstream),
        kernel_gradient(x, upstream, kernel),
    )


Y, DX, DK = (
    "product(x, kernel)",
    "image_gradient(x, kernel, upstream)",
    "kernel_gradient(x, upstream, kernel)",
)
CONVOLUTION_MISTAKES = f"""
(matrices(x, kernel, KKC[:3] + "ij", "cuv"), {DX}, {DK})
(matrices(x, kernel, CKK, "uvc"), {DX}, {DK})
    # in the output, the numbers of a patch and those of the kernel are in different orders:
    # (channel, row, column) and (row, column, channel)
(product(x, kernel[:, :, ::-1, ::-1]), {DX}, {DK})  # the kernel is flipped: use it as it is
(as_rows({Y}), {DX}, {DK})
(as_columns({Y}), {DX}, {DK})
    # the output is reshaped with its axes in the wrong order: bring the output channels to their
    # place before you split the positions into rows and columns
({Y}.reshape(len(x), len(kernel), -1), {DX}, {DK})
    # the positions of the output are one axis: reshape them to rows and columns
({Y}.swapaxes(2, 3), {DX}, {DK})  # rows and columns of the output are exchanged
({Y} / kernel[0].size, {DX}, {DK})
    # the output is divided by the number of weights: a convolution adds, and does not average
({Y}, {DX} / counts(x, *kernel.shape[2:]), {DK})
    # the image's gradient is averaged where windows overlap: fold adds
({Y}, added(back(x, kernel, upstream), *x.shape[2:], overwrite=True), {DK})
    # where windows overlap, the last one overwrites the image's gradient: fold adds them
({Y}, image_gradient(x, kernel[:, :, ::-1, ::-1], upstream), {DK})
    # the image's gradient uses the kernel flipped: multiply by the transposed matrix, then fold
({Y}, image_gradient(x, kernel, ones_like(upstream)), {DK})
    # the image's gradient ignores upstream: multiply the transposed matrix by upstream
({Y}, {DX} / len(x), {DK})  # the image's gradient is divided by the size of the batch
({Y}, {DX}, kernel_gradient(x, ones_like(upstream), kernel))
    # the kernel's gradient ignores upstream: multiply upstream by the patches
({Y}, {DX}, {DK} / len(x))  # the kernel's gradient is averaged over the batch: add the examples
({Y}, {DX}, {DK} / upstream[0, 0].size)
    # the kernel's gradient is averaged over the positions: add them
({Y}, {DX}, kernel_gradient(x[:1], upstream[:1], kernel))
    # the kernel's gradient has the first example only: add all examples
({Y}, {DX}, {DK}[:, :, ::-1, ::-1])  # the kernel's gradient is flipped
({Y}, {DX}, {DK}.swapaxes(2, 3))     # rows and columns of the kernel's gradient are exchanged
({Y}, {DX}, {DK}.reshape(len(kernel), -1))
({Y}, {DX}, {DK}.transpose(0, 2, 3, 1).reshape(len(kernel), -1))
    # the kernel's gradient is still a matrix: give it the shape of the kernel
({Y}, {DX}, {DK}.transpose(0, 2, 3, 1).reshape(kernel.shape))
    # the kernel's gradient is reshaped with its axes in the wrong order
"""


def convolution_case(rng, batch, n_in, n_out, sizes, size, **fields):
    positions = [n - k + 1 for n, k in zip(sizes, size, strict=True)]
    shapes = (batch, n_in, *sizes), (n_out, n_in, *size), (batch, n_out, *positions)
    return Case(normal(rng, *shapes), gradients=False, **fields)


CONVOLUTION_TF = """
def convolution_by_unfold_tf(x, kernel, upstream):
    with tf.GradientTape() as tape:
        tape.watch([x, kernel])
        patches = tf.image.extract_patches(x, [1, *kernel.shape[:2], 1], [1] * 4, [1] * 4, "VALID")
        y = patches @ tf.reshape(kernel, (-1, kernel.shape[-1]))
    return y, *tape.gradient(y, [x, kernel], upstream)
"""
CONVOLUTION_PT = """
def convolution_by_unfold_pt(x, kernel, upstream):
    patches, matrix = F.unfold(x, kernel.shape[2:]), kernel.flatten(1)
    above = upstream.flatten(2)
    dx = F.fold(matrix.T @ above, x.shape[2:], kernel.shape[2:])
    dk = (above @ patches.transpose(1, 2)).sum(0)
    return (matrix @ patches).reshape(upstream.shape), dx, dk.reshape(kernel.shape)
"""

CONVOLUTION_EXERCISE = Exercise(
    "convolution_by_unfold",
    convolution_by_unfold,
    visible=(
        Case(
            (
                numbered(1, 1, 2, 3),
                np.array([[[[1.0, 10], [100, 1000]]]]),
                np.array([[[[1.0, 2]]]]),
            ),
            gradients=False,
        ),
        convolution_case(default_rng(1), 2, 3, 4, (4, 5), (2, 3)),
        convolution_case(default_rng(2), 2, 2, 2, (4, 4), (2, 2)),
        convolution_case(default_rng(3), 1, 3, 2, (3, 3), (2, 2), part="robustness"),
        convolution_case(default_rng(4), 2, 1, 3, (2, 3), (2, 3), part="robustness"),
    ),
    hidden=lambda rng: (
        convolution_case(rng, 2, 3, 2, (5, 4), (3, 2)),
        convolution_case(rng, 3, 3, 3, (5, 5), (3, 3)),
        convolution_case(rng, 1, 3, 2, (3, 3), (2, 2), part="robustness"),
        convolution_case(rng, 1, 2, 4, (3, 6), (1, 3), part="robustness"),
        convolution_case(rng, 2, 4, 1, (4, 3), (2, 2), part="robustness"),
    ),
    reference={"pytorch": CONVOLUTION_PT, "tensorflow": CONVOLUTION_TF},
    allow=UNFOLDING,
    forbid=("torch.nn.functional.conv2d", "tf.nn.conv2d"),
    layouts={
        0: "channels",
        1: "kernel",
        2: "channels",
        "output": "channels",
        "output 1": "channels",
        "output 2": "kernel",
    },
    misconceptions=mistakes(CONVOLUTION_MISTAKES, globals(), "x, kernel, upstream"),
    elementwise=False,
    rtol=1e-3,
)

UNFOLD = component(
    "unfold",
    name="Unfold (extract patches)",
    zh="滑动窗口提取层",
    pytorch=("torch.nn.Unfold", "torch.nn.functional.unfold"),
    keras=("keras.ops.unfold", "keras.ops.image.extract_patches"),
    tensorflow=("tf.image.extract_patches",),
    calls="""
F.unfold(x, (2, 3)) | keras.ops.unfold(x, (2, 3))
    # the same function, with the channels on axis 1 also in Keras
F.unfold(x, (2, 3)) | tf.image.extract_patches(x, [1, 2, 3, 1], [1] * 4, [1] * 4, "VALID")
    # the channels are last, and a patch has the order (row, column, channel): transpose it
""",
    behaviour={
        "unfold-order": "inside a patch: the channel first in PyTorch, last in TensorFlow",
        "unfold-steps": "by default, `keras.ops.image.extract_patches` steps by the window's size",
        "unfold-same": '`"SAME"` with a stride pads one side only: pad so before `F.unfold`',
        "unfold-infinity-tf": "`ops.image.extract_patches` makes the neighbours of an infinity NaN",
        "unfold-too-large-tf": "a window larger than the image: no error in TensorFlow, no patches",
    },
    exercises=(UNFOLD_EXERCISE, CONVOLUTION_EXERCISE),
)

FOLD = component(
    "fold",
    name="Fold",
    zh="逆滑动窗口提取层",
    pytorch=("torch.nn.Fold", "torch.nn.functional.fold"),
    keras=("keras.ops.fold",),
    calls="""
F.fold(patches, (5, 7), (2, 3)) | keras.ops.fold(patches, (5, 7), (2, 3))
    # where windows overlap, fold adds; in Keras, call it inside a `tf.function`
""",
    behaviour={
        "fold-batch-tf": "`keras.ops.fold` makes a new graph at each call outside a `tf.function`",
        "fold-counts": "fold after unfold multiplies each number by the number of its windows",
        "fold-adjoint": "the gradient of unfold is fold: `tf.nn` has no fold, but this gradient",
        "fold-reshape": "a convolution by unfold ends with a reshape, not with a fold",
    },
    exercises=(FOLD_EXERCISE,),
)


def everywhere(x, kernel, bias, kh, kw, order=KKC):
    """(batch, out, rows, columns), with a kernel (positions, kh · kw · in, out)."""
    view = windows(x, kh, kw)
    patches = joined(view, order)
    y = np.einsum("bnp,pno->bop", patches, kernel)
    return y.reshape(len(x), -1, *view.shape[4:]) + np.moveaxis(bias, -1, 0)


def locally_connected(x, kernel, bias, kh, kw):
    return everywhere(x, kernel, bias, kh, kw)


def one_kernel(kernel):
    """The kernel of the first position at each position."""
    return np.broadcast_to(kernel[:1], kernel.shape)


def by_columns(kernel, bias):
    """The kernels as if the positions were counted column by column."""
    rows, columns = bias.shape[:2]
    return kernel.reshape(columns, rows, *kernel.shape[1:]).swapaxes(0, 1).reshape(kernel.shape)


def as_images(bias):
    """(out, rows, columns) by a reshape, which must be a permutation of the axes."""
    return np.moveaxis(bias.reshape(bias.shape[-1], *bias.shape[:2]), 0, -1)


NO_BIAS = "everywhere(x, kernel, 0 * bias, kh, kw)"
RESHAPED = "the axes are in the wrong order: bring the output channels to their place, then reshape"
LOCALLY_CONNECTED_MISTAKES = f"""
everywhere(x, kernel, bias, kh, kw, CKK)
    # the numbers of a patch are in the order (channel, row, column): the kernel has the old Keras
    # layer's order, (row, column, channel)
everywhere(x, kernel, bias, kh, kw, "vucij")      # PLACES_EXCHANGED
everywhere(x, one_kernel(kernel), bias, kh, kw)
    # the kernel of the first position is used at all positions, as in a convolution: each has
    # its own
everywhere(x, by_columns(kernel, bias), bias, kh, kw)  # COLUMN_ORDER
everywhere(x, kernel[::-1], bias, kh, kw)
    # the kernels of the positions are in reverse order
{NO_BIAS}                                         # the bias is missing: add it
everywhere(x, kernel, broadcast_to(bias[0, 0], bias.shape), kh, kw)
    # the bias of the first position is added at all positions: each has its own
everywhere(x, kernel, as_images(bias), kh, kw)
    # the bias is reshaped to (out, rows, columns): permute its axes instead
as_rows({NO_BIAS}) + moveaxis(bias, -1, 0)        # RESHAPED
as_columns({NO_BIAS}) + moveaxis(bias, -1, 0)     # RESHAPED
everywhere(x[:, :, ::-1, ::-1], kernel[::-1], bias[::-1, ::-1], kh, kw)[:, :, ::-1, ::-1]
    # each window is flipped: use it as it is
locally_connected(x, kernel, bias, kh, kw).reshape(len(x), kernel.shape[2], -1)
    # the positions of the output are one axis: reshape them to rows and columns
everywhere(x, kernel / kernel.shape[1], bias, kh, kw)
    # divided by the number of weights: the products are added, and not averaged
everywhere(x, kernel, bias * kernel.shape[1], kh, kw)
    # the bias is added once for each weight: add it once for each output
maximum(0, locally_connected(x, kernel, bias, kh, kw))
    # negative outputs become 0: remove the ReLU
"""


def local_case(rng, batch, n_in, n_out, sizes, kh, kw, **fields):
    rows, columns = sizes[0] - kh + 1, sizes[1] - kw + 1
    shapes = (
        (batch, n_in, *sizes),
        (rows * columns, kh * kw * n_in, n_out),
        (rows, columns, n_out),
    )
    return Case(normal(rng, *shapes), {"kh": kh, "kw": kw}, **fields)


LOCALLY_CONNECTED_EXERCISE = Exercise(
    "locally_connected",
    locally_connected,
    visible=(
        Case(
            (
                numbered(1, 1, 2, 3),
                np.array([[[1.0], [10], [0], [0]], [[0.0], [0], [1], [1]]]),
                np.array([[[0.5], [0.25]]]),
            ),
            {"kh": 2, "kw": 2},
        ),
        local_case(default_rng(1), 2, 3, 4, (3, 5), 2, 3),
        local_case(default_rng(2), 2, 2, 2, (4, 4), 2, 2),
        local_case(default_rng(3), 1, 3, 2, (3, 3), 2, 3, part="robustness"),
        local_case(default_rng(4), 3, 1, 3, (2, 4), 1, 1, part="robustness"),
    ),
    hidden=lambda rng: (
        local_case(rng, 2, 2, 3, (4, 4), 3, 2),
        local_case(rng, 2, 3, 3, (4, 4), 2, 2),
        local_case(rng, 1, 3, 2, (3, 3), 1, 2, part="robustness"),
        local_case(rng, 3, 2, 1, (4, 3), 2, 3, part="robustness"),
    ),
    reference={
        "pytorch": """
def locally_connected_pt(x, kernel, bias, kh, kw):
    positions, n, n_out = kernel.shape
    weight = kernel.reshape(positions, kh * kw, -1, n_out).transpose(1, 2)
    weight = weight.reshape(kernel.shape)
    y = torch.einsum("bnp,pno->bop", F.unfold(x, (kh, kw)), weight)
    return y.unflatten(2, bias.shape[:2]) + bias.permute(2, 0, 1)
""",
        "tensorflow": """
def locally_connected_tf(x, kernel, bias, kh, kw):
    patches = tf.image.extract_patches(x, [1, kh, kw, 1], [1] * 4, [1] * 4, "VALID")
    kernel = tf.reshape(kernel, (*bias.shape[:2], *kernel.shape[1:]))
    return tf.einsum("brcn,rcno->brco", patches, kernel) + bias
""",
    },
    allow=UNFOLDING,
    layouts={0: "channels", "output": "channels"},
    misconceptions=mistakes(LOCALLY_CONNECTED_MISTAKES, globals(), "x, kernel, bias, kh, kw"),
    elementwise=False,
    rtol=1e-3,
)

LOCALLY_CONNECTED = component(
    "locally_connected",
    kind="usage",
    name="Locally connected",
    zh="二维局部连接层",
    keras=("keras.layers.LocallyConnected2D", "keras.layers.LocallyConnected1D"),
    status="removed",
    calls="""
LocallyConnected2d(3, 4, (2, 3), (5, 7)) | LocallyConnected2D(4, (2, 3))
    # neither framework has the layer today; this chapter builds both
""",
    behaviour={
        "local-removed-tf": "Keras 3 has no `LocallyConnected2D`: build it from patches",
        "local-count": "each position has its own weights: here 20 times as many parameters",
        "local-shift": "a moved image moves the output of a convolution, but not this one",
    },
    exercises=(LOCALLY_CONNECTED_EXERCISE,),
)


def around(x, kh, kw, value=-np.inf, behind=True):
    """Windows of an image with a border, so that there is one for each pixel."""
    before = [(k - 1) // 2 if behind else k // 2 for k in (kh, kw)]
    border = [(n, k - 1 - n) for n, k in zip(before, (kh, kw), strict=True)]
    return windows(np.pad(x, [(0, 0), (0, 0), *border], constant_values=value), kh, kw)


def beside(kernel):
    """A kernel (kh, kw, channels) beside windows."""
    return kernel.transpose(2, 0, 1)[..., None, None]


def most(view, kernel):
    if view.shape[1] != kernel.shape[2]:
        raise ValueError("image and kernel have different channels")
    return (view + beside(kernel)).max((2, 3))


def dilation(x, kernel):
    return most(around(x, *kernel.shape[:2]), kernel)


AROUND = "around(x, *kernel.shape[:2])"
DILATION_MISTAKES = f"""
most(around(x, *kernel.shape[:2], 0.0), kernel)
    # the border is 0, and wins where all numbers are negative: pad with −∞
most(windows(pad(x, [(0, 0), (0, 0), *(((k - 1) // 2, k // 2) for k in kernel.shape[:2])], "edge"),
    *kernel.shape[:2]), kernel)
    # the border repeats the numbers at the edge, and they get other numbers of the kernel there:
    # pad with −∞
most({AROUND}, 0 * kernel)
    # the kernel is not added: this is max pooling
(around(x, *kernel.shape[:2], 0.0) * beside(kernel)).max((2, 3))
    # the kernel multiplies: add it
(around(x, *kernel.shape[:2], 0.0) * beside(kernel)).sum((2, 3))
    # this is a convolution: add the kernel instead of multiplying, and take the maximum instead of
    # the sum
most({AROUND}, -kernel)                              # the kernel is subtracted: add it
(around(x, *kernel.shape[:2], inf) + beside(kernel)).min((2, 3))
(around(x, *kernel.shape[:2], inf) - beside(kernel)).min((2, 3))
-most(around(-x, *kernel.shape[:2]), kernel[::-1, ::-1])
    # the minimum of each window is taken, as in an erosion: take the maximum
most({AROUND}, kernel[::-1, ::-1])                   # the kernel is flipped: use it as it is
most({AROUND}, kernel.swapaxes(0, 1))                # the kernel's height and width are exchanged
most({AROUND}, broadcast_to(kernel[..., :1], kernel.shape))
    # all channels use the kernel of the first channel: each has its own
({AROUND} + beside(kernel)).max((1, 2, 3))
({AROUND} + beside(kernel)).max((1, 2, 3))[:, None]
    # the maximum is also over the channels: each channel has its own output
most(windows(x, *kernel.shape[:2]), kernel)
    # the image has no border, so the output is smaller: pad it with −∞
most(around(x, *kernel.shape[:2], behind=False), kernel)
    # for an even size, the larger half of the border is in front: put it behind the image
maximum(0, dilation(x, kernel))                      # negative outputs become 0: remove the ReLU
"""


def dilation_case(rng, batch, channels, sizes, size, shift=0.0, **fields):
    x, kernel = normal(rng, (batch, channels, *sizes), (*size, channels))
    return Case((x + shift, kernel), **fields)


DILATION_EXERCISE = Exercise(
    "dilation",
    dilation,
    visible=(
        Case(
            (
                np.array([[[[1.0, 2, -3, 0], [4, -5, -1, -2]]]]) - 3,
                np.array([[[0.0], [1.5], [-1]]]),
            ),
        ),
        dilation_case(default_rng(1), 2, 3, (4, 5), (2, 3), -2.0),
        dilation_case(default_rng(2), 2, 2, (5, 4), (3, 3)),
        dilation_case(default_rng(3), 1, 3, (3, 3), (4, 2), -3.0, part="robustness"),
        dilation_case(default_rng(4), 2, 1, (3, 2), (1, 1), part="robustness"),
    ),
    hidden=lambda rng: (
        dilation_case(rng, 2, 3, (4, 6), (2, 2), -2.0),
        dilation_case(rng, 1, 4, (5, 5), (3, 2)),
        dilation_case(rng, 2, 2, (4, 5), (4, 3), -3.0),
        dilation_case(rng, 1, 3, (3, 3), (3, 2), -4.0, part="robustness"),
        dilation_case(rng, 3, 1, (4, 3), (1, 2), part="robustness"),
    ),
    reference={
        "pytorch": """
def dilation_pt(x, kernel):
    kh, kw, channels = kernel.shape
    top, left = (kh - 1) // 2, (kw - 1) // 2
    x = F.pad(x, (left, kw - 1 - left, top, kh - 1 - top), value=-torch.inf)
    windows = x.unfold(2, kh, 1).unfold(3, kw, 1) + kernel.permute(2, 0, 1)[:, None, None]
    return windows.amax((-1, -2))
""",
        "tensorflow": "dilation_tf = lambda x, kernel: "
        'tf.nn.dilation2d(x, kernel, [1] * 4, "SAME", "NHWC", [1] * 4)',
    },
    allow=UNFOLDING,
    layouts={0: "channels", "output": "channels"},
    misconceptions=mistakes(DILATION_MISTAKES, globals(), "x, kernel"),
    elementwise=False,
)

MORPHOLOGY = component(
    "morphology",
    name="Dilation and erosion",
    zh="形态学膨胀与腐蚀",
    tensorflow=("tf.nn.dilation2d", "tf.nn.erosion2d"),
    calls="""
dilation2d(x, k) | tf.nn.dilation2d(x, k, [1] * 4, "VALID", "NHWC", [1] * 4)
    # PyTorch has none; this chapter builds it from `F.unfold`
erosion2d(x, k) | tf.nn.erosion2d(x, k, [1] * 4, "VALID", "NHWC", [1] * 4)
    # an erosion is minus the dilation of −x with the kernel flipped
""",
    behaviour={
        "morphology-border": '`"SAME"` ignores what is outside: pad with −∞, not with 0',
        "morphology-flipped": "`tf.nn.erosion2d` flips the kernel, `tf.nn.dilation2d` does not",
        "morphology-ties-pt": "at a tie the first place gets the gradient; with `amax` all share",
    },
    exercises=(DILATION_EXERCISE,),
)

COMPONENTS = (UNFOLD, FOLD, LOCALLY_CONNECTED, MORPHOLOGY)
