# %% [markdown]
# # Shrinkers
#
# A shrinker moves numbers towards 0, and small numbers to 0 or close to it. Hard shrink, Soft shrink and Tanh
# shrink treat positive and negative numbers in the same way. They subtract different amounts from the size of a
# large number: nothing, a fixed amount, or an amount that approaches 1. Sparse plus is a ReLU with a round corner
# that still returns exact zeros.
#
# **The claim:** soft shrink solves equations. There are 64 unknowns, 4 of which are not 0, and only 32 equations.
# A gradient step followed by a soft shrink, repeated 200 times, finds which 4 unknowns are not 0, with the same
# numbers in both frameworks. You can also train the threshold of soft shrink. In Keras this works directly. In
# PyTorch you must write soft shrink with two ReLUs.

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
x = np.array([-3.0, -1.2, -0.3, 0.4, 0.8, 2.0], dtype=np.float32)

# %% [markdown]
# Every section uses these six inputs. None of them is at ±½ or ±1, where the curves jump, have a kink or change
# their formula. [The section on these places](shrinkers-at-the-kink) shows what happens there.
#
# In each panel, the solid line is the function, the dashed line is its derivative, and the grey lines are the
# other three functions.

# %% all-four tags=["hide-input"]
# alt: Four panels over inputs from minus 2 to 2, one an activation, its derivative dashed. Hard
# shrink is 0 between minus a half and a half, and jumps there to the diagonal; its derivative is 0
# inside and 1 outside. Soft shrink is 0 inside, too, and goes on without a jump, half below the
# diagonal; it has the same derivative. Tanh shrink is a smooth curve, flat around 0, its derivative
# a valley that touches 0. Sparse plus is 0 up to minus 1, a parabola to 1, then the diagonal; its
# derivative climbs in a straight line from 0 to 1.
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
# <!-- head: hard_shrink -->
#
# Hard shrink replaces every number from $-\lambda$ to $\lambda$ by 0, and does not change the others. Choose it
# to remove small numbers without changing the large ones, as in the denoising example of this section.
#
# $$\operatorname{HardShrink}(x) = \begin{cases} x & |x| > \lambda \\ 0 & |x| \le \lambda \end{cases}$$
#
# Here $x$ is one number of the input, and $\lambda$ is the threshold, which is ½ by default in both frameworks.
# The argument is called `lambd` in PyTorch, and `threshold` in Keras. The output has the shape of the input.

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
# `dx` is the gradient of the sum of the outputs. In PyTorch you write the sum. In TensorFlow, `tape.gradient`
# adds up the outputs. The next sections compute the output and the gradient with `value_and_grad`. This function
# of the book does the same as these two cells.
#
# ### NaN stays NaN in PyTorch, and becomes 0 in Keras
#
# NaN is not greater than any threshold. PyTorch returns NaN nevertheless, so you see it. Keras returns 0, in hard
# shrink and in soft shrink. So in Keras you do not see that an earlier step went wrong.

# %% hard-shrink-nan-pt tags=["pytorch"]
nan_pt = torch.tensor([float("nan"), 2.0])
show(hard=F.hardshrink(nan_pt), soft=F.softshrink(nan_pt))

# %% hard-shrink-nan-tf tags=["tensorflow"]
nan_tf = tf.constant([float("nan"), 2.0])
show(hard=keras.activations.hard_shrink(nan_tf),
     soft=keras.activations.soft_shrink(nan_tf))

# %% [markdown]
# ### Integer tensors raise an error in both frameworks
#
# Hard shrink and soft shrink need floats in both frameworks, so convert integers first.

# %% hard-shrink-integers-pt tags=["pytorch"]
for shrink in (F.hardshrink, F.softshrink):
    with show_error():
        shrink(torch.tensor([-1, 2]))

# %% hard-shrink-integers-tf tags=["tensorflow"]
for shrink in (keras.activations.hard_shrink,
               keras.activations.soft_shrink):
    with show_error():
        shrink(tf.constant([-1, 2]))

