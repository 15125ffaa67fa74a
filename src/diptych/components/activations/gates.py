"""Gates: SiLU, Hardswish, GELU, Mish, GLU and CReLU."""

import math

import numpy as np

from diptych.catalogue.cases import elementwise
from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes
from diptych.components.activations.sigmoids import hard_sigmoid, sigmoid, sigmoid_slope

INFINITE_GRADIENT = (
    "values are right, but far from 0 the gradient is NaN: some step is infinite there, as exp or "
    "log 0 can be, and ∞ times 0 is NaN; keep every step finite"
)
MIRRORED = "the gate is mirrored: it must be near 1 for positive numbers, near 0 for negative ones"
TANH_GATE = "the gate is tanh, which goes from −1 to 1: take the sigmoid, which goes from 0 to 1"

GATED = """
gate(x)                  # this is the gate alone: multiply x by it
slope: gate(x)           # the gradient treats the gate as a constant: the gate depends on x, too,
                         # so the product has two derivatives to add
maximum(0, x * gate(x))  # negative numbers become 0, as in ReLU: keep the values below 0
"""


def silu(x):
    return x * sigmoid(x)


def silu_slope(x):
    return sigmoid(x) + x * sigmoid_slope(x)


SILU_MISTAKES = """
x * sigmoid(-x)
x * (exp(-x) / (1 + exp(-x)))  # MIRRORED
x * sigmoid(2 * x)             # the gate is σ(2x), twice as steep: written with tanh it is (1 +
                               # tanh(x/2))/2
x * sigmoid(1.702 * x)         # the gate is σ(1.702 x), which approximates GELU's: SiLU's is σ(x)
x * tanh(x)                    # TANH_GATE
x * hard_sigmoid(x)            # the gate is the hard sigmoid: that is Hardswish; SiLU's gate is
                               # smooth
x + sigmoid(x)                 # the gate is added to x: multiply x by it
x * silu(x)                    # x is multiplied in twice: multiply σ(x) by x once
x * (exp(x) / (1 + exp(x)))    # OVERFLOWING_EXP
slope: where(x < -88, nan, silu_slope(x))
slope: where(abs(x) > 88, nan, silu_slope(x))  # INFINITE_GRADIENT
sigmoid(x * x)                 # the sigmoid is taken of x²: multiply x by the sigmoid of x
sigmoid(x) * sigmoid(-x)       # this is the derivative of the sigmoid: multiply x by the sigmoid
x * logaddexp(0, x)            # the gate is softplus, which grows: take the sigmoid
"""

SILU_EXERCISE = elementwise(
    "silu",
    silu,
    "F.silu(x)",
    "tf.nn.silu(x)",
    mistakes(GATED + SILU_MISTAKES, globals(), gate=sigmoid),
)

SILU = component(
    "silu",
    name="SiLU (swish)",
    zh="自门控激活函数",
    pytorch=("torch.nn.SiLU", "torch.nn.functional.silu"),
    keras=("keras.activations.silu", "keras.activations.swish"),
    tensorflow=("tf.nn.silu", "tf.nn.swish"),
    calls="""
F.silu(x) | tf.nn.silu(x)  # the second argument is `inplace` in PyTorch, and β in TensorFlow
nn.Sequential(nn.Linear(3, 2), nn.SiLU()) | keras.layers.Dense(2, activation="silu")
nn.SiLU() | keras.layers.Activation("silu")
""",
    defaults="""
torch.nn.functional.silu(inplace=False)
tf.nn.silu(beta=1.0)
""",
    behaviour={
        "silu-second-tf": "the second argument is `inplace` in PyTorch, and β in `tf.nn`",
        "silu-betas-tf": "`tf.nn.silu` adds up the gradients of several β",
        "runaway": "below −1.28, gradient descent moves a weight away from a positive target",
    },
    exercises=(SILU_EXERCISE,),
)


def hard_silu(x):
    return x * hard_sigmoid(x)


