"""Regression losses: MSE, MAE, Huber, smooth L1, log-cosh, MAPE, MSLE, Poisson, Gaussian."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

# The worked case: residuals on both sides of 0, of a delta of 1, and of one of 2.
P, Y = np.array([0.5, 2.0, -1.0, 4.0]), np.array([1.0, 1.5, 1.0, 0.5])
# Similar cases for losses of positive numbers, and of counts.
RATES, COUNTS = np.array([0.5, 2.0, 1.0, 4.0]), np.array([1.0, 1.0, 0.0, 3.0])
FAR = np.array([1000.0, -1000.0, 0.5]), np.array([0.25, 0.5, 1000.0])

NOT_AVERAGED = "the losses of the elements are summed: take their mean"
LAST_ONLY = "only the last axis is averaged: take the mean over all elements"
WRONG_SIGN = (
    "the gradient has the wrong sign, as when prediction and target are swapped: PyTorch's losses "
    "take (prediction, target), TensorFlow's (target, prediction)"
)
GRADIENT_SUMMED = "the gradient is that of the sum: divide it by the number of elements, too"


def two(rng, *shape, spread=1.5, **fields):
    return Case((rng.normal(0, spread, shape), rng.normal(0, spread, shape)), **fields)


def visible(arguments=({},), *, gradients=True, more=()):
    """The worked case with each of the arguments; a matrix and far residuals with the first."""
    first = arguments[0]
    return (
        *(Case((P, Y), each, gradients=gradients) for each in arguments),
        two(default_rng(1), 2, 3, arguments=first, gradients=gradients),
        Case(FAR, first, gradients=gradients, part="robustness"),
        *more,
    )


def hidden(draw=lambda rng: {}, *, gradients=True, more=lambda rng: ()):
    """Matrices, a list and three dimensions, each with arguments of its own."""

    def cases(rng):
        shapes = {(5,): "values", (3, 4): "values", (2, 2, 3): "robustness", (4, 1): "robustness"}
        return (
            *(
                two(rng, *shape, arguments=draw(rng), gradients=gradients, part=part)
                for shape, part in shapes.items()
            ),
            *more(rng),
        )

    return cases


def of_two(oracle, text, in_torch, in_tf, *, parameters="p, y", **fields):
    """The exercise of a loss of prediction and target, by the functions of the frameworks."""
    answer = oracle.__name__
    in_tf_order = ", ".join(["y", "p", *parameters.split(", ")[2:]])
    made = {
        "visible": visible(),
        "hidden": hidden(),
        "reference": {
            "pytorch": f"{answer}_pt = lambda {parameters}: {in_torch}",
            "tensorflow": f"{answer}_tf = lambda {in_tf_order}: {in_tf}",
        },
        "misconceptions": mistakes(text, globals(), parameters),
        "target_first": True,
        "elementwise": False,
    }
    return Exercise(answer, oracle, **(made | fields))


def unexplained_variance(p, y):
    return ((p - y) ** 2).mean() / y.var()


UNEXPLAINED_VARIANCE_MISTAKES = """
unexplained_variance(y, p)
    # the variance is that of the predictions, as when prediction and target are swapped: divide by
    # that of the targets
1 - unexplained_variance(p, y)   # this is R², which is 1 minus the share: return the share
((p - y) ** 2).mean() / y.var(ddof=1)
    # the variance is divided by n − 1: divide it by n, as torch.var does with correction=0
((p - y) ** 2).mean()            # the variance of the targets is missing: divide by it
((p - y) ** 2).mean() / y.std()
    # divided by the standard deviation: divide by the variance, its square
((p - y) ** 2).mean() / (y**2).mean()
    # the mean is missing in the variance: subtract the mean from the targets before you square them
((p - y) ** 2).sum() / y.var()
    # a sum is divided by a mean: take the mean of the squared residuals, too
sqrt(unexplained_variance(p, y)) # this is the root of the share: leave it out
(p - y).var() / y.var()
    # the mean residual is subtracted: take the mean of the squared residuals, not their variance
abs(p - y).mean() / abs(y - y.mean()).mean()
    # absolute values, where squares are asked for
1 - corrcoef(p.ravel(), y.ravel())[0, 1] ** 2
    # this is 1 minus the squared correlation, which ignores a shift or a factor: use the residuals
"""

UNEXPLAINED_VARIANCE = of_two(
    unexplained_variance,
    UNEXPLAINED_VARIANCE_MISTAKES,
    "F.mse_loss(p, y) / y.var(correction=0)",
    "keras.losses.MeanSquaredError()(y, p) / tf.math.reduce_variance(y)",
)

LOSS_ARGUMENT_ORDER = component(
    "loss_argument_order",
    name="Prediction first or target first",
    zh="损失参数顺序",
    pytorch=("torch.nn.MSELoss",),
    keras=("keras.losses.MeanSquaredError",),
    kind="usage",
    calls="""
loss(y_hat, y) | loss(y, y_hat)
    # a swap raises no error, and the MSE does not change: pass `y_true=` and `y_pred=` by name
""",
    behaviour={
        "order-squared-tf": "swapped arguments do not change the MSE",
        "order-poisson-tf": "swapped arguments change the Poisson loss, without an error",
        "reductions-tf": "`sum`: PyTorch adds all elements, Keras adds means over the last axis",
        "epoch-sum": "with `sum`, the loss that Keras prints depends on the batch size",
        "weighted-mean-tf": "weights: Keras divides by the number of elements, PyTorch by their "
        "sum",
        "weight-twice": "`F.huber_loss` divides a weighted mean by the number of elements",
        "weights-of-sequences-tf": "weights of shape (N,) go to the time steps if there are N of "
        "them",
        "shape-accident-pt": "(N, 1) against (N,) gives N × N residuals in PyTorch",
        "shape-functions": "`keras.losses.poisson` does not change the shape of the target, its "
        "class does",
    },
    exercises=(UNEXPLAINED_VARIANCE,),
)


def mean_squared_error(p, y):
    return ((p - y) ** 2).mean(), 2 * (p - y) / p.size


LOSS, SLOPE = "((p - y) ** 2).mean()", "2 * (p - y) / p.size"
MEAN_SQUARED_ERROR_MISTAKES = f"""
({LOSS}, 2 * (y - p) / p.size)                # WRONG_SIGN
(((p - y) ** 2).sum(), 2 * (p - y))
    # the squares are summed: divide the loss and the gradient by the number of elements
