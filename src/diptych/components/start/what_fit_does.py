"""What fit does: Keras's fit, evaluate and callbacks, and the PyTorch lines that replace each."""

from functools import partial

import numpy as np

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

SCHEDULES = ("torch.optim", "keras.optimizers", "tf.compat.v1.train")


def case(*inputs, part="values", **arguments):
    inputs = tuple(np.asarray(x, float) for x in inputs)
    return Case(inputs, arguments, gradients=False, part=part)


robust = partial(case, part="robustness")


def stopping(better=np.less, *, late=0, resets=True, previous=False):
    """Early stopping; each misconception differs in one argument.

    ``late`` is added to the patience, and ``previous`` compares with the epoch before.
    """

    def answer(losses, patience):
        best = wait = epoch = 0
        for epoch in range(1, len(losses)):
            wait += 1
            if better(losses[epoch], losses[epoch - 1 if previous else best]):
                wait = 0 if resets else wait - 1
            if better(losses[epoch], losses[best]):
                best = epoch
            if wait >= patience + late:
                break
        return np.array([best, epoch])

    return answer


early_stopping = stopping()


def falling(rng, n):
    """Losses that fall, sometimes rise, and are sometimes equal."""
    fall = 1.5 * np.exp(-np.arange(n) / 5)
    return np.round(fall + rng.uniform(0, 0.35, n), 1)


UP_AND_DOWN = (0.9, 0.7, 0.8, 0.6, 0.6, 0.65, 0.62, 0.5, 0.4)
NEVER_LOWER = (5.0, 4.0, 6.0, 5.5, 7.0, 6.5, 6.0, 3.0)

EARLY_STOPPING_MISTAKES = """
array([argmin(losses), early_stopping(losses, patience)[1]])  # the best epoch is chosen among all
                            # losses: those after the stop are never computed
stopping(previous=True)(losses, patience)  # each loss is compared with the one before it: compare
                            # it with the best so far
stopping(late=1)(losses, patience)  # training stops one epoch too late: it stops when the number of
                            # epochs without a lower loss is equal to the patience
stopping(late=-1)(losses, patience)  # training stops one epoch too early: count the epochs after
                            # the best one
stopping(resets=False)(losses, patience)  # the count of epochs without a lower loss is not set to 0
                            # when a lower loss comes
stopping(less_equal)(losses, patience)  # a loss that is equal to the best one counts as lower here:
                            # it must be lower
stopping(greater)(losses, patience)  # the highest loss is taken for the best: the lowest is
early_stopping(losses, patience) + 1  # the epochs are counted from 1: count from 0
early_stopping(losses, patience)[::-1]  # the two numbers are exchanged: the best epoch comes first
early_stopping(losses, patience)[[1, 1]]  # the weights of the last epoch are kept: return the epoch
                            # of the lowest loss first
early_stopping(losses, 1)   # training stops at the first loss that is not lower: wait for as many
                            # epochs as patience says
early_stopping(losses, len(losses))  # training never stops: stop when the patience is used up
early_stopping(losses, patience)[1] - [patience, 0]  # the best epoch is computed from the last one:
                            # where training never stops, the best epoch may be any
"""

EARLY_STOPPING = Exercise(
    answer="early_stopping",
    oracle=early_stopping,
    visible=(
        case(UP_AND_DOWN, patience=2),
        case(NEVER_LOWER, patience=3),
        robust((0.9, 0.5, 0.7, 0.6), patience=5),
        robust((0.9,), patience=1),
    ),
    hidden=lambda rng: (
        *(case(falling(rng, 20), patience=patience) for patience in (1, 2, 3)),
        case(UP_AND_DOWN[int(rng.integers(0, 2)) :], patience=2),
        robust(falling(rng, 8), patience=9),
    ),
    reference={
        "pytorch": """
def early_stopping_pt(losses, patience):
    best = epoch = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best == patience:
            break
    return torch.tensor([best, epoch])
""",
        "tensorflow": """
def early_stopping_tf(losses, patience):
    best, wait, lowest = 0, 0, float("inf")
    for epoch in range(len(losses)):
        if losses[epoch] < lowest:
            best, wait, lowest = epoch, 0, losses[epoch]
        else:
            wait += 1
            if wait >= patience:
                break
    return tf.constant([best, epoch])
""",
    },
    elementwise=False,
    misconceptions=mistakes(EARLY_STOPPING_MISTAKES, globals(), "losses, patience"),
)


