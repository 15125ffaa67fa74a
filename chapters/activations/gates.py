# %% [markdown]
# # Gates
#
# A gate multiplies a number by a factor between 0 and 1. SiLU, Hardswish, GELU and Mish compute
# this factor from the number itself: large positive numbers pass almost unchanged, large negative
# ones become almost 0, and in between the curve dips below 0. GLU takes the factors for one half of
# its input from the other half. CReLU returns the positive and the negative numbers separately.
#
# **The claim:** below the bottom of the dip, gradient descent moves a weight away from a positive
# target, in both frameworks and by the same digits. And GELU names two functions: which one you
# get depends on one argument, on the module that you import from, and on who trained the model.

# %%
import math

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F

from diptych import agree, plots, show, show_error, value_and_grad

plots.use_style()
x = np.array([-4.0, -1.5, -0.5, 0.5, 1.5, 4.0], dtype=np.float32)

# %% [markdown]
# Every section uses these six inputs. Only Hardswish and CReLU have kinks, and none of the inputs
# is at one: [the kinks have a section of their own](gates-at-the-kink).
#
# In the first four panels one function is solid, its derivative dashed, and the other three
# functions are grey. GLU's panel has a line for each of three gate inputs $b$, and CReLU's panel
# shows its two outputs.

# %% all-gates tags=["hide-input"]
# alt: Six panels over inputs from minus 5 to 3. SiLU, Hardswish, GELU and Mish come from 0 on the
# far negative side, dip below it, to minus 0.28, 0.375, 0.17 and 0.31, and rise towards the line of
# slope 1; their derivatives, dashed, cross zero at the bottom of the dip and rise above 1.
# Hardswish's derivative jumps at minus 3. GLU is three lines through the origin, steeper the
# further the gate is open. CReLU is two lines: one is zero below 0 and rises above, the other,
# dotted, falls to zero at 0 and stays there.
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
plots.head(glu, "GLU: three gates", "glu")
plots.head(crelu, "CReLU: two outputs", "crelu")
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
# <!-- head: silu -->
#
# SiLU multiplies a number by its sigmoid {footcite:p}`elfwing2018sigmoid`: 4 by 0.98, 0 by ½, and
# −4 by 0.02. Choose it where you would take ReLU, and want a curve without a kink and a gradient on
# both sides of 0.
#
# $$\operatorname{SiLU}(x) = x\,\sigma(x) = \frac{x}{1 + e^{-x}}$$
#
# Here $x$ is one number of the input, and $\sigma$ the [sigmoid](sigmoids.ipynb#sigmoid). The
# output has the shape of the input.

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
# `dx` is the gradient of the summed outputs, $\sigma(x) + x\,\sigma(x)\,\sigma(-x)$: the first term
# comes through the number, the second through its gate. It is negative at −4 and −1.5, and above 1
# at 1.5 and 4, where ReLU's gradient is 0 and 1.
#
# The following sections compute output and gradient with `value_and_grad`, a helper of this book
# that does the same as the cells above.
#
# *Swish* is the same function, found a second time {footcite:p}`ramachandran2017searching`. Keras
# has both names for SiLU and for its hard sibling. PyTorch has one name for each:
#
# | function | in PyTorch | in TensorFlow |
# | --- | --- | --- |
# | SiLU | `silu`, no `swish` | `silu` and `swish` |
# | Hardswish | `hardswish`, no `hardsilu` | `hard_silu` and `hard_swish` |
#
# ### The second argument is inplace in PyTorch, and β in TensorFlow
#
# Swish was published with a parameter β, as $x\,\sigma(\beta x)$, and the second argument of
# `tf.nn.silu` is this β. PyTorch's function takes a second argument, too:

# %% silu-second-pt tags=["pytorch"]
h_pt = torch.tensor(x)
y_pt = F.silu(h_pt, 2.0)
show(y=y_pt, h=h_pt)

# %% silu-second-tf tags=["tensorflow"]
h_tf = tf.constant(x)
y_tf = tf.nn.silu(h_tf, 2.0)
show(y=y_tf, h=h_tf)

# %% [markdown]
# In PyTorch it is `inplace`, and 2 counts as true. There is no β, and `h` is overwritten without a
# warning. For a β in PyTorch, write the formula.
#
# ### tf.nn.silu adds up the gradients of several β
#
# With several β, for instance one per channel, write the formula in TensorFlow, too. `tf.nn.silu`
# has a single gradient for all of them, the sum of their gradients:

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
# ### Below the dip, descent moves a weight away from its target
#
# Train one weight for a hundred steps of gradient descent, so that its SiLU becomes 1. One run
# starts at −1, the other at −2.

# %% tags=["pytorch"]
def descend_pt(start):
    w = torch.tensor([start], requires_grad=True)
    sgd = torch.optim.SGD([w], lr=0.5)
    path = [w.item()]
    for _ in range(100):
        loss = ((F.silu(w) - 1) ** 2).sum()
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        path.append(w.item())
    return path, w

# %% tags=["tensorflow"]
def descend_tf(start):
    w = tf.Variable([start])
    sgd = keras.optimizers.SGD(learning_rate=0.5)
    path = [float(w[0])]
    for _ in range(100):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum((tf.nn.silu(w) - 1) ** 2)
        dw = tape.gradient(loss, w)
        sgd.apply([dw], [w])
        path.append(float(w[0]))
    return path, w

