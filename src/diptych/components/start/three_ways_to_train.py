"""Three ways to train: PyTorch's loop, TensorFlow's loop, Keras's fit, and their optimizers."""

import numpy as np

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

OPTIMIZERS = ("torch.optim", "keras.optimizers", "tf.compat.v1.train")


def descent(step=lambda g, first: g, *, factor=2.0, count=np.size, extra=0):
    """Gradient descent on the mean squared error; a misconception differs in one argument.

    ``step(g, first)`` computes what is subtracted, from the gradients here and at the start;
    ``count(y)`` is the divisor of the sum, and ``extra`` the number of steps too many.
    """

    def answer(x, y, w, lr, steps):
        def gradient(w):
            return factor * x.T @ (x @ w - y) / count(y)

        first = gradient(w)
        for _ in range(steps + extra):
            w = w - lr * step(gradient(w), first)
        return w

    return answer


def accumulated(x, y, w, lr, steps):
    total = 0
    for _ in range(steps):
        total = total + 2 * x.T @ (x @ w - y) / y.size
        w = w - lr * total
    return w


def of_absolute_error(x, y, w, lr, steps):
    for _ in range(steps):
        w = w - lr * x.T @ np.sign(x @ w - y) / y.size
    return w


def forgetful(x, y, w, lr, steps):
    for _ in range(steps):
        w = -lr * 2 * x.T @ (x @ w - y) / y.size
    return w


def linear_case(rng, n, d, k, lr, steps, part="values"):
    shapes = (n, d), (n, k), (d, k)
    inputs = tuple(rng.normal(0, 1, shape) for shape in shapes)
    return Case(inputs, {"lr": lr, "steps": steps}, gradients=False, part=part)


def hidden_linear(rng):
    return (
        linear_case(rng, 6, 3, 1, round(rng.uniform(0.05, 0.2), 3), 4),
        linear_case(rng, 4, 2, 1, round(rng.uniform(0.05, 0.2), 3), 7),
        linear_case(rng, 5, 2, 3, 0.1, 3, "robustness"),
        linear_case(rng, 1, 2, 1, 0.1, 2, "robustness"),
    )


X = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 3.0]])
Y = np.array([[1.0], [2.0], [5.0]])

TRAIN_LINEAR_MISTAKES = """
accumulated(x, y, w, lr, steps)  # each step uses the sum of all gradients so far: they add up until
                                 # set to zero
w                                # the weights come back as they were: is the step assigned to them?
descent()(x, y, w, lr, 1)        # this is a single step: take as many as steps says
of_absolute_error(x, y, w, lr, steps)
                                 # the loss is the mean absolute error: square the differences
forgetful(x, y, w, lr, steps)    # the weights become the step itself: subtract it from them
descent()(x, y, w, 1.0, steps)   # the rate is 1 whatever is asked for: multiply the gradient by lr
"""

TRAIN_LINEAR_MISTAKES_2 = """
descent(count=lambda y: 1)       # the steps are too long: the loss is the mean of the squares, not
                                 # their sum
descent(factor=1.0)              # the steps are half as long: the gradient of a square has a factor
                                 # of 2
descent(count=len)               # with several outputs the steps are too long: the mean is over all
                                 # numbers of y, not over its rows
descent(extra=-1)                # this is one step short: count from 0 to steps − 1
descent(extra=1)                 # this is one step too many
descent(lambda g, first: -g)     # ASCENT
descent(lambda g, first: first)  # every step uses the gradient at the start: predict and
                                 # differentiate in each step
"""

TRAIN_LINEAR = Exercise(
    answer="train_linear",
    oracle=descent(),
    visible=(
        Case((X, Y, np.zeros((2, 1))), {"lr": 0.1, "steps": 3}, gradients=False),
        Case(
            (X, np.hstack([Y, -2 * Y]), np.ones((2, 2))),
            {"lr": 0.05, "steps": 2},
            gradients=False,
            part="robustness",
        ),
        Case((X, Y, np.ones((2, 1))), {"lr": 0.1, "steps": 0}, gradients=False, part="robustness"),
    ),
    hidden=hidden_linear,
    reference={
        "pytorch": """
def train_linear_pt(x, y, w, lr, steps):
    w = w.clone().requires_grad_()
    sgd = torch.optim.SGD([w], lr=lr)
    for _ in range(steps):
        loss = F.mse_loss(x @ w, y)
        sgd.zero_grad()
        loss.backward()
        sgd.step()
    return w
""",
        "tensorflow": """
def train_linear_tf(x, y, w, lr, steps):
    w = tf.Variable(w)
    sgd = keras.optimizers.SGD(lr)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            loss = keras.losses.MeanSquaredError()(y, x @ w)
        sgd.apply([tape.gradient(loss, w)], [w])
    return tf.convert_to_tensor(w)
""",
    },
    misconceptions=(
        *mistakes(TRAIN_LINEAR_MISTAKES, globals(), "x, y, w, lr, steps"),
        *mistakes(TRAIN_LINEAR_MISTAKES_2, globals(), "", through=lambda made: made()),
    ),
    difficulty=3,
)


