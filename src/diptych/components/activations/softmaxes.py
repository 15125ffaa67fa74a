"""Softmaxes: Softmax, Softmax2d, LogSoftmax, Softmin, Gumbel-softmax and Sparsemax."""

from math import comb

import numpy as np

from diptych.catalogue.component import Behaviour, Component, Default
from diptych.catalogue.exercise import Case, Exercise, Misconception, cotangent

LAST_AXIS = "it always goes along the last axis: use the axis that is asked for"
SECOND_AXIS = "it always goes along axis 1: use the axis that is asked for"
FIRST_AXIS = "it always goes along the first axis: use the axis that is asked for"
NO_AXIS = (
    "it takes all numbers together, whatever their axis: reduce along the axis that is asked for"
)
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
GLOBAL = (
    "the maximum of the whole tensor is subtracted, so that a row far below it becomes 0/0: take "
    "the maximum along the axis"
)


def exps(x, axis):
    return np.exp(x - x.max(axis, keepdims=True))


def softmax(x, axis):
    return exps(x, axis) / exps(x, axis).sum(axis, keepdims=True)


def log_softmax(x, axis):
    shifted = x - x.max(axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis, keepdims=True))


def naive(x, axis):
    return np.exp(x) / np.exp(x).sum(axis, keepdims=True)


def flat(function):
    """``function`` of all numbers together, as if there were one axis."""
    return lambda x, axis: function(x.ravel(), 0).reshape(x.shape)


def wrong_axes(*functions):
    """The misconceptions about the axis, for each right or overflowing ``function``."""
    for i, function in enumerate(functions):
        yield from (
            Misconception(f"last_axis_{i}", LAST_AXIS, lambda x, axis, f=function: f(x, -1)),
            Misconception(f"first_axis_{i}", FIRST_AXIS, lambda x, axis, f=function: f(x, 0)),
            Misconception(f"second_axis_{i}", SECOND_AXIS, lambda x, axis, f=function: f(x, 1)),
            Misconception(f"no_axis_{i}", NO_AXIS, flat(function)),
        )


def to_the_largest(gradient, x, axis):
    """What the maximum that is subtracted passes on: the sum, to the largest number."""
    return (x == x.max(axis, keepdims=True)) * gradient.sum(axis, keepdims=True)


def constant_sum(*gradients):
    """A sum that was detached: with the maximum detached as well, and without."""
    sentence = (
        "values are right, but the gradient takes the sum for a constant: do not detach it, every "
        "number of the axis moves it"
    )
    for i, g in enumerate(gradients):
        yield Misconception(
            f"constant_sum_{i}", sentence, gradient=lambda c, x, axis, g=g: (g(c, x, axis),)
        )


FAR_ROWS = np.array([[1e4, 2e3], [-2e3, -1e4]])


def visible(far=FAR_ROWS):
    """Cases that a learner sees: both axes of a square, a list, three dimensions, large numbers."""
    square = np.array([[1.0, 2.0, 4.0], [-1.0, 0.5, 0.0], [0.2, 0.1, 0.4]])
    cube = np.array([[[0.5, -1.0], [0.2, 1.5], [0.1, 0.0]], [[2.0, 0.3], [1.7, -0.2], [0.0, 0.9]]])
    return (
        Case((square,), {"axis": -1}),
        Case((square,), {"axis": 0}),
        Case((np.array([0.0, 1.0, 0.4]),), {"axis": 0}),
        Case((cube,), {"axis": 1}, part="robustness"),
        Case((np.array([1e4, 9e3, -1e4]),), {"axis": -1}, part="robustness"),
        Case((far,), {"axis": -1}, part="robustness"),
    )


def hidden(rng):
    shapes = {(6,): 0, (3, 4): -1, (4, 3): 0, (2, 3, 4): 1, (3, 2, 2): -3, (1, 2, 3): -1}
    # So far apart that float32 does not care in which order the formula subtracts.
    large = rng.permutation([-9e3, -4e3, 2e3, 8e3]) + rng.uniform(-500, 500, 4)
    return (
        *(
            Case(
                (rng.normal(0, 0.8, shape),),
                {"axis": axis},
                part="values" if len(shape) < 3 else "robustness",
            )
            for shape, axis in shapes.items()
        ),
        Case((large,), {"axis": -1}, part="robustness"),
    )


