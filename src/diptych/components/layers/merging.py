"""Merging layers: Add, Subtract, Multiply, Average, Maximum, Minimum, Concatenate and Dot."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

# Elementary operations that formulas use, for instance to keep a norm above 0.
OF_NUMBERS = ("maximum", "minimum")


def normal(rng, *shapes):
    return tuple(rng.normal(0, 1, shape) for shape in shapes)


def by_batch(a, b):
    """Both arrays with equally many axes: missing ones of size 1 are put behind the batch axis."""
    more = max(a.ndim, b.ndim)
    return tuple(x.reshape(x.shape[0], *[1] * (more - x.ndim), *x.shape[1:]) for x in (a, b))


def from_right(a, b):
    """Broadcast as operators do, if shapes allow it; for wrong answers."""
    return np.broadcast_arrays(a, b)


def behind(x, other):
    """``x`` with as many axes as ``other``: missing ones of size 1 are put at the end."""
    return x.reshape(*x.shape, *[1] * (other.ndim - x.ndim))


def add(a, b):
    a, b = by_batch(a, b)
    return a + b


ADD_MISTAKES = """
from_right(a, b)[0] + from_right(a, b)[1]
    # `+` compares the shapes from the last axis, so the batch of one tensor meets another axis of
    # the other tensor: first insert axes of size 1 after the batch
from_right(by_batch(a, b)[0], b)[0] + from_right(by_batch(a, b)[0], b)[1]
    # `b` gets no new axes: the tensor with fewer axes can be `a` or `b`
from_right(a, by_batch(a, b)[1])[0] + from_right(a, by_batch(a, b)[1])[1]
    # `a` gets no new axes: the tensor with fewer axes can be `a` or `b`
behind(a, b) + behind(b, a)
    # the new axes are at the end: insert them after the batch
by_batch(a, b)[0] + by_batch(a, b)[1].mean(0)
    # the mean over the batch is added: add each example to the same example
a[:, None] + b
    # a always gets a new axis: only the tensor with fewer axes needs one
from_right(a, b)[0] * from_right(a, b)[1]
by_batch(a, b)[0] * by_batch(a, b)[1]  # the tensors are multiplied: add them
by_batch(a, b)[0] - by_batch(a, b)[1]  # the second is subtracted: add it
add(a, b) / 2                          # the sum is halved: that is the average
add(a, b).sum(1)                       # the result is also summed over the time: keep each step
maximum(0, add(a, b))                  # negative sums become 0: remove the ReLU
concatenate(np.broadcast_arrays(*by_batch(a, b)), -1)
    # the tensors are concatenated: add them
"""


def two(rng, a, b, **fields):
    return Case(normal(rng, a, b), **fields)


ADD_EXERCISE = Exercise(
    "add",
    add,
    visible=(
        Case((np.array([[1.0, 2.0, 3.0], [-1.0, 0.5, 0.0]]), np.full((2, 3), 10.0))),
        two(default_rng(1), (2, 3), (2, 5, 3)),
        two(default_rng(2), (3, 4), (3, 3, 4)),
        two(default_rng(3), (2, 5, 3), (2, 3)),
        two(default_rng(4), (2, 3), (2, 5, 7, 3), part="robustness"),
    ),
    hidden=lambda rng: (
        two(rng, (3, 2), (3, 4, 2)),
        two(rng, (4, 4, 2), (4, 2)),
        two(rng, (1, 3), (1, 5, 3)),
        two(rng, (3, 3), (3, 3, 3)),
        two(rng, (2, 5, 3), (2, 5, 3), part="robustness"),
        two(rng, (2, 4, 3, 5), (2, 3, 5), part="robustness"),
    ),
    reference={
        "pytorch": """
def add_pt(a, b):
    while a.ndim < b.ndim:
        a = a.unsqueeze(1)
    while b.ndim < a.ndim:
        b = b.unsqueeze(1)
    return a + b
""",
        "tensorflow": "add_tf = lambda a, b: keras.layers.Add()([a, b])",
    },
    misconceptions=mistakes(ADD_MISTAKES, globals(), "a, b"),
    allow=OF_NUMBERS,
    elementwise=False,
)

ADD = component(
    "add",
    name="Add",
    zh="加法层",
    keras=("keras.layers.Add", "keras.layers.add"),
    calls="""
