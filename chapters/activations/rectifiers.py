# %% [markdown]
# # Rectifiers
#
# A rectifier returns positive numbers unchanged, and changes negative ones. ReLU makes them 0. Leaky ReLU
# multiplies them by a small fixed slope, PReLU by a learned slope, and RReLU by a random slope. Two of the six
# also change positive numbers: ReLU6 replaces numbers above 6 by 6, and Threshold replaces small numbers.
#
# **The claim:** if a unit receives only negative numbers, it can learn again with Leaky ReLU, but not with ReLU.
# You will see how one unit stops learning (it *dies*) in both frameworks, with the same numbers. Then you will
# see after how many steps it learns again with each default slope of Leaky ReLU.

# %%
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
x = np.array([-4.0, -1.0, -0.5, 0.5, 1.0, 7.0], dtype=np.float32)

# %% [markdown]
# Every section uses these six inputs. None of them is 0, where the rectifiers have a kink. [The section on
# kinks](rectifiers-at-the-kink) shows the gradients there.
#
# Each panel below shows one rectifier as a solid line, its derivative as a dashed line, and the other five in
# grey. RReLU draws a random slope for each negative number: the band in its panel shows all possible outputs, and
# the line is their middle.

# %% all-six tags=["hide-input"]
# alt: Six panels over inputs from minus 4 to 8, each with one rectifier and its derivative dashed.
# ReLU is 0, then rises with slope 1. ReLU6 stops at 6, and its derivative drops to 0 there. Leaky ReLU
# falls gently to the left of 0, PReLU more steeply. RReLU fills a wedge between two slopes. Threshold
# jumps from minus 2 to 1 at input 1.
grid = np.linspace(-4, 8, 241)
left = grid <= 0


def leak(slope):
    return np.where(left, slope * grid, grid), np.where(left, slope, 1)


curves = {
    "ReLU": (np.maximum(grid, 0), ~left),
    "ReLU6: stops at 6": (np.clip(grid, 0, 6), (grid > 0) & (grid < 6)),
    "Leaky ReLU: a fixed slope": leak(0.1),
    "PReLU: a learned slope": leak(0.25),
    "RReLU: a random slope": leak(11 / 48),
    "Threshold: a jump": (np.where(grid > 1, grid, -2), grid > 1),
}
sections = ("relu", "relu6", "leaky-relu", "prelu", "rrelu", "threshold")
siblings = [y for y, _ in curves.values()]
fig, axes = plt.subplots(3, 2, figsize=(5.2, 6.2), sharex=True, sharey=True)
for i, (ax, section, (title, (y, slope))) in enumerate(
        zip(axes.flat, sections, curves.items())):
    plots.value_and_slope(ax, grid, y, slope, color=plots.PALETTE[i],
                          title=title, section=section, siblings=siblings)
axes[2, 0].fill_between(grid[left], grid[left] / 3, grid[left] / 8,
                        color=plots.PALETTE[4], alpha=0.3, linewidth=0)
axes[0, 0].annotate("value", (4, 4.6), ha="right", color=plots.PALETTE[0])
axes[0, 0].annotate("derivative", (7.9, 1.4), ha="right", color=plots.PALETTE[0])
fig.supxlabel("input")
fig.supylabel("output")
plt.show()

# %% [markdown]
# (relu)=
# ## ReLU
#
# <!-- head: relu -->
#
# ReLU keeps positive numbers and replaces all others by 0 {footcite:p}`nair2010rectified`. It needs one
# comparison per number, and its slope is 1 for every positive input. If the inputs are distributed evenly around
# 0, half of the outputs are exactly 0. Choose ReLU if you have no reason to choose another activation.
#
# $$\operatorname{ReLU}(x) = \max(0, x)$$
#
# Here $x$ is one number of the input. The output has the shape of the input.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = F.relu(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = tf.nn.relu(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# `dx` is the gradient of the sum of the outputs. It is 1 for positive inputs, and 0 for negative ones.
#
# In PyTorch, `requires_grad=True` marks the tensor for which you want the gradient. `torch.autograd.grad` needs a
# scalar, so the cell calls `.sum()`. In TensorFlow, the tape records what you compute with a `Variable`.
# `tape.gradient` adds up the outputs for you.
#
# `agree` compares every value and every gradient, and prints the largest difference that it accepts. The next
# sections compute the output and the gradient with `value_and_grad`. This function of the book does the same as
# the two cells above.
#
# TensorFlow has several names for ReLU. In a model, use `keras.layers`. In your own code, use `tf.nn`. Use
# `keras.activations` only for functions that the other two do not have.
#
# ### In a model: a module in PyTorch, a layer or an argument of `Dense` in Keras
#
# In Keras the activation is usually a string argument of the layer before it. PyTorch's `Linear` has no such
# argument, so the ReLU follows as a module. The cells use the same weights in both frameworks:

# %% relu-in-a-model
h = np.array([[1, 2], [3, -1]], dtype=np.float32)
w = np.array([[1, -1], [2, 0.5]], dtype=np.float32)  # (in, out)
b = np.array([-2, 1], dtype=np.float32)

# %% relu-in-a-model-pt tags=["pytorch"]
dense_pt = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
dense_pt[0].load_state_dict(
    {"weight": torch.tensor(w.T), "bias": torch.tensor(b)}
)
y_pt = dense_pt(torch.tensor(h))
relu_pt = nn.ReLU()(torch.tensor(x))
show(y=y_pt)

# %% relu-in-a-model-tf tags=["tensorflow"]
dense_tf = keras.layers.Dense(2, activation="relu")
dense_tf.build((None, 2))
dense_tf.set_weights([w, b])

y_tf = dense_tf(tf.constant(h))
relu_tf = keras.layers.ReLU()(tf.constant(x))
show(y=y_tf)

