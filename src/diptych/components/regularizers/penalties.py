"""Penalties: L1, L2, both, orthogonal, of activities and of biases; weight decay; your own."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

WEIGHTS = np.array([[1.0, -2.0], [3.0, 0.5]])
NOT_SCALED = "the factor lam is missing"
NOT_SUMMED = "there is a number for each row: a penalty is one number, the sum of all"
MEAN = "this is the mean over the weights: a penalty is their sum"


def factor(rng):
    return round(rng.uniform(0.05, 0.5), 3)


def penalty_case(rng, *shape, part="values", spread=1.0, **arguments):
    return Case((rng.normal(0, spread, shape),), arguments, part=part)


def l1(w, lam):
    return lam * abs(w).sum()


L1_MISTAKES = """
lam * abs(w).mean()             # MEAN
lam * w.sum()                   # the weights are added with their signs: add their absolute values
lam * abs(w.sum())              # the absolute value is taken of the sum: take it of each weight
lam * (w**2).sum()              # the weights are squared: that is L2, L1 adds absolute values
lam * sqrt((w**2).sum())        # this is the Euclidean norm: add absolute values
abs(w).sum()                    # NOT_SCALED
lam / 2 * abs(w).sum()          # this is half of the penalty: L1 has no factor ½
lam * abs(w).sum(-1)            # NOT_SUMMED
lam * abs(w).sum(0).max()       # this is the 1-norm of a matrix, its largest column sum: add all
                                # columns
lam * abs(w).max()              # this is the largest absolute value: add all of them
lam * count_nonzero(w) + 0.0    # this counts the weights: add their absolute values
lam * maximum(w, 0).sum()       # negative weights are not penalized: take absolute values
"""


def some(rng, part="values", **arguments):
    """Weights; a third of them is exactly 0."""
    w = rng.normal(0, 1, (4, 5)) * (rng.uniform(size=(4, 5)) > 0.33)
    return Case((w,), arguments, part=part)


def hidden_penalties(rng):
    return (
        penalty_case(rng, 3, 4, lam=factor(rng)),
        penalty_case(rng, 4, 2, lam=round(rng.uniform(1, 3), 3)),
        penalty_case(rng, 5, lam=factor(rng), part="robustness"),
        penalty_case(rng, 2, 3, 2, 3, lam=factor(rng), part="robustness"),
        penalty_case(rng, 3, 3, lam=factor(rng), spread=1000.0, part="robustness"),
    )


VISIBLE_PENALTIES = (
    Case((WEIGHTS,), {"lam": 0.1}),
    penalty_case(default_rng(1), 3, 5, lam=2.0),
    penalty_case(default_rng(2), 4, lam=0.3, part="robustness"),
    penalty_case(default_rng(3), 3, 3, 2, 4, lam=0.01, part="robustness"),
)

L1_EXERCISE = Exercise(
    "l1_penalty",
    l1,
    visible=(*VISIBLE_PENALTIES, some(default_rng(4), lam=0.5, part="robustness")),
    hidden=lambda rng: (*hidden_penalties(rng), some(rng, lam=factor(rng), part="robustness")),
    reference={
        "pytorch": "l1_penalty_pt = lambda w, lam: lam * w.abs().sum()",
        "tensorflow": "l1_penalty_tf = lambda w, lam: keras.regularizers.L1(lam)(w)",
    },
    misconceptions=mistakes(L1_MISTAKES, globals(), "w, lam"),
    elementwise=False,
)


def shrunk(u, t):
    return np.sign(u) * np.maximum(abs(u) - t, 0)


def proximal(w, gradient, lr, lam):
    return shrunk(w - lr * gradient, lr * lam)


PROXIMAL_MISTAKES = """
shrunk(w - lr * gradient, lam)        # the threshold is lam: it is lr · lam, as long as the step
w - lr * (gradient + lam * sign(w))
    # this is a step along the gradient of the penalty, which jumps over 0: take the step of the
    # loss first, then move each weight towards 0, and stop there
w - lr * gradient - lr * lam * sign(w - lr * gradient)
    # a weight closer to 0 than lr · lam changes its sign: set it to 0
where(abs(w - lr * gradient) > lr * lam, w - lr * gradient, 0)
where(abs(w - lr * gradient) < lr * lam, 0, w - lr * gradient)
    # the other weights keep their size: move them by lr · lam towards 0, too
shrunk(w, lr * lam) - lr * gradient   # the weights shrink before the step: take the step first
maximum(w - lr * gradient - lr * lam, 0)
    # negative weights become 0: move them up by lr · lam
clip(w - lr * gradient, -lr * lam, lr * lam)
    # this is what must be taken away: subtract it
abs(shrunk(w - lr * gradient, lr * lam))
    # negative weights become positive: multiply by the sign after the step
sign(w) * abs(shrunk(w - lr * gradient, lr * lam))
    # the sign is that of the weight before the step: take the one after it
shrunk(w + lr * gradient, lr * lam)   # ASCENT
w - lr * gradient                     # the penalty is missing: move the weights towards 0
shrunk(w, lr * lam)                   # the step along the gradient is missing
shrunk(w - gradient, lr * lam)        # the gradient is not multiplied by lr
shrunk(w - lr * gradient, lr)         # the threshold is lr: it is lr · lam
shrunk(w - lr * gradient, 2 * lr * lam)  # the threshold is twice as large: it is lr · lam
(1 - lr * lam) * (w - lr * gradient)
    # the weights are multiplied by a factor, as L2 does: subtract lr · lam from their size