(((p - y) ** 2).sum(), {SLOPE})               # NOT_AVERAGED
({LOSS} / 2, (p - y) / p.size)                # a factor ½ is in front: leave it out
({LOSS} / 2, {SLOPE})                         # the loss has a factor ½: leave it out
((p - y).mean() ** 2, {SLOPE})
(((p - y).mean()) ** 2, 2 * (p - y).mean() / p.size + 0 * p)
    # the mean is squared: square each residual, then take the mean
({LOSS}, 2 * (p - y))                         # GRADIENT_SUMMED
({LOSS}, (p - y) / p.size)
    # the factor 2 is missing in the gradient: the derivative of r² is 2r
({LOSS}, 2 * (p - y) / len(p))
    # the gradient is divided by the number of rows: divide it by the number of elements
(sqrt({LOSS}), {SLOPE})                       # the loss is the root of the mean: leave it out
(((p - y) ** 2).mean(-1), {SLOPE})            # LAST_ONLY
(abs(p - y).mean(), {SLOPE})                  # this is the absolute error: square the residuals
({LOSS}, 2 * abs(p - y) / p.size)
    # the gradient has no sign: it is negative where the prediction is too low
"""

MEAN_SQUARED_ERROR_EXERCISE = of_two(
    mean_squared_error,
    MEAN_SQUARED_ERROR_MISTAKES,
    "",
    "",
    visible=visible(gradients=False),
    hidden=hidden(gradients=False),
    reference={
        "pytorch": """
def mean_squared_error_pt(p, y):
    p = p.clone().requires_grad_()
    loss = F.mse_loss(p, y)
    return loss.detach(), *torch.autograd.grad(loss, p)
""",
        "tensorflow": """
def mean_squared_error_tf(y, p):
    with tf.GradientTape() as tape:
        tape.watch(p)
        loss = keras.losses.MeanSquaredError()(y, p)
    return loss, tape.gradient(loss, p)
""",
    },
)


def weighted_squared_error(p, y, weights):
    return (weights[:, None] * (p - y) ** 2).mean()


WEIGHTED_SQUARED_ERROR_MISTAKES = """
(weights * (p - y) ** 2).mean()
    # the weights go to the steps: give them the shape (N, 1), so that they go to the examples
(weights[:, None] * (p - y) ** 2).sum() / weights.sum() / p.shape[1]
    # divided by the sum of the weights: divide by the number of elements, as Keras does
(weights[:, None] * (p - y) ** 2).sum() / weights.sum()
    # divided by the sum of the weights, and not by the number of steps: divide by the number of
    # elements
(weights[:, None] * (p - y) ** 2).sum()      # NOT_AVERAGED
(weights[:, None] * (p - y) ** 2).sum() / len(p)
    # divided by the number of examples: divide by the number of elements
(weights[:, None] * (p - y) ** 2).mean() / weights.sum()
    # divided by the number of elements, and by the sum of the weights, too: leave out the latter
((p - y) ** 2).mean()                        # the weights are missing
((weights[:, None] * p - y) ** 2).mean()
    # the predictions are weighted: multiply the squared residuals
((weights[:, None] * (p - y)) ** 2).mean()   # the weights are squared: multiply after squaring
((p - y) ** 2).mean() * weights.mean()
((p - y) ** 2 * weights.mean()).mean()
    # every example gets the mean weight: multiply each row by its own weight before the mean
weights * ((p - y) ** 2).mean(-1)
    # one loss per example comes back: take the mean of them
(weights[:, None] * abs(p - y)).mean()       # these are absolute errors: square the residuals
"""


def weighted(rng, n, t, **fields):
    p, y = rng.normal(0, 1.5, (2, n, t))
    return Case((p, y, rng.uniform(0.2, 3, n)), **fields)


WEIGHTED_SQUARED_ERROR = Exercise(
    "weighted_squared_error",
    weighted_squared_error,
    visible=(
        Case(
            (
                np.array([[1.0, 1.0, 1.0], [2.0, 2.0, 2.0], [3.0, 3.0, 3.0]]),
                np.zeros((3, 3)),
                np.array([1.0, 0.0, 2.0]),
            )
        ),
        weighted(default_rng(1), 3, 3),
        weighted(default_rng(2), 2, 4),
        weighted(default_rng(3), 4, 1, part="robustness"),
    ),
    hidden=lambda rng: (
        weighted(rng, 4, 4),
        weighted(rng, 5, 3),
        weighted(rng, 1, 4, part="robustness"),
        weighted(rng, 2, 2, part="robustness"),
    ),
    reference={
        "pytorch": "weighted_squared_error_pt = lambda p, y, weights: ("
        "weights * F.mse_loss(p, y, reduction='none').mean(-1)).mean()",
        "tensorflow": "weighted_squared_error_tf = lambda y, p, weights: ("
        "keras.losses.MeanSquaredError()(y, p, weights))",
    },
    misconceptions=mistakes(WEIGHTED_SQUARED_ERROR_MISTAKES, globals(), "p, y, weights"),
    target_first=True,
    targets=(1, 2),
    elementwise=False,
)

MEAN_SQUARED_ERROR = component(
    "mean_squared_error",
    name="Mean squared error",
    zh="均方误差损失",
    pytorch=("torch.nn.MSELoss", "torch.nn.functional.mse_loss"),
    keras=("keras.losses.MeanSquaredError", "keras.losses.mean_squared_error"),
    aliases=("tf.keras.losses.MSE", "tf.keras.losses.mse"),
    calls="""