HARD_SILU_MISTAKES = """
x * clip(x, 0, 6) / 6          # the gate must be ½ at 0: add 3 before you clip and divide
x * clip(x + 3, 0, 6)          # the gate goes from 0 to 6: divide it by 6
x * clip(0.2 * x + 0.5, 0, 1)  # the gate's slope is 0.2, as in Keras before version 3: it must be
                               # 1/6
x * clip(x / 2 + 0.5, 0, 1)    # the gate's slope is ½: it must be 1/6, from −3 to 3
silu(x)                        # the gate is the smooth sigmoid: that is SiLU; Hardswish's gate has
                               # straight lines
x * (x + 3) / 6                # nothing stops the gate at 0 and at 1: clip it
x * maximum(0, x + 3) / 6      # the gate grows above 1: stop it at 1, from 3 on
x * minimum(6, x + 3) / 6      # the gate falls below 0: stop it at 0, from −3 down
x * clip(x / 6 + 0.5, 0, 6)    # the gate grows above 1: clip at 1 after the division by 6, or at 6
                               # before it
x * clip(x + 3, 0, 3) / 6      # the gate stops at ½: clip x + 3 at 6, not at 3
x * clip(x / 6 + 3, 0, 6) / 6
x * clip(x / 6 + 3, 0, 1)      # only x is divided by 6: divide x + 3
x * clip(x - 3, 0, 6) / 6      # 3 is subtracted, so the gate opens only from 3 on: add 3
x * gate(-x)                   # MIRRORED
clip(x * (x + 3), 0, 6) / 6
maximum(0, x * (x + 3) / 6)
clip(x * (x + 3) / 6, -1, 1)   # the product is clipped, not the gate: clip x + 3, then multiply by
                               # x
where(abs(x) < 3, x * (x + 3) / 6, 0)  # numbers above 3 become 0: the gate is 1 there, so they stay
                                       # as they are
"""

HARD_SILU_EXERCISE = elementwise(
    "hard_silu",
    hard_silu,
    "F.hardswish(x)",
    "keras.activations.hard_silu(x)",
    mistakes(GATED + HARD_SILU_MISTAKES, globals(), gate=hard_sigmoid),
    kinks=(-3.0, 0.0, 3.0),
)

HARD_SILU = component(
    "hard_silu",
    name="Hard SiLU (hard swish)",
    zh="硬自门控激活函数",
    pytorch=("torch.nn.Hardswish", "torch.nn.functional.hardswish"),
    keras=("keras.activations.hard_silu", "keras.activations.hard_swish"),
    calls="""
F.hardswish(x) | keras.activations.hard_silu(x)  # `tf.nn` has no Hardswish
nn.Sequential(nn.Linear(3, 2), nn.Hardswish()) | keras.layers.Dense(2, activation="hard_silu")
nn.Hardswish() | keras.layers.Activation("hard_silu")
""",
    behaviour={
        "hard-ten-layers": "Hardswish cannot replace SiLU: after ten layers the outputs differ by "
        "more than a third",
        "kinks-tf": "at ±3 both use the slopes from outside, 0 and 1; only the min/max formula "
        "differs",
    },
    exercises=(HARD_SILU_EXERCISE,),
)

erf = np.vectorize(math.erf, otypes=[float])
ROOT = math.sqrt(2 / math.pi)
COARSE = "the gate is σ(1.702 x), a coarser approximation: it is off by up to 0.02"
NOT_HALVED = "every number is twice as large as it should be: the ½ is missing"
ONE_MISSING = "the 1 is missing: this gate goes from −½ to ½, and must go from 0 to 1"


def normal_cdf(x):
    return (1 + erf(x / math.sqrt(2))) / 2


def gelu(x):
    return x * normal_cdf(x)


def tanh_gate(x, root=ROOT, cubed=0.044715, power=3):
    return (1 + np.tanh(root * (x + cubed * x**power))) / 2


def gelu_tanh(x):
    return x * tanh_gate(x)