"""


def step_case(rng, *shape, part="values", **arguments):
    inputs = tuple(rng.normal(0, 1, shape) for _ in range(2))
    return Case(inputs, arguments, gradients=False, part=part)


PROXIMAL_EXERCISE = Exercise(
    "proximal_step",
    proximal,
    visible=(
        Case(
            (np.array([1.0, -1.0, 0.25, -0.125]), np.array([1.0, 1.0, 1.0, 0.0])),
            {"lr": 0.5, "lam": 0.5},
            gradients=False,
        ),
        step_case(default_rng(1), 12, lr=0.4, lam=2.0),
        Case((np.zeros(3), np.array([0.5, -3.0, 0.0])), {"lr": 0.1, "lam": 2.0}, gradients=False),
        step_case(default_rng(2), 3, 4, lr=0.2, lam=1.5, part="robustness"),
    ),
    hidden=lambda rng: (
        step_case(rng, 20, lr=0.5, lam=factor(rng) * 5),
        step_case(rng, 20, lr=0.1, lam=round(rng.uniform(3, 6), 3)),
        step_case(rng, 4, 5, lr=0.3, lam=1.2, part="robustness"),
        step_case(rng, 2, 3, 2, 2, lr=0.3, lam=1.2, part="robustness"),
        step_case(rng, 5, lr=0.3, lam=0.0, part="robustness"),
    ),
    reference={
        "pytorch": "proximal_step_pt = lambda w, gradient, lr, lam: "
        "F.softshrink(w - lr * gradient, lr * lam)",
        "tensorflow": "proximal_step_tf = lambda w, gradient, lr, lam: "
        "keras.activations.soft_shrink(w - lr * gradient, lr * lam)",
    },
    misconceptions=mistakes(PROXIMAL_MISTAKES, globals(), "w, gradient, lr, lam"),
    elementwise=False,
)

L1 = component(
    "l1",
    name="L1 penalty",
    zh="L1正则化",
    keras=("keras.regularizers.L1",),
    aliases=("keras.regularizers.l1",),
    defaults="keras.regularizers.L1(l1=0.01)",
    calls="""
0.1 * w.abs().sum() | keras.regularizers.L1(0.1)(w)  # SGD alone gives no exact zeros
F.softshrink(w, 0.05 * 0.1) | keras.activations.soft_shrink(w, 0.05 * 0.1)
    # after each step: the learning rate times the factor
""",
    behaviour={
        "l1-zeros-tf": "500 steps of SGD with L1 give no weight of exactly 0, a proximal step "
        "gives all six",
    },
    exercises=(L1_EXERCISE, PROXIMAL_EXERCISE),
)


def l2(w, lam):
    return lam * (w**2).sum()


L2_MISTAKES = """
lam / 2 * (w**2).sum()    # this is half of the penalty: the ½ belongs to weight_decay
lam * sqrt((w**2).sum())  # this is the norm: leave out the root
lam * (w**2).mean()       # MEAN
lam * abs(w).sum()        # the absolute values are added: that is L1, L2 adds squares
lam * w.sum() ** 2        # the sum is squared: square each weight first, then add
(w**2).sum()              # NOT_SCALED
(lam * w**2).sum(-1)      # NOT_SUMMED
((lam * w) ** 2).sum()    # lam is squared, too: multiply by it after the squares
lam * linalg.norm(w, 2) ** 2
    # this is the square of the largest singular value: add the squares of all weights
2 * lam * (w**2).sum()    # this is twice the penalty: the 2 comes only with the derivative
2 * lam * w               # this is the gradient: return the penalty
"""

L2_EXERCISE = Exercise(
    "l2_penalty",
    l2,
    visible=VISIBLE_PENALTIES,
    hidden=hidden_penalties,
    reference={
        "pytorch": "l2_penalty_pt = lambda w, lam: lam * (w**2).sum()",
        "tensorflow": "l2_penalty_tf = lambda w, lam: keras.regularizers.L2(lam)(w)",
    },
    misconceptions=mistakes(L2_MISTAKES, globals(), "w, lam"),
    elementwise=False,
)

L2 = component(
    "l2",
    name="L2 penalty",
    zh="L2正则化",
    keras=("keras.regularizers.L2",),
    tensorflow=("tf.nn.l2_loss",),
    aliases=("keras.regularizers.l2",),
    defaults="keras.regularizers.L2(l2=0.01)",
    calls="""
0.1 * (w**2).sum() | keras.regularizers.L2(0.1)(w)
    # `weight_decay=0.1` in PyTorch's SGD is `L2(0.05)`: half of the factor
(w**2).sum() / 2 | tf.nn.l2_loss(w)  # `tf.nn.l2_loss` contains a factor ½, `L2` does not
""",
    behaviour={
        "l2-half-tf": "`tf.nn.l2_loss` is half of the sum of squares, `L2(1.0)` is all of it",
        "l2-factors": "`L2` raises an error for the factor `np.float32(0.1)`: write `float`",
    },
    exercises=(L2_EXERCISE,),
)


def l1_l2(w, l1, l2):
    return l1 * abs(w).sum() + l2 * (w**2).sum(), l1 * np.sign(w) + 2 * l2 * w


P, G = "l1_l2(w, l1, l2)[0]", "l1_l2(w, l1, l2)[1]"
L1_L2_MISTAKES = f"""
l1_l2(w, l2, l1)                        # the two factors are swapped: l1 belongs to |w|
(l1 * abs(w).sum() + l2 / 2 * (w**2).sum(), l1 * sign(w) + l2 * w)
    # there is a factor ½ before the squares: leave it out