PYTORCH_TRAINING = component(
    "pytorch_training",
    name="The training loop of PyTorch",
    zh="训练套路 PyTorch",
    pytorch=(
        "torch.optim.Optimizer.zero_grad",
        "torch.Tensor.backward",
        "torch.optim.Optimizer.step",
    ),
    defaults="""
torch.optim.SGD(lr=0.001)
torch.optim.Adam(eps=1e-08)
torch.optim.RMSprop(lr=0.01, alpha=0.99, eps=1e-08)
torch.optim.Adagrad(lr=0.01, initial_accumulator_value=0, eps=1e-10)
""",
    calls="""
loss.backward() | tape.gradient(loss, weights)  # PyTorch adds each gradient to `.grad`; the
    # tape returns a list of gradients
optimizer.step() | optimizer.apply(gradients, weights)  # in Keras you pass the
    # gradients and the weights in every step
""",
    behaviour={
        "no-backward-pt": "optimizers have no `backward`: in PyTorch the loss has it",
        "momentum-tf": "with momentum, a lower learning rate works immediately in PyTorch, and "
        "only slowly in Keras",
    },
    exercises=(TRAIN_LINEAR,),
)


def recurrence(step, *, zeros=1):
    """An optimizer over the gradients ``g``, (steps, …), from ``w``.

    ``step(t, g, state, **arguments)`` returns what is subtracted, and the new state, of which
    ``zeros`` arrays start at 0; ``t`` counts from 1.
    """

    def answer(w, g, *more, **arguments):
        state = [np.zeros_like(w) for _ in range(zeros)]
        for t, gradient in enumerate(g, start=1):
            at_t = [rates[t - 1] for rates in more]
            moved, state = step(t, gradient, state, *at_t, **arguments)
            w = w - moved
        return w

    return answer


def run_case(rng, steps, shape, arguments, part="values", rates=False):
    inputs = rng.normal(0, 1, shape), rng.normal(0, 1, (steps, *shape))
    if rates:
        inputs += (rng.uniform(0.05, 0.5, steps),)
    return Case(inputs, arguments, gradients=False, part=part)


def momentum_step(t, g, state, lr, momentum):
    (v,) = state
    v = momentum * v + g
    return lr * v, [v]


def momentum_of(velocity, moved=lambda v, g, lr, momentum: lr * v):
    """Momentum with another ``velocity(v, g, lr, momentum)`` or another step."""

    def step(t, g, state, lr, momentum):
        v = velocity(state[0], g, lr, momentum)
        return moved(v, g, lr, momentum), [v]

    return recurrence(step)


def momentum_too_late(w, g, lr, momentum):
    v = np.zeros_like(w)
    for gradient, rate in zip(g, lr, strict=True):
        w, v = w - rate * v, momentum * v + gradient
    return w


def hidden_momentum(rng):
    arguments = {"momentum": round(rng.uniform(0.5, 0.9), 3)}
    return (
        run_case(rng, 5, (4,), arguments, rates=True),
        run_case(rng, 8, (2,), arguments, rates=True),
        run_case(rng, 3, (2, 3), arguments, "robustness", rates=True),
    )


STARTS = np.array([1.0, -2.0])
GRADIENTS = np.array([[0.5, -1.0], [0.25, 2.0], [-0.5, 0.0], [1.0, 0.5]])