def along_an_axis(answer, oracle, in_torch, in_tf, misconceptions):
    """The exercise of a function of ``x`` and ``axis``; the builtins are expressions in both."""
    return Exercise(
        answer=answer,
        oracle=oracle,
        visible=visible(),
        hidden=hidden,
        builtin={
            "pytorch": f"{answer}_pt = lambda x, axis: {in_torch}",
            "tensorflow": f"{answer}_tf = lambda x, axis: {in_tf}",
        },
        elementwise=False,
        misconceptions=tuple(misconceptions),
    )


SOFTMAX_MISTAKES = (
    Misconception("infinite_ratio", OVERFLOW, naive),
    Misconception(
        "infinite_ratio_patched",
        OVERFLOW,
        lambda x, axis: np.exp(x) / (np.exp(x).sum(axis, keepdims=True) + 1e-8),
    ),
    Misconception(
        "minimum",
        "the minimum is subtracted, and exp of what is left still overflows: subtract the maximum",
        lambda x, axis: naive(x - x.min(axis, keepdims=True), axis),
    ),
    Misconception("nan_to_zero", OVERFLOW, lambda x, axis: np.nan_to_num(naive(x, axis))),
    Misconception("clipped", CLIPPED, lambda x, axis: naive(np.clip(x, -80, 80), axis)),
    Misconception("clipped_above", CLIPPED, lambda x, axis: naive(np.minimum(x, 80), axis)),
    Misconception("global_maximum", GLOBAL, lambda x, axis: naive(x - x.max(), axis)),
    Misconception(
        "no_keepdims",
        KEPT,
        lambda x, axis: exps(x, axis) / exps(x, axis).sum(axis),
    ),
    Misconception(
        "no_keepdims_at_all",
        KEPT,
        lambda x, axis: np.exp(x - x.max(axis)) / np.exp(x - x.max(axis)).sum(axis),
    ),
    Misconception(
        "no_keepdims_in_the_maximum",
        KEPT,
        lambda x, axis: naive(x - x.max(axis), axis),
    ),
    Misconception(
        "no_keepdims_global",
        KEPT,
        lambda x, axis: np.exp(x - x.max()) / np.exp(x - x.max()).sum(axis),
    ),
    Misconception("no_keepdims_infinite", KEPT, lambda x, axis: np.exp(x) / np.exp(x).sum(axis)),
    Misconception(
        "no_exp",
        "the numbers are divided by their sum as they are: take exp of each first",
        lambda x, axis: x / x.sum(axis, keepdims=True),
    ),
    Misconception(
        "each_alone",
        "each number is squeezed on its own, as by a sigmoid: divide by the sum of all exp",
        lambda x, axis: np.exp(-np.logaddexp(0, -x)),
    ),
    Misconception(
        "by_the_largest",
        "the largest comes out as 1: divide by the sum of the exp, not by the largest of them",
        exps,
    ),
    Misconception(
        "softmin",
        "small numbers get the large shares: look at the sign in exp",
        lambda x, axis: softmax(-x, axis),
    ),
    Misconception(
        "softmin_infinite",
        "small numbers get the large shares: look at the sign in exp",
        lambda x, axis: naive(-x, axis),
    ),
    Misconception("log", "this is the logarithm of the softmax: leave the log out", log_softmax),
    Misconception(
        "winner_only",
        "the largest number gets everything: that is the argmax, a softmax gives shares to all",
        lambda x, axis: (x == x.max(axis, keepdims=True)).astype(float),
    ),
    *constant_sum(
        lambda c, x, axis: c * softmax(x, axis),
        lambda c, x, axis: c * softmax(x, axis) - to_the_largest(c * softmax(x, axis), x, axis),
    ),
    *wrong_axes(softmax, naive),
)

