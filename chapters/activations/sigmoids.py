# %% [markdown]
# # Sigmoids
#
# A sigmoid squeezes every number into a fixed range, along a curve like an S. The six of this
# chapter differ in where the range lies, in whether its ends are ever reached, and in how steep the
# way between them is. At the ends all of them are flat, and what is flat passes no gradient. The
# seventh function, LogSigmoid, is the logarithm of one, for losses.
#
# **The claim:** two numbers, the value and the slope at 0, tell you what ten layers will do. With
# ½ and ¼ not a millionth of the gradient arrives; with 0 and 1, all of it; the same digits in both
# frameworks. And a logarithm taken one step too late makes NaN of every weight.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn.functional as F

from diptych import agree, plots, show

plots.use_style()
x = np.array([-4.0, -1.5, -0.5, 0.5, 1.5, 4.0], dtype=np.float32)

# %% [markdown]
# The same six inputs serve every section. None of them is 1 or 3 in size: there some of the seven
# bend, and [the bends have a section of their own](sigmoids-at-the-kink).
#
# Each panel below shows one of them solid, its derivative dashed, and the other six in grey.

# %% all-seven tags=["hide-input"]
# alt: Seven panels over inputs from minus 6 to 6, one a sigmoid, its derivative dashed. Sigmoid climbs from 0 to 1, with a low hill of height one quarter as derivative. LogSigmoid climbs from minus 6 towards 0, its derivative falls from 1 to 0. Hard sigmoid is a straight line between minus 3 and 3, Sparse sigmoid one between minus 1 and 1, both from 0 to 1. Tanh climbs from minus 1 to 1, its derivative a hill of height 1. Hardtanh is a straight line from minus 1 to 1. Softsign climbs like Tanh, but is still far from the ends at minus 6 and 6.
grid = np.linspace(-6, 6, 241)
sigmoid = 1 / (1 + np.exp(-grid))

def line(slope, low, at_zero):
    y = np.clip(slope * grid + at_zero, low, 1)
    return y, slope * ((y > low) & (y < 1))

curves = {
    "Sigmoid: 0 to 1": (sigmoid, sigmoid * (1 - sigmoid)),
    "LogSigmoid: its log": (np.log(sigmoid), 1 - sigmoid),
    "Hard sigmoid: slope 1/6": line(1 / 6, 0, 0.5),
    "Sparse sigmoid: slope ½": line(1 / 2, 0, 0.5),
    "Tanh: −1 to 1": (np.tanh(grid), 1 - np.tanh(grid) ** 2),
    "Hardtanh: slope 1": line(1, -1, 0),
    "Softsign: long tails": (grid / (1 + abs(grid)), 1 / (1 + abs(grid)) ** 2),
}
sections = ("sigmoid", "log-sigmoid", "hard-sigmoid", "sparse-sigmoid",
            "tanh", "hard-tanh", "softsign")
siblings = [y for y, _ in curves.values()]
fig, axes = plt.subplots(4, 2, figsize=(5.2, 7.6), sharex=True, sharey=True)
for i, (ax, section, (title, (y, slope))) in enumerate(
        zip(axes.flat, sections, curves.items())):
    plots.value_and_slope(ax, grid, y, slope, color=plots.PALETTE[i % 6],
                          title=title, section=section, siblings=siblings)
axes[0, 0].set_ylim(-2.1, 1.6)
axes[0, 1].annotate("value", (-0.3, -1.5), color=plots.PALETTE[1])
axes[0, 1].annotate("derivative", (-6, 1.15), color=plots.PALETTE[1])
axes[3, 1].axis("off")
axes[2, 1].tick_params(labelbottom=True)
fig.supxlabel("input")
fig.supylabel("output")
plt.show()

