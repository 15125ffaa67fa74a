"""Gates: SiLU, Hardswish, GELU, Mish, GLU and CReLU."""

import math

import numpy as np

from diptych.catalogue.cases import elementwise
from diptych.catalogue.exercise import Case, Exercise, Misconception
from diptych.catalogue.notation import component, mistakes
from diptych.components.activations.sigmoids import hard_sigmoid, sigmoid, sigmoid_slope

GATE_ALONE = "this is the gate alone: multiply it by x"
GATE_HELD = (
    "the gradient takes the gate for a constant: the gate depends on x too, so the product has "
    "two derivatives to add"
)
MIRRORED = "the gate is mirrored: it should be open for positive numbers and closed for negative"
NEGATIVE_DROPPED = "negative numbers become 0, as ReLU makes them: the dip below 0 belongs here"
OVERFLOW = "exp of a large number is infinite, and ∞/∞ is NaN: let only bounded numbers into exp"
INFINITE_GRADIENT = (
    "values are right, but far from 0 the gradient is NaN: something is infinite on the way, as "
    "exp and log 0 are, and ∞ times 0 is no number; let only bounded numbers in"
)
LID = "the gate has no lid at 1: after the division by 6 clip at 1, before it at 6"
DIVIDED_EARLY = "x alone is divided by 6: divide x + 3"
PRODUCT_CLIPPED = "the product is clipped, not the gate: clip x + 3, then multiply by x"


def self_gated(gate, slope):
    """``x * gate(x)``, its derivative, and the misconceptions that every such gate has."""

    def value(x):
        return x * gate(x)

    def derivative(x):
        return gate(x) + x * slope(x)

    common = mistakes(
        """
gate(x)               # GATE_ALONE
slope: gate(x)        # GATE_HELD
maximum(0, value(x))  # NEGATIVE_DROPPED
""",
        globals(),
    )
    return value, derivative, common


def nan_beyond(derivative, below=-math.inf, above=math.inf):
    """A gradient that is right, except that it is NaN far out."""
    return lambda c, x: (c * np.where((x < below) | (x > above), np.nan, derivative(x)),)


silu, silu_slope, SILU_COMMON = self_gated(sigmoid, sigmoid_slope)

SILU = component(
    "silu",
    name="SiLU (swish)",
    zh="自门控激活函数",
    pytorch=("torch.nn.SiLU", "torch.nn.functional.silu"),
    keras=("keras.activations.silu", "keras.activations.swish"),
    tensorflow=("tf.nn.silu", "tf.nn.swish"),
    defaults="""
torch.nn.functional.silu(inplace=False)
tf.nn.silu(beta=1.0)
""",
    behaviour={
        "silu-second-tf": "the second argument: inplace in torch, beta in tf.nn",
        "silu-betas-tf": "several betas get one gradient, their sum, from tf.nn",
        "runaway": "below −1.28 descent runs away from a positive target",
    },
    exercises=(
        elementwise(
            "silu",
            silu,
            "F.silu(x)",
            "tf.nn.silu(x)",
            (
                *SILU_COMMON,
                *mistakes(
                    """
x * sigmoid(-x)
x * (exp(-x) / (1 + exp(-x)))  # MIRRORED
x * sigmoid(2 * x)             # the gate is twice as steep: a sigmoid is (1 + tanh(x/2))/2, with
                               # half of x
x * sigmoid(1.702 * x)         # the gate is σ(1.702 x): that is an approximation of GELU; here it
                               # is σ(x)
x * tanh(x)                    # the gate is tanh, which goes from −1 to 1: a sigmoid goes from 0 to
                               # 1
x * hard_sigmoid(x)            # the gate is the hard sigmoid: that is Hardswish, SiLU's gate is
                               # smooth
x + sigmoid(x)                 # the gate is added to x: multiply
x * silu(x)                    # x is in there twice: σ(x) is multiplied by x once
x * (exp(x) / (1 + exp(x)))    # OVERFLOW
""",
                    globals(),
                ),
                Misconception(INFINITE_GRADIENT, None, nan_beyond(silu_slope, below=-88)),
                Misconception(INFINITE_GRADIENT, None, nan_beyond(silu_slope, -88, 88)),
            ),
        ),
    ),
)

