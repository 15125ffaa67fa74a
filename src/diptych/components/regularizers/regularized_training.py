"""Regularized training: two whole trainings, the metrics and optimizers around them."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes


def f1_of(yes, y, tp=None):
    """F1 of each column; 0 if no label and no answer is positive."""
    tp = (yes * y).sum(0) if tp is None else tp
    counted = yes.sum(0) + y.sum(0)
    return 2 * tp / np.where(counted == 0, 1, counted)


def macro_f1(y_hat, y, threshold):
    return f1_of(y_hat > threshold, y).mean()


def largest(y_hat):
    return y_hat == y_hat.max(1, keepdims=True)


def precision(yes, y):
    return (yes * y).sum(0) / np.maximum(yes.sum(0), 1)


def recall(yes, y):
    return (yes * y).sum(0) / np.maximum(y.sum(0), 1)


def f1_of_means(yes, y):
    p, r = precision(yes, y).mean(), recall(yes, y).mean()
    return 2 * p * r / (p + r) if p + r else 0.0


def divided(a, b):
    with np.errstate(invalid="ignore", divide="ignore"):
        return a / b


def of_columns_with_any(yes, y):
    any_of = (yes.sum(0) + y.sum(0)) > 0
    return f1_of(yes, y)[any_of].mean() if any_of.any() else 0.0


F1_MISTAKES = """
f1_of(largest(y_hat), y).mean()         # the largest output of each row is the yes, as in Keras
    # without a threshold: compare every output with the threshold
f1_of((y_hat > threshold).ravel(), y.ravel())
    # this is one F1 for all columns together: compute F1 for each column, then the mean
f1_of(y_hat > 0.5, y).mean()            # the threshold is always 0.5: use the one that is passed
f1_of(y_hat >= threshold, y).mean()     # an output equal to the threshold counts as a yes: it is a
    # yes only above the threshold
f1_of(y_hat > threshold, y)             # this is the F1 of each column: return their mean
f1_of((y_hat > threshold).T, y.T).mean()
    # this is the F1 of each row: sum over the rows, and compute F1 for each column
((y_hat > threshold) == (y > 0.5)).mean()    # this is the accuracy: return F1
precision(y_hat > threshold, y).mean()  # this is the precision: it leaves out false negatives
recall(y_hat > threshold, y).mean()     # this is the recall: it leaves out false positives
f1_of_means(y_hat > threshold, y)       # F1 is computed from the mean precision and recall: compute
    # F1 for each column, then the mean
divided(2 * ((y_hat > threshold) * y).sum(0), (y_hat > threshold).sum(0) + y.sum(0)).mean()
    # a column without any yes gives 0 / 0: its F1 is 0
of_columns_with_any(y_hat > threshold, y)
    # a column without any yes is left out of the mean: it counts with an F1 of 0
f1_of(y_hat > threshold, y).mean() / 2  # the factor 2 of F1 is missing
f1_of(y_hat, y).mean()
macro_f1(y, y_hat, threshold)
    # the prediction itself is summed: compare the prediction, not the target, with the threshold
"""


def f1_case(rng, n, k, threshold, *, empty=False, **fields):
    y = (rng.uniform(size=(n, k)) < 0.4).astype(float)
    # No two scores are equal, and none equals a threshold, which has fewer digits.
    ranks = rng.permutation(n * k).reshape(n, k) / (n * k)
    y_hat = 0.3 * y + 0.69 * ranks + 0.00037
    if empty:
        y[:, -1], y_hat[:, -1] = 0, 0.01
    return Case((y_hat, y), {"threshold": threshold}, gradients=False, **fields)


MACRO_F1_EXERCISE = Exercise(
    "macro_f1",
    macro_f1,
    visible=(
        Case(
            (
                np.array([[0.9, 0.25], [0.4, 0.5], [0.6, 0.75], [0.1, 0.625]]),
                np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 1.0]]),
            ),
            {"threshold": 0.5},
            gradients=False,
        ),
        f1_case(default_rng(1), 9, 3, 0.35),
        f1_case(default_rng(2), 6, 1, 0.5, part="robustness"),
        f1_case(default_rng(3), 6, 3, 0.5, empty=True, part="robustness"),
    ),
    hidden=lambda rng: (
        f1_case(rng, 12, 4, 0.4),
        f1_case(rng, 7, 2, 0.65),
        f1_case(rng, 5, 1, 0.5, part="robustness"),
        f1_case(rng, 8, 3, 0.6, empty=True, part="robustness"),
    ),
    reference={
        "pytorch": """
def macro_f1_pt(y_hat, y, threshold):
    yes = (y_hat > threshold).float()
    counted = (yes + y).sum(0)
    return (2 * (yes * y).sum(0) / counted.clamp(min=1)).mean()
""",
        "tensorflow": """
def macro_f1_tf(y, y_hat, threshold):
    return keras.metrics.F1Score(average="macro", threshold=threshold)(y, y_hat)
