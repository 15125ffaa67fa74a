"""Softmaxes: Softmax, Softmax2d, LogSoftmax, Softmin, Gumbel-softmax and Sparsemax."""

from dataclasses import replace
from math import comb, erf

import numpy as np

from diptych.catalogue.exercise import Case, Exercise, upstream_gradient
from diptych.catalogue.notation import component, mistakes

KEPT = "a reduction drops its axis: pass keepdim=True in PyTorch, keepdims=True in TensorFlow"
OVERFLOW = "exp overflows, or is 0 throughout: first subtract the maximum along the axis"
CLIPPED = "clipping before exp makes 9,000 and 10,000 equal: subtract the maximum along the axis"
GLOBAL = "the maximum of the whole tensor is subtracted: rows far below it need their own maximum"
CONSTANT_SUM = "values are right, but the gradient treats the sum as a constant: do not detach it"

AXES = """
f(x, -1)                          # LAST_AXIS
f(x, 0)                           # FIRST_AXIS
f(x, 1)                           # SECOND_AXIS
f(x.ravel(), 0).reshape(x.shape)  # it works on all numbers at once: use the given axis
"""


def largest(x, axis):
    return x.max(axis, keepdims=True)


def first_largest(x, axis):
    """One-hot at the maximum; of equal numbers, the first is 1."""
    is_largest = x == largest(x, axis)
    return 1.0 * (is_largest & (is_largest.cumsum(axis) == 1))


def total(x, axis):
    return x.sum(axis, keepdims=True)


def exps(x, axis):
    return np.exp(x - largest(x, axis))


def softmax(x, axis):
    return exps(x, axis) / total(exps(x, axis), axis)


def log_softmax(x, axis):
    return x - largest(x, axis) - np.log(total(exps(x, axis), axis))


def naive(x, axis):
    return np.exp(x) / total(np.exp(x), axis)


def through_shift(gradient, x, axis):
    """The gradient with respect to ``x``, from that with respect to ``x`` minus its maximum."""
    return gradient - (x == largest(x, axis)) * total(gradient, axis)


def visible(far):
    """The visible cases: both axes of a square, a list, three dimensions, large numbers."""
    square = np.array([[1.0, 2.0, 4.0], [-1.0, 0.5, 0.0], [0.2, 0.1, 0.4]])
    cube = np.array([[[0.5, -1.0], [0.2, 1.5], [0.1, 0.0]], [[2.0, 0.3], [1.7, -0.2], [0.0, 0.9]]])
    return (
        Case((square,), {"axis": -1}),
        Case((square,), {"axis": 0}),
        Case((np.array([0.0, 1.0, 0.4]),), {"axis": 0}),
        Case((np.array([[1.0, 1.0, -0.5], [0.0, 0.0, 0.0]]),), {"axis": -1}),
        Case((cube,), {"axis": 1}, part="robustness"),
        Case((np.array([[0.7], [-2.0]]),), {"axis": -1}, part="robustness"),
        Case((np.array([1e4, 9e3, -1e4]),), {"axis": -1}, part="robustness"),
        Case((np.array(far),), {"axis": -1}, part="robustness"),
    )


def far_apart(rng):
    """Four numbers so far apart that in float32 any order of subtracting gives the same."""
    return rng.permutation([-9e3, -4e3, 2e3, 8e3])


def hidden(rng):
    shapes = {(6,): 0, (3, 4): -1, (4, 3): 0, (2, 3, 4): 1, (3, 2, 2): -3, (1, 2, 3): -1}
    large = far_apart(rng) + rng.uniform(-500, 500, 4)
    cases = [Case((rng.normal(0, 0.8, shape),), {"axis": i}) for shape, i in shapes.items()]
    cases[3:] = [replace(case, part="robustness") for case in cases[3:]]
    return (*cases, Case((large,), {"axis": -1}, part="robustness"))


def along_an_axis(functions, wrong, in_torch="", in_tf="", **fields):
    """The exercise of a function of ``x`` and ``axis``, the first of ``functions``.

    ``wrong`` is the text of its mistakes; each of the ``functions`` along a wrong axis is one more.
    ``in_torch`` and ``in_tf`` are the frameworks' own calls. Other ``fields`` of the exercise
    override the usual ones.
    """
    answer = functions[0].__name__
    made = {
        "visible": visible([[1e4, 2e3], [-2e3, -1e4]]),
        "hidden": hidden,
        "reference": {
            "pytorch": f"{answer}_pt = lambda x, axis: {in_torch}",
            "tensorflow": f"{answer}_tf = lambda x, axis: {in_tf}",
        },
        "elementwise": False,
        "misconceptions": (
            *mistakes(wrong, globals(), "x, axis"),
            *(m for f in functions for m in mistakes(AXES, globals(), "x, axis", f=f)),
        ),
    }
    return Exercise(answer, functions[0], **(made | fields))