a + b | keras.layers.Add()([a, b])  # the layer aligns the batch, `+` aligns the last axes
""",
    behaviour={
        "add-ranks-tf": "`layers.Add` adds a vector of each example to all steps of its sequence",
        "add-square-tf": "if batch and time are equal, `+` adds along the time without an error",
        "add-vector-tf": "a vector without a batch: `+` broadcasts it, `Add` raises an error",
        "add-column-tf": "a bug of Keras 3.15: `Add` can add a column of shape (batch, 1) as a row",
        "add-depth": "with `Add` around each of 50 layers, the gradient reaches the first layer",
    },
    exercises=(ADD_EXERCISE,),
)


def subtract(a, b, upstream):
    return a - b, upstream, -upstream.sum(0)


Y, DA, DB = "a - b", "upstream", "-upstream.sum(0)"
SUBTRACT_MISTAKES = f"""
({Y}, {DA}, -upstream)          # b's gradient is not summed: sum it over the batch
({Y}, {DA}, upstream.sum(0))    # the sign of b's gradient is wrong: b is subtracted
({Y}, {DA}, -upstream.mean(0))  # b's gradient is averaged over the batch: sum it
({Y}, {DA}, -upstream.sum(1))   # b's gradient is summed over the features: sum over the batch
({Y}, {DA}, -upstream.sum())    # b's gradient is a single number: sum over the batch only
({Y}, ones_like(a), -ones_like(b))
({Y}, ones_like(a), full(b.shape, -float(len(a))))
    # both gradients ignore upstream: a's is upstream, b's is minus its sum over the batch
({Y}, {DA}, -ones_like(b))      # b's gradient ignores upstream: sum it over the batch
({Y}, -upstream, {DB})          # the sign of a's gradient is wrong: it is upstream itself
({Y}, {DB}, {DA})               # the two gradients are swapped: first a's, then b's
(b - a, {DA}, {DB})
(b - a, -upstream, -({DB}))     # the order is wrong: subtract b from a
"""


def gradient_case(rng, *shapes, **fields):
    return Case(normal(rng, *shapes), gradients=False, **fields)


SUBTRACT_EXERCISE = Exercise(
    "subtract",
    subtract,
    visible=(
        Case(
            (
                np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
                np.array([1.0, 0.0, -1.0]),
                np.array([[1.0, -1.0, 0.5], [2.0, 0.5, 0.0]]),
            ),
            gradients=False,
        ),
        gradient_case(default_rng(1), (3, 5), (5,), (3, 5)),
        gradient_case(default_rng(2), (3, 3), (3,), (3, 3)),
        gradient_case(default_rng(3), (1, 4), (4,), (1, 4), part="robustness"),
    ),
    hidden=lambda rng: (
        gradient_case(rng, (2, 5), (5,), (2, 5)),
        gradient_case(rng, (4, 4), (4,), (4, 4)),
        gradient_case(rng, (7, 1), (1,), (7, 1), part="robustness"),
    ),
    reference={
        "pytorch": """
def subtract_pt(a, b, upstream):
    a, b = (v.clone().requires_grad_() for v in (a, b))
    y = a - b
    return y.detach(), *torch.autograd.grad(y, (a, b), upstream)
""",
        "tensorflow": """
def subtract_tf(a, b, upstream):
    with tf.GradientTape() as tape:
        tape.watch([a, b])
        y = a - b
    return y, *tape.gradient(y, [a, b], upstream)
""",
    },
    misconceptions=mistakes(SUBTRACT_MISTAKES, globals(), "a, b, upstream"),
    allow=OF_NUMBERS,
    elementwise=False,
)

SUBTRACT = component(
    "subtract",
    name="Subtract",
    zh="减法层",
    keras=("keras.layers.Subtract", "keras.layers.subtract"),
    calls="""
