"""Alternative texts and heads in percent sources, and what they stand for in the notebook."""

import pytest

from diptych.book import sources
from diptych.book.cell import BuildError


def spelt_out(folder, text, part="chapters"):
    path = folder / part / "activations" / "gates.py"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return sources.cells(path)


def test_alternative_text_goes_over_several_lines(tmp_path):
    (cell,) = spelt_out(tmp_path, "# %%\n# alt: A line rises,\n# then falls.\nplt.show()\n")
    assert cell.alt == "A line rises, then falls."
    assert cell.source == "plt.show()"


def test_a_head_is_names_and_calls(tmp_path):
    (cell,) = spelt_out(tmp_path, "# %% [markdown]\n# ## SiLU\n#\n# <!-- head: silu -->\n")
    assert cell.source.startswith("## SiLU\n\n| PyTorch | Keras | TensorFlow | 中文 |")
    assert "`nn.SiLU`" in cell.source


def test_the_head_of_nothing_is_refused_with_its_file(tmp_path):
    with pytest.raises(BuildError, match=r"gates\.py: .*no component is called 'silly'"):
        spelt_out(tmp_path, "# %% [markdown]\n# <!-- head: silly -->\n")