SOFTMAX_MISTAKES = """
naive(x, axis)
exp(x) / (total(exp(x), axis) + 1e-8)  # OVERFLOW
naive(x - x.min(axis, keepdims=True), axis)
                           # the minimum is subtracted, so exp still overflows: subtract the maximum
nan_to_num(naive(x, axis))  # OVERFLOW
naive(clip(x, -80, 80), axis)
naive(minimum(x, 80), axis)  # CLIPPED
naive(x - x.max(), axis)   # GLOBAL
exps(x, axis) / exps(x, axis).sum(axis)
exp(x - x.max(axis)) / exp(x - x.max(axis)).sum(axis)
naive(x - x.max(axis), axis)
exp(x - x.max()) / exp(x - x.max()).sum(axis)
exp(x) / exp(x).sum(axis)  # KEPT
x / total(x, axis)         # the numbers themselves are divided by their sum: first take exp
exp(-logaddexp(0, -x))     # this is a sigmoid of each number: divide exp by its sum along the axis
exps(x, axis)              # the largest share is 1: divide by the sum of the exponentials
log_softmax(x, axis)       # this is the logarithm of the softmax: leave out the log
1.0 * (x == largest(x, axis))
first_largest(x, axis)     # the largest number gets everything: softmax gives every number a share
gradient: (upstream_gradient * softmax(x, axis),)
gradient: (through_shift(upstream_gradient * softmax(x, axis), x, axis),)  # CONSTANT_SUM
exps(x, axis) / exps(x, axis).sum()
                           # everything is divided by the sum over the whole tensor: take it along
                           # the axis
exps(log(2) * x, axis) / total(exps(log(2) * x, axis), axis)
                           # these are powers of 2: take exp, whose base is e
for t in (0.1, 0.5, 2, 10): softmax(x / t, axis)  # this is the softmax of x divided by {t}: there
                           # is no temperature
exps(x, axis) / sqrt(total(exps(x, axis) ** 2, axis))
                           # the squares of each row sum to 1: divide by the sum, not by the norm
naive(-x, axis)
naive(largest(x, axis) - x, axis)
softmax(-x, axis)          # small numbers get the large shares: check the sign in exp
exps(x, axis) / (total(exps(x, axis), axis) + 1)
                           # 1 is added to the sum: the shares do not sum to 1
exps(x, axis) / exps(x, axis).mean(axis, keepdims=True)
                           # everything is divided by the mean along the axis: divide by the sum
exps(x, axis) / total(x, axis)  # exp is divided by the sum of the numbers: sum their exponentials
naive(x - x.mean(axis, keepdims=True), axis)
                           # the mean is subtracted, so exp still overflows: subtract the maximum
"""

SOFTMAX_EXERCISE = along_an_axis(
    (softmax, naive), SOFTMAX_MISTAKES, "torch.softmax(x, axis)", "tf.nn.softmax(x, axis)"
)

SOFTMAX = component(
    "softmax",
    name="Softmax",
    zh="归一化指数函数",
    pytorch=("torch.nn.Softmax", "torch.nn.functional.softmax"),
    keras=("keras.layers.Softmax", "keras.activations.softmax"),
    tensorflow=("tf.nn.softmax",),
    calls="""
F.softmax(x, dim=-1) | tf.nn.softmax(x, axis=-1)
    # always name the axis, because without `dim` PyTorch uses axis 0 of a 3-D tensor, the batch
nn.Softmax(dim=-1) | keras.layers.Softmax()
    # without `dim`, `nn.Softmax` chooses the axis by the number of dimensions
nn.Sequential(nn.Linear(3, 4), nn.Softmax(dim=-1)) | keras.layers.Dense(4, activation="softmax")
    # remove the softmax before `nn.CrossEntropyLoss`, which applies a softmax itself
""",
    defaults="""
torch.nn.Softmax(dim=None)
torch.nn.functional.softmax(dim=None)
keras.layers.Softmax(axis=-1)
keras.activations.softmax(axis=-1)
tf.nn.softmax(axis=None)
""",
    behaviour={
        "softmax-axis-pt": "without `dim`, PyTorch gives a warning and uses axis 0 of a 3-D tensor",
        "softmax-axis-tf": "without `axis`, TensorFlow uses the last axis",
        "softmax-none-tf": "`axis=None` means the last axis in `tf.nn`, and all axes together in "
        "Keras",
        "softmax-axes-tf": "Keras's layer accepts several axes; in PyTorch, flatten them first",
        "softmax-thousand-tf": "logits of 1,000 give NaN unless the maximum is subtracted",
        "softmax-mask-tf": "a fully masked row is NaN; Keras's layer with `mask` returns 0",
        "softmax-empty-row-pt": "in PyTorch, multiply by the mask: a fully masked row is then 0",
        "softmax-integers-pt": "integers are an error in both; PyTorch converts them if you pass "
        "`dtype`",
        "loss-twice-tf": "probabilities in a loss that expects logits: wrong in both, without an "
        "error",
        "loss-logits-tf": "without `from_logits=True`, most logits get the gradient 0 in Keras",
        "loss-warning-tf": "after Keras's softmax, `from_logits=True` gives a warning and uses the"
        " stored logits",
    },
    exercises=(SOFTMAX_EXERCISE,),
)


