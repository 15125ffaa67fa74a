"""Errata: widely read claims that are wrong, and three broken programs to repair."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes


def relu(x):
    return np.maximum(x, 0)


def normalized(h, eps, axis=0, ddof=0):
    """``h`` with mean 0 and variance 1, over the batch by default."""
    variance = h.var(axis, ddof=ddof, keepdims=True)
    return (h - h.mean(axis, keepdims=True)) / np.sqrt(variance + eps)


def repaired_block(x, weight, gamma, beta, eps):
    return relu(gamma * normalized(x @ weight, eps) + beta)


REPAIRED_BLOCK_MISTAKES = """
relu(gamma * normalized(x, eps) + beta)
    # the input is normalized, and x @ weight is not used: normalize x @ weight
relu(gamma * (normalized(x, eps) @ weight) + beta)
    # the input is normalized, before the product: normalize x @ weight
relu(x @ weight)
    # the normalization is missing between the product and the ReLU
gamma * normalized(x @ weight, eps) + beta
    # the ReLU is missing: negative outputs become 0
gamma * normalized(relu(x @ weight), eps) + beta
    # the ReLU comes before the normalization: apply it last
relu(gamma * normalized(x @ weight, eps, axis=1) + beta)
    # the mean is over the features of one example: take it over the batch
relu(gamma * normalized(x @ weight, eps, ddof=1) + beta)
    # the variance is divided by n − 1: divide it by n
relu(gamma * (x @ weight - mean(x @ weight, 0)) / (std(x @ weight, 0) + eps) + beta)
    # eps is added to the standard deviation: add it to the variance
relu(gamma * (x @ weight - mean(x @ weight, 0)) / (var(x @ weight, 0) + eps) + beta)
    # the root is missing: divide by the root of the variance plus eps
relu(gamma * normalized(x @ weight, 0) + beta)
for small in (1e-5, 1e-3): relu(gamma * normalized(x @ weight, small) + beta)
    # eps is not the argument: use eps
relu(gamma * (x @ weight) / sqrt(var(x @ weight, 0) + eps) + beta)
    # the mean is not subtracted
relu(beta * normalized(x @ weight, eps) + gamma)
    # gamma and beta have changed places: gamma is the factor
relu(normalized(x @ weight, eps))
    # gamma and beta are missing
relu(gamma * normalized(x @ weight, eps))
    # beta is missing: add it
relu(normalized(x @ weight, eps) + beta)
    # gamma is missing: multiply by it
"""


def block_case(rng, n, n_in, n_out, eps, part="values"):
    inputs = (
        rng.normal(0, 2, (n, n_in)),
        rng.normal(size=(n_in, n_out)),
        rng.uniform(0.5, 2, n_out) * rng.choice([-1, 1], n_out),
        rng.normal(size=n_out),
    )
    return Case(inputs, {"eps": eps}, part=part)


REPAIRED_BLOCK_EXERCISE = Exercise(
    "repaired_block",
    repaired_block,
    visible=(
        Case(
            (np.array([[1.0], [3.0]]), np.array([[2.0]]), np.array([3.0]), np.array([1.0])),
            {"eps": 5.0},
        ),
        block_case(default_rng(1), 5, 3, 3, 0.5),
        block_case(default_rng(2), 4, 2, 3, 0.1, "robustness"),
    ),
    hidden=lambda rng: (
        block_case(rng, 6, 3, 3, round(rng.uniform(0.3, 1), 3)),
        block_case(rng, 4, 4, 4, round(rng.uniform(0.3, 1), 3)),
        block_case(rng, 7, 3, 3, 0.01),
        block_case(rng, 5, 4, 2, 0.2, "robustness"),
        block_case(rng, 6, 2, 5, 1.0, "robustness"),
    ),
    reference={
        "pytorch": """
def repaired_block_pt(x, weight, gamma, beta, eps):
    h = F.batch_norm(x @ weight, None, None, gamma, beta, training=True, eps=eps)
    return F.relu(h)
""",
        "tensorflow": """
def repaired_block_tf(x, weight, gamma, beta, eps):
    h = x @ weight
    mean, variance = tf.nn.moments(h, 0)
    return tf.nn.relu(tf.nn.batch_normalization(h, mean, variance, beta, gamma, eps))
