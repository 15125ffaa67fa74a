# %% [markdown]
# # Gates
#
# A gate multiplies a number by a factor between 0 and 1. In SiLU, Hardswish, GELU and Mish this factor depends
# on the number itself. Large positive numbers stay almost unchanged, and large negative numbers become almost 0.
# Left of 0 the curve goes below 0 and has a minimum.
#
# GLU splits its input into two halves, and multiplies the first half by factors that it computes from the second
# half. CReLU has no factor: it returns the positive and the negative numbers separately.
#
# **The claim:** SiLU has its minimum at the input −1.28. Left of this minimum, a smaller input gives a larger
# output. If the output of a unit is too small there, gradient descent changes the unit's weights so that its input
# becomes smaller. The output then comes closer to 0, but never becomes positive. This happens in both frameworks,
# with the same numbers. Two formulas have the name GELU. The argument `approximate` chooses one of them, and its
# default is not the same in all functions of the libraries. If you load the weights of a model, use the GELU of
# this model.

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
# Most sections use these six inputs. A *kink* is a point where the slope jumps. Only Hardswish and CReLU
# have kinks, and no input lies on a kink. [The
# section on kinks](gates-at-the-kink) shows the gradients there.
#
# In the first four panels, the solid line is the function, the dashed line is its derivative, and the thin grey
# lines are the other three functions. For Hardswish, function and derivative are both 0 below −3. GLU has two
# inputs, $a$ and $b$. Its panel shows $a$ on the horizontal axis, and one line for each of three values of $b$.
# CReLU's panel shows its two outputs.

# %% all-gates tags=["hide-input"]
# alt: Six panels over inputs from minus 5 to 3. SiLU, Hardswish, GELU and Mish come from 0 on the far negative
# side, fall below it, to minus 0.28, 0.375, 0.17 and 0.31, and rise towards the line of slope 1; their
# derivatives, dashed, are zero at the minimum and rise above 1. Hardswish and its derivative are both 0 below
# minus 3, and its derivative jumps at minus 3. GLU is three lines through the origin; the larger the gate input,
# the steeper the line. CReLU is two lines: one is zero below 0 and rises above, the other, dotted, falls to zero
# at 0 and stays there.
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
axes[0, 1].annotate("both 0", (-4.9, 0.1), color=plots.PALETTE[1])
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
# SiLU multiplies a number by the sigmoid of this number {footcite:p}`elfwing2018sigmoid`. For the input 4 the
# factor is 0.98, for 0 it is ½, and for −4 it is 0.02. Choose SiLU instead of ReLU if you want a curve without a
# kink, and a gradient on both sides of 0.
#
# $$\operatorname{SiLU}(x) = x\,\sigma(x) = \frac{x}{1 + e^{-x}}$$
#
# Here $x$ is one number of the input, and $\sigma$ is the [sigmoid](sigmoids.ipynb#sigmoid). The output has the
# shape of the input.

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
# `dx` is the gradient of the sum of the outputs. Its formula is $\sigma(x) + x\,\sigma(x)\,\sigma(-x)$. By
# the product rule, the first term comes from the derivative of $x$, and the second term from the derivative of
# $\sigma(x)$. At −4 and −1.5 the gradient is negative, and ReLU's gradient is 0. At 1.5 and 4 the gradient is
# above 1, and ReLU's gradient is 1.
#
# The next sections compute the output and the gradient with `value_and_grad`. This function of the book does the
# same as the two cells above.
#
# Another name for SiLU is *Swish* {footcite:p}`ramachandran2017searching`. In TensorFlow and Keras, SiLU and
# Hardswish have two names each. In PyTorch each function has one name:
#
# | function | in PyTorch | in TensorFlow |
# | --- | --- | --- |
# | SiLU | `silu` | `silu` and `swish` |
# | Hardswish | `hardswish` | `hard_silu` and `hard_swish` |
#
# ### The second argument is `inplace` in PyTorch, and β in TensorFlow
#
# Swish was published with a parameter β, as $x\,\sigma(\beta x)$. In `tf.nn.silu` the second argument is this β.
# In `F.silu` the second argument has another meaning:

# %% silu-second-pt tags=["pytorch"]
h_pt = torch.tensor(x)
y_pt = F.silu(h_pt, 2.0)
show(y=y_pt, h=h_pt)

# %% silu-second-tf tags=["tensorflow"]
h_tf = tf.constant(x)
y_tf = tf.nn.silu(h_tf, 2.0)
show(y=y_tf, h=h_tf)

