"""Normalization: batch, layer, group, instance and RMS normalization."""

import numpy as np

from diptych.catalogue.exercise import Case, Exercise, Misconception
from diptych.catalogue.notation import component, mistakes

ALLOWED = ("moments",)  # mean and variance alone do not normalize

OUTSIDE = "eps is added after the root: add eps to the variance, then take the root"
NO_EPS = "eps is missing: add eps to the variance, then take the root"
NO_ROOT = "this divides by the variance plus eps: divide by the root of this sum"
UNBIASED = "the variance is divided by n − 1: divide by n"
NOT_CENTRED = "the mean is not subtracted"
NO_BIAS = "the bias is not added"
NO_WEIGHT = "the weight is missing: multiply by it before the bias is added"
CONSTANTS = (
    "the gradient treats the mean and the variance as constants: both depend on x, so two of the "
    "three terms are missing"
)
CONSTANT_MEAN = (
    "the gradient treats the mean as a constant: the mean depends on x, so a term is missing"
)
CONSTANT_VARIANCE = (
    "the gradient treats the variance as a constant: the variance depends on x, so a term is "
    "missing"
)


def standard(x, axes, eps, ddof=0):
    """``x`` with mean 0 over the axes, divided by the root of its variance plus ``eps``."""
    variance = x.var(axes, ddof=ddof, keepdims=True)
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(variance + eps)


def outside(x, axes, eps):
    return (x - x.mean(axes, keepdims=True)) / (x.std(axes, keepdims=True) + eps)


def no_root(x, axes, eps):
    return (x - x.mean(axes, keepdims=True)) / (x.var(axes, keepdims=True) + eps)


def not_centred(x, axes, eps):
    return x / np.sqrt(x.var(axes, keepdims=True) + eps)


def backward(g, x, axes, eps, mean=1, variance=1):
    """The gradient of ``standard`` from that of its output; a factor 0 leaves out its term."""
    z = standard(x, axes, eps)
    terms = (
        g - mean * g.mean(axes, keepdims=True) - variance * z * (g * z).mean(axes, keepdims=True)
    )
    return terms / np.sqrt(x.var(axes, keepdims=True) + eps)


def along(weight, x):
    """One number for each channel, (channels,), reshaped for ``x``: (batch, channels, …)."""
    return np.reshape(weight, (-1, *[1] * (x.ndim - 2)))


def in_channels(z, weight, bias):
    return z * along(weight, z) + along(bias, z)


def answering(
    root=lambda variance, eps: np.sqrt(variance + eps),
    trained=lambda batch, kept: batch,
    evaluated=lambda batch, kept: kept,
    share=lambda momentum, training: momentum if training else 0,
    ddof=0,
    kept_ddof=1,
    rows=lambda x: np.moveaxis(x, 1, 0).reshape(x.shape[1], -1),
    last=in_channels,
):
    """The layer; wrong answers replace a part.

    ``trained`` and ``evaluated`` choose between statistics of the batch and stored ones, ``share``
    says how far the latter move, and ``rows`` returns the numbers of each channel, (channels, n).
    """

    def batch_norm(x, n_channels, momentum, eps, weight, bias, running_mean, running_var, training):
        numbers, kept = rows(x), (running_mean, running_var)
        batch = numbers.mean(1), numbers.var(1, ddof=ddof)
        mean, variance = (trained if training else evaluated)(batch, kept)
        y = last((x - along(mean, x)) / along(root(variance, eps), x), weight, bias)
        m, seen = share(momentum, training), (numbers.mean(1), numbers.var(1, ddof=kept_ddof))
        moved = [(1 - m) * old + m * new for old, new in zip(kept, seen, strict=True)]
        return y, dict(zip(("running_mean", "running_var"), moved, strict=True))

    return batch_norm


def always(momentum, training):
    """How far statistics have moved if evaluation moves them, too: it is called twice."""
    return momentum if training else 1 - (1 - momentum) ** 2


