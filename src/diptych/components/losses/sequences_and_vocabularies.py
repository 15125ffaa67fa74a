"""Losses for sequences and large vocabularies: CTC, its decoding, and cheaper softmaxes."""

import itertools
from functools import cache

import numpy as np
from numpy.random import default_rng

from diptych.catalogue.exercise import Case, Exercise
from diptych.catalogue.notation import component, mistakes


def log_softmax(z, axis=-1):
    z = z - z.max(axis, keepdims=True)
    return z - np.log(np.exp(z).sum(axis, keepdims=True))


def other_letter(k, before):
    """Whether a path may skip the blank between two letters."""
    return k != 0 and k != before


def ctc(
    z, label, start=2, end=2, past=other_letter, log_probs=log_softmax, first=1, in_place=False
):
    """The forward algorithm. ``start`` and ``end``: in how many states a path may start and end."""
    p = np.exp(log_probs(z))
    states = [0, *itertools.chain(*((k, 0) for k in label.tolist()))]
    chance = np.where(np.arange(len(states)) < start, p[0, states], 0)
    for row in p[first:]:
        old = chance if in_place else chance.copy()
        for s, k in enumerate(states):
            here = s > 1 and past(k, states[s - 2])
            chance[s] = row[k] * (old[max(s - 1, 0) : s + 1].sum() + (old[s - 2] if here else 0))
    return -np.log(chance[-end:].sum())


def merged(path):
    return [k for k, _ in itertools.groupby(path)]


def without_blanks(path):
    return [k for k in path if k]


RULES = {
    "blanks first": lambda path: merged(without_blanks(path)),
    "never merged": without_blanks,
    "blanks kept": merged,
    "right": lambda path: without_blanks(merged(path)),
}


@cache
def paths(n_frames, n_classes, label, rule):
    """The paths from which a rule makes the label, as rows."""
    every = itertools.product(range(n_classes), repeat=n_frames)
    return np.array([path for path in every if tuple(RULES[rule](path)) == label], int)


def of_paths(z, label, rule):
    """The log-probability of each path from which a rule makes the label."""
    found = paths(*z.shape, tuple(label.tolist()), rule).reshape(-1, len(z))
    return log_softmax(z)[np.arange(len(z)), found].sum(1)


def by_paths(z, label, rule):
    return -np.log(np.exp(of_paths(z, label, rule)).sum())


def best_path(z, label):
    return -of_paths(z, label, "right").max()


CTC_MISTAKES = """
-log_softmax(z).max(-1).sum()
best_path(z, label)
    # only the best path counts: add the probabilities of all paths that become the label
by_paths(z, label, "blanks first")
    # blanks are removed before equal neighbours are merged: merge first
by_paths(z, label, "never merged")
    # equal neighbours are not merged: (1, 1, 2) becomes (1, 2)
ctc(z, label) / maximum(len(label), 1)
    # the loss is divided by the length of the label: return it as it is
ctc(z, label) / len(z)
    # the loss is divided by the number of frames: return it as it is
ctc(z, label, past=lambda k, before: k != 0)
    # between two equal letters the blank is left out: there a path must pass through a blank
ctc(z, label, past=lambda k, before: False)
    # a path must pass through each blank: between two different letters the blank may be left out
ctc(z, label, first=0)
    # the first frame is used twice: start with it, then go on with the second frame
ctc(z, label, in_place=True)
    # a state is computed from new chances: compute it from those of the frame before
ctc(z, label, start=99)
    # a path may start in any state: it starts in one of the first two
ctc(z, label, end=99)
    # a path may end in any state: it ends in one of the last two
ctc(z, label, end=1)
    # paths that end with the last letter are missing: they may end there, or in the blank behind it
ctc(z, label, start=1)
    # paths that start with the first letter are missing: they may start there, or in a blank
ctc(z, label, log_probs=lambda z: z)
    # the logits are taken for log-probabilities: apply a log-softmax first
ctc(z, label, log_probs=lambda z: log_softmax(exp(log_softmax(z))))
    # the softmax is applied twice: apply a log-softmax to the logits
ctc(z, label, log_probs=lambda z: log_softmax(z, 0))
    # the softmax is over the frames: it is over the classes, the last axis
exp(-ctc(z, label))
    # this is the probability of the label: return its negative logarithm
-ctc(z, label)
    # the sign is wrong: the logarithm of a probability is negative, so the loss needs a minus
ctc(roll(z, 1, -1), label)
    # the blank is the last class: here it is class 0
"""