""",
    },
    misconceptions=mistakes(F1_MISTAKES, globals(), "y_hat, y, threshold"),
    forbid=("keras.metrics.F1Score",),
    target_first=True,
    elementwise=False,
)


def exact_auc(score, y, tie=0.5):
    positive, negative = score[y == 1], score[y == 0]
    if not positive.size * negative.size:
        return np.float64(0)
    ahead = np.sign(positive[:, None] - negative)
    return np.where(ahead == 0, tie, ahead > 0).mean()


def all_pairs(score, y):
    """Pairs of all examples, counted over every pair of the batch."""
    ahead = np.ravel(score)[:, None] - np.ravel(score)
    pair = (np.ravel(y)[:, None] == 1) & (np.ravel(y) == 0)
    return (pair * ((ahead > 0) + 0.5 * (ahead == 0))).mean()


def by_thresholds(score, y, n=200):
    """What Keras computes: the area under a curve through n points."""
    inner = (np.arange(n - 2) + 1) / (n - 1)
    thresholds = np.concatenate([[-1e-7], inner, [1 + 1e-7]])
    above = np.ravel(score) > thresholds[:, None]
    positive, negative = np.ravel(y) == 1, np.ravel(y) == 0
    if not positive.any() or not negative.any():
        return 0.0
    tpr, fpr = above[:, positive].mean(1), above[:, negative].mean(1)
    return ((tpr[:-1] + tpr[1:]) / 2 * (fpr[:-1] - fpr[1:])).sum()


def by_rows(score, y):
    columns = zip(score.reshape(len(score), -1).T, y.reshape(len(y), -1).T, strict=True)
    return np.mean([exact_auc(s, t) for s, t in columns])


def nan_for_one_class(score, y):
    return exact_auc(score, y) if 0 < y.mean() < 1 else np.nan


AUC_MISTAKES = """
exact_auc(score, y, tie=0.0)   # a tie counts 0: it counts one half
exact_auc(score, y, tie=1.0)   # a tie counts 1: it counts one half
1 - exact_auc(score, y)
exact_auc(-score, y)
    # the order is reversed: a positive example should have the higher score
all_pairs(score, y)
    # the sum is divided by n²: divide by the number of pairs of a positive and a negative example
by_thresholds(score, y)        # the scores are compared with thresholds, as in Keras: compare each
    # positive score with each negative score
((score > 0.5) == (y == 1)).mean()      # this is the accuracy: compare scores with each other
by_rows(score, y)              # this is the mean AUC of the columns: use all numbers together
nan_for_one_class(score, y)    # without a pair the result is NaN: return 0
exact_auc(score, y) if 0 < y.mean() < 1 else 0.5     # without a pair the result is ½: return 0
2 * exact_auc(score, y) - 1
2 * exact_auc(score, y) - (0 < y.mean() < 1)
    # this is the Gini coefficient, 2 AUC − 1: return the AUC
exact_auc(y, score)
exact_auc(y, 1.0 * (score > 0.5))
exact_auc(y, 1.0 * (score > 0))
all_pairs(y, score)            # SWAPPED
"""


def auc_case(rng, *shape, digits=1, scale=1.0, shift=0.0, **fields):
    y = rng.permutation(np.arange(np.prod(shape)) < max(1, np.prod(shape) // 3)).reshape(shape)
    score = np.round(np.clip(0.3 * y + rng.uniform(0, 0.7, shape), 0, 1), digits)
    return Case((scale * score + shift, y.astype(float)), gradients=False, **fields)


ONE_CLASS = Case((np.array([0.2, 0.7, 0.7]), np.zeros(3)), gradients=False, part="robustness")

EXACT_AUC_EXERCISE = Exercise(
    "exact_auc",
    exact_auc,
    visible=(
        Case(
            (np.array([0.1, 0.4, 0.4, 0.8]), np.array([0.0, 0.0, 1.0, 1.0])),
            gradients=False,
        ),
        auc_case(default_rng(1), 12),
        auc_case(default_rng(2), 6, digits=4, scale=1e-3, shift=0.5),
        auc_case(default_rng(3), 7, 1, scale=8.0, shift=-4.0, part="robustness"),
        auc_case(default_rng(4), 5, 3, part="robustness"),
        ONE_CLASS,
    ),
    hidden=lambda rng: (
        auc_case(rng, 15),
        auc_case(rng, 8, digits=4, scale=1e-3, shift=0.5),
        auc_case(rng, 9, 1, scale=8.0, shift=-4.0, part="robustness"),
        auc_case(rng, 4, 4, part="robustness"),
    ),
    reference={
        "pytorch": """
def exact_auc_pt(score, y):
    ahead = score[y == 1][:, None] - score[y == 0]
    hits = (ahead > 0).float() + 0.5 * (ahead == 0)
    return hits.sum() / max(hits.numel(), 1)
""",
        "tensorflow": """
