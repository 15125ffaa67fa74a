"""Writing your own: a loss as a function and as a class."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

BUILT_IN = ("keras.losses.BinaryFocalCrossentropy", "keras.losses.binary_focal_crossentropy")


def right_class(y_hat, y):
    """The probability of the right class."""
    return y * y_hat + (1 - y) * (1 - y_hat)


def balance(y, alpha):
    return y * alpha + (1 - y) * (1 - alpha)


def each(y_hat, y, alpha, gamma):
    p_t = right_class(y_hat, y)
    return -balance(y, alpha) * (1 - p_t) ** gamma * np.log(p_t)


def focal_loss(y_hat, y, alpha, gamma):
    return each(y_hat, y, alpha, gamma).mean(-1)


def weights(y_hat, y, alpha, gamma):
    """The factor of the cross-entropy."""
    return balance(y, alpha) * (1 - right_class(y_hat, y)) ** gamma


def averaged_first(ce, gamma):
    """The focal loss of the mean cross-entropy, without the weights of the classes."""
    return (1 - np.exp(-ce.mean())) ** gamma * ce.mean()


def sample_first(ce, gamma):
    """The same from the mean of each sample."""
    ce = ce.mean(-1, keepdims=True)
    return (1 - np.exp(-ce)) ** gamma * ce


def in_two_terms(y_hat, y, alpha, gamma):
    """Without a clip: at a perfect prediction one of the terms is 0 · log 0."""
    one = y * alpha * (1 - y_hat) ** gamma * np.log(y_hat)
    zero = (1 - y) * (1 - alpha) * y_hat**gamma * np.log(1 - y_hat)
    return -(one + zero).mean(-1)


FOCAL_LOSS_MISTAKES = """
each(y_hat, y, alpha, gamma).mean()
    # one number is returned for the whole batch: return one number for each sample
each(y_hat, y, alpha, gamma).mean(0)
    # the mean is over the batch: take the mean over the last axis
each(y_hat, y, alpha, gamma).sum(-1)
    # the losses of a sample are added: take their mean over the last axis
each(y_hat, y, alpha, gamma)
    # the losses are not averaged: take the mean over the last axis
each(y_hat, y, 1 - alpha, gamma).mean(-1)
    # `alpha` is the weight of class 0: it is the weight of class 1
each(y_hat, y, 0.5, gamma).mean(-1) * 2
    # both classes have the weight 1: multiply by `alpha` or 1 − `alpha`
each(y_hat, y, 0.5, gamma).mean(-1) * 2 * alpha
    # both classes have the weight `alpha`: class 0 has 1 − `alpha`
(-balance(y, alpha) * right_class(y_hat, y) ** gamma * log(right_class(y_hat, y))).mean(-1)
    # the factor is p_t to the power `gamma`, which is large for easy samples: use 1 − p_t
(-balance(y, alpha) * (1 - y_hat) ** gamma * log(right_class(y_hat, y))).mean(-1)
    # the factor is 1 − y_hat for both classes: for class 0 it is y_hat
(each(y_hat, y, alpha, gamma) / where(y == 1, 1, 1 - alpha)).mean(-1)
    # class 0 has the weight 1: it has 1 − `alpha`
each(1 / (1 + exp(-y_hat)), y, alpha, gamma).mean(-1)
    # the sigmoid is applied to the predictions, which are probabilities already
(-balance(y, alpha) * (1 - right_class(y_hat, y) ** gamma) * log(right_class(y_hat, y))).mean(-1)
    # the factor is 1 − p_t^`gamma`: subtract first, and then take the power
(weights(y_hat, y, alpha, gamma) * each(y_hat, y, 0.5, 0).mean(-1, keepdims=True) * 2).mean(-1)
(balance(y, alpha) * averaged_first(each(y_hat, y, 0.5, 0) * 2, gamma)).mean(-1)
    # the cross-entropy is averaged before the factor: multiply each cross-entropy by its own factor