MOMENTUM_MISTAKES = """
momentum_of(lambda v, g, lr, mu: mu * v + lr * g, lambda v, g, lr, mu: v)
                                                  # this is Keras's form, with the rate inside the
                                                  # velocity: PyTorch multiplies by the rate of the
                                                  # step when it moves the weights
momentum_of(lambda v, g, lr, mu: mu * v + (1 - mu) * g)  # the gradient is multiplied by 1 −
                                                  # momentum: PyTorch adds all of it
momentum_of(lambda v, g, lr, mu: mu * v + g, lambda v, g, lr, mu: lr * (g + mu * v))
                                                  # this is Nesterov's momentum, which looks a step
                                                  # ahead: move by the velocity alone
momentum_of(lambda v, g, lr, mu: g)               # nothing is kept from step to step: the velocity
                                                  # remembers earlier gradients
momentum_of(lambda v, g, lr, mu: v + mu * g)      # momentum multiplies the gradient: it multiplies
                                                  # the velocity that is there already
momentum_of(lambda v, g, lr, mu: v + g)           # the velocity never fades: multiply the old one
                                                  # by momentum
momentum_of(lambda v, g, lr, mu: mu * v + g, lambda v, g, lr, mu: -lr * v)
                                                  # ASCENT
momentum_of(lambda v, g, lr, mu: mu * (v + g))    # momentum multiplies the new gradient, too: it
                                                  # multiplies the old velocity alone
momentum_of(lambda v, g, lr, mu: mu * v + g, lambda v, g, lr, mu: v)
                                                  # the weights move by the whole velocity: multiply
                                                  # it by the rate of the step
momentum_of(lambda v, g, lr, mu: 0.9 * v + g)     # momentum is 0.9 whatever is asked for: use the
                                                  # argument
"""

MOMENTUM_MISTAKES_2 = """
momentum_too_late(w, g, lr, momentum)             # the weights move by the velocity of the step
                                                  # before: update the velocity first
recurrence(momentum_step)(w, g, full_like(lr, lr[0]), momentum=momentum)
                                                  # every step uses the first rate: there is one for
                                                  # each step
recurrence(momentum_step)(w, g[1:], lr[1:], momentum=momentum)
                                                  # the first gradient is left out: begin with g[0]
"""

MOMENTUM = Exercise(
    answer="momentum",
    oracle=recurrence(momentum_step),
    visible=(
        Case(
            (STARTS, GRADIENTS, np.array([0.1, 0.1, 0.01, 0.2])),
            {"momentum": 0.9},
            gradients=False,
        ),
        Case(
            (STARTS[:, None], GRADIENTS[:2, :, None], np.array([0.1, 0.05])),
            {"momentum": 0.5},
            gradients=False,
            part="robustness",
        ),
    ),
    hidden=hidden_momentum,
    reference={
        "pytorch": """
def momentum_pt(w, g, lr, momentum):
    w = w.clone().requires_grad_()
    sgd = torch.optim.SGD([w], momentum=momentum)
    for w.grad, rate in zip(g, lr):
        sgd.param_groups[0]["lr"] = rate.item()
        sgd.step()
    return w
""",
    },
    forbid=OPTIMIZERS,
    misconceptions=(
        *mistakes(MOMENTUM_MISTAKES, globals(), "", through=lambda made: made()),
        *mistakes(MOMENTUM_MISTAKES_2, globals(), "w, g, lr, momentum"),
    ),
)


def adam_of(
    moved=lambda m, v, c1, c2, lr, eps: lr * np.sqrt(c2) / c1 * m / (np.sqrt(v) + eps),
    *,
    first=lambda m, g, beta_1: beta_1 * m + (1 - beta_1) * g,
    second=lambda v, g, beta_2: beta_2 * v + (1 - beta_2) * g**2,
    count=lambda t: t,
):
    """Adam as Keras has it, or with another step, moments, or count of steps.

    ``c1`` and ``c2`` are the corrections 1 − βᵗ.
    """

    def step(t, g, state, lr, beta_1, beta_2, eps):
        m, v = first(state[0], g, beta_1), second(state[1], g, beta_2)
        c1, c2 = 1 - beta_1 ** count(t), 1 - beta_2 ** count(t)
        return moved(m, v, c1, c2, lr, eps), [m, v]

    return recurrence(step, zeros=2)


def carried_over(*, rate):
    """Adam whose corrected rate, or else whose corrected means, go into the next step."""

    def answer(w, g, lr, beta_1, beta_2, eps):
        m = v = np.zeros_like(w)
        for t, gradient in enumerate(g, start=1):
            m = beta_1 * m + (1 - beta_1) * gradient
            v = beta_2 * v + (1 - beta_2) * gradient**2
            c1, c2 = 1 - beta_1**t, 1 - beta_2**t
            if rate:
                lr = lr * np.sqrt(c2) / c1
            else:
                m, v = m / c1, v / c2
            w = w - lr * m / (np.sqrt(v) + eps)
        return w

    return answer


