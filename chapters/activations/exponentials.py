# %% [markdown]
# # Exponentials
#
# Far below 0 each of these six functions comes to rest at a constant, and it gets there along
# a curve, not around a corner; for all but one the curve is an exponential. They differ in where
# they rest (at 0 or below), in how fast they get there, and in what they do above 0: five come back
# to a straight line, the exponential itself does not.
#
# **The claim:** two constants decide what thirty layers do. With 1.6733 and 1.0507, which look
# arbitrary, mean 0 and variance 1 survive all thirty, in both frameworks, and are lost with
# PyTorch's default weights, with its initializer named `"selu"`, and with ordinary dropout. You will
# see each happen.

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
x = np.array([-3.0, -1.5, -0.5, 0.5, 1.5, 3.0], dtype=np.float32)

# %% [markdown]
# The same six inputs serve every section. None of them is 0: there the halves of some formulas meet,
# and [that seam has a section of its own](exponentials-at-the-kink).
#
# Each panel below shows one of the six solid, its derivative dashed, and the other five in grey.

# %% all-six tags=["hide-input"]
# alt: Six panels over inputs from minus 5 to 4, one a function, its derivative dashed. ELU rises from minus 1 to 0 and goes on as a line of slope 1. SELU rises from minus 1.76, its line is a little steeper, and its derivative jumps down at 0 from 1.76 to 1.05. CELU with alpha 2 rises from minus 2, its derivative without a jump. Softplus leaves 0 slowly and becomes the line; Squareplus is still well above 0 at minus 5. Exponential leaves the panel at 1.2, and is its own derivative.
grid = np.linspace(-5, 4, 361)
below, e = grid <= 0, np.exp(grid)
root = np.sqrt(grid**2 + 4)
curves = {
    "ELU: down to −1": (np.where(below, e - 1, grid), np.where(below, e, 1)),
    "SELU: down to −1.76": (1.0507 * np.where(below, 1.6733 * (e - 1), grid),
                            1.0507 * np.where(below, 1.6733 * e, 1)),
    "CELU, α = 2: down to −2": (np.where(below, 2 * np.exp(grid / 2) - 2, grid),
                                np.where(below, np.exp(grid / 2), 1)),
    "Softplus: 0.69 at 0": (np.log1p(e), e / (1 + e)),
    "Squareplus: long tails": ((grid + root) / 2, (1 + grid / root) / 2),
    "Exponential: no line": (e, e),
}
sections = ("elu", "selu", "celu", "softplus", "squareplus", "exponential")
siblings = [y for y, _ in curves.values()]
fig, axes = plt.subplots(3, 2, figsize=(5.2, 5.8), sharex=True, sharey=True)
for i, (ax, section, (title, (y, slope))) in enumerate(
        zip(axes.flat, sections, curves.items())):
    plots.value_and_slope(ax, grid, y, slope, color=plots.PALETTE[i],
                          title=title, section=section, siblings=siblings)
axes[0, 0].set_ylim(-2.2, 3.2)
axes[0, 1].annotate("value", (0.6, -1.3), color=plots.PALETTE[1])
axes[0, 1].annotate("derivative", (-4.8, 0.95), color=plots.PALETTE[1])
fig.supxlabel("input")
fig.supylabel("output")
plt.show()

# %% [markdown]
# (elu)=
# ## ELU
#
# <!-- names: elu -->
#
# ELU keeps positive numbers and bends negative ones towards $-\alpha$, so that its outputs lie around
# 0 more evenly than a ReLU's {footcite:p}`clevert2016fast`. Choose it in networks without
# normalization layers, where a mean that is far from 0 is handed on from layer to layer.
#
# $$\operatorname{ELU}(x) = \begin{cases} x & x > 0 \\ \alpha\,(e^x - 1) & x \le 0 \end{cases}$$
#
# where $x$ is each number of the input on its own, and $\alpha$, 1 unless you say otherwise, how far
# down it goes.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = F.elu(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = tf.nn.elu(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# `dx` is the gradient of the summed outputs: 1 above 0, $e^x$ below. Every section has this pair of
# cells; only the call changes.
#
# For another $\alpha$ PyTorch's function and module take an argument, and so do Keras's function and
# layer. `tf.nn.elu` takes none:

# %% elu-alpha-pt tags=["pytorch"]
h_pt = torch.tensor(x)
show(function=F.elu(h_pt, alpha=2.0),
     module=nn.ELU(alpha=2.0)(h_pt))

# %% elu-alpha-tf tags=["tensorflow"]
h_tf = tf.constant(x)
show(function=keras.activations.elu(h_tf, alpha=2.0),
     layer=keras.layers.ELU(alpha=2.0)(h_tf))
