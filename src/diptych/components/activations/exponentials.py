"""Exponentials: ELU, SELU, CELU, Softplus, Squareplus and Exponential."""

import numpy as np

from diptych.catalogue.cases import NUMBERS, elementwise, elementwise_hidden, elementwise_visible
from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

NO_MINUS_ONE = "negative numbers come out positive: subtract 1 from the exponential"
OTHER_BRANCH = (
    "values are right, but for large numbers the gradient is NaN: e^x is infinite there, and "
    "where, minimum and clamp differentiate the side that is not taken, too; let nothing above 0 "
    "into exp"
)
SIDES = "the two sides are swapped: positive numbers are the ones that stay"


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
celu(x, alpha)                                  # x is divided by alpha, too: that is CELU, ELU
                                                # multiplies and nothing else
where(x > 0, x, expm1(alpha * minimum(x, 0)))   # alpha stands in the exponent: it multiplies what
                                                # comes out of it
where(x > 0, x, alpha * exp(x) - 1)             # 1 is subtracted after alpha has multiplied: α(e^x
                                                # − 1), with brackets
alpha * expm1(minimum(x, 80))
alpha * expm1(x)                                # positive numbers are bent as well: only negative
                                                # ones go through exp
alpha * elu(x, 1)                               # positive numbers are multiplied by alpha, too:
                                                # they stay as they are
where(x > 0, x, alpha * x)                      # the negative side is a straight line: that is
                                                # Leaky ReLU, ELU flattens out
where(x > 0, x, -elu(x, alpha))                 # negative numbers come out positive: it is e^x − 1,
                                                # which is negative there
where(x > 0, alpha * expm1(x), x)               # SIDES
maximum(x, alpha * expm1(x))                    # the larger of the two is taken, and e^x − 1 may be
                                                # larger than a positive x: choose by the sign of x
where(x > 0, x, alpha * exp(x - 1))             # 1 is subtracted in the exponent: subtract it from
                                                # the exponential
where(x > 0, x, alpha * expm1(-x))              # the sign in the exponent is wrong: negative
                                                # numbers go into exp as they are
maximum(0, x)                                   # this is ReLU: the negative side is missing
slope: where(x > 88, nan, elu_slope(x, alpha))  # OTHER_BRANCH
"""

ELU = component(
    "elu",
    name="ELU",
    zh="指数线性单元",
    pytorch=("torch.nn.ELU", "torch.nn.functional.elu", "torch.nn.functional.elu_"),
    keras=("keras.activations.elu", "keras.layers.ELU"),
    tensorflow=("tf.nn.elu",),
    behaviour={
        "elu-alpha-tf": "torch and keras take alpha; tf.nn does not",
        "elu-tiny-tf": "close to 0 TensorFlow's loses its digits, torch's does not",
        "elu-mean": "its alpha moves the mean of normal numbers, to 0 at 1.6733",
    },
    exercises=(
        elementwise(
            "elu",
            elu,
            "F.elu(x, alpha)",
            "keras.activations.elu(x, alpha)",
            mistakes(ELU_MISTAKES, globals(), "x, alpha"),
            argument=("alpha", 0.5, 0.2, 0.8),
            allow=("exp",),
        ),
    ),
)

ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805


def selu(x):
    return SCALE * elu(x, ALPHA)


SELU_MISTAKES = """
elu(x, ALPHA)                                   # the scale is missing on both sides: multiply all
                                                # of it by 1.0507
where(x > 0, SCALE * x, elu(x, ALPHA))          # negative numbers lack the scale: it multiplies
                                                # both sides
where(x > 0, x, selu(x))                        # positive numbers lack the scale: it multiplies
                                                # both sides
ALPHA * elu(x, SCALE)                           # the two constants are swapped: 1.0507 multiplies
                                                # all, 1.6733 the exponential
SCALE * elu(x, 1)                               # alpha is missing: the negative side ends at
                                                # −1.0507, it should at −1.7581
SCALE * ALPHA * elu(x, 1)                       # positive numbers are multiplied by alpha, too: it
                                                # belongs to the exponential
SCALE * where(x > 0, x, ALPHA * exp(x) - 1)     # 1 is subtracted after alpha has multiplied: α(e^x
                                                # − 1), with brackets
elu(x, 1)                                       # both constants are missing: this is ELU
1.05 * elu(x, 1.67)                             # the constants are rounded too far: take all the
                                                # digits of the statement
where(x > 0, SCALE * x, SCALE * ALPHA * exp(x))  # NO_MINUS_ONE
abs(selu(x))                                    # negative numbers come out positive: it is e^x − 1,
                                                # which is negative there