each(y_hat, y, alpha, 0).mean(-1)
    # the factor is missing: multiply by 1 − p_t to the power `gamma`
each(y_hat, y, alpha, 1).mean(-1) * gamma
    # `gamma` is a factor: it is the power of 1 − p_t
(-y * alpha * (1 - y_hat) ** gamma * log(y_hat)).mean(-1)
(-y * alpha * (1 - y_hat) ** gamma * log(maximum(y_hat, 1e-7))).mean(-1)
    # samples of class 0 cost nothing: for them p_t is 1 − y_hat
-focal_loss(y_hat, y, alpha, gamma)
    # the sign is wrong: the logarithm is negative, so the loss needs a minus
(each(y_hat, y, alpha, gamma) / balance(y, alpha) * balance(y_hat, alpha)).mean(-1)
    # SWAPPED
in_two_terms(y_hat, y, alpha, gamma)
    # a perfect prediction gives NaN, as 0 · log 0 does: clip the prediction, or use p_t
"""


def probabilities(rng, *shape, alpha=0.75, gamma=2.0, **fields):
    y_hat, y = rng.uniform(0.05, 0.95, shape), rng.integers(0, 2, shape).astype(float)
    y.flat[0], y.flat[-1] = 0, 1
    return Case((y_hat, y), {"alpha": alpha, "gamma": gamma}, **fields)


def drawn(rng):
    return {"alpha": round(rng.uniform(0.1, 0.4), 2), "gamma": round(rng.uniform(1.5, 3), 2)}


FOCAL = {"alpha": 0.75, "gamma": 2.0}
FOUR = (np.array([[0.9], [0.1], [0.5], [0.5]]), np.array([[1.0], [0.0], [1.0], [0.0]]))

FOCAL_LOSS_EXERCISE = Exercise(
    "focal_loss",
    focal_loss,
    visible=(
        Case(FOUR, FOCAL),
        probabilities(default_rng(1), 3, 4),
        probabilities(default_rng(2), 4, 2, alpha=0.3, gamma=1.5),
        probabilities(default_rng(3), 2, 3, 4, part="robustness"),
        Case(
            (np.array([[1.0], [0.0], [0.6]]), np.array([[1.0], [0.0], [1.0]])),
            FOCAL,
            gradients=False,
            part="robustness",
        ),
    ),
    hidden=lambda rng: (
        probabilities(rng, 5, 3, **drawn(rng)),
        probabilities(rng, 2, 6, **drawn(rng)),
        probabilities(rng, 1, 5, **drawn(rng), part="robustness"),
        probabilities(rng, 3, 2, 4, **drawn(rng), part="robustness"),
    ),
    reference={
        "pytorch": """
def focal_loss_pt(y_hat, y, alpha, gamma):
    ce = F.binary_cross_entropy(y_hat, y, reduction="none")
    factor = torch.where(y == 1, alpha * (1 - y_hat) ** gamma, (1 - alpha) * y_hat**gamma)
    return (factor * ce).mean(-1)
""",
        "tensorflow": """
def focal_loss_tf(y, y_hat, alpha, gamma):
    return keras.losses.binary_focal_crossentropy(
        y, y_hat, apply_class_balancing=True, alpha=alpha, gamma=gamma
    )
""",
    },
    misconceptions=mistakes(FOCAL_LOSS_MISTAKES, globals(), "y_hat, y, alpha, gamma"),
    forbid=BUILT_IN,
    target_first=True,
    elementwise=False,
    rtol=1e-3,
)


def softplus(z):
    return np.logaddexp(0, z)


def sigmoid(z):
    return np.exp(-softplus(-z))


def each_of_logits(z, y, alpha, gamma):
    z_t = np.where(y == 1, z, -z)
    return np.where(y == 1, alpha, 1 - alpha) * sigmoid(-z_t) ** gamma * softplus(-z_t)


def focal_from_logits(z, y, alpha, gamma):
    return each_of_logits(z, y, alpha, gamma).mean()


CLIP = "clip({}, 1e-7, 1 - 2.0**-23)"
FOCAL_FROM_LOGITS_MISTAKES = f"""
each(sigmoid(z), y, alpha, gamma).mean()
    # the sigmoid of −1000 is 0, and log 0 is −∞: compute log σ from the logit, with softplus