a - b | keras.layers.Subtract()([a, b])  # the layer needs exactly two inputs
""",
    behaviour={"subtract-three-tf": "`layers.Subtract` needs exactly two inputs"},
    exercises=(SUBTRACT_EXERCISE,),
)


def multiply(a, gate, upstream):
    return a * gate, upstream * gate, (upstream * a).sum(-1, keepdims=True)


Y, DA, DG = "a * gate", "upstream * gate", "(upstream * a).sum(-1, keepdims=True)"
MULTIPLY_MISTAKES = f"""
({Y}, upstream * a, (upstream * gate).sum(-1, keepdims=True))
    # OWN
({Y}, upstream, upstream.sum(-1, keepdims=True))
    # these are the gradients of a sum: multiply upstream by the other factor
({Y}, upstream * a, upstream * gate)  # OWN
({Y}, gate, a)
({Y}, gate + 0 * a, a)
({Y}, gate + 0 * a, a.sum(-1, keepdims=True))
    # both gradients ignore upstream: multiply by it
({Y}, {DA}, a.sum(-1, keepdims=True))       
    # the gate's gradient ignores upstream: multiply by it
({Y}, {DA}, upstream * a)
    # the gate's gradient is not summed: all features have the same gate, so sum over them
({Y}, {DA}, (upstream * a).sum(-1))
    # the gate's gradient lost an axis: keep it, with size 1
({Y}, {DA}, (upstream * a).mean(-1, keepdims=True))
    # the gate's gradient is averaged: sum over the features
({Y}, {DA}, (upstream * gate).sum(-1, keepdims=True))
    # the gate's gradient contains the gate: multiply upstream by `a`
({Y}, upstream * a, {DG})
    # the gradient of `a` contains `a`: multiply upstream by the gate
({Y}, {DA}, (upstream * a).sum(0, keepdims=True))
    # the gate's gradient is summed over the batch: each example has its own gate
({Y}, {DA}, (upstream * a).sum())
    # the gate's gradient is a single number: each example has its own gate
({Y}, {DA}, upstream.sum(-1, keepdims=True) * a.sum(-1, keepdims=True))
    # upstream and a are summed separately: multiply first, then sum
({Y}, {DG}, {DA})                                   # the two gradients are swapped: first a's
(a + gate, {DA}, {DG})                              # the inputs are added: multiply them
"""

OWN = "each gradient contains its own factor: multiply upstream by the other factor"

MULTIPLY_EXERCISE = Exercise(
    "multiply",
    multiply,
    visible=(
        Case(
            (
                np.array([[2.0, -1.0, 3.0], [0.5, 4.0, 1.0]]),
                np.array([[0.5], [2.0]]),
                np.array([[1.0, 2.0, -1.0], [0.5, 3.0, 1.5]]),
            ),
            gradients=False,
        ),
        gradient_case(default_rng(1), (3, 5), (3, 1), (3, 5)),
        gradient_case(default_rng(2), (3, 3), (3, 1), (3, 3)),
        gradient_case(default_rng(3), (2, 5, 3), (2, 5, 1), (2, 5, 3), part="robustness"),
    ),
    hidden=lambda rng: (
        gradient_case(rng, (2, 5), (2, 1), (2, 5)),
        gradient_case(rng, (4, 4), (4, 1), (4, 4)),
        gradient_case(rng, (1, 7), (1, 1), (1, 7)),
        gradient_case(rng, (3, 2, 4), (3, 2, 1), (3, 2, 4), part="robustness"),
    ),
    reference={
        "pytorch": """
def multiply_pt(a, gate, upstream):
    a, gate = (v.clone().requires_grad_() for v in (a, gate))
    y = a * gate
    return y.detach(), *torch.autograd.grad(y, (a, gate), upstream)
""",
        "tensorflow": """
def multiply_tf(a, gate, upstream):
    with tf.GradientTape() as tape:
        tape.watch([a, gate])
        y = keras.layers.Multiply()([a, gate])
    return y, *tape.gradient(y, [a, gate], upstream)
