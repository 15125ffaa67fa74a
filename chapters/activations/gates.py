# %% [markdown]
# # Gates
#
# A gate multiplies a number by a share between 0 and 1. In four of the six of this chapter a number
# decides its own share: large ones pass whole, those far below 0 not at all, and the curve between
# them dips below 0 and comes back. GLU lets one half of the numbers decide about the other, and CReLU
# has two doors, one for each sign.
#
# **The claim:** the far side of the dip misleads. A weight that starts there runs away from
# its target, in both frameworks, by the same digits. And GELU, the same name in both, is two
# functions: a word, a truth value or the choice of a module decides which one you get.

# %%
import math

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, plots, show

plots.use_style()
x = np.array([-4.0, -1.5, -0.5, 0.5, 1.5, 4.0], dtype=np.float32)

# %% [markdown]
# The same six inputs serve every section. Only Hardswish and CReLU have kinks, and none of the
# inputs is one: [the kinks have a section of their own](gates-at-the-kink).
#
# Four of the panels below show one function solid, its derivative dashed, and the other three in grey.
# GLU's shows what becomes of a value when its gate is handed $b$, CReLU's its two outputs.

# %% all-gates tags=["hide-input"]
# alt: Six panels over inputs from minus 5 to 3. SiLU, Hardswish, GELU and Mish come from 0 on the far negative side, dip below it, to minus 0.28, 0.375, 0.17 and 0.31, and rise towards the line of slope 1; their derivatives, dashed, cross zero at the bottom of the dip and rise above 1. Hardswish's derivative jumps at minus 3. GLU is three lines through the origin, steeper the further the gate is open. CReLU is two lines: one is zero below 0 and rises above, the other, dotted, falls to zero at 0 and stays there.
grid = np.linspace(-5, 3, 161)
sigmoid = 1 / (1 + np.exp(-grid))
phi = np.array([(1 + math.erf(t / 2**0.5)) / 2 for t in grid])
bell = np.exp(-(grid**2) / 2) / np.sqrt(2 * np.pi)
tanh = np.tanh(np.log1p(np.exp(grid)))
curves = {
    "SiLU: down to −0.28": (sigmoid, sigmoid * (1 - sigmoid)),
    "Hardswish: to −0.375": (np.clip(grid / 6 + 0.5, 0, 1), (abs(grid) < 3) / 6),
    "GELU: to −0.17": (phi, bell),
    "Mish: to −0.31": (tanh, (1 - tanh**2) * sigmoid),
}
sections = ("silu", "hard-silu", "gelu", "mish")
siblings = [grid * gate for gate, _ in curves.values()]
fig, axes = plt.subplots(3, 2, figsize=(5.2, 6.0), sharex=True, sharey=True)
for i, (ax, section, (title, (gate, slope))) in enumerate(
        zip(axes.flat, sections, curves.items())):
    plots.value_and_slope(ax, grid, grid * gate, gate + grid * slope, title=title,
                          color=plots.PALETTE[i], section=section, siblings=siblings)
axes[0, 0].annotate("value", (1.46, 1.42), ha="right", color=plots.PALETTE[0])
axes[0, 0].annotate("derivative", (-0.4, 0.5), ha="right", color=plots.PALETTE[0])
glu, crelu = axes[2]
for gate, place in {2: (1.44, 1.42), 0: (2.9, 0.5), -2: (-2.9, -0.25)}.items():
    glu.plot(grid, grid / (1 + np.exp(-gate)), color=plots.PALETTE[4])
    glu.annotate(f"b = {gate}".replace("-", "−"), place, ha="right",
                 color=plots.PALETTE[4])
crelu.plot(grid, np.maximum(grid, 0), color=plots.PALETTE[5])
crelu.plot(grid, np.maximum(-grid, 0), color=plots.PALETTE[5], linestyle=(0, (1, 1)))
crelu.annotate("first half", (2.9, 0.45), ha="right", color=plots.PALETTE[5])
crelu.annotate("second half", (-4.9, 0.45), color=plots.PALETTE[5])
plots.head(glu, "GLU: a gate for a value", "glu")
plots.head(crelu, "CReLU: two doors", "crelu")
for ax in (glu, crelu):
    plots.zero_lines(ax)
glu.set(ylim=(-0.6, 1.65), xlim=(-5, 3))
fig.supxlabel("input")
fig.supylabel("output")
plt.show()

