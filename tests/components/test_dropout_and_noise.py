"""Dropout and noise: right answers in other words, and typical wrong ones with their names."""

import pytest

from diptych.catalogue import draws, masks, noise
from diptych.catalogue.lookup import exercise
from diptych.forbidden import operations
from diptych.judging import oracle, worker
from tests.judging.answers import cases, verdict_on, written

IN_TORCH = """
class {answer}_pt(nn.Module):
    def __init__(self, argument, axis=1):
        super().__init__()
        self.p = self.sd = argument
    def forward(self, x):
        p, sd, training = self.p, self.sd, self.training
        if not training or p == 1:
            return x if not training else 0 * x
        {lines}
"""
IN_TF = """
class {answer}_tf(keras.layers.Layer):
    def __init__(self, argument, axis=1):
        super().__init__()
        self.p = self.sd = argument
    def call(self, x, training=False):
        p, sd = self.p, self.sd
        if not training or p == 1:
            return x if not training else 0 * x
        {lines}
"""
FRAMEWORKS = {"pt": ("pytorch", IN_TORCH), "tf": ("tensorflow", IN_TF)}


def verdict(answer, suffix, lines):
    framework, text = FRAMEWORKS[suffix]
    body = lines.strip().replace("\n", "\n        ")
    made = written(text.format(answer=answer, lines=body), f"{answer}_{suffix}")
    return made, verdict_on(exercise(answer), made, framework, seed=1)


RIGHT = [
    ("dropout", "pt", "return x * torch.bernoulli(torch.full_like(x, 1 - p)) / (1 - p)"),
    ("dropout", "pt", "return x.masked_fill(torch.rand(x.shape) < p, 0) / (1 - p)"),
    ("dropout", "pt", "return x * torch.empty_like(x).uniform_().gt(p) / (1 - p)"),
    ("dropout", "pt", "return x * torch.distributions.Bernoulli(1 - p).sample(x.shape) / (1 - p)"),
    ("dropout", "tf", "return tf.where(keras.random.uniform(x.shape) >= p, x / (1 - p), 0.0)"),
    ("dropout", "tf", "return x * keras.random.binomial(x.shape, 1, 1 - p) / (1 - p)"),
    ("dropout", "tf", "return x * tf.floor(tf.random.uniform(tf.shape(x)) + 1 - p) / (1 - p)"),
    ("gaussian_dropout", "pt", "return x * torch.normal(1.0, (p / (1 - p)) ** 0.5, x.shape)"),
    (
        "gaussian_dropout",
        "tf",
        "return x + x * (p / (1 - p)) ** 0.5 * keras.random.normal(x.shape)",
    ),
    ("gaussian_noise", "pt", "return x + torch.normal(0.0, sd, x.shape)"),
    ("gaussian_noise", "tf", "return x + keras.random.normal(x.shape, 0.0, sd)"),
]


@pytest.mark.parametrize(("answer", "suffix", "lines"), RIGHT)
def test_a_right_answer_in_other_words_keeps_every_point(answer, suffix, lines):
    asked = exercise(answer)
    made, found = verdict(answer, suffix, lines)
    assert found.points == found.max_points, found.findings
    question = oracle.question(asked, cases(asked)[-1])
    symbols = operations.symbols(asked)
    (result,) = worker.ask(made, FRAMEWORKS[suffix][0], [question], symbols=symbols)
    assert operations.seen(result["ran"], asked) == []


CHANGED = "the input has been changed in place; make a new tensor instead"
WRONG = [
    ("dropout", "pt", "return x * (torch.rand(x.shape[1:]) >= p) / (1 - p)", draws.ONE_MASK),
    ("dropout", "pt", "torch.manual_seed(0); return x * (torch.rand(x.shape) >= p) / (1 - p)",
     draws.SAME_TWICE),
    ("dropout", "pt", "return x * (torch.randn(x.shape) >= p) / (1 - p)", masks.WRONG_SHARE),
    ("dropout", "pt", "x[torch.rand(x.shape) < p] = 0; return x / (1 - p)", CHANGED),
    ("dropout", "tf", "u = tf.random.stateless_uniform(x.shape, [1, 2])\n"
     "return x * tf.cast(u >= p, x.dtype) / (1 - p)", draws.SAME_TWICE),
    ("gaussian_dropout", "tf", "sd = (p / (1 - p)) ** 0.5\n"
     "return x * tf.random.truncated_normal(x.shape, 1.0, sd)", noise.CUT_OFF),
    ("gaussian_dropout", "pt", "return x * (torch.rand_like(x) >= p) / (1 - p)", noise.NOT_NORMAL),
    ("gaussian_noise", "pt", "x += sd * torch.randn_like(x); return x", CHANGED),
    ("gaussian_noise", "pt", "return x + sd * torch.rand_like(x)", noise.WRONG_MEAN),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "suffix", "lines", "said"), WRONG)
def test_a_wrong_answer_loses_its_values_and_is_named(answer, suffix, lines, said):
    _, found = verdict(answer, suffix, lines)
    assert (found.points, found.diagnosis) == (0, said)


IN_EFFECT = {
    "torch.feature_dropout": "return torch.feature_dropout(x, p, True)",
    "torch.native_dropout": "return torch.native_dropout(x, p, True)[0]",
    "dropout1d": "return F.dropout1d(x, p)",
}


@pytest.mark.parametrize("name", IN_EFFECT)
def test_what_does_the_work_of_a_layer_is_seen(name):
    asked = exercise("spatial_dropout")
    made, _ = verdict("spatial_dropout", "pt", IN_EFFECT[name])
    case = next(c for c in asked.visible if c.judge)
    symbols = operations.symbols(asked)
    (result,) = worker.ask(made, "pytorch", [oracle.question(asked, case)], symbols=symbols)
    assert name in operations.seen(result["ran"], asked)
