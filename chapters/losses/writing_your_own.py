# %% [markdown]
# # Writing your own loss
#
# A loss compares predictions with targets, and returns the number that training makes smaller. Both frameworks
# have many losses. If none of them fits, write a function or a class. In PyTorch a loss is any function that
# returns a scalar tensor. In Keras it is a function that returns one number for each sample, or a subclass of
# `keras.losses.Loss`.
#
# **The claim:** a loss of your own can run without an error and still be wrong. This chapter shows the most common
# mistakes. These three raise no error in either framework:
#
# - Labels of shape (N,) and predictions of shape (N, 1) make a table of N × N losses.
# - If a loss returns one number for the whole batch, sample weights cannot weight single samples.
# - After saving and loading, the arguments of a loss have their default values again.
#
# The example is the focal loss, written as a function and as a class. For layers and gradients of your own, see [Writing
# your own layer](custom-layer).

# %%
import logging
import tempfile
from functools import partial

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, plots, show, show_error, value_and_grad

plots.use_style()
# Two easy samples, then two hard ones: (batch, 1).
predictions = np.array([[0.9], [0.1], [0.5], [0.5]], dtype=np.float32)
labels = np.array([[1], [0], [1], [0]], dtype=np.float32)

# %% [markdown]
# (custom-loss)=
# ## Writing a loss
#
# <!-- head: custom_loss -->
#
# The focal loss {footcite:p}`lin2017focal` is a binary cross-entropy in which easy samples count less. Choose it
# if most samples are easy, for example if 98% of the pixels are background.
#
# $$\ell = -\alpha_t\,(1 - p_t)^{\gamma} \log p_t, \qquad
# p_t = \begin{cases} p & y = 1 \\ 1 - p & y = 0 \end{cases}, \qquad
# \alpha_t = \begin{cases} \alpha & y = 1 \\ 1 - \alpha & y = 0 \end{cases}$$
#
# Here $p$ is the predicted probability of class 1, and $y$ is the label. $p_t$ is the probability of the right
# class. The factor $(1 - p_t)^\gamma$ is small if the prediction is right. $\alpha$ is the weight of class 1.
#
# The next cells write it as a function that returns one number for each sample. Note the order of the arguments:
# (prediction, target) in PyTorch, (target, prediction) in TensorFlow.

# %% tags=["pytorch"]
def focal_loss_pt(y_hat, y, alpha=0.75, gamma=2.0):
    p = y_hat.clamp(1e-7, 1 - 1e-7)
    p_t = y * p + (1 - y) * (1 - p)
    alpha_t = y * alpha + (1 - y) * (1 - alpha)
    factor = alpha_t * (1 - p_t) ** gamma
    losses = -factor * torch.log(p_t)
    return losses.mean(-1)  # (batch,)

# %% tags=["tensorflow"]
def focal_loss_tf(y, y_hat, alpha=0.75, gamma=2.0):
    p = tf.clip_by_value(y_hat, 1e-7, 1 - 1e-7)
    p_t = y * p + (1 - y) * (1 - p)
    alpha_t = y * alpha + (1 - y) * (1 - alpha)
    factor = alpha_t * (1 - p_t) ** gamma
    losses = -factor * tf.math.log(p_t)
    return tf.reduce_mean(losses, -1)  # (batch,)

# %% [markdown]
# The next cells compute the loss of the four samples, and its gradient with respect to the predictions:

# %% tags=["pytorch"]
y_hat_pt = torch.tensor(predictions, requires_grad=True)
y_pt = torch.tensor(labels)
losses_pt = focal_loss_pt(y_hat_pt, y_pt)
(dy_hat_pt,) = torch.autograd.grad(losses_pt.sum(), y_hat_pt)
show(losses=losses_pt, gradient=dy_hat_pt[:, 0])

# %% tags=["tensorflow"]
y_hat_tf, y_tf = tf.Variable(predictions), tf.constant(labels)
with tf.GradientTape() as tape:
    losses_tf = focal_loss_tf(y_tf, y_hat_tf)
    total = tf.reduce_sum(losses_tf)
dy_hat_tf = tape.gradient(total, y_hat_tf)
show(losses=losses_tf, gradient=dy_hat_tf[:, 0])

# %%
agree(losses_pt, losses_tf, gradients=(dy_hat_pt, dy_hat_tf))

# %% [markdown]
# Keras has this loss, too. It uses `alpha` only with `apply_class_balancing=True`. The next cell compares
# Keras's function with the PyTorch function above:

# %%
agree(losses_pt, keras.losses.binary_focal_crossentropy(
    labels, predictions, apply_class_balancing=True, alpha=0.75, gamma=2.0))

# %% [markdown]
# ### An easy sample costs 0.0005 instead of 0.1054
#
# The next cells compute the binary cross-entropy and the focal loss. The first number of each is the mean of the two
# easy samples, and the second is the mean of the two hard samples. `ratio` is the second number divided by the first.

# %% tags=["pytorch"]
bce = F.binary_cross_entropy(y_hat_pt, y_pt, reduction="none")
focal = focal_loss_pt(y_hat_pt, y_pt)
bce_pt = bce.reshape(2, 2).mean(1)
focal_pt = focal.reshape(2, 2).mean(1)
show(bce=bce_pt, focal=focal_pt)
ratio_pt = [x[1] / x[0] for x in (bce_pt, focal_pt)]
show(ratio=torch.stack(ratio_pt), digits=0)

