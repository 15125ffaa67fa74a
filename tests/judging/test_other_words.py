"""Right answers in other words than the solution's get every point, and print nothing."""

import sys

import pytest

from diptych import check
from diptych.catalogue.lookup import exercise
from tests.judging.answers import said, written

RIGHT = {
    "relu_pt": [
        "relu_pt = lambda x: x * (x > 0)",
        "relu_pt = lambda x: (x + x.abs()) / 2",
        "relu_pt = lambda x: torch.max(x, torch.tensor(0.0))",
        "def relu_pt(x):\n    y = x.clone()\n    y[y < 0] = 0\n    return y",
    ],
    "relu_tf": [
        "relu_tf = lambda x: keras.ops.maximum(x, 0)",
        "relu_tf = tf.function(lambda x: tf.maximum(x, 0))",
    ],
    "relu6_pt": ["relu6_pt = lambda x: x.relu().clamp(max=6)"],
    "relu6_tf": [
        "relu6_tf = lambda x: tf.minimum(tf.nn.relu(x), 6.0)",
        "relu6_tf = lambda x: tf.minimum(keras.layers.ReLU()(x), 6.0)",
    ],
    "prelu_tf": [
        """
class prelu_tf(keras.layers.Layer):
    def __init__(self, n_channels):
        super().__init__()
        self.weight = keras.Variable(tf.fill((n_channels,), 0.25))
    def call(self, x):
        a = tf.reshape(self.weight, (-1, *[1] * (len(x.shape) - 2)))
        return tf.where(x > 0, x, a * x)
"""
    ],
    "sigmoid_pt": [
        "sigmoid_pt = lambda x: torch.exp(-F.softplus(-x))",
        "sigmoid_pt = lambda x: (1 + x.div(2).tanh()) / 2",
        "sigmoid_pt = lambda x: torch.stack([x, torch.zeros_like(x)]).softmax(0)[0]",
    ],
    "sigmoid_tf": ["sigmoid_tf = lambda x: 1 - 1 / (1 + tf.exp(tf.minimum(x, 80.0)))"],
    "log_sigmoid_pt": [
        "log_sigmoid_pt = lambda x: -torch.logaddexp(torch.zeros_like(x), -x)",
        "log_sigmoid_pt = lambda x: torch.where(x > -80, x.clamp(min=-80).sigmoid().log(), x)",
    ],
    "log_sigmoid_tf": ["log_sigmoid_tf = lambda x: x - tf.nn.softplus(x)"],
    "hard_sigmoid_tf": ["hard_sigmoid_tf = lambda x: (tf.abs(x + 3) - tf.abs(x - 3)) / 12 + 0.5"],
    "sparse_sigmoid_tf": ["sparse_sigmoid_tf = lambda x: tf.nn.relu6(3 * x + 3) / 6"],
    "tanh_pt": [
        "tanh_pt = lambda x: 2 * nn.Sigmoid()(2 * x) - 1",
        "tanh_pt = lambda x: x.clamp(-15, 15).sinh() / x.clamp(-15, 15).cosh()",
    ],
    "tanh_tf": ["tanh_tf = lambda x: 1 - 2 / (tf.exp(2 * tf.minimum(x, 40.0)) + 1)"],
    "hard_tanh_pt": ["hard_tanh_pt = lambda x: x / x.abs().clamp(min=1)"],
    "leaky_relu_pt": [
        "leaky_relu_pt = lambda x, a: x.clamp(min=0) + a * x.clamp(max=0)",
        "leaky_relu_pt = lambda x, a: F.relu(x) - a * F.relu(-x)",
    ],
    "leaky_relu_tf": ["leaky_relu_tf = lambda x, a: tf.maximum(x, 0) + a * tf.minimum(x, 0)"],
    "silu_pt": ["silu_pt = lambda x: x / (1 + torch.exp(-x.clamp(min=-80)))"],
    "hard_silu_pt": [
        "hard_silu_pt = lambda x: torch.where(x > 3, x, torch.where(x < -3, 0, x * (x + 3) / 6))"
    ],
    "hard_silu_tf": [
        "hard_silu_tf = lambda x: x * tf.minimum(tf.maximum(0.0, x + 3), 6.0) / 6",
        "hard_silu_tf = lambda x: x * tf.clip_by_value(x + 3, 0, 6) / 6",
    ],
    "gelu_pt": ["gelu_pt = lambda x: x * torch.special.ndtr(x)"],
    "gelu_tf": ["gelu_tf = lambda x: x * tf.math.erfc(-x / tf.sqrt(2.0)) / 2"],
    "gelu_tanh_tf": [
        "gelu_tanh_tf = lambda x: x * tf.sigmoid(1.5957691 * x * (1 + 0.044715 * x**2))"
    ],
    "mish_pt": ["mish_pt = lambda x: x * (1 - 2 / (1 + (1 + x.clamp(max=20).exp()) ** 2))"],
    "glu_pt": [
        "def glu_pt(x, dim):\n    n = x.shape[dim] // 2\n"
        "    return x.narrow(dim, 0, n) * torch.sigmoid(x.narrow(dim, n, n))"
    ],
    "crelu_pt": ["crelu_pt = lambda x, dim: torch.cat([x.abs() + x, x.abs() - x], dim) / 2"],
    "threshold_pt": ["threshold_pt = lambda x, bar, v: torch.masked_fill(x, x <= bar, v)"],
    "hard_shrink_tf": ["hard_shrink_tf = lambda x, t: x * tf.cast(tf.abs(x) > t, x.dtype)"],
    "soft_shrink_pt": [
        "soft_shrink_pt = lambda x, t: x - F.hardtanh(x, -t, t)",
        "soft_shrink_pt = lambda x, t: x.sign() * torch.maximum(x.abs() - t, torch.tensor(0.0))",
    ],
    "sparse_plus_pt": [
        "sparse_plus_pt = lambda x: F.relu(x + 1) ** 2 / 4 - F.relu(x - 1) ** 2 / 4"
    ],
    "tanh_shrink_small_tf": [
        "tanh_shrink_small_tf = lambda x: tf.where(tf.abs(x) < 0.1, x**3 / 3, x - tf.tanh(x))"
    ],
    "softmax_pt": [
        "softmax_pt = lambda x, dim: torch.exp(x - torch.logsumexp(x, dim, keepdim=True))"
    ],
    "log_softmax_tf": [
        "log_softmax_tf = lambda x, axis: x - tf.reduce_logsumexp(x, axis, keepdims=True)"
    ],
    "gumbel_softmax_pt": [
        "gumbel_softmax_pt = lambda x, tau: "
        "torch.softmax((x - torch.empty_like(x).exponential_().log()) / tau, dim=-1)"
    ],
    "sparsemax_pt": [
        """
def sparsemax_pt(x, dim):
    x = x.transpose(dim, -1)
    z = x.sort(descending=True).values
    share = 1 + torch.arange(1, z.shape[-1] + 1) * z > z.cumsum(-1)
    tau = ((z * share).sum(-1, keepdim=True) - 1) / share.sum(-1, keepdim=True)
    return torch.clamp(x - tau, min=0).transpose(dim, -1)
"""
    ],
    "celu_tf": ["celu_tf = lambda x, a: tf.where(x < 0, a * (tf.exp(-tf.nn.relu(-x) / a) - 1), x)"],
    "celu_pt": ["celu_pt = lambda x, a: nn.ELU()(x / a) * a"],
    "squareplus_pt": [
        "squareplus_pt = lambda x, b: ((x.double() + (x.double() ** 2 + b) ** 0.5) / 2).float()",
        "squareplus_pt = lambda x, b: b**0.5 / 2 * torch.exp(torch.asinh(x / b**0.5))",
    ],
    "exponential_tf": ["exponential_tf = lambda x: 2 ** (x * 1.4426950408889634)"],
    "with_row_pt": [
        "with_row_pt = lambda x, row, i: torch.cat([x[:i], row[None], x[i + 1 :]])",
        "with_row_pt = lambda x, row, i: torch.select_scatter(x, row, 0, i)",
    ],
    "with_row_tf": [
        "with_row_tf = lambda x, row, i: x + tf.one_hot(i, x.shape[0])[:, None] * (row - x)"
    ],
    "kernel_behind_flatten_tf": [
        "kernel_behind_flatten_tf = lambda w, height, width: tf.gather("
        "tf.transpose(w), np.arange(w.shape[1]).reshape(-1, height * width).T.ravel())"
    ],
    "leaky_relu_by_hand_tf": [
        """
@tf.custom_gradient
def leaky_relu_by_hand_tf(x, a):
    def backward(upstream):
        slope = tf.where(x > 0, 1.0, tf.where(x < 0, a, (1 + 3 * a) / 4))
        return upstream * slope, None
    return tf.where(x > 0, x, a * x), backward
"""
    ],
}
RIGHT |= {
    "train_linear_pt": [
        """
def train_linear_pt(x, y, w, lr, steps):
    w = w.clone().requires_grad_()
    for _ in range(steps):
        F.mse_loss(x @ w, y).backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad.zero_()
    return w
"""
    ],
    "adagrad_pt": [
        """
def adagrad_pt(w, g, lr, start, eps):
    return w - (lr * g / (start + (g**2).cumsum(0) + eps).sqrt()).sum(0)
"""
    ],
}
PLAUSIBLE = [(name, source) for name, sources in RIGHT.items() for source in sources]


@pytest.mark.parametrize(("name", "source"), PLAUSIBLE)
def test_a_right_answer_in_other_words_gets_every_point(name, source, monkeypatch, capfd):
    made = written(source, name)
    monkeypatch.setattr(sys.modules["__main__"], name, made, raising=False)  # a lambda has no name
    checked = check(made)
    assert checked == exercise(name[:-3]).max_points, said(checked)
    assert capfd.readouterr().err == ""
