# %% [markdown]
# # Regression losses
#
# A regression loss compares predicted numbers with true numbers, the *targets*, and returns one number that
# training makes smaller. The difference of a prediction and its target is the *residual*. The losses of this
# chapter differ in how strongly they punish a large residual, and in what they assume about the targets: any
# number, only positive numbers, or counts.
#
# **The claim:** the formulas are the same in both frameworks. Four other things differ:
#
# - PyTorch takes the prediction first, and TensorFlow takes the target first.
# - With the reduction `sum`, PyTorch adds the losses of all elements. Keras first averages them over the last axis.
# - A weighted mean in Keras divides by the number of elements. In PyTorch it divides by the sum of the weights,
#   except in `huber_loss`.
# - Predictions of shape (N, 1) and targets of shape (N,) give N × N residuals in PyTorch. Keras's loss classes give
#   both the same shape first.
#
# The first four sections show these differences once, for all losses. Then each loss has a section. At the end, an
# experiment shows which statistic of the targets each loss learns, such as the mean or the median.

# %%
import math
import warnings

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, plots, show, show_error, value_and_grad

plots.use_style()
predictions = np.array([0.5, 2, -1, 4], dtype=np.float32)
targets = np.array([1, 1.5, 1, 0.5], dtype=np.float32)
rates = np.array([0.5, 2, 1, 4], dtype=np.float32)
counts = np.array([1, 1, 0, 3], dtype=np.float32)
variances = np.array([0.25, 1, 4, 2], dtype=np.float32)

# %% [markdown]
# Most sections use `predictions` and `targets`. Their residuals are −0.5, 0.5, −2 and 3.5. The losses for positive
# numbers and for counts use `rates` and `counts`, and the Gaussian loss uses `variances`.
#
# The figure shows the derivative of each loss with respect to the prediction, for one element. The upper panel
# has the losses that depend only on the residual. The lower panel has those that also depend on the target,
# which is 2 in the figure.

# %% gradients-over-the-residual tags=["hide-input"]
# alt: Two panels of derivatives over the residual from minus 4 to 4. Upper panel: MSE is a straight line of
# slope 2, and leaves the panel. MAE jumps from minus 1 to 1 at 0. Huber with delta 2 is a line of slope 1
# between minus 2 and 2, and constant outside. Smooth L1 with beta 2 has half this height. LogCosh is a smooth S
# from minus 1 to 1. Lower panel, for the target 2: MAPE jumps from minus 50 to 50 in percent, drawn as minus a
# half and a half. MSLE rises steeply below the target and is almost flat above it. Poisson starts far below 0
# and approaches 1. Gaussian with variance 4 is a straight line of slope one quarter.
r = np.linspace(-4, 4, 401)
fig, (ax, below) = plt.subplots(2, 1, figsize=(5.2, 5.0))
sign = np.where(r == 0, np.nan, np.sign(r))
for y, colour, name, place in (
    (2 * r, plots.PALETTE[0], "MSE", (1.5, 2.45)),
    (np.clip(r, -2, 2), plots.PALETTE[1], "Huber, δ = 2", (2.4, 2.12)),
    (sign, plots.PALETTE[2], "MAE", (3.3, 1.12)),
    (np.tanh(r), plots.PALETTE[3], "LogCosh", (1.6, 0.5)),
    (np.clip(r / 2, -1, 1), plots.PALETTE[4], "Smooth L1, β = 2", (-3.9, -0.85)),
):
    ax.plot(r, y, color=colour)
    ax.annotate(name, place, color=colour)
ax.set(ylim=(-2.9, 2.9), title="Only the derivative of MSE keeps growing")
t = np.linspace(-1.9, 4, 400)
for y, colour, name, place in (
    (t / 4, plots.PALETTE[0], "Gaussian, variance 4", (1.7, 1.1)),
    (np.where(abs(t) < 0.01, np.nan, np.sign(t) / 2), plots.PALETTE[1], "MAPE / 100", (0.1, 0.6)),
    (2 * np.log((3 + t) / 3) / (3 + t), plots.PALETTE[2], "MSLE", (-2.75, -1.5)),
    (1 - 2 / (2 + t), plots.PALETTE[3], "Poisson", (-1.1, -2.0)),
):
    below.plot(t, y, color=colour)
    below.annotate(name, place, color=colour)
below.set(ylim=(-2.9, 1.5), xlim=ax.get_xlim(), xlabel="residual: prediction − target",
          title="With target 2, MSLE and Poisson punish low predictions")
for each in (ax, below):
    plots.zero_lines(each)
fig.supylabel("derivative of the loss", color=plots.INK, fontsize=10.5)
plt.show()

# %% [markdown]
# (loss-argument-order)=
# ## PyTorch takes the prediction first, TensorFlow the target first
#
# <!-- head: loss_argument_order -->
#
# A loss has two inputs. PyTorch takes the prediction first, as `input`, and then the target, as `target`. Keras takes
# the target first, as `y_true`, and then the prediction, as `y_pred`. In this book, `y_hat` is the prediction and `y`
# is the target.
#
# The next cells call the mean squared error in both orders, and compute the gradient with respect to the
# prediction:

# %% order-squared-pt tags=["pytorch"]
y_hat = torch.tensor(rates, requires_grad=True)
y = torch.tensor(counts)
loss = nn.MSELoss()
loss_pt = loss(y_hat, y)
swapped = loss(y, y_hat)
(grad_pt,) = torch.autograd.grad(loss_pt, y_hat)
show(loss=loss_pt, swapped=swapped, grad=grad_pt)

# %% order-squared-tf tags=["tensorflow"]
y_hat = tf.Variable(rates)
y = tf.constant(counts)
loss = keras.losses.MeanSquaredError()
with tf.GradientTape() as tape:
    loss_tf = loss(y, y_hat)
    swapped = loss(y_hat, y)
grad_tf = tape.gradient(loss_tf, y_hat)
show(loss=loss_tf, swapped=swapped, grad=grad_tf)

# %%
agree(loss_pt, loss_tf, gradients=(grad_pt, grad_tf))

# %% [markdown]
# Both orders give the same number, because the square of a residual does not depend on its sign. So a program
# with the wrong order works until you replace the MSE by another loss.
#
# ### With swapped arguments, the Poisson loss is 4.1809 instead of 0.8353
#
# The [Poisson loss](poisson-nll) is not symmetric: it takes the logarithm of the prediction only. The next cells
# call it in both orders. If you pass the arguments by name, you cannot swap them.

