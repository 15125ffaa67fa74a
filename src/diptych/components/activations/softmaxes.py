"""Softmaxes: Softmax, Softmax2d, LogSoftmax, Softmin, Gumbel-softmax and Sparsemax."""

from dataclasses import replace
from math import comb

import numpy as np

from diptych.catalogue.exercise import Case, Exercise, upstream_gradient
from diptych.catalogue.notation import component, mistakes

KEPT = (
    "a reduced axis is missing, so that a square input is worked on along the wrong axis: keep it, "
    "with keepdim=True in PyTorch, keepdims=True in TensorFlow"
)
OVERFLOW = (
    "exp of a large number is infinite, and of a very negative one 0: subtract the maximum along "
    "the axis first, it cancels"
)
CLIPPED = (
    "numbers are clipped before exp, so that 9,000 and 10,000 come out alike: subtract the "
    "maximum along the axis instead"
)
CONSTANT_SUM = (
    "values are right, but the gradient takes the sum for a constant: do not detach it, every "
    "number of the axis moves it"
)

AXES = """
f(x, -1)      # it always goes along the last axis: use the axis that is asked for
f(x, 0)       # it always goes along the first axis: use the axis that is asked for
f(x, 1)       # it always goes along axis 1: use the axis that is asked for
f(x.ravel(), 0).reshape(x.shape)
              # it takes all numbers together, whatever their axis: reduce along the axis that is
              # asked for
"""


def largest(x, axis):
    return x.max(axis, keepdims=True)


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


def to_the_largest(gradient, x, axis):
    """What the maximum that is subtracted passes on: the sum, to the largest number."""
    return (x == largest(x, axis)) * total(gradient, axis)


def visible(far):
    """Cases that a learner sees: both axes of a square, a list, three dimensions, large numbers."""
    square = np.array([[1.0, 2.0, 4.0], [-1.0, 0.5, 0.0], [0.2, 0.1, 0.4]])
    cube = np.array([[[0.5, -1.0], [0.2, 1.5], [0.1, 0.0]], [[2.0, 0.3], [1.7, -0.2], [0.0, 0.9]]])
    return (
        Case((square,), {"axis": -1}),
        Case((square,), {"axis": 0}),
        Case((np.array([0.0, 1.0, 0.4]),), {"axis": 0}),
        Case((cube,), {"axis": 1}, part="robustness"),
        Case((np.array([1e4, 9e3, -1e4]),), {"axis": -1}, part="robustness"),
        Case((np.array(far),), {"axis": -1}, part="robustness"),
    )


def far_apart(rng):
    """Four numbers so far apart that float32 does not care in which order they are subtracted."""
    return rng.permutation([-9e3, -4e3, 2e3, 8e3])


def hidden(rng):
    shapes = {(6,): 0, (3, 4): -1, (4, 3): 0, (2, 3, 4): 1, (3, 2, 2): -3, (1, 2, 3): -1}
    large = far_apart(rng) + rng.uniform(-500, 500, 4)
    cases = [Case((rng.normal(0, 0.8, shape),), {"axis": i}) for shape, i in shapes.items()]
    cases[3:] = [replace(case, part="robustness") for case in cases[3:]]
    return (*cases, Case((large,), {"axis": -1}, part="robustness"))


def along_an_axis(functions, wrong, in_torch="", in_tf="", **fields):
    """The exercise of a function of ``x`` and ``axis``, the first of ``functions``.

    ``wrong`` are its mistakes, as text; each of the ``functions`` along a wrong axis is one more.
    ``in_torch`` and ``in_tf`` are the frameworks' own calls. Other ``fields`` go before the usual.
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
                                       # the minimum is subtracted, and exp of what is left still
                                       # overflows: subtract the maximum
nan_to_num(naive(x, axis))             # OVERFLOW
naive(clip(x, -80, 80), axis)
naive(minimum(x, 80), axis)            # CLIPPED
naive(x - x.max(), axis)               # the maximum of the whole tensor is subtracted, so that a
                                       # row far below it becomes 0/0: take the maximum along the
                                       # axis
exps(x, axis) / exps(x, axis).sum(axis)
exp(x - x.max(axis)) / exp(x - x.max(axis)).sum(axis)
naive(x - x.max(axis), axis)
exp(x - x.max()) / exp(x - x.max()).sum(axis)
exp(x) / exp(x).sum(axis)              # KEPT
x / total(x, axis)                     # the numbers are divided by their sum as they are: take exp
                                       # of each first
exp(-logaddexp(0, -x))                 # each number is squeezed on its own, as by a sigmoid: divide
                                       # by the sum of all exp
exps(x, axis)                          # the largest comes out as 1: divide by the sum of the exp,
                                       # not by the largest of them
softmax(-x, axis)
naive(-x, axis)                        # small numbers get the large shares: look at the sign in exp
log_softmax(x, axis)                   # this is the logarithm of the softmax: leave the log out
1.0 * (x == largest(x, axis))          # the largest number gets everything: that is the argmax, a
                                       # softmax gives shares to all
gradient: (upstream_gradient * softmax(x, axis),)
gradient: (upstream_gradient * softmax(x, axis)
           - to_the_largest(upstream_gradient * softmax(x, axis), x, axis),)
                                       # CONSTANT_SUM
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
    defaults="""
