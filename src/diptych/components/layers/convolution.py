"""Convolution: plain, dilated, grouped, depthwise and separable."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes


def convolved(x, kernel, stride=1, dilation=1, groups=1):
    """(batch, in, *sizes) with (out, in / groups, *size), without padding, in PyTorch's layout."""
    if x.shape[1] != groups * kernel.shape[1]:
        raise ValueError("x and kernel have different channels")
    parts = zip(np.split(x, groups, 1), np.split(kernel, groups, 0), strict=True)
    return np.concatenate([of_group(*part, stride, dilation) for part in parts], 1)


def of_group(x, kernel, stride, dilation):
    y = 0
    for tap in np.ndindex(kernel.shape[2:]):
        read = reached(x, kernel.shape[2:], tap, stride, dilation)
        y = y + np.einsum("bi...,oi->bo...", read, kernel[(..., *tap)])
    return y


def reached(x, size, tap, stride=1, dilation=1):
    """The numbers that one entry of the kernel reads at each position."""
    where = [
        slice(t * dilation, n - (k - 1 - t) * dilation, stride)
        for n, k, t in zip(x.shape[2:], size, tap, strict=True)
    ]
    if any(n <= (k - 1) * dilation for n, k in zip(x.shape[2:], size, strict=True)):
        raise ValueError("the kernel is larger than the input")
    return x[(..., *where)]


def along(bias, axes=2):
    """One number for each channel, with as many axes of size 1 behind it."""
    return bias.reshape(-1, *[1] * axes)


def flipped(kernel):
    return np.flip(kernel, tuple(range(2, kernel.ndim)))


def padded(x, before, after):
    """Zeros along each axis behind the channels."""
    return np.pad(x, [(0, 0), (0, 0)] + [(before, after)] * (x.ndim - 2))


def normal(rng, *shapes):
    return tuple(rng.normal(0, 1, shape) for shape in shapes)


FLIPPED = "the kernel is flipped: a convolution of these frameworks uses it as it is"
ONE_CHANNEL = "only the first input channel is used: sum over all of them"
NOT_SUMMED = "each input channel has its own output: sum over the input channels"
EXCHANGED = (
    "the kernel's input and output channels are exchanged, which raises no error if both are equal"
)


def convolution(x, kernel, bias, stride):
    return convolved(x, kernel, stride) + along(bias)


def not_summed(x, kernel, stride=1, dilation=1):
    """The products without the sum over the input channels, which are one more axis."""
    each = [
        convolved(x[:, c : c + 1], kernel[:, c : c + 1], stride, dilation)
        for c in range(x.shape[1])
    ]
    return np.stack(each, 2)


def rounded_up(x, kernel, stride):
    missing = [-(n - k) % stride for n, k in zip(x.shape[2:], kernel.shape[2:], strict=True)]
    return np.pad(x, [(0, 0), (0, 0), *((0, n) for n in missing)])


CONVOLUTION_MISTAKES = """
convolved(x, flipped(kernel), stride) + along(bias)               # FLIPPED
convolved(x, kernel.swapaxes(2, 3), stride) + along(bias)
    # the kernel's height and width are exchanged: the first of its sizes is the height
convolved(x, kernel.swapaxes(0, 1), stride) + along(bias)         # EXCHANGED
convolved(x[:, :1], kernel[:, :1], stride) + along(bias)          # ONE_CHANNEL
convolved(x[:, :1].repeat(x.shape[1], 1), kernel, stride) + along(bias)
    # all weights multiply the first input channel: each input channel has its own weights
not_summed(x, kernel, stride) + along(bias, 3)                    # NOT_SUMMED
convolved(x, kernel, stride)                                      # the bias is missing: add it
convolved(x, kernel, stride) + along(bias) * kernel.shape[1]
    # the bias is added once for each input channel: add it once for each output
convolved(x, kernel, stride) + along(bias) * kernel[0].size
    # the bias is added once for each weight: add it once for each output
convolved(x, kernel, stride) + bias[0]
    # all output channels get the first bias: each has its own
convolved(x, kernel) + along(bias)                                # the stride is not used
convolved(x, kernel)[:, :, ::stride] + along(bias)                # only the height has the stride
convolved(x, kernel)[..., ::stride] + along(bias)                 # only the width has the stride
(convolved(x, kernel) + along(bias))[:, :, :len(x[0, 0, kernel.shape[2] - 1::stride]),
    :len(x[0, 0, 0, kernel.shape[3] - 1::stride])]
    # the window moves by 1, and only the number of positions has the stride: start at stride · i
convolved(rounded_up(x, kernel, stride), kernel, stride) + along(bias)
    # the output size is rounded up, with zeros behind the input: round it down
convolution(x, kernel, bias, stride)[:, :, :-1, :-1]
    # the last row and column of the output are missing: an axis has (n − k) // stride + 1 positions
convolved(padded(x, 1, 1), kernel, stride) + along(bias)          # the input is padded: do not pad
convolution(x, kernel, bias, stride) / kernel[0].size
    # divided by the number of weights: a convolution adds, and does not average
maximum(0, convolution(x, kernel, bias, stride))  # negative outputs become 0: remove the ReLU
"""


def image_case(rng, batch, n_in, n_out, sizes, size, stride=1, **fields):
    shapes = (batch, n_in, *sizes), (n_out, n_in, *size), n_out
    return Case(normal(rng, *shapes), {"stride": stride}, **fields)


CONVOLUTION_EXERCISE = Exercise(
    "convolution",
    convolution,
    visible=(
        Case(
            (
                np.array([[[[1.0, 2, 0], [0, 1, 3], [2, 0, 1]]]]),
                np.array([[[[1.0, 2], [3, 4]]]]),
                np.array([0.5]),
            ),
            {"stride": 1},
        ),
        image_case(default_rng(1), 2, 2, 3, (4, 5), (2, 3)),
        image_case(default_rng(2), 1, 3, 2, (6, 5), (3, 2), 2),
        image_case(default_rng(3), 1, 3, 3, (3, 3), (2, 2), part="robustness"),
        image_case(default_rng(4), 1, 2, 1, (3, 4), (1, 1), 3, part="robustness"),
    ),
    hidden=lambda rng: (
        image_case(rng, 1, 2, 3, (5, 4), (2, 3)),
        image_case(rng, 2, 3, 1, (4, 6), (2, 3), 2),
        image_case(rng, 1, 3, 3, (3, 3), (3, 1), part="robustness"),
        image_case(rng, 1, 2, 4, (3, 5), (3, 5), 2, part="robustness"),
        image_case(rng, 2, 1, 2, (7, 4), (2, 2), 3, part="robustness"),
    ),
    reference={
        "pytorch": "convolution_pt = F.conv2d",
        "tensorflow": "def convolution_tf(x, kernel, bias, stride):\n"
        "    return tf.nn.conv2d(x, kernel, stride, 'VALID') + bias",
    },
    layouts={0: "channels", 1: "kernel", "output": "channels"},
    misconceptions=mistakes(CONVOLUTION_MISTAKES, globals(), "x, kernel, bias, stride"),
    elementwise=False,
    rtol=1e-3,
)


