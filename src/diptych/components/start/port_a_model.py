"""Port a model: the forward passes of two small stacks, and the kernel behind Flatten."""

import numpy as np

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

STRIDE = 2


def padded(x, before, behind):
    """(batch, channels, height, width) with zeros, a number for each of height and width."""
    return np.pad(x, ((0, 0), (0, 0), *zip(before, behind, strict=True)))


def same(n, k):
    """How many zeros Keras pads before and behind a side of ``n`` for a kernel of ``k``."""
    total = max((-(-n // STRIDE) - 1) * STRIDE + k - n, 0)
    return total // 2, total - total // 2


def convolved(x, kernel):
    """(batch, in, height, width) and (out, in, *size), without padding."""
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[2:], (2, 3))
    return np.einsum("bchwij,ocij->bohw", windows[:, :, ::STRIDE, ::STRIDE], kernel)


def like_keras(x, kernel):
    pads = [same(n, k) for n, k in zip(x.shape[2:], kernel.shape[2:], strict=True)]
    return padded(x, *zip(*pads, strict=True))


def turned_pads(x, kernel):
    """Like Keras's, but with the larger half in front."""
    pads = [same(n, k)[::-1] for n, k in zip(x.shape[2:], kernel.shape[2:], strict=True)]
    return padded(x, *zip(*pads, strict=True))


def like_torch(x, kernel):
    half = [k // 2 for k in kernel.shape[2:]]
    return padded(x, half, half)


def by_channel(y):
    return y.reshape(len(y), -1)


def by_pixel(y):
    return by_channel(np.moveaxis(y, 1, -1))


def along(v):
    return v[:, None, None]


def scaled(root):
    """BatchNorm in inference mode; the denominator is ``root`` of the variance and ε."""

    def norm(y, gamma, beta, mean, variance, eps):
        return along(gamma) * (y - along(mean)) / along(root(variance, eps)) + along(beta)

    return norm


inference = scaled(lambda variance, eps: np.sqrt(variance + eps))


def of_batch(y, gamma, beta, mean, variance, eps):
    mean, variance = y.mean((0, 2, 3)), y.var((0, 2, 3))
    return inference(y, gamma, beta, mean, variance, eps)


def stack(pad, flat, norm=inference, conv=convolved):
    """The forward pass of a stack; wrong answers replace a part."""

    def forward(x, kernel, gamma, beta, mean, variance, eps):
        return flat(norm(conv(pad(x, kernel), kernel), gamma, beta, mean, variance, eps))

    return forward


OUTSIDE = "eps is added after the root: add it to the variance, then take the root"
NO_ROOT = "this divides by the variance plus eps: divide by the root of this sum"
BATCH = "the statistics of the batch are used: in inference mode, use the given mean and variance"
EPS = "eps is not used, or another one is: add the given eps to the variance"
FLIPPED = "the kernel is flipped: both frameworks slide it as it is"
NO_MEAN = "the mean is not subtracted"
NO_GAMMA = "gamma is missing: multiply by it before beta is added"
NO_BETA = "beta is not added"
NOT_FLAT = "the output is not flattened: each example becomes one row"

SHARED_MISTAKES = """
stack(PAD, FLAT, scaled(lambda variance, eps: sqrt(variance) + eps))  # OUTSIDE
stack(PAD, FLAT, scaled(lambda variance, eps: variance + eps))        # NO_ROOT
stack(PAD, FLAT, scaled(lambda variance, eps: sqrt(variance)))
stack(PAD, FLAT, scaled(lambda variance, eps: sqrt(variance + 1e-5)))
stack(PAD, FLAT, scaled(lambda variance, eps: sqrt(variance + 1e-3)))  # EPS
stack(PAD, FLAT, of_batch)                                            # BATCH
stack(PAD, FLAT, conv=lambda x, k: convolved(x, k[:, :, ::-1, ::-1]))  # FLIPPED
stack(PAD, FLAT, lambda y, g, b, m, v, e: inference(y, g, b, 0 * m, v, e))  # NO_MEAN
stack(PAD, FLAT, lambda y, g, b, m, v, e: inference(y, 1 + 0 * g, b, m, v, e))  # NO_GAMMA
stack(PAD, FLAT, lambda y, g, b, m, v, e: inference(y, g, 0 * b, m, v, e))  # NO_BETA
stack(PAD, FLAT, lambda y, g, b, m, v, e: inference(y, b, g, m, v, e))  # gamma and beta have
    # changed places: multiply by gamma, and add beta
stack(PAD, FLAT, lambda y, g, b, m, v, e: y)  # BatchNorm is missing: normalize the output of the
    # convolution
stack(PAD, lambda y: y)  # NOT_FLAT
stack(PAD, lambda y: moveaxis(y, 1, -1))  # NOT_FLAT
"""

KERAS_STACK_MISTAKES = """
stack(like_torch, by_pixel)
stack(turned_pads, by_pixel)  # too many zeros stand before the image: where their number is odd,
    # Keras pads the smaller half before and the larger half behind
stack(lambda x, k: x, by_pixel)  # nothing is padded: with padding="same", the output has the
    # height ⌈height / 2⌉
stack(like_keras, by_channel)  # the row has one channel after the other: in Keras it has one pixel
    # after the other
stack(like_keras, lambda y: by_channel(y.transpose(0, 3, 2, 1)))  # height and width have changed
    # places in the row: it reads the first row of pixels first
stack(like_torch, by_channel)  # both the padding and the order of the row are PyTorch's: Keras pads
    # the larger half behind, and reads pixel after pixel
"""

TORCH_STACK_MISTAKES = """
stack(like_keras, by_channel)  # this pads as Keras's "same" does: pad k // 2 zeros on all four
    # sides
stack(lambda x, k: x, by_channel)  # nothing is padded: pad k // 2 zeros on all four sides
stack(like_torch, by_pixel)  # the row has one pixel after the other: in PyTorch it has one channel
    # after the other
stack(like_torch, lambda y: by_channel(y.transpose(0, 1, 3, 2)))  # height and width have changed
    # places in the row: each channel reads its first row of pixels first
stack(like_keras, by_pixel)  # both the padding and the order of the row are Keras's: PyTorch pads
    # k // 2 on all four sides, and reads channel after channel
"""


def drawn(rng, shape, kernel, eps, part="values"):
    n = kernel[0]
    arrays = (
        rng.normal(0, 1, shape),
        rng.normal(0, 1, kernel),
        rng.uniform(0.5, 2, n),
        rng.normal(0, 1, n),
        rng.normal(0, 1, n),
        rng.uniform(0.05, 0.5, n),
    )
    # torch's batch_norm refuses a mean that needs a gradient, so none is asked for.
    return Case(arrays, {"eps": eps}, gradients=False, part=part)


def small(shape, kernel, eps, part="values"):
    """A case of small round numbers."""
    rng = np.random.default_rng(sum(shape))
    case = drawn(rng, shape, kernel, eps, part)
    rounded = tuple(np.round(array * 2) / 2 for array in case.inputs[:5])
    arrays = (*rounded, 0.25 + 0 * case.inputs[5])
    return Case(arrays, case.arguments, gradients=False, part=part)


def stack_exercise(answer, pad, flat, text, reference):
    return Exercise(
        answer=answer,
        oracle=stack(pad, flat),
        visible=(
            small((1, 1, 4, 6), (2, 1, 3, 3), 0.25),
            small((2, 2, 5, 4), (3, 2, 3, 3), 0.1, "robustness"),
        ),
        hidden=lambda rng: (
            drawn(rng, (2, 2, 6, 4), (3, 2, 3, 3), round(float(rng.uniform(0.1, 0.5)), 3)),
            drawn(rng, (2, 1, 8, 6), (2, 1, 5, 5), round(float(rng.uniform(0.1, 0.5)), 3)),
            drawn(rng, (3, 2, 7, 6), (2, 2, 3, 3), 0.2, "robustness"),
        ),
        reference=reference,
        layouts={0: "channels", 1: "kernel"},
        elementwise=False,
        rtol=1e-3,
        misconceptions=(
            *mistakes(text, globals(), "", through=lambda made: made()),
            *mistakes(
                SHARED_MISTAKES,
                globals(),
                "",
                through=lambda made: made(),
                PAD=pad,
                FLAT=flat,
            ),
        ),
    )


KERAS_STACK = stack_exercise(
    "keras_stack",
    like_keras,
    by_pixel,
    KERAS_STACK_MISTAKES,
    {
        "pytorch": """
def keras_stack_pt(x, kernel, gamma, beta, mean, variance, eps):
    pads = []
    for n, k in zip(x.shape[2:], kernel.shape[2:]):
        total = max((-(-n // 2) - 1) * 2 + k - n, 0)
        pads = [total // 2, total - total // 2, *pads]
    y = nn.functional.conv2d(nn.functional.pad(x, pads), kernel, stride=2)
    y = nn.functional.batch_norm(y, mean, variance, gamma, beta, eps=eps)
    return y.permute(0, 2, 3, 1).flatten(1)
""",
        "tensorflow": """
def keras_stack_tf(x, kernel, gamma, beta, mean, variance, eps):
    y = tf.nn.conv2d(x, kernel, 2, "SAME")
    y = tf.nn.batch_normalization(y, mean, variance, beta, gamma, eps)
    return tf.reshape(y, (len(y), -1))
""",
    },
)

TORCH_STACK = stack_exercise(
    "torch_stack",
    like_torch,
    by_channel,
    TORCH_STACK_MISTAKES,
    {
        "pytorch": """
def torch_stack_pt(x, kernel, gamma, beta, mean, variance, eps):
    y = nn.functional.conv2d(x, kernel, stride=2, padding=kernel.shape[-1] // 2)
    y = nn.functional.batch_norm(y, mean, variance, gamma, beta, eps=eps)
    return y.flatten(1)
""",
        "tensorflow": """
def torch_stack_tf(x, kernel, gamma, beta, mean, variance, eps):
    half = kernel.shape[0] // 2
    x = tf.pad(x, [[0, 0], [half, half], [half, half], [0, 0]])
    y = tf.nn.conv2d(x, kernel, 2, "VALID")
    y = tf.nn.batch_normalization(y, mean, variance, beta, gamma, eps)
    return tf.reshape(tf.transpose(y, (0, 3, 1, 2)), (len(y), -1))
""",
    },
)


def weight_behind_flatten(kernel, height, width, order=(3, 2, 0, 1)):
    """(height · width · channels, out) becomes (out, channels · height · width)."""
    n_out = kernel.shape[1]
    blocks = kernel.reshape(height, width, -1, n_out)
    return blocks.transpose(order).reshape(n_out, -1)


WEIGHT_MISTAKES = """
kernel.T               # this is only the transpose: its shape fits, but its columns are in the
                       # order height, width, channel, and should be in the order channel, height,
                       # width
kernel.reshape(kernel.shape[1], -1)  # this is a reshape of the kernel, and mixes rows and columns
                       # up: reorder the axes in between
kernel                 # the kernel comes back unchanged: a PyTorch weight is (out, in), with its
                       # columns in another order
weight_behind_flatten(kernel, height, width).T  # the order is right, but the outputs come last: a
                       # PyTorch weight is (out, in)
weight_behind_flatten(kernel, height, width, (3, 2, 1, 0))  # height and width have changed places:
                       # the order is channel, height, width
kernel.reshape(-1, height, width, kernel.shape[1]).transpose(3, 1, 2, 0).reshape(
    kernel.shape[1], -1)  # the rows are read as channel, height, width, which is PyTorch's order:
                       # in Keras they are height, width, channel
weight_behind_flatten(kernel, height, width, (2, 0, 1, 3))
weight_behind_flatten(kernel, height, width, (2, 3, 0, 1))  # the outputs are not first before the
                       # final reshape: move them there
"""


def kernel_case(kernel, height, width, part="values"):
    return Case((kernel,), {"height": height, "width": width}, part=part)


WEIGHT = Exercise(
    answer="weight_behind_flatten",
    oracle=weight_behind_flatten,
    visible=(
        kernel_case(np.arange(24.0).reshape(12, 2), 2, 2),
        kernel_case(np.arange(12.0).reshape(12, 1), 1, 6, "robustness"),
    ),
    hidden=lambda rng: (
        kernel_case(rng.normal(0, 1, (18, 2)), 2, 3),
        kernel_case(rng.normal(0, 1, (12, 4)), 3, 2),
        kernel_case(rng.normal(0, 1, (24, 3)), 3, 2, "robustness"),
    ),
    reference={
        "pytorch": """
def weight_behind_flatten_pt(kernel, height, width):
    blocks = kernel.unflatten(0, (height, width, -1))
    return blocks.permute(3, 2, 0, 1).flatten(1)
""",
        "tensorflow": """
def weight_behind_flatten_tf(kernel, height, width):
    blocks = tf.reshape(kernel, (height, width, -1, kernel.shape[1]))
    return tf.reshape(tf.transpose(blocks, [3, 2, 0, 1]), (kernel.shape[1], -1))
""",
    },
    misconceptions=mistakes(WEIGHT_MISTAKES, globals(), "kernel, height, width"),
    difficulty=2,
)

PORT_A_MODEL = component(
    "port_a_model",
    name="Porting a model",
    zh="模型移植",
    pytorch=("torch.nn.Module.load_state_dict",),
    keras=("keras.saving.load_model",),
    calls="""
net(x) | model(x)  # call `net.eval()` first; PyTorch's images have the channels first
torch.optim.SGD(net.parameters(), lr=0.05) | keras.optimizers.SGD(learning_rate=0.05)
    # before you train on, compare the losses of a few steps with the same batches
""",
    behaviour={
        "compare-first": '`padding=1` and `padding="same"` give the same shape and other numbers',
        "compare-epsilon": "`eps` of BatchNorm is 1e-5 in PyTorch, and 1e-3 in Keras",
        "mend-flatten": "a dense weight behind Flatten needs its columns in another order",
        "losses-agree": "the same batches give the same losses in both frameworks",
        "running-statistics": "PyTorch's running variance divides by n − 1, Keras's by n",
        "sequence-models": "an LSTM reads the zeros that Keras's mask leaves out",
        "gru-by-hand": "a GRU's arrays fit without a swap of the gates, and are wrong",
        "to-keras-padding": "in Keras, `ZeroPadding2D` pads as PyTorch's `padding=1` does",
        "backend": "with `KERAS_BACKEND=torch` a Keras model is a `torch.nn.Module`",
    },
    exercises=(KERAS_STACK, TORCH_STACK, WEIGHT),
)

COMPONENTS = (PORT_A_MODEL,)