# %% order-poisson-pt tags=["pytorch"]
def loss(input, target):
    return F.poisson_nll_loss(
        input, target, log_input=False, eps=1e-7)


y_hat, y = torch.tensor(rates), torch.tensor(counts)
loss_pt, grad_pt = value_and_grad(loss, y_hat, y)
swapped_pt = loss(y, y_hat)
named_pt = loss(target=y, input=y_hat)
show(loss=loss_pt, swapped=swapped_pt, named=named_pt)

# %% order-poisson-tf tags=["tensorflow"]
loss = keras.losses.Poisson()

y_hat, y = tf.constant(rates), tf.constant(counts)
loss_tf, grad_tf = value_and_grad(
    loss, y, y_hat, argnums=1)
swapped_tf = loss(y_hat, y)
named_tf = loss(y_pred=y_hat, y_true=y)
show(loss=loss_tf, swapped=swapped_tf, named=named_tf)

# %% order-poisson
agree([loss_pt, swapped_pt, named_pt],
      [loss_tf, swapped_tf, named_tf], gradients=(grad_pt, grad_tf))

# %% [markdown]
# No error is raised: both frameworks accept two tensors in any order. In this chapter, MAPE and the Poisson loss
# change their value. The other losses are symmetric in prediction and target, so their value stays the same.
#
# (regression-reductions)=
# ## With `sum`, PyTorch adds all elements, and Keras adds one average per example
#
# The *reduction* says how the losses of the elements become one number. PyTorch reduces all elements in one
# step. Keras first averages over the last axis, which gives one loss per example, and then reduces these. The
# default is the mean in both, and both means are equal. `sum` and no reduction differ.
#
# The next cells use 3 examples with 2 outputs. The squared errors are 1, 4 and 9, each of them twice.

# %%
pairs = np.array([[1, 1], [2, 2], [3, 3]], dtype=np.float32)  # (batch, outputs)
zeros = np.zeros((3, 2), dtype=np.float32)

# %% reductions-pt tags=["pytorch"]
y_hat, y = torch.tensor(pairs), torch.tensor(zeros)
mean_pt = F.mse_loss(y_hat, y)
sum_pt = F.mse_loss(y_hat, y, reduction="sum")
none_pt = F.mse_loss(y_hat, y, reduction="none")
show(mean=mean_pt, sum=sum_pt)
print("none", tuple(none_pt.shape))
each_pt = none_pt.mean(-1)
show(each=each_pt)

# %% reductions-tf tags=["tensorflow"]
y_hat, y = tf.constant(pairs), tf.constant(zeros)
mse = keras.losses.MeanSquaredError
mean_tf = mse()(y, y_hat)
sum_tf = mse(reduction="sum")(y, y_hat)
each_tf = mse(reduction=None)(y, y_hat)
show(mean=mean_tf, sum=sum_tf)
print("none", each_tf.shape)

show(each=each_tf)

# %% reductions
agree([mean_pt, sum_pt / 2, each_pt], [mean_tf, sum_tf, each_tf])

# %% [markdown]
# To port `sum`, multiply Keras's number by the size of the last axis, which is 2 here. Keras's functions, such
# as `keras.losses.mean_squared_error`, never reduce over the batch: they return one loss per example.
#
# With `reduction="sum"`, the loss that Keras prints for an epoch depends on the batch size, because it is a mean of the
# sums of the batches. The next cell evaluates the squared errors 1, 4 and 9 in batches of 3, and then of 1:

# %% epoch-sum
y_hat, y = tf.constant(pairs[:, :1]), tf.zeros((3, 1))
model = keras.Sequential([keras.Input((1,)), keras.layers.Identity()])
model.compile(loss=keras.losses.MeanSquaredError(reduction="sum"), run_eagerly=True)
for batch_size in (3, 1):
    show(**{f"batch_size={batch_size}": model.evaluate(
        y_hat, y, batch_size=batch_size, verbose=0)})

# %% [markdown]
# (regression-weights)=
# ## With weights, Keras divides by the number of elements, PyTorch by the sum of the weights
#
# A *sample weight* multiplies the loss of one example. Keras's default then divides the sum of the weighted losses
# by the number of elements, so larger weights give a larger loss. PyTorch's `mse_loss` and `l1_loss` divide the same
# sum by the sum of the weights, so equal weights change nothing. For PyTorch's mean in Keras, pass
# `reduction="mean_with_sample_weight"`.
#
# The squared errors are again 1, 4 and 9, and the weights are 3, 1 and 1. The weighted sum is 16. The next cells
# divide it by the number of elements, 3, and by the sum of the weights, 5:

# %%
weights = np.array([3, 1, 1], dtype=np.float32)

# %% weighted-mean-pt tags=["pytorch"]
y_hat, y = torch.tensor(pairs[:, 0]), torch.zeros(3)
w = torch.tensor(weights)
each = F.mse_loss(y_hat, y, reduction="none")
by_count_pt = (w * each).mean()
by_weight_pt = F.mse_loss(y_hat, y, weight=w)
show(by_count=by_count_pt, by_weight=by_weight_pt)

# %% weighted-mean-tf tags=["tensorflow"]
y_hat, y = tf.constant(pairs[:, :1]), tf.zeros((3, 1))
w = tf.constant(weights)
mse = keras.losses.MeanSquaredError()
by_count_tf = mse(y, y_hat, w)
by_weight_tf = keras.losses.MeanSquaredError(
    reduction="mean_with_sample_weight")(y, y_hat, w)
show(by_count=by_count_tf, by_weight=by_weight_tf)

# %% weighted-mean
agree([by_count_pt, by_weight_pt], [by_count_tf, by_weight_tf])

# %% [markdown]
# ### `F.huber_loss` divides by the number of elements, unlike `F.mse_loss` and `F.l1_loss`
#
# In PyTorch 2.13, three loss functions of this chapter have the argument `weight`. In the next cell all weights are
# 2, and each weighted loss is divided by the loss without weights. The ratio is 1 if the function divides by the sum
# of the weights, and 2 if it divides by the number of elements:

# %% weight-twice
y_hat, y = torch.tensor(predictions), torch.tensor(targets)
twos = torch.full((4,), 2.0)
for loss in (F.mse_loss, F.l1_loss, F.huber_loss):
    ratio = loss(y_hat, y, weight=twos) / loss(y_hat, y)
    print(f"{loss.__name__:11} {ratio:.1f}")