def softmax2d(x):
    return softmax(x, -3)


def images_visible():
    image = np.array(
        [[[0.5, -1.0], [0.2, 1.5]], [[2.0, 0.3], [1.7, -0.2]], [[0.0, 0.9], [-0.6, 0.4]]]
    )  # (channels, height, width)
    far = np.array([[1e4, -1e4], [2e3, -1.5e4]]).reshape(1, 2, 1, 2)
    return (
        Case((np.stack([image, image[::-1] / 2]),)),
        Case((image[None],)),
        Case((image,), part="robustness"),
        Case((np.array([1e4, 2e3, -1e4]).reshape(1, 3, 1, 1),), part="robustness"),
        Case((far,), part="robustness"),
    )


def images_hidden(rng):
    shapes = {(2, 4, 3, 2): "values", (1, 2, 3, 3): "values", (3, 2, 4): "robustness"}
    cases = [Case((rng.normal(0, 1.5, shape),), part=part) for shape, part in shapes.items()]
    large = far_apart(rng).reshape(1, 4, 1, 1) + rng.uniform(-30, 30, (1, 4, 2, 1))
    return (*cases, Case((large,), part="robustness"))


CHANNELS = """
f(x, -1)            # this works along the width: the channels are the third axis from the end
f(x, -2)            # this works along the height: the channels are the third axis from the end
f(x, 1)             # axis 1 is the height of a single image: count the axis from the end
f(x, 0)             # axis 0 is the batch of several images: count the axis from the end
f(x, (-2, -1))      # each channel sums to 1 over its pixels: each pixel must sum to 1
f(x, (-3, -2, -1))  # each image sums to 1 as a whole: each pixel must sum to 1
f(x, None)          # all numbers together sum to 1: each pixel must sum to 1
"""

SOFTMAX2D_MISTAKES = """
naive(x, -3)               # OVERFLOW
naive(clip(x, -80, 80), -3)
naive(minimum(x, 80), -3)  # CLIPPED
naive(x - x.max(), -3)     # GLOBAL
exp(-logaddexp(0, -x))     # this is a sigmoid of each number: a pixel's channels must sum to 1
"""

SOFTMAX2D_EXERCISE = Exercise(
    "softmax2d",
    softmax2d,
    visible=images_visible(),
    hidden=images_hidden,
    reference={
        "pytorch": "softmax2d_pt = nn.Softmax2d()",
        "tensorflow": "softmax2d_tf = lambda x: tf.nn.softmax(x, axis=-3)",
    },
    elementwise=False,
    misconceptions=mistakes(CHANNELS, globals(), f=softmax)
    + mistakes(CHANNELS, globals(), f=naive)
    + mistakes(SOFTMAX2D_MISTAKES, globals()),
)

SOFTMAX2D = component(
    "softmax2d",
    name="Softmax2d",
    zh="二维归一化指数函数",
    pytorch=("torch.nn.Softmax2d",),
    calls="""
nn.Softmax2d() | keras.layers.Softmax(axis=-3)    # with channels last, use the default axis, −1
F.softmax(x, dim=-3) | tf.nn.softmax(x, axis=-3)
""",
    behaviour={
        "softmax2d-bridge-tf": "TensorFlow has no Softmax2d: softmax with `axis=-3` is the same",
        "softmax2d-wrong-tf": "the default axis changes the class of 12 of 64 pixels",
        "softmax2d-shapes-pt": "PyTorch's module accepts only three or four dimensions",
    },
    exercises=(SOFTMAX2D_EXERCISE,),
)


def log_of_naive(x, axis):
    return np.log(naive(x, axis))