def patches_of(x, size, step=1):
    starts = range(0, x.shape[2] - size + 1, step)
    return np.stack([x[:, :, i : i + size] for i in starts], 2)


def product(patches, kernel):
    if patches.shape[1] != kernel.shape[1]:
        raise ValueError("patches and kernel have different channels")
    return np.einsum("bcpk,ock->bop", patches, kernel)


def convolution_by_patches(x, kernel):
    patches = patches_of(x, kernel.shape[2])
    return patches, product(patches, kernel)


P, K = "patches_of(x, kernel.shape[2])", "kernel.shape[2]"
PATCHES_MISTAKES = f"""
(patches_of(x, {K}, {K}), product(patches_of(x, {K}, {K}), kernel))
    # the patches do not overlap: there is one for each position, length − size + 1 in all
({P}.swapaxes(2, 3), product({P}, kernel))
    # positions and the places inside a patch are exchanged: the positions come first
({P}[..., ::-1], product({P}[..., ::-1], kernel))
({P}[..., ::-1], product({P}, kernel))  # the patches are reversed: keep the order of the input
({P}, product({P}, flipped(kernel)))    # FLIPPED
({P}, product({P}, kernel.swapaxes(0, 1)))  # EXCHANGED
({P}, product({P}[:, :1], kernel[:, :1]))   # ONE_CHANNEL
({P}, einsum("bcpk,ock->bocp", {P}, kernel))  # NOT_SUMMED
({P}, einsum("bcpk,ock->bo", {P}, kernel))
    # the product is also summed over the positions: each position has its own output
({P}, product({P}, kernel) / kernel[0].size)
    # divided by the number of weights: a convolution adds, and does not average
({P}[:, :, :-1], product({P}[:, :, :-1], kernel))
    # the last patch is missing: there are length − size + 1 positions
(concatenate([{P}, {P}[:, :, :1]], 2), product(concatenate([{P}, {P}[:, :, :1]], 2), kernel))
    # there is one patch too many: there are length − size + 1 positions
"""