def exact_auc_tf(y, score):
    ahead = score[y == 1][:, None] - score[y == 0]
    hits = (tf.sign(ahead) + 1) / 2
    return tf.math.divide_no_nan(tf.reduce_sum(hits), float(tf.size(hits)))
""",
    },
    misconceptions=mistakes(AUC_MISTAKES, globals(), "score, y"),
    forbid=("keras.metrics.AUC",),
    target_first=True,
    elementwise=False,
)


def log_sigmoid(z):
    return -np.logaddexp(0, -z)


def logits(x, w1, b1, w2, b2):
    return np.maximum(x @ w1 + b1, 0) @ w2 + b2


def focal(z, y, alpha=0.75, gamma=2.0, base=log_sigmoid):
    """The focal loss of each example from its logit."""
    right = np.where(y == 1, z, -z)
    weight = np.where(y == 1, alpha, 1 - alpha)
    return -weight * (1 - np.exp(log_sigmoid(right))) ** gamma * base(right)


def clipped_log(z):
    return np.log(np.clip(np.exp(log_sigmoid(z)), 1e-7, 1 - 1e-7))


def naive_log(z):
    with np.errstate(all="ignore"):
        return np.log(np.float32(1) / (np.float32(1) + np.exp(-np.float32(z))))


def torch_log(z):
    return np.maximum(log_sigmoid(z), -100)


def of_prediction(z, y):
    """The factor 1 − p, instead of 1 minus the probability of the right class."""
    p = np.exp(log_sigmoid(z))
    return np.where(y == 1, 0.75, 0.25) * (1 - p) ** 2 * -log_sigmoid(np.where(y == 1, z, -z))


def penalty(kernels, l1, l2):
    return sum(l1 * abs(w).sum() + l2 * (w**2).sum() for w in kernels)


def regularized_loss(x, y, w1, b1, w2, b2, l1, l2):
    return focal(logits(x, w1, b1, w2, b2), y).mean() + penalty((w1, w2), l1, l2)


Z, PENALTY = "logits(x, w1, b1, w2, b2)", "penalty((w1, w2), l1, l2)"
LOSS_MISTAKES = f"""
focal({Z}, y).mean() + penalty((w1, b1, w2, b2), l1, l2)
    # the biases are penalized, too: sum over the two kernels alone
focal({Z}, y).mean() + penalty((w1, w2), l2, l1)        # l1 and l2 are swapped
focal({Z}, y).mean() + penalty((w1, w2), l1, l2 / 2)
    # the squares are halved: add l2 times the sum of squares, as Keras does
focal({Z}, y).mean() + l1 * sum([w1.sum(), w2.sum()]) + l2 * sum([(w1**2).sum(), (w2**2).sum()])
    # the L1 penalty has no absolute value
focal({Z}, y).mean() + sum([l1 * abs(w).mean() + l2 * (w**2).mean() for w in (w1, w2)])
    # the penalties are means: a penalty is a sum over the weights
focal({Z}, y).mean() + sum([l1 * abs(w).sum() + l2 * sqrt((w**2).sum()) for w in (w1, w2)])
    # the L2 penalty is the norm: use its square
focal({Z}, y).mean() + penalty((w1,), l1, l2)           # only the first kernel is penalized
focal({Z}, y).mean() + penalty((w2,), l1, l2)           # only the second kernel is penalized
focal({Z}, y).mean() + penalty((w1, w2), l1, 0)         # the L2 penalty is missing
focal({Z}, y).mean() + penalty((w1, w2), 0, l2)         # the L1 penalty is missing
focal({Z}, y).mean()                                    # the penalties are missing
focal({Z}, y).mean() + {PENALTY} / len(x)
    # the penalty is divided by the batch size: only the focal loss is a mean over the batch
(focal({Z}, y) + {PENALTY}).sum()
    # this is the sum over the batch, with the penalty in each example: take the mean
focal({Z}, y).sum() + {PENALTY}         # the focal loss is a sum over the batch: take the mean
focal({Z}, y, alpha=0.25).mean() + {PENALTY}
    # α is the wrong way round: 0.75 is for positive and 0.25 for negative examples
2 * focal({Z}, y, alpha=0.5).mean() + {PENALTY}         # α is missing
0.75 * 2 * focal({Z}, y, alpha=0.5).mean() + {PENALTY}
    # α is 0.75 for all examples: it is 0.25 for negative examples
focal({Z}, y, gamma=0.0).mean() + {PENALTY}             # the factor (1 − p)² is missing
focal({Z}, y, gamma=1.0).mean() + {PENALTY}             # γ is 1: the factor is (1 − p)²
of_prediction({Z}, y).mean() + {PENALTY}
    # for negative examples the factor uses the wrong p: it is the probability of the right class
focal({Z}, 1 - y).mean() + {PENALTY}    # the labels are reversed: 1 is the positive class
-focal({Z}, y).mean() + {PENALTY}       # the focal loss has the wrong sign: it is −log p
focal({Z}, y, base=clipped_log).mean() + {PENALTY}
    # p is clipped, so the loss of a very wrong example is too small: compute log p from the logit
