"""Exponentials: ELU, SELU, CELU, Softplus, Squareplus and Exponential."""

import numpy as np

from diptych.catalogue.cases import NUMBERS, elementwise, elementwise_hidden, elementwise_visible
from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

NO_MINUS_ONE = "negative numbers come out positive: subtract 1 from the exponential"
OTHER_BRANCH = (
    "values are right, but for large numbers the gradient is NaN, as when e^x is infinite there: "
    "where, minimum and clamp differentiate the side that they do not take, too; let no number "
    "above 0 into exp"
)
SIDES = "the two sides are swapped: positive numbers stay as they are, negative ones go through exp"


def elu(x, alpha):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def elu_slope(x, alpha):
    return np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0)))


def celu(x, alpha):
    return alpha * elu(x / alpha, 1)


def celu_slope(x, alpha):
    return elu_slope(x / alpha, 1)


ELU_MISTAKES = """
where(x > 0, x, alpha * exp(x))                 # NO_MINUS_ONE
elu(x, 1)                                       # alpha is 1 whatever is asked for: multiply the
                                                # negative side by alpha
celu(x, alpha)                                  # x is divided by alpha: that is CELU; in ELU alpha
                                                # only multiplies
where(x > 0, x, expm1(alpha * minimum(x, 0)))   # alpha is in the exponent: multiply e^x − 1 by it
where(x > 0, x, alpha * exp(x) - 1)             # only e^x is multiplied by alpha: multiply e^x − 1,
                                                # in brackets
alpha * expm1(minimum(x, 80))
alpha * expm1(x)                                # positive numbers go through exp, too: they must
                                                # stay as they are
alpha * elu(x, 1)                               # positive numbers are multiplied by alpha, too:
                                                # they must stay as they are
where(x > 0, x, alpha * x)                      # the negative side is a straight line: that is
                                                # Leaky ReLU; ELU levels off
where(x > 0, x, -elu(x, alpha))                 # negative numbers come out positive: it is e^x − 1,
                                                # which is negative there
where(x > 0, alpha * expm1(x), x)               # SIDES
maximum(x, alpha * expm1(x))                    # this is the larger of the two, and α(e^x − 1) may
                                                # be larger than a positive x: choose by the sign of
                                                # x
where(x > 0, x, alpha * exp(x - 1))             # 1 is subtracted in the exponent: subtract it from
                                                # e^x
where(x > 0, x, alpha * expm1(-x))              # the sign in the exponent is wrong: negative
                                                # numbers go into exp as they are
maximum(0, x)                                   # this is ReLU: the negative side is missing
slope: where(x > 88, nan, elu_slope(x, alpha))  # OTHER_BRANCH
maximum(x, alpha * expm1(minimum(x, 0)))        # this is the larger of x and α(e^x − 1), which
                                                # below 0 is x for a large alpha: choose by the
                                                # sign of x
where(x > 0, x, alpha * (exp(x) + 1))           # 1 is added to the exponential: subtract it
"""

ELU = component(
    "elu",
    name="ELU",
    zh="指数线性单元",
    pytorch=("torch.nn.ELU", "torch.nn.functional.elu", "torch.nn.functional.elu_"),
    keras=("keras.activations.elu", "keras.layers.ELU"),
    tensorflow=("tf.nn.elu",),
    calls="""
F.elu(x) | tf.nn.elu(x)
    # `tf.nn.elu` always has α = 1; for another α, use `keras.activations.elu`
nn.ELU(alpha=2.0) | keras.layers.ELU(alpha=2.0)
nn.Sequential(nn.Linear(3, 2), nn.ELU()) | keras.layers.Dense(2, activation="elu")
""",
    behaviour={
        "elu-alpha-tf": "ELU has the argument `alpha` in PyTorch and Keras, but not in `tf.nn`",
        "elu-tiny-tf": "for −10⁻⁸, ELU is 0 in TensorFlow; PyTorch returns the right number",
        "elu-mean": "with `alpha=1.6733`, normally distributed numbers have the mean 0 after ELU",
    },
    exercises=(
        elementwise(
            "elu",
            elu,
            "F.elu(x, alpha)",
            "keras.activations.elu(x, alpha)",
            mistakes(ELU_MISTAKES, globals(), "x, alpha"),
            argument=("alpha", (0.5, 2.0), ((0.2, 0.8), (1.3, 3.0))),
            allow=("exp",),
        ),
    ),
)

ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805