# %% tags=["tensorflow"]
bce = keras.losses.binary_crossentropy(y_tf, y_hat_tf)
focal = focal_loss_tf(y_tf, y_hat_tf)
bce_tf = tf.reduce_mean(tf.reshape(bce, (2, 2)), 1)
focal_tf = tf.reduce_mean(tf.reshape(focal, (2, 2)), 1)
show(bce=bce_tf, focal=focal_tf)
ratio_tf = [x[1] / x[0] for x in (bce_tf, focal_tf)]
show(ratio=tf.stack(ratio_tf), digits=0)

# %%
agree([bce_pt, focal_pt], [bce_tf, focal_tf])

# %% [markdown]
# With the cross-entropy, a hard sample costs 7 times as much as an easy one. With the focal loss it costs 164
# times as much.
#
# ### A PyTorch class reduces in `forward`; Keras's `Loss` reduces what `call` returns
#
# Write a class if the loss has arguments. In PyTorch, derive it from `nn.Module`; `forward` must also compute
# the sum or the mean. In Keras, derive it from `keras.losses.Loss`. Its `call` returns one number for each
# sample. The base class multiplies these numbers by the sample weights, and computes the sum or the mean.

# %% own-class-pt tags=["pytorch"]
class FocalLoss(nn.Module):
    def __init__(self, gamma=2.0, reduction="mean"):
        super().__init__()
        self.gamma, self.reduction = gamma, reduction

    def forward(self, y_hat, y):
        losses = focal_loss_pt(y_hat, y, gamma=self.gamma)
        reduced = {"none": losses, "sum": losses.sum(),
                   "mean": losses.mean()}
        return reduced[self.reduction]


loss_pt = FocalLoss(gamma=2.0)(y_hat_pt, y_pt)
show(loss=loss_pt)

# %% own-class-tf tags=["tensorflow"]
class FocalLoss(keras.losses.Loss):
    def __init__(self, gamma=2.0, reduction="mean"):
        super().__init__(reduction=reduction)
        self.gamma = gamma

    def call(self, y, y_hat):
        return focal_loss_tf(y, y_hat, gamma=self.gamma)


loss_tf = FocalLoss(gamma=2.0)(y_tf, y_hat_tf)
show(loss=loss_tf)

# %%
agree(loss_pt, loss_tf)

# %% [markdown]
# The next cells run every reduction on the four samples. Keras also has `"mean_with_sample_weight"`, which is
# [different only with weights](writing-your-own-weights).

# %% own-reductions-pt tags=["pytorch"]
reduced_pt = []
for name in ("none", "sum", "mean"):
    criterion = nn.BCELoss(reduction=name)
    reduced_pt.append(criterion(y_hat_pt, y_pt).flatten())
    show(**{name: reduced_pt[-1]})

# %% own-reductions-tf tags=["tensorflow"]
reduced_tf = []
for name in ("none", "sum", "mean"):
    criterion = keras.losses.BinaryCrossentropy(reduction=name)
    loss = criterion(y_tf, y_hat_tf)
    reduced_tf.append(tf.reshape(loss, [-1]))
    show(**{name: reduced_tf[-1]})

# %%
agree(reduced_pt, reduced_tf)

# %% [markdown]
# ### `reduction="sum"` adds all elements in PyTorch, and the samples' means in Keras
#
# A Keras loss first computes the mean over the last axis. So if a sample has two outputs, the sum in PyTorch is
# twice the sum in Keras. The next cells compute the squared error of three samples with two outputs each. In
# PyTorch, `per_sample` is the number that Keras returns.

# %%
outputs = np.array([[1, 1], [2, 2], [3, 3]], dtype=np.float32)  # (batch, outputs)

# %% own-sum-pt tags=["pytorch"]
y_hat, y = torch.tensor(outputs), torch.zeros(3, 2)
all_elements = F.mse_loss(y_hat, y, reduction="sum")
losses = F.mse_loss(y_hat, y, reduction="none")
per_sample_pt = losses.mean(-1).sum()
show(sum=all_elements, per_sample=per_sample_pt)

# %% own-sum-tf tags=["tensorflow"]
y_hat, y = tf.constant(outputs), tf.zeros((3, 2))
criterion = keras.losses.MeanSquaredError(reduction="sum")
per_sample_tf = criterion(y, y_hat)
show(sum=per_sample_tf)

# %%
agree(per_sample_pt, per_sample_tf)

# %% [markdown]
# ### Without `super().__init__()`, both classes raise an error
#
# In PyTorch and in Keras the error comes when you call the loss, and its text does not name the missing line:

# %% own-super-pt tags=["pytorch"]
class Forgetful(nn.Module):
    def __init__(self, gamma=2.0):
        self.gamma = gamma

    def forward(self, y_hat, y):
        return ((y_hat - y) ** self.gamma).mean()


with show_error():
    Forgetful()(y_hat_pt, y_pt)