def utterance(rng, n_frames, n_classes, label, **fields):
    z = rng.normal(0, 1.5, (n_frames, n_classes))
    return Case((z, np.array(label, np.int64)), **fields)


def confident(size):
    z = np.zeros((4, 3))
    z[0, 1], z[1, 0] = size, -size
    return Case((z, np.array([1, 2])), gradients=False, part="robustness")


FIVE = np.log([[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.5, 0.2, 0.3], [0.1, 0.3, 0.6], [0.4, 0.4, 0.2]])
CTC_EXERCISE = Exercise(
    "ctc",
    ctc,
    visible=(
        Case((FIVE, np.array([1, 2]))),
        utterance(default_rng(1), 5, 4, [3, 3]),
        utterance(default_rng(2), 4, 3, [2, 1, 2]),
        confident(1000.0),
        utterance(default_rng(3), 3, 3, [], part="robustness"),
    ),
    hidden=lambda rng: (
        utterance(rng, 6, 3, [1, 1, 2]),
        utterance(rng, 5, 4, [2, 3, 1]),
        utterance(rng, 4, 4, [1]),
        confident(round(rng.uniform(200, 2000), 1)),
        utterance(rng, 1, 4, [2], part="robustness"),
        utterance(rng, 4, 3, [], part="robustness"),
    ),
    reference={
        "pytorch": """
def ctc_pt(z, label):
    lengths = torch.tensor([len(z)]), torch.tensor([len(label)])
    return F.ctc_loss(F.log_softmax(z, -1)[:, None], label[None], *lengths, reduction="sum")
""",
        "tensorflow": """
def ctc_tf(label, z):
    label, n = label[None], tf.fill([1], tf.shape(label)[0])
    label = tf.pad(tf.cast(label, tf.int32), [[0, 0], [0, 1]])
    return keras.ops.ctc_loss(label, z[None], n, tf.fill([1], tf.shape(z)[0]))[0]
""",
    },
    misconceptions=mistakes(CTC_MISTAKES, globals(), "z, label"),
    forbid=("torch.nn.functional.ctc_loss", "keras.ops.ctc_loss"),
    target_first=True,
    elementwise=False,
    rtol=1e-3,
    difficulty=3,
)

CTC = component(
    "ctc",
    name="CTC loss",
    zh="连接时序分类损失",
    pytorch=("torch.nn.CTCLoss", "torch.nn.functional.ctc_loss"),
    keras=("keras.losses.CTC", "keras.losses.ctc"),
    tensorflow=("tf.nn.ctc_loss",),
    calls="""
F.ctc_loss(log_probs, y, n_frames, n_labels, reduction="none") | keras.losses.ctc(y, z)
    # log-probabilities (T, N, C) in PyTorch, logits (N, T, C) in Keras, where only 0 pads a label
F.ctc_loss(log_probs, y, fewer, n_labels, reduction="none") | keras.ops.ctc_loss(y, z, n_labels,
    fewer)
    # `keras.losses.CTC` takes no number of frames, `keras.ops.ctc_loss` does
""",
    behaviour={
        "ctc-mean-tf": "PyTorch's mean divides each loss by the length of its label, Keras's not",
        "ctc-padding-tf": "Keras takes every label but 0 for a letter: padding with −1 is wrong",
        "ctc-too-long-tf": "a label that is too long: ∞ and NaN in PyTorch, 708 in Keras",
        "ctc-inputs-tf": "PyTorch takes log-probabilities, Keras logits, and neither checks it",
        "ctc-gradcheck": "PyTorch's gradient is right only behind a `log_softmax`",
        "ctc-layout": "(N, T, C) passes in PyTorch if N and T are equal",
        "ctc-blank": "`tf.nn.ctc_loss` needs a `blank_index` for sparse labels",
        "ctc-batch-cost-tf": "the blank of Keras 2's `ctc_batch_cost` is the last class",
    },
    exercises=(CTC_EXERCISE,),
)