SOFTMAX = Component(
    id="softmax",
    name="Softmax",
    zh="归一化指数函数",
    kind="activation",
    status="paired",
    pytorch=("torch.nn.Softmax", "torch.nn.functional.softmax"),
    keras=("keras.layers.Softmax", "keras.activations.softmax"),
    tensorflow=("tf.nn.softmax",),
    defaults=(
        Default("torch.nn.Softmax", "dim", None),
        Default("torch.nn.functional.softmax", "dim", None),
        Default("keras.layers.Softmax", "axis", -1),
        Default("keras.activations.softmax", "axis", -1),
        Default("tf.nn.softmax", "axis", None),
    ),
    behaviour=(
        Behaviour("no axis: torch warns and takes the first of three", "softmax-axis-pt"),
        Behaviour("no axis: TensorFlow takes the last", "softmax-axis-tf"),
        Behaviour("axis=None: the last in tf.nn, all of them in Keras", "softmax-none-tf"),
        Behaviour("Keras goes along several axes at once", "softmax-axes-tf"),
        Behaviour("written as its formula it is NaN at 1,000", "softmax-thousand-tf"),
        Behaviour("a row that is masked wholly: NaN, in Keras's layer 0", "softmax-mask-tf"),
        Behaviour("whole numbers: both refuse, torch converts on request", "softmax-integers-pt"),
    ),
    exercises=(
        along_an_axis(
            "softmax",
            softmax,
            "torch.softmax(x, axis)",
            "tf.nn.softmax(x, axis)",
            SOFTMAX_MISTAKES,
        ),
    ),
)


def softmax2d(x):
    return softmax(x, -3)


def hidden_images(rng):
    shapes = {(2, 4, 3, 2): "values", (1, 2, 3, 3): "values", (3, 2, 4): "robustness"}
    cases = [Case((rng.normal(0, 1.5, shape),), part=part) for shape, part in shapes.items()]
    large = rng.permutation([-9e3, -4e3, 2e3, 8e3]).reshape(1, 4, 1, 1) + rng.uniform(
        -30, 30, (1, 4, 2, 1)
    )
    return (*cases, Case((large,), part="robustness"))


IMAGE = np.array(
    [[[0.5, -1.0], [0.2, 1.5]], [[2.0, 0.3], [1.7, -0.2]], [[0.0, 0.9], [-0.6, 0.4]]]
)  # (channels, height, width)

SOFTMAX2D = Component(
    id="softmax2d",
    name="Softmax2d",
    zh="二维归一化指数函数",
    kind="activation",
    status="bridged",
    pytorch=("torch.nn.Softmax2d",),
    behaviour=(
        Behaviour("TensorFlow has none: axis −3 is the same", "softmax2d-bridge-tf"),
        Behaviour("the default axis takes another class in many pixels", "softmax2d-wrong-tf"),
        Behaviour("torch's wants three or four dimensions", "softmax2d-shapes-pt"),
    ),
    exercises=(
        Exercise(
            answer="softmax2d",
            oracle=softmax2d,
            visible=(
                Case((np.stack([IMAGE, IMAGE[::-1] / 2]),)),
                Case((IMAGE[None],)),
                Case((IMAGE,), part="robustness"),
                Case((np.array([1e4, 2e3, -1e4]).reshape(1, 3, 1, 1),), part="robustness"),
                Case(
                    (np.array([[1e4, -1e4], [2e3, -1.5e4]]).reshape(1, 2, 1, 2),),
                    part="robustness",
                ),
            ),
            hidden=hidden_images,
            builtin={
                "pytorch": "softmax2d_pt = nn.Softmax2d()",
                "tensorflow": "softmax2d_tf = lambda x: tf.nn.softmax(x, axis=-3)",
            },
            elementwise=False,
            misconceptions=(
                *(
                    Misconception(f"{name}_{i}", sentence, lambda x, f=f, axis=axis: f(x, axis))
                    for i, f in enumerate((softmax, naive))
                    for name, sentence, axis in (
                        (
                            "channels_last",
                            "this goes along the last axis, the width: the channels are third "
                            "from the end",
                            -1,
                        ),
                        (
                            "height",
                            "this goes along the height: the channels are third from the end",
                            -2,
                        ),
                        (
                            "axis_one",
                            "right for a batch only: in one image, of three dimensions, axis 1 is "
                            "the height; count the axis from the end",
                            1,
                        ),
                        (
                            "axis_zero",
                            "this goes along axis 0, which is the batch as soon as there is one: "
                            "count the axis from the end",
                            0,
                        ),
                        (
                            "spatial",
                            "each channel sums to 1 over its pixels: it is each pixel that must "
                            "sum to 1 over its channels",
                            (-2, -1),
                        ),
                        (
                            "whole_image",
                            "each image sums to 1 as a whole: it is each pixel that must",
                            (-3, -2, -1),
                        ),
                        (
                            "whole_batch",
                            "all numbers together sum to 1: it is each pixel that must",
                            None,
                        ),
                    )
                ),
                Misconception("infinite_ratio", OVERFLOW, lambda x: naive(x, -3)),
                Misconception("clipped", CLIPPED, lambda x: naive(np.clip(x, -80, 80), -3)),
                Misconception("clipped_above", CLIPPED, lambda x: naive(np.minimum(x, 80), -3)),
                Misconception(
                    "global_maximum",
                    "the maximum of the whole tensor is subtracted, so that a pixel far below it "
                    "becomes 0/0: take the maximum of the pixel's channels",
                    lambda x: naive(x - x.max(), -3),
                ),
                Misconception(
                    "each_alone",
                    "each number is squeezed on its own, as by a sigmoid: a pixel's channels must "
                    "sum to 1",
                    lambda x: np.exp(-np.logaddexp(0, -x)),
                ),
            ),
        ),
    ),
)

