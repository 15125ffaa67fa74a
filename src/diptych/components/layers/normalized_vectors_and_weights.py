"""Normalized vectors and weights: local response, unit, spectral and weight normalization."""

import numpy as np

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes


def window_sum(squares, before, after):
    """Sums over a window of channels, from ``before`` in front of each to ``after`` behind it."""
    channels = squares.shape[1]
    sums = [squares[:, max(0, c - before) : c + after + 1].sum(1) for c in range(channels)]
    return np.stack(sums, 1)


def sides(size):
    """How many channels of a window are before its own channel, and how many behind."""
    return size // 2, (size - 1) // 2


def with_sums(sums, x, size, alpha, beta, k):
    return x / (k + alpha * sums / size) ** beta


def local_response_norm(x, size, alpha, beta, k):
    return with_sums(window_sum(x**2, *sides(size)), x, size, alpha, beta, k)


def turned(x, axis, size, alpha, beta, k):
    """The layer with its window along another axis than the channels."""
    return np.moveaxis(local_response_norm(np.moveaxis(x, axis, 1), size, alpha, beta, k), 1, axis)


def mean_of_window(x, size):
    """Means over the channels that exist in each window, as if all windows were whole."""
    there = window_sum(np.ones_like(x), *sides(size))
    return window_sum(x**2, *sides(size)) * size / there


LOCAL_RESPONSE_MISTAKES = """
local_response_norm(x, size, alpha * size, beta, k)
    # alpha is not divided by size, as in TensorFlow: divide alpha by size
with_sums(window_sum(x**2, size, size), x, size, alpha, beta, k)
    # size is used as the number of channels on one side, as depth_radius in TensorFlow: size counts
    # the whole window
with_sums(window_sum(x**2, size // 2, size // 2), x, size, alpha, beta, k)
    # a window of even size has one channel too many: (size − 1) // 2 channels come after
with_sums(window_sum(x**2, *sides(size)[::-1]), x, size, alpha, beta, k)
    # a window of even size starts one channel too late: size / 2 channels come before
with_sums(window_sum(x**2, size - 1, 0), x, size, alpha, beta, k)
    # the window ends with the current channel: it also contains (size − 1) // 2 channels after it
with_sums(window_sum(abs(x), *sides(size)), x, size, alpha, beta, k)
with_sums(window_sum(x, *sides(size)), x, size, alpha, beta, k)
    # the numbers are not squared: sum their squares
with_sums(mean_of_window(x, size), x, size, alpha, beta, k)
    # at the edge the sum is divided by the number of channels that exist: divide it by size
with_sums((x**2).sum(1, keepdims=True), x, size, alpha, beta, k)
    # all channels are summed: sum only the channels of the window
turned(x, -1, size, alpha, beta, k)
    # the window lies along the last axis: the channels are axis 1
x / (1 + alpha * window_sum(x**2, *sides(size)) / size) ** beta  # k is not used
x / (k + alpha * window_sum(x**2, *sides(size)) / size)  # beta is not used
x / (k + (alpha * window_sum(x**2, *sides(size)) / size) ** beta)
    # k is added after the power: add k first, then take the power
x * (k + alpha * window_sum(x**2, *sides(size)) / size) ** beta
    # x is multiplied by the power: divide x by the power
slope: (k + alpha * window_sum(x**2, *sides(size)) / size) ** -beta
    # the gradient treats the divisor as a constant: the divisor depends on x, too
"""


def response_case(x, size, alpha, beta, k, part="values"):
    arguments = {"size": size, "alpha": alpha, "beta": beta, "k": k}
    return Case((np.array(x),), arguments, part=part)


def drawn_response_case(rng, shape, size, part="values"):
    alpha, beta, k = rng.uniform((0.2, 0.3, 1.2), (0.9, 0.9, 2))
    return response_case(
        rng.normal(0, 2, shape), size, *(round(float(n), 3) for n in (alpha, beta, k)), part
    )


