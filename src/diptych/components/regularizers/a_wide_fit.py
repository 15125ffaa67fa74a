"""A wide fit: a penalty by hand, its effect, a repair, and a fit that generalizes."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

N_FEATURES = 40


def features(x):
    """Cosines of rising frequency and falling size, (n, 40), as in the chapter."""
    k = np.arange(N_FEATURES)
    return np.cos(np.outer(x, k)) * 4 / (4 + k)


def curve(x):
    return np.cos(x) + 0.5 * np.cos(3 * x)


def few_points():
    """20 noisy points of a curve, 60 exact ones, and weights before training, as the chapter has
    them: features and targets of both, then the weights."""
    rng = default_rng(0)
    x = np.sort(rng.uniform(0, np.pi, 20))
    y = curve(x) + rng.normal(0, 0.2, 20)
    new = np.linspace(0, np.pi, 60)
    return features(x), y, features(new), curve(new), rng.normal(0, 1, N_FEATURES)


def drawn(rng, n, d):
    return rng.normal(0, 1, (n, d)), rng.normal(0, 1, n), rng.normal(0, 1, d)


def cases_of(make):
    """Cases of two shapes for the values, and of one example and one feature for the robustness."""
    return lambda rng: (
        make(rng, 5, 3),
        make(rng, 4, 6),
        make(rng, 1, 3, part="robustness"),
        make(rng, 3, 1, part="robustness"),
    )


# The penalized loss


def loss(a, y, w, l2, error=np.mean, size=lambda w: (w**2).sum(), factor=1.0):
    return error((a @ w - y) ** 2) + factor * l2 * size(w)


def table(of, y):
    """The mean squared difference of each prediction with each target."""
    return ((of[:, None] - y) ** 2).mean()


LOSS_MISTAKES = """
loss(a, y, w, l2, size=lambda w: (w**2).mean())  # the penalty is the mean of the squared weights:
                              # it is their sum
loss(a, y, w, l2, size=lambda w: abs(w).sum())  # the penalty is that of L1: square the weights
loss(a, y, w, l2, size=lambda w: (w**2).sum() ** 0.5)  # the penalty is the norm of the weights: it
                              # is the square of the norm
loss(a, y, w, l2, factor=0.5)  # the penalty is halved
loss(a, y, w, l2, error=sum)  # the squared errors are added: take their mean
loss(a, y, w, 0)  # the penalty is missing
loss(a, y, w, l2, error=lambda e: sqrt(e.mean()))  # the root of the mean squared error is taken
loss(a, y, w, l2, factor=1 / len(y))  # the penalty is divided by the number of examples
table(a @ w, y) + l2 * (w**2).sum()  # TABLE
loss(a, y, w, l2, size=lambda w: w.sum() ** 2)  # the penalty is the square of the sum: it is the
                              # sum of the squares
loss(a, y, w, l2**2)  # the penalty has the factor l2²: square the weights only
loss(a, y, w, l2, error=lambda e: e.sum() / len(w))  # the squared errors are divided by the number
                              # of weights: divide by the number of examples
loss(a, y, w, l2, factor=-1)  # the penalty is subtracted
loss(a, y, w, l2, error=lambda e: sqrt(e).mean())  # the error is the absolute one: square it
loss(a, y, w, l2, error=lambda e: e.mean() / 2)  # the error is halved
"""


def loss_case(a, y, w, l2, part="values"):
    return Case((np.array(a), np.array(y), np.array(w)), {"l2": l2}, part=part)


def drawn_loss(rng, n, d, part="values"):
    return loss_case(*drawn(rng, n, d), round(rng.uniform(0.1, 2), 3), part)


TABLE = (
    "predictions of shape (n, 1) and targets of shape (n,) make a table of n × n: give both the "
    "shape (n,)"
)
SMALL = ([[1.0, 2.0], [0.0, -1.0], [3.0, 1.0]], [1.0, -2.0, -1.0], [0.5, -1.0])

LOSS = Exercise(
    "penalized_fit",
    loss,
    visible=(
        loss_case(*SMALL, 0.1),
        loss_case(*SMALL, 2.0),
        loss_case([[1.0]], [3.0], [0.5], 0.5, "robustness"),
    ),
    hidden=cases_of(drawn_loss),
    reference={
        "pytorch": """
