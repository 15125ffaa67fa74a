"""Multi-head attention, from packed and from separate weights, and grouped queries."""

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes
from diptych.components.layers import attention
from diptych.components.layers.attention import normal, softmax, t

NO_SOFTMAX, OVER_QUERIES = attention.NO_SOFTMAX, attention.OVER_QUERIES


def attend(q, k, v, scale=None, axis=-1):
    scale = q.shape[-1] ** -0.5 if scale is None else scale
    return softmax(scale * q @ t(k), axis) @ v


def split(x, n_heads):
    """(batch, time, E) to (batch, heads, time, size)."""
    return x.reshape(*x.shape[:2], n_heads, -1).swapaxes(1, 2)


def chopped(x, n_heads):
    return x.reshape(len(x), n_heads, x.shape[1], -1)


def interleaved(x, n_heads):
    return x.reshape(*x.shape[:2], -1, n_heads).transpose(0, 3, 1, 2)


def join(y):
    return y.swapaxes(1, 2).reshape(y.shape[0], y.shape[2], -1)


def join_last(y):
    return y.transpose(0, 2, 3, 1).reshape(y.shape[0], y.shape[2], -1)


def thirds(packed):
    return np.split(packed, 3, -1)


def by_head(packed, n_heads):
    """The arrays that are read if each head's queries, keys and values are neighbours."""
    parts = packed.reshape(*packed.shape[:2], n_heads, 3, -1)
    return [part.reshape(*packed.shape[:2], -1) for part in np.moveaxis(parts, 3, 0)]


def multi(
    order=(0, 1, 2), parts=lambda packed, n: thirds(packed), split=split, join=join, scale=None,
    axis=-1, turn=True, turn_out=True, in_bias=1, out_bias=1, attend=attend,
):  # fmt: skip
    """Multi-head self-attention from packed weights; wrong answers replace a part."""

    def answer(x, weight, bias, out_weight, out_bias_, n_heads):
        packed = x @ (weight.T if turn else weight.reshape(x.shape[-1], -1)) + in_bias * bias
        found = parts(packed, n_heads)
        q, k, v = (split(found[i], n_heads) for i in order)
        y = join(attend(q, k, v, scale and scale(x, n_heads), axis))
        return y @ (out_weight.T if turn_out else out_weight) + out_bias * out_bias_

    return answer


multi_head_attention = multi()
MULTI = "x, weight, bias, out_weight, out_bias, n_heads"
MULTI_MISTAKES = """
multi(scale=lambda x, n: x.shape[-1] ** -0.5)(*all)
    # the scores are divided by √E of the whole layer: divide by the root of the size of one head
multi(scale=lambda x, n: 1.0)(*all)               # the scores are not scaled
multi(scale=lambda x, n: n / x.shape[-1])(*all)
    # the scores are divided by the size of a head: divide by its root
multi(scale=lambda x, n: n ** -0.5)(*all)
    # the scores are divided by the root of the number of heads: use the size of a head
multi(axis=-2)(*all)                              # OVER_QUERIES
multi(split=chopped)(*all)
multi(split=chopped, join=lambda y: y.reshape(len(y), y.shape[2], -1))(*all)
    # a reshape to (batch, heads, time, size) mixes positions and heads: reshape to (batch, time,
    # heads, size), then swap two axes
multi(split=interleaved)(*all)
multi(split=interleaved, join=join_last)(*all)
    # the numbers of a head are read with gaps: the heads come before their size, (…, heads, size)
multi(join=lambda y: y.reshape(len(y), y.shape[2], -1))(*all)
    # the heads are joined without swapping the axes back: the time comes first, then the heads
multi(join=join_last)(*all)
    # the heads are joined in the wrong order: head 0 comes first as a block
multi(order=(0, 2, 1))(*all)
    # keys and values are exchanged: the weight has the rows of queries, keys, values
multi(order=(1, 0, 2))(*all)
    # queries and keys are exchanged: the weight has the rows of queries, keys, values
for order in ((1, 2, 0), (2, 0, 1), (2, 1, 0)): multi(order=order)(*all)
    # queries, keys and values have the wrong rows of the weight: the order is queries, keys, values
multi(parts=by_head)(*all)
    # the rows of the weight are read head by head: first come all queries, then all keys, then all
    # values
multi(turn=False)(*all)                           # a reshape turns the weight: transpose it instead
multi(turn_out=False)(*all)                       # the output weight is (out, in): transpose it
multi(in_bias=0)(*all)                            # the bias of queries, keys and values is missing
multi(out_bias=0)(*all)                           # the output bias is missing
multi(in_bias=0, out_bias=0)(*all)                # both biases are missing
multi(attend=lambda q, k, v, scale, axis: q @ t(k) / sqrt(q.shape[-1]) @ v)(*all)   # NO_SOFTMAX
join(attend(*(split(part, n_heads) for part in thirds(x @ weight.T + bias))))
    # the output weight and its bias are missing
attend(*thirds(x @ weight.T + bias)) @ out_weight.T + out_bias
    # there is one head: split queries, keys and values into n_heads
attend(*thirds(x @ weight.T + bias), (x.shape[-1] / n_heads) ** -0.5) @ out_weight.T + out_bias
    # there is one head: split queries, keys and values into n_heads
""".replace("*all", MULTI)