def half_cosine(progress):
    return (1 + np.cos(np.pi * progress)) / 2


def schedule(
    warm=lambda t, warmup: t / warmup,
    progress=lambda t, warmup, total: (t - warmup) / (total - warmup),
    fall=half_cosine,
    *,
    ends=True,
):
    """The schedule, or one with another warm-up, progress or curve; it may not stay at its end."""

    def answer(t, lr, warmup, total):
        with np.errstate(all="ignore"):
            done = progress(t, warmup, total)
            falling = fall(np.clip(done, 0, 1) if ends else done)
            return lr * np.where(t < warmup, warm(t, warmup), falling)

    return answer


def product(t, lr, warmup, total):
    """The cosine over all steps, times the warm-up."""
    return lr * np.minimum(1, t / max(warmup, 1)) * half_cosine(np.clip(t / total, 0, 1))


STEPS = (0, 1, 3, 4, 5, 8, 10, 12, 15)

WARMUP_COSINE_MISTAKES = """
schedule(ends=False)                    # after the last step the rate rises again: it stays at 0
schedule(progress=lambda t, warmup, total: t / total)  # the cosine counts from step 0, so that the
                                        # rate jumps: it starts where the warm-up ends
schedule(progress=lambda t, warmup, total: (t - warmup) / total)  # the cosine ends too late: it has
                                        # total − warmup steps, and ends at total
schedule(lambda t, warmup: (t + 1) / warmup)  # the warm-up counts one step too many: in step 0 the
                                        # rate is 0
schedule(lambda t, warmup: ones_like(t))  # there is no warm-up: the rate rises from 0 to lr
schedule(lambda t, warmup: (1 - cos(pi * t / warmup)) / 2)  # the warm-up is a cosine, too: it is a
                                        # straight line
schedule(fall=lambda p: 1 - p)          # the rate falls in a straight line: it falls as a cosine
schedule(fall=lambda p: cos(pi * p / 2))  # the rate falls as a quarter of a cosine, which is steep
                                        # at its end: it is half of 1 plus the cosine of π times the
                                        # progress
schedule(fall=lambda p: 1 + cos(pi * p))  # the rate is 2 · lr after the warm-up: the factor ½ is
                                        # missing
schedule(fall=lambda p: cos(pi * p))    # the rate becomes negative: add 1 to the cosine, and divide
                                        # by 2
schedule(fall=lambda p: (1 - cos(pi * p)) / 2)  # the rate rises after the warm-up: add the
                                        # cosine to 1, do not subtract it
schedule(fall=ones_like)                # the rate stays at lr after the warm-up: it falls to 0
"""

WARMUP_COSINE_MISTAKES_2 = """
product(t, lr, warmup, total)           # warm-up and cosine are multiplied, and the cosine begins
                                        # in step 0: choose one of the two for each step
schedule()(t, 1.0, warmup, total)       # the rate is between 0 and 1 whatever is asked for:
                                        # multiply by lr
where(t < total, schedule()(t, lr, warmup, total), nan)
where(t <= total, schedule()(t, lr, warmup, total), nan)
                                        # after the last step the rate is NaN: it stays at 0
"""

