"""What a learner has reached is kept in the copy, whoever writes at once, whatever is damaged."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from diptych.learning import state
from tests import ROOT


def test_the_best_that_an_answer_has_had_is_kept(copy):
    for points in (0.0, 2.0, 3.0, 1.0):
        state.record("relu_pt", points, 3.0)
    state.record("relu_tf", 2.0, 3.0)
    state.record("relu6_pt", 0.0, 3.0)
    assert state.reached(copy) == {"relu_pt": 3.0, "relu_tf": 2.0}
    assert state.solved(copy) == ["relu_pt"]


def test_it_lies_in_the_copy_wherever_in_it_the_notebook_is(copy, monkeypatch):
    monkeypatch.chdir(copy / "exercises/activations")
    state.record("relu_pt", 3.0, 3.0)
    assert (copy / state.PROGRESS).is_file()
    assert state.reached(copy) == {"relu_pt": 3.0}


def test_a_notebook_that_was_downloaded_alone_has_it_beside_itself(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    state.record("relu_pt", 3.0, 3.0)
    assert state.reached(tmp_path) == {"relu_pt": 3.0}


@pytest.mark.parametrize("folder", [".", "exercises/activations", "solutions", "src/diptych"])
def test_nothing_is_kept_in_the_repository_and_in_the_package(folder, monkeypatch):
    monkeypatch.chdir(ROOT / folder)
    state.record("relu_pt", 3.0, 3.0)
    assert state.root() is None
    assert not (ROOT / folder / state.PROGRESS).exists()


def test_kernels_that_write_at_once_lose_nothing(copy):
    names = [f"answer{number}_pt" for number in range(60)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: state.record(name, 3.0, 3.0), names))
    assert state.reached(copy) == dict.fromkeys(names, 3.0)


DAMAGE = [
    b'{"answer": "relu6_pt", "points": 3.',
    b"\x00\xff\xfe",
    b"[1, 2]\n7\nnull",
    b'{"answer": 3, "points": "all", "max_points": []}\n{"reset": 5}\n{"hint": {}}',
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_costs_no_more_than_its_own_line(damage, copy):
    state.record("relu_pt", 3.0, 3.0)
    with (copy / state.PROGRESS).open("ab") as file:
        file.write(damage)
    state.record("relu_tf", 3.0, 3.0)
    assert state.solved(copy) == ["relu_pt", "relu_tf"]


def test_what_is_reset_is_forgotten_with_its_hints_and_may_be_reached_again(copy):
    for answer in ("relu_pt", "relu_tf"):
        state.record(answer, 3.0, 3.0)
    for hint in ("relu", "relu", "relu6"):
        state.append(copy, hint=hint)
    assert state.hints_shown(copy, "relu") == 2
    state.append(copy, reset=["relu_pt"])
    assert state.solved(copy) == ["relu_tf"]
    assert (state.hints_shown(copy, "relu"), state.hints_shown(copy, "relu6")) == (0, 1)
    state.record("relu_pt", 1.0, 3.0)
    assert state.reached(copy) == {"relu_tf": 3.0, "relu_pt": 1.0}


def test_commands_find_the_copy_from_within_and_from_the_folder_of_the_book(copy, tmp_path):
    for folder in (copy, copy / "exercises/activations", tmp_path, tmp_path / "other"):
        assert state.home(folder) == copy
    assert state.home(copy.parents[1]) is None


def test_where_nothing_can_be_written_the_error_is_the_callers(copy):
    os.mkdir(copy / state.PROGRESS)  # even root cannot write to a folder
    with pytest.raises(OSError):
        state.record("relu_pt", 3.0, 3.0)
    assert state.reached(copy) == {}
