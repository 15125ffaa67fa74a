"""The Estimator of TensorFlow 1: how it calls a model function, what it saves, and what to port."""

import numpy as np

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes
from diptych.components.start.three_ways_to_train import OPTIMIZERS


def in_batches(squares, batch_size):
    return [squares[i : i + batch_size] for i in range(0, len(squares), batch_size)]


def running(summary):
    """``summary`` of the batches of squared errors so far, after each batch."""

    def answer(y, y_hat, batch_size):
        batches = in_batches((y_hat - y) ** 2, batch_size)
        return np.array([summary(batches[: i + 1]) for i in range(len(batches))])

    return answer


running_rmse = running(lambda batches: np.sqrt(np.mean(np.concatenate(batches))))


def counted_as_full(y, y_hat, batch_size):
    sums = np.cumsum([np.sum(batch) for batch in in_batches((y_hat - y) ** 2, batch_size)])
    return np.sqrt(sums / (batch_size * np.arange(1, len(sums) + 1)))


def rmse_case(rng, shape, batch_size, part="values"):
    inputs = rng.normal(0, 2, shape), rng.normal(0, 2, shape)
    return Case(inputs, {"batch_size": batch_size}, gradients=False, part=part)


def hidden_rmse(rng):
    return (
        rmse_case(rng, (11,), 4),
        rmse_case(rng, (7,), 3),
        rmse_case(rng, (6,), 2),
        rmse_case(rng, (7, 2), 3, "robustness"),
        rmse_case(rng, (3,), 8, "robustness"),
    )


RIDES = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0])
GUESSES = np.array([2.0, 1.0, 6.0, 4.0, 5.0, 8.0, 6.0])

RUNNING_RMSE_MISTAKES = """
sqrt(mean(batches[-1]))                           # each number is the error of one batch: keep what
                                                  # the earlier ones have added
mean([sqrt(mean(b)) for b in batches])            # this is the mean of the batches' RMSEs: the root
                                                  # comes last
sqrt(mean([mean(b) for b in batches]))            # a small last batch counts as much as a full one:
                                                  # keep the sum and the count, and not the mean of
                                                  # each batch
mean(concatenate(batches))                        # this is the mean squared error: the root is
                                                  # missing
mean(sqrt(concatenate(batches)))                  # the root is taken of each error, which makes
                                                  # this the mean absolute error
sqrt(sum(concatenate(batches)))                   # this is the root of the sum: divide by the count
sqrt(sum(concatenate(batches)) / len(concatenate(batches)))  # with several columns the error is too
                                                  # large: count all numbers, not the rows
mean(batches[-1])                                 # each number is the error of one batch, without a
                                                  # root: keep what the earlier ones have added
"""

RUNNING_RMSE_MISTAKES_2 = """
running_rmse(y, y_hat, batch_size)[:len(y) // batch_size]  # the last batch is missing where it is
                                                  # not full: it counts, too
counted_as_full(y, y_hat, batch_size)             # the last batch is counted as a full one: add up
                                                  # what each batch holds
running_rmse(y, y_hat, batch_size)[-1]            # one number comes back: return one for each batch
"""

RUNNING_RMSE = Exercise(
    answer="running_rmse",
    oracle=running_rmse,
    visible=(
        Case((RIDES, GUESSES), {"batch_size": 3}, gradients=False),
        Case(
            (np.stack([RIDES, GUESSES], 1), np.stack([GUESSES, GUESSES], 1)),
            {"batch_size": 3},
            gradients=False,
            part="robustness",
        ),
        Case((RIDES, GUESSES), {"batch_size": 10}, gradients=False, part="robustness"),
    ),
    hidden=hidden_rmse,
    reference={
        "tensorflow": """
def running_rmse_tf(y, y_hat, batch_size):
    metric, values = keras.metrics.RootMeanSquaredError(), []
    for i in range(0, len(y), batch_size):
        metric.update_state(y[i:i + batch_size], y_hat[i:i + batch_size])
        values.append(metric.result())
    return tf.stack(values)
""",
    },
    forbid=("keras.metrics",),
    misconceptions=(
        *mistakes(RUNNING_RMSE_MISTAKES, globals(), "batches", through=running),
        *mistakes(RUNNING_RMSE_MISTAKES_2, globals(), "y, y_hat, batch_size"),
    ),
    difficulty=2,
)


def of_batches(summary):
    """``summary`` of all batches of squared errors."""
    return lambda y, y_hat, batch_size: summary(in_batches((y_hat - y) ** 2, batch_size))


