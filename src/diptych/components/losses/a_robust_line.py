"""A robust line: an own loss, the constants that losses converge to, a repair, and a fit."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

TRUE_SLOPE = 1.5


def outliers(n=40):
    """Points on the line 1.5 x − 0.5, and four outliers below it, as in the chapter."""
    x = np.linspace(-2, 2, n)
    y = TRUE_SLOPE * x - 0.5 + default_rng(3).normal(0, 0.2, n)
    y[[30, 33, 36, 38]] -= 8
    return x, y


def root(r, delta):
    return np.sqrt(1 + (r / delta) ** 2)


# The loss


def losses(r, delta):
    return delta**2 * (root(r, delta) - 1)


def pseudo_huber(y_hat, y, delta):
    return losses(y_hat - y, delta).mean()


def huber(r, delta):
    return np.where(abs(r) <= delta, r**2 / 2, delta * (abs(r) - delta / 2))


PSEUDO_HUBER_MISTAKES = """
losses(y_hat - y, delta).sum()  # the losses are added: take their mean
losses(y_hat - y, delta)  # a loss for each prediction comes back: return their mean
losses(y_hat - y, 1)  # delta is 1 whatever is asked for: use the argument
(delta**2 * root(y_hat - y, delta)).mean()  # the 1 is not subtracted behind the root, so a right
                              # prediction has a loss
(delta**2 * root(y_hat - y, delta) - 1).mean()  # the factor delta² must multiply the 1, too: set
                              # brackets around the root minus 1
(root(y_hat - y, delta) - 1).mean()  # the factor delta² is missing
(delta * (root(y_hat - y, delta) - 1)).mean()  # the factor is delta: it should be delta²
((y_hat - y) ** 2 / 2).mean()  # this is half the squared error: outliers count too much
huber(y_hat - y, delta).mean()  # this is Huber's loss, which has two branches: the root joins them
                              # smoothly
abs(y_hat - y).mean()  # this is the mean absolute error
losses((y_hat - y).mean(), delta)  # the mean of the differences is taken first: take the mean of
                              # the losses
(delta**2 * (sqrt(1 + abs(y_hat - y) / delta) - 1)).mean()  # the quotient is not squared below the
                              # root
(delta**2 * (sqrt(1 + (y_hat - y) ** 2 / delta) - 1)).mean()  # below the root, delta is not squared
(delta**2 * (sqrt(1 + (y_hat - y) ** 2) - 1)).mean()  # below the root, the difference is not
                              # divided by delta
delta**2 * (sqrt(1 + (((y_hat - y) / delta) ** 2).mean()) - 1)  # the mean is taken below the root:
                              # take the mean of the losses
losses(y_hat - y, 1 / delta).mean()  # the difference is multiplied by delta: divide it
"""


def loss_case(y_hat, y, delta, part="values"):
    return Case((np.array(y_hat, float), np.array(y, float)), {"delta": delta}, part=part)


def drawn_loss(rng, shape, part="values"):
    delta = round(rng.uniform(0.2, 0.8) if rng.integers(2) else rng.uniform(1.5, 3), 3)
    return loss_case(rng.normal(0, 2, shape), rng.normal(0, 2, shape), delta, part)


PSEUDO_HUBER = Exercise(
    "pseudo_huber",
    pseudo_huber,
    visible=(
        loss_case([1.0, -3.0, 0.5], [0.0, 1.0, 0.5], 0.5),
        loss_case([1.0, -3.0, 0.5], [0.0, 1.0, 0.25], 2.0),
        loss_case([[1.0, 2.0], [-1.0, 0.0]], [[0.0, 2.0], [1.0, 9.0]], 0.5, "robustness"),
        loss_case([1000.0], [-1000.0], 0.5, "robustness"),
    ),
    hidden=lambda rng: (
        drawn_loss(rng, (7,)),
        drawn_loss(rng, (9,)),
        drawn_loss(rng, (3, 4), "robustness"),
        drawn_loss(rng, (1,), "robustness"),
    ),
    reference={
        "pytorch": """
