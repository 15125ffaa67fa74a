# %% [markdown]
# # Penalties and weight decay
#
# A penalty is a number that is added to the loss. It becomes larger if the weights, or the outputs of a
# layer, become larger. Training then prefers small weights. In Keras you pass a penalty to a layer. In
# PyTorch you add it to the loss yourself, or you use the argument `weight_decay` of the optimizer.
#
# **The claim:** the penalties of Keras are one line each in PyTorch, with the same values and gradients.
# `weight_decay` is where the frameworks differ:
#
# - In plain SGD, `weight_decay=λ` is the same in both, and it is the penalty `L2(λ/2)`, not `L2(λ)`.
# - In Adam, `weight_decay` is an L2 penalty in PyTorch, and in Keras it makes the weights smaller without Adam's
#   scaling. After one step the weights are different.
#
# Keras's `fit` adds the penalties to the loss that it prints. In PyTorch you decide which loss you print.

# %%
import inspect
import tempfile

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, copy_weights, plots, show, show_error, value_and_grad

plots.use_style()
weights = np.array([[1, -2], [3, 0.5]], dtype=np.float32)

# %% [markdown]
# The figure shows what a penalty does to one weight. Without a penalty, the loss $(w - a)^2$ has its minimum
# at $w = a$. The curves show where the minimum is with the penalty $|w|$ (L1) or $w^2$ (L2).

# %% minima tags=["hide-input"]
# alt: The best weight against a, the best weight without a penalty, from minus 2 to 2. With L2 it is a line
# through 0 with half the slope. With L1 it is exactly 0 between minus one half and one half, and outside it
# is one half closer to 0 than a.
a = np.linspace(-2, 2, 201)
fig, ax = plt.subplots()
plots.zero_lines(ax)
ax.plot(a, a, color=plots.SIBLING, linewidth=1)
ax.plot(a, np.sign(a) * np.maximum(np.abs(a) - 0.5, 0), color=plots.PALETTE[2])
ax.plot(a, a / 2, color=plots.PALETTE[3])
ax.annotate("no penalty", (1.12, 1.5), ha="right", color=plots.INK)
ax.annotate("L1: 0.5 closer to 0", (-0.95, -0.65), (-1.9, 0.55), color=plots.PALETTE[2],
            arrowprops={"arrowstyle": "-", "color": plots.PALETTE[2], "linewidth": 0.8})
ax.annotate("L2: half", (1.5, 0.45), color=plots.PALETTE[3])
ax.set(xlabel="a, the best weight without a penalty", ylabel="best weight",
       title="L1 sets small weights to 0, L2 halves all weights")
plt.show()

# %% [markdown]
# (l1)=
# ## L1 penalty
#
# <!-- head: l1 -->
#
# L1 adds the absolute values of the weights. Choose it if many weights should become 0, for example to find
# out which inputs a model needs.
#
# $$P = \lambda \sum_i |w_i|, \qquad \frac{\partial P}{\partial w_i} = \lambda\, \operatorname{sign}(w_i)$$
#
# Here $w_i$ are the weights and $\lambda$ is the factor. Each weight is pulled towards 0 equally strongly,
# whether it is large or small. A penalty is a sum, and is not divided by the number of weights: if you make a layer
# wider, choose $\lambda$ again. The cells compute 0.1 · (1 + 2 + 3 + 0.5) and its gradient:

# %% tags=["pytorch"]
w = torch.tensor(weights, requires_grad=True)
y_pt = 0.1 * w.abs().sum()
(dw_pt,) = torch.autograd.grad(y_pt, w)
show(penalty=y_pt)
show(dw=dw_pt)

# %% tags=["tensorflow"]
w = tf.Variable(weights)
with tf.GradientTape() as tape:
    y_tf = keras.regularizers.L1(0.1)(w)
dw_tf = tape.gradient(y_tf, w)
show(penalty=y_tf)
show(dw=dw_tf)

# %%
agree(y_pt, y_tf, gradients=(dw_pt, dw_tf))

# %% [markdown]
# (l1-zeros)=
# ### SGD with L1 gives no exact zeros, and a proximal step gives all of them
#
# In the next cells a linear model has eight inputs, and the target depends on only two of them. The other six
# weights should become 0. But near 0, each step of SGD moves a weight by about the learning rate times $\lambda$. So
# the weight jumps from one side of 0 to the other, and almost never stops at 0 exactly.
#
# A *proximal step* treats the penalty separately. First take the step for the loss alone. Then move each
# weight towards 0 by the learning rate times $\lambda$, and stop at 0. This second part is the [soft
# shrink](soft-shrink) function.

# %%
rng = np.random.default_rng(0)
x = rng.normal(size=(40, 8)).astype(np.float32)
noise = 0.1 * rng.normal(size=40).astype(np.float32)
y = 2 * x[:, 0] - x[:, 1] + noise

# %% l1-train-pt tags=["pytorch"]
def train_pt(proximal):
    w = torch.zeros(8, requires_grad=True)
    for _ in range(500):
        error = torch.tensor(x) @ w - torch.tensor(y)
        loss = (error**2).mean()
        if not proximal:
            loss = loss + 0.1 * w.abs().sum()
        (dw,) = torch.autograd.grad(loss, w)
        with torch.no_grad():
            w -= 0.05 * dw
            if proximal:
                w.copy_(F.softshrink(w, 0.05 * 0.1))
    return w.detach()

# %% l1-train-tf tags=["tensorflow"]
def train_tf(proximal):
    w = tf.Variable(tf.zeros(8))
    for _ in range(500):
        with tf.GradientTape() as tape:
            error = tf.linalg.matvec(x, w) - y
            loss = tf.reduce_mean(error**2)
            if not proximal:
                loss += keras.regularizers.L1(0.1)(w)
        dw = tape.gradient(loss, w)
        w.assign_sub(0.05 * dw)
        if proximal:
            w.assign(keras.activations.soft_shrink(
                w, 0.05 * 0.1))
    return w