def log_naive(x, axis):
    return x - np.log(total(np.exp(x), axis))


TINY = (1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16, 1e-20, 1e-30)

LOG_SOFTMAX_MISTAKES = """
log_of_naive(x, axis)  # OVERFLOW
log(softmax(x, axis))  # far below the largest number the softmax is 0, and its log −∞: write it as
                       # a difference
log_naive(x, axis)     # OVERFLOW
log_naive(x - x.max(), axis)  # GLOBAL
for tiny in TINY: log(softmax(x, axis) + tiny)
for tiny in TINY: log(maximum(softmax(x, axis), tiny))
                       # a small number keeps the softmax above 0, which changes small shares: do
                       # not form the softmax
softmax(x, axis)       # this is the softmax: its logarithm is missing
-log_softmax(x, axis)  # the sign is wrong: the logarithm of a share is negative
x - largest(x, axis)   # only the maximum is subtracted: subtract the logarithm of the sum, too
x - largest(x, axis) - total(exps(x, axis), axis)
x - total(exp(x), axis)
                       # the sum itself is subtracted: subtract its logarithm
x - log(total(exps(x, axis), axis))
                       # the maximum is subtracted inside the sum only: subtract it from x, too
x - largest(x, axis) - log(exps(x, axis).sum(axis))
x - (x.max(axis) + log(exps(x, axis).sum(axis)))  # KEPT
-logaddexp(0, -x)      # this is the log of a sigmoid: subtract the log of the sum along the axis
gradient: (upstream_gradient,)
gradient: (through_shift(upstream_gradient, x, axis),)  # CONSTANT_SUM
x - largest(x, axis) - log10(total(exps(x, axis), axis))
                       # the logarithm is that of base 10: take the natural one
x - largest(x, axis) + log(total(exps(x, axis), axis))
                       # the logarithm of the sum is added: subtract it
x - largest(x, axis) - log(exps(x, axis).mean(axis, keepdims=True))
                       # the logarithm of the mean is subtracted: take that of the sum
(x - largest(x, axis)) / log(total(exps(x, axis), axis))
                       # it is divided by the logarithm of the sum: subtract it
"""

LOG_SOFTMAX_EXERCISE = along_an_axis(
    (log_softmax, log_of_naive, log_naive),
    LOG_SOFTMAX_MISTAKES,
    "torch.log_softmax(x, axis)",
    "tf.nn.log_softmax(x, axis)",
    forbid=(
        "torch.distributions.Categorical",
        "SoftmaxCrossEntropyWithLogits",
        "SparseSoftmaxCrossEntropyWithLogits",
    ),
)

LOG_SOFTMAX = component(
    "log_softmax",
    name="Log-softmax",
    zh="对数归一化指数函数",
    pytorch=("torch.nn.LogSoftmax", "torch.nn.functional.log_softmax"),
    keras=("keras.activations.log_softmax",),
    tensorflow=("tf.nn.log_softmax",),
    calls="""
F.log_softmax(x, dim=-1) | tf.nn.log_softmax(x, axis=-1)
    # do not use `log(softmax(x))`, which is −∞ for a logit 120 below the largest
nn.LogSoftmax(dim=-1) | keras.layers.Activation("log_softmax")
""",
    defaults="""
torch.nn.LogSoftmax(dim=None)
torch.nn.functional.log_softmax(dim=None)
keras.activations.log_softmax(axis=-1)
tf.nn.log_softmax(axis=None)
""",
    behaviour={
        "log-underflow-tf": "`log(softmax(x))` is −∞ for a logit 120 below the largest",
        "log-gradient-tf": "the gradient of `log(softmax(x))` is NaN for a logit 120 below the "
        "largest",
        "log-memory-tf": "Keras's softmax stores its logits, and Keras's losses use them",
        "log-way-back": "only a loss with the logarithm corrects a confident mistake",
    },
    exercises=(LOG_SOFTMAX_EXERCISE,),
)


def softmin(x, axis):
    return softmax(-x, axis)


