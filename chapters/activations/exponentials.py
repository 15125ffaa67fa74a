# %% [markdown]
# # Exponentials
#
# Far below 0 each of these six functions levels off at a constant, which is 0 or negative. It gets
# there along a smooth curve, an exponential for all but Squareplus. Far above 0 five of the six are
# straight lines, or nearly so. The sixth, the exponential itself, grows ever faster.
#
# **The claim:** two constants decide what thirty layers do. With 1.6733 and 1.0507, which look
# arbitrary, mean 0 and variance 1 survive all thirty layers, in both frameworks. They are lost with
# PyTorch's default weights, with its initializer for `"selu"`, and with ordinary dropout. You will
# see each happen.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, plots, show, show_error, value_and_grad

plots.use_style()
x = np.array([-3.0, -1.5, -0.5, 0.5, 1.5, 3.0], dtype=np.float32)

# %% [markdown]
# Every section uses these six inputs. None of them is 0, where the two formulas of ELU, SELU and
# CELU meet: [the gradient at 0 has a section of its own](exponentials-at-the-kink).
#
# Each panel shows one function solid, its derivative dashed, and the other five functions in grey.

# %% all-six tags=["hide-input"]
# alt: Six panels over inputs from minus 5 to 4, one a function, its derivative dashed. ELU rises
# from minus 1 to 0 and goes on as a line of slope 1. SELU rises from minus 1.76, its line is a
# little steeper, and its derivative jumps down at 0 from 1.76 to 1.05. CELU with alpha 2 rises from
# minus 2, its derivative without a jump. Softplus leaves 0 slowly and becomes the line; Squareplus
# is still well above 0 at minus 5. Exponential leaves the panel at 1.2, and is its own derivative.
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
# <!-- head: elu -->
#
# ELU keeps positive numbers, and bends negative ones along a curve that levels off at $-\alpha$.
# Its outputs lie more evenly around 0 than a ReLU's {footcite:p}`clevert2016fast`. Choose it in
# networks without normalization layers, where each layer hands a mean that is far from 0 on to the
# next.
#
# $$\operatorname{ELU}(x) = \begin{cases} x & x > 0 \\ \alpha\,(e^x - 1) & x \le 0 \end{cases}$$
#
# Here $x$ is one number of the input, and $\alpha$ the depth at which the curve levels off, 1 by
# default.

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
# `dx` is the gradient of the summed outputs: 1 above 0, and $e^x$ below.
#
# The following sections compute output and gradient with `value_and_grad`, a helper of this book
# that does the same as the cells above.
#
# ### tf.nn.elu takes no α
#
# PyTorch's function and module take another $\alpha$ as an argument, and so do Keras's function and
# layer. `tf.nn.elu` takes none:

# %% elu-alpha-pt tags=["pytorch"]
x_pt = torch.tensor(x)
y_pt = F.elu(x_pt, alpha=2.0)
module_pt = nn.ELU(alpha=2.0)(x_pt)
show(function=y_pt, module=module_pt)

# %% elu-alpha-tf tags=["tensorflow"]
x_tf = tf.constant(x)
y_tf = keras.activations.elu(x_tf, alpha=2.0)
layer_tf = keras.layers.ELU(alpha=2.0)(x_tf)
show(function=y_tf, layer=layer_tf)
with show_error():
    tf.nn.elu(x_tf, alpha=2.0)

# %%
agree([y_pt, module_pt], [y_tf, layer_tf])

# %% [markdown]
# ### Close to 0 TensorFlow's ELU returns 0, and PyTorch's keeps its digits
#
# For a tiny $x$, float32 rounds $e^x$ to 1, so that $e^x - 1$ is 0. TensorFlow's ELU returns this 0,
# and PyTorch's returns $x$. Both frameworks have `expm1`, which computes the difference in one step
# and loses nothing:

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
# ### ReLU's mean is 0.40, ELU's is 0.16, and 0 with α = 1.6733
#
# The next cells take a million numbers from the normal distribution, with mean 0 and variance 1,
# through ReLU and through ELU with three values of $\alpha$, and print the mean of each result.
# ReLU turns the negative half into zeros, so its mean is far above 0. ELU keeps the negative half
# below 0, and a larger $\alpha$ lowers the mean further.

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
# With $\alpha = 1$ the mean is 0.16 instead of ReLU's 0.40. With $\alpha = 1.6733$ it is 0: this is
# [SELU](selu)'s first constant.

