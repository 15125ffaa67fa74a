"""Multi-class losses: the cross-entropies, NLL, KL divergence, focal, generalized, and margins."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

OVERFLOW = (
    "logits of ±1000 overflow, or make a probability of 0 whose logarithm is infinite: compute the "
    "log-softmax in one step"
)
EPSILON = "a small number keeps the logarithm finite, and changes the loss: use log-softmax"
BATCH = "the softmax is over the batch: it must be over the classes"
OVER_CLASSES = "the mean is over the classes, too: sum over them, and average over the examples"
SUMMED = "the losses of the examples are added: return their mean"
SIGN = "the sign is wrong: a loss is minus a log-probability"
NOT_REDUCED = "there is one loss for each example: return their mean, one number"
SIGMOID = "this is a sigmoid of each logit: take a softmax over the classes"
# Composed functions that would do the work of several exercises.
OTHERS = (
    "torch.distributions.Categorical",
    "keras.ops.categorical_crossentropy",
    "keras.ops.sparse_categorical_crossentropy",
)
TINY = (1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12)

Z = np.array([[2.0, 0.5, -1.0], [0.1, 1.0, 0.3], [-0.5, 0.2, 0.8], [1.0, 1.0, 0.0]])
Y = np.array([0, 1, 2, 1])


def log_softmax(z, axis=-1):
    z = z - z.max(axis, keepdims=True)
    return z - np.log(np.exp(z).sum(axis, keepdims=True))


def softmax(z, axis=-1):
    return np.exp(log_softmax(z, axis))


def naive(z):
    return np.exp(z) / np.exp(z).sum(-1, keepdims=True)


def hot(y, n):
    """One-hot along a new last axis; a row of 0 for a label that is not a class."""
    return 1.0 * (np.asarray(y)[..., None] == np.arange(n))


def picked(x, y, axis=-1):
    """The number of the true class; raises ``IndexError`` if a label is not a class."""
    return np.take_along_axis(x, np.expand_dims(y, axis), axis).squeeze(axis)


def logits_case(rng, *shape, spread=1.5, **fields):
    """Logits (…, classes) and labels (…)."""
    return Case((rng.normal(0, spread, shape), rng.integers(0, shape[-1], shape[:-1])), **fields)


# Logits far from each other: a confident hit, a confident miss, and one in between.
FAR = np.array([[1000.0, -1000.0, 0.0], [1000.0, -1000.0, 0.0], [-1000.0, -1000.0, -1001.0]])
FAR_Y = np.array([0, 1, 1])


def cross(q, log_p):
    return -(q * log_p).sum(-1).mean()


def categorical_cross_entropy(z, q):
    return cross(q, log_softmax(z))


def soft(rng, *shape):
    return rng.dirichlet(np.ones(shape[-1]), shape[:-1])


def soft_case(rng, *shape, **fields):
    return Case((rng.normal(0, 1.5, shape), soft(rng, *shape)), **fields)


def many_hot_case(rng, *shape, **fields):
    """Targets with several classes, or none, in a row: their sums are not 1."""
    q = (rng.uniform(size=shape) < 0.5).astype(float)
    q[0] = 0
    q[1] = 1
    return Case((rng.normal(0, 1.5, shape), q), **fields)


CATEGORICAL_CROSS_ENTROPY_MISTAKES = """
cross(q, log_softmax(z, 0))         # BATCH
cross(q, log_softmax(softmax(z)))   # the softmax is applied twice: once is enough
-(q * log_softmax(z)).mean()        # OVER_CLASSES
-(q * log_softmax(z)).sum()         # SUMMED
-(q * log_softmax(z)).sum(-1)       # NOT_REDUCED
-cross(q, log_softmax(z))           # SIGN
cross(q, softmax(z))                # the logarithm is missing: take that of the probabilities
cross(q, z)                         # the softmax is missing: the inputs are logits
cross(q, log(naive(z)))
cross(q, log(softmax(z)))           # OVERFLOW
for e in TINY: cross(q, log(softmax(z) + e))
for e in TINY: cross(q, log(clip(softmax(z), e, 1)))
for e in TINY: cross(q, log(clip(softmax(z), e, 1 - e)))
    # EPSILON
cross(q, log_softmax(z)) / log(2)   # the logarithm is that of base 2: take the natural one
cross(q, log_softmax(z)) / log(10)  # the logarithm is that of base 10: take the natural one
cross(z, log_softmax(q))            # SWAPPED
(log(exp(z - z.max(-1, keepdims=True)).sum(-1)) + z.max(-1) - (q * z).sum(-1)).mean()
    # right only for targets that sum to 1: multiply each log-probability by its own target
cross(q, log_softmax(z)) + cross(1 - q, log(1 - softmax(z)))
    # the other classes' 1 − p is counted, too, as in the binary loss: leave it out
-picked(log_softmax(z), q.argmax(-1)).mean()
    # only the largest target counts: multiply every log-probability by its target
cross(q, log_softmax(z) - log(q + (q == 0)))  # this is the KL divergence: leave out q log q
cross(q, -logaddexp(0, -z))
cross(q, log(1 / (1 + exp(-z))))    # SIGMOID
gradient: ((softmax(z) - q) * upstream_gradient / (q.size / q.shape[-1]), 0 * q)
    # the gradient is softmax − q, which is right only for targets that sum to 1
"""

CATEGORICAL_CROSS_ENTROPY_EXERCISE = Exercise(
    "categorical_cross_entropy",
    categorical_cross_entropy,
    visible=(
        Case((Z, hot(Y, 3))),
        soft_case(default_rng(1), 2, 3),
        many_hot_case(default_rng(2), 3, 4),
        soft_case(default_rng(3), 2, 3, 4, part="robustness"),
        Case((FAR, hot(FAR_Y, 3)), part="robustness"),
    ),
    hidden=lambda rng: (
        soft_case(rng, 4, 5),
        soft_case(rng, 3, 3),
        many_hot_case(rng, 5, 3),
        soft_case(rng, 3, 2, 5, part="robustness"),
        Case((FAR[:, ::-1] * rng.uniform(0.8, 1), hot(FAR_Y, 3)), part="robustness"),
    ),
    reference={
        "pytorch": "categorical_cross_entropy_pt = lambda z, q: "
        "F.cross_entropy(z.flatten(0, -2), q.flatten(0, -2))",
        # TensorFlow's own has another gradient for targets that do not sum to 1.
        "tensorflow": "categorical_cross_entropy_tf = lambda q, z: "
        "-tf.reduce_mean(tf.reduce_sum(q * tf.nn.log_softmax(z), -1))",
    },
    misconceptions=mistakes(CATEGORICAL_CROSS_ENTROPY_MISTAKES, globals(), "z, q"),
    forbid=OTHERS,
    target_first=True,
    elementwise=False,
)


def smooth(z, y, scale, added):
    """The cross-entropy with the one-hot targets times ``scale``, plus ``added``."""
    return cross(scale * hot(y, z.shape[-1]) + added, log_softmax(z))


def smoothed_cross_entropy(z, y, smoothing):
    return smooth(z, y, 1 - smoothing, smoothing / z.shape[-1])


def smoothed(log_p, y, smoothing):
    n = log_p.shape[-1]
    return cross((1 - smoothing) * hot(y, n) + smoothing / n, log_p)


def smoothed_case(rng, n, classes, smoothing, **fields):
    return logits_case(rng, n, classes, arguments={"smoothing": smoothing}, **fields)


SMOOTHED_MISTAKES = """
smooth(z, y, 1 - smoothing * z.shape[-1] / (z.shape[-1] - 1), smoothing / (z.shape[-1] - 1))
    # ε is shared by the C − 1 wrong classes: all C classes get ε / C
smooth(z, y, 1 - smoothing, 0)
    # only the true class counts: each class has the target ε / C in addition
smooth(z, y, 1, smoothing / z.shape[-1])
    # the target of the true class is not scaled: multiply the one-hot target by 1 − ε
smooth(z, y, 1, 0)  # the smoothing changes nothing: use it
smooth(z, y, 1 - smoothing - smoothing / z.shape[-1], smoothing / z.shape[-1])
    # the true class has no ε / C: the targets must sum to 1
smooth(z, y, 1 - smoothing, smoothing / 2)
    # each class gets ε / 2, as with two classes: divide ε by the number of classes
smooth(z, y, 1 - smoothing, smoothing)
    # each class gets all of ε: divide it by the number of classes
smooth(z, y, 1 - smoothing, smoothing / len(z))
    # ε is divided by the number of examples: divide it by the number of classes
smooth(z, y, smoothing, (1 - smoothing) / z.shape[-1])
    # ε and 1 − ε are swapped: the true class keeps 1 − ε