# %% [markdown]
# ### Hard shrink removes noise and keeps the height of each step
#
# The next cells remove noise from a signal, which is a sequence of steps. Each row of the matrix `haar` is one of
# 128 patterns. One pattern is constant, and each of the others is a block of positive numbers next to a block of
# negative numbers. The product of the matrix and the signal is a list of 128 *coefficients*. Each coefficient
# says how much of a pattern the signal contains.
#
# In the clean signal, only a few coefficients are large. The noise is distributed evenly over all 128. So shrink
# the coefficients, which replaces small ones by 0. Then multiply by the transposed matrix, which reverses the
# first product: much of the noise is gone {footcite:p}`donoho1994ideal`. The paper recommends the threshold
# $\sigma\sqrt{2 \ln n}$. Here $n$ is the number of coefficients, and $\sigma$ is the standard deviation of the
# noise.

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
hard_tf = tf.linalg.matvec(
    h_tf, keras.activations.hard_shrink(c_tf, lam),
    transpose_a=True)
soft_tf = tf.linalg.matvec(
    h_tf, keras.activations.soft_shrink(c_tf, lam),
    transpose_a=True)

# %%
agree([hard_pt, soft_pt], [hard_tf, soft_tf], atol=1e-5)

# %% [markdown]
# In the next cells, `kept` is the number of coefficients above the threshold. `error` is the root of the mean
# squared error. `top` is the mean height of the highest step, which is 4 in the clean signal. The cells print
# `error` and `top` for the noisy signal, after hard shrink, and after soft shrink.

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
# alt: Two panels over 128 positions: grey dots, the noisy signal, scatter around a grey line in
# steps, from 0 to 4, minus 2, 0, 2.5, minus 1 and 0. In the first panel the hard-shrunk signal,
# PyTorch's a line, TensorFlow's dots on it, runs along the grey line. In the second the soft-shrunk
# one has steps at the same positions, but all of them too small: 3.2 instead of 4.
fig, axes = plt.subplots(2, 1, figsize=(5.2, 5.0), sharex=True, sharey=True)
titles = ("Hard shrink keeps the heights", "Soft shrink makes every step smaller")
positions = np.arange(128)
for ax, title, y_pt, y_tf in zip(axes, titles, (hard_pt, soft_pt), (hard_tf, soft_tf)):
    ax.plot(noisy, ".", color=plots.SIBLING, markersize=3, alpha=0.7)
    ax.step(positions, clean, where="mid", color=plots.SIBLING, linewidth=4, alpha=0.4)
    ax.step(positions, y_pt, where="mid", color=plots.PYTORCH)
    ax.plot(positions[::4], y_tf.numpy()[::4], "o", color=plots.TENSORFLOW, markersize=3.5)
    ax.set(title=title, ylabel="signal")
axes[0].annotate("PyTorch, line", (80, 4.3), color=plots.PYTORCH)
axes[0].annotate("TensorFlow, dots", (80, 3.5), color=plots.TENSORFLOW)
axes[1].set_xlabel("position")
plt.show()

# %% [markdown]
# Hard shrink removes two fifths of the error. Soft shrink keeps the same 18 coefficients, but subtracts 1.56 from
# the size of each, so every step becomes smaller. Its error is even larger than the error of the noisy signal.
# Soft shrink needs a smaller threshold, and [gradient descent can find it](soft-shrink-trained).

# %% [markdown]
# (soft-shrink)=
# ## Soft shrink
#
# <!-- head: soft_shrink -->
#
# Soft shrink moves every number towards 0 by the threshold. Numbers that would pass 0 become 0. Choose soft
# shrink if your loss contains a penalty on absolute values: it computes the exact minimum of such a loss, as this
# section shows.
#
# $$\operatorname{SoftShrink}(x) = \operatorname{sign}(x)\, \max(0, |x| - \lambda)$$
#
# Here $x$ is one number of the input, and $\operatorname{sign}(x)$ is its sign, 1 or −1. $\lambda$ is the
# threshold, which is ½ by default in both frameworks.

# %% tags=["pytorch"]
x_pt = torch.tensor(x)
y_pt, dx_pt = value_and_grad(F.softshrink, x_pt, lambd=0.5)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.constant(x)
y_tf, dx_tf = value_and_grad(
    keras.activations.soft_shrink, x_tf, threshold=0.5)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# Each output that is not 0 is ½ closer to 0 than hard shrink's output. The gradients are the same.
#
# ### For another threshold, PyTorch's module has an argument, and Keras needs a function
#
# PyTorch's module has an argument for the threshold. Keras has no layer class, and the string `"soft_shrink"`
# means the default threshold. For another threshold, write a function and pass it to `Activation`. Also register
# the function, so that Keras finds it when it loads the model.