GELU_MISTAKES = """
gelu_tanh(x)                         # this is the approximation by tanh: write the exact GELU
x * sigmoid(1.702 * x)               # COARSE
silu(x)                              # the gate is σ(x): that is SiLU; GELU's gate is steeper
x * gate(-x)                         # MIRRORED
x * (1 + erf(x)) / 2                 # the gate is too steep: erf takes x/√2
x * (1 + erf(x) / math.sqrt(2)) / 2  # erf itself is divided by √2: divide x, as in erf(x/√2)
x * (1 + erf(sqrt(x / 2))) / 2       # the root takes x, too, and negative numbers have none: write
                                     # x/√2, not √(x/2)
x * (0.5 + erf(x / math.sqrt(2)))    # erf is not halved: the gate is (1 + erf)/2, from 0 to 1
x * (1 + erf(x * math.sqrt(2))) / 2  # x is multiplied by √2: divide it
x * (1 + erf(x / 2)) / 2             # the gate is too flat: erf takes x/√2, not x/2
2 * gelu(x)                          # NOT_HALVED
x * erf(x / math.sqrt(2)) / 2        # ONE_MISSING
x * erf(x / math.sqrt(2))            # erf goes from −1 to 1, a gate from 0 to 1: add 1 and halve it
x * exp(-(x**2) / 2) / sqrt(2 * pi)  # the gate is the density, which falls to 0 on both sides: take
                                     # the probability below x, Φ(x)
x * (1 + tanh(x)) / 2                # the gate is made of tanh: take Φ(x), with erf
maximum(0, x)                        # this is ReLU: numbers just below 0 are not 0 in GELU
"""

GELU_EXERCISE = elementwise(
    "gelu",
    gelu,
    "F.gelu(x)",
    "tf.nn.gelu(x)",
    mistakes(GATED + GELU_MISTAKES, globals(), gate=normal_cdf),
)

GELU_TANH_MISTAKES = """
gelu(x)                         # this is the exact GELU: write the approximation by tanh
x * sigmoid(1.702 * x)          # COARSE
x * gate(-x)                    # MIRRORED
x * sigmoid(ROOT * (x + 0.044715 * x**3))  # the gate is the sigmoid of what tanh takes: (1 +
                                           # tanh(z))/2 is σ(2z)
x * gate(x, cubed=0)            # the cube is missing: add 0.044715 x³ to x
x * gate(x, power=2)            # x is squared where it must be cubed
x * gate(x, cubed=0.44715)      # the constant before the cube is ten times too large: it is
                                # 0.044715
x * gate(x, cubed=0.044715**3)  # the constant is cubed, too: it is 0.044715 x³, not (0.044715 x)³
x * gate(x, cubed=-0.044715)    # the cube is subtracted: add it
x * gate(x, root=1)             # the factor √(2/π) is missing
x * gate(x, root=sqrt(2) / pi)  # the factor is √2/π: it must be √(2/π), with π under the root, too
x * gate(x, root=2 / sqrt(pi))  # the factor is 2/√π: it must be √(2/π), with 2 under the root, too
x * gate(x, root=sqrt(2))       # the factor is √2: it must be √(2/π)
x * gate(x, root=1 / ROOT)      # the factor is √(π/2): it must be √(2/π)
x * gate(x, root=2 / pi)        # the factor is 2/π: it must be its root, √(2/π)
x * (1 + tanh(ROOT * x + 0.044715 * x**3)) / 2  # √(2/π) multiplies x alone: it must multiply x +
                                                # 0.044715 x³
2 * gelu_tanh(x)                # NOT_HALVED
x * (gate(x) - 0.5)             # ONE_MISSING
x * (2 * gate(x) - 1)           # tanh goes from −1 to 1, a gate from 0 to 1: add 1 and halve it
x * (1 + sigmoid(ROOT * (x + 0.044715 * x**3))) / 2  # the gate has a sigmoid where tanh belongs
"""

GELU_TANH_EXERCISE = elementwise(
    "gelu_tanh",
    gelu_tanh,
    'F.gelu(x, approximate="tanh")',
    "tf.nn.gelu(x, approximate=True)",
    mistakes(GATED + GELU_TANH_MISTAKES, globals(), gate=tanh_gate),
)

