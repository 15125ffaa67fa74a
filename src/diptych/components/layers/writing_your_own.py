"""Writing your own: a layer with its weights, and a function with its gradient."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise, Misconception
from diptych.catalogue.notation import component, mistakes


def normal(rng, *shapes):
    return tuple(rng.normal(0, 1, shape) for shape in shapes)


def own_dense(x, n_in, n_out, weight, bias):
    return x @ weight + bias


OWN_DENSE_MISTAKES = """
x @ weight                    # the bias is missing: add it
x @ weight.T + bias           # the weight is used as (n_out, n_in): here it is (n_in, n_out)
x @ weight - bias             # the bias is subtracted: add it
x @ weight.reshape(n_out, n_in).T + bias
                              # a reshape gives the weight the right shape and the wrong order: use
                              # it as it is
x @ weight + bias.sum()       # all outputs get the sum of all biases: each has its own
x @ weight + bias[0]          # all outputs get the first bias: each has its own
maximum(x @ weight + bias, 0) # negative outputs become 0: a linear layer has no ReLU
x @ (weight + bias)           # the bias is added to the weight: add it to the product
(x @ weight + bias) / n_in    # the result is divided by the number of inputs: leave this out
"""


def own_dense_case(rng, n_in, n_out, *leading, part="values"):
    x, weight, bias = normal(rng, (*leading, n_in), (n_in, n_out), n_out)
    return Case(
        (x,),
        {"n_in": n_in, "n_out": n_out},
        {"weight": weight, "bias": bias},
        initial=("bias",),
        part=part,
    )


OWN_DENSE_EXERCISE = Exercise(
    "own_dense",
    own_dense,
    visible=(
        Case(
            (np.array([[1.0, 2.0, -1.0]]),),
            {"n_in": 3, "n_out": 2},
            {
                "weight": np.array([[1.0, -1.0], [0.0, 2.0], [0.5, 1.0]]),
                "bias": np.array([0.5, -0.25]),
            },
            initial=("bias",),
        ),
        own_dense_case(default_rng(1), 3, 3, 2),
        own_dense_case(default_rng(2), 4, 2, 1),
        own_dense_case(default_rng(3), 2, 3, 2, 4, part="robustness"),
    ),
    hidden=lambda rng: (
        own_dense_case(rng, 3, 5, 2),
        own_dense_case(rng, 4, 4, 3),
        own_dense_case(rng, 5, 2, 2, 3, part="robustness"),
    ),
    initial={"bias": lambda x, n_in, n_out: np.zeros(n_out)},
    reference={
        "pytorch": """
class own_dense_pt(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_in, n_out))
        self.bias = nn.Parameter(torch.zeros(n_out))
    def forward(self, x):
        return F.linear(x, self.weight.T, self.bias)
""",
        "tensorflow": """
class own_dense_tf(keras.layers.Dense):
    def __init__(self, n_in, n_out):
        super().__init__(n_out)
    weight = property(lambda self: self.kernel)
""",
    },
    misconceptions=(
        *mistakes(OWN_DENSE_MISTAKES, globals(), "x, n_in, n_out, weight, bias"),
        Misconception(
            "the bias starts at 1: it must start at 0",
            initial={"bias": lambda x, n_in, n_out: np.ones(n_out)},
        ),
    ),
    forbid=(
        *("torch.nn.Linear", "torch.nn.LazyLinear", "torch.nn.functional.linear"),
        *("keras.layers.Dense", "keras.layers.EinsumDense"),
    ),
    elementwise=False,
    rtol=1e-3,
)

CUSTOM_LAYER = component(
    "custom_layer",
    name="Writing a layer",
    zh="自定义模型层",
    pytorch=("torch.nn.Module", "torch.nn.Parameter", "torch.nn.Buffer"),
    keras=("keras.layers.Layer", "keras.layers.InputSpec", "keras.layers.Lambda"),
    kind="usage",
    calls="""
self.weight = nn.Parameter(w) | self.weight = self.add_weight(shape=shape,
    initializer="glorot_uniform")
    # in `__init__` in PyTorch; in Keras in `build`, which knows the shape of the input