def penalized_fit_pt(a, y, w, l2):
    return F.mse_loss(a @ w, y) + l2 * torch.dot(w, w)
""",
        "tensorflow": """
def penalized_fit_tf(a, y, w, l2):
    return keras.losses.mean_squared_error(y, tf.linalg.matvec(a, w)) + keras.regularizers.L2(l2)(w)
""",
    },
    forbid=("keras.regularizers.L2",),
    elementwise=False,
    misconceptions=mistakes(LOSS_MISTAKES, globals(), "a, y, w, l2"),
    difficulty=1,
)

# Directions that the data do not determine


def shrunk(w, lr, l2, steps, factor=lambda lr, l2: 1 - 2 * lr * l2):
    return w * factor(lr, l2) ** steps


SHRUNK_MISTAKES = """
shrunk(w, lr, l2, steps, lambda lr, l2: 1 - lr * l2)  # the derivative of the square has a factor 2
shrunk(w, lr, l2, 1)  # only one step is made
shrunk(w, lr, l2, steps) * steps  # the factor is multiplied by the number of steps: raise it to
                              # that power
shrunk(w, lr, l2, steps, lambda lr, l2: 1 - lr)  # l2 is missing: each step multiplies by 1 − 2 · lr
                              # · l2
shrunk(w, lr, l2, -steps, lambda lr, l2: 1 + 2 * lr * l2)  # each step divides by 1 + 2 · lr · l2:
                              # the gradient belongs to the weight before the step
w - 2 * lr * l2 * steps  # each step subtracts the same number: the gradient is 2 · l2 · w
w * (1 - 2 * lr * l2 * steps)  # the steps are added: each one multiplies what the one before left
w * exp(-2 * lr * l2 * steps)  # this is the limit of very small steps: each step multiplies by 1 −
                              # 2 · lr · l2
shrunk(w, lr, l2, steps, lambda lr, l2: 1 - 2 * l2)  # the learning rate is missing
shrunk(w, lr, l2, steps, lambda lr, l2: 1 + 2 * lr * l2)  # the weights grow: the gradient is
                              # subtracted
shrunk(w, lr, l2, steps, lambda lr, l2: 2 * lr * l2)  # this is the part that a step takes away:
                              # return what is left
shrunk(w, lr, l2, steps + 1)  # there is one step too many
w  # the weights stay: the penalty has a gradient, though the error has none
0 * w  # the weights become 0: each step takes away only a part
w - sign(w) * 2 * lr * l2 * steps  # each step subtracts the same number, as L1 does: L2's gradient
                              # is proportional to the weight
"""


def shrunk_case(w, lr, l2, steps, part="values"):
    arguments = {"lr": lr, "l2": l2, "steps": steps}
    return Case((np.array(w),), arguments, gradients=False, part=part)


def drawn_shrunk(rng, shape, steps, part="values"):
    lr, l2 = round(rng.uniform(0.05, 0.4), 3), round(rng.uniform(0.1, 1), 3)
    return shrunk_case(rng.normal(0, 2, shape), lr, l2, steps, part)


SHRUNK = Exercise(
    "undetermined_weights",
    shrunk,
    visible=(
        shrunk_case([2.0, -1.0, 0.5], 0.1, 0.4, 3),
        shrunk_case([[2.0], [-3.0]], 0.2, 0.3, 5, "robustness"),
        shrunk_case([2.0, -1.0], 0.1, 0.5, 0, "robustness"),
    ),
    hidden=lambda rng: (
        drawn_shrunk(rng, 4, 3),
        drawn_shrunk(rng, 5, 8),
        drawn_shrunk(rng, (2, 3), 4, "robustness"),
        drawn_shrunk(rng, 2, 0, "robustness"),
    ),
    reference={
        "pytorch": """
def undetermined_weights_pt(w, lr, l2, steps):
    w = w.clone().requires_grad_()
    sgd = torch.optim.SGD([w], lr, weight_decay=2 * l2)
    for _ in range(steps):
        w.grad = torch.zeros_like(w)
        sgd.step()
    return w.detach()
