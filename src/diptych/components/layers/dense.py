"""Dense layers: Dense, EinsumDense, Bilinear, Identity, Input, and the former DenseFeatures."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.cases import elementwise
from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes


def normal(rng, *shapes):
    return tuple(rng.normal(0, 1, shape) for shape in shapes)


def dense(x, weight, bias):
    return x @ weight.T + bias


def dense_case(rng, n_in, n_out, *leading, **fields):
    return Case(normal(rng, (*leading, n_in), (n_out, n_in), n_out), **fields)


DENSE_MISTAKES = """
x @ weight + bias                              # NOT_TURNED
x @ weight.reshape(weight.shape[::-1]) + bias  # SCRAMBLED
x @ weight.T                                   # the bias is missing: add one number per output
x @ weight.T - bias                            # the bias is subtracted: add it
x @ weight.T + 2 * bias                        # the bias is added twice
x @ weight.T + bias[0]                         # all outputs get the first bias: each has its own
x @ weight.T + bias.sum()                      # all outputs get the sum of all biases
x @ weight.T + bias.mean()                     # all outputs get the mean of all biases
x @ weight.T + bias[:, None]                   # the bias goes along the batch: add it along outputs
x @ (weight.T + bias)                          # the bias is added to the weight, not to the product
weight @ x.T + bias                            # the output is transposed: it is (batch, out)
maximum(0, x @ weight.T + bias)                # negative outputs become 0: remove the ReLU
(x @ weight.T + bias) / x.shape[-1]            # divided by the number of inputs: leave this out
"""
NOT_TURNED = (
    "the weight is used as (in, out), which raises no error if both are equal: it is (out, in), "
    "so transpose it"
)
SCRAMBLED = "a reshape gives the weight the right shape and the wrong order: transpose it instead"

DENSE_EXERCISE = Exercise(
    "dense",
    dense,
    visible=(
        Case(
            (
                np.array([[1.0, 2.0, -1.0], [0.5, 0.0, 3.0]]),
                np.array([[1.0, 0.0, 2.0], [-1.0, 1.0, 0.5]]),
                np.array([0.5, -0.25]),
            )
        ),
        dense_case(default_rng(1), 3, 3, 2),
        dense_case(default_rng(2), 3, 5, 1),
        dense_case(default_rng(3), 7, 5, 2, 3, part="robustness"),
    ),
    hidden=lambda rng: (
        dense_case(rng, 3, 5, 2),
        dense_case(rng, 4, 4, 3),
        dense_case(rng, 5, 2, 1),
        dense_case(rng, 3, 2, 2, 5, part="robustness"),
        dense_case(rng, 3, 2, 2, 4, 5, part="robustness"),
    ),
    reference={
        "pytorch": "dense_pt = F.linear",
        "tensorflow": "def dense_tf(x, weight, bias):\n"
        "    return tf.nn.bias_add(x @ tf.transpose(weight), bias)",
    },
    misconceptions=mistakes(DENSE_MISTAKES, globals(), "x, weight, bias"),
    allow=("bias_add",),
    elementwise=False,
    rtol=1e-3,
)


def rows(x):
    """The array with all axes but the last joined into one."""
    return x.reshape(-1, x.shape[-1])


def dense_gradients(x, weight, upstream):
    return upstream @ weight, rows(upstream).T @ rows(x), rows(upstream).sum(0)


def gradients_case(rng, n_in, n_out, *leading, **fields):
    shapes = (*leading, n_in), (n_out, n_in), (*leading, n_out)
    return Case(normal(rng, *shapes), gradients=False, **fields)


DX, DW, DB = "upstream @ weight", "rows(upstream).T @ rows(x)", "rows(upstream).sum(0)"
GRADIENTS_MISTAKES = f"""
({DX}, {DW}, rows(upstream).mean(0))  # the bias gradient is averaged: add up the examples
({DX}, {DW}, upstream)                # the bias gradient is not summed: add up the examples
({DX}, {DW}, upstream.sum())          # the bias gradient is one number: each bias has its own
({DX}, {DW}, ones(len(weight)))
({DX}, {DW}, full(len(weight), float(len(rows(x)))))
    # the bias gradient ignores upstream: sum upstream over the examples
