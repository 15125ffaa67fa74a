"""Embeddings: Embedding, EmbeddingBag and ReversibleEmbedding."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes


def accumulated(upstream, ids, n_rows):
    """The gradient of a table of ``n_rows``: each id adds its row of ``upstream``."""
    gradient = np.zeros((n_rows, upstream.shape[-1]))
    np.add.at(gradient, ids.ravel(), upstream.reshape(-1, upstream.shape[-1]))
    return gradient


def embedding(weight, ids, padding_idx):
    """The padding gets a gradient, but counts nowhere else."""
    return weight[ids]


def gradient_but(rows, upstream, weight, ids):
    """The gradient without the ids for which ``rows`` is true."""
    return accumulated(upstream * ~rows[..., None], ids, len(weight))


def padding_gradient(upstream, weight, ids, padding_idx):
    return (gradient_but(ids == padding_idx, upstream, weight, ids),)


EMBEDDING_MISTAKES = """
weight[ids] * (ids != padding_idx)[..., None]
    # the padding comes back as 0: return its row as it is in the table, and stop its gradient
weight[ids] * (ids != 0)[..., None]
    # the rows of id 0 come back as 0: return all rows as they are in the table
weight[ids - 1]                 # the ids are counted from 1: id 0 has the first row
weight[minimum(ids + 1, len(weight) - 1)]
    # the row behind the one of the id comes back: id 0 has the first row
gradient: (accumulated(upstream_gradient, ids, len(weight)),)
    # the row `padding_idx` gets a gradient: it must get none
gradient: (gradient_but(ids == 0, upstream_gradient, weight, ids),)
    # row 0 gets no gradient: the padding is the row `padding_idx`
gradient: (gradient_but(ids != padding_idx, upstream_gradient, weight, ids),)
    # only the row `padding_idx` gets a gradient: it must be the only row without one
"""


def lookup_case(rng, n_rows, dim, shape, padding_idx, part="values"):
    """A case with the padding, another id twice, and a row that is not looked up."""
    size = int(np.prod(shape))
    others = np.delete(np.arange(n_rows), padding_idx)
    several = rng.choice(others[:-1], size=size)
    if size > 3:
        several[:4] = padding_idx, others[0], others[0], padding_idx
    ids = rng.permutation(several).reshape(shape)
    return Case((rng.normal(size=(n_rows, dim)), ids), {"padding_idx": padding_idx}, part=part)


TABLE = np.array([[0.5, -1.0], [2.0, 0.25], [-3.0, 1.5]])

EMBEDDING_EXERCISE = Exercise(
    "embedding",
    embedding,
    visible=(
        Case((TABLE, np.array([1, 0, 1])), {"padding_idx": 0}),
        lookup_case(default_rng(1), 5, 3, (2, 3), 2),
        lookup_case(default_rng(2), 4, 2, (5,), 0),
        lookup_case(default_rng(3), 6, 3, (2, 2, 3), 5, "robustness"),
        Case((TABLE, np.array(2)), {"padding_idx": 1}, part="robustness"),
    ),
    hidden=lambda rng: (
        lookup_case(rng, 6, 2, (3, 4), 3),
        lookup_case(rng, 5, 4, (6,), 0),
        lookup_case(rng, 7, 3, (2, 4), 6),
        lookup_case(rng, 4, 3, (3, 1, 2), 1, "robustness"),
        lookup_case(rng, 5, 2, (1, 1), 0, "robustness"),
    ),
    gradient=padding_gradient,
    reference={
        "pytorch": """
def embedding_pt(weight, ids, padding_idx):
    return F.embedding(ids, weight, padding_idx=padding_idx)
""",
        "tensorflow": """
def embedding_tf(weight, ids, padding_idx):
    rows = tf.nn.embedding_lookup(weight, ids)
    return tf.where((ids == padding_idx)[..., None], tf.stop_gradient(rows), rows)
