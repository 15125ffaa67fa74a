"""A component's calls and behaviour must be shown by its chapter."""

import json
from dataclasses import replace

import pytest

from diptych.catalogue import evidence
from diptych.catalogue.component import Call, Component

SILU = Component("silu", name="SiLU", zh="自", chapter="activations/gates")
SILU = replace(
    SILU, calls=(Call("F.silu(x)", "tf.nn.silu(x)", "beta"),), behaviour={"a": "it dips"}
)

PAIR = [
    ("pytorch", "y_pt, dx_pt = value_and_grad(F.silu, x_pt)"),
    ("tensorflow", "y_tf, dx_tf = value_and_grad(tf.nn.silu, x_tf)"),
]
AGREE = ("", "agree(y_pt, y_tf)")
HEADING = ("markdown", "## Another section")


def said(folder, cells, component=SILU):
    """What is missing in a chapter with these cells, of which the first has the id a."""
    notebook = folder / "chapters/activations/gates.ipynb"
    notebook.parent.mkdir(parents=True)
    cells = [
        {
            "id": "abcdefgh"[number],
            "cell_type": "markdown" if tag == "markdown" else "code",
            "metadata": {"tags": [tag]} if tag in ("pytorch", "tensorflow") else {},
            "source": [source],
        }
        for number, (tag, source) in enumerate(cells)
    ]
    notebook.write_text(json.dumps({"cells": cells}))
    return [
        *evidence.missing_cells([component], folder),
        *evidence.missing_calls([component], folder),
    ]


def test_a_pair_that_agrees_shows_both_calls(tmp_path):
    assert said(tmp_path, [*PAIR, AGREE]) == []


def test_calls_may_be_plain(tmp_path):
    plain = [("pytorch", "y_pt = F.silu(x_pt)"), ("tensorflow", "y_tf = tf.nn.silu(x_tf)")]
    assert said(tmp_path, [*plain, AGREE]) == []


@pytest.mark.parametrize(
    "cells",
    [
        PAIR,
        [*PAIR, HEADING, AGREE],
        [PAIR[0], AGREE],
        [PAIR[0], ("tensorflow", "y_tf, dx_tf = value_and_grad(tf.nn.relu, x_tf)"), AGREE],
        [PAIR[0], ("tensorflow", "y_tf = tf.nn.silu(x_tf, 2.0)"), AGREE],
    ],
    ids=["no-agree", "agree-elsewhere", "no-pair", "another-call", "another-argument"],
)
def test_calls_that_no_pair_shows_are_named(tmp_path, cells):
    wanted = "silu: no pair of cells that agrees runs F.silu(x) and tf.nn.silu(x)"
    assert said(tmp_path, cells) == [wanted]


def test_a_call_may_be_several_statements_and_all_must_be_there(tmp_path):
    sets = Call("new = x.clone(); new[0] = 9", "new = tf.tensor_scatter_nd_update(x, [[0]], [9.0])")
    pair = [
        ("pytorch", "new_pt = x_pt.clone()\nnew_pt[0] = 9"),
        ("tensorflow", "new_tf = tf.tensor_scatter_nd_update(x_tf, [[0]], [9.0])"),
    ]
    component = replace(SILU, calls=(sets,))
    assert said(tmp_path / "whole", [*pair, AGREE], component) == []
    pair[0] = ("pytorch", "new_pt = x_pt.clone()\nnew_pt[1] = 9")
    assert said(tmp_path / "half", [*pair, AGREE], component)


def test_a_component_without_calls_is_named(tmp_path):
    found = said(tmp_path, [*PAIR, AGREE], replace(SILU, calls=()))
    assert found == ["silu: it has no equivalent calls; write them in calls=…"]


def test_a_cell_that_is_not_there_is_named(tmp_path):
    found = said(tmp_path, [*PAIR, AGREE], replace(SILU, behaviour={"z": "it dips"}))
    assert found == ["silu: activations/gates.ipynb has no cell 'z'"]