({DX}, {DW} / len(rows(x)), {DB} / len(rows(x)))
    # the gradients of weight and bias are averaged: add up the examples
({DX}, {DW} / len(rows(x)), {DB})     # the weight gradient is averaged: add up the examples
({DX}, ({DW}).T, {DB})                # the weight gradient is (in, out), transposed
({DX}, {DW}, upstream.sum(0))         # SOME_AXES
(upstream @ weight.T, {DW}, {DB})
    # the input gradient uses the weight transposed: multiply by the weight itself
(ones_like(upstream) @ weight, {DW}, {DB})
    # the input gradient ignores upstream: multiply upstream by weight
(x, {DW}, {DB})
(ones_like(x), {DW}, {DB})            # the input gradient ignores the weight: multiply by it
({DW}, {DX}, {DB})                    # two gradients are swapped: input, weight, bias
"""
SOME_AXES = "the bias gradient is summed over the first axis only: sum over all axes but the last"

DENSE_GRADIENTS_PT = """
def dense_gradients_pt(x, weight, upstream):
    bias = torch.zeros(len(weight), requires_grad=True)
    x, weight = (v.clone().requires_grad_() for v in (x, weight))
    return torch.autograd.grad(F.linear(x, weight, bias), (x, weight, bias), upstream)
"""
DENSE_GRADIENTS_TF = """
def dense_gradients_tf(x, weight, upstream):
    bias = tf.zeros(len(weight))
    with tf.GradientTape() as tape:
        tape.watch([x, weight, bias])
        y = x @ tf.transpose(weight) + bias
    return tape.gradient(y, [x, weight, bias], upstream)
"""

DENSE_GRADIENTS_EXERCISE = Exercise(
    "dense_gradients",
    dense_gradients,
    visible=(
        Case(
            (
                np.array([[1.0, 2.0, -1.0], [0.5, 0.0, 3.0]]),
                np.array([[1.0, 0.0, 2.0], [-1.0, 1.0, 0.5]]),
                np.array([[1.0, -1.0], [2.0, 0.5]]),
            ),
            gradients=False,
        ),
        gradients_case(default_rng(1), 3, 3, 2),
        gradients_case(default_rng(2), 3, 5, 1),
        gradients_case(default_rng(3), 4, 2, 2, 3, part="robustness"),
    ),
    hidden=lambda rng: (
        gradients_case(rng, 3, 5, 2),
        gradients_case(rng, 4, 4, 3),
        gradients_case(rng, 3, 5, 2, 7, part="robustness"),
        gradients_case(rng, 2, 3, 5, 4, part="robustness"),
    ),
    reference={"pytorch": DENSE_GRADIENTS_PT, "tensorflow": DENSE_GRADIENTS_TF},
    misconceptions=mistakes(GRADIENTS_MISTAKES, globals(), "x, weight, upstream"),
    allow=("bias_add",),
    elementwise=False,
    rtol=1e-3,
)


def linear_start(weight):
    """The case whose random start :func:`judge_start` judges."""
    return np.zeros_like(weight)


def fans(weight):
    return weight.shape[1], weight.shape[0]


FAN_OUT = "the bound is 1/√n_out: n_in is the second axis of the weight"
GLOROT = "the bound is Glorot's, Keras's default: PyTorch's bound is 1/√n_in"
HE = "the bound is He's, √6 times as large: PyTorch's bound is 1/√n_in"
LECUN = "the bound is √3/√n_in, which keeps the variance: PyTorch's bound is 1/√n_in"
NO_ROOT = "the bound is 1/n_in: take the square root of n_in"
POSITIVE = "only positive numbers are drawn: draw from −bound to bound"
ONE_NUMBER = "all weights are the same number: draw one for each of them"
SAME_TWICE = "two calls draw the same weights: draw anew in each call"
BOUND = "the weights do not lie between −1/√n_in and 1/√n_in"
NOT_UNIFORM = "the weights are not uniform between −1/√n_in and 1/√n_in"
BOUNDS = {
    FAN_OUT: lambda n_in, n_out: n_out**-0.5,
    GLOROT: lambda n_in, n_out: (6 / (n_in + n_out)) ** 0.5,
    HE: lambda n_in, n_out: (6 / n_in) ** 0.5,
    LECUN: lambda n_in, n_out: (3 / n_in) ** 0.5,
    NO_ROOT: lambda n_in, n_out: 1 / n_in,
}


def distance(numbers, bound):
    """Kolmogorov and Smirnov's √n D of numbers from the uniform distribution within ±bound."""
    uniform = np.sort((np.ravel(numbers) / bound + 1) / 2)
    n = uniform.size
    return np.sqrt(n) * np.max(np.abs(uniform - (np.arange(n) + 0.5) / n))


