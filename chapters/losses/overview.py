# %% [markdown]
# # Losses
#
# A loss compares a prediction with a target, and returns one number that training makes smaller. Both frameworks
# have about twenty loss classes, and most of them compute the same formulas.
#
# **The claims of this page:** four things can change when you port a loss from one framework to the other:
#
# - the order of its two arguments: [target first in Keras, prediction first in PyTorch](losses-order)
# - the form of the prediction: [logits, probabilities or log-probabilities](losses-forms)
# - the numbers over which it takes [the mean or the sum](losses-reductions)
# - the loss and the gradient of [a completely wrong prediction](losses-clipping): some losses clip their input
#
# Three of these sections run the 42 loss classes of both frameworks. At the end of the page there are [a table for
# porting](losses-porting) and [a table for choosing](losses-choosing).

# %%
import warnings
from inspect import signature

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, plots, show, show_error, value_and_grad

plots.use_style()

# %% [markdown]
# ## Most losses grow linearly with the error, squared ones grow faster
#
# Each panel shows one loss (solid) and its derivative (dashed), while one number of the prediction changes from −4
# to 4. The table below the figure says which number this is. A title leads to the section of its loss.

# %% every-loss tags=["hide-input"]
# alt: A grid of 28 small panels over a changing number from minus 4 to 4, each with one loss and its derivative
# dashed; each chapter has its own colour. Regression losses have their minimum 0 in the middle: MSE is a parabola,
# MAE is a V, Huber, Smooth L1 and LogCosh are a V with a round tip, MAPE is a flat V, MSLE and Poisson rise more
# steeply to the left. Binary and multi-class losses fall from left to right, most of them with the slope minus 1 on
# the left: BCE and cross-entropy smoothly, the hinge losses with a kink. The focal losses are nearer to 0, and the
# generalized cross-entropy is flat at both ends. Similarity losses: cosine falls like an S, the others have a kink.
# Dice and Tversky are shaped like a falling S.
grid = np.linspace(-4, 4, 161, dtype=np.float32)
n = len(grid)
one, two, zeros = torch.ones(n), torch.full((n,), 2.0), torch.zeros(n)
true_class = torch.zeros(n, dtype=torch.int64)
label_list = torch.tensor([[0, -1, -1]]).expand(n, 3)
east = torch.tensor([[1.0, 0.0]]).expand(n, 2)
label, target = tf.ones((n, 1)), tf.fill((n, 1), 2.0)
hot, mask = tf.tile([[1.0, 0.0, 0.0]], (n, 1)), tf.constant([[1.0, 0.0]])
of_each = {"reduction": "none"}


def row(x, *others):
    """Rows of the changing number and of the ``others``, which stay."""
    if isinstance(x, torch.Tensor):
        return torch.stack([x, *(torch.full_like(x, other) for other in others)], -1)
    return tf.stack([x, *(tf.fill(x.shape, float(other)) for other in others)], -1)


def of_masks(loss, x, **options):
    pixels = tf.sigmoid(row(x, 0))
    return tf.stack([loss(mask, pixels[i : i + 1], **options) for i in range(n)])