def greedy_decode(frames):
    return np.array(without_blanks(merged(frames.argmax(-1).tolist())), np.int64)


def ints(values):
    return np.array(list(values), np.int64)


GREEDY_DECODE_MISTAKES = """
ints(merged(without_blanks(frames.argmax(-1).tolist())))
    # a double letter is lost, as (2, 0, 2) is two letters: merge equal neighbours while the blanks
    # are still there
ints(without_blanks(frames.argmax(-1).tolist()))
    # equal neighbours are not merged: (1, 1) is one letter
ints(merged(frames.argmax(-1).tolist()))
    # the blanks are still there: remove class 0
ints(frames.argmax(-1))
    # this is the best path: merge equal neighbours, and remove class 0
ints(sorted(set(without_blanks(frames.argmax(-1).tolist()))))
ints(dict.fromkeys(without_blanks(frames.argmax(-1).tolist())))
    # each letter comes once: merge only neighbours
ints(merged((frames[:, 1:].argmax(-1) + 1).tolist()))
    # the blank is never the best class: choose among all classes, then remove the blanks
ints(without_blanks(merged(frames.argmax(-1).tolist())[1:]))
    # the first class of the path is left out: it has no neighbour before it, so it always stays
ints(k for k in merged(frames.argmax(-1).tolist()) if k != frames.shape[-1] - 1)
    # the last class is taken for the blank: here it is class 0
ints(k - 1 for k in without_blanks(merged(frames.argmax(-1).tolist())))
    # the letters are counted from 0: keep the numbers of the classes
ints(without_blanks(merged(frames.argmin(-1).tolist())))
    # the smallest number of each frame is taken: take the largest
ints(without_blanks(merged(frames.argmax(0).tolist())))
    # the largest number of each class is taken: take the best class of each frame
"""


def scores_of(path, n_classes, rng):
    """Log-probabilities for which this path is the best one."""
    z = rng.normal(0, 1, (len(path), n_classes))
    z[np.arange(len(path)), path] = z.max(-1) + 1
    return log_softmax(z)


def path_case(path, n_classes, rng, **fields):
    return Case((scores_of(path, n_classes, rng),), gradients=False, **fields)


GREEDY_DECODE_EXERCISE = Exercise(
    "greedy_decode",
    greedy_decode,
    visible=(
        path_case([0, 2, 2, 0, 2, 1, 1], 3, default_rng(1)),
        path_case([3, 1, 1, 0, 1, 3, 0, 2], 4, default_rng(2)),
        path_case([0, 0, 0], 3, default_rng(3), part="robustness"),
        path_case([2], 3, default_rng(4), part="robustness"),
    ),
    hidden=lambda rng: (
        path_case([1, 0, 1, 1, 3, 3, 0, 3, 2, 1], 4, rng),
        path_case([0, 2, 1, 2, 0, 0, 2, 2], 3, rng),
        path_case(rng.integers(0, 4, 12), 4, rng),
        path_case([0], 4, rng, part="robustness"),
    ),
    reference={
        "pytorch": """
def greedy_decode_pt(frames):
    best = torch.unique_consecutive(frames.argmax(-1))
    return best[best != 0]
""",
        "tensorflow": """
def greedy_decode_tf(frames):
    label = keras.ops.ctc_decode(frames[None], [len(frames)])[0][0, 0]
    return label[label >= 0]
""",
    },
    misconceptions=mistakes(GREEDY_DECODE_MISTAKES, globals(), "frames"),
    forbid=(
        "keras.ops.ctc_decode",
        "tf.nn.ctc_greedy_decoder",
        "tf.nn.ctc_beam_search_decoder",
    ),
    elementwise=False,
)