layer.train(training) | layer(tf.constant(x), training=training)
    # the mode is `self.training` in PyTorch, and an argument of `call` in Keras
Square() | keras.layers.Lambda(lambda x: x**2)  # `Lambda` does not find weights that it uses
""",
    behaviour={
        "own-output-shape": "a Keras layer that needs numbers needs `compute_output_shape` and "
        "`run_eagerly=True`",
        "own-masking-cell": "a layer of your own drops the Keras mask without `supports_masking`",
        "own-plain-pt": "PyTorch finds `Parameter` and `Buffer`, and no plain tensor",
        "own-plain-tf": "Keras finds what `add_weight` and `keras.Variable` make, no `tf.Variable`",
        "own-lists-pt": "layers in a list are found in Keras; in PyTorch use `nn.ModuleList`",
        "own-state-tf": "change state with `assign` in Keras, and `detach` the batch in PyTorch",
        "own-in-call-tf": "a layer made in `forward` or `call` has new weights at each call",
        "own-super-tf": "without `super().__init__()`, Keras raises an error at the first call",
        "own-add-weight": "`add_weight` takes the shape first, and not in `call`",
        "own-copies-tf": "`deepcopy` keeps the weights in PyTorch, `clone_model` draws new ones",
        "own-lambda-weights": "weights inside a `Lambda` are not found",
    },
    exercises=(OWN_DENSE_EXERCISE,),
)


def one_bit(x, weight):
    return x @ bits(weight).T


def bits(weight):
    return np.where(weight >= 0, 1.0, -1.0)


def inside(weight):
    return (np.abs(weight) <= 1).astype(float)


def one_bit_gradient(upstream_gradient, x, weight):
    return dx(upstream_gradient, weight), dw(upstream_gradient, x) * inside(weight)


def dx(upstream_gradient, weight):
    return upstream_gradient @ bits(weight)


def dw(upstream_gradient, x):
    return upstream_gradient.reshape(-1, upstream_gradient.shape[-1]).T @ x.reshape(-1, x.shape[-1])


G = "upstream_gradient"
ONE_BIT_MISTAKES = f"""
x @ sign(weight).T    # a weight of 0 becomes 0: it must become 1
x @ where(weight > 0, 1.0, -1.0).T  # a weight of 0 becomes −1: it must become 1
x @ weight.T          # the weights are used as they are: use −1 and 1
x @ bits(weight).reshape(weight.shape[::-1])
                      # a reshape gives the weights the right shape and the wrong order: transpose
                      # them
x @ where(weight >= 0, 1.0, 0.0).T  # negative weights become 0: they must become −1
x @ -bits(weight).T   # the signs are exchanged: weights from 0 on become 1
bits(x) @ bits(weight).T  # the input is turned into signs, too: leave it as it is
x @ (abs(weight).mean() * bits(weight)).T
                      # the signs are multiplied by the mean of |weight|: use −1 and 1
gradient: (dx({G}, weight), 0 * weight)
    # no gradient reaches the weight: did you detach the bits alone, instead of the whole
    # correction `bits - soft`?
gradient: (dx({G}, weight), dw({G}, x))
    # weights beyond ±1 get a gradient, too: for them it must be 0
gradient: (dx({G}, weight), 2 * dw({G}, x) * inside(weight))
gradient: (dx({G}, weight), dw({G}, x) * (1 + inside(weight)))
    # the gradient of the weight is too large: does it pass in two places? It must pass in one
gradient: (dx({G}, weight), -dw({G}, x))
gradient: (dx({G}, weight), -dw({G}, x) * inside(weight))
    # the gradient of the weight has the wrong sign: did you detach the weight in front, instead of
    # the correction?
gradient: ({G} @ weight, dw({G}, x) * inside(weight))
    # the gradient of the input uses the weights themselves: it must use their signs
gradient: (dx({G}, weight), inside(weight))
    # the gradient of the weight does not depend on the input and the upstream gradient: multiply
    # by both
gradient: (dx({G}, weight), dw({G}, x) * (1 - inside(weight)))
    # the gradient passes beyond ±1 alone: it must pass from −1 to 1
gradient: (dx({G}, weight), dw({G}, x) * maximum(0, 1 - abs(weight)))
    # the gradient becomes smaller towards ±1: it must be passed on unchanged from −1 to 1