""",
        "tensorflow": """
def undetermined_weights_tf(w, lr, l2, steps):
    for _ in range(steps):
        w = w - lr * 2 * l2 * w
    return w
""",
    },
    misconceptions=mistakes(SHRUNK_MISTAKES, globals(), "w, lr, l2, steps"),
    kind="explain",
    difficulty=2,
)

# The repair


def step(a, y, w, l2, lr, *, error=lambda e: e / len(e), rate=2, decay=lambda w: w):
    """One step of gradient descent on the penalized loss; wrong answers replace a part."""
    return w - lr * (rate * a.T @ error(a @ w - y) + 2 * l2 * decay(w))


def decayed(w, l2, lr):
    """The weights after the step of the penalty alone."""
    return w * (1 - 2 * lr * l2)


STEP_MISTAKES = """
step(a, y, w, l2, lr, error=lambda e: e)  # the gradient of the error is a sum over the examples:
                              # divide it by their number
step(a, y, w, l2, lr, decay=sign)  # the penalty has the gradient of L1: that of L2 is proportional
                              # to the weight
step(a, y, w, l2, lr, decay=lambda w: w / 2)  # the gradient of the penalty has lost its factor 2
step(a, y, w, l2, lr, rate=1, decay=lambda w: w / 2)  # both gradients have lost their factor 2
step(a, y, w, l2, lr, decay=lambda w: w / lr / 2)  # l2 · w is subtracted as it is: the gradient of
                              # the penalty is 2 · l2 · w, and the learning rate multiplies it
step(a, y, w, l2, lr, error=lambda e: e / len(w))  # the gradient of the error is divided by the
                              # number of weights: divide by the number of examples
step(a, y, w - l2 * sign(w), l2, lr, error=lambda e: e, decay=zeros_like)  # all three errors are
                              # still there
step(a, y, w - l2 * sign(w), l2, lr, decay=zeros_like)  # two errors are left: the penalty is that
                              # of L1, and the error is computed with weights that have moved
step(a, y, decayed(w, l2, lr), l2, lr, error=lambda e: e, decay=zeros_like)  # two errors are left:
                              # the error is computed with weights that have moved, and nothing is
                              # divided by the number of examples
step(a, y, w, l2, lr, error=lambda e: e, decay=sign)  # two errors are left: the penalty is that of
                              # L1, and nothing is divided by the number of examples
decayed(step(a, y, w, 0, lr), l2, lr)  # the penalty is computed with weights that have moved: both
                              # gradients belong to the same weights
w - step(a, y, w, l2, 1)  # the gradient comes back: subtract lr times the gradient from the weights
step(a, y, w, l2, lr, rate=1)  # the gradient of the error has lost its factor 2
step(a, y, w, l2, lr, decay=lambda w: -w)  # the penalty makes the weights grow: subtract its
                              # gradient
step(a, y, w, l2, lr, decay=zeros_like)  # the penalty is missing
step(a, y, w, l2, lr, decay=lambda w: w / lr)  # the gradient of the penalty is not multiplied by
                              # the learning rate
step(a, y, w, l2, lr, error=lambda e: -e / len(e))  # the error grows: it is a w − y
step(a, y, w, l2, -lr)  # the step goes up the gradient: subtract it
step(a, y, decayed(w, l2, lr), l2, lr, decay=zeros_like)  # the weights shrink before the
                              # error is computed: both gradients belong to the same weights
step(a, y, w, l2, lr, decay=lambda w: w**2)  # the penalty itself is subtracted: subtract its
                              # gradient
step(a, y, w, l2, lr, error=lambda e: abs(e) / len(e))  # the errors have lost their signs
step(a, y, w, l2, lr, decay=lambda w: w / len(y))  # the penalty is divided by the number of
                              # examples