focal({Z}, y, base=torch_log).mean() + {PENALTY}
    # the cross-entropy of a probability is at most 100 in PyTorch: compute log p from the logit
focal({Z}, y, base=naive_log).mean() + {PENALTY}
    # log(0) is infinite for a very wrong example: compute log p from the logit
"""


def away(rng, shape, low=0.3, high=1.0):
    """Numbers away from 0, where the penalties have no single slope."""
    return rng.choice([-1, 1], shape) * rng.uniform(low, high, shape)


def loss_case(rng, n, d, h, l1, l2, *, scale=1.0, **fields):
    weights = away(rng, (d, h)), away(rng, (h,), 0.2, 0.5), away(rng, (h, 1)), away(rng, (1,))
    y = rng.permutation(np.arange(n) < max(1, n // 3))[:, None]
    x = rng.normal(0, scale, (n, d))
    return Case((x, y.astype(float), *weights), {"l1": l1, "l2": l2}, **fields)


def extreme(sign, label):
    """One example with a logit of ±600, and the label that it should not have, or should."""
    return Case(
        (
            np.array([[200.0, 100.0]]),
            np.array([[label]]),
            np.array([[1.0, -0.5], [1.0, 0.25]]),
            np.array([0.5, -0.5]),
            np.array([[2.0 * sign], [0.5]]),
            np.array([0.25]),
        ),
        {"l1": 0.01, "l2": 0.02},
        gradients=False,
        part="robustness",
    )


REGULARIZED_LOSS_EXERCISE = Exercise(
    "regularized_loss",
    regularized_loss,
    visible=(
        Case(
            (
                np.array([[1.0, 2.0], [-1.0, 1.0], [0.5, -1.0]]),
                np.array([[1.0], [0.0], [0.0]]),
                np.array([[1.0, -0.5], [0.5, 1.0]]),
                np.array([0.1, -0.2]),
                np.array([[1.0], [-0.5]]),
                np.array([-0.3]),
            ),
            {"l1": 0.01, "l2": 0.1},
        ),
        loss_case(default_rng(1), 5, 3, 4, 0.05, 0.02),
        loss_case(default_rng(2), 1, 2, 3, 0.1, 0.3, part="robustness"),
        extreme(-1.0, 1.0),
        extreme(1.0, 0.0),
    ),
    hidden=lambda rng: (
        loss_case(rng, 6, 2, 3, round(rng.uniform(0.01, 0.1), 3), round(rng.uniform(0.1, 0.2), 3)),
        loss_case(rng, 4, 4, 2, round(rng.uniform(0.1, 0.2), 3), round(rng.uniform(0.01, 0.1), 3)),
        loss_case(rng, 9, 1, 5, 0.02, 0.01, part="robustness"),
        extreme(-rng.uniform(1, 2), 1.0),
    ),
    reference={
        "pytorch": """
def regularized_loss_pt(x, y, w1, b1, w2, b2, l1, l2):
    z = F.relu(x @ w1 + b1) @ w2 + b2
    bce = F.binary_cross_entropy_with_logits(z, y, reduction="none")
    alpha, p = torch.where(y == 1, 0.75, 0.25), torch.sigmoid(torch.where(y == 1, z, -z))
    penalty = sum(l1 * w.abs().sum() + l2 * (w**2).sum() for w in (w1, w2))
    return (alpha * (1 - p) ** 2 * bce).mean() + penalty
""",
        "tensorflow": """
def regularized_loss_tf(x, y, w1, b1, w2, b2, l1, l2):
    z = tf.nn.relu(x @ w1 + b1) @ w2 + b2
    bce = tf.nn.sigmoid_cross_entropy_with_logits(y, z)
    alpha, p = tf.where(y == 1, 0.75, 0.25), tf.sigmoid(tf.where(y == 1, z, -z))
    penalty = keras.regularizers.L1L2(l1, l2)
    return tf.reduce_mean(alpha * (1 - p) ** 2 * bce) + penalty(w1) + penalty(w2)
""",
    },
    misconceptions=mistakes(LOSS_MISTAKES, globals(), "x, y, w1, b1, w2, b2, l1, l2"),
    targets=(1,),
    elementwise=False,
)


def norm(*gradients):
    return np.sqrt(sum((g**2).sum() for g in gradients))


def shortened(g, length, bound):
    return g * min(1.0, bound / length) if length else g


def clip_together(a, b, bound):
    length = norm(a, b)
    return shortened(a, length, bound), shortened(b, length, bound)


def scaled(a, b, factor):
    return a * factor, b * factor


CLIP_MISTAKES = """
(shortened(a, norm(a), bound), shortened(b, norm(b), bound))
    # each gradient is clipped alone, as by `clipnorm` in Keras: use one norm for both