"""


def one_bit_case(rng, n_in, n_out, *leading, part="values"):
    """A case whose weight has numbers beyond ±1 and between; for the robustness, also a 0."""
    x, weight = rng.normal(0, 1, (*leading, n_in)), rng.uniform(0.2, 0.8, (n_out, n_in))
    weight = weight * rng.choice([-1, 1], weight.shape)
    weight.flat[0], weight.flat[-1] = rng.uniform(1.2, 2), -rng.uniform(1.2, 2)
    if part == "robustness":
        weight.flat[1] = 0
    return Case((x, weight), part=part)


ONE_BIT_EXERCISE = Exercise(
    "one_bit",
    one_bit,
    visible=(
        Case((np.array([[1.0, 2.0]]), np.array([[0.5, -0.25], [-1.5, 0.75]]))),
        one_bit_case(default_rng(1), 3, 2, 4),
        one_bit_case(default_rng(2), 3, 3, 2),
        one_bit_case(default_rng(3), 4, 2, 2, part="robustness"),
        one_bit_case(default_rng(4), 3, 2, 2, 3, part="robustness"),
    ),
    hidden=lambda rng: (
        one_bit_case(rng, 3, 5, 2),
        one_bit_case(rng, 4, 4, 3),
        one_bit_case(rng, 3, 4, 2, part="robustness"),
        one_bit_case(rng, 4, 3, 2, 3, part="robustness"),
    ),
    gradient=one_bit_gradient,
    reference={
        "pytorch": """
def one_bit_pt(x, weight):
    class Bits(torch.autograd.Function):
        @staticmethod
        def forward(ctx, weight):
            ctx.save_for_backward(weight)
            return torch.where(weight >= 0, 1.0, -1.0)
        @staticmethod
        def backward(ctx, g):
            return g * (ctx.saved_tensors[0].abs() <= 1)
    return x @ Bits.apply(weight).T
""",
        "tensorflow": """
def one_bit_tf(x, weight):
    @tf.custom_gradient
    def bits(weight):
        inside = tf.cast(tf.abs(weight) <= 1, tf.float32)
        return tf.where(weight >= 0, 1.0, -1.0), lambda g: g * inside
    return x @ tf.transpose(bits(weight))
""",
    },
    misconceptions=mistakes(ONE_BIT_MISTAKES, globals(), "x, weight"),
    elementwise=False,
    rtol=1e-3,
)


def limited(x, limit):
    return x * 1.0


def limited_gradient(upstream_gradient, x, limit):
    return (upstream_gradient * np.minimum(1, limit / length(upstream_gradient)),)


def length(g):
    return np.sqrt((g**2).sum(-1, keepdims=True))


LIMITED_MISTAKES = """
x * minimum(1, limit / length(x))   # the output is shortened: return `x`, and shorten the gradient
clip(x, -limit, limit)              # the output is clipped: return `x`, and shorten the gradient
gradient: (upstream_gradient,)      # the gradient is passed on unchanged: shorten its rows
gradient: (clip(upstream_gradient, -limit, limit),)
    # each number is clipped: multiply the whole row by one factor, so that it keeps its direction
gradient: (upstream_gradient * limit / length(upstream_gradient),)
    # short rows are made longer: the factor is at most 1
gradient: (upstream_gradient * minimum(1, limit / sqrt((upstream_gradient**2).sum())),)
    # all rows are shortened together: each row has its own length, over the last axis
gradient: (minimum(1, limit / length(upstream_gradient)) + 0 * upstream_gradient,)
    # the gradient is the factor alone: multiply the upstream gradient by it
gradient: (upstream_gradient * minimum(1, limit / length(x)),)
    # the length is that of `x`: take the length of the upstream gradient
gradient: (upstream_gradient * minimum(1, limit / abs(upstream_gradient).sum(-1, keepdims=True)),)
    # the length is the sum of absolute values: take the root of the sum of squares
gradient: (upstream_gradient * minimum(1, limit / length(upstream_gradient) ** 2),)
    # the root is missing: the length is the root of the sum of squares