WARMUP_COSINE = Exercise(
    answer="warmup_cosine",
    oracle=schedule(),
    visible=(
        case(STEPS, lr=0.5, warmup=4, total=12),
        robust([STEPS[:3], STEPS[3:6]], lr=0.1, warmup=2, total=10),
        robust((0, 1, 3, 6, 9), lr=0.5, warmup=0, total=6),
    ),
    hidden=lambda rng: (
        case(np.arange(16), lr=round(rng.uniform(0.2, 3.0), 3), warmup=3, total=12),
        case(np.arange(0, 40, 3), lr=round(rng.uniform(0.2, 3.0), 3), warmup=10, total=30),
        robust(rng.integers(0, 30, (2, 2, 3)), lr=0.3, warmup=5, total=20),
        robust(np.arange(9), lr=0.3, warmup=0, total=7),
    ),
    reference={
        "pytorch": """
def warmup_cosine_pt(t, lr, warmup, total):
    progress = ((t - warmup) / (total - warmup)).clamp(max=1)
    falling = lr / 2 * (1 + torch.cos(torch.pi * progress))
    return torch.where(t < warmup, lr * t / max(warmup, 1), falling)
""",
        "tensorflow": """
def warmup_cosine_tf(t, lr, warmup, total):
    progress = tf.minimum((t - warmup) / (total - warmup), 1.0)
    falling = lr / 2 * (1 + tf.cos(np.pi * progress))
    return tf.where(t < warmup, lr * t / max(warmup, 1), falling)
""",
    },
    forbid=SCHEDULES,
    misconceptions=(
        *mistakes(WARMUP_COSINE_MISTAKES, globals(), "", through=lambda made: made()),
        *mistakes(WARMUP_COSINE_MISTAKES_2, globals(), "t, lr, warmup, total"),
    ),
)


def norm(*arrays):
    return np.sqrt(sum((array**2).sum() for array in arrays))


def clipped(size=norm, *, scale=lambda size, bound: bound / max(size, bound)):
    """Both gradients times one factor, computed from their size and the bound."""

    def answer(a, b, bound):
        factor = scale(size(a, b), bound)
        return a * factor, b * factor

    return answer


def always(size, bound):
    return bound / size


CLIP_MISTAKES = """
clipped(lambda a, b: (a**2).sum() + (b**2).sum())  # the squared norm is compared with the bound:
                                     # take the root
clipped(lambda a, b: abs(a).sum() + abs(b).sum())  # the size is the sum of the absolute values: it
                                     # is the root of the sum of the squares
clipped(lambda a, b: maximum(abs(a).max(), abs(b).max()))  # the size is the largest absolute
                                     # value: it is the root of the sum of all squares
clipped(lambda a, b: norm(a) + norm(b))  # the two norms are added: add their squares, and take the
                                     # root of the sum
clipped(lambda a, b: maximum(norm(a), norm(b)))  # the size is the larger of the two norms: it is
                                     # the norm of all numbers together
clipped(lambda a, b: (norm(a) + norm(b)) / 2)  # the size is the mean of the two norms: it is the
                                     # norm of all numbers together
clipped(lambda a, b: norm(a))        # only the first gradient decides: take the norm of both
                                     # together
clipped(lambda a, b: sqrt(((a**2).sum() + (b**2).sum()) / (a.size + b.size)))  # the root of the
                                     # mean square is compared with the bound: take the sum
clipped(scale=always)                # short gradients are made longer: where the norm is below the
                                     # bound, they stay as they are
clipped(scale=lambda size, bound: 1 / maximum(size, 1))  # the norm becomes 1: it should become the
                                     # bound
clipped(scale=lambda size, bound: bound if size > bound else 1)  # the gradients are multiplied by
                                     # the bound, and are not divided by their norm
clipped(scale=lambda size, bound: 1.0)  # the gradients come back as they were: shorten them where
                                     # their norm is above the bound
"""

CLIP_MISTAKES_2 = """
(clip(a, -bound, bound), clip(b, -bound, bound))  # each number is clipped alone, which changes the
                                     # direction: multiply all numbers by the same factor
tuple(g * bound / maximum(norm(g), bound) for g in (a, b))  # each gradient is clipped by its own
                                     # norm: one norm of both together decides
tuple(g * always(norm(g), bound) for g in (a, b))  # each gradient is divided by its own norm, also
                                     # where it is short: one norm of both together decides
(a * bound / maximum(norm(a, b), bound), b)  # only the first gradient is shortened: multiply both
"""

