# %% [markdown]
# # Rectifiers
#
# A rectifier lets positive numbers through and does something else with negative ones: ReLU makes
# them 0, a leaky one a fraction, a learned one whatever training prefers. Of the six of this
# chapter two also touch positive numbers: ReLU6 puts a lid on them, Threshold raises the bar.
#
# **The claim:** that difference, invisible on most plots, decides whether a unit that has
# been pushed to the wrong side ever comes back. You will watch one die in both frameworks,
# with the same numbers, and see which framework's default slope gets it back, and how soon.

# %%
import warnings

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, plots, show

plots.use_style()
x = np.array([-4.0, -1.0, -0.5, 0.5, 1.0, 7.0], dtype=np.float32)

# %% [markdown]
# The same six inputs serve every section. None of them is 0: what happens *at* the kink is a
# convention, and [has a section of its own](rectifiers-at-the-kink).
#
# Each panel below shows a rectifier solid, its derivative dashed, and the other five in grey.
# RReLU draws its slope anew for each number, so the band shows every line it may follow.

# %% all-six tags=["hide-input"]
# alt: Six panels over inputs from minus 4 to 8, one a rectifier, its derivative dashed. ReLU is 0, then rises with slope 1. ReLU6 stops at 6, and its derivative drops to 0 there. Leaky ReLU falls gently to the left of 0, PReLU more steeply. RReLU fills a wedge between two slopes. Threshold jumps from minus 2 to 1 at input 1.
grid = np.linspace(-4, 8, 241)
left = grid <= 0

def leak(slope):
    return np.where(left, slope * grid, grid), np.where(left, slope, 1)