# %% [markdown]
# Only `huber_loss` divides by the number of elements, as Keras's default does. To be sure, use `reduction="none"`
# and write the weighted mean yourself.
#
# ### In Keras, weights of shape (N,) go to the time steps if there are N of them
#
# The loss of a sequence model has the shape (N, T): one loss for each example and each step. Keras multiplies it by
# the weights, and broadcasting compares shapes from the last axis. So weights of shape (N,) go to the steps, and with
# N = T there is no error. Weights of shape (N, 1) go to the examples.
#
# The next cells have 3 sequences of 3 steps. The weights 1, 0 and 0 are meant for the sequences, so that only the first
# one counts:

# %%
steps = np.arange(1, 10, dtype=np.float32).reshape(3, 3, 1)  # (batch, time, 1)
first = np.array([1, 0, 0], dtype=np.float32)

# %% weights-of-sequences-pt tags=["pytorch"]
y_hat, y = torch.tensor(steps), torch.zeros(3, 3, 1)
w = torch.tensor(first)
each = F.mse_loss(y_hat, y, reduction="none").mean(-1)
wrong_pt = (w * each).mean()
right_pt = (w[:, None] * each).mean()
show(wrong=wrong_pt, right=right_pt)

# %% weights-of-sequences-tf tags=["tensorflow"]
y_hat, y = tf.constant(steps), tf.zeros((3, 3, 1))
w = tf.constant(first)
mse = keras.losses.MeanSquaredError()
wrong_tf = mse(y, y_hat, w)
right_tf = mse(y, y_hat, w[:, None])
show(wrong=wrong_tf, right=right_tf)

# %% weights-of-sequences
agree([wrong_pt, right_pt], [wrong_tf, right_tf])

# %% [markdown]
# (regression-shapes)=
# ## (N, 1) against (N,): PyTorch compares every prediction with every target
#
# A network with one output returns predictions of shape (N, 1). Targets often have the shape (N,). The
# difference is then broadcast to the shape (N, N). Some losses of PyTorch give a warning, and some
# do not. Keras's loss classes change the shape of the targets to (N, 1).
#
# In the next cells, all 4 predictions are equal to their targets, so the right mean squared error is 0:

# %%
column = np.array([[0.1], [0.2], [0.3], [0.4]], dtype=np.float32)  # (batch, 1)

# %% shape-accident-pt tags=["pytorch"]
y_hat, y = torch.tensor(column), torch.tensor(column[:, 0])
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    wrong = F.mse_loss(y_hat, y)
    F.poisson_nll_loss(y_hat, y)
    F.gaussian_nll_loss(y_hat, y, var=torch.ones(4, 1))
for warning in caught:
    print(str(warning.message)[:56])
right_pt = F.mse_loss(y_hat, y[:, None])
show(wrong=wrong, right=right_pt)

# %% shape-accident-tf tags=["tensorflow"]
y_hat, y = tf.constant(column), tf.constant(column[:, 0])
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    wrong = tf.reduce_mean((y_hat - y) ** 2)
for warning in caught:
    print(str(warning.message)[:56])
right_tf = keras.losses.MeanSquaredError()(y, y_hat)
show(wrong=wrong, right=right_tf)

# %% shape-accident
agree(right_pt, right_tf)

# %% [markdown]
# The PyTorch cell calls three losses, and only `mse_loss` gives a warning. In the TensorFlow cell, the formula
# that you write yourself is wrong in the same way, without a warning. In both frameworks, bring the target into
# the shape of the prediction, with `y[:, None]`.
#
# ### The function `keras.losses.poisson` does not change the shape, but the class does
#
# The function `keras.losses.mean_squared_error` changes the shape of the target, and `keras.losses.poisson` does
# not. Each line below prints the mean of a function, and the loss of its class. They are equal for the squared error,
# and differ for Poisson:

# %% shape-functions
show(mean_squared_error=[np.mean(keras.losses.mean_squared_error(y, y_hat)),
                         keras.losses.MeanSquaredError()(y, y_hat)])
show(poisson=[np.mean(keras.losses.poisson(y, y_hat)),
              keras.losses.Poisson()(y, y_hat)])

# %% [markdown]
# ### With the wrong shapes, a network learns the mean of the targets
#
# If every prediction is compared with every target, the best prediction is the same number for all examples:
# the mean of the targets. The next cells fit $\hat y = w x + b$ to the targets $y = 2x$. With the shapes (N, 1)
# and (N,), the slope becomes 0 instead of 2:

# %% shape-line-pt tags=["pytorch"]
x = torch.linspace(0, 1, 8)[:, None]  # (batch, 1)
fits_pt = []
for y in (2 * x[:, 0], 2 * x):
    w_b = torch.zeros(2, requires_grad=True)
    for _ in range(300):
        y_hat = w_b[0] * x + w_b[1]
        loss = ((y_hat - y) ** 2).mean()
        (grad,) = torch.autograd.grad(loss, w_b)
        w_b.data -= 0.5 * grad
    fits_pt.append(w_b.detach())
show(wrong=fits_pt[0], right=fits_pt[1], digits=2)

# %% shape-line-tf tags=["tensorflow"]
x = tf.linspace(0.0, 1.0, 8)[:, None]  # (batch, 1)
fits_tf = []
for y in (2 * x[:, 0], 2 * x):
    w_b = tf.Variable([0.0, 0.0])
    for _ in range(300):
        with tf.GradientTape() as tape:
            y_hat = w_b[0] * x + w_b[1]
            loss = tf.reduce_mean((y_hat - y) ** 2)
        w_b.assign_sub(0.5 * tape.gradient(loss, w_b))
    fits_tf.append(tf.convert_to_tensor(w_b))

show(wrong=fits_tf[0], right=fits_tf[1], digits=2)

# %% shape-line
agree(fits_pt, fits_tf, atol=1e-3)

# %% [markdown]
# (mean-squared-error)=
# ## Mean squared error
#
# <!-- head: mean_squared_error -->
#
# The mean squared error (MSE) is the mean of the squared residuals. Choose it if a large error is much worse than
# several small ones, and if the targets have no outliers. A model with this loss learns the mean of the targets.
#
# $$L = \frac{1}{n} \sum_i (\hat y_i - y_i)^2, \qquad
# \frac{\partial L}{\partial \hat y_i} = \frac{2}{n} (\hat y_i - y_i)$$
#
# Here $\hat y_i$ is the prediction, $y_i$ is the target, and $n$ is the number of elements. The gradient grows
# with the residual. Textbooks often write a factor ½ in front. Neither framework has it.