# %% tags=["pytorch"]
near_path_pt, near_pt = descend_pt(-1.0)
far_path_pt, far_pt = descend_pt(-2.0)
show(near=near_pt, far=far_pt, digits=2)

# %% tags=["tensorflow"]
near_path_tf, near_tf = descend_tf(-1.0)
far_path_tf, far_tf = descend_tf(-2.0)
show(near=near_tf, far=far_tf, digits=2)

# %%
agree([near_pt, far_pt], [near_tf, far_tf], atol=1e-3)

# %% runaway tags=["hide-input"]
# alt: The weight over a hundred steps, PyTorch's as lines, TensorFlow's as circles on them. Started at
# minus 1 it climbs to 1.28 within ten steps and stays. Started at minus 2 it falls, fast at first,
# then ever more slowly, to minus 6. A thin line marks the bottom of the dip, at minus 1.28, between
# the two starts.
fig, ax = plt.subplots()
for name, path_pt, path_tf in (("from −1", near_path_pt, near_path_tf),
                               ("from −2", far_path_pt, far_path_tf)):
    plots.coinciding(ax, range(101), path_pt, path_tf)
    ax.annotate(name, (50, path_pt[50] + 0.35))
ax.axhline(-1.28, color=plots.INK, linewidth=0.8)
ax.annotate("the bottom of the dip", (99, -1.1), ha="right")
plots.say_which(ax, (1, -6.1))
ax.set(xlabel="step", ylabel="weight", ylim=(-7, 2.2),
       title="Below the dip, descent leads away")
plt.show()

# %% [markdown]
# The bottom of the dip is at −1.28. Below it the output rises when the weight falls, so descent
# makes the weight ever smaller, and the output approaches 0, never 1. At −2
# [a ReLU is dead](rectifiers.ipynb#relu): its gradient is 0, and its weight stays where it is.
# SiLU's weight moves, but in the wrong direction.

# %% [markdown]
# (hard-silu)=
# ## Hardswish
#
# <!-- head: hard_silu -->
#
# Hardswish multiplies a number by a gate of straight lines: 0 up to −3, 1 from 3 on, and a slope of
# 1/6 between. The output is exactly 0 below −3, exactly the input above 3, and a parabola between.
# Choose it where exponentials cost too much, as in networks for phones
# {footcite:p}`howard2019searching`.
#
# $$\operatorname{Hardswish}(x) = x\,\frac{\min(\max(0, x + 3), 6)}{6}$$
#
# Here $x$ is one number of the input, and the fraction is the
# [hard sigmoid](sigmoids.ipynb#hard-sigmoid). Keras calls the function hard SiLU; `tf.nn` does not
# have it.

# %%
# pair: F.hardswish(x) | keras.activations.hard_silu(x)

# %% [markdown]
# At −4 the gradient is exactly 0, where SiLU's is −0.0527: below −3 a unit is dead, as below 0 with
# ReLU. At −1.5 the gradient is 0, too: this is the bottom of the dip, −0.375.
#
# ### Hardswish cannot stand in for SiLU
#
# Can a network that was made for SiLU run with Hardswish? Ten layers of 64 units run with each of
# the two, on the same weights and the same batch. The cell prints how far apart the outputs are, as
# a share of their norm.

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

# %% tags=["pytorch"]
hard_pt = apart_pt(F.silu, F.hardswish)
print(f"{hard_pt:.2f}")

# %% tags=["tensorflow"]
hard_tf = apart_tf(tf.nn.silu, keras.activations.hard_silu)
print(f"{hard_tf:.2f}")

# %% hard-ten-layers
agree(hard_pt, hard_tf, rtol=1e-3)

# %% [markdown]
# The outputs differ by more than a third. On the six inputs above the two functions are never more
# than 0.11 apart, but each layer adds to the difference that the layers before it have made. Train
# with the gate that you will run with.

# %% [markdown]
# (gelu)=
# ## GELU
#
# <!-- head: gelu -->
#
# GELU multiplies a number by the probability that a draw from the standard normal distribution is
# smaller {footcite:p}`hendrycks2016gaussian`: 1.5 by 0.93, 0 by ½, and −1.5 by 0.07. Its gate
# closes faster than SiLU's, so that at −4 almost nothing is left. Choose it for transformers, as
# BERT does {footcite:p}`devlin2019bert`.
#
# $$\operatorname{GELU}(x) = x\,\Phi(x) = \frac{x}{2}\left(1 + \operatorname{erf}\frac{x}{\sqrt 2}\right)$$
#
# Here $x$ is one number of the input, $\Phi$ the distribution function of the standard normal
# distribution, and erf the error function.

# %%
# pair: F.gelu(x) | tf.nn.gelu(x)

# %% [markdown]
# The second GELU approximates the first by tanh and a cube:
#
# $$\operatorname{GELU}(x) \approx \frac{x}{2}\left(1 + \tanh\left(\sqrt{2/\pi}\,
# \left(x + 0.044715\,x^3\right)\right)\right)$$
#
# The root gives the gate its right slope at 0, and the cube fits it to $\Phi$ further out.

# %%
# pair: F.gelu(x, approximate="tanh") | tf.nn.gelu(x, approximate=True)