try:
    tf.nn.elu(h_tf, alpha=2.0)
except TypeError as error:
    print("TypeError:", error)

# %% [markdown]
# Close to 0 the two part. For a tiny $x$, $e^x - 1$ is a difference of two numbers that are equal in
# float32. TensorFlow's ELU loses $x$ that way, PyTorch's does not; both have `expm1`, which computes the
# difference as a whole:

# %% elu-tiny-pt tags=["pytorch"]
tiny_pt = torch.tensor(-1e-8)
print(f"elu   {F.elu(tiny_pt):.4g}")
print(f"expm1 {torch.expm1(tiny_pt):.4g}")

# %% elu-tiny-tf tags=["tensorflow"]
tiny_tf = tf.constant(-1e-8)
print(f"elu   {tf.nn.elu(tiny_tf):.4g}")
print(f"expm1 {tf.math.expm1(tiny_tf):.4g}")

# %% [markdown]
# A hundred-millionth is nothing to a network, but it is one reason why ports of a model do not agree
# to the last digit.
#
# ### Where the mean goes
#
# A million numbers from the normal distribution, mean 0 and variance 1, go through ReLU and through ELU
# with three values of $\alpha$. ReLU throws the negative half away, so its mean is far above 0. ELU
# pays some of it back, the more the larger $\alpha$ is.

# %%
normal = np.random.default_rng(0).normal(size=1_000_000).astype(np.float32)

# %% tags=["pytorch"]
h_pt = torch.tensor(normal)
means_pt = torch.stack([F.relu(h_pt).mean()] + [
    F.elu(h_pt, alpha).mean() for alpha in (0.5, 1, 1.6733)
])  # (activation,)
show(mean=means_pt, digits=2)

# %% tags=["tensorflow"]
h_tf = tf.constant(normal)
means_tf = tf.stack([tf.reduce_mean(tf.nn.relu(h_tf))] + [
    tf.reduce_mean(keras.activations.elu(h_tf, alpha))
    for alpha in (0.5, 1, 1.6733)
])  # (activation,)
show(mean=means_tf, digits=2)

# %% elu-mean
agree(means_pt, means_tf, rtol=1e-3, atol=1e-4)

# %% [markdown]
# With $\alpha = 1$ the mean is 0.16 instead of ReLU's 0.40. With $\alpha = 1.6733$ it is 0: there
# [SELU](selu)'s first constant comes from.

# %% [markdown]
# (selu)=
# ## SELU
#
# <!-- names: selu -->
#
# SELU is an ELU with two constants that are solved for: normally distributed numbers of mean 0 and
# variance 1 come out with mean 0 and variance 1 {footcite:p}`klambauer2017self`. Choose it for deep
# stacks of fully connected layers, with [the right weights](selu-weights) and
# [the right dropout](selu-dropout), or not at all.
#
# $$\operatorname{SELU}(x) = \lambda \begin{cases} x & x > 0 \\ \alpha\,(e^x - 1) & x \le 0 \end{cases}$$
#
# where $\alpha = 1.6733$ makes the mean 0, and $\lambda = 1.0507$ stretches the variance to 1; in
# full, $\alpha = 1.6732632423543772$ and $\lambda = 1.0507009873554805$.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = F.selu(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = tf.nn.selu(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# ### Thirty layers deep
#
# Thirty layers of 256 units, without biases. The weights have variance 1/256, one over the number of
# inputs, as {footcite:t}`lecun1998efficient` recommend and Klambauer et al. require. Both frameworks
# get the same weights and the same batch, and note mean and variance behind every layer.

# %%
rng = np.random.default_rng(0)
weights = [rng.normal(0, 1 / 16, (256, 256)).astype(np.float32) for _ in range(30)]
batch = rng.normal(0, 1, (256, 256)).astype(np.float32)

# %% tags=["pytorch"]
def moments_pt(activation, scale=1.0, dropout=None):
    h = torch.tensor(batch)  # (batch, units)
    means, variances = [], []
    for w in weights:
        h = activation(h @ torch.tensor(scale * w))
        if dropout:
            h = dropout(h)
        means.append(h.mean())
        variances.append(h.var(correction=0))
    return torch.stack(means), torch.stack(variances)
means_pt, selu_pt = moments_pt(F.selu)
show(mean=means_pt[9::10], variance=selu_pt[9::10], digits=2)

