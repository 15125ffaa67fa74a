"""What the learner's commands say to bad use."""

import pytest

from diptych import cli

BAD_USE = [
    (["hint", "leeky_relu"], "no exercise 'leeky_relu'; did you mean leaky_relu"),
    (["hint", "zzz"], "no exercise 'zzz'; the names are in the notebooks, such as leaky_relu"),
    (["start", "rectifirs"], "no chapter 'rectifirs'; did you mean activations/rectifiers?"),
    (["start", "writing_your_own"], "did you mean layers/writing_your_own or losses/"),
    (["reset"], "name one exercise, such as leaky_relu, or give --all"),
    (["reset", "relu", "--all"], "name one exercise"),
    (["reset", "sigmoid", "--yes"], "exercises/activations/sigmoids.ipynb is not in "),
    (["reset", "relu"], "in a script, give --yes"),
    (["check", "missing.ipynb"], "missing.ipynb: there is no such file"),
    (["check", "."], "is no .ipynb or .py file"),
    (["check", "empty.py"], "defines no answer of the book, such as leaky_relu_pt"),
    (["check", "latin.py"], "it is not text in UTF-8"),
    (["check", "damaged.ipynb"], "damaged.ipynb is not a notebook, or is damaged"),
    (["watch", "missing"], "there is no such file or folder"),
]


@pytest.mark.parametrize(("arguments", "said"), BAD_USE)
def test_bad_use_is_told_what_to_do(arguments, said, copy, capsys):
    (copy / "empty.py").write_text("x = 1\n")
    (copy / "latin.py").write_bytes(b"# \xe9\n")
    (copy / "damaged.ipynb").write_text('{"cells": [')
    assert cli.main(arguments) == 2
    out, err = capsys.readouterr()
    assert err.startswith(f"diptych {arguments[0]}: ") and said in err
    assert not out


@pytest.mark.parametrize("arguments", [["hint", "relu"], ["progress"], ["reset", "relu"]])
def test_without_a_copy_they_say_how_to_make_one(arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(arguments) == 2
    assert "`diptych start activations/rectifiers` makes one, and `diptych lab`" in (
        capsys.readouterr().err
    )
    assert not [*tmp_path.iterdir()]