smooth(z, y, 1 - smoothing, smoothing / z.shape[-1]) / z.shape[-1]  # OVER_CLASSES
smooth(z, y, 1 - smoothing, smoothing / z.shape[-1]) * len(z)       # SUMMED
-smooth(z, y, 1 - smoothing, smoothing / z.shape[-1])               # SIGN
smoothed(log_softmax(softmax(z)), y, smoothing)  # the softmax is applied twice: once is enough
smoothed(log(softmax(z)), y, smoothing)
smoothed(log(naive(z)), y, smoothing)            # OVERFLOW
for e in TINY: smoothed(log(softmax(z) + e), y, smoothing)
for e in TINY: smoothed(log(clip(softmax(z), e, 1)), y, smoothing)  # EPSILON
"""

SMOOTHED_EXERCISE = Exercise(
    "smoothed_cross_entropy",
    smoothed_cross_entropy,
    visible=(
        Case((Z, Y), {"smoothing": 0.3}),
        smoothed_case(default_rng(1), 2, 5, 0.1),
        smoothed_case(default_rng(2), 3, 2, 0.0),
        Case((FAR, FAR_Y), {"smoothing": 0.1}, part="robustness"),
        smoothed_case(default_rng(3), 2, 4, 1.0, part="robustness"),
    ),
    hidden=lambda rng: (
        smoothed_case(rng, 5, 4, round(rng.uniform(0.05, 0.4), 2)),
        smoothed_case(rng, 3, 3, round(rng.uniform(0.6, 0.9), 2)),
        Case((FAR[::-1], FAR_Y), {"smoothing": round(rng.uniform(0.1, 0.9), 2)}, part="robustness"),
    ),
    reference={
        "pytorch": "smoothed_cross_entropy_pt = lambda z, y, smoothing: "
        "F.cross_entropy(z, y, label_smoothing=smoothing)",
        "tensorflow": "smoothed_cross_entropy_tf = lambda y, z, smoothing: "
        "keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing)("
        "tf.one_hot(y, z.shape[-1]), z)",
    },
    misconceptions=mistakes(SMOOTHED_MISTAKES, globals(), "z, y, smoothing"),
    forbid=OTHERS,
    target_first=True,
    elementwise=False,
)


def sparse_categorical_cross_entropy(z, y):
    return -picked(log_softmax(z), y).mean()


SPARSE_MISTAKES = """
-picked(log_softmax(z, 0), y).mean()        # BATCH
-picked(log_softmax(softmax(z)), y).mean()  # the softmax is applied twice: once is enough
-picked(log_softmax(z), y).mean() / z.shape[-1]  # OVER_CLASSES
-picked(log_softmax(z), y).sum()            # SUMMED
-picked(log_softmax(z), y)                  # NOT_REDUCED
picked(log_softmax(z), y).mean()            # SIGN
-picked(softmax(z), y).mean()  # the logarithm is missing: take that of the probability
(1 - picked(softmax(z), y)).mean()
    # this is 1 minus the probability: take minus the logarithm of the probability
-picked(z, y).mean()           # the softmax is missing: the inputs are logits
-log(picked(naive(z), y)).mean()
-log(picked(softmax(z), y)).mean()          # OVERFLOW
for e in TINY: -log(picked(softmax(z), y) + e).mean()
for e in TINY: -log(clip(picked(softmax(z), y), e, 1)).mean()
for e in TINY: -log(clip(picked(softmax(z), y), e, 1 - e)).mean()
    # EPSILON
picked(logaddexp(0, -z), y).mean()
-log(picked(1 / (1 + exp(-z)), y)).mean()   # SIGMOID
-log_softmax(z)[:, y].mean()
-log_softmax(z)[..., y].mean()
    # each example is combined with the labels of all examples: take one number from each row
-log_softmax(z).max(-1).mean()
    # the labels are not used: take the log-probability of the true class, not the largest one
-log_softmax(z).mean()         # the labels are not used: take the log-probability of the true class
-(picked(log_softmax(z), y) / log(2)).mean()
    # the logarithm is that of base 2: take the natural one
-log(picked(softmax(z), y).mean())
    # this is the logarithm of the mean probability: take the mean of the logarithms
smooth(z, y, 1, 0) + cross(1 - hot(y, z.shape[-1]), log(1 - softmax(z)))
    # the other classes' 1 − p is counted, too, as in the binary loss: leave it out
"""

SPARSE_EXERCISE = Exercise(
    "sparse_categorical_cross_entropy",
    sparse_categorical_cross_entropy,
    visible=(
        Case((Z, Y)),
        logits_case(default_rng(1), 3, 3),
        logits_case(default_rng(2), 2, 5),
        logits_case(default_rng(3), 2, 4, 3, part="robustness"),
        Case((FAR, FAR_Y), part="robustness"),
    ),
    hidden=lambda rng: (
        logits_case(rng, 5, 4),
        logits_case(rng, 4, 4),
        logits_case(rng, 1, 7),
        logits_case(rng, 3, 2, 5, part="robustness"),
        Case((FAR[:, ::-1] * rng.uniform(0.8, 1), FAR_Y), part="robustness"),
    ),
    reference={
        "pytorch": "sparse_categorical_cross_entropy_pt = lambda z, y: "
        "F.cross_entropy(z.flatten(0, -2), y.flatten())",
        "tensorflow": "sparse_categorical_cross_entropy_tf = lambda y, z: "
        "keras.losses.SparseCategoricalCrossentropy(from_logits=True)(y, z)",
    },
    misconceptions=mistakes(SPARSE_MISTAKES, globals(), "z, y"),
    forbid=OTHERS,
    target_first=True,
    elementwise=False,
)


def weight_of(y, w, ignore):
    """The weight of each example: 0 where it is ignored."""
    return np.where(y == ignore, 0.0, w[np.where(y == ignore, 0, y)])


def losses_of(z, y, ignore):
    return -picked(log_softmax(z), np.where(y == ignore, 0, y))


def quotient(a, b):
    return a / b if b else 0.0 * a


def weighted_cross_entropy(z, y, w, ignore):
    weight = weight_of(y, w, ignore)
    return quotient((weight * losses_of(z, y, ignore)).sum(), weight.sum())


def past_zero(upstream_gradient, z, y, w, ignore):
    """The gradient of an answer that computes 0 / 0, and then replaces it."""
    weight = weight_of(y, w, ignore)[:, None]
    dz = weight / weight.sum() * (softmax(z) - hot(y, z.shape[-1]))
    return upstream_gradient * dz, 0 * y, 0 * w


def weighted_case(rng, n, classes, ignore, n_ignored, **fields):
    y = rng.integers(0, classes, n)
    if ignore >= 0:
        y[y == ignore] = (ignore + 1) % classes
    y[:n_ignored] = ignore
    inputs = rng.normal(0, 1.5, (n, classes)), y, rng.uniform(0.5, 4, classes)
    return Case(inputs, {"ignore": ignore}, **fields)


WEIGHTED_MISTAKES = """
(weight_of(y, w, ignore) * losses_of(z, y, ignore)).mean()
    # the sum is divided by the number of all examples: divide it by the sum of the weights
quotient((weight_of(y, w, ignore) * losses_of(z, y, ignore)).sum(), (y != ignore).sum())
(weight_of(y, w, ignore) * losses_of(z, y, ignore)).sum() / (y != ignore).sum()
    # the sum is divided by the number of examples that count: divide it by the sum of their weights
quotient((weight_of(y, w, ignore) * losses_of(z, y, ignore)).sum(),
    w[where(y == ignore, 0, y)].sum())
quotient((weight_of(y, w, ignore) * losses_of(z, y, ignore)).sum(), w[y].sum())
    # the weights of ignored examples are in the sum below: leave them out
(weight_of(y, w, ignore) * losses_of(z, y, ignore)).sum() / w.sum()
    # the sum is divided by the weights of all classes: divide it by those of the examples
quotient(((y != ignore) * losses_of(z, y, ignore)).sum(), (y != ignore).sum())
    # the weights change nothing: multiply each loss by the weight of its class
(weight_of(y, w, ignore) * losses_of(z, y, ignore)).sum()
    # the sum is not divided: divide it by the sum of the weights
-(w * log_softmax(z)).sum(-1).mean()
    # every class counts, and labels are not used: take the log-probability of the true class
(w[y] * -picked(log_softmax(z), y)).sum() / w[y].sum()
    # nothing is ignored: examples with the label `ignore` must not count
(weight_of(y, w, ignore) * losses_of(z, y, ignore)).sum() / weight_of(y, w, ignore).sum()
    # where all examples are ignored, this is 0 / 0, as in PyTorch: return 0 there
(weight_of(y, w, ignore) * losses_of(z, y, ignore)).sum() / (weight_of(y, w, ignore).sum() + 1)
    # 1 is added to the sum of the weights: divide by the sum alone