F.mse_loss(y_hat, y) | keras.losses.MeanSquaredError()(y, y_hat)
    # PyTorch broadcasts (N, 1) against (N,), Keras's class does not
F.mse_loss(y_hat, y,
    weight=w) | keras.losses.MeanSquaredError(reduction="mean_with_sample_weight")(y, y_hat, w)
    # with weights, Keras's default divides by the number of elements
""",
    exercises=(MEAN_SQUARED_ERROR_EXERCISE, WEIGHTED_SQUARED_ERROR),
)


def mean_absolute_error(p, y):
    return abs(p[:, 0] - y).mean()


def slope_of_root(p, y):
    """The gradient that autograd computes for the root of the squared residuals."""
    r = p - y[:, None]
    with np.errstate(invalid="ignore"):
        return r / abs(r) / len(p)


MEAN_ABSOLUTE_ERROR_MISTAKES = """
abs(p - y).mean()
abs(p - y).sum() / len(p)
    # every prediction is compared with every target: (N, 1) and (N,) are broadcast to (N, N)
gradient: (upstream_gradient * slope_of_root(p, y), 0 * y)
    # the gradient is NaN for a residual of 0, because the root has no derivative there:
    # take the absolute value
(p[:, 0] - y).mean()               # the absolute value is missing: positive and negative cancel
abs((p[:, 0] - y).mean())          # the mean is taken first: take the absolute values before it
abs(p[:, 0] - y).sum()             # NOT_AVERAGED
sqrt(((p[:, 0] - y) ** 2).mean())  # this is the root of the mean square
((p[:, 0] - y) ** 2).mean()        # these are squares: take absolute values
median(abs(p[:, 0] - y))           # this is the median of the absolute residuals: take the mean
abs(p[:, 0] - y)                   # one loss per example comes back: take the mean
abs(p[:, 0] - y).mean() / 2        # a factor ½ is in front: leave it out
"""


def column(rng, n, **fields):
    return Case((rng.normal(0, 1.5, (n, 1)), rng.normal(0, 1.5, n)), **fields)


MEAN_ABSOLUTE_ERROR_EXERCISE = of_two(
    mean_absolute_error,
    MEAN_ABSOLUTE_ERROR_MISTAKES,
    "F.l1_loss(p[:, 0], y)",
    "keras.losses.MeanAbsoluteError()(y, p)",
    visible=(
        Case((P[:, None], Y)),
        Case((np.array([[0.5], [2.0], [3.0]]), np.array([0.5, 1.0, 4.0]))),
        Case((FAR[0][:, None], FAR[1]), part="robustness"),
        column(default_rng(1), 1, part="robustness"),
    ),
    hidden=lambda rng: (
        column(rng, 3),
        column(rng, 6),
        column(rng, 2, part="robustness"),
        column(rng, 9, part="robustness"),
    ),
)

MEAN_ABSOLUTE_ERROR = component(
    "mean_absolute_error",
    name="Mean absolute error",
    zh="绝对值误差损失",
    pytorch=("torch.nn.L1Loss", "torch.nn.functional.l1_loss"),
    keras=("keras.losses.MeanAbsoluteError", "keras.losses.mean_absolute_error"),
    aliases=("tf.keras.losses.MAE", "tf.keras.losses.mae"),
    calls="""
F.l1_loss(y_hat, y) | keras.losses.MeanAbsoluteError()(y, y_hat)
    # PyTorch calls it the L1 loss
""",
    exercises=(MEAN_ABSOLUTE_ERROR_EXERCISE,),
)


def bent(r, delta):
    return np.where(abs(r) <= delta, r**2 / 2, delta * (abs(r) - delta / 2))


def huber(p, y, delta):
    return bent(p - y, delta).mean(), np.clip(p - y, -delta, delta) / p.size


LOSS, SLOPE = "bent(p - y, delta).mean()", "clip(p - y, -delta, delta) / p.size"
SMALL = "abs(p - y) <= delta"
HUBER_MISTAKES = f"""
({LOSS} / delta, {SLOPE} / delta)
({LOSS} / delta, {SLOPE})                       # this is smooth L1: do not divide by delta
(where({SMALL}, (p - y) ** 2 / 2, abs(p - y) - delta / 2).mean(), {SLOPE})
(where({SMALL}, (p - y) ** 2 / 2, abs(p - y) - delta / 2).mean(),
 where({SMALL}, p - y, sign(p - y)) / p.size)
    # the linear part has the slope 1: multiply it by delta
(where({SMALL}, (p - y) ** 2 / 2, delta * abs(p - y)).mean(), {SLOPE})
    # the linear part does not meet the quadratic one: subtract delta²/2 from it
(where({SMALL}, (p - y) ** 2 / 2, delta * (abs(p - y) - delta)).mean(), {SLOPE})
    # the linear part is too low by delta²/2: in the parentheses, subtract delta/2
(where({SMALL}, (p - y) ** 2, delta * (abs(p - y) - delta / 2)).mean(), {SLOPE})
    # the factor ½ is missing in the quadratic part
({LOSS}, -{SLOPE})                              # WRONG_SIGN
({LOSS}, clip(p - y, -delta, delta))            # GRADIENT_SUMMED
(bent(p - y, delta).sum(), clip(p - y, -delta, delta))
    # the losses are summed: divide the loss and the gradient by the number of elements