def row_case(rng, batch, n_in, n_out, length, size, **fields):
    """A case of a signal and a kernel; further ``fields`` become arguments."""
    more = {name: fields.pop(name) for name in list(fields) if name not in ("part", "gradients")}
    shapes = (batch, n_in, length), (n_out, n_in // more.get("groups", 1), size)
    return Case(normal(rng, *shapes), more, **fields)


PATCHES_EXERCISE = Exercise(
    "convolution_by_patches",
    convolution_by_patches,
    visible=(
        Case((np.array([[[1.0, 2, 0, 3]]]), np.array([[[1.0, 10]]]))),
        row_case(default_rng(1), 2, 3, 4, 6, 2),
        row_case(default_rng(2), 1, 3, 3, 3, 2, part="robustness"),
        row_case(default_rng(3), 2, 1, 2, 5, 5, part="robustness"),
    ),
    hidden=lambda rng: (
        row_case(rng, 1, 2, 3, 7, 3),
        row_case(rng, 3, 2, 1, 5, 4),
        row_case(rng, 1, 4, 4, 4, 2, part="robustness"),
        row_case(rng, 2, 3, 2, 5, 1, part="robustness"),
    ),
    reference={
        "pytorch": """
def convolution_by_patches_pt(x, kernel):
    return x.unfold(2, kernel.shape[2], 1), F.conv1d(x, kernel)
""",
        "tensorflow": """
def convolution_by_patches_tf(x, kernel):
    patches = tf.signal.frame(x, len(kernel), 1, axis=1)
    return patches, tf.nn.conv1d(x, kernel, 1, "VALID")
""",
    },
    layouts={0: "channels", 1: "kernel", "output": "channels", "output 1": "channels"},
    misconceptions=mistakes(PATCHES_MISTAKES, globals(), "x, kernel"),
    elementwise=False,
    rtol=1e-3,
)


def input_gradient(x, kernel, upstream, stride):
    dx = np.zeros(x.shape)
    n = upstream.shape[2]
    for t in range(kernel.shape[2]):
        reach = slice(t, t + (n - 1) * stride + 1, stride)
        dx[:, :, reach] += np.einsum("bop,oi->bip", upstream, kernel[:, :, t])
    return dx


def kernel_gradient(x, kernel, upstream, stride):
    n, dk = upstream.shape[2], np.zeros(kernel.shape)
    for t in range(kernel.shape[2]):
        read = x[:, :, t : t + (n - 1) * stride + 1 : stride]
        dk[:, :, t] = np.einsum("bop,bip->oi", upstream, read)
    return dk


def bias_gradient(upstream):
    return upstream.sum((0, 2))


def convolution_gradients(x, kernel, upstream, stride):
    return (
        input_gradient(x, kernel, upstream, stride),
        kernel_gradient(x, kernel, upstream, stride),
        bias_gradient(upstream),
    )


def last_window_wins(x, kernel, upstream, stride):
    """Each window overwrites the gradient of earlier windows."""
    dx, size = np.zeros(x.shape), kernel.shape[2]
    for p in range(upstream.shape[2]):
        here = np.einsum("bo,oik->bik", upstream[:, :, p], kernel)
        dx[:, :, p * stride : p * stride + size] = here
    return dx


def last_weight_wins(x, kernel, upstream, stride):
    """Each weight of the kernel overwrites the gradient of earlier weights."""
    dx, n = np.zeros(x.shape), upstream.shape[2]
    for t in range(kernel.shape[2]):
        reach = slice(t, t + (n - 1) * stride + 1, stride)
        dx[:, :, reach] = np.einsum("bop,oi->bip", upstream, kernel[:, :, t])
    return dx


DX, DK, DB = (
    "input_gradient(x, kernel, upstream, stride)",
    "kernel_gradient(x, kernel, upstream, stride)",
    "bias_gradient(upstream)",
)
REACHED = "(upstream.shape[2] - 1) * stride + kernel.shape[2]"
GRADIENTS_MISTAKES = f"""
(input_gradient(x, flipped(kernel), upstream, stride), {DK}, {DB})
    # the input gradient uses the kernel reversed: the forward pass read x at p · stride + t with
    # weight t, so the gradient goes back there with the same weight
(last_window_wins(x, kernel, upstream, stride), {DK}, {DB})
    # where windows overlap, the last one overwrites the input gradient: add them
(last_weight_wins(x, kernel, upstream, stride), {DK}, {DB})
    # where windows overlap, each weight overwrites the input gradient of earlier weights: add them
(input_gradient(x, kernel.swapaxes(0, 1), upstream, stride), {DK}, {DB})
    # the input gradient uses the input channels as output channels: sum over the output channels
(input_gradient(x, kernel, upstream, 1), {DK}, {DB})
    # the input gradient does not use the stride: position p goes back to p · stride
(input_gradient(x, kernel, upstream, stride)[:, :, :{REACHED}], {DK}, {DB})
    # the inputs behind the last window have no gradient: it is 0, and the shape is that of x
(input_gradient(x, kernel, ones_like(upstream), stride), {DK}, {DB})
    # the input gradient ignores upstream: multiply upstream by the kernel
({DX}, kernel_gradient(x, kernel, upstream, 1), {DB})
    # the kernel gradient does not use the stride: position p reads x at p · stride + t
({DX}, {DK} / len(x), {DB})  # the kernel gradient is averaged over the batch: add the examples
({DX}, {DK} / upstream.shape[2], {DB})
    # the kernel gradient is averaged over the positions: add them
({DX}, kernel_gradient(x[:1], kernel, upstream[:1], stride), {DB})
    # the kernel gradient has the first example only: add all examples
({DX}, kernel_gradient(x, kernel, upstream, stride)[..., ::-1], {DB})
    # the kernel gradient is reversed
({DX}, kernel_gradient(x, kernel, ones_like(upstream), stride), {DB})
    # the kernel gradient ignores upstream: multiply upstream by x
({DX}, {DK}.swapaxes(0, 1), {DB})
    # the kernel gradient has its input and output channels exchanged
({DX}, {DK}, upstream.sum(0))
    # the bias gradient is summed over the batch only: sum over the positions, too
({DX}, {DK}, upstream.sum(2))
    # the bias gradient is summed over the positions only: sum over the batch, too
({DX}, {DK}, upstream.mean((0, 2)))
    # the bias gradient is averaged: sum it
({DX}, {DK}, upstream.sum())
    # the bias gradient is one number: each output channel has its own
({DX}, {DK}, full(upstream.shape[1], float(upstream[:, 0].size)))
    # the bias gradient ignores upstream: sum upstream over batch and positions
({DX} / len(x), {DK} / len(x), {DB} / len(x))
    # all three gradients are divided by the size of the batch: leave this out
"""


def gradients_case(rng, batch, n_in, n_out, length, size, stride, **fields):
    positions = (length - size) // stride + 1
    shapes = (batch, n_in, length), (n_out, n_in, size), (batch, n_out, positions)
    return Case(normal(rng, *shapes), {"stride": stride}, gradients=False, **fields)


CONVOLUTION_GRADIENTS_EXERCISE = Exercise(
    "convolution_gradients",
    convolution_gradients,
    visible=(
        Case(
            (
                np.array([[[1.0, 2, 0, 3]]]),
                np.array([[[1.0, 10]]]),
                np.array([[[1.0, 2, 3]]]),
            ),
            {"stride": 1},
            gradients=False,
        ),
        gradients_case(default_rng(1), 2, 3, 4, 6, 2, 1),
        gradients_case(default_rng(2), 2, 2, 3, 8, 3, 2),
        gradients_case(default_rng(3), 1, 3, 2, 3, 2, 1, part="robustness"),
        gradients_case(default_rng(4), 3, 2, 1, 7, 2, 3, part="robustness"),
    ),
    hidden=lambda rng: (
        gradients_case(rng, 2, 2, 3, 6, 3, 1),
        gradients_case(rng, 3, 3, 2, 8, 3, 2),
        gradients_case(rng, 2, 4, 4, 4, 2, 1),
        gradients_case(rng, 1, 2, 3, 6, 3, 2, part="robustness"),
        gradients_case(rng, 2, 1, 2, 5, 1, 3, part="robustness"),
    ),
    reference={
        "pytorch": """
def convolution_gradients_pt(x, kernel, upstream, stride):
    x, kernel = (v.clone().requires_grad_() for v in (x, kernel))
    bias = torch.zeros(len(kernel), requires_grad=True)
    y = F.conv1d(x, kernel, bias, stride)
    return torch.autograd.grad(y, (x, kernel, bias), upstream)
""",
        "tensorflow": """
def convolution_gradients_tf(x, kernel, upstream, stride):
    bias = tf.zeros(kernel.shape[-1])
    with tf.GradientTape() as tape:
        tape.watch([x, kernel, bias])
        y = tf.nn.conv1d(x, kernel, stride, "VALID") + bias
    return tape.gradient(y, [x, kernel, bias], upstream)
""",
    },
    layouts={
        0: "channels",
        1: "kernel",
        2: "channels",
        "output": "channels",
        "output 1": "kernel",
    },
    misconceptions=mistakes(GRADIENTS_MISTAKES, globals(), "x, kernel, upstream, stride"),
    elementwise=False,
    rtol=1e-3,
)


def total(n, size, stride, dilation):
    """How many zeros ``same`` adds to an axis of ``n`` numbers."""
    return max((-(-n // stride) - 1) * stride + (size - 1) * dilation + 1 - n, 0)


def halved(x, zeros):
    """Pad so many ``zeros``, with the odd one behind; a negative number crops."""
    before, after = zeros // 2, zeros - zeros // 2
    y = padded(x, max(before, 0), max(after, 0))
    return y[:, :, max(-before, 0) : y.shape[2] - max(-after, 0)]


def pad_same(x, size, stride, dilation):
    return halved(x, total(x.shape[2], size, stride, dilation))


ALL = "total(x.shape[2], size, stride, dilation)"
PAD_SAME_MISTAKES = f"""
padded(x, {ALL} - {ALL} // 2, {ALL} // 2)  # the odd zero is in front: it belongs behind the input
padded(x, (size - 1) * dilation // 2, (size - 1) * dilation // 2)
    # half of a kernel is added on both sides, as padding= in PyTorch does: compute the total
    # from the output size
halved(x, (size - 1) * dilation)
halved(x, total(x.shape[2], size, 1, dilation))
    # the stride is not used: with a stride, fewer zeros are enough
halved(x, total(x.shape[2], size, stride, 1))
    # the dilation is not used: the kernel reaches over (size − 1) · dilation + 1 numbers
halved(x, maximum((-(-x.shape[2] // stride) - 1) * stride + size * dilation - x.shape[2], 0))
    # the reach of the kernel is wrong: it is (size − 1) · dilation + 1, not size · dilation
halved(x, maximum((x.shape[2] // stride - 1) * stride + (size - 1) * dilation + 1 - x.shape[2], 0))
    # the output size is rounded down: it is length / stride, rounded up
halved(x, (-(-x.shape[2] // stride) - 1) * stride + (size - 1) * dilation + 1 - x.shape[2])
    # a negative number of zeros crops the input: the smallest number is 0
halved(x, maximum((size - 1) * dilation + 1 - stride, 0))
    # the zeros are counted as if the stride divided the length: compute the output size first
padded(x, 0, {ALL})  # all zeros are behind the input: put half of them in front
padded(x, {ALL}, 0)  # all zeros are in front of the input: put half of them behind
padded(x, {ALL}, {ALL})  # all zeros are added on each side: divide the total by 2
x  # nothing is added
"""


def pad_case(rng, batch, channels, length, size, stride, dilation=1, **fields):
    arguments = {"size": size, "stride": stride, "dilation": dilation}
    return Case(normal(rng, (batch, channels, length)), arguments, **fields)


PAD_SAME_EXERCISE = Exercise(
    "pad_same",
    pad_same,
    visible=(
        Case((np.array([[[1.0, 2, 3, 4, 5, 6]]]),), {"size": 3, "stride": 2, "dilation": 1}),
        pad_case(default_rng(1), 2, 3, 5, 3, 2),
        pad_case(default_rng(2), 1, 2, 7, 4, 1),
        pad_case(default_rng(3), 2, 1, 6, 3, 2, 2),
        pad_case(default_rng(4), 1, 2, 5, 1, 3, part="robustness"),
        pad_case(default_rng(5), 1, 2, 3, 5, 2, part="robustness"),
    ),
    hidden=lambda rng: (
        pad_case(rng, 2, 3, 8, 3, 2),
        pad_case(rng, 1, 2, 7, 5, 3),
        pad_case(rng, 1, 2, 5, 2, 1, 3),
        pad_case(rng, 2, 2, 7, 4, 2),
        pad_case(rng, 1, 3, 8, 1, 3, part="robustness"),
        pad_case(rng, 1, 2, 9, 2, 4, 2, part="robustness"),
    ),
    reference={
        "pytorch": """
def pad_same_pt(x, size, stride, dilation):
    n = x.shape[2]
    zeros = max((-(-n // stride) - 1) * stride + (size - 1) * dilation + 1 - n, 0)
    return F.pad(x, (zeros // 2, zeros - zeros // 2))
""",
        "tensorflow": """
def pad_same_tf(x, size, stride, dilation):
    n = x.shape[1]
    zeros = max((-(-n // stride) - 1) * stride + (size - 1) * dilation + 1 - n, 0)
    return tf.pad(x, [[0, 0], [zeros // 2, zeros - zeros // 2], [0, 0]])
""",
    },
    layouts={0: "channels", "output": "channels"},
    misconceptions=mistakes(PAD_SAME_MISTAKES, globals(), "x, size, stride, dilation"),
    elementwise=False,
)

CONVOLUTION = component(
    "convolution",
    name="Convolution",
    zh="普通一维卷积；普通二维卷积；普通三维卷积",
    pytorch=(
        "torch.nn.Conv1d",
        "torch.nn.Conv2d",
        "torch.nn.Conv3d",
        "torch.nn.LazyConv1d",
        "torch.nn.LazyConv2d",
        "torch.nn.LazyConv3d",
        "torch.nn.functional.conv1d",
        "torch.nn.functional.conv2d",
        "torch.nn.functional.conv3d",
    ),
    keras=("keras.layers.Conv1D", "keras.layers.Conv2D", "keras.layers.Conv3D"),
    tensorflow=("tf.nn.conv1d", "tf.nn.conv2d", "tf.nn.conv3d", "tf.nn.convolution"),
    aliases=(
        "keras.layers.Convolution1D",
        "keras.layers.Convolution2D",
        "keras.layers.Convolution3D",
    ),
    calls="""
nn.Conv2d(3, 4, (2, 3)) | keras.layers.Conv2D(4, (2, 3))
    # channels first and (out, in, height, width) in PyTorch; channels last and (height, width, in,
    # out) in Keras
F.conv2d(x_pt, conv.weight, conv.bias) | tf.nn.conv2d(x_tf, conv.kernel, 1, "VALID") + conv.bias
nn.Sequential(PadSame(3, stride=2), nn.Conv2d(3, 4, 3, stride=2)) | keras.layers.Conv2D(4, 3,
    strides=2, padding="same")
    # PyTorch has no `"same"` with a stride: this chapter defines `PadSame`
nn.Conv2d(3, 4, 3, stride=2, padding=1) | keras.layers.ZeroPadding2D(1); keras.layers.Conv2D(4, 3,
    strides=2)  # `padding="same"` has the same shape and other numbers if the size is even
""",
    weights="""
torch.nn.Conv1d(3, 5, 2) | keras.layers.Conv1D(5, 2)  # (2, 3, 7) | (2, 7, 3)
torch.nn.Conv2d(3, 5, (2, 4)) | keras.layers.Conv2D(5, (2, 4))  # (2, 3, 7, 6) | (2, 7, 6, 3)
torch.nn.Conv3d(2, 5, (2, 1, 3)) | keras.layers.Conv3D(5, (2, 1, 3))
    # (2, 2, 3, 4, 6) | (2, 3, 4, 6, 2)
weight = moveaxis(kernel, (-1, -2), (0, 1)) | kernel = moveaxis(weight, (0, 1), (-1, -2))
    # PyTorch stores (out, in, *size), Keras (*size, in, out)
bias | bias
""",
    behaviour={
        "convolution-flip-tf": "`np.convolve` flips the kernel, neither framework does",
        "convolution-same-pt": "`same`: an odd zero is behind the input; PyTorch prints a warning",
        "same-stride-pt": "`same` with a stride: PyTorch raises an error",
        "padding-one": "size 3, stride 2: `padding=1` is `same` only for images of odd size",
        "channels-first-tf": "Keras's `Conv2D` with channels first raises an error on a CPU",
    },
    exercises=(
        CONVOLUTION_EXERCISE,
        PATCHES_EXERCISE,
        CONVOLUTION_GRADIENTS_EXERCISE,
        PAD_SAME_EXERCISE,
    ),
)


def dilated_convolution(x, kernel, dilation):
    return convolved(x, kernel, 1, dilation)


def repeated(kernel, dilation):
    """Each weight several times, instead of gaps, and the last one once."""
    size = (kernel.shape[2] - 1) * dilation + 1
    return kernel.repeat(dilation, 2)[:, :, :size]


def with_size(y, n):
    return np.concatenate([y, np.zeros((*y.shape[:2], n - y.shape[2]))], 2)


DILATED_MISTAKES = """
convolved(x, kernel)                             # the dilation is not used
convolved(x, kernel, dilation)                   # the dilation is used as a stride
convolved(x, kernel, dilation, dilation)
convolved(x[:, :, ::dilation], kernel)
    # only every dilation-th input starts a window: a window starts at every input
convolved(x, kernel, 1, dilation + 1)
    # there are dilation zeros between two weights: weight t reads t · dilation behind the first
convolved(x, repeated(kernel, dilation))
    # the weights are repeated to fill the gaps: the gaps are not read
with_size(convolved(x, kernel, 1, dilation), x.shape[2] - kernel.shape[2] + 1)
    # the output size ignores the dilation: it is length − (size − 1) · dilation
convolved(padded(x, (kernel.shape[2] - 1) * dilation // 2,
    (kernel.shape[2] - 1) * dilation - (kernel.shape[2] - 1) * dilation // 2), kernel, 1, dilation)
    # the input is padded: do not pad
convolved(x, kernel, 1, dilation)[:, :, :-1]
    # the last position is missing: there are length − (size − 1) · dilation positions
convolved(x, flipped(kernel), 1, dilation)       # FLIPPED
convolved(x, kernel.swapaxes(0, 1), 1, dilation) # EXCHANGED
convolved(x[:, :1], kernel[:, :1], 1, dilation)  # ONE_CHANNEL
not_summed(x, kernel, 1, dilation)               # NOT_SUMMED
"""

DILATED_EXERCISE = Exercise(
    "dilated_convolution",
    dilated_convolution,
    visible=(
        Case((np.array([[[1.0, 2, 0, 3, 5]]]), np.array([[[1.0, 10]]])), {"dilation": 2}),
        row_case(default_rng(1), 2, 3, 4, 8, 3, dilation=2),
        row_case(default_rng(2), 1, 2, 3, 9, 3, dilation=3),
        row_case(default_rng(3), 1, 3, 3, 3, 2, dilation=1, part="robustness"),
        row_case(default_rng(4), 2, 2, 1, 5, 3, dilation=2, part="robustness"),
    ),
    hidden=lambda rng: (
        row_case(rng, 1, 3, 2, 7, 2, dilation=3),
        row_case(rng, 2, 2, 3, 9, 3, dilation=2),
        row_case(rng, 1, 4, 4, 4, 2, dilation=2),
        row_case(rng, 1, 2, 3, 5, 1, dilation=4, part="robustness"),
    ),
    reference={
        "pytorch": "dilated_convolution_pt = lambda x, kernel, dilation: "
        "F.conv1d(x, kernel, dilation=dilation)",
        "tensorflow": "dilated_convolution_tf = lambda x, kernel, dilation: "
        "tf.nn.convolution(x, kernel, dilations=dilation)",
    },
    layouts={0: "channels", 1: "kernel", "output": "channels"},
    misconceptions=mistakes(DILATED_MISTAKES, globals(), "x, kernel, dilation"),
    elementwise=False,
    rtol=1e-3,
)


def causal_convolution(x, kernel, dilation):
    zeros = (kernel.shape[2] - 1) * dilation
    return convolved(padded(x, zeros, 0), kernel, 1, dilation)


ZEROS = "(kernel.shape[2] - 1) * dilation"
CAUSAL_MISTAKES = f"""
convolved(padded(x, 0, {ZEROS}), kernel, 1, dilation)
    # the zeros are behind the input, so each output reads the future: put them in front
convolved(padded(x, {ZEROS} // 2, {ZEROS} - {ZEROS} // 2), kernel, 1, dilation)
    # half of the zeros are behind the input, so outputs read the future: put all in front
convolved(padded(x, {ZEROS} + 1, 0), kernel, 1, dilation)[:, :, :-1]
    # the newest input is left out: an output reads its own time, too
convolved(padded(x, {ZEROS}, 0), flipped(kernel), 1, dilation)
    # the kernel is flipped: its last weight belongs to the newest input
convolved(x, kernel, 1, dilation)
    # nothing is padded: there must be as many outputs as inputs
convolved(padded(x, kernel.shape[2] - 1, 0), kernel, 1, dilation)
    # the dilation is not counted: put (size − 1) · dilation zeros in front
convolved(padded(x, {ZEROS}, {ZEROS}), kernel, 1, dilation)
    # zeros are on both sides, so the output is too long: put them in front only
convolved(padded(x, kernel.shape[2] - 1, 0), kernel)  # the dilation is not used
convolved(pad(x, [(0, 0), (0, 0), ({ZEROS}, 0)], "edge"), kernel, 1, dilation)
    # the first number is repeated in front: put zeros there
convolved(padded(x, {ZEROS}, 0)[:, :1], kernel[:, :1], 1, dilation)  # ONE_CHANNEL
"""

CAUSAL_EXERCISE = Exercise(
    "causal_convolution",
    causal_convolution,
    visible=(
        Case((np.array([[[1.0, 2, 0, 3]]]), np.array([[[10.0, 1]]])), {"dilation": 1}),
        row_case(default_rng(1), 2, 3, 4, 7, 3, dilation=2),
        row_case(default_rng(2), 1, 2, 3, 5, 2, dilation=3),
        row_case(default_rng(3), 1, 3, 3, 3, 2, dilation=4, part="robustness"),
        row_case(default_rng(4), 2, 2, 1, 5, 1, dilation=2, part="robustness"),
    ),
    hidden=lambda rng: (
        row_case(rng, 1, 3, 2, 6, 2, dilation=2),
        row_case(rng, 2, 2, 3, 7, 3, dilation=1),
        row_case(rng, 1, 4, 3, 4, 2, dilation=3),
        row_case(rng, 1, 2, 2, 3, 3, dilation=2, part="robustness"),
    ),
    reference={
        "pytorch": """
def causal_convolution_pt(x, kernel, dilation):
    zeros = (kernel.shape[2] - 1) * dilation
    return F.conv1d(F.pad(x, (zeros, 0)), kernel, dilation=dilation)
""",
        "tensorflow": """
def causal_convolution_tf(x, kernel, dilation):
    size, _, n_out = kernel.shape
    layer = keras.layers.Conv1D(
        n_out, size, padding="causal", dilation_rate=dilation, use_bias=False
    )
    layer.build(x.shape)
    return layer.stateless_call([kernel], [], x)[0]
""",
    },
    layouts={0: "channels", 1: "kernel", "output": "channels"},
    misconceptions=mistakes(CAUSAL_MISTAKES, globals(), "x, kernel, dilation"),
    elementwise=False,
    rtol=1e-3,
)

DILATED_CONVOLUTION = component(
    "dilated_convolution",
    name="Dilated convolution",
    zh="空洞卷积",
    pytorch=("torch.nn.Conv1d", "torch.nn.Conv2d", "torch.nn.Conv3d"),
    keras=("keras.layers.Conv1D", "keras.layers.Conv2D", "keras.layers.Conv3D"),
    tensorflow=("tf.nn.atrous_conv2d",),
    calls="""
nn.Conv2d(3, 4, 2, dilation=2) | keras.layers.Conv2D(4, 2, dilation_rate=2)
    # Keras's `Conv2D` raises an error for a stride together with a dilation
nn.Conv2d(3, 4, 2, stride=2, dilation=2) | conv_tf(x_tf)[:, ::2, ::2]
    # `conv_tf` is the layer of the line above, which has the stride 1
nn.Sequential(nn.ZeroPad1d((4, 0)), nn.Conv1d(3, 4, 3, dilation=2)) | keras.layers.Conv1D(4, 3,
    dilation_rate=2, padding="causal")
    # PyTorch has no `"causal"`: put (size − 1) · dilation zeros in front of the sequence
F.conv2d(x_pt, conv_pt.weight, dilation=2) | tf.nn.atrous_conv2d(x_tf, conv_tf.kernel, 2, "VALID")
""",
    behaviour={
        "dilated-stride-tf": "stride with dilation: Keras's `Conv2D` raises an error",
        "reach": "dilations 1, 2, 4, 8 read 31 inputs; 2, 2, 2, 2 skip every second input",
        "causal-tf": '`padding="causal"` is only in Keras\'s `Conv1D`',
    },
    exercises=(DILATED_EXERCISE, CAUSAL_EXERCISE),
)


def grouped_convolution(x, kernel, groups):
    return convolved(x, kernel, groups=groups)


def interleaved(x, groups):
    """Channels in the order 0, g, 2g, …, as if every g-th channel belonged to one group."""
    return x.reshape(x.shape[0], -1, groups, x.shape[2]).swapaxes(1, 2).reshape(x.shape)


def by_turns(y, groups):
    """The outputs of the groups interleaved: the first of each, then the second of each."""
    return y.reshape(y.shape[0], groups, -1, y.shape[2]).swapaxes(1, 2).reshape(y.shape)


def of_groups(x, kernel, groups):
    y = convolved(x, kernel, groups=groups)
    return y.reshape(len(y), groups, -1, y.shape[2])


GROUPED_MISTAKES = """
convolved(x, concatenate([kernel[:len(kernel) // groups]] * groups), groups=groups)
    # all groups use the kernels of the first group: each group has its own
convolved(interleaved(x, groups), kernel, groups=groups)
    # channel c is in group c % groups: a group has neighbouring channels
by_turns(convolved(x, kernel, groups=groups), groups)
    # the outputs of the groups take turns: put all outputs of the first group first
concatenate([convolved(x[:, :kernel.shape[1]], part) for part in split(kernel, groups)], 1)
    # all groups read the channels of the first group: each has its own
of_groups(x, kernel, groups).sum(1)      # the groups are added: put them side by side
of_groups(x, kernel, groups)[:, 0]       # only the first group is there: put all side by side
of_groups(x, kernel, groups)             # the groups are an axis of their own: concatenate them
of_groups(x, kernel, groups)[:, ::-1].reshape(len(x), len(kernel), -1)
    # the groups are in reverse order
convolved(x, kernel, groups=groups)[:, :, :-1]
    # the last position is missing: there are length − size + 1 positions
convolved(x, flipped(kernel), groups=groups)  # FLIPPED
convolved(x, tile(kernel, (1, groups, 1)))
    # each output reads all input channels: it reads those of its group only
convolved(x, tile(kernel, (1, groups, 1)) / groups)
    # each output reads the mean over all groups: it reads the channels of its group only
"""

GROUPED_EXERCISE = Exercise(
    "grouped_convolution",
    grouped_convolution,
    visible=(
        Case(
            (np.array([[[1.0, 2, 3], [4, 5, 6]]]), np.array([[[1.0, 10]], [[100.0, 0]]])),
            {"groups": 2},
        ),
        row_case(default_rng(1), 2, 4, 6, 5, 3, groups=2),
        row_case(default_rng(2), 1, 6, 6, 5, 2, groups=3),
        row_case(default_rng(3), 1, 4, 4, 4, 2, groups=2, part="robustness"),
        row_case(default_rng(4), 2, 3, 2, 4, 2, groups=1, part="robustness"),
    ),
    hidden=lambda rng: (
        row_case(rng, 1, 4, 4, 5, 2, groups=2),
        row_case(rng, 2, 6, 9, 4, 2, groups=3),
        row_case(rng, 1, 4, 8, 4, 3, groups=2),
        row_case(rng, 1, 3, 6, 5, 5, groups=3, part="robustness"),
    ),
    reference={
        "pytorch": "grouped_convolution_pt = lambda x, kernel, groups: "
        "F.conv1d(x, kernel, groups=groups)",
        "tensorflow": """
def grouped_convolution_tf(x, kernel, groups):
    parts = zip(tf.split(x, groups, -1), tf.split(kernel, groups, -1))
    return tf.concat([tf.nn.conv1d(a, b, 1, "VALID") for a, b in parts], -1)
""",
    },
    layouts={0: "channels", 1: "kernel", "output": "channels"},
    misconceptions=mistakes(GROUPED_MISTAKES, globals(), "x, kernel, groups"),
    elementwise=False,
    rtol=1e-3,
)

GROUPED_CONVOLUTION = component(
    "grouped_convolution",
    name="Grouped convolution",
    zh="分组卷积",
    pytorch=("torch.nn.Conv1d", "torch.nn.Conv2d", "torch.nn.Conv3d"),
    keras=("keras.layers.Conv1D", "keras.layers.Conv2D", "keras.layers.Conv3D"),
    calls="""
nn.Conv2d(4, 6, 3, groups=2) | keras.layers.Conv2D(6, 3, groups=2)
    # each group has its own kernels; on a CPU, wrap the Keras layer in `tf.function`
""",
    behaviour={
        "grouped-split": "groups do not share kernels: each has its own",
        "grouped-retracing-tf": "on a CPU, Keras compiles a grouped `Conv2D` at each eager call",
    },
    exercises=(GROUPED_EXERCISE,),
)


def depthwise_convolution(x, kernel):
    """The kernel is (multiplier, channels, size), of which Keras's is the layout of TensorFlow."""
    m, c, size = kernel.shape
    if x.shape[1] != c:
        raise ValueError("x and kernel have different channels")
    return convolved(x, kernel.swapaxes(0, 1).reshape(c * m, 1, size), groups=c)


def by_multiplier(x, kernel):
    """Output channel m · channels + c instead of c · multiplier + m."""
    y = depthwise_convolution(x, kernel)
    return y.reshape(len(y), kernel.shape[1], len(kernel), -1).swapaxes(1, 2).reshape(y.shape)


DEPTHWISE_MISTAKES = """
by_multiplier(x, kernel)
    # the output channels are in the order m · channels + c: use c · multiplier + m
depthwise_convolution(x, flipped(kernel))                  # FLIPPED
convolved(x, kernel)
    # the input channels are added: each output channel reads one input channel
depthwise_convolution(x, kernel[:1])
    # only the first kernel of each channel is used: there are multiplier of them
depthwise_convolution(x, kernel[:, :1].repeat(kernel.shape[1], 1))
    # all channels use the kernels of the first channel: each has its own
depthwise_convolution(x, kernel.reshape(kernel.shape[1], len(kernel), -1).swapaxes(0, 1))
    # the kernel's axes are joined in the wrong order, so channels get kernels of other channels
depthwise_convolution(x, kernel).reshape(len(x), kernel.shape[1], len(kernel), -1)
    # channels and multiplier are two axes: join them into one
depthwise_convolution(x, kernel.sum(0, keepdims=True))
    # the kernels of a channel are added: each makes an output channel of its own
depthwise_convolution(x, kernel)[:, :, :-1]
    # the last position is missing: there are length − size + 1 positions
depthwise_convolution(x, kernel) / kernel.shape[2]
    # divided by the size of the kernel: a convolution adds, and does not average
depthwise_convolution(x[:, ::-1], kernel)                  # the channels are in reverse order
"""


def depthwise_case(rng, batch, channels, multiplier, length, size, **fields):
    return Case(normal(rng, (batch, channels, length), (multiplier, channels, size)), **fields)


DEPTHWISE_EXERCISE = Exercise(
    "depthwise_convolution",
    depthwise_convolution,
    visible=(
        Case((np.array([[[1.0, 2, 3], [4, 5, 6]]]), np.array([[[1.0, 10], [100, 0]]]))),
        depthwise_case(default_rng(1), 2, 3, 2, 5, 3),
        depthwise_case(default_rng(2), 1, 2, 2, 5, 2),
        depthwise_case(default_rng(3), 1, 3, 2, 3, 2, part="robustness"),
        depthwise_case(default_rng(4), 2, 1, 3, 4, 4, part="robustness"),
    ),
    hidden=lambda rng: (
        depthwise_case(rng, 1, 2, 3, 5, 2),
        depthwise_case(rng, 2, 3, 3, 4, 2),
        depthwise_case(rng, 1, 4, 2, 4, 3),
        depthwise_case(rng, 1, 3, 1, 5, 1, part="robustness"),
    ),
    reference={
        "pytorch": """
def depthwise_convolution_pt(x, kernel):
    m, c, size = kernel.shape
    return F.conv1d(x, kernel.transpose(0, 1).reshape(c * m, 1, size), groups=c)
""",
        "tensorflow": """
def depthwise_convolution_tf(x, kernel):
    y = tf.nn.depthwise_conv2d(x[:, None], kernel[None], (1, 1, 1, 1), "VALID")
    return y[:, 0]
""",
    },
    layouts={0: "channels", 1: "kernel", "output": "channels"},
    misconceptions=mistakes(DEPTHWISE_MISTAKES, globals(), "x, kernel"),
    elementwise=False,
    rtol=1e-3,
)


def depthwise_weight(kernel):
    height, width, channels, multiplier = kernel.shape
    return kernel.transpose(2, 3, 0, 1).reshape(channels * multiplier, 1, height, width)


WEIGHT = "(kernel.shape[2] * kernel.shape[3], 1, kernel.shape[0], kernel.shape[1])"
WEIGHT_MISTAKES = f"""
kernel.transpose(3, 2, 0, 1).reshape{WEIGHT}
    # the output channels are in the order m · channels + c: the channels must be the first axis,
    # before you join it with the multiplier
kernel.reshape{WEIGHT}  # a reshape alone puts the numbers in the wrong places: transpose first
kernel.transpose(3, 2, 0, 1)
    # channels and multiplier are still two axes: join them into (channels · multiplier, 1)
kernel.transpose(2, 3, 0, 1)
    # channels and multiplier are still two axes, in the right order: reshape them into one
kernel.transpose(2, 3, 1, 0).reshape(-1, 1, kernel.shape[1], kernel.shape[0])
kernel.transpose(2, 3, 1, 0).reshape{WEIGHT}  # height and width are exchanged
kernel.transpose(2, 3, 0, 1).reshape(1, -1, kernel.shape[0], kernel.shape[1])
    # the axis of size 1 is the second: a group has one input channel
depthwise_weight(kernel)[:, :, ::-1, ::-1]  # FLIPPED
depthwise_weight(kernel)[:, 0]
    # the second axis is missing: keep it, with size 1, because a group has one input channel
"""


def weight_case(rng, *shape, **fields):
    return Case(normal(rng, shape), **fields)


DEPTHWISE_WEIGHT_EXERCISE = Exercise(
    "depthwise_weight",
    depthwise_weight,
    visible=(
        Case((np.arange(8.0).reshape(1, 2, 2, 2),)),
        weight_case(default_rng(1), 2, 3, 4, 2),
        weight_case(default_rng(2), 3, 3, 2, 2),
        weight_case(default_rng(3), 2, 2, 3, 1, part="robustness"),
        weight_case(default_rng(4), 1, 1, 2, 3, part="robustness"),
    ),
    hidden=lambda rng: (
        weight_case(rng, 3, 2, 2, 3),
        weight_case(rng, 2, 2, 2, 2),
        weight_case(rng, 3, 1, 1, 4, part="robustness"),
    ),
    reference={
        "pytorch": "depthwise_weight_pt = lambda kernel: "
        "kernel.permute(2, 3, 0, 1).flatten(0, 1)[:, None]",
        "tensorflow": "depthwise_weight_tf = lambda kernel: "
        "tf.reshape(tf.transpose(kernel, (2, 3, 0, 1)), "
        "(kernel.shape[2] * kernel.shape[3], 1, *kernel.shape[:2]))",
    },
    misconceptions=mistakes(WEIGHT_MISTAKES, globals(), "kernel"),
    elementwise=False,
)

DEPTHWISE_CONVOLUTION = component(
    "depthwise_convolution",
    name="Depthwise convolution",
    zh="二维深度卷积层",
    keras=("keras.layers.DepthwiseConv1D", "keras.layers.DepthwiseConv2D"),
    tensorflow=("tf.nn.depthwise_conv2d",),
    calls="""
nn.Conv2d(3, 6, 2, groups=3) | keras.layers.DepthwiseConv2D(2, depth_multiplier=2)
    # PyTorch has no class for it: `groups` is the number of input channels
F.conv2d(x_pt, conv_pt.weight, groups=3) | tf.nn.depthwise_conv2d(x_tf, conv_tf.kernel,
    (1, 1, 1, 1), "VALID")
""",
    weights="""
torch.nn.Conv1d(3, 6, 2, groups=3) | keras.layers.DepthwiseConv1D(2, depth_multiplier=2)
    # (2, 3, 7) | (2, 7, 3)
torch.nn.Conv2d(3, 6, (2, 4), groups=3) | keras.layers.DepthwiseConv2D((2, 4), depth_multiplier=2)
    # (2, 3, 7, 6) | (2, 7, 6, 3)
weight = moveaxis(kernel, (-2, -1),
    (0, 1)).reshape(shape) | kernel = moveaxis(weight.reshape(shape[-2:] + weight.shape[2:]),
    (0, 1), (-2, -1))
    # PyTorch stores (channels · multiplier, 1, *size), Keras (*size, channels, multiplier)
bias | bias
""",
    behaviour={
        "depthwise-order": "output channel c · M + m reads channel c; the other order is wrong",
        "depthwise-strides-tf": "unequal strides: TensorFlow raises an error, PyTorch does not",
    },
    exercises=(DEPTHWISE_EXERCISE, DEPTHWISE_WEIGHT_EXERCISE),
)


def separable_convolution(x, depthwise, pointwise, bias):
    return convolved(depthwise_convolution(x, depthwise), pointwise) + along(bias, 1)


DEPTHS = "depthwise_convolution(x, depthwise)"
SEPARABLE_MISTAKES = f"""
convolved(by_multiplier(x, depthwise), pointwise) + along(bias, 1)
    # the channels between the two steps are in the order m · channels + c: use c · multiplier + m
convolved({DEPTHS}, pointwise)                          # the bias is missing: add it at the end
convolved(maximum(0, {DEPTHS}), pointwise) + along(bias, 1)
    # there is a ReLU between the two steps: leave it out
{DEPTHS}                                                # the pointwise step is missing
convolved(depthwise_convolution(x, flipped(depthwise)), pointwise) + along(bias, 1)  # FLIPPED
(convolved({DEPTHS}, pointwise) + along(bias, 1))[:, :, :-1]
    # the last position is missing: there are length − size + 1 positions
convolved({DEPTHS}, pointwise) + bias[0]
    # all output channels get the first bias: each has its own
convolved({DEPTHS}, pointwise.swapaxes(0, 1)) + along(bias, 1)
    # the pointwise kernel's input and output channels are exchanged, which raises no error if both
    # are equal
convolved(depthwise_convolution(x, depthwise[:, :1].repeat(depthwise.shape[1], 1)),
    pointwise) + along(bias, 1)
    # all channels use the depthwise kernels of the first channel: each has its own
convolved({DEPTHS}, pointwise) + along(bias, 1) * pointwise.shape[1]
    # the bias is added once for each channel between the two steps: add it once for each output
maximum(0, separable_convolution(x, depthwise, pointwise, bias))
    # negative outputs become 0: remove the ReLU
"""


def separable_case(rng, batch, channels, multiplier, n_out, length, size, **fields):
    shapes = (
        (batch, channels, length),
        (multiplier, channels, size),
        (n_out, channels * multiplier, 1),
        n_out,
    )
    return Case(normal(rng, *shapes), **fields)


SEPARABLE_EXERCISE = Exercise(
    "separable_convolution",
    separable_convolution,
    visible=(
        Case(
            (
                np.array([[[1.0, 2, 3], [4, 5, 6]]]),
                np.array([[[1.0, 1], [0, 1]]]),
                np.array([[[1.0], [10.0]]]),
                np.array([0.5]),
            )
        ),
        separable_case(default_rng(1), 2, 3, 2, 4, 5, 3),
        separable_case(default_rng(2), 1, 2, 2, 4, 5, 2),
        separable_case(default_rng(3), 1, 3, 1, 2, 3, 2, part="robustness"),
        separable_case(default_rng(4), 2, 1, 3, 2, 4, 4, part="robustness"),
    ),
    hidden=lambda rng: (
        separable_case(rng, 1, 2, 3, 6, 4, 2),
        separable_case(rng, 2, 3, 2, 5, 4, 3),
        separable_case(rng, 1, 4, 2, 3, 4, 2, part="robustness"),
        separable_case(rng, 1, 3, 1, 3, 5, 1, part="robustness"),
    ),
    reference={
        "pytorch": """
def separable_convolution_pt(x, depthwise, pointwise, bias):
    m, c, size = depthwise.shape
    kernel = depthwise.transpose(0, 1).reshape(c * m, 1, size)
    return F.conv1d(F.conv1d(x, kernel, groups=c), pointwise, bias)
""",
        "tensorflow": """
def separable_convolution_tf(x, depthwise, pointwise, bias):
    y = tf.nn.separable_conv2d(
        x[:, None], depthwise[None], pointwise[None], (1, 1, 1, 1), "VALID"
    )
    return y[:, 0] + bias
""",
    },
    layouts={0: "channels", 1: "kernel", 2: "kernel", "output": "channels"},
    misconceptions=mistakes(SEPARABLE_MISTAKES, globals(), "x, depthwise, pointwise, bias"),
    elementwise=False,
    rtol=1e-3,
)

SEPARABLE_CONVOLUTION = component(
    "separable_convolution",
    name="Separable convolution",
    zh="二维深度可分离卷积层",
    keras=("keras.layers.SeparableConv1D", "keras.layers.SeparableConv2D"),
    tensorflow=("tf.nn.separable_conv2d",),
    aliases=("keras.layers.SeparableConvolution1D", "keras.layers.SeparableConvolution2D"),
    calls="""
Separable(3, 4, 2, multiplier=2) | keras.layers.SeparableConv2D(4, 2, depth_multiplier=2)
    # PyTorch has none: this chapter defines it, with one bias at the end, as in Keras
F.conv2d(F.conv2d(x_pt, d, groups=3), p) | tf.nn.separable_conv2d(x_tf, d, p, (1, 1, 1, 1), "VALID")
""",
    behaviour={
        "separable-parameters-tf": "`SeparableConv2D` has one bias, two separate layers have two",
        "separable-product": "a separable convolution is a plain one whose kernel is a product",
    },
    exercises=(SEPARABLE_EXERCISE,),
)

COMPONENTS = (
    CONVOLUTION,
    DILATED_CONVOLUTION,
    GROUPED_CONVOLUTION,
    DEPTHWISE_CONVOLUTION,
    SEPARABLE_CONVOLUTION,
)