def multi_case(rng, batch, time, n_heads, size, **fields):
    width = n_heads * size
    x, weight, bias, out_weight, out_bias = normal(
        rng, (batch, time, width), (3 * width, width), 3 * width, (width, width), width
    )
    inputs = x, weight / np.sqrt(width / 3), bias, out_weight, out_bias
    return Case(inputs, {"n_heads": n_heads}, **fields)


MULTI_EXERCISE = Exercise(
    "multi_head_attention",
    multi_head_attention,
    visible=(
        multi_case(default_rng(1), 2, 3, 2, 2),
        multi_case(default_rng(2), 1, 4, 3, 2),
        multi_case(default_rng(3), 1, 2, 2, 3),
        multi_case(default_rng(4), 1, 3, 1, 4, part="robustness"),
        multi_case(default_rng(5), 1, 1, 2, 2, part="robustness"),
    ),
    hidden=lambda rng: (
        multi_case(rng, 2, 4, 2, 3),
        multi_case(rng, 2, 3, 3, 2),
        multi_case(rng, 1, 5, 1, 3, part="robustness"),
        multi_case(rng, 1, 2, 4, 1, part="robustness"),
    ),
    reference={
        "pytorch": """
def multi_head_attention_pt(x, weight, bias, out_weight, out_bias, n_heads):
    x = x.transpose(0, 1)
    y, _ = F.multi_head_attention_forward(
        x, x, x, x.shape[-1], n_heads, weight, bias, None, None, False, 0.0, out_weight, out_bias
    )
    return y.transpose(0, 1)
""",
        "tensorflow": """
def multi_head_attention_tf(x, weight, bias, out_weight, out_bias, n_heads):
    width = x.shape[-1]
    layer = keras.layers.MultiHeadAttention(n_heads, width // n_heads)
    layer.build(x.shape, x.shape)
    arrays = []
    for w, b in zip(tf.split(weight, 3), tf.split(bias, 3)):
        arrays += [tf.reshape(tf.transpose(w), (width, n_heads, -1)), tf.reshape(b, (n_heads, -1))]
    arrays += [tf.reshape(tf.transpose(out_weight), (n_heads, -1, width)), out_bias]
    return layer.stateless_call(arrays, layer.non_trainable_variables, x, x)[0]
""",
    },
    misconceptions=mistakes(MULTI_MISTAKES, globals(), MULTI),
    allow=("scaled_dot_product_attention",),  # the heads are the subject
    elementwise=False,
    rtol=1e-3,
    # The gradient of the keys' bias is 0, but in float32 its summands cancel only roughly.
    atol=1e-4,
)