CTC_DECODING = component(
    "ctc_decoding",
    kind="usage",
    name="CTC decoding",
    zh="连接时序分类解码",
    keras=("keras.ops.ctc_decode",),
    tensorflow=("tf.nn.ctc_greedy_decoder", "tf.nn.ctc_beam_search_decoder"),
    calls="""
torch.unique_consecutive(frames.argmax(-1)) | keras.ops.ctc_decode(frames[None], [5])
    # then remove class 0 in PyTorch; Keras removes it, and pads the label with −1
""",
    behaviour={
        "decoding-beam": "greedy decoding can miss the best label; its score has the opposite sign",
        "decoding-blank": "the decoders of `tf.nn` take the last class for the blank",
    },
    exercises=(GREEDY_DECODE_EXERCISE,),
)


def picked(table, y):
    return table[np.arange(len(y)), y]


def clusters(h, head, down, up):
    """Log-probabilities of the head, and of the classes within the cluster."""
    return log_softmax(h @ head.T), log_softmax(h @ down.T @ up.T)


def with_cluster(h, y, head, down, up, cluster=1.0):
    """``cluster`` times the log-probability of the cluster is added for a rare class."""
    first, tail = clusters(h, head, down, up)
    n = len(head) - 1
    rare = picked(tail, np.maximum(y - n, 0)) + cluster * first[:, n]
    return np.where(y < n, picked(first, np.minimum(y, n)), rare)


def adaptive_log_softmax(h, y, head, down, up):
    return -with_cluster(h, y, head, down, up)


def together(h, y, head, down, up):
    """One softmax over the frequent classes and the rare ones."""
    return picked(log_softmax(np.concatenate([h @ head[:-1].T, h @ down.T @ up.T], 1)), y)


def wholly_together(h, y, head, down, up):
    """The logit of the cluster stays in the one softmax."""
    n = len(head) - 1
    z = np.concatenate([h @ head.T, h @ down.T @ up.T], 1)
    return picked(log_softmax(z), np.where(y < n, y, y + 1))


def logits_added(h, y, head, down, up):
    """The logit of the cluster is added to the logits of its classes."""
    rare = h @ down.T @ up.T + h @ head[-1:].T
    return picked(log_softmax(np.concatenate([h @ head[:-1].T, rare], 1)), y)


def multiplied(h, y, head, down, up):
    n = len(head) - 1
    first, tail = clusters(h, head, down, up)
    return picked(np.concatenate([first[:, :n], first[:, n:] * tail], 1), y)


def one_too_far(h, y, head, down, up):
    """The column of the cluster stays in the table."""
    first, tail = clusters(h, head, down, up)
    return picked(np.concatenate([first, first[:, -1:] + tail], 1), y)


def without_cluster_in_head(h, y, head, down, up):
    n = len(head) - 1
    frequent = log_softmax(h @ head[:-1].T)
    return np.where(
        y < n, picked(frequent, np.minimum(y, n - 1)), with_cluster(h, y, head, down, up)
    )


H = "h, y, head, down, up"
ADAPTIVE_MISTAKES = f"""
-with_cluster({H}, 0.0)
    # the log-probability of the cluster is missing: add it for a rare class
with_cluster({H})
    # the sign is wrong: this is the log-probability, and the loss is its negative
-together({H})
-wholly_together({H})
-logits_added({H})
    # head and cluster share one softmax: each has a softmax of its own
-multiplied({H})
    # for a rare class the two log-probabilities are multiplied: add them
-one_too_far({H})
    # the column of the cluster stays in the table, so rare classes are one place too far: drop it
-with_cluster(h, y, roll(head, -1, 0), down, up)
    # the first row of `head` is taken for the cluster: the last row is
-without_cluster_in_head({H})
    # for frequent classes the row of the cluster is missing in the softmax of the head
-with_cluster({H}).mean()
    # the losses are averaged: return one number for each example
exp(with_cluster({H}))
    # this is the probability: return its negative logarithm
-with_cluster({H}, -1.0)
    # the log-probability of the cluster is subtracted: add it
-where(y < len(head) - 1, with_cluster({H}), clusters(h, head, down, up)[0][:, -1])
    # for a rare class this is the loss of its cluster alone: add that of the class in the cluster
-with_cluster(h, y, head, down, up[::-1])
    # the classes of the cluster are counted from its end: class `cutoff` is its first
"""