def judge_start(case, first, second, derivative):
    """Judge 4,000 weights, drawn twice; a right answer fails less than once in a million."""
    n_in, n_out = fans(case.inputs[0])
    first = np.float64(first)
    if np.ptp(first) < 1e-6:
        return ONE_NUMBER
    if np.allclose(first, second):
        return SAME_TWICE
    if first.min() >= 0:
        return POSITIVE
    # √n D exceeds 2.8 with probability 2 exp(-2 · 2.8²) = 3e-7.
    if abs(first).max() <= n_in**-0.5 * (1 + 1e-5) and distance(first, n_in**-0.5) < 2.8:
        return None
    for sentence, bound in BOUNDS.items():
        wrong = bound(n_in, n_out)
        if abs(first).max() <= wrong * (1 + 1e-5) and distance(first, wrong) < 2.8:
            return sentence
    return BOUND if abs(first).max() > n_in**-0.5 * (1 + 1e-5) else NOT_UNIFORM


def start_cases(*shapes):
    return tuple(
        Case((np.zeros(shape),), gradients=False, training=None, judge=judge_start)
        for shape in shapes
    )


def drawn(low, high):
    """An answer that draws uniformly between two functions of ``n_in, n_out``."""
    return lambda weight: default_rng().uniform(
        low(*fans(weight)), high(*fans(weight)), weight.shape
    )


def within(bound):
    return drawn(lambda *n: -bound(*n), bound)


START_MISTAKES = """
for name in BOUNDS: within(BOUNDS[name])(weight)  # {name}
drawn(lambda *n: 0, lambda n_in, n_out: n_in ** -0.5)(weight)             # POSITIVE
full(weight.shape, default_rng().uniform(-1, 1) / weight.shape[1] ** 0.5) # ONE_NUMBER
default_rng(0).uniform(-1, 1, weight.shape) / weight.shape[1] ** 0.5      # SAME_TWICE
default_rng().normal(0, 1 / weight.shape[1] ** 0.5, weight.shape)
default_rng().normal(0, 1, weight.shape)                                  # BOUND
default_rng().choice([-1, 1], weight.shape) / weight.shape[1] ** 0.5      # NOT_UNIFORM
"""

LINEAR_START_EXERCISE = Exercise(
    "linear_start",
    linear_start,
    visible=start_cases((40, 100), (100, 40)),
    hidden=lambda rng: start_cases((20, int(rng.integers(150, 250))), (400, 10)),
    reference={
        "pytorch": "linear_start_pt = lambda weight: "
        "nn.init.kaiming_uniform_(torch.empty_like(weight), a=5**0.5)",
        "tensorflow": "linear_start_tf = lambda weight: tf.transpose("
        "keras.initializers.VarianceScaling(1 / 3, 'fan_in', 'uniform')(weight.shape[::-1]))",
    },
    misconceptions=mistakes(START_MISTAKES, globals(), "weight"),
    forbid=("torch.nn.init.kaiming_uniform_", "keras.initializers.VarianceScaling"),
    elementwise=False,
)

