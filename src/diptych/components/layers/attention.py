"""Attention: dot-product and additive scores, masks, and what they cost."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes

OVER_QUERIES = "the softmax is over the queries: take it over the keys, the last axis of the scores"
NO_SOFTMAX = "there is no softmax: the weights of a query are positive, and their sum is 1"
UNSTABLE = "large scores overflow: subtract the largest score of each row, or use softmax"
AFTER = (
    "the mask is applied after the softmax, so the weights that are left do not add up to 1: mask "
    "the scores before the softmax"
)
OPPOSITE = "the mask has the opposite meaning: True means that the query may see the key"
NOT_SCALED = "the scores are not scaled: divide them by √d"
NO_ROOT = "the scores are divided by d: divide them by √d"
ZERO_SCORE = (
    "a score of 0 is not a weight of 0, because e⁰ = 1: give the masked scores −∞ or a large "
    "negative number"
)


def softmax(scores, axis=-1):
    e = np.exp(scores - scores.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def weights(scores, mask, axis=-1):
    """Softmax over the keys that the mask keeps; 0 if it keeps none."""
    largest = np.where(mask, scores, -np.inf).max(axis, keepdims=True)
    e = np.exp(np.where(mask, scores - np.where(np.isfinite(largest), largest, 0), -np.inf))
    total = e.sum(axis, keepdims=True)
    return e / np.where(total == 0, 1, total)


def naive(scores, mask=True):
    """Softmax in float32 without subtracting the maximum."""
    e = np.where(scores > 88.7, np.inf, np.exp(np.clip(scores, -1000, 88.7)))
    return np.where(scores < -103.9, 0, e) * mask


def shares(e):
    return e / e.sum(-1, keepdims=True)


def t(x):
    return np.swapaxes(x, -1, -2)


def dot_product_attention(q, k, v, mask):
    return weights(q @ t(k) / np.sqrt(q.shape[-1]), mask) @ v


DOT_PRODUCT_MISTAKES = """
weights(q @ t(k), mask) @ v                             # NOT_SCALED
weights(q @ t(k) / q.shape[-1], mask) @ v               # NO_ROOT
weights(q @ t(k) * sqrt(q.shape[-1]), mask) @ v         # the scores are multiplied by √d: divide
weights(q @ t(k) / sqrt(v.shape[-1]), mask) @ v
    # √d belongs to the size of the values: d is the size of the queries and the keys
weights(q @ t(k) / sqrt(k.shape[-2]), mask) @ v
    # the scores are divided by the root of the number of keys: d is the size of the last axis
weights(q @ t(k) / sqrt(q.shape[-1]), mask, -2) @ v     # OVER_QUERIES
softmax(q @ t(k) / sqrt(q.shape[-1])) @ v               # the mask is ignored
weights(q @ t(k) / sqrt(q.shape[-1]), ~mask) @ v        # OPPOSITE
(softmax(q @ t(k) / sqrt(q.shape[-1])) * mask) @ v      # AFTER
softmax(where(mask, q @ t(k) / sqrt(q.shape[-1]), 0)) @ v
    # ZERO_SCORE
softmax(q @ t(k) / sqrt(q.shape[-1]) + mask) @ v
    # True and False are added to the scores as 1 and 0: masked scores must be −∞
softmax(q @ t(k) / sqrt(q.shape[-1]) - mask) @ v
    # True and False are subtracted from the scores as 1 and 0: masked scores must be −∞
softmax(where(mask, q @ t(k) / sqrt(q.shape[-1]), -1e9)) @ v
    # a query that may see no key gets the mean of all values: it gets 0
where(mask.any(-1, keepdims=True), dot_product_attention(q, k, v, mask), nan)
    # a query that may see no key is 0 / 0, which is NaN: it gets 0
(q @ t(k) / sqrt(q.shape[-1]) * mask) @ v               # NO_SOFTMAX
naive(q @ t(k) / sqrt(q.shape[-1]), mask) @ v
    # the weights do not add up to 1: divide them by their sum
shares(naive(q @ t(k) / sqrt(q.shape[-1]), mask)) @ v
shares(naive(where(mask, q @ t(k) / sqrt(q.shape[-1]), -inf))) @ v
nan_to_num(shares(naive(q @ t(k) / sqrt(q.shape[-1]), mask)), nan=0) @ v
nan_to_num(shares(naive(where(mask, q @ t(k) / sqrt(q.shape[-1]), -inf))), nan=0) @ v
naive(q @ t(k) / sqrt(q.shape[-1]), mask) / maximum(1e-30,
    naive(q @ t(k) / sqrt(q.shape[-1]), mask).sum(-1, keepdims=True)) @ v
    # UNSTABLE