# %% tags=["pytorch"]
y_hat = torch.tensor(predictions)
y = torch.tensor(targets)
loss_pt, grad_pt = value_and_grad(
    F.mse_loss, y_hat, y)
show(residual=y_hat - y, loss=loss_pt, grad=grad_pt)

# %% tags=["tensorflow"]
y_hat = tf.constant(predictions)
y = tf.constant(targets)
loss_tf, grad_tf = value_and_grad(
    keras.losses.MeanSquaredError(), y, y_hat, argnums=1)
show(residual=y_hat - y, loss=loss_tf, grad=grad_tf)

# %%
agree(loss_pt, loss_tf, gradients=(grad_pt, grad_tf))

# %% [markdown]
# (mean-absolute-error)=
# ## Mean absolute error
#
# <!-- head: mean_absolute_error -->
#
# The mean absolute error (MAE, or L1 loss) is the mean of the absolute residuals. Choose it if the targets have
# outliers. A model with this loss learns the median of the targets, and a single outlier moves the median little.
#
# $$L = \frac{1}{n} \sum_i |\hat y_i - y_i|, \qquad
# \frac{\partial L}{\partial \hat y_i} = \frac{1}{n} \operatorname{sign}(\hat y_i - y_i)$$
#
# Every residual has a gradient of the same size, so a small residual is corrected as strongly as a large one.
# The next cells add a fifth element with the residual 0, at the kink. Both frameworks use the gradient 0 there.

# %% tags=["pytorch"]
y_hat = torch.tensor([*predictions, 7.0])
y = torch.tensor([*targets, 7.0])
loss_pt, grad_pt = value_and_grad(
    F.l1_loss, y_hat, y)
show(residual=y_hat - y, loss=loss_pt, grad=grad_pt)

# %% tags=["tensorflow"]
y_hat = tf.constant([*predictions, 7.0])
y = tf.constant([*targets, 7.0])
loss_tf, grad_tf = value_and_grad(
    keras.losses.MeanAbsoluteError(), y, y_hat, argnums=1)
show(residual=y_hat - y, loss=loss_tf, grad=grad_tf)

# %%
agree(loss_pt, loss_tf, gradients=(grad_pt, grad_tf))

# %% [markdown]
# (huber)=
# ## Huber loss
#
# <!-- head: huber -->
#
# The Huber loss is quadratic for small residuals and linear for large ones {footcite:p}`huber1964robust`. The
# argument $\delta$ is the size of the residual at which it changes from one to the other. Choose it for targets with
# a few outliers, if small residuals should have small gradients.
#
# $$L(r) = \begin{cases} \tfrac12 r^2 & |r| \le \delta \\ \delta\,(|r| - \tfrac12 \delta) & |r| > \delta
# \end{cases}$$
#
# Here $r = \hat y - y$ is the residual of one element, and the loss is the mean over the elements. The derivative
# is the residual, clipped at $\pm\delta$. The next cells use $\delta = 2$. The last line, the gradient of the sum of
# the losses, is the line of residuals with 3.5 clipped to 2:

# %% tags=["pytorch"]
y_hat = torch.tensor(predictions)
y = torch.tensor(targets)
loss_pt, grad_pt = value_and_grad(
    nn.HuberLoss(delta=2.0), y_hat, y)
show(residual=y_hat - y, loss=loss_pt)
show(grad=grad_pt, grad_of_sum=4 * grad_pt)

# %% tags=["tensorflow"]
y_hat = tf.constant(predictions)
y = tf.constant(targets)
loss_tf, grad_tf = value_and_grad(
    keras.losses.Huber(delta=2.0), y, y_hat, argnums=1)
show(residual=y_hat - y, loss=loss_tf)
show(grad=grad_tf, grad_of_sum=4 * grad_tf)

# %%
agree(loss_pt, loss_tf, gradients=(grad_pt, grad_tf))

# %% [markdown]
# ### With a large delta, the Huber loss is half the MSE; delta 0 is an error in PyTorch and gives 0 in Keras
#
# The quadratic part has the factor ½. With $\delta = 1000$ all residuals are in it, so the loss is 2.0938, half of the
# MSE. With $\delta = 0$, PyTorch raises an error. Keras returns 0, although the residuals are not 0:

# %% huber-delta-pt tags=["pytorch"]
y_hat, y = torch.tensor(predictions), torch.tensor(targets)
large_pt = F.huber_loss(y_hat, y, delta=1000.0)
show(large_delta=large_pt, mse=F.mse_loss(y_hat, y))
with show_error():
    F.huber_loss(y_hat, y, delta=0.0)

# %% huber-delta-tf tags=["tensorflow"]
y_hat, y = tf.constant(predictions), tf.constant(targets)
huber, mse = keras.losses.Huber, keras.losses.MeanSquaredError
large_tf = huber(1000.0)(y, y_hat)
show(large_delta=large_tf, mse=mse()(y, y_hat))
show(delta_0=huber(0.0)(y, y_hat))

# %%
agree(large_pt, large_tf)

# %% [markdown]
# (smooth-l1)=
# ## Smooth L1 loss
#
# <!-- head: smooth_l1 -->
#
# The smooth L1 loss is the Huber loss divided by its argument, which is here called $\beta$
# {footcite:p}`girshick2015fast`. Its linear part has the slope 1 for every $\beta$, like the MAE. Choose it for box
# coordinates in object detection, for which it was introduced. Keras does not have it.
#
# $$L(r) = \begin{cases} \dfrac{r^2}{2\beta} & |r| < \beta \\ |r| - \tfrac12 \beta & |r| \ge \beta \end{cases}$$
#
# Here $r$ is the residual of one element. In Keras, divide `Huber(beta)` by $\beta$. The next cells use $\beta = 2$,
# and then $\beta = 0$. For $\beta = 0$, PyTorch returns the MAE, and Keras's formula is 0 / 0, which is NaN: use
# `MeanAbsoluteError` there.

# %% smooth-l1-pt tags=["pytorch"]
y_hat = torch.tensor(predictions)
y = torch.tensor(targets)
beta = 2.0
loss_pt, grad_pt = value_and_grad(
    lambda y_hat: F.smooth_l1_loss(y_hat, y, beta=beta),
    y_hat)
