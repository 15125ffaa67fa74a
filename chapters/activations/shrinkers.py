# %% [markdown]
# # Shrinkers
#
# A shrinker moves numbers towards 0, and small ones all the way, or nearly. Three of the four
# in this chapter treat both signs alike and differ in what they take from the large numbers:
# nothing, a fixed amount, or an amount that grows to 1. The fourth, sparse plus, rounds the corner of a
# ReLU and keeps its exact zeros.
#
# **The claim:** one of them solves equations. Two matrix products and a soft shrink, repeated 200
# times, find from 32 equations which 4 of 64 unknowns are not 0, with the same digits in both
# frameworks. And its threshold can be learned, in Keras as it stands, in PyTorch once you have written it
# as two ReLUs.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, plots, show

plots.use_style()
x = np.array([-3.0, -1.2, -0.3, 0.4, 0.8, 2.0], dtype=np.float32)

# %% [markdown]
# The same six inputs serve every section. None of them is ½ or 1 in size: there curves jump, bend
# or change their formula, and [these places have a section of their own](shrinkers-at-the-kink).
#
# Each panel below shows one of the four solid, its derivative dashed, and the other three in grey.

# %% all-four tags=["hide-input"]
# alt: Four panels over inputs from minus 2 to 2, one an activation, its derivative dashed. Hard shrink is 0 between minus a half and a half, and jumps there to the diagonal; its derivative is 0 inside and 1 outside. Soft shrink is 0 inside, too, and goes on without a jump, half below the diagonal; it has the same derivative. Tanh shrink is a smooth curve, flat around 0, its derivative a valley that touches 0. Sparse plus is 0 up to minus 1, a parabola to 1, then the diagonal; its derivative climbs in a straight line from 0 to 1.
grid = np.linspace(-2, 2, 161)
outside = abs(grid) > 0.5
ramp = np.clip((grid + 1) / 2, 0, 1)
curves = {
    "Hard shrink: a jump": (grid * outside, outside),
    "Soft shrink: ½ less": (grid - np.clip(grid, -0.5, 0.5), outside),
    "Tanh shrink: smooth": (grid - np.tanh(grid), np.tanh(grid) ** 2),
    "Sparse plus: rounded": (ramp**2 + np.maximum(grid - 1, 0), ramp),
}
sections = ("hard-shrink", "soft-shrink", "tanh-shrink", "sparse-plus")
siblings = [y for y, _ in curves.values()]
fig, axes = plt.subplots(2, 2, figsize=(5.2, 5.0), sharex=True, sharey=True)
for i, (ax, section, (title, (y, slope))) in enumerate(
        zip(axes.flat, sections, curves.items())):
    plots.value_and_slope(ax, grid, y, slope, color=plots.PALETTE[i], title=title, section=section,
                          siblings=siblings)
axes[0, 0].annotate("derivative", (-1.95, 1.1), color=plots.PALETTE[0])
axes[0, 0].annotate("value", (-1.3, -1.75), color=plots.PALETTE[0])
fig.supxlabel("input")
fig.supylabel("output")
plt.show()

# %% [markdown]
# (hard-shrink)=
# ## Hard shrink
#
# <!-- names: hard_shrink -->
#
# Hard shrink sets to 0 what is at most as large as the threshold, of either sign, and leaves everything
# else as it is. Choose it to clear small numbers away without touching the rest, as in the
# denoising below.
#
# $$\operatorname{HardShrink}(x) = \begin{cases} x & |x| > \lambda \\ 0 & |x| \le \lambda \end{cases}$$
#
# where $x$ is each number of the input and $\lambda$ the threshold, ½ by default in both frameworks;
# the output has the input's shape. PyTorch calls the argument `lambd`, Keras `threshold`.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = F.hardshrink(x_pt, lambd=0.5)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = keras.activations.hard_shrink(x_tf, threshold=0.5)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# `dx` is the gradient of the summed outputs: PyTorch wants the sum written, TensorFlow's tape takes
# it by itself. Every section begins with this pair of cells; only the call changes.
#
# NaN is not larger than any threshold. PyTorch lets it through all the same, so that you see it; Keras
# makes it a 0, here and in soft shrink, and what went wrong before is hidden.