GELU = component(
    "gelu",
    name="GELU",
    zh="高斯误差线性单元",
    pytorch=("torch.nn.GELU", "torch.nn.functional.gelu"),
    keras=("keras.activations.gelu",),
    tensorflow=("tf.nn.gelu",),
    calls="""
F.gelu(x) | tf.nn.gelu(x)  # both are exact, but `keras.ops.gelu(x)` is the approximation
F.gelu(x, approximate="tanh") | tf.nn.gelu(x, approximate=True)  # GPT-2 uses this
    # approximation (Hugging Face calls it `gelu_new`)
nn.Sequential(nn.Linear(3, 2), nn.GELU()) | keras.layers.Dense(2, activation="gelu")
    # this is the exact GELU; for the approximation, pass a function instead of a string
""",
    defaults="""
torch.nn.GELU(approximate='none')
tf.nn.gelu(approximate=False)
keras.activations.gelu(approximate=False)
keras.ops.gelu(approximate=True)
""",
    behaviour={
        "gelu-words-tf": '`approximate="none"` is exact in PyTorch, and the approximation in '
        "TensorFlow",
        "gelu-defaults-tf": "by default `keras.ops.gelu` is the approximation; the other "
        "functions are exact",
        "gelu-saved-tf": 'a layer with `keras.ops.gelu` is saved as `"gelu"`, and is exact when '
        "loaded",
        "gelu-published-tf": "GPT-2 needs the approximation; for BERT, implementations differ",
        "gelu-error": "the approximation is off by at most 0.00047, at ±2.7",
        "gelu-tail-tf": "far below 0 the exact GELU is 0 in PyTorch, and tiny in TensorFlow",
        "gelu-double-tf": "in float64 TensorFlow's GELU is right to only seven digits",
    },
    exercises=(GELU_EXERCISE, GELU_TANH_EXERCISE),
)


def softplus(x):
    return np.logaddexp(0, x)


def mish_gate(x):
    return np.tanh(softplus(x))


def mish(x):
    return x * mish_gate(x)


def mish_slope(x):
    return mish_gate(x) + x * (1 - mish_gate(x) ** 2) * sigmoid(x)


def mish_of_one_exponential(x):
    w = np.exp(np.float32(x))
    n = w * (w + 2)
    return np.float64(x * n / (n + 2))


MISH_MISTAKES = """
x * softplus(x)             # tanh is missing: the gate must not exceed 1
x * tanh(x)                 # softplus is missing: tanh alone is negative below 0
x * tanh(1 + exp(x))
x * tanh(exp(x))            # the logarithm is missing: tanh takes log(1 + e^x)
tanh(x * softplus(x))       # tanh is taken of the product: take it of softplus alone, and multiply
                            # by x last
x * softplus(tanh(x))       # tanh and softplus have changed places: softplus comes first
x * gate(-x)                # MIRRORED
silu(x)                     # the gate is the sigmoid: that is SiLU; Mish's gate is tanh of softplus
x * sigmoid(softplus(x))    # the gate is the sigmoid of softplus, which is never below ½: take tanh
mish_of_one_exponential(x)  # numbers from 45 on become NaN, as when exp(x) is squared and
                            # overflows: let only bounded numbers into exp
slope: where(x > 88, nan, mish_slope(x))
slope: where(x < -88, nan, mish_slope(x))
slope: where(abs(x) > 88, nan, mish_slope(x))  # INFINITE_GRADIENT
x * tanh(maximum(0, x))     # tanh is taken of ReLU: take it of softplus
x + gate(x)                 # the gate is added to x: multiply x by it
"""

MISH_EXERCISE = elementwise(
    "mish",
    mish,
    "F.mish(x)",
    "keras.activations.mish(x)",
    mistakes(GATED + MISH_MISTAKES, globals(), gate=mish_gate),
)

MISH = component(
    "mish",
    name="Mish",
    zh="Mish 激活函数",
    pytorch=("torch.nn.Mish", "torch.nn.functional.mish"),
    keras=("keras.activations.mish",),
    calls="""
F.mish(x) | keras.activations.mish(x)  # `tf.nn` has no Mish
nn.Sequential(nn.Linear(3, 2), nn.Mish()) | keras.layers.Dense(2, activation="mish")
nn.Mish() | keras.layers.Activation("mish")
""",
    behaviour={
        "mish-written-tf": "Mish with only one exponential gives NaN for large inputs, such as 45",
    },
    exercises=(MISH_EXERCISE,),
)

NUMBERS = np.array(
    [[-3.0, 0.5, 2.0, -1.0], [1.5, -0.4, 0.3, 4.0], [-2.0, 3.0, -0.7, 0.6], [0.2, 5.0, 1.0, -1.6]]
)
FAR = np.array([[-1e4, 1e4, 1e4, 1.0], [1e4, -1e4, -1e4, 1e4]])
FIXED_AXIS = """
function(x, -1)  # LAST_AXIS
function(x, 0)   # FIRST_AXIS
function(x, 1)   # SECOND_AXIS
"""