def kernels_from_packed(weight, n_heads):
    width = weight.shape[1]
    return np.stack([part.T.reshape(width, n_heads, -1) for part in np.split(weight, 3)])


def each(weight, turn):
    return np.stack([turn(part) for part in np.split(weight, 3)])


KERNELS_MISTAKES = """
weight.reshape(3, weight.shape[1], n_heads, -1)
    # a reshape alone puts the numbers in the wrong places: transpose each matrix first
each(weight, lambda w: w.reshape(n_heads, -1, w.shape[1]))
each(weight, lambda w: w.reshape(-1, n_heads, w.shape[1]))
    # the inputs are the last axis: they come first in a kernel, (E, heads, size)
each(weight, lambda w: w.T.reshape(w.shape[1], -1, n_heads))
    # the size of a head comes before the heads: the heads come first
each(weight, lambda w: w.T.reshape(w.shape[1], -1, n_heads).swapaxes(1, 2))
    # a head gets every n_heads-th row: it gets neighbouring rows
each(weight, lambda w: w.T.reshape(n_heads, w.shape[1], -1).swapaxes(0, 1))
each(weight, lambda w: w.T.reshape(n_heads, w.shape[1], -1))
    # the inputs are split into heads: split the outputs, the rows of the weight
stack([w.reshape(weight.shape[1], n_heads, -1) for w in split_columns(weight)])
weight.T.reshape(weight.shape[1], 3, n_heads, -1).swapaxes(0, 1)[::-1]
    # queries, keys and values are in the wrong order
weight.T.reshape(weight.shape[1], n_heads, 3, -1).transpose(2, 0, 1, 3)
    # the rows are read head by head: first come all queries, then all keys, then all values
weight.T.reshape(3, weight.shape[1], n_heads, -1)
    # the transposed weight is cut along the inputs: cut the rows of the weight into three
weight.T.reshape(weight.shape[1], 3, n_heads, -1)
    # the three kernels are the second axis: they are the first
"""


def split_columns(weight):
    return np.split(weight.T, 3, 1)[::-1]


def kernels_case(rng, n_heads, size, **fields):
    width = n_heads * size
    return Case(normal(rng, (3 * width, width)), {"n_heads": n_heads}, **fields)


KERNELS_EXERCISE = Exercise(
    "kernels_from_packed",
    kernels_from_packed,
    visible=(
        Case((np.arange(12.0).reshape(6, 2),), {"n_heads": 2}),
        kernels_case(default_rng(1), 2, 3),
        kernels_case(default_rng(2), 3, 2),
        kernels_case(default_rng(3), 1, 4, part="robustness"),
    ),
    hidden=lambda rng: (
        kernels_case(rng, 2, 4),
        kernels_case(rng, 3, 2),
        kernels_case(rng, 2, 2),
        kernels_case(rng, 4, 1, part="robustness"),
    ),
    reference={
        "pytorch": """
def kernels_from_packed_pt(weight, n_heads):
    parts = weight.chunk(3)
    return torch.stack([w.T.reshape(len(w), n_heads, -1) for w in parts])
""",
        "tensorflow": """
def kernels_from_packed_tf(weight, n_heads):
    parts = tf.split(weight, 3)
    return tf.stack([tf.reshape(tf.transpose(w), (w.shape[1], n_heads, -1)) for w in parts])
""",
    },
    misconceptions=mistakes(KERNELS_MISTAKES, globals(), "weight, n_heads"),
    elementwise=False,
)