# %% [markdown]
# `sgd_zeros` counts the weights that are exactly 0 with SGD alone, and `sgd_near` those closer to 0 than 0.01. All
# six are near 0, but none of them is 0. With the proximal step, all six are 0 (`zeros`). `proximal` shows the first
# four weights:

# %% l1-zeros-pt tags=["pytorch"]
sgd_pt, w_pt = train_pt(False), train_pt(True)
show(sgd_zeros=(sgd_pt == 0).sum(),
     sgd_near=(sgd_pt.abs() < 0.01).sum())
show(proximal=w_pt[:4], digits=2)
show(zeros=(w_pt == 0).sum())

# %% l1-zeros-tf tags=["tensorflow"]
sgd_tf, w_tf = train_tf(False), train_tf(True)
sgd_tf, w_tf = sgd_tf.numpy(), w_tf.value()
show(sgd_zeros=(sgd_tf == 0).sum(),
     sgd_near=(abs(sgd_tf) < 0.01).sum())
show(proximal=w_tf[:4], digits=2)
show(zeros=(w_tf.numpy() == 0).sum())

# %%
agree(w_pt, w_tf, rtol=1e-4)

# %% [markdown]
# The two weights that are needed are 1.92 and −0.94, and the target was made with 2 and −1. L1 also makes those
# weights smaller that you want to keep.
#
# (l2)=
# ## L2 penalty
#
# <!-- head: l2 -->
#
# L2 adds the squares of the weights. Choose it to keep all weights small. It pulls large weights most strongly,
# and it gives no zeros.
#
# $$P = \lambda \sum_i w_i^2, \qquad \frac{\partial P}{\partial w_i} = 2 \lambda w_i$$
#
# Here $w_i$ are the weights and $\lambda$ is the factor. Each weight is pulled towards 0 in proportion to
# its size. The 2 in the gradient is the reason for the factor of two [between `L2` and `weight_decay`](weight-decay):

# %% tags=["pytorch"]
y_pt, dw_pt = value_and_grad(
    lambda w: 0.1 * (w**2).sum(), torch.tensor(weights))
show(penalty=y_pt)
show(dw=dw_pt)

# %% tags=["tensorflow"]
y_tf, dw_tf = value_and_grad(
    lambda w: keras.regularizers.L2(0.1)(w),
    tf.constant(weights))
show(penalty=y_tf)
show(dw=dw_tf)

# %%
agree(y_pt, y_tf, gradients=(dw_pt, dw_tf))

# %% [markdown]
# ### `tf.nn.l2_loss` contains a factor ½, and `L2` does not
#
# The sum of squares is 14.25. `tf.nn.l2_loss` returns half of it, so that its gradient is $w$ and not $2w$. If you
# replace it by `L2`, halve the factor.

# %% l2-half-pt tags=["pytorch"]
w = torch.tensor(weights)
y_pt = (w**2).sum() / 2
show(half=y_pt)
show(all=(w**2).sum())

# %% l2-half-tf tags=["tensorflow"]
w = tf.constant(weights)
y_tf = tf.nn.l2_loss(w)
show(half=y_tf)
show(all=keras.regularizers.L2(1.0)(w))

# %%
agree(y_pt, y_tf)

# %% [markdown]
# ### `L2` refuses a factor of type `np.float32`, and a layer refuses a plain number
#
# The factor must be a Python number. If it comes from a NumPy array in float32, convert it with `float`. A layer needs
# the regularizer, `L2(0.1)`, and not its factor:

# %% l2-factors
lam = np.float32(0.1)
with show_error():
    keras.regularizers.L2(lam)
with show_error():
    keras.layers.Dense(2, kernel_regularizer=0.1)
show(converted=keras.regularizers.L2(float(lam))(weights))

# %% [markdown]
# (l1-l2)=
# ## L1 and L2 penalty
#
# <!-- head: l1_l2 -->
#
# `L1L2` adds an L1 and an L2 penalty, each with its own factor. It is also called the *elastic net*
# {footcite:p}`zou2005regularization`. Choose it if you want few weights, and none of them large.
#
# $$P = \lambda_1 \sum_i |w_i| + \lambda_2 \sum_i w_i^2$$
#
# Here $\lambda_1$ and $\lambda_2$ are the factors `l1` and `l2`.

# %% tags=["pytorch"]
def penalty_pt(w):
    return 0.1 * w.abs().sum() + 0.2 * (w**2).sum()


w_pt = torch.tensor(weights)
y_pt, dw_pt = value_and_grad(penalty_pt, w_pt)
show(penalty=y_pt)
show(dw=dw_pt)

# %% tags=["tensorflow"]
def penalty_tf(w):
    return keras.regularizers.L1L2(l1=0.1, l2=0.2)(w)


w_tf = tf.constant(weights)
y_tf, dw_tf = value_and_grad(penalty_tf, w_tf)
show(penalty=y_tf)
show(dw=dw_tf)

# %%
agree(y_pt, y_tf, gradients=(dw_pt, dw_tf))

# %% [markdown]
# ### The string `"L1L2"` is no penalty at all, and `"l1_l2"` raises an error
#
# Layers also accept the names of regularizers. `"l1"` and `"l2"` mean a factor of 0.01. The documentation of
# Keras 3.15 lists `"l1_l2"` as well, but this string raises an error. `"L1L2"` is accepted, but both of its factors
# are 0. Write `L1L2(l1=…, l2=…)` with both factors.

# %% l1-l2-strings
for name in ("l1", "l2", "L1L2"):
    config = keras.regularizers.get(name).get_config()
    print(name, {key: round(value, 4) for key, value in config.items()})
with show_error():
    keras.regularizers.get("l1_l2")