def vocabulary(rng, n, features, cutoff, rare, hidden=2, y=None, **fields):
    y = rng.integers(0, cutoff + rare, n) if y is None else np.array(y)
    weights = [(cutoff + 1, features), (hidden, features), (rare, hidden)]
    head, down, up = (rng.normal(0, 1, shape) for shape in weights)
    return Case((rng.normal(0, 1, (n, features)), y, head, down, up), **fields)


def far_logits():
    h = np.array([[1000.0, 0.0], [-1000.0, 0.0]])
    head, down, up = np.eye(3, 2), np.eye(2), np.array([[0.5, 1.0], [0.0, 1.0]])
    return Case((h, np.array([1, 3]), head, down, up), part="robustness")


ADAPTIVE_EXERCISE = Exercise(
    "adaptive_log_softmax",
    adaptive_log_softmax,
    visible=(
        Case(
            (
                np.array([[1.0, 0.0]] * 3),
                np.array([0, 2, 3]),
                np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 0.0]]),
                np.array([[1.0, 1.0]]),
                np.array([[1.0], [3.0]]),
            )
        ),
        vocabulary(default_rng(1), 4, 3, 2, 4, y=[0, 1, 2, 5]),
        vocabulary(default_rng(2), 5, 4, 3, 3, 3, y=[5, 4, 3, 2, 0]),
        vocabulary(default_rng(3), 2, 3, 2, 3, y=[3, 4], part="robustness"),
        far_logits(),
    ),
    hidden=lambda rng: (
        vocabulary(rng, 6, 3, 3, 4, y=[0, 2, 3, 4, 5, 6]),
        vocabulary(rng, 5, 4, 2, 5, 3, y=[6, 0, 3, 1, 2]),
        vocabulary(rng, 1, 3, 2, 3, y=[2], part="robustness"),
        vocabulary(rng, 3, 3, 4, 2, y=[0, 3, 1], part="robustness"),
    ),
    reference={
        "pytorch": """
def adaptive_log_softmax_pt(h, y, head, down, up):
    n = len(head) - 1
    layer = nn.AdaptiveLogSoftmaxWithLoss(h.shape[1], n + len(up), [n])
    weights = {"head.weight": head, "tail.0.0.weight": down, "tail.0.1.weight": up}
    layer.tail[0] = nn.Sequential(nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False))
    return -torch.func.functional_call(layer, weights, (h, y)).output
""",
        "tensorflow": """
def adaptive_log_softmax_tf(y, h, head, down, up):
    n = head.shape[0] - 1
    first = tf.nn.log_softmax(h @ tf.transpose(head))
    tail = tf.nn.log_softmax(h @ tf.transpose(up @ down)) + first[:, n:]
    return -tf.gather(tf.concat([first[:, :n], tail], 1), y, batch_dims=1)
""",
    },
    misconceptions=mistakes(ADAPTIVE_MISTAKES, globals(), H),
    target_first=True,
    elementwise=False,
    rtol=1e-3,
)


def sampled(h, y, weight, candidates, expected, *, correct=1.0, hits=-np.inf):
    """``correct`` times the logarithm of the expected counts is subtracted from the logits."""
    s = h @ weight.T - correct * np.log(expected)
    s_y, s_j = picked(s, y)[:, None], s[:, candidates]
    s_j = s_j + np.where(candidates == y[:, None], hits, 0)
    return -log_softmax(np.concatenate([s_y, s_j], 1))[:, 0]


def corrected(h, y, weight, candidates, expected):
    """The corrected logits of all classes, of the targets, and of the candidates."""
    s = h @ weight.T - np.log(expected)
    return s, picked(s, y), s[:, candidates]


def hits_at_zero(h, y, weight, candidates, expected):
    _, s_y, s_j = corrected(h, y, weight, candidates, expected)
    s_j = np.where(candidates == y[:, None], 0, s_j)
    return -log_softmax(np.concatenate([s_y[:, None], s_j], 1))[:, 0]


def without_target(h, y, weight, candidates, expected):
    """The sum is over the candidates only."""
    _, s_y, s_j = corrected(h, y, weight, candidates, expected)
    return np.log((np.exp(s_j) * (candidates != y[:, None])).sum(1)) - s_y