LOCAL_RESPONSE_EXERCISE = Exercise(
    "local_response_norm",
    local_response_norm,
    visible=(
        response_case([[[1.0, -2.0], [3.0, 0.5], [-1.0, 2.0], [2.0, 1.0]]], 3, 0.6, 0.75, 1.5),
        response_case([[[1.0, -2.0], [3.0, 0.5], [-1.0, 2.0], [2.0, 1.0]]], 2, 0.6, 0.75, 1.5),
        response_case([[[[1.0]], [[-2.0]], [[0.5]]]], 5, 0.5, 0.5, 2.0, "robustness"),
        response_case([[[100.0, -100.0], [0.0, 0.0]]], 1, 0.5, 0.5, 2.0, "robustness"),
    ),
    hidden=lambda rng: (
        drawn_response_case(rng, (2, 6, 3), 3),
        drawn_response_case(rng, (1, 7, 2), 4),
        drawn_response_case(rng, (2, 5, 2, 3), 2, "robustness"),
        drawn_response_case(rng, (2, 4, 3), 6, "robustness"),
    ),
    reference={
        "pytorch": "local_response_norm_pt = F.local_response_norm",
        # tf.nn has windows of odd sizes only.
        "tensorflow": """
def local_response_norm_tf(x, size, alpha, beta, k):
    before, n = size // 2, x.shape[1]
    around = [[0, 0], [before, size - 1 - before]] + [[0, 0]] * (len(x.shape) - 2)
    padded = tf.pad(tf.square(x), around)
    sums = tf.add_n([padded[:, i : i + n] for i in range(size)])
    return x / (k + alpha * sums / size) ** beta
""",
    },
    elementwise=False,
    misconceptions=mistakes(LOCAL_RESPONSE_MISTAKES, globals(), "x, size, alpha, beta, k"),
)

LOCAL_RESPONSE_NORM = component(
    "local_response_norm",
    name="Local response normalization",
    zh="局部响应归一化",
    pytorch=(
        "torch.nn.LocalResponseNorm",
        "torch.nn.CrossMapLRN2d",
        "torch.nn.functional.local_response_norm",
    ),
    tensorflow=("tf.nn.local_response_normalization",),
    aliases=("tf.nn.lrn",),
    defaults="""
torch.nn.LocalResponseNorm(alpha=1e-4, beta=0.75, k=1.0)
torch.nn.CrossMapLRN2d(alpha=1e-4, beta=0.75, k=1)
torch.nn.functional.local_response_norm(alpha=1e-4, beta=0.75, k=1.0)
tf.nn.local_response_normalization(depth_radius=5, bias=1, alpha=1, beta=0.5)
""",
    calls="""
F.local_response_norm(x, 5, 0.5, 0.75, 2.0) | tf.nn.local_response_normalization(x,
    2, 2.0, 0.5 / 5, 0.75)
    # `depth_radius` is (`size` − 1) / 2; divide `alpha` by the size in TensorFlow
""",
    behaviour={
        "response-defaults-tf": "the default `alpha` is 1e-4 in PyTorch, 1 in TensorFlow",
        "response-even-pt": "windows of even size exist only in PyTorch",
        "response-cross-map": "`CrossMapLRN2d` never removes the first channel from its sums",
    },
    exercises=(LOCAL_RESPONSE_EXERCISE,),
)


def length(x, axes=-1):
    return np.sqrt((x**2).sum(axes, keepdims=True))


def unit_norm(x, eps):
    return x / np.maximum(length(x), eps)


def unit_norm_backward(g, x, eps):
    """Where the length is below ``eps``, the divisor is a constant."""
    n = length(x)
    inner = np.where(n > eps, (g * x).sum(-1, keepdims=True) * x / np.maximum(n, eps) ** 2, 0)
    return ((g - inner) / np.maximum(n, eps),)