each({CLIP.format("sigmoid(z)")}, y, alpha, gamma).mean()
(-balance(y, alpha) * (1 - {CLIP.format("right_class(sigmoid(z), y)")}) ** gamma
 * log({CLIP.format("right_class(sigmoid(z), y)")})).mean()
mean(where(y == 1, alpha, 1 - alpha) * sigmoid(where(y == 1, -z, z)) ** gamma
     * minimum(softplus(where(y == 1, -z, z)), 100))
    # the logarithm of the probability is bounded, so a logit of −1000 costs too little: compute
    # log σ from the logit, with softplus
each_of_logits(z, y, alpha, gamma)
    # the losses are not averaged: return one number, their mean
each_of_logits(z, y, alpha, gamma).mean(-1)
    # one number is returned for each sample: return the mean over the whole batch
each_of_logits(z, y, alpha, gamma).sum()
    # the losses are added: return their mean
each_of_logits(z, y, 1 - alpha, gamma).mean()
    # `alpha` is the weight of class 0: it is the weight of class 1
each_of_logits(z, y, 0.5, gamma).mean() * 2
    # both classes have the weight 1: multiply by `alpha` or 1 − `alpha`
each_of_logits(-z, y, alpha, gamma).mean()
    # easy and hard samples are exchanged: the loss is softplus(−z) for class 1, softplus(z) for
    # class 0
(where(y == 1, alpha, 1 - alpha) * sigmoid(where(y == 1, z, -z)) ** gamma
 * softplus(where(y == 1, -z, z))).mean()
    # the factor is p_t to the power `gamma`, which is large for easy samples: use 1 − p_t
each_of_logits(z, y, alpha, 0).mean()
    # the factor is missing: multiply by 1 − p_t to the power `gamma`
each_of_logits(z, y, 0.5, gamma).mean() * 2 * alpha
    # both classes have the weight `alpha`: class 0 has 1 − `alpha`
mean(where(y == 1, alpha, 1 - alpha) * averaged_first(each_of_logits(z, y, 0.5, 0) * 2, gamma))
mean(where(y == 1, alpha, 1 - alpha)
     * sample_first(each_of_logits(z, y, 0.5, 0) * 2, gamma))
    # the cross-entropy is averaged before the factor: multiply each cross-entropy by its own factor
(where(y == 1, alpha, 1 - alpha) * sigmoid(-z) ** gamma * softplus(where(y == 1, -z, z))).mean()
(where(y == 1, alpha, 1 - alpha) * sigmoid(z) ** gamma * softplus(where(y == 1, -z, z))).mean()
    # both classes have the same factor: it is σ(−z) for class 1, and σ(z) for class 0
each_of_logits(sigmoid(z), y, alpha, gamma).mean()
    # the sigmoid is applied twice: softplus takes the logit itself
-focal_from_logits(z, y, alpha, gamma)
    # the sign is wrong: softplus is positive, and so is the loss
each_of_logits(y, z, alpha, gamma).mean()
(balance(z, alpha) * sigmoid(-(2 * z - 1) * y) ** gamma * softplus(-(2 * z - 1) * y)).mean()
    # SWAPPED