# %% hard-shrink-nan-pt tags=["pytorch"]
nan_pt = torch.tensor([float("nan"), 2.0])
show(hard=F.hardshrink(nan_pt), soft=F.softshrink(nan_pt))

# %% hard-shrink-nan-tf tags=["tensorflow"]
nan_tf = tf.constant([float("nan"), 2.0])
show(hard=keras.activations.hard_shrink(nan_tf),
     soft=keras.activations.soft_shrink(nan_tf))

# %% [markdown]
# Whole numbers are refused by both, each with an error of its own:

# %% hard-shrink-integers-pt tags=["pytorch"]
try:
    F.hardshrink(torch.tensor([-1, 2]))
except NotImplementedError as error:
    print("NotImplementedError:", error)

# %% hard-shrink-integers-tf tags=["tensorflow"]
try:
    keras.activations.hard_shrink(tf.constant([-1, 2]))
except TypeError as error:
    print("TypeError:", error)

# %% [markdown]
# ### A signal without its noise
#
# A signal in steps, with noise on top. The rows of `haar` are 128 patterns: one is level, each of the
# others is a block up beside a block down. Along them few of the signal's 128 coefficients are large,
# while the noise is spread evenly over all. Set the small ones to 0, go back by the transposed
# matrix, and much of the noise is gone {footcite:p}`donoho1994ideal`. The threshold recommended there is
# $\sigma\sqrt{2 \ln n}$, for $n$ numbers and noise of standard deviation $\sigma$.