""",
    },
    misconceptions=mistakes(EMBEDDING_MISTAKES, globals(), "weight, ids, padding_idx"),
    targets=(1,),
    elementwise=False,
)


def embedding_gradient(upstream, ids, n_rows):
    return accumulated(upstream, ids, n_rows)


def counts(ids, n_rows):
    return np.bincount(ids.ravel(), minlength=n_rows)[:, None]


def overwritten(upstream, ids, n_rows, step=1):
    """One of the rows of each id instead of their sum: the last, or the first with ``step=-1``."""
    gradient = np.zeros((n_rows, upstream.shape[-1]))
    for i, row in list(zip(ids.ravel(), upstream.reshape(ids.size, -1), strict=True))[::step]:
        gradient[i] = row
    return gradient


EMBEDDING_GRADIENT_MISTAKES = """
overwritten(upstream, ids, n_rows)
overwritten(upstream, ids, n_rows, -1)
    # of an id that occurs several times, only one gradient is kept: add them up
accumulated(upstream, ids, n_rows) / maximum(counts(ids, n_rows), 1)
    # the gradients of an id that occurs several times are averaged: add them up
accumulated(upstream, ids, n_rows) / ids.size
    # the gradient is divided by the number of ids: leave this out
accumulated(upstream, ids, ids.max() + 1)
    # the gradient ends at the largest id: it has as many rows as the table, `n_rows`
accumulated(upstream, ids, n_rows)[unique(ids)]
    # only the rows that were looked up come back: the other rows of the table have a gradient of 0
accumulated(upstream, ids, n_rows).T
    # the gradient is transposed: it has the shape of the table, (n_rows, dim)
accumulated(ones_like(upstream), ids, n_rows)
    # the gradient is the number of times that an id occurs: add up the rows of upstream
accumulated(upstream, ids, n_rows) * (arange(n_rows) > 0)[:, None]
    # row 0 gets no gradient: here no id is padding
"""


def gradient_case(rng, n_rows, dim, shape, part="values"):
    """A case that looks up row 1 several times, and the last row never."""
    ids = rng.integers(0, n_rows - 1, shape)
    ids.flat[:3] = 1, 0, 1
    upstream = rng.normal(size=(*shape, dim))
    return Case((upstream, ids), {"n_rows": n_rows}, gradients=False, part=part)


EMBEDDING_GRADIENT_EXERCISE = Exercise(
    "embedding_gradient",
    embedding_gradient,
    visible=(
        Case(
            (np.array([[1.0, 2.0], [0.5, -1.0], [10.0, 20.0]]), np.array([2, 0, 2])),
            {"n_rows": 4},
            gradients=False,
        ),
        gradient_case(default_rng(1), 5, 3, (4,)),
        gradient_case(default_rng(2), 4, 2, (2, 3)),
        gradient_case(default_rng(3), 6, 3, (2, 2, 2), "robustness"),
    ),
    hidden=lambda rng: (
        gradient_case(rng, 7, 2, (6,)),
        gradient_case(rng, 4, 4, (3, 3)),
        gradient_case(rng, 5, 1, (8,)),
        gradient_case(rng, 6, 3, (2, 1, 4), "robustness"),
        gradient_case(rng, 3, 2, (1, 3), "robustness"),
    ),
    reference={
        "pytorch": """
def embedding_gradient_pt(upstream, ids, n_rows):
    weight = torch.zeros(n_rows, upstream.shape[-1], requires_grad=True)
    return torch.autograd.grad(F.embedding(ids, weight), weight, upstream)[0]
""",
        "tensorflow": """
def embedding_gradient_tf(upstream, ids, n_rows):
    weight = tf.Variable(tf.zeros((n_rows, upstream.shape[-1])))
    with tf.GradientTape() as tape:
        y = tf.nn.embedding_lookup(weight, ids)
    return tf.convert_to_tensor(tape.gradient(y, weight, upstream))
""",
    },
    misconceptions=mistakes(EMBEDDING_GRADIENT_MISTAKES, globals(), "upstream, ids, n_rows"),
    elementwise=False,
    rtol=1e-3,
)

EMBEDDING = component(
    "embedding",
    name="Embedding",
    zh="嵌入层",
    pytorch=("torch.nn.Embedding", "torch.nn.functional.embedding"),
    keras=("keras.layers.Embedding",),
    tensorflow=("tf.nn.embedding_lookup",),
    defaults="""
torch.nn.Embedding(padding_idx=None, sparse=False)
keras.layers.Embedding(embeddings_initializer='uniform', mask_zero=False)
""",
    calls="""
nn.Embedding(6, 3) | keras.layers.Embedding(6, 3)
    # the initial numbers have the standard deviation 1 in PyTorch, and 0.03 in Keras; `padding_idx`
    # and `mask_zero` do different things