# %% relu-in-a-model-agree
agree([y_pt, relu_pt], [y_tf, relu_tf])

# %% [markdown]
# [The section on function, module, argument and layer](activation-forms) compares all ways to write an
# activation.
#
# ### `F.relu` can overwrite its input, `keras.activations.relu` has three other arguments
#
# In PyTorch, the option `inplace=True` writes the result into the input tensor. Keras's function has a slope for
# negative numbers, an upper limit, and a threshold. Numbers below this threshold count as negative.

# %% relu-arguments-pt tags=["pytorch"]
h_pt = torch.tensor(x)
y_pt = F.relu(h_pt, inplace=True)
show(y=y_pt, h=h_pt)

# %% relu-arguments-tf tags=["tensorflow"]
h_tf = tf.constant(x)
y_tf = keras.activations.relu(
    h_tf, negative_slope=0.1, max_value=6.0, threshold=0.75
)
show(y=y_tf, h=h_tf)

# %% [markdown]
# In PyTorch `h` contains the result, because `inplace=True` wrote it there. In TensorFlow a tensor never changes,
# so `h` still contains the input. Keras multiplies the slope by the distance from the threshold: for the input −1
# the output is 0.1 · (−1 − 0.75) = −0.175.
#
# ### A ReLU unit can die: after one wrong label it never learns again
#
# The next cells train one unit, $\hat y = \operatorname{ReLU}(wx + b)$, on eleven points of the line $y = 2x$. In
# the first step one label is wrong. It is −40 instead of 2, so the step is much too large. From the second step
# on, all labels are right. The first cells define the training. The last two run it, and print the loss in the
# steps 0, 1, 100 and 399. Below the loss they print the final $w$ and $b$, as `w`.

# %%
x_line = np.linspace(0, 1, 11, dtype=np.float32)
y_line = 2 * x_line
y_bad = np.where(x_line == 1, -40, y_line).astype(np.float32)

# %% tags=["pytorch"]
def train_pt(activation, n_steps=400):
    w = torch.tensor([0.5, 0.0], requires_grad=True)
    sgd = torch.optim.SGD([w], lr=0.5)
    losses, x = [], torch.tensor(x_line)
    for step in range(n_steps):
        y = torch.tensor(y_bad if step == 0 else y_line)
        y_hat = activation(w[0] * x + w[1])
        loss = ((y_hat - y) ** 2).mean()
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        losses.append(loss.item())
    return losses, w

# %% tags=["tensorflow"]
def train_tf(activation, n_steps=400):
    w = tf.Variable([0.5, 0.0])
    sgd = keras.optimizers.SGD(learning_rate=0.5)
    losses, x = [], tf.constant(x_line)
    for step in range(n_steps):
        y = tf.constant(y_bad if step == 0 else y_line)
        with tf.GradientTape() as tape:
            y_hat = activation(w[0] * x + w[1])
            loss = tf.reduce_mean((y_hat - y) ** 2)
        gradient = tape.gradient(loss, w)
        sgd.apply([gradient], [w])
        losses.append(float(loss))
    return losses, w

# %% tags=["pytorch"]
relu_losses_pt, w_pt = train_pt(F.relu)
picked = [relu_losses_pt[i] for i in (0, 1, 100, 399)]
show(loss=picked, w=w_pt, digits=2)

# %% tags=["tensorflow"]
relu_losses_tf, w_tf = train_tf(tf.nn.relu)
picked = [relu_losses_tf[i] for i in (0, 1, 100, 399)]
show(loss=picked, w=w_tf, digits=2)

# %% [markdown]
# From step 1 to the end, the loss is 1.40. After the wrong label, $wx + b$ is negative for all eleven points. So
# every output is 0 and every gradient is 0, and 399 steps with right labels change nothing. Both frameworks end
# with the same weights:

# %% dying
agree(w_pt, w_tf)

# %% [markdown]
# There was no error and no warning. {footcite:t}`lu2020dying` show how depth and initial weights make dead units
# more likely. [With Leaky ReLU](leaky-relu-rescue), the same unit learns again.

# %% [markdown]
# (relu6)=
# ## ReLU6
#
# <!-- head: relu6 -->
#
# ReLU6 is ReLU with an upper limit of 6 {footcite:p}`krizhevsky2010convolutional`. Choose it if activations will
# be stored with few bits (*quantization*), as in MobileNetV2 {footcite:p}`sandler2018mobilenetv2`. Quantization
# needs a known range.
#
# $$\mathrm{ReLU6}(x) = \min(\max(0, x), 6)$$
#
# Here $x$ is one number of the input.

# %%
# pair: F.relu6(x) | tf.nn.relu6(x)

# %% [markdown]
# For the input 7, the output is 6 and the gradient is 0. A ReLU6 that receives only numbers above 6 has no
# gradient, like a ReLU that receives only negative numbers.
#
# ### Keras has no ReLU6 layer: use `Activation("relu6")`
#
# In both frameworks, you cannot change the limit 6. For another upper limit, use `nn.Hardtanh` in PyTorch, and
# `keras.layers.ReLU(max_value=…)` in Keras. In the cells the other limit is 4:

# %% another-lid-pt tags=["pytorch"]
h_pt = torch.tensor(x)
six_pt = nn.ReLU6()(h_pt)
four_pt = nn.Hardtanh(0.0, 4.0)(h_pt)
show(six=six_pt, four=four_pt)

# %% another-lid-tf tags=["tensorflow"]
h_tf = tf.constant(x)
six_tf = keras.layers.Activation("relu6")(h_tf)
four_tf = keras.layers.ReLU(max_value=4.0)(h_tf)
show(six=six_tf, four=four_tf)

# %% another-lid
agree([six_pt, four_pt], [six_tf, four_tf])

