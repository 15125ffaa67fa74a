# %% [markdown]
# # Exercises: segmentation losses
#
# Write the losses of [the chapter](../../chapters/losses/segmentation.ipynb) yourself, from their formulas: in
# PyTorch, in TensorFlow, or in both. Replace the line that raises an error, run the cell, then run the check below it.
# The check immediately tells you what is right and what is wrong.
#
# An answer earns one point each for its **values**, its **gradients** and its **robustness**. A robust answer accepts
# images with any number of axes, returns float32 for float32, and does not change its inputs. With wrong values it
# earns no points. You may use operators, sums and reshapes, but not Keras's losses. In PyTorch the prediction comes
# first, in TensorFlow the mask.

# %%
from diptych import check

# %% imports-pt tags=["pytorch"]
import torch

# %% imports-tf tags=["tensorflow"]
import tensorflow as tf

# %% [markdown]
# One framework is enough: run its imports, and skip the cells of the other framework.

# %% [markdown]
# ## Dice, with empty masks
#
# Return the mean Dice loss of the images. The first axis is the batch, and all other axes are those of an image. For
# each image the loss is 1 − (2 · TP + `eps`) / (P + T + `eps`). TP is the sum of the products of prediction and mask, P
# is the sum of the prediction, and T is the sum of the mask. An empty mask that is predicted perfectly then costs 0.
#
# Worked case: one image of four pixels, predicted as (0.9, 0.6, 0.2, 0.1), with the mask (1, 0, 1, 0). With
# `eps` = 1e-7 the loss is 1 − 2.2 / 3.8 = 0.4211.
#
# Hint 1: Over which axes must the sums be, so that each image keeps its own number?
#
# Hint 2: Flatten each image first, and sum over axis 1. Average over the images at the end.
#
# Hint 3: `p = prediction.flatten(1)`; in TensorFlow `tf.reshape(prediction, (prediction.shape[0], -1))`.

# %%
def dice_pt(
    prediction: torch.Tensor, target: torch.Tensor, eps: float
) -> torch.Tensor:
    """prediction: probabilities, target: 0 or 1, both
    (batch, …); returns a single number."""
    p, t = prediction.flatten(1), target.flatten(1)
    both, area = (p * t).sum(1), (p + t).sum(1)
    return (1 - (2 * both + eps) / (area + eps)).mean()

# %%
def dice_tf(
    target: tf.Tensor, prediction: tf.Tensor, eps: float
) -> tf.Tensor:
    """target: 0 or 1, prediction: probabilities, both
    (batch, …); returns a single number."""
    t, p = (
        tf.reshape(x, (x.shape[0], -1))
        for x in (target, prediction)
    )
    both = tf.reduce_sum(p * t, 1)
    area = tf.reduce_sum(p + t, 1)
    return tf.reduce_mean(1 - (2 * both + eps) / (area + eps))

# %% [markdown]
# **Why:** the mean comes last, so an image with a small object counts as much as one with a large object.

# %% [markdown]
# ## Tversky, with named weights
#
# Return the mean Tversky loss of the images. For each image it is 1 − TP / (TP + `fp` · FP + `fn` · FN + 1e-7). TP is
# the sum of the products of prediction and mask. FP is the part of the prediction that is outside the mask, and FN is
# the part of the mask that is not predicted. The weights `fp` and `fn` need not sum to 1.
#
# Worked case: for the prediction (0.9, 0.6, 0.2, 0.1) and the mask (1, 0, 1, 0), TP is 1.1, FP is 0.7 and FN is 0.9.
# With `fp` = 0.3 and `fn` = 0.7 the loss is 1 − 1.1 / 1.94 = 0.4330.
#
# Hint 1: Which product of prediction and mask is large, if a pixel outside the mask is predicted?
#
# Hint 2: FP is the sum of p (1 − t), and FN is the sum of (1 − p) t, both for each image.
#
# Hint 3: `wrong = fp * (p * (1 - t)).sum(1) + fn * ((1 - p) * t).sum(1)` with flattened images; in TensorFlow
# `tf.reduce_sum(…, 1)`.

# %%
def tversky_pt(
    prediction: torch.Tensor,
    target: torch.Tensor,
    fp: float,
    fn: float,
) -> torch.Tensor:
    """prediction: probabilities, target: 0 or 1, both
    (batch, …); returns a single number."""
    p, t = prediction.flatten(1), target.flatten(1)
    both = (p * t).sum(1)
    wrong = fp * (p * (1 - t)).sum(1)
    wrong = wrong + fn * ((1 - p) * t).sum(1)
    return (1 - both / (both + wrong + 1e-7)).mean()

# %%
def tversky_tf(
    target: tf.Tensor,
    prediction: tf.Tensor,
    fp: float,
    fn: float,
) -> tf.Tensor:
    """target: 0 or 1, prediction: probabilities, both
    (batch, …); returns a single number."""
    t, p = (
        tf.reshape(x, (x.shape[0], -1))
        for x in (target, prediction)
    )
    both = tf.reduce_sum(p * t, 1)
    wrong = fp * tf.reduce_sum(p * (1 - t), 1)
    wrong = wrong + fn * tf.reduce_sum((1 - p) * t, 1)
    return tf.reduce_mean(1 - both / (both + wrong + 1e-7))

# %% [markdown]
# **Why:** a name such as `fn` says what it weights, and `alpha` does not.