weighted_cross_entropy(z, y, w, -1)  # the label −1 is always ignored: use the argument
quotient((w[maximum(y, 0)] * (y >= 0) * losses_of(z, y, ignore * (ignore < 0))).sum(),
    (w[maximum(y, 0)] * (y >= 0)).sum())
    # only negative labels are ignored, but `ignore` can be a class: compare with it
gradient: past_zero(upstream_gradient, z, y, w, ignore)
    # where all examples are ignored, the gradient is NaN, as when `where` hides 0 / 0: keep the
    # divisor above 0
"""

WEIGHTED_EXERCISE = Exercise(
    "weighted_cross_entropy",
    weighted_cross_entropy,
    visible=(
        Case((Z, Y, np.array([1.0, 2.0, 4.0])), {"ignore": -100}),
        Case((Z, np.array([0, -1, 2, 1]), np.array([1.0, 2.0, 4.0])), {"ignore": -1}),
        weighted_case(default_rng(1), 5, 3, 2, 2),
        weighted_case(default_rng(2), 3, 4, -1, 3, part="robustness"),
    ),
    hidden=lambda rng: (
        weighted_case(rng, 6, 4, -1, 2),
        weighted_case(rng, 4, 4, 0, 1),
        weighted_case(rng, 5, 3, -100, 3),
        weighted_case(rng, 2, 5, 1, 2, part="robustness"),
    ),
    reference={
        "pytorch": """
def weighted_cross_entropy_pt(z, y, w, ignore):
    total = F.cross_entropy(z, y, w.detach(), ignore_index=ignore, reduction="sum")
    return total / w[y[y != ignore]].sum().clamp(min=1e-30)
""",
        "tensorflow": """
def weighted_cross_entropy_tf(y, z, w, ignore):
    loss = keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, ignore_class=ignore, reduction="mean_with_sample_weight")
    kept = tf.cast(y != ignore, tf.float32)
    return loss(y, z, sample_weight=kept * tf.gather(w, tf.where(y == ignore, 0, y)))
""",
    },
    misconceptions=mistakes(WEIGHTED_MISTAKES, globals(), "z, y, w, ignore"),
    forbid=OTHERS,
    target_first=True,
    targets=(1, 2),
    elementwise=False,
    kind="repair",
)


def cross_entropy_gradient(z, y):
    return (softmax(z) - hot(y, z.shape[-1])) / len(z)


def by_hand(case):
    return Case(case.inputs, case.arguments, gradients=False, part=case.part)


GRADIENT_MISTAKES = """
softmax(z) - hot(y, z.shape[-1])   # it is not divided by the number of examples: the loss is a mean
(hot(y, z.shape[-1]) - softmax(z)) / len(z)
    # the sign is wrong: a larger logit of the true class makes the loss smaller
softmax(z) / len(z)                # the true class is not subtracted: subtract 1 there
hot(y, z.shape[-1]) * (softmax(z) - 1) / len(z)
    # the other classes get no gradient: it is their probability
-hot(y, z.shape[-1]) / softmax(z) / len(z)
    # this is the gradient of the probabilities: continue through the softmax to the logits
softmax(z) * (hot(y, z.shape[-1]) * -1 + picked(softmax(z), y)[:, None]) / len(z)
    # this is the gradient of minus the probability: take that of minus its logarithm
(softmax(z) - hot(y, z.shape[-1])) / z.size
    # it is divided by the number of classes, too: divide by the number of examples
(softmax(z) - hot(y, z.shape[-1])) / z.shape[-1]
    # it is divided by the number of classes: divide by the number of examples
softmax(z) - hot(y, z.shape[-1]) / len(z)
    # only the one-hot target is divided by the number of examples: divide the difference
softmax(z) * (hot(y, z.shape[-1]) - softmax(z)) / len(z)
softmax(z) * (softmax(z) - hot(y, z.shape[-1])) / len(z)
    # the difference is multiplied by the probability once more: softmax minus one-hot is all
softmax(z) * (1 - softmax(z)) / len(z)
    # this is the derivative p (1 − p) of a sigmoid: take softmax minus one-hot
(z - hot(y, z.shape[-1])) / len(z) # the target is subtracted from the logits: subtract it from the
    # probabilities
(softmax(z, 0) - hot(y, z.shape[-1])) / len(z)  # BATCH
(naive(z) - hot(y, z.shape[-1])) / len(z)
    # exp overflows: subtract the largest logit of each row first, or use softmax
2 * (softmax(z) - hot(y, z.shape[-1])) / len(z)
    # it is doubled, as for a squared error: softmax minus one-hot is all
"""

GRADIENT_EXERCISE = Exercise(
    "cross_entropy_gradient",
    cross_entropy_gradient,
    visible=(
        by_hand(Case((Z, Y))),
        by_hand(logits_case(default_rng(1), 3, 3)),
        by_hand(logits_case(default_rng(2), 2, 5, part="robustness")),
        by_hand(Case((FAR, FAR_Y), part="robustness")),
    ),
    hidden=lambda rng: (
        by_hand(logits_case(rng, 5, 4)),
        by_hand(logits_case(rng, 1, 6)),
        by_hand(logits_case(rng, 4, 2, part="robustness")),
        by_hand(Case((FAR * rng.uniform(0.8, 1), np.array([1, 1, 0])), part="robustness")),
    ),
    reference={
        "pytorch": """
def cross_entropy_gradient_pt(z, y):
    z = z.clone().requires_grad_()
    return torch.autograd.grad(F.cross_entropy(z, y), z)[0]
""",
        "tensorflow": """
def cross_entropy_gradient_tf(y, z):
    with tf.GradientTape() as tape:
        tape.watch(z)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(y, z)
    return tape.gradient(loss, z)
""",
    },
    misconceptions=mistakes(GRADIENT_MISTAKES, globals(), "z, y"),
    forbid=OTHERS,
    target_first=True,
    elementwise=False,
)


def floor(n):
    """The least cross-entropy of ``n`` classes if probabilities are passed as logits."""
    return np.log(1 + (n - 1) / np.e)


def twice(z, y):
    return -picked(log_softmax(softmax(z)), y).mean()


def above_the_floor(z, y):
    return twice(z, y) - floor(z.shape[-1])


FLOOR_MISTAKES = """
twice(z, y)                          # the floor is not subtracted
-picked(log_softmax(z), y).mean() - floor(z.shape[-1])
-log(picked(softmax(z), y)).mean() - floor(z.shape[-1])
    # the softmax is applied once: this exercise makes the mistake, and applies it twice
-picked(log_softmax(z), y).mean()    # this is the cross-entropy without the second softmax
twice(z, y) - log(z.shape[-1])
    # log C is the loss of equal probabilities: at the floor, one probability is 1 and the others 0
twice(z, y) - log(1 + z.shape[-1] / e)
    # the true class is counted among the others: there are C − 1 others
twice(z, y) - log(e + z.shape[-1] - 1)
    # the logit of the true class, 1, is not subtracted: the floor is log(e + C − 1) − 1
twice(z, y) - log(z.shape[-1] / e)
    # the floor is not log(C / e): it is log(1 + (C − 1) / e)
twice(z, y) - log(1 + (z.shape[-1] - 1) * e)
    # C − 1 is multiplied by e: at the floor, the logits are 1 and 0, so divide by e
twice(z, y) / floor(z.shape[-1])     # the loss is divided by the floor: subtract the floor
twice(z, y) - floor(2)   # the floor is that of two classes: it depends on their number
-picked(log_softmax(softmax(z)), y).mean() + picked(log_softmax(softmax(z)), y).max()
    # the smallest loss of this batch is subtracted: subtract the smallest that is possible
twice(z, y) + floor(z.shape[-1])     # the floor is added: subtract it
twice(z, y) - floor(z.shape[0])
    # the floor is that of the number of examples: use the number of classes
twice(z, y) - floor(10)  # the floor is that of ten classes: it depends on their number
twice(z, y) - floor(3)   # the floor is that of three classes: it depends on their number
log(picked(softmax(softmax(z)), y)).mean() - floor(z.shape[-1])  # SIGN
-picked(log_softmax(softmax(z)), y).sum() - floor(z.shape[-1])   # SUMMED
-picked(log_softmax(naive(z)), y).mean() - floor(z.shape[-1])    # OVERFLOW
"""

FLOOR_EXERCISE = Exercise(
    "above_the_floor",
    above_the_floor,
    visible=(
        Case((Z, Y)),
        logits_case(default_rng(1), 2, 10),
        logits_case(default_rng(2), 5, 2),
        Case((FAR, np.array([0, 0, 1])), part="robustness"),
    ),
    hidden=lambda rng: (
        logits_case(rng, 4, 5),
        logits_case(rng, 3, 7),
        logits_case(rng, 1, 3, part="robustness"),
        Case((FAR * rng.uniform(0.8, 1), FAR_Y), part="robustness"),
    ),
    reference={
        "pytorch": "above_the_floor_pt = lambda z, y: "
        "F.cross_entropy(F.softmax(z, -1), y) - np.log(1 + (z.shape[-1] - 1) / np.e)",
        "tensorflow": "above_the_floor_tf = lambda y, z: "
        "keras.losses.SparseCategoricalCrossentropy(from_logits=True)(y, tf.nn.softmax(z)) "
        "- np.log(1 + (z.shape[-1] - 1) / np.e)",
    },
    misconceptions=mistakes(FLOOR_MISTAKES, globals(), "z, y"),
    forbid=OTHERS,
    target_first=True,
    elementwise=False,
    kind="break",
)


def negative_log_likelihood(log_p, y):
    return -picked(log_p, y, 1).mean()


def log_p_case(rng, *shape, **fields):
    """Log-probabilities with the classes in axis 1, and labels without this axis."""
    y = rng.integers(0, shape[1], (shape[0], *shape[2:]))
    return Case((log_softmax(rng.normal(0, 1.5, shape), 1), y), **fields)


NLL_MISTAKES = """
-picked(exp(log_p), y, 1).mean()
    # the input is exponentiated: it holds logarithms already, so take minus the number itself