# %% [markdown]
# ### In 8 bits, an outlier makes small numbers 0 after ReLU, but not after ReLU6
#
# The next cells store four activations in 8 bits. That is enough for 255 steps between 0 and the largest number,
# and each number is rounded to the nearest step. After ReLU, one outlier of 900 makes each step so large that
# small numbers are rounded to 0. ReLU6 reduces the outlier to 6. `y` is the output, and `stored` is the rounded
# output.

# %% tags=["pytorch"]
h_pt = torch.tensor([0.3, 1.1, 2.5, 900.0])
for activation in (F.relu, F.relu6):
    y_pt = activation(h_pt)
    step = y_pt.max() / 255
    print(activation.__name__)
    show(y=y_pt, stored=torch.round(y_pt / step) * step)

# %% tags=["tensorflow"]
h_tf = tf.constant([0.3, 1.1, 2.5, 900.0])
for activation in (tf.nn.relu, tf.nn.relu6):
    y_tf = activation(h_tf)
    step = tf.reduce_max(y_tf) / 255
    print(activation.__name__)
    show(y=y_tf, stored=tf.round(y_tf / step) * step)

# %% [markdown]
# After ReLU, 0.3 and 1.1 are both stored as 0. After ReLU6, the three small numbers are stored with an error of
# at most 0.012, which is half a step.

# %% [markdown]
# (leaky-relu)=
# ## Leaky ReLU
#
# <!-- head: leaky_relu -->
#
# Leaky ReLU multiplies negative numbers by a small fixed slope, where ReLU replaces them by 0. So a negative
# number still has a gradient {footcite:p}`maas2013rectifier`. Choose Leaky ReLU if ReLU units die. Always write
# the slope, because the functions and classes in the table above have three different defaults.
#
# $$\operatorname{LeakyReLU}(x) = \begin{cases} x & x > 0 \\ \alpha x & x \le 0 \end{cases}$$
#
# Here $\alpha$ is the slope for negative numbers. The argument is called `negative_slope` in PyTorch and Keras,
# and `alpha` in `tf.nn`. In the cells the slope is 0.1.

# %%
# pair: F.leaky_relu(x, 0.1) | tf.nn.leaky_relu(x, 0.1)

# %% [markdown]
# ### The default slope is 0.01 in PyTorch, 0.2 in Keras's function and 0.3 in Keras's layer
#
# The next cells pass no slope. For the input −1, the output is minus the default slope.

# %% leaky-defaults-pt tags=["pytorch"]
minus_one = torch.tensor([-1.0])
show(module=nn.LeakyReLU()(minus_one),
     function=F.leaky_relu(minus_one))

# %% leaky-defaults-tf tags=["tensorflow"]
minus_one = tf.constant([-1.0])
show(layer=keras.layers.LeakyReLU()(minus_one),
     function=keras.activations.leaky_relu(minus_one),
     tf_nn=tf.nn.leaky_relu(minus_one))

# %% [markdown]
# So if you write `LeakyReLU()` in both frameworks, the slope in Keras is thirty times the slope in PyTorch. There
# is no error, but the two networks are different. When you port a model, write the slope of the original. In the
# cells, `from_keras` has the slope of Keras's layer, and `from_torch` has the slope of PyTorch:

# %% leaky-port-pt tags=["pytorch"]
h_pt = torch.tensor(x)
from_keras_pt = nn.LeakyReLU(0.3)(h_pt)
from_torch_pt = nn.LeakyReLU()(h_pt)
show(from_keras=from_keras_pt, from_torch=from_torch_pt)

# %% leaky-port-tf tags=["tensorflow"]
h_tf = tf.constant(x)
from_keras_tf = keras.layers.LeakyReLU()(h_tf)
from_torch_tf = keras.layers.LeakyReLU(0.01)(h_tf)
show(from_keras=from_keras_tf, from_torch=from_torch_tf)

# %% leaky-port
agree([from_keras_pt, from_torch_pt], [from_keras_tf, from_torch_tf])

# %% [markdown]
# ### Keras's layer raises an error for a negative slope
#
# With the slope −1, Leaky ReLU is $|x|$. PyTorch's function and module and Keras's function accept this slope.
# Only Keras's layer raises an error:

# %% leaky-negative-pt tags=["pytorch"]
minus_one = torch.tensor([-1.0])
show(function=F.leaky_relu(minus_one, -1.0),
     module=nn.LeakyReLU(-1.0)(minus_one))

# %% leaky-negative-tf tags=["tensorflow"]
minus_one = tf.constant([-1.0])
show(function=keras.activations.leaky_relu(minus_one, -1.0))
with show_error():
    keras.layers.LeakyReLU(-1.0)

# %% [markdown]
# In Keras 2 the argument was called `alpha`. Keras 3 still accepts this name, with a warning:

# %% leaky-alpha
with warnings.catch_warnings(record=True) as caught:
    print(keras.layers.LeakyReLU(alpha=0.1).negative_slope, caught[0].message)

# %% [markdown]
# ### Integers raise an error in PyTorch, TensorFlow converts them to floats

# %% leaky-integers-pt tags=["pytorch"]
with show_error():
    F.leaky_relu(torch.tensor([-1, 2]))

# %% leaky-integers-tf tags=["tensorflow"]
print(tf.nn.leaky_relu(tf.constant([-1, 2])))

# %% [markdown]
# (leaky-relu-rescue)=
# ### With Leaky ReLU the dead unit learns again: after 300 steps with 0.01, in fewer than 100 with 0.2
#
# The next cells train the unit that died above, with the same wrong label and the same initial weights. They use
# three slopes: 0.01 is PyTorch's default, 0.2 is the default of Keras's function and of `tf.nn`, and 0.3 is the
# default of Keras's layer. The cells print the loss in the steps 1, 10, 100, 200 and 399, and the final $w$ and
# $b$. The cell below the figure prints whether the loss is above 0.5 in more than 100 steps.