({LOSS}, (p - y) / p.size)                      # the gradient is not clipped at delta
({LOSS}, clip(p - y, -1, 1) / p.size)           # the gradient is clipped at 1: clip it at delta
({LOSS}, where({SMALL}, p - y, sign(p - y)) / p.size)
    # for large residuals the gradient is 1 / n: it is delta / n
({LOSS}, where({SMALL}, p - y, delta) / p.size)
    # for large negative residuals the gradient is -delta / n, not delta / n
({LOSS}, clip(p - y, -delta, delta) / len(p))
    # the gradient is divided by the number of rows: divide it by the number of elements
((clip(p - y, -delta, delta) ** 2 / 2).mean(), {SLOPE})
    # the residual is clipped before it is squared: beyond delta the loss must grow linearly
({LOSS}, clip(p - y, -inf, delta) / p.size)
    # the gradient is clipped above only: clip it at -delta, too
(huber(p, y, 1.0)[0], huber(p, y, 1.0)[1])      # delta is always 1: use the one that is given
(where(p - y <= delta, (p - y) ** 2 / 2, delta * (p - y - delta / 2)).mean(), {SLOPE})
    # a large negative residual is squared: compare the absolute value with delta
(bent(p - y, delta).mean(-1), {SLOPE})          # LAST_ONLY
"""
DELTAS = ({"delta": 2.0}, {"delta": 0.4}, {"delta": 1.0})

HUBER_EXERCISE = of_two(
    huber,
    HUBER_MISTAKES,
    "",
    "",
    parameters="p, y, delta",
    visible=visible(DELTAS, gradients=False),
    hidden=hidden(lambda rng: {"delta": round(rng.uniform(0.2, 2.5), 3)}, gradients=False),
    reference={
        "pytorch": """
def huber_pt(p, y, delta):
    p = p.clone().requires_grad_()
    loss = F.huber_loss(p, y, delta=delta)
    return loss.detach(), *torch.autograd.grad(loss, p)
""",
        "tensorflow": """
def huber_tf(y, p, delta):
    with tf.GradientTape() as tape:
        tape.watch(p)
        loss = keras.losses.Huber(delta)(y, p)
    return loss, tape.gradient(loss, p)
""",
    },
)

HUBER = component(
    "huber",
    name="Huber loss",
    zh="Huber损失",
    pytorch=("torch.nn.HuberLoss", "torch.nn.functional.huber_loss"),
    keras=("keras.losses.Huber", "keras.losses.huber"),
    calls="""
nn.HuberLoss(delta=2.0)(y_hat, y) | keras.losses.Huber(delta=2.0)(y, y_hat)
    # delta 0 raises an error in PyTorch, and gives 0 in Keras
""",
    behaviour={
        "huber-delta-pt": "`delta=0` raises an error in PyTorch",
        "huber-delta-tf": "`delta=0` gives the loss 0 in Keras",
    },
    exercises=(HUBER_EXERCISE,),
)


def smoothed(r, beta):
    """Also for a beta of 0, where it is the absolute value."""
    return bent(r, beta) / beta if beta else abs(r)


def smooth_l1(p, y, beta):
    return smoothed(p - y, beta).mean()


def slope_of_where(p, y, beta):
    """The gradient that autograd computes for ``where`` with a division by beta inside."""
    r = p - y
    return np.where(abs(r) < beta, 1, 0) * r / np.float64(beta) + np.where(
        abs(r) < beta, 0, 1
    ) * np.sign(r)


SMALL = "abs(p - y) < beta"
SMOOTH_L1_MISTAKES = f"""
where({SMALL}, (p - y) ** 2 / 2, beta * (abs(p - y) - beta / 2)).mean()
    # this is the Huber loss: divide it by beta
where({SMALL}, (p - y) ** 2 / 2 / float64(beta), abs(p - y) - beta).mean()
    # the linear part is too low by beta/2: subtract beta/2, not beta
where({SMALL}, (p - y) ** 2 / float64(beta), abs(p - y) - beta / 2).mean()
    # the factor ½ is missing in the quadratic part
where({SMALL}, (p - y) ** 2 / 2 / float64(beta), abs(p - y)).mean()
    # the linear part does not meet the quadratic one: subtract beta/2 from it
where({SMALL}, (p - y) ** 2 / 2, abs(p - y) - beta / 2).mean()
    # the quadratic part is not divided by beta
where(abs(p - y) < 1, (p - y) ** 2 / 2, abs(p - y) - 0.5).mean()
    # beta is always 1: use the one that is given
(smoothed(p - y, beta)).sum()     # NOT_AVERAGED
smoothed(p - y, beta).mean(-1)    # LAST_ONLY
where(p - y < beta, (p - y) ** 2 / 2 / float64(beta), abs(p - y) - beta / 2).mean()
    # a large negative residual is squared: compare the absolute value with beta
(bent(p - y, beta) / float64(beta)).mean()
    # for beta 0 this is 0 / 0: return the absolute error there
gradient: (upstream_gradient * slope_of_where(p, y, beta) / p.size, 0 * y)
    # for beta 0 the gradient is 0 · ∞ = NaN, from the part that `where` does not choose: return
    # the absolute error there without dividing by beta
"""
BETAS = ({"beta": 2.0}, {"beta": 0.4}, {"beta": 1.0})

SMOOTH_L1_EXERCISE = of_two(
    smooth_l1,
    SMOOTH_L1_MISTAKES,
    "F.smooth_l1_loss(p, y, beta=beta)",
    "(keras.losses.Huber(beta)(y, p) / beta if beta else keras.losses.MeanAbsoluteError()(y, p))",
    parameters="p, y, beta",
    visible=visible(BETAS, more=(Case((P, Y), {"beta": 0.0}, part="robustness"),)),
    hidden=hidden(
        lambda rng: {"beta": round(rng.uniform(0.2, 2.5), 3)},
        more=lambda rng: (two(rng, 3, 2, arguments={"beta": 0.0}, part="robustness"),),
    ),
)

SMOOTH_L1 = component(
    "smooth_l1",
    name="Smooth L1 loss",
    zh="平滑L1损失",
    pytorch=("torch.nn.SmoothL1Loss", "torch.nn.functional.smooth_l1_loss"),
    calls="""