K = keras.losses
panels = [
    ("MSE", "mean-squared-error", 0, torch.tensor,
     lambda x: F.mse_loss(2 + x, two, **of_each)),
    ("MAE", "mean-absolute-error", 0, torch.tensor,
     lambda x: F.l1_loss(2 + x, two, **of_each)),
    ("Huber", "huber", 0, torch.tensor,
     lambda x: F.huber_loss(2 + x, two, **of_each)),
    ("Smooth L1, β = 2", "smooth-l1", 0, torch.tensor,
     lambda x: F.smooth_l1_loss(2 + x, two, beta=2.0, **of_each)),
    ("LogCosh", "log-cosh", 0, tf.constant,
     lambda x: K.log_cosh(target, 2 + x[:, None])),
    ("MAPE / 100", "mean-absolute-percentage-error", 0, tf.constant,
     lambda x: K.mean_absolute_percentage_error(target, 2 + x[:, None]) / 100),
    ("MSLE", "mean-squared-logarithmic-error", 0, tf.constant,
     lambda x: K.mean_squared_logarithmic_error(target, 2 + x[:, None])),
    ("Poisson", "poisson-nll", 0, tf.constant,
     lambda x: K.poisson(target, 2 + x[:, None])),
    ("Gaussian NLL, var. 4", "gaussian-nll", 0, torch.tensor,
     lambda x: F.gaussian_nll_loss(2 + x, two, 4.0, **of_each)),
    ("BCE", "binary-cross-entropy-with-logits", 1, torch.tensor,
     lambda x: F.binary_cross_entropy_with_logits(x, one, **of_each)),
    ("Focal", "focal", 1, tf.constant,
     lambda x: K.binary_focal_crossentropy(label, x[:, None], from_logits=True)),
    ("Hinge", "hinge", 1, tf.constant, lambda x: K.hinge(label, x[:, None])),
    ("Squared hinge", "squared-hinge", 1, tf.constant,
     lambda x: K.squared_hinge(label, x[:, None])),
    ("Soft margin", "soft-margin", 1, torch.tensor,
     lambda x: F.soft_margin_loss(x, one, **of_each)),
    ("Multi-label soft m.", "multilabel-soft-margin", 1, torch.tensor,
     lambda x: F.multilabel_soft_margin_loss(row(x, 0), east, **of_each)),
    ("Cross-entropy", "categorical-cross-entropy", 2, torch.tensor,
     lambda x: F.cross_entropy(row(x, 0, 0), true_class, **of_each)),
    ("Categorical focal", "categorical-focal", 2, tf.constant,
     lambda x: K.categorical_focal_crossentropy(hot, tf.nn.softmax(row(x, 0, 0)))),
    ("Generalized CE", "generalized-cross-entropy", 2, tf.constant,
     lambda x: K.categorical_generalized_cross_entropy(
         tf.zeros(n), tf.nn.softmax(row(x, 0, 0)), q=0.5)),
    ("Categorical hinge", "categorical-hinge", 2, tf.constant,
     lambda x: K.categorical_hinge(hot, row(x, 0, 0))),
    ("Multi-margin", "multi-margin", 2, torch.tensor,
     lambda x: F.multi_margin_loss(row(x, 0, 0), true_class, **of_each)),
    ("Multi-label margin", "multilabel-margin", 2, torch.tensor,
     lambda x: F.multilabel_margin_loss(row(x, 0, 0), label_list, **of_each)),
    ("Cosine similarity", "cosine-similarity", 3, tf.constant,
     lambda x: K.cosine_similarity(tf.constant(east.numpy()), row(x, 1))),
    ("Cosine embedding", "cosine-embedding", 3, torch.tensor,
     lambda x: F.cosine_embedding_loss(row(x, 1), east, -one, **of_each)),
    ("Hinge embedding", "hinge-embedding", 3, torch.tensor,
     lambda x: F.hinge_embedding_loss(x, -one, **of_each)),
    ("Margin ranking", "margin-ranking", 3, torch.tensor,
     lambda x: F.margin_ranking_loss(x, zeros, one, margin=1.0, **of_each)),
    ("Triplet margin", "triplet-margin", 3, torch.tensor,
     lambda x: F.triplet_margin_loss(zeros[:, None], one[:, None], x[:, None], **of_each)),
    ("Dice", "dice", 4, tf.constant, lambda x: of_masks(K.dice, x)),
    ("Tversky", "tversky", 4, tf.constant, lambda x: of_masks(K.tversky, x, alpha=0.3, beta=0.7)),
]
fig, axes = plt.subplots(7, 4, figsize=(5.2, 8.4), sharex=True, sharey=True)
for ax, (title, anchor, chapter, tensor, loss) in zip(axes.flat, panels):
    color = plots.PALETTE[chapter]
    y, slope = value_and_grad(loss, tensor(grid))
    y, slope = ((v.detach() if tensor is torch.tensor else v).numpy() for v in (y, slope))
    slope[np.isnan(y)] = np.nan
    plots.zero_lines(ax)
    ax.plot(*plots.broken(grid, y), color=color, linewidth=1.5)
    ax.plot(*plots.broken(grid, slope), "--", color=color, linewidth=1)
    plots.head(ax, title, anchor, color=color, fontsize=8.3, pad=3)
axes[0, 0].set(ylim=(-2.4, 3.6), xticks=(-3, 0, 3), yticks=(-2, 0, 2))
plt.show()

# %% [markdown]
# | losses | the number that changes | what stays |
# | --- | --- | --- |
# | [regression](regression.ipynb#huber-loss) | the prediction minus the target | the target is 2 |
# | [binary](binary.ipynb#hinge-loss) | the logit or score | the label is 1 |
# | [multi-class](multiclass.ipynb#categorical-cross-entropy) | the logit or score of the true class | the other two scores are 0 |
# | [cosine similarity](cosine-similarity), [cosine embedding](cosine-embedding) | the first coordinate of a vector ($x$, 1) | the other vector is (1, 0), the label of the embedding loss −1 |
# | [hinge embedding](hinge-embedding) | the distance | the label is −1 |
# | [margin ranking](margin-ranking) | the score of the better input | the other score is 0 |
# | [triplet margin](similarity.ipynb#triplet-margin-loss) | the negative | the anchor is 0, the positive 1 |
# | [segmentation](segmentation.ipynb#dice) | the logit of a pixel with the label 1 | another pixel has the logit 0 and the label 0 |
#
# The next cell contains the inputs for the measurements on this page. You can skip it.

# %% registry tags=["hide-input"]
def array(*rows):
    return np.array(rows, dtype=np.float32)


def softmax_of(scores):
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return (powers / powers.sum(-1, keepdims=True)).astype(np.float32)