picked(log_p, y, 1).mean()           # SIGN
-log(picked(log_p, y, 1)).mean()     # the logarithm is taken again: the input holds logarithms
-picked(log_p, y, 1).sum()           # SUMMED
-picked(log_p, y, 1)                 # NOT_REDUCED
-picked(log_p, y, 1).sum() / len(y)
    # the sum is divided by the size of the batch: divide it by the number of labels
-picked(log_p, y, 1).mean() / log_p.shape[1]  # OVER_CLASSES
-picked(log_p, y, -1).mean()         # the classes are taken from the last axis: they lie in axis 1
-log_p.mean()                        # the labels are not used: take the number of the true class
-log_p.max(1).mean()                 # the labels are not used: take the number of the true class
-log_p[:, y].mean()
    # each example is combined with the labels of all examples: take one number from each row
gradient: (upstream_gradient * (softmax(log_p, 1) - moveaxis(hot(y, log_p.shape[1]), -1, 1))
    / y.size, 0 * y)
    # log-softmax is applied again: the values stay, but the gradient is that of a softmax
-picked(log_softmax(log_p), y, 1).mean()
    # log-softmax is applied again, and over the last axis: the input holds log-probabilities
"""

NLL_EXERCISE = Exercise(
    "negative_log_likelihood",
    negative_log_likelihood,
    visible=(
        Case((log_softmax(Z), Y)),
        log_p_case(default_rng(1), 3, 3),
        log_p_case(default_rng(2), 2, 3, 3),
        log_p_case(default_rng(3), 2, 3, 2, 2, part="robustness"),
        Case((log_softmax(FAR), FAR_Y), part="robustness"),
    ),
    hidden=lambda rng: (
        log_p_case(rng, 5, 4),
        log_p_case(rng, 2, 4, 3),
        log_p_case(rng, 3, 2, 2),
        log_p_case(rng, 2, 5, 3, 2, part="robustness"),
    ),
    reference={
        "pytorch": "negative_log_likelihood_pt = F.nll_loss",
        # TensorFlow has none.
        "tensorflow": "negative_log_likelihood_tf = lambda y, log_p: -tf.reduce_mean("
        "tf.reduce_sum(tf.one_hot(y, log_p.shape[1], axis=1) * log_p, 1))",
    },
    misconceptions=mistakes(NLL_MISTAKES, globals(), "log_p, y"),
    forbid=OTHERS,
    target_first=True,
    elementwise=False,
)


def qlogq(q):
    return q * np.log(np.where(q > 0, q, 1))


def kl_divergence(log_p, q):
    return (qlogq(q) - q * log_p).sum(-1).mean()


def kl_case(rng, *shape, zeros=0, **fields):
    q = soft(rng, *shape)
    q[..., :zeros] = 0
    q = q / q.sum(-1, keepdims=True)
    return Case((log_softmax(rng.normal(0, 1, shape)), q), **fields)


KL_MISTAKES = """
(qlogq(q) - q * log_p).mean()            # OVER_CLASSES
(qlogq(q) - q * log_p).sum()             # SUMMED
(qlogq(q) - q * log_p).sum(-1)           # NOT_REDUCED
(qlogq(q) - q * log_p).sum() / len(q)
    # the sum is divided by the size of the batch: divide it by the number of distributions
(exp(log_p) * (log_p - log(where(q > 0, q, 1)))).sum(-1).mean()
    # the divergence is the other way round: the target q multiplies the difference
(exp(log_p) * (log_p - log(q))).sum(-1).mean()
    # the divergence is the other way round: the target q multiplies the difference
-(q * log_p).sum(-1).mean()              # q log q is left out: this is the cross-entropy
-(qlogq(q) - q * log_p).sum(-1).mean()   # the sign is wrong: the divergence is not negative
(q * (log(q) - log_p)).sum(-1).mean()
    # a probability of 0 gives 0 · log 0, which is NaN: it must cost nothing
(q * (log(q) - log(log_p))).sum(-1).mean()
    # the logarithm of log p is taken: it holds logarithms already, and is PyTorch's first argument
    # and TensorFlow's second
(qlogq(q) - q * exp(log_p)).sum(-1).mean()
    # the prediction is exponentiated: its logarithm is what must be subtracted
(q * (q - log_p)).sum(-1).mean()         # the logarithm of q is missing
for e in (1e-3, 1e-4, 1e-5): (q * (log(q + e) - log_p)).sum(-1).mean()
    # {e} is added to the target, which changes the loss: let a target of 0 cost exactly 0
(qlogq(clip(q, 1e-7, 1)) - clip(q, 1e-7, 1) * log(clip(exp(log_p), 1e-7, 1))).sum(-1).mean()
(q * (log(clip(q, 1e-7, 1)) - log(clip(exp(log_p), 1e-7, 1)))).sum(-1).mean()
    # probabilities are clipped at 1e-7, as in Keras: use log p as it is
(qlogq(q) - q * log(exp(log_p))).sum(-1).mean()
    # log p is exponentiated, which gives 0 far below 0: use it as it is
"""

KL_EXERCISE = Exercise(
    "kl_divergence",
    kl_divergence,
    visible=(
        Case(
            (
                np.log(np.array([[0.6, 0.3, 0.1], [0.3, 0.3, 0.4]])),
                np.array([[0.7, 0.2, 0.1], [0.2, 0.5, 0.3]]),
            )
        ),
        kl_case(default_rng(1), 3, 4, zeros=1),
        kl_case(default_rng(2), 4, 2),
        kl_case(default_rng(3), 2, 3, 4, zeros=2, part="robustness"),
        Case((log_softmax(FAR), hot(FAR_Y, 3)), part="robustness"),
    ),
    hidden=lambda rng: (
        kl_case(rng, 5, 3),
        kl_case(rng, 2, 6, zeros=3),
        kl_case(rng, 3, 2, 3, part="robustness"),
    ),
    reference={
        "pytorch": "kl_divergence_pt = lambda log_p, q: F.kl_div("
        "log_p.flatten(0, -2), q.flatten(0, -2), reduction='batchmean')",
        # Keras's clips at 1e-7, and takes probabilities.
        "tensorflow": "kl_divergence_tf = lambda q, log_p: tf.reduce_mean("
        "tf.reduce_sum(tf.math.xlogy(q, q) - q * log_p, -1))",
    },
    misconceptions=mistakes(KL_MISTAKES, globals(), "log_p, q"),
    forbid=(*OTHERS, "torch.distributions.kl_divergence"),
    target_first=True,
    elementwise=False,
)


def focal(factor, q, log_p):
    return cross(q, factor * log_p)


def categorical_focal(z, q, alpha, gamma):
    return focal(alpha * (1 - softmax(z)) ** gamma, q, log_softmax(z))


def focal_case(rng, n, classes, alpha, gamma, **fields):
    z, y = logits_case(rng, n, classes).inputs
    return Case((z, hot(y, classes)), {"alpha": alpha, "gamma": gamma}, **fields)


def factor_constant(upstream_gradient, z, q, alpha, gamma):
    weight = alpha * ((1 - softmax(z)) ** gamma * q).sum(-1, keepdims=True)
    return (upstream_gradient * weight * (softmax(z) - q) / len(z), 0 * q)


def binary_focal(z, q, alpha, gamma):
    p = softmax(z)
    others = focal((1 - alpha) * p**gamma, 1 - q, np.log(1 - p))
    return categorical_focal(z, q, alpha, gamma) + others


FOCAL_MISTAKES = """
focal((1 - softmax(z)) ** gamma, q, log_softmax(z))  # alpha is left out: multiply by it
focal(alpha * softmax(z) ** gamma, q, log_softmax(z))
    # the factor is p to the power gamma: it must be 1 − p, so that easy examples count less