def visible(x):
    """Each axis of a small matrix, which findings can show whole, and other numbers of axes."""
    return (
        Case((x[:2],), {"axis": -1}),
        Case((x[:2],), {"axis": 0}),
        Case((x[0],), {"axis": 0}, part="robustness"),
        Case((x.reshape(2, 4, 2),), {"axis": 1}, part="robustness"),
        Case((FAR,), {"axis": -1}, part="robustness"),
    )


def hidden(rng):
    shapes = [((2, 6), 1, "values"), ((4, 2), 0, "values"), ((2, 2, 4), -2, "robustness")]
    return tuple(
        Case((rng.normal(0, 3, shape),), {"axis": axis}, part=part) for shape, axis, part in shapes
    )


def along_an_axis(answer, oracle, in_torch, in_tf, misconceptions, numbers=NUMBERS):
    """The exercise of a function of ``x`` and an axis, which PyTorch calls ``dim``."""
    reference = {
        "pytorch": f"{answer}_pt = lambda x, dim: {in_torch}",
        "tensorflow": f"{answer}_tf = lambda x, axis: {in_tf}",
    }
    return Exercise(
        answer, oracle, visible(numbers), hidden, reference, misconceptions, elementwise=False
    )


def of_halves(function):
    """``function`` of the two halves of ``x``."""
    return lambda x, axis: function(*np.split(x, 2, axis))


def glu(x, axis, gate=sigmoid):
    return of_halves(lambda a, b: a * gate(b))(x, axis)


def interleaved(x, axis):
    x = np.moveaxis(x, axis, -1)
    return np.moveaxis(x[..., ::2] * sigmoid(x[..., 1::2]), -1, axis)


def glu_gradient(upstream_gradient, x, axis, to_gate):
    a, b = np.split(x, 2, axis)
    parts = [upstream_gradient * sigmoid(b), upstream_gradient * a * to_gate(b)]
    return (np.concatenate(parts, axis),)


OF_HALVES_MISTAKES = """
sigmoid(a) * b           # the halves are swapped: the second is the gate, the first the value
a * b                    # the gate is used as it is: take its sigmoid, which is between 0 and 1
a + sigmoid(b)           # the gate is added to the value: multiply the value by it
sigmoid(b)               # this is the gate alone: multiply the first half by it
sigmoid(a) * sigmoid(b)  # the sigmoid is taken of both halves: the value stays as it is
tanh(a) * sigmoid(b)     # the value goes through tanh: in GLU it stays as it is
a * tanh(b)              # TANH_GATE
a * silu(b)              # the gate is SiLU: that is SwiGLU; GLU's gate is the sigmoid
a * maximum(0, b)        # the gate is ReLU: that is ReGLU; GLU's gate is the sigmoid
a * sigmoid(-b)          # MIRRORED
sigmoid(a * b)           # the sigmoid is taken of the product: take it of the second half alone
"""
INTERLEAVED_MISTAKES = """
interleaved(x, axis)
interleaved(x, -1)    # every other number is taken as a gate: the gates are the second half
silu(x)               # every number is its own gate: split x, so that half as many numbers come out
"""
GATE_MISTAKES = """
glu(x, axis, lambda b: exp(b) / (1 + exp(b)))
    # OVERFLOWING_EXP
gradient: glu_gradient(upstream_gradient, x, axis, lambda b: where(b < -88, nan, sigmoid_slope(b)))
    # INFINITE_GRADIENT
gradient: glu_gradient(upstream_gradient, x, axis, zeros_like)
    # no gradient reaches the second half: it must learn, too, when to open
concatenate([split(x, 2, axis)[0], sigmoid(split(x, 2, axis)[1])], axis)
    # value and gate are joined: multiply one by the other
"""

GLU_EXERCISE = along_an_axis(
    "glu",
    glu,
    "F.glu(x, dim)",
    "keras.activations.glu(x, axis)",
    mistakes(OF_HALVES_MISTAKES, globals(), "a, b", through=of_halves)
    + mistakes(
        INTERLEAVED_MISTAKES + FIXED_AXIS + GATE_MISTAKES, globals(), "x, axis", function=glu
    ),
)

