"""Binary losses: BCE, BCE with logits, focal, the three hinges and the multi-label soft margin."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

P = np.array([[0.9], [0.2], [0.6], [0.4]])  # probabilities of the worked cases
Z = np.array([[2.0], [-1.0], [0.5], [-0.3]])  # scores
Y = np.array([[1.0], [0.0], [0.0], [1.0]])  # labels
SURE = np.array([[1000.0], [-1000.0], [1000.0], [-1000.0]])
SURE_Y = np.array([[1.0], [1.0], [0.0], [0.0]])

# Functions that formulas may use.
OF_FORMULAS = ("softplus", "sigmoid", "log_sigmoid")

SUM = "the sum comes back: return the mean over all numbers"
NOT_REDUCED = "a loss for each number comes back: return their mean"
INFINITE = "logits of ±1000 give infinity or NaN: let only numbers below 0 into exp"
BINARY_LOG = "the logarithm has base 2: use the natural one"


def softplus(x):
    return np.logaddexp(0, x)


def sigmoid(x):
    return np.exp(-softplus(-x))


def labels(rng, *shape):
    """Labels, with at least one 0 and one 1."""
    return rng.permutation(np.arange(np.prod(shape)) % 2).reshape(shape).astype(float)


def logs(p):
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(p), -100)


def losses(p, y):
    return -(y * logs(p) + (1 - y) * logs(1 - p))


def binary_cross_entropy(p, y):
    return losses(p, y).mean()


ONE = float(np.float32(1 - 1e-7))  # the upper end of Keras's clip

BINARY_CROSS_ENTROPY_MISTAKES = """
-(y * logs(p)).mean()  # only the term of label 1 is there: add (1 − y) · log(1 − p)
-((1 - y) * logs(1 - p)).mean()  # only the term of label 0 is there: add y · log(p)
losses(p, y).sum()                # SUM
losses(p, y)                      # NOT_REDUCED
binary_cross_entropy(y, p)        # SWAPPED
-binary_cross_entropy(p, y)       # the minus in front is missing
binary_cross_entropy(p, y) / log(2)  # BINARY_LOG
((p - y) ** 2).mean()             # this is the squared error: use the logarithms
abs(p - y).mean()                 # this is the absolute error: use the logarithms
binary_cross_entropy(p, 1.0 * (y > 0.5))
binary_cross_entropy(p, 1.0 * (y == 1))
    # labels between 0 and 1 are treated as 0 or 1: weight both logarithms with them
-logs(y * p + (1 - y) * (1 - p)).mean()
    # the logarithm is taken of the weighted sum: weight the two logarithms
binary_cross_entropy(1 / (1 + exp(-p)), y)  # p goes through a sigmoid: it is a probability already
-(y * log(p) + (1 - y) * log(1 - p)).mean()
    # a probability of exactly 0 or 1 gives NaN or infinity: no logarithm may be lower than −100
losses(clip(p, 1e-7, ONE), y).mean()
losses(clip(p, 1e-7, 1 - 1e-7), y).mean()
    # p is clipped at 1e-7, as in Keras: clip the logarithms at −100 instead
for e in (1e-7, 1e-8, 1e-10, 1e-12): losses(clip(p, e, 1), y).mean()
    # p is clipped at {e}: clip the logarithms at −100 instead
for e in (1e-8, 1e-10, 1e-12): -(y * log(p + e) + (1 - y) * log(1 - p + e)).mean()
    # {e} is added in the logarithms: clip the logarithms at −100 instead
"""


def probabilities(rng, *shape, soft=False, **fields):
    p = rng.uniform(0.02, 0.98, shape)
    y = rng.uniform(0, 1, shape).round(2) if soft else labels(rng, *shape)
    return Case((p, y), **fields)


BINARY_CROSS_ENTROPY_EXERCISE = Exercise(
    "binary_cross_entropy",
    binary_cross_entropy,
    visible=(
        Case((P, Y)),
        Case((P, np.array([[0.9], [0.1], [0.3], [0.5]]))),
        probabilities(default_rng(1), 2, 3, part="robustness"),
        Case(
            (np.array([[0.0], [1.0], [1.0], [0.0], [0.5]]), np.array([[1.0], [0], [1], [0], [1]])),
            gradients=False,
            part="robustness",
        ),
    ),
    hidden=lambda rng: (
        probabilities(rng, 5, 1),
        probabilities(rng, 6, 1, soft=True),
        probabilities(rng, 7, part="robustness"),
        probabilities(rng, 3, 2, 4, part="robustness"),
        Case(
            (np.array([[0.0], [1.0], [0.2]]), np.array([[1.0], [0.3], [0.0]])),
            gradients=False,
            part="robustness",
        ),
    ),
    reference={
        "pytorch": "binary_cross_entropy_pt = lambda p, y: F.binary_cross_entropy(p, y)",
        # Keras clips the probabilities.
        "tensorflow": """
def binary_cross_entropy_tf(y, p):
    def logs(p):
        return tf.maximum(tf.math.log(p), -100)
    return -tf.reduce_mean(y * logs(p) + (1 - y) * logs(1 - p))
