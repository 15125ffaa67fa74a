# %% [markdown]
# # Activations
#
# An activation is a nonlinear function between two layers. Most activations are applied to each number
# separately. The others use several numbers at once: a softmax uses a row of numbers, and a GLU uses pairs.
#
# **The claims of this page:** without activations, several layers compute nothing that one layer cannot compute.
# With an activation between them, two layers can approximate any continuous curve. Most activations are one
# operation in PyTorch, and several operations in TensorFlow. You will see all three, and then choose from a
# table.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils._python_dispatch import TorchDispatchMode

from diptych import agree, plots, show, value_and_grad
from diptych.catalogue import atlas
from diptych.catalogue.component import find

plots.use_style()
torch.set_num_threads(1)  # tensors as small as these gain nothing from more

# %% [markdown]
# ## Most activations are one curve, applied to each number
#
# In each panel, the solid line is the function and the dashed line is its derivative. The formulas are the ones
# with which the exercises are graded. Some functions have arguments: their values are printed below the figure.
# ReLU6 becomes flat at 6, which is outside its panel. PReLU and RReLU have no panel, because their curve is Leaky
# ReLU's curve, with a learned or a random slope.

# %% every-curve tags=["hide-input"]
# alt: A grid of small panels over inputs from minus 4 to 4, each with one activation and its derivative
# dashed; each chapter has its own rows and its own colour. Rectifiers: ReLU, ReLU6 and Leaky ReLU bend at
# 0, Threshold jumps from minus 2 to the diagonal. Sigmoids: curves like an S, flat at both ends, in
# straight lines for the hard and sparse ones; only Log-sigmoid goes on falling to the left.
# Exponentials: ELU, SELU and CELU level off below 0; Softplus and Squareplus are a ReLU with a round
# corner, and Exponential climbs out of the picture. Gates: SiLU, Hard SiLU, GELU and Mish join the
# diagonal for large inputs, dip a little below 0 for negative ones and come back to it. Shrinkers: Hard
# and Soft shrink are 0 around 0, Tanh shrink is flat there, all three rise on one side and fall on the
# other; Sparse plus is a ReLU with a round corner, too.
curves = {}  # by chapter: name, anchor of its section, formula, arguments
for row in atlas.rows():
    if row["family"] == "activations" and row["exercise"]:
        exercise = find(row["id"]).exercises[0]
        if exercise.curve is not None:
            of_chapter = curves.setdefault(row["chapter"].split("/")[1], [])
            anchor = find(row["id"]).anchor
            of_chapter.append((row["name"], anchor, exercise.oracle, exercise.curve))

grid = np.linspace(-4, 4, 321)
middle = (grid[:-1] + grid[1:]) / 2
rows = [(i, chapter, found[j : j + 4])
        for i, (chapter, found) in enumerate(curves.items()) for j in range(0, len(found), 4)]
width = plt.rcParams["figure.figsize"][0]
fig, axes = plt.subplots(len(rows), 4, figsize=(width, 0.22 * width * len(rows)),
                         sharex=True, sharey=True, squeeze=False)
for row, (i, chapter, found) in zip(axes, rows):
    color = plots.PALETTE[i]
    row[0].set_ylabel(chapter, color=color, fontsize=9)
    for ax in row[len(found):]:
        ax.axis("off")
    for ax, (name, anchor, formula, arguments) in zip(row, found):
        y = formula(grid, **arguments)
        slope = np.diff(y) / np.diff(grid)
        slope[abs(slope) > 8] = np.nan  # a jump has none
        plots.zero_lines(ax)
        ax.plot(*plots.broken(grid, y), color=color, linewidth=1.5)
        ax.plot(*plots.broken(middle, slope), "--", color=color, linewidth=1)
        plots.head(ax, name.split(" (")[0], anchor, color=color, fontsize=9, pad=3)
axes[0, 0].set(ylim=(-2.3, 3.3), xticks=(-3, 0, 3), yticks=(-2, 0, 2))
plt.show()

# %% drawn tags=["hide-input"]
for found in curves.values():
    for name, _, _, arguments in found:
        if arguments:
            print(f"{name}:", ", ".join(f"{k}={v}" for k, v in arguments.items()))