({P}, l1 * sign(w) + l2 * w)            # the 2 is missing in the gradient of the squares
({P}, l1 * sign(w) + 2 * w)             # the gradient of the squares lacks the factor l2
({P}, l1 + 2 * l2 * w)                  # the gradient of |w| is 1 for all weights: it is −1 for
                                        # negative weights, and 0 at 0
({P}, l1 * abs(w) + 2 * l2 * w)         # the gradient of |w| is |w|: it is the sign of w
({P}, l1 * where(w >= 0, 1, -1) + 2 * l2 * w)
({P}, l1 * where(w > 0, 1, -1) + 2 * l2 * w)
    # the gradient at a weight of 0 is not 0: the sign of 0 is 0
({P}, l1 * w / abs(w) + 2 * l2 * w)     # at a weight of 0 the gradient is 0 / 0: use the sign
({P}, 2 * l2 * w)                       # the gradient of |w| is missing
({P}, l1 * sign(w))                     # the gradient of the squares is missing
({P}, 2 * l2 * abs(w) + l1 * sign(w))   # the gradient of the squares has no sign: it is 2 · l2 · w
({P}, ({G}).sum())                      # the gradient is a single number: each weight has its own
({P}, ({G}) / w.size)                   # the gradient is divided by the number of weights
({P}, -({G}))                           # the gradient has the wrong sign
(({P}) / w.size, ({G}) / w.size)        # MEAN
((l1 + l2) * (abs(w).sum() + (w**2).sum()), (l1 + l2) * (sign(w) + 2 * w))
    # both factors multiply both terms: l1 multiplies |w|, l2 multiplies the squares
(abs(l1 * w + l2 * w**2).sum(), {G})    # the absolute value is of the sum of both terms: add two
                                        # penalties
({G}, {P})                              # the order is wrong: first the penalty, then the gradient
"""


def two_factors(rng, *shape, zeros=False, **fields):
    w = rng.normal(0, 1, shape)
    if zeros:
        w = w * (rng.uniform(size=shape) > 0.4)
    arguments = {"l1": factor(rng), "l2": round(0.6 + factor(rng), 3)}
    return Case((w,), arguments, gradients=False, **fields)


L1_L2_EXERCISE = Exercise(
    "l1_l2_penalty",
    l1_l2,
    visible=(
        Case((WEIGHTS,), {"l1": 0.1, "l2": 0.2}, gradients=False),
        Case((np.array([[0.0, 2.0, -1.0]]),), {"l1": 0.5, "l2": 0.25}, gradients=False),
        two_factors(default_rng(1), 4, 3),
        two_factors(default_rng(2), 5, part="robustness"),
    ),
    hidden=lambda rng: (
        two_factors(rng, 3, 4),
        two_factors(rng, 5, 4, zeros=True),
        two_factors(rng, 6, part="robustness"),
        two_factors(rng, 2, 2, 3, 3, part="robustness"),
    ),
    reference={
        "pytorch": """
def l1_l2_penalty_pt(w, l1, l2):
    w = w.clone().requires_grad_()
    y = l1 * w.abs().sum() + l2 * (w**2).sum()
    return y.detach(), torch.autograd.grad(y, w)[0]
""",
        "tensorflow": """
def l1_l2_penalty_tf(w, l1, l2):
    with tf.GradientTape() as tape:
        tape.watch(w)
        y = keras.regularizers.L1L2(l1=l1, l2=l2)(w)
    return y, tape.gradient(y, w)
""",
    },
    misconceptions=mistakes(L1_L2_MISTAKES, globals(), "w, l1, l2"),
    elementwise=False,
)

L1_L2 = component(
    "l1_l2",
    name="L1 and L2 penalty",
    zh="L1L2正则化",
    keras=("keras.regularizers.L1L2",),
    aliases=("keras.regularizers.l1_l2",),
    defaults="keras.regularizers.L1L2(l1=0.0, l2=0.0)",
    calls="""
0.1 * w.abs().sum() + 0.2 * (w**2).sum() | keras.regularizers.L1L2(l1=0.1, l2=0.2)(w)
    # pass both factors: the string `"L1L2"` means 0 and 0
""",
    behaviour={
        "l1-l2-strings": 'the string `"L1L2"` is no penalty at all, and `"l1_l2"` raises an error',
    },
    exercises=(L1_L2_EXERCISE,),
)


def cosines(w, axis=-1):
    unit = w / np.sqrt((w**2).sum(axis, keepdims=True))
    return unit @ unit.T if axis == -1 else unit.T @ unit


def pairs(table):
    return np.triu(table, 1)


def n_pairs(w):
    return len(w) * (len(w) - 1) / 2


def orthogonal(w, lam):
    return lam * abs(pairs(cosines(w))).sum() / n_pairs(w)


ORTHOGONAL_MISTAKES = """
lam * abs(pairs(w @ w.T)).sum() / n_pairs(w)
    # the rows are not divided by their norms: a cosine is of vectors of length 1