def hidden_adam(rng):
    arguments = {
        "lr": round(rng.uniform(0.05, 0.5), 3),
        "beta_1": 0.9,
        "beta_2": 0.99,
        "eps": round(rng.uniform(0.05, 0.3), 3),
    }
    return (
        run_case(rng, 5, (4,), arguments),
        run_case(rng, 3, (3,), arguments | {"beta_1": 0.5, "beta_2": 0.8}),
        run_case(rng, 2, (2, 3), arguments, "robustness"),
        run_case(rng, 4, (3,), arguments | {"eps": 1e-7}, "robustness"),
    )


ADAM_MISTAKES = """
adam_of(lambda m, v, c1, c2, lr, eps: lr * m / c1 / (sqrt(v / c2) + eps))
                                                  # this is PyTorch's form, with ε beside the
                                                  # corrected root: Keras adds it to the root of the
                                                  # uncorrected mean
carried_over(rate=False)                          # the corrected means go into the next step: keep
                                                  # them uncorrected
carried_over(rate=True)                           # the corrected rate is corrected again in the
                                                  # next step: begin each with lr
adam_of(lambda m, v, c1, c2, lr, eps: lr * m / (sqrt(v) + eps))  # the means start at 0 and are not
                                                  # corrected for it: the rate is multiplied by √(1
                                                  # − β₂ᵗ) / (1 − β₁ᵗ)
adam_of(lambda m, v, c1, c2, lr, eps: lr / c1 * m / (sqrt(v) + eps))
                                                  # only the mean of the gradients is corrected:
                                                  # multiply by √(1 − β₂ᵗ), too
adam_of(lambda m, v, c1, c2, lr, eps: lr * sqrt(c2) * m / (sqrt(v) + eps))
                                                  # only the mean of the squares is corrected:
                                                  # divide by 1 − β₁ᵗ, too
adam_of(lambda m, v, c1, c2, lr, eps: lr * c2 / c1 * m / (sqrt(v) + eps))
                                                  # the correction of the squares lacks its root: it
                                                  # is √(1 − β₂ᵗ)
adam_of(count=lambda t: t - 1)                    # the steps are counted from 0, and 1 − β⁰ is 0:
                                                  # count from 1
adam_of(count=lambda t: 1)                        # every step is corrected like the first: β is
                                                  # raised to the number of the step
adam_of(lambda m, v, c1, c2, lr, eps: lr * sqrt(c2) / c1 * m / sqrt(v + eps))
                                                  # ε stands inside the root: it is added outside
adam_of(lambda m, v, c1, c2, lr, eps: lr * m / c1 / sqrt(v / c2 + eps))
                                                  # ε stands inside the root, and beside the
                                                  # corrected mean: it is added outside, to the root
                                                  # of the uncorrected one
adam_of(lambda m, v, c1, c2, lr, eps: lr * sqrt(c2) / c1 * m / (v + eps))
                                                  # the root of the mean of squares is missing
adam_of(first=lambda m, g, beta: (1 - beta) * m + beta * g,
        second=lambda v, g, beta: (1 - beta) * v + beta * g**2)
                                                  # β multiplies the new gradient: it multiplies the
                                                  # old mean, 1 − β the new
adam_of(lambda m, v, c1, c2, lr, eps: lr * sqrt(c2) / c1 * m / (abs(v) + eps),
        second=lambda v, g, beta: beta * v + (1 - beta) * g)
                                                  # the second mean is of the squared gradient, not
                                                  # of the gradient
adam_of(lambda m, v, c1, c2, lr, eps: -lr * sqrt(c2) / c1 * m / (sqrt(v) + eps))
                                                  # ASCENT
adam_of(count=lambda t: t + 1)                    # the steps are counted from 2: count from 1
adam_of(count=lambda t: maximum(t - 1, 1))            # the steps are counted from 0: count from 1
adam_of(first=lambda m, g, beta: beta * m + g)    # 1 − β₁ is missing before the gradient
adam_of(second=lambda v, g, beta: beta * v + g**2)  # 1 − β₂ is missing before the squared gradient
adam_of(first=lambda m, g, beta: beta * m + g, second=lambda v, g, beta: beta * v + g**2)
                                                  # 1 − β is missing before the gradient, and before
                                                  # its square
adam_of(lambda m, v, c1, c2, lr, eps: lr * sqrt(c2) / c1 * m / sqrt(v))
                                                  # ε is nowhere: add it to the root
adam_of(lambda m, v, c1, c2, lr, eps: lr * sqrt(c2) / c1 * m / (sqrt(abs(v)) + eps),
        second=lambda v, g, beta: beta * v + (1 - beta) * g)
                                                  # the second mean is of the squared gradient, not
                                                  # of the gradient
"""
ADAM_MISTAKES_2 = """
adam_of()(w, g, lr=lr, beta_1=beta_2, beta_2=beta_1, eps=eps)
                                                  # β₁ and β₂ have changed places: β₁ belongs to the
                                                  # mean of the gradients
adam_of(first=lambda m, g, beta: beta_2 * m + (1 - beta_2) * g,
        second=lambda v, g, beta: beta_1 * v + (1 - beta_1) * g**2)(w, g, lr=lr, beta_1=beta_1,
        beta_2=beta_2, eps=eps)
                                                  # β₁ and β₂ have changed places in the means: β₁
                                                  # belongs to the mean of the gradients
adam_of()(w, g, lr=lr, beta_1=0.9, beta_2=beta_2, eps=eps)
                                                  # β₁ is 0.9 whatever is asked for: use the
                                                  # argument
"""

