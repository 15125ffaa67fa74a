"""A class of sixty, mixed by hand and by lot, and what each of them deserves."""

import copy
import json
import random
from collections import Counter
from dataclasses import dataclass, field
from functools import cache

from diptych.catalogue.component import load
from diptych.catalogue.lookup import exercises
from tests import ROOT
from tests.grading import broken, honest, hostile
from tests.grading.submissions import NO_LEAK, answer_id, code
from tests.judging import corpus
from tests.judging.test_corpus import WRONG, judged

CHAPTERS = (
    *("start/two_frameworks", "activations/rectifiers", "layers/pooling"),
    *("losses/regression", "regularizers/penalties"),
)
RECTIFIERS = "activations/rectifiers"
SIZE = 60
# Those of the corpora that are quick: what waits for a time limit is tried elsewhere.
HOSTILE = (
    *("patches-the-worker", "patches-json", "replaces-builtins", "removes-builtins"),
    *("forges-a-verdict", "exits", "kills-itself", "a-tensor-that-is-always-right"),
    *("nested-deeply", "html-in-an-error", "leaks-by-an-error", "clears-the-modules"),
)
HONEST = ("a star", "tries Colab", "double precision in PyTorch", "in utf 16", "leaves", "help")
# Whose answer earns nothing at all, and the others everything.
UNUSABLE = [n for n, (_, said) in broken.ANSWERS.items() if said[1:2] == ("cell_failed",)]
NAMES = "import math\nimport numpy as np\nimport torch.nn.functional as F"  # of the wrong answers


@dataclass
class Student:
    """What a student hands in, by chapter, the points that it deserves, and known mistakes."""

    number: int
    notebooks: dict[str, bytes] = field(default_factory=dict)
    points: float = 0.0
    said: Counter = field(default_factory=Counter)

    @property
    def is_late(self) -> bool:
        return self.number % 9 == 0

    @property
    def name(self) -> str:
        return ("一 学生", "Léa Éleve", "One Learner")[self.number % 3]


@cache
def sixty() -> tuple[Student, ...]:
    """The class, the same one each time."""
    draw = random.Random(60)
    makers = [
        *(lambda s, n=name: _hostile(s, n) for name in HOSTILE),
        *(lambda s, n=name: _honest(s, n) for name in HONEST),
        *(lambda s, n=name: _broken(s, n) for name in draw.sample(UNUSABLE, 6)),
        *[_no_leak] * 6,
    ]
    made = []
    for number in range(SIZE):
        student = Student(number)
        if number < len(makers):
            makers[number](student)
        else:
            for chapter in draw.sample(CHAPTERS, 1 + (number % 10 == 0)):
                _mixed(student, chapter, draw)
        made.append(student)
    return tuple(made)


def most() -> float:
    """The points of all chapters, in both frameworks."""
    return 2 * sum(e.max_points for chapter in CHAPTERS for c in load(chapter) for e in c.exercises)


def _hostile(student: Student, name: str) -> None:
    attempt = hostile.corpus()[name]
    _hand_in(student, RECTIFIERS, attempt.handed_in)
    student.points = attempt.points


def _honest(student: Student, name: str) -> None:
    _hand_in(student, RECTIFIERS, honest.corpus()[name])
    answers = {*honest.SOME, *honest.ANSWERS.get(name, ())}
    student.points = sum(exercises()[answer[:-3]].max_points for answer in answers)


def _broken(student: Student, name: str) -> None:
    made, (answer, *_) = broken.corpus()[name]
    _hand_in(student, RECTIFIERS, made)
    right = {"relu_pt", "relu_tf"} - {answer}
    student.points = sum(exercises()[answer[:-3]].max_points for answer in right)


def _no_leak(student: Student) -> None:
    """A mistake that several share; they have solved the rest of PyTorch's."""
    answers = {n: text for n, text in _right(RECTIFIERS).items() if n.endswith("_pt")}
    _hand_in(student, RECTIFIERS, _notebook(RECTIFIERS, answers | {"leaky_relu_pt": NO_LEAK}))
    wrong, others = "leaky_relu", (n[:-3] for n in answers if n != "leaky_relu_pt")
    student.points = sum(exercises()[answer].max_points for answer in others)
    student.said[wrong, "it is ReLU"] += 1


def _mixed(student: Student, chapter: str, draw: random.Random) -> None:
    """Of each answer: a right one, a wrong one, or none."""
    answers = {}
    for name, right in _right(chapter).items():
        kind = draw.choices(("right", "wrong", "none"), (6, 2, 2))[0]
        wrong = _wrong(name) if kind == "wrong" else ()
        if kind == "right":
            answers[name] = right
            student.points += exercises()[name[:-3]].max_points
        elif wrong:
            answers[name], points = draw.choice(wrong)
            student.points += points
    _hand_in(student, chapter, _notebook(chapter, answers))


def _hand_in(student: Student, chapter: str, made: dict | bytes) -> None:
    student.notebooks[chapter] = made if isinstance(made, bytes) else json.dumps(made).encode()


@cache
def _right(chapter: str) -> dict[str, str]:
    made = json.loads((ROOT / f"solutions/{chapter}.ipynb").read_text("utf-8"))
    return {answer_id(c): "".join(c["source"]) for c in made["cells"] if answer_id(c)}


@cache
def _wrong(name: str) -> list[tuple[str, float]]:
    """Some wrong answers, and the points that the judge gives them, in this process."""
    found = []
    for wrong, parameters, text, _ in WRONG:
        if wrong == name and "Hand" not in text and len(found) < 2:
            verdict, ran = judged(wrong, parameters, text, watched=True)
            if not ran:
                found.append((corpus.source(wrong, parameters, text), verdict.points))
    return found


def _notebook(chapter: str, answers: dict[str, str]) -> dict:
    made = copy.deepcopy(_exercises(chapter))
    for cell in made["cells"]:
        if answer_id(cell) in answers:
            cell["source"] = answers[answer_id(cell)]
    made["cells"].insert(0, code(NAMES))
    return made


@cache
def _exercises(chapter: str) -> dict:
    return json.loads((ROOT / f"exercises/{chapter}.ipynb").read_text("utf-8"))