# %% [markdown]
# In PyTorch the second argument is `inplace`, and the number 2 counts as True. So PyTorch uses no β, and
# overwrites `h` without a warning. If you need β in PyTorch, write the formula.
#
# ### `tf.nn.silu` adds up the gradients of several β
#
# A model can have several β, for example one for each channel. `tf.nn.silu` then returns one number as their
# gradient: the sum of the gradients of all β. Write the formula instead. It gives one
# gradient for each β (`formula` in the results).

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
# ### Left of the minimum, gradient descent moves a weight in the wrong direction
#
# The next cells train one weight $w$ for a hundred steps of gradient descent. The loss is
# $(\operatorname{SiLU}(w) - 1)^2$, so the target of the output is 1. SiLU is 1 at $w = 1.28$. The first training
# starts at −1 (`near`), and the second at −2 (`far`). The cells print the two weights after the last step.

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
# then ever more slowly, to minus 6. A thin line marks SiLU's minimum, at minus 1.28, between
# the two starts.
fig, ax = plt.subplots()
for name, path_pt, path_tf in (("from −1", near_path_pt, near_path_tf),
                               ("from −2", far_path_pt, far_path_tf)):
    plots.coinciding(ax, range(101), path_pt, path_tf)
    ax.annotate(name, (50, path_pt[50] + 0.35))
ax.axhline(-1.28, color=plots.INK, linewidth=0.8)
ax.annotate("SiLU's minimum, −1.28", (99, -1.1), ha="right")
plots.say_which(ax, (1, -6.1))
ax.set(xlabel="step", ylabel="weight", ylim=(-7, 2.2),
       title="From −2, the weight moves away from its target")
plt.show()

# %% [markdown]
# Left of the minimum at −1.28, a smaller weight gives a larger output. So gradient descent makes the weight smaller
# in every step. The output becomes larger, but it approaches 0 and not 1. A weight of −2 cannot reach its target
# with ReLU either: [ReLU's gradient is 0](rectifiers.ipynb#relu), and the weight does not move. With SiLU the weight
# moves, but in the wrong direction.

# %% [markdown]
# (hard-silu)=
# ## Hardswish
#
# <!-- head: hard_silu -->
#
# Hardswish multiplies a number by a gate made of three straight pieces. The gate is 0 below −3 and 1 above 3.
# Between −3 and 3 the gate rises with the slope 1/6. So the output is exactly 0 below −3, exactly the input above 3,
# and a parabola between −3 and 3. Choose Hardswish if exponentials are too slow, as in networks for phones
# {footcite:p}`howard2019searching`.
#
# $$\operatorname{Hardswish}(x) = x\,\frac{\min(\max(0, x + 3), 6)}{6}$$
#
# Here $x$ is one number of the input, and the fraction is the [hard sigmoid](sigmoids.ipynb#hard-sigmoid). Keras
# calls the function hard SiLU. `tf.nn` does not have it.

# %%
# pair: F.hardswish(x) | keras.activations.hard_silu(x)

# %% [markdown]
# At −4 Hardswish's gradient is exactly 0, and SiLU's gradient is −0.0527. Hardswish's gradient is 0 for all inputs
# below −3. ReLU's gradient is 0 for all inputs below 0. At −1.5 Hardswish's gradient is also 0, because its minimum,
# −0.375, is there.
#
# ### Hardswish in place of SiLU changes a network's output by more than a third
#
# Can you use Hardswish in a network that was trained with SiLU? The next cells run a network of ten layers with 64
# units, once with SiLU and once with Hardswish. The weights and the batch are the same. The cells print the relative
# difference of the outputs: the norm of their difference, divided by the norm of SiLU's output.

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
# The difference is more than a third of the output. For each of the six inputs above, the two functions differ by at
# most 0.11. But each layer makes the difference larger. So use the same function in training and in inference.

# %% [markdown]
# (gelu)=
# ## GELU
#
# <!-- head: gelu -->
#
# GELU multiplies $x$ by $\Phi(x)$, the probability that a standard normal random number is smaller than $x$
# {footcite:p}`hendrycks2016gaussian`. For the input 1.5 the factor is 0.93, for 0 it is ½, and for −1.5 it is
# 0.07. For negative inputs GELU approaches 0 faster than SiLU. At −4 the output is only −0.0001. Choose GELU for
# transformers, as in BERT {footcite:p}`devlin2019bert`.
#
# $$\operatorname{GELU}(x) = x\,\Phi(x) = \frac{x}{2}\left(1 + \operatorname{erf}\frac{x}{\sqrt 2}\right)$$
#
# Here $x$ is one number of the input. $\Phi$ is the distribution function of the standard normal distribution,
# and erf is the error function.