DENSE = component(
    "dense",
    name="Dense (linear)",
    zh="全连接层/密集连接层",
    pytorch=("torch.nn.Linear", "torch.nn.LazyLinear", "torch.nn.functional.linear"),
    keras=("keras.layers.Dense",),
    tensorflow=("tf.nn.bias_add",),
    calls="""
nn.Linear(3, 5) | keras.layers.Dense(5)
    # PyTorch's `weight` is (out, in), Keras's `kernel` is (in, out); their initial numbers differ
nn.LazyLinear(5) | keras.layers.Dense(5)  # neither layer has weights before the first call
F.linear(x, weight, bias) | tf.nn.bias_add(x @ kernel, bias)
""",
    weights="""
torch.nn.Linear(3, 5) | keras.layers.Dense(5)  # (2, 3)
weight = kernel.T | kernel = weight.T          # PyTorch stores (out, in), Keras (in, out)
bias | bias
""",
    behaviour={
        "dense-square-tf": "in a square layer, an untransposed weight causes no error",
        "dense-before-tf": "neither `LazyLinear` nor `Dense` has weights before the first call",
        "dense-vector-tf": "PyTorch accepts an example without a batch axis, Keras raises an error",
        "dense-dtypes-tf": "float64 and integers: PyTorch raises an error, Keras uses float32",
        "dense-starts-tf": "initial weights: ±1/√in in PyTorch; Glorot and bias 0 in Keras",
        "dense-he-tf": "`he_normal` is a truncated normal distribution, `kaiming_normal_` is not",
        "dense-depth": "PyTorch's initialization: a spread 60,000 times smaller after 20 layers",
    },
    exercises=(DENSE_EXERCISE, DENSE_GRADIENTS_EXERCISE, LINEAR_START_EXERCISE),
)


def einsum_dense(x, kernel, bias):
    return np.einsum("btf,fhs->bhts", x, kernel) + bias[:, None]


def heads_case(rng, batch, time, features, heads, size, **fields):
    shapes = (batch, time, features), (features, heads, size), (heads, size)
    return Case(normal(rng, *shapes), **fields)


EINSUM_DENSE_MISTAKES = """
einsum("btf,fhs->bths", x, kernel) + bias
            # the time comes before the heads: the output is (batch, heads, time, size)
(einsum("btf,fhs->bths", x, kernel) + bias).reshape(len(x), bias.shape[0], -1, bias.shape[1])
            # a reshape puts the numbers in the wrong order: swap time and heads with a transpose
einsum("btf,fhs->bhts", x, kernel)          # the bias is missing: add bias[:, None]
einsum("btf,fhs->bhts", x, kernel) + bias
            # the bias of the heads is added along the time: use bias[:, None]
einsum("btf,fhs->bhts", x, kernel) + bias[0]
            # all heads get the bias of the first: each has its own
einsum("btf,fhs->bhts", x, kernel[:, :1].repeat(bias.shape[0], 1)) + bias[:, None]
            # all heads use the first kernel: each has its own
einsum("btf,fhs->bhst", x, kernel) + bias[:, :, None]
            # size and time are swapped: the output is (batch, heads, time, size)
einsum("btf,fhs->bhts", x, kernel.reshape(kernel.shape[0], kernel.shape[2], -1)
    .transpose(0, 2, 1)) + bias[:, None]    # the kernel is read as (features, size, heads)
einsum("btf,fhs->bhs", x, kernel)[:, :, None].repeat(x.shape[1], 2) + bias[:, None]
            # the outputs are summed over the time: each step has its own output
"""