numbers, targets = array((0.5, 2), (-1, 4)), array((1, 1.5), (1, 0.5))
rates, counts = array((0.5, 2), (1, 4)), array((1, 1), (0, 3))
scores, bits = array((2, -1), (0.5, -0.3)), array((1, 0), (0, 1))  # bits: labels 0 and 1
signs = 2 * bits - 1  # labels −1 and 1
chances = 1 / (1 + np.exp(-scores))  # probabilities of the label 1
logits = array((2, 0.5, -1), (0.1, 1, 0.3), (-0.5, 0.2, 0.8), (1, 1, 0))
classes = np.array([0, 1, 2, 1])
one_hot = np.eye(3, dtype=np.float32)[classes]
probabilities = softmax_of(logits)
soft = array((0.7, 0.2, 0.1), (0.2, 0.5, 0.3), (0.1, 0.1, 0.8), (0.3, 0.4, 0.3))
one, other, third = array((1, 2, 2), (0, 3, 4)), array((2, 1, -2), (1, 2, 2)), array((0, 1, 1), (3, 0, 1))
units = logits / np.linalg.norm(logits, axis=1, keepdims=True)
frames = np.random.default_rng(0).normal(size=(2, 5, 3)).astype(np.float32)  # (batch, time, classes)
words = np.array([[1, 2], [1, 0]])  # two labels, one label
short = array(((0, 0, 0), (0, 0, 0)))  # two frames, too few for the labels 1, 1
far, zero, bit, row = array((1000,)), array((0,)), array((1,)), array((-1000, 0, 0))
first, hot = np.array([0]), array((1, 0, 0))
certain, impossible = array((1, 0, 0)), array((0, 0.5, 0.5))

# Name: how it is made, inputs, and inputs with the worst prediction.
losses_pt = {
    "MSELoss": (nn.MSELoss, (numbers, targets), (far, zero)),
    "L1Loss": (nn.L1Loss, (numbers, targets), (far, zero)),
    "HuberLoss": (nn.HuberLoss, (numbers, targets), (far, zero)),
    "SmoothL1Loss": (nn.SmoothL1Loss, (numbers, targets), (far, zero)),
    "PoissonNLLLoss": (nn.PoissonNLLLoss, (np.log(rates), counts), (-far, 3 * bit)),
    "GaussianNLLLoss": (nn.GaussianNLLLoss, (numbers, targets, array((0.25, 1), (4, 2))),
                        (bit, zero, zero)),
    "BCELoss": (nn.BCELoss, (chances, bits), (zero, bit)),
    "BCEWithLogitsLoss": (nn.BCEWithLogitsLoss, (scores, bits), (-far, bit)),
    "SoftMarginLoss": (nn.SoftMarginLoss, (scores, signs), (-far, bit)),
    "MultiLabelSoftMarginLoss": (nn.MultiLabelSoftMarginLoss, (scores, bits), (-far, bit)),
    "CrossEntropyLoss": (nn.CrossEntropyLoss, (logits, classes), (row, first)),
    "NLLLoss": (nn.NLLLoss, (np.log(probabilities), classes), (row, first)),
    "KLDivLoss": (nn.KLDivLoss, (np.log(probabilities), soft), (row, certain)),
    "MultiMarginLoss": (nn.MultiMarginLoss, (logits, classes), (row, first)),
    "MultiLabelMarginLoss": (nn.MultiLabelMarginLoss, (logits, np.array(
        [[0, -1, 0], [1, 2, -1], [2, -1, 0], [0, 1, -1]])), (row, np.array([[0, -1, -1]]))),
    "CosineEmbeddingLoss": (nn.CosineEmbeddingLoss, (one, other, array(1, -1)),
                            (array((0, 0)), array((1, 2)), array(1))),
    "HingeEmbeddingLoss": (nn.HingeEmbeddingLoss, (array(0.3, 0.6), array(1, -1)),
                           (array(1000), array(1))),
    "MarginRankingLoss": (nn.MarginRankingLoss, (array(1.5, 0.2), array(0.3, 0.3), array(1, -1)),
                          (array(-1000), array(0), array(1))),
    "TripletMarginLoss": (nn.TripletMarginLoss, (one, other, third), (one[:1], 1000 * one[:1], third[:1])),
    "CTCLoss": (nn.CTCLoss, (np.log(softmax_of(frames)).swapaxes(0, 1), words,
                             np.array([5, 5]), np.array([2, 1])),
                (np.log(softmax_of(short)).swapaxes(0, 1), np.array([[1, 1]]),
                 np.array([2]), np.array([2]))),
}
losses = keras.losses
losses_tf = {
    "MeanSquaredError": (losses.MeanSquaredError, (targets, numbers), (zero, far)),
    "MeanAbsoluteError": (losses.MeanAbsoluteError, (targets, numbers), (zero, far)),
    "Huber": (losses.Huber, (targets, numbers), (zero, far)),
    "LogCosh": (losses.LogCosh, (targets, numbers), (zero, far)),
    "MeanAbsolutePercentageError": (losses.MeanAbsolutePercentageError, (targets, numbers), (zero, bit)),
    "MeanSquaredLogarithmicError": (losses.MeanSquaredLogarithmicError, (targets, rates), (bit, -far)),
    "Poisson": (losses.Poisson, (counts, rates), (3 * bit, zero)),
    "BinaryCrossentropy": (losses.BinaryCrossentropy, (bits, chances), (bit, zero)),
    "BinaryFocalCrossentropy": (losses.BinaryFocalCrossentropy, (bits, chances), (bit, zero)),
    "Hinge": (losses.Hinge, (signs, scores), (bit, -far)),
    "SquaredHinge": (losses.SquaredHinge, (signs, scores), (bit, -far)),
    "CategoricalCrossentropy": (losses.CategoricalCrossentropy, (one_hot, probabilities), (hot, impossible)),
    "SparseCategoricalCrossentropy": (losses.SparseCategoricalCrossentropy, (classes, probabilities),
                                      (first, impossible)),
    "KLDivergence": (losses.KLDivergence, (soft, probabilities), (certain, impossible)),
    "CategoricalFocalCrossentropy": (losses.CategoricalFocalCrossentropy, (one_hot, probabilities),
                                     (hot, impossible)),
    "CategoricalGeneralizedCrossEntropy": (losses.CategoricalGeneralizedCrossEntropy,
                                           (classes, probabilities), (first, impossible)),
    "CategoricalHinge": (losses.CategoricalHinge, (one_hot, logits), (hot, row)),
    "CosineSimilarity": (losses.CosineSimilarity, (other, one), (array((1, 2)), array((0, 0)))),
    "Circle": (losses.Circle, (np.array([0, 0, 1, 1]), units), (np.array([0, 0, 1]),
               array((1, 0), (-1, 0), (1, 0)))),
    "Dice": (losses.Dice, (bits, chances), (bits, 0 * bits)),
    "Tversky": (losses.Tversky, (bits, chances), (bits, 0 * bits)),
    "CTC": (losses.CTC, (words, frames), (np.array([[1, 1]]), short)),
}