curves = {
    "ReLU": (np.maximum(grid, 0), ~left),
    "ReLU6: a lid at 6": (np.clip(grid, 0, 6), (grid > 0) & (grid < 6)),
    "Leaky ReLU: a fixed slope": leak(0.1),
    "PReLU: a learned slope": leak(0.25),
    "RReLU: a drawn slope": leak(11 / 48),
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
# <!-- names: relu -->
#
# ReLU keeps positive numbers and replaces the rest by 0 {footcite:p}`nair2010rectified`. It costs
# one comparison, it never flattens out for large inputs, and of inputs spread around 0 it turns
# half into exact zeros. Choose it unless you have a reason not to.
#
# $$\operatorname{ReLU}(x) = \max(0, x)$$
#
# where $x$ is each number of the input on its own; the output has the input's shape.

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
# `dx` is the gradient of the summed outputs: 1 where the number passed, 0 where it did not.
# PyTorch's autograd wants a single number, hence `.sum()`; TensorFlow's tape sums by itself. What
# `requires_grad=True` is to one, a `Variable` under a tape is to the other. `agree` has compared
# every value and every gradient, and names the difference that it would have let pass.
#
# The other sections begin with the same pair. Where TensorFlow offers several calls, take `tf.nn` in
# code of your own, `keras.layers` in a model, and `keras.activations` where there is no other.
#
# Keras's version is a small family in one function: the same name also makes a leaky, a
# capped and a shifted ReLU. PyTorch's has one shape, and a switch to overwrite its input.

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
# In PyTorch `h` is gone: `inplace=True` wrote the result over it. In TensorFlow `h` stands, as
# every tensor does there, and the leak has moved with the threshold: −1 became
# 0.1 · (−1 − 0.75) = −0.175.
#
# ### A unit that dies
#
# One unit, $\hat y = \operatorname{ReLU}(wx + b)$, learns $y = 2x$ from eleven points. In the
# very first step one label is wrong, −40 where 2 belongs, and the step that follows is too
# long. From the second step on the data are perfect.

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
# The loss stays at 1.4 for ever. After the bad step $wx + b$ is negative for all eleven points,
# so every output is 0, every gradient is 0, and 398 perfect batches change nothing. The
# frameworks agree on the corpse to the last digit shown:

# %% dying
agree(w_pt, w_tf)

# %% [markdown]
# Nothing raised, nothing warned. {footcite:t}`lu2020dying` show how depth and initial weights make
# such deaths likelier. [Leaky ReLU](leaky-relu) gets the same unit back.

# %% [markdown]
# (relu6)=
# ## ReLU6
#
# <!-- names: relu6 -->
#
# ReLU6 is ReLU with a lid: nothing leaves it above 6 {footcite:p}`krizhevsky2010convolutional`.
# Choose it where activations will be stored in few bits, as MobileNetV2 does
# {footcite:p}`sandler2018mobilenetv2`: a known range is what quantization needs.
#
# $$\mathrm{ReLU6}(x) = \min(\max(0, x), 6)$$
#
# with $x$ each number of the input.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = F.relu6(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = tf.nn.relu6(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# The 7 came out as 6, and its gradient is 0: a lid can kill from above as ReLU does from below.
#
# Keras has no layer of the name: in a model `Activation("relu6")` replaces `nn.ReLU6()`. The 6 is
# fixed in both. A lid of your own is a Hardtanh in PyTorch, and an argument of the ReLU layer in
# Keras:

# %% another-lid-pt tags=["pytorch"]
h_pt = torch.tensor(x)
six_pt, four_pt = nn.ReLU6()(h_pt), nn.Hardtanh(0.0, 4.0)(h_pt)
show(six=six_pt, four=four_pt)

# %% another-lid-tf tags=["tensorflow"]
h_tf = tf.constant(x)
six_tf = keras.layers.Activation("relu6")(h_tf)
four_tf = keras.layers.ReLU(max_value=4.0)(h_tf)
show(six=six_tf, four=four_tf)

# %% another-lid
agree([six_pt, four_pt], [six_tf, four_tf])

# %% [markdown]
# ### What the lid buys: eight bits
#
# Store four activations in 8 bits, 255 steps between 0 and the largest. One stray value of 900
# is enough to take the resolution from all the others; the lid sacrifices the 900 instead.

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
# Behind ReLU, 0.3 and 1.1 have both become 0. Behind ReLU6 each is back to within 0.012, half a
# step.

# %% [markdown]
# (leaky-relu)=
# ## Leaky ReLU
#
# <!-- names: leaky_relu -->
#
# Leaky ReLU multiplies negative numbers by a small fixed slope instead of discarding them, so
# that a gradient always gets through {footcite:p}`maas2013rectifier`. Choose it where ReLU units
# die, and write the slope down: the five calls in the table have three defaults between them.
#
# $$\operatorname{LeakyReLU}(x) = \begin{cases} x & x > 0 \\ \alpha x & x \le 0 \end{cases}$$
#
# where $\alpha$ is the slope for negative numbers: `negative_slope` in PyTorch and Keras, `alpha` in
# `tf.nn`. Here both panels get $\alpha = 0.1$.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = F.leaky_relu(x_pt, negative_slope=0.1)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = tf.nn.leaky_relu(x_tf, alpha=0.1)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# ### Three defaults for one slope
#
# Leave the slope out, feed −1, and read the default off the answer. Keras disagrees not only
# with PyTorch but with itself: its layer leaks 0.3, its function 0.2.

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
# A network ported with `LeakyReLU()` on both sides therefore leaks thirty times as much in
# Keras. It runs, it trains, and it is another network.
#
# With a slope of −1 the function is $|x|$. Keras's layer alone refuses a slope below 0:

# %% leaky-negative-pt tags=["pytorch"]
minus_one = torch.tensor([-1.0])
show(module=nn.LeakyReLU(-1.0)(minus_one),
     function=F.leaky_relu(minus_one, -1.0))

# %% leaky-negative-tf tags=["tensorflow"]
minus_one = tf.constant([-1.0])
show(function=keras.activations.leaky_relu(minus_one, -1.0))
try:
    keras.layers.LeakyReLU(-1.0)
except ValueError:
    print("layer: ValueError")

# %% [markdown]
# Code for Keras 2 calls the slope `alpha`. Keras 3 still takes it, with a warning:

# %% leaky-alpha
with warnings.catch_warnings(record=True) as caught:
    print(keras.layers.LeakyReLU(alpha=0.1).negative_slope, caught[0].message)

# %% [markdown]
# Whole numbers are a second place where they part: PyTorch's Leaky ReLU refuses them, TensorFlow's
# makes floats of them without a word.

# %% leaky-integers-pt tags=["pytorch"]
try:
    print(F.leaky_relu(torch.tensor([-1, 2])))
except NotImplementedError as error:
    print("NotImplementedError:", error)

# %% leaky-integers-tf tags=["tensorflow"]
try:
    print(tf.nn.leaky_relu(tf.constant([-1, 2])))
except NotImplementedError as error:
    print("NotImplementedError:", error)

# %% [markdown]
# ### The rescue
#
# The unit that died above, the same wrong label, the same weights: with PyTorch's slope, with that of
# Keras's function and `tf.nn`, and with that of Keras's layer.

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
# alt: The loss over 400 steps, TensorFlow's curves dashed on PyTorch's. ReLU stays flat at 1.4. With slope 0.01 the loss sinks slowly and drops to nothing shortly after step 300. With 0.2 and 0.3 it is at nothing before step 50.
fig, ax = plt.subplots()
steps = range(1, 400)
runs = [(relu_losses_pt, relu_losses_tf)]
runs += [(leaky_pt[slope][0], leaky_tf[slope][0]) for slope in leaky_pt]
for losses_pt, losses_tf in runs:
    ax.plot(steps, losses_pt[1:], color=plots.PYTORCH, linewidth=2.5)
    ax.plot(steps, losses_tf[1:], "--", color=plots.TENSORFLOW)
ax.annotate("ReLU", (200, 0.8))
ax.annotate("slope 0.01", (180, 1.7))
ax.annotate("0.2 and 0.3", (25, 3.2))
ax.annotate("PyTorch, solid", (399, 4.9), ha="right", color=plots.PYTORCH)
ax.annotate("TensorFlow, dashed", (399, 4.3), ha="right", color=plots.TENSORFLOW)
ax.set(xlabel="step", ylabel="loss", title="A leak of 0.01 rescues the unit, after 300 steps")
plt.show()

# %% first-awake
for slope, (losses, _) in leaky_pt.items():
    asleep = sum(loss > 0.5 for loss in losses)
    print(f"slope {slope}: above 0.5 for more than 100 steps:", asleep > 100)

# %% [markdown]
# All three find $w = 2$, $b = 0$ in the end. On the wrong side the leak counts twice: it scales the
# gradient, and the larger it is, the further off is the answer (a loss of 6.28 against 1.50). The
# smaller the slope, the longer the way back.

# %% [markdown]
# (prelu)=
# ## PReLU
#
# <!-- names: prelu -->
#
# PReLU is Leaky ReLU with its slope among the weights: training decides how much leaks
# {footcite:p}`he2015delving`. Choose it when you have data to spare and do not want to choose a
# slope, and [keep weight decay away from it](prelu-decay).
#
# $$\operatorname{PReLU}(x) = \max(0, x) + a \min(0, x)$$
#
# where $a$ is the learned slope, shared by all numbers, by all of one channel, or by none.

# %% tags=["pytorch"]
prelu_pt = nn.PReLU(init=0.1)
x_pt = torch.tensor(x, requires_grad=True)
y_pt = prelu_pt(x_pt)
dx_pt, da_pt = torch.autograd.grad(
    y_pt.sum(), [x_pt, prelu_pt.weight]
)
show(x=x_pt, y=y_pt, dx=dx_pt)
show(da=da_pt)

# %% tags=["tensorflow"]
start = keras.initializers.Constant(0.1)
prelu_tf = keras.layers.PReLU(start, shared_axes=[1])
x_tf = tf.Variable(x[None, :])  # (batch, features)
with tf.GradientTape() as tape:
    y_tf = prelu_tf(x_tf)
dx_tf, da_tf = tape.gradient(y_tf, [x_tf, prelu_tf.alpha])
show(x=x_tf, y=y_tf, dx=dx_tf)
show(da=da_tf)

# %%
agree([y_pt, da_pt], [y_tf[0], da_tf], gradients=(dx_pt, dx_tf[0]))

# %% [markdown]
# `da` is the gradient of the slope: the sum of the negative inputs, −5.5, because those are what
# the slope multiplies. Keras had to be told to share one slope, and got its six numbers as one
# example with six features, because axis 0 is always the batch there.
#
# ### One slope, or one for everything
#
# PyTorch starts with one slope at 0.25 and takes one a channel when asked. Keras starts at 0,
# which is plain ReLU, with a slope for *every element* of an example: 150,528 of them behind an
# image layer of 224 × 224 × 3, unless `shared_axes` names what shares.

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
# Read the second lines together: one slope a channel, in PyTorch by `num_parameters=3` for
# channels in axis 1, in Keras by sharing the two spatial axes of channels-last images. Trained slopes
# go from one to the other once they have the other's shape:

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
# The channels are the trap. PyTorch takes them to be axis 1, whatever the data: on sequences of shape
# (batch, time, features) a slope a *time step* is learned, without a word where the sizes agree.
# Keras wants to know every size that it does not share, so images of any size need `shared_axes`.

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
try:
    keras.layers.PReLU().build((None, None, 2))
except ValueError as error:
    print("ValueError:", str(error).split(".")[0][:50], "…")

# %% [markdown]
# Each row is a time step. In PyTorch the slopes went down the rows, in Keras along the features.
#
# ### The slope finds its own value
#
# A single PReLU, nothing else, is shown $y = |x|$. No ReLU can be the absolute value; a PReLU
# can, with one slope. Each framework starts from its own default.

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
# alt: PReLU's slope over 30 steps: PyTorch starts at 0.25, TensorFlow at 0, both fall to minus 1 within 15 steps.
fig, ax = plt.subplots()
ax.plot(slopes_pt, color=plots.PYTORCH, label="PyTorch, from 0.25")
ax.plot(slopes_tf, color=plots.TENSORFLOW, label="TensorFlow, from 0")
ax.axhline(-1, color=plots.INK, linewidth=0.6)
ax.annotate("PyTorch starts at 0.25", (1.2, 0.12), color=plots.PYTORCH)
ax.annotate("TensorFlow starts at 0", (6, -0.35), color=plots.TENSORFLOW)
ax.set(xlabel="step", ylabel="slope $a$", title="Shown |x|, the slope becomes −1")
plt.show()

# %% [markdown]
# A slope of −1: the unit has turned itself into the absolute value.
#
# So nothing keeps $a$ positive. Where that matters, clamp it after each step in PyTorch; in Keras a
# constraint does, and the optimizer applies it after its own step, here one of length 0.

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
# ### Keep weight decay away
#
# Decay pulls every weight toward 0, and a slope of 0 is ReLU. In PyTorch the slopes go into a group
# of their own; in Keras the optimizer is told their name. One step with a gradient of 0 shows what
# decay alone does, without and with that.

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
# <!-- names: rrelu -->
#
# RReLU leaks by a slope that it draws anew for every negative number while training, and by the
# middle of the range afterwards: the noise regularizes, like dropout {footcite:p}`xu2015empirical`.
# Choose it on small data sets, where Xu et al. found Leaky ReLU to overfit.
#
# $$\operatorname{RReLU}(x) = \begin{cases} x & x > 0 \\ a x & x \le 0 \end{cases}$$
#
# $$a \sim \mathcal U(l, u) \text{ in training}, \quad a = \tfrac{l + u}{2} \text{ afterwards}$$
#
# where $l$ and $u$ are `lower` = ⅛ and `upper` = ⅓ by default. Keras has no counterpart. This is
# one, as a layer that knows whether it is training (to save a model with it, add `get_config`):

# %% rrelu-bridge-pt tags=["pytorch"]
rrelu_pt = nn.RReLU(lower=1 / 8, upper=1 / 3)

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
rrelu_tf = RReLU()

# %% [markdown]
# The mode is the trap: called as they come, the module *trains* and is random; the layer evaluates,
# and so does PyTorch's own function.

# %% rrelu-mode-pt tags=["pytorch"]
minus_ones = -torch.ones(100)
module = rrelu_pt(minus_ones)
function = F.rrelu(minus_ones)
print("module:  ", len(set(module.tolist())) > 1)
print("function:", len(set(function.tolist())) > 1)

# %% rrelu-mode-tf tags=["tensorflow"]
minus_ones = -tf.ones(100)
layer = rrelu_tf(minus_ones)
trained = rrelu_tf(minus_ones, training=True)
print("layer:   ", len(set(layer.numpy())) > 1)
print("training:", len(set(trained.numpy())) > 1)

# %% [markdown]
# `True` means more than one slope. PyTorch keeps the mode in the module (`eval()`), Keras takes it
# with the call (`training=False`). In evaluation nothing is random, and the two agree:

# %% tags=["pytorch"]
rrelu_pt.eval()
x_pt = torch.tensor(x, requires_grad=True)
y_pt = rrelu_pt(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = rrelu_tf(x_tf, training=False)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# ### What it draws
#
# In training, a hundred thousand inputs of −1 show the whole distribution: minus the output *is*
# the slope, and so is the gradient, because one draw serves both directions.

# %% rrelu-training-pt tags=["pytorch"]
torch.manual_seed(0)
rrelu_pt.train()
x_pt = torch.full((100_000,), -1.0, requires_grad=True)
y_pt = rrelu_pt(x_pt)
(a_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
within = (a_pt >= 1 / 8) & (a_pt <= 1 / 3)
print(f"mean slope {a_pt.mean():.2f}")
print("all within [1/8, 1/3]:", bool(within.all()))
print("same in both directions:", torch.equal(a_pt, -y_pt))

# %% rrelu-training-tf tags=["tensorflow"]
rrelu_tf = RReLU(seed=0)
x_tf = tf.Variable(tf.fill((100_000,), -1.0))
with tf.GradientTape() as tape:
    y_tf = rrelu_tf(x_tf, training=True)
a_tf = tape.gradient(y_tf, x_tf).numpy()
within = (a_tf >= 1 / 8) & (a_tf <= 1 / 3)
print(f"mean slope {a_tf.mean():.2f}")
print("all within [1/8, 1/3]:", bool(within.all()))
print("same in both directions:", np.array_equal(a_tf, -y_tf))

# %% [markdown]
# The mean, 0.23, is what evaluation uses: $(\tfrac18 + \tfrac13)/2 = 0.2292$. Both started from
# seed 0, but seeds do not carry over:

# %% same-seed-other-draws
print("same draws:", np.allclose(a_pt, a_tf))

# %% [markdown]
# (threshold)=
# ## Threshold
#
# <!-- names: threshold -->
#
# Threshold keeps numbers above a bar and *replaces* the others by a constant of your choice. It is
# how you zero out small activations, as in autoencoders without biases
# {footcite:p}`konda2015zerobias`.
#
# $$\operatorname{Threshold}(x) = \begin{cases} x & x > \theta \\ v & x \le \theta \end{cases}$$
#
# where $\theta$ is the bar and $v$ the replacement. Neither has a default.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = F.threshold(x_pt, threshold=0.75, value=-2.0)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = keras.activations.threshold(x_tf, 0.75, -2.0)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# ### Not a clamp
#
# A clamp pulls a number *to* the bar, so its output is continuous. Threshold may jump: here 0.76
# stays and 0.74 becomes −2. The two are the same only when the replacement is the bar itself.

# %% threshold-clamp-pt tags=["pytorch"]
h_pt = torch.tensor([0.74, 0.75, 0.76])
show(threshold=F.threshold(h_pt, 0.75, -2.0),
     same_bar=F.threshold(h_pt, 0.75, 0.75),
     clamp=torch.clamp(h_pt, min=0.75))

# %% threshold-clamp-tf tags=["tensorflow"]
h_tf = tf.constant([0.74, 0.75, 0.76])
threshold = keras.activations.threshold
show(threshold=threshold(h_tf, 0.75, -2.0),
     same_bar=threshold(h_tf, 0.75, 0.75),
     clamp=tf.maximum(h_tf, 0.75))

# %% [markdown]
# The gradient does not see the jump: it is 0 below the bar whatever the replacement, so a number
# below it has no gradient that could lift it across; only other examples can.
#
# Keras has no layer of the name (Keras 2 had `ThresholdedReLU`, which is gone). With $v = 0$ it is
# `layers.ReLU(threshold=θ)`; with another $v$, an `Activation` that is given the function:

# %% threshold-layer-pt tags=["pytorch"]
zero_pt = nn.Threshold(0.75, 0.0)
minus_two_pt = nn.Threshold(0.75, -2.0)
h_pt = torch.tensor(x)
y_pt = [zero_pt(h_pt), minus_two_pt(h_pt)]

# %% threshold-layer-tf tags=["tensorflow"]
zero_tf = keras.layers.ReLU(threshold=0.75)
minus_two_tf = keras.layers.Activation(
    lambda x: threshold(x, 0.75, -2.0))
h_tf = tf.constant(x)
y_tf = [zero_tf(h_tf), minus_two_tf(h_tf)]
gone = not hasattr(keras.layers, "ThresholdedReLU")
print("ThresholdedReLU is gone:", gone)

# %% threshold-layer
agree(y_pt, y_tf)

# %% [markdown]
# What is not a number is not above the bar. PyTorch lets NaN through all the same; Keras
# replaces it, with the layer as with the function, and hides what went wrong upstream.

# %% threshold-nan-pt tags=["pytorch"]
nan_pt = torch.tensor([float("nan"), 1.0])
show(zero=zero_pt(nan_pt), minus_two=minus_two_pt(nan_pt))

# %% threshold-nan-tf tags=["tensorflow"]
nan_tf = tf.constant([float("nan"), 1.0])
show(zero=zero_tf(nan_tf), minus_two=minus_two_tf(nan_tf))

# %% [markdown]
# (rectifiers-at-the-kink)=
# ## At the kink
#
# Where a rectifier bends it has no derivative, so each framework picks a number, usually one between
# the slopes of the two sides. In every row but the last three they picked the same (TensorFlow's RReLU
# is this chapter's own).

# %% tags=["pytorch"]
kinks_pt = {
    "relu": (F.relu, 0.0),
    "relu6": (F.relu6, 0.0),
    "relu6 at 6": (F.relu6, 6.0),
    "leaky 0.1": (nn.LeakyReLU(0.1), 0.0),
    "rrelu": (nn.RReLU().eval(), 0.0),
    "threshold": (nn.Threshold(0.0, -2.0), 0.0),
    "prelu 0.25": (nn.PReLU(init=0.25), 0.0),
    "leak, lid": (
        lambda x: F.leaky_relu(x, 0.1).clamp(max=6), 0.0),
    "lid at 4": (nn.Hardtanh(0.0, 4.0), 4.0),
}

# %% tags=["tensorflow"]
quarter = keras.initializers.Constant(0.25)
kinks_tf = {
    "relu": (tf.nn.relu, 0.0),
    "relu6": (tf.nn.relu6, 0.0),
    "relu6 at 6": (tf.nn.relu6, 6.0),
    "leaky 0.1": (keras.layers.LeakyReLU(0.1), 0.0),
    "rrelu": (RReLU(), 0.0),
    "threshold": (lambda x: threshold(x, 0, -2.0), 0.0),
    "prelu 0.25": (keras.layers.PReLU(quarter), 0.0),
    "leak, lid": (
        keras.layers.ReLU(6.0, negative_slope=0.1), 0.0),
    "lid at 4": (keras.layers.ReLU(max_value=4.0), 4.0),
}

# %% kinks-pt tags=["pytorch"]
for name, (activation, kink) in kinks_pt.items():
    x_pt = torch.tensor([kink], requires_grad=True)
    activation(x_pt).backward()
    print(f"{name:10} {x_pt.grad.item():.4f}")

# %% kinks-tf tags=["tensorflow"]
for name, (activation, kink) in kinks_tf.items():
    x_tf = tf.Variable([kink])
    with tf.GradientTape() as tape:
        y_tf = activation(x_tf)
    print(f"{name:10} {tape.gradient(y_tf, x_tf)[0]:.4f}")

# %% [markdown]
# Keras's PReLU answers 0, which is not even between its slopes, 0.25 and 1: it is built from two
# ReLUs, each with gradient 0 at 0. So is its ReLU layer with a leak and a lid. With a lid other than 6
# that layer is a clip, which passes the gradient at its end. Weights seldom make an exact 0, but padding
# does, in its thousands.
#
# The same freedom bites when you write ReLU yourself. At the tie of a maximum PyTorch splits the
# gradient in half, TensorFlow gives all of it to the first; clamping passes all of it in both.

# %% kink-maximum-pt tags=["pytorch"]
for relu in (
    lambda x: torch.maximum(x, torch.tensor(0.0)),
    lambda x: torch.clamp(x, min=0.0),
):
    x_pt = torch.tensor([0.0], requires_grad=True)
    relu(x_pt).backward()
    show(dx=x_pt.grad)

# %% kink-maximum-tf tags=["tensorflow"]
for relu in (
    lambda x: tf.maximum(x, 0.0),
    lambda x: tf.clip_by_value(x, 0.0, 1e9),
):
    x_tf = tf.Variable([0.0])
    with tf.GradientTape() as tape:
        y_tf = relu(x_tf)
    show(dx=tape.gradient(y_tf, x_tf))

# %% [markdown]
# (activation-forms)=
# ## Function, module, argument, layer
#
# <!-- names: activation_forms -->
#
# Both frameworks let you write an activation in several ways. They differ in what you see when you
# print the network, and now and then in what they compute.
#
# In PyTorch a function leaves no trace, and a module is a line. Writing `self.relu()` without its
# input is the classical slip between the two:

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
try:
    net.relu()
except TypeError as error:
    print(error)

# %% four-ways-tf tags=["tensorflow"]
net = keras.Sequential([
    keras.Input((4,)),
    keras.layers.Dense(
        3, activation="leaky_relu", name="hidden"
    ),
    keras.layers.ReLU(name="relu"),
], name="net")
net.summary(line_length=60)
try:
    net.layers[-1]()
except TypeError as error:
    print(error)

# %% [markdown]
# In PyTorch's print the `F.leaky_relu` is missing, though it runs. In Keras the activation
# *argument* is missing in the same way: `hidden` shows no sign of its Leaky ReLU. Prefer the
# module or the layer where a reader of the printout should know; note that the string
# `"leaky_relu"` means the function, with its slope of 0.2, not the layer with 0.3:

# %% string-means-function
h = tf.constant([-1.0])
by_name = keras.layers.Activation("leaky_relu")
show(by_name=by_name(h), layer=keras.layers.LeakyReLU()(h))

# %% [markdown]
# ## Which one to choose
#
# | you have | take | because |
# | --- | --- | --- |
# | no particular reason | ReLU | one comparison, exact zeros, and it is what most baselines use |
# | units that die, or a GAN's discriminator | Leaky ReLU, slope written out | a gradient always gets through |
# | plenty of data, no slope in mind | PReLU, one slope a channel | training chooses; no weight decay on it |
# | little data | RReLU | its noise regularizes; mind the mode |
# | activations in 8 bits | ReLU6 | its range is known beforehand |
# | small activations that should vanish | Threshold with value 0 | zeroes them without shifting the rest |
#
# ## Exercises
#
# Write all six yourself, in either framework or in both, and the gradient of one by hand:
# [exercises on rectifiers](../../exercises/activations/rectifiers.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