categorical_focal(z, q, alpha, gamma) / z.shape[-1]  # OVER_CLASSES
categorical_focal(z, q, alpha, gamma) * len(z)       # SUMMED
-(alpha * (1 - softmax(z)) ** gamma * q * log_softmax(z)).sum(-1)  # NOT_REDUCED
-categorical_focal(z, q, alpha, gamma)               # SIGN
focal(alpha, q, log_softmax(z))  # the factor (1 − p) to the power gamma is left out
focal(alpha * (1 - softmax(z)) ** 2, q, log_softmax(z))    # gamma is always 2: use the argument
focal(0.25 * (1 - softmax(z)) ** gamma, q, log_softmax(z)) # alpha is always 0.25: use the argument
focal((alpha * (1 - softmax(z))) ** gamma, q, log_softmax(z))
    # alpha is raised to the power gamma, too: multiply by it after the power
focal(alpha * gamma * (1 - softmax(z)), q, log_softmax(z))
    # gamma is a factor: it is the exponent of 1 − p
focal(alpha * (1 - softmax(z) ** gamma), q, log_softmax(z))
    # p is raised to the power gamma, and then subtracted from 1: subtract first
focal(alpha * (1 - softmax(z)) ** gamma, q, log(naive(z)))
focal(alpha * (1 - naive(z)) ** gamma, q, log(naive(z)))
focal(alpha * (1 - softmax(z)) ** gamma, q, log(softmax(z)))  # OVERFLOW
for e in TINY: focal(alpha * (1 - softmax(z)) ** gamma, q, log(softmax(z) + e))
for e in TINY: focal(alpha * (1 - softmax(z)) ** gamma, q, log(clip(softmax(z), e, 1)))
for e in TINY: focal(alpha * (1 - clip(softmax(z), e, 1 - e)) ** gamma, q,
    log(clip(softmax(z), e, 1 - e)))  # EPSILON
focal(alpha * (1 - softmax(z, 0)) ** gamma, q, log_softmax(z, 0))  # BATCH
categorical_focal(q, z, alpha, gamma)                # SWAPPED
focal(alpha * (1 - log_softmax(z)) ** gamma, q, log_softmax(z))
    # the logarithm of p is subtracted from 1: subtract p itself
focal(alpha * (1 - exp(cross(q, log_softmax(z)) * -1)) ** gamma, q, log_softmax(z))
    # the mean loss is taken first: compute the factor for each example
-(alpha * (1 - softmax(z)) ** gamma * log_softmax(z)).sum(-1).mean()
    # the targets are not used: every class counts
binary_focal(z, q, alpha, gamma)
    # the other classes count, too, as in the binary focal loss: leave them out
focal(alpha * (1 - exp(-logaddexp(0, -z))) ** gamma, q, -logaddexp(0, -z))
focal(alpha * (1 - 1 / (1 + exp(-z))) ** gamma, q, log(1 / (1 + exp(-z))))
    # SIGMOID
gradient: factor_constant(upstream_gradient, z, q, alpha, gamma)
    # the gradient takes the factor for a constant: do not detach it
"""

FOCAL_EXERCISE = Exercise(
    "categorical_focal",
    categorical_focal,
    visible=(
        Case((Z, hot(Y, 3)), {"alpha": 0.25, "gamma": 2.0}),
        focal_case(default_rng(1), 2, 4, 1.0, 0.5),
        focal_case(default_rng(2), 3, 3, 0.75, 0.0),
        focal_case(default_rng(3), 2, 5, 2.0, 3.0, part="robustness"),
        Case((FAR, hot(FAR_Y, 3)), {"alpha": 0.25, "gamma": 2.0}, part="robustness"),
    ),
    hidden=lambda rng: (
        focal_case(rng, 5, 4, round(rng.uniform(0.3, 0.9), 2), round(rng.uniform(1, 3), 2)),
        focal_case(rng, 3, 3, round(rng.uniform(1.1, 2), 2), round(rng.uniform(0.2, 0.9), 2)),
        Case((FAR[:, ::-1], hot(FAR_Y, 3)), {"alpha": 0.5, "gamma": 3.0}, part="robustness"),
    ),
    reference={
        # PyTorch has none, and Keras's clips at 1e-7: these are the answers of the chapter.
        "pytorch": """
def categorical_focal_pt(z, q, alpha, gamma):
    log_p = F.log_softmax(z, -1)
    return -(alpha * (1 - log_p.exp()) ** gamma * q * log_p).sum(-1).mean()
""",
        "tensorflow": """
def categorical_focal_tf(q, z, alpha, gamma):
    log_p = tf.nn.log_softmax(z)
    loss = alpha * (1 - tf.exp(log_p)) ** gamma * q * log_p
    return -tf.reduce_mean(tf.reduce_sum(loss, -1))
""",
    },
    misconceptions=mistakes(FOCAL_MISTAKES, globals(), "z, q, alpha, gamma"),
    forbid=OTHERS,
    target_first=True,
    elementwise=False,
)


def of_the_true(p, y):
    """The probability of the true class, (N,), for labels (N,) or (N, 1)."""
    return picked(p, y.reshape(len(y)))


def generalized_cross_entropy(p, y, q):
    return ((1 - of_the_true(p, y) ** q) / q).mean()


def probabilities_case(rng, n, classes, q, column=False, **fields):
    y = rng.integers(0, classes, n)
    return Case((soft(rng, n, classes), y[:, None] if column else y), {"q": q}, **fields)


GENERALIZED_MISTAKES = """
(1 - of_the_true(p, y) ** q).mean()      # it is not divided by q
(1 - of_the_true(p, y) ** q).mean() * q  # it is multiplied by q: divide it by q
((1 - of_the_true(p, y)) ** q / q).mean()
    # 1 − p is raised to the power q: raise p, and subtract that from 1
-log(of_the_true(p, y)).mean()           # this is the cross-entropy, its limit for q near 0
(1 - of_the_true(p, y)).mean()           # this is 1 − p, its value for q = 1: use q
((1 - of_the_true(p, y) ** 0.5) / 0.5).mean()  # q is always 0.5: use the argument
((1 - of_the_true(p, y) ** 0.7) / 0.7).mean()  # q is always 0.7: use the argument
((of_the_true(p, y) ** q - 1) / q).mean()
    # the sign is wrong: the loss is 0 where p is 1, and positive elsewhere
((1 - of_the_true(p, y) ** q) / q).sum() # SUMMED
(1 - of_the_true(p, y) ** q) / q         # NOT_REDUCED
((1 - (hot(y, p.shape[-1]) * p).sum(-1) ** q) / q).mean()
    # labels of shape (N, 1) are broadcast against N rows, N × N numbers: drop their last axis
((1 - p ** q) / q * hot(y.reshape(len(y)), p.shape[-1])).mean()  # OVER_CLASSES
((1 - p[:, y.reshape(len(y))] ** q) / q).mean()
    # each example is combined with the labels of all examples: take one number from each row
((1 - p.max(-1) ** q) / q).mean()
    # the labels are not used: take the probability of the true class, not the largest one
(1 - of_the_true(p, y) ** q / q).mean()  # only the power is divided by q: divide the difference
((1 - p ** q) / q).sum(-1).mean()        # every class counts: take the true class only
((1 - softmax(p)[arange(len(y)), y.reshape(len(y))] ** q) / q).mean()
    # a softmax is applied: the inputs are probabilities already
1 / q - of_the_true(p, y).mean() ** q / q
    # the mean of the probabilities is raised to the power q: average the losses instead
((1 - of_the_true(p, y) ** (1 - q)) / q).mean()
((1 - of_the_true(p, y) ** (1 - q)) / (1 - q)).mean()
    # the exponent is 1 − q: it is q