SOFTMIN_MISTAKES = """
softmax(x, axis)
naive(x, axis)
naive(x - x.min(axis, keepdims=True), axis)  # large numbers get the large shares: take exp of −x
1 - softmax(x, axis)  # this is 1 − softmax, which sums to n − 1: change the sign of x instead
(1 - softmax(x, axis)) / total(1 - softmax(x, axis), axis)
                   # this is 1 − softmax, divided by its sum: change the sign of x instead
-softmax(x, axis)  # the shares are negative: the minus belongs in front of x, inside exp
naive(-x, axis)    # exp overflows, or is 0 throughout: first subtract the maximum of −x
naive(largest(x, axis) - x, axis)
naive(-largest(x, axis) - x, axis)
naive(-x.min(axis, keepdims=True) - x, axis)
                   # what is subtracted from −x is not its maximum: that is minus the minimum of x
1 / x / total(1 / x, axis)  # the reciprocals are divided by their sum: take exp of −x, not 1/x
gradient: (-upstream_gradient * softmin(x, axis),)
gradient: (-through_shift(upstream_gradient * softmin(x, axis), -x, axis),)  # CONSTANT_SUM
naive(clip(-x, -80, 80), axis)  # CLIPPED
exps(-x, axis) / exps(-x, axis).sum(axis)  # KEPT
exps(-x, axis) / exps(-x, axis).sum()
                   # everything is divided by the sum over the whole tensor: take it along the axis
1 / softmax(x, axis)  # the shares are inverted, and do not sum to 1: change the sign of x instead
exps(-x, axis)     # the largest share is 1: divide by the sum of the exponentials
exp(-x) / exp(-x).sum(axis)  # KEPT
exp(-x)            # the exponentials are not divided by their sum
"""

SOFTMIN_EXERCISE = along_an_axis(
    (softmin, lambda x, axis: naive(-x, axis)),
    SOFTMIN_MISTAKES,
    "F.softmin(x, axis)",
    "tf.nn.softmax(-x, axis)",
)

SOFTMIN = component(
    "softmin",
    name="Softmin",
    zh="归一化负指数函数",
    pytorch=("torch.nn.Softmin", "torch.nn.functional.softmin"),
    calls="""
F.softmin(x, dim=-1) | tf.nn.softmax(-x, axis=-1)  # TensorFlow has no softmin
""",
    defaults="""
torch.nn.Softmin(dim=None)
torch.nn.functional.softmin(dim=None)
""",
    behaviour={
        "softmin-bridge-tf": "TensorFlow has no softmin: the softmax of −x is the same",
        "softmin-complement-pt": "1 − softmax is not softmin",
        "softmin-nearest": "the softmin of distances finds the nearest neighbour, with a gradient",
    },
    exercises=(SOFTMIN_EXERCISE,),
)

NOT_ONE = "the shares of a row do not sum to 1: end with a softmax along the last axis"
ONE_HOT = "one class gets everything: return the softmax, not the one-hot sample"
NO_NOISE = "nothing is random: draw noise for every number, and add it before the softmax"
SHARED_NOISE = "all rows get the same noise: draw as many numbers as x has"
SAME_NOISE = "two calls draw the same noise: draw it anew in each call, without a fixed seed"
DIVIDED_FIRST = "x is divided by tau before the noise is added: divide the sum of both"
MULTIPLIED = "the sum of x and noise is multiplied by tau: divide by it"
TAU_IGNORED = "tau changes nothing: divide the sum of x and noise by it"
ON_SHARES = "the noise is added to softmax(x): add it to x itself"
NEGATIVE = "the noise has the wrong sign: Gumbel noise is −log(−log u), with a minus in front"
ONE_LOG = "the noise is −log u: Gumbel noise takes the logarithm twice, −log(−log u)"
ONLY_NOISE_DIVIDED = "only the noise is divided by tau: divide the sum of x and noise"
NORMAL = "the noise is normal: Gumbel noise is −log(−log u) with u uniform between 0 and 1"
UNIFORM = "the noise is uniform: Gumbel noise is −log(−log u) with u uniform between 0 and 1"
NOT_GUMBEL = (
    "these are not softmax((x + noise) / tau) with Gumbel noise, −log(−log u) of a u that is "
    "uniform between 0 and 1"
)
NO_GRADIENT = "no gradient reaches x"
WRONG_GRADIENT = "the gradient is not that of the returned softmax: do not detach anything"


def unlike_uniform(u):
    """The Kolmogorov-Smirnov statistic √n·D: above 3 for one in 30 million uniform samples."""
    n = len(u)
    return np.sqrt(n) * np.max(np.abs(np.sort(u) - (np.arange(n) + 0.5) / n))


def unlike_gumbel(log_e):
    """How far the noise is from Gumbel's; ``log_e`` (n, k) is minus the noise, plus a row constant.

    If the noise is Gumbel's, exp of ``log_e`` has the exponential distribution. Divided by their
    sum, such numbers are the pieces of a unit interval cut at random, whose smallest and largest
    have known distributions.
    """
    pieces = softmax(log_e, -1)
    k, most = pieces.shape[-1], pieces.max(-1)
    below = sum(
        (-1) ** j * comb(k, j) * np.maximum(1 - j * most, 0) ** (k - 1) for j in range(k + 1)
    )
    return max(unlike_uniform((1 - k * pieces.min(-1)) ** (k - 1)), unlike_uniform(below))


