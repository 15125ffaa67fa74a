"""Padding: by zeros, a constant, reflection, replication and around the circle."""

import numpy as np

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes
from diptych.components.layers.shapes import numbered

# The functions behind PyTorch's padding, under their own names.
DETOURS = ("torch.constant_pad_nd",)

MIDDLE_ONLY = (
    "the gradients of the border are not used: for each number, sum the gradients of all its copies"
)
SWAPPED = "left and right are exchanged"
NOT_TURNED = "the order of the border must be reversed, because the border is a mirror image"
EDGE_TWICE = (
    "the number at the edge is repeated, as in TensorFlow's SYMMETRIC: start the reflection with "
    "its neighbour"
)
WHOLE_ROW = "if a border is 0, the slice that starts at −0 is the whole row, because −0 is 0"


def padded(x, pairs, first=2, mode="constant", **options):
    """``x`` padded by a pair for each axis from ``first`` on."""
    pairs = [(0, 0)] * first + [tuple(pair) for pair in pairs]
    pairs += [(0, 0)] * (x.ndim - len(pairs))
    return np.pad(x, pairs, mode, **options)


def zero_padding(x, padding):
    left, right, top, bottom = padding
    return padded(x, [(top, bottom), (left, right)])


def of_image(function):
    """``function`` of an image and the numbers of its ``padding``."""
    return lambda x, padding: function(x, *padding)


IN_OTHER_ORDERS = """
padded(x, [(l, r), (t, b)], mode=mode)
    # the first two numbers are used for the height: they belong to the width, the last axis
padded(x, [(b, t), (r, l)], mode=mode)
    # the two ends of each axis are exchanged: the order is left, right, top, bottom
padded(x, [(r, b), (l, t)], mode=mode)
    # the numbers are read as left, top, right, bottom: the order is left, right, top, bottom
padded(x, [(0, 0), (l, r)], mode=mode)  # the height is not padded: use top and bottom, too
padded(x, [(t, b), (0, 0)], mode=mode)  # the width is not padded: use left and right, too
padded(x, [(t, t), (l, l)], mode=mode)
    # both ends of an axis get the first number of the pair: the second number belongs to the
    # end
padded(x, [(t, b), (l, r)], 1, mode=mode)
    # channels and height are padded: height and width are axes 2 and 3
"""
ZERO_PADDING_MISTAKES = """
padded(x, [(0, t + b), (0, l + r)])
    # the image is in the corner of the result: move it down by top, and to the right by left
padded(x, [(t, b), (l, r)], mode="edge")  # the border repeats the edge: it must be 0
"""


def image_cases(rng, *pads):
    """Cases with images of different sizes, some without a border, then with random ``pads``."""
    every = [((2, 3, 4, 5), (1, 3, 2, 1)), ((1, 2, 5, 3), (2, 1, 0, 3))]
    every += [((2, 1, 3, 4), (0, 2, 1, 2)), ((1, 3, 4, 4), (0, 0, 0, 0)), *pads]
    return tuple(
        Case(
            (rng.normal(size=shape),),
            {"padding": padding},
            part="values" if i < 2 else "robustness",
        )
        for i, (shape, padding) in enumerate(every)
    )


IMAGES = (
    Case((numbered(1, 1, 2, 3),), {"padding": (1, 2, 0, 1)}),
    Case((numbered(2, 3, 4, 5),), {"padding": (1, 3, 2, 1)}),
    Case((numbered(1, 2, 3, 4),), {"padding": (0, 2, 1, 0)}, part="robustness"),
)

ZERO_PADDING_EXERCISE = Exercise(
    "zero_padding",
    zero_padding,
    visible=IMAGES,
    hidden=image_cases,
    reference={
        "pytorch": "zero_padding_pt = lambda x, padding: nn.ZeroPad2d(padding)(x)",
        "tensorflow": """
def zero_padding_tf(x, padding):
    l, r, t, b = padding
    return keras.layers.ZeroPadding2D(((t, b), (l, r)), data_format="channels_first")(x)
""",
    },
    misconceptions=mistakes(
        IN_OTHER_ORDERS + ZERO_PADDING_MISTAKES,
        globals(),
        "x, l, r, t, b",
        through=of_image,
        mode="constant",
    ),
    forbid=DETOURS,
    elementwise=False,
)