ADAM = Exercise(
    answer="adam",
    oracle=adam_of(),
    visible=(
        Case(
            (STARTS, GRADIENTS),
            {"lr": 0.1, "beta_1": 0.9, "beta_2": 0.99, "eps": 0.1},
            gradients=False,
        ),
        Case(
            (STARTS, GRADIENTS[:1]),
            {"lr": 0.1, "beta_1": 0.9, "beta_2": 0.99, "eps": 0.1},
            gradients=False,
        ),
        Case(
            (STARTS[:, None], GRADIENTS[:2, :, None]),
            {"lr": 0.1, "beta_1": 0.9, "beta_2": 0.999, "eps": 1e-7},
            gradients=False,
            part="robustness",
        ),
    ),
    hidden=hidden_adam,
    reference={
        "tensorflow": """
def adam_tf(w, g, lr, beta_1, beta_2, eps):
    w = tf.Variable(w)
    adam = keras.optimizers.Adam(lr, beta_1, beta_2, eps)
    for gradient in g:
        adam.apply([gradient], [w])
    return tf.convert_to_tensor(w)
""",
    },
    forbid=OPTIMIZERS,
    misconceptions=(
        *mistakes(ADAM_MISTAKES, globals(), "", through=lambda made: made()),
        *mistakes(ADAM_MISTAKES_2, globals(), "w, g, lr, beta_1, beta_2, eps"),
    ),
)


def adagrad_of(
    moved=lambda g, a, before, eps: g / np.sqrt(a + eps),
    total=lambda a, g, start: a + g**2,
    start_at=lambda start: start,
):
    """Adagrad as Keras has it, or with another step, sum or start."""

    def answer(w, g, lr, start, eps):
        a = np.full_like(w, start_at(start))
        for gradient in g:
            before, a = a, total(a, gradient, start)
            w = w - lr * moved(gradient, a, before, eps)
        return w

    return answer


def hidden_adagrad(rng):
    arguments = {
        "lr": round(rng.uniform(0.1, 0.5), 3),
        "start": round(rng.uniform(0.1, 0.5), 3),
        "eps": round(rng.uniform(0.05, 0.3), 3),
    }
    return (
        run_case(rng, 5, (4,), arguments),
        run_case(rng, 2, (3,), arguments),
        run_case(rng, 3, (2, 3), arguments, "robustness"),
        run_case(rng, 4, (3,), arguments | {"eps": 1e-7}, "robustness"),
    )