def pseudo_huber_pt(y_hat, y, delta):
    return (delta * torch.hypot((y_hat - y), torch.tensor(delta)) - delta**2).mean()
""",
        "tensorflow": """
def pseudo_huber_tf(y, y_hat, delta):
    return tf.reduce_mean(delta * tf.sqrt(delta**2 + (y_hat - y) ** 2) - delta**2)
""",
    },
    target_first=True,
    elementwise=False,
    atol=1e-4,
    misconceptions=mistakes(PSEUDO_HUBER_MISTAKES, globals(), "y_hat, y, delta"),
)

# What losses converge to


def best_constants(y):
    return np.array([y.mean(), np.median(y)])


CONSTANTS_MISTAKES = """
best_constants(y)[::-1]  # the two are exchanged: the squared error comes first
array([y.mean(), y.mean()])  # the absolute error is smallest elsewhere: at the number with as many
                              # targets below it as above
array([median(y), median(y)])  # the squared error is smallest elsewhere: set the derivative of its
                              # mean to 0
array([y.mean(), y[len(y) // 2]])  # the targets must be sorted, before you take the one in the
                              # middle
array([y.mean(), (y.min() + y.max()) / 2])  # the middle between the smallest and the largest target
                              # makes the largest error small: count the targets on both sides
                              # instead
array([y.mean(), sort(y)[len(y) // 2 - 1]])  # the place of the middle target is one too low
array([y.mean(), sort(y)[len(y) // 2 + 1]])  # the place of the middle target is one too high:
                              # places count from 0
array([y.mean(), median(abs(y))])  # the median is that of the absolute targets: keep their signs
array([(y**2).mean(), median(y)])  # the first number is the mean of the squared targets: the
                              # constant is the mean of the targets
array([y.sum(), median(y)])  # the sum of the targets comes first: divide it by their number
array([((y - y.mean()) ** 2).mean(), abs(y - median(y)).mean()])  # these are the losses: return the
                              # constants at which they are smallest
array([y.mean(), abs(y).mean()])  # the mean of the absolute targets is no place where the absolute
                              # error is smallest
zeros(2)  # both constants are 0: they depend on the targets
"""


def constants_case(y, part="values"):
    return Case((np.array(y, float),), gradients=False, part=part)


CONSTANTS = Exercise(
    "best_constants",
    best_constants,
    visible=(
        constants_case([1.0, 9.0, -6.0, 2.0, 4.0]),
        constants_case([3.0], "robustness"),
        constants_case([2.0, 2.0, -1e4], "robustness"),
    ),
    hidden=lambda rng: (
        constants_case(rng.normal(0, 3, 7)),
        constants_case(rng.exponential(3, 11)),
        constants_case(rng.normal(5, 1, 3), "robustness"),
    ),
    reference={
        "pytorch": "best_constants_pt = lambda y: torch.stack([y.mean(), y.median()])",
        "tensorflow": """
def best_constants_tf(y):
    return tf.stack([tf.reduce_mean(y), tf.sort(y)[len(y) // 2]])
""",
    },
    elementwise=False,
    misconceptions=mistakes(CONSTANTS_MISTAKES, globals(), "y"),
    kind="explain",
)

# The repair


def weighted(y_hat, y, weight, delta, of=huber, total=np.sum):
    return np.sum(weight * of(y_hat[:, 0] - y, delta)) / total(weight)


def crossed(y_hat, y, weight, delta, of=huber):
    """The losses of each prediction with each target."""
    return np.sum(weight * of(y_hat - y, delta)) / np.sum(weight)


def jumps(r, delta):
    return np.where(abs(r) <= delta, r**2 / 2, delta * abs(r))


REPAIRED_MISTAKES = """
crossed(y_hat, y, weight, delta)  # CROSSED
crossed(y_hat, y, weight, delta) / len(y)  # predictions and targets make a table of n × n: give
                              # them the same shape
crossed(y_hat, y, weight, delta, jumps)  # two errors are left: the table of n × n, and the branches
                              # do not meet at delta
crossed(y_hat, y, weight, delta) * weight.sum() / len(y) ** 2  # two errors are left: the table of
                              # n × n, and nothing is divided by the sum of the weights
weighted(y_hat, y, weight, delta, jumps, len)  # two errors are left: the branches do not meet at
                              # delta, and nothing is divided by the sum of the weights
crossed(y_hat, y, weight, delta, jumps) * weight.sum() / len(y) ** 2  # all three errors are still
                              # there
weighted(y_hat, y, 1 + 0 * weight, delta, total=lambda w: 1)  # the sum of the losses comes back, as
                              # if all weights were 1 (weights and losses of shape (n, 1) also make
                              # a table of n × n)
weighted(y_hat, y, weight, delta, lambda r, d: where(abs(r) <= d, r**2 / 2, d * abs(r) - d / 2))
    # in the second branch, delta multiplies only |r|: set brackets around |r| − delta / 2
weighted(y_hat, y, weight, delta, lambda r, d: where(abs(r) <= d, r**2 / 2, d * (abs(r) - d)))
    # the second branch subtracts delta: subtract delta / 2
weighted(y_hat, y, weight, delta, lambda r, d: where(abs(r) <= d, r**2 / 2, d * (r - d / 2)))
    # differences below −delta have negative losses: the second branch needs |r|
weighted(y_hat, y, weight, delta, jumps)  # the loss jumps at delta: subtract delta / 2 from |r| in
                              # the second branch
weighted(y_hat, y, weight, delta, total=len)  # the sum is divided by the number of examples: divide
                              # it by the sum of the weights
weighted(y_hat, y, weight, delta, total=lambda w: 1)  # the sum of the losses comes back: divide it
                              # by the sum of the weights
weighted(y_hat, y, 1 + 0 * weight, delta)  # the weights are not used
weighted(y_hat, y, weight, delta, lambda r, d: 2 * huber(r, d))  # the loss is twice as large: the
                              # square is halved
weighted(y_hat, y, weight, delta, lambda r, d: where(abs(r) <= d, r**2, d * (abs(r) - d / 2)))
    # the square is not halved below delta
weighted(y_hat, y, weight, delta, lambda r, d: where(abs(r) <= d, d * (abs(r) - d / 2), r**2 / 2))
    # the branches have changed places: small differences are squared
weighted(y_hat, y, weight, delta, lambda r, d: where(abs(r) <= d, r**2 / 2, abs(r) - d / 2))
    # delta does not multiply the second branch
weighted(y_hat, y, weight, delta, lambda r, d: where(r <= d, r**2 / 2, d * (r - d / 2)))
    # differences below −delta are squared: compare the absolute value with delta
weighted(y_hat, y, weight, delta, lambda r, d: huber(r, 1))  # delta is 1 whatever is asked for
weighted(y_hat, y, weight**2, delta)  # the weights are squared
"""
CROSSED = (
    "predictions and targets make a table of n × n, and its sum is divided by the sum of the "
    "weights: give both the same shape"
)


def weighted_case(y_hat, y, weight, delta, part="values"):
    arrays = np.array(y_hat, float)[:, None], np.array(y, float), np.array(weight, float)
    return Case(arrays, {"delta": delta}, part=part)


def drawn_weighted(rng, n, part="values"):
    delta = round(rng.uniform(0.3, 0.8) if rng.integers(2) else rng.uniform(1.2, 2), 3)
    return weighted_case(*rng.normal(0, 2, (2, n)), rng.uniform(0.2, 3, n), delta, part)


REPAIRED = Exercise(
    "repaired_huber",
    weighted,
    visible=(
        weighted_case([1.0, -3.0, 0.5], [0.75, 1.0, 1.25], [1.0, 2.0, 0.5], 0.5),
        weighted_case([1.0, -3.0, 2.0], [0.0, 1.0, -3.0], [1.0, 2.0, 3.0], 2.0),
        weighted_case([3.0], [1.0], [0.5], 0.5, "robustness"),
        weighted_case([1e4, 0.5], [0.0, 0.25], [1.0, 0.0], 0.5, "robustness"),
    ),
    hidden=lambda rng: (
        drawn_weighted(rng, 5),
        drawn_weighted(rng, 8),
        drawn_weighted(rng, 1, "robustness"),
        drawn_weighted(rng, 3, "robustness"),
    ),
    reference={
        "pytorch": """
def repaired_huber_pt(y_hat, y, weight, delta):
    losses = F.huber_loss(y_hat[:, 0], y, reduction="none", delta=delta)
    return (weight * losses).sum() / weight.sum()
""",
        "tensorflow": """
def repaired_huber_tf(y, y_hat, weight, delta):
    losses = keras.losses.huber(y[:, None], y_hat, delta)
    return tf.reduce_sum(weight * losses) / tf.reduce_sum(weight)
""",
    },
    forbid=("torch.nn.functional.huber_loss", "torch.nn.HuberLoss", "keras.losses.huber"),
    target_first=True,
    elementwise=False,
    misconceptions=mistakes(REPAIRED_MISTAKES, globals(), "y_hat, y, weight, delta"),
    kind="repair",
)

# The whole fit


def pull(r, delta):
    """The derivative of the loss of one example."""
    return r / root(r, delta)


def fitted(pull=pull, mean=np.mean, learns=(1, 1), late=0):
    """A line by gradient descent from 0; wrong answers replace a part."""

    def answer(x, y, delta, lr, steps):
        a = b = 0.0
        for _ in range(steps + late):
            g = pull(a * x + b - y, delta)
            a, b = a - lr * learns[0] * mean(g * x), b - lr * learns[1] * mean(g)
        return np.array([a, b])

    return answer


def accumulated(x, y, delta, lr, steps):
    """PyTorch's training loop without ``zero_grad``."""
    line = summed = np.zeros(2)
    for _ in range(steps):
        g = pull(line[0] * x + line[1] - y, delta)
        summed = summed + np.array([np.mean(g * x), np.mean(g)])
        line = line - lr * summed
    return line


def one_by_one(x, y, delta, lr, steps):
    """The intercept moves with the gradient of the new slope."""
    a = b = 0.0
    for _ in range(steps):
        a = a - lr * np.mean(pull(a * x + b - y, delta) * x)
        b = b - lr * np.mean(pull(a * x + b - y, delta))
    return np.array([a, b])


def without_x(x, y, delta, lr, steps):
    line = np.zeros(2)
    for _ in range(steps):
        line = line - lr * np.mean(pull(line[0] * x + line[1] - y, delta))
    return line


def of_means(x, y, delta, lr, steps):
    line = np.zeros(2)
    for _ in range(steps):
        mean = np.mean(pull(line[0] * x + line[1] - y, delta))
        line = line - lr * mean * np.array([np.mean(x), 1])
    return line


def turned(x, y, delta, lr, steps):
    return fitted()(x, y, delta, lr, steps)[::-1]


FITTED_MISTAKES = """
fitted(lambda r, delta: 2 * r)  # the loss is the squared error, which follows the outliers: use the
                              # pseudo-Huber loss
fitted(lambda r, delta: r)  # the loss is half the squared error, which follows the outliers: use
                              # the pseudo-Huber loss
fitted(lambda r, delta: sign(r))  # the loss is the absolute error: use the pseudo-Huber loss
fitted(lambda r, delta: clip(r, -delta, delta))  # the loss is Huber's: use the pseudo-Huber loss
fitted(lambda r, delta: pull(r, 1))  # delta is 1 whatever is asked for: use the argument
fitted(lambda r, delta: pull(r, delta) / delta**2)  # the factor delta² of the loss is missing
fitted(lambda r, delta: pull(r, delta) / delta)  # the factor of the loss is delta: it should be
                              # delta²
fitted(lambda r, delta: r / sqrt(1 + r**2 / delta) * delta)  # below the root, delta is not squared
fitted(lambda r, delta: -pull(r, delta))  # the line moves up the gradient: subtract it
fitted(mean=sum)  # the losses are added: take their mean
fitted(learns=(1, 0))  # the intercept is not trained: update both numbers
fitted(learns=(0, 1))  # the slope is not trained: update both numbers
fitted(late=-1)  # there is one step too few
fitted(late=1)  # there is one step too many
accumulated  # the gradients of earlier steps are added: set them to 0 in each step
without_x  # the slope moves with the gradient of the intercept: multiply each example's by its x
of_means  # the mean of a product is not the product of the means: multiply by x first
one_by_one  # the slope moves before the gradient of the intercept is computed: compute both first
turned  # the two numbers are exchanged: the slope comes first
"""


def fit_case(x, y, delta, lr, steps, part="values"):
    return Case((x, y), {"delta": delta, "lr": lr, "steps": steps}, gradients=False, part=part)


def drawn_fit(rng, n, steps, part="values"):
    delta, lr = round(rng.uniform(0.3, 0.8), 3), round(rng.uniform(0.1, 0.3), 3)
    x = rng.normal(0.5, 1, n)
    return fit_case(x, 2 * x + 1 + rng.normal(0, 1, n), delta, lr, steps, part)


FITTED = Exercise(
    "robust_line",
    fitted(),
    visible=(
        fit_case(np.array([1.0, 2.0]), np.array([3.0, -1.0]), 0.5, 0.1, 2),
        fit_case(*outliers(), 0.2, 0.5, 60),
        fit_case(np.array([2.0]), np.array([1.0]), 0.5, 0.1, 3, "robustness"),
        fit_case(np.array([1.0, 2.0]), np.array([3.0, -1.0]), 0.5, 0.1, 0, "robustness"),
    ),
    hidden=lambda rng: (
        drawn_fit(rng, 6, 4),
        drawn_fit(rng, 9, 8),
        drawn_fit(rng, 1, 3, "robustness"),
        drawn_fit(rng, 5, 0, "robustness"),
    ),
    reference={
        "pytorch": """
def robust_line_pt(x, y, delta, lr, steps):
    line = torch.zeros(2, requires_grad=True)
    sgd = torch.optim.SGD([line], lr)
    for _ in range(steps):
        sgd.zero_grad()
        r = line[0] * x + line[1] - y
        (delta**2 * ((1 + (r / delta) ** 2).sqrt() - 1)).mean().backward()
        sgd.step()
    return line.detach()
""",
        "tensorflow": """
def robust_line_tf(x, y, delta, lr, steps):
    line = tf.Variable(tf.zeros(2))
    sgd = keras.optimizers.SGD(lr)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            r = line[0] * x + line[1] - y
            loss = tf.reduce_mean(delta**2 * (tf.sqrt(1 + (r / delta) ** 2) - 1))
        sgd.apply([tf.convert_to_tensor(tape.gradient(loss, line))], [line])
    return tf.convert_to_tensor(line)
""",
    },
    elementwise=False,
    rtol=1e-3,
    atol=1e-4,
    misconceptions=mistakes(FITTED_MISTAKES, globals(), "", through=lambda made: made()),
    kind="train",
)

ROBUST_LINE = component(
    "robust_line",
    kind="usage",
    name="A line under a loss of your own",
    zh="自定义损失的稳健拟合",
    pytorch=("torch.optim.SGD",),
    keras=("keras.optimizers.SGD",),
    calls="""
pseudo_huber(y_hat, y, delta) | pseudo_huber(y, y_hat, delta)  # the target comes second in PyTorch,
    # and first in Keras
""",
    behaviour={
        "pull-pt": "an outlier pulls a squared error with all of its distance, and a pseudo-Huber "
        "loss with `delta` at most",
    },
    exercises=(PSEUDO_HUBER, CONSTANTS, REPAIRED, FITTED),
)

COMPONENTS = (ROBUST_LINE,)
