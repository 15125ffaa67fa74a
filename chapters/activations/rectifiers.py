# %% [markdown]
# # Rectifiers
#
# A rectifier passes positive numbers through and changes negative ones. ReLU makes them 0, Leaky ReLU
# multiplies them by a small fixed slope, PReLU by a learned slope, and RReLU by a random one. Two of
# the six also change positive numbers: ReLU6 stops them at 6, and Threshold replaces the small ones.
#
# **The claim:** what a rectifier does with negative numbers decides whether a unit can recover when its
# rectifier receives nothing else. You will watch one unit die in both frameworks, with the same numbers,
# and see which default slope revives it, and how soon.

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
# Every section uses these six inputs. None of them is 0: the gradient *at* the kink is a convention,
# and has [a section of its own](rectifiers-at-the-kink).
#
# Each panel below shows one rectifier as a solid line, its derivative as a dashed line, and the other
# five in grey. RReLU draws a new slope for each number, so the band shows all lines that it may follow.

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
# ReLU keeps positive numbers and replaces all others by 0 {footcite:p}`nair2010rectified`. It costs
# one comparison per number, and its slope stays 1 however large the input is. For inputs spread
# around 0, half of the outputs are exactly 0. Choose it unless you have a reason not to.
#
# $$\operatorname{ReLU}(x) = \max(0, x)$$
#
# where $x$ is one number of the input. Each number is treated on its own, so the output has the shape
# of the input.

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
# `dx` is the gradient of the sum of the outputs: 1 where the number was kept, 0 where it was replaced.
# PyTorch's autograd needs a scalar, hence `.sum()`; TensorFlow's tape sums by itself. In PyTorch
# `requires_grad=True` marks the tensor to differentiate by; in TensorFlow a `Variable` is recorded by
# the tape.
#
# `agree` compares every value and every gradient, and prints the largest difference that it accepts.
# The sections below call `value_and_grad`, which takes these same steps in either framework.
#
# TensorFlow offers several names for the same function. Use `tf.nn` in your own code, `keras.layers`
# in a model, and `keras.activations` where the other two have nothing.
#
# ### In a model: a module in PyTorch, a layer or Dense's argument in Keras
#
# Keras usually writes the activation into the layer before it, as a string. PyTorch's `Linear` has no
# such argument, so the ReLU follows as a module. Here are both with the same weights:

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
# [The last section](activation-forms) compares all ways to write an activation.
#
# ### PyTorch's relu can overwrite its input; Keras's can leak, stop and shift
#
# PyTorch's function has one shape, and an option that writes the result over the input. Keras's
# function also takes a slope for negative numbers, an upper limit, and a threshold below which numbers
# count as negative.

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
# In PyTorch `h` now holds the result, because `inplace=True` wrote it there. A TensorFlow tensor never
# changes, so there `h` is as it was. Keras's slope multiplies the distance to the threshold: −1 became
# 0.1 · (−1 − 0.75) = −0.175.
#
# ### A unit can die: after one wrong label it never learns again
#
# One unit, $\hat y = \operatorname{ReLU}(wx + b)$, learns $y = 2x$ from eleven points. In the first step
# one label is wrong, −40 instead of 2, and the step becomes far too long. From the second step on, all
# labels are right.

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
# The loss stays at 1.40 to the end. After the wrong label $wx + b$ is negative for all eleven points.
# Every output is 0, so every gradient is 0, and 399 batches with right labels change nothing. Both
# frameworks end with the same dead weights:

# %% dying
agree(w_pt, w_tf)

# %% [markdown]
# No error and no warning told you. {footcite:t}`lu2020dying` show how depth and initial weights make
# dead units more likely. [Leaky ReLU](leaky-relu-rescue) revives this very unit.

# %% [markdown]
# (relu6)=
# ## ReLU6
#
# <!-- head: relu6 -->
#
# ReLU6 is ReLU with an upper limit of 6 {footcite:p}`krizhevsky2010convolutional`. Choose it where
# activations will be stored in few bits, as MobileNetV2 does {footcite:p}`sandler2018mobilenetv2`:
# quantization needs a known range.
#
# $$\mathrm{ReLU6}(x) = \min(\max(0, x), 6)$$
#
# where $x$ is one number of the input.

# %%
# pair: F.relu6(x) | tf.nn.relu6(x)