MULTI_HEAD_ATTENTION = component(
    "multi_head_attention",
    name="Multi-head attention",
    zh="多头注意力层",
    pytorch=("torch.nn.MultiheadAttention", "torch.nn.functional.multi_head_attention_forward"),
    keras=("keras.layers.MultiHeadAttention",),
    calls="""
nn.MultiheadAttention(12, 4, batch_first=True) | keras.layers.MultiHeadAttention(4, 3)
    # PyTorch takes the width of all heads, Keras the number of heads and the size of one
mha(q, k, v) | mha(q, v, k)
    # PyTorch takes (query, key, value), Keras (query, value, key); PyTorch returns two outputs
mha(q, k, v, key_padding_mask=padding) | mha(q, v, k, attention_mask=~padding[:, None])
    # `True` means "left out" in PyTorch, and "takes part" in Keras
mha(q, q, q, attn_mask=later, is_causal=True) | mha(q, q, use_causal_mask=True)
    # `later` is `True` above the diagonal; in PyTorch, `is_causal=True` alone raises an error
""",
    weights="""
torch.nn.MultiheadAttention(6, 2, batch_first=True) | keras.layers.MultiHeadAttention(2, 3)
    # dict(query=(2, 4, 6), key=(2, 5, 6), value=(2, 5, 6))
in_proj_weight = hstack([query_dense.kernel, key_dense.kernel,
    value_dense.kernel]).reshape(shape[1], -1).T | (query_dense.kernel, key_dense.kernel,
    value_dense.kernel) = hsplit(in_proj_weight.T.reshape(shape[0], -1, shape[2]), 3)
    # PyTorch stacks three (E, E), Keras has three (E, heads, size)
in_proj_bias = ravel([query_dense.bias, key_dense.bias, value_dense.bias]) | (
    query_dense.bias, key_dense.bias, value_dense.bias) = in_proj_bias.reshape(3, *shape)
out_proj.weight = kernel.reshape(-1, shape[0]).T | output_dense.kernel = weight.T.reshape(shape)
    # PyTorch has (E, E), Keras (heads, size, E)
out_proj.bias | output_dense.bias
""",
    defaults="""
torch.nn.MultiheadAttention(batch_first=False)
""",
    behaviour={
        "heads-order-tf": "Keras takes (query, value, key): positional arguments swap keys and "
        "values without an error",
        "heads-size-tf": "`key_dim` is the size of one head, not of all",
        "heads-batch-pt": "without `batch_first=True`, PyTorch's axis 0 is the time",
        "heads-masks": '`True` means "left out" in PyTorch, and "takes part" in Keras',
        "heads-floats-tf": "a float mask of 0 and 1 is added in PyTorch, a condition in Keras",
        "heads-hint-pt": "`is_causal=True` alone raises an error in PyTorch",
        "heads-nothing-pt": "a query without a key: NaN, or the output bias, by `need_weights`",
        "heads-nothing-tf": "a query without a key: the mean of the values, or the output bias, by "
        "`return_attention_scores`",
        "heads-lost-tf": "Keras's layer removes the mask from its inputs: the next layer gets none",
        "heads-start-tf": "initial weights: PyTorch's bounds are smaller for the stacked matrices",
    },
    exercises=(MULTI_EXERCISE, KERNELS_EXERCISE),
)