# %% [markdown]
# (penalties-in-the-loss)=
# ## A Keras layer takes three penalties, and a PyTorch loop adds them to the loss
#
# `kernel_regularizer` and `bias_regularizer` are penalties on the weights. `activity_regularizer` is a penalty
# on the outputs, and has [a section of its own](activity-regularization). `layer.losses` and `model.losses`
# are the lists of all penalties. In PyTorch you compute the same numbers from `layer.weight`, `layer.bias` and
# the outputs. The cells print all three for one layer:

# %%
bias = np.array([1, -1], dtype=np.float32)
ones = np.ones((4, 2), dtype=np.float32)  # (batch, features)

# %% penalties-three-pt tags=["pytorch"]
linear = nn.Linear(2, 2)
with torch.no_grad():
    linear.weight.copy_(torch.tensor(weights.T))
    linear.bias.copy_(torch.tensor(bias))
h = linear(torch.tensor(ones))
losses_pt = [
    0.01 * (h**2).sum() / len(h),
    0.1 * (linear.weight**2).sum(),
    0.5 * linear.bias.abs().sum(),
]
show(losses=torch.stack(losses_pt))

# %% penalties-three-tf tags=["tensorflow"]
dense = keras.layers.Dense(
    2,
    activity_regularizer=keras.regularizers.L2(0.01),
    kernel_regularizer=keras.regularizers.L2(0.1),
    bias_regularizer=keras.regularizers.L1(0.5))
dense.build((None, 2))
dense.set_weights([weights, bias])
h = dense(tf.constant(ones))
losses_tf = dense.losses
show(losses=losses_tf)

# %%
agree(losses_pt, losses_tf)

# %% [markdown]
# Keras computes the activity penalty when you call the layer, so read `losses` after the call.
#
# ### Keras's `loss` and `val_loss` contain the penalty, and metrics do not
#
# The model in the next cells has a mean squared error of 1 and a penalty of 0.2. Keras reports 1.2 as `loss` and as
# `val_loss`. PyTorch code often prints the error alone. To compare the two, pass the error to Keras as a metric, or
# subtract `sum(model.losses)`. The learning rate of the Keras model is 0, so that the weights stay as they are.

# %% penalties-shown-pt tags=["pytorch"]
linear = nn.Linear(2, 1)
nn.init.ones_(linear.weight)
nn.init.zeros_(linear.bias)
y_hat = linear(torch.tensor(ones))
mse_pt = F.mse_loss(y_hat, torch.ones(4, 1))
loss_pt = mse_pt + 0.1 * (linear.weight**2).sum()
show(mse=mse_pt, loss=loss_pt)

# %% penalties-shown-tf tags=["tensorflow"]
model = keras.Sequential([
    keras.Input((2,)),
    keras.layers.Dense(1, kernel_initializer="ones",
        kernel_regularizer=keras.regularizers.L2(0.1))])
sgd = keras.optimizers.SGD(0.0)
model.compile(sgd, "mse", metrics=["mse"])
targets = ones[:, :1]
logs = model.fit(ones, targets, verbose=0,
    validation_data=(ones, targets)).history
show(mse=logs["mse"], loss=logs["loss"])
show(val_loss=logs["val_loss"])
mse_tf = tf.reduce_mean((model(ones) - targets) ** 2)
loss_tf = mse_tf + sum(model.losses)

# %%
agree([mse_pt, loss_pt], [mse_tf, loss_tf])

# %% [markdown]
# Sample weights do not change the penalty. With the weight 10 for each example, the error becomes 10, and the
# penalty is still 0.2:

# %% penalties-weighted
show(loss=model.evaluate(ones, targets, sample_weight=np.full(4, 10.0), verbose=0)[0])

# %% [markdown]
# ### Your own loop must add the penalties inside the tape
#
# `fit` adds `model.losses` for you. A loop with a `GradientTape` must add `sum(model.losses)`. If you forget
# it, there is no error message, and the weights are not penalized. The cells print the gradient of the kernel
# without the penalty (`forgotten`) and with it (`added`):

# %% penalties-loop-pt tags=["pytorch"]
x_pt = torch.tensor(ones)
error = F.mse_loss(linear(x_pt), torch.ones(4, 1))
loss = error + 0.1 * (linear.weight**2).sum()
(forgotten_pt,) = torch.autograd.grad(
    error, linear.weight, retain_graph=True)
(added_pt,) = torch.autograd.grad(loss, linear.weight)
show(forgotten=forgotten_pt, added=added_pt)

# %% penalties-loop-tf tags=["tensorflow"]
x_tf = tf.constant(ones)
with tf.GradientTape(persistent=True) as tape:
    error = tf.reduce_mean((model(x_tf) - 1.0) ** 2)
    loss = error + sum(model.losses)
kernel = model.layers[0].kernel.value
forgotten_tf = tf.transpose(tape.gradient(error, kernel))
added_tf = tf.transpose(tape.gradient(loss, kernel))
show(forgotten=forgotten_tf, added=added_tf)

# %%
agree([forgotten_pt, added_pt], [forgotten_tf, added_tf])

# %% [markdown]
# (orthogonal-regularizer)=
# ## Orthogonal penalty
#
# <!-- head: orthogonal_regularizer -->
#
# The orthogonal penalty is $\lambda$ times the mean absolute cosine between two rows of a matrix. It is 0 if all rows
# are orthogonal to each other, and $\lambda$ if all are parallel. Choose it if the units of a layer should not learn
# the same thing.
#
# $$P = \frac{\lambda}{n (n-1) / 2} \sum_{i < j} \left| \frac{w_i \cdot w_j}{\lVert w_i \rVert\, \lVert w_j
# \rVert} \right|$$
#
# Here $w_i$ are the $n$ rows, and the sum is over all pairs of rows. The lengths of the rows do not change the
# penalty.

# %%
rows = np.array([[1, 2, 0, 1], [0, 1, -1, 2], [2, 0, 1, 1]], dtype=np.float32)