(clip(a, -bound, bound), clip(b, -bound, bound))
    # each number is clipped, as by `clipvalue` in Keras: multiply by one factor
scaled(a, b, divided(bound, norm(a, b)))
    # short gradients become longer, and gradients of 0 become NaN: the factor is at most 1
scaled(a, b, bound / norm(a, b) if norm(a, b) else 1.0)
    # short gradients become longer: the factor is at most 1
scaled(a, b, minimum(1, bound / maximum(norm(a, b) ** 2, 1e-9)))
    # the root of the norm is missing
scaled(a, b, minimum(1, bound / maximum(norm(a) + norm(b), 1e-9)))
    # the two norms are added: add the squares, and take the root of the sum
scaled(a, b, minimum(1, bound / maximum(maximum(norm(a), norm(b)), 1e-9)))
    # the larger of the two norms is used: use the norm of all numbers
scaled(a, b, minimum(1, bound / maximum(abs(a).sum() + abs(b).sum(), 1e-9)))
    # this is the sum of magnitudes: a norm is the root of the sum of squares
scaled(a, b, minimum(1, bound / maximum(sqrt((norm(a, b) ** 2) / (a.size + b.size)), 1e-9)))
    # the squares are averaged: add them up
scaled(a, b, 1 / maximum(1, norm(a, b)))    # the bound is 1 whatever is passed
scaled(a, b, minimum(1, 1 / maximum(norm(a, b), 1e-9)) * bound)
    # the bound multiplies short gradients, too: the factor is at most 1
(clip_together(a, b, bound)[0], b)      # the second gradient is not clipped
(a, b)                  # nothing is clipped
"""


def clip_case(rng, *shapes, bound, **fields):
    a, b = (rng.normal(0, 2, shape) for shape in shapes)
    return Case((a, b), {"bound": bound}, gradients=False, **fields)


CLIP_TOGETHER_EXERCISE = Exercise(
    "clip_together",
    clip_together,
    visible=(
        Case((np.array([3.0, 4.0]), np.array([0.0, 12.0])), {"bound": 2.0}, gradients=False),
        clip_case(default_rng(1), (3, 2), (2,), bound=1.5),
        Case((np.array([0.3]), np.array([[0.4]])), {"bound": 2.0}, gradients=False),
        Case((np.zeros(2), np.zeros((2, 2))), {"bound": 2.0}, gradients=False, part="robustness"),
        clip_case(default_rng(2), (), (2, 3, 2), bound=0.5, part="robustness"),
    ),
    hidden=lambda rng: (
        clip_case(rng, (4,), (2, 3), bound=round(rng.uniform(0.5, 0.9), 3)),
        clip_case(rng, (3,), (3,), bound=round(rng.uniform(1.1, 1.9), 3)),
        clip_case(rng, (2, 2), (3,), bound=50.0),
        clip_case(rng, (1,), (2, 2, 2), bound=0.25, part="robustness"),
    ),
    reference={
        "pytorch": """
def clip_together_pt(a, b, bound):
    norm = torch.linalg.vector_norm(torch.stack([a.norm(), b.norm()]))
    factor = (bound / norm).clamp(max=1.0)
    return a * factor, b * factor
""",
        "tensorflow": """
def clip_together_tf(a, b, bound):
    return tuple(tf.clip_by_global_norm([a, b], bound)[0])
""",
    },
    misconceptions=mistakes(CLIP_MISTAKES, globals(), "a, b, bound"),
    forbid=("torch.nn.utils.clip_grad_norm_", "tf.clip_by_global_norm", "keras.optimizers.SGD"),
    elementwise=False,
)


def sigmoid(z):
    return np.exp(log_sigmoid(z))


def residual(x, y, w, b):
    return sigmoid(x @ w + b) - y


def penalized(
    *,
    error=residual,
    of_w=lambda w, l1, l2: l1 * np.sign(w) + 2 * l2 * w,
    of_b=lambda b, l1, l2: 0.0,
    mean=len,
    sign=1.0,
    accumulated=False,
    first_only=False,
    fresh_w=False,
    learn_b=True,
    extra=0,
):
    """A penalized logistic regression, trained; each wrong answer differs in one argument."""

    def answer(x, y, w, b, lr, steps, l1, l2):
        total_w, total_b, first = 0 * w, 0 * b, None
        for _ in range(steps + extra):
            found = error(x, y, w, b)
            dw = x.T @ found / mean(x) + of_w(w, l1, l2)
            db = found.sum() / mean(x) + of_b(b, l1, l2)
            if accumulated:
                dw, db = total_w, total_b = total_w + dw, total_b + db
            if first_only:
                dw, db = first = first or (dw, db)
            w = w - sign * lr * dw
            if fresh_w:
                db = error(x, y, w, b).mean()
            b = b - sign * lr * db if learn_b else b
        return w, b

    return answer


TRAIN_MISTAKES = """
penalized(of_b=lambda b, l1, l2: l1 * sign(b) + 2 * l2 * b)
    # the bias is penalized, too: the penalties are of w alone
