"""ReLU by the framework's own, named where somebody who reads for names might not look.

All are seen to run it, however they have come by it.
"""

from tests.grading.hostile import answer

FUNCTION = "nn.functional.relu"
CALLED = "def relu_pt(x): return f(x)"


def borrowed(source, name="relu"):
    return answer(source, f"this ran {name}, which")


ATTEMPTS = {
    "borrows-behind-a-text": borrowed(f'_ = """\n"""; relu_pt = {FUNCTION}'),
    "borrows-between-carriage-returns": borrowed(f"\rdef relu_pt(x):\r    return {FUNCTION}(x)\r"),
    "borrows-deeper-than-a-parser-goes": answer(
        f"n = {'+'.join(['1'] * 2990)}\ndef relu_pt(x): return {FUNCTION}(x)", "nested too deeply"
    ),
    "borrows-beside-a-method": borrowed(
        "from torch.nn.functional import *\n"
        "def relu_pt(x):\n    return relu(x)\n    class A:\n        def relu(self): pass"
    ),
    "borrows-by-a-list": borrowed(
        f"kept = []\nkept.append({FUNCTION})\ndef relu_pt(x): return kept[0](x)"
    ),
    "borrows-by-setattr": borrowed(
        f"class T: pass\nsetattr(T, 'f', {FUNCTION})\ndef relu_pt(x): return T.f(x)"
    ),
    "borrows-by-globals": borrowed(f"globals()['f'] = {FUNCTION}\n{CALLED}"),
    "borrows-by-more-globals": borrowed(f"globals().update(f={FUNCTION})\n{CALLED}"),
    "borrows-by-builtins": borrowed(f"import builtins\nbuiltins.f = {FUNCTION}\n{CALLED}"),
    "borrows-by-a-method-of-tensors": borrowed(
        "torch.Tensor.r = torch.Tensor.relu\ndef relu_pt(x): return x.r()"
    ),
    "borrows-by-match": borrowed(f"match {FUNCTION}:\n    case f: pass\n{CALLED}"),
    "borrows-by-a-path": borrowed(
        "import operator\nf = operator.attrgetter('functional.relu')(nn)\n" + CALLED
    ),
    "borrows-in-place": borrowed(
        "def relu_pt(x): return torch._C._nn.relu6(x.relu_())", "relu and relu6"
    ),
    "borrows-an-operation": borrowed("def relu_pt(x): return torch.ops.aten.relu_(+x)"),
    "borrows-in-a-function-that-another-shadows": borrowed(
        f"f = {FUNCTION}\ndef relu_pt(x):\n    return f(x)\n    def g(f): f = 1"
    ),
    "borrows-in-a-comprehension": borrowed(
        f"f = {FUNCTION}\ndef relu_pt(x): return [f(x) for f in [f]][0]"
    ),
    "borrows-by-global": borrowed(
        f"def lend():\n    global f\n    f = {FUNCTION}\nlend()\n{CALLED}"
    ),
    "borrows-by-import": borrowed("from torch.nn.functional import relu as relu_pt"),
    "borrows-by-a-pattern-of-attributes": borrowed(
        "def relu_pt(x):\n    match nn.functional:\n        case object(relu=f): return f(x)"
    ),
    "borrows-beside-a-default-that-is-a-function": borrowed(
        f"f = {FUNCTION}\ndef relu_pt(x, g=lambda f: 0): return f(x)"
    ),
    "borrows-by-global-in-a-function-in-a-function": borrowed(
        "def lend():\n    f = 1\n    def inner():\n        global f\n"
        f"        f = {FUNCTION}\n    inner()\nlend()\n{CALLED}"
    ),
    "borrows-by-global-below-a-local": borrowed(
        f"f = {FUNCTION}\ndef relu_pt(x):\n    f = None\n    def g():\n        global f\n"
        "        return f(x)\n    return g()"
    ),
    "borrows-from-globals": borrowed(f"f = {FUNCTION}\ndef relu_pt(x): return globals()['f'](x)"),
    "borrows-from-the-main-module": borrowed(
        f"import __main__ as m\nf = {FUNCTION}\ndef relu_pt(x): return m.f(x)"
    ),
    "borrows-from-the-main-of-all-modules": borrowed(
        f"import sys\nf = {FUNCTION}\ndef relu_pt(x): return sys.modules['__main__'].f(x)"
    ),
    "borrows-by-a-method-of-lists": borrowed(
        f"kept = []\nlist.append(kept, {FUNCTION})\ndef relu_pt(x): return kept[0](x)"
    ),
    "borrows-by-a-method-of-types": borrowed(
        f"class T: pass\ntype.__setattr__(T, 'f', {FUNCTION})\ndef relu_pt(x): return T.f(x)"
    ),
    "borrows-by-the-dictionary-of-builtins": borrowed(
        f"import builtins\nbuiltins.__dict__['f'] = {FUNCTION}\n{CALLED}"
    ),
    "borrows-by-an-update-of-builtins": borrowed(
        f"import builtins\nbuiltins.__dict__.update(f={FUNCTION})\n{CALLED}"
    ),
    "borrows-by-a-functions-globals": borrowed(
        f"def g(): pass\ng.__globals__['f'] = {FUNCTION}\n{CALLED}"
    ),
    "borrows-by-eval": borrowed(f"def relu_pt(x): return eval('{FUNCTION}(x)')"),
    "borrows-by-exec": borrowed(f"exec('def relu_pt(x): return {FUNCTION}(x)')"),
    "borrows-by-a-docstring": borrowed(
        "def relu_pt(x):\n    'relu'\n    return getattr(nn.functional, relu_pt.__doc__)(x)"
    ),
}