F.smooth_l1_loss(y_hat, y, beta=beta) | keras.losses.Huber(beta)(y, y_hat) / beta
    # smooth L1 is the Huber loss divided by beta; for beta 0 use `MeanAbsoluteError`
""",
    behaviour={
        "smooth-l1-pt": "`beta=0` is the absolute error in PyTorch",
        "smooth-l1-tf": "`Huber(beta) / beta` is NaN for beta 0",
    },
    exercises=(SMOOTH_L1_EXERCISE,),
)


def log_cosh(p, y):
    r = abs(p - y)
    return (r + np.log1p(np.exp(-2 * r)) - np.log(2)).mean()


def slope_of_cosh(p, y):
    """The gradient that autograd computes for ``where`` with the logarithm of cosh inside."""
    with np.errstate(over="ignore"):
        return np.where(np.isinf(np.cosh(np.float32(p - y))), np.nan, np.tanh(p - y)) / p.size


LOG_COSH_MISTAKES = """
log(cosh(p - y)).mean()
    # exp and cosh overflow for large residuals: write |r| + log(1 + exp(−2|r|)) − log 2
gradient: (upstream_gradient * slope_of_cosh(p, y), 0 * y)
    # the gradient is NaN for large residuals: `where` computes cosh for them, too, and it overflows
(p - y + log(1 + exp(-2 * (p - y))) - log(2)).mean()
    # exp(−2r) overflows for large negative residuals: use |r|, or softplus
(y - p + log(1 + exp(-2 * (y - p))) - log(2)).mean()
    # exp(2r) overflows for large positive residuals: use |r|, or softplus
(abs(p - y) + log1p(exp(-2 * abs(p - y)))).mean()       # log 2 is not subtracted
log(cosh(clip(p - y, -80, 80))).mean()
log(cosh(clip(p - y, -20, 20))).mean()
log(cosh(clip(p - y, -50, 50))).mean()
    # large residuals are cut off: write |r| + log(1 + exp(−2|r|)) − log 2 instead
log(cosh(p - y).mean())                                 # the logarithm is taken after the mean
(abs(p - y) - log(2)).mean()
    # this holds for large residuals only: log(1 + exp(−2|r|)) is missing
((p - y) ** 2 / 2).mean()                               # this holds for small residuals only
log(cosh(p) / cosh(y)).mean()
    # cosh of the prediction and of the target: take it of their difference
(abs(p - y) + log1p(exp(-abs(p - y))) - log(2)).mean()
    # the factor 2 is missing in the exponent: it is exp(−2|r|)
(abs(p - y) + log1p(exp(-2 * abs(p - y))) - log(2)).sum()     # NOT_AVERAGED
(abs(p - y) + log1p(exp(-2 * abs(p - y))) - log(2)).mean(-1)  # LAST_ONLY
(abs(p - y) + log1p(exp(-2 * abs(p - y)))).mean() / log(2) - 1
    # these are logarithms to base 2: take natural ones
tanh(p - y).mean()                                      # this is the derivative
"""
HIGH, LOW = (np.array([1000.0, 0.5]), np.zeros(2)), (np.array([-1000.0, 0.5]), np.zeros(2))

LOG_COSH_EXERCISE = of_two(
    log_cosh,
    LOG_COSH_MISTAKES,
    "(p - y + F.softplus(2 * (y - p)) - np.log(2)).mean()",
    "keras.losses.LogCosh()(y, p)",
    visible=(
        Case((P, Y)),
        two(default_rng(1), 2, 3),
        Case(HIGH, part="robustness"),
        Case(LOW, part="robustness"),
    ),
    hidden=hidden(
        more=lambda rng: (
            Case((rng.uniform(800, 2000, 3), np.zeros(3)), part="robustness"),
            Case((np.zeros(3), rng.uniform(800, 2000, 3)), part="robustness"),
        )
    ),
)

LOG_COSH = component(
    "log_cosh",
    name="Log-cosh loss",
    zh="对数双曲余弦损失",
    keras=("keras.losses.LogCosh", "keras.losses.log_cosh"),
    aliases=("tf.keras.losses.logcosh",),
    calls="""
r = y_hat - y; (r + F.softplus(-2 * r) - math.log(2)).mean() | keras.losses.LogCosh()(y, y_hat)
    # `torch.log(torch.cosh(r))` is infinite from a residual of 90 on
""",
    behaviour={
        "log-cosh-overflow-pt": "`log(cosh(r))` is infinite from a residual of 90 on, with a NaN "
        "gradient",
    },
    exercises=(LOG_COSH_EXERCISE,),
)


def mean_absolute_percentage_error(p, y):
    return 100 * (abs(p - y) / np.maximum(abs(y), 1e-7)).mean()


MAPE_MISTAKES = """
100 * (abs(p - y) / maximum(abs(p), 1e-7)).mean()
    # the prediction is in the denominator, as when prediction and target are swapped: divide by the
    # target
(abs(p - y) / maximum(abs(y), 1e-7)).mean()
    # the factor 100 is missing: the result is in percent
100 * abs(p - y).sum() / abs(y).sum()
    # a sum of errors is divided by a sum of targets: divide each error by its own target
100 * (abs(p - y) / y).mean()
100 * (abs(p - y) / where(y == 0, 1e-7, y)).mean()
100 * (abs(p - y) / (y + 1e-7)).mean()
    # a negative target gives a negative percentage: divide by its absolute value
