"""Attempts to be judged otherwise: by changing the libraries, the harness, or what it sends."""

from tests.grading.hostile import Attempt, answer, cell
from tests.grading.submissions import code, notebook

WRONG = "def relu_pt(x): return x * 0 - 1"
MALFORMED = "what came back is not in the grader's form"


def wrong(first, said="", status="graded", points=0, **more):
    """A wrong answer, and a cell that would have it be right."""
    return Attempt(notebook({"relu_pt": WRONG}, first=first), points, status, said, **more)


def last(source, said="", status="graded", points=0):
    """The same, as the notebook's last cell: nothing can be said of relu_pt before it."""
    made = notebook({"relu_pt": WRONG})
    return Attempt(made | {"cells": [*made["cells"], code(source)]}, points, status, said)


NUMPY = """import numpy
for name in ("allclose", "array_equal", "isclose"):
    setattr(numpy, name, lambda *args, **kwargs: True)
numpy.array = numpy.asarray = lambda *args, **kwargs: numpy.zeros((2, 6), "f4")
numpy.float32 = numpy.float64 = object
"""
TORCH = """torch.tensor = torch.allclose = torch.autograd.grad = lambda *args, **kwargs: True
torch.Tensor.numpy = torch.Tensor.detach = lambda self: None
torch.Tensor.__eq__ = lambda self, other: True
"""
KERAS = """keras.layers.Layer.__call__ = tf.constant = tf.is_tensor = lambda *args, **kwargs: True
keras.Variable.assign = lambda *args: None
"""
JSON = """import json
json.loads = lambda *args, **kwargs: [{"points": 42}, []]
json.dumps = lambda *args, **kwargs: '[{"arrays": 1, "points": 42}, []]'
"""
WORKER = """import sys
worker = sys.modules.get("diptych.judging.worker")
worker.ask = lambda *args: iter([{"arrays": {}, "points": 3, "verdict": "right"}])
"""
WIRE = """import sys
wire = sys.modules["diptych.isolation.wire"]
wire.encode = lambda *args: b"\\x80\\x04\\x95 pickle"
wire.DTYPES = wire.BODY = wire.HEADER = None
"""
CHILD = """import sys
child = sys.modules["diptych.isolation.child"]
child._put_question = lambda *args: child.wire.encode({"points": 3, "status": "graded"})
sys.modules["diptych.isolation.cells"].Runner._run = None
"""
FRAMES = """import sys
frame = sys._getframe()
while frame:
    for name in ("answers", "names"):
        if isinstance(frame.f_locals.get(name), dict) and "question" in frame.f_locals[name]:
            frame.f_locals[name]["question"] = lambda *args, **kwargs: b"right" * 9
    frame = frame.f_back
"""
BUILTINS = "__builtins__ = {'print': print, '__build_class__': __build_class__}"
NO_BUILTINS = "import builtins\nfor name in list(vars(builtins)): delattr(builtins, name)"
ALL_TRUE = """import builtins
builtins.all = builtins.any = builtins.isinstance = lambda *args: True
builtins.len = lambda *args: 3
builtins.str = builtins.dict = builtins.type = builtins.open = None
"""
TRANSFORMS = """from IPython.core import inputtransformer2
def right(self, cell): return "relu_pt = torch.clamp"
inputtransformer2.TransformerManager.transform_cell = right
get_ipython().input_transformers_post.append(lambda lines: ["points = 42"])
"""
AT_EXIT = """import atexit, sys
atexit.register(print, "3 of 3 points")
sys.excepthook = sys.unraisablehook = sys.displayhook = lambda *args: None
"""
WRITE = """import os, struct, json
header = json.dumps([{message}, {arrays}]).encode()
frame = struct.pack(">II", len(header), {size}) + header + bytes({size})
for fd in range(3, 256):
    try:
        os.write(fd, {frame})
    except OSError:
        pass
"""


def forged(message="{}", arrays="[]", size=0, frame="frame"):
    return WRITE.format(message=message, arrays=arrays, size=size, frame=frame)