hard_silu, _, HARD_SILU_COMMON = self_gated(hard_sigmoid, lambda x: (abs(x) < 3) / 6)

HARD_SILU = component(
    "hard_silu",
    name="Hard SiLU (hard swish)",
    zh="硬自门控激活函数",
    pytorch=("torch.nn.Hardswish", "torch.nn.functional.hardswish"),
    keras=("keras.activations.hard_silu", "keras.activations.hard_swish"),
    behaviour={
        "hard-ten-layers": "no stand-in for SiLU: ten layers on, a third is different",
        "kinks-tf": "gradient at ±3: 0 and 1; a minimum of a maximum differs",
    },
    exercises=(
        elementwise(
            "hard_silu",
            hard_silu,
            "F.hardswish(x)",
            "keras.activations.hard_silu(x)",
            (
                *HARD_SILU_COMMON,
                *mistakes(
                    """
x * clip(x, 0, 6) / 6                  # the gate must be ½ at 0: add 3 before you clip and divide
x * clip(x + 3, 0, 6)                  # the gate goes from 0 to 6: divide it by 6
x * clip(0.2 * x + 0.5, 0, 1)          # the gate's slope is 0.2, as Keras's was before version 3:
                                       # it is 1/6 today
x * clip(x / 2 + 0.5, 0, 1)            # the gate's slope is ½: it is 1/6, from −3 to 3
silu(x)                                # the gate is the smooth sigmoid: that is SiLU
x * (x + 3) / 6                        # nothing stops the gate at 0 and at 1: clip it
x * maximum(0, x + 3) / 6              # the gate has no lid: it stops at 1, from 3 on
x * minimum(6, x + 3) / 6              # the gate has no floor: it stops at 0, from −3 down
x * clip(x / 6 + 0.5, 0, 6)            # LID
x * clip(x + 3, 0, 3) / 6              # the gate stops at ½: x + 3 goes up to 6, not to 3
x * clip(x / 6 + 3, 0, 6) / 6
x * clip(x / 6 + 3, 0, 1)              # DIVIDED_EARLY
x * clip(x - 3, 0, 6) / 6              # 3 is subtracted, so that the gate opens at 3 only: add 3
x * hard_sigmoid(-x)                   # MIRRORED
clip(x * (x + 3), 0, 6) / 6
maximum(0, x * (x + 3) / 6)
clip(x * (x + 3) / 6, -1, 1)           # PRODUCT_CLIPPED
where(abs(x) < 3, x * (x + 3) / 6, 0)  # numbers above 3 become 0: there the gate is open, they stay
                                       # as they are
""",
                    globals(),
                ),
            ),
            kinks=(-3.0, 0.0, 3.0),
        ),
    ),
)

erf = np.vectorize(math.erf, otypes=[float])
ROOT = math.sqrt(2 / math.pi)


def normal_cdf(x):
    return (1 + erf(x / math.sqrt(2))) / 2


def normal_pdf(x):
    return np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)


def tanh_gate(x, root=ROOT, cubed=0.044715, power=3):
    return (1 + np.tanh(root * (x + cubed * x**power))) / 2


def tanh_gate_slope(x):
    return (1 - np.tanh(ROOT * (x + 0.044715 * x**3)) ** 2) / 2 * ROOT * (1 + 0.134145 * x**2)


gelu, _, GELU_COMMON = self_gated(normal_cdf, normal_pdf)
gelu_tanh, _, GELU_TANH_COMMON = self_gated(tanh_gate, tanh_gate_slope)
SIGMOID_OF_1702 = (
    "sigmoid_gate",
    "the gate is σ(1.702 x), a coarser approximation: it is off by up to 0.02",
    lambda x: x * sigmoid(1.702 * x),
)
NOT_HALVED = "every number is twice as large as it should be: the ½ is missing"
ONE_MISSING = "the 1 is missing: the gate must go from 0 to 1, this one goes from −½ to ½"