torch.nn.Softmax(dim=None)
torch.nn.functional.softmax(dim=None)
keras.layers.Softmax(axis=-1)
keras.activations.softmax(axis=-1)
tf.nn.softmax(axis=None)
""",
    behaviour={
        "softmax-axis-pt": "no axis: torch warns and takes the first of three",
        "softmax-axis-tf": "no axis: TensorFlow takes the last",
        "softmax-none-tf": "axis=None: the last in tf.nn, all of them in Keras",
        "softmax-axes-tf": "Keras goes along several axes at once",
        "softmax-thousand-tf": "written as its formula it is NaN at 1,000",
        "softmax-mask-tf": "a row that is masked wholly: NaN, in Keras's layer 0",
        "softmax-integers-pt": "whole numbers: both refuse, torch converts on request",
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
f(x, -1)            # this goes along the last axis, the width: the channels are third from the end
f(x, -2)            # this goes along the height: the channels are third from the end
f(x, 1)             # right for a batch only: in one image, of three dimensions, axis 1 is the
                    # height; count the axis from the end
f(x, 0)             # this goes along axis 0, which is the batch as soon as there is one: count the
                    # axis from the end
f(x, (-2, -1))      # each channel sums to 1 over its pixels: it is each pixel that must sum to 1
                    # over its channels
f(x, (-3, -2, -1))  # each image sums to 1 as a whole: it is each pixel that must
f(x, None)          # all numbers together sum to 1: it is each pixel that must
"""

SOFTMAX2D_MISTAKES = """
naive(x, -3)               # OVERFLOW
naive(clip(x, -80, 80), -3)
naive(minimum(x, 80), -3)  # CLIPPED
naive(x - x.max(), -3)     # the maximum of the whole tensor is subtracted, so that a pixel far
                           # below it becomes 0/0: take the maximum of the pixel's channels
exp(-logaddexp(0, -x))     # each number is squeezed on its own, as by a sigmoid: a pixel's channels
                           # must sum to 1
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
    behaviour={
        "softmax2d-bridge-tf": "TensorFlow has none: axis −3 is the same",
        "softmax2d-wrong-tf": "the default axis takes another class in many pixels",
        "softmax2d-shapes-pt": "torch's wants three or four dimensions",
    },
    exercises=(SOFTMAX2D_EXERCISE,),
)


def log_of_naive(x, axis):
    return np.log(naive(x, axis))


def log_naive(x, axis):
    return x - np.log(total(np.exp(x), axis))


TINY = (1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16, 1e-20, 1e-30)

LOG_SOFTMAX_MISTAKES = """
log(softmax(x, axis))
log_of_naive(x, axis)         # far below the largest the softmax is 0 in float32, and its log −∞:
                              # work the logarithm of the quotient out before you write it
log_naive(x, axis)            # OVERFLOW
log_naive(x - x.max(), axis)  # the maximum of the whole tensor is subtracted, so that a row far
                              # below it becomes the log of 0: take the maximum along the axis
for tiny in TINY: log(softmax(x, axis) + tiny)
for tiny in TINY: log(maximum(softmax(x, axis), tiny))
                              # a small number stands below the log, added or as a floor: far below
                              # the largest the answer stops there, and so does its gradient
softmax(x, axis)              # this is the softmax: the log is missing
-log_softmax(x, axis)         # the sign is wrong: the logarithm of a share is negative
x - largest(x, axis)          # only the maximum is subtracted: the logarithm of the sum is still
                              # missing
x - largest(x, axis) - total(exps(x, axis), axis)
                              # the sum itself is subtracted: subtract its logarithm