# %% [markdown]
# (activations-collapse)=
# ## Without an activation, two layers compute the same as one
#
# A layer multiplies its input by a matrix and adds a bias. For two layers, you can multiply out:
#
# $$(x W_1 + b_1)\, W_2 + b_2 = x\, (W_1 W_2) + (b_1 W_2 + b_2)$$
#
# Here $x$ is a row of inputs, and $W_1$, $b_1$, $W_2$ and $b_2$ are the weights and biases of the two layers. The
# right side is one layer, with the weights $W_1 W_2$ and the bias $b_1 W_2 + b_2$. The next cells compute both
# sides, with small weights that you can multiply by hand. (PyTorch's `Linear` stores the weights transposed.) `w`
# and `b` belong to the one layer, `two` is the output of the two layers, and `one` is the output of the one
# layer:

# %% two-layers
x = np.array([[1, 2], [-1, 0.5], [3, -2]], dtype=np.float32)
w1 = np.array([[1, 2], [0, -1]], dtype=np.float32)  # (in, out)
b1 = np.array([1, 0], dtype=np.float32)
w2 = np.array([[1], [3]], dtype=np.float32)
b2 = np.array([-2], dtype=np.float32)

# %% two-layers-pt tags=["pytorch"]
first_pt = nn.Linear(2, 2)
second_pt = nn.Linear(2, 1)
for layer, w, b in (first_pt, w1, b1), (second_pt, w2, b2):
    layer.load_state_dict(
        {"weight": torch.tensor(w.T), "bias": torch.tensor(b)}
    )
two_pt = second_pt(first_pt(torch.tensor(x)))

w_pt = second_pt.weight @ first_pt.weight  # (out, in)
b_pt = second_pt.weight @ first_pt.bias + second_pt.bias
one_pt = F.linear(torch.tensor(x), w_pt, b_pt)
show(w=w_pt, b=b_pt, two=two_pt.T, one=one_pt.T)

# %% two-layers-tf tags=["tensorflow"]
first_tf = keras.layers.Dense(2)
second_tf = keras.layers.Dense(1)
for layer, w, b in (first_tf, w1, b1), (second_tf, w2, b2):
    layer.build((None, 2))
    layer.set_weights([w, b])
two_tf = second_tf(first_tf(tf.constant(x)))

w_tf = first_tf.kernel @ second_tf.kernel  # (in, out)
b_tf = first_tf.bias @ second_tf.kernel + second_tf.bias
one_tf = tf.constant(x) @ w_tf + b_tf
show(w=tf.transpose(w_tf), b=b_tf,
     two=tf.transpose(two_tf), one=tf.transpose(one_tf))

# %% [markdown]
# In both frameworks, two layers and one layer compute $\hat y = 7 x_1 - 3 x_2 - 1$. `agree` compares PyTorch's
# two layers with TensorFlow's one layer, and PyTorch's one layer with TensorFlow's two:

# %% two-layers-are-one
agree([two_pt, one_pt], [one_tf, two_tf])

# %% [markdown]
# So a network of such layers computes a linear function plus a constant, for any number of layers. For such a
# function, the output at the middle of two inputs is the mean of the two outputs. The next cells compute both
# numbers, first with `Identity` between the two layers, and then with a ReLU. With ReLU they are different:

# %% halfway
ends = np.array([[-2, 0], [2, 0]], dtype=np.float32)
halfway = ends.mean(0, keepdims=True)

# %% halfway-pt tags=["pytorch"]
for layer in (nn.Identity(), nn.ReLU()):
    net = nn.Sequential(first_pt, layer, second_pt)
    print(type(layer).__name__)
    show(mean_of_ends=net(torch.tensor(ends)).mean(),
         at_halfway=net(torch.tensor(halfway)))

# %% halfway-tf tags=["tensorflow"]
for layer in (keras.layers.Identity(), keras.layers.ReLU()):
    net = keras.Sequential([first_tf, layer, second_tf])
    print(type(layer).__name__)
    show(mean_of_ends=tf.reduce_mean(net(tf.constant(ends))),
         at_halfway=net(tf.constant(halfway)))

# %% [markdown]
# (activations-fit)=
# ## With an activation, two layers can approximate any continuous curve
#
# A network with one hidden layer can approximate any continuous curve as exactly as you want, if it has enough
# units, and if its activation is not a polynomial {footcite:p}`leshno1993multilayer`. The next cells train a
# network with 64 hidden units on two curves, a wave and a triangle. The first training is without an activation,
# and the second is with ReLU. Both frameworks start with the same weights. The cells print the loss at the end.

