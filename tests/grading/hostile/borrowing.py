"""ReLU by the framework's own, named where somebody who reads for names might not look."""

from hostile import answer

FUNCTION = "nn.functional.relu"
CALLED = "def relu_pt(x): return f(x)"


def borrowed(source, name="relu"):
    return answer(source, f"write it yourself, without {name} ")


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
    "borrows-in-place": borrowed("def relu_pt(x): return torch._C._nn.relu6(x.relu_())", "relu6"),
    "borrows-an-operation": borrowed("def relu_pt(x): return torch.ops.aten.relu_(+x)", "relu_"),
    "borrows-in-a-function-that-another-shadows": borrowed(
        f"f = {FUNCTION}\ndef relu_pt(x):\n    return f(x)\n    def g(f): f = 1"
    ),
    "borrows-in-a-comprehension": borrowed(
        f"f = {FUNCTION}\ndef relu_pt(x): return [f(x) for f in [f]][0]"
    ),
    "borrows-by-global": borrowed(
        f"def lend():\n    global f\n    f = {FUNCTION}\nlend()\n{CALLED}"
    ),
}
