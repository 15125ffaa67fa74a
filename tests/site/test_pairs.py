"""Paired cells, as the notebooks have them."""

import nbformat
import pytest
from building import ROOT

from diptych.site.panels import LABELS

NOTEBOOKS = sorted(ROOT.glob("chapters/*/*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_line_of_a_paired_cell_is_longer_than_64_columns(path):
    long = [
        line
        for cell in nbformat.read(path, as_version=4).cells
        if LABELS.keys() & cell.metadata.get("tags", ())
        for line in cell.source.splitlines()
        if len(line) > 64
    ]
    assert long == []