def sampled_softmax(h, y, weight, candidates, expected):
    return sampled(h, y, weight, candidates, expected)


def one_sided(h, y, weight, candidates, expected):
    """Only the candidates are corrected, not the target."""
    z = h @ weight.T
    s_j = (z - np.log(expected))[:, candidates]
    s_j = s_j + np.where(candidates == y[:, None], -np.inf, 0)
    return -log_softmax(np.concatenate([picked(z, y)[:, None], s_j], 1))[:, 0]


def nce(h, y, weight, candidates, expected):
    s = h @ weight.T - np.log(expected)
    return np.logaddexp(0, -picked(s, y)) + np.logaddexp(0, s[:, candidates]).sum(1)


S = "h, y, weight, candidates, expected"
SAMPLED_SOFTMAX_MISTAKES = f"""
sampled({S}, correct=0)
    # the logarithm of the expected counts is not subtracted from the logits
sampled({S}, correct=-1)
    # the logarithm of the expected counts is added: subtract it
one_sided({S})
    # only the candidates are corrected: subtract the logarithm from the logit of the target, too
sampled({S}, hits=0)
    # a candidate that is the target is counted twice: leave it out
sampled({S}, hits=0, correct=0)
    # the expected counts are not used, and a candidate that is the target is counted twice
hits_at_zero({S})
    # a hit gets the logit 0, which still counts, as e⁰ is 1: use −∞
sampled(h, y, weight, candidates[~isin(candidates, y)], expected)
    # a target is left out for all examples: leave it out only for its own
without_target({S})
    # the target is missing in the sum: the softmax is over the target and the candidates
-picked(log_softmax(h @ weight.T), y)
-picked(log_softmax(corrected({S})[0]), y)
    # the softmax is over all classes: use the target and the candidates alone
nce({S})
    # this is noise-contrastive estimation: use one softmax of target and candidates
sampled({S}).mean()
    # the losses are averaged: return one number for each example
-sampled({S})
    # the sign is wrong: return the negative log-probability
sampled(h, y, weight, candidates, exp(expected))
    # the expected counts themselves are subtracted: subtract their logarithms
"""


def draws(rng, n, features, n_classes, y, candidates, **fields):
    expected = rng.uniform(0.1, 0.9, n_classes)
    h, weight = rng.normal(0, 1, (n, features)), rng.normal(0, 1, (n_classes, features))
    return Case((h, np.array(y), weight, np.array(candidates), expected), **fields)


SAMPLED_SOFTMAX_EXERCISE = Exercise(
    "sampled_softmax",
    sampled_softmax,
    visible=(
        Case(
            (
                np.array([[1.0]]),
                np.array([0]),
                np.array([[0.0], [1.0], [2.0]]),
                np.array([1, 0]),
                np.array([0.5, 0.5, 0.25]),
            )
        ),
        draws(default_rng(1), 2, 3, 6, [1, 4], [4, 5, 0]),
        draws(default_rng(2), 3, 2, 5, [0, 2, 3], [2, 1]),
        draws(default_rng(3), 2, 2, 5, [0, 3], [3], part="robustness"),
    ),
    hidden=lambda rng: (
        draws(rng, 3, 3, 8, [7, 1, 2], [1, 5, 7, 3]),
        draws(rng, 4, 2, 6, [0, 1, 2, 3], [5, 3, 0]),
        draws(rng, 1, 3, 7, [6], [0, 6, 1], part="robustness"),
    ),
    reference={
        "pytorch": """
def sampled_softmax_pt(h, y, weight, candidates, expected):
    s = h @ weight.T - expected.log()
    hit = candidates == y[:, None]
    s_j = s[:, candidates].masked_fill(hit, -torch.inf)
    s = torch.cat([s.gather(1, y[:, None]), s_j], 1)
    return F.cross_entropy(s, torch.zeros_like(y), reduction="none")
""",
        "tensorflow": """
def sampled_softmax_tf(y, h, weight, candidates, expected):
    counts = tf.gather(expected, y)[:, None], tf.gather(expected, candidates)
    n_classes = weight.shape[0]
    return tf.nn.sampled_softmax_loss(
        weight, tf.zeros(n_classes), y[:, None], h, len(candidates), n_classes,
        sampled_values=(candidates, *counts),
    )
""",
    },
    misconceptions=mistakes(SAMPLED_SOFTMAX_MISTAKES, globals(), S),
    forbid=("tf.nn.sampled_softmax_loss", "tf.nn.nce_loss"),
    target_first=True,
    targets=(1, 3, 4),
    elementwise=False,
    rtol=1e-3,
    kind="break",
)