EINSUM_DENSE_PT = """
def einsum_dense_pt(x, kernel, bias):
    y = F.linear(x, kernel.flatten(1).T, bias.flatten())
    return y.unflatten(-1, bias.shape).transpose(1, 2)
"""
EINSUM_DENSE_TF = """
def einsum_dense_tf(x, kernel, bias):
    shape = bias.shape[0], None, bias.shape[1]
    layer = keras.layers.EinsumDense("abc,cde->adbe", shape, bias_axes="de")
    layer.build(x.shape)
    return layer.stateless_call([kernel, bias[:, None]], [], x)[0]
"""

EINSUM_DENSE_EXERCISE = Exercise(
    "einsum_dense",
    einsum_dense,
    visible=(
        heads_case(default_rng(1), 1, 2, 2, 2, 1),
        heads_case(default_rng(2), 2, 3, 7, 2, 5),
        heads_case(default_rng(3), 2, 3, 2, 3, 2),
        heads_case(default_rng(4), 1, 1, 3, 2, 4, part="robustness"),
    ),
    hidden=lambda rng: (
        heads_case(rng, 2, 3, 4, 5, 2),
        heads_case(rng, 3, 2, 3, 2, 2),
        heads_case(rng, 2, 4, 3, 1, 5),
        heads_case(rng, 1, 5, 2, 3, 1, part="robustness"),
    ),
    reference={"pytorch": EINSUM_DENSE_PT, "tensorflow": EINSUM_DENSE_TF},
    misconceptions=mistakes(EINSUM_DENSE_MISTAKES, globals(), "x, kernel, bias"),
    allow=("bias_add",),
    elementwise=False,
    rtol=1e-3,
)

EINSUM_DENSE = component(
    "einsum_dense",
    name="Einsum dense",
    zh="爱因斯坦求和全连接层",
    keras=("keras.layers.EinsumDense",),
    calls="""
nn.Linear(7, 5) | keras.layers.EinsumDense("abc,cd->abd", (None, 5), bias_axes="d")
    # if you do not pass `bias_axes`, there is no bias
nn.Linear(7, 2 * 5) | keras.layers.EinsumDense("abc,cde->abde", (None, 2, 5), bias_axes="de")
    # PyTorch's output is (batch, time, 10); split the last axis with `unflatten`
""",
    weights="""
torch.nn.Linear(7, 5) | keras.layers.EinsumDense("abc,cd->abd", (None, 5), bias_axes="d")
    # (2, 3, 7)
weight = reshape(kernel, (shape[1], -1)).T | kernel = reshape(weight.T, shape)
    # the kernel has the input axis first, then each output axis of the equation
bias = ravel(bias) | bias = reshape(bias, shape)
""",
    behaviour={
        "einsum-heads-tf": "use `nn.Linear`, then `unflatten`; a bias needs `bias_axes` in Keras",
        "einsum-steps-tf": "with the time's letter in the kernel, each step has its own weights",
    },
    exercises=(EINSUM_DENSE_EXERCISE,),
)


def bilinear(x1, x2, weight, bias):
    return np.einsum("bi,oij,bj->bo", x1, weight, x2) + bias


def bilinear_case(rng, batch, n1, n2, n_out, **fields):
    return Case(normal(rng, (batch, n1), (batch, n2), (n_out, n1, n2), n_out), **fields)


BILINEAR_MISTAKES = """
einsum("bi,oij,bj->bo", x1, weight, x2)        # the bias is missing: add it to each output
einsum("bi,oji,bj->bo", x1, weight, x2) + bias
            # the inputs are swapped: the weight is (out, in1, in2)
einsum("bi,ijo,bj->bo", x1, weight, x2) + bias
            # the weight is used as (in1, in2, out): it is (out, in1, in2)
einsum("bi,oij,bj->bo", x1, weight.swapaxes(1, 2).reshape(weight.shape), x2) + bias
            # a reshape changes the order of the weight: use the weight as it is
einsum("bi,oij,cj->bo", x1, weight, x2) + bias
            # the examples of the second input are summed: use only the same example
einsum("bi,oij,cj->bco", x1, weight, x2) + bias
            # each example is combined with all examples: use only its own
einsum("bi,oij->bo", x1, weight) + einsum("bj,oij->bo", x2, weight) + bias
            # the two inputs are added: multiply each number of x1 by each number of x2
einsum("bi,oii,bi->bo", x1, weight, x2) + bias
            # only numbers with the same index are multiplied: multiply all pairs
einsum("bi,oij,bj->bo", x1, weight, x2) / x1.shape[1] + bias
            # the sum is divided by the number of inputs: do not divide it
"""

