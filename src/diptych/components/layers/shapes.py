"""Shapes: Flatten, Reshape, Permute, RepeatVector and Cropping."""

import numpy as np

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

# What every answer of the chapter may be made of: what counts is the order.
MOVES = ("reshape", "permute", "transpose")


def numbered(*shape):
    """1, 2, 3 … in this shape: each number says where it comes from."""
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
x.reshape(len(x), -1)     # the numbers keep their old order, channel after channel: a reshape moves
                          # nothing, so move the channels to the end first
x.reshape(-1)
channels_last(x).reshape(-1)
                          # the batch is flattened, too: keep axis 0, so that each example has a row
transpose(x, [0, *range(x.ndim - 1, 0, -1)]).reshape(len(x), -1)
swapaxes(x, 1, -1).reshape(len(x), -1)
                          # the spatial axes change their order, too: move the channels alone
moveaxis(x, -1, 1).reshape(len(x), -1)
                          # the last axis is moved to the front: move the channels, axis 1, to the
                          # end
moveaxis(x, 0, -1).reshape(x.shape[1], -1)
moveaxis(x, 0, -1).reshape(len(x), -1)
                          # the batch is moved to the end: it stays axis 0, the channels move
x.T.reshape(len(x), -1)   # all axes are reversed, the batch among them: it stays axis 0, and the
                          # spatial axes keep their order
channels_last(x).reshape(-1, x.shape[1])
                          # each pixel has a row of its own: an example is one row, with all pixels
channels_last(x)          # the axes are in the right order, and still apart: reshape to
                          # (batch, features)
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
weight.T              # the rows still come in PyTorch's order, channel after channel: permute them
                      # to height, width, channel as well
permuted(0, 2, 3, 1)  # the kernel is (out, in), as PyTorch keeps it: transpose it at the end
permuted(0, 3, 2, 1).T
                      # width comes before height: the order is height, width, channel
permuted(0, 3, 1, 2).T
                      # the axes are permuted to width, channel, height: the order is height, width,
                      # channel
backward(0, 3, 1, 2).T
                      # this is the way back, from Keras to PyTorch: take the columns apart as
                      # channel, height, width
weight.reshape(-1, len(weight))
                      # a reshape moves no number: permute the axes
permuted(0, 2, 3, 1).reshape(-1, len(weight))
                      # the last step is a reshape, which scrambles the numbers: transpose there
swapped(0, 3, 2, 1).T
                      # the columns are taken apart with height and width exchanged: they are
                      # channel, height, width
weight.reshape(channels, height, width, -1).transpose(1, 2, 0, 3).reshape(-1, len(weight))
                      # weight is taken for (in, out): PyTorch keeps (out, in), so the first axis
                      # of the reshaped weight is out
"""


def taken_apart(order):
    """A weight's columns as axes in this order, permuted, and joined again."""

    def permuted(weight, sizes, axes):
        apart = weight.reshape(-1, *(sizes[name] for name in order))
        return apart.transpose(axes).reshape(len(weight), -1)

    return permuted


def with_orders(function):
    """``function`` of a weight, its sizes, and the ways to permute what it is taken apart into."""

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
    # the features of an image come out in another order: permute the weights of the next layer
nn.Flatten() | keras.layers.Reshape((-1,))
    # the same features from the same array, whatever its axes mean
""",
    behaviour={
        "flatten-orders-tf": "features: channel, row, column in PyTorch; row, column, channel in "
        "Keras",
        "flatten-channels-first-tf": '`data_format="channels_first"` turns the axes before it '
        "flattens",
        "flatten-vector-pt": "one axis: PyTorch raises, Keras makes a column of it",
        "bars-moved": "a trained network whose next layer is not permuted falls to chance",
    },
    exercises=(FLATTEN_EXERCISE, KERNEL_EXERCISE),
)


def unflatten(x, channels, height, width):
    return np.moveaxis(x.reshape(len(x), height, width, channels), -1, 1)


def unflatten_case(x, channels, height, width, **fields):
    return kernel_case(x, channels, height, width, **fields)


UNFLATTEN_MISTAKES = """
x.reshape(-1, channels, height, width)  # the shape is right, and the numbers are in the wrong
                                        # places: take the features apart in the order in which they
                                        # come, height, width, channel, then permute