""",
    },
    misconceptions=mistakes(BINARY_CROSS_ENTROPY_MISTAKES, globals(), "p, y"),
    target_first=True,
    allow=OF_FORMULAS,
    elementwise=False,
)

BINARY_CROSS_ENTROPY = component(
    "binary_cross_entropy",
    name="Binary cross-entropy",
    zh="二元交叉熵",
    pytorch=("torch.nn.BCELoss", "torch.nn.functional.binary_cross_entropy"),
    keras=("keras.losses.BinaryCrossentropy", "keras.losses.binary_crossentropy"),
    calls="""
F.binary_cross_entropy(p, y) | keras.losses.BinaryCrossentropy()(y, p)
    # the prediction comes first in PyTorch, and last in Keras; swapped arguments raise no error
F.binary_cross_entropy(p, 0.8 * y + 0.1) | keras.losses.BinaryCrossentropy(label_smoothing=0.2)(y,
    p)
    # PyTorch has no label smoothing: smooth the labels yourself
""",
    behaviour={
        "bce-swapped-tf": "swapped arguments give a wrong loss, and no error, in both",
        "bce-clip-tf": "a probability of 0 costs 100 in PyTorch, with the gradient −1e12; 16.1 in "
        "Keras, with the gradient 0; above 1, PyTorch raises an error",
        "bce-saturated-tf": "after a sigmoid, the gradient is 0 at the logit −20 in Keras, at "
        "−50 in PyTorch",
        "four-fates-tf": "a weight at −50 learns from the logit and after "
        "`keras.activations.sigmoid`, not behind `torch.sigmoid` or `tf.sigmoid`",
        "keras-logits-tf": "Keras's BCE uses the logits of Keras's own sigmoid, if it finds them",
    },
    exercises=(BINARY_CROSS_ENTROPY_EXERCISE,),
)


def losses_from_logits(z, y, pos_weight=1.0):
    return pos_weight * y * softplus(-z) + (1 - y) * softplus(z)


def binary_cross_entropy_with_logits(z, y, pos_weight):
    return losses_from_logits(z, y, pos_weight).mean()


def weights_of(y, pos_weight):
    return pos_weight * y + 1 - y


def naive(z, y, pos_weight):
    return pos_weight * y * np.log(1 + np.exp(-z)) + (1 - y) * np.log(1 + np.exp(z))


def of_probability(p, y, pos_weight):
    return -(pos_weight * y * np.log(p) + (1 - y) * np.log(1 - p))


def sure(z, y, eps):
    """The losses of an answer that adds ``eps`` to both probabilities."""
    return -(y * np.log(sigmoid(z) + eps) + (1 - y) * np.log(sigmoid(-z) + eps))


BINARY_CROSS_ENTROPY_WITH_LOGITS_MISTAKES = """
binary_cross_entropy_with_logits(sigmoid(z), y, pos_weight)
    # a sigmoid is applied twice: put z into the formula
binary_cross_entropy_with_logits(-z, y, pos_weight)
    # z has the wrong sign: for label 1 the loss is log(1 + exp(−z))
(weights_of(y, pos_weight) * softplus(-y * z)).mean()
    # this is the formula for labels −1 and 1: for label 0 the loss is log(1 + exp(z))
losses_from_logits(z, y, pos_weight).sum()  # SUM
losses_from_logits(z, y, pos_weight)        # NOT_REDUCED
losses_from_logits(z, y).mean()             # pos_weight is ignored
losses_from_logits(z, 1 - y, pos_weight).mean()
    # the two labels are swapped: label 1 costs log(1 + exp(−z))
(y * softplus(-z) + pos_weight * (1 - y) * softplus(z)).mean()
    # pos_weight multiplies the loss of label 0: multiply the loss of label 1
pos_weight * losses_from_logits(z, y).mean()
    # pos_weight multiplies both losses: multiply only the loss of label 1
(softplus(z) - pos_weight * y * z).mean()
    # pos_weight multiplies only y · z: multiply the whole loss of label 1, log(1 + exp(z)) − z
losses_from_logits(z, y, pos_weight).sum() / weights_of(y, pos_weight).sum()
    # the sum is divided by the sum of the weights: divide by the number of logits
(pos_weight * y * softplus(-z)).mean()      # only the term of label 1 is there
binary_cross_entropy_with_logits(z, y, pos_weight) / log(2)  # BINARY_LOG
naive(z, y, pos_weight).mean()
of_probability(1 / (1 + exp(-z)), y, pos_weight).mean()
where(y == 1, pos_weight * log(1 + exp(-z)), log(1 + exp(z))).mean()
where(y == 1, -pos_weight * log(1 / (1 + exp(-z))), -log(1 - 1 / (1 + exp(-z)))).mean()  # INFINITE
(maximum(z, 0) - z * y + log(1 + exp(-z))).mean()
(weights_of(y, pos_weight) * (maximum(z, 0) - z * y + log(1 + exp(-z)))).mean()
    # the exponent must be −|z|, not −z
of_probability(clip(sigmoid(z), 1e-7, ONE), y, pos_weight).mean()
of_probability(clip(sigmoid(z), 1e-7, 1 - 1e-7), y, pos_weight).mean()
    # the probability is at least 1e-7, so a logit of 1000 costs 16: do not compute it
for e in (1e-8, 1e-9, 1e-10, 1e-12): (weights_of(y, pos_weight) * sure(z, y, e)).mean()
    # {e} is added to the probability, or is its least value, so a logit of 1000 costs about 20: do
    # not compute it
