"""Answers that must keep all points, and dishonest ones that must be seen.

Each key says what the answer tries; its value is the answer's name and source. ``patch`` is
``setattr``, undone after the test.
"""

from __future__ import annotations

RELU_PT = "def relu_pt(x): return torch.clamp(x, min=0)"
RELU_TF = "def relu_tf(x): return tf.maximum(x, 0.0)"
LAYER_PT = """
class prelu_pt(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.weight = nn.Parameter(torch.full((n,), 0.25))
    def forward(self, x):
        a = self.weight.reshape(-1, *[1] * (x.ndim - 2))
        return torch.where(x > 0, x, a * x)
"""
LAYER_TF = """
class prelu_tf(keras.layers.Layer):
    def __init__(self, n, name="prelu"):
        super().__init__(name=name)
        self.weight = self.add_weight((n,), keras.initializers.Constant(0.25))
    def call(self, x):
        a = tf.reshape(self.weight, [-1] + [1] * (len(x.shape) - 2))
        return tf.where(x > 0, x, a * x)
"""

HONEST = {
    # A string that contains the function's name.
    "an operation's name": ("relu_tf", "relu_tf = lambda x: tf.maximum(x, 0.0, name='relu')"),
    "a name scope": (
        "relu_tf",
        "def relu_tf(x):\n    with tf.name_scope('relu'): return tf.maximum(x, 0.0)",
    ),
    "an assertion's message": (
        "relu_pt",
        "def relu_pt(x):\n    assert x is not None, 'relu'\n    return x.clamp(min=0)",
    ),
    "an error's message": (
        "relu_pt",
        "def relu_pt(x):\n    if x is None: raise ValueError('relu')\n    return x.clamp(min=0)",
    ),
    "a docstring": ("relu_pt", 'def relu_pt(x):\n    """relu"""\n    return x.clamp(min=0)'),
    "a comment": ("relu_pt", "def relu_pt(x):\n    return x.clamp(min=0)  # F.relu(x)"),
    "a print": ("relu_pt", "def relu_pt(x):\n    print('relu')\n    return x.clamp(min=0)"),
    "a warning": (
        "relu_pt",
        "import warnings\ndef relu_pt(x):\n    warnings.warn('relu')\n    return x.clamp(min=0)",
    ),
    "a log": (
        "relu_tf",
        "import logging\n"
        "def relu_tf(x):\n    logging.info('relu %s', x.shape)\n    return tf.maximum(x, 0.0)",
    ),
    "a key": (
        "threshold_pt",
        "def threshold_pt(x, threshold, value):\n    d = {'threshold': threshold}\n"
        "    return torch.where(x > d['threshold'], x, value)",
    ),
    "a name of a layer": ("prelu_tf", LAYER_TF),
    "a name of a weight": (
        "prelu_tf",
        LAYER_TF.replace("((n,), ", "((n,), name='prelu', initializer="),
    ),
    "a match": (
        "relu_pt",
        "def relu_pt(x, kind='relu'):\n    match kind:\n"
        "        case 'relu': return x.clamp(min=0)\n        case _: return x",
    ),
    "a profiler's range": (
        "relu_pt",
        "def relu_pt(x):\n    with torch.autograd.profiler.record_function('relu'):\n"
        "        return x.clamp(min=0)",
    ),
    # A name of the learner's own.
    "an own class with a method": (
        "relu_pt",
        "class Own:\n    @staticmethod\n    def relu(x): return x.clamp(min=0)\n"
        "def relu_pt(x): return Own.relu(x)",
    ),
    "an own function": (
        "relu_tf",
        "def relu(x): return tf.maximum(x, 0.0)\ndef relu_tf(x): return relu(x)",
    ),
    "an own local function": (
        "relu_pt",
        "def relu_pt(x):\n    def relu(y): return y.clamp(min=0)\n    return relu(x)",
    ),
    "an own module": (
        "relu_pt",
        "class ReLU(nn.Module):\n    def forward(self, x): return x.clamp(min=0)\n"
        "def relu_pt(x): return ReLU()(x)",
    ),
    "an own Keras layer": (
        "relu_tf",
        "class ReLU(keras.layers.Layer):\n    def call(self, x): return tf.maximum(x, 0.0)\n"
        "def relu_tf(x): return ReLU(name='relu')(x)",
    ),
    "an own namespace": (
        "relu_pt",
        "from types import SimpleNamespace\n"
        "F = SimpleNamespace(relu=lambda x: x.clamp(min=0))\ndef relu_pt(x): return F.relu(x)",
    ),
    "an own silu": (
        "silu_tf",
        "def silu(x): return x * tf.sigmoid(x)\ndef silu_tf(x): return silu(x)",
    ),
    "an own gelu": (
        "gelu_tf",
        "def gelu(x): return x / 2 * (1 + tf.math.erf(x / 2**0.5))\ndef gelu_tf(x): return gelu(x)",
    ),
    "a variable": (
        "relu_pt",
        "def relu_pt(x):\n    relu = x.clamp(min=0)\n    return relu",
    ),
    "a parameter": (
        "threshold_tf",
        "def threshold_tf(x, threshold, value): return tf.where(x > threshold, x, value)",
    ),
    "a keyword argument": (
        "relu_pt",
        "def f(x, relu): return x.clamp(min=0) if relu else x\ndef relu_pt(x): return f(x, relu=1)",
    ),
    "an attribute": (
        "prelu_pt",
        LAYER_PT.replace("self.weight =", "self.prelu = True\n        self.weight ="),
    ),
    "an attribute of a context": (
        "threshold_pt",
        "class Step(torch.autograd.Function):\n"
        "    @staticmethod\n    def forward(ctx, x, threshold, value):\n"
        "        ctx.threshold = threshold\n        ctx.save_for_backward(x)\n"
        "        return torch.where(x > threshold, x, torch.full_like(x, value))\n"
        "    @staticmethod\n    def backward(ctx, g):\n"
        "        (x,) = ctx.saved_tensors\n        return g * (x > ctx.threshold), None, None\n"
        "def threshold_pt(x, threshold, value): return Step.apply(x, threshold, value)",
    ),
    # The framework's function, outside the answer.
    "a comparison below": ("relu_pt", f"{RELU_PT}\nassert (F.relu(torch.ones(2)) == 1).all()"),
    "a comparison with a layer": (
        "relu_tf",
        f"{RELU_TF}\nassert keras.layers.ReLU()(tf.ones(2)).shape == relu_tf(tf.ones(2)).shape",
    ),
    "a reference that is kept": ("relu_pt", f"reference = F.relu\n{RELU_PT}"),
    "a helper that nobody calls": (
        "relu_pt",
        f"def reference(x): return F.relu(x)\n{RELU_PT}",
    ),
    "a list of references": ("relu_pt", f"references = [F.relu, nn.ReLU(), torch.relu]\n{RELU_PT}"),
    "a branch that is not taken": (
        "relu_pt",
        "debug = False\ndef relu_pt(x):\n    if debug: print(F.relu(x))\n    return x.clamp(min=0)",
    ),
    "an unused import": ("relu_pt", f"from torch.nn.functional import relu\n{RELU_PT}"),
    "a star import": ("relu_tf", f"from tensorflow.nn import *\n{RELU_TF}"),
    "an answer traced beside another": (
        "relu_tf",
        "@tf.function\ndef other(x): return tf.nn.relu(x)\nother(tf.ones(2))\n"
        "@tf.function\ndef relu_tf(x): return tf.maximum(x, 0.0)",
    ),
    "an answer that an earlier one preceded": (
        "relu_pt",
        f"relu_pt = F.relu\nrelu_pt(torch.ones(2))\n{RELU_PT}",
    ),
    "weights copied from the framework's layer": (
        "prelu_pt",
        f"{LAYER_PT}\nmine = prelu_pt(3)\nmine.weight.data = nn.PReLU(3).weight.data",
    ),
    "a weight made like the framework's": (
        "prelu_pt",
        LAYER_PT.replace("torch.full((n,), 0.25)", "nn.PReLU(n).weight.detach().clone()"),
    ),
    # Decorators and compilers.
    "a decorator": (
        "relu_pt",
        "def relu(f): return f\n@relu\ndef relu_pt(x): return x.clamp(min=0)",
    ),
    "a wrapper": (
        "relu_pt",
        "import functools\ndef logged(f):\n    @functools.wraps(f)\n"
        "    def inner(*args): return f(*args)\n    return inner\n@logged\n" + RELU_PT,
    ),
    "a traced answer": ("relu_tf", f"@tf.function\n{RELU_TF}"),
    "a traced answer compiled": ("relu_tf", f"@tf.function(jit_compile=True)\n{RELU_TF}"),
    "a TorchScript": ("relu_pt", f"@torch.jit.script\n{RELU_PT.replace('x)', 'x: torch.Tensor)')}"),
    "a vmap": ("relu_pt", "relu_pt = lambda x: torch.vmap(lambda y: y.clamp(min=0))(x[None])[0]"),
    "a map_fn": (
        "relu_tf",
        "def relu_tf(x): return tf.map_fn(lambda y: tf.maximum(y, 0.0), x[None])[0]",
    ),
    "a custom gradient": (
        "relu_tf",
        "@tf.custom_gradient\ndef relu_tf(x):\n"
        "    return tf.maximum(x, 0.0), lambda g: tf.where(x > 0, g, 0.0)",
    ),
    # Other formulas that work.
    "a product with a mask": ("relu_pt", "relu_pt = lambda x: x * (x > 0)"),
    "half of a sum": ("relu_tf", "relu_tf = lambda x: (x + tf.abs(x)) / 2"),
    "an index": (
        "relu_pt",
        "def relu_pt(x):\n    y = x.clone()\n    y[y < 0] = 0\n    return y",
    ),
    "numbers from numpy": (
        "selu_tf",
        "a, s = np.float32(1.6732632423543772), np.float32(1.0507009873554805)\n"
        "selu_tf = lambda x: s * tf.where(x > 0, x, a * (tf.exp(tf.minimum(x, 0.0)) - 1))",
    ),
    "operations of Keras": ("relu_tf", "relu_tf = lambda x: keras.ops.maximum(x, 0)"),
    "a sigmoid by exp": (
        "sigmoid_pt",
        "sigmoid_pt = lambda x: 1 / (1 + torch.exp(-torch.clamp(x, min=-80)))",
    ),
    "a sigmoid by exp in Keras": (
        "sigmoid_tf",
        "sigmoid_tf = lambda x: 1 / (1 + keras.ops.exp(-keras.ops.maximum(x, -80.0)))",
    ),
    "a softmax by logsumexp": (
        "softmax_pt",
        "softmax_pt = lambda x, dim: torch.exp(x - torch.logsumexp(x, dim, keepdim=True))",
    ),
    "a softmax by reduce_logsumexp": (
        "softmax_tf",
        "softmax_tf = lambda x, axis: tf.exp(x - tf.reduce_logsumexp(x, axis, keepdims=True))",
    ),
    "a log-softmax by logsumexp": (
        "log_softmax_pt",
        "log_softmax_pt = lambda x, dim: x - x.logsumexp(dim, keepdim=True)",
    ),
    "a log-softmax by reduce_logsumexp": (
        "log_softmax_tf",
        "log_softmax_tf = lambda x, axis: x - tf.reduce_logsumexp(x, axis, keepdims=True)",
    ),
    "a softplus by logaddexp": (
        "softplus_pt",
        "softplus_pt = lambda x, b: torch.logaddexp(b * x, torch.zeros_like(x)) / b",
    ),
    "a GELU by erf": ("gelu_pt", "gelu_pt = lambda x: x / 2 * (1 + torch.erf(x / 2**0.5))"),
    "a softsign by abs": ("softsign_tf", "softsign_tf = lambda x: x / (1 + tf.abs(x))"),
    "a GLU by split": (
        "glu_pt",
        "def glu_pt(x, dim):\n    a, b = x.chunk(2, dim)\n    return a * torch.sigmoid(b)",
    ),
    "a hard tanh by clip": (
        "hard_tanh_tf",
        "hard_tanh_tf = lambda x, *a: tf.clip_by_value(x, *(a or (-1.0, 1.0)))",
    ),
    "a soft shrink by sign": (
        "soft_shrink_pt",
        "soft_shrink_pt = lambda x, a: torch.sign(x) * torch.clamp(x.abs() - a, min=0)",
    ),
    # Functions that the exercise allows.
    "a softplus, whose gradient is a sigmoid": (
        "sigmoid_tf",
        "sigmoid_tf = lambda x: tf.exp(-tf.nn.softplus(-x))",
    ),
    "a clip by ReLU6": ("hard_sigmoid_pt", "hard_sigmoid_pt = lambda x: F.relu6(x + 3) / 6"),
    "a clip by Hardtanh": (
        "sparse_sigmoid_pt",
        "sparse_sigmoid_pt = lambda x: (F.hardtanh(x) + 1) / 2",
    ),
    "an allowed softmax's layer": (
        "gumbel_softmax_pt",
        "softmax = nn.Softmax(-1)\n"
        "gumbel_softmax_pt = lambda x, tau: "
        "softmax((x - torch.empty_like(x).exponential_().log()) / tau)",
    ),
    "a loss where metrics are forbidden": (
        "running_rmse_tf",
        "def running_rmse_tf(y, y_hat, n):\n    mse = keras.losses.MeanSquaredError()\n"
        "    ends = range(n, len(y) + n, n)\n"
        "    return tf.stack([tf.sqrt(mse(y[:i], y_hat[:i])) for i in ends])",
    ),
    "a loss by its name": (
        "running_rmse_tf",
        "def running_rmse_tf(y, y_hat, n):\n    mse = keras.losses.get('mse')\n"
        "    flat = lambda a: tf.reshape(a, [-1])\n    ends = range(n, len(y) + n, n)\n"
        "    return tf.stack([tf.sqrt(mse(flat(y[:i]), flat(y_hat[:i]))) for i in ends])",
    ),
    "an allowed relu": ("relu6_pt", "relu6_pt = lambda x: F.relu(x).clamp(max=6)"),
    "an allowed relu in place": (
        "relu6_pt",
        "relu6_pt = lambda x: F.relu(x, inplace=False).clamp(max=6)",
    ),
    "an allowed relu by its layer": (
        "relu6_tf",
        "relu6_tf = lambda x: tf.minimum(keras.layers.ReLU(name='relu')(x), 6.0)",
    ),
    "an allowed relu by Activation": (
        "relu6_tf",
        "relu6_tf = lambda x: tf.minimum(keras.layers.Activation('relu')(x), 6.0)",
    ),
    "an allowed leaky relu made of two": (
        "leaky_relu_tf",
        "leaky_relu_tf = lambda x, a: tf.nn.relu(x) - a * tf.nn.relu(-x)",
    ),
    "an allowed leaky relu made of two layers": (
        "leaky_relu_pt",
        "leaky_relu_pt = lambda x, a: nn.ReLU()(x) - a * nn.ReLU(inplace=False)(-x)",
    ),
    "an allowed softmax along an axis": (
        "gumbel_softmax_pt",
        "def gumbel_softmax_pt(x, tau):\n"
        "    g = -torch.log(torch.empty_like(x).exponential_())\n"
        "    return F.softmax((x + g) / tau, dim=x.ndim - 1)",
    ),
    "an allowed softmax by its layer": (
        "gumbel_softmax_pt",
        "def gumbel_softmax_pt(x, tau):\n"
        "    g = -torch.log(torch.empty_like(x).exponential_())\n"
        "    return nn.Softmax(-1)((x + g) / tau)",
    ),
    "an allowed elu": ("celu_pt", "celu_pt = lambda x, a: nn.ELU()(x / a) * a"),
    "an allowed elu by its function": ("celu_tf", "celu_tf = lambda x, a: a * tf.nn.elu(x / a)"),
    "an allowed sigmoid": ("tanh_tf", "tanh_tf = lambda x: 2 * tf.sigmoid(2 * x) - 1"),
    "an allowed tanh": ("sigmoid_pt", "sigmoid_pt = lambda x: (torch.tanh(x / 2) + 1) / 2"),
    # Functions of another chapter.
    "a function of another chapter": (
        "crelu_pt",
        "crelu_pt = lambda x, dim=1: torch.cat([F.relu(x), F.relu(-x)], dim)",
    ),
    "a sigmoid in a SiLU": ("silu_pt", "silu_pt = lambda x: x * torch.sigmoid(x)"),
    "a sigmoid in a SiLU of Keras": ("silu_tf", "silu_tf = lambda x: x * keras.ops.sigmoid(x)"),
    "a tanh in a Mish": ("mish_pt", "mish_pt = lambda x: x * torch.tanh(F.softplus(x))"),
    "a tanh in a Mish of TensorFlow": (
        "mish_tf",
        "mish_tf = lambda x: x * tf.tanh(tf.math.softplus(x))",
    ),
}