# %% tags=["pytorch"]
leaky_pt = {
    slope: train_pt(nn.LeakyReLU(slope))
    for slope in (0.01, 0.2, 0.3)
}
for slope, (losses, w_pt) in leaky_pt.items():
    picked = [losses[i] for i in (1, 10, 100, 200, 399)]
    print(f"slope {slope}")
    show(loss=picked, w=w_pt, digits=2)

# %% tags=["tensorflow"]
leaky_tf = {
    slope: train_tf(keras.layers.LeakyReLU(slope))
    for slope in (0.01, 0.2, 0.3)
}
for slope, (losses, w_tf) in leaky_tf.items():
    picked = [losses[i] for i in (1, 10, 100, 200, 399)]
    print(f"slope {slope}")
    show(loss=picked, w=w_tf, digits=2)

# %% rescue tags=["hide-input"]
# alt: The loss over 400 steps, TensorFlow's as circles on PyTorch's lines. ReLU stays flat at 1.4. With
# slope 0.01 the loss falls slowly, and then to 0 shortly after step 300. With 0.2 and 0.3 it is 0
# before step 50.
fig, ax = plt.subplots()
steps = range(1, 400)
runs = [(relu_losses_pt, relu_losses_tf)]
runs += [(leaky_pt[slope][0], leaky_tf[slope][0]) for slope in leaky_pt]
for losses_pt, losses_tf in runs:
    plots.coinciding(ax, steps, losses_pt[1:], losses_tf[1:], markers=20)
ax.annotate("ReLU", (200, 0.8))
ax.annotate("slope 0.01", (180, 1.7))
ax.annotate("0.2 and 0.3", (25, 3.2))
plots.say_which(ax, (399, 4.9), ha="right")
ax.set(xlabel="step", ylabel="loss", title="With slope 0.01 the unit learns again, after 300 steps")
plt.show()

# %% first-awake
for slope, (losses, _) in leaky_pt.items():
    asleep = sum(loss > 0.5 for loss in losses)
    print(f"slope {slope}: above 0.5 for more than 100 steps:", asleep > 100)

# %% [markdown]
# With all three slopes the unit reaches $w = 2$, $b = 0$. While $wx + b$ is negative, the slope has two effects.
# A
# larger slope makes the gradient larger, because the slope is a factor of the gradient. It also moves the output further
# away from the labels, because the slope is a factor of the output. (In step 1 the loss is 6.28 with 0.3, and 1.50 with 0.01.) For both reasons the gradient is smaller with
# a smaller slope, and the unit needs more steps.

# %% [markdown]
# (prelu)=
# ## PReLU
#
# <!-- head: prelu -->
#
# PReLU is a Leaky ReLU with a slope that is trained, like a weight {footcite:p}`he2015delving`. Choose it if you
# have plenty of data and do not know which slope to choose. [Exclude the slope from weight decay](prelu-decay).
#
# $$\operatorname{PReLU}(x) = \max(0, x) + a \min(0, x)$$
#
# Here $x$ is one number of the input, and $a$ is the learned slope. A PReLU can have one slope for all numbers,
# one for each channel, or one for each number.

# %% tags=["pytorch"]
prelu_pt = nn.PReLU(init=0.1)
x_pt = torch.tensor(x[None, :])  # (batch, features)
y_pt, dx_pt, (da_pt,) = value_and_grad(prelu_pt, x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)
show(da=da_pt)

# %% tags=["tensorflow"]
prelu_tf = keras.layers.PReLU(
    keras.initializers.Constant(0.1), shared_axes=[1]
)
x_tf = tf.constant(x[None, :])  # (batch, features)
y_tf, dx_tf, (da_tf,) = value_and_grad(prelu_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)
show(da=da_tf)

# %%
agree([y_pt, da_pt], [y_tf, da_tf], gradients=(dx_pt, dx_tf))

# %% [markdown]
# `da` is the gradient with respect to the slope. It is −5.5, the sum of the negative inputs, because the slope
# multiplies only these. In Keras, axis 0 is the batch. So the cells pass the six numbers as one example with six
# features, and with `shared_axes=[1]` all features have the same slope.
#
# ### By default PyTorch has one slope, and Keras has one for every element
#
# By default `nn.PReLU` has one slope, and its initial value is 0.25. If you pass `num_parameters`, it has one
# slope for each channel. `keras.layers.PReLU` has one slope for *every element* of an example. For images of 224
# × 224 × 3, these are 150,528 slopes. Their initial value is 0, so the layer begins as a ReLU. The argument
# `shared_axes` names the axes along which the slope is the same. The cells print the shape of the slopes, their
# number, and the first slope.

# %% prelu-slopes-pt tags=["pytorch"]
for prelu in (nn.PReLU(), nn.PReLU(num_parameters=3)):
    a = prelu.weight.detach().numpy()
    print(a.shape, a.size, "slopes, first", a.flat[0])

# %% prelu-slopes-tf tags=["tensorflow"]
for axes in (None, [1, 2]):
    prelu = keras.layers.PReLU(shared_axes=axes)
    prelu.build((None, 224, 224, 3))
    a = prelu.alpha.numpy()
    print(a.shape, a.size, "slopes, first", a.flat[0])

# %% [markdown]
# The second line of each output has one slope for each channel. In PyTorch, `num_parameters=3` means that axis 1
# of the input has three channels. In Keras, `shared_axes=[1, 2]` names the two spatial axes. So there is one
# slope for each entry of the last axis.
#
# ### To copy trained slopes to the other framework, reshape them
#
# The slopes of three channels have the shape (3,) in PyTorch, and (1, 1, 3) in Keras:

# %% prelu-port-pt tags=["pytorch"]
prelu_pt = nn.PReLU(num_parameters=3)
with torch.no_grad():
    prelu_pt.weight.copy_(torch.tensor([0.1, 0.2, 0.3]))