# %% own-super-tf tags=["tensorflow"]
class Forgetful(keras.losses.Loss):
    def __init__(self, gamma=2.0):
        self.gamma = gamma

    def call(self, y, y_hat):
        return tf.reduce_mean((y - y_hat) ** self.gamma, -1)


with show_error():
    Forgetful()(y_tf, y_hat_tf)

# %% [markdown]
# (writing-your-own-shapes)=
# ## (N, 1) predictions and (N,) labels make N × N losses, without an error
#
# The next cells give the focal loss the same labels twice: with the shape (4, 1) of the predictions, and flat,
# with the shape (4,). They print the shape of the probabilities `p_t` inside the loss for flat labels, and the
# shape of its result.

# %% own-square-pt tags=["pytorch"]
flat = y_pt[:, 0]  # (batch,)
p_t = flat * y_hat_pt + (1 - flat) * (1 - y_hat_pt)
losses = focal_loss_pt(y_hat_pt, flat)
print("p_t:", tuple(p_t.shape), "losses:", tuple(losses.shape))
right_pt = focal_loss_pt(y_hat_pt, y_pt).mean()
wrong_pt = losses.mean()
show(right=right_pt, wrong=wrong_pt)

# %% own-square-tf tags=["tensorflow"]
flat = y_tf[:, 0]  # (batch,)
p_t = flat * y_hat_tf + (1 - flat) * (1 - y_hat_tf)
losses = focal_loss_tf(flat, y_hat_tf)
print("p_t:", p_t.shape, "losses:", losses.shape)
right_tf = tf.reduce_mean(focal_loss_tf(y_tf, y_hat_tf))
wrong_tf = tf.reduce_mean(losses)
show(right=right_tf, wrong=wrong_tf)

# %%
agree([right_pt, wrong_pt], [right_tf, wrong_tf])

# %% [markdown]
# Both frameworks compare every prediction with every label. The mean over the last axis then hides this: the
# result has the shape (4,), as it should.
#
# ### Keras aligns the shapes for a function in `compile`, and not for a `Loss` class
#
# The next cell evaluates a model with flat labels. The loss is the squared error: written as a function, written as
# a subclass of `Loss`, and the one that Keras has.

# %% own-compile
def squared_error(y, y_hat):
    return tf.reduce_mean(tf.square(y - y_hat), -1)


class SquaredError(keras.losses.Loss):
    def call(self, y, y_hat):
        return squared_error(y, y_hat)


model = keras.Sequential([keras.Input((1,)), keras.layers.Identity()])
kinds = {"function": squared_error, "subclass": SquaredError(),
         "built_in": "mean_squared_error"}
for name, loss in kinds.items():
    model.compile(loss=loss, run_eagerly=True)
    show(**{name: model.evaluate(predictions, labels[:, 0], verbose=0)})

# %% [markdown]
# The function and Keras's own loss give the right value: `compile` gives predictions and labels the same number of
# axes before it calls a function. It does not do so for a subclass of `Loss`, so the class gives the mean over the
# table of 4 × 4.
#
# ### A factor of the wrong shape makes the loss grow with the batch
#
# Keras's `binary_crossentropy` returns losses of shape (N,). If you multiply them by a factor of shape (N, 1), the
# result is again a table of N × N. Each row has N numbers instead of one, so the sum of a row is too large. The
# next cells compute this loss for several sizes of the batch, and divide it by the right value.

# %%
sizes = (1, 2, 8, 32, 128)
rng = np.random.default_rng(0)
batches = [(rng.uniform(0.05, 0.95, (n, 1)).astype(np.float32),
            rng.integers(0, 2, (n, 1)).astype(np.float32)) for n in sizes]

# %% own-growth-pt tags=["pytorch"]
ratios_pt = []
for y_hat, y in batches:
    y_hat, y = torch.tensor(y_hat), torch.tensor(y)
    p_t = y * y_hat + (1 - y) * (1 - y_hat)  # (N, 1)
    factor = (0.25 + 0.5 * y) * (1 - p_t) ** 2  # (N, 1)
    ce = F.binary_cross_entropy(y_hat, y, reduction="none")
    ce = ce.mean(-1)  # (N,)
    wrong = (factor * ce).sum(-1).mean()
    ratios_pt.append(wrong / focal_loss_pt(y_hat, y).mean())
ratios_pt = torch.stack(ratios_pt)
show(ratios=ratios_pt)

# %% own-growth-tf tags=["tensorflow"]
ratios_tf = []
for y_hat, y in batches:
    y_hat, y = tf.constant(y_hat), tf.constant(y)
    p_t = y * y_hat + (1 - y) * (1 - y_hat)  # (N, 1)
    factor = (0.25 + 0.5 * y) * (1 - p_t) ** 2  # (N, 1)
    ce = keras.losses.binary_crossentropy(y, y_hat)  # (N,)
    wrong = tf.reduce_mean(tf.reduce_sum(factor * ce, -1))
    right = tf.reduce_mean(focal_loss_tf(y, y_hat))
    ratios_tf.append(wrong / right)
ratios_tf = tf.stack(ratios_tf)
show(ratios=ratios_tf)

# %%
agree(ratios_pt, ratios_tf)