""",
    },
    misconceptions=mistakes(REPAIRED_BLOCK_MISTAKES, globals(), "x, weight, gamma, beta, eps"),
    elementwise=False,
    rtol=1e-3,
    atol=1e-4,
    kind="repair",
)


def of_each(x, y, w):
    """The gradient of the mean squared error, each prediction with its own target."""
    return 2 * x.T @ (x @ w - y[:, None]) / len(x)


def of_table(x, y, w):
    """The gradient if (n, 1) predictions meet (n,) targets: the mean over an n × n table."""
    return 2 * x.T @ (x @ w - y.mean()) / len(x)


def training(
    gradient=of_each,
    velocity=lambda v, g, momentum: momentum * v + g,
    added=False,
    moved=lambda v, g, momentum: v,
    count=lambda steps: steps,
    frozen=False,
):
    """Gradient descent with momentum; wrong answers differ in one or several arguments.

    ``added`` keeps the sum of all gradients, as PyTorch's ``.grad`` does, and ``frozen`` uses the
    gradient of the first step in all steps.
    """

    def answer(x, y, w, lr, momentum, steps):
        start, v, total = w, np.zeros_like(w), np.zeros_like(w)
        for _ in range(count(steps)):
            g = gradient(x, y, start if frozen else w)
            total = total + g
            g = total if added else g
            v = velocity(v, g, momentum)
            w = w - lr * moved(v, g, momentum)
        return w

    return answer


def no_momentum(v, g, momentum):
    return g


REPAIRED_TRAINING_MISTAKES = """
training(of_table, no_momentum, True)
    # all three errors are left: the shapes (n, 1) and (n,), the sum of all gradients, and the lost
    # velocity
training(of_table)
    # each prediction is compared with all targets: x @ w has the shape (n, 1), so give y this shape
training(velocity=no_momentum)
    # the momentum has no effect: keep the velocity from step to step
training(added=True)
    # each step uses the sum of all gradients so far: use the gradient of this step
training(of_table, no_momentum)
    # two errors are left: the shapes (n, 1) and (n,), and the lost velocity
training(of_table, added=True)
    # two errors are left: the shapes (n, 1) and (n,), and the sum of all gradients
training(velocity=no_momentum, added=True)
    # two errors are left: the sum of all gradients, and the lost velocity
training(lambda x, y, w: of_each(x, y, w) * len(x))
    # the loss is a sum: divide it by n
training(lambda x, y, w: of_each(x, y, w) / 2)
    # the gradient is half of the right one: the derivative of a square has the factor 2
training(velocity=lambda v, g, momentum: momentum * v + (1 - momentum) * g)
    # the new gradient is multiplied by 1 − momentum: add it as it is
training(moved=lambda v, g, momentum: g + momentum * v)
    # this is Nesterov's momentum: move by the velocity
training(moved=lambda v, g, momentum: -v)  # the step goes up the slope: subtract lr * v
training(count=lambda steps: int(steps > 0))  # only one step is made
training(count=lambda steps: steps + 1)  # there is one step too many
training(count=lambda steps: steps - 1)  # there is one step too few
training(frozen=True)
    # all steps use the gradient at the first weights: compute it anew in each step
training(of_table, frozen=True)
    # all steps use the gradient at the first weights, and each prediction is compared with all
    # targets
"""


def training_case(rng, n, d, lr, momentum, steps, part="values"):
    inputs = rng.normal(size=(n, d)), rng.normal(0, 2, n), rng.normal(size=(d, 1))
    arguments = {"lr": lr, "momentum": momentum, "steps": steps}
    return Case(inputs, arguments, gradients=False, part=part)


def drawn_training(rng, n, d, steps, part="values"):
    lr, momentum = round(rng.uniform(0.02, 0.1), 3), round(rng.uniform(0.3, 0.9), 3)
    return training_case(rng, n, d, lr, momentum, steps, part)


REPAIRED_TRAINING_EXERCISE = Exercise(
    "repaired_training",
    training(),
    visible=(
        Case(
            (np.array([[1.0], [2.0]]), np.array([2.0, 4.0]), np.array([[0.0]])),
            {"lr": 0.1, "momentum": 0.5, "steps": 2},
            gradients=False,
        ),
        training_case(default_rng(1), 5, 3, 0.1, 0.9, 4),
        training_case(default_rng(2), 4, 2, 0.1, 0.5, 0, "robustness"),
        training_case(default_rng(3), 1, 2, 0.05, 0.8, 3, "robustness"),
    ),
    hidden=lambda rng: (
        drawn_training(rng, 6, 3, 3),
        drawn_training(rng, 4, 1, 5),
        drawn_training(rng, 8, 4, 2),
        drawn_training(rng, 1, 3, 4, "robustness"),
        drawn_training(rng, 5, 2, 0, "robustness"),
    ),
    reference={
        "pytorch": """