ZERO_PADDING = component(
    "zero_padding",
    name="Zero padding",
    zh="二维零值填充层",
    pytorch=("torch.nn.ZeroPad1d", "torch.nn.ZeroPad2d", "torch.nn.ZeroPad3d"),
    keras=(
        "keras.layers.ZeroPadding1D",
        "keras.layers.ZeroPadding2D",
        "keras.layers.ZeroPadding3D",
    ),
    calls="""
nn.ZeroPad2d((1, 3, 2, 1)) | keras.layers.ZeroPadding2D(((2, 1), (1, 3)))
    # the order is left, right, top, bottom in PyTorch, and (top, bottom), (left, right) in Keras
F.pad(x, (1, 3, 2, 1)) | tf.pad(x, [[0, 0], [2, 1], [1, 3], [0, 0]])
    # `tf.pad` needs a pair for every axis, also for the batch and the channels
""",
    defaults="""
keras.layers.ZeroPadding1D(padding=1)
keras.layers.ZeroPadding2D(padding=(1, 1))
keras.layers.ZeroPadding3D(padding=((1, 1), (1, 1), (1, 1)))
""",
    behaviour={
        "pad-pair-tf": "two numbers belong to the last axis in PyTorch, and to height and width in "
        "Keras; without a number, Keras adds a border of 1, and PyTorch raises an error",
        "pad-channels-last-pt": "`F.pad` pads the channels if they are the last axis",
        "pad-negative-tf": "negative numbers crop in PyTorch, and are an error in Keras and "
        "TensorFlow",
        "convolution-pads-pt": "the built-in padding of a convolution is zero padding",
        "border-seen": "with zero padding, three convolutions change 156 of the 256 numbers of a "
        "blank image",
    },
    exercises=(ZERO_PADDING_EXERCISE,),
)


def constant_padding(x, padding, value):
    return padded(x, padding, constant_values=value)


def outside(x, padding):
    """For each number of the output, on how many axes it is outside of the input."""
    count = np.zeros(padded(x, padding).shape)
    for axis, (before, _) in enumerate(padding, 2):
        places = np.arange(count.shape[axis])
        off = (places < before) | (places >= before + x.shape[axis])
        count += off.reshape([-1 if a == axis else 1 for a in range(x.ndim)])
    return count


def constant_case(x, padding, value, **fields):
    return Case((x,), {"padding": padding, "value": value}, **fields)


def constant_hidden(rng):
    every = [((2, 3, 4, 5), ((2, 1), (1, 3))), ((1, 2, 5, 3), ((0, 3), (2, 1)))]
    every += [((2, 3, 4), ((1, 2),)), ((1, 2, 2, 3, 4), ((1, 0), (0, 2), (2, 1)))]
    return tuple(
        constant_case(
            rng.normal(size=shape),
            padding,
            round(rng.uniform(0.5, 3) * rng.choice([-1, 1]), 3),
            part="values" if i < 2 else "robustness",
        )
        for i, (shape, padding) in enumerate(every)
    )


CONSTANT_PADDING_MISTAKES = """
padded(x, padding)  # the border is always 0: use the value
padded(x, padding[::-1], constant_values=value)
    # the pairs are used from the last axis on, as in F.pad: the first pair belongs to the first
    # axis after the channels
padded(x, [pair[::-1] for pair in padding], constant_values=value)
    # the two ends of each axis are exchanged: the first number of a pair belongs to the
    # beginning
padded(x, [(a, a) for a, b in padding], constant_values=value)
    # both ends of an axis get the first number of the pair: the second number belongs to the
    # end
padded(x, padding, 1, constant_values=value)
    # the channels are padded: the first pair belongs to axis 2
padded(x, padding) + value * outside(x, padding)
    # in the corners the value is added more than once: the corners must be the value, too
padded(x, padding) + value  # the value is added to the input, too: only the border gets it
padded(x, padding) + value * (outside(x, padding) == 1)
    # the corners are 0: they get the value, too
padded(x, padding) + value * (outside(x, padding) > 0)
    # with −∞ the inside is NaN, as when it gets 0 times the value, or when the value is added
    # and subtracted: use the value only in the border
"""

CONSTANT_PADDING_TF = """
def constant_padding_tf(x, padding, value):
    return tf.pad(x, [(0, 0), (0, 0), *padding], constant_values=value)
"""