def unlike_normal(log_e):
    """How far the noise is from standard normal, by the differences of two numbers over √2."""
    half = log_e.shape[-1] // 2
    differences = (log_e[:, :half] - log_e[:, half : 2 * half]).ravel()
    return unlike_uniform(np.array([(1 + erf(d / 2)) / 2 for d in differences]))


def unlike_spread(log_e):
    """How far the noise is from uniform in [0, 1], by its range, which has a Beta distribution."""
    k, spread = log_e.shape[-1], np.clip(np.ptp(log_e, -1), 0, 1)
    return unlike_uniform(spread ** (k - 1) * (k - (k - 1) * spread))


def unlike_exponential(log_e):
    """How far the noise is from −log u, by the difference of the two largest, with the same law."""
    noise = np.sort(-log_e, -1)
    return unlike_uniform(np.exp(noise[:, -2] - noise[:, -1]))


@np.errstate(all="ignore")  # an answer may return anything
def judge_gumbel(case, first, second, derivative):
    """Judge 6,000 rows by their distribution; ``first`` and ``second`` are two draws."""
    x, tau = case.inputs[0], case.arguments["tau"]
    draws = [np.float64(y) for y in (first, second)]
    if not all(np.allclose(y.sum(-1), 1, atol=1e-4) for y in draws):
        return NOT_ONE
    if all(np.isin(y, (0, 1)).all() for y in draws):
        return ONE_HOT
    same = np.allclose(*draws, rtol=1e-4)
    # y = softmax((x + noise) / tau), solved for −noise up to a constant per row. A generator may
    # draw u = 0, which gives a share of 0; one such number must not decide.
    logs = [np.log(np.maximum(y, 1e-45)) for y in draws]
    if any(np.ptp(centred(x - tau * log_y), axis=0).max() < 1e-3 for log_y in logs):
        return NO_NOISE if same else SHARED_NOISE
    if same:
        return SAME_NOISE
    for log_y in logs:
        if unlike_gumbel(x - tau * log_y) > 3:
            return likely_noise(x, tau, log_y)
    if derivative is None:
        return "gradients", NO_GRADIENT
    y, c = draws[1], upstream_gradient(x.shape)
    right = y * (c - (c * y).sum(-1, keepdims=True)) / tau
    if not np.allclose(derivative * c, right, rtol=1e-3, atol=1e-4):
        return "gradients", WRONG_GRADIENT
    return None


def centred(rows):
    return rows - rows.mean(-1, keepdims=True)


def likely_noise(x, tau, log_y):
    """The mistake that explains the noise, if exactly one does."""
    unlike = {
        DIVIDED_FIRST: unlike_gumbel(x / tau - log_y),
        TAU_IGNORED: unlike_gumbel(x - log_y),
        MULTIPLIED: unlike_gumbel(x - log_y / tau),
        ON_SHARES: unlike_gumbel(softmax(x, -1) - tau * log_y),
        ONLY_NOISE_DIVIDED: unlike_gumbel(tau * (x - log_y)),
        NEGATIVE: unlike_gumbel(tau * log_y - x),
        ONE_LOG: unlike_exponential(x - tau * log_y),
        **{NORMAL: unlike_normal(x - tau * log_y), UNIFORM: unlike_spread(x - tau * log_y)},
    }
    likely = [sentence for sentence, statistic in unlike.items() if statistic < 3]
    return likely[0] if len(likely) == 1 else NOT_GUMBEL


def gumbel_cases(logits, tau):
    """Draws are judged by their distribution; logits far apart outweigh any noise."""
    far = np.array([[1e4, 2e3, -1e4], [-1e4, -2e3, -9e3]])
    return (
        Case((np.tile(logits, (6000, 1)),), {"tau": tau}, judge=judge_gumbel),
        Case((far,), {"tau": tau}, part="robustness"),
        Case((np.stack([far, far[:, ::-1]]),), {"tau": tau}, part="robustness"),
    )


def sample(noisy, tau):
    return softmax(noisy / tau, -1)


def one_hot(y):
    return 1.0 * (y == largest(y, -1))