100 * (abs(p - y) / maximum(y, 1e-7)).mean()
    # negative targets become 1e-7: take the absolute value first
100 * (abs(p - y) / abs(y)).mean()
    # a target of 0 divides by 0: replace absolute values below 1e-7 by 1e-7
100 * ((p - y) / maximum(abs(y), 1e-7)).mean()
100 * abs(((p - y) / maximum(abs(y), 1e-7)).mean())
    # the absolute value is not taken of each residual: positive and negative cancel
100 * (abs(p - y) / maximum(abs(y), 1e-7)).sum()        # NOT_AVERAGED
100 * (abs(p - y) / maximum(abs(y), 1e-7)).mean(-1)     # LAST_ONLY
200 * (abs(p - y) / maximum(abs(p) + abs(y), 1e-7)).mean()
    # this is the symmetric percentage error: divide by the target alone
100 * sqrt((((p - y) / maximum(abs(y), 1e-7)) ** 2).mean())
    # the ratios are squared: take their absolute values
"""

MAPE_EXERCISE = of_two(
    mean_absolute_percentage_error,
    MAPE_MISTAKES,
    "100 * ((p - y).abs() / y.abs().clamp(min=1e-7)).mean()",
    "keras.losses.MeanAbsolutePercentageError()(y, p)",
    visible=(
        Case((P, Y)),
        Case((np.array([[1.0, -3.0], [0.5, 2.5]]), np.array([[-2.0, -2.0], [-0.5, 2.0]]))),
        Case((np.array([0.0, 2.0, 1.5]), np.array([1.5, 0.0, 3.0])), part="robustness"),
        Case(FAR, part="robustness"),
    ),
)

MEAN_ABSOLUTE_PERCENTAGE_ERROR = component(
    "mean_absolute_percentage_error",
    name="Mean absolute percentage error",
    zh="平均百分比误差损失",
    keras=(
        "keras.losses.MeanAbsolutePercentageError",
        "keras.losses.mean_absolute_percentage_error",
    ),
    aliases=("tf.keras.losses.MAPE", "tf.keras.losses.mape"),
    calls="""
100 * ((y_hat - y).abs() /
    y.abs().clamp(min=1e-7)).mean() | keras.losses.MeanAbsolutePercentageError()(y, y_hat)
    # a target of 0 gives a loss of about 10⁹; swapped arguments change the number
""",
    behaviour={
        "mape-tf": "swapped arguments change the number: only the target is in the denominator",
        "mape-zero-tf": "a target of 0 gives a loss and a gradient of 10⁹",
    },
    exercises=(MAPE_EXERCISE,),
)


def logarithm(x):
    return np.log1p(np.maximum(x, 1e-7))


def mean_squared_logarithmic_error(p, y):
    return ((logarithm(p) - logarithm(y)) ** 2).mean()


MSLE_MISTAKES = """
((log(maximum(p, 1e-7)) - log(maximum(y, 1e-7))) ** 2).mean()
    # 1 is not added: take the logarithm of 1 + the number
log((p - y) ** 2 + 1).mean()
log(((maximum(p, 1e-7) - maximum(y, 1e-7)) ** 2).mean() + 1)
log((maximum(p, 1e-7) - maximum(y, 1e-7)) ** 2 + 1).mean()
log(maximum((p - y) ** 2, 1e-7) + 1).mean()
    # this is the logarithm of the squared error: take the logarithms first
abs(logarithm(p) - logarithm(y)).mean()
    # absolute differences of the logarithms: square them
(log1p(p) - log1p(y)).mean() ** 2
(logarithm(p) - logarithm(y)).mean() ** 2
    # the mean is squared: square each difference, then take the mean
((log1p(p) - log1p(y)) ** 2).mean()
    # numbers below 0 must be replaced by 1e-7: below −1 the logarithm is NaN
((logarithm(p) - log1p(y)) ** 2).mean()
    # only the predictions are replaced: replace targets below 1e-7, too
((log1p(p) - logarithm(y)) ** 2).mean()
    # only the targets are replaced: replace predictions below 1e-7, too
((log1p(abs(p)) - log1p(abs(y))) ** 2).mean()
    # negative numbers become positive: replace them by 1e-7
((logarithm(p) - logarithm(y)) ** 2).sum()      # NOT_AVERAGED
((logarithm(p) - logarithm(y)) ** 2).mean(-1)   # LAST_ONLY
sqrt(((logarithm(p) - logarithm(y)) ** 2).mean())
    # the root is taken: leave it out
(((logarithm(p) - logarithm(y)) / log(10)) ** 2).mean()
    # these are logarithms to base 10: take natural ones
(((logarithm(p) - logarithm(y)) / log(2)) ** 2).mean()
    # these are logarithms to base 2: take natural ones
"""


def positive(rng, *shape, **fields):
    return Case((rng.uniform(0.1, 5, shape), rng.uniform(0.1, 5, shape)), **fields)


MSLE_EXERCISE = of_two(
    mean_squared_logarithmic_error,
    MSLE_MISTAKES,
    "F.mse_loss(p.clamp(min=1e-7).log1p(), y.clamp(min=1e-7).log1p())",
    "keras.losses.MeanSquaredLogarithmicError()(y, p)",
    visible=(
        Case((RATES, Y)),
        positive(default_rng(1), 2, 3),
        Case((np.array([-0.5, -3.0, 2.0]), np.array([1.0, 1.0, 0.5]))),
        Case((np.array([2.0, 0.5]), np.array([-0.5, 3.0])), part="robustness"),
        Case((np.array([1000.0, 0.5]), np.array([0.5, 1000.0])), part="robustness"),
    ),
    hidden=lambda rng: (
        positive(rng, 5),
        positive(rng, 3, 4),
        two(rng, 4, 2),
        positive(rng, 2, 1, 3, part="robustness"),
        two(rng, 7, part="robustness"),
    ),
)

MEAN_SQUARED_LOGARITHMIC_ERROR = component(
    "mean_squared_logarithmic_error",
    name="Mean squared logarithmic error",
    zh="均方对数误差损失",
    keras=(
        "keras.losses.MeanSquaredLogarithmicError",
        "keras.losses.mean_squared_logarithmic_error",
    ),
    aliases=("tf.keras.losses.MSLE", "tf.keras.losses.msle"),
    calls="""