GELU = component(
    "gelu",
    name="GELU",
    zh="高斯误差线性单元",
    pytorch=("torch.nn.GELU", "torch.nn.functional.gelu"),
    keras=("keras.activations.gelu",),
    tensorflow=("tf.nn.gelu",),
    defaults="""
torch.nn.GELU(approximate='none')
tf.nn.gelu(approximate=False)
keras.activations.gelu(approximate=False)
keras.ops.gelu(approximate=True)
""",
    behaviour={
        "gelu-words-tf": "approximate='none' is exact in torch, tanh in TensorFlow",
        "gelu-defaults-tf": "keras.ops.gelu approximates by default, the others do not",
        "gelu-error": "tanh is off by up to 0.00047, at ±2.70",
        "gelu-tail-tf": "far below 0: exactly 0 in torch, tiny numbers in TensorFlow",
        "gelu-double-tf": "in float64 TensorFlow is right to seven digits only",
    },
    exercises=(
        elementwise(
            "gelu",
            gelu,
            "F.gelu(x)",
            "tf.nn.gelu(x)",
            (
                *GELU_COMMON,
                *mistakes(
                    """
gelu_tanh(x)  # this is the approximation by tanh: the statement asks for the exact one
""",
                    globals(),
                ),
                SIGMOID_OF_1702,
                *mistakes(
                    """
silu(x)                              # the gate is σ(x): that is SiLU, GELU's is steeper
x * normal_cdf(-x)                   # MIRRORED
x * (1 + erf(x)) / 2                 # the gate is too steep: erf takes x/√2
x * (1 + erf(x) / math.sqrt(2)) / 2  # erf itself is divided by √2: its argument is, erf(x/√2)
x * (1 + erf(sqrt(x / 2))) / 2       # the root takes x too, and below 0 there is none: x/√2, not
                                     # √(x/2)
x * (0.5 + erf(x / math.sqrt(2)))    # erf is not halved: the gate is half of 1 + erf, from 0 to 1
x * (1 + erf(x * math.sqrt(2))) / 2  # x is multiplied by √2: divide it
x * (1 + erf(x / 2)) / 2             # the gate is too flat: erf takes x/√2, not x/2
2 * gelu(x)                          # NOT_HALVED
x * erf(x / math.sqrt(2)) / 2        # ONE_MISSING
x * erf(x / math.sqrt(2))            # erf is no gate yet, it goes from −1 to 1: shift it and halve
                                     # it
x * normal_pdf(x)                    # the gate is the bell curve, which closes on both sides: take
                                     # the probability below x, Φ(x)
""",
                    globals(),
                ),
            ),
        ),
        elementwise(
            "gelu_tanh",
            gelu_tanh,
            'F.gelu(x, approximate="tanh")',
            "tf.nn.gelu(x, approximate=True)",
            (
                *GELU_TANH_COMMON,
                *mistakes(
                    """
gelu(x)  # this is the exact GELU: the statement asks for the one by tanh
""",
                    globals(),
                ),
                SIGMOID_OF_1702,
                *mistakes(
                    """
x * tanh_gate(-x)                            # MIRRORED
x * sigmoid(ROOT * (x + 0.044715 * x ** 3))  # tanh has become a sigmoid of the same number: (1 +
                                             # tanh(z))/2 is σ(2z)
x * tanh_gate(x, cubed=0)                    # the cube is missing
x * tanh_gate(x, power=2)                    # x is squared where it should be cubed
x * tanh_gate(x, cubed=0.44715)              # the constant before the cube is ten times too large:
                                             # it is 0.044715
x * tanh_gate(x, cubed=0.044715 ** 3)        # the constant is cubed too: it is 0.044715 x³, not
                                             # (0.044715 x)³
x * tanh_gate(x, cubed=-0.044715)            # the cube is subtracted: add it
x * tanh_gate(x, root=1)                     # √(2/π) is missing
x * tanh_gate(x, root=math.sqrt(2) / math.pi)  # √2/π stands where √(2/π) belongs: π is below the
                                               # root, too
x * tanh_gate(x, root=2 / math.sqrt(math.pi))  # 2/√π stands where √(2/π) belongs: 2 is below the
                                               # root, too
x * tanh_gate(x, root=math.sqrt(2))          # √2 stands where √(2/π) belongs
x * tanh_gate(x, root=1 / ROOT)              # √(π/2) stands where √(2/π) belongs
x * tanh_gate(x, root=2 / math.pi)           # 2/π stands where its root, √(2/π), belongs
x * (1 + tanh(ROOT * x + 0.044715 * x ** 3)) / 2  # √(2/π) multiplies x alone: it multiplies x +
                                                  # 0.044715 x³
2 * gelu_tanh(x)                             # NOT_HALVED
x * (tanh_gate(x) - 0.5)                     # ONE_MISSING
x * (2 * tanh_gate(x) - 1)                   # tanh is no gate yet, it goes from −1 to 1: add 1 and
                                             # halve it
""",
                    globals(),
                ),
            ),
        ),
    ),
)