# %% soft-shrink-layer-pt tags=["pytorch"]
layer = nn.Softshrink(0.3)
by_default = nn.Softshrink()
ys_pt = [layer(x_pt), by_default(x_pt)]
show(layer=ys_pt[0], by_default=ys_pt[1])

# %% soft-shrink-layer-tf tags=["tensorflow"]
@keras.saving.register_keras_serializable("my_model")
def narrow_shrink(x):
    return keras.activations.soft_shrink(x, threshold=0.3)


layer = keras.layers.Activation(narrow_shrink)
by_default = keras.layers.Activation("soft_shrink")
ys_tf = [layer(x_tf), by_default(x_tf)]
show(layer=ys_tf[0], by_default=ys_tf[1])

# %% soft-shrink-layer
agree(ys_pt, ys_tf)

# %% [markdown]
# ### Soft shrink computes the minimum of a loss with a penalty on absolute values
#
# Which $z$ minimizes $\tfrac12 (z - x)^2 + \lambda |z|$? The first term is small if $z$ is close to $x$. The
# second term, the penalty, is small if $z$ is close to 0. The next cells try 1001 values of $z$ for each $x$,
# with $\lambda = ½$. `best` is the $z$ with the smallest sum, and `soft` is the soft shrink of $x$.

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
# Both lines are equal: soft shrink computes the best $z$ without a search.
#
# ### Gradient steps and soft shrink find the 4 unknowns that are not 0
#
# The next cells solve equations with soft shrink {footcite:p}`daubechies2004iterative`. There are 32 equations,
# $Az = b$, and 64 unknowns $z$. Only 4 of the unknowns are not 0. Each of 200 rounds has two parts. The first is
# a gradient descent step on $\tfrac12 \lVert Az - b \rVert^2$. The second is a soft shrink. Its threshold is
# $\lambda$ times the step size.
#
# For comparison, a second run does not use soft shrink. It subtracts the same amount from the size of each
# number, also from numbers near 0, which then change their sign. This is a gradient descent step on the penalty
# $\lambda|z|$. The cells print the positions and values of the unknowns that are not 0 after soft shrink. The
# last line is how many unknowns are not 0 in the second run.

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
positions = torch.nonzero(z_pt[:, 0])[:, 0]
values = z_pt[positions, 0]
show(position=positions, value=values, digits=2)
print("not 0 with the gradient:", n_sign_pt[-1])

# %% sparse-vector-tf tags=["tensorflow"]
z_tf, n_soft_tf = recover_tf(keras.activations.soft_shrink)
_, n_sign_tf = recover_tf(
    lambda z, amount: z - amount * tf.sign(z)
)
positions = tf.where(z_tf[:, 0])[:, 0]
values = tf.gather(z_tf[:, 0], positions)
show(position=positions, value=values, digits=2)
print("not 0 with the gradient:", n_sign_tf[-1])

# %% ista
agree(z_pt, z_tf, atol=1e-4)

# %% exact-zeros tags=["hide-input"]
# alt: How many of the 64 numbers are not 0, over 200 rounds, PyTorch's as lines, TensorFlow's as
# circles on them. With soft shrink the curve falls from 62 to 4 within some 80 rounds and stays there.
# With the gradient of the penalty it stays at 64 from the first round.
fig, ax = plt.subplots()
rounds = np.arange(1, 201)
for n_pt, n_tf, name in ((n_soft_pt, n_soft_tf, "soft shrink"), (n_sign_pt, n_sign_tf, "gradient")):
    plots.coinciding(ax, rounds, n_pt, n_tf, markers=20)
    ax.annotate(name, (200, n_pt[-1]), (0, -14 if n_pt[-1] > 30 else 6),
                textcoords="offset points", ha="right")
plots.say_which(ax, (120, 42))
ax.set(xlabel="round", ylabel="numbers that are not 0", ylim=(0, 68),
       title="Soft shrink makes numbers exactly 0, a gradient does not")
plt.show()

# %% [markdown]
# With soft shrink, four numbers are not 0, at the right positions, and the other 60 are exactly 0. Each of the
# four is a little too small, because of the penalty. In the second run, all 64 numbers are different from 0:
# numbers near 0 become positive and negative in turn, but not 0.