# %% tags=["pytorch"]
def orthogonal_pt(w):
    u = F.normalize(w, dim=1)
    n_pairs = len(w) * (len(w) - 1) / 2
    return 0.1 * (u @ u.T).triu(1).abs().sum() / n_pairs


y_pt, dw_pt = value_and_grad(
    orthogonal_pt, torch.tensor(rows))
show(penalty=y_pt)
show(dw=dw_pt)

# %% tags=["tensorflow"]
def orthogonal_tf(w):
    return keras.regularizers.OrthogonalRegularizer(0.1)(w)


y_tf, dw_tf = value_and_grad(
    orthogonal_tf, tf.constant(rows))
show(penalty=y_tf)
show(dw=dw_tf)

# %%
agree(y_pt, y_tf, gradients=(dw_pt, dw_tf))

# %% [markdown]
# ### The default compares the inputs of a Keras kernel, and `mode="columns"` compares its units
#
# The weight of `nn.Linear` has one row for each unit, and one column for each input. The kernel of `Dense` is
# transposed. So the default `mode="rows"` compares its inputs. Pass `mode="columns"` to compare its units, as the
# penalty on a PyTorch weight does:

# %% orthogonal-units-pt tags=["pytorch"]
linear = nn.Linear(4, 3)
with torch.no_grad():
    linear.weight.copy_(torch.tensor(rows))
units_pt = orthogonal_pt(linear.weight)
inputs_pt = orthogonal_pt(linear.weight.T)
show(units=units_pt, inputs=inputs_pt)

# %% orthogonal-units-tf tags=["tensorflow"]
dense = keras.layers.Dense(3)
dense.build((None, 4))
copy_weights(linear, dense)
penalty = keras.regularizers.OrthogonalRegularizer
units_tf = penalty(0.1, mode="columns")(dense.kernel)
inputs_tf = penalty(0.1)(dense.kernel)
show(units=units_tf, inputs=inputs_tf)

# %%
agree([units_pt, inputs_pt], [units_tf, inputs_tf])

# %% [markdown]
# The penalty makes the cosines smaller, and not exactly 0. PyTorch's `orthogonal` [replaces the weight by an orthogonal
# matrix](constraints-orthogonal), so they are 0 in each call.
#
# (activity-regularization)=
# ## Activity regularization
#
# <!-- head: activity_regularization -->
#
# An activity penalty is computed from the outputs of a layer, not from its weights. Choose it to keep hidden
# units small. In Keras pass `activity_regularizer` to a layer, or insert the layer `ActivityRegularization`, which
# returns its input and adds a penalty.
#
# $$P = \frac{1}{N} \Bigl( \lambda_1 \sum_i |h_i| + \lambda_2 \sum_i h_i^2 \Bigr)$$
#
# Here $h_i$ are all outputs of the layer for a batch, and $N$ is the number of examples in the batch. Keras divides
# by $N$, so that a larger batch does not have a larger penalty. The cells use a batch of two examples:

# %% activity-value-pt tags=["pytorch"]
def activity_pt(h):
    return 0.1 * (h**2).sum() / len(h)


h = torch.tensor(weights)  # (batch, features)
y_pt, dh_pt = value_and_grad(activity_pt, h)
show(penalty=y_pt)
show(dh=dh_pt)

# %% activity-value-tf tags=["tensorflow"]
def activity_tf(h):
    layer = keras.layers.ActivityRegularization(l2=0.1)
    layer(h)
    return sum(layer.losses)


h = tf.constant(weights)  # (batch, features)
y_tf, dh_tf = value_and_grad(activity_tf, h)
show(penalty=y_tf)
show(dh=dh_tf)

# %%
agree(y_pt, y_tf, gradients=(dh_pt, dh_tf))

# %% [markdown]
# ### The penalty is divided by the batch, but not by the time steps
#
# The cells compute the penalty of two sequences of ones, with 5 time steps and with 1. It is 5 times as large. So
# choose a smaller factor for longer sequences:

# %% activity-steps-pt tags=["pytorch"]
steps_pt, step_pt = (
    activity_pt(torch.ones(2, n, 1)) for n in (5, 1))
show(five_steps=steps_pt, one_step=step_pt)

# %% activity-steps-tf tags=["tensorflow"]
steps_tf, step_tf = (
    activity_tf(tf.ones((2, n, 1))) for n in (5, 1))
show(five_steps=steps_tf, one_step=step_tf)

# %%
agree([steps_pt, step_pt], [steps_tf, step_tf])

# %% [markdown]
# Releases of Keras 3 before January 2026 [did not divide by the
# batch](https://github.com/keras-team/keras/issues/22018). A factor that was tuned with them must be multiplied
# by the size of the batch.
#
# ### A frozen layer keeps its activity penalty and loses its weight penalties
#
# With `trainable = False`, the kernel does not change, and its penalty is no longer part of `losses`. The
# activity penalty stays.

# %% activity-frozen
dense = keras.layers.Dense(2, kernel_initializer="ones",
                           kernel_regularizer=keras.regularizers.L2(0.1),
                           activity_regularizer=keras.regularizers.L2(0.01))
dense(tf.constant(ones))
show(trainable=dense.losses)
dense.trainable = False
dense(tf.constant(ones))
show(frozen=dense.losses)

# %% [markdown]
# ### Layers in other layers: activity penalties are lost, or counted more often than you expect
#
# Each line of the output belongs to one of these findings:
#
# - Inside `TimeDistributed`, the activity penalty is lost. Only the kernel's penalty of 1 stays.
# - If you put the layer `ActivityRegularization` behind it (`behind`), you get the activity penalty: 5, because each
#   example has 5 steps.
# - If you call a layer twice, it has one kernel penalty, and one activity penalty for each call.
# - `MultiHeadAttention` passes its `activity_regularizer` to each of its four projections.
# - In float16, sums above 65,504 become infinite. The sum of squares here is 80,000.