lam * abs(cosines(w)).sum() / 2 / n_pairs(w)
lam * abs(triu(cosines(w))).sum() / n_pairs(w)
    # each row is also compared with itself: leave out the diagonal
lam * abs(cosines(w)).mean()
    # this is the mean over the whole table, with its diagonal: each pair of two rows counts once
lam * abs(cosines(w) - eye(len(w))).mean()
    # the mean counts the diagonal, which is 0: divide by the number of pairs of different rows
lam * ((cosines(w) - eye(len(w))) ** 2).sum()
    # this is the squared distance from the identity: take the mean of the absolute values
lam * abs(pairs(w @ w.T)).sum() / (w**2).sum() / n_pairs(w)
    # one norm is taken of the whole matrix: each row has its own
lam * abs(pairs(cosines(w)).sum()) / n_pairs(w)
    # the cosines are added before the absolute value, and cancel: take it of each cosine
lam * (pairs(cosines(w)) ** 2).sum() / n_pairs(w)
    # the cosines are squared: take absolute values
lam * pairs(cosines(w)).sum() / n_pairs(w)
    # the cosines keep their signs, and cancel: take absolute values
lam * abs(pairs(cosines(w))).sum()            # the cosines are added: divide by the number of pairs
lam * abs(pairs(cosines(w))).sum() * 2 / n_pairs(w)
    # each pair counts twice: count it once
lam * abs(pairs(cosines(w))).sum() / len(w)
    # divided by the number of rows: divide by the number of pairs
lam * abs(pairs(cosines(w))).sum() / len(w) ** 2
    # divided by n²: divide by the number of pairs, n (n − 1) / 2
lam * abs(pairs(cosines(w, 0))).sum() / n_pairs(w.T)
    # the columns are compared: compare the rows
abs(pairs(cosines(w))).sum() / n_pairs(w)     # NOT_SCALED
lam * (1 - abs(pairs(cosines(w))).sum() / n_pairs(w))
    # this is large for orthogonal rows: it must be 0 for them
lam * abs(pairs(cosines(w))).max()            # this is the largest cosine: take the mean
"""

ORTHOGONAL_EXERCISE = Exercise(
    "orthogonal_penalty",
    orthogonal,
    visible=(
        Case((WEIGHTS,), {"lam": 1.0}),
        penalty_case(default_rng(1), 3, 4, lam=0.1),
        penalty_case(default_rng(2), 4, 4, lam=2.0),
        penalty_case(default_rng(3), 5, 2, lam=0.5, part="robustness"),
    ),
    hidden=lambda rng: (
        penalty_case(rng, 3, 5, lam=factor(rng)),
        penalty_case(rng, 4, 3, lam=factor(rng)),
        penalty_case(rng, 5, 5, lam=factor(rng), part="robustness"),
        penalty_case(rng, 3, 4, lam=factor(rng), spread=1000.0, part="robustness"),
    ),
    reference={
        "pytorch": """
def orthogonal_penalty_pt(w, lam):
    unit = F.normalize(w, dim=1)
    table = (unit @ unit.T).abs()
    return lam * (table.sum() - table.trace()) / (len(w) * (len(w) - 1))
""",
        "tensorflow": "orthogonal_penalty_tf = lambda w, lam: "
        "keras.regularizers.OrthogonalRegularizer(lam)(w)",
    },
    misconceptions=mistakes(ORTHOGONAL_MISTAKES, globals(), "w, lam"),
    elementwise=False,
    rtol=1e-3,
)

ORTHOGONAL_REGULARIZER = component(
    "orthogonal_regularizer",
    name="Orthogonal penalty",
    zh="正交正则化",
    keras=("keras.regularizers.OrthogonalRegularizer",),
    aliases=("keras.regularizers.orthogonal_regularizer",),
    defaults="keras.regularizers.OrthogonalRegularizer(factor=0.01, mode='rows')",
    calls="""
0.1 * (u @ u.T).triu(1).abs().sum() / n_pairs | keras.regularizers.OrthogonalRegularizer(0.1)(w)
    # units are the columns of a Keras kernel: pass `mode="columns"`
""",
    behaviour={
        "orthogonal-units-tf": "the default `rows` compares the inputs of a Dense kernel: "
        '`mode="columns"` compares its units',
    },
    exercises=(ORTHOGONAL_EXERCISE,),
)


def activity(y, lam):
    return lam * (y**2).sum() / len(y)


ACTIVITY_MISTAKES = """
lam * (y**2).sum()                  # not divided by the batch: divide by the number of examples
lam * (y**2).mean()                 # divided by the number of all outputs: divide by the batch only
lam * abs(y).sum() / len(y)         # the absolute values are added: that is L1, L2 adds squares
lam * (y**2).sum() / prod(y.shape[:-1])
    # divided by the time steps, too: divide by the batch only