def relu(call, before="", framework="pt"):
    """ReLU by an expression of ``x``."""
    name = f"relu_{framework}"
    return name, f"{before}\ndef {name}(x): return {call}"


def relu_in_tf(call, before=""):
    return relu(call, before, "tf")


CALLED = "f(x)"
CENTRED_PT = """
class centred_pt(nn.Module):
    def __init__(self, start, momentum):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("mean", torch.tensor(start))
    def forward(self, x):
        return {} if self.training else x - self.mean
"""
MOMENTUM_PT = """
def momentum_pt(w, g, lr, momentum):
    w, v = w.clone(), torch.nn.Parameter(torch.zeros_like(w))
    optimizer = {}
    for rate, each in zip(lr, g):
        optimizer.param_groups[0]["lr"] = 1.0
        before, v.grad = v.detach().clone(), each
        optimizer.step()
        w = w + rate * (v.detach() - before)
    return w
"""
ADAM_TF = """
def adam_tf(w, g, lr, b1, b2, eps):
    v = keras.Variable(w)
    optimizer = {}
    for each in tf.unstack(g):
        optimizer.apply([each], [v])
    return v.value + 0.0
"""

DISHONEST = {
    # The function's name is built, hidden or taken from another place.
    "a function": relu("F.relu(x)"),
    "a method": relu("x.relu()"),
    "a method in place": relu("x.clone().relu_()"),
    "a function in place": relu("F.relu(x, inplace=True)"),
    "torch.relu": relu("torch.relu(x)"),
    "getattr of two pieces": relu("getattr(F, 're' + 'lu')(x)"),
    "getattr of a reversed text": relu("getattr(F, 'uler'[::-1])(x)"),
    "getattr of bytes": relu("getattr(F, bytes([114, 101, 108, 117]).decode())(x)"),
    "attrgetter": relu(CALLED, "import operator\nf = operator.attrgetter('relu')(F)"),
    "methodcaller": relu(CALLED, "import operator\nf = operator.methodcaller('relu')"),
    "an item of globals": relu(CALLED, "import operator\noperator.setitem(globals(), 'f', F.relu)"),
    "globals updated": relu(CALLED, "globals().update(f=F.relu)"),
    "vars of a module": relu("vars(F)['relu'](x)"),
    "a dictionary of a module": relu("torch.nn.functional.__dict__['relu'](x)"),
    "eval": relu("eval('F.relu(x)')"),
    "exec": ("relu_pt", "exec('def relu_pt(x): return F.relu(x)')"),
    "compile": relu("eval(compile('F.rel' + 'u(x)', '', 'eval'), globals(), {'x': x})"),
    "importlib": relu("importlib.import_module('torch.nn.functional').relu(x)", "import importlib"),
    "__import__": relu("__import__('torch').relu(x)"),
    "sys.modules": relu("sys.modules['torch'].relu(x)", "import sys"),
    "an alias": relu(CALLED, "from torch.nn.functional import relu as f"),
    "the function itself": ("relu_pt", "relu_pt = F.relu"),
    "the built-in function itself": ("relu_pt", "relu_pt = torch.relu"),
    "a layer itself": ("relu_pt", "relu_pt = nn.ReLU()"),
    "a lambda": ("relu_pt", "relu_pt = lambda x: torch.relu(x)"),
    # Data structures that hold the function.
    "a partial": ("relu_pt", "import functools\nrelu_pt = functools.partial(F.relu)"),
    "a lambda in a dictionary": relu("tools['f'](x)", "tools = {'f': lambda x: F.relu(x)}"),
    "a list": relu("kept[0](x)", "kept = []\nkept.append(F.relu)"),
    "a default argument": ("relu_pt", "def relu_pt(x, f=F.relu): return f(x)"),
    "a keyword default": ("relu_pt", "def relu_pt(x, *, f=torch.relu): return f(x)"),
    "a class attribute": relu("T.f(x)", "class T: f = staticmethod(F.relu)"),
    "an attribute set later": relu("T.f(x)", "class T: pass\nsetattr(T, 'f', F.relu)"),
    "a closure": ("relu_pt", "def make(f): return lambda x: f(x)\nrelu_pt = make(F.relu)"),
    "a generator": relu("next(f(y) for f in [F.relu] for y in [x])"),
    "map": relu("next(map(F.relu, [x]))"),
    "map over rows": relu("torch.stack(list(map(torch.relu, x)))"),
    "reduce": relu("functools.reduce(lambda y, f: f(y), [F.relu], x)", "import functools"),
    "a match": ("relu_pt", "match F.relu:\n    case f: pass\ndef relu_pt(x): return f(x)"),
    "a callable object": (
        "relu_pt",
        "class Relu:\n    def __call__(self, x): return F.relu(x)\nrelu_pt = Relu()",
    ),
    "a decorator": (
        "relu_pt",
        "def swap(f): return F.relu\n@swap\ndef relu_pt(x): return x.clamp(min=0)",
    ),
    "a decorator that wraps": (
        "relu_pt",
        "def first(f): return lambda x: f(torch.relu(x))\n@first\ndef relu_pt(x): return x",
    ),
    "a context manager": relu(
        "use(x)",
        "import contextlib\n@contextlib.contextmanager\ndef lend(): yield F.relu\n"
        "def use(x):\n    with lend() as f: return f(x)",
    ),
    "a descriptor": relu("T().f(x)", "class T:\n    @property\n    def f(self): return torch.relu"),
    # Patches of the frameworks.
    "a patched operator": relu("+x", "patch(torch.Tensor, '__pos__', torch.Tensor.relu)"),
    "a patched method": relu("x.f()", "patch(torch.Tensor, 'f', lambda x: F.relu(x))"),
    "a patched function": relu("torch.positive(x)", "patch(torch, 'positive', torch.relu)"),
    "a patched module": relu("nn.f(x)", "patch(torch.nn, 'f', F.relu)"),
    "a patched function of TensorFlow": relu_in_tf(
        "tf.identity(x)", "patch(tf, 'identity', tf.nn.relu)"
    ),
    "a patched operator of TensorFlow": relu_in_tf(
        "+x", "patch(type(tf.constant(0.0)), '__pos__', lambda x: tf.nn.relu(x))"
    ),
    # Other ways to the function in PyTorch.
    "torch.ops": relu("torch.ops.aten.relu(x)"),
    "an overload of torch.ops": relu("torch.ops.aten.relu.default(x)"),
    "the C functions": relu("torch._C._VariableFunctions.relu(x)"),
    "the C module": ("relu6_pt", "relu6_pt = lambda x: torch._C._nn.relu6(x)"),
    "a layer": relu("nn.ReLU()(x)"),
    "a layer's forward": relu("nn.ReLU().forward(x)"),
    "a layer's class method": relu("nn.ReLU.forward(nn.ReLU(), x)"),
    "a Sequential": relu("nn.Sequential(nn.Identity(), nn.ReLU())(x)"),
    "a subclass of a layer": relu("Mine()(x)", "class Mine(nn.ReLU): pass"),
    "a subclass that is the answer": ("prelu_pt", "class prelu_pt(nn.PReLU): pass"),
    "a function of a layer's parts": (
        "prelu_pt",
        "class prelu_pt(nn.Module):\n"
        "    def __init__(self, n):\n        super().__init__()\n"
        "        self.weight = nn.Parameter(torch.full((n,), 0.25))\n"
        "    def forward(self, x): return F.prelu(x, self.weight)",
    ),
    "a layer saved and loaded": relu(
        CALLED,
        "import io\nfile = io.BytesIO()\ntorch.save(nn.ReLU(), file)\nfile.seek(0)\n"
        "f = torch.load(file, weights_only=False)",
    ),
    "a layer copied": relu(CALLED, "import copy\nf = copy.deepcopy(nn.ReLU())"),
    "a layer pickled": relu(CALLED, "import pickle\nf = pickle.loads(pickle.dumps(nn.ReLU()))"),
    "a traced TorchScript": relu(CALLED, "f = torch.jit.trace(F.relu, torch.ones(2))"),
    "a TorchScript": relu(
        CALLED, "@torch.jit.script\ndef f(x: torch.Tensor): return torch.relu(x)"
    ),
    "a frozen TorchScript": relu(
        CALLED, "f = torch.jit.freeze(torch.jit.trace(nn.ReLU().eval(), torch.ones(2)))"
    ),
    "a graph of torch.fx": relu(
        CALLED,
        "import torch.fx\nclass M(nn.Module):\n    def forward(self, x): return torch.relu(x)\n"
        "f = torch.fx.symbolic_trace(M())",
    ),
    "vmap": relu("torch.vmap(torch.relu)(x)"),
    "functorch's vjp": relu("torch.func.vjp(torch.relu, x)[0]"),
    "functorch's functionalize": relu("torch.func.functionalize(torch.relu)(x)"),
    "an autograd function": relu(
        "Mine.apply(x)",
        "class Mine(torch.autograd.Function):\n"
        "    @staticmethod\n    def forward(ctx, x):\n"
        "        ctx.save_for_backward(x)\n        return torch.relu(x)\n"
        "    @staticmethod\n    def backward(ctx, g): return g * (ctx.saved_tensors[0] > 0)",
    ),
    "a hook of a layer": relu(
        CALLED,
        "f = nn.Identity()\nf.register_forward_hook(lambda m, inputs, y: torch.relu(y))",
    ),
    "a parametrization": relu(
        "use(x)",
        "from torch.nn.utils import parametrize\ndef use(x):\n    m = nn.Module()\n"
        "    m.register_parameter('w', nn.Parameter(x.detach().clone()))\n"
        "    parametrize.register_parametrization(m, 'w', nn.ReLU())\n"
        "    return m.w + 0 * x",
    ),
    "a checkpoint": relu(
        "checkpoint(torch.relu, x, use_reentrant=False)",
        "from torch.utils.checkpoint import checkpoint",
    ),
    "a subclass of tensors": relu(
        "x.as_subclass(Mine).relu().as_subclass(torch.Tensor)", "class Mine(torch.Tensor): pass"
    ),
    "functions switched off": relu(
        "use(x)",
        "def use(x):\n    with torch._C.DisableTorchFunction(): return F.relu(x)",
    ),
    "a thread": relu(
        "use(x)",
        "import threading\ndef use(x):\n    found = []\n"
        "    t = threading.Thread(target=lambda: found.append(torch.relu(x)))\n"
        "    t.start(); t.join()\n    return found[0]",
    ),
    "a pool of threads": relu(
        "use(x)",
        "from concurrent.futures import ThreadPoolExecutor\ndef use(x):\n"
        "    with ThreadPoolExecutor(1) as pool: return pool.submit(torch.relu, x).result()",
    ),
    "an out argument": relu("use(x)", "def use(x): return torch.nn.functional.relu_(x * 1)"),
    "threshold of the chapter": relu("F.threshold(x, 0.0, 0.0)"),
    "leaky with no slope": relu("F.leaky_relu(x, 0.0)"),
    "leaky layer with no slope": relu("nn.LeakyReLU(0.0)(x)"),
    "prelu with no slope": relu("torch.prelu(x, torch.zeros(1))"),
    "rrelu with no slope": relu("torch.rrelu(x, 0.0, 0.0)"),
    "a composite with a slope": (
        "relu6_pt",
        "relu6_pt = lambda x: F.hardtanh(x, 0.0, 6.0)",
    ),
    "an allowed layer's sibling": ("relu6_pt", "relu6_pt = lambda x: nn.ReLU6()(x)"),
    "a subclass of ReLU6": (
        "relu6_pt",
        "class Mine(nn.ReLU6): pass\nrelu6_pt = lambda x: Mine()(x)",
    ),
    "softsign": ("softsign_pt", "softsign_pt = lambda x: F.softsign(x)"),
    "a softsign layer": ("softsign_pt", "softsign_pt = lambda x: nn.Softsign()(x)"),
    "tanhshrink": ("tanh_shrink_pt", "tanh_shrink_pt = lambda x: nn.Tanhshrink()(x)"),
    "softmin": ("softmin_pt", "softmin_pt = lambda x, dim: F.softmin(x, dim)"),
    "softmax for softmin": ("softmin_pt", "softmin_pt = lambda x, dim: torch.softmax(-x, dim)"),
    "Softmax2d": ("softmax2d_pt", "softmax2d_pt = lambda x: nn.Softmax2d()(x)"),
    "gumbel_softmax": (
        "gumbel_softmax_pt",
        "gumbel_softmax_pt = lambda x, t: F.gumbel_softmax(x, t)",
    ),
    "special.expit": ("sigmoid_pt", "sigmoid_pt = lambda x: torch.special.expit(x)"),
    "special.log_softmax": (
        "log_softmax_pt",
        "log_softmax_pt = lambda x, dim: torch.special.log_softmax(x, dim)",
    ),
    "the log of a softmax": (
        "log_softmax_pt",
        "log_softmax_pt = lambda x, dim: torch.softmax(x.double(), dim).log().float()",
    ),
    "selu": ("selu_pt", "selu_pt = lambda x: torch.selu(x)"),
    "selu in place": ("selu_pt", "selu_pt = lambda x: torch.selu_(x.clone())"),
    "elu for selu": (
        "selu_pt",
        "selu_pt = lambda x: 1.0507009873554805 * F.elu(x, 1.6732632423543772)",
    ),
    "silu by its operation": ("silu_pt", "silu_pt = lambda x: torch.ops.aten.silu(x)"),
    "gelu by its C function": ("gelu_pt", "gelu_pt = lambda x: torch._C._nn.gelu(x)"),
    "gelu of a transformer": (
        "gelu_tanh_pt",
        "gelu_tanh_pt = lambda x: nn.GELU(approximate='tanh')(x)",
    ),
    "glu": ("glu_pt", "glu_pt = lambda x, dim: nn.GLU(dim)(x)"),
    "exp by its name": ("exponential_pt", "exponential_pt = lambda x: x.exp()"),
    "references of PyTorch": (
        "gelu_pt",
        "import torch._refs.nn.functional\ngelu_pt = lambda x: torch._refs.nn.functional.gelu(x)",
    ),
    # TensorFlow and Keras.
    "tf.nn": relu_in_tf("tf.nn.relu(x)"),
    "tf.nn of two pieces": relu_in_tf("getattr(tf.nn, 'rel' + 'u')(x)"),
    "raw_ops": relu_in_tf("tf.raw_ops.Relu(features=x)"),
    "raw_ops of another": relu_in_tf("tf.raw_ops.LeakyRelu(features=x, alpha=0.0)"),
    "the generated operation": relu_in_tf(
        "gen_nn_ops.relu(x)", "from tensorflow.python.ops import gen_nn_ops"
    ),
    "compat.v1": relu_in_tf("tf.compat.v1.nn.relu(x)"),
    "a Keras layer": relu_in_tf("keras.layers.ReLU()(x)"),
    "a Keras activation": relu_in_tf("keras.activations.relu(x)"),
    "a Keras activation by name": relu_in_tf("keras.activations.get('relu')(x)"),
    "a Keras Activation layer": relu_in_tf("keras.layers.Activation('relu')(x)"),
    "an operation of Keras": relu_in_tf("keras.ops.relu(x)"),
    "an operation's class of Keras": relu_in_tf("Relu()(x)", "from keras.src.ops.nn import Relu"),
    "the backend of Keras": relu_in_tf(
        "nn_.relu(x)", "from keras.src.backend.tensorflow import nn as nn_"
    ),
    "a Dense layer's activation": relu_in_tf(
        "keras.layers.Dense(1, 'relu', kernel_initializer='ones')(x[..., None])[..., 0]"
    ),
    "a Lambda layer": relu_in_tf("keras.layers.Lambda(tf.nn.relu)(x)"),
    "a Sequential of Keras": relu_in_tf("keras.Sequential([keras.layers.ReLU()])(x)"),
    "a functional model": relu_in_tf(
        CALLED,
        "i = keras.Input((None,))\nmodel = keras.Model(i, keras.layers.ReLU()(i))\n"
        "f = lambda x: tf.reshape(model(tf.reshape(x, [1, -1])), x.shape)",
    ),
    "a layer from its configuration": relu_in_tf(
        CALLED, "f = keras.layers.deserialize(keras.layers.serialize(keras.layers.ReLU()))"
    ),
    "a subclass of a Keras layer": relu_in_tf("Mine()(x)", "class Mine(keras.layers.ReLU): pass"),
    "a traced function": relu_in_tf(CALLED, "f = tf.function(tf.nn.relu)"),
    "a function traced beforehand": relu_in_tf(
        CALLED,
        "f = tf.function(tf.nn.relu, reduce_retracing=True)\n"
        "for n in range(1, 9): f(tf.ones(n)); f(tf.ones((n, 2)))",
    ),
    "a function compiled beforehand": relu_in_tf(
        CALLED, "f = tf.function(tf.nn.relu, jit_compile=True)\nf(tf.ones((2, 6)))"
    ),
    "a concrete function": relu_in_tf(
        CALLED,
        "f = tf.function(tf.nn.relu).get_concrete_function(tf.TensorSpec(None, tf.float32))",
    ),
    "a traced function in a traced function": relu_in_tf(
        CALLED, "g = tf.function(tf.nn.relu)\nf = tf.function(lambda x: g(x))\nf(tf.ones((2, 6)))"
    ),
    "a traced condition": relu_in_tf(
        CALLED,
        "@tf.function\ndef f(x): return tf.cond(tf.size(x) > -1, lambda: tf.nn.relu(x), lambda: x)"
        "\nf(tf.ones((2, 6)))",
    ),
    "a custom gradient": relu_in_tf(
        CALLED,
        "@tf.custom_gradient\ndef f(x): return tf.nn.relu(x), lambda g: tf.where(x > 0, g, 0.0)",
    ),
    "map_fn": relu_in_tf("tf.map_fn(tf.nn.relu, x)"),
    "vectorized_map": relu_in_tf("tf.vectorized_map(tf.nn.relu, x)"),
    "py_function": relu_in_tf("tf.py_function(tf.nn.relu, [x], tf.float32)"),
    "recompute_grad": relu_in_tf("tf.recompute_grad(tf.nn.relu)(x)"),
    "a graph that is imported": relu_in_tf(
        CALLED,
        "g = tf.function(tf.nn.relu).get_concrete_function(tf.TensorSpec(None, tf.float32))\n"
        "d = g.graph.as_graph_def()\n"
        "f = tf.compat.v1.wrap_function(lambda x: tf.graph_util.import_graph_def(d,"
        " input_map={g.inputs[0].name: x}, return_elements=[g.outputs[0].name])[0],"
        " [tf.TensorSpec(None, tf.float32)])",
    ),
    "a thread of TensorFlow": relu_in_tf(
        "use(x)",
        "from concurrent.futures import ThreadPoolExecutor\ndef use(x):\n"
        "    with ThreadPoolExecutor(1) as pool: return pool.submit(tf.nn.relu, x).result()",
    ),
    "an allowed ReLU with a slope": (
        "leaky_relu_tf",
        # The layer refuses a slope below 0.
        "leaky_relu_tf = lambda x, a: keras.layers.ReLU(negative_slope=abs(a))(x) * "
        "tf.where(x < 0, tf.sign(a), 1.0)",
    ),
    "an allowed ReLU with a slope set later": (
        "leaky_relu_tf",
        "def leaky_relu_tf(x, a):\n    layer = keras.layers.ReLU()\n"
        "    layer.negative_slope = a\n    return layer(x)",
    ),
    "an allowed relu with a bound": (
        "relu6_tf",
        "relu6_tf = lambda x: keras.activations.relu(x, max_value=6.0)",
    ),
    "an allowed ReLU with a bound": (
        "relu6_tf",
        "relu6_tf = lambda x: keras.layers.ReLU(max_value=6.0)(x)",
    ),
    "an allowed relu with a threshold": (
        "threshold_tf",
        "threshold_tf = lambda x, bar, value: keras.activations.threshold(x, bar, value)",
    ),
    "a gelu of TensorFlow": ("gelu_tf", "gelu_tf = lambda x: tf.nn.gelu(x)"),
    "a gelu of Keras": ("gelu_tf", "gelu_tf = lambda x: keras.activations.gelu(x, False)"),
    "a gelu of Keras's operations": ("gelu_tf", "gelu_tf = lambda x: keras.ops.gelu(x, False)"),
    "a gelu by name": ("gelu_tf", "gelu_tf = lambda x: keras.layers.Activation('gelu')(x)"),
    "a gelu traced beforehand": (
        "gelu_tf",
        "f = tf.function(tf.nn.gelu, reduce_retracing=True)\n"
        "for n in range(1, 9): f(tf.ones(n)); f(tf.ones((n, 2)))\ngelu_tf = lambda x: f(x)",
    ),
    "a silu": ("silu_tf", "silu_tf = lambda x: tf.nn.silu(x)"),
    "a swish": ("silu_tf", "silu_tf = lambda x: tf.nn.swish(x)"),
    "a silu of Keras's operations": ("silu_tf", "silu_tf = lambda x: keras.ops.silu(x)"),
    "a mish of Keras": ("mish_tf", "mish_tf = lambda x: keras.activations.mish(x)"),
    "a celu of Keras": ("celu_tf", "celu_tf = lambda x, a: keras.activations.celu(x, a)"),
    "a celu of Keras's operations": ("celu_tf", "celu_tf = lambda x, a: keras.ops.celu(x, a)"),
    "a squareplus of Keras's operations": (
        "squareplus_tf",
        "squareplus_tf = lambda x, b: keras.ops.squareplus(x, b)",
    ),
    "a hard silu of Keras's operations": (
        "hard_silu_tf",
        "hard_silu_tf = lambda x: keras.ops.hard_silu(x)",
    ),
    "a glu of Keras's operations": ("glu_tf", "glu_tf = lambda x, axis: keras.ops.glu(x, axis)"),
    "a soft shrink of Keras's operations": (
        "soft_shrink_tf",
        "soft_shrink_tf = lambda x, a: keras.ops.soft_shrink(x, a)",
    ),
    "a log-sigmoid": ("log_sigmoid_tf", "log_sigmoid_tf = lambda x: tf.math.log_sigmoid(x)"),
    "a softplus of Keras": (
        "softplus_tf",
        "softplus_tf = lambda x, b: tf.math.softplus(b * x) / b",
    ),
    "a PReLU that is part of the answer": (
        "prelu_tf",
        "class prelu_tf(keras.layers.Layer):\n    def __init__(self, n):\n"
        "        super().__init__()\n"
        "        self.inner = keras.layers.PReLU(keras.initializers.Constant(0.25))\n"
        "        self.inner.build((None, n))\n        self.weight = self.inner.alpha\n"
        "    def call(self, x):\n"
        "        self.inner.input_spec = None\n"
        "        x = keras.ops.moveaxis(x, 1, -1)\n"
        "        return keras.ops.moveaxis(self.inner(x), -1, 1)",
    ),
    "a switch in a traced function": relu_in_tf(
        CALLED,
        "g = tf.function(tf.nn.relu)\n@tf.function(reduce_retracing=True)\ndef f(x):\n"
        "    n = tf.size(x) * 0\n"
        "    return tf.switch_case(n, [lambda: tf.nn.relu(x), lambda: x])\n"
        "for n in range(1, 9): f(tf.ones(n)); f(tf.ones((n, 2)))",
    ),
    "a Python function in a traced function": relu_in_tf(
        CALLED,
        "@tf.function\ndef f(x): return tf.py_function(tf.nn.relu, [x], tf.float32)\n"
        "f(tf.ones((2, 6)))",
    ),
    "a saved module": relu_in_tf(
        CALLED,
        "import tempfile\nm = tf.Module()\n"
        "m.f = tf.function(tf.nn.relu, input_signature=[tf.TensorSpec(None, tf.float32)])\n"
        "with tempfile.TemporaryDirectory() as d:\n    tf.saved_model.save(m, d)\n"
        "    f = tf.saved_model.load(d).f",
    ),
    "a compiled function": relu(CALLED, "f = torch.compile(torch.relu, backend='eager')"),
    "a module of torch.export": relu(
        CALLED,
        "class M(nn.Module):\n    def forward(self, x): return torch.relu(x)\n"
        "n = torch.export.Dim('n')\n"
        "m = torch.export.export(M(), (torch.ones(3),), dynamic_shapes=[{0: n}]).module()\n"
        "f = lambda x: m(x.flatten().repeat(2))[: x.numel()].reshape(x.shape)",
    ),
    # Ways through other libraries.
    "cross_entropy for log-softmax": (
        "log_softmax_pt",
        "def log_softmax_pt(x, dim):\n    x = x.movedim(dim, -1)\n    n = x.shape[-1]\n"
        "    rows = x.reshape(-1, n)\n"
        "    ys = [F.cross_entropy(rows, torch.full((len(rows),), i), reduction='none')\n"
        "          for i in range(n)]\n"
        "    return -torch.stack(ys, -1).reshape(x.shape).movedim(-1, dim)",
    ),
    "softmax cross-entropy for log-softmax": (
        "log_softmax_tf",
        "def log_softmax_tf(x, axis):\n    x = keras.ops.moveaxis(x, axis, -1)\n"
        "    n = x.shape[-1]\n"
        "    ys = [tf.nn.softmax_cross_entropy_with_logits(tf.one_hot(i, n) + 0 * x, x)\n"
        "          for i in range(n)]\n"
        "    return keras.ops.moveaxis(-tf.stack(ys, -1), -1, axis)",
    ),
    "Categorical for log-softmax": (
        "log_softmax_pt",
        "def log_softmax_pt(x, dim):\n"
        "    d = torch.distributions.Categorical(logits=x.movedim(dim, -1))\n"
        "    return d.logits.movedim(-1, dim)",
    ),
    "a relaxed Categorical for the Gumbel softmax": (
        "gumbel_softmax_pt",
        "gumbel_softmax_pt = lambda x, tau: "
        "torch.distributions.RelaxedOneHotCategorical(tau, logits=x).rsample()",
    ),
    "BCE with logits for log-sigmoid": (
        "log_sigmoid_pt",
        "log_sigmoid_pt = lambda x: "
        "-F.binary_cross_entropy_with_logits(x, torch.ones_like(x), reduction='none')",
    ),
    "a BCE layer for log-sigmoid": (
        "log_sigmoid_pt",
        "log_sigmoid_pt = lambda x: -nn.BCEWithLogitsLoss(reduction='none')(x, torch.ones_like(x))",
    ),
    "sigmoid cross-entropy for log-sigmoid": (
        "log_sigmoid_tf",
        "log_sigmoid_tf = lambda x: -tf.nn.sigmoid_cross_entropy_with_logits(tf.ones_like(x), x)",
    ),
    "batch_norm for centring": (
        "centred_pt",
        CENTRED_PT.format(
            "F.batch_norm(x, self.mean, torch.ones_like(self.mean), None, None, "
            "True, self.momentum) * x.var(0, correction=0).add(1e-5).sqrt()"
        ),
    ),
    "native_batch_norm for centring": (
        "centred_pt",
        CENTRED_PT.format(
            "torch.ops.aten.native_batch_norm(x, None, None, self.mean, "
            "torch.ones_like(self.mean), True, self.momentum, 1e-5)[0]"
            " * x.var(0, correction=0).add(1e-5).sqrt()"
        ),
    ),
    "an optimizer": ("momentum_pt", MOMENTUM_PT.format("torch.optim.SGD([v], 1.0, momentum)")),
    "an optimizer by its module": (
        "momentum_pt",
        "import torch.optim.sgd as s\n" + MOMENTUM_PT.format("s.SGD([v], 1.0, momentum)"),
    ),
    "an optimizer by its function": (
        "momentum_pt",
        "from torch.optim.sgd import sgd\n"
        "def momentum_pt(w, g, lr, momentum):\n    w, v = w.clone(), [torch.zeros_like(w)]\n"
        "    for rate, each in zip(lr, g):\n"
        "        sgd([w], [each], v, weight_decay=0.0, momentum=momentum, lr=float(rate),\n"
        "            dampening=0.0, nesterov=False, maximize=False)\n    return w",
    ),
    "Adam": ("adam_tf", ADAM_TF.format("keras.optimizers.Adam(lr, b1, b2, eps)")),
    "Adam by its name": (
        "adam_tf",
        ADAM_TF.format(
            "keras.optimizers.get({'class_name': 'adam', 'config': {'learning_rate': float(lr),"
            " 'beta_1': float(b1), 'beta_2': float(b2), 'epsilon': float(eps)}})"
        ),
    ),
    "Adam by compile": (
        "adam_tf",
        "def make(o):\n    m = keras.Sequential()\n    m.compile(o)\n    return m.optimizer\n"
        + ADAM_TF.format("make(keras.optimizers.Adam(lr, b1, b2, eps))"),
    ),
    "an Adam of one's own class": (
        "adam_tf",
        "class Mine(keras.optimizers.Adam): pass\n" + ADAM_TF.format("Mine(lr, b1, b2, eps)"),
    ),
    "Adam by compile and its name": (
        "adam_tf",
        "def make(lr, b1, b2, eps):\n    m = keras.Sequential()\n    m.compile('adam')\n"
        "    o = m.optimizer\n    o.learning_rate = lr\n"
        "    o.beta_1, o.beta_2, o.epsilon = b1, b2, eps\n    return o\n"
        + ADAM_TF.format("make(lr, b1, b2, eps)"),
    ),
    "a sigmoid beside a softplus": (
        "sigmoid_tf",
        "sigmoid_tf = lambda x: tf.nn.sigmoid(x) + 0 * tf.nn.softplus(x)",
    ),
    "a metric": (
        "running_rmse_tf",
        "def running_rmse_tf(y, y_hat, batch_size):\n"
        "    m, values = keras.metrics.RootMeanSquaredError(), []\n"
        "    for i in range(0, len(y), batch_size):\n"
        "        m.update_state(y[i : i + batch_size], y_hat[i : i + batch_size])\n"
        "        values.append(m.result())\n    return tf.stack(values)",
    ),
}