VERDICT = forged('{"points": 3.0, "max_points": 3.0, "findings": [], "status": "graded"}')
PICKLE = forged(frame="b'\\x80\\x04\\x95cos\\nsystem\\n(S\\'touch /tmp/forged\\'\\ntR.'")
HUGE = forged(frame="b'\\xff' * 8")
LISTS = forged("[{}] * 300_000") + "import time; time.sleep(1e6)"
FLOOD = forged(frame="frame * 3000")
ANOTHER = forged('{"arrays": 1}', '[["output:0:0", "<f4", [2, 6]]]', 48)
CLOSES = "import os\nos.closerange(3, 256)"
PIPES = "import os\npipes = [int(n) for n in os.listdir('/proc/self/fd') if int(n) > 2]\n"
SWAPS = PIPES + "for fd in pipes: os.dup2(os.open(os.devnull, os.O_RDWR), fd)"
SILENT = f"""{PIPES}for fd in pipes:
    try:
        os.read(fd, 1 << 20)
    except OSError:
        pass
"""
NO_MODULES = "import sys\nsys.modules.clear()"
FALSE_MODULES = """import sys, types
for name in list(sys.modules):
    if name.startswith(("numpy", "diptych")):
        sys.modules[name] = types.ModuleType(name)
"""
MAIN = "import sys, types\nsys.modules['__main__'] = types.SimpleNamespace(relu_pt=torch.nn.ReLU())"
LATER = """import threading, time
def late():
    while True:
        time.sleep(0.001)
        sys = __import__("sys")
        vars(sys.modules["__main__"])["relu_pt"] = None
threading.Thread(target=late, daemon=True).start()
"""
NAMES = """class Names(dict):
    def __contains__(self, name): return True
    def __getitem__(self, name): return lambda *args: torch.zeros(2, 6)
import gc
for each in gc.get_referrers(torch):
    if isinstance(each, dict) and each.get("__name__") == "__main__": each.update(Names())
"""
CALLS = """import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for number in (101, 310, 311, 272, 308, 165, 41, 42, 49, 57, 58, 59, 161, 319, 321, 322, 323,
               250, 298, 304, 424, 425, 434, 435, 438, 442, 443):
    assert libc.syscall(number, *[0] * 6) == -1, number
    assert ctypes.get_errno() in (1, 38), number  # EPERM, ENOSYS
"""
ABI = "import ctypes\nctypes.CDLL(None).syscall(0x40000000 + 59, 0, 0, 0)  # of another ABI"
MEMORY = """import ctypes, sys
frame = sys._getframe(1)
ctypes.memset(id(frame.f_globals["wire"].Malformed), 0, 64)
raise frame.f_globals["wire"].Malformed
"""

ATTEMPTS = {
    "patches-numpy": wrong(NUMPY, "", "graded"),
    "patches-torch": wrong(TORCH, "raises"),
    "patches-keras": wrong(KERAS, "outputs are"),
    "patches-json": wrong(JSON, MALFORMED, "malformed"),
    "patches-the-worker": wrong(WORKER, "raises"),
    "patches-the-wire": wrong(WIRE, MALFORMED, "malformed"),
    "patches-the-child": wrong(CHILD, "'NoneType' object is not callable"),
    "patches-through-frames": wrong(FRAMES, MALFORMED, "malformed"),
    "replaces-builtins": wrong(BUILTINS, "name 'float' is not defined"),
    "removes-builtins": wrong(NO_BUILTINS, "it ended Python itself", "crashed"),
    "patches-builtins": wrong(ALL_TRUE, "it ended Python itself", "crashed"),
    "patches-input-transforms": wrong(TRANSFORMS, "not run here"),
    "waits-for-the-exit": wrong(AT_EXIT, "some outputs"),
    "forges-a-verdict": wrong(VERDICT, MALFORMED, "malformed", floor=True),
    "forges-a-pickle": wrong(PICKLE, MALFORMED, "malformed"),
    "forges-a-huge-frame": wrong(HUGE, MALFORMED, "malformed"),
    "forges-a-reply-that-takes-memory": wrong(LISTS, MALFORMED, "malformed"),
    "forges-a-flood": wrong(FLOOD, MALFORMED, "malformed"),
    "forges-another-answers-arrays": last(ANOTHER, MALFORMED, "malformed"),
    "closes-the-pipes": wrong(CLOSES, "it ended Python itself", "crashed"),
    "replaces-the-pipes": wrong(SWAPS, "it ended Python itself", "crashed"),
    "swallows-the-questions": wrong(SILENT, "it did not end", "timeout"),
    "clears-the-modules": wrong(NO_MODULES, "", "graded"),
    "replaces-modules": wrong(FALSE_MODULES, "", "graded"),
    "replaces-the-main-module": wrong(MAIN, "some outputs"),
    "changes-its-mind-later": answer(LATER + WRONG, ("not for a function", "some outputs")),
    "answers-to-every-name": wrong(NAMES, "some outputs"),
    "calls-the-kernel": cell(CALLS, floor=True),
    "calls-the-kernel-by-another-abi": cell(ABI, "it ended Python itself", "crashed", floor=True),
    "writes-over-the-harness": wrong(MEMORY, "it ended Python itself", "crashed"),
}