GLU = component(
    "glu",
    name="GLU",
    zh="门控线性单元",
    pytorch=("torch.nn.GLU", "torch.nn.functional.glu"),
    keras=("keras.activations.glu",),
    calls="""
F.glu(x) | keras.activations.glu(x)  # both halve the last axis, and the second half is the
    # gate
nn.GLU()(h) | keras.ops.glu(h)  # do not use `activation="glu"`, with which Keras computes a
    # wrong output shape
""",
    behaviour={
        "glu-halves-tf": "the second half is the gate; for SwiGLU, implementations differ",
        "glu-axis-tf": "GLU halves the width of an image in PyTorch, and its channels in Keras",
        "glu-promise-tf": 'with `activation="glu"`, a Keras layer computes a wrong output shape',
        "glu-saturation": "in GLU, a large value still gets a gradient",
    },
    exercises=(GLU_EXERCISE,),
)


def both(function):
    """``function`` of the positive part and of the negative part, joined."""
    return lambda x, axis: np.concatenate(function(np.maximum(0, x), np.maximum(0, -x)), axis)


crelu = both(lambda up, down: (up, down))


def crelu_interleaved(x, axis):
    pairs = np.stack([np.maximum(0, x), np.maximum(0, -x)], axis % x.ndim + 1)
    shape = list(x.shape)
    shape[axis] *= 2
    return pairs.reshape(shape)


OF_PARTS_MISTAKES = """
(up, -down)             # the second half is negative: it is ReLU of −x, not the smaller of x and 0
(down, up)              # the halves are swapped: the positive part comes first
(up, up)                # both halves are ReLU of x: the second is of −x
(up - down, down - up)  # x and −x are joined as they are: each half needs its ReLU
(up, down - up)         # the second half lacks its ReLU: all of −x comes out
(up - down, down)       # the first half lacks its ReLU: all of x comes out
(up, zeros_like(down))  # the second half is always 0, as ReLU of −ReLU(x) is: negate x before the
                        # ReLU
(up, -up)               # the second half is −ReLU(x): it is ReLU of −x
(up - down,)            # this is x again, as when the halves are subtracted: join them, so that
                        # twice as many numbers come out
(up, up + down)         # the second half is |x|: it is ReLU of −x, 0 where x is positive
(up + down,)            # this is |x|, as when the halves are added: join them, so that twice as
                        # many numbers come out
(up,)                   # this is ReLU of x alone: join ReLU of −x to it
"""
JOINED_MISTAKES = """
stack([maximum(0, x), maximum(0, -x)], axis)  # the halves are stacked along a new axis: join them
                                              # along the one that is there
crelu_interleaved(x, axis)
crelu_interleaved(x, -1)    # positive and negative parts alternate: all positive parts come first
concatenate([abs(x), -abs(x)], axis)
    # the halves are |x| and −|x|: they are ReLU of x and ReLU of −x
"""

CRELU_EXERCISE = along_an_axis(
    "crelu",
    crelu,
    "F.relu(torch.cat([x, -x], dim))",  # PyTorch has none: this is the answer of the chapter
    "tf.nn.crelu(x, axis)",
    mistakes(OF_PARTS_MISTAKES, globals(), "up, down", through=both)
    + mistakes(JOINED_MISTAKES + FIXED_AXIS, globals(), "x, axis", function=crelu),
    numbers=np.where(NUMBERS == 0.2, 0, NUMBERS),
)

CRELU = component(
    "crelu",
    name="CReLU",
    zh="级联修正线性单元",
    tensorflow=("tf.nn.crelu",),
    calls="""
F.relu(torch.cat([x, -x], dim)) | tf.nn.crelu(x, axis)  # the output has twice as many numbers
""",
    behaviour={
        "crelu-bridge-pt": "PyTorch has no CReLU: the chapter defines it",
        "crelu-lossless": "CReLU loses no number: the first half minus the second half is the "
        "input",
    },
    exercises=(CRELU_EXERCISE,),
)

COMPONENTS = (SILU, HARD_SILU, GELU, MISH, GLU, CRELU)
