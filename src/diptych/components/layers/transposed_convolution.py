"""Transposed convolution: the gradient of a convolution, as a layer that makes images larger."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes


def stamps(x, kernel, stride=1):
    """The stamps of the inputs, from left to right: (place in the output, batch, out, size).

    The input is (batch, in, length), the kernel (in, out, size), as in PyTorch.
    """
    if x.shape[1] != len(kernel):
        raise ValueError("x and kernel have different channels")
    for p in range(x.shape[2]):
        yield p * stride, np.einsum("bi,iok->bok", x[:, :, p], kernel)


def full(x, kernel, stride=1):
    """(batch, out, (length − 1) · stride + size): nothing is cropped."""
    size = kernel.shape[2]
    y = np.zeros((len(x), kernel.shape[1], (x.shape[2] - 1) * stride + size))
    for at, stamp in stamps(x, kernel, stride):
        y[:, :, at : at + size] += stamp
    return y


def cropped(y, before, after):
    """Crop so many numbers at the ends of an axis; negative numbers add zeros."""
    y = y[:, :, max(before, 0) : y.shape[2] - max(after, 0)]
    return np.pad(y, [(0, 0), (0, 0), (max(-before, 0), max(-after, 0))])


def along(bias):
    return bias[:, None]


def flipped(kernel):
    return kernel[..., ::-1]


def normal(rng, *shapes):
    return tuple(rng.normal(0, 1, shape) for shape in shapes)


FLIPPED = "the kernel is flipped: the first weight belongs to the first place of a stamp"
EXCHANGED = (
    "the kernel's input and output channels are exchanged, which raises no error if both are equal"
)
ONE_CHANNEL = "only the first input channel is used: sum over all of them"
NO_STRIDE = "the stride is not used: neighbouring inputs are `stride` places apart in the output"


def transposed_sizes(n, size, stride, padding, output_padding, dilation):
    in_pytorch = (n - 1) * stride - 2 * padding + dilation * (size - 1) + output_padding + 1
    return in_pytorch, (n - 1) * stride + max(size, stride), n * stride


IN_PYTORCH = "(n - 1) * stride - 2 * padding + dilation * (size - 1) + output_padding + 1"
VALID, SAME = "(n - 1) * stride + maximum(size, stride)", "n * stride"
SIZES_MISTAKES = f"""
((n - 1) * stride + 2 * padding + dilation * (size - 1) + output_padding + 1, {VALID}, {SAME})
    # PyTorch's size: the padding is added, but it makes a transposed convolution smaller
({IN_PYTORCH} + padding, {VALID}, {SAME})
    # PyTorch's size: the padding is subtracted once, but it is cropped at both ends
({IN_PYTORCH} + 2 * padding, {VALID}, {SAME})
    # PyTorch's size: the padding is not subtracted
({IN_PYTORCH} + stride, {VALID}, {SAME})
    # PyTorch's size starts with n · stride: there are n − 1 steps between n inputs
({IN_PYTORCH} + dilation - 1, {VALID}, {SAME})
    # PyTorch's size: the reach of the kernel is dilation · (size − 1) + 1, and not dilation · size
({IN_PYTORCH} + (1 - dilation) * (size - 1), {VALID}, {SAME})
    # PyTorch's size: the dilation is not used
({IN_PYTORCH} + output_padding, {VALID}, {SAME})
    # PyTorch's size: output_padding is added twice, but it is only at the end
({IN_PYTORCH} - output_padding, {VALID}, {SAME})
    # PyTorch's size: output_padding is not added
({IN_PYTORCH} - 1, {VALID}, {SAME})
    # PyTorch's size is one too small: a kernel reaches over dilation · (size − 1) + 1 numbers
