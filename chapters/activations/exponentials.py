# %% [markdown]
# # Exponentials
#
# For large negative inputs, each of these six functions approaches a constant, which is 0 or negative. It does so
# along a smooth curve, an exponential in five of the six, and a square root in Squareplus. For large positive
# inputs, five of the six are straight lines, or nearly. The sixth is the exponential itself, which grows faster
# and faster.
#
# **The claim:** SELU has two constants, 1.6733 and 1.0507. With them, mean 0 and variance 1 do not change in
# thirty layers, in both frameworks. The variance is lost with PyTorch's default weights, with PyTorch's
# initializer for `"selu"`, and with ordinary dropout. You will see each of these cases.

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
# Every section uses these six inputs. None of them is 0, where the two formulas of ELU, SELU and CELU meet. [The
# section on the gradient at 0](exponentials-at-the-kink) shows what happens there.
#
# In each panel, the solid line is the function, the dashed line is its derivative, and the grey lines are the
# other five functions.

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
    "Squareplus: slowly to 0": ((grid + root) / 2, (1 + grid / root) / 2),
    "Exponential: its own slope": (e, e),
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
# ELU keeps positive numbers. For negative numbers it is a curve that approaches $-\alpha$. The mean of its
# outputs is closer to 0 than the mean of ReLU's outputs {footcite:p}`clevert2016fast`. Choose ELU in networks
# without normalization layers, where the mean of the outputs could become larger from layer to layer.
#
# $$\operatorname{ELU}(x) = \begin{cases} x & x > 0 \\ \alpha\,(e^x - 1) & x \le 0 \end{cases}$$
#
# Here $x$ is one number of the input. For large negative inputs the output approaches $-\alpha$. The default of
# $\alpha$ is 1.

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
# `dx` is the gradient of the sum of the outputs: 1 above 0, and $e^x$ below 0.
#
# The next sections compute the output and the gradient with `value_and_grad`. This function of the book does the
# same as the cells above.
#
# ### `tf.nn.elu` has no argument for α
#
# In PyTorch, the function and the module have the argument `alpha`. In Keras, the function and the layer have it.
# `tf.nn.elu` does not have it:

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
# ### For tiny negative inputs, ELU is 0 in TensorFlow, and correct in PyTorch
#
# For a tiny $x$, float32 rounds $e^x$ to 1, so $e^x - 1$ is 0. PyTorch's ELU returns the right result, which is
# $x$. TensorFlow's ELU returns 0. Both frameworks have the function `expm1`, which computes $e^x - 1$ in one
# step, without this rounding error:

# %% elu-tiny-pt tags=["pytorch"]
tiny_pt = torch.tensor(-1e-8)
print(f"elu   {F.elu(tiny_pt):.4g}")
print(f"expm1 {torch.expm1(tiny_pt):.4g}")

# %% elu-tiny-tf tags=["tensorflow"]
tiny_tf = tf.constant(-1e-8)
print(f"elu   {tf.nn.elu(tiny_tf):.4g}")
print(f"expm1 {tf.math.expm1(tiny_tf):.4g}")

# %% [markdown]
# In a network, an error of 10⁻⁸ has no effect. But it is one reason why a model and its port do not return
# exactly the same digits.
#
# ### The mean is 0.40 after ReLU, 0.16 after ELU, and 0 after ELU with α = 1.6733
#
# The next cells pass a million numbers of the standard normal distribution (mean 0, variance 1) through ReLU, and
# through ELU with $\alpha$ = 0.5, 1 and 1.6733. They print the four means. ReLU replaces negative numbers by 0,
# so its mean is far above 0. ELU returns negative numbers for them, and with a larger $\alpha$ the mean is lower.

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
# With $\alpha = 1$ the mean is 0.16, and ReLU's mean is 0.40. With $\alpha = 1.6733$ the mean is 0: this $\alpha$
# is the first constant of [SELU](selu).