UNIT_NORM_MISTAKES = """
x / (length(x) + eps)  # eps is added to the length: divide by the larger of length and eps
x / sqrt((x**2).sum(-1, keepdims=True) + eps)
    # eps is added to the sum of the squares: divide by the larger of length and eps
x / sqrt((x**2).sum(-1, keepdims=True) + eps**2)
    # eps² is added to the sum of the squares: divide by the larger of length and eps
x / sqrt(maximum((x**2).sum(-1, keepdims=True), eps))
    # eps is compared with the sum of the squares, as in tf.nn.l2_normalize: compare eps with the
    # length
x / length(x)  # eps is not used: the zero vector becomes NaN
x / maximum(length(x) ** 2, eps)  # this divides by the squared length: divide by the length
x / maximum(length(x, None), eps)
    # all numbers share one length: each vector along the last axis has its own
x / maximum(length(x, 0), eps)  # the length is taken over axis 0: take it over the last axis
x / maximum(abs(x).sum(-1, keepdims=True), eps)
    # this divides by the sum of |x|: the length is the root of the sum of the squares
x / maximum(abs(x).max(-1, keepdims=True), eps)
    # this divides by the largest |x|: divide by the length
x / maximum(sqrt((x**2).mean(-1, keepdims=True)), eps)
    # this divides by the root of the mean of the squares: sum the squares
where(length(x) > eps, x / length(x), 0)  # vectors shorter than eps become 0: divide them by eps
where(length(x) > eps, x / length(x), x)
    # vectors shorter than eps do not change: divide them by eps
gradient: (where(length(x) == 0, nan, unit_norm_backward(upstream_gradient, x, eps)[0]),)
    # the gradient at the zero vector is NaN, because the slope of the root is infinite at 0: take
    # the larger of the sum and eps² first, and then the root
gradient: (upstream_gradient / maximum(length(x), eps),)
    # the gradient treats the length as a constant: the length depends on x, too
"""


def unit_case(x, eps, part="values"):
    return Case((np.array(x),), {"eps": eps}, part=part)


def vectors(rng, shape, eps):
    """Vectors: the first is 0, the second shorter than ``eps``, the others are longer."""
    x = rng.normal(0, 1, shape)
    x *= rng.uniform(1.5, 4, (*shape[:-1], 1)) * eps / length(x)
    flat = x.reshape(-1, shape[-1])
    flat[0] = 0
    flat[1] *= 0.2
    return x


def hidden_unit_norm(rng):
    shapes = {
        (4, 3): "values",
        (3, 5): "values",
        (2, 2, 4): "robustness",
        (2, 1, 2, 3): "robustness",
    }
    made = [(shape, part, round(float(rng.uniform(0.2, 3)), 3)) for shape, part in shapes.items()]
    return tuple(unit_case(vectors(rng, shape, eps), eps, part) for shape, part, eps in made)


UNIT_NORM_EXERCISE = Exercise(
    "unit_norm",
    unit_norm,
    visible=(
        unit_case([[3.0, 4.0], [0.1, -0.2], [1.0, -2.0]], 0.5),
        unit_case([[0.0, 0.0, 0.0], [2.0, 1.0, -2.0]], 2.0),
        unit_case([-6.0, 8.0, 0.0], 0.25, "robustness"),
        unit_case([[[1e4, -1e4], [1.0, 5.0]]], 0.25, "robustness"),
    ),
    hidden=hidden_unit_norm,
    gradient=unit_norm_backward,
    reference={
        "pytorch": "unit_norm_pt = lambda x, eps: F.normalize(x, dim=-1, eps=eps)",
        "tensorflow": "unit_norm_tf = lambda x, eps: tf.nn.l2_normalize(x, -1, eps**2)",
    },
    forbid=("keras.ops.normalize", "keras.utils.normalize"),
    elementwise=False,
    misconceptions=mistakes(UNIT_NORM_MISTAKES, globals(), "x, eps"),
)