# %% [markdown]
# (soft-shrink-trained)=
# ### A trainable threshold is an error in PyTorch's functions, Keras's functions accept it
#
# You can also write each round as a layer of a network, and train its threshold like a weight
# {footcite:p}`gregor2010learning`. PyTorch's functions accept only a number as threshold. If you pass a tensor
# that requires a gradient, they raise an error. Keras's functions accept any tensor. The TensorFlow cell prints
# the gradient with respect to the threshold:

# %% soft-shrink-learned-pt tags=["pytorch"]
theta = torch.tensor(0.5, requires_grad=True)
for shrink in (F.softshrink, F.hardshrink):
    with show_error():
        shrink(torch.tensor(abs(x)), theta)

# %% soft-shrink-learned-tf tags=["tensorflow"]
theta = tf.Variable(0.5)
for shrink in (keras.activations.soft_shrink,
               keras.activations.hard_shrink):
    with tf.GradientTape() as tape:
        y_tf = shrink(tf.constant(abs(x)), theta)
    dtheta = tape.gradient(y_tf, theta)
    print(f"{shrink.__name__:11}", dtheta)

# %% [markdown]
# Soft shrink's gradient with respect to the threshold is −4. Four of the six inputs are above the threshold. (All
# inputs are positive here.) If the threshold increases, each of these four outputs decreases by the same amount.
# Hard shrink's threshold has no gradient (`None`), because it does not change the numbers that are above it.
#
# ### In PyTorch, two ReLUs are a soft shrink with a trainable threshold
#
# The first ReLU shrinks the positive numbers. The second ReLU is applied to $-x$ and subtracted, so it shrinks
# the negative numbers. The cells print the output `y` and `dtheta`, the gradient with respect to the threshold.

# %% soft-shrink-relus-pt tags=["pytorch"]
def soft_shrink(x, theta):
    return F.relu(x - theta) - F.relu(-x - theta)


x_pt, theta_pt = torch.tensor(abs(x)), torch.tensor(0.5)
y_pt, dtheta_pt = value_and_grad(
    soft_shrink, x_pt, theta_pt, argnums=1)
show(y=y_pt, dtheta=dtheta_pt)

# %% soft-shrink-relus-tf tags=["tensorflow"]
x_tf, theta_tf = tf.constant(abs(x)), tf.constant(0.5)
y_tf, dtheta_tf = value_and_grad(
    keras.activations.soft_shrink, x_tf, theta_tf, argnums=1)
show(y=y_tf, dtheta=dtheta_tf)

# %% soft-shrink-relus
agree(y_pt, y_tf, gradients=(dtheta_pt, dtheta_tf))

# %% [markdown]
# The next cells train the threshold on the [noisy signal](hard-shrink), with the clean signal as the target. The
# threshold starts at 1.56. The cells print the threshold and the error after 100 steps.

# %% tags=["pytorch"]
theta_pt = torch.tensor(lam, dtype=torch.float32)
theta_pt.requires_grad_()
sgd = torch.optim.SGD([theta_pt], lr=0.5)
for _ in range(100):
    shrunk = soft_shrink(c_pt, theta_pt)
    y = h_pt.T @ shrunk
    loss = ((y - torch.tensor(clean)) ** 2).mean()
    sgd.zero_grad()
    loss.backward()
    sgd.step()
show(theta=theta_pt, error=loss.sqrt(), digits=2)

# %% tags=["tensorflow"]
theta_tf = tf.Variable(lam, dtype=tf.float32)
sgd = keras.optimizers.SGD(learning_rate=0.5)
for _ in range(100):
    with tf.GradientTape() as tape:
        shrunk = keras.activations.soft_shrink(
            c_tf, theta_tf)
        y = tf.linalg.matvec(h_tf, shrunk, transpose_a=True)
        loss = tf.reduce_mean((y - clean) ** 2)
    dtheta = tape.gradient(loss, theta_tf)
    sgd.apply([dtheta], [theta_tf])
show(theta=theta_tf, error=tf.sqrt(loss), digits=2)

# %%
agree(theta_pt, theta_tf, atol=1e-3)

# %% [markdown]
# With the threshold 0.45, the error is 0.33. With the threshold 1.56 it was 0.64.
#
# ### A negative threshold is an error in PyTorch, in Keras it moves numbers away from 0
#
# A threshold can become negative during training. Then PyTorch's function raises an error. Keras's function
# returns numbers that are further from 0, and for −0.2 it even returns a positive number. With two ReLUs the
# numbers also move away from 0, but they do not change their sign.