# %% [markdown]
# ### approximate is a word in PyTorch, and true or false in TensorFlow
#
# At −3 the exact GELU is −0.0040, and the approximation −0.0036, so the output tells which of the
# two was computed:

# %% gelu-words-pt tags=["pytorch"]
x_pt = torch.tensor([-3.0])
for word in ("none", "tanh"):
    y_pt = F.gelu(x_pt, approximate=word)
    print(f"{word!r:7} {y_pt[0]:.4f}")
for word in ("true", True, False):
    with show_error():
        F.gelu(x_pt, approximate=word)

# %% gelu-words-tf tags=["tensorflow"]
x_tf = tf.constant([-3.0])
for word in ("none", "tanh"):
    y_tf = tf.nn.gelu(x_tf, approximate=word)
    print(f"{word!r:7} {y_tf[0]:.4f}")
for word in ("true", True, False):
    y_tf = tf.nn.gelu(x_tf, approximate=word)
    print(f"{word!r:7} {y_tf[0]:.4f}")

# %% [markdown]
# PyTorch takes its two words and raises on everything else. TensorFlow takes all five, and any word
# counts as true: `approximate="none"`, copied from PyTorch, approximates.
#
# ### The default is exact, except in keras.ops.gelu
#
# The same input again, without `approximate`:

# %% gelu-defaults-pt tags=["pytorch"]
show(function=F.gelu(x_pt),
     module=nn.GELU()(x_pt))

# %% gelu-defaults-tf tags=["tensorflow"]
show(tf_nn=tf.nn.gelu(x_tf),
     activations=keras.activations.gelu(x_tf),
     ops=keras.ops.gelu(x_tf))

# %% [markdown]
# ### A saved model can come back with the other GELU
#
# PyTorch saves weights, and no activation. `load_state_dict` compares their names and shapes, and
# does not notice that the second model has another GELU.
#
# Keras saves the activation by name. A layer that you pass `keras.ops.gelu` computes the
# approximation, and is saved as `"gelu"`. When Keras loads it, it reads `"gelu"` and computes the
# exact one, so do not pass this function to a layer.

# %% gelu-saved-pt tags=["pytorch"]
saved = nn.Sequential(nn.Linear(3, 2), nn.GELU("tanh"))
loaded = nn.Sequential(nn.Linear(3, 2), nn.GELU())
print(list(saved.state_dict()))
print(loaded.load_state_dict(saved.state_dict()))
show(saved=saved[1](x_pt), loaded=loaded[1](x_pt))

# %% gelu-saved-tf tags=["tensorflow"]
saved = keras.layers.Activation(keras.ops.gelu)
config = saved.get_config()
loaded = keras.layers.Activation.from_config(config)
print(config["activation"])
show(saved=saved(x_tf), loaded=loaded(x_tf))

# %% [markdown]
# ### GPT-2 needs the approximation; for BERT, implementations differ
#
# The configuration of a published model names its GELU by a word of the library that wrote it.
# These are the words of Hugging Face's transformers (5.24), and the calls that compute the same:
#
# | the configuration says | for instance in | in PyTorch | in TensorFlow |
# | --- | --- | --- | --- |
# | `"gelu"` | BERT, RoBERTa, ViT, Whisper | `F.gelu(x)` | `tf.nn.gelu(x)` |
# | `"gelu_new"` | GPT-2, GPT-Neo, GPT-J, ALBERT | `F.gelu(x, approximate="tanh")` | `tf.nn.gelu(x, approximate=True)` |
# | `"gelu_pytorch_tanh"` | Gemma, SigLIP | `F.gelu(x, approximate="tanh")` | `tf.nn.gelu(x, approximate=True)` |
# | `"quick_gelu"` | CLIP | `x * torch.sigmoid(1.702 * x)` | `x * tf.sigmoid(1.702 * x)` |
#
# The cells compute `gelu_new` by the formula in the code that was released with GPT-2
# {footcite:p}`radford2019language`, and print it as `new`, above the calls. `quick` is the formula
# of CLIP's code {footcite:p}`radford2021learning`.

# %% gelu-published-pt tags=["pytorch"]
def gelu_new(x):
    inner = (2 / math.pi) ** 0.5 * (x + 0.044715 * x**3)
    return x / 2 * (1 + torch.tanh(inner))


x_pt = torch.tensor(x)
new_pt, exact_pt = gelu_new(x_pt), F.gelu(x_pt)
tanh_pt = F.gelu(x_pt, approximate="tanh")
quick_pt = x_pt * torch.sigmoid(1.702 * x_pt)
show(new=new_pt, tanh=tanh_pt, gelu=exact_pt, quick=quick_pt)

# %% gelu-published-tf tags=["tensorflow"]
def gelu_new(x):
    inner = (2 / math.pi) ** 0.5 * (x + 0.044715 * x**3)
    return x / 2 * (1 + tf.tanh(inner))


x_tf = tf.constant(x)
new_tf, exact_tf = gelu_new(x_tf), tf.nn.gelu(x_tf)
tanh_tf = tf.nn.gelu(x_tf, approximate=True)
quick_tf = x_tf * tf.sigmoid(1.702 * x_tf)
show(new=new_tf, tanh=tanh_tf, gelu=exact_tf, quick=quick_tf)