# %% tags=["tensorflow"]
def moments_tf(activation, scale=1.0, dropout=None):
    h = tf.constant(batch)  # (batch, units)
    means, variances = [], []
    for w in weights:
        h = activation(h @ tf.constant(scale * w))
        if dropout:
            h = dropout(h, training=True)
        means.append(tf.reduce_mean(h))
        variances.append(tf.math.reduce_variance(h))
    return tf.stack(means), tf.stack(variances)
means_tf, selu_tf = moments_tf(tf.nn.selu)
show(mean=means_tf[9::10], variance=selu_tf[9::10], digits=2)

# %% thirty-layers
agree([means_pt, selu_pt], [means_tf, selu_tf], rtol=1e-3, atol=1e-4)

# %% [markdown]
# Behind layers 10, 20 and 30: mean 0 and variance 1, to two hundredths. The same weights with other activations:

# %% tags=["pytorch"]
_, relu_pt = moments_pt(F.relu)
_, elu_pt = moments_pt(F.elu)
print(f"relu {relu_pt[-1]:.1e}")
print(f"elu  {elu_pt[-1]:.1e}")
print(f"selu {selu_pt[-1]:.1e}")

# %% tags=["tensorflow"]
_, relu_tf = moments_tf(tf.nn.relu)
_, elu_tf = moments_tf(tf.nn.elu)
print(f"relu {relu_tf[-1]:.1e}")
print(f"elu  {elu_tf[-1]:.1e}")
print(f"selu {selu_tf[-1]:.1e}")

# %% [markdown]
# (selu-weights)=
# ### Other weights lose it
#
# The weights that the two frameworks give a layer by default are not the same. Those of PyTorch's
# `Linear` are too small for SELU. Keras's `Dense` follows {footcite:t}`glorot2010understanding`, whose
# variance, 2 over inputs plus outputs, is the right one as long as a layer is square, with as many
# outputs as inputs. Here is the variance behind thirty layers of 256 units, then behind thirty that
# alternate between 64 and 256:

# %% selu-default-pt tags=["pytorch"]
def default_layers_pt(widths):
    torch.manual_seed(0)
    h = torch.tensor(batch)
    for width in widths:
        h = F.selu(nn.Linear(h.shape[1], width)(h))
    return h.var(correction=0)
square = default_layers_pt([256] * 30)
alternating = default_layers_pt([64, 256] * 15)
show(square=square, alternating=alternating, digits=1)

# %% selu-default-tf tags=["tensorflow"]
def default_layers_tf(widths):
    keras.utils.set_random_seed(0)
    h = tf.constant(batch)
    for width in widths:
        h = tf.nn.selu(keras.layers.Dense(width)(h))
    return tf.math.reduce_variance(h)
square = default_layers_tf([256] * 30)
alternating = default_layers_tf([64, 256] * 15)
show(square=square, alternating=alternating, digits=1)

# %% [markdown]
# So you have to ask for the weights: in Keras by `kernel_initializer="lecun_normal"`. PyTorch has no
# initializer of that name. Its Kaiming initializer, Keras's He, takes the name of the activation, and
# for `"selu"` it does something else. Below is the variance that each gives, times the number of
# inputs, the layer's default first; 1 is right:

# %% selu-gain-pt tags=["pytorch"]
w = nn.Linear(256, 256).weight
print(f"{'default':14} {256 * w.var():.1f}")
for nonlinearity in ("linear", "selu", "relu"):
    w = torch.empty(256, 256)
    nn.init.kaiming_normal_(w, nonlinearity=nonlinearity)
    print(f"{nonlinearity:14} {256 * w.var():.1f}")

# %% selu-gain-tf tags=["tensorflow"]
w = keras.layers.Dense(256).kernel_initializer((256, 256))
print(f"{'default':14} {256 * tf.math.reduce_variance(w):.1f}")
for name in ("lecun_normal", "he_normal"):
    w = keras.initializers.get(name)((256, 256))
    print(f"{name:14} {256 * tf.math.reduce_variance(w):.1f}")

# %% [markdown]
# In PyTorch it is `"linear"` that you want. `"selu"` multiplies the weights by ¾, their variance by
# ¾², and the thirty layers lose the variance. Weights that are too large do worse. SELU never falls
# below −1.7581, but above 0 it is a line, and nothing stops a line:

# %% selu-explodes-pt tags=["pytorch"]
for scale in (0.75, 1.0, 2.0):
    _, variances = moments_pt(F.selu, scale)
    print(f"weights times {scale:<4} {variances[-1]:.0e}")
h = torch.tensor(batch)
for w in 10 * weights:
    h = F.selu(h @ torch.tensor(2 * w))
print("NaN after 300 layers:", bool(torch.isnan(h).any()))

