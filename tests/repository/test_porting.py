"""The table for porting of the losses' overview, held against signatures and measured outputs."""

import inspect
import re
from pathlib import Path

import nbformat
import pytest

from diptych.catalogue.component import catalogue

ROOT = Path(__file__).parents[2]
NOTEBOOK = nbformat.read(ROOT / "chapters/losses/overview.ipynb", as_version=4)
CALL = re.compile(r"`(nn|losses)\.(\w+)\([^)]*\)\((\w+)[^)]*\)`")
PREDICTIONS = {"input", "input_", "log_input", "x1", "input1", "anchor", "log_probs"}


def rows():
    """The cells of each row: loss, call, prediction, label, one per, limit."""
    (text,) = [c.source for c in NOTEBOOK.cells if c.source.startswith("(losses-porting)=")]
    table = text.partition("(losses-choosing)=")[0]
    lines = [line for line in table.splitlines() if line.startswith("| [")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def calls():
    """Framework's module, class, first argument, and what there is one number for, of each call."""
    found = []
    for _, call, _, _, one_per, _ in rows():
        sides = one_per.split("<br>")
        for module, name, first in CALL.findall(call):
            found.append((module, name, first, sides[-1 if module == "losses" else 0]))
    return found


CALLS = calls()


def measured():
    """For each class the shapes of its prediction and of what ``reduction="none"`` returns."""
    shapes = {}
    for cell in NOTEBOOK.cells:
        if cell.id in ("reductions-pt", "reductions-tf"):
            for line in cell.outputs[0].text.splitlines():
                name, *both = re.match(r"(\w+)\s+(\(.*?\))\s+(\(.*?\))", line).groups()
                shapes[cell.id[-2:], name] = both
    return shapes


def test_every_loss_of_the_book_has_a_row():
    linked = {anchor for row in rows() for anchor in re.findall(r"\]\(([\w-]+)\)", row[0])}
    losses = [component for component in catalogue() if component.family == "losses"]
    assert {c.anchor for c in losses if c.kind != "usage"} - linked == set()


@pytest.mark.parametrize(("module", "name", "first", "one_per"), CALLS)
def test_a_call_of_the_table_has_the_order_of_its_signature(module, name, first, one_per):
    if module == "nn":
        import torch

        method = getattr(torch.nn, name).forward
    else:
        import keras

        method = getattr(keras.losses, name)().call
    parameters = [p for p in inspect.signature(method).parameters if p != "self"]
    assert (parameters[0] in PREDICTIONS) == (module == "nn")
    # Of two vectors, the second letter stands for the target.
    assert (first in ("y", "v")) == (module == "losses")


def test_what_there_is_one_number_for_is_what_the_cells_measured():
    shapes, seen = measured(), 0
    for module, name, _, one_per in CALLS:
        side = ("pt" if module == "nn" else "tf", name)
        if side in shapes:
            prediction, each = shapes[side]
            kind = "batch" if each == "()" else "element" if each == prediction else "row"
            assert one_per == kind, name
            seen += 1
    assert seen == len(shapes) + 2  # two of them are in two rows