def repaired_training_pt(x, y, w, lr, momentum, steps):
    w = w.clone().requires_grad_()
    sgd = torch.optim.SGD([w], lr=lr, momentum=momentum)
    for _ in range(steps):
        sgd.zero_grad()
        F.mse_loss(x @ w, y[:, None]).backward()
        sgd.step()
    return w.detach()
""",
        "tensorflow": """
def repaired_training_tf(x, y, w, lr, momentum, steps):
    w = tf.Variable(w)
    sgd = keras.optimizers.SGD(lr, momentum)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            loss = keras.losses.MeanSquaredError()(y[:, None], x @ w)
        sgd.apply([tape.gradient(loss, w)], [w])
    return tf.convert_to_tensor(w)
""",
    },
    misconceptions=mistakes(REPAIRED_TRAINING_MISTAKES, globals(), "", through=lambda made: made()),
    elementwise=False,
    rtol=1e-3,
    kind="repair",
)


def pairs_of(tables):
    """A rating from the two rows of each pair, for all sizes."""

    def answer(pairs, n_users, n_items, size, users, items):
        return tables(users[pairs[..., 0]], items[pairs[..., 1]])

    return answer


repaired_rating = pairs_of(lambda u, i: (u * i).sum(-1))

REPAIRED_RATING_MISTAKES = """
sum(u * i, 0)          # the sum is over the batch: take it over the numbers of a row
u * i                  # the products come back: add them up, for each pair
mean(u * i, -1)        # the mean comes back: return the sum of the products
sum(u * i)             # one number comes back for all pairs: return one for each pair
sum(u + i, -1)         # the two rows are added: multiply them, number by number
u @ swapaxes(i, -1, -2)  # each user is combined with each item: combine the two of a pair
sum(u * i, -1) / sqrt(u.shape[-1])  # the rating is divided by the root of the size: leave this out
sum(u * i, -1) / sqrt(sum(u**2, -1) * sum(i**2, -1))
                       # the rating is divided by the lengths of the rows: leave this out
1 / (1 + exp(-sum(u * i, -1)))  # the rating is between 0 and 1: leave the sigmoid out
sum(u * i, -1, keepdims=True)  # there is a last axis of size 1: return one number for each pair
"""
REPAIRED_RATING_MISTAKES_2 = """
sum(users[pairs[..., 1]] * items[pairs[..., 0]], -1)
    # the columns have changed places: the user is column 0, the item is column 1
sum(users[pairs[..., 0] - 1] * items[pairs[..., 1] - 1], -1)
    # the numbers are counted from 1: user 0 has the first row
sum(users[pairs[..., 0]] * users[pairs[..., 1]], -1)
    # both rows are from `users`: the item's row is from `items`
sum(items[pairs[..., 0]] * items[pairs[..., 1]], -1)
    # both rows are from `items`: the user's row is from `users`