zero_pt = F.smooth_l1_loss(y_hat, y, beta=0.0)
show(loss=loss_pt, grad=grad_pt)
show(beta_0=zero_pt)

# %% smooth-l1-tf tags=["tensorflow"]
y_hat = tf.constant(predictions)
y = tf.constant(targets)
beta = 2.0
loss_tf, grad_tf = value_and_grad(
    lambda y_hat: keras.losses.Huber(beta)(y, y_hat) / beta,
    y_hat)
divided = keras.losses.Huber(0.0)(y, y_hat) / 0.0
zero_tf = keras.losses.MeanAbsoluteError()(y, y_hat)
show(loss=loss_tf, grad=grad_tf)
show(beta_0=zero_tf, divided=divided)

# %%
agree([loss_pt, zero_pt], [loss_tf, zero_tf], gradients=(grad_pt, grad_tf))

# %% [markdown]
# (log-cosh)=
# ## Log-cosh loss
#
# <!-- head: log_cosh -->
#
# Log-cosh is the logarithm of the hyperbolic cosine of the residual. It is close to $\frac12 r^2$ for small
# residuals, and to $|r| - \log 2$ for large ones. Choose it instead of the Huber loss with $\delta = 1$ if
# you want a smooth second derivative. PyTorch does not have it.
#
# $$L(r) = \log(\cosh r) = r + \operatorname{softplus}(-2r) - \log 2$$
#
# Here $r$ is the residual of one element, and $\operatorname{softplus}(z) = \log(1 + e^z)$. The second form does
# not overflow: use it in PyTorch. The derivative of $L$ is $\tanh r$. The mean divides it by 4, the number of elements,
# so the next cells multiply the gradient by 4 and compare it with $\tanh r$:

# %% log-cosh-pt tags=["pytorch"]
def log_cosh(y_hat, y):
    r = y_hat - y
    return (r + F.softplus(-2 * r) - math.log(2)).mean()


y_hat, y = torch.tensor(predictions), torch.tensor(targets)
loss_pt, grad_pt = value_and_grad(log_cosh, y_hat, y)
show(loss=loss_pt, grad_of_sum=4 * grad_pt)
show(tanh=torch.tanh(y_hat - y))

# %% log-cosh-tf tags=["tensorflow"]
y_hat, y = tf.constant(predictions), tf.constant(targets)
loss_tf, grad_tf = value_and_grad(
    keras.losses.LogCosh(), y, y_hat, argnums=1)
show(loss=loss_tf, grad_of_sum=4 * grad_tf)
show(tanh=tf.tanh(y_hat - y))

# %%
agree(loss_pt, loss_tf, gradients=(grad_pt, grad_tf))

# %% [markdown]
# ### `log(cosh(r))` is infinite from a residual of 90 on
#
# In float32, $\cosh(90)$ is larger than the largest number, $3.4 \cdot 10^{38}$. The value is then infinite, and
# the gradient is NaN. The stable form and Keras's loss are right for residuals of ±1000 as well:

# %% log-cosh-overflow-pt tags=["pytorch"]
r = torch.tensor([80.0, 90.0, -1000.0, 1000.0])
naive_pt, dnaive_pt = value_and_grad(
    lambda r: torch.log(torch.cosh(r)), r)
each_pt, dr_pt = value_and_grad(
    lambda r: r + F.softplus(-2 * r) - math.log(2), r)
show(naive=naive_pt, d_naive=dnaive_pt)
show(stable=each_pt, d_stable=dr_pt)

# %% log-cosh-overflow-tf tags=["tensorflow"]
r = tf.constant([80.0, 90.0, -1000.0, 1000.0])
naive_tf, dnaive_tf = value_and_grad(
    lambda r: tf.math.log(tf.cosh(r)), r)
each_tf, dr_tf = value_and_grad(
    lambda r: keras.losses.log_cosh(
        tf.zeros((4, 1)), r[:, None]), r)
show(naive=naive_tf, d_naive=dnaive_tf)
show(stable=each_tf, d_stable=dr_tf)

# %%
agree(each_pt, each_tf, gradients=(dr_pt, dr_tf))

# %% [markdown]
# (mean-absolute-percentage-error)=
# ## Mean absolute percentage error
#
# <!-- head: mean_absolute_percentage_error -->
#
# The mean absolute percentage error (MAPE) divides each absolute residual by the size of its target, and
# multiplies by 100. Choose it to report an error in percent, if the targets are positive and not near 0. As a loss it
# has two problems: it is very large for targets near 0, and it punishes a prediction that is far too high more than one
# that is far too low {footcite:p}`hyndman2006another`. PyTorch does not have it.
#
# $$L = \frac{100}{n} \sum_i \frac{|\hat y_i - y_i|}{\max(|y_i|, 10^{-7})}$$
#
# Here $y_i$ is the target. Only the target is in the denominator, so a swap changes the number. Keras replaces a
# denominator below $10^{-7}$ by $10^{-7}$.

# %% mape-pt tags=["pytorch"]
def mape(y_hat, y):
    return 100 * (
        (y_hat - y).abs() / y.abs().clamp(min=1e-7)).mean()


y_hat, y = torch.tensor(predictions), torch.tensor(targets)
loss_pt, grad_pt = value_and_grad(mape, y_hat, y)
swapped_pt = mape(y, y_hat)
show(loss=loss_pt, swapped=swapped_pt, grad=grad_pt)

# %% mape-tf tags=["tensorflow"]
y_hat, y = tf.constant(predictions), tf.constant(targets)
mape = keras.losses.MeanAbsolutePercentageError
loss_tf, grad_tf = value_and_grad(
    keras.losses.MeanAbsolutePercentageError(),
    y, y_hat, argnums=1)
swapped_tf = mape()(y_hat, y)
show(loss=loss_tf, swapped=swapped_tf, grad=grad_tf)

# %%
agree([loss_pt, swapped_pt], [loss_tf, swapped_tf], gradients=(grad_pt, grad_tf))

# %% [markdown]
# ### A target of 0 gives a loss and a gradient of 10⁹
#
# Each line of the next cells is one element: the target, the loss and the gradient. The predictions are 1, 1, 0 and
# 300. For the target 100, the prediction 0 is too low by 100 and costs 100 percent. A positive prediction that is too
# low cannot cost more. The prediction 300 is too high by 200 and costs 200 percent, and higher ones cost still more.