BILINEAR_EXERCISE = Exercise(
    "bilinear",
    bilinear,
    visible=(
        Case(
            (
                np.array([[1.0, 2.0]]),
                np.array([[3.0, 0.0, -1.0]]),
                np.array([[[1.0, 0.0, 2.0], [-1.0, 1.0, 0.5]]]),
                np.array([0.5]),
            )
        ),
        bilinear_case(default_rng(1), 2, 3, 5, 7),
        bilinear_case(default_rng(2), 3, 2, 2, 2),
        bilinear_case(default_rng(3), 4, 1, 3, 2, part="robustness"),
    ),
    hidden=lambda rng: (
        bilinear_case(rng, 2, 4, 3, 5),
        bilinear_case(rng, 3, 3, 3, 3),
        bilinear_case(rng, 1, 2, 5, 1),
        bilinear_case(rng, 5, 3, 1, 2, part="robustness"),
    ),
    reference={
        "pytorch": "bilinear_pt = F.bilinear",
        "tensorflow": "bilinear_tf = lambda x1, x2, weight, bias: "
        "tf.einsum('bi,oij,bj->bo', x1, weight, x2) + bias",
    },
    misconceptions=mistakes(BILINEAR_MISTAKES, globals(), "x1, x2, weight, bias"),
    allow=("bias_add",),
    elementwise=False,
    rtol=1e-3,
)

BILINEAR = component(
    "bilinear",
    name="Bilinear",
    zh="双线性层",
    pytorch=("torch.nn.Bilinear", "torch.nn.functional.bilinear"),
    calls="""
nn.Bilinear(3, 5, 7) | Bilinear(7)  # Keras has none: this chapter defines it, with PyTorch's shapes
F.bilinear(x1, x2, weight, bias) | tf.einsum("bi,oij,bj->bo", x1, weight, x2) + bias
""",
    behaviour={
        "bilinear-bridge-tf": "Keras has no `Bilinear`: this chapter defines one",
        "bilinear-products-tf": "`Bilinear` can learn the product of two inputs, `Dense` cannot",
    },
    exercises=(BILINEAR_EXERCISE,),
)

STRAIGHT_THROUGH_MISTAKES = """
slope: 0 * x            # the gradient is 0: it must be that of x, without the rounding
slope: round(x)         # the gradient is multiplied by the output: pass it on unchanged
slope: x                # the gradient is multiplied by the input: pass it on unchanged
slope: 1.0 * (abs(x) <= 1)  # the gradient is 0 outside [−1, 1]: pass it on for all numbers
slope: 2 + 0 * x        # the gradient is doubled: pass it on unchanged
x                       # the numbers are not rounded: round them in the forward pass
floor(x)                # the numbers are rounded down: round to the nearest whole number
ceil(x)                 # the numbers are rounded up: round to the nearest whole number
trunc(x)                # the decimals are cut off: round to the nearest whole number
sign(x)                 # only the sign is left: round to the nearest whole number
gradient: (ones_like(x),)  # the gradient is always 1: pass on the gradient of the output unchanged
"""


def passed_on(upstream_gradient, x):
    """The gradient that the statement fixes: that of Identity."""
    return (upstream_gradient,)