# %% activity-lost
l2 = keras.regularizers.L2(1.0)
options = {"use_bias": False, "kernel_initializer": "ones",
           "kernel_regularizer": l2, "activity_regularizer": l2}
steps = keras.layers.TimeDistributed(keras.layers.Dense(1, **options))
steps(tf.ones((2, 5, 1)))
show(time_distributed=steps.losses)
behind = keras.layers.ActivityRegularization(l2=1.0)
behind(steps(tf.ones((2, 5, 1))))
show(behind=behind.losses)

x_in = keras.Input((1,))
shared = keras.layers.Dense(1, **options)
model = keras.Model(x_in, shared(shared(x_in)))
model(tf.ones((4, 1)))
show(called_twice=model.losses)

attention = keras.layers.MultiHeadAttention(1, 2, activity_regularizer=l2)
attention(tf.ones((2, 3, 2)), tf.ones((2, 3, 2)))
print("attention", len(attention.losses), "penalties")

half = keras.layers.Dense(800, dtype="mixed_float16", **options)
half(tf.ones((1, 1)) * 10)
print("float16", float(half.losses[0]))

# %% [markdown]
# (bias-regularization)=
# ## Bias regularization
#
# <!-- head: bias_regularization -->
#
# `bias_regularizer` is a penalty on the bias alone. Usually you leave it out, because it moves all
# predictions towards 0. Choose it only if 0 is a good prediction without any input.
#
# The cells train a bias alone. The targets are 9 and 11, so without a penalty the best bias is their mean, 10. With
# the penalty $0.25\, b^2$ the minimum is at $10 / (1 + 0.25) = 8$:

# %%
zeros = np.zeros((2, 1), dtype=np.float32)
targets = np.array([[9], [11]], dtype=np.float32)

# %% bias-eight-pt tags=["pytorch"]
b = torch.zeros(1, requires_grad=True)
for _ in range(60):
    error = ((b - torch.tensor(targets)) ** 2).mean()
    loss = error + 0.25 * (b**2).sum()
    (db,) = torch.autograd.grad(loss, b)
    with torch.no_grad():
        b -= 0.1 * db
show(prediction=b)

# %% bias-eight-tf tags=["tensorflow"]
dense = keras.layers.Dense(
    1, bias_regularizer=keras.regularizers.L2(0.25))
dense.build((None, 1))
b_tf = dense.bias
for _ in range(60):
    with tf.GradientTape() as tape:
        error = tf.reduce_mean((dense(zeros) - targets) ** 2)
        loss = error + sum(dense.losses)
    db = tape.gradient(loss, b_tf.value)
    b_tf.assign_sub(0.1 * db)
show(prediction=b_tf)

# %%
agree(b, b_tf)

# %% [markdown]
# (weight-decay)=
# ## Weight decay
#
# <!-- head: weight_decay -->
#
# Weight decay makes each weight a little smaller in each step of the optimizer. Choose AdamW with weight decay
# for networks that you train with Adam {footcite:p}`loshchilov2019decoupled`. For plain SGD, weight decay and
# an L2 penalty are the same.
#
# $$w \leftarrow w - \eta\, (g + \lambda w)$$
#
# Here $\eta$ is the learning rate, $g$ is the gradient of the loss, and $\lambda$ is `weight_decay`. The penalty
# $\lambda \sum w_i^2$ has the gradient $2 \lambda w$. So in plain SGD, `weight_decay=λ` is the penalty `L2(λ/2)`.
#
# The next two functions run `n` steps of an optimizer, and return the weights after them. The gradients of the loss
# are given. With `l2`, they add an L2 penalty with this factor to the loss.

# %%
start = np.array([1, -2], dtype=np.float32)
gradients = np.array([[0.5, 0.1], [0.2, -1], [-0.3, 0.4]], dtype=np.float32)