# %% [markdown]
# The 7 became 6, and its gradient is 0. A ReLU6 that receives only numbers above 6 passes no gradient,
# like a ReLU that receives only negative numbers.
#
# ### Keras has no ReLU6 layer: use Activation("relu6")
#
# The 6 is fixed in both frameworks. For another upper limit use `nn.Hardtanh` in PyTorch, and
# `max_value` of the ReLU layer in Keras:

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
# ### Stored in 8 bits, small numbers survive ReLU6, but not ReLU
#
# Store four activations in 8 bits, which makes 255 steps between 0 and the largest. One outlier of 900
# makes each step so wide that the small numbers become equal. ReLU6 gives up the outlier instead.

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
# After ReLU, 0.3 and 1.1 are both stored as 0. After ReLU6 each of the three small numbers comes back
# to within 0.012, half a step.

# %% [markdown]
# (leaky-relu)=
# ## Leaky ReLU
#
# <!-- head: leaky_relu -->
#
# Leaky ReLU multiplies negative numbers by a small fixed slope instead of replacing them by 0, so a
# gradient always gets through {footcite:p}`maas2013rectifier`. Choose it where ReLU units die. Always
# write the slope: the five names in the table have three different defaults.
#
# $$\operatorname{LeakyReLU}(x) = \begin{cases} x & x > 0 \\ \alpha x & x \le 0 \end{cases}$$
#
# where $\alpha$ is the slope for negative numbers: `negative_slope` in PyTorch and Keras, `alpha` in
# `tf.nn`. Here it is 0.1 in both frameworks.

# %%
# pair: F.leaky_relu(x, 0.1) | tf.nn.leaky_relu(x, 0.1)

# %% [markdown]
# ### The slope has three defaults: 0.01, 0.2 and 0.3
#
# Leave the slope out and feed −1: the output shows the default. Keras differs from PyTorch and from
# itself. Its layer has the slope 0.3, its function 0.2.

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
# A network ported with `LeakyReLU()` in both frameworks therefore leaks thirty times as much in Keras.
# It runs, it trains, and it is another network. To port a model, write down the slope that it had:

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
# ### Keras's layer refuses a slope below 0
#
# With a slope of −1 the function is $|x|$. Only Keras's layer raises:

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
# Keras 2 called the slope `alpha`. Keras 3 still accepts that name, with a warning:

# %% leaky-alpha
with warnings.catch_warnings(record=True) as caught:
    print(keras.layers.LeakyReLU(alpha=0.1).negative_slope, caught[0].message)

# %% [markdown]
# ### PyTorch refuses integers, TensorFlow makes floats of them

# %% leaky-integers-pt tags=["pytorch"]
with show_error():
    F.leaky_relu(torch.tensor([-1, 2]))

# %% leaky-integers-tf tags=["tensorflow"]
print(tf.nn.leaky_relu(tf.constant([-1, 2])))

# %% [markdown]
# (leaky-relu-rescue)=
# ### A leak revives the dead unit: 0.01 takes 300 steps, 0.2 fewer than 100
#
# The unit that died above gets the same wrong label and starts from the same weights, with three
# slopes: PyTorch's default, that of Keras's function and `tf.nn`, and that of Keras's layer.

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
# slope 0.01 the loss falls slowly, and to nothing shortly after step 300. With 0.2 and 0.3 it is at
# nothing before step 50.
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
ax.set(xlabel="step", ylabel="loss", title="A leak of 0.01 revives the unit, after 300 steps")
plt.show()

# %% first-awake
for slope, (losses, _) in leaky_pt.items():
    asleep = sum(loss > 0.5 for loss in losses)
    print(f"slope {slope}: above 0.5 for more than 100 steps:", asleep > 100)

# %% [markdown]
# With all three slopes the unit finds $w = 2$, $b = 0$ in the end. While $wx + b$ is negative, the slope
# counts twice: it scales the gradient, and it scales the output, which with a larger slope lies further
# from the labels (the loss is 6.28 with 0.3, and 1.50 with 0.01). The smaller the slope, the longer the
# way back.

