"""Segmentation losses: Dice and Tversky, made of counts over a mask."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

SUMMED = "the loss is summed over the images: return their mean"
NOT_AVERAGED = "there is a loss for each image: return their mean"
POOLED = "the sums are over the whole batch: take them for each image, then average"
LAST_AXIS_ONLY = "the sums are over the last axis only: take them over all axes but the first"
LOGITS = "a sigmoid is applied to the prediction, which is a probability already"
THRESHOLDED = "the prediction is rounded to 0 or 1, so no gradient reaches it: use the probability"
MEAN_OF_SQUARES = "the denominator has squares: sum the numbers themselves"


def total(x):
    """The sum over all axes but the first."""
    return x.reshape(len(x), -1).sum(1)


def dice(p, t, eps):
    return (1 - (2 * total(p * t) + eps) / (total(p) + total(t) + eps)).mean()


DICE_MISTAKES = """
(1 - (total(p * t) + eps) / (total(p) + total(t) + eps)).mean()
    # the factor 2 is missing: a perfect prediction must cost 0
(1 - (total(p * t) + eps) / (total(p) + total(t) - total(p * t) + eps)).mean()
    # this is the Jaccard loss: the denominator is the sum of both areas, not their union
(1 - (2 * total(p * t) + eps) / (total(p**2) + total(t**2) + eps)).mean()      # MEAN_OF_SQUARES
(1 - 2 * total(p * t) / (total(p) + total(t) + eps)).mean()
    # without a pixel in mask and prediction the loss is 1: add eps to the numerator, too
(1 - 2 * total(p * t) / (total(p) + total(t))).mean()
    # without a pixel in mask and prediction this is 0 / 0: add eps to both parts of the fraction
1 - (2 * (p * t).sum() + eps) / (p.sum() + t.sum() + eps)                      # POOLED
(1 - (2 * (p * t).sum(-1) + eps) / (p.sum(-1) + t.sum(-1) + eps)).mean()       # LAST_AXIS_ONLY
dice(p, t, eps) * len(p)                                                       # SUMMED
1 - (2 * total(p * t) + eps) / (total(p) + total(t) + eps)                     # NOT_AVERAGED
1 - dice(p, t, eps)        # this is the Dice coefficient, which is 1 for a perfect prediction
-(1 - dice(p, t, eps))     # this is minus the Dice coefficient: add 1
dice(1 / (1 + exp(-p)), t, eps)                                                # LOGITS
dice(1.0 * (p > 0.5), t, eps)                                                  # THRESHOLDED
dice(p, t, 1.0)            # eps is 1 whatever is asked for
dice(p, t, 1e-7)           # eps is 1e-7 whatever is asked for
(1 - (2 * total(p * t) / p[0].size + eps) / ((total(p) + total(t)) / p[0].size + eps)).mean()
    # means stand in place of sums, so eps has a larger weight: take sums
(1 - (2 * total(p * t) + eps) / (total(p) + total(t))).mean()
    # eps is in the numerator only: add it to the denominator, too
(1 - (2 * (total(p * t) + eps)) / (total(p) + total(t) + eps)).mean()
    # eps counts twice in the numerator: add it after the multiplication by 2
"""


def drawn(rng, shape, share=0.4):
    return rng.uniform(0.05, 0.95, shape), 1.0 * (rng.uniform(size=shape) < share)


def image(rng, shape, eps, **fields):
    """A batch whose images have masks of different sizes."""
    p, t = drawn(rng, shape)
    t.reshape(len(t), -1)[:, 0] = 1
    t[0] = 0
    t[0].reshape(-1)[:1] = 1
    return Case((p, t), {"eps": eps}, **fields)


FOUR = np.array([[0.9, 0.6, 0.2, 0.1]])
MASK = np.array([[1.0, 0.0, 1.0, 0.0]])
EMPTY = np.zeros((2, 2, 2))

DICE_EXERCISE = Exercise(
    "dice",
    dice,
    visible=(
        Case((FOUR, MASK), {"eps": 1e-7}),
        Case((FOUR, MASK), {"eps": 0.5}),
        image(default_rng(1), (2, 3, 4), 1e-7),
        image(default_rng(2), (3, 2, 2, 1), 0.25, part="robustness"),
        Case(
            (EMPTY, np.stack([EMPTY[0], EMPTY[0] + 1])),
            {"eps": 1e-7},
            gradients=False,
            part="robustness",
        ),
    ),
    hidden=lambda rng: (
        image(rng, (3, 4, 4), 1e-7),
        image(rng, (2, 3, 3), 2.0),
        image(rng, (2, 6), 0.1, part="robustness"),
        image(rng, (2, 3, 2, 2, 2), 0.3, part="robustness"),
        Case((EMPTY, EMPTY), {"eps": 1e-3}, gradients=False, part="robustness"),
    ),
    reference={
        "pytorch": """