lam * (y**2).sum() / y.shape[-1]    # divided by the number of features: divide by the batch
lam / 2 * (y**2).sum() / len(y)     # this is half of the penalty: there is no factor ½
lam * sqrt((y**2).sum()) / len(y)   # this is the norm: leave out the root
lam * (y**2).sum(0) / len(y)
lam * (y**2).mean(0)                # there is a number for each feature: add them
lam * (y**2).reshape(len(y), -1).sum(1)  # there is a number for each example: take their mean
(y**2).sum() / len(y)               # NOT_SCALED
lam * y.sum() ** 2 / len(y)         # the sum is squared: square each output first, then add
lam * (y.mean(0) ** 2).sum()        # the mean is squared: square each output first
lam * (y**2).sum() / len(y) ** 2    # divided by the batch twice
"""

ACTIVITY_EXERCISE = Exercise(
    "activity_penalty",
    activity,
    visible=(
        Case((WEIGHTS,), {"lam": 0.1}),
        penalty_case(default_rng(1), 4, 3, lam=2.0),
        penalty_case(default_rng(2), 3, 5, 2, lam=0.5),
        penalty_case(default_rng(3), 2, 3, 4, 5, lam=0.1, part="robustness"),
    ),
    hidden=lambda rng: (
        penalty_case(rng, 5, 2, lam=factor(rng)),
        penalty_case(rng, 2, 4, 3, lam=factor(rng)),
        penalty_case(rng, 1, 6, lam=factor(rng), part="robustness"),
        penalty_case(rng, 3, 2, 4, 2, lam=factor(rng), part="robustness"),
        penalty_case(rng, 3, 4, lam=factor(rng), spread=1000.0, part="robustness"),
    ),
    reference={
        "pytorch": "activity_penalty_pt = lambda y, lam: lam * (y**2).flatten(1).sum(1).mean()",
        "tensorflow": """
def activity_penalty_tf(y, lam):
    layer = keras.layers.ActivityRegularization(l2=lam)
    layer(y)
    return layer.losses[0]
""",
    },
    misconceptions=mistakes(ACTIVITY_MISTAKES, globals(), "y, lam"),
    elementwise=False,
)

ACTIVITY_REGULARIZATION = component(
    "activity_regularization",
    name="Activity regularization",
    zh="活动正则化；激活正则层",
    keras=("keras.layers.ActivityRegularization",),
    defaults="keras.layers.ActivityRegularization(l1=0.0, l2=0.0)",
    calls="""
0.1 * (h**2).sum() / len(h) | keras.layers.ActivityRegularization(l2=0.1)
    # Keras divides by the batch only: not by time steps, and not by features
""",
    behaviour={
        "activity-steps-tf": "activity penalties are divided by the batch, not by the time steps",
        "activity-frozen": "a frozen layer keeps its activity penalty and loses its weight penalty",
        "activity-lost": "`TimeDistributed` drops the activity penalty, and a layer that is called "
        "twice has it twice",
    },
    exercises=(ACTIVITY_EXERCISE,),
)


def penalised_bias(y, lam):
    return y.mean(0) / (1 + lam)


BIAS_MISTAKES = """
y.mean(0)                       # this is the minimum without the penalty: set the derivative of
                                # both terms to 0
y.sum(0) / (len(y) + lam)       # the error is a mean, not a sum: the penalty is not spread over the
                                # examples
y.mean(0) / (1 + 2 * lam)       # both derivatives contain a 2, which cancels
y.mean(0) / (1 + lam / 2)       # both derivatives contain a 2, which cancels
y.mean(0) - lam                 # lam is subtracted: L2 divides by 1 + lam
y.mean(0) * (1 - lam)           # this is a single step from the mean: solve for b
y.mean() / (1 + lam)            # there is one bias for all columns: each column has its own
y.mean(-1) / (1 + lam)          # this is a bias for each example: each column has one
y.mean(0) / lam                 # the derivative of the error is missing in the denominator
y.sum(0) / (1 + lam)            # the targets are added: the error is a mean
y.mean(0) / (1 + y.shape[-1] * lam)
    # the error is divided by the number of columns: each column is a problem of its own
sign(y.mean(0)) * maximum(abs(y.mean(0)) - lam / 2, 0)
    # this is the minimum with L1: the penalty is lam · b²
y.mean(0) * (1 + lam)           # multiplied by 1 + lam: the penalty moves the bias towards 0
(y.mean(0) - 0) ** 2 * lam + y.var(0)  # this is a loss: return the bias at its minimum
"""

BIAS_EXERCISE = Exercise(
    "penalised_bias",
    penalised_bias,
    visible=(
        Case((np.array([[9.0], [11.0]]),), {"lam": 0.25}),
        penalty_case(default_rng(1), 5, 3, lam=0.5, spread=3.0),
        penalty_case(default_rng(2), 3, 3, lam=2.0, spread=3.0),
        penalty_case(default_rng(3), 1, 4, lam=0.1, part="robustness"),
    ),
    hidden=lambda rng: (
        penalty_case(rng, 4, 2, lam=factor(rng), spread=3.0),
        penalty_case(rng, 6, 3, lam=round(rng.uniform(1, 4), 3), spread=3.0),
        penalty_case(rng, 2, 5, lam=factor(rng), spread=100.0, part="robustness"),
        penalty_case(rng, 3, 2, lam=0.0, part="robustness"),
    ),
    reference={
        "pytorch": "penalised_bias_pt = lambda y, lam: y.mean(0) / (1 + lam)",
        "tensorflow": "penalised_bias_tf = lambda y, lam: tf.reduce_mean(y, 0) / (1 + lam)",
    },
    misconceptions=mistakes(BIAS_MISTAKES, globals(), "y, lam"),
    elementwise=False,
)

BIAS_REGULARIZATION = component(
    "bias_regularization",
    name="Bias regularization",
    zh="偏置正则化",
    keras=("keras.layers.Dense",),
    calls="""