BATCH_NORM_MISTAKES = """
answering(root=lambda variance, eps: sqrt(variance) + eps)  # OUTSIDE
answering(root=lambda variance, eps: sqrt(variance))        # NO_EPS
answering(root=lambda variance, eps: variance + eps)        # NO_ROOT
answering(ddof=1)    # the batch is normalized with the variance divided by n − 1: divide by n
                     # there, and by n − 1 only for the running variance
answering(kept_ddof=0)  # the running variance is updated with the variance divided by n: divide by
                        # n − 1 there, as PyTorch does
answering(ddof=1, kept_ddof=0)  # n and n − 1 are swapped: divide by n to normalize the batch,
                                # and by n − 1 for the running variance
answering(share=lambda momentum, training: 1 - momentum if training else 0)
                     # momentum multiplies the old statistics, as in Keras: here momentum multiplies
                     # the statistics of the batch, and 1 − momentum the old ones
answering(share=lambda momentum, training: 1.0 if training else 0)
                     # the running statistics are replaced by those of the batch: the new value is
                     # (1 − momentum) · old + momentum · batch
answering(evaluated=lambda batch, kept: batch)
answering(evaluated=lambda batch, kept: batch, share=always)
                     # in inference mode the statistics of the batch are used: use the running ones
                     # there
answering(trained=lambda batch, kept: kept)  # in training mode the running statistics are used: use
                                             # those of the batch there
answering(share=lambda momentum, training: 0)         # training does not change the running
                                                      # statistics: the new value is (1 −
                                                      # momentum) · old + momentum · batch
answering(share=always)                               # inference changes the running statistics:
                                                      # change them only in training
answering(rows=lambda x: tile(x.ravel(), (x.shape[1], 1)))
                     # all channels share one mean and one variance: each channel has its own
answering(last=lambda z, weight, bias: z)             # weight and bias are not used
answering(last=lambda z, weight, bias: z * along(weight, z))  # NO_BIAS
"""
BATCH = "x, weight, bias, n_channels, momentum, eps"
BATCH_NORM_GRADIENTS = """
gradient: (backward(upstream_gradient * along(weight, x), x, over(x), eps, mean=0, variance=0),)
                                                                                     # CONSTANTS
gradient: (backward(upstream_gradient * along(weight, x), x, over(x), eps, variance=0),)
                                                                             # CONSTANT_VARIANCE
gradient: (backward(upstream_gradient * along(weight, x), x, over(x), eps, mean=0),)
                                                                                 # CONSTANT_MEAN
"""


def over(x):
    return (0, *range(2, x.ndim))


def batch_norm_cases(x, weight, bias, mean, variance, momentum, eps, part="values"):
    arguments = {"n_channels": len(weight), "momentum": momentum, "eps": eps}
    weights = {"weight": np.array(weight), "bias": np.array(bias)}
    held = {"running_mean": np.array(mean), "running_var": np.array(variance)}
    return tuple(
        Case(
            (np.array(x),),
            arguments,
            weights,
            held,
            training=training,
            initial=(*weights, *held),
            state=tuple(held),
            part=part,
        )
        for training in (True, False)
    )


def hidden_batch_norm(rng):
    shapes = {(4, 3): "values", (3, 2, 4): "values", (2, 3, 2, 2): "robustness"}
    return tuple(
        case
        for shape, part in shapes.items()
        for case in batch_norm_cases(
            rng.normal(1, 2, shape),
            rng.uniform(0.5, 2, shape[1]),
            rng.normal(0, 1, shape[1]),
            rng.normal(0, 1, shape[1]),
            rng.uniform(0.5, 3, shape[1]),
            round(float(rng.uniform(0.05, 0.4)), 3),
            round(float(rng.uniform(0.1, 0.6)), 3),
            part,
        )
    )


def starting(number):
    return lambda x, n_channels, momentum, eps: np.full(n_channels, number)


BATCH_NORM_EXERCISE = Exercise(
    "batch_norm",
    answering(),
    visible=(
        *batch_norm_cases(
            [[1.0, -2.0], [4.0, 3.0], [1.0, -4.0]],
            [1.5, 0.5],
            [0.0, 1.0],
            [1, -1],
            [4, 0.5],
            0.1,
            0.25,
        ),
        *batch_norm_cases(
            [[[1.0, 2.0, 6.0], [-1.0, 0.0, 2.5]]],
            *([2.0, 0.5], [1.0, -1.0], [0.5, 2], [1, 3], 0.25, 0.5, "robustness"),
        ),
        *batch_norm_cases(
            [[9_940.0], [9_980.0], [10_010.0], [10_070.0]],
            *([1.0], [0.0], [9_000], [900], 0.1, 0.001, "robustness"),
        ),
    ),
    hidden=hidden_batch_norm,
    initial={
        "weight": starting(1.0),
        "bias": starting(0.0),
        "running_mean": starting(0.0),
        "running_var": starting(1.0),
    },
    reference={
        "pytorch": """
class batch_norm_pt(nn.modules.batchnorm._BatchNorm):
    def __init__(self, n_channels, momentum, eps):
        super().__init__(n_channels, eps, momentum)
    def _check_input_dim(self, x):
        pass
""",
        "tensorflow": """
class batch_norm_tf(keras.layers.BatchNormalization):
    def __init__(self, n_channels, momentum, eps):
        super().__init__(axis=1, momentum=1 - momentum, epsilon=eps)
        self.n_channels = n_channels
    weight, bias = property(lambda self: self.gamma), property(lambda self: self.beta)
    running_mean = property(lambda self: self.moving_mean)
    running_var = property(lambda self: self.moving_variance)
    def call(self, x, training=False):
        old = self.momentum * tf.identity(self.running_var)
        y = super().call(x, training=training)
        if training:
            n = tf.size(x).numpy() / self.n_channels
            self.running_var.assign((self.running_var - old) * n / (n - 1) + old)
        return y
""",
    },
    allow=ALLOWED,
    elementwise=False,
    misconceptions=(
        *mistakes(BATCH_NORM_MISTAKES, globals(), "", through=lambda make: make()),
        *mistakes(BATCH_NORM_GRADIENTS, globals(), BATCH),
        Misconception(
            "the running variance starts at 0: it must start at 1",
            initial={"running_var": starting(0.0)},
        ),
    ),
)