F.embedding(ids, weight) | tf.nn.embedding_lookup(weight, ids)
    # the two arguments have the opposite order
""",
    weights="""
torch.nn.Embedding(11, 5) | keras.layers.Embedding(11, 5)  # arange(6).reshape(2, 3)
weight | embeddings                                        # both are (ids, numbers per id)
""",
    behaviour={
        "one-hot-outside-tf": "an id that is too large: `F.one_hot` raises an error, `tf.one_hot` "
        "returns zeros",
        "ids-outside-tf": "an id that is too large, negative or a float: PyTorch raises an error; "
        "Keras reads another row, except for an id that is too large, not compiled",
        "padding-idx-tf": "`padding_idx` starts a row at 0 and gives it no gradient; `mask_zero` "
        "does neither, and passes a mask on",
        "padding-again-tf": "a new initialization fills the padding row; `from_pretrained` freezes "
        "the table",
        "starts-tf": "initial numbers: normal with standard deviation 1 in PyTorch, uniform within "
        "±0.05 in Keras",
        "sparse-tf": "TensorFlow's gradient holds only the rows looked up; PyTorch's only with "
        "`sparse=True`",
        "adam-rows": "Adam moves rows that are no longer looked up, also Keras's Adam with its "
        "sparse gradient; `SparseAdam` does not",
    },
    exercises=(EMBEDDING_EXERCISE, EMBEDDING_GRADIENT_EXERCISE),
)

COMBINERS = {
    "sum": lambda rows: rows.sum(0),
    "mean": lambda rows: rows.mean(0),
    "max": lambda rows: rows.max(0),
}


def bags(ids, offsets, extra=0):
    ends = [*offsets[1:], len(ids)]
    return [ids[start : end + extra] for start, end in zip(offsets, ends, strict=True)]


def combined(weight, bags, mode, empty=0.0):
    """The rows of each bag combined into one; an empty bag is ``empty``."""
    return np.stack(
        [
            COMBINERS[mode](weight[bag]) if len(bag) else np.full(weight.shape[1], empty)
            for bag in bags
        ]
    )


def kept(ids, offsets, padding_idx, extra=0):
    """The bags without the padding."""
    return [bag[bag != padding_idx] for bag in bags(ids, offsets, extra)]


def embedding_bag(weight, ids, offsets, mode, padding_idx):
    return combined(weight, kept(ids, offsets, padding_idx), mode)


def padding_as_zero(weight, ids, offsets, mode, padding_idx):
    """The padding counts, as a row of 0."""
    masked = weight * (np.arange(len(weight)) != padding_idx)[:, None]
    return combined(masked, bags(ids, offsets), mode)


def without_empty(weight, ids, offsets, mode, padding_idx, only_last=False):
    bags = kept(ids, offsets, padding_idx)
    if only_last:
        while not len(bags[-1]):
            bags = bags[:-1]
    else:
        bags = [bag for bag in bags if len(bag)]
    return combined(weight, bags, mode)


def sum_only(mode):
    return {"mean": "sum"}.get(mode, mode)


EMBEDDING_BAG_MISTAKES = """
padding_as_zero(weight, ids, offsets, mode, padding_idx)
    # the padding counts as a row of 0, which changes a mean and a maximum: leave it out
combined(weight, bags(ids, offsets), mode)
    # the padding is in the bags: leave out each id that equals `padding_idx`
combined(weight, kept(ids, offsets, 0), mode)
    # id 0 is left out: the padding is `padding_idx`
combined(weight, kept(ids, offsets, padding_idx), mode, nan if mode == "mean" else 0.0)
    # the mean of an empty bag is 0 / 0: return 0 there
combined(weight, kept(ids, offsets, padding_idx), mode, -inf if mode == "max" else 0.0)
combined(weight, kept(ids, offsets, padding_idx), mode,
    finfo(float32).min if mode == "max" else 0.0)
combined(weight, kept(ids, offsets, padding_idx), mode,
    {"mean": nan, "max": -inf, "sum": 0.0}[mode])
combined(weight, kept(ids, offsets, padding_idx), mode,
    {"mean": nan, "max": finfo(float32).min, "sum": 0.0}[mode])
    # the maximum of an empty bag is the smallest number that there is, or −∞: return 0 there