UNIT_NORM = component(
    "unit_norm",
    name="Unit normalization",
    zh="单位归一化层",
    pytorch=("torch.nn.functional.normalize",),
    keras=("keras.layers.UnitNormalization",),
    tensorflow=("tf.nn.l2_normalize",),
    defaults="""
torch.nn.functional.normalize(p=2.0, dim=1, eps=1e-12)
keras.layers.UnitNormalization(axis=-1)
tf.nn.l2_normalize(axis=None, epsilon=1e-12)
""",
    calls="""
F.normalize(x, dim=-1) | keras.layers.UnitNormalization()
    # always pass `dim=-1` to PyTorch, because its default axis is 1
F.normalize(x, dim=-1, eps=1e-6) | tf.nn.l2_normalize(x, -1)
    # always pass the axis −1; the default `epsilon` of `tf.nn` has the effect of 1e-6 in PyTorch
""",
    behaviour={
        "unit-axis-tf": "the default axis is 1 in PyTorch, −1 in Keras, all axes in `tf.nn`",
        "unit-short-tf": "`epsilon` limits the length; in `tf.nn` it limits the squared length",
        "unit-half-tf": "in float16, TensorFlow's squares overflow and the output is 0",
    },
    exercises=(UNIT_NORM_EXERCISE,),
)


def iterate(weight, u, n_steps=1):
    """Power iteration from ``u``: the left and the right vector, and sigma."""
    for _ in range(n_steps):
        v = weight.T @ u
        v = v / length(v)
        u = weight @ v
        u = u / length(u)
    return u, v, u @ weight @ v


def spectral_norm(weight, u, n_steps=1):
    u, _, sigma = iterate(weight, u, n_steps)
    return weight / sigma, u


def spectral_norm_backward(g, g_u, weight, u, through=1):
    """The gradient with constant u and v; a factor 0 leaves out the term through sigma."""
    u, v, sigma = iterate(weight, u)
    dw = g / sigma - through * (g * weight).sum() / sigma**2 * np.outer(u, v)
    return dw, np.zeros_like(u)


def numerical(g, g_u, weight, u):
    """The gradient that also goes through u and v."""
    dw = np.zeros_like(weight)
    for place in np.ndindex(weight.shape):
        step = np.zeros_like(weight)
        step[place] = 1e-5
        ahead, behind = spectral_norm(weight + step, u), spectral_norm(weight - step, u)
        dw[place] = (g * (ahead[0] - behind[0])).sum() + (g_u * (ahead[1] - behind[1])).sum()
    return (dw / 2e-5,)


SPECTRAL_NORM_MISTAKES = """
(weight / length(weight, None), iterate(weight, u)[0])
    # this divides by the root of the sum of all squares: sigma is the largest factor by which the
    # matrix stretches a vector
(weight / linalg.svd(weight)[1][0], iterate(weight, u)[0])
    # this divides by the exact sigma: divide by the estimate u · W v of one power iteration
(weight / iterate(weight, u)[2], u)  # the old u is returned: return the new u
(weight / iterate(weight, u)[2], weight @ iterate(weight, u)[1])
    # the new u is not divided by its length
(weight / (u @ weight @ iterate(weight, u)[1]), iterate(weight, u)[0])
    # sigma is computed with the old u: compute the new u first
(weight / (length(weight @ (weight.T @ u))), iterate(weight, u)[0])
    # v is not divided by its length
(weight / iterate(weight, u)[2] ** 2, iterate(weight, u)[0])
    # this divides by sigma²: divide by sigma
spectral_norm(weight, u, 2)  # this does two power iterations: do one
(weight, iterate(weight, u)[0])  # the weight is returned unchanged: divide it by sigma
(weight * iterate(weight, u)[2], iterate(weight, u)[0])  # this multiplies by sigma: divide by it
"""
SPECTRAL_GRADIENTS = """
gradient: spectral_norm_backward(upstream_gradient, upstream_u, weight, u, 0)[:1]
    # the gradient treats sigma as a constant, as Keras does: only u and v are constants
gradient: numerical(upstream_gradient, upstream_u, weight, u)
    # the gradient includes the derivatives of u and v: make u and v constants (detach,
    # stop_gradient)
"""