# %% selu-explodes-tf tags=["tensorflow"]
for scale in (0.75, 1.0, 2.0):
    _, variances = moments_tf(tf.nn.selu, scale)
    print(f"weights times {scale:<4} {variances[-1]:.0e}")
h = tf.constant(batch)
for w in 10 * weights:
    h = tf.nn.selu(h @ tf.constant(2 * w))
print("NaN after 300 layers:", np.isnan(h).any())

# %% selu-explodes
agree(moments_pt(F.selu, 2.0)[1], moments_tf(tf.nn.selu, 2.0)[1], rtol=1e-2)

# %% [markdown]
# Klambauer et al. prove that SELU does not explode, for weights near the right ones. With weights twice
# as large it does, and ends in NaN.
#
# (selu-dropout)=
# ### Ordinary dropout loses it
#
# Dropout sets numbers to 0, and scales up the rest: the variance grows. AlphaDropout sets them to the
# −1.7581 at which SELU comes to rest, then shifts and scales all of them, so that mean and variance
# stay. Half of the numbers are dropped here, behind every layer:

# %% selu-dropout-pt tags=["pytorch"]
torch.manual_seed(0)
_, alpha_pt = moments_pt(F.selu, dropout=nn.AlphaDropout(0.5))
_, plain_pt = moments_pt(F.selu, dropout=nn.Dropout(0.5))
near_1 = (alpha_pt > 0.9) & (alpha_pt < 1.1)
print("alpha: 0.9 to 1.1 everywhere:", bool(near_1.all()))
print("plain: above 100 at the end:", bool(plain_pt[-1] > 100))

# %% selu-dropout-tf tags=["tensorflow"]
keras.utils.set_random_seed(0)
alpha, plain = keras.layers.AlphaDropout, keras.layers.Dropout
_, alpha_tf = moments_tf(tf.nn.selu, dropout=alpha(0.5))
_, plain_tf = moments_tf(tf.nn.selu, dropout=plain(0.5))
near_1 = (alpha_tf > 0.9) & (alpha_tf < 1.1)
print("alpha: 0.9 to 1.1 everywhere:", np.all(near_1))
print("plain: above 100 at the end:", bool(plain_tf[-1] > 100))

# %% [markdown]
# The modules of PyTorch drop as they come, until `eval()`; the layers of Keras drop only with
# `training=True`, which `fit` says for you, and here `moments_tf`. The two draw different numbers, and
# tell the same story:

# %% variances tags=["hide-input"]
# alt: Variance behind each of thirty layers, on a logarithmic scale, TensorFlow's curves dashed on PyTorch's. SELU and SELU with AlphaDropout stay at 1. With Dropout the variance climbs to several hundred, with weights times 2 beyond ten billion. With weights times three quarters it sinks to a twentieth; ELU sinks to less than a hundredth, ReLU to a billionth.
fig, ax = plt.subplots(figsize=(5.2, 4.0))
pairs = {
    "weights × 2": (moments_pt(F.selu, 2.0)[1], moments_tf(tf.nn.selu, 2.0)[1]),
    "Dropout": (plain_pt, plain_tf),
    "SELU": (selu_pt, selu_tf),
    "": (alpha_pt, alpha_tf),
    "weights × ¾": (moments_pt(F.selu, 0.75)[1],
                    moments_tf(tf.nn.selu, 0.75)[1]),
    "ELU": (elu_pt, elu_tf),
    "ReLU": (relu_pt, relu_tf),
}
layers = range(1, 31)
for name, (of_pt, of_tf) in pairs.items():
    ax.plot(layers, of_pt, color=plots.PYTORCH, linewidth=2.5)
    ax.plot(layers, of_tf, "--", color=plots.TENSORFLOW)
    ax.annotate(name, (30, float(of_tf[-1])), (6, -6 if name == "ELU" else 0),
                textcoords="offset points", va="center")
ax.annotate("PyTorch, solid", (1, 1e-8), color=plots.PYTORCH)
ax.annotate("TensorFlow, dashed", (1, 1e-9), color=plots.TENSORFLOW)
ax.annotate("without dropout, and with AlphaDropout", (6, 2.5))
ax.set(yscale="log", xlim=(0, 38), xticks=(1, 10, 20, 30), xlabel="layer",
       ylabel="variance", title="SELU stays at 1, if weights and dropout are right")
plt.show()