def selu(x):
    return SCALE * elu(x, ALPHA)


SELU_MISTAKES = """
elu(x, ALPHA)                                   # the scale is missing on both sides: multiply
                                                # both by 1.0507
where(x > 0, SCALE * x, elu(x, ALPHA))          # the scale is missing on the negative side: it
                                                # multiplies both sides
where(x > 0, x, selu(x))                        # the scale is missing on the positive side: it
                                                # multiplies both sides
ALPHA * elu(x, SCALE)                           # the two constants are swapped: 1.0507 multiplies
                                                # both sides, 1.6733 only e^x − 1
SCALE * elu(x, 1)                               # alpha is missing: the negative side levels off
                                                # at −1.0507, and must level off at −1.7581
SCALE * ALPHA * elu(x, 1)                       # positive numbers are multiplied by alpha, too:
                                                # it multiplies only e^x − 1
SCALE * where(x > 0, x, ALPHA * exp(x) - 1)     # only e^x is multiplied by alpha: multiply e^x − 1,
                                                # in brackets
elu(x, 1)                                       # both constants are missing: this is ELU
1.05 * elu(x, 1.67)                             # the constants are rounded too far: use all the
                                                # digits of the statement
where(x > 0, SCALE * x, SCALE * ALPHA * exp(x))  # NO_MINUS_ONE
abs(selu(x))                                    # negative numbers come out positive: it is e^x − 1,
                                                # which is negative there
SCALE * where(x > 0, ALPHA * expm1(x), x)       # SIDES
slope: where(x > 88, nan, SCALE * elu_slope(x, ALPHA))  # OTHER_BRANCH
SCALE * where(x > 0, x, ALPHA * x)              # the negative side is a straight line: that is
                                                # Leaky ReLU; SELU levels off
SCALE * (maximum(x, 0) + ALPHA * exp(minimum(x, 0)))  # everything is too large by scale · alpha:
                                                # subtract 1 from the exponential
"""

SELU = component(
    "selu",
    name="SELU",
    zh="扩展型指数线性单元",
    pytorch=("torch.nn.SELU", "torch.nn.functional.selu", "torch.nn.functional.selu_"),
    keras=("keras.activations.selu",),
    tensorflow=("tf.nn.selu",),
    calls="""
F.selu(x) | tf.nn.selu(x)  # the gradient at 0 is 1.7581 in PyTorch, and 1.0507 in TensorFlow
nn.Sequential(nn.Linear(3, 2), nn.SELU()) | keras.layers.Dense(2, activation="selu")
    # name the initializer of the weights, which is `"lecun_normal"` in Keras, and in PyTorch
    # `kaiming_normal_` with `nonlinearity="linear"`
nn.SELU() | keras.layers.Activation("selu")
""",
    behaviour={
        "thirty-layers": "after thirty SELU layers the mean is still 0 and the variance 1",
        "selu-default-pt": "PyTorch's default weights lose the variance; Keras's keep it if all "
        "layers have the same width",
        "selu-gain-pt": 'PyTorch\'s gain for `"selu"` is ¾; SELU needs the gain 1',
        "selu-dropout-tf": "AlphaDropout keeps the variance at 1, and Dropout does not",
        "selu-explodes": "with weights twice as large, the variance grows in every layer",
        "kinks-tf": "SELU's gradient at 0 is 1.7581 in PyTorch, and 1.0507 in TensorFlow",
    },
    exercises=(
        elementwise(
            "selu",
            selu,
            "F.selu(x)",
            "tf.nn.selu(x)",
            mistakes(SELU_MISTAKES, globals()),
            allow=("exp",),
        ),
    ),
)