"""


def logits(rng, *shape, spread=2.0, alpha=0.75, gamma=2.0, **fields):
    z, y = rng.normal(0, spread, shape), rng.integers(0, 2, shape).astype(float)
    y.flat[0], y.flat[-1] = 0, 1
    return Case((z, y), {"alpha": alpha, "gamma": gamma}, **fields)


def extreme(far, arguments):
    z, y = np.array([[-far], [far], [far], [-far]]), np.array([[1.0], [1.0], [0.0], [0.0]])
    return Case((z, y), arguments, part="robustness")


FOCAL_FROM_LOGITS_EXERCISE = Exercise(
    "focal_from_logits",
    focal_from_logits,
    visible=(
        Case((np.array([[0.5], [2.0], [-1.0]]), np.array([[1.0], [1.0], [0.0]])), FOCAL),
        logits(default_rng(1), 4, 3),
        logits(default_rng(2), 5, 1, alpha=0.3, gamma=1.5),
        extreme(1000.0, FOCAL),
        logits(default_rng(3), 2, 3, 4, part="robustness"),
    ),
    hidden=lambda rng: (
        logits(rng, 5, 2, **drawn(rng)),
        logits(rng, 6, 1, **drawn(rng)),
        extreme(round(rng.uniform(200, 2000), 1), drawn(rng)),
        logits(rng, 3, 2, 4, **drawn(rng), part="robustness"),
    ),
    reference={
        "pytorch": """
def focal_from_logits_pt(z, y, alpha, gamma):
    ce = F.binary_cross_entropy_with_logits(z, y, reduction="none")
    factor = torch.where(y == 1, torch.sigmoid(-z), torch.sigmoid(z)) ** gamma
    return (torch.where(y == 1, alpha, 1 - alpha) * factor * ce).mean()
""",
        "tensorflow": """
def focal_from_logits_tf(y, z, alpha, gamma):
    return tf.reduce_mean(
        keras.losses.binary_focal_crossentropy(
            y, z, apply_class_balancing=True, alpha=alpha, gamma=gamma, from_logits=True
        )
    )
""",
    },
    misconceptions=mistakes(FOCAL_FROM_LOGITS_MISTAKES, globals(), "z, y, alpha, gamma"),
    forbid=BUILT_IN,
    target_first=True,
    elementwise=False,
    rtol=1e-3,
    kind="break",
)


def cubed(d):
    return np.abs(d) ** 3


def numerical_gradient(y_hat, y, step):
    d = y_hat - y
    return (cubed(d + step) - cubed(d - step)) / (2 * step * d.size)


NUMERICAL_GRADIENT_MISTAKES = """
((y_hat - y + step) ** 3 - (y_hat - y - step) ** 3) / (2 * step * y.size)
    # the absolute value is missing: the loss is the mean of |y_hat − y|³
2 * (y_hat - y) / y.size
    # this is the gradient of the squared error: the power is 3
(cubed(y_hat - y + step) - cubed(y_hat - y)) / (2 * step * y.size)
    # only one side is shifted, and the distance is 2 steps: use the loss at + step and at − step
(cubed(y_hat - y + step) - cubed(y_hat - y)) / (step * y.size)
    # only one side is shifted: use the loss at + step and at − step
(cubed(y_hat - y) - cubed(y_hat - y - step)) / (step * y.size)
    # the difference is that of the step behind: use the loss at + step and at − step
numerical_gradient(y_hat, y, step) * 2
    # the difference is divided by the step: the two places are 2 steps apart
numerical_gradient(y_hat, y, step) * 2 * step
    # the difference is not divided by the distance: divide by 2 steps
numerical_gradient(y_hat, y, step) * step
    # the difference is halved, but not divided by the step: divide by 2 steps
numerical_gradient(y_hat, y, step / 2)
    # the numbers are shifted by half a step: shift by a step, and divide by 2 steps
3 * (y_hat - y) * abs(y_hat - y) / y.size
    # this is the exact derivative: compute the difference of two losses
numerical_gradient(y_hat, y, step) * y.size
    # this is the gradient of the sum: the loss is the mean
numerical_gradient(y_hat, y, step).sum() + 0 * y
    # all numbers are shifted at once: shift one, and leave the others as they are
numerical_gradient(y_hat, y, step).sum()
    # all numbers are shifted at once, and one number is returned: shift one after the other
-numerical_gradient(y_hat, y, step)
    # the target is shifted, or the difference has the wrong order: shift the prediction, and
    # subtract the loss at − step