slopes = prelu_pt.weight.detach().numpy()  # (3,)
image_pt = -torch.ones(1, 3, 2, 2)  # (batch, channels, …)
y_pt = prelu_pt(image_pt)

# %% prelu-port-tf tags=["tensorflow"]
prelu_tf = keras.layers.PReLU(shared_axes=[1, 2])
prelu_tf.build((None, 2, 2, 3))
prelu_tf.alpha.assign(slopes.reshape(1, 1, 3))
image_tf = -tf.ones((1, 2, 2, 3))  # (batch, …, channels)
y_tf = prelu_tf(image_tf)

# %% prelu-port
agree(y_pt.permute(0, 2, 3, 1), y_tf)

# %% [markdown]
# ### The slopes belong to axis 1 in PyTorch, and to all axes that are not shared in Keras
#
# For sequences of shape (batch, time, features), PyTorch learns one slope for each *time step*. There is no error
# if the sizes match. Keras must know the size of every axis that is not shared. So for sequences of any length,
# pass `shared_axes=[1]`. Without this argument, the last lines of the TensorFlow cell raise an error. Each row of
# `y` is a time step.

# %% prelu-axis-pt tags=["pytorch"]
prelu = nn.PReLU(num_parameters=2)
with torch.no_grad():
    prelu.weight.copy_(torch.tensor([0.1, 0.5]))
x_pt = torch.full((1, 2, 2), -1.0)  # (batch, time, features)
show(y=prelu(x_pt))

# %% prelu-axis-tf tags=["tensorflow"]
prelu = keras.layers.PReLU(shared_axes=[1])
prelu.build((None, None, 2))  # (batch, time, features)
prelu.alpha.assign([[0.1, 0.5]])
x_tf = tf.fill((1, 2, 2), -1.0)
show(y=prelu(x_tf))
with show_error():
    keras.layers.PReLU().build((None, None, 2))

# %% [markdown]
# In PyTorch each row has its own slope, one for each time step. In Keras each column has its own slope, one for
# each feature.
#
# ### Trained on the absolute value, the slope becomes −1
#
# The next cells train a single PReLU, without any other layer, on $y = |x|$. A ReLU cannot compute the absolute
# value. A PReLU computes it if its slope is −1. Each framework starts with its default slope. The cells print the
# slope before and after 30 steps.

# %%
x_abs = np.linspace(-1, 1, 21, dtype=np.float32)[:, None]  # (batch, 1)
y_abs = np.abs(x_abs)

# %% tags=["pytorch"]
prelu_pt = nn.PReLU()
sgd = torch.optim.SGD(prelu_pt.parameters(), lr=0.5)
slopes_pt = [prelu_pt.weight.item()]
for _ in range(30):
    y_hat = prelu_pt(torch.tensor(x_abs))
    loss = ((y_hat - torch.tensor(y_abs)) ** 2).mean()
    sgd.zero_grad()
    loss.backward()
    sgd.step()
    slopes_pt.append(prelu_pt.weight.item())
print(f"from {slopes_pt[0]:.2f} to {slopes_pt[-1]:.2f}")

# %% tags=["tensorflow"]
prelu_tf = keras.layers.PReLU()
sgd = keras.optimizers.SGD(learning_rate=0.5)
prelu_tf.build(x_abs.shape)
slopes_tf = [float(prelu_tf.alpha[0])]
for _ in range(30):
    with tf.GradientTape() as tape:
        y_hat = prelu_tf(x_abs)
        loss = tf.reduce_mean((y_hat - y_abs) ** 2)
    gradients = tape.gradient(loss, prelu_tf.trainable_weights)
    sgd.apply(gradients, prelu_tf.trainable_weights)
    slopes_tf.append(float(prelu_tf.alpha[0]))
print(f"from {slopes_tf[0]:.2f} to {slopes_tf[-1]:.2f}")

# %% learned-slope tags=["hide-input"]
# alt: PReLU's slope over 30 steps: PyTorch starts at 0.25, TensorFlow at 0, both fall to minus 1 within
# 15 steps.
fig, ax = plt.subplots()
ax.plot(slopes_pt, color=plots.PYTORCH)
ax.plot(slopes_tf, color=plots.TENSORFLOW)
ax.axhline(-1, color=plots.INK, linewidth=0.6)
ax.annotate("PyTorch starts at 0.25", (1.2, 0.12), color=plots.PYTORCH)
ax.annotate("TensorFlow starts at 0", (6, -0.35), color=plots.TENSORFLOW)
ax.set(xlabel="step", ylabel="slope $a$", title="Trained on |x|, the slope becomes −1")
plt.show()

# %% [markdown]
# With the slope −1, the PReLU computes the absolute value.
#
# So training can make the slope negative. If you want to prevent this in PyTorch, clamp the slope after each
# step. In Keras, pass a constraint to the layer, which the optimizer applies at the end of each step. Both cells
# start with the slope −0.5. In Keras the step has a gradient of 0, so only the constraint changes the slope:

# %% positive-slope-pt tags=["pytorch"]
prelu_pt = nn.PReLU(init=-0.5)
with torch.no_grad():
    prelu_pt.weight.clamp_(min=0)
show(a=prelu_pt.weight)

# %% positive-slope-tf tags=["tensorflow"]
prelu_tf = keras.layers.PReLU(alpha_constraint="non_neg")
prelu_tf.build((None, 1))
prelu_tf.alpha.assign([-0.5])
keras.optimizers.SGD().apply([tf.zeros(1)], [prelu_tf.alpha])
show(a=prelu_tf.alpha)

