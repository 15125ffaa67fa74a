"""A layer's state and both its modes are judged, and results that are made up earn nothing."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch

from diptych.judging import judge
from tests.judging.answers import CENTRE, LEAKY, CentrePt, CentreTf, verdict_on


def test_a_result_that_a_hostile_process_made_up_earns_nothing():
    cases = LEAKY.visible
    for arrays in (
        {},
        {"output:0:0": np.array(1.0, np.float32)},
        {"output:0:0": np.full((6,), np.nan, np.float32)},
        {"output:0:0": np.array(["1"] * 6)},
        {"low:gradient:0": np.zeros(6), "points": np.array(3.0)},
    ):
        assert judge.judge(LEAKY, cases, [{"arrays": arrays}] * len(cases)).points == 0


@pytest.mark.parametrize(("answer", "framework"), [(CentrePt, "pytorch"), (CentreTf, "tensorflow")])
def test_a_layer_with_state_and_two_modes_is_judged_whole(answer, framework):
    verdict = verdict_on(CENTRE, answer, framework)
    assert verdict.points == verdict.max_points == 2, verdict.findings


@pytest.mark.parametrize(("answer", "framework"), [(CentrePt, "pytorch"), (CentreTf, "tensorflow")])
def test_wrong_state_is_found_though_the_output_is_right(answer, framework):
    slower = type(answer.__name__, (answer,), {"momentum": 0.01})
    verdict = verdict_on(CENTRE, slower, framework)
    assert [f.kind for f in verdict.findings[:1]] == ["state"]


HOLDING = replace(
    CENTRE,
    oracle=lambda x, weight, running, training: ((x - running) * weight, {"running": running}),
    visible=(
        replace(
            CENTRE.visible[1], held={"running": np.array([1.0, -3.0])}, initial=(), gradients=False
        ),
    ),
)


@pytest.mark.parametrize(("answer", "framework"), [(CentrePt, "pytorch"), (CentreTf, "tensorflow")])
def test_evaluation_uses_what_the_layer_holds_before_the_call(answer, framework):
    verdict = verdict_on(HOLDING, answer, framework)
    assert verdict.points == verdict.max_points == 1, verdict.findings


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
def test_a_layer_that_holds_no_array_is_told_so(framework):
    class NumberPt(CentrePt):
        def __init__(self):
            super().__init__()
            del self.running
            self.running = 0.0

    class NumberTf(CentreTf):
        def build(self, shape):
            self.weight = self.add_weight((shape[-1],), "ones")
            self.running = 0.0

    answer = {"pytorch": NumberPt, "tensorflow": NumberTf}[framework]
    assert verdict_on(HOLDING, answer, framework).findings[0].kind == "not_kept"


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
def test_state_that_would_not_be_saved_is_found(framework):
    class PlainPt(CentrePt):
        def __init__(self):
            super().__init__()
            del self.running
            self.running = torch.zeros(2)

    class PlainTf(CentreTf):
        def build(self, shape):
            self.weight = self.add_weight((shape[-1],), "ones")
            unseen = keras.Variable(tf.zeros(shape[-1]), trainable=False)
            object.__setattr__(self, "running", unseen)

    verdict = verdict_on(CENTRE, {"pytorch": PlainPt, "tensorflow": PlainTf}[framework], framework)
    assert {f.kind for f in verdict.findings} == {"not_kept"}, verdict.findings


def test_what_is_said_of_an_array_is_short():
    """NumPy's abbreviation of this array would still have 1.7 million numbers."""
    layer = CENTRE.visible[0]
    arrays = {"initial:weight": np.zeros([6] * 8, np.uint8)}
    found = judge.judge(CENTRE, (layer,), [{"arrays": arrays}]).findings
    assert any("an array of shape (6, 6," in finding.evidence for finding in found)
    assert all(len(finding.evidence) < 300 for finding in found)