CONSTANT_PADDING_EXERCISE = Exercise(
    "constant_padding",
    constant_padding,
    visible=(
        constant_case(numbered(1, 1, 2, 3), ((0, 1), (1, 2)), 7.0),
        constant_case(numbered(2, 3, 4, 5), ((2, 1), (1, 3)), -1.5),
        constant_case(numbered(2, 3, 4), ((1, 2),), 0.5, part="robustness"),
        constant_case(numbered(1, 2, 2, 3, 2), ((1, 0), (0, 2), (2, 1)), -2.0, part="robustness"),
        constant_case(
            numbered(1, 1, 2, 2), ((1, 0), (0, 1)), -np.inf, gradients=False, part="robustness"
        ),
    ),
    hidden=constant_hidden,
    reference={
        "pytorch": """
def constant_padding_pt(x, padding, value):
    return F.pad(x, [n for pair in reversed(padding) for n in pair], value=value)
""",
        "tensorflow": CONSTANT_PADDING_TF,
    },
    misconceptions=mistakes(CONSTANT_PADDING_MISTAKES, globals(), "x, padding, value"),
    forbid=DETOURS,
    elementwise=False,
)

CONSTANT_PADDING = component(
    "constant_padding",
    name="Constant padding",
    zh="二维常数填充层",
    pytorch=(
        "torch.nn.ConstantPad1d",
        "torch.nn.ConstantPad2d",
        "torch.nn.ConstantPad3d",
        "torch.nn.functional.pad",
    ),
    keras=("keras.ops.pad",),
    tensorflow=("tf.pad",),
    calls="""
nn.ConstantPad2d((1, 3, 2, 1), 9) | tf.pad(x, [[0, 0], [2, 1], [1, 3], [0, 0]], constant_values=9)
    # Keras's layers pad only with zeros
F.pad(row, (1, 2), value=1.5) | keras.ops.pad(row, [(0, 0), (1, 2)], constant_values=1.5)
""",
    behaviour={
        "constant-integers-tf": "for integer tensors, PyTorch truncates the constant 2.5 to 2, and "
        "TensorFlow raises an error",
        "constant-pooling": "before max pooling, pad with −∞: zeros change the maximum of "
        "negative numbers",
    },
    exercises=(CONSTANT_PADDING_EXERCISE,),
)


def row(x, left, right, mode):
    return np.pad(x, [(0, 0)] * (x.ndim - 1) + [(left, right)], mode)


def reflection_padding(x, left, right):
    return row(x, left, right, "reflect")


def middle(gradient, x, left):
    """The gradient of an answer that does not use the gradients of the border."""
    return (gradient[..., left : left + x.shape[-1]],)


def row_case(x, left, right, **fields):
    return Case((x,), {"left": left, "right": right}, **fields)


def row_hidden(rng):
    every = {(2, 3, 5): (2, 3), (3, 6): (4, 1), (7,): (0, 3), (1, 2, 2, 4): (3, 0), (2, 3): (2, 2)}
    return tuple(
        row_case(rng.normal(size=shape), *pair, part="values" if i < 2 else "robustness")
        for i, (shape, pair) in enumerate(every.items())
    )


ROWS = (
    row_case(numbered(1, 5), 2, 3),
    row_case(numbered(2, 3, 5), 3, 1),
    row_case(numbered(4), 0, 2, part="robustness"),
    row_case(numbered(2, 1, 2, 3), 2, 0, part="robustness"),
)


def tail(x, left):
    """The last ``left`` numbers by a common slice, which returns all of them for 0."""
    return x[..., -left:]


def places(x, left, right):
    return np.arange(-left, x.shape[-1] + right)


def joined(*parts):
    return np.concatenate(parts, -1)