# For zero gradients, a plain quotient is NaN.
CLIP_GRADIENTS = Exercise(
    answer="clip_gradients",
    oracle=clipped(),
    visible=(
        case((3.0, -4.0), (0.0, 12.0), bound=2.6),
        case((0.3, -0.4), (0.0, 0.5), bound=2.0),
        robust([[3.0], [-4.0]], (1.0, 2.0, 2.0), bound=0.5),
        robust((0.0, 0.0), (0.0,), bound=1.0),
    ),
    hidden=lambda rng: (
        case(rng.normal(0, 2, 4), rng.normal(0, 1, 3), bound=round(rng.uniform(0.5, 2), 3)),
        case(rng.normal(0, 0.3, 4), rng.normal(0, 0.3, 3), bound=round(rng.uniform(3, 5), 3)),
        case(rng.normal(0, 3, 2), rng.normal(0, 0.2, 5), bound=round(rng.uniform(0.2, 0.6), 3)),
        robust(rng.normal(0, 1, (2, 3)), rng.normal(0, 1, (2, 2, 2)), bound=1.2),
        robust(np.zeros((2, 2)), np.zeros(3), bound=0.7),
    ),
    reference={
        "pytorch": """
def clip_gradients_pt(a, b, bound):
    size = torch.cat([a.flatten(), b.flatten()]).norm()
    return tuple(g * (bound / size).clamp(max=1) for g in (a, b))
""",
        "tensorflow": """
def clip_gradients_tf(a, b, bound):
    size = tf.linalg.global_norm([a, b])
    factor = bound / tf.maximum(size, bound)
    return a * factor, b * factor
""",
    },
    forbid=("torch.nn.utils", "tf.clip_by_global_norm", "tf.clip_by_norm", *SCHEDULES),
    elementwise=False,
    misconceptions=(
        *mistakes(CLIP_MISTAKES, globals(), "", through=lambda made: made()),
        *mistakes(CLIP_MISTAKES_2, globals(), "a, b, bound"),
    ),
)


def split_at(count, x):
    return x[:count], x[count:]


def validation_split(x, fraction):
    return split_at(int(len(x) * (1 - fraction)), x)


def split_case(rng, *more, **fields):
    n = int(rng.choice([11, 13, 17]))
    fraction = float(rng.choice([0.15, 0.25, 0.35]))
    return case(rng.normal(0, 1, (n, *more)), fraction=fraction, **fields)


SPLIT_MISTAKES = """
validation_split(x, fraction)[::-1]     # the two parts are exchanged: return the training examples
                                        # first
split_at(int(len(x) * fraction), x)[::-1]
split_at(len(x) - int(len(x) * (1 - fraction)), x)[::-1]  # the first examples are kept for
                                        # validation: keep the last ones
split_at(int(ceil(len(x) * (1 - fraction))), x)
split_at(len(x) - int(len(x) * fraction), x)  # one example too many is for training: round the
                                        # number of training examples down
split_at(int(len(x) * fraction), x)     # fraction is taken for the training examples: it is the
                                        # fraction for validation
split_at(int(round(len(x) * (1 - fraction))), x)  # the number of training examples is rounded to
                                        # the nearest integer: round it down
(x, validation_split(x, fraction)[1])   # the validation examples are among the training examples,
                                        # too: leave them out there
tuple(part[::-1] for part in validation_split(x, fraction))  # the examples are in the opposite
                                        # order: keep their order
"""

VALIDATION_SPLIT = Exercise(
    answer="validation_split",
    oracle=validation_split,
    visible=(
        case(np.arange(10.0), fraction=0.25),
        case(np.arange(11.0), fraction=0.25),
        robust(np.arange(14.0).reshape(7, 2), fraction=0.3),
        robust(np.arange(3.0), fraction=0.5),
    ),
    hidden=lambda rng: (
        split_case(rng),
        split_case(rng),
        case(rng.normal(0, 1, 13), fraction=0.25),
        split_case(rng, 2, part="robustness"),
        split_case(rng, 2, 2, part="robustness"),
    ),
    reference={
        "pytorch": """
def validation_split_pt(x, fraction):
    n = int(len(x) * (1 - fraction))
    return x[:n], x[n:]
""",
        "tensorflow": """
def validation_split_tf(x, fraction):
    n = int(x.shape[0] * (1 - fraction))
    return x[:n], x[n:]
""",
    },
    elementwise=False,
    misconceptions=mistakes(SPLIT_MISTAKES, globals(), "x, fraction"),
)