# %%
# pair: F.gelu(x) | tf.nn.gelu(x)

# %% [markdown]
# The second function with the name GELU is an approximation of the first. It uses tanh and a cube:
#
# $$\operatorname{GELU}(x) \approx \frac{x}{2}\left(1 + \tanh\left(\sqrt{2/\pi}\, \left(x + 0.044715\,x^3\right)\right)\right)$$
#
# The factor $\tfrac12(1 + \tanh(\dots))$ replaces $\Phi(x)$. The constant $\sqrt{2/\pi}$ gives it the slope of
# $\Phi$ at 0, and the term with $x^3$ makes it similar to $\Phi$ at larger inputs.

# %%
# pair: F.gelu(x, approximate="tanh") | tf.nn.gelu(x, approximate=True)

# %% [markdown]
# ### `approximate` is a string in PyTorch, and a bool in TensorFlow
#
# At −3 the exact GELU is −0.0040, and the approximation is −0.0036. So the output shows which of the two
# functions was computed. The next cells pass five values as `approximate`:

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
# PyTorch accepts the strings `"none"` and `"tanh"`, and raises an error for every other value. TensorFlow
# accepts all five values. In TensorFlow any non-empty string counts as True, even `"none"`. So if you copy
# `approximate="none"` from PyTorch, you get the approximation.
#
# ### The default is exact, except in `keras.ops.gelu`
#
# The next cells use the same input, without `approximate`:

# %% gelu-defaults-pt tags=["pytorch"]
show(function=F.gelu(x_pt),
     module=nn.GELU()(x_pt))

# %% gelu-defaults-tf tags=["tensorflow"]
show(tf_nn=tf.nn.gelu(x_tf),
     activations=keras.activations.gelu(x_tf),
     ops=keras.ops.gelu(x_tf))

# %% [markdown]
# ### A saved model can load with the other GELU
#
# PyTorch saves only weights, and no activations. `load_state_dict` compares the names and the shapes of the
# weights. If you load the weights into a model with the other GELU, there is no error.
#
# Keras saves the name of the activation. A layer with `keras.ops.gelu` computes the approximation, but Keras saves
# the name `"gelu"`. After loading, `"gelu"` is the exact function. So do not pass `keras.ops.gelu` to a layer.

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
# The configuration file of a published model contains a name for its GELU. The table lists the names in Hugging
# Face's library transformers (version 5.24), and the calls that compute the same function:
#
# | name in the configuration | examples of models | in PyTorch | in TensorFlow |
# | --- | --- | --- | --- |
# | `"gelu"` | BERT, RoBERTa, ViT, Whisper | `F.gelu(x)` | `tf.nn.gelu(x)` |
# | `"gelu_new"` | GPT-2, GPT-Neo, GPT-J, ALBERT | `F.gelu(x, approximate="tanh")` | `tf.nn.gelu(x, approximate=True)` |
# | `"gelu_pytorch_tanh"` | Gemma, SigLIP | `F.gelu(x, approximate="tanh")` | `tf.nn.gelu(x, approximate=True)` |
# | `"quick_gelu"` | CLIP | `x * torch.sigmoid(1.702 * x)` | `x * tf.sigmoid(1.702 * x)` |
#
# The next cells compare four results. `new` is the formula in the code that was published with GPT-2
# {footcite:p}`radford2019language`. `tanh` is the framework's approximation, and `gelu` is the framework's exact
# function. `quick` is the formula in CLIP's code {footcite:p}`radford2021learning`.

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
# The rows `new` and `tanh` are equal.
#
# For BERT the name alone is not enough. Hugging Face's library uses the exact GELU. Google's own code has a function
# `gelu`. At first this function computed the exact GELU, and today it computes the approximation. KerasHub (version
# 0.32) uses the approximation, too. So choose one implementation as your reference, and look up which GELU it calls.
#
# ### Keras has no string name for the approximation: pass a function
#
# In Keras an activation is usually an argument of the layer, and `activation="gelu"` is the exact function.
# There is no string for the approximation, so write a function and pass it. Register the function with
# `register_keras_serializable`, so that Keras finds it when it loads the model.

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
# The next cells compare the two functions in float64, for inputs from −8 to 8. The first line of the output is
# the largest difference and its position. The other two lines are the outputs of both functions for −4, −2.7 and
# −1.

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
# At −4 the approximation is only a little more than half of the exact value. But both values are almost 0, so
# the difference has little effect. The next cells run the ten-layer network from [the section on
# Hardswish](hard-silu) with both GELUs, and print the relative difference of the outputs:

# %% tags=["pytorch"]
soft_pt = apart_pt(F.gelu, tanh_gelu_pt)
print(f"{soft_pt:.4f}")

# %% tags=["tensorflow"]
soft_tf = apart_tf(tf.nn.gelu, tanh_gelu_tf)
print(f"{soft_tf:.4f}")

# %% gelu-ten-layers
agree(soft_pt, soft_tf, rtol=0.05, atol=0)

# %% [markdown]
# The outputs differ by about 0.001. Users do not notice this difference, but a test that compares two networks
# digit by digit fails. If your network differs by 0.001 from the original, check `approximate` first.
#
# ### Far below 0 the exact GELU is 0 in PyTorch, and tiny in TensorFlow
#
# The next cells print the absolute value of the output at −4, −8 and −12, for three ways to compute GELU: the
# framework's function, the formula with 1 + erf, and the formula with erfc. `erfc(-z)` computes 1 + erf(z) in one
# step.

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
# PyTorch's function uses 1 + erf. At −8 the value of erf is rounded to exactly −1 in float32, so 1 + erf is 0.
# TensorFlow's function uses erfc, which is not rounded to 0.
#
# ### In float64 TensorFlow's GELU is right to only seven digits
#
# TensorFlow rounds the constant $1/\sqrt 2$ of the formula to float32, even if the input is float64. The first
# two cells print GELU of −3 in both frameworks. The third cell computes it twice: first with the exact constant,
# then with the rounded constant.

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
# Mish multiplies a number by the tanh of its softplus {footcite:p}`misra2020mish`. At 0 this factor is 0.6, and
# SiLU's factor is ½. The minimum of Mish is a little lower than SiLU's. Choose Mish if you follow a published
# design that uses it, such as YOLOv4's backbone {footcite:p}`bochkovskiy2020yolov4`.
#
# $$\operatorname{Mish}(x) = x\,\tanh\left(\log(1 + e^x)\right)$$
#
# Here $x$ is one number of the input, and $\log(1 + e^x)$ is its softplus. In TensorFlow only Keras has Mish.

# %%
# pair: F.mish(x) | keras.activations.mish(x)

# %% [markdown]
# ### Mish in your own code gives NaN for large inputs
#
# To save time, Mish is often written with only one exponential. With $w = e^x$ and $n = w(w + 2)$, the factor of
# Mish is $n / (n + 2)$. The next cells compute this fraction, then the formula above, and then the framework's
# own function.

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
# The fraction computes $w^2 = e^{2x}$. At 45 this overflows in float32 and becomes ∞, and ∞/∞ is NaN. The
# formula above gives the right value even at 100, because tanh of ∞ is 1. But its gradient at 100 is 0 · ∞,
# which is NaN. So test the gradient, too: a test of the values does not find this mistake.

# %% [markdown]
# (glu)=
# ## GLU
#
# <!-- head: glu -->
#
# GLU splits its input into two halves. It multiplies the first half, the *values*, by the sigmoid of the second
# half, the *gates* {footcite:p}`dauphin2017language`. So the network learns the values and the factors
# separately. The output has half as many numbers as the input. Choose GLU as an activation if you can make the
# layer before it twice as wide.
#
# $$\operatorname{GLU}(a, b) = a\,\sigma(b)$$
#
# Here $a$ is the first half of the input along one axis, $b$ is the second half, and $\sigma$ is the sigmoid.
# GLU has no weights.

# %%
# pair: F.glu(x) | keras.activations.glu(x)