BATCH_NORM = component(
    "batch_norm",
    name="Batch normalization",
    zh="一维批标准化层；二维批标准化层；三维批标准化层",
    pytorch=(
        "torch.nn.BatchNorm1d",
        "torch.nn.BatchNorm2d",
        "torch.nn.BatchNorm3d",
        "torch.nn.LazyBatchNorm1d",
        "torch.nn.LazyBatchNorm2d",
        "torch.nn.LazyBatchNorm3d",
        "torch.nn.SyncBatchNorm",
        "torch.nn.functional.batch_norm",
    ),
    keras=("keras.layers.BatchNormalization",),
    tensorflow=("tf.nn.batch_normalization", "tf.nn.moments"),
    defaults="""
torch.nn.BatchNorm2d(eps=1e-5, momentum=0.1)
torch.nn.functional.batch_norm(training=False)
keras.layers.BatchNormalization(axis=-1, momentum=0.99, epsilon=1e-3)
""",
    calls="""
nn.BatchNorm2d(6) | keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5)
    # a `momentum` of m in PyTorch is 1 − m in Keras; the default `eps` is 1e-5 in PyTorch, and
    # 1e-3 in Keras
nn.BatchNorm2d(6, eps=1e-3, momentum=0.01) | keras.layers.BatchNormalization()
nn.BatchNorm1d(6, eps=1e-3) | keras.layers.BatchNormalization()
    # a sequence is (batch, channels, time) in PyTorch, and (batch, time, channels) in Keras
F.batch_norm(x, mean, variance, weight, bias, eps=1e-3) | tf.nn.batch_normalization(x,
    mean, variance, bias, weight, 1e-3)
    # `weight` and `bias` have the opposite order
""",
    weights="""
torch.nn.BatchNorm1d(3) | keras.layers.BatchNormalization(epsilon=1e-5)  # (2, 3)
torch.nn.BatchNorm2d(3) | keras.layers.BatchNormalization(epsilon=1e-5)
    # (2, 3, 5, 7) | (2, 5, 7, 3)
torch.nn.BatchNorm3d(3) | keras.layers.BatchNormalization(epsilon=1e-5)
    # (2, 3, 5, 7, 4) | (2, 5, 7, 4, 3)
torch.nn.SyncBatchNorm(3) | keras.layers.BatchNormalization(epsilon=1e-5, synchronized=True)
    # (2, 3, 5, 7) | (2, 5, 7, 3)
weight = gamma | gamma = weight
bias = beta | beta = bias
running_mean = moving_mean | moving_mean = running_mean
running_var = moving_variance | moving_variance = running_var
    # copy it as it is; in training PyTorch divides it by n − 1, Keras by n
num_batches_tracked | none  # only `momentum=None` uses it
""",
    behaviour={
        "batch-norm-momentum-tf": "`momentum` m in PyTorch is 1 − m in Keras",
        "batch-norm-variance": "the running variance is divided by n − 1 in PyTorch, by n in Keras",
        "batch-norm-frozen-pt": "`requires_grad_(False)` does not freeze the running statistics",
        "batch-norm-frozen-tf": "`trainable=False` means inference mode, even with `training=True`",
        "batch-norm-axis-pt": "PyTorch takes axis 1 as the channels, Keras the last axis",
        "batch-norm-one-value-pt": "one value per channel is an error in PyTorch, not in Keras",
    },
    exercises=(BATCH_NORM_EXERCISE,),
)


def layer_norm(x, weight, bias, eps):
    return standard(x, -1, eps) * weight + bias


def before(x):
    """The axes of the batch: all but the last."""
    return tuple(range(x.ndim - 1))


def dw_db(g, x, eps):
    return (g * standard(x, -1, eps)).sum(before(x)), g.sum(before(x))


def layer_norm_backward(g, x, weight, eps, mean=1, variance=1):
    """The gradients of x, weight and bias."""
    return backward(g * weight, x, -1, eps, mean, variance), *dw_db(g, x, eps)


LAYER_NORM_MISTAKES = """
outside(x, -1, eps) * weight + bias        # OUTSIDE
standard(x, -1, 0) * weight + bias         # NO_EPS
standard(x, -1, eps, ddof=1) * weight + bias  # UNBIASED
no_root(x, -1, eps) * weight + bias        # NO_ROOT
not_centred(x, -1, eps) * weight + bias    # NOT_CENTRED
standard(x, -1, eps) * weight              # NO_BIAS
standard(x, -1, eps) + bias                # NO_WEIGHT
standard(x, 0, eps) * weight + bias        # the mean is taken over axis 0, the batch: take it
                                           # over the last axis
standard(x, None, eps) * weight + bias     # all numbers share one mean: take the mean over the
                                           # last axis only
(standard(x, -1, eps) + bias) * weight     # the bias is multiplied by the weight, too: multiply
                                           # first, then add the bias
gradient: layer_norm_backward(upstream_gradient, x, weight, eps, mean=0, variance=0)  # CONSTANTS
gradient: layer_norm_backward(upstream_gradient, x, weight, eps, variance=0)  # CONSTANT_VARIANCE
gradient: layer_norm_backward(upstream_gradient, x, weight, eps, mean=0)      # CONSTANT_MEAN
"""