# %% [markdown]
# (selu)=
# ## SELU
#
# <!-- head: selu -->
#
# SELU is an ELU with two fixed constants. If the inputs are normally distributed, with mean 0 and variance 1, the
# outputs have mean 0 and variance 1, too {footcite:p}`klambauer2017self`. Choose SELU for many fully connected
# layers, but only with [the right weights](selu-weights) and [the right dropout](selu-dropout).
#
# $$\operatorname{SELU}(x) = \lambda \begin{cases} x & x > 0 \\ \alpha\,(e^x - 1) & x \le 0 \end{cases}$$
#
# Here $x$ is one number of the input. The constant $\alpha = 1.6733$ makes the mean 0, and $\lambda = 1.0507$
# makes the variance 1. With all digits, $\alpha = 1.6732632423543772$ and $\lambda = 1.0507009873554805$.

# %%
# pair: F.selu(x) | tf.nn.selu(x)

# %% [markdown]
# ### After thirty SELU layers the mean is still 0 and the variance 1
#
# The next cells use a network of thirty layers with 256 units, without biases. The variance of the weights is
# 1/256, which is 1 divided by the number of inputs. {footcite:t}`lecun1998efficient` recommend this variance, and
# Klambauer et al. require it. Both frameworks use the same weights and the same batch. The cells print the mean
# and the variance after the layers 10, 20 and 30.

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
# The mean is 0 and the variance is 1, both with an error of at most 0.02. The next cells use the same weights
# with ReLU and with ELU, and print the variance after layer 30:

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
# ### PyTorch's default weights lose the variance, Keras's keep it if all layers have the same width
#
# The two frameworks initialize a layer differently. In PyTorch, the default weights of `Linear` are too small for
# SELU. Keras's `Dense` follows {footcite:t}`glorot2010understanding`: the variance of the weights is 2 divided by
# the sum of the number of inputs and the number of outputs. This is right for SELU if a layer has as many outputs
# as inputs.
#
# The cells use the default weights, and print the variance after thirty layers. `square` is a network in which
# all layers have 256 units. In `alternating` the layers have 64 and 256 units in turn.

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
# ### SELU needs `"lecun_normal"` weights in Keras, and `nonlinearity="linear"` in PyTorch
#
# So pass the initializer yourself. In Keras it is `kernel_initializer="lecun_normal"`. PyTorch has no initializer
# of this name. It has `kaiming_normal_`, to which you pass the name of the activation. (In Keras this initializer
# is called He.) But for `"selu"`, it returns weights that are too small for SELU. The cells print the variance of
# the weights multiplied by the number of inputs. For SELU it should be 1. The first line of each cell is the
# default of the layer:

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
# So in PyTorch, pass `nonlinearity="linear"`. With `"selu"` the weights are ¾ of the right weights, and their
# variance is ¾² of the right variance.
#
# ### Weights that are too small lose the variance, weights that are too large end in NaN
#
# The next cells multiply the right weights by ¾, 1 and 2, and print the variance after thirty layers. Then they
# run three hundred layers with the weights times 2. SELU's outputs are never below −1.7581, but above 0 they have
# no limit:

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
# For weights near the right ones, Klambauer et al. prove that the variance does not explode. With weights times 2
# it does, and the outputs become NaN.
#
# (selu-dropout)=
# ### AlphaDropout keeps the variance, ordinary dropout does not
#
# Dropout sets some numbers to 0 and multiplies the others by a constant, so the variance grows. AlphaDropout sets
# some numbers to −1.7581, which SELU approaches for large negative inputs. Then it shifts and scales all numbers,
# so that the mean and the variance do not change. The next cells drop half of the numbers after every layer. They
# print whether the variance is between 0.9 and 1.1 after every layer with AlphaDropout (`alpha`), and whether it
# is above 100 after the last layer with Dropout (`plain`):

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
# A new PyTorch module is in training mode, so it drops numbers until you call `eval()`. A Keras layer drops
# numbers only with `training=True`. `fit` passes this argument for you, and `moments_tf` passes it in these
# cells. The two frameworks draw different random numbers, but both results are the same. The figure shows all
# variances of this section:

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
       ylabel="variance", title="With the right weights and dropout, SELU's variance stays 1")
plt.show()

