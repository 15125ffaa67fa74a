"""Shapes: Flatten, Reshape, Permute, RepeatVector and Cropping."""

import numpy as np

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

# Functions that every answer of the chapter may use: only the order matters.
MOVES = ("reshape", "permute", "transpose")


def numbered(*shape):
    """The numbers 1, 2, 3, … in this shape, so that outputs show where each comes from."""
    return np.arange(1.0, np.prod(shape) + 1).reshape(shape)


def channels_last(x):
    return np.moveaxis(x, 1, -1)


def flatten(x):
    return channels_last(x).reshape(len(x), -1)


def flatten_hidden(rng):
    shapes = {(2, 3, 2, 4): "values", (3, 4, 2, 5): "values", (1, 2, 3, 2): "robustness"}
    shapes |= {(3, 4, 5): "robustness", (2, 3, 2, 1, 4): "robustness", (4, 3): "robustness"}
    return tuple(Case((rng.normal(size=shape),), part=part) for shape, part in shapes.items())


FLATTEN_MISTAKES = """
x.reshape(len(x), -1)
    # the numbers are still in PyTorch's order, channel after channel: before you reshape, move
    # the channels to the end
x.reshape(-1)
channels_last(x).reshape(-1)
    # the batch is flattened, too: keep axis 0, so that each example has a row of its own
transpose(x, [0, *range(x.ndim - 1, 0, -1)]).reshape(len(x), -1)
swapaxes(x, 1, -1).reshape(len(x), -1)
    # the order of the axes after the channels is changed, too: move only the channels
moveaxis(x, -1, 1).reshape(len(x), -1)
    # the last axis is moved to axis 1: move the channels, axis 1, to the end
moveaxis(x, 0, -1).reshape(x.shape[1], -1)
moveaxis(x, 0, -1).reshape(len(x), -1)
    # the batch is moved to the end: keep it as axis 0, and move the channels
x.T.reshape(len(x), -1)
    # the order of all axes is reversed: keep the batch as axis 0, and move only the channels
channels_last(x).reshape(-1, x.shape[1])
    # each pixel has a row of its own: an example needs one row with all its pixels
channels_last(x)
    # the axes are in the right order, but they are not joined: reshape to (batch, features)
"""

FLATTEN_TF = """
def flatten_tf(x):
    return keras.layers.Flatten(data_format="channels_first")(x)
"""

FLATTEN_EXERCISE = Exercise(
    "flatten",
    flatten,
    visible=(
        Case((numbered(1, 2, 1, 4),)),
        Case((numbered(2, 3, 2, 4),)),
        Case((numbered(2, 3, 4),), part="robustness"),
        Case((numbered(1, 2, 3, 1, 2),), part="robustness"),
    ),
    hidden=flatten_hidden,
    reference={
        "pytorch": "flatten_pt = lambda x: nn.Flatten()(x.movedim(1, -1))",
        "tensorflow": FLATTEN_TF,
    },
    allow=MOVES,
    misconceptions=mistakes(FLATTEN_MISTAKES, globals()),
    elementwise=False,
)


def dense_behind_flatten(weight, channels, height, width):
    rows = weight.reshape(-1, channels, height, width)
    return channels_last(rows).reshape(len(weight), -1).T


def kernel_case(weight, channels, height, width, **fields):
    sizes = {"channels": channels, "height": height, "width": width}
    return Case((weight,), sizes, **fields)


def kernel_hidden(rng):
    sizes = [(5, 2, 3, 4), (2, 3, 4, 2), (1, 4, 2, 3), (3, 2, 2, 2), (4, 1, 3, 2)]
    return tuple(
        kernel_case(rng.normal(size=(n, c * h * w)), c, h, w, part=part)
        for (n, c, h, w), part in zip(sizes, ["values"] * 2 + ["robustness"] * 3, strict=True)
    )