GUMBEL_SOFTMAX_MISTAKES = """
sample(x, tau)
sample(x, 1)                                                 # NO_NOISE
sample(x + rng.normal(size=x.shape), tau)                    # NORMAL
sample(x + rng.uniform(size=x.shape), tau)                   # UNIFORM
sample(x + rng.gumbel(size=x.shape) / tau, 1)                # ONLY_NOISE_DIVIDED
sample(x * rng.gumbel(size=x.shape), tau)
sample(x + rng.uniform(-1, 1, size=x.shape), tau)            # NOT_GUMBEL
sample(x + rng.exponential(size=x.shape), tau)               # ONE_LOG
sample(x - rng.gumbel(size=x.shape), tau)                    # NEGATIVE
sample(x + rng.gumbel(size=x.shape[-1:]), tau)               # SHARED_NOISE
sample(x + random.default_rng(0).gumbel(size=x.shape), tau)  # SAME_NOISE
sample(x / tau + rng.gumbel(size=x.shape), 1)                # DIVIDED_FIRST
sample(x + rng.gumbel(size=x.shape), 1)                      # TAU_IGNORED
sample(x + rng.gumbel(size=x.shape), 1 / tau)                # MULTIPLIED
sample(softmax(x, -1) + rng.gumbel(size=x.shape), tau)       # ON_SHARES
one_hot(x + rng.gumbel(size=x.shape))                        # ONE_HOT
(x + rng.gumbel(size=x.shape)) / tau                         # NOT_ONE
"""

GUMBEL_SOFTMAX_EXERCISE = Exercise(
    "gumbel_softmax",
    oracle=sample,
    visible=gumbel_cases([2.5, 1.0, 0.0, -1.0], 0.6),
    hidden=lambda rng: gumbel_cases(
        rng.permutation([2.5, 1.0, 0.0, -1.5]), round(rng.uniform(1.6, 2.0), 2)
    ),
    reference={
        "pytorch": "gumbel_softmax_pt = lambda x, tau: F.gumbel_softmax(x, tau)",
        # TensorFlow has none: this is the answer of the chapter.
        "tensorflow": """
def gumbel_softmax_tf(x, tau):
    noise = -tf.math.log(-tf.math.log(tf.random.uniform(x.shape)))
    return tf.nn.softmax((x + noise) / tau)
""",
    },
    allow=("softmax", "log_softmax"),
    forbid=("torch.distributions.RelaxedOneHotCategorical",),
    elementwise=False,
    misconceptions=mistakes(
        GUMBEL_SOFTMAX_MISTAKES, globals(), "x, tau", rng=np.random.default_rng()
    ),
)

GUMBEL_SOFTMAX = component(
    "gumbel_softmax",
    name="Gumbel-softmax",
    zh="Gumbel 归一化指数函数",
    pytorch=("torch.nn.functional.gumbel_softmax",),
    calls="""
F.gumbel_softmax(x, tau=0.5) | tf.nn.softmax((x + noise) / 0.5)
    # `noise` is −log(−log u); u is random between 0 and 1, and new in each call
""",
    defaults="torch.nn.functional.gumbel_softmax(tau=1, hard=False, dim=-1)",
    behaviour={
        "gumbel-bridge-tf": "TensorFlow has no Gumbel-softmax: the chapter defines one",
        "gumbel-wins-tf": "each class is the largest with its softmax probability, at any "
        "temperature",
        "gumbel-hard-tf": "`hard=True` returns a one-hot sample with the gradient of the softmax "
        "output",
    },
    exercises=(GUMBEL_SOFTMAX_EXERCISE,),
)


def sums(x, axis):
    """The sums of the one, two, three, … largest numbers along ``axis``."""
    return -np.sort(-x, axis).cumsum(axis)


def ranks(x, axis):
    """1, 2, 3, … along ``axis``."""
    return np.ones_like(x).cumsum(axis)


def candidates(x, axis):
    return (sums(x, axis) - 1) / ranks(x, axis)


def above(x, axis, thresholds):
    """The part of ``x`` above the largest of the ``thresholds`` along ``axis``."""
    return np.maximum(x - largest(thresholds, axis), 0)


def sparsemax(x, axis):
    return above(x, axis, candidates(x, axis))


def sparsemax_of_keras(x, axis):
    """What Keras 3.15 computes on TensorFlow: it adds up the cumulative sums."""
    supported = 1 - ranks(x, axis) * np.sort(-x, axis) > sums(x, axis)
    threshold = (total(supported * sums(x, axis), axis) - 1) / total(supported, axis)
    return np.maximum(x - threshold, 0)


def threshold_of_all(x, axis):
    return (total(x, axis) - 1) / x.shape[axis]