# %% decay-steps-pt tags=["pytorch"]
def steps_pt(make, n=1, l2=0.0, gradients=gradients):
    w = nn.Parameter(torch.tensor(start))
    optimizer = make([w])
    for gradient in torch.tensor(gradients[:n]):
        loss = (gradient * w).sum()
        loss = loss + l2 * (w**2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return w.detach()

# %% decay-steps-tf tags=["tensorflow"]
def steps_tf(optimizer, n=1, l2=0.0, gradients=gradients):
    w = keras.Variable(start)
    penalty = keras.regularizers.L2(l2)
    for gradient in tf.constant(gradients[:n]):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(gradient * w)
            loss += penalty(w)
        dw = tape.gradient(loss, w.value)
        optimizer.apply([dw], [w])
    return w.value

# %% [markdown]
# ### The penalty `L2(λ)` decays twice as fast as `weight_decay=λ`
#
# The cells take one step of SGD with the learning rate 0.1 and $\lambda = 0.3$. The gradient moves the first weight
# from 1 to 0.95. `weight_decay=0.3` and `L2(0.15)` move it by another 0.03, to 0.92. `L2(0.3)` moves it by another
# 0.06, to 0.89:

# %% decay-half-pt tags=["pytorch"]
def sgd(params):
    return torch.optim.SGD(params, lr=0.1)


def decayed(params):
    return torch.optim.SGD(params, lr=0.1, weight_decay=0.3)


decay_pt = steps_pt(decayed)
half_pt, full_pt = (
    steps_pt(sgd, l2=l2) for l2 in (0.15, 0.3))
show(weight_decay=decay_pt, half=half_pt, full=full_pt)

# %% decay-half-tf tags=["tensorflow"]
def sgd_tf():
    return keras.optimizers.SGD(0.1)


def decayed_tf():
    return keras.optimizers.SGD(0.1, weight_decay=0.3)


decay_tf = steps_tf(decayed_tf())
half_tf, full_tf = (
    steps_tf(sgd_tf(), l2=l2) for l2 in (0.15, 0.3))
show(weight_decay=decay_tf, half=half_tf, full=full_tf)

# %%
agree([decay_pt, half_pt, full_pt], [decay_tf, half_tf, full_tf])

# %% [markdown]
# ### With momentum, PyTorch's decay goes through the momentum, and Keras's does not
#
# PyTorch adds $\lambda w$ to the gradient, so its momentum accumulates both. Keras subtracts $\eta \lambda w$ from the
# weights, and its momentum accumulates the gradient alone. After three steps the weights differ (`weight_decay`). To
# get PyTorch's weights in Keras, use the penalty `L2(λ/2)` instead (`penalty`):

# %% decay-momentum-pt tags=["pytorch"]
w_pt = steps_pt(lambda w: torch.optim.SGD(
    w, lr=0.1, momentum=0.9, weight_decay=0.3), n=3)
show(weight_decay=w_pt)

# %% decay-momentum-tf tags=["tensorflow"]
w_tf = steps_tf(keras.optimizers.SGD(
    0.1, momentum=0.9, weight_decay=0.3), n=3)
show(weight_decay=w_tf)
w_tf = steps_tf(keras.optimizers.SGD(
    0.1, momentum=0.9), n=3, l2=0.15)
show(penalty=w_tf)

# %%
agree(w_pt, w_tf)

# %% [markdown]
# (decay-adam)=
# ### In Adam, `weight_decay` is an L2 penalty in PyTorch, and decoupled in Keras
#
# *Decoupled* means that the optimizer subtracts $\eta \lambda w$ from the weights, and that Adam's averages contain
# the gradient of the loss alone. PyTorch's `AdamW` and Keras's `Adam` and `AdamW` are decoupled. PyTorch's `Adam` is
# not: it adds $\lambda w$ to the gradient. The two are different from the first step on:
#
# - In its first step, Adam divides the gradient by its absolute value. So each weight moves by the learning rate, 0.1,
#   and a penalty can only change the direction (`l2`). The first weight moves as without a penalty (`none`), and the
#   second weight moves the other way.
# - Decoupled decay always moves a weight towards 0, by another $0.1 \cdot 0.3 = 3\%$ of it (`decoupled`).

# %% decay-adam-pt tags=["pytorch"]
def adam(params):
    return torch.optim.Adam(
        params, lr=0.1, weight_decay=0.3)


def adamw(params):
    return torch.optim.AdamW(
        params, lr=0.1, weight_decay=0.3)


none_pt = steps_pt(lambda w: torch.optim.Adam(w, lr=0.1))
l2_pt, decoupled_pt = steps_pt(adam), steps_pt(adamw)
show(none=none_pt, l2=l2_pt, decoupled=decoupled_pt)
three_pt = steps_pt(adam, n=3), steps_pt(adamw, n=3)

# %% decay-adam-tf tags=["tensorflow"]
def adam_tf():
    return keras.optimizers.Adam(0.1, epsilon=1e-8)


def adamw_tf():
    return keras.optimizers.Adam(
        0.1, weight_decay=0.3, epsilon=1e-8)


none_tf = steps_tf(adam_tf())
l2_tf = steps_tf(adam_tf(), l2=0.15)
decoupled_tf = steps_tf(adamw_tf())
show(none=none_tf, l2=l2_tf, decoupled=decoupled_tf)
three_tf = (steps_tf(adam_tf(), n=3, l2=0.15),
            steps_tf(adamw_tf(), n=3))

# %% [markdown]
# So PyTorch's `Adam(weight_decay=λ)` is the penalty `L2(λ/2)` in Keras, and PyTorch's `AdamW` is Keras's
# `Adam(weight_decay=λ)`. They agree after one step and after three, with the same epsilon:

# %%
agree([none_pt, l2_pt, decoupled_pt, *three_pt],
      [none_tf, l2_tf, decoupled_tf, *three_tf], rtol=1e-4)

# %% [markdown]
# (decay-idle)=
# ### A weight without a gradient loses a whole learning rate per step under Adam with L2
#
# Some weights get no gradient from the loss: the embedding of a word that does not occur, or the weights of a dead
# ReLU. With L2, the penalty is their only gradient. Adam divides it by its absolute value, so $\lambda$ cancels. In
# the cells, a weight of 1 moves by the whole learning rate, 0.1, for each of three values of $\lambda$ (`l2`).
# Decoupled decay moves it by $0.1 \lambda$ (`decoupled`). Epsilon is very small, because the two frameworks [add it
# in different places](three-ways-defaults).

# %% decay-idle-pt tags=["pytorch"]
def idle_pt(optimizer, lam):
    return steps_pt(
        lambda w: optimizer(
            w, lr=0.1, weight_decay=lam, eps=1e-12),
        gradients=np.zeros((1, 2), np.float32))


lambdas = (0.1, 1e-4, 1e-6)
l2_pt, w_pt = (
    [idle_pt(optimizer, lam)[0] for lam in lambdas]
    for optimizer in (torch.optim.Adam, torch.optim.AdamW))
show(l2=torch.stack(l2_pt), decoupled=torch.stack(w_pt))

# %% decay-idle-tf tags=["tensorflow"]
def idle_tf(lam, **options):
    adam = keras.optimizers.Adam(
        0.1, epsilon=1e-12, **options)
    return steps_tf(
        adam, l2=lam / 2,
        gradients=np.zeros((1, 2), np.float32))


l2_tf = [idle_tf(lam)[0] for lam in lambdas]
w_tf = [
    idle_tf(0.0, weight_decay=lam)[0] for lam in lambdas]
show(l2=tf.stack(l2_tf), decoupled=tf.stack(w_tf))

# %%
agree([*l2_pt, *w_pt], [*l2_tf, *w_tf], rtol=1e-4)

# %% [markdown]
# ### The default decay of `AdamW` is 0.01 in PyTorch, and 0.004 in Keras
#
# If you do not pass `weight_decay`, `AdamW` decays, and the other optimizers of this page do not. The cells print
# the defaults:

# %% decay-defaults-pt tags=["pytorch"]
for name in ("SGD", "Adam", "AdamW"):
    made = getattr(torch.optim, name)
    made = inspect.signature(made)
    print(name, made.parameters["weight_decay"].default)

# %% decay-defaults-tf tags=["tensorflow"]
for name in ("SGD", "Adam", "AdamW"):
    made = getattr(keras.optimizers, name)
    made = inspect.signature(made)
    print(name, made.parameters["weight_decay"].default)

# %% [markdown]
# (decay-exclude)=
# ### Biases and norms decay as well, unless you leave them out
#
# By default all parameters decay, in both frameworks. This includes biases and the scale of BatchNorm, for which 0 is
# no good value. In PyTorch, give the optimizer two groups of parameters. Biases and scales are vectors, so `p.ndim`
# finds them. In Keras, call `exclude_from_weight_decay` before the first step: a later call has no effect in `fit`.
#
# The cells set all parameters to 1, and take a step with a gradient of 0. They print one number of the kernel,
# of the bias and of the scale, by default (`all`) and without the decay of vectors (`kernel`):

# %% decay-step-pt tags=["pytorch"]
def step_pt(decay_of_vectors):
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    params = list(model.parameters())
    decay = [p for p in params if p.ndim > 1]
    rest = [p for p in params if p.ndim <= 1]
    sgd = torch.optim.SGD([
        {"params": decay, "weight_decay": 1.0},
        {"params": rest, "weight_decay": decay_of_vectors},
    ], lr=0.1)
    for p in params:
        nn.init.ones_(p)
        p.grad = torch.zeros_like(p)
    sgd.step()
    return [p.detach().flatten()[0] for p in params[:3]]

# %% decay-step-tf tags=["tensorflow"]
def step_tf(names):
    model = keras.Sequential([
        keras.Input((2,)), keras.layers.Dense(2, name="d1"),
        keras.layers.BatchNormalization(name="bn")])
    sgd = keras.optimizers.SGD(0.1, weight_decay=1.0)
    if names:
        sgd.exclude_from_weight_decay(var_names=names)
    params = model.trainable_variables
    for p in params:
        p.assign(tf.ones(p.shape))
    sgd.apply([tf.zeros(p.shape) for p in params], params)
    return [tf.reshape(p, -1)[0] for p in params[:3]]

# %% decay-exclude-pt tags=["pytorch"]
all_pt, kernel_pt = step_pt(1.0), step_pt(0.0)
show(all=torch.stack(all_pt))
show(kernel=torch.stack(kernel_pt))

# %% decay-exclude-tf tags=["tensorflow"]
all_tf = step_tf([])
kernel_tf = step_tf(["bias", "gamma", "beta"])
show(all=tf.stack(all_tf), kernel=tf.stack(kernel_tf))

# %%
agree([*all_pt, *kernel_pt], [*all_tf, *kernel_tf])

# %% [markdown]
# Keras searches for each name, as a regular expression, in the whole path of a variable, such as
# `sequential/d1/bias`. So the name of a layer leaves out its kernel, too, and `"a"` leaves out everything, because
# there is an "a" in "sequential". The cell prints kernel, bias and scale for four names:

# %% decay-names
for name in ("bias", "d1/bias", "d1", "a"):
    print(f"{name:8}", *[f"{w:.1f}" for w in step_tf([name])])

# %% [markdown]
# ### Call `exclude_from_weight_decay` before the first step, and again after loading a model
#
# The model in the next cell has a kernel and a bias of 1. All gradients are 0, so a step multiplies a weight by 0.9
# if it decays. Before the first step, the cell leaves out the bias. After it, the cell leaves out the kernel as well,
# and takes a second step. This is too late: there is no error, and the kernel decays again.

# %% decay-late
x_zero, y_one = np.zeros((1, 2)), np.ones((1, 1))
layer = keras.layers.Dense(1, kernel_initializer="ones", bias_initializer="ones")
model = keras.Sequential([keras.Input((2,)), layer])
sgd = keras.optimizers.SGD(0.1, weight_decay=1.0)
sgd.exclude_from_weight_decay(var_names=["bias"])
model.compile(sgd, "mse")
model.fit(x_zero, y_one, verbose=0)
show(kernel=layer.kernel[0], bias=layer.bias)

sgd.exclude_from_weight_decay(var_names=["bias", "kernel"])
model.fit(x_zero, y_one, verbose=0)
show(kernel=layer.kernel[0], bias=layer.bias)

# %% [markdown]
# Keras saves the optimizer with the model, but not what you left out. In the loaded model the bias decays:

# %% decay-reloaded
with tempfile.TemporaryDirectory() as folder:
    model.save(f"{folder}/model.keras")
    loaded = keras.models.load_model(f"{folder}/model.keras")
loaded.optimizer.apply([tf.zeros((2, 1)), tf.zeros(1)], loaded.trainable_variables)
show(bias=loaded.layers[0].bias)

# %% [markdown]
# (custom-regularizer)=
# ## Writing a regularizer
#
# <!-- head: custom_regularizer -->
#
# In PyTorch a penalty of your own is any function of the weights. In Keras, write a subclass of `Regularizer`
# with `__call__` and `get_config`. The example is the *group lasso* {footcite:p}`yuan2006model`: the sum of the
# norms of the rows. It pulls each row towards 0 with the same strength. In a Keras kernel a row belongs to one input,
# so the group lasso can remove whole inputs.
#
# $$P = \lambda \sum_i \lVert w_i \rVert, \qquad \lVert w_i \rVert = \sqrt{\sum_j w_{ij}^2}$$
#
# Here $w_i$ is a row of the weight. The last row in the cells is 0, to show that its gradient is not NaN:

# %%
grouped = np.array([[3, 4], [1, -1], [0, 0]], dtype=np.float32)

# %% custom-value-pt tags=["pytorch"]
def group_lasso(w, factor):
    return factor * w.norm(dim=1).sum()

# %% custom-value-tf tags=["tensorflow"]
@keras.saving.register_keras_serializable()
class GroupLasso(keras.regularizers.Regularizer):
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, w):
        squares = tf.reduce_sum(w**2, axis=1)
        norms = tf.sqrt(tf.maximum(squares, 1e-12))
        return self.factor * tf.reduce_sum(norms)

    def get_config(self):
        return {"factor": self.factor}