((1 - of_the_true(p, y) ** (1 / q)) / q).mean()  # the exponent is 1 / q: it is q
"""

GENERALIZED_EXERCISE = Exercise(
    "generalized_cross_entropy",
    generalized_cross_entropy,
    visible=(
        Case((softmax(Z), Y), {"q": 0.7}),
        probabilities_case(default_rng(1), 3, 3, 0.5),
        probabilities_case(default_rng(2), 2, 4, 1.0),
        probabilities_case(default_rng(3), 3, 3, 0.3, True, part="robustness"),
        Case(
            (np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([0, 1])),
            {"q": 0.8},
            gradients=False,
            part="robustness",
        ),
    ),
    hidden=lambda rng: (
        probabilities_case(rng, 5, 4, round(rng.uniform(0.2, 0.4), 2)),
        probabilities_case(rng, 4, 4, round(rng.uniform(0.75, 0.95), 2)),
        probabilities_case(rng, 4, 3, round(rng.uniform(0.2, 0.9), 2), True, part="robustness"),
        probabilities_case(rng, 1, 6, 0.6, True, part="robustness"),
    ),
    reference={
        "pytorch": "generalized_cross_entropy_pt = lambda p, y, q: "
        "((1 - p.gather(1, y.view(-1, 1)) ** q) / q).mean()",
        "tensorflow": "generalized_cross_entropy_tf = lambda y, p, q: "
        "keras.losses.CategoricalGeneralizedCrossEntropy(q)(tf.reshape(y, [-1]), p) if q < 1 else "
        "1 - tf.reduce_mean(tf.gather(p, tf.reshape(y, [-1]), batch_dims=1))",
    },
    misconceptions=mistakes(GENERALIZED_MISTAKES, globals(), "p, y, q"),
    forbid=OTHERS,
    target_first=True,
    elementwise=False,
    kind="repair",
)


def categorical_hinge(z, q):
    return np.maximum(((1 - q) * z).max(-1) - (q * z).sum(-1) + 1, 0).mean()


def best_wrong(z, q):
    return np.where(q > 0, -np.inf, z).max(-1)


def hinge_case(rng, n, classes, centre=0.0, **fields):
    z, y = logits_case(rng, n, classes).inputs
    return Case((z + centre, hot(y, classes)), **fields)


HINGE_MISTAKES = """
maximum(best_wrong(z, q) - (q * z).sum(-1) + 1, 0).mean()
    # the 0 that (1 − q) · z has at the true class is left out, so negative scores cost less: this
    # is the textbook's formula, not Keras's
(maximum(z - (q * z).sum(-1, keepdims=True) + 1, 0) * (1 - q)).sum(-1).mean()
    # all wrong classes are added: only the largest of (1 − q) · z counts
(maximum(z - (q * z).sum(-1, keepdims=True) + 1, 0) * (1 - q)).mean()
    # all wrong classes are added, and divided by their number: this is MultiMarginLoss
maximum(((1 - q) * z).max(-1) - (q * z).sum(-1), 0).mean()  # there is no margin: add 1
(((1 - q) * z).max(-1) - (q * z).sum(-1) + 1).mean()
    # losses below 0 are kept: an example that is right by the margin costs 0
maximum((q * z).sum(-1) - ((1 - q) * z).max(-1) + 1, 0).mean()
    # the two scores are swapped: the true class is subtracted
maximum(z.max(-1) - (q * z).sum(-1) + 1, 0).mean()
    # the true class competes with itself, so the loss is at least 1: leave it out
maximum(((1 - q) * z).sum(-1) - (q * z).sum(-1) + 1, 0).mean()
    # the wrong scores are added: take the largest
maximum(((1 - q) * z).mean(-1) - (q * z).sum(-1) + 1, 0).mean()
    # the wrong scores are averaged: take the largest
maximum(((1 - q) * z).max(-1) - (q * z).sum(-1) + 1, 0).sum()   # SUMMED
maximum(((1 - q) * z).max(-1) - (q * z).sum(-1) + 1, 0)         # NOT_REDUCED
maximum(((1 - q) * z).max(-1) - (q * z).mean(-1) + 1, 0).mean()
    # the score of the true class is divided by the number of classes: sum over q · z
maximum(((1 - q) * z).max(-1) - (q * z).max(-1) + 1, 0).mean()
    # the score of the true class is the maximum of q · z, which is 0 for a negative score: sum it
maximum(((1 - z) * q).max(-1) - (z * q).sum(-1) + 1, 0).mean()  # SWAPPED
(maximum(((1 - q) * z).max(-1) - (q * z).sum(-1) + 1, 0) ** 2).mean()
    # the losses are squared: they count as they are
maximum(((1 - q) * (z + 1)).max(-1) - (q * z).sum(-1), 0).mean()
    # 1 is added to the wrong scores only, not to the 0 of the true class: add it to the difference
maximum(((1 - q) * z).max() - (q * z).sum(-1) + 1, 0).mean()
    # there is one maximum for the whole batch: take it over the classes of each example
maximum(1 - (2 * q - 1) * z, 0).mean()
maximum(1 - (2 * q - 1) * z, 0).sum(-1).mean()
    # this is a binary hinge loss for each class: compare the true class with the largest other one
maximum((((1 - q) * z).max(-1) - (q * z).sum(-1) + 1).mean(), 0)
    # the mean is cut off at 0: cut off the loss of each example first
"""

HINGE_EXERCISE = Exercise(
    "categorical_hinge",
    categorical_hinge,
    visible=(
        Case((Z - 3, hot(Y, 3))),
        Case((np.array([[2.0, 0.5, 1.6], [-0.5, 3.0, 0.5]]), hot([0, 1], 3))),
        Case((np.array([[3.0, 0.5, 1.0], [-0.5, 3.0, 0.5]]), hot([0, 1], 3))),
        hinge_case(default_rng(1), 4, 3),
        hinge_case(default_rng(2), 3, 3, 2.0),
        hinge_case(default_rng(3), 2, 5, -2.0, part="robustness"),
        Case((FAR, hot(FAR_Y, 3)), part="robustness"),
    ),
    hidden=lambda rng: (
        hinge_case(rng, 6, 4),
        hinge_case(rng, 4, 4, -3.0),
        hinge_case(rng, 5, 2, 3.0),
        hinge_case(rng, 1, 6, -1.0, part="robustness"),
    ),
    reference={
        "pytorch": "categorical_hinge_pt = lambda z, q: "
        "(((1 - q) * z).amax(-1) - (q * z).sum(-1) + 1).clamp(min=0).mean()",
        "tensorflow": "categorical_hinge_tf = lambda q, z: keras.losses.CategoricalHinge()(q, z)",
    },
    misconceptions=mistakes(HINGE_MISTAKES, globals(), "z, q"),
    forbid=OTHERS,
    target_first=True,
    elementwise=False,
)


def short_of(z, y, margin):
    """What each class lacks to a margin below the true class, at least 0; 0 for the true class."""
    short = np.maximum(margin - picked(z, y)[..., None] + z, 0)
    return short * (1 - hot(y, z.shape[-1]))


def mean_over_classes(short, power):
    return (short**power).sum(-1).mean() / short.shape[-1]


def multi_margin(z, y, margin, power):
    return mean_over_classes(short_of(z, y, margin), power)


def margin_case(rng, n, classes, margin, power, **fields):
    return logits_case(rng, n, classes, arguments={"margin": margin, "power": power}, **fields)


MULTI_MARGIN_MISTAKES = """
(short_of(z, y, margin) ** power).sum(-1).mean() / (z.shape[-1] - 1)
    # the sum is divided by C − 1: divide it by the number of all classes
mean_over_classes(short_of(z, y, margin) + margin * hot(y, z.shape[-1]), power)
    # the true class is counted, and adds the margin: leave it out
((maximum(margin - picked(z, y)[:, None] + z, 0) ** power).sum(-1) - margin).mean() / z.shape[-1]
    # the margin is subtracted for the true class, which adds the margin to the power
(short_of(z, y, margin) ** power).max(-1).mean()
    # only the worst wrong class counts: add all of them, and divide by C
(short_of(z, y, margin) ** power).sum(-1).mean()
    # the sum is not divided by the number of classes
multi_margin(z, y, margin, power) * len(z)  # SUMMED
(short_of(z, y, margin) ** power).sum(-1) / z.shape[-1]  # NOT_REDUCED
multi_margin(z, y, margin, 1)      # the power changes nothing: raise each number to it
((short_of(z, y, margin).sum(-1) / z.shape[-1]) ** power).mean()
(short_of(z, y, margin).sum(-1) ** power / z.shape[-1]).mean()
    # the sum is raised to the power: raise each number before you add
multi_margin(z, y, 1, power)       # the margin is always 1: use the argument
multi_margin(z, y, 0, power)       # there is no margin: add it
multi_margin(-z, y, margin, power) # the two scores are swapped: the true class is subtracted
mean_over_classes((margin - picked(z, y)[:, None] + z) * (1 - hot(y, z.shape[-1])), power)
    # numbers below 0 are kept: a class that is a margin below costs 0
multi_margin(softmax(z), y, margin, power)
    # a softmax is applied: the scores are compared as they are
"""

MULTI_MARGIN_EXERCISE = Exercise(
    "multi_margin",
    multi_margin,
    visible=(
        Case((Z, Y), {"margin": 1.0, "power": 1}),
        margin_case(default_rng(1), 3, 3, 0.5, 2),
        margin_case(default_rng(2), 2, 5, 2.0, 1),
        margin_case(default_rng(3), 4, 2, 1.5, 2, part="robustness"),
        Case((FAR, FAR_Y), {"margin": 1.0, "power": 1}, part="robustness"),
    ),
    hidden=lambda rng: (
        margin_case(rng, 5, 4, round(rng.uniform(0.3, 0.9), 2), 1),
        margin_case(rng, 4, 4, round(rng.uniform(1.2, 2), 2), 2),
        margin_case(rng, 1, 6, round(rng.uniform(0.3, 2), 2), 2, part="robustness"),
    ),
    reference={
        "pytorch": "multi_margin_pt = lambda z, y, margin, power: "
        "F.multi_margin_loss(z, y, p=power, margin=margin)",
        # TensorFlow has none.
        "tensorflow": """