# %% [markdown]
# `dx` has six numbers. The first three are the gradients of the values: σ(0.5), σ(1.5) and σ(4). The last three
# are the gradients of the gate inputs, $a\,\sigma(b)\,\sigma(-b)$.
#
# If both halves are equal, GLU is SiLU. With SiLU instead of the sigmoid, GLU is called SwiGLU
# {footcite:p}`shazeer2020glu`. Neither framework has SwiGLU, but you can write it in two lines:

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
# In GLU the second half is the gate, in both frameworks. For SwiGLU and similar functions, libraries differ:
#
# | implementation | linear layers | the gate |
# | --- | --- | --- |
# | `F.glu`, `keras.activations.glu` | one | the second half |
# | diffusers (0.42): `GEGLU`, `SwiGLU` | one | the second half |
# | transformers (5.24): Phi-3, GLM, `gate_up_proj` | one | the first half |
# | transformers: gpt-oss, `gate_up_proj` | one | the numbers at even positions (values at odd positions) |
# | transformers: LLaMA {footcite:p}`touvron2023llama`, `gate_proj` and `up_proj` | two | the output of `gate_proj` |
#
# If your code takes the wrong half as the gate, the weights still load without an error, because all shapes are
# right. Only the outputs are wrong. To correct this, swap the halves of the linear layer, in its weight and in
# its bias. In the next cells the weights come from a model whose gate is the first half. `correct` is the output
# of the model's own code. `wrong` takes the second half as the gate. `swapped` does the same with swapped
# weights, and must equal `correct`.

# %%
joint = rng.normal(0, 1, (3, 4)).astype(np.float32)  # (in, gate and value)
joint_bias = rng.normal(0, 1, 4).astype(np.float32)

# %% glu-halves-pt tags=["pytorch"]
def swiglu(h):  # the second half is the gate
    value, gate = torch.chunk(h, 2, -1)
    return value * F.silu(gate)


x_pt, w, b = map(torch.tensor, (rows, joint, joint_bias))
gate, value = torch.chunk(x_pt @ w + b, 2, -1)
correct_pt = F.silu(gate) * value  # the model's own code
wrong_pt = swiglu(x_pt @ w + b)
w, b = torch.roll(w, 2, -1), torch.roll(b, 2, -1)
swapped_pt = swiglu(x_pt @ w + b)
show(correct=correct_pt, wrong=wrong_pt, swapped=swapped_pt)

# %% glu-halves-tf tags=["tensorflow"]
def swiglu(h):  # the second half is the gate
    value, gate = tf.split(h, 2, -1)
    return value * tf.nn.silu(gate)


x_tf, w, b = map(tf.constant, (rows, joint, joint_bias))
gate, value = tf.split(x_tf @ w + b, 2, -1)
correct_tf = tf.nn.silu(gate) * value  # the model's own code
wrong_tf = swiglu(x_tf @ w + b)
w, b = tf.roll(w, 2, -1), tf.roll(b, 2, -1)
swapped_tf = swiglu(x_tf @ w + b)
show(correct=correct_tf, wrong=wrong_tf, swapped=swapped_tf)

# %% glu-halves
agree([correct_pt, swapped_pt, wrong_pt],
      [swapped_tf, correct_tf, wrong_tf])

# %% [markdown]
# This kernel has the shape (in, out), as in Keras, so its halves lie along the last axis. The weight of
# `nn.Linear` has the shape (out, in), so in PyTorch swap the halves along the first axis. If the model has two
# separate linear layers, you can keep them. To make one layer for `swiglu`, concatenate their weights along the
# axis of the outputs: first `up_proj`, then `gate_proj`. Do the same with the biases, if they have any.
#
# ### GLU halves the width of an image in PyTorch, and its channels in Keras
#
# By default both frameworks halve the last axis. The last axis of an image is its width in PyTorch, and its
# channels in TensorFlow. If the size of this axis is odd, both frameworks raise an error. If the width is even,
# PyTorch halves it without a warning.

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
# ### With `activation="glu"`, a Keras layer computes a wrong output shape
#
# Keras computes the output shape of a layer before it runs the layer. It assumes that the activation does not
# change the shape. With `activation="glu"` this is wrong: in the next cell Keras computes the shape (None, 8),
# but the layer returns four numbers. The next layer is built for eight numbers, and raises an error when it gets
# four.

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
# Instead, call `keras.ops.glu` on the output of the layer:

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
# ### In GLU, a large value still gets a gradient
#
# An older gate computes $\tanh(a)\,\sigma(b)$. {footcite:t}`dauphin2017language` compare it with GLU,
# $a\,\sigma(b)$. In the next cells the factor is σ(2) in both. The cells print the gradients of the values 1, 5
# and 10, first with tanh and then with GLU.

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
# With tanh, the gradient of a large value is almost 0. In GLU the gradient of every value is the factor, 0.88.