def value(loss, inputs):
    """The number that a loss returns, or None where it raises an error."""
    convert = torch.tensor if isinstance(loss, nn.Module) else tf.constant
    with warnings.catch_warnings(record=True):
        try:
            result = loss(*map(convert, inputs))
        except Exception:
            return None
    return (result.detach() if isinstance(result, torch.Tensor) else result).numpy()


def swapped(loss, inputs):
    """What changes where the first two inputs of a loss change places."""
    changed = value(loss, (inputs[1], inputs[0], *inputs[2:]))
    if changed is None:
        return "error"
    return "same" if np.allclose(changed, value(loss, inputs)) else "another number"


def of_worst(loss, inputs, place):
    """The loss of the worst prediction, input number ``place``, and its derivative."""
    convert = torch.tensor if isinstance(loss, nn.Module) else tf.constant
    with warnings.catch_warnings(record=True):
        result, gradient = value_and_grad(loss, *map(convert, inputs), argnums=place)
    result = result.detach() if isinstance(result, torch.Tensor) else result
    return float(result) + 0.0, float(gradient.numpy().ravel()[0]) + 0.0  # 0.0, where it is −0.0

# %% [markdown]
# (losses-order)=
# ## PyTorch takes the prediction first, TensorFlow takes the target first
#
# PyTorch calls the two arguments `input` and `target`, Keras calls them `y_true` and `y_pred`. `tf.nn` also takes
# the labels first. The next cells call the binary cross-entropy in the right order and in the wrong order. There is
# no error:

# %% order-two-pt tags=["pytorch"]
p, y = torch.tensor([0.9, 0.2]), torch.tensor([1.0, 0.0])
right_pt = F.binary_cross_entropy(p, y)
show(right=right_pt, swapped=F.binary_cross_entropy(y, p))

# %% order-two-tf tags=["tensorflow"]
p, y = tf.constant([0.9, 0.2]), tf.constant([1.0, 0.0])
loss = keras.losses.binary_crossentropy
right_tf = loss(y, p)
show(right=right_tf, swapped=loss(p, y))

# %%
agree(right_pt, right_tf)

# %% [markdown]
# The next cells call each loss class with its first two arguments in the right and in the wrong order. They print the
# names of these arguments, and what the wrong order returns: the same number, another number, or an error.

# %% order-pt tags=["pytorch"]
for name, (make, inputs, _) in losses_pt.items():
    loss = make()
    names = list(signature(loss.forward).parameters)[:2]
    names = ", ".join(names)
    print(f"{name:25}{names:19}{swapped(loss, inputs)}")

# %% order-tf tags=["tensorflow"]
for name, (make, inputs, _) in losses_tf.items():
    loss = make()
    names = ", ".join(signature(loss.call).parameters)
    print(f"{name:35}{names:15}{swapped(loss, inputs)}")

# %% [markdown]
# The number is the same if a loss uses only the difference of its arguments, as MSE does, or their product, as Hinge
# does. Then you notice the mistake only when you choose another loss. If you pass the arguments by name, their order
# does not matter.
#
# The next cell prints the arguments of other losses. The two classes of PyTorch in the first lines contain the last
# layer of the network, so `input` is the input of this layer. The functions of `tf.nn` take the labels first. The
# exceptions are `sampled_softmax_loss` and `nce_loss`, which begin with the weights and biases of the last layer.

# %% order-others
adaptive = nn.AdaptiveLogSoftmaxWithLoss(8, 5, [2])
linear = nn.LinearCrossEntropyLoss(8, 5)
for loss in (adaptive, linear):
    print(f"{type(loss).__name__:34}", *list(signature(loss.forward).parameters))
for name in ("sigmoid_cross_entropy_with_logits", "weighted_cross_entropy_with_logits",
             "softmax_cross_entropy_with_logits", "sparse_softmax_cross_entropy_with_logits",
             "log_poisson_loss", "ctc_loss", "sampled_softmax_loss", "nce_loss"):
    print(f"{name:41}", *list(signature(getattr(tf.nn, name)).parameters)[:4])