def spectral_case(weight, u, part="values"):
    u = np.array(u)
    return Case((np.array(weight), u / length(u)), part=part)


SPECTRAL_NORM_EXERCISE = Exercise(
    "spectral_norm",
    spectral_norm,
    visible=(
        spectral_case([[3.0, 0.0], [4.0, 1.0]], [1.0, 0.0]),
        spectral_case([[1.0, -2.0, 0.5], [0.0, 1.5, 2.0]], [0.6, 0.8]),
        spectral_case([[2.0, -1.0, 0.5]], [1.0], "robustness"),
        spectral_case([[2e3], [-1e3], [5e3]], [1.0, 2.0, -2.0], "robustness"),
    ),
    hidden=lambda rng: (
        spectral_case(rng.normal(0, 1, (4, 3)), rng.uniform(0.3, 1, 4)),
        spectral_case(rng.normal(0, 1, (2, 5)), rng.uniform(0.3, 1, 2)),
        spectral_case(rng.normal(0, 1, (5, 1)), rng.uniform(0.3, 1, 5), "robustness"),
        spectral_case(rng.normal(0, 1, (3, 6)), rng.uniform(0.3, 1, 3), "robustness"),
    ),
    gradient=spectral_norm_backward,
    reference={
        "pytorch": """
def spectral_norm_pt(weight, u):
    # PyTorch's own moves its _u first, then its _v: with the transpose that is v, then u.
    own = torch.nn.utils.parametrizations._SpectralNorm(weight.detach().T, 1)
    if weight.shape[0] == 1 or weight.shape[1] == 1:
        own._v = own._v[: len(u)]
    own._v.copy_(u.detach())
    return own(weight.T).T, own._v.clone()
""",
        "tensorflow": """
def spectral_norm_tf(weight, u):
    v = tf.stop_gradient(tf.nn.l2_normalize(tf.linalg.matvec(weight, u, transpose_a=True)))
    u = tf.stop_gradient(tf.nn.l2_normalize(tf.linalg.matvec(weight, v)))
    return weight / tf.reduce_sum(u * tf.linalg.matvec(weight, v)), u
""",
    },
    allow=("normalize", "l2_normalize"),
    elementwise=False,
    misconceptions=(
        *mistakes(SPECTRAL_NORM_MISTAKES, globals(), "weight, u"),
        *mistakes(SPECTRAL_GRADIENTS, globals(), "upstream_u, weight, u"),
    ),
)

SPECTRAL_NORM = component(
    "spectral_norm",
    name="Spectral normalization",
    zh="谱归一化",
    pytorch=("torch.nn.utils.parametrizations.spectral_norm",),
    keras=("keras.layers.SpectralNormalization",),
    calls="""
spectral_norm(nn.Linear(3, 5),
    n_power_iterations=100) | keras.layers.SpectralNormalization(keras.layers.Dense(5),
    power_iterations=100)
    # Keras overwrites the kernel, so the gradient of the weight differs
""",
    behaviour={
        "spectral-gradient": "the gradient includes the derivative of sigma only in PyTorch",
        "spectral-kept-tf": "PyTorch keeps the original weight, Keras overwrites the kernel",
        "spectral-transposed": "for a transposed convolution, the two divide by different sigmas",
    },
    exercises=(SPECTRAL_NORM_EXERCISE,),
)


def rows(v):
    return tuple(range(1, v.ndim))


def to_rows(g, v):
    return g.reshape(-1, *[1] * (v.ndim - 1))


def weight_norm(v, g):
    return to_rows(g, v) * v / length(v, rows(v))