# %% [markdown]
# (celu)=
# ## CELU
#
# <!-- names: celu -->
#
# CELU divides by $\alpha$ inside the exponential as well, and so has slope 1 at 0 whatever $\alpha$
# is {footcite:p}`barron2017continuously`; ELU's is $\alpha$ from below, 1 from above. Choose it instead of
# ELU when $\alpha$ is not 1.
#
# $$\operatorname{CELU}(x) = \begin{cases} x & x > 0 \\ \alpha\,(e^{x/\alpha} - 1) & x \le 0 \end{cases}$$
#
# where $x$ is each number of the input, and $\alpha$ the depth to which it goes: CELU is ELU on
# another scale, $\alpha \operatorname{ELU}(x/\alpha)$ with ELU's own $\alpha = 1$. `tf.nn` has none,
# Keras does. Here $\alpha = 2$.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = F.celu(x_pt, alpha=2.0)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = keras.activations.celu(x_tf, alpha=2.0)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# A small $\alpha$ makes a ReLU of it, a large one nearly the identity. At $\alpha = 0$ itself, where
# the formula divides by 0, PyTorch refuses, and Keras answers NaN above 0:

# %% celu-zero-pt tags=["pytorch"]
h_pt = torch.tensor([-1.5, 1.5])
show(small=F.celu(h_pt, 0.01), large=F.celu(h_pt, 1000.0))
try:
    show(zero=F.celu(h_pt, 0.0))
except RuntimeError as error:
    print(error)

# %% celu-zero-tf tags=["tensorflow"]
h_tf = tf.constant([-1.5, 1.5])
celu = keras.activations.celu
show(small=celu(h_tf, 0.01), large=celu(h_tf, 1000.0))
try:
    show(zero=celu(h_tf, 0.0))
except RuntimeError as error:
    print(error)

# %% [markdown]
# ### The first step is twice as long
#
# A layer whose weights start at 0 feeds CELU with exact zeros. The gradient there is 1, says the
# formula. Below is the gradient for the two weights of such a layer, through CELU and through ELU,
# which with $\alpha = 1$ are the same function:

# %%
x_first = np.array([[1, -2], [0.5, 3], [2, 1]], dtype=np.float32)
y_first = np.array([1, -1, 0.5], dtype=np.float32)

# %% first-step-pt tags=["pytorch"]
for activation in (F.celu, F.elu):
    w = torch.zeros(2, requires_grad=True)
    y_hat = activation(torch.tensor(x_first) @ w)  # (batch,)
    loss = ((y_hat - torch.tensor(y_first)) ** 2).mean()
    (dw,) = torch.autograd.grad(loss, w)
    print(activation.__name__)
    show(dw=dw)

# %% first-step-tf tags=["tensorflow"]
for activation in (keras.activations.celu, tf.nn.elu):
    w = tf.Variable(tf.zeros(2))
    with tf.GradientTape() as tape:
        y_hat = activation(tf.linalg.matvec(x_first, w))
        loss = tf.reduce_mean((y_hat - y_first) ** 2)
    dw = tape.gradient(loss, w)
    print(activation.__name__)
    show(dw=dw)

# %% [markdown]
# Keras's CELU doubles it. The function has no corner, its code has two: a maximum and a minimum with
# 0, each with slope 1 at the tie. Until Keras mends it, write `alpha * tf.nn.elu(x / alpha)`.

# %% celu-mended
x_pt = torch.tensor([-1.0, 0.0, 1.0], requires_grad=True)
x_tf = tf.Variable([-1.0, 0.0, 1.0])
y_pt = F.celu(x_pt, alpha=2.0)
with tf.GradientTape() as tape:
    y_tf = 2.0 * tf.nn.elu(x_tf / 2.0)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
agree(y_pt, y_tf, gradients=(dx_pt, tape.gradient(y_tf, x_tf)))

# %% [markdown]
# (softplus)=
# ## Softplus
#
# <!-- names: softplus -->
#
# Softplus is ReLU with the corner rounded off, positive everywhere
# {footcite:p}`dugas2001incorporating`. Choose it where an output must be positive, as a standard
# deviation must, or where a loss contains a derivative, as [below](second-derivative).
#
# $$\operatorname{Softplus}(x) = \frac{1}{\beta} \log\left(1 + e^{\beta x}\right)$$
#
# where $x$ is each number of the input, and $\beta$, 1 by default, how sharp the bend is.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = F.softplus(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = tf.nn.softplus(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# Its derivative is [the sigmoid](sigmoids.ipynb#sigmoid). Only PyTorch has a $\beta$; elsewhere you
# write it out:

# %% softplus-beta-pt tags=["pytorch"]
h_pt = torch.tensor(x)
y_pt = F.softplus(h_pt, beta=5.0)
show(beta_5=y_pt)