def multi_margin_tf(y, z, margin, power):
    true = tf.gather(z, y[:, None], batch_dims=1)
    wrong = 1 - tf.one_hot(y, z.shape[-1])
    return tf.reduce_mean(wrong * tf.nn.relu(margin - true + z) ** power)
""",
    },
    misconceptions=mistakes(MULTI_MARGIN_MISTAKES, globals(), "z, y, margin, power"),
    forbid=OTHERS,
    target_first=True,
    elementwise=False,
)


def listed(y):
    """Which entries of a row are labels: those before the first −1."""
    return np.cumprod(y >= 0, axis=-1).astype(bool)


def is_label(z, y, counted):
    """Which classes are labels, (…, C); ``counted`` says which entries of ``y`` are."""
    return (hot(y, z.shape[-1]) * counted[..., None]).any(-2)


def pairs(z, y, counted, others, margin=1, least=0):
    """The sum, over labels and ``others``, of what is missing to the margin, (…)."""
    true = np.take_along_axis(z, np.where(counted, y, 0), -1)[..., None]
    short = np.maximum(margin - true + z[..., None, :], least)
    return (short * counted[..., None] * others[..., None, :]).sum((-2, -1))


def rest(z, y):
    return ~is_label(z, y, listed(y))


def multilabel_margin(z, y):
    return (pairs(z, y, listed(y), rest(z, y)) / z.shape[-1]).mean()


def multilabel_case(rng, n, classes, behind=True, **fields):
    """Rows with different numbers of labels, and other numbers behind the first −1."""
    y = np.stack([rng.permutation(classes) for _ in range(n)])
    for row, count in enumerate(rng.integers(0 if n > 1 else 1, classes, n)):
        y[row, count] = -1
        if not behind or rng.uniform() < 0.3:
            y[row, count:] = -1
    return Case((rng.normal(0, 1, (n, classes)), y), **fields)


MULTILABEL_MISTAKES = """
(pairs(z, y, y >= 0, ~is_label(z, y, y >= 0)) / z.shape[-1]).mean()
    # labels behind the first −1 are counted: the list ends there
(pairs(z, y, listed(y), rest(z, y)) / maximum(listed(y).sum(-1), 1)).mean()
    # the sum is divided by the number of labels: divide it by the number of classes
(pairs(z, y, listed(y), ones_like(rest(z, y))) / z.shape[-1]).mean()
    # labels are compared with labels, and with themselves: compare them with the other classes
((pairs(z, y, listed(y), ones_like(rest(z, y))) - listed(y).sum(-1)) / z.shape[-1]).mean()
    # labels are compared with other labels: compare them with the other classes only
pairs(z, y, listed(y), rest(z, y)).mean()        # the sum is not divided by the number of classes
(pairs(z, y, listed(y), rest(z, y)) / z.shape[-1]).sum()
    # SUMMED
pairs(z, y, listed(y), rest(z, y)) / z.shape[-1]
    # NOT_REDUCED
(pairs(-z, y, listed(y), rest(z, y)) / z.shape[-1]).mean()
    # the two scores are swapped: the score of the label is subtracted
(pairs(z, y, listed(y) & (arange(y.shape[-1]) == 0), rest(z, y)) / z.shape[-1]).mean()
    # only the first label counts: compare each label with the other classes
(pairs(z, y, listed(y), rest(z, y)) / maximum((listed(y).sum(-1) * rest(z, y).sum(-1)), 1)).mean()
    # the sum is divided by the number of pairs: divide it by the number of classes
(pairs(z, y, listed(y), rest(z, y)) / z.shape[-1] ** 2).mean()
    # the sum is divided by the square of the number of classes: divide it by their number
(pairs(z, y, listed(y), rest(z, y), 0) / z.shape[-1]).mean()  # there is no margin: add 1
(pairs(z, y, listed(y), rest(z, y), 1, -inf) / z.shape[-1]).mean()
    # terms below 0 are kept: a class that is 1 below a label costs 0
"""

MULTILABEL_EXERCISE = Exercise(
    "multilabel_margin",
    multilabel_margin,
    visible=(
        Case((np.array([[0.1, 0.2, 0.4, 0.8]]), np.array([[3, 0, -1, 1]]))),
        multilabel_case(default_rng(1), 3, 4),
        multilabel_case(default_rng(2), 4, 5, behind=False),
        multilabel_case(default_rng(3), 1, 3, part="robustness"),
        Case(
            (np.array([[1000.0, -1000.0, 0.0]]), np.array([[1, -1, -1]])),
            part="robustness",
        ),
    ),
    hidden=lambda rng: (
        multilabel_case(rng, 5, 4),
        multilabel_case(rng, 3, 6),
        multilabel_case(rng, 4, 4, behind=False),
        multilabel_case(rng, 2, 7, part="robustness"),
    ),
    reference={
        "pytorch": "multilabel_margin_pt = F.multilabel_margin_loss",
        # TensorFlow has none.
        "tensorflow": """
def multilabel_margin_tf(y, z):
    ended = tf.cumsum(tf.cast(y < 0, tf.int32), axis=-1) > 0
    label = tf.reduce_sum(tf.one_hot(tf.where(ended, -1, y), z.shape[-1]), -2)
    gap = tf.nn.relu(1 - z[:, :, None] + z[:, None, :])
    kept = label[:, :, None] * (1 - label)[:, None, :]
    return tf.reduce_mean(tf.reduce_sum(gap * kept, [1, 2]) / z.shape[-1])
""",
    },
    misconceptions=mistakes(MULTILABEL_MISTAKES, globals(), "z, y"),
    forbid=OTHERS,
    target_first=True,
    elementwise=False,
)

# Calls that are too long for a line.
CCE = "keras.losses.CategoricalCrossentropy"
GCE = "keras.losses.CategoricalGeneralizedCrossEntropy"
IN_TWO_STEPS = "-tf.reduce_mean(tf.gather(tf.nn.log_softmax(z), y, batch_dims=1))"

CATEGORICAL_CROSS_ENTROPY = component(
    "categorical_cross_entropy",
    name="Categorical cross-entropy",
    zh="类别交叉熵",
    pytorch=("torch.nn.CrossEntropyLoss", "torch.nn.functional.cross_entropy"),
    keras=("keras.losses.CategoricalCrossentropy", "keras.losses.categorical_crossentropy"),
    tensorflow=("tf.nn.softmax_cross_entropy_with_logits",),
    calls=f"""
F.cross_entropy(z, q) | {CCE}(from_logits=True)(q, z)
    # the target comes second in PyTorch and first in Keras; without `from_logits=True`, Keras
    # expects probabilities
F.cross_entropy(z, q, reduction="none") | tf.nn.softmax_cross_entropy_with_logits(q, z)
    # if the targets of a row do not sum to 1, TensorFlow's gradient is wrong
F.cross_entropy(z, q, label_smoothing=0.1) | {CCE}(from_logits=True, label_smoothing=0.1)(q, z)
""",
    defaults="""
torch.nn.CrossEntropyLoss(reduction="mean")
keras.losses.CategoricalCrossentropy(from_logits=False)
keras.losses.categorical_crossentropy(from_logits=False)
""",
    behaviour={
        "cce-forgotten-tf": "without `from_logits=True`, Keras treats logits as probabilities",
        "cce-many-hot-tf": "TensorFlow's gradient is wrong if the targets do not sum to 1",
        "cce-descent-tf": "trained on the target (1, 1, 0), TensorFlow's logits grow without end",
        "multiclass-reductions-tf": "Keras's function returns one loss for each example",
    },
    exercises=(CATEGORICAL_CROSS_ENTROPY_EXERCISE, SMOOTHED_EXERCISE),
)

SPARSE_CATEGORICAL_CROSS_ENTROPY = component(
    "sparse_categorical_cross_entropy",
    name="Sparse categorical cross-entropy",
    zh="稀疏类别交叉熵",
    pytorch=("torch.nn.CrossEntropyLoss", "torch.nn.functional.cross_entropy"),
    keras=(
        "keras.losses.SparseCategoricalCrossentropy",
        "keras.losses.sparse_categorical_crossentropy",
    ),
    tensorflow=("tf.nn.sparse_softmax_cross_entropy_with_logits",),
    calls="""
F.cross_entropy(z, y) | keras.losses.SparseCategoricalCrossentropy(from_logits=True)(y, z)
    # PyTorch wants int64 labels, and the classes in axis 1; Keras wants them in the last axis