CELU_MISTAKES = """
elu(x, alpha)                                   # alpha only multiplies: that is ELU; CELU divides x
                                                # by alpha first
elu(x, 1)                                       # alpha is 1 whatever is asked for: divide x by it,
                                                # and multiply e^(x/α) − 1 by it
where(x > 0, x, elu(x / alpha, 1))              # alpha only divides: multiply e^(x/α) − 1 by it,
                                                # too
where(x > 0, x, alpha * elu(x * alpha, 1))      # x is multiplied by alpha in the exponent: divide
where(x > 0, x, elu(x * alpha, 1) / alpha)      # the two places of alpha are swapped: divide x by
                                                # it, and multiply e^(x/α) − 1 by it
alpha * elu(x, 1)                               # alpha only multiplies, and on both sides: divide x
                                                # by it first
where(x > 0, x, alpha * exp(x / alpha) - 1)     # only e^(x/α) is multiplied by alpha: multiply
                                                # e^(x/α) − 1, in brackets
elu(x / alpha, 1)                               # alpha only divides: multiply the result by it, on
                                                # both sides
where(x > 0, x / alpha, celu(x, alpha))         # positive numbers are divided by alpha: they must
                                                # stay as they are
where(x > 0, x, alpha * exp(x / alpha))         # NO_MINUS_ONE
abs(celu(x, alpha))                             # negative numbers come out positive: e^(x/α) − 1 is
                                                # negative there
where(x > 0, alpha * expm1(x / alpha), x)       # SIDES
slope: where(x > 88, nan, celu_slope(x, alpha))  # OTHER_BRANCH
for at_0 in (0, 0.5, 0.75, 1.5, 2): slope: where(x == 0, at_0, celu_slope(x, alpha))
                                                # at 0 the gradient is not 1, as when two of
                                                # maximum, minimum and clamp bend there and their
                                                # slopes add up; let a single formula compute the
                                                # value at 0
for at_0 in (0, 0.5, 1.5, 2): slope: where(x == 0, at_0, where(x > 88, nan, celu_slope(x, alpha)))
                                                # values are right, but the gradient is NaN for
                                                # large numbers, as when e^x is infinite on the side
                                                # that is not taken, and {at_0} at 0, as when the
                                                # slopes of two bends add up; let no number above 0
                                                # into exp, and a single formula compute the value
                                                # at 0
where(x > 0, x, elu(x / alpha, 1) / alpha)      # e^(x/α) − 1 is divided by alpha: multiply it
"""

CELU = component(
    "celu",
    name="CELU",
    zh="连续可微指数线性单元",
    pytorch=("torch.nn.CELU", "torch.nn.functional.celu", "torch.nn.functional.celu_"),
    keras=("keras.activations.celu",),
    calls="""
F.celu(x, alpha=2.0) | 2.0 * tf.nn.elu(x / 2.0)
    # do not use `keras.activations.celu`, because its gradient at 0 is 2
nn.Sequential(nn.Linear(3, 2), nn.CELU()) | keras.layers.Dense(2, activation="celu")
    # better write `"elu"`, which is the same function, with the right gradient at 0
nn.CELU() | keras.layers.Activation("celu")
""",
    behaviour={
        "first-step-tf": "CELU's gradient at 0 is 1 in PyTorch, which is right, and 2 in Keras",
        "celu-zero-tf": "for `alpha=0` PyTorch raises an error, and Keras returns NaN",
    },
    exercises=(
        elementwise(
            "celu",
            celu,
            "F.celu(x, alpha)",
            # Not keras.activations.celu, whose gradient at 0 is 2.
            "alpha * tf.nn.elu(x / alpha)",
            mistakes(CELU_MISTAKES, globals(), "x, alpha"),
            allow=("exp", "elu", "ELU"),
            argument=("alpha", (0.5, 2.0), ((0.3, 0.8), (1.3, 3.0))),
        ),
    ),
)


def softplus(x, beta):
    return np.logaddexp(0, beta * x) / beta


def softplus_slope(x, beta):
    return np.exp(-np.logaddexp(0, -beta * x))


def overflowing(x, beta):
    """The formula without any change, in float32."""
    return np.where(beta * x > 88, np.inf, softplus(x, beta))


def without_one(x, beta, above):
    """log(e^(βx)) / β in float32, which is −∞ far below 0; ``above`` is the answer far above 0."""
    return np.where(beta * x < -88, -np.inf, np.where(beta * x > 88, above, x))


BENDS = (
    "at 0 the gradient is not ½, as when max(0, x) and |x| bend there and their slopes add up; let "
    "a single formula compute the value at 0"
)

BETA = ("beta", (2.0, 1.0, 0.5), ((1.5, 4.0), (1.0, 1.0), (0.3, 0.8)))