""",
    },
    misconceptions=mistakes(MULTIPLY_MISTAKES, globals(), "a, gate, upstream"),
    allow=OF_NUMBERS,
    elementwise=False,
)

MULTIPLY = component(
    "multiply",
    name="Multiply",
    zh="乘法层",
    keras=("keras.layers.Multiply", "keras.layers.multiply"),
    calls="""
a * b | keras.layers.Multiply()([a, b])  # the layer accepts any number of inputs
""",
    behaviour={"merging-gradients": "the gradient of each factor of a product is the other factor"},
    exercises=(MULTIPLY_EXERCISE,),
)


def average(a, b, c):
    return (a + b + c) / 3


AVERAGE_MISTAKES = """
((a + b) / 2 + c) / 2                  # the third input counts twice: divide the sum by three
(a + (b + c) / 2) / 2                  # the first input counts twice: divide the sum by three
a + b + c                              # this is the sum: divide it by the number of inputs
(a + b + c) / 2                        # the sum of three is divided by two: divide it by three
(a + b) / 2                            # the third input is left out
(a + b + c) / len(a)                   # it is divided by the size of the batch: divide by three
(a + b + c) / a.size                   # it is divided by the number of elements: divide by three
a + b + c / 3                          # only the third input is divided: put the sum in brackets
concatenate([a, b, c]).mean(0)
(a + b + c).mean(0)                    # the average is also over the batch: keep each example
(a + b + c).mean(-1)                   # the average is also over the features: keep each feature
stack([a, b, c]).mean()
(a + b + c).mean()                     # the average is over all numbers: average the inputs
sort(stack([a, b, c]), 0)[1]           # this is the median: divide the sum by three
stack([a, b, c]).mean(-1)              # the mean is over the features: take it over the inputs
"""


def three(rng, *shape, **fields):
    return Case(normal(rng, shape, shape, shape), **fields)


AVERAGE_EXERCISE = Exercise(
    "average",
    average,
    visible=(
        Case(tuple(np.array([row, row[::-1]]) for row in ([1.0, 2.0], [3.0, 0.0], [-1.0, 7.0]))),
        three(default_rng(1), 4, 5),
        three(default_rng(2), 2, 3, 5, part="robustness"),
    ),
    hidden=lambda rng: (
        three(rng, 2, 5),
        three(rng, 5, 4),
        three(rng, 1, 4),
        three(rng, 7, part="robustness"),
        three(rng, 2, 4, 3, part="robustness"),
    ),
    reference={
        "pytorch": "average_pt = lambda a, b, c: torch.stack([a, b, c]).mean(0)",
        "tensorflow": "average_tf = lambda a, b, c: keras.layers.Average()([a, b, c])",
    },
    misconceptions=mistakes(AVERAGE_MISTAKES, globals(), "a, b, c"),
    allow=OF_NUMBERS,
    elementwise=False,
)

AVERAGE = component(
    "average",
    name="Average",
    zh="取平均值层",
    keras=("keras.layers.Average", "keras.layers.average"),
    calls="""
(a + b + c) / 3 | keras.layers.Average()([a, b, c])
torch.stack([a, b, c]).mean(0) | keras.layers.Average()([a, b, c])
""",
    behaviour={
        "average-integers-tf": "the mean of integers: an error in PyTorch, a float in Keras",
    },
    exercises=(AVERAGE_EXERCISE,),
)


def largest(a, b, c):
    return np.maximum(np.maximum(a, b), c)


def shared(upstream_gradient, a, b, c):
    """The gradient that the statement fixes: equal maxima share it equally."""
    won = np.stack([a, b, c]) == largest(a, b, c)
    return tuple(upstream_gradient * won / won.sum(0))


def nested(upstream_gradient, a, b, c):
    """The gradient of nested maxima of two in PyTorch: at a tie, each side gets half."""

    def left(x, y):
        return np.where(x == y, 0.5, x > y)

    pair = np.maximum(a, b)
    first, second = left(pair, c), left(a, b)
    return tuple(upstream_gradient * g for g in (first * second, first * (1 - second), 1 - first))


def ranked(upstream_gradient, *inputs):
    """The whole gradient goes to the first of the largest ``inputs``."""
    taken, gradients = np.zeros(inputs[0].shape), []
    for x in inputs:
        mine = (x == largest(*inputs)) * (1 - taken)
        taken = taken + mine
        gradients.append(upstream_gradient * mine)
    return tuple(gradients)


def won(a, b, c):
    return np.stack([a, b, c]) == largest(a, b, c)


MAXIMUM_MISTAKES = """
gradient: nested(upstream_gradient, a, b, c)
gradient: nested(upstream_gradient, b, c, a)[2:] + nested(upstream_gradient, b, c, a)[:2]
    # if all three are equal, one gets ½ and the others ¼: compare all three in one step
