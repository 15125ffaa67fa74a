"""The page's Estimator does what the ``tf.estimator`` of TensorFlow 2.15 did."""

import json
import runpy
from pathlib import Path
from types import SimpleNamespace

import jupytext
import pytest
import tensorflow as tf

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "chapters" / "start" / "the_estimator.py"
PROGRAMS = runpy.run_path(str(HERE / "programs.py"))
RECORDED = json.loads((HERE / "tensorflow_2_15.json").read_text())
CELLS = (
    *("contract", "run-config", "by-name", "build", "train", "evaluate", "predict", "estimator"),
)
# Where the page's Estimator differs, and what it does instead.
OTHER = {
    "predictions_of_two_lengths": {
        "error": "ValueError",
        "message": "zip() argument 2 is shorter than argument 1",
    },
    "a_metric_called_global_step": {
        "error": "ValueError",
        "message": 'Metric with name "global_step" is not allowed, because Estimator already '
        "defines a default metric with the same name.",
    },
    "the_caller_is_not_in_graph_mode_while_predicting": True,
}


@pytest.fixture(scope="module")
def estimator():
    """What the cells of the page define, in place of ``tf.estimator``."""
    cells = jupytext.read(PAGE, fmt="py:percent").cells
    imports = next(cell.source for cell in cells if cell.cell_type == "code")
    sources = {cell.metadata.get("title"): cell.source for cell in cells}
    names = {"v1": tf.compat.v1}
    exec("\n".join(line for line in imports.splitlines() if "import " in line), names)
    for name in CELLS:
        exec(sources[name], names)
    level = tf.get_logger().level
    tf.get_logger().setLevel("CRITICAL")
    yield SimpleNamespace(**names)
    tf.get_logger().setLevel(level)


@pytest.mark.parametrize("name", PROGRAMS["PROGRAMS"])
def test_a_program_does_what_it_did_with_the_original(estimator, name):
    does = PROGRAMS["outcome"](PROGRAMS["PROGRAMS"][name], estimator)
    assert_equal(does, OTHER.get(name, RECORDED[name]))


def assert_equal(left, right):
    """Two values of JSON are equal, and their numbers up to what processors differ by."""
    assert type(left) is type(right), (left, right)
    if isinstance(left, dict):
        assert left.keys() == right.keys()
        left, right = ([side[key] for key in sorted(side)] for side in (left, right))
    if isinstance(left, list):
        assert len(left) == len(right)
        for one, other in zip(left, right, strict=True):
            assert_equal(one, other)
    else:
        assert left == (pytest.approx(right, rel=1e-4) if isinstance(left, float) else right)


def test_every_program_was_run_on_the_original_and_no_other():
    assert list(PROGRAMS["PROGRAMS"]) == list(RECORDED)


def test_where_the_page_differs_the_original_does_something_else():
    for name, instead in OTHER.items():
        assert RECORDED[name] != instead