# %% [markdown]
# (sigmoid)=
# ## Sigmoid
#
# <!-- names: sigmoid -->
#
# Sigmoid turns a number into a probability: 0 becomes ½, every step of 1 multiplies the odds by
# $e$. Choose it for a gate, which lets a share of something pass, or to read a probability off
# a trained network; between layers it is the wrong choice, as this section shows.
#
# $$\sigma(x) = \frac{1}{1 + e^{-x}}$$
#
# where $x$ is each number of the input on its own, the *logit*; the output has the input's shape.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = torch.sigmoid(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = tf.nn.sigmoid(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# `dx` is the gradient of the summed outputs, $\sigma(x)\,\sigma(-x)$: alike for $x$ and $-x$, and
# never more than ¼. Every section begins with this pair of cells, and only the call changes; what the
# lines around it do, [ReLU's section](rectifiers.ipynb#relu) says. Keras has no layer for any of the
# seven: in a model write `Activation("sigmoid")`, [or name it in the layer
# before](activation-forms).
#
# Whole numbers are a place where the frameworks part. PyTorch answers in float32, TensorFlow refuses:

# %% sigmoid-integers-pt tags=["pytorch"]
try:
    y_pt = torch.sigmoid(torch.tensor([-1, 2]))
    print(y_pt.dtype)
except TypeError:
    print("refused")

# %% sigmoid-integers-tf tags=["tensorflow"]
try:
    y_tf = tf.nn.sigmoid(tf.constant([-1, 2]))
    print(y_tf.dtype)
except tf.errors.InvalidArgumentError:
    print("refused")

# %% [markdown]
# ### A sigmoid that remembers
#
# Keras's function does one thing more than `tf.nn.sigmoid`: it writes its input on the output. A
# cross-entropy that is handed the probability takes the logit from there. The outputs below are all
# 0, the losses differ. (PyTorch's losses take the prediction first, Keras's the target.)

# %% sigmoid-memory-pt tags=["pytorch"]
logit_pt = torch.tensor([-200.0])
p_pt = torch.sigmoid(logit_pt)
loss = F.binary_cross_entropy(p_pt, torch.ones(1))
print(f"torch {p_pt.item():.1f} {loss:.1f}")

# %% sigmoid-memory-tf tags=["tensorflow"]
logit_tf = tf.constant([-200.0])
for name, p_tf in {
    "keras": keras.activations.sigmoid(logit_tf),
    "keras, times 1": keras.activations.sigmoid(logit_tf) * 1,
    "tf.nn": tf.nn.sigmoid(logit_tf),
}.items():
    loss = keras.losses.binary_crossentropy([1.0], p_tf)
    print(f"{name:14} {p_tf[0]:.1f} {loss:.1f}")

# %% [markdown]
# The right loss is 200. Keras gets it from the remembered logit. One operation between sigmoid and
# loss, be it times 1, and the memory is gone: then Keras clips the probability at 10⁻⁷ and says 16.1.
# PyTorch stops every logarithm at −100. Do not build on any of the three: keep the logits.
#
# ### Ten layers deep
#
# Ten layers of 64 units, weights with a variance of 1/64, and the gradient of the mean output with
# respect to each layer's weights. Both frameworks get the same weights.

# %%
rng = np.random.default_rng(0)
weights = [rng.normal(0, 1 / 8, (64, 64)).astype(np.float32) for _ in range(10)]
batch = rng.normal(0, 1, (32, 64)).astype(np.float32)

# %% tags=["pytorch"]
def gradient_norms_pt(activation):
    layers = [torch.tensor(w, requires_grad=True)
              for w in weights]
    h = torch.tensor(batch)  # (batch, hidden)
    for w in layers:
        h = activation(h @ w)  # (batch, hidden)
    gradients = torch.autograd.grad(h.mean(), layers)
    return [torch.linalg.norm(g) for g in gradients]
sigmoid_norms_pt = gradient_norms_pt(torch.sigmoid)
for n in (10, 7, 4, 1):
    print(f"layer {n:2} {sigmoid_norms_pt[n - 1]:.1e}")