# %% soft-shrink-negative-pt tags=["pytorch"]
small = torch.tensor([-2.0, -0.2, 0.2, 2.0])
with show_error():
    F.softshrink(small, -0.5)
show(two_relus=soft_shrink(small, -0.5))

# %% soft-shrink-negative-tf tags=["tensorflow"]
small = tf.constant([-2.0, -0.2, 0.2, 2.0])
show(y=keras.activations.soft_shrink(small, -0.5))
two_relus = tf.nn.relu(small + 0.5) - tf.nn.relu(-small + 0.5)
show(two_relus=two_relus)

# %% [markdown]
# To prevent a negative threshold, train the logarithm of the threshold.

# %% [markdown]
# (shrinkers-and-threshold)=
# ## Hard shrink is the difference of two Thresholds, soft shrink is x minus its clip
#
# [Threshold](rectifiers.ipynb#threshold) with the replacement 0 is one half of a hard shrink: it keeps the
# numbers above the threshold, and replaces all others by 0, also the negative ones. For the negative half, apply
# a second Threshold to $-x$ and subtract it.
#
# The clip of a small number is the number, so $x$ minus the clip is 0. The clip of a large number is the
# threshold, with the sign of the number. The cells print the first half, the complete hard shrink, and the soft
# shrink:

# %% tags=["pytorch"]
x_pt = torch.tensor(x)
half = F.threshold(x_pt, 0.5, 0.0)
whole_pt = half - F.threshold(-x_pt, 0.5, 0.0)
rest_pt = x_pt - torch.clamp(x_pt, -0.5, 0.5)
show(one_half=half, hard=whole_pt, soft=rest_pt)

# %% tags=["tensorflow"]
x_tf = tf.constant(x)
half = keras.activations.threshold(x_tf, 0.5, 0.0)
whole_tf = half - keras.activations.threshold(-x_tf, 0.5, 0.0)
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
# <!-- head: tanh_shrink -->
#
# Tanh shrink subtracts the tanh of a number from the number. For a small number the result is almost 0, and for a
# large positive number it is almost 1 less. The function has no threshold and no kink. Choose it if you need a
# derivative everywhere, and if the inputs are not small.
#
# $$\operatorname{TanhShrink}(x) = x - \tanh(x)$$
#
# Here $x$ is one number of the input. Near 0 the output is about $x^3/3$.

