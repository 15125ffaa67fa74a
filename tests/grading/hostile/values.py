"""Answers that are wrong, and come back as something that might be taken for right."""

from tests.grading.hostile import Attempt, answer
from tests.grading.submissions import EQUAL, notebook

ARRAY = """import numpy as np
class Right(np.ndarray):
    def __eq__(self, other): return True
    def __array_ufunc__(self, *args, **kwargs): return True
def relu_pt(x): return np.ones(x.shape, "f4").view(Right)
"""
TENSOR = """class Right(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None): return True
def relu_pt(x): return torch.zeros(x.shape).as_subclass(Right)
"""
NUMPY_THAT_LIES = """class Lies(torch.Tensor):
    def detach(self): return self
    def cpu(self): return self
    def numpy(self): return {"points": 3}
def relu_pt(x): return torch.zeros(x.shape).as_subclass(Lies)
"""
REMEMBERS = """seen = {}
def relu_pt(x):
    if len(seen) < 3:
        seen[tuple(x.flatten().tolist())] = torch.clamp(x, min=0)
    return seen.get(tuple(x.flatten().tolist()), x)
"""
KEEPS_STATE = """calls = []
def relu_pt(x):
    calls.append(1)
    return torch.clamp(x, min=0) if len(calls) < 3 else x
"""
MODULE = """class Real(nn.Module): pass
class Fake:
    __class__ = Real
    def __init__(self, *args): pass
    def __call__(self, x): return x
    def __getattr__(self, name): return nn.Parameter(torch.tensor([0.25] * 3))
prelu_pt = Fake
"""
MADE = """class relu_pt:
    def __new__(cls, *args): return lambda x: x
"""
TABLE = """import itertools
counter = itertools.count()
def relu_pt(x): return torch.full(x.shape, [0.0, float("nan"), 1e38][next(counter) % 3])
"""
RIGHT_VALUES = "torch.clamp(x.detach(), min=0)"


def returns(expression, said):
    return answer(f"def relu_pt(x): return {expression}", said)


def refused(expression):
    return answer(f"def relu_pt(x): return {expression}", "not in the grader's form", "malformed")


ATTEMPTS = {
    "equal-to-everything": answer(EQUAL, "an object of type Everything came back"),
    "an-array-that-is-always-right": answer(ARRAY, "an object of type Right came back"),
    "a-tensor-that-is-always-right": answer(TENSOR, "raises"),
    "a-tensor-whose-numbers-are-none": answer(NUMPY_THAT_LIES, "not judged"),
    "nan-everywhere": returns("x * float('nan')", "NaN or infinity comes out"),
    "infinity-everywhere": returns("x.abs() / 0", "NaN or infinity comes out"),
    "nan-now-and-then": answer(TABLE, ""),
    "one-number-for-all": returns("torch.zeros(())", "the output has shape ()"),
    "one-that-is-right-among-others": returns(
        "(torch.clamp(x, min=0), x, -x)", "3 outputs come back, where one is asked for"
    ),
    "a-broadcastable-row": returns("torch.zeros(1)", "the output has shape (1,)"),
    "one-dimension-more": returns("torch.clamp(x, min=0)[None]", "the output has shape (1,"),
    "nothing-at-all": returns("torch.zeros(0)", "the output has shape (0,)"),
    "sixty-dimensions": refused("torch.zeros([1] * 60)"),
    "astronomical-and-empty": refused("torch.zeros(0, 2**40)"),
    "complex-numbers": returns("torch.clamp(x, min=0) + 0j", "dtype complex64 are not judged"),
    "truth-values": returns("x > 0", "this is 1 where x is positive"),
    "whole-numbers": returns("torch.clamp(x, min=0).long()", "the output is of dtype int64"),
    "a-sparse-tensor": returns("torch.clamp(x, min=0).to_sparse()", "layout torch.sparse_coo"),
    "a-tensor-without-storage": returns("torch.zeros(x.shape, device='meta')", "keeps no numbers"),
    "text": returns("'right'", "an object of type str came back"),
    "a-generator": returns("(y for y in x)", "an object of type generator came back"),
    "lists-without-end": answer(
        "def relu_pt(x):\n    y = []\n    y.append(y)\n    return y", "Rec"
    ),
    "the-input": returns("x", ""),
    "a-number-as-answer": answer("relu_pt = 42", "not for a function or a class"),
    "a-class-as-answer": answer(MADE, "must be a subclass of nn.Module"),
    "a-class-in-disguise": Attempt(
        notebook({"prelu_pt": MODULE}), 0, "graded", "some outputs are wrong"
    ),
    "remembers-visible-cases": answer(REMEMBERS, ""),
    "keeps-state-between-calls": answer(KEEPS_STATE, ""),
    "changes-the-input-in-place": Attempt(
        notebook({"relu_pt": "def relu_pt(x): return x.clamp_(min=0)"}), 2, "graded", "in place"
    ),
    "no-gradient": Attempt(
        notebook({"relu_pt": f"def relu_pt(x): return {RIGHT_VALUES}"}), 2, "graded", "no gradient"
    ),
}