(cubed(y_hat - y + step).mean() - cubed(y_hat - y - step).mean()) / (2 * step) / y.size + 0 * y
    # all numbers are shifted at once, and the result is divided: shift one after the other
"""


def differences(rng, *shape, step=0.1, **fields):
    y_hat, y = rng.normal(0, 1.2, (2, *shape))
    return Case((y_hat, y), {"step": step}, gradients=False, **fields)


NUMERICAL_GRADIENT_EXERCISE = Exercise(
    "numerical_gradient",
    numerical_gradient,
    visible=(
        Case((np.array([1.0, 0.0]), np.array([0.0, 2.0])), {"step": 0.5}, gradients=False),
        differences(default_rng(1), 4),
        differences(default_rng(2), 3, step=0.25),
        differences(default_rng(3), 2, 3, part="robustness"),
    ),
    hidden=lambda rng: (
        differences(rng, 5, step=round(rng.uniform(0.1, 0.3), 2)),
        differences(rng, 3, step=round(rng.uniform(0.3, 0.8), 2)),
        differences(rng, 3, 2, step=0.2, part="robustness"),
        differences(rng, 1, step=0.4, part="robustness"),
    ),
    reference={
        "pytorch": """
def numerical_gradient_pt(y_hat, y, step):
    shifts = step * torch.eye(y.numel()).reshape(-1, *y.shape)
    loss = torch.vmap(lambda s: (y_hat + s - y).abs().pow(3).mean())
    return ((loss(shifts) - loss(-shifts)) / (2 * step)).reshape(y.shape)
""",
        "tensorflow": """
def numerical_gradient_tf(y, y_hat, step):
    n = tf.size(y)
    shifts = step * tf.reshape(tf.eye(n), [n, *y.shape])
    loss = lambda s: tf.reduce_mean(tf.reshape(tf.abs(y_hat + s - y) ** 3, [n, n]), 1)
    return tf.reshape((loss(shifts) - loss(-shifts)) / (2 * step), y.shape)
""",
    },
    misconceptions=mistakes(NUMERICAL_GRADIENT_MISTAKES, globals(), "y_hat, y, step"),
    target_first=True,
    elementwise=False,
    rtol=1e-3,
    atol=5e-5,
)


def masked_mse(y_hat, y, weight, mask):
    squared = np.where(mask > 0, (y_hat - y) ** 2, 0)
    return (weight[:, None] * squared).sum() / max(mask.sum(), 1)


def sq(y_hat, y, mask):
    """The squared errors without those in the padding."""
    return (np.where(mask > 0, y_hat, 0) - np.where(mask > 0, y, 0)) ** 2


ALL = "(y_hat - y) ** 2"
MASKED_MSE_MISTAKES = f"""
(weight * sq(y_hat, y, mask)).sum() / maximum(mask.sum(), 1)
    # the weights go to the steps, or do not fit: each sample has one weight, so insert an axis
(weight[:, None] * sq(y_hat, y, mask)).mean()
(weight[:, None] * mask * {ALL}).mean()
    # the sum is divided by the number of all steps: divide by the number of valid steps
(weight[:, None] * sq(y_hat, y, mask)).sum() / maximum((weight[:, None] * mask).sum(), 1e-9)
(weight[:, None] * sq(y_hat, y, mask)).sum() / (weight[:, None] * mask).sum()
    # the sum is divided by the sum of the weights: divide by the number of valid steps
(weight[:, None] * sq(y_hat, y, mask)).sum() / len(y)
    # the sum is divided by the number of samples: divide by the number of valid steps
(weight[:, None] * sq(y_hat, y, mask)).sum()
    # the losses are added: divide by the number of valid steps
(weight[:, None] * {ALL}).mean()
nanmean(weight[:, None] * {ALL})
    # the mask is not used: leave the padded steps out of the sum and of the number of steps
