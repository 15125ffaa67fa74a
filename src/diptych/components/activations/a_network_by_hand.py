"""A network by hand: its forward pass, a dead unit, its backward pass and its training."""

from math import erf

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

SILU = ("torch.nn.functional.silu", "torch.nn.SiLU", "tf.nn.silu", "keras.activations.silu")


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def silu(z):
    return z * sigmoid(z)


def silu_slope(z):
    return sigmoid(z) * (1 + z * (1 - sigmoid(z)))


def relu(z):
    return np.maximum(0, z)


def gelu(z):
    return z * (1 + np.vectorize(erf)(z / np.sqrt(2))) / 2


def half_moons(n, noise=0.08):
    """Points (n, 2) and labels, 0 for the upper moon and 1 for the lower one, as in the chapter."""
    angle = np.linspace(0, np.pi, n // 2)
    upper = np.stack([np.cos(angle), np.sin(angle)], 1)
    x = np.concatenate([upper, [1, 0.5] - upper])
    return x + default_rng(0).normal(0, noise, (n, 2)), np.repeat([0.0, 1.0], n // 2)


def start(hidden):
    """The weights of the network before training, as in the chapter."""
    rng = default_rng(10)
    return rng.normal(0, 1.5, (2, hidden)), rng.normal(0, 1, hidden), rng.normal(0, 1, hidden)


def drawn(rng, n, n_in, hidden):
    x, y = rng.normal(0, 1.5, (n, n_in)), rng.integers(0, 2, n) * 1.0
    return x, y, rng.normal(0, 1, (n_in, hidden)), *rng.normal(0, 1, (2, hidden))


# The forward pass


def network(x, w, b, v, act=silu, out=sigmoid):
    return out(act(x @ w + b) @ v)


NETWORK_MISTAKES = """
network(x, w, b, v, out=lambda z: z)  # the sigmoid at the end is missing: the output is a
                              # probability
network(x, w, b, v, sigmoid)  # the hidden activation is a sigmoid: SiLU multiplies it by u
network(x, w, b, v, relu)  # the hidden activation is ReLU: SiLU is z times its sigmoid
network(x, w, b, v, tanh)  # the hidden activation is tanh: SiLU is z times its sigmoid
network(x, w, b, v, lambda z: z)  # there is no hidden activation: apply SiLU to x w + b
network(x, w, b, v, gelu)  # the hidden activation is GELU: SiLU is z times its sigmoid
network(x, w, b, v, lambda z: z * sigmoid(1.702 * z))  # this is an approximation of GELU: the
                              # sigmoid of SiLU has no factor
network(x, w, b, v, lambda z: z * sigmoid(z - b))  # the sigmoid of SiLU is taken without the bias:
                              # both factors are computed from x w + b
network(x, w, 0 * b, v)  # the bias is not added
sigmoid((silu(x @ w) + b) @ v)  # the bias is added behind the activation: add it before
network(x, w, b, v, out=silu)  # the output goes through SiLU, too: take the sigmoid there
network(x, w, b, v / len(v))  # the mean over the units is taken: add up their products with v
network(x, w, b, v, out=lambda z: exp(z) / exp(z).sum())  # a softmax compares the examples with
                              # each other: the sigmoid takes each logit alone
silu(x @ w + b) * v  # the hidden numbers are not summed: multiply with @
sigmoid(network(x, w, b, v))  # the sigmoid is applied twice
(network(x, w, b, v) > 0.5) * 1.0  # the output is a class, 0 or 1: return the probability
"""


def network_case(x, y, *weights, part="values"):
    return Case((x, *weights), part=part)


ROW = (
    np.array([[1.0, -1.0], [0.5, 2.0]]),
    np.zeros(2),
    np.array([[1.0, -1.0, 0.5], [1.0, 0.5, -2.0]]),
    np.array([0.0, 0.5, 1.0]),
    np.array([1.0, -2.0, 0.5]),
)

NETWORK = Exercise(
    "own_network",
    network,
    visible=(
        network_case(*ROW),
        network_case(*drawn(default_rng(1), 1, 3, 2), part="robustness"),
    ),
    hidden=lambda rng: (
        network_case(*drawn(rng, 5, 2, 4)),
        network_case(*drawn(rng, 3, 4, 3)),
        network_case(*drawn(rng, 1, 2, 1), part="robustness"),
    ),
    reference={
        "pytorch": """
def own_network_pt(x, w, b, v):
    return torch.sigmoid(F.silu(F.linear(x, w.T, b)) @ v)
""",
        "tensorflow": """
def own_network_tf(x, w, b, v):
    return tf.sigmoid(tf.linalg.matvec(tf.nn.silu(x @ w + b), v))
""",
    },
    forbid=SILU,
    elementwise=False,
    misconceptions=mistakes(NETWORK_MISTAKES, globals(), "x, w, b, v"),
    difficulty=1,
)

# A unit that never learns

LIVE = "the unit still learns: for some example x · w + b is positive. The largest x · w decides"
TOO_LOW = "b is too low: with b + 1 the unit would still be dead. Start from the largest x · w"
OF_MEAN = "b cancels the mean of x · w: for examples above the mean, x · w + b is still positive"
OF_LEAST = "b cancels the smallest x · w: for all other examples, x · w + b is still positive"
CUT = "b is too low where each x · w is negative: there b must be positive. Cut nothing off at 0"
POSITIVE = "b has the wrong sign: it must cancel the largest x · w"
NO_WEIGHT = "b is computed from x alone: the unit receives x · w + b"
SLACK = 1e-4


def judge_dead(case, b, again, derivative):
    """A bias is right if no example is positive, but some are with the bias plus 1."""
    x, w = case.inputs
    pulls, b = np.float32(x @ w), float(b)
    named = {
        POSITIVE: pulls.max(),
        OF_MEAN: -pulls.mean(),
        OF_LEAST: -pulls.min(),
        NO_WEIGHT: -x.max(),
    }
    highest = pulls.max() + b
    if -1 < highest <= SLACK:
        return None
    if pulls.max() <= -1 < b <= 0:
        return CUT
    for sentence, bias in named.items():
        if abs(b - bias) <= SLACK * (1 + abs(bias)):
            return sentence
    return LIVE if highest > 0 else TOO_LOW


def dead_case(x, w, part="values"):
    return Case((np.array(x), np.array(w)), gradients=False, judge=judge_dead, part=part)


DEAD_MISTAKES = """
(x @ w).max()  # POSITIVE
-(x @ w).mean()  # OF_MEAN
-(x @ w).min()  # OF_LEAST
-x.max()  # NO_WEIGHT
-maximum(0, x @ w).max() - 0.5  # CUT
1 - (x @ w).max()  # LIVE
-(x @ w).max() - 2
array(-1e4)  # TOO_LOW
"""

DEAD_BIAS = Exercise(
    "dead_bias",
    lambda x, w: -(x @ w).max() - 0.5,
    visible=(
        dead_case([[1.0, 0.0], [2.0, 4.0], [-1.0, 0.5]], [3.0, -0.5]),
        dead_case([[2.0, 4.0]], [-1.0, -0.5], "robustness"),
    ),
    hidden=lambda rng: (
        dead_case(rng.normal(0, 4, (9, 2)), [3.0, -2.0]),
        dead_case(rng.normal(0, 4, (12, 3)), [-2.0, 3.0, 1.5]),
        dead_case(rng.normal(0, 4, (1, 4)), rng.normal(0, 2, 4), "robustness"),
    ),
    reference={
        "pytorch": "dead_bias_pt = lambda x, w: -torch.max(x @ w)",
        "tensorflow": "dead_bias_tf = lambda x, w: -tf.reduce_max(tf.linalg.matvec(x, w)) - 0.9",
    },
    elementwise=False,
    misconceptions=mistakes(DEAD_MISTAKES, globals(), "x, w"),
    kind="break",
    difficulty=2,
)

# The backward pass


def by_mean(p, y):
    """The derivative of the mean cross-entropy for the logits."""
    return (p - y) / len(y)


def gradients(x, y, w, b, v, *, act=silu, slope=silu_slope, error=by_mean):
    """Gradients of the mean cross-entropy for ``w``, ``b``, ``v``; wrong answers replace a part."""
    z = x @ w + b
    h = act(z)
    d = error(sigmoid(h @ v), y)
    dz = np.outer(d, v) * slope(z)
    return x.T @ dz, dz.sum(0), h.T @ d


def with_bias(of, **changed):
    def answer(*arrays):
        dw, db, dv = gradients(*arrays, **changed)
        return dw, of(db), dv

    return answer


def by_sum(p, y):
    return p - y


def squared(p, y):
    """The derivative of the mean squared error for the logits."""
    return 2 * (p - y) * p * (1 - p) / len(y)


def twice(p, y):
    """The derivative of the cross-entropy that takes probabilities for logits."""
    return (sigmoid(p) - y) * p * (1 - p) / len(y)


def summed_for_v(x, y, w, b, v):
    """The mean is taken for ``w`` and ``b`` only."""
    dw, db, dv = gradients(x, y, w, b, v)
    return dw, db, dv * len(y)


GRADIENTS_MISTAKES = """
gradients(x, y, w, b, v, error=by_sum)  # nothing is divided by the number of examples: the loss is
                              # a mean
summed_for_v(x, y, w, b, v)  # the gradient of v is not divided by the number of examples
gradients(x, y, w, b, v, error=by_sum, slope=silu)  # two errors are left: nothing is divided by the
                              # number of examples, and SiLU stands where its derivative belongs
with_bias(sum, error=by_sum)(x, y, w, b, v)  # two errors are left: nothing is divided by the number
                              # of examples, and the gradient of b is one number
with_bias(sum, slope=silu)(x, y, w, b, v)  # two errors are left: SiLU stands where its derivative
                              # belongs, and the gradient of b is one number
with_bias(sum, error=by_sum, slope=silu)(x, y, w, b, v)  # all three errors are still there
gradients(x, y, w, b, v, slope=silu)  # the gradient is multiplied by SiLU: multiply it by the
                              # derivative of SiLU
gradients(x, y, w, b, v, slope=sigmoid)  # the derivative of SiLU is taken for the sigmoid: its
                              # second part, z · σ · (1 − σ), is missing
gradients(x, y, w, b, v, slope=lambda z: sigmoid(z) * (1 - sigmoid(z)))  # the derivative of the
                              # sigmoid is used in place of that of SiLU: use the product rule
gradients(x, y, w, b, v, slope=lambda z: z * sigmoid(z) * (1 - sigmoid(z)))  # the first part of the
                              # product rule, σ(z), is missing
gradients(x, y, w, b, v, slope=lambda z: sigmoid(z) + z * (1 - sigmoid(z)))  # in the second part of
                              # the derivative of SiLU, the factor σ is missing: it is z · σ · (1 −
                              # σ)
gradients(x, y, w, b, v, slope=lambda z: sigmoid(z) + silu(z) * (1 - silu(z)))  # SiLU stands where
                              # its sigmoid belongs: the last factor is 1 − σ(z)
gradients(x, y, w, b, v, slope=ones_like)  # the derivative of SiLU is missing
gradients(x, y, w, b, v, error=squared)  # the loss is the mean squared error: take the mean
                              # cross-entropy
gradients(x, y, w, b, v, error=twice)  # the loss takes the sigmoid of its first argument itself:
                              # give it the logits
gradients(x, y, w, b, v, error=lambda p, y: (p - y) * p * (1 - p) / len(y))  # the derivative of the
                              # sigmoid is there twice: p − y contains it already
gradients(x, y, w, b, v, error=lambda p, y: (y - p) / len(y))  # every gradient has the wrong sign:
                              # it is p − y
with_bias(sum)(x, y, w, b, v)  # the gradient of b is one number: sum over the examples only, so
                              # that each unit keeps its own
with_bias(lambda db: db / len(y))(x, y, w, b, v)  # the gradient of b is divided by n twice
gradients(x, y, w, b, ones_like(v))  # v is missing on the way back: multiply d by v
gradients(x, y, w, b, v)[::-1]  # the gradients come in the opposite order: those of w, b, v
"""


def gradients_case(*arrays, part="values"):
    return Case(arrays, gradients=False, part=part)


GRADIENTS = Exercise(
    "repaired_gradients",
    gradients,
    visible=(
        gradients_case(ROW[0], np.array([1.0, 0.0]), *ROW[2:]),
        gradients_case(*drawn(default_rng(2), 6, 2, 4)),
        gradients_case(*drawn(default_rng(3), 1, 3, 2), part="robustness"),
    ),
    hidden=lambda rng: (
        gradients_case(*drawn(rng, 5, 2, 4)),
        gradients_case(*drawn(rng, 7, 3, 3)),
        gradients_case(*drawn(rng, 1, 2, 5), part="robustness"),
        gradients_case(*drawn(rng, 4, 2, 1), part="robustness"),
    ),
    reference={
        "pytorch": """
def repaired_gradients_pt(x, y, w, b, v):
    weights = [each.clone().requires_grad_() for each in (w, b, v)]
    z = F.silu(x @ weights[0] + weights[1]) @ weights[2]
    return torch.autograd.grad(F.binary_cross_entropy_with_logits(z, y), weights)
""",
        "tensorflow": """
def repaired_gradients_tf(x, y, w, b, v):
    with tf.GradientTape() as tape:
        tape.watch([w, b, v])
        z = tf.linalg.matvec(tf.nn.silu(x @ w + b), v)
        loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(y, z))
    return tape.gradient(loss, [w, b, v])
""",
    },
    forbid=SILU,
    elementwise=False,
    misconceptions=mistakes(GRADIENTS_MISTAKES, globals(), "x, y, w, b, v"),
    kind="repair",
)

# The whole network


def trained(act=silu, slope=silu_slope, error=by_mean, out=sigmoid, learns=(1, 1, 1), late=0):
    """Training by gradient descent; wrong answers replace a part."""

    def answer(x, y, w, b, v, lr, steps):
        for _ in range(steps + late):
            found = gradients(x, y, w, b, v, act=act, slope=slope, error=error)
            w, b, v = (
                weight - lr * on * g for weight, on, g in zip((w, b, v), learns, found, strict=True)
            )
        return network(x, w, b, v, act, out)

    return answer


def accumulated(x, y, w, b, v, lr, steps):
    """PyTorch's training loop without ``zero_grad``."""
    summed = [0, 0, 0]
    for _ in range(steps):
        summed = [s + g for s, g in zip(summed, gradients(x, y, w, b, v), strict=True)]
        w, b, v = (each - lr * s for each, s in zip((w, b, v), summed, strict=True))
    return network(x, w, b, v)


def one_by_one(x, y, w, b, v, lr, steps):
    """Each weight moves before the next gradient is computed."""
    for _ in range(steps):
        v = v - lr * gradients(x, y, w, b, v)[2]
        b = b - lr * gradients(x, y, w, b, v)[1]
        w = w - lr * gradients(x, y, w, b, v)[0]
    return network(x, w, b, v)


def in_turn(x, y, w, b, v, lr, steps):
    """``v`` moves before the gradients of ``w`` and ``b`` are computed with it."""
    for _ in range(steps):
        new = v - lr * gradients(x, y, w, b, v)[2]
        z = x @ w + b
        dz = np.outer(by_mean(sigmoid(silu(z) @ v), y), new) * silu_slope(z)
        w, b, v = w - lr * x.T @ dz, b - lr * dz.sum(0), new
    return network(x, w, b, v)


def as_probabilities(p, y):
    """The derivative of Keras's cross-entropy that takes logits for probabilities."""
    z = np.log(p / (1 - p))
    inside = (z > 1e-7) & (z < 1 - 1e-7)
    q = np.where(inside, z, 0.5)
    return inside * ((1 - y) / (1 - q) - y / q) / len(y)


def at_once(x, y, w, b, v, lr, steps):
    return trained()(x, y, w, b, v, lr, 1)


TRAINED_MISTAKES = """
trained(error=by_sum)  # the loss is a sum over the examples: take the mean
trained(error=squared)  # the loss is the mean squared error: take the mean cross-entropy
trained(error=twice)  # the loss takes the sigmoid of its first argument itself: give it the logits
trained(error=as_probabilities)  # the loss takes the logits for probabilities: set from_logits=True
trained(error=lambda p, y: (y - p) / len(y))  # the weights move up the gradient: subtract it
trained(relu, lambda z: z > 0)  # the hidden activation is ReLU: use SiLU
trained(tanh, lambda z: 1 - tanh(z) ** 2)  # the hidden activation is tanh: use SiLU
trained(lambda z: z, ones_like)  # there is no hidden activation, so the network is a straight line:
                              # use SiLU
trained(slope=sigmoid)  # the gradient takes the gate of SiLU for a constant: do not detach it
trained(out=lambda z: z)  # logits come back: return their sigmoid
trained(out=lambda z: (z > 0) * 1.0)  # classes come back, 0 or 1: return the probabilities
trained(learns=(1, 0, 1))  # the bias is not trained: update w, b and v
trained(learns=(0, 0, 1))  # only v is trained: update w, b and v
trained(learns=(1, 1, 0))  # v is not trained: update w, b and v
trained(learns=(0, 0, 0))  # the weights do not change: subtract lr times the gradient in each step
trained(late=-1)  # the probabilities are those before the last step: compute them again after it
trained(late=1)  # there is one step too many
at_once  # only one step is made
accumulated  # the gradients of earlier steps are added: set them to 0 in each step
in_turn  # v moves before the gradients of w and b are computed: compute all gradients first
one_by_one  # a weight moves before the others' gradients are computed: compute all gradients first
"""


def training_case(arrays, lr, steps, part="values", unsteady=False):
    arguments = {"lr": lr, "steps": steps}
    return Case(arrays, arguments, gradients=False, part=part, unsteady=unsteady)


def drawn_training(rng, n, hidden, steps, part="values"):
    return training_case(drawn(rng, n, 2, hidden), round(rng.uniform(0.3, 0.9), 3), steps, part)


TRAINED = Exercise(
    "separated_moons",
    trained(),
    visible=(
        training_case(drawn(default_rng(9), 4, 2, 3), 1.0, 3),
        training_case((*half_moons(80), *start(12)), 2.0, 100, unsteady=True),
        training_case(drawn(default_rng(4), 1, 3, 2), 0.5, 3, "robustness"),
        training_case(drawn(default_rng(5), 4, 2, 3), 0.5, 0, "robustness"),
    ),
    hidden=lambda rng: (
        drawn_training(rng, 5, 3, 3),
        drawn_training(rng, 6, 4, 5),
        drawn_training(rng, 1, 2, 3, "robustness"),
        drawn_training(rng, 5, 3, 0, "robustness"),
    ),
    reference={
        "pytorch": """
def separated_moons_pt(x, y, w, b, v, lr, steps):
    weights = [each.clone().requires_grad_() for each in (w, b, v)]
    sgd = torch.optim.SGD(weights, lr)
    logits = lambda: F.silu(x @ weights[0] + weights[1]) @ weights[2]
    for _ in range(steps):
        sgd.zero_grad()
        F.binary_cross_entropy_with_logits(logits(), y).backward()
        sgd.step()
    return torch.sigmoid(logits())
""",
        "tensorflow": """
def separated_moons_tf(x, y, w, b, v, lr, steps):
    weights = [tf.Variable(each) for each in (w, b, v)]
    sgd = keras.optimizers.SGD(lr)
    logits = lambda: tf.linalg.matvec(tf.nn.silu(x @ weights[0] + weights[1]), weights[2])
    for _ in range(steps):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(y, logits()))
        sgd.apply(tape.gradient(loss, weights), weights)
    return tf.sigmoid(logits())
""",
    },
    forbid=SILU,
    elementwise=False,
    rtol=1e-3,
    atol=1e-4,
    misconceptions=mistakes(TRAINED_MISTAKES, globals(), "", through=lambda made: made()),
    kind="train",
    difficulty=3,
)

OWN_NETWORK = component(
    "own_network",
    kind="usage",
    name="A network with an activation of your own",
    zh="自定义激活函数的网络",
    pytorch=("torch.autograd.grad",),
    tensorflow=("tf.GradientTape",),
    calls="""
torch.autograd.grad(loss, weights) | tape.gradient(loss, weights)  # the activation is made of the
    # framework's operations, so its gradient comes by itself
""",
    behaviour={
        "low-bias-pt": "a ReLU unit with a low bias has the gradient 0 for every example, and "
        "never learns; a SiLU unit does",
    },
    exercises=(NETWORK, DEAD_BIAS, GRADIENTS, TRAINED),
)

COMPONENTS = (OWN_NETWORK,)