# %% [markdown]
# (losses-forms)=
# ## The same cross-entropy takes logits, probabilities or log-probabilities
#
# A logit is the output of the last layer before softmax or sigmoid. Keras's cross-entropies take probabilities, or
# logits with `from_logits=True`. PyTorch has a class for each form. With the right form, all of them return the same
# number. In the next cells this is 0.5866 for three classes, and 0.5672 for two:

# %% forms-pt tags=["pytorch"]
z, y = torch.tensor(logits), torch.tensor(classes)
q = torch.tensor(one_hot)
three_pt = torch.stack([
    nn.CrossEntropyLoss()(z, y),
    nn.CrossEntropyLoss()(z, q),
    nn.NLLLoss()(z.log_softmax(-1), y)])
z, y = torch.tensor(scores), torch.tensor(bits)
two_pt = torch.stack([
    nn.BCEWithLogitsLoss()(z, y),
    nn.BCELoss()(z.sigmoid(), y),
    nn.SoftMarginLoss()(z, 2 * y - 1),
    nn.MultiLabelSoftMarginLoss()(z, y)])
show(three=three_pt, two=two_pt)

# %% forms-tf tags=["tensorflow"]
z, y, q = map(tf.constant, (logits, classes, one_hot))
sparse = losses.SparseCategoricalCrossentropy
three_tf = tf.stack([
    sparse(from_logits=True)(y, z),
    losses.CategoricalCrossentropy(from_logits=True)(q, z),
    sparse()(y, tf.constant(probabilities))])
z, y = tf.constant(scores), tf.constant(bits)
two_tf = tf.stack([
    losses.BinaryCrossentropy(from_logits=True)(y, z),
    losses.BinaryCrossentropy()(y, tf.constant(chances)),
    tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(
        y, z)),
    tf.reduce_mean(tf.math.softplus((1 - 2 * y) * z))])
show(three=three_tf, two=two_tf)

# %%
agree([three_pt, two_pt], [three_tf, two_tf])

# %% [markdown]
# ### With the wrong form you get another number; only `BCELoss` raises an error
#
# The first line of the next cells is the right number, 0.5866. In the second line, `CrossEntropyLoss` gets
# probabilities, and Keras's class gets logits: you see another number. The third line looks like a success: `NLLLoss`
# of logits is negative, and Keras's binary cross-entropy of the logit 3 is 0. PyTorch's `BCELoss` checks its input,
# and raises an error for the logit 3:

# %% wrong-forms-pt tags=["pytorch"]
z, y = torch.tensor(logits), torch.tensor(classes)
p = z.softmax(-1)
show(logits=nn.CrossEntropyLoss()(z, y))
show(probabilities=nn.CrossEntropyLoss()(p, y))
show(nll_of_logits=nn.NLLLoss()(3 * z, y))
with show_error():
    nn.BCELoss()(torch.tensor([3.0]), torch.tensor([1.0]))

# %% wrong-forms-tf tags=["tensorflow"]
z, y = tf.constant(logits), tf.constant(classes)
p = tf.constant(probabilities)
show(probabilities=sparse()(y, p))
show(logits=sparse()(y, z))
bce = losses.BinaryCrossentropy()
show(bce_of_logits=bce(tf.ones((1, 1)), tf.fill((1, 1), 3.0)))

# %% [markdown]
# (losses-reductions)=
# ## `reduction="none"` returns a loss per element in PyTorch's `MSELoss`, and per row in Keras
#
# Both frameworks return the mean by default. Keras first averages over the last axis, and only then applies
# `reduction`. So `sum` adds the means of the rows. Here each row has two elements, so Keras's sum is half of
# PyTorch's:

# %% reductions-two-pt tags=["pytorch"]
y_hat, y = torch.tensor(numbers), torch.tensor(targets)
means_pt = nn.MSELoss()(y_hat, y)
each_pt = nn.MSELoss(reduction="none")(y_hat, y)
show(mean=means_pt, none=each_pt)
show(sum=nn.MSELoss(reduction="sum")(y_hat, y))

# %% reductions-two-tf tags=["tensorflow"]
y_hat, y = tf.constant(numbers), tf.constant(targets)
means_tf = losses.MeanSquaredError()(y, y_hat)
each_tf = losses.MeanSquaredError(reduction="none")(y, y_hat)
show(mean=means_tf, none=each_tf)
show(sum=losses.MeanSquaredError(reduction="sum")(y, y_hat))

# %%
agree([means_pt, each_pt.mean(-1)], [means_tf, each_tf])

# %% [markdown]
# The next cells measure this for each loss class. The first column is the shape of the prediction, and the second is
# the shape that `reduction="none"` returns. The third says whether the default is the mean of these numbers.

# %% reductions-pt tags=["pytorch"]
for name, (make, inputs, _) in losses_pt.items():
    each = value(make(reduction="none"), inputs)
    default = value(make(), inputs)
    is_mean = np.isclose(default, each.mean())
    shapes = f"{inputs[0].shape!s:11}{each.shape!s:8}"
    print(f"{name:25}{shapes}{'mean' if is_mean else 'other'}")