# %% softplus-beta-tf tags=["tensorflow"]
h_tf = tf.constant(x)
y_tf = tf.nn.softplus(5.0 * h_tf) / 5.0
show(beta_5=y_tf)

# %%
agree(y_pt, y_tf)

# %% [markdown]
# PyTorch has a second argument, `threshold=20`: where $\beta x$ is larger, the result is $x$ itself. In
# float32 that changes nothing, because $e^{-20}$ beside 20 is lost anyway. In float64 it can be seen:

# %% softplus-threshold-pt tags=["pytorch"]
for number in (19.0, 21.0):
    x_pt = torch.tensor(number, dtype=torch.float64)
    print(f"{number} {F.softplus(x_pt) - x_pt:.1e}")

# %% softplus-threshold-tf tags=["tensorflow"]
for number in (19.0, 21.0):
    x_tf = tf.constant(number, dtype=tf.float64)
    print(f"{number} {tf.nn.softplus(x_tf) - x_tf:.1e}")

# %% [markdown]
# Leave the threshold where it is. Lower it, and the curve falls where it should climb:

# %% softplus-low-threshold
show(softplus=F.softplus(torch.tensor([1.99, 2.01]), threshold=2.0))

# %% [markdown]
# (second-derivative)=
# ### It has a second derivative
#
# A loss that contains a gradient (a penalty on it, or a differential equation that the network should
# obey) is trained by differentiating twice. What comes back through ReLU is nothing:

# %% second-derivative-pt tags=["pytorch"]
def second_pt(activation):
    x_pt = torch.tensor(x, requires_grad=True)
    (dx_pt,) = torch.autograd.grad(
        activation(x_pt).sum(), x_pt, create_graph=True
    )
    return torch.autograd.grad(dx_pt.sum(), x_pt)[0]
ddx_pt = second_pt(F.softplus)
show(softplus=ddx_pt, relu=second_pt(F.relu))

# %% second-derivative-tf tags=["tensorflow"]
def second_tf(activation):
    x_tf = tf.Variable(x)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y_tf = activation(x_tf)
        dx_tf = inner.gradient(y_tf, x_tf)
    return outer.gradient(dx_tf, x_tf)
ddx_tf = second_tf(tf.nn.softplus)
show(softplus=ddx_tf, relu=second_tf(tf.nn.relu))

# %% second-derivative
agree(ddx_pt, ddx_tf)

# %% [markdown]
# To differentiate twice PyTorch must be told to keep the graph of the first derivative, TensorFlow
# needs a tape around the tape.

# %% [markdown]
# (squareplus)=
# ## Squareplus
#
# <!-- names: squareplus -->
#
# Squareplus rounds the corner off with a square root, and no exponential
# {footcite:p}`barron2021squareplus`. Its tails are long: far below 0 it is $b/(4|x|)$, where Softplus is
# $e^x$. Choose it where units that are far below 0 should still get a gradient.
#
# $$\operatorname{Squareplus}(x) = \frac{x + \sqrt{x^2 + b}}{2}$$
#
# where $x$ is each number of the input, and $b$, 4 by default, how wide the bend is: at 0 the
# function is $\sqrt b / 2$. PyTorch has none; the formula is one line:

# %% squareplus-bridge-pt tags=["pytorch"]
def squareplus(x, b=4):
    return (x + torch.sqrt(x**2 + b)) / 2