(weight[:, None] * {ALL}).sum() / maximum(mask.sum(), 1)
    # the padded steps are part of the sum: leave them out there, too
sq(y_hat, y, mask).sum() / maximum(mask.sum(), 1)
    # the weights are not used: multiply the losses of a sample by its weight
(weight[:, None] * (mask * y_hat - y) ** 2).sum() / maximum(mask.sum(), 1)
(weight[:, None] * (where(mask > 0, y_hat, 0) - y) ** 2).sum() / maximum(mask.sum(), 1)
    # the mask hides the predictions, and not the targets: leave the squared errors out
sq(y_hat, y, mask).sum() / maximum(mask.sum(), 1) * weight.mean()
sq(y_hat, y, mask).sum() / mask.sum() * weight.mean()
    # the mean error is multiplied by the mean weight: multiply each by its own
(weight * sq(y_hat, y, mask).sum(1) / maximum(mask.sum(1), 1)).sum() / weight.sum()
(weight * sq(y_hat, y, mask).sum(1) / maximum(mask.sum(1), 1)).mean()
    # this is a mean of the samples' means, in which short samples count more: add all first
(weight[:, None] ** 2 * sq(y_hat, y, mask)).sum() / maximum(mask.sum(), 1)
    # the weights are squared with the difference: multiply the squared difference
(weight[:, None] * sqrt(sq(y_hat, y, mask))).sum() / maximum(mask.sum(), 1)
    # this is the absolute error: square the difference
(weight[:, None] * mask * {ALL}).sum() / maximum(mask.sum(), 1)
    # 0 · NaN is NaN: replace the padded losses with `where`, because the padding can hold anything
(weight[:, None] * sq(y_hat, y, mask)).sum() / mask.sum()
    # without a valid step this is 0 / 0: divide by 1 at least
"""


def sequences(rng, samples, steps, lengths, **fields):
    y_hat, y = rng.normal(0, 1, (2, samples, steps))
    mask = (np.arange(steps) < np.array(lengths)[:, None]).astype(float)
    weight = rng.uniform(0.5, 3, samples)
    return Case((y_hat, y, weight, mask), **fields)


def with_nan(case):
    y_hat, y, weight, mask = case.inputs
    return Case(
        (np.where(mask > 0, y_hat, np.nan), y, weight, mask), gradients=False, part="robustness"
    )


MASKED_MSE_EXERCISE = Exercise(
    "masked_mse",
    masked_mse,
    visible=(
        Case(
            (
                np.array([[1.0, 2.0, 9.0], [3.0, 9.0, 9.0]]),
                np.zeros((2, 3)),
                np.array([1.0, 2.0]),
                np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 0.0]]),
            )
        ),
        sequences(default_rng(1), 3, 3, (3, 1, 2)),
        sequences(default_rng(2), 4, 5, (5, 2, 3, 1)),
        with_nan(sequences(default_rng(3), 2, 4, (3, 1))),
        sequences(default_rng(4), 2, 3, (0, 0), gradients=False, part="robustness"),
    ),
    hidden=lambda rng: (
        sequences(rng, 4, 4, (4, 1, 3, 2)),
        sequences(rng, 3, 6, (6, 2, 3)),
        with_nan(sequences(rng, 3, 5, (5, 1, 2))),
        sequences(rng, 3, 2, (0, 0, 0), gradients=False, part="robustness"),
    ),
    reference={
        "pytorch": """
def masked_mse_pt(y_hat, y, weight, mask):
    valid = mask > 0
    losses = (y_hat[valid] - y[valid]) ** 2
    return (weight[:, None].expand_as(y)[valid] * losses).sum() / mask.sum().clamp(min=1)
""",
        "tensorflow": """
def masked_mse_tf(y, y_hat, weight, mask):
    zeros = tf.zeros_like(y)
    y_hat, y = tf.where(mask > 0, y_hat, zeros), tf.where(mask > 0, y, zeros)
    mse = keras.losses.MeanSquaredError(reduction="sum")
    total = mse(y[..., None], y_hat[..., None], sample_weight=weight[:, None])
    return total / tf.maximum(tf.reduce_sum(mask), 1.0)