# %% [markdown]
# (celu)=
# ## CELU
#
# <!-- head: celu -->
#
# CELU keeps positive numbers and approaches $-\alpha$ for large negative inputs, like ELU. Its slope at 0 is 1
# for every $\alpha$ {footcite:p}`barron2017continuously`. ELU has a kink at 0 if $\alpha$ is not 1: its slope is
# $\alpha$ just below 0, and 1 above. Choose CELU instead of ELU if $\alpha$ is not 1.
#
# $$\operatorname{CELU}(x) = \begin{cases} x & x > 0 \\ \alpha\,(e^{x/\alpha} - 1) & x \le 0 \end{cases}$$
#
# Here $x$ is one number of the input. For large negative inputs the output approaches $-\alpha$. You can also
# compute CELU as $\alpha \operatorname{ELU}(x/\alpha)$, with an ELU whose own $\alpha$ is 1. Keras has CELU, and
# `tf.nn` does not. In the cells $\alpha$ is 2.

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
# ### For α = 0 PyTorch raises an error, and Keras returns NaN
#
# With a small $\alpha$, CELU is nearly ReLU (`small`). With a large $\alpha$ it returns nearly its input
# (`large`). With $\alpha = 0$ the formula divides by 0. PyTorch raises an error. Keras returns NaN for positive
# inputs (`zero`):

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
# ### At 0 the gradient of Keras's CELU is 2 instead of 1, so the first step is twice as long
#
# If the weights of a layer start at 0, all inputs of the CELU after it are exactly 0. By the formula, CELU's
# gradient at 0 is 1. The next cells print the gradient of a loss with respect to the two weights of such a layer,
# once with CELU and once with ELU. Here $\alpha$ is 1, so CELU and ELU are the same function:

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
# With Keras's CELU, the gradient is twice as large. The reason is that Keras computes CELU as the sum of a
# maximum with 0 and a minimum with 0. At 0, Keras's gradient of each of them is 1, and the sum is 2. As long as
# Keras has this error, write `alpha * tf.nn.elu(x / alpha)`:

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
# Softplus is a ReLU with a round corner. For large negative $x$ it is nearly 0, for large positive $x$ it is
# nearly $x$, and it is always positive {footcite:p}`dugas2001incorporating`. Choose Softplus if an output must be
# positive, like a standard deviation. Also choose it if a loss contains a derivative, as [in an example
# below](second-derivative).
#
# $$\operatorname{Softplus}(x) = \frac{1}{\beta} \log\left(1 + e^{\beta x}\right)$$
#
# Here $x$ is one number of the input. With a larger $\beta$ the corner is sharper. The default of $\beta$ is 1.

# %%
# pair: F.softplus(x) | tf.nn.softplus(x)

# %% [markdown]
# The derivative of Softplus is [the sigmoid](sigmoids.ipynb#sigmoid) of $\beta x$.
#
# ### TensorFlow has no argument for β: multiply before, and divide after
#
# In PyTorch, $\beta$ is an argument. In TensorFlow, multiply the input by $\beta$, and divide the output by
# $\beta$:

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
# ### Above its threshold, PyTorch's Softplus returns x itself: do not change the threshold
#
# PyTorch's Softplus has another argument, `threshold=20`. If $\beta x$ is above this threshold, the result is
# $x$. In float32 this makes no difference, because $20 + e^{-20}$ is rounded to 20. In float64 you can see the
# difference. The cells print Softplus of $x$ minus $x$, for 19 and for 21:

# %% softplus-threshold-pt tags=["pytorch"]
for number in (19.0, 21.0):
    x_pt = torch.tensor(number, dtype=torch.float64)
    print(f"{number} {F.softplus(x_pt) - x_pt:.1e}")

# %% softplus-threshold-tf tags=["tensorflow"]
for number in (19.0, 21.0):
    x_tf = tf.constant(number, dtype=tf.float64)
    print(f"{number} {tf.nn.softplus(x_tf) - x_tf:.1e}")

# %% [markdown]
# With a lower threshold, the curve jumps down at the threshold, where it should increase:

# %% softplus-low-threshold
show(softplus=F.softplus(torch.tensor([1.99, 2.01]), threshold=2.0))

# %% [markdown]
# (second-derivative)=
# ### Softplus has a second derivative, ReLU's second derivative is 0
#
# Some losses contain a gradient, for example a penalty on a gradient, or a differential equation. To train with
# such a loss, you differentiate twice. ReLU's second derivative is 0, so the second time no gradient passes
# through a ReLU. The cells print the second derivatives of Softplus and of ReLU:

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
# To differentiate twice in PyTorch, pass `create_graph=True`, so that PyTorch records the operations of the first
# gradient, too. In TensorFlow, write one tape inside another tape.