apart(0, 1, 2, 3)                       # the axes are (batch, height, width, channels): permute
                                        # them, so that the channels are axis 1
apart(0, 3, 2, 1)                       # height and width are exchanged: move the channels alone
apart(0, 2, 3, 1)                       # the height is moved to the end: move the channels, the
                                        # last axis, to axis 1
x.reshape(-1, width, height, channels).transpose(0, 3, 2, 1)
                                        # the features are taken apart as width, height, channel:
                                        # the height comes first
x.reshape(-1, channels, width, height).transpose(0, 1, 3, 2)
                                        # the features are taken apart as channel, width, height:
                                        # they come as height, width, channel
x.reshape(-1, channels, height, width).transpose(0, 2, 3, 1)
                                        # the features are taken apart as channel, height, width:
                                        # they come as height, width, channel, and the channels
                                        # belong in axis 1
apart(0, 3, 1, 2)[0]                    # the batch is gone: its axis stays, for one example, too
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
    # Keras takes all axes behind the batch apart, `Unflatten` one
x.reshape(2, -1, 5) | tf.reshape(x, (2, -1, 5))
    # the batch counts; the layer `Reshape` leaves it out
""",
    behaviour={
        "reshape-batch-pt": "`reshape` may mix examples; Keras's layer keeps the batch and raises",
        "reshape-scrambles-tf": "a reshape where a transpose is needed: right shape, wrong numbers",
        "reshape-view-pt": "`view` refuses what is not contiguous; `reshape` copies it",
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
transpose(y, [0, *dims])         # the axes are permuted once more: find where each axis of y goes
                                 # back to
y.reshape([y.shape[i] for i in inverse(dims)])
                                 # the shape is right, and the numbers are in the wrong places: a
                                 # reshape moves nothing, so transpose
transpose(y, [0, *dims[::-1]])   # the axes of dims are used backwards: the inverse has at place
                                 # dims[i] the number i
transpose(y, [0, *range(len(dims), 0, -1)])
                                 # all axes are reversed, whatever is asked for: use dims
y                                # nothing is permuted: the axes are still in the order of dims
swapaxes(y, 0, dims[0])          # the batch changes its place: it stays axis 0
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
    # Keras leaves the batch out, and counts the other axes from 1
x.permute(0, 3, 1, 2) | tf.transpose(x, (0, 3, 1, 2))  # PyTorch returns a view, TensorFlow a copy
""",
    behaviour={
        "permute-batch-tf": "the layer refuses axis 0: the batch stays where it is",
        "permute-view-pt": "PyTorch returns a view of the same numbers; TensorFlow a copy",
        "permute-cycle-tf": "permuting twice is not undoing: the inverse is `argsort`",
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
tile(x, (1, n))                                # the copies stand side by side, in one long row:
                                               # give them an axis of their own, axis 1
repeat(x, n, 1)                                # each number is repeated, in one long row: the
                                               # vector as a whole is, along a new axis 1
repeat(x, n, 1).reshape(len(x), n, -1)         # the shape is right, and each number is repeated by
                                               # itself: repeat the vector as a whole
tile(x, (n, 1)).reshape(len(x), n, -1)         # the examples are mixed: copy along a new axis, and
                                               # not along the batch
repeat(x[None], n, 0)                          # the copies are axis 0, in front of the batch: they
                                               # are axis 1
repeat(x[..., None], n, -1)                    # the copies are the last axis: they are axis 1
x[:, None]                                     # there is one copy only: repeat it n times
repeat(x[:, None], n, 1) / n                   # each copy is divided by n: it is the vector itself
gradient: (upstream_gradient[:, 0],)           # only the first copy passes its gradient on: sum
                                               # those of all copies
gradient: (mean(upstream_gradient, 1),)        # the copies' gradients are averaged: sum them
gradient: (n * upstream_gradient[:, 0],)       # the first copy's gradient counts n times: sum those
                                               # of all copies
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
    # the copies are axis 1, behind the batch; PyTorch has no layer
""",
    behaviour={
        "repeat-orders-pt": "`repeat` is `tf.tile`, and `tf.repeat` is `repeat_interleave`",
        "repeat-shared-pt": "expanded copies share their numbers: PyTorch refuses to write to them",
    },
    exercises=(REPEAT_VECTOR_EXERCISE,),
)


def cropped(x, pairs, start=2):
    """``x`` without the first and last numbers that each of the ``pairs`` counts."""
    for axis, (before, after) in enumerate(pairs, start):
        x = np.take(x, range(before, x.shape[axis] - after), axis)
    return x


def cropping(x, cropping):
    return cropped(x, cropping)


def sliced(x, pairs, stop):
    """As learners slice: ``stop`` makes of a pair and a size where the slice stops."""
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
                               # where nothing is cropped at the end, nothing is left: −0 is 0, so
                               # stop at size − after
cropped(x, cropping[::-1])     # the pairs are applied from the last axis on, as F.pad does: the
                               # first pair belongs to the first axis behind the channels
cropped(x, [pair[::-1] for pair in cropping])
                               # begin and end are exchanged: the first number of a pair crops the
                               # beginning
cropped(x, [(a, 0) for a, b in cropping])
                               # only the beginning is cropped: the second number crops the end
cropped(x, [(0, b) for a, b in cropping])
                               # only the end is cropped: the first number crops the beginning
cropped(x, [(a, a) for a, b in cropping])
                               # both ends lose as much: the second number crops the end
sliced(x, cropping, lambda before, after, size: after)
                               # the second number is where the slice stops: it counts what the end
                               # loses
cropped(x, cropping, 1)        # the channels are cropped: the pairs begin with axis 2
blanked(x, cropping)           # what should be cut off is 0, and still there: the output is smaller
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
                                   # of an odd number of rows the larger half is cut off in front:
                                   # the larger half goes from the end, so round down
centred(x, (height, width), lambda size, kept: int(rint((size - kept) / 2)))
                                   # an odd surplus is halved by round, which goes to the even
                                   # number: always round down
centred(x, (height, width), lambda size, kept: size // 2 - kept // 2)
                                   # size and height are halved apart, and rounded twice: halve
                                   # their difference
centred(x, (height, width), lambda size, kept: 0)
                                   # the crop begins in the corner: begin at half of what is cut off
centred(x, (height, width), lambda size, kept: size - kept)
                                   # the crop is the far corner: begin at half of what is cut off
both_ends(x, height, width)        # the end loses no more than the beginning: where the surplus is
                                   # odd, it loses one more (and as an end −0 leaves nothing)
x[:, :, (x.shape[2] - height) // 2 :, (x.shape[3] - width) // 2 :]
                                   # only the beginning is cut off: stop at top + height
centred(x, (width, height))        # height and width are exchanged: the height is axis 2
centred(x, (height, width), first=1)
                                   # the channels are cropped: height and width are axes 2 and 3
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
    # left, right, top, bottom in PyTorch, and negative
F.pad(sequence, (-2, -1)) | keras.layers.Cropping1D((2, 1))
x[:, :, top : top + 2, left : left + 4] | keras.layers.CenterCrop(2, 4)
    # PyTorch has none; Keras's resizes what is too small
""",
    defaults="""
keras.layers.Cropping1D(cropping=(1, 1))
keras.layers.Cropping2D(cropping=((0, 0), (0, 0)))
keras.layers.Cropping3D(cropping=((1, 1), (1, 1), (1, 1)))
""",
    behaviour={
        "crop-defaults": "`Cropping1D` and `3D` cut 1 off by default, `Cropping2D` nothing",
        "crop-pair-tf": "a pair means the last axis in PyTorch, height and width in Keras",
        "crop-nothing-left-tf": "PyTorch may crop to nothing, Keras raises",
        "center-crop-small-tf": "`CenterCrop` resizes an image that is too small",
    },
    exercises=(CROPPING_EXERCISE, CENTER_CROP_EXERCISE),
)

COMPONENTS = (FLATTEN, RESHAPE, PERMUTE, REPEAT_VECTOR, CROPPING)