losses(sigmoid(z), y).mean()
(pos_weight * y * -logs(sigmoid(z)) + (1 - y) * -logs(1 - sigmoid(z))).mean()
    # the logarithms are clipped at −100, so a logit of 1000 costs 100: do not compute the
    # probability
binary_cross_entropy_with_logits(y, z, pos_weight)  # SWAPPED
"""


def logits(rng, *shape, pos_weight, **fields):
    return Case(
        (rng.normal(0, 2, shape), labels(rng, *shape)), {"pos_weight": pos_weight}, **fields
    )


BINARY_CROSS_ENTROPY_WITH_LOGITS_EXERCISE = Exercise(
    "binary_cross_entropy_with_logits",
    binary_cross_entropy_with_logits,
    visible=(
        Case((Z, Y), {"pos_weight": 1.0}),
        Case((Z, Y), {"pos_weight": 3.0}),
        logits(default_rng(1), 5, 1, pos_weight=0.25),
        logits(default_rng(2), 2, 3, pos_weight=2.0, part="robustness"),
        Case((SURE, SURE_Y), {"pos_weight": 2.0}, part="robustness"),
    ),
    hidden=lambda rng: (
        logits(rng, 5, 1, pos_weight=round(rng.uniform(1.5, 6), 2)),
        logits(rng, 6, 1, pos_weight=round(rng.uniform(0.1, 0.7), 2)),
        logits(rng, 7, pos_weight=4.0, part="robustness"),
        logits(rng, 3, 2, 2, pos_weight=0.5, part="robustness"),
        Case(
            (rng.uniform(800, 1000) * SURE / 1000, SURE_Y), {"pos_weight": 3.0}, part="robustness"
        ),
    ),
    reference={
        "pytorch": """
def binary_cross_entropy_with_logits_pt(z, y, pos_weight):
    w = torch.tensor(pos_weight)
    return F.binary_cross_entropy_with_logits(z, y, pos_weight=w)
""",
        "tensorflow": """
def binary_cross_entropy_with_logits_tf(y, z, pos_weight):
    return tf.reduce_mean(tf.nn.weighted_cross_entropy_with_logits(y, z, pos_weight))
""",
    },
    misconceptions=mistakes(
        BINARY_CROSS_ENTROPY_WITH_LOGITS_MISTAKES, globals(), "z, y, pos_weight"
    ),
    target_first=True,
    allow=OF_FORMULAS,
    elementwise=False,
)

BINARY_CROSS_ENTROPY_WITH_LOGITS = component(
    "binary_cross_entropy_with_logits",
    name="Binary cross-entropy with logits",
    zh="二元交叉熵(logits)",
    pytorch=("torch.nn.BCEWithLogitsLoss", "torch.nn.functional.binary_cross_entropy_with_logits"),
    keras=("keras.losses.BinaryCrossentropy", "keras.losses.binary_crossentropy"),
    tensorflow=(
        "tf.nn.sigmoid_cross_entropy_with_logits",
        "tf.nn.weighted_cross_entropy_with_logits",
    ),
    calls="""
F.binary_cross_entropy_with_logits(z, y) | keras.losses.BinaryCrossentropy(from_logits=True)(y, z)
    # without `from_logits=True`, Keras clips the logits as if they were probabilities
F.binary_cross_entropy_with_logits(z, y,
    reduction="none") | tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=z)
F.binary_cross_entropy_with_logits(z, y, pos_weight=torch.tensor(3.0),
    reduction="none") | tf.nn.weighted_cross_entropy_with_logits(labels=y, logits=z,
    pos_weight=3.0)
    # in Keras, pass sample weights, or `class_weight` to `fit`
""",
    defaults="""
keras.losses.BinaryCrossentropy(from_logits=False)
""",
    behaviour={
        "logits-thousand-tf": "logits of ±1000 have exact losses and gradients in both",
        "sigmoid-warning-tf": "a sigmoid in front of the loss: it cannot fall below 0.3133 or "
        "0.6931, and Keras warns only of its own",
        "class-weight-tf": "`pos_weight`, sample weights and `class_weight` give the same mean",
        "weight-not-of-classes-pt": "`weight` has a weight for each example, not for each class",
    },
    exercises=(BINARY_CROSS_ENTROPY_WITH_LOGITS_EXERCISE,),
)


def of_label(p, y):
    """The probability of the right label."""
    return y * p + (1 - y) * (1 - p)


def focal_losses(p, y, alpha, gamma):
    q = of_label(p, y)
    return of_label(alpha, y) * (1 - q) ** gamma * -np.log(q)


def focal(p, y, alpha, gamma):
    return focal_losses(p, y, alpha, gamma).mean()


def constant_factor(p, y, alpha, gamma):
    """The gradient where the factor (1 − q)^γ is detached."""
    q = of_label(p, y)
    return -of_label(alpha, y) * (1 - q) ** gamma * (2 * y - 1) / q / p.size


FOCAL_MISTAKES = """
focal(p, y, 1 - alpha, gamma)  # alpha multiplies the loss of label 0: it belongs to label 1
(of_label(alpha, y) * of_label(p, y) ** gamma * -log(of_label(p, y))).mean()
    # the factor is q^γ: it must be (1 − q)^γ, where q is the probability of the right label