# %% [markdown]
# (squareplus)=
# ## Squareplus
#
# <!-- head: squareplus -->
#
# Squareplus is a ReLU with a round corner, like Softplus, but it is computed with a square root instead of an
# exponential {footcite:p}`barron2021squareplus`. For large negative $x$ it is about $b/(4|x|)$, and Softplus is
# about $e^x$, which is much smaller. Choose Squareplus if units should still have a gradient for large negative
# inputs.
#
# $$\operatorname{Squareplus}(x) = \frac{x + \sqrt{x^2 + b}}{2}$$
#
# Here $x$ is one number of the input. With a larger $b$ the corner is rounder. The default of $b$ is 4. At 0 the
# function is $\sqrt b / 2$. Keras has Squareplus. PyTorch and `tf.nn` do not have it, so in PyTorch you write the
# formula:

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
# At −3 the gradient is 0.0840. Softplus's gradient at −3 is only 0.0474.
#
# ### With b = 0, Squareplus's gradient at 0 is NaN
#
# With $b = 0$ Squareplus is ReLU, but its gradient at 0 is NaN. At 0 the slope of the root is infinite and the
# slope of $x^2$ is 0, and their product is NaN. Choose a small $b$ instead. The first two lines of each output
# are for $b = 0$, and the last two are for $b = 10^{-6}$:

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
# ### In float32, Squareplus of −10,000 is 0 instead of 0.0001
#
# For an input of −10,000, float32 rounds $x^2 + 4$ to $x^2$. Then the root is $|x|$, and $x + |x|$ is 0. For
# −1000, the result in float32 is already wrong by 0.7 %. The last line is Softplus, which is about $e^x$. Its
# zeros are right, because $e^{-100}$ is much smaller than the last digit that is printed.

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
# One of the exercises is a Squareplus without this error.
#
# ### In float16, Squareplus is infinite from 256 on
#
# The largest number in float16 is 65,504. The square of 256 is larger, so $x^2$ is infinite. Softplus does not
# have this problem:

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
# Exponential returns a positive number for every input. If the input increases by 1, the output is multiplied by
# $e$. Choose it for the last layer of a network that predicts a rate or a count
# {footcite:p}`nelder1972generalized`, together with [the Poisson loss](matching-loss).
#
# $$\operatorname{Exponential}(x) = e^x$$
#
# Here $x$ is one number of the input. It is the logarithm of the output.

# %%
# pair: torch.exp(x) | tf.exp(x)

# %% [markdown]
# The derivative of Exponential is Exponential itself, so `dx` is equal to `y`.
#
# ### PyTorch has no module for Exponential, in Keras the string is `"exponential"`
#
# PyTorch has the function `torch.exp`, but no module that you can put into a `Sequential`. In Keras the name of
# the activation is `"exponential"`, and `"exp"` is an error:

# %% exponential-module-pt tags=["pytorch"]
with show_error():
    nn.Sequential(nn.Linear(2, 1), torch.exp)

# %% exponential-module-tf tags=["tensorflow"]
layer = keras.layers.Dense(1, activation="exponential")
print(layer.activation.__name__)
with show_error():
    keras.layers.Dense(1, activation="exp")

# %% [markdown]
# In PyTorch, call `torch.exp` in the method `forward` of your own module.
#
# ### `tf.exp` of an integer tensor raises an error
#
# PyTorch and Keras convert integers to floats. `tf.exp` raises an error:

# %% exponential-integers-pt tags=["pytorch"]
show(torch=torch.exp(torch.tensor([-1, 2])))

# %% exponential-integers-tf tags=["tensorflow"]
show(keras=keras.activations.exponential(tf.constant([-1, 2])))
with show_error():
    tf.exp(tf.constant([-1, 2]))