KERNEL_MISTAKES = """
weight.T
    # the rows are still in PyTorch's order, channel after channel: permute them to height,
    # width, channel
permuted(0, 2, 3, 1)  # the kernel has the shape (out, in), as in PyTorch: transpose it at the end
permuted(0, 3, 2, 1).T
    # the width comes before the height: the order must be height, width, channel
permuted(0, 3, 1, 2).T  # the order is width, channel, height: it must be height, width, channel
backward(0, 3, 1, 2).T
    # this is the opposite direction, from Keras to PyTorch: split the columns into channel,
    # height, width
weight.reshape(-1, len(weight))  # a reshape moves no number: permute the axes
permuted(0, 2, 3, 1).reshape(-1, len(weight))
    # the last step is a reshape, which puts the numbers in the wrong places: transpose instead
swapped(0, 3, 2, 1).T
    # the columns are split into channel, width, height: their order is channel, height, width
weight.reshape(channels, height, width, -1).transpose(1, 2, 0, 3).reshape(-1, len(weight))
    # weight is split as if its shape were (in, out): it is (out, in), so after the reshape the
    # first axis must be out
"""


def taken_apart(order):
    """The columns of a weight, split into axes in this order, permuted, and joined again."""

    def permuted(weight, sizes, axes):
        apart = weight.reshape(-1, *(sizes[name] for name in order))
        return apart.transpose(axes).reshape(len(weight), -1)

    return permuted


def with_orders(function):
    """``function`` of a weight, its sizes, and the permutations of its axes."""

    def answer(weight, **sizes):
        ways = [
            lambda *axes, order=order: taken_apart(order)(weight, sizes, axes)
            for order in (
                ("channels", "height", "width"),
                ("height", "width", "channels"),
                ("channels", "width", "height"),
            )
        ]
        return function(weight, *sizes.values(), *ways)

    return answer


KERNEL_EXERCISE = Exercise(
    "dense_behind_flatten",
    dense_behind_flatten,
    visible=(
        kernel_case(numbered(1, 8), 2, 1, 4),
        kernel_case(numbered(5, 24), 2, 3, 4),
        kernel_case(numbered(1, 12), 3, 2, 2, part="robustness"),
        kernel_case(numbered(2, 6), 1, 3, 2, part="robustness"),
    ),
    hidden=kernel_hidden,
    reference={
        "pytorch": """
def dense_behind_flatten_pt(weight, c, h, w):
    return weight.unflatten(1, (c, h, w)).movedim(1, -1).flatten(1).T
""",
        "tensorflow": """
def dense_behind_flatten_tf(weight, c, h, w):
    apart = tf.transpose(tf.reshape(weight, (-1, c, h, w)), (2, 3, 1, 0))
    return tf.reshape(apart, (c * h * w, -1))
""",
    },
    allow=(*MOVES, "flatten", "unflatten"),
    misconceptions=mistakes(
        KERNEL_MISTAKES,
        globals(),
        "weight, channels, height, width, permuted, backward, swapped",
        through=with_orders,
    ),
    elementwise=False,
)

FLATTEN = component(
    "flatten",
    name="Flatten",
    zh="压平层",
    pytorch=("torch.nn.Flatten", "torch.flatten"),
    keras=("keras.layers.Flatten",),
    calls="""
nn.Flatten() | keras.layers.Flatten()
    # the features of an image have another order in Keras; permute the weights of the next layer
nn.Flatten() | keras.layers.Reshape((-1,))
    # for the same array, both return the features in the same order
""",
    behaviour={
        "flatten-orders-tf": "the features of an image are in the order channel, row, column in "
        "PyTorch, and row, column, channel in Keras",
        "flatten-channels-first-tf": 'with `data_format="channels_first"`, Keras moves the '
        "channels to the end before it flattens",
        "flatten-vector-pt": "an input with one axis is an error in PyTorch; Keras adds an axis",
        "bars-moved": "if the weights of the next layer are not permuted, a trained network only "
        "guesses",
    },
    exercises=(FLATTEN_EXERCISE, KERNEL_EXERCISE),
)