# %% tags=["pytorch"]
x_pt = torch.tensor(x)
y_pt, dx_pt = value_and_grad(F.tanhshrink, x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% tags=["tensorflow"]
x_tf = tf.constant(x)
y_tf, dx_tf = value_and_grad(
    keras.activations.tanh_shrink, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# ### Applied twice, tanh shrink makes 0.4 almost 0
#
# For small $x$, a third of $x^3$ is very small. After two tanh shrinks, the results for −0.3 and 0.4 are printed
# as 0.0000:

# %% tanh-shrink-twice-pt tags=["pytorch"]
once = F.tanhshrink(torch.tensor(x))
show(twice=F.tanhshrink(once))

# %% tanh-shrink-twice-tf tags=["tensorflow"]
once = keras.activations.tanh_shrink(tf.constant(x))
show(twice=keras.activations.tanh_shrink(once))

# %% [markdown]
# ### Tanh shrink of integers: PyTorch converts them to floats, Keras raises an error
#
# PyTorch's hard shrink raises an error for integers, but its tanh shrink accepts them, and returns float32.

# %% tanh-shrink-integers-pt tags=["pytorch"]
y_pt = F.tanhshrink(torch.tensor([-1, 2]))
show(y=y_pt)
print(y_pt.dtype)

# %% tanh-shrink-integers-tf tags=["tensorflow"]
with show_error():
    keras.activations.tanh_shrink(tf.constant([-1, 2]))

# %% [markdown]
# ### For inputs of 0.001 and less, float32 is more than 1 % wrong
#
# For a small $x$, the first digits of $x$ and tanh of $x$ are the same. The subtraction removes these digits, and
# only the inexact last ones are left. Each line of the output has the input and the right value, computed in
# float64. `True` means that the error of float32 is below 1 %.

# %% tanh-shrink-digits-pt tags=["pytorch"]
small = torch.tensor([0.1, 0.01, 0.001, 0.0001])
single = F.tanhshrink(small)
double = F.tanhshrink(small.double())
for size, y, right in zip(small, single, double):
    close = bool(abs(y / right - 1) < 0.01)
    print(f"{size:<6.4g} {right:.0e} {close}")

# %% tanh-shrink-digits-tf tags=["tensorflow"]
small = tf.constant([0.1, 0.01, 0.001, 0.0001])
single = keras.activations.tanh_shrink(small)
double = keras.activations.tanh_shrink(
    tf.cast(small, "float64"))
for size, y, right in zip(small, single, double):
    close = bool(abs(float(y) / right - 1) < 0.01)
    print(f"{size:<6.4g} {right:.0e} {close}")

# %% [markdown]
# ### At 0.0001 the gradient is exactly 0 in float32
#
# The right gradient is $\tanh(x)^2$. But both frameworks compute $1 - (1 - \tanh(x)^2)$, which has the same
# problem with digits. Each line of the output has a dtype, the gradient at 0.01, and the gradient at 0.0001.

# %% tanh-shrink-flat-pt tags=["pytorch"]
for dtype in (torch.float32, torch.float64):
    x_pt = torch.tensor([0.01, 0.0001], dtype=dtype)
    _, dx_pt = value_and_grad(F.tanhshrink, x_pt)
    print(dtype, *[f"{g:.0e}" for g in dx_pt])

# %% tanh-shrink-flat-tf tags=["tensorflow"]
for dtype in (tf.float32, tf.float64):
    x_tf = tf.constant([0.01, 0.0001], dtype)
    _, dx_tf = value_and_grad(
        keras.activations.tanh_shrink, x_tf)
    print(dtype.name, *[f"{g:.0e}" for g in dx_tf])

# %% [markdown]
# If small inputs are important, compute the difference in float64, and convert the result to float32. This is one
# of the exercises.

# %% [markdown]
# (sparse-plus)=
# ## Sparse plus
#
# <!-- head: sparse_plus -->
#
# Sparse plus is a ReLU with a round corner: between −1 and 1 it is a parabola. Below −1 it is exactly 0, and
# above 1 it is exactly $x$. Choose it if you need exact zeros and a slope without a jump
# {footcite:p}`blondel2020learning`. The slope of [softplus](exponentials.ipynb#softplus) has no jump either, but
# softplus is never 0.
#
# $$\operatorname{SparsePlus}(x) = \begin{cases} 0 & x \le -1 \\ \tfrac14 (x + 1)^2 & |x| < 1 \\ x & x \ge 1 \end{cases}$$
#
# Here $x$ is one number of the input. PyTorch has no sparse plus. Write it as the parabola of the clipped input,
# plus a ReLU for the part above 1:

# %% sparse-plus-bridge-pt tags=["pytorch"]
def sparse_plus(x):
    ramp = (torch.clamp(x, -1.0, 1.0) + 1) / 2
    return ramp**2 + F.relu(x - 1)


x_pt = torch.tensor(x)
y_pt, dx_pt = value_and_grad(sparse_plus, x_pt)
show(x=x_pt, y=y_pt, dx=dx_pt)

# %% sparse-plus-bridge-tf tags=["tensorflow"]
x_tf = tf.constant(x)
y_tf, dx_tf = value_and_grad(
    keras.activations.sparse_plus, x_tf)
show(x=x_tf, y=y_tf, dx=dx_tf)

# %%
agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))

# %% [markdown]
# ### The gradient of sparse plus is the sparse sigmoid
#
# Between −1 and 1, the gradient increases from 0 to 1 in a straight line. So it is equal to the [sparse
# sigmoid](sigmoids.ipynb#sparse-sigmoid), as the gradient of softplus is equal to the sigmoid.

# %% sparse-plus-integral
agree(dx_pt, keras.activations.sparse_sigmoid(x_tf))

# %% [markdown]
# So sparse plus is the area under the sparse sigmoid. The next cells add up this area in steps of 0.001. They
# start at −2, and print the area up to −0.3, 0.4, 0.8 and 2. `y` is sparse plus of these numbers.

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
# ### At infinity the gradient of Keras's sparse plus is NaN
#
# For large inputs Keras returns $x$, but it computes the parabola, too. At infinity the gradient of the parabola
# is infinite. Keras multiplies it by 0, because the parabola is not used here, and infinity times 0 is NaN. The
# PyTorch function above clips the input first, so its gradient is 1.