(of_label(alpha, y) * (1 - p) ** gamma * -log(of_label(p, y))).mean()
    # the factor is (1 − p)^γ for both labels: for label 0 it is p^γ
2 * focal(p, y, 0.5, gamma)    # alpha is ignored, as in Keras without apply_class_balancing
(alpha * (1 - of_label(p, y)) ** gamma * -(y * log(p) + (1 - y) * log(1 - p))).mean()
2 * alpha * focal(p, y, 0.5, gamma)  # alpha multiplies both labels: label 0 gets 1 − alpha
(where(y == 1, alpha, 1) * 2 * focal_losses(p, y, 0.5, gamma)).mean()
    # label 0 has no weight: it gets 1 − alpha
focal(p, y, alpha, 0)          # gamma is ignored
(of_label(alpha, y) * (1 - of_label(p, y)) * gamma * -log(of_label(p, y))).mean()
    # 1 − q is multiplied by gamma: raise it to the power gamma
(of_label(alpha, y) * (1 - of_label(p, y) ** gamma) * -log(of_label(p, y))).mean()
    # q is raised to the power gamma, and then subtracted from 1: subtract first
((of_label(alpha, y) * (1 - of_label(p, y))) ** gamma * -log(of_label(p, y))).mean()
    # alpha is raised to the power gamma, too: multiply by it after the power
(of_label(alpha, y) * (1 - of_label(p, y)) ** gamma * -log(p)).mean()
    # the logarithm is that of p for both labels: for label 0 it is log(1 − p)
focal(p, y, alpha, 2)          # gamma is 2 whatever is asked for
focal_losses(p, y, alpha, gamma).sum()  # SUM
focal_losses(p, y, alpha, gamma)        # NOT_REDUCED
-focal(p, y, alpha, gamma)     # the minus in front is missing
focal_losses(p, y, alpha, gamma).sum() / of_label(alpha, y).sum()
    # the sum is divided by the sum of the alphas: divide by the number of predictions
(of_label(alpha, p) * (1 - of_label(p, y)) ** gamma * -log(of_label(p, y))).mean()
-(alpha * p * (1 - y) ** gamma * log(y) + (1 - alpha) * (1 - p) * y ** gamma * log(1 - y)).mean()
where(p == 1, -alpha * (1 - y) ** gamma * log(y), -(1 - alpha) * y ** gamma * log(1 - y)).mean()
    # SWAPPED
-(alpha * y * (1 - p) ** gamma * log(p) + (1 - alpha) * (1 - y) * p ** gamma * log(1 - p)).mean()
    # a right prediction of exactly 0 or 1 gives NaN, which is 0 · log 0: take the logarithm of q
    # only
gradient: (upstream_gradient * constant_factor(p, y, alpha, gamma), 0 * y)
    # the values are right, but the gradient treats (1 − q)^γ as a constant: do not detach it
"""


def focal_case(rng, *shape, alpha, gamma, **fields):
    inputs = rng.uniform(0.05, 0.95, shape), labels(rng, *shape)
    return Case(inputs, {"alpha": alpha, "gamma": gamma}, **fields)


FOCAL_EXERCISE = Exercise(
    "focal",
    focal,
    visible=(
        Case((P, Y), {"alpha": 0.75, "gamma": 2.0}),
        Case((P, Y), {"alpha": 0.25, "gamma": 0.5}),
        focal_case(default_rng(1), 5, 1, alpha=0.6, gamma=0.0),
        focal_case(default_rng(2), 2, 3, alpha=0.3, gamma=3.0, part="robustness"),
        Case(
            (np.array([[1.0], [0.0], [0.5]]), np.array([[1.0], [0.0], [1.0]])),
            {"alpha": 0.75, "gamma": 2.0},
            part="robustness",
        ),
    ),
    hidden=lambda rng: (
        focal_case(rng, 5, 1, alpha=0.8, gamma=round(rng.uniform(1.2, 4), 2)),
        focal_case(rng, 6, 1, alpha=0.1, gamma=round(rng.uniform(0.2, 0.8), 2)),
        focal_case(rng, 7, alpha=0.4, gamma=1.0, part="robustness"),
        focal_case(rng, 3, 2, 2, alpha=0.9, gamma=2.5, part="robustness"),
    ),
    reference={
        # PyTorch has none: this is the answer of the chapter.
        "pytorch": """
def focal_pt(p, y, alpha, gamma):
    bce = F.binary_cross_entropy(p, y, reduction="none")
    q = y * p + (1 - y) * (1 - p)
    return ((y * alpha + (1 - y) * (1 - alpha)) * (1 - q) ** gamma * bce).mean()
""",
        "tensorflow": """
def focal_tf(y, p, alpha, gamma):
    return keras.losses.BinaryFocalCrossentropy(True, alpha, gamma)(y, p)
""",
    },
    misconceptions=mistakes(FOCAL_MISTAKES, globals(), "p, y, alpha, gamma"),
    target_first=True,
    allow=OF_FORMULAS,
    elementwise=False,
)

FOCAL = component(
    "focal",
    name="Focal loss",
    zh="焦点损失",
    keras=("keras.losses.BinaryFocalCrossentropy", "keras.losses.binary_focal_crossentropy"),
    calls="""