# %% own-growth-figure tags=["hide-input"]
# alt: The ratio of the wrong to the right focal loss over the size of the batch, both axes logarithmic. It is 1
# at a batch of 1, and then a nearly straight line up to about 77 at a batch of 128. PyTorch's line and
# TensorFlow's circles coincide. A thin grey line marks the ratio 1.
fig, ax = plt.subplots()
plots.coinciding(ax, np.array(sizes), ratios_pt, ratios_tf, label=(10, 1.6), markers=5)
ax.axhline(1, color=plots.SIBLING, linewidth=1)
ax.annotate("right: 1", (90, 1.08), color=plots.INK)
ax.set(xscale="log", yscale="log", xticks=sizes, xticklabels=sizes,
       yticks=(1, 10, 77), yticklabels=(1, 10, 77), xlabel="size of the batch",
       ylabel="wrong loss / right loss", title="The error grows with the batch")
ax.minorticks_off()
plt.show()

# %% [markdown]
# A batch of one sample gives the right value, so a test with one sample does not find the error.
#
# ### Two lines at the start of a loss turn the wrong shape into an error
#
# The next cells pass the flat labels to such a loss:

# %% own-guard-pt tags=["pytorch"]
def guarded_pt(y_hat, y):
    if y_hat.shape != y.shape:
        raise ValueError(f"labels of shape {tuple(y.shape)}")
    return focal_loss_pt(y_hat, y)


with show_error():
    guarded_pt(y_hat_pt, y_pt[:, 0])

# %% own-guard-tf tags=["tensorflow"]
def guarded_tf(y, y_hat):
    if y_hat.shape != y.shape:
        raise ValueError(f"labels of shape {tuple(y.shape)}")
    return focal_loss_tf(y, y_hat)


with show_error():
    guarded_tf(y_tf[:, 0], y_hat_tf)

# %% [markdown]
# (writing-your-own-logits)=
# ## A loss on clipped probabilities has no gradient for the worst predictions
#
# The focal loss above clips the probability, because the logarithm of 0 is infinite. Where the clip changes a
# probability, the gradient is 0. So training cannot correct a prediction that is very confident and wrong. If the
# model returns logits $z$, compute the loss from them: $-\log \sigma(z_t)$ is $\operatorname{softplus}(-z_t)$, where
# $z_t$ is $z$ for class 1 and $-z$ for class 0.
#
# The next cells compute both losses for logits of ±1000. The first and the third prediction are wrong. `d_clipped`
# and `d_logits` are the gradients with respect to the logits.

# %%
extreme = np.array([[-1000], [1000], [1000], [-1000]], dtype=np.float32)

# %% own-logits-pt tags=["pytorch"]
def from_logits_pt(z, y, alpha=0.75, gamma=2.0):
    z_t = torch.where(y == 1, z, -z)
    alpha_t = torch.where(y == 1, alpha, 1 - alpha)
    factor = alpha_t * torch.sigmoid(-z_t) ** gamma
    return (factor * F.softplus(-z_t)).mean(-1)


z = torch.tensor(extreme)
y = torch.tensor([[1.0], [1.0], [0.0], [0.0]])
l_pt, dz_pt = value_and_grad(from_logits_pt, z, y)
clipped, dclipped = value_and_grad(
    lambda z: focal_loss_pt(torch.sigmoid(z), y), z)
show(clipped=clipped, d_clipped=dclipped[:, 0])
show(logits=l_pt, d_logits=dz_pt[:, 0])

# %% own-logits-tf tags=["tensorflow"]
def from_logits_tf(y, z, alpha=0.75, gamma=2.0):
    z_t = tf.where(y == 1, z, -z)
    alpha_t = tf.where(y == 1, alpha, 1 - alpha)
    factor = alpha_t * tf.sigmoid(-z_t) ** gamma
    return tf.reduce_mean(factor * tf.nn.softplus(-z_t), -1)


z = tf.constant(extreme)
y = tf.constant([[1.0], [1.0], [0.0], [0.0]])
l_tf, dz_tf = value_and_grad(from_logits_tf, y, z, argnums=1)
clipped, dclipped = value_and_grad(
    lambda z: focal_loss_tf(y, tf.sigmoid(z)), z)
show(clipped=clipped, d_clipped=dclipped[:, 0])
show(logits=l_tf, d_logits=dz_tf[:, 0])

# %%
agree(l_pt, l_tf, gradients=(dz_pt, dz_tf))

# %% [markdown]
# (writing-your-own-weights)=
# ## Sample weights need a loss that returns one number for each sample
#
# A Keras loss multiplies the result of `call` by `sample_weight`, and then computes the sum or the mean. If `call`
# returns the mean of the whole batch, every weight is multiplied by this mean, and not by the loss of its sample.
# There is no error. In PyTorch you multiply yourself, and can make the same mistake.
#
# The next cells give the weight 1 to the first of three samples, and 0 to the other two.

# %% own-weights-pt tags=["pytorch"]
y_hat, y = torch.tensor(outputs), torch.zeros(3, 2)
weight = torch.tensor([1.0, 0.0, 0.0])
losses = ((y - y_hat) ** 2).mean(-1)  # (batch,)
right_pt = (weight * losses).mean()
wrong_pt = (weight * losses.mean()).mean()
show(right=right_pt, wrong=wrong_pt)