# %% tags=["tensorflow"]
def gradient_norms_tf(activation):
    layers = [tf.Variable(w) for w in weights]
    h = tf.constant(batch)  # (batch, hidden)
    with tf.GradientTape() as tape:
        for w in layers:
            h = activation(h @ w)  # (batch, hidden)
        y = tf.reduce_mean(h)
    gradients = tape.gradient(y, layers)
    return [tf.norm(g) for g in gradients]
sigmoid_norms_tf = gradient_norms_tf(tf.nn.sigmoid)
for n in (10, 7, 4, 1):
    print(f"layer {n:2} {sigmoid_norms_tf[n - 1]:.1e}")

# %% vanishing
agree(sigmoid_norms_pt, sigmoid_norms_tf, rtol=1e-3, atol=0)

# %% [markdown]
# Weights of this size keep a gradient's length, on average, and each sigmoid on the way down
# multiplies it by ¼ or less: $4^{-9}$, four millionths, is the most that nine of them leave. Here it
# is less than one. The first layer stands still while the last one learns
# {footcite:p}`hochreiter1998vanishing`. [Tanh](tanh) takes the same weights, and comes through.

# %% [markdown]
# (log-sigmoid)=
# ## LogSigmoid
#
# <!-- names: log_sigmoid -->
#
# LogSigmoid gives the logarithm of a probability without ever forming the probability: for numbers
# far below 0 it is the number itself. Choose it wherever you would write `log(sigmoid(x))`, as in
# the loss of word2vec {footcite:p}`mikolov2013distributed` or of a ranking. TensorFlow keeps it in
# `tf.math`.
#
# $$\begin{aligned}
# \log \sigma(x) &= -\log(1 + e^{-x}) \\
# &= \min(0, x) - \log(1 + e^{-|x|})
# \end{aligned}$$
#
# where $x$ is each logit of the input. The second form overflows nowhere: its exponent is never
# positive.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = F.logsigmoid(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = tf.math.log_sigmoid(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# ### One step or two
#
# $e^{89}$ is more than float32 can hold. From about −89 on the sigmoid is therefore exactly 0, and
# its logarithm −∞. The function in one step never asks for $e^{89}$.

# %% underflow-pt tags=["pytorch"]
far = torch.tensor([-20.0, -80.0, -120.0, -1000.0])
show(two_steps=torch.log(torch.sigmoid(far)),
     one_step=F.logsigmoid(far), digits=1)

# %% underflow-tf tags=["tensorflow"]
far = tf.constant([-20.0, -80.0, -120.0, -1000.0])
show(two_steps=tf.math.log(tf.nn.sigmoid(far)),
     one_step=tf.math.log_sigmoid(far), digits=1)

# %% [markdown]
# An infinite loss would at least be seen. Its gradient is worse: infinity times 0 is NaN. Two
# examples, the second with a logit of −120, and the gradients of the logits and of the weights, in
# two steps and then in one:

# %% underflow-gradient-pt tags=["pytorch"]
h = torch.tensor([[1.0, 2.0], [-60.0, -60.0]])  # (batch, 2)
for log_sigmoid in (lambda x: torch.log(torch.sigmoid(x)),
                    F.logsigmoid):
    w_pt = torch.ones(2, requires_grad=True)
    x_pt = h @ w_pt  # (batch,)
    loss = -log_sigmoid(x_pt).sum()
    dx_pt, dw_pt = torch.autograd.grad(loss, [x_pt, w_pt])
    show(dx=dx_pt, dw=dw_pt)

# %% underflow-gradient-tf tags=["tensorflow"]
h = tf.constant([[1.0, 2.0], [-60.0, -60.0]])  # (batch, 2)
for log_sigmoid in (lambda x: tf.math.log(tf.nn.sigmoid(x)),
                    tf.math.log_sigmoid):
    w_tf = tf.Variable(tf.ones(2))
    with tf.GradientTape() as tape:
        x_tf = tf.linalg.matvec(h, w_tf)  # (batch,)
        loss = -tf.reduce_sum(log_sigmoid(x_tf))
    dx_tf, dw_tf = tape.gradient(loss, [x_tf, w_tf])
    show(dx=dx_tf, dw=dw_tf)