# %% gelu-published
agree([new_pt, tanh_pt, quick_pt], [tanh_tf, new_tf, quick_tf])

# %% [markdown]
# For BERT the word is not enough. Transformers runs it with the exact GELU. Google's own code
# computed the exact GELU at first, and computes GPT-2's formula today, both times under the name
# `gelu`; KerasHub (0.32) takes the approximation, too. So choose one implementation to compare your
# port with, and look up which GELU it calls.
#
# ### Keras has no word for the approximation: pass a function
#
# In Keras an activation is usually an argument of the layer before it, and `activation="gelu"` is
# the exact one. No word stands for the approximation, so write a function. Register it, so that
# Keras finds it again when it loads the model.

# %%
kernel = np.array([[0.5, 0.2], [-1, 0.4], [0.2, -0.6]], np.float32)  # (in, out)
bias = np.array([0.1, -0.2], np.float32)
rows = x.reshape(2, 3)  # (batch, in)

# %% gelu-dense-pt tags=["pytorch"]
weights_pt = {"weight": torch.tensor(kernel.T),
              "bias": torch.tensor(bias)}
exact = nn.Sequential(nn.Linear(3, 2), nn.GELU())
approximate = nn.Sequential(nn.Linear(3, 2), nn.GELU("tanh"))
ys_pt = []
for model in (exact, approximate):
    model[0].load_state_dict(weights_pt)
    ys_pt.append(model(torch.tensor(rows)))
show(exact=ys_pt[0], tanh=ys_pt[1])

# %% gelu-dense-tf tags=["tensorflow"]
@keras.saving.register_keras_serializable("my_model")
def gelu_tanh(x):
    return keras.activations.gelu(x, approximate=True)


exact = keras.layers.Dense(2, activation="gelu")
approximate = keras.layers.Dense(2, activation=gelu_tanh)
ys_tf = []
for layer in (exact, approximate):
    layer.build((None, 3))
    layer.set_weights([kernel, bias])
    ys_tf.append(layer(rows))
show(exact=ys_tf[0], tanh=ys_tf[1])

# %% gelu-dense
agree(ys_pt, ys_tf)

# %% [markdown]
# ### The approximation is off by at most 0.00047
#
# The cells compare the two functions in float64, on a grid from −8 to 8. They print the largest
# difference and where it is, and what both functions make of three numbers.

# %%
grid = np.linspace(-8, 8, 1601)
some = np.array([-4.0, -2.7, -1.0])

# %% tags=["pytorch"]
def tanh_gelu_pt(x):
    return F.gelu(x, approximate="tanh")


grid_pt, some_pt = torch.tensor(grid), torch.tensor(some)
off_pt = tanh_gelu_pt(grid_pt) - F.gelu(grid_pt)
worst = int(off_pt.abs().argmax())
print(f"{abs(off_pt[worst]):.6f} at ±{abs(grid[worst]):.1f}")
show(exact=F.gelu(some_pt),
     tanh=tanh_gelu_pt(some_pt), digits=6)

# %% tags=["tensorflow"]
def tanh_gelu_tf(x):
    return tf.nn.gelu(x, approximate=True)


grid_tf, some_tf = tf.constant(grid), tf.constant(some)
off_tf = tanh_gelu_tf(grid_tf) - tf.nn.gelu(grid_tf)
worst = int(tf.argmax(abs(off_tf)))
print(f"{abs(off_tf[worst]):.6f} at ±{abs(grid[worst]):.1f}")
show(exact=tf.nn.gelu(some_tf),
     tanh=tanh_gelu_tf(some_tf), digits=6)

# %%
agree(off_pt, off_tf)

# %% gelu-error tags=["hide-input"]
# alt: The error of the approximation over inputs from minus 6 to 6, in millionths, PyTorch's as a
# line, TensorFlow's as circles on it. It is the same on both sides of 0: zero at 0, down to minus 234
# at 1.4, up through zero to a peak of 473 at 2.7, and back to zero beyond 5.
fig, ax = plt.subplots()
plots.coinciding(ax, grid, off_pt * 1e6, off_tf * 1e6, label=(-5.9, -130), markers=25)
plots.zero_lines(ax)
ax.set(xlim=(-6, 6), xlabel="input", ylabel="tanh − exact, in millionths",
       title="The approximation is worst, 0.00047, at ±2.7")
plt.show()

# %% [markdown]
# At −4 the approximation returns little more than half of the exact value, but that value hardly
# counts. The next cells run [Hardswish's](hard-silu) ten layers with both GELUs, and print how far
# apart the outputs are:

# %% tags=["pytorch"]
soft_pt = apart_pt(F.gelu, tanh_gelu_pt)
print(f"{soft_pt:.4f}")

# %% tags=["tensorflow"]
soft_tf = apart_tf(tf.nn.gelu, tanh_gelu_tf)
print(f"{soft_tf:.4f}")

# %% gelu-ten-layers
agree(soft_pt, soft_tf, rtol=0.05, atol=0)