focal_pt(p, y) | keras.losses.BinaryFocalCrossentropy(apply_class_balancing=True, alpha=0.75)(y, p)
    # copy `focal_pt` from this section; Keras ignores `alpha` unless `apply_class_balancing=True`
focal_logits_pt(z, y) | keras.losses.BinaryFocalCrossentropy(from_logits=True)(y, z)
""",
    defaults="""
keras.losses.BinaryFocalCrossentropy(apply_class_balancing=False, alpha=0.25, gamma=2.0)
""",
    behaviour={
        "focal-bridge-pt": "PyTorch has no focal loss: the chapter defines one",
        "focal-alpha-tf": "Keras ignores `alpha` unless `apply_class_balancing=True`",
        "focal-easy-tf": "99 easy examples are 82% of BCE and 5% of the focal loss",
        "focal-logits-tf": "from logits, the focal loss is not clipped",
    },
    exercises=(FOCAL_EXERCISE,),
)


def clipped(x):
    return np.maximum(0, x)


def hinge(z, y):
    return clipped(1 - (2 * y - 1) * z).mean()


HINGE_MISTAKES = """
clipped(1 - y * z).mean()        # the labels stay 0 and 1: make them −1 and 1 with 2 · y − 1
(1 - (2 * y - 1) * z).mean()     # nothing is clipped at 0: a margin above 1 costs 0
clipped(-(2 * y - 1) * z).mean() # the 1 is missing: the loss is max(0, 1 − margin)
clipped((2 * y - 1) * z).mean()  # this is max(0, margin): the loss is max(0, 1 − margin)
clipped(1 + (2 * y - 1) * z).mean()
clipped(1 - (1 - 2 * y) * z).mean()  # the margin has the wrong sign: use 1 − (2 · y − 1) · z
(clipped(1 - (2 * y - 1) * z) ** 2).mean()  # this is the squared hinge: do not square
clipped(1 - (2 * y - 1) * z).sum()   # SUM
clipped(1 - (2 * y - 1) * z)         # NOT_REDUCED
clipped((1 - (2 * y - 1) * z).mean())  # the mean is clipped: clip each loss, then take the mean
where(y == 1, z, clipped(1 - z)).mean()
    # this is the hinge embedding loss, where label 1 costs z: use max(0, 1 − margin)
softplus(-(2 * y - 1) * z).mean()    # this is the soft margin loss: use max(0, 1 − margin)
clipped(1 - (2 * z - 1) * y).mean()  # SWAPPED
(y * clipped(1 - z)).mean()          # examples with label 0 cost nothing: they cost max(0, 1 + z)
clipped(1 - (y - 1) * z).mean()
clipped(1 - 2 * (y - 1) * z).mean()  # label 1 becomes 0: make the labels −1 and 1 with 2 · y − 1
clip(1 - (2 * y - 1) * z, 0, 1).mean()     # losses above 1 become 1: clip them only at 0
clipped(1 - (2 * y - 1) * sigmoid(z)).mean()  # the score goes through a sigmoid: use it as it is
clipped(1 - (2 * y - 1) * tanh(z)).mean()  # the score goes through tanh: use it as it is
clipped(1 - sign((2 * y - 1) * z)).mean()  # only the sign of the score counts: use the score itself
"""


def scores(rng, *shape, **fields):
    return Case((rng.normal(0, 1.5, shape), labels(rng, *shape)), **fields)


HINGE_EXERCISE = Exercise(
    "hinge",
    hinge,
    visible=(
        Case((Z, Y)),
        Case((np.array([[1.0], [-4.0], [0.0], [3.0]]), np.array([[1.0], [0.0], [1.0], [1.0]]))),
        scores(default_rng(1), 2, 3, part="robustness"),
        Case((SURE, SURE_Y), part="robustness"),
    ),
    hidden=lambda rng: (
        scores(rng, 6, 1),
        scores(rng, 9, 1),
        scores(rng, 7, part="robustness"),
        scores(rng, 3, 2, 2, part="robustness"),
    ),
    reference={
        # PyTorch has none: this is the answer of the chapter.
        "pytorch": "hinge_pt = lambda z, y: (1 - (2 * y - 1) * z).clamp(min=0).mean()",
        "tensorflow": "hinge_tf = lambda y, z: keras.losses.Hinge()(y, z)",
    },
    misconceptions=mistakes(HINGE_MISTAKES, globals(), "z, y"),
    target_first=True,
    allow=("relu", *OF_FORMULAS),
    elementwise=False,
)

HINGE = component(
    "hinge",
    name="Hinge loss",
    zh="合页损失函数",
    keras=("keras.losses.Hinge", "keras.losses.hinge"),
    calls="""
(1 - y * z).clamp(min=0).mean() | keras.losses.Hinge()(y, z)
    # labels −1 and 1; Keras converts 0 and 1, but only if all labels are 0 or 1