# %% mape-zero-pt tags=["pytorch"]
y = torch.tensor([0.0, -2.0, 100.0, 100.0])
y_hat = torch.tensor([1.0, 1.0, 0.0, 300.0])
each_pt, grad_pt = value_and_grad(
    lambda y_hat: 100 * (y_hat - y).abs()
    / y.abs().clamp(min=1e-7), y_hat)
for y_i, loss, slope in zip(y, each_pt, grad_pt):
    print(f"{y_i:6.0f} {loss:7.3g} {slope:7.3g}")

# %% mape-zero-tf tags=["tensorflow"]
y = tf.constant([0.0, -2.0, 100.0, 100.0])
y_hat = tf.constant([1.0, 1.0, 0.0, 300.0])
mape = keras.losses.mean_absolute_percentage_error
each_tf, grad_tf = value_and_grad(
    lambda y_hat: mape(y[:, None], y_hat[:, None]), y_hat)
for y_i, loss, slope in zip(y, each_tf, grad_tf):
    print(f"{y_i:6.0f} {loss:7.3g} {slope:7.3g}")

# %% mape-zero
agree(each_pt, each_tf, gradients=(grad_pt, grad_tf))

# %% [markdown]
# (mean-squared-logarithmic-error)=
# ## Mean squared logarithmic error
#
# <!-- head: mean_squared_logarithmic_error -->
#
# The mean squared logarithmic error (MSLE) is the MSE of $\log(1 + \hat y)$ and $\log(1 + y)$. Choose it for
# positive targets of very different sizes, such as prices, if a ratio matters more than a difference. PyTorch
# does not have it.
#
# $$L = \frac{1}{n} \sum_i \left(\log(1 + \max(\hat y_i, \varepsilon)) - \log(1 + \max(y_i, \varepsilon))\right)^2$$
#
# Here $\varepsilon$ is $10^{-7}$: Keras replaces smaller predictions and targets by it.

# %% msle-pt tags=["pytorch"]
def msle(y_hat, y):
    return F.mse_loss(y_hat.clamp(min=1e-7).log1p(),
                      y.clamp(min=1e-7).log1p())


y_hat, y = torch.tensor(rates), torch.tensor(targets)
loss_pt, grad_pt = value_and_grad(msle, y_hat, y)
show(loss=loss_pt, grad=grad_pt)

# %% msle-tf tags=["tensorflow"]
y_hat, y = tf.constant(rates), tf.constant(targets)
loss_tf, grad_tf = value_and_grad(
    keras.losses.MeanSquaredLogarithmicError(),
    y, y_hat, argnums=1)
show(loss=loss_tf, grad=grad_tf)

# %%
agree(loss_pt, loss_tf, gradients=(grad_pt, grad_tf))

# %% [markdown]
# ### A prediction of 0 or below gets the gradient 0
#
# Keras replaces a prediction below $10^{-7}$ by this number. The loss then does not depend on the prediction, and
# the gradient is 0. The formula in PyTorch with `clamp` does the same. Without `clamp`, a prediction below −1
# gives NaN. In both frameworks, end the network in a softplus, so that all predictions are positive.
#
# The predictions of the next cells are −3, −0.5, 0 and 2, and each target is 1:

# %% msle-negative-pt tags=["pytorch"]
y_hat = torch.tensor([-3.0, -0.5, 0.0, 2.0])
each_pt, grad_pt = value_and_grad(
    lambda y_hat: (torch.log1p(y_hat.clamp(min=1e-7))
                   - math.log(2)) ** 2, y_hat)
show(loss=each_pt, grad=grad_pt)
show(no_clamp=(torch.log1p(y_hat) - math.log(2)) ** 2)

# %% msle-negative-tf tags=["tensorflow"]
y_hat = tf.constant([-3.0, -0.5, 0.0, 2.0])
msle = keras.losses.mean_squared_logarithmic_error
each_tf, grad_tf = value_and_grad(
    lambda y_hat: msle(tf.ones((4, 1)), y_hat[:, None]),
    y_hat)
show(loss=each_tf, grad=grad_tf)
show(no_clamp=(tf.math.log1p(y_hat) - math.log(2)) ** 2)

# %%
agree(each_pt, each_tf, gradients=(grad_pt, grad_tf))

# %% [markdown]
# (poisson-nll)=
# ## Poisson loss
#
# <!-- head: poisson_nll -->
#
# The Poisson loss is for counts, such as visitors per hour. The network predicts the *rate* $\lambda$, the
# expected count {footcite:p}`nelder1972generalized`. The loss is the negative log-likelihood of a Poisson
# distribution, without the term that depends only on the count.
#
# $$L = \frac{1}{n} \sum_i \left(\lambda_i - y_i \log(\lambda_i + \varepsilon)\right), \qquad
# \frac{\partial L}{\partial \lambda_i} = \frac{1}{n} \left(1 - \frac{y_i}{\lambda_i + \varepsilon}\right)$$
#
# Here $y_i$ is the count, and $\varepsilon$ protects the logarithm: $10^{-8}$ in PyTorch, $10^{-7}$ in Keras.
# Keras takes rates. PyTorch's default takes the logarithm of the rate. With `log_input=False` it takes rates, too:

# %% poisson-rates-pt tags=["pytorch"]
y_hat = torch.tensor(rates)
y = torch.tensor(counts)
loss_pt = F.poisson_nll_loss(
    y_hat, y, log_input=False, eps=1e-7)
_, grad_pt = value_and_grad(
    nn.PoissonNLLLoss(False, eps=1e-7), y_hat, y)
show(loss=loss_pt, grad=grad_pt)
show(default=F.poisson_nll_loss(y_hat, y))

# %% poisson-rates-tf tags=["tensorflow"]
y_hat = tf.constant(rates)
y = tf.constant(counts)
loss_tf = keras.losses.Poisson()(y, y_hat)
_, grad_tf = value_and_grad(
    keras.losses.Poisson(), y, y_hat, argnums=1)
show(loss=loss_tf, grad=grad_tf)

# %%
agree(loss_pt, loss_tf, gradients=(grad_pt, grad_tf))