0.25 * (b**2).sum() | keras.layers.Dense(1,
    bias_regularizer=keras.regularizers.L2(0.25))
    # usually leave it out: it moves all predictions towards 0
""",
    behaviour={
        "bias-eight-tf": "with a penalty of 0.25 b² on the bias, the prediction is 8 where the "
        "mean target is 10",
    },
    exercises=(BIAS_EXERCISE,),
)


def decayed(w, gradient, lr, decay):
    """A step of SGD with weight decay for matrices and kernels, without it for vectors."""
    return w - lr * gradient - lr * decay * w * (w.ndim > 1)


DECAYED_MISTAKES = """
w - lr * gradient - decay * w * (w.ndim > 1)
    # the decay is not multiplied by the learning rate
w - lr * gradient - 2 * lr * decay * w * (w.ndim > 1)
    # the decay is twice as strong: L2(lam) has this factor of 2, weight_decay has not
w - lr * gradient - lr * decay / 2 * w * (w.ndim > 1)
    # the decay is half as strong: weight_decay has no factor ½
w - lr * gradient + lr * decay * w * (w.ndim > 1)
    # the decay is added: subtract it
(w - lr * gradient) * (1 - lr * decay * (w.ndim > 1))
    # the weight decays after the step: the decay is of the weight before the step
w - lr * gradient - lr * decay * w          # vectors decay, too: leave out biases and norms
w - lr * gradient - lr * decay * w * (w.ndim <= 1)
    # only vectors decay: they are what must be left out
w - lr * gradient                           # nothing decays
w * (1 - lr * decay * (w.ndim > 1))         # the step along the gradient is missing
w + lr * gradient - lr * decay * w * (w.ndim > 1)  # ASCENT
w - gradient - lr * decay * w * (w.ndim > 1)
    # the gradient is not multiplied by the learning rate
w - lr * gradient - lr * decay * sign(w) * (w.ndim > 1)
    # the weights shrink by equal amounts, as with L1: the decay is in proportion to the weight
w - lr * gradient * (1 + decay * (w.ndim > 1))
    # the gradient grows: the weight decays, in proportion to itself
w - lr * gradient - lr**2 * decay * w * (w.ndim > 1)
    # the decay is multiplied by the learning rate twice
"""

DECAYED_EXERCISE = Exercise(
    "decayed_step",
    decayed,
    visible=(
        Case(
            (np.array([[1.0, -2.0]]), np.array([[0.5, 0.1]])),
            {"lr": 0.1, "decay": 0.3},
            gradients=False,
        ),
        Case(
            (np.array([1.0, -2.0]), np.array([0.5, 0.1])),
            {"lr": 0.1, "decay": 0.3},
            gradients=False,
        ),
        step_case(default_rng(1), 3, 4, lr=0.5, decay=0.8),
        step_case(default_rng(2), 3, 3, 2, 2, lr=0.2, decay=0.1, part="robustness"),
    ),
    hidden=lambda rng: (
        step_case(rng, 4, 3, lr=0.4, decay=factor(rng)),
        step_case(rng, 5, lr=0.4, decay=factor(rng)),
        step_case(rng, 4, 1, lr=0.4, decay=factor(rng), part="robustness"),
        step_case(rng, 2, 3, 5, lr=0.4, decay=factor(rng), part="robustness"),
        step_case(rng, 7, lr=0.4, decay=1.5, part="robustness"),
        step_case(rng, 3, 3, lr=0.4, decay=0.0, part="robustness"),
    ),
    reference={
        "pytorch": """
def decayed_step_pt(w, gradient, lr, decay):
    w = torch.nn.Parameter(w.clone())
    w.grad = gradient
    torch.optim.SGD([w], lr, weight_decay=decay if w.ndim > 1 else 0.0).step()
    return w.detach()
""",
        "tensorflow": """
def decayed_step_tf(w, gradient, lr, decay):
    v = keras.Variable(w)
    sgd = keras.optimizers.SGD(lr, weight_decay=decay)
    sgd.exclude_from_weight_decay(var_list=[v] if len(w.shape) < 2 else [])
    sgd.apply([gradient], [v])
    return v.value + 0
""",
    },
    misconceptions=mistakes(DECAYED_MISTAKES, globals(), "w, gradient, lr, decay"),
    elementwise=False,
)


def adam_of(
    *,
    coupled=lambda g, w, lr, decay: g + decay * w,
    apart=lambda w, lr, decay: w - lr * decay * w,
    choose=lambda decoupled: decoupled,
    powers=lambda t: t,
    kept=(0.9, 0.999),
    corrected=True,
    late=False,
):
    """Adam with either kind of decay; each wrong answer differs in one argument."""

    def answer(w, g, lr, decay, decoupled):
        decoupled = choose(decoupled)
        m = v = np.zeros_like(w)
        for t, gradient in enumerate(g, start=1):
            if not decoupled:
                gradient = coupled(gradient, w, lr, decay)
            elif not late:
                w = apart(w, lr, decay)
            a, b = kept
            m = a * m + (1 - a) * gradient
            v = b * v + (1 - b) * gradient**2
            c1, c2 = (1 - a ** powers(t), 1 - b ** powers(t)) if corrected else (1, 1)
            w = w - lr * (m / c1) / (np.sqrt(v / c2) + 1e-8)
            if decoupled and late:
                w = apart(w, lr, decay)
        return w

    return answer


ADAM_MISTAKES = """
adam_of(choose=lambda decoupled: False)
    # the decay is always part of the gradient: with decoupled it goes past Adam