x - log(total(exps(x, axis), axis))
                              # the maximum is subtracted inside the sum only: subtract it from x as
                              # well, or add it to the logarithm
x - largest(x, axis) - log(exps(x, axis).sum(axis))
x - (x.max(axis) + log(exps(x, axis).sum(axis)))
                              # KEPT
-logaddexp(0, -x)             # each number is squeezed on its own, as by a sigmoid: subtract the
                              # log of the sum of all exp
gradient: (upstream_gradient,)
gradient: (upstream_gradient - to_the_largest(upstream_gradient, x, axis),)
                              # CONSTANT_SUM
"""

LOG_SOFTMAX_EXERCISE = along_an_axis(
    (log_softmax, log_of_naive, log_naive),
    LOG_SOFTMAX_MISTAKES,
    "torch.log_softmax(x, axis)",
    "tf.nn.log_softmax(x, axis)",
)

LOG_SOFTMAX = component(
    "log_softmax",
    name="Log-softmax",
    zh="对数归一化指数函数",
    pytorch=("torch.nn.LogSoftmax", "torch.nn.functional.log_softmax"),
    keras=("keras.activations.log_softmax",),
    tensorflow=("tf.nn.log_softmax",),
    defaults="""
torch.nn.LogSoftmax(dim=None)
torch.nn.functional.log_softmax(dim=None)
keras.activations.log_softmax(axis=-1)
tf.nn.log_softmax(axis=None)
""",
    behaviour={
        "log-underflow-tf": "written as log(softmax(x)) it is −∞ at −120",
        "log-gradient-tf": "and its gradient there is NaN, where −1 and 1 are right",
        "log-memory-tf": "Keras's softmax remembers its logits, and the loss uses them",
        "log-way-back": "a wrong certainty is unlearnt by the log alone",
    },
    exercises=(LOG_SOFTMAX_EXERCISE,),
)


def softmin(x, axis):
    return softmax(-x, axis)


SOFTMIN_MISTAKES = """
softmax(x, axis)
naive(x, axis)
naive(x - x.min(axis, keepdims=True), axis)          # large numbers get the large shares: the sign
                                                     # of x in exp is minus
1 - softmax(x, axis)                                 # this is 1 − softmax, which adds up to n − 1:
                                                     # turn the sign of x instead
(1 - softmax(x, axis)) / total(1 - softmax(x, axis), axis)
                                                     # 1 − softmax, divided until it adds up to 1,
                                                     # is another function: turn the sign of x
-softmax(x, axis)                                    # the shares are negative: the minus belongs in
                                                     # front of x, inside exp
naive(-x, axis)                                      # exp of a large number is infinite, and of a
                                                     # very negative one 0: subtract the maximum of
                                                     # −x along the axis first, it cancels
naive(largest(x, axis) - x, axis)
naive(-largest(x, axis) - x, axis)
naive(-x.min(axis, keepdims=True) - x, axis)         # what is subtracted from −x is not its
                                                     # maximum: the maximum of −x is minus the
                                                     # minimum of x
1 / x / total(1 / x, axis)                           # the reciprocals are divided by their sum:
                                                     # take exp of −x instead of 1/x
gradient: (-upstream_gradient * softmin(x, axis),)
gradient: (to_the_largest(upstream_gradient * softmin(x, axis), -x, axis)
           - upstream_gradient * softmin(x, axis),)  # CONSTANT_SUM
naive(clip(-x, -80, 80), axis)                       # CLIPPED
exps(-x, axis) / exps(-x, axis).sum(axis)            # KEPT
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
    defaults="""
torch.nn.Softmin(dim=None)
torch.nn.functional.softmin(dim=None)
""",
    behaviour={
        "softmin-bridge-tf": "TensorFlow has none: the softmax of −x is the same",
        "softmin-complement-pt": "it is not 1 − softmax",
        "softmin-nearest": "of distances it chooses the nearest, with a gradient",
    },
    exercises=(SOFTMIN_EXERCISE,),
)