maximum(embedding_bag(weight, ids, offsets, mode, padding_idx), 0 if mode == "max" else -inf)
    # a maximum below 0 becomes 0: only an empty bag is 0
combined(weight, kept(ids, offsets, padding_idx), "sum")
combined(weight, kept(ids, offsets, padding_idx), "mean")
combined(weight, kept(ids, offsets, padding_idx), "max")
    # `mode` changes nothing: it chooses between sum, mean and maximum
combined(weight, kept(ids, offsets, padding_idx), sum_only(mode))
    # the mean is not divided: divide the sum by the number of ids that are left in the bag
embedding_bag(weight, ids, offsets, sum_only(mode), padding_idx) / (
    len(ids) if mode == "mean" else 1)
    # the sum is divided by the number of all ids: divide by the number in the bag
combined(weight, kept(ids, offsets, padding_idx, 1), mode)
    # each bag has the first id of the next bag, too: it ends before the next offset
combined(weight, kept(ids, offsets, padding_idx)[:-1], mode)
    # the last bag is missing: it ends at the end of `ids`
without_empty(weight, ids, offsets, mode, padding_idx)
    # empty bags are left out: each offset has a row in the output, 0 for an empty bag
without_empty(weight, ids, offsets, mode, padding_idx, True)
    # empty bags at the end are left out: each offset has a row in the output
combined(weight, [unique(bag) for bag in kept(ids, offsets, padding_idx)], mode)
    # an id that is several times in a bag counts once: it counts each time
"""


def bag_case(rng, n_rows, dim, sizes, padding_idx, mode, part="values"):
    """Bags with these ``sizes``: the first large one has an id twice, the last one has padding."""
    allowed = np.delete(np.arange(n_rows), padding_idx) if padding_idx >= 0 else np.arange(n_rows)
    several = [rng.choice(allowed, size, replace=False) for size in sizes]
    if large := [bag for bag in several if len(bag) > 2]:
        large[0][1] = large[0][0]
        if padding_idx >= 0:
            large[-1][-1] = padding_idx
            for bag in several:
                bag[: len(bag) == 1] = padding_idx
    ids = np.concatenate(several).astype(int)
    offsets = np.cumsum([0, *sizes[:-1]])
    arguments = {"mode": mode, "padding_idx": padding_idx}
    return Case((rng.normal(size=(n_rows, dim)), ids, offsets), arguments, part=part)


EMBEDDING_BAG_EXERCISE = Exercise(
    "embedding_bag",
    embedding_bag,
    visible=(
        Case(
            (TABLE, np.array([0, 1, 2]), np.array([0, 2, 2])),
            {"mode": "sum", "padding_idx": -1},
        ),
        bag_case(default_rng(1), 6, 3, (3, 0, 4, 2), -1, "mean"),
        bag_case(default_rng(2), 6, 2, (3, 0, 4, 2), -1, "max"),
        bag_case(default_rng(3), 7, 3, (2, 1, 4, 5), 3, "mean"),
        bag_case(default_rng(4), 7, 2, (4, 1, 2), 3, "max"),
        bag_case(default_rng(5), 5, 3, (0, 3, 0, 4, 0, 0), -1, "mean", "robustness"),
        bag_case(default_rng(6), 5, 2, (3, 0), 4, "sum", "robustness"),
    ),
    hidden=lambda rng: (
        bag_case(rng, 7, 3, (4, 2, 1, 3), 2, "mean"),
        bag_case(rng, 7, 2, (2, 4, 1, 3, 2), 5, "max"),
        bag_case(rng, 6, 3, (3, 1, 4), 4, "sum"),
        bag_case(rng, 6, 2, (4, 0, 2), -1, "max"),
        bag_case(rng, 6, 2, (2, 0, 3, 2), -1, "mean"),
        bag_case(rng, 5, 3, (0, 3, 0), -1, "max", "robustness"),
        bag_case(rng, 5, 1, (3, 2, 0, 0), -1, "mean", "robustness"),
    ),
    reference={
        "pytorch": """
def embedding_bag_pt(weight, ids, offsets, mode, padding_idx):
    padding = None if padding_idx < 0 else padding_idx
    return F.embedding_bag(ids, weight, offsets, mode=mode, padding_idx=padding)
""",
        "tensorflow": """