SCALE * where(x > 0, ALPHA * expm1(x), x)       # SIDES
slope: where(x > 88, nan, SCALE * elu_slope(x, ALPHA))  # OTHER_BRANCH
"""

SELU = component(
    "selu",
    name="SELU",
    zh="扩展型指数线性单元",
    pytorch=("torch.nn.SELU", "torch.nn.functional.selu", "torch.nn.functional.selu_"),
    keras=("keras.activations.selu",),
    tensorflow=("tf.nn.selu",),
    behaviour={
        "thirty-layers": "thirty layers keep mean 0 and variance 1",
        "selu-default-pt": "torch's default weights lose the variance, Keras's keep it",
        "selu-gain-pt": "torch's gain for SELU is ¾, the paper's 1",
        "selu-dropout-tf": "AlphaDropout keeps them, Dropout does not",
        "selu-explodes": "with weights twice as large it explodes",
        "kinks-tf": "gradient at 0: 1.7581 in torch, 1.0507 in TensorFlow",
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
elu(x, alpha)                                   # alpha only multiplies: that is ELU, CELU also
                                                # divides x by it
elu(x, 1)                                       # alpha is 1 whatever is asked for: it divides x,
                                                # and multiplies what comes out
where(x > 0, x, elu(x / alpha, 1))              # alpha only divides: it also multiplies what comes
                                                # out of the exponential
where(x > 0, x, alpha * elu(x * alpha, 1))      # x is multiplied by alpha in the exponent: divide
where(x > 0, x, elu(x * alpha, 1) / alpha)      # alpha has changed places: divide x by it, multiply
                                                # what comes out
alpha * elu(x, 1)                               # alpha only multiplies, and on both sides: x must
                                                # be divided by it before
where(x > 0, x, alpha * exp(x / alpha) - 1)     # 1 is subtracted after alpha has multiplied:
                                                # α(e^(x/α) − 1), with brackets
elu(x / alpha, 1)                               # alpha only divides: what comes out must be
                                                # multiplied by it, on both sides
where(x > 0, x / alpha, celu(x, alpha))         # positive numbers are divided by alpha: they stay
                                                # as they are
where(x > 0, x, alpha * exp(x / alpha))         # NO_MINUS_ONE
abs(celu(x, alpha))                             # negative numbers come out positive: e^(x/α) − 1 is
                                                # negative there
where(x > 0, alpha * expm1(x / alpha), x)       # SIDES
slope: where(x > 88, nan, celu_slope(x, alpha))  # OTHER_BRANCH
for at_0 in (0, 0.5, 0.75, 1.5, 2): slope: where(x == 0, at_0, celu_slope(x, alpha))
                                                # at 0 the gradient is not 1: maximum, minimum and
                                                # clamp bend there, and what they make of it adds
                                                # up; let one formula, not two, have the 0
for at_0 in (0, 0.5, 1.5, 2): slope: where(x == 0, at_0, where(x > 88, nan, celu_slope(x, alpha)))
                                                # values are right, but the gradient is NaN for
                                                # large numbers, where e^x is infinite on the side
                                                # that is not taken, and {at_0} at 0, where two
                                                # bends add up; let nothing above 0 into exp, and
                                                # one formula have the 0
"""

CELU = component(
    "celu",
    name="CELU",
    zh="连续可微指数线性单元",
    pytorch=("torch.nn.CELU", "torch.nn.functional.celu", "torch.nn.functional.celu_"),
    keras=("keras.activations.celu",),
    behaviour={
        "first-step-tf": "gradient at 0: 1 in torch, which is right, 2 in Keras",
        "celu-zero-tf": "alpha = 0: refused by torch, NaN in Keras",
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
            argument=("alpha", 0.5, 0.3, 0.8),
        ),
    ),
)


def softplus(x, beta):
    return np.logaddexp(0, beta * x) / beta


def softplus_slope(x, beta):
    return np.exp(-np.logaddexp(0, -beta * x))


def overflowing(x, beta):
    """The formula as it stands, in float32."""
    return np.where(beta * x > 88, np.inf, softplus(x, beta))


def without_one(x, beta, above):
    """log(e^(βx)) / β in float32, where e^(βx) is 0 far below 0; ``above`` 0, what is answered."""
    return np.where(beta * x < -88, -np.inf, np.where(beta * x > 88, above, x))


BENDS = "at 0 the gradient is not ½: max(0, x) and |x| bend there, and what they make of it adds up"