ADDED = (
    "a small number stands below the log, added or as a floor: far below the largest the answer "
    "stops there, and so does its gradient"
)
TWO_STEPS = (
    "far below the largest the softmax is 0 in float32, and its log −∞: work the logarithm of the "
    "quotient out before you write it"
)

LOG_SOFTMAX = Component(
    id="log_softmax",
    name="Log-softmax",
    zh="对数归一化指数函数",
    kind="activation",
    status="paired",
    pytorch=("torch.nn.LogSoftmax", "torch.nn.functional.log_softmax"),
    keras=("keras.activations.log_softmax",),
    tensorflow=("tf.nn.log_softmax",),
    defaults=(
        Default("torch.nn.LogSoftmax", "dim", None),
        Default("torch.nn.functional.log_softmax", "dim", None),
        Default("keras.activations.log_softmax", "axis", -1),
        Default("tf.nn.log_softmax", "axis", None),
    ),
    behaviour=(
        Behaviour("written as log(softmax(x)) it is −∞ at −120", "log-underflow-tf"),
        Behaviour("and its gradient there is NaN, where −1 and 1 are right", "log-gradient-tf"),
        Behaviour("Keras's softmax remembers its logits, and the loss uses them", "log-memory-tf"),
        Behaviour("a wrong certainty is unlearnt by the log alone", "log-way-back"),
    ),
    exercises=(
        along_an_axis(
            "log_softmax",
            log_softmax,
            "torch.log_softmax(x, axis)",
            "tf.nn.log_softmax(x, axis)",
            (
                Misconception(
                    "in_two_steps",
                    TWO_STEPS,
                    lambda x, axis: np.log(softmax(x, axis)),
                ),
                Misconception(
                    "in_two_naive_steps",
                    TWO_STEPS,
                    lambda x, axis: np.log(naive(x, axis)),
                ),
                Misconception(
                    "infinite_sum",
                    OVERFLOW,
                    lambda x, axis: x - np.log(np.exp(x).sum(axis, keepdims=True)),
                ),
                Misconception(
                    "global_maximum",
                    GLOBAL.replace("becomes 0/0", "becomes the log of 0"),
                    lambda x, axis: (
                        x - x.max() - np.log(np.exp(x - x.max()).sum(axis, keepdims=True))
                    ),
                ),
                *(
                    Misconception(
                        f"{name}_{tiny}",
                        ADDED,
                        lambda x, axis, tiny=tiny, patch=patch: np.log(
                            patch(softmax(x, axis), tiny)
                        ),
                    )
                    for tiny in (1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16, 1e-20, 1e-30)
                    for name, patch in (("added", np.add), ("floor", np.maximum))
                ),
                Misconception("no_log", "this is the softmax: the log is missing", softmax),
                Misconception(
                    "positive",
                    "the sign is wrong: the logarithm of a share is negative",
                    lambda x, axis: -log_softmax(x, axis),
                ),
                Misconception(
                    "no_sum",
                    "only the maximum is subtracted: the logarithm of the sum is still missing",
                    lambda x, axis: x - x.max(axis, keepdims=True),
                ),
                Misconception(
                    "sum_without_log",
                    "the sum itself is subtracted: subtract its logarithm",
                    lambda x, axis: (
                        x - x.max(axis, keepdims=True) - exps(x, axis).sum(axis, keepdims=True)
                    ),
                ),
                Misconception(
                    "maximum_not_subtracted_from_x",
                    "the maximum is subtracted inside the sum only: subtract it from x as well, or "
                    "add it to the logarithm",
                    lambda x, axis: x - np.log(exps(x, axis).sum(axis, keepdims=True)),
                ),
                Misconception(
                    "no_keepdims",
                    KEPT,
                    lambda x, axis: (
                        x - x.max(axis, keepdims=True) - np.log(exps(x, axis).sum(axis))
                    ),
                ),
                Misconception(
                    "no_keepdims_of_logsumexp",
                    KEPT,
                    lambda x, axis: x - (x.max(axis) + np.log(exps(x, axis).sum(axis))),
                ),
                Misconception(
                    "log_of_log_sigmoid",
                    "each number is squeezed on its own, as by a sigmoid: subtract the log of the "
                    "sum of all exp",
                    lambda x, axis: -np.logaddexp(0, -x),
                ),
                *constant_sum(
                    lambda c, x, axis: c,
                    lambda c, x, axis: c - to_the_largest(c, x, axis),
                ),
                *wrong_axes(
                    log_softmax,
                    lambda x, axis: np.log(naive(x, axis)),
                    lambda x, axis: x - np.log(np.exp(x).sum(axis, keepdims=True)),
                ),
            ),
        ),
    ),
)