# %% [markdown]
# (crelu)=
# ## CReLU
#
# <!-- head: crelu -->
#
# CReLU returns the ReLU of the input, followed by the ReLU of the negated input. A positive number appears in
# the first half of the output. A negative number appears in the second half, without its minus sign. Choose
# CReLU if a layer learns pairs of filters with opposite signs, as the first layers of convolutional networks do
# {footcite:p}`shang2016understanding`. With CReLU, one filter of each pair is enough.
#
# $$\operatorname{CReLU}(x) = \left[\max(0, x),\ \max(0, -x)\right]$$
#
# Here $x$ is the input, and the brackets concatenate the two parts along one axis, by default the last axis.
# TensorFlow has CReLU in `tf.nn`. Keras and PyTorch do not have it:

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
# The output `y` has twelve numbers, which the cells print in two rows. So the next layer needs twice as many
# weights, or you give the layer before CReLU half as many units.
#
# ### CReLU loses no number, and no unit dies
#
# The first half of the output minus the second half is the input (`back`). A ReLU unit *dies* if its output and
# its gradient are 0 for every example. This cannot happen with CReLU, which has a gradient for negative inputs:

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
# No unit dies, because a negative number appears, with a plus sign, in the second half.

# %% [markdown]
# (gates-in-layers)=
# ## In Keras the activation is usually a string argument of the layer
#
# Keras code seldom calls an activation directly. It passes the name of the activation to the layer, or to an
# `Activation` layer. In PyTorch, the activation is a separate module in both cases:

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
# A `Dense` layer with an activation becomes two modules in PyTorch. PyTorch's weight is the transpose of Keras's
# kernel.

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
# When the input increases, each of these four functions first falls to its minimum, and then rises. The cells
# print the minimum and its position:

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
# ### `inplace=True` saves no memory in training
#
# The same output can come from two inputs, one on each side of the minimum. So PyTorch cannot compute the
# gradient from the output, and must keep the input. `F.silu(h, inplace=True)` overwrites `h`, but PyTorch first
# makes a copy of `h` for the gradient. For ReLU, PyTorch computes the gradient from the output, and makes no
# copy.
#
# PyTorch's cell prints the tensor that PyTorch keeps for the gradient (`kept`). For SiLU this is the input, and for
# ReLU it is the output. TensorFlow has no `inplace`, and `h` does not change.

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
# ### An input of −∞ gives NaN
#
# ReLU of −∞ is 0. The functions in the next cells multiply −∞ by 0, which gives NaN. If you use −∞ as a mask, apply
# the mask after the last activation.

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
# ### Integer tensors are an error in both frameworks
#
# Convert integers to a float dtype first.

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
# ## Both frameworks' Hardswish has the gradient 0 at −3 and 1 at 3
#
# Hardswish has two kinks. At −3 its slope jumps from 0 to −½, and at 3 it jumps from 1½ to 1. CReLU has a kink
# at 0, like [ReLU](rectifiers-at-the-kink). The next cells print the gradients at −3 and at 3, for Hardswish and
# for three other formulas for the same function.

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
# At a kink, the slope on the left and the slope on the right differ. In both frameworks, `hardswish` and `relu6`
# use the outer slopes: 0 at −3, and 1 at 3. `clip` uses the inner slopes: −½ at −3, and 1½ at 3.
#
# Only the formula with minimum and maximum gives different gradients in the two frameworks. In PyTorch the
# gradient is the mean of the two slopes. In TensorFlow, if both arguments of `tf.maximum` or `tf.minimum` are
# equal, the whole gradient goes to the first argument. At −3 the first argument of `tf.maximum` is the constant
# 0, so the gradient is 0. At 3 the first argument of `tf.minimum` is the result of `tf.maximum`. There it is
# $x + 3$, so the gradient is 1½.
#
# ## Which function to choose
#
# | you have | choose | because |
# | --- | --- | --- |
# | a network with ReLU, and you want a smooth function | SiLU | it has a gradient on both sides of 0; but inputs below −1.28 can move the wrong way |
# | a small device | Hardswish, from the start of training | it needs no exponential, but cannot replace SiLU later |
# | a transformer | GELU | it is the usual choice; always pass `approximate` |
# | weights that were trained with one of these functions | the same function | with another function the outputs differ after ten layers |
# | a published design that uses Mish | Mish | use the framework's own function: your own formula can give NaN |
# | a layer that you can make twice as wide | GLU, SwiGLU | even large values get a gradient |
# | pairs of filters with opposite signs | CReLU | it keeps both signs, and no unit dies |
#
# ## Exercises
#
# Write all six functions and the approximation of GELU yourself, in PyTorch, in TensorFlow or in both:
# [exercises on gates](../../exercises/activations/gates.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