""",
    behaviour={
        "hinge-bridge-pt": "PyTorch has no hinge loss: the chapter writes one",
        "hinge-labels-tf": "Keras converts labels 0 and 1 only if all labels are 0 or 1",
        "hinge-kink-tf": "gradient at the margin 1: −1 in Keras and with `clamp`, 0 with `relu`, "
        "−½ with `torch.maximum`",
        "hinge-embedding-pt": "`HingeEmbeddingLoss` is not the hinge loss",
    },
    exercises=(HINGE_EXERCISE,),
)


def squared_hinge(z, y):
    gap = clipped(1 - y * z)
    return (gap**2).mean(), -2 * y * gap / z.size


GAP = "clipped(1 - y * z)"
LOSS, DZ = f"({GAP} ** 2).mean()", f"-2 * y * {GAP} / z.size"

SQUARED_HINGE_MISTAKES = f"""
(((1 - y * z) ** 2).mean(), -2 * y * (1 - y * z) / z.size)
(((1 - y * z) ** 2).mean(), {DZ})
    # nothing is clipped, or the square comes first: clip 1 − margin at 0, then square it
({GAP}.mean(), {DZ})
({GAP}.mean(), -y * (y * z < 1) / z.size)  # the loss is not squared
(0.5 * {LOSS}, {DZ})
(0.5 * {LOSS}, 0.5 * {DZ})              # the loss is halved: remove the factor ½
({LOSS}, -y * {GAP} / z.size)           # the factor 2 is missing in the gradient
({LOSS}, -2 * y * {GAP})                # the gradient is not divided by the number of scores
({LOSS}, -y * {GAP})                    # the gradient lacks the factor 2 and the division by N
({LOSS}, 2 * y * {GAP} / z.size)        # the gradient has the wrong sign
({LOSS}, -2 * {GAP} / z.size)
({LOSS}, 2 * {GAP} / z.size)            # the label is missing in the gradient
({LOSS}, -2 * y * (y * z < 1) / z.size) # 1 − margin is missing in the gradient
({LOSS}, -2 * y * (1 - y * z) / z.size) # above the margin 1 the gradient is not 0
({LOSS}, -2 * z * {GAP} / z.size)
    # this is the gradient of the labels: that of the scores is asked for, and PyTorch's losses take
    # (prediction, target), TensorFlow's (target, prediction)
({LOSS}, -2 * y * {GAP} / len(z))
    # the gradient is divided by the size of the first axis: divide by the number of scores
({LOSS}, -2 * y * {GAP} ** 2 / z.size)  # the gradient has the square: the derivative of u² is 2 u
(({GAP} ** 2).sum(), -2 * y * {GAP})    # SUM
(({GAP} ** 2).sum(), {DZ})              # SUM
({GAP}.mean() ** 2, {DZ})               # the mean is squared: take the mean of the squares
({DZ}, {LOSS})                          # the order is wrong: first the loss, then the gradient
"""


def signed(rng, *shape, **fields):
    return Case((rng.normal(0, 1.5, shape), 2 * labels(rng, *shape) - 1), **fields)


SQUARED_HINGE_EXERCISE = Exercise(
    "squared_hinge",
    squared_hinge,
    visible=(
        Case((Z, 2 * Y - 1), gradients=False),
        signed(default_rng(1), 7, 1, gradients=False),
        signed(default_rng(2), 2, 3, part="robustness", gradients=False),
        Case((SURE, 2 * SURE_Y - 1), gradients=False, part="robustness"),
    ),
    hidden=lambda rng: (
        signed(rng, 6, 1, gradients=False),
        signed(rng, 9, 1, gradients=False),
        signed(rng, 7, part="robustness", gradients=False),
        signed(rng, 3, 2, 2, part="robustness", gradients=False),
    ),
    reference={
        # PyTorch has none: this is the answer of the chapter, with autograd's gradient.
        "pytorch": """
def squared_hinge_pt(z, y):
    z = z.clone().requires_grad_()
    loss = ((1 - y * z).clamp(min=0) ** 2).mean()
    return loss.detach(), torch.autograd.grad(loss, z)[0]
""",
        "tensorflow": """
def squared_hinge_tf(y, z):
    with tf.GradientTape() as tape:
        tape.watch(z)
        loss = keras.losses.SquaredHinge()(y, z)
    return loss, tape.gradient(loss, z)
""",
    },
    misconceptions=mistakes(SQUARED_HINGE_MISTAKES, globals(), "z, y"),
    target_first=True,
    allow=("relu", *OF_FORMULAS),
    elementwise=False,
)

SQUARED_HINGE = component(
    "squared_hinge",
    name="Squared hinge loss",
    zh="平方合页损失",
    keras=("keras.losses.SquaredHinge", "keras.losses.squared_hinge"),
    calls="""
((1 - y * z).clamp(min=0) ** 2).mean() | keras.losses.SquaredHinge()(y, z)
    # labels −1 and 1; Keras converts 0 and 1 as for `Hinge`