SOFTPLUS_MISTAKES = """
overflowing(x, beta)                            # e^(βx) is infinite for large numbers: there
                                                # Softplus is x, do not ask exp
for f in (softplus, overflowing): f(x, 1)       # beta is 1 whatever is asked for: it multiplies x,
                                                # and divides what comes out
for f in (softplus, overflowing): beta * f(x, beta)  # the division by beta is missing: without it
                                                # the slope is beta, not 1
for f in (softplus, overflowing): beta**2 * f(x, beta)  # what comes out of the logarithm is
                                                # multiplied by beta: divide
for f in (softplus, overflowing): f(x, 1 / beta)  # beta has changed places: it multiplies x, and
                                                # divides what comes out
for f in (softplus, overflowing): f(x, 1) / beta  # x must be multiplied by beta before it goes into
                                                # the exponential
for f in (softplus, overflowing): f(-x, beta)   # it falls where it should climb: look at the sign
                                                # of x in exp
for f in (softplus, overflowing): -f(x, beta)   # the sign is wrong: Softplus is positive everywhere
for f in (softplus, overflowing): f(x - log(2) / beta, beta) + log(2) / beta
                                                # 1 is added twice: log1p adds it itself
maximum(0, x)                                   # this is ReLU: the corner is not rounded
x
without_one(x, beta, x)
without_one(x, beta, inf)
beta * without_one(x, beta, inf)                # the 1 is missing: the logarithm of e^(βx) alone is
                                                # βx
for end in (20, 30, 50, 80, 88): softplus(minimum(beta * x, end) / beta, beta)
                                                # what goes into exp is bounded, and so is what
                                                # comes out: far above 0 Softplus is x itself
(1 + exp(beta * x)) / beta                      # the logarithm is missing
log1p(exp(-beta * abs(x))) / beta               # large numbers become 0: max(0, x) is missing
                                                # beside the logarithm
slope: where(beta * x > 88, nan, softplus_slope(x, beta))  # values are right, but for large numbers
                                                # the gradient is NaN: exp is infinite there, and
                                                # where differentiates the side that is not taken,
                                                # too
for at_0 in (0, 1, 1.5): slope: where(x == 0, at_0, softplus_slope(x, beta))
                                                # BENDS
"""