# %% [markdown]
# (selu)=
# ## SELU
#
# <!-- head: selu -->
#
# SELU is an ELU with two fixed constants. They are chosen so that normally distributed numbers of
# mean 0 and variance 1 keep this mean and this variance {footcite:p}`klambauer2017self`. Choose it
# for deep stacks of fully connected layers, and only with [the right weights](selu-weights) and
# [the right dropout](selu-dropout).
#
# $$\operatorname{SELU}(x) = \lambda \begin{cases} x & x > 0 \\ \alpha\,(e^x - 1) & x \le 0 \end{cases}$$
#
# Here $x$ is one number of the input. $\alpha = 1.6733$ makes the mean 0, and $\lambda = 1.0507$
# scales the variance to 1. In full, $\alpha = 1.6732632423543772$ and
# $\lambda = 1.0507009873554805$.

# %%
# pair: F.selu(x) | tf.nn.selu(x)

# %% [markdown]
# ### Thirty layers keep mean 0 and variance 1
#
# The network below has thirty layers of 256 units, without biases. The weights have variance 1/256,
# one over the number of inputs, as {footcite:t}`lecun1998efficient` recommend and Klambauer et al.
# require. Both frameworks get the same weights and the same batch, and record mean and variance
# after every layer.

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
# After layers 10, 20 and 30 the mean is 0 and the variance 1, both to within two hundredths. With
# the same weights and another activation the variance after layer 30 is this:

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
# ### PyTorch's default weights lose the variance, Keras's keep it in square layers
#
# The two frameworks initialize a layer differently. The default weights of PyTorch's `Linear` are
# too small for SELU. Keras's `Dense` follows {footcite:t}`glorot2010understanding`, where the
# variance of the weights is 2 over the number of inputs plus outputs. That is right for SELU as long
# as a layer has as many outputs as inputs.
#
# The cells print the variance after thirty layers of 256 units, and after thirty layers that
# alternate between 64 and 256 units:

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
# ### LeCun's weights are "lecun_normal" in Keras, and "linear" in PyTorch
#
# So name the initializer yourself. In Keras it is `kernel_initializer="lecun_normal"`. PyTorch has no
# initializer of that name. Its `kaiming_normal_`, which Keras calls He, takes the name of the
# activation, but for `"selu"` it gives other weights than SELU needs. The cells print the variance
# of the weights times the number of inputs, for the layer's default first. SELU needs 1:

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
# In PyTorch pass `nonlinearity="linear"`. With `"selu"` the weights are ¾ as large, and their variance
# is ¾² of what SELU needs.
#
# ### Weights ¾ as large lose the variance, weights twice as large end in NaN
#
# The next cells scale the right weights by ¾, 1 and 2, and print the variance after thirty layers.
# Then they run three hundred layers with weights twice as large. SELU never falls below −1.7581, but
# above 0 it is a line, and nothing stops a line:

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
# Klambauer et al. prove that SELU does not explode, for weights near the right ones. With weights
# twice as large it does, and ends in NaN.
#
# (selu-dropout)=
# ### AlphaDropout keeps the variance, ordinary dropout does not
#
# Dropout sets numbers to 0 and scales up the rest, so the variance grows. AlphaDropout sets numbers
# to −1.7581, where SELU levels off. It then shifts and scales all numbers so that mean and variance
# stay the same. Here half of the numbers are dropped after every layer:

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
# A new PyTorch module is in training mode, and drops until you call `eval()`. A Keras layer drops only
# with `training=True`, which `fit` passes for you, and `moments_tf` passes here. The two frameworks
# draw different numbers, and the result is the same:

# %% variances tags=["hide-input"]
# alt: Variance after each of thirty layers, on a logarithmic scale, PyTorch's as lines, TensorFlow's
# as circles on them. SELU and SELU with AlphaDropout stay at 1. With Dropout the variance climbs to
# several hundred, with weights times 2 beyond ten billion. With weights times three quarters it sinks
# to a twentieth; ELU sinks to less than a hundredth, ReLU to a billionth.
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
layers = np.arange(1, 31)
for name, (of_pt, of_tf) in pairs.items():
    plots.coinciding(ax, layers, of_pt, of_tf)
    ax.annotate(name, (30, float(of_tf[-1])), (6, -6 if name == "ELU" else 0),
                textcoords="offset points", va="center")
plots.say_which(ax, (1, 1e-8))
ax.annotate("without dropout, and with AlphaDropout", (12, 3))
ax.set(yscale="log", xlim=(0, 38), xticks=(1, 10, 20, 30), xlabel="layer",
       ylabel="variance", title="SELU stays at 1, if weights and dropout are right")
plt.show()

# %% [markdown]
# (celu)=
# ## CELU
#
# <!-- head: celu -->
#
# CELU keeps positive numbers and levels off at $-\alpha$ like ELU, but its slope at 0 is 1 for every
# $\alpha$ {footcite:p}`barron2017continuously`. ELU's slope at 0 is $\alpha$ from below and 1 from
# above. Choose CELU instead of ELU when $\alpha$ is not 1.
#
# $$\operatorname{CELU}(x) = \begin{cases} x & x > 0 \\ \alpha\,(e^{x/\alpha} - 1) & x \le 0 \end{cases}$$
#
# Here $x$ is one number of the input, and $\alpha$ the depth at which the curve levels off. CELU is
# ELU on another scale: $\alpha \operatorname{ELU}(x/\alpha)$, where this ELU has its default
# $\alpha = 1$. Keras has it; `tf.nn` does not. In the cells $\alpha$ is 2.

# %% tags=["pytorch"]
x_pt = torch.tensor(x)
y_pt, dx_pt = value_and_grad(F.celu, x_pt, alpha=2.0)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.constant(x)
y_tf, dx_tf = value_and_grad(
    keras.activations.celu, x_tf, alpha=2.0)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# ### At α = 0 PyTorch raises, and Keras returns NaN
#
# With a small $\alpha$ CELU is nearly a ReLU, and with a large one nearly the identity. At
# $\alpha = 0$ the formula divides by 0. PyTorch raises an error, and Keras returns NaN above 0:

# %% celu-zero-pt tags=["pytorch"]
x_pt = torch.tensor([-1.5, 1.5])
show(small=F.celu(x_pt, 0.01), large=F.celu(x_pt, 1000.0))
with show_error():
    F.celu(x_pt, 0.0)

# %% celu-zero-tf tags=["tensorflow"]
x_tf, celu = tf.constant([-1.5, 1.5]), keras.activations.celu
show(small=celu(x_tf, 0.01), large=celu(x_tf, 1000.0),
     zero=celu(x_tf, 0.0))

# %% [markdown]
# ### At 0 Keras's gradient is 2, so the first step is twice as long
#
# A layer whose weights start at 0 hands exact zeros to CELU. By the formula the gradient there is 1.
# The cells print the gradient of a loss for the two weights of such a layer, through CELU and
# through ELU. With $\alpha = 1$ the two are the same function:

# %%
x_first = np.array([[1, -2], [0.5, 3], [2, 1]], dtype=np.float32)
y_first = np.array([1, -1, 0.5], dtype=np.float32)

# %% first-step-pt tags=["pytorch"]
def loss_pt(w, activation):
    y_hat = activation(torch.tensor(x_first) @ w)  # (batch,)
    return ((y_hat - torch.tensor(y_first)) ** 2).mean()