gradient: (upstream_gradient * minimum(1, limit / abs(upstream_gradient).max(-1, keepdims=True)),)
    # the length is the largest number: take the root of the sum of squares
gradient: (upstream_gradient * maximum(1, limit / length(upstream_gradient)),)
    # long rows stay long, and short ones are made longer: the factor is at most 1
gradient: (0 * upstream_gradient,)  # no gradient reaches `x`: pass the shortened gradient on
gradient: (where(length(upstream_gradient) > limit, 0, upstream_gradient),)
    # long rows become 0: shorten them to the limit
"""


def limited_case(rng, *shape, limit, part="values"):
    return Case((rng.normal(0, 1, shape),), {"limit": limit}, part=part)


def a_limit(rng, n):
    """About the length of a row of n upstream gradients, which are between 0.5 and 1.5."""
    return round(float(rng.uniform(0.9, 1.05) * np.sqrt(n)), 3)


LIMITED_EXERCISE = Exercise(
    "limited",
    limited,
    visible=(
        Case((np.array([[3.0, -4.0], [0.3, 0.4]]),), {"limit": 0.5}),
        limited_case(default_rng(1), 5, 3, limit=1.7),
        limited_case(default_rng(2), 4, 2, limit=10.0),
        limited_case(default_rng(3), 4, limit=1.0, part="robustness"),
        limited_case(default_rng(4), 2, 3, 4, limit=2.0, part="robustness"),
    ),
    hidden=lambda rng: (
        limited_case(rng, 6, 3, limit=a_limit(rng, 3)),
        limited_case(rng, 8, 2, limit=a_limit(rng, 2)),
        limited_case(rng, 3, 5, limit=round(float(rng.uniform(0.2, 0.6)), 3)),
        limited_case(rng, 5, limit=round(float(rng.uniform(0.2, 0.6)), 3), part="robustness"),
        limited_case(rng, 3, 2, 4, limit=a_limit(rng, 4), part="robustness"),
    ),
    gradient=limited_gradient,
    reference={
        "pytorch": """
def limited_pt(x, limit):
    y = x.clone()
    if y.requires_grad:
        y.register_hook(lambda g: g * (limit / g.norm(dim=-1, keepdim=True)).clamp(max=1))
    return y
""",
        "tensorflow": """
def limited_tf(x, limit):
    @keras.ops.custom_gradient
    def identity(x):
        def backward(*args, upstream=None):
            return tf.clip_by_norm(args[0] if upstream is None else upstream, limit, -1)
        return keras.ops.copy(x), backward
    return identity(x)
""",
    },
    misconceptions=mistakes(LIMITED_MISTAKES, globals(), "x, limit"),
    elementwise=False,
)

CUSTOM_GRADIENT = component(
    "custom_gradient",
    name="Writing a gradient",
    zh="自定义梯度",
    pytorch=("torch.autograd.Function",),
    keras=("keras.ops.custom_gradient",),
    tensorflow=("tf.custom_gradient", "tf.stop_gradient"),
    kind="usage",
    calls="""
Sign.apply(z) | sign(z)
    # `Sign` is a `torch.autograd.Function`, `sign` has the decorator `tf.custom_gradient`; the
    # backward part must multiply by the upstream gradient
x + (torch.round(x) - x).detach() | x + tf.stop_gradient(tf.round(x) - x)
    # the straight-through estimator: detach the correction, and not the `x` in front
""",
    behaviour={
        "own-upstream-tf": "without the upstream gradient, a gradient is wrong by a factor",
        "own-keras-gradient": "the gradient function of `keras.ops.custom_gradient` takes `*args` "
        "and `upstream`",
        "own-nan-tf": "behind `where`, the automatic gradient of log(1 + eˣ) is NaN in both",
        "own-straight-tf": "`round` has the gradient 0 in PyTorch, and `None` in TensorFlow",
        "own-wrong-term-tf": "with the wrong term detached, the gradient is 0 or −1, in both",
        "own-bits-losses-tf": "one-bit weights train only with a straight-through estimator",
    },
    exercises=(ONE_BIT_EXERCISE, LIMITED_EXERCISE),
)

COMPONENTS = (CUSTOM_LAYER, CUSTOM_GRADIENT)