EVALUATE_LOSS_MISTAKES = """
mean(concatenate(batches))                        # this is the mean over all numbers, as Keras has
                                                  # it: an Estimator takes the mean of the batches'
                                                  # losses, however many examples a batch has
mean([mean(b) for b in batches if len(b) == len(batches[0])])  # the last batch is missing where it
                                                  # is not full: it counts, too
mean([sum(b) / batches[0].size for b in batches])  # the last batch is divided by the size of a full
                                                  # one: its loss is the mean of what it holds
mean(batches[-1])                                 # this is the loss of the last batch alone: take
                                                  # the mean over all batches
sum([mean(batch) for batch in batches])           # this is the sum of the batches' losses: divide
                                                  # by the number of batches
mean([sqrt(mean(batch)) for batch in batches])    # this is the mean of the batches' RMSEs: the loss
                                                  # has no root
mean([sum(b) / len(b) for b in batches])          # with several columns the loss is too large: a
                                                  # batch's loss is the mean over all of its
                                                  # numbers, not over its rows
array([mean(b) for b in batches])                 # the losses of all batches come back: return
                                                  # their mean
mean([sum(b) for b in batches])                   # this is the mean of the batches' sums: a batch's
                                                  # loss is a mean
mean([mean(sqrt(b)) for b in batches])            # these are the absolute differences: take their
                                                  # squares
sum(concatenate(batches))                         # this is the sum over all numbers: take the mean
                                                  # of the batches' means
sqrt(mean([mean(b) for b in batches]))            # this is the root of the loss: leave it out
sqrt(mean(concatenate(batches)))                  # this is the RMSE of all numbers: take the mean
                                                  # of the batches' losses, which have no root
"""

# If no batch is full, the mean of the full ones is NaN.
EVALUATE_LOSS_MISTAKES_2 = """
mean([mean(b) for b in in_batches((y_hat - y) ** 2, batch_size) if len(b) == batch_size] or [nan])
                                                  # the last batch is missing where it is not full:
                                                  # it counts, too
mean([mean(b) * len(b) / batch_size for b in in_batches((y_hat - y) ** 2, batch_size)])
mean([sum(b) / batch_size for b in in_batches((y_hat - y) ** 2, batch_size)])
                                                  # the last batch is divided by the size of a full
                                                  # one: its loss is the mean of what it holds
"""

EVALUATE_LOSS = Exercise(
    answer="evaluate_loss",
    oracle=of_batches(lambda batches: np.mean([np.mean(batch) for batch in batches])),
    visible=(
        Case((RIDES, GUESSES), {"batch_size": 3}, gradients=False),
        Case(
            (np.stack([RIDES, GUESSES], 1), np.stack([GUESSES, 2 * GUESSES], 1)),
            {"batch_size": 3},
            gradients=False,
            part="robustness",
        ),
        Case((RIDES, GUESSES), {"batch_size": 10}, gradients=False, part="robustness"),
    ),
    hidden=hidden_rmse,
    reference={
        "pytorch": """
def evaluate_loss_pt(y, y_hat, batch_size):
    batches = zip(y_hat.split(batch_size), y.split(batch_size))
    return torch.stack([F.mse_loss(*batch) for batch in batches]).mean()
""",
        "tensorflow": """
def evaluate_loss_tf(y, y_hat, batch_size):
    mean = keras.metrics.Mean()
    for i in range(0, len(y), batch_size):
        batch = slice(i, i + batch_size)
        mean.update_state(tf.reduce_mean((y[batch] - y_hat[batch]) ** 2))
    return mean.result()
""",
    },
    misconceptions=(
        *mistakes(EVALUATE_LOSS_MISTAKES, globals(), "batches", through=of_batches),
        *mistakes(EVALUATE_LOSS_MISTAKES_2, globals(), "y, y_hat, batch_size"),
    ),
    difficulty=2,
)


def adagrad_twice(
    sum_at=lambda a, start, warm: start if warm else a,
    weights_at=lambda w, before: w,
    step=lambda g, a, before: g / np.sqrt(a),
    late=0,
):
    """Adagrad over two runs; a misconception differs in one argument.

    ``sum_at`` and ``weights_at`` say what the second run begins with, ``late`` by how many steps
    too late it begins, ``step`` what the weight moves by.
    """

    def answer(w, g, lr, start, first, warm):
        before_all, a = w, np.full_like(w, start)
        for t, gradient in enumerate(g):
            if t == first + late:
                w, a = weights_at(w, before_all), sum_at(a, start, warm)
            before, a = a, a + gradient**2
            w = w - lr * step(gradient, a, before)
        return w

    return answer


def two_runs_case(rng, shape, steps, warm, part="values"):
    inputs = rng.normal(0, 1, shape), rng.normal(0, 1, (steps, *shape))
    arguments = {
        "lr": round(rng.uniform(0.1, 0.5), 3),
        "start": round(rng.uniform(0.1, 0.5), 3),
        "first": int(rng.integers(1, steps)),
        "warm": warm,
    }
    return Case(inputs, arguments, gradients=False, part=part)


def hidden_two_runs(rng):
    return (
        two_runs_case(rng, (4,), 6, True),
        two_runs_case(rng, (3,), 5, False),
        two_runs_case(rng, (2,), 8, True),
        two_runs_case(rng, (2, 3), 5, True, "robustness"),
    )