# %% [markdown]
# (prelu-decay)=
# ### Weight decay turns a PReLU into a ReLU: exclude the slope
#
# Weight decay moves every weight towards 0, and a PReLU with the slope 0 is a ReLU. In PyTorch, put the slopes
# into their own parameter group, without weight decay. In Keras, tell the optimizer which names to exclude. The
# cells run one step with a gradient of 0, so that only weight decay changes the slope. The first line is with
# decay on the slope, and the second is without.

# %% prelu-decay-pt tags=["pytorch"]
for decay in (0.1, 0.0):
    prelu = nn.PReLU()
    slopes = {"params": prelu.parameters()}
    slopes["weight_decay"] = decay
    adamw = torch.optim.AdamW([slopes], lr=1.0)
    prelu.weight.grad = torch.zeros(1)
    adamw.step()
    show(a=prelu.weight)

# %% prelu-decay-tf tags=["tensorflow"]
for names in ([], ["alpha"]):
    prelu = keras.layers.PReLU("ones")
    prelu.build((None, 1))
    prelu.alpha.assign([0.25])
    adamw = keras.optimizers.AdamW(1.0, weight_decay=0.1)
    adamw.exclude_from_weight_decay(var_names=names)
    adamw.apply([tf.zeros(1)], [prelu.alpha])
    show(a=prelu.alpha)

# %% [markdown]
# (rrelu)=
# ## RReLU
#
# <!-- head: rrelu -->
#
# In training mode, RReLU multiplies each negative number by a random slope, and draws another slope for each
# number. In inference mode it multiplies all negative numbers by the middle of the range. The random slopes
# regularize, like dropout {footcite:p}`xu2015empirical`. Choose RReLU for small data sets, where Xu et al. found
# that Leaky ReLU overfits.
#
# $$\operatorname{RReLU}(x) = \begin{cases} x & x > 0 \\ a x & x \le 0 \end{cases}$$
#
# $$a \sim \mathcal U(l, u) \text{ in training mode}, \quad a = \tfrac{l + u}{2} \text{ in inference mode}$$
#
# Here $l$ and $u$ are the ends of the range. Their names are `lower` and `upper`, and they are ⅛ and ⅓ by
# default. Keras has no RReLU, so this chapter defines a layer. (If you want to save a model with it, add
# `get_config`.)

# %% rrelu-bridge-pt tags=["pytorch"]
print(nn.RReLU())

# %% rrelu-bridge-tf tags=["tensorflow"]
class RReLU(keras.layers.Layer):
    def __init__(self, lower=1 / 8, upper=1 / 3, seed=None):
        super().__init__()
        self.lower, self.upper = lower, upper
        self.seeds = keras.random.SeedGenerator(seed)

    def call(self, x, training=False):
        a = (self.lower + self.upper) / 2
        if training:
            a = keras.random.uniform(
                keras.ops.shape(x), self.lower, self.upper,
                seed=self.seeds)
        return keras.ops.where(x > 0, x, a * x)

# %% [markdown]
# In inference mode nothing is random, and both frameworks return the same numbers:

# %% tags=["pytorch"]
rrelu_pt = nn.RReLU().eval()
x_pt = torch.tensor(x)
y_pt, dx_pt = value_and_grad(rrelu_pt, x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
rrelu_tf = RReLU()
x_tf = tf.constant(x)
y_tf, dx_tf = value_and_grad(rrelu_tf, x_tf, training=False)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# ### A new PyTorch module is in training mode, a Keras layer runs in inference mode by default
#
# A PyTorch module stores its mode. A new `nn.RReLU` is in training mode, so its slopes are random until you call
# `eval()`. The function `F.rrelu` runs in inference mode by default. In Keras you pass the mode with each call,
# and the default is inference mode. The cells pass a hundred inputs of −1. `True` means that RReLU used more than
# one slope:

# %% rrelu-mode-pt tags=["pytorch"]
minus_ones = -torch.ones(100)
module = nn.RReLU()(minus_ones)
function = F.rrelu(minus_ones)
print("module:  ", len(set(module.tolist())) > 1)
print("function:", len(set(function.tolist())) > 1)

# %% rrelu-mode-tf tags=["tensorflow"]
minus_ones = -tf.ones(100)
layer = RReLU()(minus_ones)
trained = RReLU()(minus_ones, training=True)
print("layer:   ", len(set(layer.numpy())) > 1)
print("training:", len(set(trained.numpy())) > 1)

# %% [markdown]
# ### In training mode the output and the gradient use the same random slope
#
# The next cells pass a hundred thousand inputs of −1, so the slope is minus the output. They print the mean
# slope, whether all slopes are inside the range, and whether the gradient is equal to the slope.

# %% rrelu-training-pt tags=["pytorch"]
torch.manual_seed(0)
rrelu_pt = nn.RReLU()
x_pt = torch.full((100_000,), -1.0)
y_pt, a_pt = value_and_grad(rrelu_pt, x_pt)

within = (a_pt >= 1 / 8) & (a_pt <= 1 / 3)
print(f"mean slope {a_pt.mean():.2f}")
print("all within [1/8, 1/3]:", bool(within.all()))
print("gradient is the slope:", torch.equal(a_pt, -y_pt))

# %% rrelu-training-tf tags=["tensorflow"]
rrelu_tf = RReLU(seed=0)
x_tf = tf.fill((100_000,), -1.0)
y_tf, a_tf = value_and_grad(rrelu_tf, x_tf, training=True)

a_tf, y_tf = a_tf.numpy(), y_tf.numpy()
within = (a_tf >= 1 / 8) & (a_tf <= 1 / 3)
print(f"mean slope {a_tf.mean():.2f}")
print("all within [1/8, 1/3]:", bool(within.all()))
print("gradient is the slope:", np.array_equal(a_tf, -y_tf))

# %% [markdown]
# The mean, 0.23, is the slope of inference mode: $(\tfrac18 + \tfrac13)/2 = 0.2292$. Both cells use the seed 0,
# but with the same seed the two frameworks draw different numbers:

# %% same-seed-other-draws
print("same draws:", np.allclose(a_pt, a_tf))

# %% [markdown]
# (threshold)=
# ## Threshold
#
# <!-- head: threshold -->
#
# Threshold keeps the numbers above a threshold, and *replaces* all others by a constant that you choose. Choose
# it to set small activations to 0, as in autoencoders without biases {footcite:p}`konda2015zerobias`.
#
# $$\operatorname{Threshold}(x) = \begin{cases} x & x > \theta \\ v & x \le \theta \end{cases}$$
#
# Here $\theta$ is the threshold, and $v$ is the replacement. Neither has a default. In the cells $\theta$ is 0.75
# and $v$ is −2.

# %% tags=["pytorch"]
x_pt = torch.tensor(x)
y_pt, dx_pt = value_and_grad(F.threshold, x_pt, 0.75, -2.0)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.constant(x)
y_tf, dx_tf = value_and_grad(
    keras.activations.threshold, x_tf, 0.75, -2.0
)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# ### Threshold is not a clamp: its output may jump
#
# A clamp replaces small numbers by the threshold, so its output has no jump. Threshold replaces them by any
# constant, so its output may jump: in the cells 0.76 stays 0.76, and 0.74 becomes −2. The two functions are equal
# only if the replacement is the threshold, as in the row `same`.

# %% threshold-clamp-pt tags=["pytorch"]
h_pt = torch.tensor([0.74, 0.75, 0.76])
show(threshold=F.threshold(h_pt, 0.75, -2.0),
     same=F.threshold(h_pt, 0.75, 0.75),
     clamp=torch.clamp(h_pt, min=0.75))

# %% threshold-clamp-tf tags=["tensorflow"]
h_tf = tf.constant([0.74, 0.75, 0.76])
show(threshold=keras.activations.threshold(h_tf, 0.75, -2.0),
     same=keras.activations.threshold(h_tf, 0.75, 0.75),
     clamp=tf.maximum(h_tf, 0.75))

# %% [markdown]
# The gradient does not depend on the replacement: below the threshold it is always 0. So no gradient can move a
# number from below the threshold to above it. Only the gradients of other training examples can do so, because
# they change the weights.
#
# ### Keras has no Threshold layer: use `ReLU(threshold=θ)` or `Activation`
#
# | | PyTorch | Keras 3 |
# | --- | --- | --- |
# | function | `F.threshold(x, θ, v)` | `activations.threshold(x, θ, v)` |
# | layer, $v = 0$ | `nn.Threshold(θ, 0.0)` | `layers.ReLU(threshold=θ)` (Keras 2 had `ThresholdedReLU(θ)`) |
# | layer, another $v$ | `nn.Threshold(θ, v)` | `layers.Activation(f)`, where `f` calls the function |

# %% threshold-layer-pt tags=["pytorch"]
zero_pt = nn.Threshold(0.75, 0.0)
minus_two_pt = nn.Threshold(0.75, -2.0)
h_pt = torch.tensor(x)
y_pt = [zero_pt(h_pt), minus_two_pt(h_pt)]

# %% threshold-layer-tf tags=["tensorflow"]
zero_tf = keras.layers.ReLU(threshold=0.75)
minus_two_tf = keras.layers.Activation(
    lambda x: keras.activations.threshold(x, 0.75, -2.0)
)
h_tf = tf.constant(x)
y_tf = [zero_tf(h_tf), minus_two_tf(h_tf)]

# %% threshold-layer
agree(y_pt, y_tf)

# %% [markdown]
# ### Threshold of NaN is NaN in PyTorch, and the replacement in Keras
#
# NaN is not above the threshold. PyTorch returns NaN nevertheless. Keras returns the replacement, in the layer
# and in the function. So in Keras you do not see that an earlier step went wrong.

# %% threshold-nan-pt tags=["pytorch"]
nan_pt = torch.tensor([float("nan"), 1.0])
show(zero=zero_pt(nan_pt), minus_two=minus_two_pt(nan_pt))

# %% threshold-nan-tf tags=["tensorflow"]
nan_tf = tf.constant([float("nan"), 1.0])
show(zero=zero_tf(nan_tf), minus_two=minus_two_tf(nan_tf))

# %% [markdown]
# (rectifiers-at-the-kink)=
# ## At a kink each framework chooses a gradient, and three of nine differ
#
# A rectifier has no derivative at its kink, so each framework chooses a number. Usually it lies between the
# slopes of the two sides. The cells print the gradient at the kink for nine rectifiers. `leak, limit` has the
# slope 0.1, the upper limit 6 and its kink at 0, and `limit at 4` has the upper limit 4. The two frameworks
# differ in the last three rows only. (In TensorFlow, `rrelu` is the layer of this chapter.)

# %% tags=["pytorch"]
kinks_pt = {
    "relu": (F.relu, 0.0),
    "relu6": (F.relu6, 0.0),
    "relu6 at 6": (F.relu6, 6.0),
    "leaky 0.1": (nn.LeakyReLU(0.1), 0.0),
    "rrelu": (nn.RReLU().eval(), 0.0),
    "threshold": (nn.Threshold(0.0, -2.0), 0.0),
    "prelu 0.25": (nn.PReLU(init=0.25), 0.0),
    "leak, limit": (
        lambda x: F.leaky_relu(x, 0.1).clamp(max=6), 0.0),
    "limit at 4": (nn.Hardtanh(0.0, 4.0), 4.0),
}

# %% tags=["tensorflow"]
quarter = keras.initializers.Constant(0.25)
kinks_tf = {
    "relu": (tf.nn.relu, 0.0),
    "relu6": (tf.nn.relu6, 0.0),
    "relu6 at 6": (tf.nn.relu6, 6.0),
    "leaky 0.1": (keras.layers.LeakyReLU(0.1), 0.0),
    "rrelu": (RReLU(), 0.0),
    "threshold": (
        lambda x: keras.activations.threshold(x, 0, -2.0), 0.0),
    "prelu 0.25": (keras.layers.PReLU(quarter), 0.0),
    "leak, limit": (
        keras.layers.ReLU(6.0, negative_slope=0.1), 0.0),
    "limit at 4": (keras.layers.ReLU(max_value=4.0), 4.0),
}

# %% kinks-pt tags=["pytorch"]
for name, (activation, kink) in kinks_pt.items():
    x_pt = torch.tensor([kink])
    dx_pt = value_and_grad(activation, x_pt)[1]
    print(f"{name:11} {dx_pt.item():.4f}")

# %% kinks-tf tags=["tensorflow"]
for name, (activation, kink) in kinks_tf.items():
    x_tf = tf.constant([kink])
    dx_tf = value_and_grad(activation, x_tf)[1]
    print(f"{name:11} {dx_tf.numpy().item():.4f}")

# %% [markdown]
# In Keras, PReLU's gradient is 0, which is not between its slopes, 0.25 and 1. The reason is that Keras computes
# PReLU from two ReLUs, and each of them has the gradient 0 at 0. Keras computes a ReLU layer with a slope and a
# limit in the same way. With a limit other than 6, Keras's ReLU layer clips, and at its limit a clip has the
# gradient 1.
#
# Weights seldom produce an input of exactly 0, but padding produces thousands of zeros.
#
# ### Written as a maximum, ReLU has the gradient ½ at 0 in PyTorch, and 1 in TensorFlow
#
# You can also write ReLU yourself, as a maximum or as a clamp. If both arguments of a maximum are equal, PyTorch
# gives half of the gradient to each of them. TensorFlow gives the whole gradient to the first argument. A clamp
# has the gradient 1 in both frameworks. Each cell prints the maximum's gradient first, and then the clamp's.

# %% kink-maximum-pt tags=["pytorch"]
zero_pt = torch.tensor([0.0])
for relu in (
    lambda x: torch.maximum(x, torch.tensor(0.0)),
    lambda x: torch.clamp(x, min=0.0),
):
    show(dx=value_and_grad(relu, zero_pt)[1])

# %% kink-maximum-tf tags=["tensorflow"]
zero_tf = tf.constant([0.0])
for relu in (
    lambda x: tf.maximum(x, 0.0),
    lambda x: tf.clip_by_value(x, 0.0, 1e9),
):
    show(dx=value_and_grad(relu, zero_tf)[1])

# %% [markdown]
# (activation-forms)=
# ## Function, module, argument, layer
#
# <!-- head: activation_forms -->
#
# In PyTorch you write an activation as a function or as a module. In Keras you write it as an argument of another
# layer or as a layer. When you print the network, you see only some of these forms. And in one case they compute
# different numbers.
#
# ### The printed network does not show a function or an argument

# %% four-ways-pt tags=["pytorch"]
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(4, 3)
        self.relu = nn.ReLU()

    def forward(self, x):
        h = F.leaky_relu(self.hidden(x))
        return self.relu(h)


net = Net()
print(net)

# %% four-ways-tf tags=["tensorflow"]
net = keras.Sequential([
    keras.Input((4,)),
    keras.layers.Dense(
        3, activation="leaky_relu", name="hidden"
    ),
    keras.layers.ReLU(name="relu"),
], name="net")
net.summary(line_length=60)

# %% [markdown]
# PyTorch does not print `F.leaky_relu`, although `forward` calls it. Keras does not print the argument, so the
# line of `hidden` does not show its Leaky ReLU. If somebody must see the activation in the printed network, use
# the module or the layer.
#
# You call a module or a layer with its input. If you forget the input, both frameworks raise an error:

# %% four-ways-slip-pt tags=["pytorch"]
relu = nn.ReLU()
with show_error():
    relu()

# %% four-ways-slip-tf tags=["tensorflow"]
relu = keras.layers.ReLU()
with show_error():
    relu()

# %% [markdown]
# ### The string `"leaky_relu"` means the function with slope 0.2, not the layer with 0.3
#
# The cells pass −1 to both. `by_name` is the result for the string, and `layer` is the result for the layer.

# %% string-means-function-pt tags=["pytorch"]
h_pt = torch.tensor([-1.0])
by_name_pt = nn.LeakyReLU(0.2)(h_pt)
layer_pt = nn.LeakyReLU(0.3)(h_pt)
show(by_name=by_name_pt, layer=layer_pt)

# %% string-means-function tags=["tensorflow"]
h_tf = tf.constant([-1.0])
by_name_tf = keras.layers.Activation("leaky_relu")(h_tf)
layer_tf = keras.layers.LeakyReLU()(h_tf)
show(by_name=by_name_tf, layer=layer_tf)

# %%
agree([by_name_pt, layer_pt], [by_name_tf, layer_tf])

# %% [markdown]
# ## Which one to choose
#
# | you have | take | because |
# | --- | --- | --- |
# | no particular reason | ReLU | one comparison, exact zeros, and most baselines use it |
# | units that die, or a GAN's discriminator | Leaky ReLU, with the slope written out | negative numbers have a gradient, too |
# | plenty of data, and no slope that you prefer | PReLU, one slope per channel | training chooses the slope; exclude it from weight decay |
# | little data | RReLU | its random slopes regularize; call `eval()` in PyTorch before you use the network |
# | activations in 8 bits | ReLU6 | its range is known beforehand |
# | small activations that should become 0 | Threshold with value 0 | sets them to 0 and does not shift the others |
#
# ## Exercises
#
# Write all six yourself, in one framework or in both. For one of them, write the gradient, too: [exercises on
# rectifiers](../../exercises/activations/rectifiers.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