# %% own-weights-tf tags=["tensorflow"]
class OneNumber(keras.losses.Loss):
    def call(self, y, y_hat):
        return tf.reduce_mean(tf.square(y - y_hat))


y_hat, y = tf.constant(outputs), tf.zeros((3, 2))
weight = tf.constant([1.0, 0.0, 0.0])
right_tf = SquaredError()(y, y_hat, sample_weight=weight)
wrong_tf = OneNumber()(y, y_hat, sample_weight=weight)
show(right=right_tf, wrong=wrong_tf)

# %%
agree([right_pt, wrong_pt], [right_tf, wrong_tf])

# %% [markdown]
# ### By default, Keras divides the weighted sum by the number of samples
#
# There are two weighted means. One divides $\sum w_i \ell_i$ by the number of samples, the other divides it by
# $\sum w_i$. Keras has both as reductions. With the weights 1, 0 and 4 the results are different:

# %% own-divide-pt tags=["pytorch"]
weight = torch.tensor([1.0, 0.0, 4.0])
losses = ((torch.tensor(outputs) - 0) ** 2).mean(-1)
by_number_pt = (weight * losses).sum() / len(losses)
by_weight_pt = (weight * losses).sum() / weight.sum()
show(by_number=by_number_pt, by_weight=by_weight_pt)

# %% own-divide-tf tags=["tensorflow"]
weight = tf.constant([1.0, 0.0, 4.0])
y, y_hat = tf.zeros((3, 2)), tf.constant(outputs)
by_number_tf = SquaredError()(y, y_hat, sample_weight=weight)
criterion = SquaredError(reduction="mean_with_sample_weight")
by_weight_tf = criterion(y, y_hat, sample_weight=weight)
show(by_number=by_number_tf, by_weight=by_weight_tf)

# %%
agree([by_number_pt, by_weight_pt], [by_number_tf, by_weight_tf])

# %% [markdown]
# ### With as many steps as samples, weights of shape (N,) go to the time steps
#
# A sequence has a loss for each step, so the losses have the shape (samples, steps). Weights of shape (samples,)
# are broadcast along the last axis, so they become weights of the steps. You get an error only if the number of
# samples is not the number of steps. Pass weights of shape (samples, 1).
#
# In the next cells, three samples have three steps each, and only the first sample should count.

# %%
steps = np.arange(1, 10, dtype=np.float32).reshape(3, 3, 1)  # (samples, steps, 1)

# %% own-steps-pt tags=["pytorch"]
y_hat, y = torch.tensor(steps), torch.zeros(3, 3, 1)
weight = torch.tensor([1.0, 0.0, 0.0])
losses = ((y - y_hat) ** 2).mean(-1)  # (samples, steps)
wrong_pt = (weight * losses).mean()
right_pt = (weight[:, None] * losses).mean()
show(wrong=wrong_pt, right=right_pt)
with show_error():
    weight * losses[:, :2]

# %% own-steps-tf tags=["tensorflow"]
y_hat, y = tf.constant(steps), tf.zeros((3, 3, 1))
weight = tf.constant([1.0, 0.0, 0.0])
mse = keras.losses.MeanSquaredError()
wrong_tf = mse(y, y_hat, sample_weight=weight)
right_tf = mse(y, y_hat, sample_weight=weight[:, None])
show(wrong=wrong_tf, right=right_tf)
with show_error():
    mse(y[:, :2], y_hat[:, :2], sample_weight=weight)

# %%
agree([wrong_pt, right_pt], [wrong_tf, right_tf])

# %% [markdown]
# `evaluate` and `fit` do the same as the loss:

# %% own-steps-evaluate
model = keras.Sequential([keras.Input((3, 1)), keras.layers.Identity()])
zeros, first_only = np.zeros((3, 3, 1)), np.array([1.0, 0.0, 0.0])
for weights in (first_only, first_only[:, None]):
    model.compile(loss="mean_squared_error", run_eagerly=True)
    value = model.evaluate(steps, zeros, sample_weight=weights, verbose=0)
    print(weights.shape, f"{value:.4f}")

# %% [markdown]
# ### `class_weight` raises an error on sequences: pass a weight for each step
#
# `fit` accepts `class_weight` only if each sample has one label. For sequences, compute a weight for each step
# from its label, and pass it as a sample weight. In PyTorch you do the same by hand.

# %%
of_class = np.array([1, 2], dtype=np.float32)  # the weights of the classes 0 and 1
step_labels = np.array([[0, 1, 1], [0, 0, 1], [1, 0, 0]])  # (samples, steps)

# %% own-classes-pt tags=["pytorch"]
y_hat = torch.tensor(steps)
y = torch.tensor(step_labels)
losses = ((y[..., None] - y_hat) ** 2).mean(-1)
weight = torch.tensor(of_class)[y]
loss_pt = (weight * losses).mean()
show(loss=loss_pt)

# %% own-classes-tf tags=["tensorflow"]
y = step_labels[..., None]
with show_error():
    model.fit(steps, y, class_weight={0: 1.0, 1: 2.0},
              verbose=0)
weight = tf.gather(of_class, step_labels)
loss_tf = mse(y, steps, sample_weight=weight)
show(loss=loss_tf)