"""


def normal(rng, *shapes):
    return tuple(rng.normal(0, 1, shape) for shape in shapes)


def masked(rng, batch, n_queries, n_keys, d, e, empty=False, large=1, **fields):
    """Each query sees some keys and not others; with ``empty`` one query sees none."""
    q, k, v = normal(rng, (batch, n_queries, d), (batch, n_keys, d), (batch, n_keys, e))
    mask = rng.uniform(size=(batch, n_queries, n_keys)) < 0.5
    mask[..., 0], mask[..., -1] = True, False
    if large > 1:  # the mask keeps the largest scores
        mask = q @ t(k) > (q @ t(k)).min(-1, keepdims=True)
    if empty:
        mask[-1, 0] = False
    return Case((2 * large * q, large * k, v, mask), **fields)


DOT_PRODUCT_EXERCISE = Exercise(
    "dot_product_attention",
    dot_product_attention,
    visible=(
        Case(
            (
                np.array([[[2.0, 0.0, 0.0, 0.0]]]),
                np.array([[[0.0, 1, 0, 0], [np.log(3), 0, 0, 0], [4, 4, 4, 4]]]),
                np.array([[[4.0], [8.0], [100.0]]]),
                np.array([[[True, True, False]]]),
            )
        ),
        masked(default_rng(1), 2, 3, 5, 4, 2),
        masked(default_rng(2), 1, 4, 4, 3, 3),
        masked(default_rng(3), 2, 2, 3, 9, 2, empty=True, part="robustness"),
        masked(default_rng(4), 1, 2, 4, 5, 3, large=12, part="robustness"),
    ),
    hidden=lambda rng: (
        masked(rng, 2, 4, 6, 5, 3),
        masked(rng, 1, 3, 3, 2, 2),
        masked(rng, 2, 3, 4, 7, 2, empty=True, part="robustness"),
        masked(rng, 1, 3, 5, 6, 2, large=12, part="robustness"),
    ),
    reference={
        "pytorch": "dot_product_attention_pt = F.scaled_dot_product_attention",
        "tensorflow": """
def dot_product_attention_tf(q, k, v, mask):
    with_heads = (tensor[:, :, None] for tensor in (q, k, v))
    y = keras.ops.dot_product_attention(*with_heads, mask=mask[:, None])[:, :, 0]
    return tf.where(tf.reduce_any(mask, -1, keepdims=True), y, 0.0)
""",
    },
    misconceptions=mistakes(DOT_PRODUCT_MISTAKES, globals(), "q, k, v, mask"),
    targets=(3,),
    elementwise=False,
    rtol=1e-3,
)


def seen(scores, offset=None, steps=1):
    """Which keys each query sees, if the first query sees ``offset`` + 1 of them."""
    n_queries, n_keys = scores.shape[-2:]
    offset = n_keys - n_queries if offset is None else offset
    return np.tril(np.ones((n_queries, n_keys), bool), offset + steps - 1)


def causal_weights(scores):
    return weights(scores, seen(scores))


CAUSAL_MISTAKES = """
weights(scores, seen(scores, 0))
    # query 0 sees key 0 only: the last query is at the last key, so query i sees S − T + i + 1 keys
weights(scores, ~seen(scores))
weights(scores, ~seen(scores, 0))
weights(scores, ~seen(scores, 0, 0))
weights(scores, ~seen(scores, None, 0))
    # the queries see the future and not the past
weights(scores, seen(scores, None, 0))
where(seen(scores, None, 0).any(-1, keepdims=True), weights(scores, seen(scores, None, 0)), nan)
softmax(where(seen(scores, None, 0), scores, -1e9))
    # a query does not see the key at its own position: it does