""",
    behaviour={
        "squared-outlier-tf": "a wrong label can outweigh nine right ones, and with hinge it does "
        "not",
    },
    exercises=(SQUARED_HINGE_EXERCISE,),
)


def soft_margin(z, y):
    return softplus(-y * z).mean()


SOFT_MARGIN_MISTAKES = """
softplus(-(y + 1) / 2 * z).mean()  # the labels are 0 and 1 in the formula: leave them −1 and 1
softplus(1 - y * z).mean()         # the exponent is 1 − y · z: it is −y · z
soft_margin(z, y) / log(2)         # BINARY_LOG
softplus(y * z).mean()             # the exponent has the wrong sign: it is −y · z
softplus(-z).mean()                # the label is missing in the exponent
softplus(-y * z).sum()             # SUM
softplus(-y * z)                   # NOT_REDUCED
maximum(0, 1 - y * z).mean()       # this is the hinge loss: use log(1 + exp(−y · z))
maximum(0, -y * z).mean()          # the loss is max(0, −y · z): add log(1 + exp(−|z|))
(1 / (1 + exp(y * z))).mean()      # the logarithm is missing
exp(-y * z).mean()                 # this is the exponential loss: take the logarithm of 1 + exp
(-y * z).mean()                    # 1 + is missing in the logarithm
log(1 + exp(-y * z).mean())        # the mean is inside the logarithm: take it last
log(1 + exp(-y * z)).mean()
log1p(exp(-y * z)).mean()
-log(1 / (1 + exp(-y * z))).mean()
(-y * z + log(1 + exp(y * z))).mean()  # INFINITE
for c in (10, 20, 30, 50, 80, 88): log(1 + exp(clip(-y * z, -c, c))).mean()
    # the exponent is clipped at {c}, so a score of 1000 costs only {c}
gradient: (upstream_gradient * where(-y * z > 88, nan, -y * sigmoid(-y * z)) / z.size, 0 * y)
    # the values are right, but the gradient is NaN, as when `where` hides an infinite exp: let only
    # numbers below 0 into exp
"""

SOFT_MARGIN_EXERCISE = Exercise(
    "soft_margin",
    soft_margin,
    visible=(
        Case((Z, 2 * Y - 1)),
        Case((np.array([[1.5], [-2.5], [3.5]]), np.array([[-1.0], [-1.0], [1.0]]))),
        Case(
            (np.array([[1.0, -0.5, 2.0], [0.3, 4.0, -2.0]]), np.array([[1.0, 1, -1], [-1, 1, -1]])),
            part="robustness",
        ),
        Case((SURE, 2 * SURE_Y - 1), part="robustness"),
    ),
    hidden=lambda rng: (
        signed(rng, 6, 1),
        signed(rng, 9, 1),
        signed(rng, 7, part="robustness"),
        signed(rng, 3, 2, 2, part="robustness"),
        Case((rng.uniform(800, 1000) * SURE / 1000, 2 * SURE_Y - 1), part="robustness"),
    ),
    reference={
        # PyTorch's own loss overflows, TensorFlow has none.
        "pytorch": "soft_margin_pt = lambda z, y: F.softplus(-y * z).mean()",
        "tensorflow": "soft_margin_tf = lambda y, z: tf.reduce_mean(tf.nn.softplus(-y * z))",
    },
    misconceptions=mistakes(SOFT_MARGIN_MISTAKES, globals(), "z, y"),
    target_first=True,
    # Each of these differs from the loss by a sign.
    forbid=(
        "torch.nn.functional.softplus",
        "torch.nn.Softplus",
        "torch.nn.functional.logsigmoid",
        "torch.nn.LogSigmoid",
        "tf.nn.softplus",
        "tf.math.log_sigmoid",
        "keras.activations.softplus",
        "keras.activations.log_sigmoid",
        "keras.ops.softplus",
        "keras.ops.log_sigmoid",
    ),
    elementwise=False,
    kind="repair",
)

SOFT_MARGIN = component(
    "soft_margin",
    name="Soft margin loss",
    zh="软间隔损失",
    pytorch=("torch.nn.SoftMarginLoss", "torch.nn.functional.soft_margin_loss"),
    calls="""
F.soft_margin_loss(z, y) | tf.reduce_mean(tf.math.softplus(-y * z))
    # PyTorch's loss overflows at a score of 100: use `F.softplus(-y * z).mean()`
""",
    behaviour={
        "soft-margin-overflow-pt": "a wrong score of 100: PyTorch's loss is infinite, its gradient "
        "NaN",
        "soft-margin-zeros-pt": "with labels 0 and 1, each label 0 costs log 2",
    },
    exercises=(SOFT_MARGIN_EXERCISE,),
)


def tag_losses(z, y, weight=1.0):
    return weight * losses_from_logits(z, y)


def multilabel_soft_margin(z, y, weight):
    return tag_losses(z, y, weight).mean(-1)


def log_softmax(z):
    return (
        z
        - np.log(np.exp(z - z.max(-1, keepdims=True)).sum(-1, keepdims=True))
        - z.max(-1, keepdims=True)
    )


MULTILABEL_SOFT_MARGIN_MISTAKES = """
tag_losses(z, y, weight).sum(-1)        # the sum over the labels comes back: return their mean
tag_losses(z, y, weight).mean()         # the mean is over the examples, too: keep each example
tag_losses(z, y, weight).mean(0)        # the mean is over the examples: take it over the labels
tag_losses(z, y, weight)                # a loss for each label comes back: take the mean over them
tag_losses(z, y).mean(-1)               # the weight is ignored
tag_losses(z, y, weight).sum(-1) / weight.sum()
    # the sum is divided by the sum of the weights: divide by the number of labels
(weight * y * softplus(-z) + (1 - y) * softplus(z)).mean(-1)
    # the weight multiplies only the losses of label 1: multiply both
(softplus(z) - weight * y * z).mean(-1)
    # the weight multiplies only y · z: multiply the whole loss, log(1 + exp(z)) − y · z