def repeated(x, q):
    """Each head repeated for all its query heads: 0 0 1 1."""
    return x.repeat(q.shape[1] // x.shape[1], 1)


def tiled(x, q):
    return np.tile(x, (1, q.shape[1] // x.shape[1], 1, 1))


def group_query_attention(q, k, v):
    return attend(q, repeated(k, q), repeated(v, q))


GROUP_MISTAKES = """
attend(q, tiled(k, q), tiled(v, q))
    # the heads of keys and values are repeated as a whole, 0 1 0 1: repeat each of them, 0 0 1 1
attend(q, repeated(k, q), tiled(v, q))
    # the values are repeated as a whole, and the keys one by one: repeat both one by one, 0 0 1 1
attend(q, tiled(k, q), repeated(v, q))
    # the keys are repeated as a whole, and the values one by one: repeat both one by one, 0 0 1 1
attend(q, k[:, :1], v[:, :1])
    # all queries use the first head of keys and values
attend(q, k.mean(1, keepdims=True), v.mean(1, keepdims=True))
    # keys and values are averaged over their heads: each group of queries uses one head
attend(q.reshape(*k.shape[:2], -1, *q.shape[2:]).mean(2), k, v)
    # the queries of a group are averaged: each keeps its own output
group_query_attention(q * sqrt(q.shape[-1]), k, v)       # the scores are not scaled
group_query_attention(q / sqrt(q.shape[-1]), k, v)       # the scores are divided by d: divide by √d
group_query_attention(q * sqrt(q.shape[-1] / (q.shape[-1] * q.shape[1])), k, v)
    # the scores are divided by the root of heads times size: use the size of one head
attend(q, repeated(k, q), repeated(v, q), None, -2)
    # OVER_QUERIES
q @ t(repeated(k, q)) / sqrt(q.shape[-1]) @ repeated(v, q)
    # NO_SOFTMAX
"""


def group_case(rng, batch, n_heads, n_groups, n_queries, n_keys, size, **fields):
    shapes = ((batch, n, time, size) for n, time in
              ((n_heads, n_queries), (n_groups, n_keys), (n_groups, n_keys)))  # fmt: skip
    q, k, v = normal(rng, *shapes)
    return Case((2 * q, k, v), **fields)


GROUP_EXERCISE = Exercise(
    "group_query_attention",
    group_query_attention,
    visible=(
        group_case(default_rng(1), 1, 4, 2, 2, 3, 2),
        group_case(default_rng(2), 2, 6, 2, 3, 2, 3),
        group_case(default_rng(3), 1, 3, 1, 2, 4, 2, part="robustness"),
        group_case(default_rng(4), 1, 2, 2, 3, 2, 4, part="robustness"),
    ),
    hidden=lambda rng: (
        group_case(rng, 1, 6, 3, 2, 4, 2),
        group_case(rng, 2, 4, 2, 3, 3, 3),
        group_case(rng, 2, 4, 1, 1, 3, 2, part="robustness"),
        group_case(rng, 1, 3, 3, 2, 2, 3, part="robustness"),
    ),
    reference={
        "pytorch": """
def group_query_attention_pt(q, k, v):
    return F.scaled_dot_product_attention(q, k, v, enable_gqa=True)
""",
        "tensorflow": """
def group_query_attention_tf(q, k, v):
    k, v = (tf.repeat(tensor, q.shape[1] // k.shape[1], 1) for tensor in (k, v))
    turned = (tf.transpose(tensor, (0, 2, 1, 3)) for tensor in (q, k, v))
    return tf.transpose(keras.ops.dot_product_attention(*turned), (0, 2, 1, 3))
""",
    },
    misconceptions=mistakes(GROUP_MISTAKES, globals(), "q, k, v"),
    forbid=("keras.ops.dot_product_attention",),
    elementwise=False,
    rtol=1e-3,
    difficulty=3,
)

GROUP_QUERY_ATTENTION = component(
    "group_query_attention",
    name="Grouped-query attention",
    zh="分组查询注意力层",
    pytorch=("torch.nn.functional.scaled_dot_product_attention",),
    keras=("keras.layers.GroupQueryAttention",),
    calls="""
F.scaled_dot_product_attention(q, k, v, enable_gqa=True) | keras.ops.dot_product_attention(q, k, v)
    # PyTorch has the heads before the time, and needs `enable_gqa=True`; Keras has them after it
GroupQueryAttention(12, 4, 2) | keras.layers.GroupQueryAttention(3, 4, 2)
    # PyTorch has no layer: the chapter writes one
""",
    behaviour={
        "groups-sdpa-pt": "PyTorch groups the queries only with `enable_gqa=True`",
        "groups-masks-tf": "`GroupQueryAttention` keeps the mask of its inputs, and warns that it "
        "does not",
        "groups-cache": "the stored keys and values shrink with the number of key heads",
    },
    exercises=(GROUP_EXERCISE,),
)

COMPONENTS = (MULTI_HEAD_ATTENTION, GROUP_QUERY_ATTENTION)