# %% custom-use-pt tags=["pytorch"]
w = torch.tensor(grouped)
y_pt, dw_pt = value_and_grad(
    lambda w: group_lasso(w, 0.1), w)
show(penalty=y_pt)
show(dw=dw_pt)

# %% custom-use-tf tags=["tensorflow"]
w = tf.constant(grouped)
y_tf, dw_tf = value_and_grad(
    lambda w: GroupLasso(0.1)(w), w)
show(penalty=y_tf)
show(dw=dw_tf)

# %%
agree(y_pt, y_tf, gradients=(dw_pt, dw_tf))

# %% [markdown]
# ### The gradient of a norm at 0 is NaN, unless you keep 0 away from the root
#
# The derivative of the root at 0 is infinite, and infinity times 0 is NaN. One step with such a gradient makes the
# weight NaN. The cells print the gradient of three functions for two weights of 0. PyTorch's `norm` returns 0.
# `tf.norm`, and the root of a sum in either framework, return NaN. Square the norm, or write `tf.maximum` inside the
# root, as `GroupLasso` does. L1 has no such problem: the gradient of `abs` at 0 is 0 in both.

# %% custom-nan-pt tags=["pytorch"]
zero = torch.zeros(2)
_, norm = value_and_grad(lambda w: w.norm(), zero)
_, root = value_and_grad(
    lambda w: (w**2).sum().sqrt(), zero)