"""


def step_case(a, y, w, l2, lr, part="values"):
    arguments = {"l2": l2, "lr": lr}
    arrays = (np.array(a), np.array(y), np.array(w))
    return Case(arrays, arguments, gradients=False, part=part)


def drawn_step(rng, n, d, part="values"):
    l2, lr = round(rng.uniform(0.2, 2), 3), round(rng.uniform(0.05, 0.5), 3)
    return step_case(*drawn(rng, n, d), l2, lr, part)


STEP = Exercise(
    "repaired_step",
    step,
    visible=(
        step_case(*SMALL, 0.5, 0.1),
        step_case(*drawn(default_rng(1), 2, 5), 2.0, 0.05),
        step_case([[1.0]], [3.0], [0.5], 0.5, 0.2, "robustness"),
    ),
    hidden=cases_of(drawn_step),
    reference={
        "pytorch": """
def repaired_step_pt(a, y, w, l2, lr):
    w = w.clone().requires_grad_()
    sgd = torch.optim.SGD([w], lr, weight_decay=2 * l2)
    F.mse_loss(a @ w, y).backward()
    sgd.step()
    return w.detach()
""",
        "tensorflow": """
def repaired_step_tf(a, y, w, l2, lr):
    with tf.GradientTape() as tape:
        tape.watch(w)
        loss = keras.losses.mean_squared_error(y, tf.linalg.matvec(a, w))
        loss += keras.regularizers.L2(l2)(w)
    return w - lr * tape.gradient(loss, w)
""",
    },
    elementwise=False,
    misconceptions=mistakes(STEP_MISTAKES, globals(), "a, y, w, l2, lr"),
    kind="repair",
)

# The whole fit


def fit(step=step, late=0):
    """The error on new points after training; wrong answers replace the step."""

    def answer(a, y, new, y_new, w, l2, lr, steps):
        for _ in range(steps + late):
            w = step(a, y, w, l2, lr)
        return np.mean((new @ w - y_new) ** 2)

    return answer


def after(**changed):
    return fit(lambda *given: step(*given, **changed))


def on_training(a, y, new, y_new, w, l2, lr, steps):
    return fit()(a, y, a, y, w, l2, lr, steps)


def with_penalty(a, y, new, y_new, w, l2, lr, steps):
    for _ in range(steps):
        w = step(a, y, w, l2, lr)
    return loss(new, y_new, w, l2)


def on_all(a, y, new, y_new, w, l2, lr, steps):
    together = np.concatenate([a, new]), np.concatenate([y, y_new])
    return fit()(*together, new, y_new, w, l2, lr, steps)


def of_table(a, y, new, y_new, w, l2, lr, steps):
    for _ in range(steps):
        w = step(a, y, w, l2, lr)
    return table(new @ w, y_new)


def root(*arrays, **arguments):
    return np.sqrt(fit()(*arrays, **arguments))


def swapped(a, y, new, y_new, w, l2, lr, steps):
    return fit()(new, y_new, new, y_new, w, l2, lr, steps)


def at_once(a, y, new, y_new, w, l2, lr, steps):
    return fit()(a, y, new, y_new, w, l2, lr, 1)


def accumulated(a, y, new, y_new, w, l2, lr, steps):
    """PyTorch's training loop without ``zero_grad``; the penalty is in the loss."""
    summed = np.zeros_like(w)
    for _ in range(steps):
        summed = summed + w - step(a, y, w, l2, 1)
        w = w - lr * summed
    return np.mean((new @ w - y_new) ** 2)


def decay_apart(a, y, new, y_new, w, l2, lr, steps):
    """PyTorch's training loop without ``zero_grad``; the penalty is ``weight_decay``."""
    summed = np.zeros_like(w)
    for _ in range(steps):
        summed = summed + w - step(a, y, w, 0, 1)
        w = w - lr * (summed + 2 * l2 * w)
    return np.mean((new @ w - y_new) ** 2)


def from_zero(a, y, new, y_new, w, l2, lr, steps):
    return fit()(a, y, new, y_new, 0 * w, l2, lr, steps)