ADAPTIVE_LOG_SOFTMAX = component(
    "adaptive_log_softmax",
    name="Adaptive log-softmax",
    zh="分布很不均衡的损失函数",
    pytorch=("torch.nn.AdaptiveLogSoftmaxWithLoss",),
    calls="""
softmax.log_prob(x) | adaptive_log_prob(x)
    # `nn.AdaptiveLogSoftmaxWithLoss`; TensorFlow has none, and this chapter builds it
""",
    behaviour={
        "adaptive-tf": "TensorFlow has no adaptive log-softmax: this chapter builds it",
        "adaptive-size": "the cutoffs are required, and the classes must be sorted by frequency",
        "sampled-tf": "PyTorch has no sampled softmax and no NCE: this chapter builds both",
        "sampled-small-tf": "a sampled softmax is smaller than the full cross-entropy",
    },
    exercises=(ADAPTIVE_EXERCISE, SAMPLED_SOFTMAX_EXERCISE),
)


def shares(h, y, weight):
    """The softmax of the logits, less 1 at the target."""
    return np.exp(log_softmax(h @ weight.T)) - np.eye(len(weight))[y]


def losses(h, y, weight):
    return -picked(log_softmax(h @ weight.T), y)


def linear_cross_entropy(h, y, weight, chunk):
    return losses(h, y, weight).mean(), shares(h, y, weight) @ weight / len(y)


def chunks(values, chunk):
    return [values[i : i + chunk] for i in range(0, len(values), chunk)]


def mean_of_means(values, chunk):
    return np.mean([part.mean() for part in chunks(values, chunk)])


def by_chunk(h, y, weight, chunk):
    """The gradient of the mean of the chunks' means."""
    parts = chunks(shares(h, y, weight) @ weight, chunk)
    return np.concatenate([part / len(part) / len(parts) for part in parts])


def by_size(h, y, weight, chunk):
    """The gradient of each chunk's mean."""
    parts = chunks(shares(h, y, weight) @ weight, chunk)
    return np.concatenate([part / len(part) for part in parts])


LOSS, SHARES = "losses(h, y, weight)", "shares(h, y, weight)"
LINEAR_CROSS_ENTROPY_MISTAKES = f"""
(mean_of_means({LOSS}, chunk), by_chunk(h, y, weight, chunk))
(mean_of_means({LOSS}, chunk), {SHARES} @ weight / len(y))
    # this is the mean of the chunks' means: the last chunk can be smaller, so add the losses, and
    # divide by the number of tokens at the end
({LOSS}.sum(), {SHARES} @ weight)
    # this is the sum: divide by the number of tokens
({LOSS}.mean(), {SHARES} @ weight)
    # the gradient is that of the sum: divide it by the number of tokens
({LOSS}.mean(), {SHARES} @ weight / chunk)
    # the gradient is divided by the size of a chunk: divide it by the number of tokens
({LOSS}.mean(), by_size(h, y, weight, chunk))
    # the gradient of each chunk is divided by its own size: divide by the number of tokens
({LOSS}.sum() / len(chunks(y, chunk)), {SHARES} @ weight / len(chunks(y, chunk)))
    # loss and gradient are divided by the number of chunks: divide by the number of tokens
({LOSS}.sum() / chunk, {SHARES} @ weight / chunk)
    # loss and gradient are divided by the size of a chunk: divide by the number of tokens
({LOSS}.mean(), exp(log_softmax(h @ weight.T)) @ weight / len(y))
    # the target is missing in the gradient: subtract 1 from its probability
({LOSS}.mean(), -{SHARES} @ weight / len(y))
    # the gradient has the wrong sign: it is the probabilities less the target
({LOSS}.mean(), {SHARES} / len(y))
    # this is the gradient of the logits: multiply it by the weight
({LOSS}.mean(), {SHARES}.T @ h / len(y))
    # this is the gradient of the weight: the gradient of h is asked for
(-{LOSS}.mean(), -{SHARES} @ weight / len(y))
    # the sign is wrong: the loss is the negative log-probability
({LOSS}[:len(y) // chunk * chunk].sum() / len(y), {SHARES} @ weight / len(y))
    # the tokens behind the last full chunk are left out: the last chunk can be smaller
"""