# %% fit-data
x_fit = np.linspace(-2, 2, 81, dtype=np.float32)[:, None]  # (batch, 1)
wave, triangle = np.sin(3 * x_fit), 1 - 2 * np.minimum(np.abs(x_fit), 1)
y_fit = np.hstack([wave, triangle]).astype(np.float32)  # (batch, 2)

rng = np.random.default_rng(0)
start = [rng.choice([-1, 1], (1, 64)), rng.uniform(-2, 2, 64),
         rng.normal(0, 1 / 8, (64, 2)), np.zeros(2)]
start = [array.astype(np.float32) for array in start]

# %% fit-pt tags=["pytorch"]
def fit_pt(activation, n_steps=600):
    weights = [torch.tensor(w).requires_grad_() for w in start]
    w1, b1, w2, b2 = weights
    adam = torch.optim.Adam(weights, lr=0.01)
    x, y = torch.tensor(x_fit), torch.tensor(y_fit)
    for _ in range(n_steps):
        y_hat = activation(x @ w1 + b1) @ w2 + b2
        loss = ((y_hat - y) ** 2).mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
    return loss.detach(), y_hat.detach()

# %% fit-tf tags=["tensorflow"]
def fit_tf(activation, n_steps=600):
    weights = [tf.Variable(w) for w in start]
    w1, b1, w2, b2 = weights
    adam = keras.optimizers.Adam(0.01)
    adam.build(weights)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            y_hat = activation(x_fit @ w1 + b1) @ w2 + b2
            loss = tf.reduce_mean((y_hat - y_fit) ** 2)
        adam.apply(tape.gradient(loss, weights), weights)
        return loss, y_hat

    for _ in range(n_steps):
        loss, y_hat = step()
    return loss, y_hat

# %% tags=["pytorch"]
straight_pt, line_pt = fit_pt(nn.Identity())
bent_pt, curve_pt = fit_pt(F.relu)
show(no_activation=straight_pt, relu=bent_pt, digits=2)

# %% tags=["tensorflow"]
straight_tf, line_tf = fit_tf(tf.identity)
bent_tf, curve_tf = fit_tf(tf.nn.relu)
show(no_activation=straight_tf, relu=bent_tf, digits=2)

# %% fit tags=["hide-input"]
# alt: Two panels over inputs from minus 2 to 2: a wave and a triangle, drawn as a broad grey line.
# Without an activation the network is a straight line through both, with ReLU it follows them.
# TensorFlow's results are circles on PyTorch's lines.
fig, axes = plt.subplots(1, 2, sharey=True)
for i, (ax, title) in enumerate(zip(axes, ("a wave", "a triangle"))):
    ax.plot(x_fit, y_fit[:, i], color=plots.SIBLING, linewidth=6, alpha=0.5)
    for y_pt, y_tf in ((line_pt, line_tf), (curve_pt, curve_tf)):
        plots.coinciding(ax, x_fit, y_pt[:, i], y_tf[:, i])
    ax.set(xlabel="input", title=title)
axes[0].set(ylabel="output", ylim=(-1.3, 1.9))
axes[1].annotate("with ReLU", (0.5, 0.6))
axes[1].annotate("without", (-2, -0.4))
plots.say_which(axes[1], (2, 1.65), ha="right")
fig.suptitle("With ReLU two layers fit both curves, without it neither", x=0.01, ha="left")
plt.show()

# %% [markdown]
# Without an activation, the network finds the best straight line. With more units it would find the same line.
# With ReLU, each hidden unit adds one kink, and 64 kinks are enough for both curves.
#
# (activations-cost)=
# ## Most activations are one operation in PyTorch, and several in TensorFlow
#
# The next cells count the operations that each framework runs. Each operation reads whole tensors and writes a
# whole tensor.
#
# - In PyTorch, a dispatch mode records each operation that runs. The count does not contain views, which copy
#   nothing, or operations that only create a tensor.
# - In TensorFlow, the operations are the nodes of the traced graph between the input and the result. The count
#   does not contain nodes that return their input unchanged.
#
# The counts do not depend on the machine. They show how often tensors are read and written, but not how much
# arithmetic an operation does: a comparison and an exponential both count as one operation. A compiler
# (`torch.compile`, `jit_compile=True`) can combine several operations into one.