def dice_pt(p, t, eps):
    p, t = p.flatten(1), t.flatten(1)
    return (1 - (2 * (p * t).sum(1) + eps) / (p.sum(1) + t.sum(1) + eps)).mean()
""",
        "tensorflow": """
def dice_tf(t, p, eps):
    axes = list(range(1, len(p.shape)))
    area = tf.reduce_sum(p, axes) + tf.reduce_sum(t, axes)
    both = tf.reduce_sum(p * t, axes)
    return tf.reduce_mean(1 - (2 * both + eps) / (area + eps))
""",
    },
    misconceptions=mistakes(DICE_MISTAKES, globals(), "p, t, eps"),
    target_first=True,
    elementwise=False,
)

DICE = component(
    "dice",
    name="Dice loss",
    zh="Dice 损失",
    keras=("keras.losses.Dice", "keras.losses.dice"),
    calls="""
1 - 2 * (p * t).sum() / (p.sum() + t.sum() + 1e-7) | keras.losses.Dice()(t, p)
    # `p` are probabilities, not logits; by default Keras treats the whole batch as one image
dice(p, t, dim=(1, 2, 3)).mean() | keras.losses.Dice(axis=(1, 2, 3))(t, p)
    # `dice` is the function of this section; `axis` gives each image its own loss
""",
    behaviour={
        "dice-axis-tf": "`axis=None` adds up the whole batch: large masks decide",
        "dice-empty-tf": "an empty mask that is predicted perfectly costs 1 in Keras, with the "
        "gradient 0",
        "dice-weights-tf": "without `axis`, sample weights multiply one number by their mean",
        "dice-logits-tf": "Keras's Dice accepts logits, and can then be negative",
        "dice-shapes": "a mask (N,) against a prediction (N, 1): `dice` is negative, and no error",
    },
    exercises=(DICE_EXERCISE,),
)


def tversky(p, t, fp, fn):
    both, only_p, only_t = total(p * t), total(p * (1 - t)), total((1 - p) * t)
    return (1 - both / (both + fp * only_p + fn * only_t + 1e-7)).mean()


TVERSKY_MISTAKES = """
tversky(p, t, fn, fp)
    # false positives and false negatives are exchanged: their weights, or prediction and target,
    # are swapped
(1 - (total(p * t) + 1e-7) / (total(p * t) + fp * total(p * (1 - t)) + fn * total((1 - p) * t)\
 + 1e-7)).mean()
    # 1e-7 is in the numerator, too: add it to the denominator only
(1 - total(p * t) / (fp * total(p * (1 - t)) + fn * total((1 - p) * t) + 1e-7)).mean()
    # the true positives are missing in the denominator
tversky(p, t, 1.0, 1.0)        # both weights are 1 whatever is asked for: that is the Jaccard loss
tversky(p, t, 0.5, 0.5)        # both weights are ½ whatever is asked for: that is the Dice loss
tversky(p, t, fp, 1 - fp)
tversky(p, t, 1 - fn, fn)      # one weight is computed from the other: they need not sum to 1
(1 - 2 * total(p * t) / (2 * total(p * t) + fp * total(p * (1 - t)) + fn * total((1 - p) * t)\
 + 1e-7)).mean()
    # the true positives are doubled: they have the weight 1
(1 - 2 * total(p * t) / (total(p * t) + fp * total(p * (1 - t)) + fn * total((1 - p) * t)\
 + 1e-7)).mean()
    # the numerator is doubled: leave out the factor 2
(1 - total(p * t) / (total(p * t) + fp * total(p) + fn * total(t) + 1e-7)).mean()
    # the whole areas are weighted: count only the pixels that are wrong