w = torch.zeros(2)
_, celu_dw = value_and_grad(loss_pt, w, activation=F.celu)
_, elu_dw = value_and_grad(loss_pt, w, activation=F.elu)
show(celu=celu_dw, elu=elu_dw)

# %% first-step-tf tags=["tensorflow"]
def loss_tf(w, activation):
    y_hat = activation(tf.linalg.matvec(x_first, w))  # (batch,)
    return tf.reduce_mean((y_hat - y_first) ** 2)


w, celu = tf.zeros(2), keras.activations.celu
_, celu_dw = value_and_grad(loss_tf, w, activation=celu)
_, elu_dw = value_and_grad(loss_tf, w, activation=tf.nn.elu)
show(celu=celu_dw, elu=elu_dw)

# %% [markdown]
# Keras's CELU doubles the gradient. The function has no corner at 0, but Keras computes it as the sum
# of a maximum with 0 and a minimum with 0. Each of the two has slope 1 at the tie, and the slopes add
# up to 2. Until Keras mends it, write `alpha * tf.nn.elu(x / alpha)`:

# %% tags=["pytorch"]
x_pt = torch.tensor([-1.0, 0.0, 1.0])
y_pt, dx_pt = value_and_grad(F.celu, x_pt, alpha=2.0)
show(y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.constant([-1.0, 0.0, 1.0])
y_tf, dx_tf = value_and_grad(
    lambda x: 2.0 * tf.nn.elu(x / 2.0), x_tf)
show(y=y_tf, dx=dx_tf)

# %% celu-mended
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# (softplus)=
# ## Softplus
#
# <!-- head: softplus -->
#
# Softplus is a ReLU with its corner rounded off: near 0 far below 0, near $x$ far above, and positive
# everywhere {footcite:p}`dugas2001incorporating`. Choose it where an output must be positive, as a
# standard deviation must. Choose it too where a loss contains a derivative, as
# [below](second-derivative).
#
# $$\operatorname{Softplus}(x) = \frac{1}{\beta} \log\left(1 + e^{\beta x}\right)$$
#
# Here $x$ is one number of the input. $\beta$ says how sharp the bend is, and is 1 by default.

# %%
# pair: F.softplus(x) | tf.nn.softplus(x)

# %% [markdown]
# Its derivative is [the sigmoid](sigmoids.ipynb#sigmoid) of $\beta x$.
#
# ### TensorFlow has no β: multiply before, and divide after
#
# PyTorch takes $\beta$ as an argument. In TensorFlow you write it out:

# %% softplus-beta-pt tags=["pytorch"]
x_pt = torch.tensor(x)
y_pt = F.softplus(x_pt, beta=5.0)
show(beta_5=y_pt)

# %% softplus-beta-tf tags=["tensorflow"]
x_tf = tf.constant(x)
y_tf = tf.nn.softplus(5.0 * x_tf) / 5.0
show(beta_5=y_tf)

# %%
agree(y_pt, y_tf)

# %% [markdown]
# ### Above its threshold PyTorch returns x itself: leave the threshold at 20
#
# PyTorch has another argument, `threshold=20`: where $\beta x$ is larger, the result is $x$ itself. In
# float32 that changes nothing, because 20 plus $e^{-20}$ is rounded to 20. In float64 you can see the
# difference. The cells print how far Softplus is above $x$:

# %% softplus-threshold-pt tags=["pytorch"]
for number in (19.0, 21.0):
    x_pt = torch.tensor(number, dtype=torch.float64)
    print(f"{number} {F.softplus(x_pt) - x_pt:.1e}")

# %% softplus-threshold-tf tags=["tensorflow"]
for number in (19.0, 21.0):
    x_tf = tf.constant(number, dtype=tf.float64)
    print(f"{number} {tf.nn.softplus(x_tf) - x_tf:.1e}")

# %% [markdown]
# With a lower threshold the curve jumps down where it should rise:

# %% softplus-low-threshold
show(softplus=F.softplus(torch.tensor([1.99, 2.01]), threshold=2.0))

# %% [markdown]
# (second-derivative)=
# ### Softplus has a second derivative, ReLU's is 0
#
# Some losses contain a gradient: a penalty on it, or a differential equation that the network should
# obey. To train on such a loss, you differentiate twice. ReLU's second derivative is 0, so nothing of
# the gradient comes through:

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
# To differentiate twice, pass `create_graph=True` in PyTorch, which records the first gradient, too. In
# TensorFlow put the tape inside a second tape.

# %% [markdown]
# (squareplus)=
# ## Squareplus
#
# <!-- head: squareplus -->
#
# Squareplus rounds ReLU's corner off with a square root, without an exponential
# {footcite:p}`barron2021squareplus`. Its tails are long: far below 0 it is about $b/(4|x|)$, where
# Softplus is about $e^x$. Choose it where units that are far below 0 should still get a gradient.
#
# $$\operatorname{Squareplus}(x) = \frac{x + \sqrt{x^2 + b}}{2}$$
#
# Here $x$ is one number of the input. $b$ says how wide the bend is, and is 4 by default; at 0 the
# function is $\sqrt b / 2$. Keras has Squareplus. PyTorch and `tf.nn` do not, so in PyTorch you write
# the formula:

# %% squareplus-bridge-pt tags=["pytorch"]
def squareplus_pt(x, b=4):
    return (x + torch.sqrt(x**2 + b)) / 2

# %% squareplus-bridge-tf tags=["tensorflow"]
def squareplus_tf(x, b=4):
    return keras.activations.squareplus(x, b)

# %% tags=["pytorch"]
x_pt = torch.tensor(x)
y_pt, dx_pt = value_and_grad(squareplus_pt, x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.constant(x)
y_tf, dx_tf = value_and_grad(squareplus_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# At −3 the gradient is 0.0840, where Softplus's is 0.0474.
#
# ### With b = 0 the gradient at 0 is NaN
#
# With $b = 0$ Squareplus is ReLU. Its gradient at 0 is then NaN, because the slope of the root is
# infinite there, the slope of $x^2$ is 0, and their product is NaN. Take a small $b$ instead, here one
# millionth:

# %% squareplus-zero-pt tags=["pytorch"]
x_pt = torch.tensor([-1.5, 0.0, 1.5])
for b in (0.0, 1e-6):
    y_pt, dx_pt = value_and_grad(squareplus_pt, x_pt, b=b)
    show(y=y_pt, dx=dx_pt)

# %% squareplus-zero-tf tags=["tensorflow"]
x_tf = tf.constant([-1.5, 0.0, 1.5])
for b in (0.0, 1e-6):
    y_tf, dx_tf = value_and_grad(squareplus_tf, x_tf, b=b)
    show(y=y_tf, dx=dx_tf)

# %% [markdown]
# ### In float32 Squareplus is 0 at −10,000, where 0.0001 is right
#
# So far below 0, float32 rounds $x^2 + 4$ to $x^2$. The root is then $|x|$, and $x + |x|$ is 0. Digits are
# lost long before: at −1000 three are left. Softplus, in the last row, is about $e^x$, which is so
# small that its zeros are right.

# %% squareplus-far-pt tags=["pytorch"]
far = torch.tensor([-10.0, -100.0, -1000.0, -10000.0])
show(float32=squareplus_pt(far),
     float64=squareplus_pt(far.double()),
     softplus=F.softplus(far), digits=6)

# %% squareplus-far-tf tags=["tensorflow"]
far = tf.constant([-10.0, -100.0, -1000.0, -10000.0])
show(float32=squareplus_tf(far),
     float64=squareplus_tf(tf.cast(far, tf.float64)),
     softplus=tf.nn.softplus(far), digits=6)

# %% [markdown]
# In the exercises you mend it.
#
# ### In float16 Squareplus is infinite from 256 on
#
# The largest number in float16 is 65,504, and 256² is larger:

# %% squareplus-half-pt tags=["pytorch"]
half = torch.tensor([255.0, 256.0], dtype=torch.float16)
show(squareplus=squareplus_pt(half),
     softplus=F.softplus(half), digits=1)

# %% squareplus-half-tf tags=["tensorflow"]
half = tf.constant([255.0, 256.0], dtype=tf.float16)
show(squareplus=squareplus_tf(half),
     softplus=tf.nn.softplus(half), digits=1)

# %% [markdown]
# (exponential)=
# ## Exponential
#
# <!-- head: exponential -->
#
# Exponential returns a positive number for every input, and multiplies it by $e$ with each step of 1
# in the input: a sum becomes a product. Choose it for the last layer of a network that predicts a rate
# or a count {footcite:p}`nelder1972generalized`, together with
# [the loss that belongs to it](matching-loss).
#
# $$\operatorname{Exponential}(x) = e^x$$
#
# Here $x$ is one number of the input, and the logarithm of the output.

# %%
# pair: torch.exp(x) | tf.exp(x)

# %% [markdown]
# Exponential is its own derivative.
#
# ### PyTorch has no module for it, and Keras's word is "exponential"
#
# Keras knows the activation as `"exponential"`, not as `"exp"`. PyTorch has the function, but no module
# that you can put into a `Sequential`:

# %% exponential-module-pt tags=["pytorch"]
with show_error():
    nn.Sequential(nn.Linear(2, 1), torch.exp)

# %% exponential-module-tf tags=["tensorflow"]
layer = keras.layers.Dense(1, activation="exponential")
print(layer.activation.__name__)
with show_error():
    keras.layers.Dense(1, activation="exp")

# %% [markdown]
# In PyTorch call `torch.exp` in `forward`.
#
# ### tf.exp raises on integer tensors
#
# PyTorch and Keras convert them to floats:

# %% exponential-integers-pt tags=["pytorch"]
show(torch=torch.exp(torch.tensor([-1, 2])))

# %% exponential-integers-tf tags=["tensorflow"]
show(keras=keras.activations.exponential(tf.constant([-1, 2])))
with show_error():
    tf.exp(tf.constant([-1, 2]))

# %% [markdown]
# ### PyTorch keeps numbers below 10⁻³⁸, TensorFlow sets them to 0
#
# The logarithm of $e^x$ should be $x$ again. At 89 $e^x$ is infinite in float32, in both frameworks.
# Below $10^{-38}$ float32 holds numbers with fewer digits. PyTorch keeps these numbers, and TensorFlow
# sets them to 0, here on a CPU:

# %% exponential-tiny-pt tags=["pytorch"]
far = torch.tensor([-80.0, -90.0, 88.0, 89.0])
show(log_exp=torch.log(torch.exp(far)), digits=1)

# %% exponential-tiny-tf tags=["tensorflow"]
far = tf.constant([-80.0, -90.0, 88.0, 89.0])
show(log_exp=tf.math.log(tf.exp(far)), digits=1)

# %% [markdown]
# (matching-loss)=
# ### The squared error ends at −4340.9, the Poisson loss at log 2
#
# Gradient descent should find the number $w$ for which $e^w$ is 2, and starts at 5. The gradient of
# the squared error is $2\,(e^w - 2)\,e^w$, so the exponential counts twice. The Poisson loss is the
# rate minus the count times the logarithm of the rate. Here the rate is $e^w$ and the count is 2, so
# the loss is $e^w - 2w$, and its gradient is $e^w - 2$.
#
# The cells print $w$ after one step and after 200.

# %% tags=["pytorch"]
def rate_pt(loss_of):
    w, path = torch.tensor([5.0], requires_grad=True), []
    sgd = torch.optim.SGD([w], lr=0.1)
    for _ in range(200):
        loss = loss_of(w).sum()
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        path.append(w.item())
    return torch.tensor([path[0], path[-1]])


squared_pt = rate_pt(lambda w: (torch.exp(w) - 2) ** 2)
poisson_pt = rate_pt(lambda w: torch.exp(w) - 2 * w)
show(squared=squared_pt, poisson=poisson_pt, digits=1)

# %% tags=["tensorflow"]
def rate_tf(loss_of):
    w, path = tf.Variable([5.0]), []
    sgd = keras.optimizers.SGD(learning_rate=0.1)
    for _ in range(200):
        with tf.GradientTape() as tape:
            loss = loss_of(w)
        sgd.apply([tape.gradient(loss, w)], [w])
        path.append(float(w[0]))
    return tf.constant([path[0], path[-1]])


squared_tf = rate_tf(lambda w: (tf.exp(w) - 2) ** 2)
poisson_tf = rate_tf(lambda w: tf.exp(w) - 2 * w)
show(squared=squared_tf, poisson=poisson_tf, digits=1)

# %% squared-error
agree([squared_pt, poisson_pt], [squared_tf, poisson_tf], rtol=1e-3)

# %% [markdown]
# The squared error throws $w$ to −4340.9. There $e^w$ is 0, so its gradient is 0, too, and $w$ stays
# where it is. With the Poisson loss $w$ overshoots too, to −9.6. But the gradient there is −2, and $w$
# arrives at $\log 2$, which is 0.7.

# %% [markdown]
# (exponentials-in-layers)=
# ## In Keras the activation is usually a word in the layer before it
#
# Keras code rarely calls an activation. It names the activation in the layer before, or in an
# `Activation` layer. In PyTorch both become a module of their own:

# %% tags=["pytorch"]
modules = [
    nn.ELU(),
    nn.SELU(),
    nn.CELU(),
    nn.Softplus(),
]
ys_pt = [module(torch.tensor(x)) for module in modules]
show(elu=ys_pt[0], selu=ys_pt[1],
     celu=ys_pt[2], softplus=ys_pt[3])

# %% tags=["tensorflow"]
layers = [
    keras.layers.Activation("elu"),
    keras.layers.Activation("selu"),
    keras.layers.Activation("celu"),
    keras.layers.Activation("softplus"),
]
ys_tf = [layer(tf.constant(x)) for layer in layers]
show(elu=ys_tf[0], selu=ys_tf[1],
     celu=ys_tf[2], softplus=ys_tf[3])

# %%
agree(ys_pt, ys_tf)

# %% [markdown]
# A `Dense` layer with an activation becomes two modules. PyTorch's weight is Keras's kernel,
# transposed. All of these have $\alpha = 1$ and $\beta = 1$. For another $\alpha$ of ELU put
# `keras.layers.ELU` behind a `Dense` without activation.

# %%
kernel = np.array([[0.5, 0.2], [-1, 0.4], [0.2, -0.6]], np.float32)  # (in, out)
bias = np.array([0.3, -0.2], np.float32)
rows = x.reshape(2, 3)  # (batch, in)

# %% exponentials-dense-pt tags=["pytorch"]
models = [
    nn.Sequential(nn.Linear(3, 2), nn.ELU()),
    nn.Sequential(nn.Linear(3, 2), nn.SELU()),
    nn.Sequential(nn.Linear(3, 2), nn.CELU()),
    nn.Sequential(nn.Linear(3, 2), nn.Softplus()),
]
for model in models:
    model[0].load_state_dict({"weight": torch.tensor(kernel.T),
                              "bias": torch.tensor(bias)})
ys_pt, dxs_pt = zip(*(value_and_grad(m, torch.tensor(rows))[:2]
                      for m in models))
show(elu=ys_pt[0], selu=ys_pt[1])
show(celu=ys_pt[2], softplus=ys_pt[3])

# %% exponentials-dense-tf tags=["tensorflow"]
models = [
    keras.layers.Dense(2, activation="elu"),
    keras.layers.Dense(2, activation="selu"),
    keras.layers.Dense(2, activation="celu"),
    keras.layers.Dense(2, activation="softplus"),
]
for model in models:
    model.build((None, 3))
    model.set_weights([kernel, bias])
ys_tf, dxs_tf = zip(*(value_and_grad(m, tf.constant(rows))[:2]
                      for m in models))
show(elu=ys_tf[0], selu=ys_tf[1])
show(celu=ys_tf[2], softplus=ys_tf[3])

# %%
agree(ys_pt, ys_tf, gradients=(dxs_pt, dxs_tf))

# %% [markdown]
# Keras's `"celu"` has the wrong gradient at 0 here, too. Its $\alpha$ is 1, so write `"elu"`: that is
# the same function, with the right gradient.
#
# PyTorch has no module for Squareplus and Exponential. Call them in `forward`, on what the linear layer
# returns:

# %% tags=["pytorch"]
linear = nn.Linear(3, 2)
linear.load_state_dict({"weight": torch.tensor(kernel.T),
                        "bias": torch.tensor(bias)})
h = linear(torch.tensor(rows))
ys_pt = [(h + torch.sqrt(h**2 + 4)) / 2, torch.exp(h)]
show(squareplus=ys_pt[0], exponential=ys_pt[1])

# %% tags=["tensorflow"]
models = [
    keras.layers.Dense(2, activation="squareplus"),
    keras.layers.Dense(2, activation="exponential"),
]
for model in models:
    model.build((None, 3))
    model.set_weights([kernel, bias])
ys_tf = [model(rows) for model in models]
show(squareplus=ys_tf[0], exponential=ys_tf[1])

# %%
agree(ys_pt, ys_tf)

# %% [markdown]
# (exponentials-at-the-kink)=
# ## At 0 SELU's gradient is 1.7581 in PyTorch, and 1.0507 in TensorFlow
#
# ELU with $\alpha \ne 1$ and SELU have a corner at 0. CELU has none, but its code may have one, where
# two formulas meet. The cells print the gradient at 0 of these three. The last row is CELU with
# $\alpha = 1$ once more, written as a maximum plus a minimum, as PyTorch's documentation writes it.

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
    _, dx_pt = value_and_grad(activation, torch.tensor([0.0]))
    print(f"{name:14} {dx_pt[0]:.4f}")

# %% kinks-tf tags=["tensorflow"]
for name, activation in kinks_tf.items():
    _, dx_tf = value_and_grad(activation, tf.constant([0.0]))
    print(f"{name:14} {dx_tf[0]:.4f}")

# %% [markdown]
# At ELU's corner both frameworks take the slope from below. At SELU's corner PyTorch takes the slope
# from below, $\lambda\alpha$, and TensorFlow the slope from above, $\lambda$. Each is the slope of one
# side.
#
# The 2 of Keras's CELU and the 0 of the last row in TensorFlow are no slopes of the function. At a tie
# TensorFlow gives the whole gradient to the first argument of a maximum or a minimum. Here that is the
# constant, so a unit that is exactly at 0 gets no gradient. PyTorch gives one half to each argument,
# in the maximum and in the minimum, and the two halves add up to the right 1.
#
# So where a function has no corner, let a single formula compute the value at 0, as `where` does.
#
# ## Which one to choose
#
# | you have | take | because |
# | --- | --- | --- |
# | deep fully connected layers, no normalization | SELU, LeCun's weights, AlphaDropout | mean 0 and variance 1 survive |
# | a ReLU network whose means drift upwards | ELU | its negative outputs lower the mean |
# | an ELU with an α other than 1 | CELU; in Keras, written with `elu` | its slope at 0 is 1 for every α |
# | an output that must be positive | Softplus | it grows like a line, and has every derivative |
# | a loss that contains a gradient | Softplus or Squareplus | ReLU's second derivative is 0 |
# | the need for a round corner and exact zeros | [Sparse plus](shrinkers.ipynb#sparse-plus) | it is ReLU itself beyond ±1 |
# | units that are stuck far below 0 | Squareplus; not in float16 | it has long tails |
# | a rate or a count to predict | Exponential, with its Poisson loss | steps multiply; it is infinite at 89 |
#
# ## Exercises
#
# Write all six yourself, with the right gradient at 0 and without NaN at ±10,000, in either framework
# or in both: [exercises on exponentials](../../exercises/activations/exponentials.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