# %% [markdown]
# (silu)=
# ## SiLU
#
# <!-- names: silu -->
#
# SiLU multiplies a number by its own sigmoid: 0 opens the gate half, 4 nearly wholly, and at −4 it is
# all but shut {footcite:p}`elfwing2018sigmoid`. Choose it where you would take ReLU and want no kink,
# and a gradient on both sides of 0.
#
# $$\operatorname{SiLU}(x) = x\,\sigma(x) = \frac{x}{1 + e^{-x}}$$
#
# where $x$ is each number of the input on its own, and $\sigma$ the
# [sigmoid](sigmoids.ipynb#sigmoid); the output has the input's shape.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = F.silu(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = tf.nn.silu(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# `dx` is the gradient of the summed outputs, $\sigma(x) + x\,\sigma(x)\,\sigma(-x)$: one part
# through the number, one through its gate. It is negative at −4 and at −1.5, and above 1 at 1.5 and
# at 4, where ReLU has 0 and 1. Every section begins with this pair of cells; only the call changes.
#
# *Swish* is the same function, found a second time {footcite:p}`ramachandran2017searching`, and
# TensorFlow knows it and its hard sibling by both names. PyTorch has one name for each: SiLU for this one,
# Hardswish for the sibling.

# %% swish-names-pt tags=["pytorch"]
print([name in dir(F) for name in
       ("silu", "swish", "hardsilu", "hardswish")])

# %% swish-names-tf tags=["tensorflow"]
print([tf.nn.swish is tf.nn.silu,
       keras.ops.hard_swish is keras.ops.hard_silu])

# %% [markdown]
# ### The second argument
#
# Swish had a parameter, $x\,\sigma(\beta x)$, and `tf.nn.silu` takes it as second argument. PyTorch's
# function has a second argument, too.

# %% silu-second-pt tags=["pytorch"]
h_pt = torch.tensor(x)
y_pt = F.silu(h_pt, 2.0)
show(y=y_pt, h=h_pt)

# %% silu-second-tf tags=["tensorflow"]
h_tf = tf.constant(x)
y_tf = tf.nn.silu(h_tf, 2.0)
show(y=y_tf, h=h_tf)

# %% [markdown]
# In PyTorch it is `inplace`, and 2 counts as true: no β anywhere, and `h` is overwritten, without a
# word. For a β write the formula. In TensorFlow, too, where there are several, as one for
# each channel: the gradient that `tf.nn.silu` has for them is a single number, their sum.

# %%
channels = np.array([[-1.0, 2.0], [3.0, 4.0]], dtype=np.float32)  # (batch, channels)

# %% silu-betas-pt tags=["pytorch"]
h_pt = torch.tensor(channels)
beta = torch.tensor([1.0, 2.0], requires_grad=True)
y_pt = h_pt * torch.sigmoid(beta * h_pt)
(dbeta_pt,) = torch.autograd.grad(y_pt.sum(), beta)
show(formula=dbeta_pt)

# %% silu-betas-tf tags=["tensorflow"]
h_tf = tf.constant(channels)
beta = tf.Variable([1.0, 2.0])
with tf.GradientTape(persistent=True) as tape:
    y_tf = h_tf * tf.sigmoid(beta * h_tf)
    y_nn = tf.nn.silu(h_tf, beta)
dbeta_tf = tape.gradient(y_tf, beta)
show(formula=dbeta_tf, tf_nn=tape.gradient(y_nn, beta))

# %% silu-betas
agree(y_pt, y_tf, gradients=(dbeta_pt, dbeta_tf))

# %% [markdown]
# ### Descent that runs away
#
# One weight, an output that should become 1, a hundred steps of gradient descent. Where does the weight
# end that starts at −1, and where the one that starts at −2?

# %% tags=["pytorch"]
def descend_pt(start):
    w = torch.tensor([start], requires_grad=True)
    sgd = torch.optim.SGD([w], lr=0.5)
    way = [w.item()]
    for _ in range(100):
        loss = ((F.silu(w) - 1) ** 2).sum()
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        way.append(w.item())
    return way, w
near_way_pt, near_pt = descend_pt(-1.0)
far_way_pt, far_pt = descend_pt(-2.0)
show(near=near_pt, far=far_pt, digits=2)

# %% tags=["tensorflow"]
def descend_tf(start):
    w = tf.Variable([start])
    sgd = keras.optimizers.SGD(learning_rate=0.5)
    way = [float(w[0])]
    for _ in range(100):
        with tf.GradientTape() as tape:
            y_hat = tf.nn.silu(w)
            loss = tf.reduce_sum((y_hat - 1) ** 2)
        sgd.apply([tape.gradient(loss, w)], [w])
        way.append(float(w[0]))
    return way, w
near_way_tf, near_tf = descend_tf(-1.0)
far_way_tf, far_tf = descend_tf(-2.0)
show(near=near_tf, far=far_tf, digits=2)

# %%
agree([near_pt, far_pt], [near_tf, far_tf], atol=1e-3)