# %%
agree(loss_pt, loss_tf)

# %% [markdown]
# ### A Keras mask makes the loss a mean over the valid steps
#
# In PyTorch, index the losses with the mask. In Keras, an `Embedding` with `mask_zero=True` attaches a mask to
# its output, and every subclass of `Loss` uses it. A function that you call yourself does not use it.
#
# In the next cells, token 0 is padding. The predictions for the tokens 0, 1 and 2 are 5, 1 and 2, and all targets
# are 0.

# %%
tokens = np.array([[1, 2, 0], [1, 0, 0]])  # (samples, steps)
table = np.array([[5], [1], [2]], dtype=np.float32)

# %% own-mask-pt tags=["pytorch"]
x = torch.tensor(tokens)
y_hat = torch.tensor(table)[x]  # (samples, steps, 1)
losses = (y_hat**2).mean(-1)
masked_pt = losses[x != 0].mean()
all_steps_pt = losses.mean()
show(masked=masked_pt, all_steps=all_steps_pt)

# %% own-mask-tf tags=["tensorflow"]
embedding = keras.layers.Embedding(3, 1, mask_zero=True)
embedding.build()
embedding.set_weights([table])
y_hat, y = embedding(tokens), tf.zeros((2, 3, 1))
masked_tf = SquaredError()(y, y_hat)
all_steps_tf = tf.reduce_mean(squared_error(y, y_hat))
show(masked=masked_tf, all_steps=all_steps_tf)

# %%
agree([masked_pt, all_steps_pt], [masked_tf, all_steps_tf])

# %% [markdown]
# (writing-your-own-epochs)=
# ## Keras's loss of an epoch is a mean over samples, not over batches
#
# If the last batch is smaller, the mean of the batches' means is not the mean over the samples. Keras weights
# each batch by its size. In a PyTorch loop you must do this yourself. The next cells have five samples in
# batches of two.

# %%
five = np.array([[0.4], [0.55], [0.7], [0.8], [0.9]], dtype=np.float32)
five_labels = np.array([[0], [0], [1], [1], [0]], dtype=np.float32)

# %% own-epoch-pt tags=["pytorch"]
means, sizes = [], []
for i in (0, 2, 4):
    y_hat = torch.tensor(five[i : i + 2])
    y = torch.tensor(five_labels[i : i + 2])
    means.append(F.binary_cross_entropy(y_hat, y))
    sizes.append(len(y))
means, sizes = torch.stack(means), torch.tensor(sizes)
epoch_pt = (means * sizes).sum() / sizes.sum()
show(batches=means.mean(), samples=epoch_pt)

# %% own-epoch-tf tags=["tensorflow"]
identity = keras.layers.Dense(1, kernel_initializer="ones")
model = keras.Sequential([keras.Input((1,)), identity])
model.compile(loss="binary_crossentropy")
value = model.evaluate(
    five, five_labels, batch_size=2, verbose=0)
epoch_tf = tf.constant(value)
show(samples=epoch_tf)

# %%
agree(epoch_pt, epoch_tf)

# %% [markdown]
# ### In one `fit`, loss, metrics and validation use the weights in different ways
#
# The next cells give class 1 the weight 3. The learning rate is 0, so that the model does not change. In Keras,
# `loss` is divided by the number of samples, a metric in `weighted_metrics` is divided by the sum of the
# weights, and a metric in `metrics` ignores the weights. `val_loss` ignores the class weights, too.

# %% own-fit-pt tags=["pytorch"]
y_hat, y = torch.tensor(five), torch.tensor(five_labels)
w = torch.where(y == 1, 3.0, 1.0)
bce = F.binary_cross_entropy(y_hat, y, reduction="none")
squared, absolute = (y_hat - y) ** 2, (y_hat - y).abs()
history_pt = [(w * bce).mean(), (w * squared).sum() / w.sum(),
              absolute.mean(), bce.mean()]
for name, value in zip(["loss", "weighted", "metric", "val"],
                       history_pt):
    show(**{name: value})

# %% own-fit-tf tags=["tensorflow"]
model.compile(
    keras.optimizers.SGD(0.0), "binary_crossentropy",
    weighted_metrics=["mse"], metrics=["mae"])
history = model.fit(
    five, five_labels, class_weight={0: 1.0, 1: 3.0},
    validation_data=(five, five_labels), verbose=0).history
history_tf = [tf.constant(history[name][0]) for name in
              ("loss", "mse", "mae", "val_loss")]
for name, value in zip(["loss", "weighted", "metric", "val"],
                       history_tf):
    show(**{name: value})

# %%
agree(history_pt, history_tf)

# %% [markdown]
# ### A `Loss` class gets its labels as float32, so large integers change
#
# The base class in Keras converts labels to the dtype of the loss, float32 by default. Float32 cannot hold every
# integer above 16,777,216. In PyTorch the labels arrive unchanged. The next cells print what a loss receives for
# the label 16,777,217.

# %%
large = np.array([16_777_217])

# %% own-labels-pt tags=["pytorch"]
class Seen(nn.Module):
    def forward(self, y_hat, y):
        print(y.dtype, int(y[0]))
        return y_hat.mean()


