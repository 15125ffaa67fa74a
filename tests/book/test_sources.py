"""The short forms in percent sources, and what they stand for in the notebook."""

import pytest

from diptych.book import sources
from diptych.book.sources import BuildError


def spelt_out(folder, text, part="chapters"):
    path = folder / part / "activations" / "gates.py"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return sources.cells(path)


def solutions(folder, text):
    """The cells behind the title and the sentence that these are the solutions."""
    return spelt_out(folder, f"# %% [markdown]\n# # Title\n\n{text}", "solutions")[2:]


def test_alternative_text_goes_over_several_lines(tmp_path):
    (cell,) = spelt_out(tmp_path, "# %%\n# alt: A line rises,\n# then falls.\nplt.show()\n")
    assert cell.alt == "A line rises, then falls."
    assert cell.source == "plt.show()"


def test_a_pair_stands_for_three_plain_cells(tmp_path):
    text = "# %%\n# pair: F.elu(x, 0.5) | tf.nn.elu(x, alpha=0.5)\n"
    pytorch, tensorflow, agreed = spelt_out(tmp_path, text)
    assert pytorch.tags == ("pytorch",)
    assert pytorch.source == (
        "x_pt = torch.tensor(x)\n"
        "y_pt, dx_pt = value_and_grad(F.elu, x_pt, 0.5)\n"
        "show(x=x_pt, y=y_pt, dx=dx_pt)"
    )
    assert tensorflow.tags == ("tensorflow",)
    assert tensorflow.source == (
        "x_tf = tf.constant(x)\n"
        "y_tf, dx_tf = value_and_grad(tf.nn.elu, x_tf, alpha=0.5)\n"
        "show(x=x_tf, y=y_tf, dx=dx_tf)"
    )
    assert agreed.source == "agree(y_pt, y_tf, gradients=(dx_pt, dx_tf))"


def test_a_layer_may_be_one_of_a_pair(tmp_path):
    text = '# %%\n# pair: nn.SiLU()(x) | keras.layers.Activation("silu")(x)\n'
    pytorch, tensorflow, _ = spelt_out(tmp_path, text)
    assert "value_and_grad(nn.SiLU(), x_pt)" in pytorch.source
    assert '\n    keras.layers.Activation("silu"), x_tf)\n' in tensorflow.source


def test_a_pair_whose_call_is_long_goes_on_in_the_next_line(tmp_path):
    text = "# %%\n# pair: F.hardsigmoid(x) | keras.activations.hard_sigmoid(x)\n"
    _, tensorflow, _ = spelt_out(tmp_path, text)
    assert tensorflow.source.split("\n")[1:3] == [
        "y_tf, dx_tf = value_and_grad(",
        "    keras.activations.hard_sigmoid, x_tf)",
    ]
    assert max(map(len, tensorflow.source.split("\n"))) <= 64


def test_a_pair_that_is_no_call_is_refused_with_its_file(tmp_path):
    with pytest.raises(BuildError, match=r"gates\.py: # pair: x \+ 1: write a call"):
        spelt_out(tmp_path, "# %%\n# pair: F.elu(x) | x + 1\n")


def test_a_head_is_names_and_calls(tmp_path):
    (cell,) = spelt_out(tmp_path, "# %% [markdown]\n# ## SiLU\n#\n# <!-- head: silu -->\n")
    assert cell.source.startswith("## SiLU\n\n| PyTorch | Keras | TensorFlow | 中文 |")
    assert "`nn.SiLU`" in cell.source


def test_the_head_of_nothing_is_refused_with_its_file(tmp_path):
    with pytest.raises(BuildError, match=r"gates\.py: .*no component is called 'silly'"):
        spelt_out(tmp_path, "# %% [markdown]\n# <!-- head: silly -->\n")


def test_solutions_say_that_they_are(tmp_path):
    title, said = spelt_out(tmp_path, "# %% [markdown]\n# # Title\n", "solutions")
    assert title.source == "# Title"
    assert said.tags == ("solution-only",)
    assert said.source.startswith("**These are the solutions.**")


def test_hints_are_folded_one_by_one(tmp_path):
    text = "# %% [markdown]\n# Do it.\n#\n# Hint 1: look\n# closer.\n#\n# Hint 2: $x$.\n"
    (cell,) = solutions(tmp_path, text)
    assert cell.source == (
        "Do it.\n\n"
        "<details><summary>Hint 1: a nudge</summary>\n\nlook\ncloser.\n\n</details>\n"
        "<details><summary>Hint 2: the idea</summary>\n\n$x$.\n\n</details>"
    )


def test_an_exercise_says_below_its_heading_what_kind_it_is_and_how_difficult(tmp_path):
    statement = "# %% [markdown]\n# Begin.\n#\n# ## SiLU\n#\n# Do it.\n\n"
    cell, *_ = solutions(tmp_path, statement + PAIR)
    assert cell.source == (
        'Begin.\n\n## SiLU\n\n<p class="difficulty">Compute it · <span role="img" '
        'aria-label="difficulty 1 of 3">●○○</span></p>\n\nDo it.'
    )


PAIR = """\
# %%
def silu_pt(x):
    # the gate
    return x * torch.sigmoid(x)

# %%
def silu_tf(x):
    return x * tf.sigmoid(x)

# %% [markdown]
# **Why:** short.
"""


def test_a_pair_of_answers_gets_names_tags_docstring_marks_and_checks(tmp_path):
    pytorch, tensorflow, check_pt, check_tf, why = solutions(tmp_path, PAIR)
    assert (pytorch.name, pytorch.tags) == ("silu-pt", ("pytorch",))
    assert pytorch.source == (
        "def silu_pt(x):\n"
        '    """x: any shape; returns the same shape."""\n'
        "    ### BEGIN SOLUTION\n"
        "    # the gate\n"
        "    return x * torch.sigmoid(x)\n"
        "    ### END SOLUTION"
    )
    assert (tensorflow.name, tensorflow.tags) == ("silu-tf", ("tensorflow",))
    assert [check_pt.source, check_tf.source] == ["check(silu_pt)", "check(silu_tf)"]
    assert (check_tf.name, check_tf.tags) == ("check-silu-tf", ("tensorflow",))
    assert why.tags == ("solution-only",)


def test_the_second_answer_takes_the_docstring_of_the_first(tmp_path):
    own = PAIR.replace("    # the gate\n", '    """x: (n,)."""\n')
    pytorch, tensorflow, *_ = solutions(tmp_path, own)
    assert pytorch.source.count('"""x: (n,)."""') == 1
    assert '    """x: (n,)."""\n    ### BEGIN SOLUTION\n' in tensorflow.source


def test_marks_that_are_there_stay_where_they_are(tmp_path):
    marked = (
        "# %%\nclass silu_pt(nn.Module):\n"
        "    def forward(self, x):\n"
        "        ### BEGIN SOLUTION\n        return x\n        ### END SOLUTION\n"
    )
    (cell,) = solutions(tmp_path, marked)
    assert cell.source.count("BEGIN SOLUTION") == 1
    assert cell.source.splitlines()[1] == '    """x: any shape; returns the same shape."""'