adam_of(choose=lambda decoupled: True)
    # the decay always goes past Adam: without decoupled it is part of the gradient
adam_of(choose=lambda decoupled: not decoupled)
    # the two cases are swapped: decoupled means that Adam does not see the decay
adam_of(coupled=lambda g, w, lr, decay: g + 2 * decay * w)
    # without decoupled the decay is twice as strong: add decay · w to the gradient
adam_of(coupled=lambda g, w, lr, decay: g + lr * decay * w)
    # without decoupled lr is in it twice: Adam multiplies by it already
adam_of(apart=lambda w, lr, decay: w - decay * w)
    # the decoupled decay is not multiplied by lr
adam_of(apart=lambda w, lr, decay: w - 2 * lr * decay * w)
    # the decoupled decay is twice as strong: it has no factor of 2
adam_of(apart=lambda w, lr, decay: w + lr * decay * w,
        coupled=lambda g, w, lr, decay: g - decay * w)
    # the decay has the wrong sign: it makes the weights smaller
adam_of(apart=lambda w, lr, decay: w, coupled=lambda g, w, lr, decay: g)
    # nothing decays
adam_of(apart=lambda w, lr, decay: w)    # with decoupled nothing decays
adam_of(coupled=lambda g, w, lr, decay: g)  # without decoupled nothing decays
adam_of(powers=lambda t: 1)
    # t is 1 in all steps: it counts the steps
adam_of(powers=lambda t: t + 1)
    # t is one too large: it counts the steps from 1
adam_of(kept=(0.1, 0.001))
    # 0.9 and 0.1 have changed places, and 0.999 and 0.001: most of the old average is kept
adam_of(late=True)
    # the decoupled decay is of the weight after the step: take it of the weight before
adam_of(corrected=False)
    # the means start at 0 and are not corrected for it: divide them by 1 − βᵗ
"""


def adam_case(rng, steps, *shape, decoupled, zeros=False, part="values", **arguments):
    gradients = rng.normal(0, 1, (steps, *shape)) * (0 if zeros else 1)
    w = rng.choice([-1, 1], shape) * rng.uniform(0.5, 2, shape)
    arguments = {"lr": 0.1, "decay": 0.3} | arguments | {"decoupled": decoupled}
    return Case((w, gradients), arguments, gradients=False, part=part)


def hidden_adam(rng):
    for decoupled in (True, False):
        decay = round(factor(rng) + 0.2, 3)
        yield adam_case(rng, 4, 5, decoupled=decoupled, decay=decay)
        yield adam_case(rng, 2, 3, 2, decoupled=decoupled, lr=0.05, part="robustness")
        yield adam_case(rng, 3, 3, decoupled=decoupled, zeros=True, part="robustness")


ADAM_EXERCISE = Exercise(
    "adam_with_decay",
    adam_of(),
    visible=(
        Case(
            (np.array([1.0]), np.array([[0.5]])),
            {"lr": 0.1, "decay": 0.3, "decoupled": True},
            gradients=False,
        ),
        Case(
            (np.array([1.0]), np.array([[0.5]])),
            {"lr": 0.1, "decay": 0.3, "decoupled": False},
            gradients=False,
        ),
        adam_case(default_rng(1), 3, 4, decoupled=True),
        adam_case(default_rng(2), 3, 4, decoupled=False),
        adam_case(default_rng(3), 2, 2, 3, decoupled=False, zeros=True, part="robustness"),
    ),
    hidden=lambda rng: tuple(hidden_adam(rng)),
    reference={
        "pytorch": """
def adam_with_decay_pt(w, g, lr, decay, decoupled):
    w = torch.nn.Parameter(w.clone())
    adam = torch.optim.Adam([w], lr, weight_decay=decay, decoupled_weight_decay=decoupled)
    for w.grad in g:
        adam.step()
    return w.detach()
""",
        "tensorflow": """
def adam_with_decay_tf(w, g, lr, decay, decoupled):
    v = keras.Variable(w)
    weight_decay = decay if decoupled else None
    adam = keras.optimizers.Adam(lr, weight_decay=weight_decay, epsilon=1e-8)
    for gradient in tf.unstack(g):
        adam.apply([gradient if decoupled else gradient + decay * v.value], [v])
    return v.value + 0
""",
    },
    misconceptions=mistakes(ADAM_MISTAKES, globals(), "", through=lambda made: made()),
    elementwise=False,
    atol=2e-5,
)

WEIGHT_DECAY = component(
    "weight_decay",
    name="Weight decay",
    zh="权重衰减",
    pytorch=("torch.optim.SGD", "torch.optim.Adam", "torch.optim.AdamW"),
    keras=("keras.optimizers.SGD", "keras.optimizers.Adam", "keras.optimizers.AdamW"),
    defaults="""
torch.optim.AdamW(weight_decay=0.01)
keras.optimizers.AdamW(weight_decay=0.004)
""",
    calls="""