def affine_case(x, weight, bias, part="values", **arguments):
    return Case((np.array(x), np.array(weight), np.array(bias)), arguments, part=part)


def drawn(rng, shape, axis=1):
    """Numbers of this shape, and a weight and a bias for each entry of the axis."""
    x = rng.normal(1, 2, shape)
    return x, rng.uniform(0.5, 2, shape[axis]), rng.normal(0, 1, shape[axis])


def an_eps(rng):
    return round(float(rng.uniform(0.1, 0.6)), 3)


FAR = np.array([[9_940.0, 9_980.0, 10_010.0, 10_070.0], [9_965.0, 10_025.0, 9_985.0, 10_045.0]])

LAYER_NORM_EXERCISE = Exercise(
    "layer_norm",
    layer_norm,
    visible=(
        affine_case(
            [[1.0, 3.0, 8.0], [-2.0, 0.0, 0.5]], [1.0, 2.0, 0.5], [0.0, 1.0, -1.0], eps=0.25
        ),
        affine_case(
            [2.0, -1.0, 5.0, 0.0],
            [1.0, 2.0, 0.5, 1.0],
            [0.0, 1.0, -1.0, 2.0],
            "robustness",
            eps=0.5,
        ),
        affine_case([[[3.0, 3.0], [1.0, -2.0]]], [2.0, 1.0], [1.0, 0.5], "robustness", eps=0.5),
        affine_case(FAR, np.ones(4), np.zeros(4), "robustness", eps=0.001),
    ),
    hidden=lambda rng: (
        affine_case(*drawn(rng, (3, 5)), eps=an_eps(rng)),
        affine_case(*drawn(rng, (1, 4)), eps=an_eps(rng)),
        affine_case(*drawn(rng, (2, 3, 4), -1), "robustness", eps=an_eps(rng)),
        affine_case(*drawn(rng, (2, 2, 3, 5), -1), "robustness", eps=an_eps(rng)),
    ),
    reference={
        "pytorch": "layer_norm_pt = lambda x, weight, bias, eps: "
        "F.layer_norm(x, weight.shape, weight, bias, eps)",
        "tensorflow": """
def layer_norm_tf(x, weight, bias, eps):
    return keras.ops.layer_normalization(x, weight, bias, -1, eps)
""",
    },
    allow=ALLOWED,
    forbid=("keras.ops.layer_normalization",),
    elementwise=False,
    misconceptions=mistakes(LAYER_NORM_MISTAKES, globals(), "x, weight, bias, eps"),
)

BACKWARD_MISTAKES = """
(backward(g * weight, x, -1, eps, mean=0, variance=0), *dw_db(g, x, eps))
    # dx has only one of its three terms: the mean and the variance depend on x, too
(backward(g * weight, x, -1, eps, variance=0), *dw_db(g, x, eps))
    # dx lacks the term of the variance: with g the upstream gradient times the weight, subtract
    # z · mean(g · z)
(backward(g * weight, x, -1, eps, mean=0), *dw_db(g, x, eps))
    # dx lacks the term of the mean: with g the upstream gradient times the weight, subtract
    # mean(g)
(backward(g * weight, x, -1, eps, variance=2), *dw_db(g, x, eps))
    # dx contains the term of the variance twice: subtract it once
(backward(g, x, -1, eps), *dw_db(g, x, eps))
    # dx does not depend on the weight: multiply the upstream gradient by the weight first
(weight * backward(g, x, -1, eps), *dw_db(g, x, eps))
    # dx is multiplied by the weight at the end: multiply the upstream gradient by the weight, and
    # then take the means
(backward(g * weight, x, -1, eps) * sqrt(x.var(-1, keepdims=True) + eps), *dw_db(g, x, eps))
    # dx is not divided by the root of the variance plus eps
(backward(g * weight, x, -1, eps), (g * x).sum(before(x)), g.sum(before(x)))
    # the gradient of the weight is the sum of the upstream gradient times x: take the normalized
    # input z instead of x
(backward(g * weight, x, -1, eps), (g * standard(x, -1, eps)).mean(before(x)), g.mean(before(x)))
    # the gradients of the weight and the bias are means over the rows: take sums
layer_norm_backward(g, x, weight, 0)  # NO_EPS
"""


def backward_case(rng, shape, part="values", eps=0.25):
    g, (x, weight, _) = rng.normal(0, 1, shape), drawn(rng, shape, -1)
    return Case((g, x, weight), {"eps": eps}, gradients=False, part=part)