def softplus(x):
    return np.logaddexp(0, x)


NO_LOG = "the logarithm is missing: tanh takes log(1 + e^x)"


def mish_gate(x):
    return np.tanh(softplus(x))


mish, mish_slope, MISH_COMMON = self_gated(
    mish_gate, lambda x: (1 - mish_gate(x) ** 2) * sigmoid(x)
)


def mish_of_one_exponential(x):
    w = np.exp(np.float32(x))
    n = w * (w + 2)
    return np.float64(x * n / (n + 2))


MISH = component(
    "mish",
    name="Mish",
    zh="Mish 激活函数",
    pytorch=("torch.nn.Mish", "torch.nn.functional.mish"),
    keras=("keras.activations.mish",),
    behaviour={
        "mish-written-tf": "written with one exponential it is NaN from 45 on",
    },
    exercises=(
        elementwise(
            "mish",
            mish,
            "F.mish(x)",
            "keras.activations.mish(x)",
            (
                *MISH_COMMON,
                *mistakes(
                    """
x * softplus(x)             # tanh is missing: the gate must not exceed 1
x * tanh(x)                 # softplus is missing: tanh alone is negative below 0
x * tanh(1 + exp(x))
x * tanh(exp(x))            # NO_LOG
tanh(x * softplus(x))       # tanh has taken the product: it is for softplus alone, multiply by x
                            # last
x * softplus(tanh(x))       # tanh and softplus have changed places: softplus comes first
x * mish_gate(-x)           # MIRRORED
silu(x)                     # the gate is the sigmoid: that is SiLU
x * sigmoid(softplus(x))    # the gate is the sigmoid of softplus, never below ½: take tanh
mish_of_one_exponential(x)  # exp(x) is squared, and infinite from 45 on: ∞/∞ is NaN; let only
                            # bounded numbers into exp
""",
                    globals(),
                ),
                Misconception(INFINITE_GRADIENT, None, nan_beyond(mish_slope, above=88)),
                Misconception(INFINITE_GRADIENT, None, nan_beyond(mish_slope, below=-88)),
                Misconception(INFINITE_GRADIENT, None, nan_beyond(mish_slope, -88, 88)),
            ),
        ),
    ),
)

HALVES = np.array(
    [[-3.0, 0.5, 2.0, -1.0], [1.5, -0.4, 0.3, 4.0], [-2.0, 3.0, -0.7, 0.6], [0.2, 5.0, 1.0, -1.6]]
)
WRONG_AXIS = "this always uses the last axis: use the one that is asked for"
WRONG_AXIS_FIRST = "this always uses the first axis: use the one that is asked for"
WRONG_AXIS_SECOND = "this always uses axis 1: use the one that is asked for"
AXES = (
    ("last_axis", WRONG_AXIS, -1),
    ("first_axis", WRONG_AXIS_FIRST, 0),
    ("axis_one", WRONG_AXIS_SECOND, 1),
)


def along_axes(numbers):
    """The cases of an answer that takes ``x`` and an axis: each axis, and more dimensions."""
    x = np.array(numbers, float)
    few = x[:2]  # a finding shows them all
    return (
        Case((few,), {"axis": -1}),
        Case((few,), {"axis": 0}),
        Case((x[0],), {"axis": 0}, part="robustness"),
        Case((x.reshape(2, 4, 2),), {"axis": 1}, part="robustness"),
        Case(
            (np.array([[-1e4, 1e4, 1e4, 1.0], [1e4, -1e4, -1e4, 1e4]]),),
            {"axis": -1},
            part="robustness",
        ),
    )