weights(scores, seen(scores, None, 2))           # a query sees one key of the future
softmax(scores)                                  # there is no mask: hide the keys of the future
softmax(scores) * seen(scores)                   # AFTER
softmax(where(seen(scores), scores, 0))          # ZERO_SCORE
weights(scores, seen(scores), -2)                # OVER_QUERIES
where(seen(scores), scores, 0)                   # NO_SOFTMAX
shares(naive(scores, seen(scores)))
shares(naive(where(seen(scores), scores, -inf)))  # UNSTABLE
"""


def scores_case(rng, *shape, large=1.0, **fields):
    return Case((rng.normal(0, large, shape),), **fields)


CAUSAL_EXERCISE = Exercise(
    "causal_weights",
    causal_weights,
    visible=(
        Case((np.log([[1.0, 1.0, 8.0, 9.0], [1.0, 2.0, 1.0, 4.0]]),)),
        scores_case(default_rng(1), 4, 4),
        scores_case(default_rng(2), 2, 3, 5),
        scores_case(default_rng(3), 2, 2, 1, 4, part="robustness"),
        scores_case(default_rng(4), 3, 5, large=300, part="robustness"),
    ),
    hidden=lambda rng: (
        scores_case(rng, 3, 3),
        scores_case(rng, 2, 3, 7),
        scores_case(rng, 2, 3, 2, 5, part="robustness"),
        scores_case(rng, 4, 6, large=300, part="robustness"),
    ),
    reference={
        "pytorch": """
def causal_weights_pt(scores):
    n_queries, n_keys = scores.shape[-2:]
    seen = torch.ones(n_queries, n_keys, dtype=torch.bool).tril(n_keys - n_queries)
    return torch.softmax(scores.masked_fill(~seen, -torch.inf), -1)
""",
        "tensorflow": """
def causal_weights_tf(scores):
    n_queries, n_keys = scores.shape[-2:]
    seen = np.tril(np.ones((n_queries, n_keys), bool), n_keys - n_queries)
    return tf.nn.softmax(tf.where(seen, scores, -1e9))
""",
    },
    misconceptions=mistakes(CAUSAL_MISTAKES, globals(), "scores"),
    elementwise=False,
    rtol=1e-3,
)

DOT_PRODUCT_ATTENTION = component(
    "dot_product_attention",
    name="Dot-product attention",
    zh="Dot-product类型注意力机制层",
    pytorch=("torch.nn.functional.scaled_dot_product_attention",),
    keras=("keras.layers.Attention", "keras.ops.dot_product_attention"),
    calls="""
F.scaled_dot_product_attention(q, k, v, scale=1.0) | keras.layers.Attention()([q, v, k])
    # the layer does not divide by √d, and takes the values before the keys
F.scaled_dot_product_attention(q, k, v) | keras.ops.dot_product_attention(q, k, v)
    # PyTorch has the axes (batch, heads, time, d), Keras (batch, time, heads, d)
F.scaled_dot_product_attention(q, k, v, attn_mask=seen) | keras.ops.dot_product_attention(q, k, v,
    mask=seen)  # `True` means that the query sees the key; without any key, the two differ
F.scaled_dot_product_attention(q, k, v, is_causal=True) | keras.ops.dot_product_attention(q, k, v,
    is_causal=True)
    # both count from the first key, so for fewer queries than keys write the mask yourself
""",
    behaviour={
        "attention-scale-tf": "Keras's `Attention` does not divide the scores by √d",
        "attention-entropy": "without 1/√d, 1024 features leave one key to each query",
        "attention-layout-pt": "in the layout of `keras.ops`, PyTorch mixes heads without an error",
        "attention-floats-tf": "a float mask is added in PyTorch, and an error in `keras.ops`: "
        "pass it as `bias`",
        "attention-corner-pt": "causal masks start in the upper left corner in both",
        "attention-nothing-tf": "a query without a key gets 0 in PyTorch, the mean of all values "
        "in Keras",
        "attention-dropout-pt": "`dropout_p` acts in inference mode, too",
        "attention-bytes": "`T` positions have `T`² scores: PyTorch's function stores none, unless "
        "there is dropout or no axis for the heads",
    },
    exercises=(DOT_PRODUCT_EXERCISE, CAUSAL_EXERCISE),
)


def sums(q, k):
    """q + k for each query and each key, (batch, queries, keys, d)."""
    return q[..., :, None, :] + k[..., None, :, :]


def additive_attention(q, k, v, scale):
    return softmax((scale * np.tanh(sums(q, k))).sum(-1)) @ v


ADDITIVE_MISTAKES = """
softmax((scale * tanh(q[..., :, None, :] * k[..., None, :, :])).sum(-1)) @ v
    # queries and keys are multiplied: add them
softmax(tanh(scale * sums(q, k)).sum(-1)) @ v
    # the scale is inside of tanh: multiply by it after tanh