REFLECTION_PADDING_MISTAKES = """
row(x, left, right, "symmetric")  # EDGE_TWICE
row(x, left, right, "edge")
    # the border repeats the edge, as in replication padding: it must be a mirror image
row(x, left, right, "wrap")
    # the border comes from the opposite end, as in circular padding: it must be the mirror
    # image of the nearer end
row(x, left, right, "constant")  # the border is 0: it must be the mirror image of the row
row(x, right, left, "reflect")  # SWAPPED
joined(x[..., 1 : left + 1], x, x[..., x.shape[-1] - right - 1 : -1])
joined(x[..., :left], x, x[..., x.shape[-1] - right :])  # NOT_TURNED
joined(x[..., left:0:-1], x)  # the border on the right is missing
joined(x[..., left:0:-1], x, x[..., x.shape[-1] - right :][..., ::-1])
    # the last number is repeated: start the border on the right with its neighbour
joined(x[..., left:0:-1], x, x[..., x.shape[-1] - right - 1 : -1])
    # the order of the border on the right must be reversed
x[..., minimum(abs(places(x, left, right)), x.shape[-1] - 1)]
    # the border on the right repeats the last number: reflect the places at this end, too
joined(2 * x[..., :1] - x[..., left:0:-1], x, 2 * x[..., -1:] - x[..., -2 : -right - 2 : -1])
    # the border is twice the edge minus the mirror image: it must be the mirror image alone
gradient: middle(upstream_gradient, x, left)  # MIDDLE_ONLY
"""


def row_exercise(answer, oracle, in_torch, in_tf, misconceptions):
    """The exercise of a padding along the last axis."""
    reference = {
        "pytorch": f"{answer}_pt = lambda x, left, right: {in_torch}",
        "tensorflow": f"{answer}_tf = lambda x, left, right: {in_tf}",
    }
    return Exercise(
        answer,
        oracle,
        ROWS,
        row_hidden,
        reference,
        misconceptions,
        forbid=DETOURS,
        elementwise=False,
    )


IN_F_PAD = (
    'F.pad(x.reshape(1, -1, x.shape[-1]), (left, right), "{mode}").reshape(*x.shape[:-1], -1)'
)

REFLECTION_PADDING_EXERCISE = row_exercise(
    "reflection_padding",
    reflection_padding,
    IN_F_PAD.format(mode="reflect"),
    'tf.pad(x, [(0, 0)] * (x.ndim - 1) + [(left, right)], "REFLECT")',
    mistakes(REFLECTION_PADDING_MISTAKES, globals(), "x, left, right"),
)

REFLECTION_PADDING = component(
    "reflection_padding",
    name="Reflection padding",
    zh="反射填充层",
    pytorch=(
        "torch.nn.ReflectionPad1d",
        "torch.nn.ReflectionPad2d",
        "torch.nn.ReflectionPad3d",
        "torch.nn.functional.pad",
    ),
    keras=("keras.ops.pad",),
    tensorflow=("tf.pad",),
    calls="""
nn.ReflectionPad2d((1, 3, 2, 1)) | tf.pad(x, [[0, 0], [2, 1], [1, 3], [0, 0]], "REFLECT")
    # the border must be smaller than the image in both
nn.Conv2d(3, 4, 3, padding=1, padding_mode="reflect") | keras.layers.Conv2D(4, 3)
    # Keras has no `padding_mode`; use `tf.pad` before the convolution
""",
    behaviour={
        "reflect-too-wide-tf": "a border that is as large as the image is an error in both",
        "reflect-axes-pt": "PyTorch's `F.pad` needs two numbers for each spatial axis, except for "
        "constants",
        "symmetric-tf": "`SYMMETRIC` repeats the edge; PyTorch does not have it",
    },
    exercises=(REFLECTION_PADDING_EXERCISE,),
)


def replication_padding(x, padding):
    left, right, top, bottom = padding
    return padded(x, [(top, bottom), (left, right)], mode="edge")


def zero_corners(x, left, right, top, bottom):
    y = padded(x, [(top, bottom), (left, right)], mode="edge")
    return np.where(outside(x, [(top, bottom), (left, right)]) > 1, 0, y)


def image_middle(gradient, x, padding):
    left, _, top, _ = padding
    return (gradient[..., top : top + x.shape[2], left : left + x.shape[3]],)


REPLICATION_PADDING_MISTAKES = """
padded(x, [(t, b), (l, r)])  # the border is 0: it must repeat the number at the edge
padded(x, [(t, b), (l, r)], mode="symmetric")
    # the border is a mirror image, as in TensorFlow's SYMMETRIC: it must repeat the number at
    # the edge
padded(x, [(t, b), (l, r)], mode="reflect")
    # the border is a mirror image: it must repeat the number at the edge
padded(x, [(t, b), (l, r)], mode="wrap")
    # the border comes from the opposite end: it must repeat the nearest edge
zero_corners(x, l, r, t, b)  # the corners are 0: they must repeat the corners of the image
"""
REPLICATION_GRADIENTS = """
gradient: image_middle(upstream_gradient, x, padding)  # MIDDLE_ONLY
"""