""",
    },
    misconceptions=mistakes(MASKED_MSE_MISTAKES, globals(), "y_hat, y, weight, mask"),
    target_first=True,
    targets=(1, 2, 3),
    elementwise=False,
)


def hard(y_hat, y):
    p_t = right_class(y_hat, y)
    return -((1 - p_t) ** 2) * np.log(p_t)


def repaired_loss(y_hat, y):
    return hard(y_hat.reshape(-1), y.reshape(-1)).mean()


def factor(y_hat, y):
    return (1 - right_class(y_hat, y)) ** 2


def ce(y_hat, y):
    return -np.log(right_class(y_hat.reshape(-1), y.reshape(-1)))


def exchanged(y_hat, y, least, least_not):
    """The loss with prediction and target exchanged, whose logarithms a framework bounds."""
    p, target = y_hat.reshape(-1), y.reshape(-1)
    log_y = np.maximum(np.log(target), least)
    log_not = np.maximum(np.log(1 - target), least_not)
    return (factor(p, target) * -(p * log_y + (1 - p) * log_not)).mean()


REPAIRED_LOSS_MISTAKES = """
(factor(y_hat.reshape(-1, 1), y.reshape(-1, 1)) * ce(y_hat, y)).sum(-1).mean()
    # the loss still makes N × N losses, and adds them: give the factor and the cross-entropy one
    # shape
(factor(y_hat.reshape(-1, 1), y.reshape(-1, 1)) * ce(y_hat, y)).mean()
ce(y_hat, y).mean() * factor(y_hat.reshape(-1), y.reshape(-1)).mean()
    # this is the mean of the factors times the mean of the cross-entropies, as N × N losses have
    # it: give both one shape, multiply, then average
hard(y_hat.reshape(-1, 1), y.reshape(-1)).mean()
hard(y_hat.reshape(-1), y.reshape(-1, 1)).mean()
    # each prediction is compared with each label: give both the same shape first
hard(y_hat, y).mean()
    # (N, 1) against (N,) still makes N × N losses: give both the same shape first
hard(y_hat, y[:, None]).mean()
    # the labels always get a new axis: add it only where their shape lacks it
repaired_loss(y_hat, y) * y.size
    # the losses are added: return their mean
hard(y_hat.reshape(-1), y.reshape(-1))
    # one number is returned for each sample: return their mean
ce(y_hat, y).mean()
    # the factor is missing: multiply by (1 − p_t)²
(ce(y_hat, y) * right_class(y_hat.reshape(-1), y.reshape(-1)) ** 2).mean()
    # the factor is p_t², which is large for easy samples: use 1 − p_t
(ce(y_hat, y) * factor(y_hat.reshape(-1), y.reshape(-1)) ** 0.5).mean()
(ce(y_hat, y) * factor(y_hat.reshape(-1), y.reshape(-1)) ** 0.5).mean() * 2
    # the factor is not squared: use (1 − p_t)²
averaged_first(ce(y_hat, y), 2)
    # the factor is that of the mean cross-entropy: multiply each cross-entropy by its own factor
-repaired_loss(y_hat, y)
    # the sign is wrong: the logarithm is negative, so the loss needs a minus
exchanged(y_hat, y, -100, -100)
exchanged(y_hat, y, log(1e-7), log(1e-7))
exchanged(y_hat, y, log(1e-7), log(2.0**-23))
    # SWAPPED