# %% [markdown]
# (prelu)=
# ## PReLU
#
# <!-- head: prelu -->
#
# PReLU is Leaky ReLU with its slope among the weights: training decides how much leaks
# {footcite:p}`he2015delving`. Choose it when you have plenty of data and no slope in mind, and
# [keep weight decay away from it](prelu-decay).
#
# $$\operatorname{PReLU}(x) = \max(0, x) + a \min(0, x)$$
#
# where $x$ is one number of the input and $a$ the learned slope. One slope is shared by all numbers, by
# those of one channel, or by none.

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
# `da` is the gradient of the slope. It is the sum of the negative inputs, −5.5, because those are the
# numbers that the slope multiplies. Keras takes axis 0 for the batch, so the six numbers go in as one
# example with six features, and `shared_axes=[1]` makes these share one slope.
#
# ### PyTorch starts with one slope, Keras with one for every element
#
# PyTorch starts with one slope of 0.25, and takes one per channel if you ask for it. Keras starts with
# slopes of 0, which is plain ReLU, and has one for *every element* of an example: 150,528 for images of
# 224 × 224 × 3. `shared_axes` names the axes along which one slope is shared.

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
# The second line of each is one slope per channel. In PyTorch `num_parameters=3` expects the channels in
# axis 1. In Keras sharing the two spatial axes leaves one slope for each entry of the last axis.
#
# ### Trained slopes move to the other framework by a reshape
#
# The slopes of three channels have the shape (3,) in PyTorch and (1, 1, 3) in Keras:

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
# ### PyTorch takes axis 1 for the channels, whatever the data
#
# On sequences of shape (batch, time, features) PyTorch learns one slope per *time step*, and gives no
# error as long as the sizes match. Keras must know the size of every axis that it does not share, so
# sequences of any length need `shared_axes=[1]`.

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
# Each row is a time step. In PyTorch the slope changes from row to row, in Keras from feature to
# feature.
#
# ### Shown the absolute value, the slope learns −1
#
# A single PReLU, with nothing around it, learns $y = |x|$. A ReLU cannot be the absolute value; a PReLU
# can, with the right slope. Each framework starts from its own default.

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
ax.set(xlabel="step", ylabel="slope $a$", title="Shown |x|, the slope becomes −1")
plt.show()

# %% [markdown]
# With a slope of −1 the unit has become the absolute value.
#
# So nothing keeps $a$ positive. Where you need that, clamp the slope after each step in PyTorch. In
# Keras give the layer a constraint, which the optimizer applies at the end of each step; the step below
# has a gradient of 0:

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
# ### Weight decay turns a PReLU into a ReLU: keep it away
#
# Weight decay pulls every weight toward 0, and a PReLU with slope 0 is a ReLU. In PyTorch put the
# slopes into a parameter group of their own; in Keras tell the optimizer their name. One step with a
# gradient of 0 shows what decay alone does: first with decay on the slope, then without.

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
# In training RReLU multiplies each negative number by a slope of its own, drawn at random. In
# evaluation it uses the middle of the range for all of them. The noise regularizes, like dropout
# {footcite:p}`xu2015empirical`. Choose it on small data sets, where Xu et al. found that Leaky ReLU
# overfits.
#
# $$\operatorname{RReLU}(x) = \begin{cases} x & x > 0 \\ a x & x \le 0 \end{cases}$$
#
# $$a \sim \mathcal U(l, u) \text{ in training}, \quad a = \tfrac{l + u}{2} \text{ in evaluation}$$
#
# where $l$ and $u$ are the ends of the range: `lower` = ⅛ and `upper` = ⅓ by default. Keras has no
# counterpart, so this chapter builds a layer (to save a model with it, add `get_config`):

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
# In evaluation nothing is random, and the two agree:

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
# ### A module starts in training, a layer in evaluation
#
# PyTorch keeps the mode in the module and starts in training: a fresh `nn.RReLU` is random until you
# call `eval()`. `F.rrelu` evaluates by default. Keras takes the mode with each call, and evaluates
# unless you pass `training=True`. Here `True` means that more than one slope was used:

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
# ### In training one draw serves the output and the gradient
#
# A hundred thousand inputs of −1 show the whole distribution: minus the output is the slope. The
# gradient is the same slope, because both use one draw.

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
# The mean, 0.23, is the slope that evaluation uses: $(\tfrac18 + \tfrac13)/2 = 0.2292$. Both started from
# seed 0, but the same seed gives other numbers in the other framework:

# %% same-seed-other-draws
print("same draws:", np.allclose(a_pt, a_tf))