# %% reductions-tf tags=["tensorflow"]
for name, (make, inputs, _) in losses_tf.items():
    each = value(make(reduction="none"), inputs)
    default = value(make(), inputs)
    is_mean = np.isclose(default, each.mean())
    shapes = f"{inputs[1].shape!s:11}{each.shape!s:8}"
    print(f"{name:35}{shapes}{'mean' if is_mean else 'other'}")

# %% [markdown]
# Four losses are different from the others:
#
# - `KLDivLoss` returns 12 numbers for 4 rows of 3 classes, so its mean divides by 12. Pass `reduction="batchmean"` to
#   divide by the 4 rows.
# - `CTCLoss` divides each loss by the length of its label, and then takes the mean. Keras's `CTC` does not.
# - `Dice` and `Tversky` return one number for the whole batch, unless you pass `axis`.
#
# With weights there is one more difference: PyTorch's cross-entropy divides [by the sum of the
# weights](multiclass-weights), and Keras [by the number of examples](regression-weights).
#
# (losses-clipping)=
# ## Probability 0 for the true class costs 16.1 in Keras, with gradient 0; a logit of −1000 costs 1000
#
# The next cells print the loss of a completely wrong prediction, and the derivative with respect to its first number.
# Losses of probabilities get a probability of 0 for the true class. Losses of logits get −1000, regression losses an
# error of 1000, and cosines a vector of zeros. MAPE gets the target 0, and the Gaussian loss the variance 0. The
# label of the two CTC losses is longer than their frames allow.

# %% worst-pt tags=["pytorch"]
print(f"{'':25}{'loss':>10}{'derivative':>12}")
for name, (make, _, worst) in losses_pt.items():
    loss, slope = of_worst(make(), worst, place=0)
    print(f"{name:25}{loss:10.5g}{slope:12.3g}")

# %% worst-tf tags=["tensorflow"]
print(f"{'':35}{'loss':>10}{'derivative':>12}")
for name, (make, _, worst) in losses_tf.items():
    loss, slope = of_worst(make(), worst, place=1)
    print(f"{name:35}{loss:10.5g}{slope:12.3g}")

# %% [markdown]
# If the derivative is 0, training does not correct this prediction. Keras clips probabilities at 1e-7, so
# `BinaryCrossentropy` and `CategoricalCrossentropy` cost −log 10⁻⁷ = 16.1, with the derivative 0. PyTorch's `BCELoss`
# clips the logarithm at −100, and has the derivative −10¹². `BCEWithLogitsLoss` and `CrossEntropyLoss` take logits, and
# have the derivative −1. In Keras, pass `from_logits=True` to get the same loss and gradient:

# %% worst-logits-pt tags=["pytorch"]
z, y = torch.tensor([[-1000.0]]), torch.ones(1, 1)
two_pt, dz_pt = value_and_grad(nn.BCEWithLogitsLoss(), z, y)
show(two=two_pt, dz=dz_pt)
z, y = torch.tensor(row), torch.tensor(first)
three_pt, dz3_pt = value_and_grad(nn.CrossEntropyLoss(), z, y)
show(three=three_pt, dz3=dz3_pt)

# %% worst-logits-tf tags=["tensorflow"]
z, y = tf.constant([[-1000.0]]), tf.ones((1, 1))
bce = losses.BinaryCrossentropy(from_logits=True)
two_tf, dz_tf = value_and_grad(bce, y, z, argnums=1)
show(two=two_tf, dz=dz_tf)
z, y = tf.constant(row), tf.constant(first)
three_tf, dz3_tf = value_and_grad(
    sparse(from_logits=True), y, z, argnums=1)
show(three=three_tf, dz3=dz3_tf)

# %%
agree([two_pt, three_pt], [two_tf, three_tf],
      gradients=([dz_pt, dz3_pt], [dz_tf, dz3_tf]))