penalized(of_w=lambda w, l1, l2: l1 * sign(w) + l2 * w)
    # L2 is half as strong: the gradient of w² is 2w
penalized(of_w=lambda w, l1, l2: l1 + 2 * l2 * w)
    # L1 has no absolute value: its gradient is l1 for positive and −l1 for negative weights
penalized(of_w=lambda w, l1, l2: l1 * sign(w))           # the L2 penalty is missing
penalized(of_w=lambda w, l1, l2: 2 * l2 * w)             # the L1 penalty is missing
penalized(of_w=lambda w, l1, l2: 0 * w)                  # both penalties are missing
penalized(of_w=lambda w, l1, l2: l2 * sign(w) + 2 * l1 * w)     # l1 and l2 are swapped
penalized(of_w=lambda w, l1, l2: (l1 * sign(w) + 2 * l2 * w) / len(w))
    # the penalties are means: a penalty is a sum over the weights
penalized(of_w=lambda w, l1, l2: -l1 * sign(w) - 2 * l2 * w)
    # the penalties are subtracted from the loss: add them
penalized(mean=lambda x: 1)  # the cross-entropy is a sum over the examples: take the mean
penalized(error=lambda x, y, w, b: x @ w + b - y)
    # the sigmoid is missing: p is the sigmoid of x · w + b
penalized(error=lambda x, y, w, b: -residual(x, y, w, b))
    # the cross-entropy has the wrong sign: it is −log p of the right class
penalized(error=lambda x, y, w, b: residual(x, 1 - y, w, b))
    # the labels are reversed: p is the probability of the label 1
penalized(sign=-1.0)                    # ASCENT
penalized(accumulated=True)
    # each step uses the sum of all gradients so far: set them to zero, or compute them anew
penalized(first_only=True)
    # every step uses the gradient at the start: predict and differentiate in each step
penalized(fresh_w=True)
    # the gradient of the bias uses the new w: compute both gradients before you change anything
penalized(learn_b=False)                # the bias does not learn: subtract its gradient, too
penalized(extra=-1)                     # this is one step short
penalized(extra=1)                      # this is one step too many
"""


def train_case(rng, n, d, steps, *, lr=0.3, l1=0.02, l2=0.05, start=None, **fields):
    x = rng.normal(0.3, 1, (n, d))
    y = rng.permutation(np.arange(n) < max(1, n // 3)).astype(float)
    w = away(rng, (d,), 0.6, 1.2) if start is None else np.full(d, start)
    inputs = (x, y, w, np.array(rng.choice([-1, 1]) * 0.5))
    arguments = {"lr": lr, "steps": steps, "l1": l1, "l2": l2}
    return Case(inputs, arguments, gradients=False, **fields)


TRAIN_PENALIZED_EXERCISE = Exercise(
    "train_penalized",
    penalized(),
    visible=(
        Case(
            (
                np.array([[1.0, 2.0], [-1.0, 0.5]]),
                np.array([1.0, 0.0]),
                np.array([0.5, -0.25]),
                np.array(0.0),
            ),
            {"lr": 1.0, "steps": 1, "l1": 0.1, "l2": 0.2},
            gradients=False,
        ),
        train_case(default_rng(1), 6, 3, 4),
        train_case(default_rng(2), 1, 2, 3, part="robustness"),
        train_case(default_rng(3), 5, 4, 1, start=0.0, part="robustness"),
    ),
    hidden=lambda rng: (
        train_case(rng, 7, 2, 5, l1=round(rng.uniform(0.03, 0.06), 3)),
        train_case(rng, 4, 3, 3, l2=round(rng.uniform(0.1, 0.2), 3)),
        train_case(rng, 8, 1, 6, part="robustness"),
        train_case(rng, 3, 5, 2, lr=0.5, part="robustness"),
    ),
    reference={
        "pytorch": """
def train_penalized_pt(x, y, w, b, lr, steps, l1, l2):
    w, b = torch.nn.Parameter(w.clone()), torch.nn.Parameter(b.clone())
    sgd = torch.optim.SGD([w, b], lr=lr)
    for _ in range(steps):
        loss = F.binary_cross_entropy_with_logits(x @ w + b, y)
        sgd.zero_grad()
        (loss + l1 * w.abs().sum() + l2 * (w**2).sum()).backward()
        sgd.step()
    return w.detach(), b.detach()
""",
        "tensorflow": """
def train_penalized_tf(x, y, w, b, lr, steps, l1, l2):
    w, b = tf.Variable(w), tf.Variable(b)
    penalty = keras.regularizers.L1L2(l1, l2)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            z = tf.linalg.matvec(x, w) + b
            loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(y, z)) + penalty(w)
        dw, db = tape.gradient(loss, [w, b])
        w.assign_sub(lr * dw)
        b.assign_sub(lr * db)
    return w + 0, b + 0