FIT_MISTAKES = """
after(decay=lambda w: 0 * w)  # the penalty is missing, so the weights keep what the points do not
                              # determine
after(decay=sign)  # the penalty is that of L1: add l2 times the sum of the squares
after(decay=lambda w: w / 2)  # the penalty is halved: its gradient is 2 · l2 · w
after(decay=lambda w: -w)  # the penalty is subtracted from the loss
after(error=lambda e: e)  # the squared errors are added: take their mean
after(rate=1)  # the squared error is halved
fit(lambda a, y, w, l2, lr: step(a, y, w, l2, -lr))  # the steps go up the gradient
on_training  # the error on the training points comes back: return the one on the new points
with_penalty  # the penalty is a part of what comes back: return the mean squared error alone
of_table  # TABLE
root  # the root of the mean squared error comes back: return the mean squared error
swapped  # the training sees only the new points: train on a and y
at_once  # only one step is made
accumulated
decay_apart  # the gradients of earlier steps are added: set them to 0 in each step
after(rate=1, decay=lambda w: w / 2)  # both gradients have lost their factor 2
fit(lambda a, y, w, l2, lr: decayed(step(a, y, w, 0, lr), l2, lr))  # the penalty is computed with
                              # weights that have moved: both gradients belong to the same weights
on_all  # the model also learns the new points: train on the others only
from_zero  # the training starts at 0: start at the given weights
fit(late=1)  # there is one step too many
fit(late=-1)  # there is one step too few
"""


def fit_case(arrays, l2, lr, steps, part="values"):
    arguments = {"l2": l2, "lr": lr, "steps": steps}
    return Case(arrays, arguments, gradients=False, part=part)


def drawn_fit(rng, n, d, steps=3, part="values"):
    a, y, w = drawn(rng, n, d)
    new, y_new, _ = drawn(rng, n + 2, d)
    l2, lr = round(rng.uniform(0.1, 0.5), 3), round(rng.uniform(0.05, 0.15), 3)
    return fit_case((a, y, new, y_new, w), l2, lr, steps, part)


FIT = Exercise(
    "generalizing_fit",
    fit(),
    visible=(
        drawn_fit(default_rng(1), 3, 2),
        fit_case(few_points(), 0.03, 0.2, 200),
        drawn_fit(default_rng(2), 1, 3, part="robustness"),
        drawn_fit(default_rng(3), 2, 4, 0, part="robustness"),
    ),
    hidden=lambda rng: (
        drawn_fit(rng, 5, 3),
        drawn_fit(rng, 4, 6, 5),
        drawn_fit(rng, 1, 2, part="robustness"),
        drawn_fit(rng, 3, 3, 0, part="robustness"),
    ),
    reference={
        "pytorch": """
def generalizing_fit_pt(a, y, new, y_new, w, l2, lr, steps):
    w = w.clone().requires_grad_()
    sgd = torch.optim.SGD([w], lr, weight_decay=2 * l2)
    for _ in range(steps):
        sgd.zero_grad()
        F.mse_loss(a @ w, y).backward()
        sgd.step()
    return F.mse_loss(new @ w, y_new)
""",
        "tensorflow": """
def generalizing_fit_tf(a, y, new, y_new, w, l2, lr, steps):
    w = tf.Variable(w)
    sgd = keras.optimizers.SGD(lr)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            loss = keras.losses.mean_squared_error(y, tf.linalg.matvec(a, w))
            loss += keras.regularizers.L2(l2)(w)
        sgd.apply([tape.gradient(loss, w)], [w])
    return keras.losses.mean_squared_error(y_new, tf.linalg.matvec(new, w))
""",
    },
    elementwise=False,
    rtol=1e-3,
    misconceptions=mistakes(FIT_MISTAKES, globals(), "", through=lambda made: made()),
    kind="train",
)

WIDE_FIT = component(
    "wide_fit",
    kind="usage",
    name="A wide fit with a penalty of your own",
    zh="自定义正则项的宽模型拟合",
    pytorch=("torch.optim.SGD",),
    keras=("keras.regularizers.L2",),
    calls="""
l2 * (w**2).sum() | keras.regularizers.L2(l2)(w)  # PyTorch's `weight_decay` with SGD is twice this
    # factor
""",
    behaviour={
        "penalty-pt": "`weight_decay=2 * l2` of `torch.optim.SGD` makes the same step as a penalty "
        "of `l2` times the squared weights",
    },
    exercises=(LOSS, SHRUNK, STEP, FIT),
)

COMPONENTS = (WIDE_FIT,)