NOT_ONE = "the shares of a row do not add up to 1: end with a softmax along the last axis"
ONE_HOT = "everything goes to one place: this is the sample, the softmax of x + noise is asked for"
NO_NOISE = "nothing is random: add noise before the softmax"
SHARED_NOISE = "all rows get the same noise: draw as many numbers as x has"
SAME_NOISE = "two calls draw the same noise: draw anew in each call, without a fixed seed"
DIVIDED_FIRST = "x is divided by tau before the noise is added: divide the sum of both"
MULTIPLIED = "the sum is multiplied by tau: divide by it"
TAU_IGNORED = "tau changes nothing: divide the sum of x and noise by it"
ON_SHARES = "the noise is added to softmax(x): add it to x itself"
NEGATIVE = "the noise has the wrong sign: Gumbel noise is −log(−log u), with a minus outside"
ONE_LOG = "the noise is −log u: Gumbel noise takes the logarithm twice, −log(−log u)"
NOT_GUMBEL = "the noise is not Gumbel's: it is −log(−log u), with u uniform between 0 and 1"
NO_GRADIENT = "no gradient reaches x"
WRONG_GRADIENT = "the gradient is not that of the softmax that came out: detach nothing"


def unlike_uniform(u):
    """Kolmogorov and Smirnov's sqrt(n) D: above 3 once in 30 million uniform samples."""
    n = len(u)
    return np.sqrt(n) * np.max(np.abs(np.sort(u) - (np.arange(n) + 0.5) / n))


def unlike_gumbel(log_e):
    """``log_e``: (n, k), minus the noise, up to a constant a row.

    For Gumbel noise exp of it is exponential, and such numbers, divided by their sum, cut the
    unit interval at random: the smallest and the largest piece have known distributions.
    """
    pieces = softmax(log_e, -1)
    k, most = pieces.shape[-1], pieces.max(-1)
    below = sum(
        (-1) ** j * comb(k, j) * np.maximum(1 - j * most, 0) ** (k - 1) for j in range(k + 1)
    )
    return max(unlike_uniform((1 - k * pieces.min(-1)) ** (k - 1)), unlike_uniform(below))


def unlike_exponential(log_e):
    """The largest of exponential numbers exceeds the second by one that is exponential, too."""
    noise = np.sort(-log_e, -1)
    return unlike_uniform(np.exp(noise[:, -2] - noise[:, -1]))


@np.errstate(all="ignore")  # what comes back may be anything
def judge_gumbel(case, first, second, derivative):
    """Judge 6,000 rows, drawn twice."""
    x, tau = case.inputs[0], case.arguments["tau"]
    y = np.float64(first)
    if not np.allclose(y.sum(-1), 1, atol=1e-4):
        return NOT_ONE
    if np.isin(y, (0, 1)).all():
        return ONE_HOT
    # y = softmax((x + noise) / tau), solved for −noise, but for a constant a row. A draw of 0 from
    # a generator that includes it makes a share of 0; a single one must not decide.
    log_y = np.log(np.maximum(y, 1e-45))
    log_e = x - tau * log_y
    same = np.allclose(first, second, rtol=1e-4)
    if np.ptp(log_e - log_e.mean(-1, keepdims=True), axis=0).max() < 1e-3:
        return NO_NOISE if same else SHARED_NOISE
    if same:
        return SAME_NOISE
    if unlike_gumbel(log_e) > 3:
        unlike = {
            DIVIDED_FIRST: unlike_gumbel(x / tau - log_y),
            TAU_IGNORED: unlike_gumbel(x - log_y),
            MULTIPLIED: unlike_gumbel(x - log_y / tau),
            ON_SHARES: unlike_gumbel(softmax(x, -1) - tau * log_y),
            NEGATIVE: unlike_gumbel(-log_e),
            ONE_LOG: unlike_exponential(log_e),
        }
        likely = min(unlike, key=unlike.get)
        return likely if unlike[likely] < 3 else NOT_GUMBEL
    if derivative is None:
        return "gradients", NO_GRADIENT
    y = np.float64(second)
    c = upstream_gradient(y.shape)
    right = y * (c - (c * y).sum(-1, keepdims=True)) / tau
    if not np.allclose(derivative * c, right, rtol=1e-3, atol=1e-4):
        return "gradients", WRONG_GRADIENT
    return None