# %% runaway tags=["hide-input"]
# alt: The weight over a hundred steps, TensorFlow's curves dashed on PyTorch's. Started at minus 1 it climbs to 1.28 within ten steps and stays. Started at minus 2 it falls, fast at first, then ever more slowly, to minus 6. A thin line marks the bottom of the dip, at minus 1.28, between the two starts.
fig, ax = plt.subplots()
for name, way_pt, way_tf in (("from −1", near_way_pt, near_way_tf),
                             ("from −2", far_way_pt, far_way_tf)):
    ax.plot(way_pt, color=plots.PYTORCH, linewidth=2.5)
    ax.plot(way_tf, "--", color=plots.TENSORFLOW)
    ax.annotate(name, (50, way_pt[50] + 0.35))
ax.axhline(-1.28, color=plots.INK, linewidth=0.8)
ax.annotate("the bottom of the dip", (99, -1.1), ha="right")
ax.annotate("PyTorch, solid", (1, -6.6), color=plots.PYTORCH)
ax.annotate("TensorFlow, dashed", (34, -6.6), color=plots.TENSORFLOW)
ax.set(xlabel="step", ylabel="weight", ylim=(-7, 2.2),
       title="Beyond the dip, descent leads away")
plt.show()

# %% [markdown]
# To make the output larger, the far weight goes the way that the slope shows it, up the other side
# of the dip, where 0 is the best there is. At −2 [a ReLU is dead](rectifiers.ipynb#relu), without a
# gradient, and stands still; SiLU's weight is sent away.

# %% [markdown]
# (hard-silu)=
# ## Hardswish
#
# <!-- names: hard_silu -->
#
# Hardswish has a gate of straight lines: shut up to −3, open from 3 on, and a slope of 1/6 between.
# What comes out is exactly 0, exactly the number, or a piece of parabola. Choose it where exponentials
# cost too much, as in networks for phones {footcite:p}`howard2019searching`.
#
# $$\operatorname{Hardswish}(x) = x\,\frac{\min(\max(0, x + 3), 6)}{6}$$
#
# where $x$ is each number of the input; the fraction is the
# [hard sigmoid](sigmoids.ipynb#hard-sigmoid). Keras calls the product hard SiLU, and `tf.nn` has
# none.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = F.hardswish(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = keras.activations.hard_silu(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# At −4 the gradient is exactly 0, where SiLU's is −0.0527: what gets there is dead, as with ReLU. At
# −1.5 it is 0, too: there the dip has its bottom, −0.375.
#
# ### No stand-in for SiLU
#
# Can a network that was made for SiLU run with Hardswish? Ten layers of 64 units with both, the same
# weights, the same batch: how far apart are the outputs, as a share of their norm?

# %%
rng = np.random.default_rng(0)
weights = [rng.normal(0, (2 / 64) ** 0.5, (64, 64)).astype(np.float32)
           for _ in range(10)]
batch = rng.normal(0, 1, (32, 64)).astype(np.float32)

# %% tags=["pytorch"]
def network_pt(gate):
    h = torch.tensor(batch)  # (batch, hidden)
    for w in weights:
        h = gate(h @ torch.tensor(w))  # (batch, hidden)
    return h
def apart_pt(gate, other):
    y = network_pt(gate)
    off = torch.linalg.norm(network_pt(other) - y)
    return off / torch.linalg.norm(y)
hard_pt = apart_pt(F.silu, F.hardswish)
print(f"{hard_pt:.2f}")

# %% tags=["tensorflow"]
def network_tf(gate):
    h = tf.constant(batch)  # (batch, hidden)
    for w in weights:
        h = gate(h @ tf.constant(w))  # (batch, hidden)
    return h
def apart_tf(gate, other):
    y = network_tf(gate)
    off = tf.norm(network_tf(other) - y)
    return off / tf.norm(y)
hard_tf = apart_tf(tf.nn.silu, keras.activations.hard_silu)
print(f"{hard_tf:.2f}")

# %% hard-ten-layers
agree(hard_pt, hard_tf, rtol=1e-3)

# %% [markdown]
# More than a third is different. On the six inputs the two are never more than 0.11 apart, but each layer
# adds to what the one before has changed. Train with the gate that you will run with.