""",
    },
    misconceptions=mistakes(TRAIN_MISTAKES, globals(), "", through=lambda made: made()),
    elementwise=False,
)

END_TO_END = component(
    "end_to_end",
    kind="usage",
    name="From data to a regularized model",
    zh="端到端例子",
    pytorch=("torch.nn.Module",),
    keras=("keras.Model",),
    defaults="""
torch.optim.Adadelta(lr=1.0, rho=0.9)
keras.optimizers.Adadelta(learning_rate=0.001, rho=0.95)
torch.optim.NAdam(lr=0.002, momentum_decay=0.004)
keras.optimizers.Nadam(learning_rate=0.001)
keras.metrics.AUC(num_thresholds=200, from_logits=False)
keras.metrics.F1Score(threshold=None)
""",
    calls="""
focal(p, target) + penalty(net) | focal(target, p) + sum(net.losses)
    # in your own loop you add the penalty; `fit` and `evaluate` add it to `loss` and `val_loss`
torch.optim.Adam([w], lr=0.01, eps=1e-12) | keras.optimizers.Adam(0.01, epsilon=1e-12)
    # the weights agree only if ε is almost 0
nn.utils.clip_grad_norm_([a, b], max_norm=bound) | keras.optimizers.SGD(1.0, global_clipnorm=bound)
    # `clipnorm` clips each variable alone
auc(score, y) | keras.metrics.AUC(num_thresholds=20000)(y, score)
    # with the default of 200 thresholds, close scores give a wrong AUC
""",
    behaviour={
        "val-loss-tf": "`val_loss` contains the penalty in Keras",
        "epsilon": "an equal ε of 1e-7 gives other weights, because its place in Adam differs",
        "l1-kink-tf": "L1's derivative jumps at 0: a rounding error there changes a whole step",
        "auc-tf": "`AUC` uses 200 thresholds: 0.5 for 0.75 if the scores are close together",
        "accuracy-tf": '`"accuracy"` of several outputs uses only the first label 1 of a row',
        "logits-accuracy-tf": "`BinaryAccuracy` compares logits with 0.5",
        "f1-tf": "`F1Score` without a threshold always answers yes if there is one output",
        "rmse-pt": "a mean of the batches' roots is not the root mean squared error",
        "clip-tf": "a bound of 0 makes gradients 0 in PyTorch, and turns clipping off in Keras",
        "nadam-tf": "`Nadam` is PyTorch's `NAdam` with `momentum_decay=1.0`",
        "arguments-tf": "an integer learning rate raises an error in Keras, `decay=` is ignored",
    },
    exercises=(
        MACRO_F1_EXERCISE,
        EXACT_AUC_EXERCISE,
        REGULARIZED_LOSS_EXERCISE,
        CLIP_TOGETHER_EXERCISE,
        TRAIN_PENALIZED_EXERCISE,
    ),
)


def column_norms(kernel):
    return np.sqrt((kernel**2).sum(0, keepdims=True))


def bounded(kernel, bound, norms=column_norms):
    return kernel * np.minimum(1, bound / np.maximum(norms(kernel), 1e-12))


def stepped(kernel, g, v, lr, *, alpha=0.9):
    v = alpha * v + (1 - alpha) * g**2
    return kernel - lr * g / (np.sqrt(v) + 1e-8), v


def then_bounded(kernel, v, bound):
    return bounded(kernel, bound), v


def rmsprop_max_norm(kernel, g, v, lr, bound):
    return then_bounded(*stepped(kernel, g, v, lr), bound)


def row_norms(kernel):
    return np.sqrt((kernel**2).sum(1, keepdims=True))


def whole_norm(kernel):
    return np.sqrt((kernel**2).sum())


def rms_step_by_old(kernel, g, v, lr):
    return kernel - lr * g / (np.sqrt(v) + 1e-8), 0.9 * v + 0.1 * g**2


STEP, V = "stepped(kernel, g, v, lr)[0]", "stepped(kernel, g, v, lr)[1]"
RMSPROP_MISTAKES = f"""
({STEP}, {V})          # the norms are not bounded: scale the columns after the step
(stepped(bounded(kernel, bound), g, v, lr)[0], {V})
    # the norms are bounded before the step: bound them after it
(bounded({STEP}, bound, row_norms), {V})
    # the rows are bounded: a unit is a column of the kernel
(bounded({STEP}, bound, whole_norm), {V})   # one norm of the whole kernel is bounded: use one for
    # each column
(clip({STEP}, -bound, bound), {V})     # each number is clipped: scale whole columns
({STEP} * divided(bound, column_norms({STEP})), {V})
({STEP} * bound / maximum(column_norms({STEP}), 1e-12), {V})
    # all columns get the norm of the bound: scale only those above it
({STEP} * minimum(1, bound / maximum(column_norms({STEP}) ** 2, 1e-12)), {V})
    # the root of the norm is missing