# %%
def haar_matrix(n):
    if n == 1:
        return np.ones((1, 1))
    steps = np.kron(np.eye(n // 2), [1, -1])
    return np.vstack([np.kron(haar_matrix(n // 2), [1, 1]), steps]) / np.sqrt(2)

haar = haar_matrix(128).astype(np.float32)
levels, widths = [0, 4, -2, 0, 2.5, -1, 0], [20, 24, 6, 20, 31, 11, 16]
clean = np.repeat(levels, widths).astype(np.float32)
noise = np.random.default_rng(2).normal(0, 0.5, 128)
noisy = clean + noise.astype(np.float32)
lam = 0.5 * np.sqrt(2 * np.log(128))
print(f"threshold {lam:.4f}")

# %% tags=["pytorch"]
h_pt = torch.tensor(haar)
c_pt = h_pt @ torch.tensor(noisy)  # 128 coefficients
hard_pt = h_pt.T @ F.hardshrink(c_pt, lam)
soft_pt = h_pt.T @ F.softshrink(c_pt, lam)

# %% tags=["tensorflow"]
h_tf = tf.constant(haar)
c_tf = tf.linalg.matvec(h_tf, noisy)  # 128 coefficients
hard_tf, soft_tf = (
    tf.linalg.matvec(h_tf, f(c_tf, lam), transpose_a=True)
    for f in (keras.activations.hard_shrink,
              keras.activations.soft_shrink)
)

# %%
agree([hard_pt, soft_pt], [hard_tf, soft_tf], atol=1e-5)

# %% denoised-pt tags=["pytorch"]
print("kept", int((c_pt.abs() > lam).sum()))
for name, y in {"noisy": torch.tensor(noisy),
                "hard": hard_pt, "soft": soft_pt}.items():
    error = ((y - torch.tensor(clean)) ** 2).mean().sqrt()
    top = y[20:44].mean()
    print(f"{name:6} error {error:.3f}, top {top:.2f}")

# %% denoised-tf tags=["tensorflow"]
print("kept", int(np.sum(tf.abs(c_tf) > lam)))
for name, y in {"noisy": tf.constant(noisy),
                "hard": hard_tf, "soft": soft_tf}.items():
    error = tf.sqrt(tf.reduce_mean((y - clean) ** 2))
    top = tf.reduce_mean(y[20:44])
    print(f"{name:6} error {error:.3f}, top {top:.2f}")

# %% heights tags=["hide-input"]
# alt: Two panels over 128 places: grey dots, the noisy signal, scatter around a grey line in steps, from 0 to 4, minus 2, 0, 2.5, minus 1 and 0. In the first panel the hard-shrunk signal, PyTorch's solid, TensorFlow's dashed on it, runs along the grey line. In the second the soft-shrunk one has steps at the same places, but all of them too small: 3.2 instead of 4.
fig, axes = plt.subplots(2, 1, figsize=(5.2, 5.0), sharex=True, sharey=True)
titles = ("Hard shrink keeps the heights", "Soft shrink makes every step smaller")
for ax, title, y_pt, y_tf in zip(axes, titles, (hard_pt, soft_pt), (hard_tf, soft_tf)):
    ax.plot(noisy, ".", color=plots.SIBLING, markersize=3, alpha=0.7)
    ax.step(range(128), clean, where="mid", color=plots.SIBLING, linewidth=4, alpha=0.4)
    ax.step(range(128), y_pt, where="mid", color=plots.PYTORCH, linewidth=2.5)
    ax.step(range(128), y_tf.numpy(), "--", where="mid", color=plots.TENSORFLOW, linewidth=1.2)
    ax.set(title=title, ylabel="signal")
axes[0].annotate("PyTorch, solid", (80, 4.3), color=plots.PYTORCH)
axes[0].annotate("TensorFlow, dashed", (80, 3.5), color=plots.TENSORFLOW)
axes[1].set_xlabel("place")
plt.show()

# %% [markdown]
# `error` is the root of the mean squared error, `top` the mean height of the highest step, which is 4.
# Hard shrink takes away two fifths of the error. Soft shrink keeps the same 18 coefficients, but takes
# 1.56 from each, and so ends further from the signal than the noisy one was.
# A smaller threshold helps it, and [it can find that one itself](soft-shrink).

# %% [markdown]
# (soft-shrink)=
# ## Soft shrink
#
# <!-- names: soft_shrink -->
#
# Soft shrink moves every number towards 0 by the threshold, and stops at 0. Choose it where absolute
# values are penalized: it is the exact answer to such a penalty, as this section shows.
#
# $$\operatorname{SoftShrink}(x) = \operatorname{sign}(x)\, \max(0, |x| - \lambda)$$
#
# where $x$ is each number of the input and $\lambda$ the threshold, ½ by default in both frameworks.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = F.softshrink(x_pt, lambd=0.5)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = keras.activations.soft_shrink(x_tf, threshold=0.5)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# Between layers PyTorch has a module that holds the threshold. Keras has no layer for any of the four:
# `layers.Activation` takes a name, which means the default threshold, or a function of your own.

# %% soft-shrink-layer-pt tags=["pytorch"]
layer = nn.Softshrink(0.3)
show(y=layer(torch.tensor(x)))

# %% soft-shrink-layer-tf tags=["tensorflow"]
layer = keras.layers.Activation(
    lambda h: keras.activations.soft_shrink(h, 0.3)
)
by_name = keras.layers.Activation("soft_shrink")
show(y=layer(tf.constant(x)), by_name=by_name(tf.constant(x)))

# %% [markdown]
# ### The exact answer to a penalty
#
# Which $z$ makes $\tfrac12 (z - x)^2 + \lambda |z|$ smallest: near $x$, but with a price on its size? Try
# a thousand and one of them for each $x$.

# %% proximal-pt tags=["pytorch"]
z = torch.linspace(-5, 5, 1001)[:, None]  # (candidate, 1)
x_pt = torch.tensor(x)
cost = (z - x_pt) ** 2 / 2 + 0.5 * z.abs()
show(best=z[cost.argmin(0), 0],
     soft=F.softshrink(x_pt, 0.5), digits=2)

# %% proximal-tf tags=["tensorflow"]
z = tf.linspace(-5.0, 5.0, 1001)[:, None]  # (candidate, 1)
x_tf = tf.constant(x)
cost = (z - x_tf) ** 2 / 2 + 0.5 * tf.abs(z)
show(best=tf.gather(z[:, 0], tf.argmin(cost, 0)),
     soft=keras.activations.soft_shrink(x_tf, 0.5), digits=2)

# %% [markdown]
# Soft shrink finds it without a search. That makes it one half of a solver
# {footcite:p}`daubechies2004iterative`: 64 unknowns, of which 4 are not 0, and 32 equations
# $Az = b$. Go a step down the gradient of $\tfrac12 \lVert Az - b \rVert^2$, shrink by $\lambda$ times
# the step, and repeat. For comparison, take the same amount off each number without stopping at 0,
# which is what the gradient of $\lambda|z|$ does.

# %%
A = np.random.default_rng(1).normal(0, 32**-0.5, (32, 64)).astype(np.float32)
truth = np.zeros((64, 1), np.float32)
truth[[4, 13, 34, 35], 0] = 1.5, -1, 2, -1.5
b = A @ truth  # (32, 1)
step = float(1 / np.linalg.norm(A, 2) ** 2)  # short enough never to go up
penalty = 0.05  # λ

# %% tags=["pytorch"]
def recover_pt(shrink):
    a, z, n_left = torch.tensor(A), torch.zeros(64, 1), []
    for _ in range(200):
        z = z - step * a.T @ (a @ z - torch.tensor(b))
        z = shrink(z, step * penalty)
        n_left.append(int((z != 0).sum()))
    return z, n_left

# %% tags=["tensorflow"]
def recover_tf(shrink):
    a, z, n_left = tf.constant(A), tf.zeros((64, 1)), []
    for _ in range(200):
        z = z - step * tf.transpose(a) @ (a @ z - b)
        z = shrink(z, step * penalty)
        n_left.append(int(np.sum(z != 0)))
    return z, n_left

# %% sparse-vector-pt tags=["pytorch"]
z_pt, n_soft_pt = recover_pt(F.softshrink)
_, n_sign_pt = recover_pt(
    lambda z, amount: z - amount * torch.sign(z)
)
places = torch.nonzero(z_pt[:, 0])[:, 0]
values = z_pt[places, 0]
show(place=places, value=values, digits=2)
print("not 0 with the gradient:", n_sign_pt[-1])

# %% sparse-vector-tf tags=["tensorflow"]
z_tf, n_soft_tf = recover_tf(keras.activations.soft_shrink)
_, n_sign_tf = recover_tf(
    lambda z, amount: z - amount * tf.sign(z)
)
places = tf.where(z_tf[:, 0])[:, 0]
values = tf.gather(z_tf[:, 0], places)
show(place=places, value=values, digits=2)
print("not 0 with the gradient:", n_sign_tf[-1])

# %% ista
agree(z_pt, z_tf, atol=1e-4)

# %% exact-zeros tags=["hide-input"]
# alt: How many of the 64 numbers are not 0, over 200 rounds, TensorFlow's curves dashed on PyTorch's. With soft shrink the curve falls from 62 to 4 within some 80 rounds and stays there. With the gradient of the penalty it stays at 64 from the first round.
fig, ax = plt.subplots()
for n_pt, n_tf, name in ((n_soft_pt, n_soft_tf, "soft shrink"), (n_sign_pt, n_sign_tf, "gradient")):
    ax.plot(range(1, 201), n_pt, color=plots.PYTORCH, linewidth=2.5)
    ax.plot(range(1, 201), n_tf, "--", color=plots.TENSORFLOW)
    ax.annotate(name, (200, n_pt[-1]), (0, -14 if n_pt[-1] > 30 else 6),
                textcoords="offset points", ha="right")
ax.annotate("PyTorch, solid", (120, 42), color=plots.PYTORCH)
ax.annotate("TensorFlow, dashed", (120, 35), color=plots.TENSORFLOW)
ax.set(xlabel="round", ylabel="numbers that are not 0", ylim=(0, 68),
       title="Soft shrink makes zeros, a gradient does not")
plt.show()

# %% [markdown]
# Four numbers are left, in the right places, and the other 60 are exactly 0. Each of the four is a little too
# small: that is the price that the penalty has set. The gradient takes off as much, but steps over 0 and
# back; all 64 stay.
#
# ### A threshold that learns
#
# Unrolled into layers, such rounds make a network whose thresholds are weights
# {footcite:p}`gregor2010learning`. PyTorch's functions take none: a threshold is a number there, not
# a tensor with a gradient. Keras's take any tensor.

# %% soft-shrink-learned-pt tags=["pytorch"]
theta = torch.tensor(0.5, requires_grad=True)
for f in (F.softshrink, F.hardshrink):
    try:
        f(torch.tensor(abs(x)), theta)
    except TypeError:
        print(f"{f.__name__:11} refused")

# %% soft-shrink-learned-tf tags=["tensorflow"]
theta = tf.Variable(0.5)
for f in (keras.activations.soft_shrink,
          keras.activations.hard_shrink):
    with tf.GradientTape() as tape:
        y_tf = f(tf.constant(abs(x)), theta)
    dtheta = tape.gradient(y_tf, theta)
    print(f"{f.__name__:11}", dtheta)

# %% [markdown]
# Soft shrink's gradient is −4: of six positive inputs four pass, and each loses what the threshold
# gains. Hard shrink has none: its threshold decides which numbers pass, and moves none of them.
#
# In PyTorch two ReLUs make a soft shrink whose threshold has a gradient. Given the clean
# [signal](hard-shrink) to learn from, soft shrink finds a better threshold than 1.56:

# %% tags=["pytorch"]
def soft_shrink(x, theta):
    return F.relu(x - theta) - F.relu(-x - theta)

theta_pt = torch.tensor(lam, dtype=torch.float32)
theta_pt.requires_grad_()
sgd = torch.optim.SGD([theta_pt], lr=0.5)
for _ in range(100):
    y = h_pt.T @ soft_shrink(c_pt, theta_pt)
    loss = ((y - torch.tensor(clean)) ** 2).mean()
    sgd.zero_grad()
    loss.backward()
    sgd.step()
show(theta=theta_pt, error=loss.sqrt(), digits=2)

# %% tags=["tensorflow"]
soft_shrink_tf = keras.activations.soft_shrink
theta_tf = tf.Variable(lam, dtype=tf.float32)
sgd = keras.optimizers.SGD(learning_rate=0.5)
for _ in range(100):
    with tf.GradientTape() as tape:
        y = tf.linalg.matvec(
            h_tf, soft_shrink_tf(c_tf, theta_tf),
            transpose_a=True)
        loss = tf.reduce_mean((y - clean) ** 2)
    gradient = tape.gradient(loss, theta_tf)
    sgd.apply([gradient], [theta_tf])
show(theta=theta_tf, error=tf.sqrt(loss), digits=2)

# %%
agree(theta_pt, theta_tf, atol=1e-3)

# %% [markdown]
# With a threshold of 0.45 the error is 0.33, about half of what it was.
#
# What learns may go below 0. PyTorch's function refuses a negative threshold. Keras's answers, and
# moves numbers away from 0; its −0.2 even changes sides. Two ReLUs do not shrink either, but keep
# the signs.

# %% soft-shrink-negative-pt tags=["pytorch"]
small = torch.tensor([-2.0, -0.2, 0.2, 2.0])
try:
    show(y=F.softshrink(small, -0.5))
except RuntimeError:
    print("refused")
show(two_relus=soft_shrink(small, -0.5))

# %% soft-shrink-negative-tf tags=["tensorflow"]
small = tf.constant([-2.0, -0.2, 0.2, 2.0])
show(y=keras.activations.soft_shrink(small, -0.5))
two_relus = tf.nn.relu(small + 0.5) - tf.nn.relu(-small + 0.5)
show(two_relus=two_relus)

# %% [markdown]
# Keep a learned threshold positive: learn its logarithm.

# %% [markdown]
# (shrinkers-and-threshold)=
# ## Made of halves
#
# [Threshold](rectifiers.ipynb#threshold) with the replacement 0 is one half of a hard shrink: it
# keeps what is above the bar, and nothing on the negative side. Two of them make the whole, as two
# shifted ReLUs make a soft shrink; and a soft shrink is also what remains of $x$ when its clip is taken
# away.

# %% tags=["pytorch"]
x_pt = torch.tensor(x)
half = F.threshold(x_pt, 0.5, 0.0)
whole_pt = half - F.threshold(-x_pt, 0.5, 0.0)
rest_pt = x_pt - torch.clamp(x_pt, -0.5, 0.5)
show(one_half=half, hard=whole_pt, soft=rest_pt)

# %% tags=["tensorflow"]
threshold = keras.activations.threshold
half = threshold(x_tf, 0.5, 0.0)
whole_tf = half - threshold(-x_tf, 0.5, 0.0)
rest_tf = x_tf - tf.clip_by_value(x_tf, -0.5, 0.5)
show(one_half=half, hard=whole_tf, soft=rest_tf)

# %% halves
agree([whole_pt, rest_pt, F.hardshrink(x_pt), F.softshrink(x_pt)],
      [keras.activations.hard_shrink(x_tf), keras.activations.soft_shrink(x_tf),
       whole_tf, rest_tf])

# %% [markdown]
# (tanh-shrink)=
# ## Tanh shrink
#
# <!-- names: tanh_shrink -->
#
# Tanh shrink takes the number's tanh away from it: small numbers lose nearly all, large ones 1. It has
# neither a threshold nor a corner. Choose it for a shrinkage that has a derivative everywhere, and
# where the inputs are not small.
#
# $$\operatorname{TanhShrink}(x) = x - \tanh(x)$$
#
# where $x$ is each number of the input; near 0 this is about $x^3/3$.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = F.tanhshrink(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = keras.activations.tanh_shrink(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# A third of a cube is little: two of them in a row leave nothing of −0.3 and 0.4, to four
# decimals.

# %% tanh-shrink-twice-pt tags=["pytorch"]
show(twice=F.tanhshrink(F.tanhshrink(torch.tensor(x))))

# %% tanh-shrink-twice-tf tags=["tensorflow"]
tanh_shrink = keras.activations.tanh_shrink
show(twice=tanh_shrink(tanh_shrink(tf.constant(x))))

# %% [markdown]
# Unlike hard shrink it takes whole numbers in PyTorch, which answers in float32; Keras refuses.

# %% tanh-shrink-integers-pt tags=["pytorch"]
y_pt = F.tanhshrink(torch.tensor([-1, 2]))
show(y=y_pt)
print(y_pt.dtype)

# %% tanh-shrink-integers-tf tags=["tensorflow"]
try:
    show(y=keras.activations.tanh_shrink(tf.constant([-1, 2])))
except tf.errors.InvalidArgumentError:
    print("refused")

# %% [markdown]
# ### Digits that cancel
#
# The smaller $x$ is, the more digits it shares with its tanh, and what is shared is lost in the
# subtraction. Each line below is an input, the right value, which float64 gives, and whether float32 is within
# 1 % of it.

# %% tanh-shrink-digits-pt tags=["pytorch"]
small = torch.tensor([0.1, 0.01, 0.001, 0.0001])
tanh_shrink = F.tanhshrink
single = tanh_shrink(small)
double = tanh_shrink(small.double())
for size, y, right in zip(small, single, double):
    close = bool(abs(y / right - 1) < 0.01)
    print(f"{size:<6.4g} {right:.0e} {close}")

# %% tanh-shrink-digits-tf tags=["tensorflow"]
small = tf.constant([0.1, 0.01, 0.001, 0.0001])
tanh_shrink = keras.activations.tanh_shrink
single = tanh_shrink(small)
double = tanh_shrink(tf.cast(small, "float64"))
for size, y, right in zip(small, single, double):
    close = bool(abs(float(y) / right - 1) < 0.01)
    print(f"{size:<6.4g} {right:.0e} {close}")

# %% [markdown]
# The gradient goes the same way. It is $\tanh(x)^2$, but comes out of $1 - (1 - \tanh(x)^2)$, and
# at 0.0001 nothing is left of it.

# %% tanh-shrink-flat-pt tags=["pytorch"]
for dtype in (torch.float32, torch.float64):
    x_pt = torch.tensor([0.01, 0.0001], dtype=dtype)
    x_pt.requires_grad_()
    y_pt = F.tanhshrink(x_pt)
    (dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
    print(dtype, *[f"{g:.0e}" for g in dx_pt])

# %% tanh-shrink-flat-tf tags=["tensorflow"]
for dtype in (tf.float32, tf.float64):
    x_tf = tf.constant([0.01, 0.0001], dtype)
    with tf.GradientTape() as tape:
        tape.watch(x_tf)
        y_tf = keras.activations.tanh_shrink(x_tf)
    dx_tf = tape.gradient(y_tf, x_tf)
    print(dtype.name, *[f"{g:.0e}" for g in dx_tf])

# %% [markdown]
# If small inputs matter, subtract in float64 and go back to float32 after; it is one of the exercises.

# %% [markdown]
# (sparse-plus)=
# ## Sparse plus
#
# <!-- names: sparse_plus -->
#
# Sparse plus is a ReLU whose corner is rounded by a parabola: exactly 0 up to −1, exactly $x$ from 1
# on. Choose it where you want both, exact zeros and a slope without a jump
# {footcite:p}`blondel2020learning`; softplus has the second alone.
#
# $$\operatorname{SparsePlus}(x) = \begin{cases} 0 & x \le -1 \\ \tfrac14 (x + 1)^2 & |x| < 1 \\ x & x \ge 1 \end{cases}$$
#
# where $x$ is each number of the input. PyTorch has none. A parabola of the clipped input, and a ReLU
# for what is above 1, make one:

# %% sparse-plus-bridge-pt tags=["pytorch"]
def sparse_plus(x):
    ramp = (torch.clamp(x, -1.0, 1.0) + 1) / 2
    return ramp**2 + F.relu(x - 1)

# %% sparse-plus-bridge-tf tags=["tensorflow"]
sparse_plus_tf = keras.activations.sparse_plus

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = sparse_plus(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = sparse_plus_tf(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# The gradient climbs in a straight line from 0 to 1, and has a name of its own: it is the
# [sparse sigmoid](sigmoids.ipynb#sparse-sigmoid), as softplus has the sigmoid for its gradient.

# %% sparse-plus-integral
agree(dx_pt, keras.activations.sparse_sigmoid(x_tf))

# %% [markdown]
# Turned round: sparse plus is the sparse sigmoid, added up from −2, in steps of 0.001, to −0.3, 0.4, 0.8 and 2.

# %% tags=["pytorch"]
t = torch.linspace(-1.9995, 1.9995, 4000)
area = torch.cumsum((F.hardtanh(t) + 1) / 2, 0) / 1000
show(area=area[[1699, 2399, 2799, 3999]],
     y=y_pt[2:], digits=2)

# %% tags=["tensorflow"]
t = tf.linspace(-1.9995, 1.9995, 4000)
area = tf.cumsum(keras.activations.sparse_sigmoid(t)) / 1000
show(area=tf.gather(area, [1699, 2399, 2799, 3999]),
     y=y_tf[2:], digits=2)

# %% [markdown]
# At infinity the two part. Keras computes the parabola there, too, before it drops it, and the
# gradient of what it drops is NaN.

# %% sparse-plus-infinity-pt tags=["pytorch"]
x_pt = torch.tensor([float("inf")], requires_grad=True)
y_pt = sparse_plus(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt, x_pt)
show(y=y_pt, dx=dx_pt)

# %% sparse-plus-infinity-tf tags=["tensorflow"]
x_tf = tf.Variable([float("inf")])
with tf.GradientTape() as tape:
    y_tf = sparse_plus_tf(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(y=y_tf, dx=dx_tf)

# %% [markdown]
# ### A loss that lets go
#
# Two clouds of 100 points, and a line between them. A point's margin is its score for its own side: positive
# where the line is right about it. Softplus of the negative margin is the loss of logistic regression.
# With sparse plus in its place a point whose margin is 1 or more is done, and pulls no longer. How
# many still pull after 200 steps?

# %%
label = np.repeat([-1, 1], 100).astype(np.float32)
noise = np.random.default_rng(0).normal(size=(200, 2)).astype(np.float32)
points = noise + 1.2 * label[:, None]  # (point, 2)
points = points * label[:, None]  # so that points @ w are the margins

# %% tags=["pytorch"]
def train_pt(loss):
    w = torch.zeros(2, requires_grad=True)
    sgd = torch.optim.SGD([w], lr=1.0)
    for _ in range(200):
        margin = torch.tensor(points) @ w
        sgd.zero_grad()
        loss(-margin).mean().backward()
        sgd.step()
    return (torch.tensor(points) @ w).detach()

# %% tags=["tensorflow"]
def train_tf(loss):
    w = tf.Variable([0.0, 0.0])
    sgd = keras.optimizers.SGD(learning_rate=1.0)
    for _ in range(200):
        with tf.GradientTape() as tape:
            margin = tf.linalg.matvec(points, w)
            y = tf.reduce_mean(loss(-margin))
        sgd.apply([tape.gradient(y, w)], [w])
    return tf.linalg.matvec(points, w)

# %% let-go-pt tags=["pytorch"]
for loss in (F.softplus, sparse_plus):
    margin = train_pt(loss).requires_grad_()
    y = loss(-margin).sum()
    (pull,) = torch.autograd.grad(y, margin)
    n, right = (pull != 0).sum(), (margin > 0).sum()
    print(f"{loss.__name__:11} {n:3} pull, {right} are right")

# %% let-go-tf tags=["tensorflow"]
for loss in (tf.nn.softplus, sparse_plus_tf):
    margin = tf.Variable(train_tf(loss))
    with tf.GradientTape() as tape:
        y = loss(-margin)
    pull = tape.gradient(y, margin)
    n, right = np.sum(pull != 0), np.sum(margin > 0)
    print(f"{loss.__name__:11} {n:3} pull, {right} are right")

# %% [markdown]
# Both lines are right about 188 points. With softplus all 200 still pull, with sparse plus 56. Four
# times this loss is known as the modified Huber loss {footcite:p}`zhang2004solving`.

# %% [markdown]
# (shrinkers-at-the-kink)=
# ## At the kink
#
# Hard shrink jumps at $\pm\lambda$, soft shrink bends there: both are 0 at the threshold itself, and
# neither has a derivative. `relus`, `clip` and `hardtanh` are soft shrink in other words. `plus` is sparse
# plus at half its size, so that its pieces meet at ±½, too.

# %% tags=["pytorch"]
kinks_pt = {
    "hard": F.hardshrink,
    "soft": F.softshrink,
    "relus": lambda x: soft_shrink(x, 0.5),
    "clip": lambda x: x - torch.clamp(x, -0.5, 0.5),
    "hardtanh": lambda x: x - F.hardtanh(2 * x) / 2,
    "plus": lambda x: sparse_plus(2 * x) / 2,
}

# %% tags=["tensorflow"]
relu, hard_tanh = tf.nn.relu, keras.activations.hard_tanh
kinks_tf = {
    "hard": keras.activations.hard_shrink,
    "soft": keras.activations.soft_shrink,
    "relus": lambda x: relu(x - 0.5) - relu(-x - 0.5),
    "clip": lambda x: x - tf.clip_by_value(x, -0.5, 0.5),
    "hardtanh": lambda x: x - hard_tanh(2 * x) / 2,
    "plus": lambda x: sparse_plus_tf(2 * x) / 2,
}

# %% kinks-pt tags=["pytorch"]
at = torch.tensor([-0.5, 0.0, 0.5])
show(hard=F.hardshrink(at), soft=F.softshrink(at), digits=1)
print("gradients")
for name, f in kinks_pt.items():
    x_pt = at.clone().requires_grad_()
    (dx_pt,) = torch.autograd.grad(f(x_pt).sum(), x_pt)
    show(**{f"{name:8}": dx_pt}, digits=1)

# %% kinks-tf tags=["tensorflow"]
at = tf.constant([-0.5, 0.0, 0.5])
show(hard=keras.activations.hard_shrink(at),
     soft=keras.activations.soft_shrink(at), digits=1)
print("gradients")
for name, f in kinks_tf.items():
    x_tf = tf.Variable(at)
    with tf.GradientTape() as tape:
        y_tf = f(x_tf)
    dx_tf = tape.gradient(y_tf, x_tf)
    show(**{f"{name:8}": dx_tf}, digits=1)

# %% [markdown]
# Here the two frameworks agree, and with them all ways to write soft shrink but one: $x$ minus its
# Hardtanh has the gradient 1 at the threshold in PyTorch, whose
# [Hardtanh says 0 at its ends](sigmoids-at-the-kink). Sparse plus needs no convention: where its
# pieces meet, both have the same slope, 0 at one end of the parabola and 1 at the other.
#
# ## Which one to choose
#
# | you have | take | because |
# | --- | --- | --- |
# | coefficients to clear of noise | Hard shrink | what stays keeps its size |
# | a penalty on absolute values, zeros that must be exact | Soft shrink | its exact answer, each step |
# | a threshold to learn | Soft shrink, as two ReLUs in PyTorch | the gradient reaches the threshold |
# | a shrinkage without a corner | Tanh shrink | smooth; from 0.001 down float32 loses it |
# | exact zeros and a smooth slope | Sparse plus | a parabola between 0 and $x$ |
# | only the numbers above a bar to keep | [Threshold](rectifiers.ipynb#threshold) | half of a hard shrink |
#
# ## Exercises
#
# Write all four yourself, and a tanh shrink that keeps its digits, in either framework or in both:
# [exercises on shrinkers](../../exercises/activations/shrinkers.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