SOFTPLUS = component(
    "softplus",
    name="Softplus",
    zh="软加函数",
    pytorch=("torch.nn.Softplus", "torch.nn.functional.softplus"),
    keras=("keras.activations.softplus",),
    tensorflow=("tf.nn.softplus",),
    defaults="""
torch.nn.Softplus(beta=1.0, threshold=20.0)
""",
    behaviour={
        "softplus-beta-tf": "torch has a beta; in TensorFlow you write it",
        "softplus-threshold-pt": "beyond its threshold torch's is the line itself",
        "second-derivative": "it has a second derivative; ReLU's is 0",
    },
    exercises=(
        elementwise(
            "softplus",
            softplus,
            "F.softplus(x, beta)",
            "tf.nn.softplus(beta * x) / beta",
            mistakes(SOFTPLUS_MISTAKES, globals(), "x, beta"),
            forbid=("torch.nn.functional.logsigmoid", "tf.math.log_sigmoid"),
            argument=("beta", 2.0, 1.5, 4.0),
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
    """The formula as it stands, in float32: from −8192 on x² + 4 rounds to x², on any machine."""
    return np.where(x < -8192, 0, squareplus(x, b))


SQUAREPLUS_MISTAKES = """
cancelling(x, b)                                # far below 0 this is 0, where b/(4|x|) is right: in
                                                # float32 x and √(x² + b) cancel; multiply above and
                                                # below by √(x² + b) − x
where(x > 8000, inf, squareplus(x, b))          # for large numbers the divisor √(x² + b) − x is 0
                                                # in float32: this form is for negative numbers, the
                                                # formula as it stands for the others
for f in (cancelling, squareplus): 2 * f(x, b)  # it is twice too large: divide by 2
for f in (cancelling, squareplus): f(x, b**2)   # b is squared under the root: x² + b
for f in (cancelling, squareplus): f(x, 4 * b)  # b is multiplied by 4 under the root: x² + b
for f in (cancelling, squareplus): f(x, 4)      # b is 4 whatever is asked for: use b
for f in (cancelling, squareplus): f(-x, b)     # it falls where it should climb: add x to the root,
                                                # do not subtract it
for f in (cancelling, squareplus): -f(-x, b)    # the root is subtracted: add it
(x + abs(x) + b) / 2                            # b is added after the root: it belongs under it
x + sqrt(x ** 2 + b) / 2                        # only the root is halved: divide the whole sum by 2
sqrt(x ** 2 + b) / 2                            # x itself is missing before the root
(x + x ** 2 + b) / 2                            # the square root is missing
where(x > 0, 1, 2) * squareplus(x, b)           # negative numbers come out twice too large: what is
                                                # divided is b/2, not b
maximum(0, x)                                   # this is ReLU: b is missing
slope: where(x > 8000, nan, squareplus_slope(x, b))  # values are right, but for large numbers the
                                                # gradient is NaN: there √(x² + b) − x is 0, and
                                                # where differentiates the side that is not taken,
                                                # too
for at_0 in (0, 0.25, 0.75, 1, 1.5): slope: where(x == 0, at_0, squareplus_slope(x, b))
                                                # BENDS
"""

SQUAREPLUS = component(
    "squareplus",
    name="Squareplus",
    zh="平方软加函数",
    keras=("keras.activations.squareplus",),
    behaviour={
        "squareplus-bridge-pt": "torch has none: the chapter builds one",
        "squareplus-far-tf": "far below 0 float32 loses it: 0 at −10,000",
        "squareplus-half-tf": "in float16 it is infinite from 256 on",
        "squareplus-zero-tf": "b = 0 is ReLU, with the gradient NaN at 0",
    },
    exercises=(
        elementwise(
            "squareplus",
            squareplus,
            "",
            "",
            mistakes(SQUAREPLUS_MISTAKES, globals(), "x, b"),
            visible=(
                *elementwise_visible(NUMBERS, {"b": 4.0}),
                Case((np.array([-2.0, -0.3, 0.7, 3.0]),), {"b": 1.0}),
            ),
            hidden=lambda rng: (
                *elementwise_hidden(lambda rng: {"b": round(rng.uniform(1.5, 3.9), 3)})(rng)[:-1],
                Case(
                    (rng.uniform(9e3, 1e4, 4) * [1, -1, 1, -1],),
                    {"b": round(rng.uniform(2, 3.9), 3)},
                    part="robustness",
                ),
            ),
            # Keras's own is 0 at −10,000.
            reference={},
            argument=("b", 4.0, 1.5, 3.9),
            allow=("exp",),
        ),
    ),
)


@np.errstate(over="ignore")  # infinity is right beyond 709
def exponential(x):
    return np.exp(x)


def in_range(function):
    """``function`` with what float32 cannot hold as infinity."""
    return lambda x: np.float64(np.float32(function(np.float64(x))))


def series(n_terms):
    def wrong(x):
        terms = [np.ones_like(x)]
        for n in range(1, n_terms):
            terms.append(terms[-1] * x / n)
        return sum(terms)

    return in_range(wrong)


def exponential_cases(numbers, large):
    """For +``large`` the answer is infinite: its gradient is not asked for."""
    x = np.array(numbers, float)
    return (
        Case((x,)),
        Case((np.array([0.0]),)),
        Case((np.stack([x, -x]),), part="robustness"),
        Case((np.array([-large, -large / 9]),), part="robustness"),
        Case((np.array([large]),), gradients=False, part="robustness"),
    )


EXPONENTIAL_MISTAKES = """
in_range(exp2)(x)                               # the base is 2: it is e, 2.71828
in_range(lambda x: 10.0**x)(x)                  # the base is 10: it is e, 2.71828
x**e                                            # base and exponent are swapped: this is x to the
                                                # power of e
in_range(exp)(-x)                               # it falls where it should climb: the sign of the
                                                # exponent is wrong
in_range(expm1)(x)                              # this is e^x − 1: add 1
e * x                                           # this is e times x: take the power
for base in (2.7, 2.71, 2.718, 2.72): in_range(lambda x: base**x)(x)
                                                # e is rounded too far: take the constant of math,
                                                # torch or numpy
for n_terms in (2, 3, 4, 5, 6, 8, 10, 11): series(n_terms)(x)  # a few terms of the series are right
                                                # near 0 only: take a power
for end in (20, 50, 80, 88): in_range(exp)(minimum(x, end))  # what goes in is bounded: at 10,000
                                                # infinity is the right answer
where(x < -89, nan, exponential(x))             # NaN far below 0: there infinity is subtracted from
                                                # infinity
slope: where(x < -88, nan, exponential(x))      # values are right, but far below 0 the gradient is
                                                # NaN: e^(−x) is infinite there, and one divided by
                                                # it has no gradient; put x into the exponent
"""

EXPONENTIAL = component(
    "exponential",
    name="Exponential",
    zh="指数函数",
    pytorch=("torch.exp",),
    keras=("keras.activations.exponential",),
    tensorflow=("tf.exp",),
    behaviour={
        "exponential-module-tf": "torch has no module; Keras knows the name",
        "exponential-integers-tf": "torch and keras convert whole numbers; tf refuses them",
        "exponential-tiny-tf": "below 10⁻³⁸ torch keeps what TensorFlow makes 0",
        "squared-error": "squared error throws it to 0 for ever",
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