# %% [markdown]
# They differ by a thousandth: too little to notice, and too much for a test that compares a ported
# network digit by digit. If your port is off by that much, look at `approximate` first.
#
# ### Far below 0 the exact GELU is 0 in PyTorch, and tiny in TensorFlow
#
# The cells print the size of the output at −4, −8 and −12, for GELU and for two formulas. One adds
# 1 to erf. The other uses the complement erfc, which is 1 − erf computed in one step.

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
    print(f"{name:10}", *(f"{abs(y):.1e}" for y in y_tf))

# %% [markdown]
# PyTorch adds 1 to a number that float32 cannot tell from −1, and nothing is left. TensorFlow
# computes the complement and keeps its digits.
#
# ### In float64 TensorFlow's GELU is right to seven digits only
#
# TensorFlow rounds its √½ to float32, even when the input is float64. The cell below the pair
# computes GELU of −3 with the exact root, and with the rounded one.

# %% gelu-double-pt tags=["pytorch"]
x_pt = torch.tensor(-3.0, dtype=torch.float64)
print(f"{F.gelu(x_pt):.12f}")

# %% gelu-double-tf tags=["tensorflow"]
x_tf = tf.constant(-3.0, dtype=tf.float64)
print(f"{tf.nn.gelu(x_tf):.12f}")

# %% gelu-double
for root in (math.sqrt(0.5), np.float32(math.sqrt(0.5))):
    print(f"{-1.5 * math.erfc(3 * float(root)):.12f}")

# %% [markdown]
# (mish)=
# ## Mish
#
# <!-- head: mish -->
#
# Mish multiplies a number by tanh of its softplus {footcite:p}`misra2020mish`. This gate is 0.6 at
# 0, where SiLU's is ½, and the dip is a little deeper. Choose it where the design that you follow
# uses it, as YOLOv4's backbone does {footcite:p}`bochkovskiy2020yolov4`.
#
# $$\operatorname{Mish}(x) = x\,\tanh\left(\log(1 + e^x)\right)$$
#
# Here $x$ is one number of the input, and the logarithm is its softplus. In TensorFlow only Keras
# has Mish.

# %%
# pair: F.mish(x) | keras.activations.mish(x)

# %% [markdown]
# ### Written by hand, Mish gives NaN for large inputs
#
# tanh of a logarithm is a fraction: with $w = e^x$ and $n = w(w + 2)$ the gate is $n / (n + 2)$,
# which takes one exponential. The cells compute this fraction, then the formula as it stands above,
# then the framework's own function.

# %% mish-written-pt tags=["pytorch"]
def fraction(x):
    w = torch.exp(x)
    n = w * (w + 2)
    return x * n / (n + 2)


def formula(x):
    return x * torch.tanh(torch.log(1 + torch.exp(x)))


x_pt = torch.tensor([20.0, 45.0, 100.0])
for mish in (fraction, formula, F.mish):
    print(mish.__name__)
    y_pt, dx_pt = value_and_grad(mish, x_pt)
    show(y=y_pt, dx=dx_pt, digits=1)

# %% mish-written-tf tags=["tensorflow"]
def fraction(x):
    w = tf.exp(x)
    n = w * (w + 2)
    return x * n / (n + 2)


def formula(x):
    return x * tf.tanh(tf.math.log(1 + tf.exp(x)))


x_tf = tf.constant([20.0, 45.0, 100.0])
for mish in (fraction, formula, keras.activations.mish):
    print(mish.__name__)
    y_tf, dx_tf = value_and_grad(mish, x_tf)
    show(y=y_tf, dx=dx_tf, digits=1)

# %% [markdown]
# The fraction squares the exponential, which is infinite from 45 on, and ∞/∞ is NaN. The formula
# has the right value even at 100, because tanh of ∞ is 1, but its gradient there is 0 times ∞. A
# test of the values alone would not find it.

# %% [markdown]
# (glu)=
# ## GLU
#
# <!-- head: glu -->
#
# GLU splits its input into two halves and multiplies the first by the sigmoid of the second
# {footcite:p}`dauphin2017language`. The network learns values and, separately, when to let them
# pass. Half as many numbers come out as go in, so choose it in place of an activation where the
# layer before it can be twice as wide.
#
# $$\operatorname{GLU}(a, b) = a\,\sigma(b)$$
#
# Here $a$ is the first half of the input along one axis, $b$ the second, and $\sigma$ the sigmoid.
# GLU has no weights of its own.

# %%
# pair: F.glu(x) | keras.activations.glu(x)

# %% [markdown]
# The first three gradients are the gates σ(0.5), σ(1.5) and σ(4). The last three belong to the
# inputs of the gates, and are $a\,\sigma(b)\,\sigma(-b)$.
#
# When both halves are the same, GLU is SiLU. With SiLU in place of the sigmoid it is SwiGLU
# {footcite:p}`shazeer2020glu`, which neither framework has. You write it in two lines:

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
# ### Implementations differ in which half is the gate
#
# In both frameworks' GLU the second half is the gate. For SwiGLU and its siblings each library has
# made its own choice:
#
# | implementation | linear layers | the gate |
# | --- | --- | --- |
# | `F.glu`, `keras.activations.glu` | one | the second half |
# | diffusers (0.42): `GEGLU`, `SwiGLU` | one | the second half |
# | transformers (5.24): Phi-3, GLM, `gate_up_proj` | one | the first half |
# | transformers: gpt-oss, `gate_up_proj` | one | the even positions: gates and values alternate |
# | transformers: LLaMA {footcite:p}`touvron2023llama`, `gate_proj` and `up_proj` | two | the one whose name says so |
#
# A model that takes the other half for the gate loads your weights without an error, because all
# shapes fit. Only the numbers are wrong. Swap the halves of the linear layer, in its weight and in
# its bias:

# %%
joint = rng.normal(0, 1, (3, 4)).astype(np.float32)  # (in, gate and value)
joint_bias = rng.normal(0, 1, 4).astype(np.float32)

# %% glu-halves-pt tags=["pytorch"]
def swiglu(h):  # the second half is the gate
    value, gate = torch.chunk(h, 2, -1)
    return value * F.silu(gate)


x_pt, w, b = map(torch.tensor, (rows, joint, joint_bias))
gate, value = torch.chunk(x_pt @ w + b, 2, -1)
right_pt = F.silu(gate) * value  # the checkpoint's own code
wrong_pt = swiglu(x_pt @ w + b)
w, b = torch.roll(w, 2, -1), torch.roll(b, 2, -1)
swapped_pt = swiglu(x_pt @ w + b)
show(right=right_pt, wrong=wrong_pt, swapped=swapped_pt)

# %% glu-halves-tf tags=["tensorflow"]
def swiglu(h):  # the second half is the gate
    value, gate = tf.split(h, 2, -1)
    return value * tf.nn.silu(gate)


x_tf, w, b = map(tf.constant, (rows, joint, joint_bias))
gate, value = tf.split(x_tf @ w + b, 2, -1)
right_tf = tf.nn.silu(gate) * value  # the checkpoint's own code
wrong_tf = swiglu(x_tf @ w + b)
w, b = tf.roll(w, 2, -1), tf.roll(b, 2, -1)
swapped_tf = swiglu(x_tf @ w + b)
show(right=right_tf, wrong=wrong_tf, swapped=swapped_tf)

# %% glu-halves
agree([right_pt, swapped_pt, wrong_pt], [swapped_tf, right_tf, wrong_tf])

# %% [markdown]
# The halves of this kernel lie along its last axis, as in Keras. In PyTorch the weight of
# `nn.Linear` has the shape (out, in), so there you swap along the first. Two linear layers need no
# swap: join their weights, the value's first.
#
# ### The last axis is halved: an image's width in PyTorch, its channels in Keras
#
# `dim` and `axis` both mean the last axis unless you say otherwise. The last axis of an image is
# its width in PyTorch, and its channels in TensorFlow. Both raise when the size is odd, but an even
# width is halved without a warning.

# %% glu-axis-pt tags=["pytorch"]
images = torch.ones(1, 4, 6, 6)  # (batch, channels, h, w)
print(tuple(F.glu(images).shape),
      tuple(F.glu(images, dim=1).shape))
with show_error():
    F.glu(torch.ones(1, 4, 5, 5))

# %% glu-axis-tf tags=["tensorflow"]
images = tf.ones((1, 6, 6, 4))  # (batch, h, w, channels)
print(keras.activations.glu(images).shape,
      keras.activations.glu(images, axis=1).shape)
with show_error():
    keras.activations.glu(tf.ones((1, 5, 5, 3)))

# %% [markdown]
# ### As a Keras activation, GLU promises twice the width that it returns
#
# A Keras layer says which shape its output will have before it computes it, and assumes that its
# activation keeps the shape. With `activation="glu"` the layer below promises eight numbers and
# returns four. The next layer is built for eight, and refuses them.

# %% glu-promise-pt tags=["pytorch"]
linear, gate = nn.Linear(8, 8), nn.GLU()
after = nn.Linear(4, 3)  # you say how wide its input is
h = gate(linear(torch.ones(2, 8)))
print("returned", tuple(h.shape))
print("behind it", tuple(after(h).shape))

# %% glu-promise-tf tags=["tensorflow"]
dense = keras.layers.Dense(8, activation="glu")
promised = dense(keras.Input((8,))).shape
after = keras.layers.Dense(3, name="after")
after.build(promised)
h = dense(tf.ones((2, 8)))
print("promised", promised, "returned", h.shape)
with show_error():
    after(h)

# %% [markdown]
# Call `keras.ops.glu` on the layer's output instead:

# %% tags=["pytorch"]
linear = nn.Linear(3, 4)
linear.load_state_dict({"weight": torch.tensor(joint.T),
                        "bias": torch.tensor(joint_bias)})
h = linear(torch.tensor(rows))
y_pt = nn.GLU()(h)
show(y=y_pt)

# %% tags=["tensorflow"]
dense = keras.layers.Dense(4)
dense.build((None, 3))
dense.set_weights([joint, joint_bias])
h = dense(rows)
y_tf = keras.ops.glu(h)
show(y=y_tf)

# %%
agree(y_pt, y_tf)

# %% [markdown]
# ### The value has a gradient however large it is
#
# The older gate that {footcite:t}`dauphin2017language` compare it with sends the value through tanh
# first. In the next cells the gate is σ(2) for both. What differs is the gradient of the value, at
# 1, 5 and 10.

# %% tags=["pytorch"]
a_pt = torch.tensor([1.0, 5.0, 10.0])
share = torch.sigmoid(torch.tensor(2.0))
_, tanh_pt = value_and_grad(
    lambda a: torch.tanh(a) * share, a_pt)