SOFTPLUS_MISTAKES = """
overflowing(x, beta)                            # large numbers become infinite, as e^(βx) does:
                                                # there Softplus is x, so return x itself
for f in (softplus, overflowing): f(x, 1)       # beta is 1 whatever is asked for: multiply x by it,
                                                # and divide the logarithm by it
for f in (softplus, overflowing): beta * f(x, beta)  # the division by beta is missing: without it
                                                # the slope is beta, not 1
for f in (softplus, overflowing): beta**2 * f(x, beta)  # the logarithm is multiplied by beta:
                                                # divide it
for f in (softplus, overflowing): f(x, 1 / beta)  # the two places of beta are swapped: multiply x
                                                # by it, and divide the logarithm by it
for f in (softplus, overflowing): f(x, 1) / beta  # beta is missing in the exponent: multiply x by
                                                # it before exp
for f in (softplus, overflowing): f(-x, beta)   # the curve falls where it must rise: look at the
                                                # sign of x in exp
for f in (softplus, overflowing): -f(x, beta)   # the sign is wrong: Softplus is positive everywhere
for f in (softplus, overflowing): f(x - log(2) / beta, beta) + log(2) / beta
                                                # 1 is added twice, as in log1p(1 + …): log1p adds
                                                # it itself
maximum(0, x)                                   # this is ReLU: the corner is not rounded
x
without_one(x, beta, x)
without_one(x, beta, inf)
beta * without_one(x, beta, inf)                # the 1 is missing: the logarithm of e^(βx) alone is
                                                # βx
for end in (20, 30, 50, 80, 88): softplus(minimum(beta * x, end) / beta, beta)
                                                # large numbers are cut off, as when only the input
                                                # of exp is bounded: far above 0 Softplus is x
                                                # itself
(1 + exp(beta * x)) / beta                      # the logarithm is missing
log1p(exp(-beta * abs(x))) / beta               # large numbers become 0: add max(0, x) to the
                                                # logarithm
slope: where(beta * x > 88, nan, softplus_slope(x, beta))  # values are right, but for large numbers
                                                # the gradient is NaN, as when exp is infinite
                                                # there: where differentiates the side that it does
                                                # not take, too; let only bounded numbers into exp
for at_0 in (0, 1, 1.5): slope: where(x == 0, at_0, softplus_slope(x, beta))
                                                # BENDS
for end in (1, 2, 3, 5): where(beta * x > end, x, softplus(x, beta))
                                                # from βx = {end} on this is x itself, where
                                                # Softplus is still larger: take a higher threshold
for end in (10, 20, 30): where(x > end, x, softplus(x, beta))
                                                # from some x on this is x itself, whatever beta is:
                                                # compare βx with the threshold, not x
-logaddexp(0, -beta * x) / beta                 # this is the log-sigmoid: change both signs
where(x > 0, x, softplus(x, beta))              # positive numbers stay as they are, but Softplus is
                                                # larger: take the formula for them, too
"""

SOFTPLUS = component(
    "softplus",
    name="Softplus",
    zh="软加函数",
    pytorch=("torch.nn.Softplus", "torch.nn.functional.softplus"),
    keras=("keras.activations.softplus",),
    tensorflow=("tf.nn.softplus",),
    calls="""
F.softplus(x) | tf.nn.softplus(x)
F.softplus(x, beta=5.0) | tf.nn.softplus(5.0 * x) / 5.0  # TensorFlow has no argument for β
nn.Sequential(nn.Linear(3, 2), nn.Softplus()) | keras.layers.Dense(2, activation="softplus")
""",
    defaults="""
torch.nn.Softplus(beta=1.0, threshold=20.0)
""",
    behaviour={
        "softplus-beta-tf": "PyTorch has the argument `beta`; in TensorFlow you multiply and "
        "divide",
        "softplus-threshold-pt": "above the threshold 20, PyTorch's Softplus returns `x` itself",
        "second-derivative": "Softplus has a second derivative; ReLU's second derivative is 0",
    },
    exercises=(
        elementwise(
            "softplus",
            softplus,
            "F.softplus(x, beta)",
            "tf.nn.softplus(beta * x) / beta",
            mistakes(SOFTPLUS_MISTAKES, globals(), "x, beta"),
            forbid=("torch.nn.functional.logsigmoid", "tf.math.log_sigmoid"),
            argument=BETA,
            visible=(
                *elementwise_visible(NUMBERS, [{"beta": beta} for beta in BETA[1]]),
                # Just above the thresholds from which answers often return x for Softplus.
                Case((np.array([2.5, 5.5, 8.5, 21.0, -21.0]),), {"beta": 1.0}),
                Case((np.array([21.0, 31.0, 51.0, -21.0]),), {"beta": 0.2}, part="robustness"),
            ),
            allow=("exp",),
        ),
    ),
)