F.cross_entropy(z, y, reduction="none") | tf.nn.sparse_softmax_cross_entropy_with_logits(y, z)
F.cross_entropy(z, y, weight=w) | weighted(y, z, sample_weight=each_w)
    # `weighted` is the class with `reduction="mean_with_sample_weight"`: without it, Keras divides
    # by the number of examples
""",
    defaults="""
torch.nn.CrossEntropyLoss(ignore_index=-100)
keras.losses.SparseCategoricalCrossentropy(from_logits=False, ignore_class=None)
""",
    behaviour={
        "multiclass-weights-tf": "a weighted mean divides by the sum of the weights in PyTorch, by "
        "the number of examples in Keras",
        "multiclass-weights-pt": "with one-hot targets, PyTorch divides the weighted sum by the "
        "number of examples",
        "multiclass-smooth-weights-tf": "with weights and label smoothing, PyTorch weights each "
        "class of the target",
        "multiclass-ignoring-pt": "all labels ignored: NaN in PyTorch, 0 in Keras",
        "multiclass-ignoring-tf": "Keras's function returns 0 for an ignored label",
        "multiclass-labels-pt": "PyTorch accepts only int64 labels of shape (N,)",
        "multiclass-labels-tf": "Keras accepts labels of shape (N, 1), cuts off decimals, and "
        "gives NaN for a label that is no class with `jit_compile=True`",
        "multiclass-axis": "the classes lie in axis 1 in PyTorch, and in the last axis in Keras",
    },
    exercises=(SPARSE_EXERCISE, WEIGHTED_EXERCISE),
)

CROSS_ENTROPY_TWO_WAYS = component(
    "cross_entropy_two_ways",
    kind="usage",
    name="Cross-entropy in two steps",
    zh="交叉熵的两种写法",
    calls=f"""
F.nll_loss(F.log_softmax(z, dim=1), y) | {IN_TWO_STEPS}
    # never take the logarithm of a softmax: for logits of ±1000 it is −∞
""",
    behaviour={
        "two-ways": "log-softmax and negative log-likelihood are the cross-entropy",
        "two-thousand-pt": "the log of a softmax gives ∞ for logits of ±1000, and NaN gradients",
        "two-thousand-tf": "Keras clips probabilities at 1e-7: the loss is 16.1, its gradient 0",
        "multiclass-floor-pt": "a second softmax: the loss of ten classes stays above 1.46",
    },
    exercises=(GRADIENT_EXERCISE, FLOOR_EXERCISE),
)

NEGATIVE_LOG_LIKELIHOOD = component(
    "negative_log_likelihood",
    name="Negative log-likelihood",
    zh="负对数似然损失",
    pytorch=("torch.nn.NLLLoss", "torch.nn.functional.nll_loss"),
    calls="""
F.nll_loss(log_p, y) | -tf.reduce_mean(tf.gather(log_p, y, batch_dims=1))
    # the input holds log-probabilities: neither a softmax nor a logarithm is computed
""",
    behaviour={
        "nll-bridge-tf": "TensorFlow has no NLL: log-probabilities pass as logits",
        "nll-bridge-pt": "probabilities or logits raise no error, and give a negative loss",
    },
    exercises=(NLL_EXERCISE,),
)

KL_DIVERGENCE = component(
    "kl_divergence",
    name="Kullback–Leibler divergence",
    zh="相对熵损失",
    pytorch=("torch.nn.KLDivLoss", "torch.nn.functional.kl_div"),
    keras=("keras.losses.KLDivergence", "keras.losses.kl_divergence"),
    aliases=(
        "tf.keras.losses.KLD",
        "tf.keras.losses.kld",
        "tf.keras.losses.kullback_leibler_divergence",
    ),
    calls="""
F.kl_div(torch.log(p), q, reduction="batchmean") | keras.losses.KLDivergence()(q, p)
    # PyTorch takes log p first, and its default `reduction` also divides by the number of classes
""",
    defaults="""
torch.nn.KLDivLoss(reduction="mean", log_target=False)
keras.losses.KLDivergence(reduction="sum_over_batch_size")
""",
    behaviour={
        "kl-pair-pt": "PyTorch's input is log p; without the logarithm the result is negative",
        "kl-reduction-pt": "PyTorch's `mean` divides by the number of classes, too",
        "kl-zeros-tf": "a predicted 0 costs ∞ in PyTorch; Keras clips it, with the gradient 0",
    },
    exercises=(KL_EXERCISE,),
)

CATEGORICAL_FOCAL = component(
    "categorical_focal",
    name="Categorical focal loss",
    zh="类别焦点损失",
    keras=(
        "keras.losses.CategoricalFocalCrossentropy",
        "keras.losses.categorical_focal_crossentropy",
    ),
    calls="""
focal_pt(z, q) | keras.losses.CategoricalFocalCrossentropy(from_logits=True)(q, z)
    # PyTorch has none: this section defines it; alpha is 0.25 by default, for every class
""",
    defaults="keras.losses.CategoricalFocalCrossentropy(alpha=0.25, gamma=2.0, from_logits=False)",
    behaviour={
        "focal-bridge-pt": "PyTorch has no focal loss: this section defines one",
        "focal-gamma-tf": "with `gamma=0`, the loss is a quarter of the cross-entropy",
        "focal-far-tf": "Keras clips the probability even with `from_logits=True`",
    },
    exercises=(FOCAL_EXERCISE,),
)

GENERALIZED_CROSS_ENTROPY = component(
    "generalized_cross_entropy",
    name="Generalized cross-entropy",
    zh="广义交叉熵",
    keras=(
        "keras.losses.CategoricalGeneralizedCrossEntropy",
        "keras.losses.categorical_generalized_cross_entropy",
    ),
    calls=f"""
((1 - p.gather(1, y[:, None]) ** 0.7) / 0.7).mean() | {GCE}(q=0.7)(y, p)
    # labels of shape (N, 1) make a table of N × N losses in Keras: pass (N,)
""",
    defaults="keras.losses.CategoricalGeneralizedCrossEntropy(q=0.5)",
    behaviour={
        "gce-bridge-pt": "PyTorch has no generalized cross-entropy: it is one line",
        "gce-table-tf": "labels of shape (N, 1) make a table of N × N losses in Keras",
    },
    exercises=(GENERALIZED_EXERCISE,),
)

CATEGORICAL_HINGE = component(
    "categorical_hinge",
    name="Categorical hinge loss",
    zh="类别合页损失",
    keras=("keras.losses.CategoricalHinge", "keras.losses.categorical_hinge"),
    calls="""
hinge_pt(z, q).mean() | keras.losses.CategoricalHinge()(q, z)
    # PyTorch has none: this section defines it; `F.multi_margin_loss` is another loss
""",
    behaviour={
        "hinge-bridge-pt": "PyTorch has no categorical hinge: this section defines one",
        "hinge-shift-tf": "Keras counts a wrong score below 0 as 0: equal margins can cost 4 or 0",
    },
    exercises=(HINGE_EXERCISE,),
)

MULTI_MARGIN = component(
    "multi_margin",
    name="Multi-class margin loss",
    zh="多类别间隔损失",
    pytorch=("torch.nn.MultiMarginLoss", "torch.nn.functional.multi_margin_loss"),
    calls="""
F.multi_margin_loss(z, y) | margin_tf(y, z)
    # TensorFlow has none: this section defines it; `CategoricalHinge` is another loss
""",
    defaults="torch.nn.MultiMarginLoss(p=1, margin=1.0)",
    behaviour={
        "margin-bridge-tf": "TensorFlow has no such loss: this section defines one",
    },
    exercises=(MULTI_MARGIN_EXERCISE,),
)

MULTILABEL_MARGIN = component(
    "multilabel_margin",
    name="Multi-label margin loss",
    zh="多标签间隔损失",
    pytorch=("torch.nn.MultiLabelMarginLoss", "torch.nn.functional.multilabel_margin_loss"),
    calls="""
F.multilabel_margin_loss(z, l) | multilabel_margin_tf(q, z)
    # PyTorch's target lists class numbers up to the first −1; this section's function for
    # TensorFlow takes multi-hot targets
""",
    behaviour={
        "multilabel-bridge-tf": "TensorFlow has no such loss: this section defines one",
        "multilabel-bridge-pt": "multi-hot integers raise no error, and are read as class numbers",
    },
    exercises=(MULTILABEL_EXERCISE,),
)

COMPONENTS = (
    CATEGORICAL_CROSS_ENTROPY,
    SPARSE_CATEGORICAL_CROSS_ENTROPY,
    CROSS_ENTROPY_TWO_WAYS,
    NEGATIVE_LOG_LIKELIHOOD,
    KL_DIVERGENCE,
    CATEGORICAL_FOCAL,
    GENERALIZED_CROSS_ENTROPY,
    CATEGORICAL_HINGE,
    MULTI_MARGIN,
    MULTILABEL_MARGIN,
)