# %% [markdown]
# ### For results below 10⁻³⁸, `tf.exp` returns 0, and `torch.exp` does not
#
# The next cells compute the logarithm of $e^x$, which should be $x$. At 89, $e^x$ is infinite in float32, in both
# frameworks. Below $10^{-38}$, float32 can represent numbers only with fewer digits. At −90, PyTorch returns such
# a number. TensorFlow returns 0 on a CPU, and the logarithm of 0 is −∞:

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
# The next cells train one number $w$ with gradient descent. The target is $e^w = 2$, and $w$ starts at 5. The
# gradient of the squared error is $2\,(e^w - 2)\,e^w$. It contains $e^w$ twice, so it is very large at first. The
# Poisson loss is the rate minus the count times the logarithm of the rate. Here the rate is $e^w$ and the count
# is 2. So the loss is $e^w - 2w$, and its gradient is $e^w - 2$.
#
# The cells print $w$ after the first step and after 200 steps.

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
# With the squared error, $w$ is −4340.9 after the first step. There $e^w$ is 0, so the gradient is 0, and $w$
# never moves again. With the Poisson loss, $w$ is −9.6 after the first step, which is also too far. But there the
# gradient is −2, and $w$ reaches the right value: $\log 2$, which is 0.7.

# %% [markdown]
# (exponentials-in-layers)=
# ## In Keras the activation is usually a string argument of the layer before it
#
# Keras code rarely calls an activation as a function. It passes the name of the activation to the layer before
# it, or to an `Activation` layer. In PyTorch, both become a module:

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
# A `Dense` layer with an activation becomes two modules in PyTorch. PyTorch's weight is the transposed kernel of
# Keras. In these cells $\alpha$ and $\beta$ are 1. If you need an ELU with another $\alpha$, use a `Dense`
# without activation, followed by `keras.layers.ELU`.

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
# The string `"celu"` has the wrong gradient at 0, too. With $\alpha = 1$, ELU is the same function, so write
# `"elu"` instead. Its gradient is right.
#
# PyTorch has no module for Squareplus and Exponential. Call these functions in `forward`, with the output of the
# linear layer as their input:

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
# ELU with $\alpha \ne 1$ and SELU have a kink at 0. CELU has no kink, but a framework may compute it with
# functions that have one. The next cells print the gradients at 0. The last line, `max + min`, is CELU with
# $\alpha = 1$, written as a maximum plus a minimum. PyTorch's documentation writes it so.

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
# For ELU, both frameworks return the slope just below 0. For SELU, PyTorch returns the slope just below 0, which
# is $\lambda\alpha$. TensorFlow returns the slope above 0, which is $\lambda$.
#
# CELU's right gradient at 0 is 1. Keras's CELU has the gradient 2, and the last line has the gradient 0 in
# TensorFlow. If both arguments of a maximum or a minimum are equal, TensorFlow gives the whole gradient to the
# first argument. In the last line the first argument is the constant, so a unit that is exactly at 0 has no
# gradient. PyTorch gives half of the gradient to each argument. The halves of the maximum and of the minimum add
# up to 1, which is right.
#
# So if a function has no kink, do not compute it as a sum of functions that have one. Use `where`, so that one
# formula computes the value at 0.
#
# ## Which one to choose
#
# | you have | take | because |
# | --- | --- | --- |
# | many fully connected layers, no normalization | SELU, with LeCun's weights and AlphaDropout | mean 0 and variance 1 do not change |
# | a ReLU network with means far above 0 | ELU | its negative outputs lower the mean |
# | an ELU with an α other than 1 | CELU; in Keras, write it with `tf.nn.elu` | its slope at 0 is 1 for every α |
# | an output that must be positive | Softplus | for large inputs it is nearly a straight line, and it is smooth |
# | a loss that contains a gradient | Softplus or Squareplus | ReLU's second derivative is 0 |
# | a round corner and exact zeros that you need | [Sparse plus](shrinkers.ipynb#sparse-plus) | it is equal to ReLU beyond ±1 |
# | units that do not learn because their inputs are far below 0 | Squareplus, but not in float16 | its gradient approaches 0 slowly |
# | a rate or a count to predict | Exponential, with the Poisson loss | it is always positive; in float32 it is infinite at 89 |
#
# ## Exercises
#
# Write all six yourself, in one framework or in both. The gradients at 0 must be right, and inputs of ±10,000
# must not give NaN: [exercises on exponentials](../../exercises/activations/exponentials.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