loss_pt = Seen()(torch.ones(1, 2), torch.tensor(large))

# %% own-labels-tf tags=["tensorflow"]
class Seen(keras.losses.Loss):
    def call(self, y, y_hat):
        print(y.dtype, int(y[0]))
        return tf.reduce_mean(y_hat, -1)


loss_tf = Seen()(tf.constant(large), tf.ones((1, 2)))

# %% [markdown]
# (writing-your-own-saving)=
# ## After loading, an argument of your loss has its default value again
#
# In PyTorch a `state_dict` contains parameters and buffers, but not ordinary attributes. Keras makes a saved loss
# again from the result of `get_config`, and the `get_config` of the base class does not contain your arguments.
# Neither framework raises an error. In the next cells `gamma` is 3 before saving, and its default is 2.

# %% own-load-pt tags=["pytorch"]
class Forgets(nn.Module):
    def __init__(self, gamma=2.0):
        super().__init__()
        self.gamma = gamma


saved = Forgets(gamma=3.0).state_dict()
loaded = Forgets()
loaded.load_state_dict(saved)
gamma_pt = torch.tensor(loaded.gamma)
show(gamma=gamma_pt)

# %% own-load-tf tags=["tensorflow"]
@keras.saving.register_keras_serializable()
class Forgets(SquaredError):
    def __init__(self, gamma=2.0, **options):
        super().__init__(**options)
        self.gamma = gamma


saved = keras.losses.serialize(Forgets(gamma=3.0))
loaded = keras.losses.deserialize(saved)
gamma_tf = tf.constant(loaded.gamma)
show(gamma=gamma_tf)

# %%
agree(gamma_pt, gamma_tf)

# %% [markdown]
# To keep the argument, register a buffer in PyTorch, and extend `get_config` in Keras.
# `register_keras_serializable` tells Keras where to find the class.

# %% own-keep-pt tags=["pytorch"]
class Keeps(nn.Module):
    def __init__(self, gamma=2.0):
        super().__init__()
        self.register_buffer("gamma", torch.tensor(gamma))


saved = Keeps(gamma=3.0).state_dict()
loaded = Keeps()
loaded.load_state_dict(saved)
gamma_pt = loaded.gamma
show(gamma=gamma_pt)

# %% own-keep-tf tags=["tensorflow"]
@keras.saving.register_keras_serializable()
class Keeps(Forgets):
    def get_config(self):
        config = super().get_config()
        return {**config, "gamma": self.gamma}


saved = keras.losses.serialize(Keeps(gamma=3.0))
loaded = keras.losses.deserialize(saved)
gamma_tf = tf.constant(loaded.gamma)
show(gamma=gamma_tf)

# %%
agree(gamma_pt, gamma_tf)

# %% [markdown]
# A saved model contains its loss in the same form, so `load_model` forgets `gamma`, too. [Layers of your
# own](saving-layers) have the same problem:

# %% own-load-model
folder = tempfile.TemporaryDirectory()


def small_model(loss):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", loss, run_eagerly=True)
    model.fit(five, five_labels, verbose=0)
    return model


for kind in (Forgets, Keeps):
    small_model(kind(gamma=3.0)).save(f"{folder.name}/model.keras")
    loaded = keras.models.load_model(f"{folder.name}/model.keras")
    print(f"{kind.__name__}: gamma {loaded.loss.gamma}")

# %% [markdown]
# ### A function inside a function is saved under its inner name
#
# A function that returns a loss is a common way to pass arguments. Keras stores only the name of the inner
# function, so loading raises an error. Pass the function in `custom_objects` under this inner name, or load
# with `compile=False`.

# %% own-closure
def focal_with(gamma):
    def inner(y, y_hat):
        return focal_loss_tf(y, y_hat, gamma=gamma)

    return inner


path = f"{folder.name}/closure.keras"
small_model(focal_with(3.0)).save(path)
with show_error():
    keras.models.load_model(path)
loaded = keras.models.load_model(path, custom_objects={"inner": focal_with(3.0)})
print("with custom_objects:", loaded.loss.__name__)
loaded = keras.models.load_model(path, compile=False)
print("with compile=False: loaded, compiled:", loaded.compiled)

# %% [markdown]
# ### A `.h5` file of a model compiled with `"mse"` does not load in Keras 3.15
#
# Use the long name `"mean_squared_error"`, or the `.keras` format:

# %% own-h5
logging.getLogger("absl").setLevel("ERROR")  # Keras logs that .h5 is a legacy format
for loss, file in (("mse", "a.h5"), ("mean_squared_error", "b.h5"), ("mse", "c.keras")):
    small_model(loss).save(f"{folder.name}/{file}")
with show_error():
    keras.models.load_model(f"{folder.name}/a.h5")
for file in ("b.h5", "c.keras"):
    value = keras.models.load_model(f"{folder.name}/{file}").predict(five[:1], verbose=0)
    print(file, "loads:", value.shape)

# %% [markdown]
# ### A second `compile` keeps the old loss, but does not save it
#
# If you call `compile` again without a loss, the model still computes the old one. The saved model has none. So
# give the loss and the metrics in each `compile`.