_, l1_pt = value_and_grad(lambda w: w.abs().sum(), zero)
show(norm=norm, root=root, l1=l1_pt)

# %% custom-nan-tf tags=["tensorflow"]
zero = tf.zeros(2)
_, norm = value_and_grad(tf.norm, zero)
_, root = value_and_grad(
    lambda w: tf.sqrt(tf.reduce_sum(w**2)), zero)
_, l1_tf = value_and_grad(
    lambda w: keras.regularizers.L1(1.0)(w), zero)
show(norm=norm, root=root, l1=l1_tf)

# %%
agree(l1_pt, l1_tf)

# %% [markdown]
# ### A model with your regularizer is saved and loaded, and one with a plain function is not
#
# Keras also accepts a plain function as a regularizer. But after saving, the model cannot be loaded. With the
# registered class, the penalty is the same after loading (`penalty`):

# %% custom-saved
def plain(w):
    return GroupLasso(0.1)(w)


def saved_and_loaded(regularizer):
    layer = keras.layers.Dense(2, kernel_regularizer=regularizer)
    model = keras.Sequential([keras.Input((3,)), layer])
    layer.kernel.assign(grouped)
    with tempfile.TemporaryDirectory() as folder:
        model.save(f"{folder}/model.keras")
        return keras.models.load_model(f"{folder}/model.keras")


show(penalty=saved_and_loaded(GroupLasso(0.1)).losses)
with show_error():
    saved_and_loaded(plain)

# %% [markdown]
# ### A regularizer that you set after `build` does nothing, unless you set it on the weight
#
# Once a layer has its weights, `layer.kernel_regularizer = …` has no effect: `layer.losses` stays empty, without an
# error. Set the regularizer on `layer.kernel`, for example to penalize a pretrained network. In PyTorch the penalty
# is in your loop, so you can change it at any time.

# %% custom-late
layer = keras.layers.Dense(2)
layer.build((None, 3))
layer.kernel.assign(grouped)
layer.kernel_regularizer = keras.regularizers.L2(0.1)
print(layer.losses)
layer.kernel.regularizer = keras.regularizers.L2(0.1)
show(losses=layer.losses)

# %% [markdown]
# ## Which one to choose
#
# | you have | use | because |
# | --- | --- | --- |
# | a network that you train with Adam | [AdamW](decay-adam), [without biases and norms](decay-exclude) | Adam scales the gradient of an L2 penalty, so its factor has little effect |
# | a network that you train with SGD | [`weight_decay=λ`, or `L2(λ/2)`](weight-decay) | both are the same step |
# | a Keras model whose kernels have `L2(λ)`, trained with SGD, to port to PyTorch | [`weight_decay=2λ`](weight-decay), in [a group](decay-exclude) without the biases | the gradient of `L2(λ)` is 2λw |
# | a Keras model whose kernels have `L2(λ)`, trained with Adam, to port to PyTorch | [`Adam(weight_decay=2λ)`](decay-adam) in the same way, not `AdamW` | PyTorch's `Adam` adds the decay to the gradient |
# | a PyTorch model with momentum and `weight_decay=λ`, to port to Keras | [`L2(λ/2)`](weight-decay) | Keras's decay does not go through the momentum |
# | many inputs, of which only a few matter | [L1 with a proximal step](l1-zeros) | only a proximal step gives exact zeros |
# | the same, and weights that become too large | [L1 and L2](l1-l2) | L2 makes the large weights smaller |
# | rows of a kernel that should become 0 together | [a group lasso](custom-regularizer) | it pulls each row with the same strength |
# | units that learn the same thing | [the orthogonal penalty](orthogonal-regularizer), with `mode="columns"` in Keras | it compares the directions of the units |
# | hidden units that should be small or 0 | [an activity penalty](activity-regularization) | it is computed from the outputs |
#
# ## Exercises
#
# Write the penalties yourself, and the steps that decay, shrink and set to 0: [exercises on
# penalties](../../exercises/regularizers/penalties.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