_, glu_pt = value_and_grad(lambda a: a * share, a_pt)
show(tanh=tanh_pt, glu=glu_pt)

# %% tags=["tensorflow"]
a_tf = tf.constant([1.0, 5.0, 10.0])
share = tf.sigmoid(2.0)
_, tanh_tf = value_and_grad(
    lambda a: tf.tanh(a) * share, a_tf)
_, glu_tf = value_and_grad(lambda a: a * share, a_tf)
show(tanh=tanh_tf, glu=glu_tf)

# %% glu-saturation
agree([tanh_pt, glu_pt], [tanh_tf, glu_tf])

# %% [markdown]
# In GLU the gate alone decides what passes, forwards and backwards: 0.88 of the gradient, however
# large the value has become.

# %% [markdown]
# (crelu)=
# ## CReLU
#
# <!-- head: crelu -->
#
# CReLU returns ReLU of the input, and behind it ReLU of the negated input. A positive number appears
# in the first half, and a negative one, with its sign turned, in the second. Choose CReLU where
# filters come in pairs of opposite sign, as in the first layers of convolutional networks
# {footcite:p}`shang2016understanding`: one filter then does the work of both.
#
# $$\operatorname{CReLU}(x) = \left[\max(0, x),\ \max(0, -x)\right]$$
#
# Here $x$ is the input, and the brackets join the two along one axis, the last unless you say
# otherwise. TensorFlow has it in `tf.nn`. Keras and PyTorch have none:

# %% crelu-bridge-pt tags=["pytorch"]
def crelu_pt(x, dim=-1):
    return F.relu(torch.cat([x, -x], dim))

# %% crelu-bridge-tf tags=["tensorflow"]
def crelu_tf(x, axis=-1):
    return tf.nn.crelu(x, axis)

