"""Notebooks of every chapter whose answers are right, and not the solution's: honest work."""

import inspect
import json
from collections import defaultdict

from diptych.catalogue.component import catalogue
from tests import ROOT
from tests.grading.submissions import answer_id, code
from tests.judging.corpus import Hand, read, source

A_CHAPTER = 1  # notebooks; more of them try the next of the answers to each exercise
FIRST = (
    "import math\nimport numpy as np\nimport keras\nimport tensorflow as tf\nimport torch\n"
    f"from torch import nn\nfrom torch.nn import functional as F\n\n{inspect.getsource(Hand)}"
)


def corpus():
    """Name → chapter, the answers that are written there, notebook."""
    chapters = {e.answer: c.chapter for c in catalogue() for e in c.exercises}
    written = defaultdict(lambda: defaultdict(list))
    for name, parameters, text in read("right_answers.txt"):
        written[chapters[name[:-3]]][name].append(source(name, parameters, text))
    found = {}
    for chapter, answers in written.items():
        for number in range(A_CHAPTER):
            chosen = {name: said[number % len(said)] for name, said in answers.items()}
            found[f"{chapter} {number}"] = chapter, chosen, _notebook(chapter, chosen)
    return found


def _notebook(chapter, answers):
    made = json.loads((ROOT / f"exercises/{chapter}.ipynb").read_text("utf-8"))
    for cell in made["cells"]:
        cell["source"] = answers.get(answer_id(cell), cell["source"])
    return made | {"cells": [code(FIRST), *made["cells"]]}