# %% [markdown]
# (gelu)=
# ## GELU
#
# <!-- names: gelu -->
#
# GELU weights a number by how likely it is to be the larger of two: its gate is the probability that
# a number drawn from the standard normal distribution is smaller {footcite:p}`hendrycks2016gaussian`. It
# shuts faster than SiLU's, so that at −4 next to nothing is left. Choose it for transformers, as BERT does
# {footcite:p}`devlin2019bert`.
#
# $$\operatorname{GELU}(x) = x\,\Phi(x) = \frac{x}{2}\left(1 + \operatorname{erf}\frac{x}{\sqrt 2}\right)$$
#
# where $x$ is each number of the input, $\Phi$ the distribution function of that distribution,
# and erf the error function.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = F.gelu(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = tf.nn.gelu(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# The other GELU is an approximation of this one, by tanh and a cube:
#
# $$\operatorname{GELU}(x) \approx \frac{x}{2}\left(1 + \tanh\left(\sqrt{2/\pi}\,
# \left(x + 0.044715\,x^3\right)\right)\right)$$
#
# where the root gives the gate its right slope at 0, and the cube bends it further out.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = F.gelu(x_pt, approximate="tanh")
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = tf.nn.gelu(x_tf, approximate=True)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# ### A word or a truth value
#
# `approximate` is a word in PyTorch, and a truth value in TensorFlow. Of −3 the exact GELU makes
# −0.0040, the other one −0.0036. Which one do you get?

# %% gelu-words-pt tags=["pytorch"]
x_pt = torch.tensor([-3.0])
for word in ("none", "tanh", "true", True, False):
    try:
        y_pt = F.gelu(x_pt, approximate=word)
        print(f"{word!r:7} {y_pt.item():.4f}")
    except (RuntimeError, TypeError) as error:
        print(f"{word!r:7} {type(error).__name__}")

# %% gelu-words-tf tags=["tensorflow"]
x_tf = tf.constant([-3.0])
for word in ("none", "tanh", "true", True, False):
    try:
        y_tf = tf.nn.gelu(x_tf, approximate=word)
        print(f"{word!r:7} {float(y_tf[0]):.4f}")
    except (ValueError, TypeError) as error:
        print(f"{word!r:7} {type(error).__name__}")

# %% [markdown]
# PyTorch takes its two words and refuses all else. TensorFlow takes all five, and any word
# counts as true: `approximate="none"`, copied from PyTorch, approximates.
#
# If you say nothing, you get the exact GELU, from all of these but one:

# %% gelu-defaults-pt tags=["pytorch"]
show(function=F.gelu(x_pt),
     module=nn.GELU()(x_pt))

# %% gelu-defaults-tf tags=["tensorflow"]
show(tf_nn=tf.nn.gelu(x_tf),
     activations=keras.activations.gelu(x_tf),
     ops=keras.ops.gelu(x_tf))

# %% [markdown]
# ### What the approximation costs
#
# In float64, on a grid from −8 to 8: the largest difference, where it is, and what both
# functions make of three numbers.

# %%
grid = np.linspace(-8, 8, 1601)
some = np.array([-4.0, -2.7, -1.0])

# %% tags=["pytorch"]
def error_pt(x):
    return F.gelu(x, approximate="tanh") - F.gelu(x)
off_pt = error_pt(torch.tensor(grid))
worst = off_pt.abs().argmax()
print(f"{off_pt.abs().max():.6f} at ±{abs(grid[worst]):.1f}")
some_pt = torch.tensor(some)
show(exact=F.gelu(some_pt),
     tanh=F.gelu(some_pt, approximate="tanh"), digits=6)

# %% tags=["tensorflow"]
def error_tf(x):
    return tf.nn.gelu(x, approximate=True) - tf.nn.gelu(x)
off_tf = error_tf(tf.constant(grid))
worst = int(tf.argmax(abs(off_tf)))
print(f"{max(abs(off_tf)):.6f} at ±{abs(grid[worst]):.1f}")
some_tf = tf.constant(some)
show(exact=tf.nn.gelu(some_tf),
     tanh=tf.nn.gelu(some_tf, approximate=True), digits=6)

# %%
agree(off_pt, off_tf)

# %% gelu-error tags=["hide-input"]
# alt: The error of the approximation over inputs from minus 6 to 6, in millionths, TensorFlow's curve dashed on PyTorch's. It is the same on both sides of 0: zero at 0, down to minus 234 at 1.4, up through zero to a peak of 473 at 2.7, and back to zero beyond 5.
fig, ax = plt.subplots()
ax.plot(grid, off_pt.numpy() * 1e6, color=plots.PYTORCH, linewidth=2.5)
ax.plot(grid, off_tf.numpy() * 1e6, "--", color=plots.TENSORFLOW)
ax.annotate("PyTorch, solid", (-5.9, 330), color=plots.PYTORCH)
ax.annotate("TensorFlow,\ndashed", (5.9, 330), ha="right", color=plots.TENSORFLOW)
plots.zero_lines(ax)
ax.set(xlim=(-6, 6), xlabel="input", ylabel="tanh − exact, in millionths",
       title="The approximation is worst, 0.00047, at ±2.7")
plt.show()

# %% [markdown]
# At −4 nearly half is missing, of a number that hardly counts. Through the ten layers that Hardswish has
# failed:

# %% tags=["pytorch"]
def tanh_gelu_pt(x):
    return F.gelu(x, approximate="tanh")
