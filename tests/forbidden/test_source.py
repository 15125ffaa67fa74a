"""Around the children: what is read, what is kept, and what is written down."""

import contextlib
import csv
import io
import json
import os
import threading
import time
import tracemalloc

import numpy as np
import pytest

from diptych.catalogue.component import exercises
from diptych.forbidden import source
from diptych.grading import batch, marking, pages, read, report, store
from diptych.grading.marking import Grade, Outcome
from diptych.grading.statuses import SENTENCES
from diptych.isolation import child, folders, process, run, wire
from tests.grading.submissions import CHAPTER, code

# Reading


def test_notebooks_are_found_where_they_lie_and_links_are_not_followed(tmp_path):
    for place in ("b/activations/rectifiers.ipynb", "a/rectifiers.ipynb", "a/x/y/z/deep.ipynb"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).touch()
    (tmp_path / "a/.ipynb_checkpoints").mkdir()
    (tmp_path / "a/.ipynb_checkpoints/rectifiers.ipynb").touch()
    (tmp_path / "linked").symlink_to(tmp_path / "b")
    (tmp_path / "a/linked").symlink_to(tmp_path / "b/activations")
    found = read.submissions(tmp_path, [CHAPTER])
    assert [(s.student, s.place, s.chapter) for s in found] == [
        ("a", "rectifiers.ipynb", ""),
        ("b", "activations/rectifiers.ipynb", CHAPTER),
    ]


def test_of_thousands_of_notebooks_those_of_chapters_are_all_found(tmp_path):
    for place in (CHAPTER, *(f"a/{n:03}" for n in range(200))):
        path = tmp_path / f"ann/{place}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = read.submissions(tmp_path, [CHAPTER])
    assert [s.chapter for s in found] == [""] * read.OTHERS + [CHAPTER]
    assert found[read.OTHERS - 1].place == f"a/{read.OTHERS - 1:03}.ipynb"


def v3(source):
    cell = {"cell_type": "code", "input": source, "language": "python", "outputs": []}
    sheet = {"cells": [cell | {"metadata": {}}], "metadata": {}}
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [sheet]}


@pytest.mark.parametrize(
    "notebook",
    [
        {"nbformat": 4, "cells": [code("x = 1\ny = 2")]},
        {"nbformat": 4, "cells": [code(["x = 1\n", "y = 2"]), {"cell_type": "raw"}, None]},
        v3("x = 1\ny = 2"),
    ],
    ids=["text", "lines", "format 3"],
)
def test_code_is_read_however_it_is_written(notebook):
    assert read.code_cells(json.dumps(notebook).encode()) == ["x = 1\ny = 2"]


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04",
        b"[" * 100_000,
        b"\xff\xfe\xfa",
        b"[]",
        b"{}",
        b'{"nbformat": true, "cells": []}',
        b'{"nbformat": 4}',
        b'{"nbformat": 3, "worksheets": 5}',
        json.dumps({"nbformat": 4, "cells": [None] * (read.CELLS + 1)}).encode(),
        json.dumps({"nbformat": 4, "cells": [code({"a": 1})]}).encode(),
        json.dumps({"nbformat": 4, "cells": [code(["a", 1])]}).encode(),
        json.dumps({"nbformat": 4, "cells": [code("#" * (read.CODE + 1))]}).encode(),
        b'{"nbformat": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_no_notebook_is_unreadable(data):
    with pytest.raises(read.Unreadable):
        read.code_cells(data)