# %% [markdown]
# The last line of the PyTorch cell is the loss with PyTorch's defaults. They take the rates for logarithms, so the loss
# is 12.9636 instead of 0.8353.
#
# ### For log-rates, `nn.PoissonNLLLoss()` is the mean of `tf.nn.log_poisson_loss`
#
# With log-rates $z = \log \lambda$ the loss is $e^z - y z$. It needs no $\varepsilon$, and the rate is always
# positive. TensorFlow has it as `tf.nn.log_poisson_loss`, with the target first and one loss per element.
#
# The negative log-likelihood has one more term, $\log(y!)$. `full=True` in PyTorch and `compute_full_loss=True` in
# TensorFlow add Stirling's approximation of it, for counts above 1. The last two lines compare the losses with the
# approximation, `full`, and with the exact term. They differ for the count 3:

# %% poisson-log-pt tags=["pytorch"]
z, y = torch.tensor(predictions), torch.tensor(counts)
log_pt, dz_pt = value_and_grad(
    nn.PoissonNLLLoss(), z, y)
each_pt = F.poisson_nll_loss(z, y, reduction="none")
full_pt = F.poisson_nll_loss(
    z, y, full=True, reduction="none")
exact_pt = each_pt + torch.lgamma(y + 1)
show(loss=log_pt, grad=dz_pt, each=each_pt)
show(full=full_pt, exact=exact_pt)

# %% poisson-log-tf tags=["tensorflow"]
z, y = tf.constant(predictions), tf.constant(counts)
log_tf, dz_tf = value_and_grad(
    lambda z: tf.reduce_mean(tf.nn.log_poisson_loss(y, z)), z)
each_tf = tf.nn.log_poisson_loss(y, z)
full_tf = tf.nn.log_poisson_loss(
    y, z, compute_full_loss=True)
exact_tf = each_tf + tf.math.lgamma(y + 1)
show(loss=log_tf, grad=dz_tf, each=each_tf)
show(full=full_tf, exact=exact_tf)

# %%
agree([log_pt, full_pt, exact_pt], [log_tf, full_tf, exact_tf],
      gradients=(dz_pt, dz_tf))

# %% [markdown]
# ### At the rate 0 the losses differ, a negative rate is NaN, and a log-rate of 1000 is infinite
#
# At the rate 0 only $\varepsilon$ remains in the logarithm. For a count of 3, PyTorch's default
# $\varepsilon$ gives 55.262 and Keras's gives 48.354. The gradients are −3·10⁸ and −3·10⁷. A rate of −1 gives NaN
# in both. With log-rates, $e^{1000}$ overflows:

# %% poisson-zero-pt tags=["pytorch"]
y_hat, y = torch.tensor([0.0, -1.0]), torch.tensor([3.0, 3])
each_pt, grad_pt = value_and_grad(
    lambda y_hat: F.poisson_nll_loss(
        y_hat, y, log_input=False, reduction="none"), y_hat)
show(rate_0=each_pt[0], rate_minus_1=each_pt[1])
print(f"gradient {grad_pt[0]:.0e}")
log_rates = torch.tensor([-1000.0, 1000.0])
far_pt = F.poisson_nll_loss(log_rates, y, reduction="none")
show(log_rates=far_pt)

# %% poisson-zero-tf tags=["tensorflow"]
y_hat, y = tf.constant([0.0, -1.0]), tf.constant([3.0, 3])
each_tf, grad_tf = value_and_grad(
    lambda y_hat: keras.losses.poisson(
        y[:, None], y_hat[:, None]), y_hat)
show(rate_0=each_tf[0], rate_minus_1=each_tf[1])
print(f"gradient {grad_tf[0]:.0e}")
log_rates = tf.constant([-1000.0, 1000.0])
far_tf = tf.nn.log_poisson_loss(y, log_rates)
show(log_rates=far_tf)

# %%
agree(far_pt, far_tf)

# %% [markdown]
# (gaussian-nll)=
# ## Gaussian negative log-likelihood
#
# <!-- head: gaussian_nll -->
#
# For this loss the network predicts two numbers for each target: a mean $\hat y$ and a variance $v$
# {footcite:p}`nix1994estimating`. Choose it if the network should also say how uncertain it is. TensorFlow and
# Keras do not have it.
#
# $$L = \frac{1}{n} \sum_i \frac12 \left( \log v_i + \frac{(\hat y_i - y_i)^2}{v_i} \right)$$
#
# Here $v_i$ is the variance, not the standard deviation. PyTorch replaces variances below `eps` by `eps`, $10^{-6}$
# by default, and passes the gradient on to the variance that was replaced. `tf.maximum` would not pass it on, so the
# TensorFlow cell adds the missing part behind a `stop_gradient`.
#
# The formula leaves out the constant $\frac12 \log 2\pi$ of the negative log-density. PyTorch adds it with `full=True`:

# %% gaussian-pt tags=["pytorch"]
y_hat = torch.tensor(predictions)
y, var = torch.tensor(targets), torch.tensor(variances)
loss_pt, grad_pt = value_and_grad(
    F.gaussian_nll_loss, y_hat, y, var)
_, dvar_pt = value_and_grad(
    F.gaussian_nll_loss, y_hat, y, var, argnums=2)
full_pt = F.gaussian_nll_loss(y_hat, y, var, full=True)
show(loss=loss_pt, full=full_pt)
show(grad=grad_pt, dvar=dvar_pt)

# %% gaussian-tf tags=["tensorflow"]
def gaussian_nll(y, y_hat, var, eps=1e-6):
    v = var + tf.stop_gradient(tf.maximum(var, eps) - var)
    each = 0.5 * (tf.math.log(v) + (y - y_hat) ** 2 / v)
    return tf.reduce_mean(each)


y_hat = tf.constant(predictions)
y, var = tf.constant(targets), tf.constant(variances)
loss_tf, grad_tf = value_and_grad(
    gaussian_nll, y, y_hat, var, argnums=1)
_, dvar_tf = value_and_grad(
    gaussian_nll, y, y_hat, var, argnums=2)
full_tf = loss_tf + 0.5 * math.log(2 * math.pi)
show(loss=loss_tf, full=full_tf)
show(grad=grad_tf, dvar=dvar_tf)

# %%
agree([loss_pt, full_pt], [loss_tf, full_tf],
      gradients=([grad_pt, dvar_pt], [grad_tf, dvar_tf]))

# %% [markdown]
# ### A variance below `eps` is replaced by `eps`, but it still has a gradient
#
# The variances of the next cells are 10⁻⁹, 10⁻⁹ and 1, and the residuals are 0, 0.01 and 0. The two small variances are
# replaced by 10⁻⁶, and their gradients are not 0. The second gradient is negative, so training makes this variance
# larger: the residual shows that it is too small. The first loss is negative, because a density can be larger than 1.