def unflatten(x, channels, height, width):
    return np.moveaxis(x.reshape(len(x), height, width, channels), -1, 1)


def unflatten_case(x, channels, height, width, **fields):
    return kernel_case(x, channels, height, width, **fields)


UNFLATTEN_MISTAKES = """
x.reshape(-1, channels, height, width)
    # the shape is right, but the numbers are in the wrong places: first reshape to height,
    # width, channels, then permute
apart(0, 1, 2, 3)
    # the axes are (batch, height, width, channels): permute them, so that the channels are axis
    # 1
apart(0, 3, 2, 1)  # height and width are exchanged: move only the channels
apart(0, 2, 3, 1)  # the height is moved to the end: move the channels, the last axis, to axis 1
x.reshape(-1, width, height, channels).transpose(0, 3, 2, 1)
    # the features are split into width, height, channels: the height comes first
x.reshape(-1, channels, width, height).transpose(0, 1, 3, 2)
    # the features are split into channels, width, height: their order is height, width,
    # channels
x.reshape(-1, channels, height, width).transpose(0, 2, 3, 1)
    # the features are split into channels, height, width: their order is height, width,
    # channels, and the channels must become axis 1
apart(0, 3, 1, 2)[0]  # the axis of the batch is missing: keep it, even for one example
"""


def with_apart(function):
    def answer(x, channels, height, width):
        def apart(*axes):
            return x.reshape(-1, height, width, channels).transpose(axes)

        return function(x, channels, height, width, apart)

    return answer


RESHAPE_EXERCISE = Exercise(
    "unflatten",
    unflatten,
    visible=(
        unflatten_case(numbered(1, 6), 2, 1, 3),
        unflatten_case(numbered(2, 24), 2, 3, 4),
        unflatten_case(numbered(3, 8), 2, 2, 2, part="robustness"),
        unflatten_case(numbered(2, 6), 1, 3, 2, part="robustness"),
    ),
    hidden=kernel_hidden,
    reference={
        "pytorch": "unflatten_pt = lambda x, c, h, w: nn.Unflatten(1, (h, w, c))(x).movedim(3, 1)",
        "tensorflow": """
def unflatten_tf(x, c, h, w):
    return keras.layers.Permute((3, 1, 2))(keras.layers.Reshape((h, w, c))(x))
""",
    },
    allow=(*MOVES, "flatten", "unflatten"),
    misconceptions=mistakes(
        UNFLATTEN_MISTAKES, globals(), "x, channels, height, width, apart", through=with_apart
    ),
    elementwise=False,
)

RESHAPE = component(
    "reshape",
    name="Reshape (unflatten)",
    zh="形状重塑层",
    pytorch=("torch.nn.Unflatten", "torch.reshape"),
    keras=("keras.layers.Reshape",),
    tensorflow=("tf.reshape",),
    calls="""
nn.Unflatten(1, (3, -1)) | keras.layers.Reshape((3, -1))
    # `Unflatten` splits one axis, `Reshape` reshapes all axes after the batch
x.reshape(2, -1, 5) | tf.reshape(x, (2, -1, 5))
    # pass all axes, also the batch; the layer `Reshape` needs the shape without the batch
""",
    behaviour={
        "reshape-batch-pt": "the function `reshape` can mix the examples of a batch; for the "
        "layers this is an error",
        "reshape-scrambles-tf": "a reshape instead of a transpose gives the right shape, and puts "
        "the numbers in the wrong places",
        "reshape-view-pt": "after a transpose, `view` raises an error, and `reshape` makes a copy",
    },
    exercises=(RESHAPE_EXERCISE,),
)


def inverse(dims):
    return np.argsort([0, *dims])


def unpermute(y, dims):
    return np.transpose(y, inverse(dims))