def embedding_bag_tf(weight, ids, offsets, mode, padding_idx):
    bags = tf.RaggedTensor.from_row_starts(ids, offsets)
    bags = tf.ragged.boolean_mask(bags, bags != padding_idx)
    if mode != "max":
        sparse = bags.to_sparse()
        return tf.nn.safe_embedding_lookup_sparse(weight, sparse, combiner=mode)
    rows, bag = tf.gather(weight, bags.flat_values), bags.value_rowids()
    y = tf.math.unsorted_segment_max(rows, bag, len(offsets))
    return tf.where((bags.row_lengths() > 0)[:, None], y, 0.0)
""",
    },
    misconceptions=mistakes(
        EMBEDDING_BAG_MISTAKES, globals(), "weight, ids, offsets, mode, padding_idx"
    ),
    targets=(1, 2),
    elementwise=False,
)

EMBEDDING_BAG = component(
    "embedding_bag",
    name="Embedding bag",
    zh="嵌入袋层",
    pytorch=("torch.nn.EmbeddingBag", "torch.nn.functional.embedding_bag"),
    tensorflow=("tf.nn.embedding_lookup_sparse", "tf.nn.safe_embedding_lookup_sparse"),
    defaults="""
torch.nn.EmbeddingBag(mode='mean')
tf.nn.embedding_lookup_sparse(combiner=None)
tf.nn.safe_embedding_lookup_sparse(combiner='mean')
""",
    calls="""
F.embedding_bag(ids, weight, starts, mode="sum") | tf.nn.embedding_lookup_sparse(weight,
    bags, None, combiner="sum")
    # `bags` is `tf.RaggedTensor.from_row_starts(ids, starts)`; without `combiner`, both compute a
    # mean
nn.EmbeddingBag(6, 3, mode="mean") | tf.nn.safe_embedding_lookup_sparse(weight,
    bags.to_sparse(), combiner="mean")
    # the safe function keeps empty bags at the end, the other one does not
F.embedding_bag(ids, weight, starts, mode="max") | max_bags(weight, bags)
    # TensorFlow has no such combiner: this section builds it
""",
    behaviour={
        "bag-last-tf": "`tf.nn.embedding_lookup_sparse` leaves out empty bags at the end",
        "bag-splits-tf": "PyTorch's offsets are row starts; with `include_last_offset=True` they "
        "are row splits",
        "bag-weights-tf": "weights: PyTorch takes them with a sum only; TensorFlow's mean divides "
        "by their sum",
        "bag-negative": "the safe function leaves out weights of 0 and below, except in a sum",
        "bag-tie-tf": "at equal maxima PyTorch gives the first row all of the gradient, "
        "`unsorted_segment_max` shares it",
        "bag-padding-tf": "Keras's masked average of a row of padding is NaN, PyTorch's bag is 0",
    },
    exercises=(EMBEDDING_BAG_EXERCISE,),
)


def soft_cap(logits, cap):
    return cap * np.tanh(logits / cap)


def logits(weight, ids):
    return weight[ids] @ weight.T


def reversible_embedding(weight, ids, cap):
    return soft_cap(logits(weight, ids), cap)


def probabilities(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def of_logits(upstream, weight, ids, cap):
    """The gradient of the logits, before the soft cap."""
    return upstream * (1 - np.tanh(logits(weight, ids) / cap) ** 2)


def of_lookup(upstream, weight, ids, cap):
    return accumulated(of_logits(upstream, weight, ids, cap) @ weight, ids, len(weight))


def of_product(upstream, weight, ids, cap):
    rows = weight[ids].reshape(-1, weight.shape[1])
    return of_logits(upstream, weight, ids, cap).reshape(-1, len(weight)).T @ rows


REVERSIBLE_EMBEDDING_MISTAKES = """
logits(weight, ids)                         # the soft cap is missing: cap · tanh(logits / cap)
tanh(logits(weight, ids) / cap)             # multiply the tanh by the cap
cap * tanh(logits(weight, ids))             # the logits are not divided: tanh(logits / cap)
clip(logits(weight, ids), -cap, cap)        # the logits are cut off at the cap: use tanh
logits(weight, ids) / cap                   # the tanh is missing: cap · tanh(logits / cap)
soft_cap(weight[ids], cap) @ weight.T       # the cap is applied to the rows: apply it to the logits
soft_cap(soft_cap(logits(weight, ids), cap), cap)
                                            # the cap is applied twice: apply it once