# %% recorder-pt tags=["pytorch"]
NEW = ("empty_like.default", "scalar_tensor.default")


class Recorder(TorchDispatchMode):
    def __enter__(self):
        self.ops = []
        return super().__enter__()

    def __torch_dispatch__(self, op, types, args, kwargs=None):
        if not op.is_view and op.__name__ not in NEW:
            self.ops.append(op.__name__.split(".")[0])
        return op(*args, **(kwargs or {}))

# %% recorder-tf tags=["tensorflow"]
PASSED_ON = ("Placeholder", "Identity", "IdentityN", "Reshape")


def needed_for(result):
    found, waiting = [], [result]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.append(node)
            waiting += [tensor.op for tensor in node.inputs]
    return found

# %% ops-pt tags=["pytorch"]
def ops_pt(function, x):
    x = torch.tensor(x, requires_grad=True)
    with Recorder() as forward:
        y = function(x)
    upstream_gradient = torch.ones_like(y)
    with Recorder() as backward:
        torch.autograd.grad(y, x, upstream_gradient)
    return forward.ops, backward.ops

# %% ops-tf tags=["tensorflow"]
def ops_tf(function, x):
    upstream_gradient = tf.ones_like(function(tf.constant(x)))
    graph = tf.function(
        lambda x, g: value_and_grad(
            function, x, upstream_gradient=g)[:2],
        autograph=False,
    ).get_concrete_function(x, upstream_gradient).graph
    y, dx = (needed_for(out.op) for out in graph.outputs)
    inputs = {tensor.op for tensor in graph.inputs[:2]}
    ops = [op for op in graph.get_operations()
           if op.type not in PASSED_ON
           and not inputs.isdisjoint(needed_for(op))]
    return ([op.type for op in ops if op in y],
            [op.type for op in ops if op in dx and op not in y])

# %% cost-of-two-pt tags=["pytorch"]
for function in (F.relu, F.gelu):
    forward, backward = ops_pt(function, x)
    print(function.__name__)
    print("  forward: ", *forward)
    print("  backward:", *backward)

# %% cost-of-two-tf tags=["tensorflow"]
for function in (tf.nn.relu, tf.nn.gelu):
    forward, backward = ops_tf(function, x)
    print(function.__name__)
    print("  forward: ", *forward)
    print("  backward:", *backward)

# %% [markdown]
# The table shows the counts for every activation, as forward + backward. RReLU runs in inference mode. Arguments
# are the same as in the exercises. Squareplus has a dash in PyTorch, because there you write it yourself.

# %% cost tags=["hide-input"]
def called(answer, arguments):
    """A function of x: the answer itself with its arguments, or the layer that it makes."""
    if not isinstance(answer, type):
        return lambda x: answer(x, *arguments)
    layer = answer(*arguments)
    return layer.eval() if isinstance(layer, nn.Module) else layer


rows = [row for row in atlas.rows() if row["family"] == "activations" and row["exercise"]
        and row["kind"] == "activation"
        and (not row["chapter"].endswith("softmaxes") or row["id"] in ("softmax", "log_softmax"))]
once = {"PyTorch": [], "TensorFlow": []}  # whether it is one operation each way
print(f"{'':16}{'PyTorch':>10}{'TensorFlow':>11}")
for row in rows:
    exercise = find(row["id"]).exercises[0]
    case = exercise.visible[0]
    names = {"torch": torch, "nn": nn, "F": F, "tf": tf, "keras": keras, "np": np,
             "squareplus_tf": keras.activations.squareplus}  # not a reference: it is inexact
    for source in exercise.reference.values():
        exec(source, names)
    line = f"{row['name'].split(' (')[0]:16}"
    for framework, suffix, ops in (("PyTorch", "_pt", ops_pt), ("TensorFlow", "_tf", ops_tf)):
        cell = "–"  # neither a function nor an expression
        if answer := names.get(exercise.answer + suffix):
            function = called(answer, case.arguments.values())
            forward, backward = ops(function, np.float32(case.inputs[0]))
            cell = f"{len(forward)} +{len(backward):3}"
            once[framework].append(len(forward) == len(backward) == 1)
        shipped = row["pytorch"] if framework == "PyTorch" else row["keras"] + row["tensorflow"]
        line += f"{cell:>10}" + (" " if shipped or cell == "–" else "*")
    print(line.rstrip())