def gumbel_cases(logits, tau):
    """Random ones are judged; where logits are far apart, noise of any size changes nothing."""
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
sample(x + rng.normal(size=x.shape), tau)
sample(x + rng.uniform(size=x.shape), tau)                   # NOT_GUMBEL
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
        # TensorFlow has none: this is the chapter's.
        "tensorflow": """
def gumbel_softmax_tf(x, tau):
    noise = -tf.math.log(-tf.math.log(tf.random.uniform(x.shape)))
    return tf.nn.softmax((x + noise) / tau)
""",
    },
    allow=("softmax", "log_softmax"),
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
    defaults="torch.nn.functional.gumbel_softmax(tau=1, hard=False, dim=-1)",
    behaviour={
        "gumbel-bridge-tf": "TensorFlow has none: the chapter builds one",
        "gumbel-wins-tf": "how often each place wins is the softmax, whatever tau",
        "gumbel-hard-tf": "hard=True: a one-hot sample with the soft one's gradient",
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
    """What of ``x`` stands out above the largest of the ``thresholds`` along ``axis``."""
    return np.maximum(x - largest(thresholds, axis), 0)


def sparsemax(x, axis):
    return above(x, axis, candidates(x, axis))


def sparsemax_of_keras(x, axis):
    """What Keras 3.15 computes on TensorFlow: it adds up the cumulative sums, too."""
    supported = 1 - ranks(x, axis) * np.sort(-x, axis) > sums(x, axis)
    threshold = (total(supported * sums(x, axis), axis) - 1) / total(supported, axis)
    return np.maximum(x - threshold, 0)


def threshold_of_all(x, axis):
    return (total(x, axis) - 1) / x.shape[axis]


SPARSEMAX_MISTAKES = """
sparsemax_of_keras(x, axis)
                   # the cumulative sums are added up once more, as Keras does: of them only that of
                   # the last number with a share counts
softmax(x, axis)   # every number gets a share: that is the softmax
1.0 * (x == largest(x, axis))
                   # the largest number gets everything: those close to it have a share, too
maximum(x, 0)      # negative numbers become 0, and the rest stays: subtract the threshold first
maximum(x, 0) / total(maximum(x, 0), axis)
                   # numbers are divided by their sum: sparsemax subtracts, so that differences
                   # between the shares are those between the numbers
maximum(x - threshold_of_all(x, axis), 0)
                   # the threshold is made of all numbers, also of those that end at 0: only those
                   # above it count, and where you sort, the largest comes first
x - threshold_of_all(x, axis)
x - largest(candidates(x, axis), axis)
                   # shares are negative: what is below the threshold becomes 0
above(x, axis, (x.cumsum(axis) - 1) / ranks(x, axis))
                   # the cumulative sums are those of unsorted numbers: sort first, largest first
above(x, axis, x)  # 1 is missing: the candidates are (sum − 1) / k, so that what stands out adds up
                   # to 1
above(x, axis, (sums(x, axis) - 1) / (ranks(x, axis) - 1))
                   # the ranks start at 0: divide by 1, 2, 3 and so on
above(x, axis, sums(x, axis) - 1 / ranks(x, axis))
                   # only the 1 is divided by k: put (sum − 1) in brackets
above(x, axis, candidates(x, axis).min(axis, keepdims=True))
                   # the smallest candidate is taken for the threshold: take the largest
above(x, axis, (sums(x, axis) - 1) / arange(1, x.shape[axis] + 1))
                   # the ranks 1, 2, 3 lie along the last axis: they must lie along the axis that is
                   # asked for
moveaxis(sparsemax(x, axis), axis, -1)
                   # the axis stays at the end, where it was moved: move it back
maximum(x - candidates(x, axis).max(), 0)
                   # all rows have the same threshold: take the maximum along the axis only
maximum(x - candidates(x, axis).max(axis), 0)
                   # KEPT
gradient: (upstream_gradient * (sparsemax(x, axis) > 0),)
                   # values are right, but the gradient takes the threshold for a constant: do not
                   # detach it, every number with a share moves it
"""

SPARSEMAX_EXERCISE = along_an_axis(
    (sparsemax,),
    SPARSEMAX_MISTAKES,
    visible=visible([[1e4, 9999.5], [-9999.75, -1e4]]),
    # Torch has none, and Keras's is wrong wherever more than one number gets a share: a correct
    # answer stands here for both, the chapter's, along any axis.
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
)

SPARSEMAX = component(
    "sparsemax",
    name="Sparsemax",
    zh="稀疏归一化函数",
    keras=("keras.activations.sparsemax",),
    behaviour={
        "sparsemax-bridge-pt": "torch has none: the chapter builds one",
        "sparsemax-keras-tf": "Keras's is right where one number takes all, else wrong",
        "sparsemax-shift-tf": "adding a constant changes what Keras returns",
        "sparsemax-out-tf": "what is left out gets no gradient",
    },
    exercises=(SPARSEMAX_EXERCISE,),
)

COMPONENTS = (SOFTMAX, SOFTMAX2D, LOG_SOFTMAX, SOFTMIN, GUMBEL_SOFTMAX, SPARSEMAX)