gradient: ranked(upstream_gradient, a, b, c)
    # at a tie the first input gets all of the gradient: divide it equally
gradient: ranked(upstream_gradient, c, b, a)[::-1]
    # at a tie the last input gets all of the gradient: divide it equally
gradient: tuple(upstream_gradient * won(a, b, c))
    # at a tie each input gets all of the gradient: divide it by their number
gradient: tuple(upstream_gradient * won(a, b, c) / 3)
    # without a tie the gradient is divided by three: divide by the number of largest inputs
gradient: tuple(upstream_gradient * won(a, b, c) * (won(a, b, c).sum(0) == 1))
    # at a tie all gradients are 0: divide the gradient equally
gradient: tuple(won(a, b, c) / won(a, b, c).sum(0))
    # the gradient ignores upstream: multiply by it
minimum(minimum(a, b), c)  # the result is the smallest number: return the largest
largest(abs(a), abs(b), abs(c))
    # the result has no signs: take the maximum of the numbers, not of their magnitudes
maximum(a, b)              # the third input is left out
maximum(0, largest(a, b, c))
    # negative numbers become 0: compare the inputs, and not 0
a + b + c                  # this is the sum: return the largest number
where(abs(a) >= maximum(abs(b), abs(c)), a, where(abs(b) >= abs(c), b, c))
    # the result has the largest magnitude: compare the numbers with their signs
"""


def ties(rng, *shape, n=3, **fields):
    """Few different whole numbers, so that many places have a tie."""
    return Case(tuple(rng.integers(-2, 2, shape).astype(float) for _ in range(n)), **fields)


MAXIMUM_EXERCISE = Exercise(
    "maximum",
    largest,
    visible=(
        Case(
            (
                np.array([[2.0, 1.0, 1.0, -3.0]]),
                np.array([[2.0, 1.0, 0.0, -1.0]]),
                np.array([[0.0, 1.0, -4.0, -2.0]]),
            )
        ),
        ties(default_rng(1), 4, 5),
        three(default_rng(2), 2, 3, 5, part="robustness"),
    ),
    hidden=lambda rng: (
        three(rng, 2, 5),
        ties(rng, 5, 6),
        ties(rng, 1, 8),
        ties(rng, 2, 3, 4, part="robustness"),
    ),
    gradient=shared,
    reference={
        "pytorch": "maximum_pt = lambda a, b, c: torch.stack([a, b, c]).amax(0)",
        "tensorflow": "maximum_tf = lambda a, b, c: tf.reduce_max(tf.stack([a, b, c]), 0)",
    },
    misconceptions=mistakes(MAXIMUM_MISTAKES, globals(), "a, b, c"),
    elementwise=False,
)

MAXIMUM = component(
    "maximum",
    name="Maximum",
    zh="取最大值层",
    keras=("keras.layers.Maximum", "keras.layers.maximum"),
    calls="""
torch.maximum(a, b) | keras.layers.Maximum()([a, b])
    # the gradients of two equal numbers are ½ and ½ in PyTorch, 1 and 0 in Keras
torch.stack([a, b, c]).amax(0) | tf.reduce_max(tf.stack([a, b, c]), axis=0)
    # if numbers are equal, both frameworks divide the gradient equally