def tokens(rng, n, features, n_classes, chunk, spread=1.0, **fields):
    h, weight = rng.normal(0, spread, (n, features)), rng.normal(0, 1, (n_classes, features))
    y = rng.integers(0, n_classes, n)
    return Case((h, y, weight), {"chunk": chunk}, gradients=False, **fields)


LINEAR_CROSS_ENTROPY_EXERCISE = Exercise(
    "linear_cross_entropy",
    linear_cross_entropy,
    visible=(
        Case(
            (np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]]), np.array([1, 1, 0]), np.eye(2)),
            {"chunk": 2},
            gradients=False,
        ),
        tokens(default_rng(1), 7, 3, 5, 3),
        tokens(default_rng(2), 5, 2, 4, 2),
        tokens(default_rng(3), 3, 2, 4, 8, part="robustness"),
        tokens(default_rng(4), 4, 2, 3, 3, 500.0, part="robustness"),
    ),
    hidden=lambda rng: (
        tokens(rng, 8, 3, 6, 5),
        tokens(rng, 9, 4, 3, 4),
        tokens(rng, 4, 3, 5, 1, part="robustness"),
        tokens(rng, 5, 3, 4, 2, 500.0, part="robustness"),
    ),
    reference={
        "pytorch": """
def linear_cross_entropy_pt(h, y, weight, chunk):
    h = h.detach().clone().requires_grad_()
    options = nn.LinearCrossEntropyOptions(batch_chunk_size=chunk)
    loss = F.linear_cross_entropy(h, weight, y, options=options)
    return loss.detach(), torch.autograd.grad(loss, h)[0]
""",
        "tensorflow": """
def linear_cross_entropy_tf(y, h, weight, chunk):
    with tf.GradientTape() as tape:
        tape.watch(h)
        z = h @ tf.transpose(weight)
        ce = keras.losses.sparse_categorical_crossentropy(y, z, from_logits=True)
        loss = tf.reduce_mean(ce)
    return loss, tape.gradient(loss, h)
""",
    },
    misconceptions=mistakes(LINEAR_CROSS_ENTROPY_MISTAKES, globals(), "h, y, weight, chunk"),
    target_first=True,
    elementwise=False,
    rtol=1e-3,
    kind="repair",
)

LINEAR_CROSS_ENTROPY = component(
    "linear_cross_entropy",
    name="Linear cross-entropy",
    zh="线性交叉熵",
    pytorch=(
        "torch.nn.LinearCrossEntropyLoss",
        "torch.nn.LinearCrossEntropyOptions",
        "torch.nn.functional.linear_cross_entropy",
    ),
    calls="""
F.linear_cross_entropy(h, weight, y) | sparse(y, h @ tf.transpose(weight))
    # it saves memory only with `options=nn.LinearCrossEntropyOptions()`; `sparse` is Keras's
    # cross-entropy on logits
""",
    behaviour={
        "linear-bytes": "without `options` the whole logits are made, and nothing is saved",
        "linear-chunks-tf": "in TensorFlow, chunks with `tf.recompute_grad` do the same",
        "linear-layer": "no bias by default; with `options` a second backward raises an error",
    },
    exercises=(LINEAR_CROSS_ENTROPY_EXERCISE,),
)

COMPONENTS = (CTC, CTC_DECODING, ADAPTIVE_LOG_SOFTMAX, LINEAR_CROSS_ENTROPY)