# %% squareplus-bridge-tf tags=["tensorflow"]
squareplus_tf = keras.activations.squareplus

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = squareplus(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = squareplus_tf(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# At −3 the gradient is 0.0840, where Softplus's is 0.0474. With $b = 0$ Squareplus is ReLU, and its
# gradient at 0 is NaN: the root's slope there is infinite, and that of $x^2$ is 0. Take a small $b$
# instead:

# %% squareplus-zero-pt tags=["pytorch"]
for b in (0.0, 1e-6):
    x_pt = torch.tensor([-1.5, 0.0, 1.5], requires_grad=True)
    y_pt = squareplus(x_pt, b)
    (dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
    show(y=y_pt, dx=dx_pt)

# %% squareplus-zero-tf tags=["tensorflow"]
for b in (0.0, 1e-6):
    x_tf = tf.Variable([-1.5, 0.0, 1.5])
    with tf.GradientTape() as tape:
        y_tf = squareplus_tf(x_tf, b)
    show(y=y_tf, dx=tape.gradient(y_tf, x_tf))

# %% [markdown]
# ### The tail that float32 cuts off
#
# At −10,000 the formula says 0.0001. In float32 $x^2 + 4$ is $x^2$ by then, the root is $|x|$, and the
# sum is 0: two numbers cancel. Digits are lost long before: at −1000 three are left. Softplus, in the
# last row, is $e^x$ there, and so small that its zeros are right.

# %% squareplus-far-pt tags=["pytorch"]
far = torch.tensor([-10.0, -100.0, -1000.0, -10000.0])
show(float32=squareplus(far),
     float64=squareplus(far.double()),
     softplus=F.softplus(far), digits=6)

# %% squareplus-far-tf tags=["tensorflow"]
far = tf.constant([-10.0, -100.0, -1000.0, -10000.0])
show(float32=squareplus_tf(far),
     float64=squareplus_tf(tf.cast(far, tf.float64)),
     softplus=tf.nn.softplus(far), digits=6)

# %% [markdown]
# In the exercises you mend it. In float16 the square is a trouble of its own: the largest number there is
# 65,504, and 256² is more:

# %% squareplus-half-pt tags=["pytorch"]
half = torch.tensor([255.0, 256.0], dtype=torch.float16)
show(squareplus=squareplus(half),
     softplus=F.softplus(half), digits=1)

# %% squareplus-half-tf tags=["tensorflow"]
half = tf.constant([255.0, 256.0], dtype=tf.float16)
show(squareplus=squareplus_tf(half),
     softplus=tf.nn.softplus(half), digits=1)

# %% [markdown]
# (exponential)=
# ## Exponential
#
# <!-- names: exponential -->
#
# Exponential turns sums into products: every step of 1 multiplies the output by $e$, and whatever goes
# in, the output is positive. Choose it for the last layer of a network that predicts a rate or a
# count {footcite:p}`nelder1972generalized`, together with [the loss that belongs to it](matching-loss).
#
# $$\operatorname{Exponential}(x) = e^x$$
#
# where $x$ is each number of the input: the logarithm of what comes out.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = torch.exp(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = tf.exp(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# It is its own derivative. Keras knows it as the activation `"exponential"`, not `"exp"`. PyTorch has
# the function, and no module that a `Sequential` would take:

# %% exponential-module-pt tags=["pytorch"]
try:
    nn.Sequential(nn.Linear(2, 1), torch.exp)
except TypeError as error:
    print("TypeError: …", str(error)[-24:])

# %% exponential-module-tf tags=["tensorflow"]
for name in ("exponential", "exp"):
    try:
        layer = keras.layers.Dense(1, activation=name)
        print(layer.activation.__name__)
    except ValueError as error:
        print(error)

# %% [markdown]
# In PyTorch call it in `forward`. PyTorch and Keras convert whole numbers, `tf.exp` refuses them:

# %% exponential-integers-pt tags=["pytorch"]
show(torch=torch.exp(torch.tensor([-1, 2])))

# %% exponential-integers-tf tags=["tensorflow"]
show(keras=keras.activations.exponential(tf.constant([-1, 2])))
try:
    show(tf=tf.exp(tf.constant([-1, 2])))
except tf.errors.InvalidArgumentError:
    print("tf.exp: refused")

# %% [markdown]
# Its logarithm should give the input back. At 89 $e^x$ is infinite in float32, in both frameworks. Towards
# 0 they part: numbers below $10^{-38}$, which float32 holds with fewer digits, PyTorch keeps and TensorFlow
# sets to 0, here on a CPU.

# %% exponential-tiny-pt tags=["pytorch"]
far = torch.tensor([-80.0, -90.0, 88.0, 89.0])
show(log_exp=torch.log(torch.exp(far)), digits=1)

# %% exponential-tiny-tf tags=["tensorflow"]
far = tf.constant([-80.0, -90.0, 88.0, 89.0])
show(log_exp=tf.math.log(tf.exp(far)), digits=1)

# %% [markdown]
# (matching-loss)=
# ### The loss that belongs to it
#
# A single number $w$ should make $e^w$ equal to 2, and starts at 5. The gradient of the squared
# error is $2\,(e^w - 2)\,e^w$: the exponential counts twice. The Poisson loss is the rate minus the
# count times the rate's logarithm, here $e^w - 2w$. Its gradient is $e^w - 2$.

# %% tags=["pytorch"]
def rate_pt(loss_of):
    w, way = torch.tensor([5.0], requires_grad=True), []
    sgd = torch.optim.SGD([w], lr=0.1)
    for _ in range(200):
        loss = loss_of(w).sum()
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        way.append(w.item())
    return torch.tensor([way[0], way[-1]])
squared_pt = rate_pt(lambda w: (torch.exp(w) - 2) ** 2)
poisson_pt = rate_pt(lambda w: torch.exp(w) - 2 * w)
show(squared=squared_pt, poisson=poisson_pt, digits=1)

# %% tags=["tensorflow"]
def rate_tf(loss_of):
    w, way = tf.Variable([5.0]), []
    sgd = keras.optimizers.SGD(learning_rate=0.1)
    for _ in range(200):
        with tf.GradientTape() as tape:
            loss = loss_of(w)
        sgd.apply([tape.gradient(loss, w)], [w])
        way.append(float(w[0]))
    return tf.constant([way[0], way[-1]])
squared_tf = rate_tf(lambda w: (tf.exp(w) - 2) ** 2)
poisson_tf = rate_tf(lambda w: tf.exp(w) - 2 * w)
show(squared=squared_tf, poisson=poisson_tf, digits=1)

# %% squared-error
agree([squared_pt, poisson_pt], [squared_tf, poisson_tf], rtol=1e-3)

# %% [markdown]
# After one step and after 200. The squared error throws $w$ to −4340.9, where $e^w$ is 0 and its
# gradient with it: there it stays. The Poisson loss overshoots too, to −9.6, but its gradient there is
# −2, and it arrives at $\log 2$.

# %% [markdown]
# (exponentials-at-the-kink)=
# ## At the kink
#
# ELU with $\alpha \ne 1$ and SELU have a corner at 0. The others have none, but their code may have
# a seam there, where two formulas meet. The last row is CELU, $\alpha = 1$, once more, written as a maximum
# plus a minimum, as PyTorch's documentation writes it.

# %% tags=["pytorch"]
def max_min_pt(x):
    zero = torch.tensor(0.0)
    below = torch.minimum(zero, torch.exp(x) - 1)
    return torch.maximum(zero, x) + below
kinks_pt = {
    "elu, alpha 2": nn.ELU(alpha=2.0),
    "selu": F.selu,
    "celu": F.celu,
    "max + min": max_min_pt,
}

# %% tags=["tensorflow"]
def max_min_tf(x):
    zero = tf.constant(0.0)
    below = tf.minimum(zero, tf.exp(x) - 1)
    return tf.maximum(zero, x) + below
kinks_tf = {
    "elu, alpha 2": keras.layers.ELU(alpha=2.0),
    "selu": tf.nn.selu,
    "celu": keras.activations.celu,
    "max + min": max_min_tf,
}

# %% kinks-pt tags=["pytorch"]
for name, activation in kinks_pt.items():
    x_pt = torch.tensor([0.0], requires_grad=True)
    y_pt = activation(x_pt)
    (dx_pt,) = torch.autograd.grad(y_pt, x_pt)
    print(f"{name:14} {dx_pt.item():.4f}")

# %% kinks-tf tags=["tensorflow"]
for name, activation in kinks_tf.items():
    x_tf = tf.Variable([0.0])
    with tf.GradientTape() as tape:
        y_tf = activation(x_tf)
    dx_tf = tape.gradient(y_tf, x_tf)
    print(f"{name:14} {dx_tf[0]:.4f}")

# %% [markdown]
# At ELU's corner both take the slope from below. At SELU's, PyTorch does, $\lambda\alpha$, and
# TensorFlow takes the one from above, $\lambda$: both are slopes of the function. The 2 of Keras's CELU is
# not, and neither is the 0 that TensorFlow makes of the last row. At a tie it gives the whole gradient
# to the first argument, here the constant, and a unit that sits at 0 gets none. PyTorch halves it twice,
# and the halves add up to the right 1. Where a function has no corner, let one formula have the 0, as
# `where` does.
#
# ## Which one to choose
#
# | you have | take | because |
# | --- | --- | --- |
# | deep plain layers, no normalization | SELU, LeCun weights, AlphaDropout | mean 0 and variance 1 survive |
# | a ReLU network whose means drift upwards | ELU | pays the mean back below 0 |
# | ELU, with an α of your own | CELU; in Keras, from `elu` | slope 1 at 0 for every α |
# | an output that must be positive | Softplus | grows like a line, has every derivative |
# | a loss that differentiates the network | Softplus or Squareplus | ReLU's second derivative is 0 |
# | a round corner, and exact zeros | [Sparse plus](shrinkers.ipynb#sparse-plus) | ReLU itself beyond ±1 |
# | units that are stuck far below 0 | Squareplus; not in float16 | long tails |
# | a rate or a count to predict | Exponential, with its Poisson loss | steps multiply; infinite at 89 |
#
# ## Exercises
#
# Write all six yourself, with the right gradient at 0 and without NaN at ±10,000:
# [exercises on exponentials](../../exercises/activations/exponentials.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