torch.optim.SGD(params, lr=0.1, weight_decay=0.3) | keras.optimizers.SGD(0.1, weight_decay=0.3)
    # the same without momentum; as a penalty it is `L2(0.15)`, half of the number
torch.optim.AdamW(params, lr=0.1, weight_decay=0.3) | keras.optimizers.Adam(0.1,
    weight_decay=0.3, epsilon=1e-8)
    # Keras's `Adam(weight_decay=)` is AdamW; PyTorch's `Adam(weight_decay=)` is an L2 penalty
""",
    behaviour={
        "decay-half-tf": "the penalty `L2(λ)` moves a weight twice as far as `weight_decay=λ`",
        "decay-momentum-tf": "PyTorch's decay goes through the momentum, Keras's does not",
        "decay-adam-tf": "`weight_decay` in Adam: an L2 penalty in PyTorch, decoupled in Keras",
        "decay-idle-tf": "a weight without gradient moves by a whole learning rate under Adam with "
        "L2, however small the factor",
        "decay-exclude-tf": "left out: a parameter group in PyTorch, a method of the optimizer in "
        "Keras, which searches for parts of a path",
        "decay-late": "`exclude_from_weight_decay` after the first step: no error, and no effect",
        "decay-reloaded": "`exclude_from_weight_decay` is not saved: a loaded model decays its "
        "biases",
    },
    exercises=(DECAYED_EXERCISE, ADAM_EXERCISE),
)


def row_norms(w):
    return np.sqrt((w**2).sum(1))


def group_lasso(w, lam):
    return lam * row_norms(w).sum()


def directions(w):
    norms = row_norms(w)[:, None]
    return w / np.where(norms == 0, 1, norms)


GROUP_MISTAKES = """
lam * (w**2).sum()               # the norms are squared, which is L2: take the root for each row
lam * sqrt((w**2).sum())         # this is one norm for the whole matrix: take one for each row
lam * sqrt((w**2).sum(0)).sum()  # these are the norms of the columns: take those of the rows
lam * abs(w).sum()               # the absolute values are added: take roots of sums of squares
lam * row_norms(w).mean()        # this is the mean of the norms: add them
lam * row_norms(w)               # there is a number for each row: add them
row_norms(w).sum()               # NOT_SCALED
lam * row_norms(w).max()         # this is the largest norm: add all of them
lam * sqrt(w.shape[1]) * row_norms(w).sum()
    # each norm is multiplied by the root of its size: leave this out
gradient: (upstream_gradient * lam * w / row_norms(w)[:, None],)
    # at a row of zeros the gradient is NaN, which is 0 / 0: keep 0 away from the root
"""

GROUP_EXERCISE = Exercise(
    "group_lasso",
    group_lasso,
    visible=(
        Case((np.array([[3.0, 4.0], [0.0, -2.0]]),), {"lam": 0.1}),
        Case((np.array([[3.0, 4.0], [0.0, 0.0], [1.0, -1.0]]),), {"lam": 0.5}),
        penalty_case(default_rng(1), 4, 3, lam=2.0),
        penalty_case(default_rng(2), 3, 3, lam=0.3, part="robustness"),
    ),
    hidden=lambda rng: (
        penalty_case(rng, 3, 5, lam=factor(rng)),
        Case((rng.normal(0, 1, (4, 3)) * np.array([[1], [0], [1], [0]]),), {"lam": factor(rng)}),
        penalty_case(rng, 5, 2, lam=factor(rng), part="robustness"),
        Case((np.zeros((2, 3)),), {"lam": factor(rng)}, part="robustness"),
        penalty_case(rng, 3, 4, lam=factor(rng), spread=1000.0, part="robustness"),
    ),
    gradient=lambda upstream_gradient, w, lam: (upstream_gradient * lam * directions(w),),
    reference={
        "pytorch": "group_lasso_pt = lambda w, lam: lam * w.norm(dim=1).sum()",
        "tensorflow": """
def group_lasso_tf(w, lam):
    squares = tf.reduce_sum(w**2, 1)
    return lam * tf.reduce_sum(tf.sqrt(tf.maximum(squares, 1e-12)))
""",
    },
    misconceptions=mistakes(GROUP_MISTAKES, globals(), "w, lam"),
    elementwise=False,
    atol=1e-3,
)

CUSTOM_REGULARIZER = component(
    "custom_regularizer",
    name="Writing a regularizer",
    zh="自定义正则化",
    keras=("keras.regularizers.Regularizer",),
    kind="usage",
    calls="""
group_lasso(w, 0.1) | GroupLasso(0.1)(w)
    # a plain function trains as well in Keras, but a saved model with it cannot be loaded
""",
    behaviour={
        "custom-nan-tf": "the norm of zeros: its gradient is 0 with `w.norm()`, and NaN with "
        "`tf.norm` or a root of squares",
        "custom-saved": "a saved model with a plain function as its regularizer cannot be loaded",
        "custom-late": "a regularizer that is set after `build` does nothing: set it on the weight",
    },
    exercises=(GROUP_EXERCISE,),
)

COMPONENTS = (
    L1,
    L2,
    L1_L2,
    ORTHOGONAL_REGULARIZER,
    ACTIVITY_REGULARIZATION,
    BIAS_REGULARIZATION,
    WEIGHT_DECAY,
    CUSTOM_REGULARIZER,
)