# %% [markdown]
# In two steps one example has made NaN of both weights' gradients. In one step its own is −1, as large
# as it gets: the further the network is on the wrong side, the clearer it is told to come back. There
# is no log of $1 - \sigma(x)$ to write either: it is $\log \sigma(-x)$.
#
# Write the second form yourself, and the gradient at 0, where a fresh network's logits often are, hangs
# on what each framework makes of two bends. It should be ½:

# %% log-sigmoid-at-zero-pt tags=["pytorch"]
x_pt = torch.tensor([0.0], requires_grad=True)
by_hand = (torch.minimum(x_pt, torch.zeros(1))
           - torch.log1p(torch.exp(-torch.abs(x_pt))))
ready = F.logsigmoid(x_pt)
show(by_hand=torch.autograd.grad(by_hand, x_pt)[0],
     ready=torch.autograd.grad(ready, x_pt)[0])

# %% log-sigmoid-at-zero-tf tags=["tensorflow"]
x_tf = tf.Variable([0.0])
with tf.GradientTape(persistent=True) as tape:
    by_hand = (tf.minimum(x_tf, tf.zeros(1))
               - tf.math.log1p(tf.exp(-tf.abs(x_tf))))
    ready = tf.math.log_sigmoid(x_tf)
show(by_hand=tape.gradient(by_hand, x_tf),
     ready=tape.gradient(ready, x_tf))

# %% [markdown]
# PyTorch's minimum splits a tie in half, TensorFlow's gives all of it to the first, [as at ReLU's
# kink](rectifiers-at-the-kink). The function made for it is right in both.

# %% [markdown]
# (hard-sigmoid)=
# ## Hard sigmoid
#
# <!-- names: hard_sigmoid -->
#
# Hard sigmoid replaces the S by three straight lines: 0 up to −3, 1 from 3 on, and a line of slope
# 1/6 between. Choose it where an exponential costs too much, as on phones
# {footcite:p}`howard2019searching`, or where a gate must be able to open wholly.
#
# $$\operatorname{HardSigmoid}(x) = \frac{\min(\max(0, x + 3), 6)}{6}$$
#
# where $x$ is each number of the input: it is [ReLU6](rectifiers.ipynb#relu6), shifted by 3
# and divided by 6.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = F.hardsigmoid(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = keras.activations.hard_sigmoid(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# The slopes agree, but the name has had others: Keras before version 3 had 0.2, and BinaryConnect
# {footcite:p}`courbariaux2015binaryconnect` has ½, which is called [sparse sigmoid](sparse-sigmoid)
# now. Ask an old checkpoint which one it was trained with.
#
# ### A gate that opens wholly
#
# A memory cell keeps the share $f$ of what it holds in each step, with $f$ a sigmoid of 4. After a
# hundred steps the soft gate has lost more than five sixths; the hard one, exactly 1 from 3 on,
# nothing.

# %% tags=["pytorch"]
four = torch.tensor([4.0])
kept_pt = torch.stack([
    torch.sigmoid(four) ** 100,
    F.hardsigmoid(four) ** 100,
])  # (gate, 1)
show(kept=kept_pt)

# %% tags=["tensorflow"]
four = tf.constant([4.0])
kept_tf = tf.stack([
    tf.nn.sigmoid(four) ** 100,
    keras.activations.hard_sigmoid(four) ** 100,
])  # (gate, 1)
show(kept=kept_tf)

# %% open-gate
agree(kept_pt, kept_tf, rtol=1e-4)

# %% [markdown]
# The price stands in this section's first pair of cells: at 4 the gradient is 0, so no loss can tell
# a gate that is wholly open to close.

# %% [markdown]
# (sparse-sigmoid)=
# ## Sparse sigmoid
#
# <!-- names: sparse_sigmoid -->
#
# Sparse sigmoid climbs in a straight line from 0 at −1 to 1 at 1; what lies beyond comes out as exactly
# 0 or exactly 1 {footcite:p}`blondel2020learning`. Choose it where switches should be off, not nearly
# off.
#
# $$\operatorname{SparseSigmoid}(x) = \min\left(\max\left(0, \tfrac{x + 1}{2}\right), 1\right)$$
#
# where $x$ is each number of the input. PyTorch has none; half of a shifted [Hardtanh](hard-tanh)
# is the same:

# %% sparse-bridge-pt tags=["pytorch"]
def sparse_sigmoid_pt(x):
    return (F.hardtanh(x) + 1) / 2

# %% sparse-bridge-tf tags=["tensorflow"]
sparse_sigmoid_tf = keras.activations.sparse_sigmoid

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = sparse_sigmoid_pt(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = sparse_sigmoid_tf(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# ### How many switches are off
#
# Ten thousand normal numbers go through three sigmoids. How many come out as exactly 0 or 1?

# %%
normal = np.random.default_rng(0).normal(size=10_000).astype(np.float32)

# %% tags=["pytorch"]
h_pt = torch.tensor(normal)
for name, f in {"sigmoid": torch.sigmoid,
                "hard": F.hardsigmoid,
                "sparse": sparse_sigmoid_pt}.items():
    y_pt = f(h_pt)
    decided = ((y_pt == 0) | (y_pt == 1)).sum()
    print(f"{name:8} {int(decided):5}")

# %% tags=["tensorflow"]
h_tf = tf.constant(normal)
for name, f in {"sigmoid": tf.nn.sigmoid,
                "hard": keras.activations.hard_sigmoid,
                "sparse": sparse_sigmoid_tf}.items():
    y_tf = f(h_tf)
    decided = np.sum((y_tf == 0) | (y_tf == 1))
    print(f"{name:8} {int(decided):5}")

# %% [markdown]
# Beyond ±1 lies a third of a normal distribution, beyond ±3 a quarter of a percent, and so far out
# that float32 cannot tell σ from 1, none of the ten thousand.

# %% [markdown]
# (tanh)=
# ## Tanh
#
# <!-- names: tanh -->
#
# Tanh is the sigmoid stretched to the range from −1 to 1, with 0 staying 0 and a slope of 1 there.
# Choose it for states that are carried from step to step, as in recurrent networks, and for outputs
# with a sign; {footcite:t}`lecun1998efficient` say why a range around 0 trains faster.
#
# $$\tanh(x) = \frac{e^x - e^{-x}}{e^x + e^{-x}} = 2\,\sigma(2x) - 1$$
#
# where $x$ is each number of the input, and $\sigma$ the [sigmoid](sigmoid).

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = torch.tanh(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = tf.nn.tanh(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# With whole numbers Keras sides with PyTorch here, against `tf.nn`:

# %% tanh-integers-pt tags=["pytorch"]
show(torch=torch.tanh(torch.tensor([-1, 2])))

# %% tanh-integers-tf tags=["tensorflow"]
show(keras=keras.activations.tanh(tf.constant([-1, 2])))
try:
    show(tf_nn=tf.nn.tanh(tf.constant([-1, 2])))
except tf.errors.InvalidArgumentError:
    print("tf.nn.tanh: refused")

# %% [markdown]
# ### The ten layers again
#
# The network in which the [sigmoid](sigmoid) lost the gradient, the same weights, the same batch:

# %% tags=["pytorch"]
tanh_norms_pt = gradient_norms_pt(torch.tanh)
for n in (10, 7, 4, 1):
    print(f"layer {n:2} {tanh_norms_pt[n - 1]:.1e}")

# %% tags=["tensorflow"]
tanh_norms_tf = gradient_norms_tf(tf.nn.tanh)
for n in (10, 7, 4, 1):
    print(f"layer {n:2} {tanh_norms_tf[n - 1]:.1e}")

# %%
agree(tanh_norms_pt, tanh_norms_tf, rtol=1e-3, atol=0)

# %% ten-layers tags=["hide-input"]
# alt: Gradient norm, on a logarithmic scale, from layer 10 down to layer 1, TensorFlow's curves dashed on PyTorch's. Tanh and Softsign stay level, at 0.03 and 0.01. Sigmoid falls from 0.1 to less than a ten-millionth, Hard sigmoid further, to two billionths.
fig, ax = plt.subplots()
pairs = {
    "Tanh": (tanh_norms_pt, tanh_norms_tf),
    "Softsign": (gradient_norms_pt(F.softsign), gradient_norms_tf(tf.nn.softsign)),
    "Sigmoid": (sigmoid_norms_pt, sigmoid_norms_tf),
    "Hard sigmoid": (gradient_norms_pt(F.hardsigmoid),
                     gradient_norms_tf(keras.activations.hard_sigmoid)),
}
numbers = range(1, 11)
for name, (norms_pt, norms_tf) in pairs.items():
    ax.plot(numbers, [n.item() for n in norms_pt], color=plots.PYTORCH, linewidth=2.5)
    ax.plot(numbers, [float(n) for n in norms_tf], "--", color=plots.TENSORFLOW)
    ax.annotate(name, (1, float(norms_tf[0])), (6, 0), textcoords="offset points",
                va="center")
ax.annotate("PyTorch, solid", (7, 1e-7), color=plots.PYTORCH)
ax.annotate("TensorFlow, dashed", (7, 1e-8), color=plots.TENSORFLOW)
ax.set(yscale="log", xlim=(10.2, -1.2), xticks=numbers, xlabel="layer, from the output to the input",
       ylabel="gradient norm", title="A slope of 1 carries a gradient, ¼ loses it")
plt.show()

# %% [markdown]
# The S is the same; its slope at 0 makes the difference, and the hard sigmoid, with 1/6, is worst. The
# other half is that 0 stays 0 {footcite:p}`glorot2010understanding`. A sigmoid stretched to a slope of
# 1, as it is and moved down to 0, at the last layer and at the first:

# %% centred-pt tags=["pytorch"]
for name, f in {"4σ": lambda x: 4 * torch.sigmoid(x),
                "4σ − 2": lambda x: 4 * torch.sigmoid(x) - 2,
                }.items():
    norms = gradient_norms_pt(f)
    print(f"{name:6} {norms[9]:.1e} {norms[0]:.1e}")

# %% centred-tf tags=["tensorflow"]
for name, f in {"4σ": lambda x: 4 * tf.nn.sigmoid(x),
                "4σ − 2": lambda x: 4 * tf.nn.sigmoid(x) - 2,
                }.items():
    norms = gradient_norms_tf(f)
    print(f"{name:6} {norms[9]:.1e} {norms[0]:.1e}")

# %% [markdown]
# 4σ keeps little more than a thousandth: its outputs lie around 2, and that drives the next layer to
# its flat ends. Moved down, it loses nothing.

# %% [markdown]
# (hard-tanh)=
# ## Hardtanh
#
# <!-- names: hard_tanh -->
#
# Hardtanh clips at −1 and 1 and leaves everything between as it is. Choose it where tanh is too
# expensive {footcite:p}`collobert2011natural`, or where the result must stay in a range.
#
# $$\operatorname{Hardtanh}(x) = \min(\max(-1, x), 1)$$
#
# where $x$ is each number of the input.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = F.hardtanh(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = keras.activations.hard_tanh(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# PyTorch's version is a clip with two arguments that also takes whole numbers; Keras's takes neither.
# For other bounds use `keras.ops.clip`.

# %% hard-tanh-bounds-pt tags=["pytorch"]
show(bounds=F.hardtanh(torch.tensor(x), -2.0, 3.0),
     whole=F.hardtanh(torch.tensor([-4, -1, 0, 1, 4, 9])))

# %% hard-tanh-bounds-tf tags=["tensorflow"]
show(bounds=keras.ops.clip(tf.constant(x), -2.0, 3.0))
try:
    keras.activations.hard_tanh(tf.constant([-4, 4]))
except TypeError as error:
    print("TypeError:", error)

# %% [markdown]
# ### A weight at exactly 1
#
# A weight that is kept in the range by Hardtanh starts at 1, as weights that are initialized with
# ones do, and should become 0.5; another starts at 0.99. At 1 the two frameworks choose different
# gradients.

# %% weight-at-one-pt tags=["pytorch"]
w = torch.tensor([1.0, 0.99], requires_grad=True)
sgd = torch.optim.SGD([w], lr=0.1)
for _ in range(50):
    loss = ((F.hardtanh(w) - 0.5) ** 2).sum()
    sgd.zero_grad()
    loss.backward()
    sgd.step()
show(w=w, digits=2)

# %% weight-at-one-tf tags=["tensorflow"]
w = tf.Variable([1.0, 0.99])
sgd = keras.optimizers.SGD(learning_rate=0.1)
for _ in range(50):
    with tf.GradientTape() as tape:
        y_hat = keras.activations.hard_tanh(w)
        loss = tf.reduce_sum((y_hat - 0.5) ** 2)
    sgd.apply([tape.gradient(loss, w)], [w])
show(w=w, digits=2)

# %% [markdown]
# From 0.99 both arrive. From 1 the weight arrives in TensorFlow, and stays at 1 for ever in PyTorch.

# %% [markdown]
# (softsign)=
# ## Softsign
#
# <!-- names: softsign -->
#
# Softsign divides a number by 1 plus its size. It has tanh's range and its slope at 0, but goes to the
# ends like $1/x$ instead of $e^{-2x}$, so that a unit far out still hears something
# {footcite:p}`bergstra2009quadratic`. Choose it where tanh units get stuck at their ends.
#
# $$\operatorname{Softsign}(x) = \frac{x}{1 + |x|}$$
#
# where $x$ is each number of the input, and $|x|$ its absolute value. No exponential is needed.

# %% tags=["pytorch"]
x_pt = torch.tensor(x, requires_grad=True)
y_pt = F.softsign(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.Variable(x)
with tf.GradientTape() as tape:
    y_tf = tf.nn.softsign(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# ### The way back from −10
#
# One weight at −10 should bring the output to ½. Where does it stand after 100 steps, and is tanh's slope
# at −10 exactly 0?

# %% tags=["pytorch"]
def way_back_pt(activation):
    w = torch.tensor([-10.0], requires_grad=True)
    sgd = torch.optim.SGD([w], lr=10.0)
    (slope,) = torch.autograd.grad(activation(w), w)
    for _ in range(100):
        loss = ((activation(w) - 0.5) ** 2).sum()
        sgd.zero_grad()
        loss.backward()
        sgd.step()
    return slope, w
tanh_slope_pt, tanh_w_pt = way_back_pt(torch.tanh)
_, soft_w_pt = way_back_pt(F.softsign)
print("exactly 0:", tanh_slope_pt.item() == 0)
show(tanh=tanh_w_pt, softsign=soft_w_pt, digits=2)

# %% tags=["tensorflow"]
def way_back_tf(activation):
    w = tf.Variable([-10.0])
    sgd = keras.optimizers.SGD(learning_rate=10.0)
    with tf.GradientTape() as tape:
        y_hat = activation(w)
    slope = tape.gradient(y_hat, w)
    for _ in range(100):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum((activation(w) - 0.5) ** 2)
        sgd.apply([tape.gradient(loss, w)], [w])
    return slope, w
tanh_slope_tf, tanh_w_tf = way_back_tf(tf.nn.tanh)
_, soft_w_tf = way_back_tf(tf.nn.softsign)
print("exactly 0:", tanh_slope_tf.numpy().item() == 0)
show(tanh=tanh_w_tf, softsign=soft_w_tf, digits=2)

# %% way-back
agree([tanh_w_pt, soft_w_pt], [tanh_w_tf, soft_w_tf], atol=1e-3)

# %% [markdown]
# In float32 tanh(−10) is −1, and its derivative, $1 - y^2$, exactly 0: no number of steps helps.
# Softsign's derivative there is 1/121, small and enough.
#
# What softsign cannot bear is infinity, $\infty/\infty$. Both frameworks answer NaN, and where
# TensorFlow's gradient hides it, PyTorch's passes it on:

# %% softsign-infinity-pt tags=["pytorch"]
x_pt = torch.tensor([float("inf")], requires_grad=True)
y_pt = F.softsign(x_pt)
(dx_pt,) = torch.autograd.grad(y_pt, x_pt)
show(softsign=y_pt, dx=dx_pt, tanh=torch.tanh(x_pt))

# %% softsign-infinity-tf tags=["tensorflow"]
x_tf = tf.Variable([float("inf")])
with tf.GradientTape() as tape:
    y_tf = tf.nn.softsign(x_tf)
dx_tf = tape.gradient(y_tf, x_tf)
show(softsign=y_tf, dx=dx_tf, tanh=tf.nn.tanh(x_tf))

# %% [markdown]
# (sigmoids-at-the-kink)=
# ## At the kink
#
# The three hard ones bend, and at a bend there is no derivative: each framework picks one, between
# the slopes on the two sides. The last row is a stand-in for the other framework's Hardtanh.

# %% tags=["pytorch"]
kinks_pt = {
    "hard sigmoid": (F.hardsigmoid, 3.0),
    "sparse sigmoid": (sparse_sigmoid_pt, 1.0),
    "hardtanh": (F.hardtanh, 1.0),
    "Keras's": (lambda x: torch.clamp(x, -1.0, 1.0), 1.0),
}

# %% tags=["tensorflow"]
kinks_tf = {
    "hard sigmoid": (keras.activations.hard_sigmoid, 3.0),
    "sparse sigmoid": (sparse_sigmoid_tf, 1.0),
    "hardtanh": (keras.activations.hard_tanh, 1.0),
    "PyTorch's": (lambda x: 2 * sparse_sigmoid_tf(x) - 1, 1.0),
}

# %% kinks-pt tags=["pytorch"]
for name, (activation, kink) in kinks_pt.items():
    x_pt = torch.tensor([-kink, kink], requires_grad=True)
    y_pt = activation(x_pt)
    (dx_pt,) = torch.autograd.grad(y_pt.sum(), x_pt)
    print(f"{name:14}", dx_pt.tolist())

# %% kinks-tf tags=["tensorflow"]
for name, (activation, kink) in kinks_tf.items():
    x_tf = tf.Variable([-kink, kink])
    with tf.GradientTape() as tape:
        y_tf = activation(x_tf)
    dx_tf = tape.gradient(y_tf, x_tf)
    print(f"{name:14}", dx_tf.numpy().tolist())

# %% [markdown]
# Only Hardtanh differs: at its ends the gradient is 0 in PyTorch, 1 in Keras. Where inputs sit there,
# Keras's becomes `torch.clamp`, and PyTorch's becomes `2 * sparse_sigmoid(x) - 1`. It is also why [the
# bridge](sparse-sigmoid) is made of `F.hardtanh`: made of `torch.clamp` it would have ½ where Keras
# has 0.
#
# ## Which one to choose
#
# | you have | take | because |
# | --- | --- | --- |
# | hidden layers, many of them | none of these: [a rectifier](rectifiers.ipynb) | even tanh is flat at its ends |
# | a gate, a share between 0 and 1 | Sigmoid | smooth, and what recurrent layers are built with |
# | a probability that goes into a loss | none: keep the logits, or LogSigmoid | two steps end at −∞ |
# | gates on small devices, or that must open wholly | Hard sigmoid | three lines, exact ends |
# | switches that should be off | Sparse sigmoid | exact 0 and 1 beyond ±1 |
# | a state or an output with a sign | Tanh | slope 1 at 0, centred |
# | a range to stay in | Hardtanh | leaves the inside alone; mind ±1 |
# | tanh units that get stuck | Softsign | long tails, no exponential |
#
# ## Exercises
#
# Write all seven yourself, so that ±10,000 goes in and no NaN comes out, in either framework or in
# both: [exercises on sigmoids](../../exercises/activations/sigmoids.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