((n + 2 * padding - dilation * (size - 1) - 1) // stride + 1, {VALID}, {SAME})
    # PyTorch's size is that of a convolution, which is the opposite direction
({IN_PYTORCH}, (n - 1) * stride + size, {SAME})
    # the size of "valid": if the kernel is smaller than the stride, Keras adds zeros, up to n ·
    # stride numbers
({IN_PYTORCH}, (n - 1) * stride + dilation * (size - 1) + 1, {SAME})
    # the size of "valid" has the dilation: here Keras's layers have the dilation 1
({IN_PYTORCH}, n * stride + size, {SAME})
    # the size of "valid" starts with n · stride: there are n − 1 steps between n inputs
({IN_PYTORCH}, (n - size) // stride + 1, {SAME})
    # the size of "valid" is that of a convolution, which is the opposite direction
({IN_PYTORCH}, {VALID}, n)
    # the size of "same" is that of the input: Keras makes it `stride` times larger
({IN_PYTORCH}, {VALID}, -(-n // stride))
    # the size of "same" is that of a convolution, which is the opposite direction
({IN_PYTORCH}, {VALID}, (n - 1) * stride + 1)
    # the size of "same" is one step too small: it is n · stride
({IN_PYTORCH}, {SAME}, {VALID})  # the sizes of "valid" and "same" are exchanged
"""


def sizes_case(n, size, stride, padding, output_padding, dilation, **fields):
    arguments = {
        "size": size,
        "stride": stride,
        "padding": padding,
        "output_padding": output_padding,
        "dilation": dilation,
    }
    return Case((np.array(n, float),), arguments, gradients=False, **fields)


SIZES_EXERCISE = Exercise(
    "transposed_sizes",
    transposed_sizes,
    visible=(
        sizes_case([4, 5], 3, 2, 1, 1, 1),
        sizes_case([2, 3, 7], 5, 3, 2, 2, 1),
        sizes_case([3, 6], 2, 4, 0, 3, 1),
        sizes_case([4, 9], 3, 2, 1, 0, 4),
        sizes_case([[1, 2], [8, 5]], 1, 1, 0, 0, 1, part="robustness"),
    ),
    hidden=lambda rng: (
        sizes_case(rng.integers(4, 30, 3), 4, 3, 1, 2, 1),
        sizes_case(rng.integers(4, 30, 3), 2, 5, 0, 4, 1),
        sizes_case(rng.integers(4, 30, 3), 5, 3, 2, 1, 3),
        sizes_case(rng.integers(4, 30, 3), 6, 2, 3, 1, 2),
        sizes_case(rng.integers(2, 9, (2, 3)), 1, 3, 0, 1, 2, part="robustness"),
    ),
    reference={
        "pytorch": """
def transposed_sizes_pt(n, size, stride, padding, output_padding, dilation):
    first = (n - 1) * stride - 2 * padding + dilation * (size - 1) + output_padding + 1
    return first, (n - 1) * stride + max(size, stride), n * stride
""",
        "tensorflow": """
def transposed_sizes_tf(n, size, stride, padding, output_padding, dilation):
    first = (n - 1) * stride - 2 * padding + dilation * (size - 1) + output_padding + 1
    return first, (n - 1) * stride + max(size, stride), n * stride
""",
    },
    misconceptions=mistakes(
        SIZES_MISTAKES, globals(), "n, size, stride, padding, output_padding, dilation"
    ),
    elementwise=False,
    kind="explain",
)


def transposed_convolution(x, kernel, bias, stride, padding):
    return cropped(full(x, kernel, stride), padding, padding) + along(bias)


def overwritten(x, kernel, stride):
    """Each stamp overwrites earlier ones."""
    y = np.zeros_like(full(x, kernel, stride))
    for at, stamp in stamps(x, kernel, stride):
        y[:, :, at : at + kernel.shape[2]] = stamp
    return y


def counts(x, kernel, stride):
    """The number of stamps at each place."""
    return full(np.ones((1, 1, x.shape[2])), np.ones((1, 1, kernel.shape[2])), stride)


def not_summed(x, kernel, stride):
    """The stamps without the sum over the input channels, which are one more axis."""
    each = [full(x[:, c : c + 1], kernel[c : c + 1], stride) for c in range(x.shape[1])]
    return np.stack(each, 2)


def gathered(x, kernel, stride, padding):
    """A convolution with the same arguments."""
    x = np.pad(x, [(0, 0), (0, 0), (padding, padding)])
    size = kernel.shape[2]
    windows = [x[:, :, i : i + size] for i in range(0, x.shape[2] - size + 1, stride)]
    return np.einsum("bipk,iok->bop", np.stack(windows, 2), kernel)


TRANSPOSED_MISTAKES = """
cropped(full(x, kernel, stride), -padding, -padding) + along(bias)
    # the output is padded with zeros: padding crops it, by so many numbers at each end
full(x, kernel, stride) + along(bias)  # the padding is not used: crop the output at both ends
full(cropped(x, -padding, -padding), kernel, stride) + along(bias)
    # the input is padded, as in a convolution: crop the output instead
cropped(full(x, kernel, stride), padding, 0) + along(bias)
    # only the front is cropped: crop both ends
cropped(full(x, kernel, stride), 0, padding) + along(bias)
    # only the end is cropped: crop both ends
cropped(full(x, kernel, stride), padding // 2, padding - padding // 2) + along(bias)
    # padding is cropped in all: crop so many numbers at each end
full(x, kernel, stride)[:, :, padding:-padding] + along(bias)
    # without padding the output is empty: y[padding:-padding] has nothing in it if padding is 0
cropped(full(x, kernel.swapaxes(0, 1), stride), padding, padding) + along(bias)  # EXCHANGED
cropped(full(x, flipped(kernel), stride), padding, padding) + along(bias)        # FLIPPED
cropped(overwritten(x, kernel, stride), padding, padding) + along(bias)
    # where stamps overlap, the last one is left: add them
cropped(full(x, kernel, stride) / counts(x, kernel, stride), padding, padding) + along(bias)
    # where stamps overlap, they are averaged: add them
cropped(full(x, kernel), padding, padding) + along(bias)  # NO_STRIDE
cropped(full(x, kernel, stride), padding, padding)        # the bias is missing: add it
cropped(full(x, kernel, stride) + along(bias) * counts(x, kernel, stride), padding, padding)
    # the bias is added once for each stamp: add it once for each output
cropped(full(x, kernel, stride), padding, padding) + along(bias) * x.shape[1]
    # the bias is added once for each input channel: add it once for each output
cropped(full(x, kernel, stride), padding, padding) + bias[0]
    # all output channels get the first bias: each has its own
cropped(full(x[:, :1], kernel[:1], stride), padding, padding) + along(bias)      # ONE_CHANNEL
not_summed(x, kernel, stride)[..., padding:x.shape[2] * stride + kernel.shape[2] - stride - padding
    ] + bias[:, None, None]
    # each input channel has its own output: sum over the input channels
gathered(x, kernel, stride, padding) + along(bias)
    # this is a convolution, which makes the signal shorter: each input adds a stamp to the output
full(x, kernel, stride)[:, :, :x.shape[2] * stride] + along(bias)
    # the output has length · stride numbers: its size is (length − 1) · stride + size − 2 · padding
"""


def row_case(rng, batch, n_in, n_out, length, size, stride, padding=0, **fields):
    shapes = (batch, n_in, length), (n_in, n_out, size), n_out
    return Case(normal(rng, *shapes), {"stride": stride, "padding": padding}, **fields)


TRANSPOSED_EXERCISE = Exercise(
    "transposed_convolution",
    transposed_convolution,
    visible=(
        Case(
            (np.array([[[1.0, 2]]]), np.array([[[1.0, 10, 100]]]), np.array([0.5])),
            {"stride": 2, "padding": 0},
        ),
        row_case(default_rng(1), 2, 2, 3, 4, 4, 2, 1),
        row_case(default_rng(2), 1, 3, 2, 5, 5, 3, 2),
        row_case(default_rng(3), 2, 3, 3, 3, 3, 1, 1),
        row_case(default_rng(4), 1, 2, 1, 3, 2, 3, part="robustness"),
        row_case(default_rng(5), 2, 1, 2, 1, 3, 2, part="robustness"),
    ),
    hidden=lambda rng: (
        row_case(rng, 1, 2, 3, 4, 3, 2),
        row_case(rng, 2, 3, 4, 3, 5, 2, 1),
        row_case(rng, 1, 3, 3, 5, 4, 3, 1),
        row_case(rng, 2, 2, 1, 4, 6, 2, 3),
        row_case(rng, 1, 3, 2, 4, 1, 3, part="robustness"),
        row_case(rng, 3, 1, 1, 1, 4, 2, 1, part="robustness"),
    ),
    reference={
        "pytorch": "transposed_convolution_pt = F.conv_transpose1d",
        "tensorflow": """
def transposed_convolution_tf(x, kernel, bias, stride, padding):
    shape = (x.shape[0], (x.shape[1] - 1) * stride + kernel.shape[0], kernel.shape[1])
    y = tf.nn.conv1d_transpose(x, kernel, shape, stride, "VALID") + bias
    return y[:, padding : shape[1] - padding]
""",
    },
    layouts={0: "channels", 1: "kernel", "output": "channels"},
    misconceptions=mistakes(TRANSPOSED_MISTAKES, globals(), "x, kernel, bias, stride, padding"),
    elementwise=False,
    rtol=1e-3,
)


def spread(x, stride, behind=0):
    """Zeros between neighbours, and so many zeros behind the last number."""
    y = np.zeros((*x.shape[:2], (x.shape[2] - 1) * stride + 1 + behind))
    y[:, :, : (x.shape[2] - 1) * stride + 1 : stride] = x
    return y


def stretched(x, kernel, stride):
    zeros = kernel.shape[2] - 1
    return cropped(spread(x, stride), -zeros, -zeros)


def convolved(x, kernel):
    """A plain convolution with a kernel (in, out, size)."""
    if x.shape[1] != len(kernel):
        raise ValueError("x and kernel have different channels")
    return gathered(x, kernel, 1, 0)


def transposed_by_zeros(x, kernel, stride):
    return stretched(x, kernel, stride), convolved(stretched(x, kernel, stride), flipped(kernel))


def of_stretched(formula, kernel="flipped(kernel)"):
    """A wrong answer whose second output is the convolution of its own first."""
    return f"({formula}, convolved({formula}, {kernel}))"


BORDER = "kernel.shape[2] - 1"
ZEROS_MISTAKES = f"""
{of_stretched("stretched(x, kernel, stride)", "kernel")}
    # the kernel is not flipped: reverse it before the convolution
{of_stretched("stretched(x, kernel, stride)", "kernel[::-1, ::-1, ::-1]")}
    # the kernel's channels are reversed, too: reverse only the places
{of_stretched("stretched(x, kernel, stride)", "kernel[::-1]")}
    # the kernel's input channels are reversed, and not its places
{of_stretched("stretched(x, kernel, stride)", "flipped(kernel).swapaxes(0, 1)")}  # EXCHANGED
{of_stretched("stretched(x, kernel, stride + 1)")}
    # there are stride zeros between neighbours: put stride − 1 there
{of_stretched(f"cropped(spread(x, stride, stride - 1), -({BORDER}), -({BORDER}))")}
    # there are zeros behind the last number, too: put stride − 1 only between neighbours
{of_stretched("spread(x, stride)")}
    # there are no zeros at the ends: the first stamp needs size − 1 of them in front
{of_stretched("cropped(spread(x, stride), -kernel.shape[2], -kernel.shape[2])")}
    # there are size zeros at each end: size − 1 are right
{of_stretched(f"cropped(spread(x, stride), -({BORDER}), 0)")}
    # there are zeros only in front: put size − 1 at each end
{of_stretched(f"cropped(x.repeat(stride, 2), -({BORDER}), -({BORDER}))")}
    # the numbers are repeated: put zeros between them
{of_stretched("stretched(x, kernel, 1)")}  # the stride is not used: put zeros between neighbours
(stretched(x, kernel, stride), convolved(stretched(x, kernel, stride)[:, :1], flipped(kernel)[:1]))
    # ONE_CHANNEL
(stretched(x, kernel, stride), convolved(stretched(x, kernel, stride), flipped(kernel))
    [:, :, ::stride])
    # the convolution has the stride, too: its stride is 1, and the zeros do the rest
"""


def zeros_case(rng, batch, n_in, n_out, length, size, stride, **fields):
    shapes = (batch, n_in, length), (n_in, n_out, size)
    return Case(normal(rng, *shapes), {"stride": stride}, **fields)


ZEROS_EXERCISE = Exercise(
    "transposed_by_zeros",
    transposed_by_zeros,
    visible=(
        Case((np.array([[[1.0, 2]]]), np.array([[[1.0, 10, 100]]])), {"stride": 2}),
        zeros_case(default_rng(1), 2, 2, 3, 4, 3, 2),
        zeros_case(default_rng(2), 1, 3, 2, 3, 4, 3),
        zeros_case(default_rng(3), 1, 3, 3, 4, 2, 1),
        zeros_case(default_rng(4), 2, 2, 2, 3, 1, 2, part="robustness"),
        zeros_case(default_rng(5), 1, 1, 2, 1, 3, 2, part="robustness"),
    ),
    hidden=lambda rng: (
        zeros_case(rng, 1, 2, 3, 4, 3, 3),
        zeros_case(rng, 2, 3, 1, 3, 5, 2),
        zeros_case(rng, 1, 3, 3, 4, 3, 2),
        zeros_case(rng, 1, 2, 3, 3, 2, 4, part="robustness"),
        zeros_case(rng, 2, 3, 2, 1, 2, 3, part="robustness"),
    ),
    reference={
        "pytorch": """
def transposed_by_zeros_pt(x, kernel, stride):
    wide, border = torch.stack([x] + [0 * x] * (stride - 1), -1).flatten(2), kernel.shape[2] - 1
    wide = wide[:, :, : (x.shape[2] - 1) * stride + 1]
    return F.pad(wide, (border, border)), F.conv_transpose1d(x, kernel, stride=stride)
""",
        "tensorflow": """
def transposed_by_zeros_tf(x, kernel, stride):
    b, n, c = x.shape
    wide = tf.reshape(tf.stack([x] + [0 * x] * (stride - 1), 2), (b, n * stride, c))
    border = [[0, 0], [kernel.shape[0] - 1] * 2, [0, 0]]
    shape = (b, (n - 1) * stride + kernel.shape[0], kernel.shape[1])
    y = tf.nn.conv1d_transpose(x, kernel, shape, stride, "VALID")
    return tf.pad(wide[:, : (n - 1) * stride + 1], border), y
""",
    },
    layouts={0: "channels", 1: "kernel", "output": "channels", "output 1": "channels"},
    misconceptions=mistakes(ZEROS_MISTAKES, globals(), "x, kernel, stride"),
    allow=("conv1d", "convolution"),
    elementwise=False,
    rtol=1e-3,
)


def matrix_of(kernel, height, width, stride):
    """The matrix of a convolution of (height, width) images with one channel: a row for each
    output."""
    kh, kw = kernel.shape
    rows, columns = (height - kh) // stride + 1, (width - kw) // stride + 1
    matrix = np.zeros((rows, columns, height, width))
    for i, j in np.ndindex(rows, columns):
        matrix[i, j, i * stride : i * stride + kh, j * stride : j * stride + kw] = kernel
    return matrix.reshape(rows * columns, height * width)


def applied(matrix, y, height, width):
    return (y.reshape(len(y), -1) @ matrix).reshape(len(y), height, width)


def transposed_by_matrix(y, kernel, height, width, stride):
    matrix = matrix_of(kernel, height, width, stride)
    return matrix, applied(matrix, y, height, width)


def of_matrix(formula):
    return f"({formula}, applied({formula}, y, height, width))"


def last_wins(matrix, y, height, width):
    """For each place the last product that is not 0, instead of the sum."""
    terms = y.reshape(len(y), -1, 1) * matrix
    result = np.zeros((len(y), matrix.shape[1]))
    for term in np.moveaxis(terms, 1, 0):
        result = np.where(term != 0, term, result)
    return result.reshape(len(y), height, width)


def columns_first(kernel, height, width, stride):
    """The outputs counted column by column."""
    rows = (height - kernel.shape[0]) // stride + 1
    matrix = matrix_of(kernel, height, width, stride)
    return matrix.reshape(rows, -1, height * width).swapaxes(0, 1).reshape(matrix.shape)


def steps_of_one(y, kernel, height, width):
    """As many outputs as with the stride, but with windows one place apart."""
    all_of_them = matrix_of(kernel, height, width, 1)
    kh, kw = kernel.shape
    by_place = all_of_them.reshape(height - kh + 1, width - kw + 1, -1)
    return by_place[: y.shape[1], : y.shape[2]].reshape(-1, height * width)


MATRIX = "matrix_of(kernel, height, width, stride)"
MATRIX_MISTAKES = f"""
({MATRIX}.T, applied({MATRIX}, y, height, width))
    # the matrix is transposed: return that of the convolution, with a row for each of its outputs
{of_matrix("matrix_of(kernel[::-1, ::-1], height, width, stride)")}
    # the kernel is flipped: the convolution of these frameworks uses it as it is
{of_matrix("matrix_of(kernel.T, height, width, stride)")}
    # the kernel's height and width are exchanged: the first of its sizes is the height
{of_matrix("steps_of_one(y, kernel, height, width)")}
    # the windows move by 1: window (i, j) begins at row i · stride and column j · stride
{of_matrix("columns_first(kernel, height, width, stride)")}
    # the outputs are counted column by column: count them row by row, as reshape does
({MATRIX}, (y.reshape(len(y), -1) @ linalg.pinv({MATRIX}).T).reshape(len(y), height, width))
    # this is the inverse of the convolution, and not the transposed matrix
({MATRIX}, applied(matrix_of(kernel[::-1, ::-1], height, width, stride), y, height, width))
    # the transposed convolution uses the kernel reversed: multiply by the transposed matrix
({MATRIX}, last_wins({MATRIX}, y, height, width))
    # where stamps overlap, the last one is left: a matrix product adds them
({MATRIX}, applied({MATRIX}, y, height, width) / maximum(1, ({MATRIX} != 0).sum(0))
    .reshape(height, width))
    # where stamps overlap, they are averaged: a matrix product adds them
({MATRIX}, applied({MATRIX}, y, height, width).reshape(len(y), height * width))
    # the images are still rows of numbers: reshape them to (batch, height, width)
({MATRIX}, applied({MATRIX}, y, height, width).reshape(len(y), width, height))
    # height and width are exchanged in the last reshape
({MATRIX}, applied({MATRIX}, y, height, width)[:1].repeat(len(y), 0))
    # all examples get the output of the first
({MATRIX}, applied({MATRIX}, y, height, width).sum(0, keepdims=True))
    # the examples are added: each has its own output
"""


def matrix_case(rng, batch, height, width, size, stride, **fields):
    rows, columns = ((n - k) // stride + 1 for n, k in zip((height, width), size, strict=True))
    arguments = {"height": height, "width": width, "stride": stride}
    return Case(normal(rng, (batch, rows, columns), size), arguments, **fields)


MATRIX_EXERCISE = Exercise(
    "transposed_by_matrix",
    transposed_by_matrix,
    visible=(
        Case(
            (np.array([[[1.0, 2]]]), np.array([[1.0, 10], [3, 4]])),
            {"height": 2, "width": 3, "stride": 1},
        ),
        matrix_case(default_rng(1), 2, 5, 7, (3, 2), 2),
        matrix_case(default_rng(2), 1, 4, 5, (2, 2), 1),
        matrix_case(default_rng(3), 2, 5, 4, (3, 3), 1),
        matrix_case(default_rng(4), 1, 6, 6, (3, 3), 2, part="robustness"),
        matrix_case(default_rng(5), 2, 3, 4, (3, 4), 2, part="robustness"),
    ),
    hidden=lambda rng: (
        matrix_case(rng, 1, 5, 6, (2, 4), 1),
        matrix_case(rng, 2, 7, 5, (3, 3), 2),
        matrix_case(rng, 1, 6, 4, (3, 2), 1),
        matrix_case(rng, 2, 6, 8, (2, 3), 3, part="robustness"),
        matrix_case(rng, 1, 4, 3, (1, 1), 2, part="robustness"),
    ),
    reference={
        "pytorch": """
def transposed_by_matrix_pt(y, kernel, height, width, stride):
    (kh, kw), rows = kernel.shape, []
    for i in range(0, height - kh + 1, stride):
        for j in range(0, width - kw + 1, stride):
            around = (j, width - kw - j, i, height - kh - i)
            rows.append(F.pad(kernel, around).flatten())
    short = [height - kh - stride * (y.shape[1] - 1), width - kw - stride * (y.shape[2] - 1)]
    image = F.conv_transpose2d(y[:, None], kernel[None, None], stride=stride)[:, 0]
    return torch.stack(rows), F.pad(image, (0, short[1], 0, short[0]))
""",
        "tensorflow": """
def transposed_by_matrix_tf(y, kernel, height, width, stride):
    (kh, kw), rows = kernel.shape, []
    for i in range(0, height - kh + 1, stride):
        for j in range(0, width - kw + 1, stride):
            around = [[i, height - kh - i], [j, width - kw - j]]
            rows.append(tf.reshape(tf.pad(kernel, around), [-1]))
    shape = (len(y), height, width, 1)
    k = kernel[:, :, None, None]
    image = tf.nn.conv2d_transpose(y[..., None], k, shape, stride, "VALID")
    return tf.stack(rows), image[..., 0]
""",
    },
    misconceptions=mistakes(MATRIX_MISTAKES, globals(), "y, kernel, height, width, stride"),
    elementwise=False,
    rtol=1e-3,
)


def transposed_same(full, size, stride):
    before = max((size - stride) // 2, 0)
    return cropped(full, before, size - stride - before)


TOO_MUCH = "maximum(size - stride, 0)"
SAME_MISTAKES = f"""
cropped(full, size - stride - maximum((size - stride) // 2, 0), maximum((size - stride) // 2, 0))
    # an odd number is cropped in front, as PyTorch's padding with output_padding does: Keras crops
    # it at the end
cropped(full, {TOO_MUCH} - {TOO_MUCH} // 2, {TOO_MUCH} // 2 - maximum(stride - size, 0))
    # an odd number is cropped in front: Keras crops it at the end
cropped(full, 0, size - stride)  # all is cropped at the end: crop half of it in front
cropped(full, {TOO_MUCH}, 0 - maximum(stride - size, 0))
    # all is cropped in front: crop half of it, rounded down
cropped(full, size - stride, 0)
    # all is cropped in front, and zeros are added in front: crop half of it, and add zeros at the
    # end
cropped(full, (size - stride) // 2, size - stride - (size - stride) // 2)
    # if the kernel is smaller than the stride, zeros are added in front, too: Keras adds them at
    # the end
cropped(full, {TOO_MUCH} // 2, {TOO_MUCH} - {TOO_MUCH} // 2)
    # if the kernel is smaller than the stride, zeros are missing: Keras adds them at the end, up
    # to n · stride numbers
cropped(full, {TOO_MUCH} // 2, {TOO_MUCH} // 2 - maximum(stride - size, 0))
    # an odd number is rounded down at both ends: crop the rest at the end
cropped(full, (size - 1) // 2, (size - 1) // 2)
    # half of the kernel is cropped at both ends, as PyTorch's padding does: the output must have
    # n · stride numbers
cropped(full, (size - 1) // 2, size - 1 - (size - 1) // 2)
    # size − 1 numbers are cropped in all, as with the stride 1: crop size − stride
cropped(full, size // 2, size // 2)
    # half of the kernel is cropped at both ends: the output must have n · stride numbers
full  # nothing is cropped
"""


def same_case(rng, batch, channels, n, size, stride, **fields):
    length = (n - 1) * stride + size
    arguments = {"size": size, "stride": stride}
    return Case(normal(rng, (batch, channels, length)), arguments, **fields)


SAME_EXERCISE = Exercise(
    "transposed_same",
    transposed_same,
    visible=(
        Case((np.array([[[1.0, 2, 3, 4, 5, 6, 7]]]),), {"size": 3, "stride": 2}),
        same_case(default_rng(1), 2, 3, 4, 4, 2),
        same_case(default_rng(2), 1, 2, 3, 5, 2),
        same_case(default_rng(3), 2, 1, 3, 1, 3),
        same_case(default_rng(4), 1, 2, 4, 2, 2, part="robustness"),
        same_case(default_rng(5), 2, 3, 5, 3, 1, part="robustness"),
    ),
    hidden=lambda rng: (
        same_case(rng, 2, 3, 3, 3, 2),
        same_case(rng, 1, 2, 4, 7, 2),
        same_case(rng, 2, 2, 3, 4, 1),
        same_case(rng, 1, 2, 3, 2, 4),
        same_case(rng, 1, 3, 4, 3, 3, part="robustness"),
        same_case(rng, 2, 1, 1, 6, 3, part="robustness"),
    ),
    reference={
        "pytorch": """
def transposed_same_pt(full, size, stride):
    before = max(size - stride, 0) // 2
    return F.pad(full, (-before, before - size + stride))
""",
        "tensorflow": """
def transposed_same_tf(full, size, stride):
    before, n = max(size - stride, 0) // 2, (full.shape[1] - size) // stride + 1
    y = full[:, before : before + n * stride]
    return tf.pad(y, [[0, 0], [0, n * stride - y.shape[1]], [0, 0]])
""",
    },
    layouts={0: "channels", "output": "channels"},
    misconceptions=mistakes(SAME_MISTAKES, globals(), "full, size, stride"),
    elementwise=False,
)

TRANSPOSED_CONVOLUTION = component(
    "transposed_convolution",
    name="Transposed convolution",
    zh="二维卷积转置层",
    pytorch=(
        "torch.nn.ConvTranspose1d",
        "torch.nn.ConvTranspose2d",
        "torch.nn.ConvTranspose3d",
        "torch.nn.LazyConvTranspose1d",
        "torch.nn.LazyConvTranspose2d",
        "torch.nn.LazyConvTranspose3d",
        "torch.nn.functional.conv_transpose1d",
        "torch.nn.functional.conv_transpose2d",
        "torch.nn.functional.conv_transpose3d",
    ),
    keras=(
        "keras.layers.Conv1DTranspose",
        "keras.layers.Conv2DTranspose",
        "keras.layers.Conv3DTranspose",
    ),
    tensorflow=(
        "tf.nn.conv1d_transpose",
        "tf.nn.conv2d_transpose",
        "tf.nn.conv3d_transpose",
        "tf.nn.conv_transpose",
        "tf.nn.atrous_conv2d_transpose",
    ),
    aliases=(
        "keras.layers.Convolution1DTranspose",
        "keras.layers.Convolution2DTranspose",
        "keras.layers.Convolution3DTranspose",
    ),
    calls="""
nn.ConvTranspose2d(3, 4, (2, 3), stride=2) | keras.layers.Conv2DTranspose(4, (2, 3), strides=2)
    # channels first and a weight (in, out, height, width) in PyTorch; channels last and (height,
    # width, out, in) in Keras
F.conv_transpose2d(x_pt, conv.weight, conv.bias, stride=2) | tf.nn.conv2d_transpose(x_tf,
    conv.kernel, (2, 10, 15, 4), 2, "VALID") + conv.bias
    # `tf.nn` needs the shape of the output
nn.ConvTranspose2d(3, 4, 3, stride=2, padding=1, output_padding=1) | keras.layers.Conv2DTranspose(4,
    3, strides=2, output_padding=1); keras.layers.Cropping2D(1)
    # `padding="same"` has the same shape, and its output is shifted by one pixel
SameTranspose2d(3, 4, k, s) | keras.layers.Conv2DTranspose(4, k, s, padding="same")
    # size k, stride s: PyTorch has no `"same"` here, and this chapter defines `SameTranspose2d`
F.conv_transpose2d(x_pt, conv_pt.weight, dilation=2) | tf.nn.atrous_conv2d_transpose(x_tf, k,
    (2, 9, 11, 4), 2, "VALID")  # on a CPU, Keras's layer raises an error for a dilation
""",
    weights="""
torch.nn.ConvTranspose1d(3, 5, 2) | keras.layers.Conv1DTranspose(5, 2)  # (2, 3, 7) | (2, 7, 3)
torch.nn.ConvTranspose2d(3, 5, (2, 4)) | keras.layers.Conv2DTranspose(5, (2, 4))
    # (2, 3, 7, 6) | (2, 7, 6, 3)
torch.nn.ConvTranspose3d(2, 5, (2, 1, 3)) | keras.layers.Conv3DTranspose(5, (2, 1, 3))
    # (2, 2, 3, 4, 6) | (2, 3, 4, 6, 2)
weight = moveaxis(kernel, (-1, -2), (0, 1)) | kernel = moveaxis(weight, (0, 1), (-1, -2))
    # PyTorch stores (in, out, *size), Keras (*size, out, in)
bias | bias
""",
    behaviour={
        "transposed-axes-tf": "its kernel is (…, out, in), a convolution's is (…, in, out)",
        "transposed-gradient": "it is the gradient of a convolution with the same kernel",
        "transposed-size-tf": "a kernel smaller than the stride: Keras's output is longer",
        "output-padding-pt": "`output_padding` removes less of the output at its end",
        "padding-foreign-pt": '`padding="same"` raises an error when the PyTorch layer is called',
        "transposed-shifted": "size 3, stride 2: `same` is PyTorch's output shifted by one pixel",
        "same-output-padding-tf": "`same`, even kernel: an error for `output_padding=0`",
        "transposed-dilation-tf": "on a CPU, Keras's layer raises an error for a dilation",
        "dilation-stride-tf": "stride with dilation: Keras raises an error",
        "checkerboard": "a size that the stride does not divide makes checkerboards",
    },
    exercises=(
        SIZES_EXERCISE,
        TRANSPOSED_EXERCISE,
        ZEROS_EXERCISE,
        MATRIX_EXERCISE,
        SAME_EXERCISE,
    ),
)

COMPONENTS = (TRANSPOSED_CONVOLUTION,)