STARTS = np.array([1.0, -2.0])
GRADIENTS = np.array([[0.5, -1.0], [0.25, 2.0], [-0.5, 0.75], [1.0, 0.5]])
RUNS = {"lr": 0.5, "start": 0.1, "first": 2}

TWO_RUNS_MISTAKES = """
adagrad_twice(lambda a, start, warm: a)           # a warm start goes on with the sum of the first
                                                  # run: it takes the weights alone, and the sum
                                                  # begins at start again
adagrad_twice(lambda a, start, warm: start)       # the sum begins anew in both cases: without a
                                                  # warm start the second run goes on with the sum
                                                  # of the first
adagrad_twice(lambda a, start, warm: a if warm else start)  # the two cases are exchanged: a warm
                                                  # start begins the sum anew, going on keeps it
adagrad_twice(lambda a, start, warm: 0.0 if warm else a)  # after a warm start the sum begins at 0:
                                                  # it begins at start
adagrad_twice(weights_at=lambda w, before: before)  # the second run begins with the weights from
                                                  # before the first: in both cases it takes over
                                                  # what the first has learnt
adagrad_twice(late=1)                             # the second run begins one step too late:
                                                  # g[first] belongs to it
adagrad_twice(late=-1)                            # the second run begins one step too early:
                                                  # g[first] is its first gradient
adagrad_twice(step=lambda g, a, before: g / sqrt(before))  # the step is divided by the sum of the
                                                  # step before: add the new square first
adagrad_twice(step=lambda g, a, before: g / a)    # the root is missing: divide by √a
adagrad_twice(step=lambda g, a, before: -g / sqrt(a))  # ASCENT
lambda w, g, lr, start, first, warm: adagrad_twice()(w, g, lr, 0.0, first, warm)
                                                  # the sum begins at 0: it begins at start
"""

TWO_RUNS = Exercise(
    answer="two_runs",
    oracle=adagrad_twice(),
    visible=(
        Case((STARTS, GRADIENTS), RUNS | {"warm": True}, gradients=False),
        Case((STARTS, GRADIENTS), RUNS | {"warm": False}, gradients=False),
        Case(
            (STARTS[:, None], GRADIENTS[:3, :, None]),
            RUNS | {"warm": True},
            gradients=False,
            part="robustness",
        ),
    ),
    hidden=hidden_two_runs,
    reference={
        "pytorch": """
def two_runs_pt(w, g, lr, start, first, warm):
    w = w.clone().requires_grad_()
    new = lambda: torch.optim.Adagrad([w], lr, initial_accumulator_value=start)
    adagrad = new()
    for t, w.grad in enumerate(g):
        if warm and t == first:
            adagrad = new()
        adagrad.step()
    return w
""",
        "tensorflow": """
def two_runs_tf(w, g, lr, start, first, warm):
    w = tf.Variable(w)
    adagrad = tf.compat.v1.train.AdagradOptimizer(lr, start)
    for t in range(len(g)):
        if warm and t == first:
            adagrad = tf.compat.v1.train.AdagradOptimizer(lr, start)
        adagrad.apply_gradients([(g[t], w)])
    return tf.convert_to_tensor(w)
""",
    },
    forbid=OPTIMIZERS,
    misconceptions=mistakes(TWO_RUNS_MISTAKES, globals(), "", through=lambda made: made()),
)


ESTIMATOR_TRAINING = component(
    "estimator_training",
    name="The Estimator of TensorFlow",
    zh="训练套路 Estimator；Estimator 的其余部分",
    status="removed",
    tensorflow=("tf.estimator",),
    calls="""
net.load_state_dict(dict(zip(net.state_dict(),
    weights))) | net.set_weights(weights_in(model_dir, step))
    # the kernels of the checkpoint are (in, out), so transpose them for PyTorch
train(trained, adagrad, epochs=2) | train(trained, epochs=2)
    # `train` is your own loop in PyTorch, and calls `fit` in Keras
""",
    behaviour={
        "estimator-gone": "`tf.estimator` is gone, but most of its parts are still in "
        "`tf.compat.v1`",
        "called-once": "the model function is called once for each run, not for each step",
        "warm-start": "a continued run loads the optimizer's state, a warm start loads only the "
        "weights",
        "nan-loss": "if the loss is NaN, the run stops, and the last checkpoint remains",
        "layers-with-state": "in a graph, Keras's `Dropout` drops the same units in every step",
        "ported": "the Estimator's loss is a mean over batches, Keras's loss a mean over examples",
        "preprocessing": "an unknown word: a feature column gives zeros, `StringLookup` has one "
        "more column",
    },
    exercises=(RUNNING_RMSE, EVALUATE_LOSS, TWO_RUNS),
)

COMPONENTS = (ESTIMATOR_TRAINING,)