def softmin(x, axis):
    return softmax(-x, axis)


SOFTMIN = Component(
    id="softmin",
    name="Softmin",
    zh="归一化负指数函数",
    kind="activation",
    status="bridged",
    pytorch=("torch.nn.Softmin", "torch.nn.functional.softmin"),
    defaults=(
        Default("torch.nn.Softmin", "dim", None),
        Default("torch.nn.functional.softmin", "dim", None),
    ),
    behaviour=(
        Behaviour("TensorFlow has none: the softmax of −x is the same", "softmin-bridge-tf"),
        Behaviour("it is not 1 − softmax", "softmin-complement-pt"),
        Behaviour("of distances it chooses the nearest, with a gradient", "softmin-nearest"),
    ),
    exercises=(
        along_an_axis(
            "softmin",
            softmin,
            "F.softmin(x, axis)",
            "tf.nn.softmax(-x, axis)",
            (
                Misconception(
                    "softmax",
                    "large numbers get the large shares: the sign of x in exp is minus",
                    softmax,
                ),
                Misconception(
                    "softmax_infinite",
                    "large numbers get the large shares: the sign of x in exp is minus",
                    naive,
                ),
                Misconception(
                    "softmax_of_differences",
                    "large numbers get the large shares: the sign of x in exp is minus",
                    lambda x, axis: naive(x - x.min(axis, keepdims=True), axis),
                ),
                Misconception(
                    "complement",
                    "this is 1 − softmax, which adds up to n − 1: turn the sign of x instead",
                    lambda x, axis: 1 - softmax(x, axis),
                ),
                Misconception(
                    "complement_divided",
                    "1 − softmax, divided until it adds up to 1, is another function: turn the "
                    "sign of x",
                    lambda x, axis: (
                        (1 - softmax(x, axis)) / (1 - softmax(x, axis)).sum(axis, keepdims=True)
                    ),
                ),
                Misconception(
                    "negative",
                    "the shares are negative: the minus belongs in front of x, inside exp",
                    lambda x, axis: -softmax(x, axis),
                ),
                Misconception(
                    "infinite_ratio",
                    OVERFLOW.replace("maximum", "maximum of −x"),
                    lambda x, axis: naive(-x, axis),
                ),
                *(
                    Misconception(
                        f"wrong_extreme_{i}",
                        "what is subtracted from −x is not its maximum: the maximum of −x is minus "
                        "the minimum of x",
                        lambda x, axis, m=m: naive(m(x, axis) - x, axis),
                    )
                    for i, m in enumerate(
                        (
                            lambda x, axis: x.max(axis, keepdims=True),
                            lambda x, axis: -x.max(axis, keepdims=True),
                            lambda x, axis: -x.min(axis, keepdims=True),
                        )
                    )
                ),
                Misconception(
                    "reciprocal",
                    "the reciprocals are divided by their sum: take exp of −x instead of 1/x",
                    lambda x, axis: (1 / x) / (1 / x).sum(axis, keepdims=True),
                ),
                *constant_sum(
                    lambda c, x, axis: -c * softmin(x, axis),
                    lambda c, x, axis: (
                        to_the_largest(c * softmin(x, axis), -x, axis) - c * softmin(x, axis)
                    ),
                ),
                Misconception(
                    "clipped", CLIPPED, lambda x, axis: naive(np.clip(-x, -80, 80), axis)
                ),
                Misconception(
                    "no_keepdims",
                    KEPT,
                    lambda x, axis: exps(-x, axis) / exps(-x, axis).sum(axis),
                ),
                *wrong_axes(softmin, lambda x, axis: naive(-x, axis)),
            ),
        ),
    ),
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
    k, largest = pieces.shape[-1], pieces.max(-1)
    below = sum(
        (-1) ** j * comb(k, j) * np.maximum(1 - j * largest, 0) ** (k - 1) for j in range(k + 1)
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
    y, c = np.float64(second), cotangent(x.shape)
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


def drawing(noise, softened=lambda x, g, tau: softmax((x + g) / tau, -1)):
    """A wrong answer: ``noise(rng, shape)`` is what it draws, ``softened`` what it makes of it."""
    return lambda x, tau: softened(x, noise(np.random.default_rng(), x.shape), tau)


def gumbel(rng, shape):
    return rng.gumbel(size=shape)


def one_hot(y):
    return (y == y.max(-1, keepdims=True)).astype(float)


GUMBEL_SOFTMAX_EXERCISE = Exercise(
    answer="gumbel_softmax",
    oracle=lambda x, tau: softmax(x / tau, -1),
    visible=gumbel_cases([2.5, 1.0, 0.0, -1.0], 0.6),
    hidden=lambda rng: gumbel_cases(
        rng.permutation([2.5, 1.0, 0.0, -1.5]), round(rng.uniform(1.6, 2.0), 2)
    ),
    builtin={
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
    misconceptions=tuple(
        Misconception(name, sentence, value)
        for name, sentence, value in (
            ("no_noise", NO_NOISE, lambda x, tau: softmax(x / tau, -1)),
            ("no_noise_no_tau", NO_NOISE, lambda x, tau: softmax(x, -1)),
            ("normal", NOT_GUMBEL, drawing(lambda rng, shape: rng.normal(size=shape))),
            ("uniform", NOT_GUMBEL, drawing(lambda rng, shape: rng.uniform(size=shape))),
            ("one_log", ONE_LOG, drawing(lambda rng, shape: rng.exponential(size=shape))),
            ("negative", NEGATIVE, drawing(lambda rng, shape: -gumbel(rng, shape))),
            ("shared", SHARED_NOISE, drawing(lambda rng, shape: gumbel(rng, shape[-1:]))),
            (
                "same_twice",
                SAME_NOISE,
                drawing(lambda rng, shape: gumbel(np.random.default_rng(0), shape)),
            ),
            (
                "divided_first",
                DIVIDED_FIRST,
                drawing(gumbel, lambda x, g, tau: softmax(x / tau + g, -1)),
            ),
            (
                "tau_ignored",
                TAU_IGNORED,
                drawing(gumbel, lambda x, g, tau: softmax(x + g, -1)),
            ),
            (
                "multiplied",
                MULTIPLIED,
                drawing(gumbel, lambda x, g, tau: softmax((x + g) * tau, -1)),
            ),
            (
                "on_shares",
                ON_SHARES,
                drawing(gumbel, lambda x, g, tau: softmax((softmax(x, -1) + g) / tau, -1)),
            ),
            ("one_hot", ONE_HOT, drawing(gumbel, lambda x, g, tau: one_hot(x + g))),
            ("no_softmax", NOT_ONE, drawing(gumbel, lambda x, g, tau: (x + g) / tau)),
        )
    ),
)

GUMBEL_SOFTMAX = Component(
    id="gumbel_softmax",
    name="Gumbel-softmax",
    zh="Gumbel 归一化指数函数",
    kind="activation",
    status="bridged",
    pytorch=("torch.nn.functional.gumbel_softmax",),
    defaults=(
        Default("torch.nn.functional.gumbel_softmax", "tau", 1),
        Default("torch.nn.functional.gumbel_softmax", "hard", False),
        Default("torch.nn.functional.gumbel_softmax", "dim", -1),
    ),
    behaviour=(
        Behaviour("TensorFlow has none: the chapter builds one", "gumbel-bridge-tf"),
        Behaviour("how often each place wins is the softmax, whatever tau", "gumbel-wins-tf"),
        Behaviour("hard=True: a one-hot sample with the soft one's gradient", "gumbel-hard-tf"),
    ),
    exercises=(GUMBEL_SOFTMAX_EXERCISE,),
)


def by_rank(x, axis):
    """Numbers along ``axis`` in falling order, and their ranks 1, 2, …, shaped to go with them."""
    z = -np.sort(-x, axis)
    ranks = np.arange(1, x.shape[axis] + 1)
    return z, np.expand_dims(ranks, [i for i in range(x.ndim) if i != axis % x.ndim])


def candidates(x, axis):
    z, k = by_rank(x, axis)
    return (z.cumsum(axis) - 1) / k


def threshold(x, axis):
    return candidates(x, axis).max(axis, keepdims=True)


def sparsemax(x, axis):
    return np.maximum(x - threshold(x, axis), 0)


def sparsemax_of_keras(x, axis):
    """What Keras 3.15 computes on TensorFlow: it adds up the cumulative sums, too."""
    z, k = by_rank(x, axis)
    supported = 1 + k * z > z.cumsum(axis)
    tau = (np.where(supported, z.cumsum(axis), 0).sum(axis, keepdims=True) - 1) / supported.sum(
        axis, keepdims=True
    )
    return np.maximum(x - tau, 0)


def threshold_of_all(x, axis):
    return (x.sum(axis, keepdims=True) - 1) / x.shape[axis]


def not_sorted(x, axis):
    _, k = by_rank(x, axis)
    return np.maximum(x - ((x.cumsum(axis) - 1) / k).max(axis, keepdims=True), 0)


def on_support(c, x, axis):
    return c * (sparsemax(x, axis) > 0)


SPARSEMAX = Component(
    id="sparsemax",
    name="Sparsemax",
    zh="稀疏归一化函数",
    kind="activation",
    status="bridged",
    keras=("keras.activations.sparsemax",),
    behaviour=(
        Behaviour("torch has none: the chapter builds one", "sparsemax-bridge-pt"),
        Behaviour("Keras's is right where one number takes all, else wrong", "sparsemax-keras-tf"),
        Behaviour("adding a constant changes what Keras returns", "sparsemax-shift-tf"),
        Behaviour("what is left out gets no gradient", "sparsemax-out-tf"),
    ),
    exercises=(
        Exercise(
            answer="sparsemax",
            oracle=sparsemax,
            visible=visible(np.array([[1e4, 9999.5], [-9999.75, -1e4]])),
            hidden=hidden,
            # Torch has none, and Keras's is wrong wherever more than one number gets a share: a
            # correct answer stands here for both, the chapter's, along any axis.
            builtin={
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
            elementwise=False,
            misconceptions=(
                Misconception(
                    "sum_of_sums",
                    "the cumulative sums are added up once more, as Keras does: of them only that "
                    "of the last number with a share counts",
                    sparsemax_of_keras,
                ),
                Misconception("softmax", "every number gets a share: that is the softmax", softmax),
                Misconception(
                    "winner_only",
                    "the largest number gets everything: those close to it have a share, too",
                    lambda x, axis: (x == x.max(axis, keepdims=True)).astype(float),
                ),
                Misconception(
                    "relu",
                    "negative numbers become 0, and the rest stays: subtract the threshold first",
                    lambda x, axis: np.maximum(x, 0),
                ),
                Misconception(
                    "relu_divided",
                    "numbers are divided by their sum: sparsemax subtracts, so that differences "
                    "between the shares are those between the numbers",
                    lambda x, axis: np.maximum(x, 0) / np.maximum(x, 0).sum(axis, keepdims=True),
                ),
                Misconception(
                    "all_supported",
                    "the threshold is made of all numbers, also of those that end at 0: only those "
                    "above it count, and where you sort, the largest comes first",
                    lambda x, axis: np.maximum(x - threshold_of_all(x, axis), 0),
                ),
                Misconception(
                    "not_clipped",
                    "shares are negative: what is below the threshold becomes 0",
                    lambda x, axis: x - threshold_of_all(x, axis),
                ),
                Misconception(
                    "not_clipped_either",
                    "shares are negative: what is below the threshold becomes 0",
                    lambda x, axis: x - threshold(x, axis),
                ),
                Misconception(
                    "not_sorted",
                    "the cumulative sums are those of unsorted numbers: sort first, largest first",
                    not_sorted,
                ),
                Misconception(
                    "no_one",
                    "1 is missing: the candidates are (sum − 1) / k, so that what stands out adds "
                    "up to 1",
                    lambda x, axis: np.maximum(x - x.max(axis, keepdims=True), 0),
                ),
                Misconception(
                    "ranks_from_zero",
                    "the ranks start at 0: divide by 1, 2, 3 and so on",
                    lambda x, axis: np.maximum(
                        x
                        - ((by_rank(x, axis)[0].cumsum(axis) - 1) / (by_rank(x, axis)[1] - 1)).max(
                            axis, keepdims=True
                        ),
                        0,
                    ),
                ),
                Misconception(
                    "one_divided",
                    "only the 1 is divided by k: put (sum − 1) in brackets",
                    lambda x, axis: np.maximum(
                        x
                        - (by_rank(x, axis)[0].cumsum(axis) - 1 / by_rank(x, axis)[1]).max(
                            axis, keepdims=True
                        ),
                        0,
                    ),
                ),
                Misconception(
                    "smallest_candidate",
                    "the smallest candidate is taken for the threshold: take the largest",
                    lambda x, axis: np.maximum(x - candidates(x, axis).min(axis, keepdims=True), 0),
                ),
                Misconception(
                    "ranks_along_the_last_axis",
                    "the ranks 1, 2, 3 lie along the last axis: they must lie along the axis that "
                    "is asked for",
                    lambda x, axis: np.maximum(
                        x
                        - (
                            (by_rank(x, axis)[0].cumsum(axis) - 1) / np.arange(1, x.shape[axis] + 1)
                        ).max(axis, keepdims=True),
                        0,
                    ),
                ),
                Misconception(
                    "not_moved_back",
                    "the axis stays at the end, where it was moved: move it back",
                    lambda x, axis: np.moveaxis(sparsemax(x, axis), axis, -1),
                ),
                Misconception(
                    "one_threshold",
                    "all rows have the same threshold: take the maximum along the axis only",
                    lambda x, axis: np.maximum(x - candidates(x, axis).max(), 0),
                ),
                Misconception(
                    "no_keepdims",
                    KEPT,
                    lambda x, axis: np.maximum(x - candidates(x, axis).max(axis), 0),
                ),
                Misconception(
                    "constant_threshold",
                    "values are right, but the gradient takes the threshold for a constant: do not "
                    "detach it, every number with a share moves it",
                    gradient=lambda c, x, axis: (on_support(c, x, axis),),
                ),
                *wrong_axes(sparsemax),
            ),
        ),
    ),
)

COMPONENTS = (SOFTMAX, SOFTMAX2D, LOG_SOFTMAX, SOFTMIN, GUMBEL_SOFTMAX, SPARSEMAX)