def squareplus(x, b):
    root = np.sqrt(x**2 + b)
    return np.where(x > 0, (x + root) / 2, b / 2 / (root - np.minimum(x, 0)))


def squareplus_slope(x, b):
    return squareplus(x, b) / np.sqrt(x**2 + b)


def cancelling(x, b):
    """The formula as it stands, in float32, where x² + 4 rounds to x² below −8192."""
    return np.where(x < -8192, 0, squareplus(x, b))


B = ("b", (4.0, 1.0, 0.25), ((1.5, 3.9), (5.0, 9.0), (0.1, 0.8)))

SQUAREPLUS_MISTAKES = """
cancelling(x, b)                                # far below 0 this is 0, and b/(4|x|) is right: in
                                                # float32 x and √(x² + b) cancel; multiply numerator
                                                # and denominator by √(x² + b) − x
where(x > 8000, inf, squareplus(x, b))          # large numbers become infinite, as when the divisor
                                                # √(x² + b) − x is 0 in float32: use this form below
                                                # 0 only, and the formula as it stands above
for f in (cancelling, squareplus): 2 * f(x, b)  # it is twice too large: divide by 2
for f in (cancelling, squareplus): f(x, b**2)   # b is squared under the root: add b itself to x²
for f in (cancelling, squareplus): f(x, 4 * b)  # b is multiplied by 4 under the root: add b itself
                                                # to x²
for f in (cancelling, squareplus): f(x, 4)      # b is 4 whatever is asked for: use the b that is
                                                # given
for f in (cancelling, squareplus): f(-x, b)     # the curve falls where it must rise: add x to the
                                                # root, do not subtract it
for f in (cancelling, squareplus): -f(-x, b)    # the root is subtracted: add it
(x + abs(x) + b) / 2                            # b is added after the root: it belongs under it
x + sqrt(x ** 2 + b) / 2                        # only the root is halved: divide the whole sum by 2
sqrt(x ** 2 + b) / 2                            # x itself is missing before the root
(x + x ** 2 + b) / 2                            # the square root is missing
where(x > 0, 1, 2) * squareplus(x, b)           # negative numbers come out twice too large: the
                                                # numerator is b/2, not b
maximum(0, x)                                   # this is ReLU: b is missing
slope: where(x > 8000, nan, squareplus_slope(x, b))  # values are right, but for large numbers the
                                                # gradient is NaN, as when √(x² + b) − x is 0 there:
                                                # where differentiates the side that it does not
                                                # take, too; let no number above 0 into the divisor
for at_0 in (0, 0.25, 0.75, 1, 1.5): slope: where(x == 0, at_0, squareplus_slope(x, b))
                                                # BENDS
(x + sqrt(x + b)) / 2                           # x is not squared under the root
"""

SQUAREPLUS = component(
    "squareplus",
    name="Squareplus",
    zh="平方软加函数",
    keras=("keras.activations.squareplus",),
    calls="""
(x + torch.sqrt(x**2 + b)) / 2 | keras.activations.squareplus(x, b)  # `b` is 4 by default
(h + torch.sqrt(h**2 + 4)) / 2 | keras.layers.Dense(2, activation="squareplus")
    # in PyTorch `h` is the output of the linear layer
""",
    behaviour={
        "squareplus-bridge-pt": "PyTorch has no Squareplus: the chapter defines it",
        "squareplus-far-tf": "in float32 Squareplus of −10,000 is 0; it should be 0.0001",
        "squareplus-half-tf": "in float16 Squareplus is infinite from 256 on",
        "squareplus-zero-tf": "with `b=0` Squareplus is ReLU, and its gradient at 0 is NaN",
    },
    exercises=(
        elementwise(
            "squareplus",
            squareplus,
            "",
            "",
            mistakes(SQUAREPLUS_MISTAKES, globals(), "x, b"),
            visible=(*elementwise_visible(NUMBERS, [{"b": b} for b in B[1]]),),
            hidden=lambda rng: (
                *elementwise_hidden(
                    lambda rng, n: {"b": round(rng.uniform(*B[2][n]), 3)}, n_ranges=len(B[2])
                )(rng)[: -len(B[2])],
                Case(
                    (rng.uniform(9e3, 1e4, 4) * [1, -1, 1, -1],),
                    {"b": round(rng.uniform(2, 3.9), 3)},
                    part="robustness",
                ),
            ),
            # None: Keras's own function is 0 at −10,000.
            reference={},
            argument=B,
            allow=("exp",),
        ),
    ),
)