soft_pt = apart_pt(F.gelu, tanh_gelu_pt)
print(f"{soft_pt:.4f}")

# %% tags=["tensorflow"]
def tanh_gelu_tf(x):
    return tf.nn.gelu(x, approximate=True)
soft_tf = apart_tf(tf.nn.gelu, tanh_gelu_tf)
print(f"{soft_tf:.4f}")

# %% gelu-ten-layers
agree(soft_pt, soft_tf, rtol=0.05, atol=0)

# %% [markdown]
# A thousandth: too little to notice, too much for a test that compares a ported network digit by digit. If
# yours is off by that much, look at `approximate` first.
#
# ### The tail, and float64
#
# The exact ones differ, too, where you have to look closely. Here are the sizes of their outputs at −4,
# −8 and −12, above those of two formulas: one with 1 + erf, one with the complement erfc, which is 1 − erf
# in one piece.

# %% gelu-tail-pt tags=["pytorch"]
far = torch.tensor([-4.0, -8.0, -12.0])
for name, y_pt in {
    "F.gelu": F.gelu(far),
    "1 + erf": far * (1 + torch.erf(far / 2**0.5)) / 2,
    "erfc": far * torch.erfc(-far / 2**0.5) / 2,
}.items():
    print(f"{name:10}", *(f"{abs(y):.1e}" for y in y_pt))

# %% gelu-tail-tf tags=["tensorflow"]
far = tf.constant([-4.0, -8.0, -12.0])
for name, y_tf in {
    "tf.nn.gelu": tf.nn.gelu(far),
    "1 + erf": far * (1 + tf.math.erf(far / 2**0.5)) / 2,
    "erfc": far * tf.math.erfc(-far / 2**0.5) / 2,
}.items():
    print(f"{name:10}", *(f"{abs(float(y)):.1e}" for y in y_tf))

# %% [markdown]
# PyTorch adds 1 to a number that float32 cannot tell from −1, and nothing is left; TensorFlow asks for
# the complement and keeps its digits.
#
# In float64 it is TensorFlow that is less exact: its √½ has been through float32. The cell below the pair
# computes GELU of −3 with the right root, and with a rounded one.

# %% gelu-double-pt tags=["pytorch"]
x_pt = torch.tensor(-3.0, dtype=torch.float64)
print(f"{F.gelu(x_pt).item():.12f}")

# %% gelu-double-tf tags=["tensorflow"]
x_tf = tf.constant(-3.0, dtype=tf.float64)
print(f"{float(tf.nn.gelu(x_tf)):.12f}")

# %% gelu-double
for root in (math.sqrt(0.5), np.float32(math.sqrt(0.5))):
    print(f"{-1.5 * math.erfc(3 * float(root)):.12f}")

# %% [markdown]
# (mish)=
# ## Mish
#
# <!-- names: mish -->
#
# Mish lets a number through a gate that is tanh of its softplus {footcite:p}`misra2020mish`: at 0 it is
# open to 0.6, wider than SiLU's, and its dip is a little deeper. Choose it where a design that you
# follow does, as YOLOv4's backbone {footcite:p}`bochkovskiy2020yolov4`.
#
# $$\operatorname{Mish}(x) = x\,\tanh\left(\log(1 + e^x)\right)$$
#
# where $x$ is each number of the input, and the logarithm is softplus. TensorFlow has it in Keras alone.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = F.mish(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = keras.activations.mish(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# ### Three ways to write it
#
# tanh of a logarithm is a fraction: with $w = e^x$ and $n = w(w + 2)$ the gate is $n / (n + 2)$, one
# exponential in all. The second way is the formula as it stands, the third the framework's.

# %% mish-written-pt tags=["pytorch"]
def fraction(x):
    w = torch.exp(x)
    n = w * (w + 2)
    return x * n / (n + 2)
def formula(x):
    return x * torch.tanh(torch.log(1 + torch.exp(x)))