def unpermute_hidden(rng):
    every = {(2, 3, 1): (2, 3, 4, 5), (3, 1, 2): (3, 2, 5, 4), (2, 1): (2, 3, 4), (1,): (3, 2)}
    every |= {(2, 4, 1, 3): (2, 3, 2, 4, 5), (1, 3, 2): (1, 2, 3, 4)}
    return tuple(
        Case((rng.normal(size=shape),), {"dims": dims}, part="values" if i < 2 else "robustness")
        for i, (dims, shape) in enumerate(every.items())
    )


UNPERMUTE_MISTAKES = """
transpose(y, [0, *dims])  # the same permutation is used a second time: use its inverse
y.reshape([y.shape[i] for i in inverse(dims)])
    # the shape is right, but the numbers are in the wrong places: a reshape moves no number, so
    # transpose
transpose(y, [0, *dims[::-1]])
    # dims is used in reverse order: the inverse has the number n at place dims[n - 1]
transpose(y, [0, *range(len(dims), 0, -1)])  # the order of the axes is always reversed: use dims
y  # y is returned without a change: permute its axes
swapaxes(y, 0, dims[0])  # the batch is moved: it must stay axis 0
"""

PERMUTE_EXERCISE = Exercise(
    "unpermute",
    unpermute,
    visible=(
        Case((numbered(1, 3, 1, 2),), {"dims": (2, 3, 1)}),
        Case((numbered(2, 3, 4, 5),), {"dims": (3, 1, 2)}),
        Case((numbered(2, 3, 4),), {"dims": (2, 1)}, part="robustness"),
        Case((numbered(1, 2, 3, 2, 2),), {"dims": (3, 4, 2, 1)}, part="robustness"),
    ),
    hidden=unpermute_hidden,
    reference={
        "pytorch": """
def unpermute_pt(y, dims):
    return torch.permute(y, [0, *[dims.index(i) + 1 for i in range(1, len(dims) + 1)]])
""",
        "tensorflow": """
def unpermute_tf(y, dims):
    return keras.layers.Permute([dims.index(i) + 1 for i in range(1, len(dims) + 1)])(y)
""",
    },
    allow=(*MOVES, "flatten", "unflatten"),
    misconceptions=mistakes(UNPERMUTE_MISTAKES, globals(), "y, dims"),
    elementwise=False,
)

PERMUTE = component(
    "permute",
    name="Permute",
    zh="维度重排层",
    pytorch=("torch.permute",),
    keras=("keras.layers.Permute",),
    tensorflow=("tf.transpose",),
    calls="""
x.permute(0, 3, 1, 2) | keras.layers.Permute((3, 1, 2))
    # Keras counts the axes from 1, without the batch
x.permute(0, 3, 1, 2) | tf.transpose(x, (0, 3, 1, 2))
    # PyTorch returns a view of the same memory, TensorFlow a copy
""",
    behaviour={
        "permute-batch-tf": "Keras's `Permute` cannot move the batch; a 0 in `dims` is an error",
        "permute-view-pt": "PyTorch returns a view of the same memory, TensorFlow a copy",
        "permute-cycle-tf": "to undo a permutation, use its `argsort`, not the same permutation "
        "again",
    },
    exercises=(PERMUTE_EXERCISE,),
)


def repeat_vector(x, n):
    return np.repeat(x[:, None], n, axis=1)


def repeat_hidden(rng):
    cases = {(2, 3): 4, (4, 2): 3, (1, 5): 2, (3, 1): 2, (2, 4): 1}
    return tuple(
        Case((rng.normal(size=shape),), {"n": n}, part="values" if i < 2 else "robustness")
        for i, (shape, n) in enumerate(cases.items())
    )