@np.errstate(over="ignore")  # infinity is right beyond 709
def exponential(x):
    return np.exp(x)


def in_range(function):
    """``function``, infinite where the result is too large for float32."""
    return lambda x: np.float64(np.float32(function(np.float64(x))))


def series(n_terms):
    def wrong(x):
        terms = [np.ones_like(x)]
        for n in range(1, n_terms):
            terms.append(terms[-1] * x / n)
        return sum(terms)

    return in_range(wrong)


def exponential_cases(numbers, large):
    """For +``large`` the answer is infinite, so the gradient is not compared."""
    x = np.array(numbers, float)
    return (
        Case((x,)),
        Case((np.array([0.0]),)),
        Case((np.array([20.0, 40.0, -20.0]),)),  # here an answer with a rounded e differs
        Case((np.stack([x, -x]),), part="robustness"),
        Case((np.array([-large, -large / 9]),), part="robustness"),
        Case((np.array([large]),), gradients=False, part="robustness"),
    )


EXPONENTIAL_MISTAKES = """
in_range(exp2)(x)                               # the base is 2: it must be e, 2.71828
in_range(lambda x: 10.0**x)(x)                  # the base is 10: it must be e, 2.71828
x**e                                            # base and exponent are swapped: this is x to the
                                                # power of e
in_range(exp)(-x)                               # the curve falls where it must rise: the sign of
                                                # the exponent is wrong
in_range(expm1)(x)                              # this is e^x − 1: add 1
e * x                                           # this is e times x: raise e to the power of x
for base in (2.7, 2.71, 2.718, 2.7183, 2.72): in_range(lambda x: base**x)(x)
                                                # e is rounded too far: use the constant of math,
                                                # torch or numpy
for n_terms in (2, 3, 4, 5, 6, 8, 10, 11): series(n_terms)(x)  # a few terms of the series are right
                                                # near 0 only: raise e to a power
for end in (20, 50, 80, 88): in_range(exp)(minimum(x, end))  # large numbers are bounded before the
                                                # power is taken: at 10,000 infinity is right
where(x < -89, nan, exponential(x))             # far below 0 this is NaN, as when infinity is
                                                # subtracted from infinity: raise e to the power of
                                                # x
slope: where(x < -88, nan, exponential(x))      # values are right, but far below 0 the gradient is
                                                # NaN, as when 1 is divided by an infinite e^(−x):
                                                # put x itself into the exponent
in_range(exp)(abs(x))                           # negative numbers come out large, as e^|x|: raise e
                                                # to x itself
"""

EXPONENTIAL = component(
    "exponential",
    name="Exponential",
    zh="指数函数",
    pytorch=("torch.exp",),
    keras=("keras.activations.exponential",),
    tensorflow=("tf.exp",),
    calls="""
torch.exp(x) | tf.exp(x)  # `tf.exp` of an integer tensor raises an error
torch.exp(h) | keras.layers.Dense(2, activation="exponential")
    # PyTorch has no module; `h` is the output of the linear layer
""",
    behaviour={
        "exponential-module-tf": 'PyTorch has no module; in Keras the string is `"exponential"`',
        "exponential-integers-tf": "PyTorch and Keras convert integers to floats; `tf.exp` raises "
        "an error",
        "exponential-tiny-tf": "PyTorch returns numbers below 10⁻³⁸; TensorFlow returns 0 for them",
        "squared-error": "with the squared error, one step makes the output 0, and then it never "
        "learns",
    },
    exercises=(
        Exercise(
            answer="exponential",
            oracle=exponential,
            visible=exponential_cases(NUMBERS, 1e4),
            hidden=lambda rng: (
                *exponential_cases(rng.normal(0, 3, 9), rng.uniform(1e3, 1e4)),
                Case((rng.normal(0, 3, (2, 1, 3)),), part="robustness"),
                Case((rng.normal(0, 3, ()),), part="robustness"),
            ),
            reference={
                "pytorch": "exponential_pt = lambda x: torch.exp(x)",
                "tensorflow": "exponential_tf = lambda x: tf.exp(x)",
            },
            curve={},
            misconceptions=mistakes(EXPONENTIAL_MISTAKES, globals()),
        ),
    ),
)

COMPONENTS = (ELU, SELU, CELU, SOFTPLUS, SQUAREPLUS, EXPONENTIAL)