"""


def rating_case(rng, n_users, n_items, size, shape, part="values"):
    """User and item of the first pair are different, as are the first two users."""
    pairs = np.stack([rng.integers(0, n_users, shape), rng.integers(0, n_items, shape)], -1)
    pairs.reshape(-1, 2)[0] = 0, 1
    return Case(
        (pairs,),
        {"n_users": n_users, "n_items": n_items, "size": size},
        weights={
            "users": rng.normal(size=(n_users, size)),
            "items": rng.normal(size=(n_items, size)),
        },
        part=part,
    )


REPAIRED_RATING_EXERCISE = Exercise(
    "repaired_rating",
    repaired_rating,
    visible=(
        Case(
            (np.array([[0, 1], [1, 0]]),),
            {"n_users": 2, "n_items": 3, "size": 2},
            weights={
                "users": np.array([[1.0, 2.0], [0.0, -1.0]]),
                "items": np.array([[3.0, 5.0], [10.0, 0.5], [4.0, 4.0]]),
            },
        ),
        rating_case(default_rng(1), 4, 4, 3, (3,)),
        rating_case(default_rng(2), 5, 3, 2, (2, 3), "robustness"),
    ),
    hidden=lambda rng: (
        rating_case(rng, 4, 6, 3, (5,)),
        rating_case(rng, 5, 5, 5, (5,)),
        rating_case(rng, 3, 3, 4, (4,)),
        rating_case(rng, 3, 4, 2, (1,), "robustness"),
        rating_case(rng, 6, 2, 3, (2, 2), "robustness"),
    ),
    reference={
        "pytorch": """
class repaired_rating_pt(nn.Module):
    def __init__(self, n_users, n_items, size):
        super().__init__()
        self.users = nn.Parameter(torch.randn(n_users, size))
        self.items = nn.Parameter(torch.randn(n_items, size))
    def forward(self, pairs):
        u = F.embedding(pairs[..., 0], self.users)
        return (u * F.embedding(pairs[..., 1], self.items)).sum(-1)
""",
        "tensorflow": """
class repaired_rating_tf(keras.layers.Layer):
    def __init__(self, n_users, n_items, size):
        super().__init__()
        self.users = self.add_weight(name="users", shape=(n_users, size))
        self.items = self.add_weight(name="items", shape=(n_items, size))
    def call(self, pairs):
        u = tf.nn.embedding_lookup(self.users.value, pairs[..., 0])
        i = tf.nn.embedding_lookup(self.items.value, pairs[..., 1])
        return tf.reduce_sum(u * i, -1)
""",
    },
    misconceptions=(
        *mistakes(REPAIRED_RATING_MISTAKES, globals(), "u, i", through=pairs_of),
        *mistakes(
            REPAIRED_RATING_MISTAKES_2, globals(), "pairs, n_users, n_items, size, users, items"
        ),
    ),
    targets=(0,),
    elementwise=False,
    kind="repair",
)

COMMON_ERRORS = component(
    "common_errors",
    kind="usage",
    name="Common errors",
    zh="常见错误",
    pytorch=("torch.nn.Embedding", "torch.optim.SGD", "torch.nn.Upsample"),
    keras=("keras.layers.Embedding", "keras.optimizers.SGD", "keras.Layer.add_weight"),
    calls="""
nn.Embedding(1000, 16) | keras.layers.Embedding(1000, 16)
    # the number of rows comes first; with swapped arguments, small ids raise no error
torch.optim.SGD([w], lr=1.0) | keras.optimizers.SGD(1.0)
    # PyTorch's optimizer needs the weights, Keras's gets them in `apply`; neither clips a gradient
""",
    behaviour={
        "thread-tf": "with targets (N,), a PyTorch loop compares all with all; `fit` does not",
        "selu-gradient-tf": "SELU keeps the size of the outputs, but its gradients grow",
        "net-tf": "BatchNorm on the wrong tensor is an error in PyTorch, and no error in Keras",
        "reversed-tf": "a table with swapped sizes accepts every id that is smaller than 16",
        "old-layer-tf": "three lines of Keras 2 layers raise an error or return something else",
        "old-saving-tf": "Keras 3 saves no folder: use a `.keras` file, or `export`",
        "margin-weights-pt": "`MultiMarginLoss` divides a weighted mean by N, and "
        "`CrossEntropyLoss` by the sum of the weights",
        "names-tf": "of twelve old names, `tf` has none, and `tf.compat.v1` has nine",
    },
    exercises=(
        REPAIRED_BLOCK_EXERCISE,
        REPAIRED_TRAINING_EXERCISE,
        REPAIRED_RATING_EXERCISE,
    ),
)

COMPONENTS = (COMMON_ERRORS,)