for mish in (fraction, formula, F.mish):
    x_pt = torch.tensor([20.0, 45.0, 100.0],
                        requires_grad=True)
    y_pt = mish(x_pt)
    (dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
    show(y=y_pt, dx=dx_pt, digits=1)

# %% mish-written-tf tags=["tensorflow"]
def fraction(x):
    w = tf.exp(x)
    n = w * (w + 2)
    return x * n / (n + 2)
def formula(x):
    return x * tf.tanh(tf.math.log(1 + tf.exp(x)))
for mish in (fraction, formula, keras.activations.mish):
    x_tf = tf.Variable([20.0, 45.0, 100.0])
    with tf.GradientTape() as tape:
        y_tf = mish(x_tf)
    dx_tf = tape.gradient(y_tf, x_tf)
    show(y=y_tf, dx=dx_tf, digits=1)

# %% [markdown]
# The fraction squares the exponential, so that at 45 it is infinite already, and ∞/∞ is NaN. The formula has
# right values even at 100, because tanh of ∞ is 1; its gradient there is 0 times ∞. A check of
# values alone would pass it.

# %% [markdown]
# (glu)=
# ## GLU
#
# <!-- names: glu -->
#
# GLU splits its input into two halves and multiplies the first by the sigmoid of the second: the
# network learns values and, separately, when to let them pass {footcite:p}`dauphin2017language`.
# Choose it in place of an activation where you can afford a layer of twice the width before it: half as
# many numbers come out as go in.
#
# $$\operatorname{GLU}(a, b) = a\,\sigma(b)$$
#
# where $a$ is the first half of the input along one axis, $b$ the second, and $\sigma$ the sigmoid. It
# has no weights of its own.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = F.glu(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = keras.activations.glu(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# The first three gradients are the shares, σ(0.5), σ(1.5) and σ(4); the last three reach the gates, and
# are $a\,\sigma(b)\,\sigma(-b)$. Fed the same numbers twice, GLU is SiLU. With SiLU in place of the
# sigmoid it is SwiGLU {footcite:p}`shazeer2020glu`, and you write it in two lines:

# %% glu-twice-pt tags=["pytorch"]
h_pt = torch.tensor(x)
twice_pt = F.glu(torch.cat([h_pt, h_pt]))
a, b = torch.chunk(h_pt, 2)
swiglu_pt = a * F.silu(b)
show(twice=twice_pt, silu=F.silu(h_pt), swiglu=swiglu_pt)

# %% glu-twice-tf tags=["tensorflow"]
h_tf = tf.constant(x)
twice_tf = keras.activations.glu(tf.concat([h_tf, h_tf], 0))
a, b = tf.split(h_tf, 2)
swiglu_tf = a * tf.nn.silu(b)
show(twice=twice_tf, silu=tf.nn.silu(h_tf), swiglu=swiglu_tf)

# %%
agree([twice_pt, swiglu_pt], [twice_tf, swiglu_tf])

# %% [markdown]
# ### Which axis is halved
#
# `dim` and `axis` both mean the last axis unless you say otherwise. The last axis of an image is its
# width in PyTorch, and its channels in TensorFlow. An odd size is refused, an even width is halved
# without a word.

# %% glu-axis-pt tags=["pytorch"]
images = torch.ones(1, 4, 6, 6)  # (batch, channels, h, w)
print(tuple(F.glu(images).shape),
      tuple(F.glu(images, dim=1).shape))
try:
    F.glu(torch.ones(1, 4, 5, 5))
except RuntimeError:
    print("refused")

# %% glu-axis-tf tags=["tensorflow"]
images = tf.ones((1, 6, 6, 4))  # (batch, h, w, channels)
print(keras.activations.glu(images).shape,
      keras.activations.glu(images, axis=1).shape)
try:
    keras.activations.glu(tf.ones((1, 5, 5, 3)))
except ValueError:
    print("refused")

# %% [markdown]
# In a Keras model there is one trap more. A layer says what shape its output will have before it
# computes it, and takes for granted that its activation keeps the shape. With `activation="glu"` the one
# below promises eight numbers and returns four, and the next, made for eight, refuses them. Call
# `keras.ops.glu` on the layer's output instead.

# %% glu-promise-pt tags=["pytorch"]
model = nn.Sequential(
    nn.Linear(8, 8), nn.GLU(), nn.Linear(4, 3))
print(tuple(model(torch.ones(2, 8)).shape))

# %% glu-promise-tf tags=["tensorflow"]
x_in = keras.Input((8,))
dense = keras.layers.Dense(8, activation="glu")
print("promised", dense(x_in).shape,
      "returned", dense(tf.ones((2, 8))).shape)
model = keras.Sequential([dense, keras.layers.Dense(3)])
try:
    model(tf.ones((2, 8)))
except ValueError:
    print("refused")
h = keras.ops.glu(keras.layers.Dense(8)(x_in))
model = keras.Model(x_in, keras.layers.Dense(3)(h))
print(model(tf.ones((2, 8))).shape)

# %% [markdown]
# ### A value that is never saturated
#
# The older gate that {footcite:t}`dauphin2017language` compare it with sends the value through tanh first.
# Here the gate is open to σ(2) in both; what differs is the gradient of the value, at 1, 5 and 10.

# %% tags=["pytorch"]
a_pt = torch.tensor([1.0, 5.0, 10.0], requires_grad=True)
share = torch.sigmoid(torch.tensor(2.0))
slopes_pt = []
for y_pt in (torch.tanh(a_pt) * share, a_pt * share):
    slopes_pt += torch.autograd.grad(y_pt.sum(), a_pt)
show(tanh=slopes_pt[0], glu=slopes_pt[1])

# %% tags=["tensorflow"]
a_tf = tf.Variable([1.0, 5.0, 10.0])
share = tf.sigmoid(2.0)
with tf.GradientTape(persistent=True) as tape:
    ys_tf = [tf.tanh(a_tf) * share, a_tf * share]
slopes_tf = [tape.gradient(y_tf, a_tf) for y_tf in ys_tf]
show(tanh=slopes_tf[0], glu=slopes_tf[1])

# %% glu-saturation
agree(slopes_pt, slopes_tf)

# %% [markdown]
# The gate alone decides what passes, forwards and backwards: 0.88 of the gradient, however large the
# value has become.

# %% [markdown]
# (crelu)=
# ## CReLU
#
# <!-- names: crelu -->
#
# CReLU sends positive numbers out by one door and negative ones, with their sign turned, by another; out of
# the door that a number does not take comes a 0. Choose it where filters come in pairs of
# opposite sign, as they do in the first layers of convolutional networks
# {footcite:p}`shang2016understanding`: one filter then does the work of both.
#
# $$\operatorname{CReLU}(x) = \left[\max(0, x),\ \max(0, -x)\right]$$
#
# where $x$ is the input, and the brackets join all of the first to all of the second along one axis, the last
# unless you say otherwise. TensorFlow has it in `tf.nn`, Keras and PyTorch have none:

# %% crelu-bridge-pt tags=["pytorch"]
def crelu_pt(x, dim=-1):
    return F.relu(torch.cat([x, -x], dim))

# %% crelu-bridge-tf tags=["tensorflow"]
crelu_tf = tf.nn.crelu

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = crelu_pt(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt.reshape(2, 6), dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = crelu_tf(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=tf.reshape(y_tf, (2, 6)), dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# Twelve numbers come out, shown here in two rows: the next layer needs twice as many weights, or this one
# half as many units.
#
# ### Nothing is lost
#
# The first half minus the second is the input again. And wherever ReLU passes no gradient, CReLU does:

# %% tags=["pytorch"]
w = torch.tensor([-1.0], requires_grad=True)
grads_pt = []
for rectifier in (F.relu, crelu_pt):
    y = rectifier(2 * w)
    grads_pt += torch.autograd.grad(y.sum(), w)
show(relu=grads_pt[0], crelu=grads_pt[1])
up, down = torch.chunk(crelu_pt(torch.tensor(x)), 2)
back_pt = up - down
show(back=back_pt)

# %% tags=["tensorflow"]
w = tf.Variable([-1.0])
grads_tf = []
for rectifier in (tf.nn.relu, crelu_tf):
    with tf.GradientTape() as tape:
        y = rectifier(2 * w)
    grads_tf.append(tape.gradient(y, w))
show(relu=grads_tf[0], crelu=grads_tf[1])
up, down = tf.split(crelu_tf(tf.constant(x)), 2)
back_tf = up - down
show(back=back_tf)

# %% crelu-lossless
agree(back_pt, back_tf, gradients=(grads_pt, grads_tf))

# %% [markdown]
# A unit cannot die here: what ReLU would silence leaves by the second door.

# %% [markdown]
# (gates-not-monotonic)=
# ## Where they turn back
#
# As its input grows, each of the four first falls, to the bottom of its dip, and rises from there on. How
# deep the bottom is, and where:

# %% tags=["pytorch"]
gates_pt = {
    "SiLU": F.silu,
    "Hardswish": F.hardswish,
    "GELU": F.gelu,
    "GELU, tanh": tanh_gelu_pt,
    "Mish": F.mish,
}

# %% tags=["tensorflow"]
gates_tf = {
    "SiLU": tf.nn.silu,
    "Hardswish": keras.activations.hard_silu,
    "GELU": tf.nn.gelu,
    "GELU, tanh": tanh_gelu_tf,
    "Mish": keras.activations.mish,
}

# %% lowest-pt tags=["pytorch"]
for name, gate in gates_pt.items():
    y_pt = gate(torch.tensor(grid))
    i = y_pt.argmin()
    print(f"{name:10} {y_pt[i]:.4f} at {grid[i]:.2f}")

# %% lowest-tf tags=["tensorflow"]
for name, gate in gates_tf.items():
    y_tf = gate(tf.constant(grid))
    i = int(tf.argmin(y_tf))
    print(f"{name:10} {float(y_tf[i]):.4f} at {grid[i]:.2f}")

# %% [markdown]
# Two inputs, one on each side of the bottom, have the same output, so that the output does not say what
# the gradient is: the input must be kept. That is why `inplace=True` saves nothing here while training.
# It overwrites `h`, and PyTorch has quietly kept a copy for the gradient; for ReLU it keeps the output.
# TensorFlow overwrites nothing: `h` stands.

# %% inplace-pt tags=["pytorch"]
x_pt = torch.tensor([-3.0, -0.5, 2.0], requires_grad=True)
h = x_pt * 1
y_pt = F.silu(h, inplace=True)
show(h=h, kept=y_pt.grad_fn._saved_self)
h = x_pt * 1
y_pt = F.relu(h, inplace=True)
show(h=h, kept=y_pt.grad_fn._saved_result)

# %% inplace-tf tags=["tensorflow"]
x_tf = tf.Variable([-3.0, -0.5, 2.0])
h = x_tf * 1
y_tf = tf.nn.silu(h)
show(h=h, y=y_tf)
h = x_tf * 1
y_tf = tf.nn.relu(h)
show(h=h, y=y_tf)

# %% [markdown]
# All four refuse whole numbers, in both frameworks. And −∞, which is 0 after a ReLU, is NaN
# after a gate: −∞ times 0. If you mask with −∞, do it after the last gate.

# %% gates-infinity-pt tags=["pytorch"]
far = torch.tensor([-math.inf])
print("ReLU      ", F.relu(far).item())
for name, gate in gates_pt.items():
    try:
        whole = gate(torch.tensor([-1, 2])).dtype
    except NotImplementedError:
        whole = "refused"
    print(f"{name:10}", gate(far).item(), whole)

# %% gates-infinity-tf tags=["tensorflow"]
far = tf.constant([-math.inf])
refusals = TypeError, ValueError, tf.errors.OpError
print("ReLU      ", float(tf.nn.relu(far)[0]))
for name, gate in gates_tf.items():
    try:
        whole = gate(tf.constant([-1, 2])).dtype
    except refusals:
        whole = "refused"
    print(f"{name:10}", float(gate(far)[0]), whole)

# %% [markdown]
# (gates-at-the-kink)=
# ## At the kink
#
# Hardswish bends at ±3: its slope jumps from 0 to −½, and from 1½ to 1. CReLU bends at 0, as
# [the ReLUs do](rectifiers-at-the-kink) that it is made of. Here are Hardswish's gradients
# at −3 and at 3, and those of three formulas with the same values.

# %% tags=["pytorch"]
kinks_pt = {
    "hardswish": F.hardswish,
    "relu6": lambda x: x * F.relu6(x + 3) / 6,
    "clip": lambda x: x * torch.clamp(x + 3, 0, 6) / 6,
    "min, max": lambda x: x * torch.minimum(torch.maximum(
        torch.tensor(0.0), x + 3), torch.tensor(6.0)) / 6,
}

# %% tags=["tensorflow"]
kinks_tf = {
    "hardswish": keras.activations.hard_silu,
    "relu6": lambda x: x * tf.nn.relu6(x + 3) / 6,
    "clip": lambda x: x * tf.clip_by_value(x + 3, 0, 6) / 6,
    "min, max": lambda x: x * tf.minimum(tf.maximum(
        0.0, x + 3), 6.0) / 6,
}

# %% kinks-pt tags=["pytorch"]
for name, gate in kinks_pt.items():
    x_pt = torch.tensor([-3.0, 3.0], requires_grad=True)
    y_pt = gate(x_pt)
    (dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
    print(f"{name:10}", dx_pt.tolist())

# %% kinks-tf tags=["tensorflow"]
for name, gate in kinks_tf.items():
    x_tf = tf.Variable([-3.0, 3.0])
    with tf.GradientTape() as tape:
        y_tf = gate(x_tf)
    dx_tf = tape.gradient(y_tf, x_tf)
    print(f"{name:10}", dx_tf.numpy().tolist())

# %% [markdown]
# The frameworks' own agree, on the outer slopes, and `relu6` with them. The clips agree, too, on the
# inner ones. Only the minimum of a maximum differs: at a tie PyTorch takes the mean of both slopes,
# TensorFlow that of the first argument, which is the 0 at −3, and $x + 3$ at 3.
#
# ## Which one to choose
#
# | you have | take | because |
# | --- | --- | --- |
# | a network with ReLU, and want it smooth | SiLU | a gradient on both sides; mind the far side of the dip |
# | a small device | Hardswish, from the start | no exponential; but no stand-in for SiLU |
# | a transformer | GELU | the usual; write `approximate` out |
# | weights that were trained with one of them | that one | ten layers tell them apart |
# | a design that says so | Mish | softplus first, never the bare exponential |
# | room for twice the width | GLU, SwiGLU | values stay linear, gates learn when |
# | filters in pairs of opposite sign | CReLU | keeps both signs, no unit dies |
#
# ## Exercises
#
# Write all six yourself, and the second GELU, in either framework or in both:
# [exercises on gates](../../exercises/activations/gates.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