SPARSEMAX_MISTAKES = """
sparsemax_of_keras(x, axis)
              # the cumulative sums are added up, as in Keras 3.15: use only one of them
softmax(x, axis)  # this is the softmax: numbers below the threshold must get 0
1.0 * (x == largest(x, axis))
first_largest(x, axis)
              # the largest number gets everything: numbers close to it must get a share, too
maximum(x, 0)
              # negative numbers become 0, the others stay as they are: first subtract the threshold
maximum(x, 0) / total(maximum(x, 0), axis)
              # positive numbers are divided by their sum: subtract the threshold instead
maximum(x - threshold_of_all(x, axis), 0)
              # the threshold counts all numbers, as after a sort in ascending order: sort in
              # descending order, and take the largest candidate
x - threshold_of_all(x, axis)
x - largest(candidates(x, axis), axis)
              # some shares are negative: make numbers below the threshold 0
above(x, axis, (x.cumsum(axis) - 1) / ranks(x, axis))
              # the cumulative sums are those of unsorted numbers: first sort in descending order
zeros_like(x) # everything becomes 0, as when the 1 is missing or added in the candidates for the
              # threshold: they are (sum − 1) / k
above(x, axis, (sums(x, axis) - 1) / (ranks(x, axis) - 1))
              # the ranks start at 0: divide by 1, 2, 3, …
above(x, axis, sums(x, axis) - 1 / ranks(x, axis))  # only the 1 is divided by k: divide (sum − 1)
above(x, axis, candidates(x, axis).min(axis, keepdims=True))
              # the threshold is the smallest candidate: take the largest
above(x, axis, (sums(x, axis) - 1) / arange(1, x.shape[axis] + 1))
              # the ranks 1, 2, 3, … lie along the last axis: they must lie along the given axis
moveaxis(sparsemax(x, axis), axis, -1)  # the axis is moved to the end and stays there: move it back
maximum(x - candidates(x, axis).max(), 0)
              # all rows share one threshold: take the maximum along the axis only
maximum(x - candidates(x, axis).max(axis), 0)  # KEPT
gradient: (upstream_gradient * (sparsemax(x, axis) > 0),)
              # values are right, but the gradient treats the threshold as a constant: do not detach
              # it
clip(x, 0, 1)  # the numbers are only clipped to 0 and 1: subtract the threshold
maximum(x, 0) / (total(maximum(x, 0), axis) + 1e-9)
              # positive numbers are divided by their sum: subtract the threshold instead
"""

SPARSEMAX_EXERCISE = along_an_axis(
    (sparsemax,),
    SPARSEMAX_MISTAKES,
    visible=visible([[1e4, 9999.5], [-9999.75, -1e4]]),
    # PyTorch has none, and Keras's is wrong if more than one number gets a share, so these
    # are the answers of the chapter, along any axis.
    reference={
        "pytorch": """
def sparsemax_pt(x, axis):
    x = x.movedim(axis, -1)
    z = x.sort(-1, descending=True).values
    k = torch.arange(1, x.shape[-1] + 1)
    tau = ((z.cumsum(-1) - 1) / k).amax(-1, keepdim=True)
    return F.relu(x - tau).movedim(-1, axis)
""",
        "tensorflow": """
def sparsemax_tf(x, axis):
    x = keras.ops.moveaxis(x, axis, -1)
    z = tf.sort(x, direction="DESCENDING")
    k = tf.range(1.0, x.shape[-1] + 1)
    tau = tf.reduce_max((tf.cumsum(z, -1) - 1) / k, -1, keepdims=True)
    return keras.ops.moveaxis(tf.nn.relu(x - tau), -1, axis)
""",
    },
    difficulty=3,
)

SPARSEMAX = component(
    "sparsemax",
    name="Sparsemax",
    zh="稀疏归一化函数",
    keras=("keras.activations.sparsemax",),
    calls="""
sparsemax_pt(x) | sparsemax_tf(x)  # copy both functions from this section, because Keras 3.15's own
    # is wrong
""",
    behaviour={
        "sparsemax-bridge-pt": "PyTorch has no sparsemax: the chapter defines one",
        "sparsemax-keras-tf": "Keras's sparsemax is wrong if more than one number gets a "
        "probability above 0",
        "sparsemax-shift-tf": "adding a constant to the input changes Keras's output",
        "sparsemax-out-tf": "a number with the probability 0 gets no gradient",
    },
    exercises=(SPARSEMAX_EXERCISE,),
)

COMPONENTS = (SOFTMAX, SOFTMAX2D, LOG_SOFTMAX, SOFTMIN, GUMBEL_SOFTMAX, SPARSEMAX)