REPEAT_VECTOR_MISTAKES = """
tile(x, (1, n))
    # the copies are next to each other in one long row: they need an axis of their own, axis 1
repeat(x, n, 1)
    # each number is repeated, in one long row: repeat the whole vector, along a new axis 1
repeat(x, n, 1).reshape(len(x), n, -1)
    # the shape is right, but each number is repeated by itself: repeat the whole vector
tile(x, (n, 1)).reshape(len(x), n, -1)
    # the examples are mixed: copy along a new axis, not along the batch
repeat(x[None], n, 0)  # the copies are along axis 0, before the batch: they must be along axis 1
repeat(x[..., None], n, -1)  # the copies are along the last axis: they must be along axis 1
x[:, None]  # there is only one copy: repeat it n times
repeat(x[:, None], n, 1) / n  # each copy is divided by n: it must be the vector itself
gradient: (upstream_gradient[:, 0],)
    # only the gradient of the first copy is used: sum the gradients of all copies
gradient: (mean(upstream_gradient, 1),)  # the gradients of the copies are averaged: sum them
gradient: (n * upstream_gradient[:, 0],)
    # the gradient of the first copy is multiplied by n: sum the gradients of all copies
"""

REPEAT_VECTOR_EXERCISE = Exercise(
    "repeat_vector",
    repeat_vector,
    visible=(
        Case((numbered(2, 3),), {"n": 4}),
        Case((numbered(1, 2),), {"n": 3}, part="robustness"),
        Case((numbered(3, 2),), {"n": 1}, part="robustness"),
    ),
    hidden=repeat_hidden,
    reference={
        "pytorch": "repeat_vector_pt = lambda x, n: x.unsqueeze(1).expand(-1, n, -1)",
        "tensorflow": "repeat_vector_tf = lambda x, n: keras.layers.RepeatVector(n)(x)",
    },
    allow=(*MOVES, "flatten", "unflatten"),
    misconceptions=mistakes(REPEAT_VECTOR_MISTAKES, globals(), "x, n"),
    elementwise=False,
)

REPEAT_VECTOR = component(
    "repeat_vector",
    name="Repeat vector",
    zh="向量重复层",
    keras=("keras.layers.RepeatVector",),
    calls="""
x.unsqueeze(1).expand(-1, 4, -1) | keras.layers.RepeatVector(4)
    # the copies are along axis 1, after the batch; PyTorch has no such layer
""",
    behaviour={
        "repeat-orders-pt": "PyTorch's `repeat` is `tf.tile`, and `tf.repeat` is PyTorch's "
        "`repeat_interleave`",
        "repeat-shared-pt": "the copies of `expand` share their memory, and a write to them is an "
        "error in PyTorch",
    },
    exercises=(REPEAT_VECTOR_EXERCISE,),
)


def cropped(x, pairs, start=2):
    """``x`` without so many first and last numbers of each axis as the ``pairs`` say."""
    for axis, (before, after) in enumerate(pairs, start):
        x = np.take(x, range(before, x.shape[axis] - after), axis)
    return x


def cropping(x, cropping):
    return cropped(x, cropping)


def sliced(x, pairs, stop):
    """Cropping by slices that end at ``stop(pair, size)``, as learners write them."""
    for axis, (before, after) in enumerate(pairs, 2):
        x = x[(slice(None),) * axis + (slice(before, stop(before, after, x.shape[axis])),)]
    return x


def blanked(x, pairs):
    kept = cropped(np.arange(x.size).reshape(x.shape), pairs).ravel()
    return np.where(np.isin(np.arange(x.size), kept), x.ravel(), 0).reshape(x.shape)


def cropping_hidden(rng):
    every = [((2, 3, 6, 7), ((2, 1), (1, 3))), ((1, 2, 7, 5), ((0, 3), (1, 0)))]
    every += [((2, 3, 7), ((2, 1),)), ((1, 2, 5, 6, 4), ((1, 2), (3, 0), (0, 1)))]
    return tuple(
        Case(
            (rng.normal(size=shape),), {"cropping": pairs}, part="values" if i < 2 else "robustness"
        )
        for i, (shape, pairs) in enumerate(every)
    )