BACKWARD_EXERCISE = Exercise(
    "layer_norm_backward",
    layer_norm_backward,
    visible=(
        Case(
            (
                np.array([[1.0, 0.0, 0.0], [0.5, -1.0, 2.0]]),
                np.array([[1.0, 3.0, 8.0], [-2.0, 0.0, 0.5]]),
                np.array([1.0, 2.0, 0.5]),
            ),
            {"eps": 0.25},
            gradients=False,
        ),
        backward_case(np.random.default_rng(0), (2, 2, 3), "robustness"),
    ),
    hidden=lambda rng: (
        backward_case(rng, (4, 5), eps=an_eps(rng)),
        backward_case(rng, (1, 3), eps=an_eps(rng)),
        backward_case(rng, (2, 3, 4), "robustness", an_eps(rng)),
    ),
    reference={
        "pytorch": """
def layer_norm_backward_pt(upstream_gradient, x, weight, eps):
    inputs = [t.detach().requires_grad_() for t in (x, weight, torch.zeros_like(weight))]
    y = F.layer_norm(inputs[0], weight.shape, *inputs[1:], eps)
    return torch.autograd.grad(y, inputs, upstream_gradient)
""",
        "tensorflow": """
def layer_norm_backward_tf(upstream_gradient, x, weight, eps):
    bias = tf.zeros_like(weight)
    with tf.GradientTape() as tape:
        tape.watch([x, weight, bias])
        y = keras.ops.layer_normalization(x, weight, bias, -1, eps)
    return tape.gradient(y, [x, weight, bias], upstream_gradient)
""",
    },
    allow=ALLOWED,
    forbid=(
        *("torch.autograd.grad", "torch.autograd.backward", "torch.autograd.functional"),
        *("torch.func", "tf.GradientTape.gradient", "tf.GradientTape.jacobian", "tf.gradients"),
        "keras.ops.layer_normalization",
    ),
    elementwise=False,
    misconceptions=mistakes(BACKWARD_MISTAKES, globals(), "g, x, weight, eps"),
)

LAYER_NORM = component(
    "layer_norm",
    name="Layer normalization",
    zh="层归一化",
    pytorch=("torch.nn.LayerNorm", "torch.nn.functional.layer_norm"),
    keras=("keras.layers.LayerNormalization",),
    defaults="""
torch.nn.LayerNorm(eps=1e-5)
torch.nn.functional.layer_norm(eps=1e-5)
keras.layers.LayerNormalization(axis=-1, epsilon=1e-3)
""",
    calls="""
nn.LayerNorm(7) | keras.layers.LayerNormalization(epsilon=1e-5)
    # the default `eps` is 1e-5 in PyTorch, 1e-3 in Keras
nn.LayerNorm((6, 3, 7)) | keras.layers.LayerNormalization(axis=[1, 2, 3], epsilon=1e-5)
    # PyTorch takes the sizes of the last axes, Keras takes the numbers of the axes
""",
    weights="""
torch.nn.LayerNorm(7) | keras.layers.LayerNormalization(epsilon=1e-5)  # (2, 3, 7)
torch.nn.LayerNorm((3, 5, 7)) | keras.layers.LayerNormalization(axis=[1, 2, 3], epsilon=1e-5)
    # (2, 3, 5, 7)
weight = gamma | gamma = weight  # the shape is that of the normalized axes
bias = beta | beta = bias
""",
    behaviour={
        "layer-norm-axes-tf": "PyTorch takes sizes of the last axes, Keras the numbers of any axes",
        "layer-norm-channels-tf": "Keras normalizes axis 1; PyTorch normalizes only last axes",
    },
    exercises=(LAYER_NORM_EXERCISE, BACKWARD_EXERCISE),
)


def grouped(x, n_groups, by=standard, eps=0.0, **options):
    """Each group of consecutive channels of each example, normalized by its own statistics."""
    groups = x.reshape(len(x), n_groups, -1)
    return by(groups, -1, eps, **options).reshape(x.shape)


def interleaved(x, n_groups, eps):
    turned = x.reshape(len(x), -1, n_groups, *x.shape[2:]).swapaxes(1, 2)
    z = standard(turned, tuple(range(2, turned.ndim)), eps)
    return z.swapaxes(1, 2).reshape(x.shape)


def with_the_batch(x, n_groups, eps):
    groups = x.reshape(len(x), n_groups, -1)
    return standard(groups, (0, 2), eps).reshape(x.shape)


def channels_alone(x, n_groups, eps):
    groups = x.reshape(len(x), n_groups, -1, *x.shape[2:])
    return standard(groups, 2, eps).reshape(x.shape)


def group_norm(x, weight, bias, n_groups, eps):
    return in_channels(grouped(x, n_groups, eps=eps), weight, bias)


def group_norm_backward(g, x, weight, n_groups, eps, **terms):
    """The gradients of x, weight and bias."""
    axes, z = over(x), grouped(x, n_groups, eps=eps)
    groups = (x.reshape(len(x), n_groups, -1), (g * along(weight, x)).reshape(len(x), n_groups, -1))
    dx = backward(groups[1], groups[0], -1, eps, **terms).reshape(x.shape)
    return dx, (g * z).sum(axes), g.sum(axes)