F.mse_loss(y_hat.clamp(min=1e-7).log1p(),
    y.clamp(min=1e-7).log1p()) | keras.losses.MeanSquaredLogarithmicError()(y, y_hat)
    # a prediction of 0 or below has the gradient 0: end the network in a softplus
""",
    behaviour={
        "msle-negative-tf": "a prediction of 0 or below has the gradient 0",
    },
    exercises=(MSLE_EXERCISE,),
)


def poisson_nll(p, y, log_input):
    return (np.exp(p) - y * p if log_input else p - y * np.log(p + 1e-7)).mean()


POISSON_NLL_MISTAKES = """
poisson_nll(y, p, log_input)       # SWAPPED
(exp(p) - y * p).mean()
    # rates are read as log-rates: with log_input=False take their logarithm
(p - y * log(p + 1e-7)).mean()
    # log-rates are read as rates: with log_input=True take their exponential
poisson_nll(p, y, not log_input)   # log_input has the opposite meaning: True means log-rates
(-y * p if log_input else -y * log(p + 1e-7)).mean()
    # the rate itself is missing in front
(exp(p) - y * p if log_input else p - y * log(p)).mean()
    # a rate of 0 gives log 0: add 1e-7 to the rate in the logarithm
(exp(p) - y * p if log_input else p - y * log(p + 1e-8)).mean()
    # 1e-8, PyTorch's default, is added to the rate: add 1e-7
(exp(p) - y * p if log_input else p - y * log(p + 1e-7)).sum()     # NOT_AVERAGED
(exp(p) - y * p if log_input else p - y * log(p + 1e-7)).mean(-1)  # LAST_ONLY
(exp(p) + y * p if log_input else p + y * log(p + 1e-7)).mean()
    # the sign of the second term is wrong: subtract it
(p - y * p if log_input else p - y * log(p + 1e-7)).mean()
    # with log_input=True the rate in front is exp of the input
(exp(p) - y * exp(p) if log_input else p - y * log(p + 1e-7)).mean()
    # with log_input=True the logarithm of the rate is the input itself
"""


def counted(rng, *shape, log_input, **fields):
    p = rng.normal(0, 1, shape) if log_input else rng.uniform(0.1, 5, shape)
    y = rng.poisson(2.0, shape).astype(float)
    return Case((p, y), {"log_input": log_input}, **fields)


POISSON_NLL_EXERCISE = of_two(
    poisson_nll,
    POISSON_NLL_MISTAKES,
    "F.poisson_nll_loss(p, y, log_input=log_input, eps=1e-7)",
    "(tf.reduce_mean(tf.nn.log_poisson_loss(y, p)) if log_input else keras.losses.Poisson()(y, p))",
    parameters="p, y, log_input",
    visible=(
        Case((RATES, COUNTS), {"log_input": False}),
        Case((P, COUNTS), {"log_input": True}),
        counted(default_rng(1), 2, 3, log_input=False),
        Case(
            (np.array([0.0, 2.0]), np.array([3.0, 1.0])),
            {"log_input": False},
            gradients=False,
            part="robustness",
        ),
        Case(
            (np.array([-1000.0, 2.0]), np.array([3.0, 1.0])), {"log_input": True}, part="robustness"
        ),
    ),
    hidden=lambda rng: (
        counted(rng, 5, log_input=False),
        counted(rng, 5, log_input=True),
        counted(rng, 3, 4, log_input=True),
        counted(rng, 2, 2, 3, log_input=False, part="robustness"),
        counted(rng, 4, 1, log_input=True, part="robustness"),
    ),
)

POISSON_NLL = component(
    "poisson_nll",
    name="Poisson loss",
    zh="泊松损失",
    pytorch=("torch.nn.PoissonNLLLoss", "torch.nn.functional.poisson_nll_loss"),
    keras=("keras.losses.Poisson", "keras.losses.poisson"),
    tensorflow=("tf.nn.log_poisson_loss",),
    calls="""
F.poisson_nll_loss(y_hat, y, log_input=False, eps=1e-7) | keras.losses.Poisson()(y, y_hat)
    # PyTorch's default takes the logarithm of the rate
F.poisson_nll_loss(z, y, reduction="none") | tf.nn.log_poisson_loss(y, z)
    # for log-rates; TensorFlow's function returns one loss per element
""",
    defaults="""
torch.nn.PoissonNLLLoss(log_input=True, eps=1e-8)
torch.nn.functional.poisson_nll_loss(log_input=True, eps=1e-8)
""",
    behaviour={
        "poisson-rates-pt": "PyTorch's default takes log-rates, Keras takes rates",
        "poisson-zero-pt": "at the rate 0, PyTorch's `eps` of 1e-8 gives another loss",
        "poisson-zero-tf": "at the rate 0, Keras's `eps` is 1e-7",
    },
    exercises=(POISSON_NLL_EXERCISE,),
)


def of_variance(p, y, v):
    return ((np.log(v) + (p - y) ** 2 / v) / 2).mean()


def gaussian_nll(p, y, variance):
    return of_variance(p, y, np.maximum(variance, 1e-6))


def slope_of_variance(p, y, variance):
    v = np.maximum(variance, 1e-6)
    return (1 / v - (p - y) ** 2 / v**2) / 2 / p.size


def slope_of_mean(p, y, variance):
    return (p - y) / np.maximum(variance, 1e-6) / p.size


def gaussian_nll_gradient(upstream_gradient, p, y, variance):
    dp = upstream_gradient * slope_of_mean(p, y, variance)
    return dp, -dp, upstream_gradient * slope_of_variance(p, y, variance)


V = "maximum(variance, 1e-6)"
DP = "upstream_gradient * slope_of_mean(p, y, variance)"
DV = "upstream_gradient * slope_of_variance(p, y, variance)"
GAUSSIAN_NLL_MISTAKES = f"""
of_variance(p, y, {V} ** 2)
    # the variance is squared, as if it were a standard deviation