""",
    behaviour={
        "tie-two-tf": "gradients of two equal numbers: ½ and ½ in PyTorch, 1 and 0 in Keras",
        "tie-three-tf": "three equal numbers: ¼, ¼, ½ with `torch.maximum`, 1, 0, 0 in Keras",
    },
    exercises=(MAXIMUM_EXERCISE,),
)


def to_the_first(upstream_gradient, a, b):
    """The gradient that the statement fixes: at a tie, the first input gets it."""
    return upstream_gradient * (a <= b), upstream_gradient * (a > b)


MINIMUM_MISTAKES = """
gradient: tuple(upstream_gradient * where(a == b, 0.5, less) for less in (a < b, a > b))
    # at a tie the gradient is halved: the first input gets all of it
gradient: (upstream_gradient * (a < b), upstream_gradient * (a >= b))
    # at a tie the second input gets the gradient: the first input gets all of it
gradient: (upstream_gradient * (a <= b), upstream_gradient * (a >= b))
    # at a tie both inputs get all of the gradient: the second input gets 0
gradient: (upstream_gradient * (a < b), upstream_gradient * (a > b))
    # at a tie both gradients are 0: the first input gets all of the gradient
gradient: (upstream_gradient * (a > b), upstream_gradient * (a <= b))
    # the larger number gets the gradient: the smaller number gets it
gradient: (1.0 * (a <= b), 1.0 * (a > b))
    # the gradient ignores upstream: multiply by it
maximum(a, b)                      # the result is the larger number: return the smaller
-minimum(a, b)
-maximum(a, b)                     # the result is negated: min(a, b) is −max(−a, −b)
where(abs(a) <= abs(b), a, b)      # the magnitudes are compared: compare the numbers
a * (a <= b)                       # where b is smaller, the result is 0: return b there
a * (a <= b) + b * (b <= a)        # at a tie the two numbers are added: return exactly one of them
a * (a < b) + b * (b < a)          # at a tie the result is 0: use ≤ in one condition
(a + b) / 2                        # this is the average: return the smaller number
"""

MINIMUM_EXERCISE = Exercise(
    "minimum",
    np.minimum,
    visible=(
        Case((np.array([[2.0, 1.0, -3.0, 0.5]]), np.array([[2.0, 4.0, -1.0, -0.5]]))),
        ties(default_rng(1), 3, 4, n=2),
        two(default_rng(2), (2, 3, 5), (2, 3, 5), part="robustness"),
    ),
    hidden=lambda rng: (
        two(rng, (2, 5), (2, 5)),
        ties(rng, 4, 5, n=2),
        ties(rng, 1, 8, n=2),
        ties(rng, 2, 3, 4, n=2, part="robustness"),
    ),
    gradient=to_the_first,
    reference={
        "pytorch": "minimum_pt = lambda a, b: torch.where(a <= b, a, b)",
        "tensorflow": "minimum_tf = lambda a, b: keras.layers.Minimum()([a, b])",
    },
    misconceptions=mistakes(MINIMUM_MISTAKES, globals(), "a, b"),
    elementwise=False,
)

MINIMUM = component(
    "minimum",
    name="Minimum",
    zh="取最小值层",
    keras=("keras.layers.Minimum", "keras.layers.minimum"),
    calls="""
torch.minimum(a, b) | keras.layers.Minimum()([a, b])
    # the gradients of equal numbers differ, as for `Maximum`
""",
    behaviour={"merging-nan-tf": "`Maximum` and `Minimum` return NaN if one input is NaN, in both"},
    exercises=(MINIMUM_EXERCISE,),
)


def concatenate(a, b, upstream, axis):
    cut = np.split(upstream, [a.shape[axis]], axis)
    return np.concatenate([a, b], axis), *cut


def join(a, b, axis):
    return np.concatenate([a, b], axis)


Y, DA, DB = (
    "join(a, b, axis)",
    "split(upstream, [a.shape[axis]], axis)[0]",
    "split(upstream, [a.shape[axis]], axis)[1]",
)
CONCATENATE_MISTAKES = f"""
({Y}, *array_split(upstream, 2, axis))
    # upstream is cut into two halves: cut it where a ends
({Y}, *split(upstream, [a.shape[-1]], -1))
    # upstream is cut along the last axis: cut along `axis`
({Y}, *split(upstream, [a.shape[1]], 1))
    # upstream is always cut along axis 1: cut along `axis`