# %% sparse-plus-infinity-pt tags=["pytorch"]
x_pt = torch.tensor([float("inf")])
y_pt, dx_pt = value_and_grad(sparse_plus, x_pt)
show(y=y_pt, dx=dx_pt)

# %% sparse-plus-infinity-tf tags=["tensorflow"]
x_tf = tf.constant([float("inf")])
y_tf, dx_tf = value_and_grad(
    keras.activations.sparse_plus, x_tf)
show(y=y_tf, dx=dx_tf)

# %% [markdown]
# ### As a loss, sparse plus ignores points with a margin of 1 or more
#
# The next cells train a line that separates two groups of 100 points. The *margin* of a point is positive if the
# point is on the right side of the line. On the right side, the margin grows with the distance from the line.
# Logistic regression minimizes the softplus of the negative margin.
#
# If you replace softplus by sparse plus, a point with a margin of 1 or more has the gradient 0, so it no longer
# changes the line. The next cells train 200 steps with each of the two losses. Then `pull` counts the points that
# have a gradient, and `are right` counts the points on the right side.

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
        y = loss(-margin).mean()
        sgd.zero_grad()
        y.backward()
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
    margin = train_pt(loss)
    _, pull = value_and_grad(loss, -margin)
    n, right = (pull != 0).sum(), (margin > 0).sum()
    print(f"{loss.__name__:11} {n:3} pull, {right} are right")

# %% let-go-tf tags=["tensorflow"]
for loss in (tf.nn.softplus, keras.activations.sparse_plus):
    margin = train_tf(loss)
    _, pull = value_and_grad(loss, -margin)
    n, right = np.sum(pull != 0), np.sum(margin > 0)
    print(f"{loss.__name__:11} {n:3} pull, {right} are right")

# %% [markdown]
# With both losses, 188 points are on the right side. With softplus all 200 points still have a gradient, and with
# sparse plus only 56. This loss, multiplied by 4, is called the modified Huber loss
# {footcite:p}`zhang2004solving`.

# %% [markdown]
# (shrinkers-in-layers)=
# ## Keras has no layer for any of the four: pass the name of the function
#
# | | in PyTorch | in Keras |
# | --- | --- | --- |
# | functions | three, in `torch.nn.functional`; no sparse plus | all four, in `keras.activations`; none in `tf.nn` |
# | layers | `nn.Hardshrink`, `nn.Softshrink`, `nn.Tanhshrink` | none: give the function's name to `Activation` or `Dense` |
#
# In Keras you pass the name of the function to an `Activation` layer or to the layer before it. In PyTorch, both
# become a module. For sparse plus you write your own module:

# %% shrinkers-activation-pt tags=["pytorch"]
class SparsePlus(nn.Module):
    def forward(self, x):
        return sparse_plus(x)


modules = [
    nn.Hardshrink(),
    nn.Softshrink(),
    nn.Tanhshrink(),
    SparsePlus(),
]
ys_pt = [module(torch.tensor(x)) for module in modules]
show(hard=ys_pt[0], soft=ys_pt[1],
     tanh=ys_pt[2], plus=ys_pt[3])

# %% shrinkers-activation-tf tags=["tensorflow"]
layers = [
    keras.layers.Activation("hard_shrink"),
    keras.layers.Activation("soft_shrink"),
    keras.layers.Activation("tanh_shrink"),
    keras.layers.Activation("sparse_plus"),
]
ys_tf = [layer(tf.constant(x)) for layer in layers]
show(hard=ys_tf[0], soft=ys_tf[1],
     tanh=ys_tf[2], plus=ys_tf[3])

# %% shrinkers-activation
agree(ys_pt, ys_tf)

# %% [markdown]
# A `Dense` layer with an activation becomes two modules in PyTorch. PyTorch's weight is the transposed kernel of
# Keras:

# %%
kernel = np.array([[0.5, 0.2], [-1, 0.4], [0.2, -0.6]], np.float32)  # (in, out)
bias = np.array([0.4, -0.4], np.float32)
rows = x.reshape(2, 3)  # (batch, in)

# %% shrinkers-dense-pt tags=["pytorch"]
models = [
    nn.Sequential(nn.Linear(3, 2), nn.Hardshrink()),
    nn.Sequential(nn.Linear(3, 2), nn.Softshrink()),
    nn.Sequential(nn.Linear(3, 2), nn.Tanhshrink()),
    nn.Sequential(nn.Linear(3, 2), SparsePlus()),
]
for model in models:
    model[0].load_state_dict({"weight": torch.tensor(kernel.T),
                              "bias": torch.tensor(bias)})