CROPPING_MISTAKES = """
sliced(x, cropping, lambda before, after, size: -after)
    # if nothing is removed at the end, the slice is empty, because −0 is 0: stop at size − b
cropped(x, cropping[::-1])
    # the pairs are used from the last axis on, as in F.pad: the first pair belongs to the first
    # axis after the channels
cropped(x, [pair[::-1] for pair in cropping])
    # beginning and end are exchanged: the first number of a pair belongs to the beginning
cropped(x, [(a, 0) for a, b in cropping])
    # only the beginning is cropped: crop the end, too, by the second number of each pair
cropped(x, [(0, b) for a, b in cropping])
    # only the end is cropped: crop the beginning, too, by the first number of each pair
cropped(x, [(a, a) for a, b in cropping])
    # both ends are cropped by the first number of the pair: crop the end by the second number
sliced(x, cropping, lambda before, after, size: after)
    # the slice stops at the second number of the pair: this number says how many to remove at
    # the end
cropped(x, cropping, 1)  # the channels are cropped: the first pair belongs to axis 2
blanked(x, cropping)  # the border is set to 0: remove it, so that the output is smaller
"""

CROPPING_TF = """
def cropping_tf(x, cropping):
    if len(cropping) == 1:
        x = tf.transpose(x, (0, 2, 1))
        return tf.transpose(keras.layers.Cropping1D(cropping[0])(x), (0, 2, 1))
    layer = keras.layers.Cropping2D if len(cropping) == 2 else keras.layers.Cropping3D
    return layer(cropping, data_format="channels_first")(x)
"""

CROPPING_EXERCISE = Exercise(
    "cropping",
    cropping,
    visible=(
        Case((numbered(1, 1, 3, 3),), {"cropping": ((1, 0), (0, 2))}),
        Case((numbered(2, 3, 6, 7),), {"cropping": ((1, 2), (2, 1))}),
        Case((numbered(2, 3, 5),), {"cropping": ((3, 1),)}, part="robustness"),
        Case((numbered(1, 2, 4, 3, 5),), {"cropping": ((0, 1), (1, 1), (2, 0))}, part="robustness"),
    ),
    hidden=cropping_hidden,
    reference={
        "pytorch": """
def cropping_pt(x, cropping):
    return F.pad(x, [-n for pair in reversed(cropping) for n in pair])
""",
        "tensorflow": CROPPING_TF,
    },
    allow=(*MOVES, "flatten", "unflatten"),
    misconceptions=mistakes(CROPPING_MISTAKES, globals(), "x, cropping"),
    elementwise=False,
)