(weight * y * softplus(-z)).mean(-1)    # only the term of label 1 is there: add that of label 0
-(weight * y * log_softmax(z)).mean(-1)
-(weight * y * log_softmax(z)).sum(-1)
    # a softmax is over the labels: each label has a sigmoid of its own
tag_losses(-z, y, weight).mean(-1)      # z has the wrong sign: label 1 costs log(1 + exp(−z))
(weight * softplus(-y * z)).mean(-1)    # this is the formula for labels −1 and 1
tag_losses(sigmoid(z), y, weight).mean(-1)  # a sigmoid is applied twice
-tag_losses(z, y, weight).mean(-1)      # the minus in front is missing
tag_losses(y, z, weight).mean(-1)       # SWAPPED
for e in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12): (weight * sure(z, y, e)).mean(-1)
    # {e} is added to the probability, or is its least value, so a logit of 1000 costs 16 to 28: do
    # not compute it
(weight * of_probability(clip(sigmoid(z), 1e-7, ONE), y, 1)).mean(-1)
    # the probability is at least 1e-7, so a logit of 1000 costs 16: do not compute it
(weight * naive(z, y, 1)).mean(-1)
(weight * of_probability(1 / (1 + exp(-z)), y, 1)).mean(-1)
(weight * where(y == 1, log(1 + exp(-z)), log(1 + exp(z)))).mean(-1)
(weight * where(y == 1, -log(1 / (1 + exp(-z))), -log(1 - 1 / (1 + exp(-z))))).mean(-1)  # INFINITE
"""


def tags(rng, *shape, **fields):
    y = rng.integers(0, 2, shape).astype(float)
    weight = rng.uniform(0.2, 3, shape[-1]).round(2)
    return Case((rng.normal(0, 2, shape), y, weight), **fields)


TAGS = np.array([[0.1, 0.2, -0.4], [2.0, -1.0, 0.5]])
TAGS_Y = np.array([[1.0, 0.0, 1.0], [1.0, 0.0, 0.0]])

MULTILABEL_SOFT_MARGIN_EXERCISE = Exercise(
    "multilabel_soft_margin",
    multilabel_soft_margin,
    visible=(
        Case((TAGS, TAGS_Y, np.array([1.0, 1.0, 1.0]))),
        Case((TAGS, TAGS_Y, np.array([1.0, 2.0, 0.5]))),
        tags(default_rng(1), 4, 4),
        tags(default_rng(2), 1, 5, part="robustness"),
        Case((SURE.reshape(2, 2), SURE_Y.reshape(2, 2), np.array([1.0, 0.5])), part="robustness"),
    ),
    hidden=lambda rng: (
        tags(rng, 3, 5),
        tags(rng, 5, 2),
        tags(rng, 3, 3),
        tags(rng, 1, 6, part="robustness"),
        tags(rng, 6, 1, part="robustness"),
    ),
    reference={
        "pytorch": """
def multilabel_soft_margin_pt(z, y, weight):
    return F.multilabel_soft_margin_loss(z, y, weight, reduction="none")
""",
        # Keras weights examples, not labels.
        "tensorflow": """
def multilabel_soft_margin_tf(y, z, weight):
    return tf.reduce_mean(weight * tf.nn.sigmoid_cross_entropy_with_logits(y, z), -1)
""",
    },
    misconceptions=mistakes(MULTILABEL_SOFT_MARGIN_MISTAKES, globals(), "z, y, weight"),
    target_first=True,
    targets=(1, 2),
    allow=OF_FORMULAS,
    elementwise=False,
)

MULTILABEL_SOFT_MARGIN = component(
    "multilabel_soft_margin",
    name="Multi-label soft margin loss",
    zh="多标签软间隔损失",
    pytorch=(
        "torch.nn.MultiLabelSoftMarginLoss",
        "torch.nn.functional.multilabel_soft_margin_loss",
    ),
    calls="""
F.multilabel_soft_margin_loss(z, y) | keras.losses.BinaryCrossentropy(from_logits=True)(y, z)
    # it is BCE with logits, with labels 0 and 1
F.multilabel_soft_margin_loss(z, y, reduction="none") | keras.losses.binary_crossentropy(y, z,
    from_logits=True)
""",
    behaviour={
        "multilabel-tf": "the multi-label soft margin loss is BCE with logits",
        "multilabel-weight-tf": "`weight` belongs to the labels in PyTorch, `sample_weight` to the "
        "examples in Keras",
        "binary-reductions-tf": "`none` and `sum`: a loss for each number in PyTorch, the mean of "
        "each row in Keras",
        "binary-weights-tf": "a weighted mean divides by the number of examples, in both",
        "binary-one-axis-tf": "predictions of shape (N,): Keras averages over the batch before it "
        "weights",
        "binary-shapes-tf": "labels (N,) with predictions (N, 1): an error, an inserted axis, or a "
        "loss over all pairs",
        "binary-mask-tf": "a Keras mask divides by the valid steps, weights of 0 and 1 by all",
    },
    exercises=(MULTILABEL_SOFT_MARGIN_EXERCISE,),
)

COMPONENTS = (
    BINARY_CROSS_ENTROPY,
    BINARY_CROSS_ENTROPY_WITH_LOGITS,
    FOCAL,
    HINGE,
    SQUARED_HINGE,
    SOFT_MARGIN,
    MULTILABEL_SOFT_MARGIN,
)