GROUP_NORM_MISTAKES = """
in_channels(interleaved(x, n_groups, eps), weight, bias)
    # a group contains every n_groups-th channel: take neighbouring channels
in_channels(grouped(x, x.shape[1] // n_groups, eps=eps), weight, bias)
    # n_groups is used as the number of channels in a group: it is the number of groups
in_channels(with_the_batch(x, n_groups, eps), weight, bias)
    # the examples share one mean and one variance: each example has its own
in_channels(channels_alone(x, n_groups, eps), weight, bias)
    # each position has its own mean and variance: all positions of a group share one
in_channels(grouped(x, x.shape[1], eps=eps), weight, bias)
    # each channel has its own mean and variance: the channels of a group share one
in_channels(grouped(x, 1, eps=eps), weight, bias)
    # all channels share one mean and one variance: each group has its own
in_channels(grouped(x, n_groups, outside, eps), weight, bias)           # OUTSIDE
in_channels(grouped(x, n_groups, no_root, eps), weight, bias)           # NO_ROOT
in_channels(grouped(x, n_groups, not_centred, eps), weight, bias)       # NOT_CENTRED
in_channels(grouped(x, n_groups), weight, bias)                         # NO_EPS
in_channels(grouped(x, n_groups, eps=eps, ddof=1), weight, bias)        # UNBIASED
grouped(x, n_groups, eps=eps)                                   # weight and bias are missing
gradient: group_norm_backward(upstream_gradient, x, weight, n_groups, eps, mean=0, variance=0)
    # CONSTANTS
"""

GROUP_NORM_EXERCISE = Exercise(
    "group_norm",
    group_norm,
    visible=(
        affine_case(
            [[[1.0, 3.0], [0.0, -2.0], [5.0, 5.5], [8.0, 2.0], [1.0, 0.0], [-1.0, 4.0]]],
            *([1.0, 2.0, 0.5, 1.0, 1.5, 2.0], [0.0, 1.0, -1.0, 2.0, 0.0, 0.5]),
            n_groups=2,
            eps=0.25,
        ),
        affine_case(
            [[1.0, 3.0, 8.0, -2.0], [0.0, 0.5, 4.0, 1.0]],
            *([1.0, 2.0, 0.5, 1.5], [0.0, 1.0, -1.0, 0.0], "robustness"),
            n_groups=2,
            eps=0.5,
        ),
        affine_case(FAR, np.ones(4), np.zeros(4), "robustness", n_groups=1, eps=0.001),
    ),
    hidden=lambda rng: (
        affine_case(*drawn(rng, (2, 6, 3)), n_groups=3, eps=an_eps(rng)),
        affine_case(*drawn(rng, (1, 6, 2)), n_groups=2, eps=an_eps(rng)),
        affine_case(*drawn(rng, (3, 8)), "robustness", n_groups=2, eps=an_eps(rng)),
        affine_case(*drawn(rng, (2, 4, 2, 3)), "robustness", n_groups=2, eps=an_eps(rng)),
    ),
    reference={
        "pytorch": "group_norm_pt = lambda x, weight, bias, n_groups, eps: "
        "F.group_norm(x, n_groups, weight, bias, eps)",
        "tensorflow": """
def group_norm_tf(x, weight, bias, n_groups, eps):
    layer = keras.layers.GroupNormalization(
        n_groups, axis=1, epsilon=eps, scale=False, center=False)
    shape = [1, -1] + [1] * (len(x.shape) - 2)
    return layer(x) * tf.reshape(weight, shape) + tf.reshape(bias, shape)
""",
    },
    allow=ALLOWED,
    elementwise=False,
    misconceptions=mistakes(GROUP_NORM_MISTAKES, globals(), "x, weight, bias, n_groups, eps"),
)

GROUP_NORM = component(
    "group_norm",
    name="Group normalization",
    zh="组归一化",
    pytorch=("torch.nn.GroupNorm", "torch.nn.functional.group_norm"),
    keras=("keras.layers.GroupNormalization",),
    defaults="""
torch.nn.GroupNorm(eps=1e-5)
torch.nn.functional.group_norm(eps=1e-5)
keras.layers.GroupNormalization(groups=32, axis=-1, epsilon=1e-3)
""",
    calls="""
nn.GroupNorm(2, 6) | keras.layers.GroupNormalization(2, epsilon=1e-5)
    # the channels are axis 1 in PyTorch, the last axis in Keras; the default `eps` differs
""",
    weights="""
torch.nn.GroupNorm(2, 6) | keras.layers.GroupNormalization(2, epsilon=1e-5)
    # (2, 6, 5, 7) | (2, 5, 7, 6)
weight = gamma | gamma = weight
bias = beta | beta = bias
""",
    behaviour={
        "group-norm-groups-tf": "PyTorch has no default for the groups; Keras's default is 32",
        "group-norm-one-pt": "one group is not layer normalization: the weights differ in shape",
    },
    exercises=(GROUP_NORM_EXERCISE,),
)


def positions(x):
    return tuple(range(2, x.ndim))


def instance_norm(x, weight, bias, eps):
    return in_channels(standard(x, positions(x), eps), weight, bias)