def hidden_along_axes(rng):
    shapes = [((2, 6), 1, "values"), ((4, 2), 0, "values"), ((2, 2, 4), -2, "robustness")]
    return tuple(
        Case((rng.normal(0, 3, shape),), {"axis": axis}, part=part) for shape, axis, part in shapes
    )


def of_halves(function):
    """``function`` of the two halves of ``x``."""
    return lambda x, axis: function(*np.split(x, 2, axis))


glu = of_halves(lambda a, b: a * sigmoid(b))


def interleaved(x, axis):
    x = np.moveaxis(x, axis, -1)
    return np.moveaxis(x[..., ::2] * sigmoid(x[..., 1::2]), -1, axis)


def glu_gradient(cotangent, x, axis, to_gate=sigmoid_slope):
    a, b = np.split(x, 2, axis)
    return (np.concatenate([cotangent * sigmoid(b), cotangent * a * to_gate(b)], axis),)


GLU_EXERCISE = Exercise(
    answer="glu",
    elementwise=False,
    oracle=glu,
    visible=along_axes(HALVES),
    hidden=hidden_along_axes,
    reference={
        "pytorch": "glu_pt = lambda x, dim: F.glu(x, dim)",
        "tensorflow": "glu_tf = lambda x, axis: keras.activations.glu(x, axis)",
    },
    misconceptions=(
        Misconception(
            "the halves have changed places: the second is the gate, the first its value",
            of_halves(lambda a, b: sigmoid(a) * b),
        ),
        Misconception(
            "the gate is used as it is: its sigmoid lets a share through",
            of_halves(lambda a, b: a * b),
        ),
        Misconception(
            "the gate is added to the value: multiply", of_halves(lambda a, b: a + sigmoid(b))
        ),
        Misconception(
            "this is the gate alone: multiply the first half by it",
            of_halves(lambda a, b: sigmoid(b)),
        ),
        Misconception(
            "the sigmoid is on both halves: the value stays as it is",
            of_halves(lambda a, b: sigmoid(a) * sigmoid(b)),
        ),
        Misconception(
            "the value goes through tanh: that is an older gate, in GLU it stays as it is",
            of_halves(lambda a, b: np.tanh(a) * sigmoid(b)),
        ),
        Misconception(
            "the gate is tanh, which goes from −1 to 1: a sigmoid goes from 0 to 1",
            of_halves(lambda a, b: a * np.tanh(b)),
        ),
        Misconception(
            "the gate is SiLU: that is SwiGLU, GLU's gate is the sigmoid",
            of_halves(lambda a, b: a * silu(b)),
        ),
        Misconception(
            "the gate is ReLU: that is ReGLU, GLU's gate is the sigmoid",
            of_halves(lambda a, b: a * np.maximum(0, b)),
        ),
        Misconception(MIRRORED, of_halves(lambda a, b: a * sigmoid(-b))),
        *mistakes(
            """
interleaved(x, axis)
interleaved(x, -1)    # every other number is taken for a gate: the gates are the second half
silu(x)               # every number gates itself: split x, and half as many numbers come out
""",
            globals(),
            "x, axis",
        ),
        *(
            Misconception(sentence, lambda x, axis, fixed=fixed: glu(x, fixed))
            for name, sentence, fixed in AXES
        ),
        Misconception(OVERFLOW, of_halves(lambda a, b: a * (np.exp(b) / (1 + np.exp(b))))),
        *mistakes(
            """
gradient: glu_gradient(upstream_gradient, x, axis, lambda b: where(b < -88, nan, sigmoid_slope(b)))
      # INFINITE_GRADIENT
gradient: glu_gradient(upstream_gradient, x, axis, zeros_like)  # no gradient reaches the gate: it
                                                                # has to learn when to open
""",
            globals(),
            "x, axis",
        ),
    ),
)