STRAIGHT_THROUGH_EXERCISE = elementwise(
    "straight_through",
    np.round,
    "x + (torch.round(x) - x).detach()",
    "x + tf.stop_gradient(tf.round(x) - x)",
    mistakes(STRAIGHT_THROUGH_MISTAKES, globals()),
    numbers=(-3.7, -1.2, -0.4, 0.3, 0.8, 6.1),
    kinks=(0.0, 2.0),
    gradient=passed_on,
    difficulty=3,
)

IDENTITY = component(
    "identity",
    name="Identity",
    zh="恒等层",
    pytorch=("torch.nn.Identity",),
    keras=("keras.layers.Identity", "keras.activations.linear"),
    calls="""
nn.Identity() | keras.layers.Identity()
    # PyTorch's `Identity` accepts any arguments, Keras's no positional arguments
nn.Sequential(nn.Linear(3, 5), nn.Identity()) | keras.layers.Dense(5, activation="linear")
""",
    behaviour={
        "identity-same-pt": "the output is the input itself: an in-place change changes both",
        "identity-names-pt": "replace a layer by `nn.Identity`: the other layers keep their names",
    },
    exercises=(STRAIGHT_THROUGH_EXERCISE,),
)

INPUT = component(
    "input",
    kind="usage",
    name="Input",
    zh="输入层",
    keras=("keras.Input", "keras.layers.InputLayer"),
    aliases=("keras.layers.Input",),
    calls="""
nn.Sequential(nn.Linear(3, 5)) | keras.Sequential([keras.Input((3,)), keras.layers.Dense(5)])
    # the shape does not contain the batch; PyTorch has no `Input` and needs none
""",
    behaviour={
        "input-symbol-tf": "`keras.Input` is a placeholder with a shape and no numbers",
        "input-rank-tf": "Keras adds a missing last axis of size 1, PyTorch raises an error",
        "input-old-tf": "`input_shape=` in the first layer causes a warning: use `keras.Input`",
    },
)


def hot(index, n):
    """One-hot rows with ``n`` columns; a row of 0 for an index out of range."""
    return index[:, None] == np.arange(n)


def bucket(age, boundaries, side="right"):
    return np.searchsorted(boundaries, age, side=side)


def joined(*columns):
    return np.concatenate([c.reshape(len(c), -1) for c in columns], axis=1).astype(float)


def dense_features(age, city, mean, scale, boundaries, n_cities):
    by_bucket = hot(bucket(age, boundaries), len(boundaries) + 1)
    return joined((age - mean) / scale, by_bucket, hot(city, n_cities))


def features_case(age, city, mean=40.0, scale=10.0, boundaries=(18.0, 30.0, 50.0), n=3, **fields):
    arguments = {"mean": mean, "scale": scale, "boundaries": list(boundaries), "n_cities": n}
    return Case((np.array(age, float), np.array(city)), arguments, **fields)


def hidden_features(rng):
    def one(batch, n_buckets, n_cities, unknown=0, **fields):
        boundaries = np.sort(rng.choice(np.arange(20, 70), n_buckets - 1, replace=False))
        age = rng.integers(15, 80, batch) + 0.5
        age[0] = boundaries[-1]
        city = rng.integers(0, n_cities, batch)
        city[:unknown] = -1
        mean, scale = round(rng.uniform(30, 50), 2), round(rng.uniform(5, 20), 2)
        boundaries = boundaries.astype(float).tolist()
        return features_case(age, city, mean, scale, boundaries, n_cities, **fields)

    return (
        one(6, 4, 3),
        one(5, 2, 4),
        one(1, 3, 5, part="robustness"),
        one(4, 3, 2, unknown=2, part="robustness"),
    )