WHAT_FIT_DOES = component(
    "what_fit_does",
    name="What fit does",
    zh="训练流程",
    pytorch=(
        *("torch.utils.data.DataLoader", "torch.optim.lr_scheduler.ExponentialLR"),
        *("torch.optim.lr_scheduler.CosineAnnealingLR", "torch.autocast"),
        "torch.optim.lr_scheduler.ReduceLROnPlateau",
    ),
    keras=(
        *("keras.Model.fit", "keras.Model.evaluate", "keras.Model.train_step"),
        *("keras.callbacks.EarlyStopping", "keras.callbacks.ModelCheckpoint"),
        *("keras.callbacks.ReduceLROnPlateau", "keras.callbacks.LambdaCallback"),
        *("keras.optimizers.schedules.ExponentialDecay", "keras.optimizers.schedules.CosineDecay"),
    ),
    tensorflow=("tf.data.Dataset",),
    defaults="""
torch.optim.lr_scheduler.ReduceLROnPlateau(threshold_mode="rel")
""",
    calls="""
torch.utils.data.DataLoader(data, batch_size=10) | data.batch(10)  # both keep a smaller last
    # batch; a mean over examples must weight it by its size
torch.save(net.state_dict(), best) | keras.callbacks.ModelCheckpoint(best, save_best_only=True,
    save_weights_only=True)  # save each time the validation loss is the lowest so far
lr_scheduler.ExponentialLR(sgd, 0.5) | schedules.ExponentialDecay(1.0, 1, 0.5)  # Keras counts
    # updates, PyTorch counts calls of `scheduler.step()`
lr_scheduler.ReduceLROnPlateau(sgd, factor=0.5, patience=patience,
    threshold_mode="abs") | keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=patience)
    # pass 1 less in PyTorch, which waits one epoch longer
F.cross_entropy(logits, labels, w, reduction="sum") | same.train_on_batch(x[:9], labels,
    class_weight={0: 1.0, 1: 2.0, 2: 6.0})  # divide the sum by the number of examples
(F.mse_loss(net(x_b), y_b) / n).backward() | keras.optimizers.SGD(0.2,
    gradient_accumulation_steps=n)  # in PyTorch, call `step()` after every n-th batch
torch.autocast(device, torch.bfloat16) | keras.layers.Dense(2, dtype="mixed_bfloat16")  # the
    # weights and the loss of `fit` stay float32; a Keras loss function returns bfloat16
""",
    behaviour={
        "fit-tf": "`fit` weights each batch by its number of examples, and computes metrics before "
        "the update",
        "split-tf": "`validation_split` takes the last examples, before `fit` shuffles",
        "batches-tf": "`evaluate` returns the mean over examples, not over the batches",
        "early-tf": "`EarlyStopping` keeps the last weights, unless `restore_best_weights=True`",
        "no-copy-pt": "`state_dict()` shares its memory with the network, `get_weights()` copies",
        "rates-tf": "a Keras schedule counts updates, a PyTorch scheduler counts calls of `step()`",
        "cosine-pt": "after its end, a cosine schedule rises again in PyTorch, and stays at 0 in "
        "Keras",
        "plateau-pt": "`ReduceLROnPlateau` lowers the rate one epoch later in PyTorch",
        "weighted-tf": "`class_weight` divides by the number of examples, `weight=` by the sum of "
        "the weights",
        "mixed-tf": "in mixed precision, the loss of `fit` is float32 as in PyTorch, and a Keras "
        "loss function returns bfloat16",
        "back-fit": "a `train_step` that returns `loss` alone reports 0, unless it updates `fit`'s "
        "own metric",
    },
    exercises=(EARLY_STOPPING, WARMUP_COSINE, CLIP_GRADIENTS, VALIDATION_SPLIT),
)

COMPONENTS = (WHAT_FIT_DOES,)
