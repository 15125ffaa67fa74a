"""Right answers in other words keep every point, and wrong ones in code of their own get a name."""

import pytest

from diptych.catalogue.lookup import exercise
from tests.judging.answers import verdict_on, written

BATCH_NORM_PT = """
class batch_norm_pt(nn.Module):
    def __init__(self, n, m, eps):
        super().__init__()
        self.m, self.eps = m, eps
        self.weight = nn.Parameter(torch.ones(n))
        self.bias = nn.Parameter(torch.zeros(n))
        self.register_buffer("running_mean", torch.zeros(n))
        self.register_buffer("running_var", torch.ones(n))
    def forward(self, x):
        rows = x.transpose(0, 1).flatten(1)
        mean, var = self.running_mean, self.running_var
        if self.training:
            var, mean = torch.var_mean(rows, dim=1, correction=0)
            with torch.no_grad():
                self.running_mean += self.m * (mean - self.running_mean)
                self.running_var += self.m * (rows.var(1) - self.running_var)
        z = (rows - mean[:, None]) * torch.rsqrt(var[:, None] + self.eps)
        z = z * self.weight[:, None] + self.bias[:, None]
        return z.reshape(x.shape[1], x.shape[0], *x.shape[2:]).transpose(0, 1)
"""
BATCH_NORM_TF = """
class batch_norm_tf(keras.layers.Layer):
    def __init__(self, n, m, eps):
        super().__init__()
        self.m, self.eps = m, eps
        self.weight = self.add_weight((n,), "ones")
        self.bias = self.add_weight((n,), "zeros")
        self.running_mean = self.add_weight((n,), "zeros", trainable=False)
        self.running_var = self.add_weight((n,), "ones", trainable=False)
    def call(self, x, training=False):
        y = keras.ops.moveaxis(x, 1, -1)
        mean, var = self.running_mean, self.running_var
        if training:
            mean, var = tf.nn.moments(y, list(range(len(y.shape) - 1)))
            n = tf.cast(tf.size(y) / y.shape[-1], tf.float32)
            self.running_mean.assign_add(self.m * (mean - self.running_mean))
            self.running_var.assign_add(self.m * (var * n / (n - 1) - self.running_var))
        z = (y - mean) / tf.sqrt(var + self.eps) * self.weight + self.bias
        return keras.ops.moveaxis(z, -1, 1)
"""
LAYER_NORM_PT = """
def layer_norm_pt(x, weight, bias, eps):
    c = x - x.mean(-1, keepdim=True)
    return weight * c * torch.rsqrt((c * c).mean(-1, keepdim=True) + eps) + bias
"""
LAYER_NORM_TF = """
def layer_norm_tf(x, weight, bias, eps):
    mean, var = tf.nn.moments(x, [-1], keepdims=True)
    return weight * (x - mean) / (var + eps) ** 0.5 + bias
"""
GROUP_NORM_PT = """
def group_norm_pt(x, weight, bias, n_groups, eps):
    g = x.unflatten(1, (n_groups, -1))
    axes = tuple(range(2, g.ndim))
    z = (g - g.mean(axes, keepdim=True)) / (g.var(axes, unbiased=False, keepdim=True) + eps).sqrt()
    one = [1] * (x.ndim - 2)
    return z.flatten(1, 2) * weight.view(-1, *one) + bias.view(-1, *one)
"""
INSTANCE_NORM_PT = """
def instance_norm_pt(x, weight, bias, eps):
    rows = x.flatten(2)
    z = (rows - rows.mean(-1, True)) / (rows.var(-1, correction=0, keepdim=True) + eps) ** 0.5
    return (z * weight[:, None] + bias[:, None]).view_as(x)
"""
RMS_NORM_TF = """
def rms_norm_tf(x, weight, eps):
    return weight * x * tf.math.rsqrt(keras.ops.mean(tf.square(x), axis=-1, keepdims=True) + eps)
"""
BACKWARD_PT = """
def layer_norm_backward_pt(g, x, weight, eps):
    n = x.shape[-1]
    c = x - x.mean(-1, keepdim=True)
    r = torch.rsqrt((c * c).mean(-1, keepdim=True) + eps)
    z, gw = c * r, g * weight
    dx = r / n * (n * gw - gw.sum(-1, keepdim=True) - z * (gw * z).sum(-1, keepdim=True))
    return dx, torch.einsum("...i,...i->i", g, z), torch.einsum("...i->i", g)
"""
UNIT_NORM_PT = """
def unit_norm_pt(x, eps):
    square = (x * x).sum(-1, keepdim=True)
    return x * torch.rsqrt(torch.maximum(square, torch.tensor(eps * eps)))
"""
UNIT_NORM_TF = """
def unit_norm_tf(x, eps):
    square = tf.reduce_sum(x * x, -1, keepdims=True)
    safe = tf.where(square > eps**2, square, 1.0)
    return tf.where(square > eps**2, x / tf.sqrt(safe), x / eps)
"""
WEIGHT_NORM_TF = """
def weight_norm_tf(v, g):
    axes = list(range(1, len(v.shape)))
    along = [-1] + [1] * len(axes)
    return v * tf.reshape(g, along) * tf.math.rsqrt(tf.reduce_sum(v * v, axes, keepdims=True))
"""
WEIGHT_NORM_PT = """
def weight_norm_pt(v, g):
    return v * (g / torch.linalg.vector_norm(v.flatten(1), dim=1)).view(-1, *[1] * (v.ndim - 1))
"""
SPECTRAL_NORM_PT = """
def spectral_norm_pt(weight, u):
    v = F.normalize(weight.detach().T @ u.detach(), dim=0)
    u = F.normalize(weight.detach() @ v, dim=0)
    return weight / torch.dot(u, torch.mv(weight, v)), u
"""
RESPONSE_TF = """
def local_response_norm_tf(x, size, alpha, beta, k):
    n = x.shape[1]
    c = tf.range(n)
    far = c[None] - c[:, None]
    window = tf.cast((far >= -(size // 2)) & (far <= (size - 1) // 2), tf.float32)
    sums = tf.tensordot(window, x**2, [[1], [1]])
    sums = tf.transpose(sums, [1, 0, *range(2, len(x.shape))])
    return x / (k + alpha / size * sums) ** beta
"""
RESPONSE_PT = """
def local_response_norm_pt(x, size, alpha, beta, k):
    y = torch.empty_like(x)
    parts = []
    for c in range(x.shape[1]):
        window = x[:, max(0, c - size // 2) : c + (size - 1) // 2 + 1]
        parts.append(x[:, c] * (k + alpha / size * window.square().sum(1)) ** -beta)
    return torch.stack(parts, 1)
"""
RIGHT = {
    f"{name}_{suffix}": source
    for name, suffix, source in (
        ("batch_norm", "pt", BATCH_NORM_PT),
        ("batch_norm", "tf", BATCH_NORM_TF),
        ("layer_norm", "pt", LAYER_NORM_PT),
        ("layer_norm", "tf", LAYER_NORM_TF),
        ("group_norm", "pt", GROUP_NORM_PT),
        ("instance_norm", "pt", INSTANCE_NORM_PT),
        ("rms_norm", "tf", RMS_NORM_TF),
        ("layer_norm_backward", "pt", BACKWARD_PT),
        ("unit_norm", "pt", UNIT_NORM_PT),
        ("unit_norm", "tf", UNIT_NORM_TF),
        ("weight_norm", "pt", WEIGHT_NORM_PT),
        ("weight_norm", "tf", WEIGHT_NORM_TF),
        ("spectral_norm", "pt", SPECTRAL_NORM_PT),
        ("local_response_norm", "pt", RESPONSE_PT),
        ("local_response_norm", "tf", RESPONSE_TF),
    )
}
# The name of a right answer, a part of it, what replaces this part, and words of the finding.
WRONG = [
    (
        "batch_norm_pt",
        "correction=0",
        "correction=1",
        "the batch is normalized with the variance divided by n − 1",
    ),
    (
        "batch_norm_pt",
        "rows.var(1)",
        "rows.var(1, correction=0)",
        "the variance divided by n: divide by",
    ),
    ("batch_norm_pt", "self.m * (", "(1 - self.m) * (", "momentum multiplies the old"),
    ("batch_norm_pt", "if self.training:", "if True:", "in inference mode the statistics of"),
    ("batch_norm_pt", "+ self.eps)", ")", "eps is missing"),
    ("batch_norm_pt", "torch.ones(n))\n    def", "torch.zeros(n))\n    def", "starts at 0"),
    (
        "batch_norm_pt",
        "(rows - mean[:, None])",
        "(rows - mean.detach()[:, None])",
        "the mean as a constant",
    ),
    (
        "batch_norm_pt",
        "            with torch.no_grad():",
        "            mean, var = mean.detach(), var.detach()\n            with torch.no_grad():",
        "two of the three terms are missing",
    ),
    (
        "batch_norm_pt",
        'self.register_buffer("running_mean", torch.zeros(n))',
        "self.running_mean = nn.Parameter(torch.zeros(n))",
        "must be saved with the layer, and not learned",
    ),
    ("batch_norm_tf", "* n / (n - 1)", "", "the variance divided by n: divide by"),
    ("batch_norm_tf", ', "ones", trainable=False', ', "ones"', "and not learned"),
    (
        "batch_norm_tf",
        "tf.sqrt(var + self.eps)",
        "(var**0.5 + self.eps)",
        "eps is added after the root",
    ),
    ("layer_norm_pt", "(c * c).mean(-1, keepdim=True)", "x.var(-1, keepdim=True)", "by n − 1"),
    ("layer_norm_tf", "[-1]", "[0]", "the mean is taken over axis 0"),
    ("layer_norm_tf", "(var + eps) ** 0.5", "(var ** 0.5 + eps)", "eps is added after the root"),
    (
        "layer_norm_tf",
        "    return",
        "    var = tf.stop_gradient(var)\n    return",
        "treats the variance as",
    ),
    ("group_norm_pt", "(n_groups, -1)", "(-1, n_groups)", "used as the number of channels"),
    ("instance_norm_pt", "+ eps) ** 0.5", ") ** 0.5", "eps is missing"),
    ("rms_norm_tf", "keras.ops.mean", "keras.ops.sum", "the squares are summed"),
    ("layer_norm_backward_pt", "(n * gw - gw.sum(-1, keepdim=True) -", "(n * gw -", "of the mean"),
    (
        "unit_norm_pt",
        "torch.tensor(eps * eps)",
        "torch.tensor(eps)",
        "eps is compared with the sum",
    ),
    ("unit_norm_tf", "safe = tf.where(square > eps**2, square, 1.0)", "safe = square", "is NaN"),
    ("weight_norm_pt", "v * (g /", "v * (1 /", "g is missing"),
    ("spectral_norm_pt", "weight.detach()", "weight", "the derivatives of u and v"),
    (
        "spectral_norm_pt",
        "torch.mv(weight, v)",
        "torch.mv(weight.detach(), v)",
        "a constant, as Ker",
    ),
    ("local_response_norm_pt", "alpha / size", "alpha", "alpha is not divided"),
    ("local_response_norm_pt", "(size - 1) // 2", "size // 2", "one channel too many"),
    ("local_response_norm_tf", "alpha / size", "alpha", "alpha is not divided"),
]


def verdict(name, source):
    framework = {"pt": "pytorch", "tf": "tensorflow"}[name[-2:]]
    return verdict_on(exercise(name[:-3]), written(source, name), framework)


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_answer_in_other_words_keeps_every_point(name):
    found = verdict(name, RIGHT[name])
    assert found.points == found.max_points, found.findings


@pytest.mark.parametrize(("name", "part", "instead", "said"), WRONG)
def test_a_wrong_answer_is_named(name, part, instead, said):
    assert part in RIGHT[name]
    found = verdict(name, RIGHT[name].replace(part, instead))
    assert found.points < found.max_points
    assert said in found.findings[0].sentence