of_variance(p, y, sqrt({V}))
    # the root of the variance is used: use the variance itself
(((p - y) ** 2 / {V}) / 2).mean()         # the logarithm of the variance is missing
2 * gaussian_nll(p, y, variance)          # the factor ½ is missing
((2 * log({V}) + (p - y) ** 2 / {V}) / 2).mean()
((log({V}) + (p - y) ** 2 / {V} / 2)).mean()
    # the factor ½ is missing in front of the logarithm
(log({V}) / 2 + (p - y) ** 2 / {V}).mean()
    # the factor ½ is missing in front of the squared residual
gaussian_nll(p, y, variance) + log(2 * pi) / 2
    # the constant ½ log 2π is added: leave it out
of_variance(p, y, variance + 1e-6)
    # 1e-6 is added to the variance: take the larger of the two
of_variance(p, y, variance)               # variances below 1e-6 must be replaced by 1e-6
((log({V}) + abs(p - y) / {V}) / 2).mean()      # the residual is not squared
((log({V}) + ((p - y) / {V}) ** 2) / 2).mean()
    # the squared residual is divided by the squared variance: divide it by the variance
-gaussian_nll(p, y, variance)             # this is the log-likelihood: the loss is its negative
((log({V}) - (p - y) ** 2 / {V}) / 2).mean()
    # the signs of the two terms differ: add both
gradient: ({DP}, 0 * y, {DV} * (variance > 1e-6))
    # the replacement stops the gradient of small variances: replace them without recording it
gradient: ({DP}, 0 * y, 0 * variance)
    # no gradient reaches the variances: only the replacement must not be recorded
p.size * gaussian_nll(p, y, variance)     # NOT_AVERAGED
((log({V}) + (p - y) ** 2 / {V}) / 2).mean(-1)  # LAST_ONLY
"""


def uncertain(rng, *shape, **fields):
    p, y = rng.normal(0, 1.5, (2, *shape))
    return Case((p, y, rng.uniform(0.2, 4, shape)), **fields)


def certain(rng, n, **fields):
    """Variances below 1e-6 and larger ones, with residuals of similar size."""
    y = rng.normal(0, 1, n)
    residual = np.where(np.arange(n) % 2, 1.0, 4e-3) * rng.uniform(0.8, 1.2, n)
    variance = np.where(np.arange(n) % 2, 1.0, 4e-7) * rng.uniform(0.5, 1.5, n)
    return Case((residual, 0 * y, variance), **fields)


GAUSSIAN_NLL_EXERCISE = of_two(
    gaussian_nll,
    GAUSSIAN_NLL_MISTAKES,
    "F.gaussian_nll_loss(p, y, variance)",
    "",
    parameters="p, y, variance",
    gradient=gaussian_nll_gradient,
    visible=(
        Case((P, Y, np.array([0.25, 1.0, 4.0, 2.0]))),
        uncertain(default_rng(1), 2, 3),
        Case((np.array([3e-3, 1.0]), np.zeros(2), np.array([5e-7, 1.0]))),
        Case((*FAR, np.array([1.0, 100.0, 1e4])), part="robustness"),
    ),
    hidden=lambda rng: (
        uncertain(rng, 5),
        uncertain(rng, 3, 4),
        certain(rng, 4),
        uncertain(rng, 2, 1, 3, part="robustness"),
        certain(rng, 6, part="robustness"),
    ),
    reference={
        "pytorch": "gaussian_nll_pt = lambda p, y, variance: F.gaussian_nll_loss(p, y, variance)",
        "tensorflow": """
def gaussian_nll_tf(y, p, variance):
    v = variance + tf.stop_gradient(tf.maximum(variance, 1e-6) - variance)
    return 0.5 * tf.reduce_mean(tf.math.log(v) + (y - p) ** 2 / v)
""",
    },
)

GAUSSIAN_NLL = component(
    "gaussian_nll",
    name="Gaussian negative log-likelihood",
    zh="高斯负对数似然损失",
    pytorch=("torch.nn.GaussianNLLLoss", "torch.nn.functional.gaussian_nll_loss"),
    calls="""
F.gaussian_nll_loss(y_hat, y, var) | gaussian_nll(y, y_hat, var)
    # Keras has none: the section writes `gaussian_nll`, whose last argument is the variance
""",
    behaviour={
        "gaussian-clamp-pt": "a variance below `eps` is replaced, and its gradient is not 0",
        "gaussian-pt": "without `full=True`, ½ log 2π is missing",
    },
    exercises=(GAUSSIAN_NLL_EXERCISE,),
)

COMPONENTS = (
    LOSS_ARGUMENT_ORDER,
    MEAN_SQUARED_ERROR,
    MEAN_ABSOLUTE_ERROR,
    HUBER,
    SMOOTH_L1,
    LOG_COSH,
    MEAN_ABSOLUTE_PERCENTAGE_ERROR,
    MEAN_SQUARED_LOGARITHMIC_ERROR,
    POISSON_NLL,
    GAUSSIAN_NLL,
)