ys_pt, dxs_pt = zip(*(value_and_grad(m, torch.tensor(rows))[:2]
                      for m in models))
show(hard=ys_pt[0], soft=ys_pt[1],
     tanh=ys_pt[2], plus=ys_pt[3])

# %% shrinkers-dense-tf tags=["tensorflow"]
models = [
    keras.layers.Dense(2, activation="hard_shrink"),
    keras.layers.Dense(2, activation="soft_shrink"),
    keras.layers.Dense(2, activation="tanh_shrink"),
    keras.layers.Dense(2, activation="sparse_plus"),
]
for model in models:
    model.build((None, 3))
    model.set_weights([kernel, bias])
ys_tf, dxs_tf = zip(*(value_and_grad(m, tf.constant(rows))[:2]
                      for m in models))
show(hard=ys_tf[0], soft=ys_tf[1],
     tanh=ys_tf[2], plus=ys_tf[3])

# %% shrinkers-dense
agree(ys_pt, ys_tf, gradients=(dxs_pt, dxs_tf))

# %% [markdown]
# (shrinkers-at-the-kink)=
# ## At the threshold, the output and the gradient are 0 in both frameworks
#
# Hard shrink jumps at $\pm\lambda$, and soft shrink has a kink there, so neither has a derivative at these two
# numbers. The next cells print the outputs of both at −½, 0 and ½, and then the gradients of six functions.
# `relus`, `clip` and `hardtanh` are three other formulas for soft shrink. `plus` is sparse plus at half its size,
# so that its parabola begins and ends at ±½.

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
kinks_tf = {
    "hard": keras.activations.hard_shrink,
    "soft": keras.activations.soft_shrink,
    "relus": lambda x: (
        tf.nn.relu(x - 0.5) - tf.nn.relu(-x - 0.5)),
    "clip": lambda x: x - tf.clip_by_value(x, -0.5, 0.5),
    "hardtanh": lambda x: (
        x - keras.activations.hard_tanh(2 * x) / 2),
    "plus": lambda x: keras.activations.sparse_plus(2 * x) / 2,
}

# %% kinks-pt tags=["pytorch"]
at = torch.tensor([-0.5, 0.0, 0.5])
show(hard=F.hardshrink(at), soft=F.softshrink(at), digits=1)
print("gradients")
for name, f in kinks_pt.items():
    _, dx_pt = value_and_grad(f, at)
    show(**{f"{name:8}": dx_pt}, digits=1)

# %% kinks-tf tags=["tensorflow"]
at = tf.constant([-0.5, 0.0, 0.5])
show(hard=keras.activations.hard_shrink(at),
     soft=keras.activations.soft_shrink(at), digits=1)
print("gradients")
for name, f in kinks_tf.items():
    _, dx_tf = value_and_grad(f, at)
    show(**{f"{name:8}": dx_tf}, digits=1)

# %% [markdown]
# The frameworks differ only in one formula for soft shrink. $x$ minus its Hardtanh has the gradient 1 at the
# threshold in PyTorch, because [PyTorch's Hardtanh has the gradient 0 at its ends](sigmoids-at-the-kink). Sparse
# plus has no kink: at −½ the parabola has the slope 0 and at ½ it has the slope 1, like the straight lines next
# to it.
#
# ## Which one to choose
#
# | you have | take | because |
# | --- | --- | --- |
# | noisy coefficients | Hard shrink | large numbers do not change |
# | a penalty on absolute values, or zeros that must be exact | Soft shrink | it computes the exact minimum of such a loss |
# | a threshold to train | Soft shrink, as two ReLUs in PyTorch | the gradient reaches the threshold |
# | numbers to shrink without a kink | Tanh shrink | it is smooth; for inputs of 0.001 and less, float32 is inexact |
# | exact zeros and a slope without a jump | Sparse plus | between −1 and 1 it is a parabola |
# | only numbers above a threshold to keep | [Threshold](rectifiers.ipynb#threshold) | it is one half of a hard shrink |
#
# ## Exercises
#
# Write all four yourself, and a tanh shrink that is exact for small inputs, in one framework or in both:
# [exercises on shrinkers](../../exercises/activations/shrinkers.ipynb).
#
# ## References
#
# ```{footbibliography}
# ```