def test_a_file_that_is_too_large_is_not_read_to_its_end(tmp_path):
    path = tmp_path / "large"
    with open(path, "wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(read.Unreadable, match="larger"):
        read.content(path)


def test_half_a_surrogate_pair_does_not_stop_anything():
    notebook = {"nbformat": 4, "cells": [code("x = '\ud800'")]}
    assert read.code_cells(json.dumps(notebook).encode()) == ["x = '?'"]


# What an answer is made of


def builtin_in(*cells, answer="leaky_relu_tf", allow=()):
    asked = marking.asked(CHAPTER, ("pytorch", "tensorflow"), "0")
    rule = marking.questions(a for a in asked if a.name == answer)[answer].rule
    used = source.search(map(child._read, cells), {answer: rule})[answer]["used"]
    return used and tuple(used)


def test_a_builtin_is_found_through_helpers_aliases_and_other_cells():
    cells = (
        "from tensorflow.nn import leaky_relu as rectify",
        "x = 1\n\ndef helper(x):\n    return rectify(x)",
        "@tf.function\ndef leaky_relu_tf(x, negative_slope):\n    return helper(x)",
    )
    assert builtin_in(*cells) == (2, 4, "rectify", "return rectify(x)")


@pytest.mark.parametrize(
    "cell",
    [
        "leaky_relu_tf = tf.nn.leaky_relu",
        "def leaky_relu_tf(x, a): return x\nleaky_relu_tf = keras.layers.LeakyReLU(0.1)",
        "class T: pass\ntools = T()\ntools.f = tf.nn.leaky_relu\n"
        "def leaky_relu_tf(x, a): return tools.f(x, a)",
        "def leaky_relu_tf(x, a): return getattr(tf.nn, 'leaky_relu')(x, a)",
        "from tensorflow.nn import *\ndef leaky_relu_tf(x, a): return leaky_relu(x, a)",
        "if True:\n    f = tf.nn.leaky_relu\ndef leaky_relu_tf(x, a): return f(x, a)",
        "try:\n    def leaky_relu_tf(x, a): return tf.nn.leaky_relu(x, a)\nfinally: pass",
        "def leaky_relu_tf(x, a): return tf.raw_ops.LeakyRelu(features=x, alpha=a)",
        "def leaky_relu_tf(x, a): return tf.nn.relu(*[x, a])",
        "class M:\n    def f(self): keras.f = tf.nn.leaky_relu\n"
        "def leaky_relu_tf(x, a): return keras.f(x, a)",
        "f = tf.nn.leaky_relu\ndef leaky_relu_tf(x, a, g=lambda f: f): return f(x, a)",
        # By a name of its own that is another's by then, still, or only elsewhere.
        "def leaky_relu(x, a): pass\nfrom tensorflow.nn import *\n"
        "def leaky_relu_tf(x, a): return leaky_relu(x, a)",
        "from tensorflow.nn import *\nf = leaky_relu\ndef leaky_relu(x, a): pass\n"
        "leaky_relu_tf = f",
        "from tensorflow.nn import *\n"
        "def leaky_relu_tf(x, a, f=leaky_relu):\n    leaky_relu = 1\n    return f(x, a)",
        "from tensorflow.nn import *\n"
        "def leaky_relu_tf(x, a, g=lambda leaky_relu: 1): return leaky_relu(x, a)",
        "from tensorflow.nn import *\ndef leaky_relu_tf(x, a):\n    leaky_relu = 1\n"
        "    def f():\n        global leaky_relu\n        return leaky_relu\n"
        "    return f()(x, a)",
        # By an attribute of a module.
        "import keras\nkeras.__dict__.update(f=tf.nn.leaky_relu)\n"
        "def leaky_relu_tf(x, a): return keras.f(x, a)",
        "import keras\nobject.__setattr__(keras, 'f', tf.nn.leaky_relu)\n"
        "def leaky_relu_tf(x, a): return keras.f(x, a)",
        "import keras\nkeras.kept = []\nkeras.kept.append(tf.nn.leaky_relu)\n"
        "def leaky_relu_tf(x, a): return keras.kept[0](x, a)",
    ],
)
def test_a_builtin_is_found_however_it_is_taken(cell):
    assert builtin_in(cell)


@pytest.mark.parametrize(
    "cells",
    [
        ("def leaky_relu_tf(x, a): return tf.where(x > 0, x, a * x)", "tf.nn.leaky_relu(1.0)"),
        ("def leaky_relu_tf(x, a): return tf.nn.relu(x) - a * tf.nn.relu(-x)",),
        ("def leaky_relu_tf(x, a): return x.relu() - a * (-x).relu()",),
        ("def f(x): return tf.nn.leaky_relu(x)\ndef leaky_relu_tf(x, a): return x",),
        ("from math import *\ndef leaky_relu_tf(x, a): return tf.where(x > 0, x, a * x)",),
        ("from numpy import *\ndef leaky_relu_tf(x, LeakyReLU): return LeakyReLU * x",),
        ("from keras import *\ndef leaky_relu_tf(x, LeakyReLU): return LeakyReLU * x",),
        (
            "from keras.layers import *\n"
            "def leaky_relu_tf(x, a):\n    class LeakyReLU: pass\n    return LeakyReLU()(x)",
        ),
        (
            "from tensorflow.nn import *\ndef leaky_relu(x, a): return tf.where(x > 0, x, a * x)\n"
            "def leaky_relu_tf(x, a): return leaky_relu(x, a)",
        ),
        ('def leaky_relu_tf(x, a):\n    """LeakyReLU"""\n    return tf.where(x > 0, x, a * x)',),
        # A setting of the library does not make the library of whatever calls it.
        (
            "import tensorflow as tf",
            "tf.keras.backend.flag = True",
            "def leaky_relu_tf(x, a): return tf.where(x > 0, x, a * x)",
            "tf.debugging.assert_near(leaky_relu_tf(1.0, 0.1), tf.nn.leaky_relu(1.0, 0.1))",
        ),
        # Names of the same letters that are others' own: a variable, an attribute.
        ("y = tf.nn.leaky_relu(1.0)", "def leaky_relu_tf(x, a):\n    y = -a * x\n    return y"),
        ("y = tf.nn.leaky_relu(1.0)", "leaky_relu_tf = lambda y, a: tf.where(y > 0, y, a * y)"),
        ("z = tf.nn.leaky_relu(1.0)", "def leaky_relu_tf(x, a): return [z for z in (x,)][0]"),
        (
            "class Ours:\n    def __init__(self):\n        self.f = keras.layers.LeakyReLU()",
            "class leaky_relu_tf:\n    def __call__(self, x, a):\n        return self.f(x)",
        ),
        (
            "def leaky_relu_tf(x, a): return tf.where(x > 0, x, a * x)",
            "tf.debugging.assert_near(leaky_relu_tf(1.0, 0.1), tf.nn.leaky_relu(1.0, 0.1))",
            "(leaky_relu_tf(1.0, 0.1)).numpy().all(tf.nn.leaky_relu(1.0, 0.1))",
        ),
        ('def leaky_relu_tf(x, a):\n    """LeakyReLU"""\n    return tf.where(x > 0, x, a * x)',),
        (
            "z = tf.nn.leaky_relu(1.0)\ngetattr(z, 'shape')",
            "def leaky_relu_tf(x, a):\n    f = lambda z: z\n    return tf.where(x > 0, x, a * x)",
        ),
        ("this is ( no Python", "def leaky_relu_tf(x, a): return tf.where(x > 0, x, a * x)"),
    ],
)
def test_a_builtin_beside_the_answer_costs_nothing(cells):
    assert builtin_in(*cells) is None


def test_a_builtin_is_found_on_its_own_line_below_a_magic():
    cell = "\n%%time\n\ndef leaky_relu_tf(x, a):\n    return tf.nn.leaky_relu(x, a)"
    assert builtin_in(cell)[:2] == (1, 5)


def test_an_error_does_not_tell_the_folder_which_is_another_each_time(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    fault = child._fault(FileNotFoundError(2, "No such file", f"{tmp_path}/w.npy"))
    assert fault["message"] == "[Errno 2] No such file: '~/w.npy'"


OWN_LAYER = """class prelu_tf(keras.layers.Layer):
    def __init__(self, n{parameter}):
        super().__init__({named})
        self.weight = self.add_weight((n,))
    def call(self, x): return tf.where(x > 0, x, self.weight * x)"""


@pytest.mark.parametrize(
    ("answer", "cells"),
    [
        ("prelu_tf", [OWN_LAYER.format(parameter="", named="name='prelu'")]),
        ("prelu_tf", [OWN_LAYER.format(parameter=", name='prelu'", named="name=name")]),
        (
            "prelu_tf",
            [
                OWN_LAYER.format(parameter="", named=""),
                "ref = keras.layers.PReLU()\nmine = prelu_tf(3)\nmine.weight = ref.weight",
            ],
        ),
        (
            "prelu_tf",
            [
                OWN_LAYER.format(parameter="", named=""),
                "ref = torch.nn.PReLU(3)\nref.weight.data = mine.weight.data",
            ],
        ),
        (
            "threshold_pt",
            [
                "class Step(torch.autograd.Function):\n"
                "    @staticmethod\n    def forward(ctx, x, threshold):\n"
                "        ctx.threshold = threshold\n        return x\n"
                "    @staticmethod\n    def backward(ctx, g):\n        return g * ctx.threshold\n"
                "def threshold_pt(x, threshold, value): return Step.apply(x, threshold)"
            ],
        ),
        (
            "threshold_pt",
            [
                "def threshold_pt(x, threshold, value):\n"
                "    if threshold is None: raise ValueError('threshold')\n"
                "    print('threshold')\n    return torch.where(x > threshold, x, value)"
            ],
        ),
        (
            "relu_pt",
            [
                "class Own:\n    @staticmethod\n    def relu(x): return x.clamp(min=0)\n"
                "def relu_pt(x): return Own.relu(x)"
            ],
        ),
        (
            "leaky_relu_pt",
            [
                "slope = 0.1\ndef leaky_relu_pt(x, a=slope): return torch.where(x > 0, x, a * x)",
                "for slope in (0.1, 0.2):\n    y = torch.nn.functional.leaky_relu(x, slope)\n"
                "with torch.no_grad():\n    for x in y: print(torch.nn.LeakyReLU(slope)(x))",
            ],
        ),
    ],
)
def test_what_only_has_the_name_of_a_builtin_costs_nothing(answer, cells):
    assert builtin_in(*cells, answer=answer) is None


@pytest.mark.parametrize(
    "cell",
    [
        "class Own:\n    def relu(x): return x\nOwn = torch\ndef relu_pt(x): return Own.relu(x)",
        "class Own:\n    def relu(x): return x\ndef f(Own, x): return Own.relu(x)\n"
        "def relu_pt(x): return f(torch, Own.relu(x))",
        "class Own:\n    def f(self): self.f = torch.relu\ndef relu_pt(x): return Own().f(x)",
        "def relu_pt(x):\n    'relu'\n    return getattr(torch, relu_pt.__doc__)(x)",
        "def relu_pt(x):\n    try: raise ValueError('relu')\n"
        "    except ValueError as e: return getattr(torch, e.args[0])(x)",
        "class Own:\n    def __init__(self): super().__init__(name='relu')\n"
        "def relu_pt(x): return getattr(torch, Own().name)(x)",
        "def given(name): return name\nrelu_pt = given(name=torch.relu)",
        "for relu_pt in [torch.relu]: pass",
        "from torch import relu as rectify\nkept = torch.nn\nkept.f = rectify\n"
        "def relu_pt(x): return torch.nn.f(x)",
        "with torch.no_grad():\n    if True:\n        f = torch.relu\nrelu_pt = f",
        "kept = torch.nn\nkept.f = torch.relu\ndef relu_pt(x): return torch.nn.f(x)",
    ],
)
def test_what_only_looks_as_if_it_had_the_name_of_a_builtin_is_found(cell):
    assert builtin_in(cell, answer="relu_pt")


def test_a_very_long_chain_of_conditions_is_read():
    chain = "if x: y = 1\n" + "elif x: y = 2\n" * 900
    assert builtin_in(chain + "relu_pt = torch.relu", answer="relu_pt")[1] == 902


def test_source_made_to_exhaust_the_parser_stops_nothing():
    for text in ("-" * 100_000 + "1", "(" * 1000, "x" + ".a" * 50_000, "\0"):
        assert source.statements([child._read(text)]) == []


def test_what_takes_too_long_to_read_does_not_run(monkeypatch):
    slow = "def relu_pt(x): return 2\n" * 2000
    child._read("what it imports takes its time, too")
    monkeypatch.setattr(child, "READING", 0.1)
    reply, _ = wire.decode(child._transform({}, {}, ["x = 1", *[slow] * 99], {}))
    assert reply["python"][0] == "x = 1" and reply["python"][-1] == child.TOO_LONG
    assert set(reply["python"][1:]) <= {slow, child.TOO_LONG}


def test_what_takes_too_long_to_search_does_not_run_either(monkeypatch):
    slow = "def relu_pt(x): return 2\n" * 2000
    rules = {"relu_pt": {"forbidden": ["relu"], "allow": []}}
    reply, _ = wire.decode(child._transform({}, {}, ["x = 1", slow], rules))
    assert reply["python"] == ["x = 1", slow] and reply["found"]["relu_pt"]["cells"] == [2]
    monkeypatch.setattr(child, "SEARCHING", 0.01)
    reply, _ = wire.decode(child._transform({}, {}, ["x = 1", slow], rules))
    assert reply["python"] == [child.TOO_LONG] * 2
    assert reply["found"] == {"relu_pt": {"cells": [], "used": None}}


def test_a_long_chain_of_names_is_followed_once():
    chain = "\n".join(f"v{i} = v{i + 1}" for i in range(20_000))
    start = time.process_time()
    assert builtin_in(chain + "\ndef leaky_relu_tf(x, a): return v0") is None
    assert time.process_time() - start < 20


def test_a_very_long_name_is_not_read():
    start = time.process_time()
    assert builtin_in(f"def leaky_relu_tf(x, a): return x.x{'_' * 300_000}x(a)") is None
    assert time.process_time() - start < 20


def test_a_line_of_many_statements_is_not_read_once_a_statement():
    line = ";".join(["leaky_relu_tf = 0"] * 20_000)
    tracemalloc.start()
    assert builtin_in(line) is None
    assert tracemalloc.get_traced_memory()[1] < 200e6
    tracemalloc.stop()


def test_cells_are_read_once_however_often_the_notebook_runs():
    done, sent = run.Run(), []
    for python in (["as Python"], ["never"]):
        _, request = next(run._steps(["%x"], {}, done))
        reply = {"python": python, "found": {}}
        request(lambda frame, r=reply, **_: [(sent.append(_message(frame)["cells"]) or r, {})])
    assert sent == [["%x"], []] and done.python == ["as Python"]


def _message(frame):
    return wire.decode(frame)[0]


def test_hidden_questions_come_after_all_that_a_student_may_see():
    questions = marking.questions(marking.asked(CHAPTER, ("pytorch",), "0"))
    done, order = run.Run(), []
    for step, request in run._steps([], questions, done):

        def ask(*frames, name=step[1], **limits):
            order.append((name, frames))
            said = {
                "transform": {"python": [], "found": {}},
                "question": {"kind": "raised"},
                "calls": ["relu"],
            }
            return [(said[_message(frame)["do"]], {}) for frame in frames]

        request(ask)
    assert order[1:] == [(name, asked.visible) for name, asked in questions.items()] + [
        (name, (*asked.hidden, asked.calls)) for name, asked in questions.items()
    ]
    for name, asked in questions.items():
        assert len(done.results[name]) == len(asked.visible) + len(asked.hidden)
        assert done.called[name] == ["relu"]


@pytest.mark.parametrize(("status", "asked_twice"), [("killed", 1), ("lost", 1), ("crashed", 0)])
def test_what_ends_from_outside_is_all_done_again_and_what_an_answer_ends_is_not(
    status, asked_twice, monkeypatch
):
    questions = marking.questions(marking.asked(CHAPTER, ("pytorch",), "0"))
    first, second = list(questions)[:2]
    ends, names = iter([process.Ended(status)]), []

    @contextlib.contextmanager
    def ours(*_):
        yield ask

    def ask(until, *frames, **limits):
        message = _message(frames[0])
        names.append(message.get("name"))
        if names[-1] == second and (end := next(ends, None)):
            raise end
        said = {
            "transform": {"python": [], "found": {}},
            "question": {"kind": "raised", "message": f"{len(names)}"},
            "calls": [],
        }
        return [(said[_message(frame)["do"]], {}) for frame in frames]

    monkeypatch.setattr(run, "child", ours)
    done = run.run([], questions, None, run.Limits(), threading.Event())
    # A child that is asked once more may have been told of hidden questions.
    assert done.results[first][0]["fault"]["message"] == "2"
    both_parts = 2
    assert names.count(first) == both_parts + asked_twice
    assert done.ended == ({} if asked_twice else {("answer", second): "crashed"})


def test_tensorflow_starts_anew_for_what_may_be_random_and_replies_are_waited_for_at_the_end():
    questions = marking.questions(marking.asked(CHAPTER, ("tensorflow",), "0"))
    for name, asked in questions.items():
        for frames in (asked.visible, asked.hidden):
            anew = [_message(frame)["anew"] for frame in frames]
            assert anew == [name == "rrelu_tf"] + [False] * (len(frames) - 1)
        assert [_message(frame)["more"] for frame in asked.hidden] == [True] * len(asked.hidden)
        more = [True] * (len(asked.visible) - 1)
        assert [_message(frame)["more"] for frame in asked.visible] == [*more, False]
        assert "more" not in _message(asked.calls)


def test_hidden_cases_go_by_the_seed():
    def hidden(seed):
        return marking.asked(CHAPTER, ("pytorch",), seed)[0].cases[-1].inputs[0]

    np.testing.assert_array_equal(hidden("a"), hidden("a"))
    assert not np.array_equal(hidden("a"), hidden("b"))


def test_a_question_holds_nothing_that_is_expected():
    asked = marking.asked(CHAPTER, ("pytorch",), "0")
    for frames in marking.questions(asked).values():
        for frame in frames.visible + frames.hidden:
            message, arrays = wire.decode(frame)
            assert set(message) == {"do", "name", "framework", "question", "anew", "more"}
            plain = {"arguments", "training", "initial", "state", "calls"}
            assert set(message["question"]) == plain
            kinds = {name.partition(":")[0] for name in arrays}
            assert kinds <= {"inputs", "weights", "cotangents"}


def test_an_error_in_the_judge_ends_in_a_status(monkeypatch):
    monkeypatch.setattr(marking.judge, "judge", lambda *args: 1 / 0)
    asked = marking.asked(CHAPTER, ("pytorch",), "0")[0]
    assert marking._judged(asked, []).status == "failed"


# Folders of children


def test_a_folder_is_removed_however_deep_it_is_and_whatever_its_mode(tmp_path, monkeypatch):
    with folders.own_folder(tmp_path) as home:
        monkeypatch.chdir(home)
        for _ in range(3000):
            os.mkdir("d")
            os.chdir("d")
        os.mkdir("shut", 0)
        monkeypatch.chdir(home)
        os.mkdir("d/shut", 0)
        os.symlink("/", "d/link")
    assert list(tmp_path.iterdir()) == []


# The store


def outcome(student="ann", **changed):
    grade = Grade("relu", "pytorch", 2.0, 3.0, "graded", "some <b>outputs</b> are wrong")
    return Outcome(student, f"{CHAPTER}.ipynb", CHAPTER, "graded", grades=(grade,))


def test_what_is_kept_comes_back_as_it_was(tmp_path):
    with store.opened(tmp_path / "s") as db:
        store.save(db, "old", outcome())
        store.save(db, "new", outcome())
    with store.opened(tmp_path / "s") as db:
        assert list(store.outcomes(db)) == [outcome()]
        assert store.fingerprints(db) == {("ann", f"{CHAPTER}.ipynb"): "new"}


def test_a_second_grader_is_told_so(tmp_path):
    first = store.opened(tmp_path / "s")
    with first, pytest.raises(store.Busy, match="another"), store.opened(tmp_path / "s"):
        pass
    with store.opened(tmp_path / "s"):
        pass


def test_a_seed_is_drawn_once_and_kept(tmp_path):
    with store.opened(tmp_path / "s") as db:
        drawn = store.seed(db, None)
        assert len(drawn) == 32 and store.seed(db, None) == drawn
        assert store.seed(db, "mine") == "mine" == store.seed(db, None)


# The reports


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_cell_of_the_table_is_never_a_formula(start):
    text = report.csv_text([outcome(student=start + "1+1")])
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == list(report.COLUMNS)
    assert rows[1][0] == "'" + start + "1+1"
    assert text.count('"') == 2 * 2 * len(report.COLUMNS)


STUDENTS = ["ann", "Zoë Ünal", "a" * 255, "名" * 84, "..", ".x", "a\nb", "=1", "%"]


@pytest.mark.parametrize("student", STUDENTS)
def test_a_page_has_a_name_that_a_file_may_have(student, tmp_path):
    name = report.page_name(student)
    assert os.sep not in name and not name.startswith(".") and "\n" not in name
    (tmp_path / f"{name}.draft").touch()


def test_two_students_never_share_a_page():
    assert len({report.page_name(s) for s in ("a/b", "a?b", "a_b", "a\nb")}) == 4
    # Nor with somebody who has called themselves what another's page is called.
    for student in ("a?b", "x" * 150):
        another = report.page_name(student).removesuffix(".html")
        assert report.page_name(another) != report.page_name(student)


def test_no_two_names_of_folders_become_the_same_text():
    names = [b"\xff", b"\\xff", b"\\\\xff", b"\\", b"\\\\", "ÿ".encode()]
    assert len({batch._text(os.fsdecode(name)) for name in names}) == len(names)


def test_everything_on_a_page_is_escaped():
    evil = "<script>alert(1)</script>\x1b[31m\u202e"
    grade = Grade(evil, "pytorch", 0, 3, "graded", *[evil] * 4, ("values",), evil)
    ended = Outcome(evil, evil, evil, "graded", evil, (grade,), (evil,))
    for page in (pages.feedback(evil, [ended]), pages.class_report([ended], [evil], "none")):
        assert "<script" not in page and "\x1b" not in page and "\u202e" not in page
        assert "&lt;script&gt;" in page


def test_the_class_report_names_the_isolation_and_who_is_missing():
    page = pages.class_report([outcome()], ["late"], "none")
    assert "isolation: none" in page and "late" in page


def test_every_status_has_a_sentence_whose_places_are_filled():
    from diptych.grading.statuses import sentence

    names = ("builtin", "cell", "line", "name", "reason", "places", "memory", "attempts")
    details = dict.fromkeys((*names, "threads", "disk"), "…")
    for status in SENTENCES:
        assert "{" not in sentence(status, seconds=1.0, **details)
    assert exercises()