# %% own-compile-twice
model = small_model("mean_squared_error")
model.compile("sgd")
print("before saving:", model.loss)
model.save(f"{folder.name}/twice.keras")
print("after loading:", keras.models.load_model(f"{folder.name}/twice.keras").loss)

# %% [markdown]
# (writing-your-own-terms)=
# ## `add_loss` adds a term that needs no target
#
# A penalty on an activation needs no target. In PyTorch, store it in the layer, and add it to the loss. In Keras,
# call `add_loss` in the `call` of a layer: `fit` and `evaluate` add the penalty to the loss. It is not divided by
# the size of the batch.

# %% own-term-pt tags=["pytorch"]
class Penalty(nn.Module):
    def forward(self, x):
        self.term = 0.1 * (x**2).sum()
        return x


layer_pt = Penalty()
y_hat = layer_pt(torch.tensor(outputs))
term_pt = layer_pt.term
loss_pt = F.mse_loss(y_hat, torch.zeros(3, 2)) + term_pt
show(term=term_pt, loss=loss_pt)

# %% own-term-tf tags=["tensorflow"]
class Penalty(keras.layers.Layer):
    def call(self, x):
        term = 0.1 * tf.reduce_sum(tf.square(x))
        self.add_loss(term)
        return x


model = keras.Sequential([keras.Input((2,)), Penalty()])
model.compile(loss="mean_squared_error")
loss_tf = tf.constant(
    model.evaluate(outputs, np.zeros((3, 2)), verbose=0))
model(outputs)
term_tf = model.losses[0]
show(term=term_tf, loss=loss_tf)

# %%
agree([term_pt, loss_pt], [term_tf, loss_tf])

# %% [markdown]
# (writing-your-own-check)=
# ## A numerical check finds a gradient that is wrong while the loss is right
#
# Autograd does not differentiate a part of the loss that is detached. Then the value is right, and the gradient is
# wrong. To find such a mistake, compare the gradient with central differences:
#
# $$\frac{\partial L}{\partial x_i} \approx \frac{L(x + h e_i) - L(x - h e_i)}{2h}$$
#
# Here $h$ is a small step, and $e_i$ is 1 at the place $i$ and 0 elsewhere. Both frameworks have a function for
# it. Give it numbers in float64, because the difference of two numbers that are almost equal loses most digits
# of float32.
#
# The next cells check the focal loss, and a version in which the factor is detached. They print the losses and
# the gradient of the detached version.

# %% own-check-pt tags=["pytorch"]
def detached_pt(y_hat, y):
    p_t = y * y_hat + (1 - y) * (1 - y_hat)
    factor = ((0.25 + 0.5 * y) * (1 - p_t) ** 2).detach()
    return -(factor * torch.log(p_t)).mean(-1)


y_hat = torch.tensor(predictions).double().requires_grad_()
y = torch.tensor(labels).double()
for loss in (focal_loss_pt, detached_pt):
    right = torch.autograd.gradcheck(
        loss, (y_hat, y), raise_exception=False)
    print(f"{loss.__name__[:-3]:10} gradient right: {right}")
l_pt, d_pt = value_and_grad(detached_pt, y_hat, y)
show(losses=l_pt, gradient=d_pt[:, 0])

# %% own-check-tf tags=["tensorflow"]
def detached_tf(y, y_hat):
    p_t = y * y_hat + (1 - y) * (1 - y_hat)
    factor = tf.stop_gradient((0.25 + 0.5 * y) * (1 - p_t) ** 2)
    return -tf.reduce_mean(factor * tf.math.log(p_t), -1)


y_hat = tf.constant(predictions, tf.float64)
y = tf.constant(labels, tf.float64)
for loss in (focal_loss_tf, detached_tf):
    (tape,), (numeric,) = tf.test.compute_gradient(
        partial(loss, y), [y_hat])
    right = np.allclose(tape, numeric, atol=1e-5)
    print(f"{loss.__name__[:-3]:10} gradient right: {right}")
l_tf, d_tf = value_and_grad(detached_tf, y, y_hat, argnums=1)
show(losses=l_tf, gradient=d_tf[:, 0])

# %%
agree(l_pt, l_tf, gradients=(d_pt, d_tf))

# %% [markdown]
# The detached version returns the same losses as the focal loss of the first section, but another gradient: for the
# third sample it is −0.3750 instead of −0.8949.

# %% [markdown]
# ## Which one to choose
#
# | you have | take | because |
# | --- | --- | --- |
# | a formula without arguments | a function that returns one number for each sample | Keras weights, masks and reduces it in `compile` |
# | a formula with arguments | a class; in Keras with `get_config` | the arguments are saved |
# | labels of shape (N,) | `y[:, None]`, and a check of the shapes | a table of N × N losses raises no error |
# | probabilities near 0 or 1 | a loss on logits | a clipped probability has the gradient 0 |
# | a term without a target | `add_loss` in a layer in Keras, a sum in PyTorch | the loss gets only predictions and targets |
#
# ## Exercises
#
# The [exercises](../../exercises/losses/writing_your_own.ipynb) ask for a focal loss on probabilities and on
# logits, a numerical gradient, a loss with sample weights and a mask, and the repair of a loss that makes N × N
# losses.
#
# ## References
#
# ```{footbibliography}
# ```