def instance_norm_backward(g, x, weight, eps, **terms):
    axes, z = over(x), standard(x, positions(x), eps)
    dx = backward(g * along(weight, x), x, positions(x), eps, **terms)
    return dx, (g * z).sum(axes), g.sum(axes)


INSTANCE_NORM_MISTAKES = """
in_channels(standard(x, over(x), eps), weight, bias)
    # the examples share one mean and one variance, as in batch normalization: each example has its
    # own
in_channels(standard(x, (1, *positions(x)), eps), weight, bias)
    # the channels share one mean and one variance, as in layer normalization: each channel has its
    # own
in_channels(standard(x, 1, eps), weight, bias)
    # the mean is taken over the channels: take it over the positions, axis 2 and those after it
in_channels(standard(x, -1, eps), weight, bias)
    # the mean is taken over the last axis only: take it over all axes after the channels
in_channels(outside(x, positions(x), eps), weight, bias)              # OUTSIDE
in_channels(standard(x, positions(x), 0), weight, bias)               # NO_EPS
in_channels(standard(x, positions(x), eps, ddof=1), weight, bias)     # UNBIASED
in_channels(no_root(x, positions(x), eps), weight, bias)              # NO_ROOT
in_channels(not_centred(x, positions(x), eps), weight, bias)          # NOT_CENTRED
standard(x, positions(x), eps)                                        # weight and bias are missing
gradient: instance_norm_backward(upstream_gradient, x, weight, eps, mean=0, variance=0)  # CONSTANTS
"""

INSTANCE_NORM_EXERCISE = Exercise(
    "instance_norm",
    instance_norm,
    visible=(
        affine_case(
            [[[[1.0, 3.0, 5.0], [0.0, -2.0, 4.0]], [[2.0, 2.5, 0.0], [8.0, 1.0, 3.0]]]],
            *([1.0, 2.0], [0.0, 1.0]),
            eps=0.25,
        ),
        affine_case(
            [[[1.0, 3.0, 8.0], [2.0, 2.0, 2.0]], [[0.0, 0.5, 4.0], [1.0, -1.0, 1.5]]],
            *([2.0, 0.5], [0.5, -1.0], "robustness"),
            eps=0.5,
        ),
        affine_case(FAR[None], np.ones(2), np.zeros(2), "robustness", eps=0.001),
    ),
    hidden=lambda rng: (
        affine_case(*drawn(rng, (2, 3, 2, 4)), eps=an_eps(rng)),
        affine_case(*drawn(rng, (1, 2, 3, 2)), eps=an_eps(rng)),
        affine_case(*drawn(rng, (3, 2, 5)), "robustness", eps=an_eps(rng)),
        affine_case(*drawn(rng, (2, 3, 2, 1, 2)), "robustness", eps=an_eps(rng)),
    ),
    reference={
        "pytorch": "instance_norm_pt = lambda x, weight, bias, eps: "
        "F.instance_norm(x, None, None, weight, bias, eps=eps)",
        "tensorflow": """
def instance_norm_tf(x, weight, bias, eps):
    layer = keras.layers.GroupNormalization(-1, axis=1, epsilon=eps, scale=False, center=False)
    shape = [1, -1] + [1] * (len(x.shape) - 2)
    return layer(x) * tf.reshape(weight, shape) + tf.reshape(bias, shape)
""",
    },
    allow=ALLOWED,
    elementwise=False,
    misconceptions=mistakes(INSTANCE_NORM_MISTAKES, globals(), "x, weight, bias, eps"),
)

INSTANCE_NORM = component(
    "instance_norm",
    name="Instance normalization",
    zh="样本归一化",
    pytorch=(
        "torch.nn.InstanceNorm1d",
        "torch.nn.InstanceNorm2d",
        "torch.nn.InstanceNorm3d",
        "torch.nn.LazyInstanceNorm1d",
        "torch.nn.LazyInstanceNorm2d",
        "torch.nn.LazyInstanceNorm3d",
        "torch.nn.functional.instance_norm",
    ),
    keras=("keras.layers.GroupNormalization",),
    defaults="""
torch.nn.InstanceNorm2d(eps=1e-5, affine=False)
keras.layers.GroupNormalization(epsilon=1e-3, center=True, scale=True)
""",
    calls="""
nn.InstanceNorm2d(6, affine=True) | keras.layers.GroupNormalization(-1, epsilon=1e-5)
    # PyTorch's layer has no weights by default
nn.InstanceNorm2d(6) | keras.layers.GroupNormalization(-1,
    epsilon=1e-5, center=False, scale=False)
""",
    weights="""
torch.nn.InstanceNorm1d(3, affine=True) | keras.layers.GroupNormalization(-1, epsilon=1e-5)
    # (2, 3, 5) | (2, 5, 3)
torch.nn.InstanceNorm2d(3, affine=True) | keras.layers.GroupNormalization(-1, epsilon=1e-5)
    # (2, 3, 5, 7) | (2, 5, 7, 3)
torch.nn.InstanceNorm3d(3, affine=True) | keras.layers.GroupNormalization(-1, epsilon=1e-5)
    # (2, 3, 5, 7, 4) | (2, 5, 7, 4, 3)
weight = gamma | gamma = weight  # PyTorch has weights only with `affine=True`
bias = beta | beta = bias
""",
    behaviour={
        "instance-norm-weights-pt": "PyTorch's layer has no weights by default, Keras's has two",
        "instance-norm-one-pt": "one position: PyTorch raises an error, even in inference mode",
    },
    exercises=(INSTANCE_NORM_EXERCISE,),
)