# %% tags=["pytorch"]
x_pt = torch.tensor(x)
y_pt, dx_pt = value_and_grad(crelu_pt, x_pt)
show(x=x_pt, y=y_pt.reshape(2, 6), dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.constant(x)
y_tf, dx_tf = value_and_grad(crelu_tf, x_tf)
show(x=x_tf, y=tf.reshape(y_tf, (2, 6)), dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# Twelve numbers come out, shown here in two rows. So either the next layer needs twice as many
# weights, or this one half as many units.
#
# ### CReLU loses nothing, and no unit dies
#
# The first half minus the second is the input again. And where ReLU passes no gradient, CReLU does:

# %% tags=["pytorch"]
w_pt = torch.tensor([-1.0])
_, relu_pt = value_and_grad(lambda w: F.relu(2 * w), w_pt)
_, both_pt = value_and_grad(lambda w: crelu_pt(2 * w), w_pt)
show(relu=relu_pt, crelu=both_pt)
up, down = torch.chunk(crelu_pt(torch.tensor(x)), 2)
back_pt = up - down
show(back=back_pt)

# %% tags=["tensorflow"]
w_tf = tf.constant([-1.0])
_, relu_tf = value_and_grad(lambda w: tf.nn.relu(2 * w), w_tf)
_, both_tf = value_and_grad(lambda w: crelu_tf(2 * w), w_tf)
show(relu=relu_tf, crelu=both_tf)
up, down = tf.split(crelu_tf(tf.constant(x)), 2)
back_tf = up - down
show(back=back_tf)

# %% crelu-lossless
agree(back_pt, back_tf,
      gradients=([relu_pt, both_pt], [relu_tf, both_tf]))

# %% [markdown]
# A unit cannot die here: what ReLU would set to 0 leaves in the second half.

# %% [markdown]
# (gates-in-layers)=
# ## In Keras the gate is usually a word in the layer before it
#
# Keras code rarely calls an activation. It names the activation in the layer before, or in an
# `Activation` layer. In PyTorch both become a module of their own:

# %% tags=["pytorch"]
modules = [
    nn.SiLU(),
    nn.Hardswish(),
    nn.GELU(),
    nn.Mish(),
]
ys_pt = [module(torch.tensor(x)) for module in modules]
show(silu=ys_pt[0], hard=ys_pt[1], gelu=ys_pt[2], mish=ys_pt[3])

# %% tags=["tensorflow"]
layers = [
    keras.layers.Activation("silu"),
    keras.layers.Activation("hard_silu"),
    keras.layers.Activation("gelu"),
    keras.layers.Activation("mish"),
]
ys_tf = [layer(tf.constant(x)) for layer in layers]
show(silu=ys_tf[0], hard=ys_tf[1], gelu=ys_tf[2], mish=ys_tf[3])

# %%
agree(ys_pt, ys_tf)

# %% [markdown]
# A `Dense` layer with an activation becomes two modules. PyTorch's weight is Keras's kernel,
# transposed:

# %% gates-dense-pt tags=["pytorch"]
models = [
    nn.Sequential(nn.Linear(3, 2), nn.SiLU()),
    nn.Sequential(nn.Linear(3, 2), nn.Hardswish()),
    nn.Sequential(nn.Linear(3, 2), nn.GELU()),
    nn.Sequential(nn.Linear(3, 2), nn.Mish()),
]
for model in models:
    model[0].load_state_dict({"weight": torch.tensor(kernel.T),
                              "bias": torch.tensor(bias)})
ys_pt, dxs_pt = zip(*(value_and_grad(m, torch.tensor(rows))[:2]
                      for m in models))
show(silu=ys_pt[0], hard=ys_pt[1], gelu=ys_pt[2], mish=ys_pt[3])

# %% gates-dense-tf tags=["tensorflow"]
models = [
    keras.layers.Dense(2, activation="silu"),
    keras.layers.Dense(2, activation="hard_silu"),
    keras.layers.Dense(2, activation="gelu"),
    keras.layers.Dense(2, activation="mish"),
]
for model in models:
    model.build((None, 3))
    model.set_weights([kernel, bias])
ys_tf, dxs_tf = zip(*(value_and_grad(m, tf.constant(rows))[:2]
                      for m in models))
show(silu=ys_tf[0], hard=ys_tf[1], gelu=ys_tf[2], mish=ys_tf[3])

# %% gates-dense
agree(ys_pt, ys_tf, gradients=(dxs_pt, dxs_tf))

# %% [markdown]
# (gates-not-monotonic)=
# ## SiLU, Hardswish, GELU and Mish fall before they rise
#
# As its input grows, each of the four first falls, to the bottom of its dip, and rises from there
# on. The cells print how deep the bottom is, and where:

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
    i = int(y_pt.argmin())
    print(f"{name:10} {y_pt[i]:.4f} at {grid[i]:.2f}")

# %% lowest-tf tags=["tensorflow"]
for name, gate in gates_tf.items():
    y_tf = gate(tf.constant(grid))
    i = int(tf.argmin(y_tf))
    print(f"{name:10} {y_tf[i]:.4f} at {grid[i]:.2f}")

# %% [markdown]
# ### inplace=True saves no memory in training
#
# Two inputs, one on each side of the bottom, have the same output. So the gradient cannot be
# computed from the output, and the input must be kept. `F.silu(h, inplace=True)` overwrites `h`,
# but PyTorch has first made a copy for the gradient. For ReLU it keeps the output, and needs no
# copy; TensorFlow overwrites nothing.

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
# ### −∞ becomes NaN in a gate
#
# After a ReLU −∞ is 0. After a gate it is NaN, because −∞ is multiplied by 0. If you mask with −∞,
# do it after the last gate.

# %% gates-infinity-pt tags=["pytorch"]
far = torch.tensor([-math.inf])
print("ReLU      ", F.relu(far).item())
for name, gate in gates_pt.items():
    print(f"{name:10}", gate(far).item())

# %% gates-infinity-tf tags=["tensorflow"]
far = tf.constant([-math.inf])
print("ReLU      ", float(tf.nn.relu(far)[0]))
for name, gate in gates_tf.items():
    print(f"{name:10}", float(gate(far)[0]))

# %% [markdown]
# ### Both raise on integer tensors
#
# Convert them to a float type first.

# %% tags=["pytorch"]
whole = torch.tensor([-1, 2])
for gate in (F.silu, F.hardswish, F.gelu, F.mish):
    with show_error():
        gate(whole)

# %% tags=["tensorflow"]
whole = tf.constant([-1, 2])
for gate in (tf.nn.silu, keras.activations.hard_silu,
             tf.nn.gelu, keras.activations.mish):
    with show_error():
        gate(whole)

# %% [markdown]
# (gates-at-the-kink)=
# ## At Hardswish's kinks both frameworks take the outer slope
#
# Hardswish has kinks at ±3: its slope jumps from 0 to −½ at −3, and from 1½ to 1 at 3. CReLU has
# one at 0, as [the ReLUs do](rectifiers-at-the-kink) that it is made of. The cells print the
# gradients at −3 and at 3, of Hardswish and of three formulas with the same values.

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
ends_pt = torch.tensor([-3.0, 3.0])
for name, gate in kinks_pt.items():
    _, dx_pt = value_and_grad(gate, ends_pt)
    print(f"{name:10}", dx_pt.tolist())

# %% kinks-tf tags=["tensorflow"]
ends_tf = tf.constant([-3.0, 3.0])
for name, gate in kinks_tf.items():
    _, dx_tf = value_and_grad(gate, ends_tf)
    print(f"{name:10}", dx_tf.numpy().tolist())

# %% [markdown]
# The frameworks' own functions and `relu6` take the outer slopes, in both frameworks, and the clips
# take the inner ones. Only the minimum of a maximum differs. At a tie PyTorch takes the mean of both
# slopes, and TensorFlow the slope of the first argument: of the constant 0 at −3, and of $x + 3$ at
# 3.
#
# ## Which one to choose
#
# | you have | take | because |
# | --- | --- | --- |
# | a network with ReLU, and want it smooth | SiLU | it has a gradient on both sides; mind the far side of the dip |
# | a small device | Hardswish, from the start | it needs no exponential, but cannot stand in for SiLU |
# | a transformer | GELU | it is the usual choice; write `approximate` out |
# | weights that were trained with one of them | that one | after ten layers the outputs differ |
# | a design that says so | Mish | take the framework's own, never the bare exponential |
# | room for twice the width | GLU, SwiGLU | values stay linear, and gates learn when to open |
# | filters in pairs of opposite sign | CReLU | it keeps both signs, and no unit dies |
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