"""


def shaped(rng, n, of_y_hat, of_y, **fields):
    """``n`` samples, whose predictions and labels have these shapes."""
    y_hat, y = rng.uniform(0.1, 0.9, n), rng.integers(0, 2, n).astype(float)
    y[0], y[-1] = 0, 1
    return Case((y_hat.reshape(of_y_hat), y.reshape(of_y)), **fields)


COLUMN, FLAT = (-1, 1), (-1,)

REPAIRED_LOSS_EXERCISE = Exercise(
    "repaired_loss",
    repaired_loss,
    visible=(
        Case((np.array([[0.5], [0.5]]), np.array([[1.0], [0.0]]))),
        shaped(default_rng(1), 4, COLUMN, COLUMN),
        shaped(default_rng(2), 5, COLUMN, FLAT),
        shaped(default_rng(3), 3, FLAT, COLUMN, part="robustness"),
        shaped(default_rng(4), 4, FLAT, FLAT, part="robustness"),
    ),
    hidden=lambda rng: (
        shaped(rng, 6, COLUMN, COLUMN),
        shaped(rng, 7, COLUMN, FLAT),
        shaped(rng, 5, FLAT, COLUMN, part="robustness"),
        shaped(rng, 1, COLUMN, FLAT, part="robustness"),
        shaped(rng, 6, FLAT, FLAT, part="robustness"),
    ),
    reference={
        "pytorch": """
def repaired_loss_pt(y_hat, y):
    y_hat, y = y_hat.reshape(-1), y.reshape(-1)
    ce = F.binary_cross_entropy(y_hat, y, reduction="none")
    return ((y - y_hat) ** 2 * ce).mean()
""",
        "tensorflow": """
def repaired_loss_tf(y, y_hat):
    y, y_hat = tf.reshape(y, (-1, 1)), tf.reshape(y_hat, (-1, 1))
    return tf.reduce_mean(keras.losses.binary_focal_crossentropy(y, y_hat, gamma=2.0))
""",
    },
    misconceptions=mistakes(REPAIRED_LOSS_MISTAKES, globals(), "y_hat, y"),
    forbid=BUILT_IN,
    target_first=True,
    elementwise=False,
    rtol=1e-3,
    kind="repair",
)

CUSTOM_LOSS = component(
    "custom_loss",
    kind="usage",
    name="Writing a loss",
    zh="自定义损失",
    pytorch=("torch.nn.Module",),
    keras=("keras.losses.Loss",),
    calls="""
focal_loss(y_hat, y) | focal_loss(y, y_hat)
    # the target is second in PyTorch, first in Keras; return one number for each sample
FocalLoss(gamma=2.0)(y_hat, y) | FocalLoss(gamma=2.0)(y, y_hat)
    # `forward` reduces in PyTorch; in Keras `call` returns a number for each sample, `Loss` reduces
""",
    behaviour={
        "own-sum-tf": "the reduction `sum` adds elements in PyTorch, samples' means in Keras",
        "own-square-tf": "(N, 1) predictions and (N,) labels make N × N losses in both, silently",
        "own-compile": "`compile` aligns the shapes for a function, and not for a `Loss` subclass",
        "own-logits-tf": "a loss on clipped probabilities has the gradient 0 for ±1000, in both",
        "own-weights-tf": "a loss that returns one number ignores which sample has which weight",
        "own-divide-tf": "Keras divides a weighted sum by the number of samples by default",
        "own-steps-tf": "weights of shape (N,) go to the steps if there are N steps, in both",
        "own-mask-tf": "Keras's mask makes the loss a mean over valid steps; PyTorch has no mask",
        "own-epoch-tf": "Keras's loss of an epoch weights each batch by its size",
        "own-labels-tf": "a Keras `Loss` gets its labels as float32, a PyTorch loss as they are",
        "own-load-tf": "without a buffer or `get_config`, an argument is the default after loading",
        "own-h5": 'an `.h5` file of a model compiled with `"mse"` does not load',
    },
    exercises=(
        FOCAL_LOSS_EXERCISE,
        FOCAL_FROM_LOGITS_EXERCISE,
        NUMERICAL_GRADIENT_EXERCISE,
        MASKED_MSE_EXERCISE,
        REPAIRED_LOSS_EXERCISE,
    ),
)

COMPONENTS = (CUSTOM_LOSS,)