({Y}, *split(upstream, [b.shape[axis]], axis)[::-1])
    # upstream is cut as if b came first: a comes first
({Y}, {DB}, {DA})              # the two gradients are swapped: a comes first
({Y}, *split(upstream, [b.shape[axis]], axis))
    # upstream is cut after the size of b: a comes first
({Y}, upstream, upstream)      # both gradients are all of upstream: each is a part of it
({Y}, ones_like(a), ones_like(b))
    # the gradients ignore upstream: cut upstream into two parts
(join(b, a, axis), *split(upstream, [b.shape[axis]], axis)[::-1])
(join(b, a, axis), {DA}, {DB})
(join(b, a, axis), {DB}, {DA}) # b comes first: join a and b in this order
(join(a, b, -1), {DA}, {DB})
(join(a, b, -1), *split(upstream, [a.shape[-1]], -1))
    # the tensors are always joined along the last axis: use `axis`
(stack([a, b], axis), {DA}, {DB})
    # the result has a new axis: join along an existing axis
"""


def concatenate_case(rng, a, b, axis, **fields):
    joined = list(a)
    joined[axis] += b[axis]
    return Case(normal(rng, a, b, joined), {"axis": axis}, gradients=False, **fields)


CONCATENATE_EXERCISE = Exercise(
    "concatenate",
    concatenate,
    visible=(
        concatenate_case(default_rng(1), (1, 2), (1, 1), -1),
        concatenate_case(default_rng(2), (2, 3, 4), (2, 2, 4), 1),
        concatenate_case(default_rng(3), (2, 3), (4, 3), 0),
        concatenate_case(default_rng(4), (2, 2, 3, 4), (2, 5, 3, 4), 1, part="robustness"),
        concatenate_case(default_rng(5), (2, 3, 4, 2), (2, 3, 4, 5), -1, part="robustness"),
    ),
    hidden=lambda rng: (
        concatenate_case(rng, (3, 5), (3, 2), 1),
        concatenate_case(rng, (2, 4, 3), (2, 1, 3), -2),
        concatenate_case(rng, (3, 4, 4), (3, 4, 4), 1),
        concatenate_case(rng, (2, 3, 4), (5, 3, 4), 0),
        concatenate_case(rng, (1, 3, 2, 5), (1, 3, 4, 5), 2, part="robustness"),
    ),
    reference={
        "pytorch": """
def concatenate_pt(a, b, upstream, axis):
    a, b = (v.clone().requires_grad_() for v in (a, b))
    y = torch.cat([a, b], axis)
    return y.detach(), *torch.autograd.grad(y, (a, b), upstream)
""",
        "tensorflow": """
def concatenate_tf(a, b, upstream, axis):
    with tf.GradientTape() as tape:
        tape.watch([a, b])
        y = keras.layers.Concatenate(axis)([a, b])
    return y, *tape.gradient(y, [a, b], upstream)
""",
    },
    misconceptions=mistakes(CONCATENATE_MISTAKES, globals(), "a, b, upstream, axis"),
    allow=OF_NUMBERS,
    elementwise=False,
)

CONCATENATE = component(
    "concatenate",
    name="Concatenate",
    zh="拼接层",
    keras=("keras.layers.Concatenate", "keras.layers.concatenate"),
    defaults="keras.layers.Concatenate(axis=-1)",
    calls="""
torch.cat([a, b], dim=1) | keras.layers.Concatenate()([a, b])
    # always pass the axis, because the default is 0 in PyTorch, and −1 in Keras
""",
    behaviour={
        "concatenate-default-tf": "default axis: the batch in PyTorch, the last axis in Keras",
        "concatenate-channels": "channels are axis 1 in PyTorch, and the last axis in Keras",
    },
    exercises=(CONCATENATE_EXERCISE,),
)


def norms(x, axis=-1):
    return np.maximum(np.sqrt((x**2).sum(axis, keepdims=True)), 1e-7)


def dots(a, b):
    return np.einsum("bid,bjd->bij", a, b)


def dot(a, b):
    return dots(a / norms(a), b / norms(b))


DOT_MISTAKES = """
dots(a, b)                                    # not divided by the norms: divide a and b by them
dots(a / norms(a), b)                         # only the first is divided by its norm: divide both
dots(a, b / norms(b))                         # only the second is divided by its norm: divide both
dots(a / norms(a) ** 2, b / norms(b) ** 2)    # divided by the squared norms: divide by the norms
dots(a / abs(a).sum(-1, keepdims=True), b / abs(b).sum(-1, keepdims=True))
    # divided by the sum of magnitudes: a norm is the root of the sum of squares