def centred(x, sizes, start=lambda size, kept: (size - kept) // 2, first=2):
    for axis, kept in enumerate(sizes, first):
        begin = start(x.shape[axis], kept)
        x = np.take(x, range(begin, begin + kept), axis)
    return x


def center_crop(x, height, width):
    return centred(x, (height, width))


def both_ends(x, height, width):
    top, left = (x.shape[2] - height) // 2, (x.shape[3] - width) // 2
    return x[:, :, top:-top, left:-left]


def trimmed(x, height, width):
    pairs = [
        ((size - kept) // 2,) * 2 for size, kept in zip(x.shape[2:], (height, width), strict=True)
    ]
    return cropped(x, pairs)


def center_case(x, height, width, **fields):
    return Case((x,), {"height": height, "width": width}, **fields)


def center_hidden(rng):
    every = {(2, 3, 6, 8): (3, 5), (1, 2, 7, 8): (4, 3), (2, 1, 4, 6): (1, 5), (1, 3, 5, 5): (5, 2)}
    return tuple(
        center_case(rng.normal(size=shape), *sizes, part="values" if i < 2 else "robustness")
        for i, (shape, sizes) in enumerate(every.items())
    )


CENTER_CROP_MISTAKES = """
centred(x, (height, width), lambda size, kept: (size - kept + 1) // 2)
    # if the number to remove is odd, one more is removed at the beginning: remove it at the
    # end, so round down
centred(x, (height, width), lambda size, kept: int(rint((size - kept) / 2)))
    # a half is rounded to the nearest even number, as round does: always round down
centred(x, (height, width), lambda size, kept: size // 2 - kept // 2)
    # the size and the crop are halved separately, which rounds twice: halve their difference
centred(x, (height, width), lambda size, kept: 0)
    # nothing is removed at the beginning: remove half there
centred(x, (height, width), lambda size, kept: size - kept)
    # everything is removed at the beginning: remove only half there
both_ends(x, height, width)
    # the same number is removed at both ends: if the number to remove is odd, remove one more
    # at the end (and if it is 0 or 1, the slice is empty)
trimmed(x, height, width)
    # the same number is removed at both ends: if the number to remove is odd, remove one more
    # at the end
x[:, :, (x.shape[2] - height) // 2 :, (x.shape[3] - width) // 2 :]
    # nothing is removed at the end: stop at top + height and at left + width
centred(x, (width, height))  # height and width are exchanged: the height belongs to axis 2
centred(x, (height, width), first=1)  # the channels are cropped: height and width are axes 2 and 3
"""

CENTER_CROP_EXERCISE = Exercise(
    "center_crop",
    center_crop,
    visible=(
        center_case(numbered(1, 1, 2, 4), 1, 3),
        center_case(numbered(2, 4, 6, 7), 3, 3),
        center_case(numbered(1, 3, 5, 4), 5, 1, part="robustness"),
    ),
    hidden=center_hidden,
    reference={
        "pytorch": """
def center_crop_pt(x, height, width):
    top, left = (x.shape[2] - height) // 2, (x.shape[3] - width) // 2
    return x.narrow(2, top, height).narrow(3, left, width)
""",
        "tensorflow": """
def center_crop_tf(x, height, width):
    return keras.layers.CenterCrop(height, width, data_format="channels_first")(x)
""",
    },
    allow=(*MOVES, "flatten", "unflatten"),
    misconceptions=mistakes(CENTER_CROP_MISTAKES, globals(), "x, height, width"),
    elementwise=False,
    difficulty=3,
)

CROPPING = component(
    "cropping",
    name="Cropping",
    zh="裁剪层",
    pytorch=("torch.nn.functional.pad",),
    keras=(
        "keras.layers.Cropping1D",
        "keras.layers.Cropping2D",
        "keras.layers.Cropping3D",
        "keras.layers.CenterCrop",
    ),
    calls="""
F.pad(x, (-1, -3, -2, -1)) | keras.layers.Cropping2D(((2, 1), (1, 3)))
    # negative numbers in the order left, right, top, bottom in PyTorch
F.pad(sequence, (-2, -1)) | keras.layers.Cropping1D((2, 1))
x[:, :, top : top + 2, left : left + 4] | keras.layers.CenterCrop(2, 4)
    # PyTorch has no such layer; Keras enlarges an image that is too small
""",
    defaults="""
keras.layers.Cropping1D(cropping=(1, 1))
keras.layers.Cropping2D(cropping=((0, 0), (0, 0)))
keras.layers.Cropping3D(cropping=((1, 1), (1, 1), (1, 1)))
""",
    behaviour={
        "crop-defaults": "by default, `Cropping1D` and `Cropping3D` remove 1 at each end, and "
        "`Cropping2D` removes nothing",
        "crop-pair-tf": "two numbers belong to the last axis in PyTorch, and to height and width "
        "in Keras's `Cropping2D`",
        "crop-nothing-left-tf": "if nothing is left, PyTorch returns an empty tensor, and Keras "
        "raises an error",
        "crop-slice-pt": "a slice that ends at `-bottom` is empty if `bottom` is 0",
        "center-crop-small-tf": "Keras's `CenterCrop` enlarges an image that is too small",
    },
    exercises=(CROPPING_EXERCISE, CENTER_CROP_EXERCISE),
)

COMPONENTS = (FLATTEN, RESHAPE, PERMUTE, REPEAT_VECTOR, CROPPING)