# %% [markdown]
# (threshold)=
# ## Threshold
#
# <!-- head: threshold -->
#
# Threshold keeps the numbers above a threshold and *replaces* all others by a constant of your choice.
# Choose it to set small activations to 0, as in autoencoders without biases
# {footcite:p}`konda2015zerobias`.
#
# $$\operatorname{Threshold}(x) = \begin{cases} x & x > \theta \\ v & x \le \theta \end{cases}$$
#
# where $\theta$ is the threshold and $v$ the replacement. Neither has a default.

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
# ### Threshold replaces numbers, a clamp raises them
#
# A clamp raises a small number *to* the threshold, so its output has no jump. Threshold may jump: here
# 0.76 stays and 0.74 becomes −2. The two are the same only when the replacement is the threshold itself.

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
# The gradient does not see the jump. It is 0 below the threshold whatever the replacement, so a number
# below it has no gradient that could lift it across; only other examples can.
#
# ### Keras has no Threshold layer: use ReLU(threshold=θ), or an Activation
#
# | | PyTorch | Keras 3 |
# | --- | --- | --- |
# | function | `F.threshold(x, θ, v)` | `activations.threshold(x, θ, v)` |
# | layer, $v = 0$ | `nn.Threshold(θ, 0.0)` | `layers.ReLU(threshold=θ)` (Keras 2: `ThresholdedReLU(θ)`, which is gone) |
# | layer, another $v$ | `nn.Threshold(θ, v)` | an `Activation` that is given the function |

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
# ### NaN passes in PyTorch, Keras replaces it
#
# NaN is not above the threshold. PyTorch lets it through all the same. Keras replaces it, in the layer
# as in the function, and so hides that something went wrong before.

# %% threshold-nan-pt tags=["pytorch"]
nan_pt = torch.tensor([float("nan"), 1.0])
show(zero=zero_pt(nan_pt), minus_two=minus_two_pt(nan_pt))

# %% threshold-nan-tf tags=["tensorflow"]
nan_tf = tf.constant([float("nan"), 1.0])
show(zero=zero_tf(nan_tf), minus_two=minus_two_tf(nan_tf))

# %% [markdown]
# (rectifiers-at-the-kink)=
# ## At the kink the gradient is a convention, and three differ
#
# A rectifier has no derivative where it bends, so each framework returns a number of its choice there,
# usually one between the slopes of the two sides. In every row but the last three both return the same
# (TensorFlow's RReLU is this chapter's own).

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
# Keras's PReLU returns 0, which is not even between its slopes, 0.25 and 1. It is built from two ReLUs,
# and each of them has gradient 0 at 0. Keras's ReLU layer with a slope and a limit is built the same
# way. With a limit other than 6 that layer clips, and a clip passes the gradient at its limit.
#
# Weights seldom produce an exact 0. Padding does, in its thousands.
#
# ### A ReLU written as a maximum has gradient ½ in PyTorch, 1 in TensorFlow
#
# The convention also decides when you write ReLU yourself. Where both arguments of a maximum are equal,
# PyTorch splits the gradient in half, and TensorFlow gives all of it to the first. Clamping passes all
# of it in both.

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
# In PyTorch you can write an activation as a function or as a module, in Keras as the argument of
# another layer or as a layer of its own. The forms differ in what you see when you print the network,
# and sometimes in what they compute.
#
# ### A function or an argument does not show in the printed network

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
# PyTorch does not print the `F.leaky_relu`, though it runs. Keras does not print the argument: the line
# of `hidden` shows no sign of its Leaky ReLU. Use the module or the layer where somebody must read the
# network from its printout.
#
# A module or a layer is called with its input. Leaving the input out is a common slip, and both raise:

# %% four-ways-slip-pt tags=["pytorch"]
relu = nn.ReLU()
with show_error():
    relu()

# %% four-ways-slip-tf tags=["tensorflow"]
relu = keras.layers.ReLU()
with show_error():
    relu()

# %% [markdown]
# ### The string "leaky_relu" means the function: slope 0.2, not the layer's 0.3

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
# | units that die, or a GAN's discriminator | Leaky ReLU, with the slope written out | a gradient always gets through |
# | plenty of data, no slope in mind | PReLU, one slope per channel | training chooses the slope; exclude it from weight decay |
# | little data | RReLU | its noise regularizes; mind the mode |
# | activations in 8 bits | ReLU6 | its range is known beforehand |
# | small activations that should become 0 | Threshold with value 0 | sets them to 0 and does not shift the others |
#
# ## Exercises
#
# Write all six yourself, in one framework or in both, and the gradient of one by hand:
# [exercises on rectifiers](../../exercises/activations/rectifiers.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