def rms(x, eps, axes=-1):
    return np.sqrt((x**2).mean(axes, keepdims=True) + eps)


def rms_norm(x, weight, eps):
    return x / rms(x, eps) * weight


RMS_NORM_MISTAKES = """
standard(x, -1, eps) * weight         # the mean is subtracted: RMS normalization subtracts none
not_centred(x, -1, eps) * weight      # this divides by the standard deviation: divide by the root
                                      # of the mean of x²
x / rms(x, eps) ** 2 * weight         # this divides by the mean of x² plus eps: divide by the root
x / sqrt((x**2).sum(-1, keepdims=True) + eps) * weight   # the squares are summed: take
                                                         # their mean
x / (rms(x, 0) + eps) * weight        # eps is added after the root: add it to the mean of x²
x / rms(x, 0) * weight                # eps is missing: add it to the mean of x²
x / rms(x, eps, 0) * weight           # the mean is taken over the batch: take it over the last axis
x / rms(x, eps, None) * weight        # all numbers share one mean: take it over the last axis only
x / rms(x, eps)                       # the weight is missing
x / rms(x, eps) * (1 + weight)        # this multiplies by 1 + weight: multiply by the weight
x / (abs(x).mean(-1, keepdims=True) + eps) * weight  # this divides by the mean of |x|: divide by
                                                     # the root of the mean of x²
gradient: (upstream_gradient * weight / rms(x, eps),
    (upstream_gradient * x / rms(x, eps)).sum(before(x)))
    # the gradient treats the root as a constant: the root depends on x, so a term is missing
"""


def rms_case(x, weight, eps, part="values"):
    return Case((np.array(x), np.array(weight)), {"eps": eps}, part=part)


RMS_NORM_EXERCISE = Exercise(
    "rms_norm",
    rms_norm,
    visible=(
        rms_case([[1.0, 3.0, 8.0], [-2.0, 0.0, 0.5]], [1.0, 2.0, 0.5], 0.25),
        rms_case([[0.0, 0.0]], [1.0, 2.0], 0.5, "robustness"),
        rms_case([2.0, -1.0, 5.0, 0.0], [1.0, 2.0, 0.5, 1.0], 0.5, "robustness"),
        rms_case([[[1e4, -1e4], [1.0, -2.0]]], [2.0, 1.0], 0.5, "robustness"),
    ),
    hidden=lambda rng: (
        rms_case(*drawn(rng, (3, 5))[:2], an_eps(rng)),
        rms_case(*drawn(rng, (1, 4))[:2], an_eps(rng)),
        rms_case(*drawn(rng, (2, 3, 4), -1)[:2], an_eps(rng), "robustness"),
        rms_case(*drawn(rng, (2, 2, 3, 5), -1)[:2], an_eps(rng), "robustness"),
    ),
    reference={
        "pytorch": "rms_norm_pt = lambda x, weight, eps: F.rms_norm(x, weight.shape, weight, eps)",
        "tensorflow": "rms_norm_tf = lambda x, weight, eps: "
        "keras.ops.rms_normalization(x, weight, -1, eps)",
    },
    forbid=("keras.ops.rms_normalization",),
    allow=ALLOWED,
    elementwise=False,
    misconceptions=mistakes(RMS_NORM_MISTAKES, globals(), "x, weight, eps"),
)

RMS_NORM = component(
    "rms_norm",
    name="RMS normalization",
    zh="均方根归一化",
    pytorch=("torch.nn.RMSNorm", "torch.nn.functional.rms_norm"),
    keras=("keras.layers.RMSNormalization",),
    defaults="""
torch.nn.RMSNorm(eps=None)
torch.nn.functional.rms_norm(eps=None)
keras.layers.RMSNormalization(axis=-1, epsilon=1e-6)
""",
    calls="""
nn.RMSNorm(7, eps=1e-6) | keras.layers.RMSNormalization()
    # always pass `eps` to PyTorch, because its default is 1.2e-7 in float32, and Keras's is 1e-6
""",
    weights="""
torch.nn.RMSNorm(7, eps=1e-6) | keras.layers.RMSNormalization()  # (2, 3, 7)
weight = scale | scale = weight
""",
    behaviour={
        "rms-norm-eps-pt": "PyTorch's default `eps` is 1.2e-7 in float32, Keras's is 1e-6",
    },
    exercises=(RMS_NORM_EXERCISE,),
)

COMPONENTS = (BATCH_NORM, LAYER_NORM, GROUP_NORM, INSTANCE_NORM, RMS_NORM)