print("* built from other functions: the framework ships none")
for framework, found in once.items():
    print(f"{framework}: one operation each way for {sum(found)} of {len(found)}")

# %% [markdown]
# ## Which one to choose
#
# | you need | take | because |
# | --- | --- | --- |
# | hidden layers, no particular reason | [ReLU](rectifiers.ipynb#relu) | one comparison, exact zeros |
# | units that can learn again after receiving only negative numbers | [Leaky ReLU](rectifiers.ipynb#leaky-relu), [PReLU](rectifiers.ipynb#prelu), [RReLU](rectifiers.ipynb#rrelu) | below 0 they have a slope that is fixed, learned, or random |
# | outputs to store in few bits | [ReLU6](rectifiers.ipynb#relu6), [Hardtanh](sigmoids.ipynb#hardtanh) | the range is known in advance |
# | outputs with a mean near 0, none far below 0 | [ELU](exponentials.ipynb#elu), [CELU](exponentials.ipynb#celu) | for large negative inputs they approach a constant |
# | many layers without normalization | [SELU](exponentials.ipynb#selu) | with the right weights the variance stays at 1 |
# | a smooth ReLU that may dip below 0 | [SiLU](gates.ipynb#silu), [GELU](gates.ipynb#gelu), [Mish](gates.ipynb#mish) | each number is multiplied by a gate that it controls |
# | the same without an exponential | [Hardswish](gates.ipynb#hardswish) | its gate has three straight pieces |
# | one half of the numbers as gates for the other half | [GLU](gates.ipynb#glu) | the gates are learned, and a large value still has a gradient |
# | the positive and the negative part of every unit | [CReLU](gates.ipynb#crelu) | it loses no number, but has twice as many outputs |
# | an output above 0 | [Softplus](exponentials.ipynb#softplus), [Squareplus](exponentials.ipynb#squareplus), [Exponential](exponentials.ipynb#exponential) | smooth, and positive for every input |
# | exact zeros and a slope without a jump | [Sparse plus](shrinkers.ipynb#sparse-plus) | it has a parabola instead of a kink |
# | a gate between 0 and 1 | [Sigmoid](sigmoids.ipynb#sigmoid), [Hard sigmoid](sigmoids.ipynb#hard-sigmoid), [Sparse sigmoid](sigmoids.ipynb#sparse-sigmoid) | Sigmoid is smooth; Hard sigmoid is exactly 0 or 1 beyond ±3, and Sparse sigmoid beyond ±1 |
# | outputs between −1 and 1 | [Tanh](sigmoids.ipynb#tanh), [Softsign](sigmoids.ipynb#softsign) | the slope at 0 is 1; softsign approaches ±1 more slowly |
# | small numbers at exactly 0 | [Hard shrink](shrinkers.ipynb#hard-shrink), [Soft shrink](shrinkers.ipynb#soft-shrink), [Threshold](rectifiers.ipynb#threshold) | Hard shrink does not change large numbers, Soft shrink makes them smaller, and Threshold also sets negative ones to 0 |
# | shrinking without a kink | [Tanh shrink](shrinkers.ipynb#tanh-shrink) | smooth, but inexact for small inputs |
# | one of several classes | [Softmax](softmaxes.ipynb#softmax), [Sparsemax](softmaxes.ipynb#sparsemax), [Softmin](softmaxes.ipynb#softmin) | the outputs sum to 1; Sparsemax has exact zeros; Softmin is large for small inputs, such as costs |
# | the logarithm of a probability | [LogSigmoid](sigmoids.ipynb#logsigmoid), [LogSoftmax](softmaxes.ipynb#logsoftmax) | in one step, so there is no logarithm of 0 |
# | a random choice with a gradient | [Gumbel-softmax](softmaxes.ipynb#gumbel-softmax) | a softmax of logits plus noise |
# | a network that trains with an activation of your own | [a SiLU by hand, and two half-moons](a_network_by_hand.ipynb#three-arrays-and-two-activations-make-the-network) | autograd and tape differentiate it |
#
# ## All names
#
# **paired**: both frameworks have the activation. **bridged**: one framework does not have it, and the chapter defines it.
#
# ```{components} activations
# ```
#
# ## References
#
# ```{footbibliography}
# ```