# %% [markdown]
# (losses-porting)=
# ## A table for porting
#
# In each cell of the table the first line is PyTorch, and the second line is TensorFlow. A single line is true of
# both. "built there" means that the framework does not have this loss: the link leads to a section that builds it
# from other functions.
#
# `y_hat` is a number, `z` a logit or score, `p` a probability, `log_p` its logarithm, `u` and `v` are vectors, and `y`
# is the target or label. "One per" is what `reduction="none"` returns a number for. "Limit" is what is clipped or
# added. `losses` is `keras.losses`.
#
# | loss | call, with the order of the arguments | prediction | label | one per | limit |
# | --- | --- | --- | --- | --- | --- |
# | [MSE](mean-squared-error) | `nn.MSELoss()(y_hat, y)`<br>`losses.MeanSquaredError()(y, y_hat)` | number | number | element<br>row | – |
# | [MAE](mean-absolute-error) | `nn.L1Loss()(y_hat, y)`<br>`losses.MeanAbsoluteError()(y, y_hat)` | number | number | element<br>row | – |
# | [Huber](huber) | `nn.HuberLoss()(y_hat, y)`<br>`losses.Huber()(y, y_hat)` | number | number | element<br>row | – |
# | [Smooth L1](smooth-l1) | `nn.SmoothL1Loss()(y_hat, y)`<br>[Huber divided by δ](smooth-l1) | number | number | element<br>– | – |
# | [LogCosh](log-cosh) | [built there](log-cosh)<br>`losses.LogCosh()(y, y_hat)` | number | number | –<br>row | – |
# | [MAPE](mean-absolute-percentage-error) | [built there](mean-absolute-percentage-error)<br>`losses.MeanAbsolutePercentageError()(y, y_hat)` | number | number | –<br>row | –<br>divisor ≥ 10⁻⁷ |
# | [MSLE](mean-squared-logarithmic-error) | [built there](mean-squared-logarithmic-error)<br>`losses.MeanSquaredLogarithmicError()(y, y_hat)` | positive number | positive number | –<br>row | –<br>prediction ≥ 10⁻⁷ |
# | [Poisson](poisson-nll) | `nn.PoissonNLLLoss()(y_hat, y)`<br>`losses.Poisson()(y, y_hat)` | logarithm of the rate<br>rate | count | element<br>row | –<br>rate + 10⁻⁷ |
# | [Gaussian NLL](gaussian-nll) | `nn.GaussianNLLLoss()(y_hat, y, var)`<br>[built there](gaussian-nll) | number, variance | number | element<br>– | variance ≥ 10⁻⁶<br>– |
# | [BCE](binary-cross-entropy) | `nn.BCELoss()(p, y)`<br>`losses.BinaryCrossentropy()(y, p)` | probability | 0 or 1 | element<br>row | log p ≥ −100<br>p ≥ 10⁻⁷ |
# | [BCE with logits](binary-cross-entropy-with-logits) | `nn.BCEWithLogitsLoss()(z, y)`<br>`losses.BinaryCrossentropy(from_logits=True)(y, z)` | logit | 0 or 1 | element<br>row | – |
# | [Focal](focal) | [built there](focal)<br>`losses.BinaryFocalCrossentropy()(y, p)` | probability, or logit with `from_logits` | 0 or 1 | –<br>row | –<br>p ≥ 10⁻⁷ |
# | [Hinge](hinge) | [built there](hinge)<br>`losses.Hinge()(y, z)` | score | −1 or 1; 0 or 1 | –<br>row | – |
# | [Squared hinge](squared-hinge) | [built there](squared-hinge)<br>`losses.SquaredHinge()(y, z)` | score | −1 or 1; 0 or 1 | –<br>row | – |
# | [Soft margin](soft-margin) | `nn.SoftMarginLoss()(z, y)`<br>[built there](soft-margin) | score | −1 or 1 | element<br>– | – |
# | [Multi-label soft margin](multilabel-soft-margin) | `nn.MultiLabelSoftMarginLoss()(z, y)`<br>[`BinaryCrossentropy`](multilabel-soft-margin) | logit | 0 or 1 | row<br>row | – |
# | [Cross-entropy, probabilities](categorical-cross-entropy) | `nn.CrossEntropyLoss()(z, y)`<br>`losses.CategoricalCrossentropy()(y, p)` | logit<br>probability, or logit with `from_logits` | (N, C), probabilities | row | –<br>p ≥ 10⁻⁷ |
# | [Cross-entropy, classes](sparse-categorical-cross-entropy) | `nn.CrossEntropyLoss()(z, y)`<br>`losses.SparseCategoricalCrossentropy()(y, p)` | logit<br>probability, or logit with `from_logits` | (N,) int64<br>(N,) or (N, 1) | row | –<br>p ≥ 10⁻⁷ |
# | [NLL](negative-log-likelihood) | `nn.NLLLoss()(log_p, y)`<br>[built there](negative-log-likelihood) | log-probability | (N,) int64 | row<br>– | – |
# | [KL divergence](kl-divergence) | `nn.KLDivLoss()(log_p, y)`<br>`losses.KLDivergence()(y, p)` | log-probability<br>probability | (N, C), probabilities | element<br>row | –<br>p ≥ 10⁻⁷ |
# | [Categorical focal](categorical-focal) | [built there](categorical-focal)<br>`losses.CategoricalFocalCrossentropy()(y, p)` | probability, or logit with `from_logits` | (N, C), one-hot | –<br>row | –<br>p ≥ 10⁻⁷ |
# | [Generalized cross-entropy](generalized-cross-entropy) | [built there](generalized-cross-entropy)<br>`losses.CategoricalGeneralizedCrossEntropy()(y, p)` | probability | (N,) integers | –<br>row | – |
# | [Categorical hinge](categorical-hinge) | [built there](categorical-hinge)<br>`losses.CategoricalHinge()(y, z)` | score | (N, C), one-hot | –<br>row | – |
# | [Multi-margin](multi-margin) | `nn.MultiMarginLoss()(z, y)`<br>[built there](multi-margin) | score | (N,) int64 | row<br>– | – |
# | [Multi-label margin](multilabel-margin) | `nn.MultiLabelMarginLoss()(z, y)`<br>[built there](multilabel-margin) | score | (N, C) int64: classes, then −1 | row<br>– | – |
# | [Cosine similarity](cosine-similarity) | `nn.CosineSimilarity()(u, v)`<br>`losses.CosineSimilarity()(v, u)` | vector | vector | row | length ≥ 10⁻⁸<br>length ≥ 10⁻⁷ |
# | [Pairwise distance](pairwise-distance) | `nn.PairwiseDistance()(u, v)`<br>[built there](pairwise-distance) | vector | vector | row<br>– | difference + 10⁻⁶<br>– |
# | [Cosine embedding](cosine-embedding) | `nn.CosineEmbeddingLoss()(u, v, y)`<br>[built there](cosine-embedding) | two vectors | −1 or 1 | row<br>– | squares + 10⁻¹²<br>– |
# | [Hinge embedding](hinge-embedding) | `nn.HingeEmbeddingLoss()(y_hat, y)`<br>[built there](hinge-embedding) | distance | −1 or 1 | element<br>– | – |
# | [Margin ranking](margin-ranking) | `nn.MarginRankingLoss()(z, z2, y)`<br>[built there](margin-ranking) | two scores | −1 or 1 | element<br>– | – |
# | [Triplet margin](triplet-margin) | `nn.TripletMarginLoss()(u, v, v2)`<br>[built there](triplet-margin) | anchor, positive and negative vector | – | row<br>– | difference + 10⁻⁶<br>– |
# | [Circle](circle) | [built there](circle)<br>`losses.Circle()(y, u)` | vector of length 1 | (N,) integers | –<br>row | – |
# | [Dice](dice) | [built there](dice)<br>`losses.Dice()(y, p)` | probability | 0 or 1 | –<br>batch | –<br>divisor + 10⁻⁷ |
# | [Tversky](tversky) | [built there](tversky)<br>`losses.Tversky()(y, p)` | probability | 0 or 1 | –<br>batch | –<br>divisor + 10⁻⁷ |
# | [CTC](ctc) | `nn.CTCLoss()(log_p, y, n_frames, n_labels)`<br>`losses.CTC()(y, z)` | log-probability (T, N, C)<br>logit (N, T, C) | classes, with lengths<br>classes, then 0 | row | – |
# | [Adaptive log-softmax](adaptive-log-softmax) | `nn.AdaptiveLogSoftmaxWithLoss(…)(u, y)`<br>[built there](adaptive-log-softmax) | features | (N,) int64 | – | – |
# | [Linear cross-entropy](linear-cross-entropy) | `nn.LinearCrossEntropyLoss(…)(u, y)`<br>[built there](linear-cross-entropy) | features | (N,) int64 | row<br>– | – |
#
# (losses-choosing)=
# ## Which one to choose
#
# | you predict | take | because |
# | --- | --- | --- |
# | numbers | [MSE](regression.ipynb#mean-squared-error) | it learns the mean |
# | numbers, with outliers among the targets | [MAE](mean-absolute-error), [Huber](huber), [LogCosh](log-cosh) | the gradient of large errors is bounded |
# | numbers, with a few wrong targets | [the pseudo-Huber loss, written by hand](a_robust_line.ipynb#the-pseudo-huber-loss-is-a-square-near-0-and-a-straight-line-far-away) | the line keeps its slope |
# | positive numbers of very different sizes | [MSLE](mean-squared-logarithmic-error) | it compares ratios, not differences |
# | counts | [Poisson](poisson-nll) | it expects a larger spread of larger counts |
# | numbers with an uncertainty | [Gaussian NLL](gaussian-nll) | it also learns the variance |
# | yes or no | [BCE with logits](binary.ipynb#binary-cross-entropy-with-logits) | a gradient also for the worst logit |
# | yes or no, with few positive examples | BCE with [`pos_weight`](binary-cross-entropy-with-logits), or [focal](focal) | positive or difficult examples get a larger weight |
# | yes or no, and no probability | [Hinge](hinge), [squared hinge](squared-hinge) | an example that is right by more than the margin costs nothing |
# | one of several classes | [Cross-entropy](multiclass.ipynb#categorical-cross-entropy) on logits | the standard |
# | one of several classes, with wrong labels | [Generalized cross-entropy](generalized-cross-entropy) | where the model is sure of another class than the label, the gradient is small |
# | several labels at once | [BCE with logits](binary-cross-entropy-with-logits) for each label | each label has its own probability |
# | a distribution | [KL divergence](kl-divergence) | the target may be any distribution |
# | embeddings of pairs | [Cosine embedding](cosine-embedding), [hinge embedding](hinge-embedding) | vectors of similar pairs move together, those of other pairs apart |
# | embeddings of triplets, or of a batch with classes | [Triplet margin](similarity.ipynb#triplet-margin-loss), [circle](circle) | only the order of the distances counts |
# | the order of items | [Margin ranking](margin-ranking) | it uses only the difference of two scores |
# | a mask with few positive pixels | [Dice](segmentation.ipynb#dice), [Tversky](tversky) | negative pixels predicted as 0 do not change the loss |
# | a sequence of labels, without their positions | [CTC](sequences_and_vocabularies.ipynb#ctc-loss) | it sums over all alignments |
# | one of very many classes | [Adaptive log-softmax](adaptive-log-softmax), [linear cross-entropy](linear-cross-entropy) | less computing, or less memory |
# | something else | [Write a loss](writing_your_own.ipynb#writing-a-loss) | a loss is a function in both frameworks |
#
# ## All names
#
# **paired**: both frameworks have it. **bridged**: one framework does not have it, and the chapter builds it there.
#
# ```{components} losses
# ```