({STEP} * minimum(1, bound / maximum(abs({STEP}).sum(0), 1e-12)), {V})
    # this is the sum of magnitudes: a norm is the root of the sum of squares
stepped(kernel, bounded(g, bound), v, lr)
    # the gradient is bounded: bound the kernel
then_bounded(*stepped(kernel, g, v, lr, alpha=0.99), bound)
    # α is 0.99, PyTorch's default: use 0.9
then_bounded(*stepped(kernel, g, v, lr, alpha=0.1), bound)
    # α and 1 − α are swapped: the old mean is multiplied by 0.9
(bounded(rms_step_by_old(kernel, g, v, lr)[0], bound), {V})
    # the step divides by the old mean: update v first
(bounded(kernel - lr * g / ({V} + 1e-8), bound), {V})      # the root of v is missing
(bounded(kernel - lr * g, bound), {V})  # the gradient is not divided by the root of v
(bounded({STEP}, bound), v)             # v comes back as it was: return the new mean
(bounded(stepped(kernel, g, v, -lr)[0], bound), {V})       # ASCENT
({STEP} * divided(minimum(column_norms({STEP}), bound), column_norms({STEP})), {V})
    # a column of zeros gives 0 / 0: keep the divisor above 0
"""


def rmsprop_case(rng, shape, lr=0.1, bound=1.0, **fields):
    kernel = rng.normal(0, 1, shape)
    kernel[:, 0] *= 0.2 / column_norms(kernel)[0, 0]
    kernel[:, 1:] *= 2 / column_norms(kernel)[:, 1:]
    g, v = away(rng, shape, 0.2, 1), rng.uniform(0.05, 1, shape)
    return Case((kernel, g, v), {"lr": lr, "bound": bound}, gradients=False, **fields)


AT_REST = Case(
    (np.array([[0.0, 3.0], [0.0, 4.0]]), np.zeros((2, 2)), np.zeros((2, 2))),
    {"lr": 0.1, "bound": 2.0},
    gradients=False,
    part="robustness",
)

RMSPROP_EXERCISE = Exercise(
    "rmsprop_max_norm",
    rmsprop_max_norm,
    visible=(
        Case(
            (
                np.array([[3.2, 0.5], [4.2, 0.5]]),
                np.array([[1.0, -1.0], [1.0, 2.0]]),
                np.array([[1.0, 1.0], [1.0, 4.0]]),
            ),
            {"lr": 0.2, "bound": 2.0},
            gradients=False,
        ),
        rmsprop_case(default_rng(1), (3, 4)),
        rmsprop_case(default_rng(2), (1, 3), bound=0.7, part="robustness"),
        AT_REST,
    ),
    hidden=lambda rng: (
        rmsprop_case(rng, (4, 3), bound=round(rng.uniform(0.6, 0.9), 3)),
        rmsprop_case(rng, (2, 5), lr=0.05, bound=round(rng.uniform(1.1, 1.5), 3)),
        rmsprop_case(rng, (5, 2), lr=round(rng.uniform(0.1, 0.3), 3)),
        rmsprop_case(rng, (6, 1), part="robustness"),
    ),
    reference={
        "pytorch": """
def rmsprop_max_norm_pt(kernel, g, v, lr, bound):
    v = 0.9 * v + 0.1 * g**2
    return torch.renorm(kernel - lr * g / (v.sqrt() + 1e-8), 2, 1, bound), v
""",
        "tensorflow": """
def rmsprop_max_norm_tf(kernel, g, v, lr, bound):
    v = 0.9 * v + 0.1 * g**2
    step = lr * g / (tf.sqrt(v) + 1e-8)
    return keras.constraints.MaxNorm(bound)(kernel - step), v
""",
    },
    misconceptions=mistakes(RMSPROP_MISTAKES, globals(), "kernel, g, v, lr, bound"),
    forbid=(
        "torch.renorm",
        "tf.clip_by_norm",
        "keras.constraints.MaxNorm",
        "torch.optim.RMSprop",
        "keras.optimizers.RMSprop",
    ),
    elementwise=False,
)

KERAS_REGULARIZATION = component(
    "keras_regularization",
    kind="usage",
    name="A regularized model in Keras",
    zh="正则化的 Keras 例子",
    keras=("keras.layers.Dense",),
    calls="""
error + penalty | error + sum(net.losses)
    # Keras divides an activity penalty by the batch size
torch.optim.RMSprop(weights, lr=0.01, alpha=0.9) | keras.optimizers.RMSprop(0.01, epsilon=1e-16)
    # Keras's ε is inside the root: pass the square of PyTorch's ε
""",
    behaviour={
        "wide-factors-tf": "with the factor 0.01, the network learns only the labels' frequencies",
        "wide-bound-tf": "with the penalties, no unit reaches the bound of `MaxNorm` here",
    },
    exercises=(RMSPROP_EXERCISE,),
)

COMPONENTS = (END_TO_END, KERAS_REGULARIZATION)