REPLICATION_PADDING_EXERCISE = Exercise(
    "replication_padding",
    replication_padding,
    visible=IMAGES,
    hidden=lambda rng: image_cases(rng, ((1, 2, 2, 3), (4, 5, 3, 6)), ((1, 1, 1, 2), (1, 1, 2, 1))),
    reference={
        "pytorch": "replication_padding_pt = lambda x, padding: nn.ReplicationPad2d(padding)(x)",
        "tensorflow": """
def replication_padding_tf(x, padding):  # TensorFlow has none: this is the chapter's
    l, r, t, b = padding
    rows = tf.clip_by_value(tf.range(-t, x.shape[2] + b), 0, x.shape[2] - 1)
    columns = tf.clip_by_value(tf.range(-l, x.shape[3] + r), 0, x.shape[3] - 1)
    return tf.gather(tf.gather(x, rows, axis=2), columns, axis=3)
""",
    },
    misconceptions=mistakes(
        IN_OTHER_ORDERS + REPLICATION_PADDING_MISTAKES,
        globals(),
        "x, l, r, t, b",
        through=of_image,
        mode="edge",
    )
    + mistakes(REPLICATION_GRADIENTS, globals(), "x, padding"),
    forbid=DETOURS,
    elementwise=False,
)


def collected(gradient, left, right, index):
    """The sum of the gradients of a number's copies; ``index`` has the original of each place."""
    n = gradient.shape[-1] - left - right
    whose = index(np.arange(-left, n + right), n)
    return gradient @ (whose[:, None] == np.arange(n))


def clipped(i, n):
    return np.clip(i, 0, n - 1)


def replication_gradient(gradient, left, right):
    return collected(gradient, left, right, clipped)


def sums(gradient, left, right):
    """The two borders' sums, and the middle."""
    n = gradient.shape[-1] - left - right
    begin, end = gradient[..., :left], gradient[..., left + n :]
    return begin.sum(-1), end.sum(-1), gradient[..., left : left + n]


def with_sums(function):
    """An answer that changes the two ends of the middle, ``function`` of a border and its edge."""

    def answer(gradient, left, right):
        begin, end, inner = sums(gradient, left, right)
        result = inner.copy()
        result[..., 0] = function(begin, end, result[..., 0], left)
        result[..., -1] = function(end, begin, result[..., -1], right)
        return result

    return answer


ENDS_MISTAKES = """
edge  # the gradients of the borders are not used: add their sums to the first and the last number
own  # the edge's own gradient is not used: add it to the sum of the border
edge + other  # the sums of the borders are added to the wrong ends
(edge + own) / (width + 1)  # the gradients of the copies are averaged: sum them
edge * (width + 1)  # the edge's own gradient is used for each copy: each copy has its own gradient
"""
COLLECTED_MISTAKES = """
joined(gradient[..., left : -right - 1], gradient[..., -1:])
    # only one of several copies is used, as when y[..., index] += gradient adds once for each
    # number: sum the copies first, or use index_add
collected(ones_like(gradient), left, right, clipped)
    # this counts the copies: sum their gradients instead
collected(gradient, left, right, lambda i, n: i % n)
    # the gradients of the border are added to the opposite end, as for circular padding: add
    # them to the nearer end
collected(gradient, left, right, lambda i, n: minimum(abs(i), n - 1) - maximum(i - n + 1, 0))
    # the gradients of the border are added to the mirror image, as for reflection padding: add
    # all of them to the edge
gradient  # the gradient has the shape of the output: it must have the shape of the input
"""