1 - (p * t).sum() / ((p * t).sum() + fp * (p * (1 - t)).sum() + fn * ((1 - p) * t).sum() + 1e-7)
    # POOLED
1 - tversky(p, t, fp, fn)      # this is the Tversky index, which is 1 for a perfect prediction
-(1 - tversky(p, t, fp, fn))   # this is minus the Tversky index: add 1
tversky(p, t, fp, fn) * len(p)                     # SUMMED
1 - total(p * t) / (total(p * t) + fp * total(p * (1 - t)) + fn * total((1 - p) * t) + 1e-7)
    # NOT_AVERAGED
tversky(1 / (1 + exp(-p)), t, fp, fn)              # LOGITS
tversky(1.0 * (p > 0.5), t, fp, fn)                # THRESHOLDED
(1 - total(p * t) / (total(p * t) + fp * total(p * (1 - t)) + fn * total((1 - p) * t))).mean()
    # without a pixel in mask and prediction this is 0 / 0: add 1e-7 to the denominator
"""


def weighted(rng, shape, fp, fn, **fields):
    p, t = image(rng, shape, 0).inputs
    return Case((p, t), {"fp": fp, "fn": fn}, **fields)


TVERSKY_EXERCISE = Exercise(
    "tversky",
    tversky,
    visible=(
        Case((FOUR, MASK), {"fp": 0.3, "fn": 0.7}),
        Case((FOUR, MASK), {"fp": 2.0, "fn": 0.25}),
        weighted(default_rng(1), (2, 3, 4), 0.3, 0.6),
        weighted(default_rng(2), (3, 2, 2, 1), 0.9, 0.1, part="robustness"),
        Case((EMPTY, EMPTY), {"fp": 0.5, "fn": 0.5}, gradients=False, part="robustness"),
    ),
    hidden=lambda rng: (
        weighted(rng, (3, 4, 4), round(rng.uniform(0.1, 0.4), 3), round(rng.uniform(0.7, 1), 3)),
        weighted(rng, (2, 3, 3), round(rng.uniform(1.2, 2), 3), round(rng.uniform(0.2, 0.8), 3)),
        weighted(rng, (2, 6), 0.0, 1.0, part="robustness"),
        weighted(rng, (2, 3, 2, 2, 2), 0.4, 0.8, part="robustness"),
    ),
    reference={
        "pytorch": """
def tversky_pt(p, t, fp, fn):
    p, t = p.flatten(1), t.flatten(1)
    both = (p * t).sum(1)
    wrong = fp * (p * (1 - t)).sum(1) + fn * ((1 - p) * t).sum(1)
    return (1 - both / (both + wrong + 1e-7)).mean()
""",
        "tensorflow": """
def tversky_tf(t, p, fp, fn):
    axes = list(range(1, len(p.shape)))
    both = tf.reduce_sum(p * t, axes)
    wrong = fp * tf.reduce_sum(p * (1 - t), axes) + fn * tf.reduce_sum((1 - p) * t, axes)
    return tf.reduce_mean(1 - both / (both + wrong + 1e-7))
""",
    },
    misconceptions=mistakes(TVERSKY_MISTAKES, globals(), "p, t, fp, fn"),
    target_first=True,
    elementwise=False,
)

TVERSKY = component(
    "tversky",
    name="Tversky loss",
    zh="Tversky 损失",
    keras=("keras.losses.Tversky", "keras.losses.tversky"),
    calls="""
tversky(p, t, fp=0.7, fn=0.3) | keras.losses.Tversky(alpha=0.3, beta=0.7)(t, p)
    # `tversky` is the function of this section; in Keras 3.15 `alpha` weights the false
    # **negatives**, although its documentation says the false positives
""",
    behaviour={
        "tversky-keras-tf": "in Keras 3.15, `alpha` weights the false negatives, not the false "
        "positives as documented",
        "tversky-training-tf": "with `alpha` and `beta` as documented, Keras trains for the "
        "opposite of what was meant",
        "mean-iou": "`MeanIoU` truncates probabilities to integers: 0.25 for a perfect prediction",
    },
    exercises=(TVERSKY_EXERCISE,),
)

COMPONENTS = (DICE, TVERSKY)