AGE, BUCKET, CITY = (
    "(age - mean) / scale",
    "hot(bucket(age, boundaries), len(boundaries) + 1)",
    "hot(city, n_cities)",
)
DENSE_FEATURES_MISTAKES = f"""
joined({AGE}, hot(bucket(age, boundaries, "left"), len(boundaries) + 1), {CITY})
    # an age equal to a boundary is in the lower bucket: it belongs to the upper bucket
joined(age, {BUCKET}, {CITY})          # the age is not scaled: use mean and scale
joined(age / scale, {BUCKET}, {CITY})  # the mean is not subtracted from the age
joined(age - mean, {BUCKET}, {CITY})   # the age is not divided by the scale
joined((age - mean) / scale ** 2, {BUCKET}, {CITY})
    # the age is divided by the square of the scale: divide by the scale
joined({AGE}, {CITY}, {BUCKET})
joined({BUCKET}, {CITY}, {AGE})
joined({BUCKET}, {AGE}, {CITY})
joined({CITY}, {BUCKET}, {AGE})        # the order of the features is wrong: use age, bucket, city
joined({AGE}, hot(bucket(age, boundaries), len(boundaries)), {CITY})
    # the last bucket is missing: n boundaries make n + 1 buckets
joined({AGE}, {BUCKET}, hot(city % n_cities, n_cities))
    # an unknown city, −1, has a 1 in the last column: its row must be all 0
joined({AGE}, {BUCKET}, hot(maximum(city, 0), n_cities))
    # an unknown city, −1, has a 1 in the first column: its row must be all 0
joined({AGE}, bucket(age, boundaries), city)
    # bucket and city are single numbers: each bucket and each city needs its own column
joined({AGE}, {BUCKET}, hot(city + 1, n_cities + 1))
    # the cities have one column too many: the row of an unknown city is all 0
"""

DENSE_FEATURES_PT = """
def dense_features_pt(age, city, mean, scale, boundaries, n_cities):
    bucket = torch.bucketize(age.detach(), torch.tensor(boundaries), right=True)
    known = F.one_hot(city.clamp(min=0), n_cities) * (city >= 0)[:, None]
    hot = [F.one_hot(bucket, len(boundaries) + 1), known]
    return torch.cat([((age - mean) / scale)[:, None], *hot], 1)
"""
DENSE_FEATURES_TF = """
def dense_features_tf(age, city, mean, scale, boundaries, n_cities):
    bucket = keras.layers.Discretization(boundaries, output_mode="one_hot")(age[:, None])
    number = keras.layers.Normalization(mean=mean, variance=scale**2)(age[:, None])
    return tf.concat([number, bucket, tf.one_hot(city, n_cities)], 1)
"""

DENSE_FEATURES_EXERCISE = Exercise(
    "dense_features",
    dense_features,
    visible=(
        features_case([17.0, 18.0, 30.0, 64.0], [2, 0, 1, 1]),
        features_case([25.0, 55.0], [1, 0], 0.0, 100.0, (50.0,), 2),
        features_case([40.0, 35.5], [-1, 2], part="robustness"),
        features_case([50.0], [0], part="robustness"),
    ),
    hidden=hidden_features,
    reference={"pytorch": DENSE_FEATURES_PT, "tensorflow": DENSE_FEATURES_TF},
    misconceptions=mistakes(
        DENSE_FEATURES_MISTAKES, globals(), "age, city, mean, scale, boundaries, n_cities"
    ),
    forbid=("keras.utils.FeatureSpace",),
    elementwise=False,
)

DENSE_FEATURES = component(
    "dense_features",
    kind="usage",
    name="Dense features",
    zh="特征列接入层",
    status="removed",
    keras=("keras.layers.DenseFeatures", "keras.utils.FeatureSpace"),
    calls="""
torch.bucketize(age, edges, right=True) | tf.searchsorted(edges, age, side="right")
    # in both, a number equal to an edge belongs to the bucket above the edge
""",
    behaviour={
        "features-today-tf": "`DenseFeatures` is removed: compute its columns and concatenate them",
        "features-unknown-tf": "unknown strings: a row of 0 before, now the first column, `[UNK]`",
    },
    exercises=(DENSE_FEATURES_EXERCISE,),
)

COMPONENTS = (DENSE, EINSUM_DENSE, BILINEAR, IDENTITY, INPUT, DENSE_FEATURES)