dots(a / norms(a, 1), b / norms(b, 1))        # the norms are over the steps: sum over the features
dots(a, b) / sqrt((a**2).sum() * (b**2).sum())
dots(a / norms(a, None), b / norms(b, None))  # one norm for all vectors: use one for each
dots(b / norms(b), a / norms(a))              # a and b are swapped: the output is (batch, m, n)
einsum("bid,cjd->bij", a / norms(a), b / norms(b))
    # the examples of b are summed: compare only steps of the same example
dots(a / sqrt((a**2).sum(-1, keepdims=True)), b / sqrt((b**2).sum(-1, keepdims=True)))
    # a vector of zeros gives 0 / 0: keep the norm above 0, so that the cosine is 0
dots(a, b) / a.shape[-1] ** 0.5               # divided by √d: divide by the norms
arccos(clip(dot(a, b), -1, 1))                # this is the angle: remove the arc cosine
1 - dot(a, b)                                 # this is 1 minus the cosine: return the cosine
"""

DOT_EXERCISE = Exercise(
    "dot",
    dot,
    visible=(
        Case((np.array([[[3.0, 4.0], [1.0, 0.0]]]), np.array([[[0.0, 2.0]]]))),
        two(default_rng(1), (2, 3, 5), (2, 4, 5)),
        two(default_rng(2), (3, 2, 2), (3, 2, 2)),
        Case(
            (np.array([[[0.0, 0.0], [3.0, 4.0]]]), np.array([[[1.0, 2.0]]])),
            gradients=False,
            part="robustness",
        ),
    ),
    hidden=lambda rng: (
        two(rng, (2, 4, 3), (2, 1, 3)),
        two(rng, (3, 3, 4), (3, 3, 4)),
        two(rng, (1, 2, 7), (1, 5, 7)),
        Case(
            (np.zeros((2, 2, 3)), rng.normal(0, 1, (2, 4, 3))), gradients=False, part="robustness"
        ),
    ),
    reference={
        "pytorch": "dot_pt = lambda a, b: F.cosine_similarity(a[:, :, None], b[:, None], -1)",
        "tensorflow": "dot_tf = lambda a, b: keras.layers.Dot(2, normalize=True)([a, b])",
    },
    misconceptions=mistakes(DOT_MISTAKES, globals(), "a, b"),
    allow=OF_NUMBERS,
    forbid=("torch.cosine_similarity", "keras.losses.cosine_similarity"),
    elementwise=False,
    rtol=1e-3,
)

DOT = component(
    "dot",
    name="Dot",
    zh="点积层",
    keras=("keras.layers.Dot", "keras.layers.dot"),
    calls="""
torch.einsum("bd,bd->b", a, b) | keras.layers.Dot(axes=1)([a, b])[:, 0]
    # the output of `layers.Dot` has the shape (batch, 1): index it with `[:, 0]`
F.cosine_similarity(a, b) | keras.layers.Dot(axes=1, normalize=True)([a, b])[:, 0]
    # the gradients differ for vectors with a norm below 1e-7
torch.einsum("bid,bjd->bij", a, b) | keras.layers.Dot(axes=2)([a, b])
""",
    behaviour={
        "dot-shape-tf": "one number for each example: (batch,) by `einsum`, (batch, 1) by `Dot`",
        "dot-short-tf": "the smallest norm in a cosine is 1e-8 in PyTorch, 1e-7 in Keras",
    },
    exercises=(DOT_EXERCISE,),
)

COMPONENTS = (ADD, SUBTRACT, MULTIPLY, AVERAGE, MAXIMUM, MINIMUM, CONCATENATE, DOT)