REPLICATION_GRADIENT_EXERCISE = Exercise(
    "replication_gradient",
    replication_gradient,
    visible=(
        row_case(numbered(1, 7), 2, 1),
        row_case(numbered(2, 3, 9), 3, 2),
        row_case(numbered(6), 0, 3, part="robustness"),
        row_case(numbered(2, 4), 2, 1, part="robustness"),
    ),
    hidden=lambda rng: (
        row_case(rng.normal(size=(2, 8)), 3, 1),
        row_case(rng.normal(size=(2, 3, 7)), 1, 2),
        row_case(rng.normal(size=(5,)), 2, 0, part="robustness"),
        row_case(rng.normal(size=(1, 2, 3, 6)), 2, 3, part="robustness"),
    ),
    reference={
        "pytorch": """
def replication_gradient_pt(gradient, left, right):
    n = gradient.shape[-1] - left - right
    copies = F.pad(torch.eye(n)[None], (left, right), mode="replicate")[0]
    return gradient @ copies.T
""",
        "tensorflow": """
def replication_gradient_tf(gradient, left, right):
    n = gradient.shape[-1] - left - right
    whose = tf.clip_by_value(tf.range(-left, n + right), 0, n - 1)
    return tf.tensordot(gradient, tf.one_hot(whose, n), 1)
""",
    },
    misconceptions=mistakes(ENDS_MISTAKES, globals(), "own, other, edge, width", through=with_sums)
    + mistakes(COLLECTED_MISTAKES, globals(), "gradient, left, right"),
    forbid=DETOURS,
    elementwise=False,
    difficulty=3,
)

REPLICATION_PADDING = component(
    "replication_padding",
    name="Replication padding",
    zh="一维复制填充层",
    pytorch=(
        "torch.nn.ReplicationPad1d",
        "torch.nn.ReplicationPad2d",
        "torch.nn.ReplicationPad3d",
        "torch.nn.functional.pad",
    ),
    calls="""
nn.ReplicationPad2d((1, 3, 2, 1)) | replicate(x, [[0, 0], [2, 1], [1, 3], [0, 0]])
    # TensorFlow has no such mode, and the chapter builds it; do not use `SYMMETRIC`
""",
    behaviour={
        "replicate-no-mode-tf": "`tf.pad` and `keras.ops.pad` have no mode for it",
        "replicate-symmetric": "`SYMMETRIC` equals replication only for a border of 1",
    },
    exercises=(REPLICATION_PADDING_EXERCISE, REPLICATION_GRADIENT_EXERCISE),
)


def circular_padding(x, left, right):
    return row(x, left, right, "wrap")


CIRCULAR_PADDING_MISTAKES = """
joined(tail(x, left), x, x[..., :right])  # WHOLE_ROW
joined(x[..., :left], x, x[..., x.shape[-1] - right :])
    # each border repeats the end next to it: it must come from the opposite end
joined(tail(x, left)[..., ::-1], x, x[..., :right][..., ::-1])
    # the order of the borders is reversed: keep the order of the row
row(x, left, right, "edge")
    # the border repeats the edge, as in replication padding: it must come from the opposite end
row(x, left, right, "reflect")  # the border is a mirror image: it must come from the opposite end
row(x, left, right, "symmetric")
    # the border is a mirror image that repeats the edge: it must come from the opposite end
row(x, left, right, "constant")  # the border is 0: it must come from the opposite end
row(x, right, left, "wrap")  # SWAPPED
x[..., abs(places(x, left, right)) % x.shape[-1]]
    # the border on the left has the first numbers in reverse, as with |−1| = 1: −1 must become
    # the last place
joined(x, x[..., :right])  # the border on the left is missing
gradient: middle(upstream_gradient, x, left)  # MIDDLE_ONLY
"""

CIRCULAR_PADDING_EXERCISE = row_exercise(
    "circular_padding",
    circular_padding,
    IN_F_PAD.format(mode="circular"),
    "tf.gather(x, tf.range(-left, x.shape[-1] + right) % x.shape[-1], axis=-1)",
    mistakes(CIRCULAR_PADDING_MISTAKES, globals(), "x, left, right"),
)

CIRCULAR_PADDING = component(
    "circular_padding",
    name="Circular padding",
    zh="循环填充层",
    pytorch=(
        "torch.nn.CircularPad1d",
        "torch.nn.CircularPad2d",
        "torch.nn.CircularPad3d",
        "torch.nn.functional.pad",
    ),
    calls="""
nn.CircularPad2d((1, 3, 2, 1)) | wrap(x, [[0, 0], [2, 1], [1, 3], [0, 0]])
    # TensorFlow has no such mode, and the chapter builds it
""",
    behaviour={
        "circular-twice-pt": "a border that is larger than the input is an error in PyTorch",
        "circular-shift-pt": "with circular padding, a convolution follows every shift",
    },
    exercises=(CIRCULAR_PADDING_EXERCISE,),
)

COMPONENTS = (
    ZERO_PADDING,
    CONSTANT_PADDING,
    REFLECTION_PADDING,
    REPLICATION_PADDING,
    CIRCULAR_PADDING,
)