GLU = component(
    "glu",
    name="GLU",
    zh="门控线性单元",
    pytorch=("torch.nn.GLU", "torch.nn.functional.glu"),
    keras=("keras.activations.glu",),
    behaviour={
        "glu-axis-tf": "the last axis: an image's width in torch, its channels in Keras",
        "glu-promise-tf": "as a Keras activation it promises twice what it returns",
        "glu-saturation": "a value is never saturated, only gated",
    },
    exercises=(GLU_EXERCISE,),
)


def both(function):
    """What ``function`` makes of the positive part and of the negative one, joined."""
    return lambda x, axis: np.concatenate(function(np.maximum(0, x), np.maximum(0, -x)), axis)


crelu = both(lambda up, down: (up, down))


def crelu_interleaved(x, axis):
    pairs = np.stack([np.maximum(0, x), np.maximum(0, -x)], axis % x.ndim + 1)
    shape = list(x.shape)
    shape[axis] *= 2
    return pairs.reshape(shape)


CRELU_EXERCISE = Exercise(
    answer="crelu",
    elementwise=False,
    oracle=crelu,
    visible=along_axes(np.where(HALVES == 0.2, 0, HALVES)),
    hidden=hidden_along_axes,
    reference={
        # PyTorch has none: this is the chapter's.
        "pytorch": "crelu_pt = lambda x, dim: F.relu(torch.cat([x, -x], dim))",
        "tensorflow": "crelu_tf = lambda x, axis: tf.nn.crelu(x, axis)",
    },
    misconceptions=(
        Misconception(
            "the second half is negative: it is ReLU of −x, not the smaller of x and 0",
            both(lambda up, down: (up, -down)),
        ),
        Misconception(
            "the halves have changed places: the positive part comes first",
            both(lambda up, down: (down, up)),
        ),
        Misconception(
            "both halves are ReLU of x: the second is of −x", both(lambda up, _: (up, up))
        ),
        Misconception(
            "x and −x are joined as they are: each half needs its ReLU",
            both(lambda up, down: (up - down, down - up)),
        ),
        Misconception(
            "the second half lacks its ReLU: all of −x comes out",
            both(lambda up, down: (up, down - up)),
        ),
        Misconception(
            "the first half lacks its ReLU: all of x comes out",
            both(lambda up, down: (up - down, down)),
        ),
        Misconception(
            "the second half is ReLU of −ReLU(x), always 0: negate x before the ReLU",
            both(lambda up, down: (up, np.zeros_like(down))),
        ),
        Misconception(
            "the second half is −ReLU(x): it is ReLU of −x", both(lambda up, _: (up, -up))
        ),
        *mistakes(
            """
x  # the halves are subtracted, which gives x back: join them, twice as many come out
""",
            globals(),
            "x, axis",
        ),
        Misconception(
            "the second half is |x|: it is ReLU of −x, 0 where x is positive",
            both(lambda up, down: (up, up + down)),
        ),
        *mistakes(
            """
abs(x)                                        # the halves are added, which makes |x|: join them,
                                              # twice as many numbers come out
maximum(0, x)                                 # this is ReLU of x alone: join ReLU of −x to it
stack([maximum(0, x), maximum(0, -x)], axis)  # the halves are stacked along a new axis: join them
                                              # along the one that is there
crelu_interleaved(x, axis)
crelu_interleaved(x, -1)                      # positive and negative parts alternate: all positive
                                              # parts come first
""",
            globals(),
            "x, axis",
        ),
        *(
            Misconception(sentence, lambda x, axis, fixed=fixed: crelu(x, fixed))
            for name, sentence, fixed in AXES
        ),
    ),
)

CRELU = component(
    "crelu",
    name="CReLU",
    zh="级联修正线性单元",
    tensorflow=("tf.nn.crelu",),
    behaviour={
        "crelu-bridge-pt": "torch has none: the chapter builds one",
        "crelu-lossless": "nothing is lost: the halves' difference is the input",
    },
    exercises=(CRELU_EXERCISE,),
)

COMPONENTS = (SILU, HARD_SILU, GELU, MISH, GLU, CRELU)
