"""The short forms of exercises, and what they stand for in the notebook."""

from tests.book.test_sources import spelt_out


def solutions(folder, text):
    """The cells behind the title and the sentence that these are the solutions."""
    return spelt_out(folder, f"# %% [markdown]\n# # Title\n\n{text}", "solutions")[2:]


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