tanh((scale * sums(q, k)).sum(-1)) @ v
softmax(tanh((scale * sums(q, k)).sum(-1))) @ v
    # tanh is applied to the scores: apply it to the sums of queries and keys, before the scale
softmax((scale * sums(q, k)).sum(-1)) @ v          # tanh is missing
softmax((scale * (tanh(q)[..., :, None, :] + tanh(k)[..., None, :, :])).sum(-1)) @ v
    # tanh is applied to queries and keys separately: apply it to their sum
softmax(tanh(sums(q, k)).sum(-1)) @ v              # the scale is ignored
softmax((scale * tanh(sums(q, k))).mean(-1)) @ v   # the scores are means: add up the d numbers
softmax((scale * tanh(sums(q, k))).sum(-1) / sqrt(q.shape[-1])) @ v
    # the scores are divided by √d: additive scores are not
softmax((scale * tanh(sums(q, k))).sum(-1), -2) @ v   # OVER_QUERIES
(scale * tanh(sums(q, k))).sum(-1) @ v                # NO_SOFTMAX
softmax((scale * tanh(sums(k, q))).sum(-1)) @ v
    # queries and keys are exchanged: the scores have a row for each query
shares(naive((scale * tanh(sums(q, k))).sum(-1))) @ v   # UNSTABLE
"""


def additive_case(rng, batch, n_queries, n_keys, d, e, **fields):
    shapes = (batch, n_queries, d), (batch, n_keys, d), (batch, n_keys, e), (d,)
    q, k, v, scale = normal(rng, *shapes)
    return Case((q, k, v, 2 * scale), **fields)


def large_additive_case(rng, *sizes):
    """Its gradients depend on the last digits of the scores, so they are not compared."""
    q, k, v, scale = additive_case(rng, *sizes).inputs
    return Case((q + 1, k, v, 300 * (1 + abs(scale))), gradients=False, part="robustness")


ADDITIVE_EXERCISE = Exercise(
    "additive_attention",
    additive_attention,
    visible=(
        Case(
            (
                np.array([[[0.5, 0.0]]]),
                np.array([[[-0.5, 0.0], [0.5, 9.0]]]),
                np.array([[[10.0], [20.0]]]),
                np.array([2.0, 0.0]),
            )
        ),
        additive_case(default_rng(1), 2, 3, 5, 4, 2),
        additive_case(default_rng(2), 1, 4, 4, 3, 3),
        additive_case(default_rng(3), 3, 1, 2, 1, 4, part="robustness"),
        large_additive_case(default_rng(4), 1, 2, 3, 4, 2),
    ),
    hidden=lambda rng: (
        additive_case(rng, 2, 4, 3, 5, 3),
        additive_case(rng, 1, 3, 3, 2, 2),
        additive_case(rng, 2, 1, 4, 3, 1, part="robustness"),
        large_additive_case(rng, 1, 3, 4, 3, 2),
    ),
    reference={
        "pytorch": """
def additive_attention_pt(q, k, v, scale):
    return torch.softmax(torch.tanh(q[:, :, None] + k[:, None]) @ scale, -1) @ v
""",
        "tensorflow": """
def additive_attention_tf(q, k, v, scale):
    layer = keras.layers.AdditiveAttention()
    layer.build([q.shape, v.shape, k.shape])
    return layer.stateless_call([scale], [], [q, v, k])[0]
""",
    },
    misconceptions=mistakes(ADDITIVE_MISTAKES, globals(), "q, k, v, scale"),
    elementwise=False,
    rtol=1e-3,
)

ADDITIVE_ATTENTION = component(
    "additive_attention",
    name="Additive attention",
    zh="Additive类型注意力机制层",
    keras=("keras.layers.AdditiveAttention",),
    calls="""
(torch.tanh(q[:, :, None] +
    k[:, None]) @ scale).softmax(-1) @ v | keras.layers.AdditiveAttention()([q, v, k])
    # the layer adds queries and keys as they are, without projections, and draws `scale` itself
""",
    behaviour={
        "additive-concat-tf": '`Attention(score_mode="concat")` has the same scores, with one '
        "number as the scale",
        "additive-nothing-tf": "a row without a key: NaN by hand, the mean of all values in Keras",
    },
    exercises=(ADDITIVE_EXERCISE,),
)

COMPONENTS = (DOT_PRODUCT_ATTENTION, ADDITIVE_ATTENTION)