soft_cap(weight[ids] @ weight, cap)
    # the table is not transposed, which raises no error if it is square
soft_cap(logits(weight, ids) / sqrt(weight.shape[1]), cap)
    # the logits are divided by the square root of the row's length: leave this out
probabilities(soft_cap(logits(weight, ids), cap))
    # these are probabilities: return the logits, without a softmax
log(probabilities(soft_cap(logits(weight, ids), cap)))
    # these are log-probabilities: return the logits, without a softmax
soft_cap(weight[ids], cap)
    # these are the rows: multiply them by the transposed table
gradient: (of_lookup(upstream_gradient, weight, ids, cap),)
    # the table gets the gradient of the lookup alone: the product uses the same table
gradient: (of_product(upstream_gradient, weight, ids, cap),)
    # the table gets the gradient of the product alone: the lookup uses the same table
"""


def tied_case(rng, n_rows, dim, shape, cap, part="values"):
    ids = rng.integers(0, n_rows, shape)
    return Case((rng.normal(size=(n_rows, dim)), ids), {"cap": cap}, part=part)


REVERSIBLE_EMBEDDING_EXERCISE = Exercise(
    "reversible_embedding",
    reversible_embedding,
    visible=(
        Case((TABLE, np.array([0, 2])), {"cap": 5.0}),
        tied_case(default_rng(1), 3, 3, (4,), 2.0),
        tied_case(default_rng(2), 5, 2, (2, 3), 30.0),
        tied_case(default_rng(3), 4, 3, (2, 2, 2), 1.5, "robustness"),
    ),
    hidden=lambda rng: (
        tied_case(rng, 6, 3, (5,), 3.0),
        tied_case(rng, 4, 4, (2, 3), round(rng.uniform(1.5, 4), 2)),
        tied_case(rng, 7, 2, (3,), 10.0),
        tied_case(rng, 5, 3, (1, 2, 2), 2.5, "robustness"),
        tied_case(rng, 3, 2, (), 2.0, "robustness"),
    ),
    reference={
        "pytorch": """
def reversible_embedding_pt(weight, ids, cap):
    return cap * torch.tanh(F.linear(F.embedding(ids, weight), weight) / cap)
""",
        "tensorflow": """
def reversible_embedding_tf(weight, ids, cap):
    layer = keras.layers.ReversibleEmbedding(*weight.shape, logit_soft_cap=cap)
    layer.build()
    rows, _ = layer.stateless_call([weight], [], ids)
    return layer.stateless_call([weight], [], rows, reverse=True)[0]
""",
    },
    misconceptions=mistakes(REVERSIBLE_EMBEDDING_MISTAKES, globals(), "weight, ids, cap"),
    targets=(1,),
    elementwise=False,
    rtol=1e-3,
)

REVERSIBLE_EMBEDDING = component(
    "reversible_embedding",
    name="Reversible embedding",
    zh="可逆嵌入层",
    keras=("keras.layers.ReversibleEmbedding",),
    defaults="keras.layers.ReversibleEmbedding(tie_weights=True, logit_soft_cap=None)",
    calls="""
F.linear(h, embedding.weight) | embedding(h, reverse=True)
    # in PyTorch use the `weight` of an `nn.Embedding` twice; its initial numbers make large logits
""",
    weights="""
torch.nn.Embedding(11, 5) | keras.layers.ReversibleEmbedding(11, 5)  # arange(6).reshape(2, 3)
weight | embeddings
""",
    behaviour={
        "tied-gradient": "the gradients of both uses are added in one table",
        "tied-given": "the argument `weights` of `ReversibleEmbedding` raises an error, in Keras "
        "3.15",
        "tied-padding-pt": "with tied weights, the padding row gets a gradient from the logits",
        "tied-cap-tf": "`logit_soft_cap` keeps the logits between −cap and cap",
        "untied-tf": "with `tie_weights=False` the second table is transposed, (numbers, ids)",
        "tied-loss": "with PyTorch's initial table of 1000 ids, the first loss is up to 53 instead "
        "of 6.9",
    },
    exercises=(REVERSIBLE_EMBEDDING_EXERCISE,),
)

COMPONENTS = (EMBEDDING, EMBEDDING_BAG, REVERSIBLE_EMBEDDING)
