"""The three paths lead through what there is, in an order in which nothing is needed too early."""

import ast
import re

import pytest

from diptych.catalogue import ledger
from diptych.catalogue.component import FAMILIES, catalogue, load
from diptych.learning.paths import PATHS, Path, Step
from tests import ROOT

ALL = pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
LONG = {"nn": "torch.nn", "F": "torch.nn.functional", "layers": "keras.layers"}
# Which chapters have a section about a name.
TAUGHT = {}
for component in catalogue():
    for symbol in component.symbols:
        TAUGHT.setdefault(symbol, set()).add(component.chapter)


def names(chapter):
    """The exercises of a chapter, as its page has them one after the other."""
    source = (ROOT / f"solutions/{chapter}.py").read_text()
    return list(dict.fromkeys(re.findall(r"^(?:def|class) (\w+)_(?:pt|tf)\b", source, re.M)))


def called(chapter, exercise):
    """What the solution of an exercise calls, in both frameworks, by the names of the catalogue."""
    for node in ast.parse((ROOT / f"solutions/{chapter}.py").read_text()).body:
        if getattr(node, "name", "") in (f"{exercise}_pt", f"{exercise}_tf"):
            for each in ast.walk(node):
                if isinstance(each, ast.Attribute):
                    first, _, rest = ast.unparse(each).partition(".")
                    yield f"{LONG.get(first, first)}.{rest}"


def linked(chapter):
    """The chapters to which the text of a chapter sends its reader."""
    source = (ROOT / f"chapters/{chapter}.py").read_text()
    family, order = chapter.split("/")[0], ledger.read().chapters
    found = re.findall(r"\]\((?:\.\./)?([\w/]+)\.ipynb", source)
    return {each if "/" in each else f"{family}/{each}" for each in found} & {*order}


def too_early(path):
    """Steps that need a later one: for a name in a solution, or because they refer back to it."""
    chapters = [step.chapter for step in path.steps]
    order = ledger.read().chapters
    for place, step in enumerate(path.steps):
        later = {*chapters[place + 1 :]}
        for exercise in step.exercises:
            for name in called(step.chapter, exercise):
                taught = TAUGHT.get(name, set()) & {*chapters}
                if taught and taught <= later:
                    yield f"{exercise} calls {name}"
        for chapter in linked(step.chapter) & later:
            if order.index(chapter) < order.index(step.chapter):
                yield f"{step.chapter} refers to {chapter}"


@ALL
def test_each_chapter_and_each_exercise_of_a_path_exists_and_comes_once(path):
    chapters = [step.chapter for step in path.steps]
    assert len({*chapters}) == len(chapters)
    for step in path.steps:
        assert step.chapter in ledger.read().chapters
        asked = names(step.chapter)
        assert {*asked} == {e.answer for c in load(step.chapter) for e in c.exercises}
        # As the page has them, so that none builds on one that comes later.
        assert list(step.exercises) == [name for name in asked if name in step.exercises] != []
        assert step.why.endswith(".")


@ALL
def test_nothing_is_needed_before_it_comes(path):
    assert list(too_early(path)) == []


def test_a_step_that_comes_too_early_is_found():
    layer = Step("layers/normalization", ("batch_norm",), "")
    own = Step("layers/writing_your_own", ("own_dense",), "")
    sigmoids = Step("activations/sigmoids", (), "")
    rectifiers = Step("activations/rectifiers", (), "")
    assert "batch_norm calls keras.layers.Layer" in list(too_early(Path("", (layer, own))))
    assert list(too_early(Path("", (sigmoids, rectifiers)))) == [
        "activations/sigmoids refers to activations/rectifiers"
    ]
    assert list(too_early(Path("", (rectifiers, sigmoids, own, layer)))) == []


@ALL
def test_a_path_is_a_small_part_of_the_book_and_sees_most_families(path):
    families = {step.chapter.split("/")[0] for step in path.steps}
    assert len(path.steps) < len(ledger.read().chapters) / 2
    assert {"start", "layers", "losses"} <= families <= {*FAMILIES}