ADAGRAD_MISTAKES = """
adagrad_of(lambda g, a, before, eps: g / (sqrt(a) + eps))  # this is PyTorch's form, with ε outside
                                                  # the root: Keras has it inside
adagrad_of(start_at=lambda start: 0.0)            # the sum starts at 0, as PyTorch's does: it
                                                  # starts at start
adagrad_of(lambda g, a, before, eps: g / (sqrt(a) + eps), start_at=lambda start: 0.0)
                                                  # this is PyTorch's Adagrad: in Keras the sum
                                                  # begins at start, and ε is inside the root
adagrad_of(lambda g, a, before, eps: g / sqrt(before + eps))  # the step is divided by the sum of
                                                  # the step before: add the new square first
adagrad_of(total=lambda a, g, start: start + g ** 2)  # only the latest square is in the sum: it
                                                  # keeps all of them
adagrad_of(total=lambda a, g, start: a + g)       # the gradients are added up as they are: add
                                                  # their squares
adagrad_of(total=lambda a, g, start: a + abs(g))  # the sizes of the gradients are added up: add
                                                  # their squares
adagrad_of(lambda g, a, before, eps: g / (a + eps))  # the root is missing: divide by √(a + ε)
adagrad_of(total=lambda a, g, start: 0.9 * a + 0.1 * g ** 2)  # old squares fade, as in RMSprop:
                                                  # Adagrad adds and never forgets
adagrad_of(lambda g, a, before, eps: g / sqrt(a))  # ε is nowhere: it stands inside the root
adagrad_of(lambda g, a, before, eps: -g / sqrt(a + eps))  # ASCENT
adagrad_of(total=lambda a, g, start: a + sum(g**2))  # all weights share one sum: each has its own
"""

ADAGRAD = Exercise(
    answer="adagrad",
    oracle=adagrad_of(),
    visible=(
        Case((STARTS, GRADIENTS), {"lr": 0.1, "start": 0.1, "eps": 0.25}, gradients=False),
        Case(
            (STARTS[:, None], GRADIENTS[:2, :, None]),
            {"lr": 0.1, "start": 0.5, "eps": 1e-7},
            gradients=False,
            part="robustness",
        ),
    ),
    hidden=hidden_adagrad,
    reference={
        "tensorflow": """
def adagrad_tf(w, g, lr, start, eps):
    w = tf.Variable(w)
    adagrad = keras.optimizers.Adagrad(lr, start, eps)
    for gradient in g:
        adagrad.apply([gradient], [w])
    return tf.convert_to_tensor(w)
""",
    },
    forbid=OPTIMIZERS,
    misconceptions=mistakes(ADAGRAD_MISTAKES, globals(), "", through=lambda made: made()),
)


KERAS_TRAINING = component(
    "keras_training",
    name="Compile and fit in Keras",
    zh="训练套路 Keras",
    keras=("keras.Model.compile", "keras.Model.fit", "keras.Layer.add_loss"),
    defaults="""
keras.Model.fit(shuffle=True)
keras.optimizers.SGD(learning_rate=0.01)
keras.optimizers.Adam(epsilon=1e-07)
keras.optimizers.RMSprop(learning_rate=0.001, rho=0.9, epsilon=1e-07)
keras.optimizers.Adagrad(learning_rate=0.001, initial_accumulator_value=0.1, epsilon=1e-07)
""",
    calls="""
torch.utils.data.DataLoader(days, batch_size=32) | days.batch(32)
                                     # `fit` also takes arrays, and shuffles them by default
torch.optim.SGD(trained.parameters(), lr=0.1) | keras.optimizers.SGD(learning_rate=0.1)
                                     # in Keras, pass the optimizer to `compile`; always pass the
                                     # learning rate, because the defaults are different
""",
    behaviour={
        "add-loss-refused": "a layer can call `add_loss`; for a functional model it is an error",
        "running-mean": "the loss that `fit` prints is the mean of the epoch so far",
        "shuffle-tf": "`fit` shuffles arrays by default; `DataLoader` does not",
        "first-step-tf": "with tiny gradients, Adam makes much smaller steps in Keras: ε has a "
        "different position in the formula",
    },
    exercises=(MOMENTUM, ADAM, ADAGRAD),
)

THREE_WAYS_COMPARED = component(
    "three_ways_compared",
    name="Three ways compared",
    zh="三者比较",
    pytorch=("torch.nn.Module",),
    keras=("keras.Model",),
    calls="""
net(x) | net(x, training=True)  # without `training=True`, a Keras network that you
    # call yourself runs in inference mode
""",
    behaviour={
        "three-agree": "with the same weights and batches, all three ways give the same losses",
        "measured": "`fit` needs the fewest statements, but the loss of each step costs eight more",
    },
)

COMPONENTS = (PYTORCH_TRAINING, KERAS_TRAINING, THREE_WAYS_COMPARED)