WEIGHT_NORM_MISTAKES = """
to_rows(g, v) * v / length(v, None)  # all rows share one length: each row has its own
to_rows(g, v) * v / length(v, 0)  # the length is taken over axis 0: take it over all other axes
to_rows(g, v) * v / length(v, -1)
    # the length is taken over the last axis only: take it over all axes but the first
to_rows(g, v) * v / length(v, rows(v)) ** 2
    # this divides by the squared length: divide by the length
to_rows(g, v) * v / abs(v).sum(rows(v), keepdims=True)
    # this divides by the sum of |v|: the length is the root of the sum of the squares
to_rows(g, v) * v  # v is not divided by its length
v / length(v, rows(v))  # g is missing: multiply by it
to_rows(g, v) * v / maximum(length(v, rows(v)), 1)
    # rows shorter than 1 are not divided by their length: divide every row by its length
v / length(v, rows(v)) + to_rows(g, v)  # g is added: multiply by it
exp(to_rows(g, v)) * v / length(v, rows(v))  # this multiplies by exp(g): multiply by g
gradient: (upstream_gradient * to_rows(g, v) / length(v, rows(v)),
    (upstream_gradient * v / length(v, rows(v))).sum(rows(v)))
    # the gradient treats the length as a constant: the length depends on v, too
"""


def weight_norm_case(v, g, part="values"):
    return Case((np.array(v), np.array(g)), part=part)


WEIGHT_NORM_EXERCISE = Exercise(
    "weight_norm",
    weight_norm,
    visible=(
        weight_norm_case([[3.0, 4.0], [0.1, -0.2], [1.0, -2.0]], [2.0, 1.5, -0.5]),
        weight_norm_case(
            [[[1.0, 2.0], [2.0, 0.0]], [[0.3, -0.1], [0.2, 0.1]]], [2.0, 0.5], "robustness"
        ),
        weight_norm_case([[1e4], [-1e4]], [0.5, 2.0], "robustness"),
    ),
    hidden=lambda rng: (
        weight_norm_case(rng.normal(0, 1, (4, 3)), rng.normal(0, 2, 4)),
        weight_norm_case(rng.normal(0, 0.3, (2, 5)), rng.normal(0, 2, 2)),
        weight_norm_case(rng.normal(0, 1, (3, 2, 4)), rng.normal(0, 2, 3), "robustness"),
        weight_norm_case(rng.normal(0, 1, (2, 3, 2, 3)), rng.normal(0, 2, 2), "robustness"),
    ),
    reference={
        "pytorch": """
def weight_norm_pt(v, g):
    return torch._weight_norm(v, g.reshape(-1, *[1] * (v.ndim - 1)), 0)
""",
        "tensorflow": """
def weight_norm_tf(v, g):
    unit = tf.nn.l2_normalize(v, list(range(1, len(v.shape))))
    return tf.reshape(g, [-1] + [1] * (len(v.shape) - 1)) * unit
""",
    },
    forbid=("torch._weight_norm", "torch.nn.utils.weight_norm", "keras.ops.normalize"),
    elementwise=False,
    misconceptions=mistakes(WEIGHT_NORM_MISTAKES, globals(), "v, g"),
)

WEIGHT_NORM = component(
    "weight_norm",
    name="Weight normalization",
    zh="权重归一化",
    pytorch=("torch.nn.utils.parametrizations.weight_norm",),
    calls="""
weight_norm(nn.Linear(3, 5)) | WeightNorm(keras.layers.Dense(5))
    # Keras has no weight normalization, so the chapter builds `WeightNorm`
""",
    behaviour={
        "weight-norm-bridge-tf": "Keras has no weight normalization: the chapter builds it",
        "weight-norm-transposed-pt": "for a transposed convolution, `dim=0` is the input channels",
    },
    exercises=(WEIGHT_NORM_EXERCISE,),
)

COMPONENTS = (LOCAL_RESPONSE_NORM, UNIT_NORM, SPECTRAL_NORM, WEIGHT_NORM)