# %% gaussian-clamp-pt tags=["pytorch"]
y_hat, y = torch.tensor([0.0, 0.01, 0.0]), torch.zeros(3)
var = torch.tensor([1e-9, 1e-9, 1.0])
each_pt, dvar_pt = value_and_grad(
    lambda var: F.gaussian_nll_loss(
        y_hat, y, var, reduction="none"), var)
show(loss=each_pt)
print("gradient", *[f"{slope:.1e}" for slope in dvar_pt])
with show_error():
    F.gaussian_nll_loss(y_hat, y, -var)

# %% gaussian-clamp-tf tags=["tensorflow"]
y_hat, y = tf.constant([0.0, 0.01, 0.0]), tf.zeros(3)
var = tf.constant([1e-9, 1e-9, 1.0])
each_tf, dvar_tf = value_and_grad(
    lambda var: tf.stack([
        gaussian_nll(y[i], y_hat[i], var[i])
        for i in range(3)]), var)
show(loss=each_tf)
print("gradient", *[f"{slope:.1e}" for slope in dvar_tf])

# %% gaussian-clamp
agree(each_pt, each_tf, gradients=(dvar_pt, dvar_tf))

# %% [markdown]
# A negative variance is an error in PyTorch. End the output for the variance in a softplus or an exponential, so
# that it is always positive.

# %% [markdown]
# (regression-statistics)=
# ## The loss decides which statistic of the targets a model learns
#
# The next cells search the constant that predicts the targets 1, 2, 3, 4 and 40 best. The last target is an outlier.
# The cells compute each loss for all constants from 0.5 to 45 in steps of 0.01, and print the constant with the smallest
# loss. They use float64, because the losses near the minimum differ little.

# %%
constants = np.arange(0.5, 45, 0.01)
outlier = np.array([1, 2, 3, 4, 40.0])
names = ["MSE", "MAE", "Huber", "LogCosh", "MAPE", "MSLE", "Poisson"]

# %% statistics-pt tags=["pytorch"]
c, y = torch.tensor(constants), torch.tensor(outlier)
y_hat, y = torch.broadcast_tensors(c[:, None], y)
r, none = y_hat - y, {"reduction": "none"}
losses = [
    F.mse_loss(y_hat, y, **none),
    F.l1_loss(y_hat, y, **none),
    F.huber_loss(y_hat, y, **none),
    r + F.softplus(-2 * r) - math.log(2),
    100 * r.abs() / y,
    (y_hat.log1p() - y.log1p()) ** 2,
    F.poisson_nll_loss(y_hat, y, False, **none),
]
best_pt = [c[loss.mean(-1).argmin()] for loss in losses]
show(digits=2, **dict(zip(names, best_pt)))

# %% statistics-tf tags=["tensorflow"]
c, y = tf.constant(constants), tf.constant(outlier)
y_hat = tf.repeat(c[:, None], 5, axis=1)
y = tf.repeat(y[None], len(c), axis=0)
losses = [
    keras.losses.mean_squared_error(y, y_hat),
    keras.losses.mean_absolute_error(y, y_hat),
    keras.losses.huber(y, y_hat),
    keras.losses.log_cosh(y, y_hat),
    keras.losses.mean_absolute_percentage_error(y, y_hat),
    keras.losses.mean_squared_logarithmic_error(y, y_hat),
    keras.losses.poisson(y, y_hat),
]
best_tf = [c[int(tf.argmin(loss))] for loss in losses]
show(digits=2, **dict(zip(names, best_tf)))

# %% statistics
agree(best_pt, best_tf)

# %% statistics-figure tags=["hide-input"]
# alt: The targets 1, 2, 3, 4 and 40 as dots on a line. Below it, one row for each loss with the best constant:
# MSE and Poisson at 10, MSLE at 4.48, LogCosh at 3.02, Huber and MAE at 3, MAPE at 2.
fig, ax = plt.subplots(figsize=(5.2, 2.7))
order = np.argsort([-float(best) for best in best_pt], kind="stable")
ax.plot(outlier, np.zeros(5), "o", color=plots.INK)
ax.annotate("targets", (39, 0.55), ha="right")
for row, i in enumerate(order, 1):
    best = float(best_pt[i])
    ax.plot([0, best], [-row, -row], color=plots.SIBLING, linewidth=0.8)
    ax.plot(best, -row, "o", color=plots.PYTORCH)
    ax.plot(float(best_tf[i]), -row, "o", color=plots.TENSORFLOW, fillstyle="none", markersize=10)
    ax.annotate(f"{names[i]} {best:.2f}", (best + 1.2, -row), va="center")
ax.annotate("PyTorch: dot", (39, -4), ha="right", color=plots.PYTORCH)
ax.annotate("TensorFlow: circle", (39, -5), ha="right", color=plots.TENSORFLOW)
ax.set(xlim=(0, 42), ylim=(-7.7, 1.2), yticks=[], xlabel="best constant",
       title="The outlier moves MSE and Poisson to the mean, 10")
ax.spines["left"].set_visible(False)
plt.show()

# %% [markdown]
# MSE and the Poisson loss learn the mean, 10. MAE learns the median, 3, and so does the Huber loss here. LogCosh is
# close to the median. MSLE learns 4.48: the mean of the logarithms of $1 + y$, transformed back. MAPE learns a median
# in which small targets have larger weights. Its constant, 2, is too low for three of the five targets.
#
# ## Which one to choose
#
# | your targets | use | because |
# | --- | --- | --- |
# | numbers without outliers | MSE | it learns the mean, and large errors get large gradients |
# | numbers with outliers | MAE, or Huber with $\delta$ at the size of a usual error | an outlier gets no larger gradient than $\delta$ |
# | box coordinates | smooth L1 | large residuals have the slope 1, for every $\beta$ |
# | numbers with outliers, and an optimizer that uses second derivatives | LogCosh | all its derivatives are smooth |
# | positive numbers of very different sizes | MSLE, with a softplus at the end of the network | ratios count, not differences |
# | positive numbers, if you must report percent | MAPE as a metric, and another loss | it is very large for targets near 0, and punishes high predictions most |
# | counts | Poisson, with log-rates | the rate is always positive |
# | numbers, if you need the uncertainty, too | Gaussian NLL | it learns a mean and a variance |
#
# ## Exercises
#
# Write all nine losses yourself, and two that need the right order and the right weights: [exercises on regression
# losses](../../exercises/losses/regression.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
